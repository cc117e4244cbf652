//! Blocks in fewer bits. Products in bf16 are compared with the composed ones in f32, frozen weights in fewer bits with the
//! rounded weights, and both with themselves on other threads and beside other texts.

use half::bf16;
use rayon::ThreadPoolBuilder;

use crate::domain::precision::{FrozenPrecision, Precision};
use crate::model::hashes::checksum;
use crate::model::weights::RawTensor;

use super::super::compact::Use;
use super::layer::weights_of;
use super::*;

/// The distance of `a` from `b` as a share of the length of `b`.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |x: f32| f64::from(x) * f64::from(x);
    let length: f64 = b.iter().map(|b| square(*b)).sum();
    (a.iter().zip(b).map(|(a, b)| square(a - b)).sum::<f64>() / length.max(1e-30)).sqrt()
}

/// The output of a layer and the gradients of its input and of its matrices.
fn forward_and_backward(ops: &dyn Ops, layer: &mut Layer, case: &Case, x: &Tensor) -> Vec<Vec<f32>> {
    let input = tracked(x);
    let block = layer.block(&case.sequences, Activation::Gelu, Queries::All, case.dropouts());
    let y = ops.layer(&input, &block, true).unwrap();
    let slopes: Vec<f32> = (0..y.elem_count()).map(|i| ((i * 7919) % 13) as f32 / 13.0 - 0.5).collect();
    let slopes = Tensor::from_vec(slopes, y.dims(), &Device::Cpu).unwrap();
    let store = (&y * slopes).unwrap().sum_all().unwrap().backward().unwrap();
    let mut all = vec![flat(&y), flat(store.get(&input).unwrap())];
    for weight in weights_of(layer).into_iter().filter(|weight| weight.tensor.rank() == 2) {
        let gradient = weight.gradient.as_ref().unwrap();
        let has_arrived = gradient.lock().present;
        all.push(if has_arrived { dense(weight) } else { flat(store.get(&weight.tensor).unwrap()) });
        gradient.clear();
    }
    all
}

#[test]
fn a_layer_in_bf16_is_near_the_composed_one_in_f32_forward_and_backward() {
    let rounding: [(&str, &dyn Ops); 2] =
        [("fused", &Fused::new(Precision::Bf16)), ("composed", &Composed { precision: Precision::Bf16 })];
    for mut case in cases() {
        let (mut layer, x) = (case.layer(), case.tensor(case.sequences.tokens(), case.width));
        let exact = forward_and_backward(&Composed::default(), &mut layer, &case, &x);
        for (name, ops) in rounding {
            let rounded = forward_and_backward(ops, &mut layer, &case, &x);
            let distances: Vec<f64> = rounded.iter().zip(&exact).map(|(a, b)| distance(a, b)).collect();
            // In a text of one token, queries and keys decide nothing, and their gradients are rounding alone.
            let decided = |i: usize| case.sequences.tokens() > 1 || ![2, 3].contains(&i);
            let far = distances.iter().enumerate().find(|(i, distance)| decided(*i) && **distance > 0.04);
            assert!(far.is_none(), "{name}, {} tokens: {distances:?}", case.sequences.tokens());
            assert!(distances[0] > 1e-5, "{name}: something was rounded: {distances:?}");
        }
    }
}

/// A frozen matrix as it is, and in fewer bits.
fn held(frozen: FrozenPrecision, weight_use: Use, weight: &Weight) -> [Weight; 2] {
    let (values, shape) = (flat(&weight.tensor), <[usize; 2]>::from(weight.tensor.dims2().unwrap()));
    let original = RawTensor::of_values(&values, &shape);
    let checksum = checksum(&values);
    let compact = Compact::new(frozen, weight_use, &values, shape, original, checksum).unwrap();
    [Weight::frozen(weight.tensor.detach()), Weight::compact(compact).unwrap()]
}

/// A layer that is frozen as it is, and with its matrices in fewer bits.
fn frozen_layers(frozen: FrozenPrecision, layer: &Layer) -> [Layer; 2] {
    let [mut whole, mut compact] = [layer.clone(), layer.clone()];
    for (whole, compact) in weights_of(&mut whole).into_iter().zip(weights_of(&mut compact)) {
        if whole.tensor.rank() == 2 {
            [*whole, *compact] = held(frozen, Use::Linear, whole);
        } else {
            *whole = Weight::frozen(whole.tensor.detach());
            *compact = whole.clone();
        }
    }
    [whole, compact]
}

fn forward(ops: &dyn Ops, layer: &Layer, sequences: &Arc<Sequences>, x: &Tensor) -> Vec<f32> {
    let nothing = LayerDropout { probabilities: None, attention: None, output: None };
    flat(&ops.layer(x, &layer.block(sequences, Activation::Gelu, Queries::All, nothing), false).unwrap())
}

