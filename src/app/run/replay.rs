//! A stored run shown again as it once happened, at a chosen speed.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::stored::StoredRun;

use super::super::loading::Loading;
use super::super::shell::{Shell, View};
use super::{RunPhase, RunView, ScreenState, coach};

/// How fast time goes in a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Speed {
    /// Time goes as fast as it did in the run.
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

/// A replay under way; `ScreenState::shown` is the run as it was at `secs`.
#[derive(Clone, Debug)]
pub struct Replay {
    pub run: Arc<StoredRun>,
    pub secs: f64,
    pub speed: Speed,
    pub is_playing: bool,
    /// How many of the run's events are shown.
    events_shown: usize,
    /// What was shown before, and comes back at the end.
    before: Box<(RunView, Option<PathBuf>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReplayAction {
    /// Play or pause. What has come to its end begins anew.
    Play(bool),
    SetSpeed(Speed),
    /// Show the run as it was so many seconds after its first batch.
    Seek(f64),
    /// Moves the replay on by the seconds that have passed since the last frame.
    Advance(f64),
    End,
}

impl ScreenState {
    /// Begins to show a run from its start.
    pub(in crate::app) fn begin_replay(&mut self, run: Arc<StoredRun>, shell: &mut Shell) {
        self.end_replay();
        let before = Box::new((self.shown.clone(), self.last_dir.replace(run.dir.clone())));
        self.next(shell.next_run(), RunPhase::Replaying, run.config.clone());
        let speed = Speed::default();
        self.replay = Some(Replay { run, secs: 0.0, speed, is_playing: true, events_shown: 0, before });
        rewind(self);
        seek(self, 0.0);
        shell.view = View::Live;
    }

    /// Brings back what was shown before the replay.
    pub(in crate::app) fn end_replay(&mut self) {
        if let Some(replay) = self.replay.take() {
            (self.shown, self.last_dir) = *replay.before;
            self.results.forget();
            self.coach.look(&self.shown);
            // What was asked about the replayed run is not said of this one.
            (self.prediction, self.evaluation) = (Loading::Nothing, None);
        }
    }
}

pub(super) fn update(state: &mut ScreenState, action: ReplayAction, shell: &mut Shell) {
    let Some(replay) = &mut state.replay else { return };
    match action {
        ReplayAction::Play(is_playing) => {
            replay.is_playing = is_playing;
            if is_playing && replay.secs >= replay.run.secs() {
                seek(state, 0.0);
            }
        }
        ReplayAction::SetSpeed(speed) => replay.speed = speed,
        ReplayAction::Seek(secs) => seek(state, secs),
        ReplayAction::Advance(secs) if replay.is_playing => {
            let to = replay.secs + secs * replay.speed.factor(replay.run.secs());
            seek(state, to);
        }
        ReplayAction::Advance(_) => {}
        ReplayAction::End => {
            state.end_replay();
            shell.view = View::Runs;
        }
    }
}

/// Shows the run as it was after so many seconds. Going forward costs as much as what has happened meanwhile.
fn seek(state: &mut ScreenState, secs: f64) {
    if state.replay.as_ref().is_some_and(|replay| secs < replay.secs) {
        rewind(state);
    }
    let Some(replay) = &mut state.replay else { return };
    replay.secs = secs.clamp(0.0, replay.run.secs());
    let coming = replay.run.events[replay.events_shown..].iter().take_while(|(at, _)| *at <= replay.secs);
    let mut is_looked_at = false;
    for (_, event) in coming {
        state.shown.history.record(event);
        is_looked_at |= coach::is_occasion(event);
        replay.events_shown += 1;
    }
    if replay.secs >= replay.run.secs() {
        replay.is_playing = false;
    }
    if is_looked_at {
        state.coach.look(&state.shown);
    }
}

/// Goes back to before the run's first event.
fn rewind(state: &mut ScreenState) {
    if let Some(replay) = &mut state.replay {
        replay.events_shown = 0;
        state.shown.history = replay.run.history_at(f64::NEG_INFINITY);
        state.coach.look(&state.shown);
    }
}
