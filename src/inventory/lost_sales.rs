//! How much to order where demand that finds no stock is lost: the order depends on what is on hand and on its way, not
//! on their sum alone.
//!
//! An order placed now serves the days from its arrival to the next order's. What it meets there is the stock Y that
//! the demand until then leaves, and lost sales leave more of it than the inventory position less mean demand. So the
//! law of Y is followed delivery by delivery, Y ← (Y − D)⁺ + delivery, and the order is the least that makes the cost of
//! its own interval smallest (Morton 1971; Zipkin 2008, "myopic").

use super::lattice::Grid;
use super::protection::{DemandTotals, Supply};
use super::risk::{Exposure, Incoming, Scenario, scenarios};
use crate::stats::normal;

/// Points of the lattice that stock is followed on.
const MOST_POINTS: f64 = 192.0;
/// Nodes and weights of the three-point Gauss–Hermite rule for a standard normal factor.
const NODES: [(f64, f64); 3] =
    [(-1.732_050_807_568_877_2, 1.0 / 6.0), (0.0, 2.0 / 3.0), (1.732_050_807_568_877_2, 1.0 / 6.0)];
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

/// κ = (1 + L/R)^(−1/3), what a lost unit weighs against one that waits a review.
///
/// A lost unit, unlike one that waits, asks for nothing of the next delivery, so that its weight lies between
/// 1/(1 + L/R) and 1: Janakiraman, Seshadri & Shanthikumar (2007), theorem 4. The exponent is the one that came out best
/// over simulated Poisson and negative-binomial demands (`docs/SERVICE.md`).
///
/// ```
/// use restock::inventory::lost_sales::lost_unit_weight;
/// assert!((lost_unit_weight(14.0, 7.0) - 0.693_361_3).abs() < 1e-6);
/// ```
#[must_use]
pub fn lost_unit_weight(lead_time_days: f64, review_period_days: f64) -> f64 {
    1.0 / libm::cbrt(1.0 + lead_time_days.max(0.0) / review_period_days.max(1.0))
}

/// The order that makes the expected cost of the days between its arrival and the next order's least.
///
/// With Y the stock left at the arrival day A, D_t the demand of the t days from then on, h the holding cost of a day,
/// charged every `charge_every_days`, and p the cost of a unit lost:
///
/// q = min { q : h·Σ_t length_t·P(D_t ≤ Y + q) ≥ κp·P(D_R > Y + q) },
///
/// where κ is the [`lost_unit_weight`]. Demands of successive stretches share a normal factor (a Gaussian copula) that
/// makes the variance of their sum that of the demand law.
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
    let (mean, variance) = demand.moments(0, last);
    let reach = Grid::covering(mean, variance, demand.is_count());
    let bound = reach.step * (reach.points - 1) as f64;
    let step = if demand.is_count() { (bound / MOST_POINTS).ceil().max(1.0) } else { (bound / MOST_POINTS).max(1e-9) };
    let chain = Chain { demand, step, bound, review, charge_every_days: prices.charge_every_days.max(1) };
    let mut lost = 0.0;
    let branches: Vec<Branch> =
        scenarios.iter().flat_map(|scenario| chain.branches(stock_units, scenario, &mut lost)).collect();
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
    LostSalesOrder { quantity_units: low as f64 * step - surplus, lost_before_arrival_units: lost }
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
    /// Days charged at once, and the distribution function of the demand up to then; the last is that of the interval.
    charges: Vec<(f64, Vec<f64>)>,
}

