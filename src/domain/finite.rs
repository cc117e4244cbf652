//! Numbers in JSON that may not be finite. JSON has no word for infinity or for what is no number, so that both are
//! written as `null`; a run whose loss breaks has such lines in its log.

use serde::{Deserialize, Deserializer};

/// Reads a number, and `null` as NaN.
///
/// # Errors
/// The deserialiser's, for what is neither.
pub fn or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}
