//! The last order of an item that will not be sold on: what is left when its last day has passed is
//! worth nothing.

use crate::domain::fixed::Fixed;
use crate::domain::tables::ItemStatus;
use crate::forecast::demand_distribution::{DemandDistribution, TotalDemand};
use crate::inventory::lattice::{Grid, Lattice};
use crate::plan::context::PlanContext;

use super::facts::ItemFacts;
use super::moq_and_packs::{needed_units, whole_packs_within};
use super::row::{Ending, LevelView, StockView};

/// No level is higher than this, however little a unit costs. Judgement: the one order in a hundred
/// that runs out is no reason to fill a warehouse.
const MAX_LEVEL: f64 = 0.99;
/// Part of an order cycle that must be missing before one order is written for all that is left.
/// Judgement: half, so that an item that was bought for good is not topped up every night.
const LEAST_SHARE_OF_CYCLE: f64 = 0.5;

/// What one unit more or less is worth at the end.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stakes {
    /// Cu: what a unit earns that is asked for.
    earned: f64,
    /// Co: what a unit costs that is not.
    lost: f64,
    /// What one order costs, in the same money.
    order: f64,
}

impl Stakes {
    /// Margin and cost of a unit, which fetches nothing once it is not sold any more; where either
    /// is not known, such that their ratio is the level of the item's target.
    fn of(facts: &ItemFacts<'_>) -> Self {
        let cost = facts.unit_cost.map(Fixed::to_f64);
        match (facts.unit_price.map(Fixed::to_f64), cost) {
            (Some(price), Some(cost)) => Self {
                earned: (price - cost).max(0.0),
                lost: cost.max(0.0),
                order: facts.order_cost.get().unwrap_or(0.0),
            },
            _ => {
                let level = facts.target.level().min(MAX_LEVEL);
                Self { earned: level, lost: 1.0 - level, order: 0.0 }
            }
        }
    }

    /// The critical ratio Cu / (Cu + Co): the share of cases in which the last unit bought should
    /// be sold (Silver, Pyke & Thomas, *Inventory and Production Management in Supply Chains*, the
    /// newsvendor problem). 0 where a unit earns nothing.
    fn level(self) -> f64 {
        if self.earned <= 0.0 {
            return 0.0;
        }
        (self.earned / (self.earned + self.lost)).min(MAX_LEVEL)
    }

    /// What a position is expected to earn less what it is expected to leave, beside one that
    /// serves all demand: −Cu·E(X − y)⁺ − Co·E(y − X)⁺.
    fn worth(self, demand: &Lattice, position: f64) -> f64 {
        let short = demand.expected_shortage(position);
        let left = (position - demand.mean() + short).max(0.0);

        -self.earned * short - self.lost * left
    }
}

/// The levels of an item that is sold until a day that is known: never above what is asked for by
/// then.
///
/// Let y = F⁻¹(Cu/(Cu + Co)) of the demand from `as_of` to the last day. Where no order after
/// tonight's can arrive before that day, or where one order leads up to y anyway, tonight's is the
/// last one, and y its order-up-to level. An order that cannot arrive before the last day itself
/// serves nobody but those who wait.
#[must_use]
pub fn until_end(
    context: &PlanContext<'_>,
    facts: &ItemFacts<'_>,
    demand: &DemandDistribution,
    stock: Option<&StockView>,
    levels: LevelView,
) -> LevelView {
    let is_sold_on = matches!(facts.status(context.as_of), ItemStatus::Active | ItemStatus::New);
    let end = facts.item.and_then(|item| item.end_date).filter(|_| is_sold_on);
    let Some(days_to_end) = end.and_then(|end| u32::try_from(end - context.as_of).ok()) else {
        return levels;
    };

    let chances = Chances::of(facts, days_to_end);
    let stakes = Stakes::of(facts);
    let of_days = |days: u32| {
        let total = demand.total(0, days);
        (total, quantile(&total, stakes.level()))
    };
    let (total, demand_units) = of_days(days_to_end.saturating_add(1));
    let (total, level) = if chances.none { of_days(0) } else { (total, demand_units) };
    let ending = Ending {
        last_day: context.as_of.saturating_add_unsigned(days_to_end),
        level: stakes.level(),
        demand_units,
        units: level,
        is_last_order: false,
    };

    let position = stock.map(|stock| stock.inventory_position.to_f64());
    let one_covers = regular_top(facts, &levels, position) >= level;
    if !chances.only_tonight && !one_covers {
        return LevelView { ending: Some(Box::new(ending)), ..levels };
    }

    let least = LEAST_SHARE_OF_CYCLE * facts.order_cycle_days * levels.mean_daily_demand;
    let reorder_point = match chances.only_tonight {
        true => level,
        false => levels.reorder_point.min(level - least),
    };
    let last = LevelView {
        safety_stock: levels.safety_stock + (reorder_point - levels.reorder_point),
        reorder_point,
        order_up_to_level: level,
        ending: Some(Box::new(Ending { is_last_order: true, ..ending })),
        ..levels
    };
    match stock {
        Some(stock) => {
            let units = worthwhile_top(facts, &last, stock, (&total, stakes));
            let ending = Ending { units, is_last_order: true, ..ending };
            LevelView { ending: Some(Box::new(ending)), ..last }
        }
        None => last,
    }
}

