//! The cost meter of what Train would start.

use crate::domain::meter::{Cache, CacheRoom, Meter, Needs, saved_by_small_parts};

use super::state::AppState;

/// What the freezing costs, as far as the model tells; `None` before there is one.
pub fn meter(state: &AppState) -> Option<Meter> {
    Some(Meter::of(state.model.latest()?, &state.trainable, &state.config.training, room(state)))
}

/// Room for what is kept of frozen layers; `None` before the machine was timed.
pub fn room(state: &AppState) -> Option<CacheRoom> {
    let (calibration, tree, data) = (state.calibration?, state.model.ready()?, state.dataset.ready()?);
    Some(CacheRoom::of(&calibration, tree, &state.trainable, &data.split, &state.config.training))
}

/// Bytes that frozen layers' results will take; `None` where nothing is kept, or before the machine was timed.
pub fn kept_bytes(state: &AppState) -> Option<u64> {
    let (room, meter) = (room(state)?, meter(state)?);
    matches!(meter.cache, Cache::Kept { .. } | Cache::NoRoom { .. }).then(|| room.needed.min(room.bytes) as u64)
}

/// Seconds and memory, as far as they are known yet.
pub fn needs(state: &AppState) -> Needs {
    Needs { time: state.estimate(), memory: state.memory_need() }
}

/// What is saved by training only biases and the like, where that is so.
pub fn saved(state: &AppState) -> Option<f64> {
    let (calibration, tree, data) = (state.calibration?, state.model.ready()?, state.dataset.ready()?);
    saved_by_small_parts(&calibration, tree, &state.trainable, &data.split, &state.config.training)
}
