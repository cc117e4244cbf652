//! A whole layer is compared with its blocks and with finite differences, also when only one of its weights trains.

use super::*;

impl Case {
    pub(super) fn layer(&mut self) -> Layer {
        let (width, inner) = (self.width, self.inner);
        let attention = self.attention(Queries::All).weights;
        let attention_output = OutputWeights { dense: self.linear(width, width), norm: self.norm() };
        let intermediate = self.linear(inner, width);
        let output = OutputWeights { dense: self.linear(width, inner), norm: self.norm() };
        Layer { attention, attention_output, intermediate, output }
    }

    /// The dropouts of a layer, whose keys all differ.
    pub(super) fn dropouts(&self) -> LayerDropout {
        let with = |more: u64| self.dropout.map(|d| Dropout { key: d.key + more, ..d });
        LayerDropout { probabilities: with(1), attention: with(2), output: with(3) }
    }
}

pub(super) fn weights_of(layer: &mut Layer) -> Vec<&mut Weight> {
    let Layer { attention: a, attention_output: first, intermediate, output: second } = layer;
    let linears = [&mut a.query, &mut a.key, &mut a.value, &mut first.dense, intermediate, &mut second.dense];
    let norms = [&mut first.norm, &mut second.norm];
    let of_linears = linears.into_iter().flat_map(|l| [&mut l.weight, &mut l.bias]);
    of_linears.chain(norms.into_iter().flat_map(|n| [&mut n.weight, &mut n.bias])).collect()
}

#[test]
fn a_whole_layer_matches_its_blocks() {
    for mut case in cases() {
        let tokens = case.sequences.tokens();
        let mut layer = case.layer();
        let all: Vec<Weight> = weights_of(&mut layer).into_iter().map(|w| w.clone()).collect();
        let x = case.tensor(tokens, case.width);
        let dropouts = case.dropouts();
        for queries in [Queries::All, Queries::First] {
            let block = layer.block(&case.sequences, Activation::Gelu, queries, dropouts);
            compare(
                &format!("layer {tokens} {queries:?}"),
                std::slice::from_ref(&x),
                &all.iter().collect::<Vec<_>>(),
                &|ops, x, record| ops.layer(&x[0], &block, record),
                5,
            );
        }
    }
}

/// When a single weight of the layer trains, exactly that weight gets a gradient, which is the same as when everything
/// trains, and candle's graph ends where nothing below it is wanted. That holds with a tracked input and without one.
#[test]
fn a_layer_computes_the_gradients_that_are_wanted_and_no_others() {
    let mut case = cases().remove(5);
    let (sequences, dropouts) = (case.sequences.clone(), case.dropouts());
    let mut layer = case.layer();
    let x = case.tensor(sequences.tokens(), case.width);
    let count = weights_of(&mut layer).len();
    for queries in [Queries::All, Queries::First] {
        let backward = |layer: &Layer, x: &Tensor| {
            let y =
                Fused::default().layer(x, &layer.block(&sequences, Activation::Gelu, queries, dropouts), true).unwrap();
            y.track_op().then(|| y.sqr().unwrap().sum_all().unwrap().backward().unwrap())
        };
        let input = tracked(&x);
        let whole = flat(backward(&layer, &input).unwrap().get(&input).unwrap());
        let gradients: Vec<Vec<f32>> = weights_of(&mut layer).into_iter().map(|w| dense(w)).collect();
        for trained in (0..count).map(Some).chain([None]) {
            let mut part = layer.clone();
            for (i, weight) in weights_of(&mut part).into_iter().enumerate() {
                let gradient = (Some(i) == trained).then(Arc::default);
                let tensor = if gradient.is_some() { weight.tensor.clone() } else { weight.tensor.detach() };
                *weight = Weight { tensor, gradient, compact: None };
            }
            for x in [input.clone(), x.clone()] {
                let Some(store) = backward(&part, &x) else {
                    assert!(trained.is_none() && !x.track_op(), "{trained:?}");
                    continue;
                };
                if let Some(trained) = trained {
                    assert_eq!(dense(weights_of(&mut part)[trained]), gradients[trained], "weight {trained}");
                    weights_of(&mut part)[trained].gradient.as_ref().unwrap().clear();
                }
                assert_eq!(store.get(&x).map(flat), x.track_op().then(|| whole.clone()), "input beside {trained:?}");
            }
        }
        weights_of(&mut layer).into_iter().for_each(|w| w.gradient.as_ref().unwrap().clear());
    }
}

/// The gradients of inputs and weights together are compared with finite differences along random directions.
#[test]
fn every_gradient_is_the_slope() {
    for mut case in cases() {
        let (width, sequences, dropouts) = (case.width, case.sequences.clone(), case.dropouts());
        let mut layer = case.layer();
        let x = case.tensor(sequences.tokens(), width);
        for queries in [Queries::All, Queries::First] {
            let loss = |layer: &Layer, x: &Tensor, record: bool| {
                let block = layer.block(&sequences, Activation::Gelu, queries, dropouts);
                let y = Fused::default().layer(x, &block, record).unwrap();
                // The loss is linear in y after LayerNorm, so that the slope is not lost in rounding.
                let slopes: Vec<f32> = (0..y.elem_count()).map(|i| ((i * 7919) % 13) as f32 / 13.0 - 0.5).collect();
                (y.clone() * Tensor::from_vec(slopes, y.dims(), &Device::Cpu).unwrap()).unwrap().sum_all().unwrap()
            };
            let input = tracked(&x);
            let store = loss(&layer, &input, true).backward().unwrap();
            let mut expected = 0.0;
            let mut along = |gradient: &[f32], generator: &mut ChaCha8Rng| -> Vec<f32> {
                let way: Vec<f32> = gradient.iter().map(|_| generator.random::<f32>() - 0.5).collect();
                expected += gradient.iter().zip(&way).map(|(g, w)| f64::from(g * w)).sum::<f64>();
                way
            };
            let of_x = along(&flat(store.get(&input).unwrap()), &mut case.generator);
            let of_weights: Vec<Vec<f32>> =
                weights_of(&mut layer).into_iter().map(|w| along(&dense(w), &mut case.generator)).collect();
            weights_of(&mut layer).into_iter().for_each(|w| w.gradient.as_ref().unwrap().clear());
            let at = |step: f32| {
                let moved = |tensor: &Tensor, way: &[f32]| {
                    let values: Vec<f32> = flat(tensor).iter().zip(way).map(|(v, w)| v + step * w).collect();
                    Tensor::from_vec(values, tensor.dims(), &Device::Cpu).unwrap()
                };
                let mut layer = layer.clone();
                for (weight, way) in weights_of(&mut layer).into_iter().zip(&of_weights) {
                    weight.tensor = moved(&weight.tensor, way);
                }
                f64::from(loss(&layer, &moved(&x, &of_x), false).to_scalar::<f32>().unwrap())
            };
            let step = 2e-3f32;
            let slope = (at(step) - at(-step)) / (2.0 * f64::from(step));
            let tokens = sequences.tokens();
            assert!((slope - expected).abs() < 0.02 + 0.02 * slope.abs(), "{tokens} {queries:?}: {slope}, {expected}");
        }
    }
}
