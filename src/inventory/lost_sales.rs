//! How much to order where demand that finds no stock is lost: the order depends on what is on hand
//! and on its way, not on their sum alone.
//!
//! An order placed now serves the days from its arrival to the next order's. What it meets there is
//! the stock Y that the demand until then leaves, and lost sales leave more of it than the
//! inventory position less mean demand. So the distribution of Y is followed delivery by delivery, Y ← (Y −
//! D)⁺ + delivery, and the order is the least that makes the cost of its own interval smallest
//! (Morton 1971; Zipkin 2008, "myopic").

use std::sync::LazyLock;

use super::lattice::Grid;
use super::protection::{DemandTotals, Supply};
use super::risk::{Arriving, Exposure, Incoming, Scenario, scenarios};
use crate::stats::normal;

/// Points of the lattice that stock is followed on. Judgement: a test holds an item that sells 2,000
/// to the same order, in proportion, as one that sells 50.
const MAX_POINTS: f64 = 192.0;
/// Demand beyond this share of the probability that a lost unit is worth cannot move the order.
/// Judgement: a hundredth of what another unit could gain.
const TAIL_OF_INTEREST: f64 = 0.01;
/// Chance of a lost unit, at least, that the tail of interest is a share of: a price without bounds
/// must not ask for a lattice without end. Judgement.
const MIN_CHANCE: f64 = 1e-6;
/// Values of the shared factor, in standard deviations, beyond which lies a probability of 0.001
/// each side.
const FURTHEST_NODE: f64 = 3.1;
/// Distance of two values of the shared factor, at most, in standard deviations, and in widths of
/// the demand given the factor. Judgement: a test holds the mean and variance of the values to
/// those of the normal distribution, and the order to growing evenly with the price of a lost unit.
const MAX_NODE_DISTANCE: f64 = 1.2;
const NODE_DISTANCE_IN_WIDTHS: f64 = 1.8;
/// Below this share of common variance demands count as independent. Judgement.
const NO_SHARE: f64 = 1e-6;
/// Masses below this are left out: all of them together are less than a thousandth of a unit.
const NO_MASS: f64 = 1e-11;
/// A distribution ends where less than this lies beyond.
const TAIL: f64 = 1e-9;
/// A factor shared by all days explains at most this share of a stretch's variance. Judgement: at 1
/// nothing of a demand would be its own, and its distribution given the factor would be a step.
const MAX_SHARED: f64 = 0.9;
/// Points of Φ's table a unit, and how far it reaches each side of 0.
const NORMAL_POINTS: f64 = 64.0;
const NORMAL_REACH: f64 = 8.0;

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
    /// κp, what losing one unit costs, weighted, in money.
    pub lost_per_unit: f64,
    /// Days from one charge of holding cost to the next.
    pub charge_every_days: u32,
}

/// κ = 1/√(1 + L/R), what a lost unit weighs against one that waits a review.
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
pub fn lost_unit_weight(lead_time_days: f64, review_period_days: f64) -> f64 {
    1.0 / (1.0 + lead_time_days.max(0.0) / review_period_days.max(1.0)).sqrt()
}

