//! How much to order where demand that finds no stock is lost: the order depends on what is on hand
//! and on its way, not on their sum alone.
//!
//! An order placed now serves the days from its arrival to the next order's. What it meets there is
//! the stock Y that the demand until then leaves, and lost sales leave more of it than the
//! inventory position less mean demand. So the law of Y is followed delivery by delivery, Y ← (Y −
//! D)⁺ + delivery, and the order is the least that makes the cost of its own interval smallest
//! (Morton 1971; Zipkin 2008, "myopic").

use std::sync::LazyLock;

use super::lattice::Grid;
use super::protection::{DemandTotals, Supply};
use super::risk::{Exposure, Incoming, Scenario, scenarios};
use crate::stats::normal;

/// Points of the lattice that stock is followed on.
const MOST_POINTS: f64 = 192.0;
/// Demand beyond this share of the probability that a lost unit is worth cannot move the order.
const TAIL_OF_INTEREST: f64 = 0.01;
/// Values of the shared factor beyond this have a probability of 0.001 each side.
const FURTHEST_NODE: f64 = 3.1;
/// Masses below this are left out.
const NO_MASS: f64 = 1e-11;
/// A factor shared by all days explains at most this share of a stretch's variance.
const MOST_SHARED: f64 = 0.9;

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
    /// Units to order; at or below 0 where there is enough.
    pub quantity_units: f64,
    /// Units of demand expected to be lost before the order arrives.
    pub lost_before_arrival_units: f64,
}

