//! A pretrained model with a classification head, some of whose weights train.

mod assemble;
mod inputs;
mod states;
mod values;

use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::data::batch::Batch;
use crate::domain::freeze::{embeddings_train, held_compact, lowest_trainable_layer};
use crate::domain::interrupt::Interrupt;
use crate::domain::params::{ParamTree, Parameter, Part};
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::problem::{Outcome, Problem};

use self::assemble::assemble;
use super::config::EncoderConfig;
use super::device::Engine;
use super::encoder::{DropoutConfig, Network, Pass, Reads};
use super::hashes::checksum;
use super::host;
use super::ops::compact::Use;
use super::ops::kernels::add_to;
use super::ops::{Compact, Sequences, Weight};
use super::pretrained::PretrainedModel;
use super::weights::RawTensor;

/// A network that classifies texts into named labels.
#[derive(Clone)]
pub struct Classifier {
    tree: ParamTree,
    label_names: Vec<String>,
    trainable: Vec<bool>,
    /// The parameters' values, parallel to `tree.parameters`.
    weights: Vec<Weight>,
    network: Network,
    config: EncoderConfig,
    /// The lowest encoder layer that needs gradients; everything below is the frozen prefix.
    boundary: usize,
    temperature: f64,
}

/// An error of candle's means a mistake in this program, never in what the user gave, so that it is an `internal-error`.
impl From<candle_core::Error> for Problem {
    fn from(error: candle_core::Error) -> Self {
        Self::internal(error)
    }
}

impl Classifier {
    /// Puts the pretrained weights together with a head for `label_names`, on the CPU. The head is the model's own where
    /// it has one for the same labels. Otherwise it is a new one: weights drawn with `seed` from
    /// N(0, `initializer_range`²) and biases of 0, as in Hugging Face's `_init_weights`. `trainable` is parallel to the
    /// tree of [`PretrainedModel::tree`].
    ///
    /// # Errors
    /// `internal-error` when `trainable` was made for another model; `file-error` when the weights can no longer be read.
    pub fn new(
        pretrained: &PretrainedModel,
        label_names: &[String],
        trainable: &[bool],
        dropout: DropoutConfig,
        seed: u64,
    ) -> Outcome<Self> {
        Self::on(&Engine::cpu(Precision::F32), pretrained, label_names, trainable, dropout, seed, &|_| ())
    }

    /// The same as [`Classifier::new`] with a choice of device, operations and the precision of frozen layers. It tells the
    /// share of the weights that is there.
    ///
    /// # Errors
    /// Those of [`Classifier::new`]; `internal-error` also when the device has no room.
    pub fn on(
        engine: &Engine,
        pretrained: &PretrainedModel,
        label_names: &[String],
        trainable: &[bool],
        dropout: DropoutConfig,
        seed: u64,
        progress: &dyn Fn(f64),
    ) -> Outcome<Self> {
        let tree = pretrained.tree(label_names);
        if tree.parameters.len() != trainable.len() {
            return Err(Problem::internal("the freezing was made for another model"));
        }
        let Engine { device, ops, frozen_precision } = engine;
        let held_compact = held_compact(&tree, trainable, *frozen_precision);
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let own_head = pretrained.head_for(label_names)?;
        let mut weights: Vec<Option<Weight>> = vec![None; trainable.len()];
        // The head is drawn first, so that its values depend only on the seed and on its shape.
        let mut order: Vec<usize> = (0..trainable.len()).collect();
        order.sort_by_key(|i| tree.parameters[*i].part != Part::Classifier);
        let all: usize = tree.parameters.iter().map(Parameter::count).sum();
        let mut done = 0;
        for i in order {
            let parameter = &tree.parameters[i];
            progress(done as f64 / all.max(1) as f64);
            done += parameter.count();
            let head = own_head.as_ref().and_then(|head| head.get(&parameter.name));
            let values = match (head, pretrained.weights.get(&parameter.name)) {
                (Some(values), _) => values.clone(),
                (None, Some(raw)) if parameter.part != Part::Classifier => raw.to_f32()?,
                _ if parameter.is_bias() => vec![0.0; parameter.count()],
                _ => normal(&mut generator, pretrained.config.initializer_range, parameter.count()),
            };
            let original = pretrained.weights.get(&parameter.name).filter(|_| held_compact[i]);
            let compact = original.and_then(|original| compact(*frozen_precision, parameter, &values, original));
            weights[i] = Some(match compact {
                Some(compact) => Weight::compact(compact)?,
                None => weight(values, &parameter.shape, trainable[i], device)?,
            });
        }
        let weights: Vec<Weight> = weights.into_iter().flatten().collect();
        let config = pretrained.config.clone();
        let network = assemble(&config, &tree, &weights, dropout, Arc::clone(ops))?;
        let boundary = lowest_trainable_layer(&tree, trainable);
        let (label_names, trainable) = (label_names.to_vec(), trainable.to_vec());
        Ok(Self { tree, label_names, trainable, weights, network, config, boundary, temperature: 1.0 })
    }