/// Which orders can still arrive to be sold.
struct Chances {
    /// Not even tonight's.
    none: bool,
    /// No later one than tonight's.
    only_tonight: bool,
}

impl Chances {
    /// By the mean lead time; what arrives on the last day comes too late.
    fn of(facts: &ItemFacts<'_>, days_to_end: u32) -> Self {
        let supply = &facts.supply;
        let next = facts.next_supply.as_deref().unwrap_or(supply);
        let tonight = f64::from(supply.first_order_day) + supply.lead_time.mean().round();
        let later = f64::from(supply.first_order_day + supply.review_period_days)
            + next.lead_time.mean().round();
        let end = f64::from(days_to_end);

        Self { none: tonight >= end, only_tonight: tonight >= end || later >= end }
    }
}

/// The position that an order by the item's own levels leads to, packs and MOQ included.
fn regular_top(facts: &ItemFacts<'_>, levels: &LevelView, position: Option<f64>) -> f64 {
    let ordered = position.filter(|position| *position <= levels.reorder_point).map(|position| {
        let needed = needed_units(facts, levels, position);
        let packed = needed.up_to_multiple(facts.pack_units()).max(facts.min_order());
        position + packed.to_f64()
    });
    ordered.unwrap_or(0.0).max(levels.order_up_to_level)
}

/// The highest position that whole packs lead to and that is worth ordering up to; the position
/// itself where no order earns what it costs.
///
/// What a position is worth is concave in it, so that the best order is one of the two about the
/// need.
fn worthwhile_top(
    facts: &ItemFacts<'_>,
    levels: &LevelView,
    stock: &StockView,
    (total, stakes): (&TotalDemand, Stakes),
) -> f64 {
    let position = stock.inventory_position;
    let needed = needed_units(facts, levels, position.to_f64()).or_zero();
    if needed == Fixed::ZERO {
        return position.to_f64();
    }

    let demand = lattice(total);
    let before = stakes.worth(&demand, position.to_f64());
    let least = facts.min_order();
    let up = needed.up_to_multiple(facts.offer.pack_size).max(least_of(facts));
    let down = whole_packs_within(needed, facts);
    let gain =
        |units: Fixed| stakes.worth(&demand, (position + units).to_f64()) - before - stakes.order;
    let orders = [up, down].into_iter().filter(|units| *units == up || *units >= least);
    let best = orders
        .map(|units| (gain(units), units))
        .filter(|(gain, units)| *gain > 0.0 && *units > Fixed::ZERO)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));

    best.map_or(position, |(_, units)| position + units).to_f64()
}

/// The least that can be ordered where one is stated; 0 for an item that comes in any quantity.
fn least_of(facts: &ItemFacts<'_>) -> Fixed {
    facts.offer.moq.max(facts.offer.pack_size).or_zero().up_to_multiple(facts.offer.pack_size)
}

/// The smallest demand that is not exceeded with this probability; 0 for none.
fn quantile(total: &TotalDemand, level: f64) -> f64 {
    if level > 0.0 { total.quantile(level) } else { 0.0 }
}

fn lattice(total: &TotalDemand) -> Lattice {
    let grid = Grid::covering(total.mean(), total.widest_variance(), total.is_count());
    let mut cdf = vec![0.0; grid.points];
    total.fill_cdf(grid.step, &mut cdf);
    Lattice::from_cdf(grid, cdf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stakes(price: f64, cost: f64) -> Stakes {
        Stakes { earned: price - cost, lost: cost, order: 0.0 }
    }

    /// The textbook's rule on a demand of 0 to 9, each as probable: with a margin of 6 and a cost
    /// of 4 the sixth of ten is the last worth buying.
    #[test]
    fn the_critical_ratio_is_where_one_unit_more_earns_nothing_more() {
        let grid = Grid { step: 1.0, points: 10, is_count: true };
        let demand = Lattice::from_cdf(grid, (1..=10).map(|k| f64::from(k) / 10.0).collect());
        let stakes = stakes(10.0, 4.0);
        assert!((stakes.level() - 0.6).abs() < 1e-12);

        let worth: Vec<f64> = (0..10).map(|y| stakes.worth(&demand, f64::from(y))).collect();
        let best = (0..10).max_by(|a, b| worth[*a].total_cmp(&worth[*b]).then(b.cmp(a))).unwrap();
        // P(X ≤ 5) = 0.6 ≥ 0.6.
        assert_eq!(best, 5);
        // One unit more earns Cu·P(X > y) − Co·P(X ≤ y).
        for y in 0..9 {
            let more = 6.0 * (1.0 - 0.1 * (y + 1) as f64) - 4.0 * 0.1 * (y + 1) as f64;
            assert!((worth[y + 1] - worth[y] - more).abs() < 1e-9, "{y}");
        }
        // Who waits is served with certainty.
        assert!((stakes.worth(&demand, -2.0) - stakes.worth(&demand, 0.0) + 12.0).abs() < 1e-9);
    }

    #[test]
    fn a_unit_that_earns_nothing_is_not_bought_and_one_for_nothing_not_without_end() {
        assert_eq!(stakes(4.0, 4.0).level(), 0.0);
        assert_eq!(stakes(4.0, 0.0).level(), MAX_LEVEL);
        let demand = TotalDemand::plain(20.0, 20.0, true);
        assert_eq!(quantile(&demand, 0.0), 0.0);
        assert_eq!(quantile(&demand, 0.5), 20.0);
    }
}
