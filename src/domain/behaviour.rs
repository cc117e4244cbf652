//! What behaviour tests find: whether a model answers a changed text as it should (CheckList, Ribeiro et al., ACL 2020).

use serde::{Deserialize, Serialize};

/// The answer to a changed text should be this, beside that to the text as it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expects {
    /// The same label, because the change means nothing to it.
    Same,
    /// Another label, because the change turns the meaning.
    Other,
    /// This label, for a text that is made and not changed.
    Label(String),
}

/// The language that most of a run's texts are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextLanguage {
    English,
    Korean,
    /// One of which no words are known.
    #[default]
    Other,
}

/// A case in which the model did not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub before: String,
    pub after: String,
    /// The label of the text as it was, or the one that was expected of a text that is made and not changed.
    pub was: String,
    /// The label of the changed text.
    pub became: String,
}

/// This says how often one test failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BehaviourTest {
    pub test: String,
    pub expects: Expects,
    pub cases: usize,
    pub failures: usize,
    /// The failures of which the model was surest, the surest first; a few of them.
    pub examples: Vec<Failure>,
}

impl BehaviourTest {
    /// Failures by cases; `None` where the test applied to nothing.
    pub fn rate(&self) -> Option<f64> {
        (self.cases > 0).then(|| self.failures as f64 / self.cases as f64)
    }

    /// The terminal's JSON line.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "test": self.test,
            "cases": self.cases,
            "failures": self.failures,
            "rate": self.rate(),
            "example": self.examples.first(),
        })
    }
}

/// All tests of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Behaviour {
    pub tests: Vec<BehaviourTest>,
    /// The language of most of the run's texts, whose words the tests know.
    pub language: TextLanguage,
    /// This is true where the run's labels are opinions, as the tests of negation take for granted.
    pub has_opinions: bool,
}

impl Behaviour {
    pub fn cases(&self) -> usize {
        self.tests.iter().map(|test| test.cases).sum()
    }

    pub fn failures(&self) -> usize {
        self.tests.iter().map(|test| test.failures).sum()
    }

    /// Failures of all tests by all cases; `None` where no test applied.
    pub fn rate(&self) -> Option<f64> {
        (self.cases() > 0).then(|| self.failures() as f64 / self.cases() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_its_keys_in_order_and_null_where_there_is_nothing() {
        let none =
            BehaviourTest { test: "names".into(), expects: Expects::Same, cases: 0, failures: 0, examples: Vec::new() };
        let line = r#"{"test":"names","cases":0,"failures":0,"rate":null,"example":null}"#;
        assert_eq!(none.to_json().to_string(), line);
        let failure = Failure { before: "a".into(), after: "b".into(), was: "x".into(), became: "y".into() };
        let some = BehaviourTest { cases: 4, failures: 1, examples: vec![failure], ..none };
        let line = r#"{"test":"names","cases":4,"failures":1,"rate":0.25,"example":{"before":"a","after":"b","was":"x","became":"y"}}"#;
        assert_eq!(some.to_json().to_string(), line);
    }
}