    /// Lets these parameters (parallel to the tree's) train from now on, and no others. All values keep their bits. A
    /// parameter that no longer trains loses its gradient.
    ///
    /// # Errors
    /// `internal-error` when `trainable` was made for another model or the device has no room.
    pub fn set_trainable(&mut self, trainable: &[bool]) -> Outcome<()> {
        if self.trainable.len() != trainable.len() {
            return Err(Problem::internal("the freezing was made for another model"));
        }
        for (weight, on) in self.weights.iter_mut().zip(trainable) {
            if *on && !weight.trains() {
                let tensor = match &weight.compact {
                    Some(compact) => Var::from_vec(compact.values()?, weight.tensor.dims(), &Device::Cpu)?,
                    None => Var::from_tensor(&weight.tensor)?,
                };
                let tensor = tensor.as_tensor().clone();
                *weight = Weight::trained(tensor);
            } else if !on && weight.trains() {
                *weight = Weight::frozen(weight.tensor.detach());
            }
        }
        let (dropout, ops) = (self.network.dropout, Arc::clone(&self.network.ops));
        let interrupt = self.network.interrupt.clone();
        let network = assemble(&self.config, &self.tree, &self.weights, dropout, ops)?;
        self.network = Network { interrupt, ..network };
        self.boundary = lowest_trainable_layer(&self.tree, trainable);
        self.trainable = trainable.to_vec();
        Ok(())
    }