/// The order that makes the expected cost of the days between its arrival and the next order's
/// least.
///
/// With Y the stock left at the arrival day A, D_t the demand of the t days from then on, h the
/// holding cost of a day, charged every `charge_every_days`, and p the cost of a unit lost:
///
/// q = min { q : h·Σ_t length_t·P(D_t ≤ Y + q) ≥ κp·P(D_R > Y + q) },
///
/// where κ is the [`lost_unit_weight`]. Demands of successive stretches share a normal factor (a
/// Gaussian copula) that makes the variance of their sum that of the demand law.
///
/// ```
/// use restock::forecast::law::{DemandLaw, Spread};
/// use restock::inventory::day_law::DayLaw;
/// use restock::inventory::lost_sales::{Holdings, LostSalesPrices, lost_sales_order};
/// use restock::inventory::protection::Supply;
///
/// // Poisson demand of 10 a day; nothing on the way for two days: what is on hand is gone, whatever its number.
/// let spread = Spread { bucket_days: 1.0, log_dispersion: &[18.0], calibration: &[], is_count: true };
/// let demand = DemandLaw::new((0..=28).map(|day| 10.0 * f64::from(day)).collect(), 7, spread);
/// let supply = Supply { lead_time: DayLaw::point(2), first_order_day: 0, review_period_days: 1 };
/// let prices = LostSalesPrices { holding_per_day: 0.2, lost_per_unit: 0.7, charge_every_days: 1 };
/// let order = |stock_units| lost_sales_order(&demand, &supply, Holdings { stock_units, incoming: &[] }, prices);
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
    let balance = prices.holding_per_day * f64::from(review) / prices.lost_per_unit;
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
    let steps = cheapest_steps(&branches, prices, &chain);

    LostSalesOrder { quantity_units: steps * step - surplus, lost_before_arrival_units: lost }
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

    let is_count = chain.demand.is_count();
    if is_count && step <= 1.0 {
        return low as f64;
    }

    // Between two points the gain falls nearly on a straight line.
    let (above, below) = (gain(branches, low - 1, prices), gain(branches, low, prices));
    let part = if above > below { (above / (above - below)).clamp(0.0, 1.0) } else { 1.0 };
    let steps = low as f64 - 1.0 + part;

    if is_count { (steps * step).round() / step } else { steps }
}

/// What one more step of stock saves in lost units less what it costs to hold, over all branches.
fn gain(branches: &[Branch], steps: i64, prices: LostSalesPrices) -> f64 {
    branches.iter().map(|branch| branch.weight * branch.gain(steps, prices)).sum()
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

/// What all courses of one item share.
struct Chain<'a, D> {
    demand: &'a D,
    /// Distance of two points of the lattice, in units.
    step: f64,
    /// Stock beyond this many units is left off the lattice.
    bound: f64,
    /// R, in days.
    review: u32,
    charge_every_days: u32,
}

/// Days from one delivery to the next, or to the order's arrival.
struct Stretch {
    from_day: u32,
    /// Units delivered on the first day.
    units: f64,
    /// Distribution function of the demand of these days, or Φ⁻¹ of it; empty without days.
    demand: Vec<f64>,
}

/// Days of an order's interval that are charged at once.
struct Charge {
    /// How many days.
    days: f64,
    /// Distribution function of the demand from the arrival up to then, or Φ⁻¹ of it.
    demand: Vec<f64>,
}

/// One course of the deliveries, before it is known what all demands share.
struct Course {
    stretches: Vec<Stretch>,
    /// Units delivered between the order's arrival and the next one's.
    late_units: f64,
    /// The last one ends with the interval.
    charges: Vec<Charge>,
    /// Share of each demand's variance that all of them have in common.
    shared: f64,
}

/// One course of the deliveries under one value of the factor that all demands share.
struct Branch {
    /// Its probability.
    weight: f64,
    /// Units beyond the lattice.
    surplus: f64,
    /// Probability of each stock at the order's arrival, by lattice point.
    stock: Vec<f64>,
    /// Given the factor; the last one ends with the interval.
    charges: Vec<Charge>,
}

impl Branch {
    /// What one more step of stock saves in lost units less what it costs to hold, at this
    /// quantity.
    fn gain(&self, steps: i64, prices: LostSalesPrices) -> f64 {
        let holding: f64 = self
            .charges
            .iter()
            .map(|charge| charge.days * self.within_stock(&charge.demand, steps))
            .sum();
        let served =
            self.charges.last().map_or(1.0, |charge| self.within_stock(&charge.demand, steps));

        prices.lost_per_unit * (1.0 - served) - prices.holding_per_day * holding
    }

    /// P(a demand stays within the stock at the arrival and this many steps).
    fn within_stock(&self, cdf: &[f64], steps: i64) -> f64 {
        self.stock
            .iter()
            .enumerate()
            .map(|(y, mass)| {
                let probability = match y as i64 + steps {
                    k if k < 0 => 0.0,
                    k => cdf.get(k as usize).copied().unwrap_or(1.0),
                };
                mass * probability
            })
            .sum()
    }
}

