//! What a frame of Explore draws with very many rows.
//!
//! `cargo test --test window frames -- --nocapture` prints how long frames take: laying one out and turning its shapes into
//! triangles, on one core. What a graphics card does with them is not in it.

use std::collections::BTreeMap;

use eframe::egui::{MouseWheelSource, MouseWheelUnit, TouchPhase, pos2};
use thaw::app::explore::ExploreAction;
use thaw::app::state::View;
use thaw::domain::health::PartName;
use thaw::domain::message::{Answer, Command, Event as WorkerEvent, Question};
use thaw::domain::predictions::{ExploredRows, PredictedRow, RunAnswers};
use thaw::domain::tags::{Tag, Tags};

use super::script::{self, between};
use super::*;

/// Frames that are measured for each kind of use.
const FRAMES: usize = 120;

/// Reviews as long as people write them, of which one in four is misread.
fn explored(dirs: &[PathBuf], rows: u32) -> ExploredRows {
    let answer = |i: u32| {
        let sure = 0.5 + 0.499 * f64::from(i % 997) / 997.0;
        let said = if i.is_multiple_of(4) { 1 - i / 2 % 2 } else { i / 2 % 2 };
        let probabilities = if said == 1 { vec![1.0 - sure, sure] } else { vec![sure, 1.0 - sure] };
        PredictedRow { row: i + 2, split: PartName::Test, label: i / 2 % 2, probabilities }
    };
    let tags = |i: u32| {
        Tag::ALL
            .into_iter()
            .enumerate()
            .fold(Tags::default(), |tags, (place, tag)| tags.with(tag, i.is_multiple_of(2 + place as u32)))
    };
    let text =
        |i: u32| format!("Review {i}: {}", "a warm and funny film about nothing at all; ".repeat(1 + i as usize % 30));
    let answers: Arc<Vec<PredictedRow>> = Arc::new((0..rows).map(answer).collect());
    ExploredRows {
        labels: vec!["negative".into(), "positive".into()],
        runs: dirs.iter().map(|dir| RunAnswers { dir: dir.clone(), rows: Arc::clone(&answers) }).collect(),
        texts: (0..rows).map(|i| text(i).into()).collect(),
        lengths: (0..rows).map(|i| 8 + i % 500).collect(),
        tags: (0..rows).map(tags).collect(),
    }
}

/// Explore with so many rows.
fn open(rows: u32) -> Studio {
    let answer = move |command: &Command| match command {
        Command::Ask(id, Question::Rows { dirs, .. }) => {
            Some(vec![WorkerEvent::Answer(*id, Ok(Answer::Rows(Arc::new(explored(dirs, rows)))))])
        }
        _ => script::answer(command),
    };
    let builder = Harness::builder().with_size(SIZE);
    let mut studio = Studio::open_with(few_rows(), builder, |worker, waker| between(worker, waker, answer));
    studio.wait_until_ready();
    studio.show_recorded_run();
    studio.act(Action::ShowView(View::Explore));
    studio.wait("the rows", |s| s.state().explore.selected.ready().is_some_and(|found| !found.places.is_empty()));
    studio
}

impl Studio {
    /// Draws a frame and returns how long this took by the clock, in seconds, and how many shapes it has.
    fn frame(&mut self) -> (f64, usize) {
        let before = Instant::now();
        self.harness.step();
        let (ctx, shapes) = (self.harness.ctx.clone(), self.harness.output().shapes.clone());
        let count = shapes.len();
        std::hint::black_box(ctx.tessellate(shapes, 1.0));
        (before.elapsed().as_secs_f64(), count)
    }

    /// Draws frames in each of which something happens.
    fn frames(&mut self, mut happens: impl FnMut(&mut Self, usize)) -> Frames {
        let drawn = (0..FRAMES).map(|i| {
            happens(self, i);
            self.frame()
        });
        let (mut secs, shapes): (Vec<f64>, Vec<usize>) = drawn.unzip();
        secs.sort_by(f64::total_cmp);
        Frames { secs, most_shapes: shapes.into_iter().max().unwrap_or(0) }
    }
}

/// Some frames that were drawn.
struct Frames {
    /// Each took so long by the clock; the shortest comes first.
    secs: Vec<f64>,
    most_shapes: usize,
}

impl Frames {
    /// The time that this share of the frames stayed below, in milliseconds.
    fn percentile(&self, share: f64) -> f64 {
        let place = (self.secs.len() as f64 * share).ceil() as usize;
        1e3 * self.secs[place.clamp(1, self.secs.len()) - 1]
    }
}

/// Does what people do with the rows, and returns the frames of each.
fn used(rows: u32) -> BTreeMap<&'static str, Frames> {
    let mut studio = open(rows);
    let over_table = pos2(700.0, 400.0);
    studio.harness.event(Event::PointerMoved(over_table));
    studio.harness.run_ok();
    let scrolled = |studio: &mut Studio, by: f32| {
        let (unit, phase, source) = (MouseWheelUnit::Point, TouchPhase::Move, MouseWheelSource::Trackpad);
        let (delta, modifiers) = (vec2(0.0, by), Modifiers::NONE);
        studio.harness.event(Event::MouseWheel { unit, delta, phase, source, modifiers });
    };
    let scroll = studio.frames(|studio, i| scrolled(studio, if i % 40 < 30 { -331.0 } else { 97.0 }));
    let mark = studio.frames(|studio, _| {
        let ctx = studio.harness.ctx.clone();
        studio.harness.state_mut().act(&ctx, ExploreAction::MoveMark(61).into());
    });
    let point = studio.frames(|studio, i| {
        studio.harness.event(Event::PointerMoved(pos2(500.0 + 7.0 * (i % 90) as f32, 200.0 + 5.0 * (i % 80) as f32)));
    });
    BTreeMap::from([("scroll", scroll), ("mark", mark), ("point", point)])
}

#[test]
fn of_many_rows_no_more_is_drawn_than_of_few() {
    let (few, many) = (used(200), used(50_000));
    for (what, many) in many {
        let few = &few[what];
        let [half, most] = [0.5, 0.99].map(|part| many.percentile(part));
        println!("{what}: {half:.2} ms, 99 % {most:.2} ms; of few rows {:.2} ms", few.percentile(0.5));
        let (few, many) = (few.most_shapes, many.most_shapes);
        assert!(few > 100 && many < few + few / 4, "{what}: {many} shapes with many rows, {few} with few");
    }
}
