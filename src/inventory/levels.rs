//! Safety stock, reorder point and order-up-to level, read from the distribution of the demand that
//! they protect.
//!
//! Every target is an average over reviews. After a review the inventory position lies J below the
//! order-up-to level S (`undershoot.rs`); the stock of the days between the arrival of that
//! review's order and of the next one's is S less J less the demand since. So with V = J + X for X
//! over L, over L + R, or over a day between, all distributions are functions of S alone, and s
//! follows as S less the gap.

use super::eoq::{EoqCosts, economic_order_quantity, with_backorders};
use super::lattice::Lattice;
use super::lost_sales::{LostSalesPrices, days_between_orders, lost_unit_weight};
use super::protection::{DemandTotals, MEAN_DAYS, Protection};
use super::supply::Supply;
use super::undershoot::Position;
use crate::domain::policy::{Policy, UnmetDemand};
use crate::domain::target::{CostRates, Target};

/// An economic order quantity is at most the demand of so many days. Judgement: what is bought for
/// longer than a year is bought on a guess, whatever an order costs.
const MAX_EOQ_DAYS: f64 = 365.0;
/// A gap that is a whole number but for this much, in units, is not rounded up.
const ROUNDING_UNITS: f64 = 1e-9;
/// Shares of demand that differ by no more than this, in shares of demand, are the same.
const ROUNDING: f64 = 1e-12;

/// What an item's levels are set for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelSettings {
    /// How orders come about.
    pub policy: Policy,
    /// What the stock must achieve.
    pub target: Target,
    /// What becomes of demand without stock.
    pub unmet_demand: UnmetDemand,
    /// Least size of an order, in days of mean demand (`rsS`; `rsnQ` without a multiple).
    pub order_cycle_days: f64,
    /// The most that lies between s and S where neither is stated, in units.
    pub max_gap_units: f64,
    /// Q of `rsnQ`, in units; 0 where none is given.
    pub order_multiple_units: f64,
    /// s and S of `min_max` in units, as the planner gave them.
    pub stated_levels: Option<(f64, f64)>,
    /// Costs in money, for cost targets and for the economic order quantity.
    pub costs: Option<CostRates>,
    /// Cost of placing one order line, in money.
    pub order_cost: Option<f64>,
    /// Days from one charge of holding cost to the next.
    pub charge_every_days: u32,
    /// κ, what a lost unit weighs against one that waits, as a factor; `None`: by lead time and
    /// review period.
    pub lost_unit_weight: Option<f64>,
}

impl LevelSettings {
    /// The contract's defaults for a target.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self {
            policy: Policy::ReorderUpTo,
            target,
            unmet_demand: UnmetDemand::Backorder,
            order_cycle_days: 7.0,
            max_gap_units: f64::INFINITY,
            order_multiple_units: 0.0,
            stated_levels: None,
            costs: None,
            order_cost: None,
            charge_every_days: 1,
            lost_unit_weight: None,
        }
    }

    fn kappa(&self, lead_time_days: f64, review_period_days: f64) -> f64 {
        self.lost_unit_weight
            .unwrap_or_else(|| lost_unit_weight(lead_time_days, review_period_days))
    }

    /// What a lost unit and a unit in stock cost where demand without stock is lost and cost is the
    /// target of an order at every review; `None` for other targets.
    #[must_use]
    pub fn lost_sales_prices<D: DemandTotals>(
        &self,
        demand: &D,
        supply: &Supply,
    ) -> Option<LostSalesPrices> {
        match (self.policy, self.target, self.unmet_demand) {
            (Policy::UpToLevel, Target::Cost(cost), UnmetDemand::Lost) => {
                let costs = self.costs.unwrap_or_else(|| cost.ratio_only());
                let days_between_orders = days_between_orders(demand, supply);

                Some(LostSalesPrices {
                    holding_per_day: costs.holding_per_day,
                    lost_per_unit: costs.shortage_per_unit,
                    lost_unit_weight: self.kappa(supply.lead_time.mean(), days_between_orders),
                    charge_every_days: self.charge_every_days,
                })
            }
            _ => None,
        }
    }
}