impl<D: DemandTotals> Chain<'_, D> {
    /// A branch for each value of the shared factor; what is lost before the order's arrival is
    /// added to `lost`, in units.
    fn branches(&self, stock_units: f64, scenario: &Scenario, lost: &mut f64) -> Vec<Branch> {
        let course = self.course(stock_units, scenario);

        let nodes = nodes(course.shared).into_iter();
        nodes.map(|node| self.branch(&course, node, scenario.weight, lost)).collect()
    }

    fn course(&self, stock_units: f64, scenario: &Scenario) -> Course {
        let arrival = scenario.next_order_day;
        let end = arrival + self.review;
        let (mut stretches, late_units) = self.stretches(stock_units, scenario);

        let interval = self.distribution((arrival, end), Rounding::Down);
        let whole = self.distribution((0, end), Rounding::Down);
        let parts = stretches.iter().map(|stretch| &stretch.demand);
        let parts = parts.filter(|demand| !demand.is_empty()).chain([&interval]);
        let shared = shared_variance(parts, &whole);

        for stretch in &mut stretches {
            into_scores(&mut stretch.demand);
        }
        let charges = self
            .charge_days()
            .map(|(days, until)| {
                let mut demand = if until == self.review {
                    interval.clone()
                } else {
                    self.distribution((arrival, arrival + until), Rounding::Down)
                };
                into_scores(&mut demand);
                Charge { days, demand }
            })
            .collect();

        Course { stretches, late_units, charges, shared }
    }

    /// The days up to the order's arrival from delivery to delivery, and the units that are
    /// delivered between its arrival and the next order's.
    fn stretches(&self, stock_units: f64, scenario: &Scenario) -> (Vec<Stretch>, f64) {
        let arrival = scenario.next_order_day;
        let first = Stretch { from_day: 0, units: stock_units.max(0.0), demand: Vec::new() };
        let (mut stretches, mut late_units) = (vec![first], 0.0);
        let before_next_order =
            scenario.deliveries.iter().filter(|delivery| delivery.day < arrival + self.review);
        for &Arriving { day, units } in before_next_order {
            match stretches.last_mut() {
                _ if day >= arrival => late_units += units,
                Some(last) if last.from_day == day => last.units += units,
                _ => stretches.push(Stretch { from_day: day, units, demand: Vec::new() }),
            }
        }

        let ends: Vec<u32> =
            stretches[1..].iter().map(|stretch| stretch.from_day).chain([arrival]).collect();
        for (stretch, end) in stretches.iter_mut().zip(ends) {
            if end > stretch.from_day {
                stretch.demand = self.distribution((stretch.from_day, end), Rounding::Nearest);
            }
        }

        (stretches, late_units)
    }

    /// Follows stock from delivery to delivery under one value of the shared factor.
    fn branch(&self, course: &Course, node: Node, weight: f64, lost: &mut f64) -> Branch {
        let weight = weight * node.weight;
        let (mut stock, mut surplus) = (vec![1.0], 0.0);
        for stretch in &course.stretches {
            surplus += self.add(&mut stock, stretch.units);
            if !stretch.demand.is_empty() {
                let demand = conditional(&stretch.demand, node.value, course.shared);
                *lost += weight * self.serve(&mut stock, &demand);
            }
        }
        surplus += self.add(&mut stock, course.late_units);

        let charges = course.charges.iter().map(|charge| Charge {
            days: charge.days,
            demand: conditional(&charge.demand, node.value, course.shared),
        });
        Branch { weight, surplus, stock, charges: charges.collect() }
    }

    /// The distribution function of the demand of a stretch of days at the points of the lattice.
    fn distribution(&self, days: (u32, u32), rounding: Rounding) -> Vec<f64> {
        let points = (self.bound / self.step) as usize + 2;
        let is_exact = self.demand.is_count() && self.step <= 1.0;
        let mut cdf = if rounding == Rounding::Down || is_exact {
            let mut cdf = vec![0.0; points];
            self.demand.fill_cdf(days, self.step, &mut cdf);
            cdf
        } else {
            let mut halves = vec![0.0; 2 * points];
            self.demand.fill_cdf(days, 0.5 * self.step, &mut halves);
            halves.iter().skip(1).step_by(2).copied().collect()
        };

        let end = cdf.iter().position(|value| *value >= 1.0 - TAIL).map_or(cdf.len(), |at| at + 1);
        cdf.truncate(end);
        cdf
    }

    /// Days charged at once and days since the arrival, for each charge of the interval.
    fn charge_days(&self) -> impl Iterator<Item = (f64, u32)> + '_ {
        let every = self.charge_every_days;
        (0..self.review.div_ceil(every)).map(move |i| {
            let from = i * every;
            let until = ((i + 1) * every).min(self.review);
            (f64::from(until - from), until)
        })
    }

    /// Adds a delivery, in units; what lies beyond the bound is returned and left out.
    fn add(&self, stock: &mut Vec<f64>, units: f64) -> f64 {
        if units <= 0.0 {
            return 0.0;
        }

        let room = (self.bound / self.step) as usize + 1;
        let fits = units.min(self.bound.max(0.0));
        let steps = fits / self.step + 1e-9;
        let (whole, part) = (steps.floor() as usize, steps.fract());

        stock.splice(0..0, std::iter::repeat_n(0.0, whole));
        if part > 1e-6 {
            // Between two points: some of the mass on each, so that the mean is kept.
            let mut before = 0.0;
            stock.push(0.0);
            for mass in stock.iter_mut() {
                let own = *mass;
                *mass = (1.0 - part) * own + part * before;
                before = own;
            }
        }

        let mut beyond = units - fits;
        if stock.len() > room {
            let over: f64 =
                stock[room..].iter().enumerate().map(|(i, mass)| mass * (i + 1) as f64).sum();
            let mass: f64 = stock[room..].iter().sum();
            stock.truncate(room);
            stock[room - 1] += mass;
            beyond += over * self.step;
        }

        beyond
    }

    /// Serves a demand; the expected units lost are returned.
    fn serve(&self, stock: &mut Vec<f64>, demand: &[f64]) -> f64 {
        let first = stock.iter().position(|mass| *mass > NO_MASS).unwrap_or(0);
        let end = stock.iter().rposition(|mass| *mass > NO_MASS).map_or(0, |last| last + 1);
        let mut left = vec![0.0; stock.len()];
        let mut before = 0.0;
        let mut mean = 0.0;
        for (k, &value) in demand.iter().enumerate() {
            let mass = value - before;
            before = value;
            mean += 1.0 - value;
            if k < end && mass > NO_MASS {
                let from = first.max(k);
                for (sum, own) in left[from - k..end - k].iter_mut().zip(&stock[from..end]) {
                    *sum += mass * own;
                }
            }
        }
        // Whatever is not left for another stock is left as nothing.
        left[0] += (1.0 - left.iter().sum::<f64>()).max(0.0);

        let lost = mean - (mean_steps(stock) - mean_steps(&left));
        *stock = left;
        lost.max(0.0) * self.step
    }
}

