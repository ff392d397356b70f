//! An item's demand, with what was asked of it before: its risks under several circumstances ask
//! the same of the same days again and again.

use std::cell::RefCell;

use super::demand_totals::{DemandTotals, demand_before, is_beyond, shortage_grid};
use super::lattice::{Grid, Lattice};

/// Demand that remembers what it said of the days from `as_of` on.
///
/// ```
/// use restock::forecast::demand_distribution::{DemandDistribution, Spread};
/// use restock::inventory::known_demand::KnownDemand;
/// use restock::inventory::demand_totals::DemandTotals;
/// let cumulative = (0..=28).map(f64::from).collect();
/// let demand = DemandDistribution::new(cumulative, 7, Spread::alike(18.0));
/// let known = KnownDemand::of(&demand);
/// let first = known.cdf(0, 5, 3.0);
/// assert_eq!(known.cdf(0, 5, 3.0), first);
/// assert_eq!(DemandTotals::cdf(&demand, 0, 5, 3.0), first);
/// ```
#[derive(Debug)]
pub struct KnownDemand<'a, D> {
    demand: &'a D,
    /// By units: P(demand before a day ≤ units) for each day that was asked for.
    within: RefCell<Vec<(f64, Vec<Option<f64>>)>>,
    /// What is known of the demand before each day that was asked for.
    before: RefCell<Vec<Option<Before>>>,
}

/// What is known of the demand before a day.
#[derive(Debug)]
struct Before {
    /// The lattice of its distribution; `None` where there is no demand.
    grid: Option<Grid>,
    /// Its distribution, where it was asked for.
    lattice: Option<Lattice>,
}

impl<'a, D: DemandTotals> KnownDemand<'a, D> {
    /// This demand, of which nothing was asked yet.
    #[must_use]
    pub fn of(demand: &'a D) -> Self {
        Self { demand, within: RefCell::default(), before: RefCell::default() }
    }

    /// The demand itself.
    #[must_use]
    pub fn demand(&self) -> &'a D {
        self.demand
    }
}

impl<D: DemandTotals> DemandTotals for KnownDemand<'_, D> {
    fn is_count(&self) -> bool {
        self.demand.is_count()
    }

    fn moments(&self, from_day: u32, to_day: u32) -> (f64, f64) {
        self.demand.moments(from_day, to_day)
    }

    fn mean(&self, from_day: u32, to_day: u32) -> f64 {
        self.demand.mean(from_day, to_day)
    }

    fn lasting_mean(&self, from_day: u32, to_day: u32) -> f64 {
        self.demand.lasting_mean(from_day, to_day)
    }

    fn cdf(&self, from_day: u32, to_day: u32, units: f64) -> f64 {
        if from_day > 0 {
            return self.demand.cdf(from_day, to_day, units);
        }

        let mut within = self.within.borrow_mut();
        let at = within.iter().position(|(of, _)| *of == units).unwrap_or_else(|| {
            within.push((units, Vec::new()));
            within.len() - 1
        });
        let known = place(&mut within[at].1, to_day);
        *known.get_or_insert_with(|| self.demand.cdf(0, to_day, units))
    }

    fn fill_cdf(&self, days: (u32, u32), step: f64, out: &mut [f64]) {
        self.demand.fill_cdf(days, step, out);
    }

    fn expected_shortage(&self, to_day: u32, supplied: f64) -> f64 {
        let mut before = self.before.borrow_mut();
        let known = place(&mut before, to_day).get_or_insert_with(|| Before {
            grid: shortage_grid(self.demand, to_day),
            lattice: None,
        });
        let Some(grid) = known.grid else { return (-supplied).max(0.0) };
        if is_beyond(grid, supplied) {
            return 0.0;
        }
        let lattice = || demand_before(self.demand, to_day, grid);
        known.lattice.get_or_insert_with(lattice).expected_shortage(supplied)
    }
}

/// The place of a day in a list that reaches as far as it was asked to.
fn place<T>(by_day: &mut Vec<Option<T>>, day: u32) -> &mut Option<T> {
    let day = day as usize;
    if day >= by_day.len() {
        by_day.resize_with(day + 1, || None);
    }
    &mut by_day[day]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::demand_distribution::{DemandDistribution, Spread};

    #[test]
    fn what_is_known_is_what_was_said() {
        let cumulated = (0..=60).map(|day| 1.5 * f64::from(day)).collect();
        let demand = DemandDistribution::new(cumulated, 7, Spread::alike(0.3));
        let known = KnownDemand::of(&demand);
        for (day, units) in [(0, 3.0), (9, 3.0), (9, 4.0), (40, 3.0), (9, 4.0), (9, 3.0)] {
            assert_eq!(known.cdf(0, day, units), DemandTotals::cdf(&demand, 0, day, units));
            assert_eq!(known.cdf(2, day, units), DemandTotals::cdf(&demand, 2, day, units));
        }
        for (day, supplied) in [(0, -2.0), (9, -2.0), (9, 5.0), (9, 1e6), (30, 5.0), (9, 5.0)] {
            let expected = DemandTotals::expected_shortage(&demand, day, supplied);
            assert_eq!(known.expected_shortage(day, supplied), expected, "{day} {supplied}");
        }
        assert_eq!(known.expected_shortage(9, 1e6), 0.0);
        assert_eq!(known.expected_shortage(0, -2.0), 2.0);
    }
}
