//! The sampled drift and gradient norms of every parameter are those of the weights themselves, and sampling leaves no trace
//! in the training.

use super::*;
use crate::domain::layers::LayerStats;

/// Collects everything.
struct Listen(Mutex<Vec<RunEvent>>);

impl RunObserver for Listen {
    fn emit(&self, event: RunEvent) {
        self.0.lock().unwrap().push(event);
    }

    fn stop_requested(&self) -> bool {
        false
    }
}

struct Report {
    before: Classifier,
    after: Classifier,
    steps: Vec<Step>,
    samples: Vec<LayerStats>,
}

fn trained(bed: &Bed, config: &RunConfig, no_samples: bool) -> Report {
    let (before, mut after) = (bed.classifier(config), bed.classifier(config));
    let listen = Listen(Mutex::default());
    bed.train(&mut after, config, &listen, With { no_samples, ..With::default() });
    let (mut steps, mut samples) = (Vec::new(), Vec::new());
    for event in listen.0.into_inner().unwrap() {
        match event {
            RunEvent::Step(step) => steps.push(Step { elapsed_secs: 0.0, shared_secs: 0.0, ..step }),
            RunEvent::LayerStats(sample) => samples.push(sample),
            _ => {}
        }
    }
    Report { before, after, steps, samples }
}

fn config(freeze: Freeze, epochs: usize, batch_size: usize) -> RunConfig {
    let training =
        TrainingConfig { epochs, batch_size, keep: FinalWeights::Last, patience: None, ..TrainingConfig::default() };
    RunConfig { freeze, training, ..RunConfig::default() }
}

#[test]
fn samples_tell_of_the_weights_and_leave_no_trace() {
    // The matrices of the bundled model are summed in many chunks, and the tiny model's table owes decay.
    let (bundled, tiny) = (Bed::new(20), Bed::tiny());
    for (bed, freeze) in [(&bundled, Freeze::Preset3), (&tiny, Freeze::Preset3), (&tiny, Freeze::Full)] {
        let config = config(freeze.clone(), 2, 4);
        let (sampled, without) = (trained(bed, &config, false), trained(bed, &config, true));
        assert!(without.samples.is_empty());
        assert_eq!(sampled.steps, without.steps, "losses and norms to the bit");
        let all = vec![true; sampled.after.weights().len()];
        let values = |classifier: &Classifier| classifier.snapshot(&all).unwrap();
        let after = values(&sampled.after);
        assert_eq!(after, values(&without.after), "weights to the bit");

        let (first, last) = (&sampled.samples[0], sampled.samples.last().unwrap());
        assert_eq!((first.step, last.step), (1, sampled.steps.len()));
        let per_epoch = sampled.steps.len() / 2;
        assert!(sampled.samples.iter().any(|s| s.step == per_epoch), "the first epoch's end");
        let trainable = sampled.after.trainable();
        for sample in &sampled.samples {
            for (i, on) in trainable.iter().enumerate() {
                assert_eq!(sample.grad_norm[i].is_some(), *on);
                assert!(*on || sample.drift[i].to_bits() == 0, "exactly 0");
            }
            let squares = sample.grad_norm.iter().flatten().map(|norm| f64::from(*norm).powi(2));
            let (norm, global) = (squares.sum::<f64>().sqrt(), sampled.steps[sample.step - 1].grad_norm);
            assert!((norm / global - 1.0).abs() < 1e-5, "step {}: {norm} {global}", sample.step);
        }
        // The last sample's drift is that of the weights as they came out.
        for (((i, now), (_, then)), drift) in after.iter().zip(values(&sampled.before)).zip(&last.drift) {
            let distance =
                now.iter().zip(&then).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum::<f64>().sqrt();
            let norm = then.iter().map(|b| f64::from(*b).powi(2)).sum::<f64>().sqrt();
            let expected = if norm == 0.0 { distance } else { distance / norm };
            let name = &sampled.after.tree().parameters[*i].name;
            assert!((f64::from(*drift) - expected).abs() <= 1e-4 * expected, "{name}: {drift} {expected}");
        }
        let words = sampled.after.tree().parameters.iter().position(|p| p.name.ends_with("word_embeddings.weight"));
        assert_eq!(last.drift[words.unwrap()] > 0.0, freeze == Freeze::Full);
    }
}