/// How demands between two points of the lattice are told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    /// P(D ≤ k·step): a demand counts at the point above it.
    Down,
    /// Up to half a step more, for demand that is taken off a stock which lies on the points: it
    /// counts at the nearest point.
    Nearest,
}

/// Mean of the stock that these probabilities tell, in steps.
fn mean_steps(masses: &[f64]) -> f64 {
    masses.iter().enumerate().map(|(y, mass)| mass * y as f64).sum()
}

/// A value of the factor that all demands share.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    /// In standard deviations.
    value: f64,
    /// Its probability.
    weight: f64,
}

/// Values of the shared factor: points of a trapezoid rule for the normal distribution, as close as
/// the demand given the factor is narrow. Three points leave the distribution function level
/// between them, so that the order leaps where the price of a lost unit passes such a level.
fn nodes(shared: f64) -> Vec<Node> {
    if shared <= NO_SHARE {
        return vec![Node { value: 0.0, weight: 1.0 }];
    }

    let width = ((1.0 - shared) / shared).sqrt();
    let distance = (NODE_DISTANCE_IN_WIDTHS * width).min(MAX_NODE_DISTANCE);
    let each_side = (FURTHEST_NODE / distance).ceil() as i32;
    let mut nodes: Vec<Node> = (-each_side..=each_side)
        .map(|k| f64::from(k) * distance)
        .map(|value| Node { value, weight: normal::density(value) })
        .collect();

    let sum: f64 = nodes.iter().map(|node| node.weight).sum();
    nodes.iter_mut().for_each(|node| node.weight /= sum);
    nodes
}