/// An item's levels, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels {
    /// Mean number of days that X covers: L, in `rS` L + R.
    pub protection_days: f64,
    /// Mean of X, the demand that the levels protect, undershoot included.
    pub protection_demand_mean: f64,
    /// Reorder point (in `rS`: order-up-to level) less the mean of X; may be negative.
    pub safety_stock: f64,
    /// s; in `rS`, where every position below S orders, the same as S.
    pub reorder_point: f64,
    /// S; in `rsnQ` s + Q, the highest position that an order leads to.
    pub order_up_to_level: f64,
}

/// The levels of an item.
///
/// ```
/// use restock::forecast::demand_distribution::{DemandDistribution, Spread};
/// use restock::inventory::day_distribution::DayDistribution;
/// use restock::inventory::levels::{LevelSettings, levels};
/// use restock::domain::policy::Policy;
/// use restock::domain::target::Target;
/// use restock::inventory::supply::Supply;
///
/// // Poisson demand of 2 a day (dispersion e¹⁸), ordered every day, 4 days on the way.
/// let spread =
///     Spread::alike(18.0);
/// let cumulative = (0..=28).map(|day| 2.0 * f64::from(day)).collect();
/// let demand = DemandDistribution::new(cumulative, 7, spread);
/// let lead_time = DayDistribution::point(4);
/// let supply = Supply::new(lead_time, 0, 1);
/// let service = LevelSettings::new(Target::CycleServiceLevel(0.95));
/// let settings = LevelSettings { policy: Policy::UpToLevel, ..service };
/// let found = levels(&demand, &supply, &settings);
/// assert_eq!(found.order_up_to_level, 15.0); // P(Poisson(10) ≤ 15) = 0.951
/// assert!((found.safety_stock - 5.0).abs() < 1e-5);
/// ```
#[must_use]
pub fn levels<D: DemandTotals>(demand: &D, supply: &Supply, settings: &LevelSettings) -> Levels {
    let protection = Protection::new(demand, supply);
    let gap = gap_units(demand, supply, settings);
    let review = supply.review_period_days.max(1);

    let position = match settings.policy {
        Policy::UpToLevel => Position::always_at_top(protection.grid()),
        Policy::ReorderMultiple => Position::multiples(&protection.one_review(), gap),
        Policy::ReorderUpTo | Policy::MinMax => protection.position_up_to(gap),
    };

    let days_between_orders = match settings.policy {
        Policy::UpToLevel => days_between_orders(demand, supply),
        _ => protection.days_of(gap + position.undershoot.mean()),
    };
    let protection = protection.ordered_every(days_between_orders);

    let s = match (settings.policy, settings.stated_levels) {
        (Policy::MinMax, Some((s, _))) => s,
        (Policy::UpToLevel, _) => order_up_to(&protection, &position, settings),
        (_, _) => match settings.target {
            // The undershoot that the next review finds, and the demand of the lead time of what is
            // ordered then.
            Target::CycleServiceLevel(level) => {
                protection.quantile_of_next_order(&position.undershoot, level)
            }
            _ => (order_up_to(&protection, &position, settings) - gap).max(0.0),
        },
    };

    let lead_time = supply.lead_time.mean();
    let with_reorder_point = settings.policy.has_reorder_point();
    let mean = if with_reorder_point {
        protection.mean_of_lead_time_of_next_order() + position.undershoot.mean()
    } else {
        protection.mean_of_lead_time_and(review)
    };

    Levels {
        protection_days: if with_reorder_point { lead_time } else { lead_time + f64::from(review) },
        protection_demand_mean: mean,
        safety_stock: s - mean,
        reorder_point: s,
        order_up_to_level: if with_reorder_point { s + gap } else { s },
    }
}

/// S − s, in units: `min_max` as stated, `rsnQ` its multiple, else the larger of `order_cycle_days`
/// of mean demand and the economic order quantity, up to the most that is allowed. Whole and at
/// least 1 for counts that move.
fn gap_units<D: DemandTotals>(demand: &D, supply: &Supply, settings: &LevelSettings) -> f64 {
    let stated = match (settings.policy, settings.stated_levels) {
        (Policy::UpToLevel, _) => return 0.0,
        (Policy::MinMax, Some((s, top))) => Some(top - s),
        (Policy::ReorderMultiple, _) if settings.order_multiple_units > 0.0 => {
            Some(settings.order_multiple_units)
        }
        _ => None,
    };

    let usual = || usual_gap_units(demand, supply.first_order_day, settings);
    let gap = stated.unwrap_or_else(|| usual().min(settings.max_gap_units));
    let gap = if gap.is_finite() { gap.max(0.0) } else { 0.0 };
    if demand.is_count() && gap > 0.0 { (gap - ROUNDING_UNITS).ceil().max(1.0) } else { gap }
}

