//! What levels and risks ask of an item's demand.

use super::lattice::{Grid, Lattice};
use crate::forecast::demand_distribution::DemandDistribution;

/// Points of the lattice on which a shortage is told where demand is not counted: its distribution
/// function costs far more. Judgement.
const QUANTITY_POINTS: usize = 128;

/// Demand of an item over any stretch of days counted from `as_of`.
pub trait DemandTotals {
    /// Whether demand comes in whole units.
    fn is_count(&self) -> bool;
    /// Mean of the demand of days `from` … `to − 1`, and the variance that a lattice has to reach
    /// for: of a mixture, that of its widest part.
    fn moments(&self, from_day: u32, to_day: u32) -> (f64, f64);
    /// That mean alone.
    fn mean(&self, from_day: u32, to_day: u32) -> f64 {
        self.moments(from_day, to_day).0
    }
    /// Mean of the demand of days `from` … `to − 1` without what is stated to come on top: the rate
    /// that goes on.
    fn lasting_mean(&self, from_day: u32, to_day: u32) -> f64 {
        self.mean(from_day, to_day)
    }
    /// P(demand of days `from` … `to − 1` ≤ units).
    fn cdf(&self, from_day: u32, to_day: u32, units: f64) -> f64;
    /// Writes P(demand ≤ k·step) to `out[k]`.
    fn fill_cdf(&self, days: (u32, u32), step: f64, out: &mut [f64]);
    /// E(demand of the days before `to_day` − supplied)⁺, in units.
    fn expected_shortage(&self, to_day: u32, supplied: f64) -> f64 {
        expected_shortage(self, to_day, supplied)
    }
}

impl DemandTotals for DemandDistribution {
    fn is_count(&self) -> bool {
        Self::is_count(self)
    }

    fn moments(&self, from_day: u32, to_day: u32) -> (f64, f64) {
        let total = self.total(from_day, to_day);
        (total.mean(), total.widest_variance())
    }

    fn mean(&self, from_day: u32, to_day: u32) -> f64 {
        let mean = Self::mean(self, from_day, to_day);
        if to_day > from_day && mean.is_finite() { mean } else { 0.0 }
    }

    fn lasting_mean(&self, from_day: u32, to_day: u32) -> f64 {
        Self::lasting_mean(self, from_day, to_day)
    }

    fn cdf(&self, from_day: u32, to_day: u32, units: f64) -> f64 {
        self.total(from_day, to_day).cdf(units)
    }

    fn fill_cdf(&self, days: (u32, u32), step: f64, out: &mut [f64]) {
        self.total(days.0, days.1).fill_cdf(step, out);
    }
}

/// E(demand before a day − supplied)⁺, in units, where nothing is known yet.
fn expected_shortage<D: DemandTotals + ?Sized>(demand: &D, to_day: u32, supplied: f64) -> f64 {
    let Some(grid) = shortage_grid(demand, to_day) else { return (-supplied).max(0.0) };
    if is_beyond(grid, supplied) {
        return 0.0;
    }
    demand_before(demand, to_day, grid).expected_shortage(supplied)
}

/// The lattice on which a shortage of the demand before a day is told; `None` where there is no
/// demand.
pub(super) fn shortage_grid<D: DemandTotals + ?Sized>(demand: &D, to_day: u32) -> Option<Grid> {
    let (mean, variance) = if to_day == 0 { (0.0, 0.0) } else { demand.moments(0, to_day) };
    let grid = Grid::covering(mean, variance, demand.is_count()).at_most(QUANTITY_POINTS);
    (mean > 0.0).then_some(grid)
}

/// Whether all demand of a lattice stays within what is supplied.
pub(super) fn is_beyond(grid: Grid, supplied: f64) -> bool {
    supplied > 0.0 && (supplied / grid.step) as usize >= grid.points
}

/// The distribution of the demand before a day.
pub(super) fn demand_before<D: DemandTotals + ?Sized>(
    demand: &D,
    to_day: u32,
    grid: Grid,
) -> Lattice {
    let mut cdf = vec![0.0; grid.points];
    demand.fill_cdf((0, to_day), grid.step, &mut cdf);
    Lattice::from_cdf(grid, cdf)
}