/// Share of a stretch's variance that all stretches have in common: what makes the variance of
/// their sum that of the whole. Both are taken from the distributions as calibrated.
fn shared_variance<'a>(stretches: impl Iterator<Item = &'a Vec<f64>>, whole: &[f64]) -> f64 {
    let (mut sum, mut roots) = (0.0, 0.0);
    for stretch in stretches {
        let variance = variance(stretch);
        sum += variance;
        roots += variance.sqrt();
    }

    let shared = (variance(whole) - sum) / (roots * roots - sum);
    if shared.is_finite() { shared.clamp(0.0, MAX_SHARED) } else { 0.0 }
}

/// Variance of a distribution on the points, in steps²: Σ(2k + 1)(1 − F(k)) − (Σ(1 − F(k)))².
fn variance(cdf: &[f64]) -> f64 {
    let (mut mean, mut square) = (0.0, 0.0);
    for (k, value) in cdf.iter().enumerate() {
        mean += 1.0 - value;
        square += (2 * k + 1) as f64 * (1.0 - value);
    }

    (square - mean * mean).max(0.0)
}

/// Φ at 64 points a unit, straight between them: within 10⁻⁵.
static NORMAL: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let points = (2.0 * NORMAL_REACH * NORMAL_POINTS) as i32;
    (0..=points).map(|k| normal::cdf(f64::from(k) / NORMAL_POINTS - NORMAL_REACH)).collect()
});

/// Φ(z) by the table.
fn rough_normal(table: &[f64], z: f64) -> f64 {
    let position = (z + NORMAL_REACH) * NORMAL_POINTS;
    if position.is_nan() || position <= 0.0 {
        return 0.0;
    }

    let at = position as usize;
    match (table.get(at), table.get(at + 1)) {
        (Some(low), Some(high)) => low + (position - at as f64) * (high - low),
        _ => 1.0,
    }
}

/// Puts Φ⁻¹ of a distribution function in its place.
fn into_scores(cdf: &mut [f64]) {
    for value in cdf {
        *value = normal::quantile(value.clamp(0.0, 1.0));
    }
}

/// The distribution function of a demand, given the factor: Φ((score − √ρ·node)/√(1 − ρ)).
fn conditional(scores: &[f64], node: f64, shared: f64) -> Vec<f64> {
    let (shift, scale) = (shared.sqrt() * node, 1.0 / (1.0 - shared).sqrt());
    let table = &*NORMAL;
    scores.iter().map(|score| rough_normal(table, (score - shift) * scale)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::law::{DemandLaw, Spread};
    use crate::inventory::day_law::DayLaw;

    /// Weekly demand whose weeks have most of their variance in common: r is the same for totals of
    /// any length.
    fn order(mean: f64, lost_per_unit: f64) -> f64 {
        let spread = Spread {
            bucket_days: 7.0,
            log_dispersion: &[1.0; 4],
            calibration: &[],
            is_count: true,
        };
        let demand =
            DemandLaw::new((0..=91).map(|day| mean / 7.0 * f64::from(day)).collect(), 7, spread);
        let supply =
            Supply { lead_time: DayLaw::point(14), first_order_day: 0, review_period_days: 7 };
        let arriving = |day| Incoming { units: mean.round(), arrival: DayLaw::point(day) };
        let holdings =
            Holdings { stock_units: mean.round(), incoming: &[arriving(0), arriving(7)] };
        let prices =
            LostSalesPrices { holding_per_day: 0.2 / 7.0, lost_per_unit, charge_every_days: 7 };
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

    #[test]
    fn the_nodes_of_the_shared_factor_have_its_moments() {
        for shared in [0.01, 0.3, 0.7, MAX_SHARED] {
            let nodes = nodes(shared);
            let moment = |power| {
                nodes
                    .iter()
                    .map(|node| node.weight * libm::pow(node.value, f64::from(power)))
                    .sum::<f64>()
            };
            assert!((moment(0) - 1.0).abs() < 1e-12 && moment(1).abs() < 1e-12, "{shared}");
            assert!((moment(2) - 1.0).abs() < 0.02, "{shared} {}", moment(2));
        }
        assert_eq!(nodes(0.0), [Node { value: 0.0, weight: 1.0 }]);
    }
}