/// The larger of `order_cycle_days` of mean demand and the economic order quantity, in units.
fn usual_gap_units<D: DemandTotals>(demand: &D, from_day: u32, settings: &LevelSettings) -> f64 {
    let to_day = from_day + MEAN_DAYS;
    let mean_per_day = demand.mean(from_day, to_day) / f64::from(MEAN_DAYS);
    let cycle = mean_per_day * settings.order_cycle_days;

    // What an order covers beyond its cycle is bought at the rate that goes on: one large order to
    // come is no rate.
    let lasting_per_day = demand.lasting_mean(from_day, to_day) / f64::from(MEAN_DAYS);
    cycle.max(economic_gap_units(lasting_per_day, settings))
}

/// The economic order quantity in units, with planned backorders where a cost target says what a
/// unit that waits costs; elsewhere at most a year's demand. 0 where costs are not known.
fn economic_gap_units(mean_per_day: f64, settings: &LevelSettings) -> f64 {
    let (Some(order_cost), Some(rates)) = (settings.order_cost, settings.costs) else { return 0.0 };

    let costs = EoqCosts {
        order_cost: order_cost.max(0.0),
        holding_cost: rates.holding_per_day,
        demand_rate: mean_per_day,
    };

    match (settings.target, settings.unmet_demand) {
        (Target::Cost(_), UnmetDemand::Backorder) => {
            with_backorders(costs, rates.shortage_per_day).order.units
        }
        _ => economic_order_quantity(costs).units.min(mean_per_day * MAX_EOQ_DAYS),
    }
}

/// The smallest S that meets the target.
fn order_up_to<D: DemandTotals>(
    protection: &Protection<'_, D>,
    position: &Position,
    settings: &LevelSettings,
) -> f64 {
    let below_top = &position.below_top;
    match settings.target {
        Target::CycleServiceLevel(level) => {
            protection.lead_time_and(protection.review_days()).quantile(level)
        }
        Target::ReadyRate(level) => {
            let between = protection.until_a_day_between_arrivals(1).plus(below_top);
            // A day ends with stock when S exceeds V: by one unit at least where units are counted,
            // and by something where V may be nothing.
            let least = between.grid().step;
            match between.grid().is_count {
                true => between.quantile(level) + least,
                false => between.quantile(level).max(least),
            }
        }
        Target::FillRate(share) => {
            let before = protection.lead_time_and(0).plus(below_top);
            let until = protection.lead_time_and(protection.review_days()).plus(below_top);
            top_for_fill_rate(&before, &until, share, settings.unmet_demand)
        }
        Target::Cost(cost) => {
            let costs = settings.costs.unwrap_or_else(|| cost.ratio_only());
            top_for_cost(protection, below_top, costs, settings)
        }
    }
}

/// The smallest S of least expected cost.
///
/// Where demand waits it is the quantile at p/(h + p) of the demand up to a day between two
/// arrivals (the newsvendor of an average day); where it is lost, see [`top_for_lost_sales`].
fn top_for_cost<D: DemandTotals>(
    protection: &Protection<'_, D>,
    below_top: &Lattice,
    costs: CostRates,
    settings: &LevelSettings,
) -> f64 {
    let between =
        protection.until_a_day_between_arrivals(settings.charge_every_days).plus(below_top);

    match settings.unmet_demand {
        UnmetDemand::Backorder => between
            .quantile(costs.shortage_per_day / (costs.shortage_per_day + costs.holding_per_day)),
        UnmetDemand::Lost => {
            let until = protection.lead_time_and(protection.review_days()).plus(below_top);
            let review = f64::from(protection.review_days());
            let holding = costs.holding_per_day * review;
            let shortage =
                costs.shortage_per_unit * settings.kappa(protection.mean_lead_time(), review);
            top_for_lost_sales(&between, &until, holding, shortage)
        }
    }
}