impl Branch {
    /// What one more step of stock saves in lost units less what it costs to hold, at this quantity.
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
        // Each stretch begins with what is delivered on its first day; what comes after the arrival counts from there.
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
        let spans: Vec<(u32, u32)> = stretches.iter().map(|s| s.0).zip(ends).filter(|(from, to)| to > from).collect();
        let scores: Vec<Vec<f64>> = spans.iter().map(|&days| self.scores(days)).collect();
        let charges: Vec<(f64, Vec<f64>)> =
            self.charge_days().map(|(days, until)| (days, self.scores((arrival, arrival + until)))).collect();
        let shared = self.shared(&spans, arrival, end);
        let mut branches = Vec::with_capacity(NODES.len());
        for (node, weight) in nodes(shared) {
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
            branches.push(Branch { weight: scenario.weight * weight, surplus, charges: charges.collect(), stock });
        }
        branches
    }

    /// The normal scores Φ⁻¹(P(D ≤ k·step)) of the demand of a stretch of days.
    fn scores(&self, days: (u32, u32)) -> Vec<f64> {
        let mut cdf = vec![0.0; (self.bound / self.step) as usize + 2];
        self.demand.fill_cdf(days, self.step, &mut cdf);
        let end = cdf.iter().position(|value| *value >= 1.0 - 1e-9).map_or(cdf.len(), |at| at + 1);
        cdf.truncate(end);
        cdf.iter().map(|value| normal::quantile(value.clamp(0.0, 1.0))).collect()
    }

    /// Days charged at once and days since the arrival, for each charge of the interval.
    fn charge_days(&self) -> impl Iterator<Item = (f64, u32)> + '_ {
        let count = self.review.div_ceil(self.charge_every_days);
        (0..count).map(|i| {
            let (from, until) = (i * self.charge_every_days, ((i + 1) * self.charge_every_days).min(self.review));
            (f64::from(until - from), until)
        })
    }

    /// Share of a stretch's variance that all stretches have in common: what makes the variance of the sum right.
    fn shared(&self, spans: &[(u32, u32)], arrival: u32, end: u32) -> f64 {
        let (mut sum, mut roots) = (0.0, 0.0);
        for &(from, to) in spans.iter().chain([&(arrival, end)]) {
            let variance = self.demand.moments(from, to).1.max(0.0);
            sum += variance;
            roots += variance.sqrt();
        }
        let whole = self.demand.moments(0, end).1;
        let products = roots * roots - sum;
        let shared = (whole - sum) / products;
        if shared.is_finite() { shared.clamp(0.0, MOST_SHARED) } else { 0.0 }
    }

    /// Adds a delivery; what lies beyond the bound is returned and left out.
    fn add(&self, stock: &mut Vec<f64>, units: f64) -> f64 {
        if units <= 0.0 {
            return 0.0;
        }
        let room = (self.bound / self.step) as usize + 1;
        let fits = units.min(self.bound.max(0.0));
        let steps = (fits / self.step).round() as usize;
        stock.splice(0..0, std::iter::repeat_n(0.0, steps));
        let mut beyond = units - fits;
        if stock.len() > room {
            let over: f64 = stock[room..].iter().enumerate().map(|(i, mass)| mass * (i + 1) as f64).sum();
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
        let mut left = vec![0.0; n];
        let mut before = 0.0;
        let mut mean = 0.0;
        for (k, &value) in demand.iter().enumerate() {
            let mass = value - before;
            before = value;
            mean += 1.0 - value;
            if k < n {
                for (sum, own) in left.iter_mut().zip(&stock[k..]) {
                    *sum += mass * own;
                }
            }
        }
        let held = |law: &[f64]| -> f64 { law.iter().enumerate().map(|(y, mass)| mass * y as f64).sum() };
        // Whatever is not left for another stock is left as nothing.
        left[0] += (1.0 - left.iter().sum::<f64>()).max(0.0);
        let lost = mean - (held(stock) - held(&left));
        *stock = left;
        lost.max(0.0) * self.step
    }
}

fn nodes(shared: f64) -> impl Iterator<Item = (f64, f64)> {
    let independent = shared <= 1e-6;
    NODES
        .into_iter()
        .filter(move |node| !independent || node.0 == 0.0)
        .map(move |(node, weight)| (node, if independent { 1.0 } else { weight }))
}

/// The distribution function of a demand, given the factor: Φ((score − √ρ·node)/√(1 − ρ)).
fn conditional(scores: &[f64], node: f64, shared: f64, law: &mut Vec<f64>) {
    let (shift, scale) = (shared.sqrt() * node, 1.0 / (1.0 - shared).sqrt());
    law.clear();
    law.extend(scores.iter().map(|score| normal::cdf((score - shift) * scale)));
}
