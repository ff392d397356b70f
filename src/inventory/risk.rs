//! How likely an item runs short before an order placed now could help, and when.
//!
//! Demand up to the end of a day exceeds the stock of that day where it exceeds stock at the start
//! plus what has arrived. Between two arrivals that bound is constant, so it is enough to look at
//! the last day before each arrival. With random arrival days the result is the mean over scenarios
//! of them.

use std::collections::BTreeMap;

use super::day_distribution::{DayDistribution, add_up_by_day};
use super::protection::DemandTotals;

/// Days kept of an arrival's distribution where it is the only one that is random. Judgement: the
/// risk is a mean over them, and neighbouring days differ little.
const MAX_DAYS_OF_ONE_ARRIVAL: usize = 24;
/// Scenarios where several arrivals are random: a prime, so that the lattice rule below visits each
/// quantile of each distribution once. Judgement on the number: a test holds the risk of two orders
/// on the way to within 1.5 points of simulated courses.
const SCENARIOS: u32 = 17;
/// Generator of the lattice rule: its powers modulo 17 spread well. Source: Korobov (1959).
const GENERATOR: u32 = 5;
/// Points of the lattice on which runs of several deliveries are followed. Judgement: a step is
/// then 0.2 % of all that is supplied.
const PATH_POINTS: f64 = 512.0;
/// Points of that lattice where demand is not counted: its distribution function costs far more.
/// Judgement.
const QUANTITY_POINTS: f64 = 128.0;
/// Below this probability of running short before a delivery, what comes after does not depend on
/// it: far below any probability that is printed.
const NEGLIGIBLE: f64 = 1e-9;
/// Sums of probabilities may miss a level by rounding alone, up to this much.
const ROUNDING: f64 = 1e-12;

/// An open order line that is expected to come.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Outstanding units.
    pub units: f64,
    /// Days from `as_of` until it arrives; it serves the demand of that day.
    pub arrival: DayDistribution,
    /// Orders of one number are early or late together, those of 0 with the next order.
    pub lot: u32,
}

/// What the risk of an item depends on besides its demand.
#[derive(Clone, Copy, Debug)]
pub struct Exposure<'a> {
    /// On hand less allocated less backorders; negative where customers wait for more than there
    /// is.
    pub stock_units: f64,
    /// Open orders.
    pub incoming: &'a [Incoming],
    /// Days from `as_of` until an order placed on the first order date would arrive.
    pub next_order: &'a DayDistribution,
    /// Last day of interest for the stock-out dates, in days from `as_of`.
    pub horizon_days: u32,
}

/// The risk of an item, with nothing ordered tonight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Risk {
    /// P(some new unit demanded before the next order's arrival cannot be served at once).
    pub stockout_probability: f64,
    /// Those units, expected.
    pub expected_short_units: f64,
    /// Days from `as_of` to the first day by which a shortage has a probability of 10, 50 and 90 %,
    /// nothing more ordered; `None` if it lies beyond the horizon.
    pub stockout_days: [Option<u32>; 3],
}

/// The probabilities at which stock-out dates are told.
pub const DATE_LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

/// The risk of an item.
///
/// ```
/// use restock::forecast::demand_distribution::{DemandDistribution, Spread};
/// use restock::inventory::day_distribution::DayDistribution;
/// use restock::inventory::risk::{Exposure, risk};
///
/// // Poisson demand of 1 a day, 3 units in stock, help in 5 days.
/// let spread =
///     Spread::alike(18.0);
/// let demand = DemandDistribution::new((0..=28).map(f64::from).collect(), 7, spread);
/// let next_order = &DayDistribution::point(5);
/// let exposure = Exposure { stock_units: 3.0, incoming: &[], next_order, horizon_days: 28 };
/// let found = risk(&demand, &exposure);
/// assert!((found.stockout_probability - 0.734_974).abs() < 1e-6); // P(Poisson(5) > 3)
/// // P(Poisson(2) > 3) = 0.14, and so on
/// assert_eq!(found.stockout_days, [Some(1), Some(3), Some(6)]);
/// ```
#[must_use]
pub fn risk<D: DemandTotals>(demand: &D, exposure: &Exposure<'_>) -> Risk {
    let scenarios = scenarios(exposure);
    let mut courses = Courses::new(demand, exposure.stock_units, &scenarios);
    let next_order_day = |scenario: &Scenario| scenario.next_order_day;
    let probability = courses.shortage_probability(next_order_day);
    let short = courses.expected_short_units();

    let known = vec![None; exposure.horizon_days as usize + 1];
    let mut by_day = ShortageByDay { courses, known };
    let stockout_days = DATE_LEVELS.map(|level| by_day.first_day(level, exposure.horizon_days));

    Risk {
        stockout_probability: probability.clamp(0.0, 1.0),
        expected_short_units: short.max(0.0),
        stockout_days,
    }
}

