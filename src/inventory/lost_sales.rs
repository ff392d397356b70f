//! How much to order where demand that finds no stock is lost: the order depends on what is on hand
//! and on its way, not on their sum alone.
//!
//! An order placed now serves the days from its arrival to the next order's. What it meets there is
//! the stock Y that the demand until then leaves, and lost sales leave more of it than the
//! inventory position less mean demand. So the distribution of Y is followed delivery by delivery
//! (`stock_chain.rs`), Y ← (Y − D)⁺ + delivery, and the order is the least that makes the cost of
//! its own interval smallest (Morton 1971; Zipkin 2008, "myopic").

use super::lattice::Grid;
use super::protection::DemandTotals;
use super::risk::{Exposure, Incoming, scenarios};
use super::stock_chain::{Branch, Chain};
use super::supply::Supply;

/// Points of the lattice that stock is followed on. Judgement: a test holds an item that sells
/// 2,000 to the same order, in proportion, as one that sells 50.
const MAX_POINTS: f64 = 192.0;
/// Demand beyond this share of the probability that a lost unit is worth cannot move the order.
/// Judgement: a hundredth of what another unit could gain.
const TAIL_OF_INTEREST: f64 = 0.01;
/// Chance of a lost unit, at least, that the tail of interest is a share of: a price without bounds
/// must not ask for a lattice without end. Judgement.
const MIN_CHANCE: f64 = 1e-6;

/// Chance of a sale between two reviews below which it does not matter any more. Judgement: κ is 1
/// to three digits for any lead time of less than a year.
const LEAST_CHANCE_OF_SALE: f64 = 1e-6;

/// What is there and on its way when an order is decided.
#[derive(Clone, Copy, Debug)]
pub struct Holdings<'a> {
    /// On hand less allocated, in units.
    pub stock_units: f64,
    /// Open orders.
    pub incoming: &'a [Incoming],
}

/// What the rule for lost sales decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LostSalesOrder {
    /// Units to order; at or below 0 if there is enough.
    pub quantity_units: f64,
    /// Units of demand expected to be lost before the order arrives.
    pub lost_before_arrival_units: f64,
}

/// What the rule weighs against each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LostSalesPrices {
    /// h, holding cost of one unit for one day, in money.
    pub holding_per_day: f64,
    /// p, what losing one unit costs, in money.
    pub lost_per_unit: f64,
    /// κ, what a lost unit weighs against one that waits.
    pub lost_unit_weight: f64,
    /// Days from one charge of holding cost to the next.
    pub charge_every_days: u32,
}

impl LostSalesPrices {
    /// κp, in money.
    fn weighted(&self) -> f64 {
        self.lost_unit_weight * self.lost_per_unit
    }
}

/// Mean number of days from one order to the next where every review orders what was sold: R over
/// the chance that a review finds a sale.
///
/// An item that seldom sells is not ordered at each review, however short that is: κ must not fall
/// with it. Two sales a year, ordered any night, are ordered twice a year.
///
/// ```
/// use restock::forecast::demand_distribution::{DemandDistribution, Spread};
/// use restock::inventory::day_distribution::DayDistribution;
/// use restock::inventory::lost_sales::days_between_orders;
/// use restock::inventory::supply::Supply;
///
/// let spread = Spread::alike(18.0);
/// let cumulative = (0..=28).map(|day| 0.01 * f64::from(day)).collect();
/// let demand = DemandDistribution::new(cumulative, 7, spread);
/// let lead_time = DayDistribution::point(90);
/// let supply = Supply::new(lead_time, 0, 1);
/// assert!((days_between_orders(&demand, &supply) - 100.5).abs() < 0.1);
/// ```
#[must_use]
pub fn days_between_orders<D: DemandTotals>(demand: &D, supply: &Supply) -> f64 {
    let (first, review) = (supply.first_order_day, supply.review_period_days.max(1));
    let sells = 1.0 - demand.cdf(first, first + review, 0.0);

    f64::from(review) / sells.clamp(LEAST_CHANCE_OF_SALE, 1.0)
}

/// κ = 1/√(1 + L/R), what a lost unit weighs against one that waits a review, with R the
/// [`days_between_orders`].
///
/// A lost unit, unlike one that waits, asks for nothing of the next delivery, so that its weight
/// lies between 1/(1 + L/R) and 1: Janakiraman, Seshadri & Shanthikumar (2007), theorem 4. The
/// geometric mean of the two came out best where demand is forecast; over simulated demand whose
/// mean is known 1/∛(1 + L/R) costs 1 % less (`docs/SERVICE.md`).
///
/// ```
/// use restock::inventory::lost_sales::lost_unit_weight;
/// assert!((lost_unit_weight(14.0, 7.0) - 0.577_350_3).abs() < 1e-6);
/// ```
#[must_use]
pub fn lost_unit_weight(lead_time_days: f64, days_between_orders: f64) -> f64 {
    1.0 / (1.0 + lead_time_days.max(0.0) / days_between_orders.max(1.0)).sqrt()
}