/// What the rule weighs against each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LostSalesPrices {
    /// h, holding cost of one unit for one day.
    pub holding_per_day: f64,
    /// κp, what losing one unit costs, weighted.
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
    let bound =
        furthest(demand, last, prices.holding_per_day * f64::from(review) / prices.lost_per_unit);
    let step = if demand.is_count() {
        (bound / MOST_POINTS).ceil().max(1.0)
    } else {
        (bound / MOST_POINTS).max(1e-9)
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
    let gain = |steps: i64| -> f64 {
        let one = |branch: &Branch| branch.weight * branch.gain(steps, prices);
        branches.iter().map(one).sum()
    };
    let (mut low, mut high) = (-((bound / step) as i64) - 1, (bound / step) as i64 + 1);
    while low < high {
        let middle = low + (high - low).div_euclid(2);
        if gain(middle) > 0.0 {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let is_exact = demand.is_count() && step <= 1.0;
    let steps = if is_exact {
        low as f64
    } else {
        // Between two points the gain falls nearly on a straight line.
        let (above, below) = (gain(low - 1), gain(low));
        let part = if above > below { (above / (above - below)).clamp(0.0, 1.0) } else { 1.0 };
        let steps = low as f64 - 1.0 + part;
        if demand.is_count() { (steps * step).round() / step } else { steps }
    };
    LostSalesOrder { quantity_units: steps * step - surplus, lost_before_arrival_units: lost }
}

/// The demand up to the last day beyond which so little probability lies that it cannot move the
/// order: a small part of h·R/(κp), the chance of a lost unit at which another unit does not pay.
fn furthest<D: DemandTotals>(demand: &D, last_day: u32, balance: f64) -> f64 {
    let (mean, variance) = demand.moments(0, last_day);
    let reach = Grid::covering(mean, variance, demand.is_count());
    let far = reach.step * (reach.points - 1) as f64;
    let step =
        if demand.is_count() { (far / MOST_POINTS).ceil().max(1.0) } else { far / MOST_POINTS };
    if step.is_nan() || step <= 0.0 {
        return far;
    }
    let mut cdf = vec![0.0; (far / step) as usize + 1];
    demand.fill_cdf((0, last_day), step, &mut cdf);
    let tail = TAIL_OF_INTEREST * (balance / (1.0 + balance)).clamp(1e-6, 1.0);
    let points = cdf.iter().position(|value| *value >= 1.0 - tail).unwrap_or(cdf.len());
    (points as f64 * step + step).min(far)
}

/// What all courses of one item share.
struct Chain<'a, D> {
    demand: &'a D,
    step: f64,
    bound: f64,
    review: u32,
    charge_every_days: u32,
}

/// One course of the deliveries under one value of the factor that all demands share.
struct Branch {
    weight: f64,
    /// Units beyond the lattice.
    surplus: f64,
    /// Probability of each stock at the order's arrival.
    stock: Vec<f64>,
    /// Days charged at once, and the distribution function of the demand up to then; the last is
    /// that of the interval.
    charges: Vec<(f64, Vec<f64>)>,
}

impl Branch {
    /// What one more step of stock saves in lost units less what it costs to hold, at this
    /// quantity.
    fn gain(&self, steps: i64, prices: LostSalesPrices) -> f64 {
        let below = |cdf: &[f64]| -> f64 {
            let at = |y: usize| match y as i64 + steps {
                k if k < 0 => 0.0,
                k => cdf.get(k as usize).copied().unwrap_or(1.0),
            };
            self.stock.iter().enumerate().map(|(y, mass)| mass * at(y)).sum()
        };
        let holding: f64 = self.charges.iter().map(|(days, cdf)| days * below(cdf)).sum();
        let served = self.charges.last().map_or(1.0, |(_, cdf)| below(cdf));
        prices.lost_per_unit * (1.0 - served) - prices.holding_per_day * holding
    }
}

impl<D: DemandTotals> Chain<'_, D> {
    fn branches(&self, stock_units: f64, scenario: &Scenario, lost: &mut f64) -> Vec<Branch> {
        let arrival = scenario.next_order_day;
        let end = arrival + self.review;
        // Each stretch begins with what is delivered on its first day; what comes after the arrival
        // counts from there.
        let mut stretches = vec![(0, stock_units.max(0.0))];
        let mut late = 0.0;
        for &(day, units) in scenario.deliveries.iter().filter(|delivery| delivery.0 < end) {
            match stretches.last_mut() {
                _ if day >= arrival => late += units,
                Some(last) if last.0 == day => last.1 += units,
                _ => stretches.push((day, units)),
            }
        }
        let ends: Vec<u32> = stretches[1..].iter().map(|s| s.0).chain([arrival]).collect();
        let spans: Vec<(u32, u32)> =
            stretches.iter().map(|s| s.0).zip(ends).filter(|(from, to)| to > from).collect();
        let laws: Vec<Vec<f64>> = spans.iter().map(|&days| self.law(days, true)).collect();
        let interval = self.law((arrival, end), false);
        let shared = self.shared(laws.iter().chain([&interval]), &self.law((0, end), false));
        let scores: Vec<Vec<f64>> = laws.into_iter().map(into_scores).collect();
        let charges: Vec<(f64, Vec<f64>)> = self
            .charge_days()
            .map(|(days, until)| {
                let law = if until == self.review {
                    interval.clone()
                } else {
                    self.law((arrival, arrival + until), false)
                };
                (days, into_scores(law))
            })
            .collect();
        let nodes = nodes(shared);
        let mut branches = Vec::with_capacity(nodes.len());
        for (node, weight) in nodes {
            let mut stock = vec![1.0];
            let mut surplus = 0.0;
            let mut law = Vec::new();
            let mut spans = spans.iter().zip(&scores);
            for (at, &(day, units)) in stretches.iter().enumerate() {
                surplus += self.add(&mut stock, units);
                let until = stretches.get(at + 1).map_or(arrival, |next| next.0);
                if until > day
                    && let Some((_, scores)) = spans.next()
                {
                    conditional(scores, node, shared, &mut law);
                    *lost += scenario.weight * weight * self.serve(&mut stock, &law);
                }
            }
            surplus += self.add(&mut stock, late);
            let charges = charges.iter().map(|(days, scores)| {
                let mut law = Vec::new();
                conditional(scores, node, shared, &mut law);
                (*days, law)
            });
            branches.push(Branch {
                weight: scenario.weight * weight,
                surplus,
                charges: charges.collect(),
                stock,
            });
        }
        branches
    }

    /// The distribution function of the demand of a stretch of days: P(D ≤ k·step), or where demand
    /// is taken off a stock that lies on the points, up to half a step more, so that what is
    /// rounded to a point is rounded to the nearest one.
    fn law(&self, days: (u32, u32), rounded: bool) -> Vec<f64> {
        let points = (self.bound / self.step) as usize + 2;
        let is_exact = self.demand.is_count() && self.step <= 1.0;
        let mut cdf = vec![0.0; if rounded && !is_exact { 2 * points } else { points }];
        if rounded && !is_exact {
            self.demand.fill_cdf(days, 0.5 * self.step, &mut cdf);
            cdf = cdf.iter().skip(1).step_by(2).copied().collect();
        } else {
            self.demand.fill_cdf(days, self.step, &mut cdf);
        }
        let end = cdf.iter().position(|value| *value >= 1.0 - 1e-9).map_or(cdf.len(), |at| at + 1);
        cdf.truncate(end);
        cdf
    }

    /// Days charged at once and days since the arrival, for each charge of the interval.
    fn charge_days(&self) -> impl Iterator<Item = (f64, u32)> + '_ {
        let count = self.review.div_ceil(self.charge_every_days);
        (0..count).map(|i| {
            let (from, until) =
                (i * self.charge_every_days, ((i + 1) * self.charge_every_days).min(self.review));
            (f64::from(until - from), until)
        })
    }

    /// Share of a stretch's variance that all stretches have in common: what makes the variance of
    /// their sum that of the law of the whole. Both are taken from the laws as calibrated.
    fn shared<'a>(&self, stretches: impl Iterator<Item = &'a Vec<f64>>, whole: &[f64]) -> f64 {
        let (mut sum, mut roots) = (0.0, 0.0);
        for law in stretches {
            let variance = variance(law);
            sum += variance;
            roots += variance.sqrt();
        }
        let shared = (variance(whole) - sum) / (roots * roots - sum);
        if shared.is_finite() { shared.clamp(0.0, MOST_SHARED) } else { 0.0 }
    }

    /// Adds a delivery; what lies beyond the bound is returned and left out.
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
        let n = stock.len();
        let first = stock.iter().position(|mass| *mass > NO_MASS).unwrap_or(0);
        let end = stock.iter().rposition(|mass| *mass > NO_MASS).map_or(0, |last| last + 1);
        let mut left = vec![0.0; n];
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
        let held =
            |law: &[f64]| -> f64 { law.iter().enumerate().map(|(y, mass)| mass * y as f64).sum() };
        // Whatever is not left for another stock is left as nothing.
        left[0] += (1.0 - left.iter().sum::<f64>()).max(0.0);
        let lost = mean - (held(stock) - held(&left));
        *stock = left;
        lost.max(0.0) * self.step
    }
}

