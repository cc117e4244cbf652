//! Files as damage or a hand leaves them.

use serde_json::{Value, json};

/// Puts wrong values into JSON; equal seeds do equal damage.
pub struct Mangler(pub u64);

impl Mangler {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }

    /// The log with one to three lines changed.
    pub fn log(&mut self, log: &str) -> String {
        let mut lines: Vec<String> = log.lines().map(str::to_owned).collect();
        for _ in 0..=self.below(3) {
            let at = self.below(lines.len());
            if let Ok(mut line) = serde_json::from_str(&lines[at]) {
                self.value(&mut line);
                lines[at] = line.to_string();
            }
        }
        lines.join("\n") + "\n"
    }

    /// Changes one thing somewhere in a value.
    pub fn value(&mut self, value: &mut Value) {
        let deeper = self.below(4) > 0;
        match value {
            Value::Array(values) if deeper && !values.is_empty() => {
                let at = self.below(values.len());
                match self.below(4) {
                    0 => drop(values.remove(at)),
                    1 => values.push(values[at].clone()),
                    _ => self.value(&mut values[at]),
                }
            }
            Value::Object(fields) if deeper && !fields.is_empty() => {
                let at = self.below(fields.len());
                let name = fields.keys().nth(at).unwrap().clone();
                if self.below(5) == 0 {
                    fields.remove(&name);
                } else {
                    self.value(&mut fields[&name]);
                }
            }
            other => {
                let wrong = [
                    json!(0),
                    json!(-1),
                    json!(1e300),
                    json!(u64::MAX),
                    json!(1_000_000),
                    json!(null),
                    json!("a"),
                    json!([]),
                    json!({}),
                    json!(true),
                ];
                *other = wrong[self.below(wrong.len())].clone();
            }
        }
    }
}
