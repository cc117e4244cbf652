//! The fused blocks are compared with the composed ones and with finite differences, at odd sizes, with and without dropout.

mod layer;
mod precision;

use std::sync::Arc;

use candle_core::{Device, Result, Tensor, Var};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::composed::Composed;
use super::fused::Fused;
use super::*;

const VOCABULARY: usize = 30;
const POSITIONS: usize = 520;

struct Case {
    generator: ChaCha8Rng,
    width: usize,
    inner: usize,
    heads: usize,
    sequences: Arc<Sequences>,
    dropout: Option<Dropout>,
}

/// Batches that could go wrong: one token, one row, odd lengths, a long text with short ones, 512 tokens.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (seed, (lengths, width, heads)) in [
        (vec![1], 12, 3),
        (vec![7], 12, 2),
        (vec![3, 1, 17, 2], 20, 5),
        (vec![129, 2, 5], 24, 3),
        (vec![512], 8, 2),
        (vec![31, 33, 16, 1], 48, 4),
    ]
    .into_iter()
    .enumerate()
    {
        for dropout in [None, Some(Dropout { probability: 0.3, key: 77 + seed as u64 })] {
            let offsets = std::iter::once(0)
                .chain(lengths.iter().scan(0, |sum, n| {
                    *sum += n;
                    Some(*sum)
                }))
                .collect();
            cases.push(Case {
                generator: ChaCha8Rng::seed_from_u64(seed as u64),
                width,
                inner: width * 2 + 1,
                heads,
                sequences: Arc::new(Sequences { offsets }),
                dropout,
            });
        }
    }
    cases
}

impl Case {
    fn values(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.generator.random::<f32>() - 0.5).collect()
    }

    fn tensor(&mut self, rows: usize, columns: usize) -> Tensor {
        let values = self.values(rows * columns);
        Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap()
    }

    fn weight(&mut self, shape: &[usize]) -> Weight {
        let values = self.values(shape.iter().product());
        let var = Var::from_vec(values, shape, &Device::Cpu).unwrap();
        Weight::trained(var.as_tensor().clone())
    }

    fn dense(&mut self, out: usize, activation: Activation) -> Dense {
        Dense { weights: self.linear(out, self.width), activation }
    }

    fn attention(&mut self, queries: Queries) -> Attention {
        let width = self.width;
        let weights = AttentionWeights {
            query: self.linear(width, width),
            key: self.linear(width, width),
            value: self.linear(width, width),
            heads: self.heads,
        };
        Attention { weights, sequences: self.sequences.clone(), queries, dropout: self.dropout }
    }

    fn linear(&mut self, out: usize, inner: usize) -> Linear {
        Linear { weight: self.weight(&[out, inner]), bias: self.weight(&[out]) }
    }

    fn norm(&mut self) -> Norm {
        Norm { weight: self.weight(&[self.width]), bias: self.weight(&[self.width]), eps: 1e-12 }
    }
}

fn tracked(x: &Tensor) -> Tensor {
    Var::from_tensor(x).unwrap().as_tensor().clone()
}

fn flat(x: &Tensor) -> Vec<f32> {
    x.flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_close(a: &[f32], b: &[f32], what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    let size = b.iter().map(|x| x * x).sum::<f32>().sqrt() / (b.len() as f32).sqrt();
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= 2e-5 * (1.0 + size) + 1e-4 * b.abs(), "{what}[{i}]: {a} and {b} (size {size})");
    }
}

type Run<'a> = dyn Fn(&dyn Ops, &[Tensor], bool) -> Result<Tensor> + 'a;

