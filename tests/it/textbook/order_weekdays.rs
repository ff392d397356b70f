//! Two order days a week, and demand that differs by weekday: each order date has levels of its
//! own, and the cycles of both together keep the promise.

use restock::domain::policy::Policy;
use restock::domain::target::Target;
use restock::inventory::day_distribution::DayDistribution;
use restock::inventory::lattice::{Grid, Lattice};
use restock::inventory::levels::{LevelSettings, Levels, levels};
use restock::inventory::protection::DemandTotals;
use restock::inventory::supply::{InTurn, Supply};
use restock::stats::poisson;
use restock::stats::random::stream;

use super::daily::draw_unit;

/// Mean demand of each weekday, from Monday on: a shop that sells most before the weekend.
const MEANS: [f64; 7] = [4.2, 4.2, 5.6, 7.0, 14.0, 21.0, 14.0];
/// Mondays and Thursdays, each with the days to the other.
const ORDER_DAYS: [(u32, u32); 2] = [(0, 3), (3, 4)];
const WEEKS: u32 = 30_000;

/// Poisson demand of each weekday, from a weekday on.
struct ByWeekday {
    first: u32,
}

impl ByWeekday {
    fn mean(&self, from_day: u32, to_day: u32) -> f64 {
        (from_day..to_day).map(|day| MEANS[((self.first + day) % 7) as usize]).sum()
    }
}

impl DemandTotals for ByWeekday {
    fn is_count(&self) -> bool {
        true
    }

    fn moments(&self, from_day: u32, to_day: u32) -> (f64, f64) {
        let mean = self.mean(from_day, to_day);
        (mean, mean)
    }

    fn cdf(&self, from_day: u32, to_day: u32, units: f64) -> f64 {
        poisson::cdf(units as u64, self.mean(from_day, to_day))
    }

    fn fill_cdf(&self, days: (u32, u32), step: f64, out: &mut [f64]) {
        for (k, value) in out.iter_mut().enumerate() {
            *value = self.cdf(days.0, days.1, k as f64 * step);
        }
    }
}

/// Demand of so many weeks, day by day from a Monday on.
fn drawn() -> Vec<f64> {
    let mut random = stream(42, b"weekdays");
    let laws: Vec<Lattice> = MEANS
        .iter()
        .map(|mean| {
            let grid = Grid::covering(*mean, *mean, true);
            let shares = (0..grid.points).map(|units| poisson::cdf(units as u64, *mean));
            Lattice::from_cdf(grid, shares.collect())
        })
        .collect();

    (0..7 * WEEKS)
        .map(|day| laws[(day % 7) as usize].quantile_index(draw_unit(&mut random)) as f64)
        .collect()
}

/// Share of cycles without a shortage of all orders, under the levels of each order day.
fn cycle_service(demand: &[f64], found: &[Levels; 2], lead_days: usize) -> f64 {
    let mut position = found[0].order_up_to_level;
    let (mut cycles, mut kept) = (0.0, 0.0);
    for day in 0..demand.len() - lead_days {
        let order_day = ORDER_DAYS.iter().position(|(weekday, _)| *weekday as usize == day % 7);
        if let Some(level) = order_day.map(|at| &found[at])
            && position <= level.reorder_point
        {
            let until_arrival: f64 = demand[day..day + lead_days].iter().sum();
            cycles += 1.0;
            kept += if until_arrival <= position { 1.0 } else { 0.0 };
            position = level.order_up_to_level;
        }
        position -= demand[day];
    }

    kept / cycles
}

/// What waits on a Monday just above the reorder point is ordered on Thursday, for the days from
/// then on: with the undershoot of Monday to Thursday goes the lead time after Thursday.
#[test]
fn cycles_of_two_order_weekdays_keep_their_promise_together() {
    let demand = drawn();
    for lead_days in [2, 5] {
        let found = ORDER_DAYS.map(|(first, review_period_days)| {
            let lead_time = DayDistribution::point(lead_days);
            let supply = Supply {
                in_turn: InTurn::from_weekday(0b1001, first as usize),
                ..Supply::new(lead_time, 0, review_period_days)
            };
            let settings = LevelSettings {
                policy: Policy::ReorderUpTo,
                ..LevelSettings::new(Target::CycleServiceLevel(0.95))
            };
            levels(&ByWeekday { first }, &supply, &settings)
        });

        let achieved = cycle_service(&demand, &found, lead_days as usize);
        assert!((0.94..0.97).contains(&achieved), "L = {lead_days}: {achieved}");
    }
}