/// P(some new unit demanded before the next order's arrival cannot be served at once): [`risk`]
/// without its dates.
#[must_use]
pub fn stockout_probability<D: DemandTotals>(demand: &D, exposure: &Exposure<'_>) -> f64 {
    let scenarios = scenarios(exposure);
    Courses::new(demand, exposure.stock_units, &scenarios)
        .shortage_probability(|scenario| scenario.next_order_day)
        .clamp(0.0, 1.0)
}

/// The units demanded before the next order's arrival that cannot be served at once, expected:
/// [`risk`] without its dates.
#[must_use]
pub fn expected_short_units<D: DemandTotals>(demand: &D, exposure: &Exposure<'_>) -> f64 {
    let scenarios = scenarios(exposure);
    Courses::new(demand, exposure.stock_units, &scenarios).expected_short_units().max(0.0)
}

/// All courses of the deliveries; scenarios whose deliveries are the same share one path.
struct Courses<'a, D> {
    scenarios: &'a [Scenario],
    paths: Vec<Path<'a, D>>,
    /// Index of the path of each scenario.
    path_of: Vec<usize>,
}

impl<'a, D: DemandTotals> Courses<'a, D> {
    fn new(demand: &'a D, stock_units: f64, scenarios: &'a [Scenario]) -> Self {
        let mut paths: Vec<Path<'a, D>> = Vec::new();
        let mut path_of = Vec::with_capacity(scenarios.len());
        for scenario in scenarios {
            let deliveries = &scenario.deliveries;
            let same = paths.iter().position(|path| path.deliveries == deliveries);
            path_of.push(same.unwrap_or_else(|| {
                paths.push(Path::new(demand, stock_units, deliveries));
                paths.len() - 1
            }));
        }

        Self { scenarios, paths, path_of }
    }

    /// P(a new unit demanded before a day, which may be each scenario's own, cannot be served at
    /// once).
    fn shortage_probability(&mut self, until: impl Fn(&Scenario) -> u32) -> f64 {
        let mut sum = 0.0;
        for (scenario, path) in self.scenarios.iter().zip(&self.path_of) {
            let path = &mut self.paths[*path];
            sum += scenario.weight * path.shortage_probability(until(scenario));
        }
        sum
    }

    /// Expected units demanded before the next order's arrival that cannot be served at once.
    fn expected_short_units(&self) -> f64 {
        let mut sum = 0.0;
        for (scenario, path) in self.scenarios.iter().zip(&self.path_of) {
            let short = self.paths[*path].expected_short_units(scenario.next_order_day);
            sum += scenario.weight * short;
        }
        sum
    }
}

/// P(a shortage by the end of a day), remembered by day: the searches for three dates ask for the
/// same days.
struct ShortageByDay<'a, D> {
    courses: Courses<'a, D>,
    /// Probability by day, as far as it was asked for.
    known: Vec<Option<f64>>,
}

impl<D: DemandTotals> ShortageByDay<'_, D> {
    fn at(&mut self, day: u32) -> f64 {
        if let Some(Some(probability)) = self.known.get(day as usize) {
            return *probability;
        }

        let probability = self.courses.shortage_probability(|_| day + 1);
        if let Some(known) = self.known.get_mut(day as usize) {
            *known = Some(probability);
        }

        probability
    }

    /// The first day in 0 … horizon by which the probability reaches the level; it never falls from
    /// day to day.
    fn first_day(&mut self, level: f64, horizon_days: u32) -> Option<u32> {
        let level = level - ROUNDING;
        if self.at(horizon_days) < level {
            return None;
        }

        let (mut low, mut high) = (0, horizon_days);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(middle) >= level {
                high = middle;
            } else {
                low = middle + 1;
            }
        }

        Some(low)
    }
}

/// Units that arrive on a day.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Arriving {
    /// Days from `as_of`.
    pub(super) day: u32,
    /// Units.
    pub(super) units: f64,
}

/// One course of the deliveries.
pub(super) struct Scenario {
    /// Its probability.
    pub(super) weight: f64,
    /// What arrives, in order of days.
    pub(super) deliveries: Vec<Arriving>,
    /// Day on which an order placed on the first order date arrives.
    pub(super) next_order_day: u32,
}