/// Runs a block both ways on the same weights and inputs, and compares outputs and every gradient.
fn compare(name: &str, inputs: &[Tensor], weights: &[&Weight], run: &Run<'_>, seed: u64) {
    let forward = |ops: &dyn Ops| {
        let inputs: Vec<Tensor> = inputs.iter().map(tracked).collect();
        let y = run(ops, &inputs, true).unwrap();
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let slopes: Vec<f32> = (0..y.elem_count()).map(|_| generator.random::<f32>() - 0.5).collect();
        let slopes = Tensor::from_vec(slopes, y.dims(), &Device::Cpu).unwrap();
        let store = (&y * slopes).unwrap().sum_all().unwrap().backward().unwrap();
        let of_inputs: Vec<Vec<f32>> = inputs.iter().map(|x| flat(store.get(x).unwrap())).collect();
        (flat(&y), of_inputs, store)
    };
    let (y, dx, _) = forward(&Fused::default());
    let (y_reference, dx_reference, store) = forward(&Composed::default());
    assert_close(&y, &y_reference, &format!("{name}: forward"));
    for (i, (dx, reference)) in dx.iter().zip(&dx_reference).enumerate() {
        assert_close(dx, reference, &format!("{name}: gradient of input {i}"));
    }
    for (i, weight) in weights.iter().enumerate() {
        let reference = flat(store.get(&weight.tensor).unwrap());
        let found = dense(weight);
        assert_close(&found, &reference, &format!("{name}: gradient of weight {i}"));
        weight.gradient.as_ref().unwrap().clear();
    }
    // Without recording, the values are the same and there is no graph.
    let plain = run(&Fused::default(), inputs, false).unwrap();
    assert!(!plain.track_op());
    assert_eq!(flat(&plain), y, "{name}: recording changes nothing");
}

/// A gradient as a whole matrix.
fn dense(weight: &Weight) -> Vec<f32> {
    let gradient = weight.gradient.as_ref().unwrap().lock();
    assert!(gradient.present, "no gradient arrived");
    let Some(rows) = &gradient.rows else { return gradient.values.clone() };
    let width = weight.tensor.dim(1).unwrap();
    let mut whole = vec![0.0; weight.tensor.elem_count()];
    for (row, values) in rows.iter().zip(gradient.values.chunks(width)) {
        whole[*row as usize * width..(*row as usize + 1) * width].copy_from_slice(values);
    }
    whole
}

#[test]
fn dense_matches_composed() {
    for mut case in cases() {
        let (tokens, width, inner) = (case.sequences.tokens(), case.width, case.inner);
        let weights = case.linear(inner, width);
        let x = (case.tensor(tokens, width) * 4.0).unwrap();
        for activation in [Activation::None, Activation::Gelu, Activation::GeluTanh, Activation::Relu, Activation::Tanh]
        {
            compare(
                &format!("dense {activation:?} {tokens}"),
                std::slice::from_ref(&x),
                &[&weights.weight, &weights.bias],
                &|ops, x, record| ops.dense(&x[0], &Dense { weights: weights.clone(), activation }, record),
                1,
            );
        }
    }
}

/// A value that is no number must reach the loss, where training sees it and stops.
#[test]
fn what_is_no_number_stays_none_through_every_activation() {
    let fixed =
        |value: &[f32], shape: &[usize]| Weight::frozen(Tensor::from_slice(value, shape, &Device::Cpu).unwrap());
    let weights = Linear { weight: fixed(&[1.0], &[1, 1]), bias: fixed(&[0.0], &[1]) };
    let x = Tensor::new(&[[f32::NAN], [-2.0], [0.0], [3.0]], &Device::Cpu).unwrap();
    for activation in [Activation::None, Activation::Gelu, Activation::GeluTanh, Activation::Relu, Activation::Tanh] {
        for (name, ops) in [("fused", &Fused::default() as &dyn Ops), ("composed", &Composed::default())] {
            let input = tracked(&x);
            let y = ops.dense(&input, &Dense { weights: weights.clone(), activation }, true).unwrap();
            let store = y.sum_all().unwrap().backward().unwrap();
            let (y, slope) = (flat(&y), flat(store.get(&input).unwrap()));
            assert!(y[0].is_nan() && y[1..].iter().all(|y| y.is_finite()), "{name} {activation:?}: {y:?}");
            assert!(slope[1..].iter().all(|g| g.is_finite()), "{name} {activation:?}: {slope:?}");
            if activation == Activation::Relu {
                assert_eq!((&y[1..], &slope[1..]), (&[0.0, 0.0, 3.0][..], &[0.0, 0.0, 1.0][..]), "{name}");
            }
        }
    }
}

