//! Settings that a lesson file states as people write them: as in the terminal, or as a table of names.

use std::collections::BTreeMap;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::domain::class_weights::ClassWeights;
use crate::domain::labels::{LabelPair, parse_map};

/// Reads `"0=NEGATIVE,1=POSITIVE"`, a table of labels with their classes, or a list of pairs.
pub(super) fn label_map<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<LabelPair>, D::Error> {
    value.deserialize_any(MapVisitor)
}

/// Reads `"balanced"`, `"negative=2,positive=1"`, or a table of classes with their weights.
pub(super) fn class_weights<'de, D: Deserializer<'de>>(value: D) -> Result<Option<ClassWeights>, D::Error> {
    value.deserialize_any(WeightsVisitor).map(Some)
}

struct MapVisitor;

impl<'de> Visitor<'de> for MapVisitor {
    type Value = Vec<LabelPair>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a table of labels with their classes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        parse_map(text).ok_or_else(|| E::unknown_variant(text, &["LABEL=CLASS,LABEL=CLASS"]))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((label, class)) = table.next_entry()? {
            pairs.push(LabelPair { label, class });
        }
        Ok(pairs)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list))
    }
}

struct WeightsVisitor;

impl<'de> Visitor<'de> for WeightsVisitor {
    type Value = ClassWeights;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a table of classes with their weights")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        ClassWeights::parse(text).ok_or_else(|| E::unknown_variant(text, &["balanced", "CLASS=WEIGHT,CLASS=WEIGHT"]))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Self::Value, A::Error> {
        let mut weights = BTreeMap::new();
        while let Some((class, weight)) = table.next_entry::<String, f64>()? {
            weights.insert(class, weight);
        }
        Ok(ClassWeights::Named(weights))
    }
}