/// The smallest S with E(V₁ − S)⁺ − E(V₀ − S)⁺ ≤ (1 − β)·E(V₁ − V₀): the units of a review period
/// that are not served at once, where V₀ and V₁ are the demands up to its beginning and end.
///
/// Where demand is lost, of Q + ES units demanded in a cycle Q are served, so the share short is
/// ES/(Q + ES) in place of ES/Q. Source: Johnson, Lee, Davis & Hall (1995), eq. 6, over the
/// positions after a review.
fn top_for_fill_rate(before: &Lattice, until: &Lattice, share: f64, unmet: UnmetDemand) -> f64 {
    let demand = until.mean() - before.mean();
    let allowed = match unmet {
        UnmetDemand::Backorder => (1.0 - share) * demand,
        UnmetDemand::Lost => (1.0 - share) / share * demand,
    };

    let short = short_units(before, until);
    let grid = until.grid();
    let Some(k) = short.iter().position(|units| *units <= allowed + ROUNDING * demand) else {
        return short.len() as f64 * grid.step;
    };
    if grid.is_count || k == 0 {
        return k as f64 * grid.step;
    }

    let (above, below) = (short[k - 1], short[k]);
    let part =
        if above > below { ((above - allowed) / (above - below)).clamp(0.0, 1.0) } else { 1.0 };
    (k as f64 - 1.0 + part) * grid.step
}

/// E(V₁ − S)⁺ − E(V₀ − S)⁺ for each S on the lattice.
fn short_units(before: &Lattice, until: &Lattice) -> Vec<f64> {
    let (early, late) = (before.shortages(), until.shortages());
    late.iter().enumerate().map(|(k, late)| late - early.get(k).unwrap_or(&0.0)).collect()
}

/// The smallest S at which one more unit costs more than it saves: h·P(V ≤ S) ≥ κp·P(V₁ > S).
fn top_for_lost_sales(between: &Lattice, until: &Lattice, holding: f64, shortage: f64) -> f64 {
    let points = until.cdf().len();
    let pays = |k: usize| holding * between.at(k) < shortage * (1.0 - until.at(k));
    let k = (0..points).find(|&k| !pays(k)).unwrap_or(points);

    k as f64 * until.grid().step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::stated::{ChangeSource, DemandChange};
    use crate::domain::tables::OverrideKind;
    use crate::domain::target::{ChargeEvery, CostPeriod, CostTarget, CostUnit};
    use crate::forecast::demand_distribution::{DemandDistribution, Spread};
    use crate::forecast::width::Widths;
    use crate::inventory::day_distribution::DayDistribution;

    fn cumulated(per_day: f64) -> Vec<f64> {
        (0..=60).map(|day| per_day * f64::from(day)).collect()
    }

    #[test]
    fn one_large_order_to_come_does_not_size_the_orders_after_it() {
        let spread = Spread::alike(2.0);
        let source = ChangeSource::Override { reason: "".into(), expires_on: 0 };
        let change =
            DemandChange { from_day: 3, to_day: 10, kind: OverrideKind::Add, value: 300.0, source };
        let supply = Supply::new(DayDistribution::point(7), 0, 1);
        let year = CostTarget {
            holding: 1.0,
            shortage: 1.0,
            per: CostPeriod::Year,
            unit: CostUnit::Money,
            charge_every: ChargeEvery::Day,
        };
        let settings = LevelSettings {
            costs: Some(year.ratio_only()),
            order_cost: Some(20.0),
            order_cycle_days: 1.0,
            ..LevelSettings::new(Target::CycleServiceLevel(0.95))
        };
        let gap = |distribution: &DemandDistribution| {
            let found = levels(distribution, &supply, &settings);
            found.order_up_to_level - found.reorder_point
        };
        let plain = DemandDistribution::new(cumulated(1.0), 7, spread);
        let told = DemandDistribution::new(cumulated(1.0), 7, spread)
            .changed(&[change], Widths::alike(2.0));
        assert!((gap(&plain) - gap(&told)).abs() <= 1.0, "{} and {}", gap(&plain), gap(&told));
    }
}