#[test]
fn a_frozen_layer_in_fewer_bits_computes_with_the_rounded_weights() {
    for mut case in cases().into_iter().filter(|case| case.dropout.is_none()) {
        let (layer, x) = (case.layer(), case.tensor(case.sequences.tokens(), case.width));
        let sequences = case.sequences.clone();
        // In bf16 all products round alike, whether the weights are rounded before or each time.
        let [whole, compact] = frozen_layers(FrozenPrecision::Bf16, &layer);
        let ops = Fused::new(Precision::Bf16);
        assert_eq!(forward(&ops, &compact, &sequences, &x), forward(&ops, &whole, &sequences, &x));
        // In 8 bits the inputs are rounded as well.
        let [mut whole, mut compact] = frozen_layers(FrozenPrecision::Int8, &layer);
        let exact = forward(&Fused::default(), &whole, &sequences, &x);
        let found = forward(&Fused::default(), &compact, &sequences, &x);
        let far = distance(&found, &exact);
        assert!((1e-5..0.03).contains(&far), "{} tokens: {far}", sequences.tokens());
        // The original values are still to be had, and computing with them gives the same bits.
        for (whole, compact) in weights_of(&mut whole).into_iter().zip(weights_of(&mut compact)) {
            assert_eq!(compact.with_values(<[f32]>::to_vec).unwrap(), flat(&whole.tensor));
            let mut pieces = Vec::new();
            compact.for_pieces(7, |piece| pieces.extend_from_slice(piece)).unwrap();
            assert_eq!(pieces, flat(&whole.tensor));
            if let Some(held) = &compact.compact {
                *compact = Weight::compact(held.original()).unwrap();
            }
        }
        assert_eq!(forward(&Fused::default(), &compact, &sequences, &x), exact);
    }
}

#[test]
fn a_table_in_fewer_bits_gives_rounded_rows() {
    let mut case = cases().remove(4);
    let (tokens, width) = (case.sequences.tokens(), case.width);
    let words = case.weight(&[VOCABULARY, width]);
    let weights = EmbeddingWeights {
        words: words.clone(),
        positions: case.weight(&[POSITIONS + 2, width]),
        types: None,
        norm: case.norm(),
        padding_id: None,
    };
    let ids: Vec<u32> = (0..tokens).map(|i| (i * 7 % 11 + 3) as u32).collect();
    let embed = |words: Weight| {
        let weights = EmbeddingWeights { words, ..weights.clone() };
        let block =
            Embed { weights, ids: ids.clone(), types: Vec::new(), sequences: case.sequences.clone(), dropout: None };
        flat(&Fused::default().embed(&block, false).unwrap())
    };
    let by_rows = |round: &dyn Fn(&[f32]) -> Vec<f32>| {
        let rounded: Vec<f32> = flat(&words.tensor).chunks(width).flat_map(round).collect();
        Weight::frozen(Tensor::from_vec(rounded, (VOCABULARY, width), &Device::Cpu).unwrap())
    };
    let to_bf16 = |row: &[f32]| -> Vec<f32> { row.iter().map(|x| bf16::from_f32(*x).to_f32()).collect() };
    let to_bytes = |row: &[f32]| -> Vec<f32> {
        let scale = row.iter().fold(0.0f32, |most, x| most.max(x.abs())) / 127.0;
        row.iter().map(|x| (x / scale).round_ties_even() * scale).collect()
    };
    for (frozen, rounded) in [(FrozenPrecision::Bf16, by_rows(&to_bf16)), (FrozenPrecision::Int8, by_rows(&to_bytes))] {
        let [whole, compact] = held(frozen, Use::Table, &words);
        assert_eq!(embed(compact.clone()), embed(rounded), "{frozen:?}");
        // The original table is large, so that only those of its rows are read that occur.
        let original = Weight::compact(compact.compact.unwrap().original()).unwrap();
        assert_eq!(embed(original), embed(whole), "{frozen:?}");
    }
}

#[test]
fn threads_and_neighbours_change_no_bit_in_any_precision() {
    // It is wide enough that its products are divided among threads.
    let sequences = Arc::new(Sequences { offsets: vec![0, 120, 157, 221, 222] });
    let mut case = Case { width: 192, inner: 385, heads: 4, sequences, ..cases().remove(10) };
    let layer = case.layer();
    let (sequences, x) = (case.sequences.clone(), case.tensor(case.sequences.tokens(), case.width));
    let frozen_in = |frozen| frozen_layers(frozen, &layer)[1].clone();
    for (what, ops, layer) in [
        ("bf16", Fused::new(Precision::Bf16), layer.clone()),
        ("frozen bf16", Fused::default(), frozen_in(FrozenPrecision::Bf16)),
        ("frozen int8", Fused::default(), frozen_in(FrozenPrecision::Int8)),
    ] {
        let on = |threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| forward(&ops, &layer, &sequences, &x))
        };
        let all = on(1);
        assert_eq!(on(2), all, "{what} on two threads");
        for (first, n) in sequences.iter() {
            let (alone, one) = (x.narrow(0, first, n).unwrap(), Arc::new(Sequences { offsets: vec![0, n] }));
            let y = forward(&ops, &layer, &one, &alone.contiguous().unwrap());
            assert_eq!(y, all[first * case.width..(first + n) * case.width], "{what}, the text at {first}");
        }
    }
}

/// Another program may write into the model's file while a run is under way. What it wrote is never taken for the weights.
#[test]
fn an_original_that_was_changed_is_refused() {
    let (was, is) = ([1.0f32, 2.0, 3.0, 4.0], [1.0f32, 2.0, 3.0, 5.0]);
    let original = RawTensor::of_values(&is, &[2, 2]);
    let compact = Compact::new(FrozenPrecision::Int8, Use::Linear, &was, [2, 2], original, checksum(&was)).unwrap();
    assert_eq!(compact.values().unwrap_err().id, "model-weights-changed");
    let weight = Weight::compact(compact.original()).unwrap();
    assert!(weight.with_values(<[f32]>::to_vec).is_err());
}