impl Scenario {
    /// The open orders and the next one arrive on these days, in this order.
    fn new(weight: f64, days: &[u32], incoming: &[Incoming]) -> Self {
        let mut by_day: Vec<(u32, f64)> = incoming
            .iter()
            .zip(days)
            .filter(|(line, _)| line.units > 0.0)
            .map(|(line, &day)| (day, line.units))
            .collect();
        add_up_by_day(&mut by_day);

        let deliveries = by_day.into_iter().map(|(day, units)| Arriving { day, units }).collect();
        Self { weight, deliveries, next_order_day: days.last().copied().unwrap_or(0) }
    }
}

/// The courses of the deliveries that stand for all.
///
/// Where nothing is random there is one; where one arrival is, or several that come together, one
/// for each of its days; with more, the points of a lattice rule over their quantiles.
pub(super) fn scenarios(exposure: &Exposure<'_>) -> Vec<Scenario> {
    let incoming = exposure.incoming;
    let arrivals: Vec<(&DayDistribution, u32)> = incoming
        .iter()
        .map(|line| (&line.arrival, line.lot))
        .chain([(exposure.next_order, 0)])
        .collect();
    let mut random: Vec<u32> =
        arrivals.iter().filter(|(arrival, _)| !arrival.is_certain()).map(|(_, lot)| *lot).collect();
    random.sort_unstable();
    random.dedup();

    match random.as_slice() {
        [] => {
            let days: Vec<u32> = arrivals.iter().map(|(arrival, _)| arrival.longest()).collect();
            vec![Scenario::new(1.0, &days, incoming)]
        }
        [lot] => together(&arrivals, *lot, incoming),
        _ => (0..SCENARIOS)
            .map(|k| {
                // One quantile each lot, in the order of their lines, the next order's last.
                let mut levels: BTreeMap<u32, f64> = BTreeMap::new();
                let mut rank = k;
                let lots = arrivals.iter().map(|(_, lot)| *lot).filter(|lot| *lot > 0).chain([0]);
                for lot in lots {
                    levels.entry(lot).or_insert_with(|| {
                        let level = (f64::from(rank) + 0.5) / f64::from(SCENARIOS);
                        rank = rank * GENERATOR % SCENARIOS;
                        level
                    });
                }

                let day = |(arrival, lot): &(&DayDistribution, u32)| arrival.quantile(levels[lot]);
                let days: Vec<u32> = arrivals.iter().map(day).collect();
                Scenario::new(1.0 / f64::from(SCENARIOS), &days, incoming)
            })
            .collect(),
    }
}

/// The courses where the arrivals of one lot alone are random: one for each day of the last of
/// them.
fn together(
    arrivals: &[(&DayDistribution, u32)],
    lot: u32,
    incoming: &[Incoming],
) -> Vec<Scenario> {
    let thinned: Vec<DayDistribution> =
        arrivals.iter().map(|(arrival, _)| arrival.thinned(MAX_DAYS_OF_ONE_ARRIVAL)).collect();
    let is_random = |at: &usize| arrivals[*at].1 == lot && !thinned[*at].is_certain();
    let Some(leading) = (0..arrivals.len()).rfind(is_random) else { return Vec::new() };

    let mut before = 0.0;
    let of_day = |&(_, weight): &(u32, f64)| {
        let level = before + 0.5 * weight;
        before += weight;
        let days: Vec<u32> = thinned.iter().map(|arrival| arrival.quantile(level)).collect();
        Scenario::new(weight, &days, incoming)
    };
    thinned[leading].points().iter().map(of_day).collect()
}

/// The course of stock with these deliveries.
struct Path<'a, D> {
    demand: &'a D,
    /// What arrives, in order of days.
    deliveries: &'a [Arriving],
    /// Stock at the start, in units.
    stock_units: f64,
    /// Before the first delivery and after each one looked at so far: what is known of the demand
    /// until then.
    stages: Vec<DeliveryStage>,
    /// The day that was asked for last, and the probability of a shortage before it.
    last: Option<(u32, f64)>,
}

/// What holds from one delivery on.
#[derive(Clone)]
struct DeliveryStage {
    /// Stock at the start plus all deliveries up to this one, in units.
    supplied: f64,
    /// Day up to which `served` tells the demand; 0 before any delivery that demand could overtake.
    known_until_day: u32,
    /// Probability of each lattice point of demand until that day, shortages until then left out.
    served: Vec<f64>,
    /// Distance of two lattice points, in units.
    step: f64,
    /// The largest probability of a shortage just before any one delivery: no joint probability is
    /// smaller.
    at_least: f64,
}

