//! Simple policies to compare with.

use super::run::{Night, Order, Policy};
use super::world::{World, weekly_mean};
use crate::domain::policy::UnmetDemand;

/// Orders up to so many weeks of the mean of the last 13 weeks.
#[derive(Debug, Clone, Copy)]
pub struct Cover {
    /// Weeks.
    pub weeks: f64,
}

impl Policy for Cover {
    fn orders(&mut self, night: &Night<'_>) -> Vec<Order> {
        let wanted = |item: usize| {
            let level = self.weeks * weekly_mean(night.history(item));
            let units = level - night.shelves[item].position();
            let units = if night.terms(item).is_count { (units + 0.5).floor() } else { units };
            night.order(item, units)
        };
        night.orderable().filter_map(wanted).collect()
    }
}

/// Projects the stock to the delivery at the mean of the last 13 weeks, and then covers one review
/// of mean demand and a multiple of its root.
#[derive(Debug, Clone, Copy)]
pub struct RootOfMean {
    /// Multiple of the square root of the weekly mean.
    pub factor: f64,
}

impl Policy for RootOfMean {
    fn orders(&mut self, night: &Night<'_>) -> Vec<Order> {
        let wanted = |item: usize| {
            let terms = night.terms(item);
            let shelf = &night.shelves[item];
            let weekly = weekly_mean(night.history(item));
            let review = terms.review_days.max(1);
            let per_review = weekly * review as f64 / 7.0;
            let lead = terms.lead_time.mean().round() as usize;
            let mut stock = shelf.on_hand - shelf.waiting;
            let mut day = night.day;
            while day < night.day + lead {
                let due = |line: &&super::shelf::OpenLine| {
                    let promised = line.promised_on.max(night.day);
                    (day..day + review).contains(&promised)
                };
                stock +=
                    shelf.open.iter().filter(due).map(|line| line.units).sum::<f64>() - per_review;
                if terms.unmet == UnmetDemand::Lost {
                    stock = stock.max(0.0);
                }
                day += review;
            }
            let units = per_review + self.factor * weekly.sqrt() - stock;
            night.order(item, if terms.is_count { units.round() } else { units })
        };
        night.orderable().filter_map(wanted).collect()
    }
}

/// The textbook: up to μ(L+R) + z·σ·√(L+R), from the weekly mean and deviation of the last 26
/// weeks.
#[derive(Debug, Clone, Copy)]
pub struct Textbook {
    /// Safety factor.
    pub z: f64,
}

impl Policy for Textbook {
    fn orders(&mut self, night: &Night<'_>) -> Vec<Order> {
        let wanted = |item: usize| {
            let terms = night.terms(item);
            let (mean, sd) = weekly_moments(night.history(item));
            let weeks = (terms.lead_time.mean() + terms.review_days as f64) / 7.0;
            let units = mean * weeks + self.z * sd * weeks.sqrt() - night.shelves[item].position();
            night.order(item, if terms.is_count { (units - 1e-9).ceil() } else { units })
        };
        night.orderable().filter_map(wanted).collect()
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

/// Today's minimum and maximum: at or below the first, up to the second. Items without both order
/// nothing.
#[derive(Debug, Clone)]
pub struct MinMax {
    /// Minimum and maximum of each item.
    pub levels: Vec<Option<(f64, f64)>>,
}

impl Policy for MinMax {
    fn orders(&mut self, night: &Night<'_>) -> Vec<Order> {
        let wanted = |item: usize| {
            let (least, most) = self.levels.get(item).copied().flatten()?;
            let position = night.shelves[item].position();
            if position > least { None } else { night.order(item, most - position) }
        };
        night.orderable().filter_map(wanted).collect()
    }
}

/// What really arrived, on the days it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// Item, day and units, by day.
    pub deliveries: Vec<(usize, usize, f64)>,
}

impl Policy for Received {
    fn orders(&mut self, night: &Night<'_>) -> Vec<Order> {
        let today = |delivery: &&(usize, usize, f64)| delivery.1 == night.day && delivery.2 > 0.0;
        let order = |&(item, day, units): &(usize, usize, f64)| Order {
            item,
            units,
            promised_on: Some(day),
            arrives_on: Some(day),
        };
        self.deliveries.iter().filter(today).map(order).collect()
    }
}

/// Days ahead that an order with foresight may cover.
const MOST_AHEAD_DAYS: usize = 370;

/// Knows all demand and every delivery to come: it orders what would otherwise be missing before
/// the next order arrives, and nothing else; where an order line costs money, as many further
/// reviews along as make a day cheapest.
#[derive(Debug, Clone, Copy)]
pub struct Foresight<'a> {
    /// What will happen.
    pub world: &'a World,
}

impl Policy for Foresight<'_> {
    fn orders(&mut self, night: &Night<'_>) -> Vec<Order> {
        let wanted = |item: usize| {
            let next = self.world.next_order_day(item, night.day);
            let until = self.world.arrival_of(item, next).min(self.world.days);
            let ahead = Ahead::of(self.world, item, night, until);
            if ahead.missing <= 0.0 {
                return None;
            }
            night.order(item, ahead.missing + self.more(item, night, next, until))
        };
        night.orderable().filter_map(wanted).collect()
    }
}

/// What is missing before a day if nothing more is ordered.
struct Ahead {
    missing: f64,
}

impl Ahead {
    /// Units missing before `until`, less what can no longer be helped where demand is lost.
    fn of(world: &World, item: usize, night: &Night<'_>, until: usize) -> Self {
        let shelf = &night.shelves[item];
        let is_lost = world.terms[item].unmet == UnmetDemand::Lost;
        let arrives = world.arrival_of(item, night.day);
        let demand = world.demand_of(item)[..until].iter().enumerate().skip(night.day);
        let mut stock = shelf.on_hand - shelf.waiting;
        for (day, units) in demand {
            stock += shelf
                .open
                .iter()
                .filter(|line| line.arrives_on == day)
                .map(|line| line.units)
                .sum::<f64>();
            stock -= units;
            if is_lost && day < arrives {
                stock = stock.max(0.0);
            }
        }
        Self { missing: -stock }
    }
}

impl Foresight<'_> {
    /// Demand of further reviews that is ordered along, so many that a day costs least (after
    /// Silver & Meal 1973): nothing where an order line costs nothing.
    fn more(&self, item: usize, night: &Night<'_>, next: usize, until: usize) -> f64 {
        let charges = &self.world.terms[item].charges;
        if charges.order_line <= 0.0 {
            return 0.0;
        }
        let demand = self.world.demand_of(item);
        let arrives = self.world.arrival_of(item, night.day).min(until);
        let (mut cost, mut units) = (charges.order_line, 0.0);
        let (mut order_day, mut covered) = (next, until);
        let mut best = (cost / (until - arrives).max(1) as f64, 0.0);
        while covered < self.world.days && covered < night.day + MOST_AHEAD_DAYS {
            order_day = self.world.next_order_day(item, order_day);
            let reach = self.world.arrival_of(item, order_day).min(self.world.days);
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
