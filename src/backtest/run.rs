//! One policy's stock in a world, day by day.

use super::ledger::Ledger;
use super::shelf::{OpenLine, Shelf};
use super::world::{Terms, World};

/// What a policy orders of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// The item.
    pub item: usize,
    /// How much, packs and minimum heeded.
    pub units: f64,
    /// The day the supplier is expected to deliver; none = the mean lead time.
    pub promised_on: Option<usize>,
    /// The day it arrives, where that is known from the books and not drawn by the world.
    pub arrives_on: Option<usize>,
}

/// What a policy may look at: the past of the world and its own stock.
#[derive(Debug, Clone, Copy)]
pub struct Night<'a> {
    world: &'a World,
    /// The day that is about to begin.
    pub day: usize,
    /// The policy's stock.
    pub shelves: &'a [Shelf],
}

impl<'a> Night<'a> {
    /// Demand of the days before this one.
    #[must_use]
    pub fn history(&self, item: usize) -> &'a [f64] {
        &self.world.demand_of(item)[..self.day]
    }

    /// The terms of an item.
    #[must_use]
    pub fn terms(&self, item: usize) -> &'a Terms {
        &self.world.terms[item]
    }

    /// Items that can be ordered tonight.
    pub fn orderable(&self) -> impl Iterator<Item = usize> + use<'a> {
        let (world, day) = (self.world, self.day);
        (0..world.len()).filter(move |item| world.is_order_day(*item, day))
    }

    /// An order of so many units on the item's terms; none where nothing is needed.
    #[must_use]
    pub fn order(&self, item: usize, units: f64) -> Option<Order> {
        let units = self.world.on_terms(item, units);
        (units > 0.0).then_some(Order { item, units, promised_on: None, arrives_on: None })
    }
}

/// Decides what to order on a night.
pub trait Policy {
    /// What is ordered tonight.
    fn orders(&mut self, night: &Night<'_>) -> Vec<Order>;
}

/// One policy's stock in a world.
#[derive(Debug, Clone)]
pub struct Run {
    /// Stock of every item.
    pub shelves: Vec<Shelf>,
    /// What it cost so far.
    pub ledger: Ledger,
    /// Whether an item has been short since its cycle began; none where that began before scoring.
    cycle: Vec<Option<bool>>,
    /// Money by day, all items: for the picture.
    pub money_by_day: Vec<f64>,
}

impl Run {
    /// Starts with the stock that every policy starts with.
    #[must_use]
    pub fn start(world: &World, cover_weeks: f64) -> Self {
        Self {
            shelves: world.start_stock(cover_weeks),
            ledger: Ledger::new(world.len(), world.blocks()),
            cycle: vec![None; world.len()],
            money_by_day: vec![0.0; world.days],
        }
    }

    /// What the policy may look at on a night.
    #[must_use]
    pub fn night<'a>(&'a self, world: &'a World, day: usize) -> Night<'a> {
        Night { world, day, shelves: &self.shelves }
    }

    /// Places the night's orders, then lets the day pass. Returns, where asked for, whether each
    /// item was short that day.
    pub fn advance(
        &mut self,
        world: &World,
        day: usize,
        orders: &[Order],
        mut short_today: Option<&mut Vec<bool>>,
    ) {
        self.place(world, day, orders);
        if let Some(short) = short_today.as_deref_mut() {
            short.clear();
        }
        let mut money = 0.0;
        for item in 0..world.len() {
            let is_known = !world.unknown.get(item * world.days + day).copied().unwrap_or(false);
            let is_scored = is_known && day >= world.terms[item].scored_from;
            let (spent, short) = self.pass(world, item, day, is_scored);
            money += spent;
            if let Some(list) = short_today.as_deref_mut() {
                list.push(short);
            }
        }
        self.money_by_day[day] += money;
    }

    fn place(&mut self, world: &World, day: usize, orders: &[Order]) {
        let mut groups: Vec<u32> = Vec::new();
        let block = usize::from(world.block[day]);
        for order in orders {
            let terms = &world.terms[order.item];
            let promised_on =
                order.promised_on.unwrap_or(day + terms.lead_time.mean().round() as usize);
            let arrives_on =
                order.arrives_on.unwrap_or_else(|| world.arrival_of(order.item, day)).max(day);
            self.shelves[order.item].open.push(OpenLine {
                ordered_on: day,
                promised_on,
                arrives_on,
                units: order.units,
            });
            if day >= terms.scored_from {
                let tally = self.ledger.at_mut(order.item, block);
                tally.lines += 1.0;
                tally.units_ordered += order.units;
                tally.ordering += terms.charges.order_line;
                self.money_by_day[day] += terms.charges.order_line;
                groups.push(terms.order_group);
            }
        }
        groups.sort_unstable();
        groups.dedup();
        self.ledger.orders += groups.len() as u64;
    }

    /// One item's day: delivery, demand, age, charges. Returns the money charged and whether demand
    /// found no stock.
    fn pass(&mut self, world: &World, item: usize, day: usize, is_scored: bool) -> (f64, bool) {
        let terms = &world.terms[item];
        let shelf = &mut self.shelves[item];
        let charges = &terms.charges;
        let arrived = shelf.receive(day);
        let begins_cycle = if terms.cycle_is_review {
            let lead = terms.lead_time.mean().round() as usize;
            day >= lead && world.is_order_day(item, day - lead)
        } else {
            arrived > 0.0
        };
        let demand = world.demand_of(item)[day];
        let ended = if begins_cycle { self.cycle[item].replace(false) } else { None };
        let short = shelf.serve(demand, terms.unmet);
        if short > 0.0 {
            self.cycle[item] = self.cycle[item].map(|_| true);
        }
        let expired = shelf.expire(day);
        let charged = world.charged_days[day];
        if !is_scored {
            if day < terms.scored_from {
                self.cycle[item] = None;
            }
            return (0.0, short > 0.0);
        }
        let tally = self.ledger.at_mut(item, usize::from(world.block[day]));
        if let Some(was_short) = ended {
            tally.cycles += 1.0;
            tally.cycles_kept += f64::from(u8::from(!was_short));
        }
        let holding = charges.holding_per_day * charged * shelf.on_hand;
        let shortage =
            charges.short_unit * short + charges.waiting_per_day * charged * shelf.waiting;
        let obsolete = charges.unit_value * expired;
        tally.holding += holding;
        tally.shortage += shortage;
        tally.obsolete += obsolete;
        tally.demand += demand;
        tally.short += short;
        tally.days += 1.0;
        tally.days_in_stock += f64::from(u8::from(shelf.on_hand > 0.0));
        tally.stock_days += shelf.on_hand;
        tally.value_days += shelf.on_hand * charges.unit_value;
        tally.served_value += (demand - short) * charges.unit_value;
        (holding + shortage + obsolete, short > 0.0)
    }
}

/// Replays one policy from the first replayed day to the last.
pub fn replay(world: &World, cover_weeks: f64, policy: &mut dyn Policy) -> Run {
    let mut run = Run::start(world, cover_weeks);
    for day in world.from..world.days {
        let orders = policy.orders(&run.night(world, day));
        run.advance(world, day, &orders, None);
    }
    run
}
