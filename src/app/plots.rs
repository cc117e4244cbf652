//! How plots are drawn: how smooth, on which axes, and with or without outliers. It is remembered between sessions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::smoothing::Smoothing;

/// What a plot shows. Plots of the same values are drawn alike, wherever they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plotted {
    Loss,
    Accuracy,
    LearningRate,
    GradientNorm,
}

impl Plotted {
    /// Whether a logarithmic axis tells more, because the values are above 0 and span powers of ten.
    pub fn may_be_log(self) -> bool {
        self != Self::Accuracy
    }

    /// Whether the values are of single steps, which jump. A learning rate follows its schedule.
    pub fn jumps(self) -> bool {
        self != Self::LearningRate
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlotSettings {
    pub smoothing: Smoothing,
    /// The values of these are drawn on a logarithmic axis.
    pub log: BTreeSet<Plotted>,
    /// The axes of these fit the middle values, whatever the outliers are.
    pub middle: BTreeSet<Plotted>,
    /// Whether runs beside each other are drawn against the logarithm of steps or seconds.
    pub log_along: bool,
}

impl PlotSettings {
    pub fn is_log(&self, plotted: Plotted) -> bool {
        plotted.may_be_log() && self.log.contains(&plotted)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlotAction {
    Smooth(Smoothing),
    SetLog(Plotted, bool),
    FitMiddle(Plotted, bool),
    SetLogAlong(bool),
}

pub(super) fn update(settings: &mut PlotSettings, action: PlotAction) {
    let set = |set: &mut BTreeSet<Plotted>, plotted, on| {
        if on {
            set.insert(plotted);
        } else {
            set.remove(&plotted);
        }
    };
    match action {
        PlotAction::Smooth(smoothing) => settings.smoothing = smoothing,
        PlotAction::SetLog(plotted, on) => set(&mut settings.log, plotted, on),
        PlotAction::FitMiddle(plotted, on) => set(&mut settings.middle, plotted, on),
        PlotAction::SetLogAlong(on) => settings.log_along = on,
    }
}
