//! What demand comes in: single units, or lots of about half of what is usually asked for at once.

use crate::demand::origin::ItemView;
use crate::forecast::level::history::sane;

/// A lot of a quantity is at least this share of the median sale. Judgement: finer ones differ in
/// nothing that is printed.
const FINEST_LOT: f64 = 1.0 / 64.0;
/// Below this a number of units is converted to a whole one without loss.
const MAX_CONVERTED: f64 = 1e15;

/// The lot φ that an item's demand comes in, in units.
///
/// Half of the median sale of a day (of a bucket, where days are not known), times the share of
/// days without a sale: an item that sells every day adds up many small sales and has no lot. A
/// count's lot is 1 or even, so that the distribution of [`TotalDemand`] keeps its mean exactly.
///
/// [`TotalDemand`]: super::total_demand::TotalDemand
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Lot {
    units: f64,
    is_count: bool,
}

impl Lot {
    /// Single units.
    #[must_use]
    pub const fn single(is_count: bool) -> Self {
        Self { units: 1.0, is_count }
    }

    /// A quantity that comes in parts of this size; what is not above 0 counts as 1.
    #[must_use]
    pub fn of_quantity(units: f64) -> Self {
        let units = if units > 0.0 && units.is_finite() { units } else { 1.0 };
        Self { units, is_count: false }
    }

    /// The lot of an item as its history shows it.
    #[must_use]
    pub fn of(item: &ItemView<'_>) -> Self {
        let is_count = item.series.is_count;
        let (mut sales, periods): (Vec<f64>, usize) = match item.dated_days() {
            Some((rows, days)) => {
                (rows.units.iter().map(|units| f64::from(*units)).collect(), days)
            }
            None => {
                let demand = item.series.demand;
                (
                    demand.iter().map(|units| sane(*units)).filter(|u| *u > 0.0).collect(),
                    demand.len(),
                )
            }
        };
        if sales.is_empty() {
            return Self::single(is_count);
        }

        let idle = 1.0 - (sales.len() as f64 / periods.max(1) as f64).min(1.0);
        let middle = sales.len() / 2;
        let (_, median, _) = sales.select_nth_unstable_by(middle, f64::total_cmp);
        Self::sized(*median, idle, is_count)
    }

    pub(super) fn sized(median: f64, idle: f64, is_count: bool) -> Self {
        let half = 0.5 * idle * median;
        if !is_count {
            return Self::of_quantity(half.max(FINEST_LOT * median));
        }

        Self { units: if half < 2.0 { 1.0 } else { 2.0 * (0.5 * half).floor() }, is_count }
    }

    /// φ, in units.
    #[must_use]
    pub fn units(&self) -> f64 {
        self.units
    }

    /// Whether demand comes in whole units.
    #[must_use]
    pub fn is_count(&self) -> bool {
        self.is_count
    }

    /// Where a whole number of units lies among the lots, (x + ½)/φ − ½, and 0 below half a lot.
    #[must_use]
    pub fn position(&self, units: f64) -> f64 {
        ((whole(units) + 0.5) / self.units - 0.5).max(0.0)
    }

    /// The least whole number of units whose position is `position` or beyond.
    #[must_use]
    pub fn units_at(&self, position: f64) -> f64 {
        if position <= 0.0 {
            return 0.0;
        }
        ((position + 0.5) * self.units - 0.5 - 1e-9).ceil().max(0.0)
    }
}

/// The whole units of some, below 0 counting as 0: a conversion takes less than `floor` does.
fn whole(units: f64) -> f64 {
    if units < MAX_CONVERTED { units as i64 as f64 } else { units.floor() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_seller_has_no_lot_and_a_rare_large_sale_makes_one() {
        assert_eq!(Lot::sized(40.0, 0.0, true), Lot::single(true));
        assert_eq!(Lot::sized(40.0, 0.95, true).units(), 18.0);
        assert_eq!(Lot::sized(3.0, 0.9, true).units(), 1.0);
        assert_eq!(Lot::sized(0.5, 1.0, false).units(), 0.25);
        assert_eq!(Lot::sized(64.0, 0.0, false).units(), 1.0);
    }

    #[test]
    fn the_demand_at_a_position_is_the_least_that_reaches_it() {
        for lot in [Lot::single(true), Lot::sized(40.0, 0.95, true)] {
            for position in [0.0, 0.3, 1.0, 1.7, 12.0] {
                let units = lot.units_at(position);
                assert!(lot.position(units) >= position - 1e-9);
                if units >= 1.0 {
                    assert!(lot.position(units - 1.0) < position);
                }
            }
        }
    }
}