    /// The same classifier with the original values of all frozen weights that are held in fewer bits. They are not held
    /// in memory, but read from the model's file for each batch.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn with_original_weights(&self) -> Outcome<Self> {
        let original = |weight: &Weight| match &weight.compact {
            Some(compact) => Weight::compact(compact.original()),
            None => Ok(weight.clone()),
        };
        let weights = self.weights.iter().map(original).collect::<candle_core::Result<Vec<_>>>()?;
        let (dropout, ops) = (self.network.dropout, Arc::clone(&self.network.ops));
        let assembled = assemble(&self.config, &self.tree, &weights, dropout, ops)?;
        let network = Network { interrupt: self.network.interrupt.clone(), ..assembled };
        Ok(Self { weights, network, ..self.clone() })
    }

    /// Whether some frozen weights are held in fewer bits than they have.
    pub fn is_compact(&self) -> bool {
        self.weights.iter().any(|weight| weight.compact.is_some())
    }

    /// What the operands of products are rounded to.
    pub fn precision(&self) -> Precision {
        self.network.ops.precision()
    }

    /// How the weights of the frozen prefix are held; f32 also where nothing is below the lowest trainable layer.
    pub fn frozen_precision(&self) -> FrozenPrecision {
        let mut held = self.weights.iter().filter_map(|weight| Some(weight.compact.as_ref()?.precision()));
        held.find(|precision| !precision.is_default()).unwrap_or_default()
    }

    /// The memory that the weights take.
    pub fn weights_bytes(&self) -> usize {
        let of_weight = |weight: &Weight| match &weight.compact {
            Some(compact) => compact.bytes(),
            None => weight.tensor.elem_count() * size_of::<f32>(),
        };
        self.weights.iter().map(of_weight).sum()
    }

    /// The model's facts and all its parameters, the head's included.
    pub fn tree(&self) -> &ParamTree {
        &self.tree
    }

    /// Returns what the logits are divided by before the softmax where probabilities are wanted; 1 unless one was
    /// fitted. The logits themselves, and with them training, know nothing of it.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The same classifier, with the same weights, at another temperature.
    #[must_use]
    pub fn at_temperature(&self, temperature: f64) -> Self {
        Self { temperature, ..self.clone() }
    }

    /// The labels in the order of the logits.
    pub fn label_names(&self) -> &[String] {
        &self.label_names
    }

    /// Which parameters train, parallel to the tree's.
    pub fn trainable(&self) -> &[bool] {
        &self.trainable
    }

    /// Lets what the classifier computes from now on be ended between two layers.
    pub fn set_interrupt(&mut self, interrupt: Interrupt) {
        self.network.interrupt = interrupt;
    }

    /// The same classifier, with the same weights, whose work may be ended between two layers.
    #[must_use]
    pub fn interruptible(&self, interrupt: Interrupt) -> Self {
        let mut same = self.clone();
        same.set_interrupt(interrupt);
        same
    }

    /// The classifier's work may be ended by this.
    pub fn interrupt(&self) -> &Interrupt {
        &self.network.interrupt
    }

    /// The parameters' values and gradients, parallel to the tree's parameters.
    pub fn weights(&self) -> &[Weight] {
        &self.weights
    }

    /// The device that holds the tensors.
    pub fn device(&self) -> &Device {
        self.network.embeddings.words.tensor.device()
    }

    /// The network that the weights make.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The first encoder layer above the frozen prefix; the number of layers when the whole encoder is frozen.
    pub fn boundary(&self) -> usize {
        self.boundary
    }

    /// Whether a parameter trains; `None` when there is no such parameter.
    pub fn trains(&self, name: &str) -> Option<bool> {
        let i = self.tree.parameters.iter().position(|p| p.name == name)?;
        self.trainable().get(i).copied()
    }

    /// The name of a parameter in the files of models of this family.
    pub fn stored_name(&self, name: &str) -> String {
        self.config.family.stored_name(name)
    }

    /// Computes the frozen prefix: the states that enter layer `boundary`, `[tokens, hidden]`. When the whole encoder is
    /// frozen, these are only the last layer's first tokens, `[rows, hidden]`. Dropout acts here only when
    /// [`DropoutConfig::in_frozen_prefix`] says so or nothing is frozen.
    ///
    /// # Errors
    /// `internal-error` for token ids outside the vocabulary and for texts longer than the model's positions.
    pub fn prefix(&self, batch: &Batch, pass: Pass) -> Outcome<Tensor> {
        let key = pass.dropout_key.filter(|_| self.network.dropout.in_frozen_prefix || !self.has_frozen_prefix());
        // Where the embeddings train, the boundary is layer 0, and backward has to reach below it.
        let pass = Pass { record: pass.record && !self.has_frozen_prefix(), dropout_key: key };
        let sequences = sequences(batch);
        Ok(self.network.below(batch, &sequences, self.boundary, Reads::FirstToken, pass)?)
    }

    /// The same as [`Classifier::prefix`] without dropout, but starts from the `states` `[tokens, hidden]` that enter
    /// layer `from`.
    ///
    /// # Errors
    /// `internal-error` when the shapes do not fit.
    pub fn prefix_from(&self, states: Tensor, from: usize, batch: &Batch) -> Outcome<Tensor> {
        let layers = from..self.boundary;
        Ok(self.network.through(states, &sequences(batch), layers, Reads::FirstToken, Pass::EVALUATE)?)
    }

    /// Whether something below the lowest trainable parameter is frozen, so that its output never changes.
    pub fn has_frozen_prefix(&self) -> bool {
        !embeddings_train(&self.tree, &self.trainable)
    }

    /// Computes the logits `[rows, classes]` from what [`Classifier::prefix`] gave.
    ///
    /// # Errors
    /// `internal-error` when the shapes do not fit.
    pub fn from_prefix(&self, states: Tensor, batch: &Batch, pass: Pass) -> Outcome<Tensor> {
        let layers = self.boundary..self.network.layers.len();
        let sequences = sequences(batch);
        let firsts = self.network.through(states, &sequences, layers, Reads::FirstToken, pass)?;
        Ok(self.network.head(&firsts, pass)?)
    }

    /// Computes the logits `[rows, classes]` of a batch: the whole forward pass.
    ///
    /// # Errors
    /// Those of [`Classifier::prefix`].
    pub fn logits(&self, batch: &Batch, pass: Pass) -> Outcome<Tensor> {
        self.from_prefix(self.prefix(batch, pass)?, batch, pass)
    }

    /// Runs backward from a scalar loss and adds to the [`Gradient`](super::ops::Gradient) of every trainable weight.
    ///
    /// # Errors
    /// `internal-error` when backward already ran over this forward pass.
    pub fn backward(&self, loss: &Tensor) -> Outcome<()> {
        let store = loss.backward()?;
        // The fused operations have added to the gradients already; the composed ones leave them in candle's store.
        for weight in &self.weights {
            if let (Some(gradient), Some(found)) = (&weight.gradient, store.get(&weight.tensor)) {
                if found.device().is_cpu() {
                    host::with_values(found, |found| gradient.add_sums(found.len(), |sums| add_to(sums, found)))?;
                } else {
                    gradient.add_on_device(found)?;
                }
            }
        }
        Ok(())
    }

    /// Forgets all gradients that backward has found since the last update.
    pub fn clear_gradients(&self) {
        self.weights.iter().filter_map(|weight| weight.gradient.as_ref()).for_each(|gradient| gradient.clear());
    }
}