#[test]
fn output_matches_composed() {
    for mut case in cases() {
        let (tokens, width, inner) = (case.sequences.tokens(), case.width, case.inner);
        let weights = OutputWeights { dense: case.linear(width, inner), norm: case.norm() };
        let all = [&weights.dense.weight, &weights.dense.bias, &weights.norm.weight, &weights.norm.bias];
        let residual = case.tensor(tokens, width);
        for firsts in [None, Some(case.sequences.clone())] {
            let rows = firsts.as_ref().map_or(tokens, |s| s.rows());
            let x = case.tensor(rows, inner);
            let block = Output { weights: weights.clone(), firsts, dropout: case.dropout };
            compare(
                &format!("output {tokens} {}", block.firsts.is_some()),
                &[x, residual.clone()],
                &all,
                &|ops, x, record| ops.output(&x[0], &x[1], &block, record),
                2,
            );
        }
    }
}

#[test]
fn attention_matches_composed() {
    for mut case in cases() {
        let (tokens, width) = (case.sequences.tokens(), case.width);
        let block = case.attention(Queries::All);
        let weights = &block.weights;
        let all = [&weights.query, &weights.key, &weights.value].map(|l| [&l.weight, &l.bias]).concat();
        let x = (case.tensor(tokens, width) * 3.0).unwrap();
        for queries in [Queries::All, Queries::First] {
            let block = Attention { queries, ..block.clone() };
            compare(
                &format!("attention {tokens} {queries:?}"),
                std::slice::from_ref(&x),
                &all,
                &|ops, x, record| ops.attention(&x[0], &block, record),
                3,
            );
        }
    }
}

#[test]
fn embed_matches_composed() {
    for mut case in cases() {
        let width = case.width;
        let ids: Vec<u32> =
            (0..case.sequences.tokens()).map(|_| case.generator.random_range(0..VOCABULARY as u32)).collect();
        // BERT, DistilBERT and RoBERTa have different embeddings.
        for (has_types, padding_id) in [(true, None), (false, None), (true, Some(1))] {
            let weights = EmbeddingWeights {
                words: case.weight(&[VOCABULARY, width]),
                positions: case.weight(&[POSITIONS + 2, width]),
                types: has_types.then(|| case.weight(&[2, width])),
                norm: case.norm(),
                padding_id,
            };
            let mut all = vec![&weights.words, &weights.positions, &weights.norm.weight, &weights.norm.bias];
            all.extend(&weights.types);
            let (sequences, dropout) = (case.sequences.clone(), case.dropout);
            let block = Embed { weights: weights.clone(), ids: ids.clone(), types: Vec::new(), sequences, dropout };
            // The second half of each text is as if it were another text.
            let halves = block.sequences.iter().flat_map(|(_, n)| (0..n).map(move |i| u32::from(2 * i >= n)));
            let typed = Embed { types: halves.collect(), ..block.clone() };
            for block in [block, typed] {
                let run = |ops: &dyn Ops, _: &[Tensor], record| ops.embed(&block, record);
                compare(&format!("embed {}", ids.len()), &[], &all, &run, 4);
            }
        }
    }
}

#[test]
fn attention_gradient_is_the_slope() {
    let mut case = cases().remove(5);
    let (tokens, width) = (case.sequences.tokens(), case.width);
    let block = case.attention(Queries::All);
    let x = case.tensor(tokens, width);
    let loss = |x: &Tensor, record: bool| {
        let y = Fused::default().attention(x, &block, record).unwrap();
        y.sqr().unwrap().sum_all().unwrap()
    };
    let input = tracked(&x);
    let gradient = flat(loss(&input, true).backward().unwrap().get(&input).unwrap());
    let values = flat(&x);
    let step = 1e-2f32;
    for i in (0..values.len()).step_by(37) {
        let at = |delta: f32| {
            let mut moved = values.clone();
            moved[i] += delta;
            let moved = Tensor::from_vec(moved, (tokens, width), &Device::Cpu).unwrap();
            f64::from(loss(&moved, false).to_scalar::<f32>().unwrap())
        };
        let slope = (at(step) - at(-step)) / (2.0 * f64::from(step));
        assert!((slope - f64::from(gradient[i])).abs() < 2e-3 + 2e-2 * slope.abs(), "{i}: {slope} and {}", gradient[i]);
    }
}