impl<'a, D: DemandTotals> Path<'a, D> {
    fn new(demand: &'a D, stock_units: f64, deliveries: &'a [Arriving]) -> Self {
        let arriving: f64 = deliveries.iter().map(|delivery| delivery.units).sum();
        let points = if demand.is_count() { PATH_POINTS } else { QUANTITY_POINTS };
        let free = ((stock_units + arriving) / points).max(f64::MIN_POSITIVE);
        let step = if demand.is_count() { free.ceil().max(1.0) } else { free };

        let first = DeliveryStage {
            supplied: stock_units,
            known_until_day: 0,
            served: vec![1.0],
            step,
            at_least: 0.0,
        };
        Self { demand, deliveries, stock_units, stages: vec![first], last: None }
    }

    /// P(a new unit demanded before day `until` cannot be served at once).
    fn shortage_probability(&mut self, until: u32) -> f64 {
        if let Some((_, probability)) = self.last.filter(|(day, _)| *day == until) {
            return probability;
        }

        let passed = self.deliveries.iter().take_while(|delivery| delivery.day < until).count();
        while self.stages.len() <= passed {
            let next = self.next_stage(self.deliveries[self.stages.len() - 1]);
            self.stages.push(next);
        }

        let stage = &self.stages[passed];
        let marginal = self.marginal(stage, until);
        let probability = (1.0 - self.served_until(stage, until, marginal))
            .max(marginal)
            .max(stage.at_least)
            .clamp(0.0, 1.0);
        self.last = Some((until, probability));
        probability
    }

    /// P(demand before `until` exceeds what was supplied), whatever happened before.
    fn marginal(&self, stage: &DeliveryStage, until: u32) -> f64 {
        if until == 0 {
            return 0.0;
        }

        1.0 - self.demand.cdf(0, until, stage.supplied.max(0.0))
    }

    /// P(no shortage before `until`), which lies in the stage, where demand before it exceeds what
    /// was supplied with the probability `marginal`.
    fn served_until(&self, stage: &DeliveryStage, until: u32, marginal: f64) -> f64 {
        if stage.known_until_day == 0 {
            return 1.0 - marginal;
        }

        let mut cdf = vec![1.0; points_within(stage.supplied, stage.step)];
        if until > stage.known_until_day {
            self.demand.fill_cdf((stage.known_until_day, until), stage.step, &mut cdf);
        }

        stage.served.iter().zip(cdf.iter().rev()).map(|(mass, cdf)| mass * cdf).sum()
    }

    /// The stage that a delivery begins.
    fn next_stage(&self, delivery: Arriving) -> DeliveryStage {
        let now = &self.stages[self.stages.len() - 1];
        let supplied = now.supplied + delivery.units;
        let marginal = self.marginal(now, delivery.day);
        let at_least = now.at_least.max(marginal);
        if marginal < NEGLIGIBLE || delivery.day == 0 {
            return DeliveryStage { supplied, at_least, ..now.clone() };
        }

        let room = points_within(now.supplied, now.step);
        let mut cdf = vec![0.0; room];
        self.demand.fill_cdf((now.known_until_day, delivery.day), now.step, &mut cdf);

        let mut served = vec![0.0; room];
        for (i, &mass) in now.served.iter().enumerate().take(room) {
            let mut before = 0.0;
            for (sum, &value) in served[i..].iter_mut().zip(&cdf) {
                *sum += mass * (value - before);
                before = value;
            }
        }

        DeliveryStage { supplied, known_until_day: delivery.day, served, step: now.step, at_least }
    }

    /// Expected units demanded before `until` that cannot be served at once: in each stage the
    /// backlog's growth, E(X_end − supplied)⁺ − E(X_start − supplied)⁺.
    fn expected_short_units(&self, until: u32) -> f64 {
        let backlog = |day: u32, supplied: f64| self.demand.expected_shortage(day, supplied);
        let (mut supplied, mut from, mut sum) = (self.stock_units, 0, 0.0);
        let before = self.deliveries.iter().copied();
        let before = before.take_while(|delivery| delivery.day < until);
        for next in before.chain([Arriving { day: until, units: 0.0 }]) {
            if next.day > from {
                sum += backlog(next.day, supplied) - backlog(from, supplied);
            }
            supplied += next.units;
            from = next.day;
        }

        sum
    }
}

/// Lattice points from 0 up to what was supplied; only 0 where that is negative: then no new demand
/// is served.
fn points_within(supplied: f64, step: f64) -> usize {
    (supplied.max(0.0) / step + 1e-9) as usize + 1
}