/// The order that makes the expected cost of the days between its arrival and the next order's
/// least.
///
/// With Y the stock left at the arrival day A, D_t the demand of the t days from then on, h the
/// holding cost of a day, charged every `charge_every_days`, and p the cost of a unit lost:
///
/// q = min { q : h·Σ_t length_t·P(D_t ≤ Y + q) ≥ κp·P(D_R > Y + q) },
///
/// where κ is the [`lost_unit_weight`]. With nothing on hand or on its way the first unit is
/// weighed at p itself: it is kept until it is sold and ordered again then, whatever the lead time,
/// so that by renewal it pays where p·P(D_R > 0) exceeds h·Σ_t length_t·P(D_t = 0). Demands of
/// successive stretches share a normal factor (a Gaussian copula) that makes the variance of their
/// sum that of the demand distribution.
///
/// ```
/// use restock::forecast::demand_distribution::{DemandDistribution, Spread};
/// use restock::inventory::day_distribution::DayDistribution;
/// use restock::inventory::lost_sales::{Holdings, LostSalesPrices, lost_sales_order};
/// use restock::inventory::supply::Supply;
///
/// // Poisson demand of 10 a day; nothing on the way for two days: what is on hand is gone,
/// // whatever its number.
/// let spread =
///     Spread::alike(18.0);
/// let cumulative = (0..=28).map(|day| 10.0 * f64::from(day)).collect();
/// let demand = DemandDistribution::new(cumulative, 7, spread);
/// let lead_time = DayDistribution::point(2);
/// let supply = Supply::new(lead_time, 0, 1);
/// let prices = LostSalesPrices {
///     holding_per_day: 0.2,
///     lost_per_unit: 0.7,
///     lost_unit_weight: 1.0,
///     charge_every_days: 1,
/// };
/// let order = |stock_units| {
///     lost_sales_order(&demand, &supply, Holdings { stock_units, incoming: &[] }, prices)
/// };
/// assert_eq!(order(0.0).quantity_units, order(3.0).quantity_units);
/// assert!(order(30.0).quantity_units < order(20.0).quantity_units);
/// assert!((order(0.0).lost_before_arrival_units - 20.0).abs() < 0.05);
/// ```
#[must_use]
pub fn lost_sales_order<D: DemandTotals>(
    demand: &D,
    supply: &Supply,
    holdings: Holdings<'_>,
    prices: LostSalesPrices,
) -> LostSalesOrder {
    let next_order = supply.lead_time.later(supply.first_order_day);
    let Holdings { stock_units, incoming } = holdings;
    let exposure = Exposure { stock_units, incoming, next_order: &next_order, horizon_days: 0 };
    let review = supply.review_period_days.max(1);
    let scenarios = scenarios(&exposure);

    let last = scenarios.iter().map(|s| s.next_order_day).max().unwrap_or(0) + review;
    let balance = prices.holding_per_day * f64::from(review) / prices.weighted();
    let bound = furthest(demand, last, balance);
    let step = if demand.is_count() {
        (bound / MAX_POINTS).ceil().max(1.0)
    } else {
        (bound / MAX_POINTS).max(1e-9)
    };

    let chain =
        Chain { demand, step, bound, review, charge_every_days: prices.charge_every_days.max(1) };
    let mut lost = 0.0;
    let branches: Vec<Branch> = scenarios
        .iter()
        .flat_map(|scenario| chain.branches(stock_units, scenario, &mut lost))
        .collect();

    // What lies beyond the bound is never sold in time.
    let surplus = branches.iter().map(|branch| branch.weight * branch.surplus).sum::<f64>();
    let mut steps = cheapest_steps(&branches, prices, &chain);

    // The first unit of all takes the place of no other: κ does not speak of it.
    let is_first = stock_units <= 0.0 && incoming.iter().all(|line| line.units <= 0.0);
    let unweighted = LostSalesPrices { lost_unit_weight: 1.0, ..prices };
    if is_first && chain.in_units() && steps < 1.0 && gain(&branches, 0, unweighted) > 0.0 {
        steps = 1.0;
    }

    // Less than a step of a coarse lattice is not told from nothing.
    let quantity_units = steps * step - surplus;
    let is_told = chain.in_units() || quantity_units >= step;
    let quantity_units = if is_told { quantity_units } else { quantity_units.min(0.0) };

    LostSalesOrder { quantity_units, lost_before_arrival_units: lost }
}