/// Values of the shared factor with their weights: points of a trapezoid rule for the normal law,
/// as close as the demand given the factor is narrow. Three points leave the distribution function
/// level between them, so that the order leaps where the price of a lost unit passes such a level.
fn nodes(shared: f64) -> Vec<(f64, f64)> {
    if shared <= 1e-6 {
        return vec![(0.0, 1.0)];
    }
    let distance = (1.8 * ((1.0 - shared) / shared).sqrt()).min(1.2);
    let each_side = (FURTHEST_NODE / distance).ceil() as i32;
    let mut nodes: Vec<(f64, f64)> = (-each_side..=each_side)
        .map(|k| f64::from(k) * distance)
        .map(|node| (node, normal::density(node)))
        .collect();
    let sum: f64 = nodes.iter().map(|node| node.1).sum();
    nodes.iter_mut().for_each(|node| node.1 /= sum);
    nodes
}

/// Φ at 64 points a unit, straight between them: within 10⁻⁵.
static NORMAL: LazyLock<Vec<f64>> =
    LazyLock::new(|| (0..=1024).map(|k| normal::cdf(f64::from(k) / 64.0 - 8.0)).collect());

fn rough_normal(table: &[f64], z: f64) -> f64 {
    let place = (z + 8.0) * 64.0;
    if place.is_nan() || place <= 0.0 {
        return 0.0;
    }
    let at = place as usize;
    match (table.get(at), table.get(at + 1)) {
        (Some(low), Some(high)) => low + (place - at as f64) * (high - low),
        _ => 1.0,
    }
}

/// Variance of a law on the points, in steps²: Σ(2k + 1)(1 − F(k)) − (Σ(1 − F(k)))².
fn variance(cdf: &[f64]) -> f64 {
    let (mut mean, mut square) = (0.0, 0.0);
    for (k, value) in cdf.iter().enumerate() {
        mean += 1.0 - value;
        square += (2 * k + 1) as f64 * (1.0 - value);
    }
    (square - mean * mean).max(0.0)
}

/// Φ⁻¹ of a distribution function.
fn into_scores(mut cdf: Vec<f64>) -> Vec<f64> {
    cdf.iter_mut().for_each(|value| *value = normal::quantile(value.clamp(0.0, 1.0)));
    cdf
}

/// The distribution function of a demand, given the factor: Φ((score − √ρ·node)/√(1 − ρ)).
fn conditional(scores: &[f64], node: f64, shared: f64, law: &mut Vec<f64>) {
    let (shift, scale) = (shared.sqrt() * node, 1.0 / (1.0 - shared).sqrt());
    law.clear();
    let table = &*NORMAL;
    law.extend(scores.iter().map(|score| rough_normal(table, (score - shift) * scale)));
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
        for shared in [0.01, 0.3, 0.7, MOST_SHARED] {
            let nodes = nodes(shared);
            let moment = |power| {
                nodes
                    .iter()
                    .map(|(node, weight)| weight * libm::pow(*node, f64::from(power)))
                    .sum::<f64>()
            };
            assert!((moment(0) - 1.0).abs() < 1e-12 && moment(1).abs() < 1e-12, "{shared}");
            assert!((moment(2) - 1.0).abs() < 0.02, "{shared} {}", moment(2));
        }
        assert_eq!(nodes(0.0), [(0.0, 1.0)]);
    }
}