/// A matrix in fewer bits.
fn compact(frozen: FrozenPrecision, parameter: &Parameter, values: &[f32], original: &RawTensor) -> Option<Compact> {
    let &[rows, columns] = parameter.shape.as_slice() else { return None };
    let weight_use = if parameter.is_word_table() { Use::Table } else { Use::Linear };
    Compact::new(frozen, weight_use, values, [rows, columns], original.clone(), checksum(values))
}

/// Where the texts of a batch begin, as the network's operations take it.
pub(crate) fn sequences(batch: &Batch) -> Arc<Sequences> {
    Arc::new(Sequences { offsets: batch.offsets.clone() })
}

fn weight(values: Vec<f32>, shape: &[usize], trains: bool, device: &Device) -> Outcome<Weight> {
    if !trains {
        return Ok(Weight::frozen(Tensor::from_vec(values, shape, device)?));
    }
    let tensor = Var::from_vec(values, shape, device)?.as_tensor().clone();
    Ok(Weight::trained(tensor))
}

/// Draws `n` initial values of a weight that the pretrained model does not have from N(0, std²) by the method of Box and
/// Muller (1958), which turns two uniform numbers into two normal ones.
fn normal(generator: &mut ChaCha8Rng, std: f64, n: usize) -> Vec<f32> {
    let mut draw = || {
        let (u, v): (f64, f64) = (generator.random(), generator.random());
        let radius = (-2.0 * (1.0 - u).ln()).sqrt() * std;
        let (sin, cos) = (std::f64::consts::TAU * v).sin_cos();
        [(radius * cos) as f32, (radius * sin) as f32]
    };
    (0..n.div_ceil(2)).flat_map(|_| draw()).take(n).collect()
}
