//! Searching the Hub for models by words.

use hf_hub::repository::ModelInfo;
use serde_json::Value;

use super::client::Client;
use crate::domain::hub::HubModel;
use crate::domain::problem::Outcome;
use crate::model::family::Family;

const MOST: &str = "30";
const FIELDS: [&str; 7] = ["downloads", "likes", "pipeline_tag", "tags", "gated", "safetensors", "config"];

/// See [`super::Hub::search`].
///
/// # Errors
/// Those of [`super::Hub::search`].
pub async fn search(client: &Client, query: &str) -> Outcome<Vec<HubModel>> {
    let mut url = client.url(["api", "models"]);
    {
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("search", query.trim()).append_pair("sort", "downloads").append_pair("limit", MOST);
        // The Hub leaves these fields out unless it is asked for them.
        pairs.extend_pairs(FIELDS.map(|field| ("expand[]", field)));
    }
    Ok(found_in(client.json(url, None).await?))
}

/// The models in the Hub's answer to a search. An entry that cannot be read is left out, so that it does not hide the others.
pub fn found_in(answer: Value) -> Vec<HubModel> {
    let Value::Array(entries) = answer else { return Vec::new() };
    entries.into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).map(hub_model).collect()
}

fn hub_model(info: ModelInfo) -> HubModel {
    let license = info.tags.iter().flatten().find_map(|tag| tag.strip_prefix("license:")).map(str::to_owned);
    let family = info.config.as_ref().and_then(|config| config.get("model_type")?.as_str().map(str::to_owned));
    let counts = info.safetensors.as_ref().map(|held| &held.parameters);
    HubModel {
        id: info.id,
        task: info.pipeline_tag,
        downloads: info.downloads.unwrap_or(0),
        likes: info.likes.unwrap_or(0),
        license,
        trainable: family.as_deref().map(|family| Family::of(family).is_some()),
        family,
        parameters: info.safetensors.as_ref().map(|held| held.total),
        bytes: counts.and_then(|counts| {
            counts.iter().try_fold(0_u64, |sum, (kind, n)| sum.checked_add(n.checked_mul(bits(kind))? / 8))
        }),
        gated: info.gated.is_some_and(|gated| gated != false && !gated.is_null()),
    }
}

/// How many bits a number of a safetensors type takes, such as `F32`, `BF16` or `F8_E4M3`.
fn bits(kind: &str) -> u64 {
    let digits: String = kind.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(8)
}
