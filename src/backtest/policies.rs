//! Simple policies to compare with.

use super::run::{Order, OrderPolicy, ReplayedNight};
use super::shop::{ReplayedShop, weekly_mean};
use crate::domain::policy::UnmetDemand;

/// Orders up to a number of weeks of mean demand, of the last 13 weeks.
#[derive(Debug, Clone, Copy)]
pub struct CoverWeeks {
    /// Weeks of mean demand.
    pub weeks: f64,
}

impl OrderPolicy for CoverWeeks {
    fn orders(&mut self, night: &ReplayedNight<'_>) -> Vec<Order> {
        night.orderable().filter_map(|item| self.order_of(night, item)).collect()
    }
}

impl CoverWeeks {
    fn order_of(&self, night: &ReplayedNight<'_>, item: usize) -> Option<Order> {
        let level = self.weeks * weekly_mean(night.history(item));
        let units = level - night.shelves[item].position();
        let units = if night.terms(item).is_count { (units + 0.5).floor() } else { units };

        night.order(item, units)
    }
}

/// Projects the stock to the delivery at the mean of the last 13 weeks, and orders up to the mean
/// demand of one review period and a multiple of the square root of the weekly mean.
#[derive(Debug, Clone, Copy)]
pub struct RootOfMean {
    /// Multiple of the square root of the weekly mean.
    pub factor: f64,
}

impl OrderPolicy for RootOfMean {
    fn orders(&mut self, night: &ReplayedNight<'_>) -> Vec<Order> {
        night.orderable().filter_map(|item| self.order_of(night, item)).collect()
    }
}

impl RootOfMean {
    fn order_of(&self, night: &ReplayedNight<'_>, item: usize) -> Option<Order> {
        let terms = night.terms(item);
        let weekly = weekly_mean(night.history(item));
        let per_review = weekly * terms.review_days.max(1) as f64 / 7.0;
        let stock = projected_stock(night, item, per_review);
        let units = per_review + self.factor * weekly.sqrt() - stock;

        night.order(item, if terms.is_count { units.round() } else { units })
    }
}

/// The stock when an order of tonight is delivered, if `per_review` units are sold in each review
/// period until then.
fn projected_stock(night: &ReplayedNight<'_>, item: usize, per_review: f64) -> f64 {
    let terms = night.terms(item);
    let shelf = &night.shelves[item];
    let review = terms.review_days.max(1);
    let lead = terms.lead_time.mean().round() as usize;

    let mut stock = shelf.on_hand - shelf.waiting;
    let mut day = night.day;
    while day < night.day + lead {
        let due = shelf
            .open
            .iter()
            .filter(|line| (day..day + review).contains(&line.promised_on.max(night.day)));
        stock += due.map(|line| line.units).sum::<f64>() - per_review;
        if terms.unmet == UnmetDemand::Lost {
            stock = stock.max(0.0);
        }
        day += review;
    }
    stock
}

/// The textbook policy: orders up to μ(L+R) + z·σ·√(L+R), from the weekly mean and deviation of the
/// last 26 weeks.
#[derive(Debug, Clone, Copy)]
pub struct Textbook {
    /// Safety factor, in standard deviations.
    pub z: f64,
}

impl OrderPolicy for Textbook {
    fn orders(&mut self, night: &ReplayedNight<'_>) -> Vec<Order> {
        night.orderable().filter_map(|item| self.order_of(night, item)).collect()
    }
}

impl Textbook {
    fn order_of(&self, night: &ReplayedNight<'_>, item: usize) -> Option<Order> {
        let terms = night.terms(item);
        let (mean, sd) = weekly_moments(night.history(item));
        let weeks = (terms.lead_time.mean() + terms.review_days as f64) / 7.0;
        let units = mean * weeks + self.z * sd * weeks.sqrt() - night.shelves[item].position();

        night.order(item, if terms.is_count { (units - 1e-9).ceil() } else { units })
    }
}

