//! A stored run shown again as it once happened, at a chosen speed.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::stored::StoredRun;

use super::coach;
use super::state::{AppState, Loading, RunPhase, RunView, View};

/// How fast time goes in a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Speed {
    /// As fast as it was.
    Real,
    Times10,
    Times60,
    /// The whole run in [`SHOW_SECS`].
    #[default]
    Show,
}

/// Seconds of a replay for showing in class.
pub const SHOW_SECS: f64 = 20.0;

impl Speed {
    pub const ALL: [Self; 4] = [Self::Real, Self::Times10, Self::Times60, Self::Show];

    /// Seconds of a run of so many seconds that pass in one second.
    fn factor(self, run_secs: f64) -> f64 {
        match self {
            Self::Real => 1.0,
            Self::Times10 => 10.0,
            Self::Times60 => 60.0,
            Self::Show => run_secs / SHOW_SECS,
        }
    }
}

/// A replay under way; `AppState::run` shows the run as it was at `secs`.
#[derive(Clone, Debug)]
pub struct Replay {
    pub run: Arc<StoredRun>,
    pub secs: f64,
    pub speed: Speed,
    pub is_playing: bool,
    /// Events of the run that are shown.
    shown: usize,
    /// What was shown before, and comes back at the end.
    aside: Box<(RunView, Option<PathBuf>)>,
}

/// Begins to show a run from its start.
pub fn begin(state: &mut AppState, run: &Arc<StoredRun>) {
    end(state);
    state.next_run += 1;
    let view = RunView {
        id: crate::domain::message::RunId(state.next_run),
        phase: RunPhase::Replaying,
        config: run.config.clone(),
        ..RunView::default()
    };
    let before = (std::mem::replace(&mut state.run, view), state.last_run_dir.replace(run.dir.clone()));
    state.prediction = Loading::Nothing;
    state.view = View::Live;
    state.replay = Some(Replay {
        run: Arc::clone(run),
        secs: 0.0,
        speed: Speed::default(),
        is_playing: true,
        shown: 0,
        aside: Box::new(before),
    });
    seek(state, 0.0);
}

/// Brings back what was shown before the replay.
pub fn end(state: &mut AppState) {
    if let Some(replay) = state.replay.take() {
        (state.run, state.last_run_dir) = *replay.aside;
        coach::look(state);
        state.prediction = Loading::Nothing;
    }
}

/// So many seconds have passed in front of the window.
pub fn advance(state: &mut AppState, secs: f64) {
    if let Some(replay) = state.replay.as_ref().filter(|replay| replay.is_playing) {
        let to = replay.secs + secs * replay.speed.factor(replay.run.secs());
        seek(state, to);
    }
}

/// Plays or pauses; what has come to its end begins anew.
pub fn play(state: &mut AppState, is_playing: bool) {
    let Some(replay) = &mut state.replay else { return };
    replay.is_playing = is_playing;
    if is_playing && replay.secs >= replay.run.secs() {
        seek(state, 0.0);
    }
}

/// Shows the run as it was after so many seconds.
pub fn seek(state: &mut AppState, secs: f64) {
    let Some(replay) = &mut state.replay else { return };
    let all = replay.run.secs();
    let is_back = secs < replay.secs;
    replay.secs = secs.clamp(0.0, all);
    if is_back {
        replay.shown = 0;
        state.run.history = Default::default();
    }
    let coming = replay.run.events[replay.shown..].iter().take_while(|(at, _)| *at <= replay.secs);
    for (_, event) in coming {
        state.run.history.record(event);
        replay.shown += 1;
    }
    if replay.secs >= all {
        replay.is_playing = false;
    }
    coach::look(state);
}
