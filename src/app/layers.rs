//! The heat map of the layers: drift or gradient norm of every part of the model by step.

use std::collections::BTreeSet;

use crate::domain::history::History;
use crate::domain::timeline::Rung;

/// What the colours mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quantity {
    #[default]
    Drift,
    Gradient,
}

/// How the map is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayersState {
    pub quantity: Quantity,
    pub is_log: bool,
    /// Rows whose parameters are shown.
    pub open: BTreeSet<Rung>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LayersAction {
    Show(Quantity),
    SetLog(bool),
    /// Show or hide a row's parameters.
    Unfold(Rung),
}

pub fn update(state: &mut LayersState, action: LayersAction) {
    match action {
        LayersAction::Show(quantity) => state.quantity = quantity,
        LayersAction::SetLog(is_log) => state.is_log = is_log,
        LayersAction::Unfold(rung) => {
            if !state.open.remove(&rung) {
                state.open.insert(rung);
            }
        }
    }
}

/// One row of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatRow {
    pub rung: Rung,
    /// The parameter's name; `None` for all of the rung together.
    pub parameter: Option<String>,
    /// By sample. `None` where there is nothing to colour: never trained yet, or (of a gradient) frozen.
    pub values: Vec<Option<f64>>,
    /// Whether it is frozen in the newest sample.
    pub is_frozen: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// The steps after which samples were taken.
    pub steps: Vec<usize>,
    pub rows: Vec<HeatRow>,
    /// The smallest value above 0 and the largest, if any is above 0.
    pub range: Option<(f64, f64)>,
}

/// The colour scale begins at most so many powers of ten below the largest value.
const DECADES: i32 = 4;

impl HeatMap {
    /// Returns a map of at most `most` evenly chosen samples, the newest among them. It is empty before a run's first
    /// sample, and for runs that took none.
    pub fn of(history: &History, shown: &LayersState, most: usize) -> Self {
        let Some(parameters) = history.measured() else { return Self::default() };
        let every = history.layers.len().div_ceil(most).max(1);
        let chosen = history.layers.iter().rev().step_by(every).filter(|sample| sample.fits(parameters));
        let mut samples: Vec<_> = chosen.collect();
        samples.reverse();
        let row = |rung: Rung, parameter: Option<String>, members: &[usize]| HeatRow {
            rung,
            parameter,
            values: samples
                .iter()
                .map(|sample| {
                    let gradient = sample.grad_norm_of(members);
                    match shown.quantity {
                        Quantity::Gradient => gradient,
                        Quantity::Drift => {
                            let drift = sample.drift_of(parameters, members);
                            (drift > 0.0 || gradient.is_some()).then_some(drift)
                        }
                    }
                })
                .collect(),
            is_frozen: samples.last().is_some_and(|sample| sample.grad_norm_of(members).is_none()),
        };
        let rungs: BTreeSet<Rung> = parameters.iter().map(|p| p.part.into()).collect();
        let mut rows = Vec::new();
        for rung in rungs.into_iter().rev() {
            let members: Vec<usize> =
                (0..parameters.len()).filter(|&i| Rung::from(parameters[i].part) == rung).collect();
            rows.push(row(rung, None, &members));
            if shown.open.contains(&rung) {
                rows.extend(members.iter().map(|&i| row(rung, Some(parameters[i].name.clone()), &[i])));
            }
        }
        let positive = rows.iter().flat_map(|row| row.values.iter().flatten()).copied().filter(|v| *v > 0.0);
        let range = positive.fold(None, |range: Option<(f64, f64)>, v| {
            Some(range.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
        });
        Self { steps: samples.iter().map(|sample| sample.step).collect(), rows, range }
    }

    /// The values at the two ends of the colour scale.
    pub fn ends(&self, is_log: bool) -> (f64, f64) {
        let (low, high) = self.range.unwrap_or((0.0, 1.0));
        match is_log && self.range.is_some() {
            true => (low.max(high * 0.1f64.powi(DECADES)).min(high * 0.5), high),
            false => (0.0, high),
        }
    }

    /// Where a value stands on the colour scale, from 0 to 1.
    pub fn place(&self, value: f64, is_log: bool) -> f32 {
        let (low, high) = self.ends(is_log);
        let place = if is_log && low > 0.0 { (value / low).ln() / (high / low).ln() } else { value / high };
        if place.is_finite() { place.clamp(0.0, 1.0) as f32 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::layers::{LayerStats, MeasuredParameter};
    use crate::domain::message::EventKind;
    use crate::domain::params::Part;

    #[test]
    fn parts_are_long_vectors_and_frozen_ones_have_no_colour() {
        let measured = |name: &str, part, norm| MeasuredParameter { name: name.into(), part, norm };
        let parameters = vec![
            measured("e", Part::Embeddings, 0.0),
            measured("p", Part::Pooler, 2.0),
            measured("classifier.weight", Part::Classifier, 4.0),
            measured("classifier.bias", Part::Classifier, 0.0),
        ];
        let sample = |step, grad_norm: [Option<f32>; 4], drift: [f32; 4]| {
            EventKind::LayerStats(LayerStats {
                step,
                drift: drift.into(),
                grad_norm: grad_norm.into(),
                parameters: (step == 1).then(|| parameters.clone().into()),
            })
        };
        let mut history = History::default();
        history.record(&sample(1, [None, Some(0.0), Some(3.0), Some(4.0)], [0.0, 0.0, 0.75, 4.0]));
        history.record(&sample(9, [None, None, Some(0.3), Some(0.4)], [0.0, 0.5, 0.75, 4.0]));
        let mut shown = LayersState::default();
        let map = HeatMap::of(&history, &shown, usize::MAX);
        assert_eq!(map.steps, [1, 9]);
        let values = |map: &HeatMap| map.rows.iter().map(|row| row.values.clone()).collect::<Vec<_>>();
        // The head moved by 3 and by 4, from a norm of 4; the pooler keeps its drift when it is frozen.
        assert_eq!(values(&map), [[Some(1.25), Some(1.25)], [Some(0.0), Some(0.5)], [None, None]]);
        assert_eq!(map.rows.iter().map(|row| row.is_frozen).collect::<Vec<_>>(), [false, true, true]);
        assert_eq!((map.place(1.25, false), map.place(0.0, true), map.place(0.5, true)), (1.0, 0.0, 0.0));
        update(&mut shown, LayersAction::Show(Quantity::Gradient));
        update(&mut shown, LayersAction::Unfold(Rung::Classifier));
        let map = HeatMap::of(&history, &shown, usize::MAX);
        assert_eq!(map.rows.len(), 5);
        let head = map.rows[0].values.iter().flatten();
        assert!(head.zip([5.0, 0.5]).all(|(v, expected)| (v - expected).abs() < 1e-6));
        assert_eq!(map.rows[1].parameter.as_deref(), Some("classifier.weight"));
        assert_eq!(map.rows[3].values, [Some(0.0), None]);
        assert_eq!(HeatMap::of(&history, &shown, 1).steps, [9], "the newest sample stays");
    }
}
