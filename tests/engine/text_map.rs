//! The map of texts against scikit-learn's numbers.

use serde_json::Value;
use thaw::explain::text_map::pca::Axes;
use thaw::explain::text_map::probe::probe;
use thaw::train::probe::Features;

use super::json;

fn rows(value: &Value) -> Vec<Vec<f64>> {
    let number = |x: &Value| x.as_f64().unwrap();
    value.as_array().unwrap().iter().map(|row| row.as_array().unwrap().iter().map(number).collect()).collect()
}

fn features(rows: &[Vec<f64>]) -> Features {
    Features::new(rows[0].len(), rows.iter().flatten().map(|x| *x as f32).collect())
}

#[test]
fn the_axes_are_those_of_scikit_learn() {
    let wanted = json("map.json");
    let (before, after) = (features(&rows(&wanted["before"])), features(&rows(&wanted["after"])));
    let axes = Axes::of(&[&before, &after]).unwrap();
    for (own, theirs) in axes.shares.iter().zip(wanted["shares"].as_array().unwrap()) {
        assert!((own - theirs.as_f64().unwrap()).abs() < 1e-6, "{own} {theirs}");
    }
    for (side, name) in [(&before, "points_before"), (&after, "points_after")] {
        let points = axes.points(side);
        for (own, theirs) in points.iter().flatten().zip(rows(&wanted[name]).into_iter().flatten()) {
            assert!((f64::from(*own) - theirs).abs() < 1e-4, "{name}: {own} {theirs}");
        }
    }
}

#[test]
fn the_probes_read_what_those_of_scikit_learn_read() {
    let wanted = json("map.json");
    let labels: Vec<u32> = wanted["labels"].as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as u32).collect();
    let (fitted, classes) = (wanted["fitted"].as_u64().unwrap() as usize, wanted["classes"].as_u64().unwrap() as usize);
    for (side, right) in ["before", "after"].into_iter().zip(wanted["probes"].as_array().unwrap()) {
        let all = rows(&wanted[side]);
        let (fit, test) = (features(&all[..fitted]), features(&all[fitted..]));
        let found = probe((&fit, &labels[..fitted]), (&test, &labels[fitted..]), classes, &|| false).unwrap().unwrap();
        assert_eq!((found.right, found.rows), (right.as_u64().unwrap(), 30), "{side}");
    }
}
