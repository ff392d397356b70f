//! One policy's stock in the replayed shop, day by day.

use super::ledger::Ledger;
use super::shelf::{IncomingLine, Shelf};
use super::shop::{ReplayedShop, Terms};

/// What a policy orders of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// Index of the item.
    pub item: usize,
    /// Units, rounded to packs and not below the minimum.
    pub units: f64,
    /// The day on which the supplier is expected to deliver; `None` for the mean lead time.
    pub promised_on: Option<usize>,
    /// The day on which it arrives; `None` if it is drawn from the lead times of the shop.
    pub arrives_on: Option<usize>,
}

/// What a policy may look at: the past of the shop and its own stock.
#[derive(Debug, Clone, Copy)]
pub struct ReplayedNight<'a> {
    shop: &'a ReplayedShop,
    /// The day that is about to begin.
    pub day: usize,
    /// The policy's stock.
    pub shelves: &'a [Shelf],
}

impl<'a> ReplayedNight<'a> {
    /// Demand of the days before this one.
    #[must_use]
    pub fn history(&self, item: usize) -> &'a [f64] {
        &self.shop.demand_of(item)[..self.day]
    }

    /// The terms of an item.
    #[must_use]
    pub fn terms(&self, item: usize) -> &'a Terms {
        &self.shop.terms[item]
    }

    /// Items that can be ordered tonight.
    pub fn orderable(&self) -> impl Iterator<Item = usize> + use<'a> {
        let (shop, day) = (self.shop, self.day);
        (0..shop.len()).filter(move |item| shop.is_order_day(*item, day))
    }

    /// An order of that many units on the item's terms; `None` if that is 0 or less.
    #[must_use]
    pub fn order(&self, item: usize, units: f64) -> Option<Order> {
        let units = self.shop.on_terms(item, units);
        (units > 0.0).then_some(Order { item, units, promised_on: None, arrives_on: None })
    }
}

/// Decides what to order on a night.
pub trait OrderPolicy {
    /// What is ordered tonight.
    fn orders(&mut self, night: &ReplayedNight<'_>) -> Vec<Order>;
}

/// One policy's stock in the replayed shop.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Stock of every item.
    pub shelves: Vec<Shelf>,
    /// What it cost up to now.
    pub ledger: Ledger,
    /// Whether an item has been short since its cycle began; `None` if that was before scoring.
    cycle: Vec<Option<bool>>,
    /// Costs of all items by day, money.
    pub money_by_day: Vec<f64>,
}

/// What one item's day came to.
struct DayOutcome {
    /// Costs charged.
    money: f64,
    /// Whether some demand found no stock.
    is_short: bool,
}

impl Replay {
    /// Starts with the stock that every policy starts with.
    #[must_use]
    pub fn start(shop: &ReplayedShop, cover_weeks: f64) -> Self {
        Self {
            shelves: shop.start_stock(cover_weeks),
            ledger: Ledger::new(shop.len(), shop.blocks()),
            cycle: vec![None; shop.len()],
            money_by_day: vec![0.0; shop.days],
        }
    }

    /// What the policy may look at on a night.
    #[must_use]
    pub fn night<'a>(&'a self, shop: &'a ReplayedShop, day: usize) -> ReplayedNight<'a> {
        ReplayedNight { shop, day, shelves: &self.shelves }
    }

    /// Places the night's orders, then lets the day pass. Fills `short_today`, if given, with
    /// whether each item was short that day.
    pub fn advance(
        &mut self,
        shop: &ReplayedShop,
        day: usize,
        orders: &[Order],
        mut short_today: Option<&mut Vec<bool>>,
    ) {
        self.place_orders(shop, day, orders);
        if let Some(short) = short_today.as_deref_mut() {
            short.clear();
        }

        let mut money = 0.0;

        for item in 0..shop.len() {
            let is_known = !shop.unknown.get(item * shop.days + day).copied().unwrap_or(false);
            let is_scored = is_known && day >= shop.terms[item].scored_from;
            let outcome = self.pass(shop, item, day, is_scored);

            money += outcome.money;
            if let Some(list) = short_today.as_deref_mut() {
                list.push(outcome.is_short);
            }
        }

        self.money_by_day[day] += money;
    }

    fn place_orders(&mut self, shop: &ReplayedShop, day: usize, orders: &[Order]) {
        let mut groups: Vec<u32> = Vec::new();
        let block = usize::from(shop.block[day]);

        for order in orders {
            let terms = &shop.terms[order.item];
            let promised_on =
                order.promised_on.unwrap_or(day + terms.lead_time.mean().round() as usize);
            let arrives_on =
                order.arrives_on.unwrap_or_else(|| shop.arrival_of(order.item, day)).max(day);
            self.shelves[order.item].open.push(IncomingLine {
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

    /// One item's day: delivery, demand, age, charges.
    fn pass(
        &mut self,
        shop: &ReplayedShop,
        item: usize,
        day: usize,
        is_scored: bool,
    ) -> DayOutcome {
        let terms = &shop.terms[item];
        let shelf = &mut self.shelves[item];
        let charges = &terms.charges;

        let arrived = shelf.receive(day);

        let begins_cycle = if terms.cycle_is_review {
            let lead = terms.lead_time.mean().round() as usize;
            day >= lead && shop.is_order_day(item, day - lead)
        } else {
            arrived > 0.0
        };
        let demand = shop.demand_of(item)[day];
        let ended = if begins_cycle { self.cycle[item].replace(false) } else { None };
        let short = shelf.serve(demand, terms.unmet);

        if short > 0.0 {
            self.cycle[item] = self.cycle[item].map(|_| true);
        }

        let expired = shelf.expire(day);
        let charged = shop.charged_days[day];

        if !is_scored {
            if day < terms.scored_from {
                self.cycle[item] = None;
            }
            return DayOutcome { money: 0.0, is_short: short > 0.0 };
        }

        let tally = self.ledger.at_mut(item, usize::from(shop.block[day]));
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

        DayOutcome { money: holding + shortage + obsolete, is_short: short > 0.0 }
    }
}

/// Replays one policy from the first replayed day to the last.
pub fn replay(shop: &ReplayedShop, cover_weeks: f64, policy: &mut dyn OrderPolicy) -> Replay {
    let mut run = Replay::start(shop, cover_weeks);

    for day in shop.from..shop.days {
        let orders = policy.orders(&run.night(shop, day));
        run.advance(shop, day, &orders, None);
    }
    run
}
