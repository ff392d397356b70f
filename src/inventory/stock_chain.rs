//! Stock that is followed from delivery to delivery where demand without stock is lost: Y ← (Y −
//! D)⁺ + delivery, up to the arrival of an order that is being decided.

use super::protection::DemandTotals;
use super::risk::{Arriving, Scenario};
use super::shared_factor::{Node, conditional, into_scores, nodes, shared_variance};

/// Masses below this are left out. Judgement: far less than rounding to a point moves.
const NO_MASS: f64 = 1e-11;
/// A distribution ends where less than this lies beyond: far below the chance at which another
/// unit does not pay.
const TAIL: f64 = 1e-9;

/// What all courses of one item share.
pub(super) struct Chain<'a, D> {
    pub(super) demand: &'a D,
    /// Distance of two points of the lattice, in units.
    pub(super) step: f64,
    /// Stock beyond this many units is left off the lattice.
    pub(super) bound: f64,
    /// R, in days.
    pub(super) review: u32,
    /// Days from one charge of holding cost to the next.
    pub(super) charge_every_days: u32,
}

/// Days from one delivery to the next, or to the order's arrival.
struct Stretch {
    /// Its first day, in days from `as_of`.
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
    /// Share of each demand's variance that all of them have in common, from 0 to 1.
    shared: f64,
}

/// One course of the deliveries under one value of the factor that all demands share.
pub(super) struct Branch {
    /// Its probability.
    pub(super) weight: f64,
    /// Units beyond the lattice.
    pub(super) surplus: f64,
    /// Probability of each stock at the order's arrival, by lattice point.
    stock: Vec<f64>,
    /// Given the factor; the last one ends with the interval.
    charges: Vec<Charge>,
}

impl Branch {
    /// What one more step of stock saves in lost units less what it costs to hold, at this
    /// quantity.
    pub(super) fn gain(&self, steps: i64, lost_per_unit: f64, holding_per_day: f64) -> f64 {
        let holding: f64 = self
            .charges
            .iter()
            .map(|charge| charge.days * self.within_stock(&charge.demand, steps))
            .sum();
        let served =
            self.charges.last().map_or(1.0, |charge| self.within_stock(&charge.demand, steps));

        lost_per_unit * (1.0 - served) - holding_per_day * holding
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
    /// Whether each unit has a point of the lattice.
    pub(super) fn in_units(&self) -> bool {
        self.demand.is_count() && self.step <= 1.0
    }

    /// A branch for each value of the shared factor; what is lost before the order's arrival is
    /// added to `lost`, in units.
    pub(super) fn branches(
        &self,
        stock_units: f64,
        scenario: &Scenario,
        lost: &mut f64,
    ) -> Vec<Branch> {
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
        let is_exact = self.in_units();
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
