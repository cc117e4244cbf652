//! The learning-rate finder as the window has it.

use thaw::domain::message::SweepEvent;
use thaw::domain::rate_sweep::{LearningRateSwept, RatePoint};

use super::*;

impl Desk {
    /// What a sweep tells until its end, doing `at_point` at each point.
    fn sweep(&self, mut at_point: impl FnMut(usize)) -> (Vec<RatePoint>, LearningRateSwept) {
        let mut points = Vec::new();
        let swept = self.wait(|event| match event {
            Event::Sweep(_, SweepEvent::RatePoint(point)) => {
                points.push(point);
                at_point(points.len());
                None
            }
            Event::Sweep(_, SweepEvent::LearningRateSwept(swept)) => Some(swept),
            _ => None,
        });
        (points, LearningRateSwept::clone(&swept))
    }

    fn losses_of_a_run(&self, id: u64) -> Vec<u64> {
        let out = Some(self.place.path().join(id.to_string()));
        let mut config = RunConfig { out, ..*self.config(Freeze::Preset3, 1) };
        config.training.threads = Some(1);
        self.run(RunCommand::Start(RunId(id), Box::new(config)));
        let mut losses = Vec::new();
        self.wait(|event| match of_run(event)?.1 {
            RunEvent::Step(step) => {
                losses.push(step.loss.to_bits());
                None
            }
            RunEvent::RunEnded(ended) => {
                assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
                Some(())
            }
            _ => None,
        });
        losses
    }

    fn probabilities(&self) -> Vec<(String, f64)> {
        let question = Question::Predictions { texts: vec!["a fine film".into()], model: None };
        let Ok(Answer::Predictions(mut predictions)) = self.ask(question) else { panic!() };
        predictions.remove(0).probabilities
    }
}

#[test]
fn a_sweep_leaves_no_trace_in_models_and_runs() {
    let desk = Desk::new();
    let losses = desk.losses_of_a_run(1);
    let probabilities = desk.probabilities();

    let mut config = desk.config(Freeze::Full, 1);
    config.training.batch_size = 2;
    desk.run(RunCommand::FindRate(RunId(9), config));
    let (points, swept) = desk.sweep(|_| {});
    assert_eq!((swept.outcome, &swept.error, swept.usual), (RunOutcome::Completed, &None, 5e-5));
    assert!(points.len() > 20 && points == swept.points, "{}", points.len());

    assert_eq!(desk.probabilities(), probabilities, "the trained model is as it was");
    assert_eq!(desk.losses_of_a_run(2), losses, "so is what runs begin with");
    assert!(!desk.out().exists(), "no folder came of it");
}

#[test]
fn a_sweep_stops_and_is_alone() {
    let desk = Desk::new();
    desk.run(RunCommand::FindRate(RunId(9), desk.config(Freeze::Full, 1)));
    let (points, swept) = desk.sweep(|n| {
        if n == 2 {
            desk.run(RunCommand::Stop);
        }
    });
    assert_eq!((swept.outcome, swept.error, swept.suggestion), (RunOutcome::Stopped, None, None));
    assert!(points.len() < 20 && swept.points.is_empty(), "{}", points.len());

    desk.run(RunCommand::Start(RunId(1), desk.config(Freeze::Full, 500)));
    desk.wait_for_step();
    desk.run(RunCommand::FindRate(RunId(9), desk.config(Freeze::Full, 1)));
    let (_, swept) = desk.sweep(|_| {});
    assert_eq!((swept.outcome, swept.error.unwrap().id.as_ref()), (RunOutcome::Failed, "run-under-way"));
    desk.run(RunCommand::Stop);
    assert_eq!(desk.wait_for_end().1.outcome, RunOutcome::Stopped);

    let mut config = desk.config(Freeze::Full, 1);
    config.data.source = DataSource::File(desk.place.path().join("gone.csv"));
    desk.run(RunCommand::FindRate(RunId(9), config));
    let (_, swept) = desk.sweep(|_| {});
    assert_eq!((swept.outcome, swept.error.unwrap().id.as_ref()), (RunOutcome::Failed, "file-error"));
}
