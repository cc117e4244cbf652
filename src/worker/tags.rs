//! What holds of the texts of validation and test rows: their tags.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::ClassifierSource;
use crate::domain::message::{AskId, RunObserver as _};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::tags::{Tag, Tags, very_long_from};
use crate::explain::neighbours::nearest;

use super::questions::{Quiet, open_classifier};
use super::rows::held_out;
use super::shared::Shared;

/// The tokens and the tags of the validation rows and then of the test rows, as the model of the run in `dir` reads them.
///
/// # Errors
/// `cancelled`; those of opening a model.
pub fn of(shared: &Arc<Shared>, id: AskId, dir: &Path, dataset: &Dataset) -> Outcome<(Vec<u32>, Vec<Tags>)> {
    let model = open_classifier(shared, &ClassifierSource::from(dir.to_owned()))?;
    let tokens = TokenStore::new(Arc::clone(&dataset.texts), Arc::clone(&model.tokeniser), model.max_length);
    let rows: Vec<u32> = held_out(dataset).map(|(_, row)| row).collect();
    let (unknown, interrupt) = (model.tokeniser.unknown_id(), Quiet { shared, asked: Some(id) }.interrupt());
    let texts = &dataset.texts;
    let read = |row: &u32| {
        if interrupt.ends() {
            return None;
        }
        let i = *row as usize;
        let own = Tags::of_text(&[texts.get(i), texts.second(i).unwrap_or_default()].join(" "));
        let ids = tokens.row(*row);
        let lacks = unknown.is_some_and(|unknown| ids.contains(&unknown));
        Some((ids.len() as u32, own.with(Tag::Cut, tokens.is_cut(*row)).with(Tag::UnknownWords, lacks)))
    };
    let found = shared.pool()?.install(|| {
        let read: Vec<(u32, Tags)> = rows.par_iter().map(read).collect::<Option<_>>()?;
        let near = nearest(texts, &dataset.labels, &dataset.splits.train, &rows, &interrupt)?;
        Some((read, near))
    });
    let (read, near) = found.ok_or(Problem::new("cancelled"))?;
    let lengths: Vec<u32> = read.iter().map(|(length, _)| *length).collect();
    let long = very_long_from(&lengths);
    let tags = read.iter().zip(near).map(|((length, tags), near)| {
        let tags = tags.with(Tag::VeryLong, *length >= long).with(Tag::NoSimilar, near.is_alone());
        tags.with(Tag::NeighboursDisagree, near.disagrees())
    });
    let tags = tags.collect();
    Ok((lengths, tags))
}
