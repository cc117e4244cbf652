//! The points that an instructor gives for answers in words.

use serde::{Deserialize, Serialize};

use super::Bundle;

/// The settings keep this many grades, enough for a class of thirty with ten essays in every week of a term.
const MOST: usize = 6_000;

/// Kept on the instructor's machine, because the files that students handed in stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grades(Vec<Grade>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Grade {
    lesson_hash: String,
    student: String,
    student_number: String,
    /// Counted from 0.
    step: usize,
    points: u32,
}

impl Grade {
    fn is_for(&self, bundle: &Bundle, step: usize) -> bool {
        (self.step, &self.lesson_hash, &self.student, &self.student_number)
            == (step, &bundle.lesson_hash, &bundle.student, &bundle.student_number)
    }
}

impl Grades {
    pub fn get(&self, bundle: &Bundle, step: usize) -> Option<u32> {
        self.0.iter().find(|grade| grade.is_for(bundle, step)).map(|grade| grade.points)
    }

    /// Gives points to a student's answer, or takes them back.
    pub fn set(&mut self, bundle: &Bundle, step: usize, points: Option<u32>) {
        self.0.retain(|grade| !grade.is_for(bundle, step));
        self.0.extend(points.map(|points| Grade {
            lesson_hash: bundle.lesson_hash.clone(),
            student: bundle.student.clone(),
            student_number: bundle.student_number.clone(),
            step,
            points,
        }));
        let surplus = self.0.len().saturating_sub(MOST);
        self.0.drain(..surplus);
    }
}
