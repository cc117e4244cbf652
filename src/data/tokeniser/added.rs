//! The tokens that a model's small files add to its vocabulary: their names, their ids, and how they are found in a text.
//!
//! They are read as transformers reads them. `added_tokens_decoder` in `tokenizer_config.json` goes before
//! `special_tokens_map.json` and `added_tokens.json`, which are older.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};
use tokenizers::{AddedToken, Tokenizer};

use super::files::{Config, SPECIALS, own_token, special_token, unreadable};
use crate::domain::problem::{Outcome, Problem};

/// The key of the newer way to tell the added tokens.
const DECODER: &str = "added_tokens_decoder";
/// The keys of special tokens that have no name of their own.
const UNNAMED: [&str; 2] = ["extra_special_tokens", "additional_special_tokens"];

/// Puts what `special_tokens_map.json` says into the contents of `tokenizer_config.json`, where it counts.
///
/// # Errors
/// `tokeniser-unreadable`.
pub(super) fn merge_map(config: &mut Config, map: Option<&[u8]>, place: &str) -> Outcome<()> {
    let Some(map) = map.filter(|_| !config.contains_key(DECODER)) else { return Ok(()) };
    let map: Config =
        serde_json::from_slice(map).map_err(|error| unreadable(place, "special_tokens_map.json", error))?;
    for (key, value) in map {
        if UNNAMED.contains(&key.as_str()) {
            let own = config.get(&key).and_then(Value::as_array).cloned().unwrap_or_default();
            let known: HashSet<String> = own.iter().map(Value::to_string).collect();
            let is_new = |token: &&Value| !known.contains(&token.to_string());
            let more = value.as_array().into_iter().flatten().filter(is_new).cloned();
            let all: Vec<Value> = own.iter().cloned().chain(more).map(typed).collect();
            config.insert(key, all.into());
        } else {
            config.insert(key, typed(value));
        }
    }
    Ok(())
}

/// A token as `tokenizer_config.json` writes it: there, an object needs a mark that it is a token.
fn typed(mut token: Value) -> Value {
    if let Some(fields) = token.as_object_mut().filter(|fields| fields.contains_key("content")) {
        fields.insert("__type".to_owned(), json!("AddedToken"));
        fields.insert("special".to_owned(), json!(true));
    }
    token
}

/// Adds all tokens that the files name, and checks that each gets the id that the files give it.
///
/// # Errors
/// `tokeniser-unreadable`; `tokeniser-added-id` where a token would have another id.
pub(super) fn add(inner: &mut Tokenizer, config: &Config, added_tokens: Option<&[u8]>, place: &str) -> Outcome<()> {
    let known: HashSet<String> = inner.get_added_tokens_decoder().values().map(|token| token.content.clone()).collect();
    let (file, numbered) = match config.get(DECODER) {
        Some(decoder) => ("tokenizer_config.json", of_decoder(decoder, place)?),
        None => ("added_tokens.json", of_file(added_tokens, config, place)?),
    };
    let named = SPECIALS.iter().chain(&["bos", "eos"]).filter_map(|name| {
        let content = match *name {
            "bos" | "eos" => own_token(config, name)?,
            name => special_token(inner, config, name),
        };
        // A name that the vocabulary lacks stands for no token.
        inner.token_to_id(&content)?;
        let flags = config.get(&format!("{name}_token")).and_then(|value| token(value, true));
        Some(flags.unwrap_or_else(|| AddedToken::from(content, true)))
    });
    let named: Vec<AddedToken> = named.collect();
    let unnamed = UNNAMED.iter().filter_map(|key| config.get(*key)?.as_array()).flatten();
    let unnamed: Vec<AddedToken> = unnamed.filter_map(|value| token(value, true)).collect();

    let is_named = |token: &AddedToken| named.iter().any(|other| other.content == token.content);
    let mut all: Vec<AddedToken> = numbered.values().cloned().collect();
    if !config.contains_key(DECODER) {
        // What `tokenizer.json` says of its own tokens goes before the older file.
        all.retain(|token| !known.contains(&token.content));
    }
    for token in &mut all {
        token.special |= is_named(token);
    }
    let mut seen: HashSet<String> = all.iter().map(|token| token.content.clone()).collect();
    for token in named.iter().chain(&unnamed) {
        if !known.contains(&token.content) && seen.insert(token.content.clone()) {
            all.push(token.clone());
        }
    }
    inner.add_tokens(all).map_err(|error| unreadable(place, file, error))?;
    for (id, token) in numbered {
        let found = inner.token_to_id(&token.content);
        if found != Some(id) {
            let problem = Problem::new("tokeniser-added-id").with("place", place).with("file", file);
            let found = found.map_or_else(|| "-".to_owned(), |found| found.to_string());
            return Err(problem.with("token", token.content).with("id", id).with("found", found));
        }
    }
    Ok(())
}

/// The tokens of `added_tokens_decoder`, by their ids.
fn of_decoder(decoder: &Value, place: &str) -> Outcome<BTreeMap<u32, AddedToken>> {
    let damaged =
        |what: &dyn std::fmt::Display| unreadable(place, "tokenizer_config.json", format!("{DECODER}: {what}"));
    let entries = decoder.as_object().ok_or_else(|| damaged(&"no object"))?;
    let entry = |(id, value): (&String, &Value)| {
        let id = id.parse().map_err(|_no_number| damaged(id))?;
        Ok((id, token(value, false).ok_or_else(|| damaged(value))?))
    };
    entries.iter().map(entry).collect()
}

/// The tokens of `added_tokens.json`, which gives each its id.
fn of_file(bytes: Option<&[u8]>, config: &Config, place: &str) -> Outcome<BTreeMap<u32, AddedToken>> {
    let Some(bytes) = bytes else { return Ok(BTreeMap::new()) };
    let ids: BTreeMap<String, u32> =
        serde_json::from_slice(bytes).map_err(|error| unreadable(place, "added_tokens.json", error))?;
    let is_special = |name: &String| SPECIALS.iter().any(|s| own_token(config, s).as_ref() == Some(name));
    Ok(ids.into_iter().map(|(name, id)| (id, AddedToken::from(name.clone(), is_special(&name)))).collect())
}

/// A token from its name or from an object with its flags. `special` counts where the object does not say.
fn token(value: &Value, special: bool) -> Option<AddedToken> {
    let flag = |name: &str| value.get(name).and_then(Value::as_bool);
    let content = value.as_str().or_else(|| value.get("content")?.as_str())?;
    let special = flag("special").unwrap_or(special);
    Some(AddedToken {
        content: content.to_owned(),
        single_word: flag("single_word").unwrap_or(false),
        lstrip: flag("lstrip").unwrap_or(false),
        rstrip: flag("rstrip").unwrap_or(false),
        normalized: flag("normalized").unwrap_or(!special),
        special,
    })
}
