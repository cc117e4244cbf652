//! This finds where a function of many weights is least, as scikit-learn's solver `lbfgs` does. Both logistic regressions are
//! fitted with it: that of words and that of dense features.

use std::cell::RefCell;

use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

use crate::domain::problem::{Outcome, Problem};

/// Says when a search ends, and how much L-BFGS remembers meanwhile.
pub struct Search {
    /// L-BFGS remembers the curvature by so many pairs of vectors.
    pub remembered: usize,
    pub most_iterations: u64,
    /// The search ends where the norm of the gradient is below this.
    pub gradient: f64,
    /// The search ends where a step changes the cost by less than this.
    pub cost: f64,
}

impl Search {
    /// The weights at which `function` is least. It gives its cost and its gradient at some weights, or `None` where it was
    /// cancelled. The search begins `from` some weights; the result is `None` once `is_cancelled` is true.
    ///
    /// # Errors
    /// `internal-error` when the optimiser does not take a single step.
    pub fn least(
        &self,
        from: &[f64],
        is_cancelled: &dyn Fn() -> bool,
        function: impl Fn(&[f64]) -> Option<(f64, Vec<f64>)>,
    ) -> Outcome<Option<Vec<f64>>> {
        let objective = Objective::new(function);
        let search = LBFGS::new(MoreThuenteLineSearch::new(), self.remembered).with_tolerance_grad(self.gradient);
        let search = search.and_then(|search| search.with_tolerance_cost(self.cost)).map_err(Problem::internal)?;
        let run = Executor::new(&objective, search)
            .configure(|state| state.param(from.to_vec()).max_iters(self.most_iterations))
            .timer(false)
            .run();
        if is_cancelled() {
            return Ok(None);
        }
        // A search that finds no better point any more ends with an error, but its best point is good enough.
        match (run.err(), objective.best.take()) {
            (_, Some((_, weights))) => Ok(Some(weights)),
            (Some(error), None) => Err(Problem::internal(error)),
            (None, None) => Err(Problem::internal("the loss is no number")),
        }
    }
}

/// A point with its cost and gradient.
type Known = (Vec<f64>, f64, Vec<f64>);

/// The function, with what is known of it.
struct Objective<F> {
    function: F,
    /// The last point that was asked for. Its cost and gradient are computed together.
    known: RefCell<Option<Known>>,
    /// The least cost so far, and its point.
    best: RefCell<Option<(f64, Vec<f64>)>>,
}

impl<F: Fn(&[f64]) -> Option<(f64, Vec<f64>)>> Objective<F> {
    fn new(function: F) -> Self {
        Self { function, known: RefCell::default(), best: RefCell::default() }
    }

    fn compute(&self, weights: &[f64]) -> Result<(), Error> {
        if self.known.borrow().as_ref().is_some_and(|(at, ..)| at == weights) {
            return Ok(());
        }
        let (cost, gradient) = (self.function)(weights).ok_or_else(|| Error::msg("cancelled"))?;
        let mut best = self.best.borrow_mut();
        if cost.is_finite() && best.as_ref().is_none_or(|(least, _)| cost < *least) {
            *best = Some((cost, weights.to_vec()));
        }
        *self.known.borrow_mut() = Some((weights.to_vec(), cost, gradient));
        Ok(())
    }
}

impl<F: Fn(&[f64]) -> Option<(f64, Vec<f64>)>> CostFunction for &Objective<F> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, weights: &Self::Param) -> Result<f64, Error> {
        self.compute(weights)?;
        Ok(self.known.borrow().as_ref().map_or(f64::NAN, |(_, cost, _)| *cost))
    }
}

impl<F: Fn(&[f64]) -> Option<(f64, Vec<f64>)>> Gradient for &Objective<F> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, weights: &Self::Param) -> Result<Vec<f64>, Error> {
        self.compute(weights)?;
        Ok(self.known.borrow().as_ref().map(|(.., gradient)| gradient.clone()).unwrap_or_default())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Asserts that the gradient of `function` is the slope of its cost by each of so many weights. `told` names the function
    /// where it is not.
    pub fn assert_gradient_is_the_costs(
        weights: usize,
        function: impl Fn(&[f64]) -> Option<(f64, Vec<f64>)>,
        told: &str,
    ) {
        let weights: Vec<f64> = (0..weights).map(|i| (i as f64 * 0.7).sin()).collect();
        let objective = Objective::new(function);
        let gradient = (&objective).gradient(&weights).unwrap();
        for i in 0..weights.len() {
            let at = |step: f64| {
                let mut moved = weights.clone();
                moved[i] += step;
                (&objective).cost(&moved).unwrap()
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((slope - gradient[i]).abs() < 1e-8, "{told}, weight {i}: {slope} {}", gradient[i]);
        }
    }
}
