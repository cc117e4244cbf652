//! How a table is read. What no one says of it is guessed from its contents, and the guess is shown.

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};

/// What quotation marks mean in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoting {
    /// Fields may stand in quotation marks, within which a quotation mark is doubled.
    #[default]
    Double,
    /// A backslash goes before a quotation mark, a delimiter or a backslash that belongs to a field.
    Backslash,
    /// Quotation marks are characters like others, except around a whole field.
    None,
    /// Fields stand in apostrophes, as Weka writes them.
    Single,
}

impl Quoting {
    pub const ALL: [Self; 4] = [Self::Double, Self::Backslash, Self::None, Self::Single];

    /// Whether this is how almost all tables are written.
    pub fn is_usual(&self) -> bool {
        *self == Self::Double
    }
}

/// What is stated of a table. A run's settings and a lesson file have these fields among their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadingConfig {
    /// Name of the column with the texts. `None` lets the program guess it.
    pub text_column: Option<String>,
    /// Name of the column with the second texts, where each row has two. `None` is one text a row; it is never guessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_text_column: Option<String>,
    /// Name of the column with the labels. `None` lets the program guess it.
    pub label_column: Option<String>,
    /// A WHATWG encoding label such as `utf-8`, `euc-kr`, `windows-1252`. `None` lets the program guess it.
    pub encoding: Option<String>,
    /// The character between two fields. `None` lets the program guess it.
    pub delimiter: Option<char>,
    /// What quotation marks mean. `None` lets the program guess it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoting: Option<Quoting>,
    /// Whether the first row names the columns. `None` takes it as such unless it is certainly a row like the others.
    /// Columns without names go by their numbers, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Whether words such as `nan` or `None`, which programs write for a missing value, are texts and labels like others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_missing_words: bool,
    /// Whether the other rows are used when more than a tenth of a file has to be skipped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_skipped: bool,
    /// The sheet of a workbook. `None` is the only one that holds a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

impl ReadingConfig {
    /// The names of the settings in files, by which a file's reader tells them from its other keys.
    pub fn keys() -> &'static [&'static str] {
        let mut keys: &'static [&'static str] = &[];
        // The probe ends with an error, as it has no values to give.
        let _no_values: Result<Self, _> = Self::deserialize(KeysOf(&mut keys));
        keys
    }
}

/// Takes down the names of the fields that a type asks for.
struct KeysOf<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for KeysOf<'_> {
    type Error = de::value::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("only the names are asked for"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::config::{DataConfig, DataSource, SplitConfig};
    use crate::domain::labels::LabelPair;

    use super::*;

    /// Settings as the program wrote them when they were fields of [`DataConfig`] itself.
    const WRITTEN: [&str; 2] = [
        r#"{"source":"Bundled","validation":null,"test":null,"text_column":null,"label_column":null,"encoding":null,"delimiter":null,"split":{"test_share":0.2,"validation_share":0.3,"seed":42},"max_rows":null}"#,
        r#"{"source":{"File":"a.csv"},"validation":"v.csv","test":"t.csv","text_column":"text","label_column":"label","encoding":"euc-kr","delimiter":"\t","quoting":"backslash","header":false,"keep_missing_words":true,"accept_skipped":true,"sheet":"1","split":{"test_share":0.1,"validation_share":0.2,"seed":18446744073709551615},"max_rows":100,"rows_per_class":8,"label_map":[{"label":"0","class":"LABEL_1"}]}"#,
    ];

    #[test]
    fn settings_are_written_as_ever_and_read_back() {
        let [plain, full] = WRITTEN.map(|json| serde_json::from_str::<DataConfig>(json).unwrap());
        // The copies of a text came to stay in one part of the split later.
        let split = SplitConfig { copies_together: false, ..SplitConfig::default() };
        assert_eq!(plain, DataConfig { split, ..DataConfig::default() });
        assert_eq!((full.reading.delimiter, full.reading.quoting), (Some('\t'), Some(Quoting::Backslash)));
        assert_eq!((full.source.clone(), full.split.seed), (DataSource::File("a.csv".into()), u64::MAX));
        assert_eq!(full.label_map, [LabelPair { label: "0".into(), class: "LABEL_1".into() }]);
        for (config, json) in [plain, full].iter().zip(WRITTEN) {
            assert_eq!(serde_json::to_string(config).unwrap(), json);
        }
    }

    #[test]
    fn a_wrong_setting_is_no_missing_one() {
        let wrong = WRITTEN[1].replace("\"header\":false", "\"header\":\"no\"");
        assert!(serde_json::from_str::<DataConfig>(&wrong).is_err());
    }
}