/// Mean and standard deviation of the last 26 whole weeks, or what there is of them.
fn weekly_moments(history: &[f64]) -> (f64, f64) {
    let weeks: Vec<f64> = history.rchunks_exact(7).take(26).map(|week| week.iter().sum()).collect();
    let n = weeks.len() as f64;
    if n < 2.0 {
        return (weekly_mean(history), 0.0);
    }

    let mean = weeks.iter().sum::<f64>() / n;
    let squares: f64 = weeks.iter().map(|week| (week - mean) * (week - mean)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

/// The minimum and maximum in force today: a position at or below the minimum is ordered up to the
/// maximum. Items without both are not ordered.
#[derive(Debug, Clone)]
pub struct MinMax {
    /// Minimum and maximum of each item, units.
    pub levels: Vec<Option<(f64, f64)>>,
}

impl OrderPolicy for MinMax {
    fn orders(&mut self, night: &ReplayedNight<'_>) -> Vec<Order> {
        night.orderable().filter_map(|item| self.order_of(night, item)).collect()
    }
}

impl MinMax {
    fn order_of(&self, night: &ReplayedNight<'_>, item: usize) -> Option<Order> {
        let (min, max) = self.levels.get(item).copied().flatten()?;
        let position = night.shelves[item].position();

        if position > min { None } else { night.order(item, max - position) }
    }
}

/// What was really received, on the days on which it was.
#[derive(Debug, Clone)]
pub struct Received {
    /// Item, day and units of each delivery.
    pub deliveries: Vec<(usize, usize, f64)>,
}

impl OrderPolicy for Received {
    fn orders(&mut self, night: &ReplayedNight<'_>) -> Vec<Order> {
        self.deliveries
            .iter()
            .filter(|(_, day, units)| *day == night.day && *units > 0.0)
            .map(|(item, day, units)| Order {
                item: *item,
                units: *units,
                promised_on: Some(*day),
                arrives_on: Some(*day),
            })
            .collect()
    }
}

/// Days ahead that an order with foresight may cover. Judgement: a year and a few days.
const MAX_AHEAD_DAYS: usize = 370;

/// Knows all demand and every delivery to come: it orders what would otherwise be missing before
/// the next order arrives, and nothing else. If an order line costs money, it adds the demand of as
/// many further review periods as make the cost of a day smallest.
#[derive(Debug, Clone, Copy)]
pub struct Foresight<'a> {
    /// What will happen.
    pub shop: &'a ReplayedShop,
}

impl OrderPolicy for Foresight<'_> {
    fn orders(&mut self, night: &ReplayedNight<'_>) -> Vec<Order> {
        night.orderable().filter_map(|item| self.order_of(night, item)).collect()
    }
}

impl Foresight<'_> {
    fn order_of(&self, night: &ReplayedNight<'_>, item: usize) -> Option<Order> {
        let next = self.shop.next_order_day(item, night.day);
        let until = self.shop.arrival_of(item, next).min(self.shop.days);
        let missing = self.missing_before(item, night, until);
        if missing <= 0.0 {
            return None;
        }

        night.order(item, missing + self.more(item, night, next, until))
    }

    /// Units missing before the day `until` if nothing more is ordered, less what can no longer be
    /// served because unmet demand is lost.
    fn missing_before(&self, item: usize, night: &ReplayedNight<'_>, until: usize) -> f64 {
        let shelf = &night.shelves[item];
        let is_lost = self.shop.terms[item].unmet == UnmetDemand::Lost;
        let arrives = self.shop.arrival_of(item, night.day);

        let mut stock = shelf.on_hand - shelf.waiting;
        let demand = self.shop.demand_of(item)[..until].iter().enumerate().skip(night.day);
        for (day, units) in demand {
            let due = shelf.open.iter().filter(|line| line.arrives_on == day);
            stock += due.map(|line| line.units).sum::<f64>();
            stock -= units;
            if is_lost && day < arrives {
                stock = stock.max(0.0);
            }
        }
        -stock
    }

    /// Demand of further review periods that is ordered too, of so many that the cost of a day is
    /// smallest (after Silver & Meal 1973), units; 0 if an order line costs nothing.
    fn more(&self, item: usize, night: &ReplayedNight<'_>, next: usize, until: usize) -> f64 {
        let charges = &self.shop.terms[item].charges;
        if charges.order_line <= 0.0 {
            return 0.0;
        }
        let demand = self.shop.demand_of(item);
        let arrives = self.shop.arrival_of(item, night.day).min(until);
        let (mut cost, mut units) = (charges.order_line, 0.0);
        let (mut order_day, mut covered) = (next, until);
        let mut best = (cost / (until - arrives).max(1) as f64, 0.0);

        while covered < self.shop.days && covered < night.day + MAX_AHEAD_DAYS {
            order_day = self.shop.next_order_day(item, order_day);
            let reach = self.shop.arrival_of(item, order_day).min(self.shop.days);
            if reach <= covered {
                continue;
            }

            let carried = demand[covered..reach]
                .iter()
                .zip(covered..)
                .map(|(units, day)| units * (day - arrives) as f64);
            cost += charges.holding_per_day * carried.sum::<f64>();
            units += demand[covered..reach].iter().sum::<f64>();
            covered = reach;

            let per_day = cost / (reach - arrives).max(1) as f64;
            if per_day < best.0 {
                best = (per_day, units);
            }
        }
        best.1
    }
}