/// The smallest quantity, in steps, at which one more does not pay; between two steps where the
/// quantity need not be one of them.
fn cheapest_steps<D: DemandTotals>(
    branches: &[Branch],
    prices: LostSalesPrices,
    chain: &Chain<'_, D>,
) -> f64 {
    let step = chain.step;
    let reach = (chain.bound / step) as i64 + 1;
    let (mut low, mut high) = (-reach, reach);
    while low < high {
        let middle = low + (high - low).div_euclid(2);
        if gain(branches, middle, prices) > 0.0 {
            low = middle + 1;
        } else {
            high = middle;
        }
    }

    if chain.in_units() {
        return low as f64;
    }

    // Between two points the gain falls nearly on a straight line.
    let (above, below) = (gain(branches, low - 1, prices), gain(branches, low, prices));
    let part = if above > below { (above / (above - below)).clamp(0.0, 1.0) } else { 1.0 };
    let steps = low as f64 - 1.0 + part;

    if chain.demand.is_count() { (steps * step).round() / step } else { steps }
}

/// What one more step of stock saves in lost units less what it costs to hold, over all branches.
fn gain(branches: &[Branch], steps: i64, prices: LostSalesPrices) -> f64 {
    branches
        .iter()
        .map(|b| b.weight * b.gain(steps, prices.weighted(), prices.holding_per_day))
        .sum()
}

/// The demand up to the last day beyond which so little probability lies that it cannot move the
/// order: a small part of h·R/(κp), the chance of a lost unit at which another unit does not pay.
fn furthest<D: DemandTotals>(demand: &D, last_day: u32, balance: f64) -> f64 {
    let (mean, variance) = demand.moments(0, last_day);
    let reach = Grid::covering(mean, variance, demand.is_count());
    let far = reach.step * (reach.points - 1) as f64;
    let step =
        if demand.is_count() { (far / MAX_POINTS).ceil().max(1.0) } else { far / MAX_POINTS };
    if step.is_nan() || step <= 0.0 {
        return far;
    }

    let mut cdf = vec![0.0; (far / step) as usize + 1];
    demand.fill_cdf((0, last_day), step, &mut cdf);
    let tail = TAIL_OF_INTEREST * (balance / (1.0 + balance)).clamp(MIN_CHANCE, 1.0);
    let points = cdf.iter().position(|value| *value >= 1.0 - tail).unwrap_or(cdf.len());

    (points as f64 * step + step).min(far)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::demand_distribution::{DemandDistribution, Spread};
    use crate::inventory::day_distribution::DayDistribution;

    /// Weekly demand whose weeks have most of their variance in common: r is the same for totals of
    /// any length.
    fn order(mean: f64, lost_per_unit: f64) -> f64 {
        let demand = DemandDistribution::new(
            (0..=91).map(|day| mean / 7.0 * f64::from(day)).collect(),
            7,
            Spread::alike(1.0),
        );
        let supply = Supply::new(DayDistribution::point(14), 0, 7);
        let arriving = |day| {
            let arrival = DayDistribution::point(day);
            Incoming { units: mean.round(), arrival, lot: 1 }
        };
        let holdings =
            Holdings { stock_units: mean.round(), incoming: &[arriving(0), arriving(7)] };
        let prices = LostSalesPrices {
            holding_per_day: 0.2 / 7.0,
            lost_per_unit,
            lost_unit_weight: 1.0,
            charge_every_days: 7,
        };
        lost_sales_order(&demand, &supply, holdings, prices).quantity_units
    }

    #[test]
    fn an_order_grows_evenly_with_the_price_of_a_lost_unit() {
        let orders: Vec<f64> = (0..=40).map(|k| order(60.0, 0.5 + 0.025 * f64::from(k))).collect();
        let whole = orders[40] - orders[0];
        assert!(whole > 30.0, "{orders:?}");
        for pair in orders.windows(2) {
            let step = pair[1] - pair[0];
            assert!((0.0..0.1 * whole).contains(&step), "{step} of {whole}: {orders:?}");
        }
    }

    #[test]
    fn an_item_that_sells_hundreds_orders_what_one_that_sells_tens_does_in_proportion() {
        for lost_per_unit in [0.5, 1.0, 2.0] {
            let (few, many) = (order(50.0, lost_per_unit), order(2_000.0, lost_per_unit));
            assert!((many / 40.0 - few).abs() < 1.5, "{few} {many}");
        }
    }
}