#[test]
fn a_frozen_weight_gets_no_gradient_and_a_frozen_prefix_no_graph() {
    let mut case = cases().remove(4);
    let width = case.width;
    let mut block = case.dense(width, Activation::Gelu);
    let frozen = |weight: &Weight| Weight::frozen(weight.tensor.detach());
    block.weights.weight = frozen(&block.weights.weight);
    let x = tracked(&case.tensor(case.sequences.tokens(), width));
    let store = Fused::default().dense(&x, &block, true).unwrap().sum_all().unwrap().backward().unwrap();
    assert!(store.get(&block.weights.weight.tensor).is_none());
    assert!(store.get(&x).is_some(), "backward goes on through a frozen weight");
    block.weights.bias = frozen(&block.weights.bias);
    let y = Fused::default().dense(&x.detach(), &block, true).unwrap();
    assert!(!y.track_op(), "nothing trains at or below this layer, so nothing is recorded");
}

#[test]
fn a_row_does_not_depend_on_its_neighbours() {
    let mut case = cases().remove(10);
    let width = case.width;
    let linear = case.dense(97, Activation::Gelu);
    let attention = Attention { dropout: None, ..case.attention(Queries::All) };
    let x = case.tensor(case.sequences.tokens(), width);
    let all = flat(&Fused::default().attention(&x, &attention, false).unwrap());
    let dense = flat(&Fused::default().dense(&x, &linear, false).unwrap());
    for (first, n) in case.sequences.iter() {
        let alone = x.narrow(0, first, n).unwrap();
        let one = Attention { sequences: Arc::new(Sequences { offsets: vec![0, n] }), ..attention.clone() };
        let y = flat(&Fused::default().attention(&alone, &one, false).unwrap());
        assert_eq!(y, all[first * width..(first + n) * width], "attention of the text at {first}");
        let y = flat(&Fused::default().dense(&alone, &linear, false).unwrap());
        assert_eq!(y, dense[first * 97..(first + n) * 97], "dense of the text at {first}");
    }
}

/// All of a step that threads share: embeddings and a layer, forward and backward.
#[test]
fn threads_change_no_bit_of_a_value_or_a_gradient() {
    // It is large enough that everything is divided among threads.
    let sequences = Arc::new(Sequences { offsets: vec![0, 120, 157, 221, 222] });
    let dropout = Some(Dropout { probability: 0.1, key: 9 });
    let mut case = Case { width: 192, inner: 385, heads: 4, sequences, dropout, ..cases().remove(10) };
    let (tokens, width, dropouts) = (case.sequences.tokens(), case.width, case.dropouts());
    let mut layer = case.layer();
    let embed = Embed {
        weights: EmbeddingWeights {
            words: case.weight(&[VOCABULARY, width]),
            positions: case.weight(&[POSITIONS, width]),
            types: Some(case.weight(&[2, width])),
            norm: case.norm(),
            padding_id: None,
        },
        ids: (0..tokens).map(|i| (i * i % VOCABULARY) as u32).collect(),
        types: (0..tokens).map(|i| (i % 3 % 2) as u32).collect(),
        sequences: case.sequences.clone(),
        dropout,
    };
    let block = layer.block(&case.sequences, Activation::Gelu, Queries::All, dropouts);
    let mut all: Vec<Weight> = layer::weights_of(&mut layer).into_iter().map(|w| w.clone()).collect();
    let tables = [&embed.weights.words, &embed.weights.positions, &embed.weights.norm.weight, &embed.weights.norm.bias];
    all.extend(tables.into_iter().chain(&embed.weights.types).cloned());
    let on = |threads| {
        let step = || {
            let ops = Fused::default();
            let y = ops.layer(&ops.embed(&embed, true).unwrap(), &block, true).unwrap();
            // Two parts of a batch add to the same gradients.
            for _ in 0..2 {
                let y = ops.layer(&ops.embed(&embed, true).unwrap(), &block, true).unwrap();
                y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            }
            let gradients: Vec<Vec<f32>> = all.iter().map(dense).collect();
            all.iter().for_each(|weight| weight.gradient.as_ref().unwrap().clear());
            (flat(&y), gradients)
        };
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(step)
    };
    let alone = on(1);
    for threads in [2, 3, 8] {
        let (y, gradients) = on(threads);
        assert!(y == alone.0, "the values on {threads} threads");
        for (i, (found, expected)) in gradients.iter().zip(&alone.1).enumerate() {
            assert!(found == expected, "the gradient of weight {i} on {threads} threads");
        }
    }
}
