//! All that is known of each planned item at `as_of`, gathered from the tables.

use crate::config::Settings;
use crate::demand::classes::Classes;
use crate::demand::launches::YoungItem;
use crate::demand::prepare::PreparedItem;
use crate::domain::calendar::{Day, date_of, weekday_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::unmet_demand;
use crate::domain::open_days::OpenDays;
use crate::domain::optional_real::OptionalReal;
use crate::domain::policy::{Policy, UnmetDemand};
use crate::domain::tables::{
    Item, ItemLocation, ItemStatus, Location, OpenOrder, OpenSource, Stock, Tables, Text,
};
use crate::domain::target::Target;
use crate::domain::wording::counted;
use crate::inventory::day_distribution::DayDistribution;
use crate::inventory::open_order_arrival::{Arrival, OpenLine, arrival};
use crate::inventory::supply::{InTurn, Supply};
use crate::plan::context::{PlanContext, PriceStep};

use super::lead_time_basis::ItemLeadTime;
use super::offers::{Offer, UNASSIGNED, internal_offer, offer, offers};
use super::rules::{Traits, first};

/// An open order line and when it is expected.
#[derive(Debug, Clone)]
pub struct OpenLineFacts<'a> {
    /// The row.
    pub row: &'a OpenOrder,
    /// The day on which it was ordered: its date or, without one, the usual lead time before it
    /// should come, and not after `as_of`.
    pub ordered_on: Day,
    /// The day on which it should come: its date or, without one, after the usual lead time; never
    /// a day on which its supplier is closed.
    pub expected_on: Day,
    /// Days from `as_of` until it arrives; `None` for a line that is not counted on any more.
    pub arrival: Option<DayDistribution>,
}

impl<'a> OpenLineFacts<'a> {
    /// Of a row, by the lead time of its item in days on which suppliers work. A line that is only
    /// approved is ordered on the next order date.
    fn of(
        context: &PlanContext<'_>,
        row: &'a OpenOrder,
        lead_time: &DayDistribution,
        order_day: Day,
    ) -> Self {
        let (as_of, usual_days) = (context.as_of, lead_time.mean().round() as u32);
        let every_day = OpenDays::default();
        let open_days = context.open_days(&row.supplier).unwrap_or(&every_day);
        let usually_comes = |ordered_on: Day| match open_days.is_every_day() {
            true => ordered_on.saturating_add_unsigned(usual_days),
            false => open_days
                .days_to(ordered_on, usual_days)
                .last()
                .map_or(ordered_on, |days| ordered_on.saturating_add_unsigned(*days)),
        };
        let stated = match row.source {
            OpenSource::Approved => Some(order_day),
            OpenSource::Table | OpenSource::Sent => row.ordered_on,
        };
        let ordered_on = stated.unwrap_or_else(|| {
            let before = |day: Day| day.saturating_sub_unsigned(usual_days);
            row.expected_on.map_or(as_of, before).min(as_of)
        });
        let expected_on = row.expected_on.unwrap_or_else(|| usually_comes(ordered_on));
        let expected_on = open_days.first_from(expected_on);

        // By the supplier's clock, which stands still while it is closed.
        let line = OpenLine {
            ordered_on: as_of - open_days.between(ordered_on, as_of),
            expected_on: as_of + open_days.between(as_of, expected_on),
        };
        let arrival = match arrival(line, lead_time, as_of) {
            Arrival::In(days) => Some(in_calendar_days(days, open_days, as_of)),
            Arrival::Dead => None,
        };
        Self { row, ordered_on, expected_on, arrival }
    }

    /// Which of its dates is not known, and what it counts as.
    fn undated(&self) -> Option<String> {
        if self.row.source != OpenSource::Table {
            return None;
        }
        let (number, expected_on) = (&self.row.po_number, date_of(self.expected_on));
        match (self.row.ordered_on, self.row.expected_on) {
            (Some(_), Some(_)) => None,
            (Some(_), None) => Some(format!(
                "{number} has no date; it is expected on {expected_on}, after the usual lead time"
            )),
            (None, Some(_)) => Some(format!(
                "{number} does not say when it was ordered; it counts as ordered on {}",
                date_of(self.ordered_on)
            )),
            (None, None) => Some(format!(
                "{number} has no date at all; it is expected on {expected_on}, as if it were \
                 ordered tonight"
            )),
        }
    }

    /// Days by which the line is overdue at the start of `as_of`; `None` where it is not.
    #[must_use]
    pub fn overdue_days(&self, as_of: Day) -> Option<Day> {
        let days = as_of.saturating_sub(self.expected_on);
        (days > 0).then_some(days)
    }
}

/// All that is known of one item: the noun that every step of planning reads.
#[derive(Debug)]
pub struct ItemFacts<'a> {
    /// The item.
    pub key: Key,
    /// Its index among all planned items.
    pub index: usize,
    /// Its row of `items`.
    pub item: Option<&'a Item>,
    /// Its row of `item_locations`.
    pub at_location: Option<&'a ItemLocation>,
    /// Its row of `stock`.
    pub stock: Option<&'a Stock>,
    /// Whether a row of it in `stock` cannot be read, so that its stock is unknown.
    pub is_stock_unreadable: bool,
    /// Units that customers wait for by the `backorders` table; `None` where it is not given.
    pub backorders: Option<Fixed>,
    /// Who delivers it, at what cost and in which quantities.
    pub offer: Offer<'a>,
    /// Its classes.
    pub classes: Classes,
    /// Lead time, first order date and review period.
    pub supply: Supply,
    /// The first day on which the item can be ordered.
    pub order_day: Day,
    /// Days between order dates of a supplier without order weekdays.
    pub stated_review_days: u32,
    /// Whether any day of demand history stands behind the forecast.
    pub has_history: bool,
    /// Whether a year or more passed without one sale: the item is not stocked but for what is
    /// stated.
    pub never_sold: bool,
    /// Whether another item replaces it by now: what is left is sold, and it is not bought again.
    pub is_replaced: bool,
    /// The item beside comparable launches, where it is young and nobody states its demand.
    pub young: Option<Box<YoungItem>>,
    /// Its lead time in days on which its supplier works, and what it goes by.
    pub lead_time: ItemLeadTime,
    /// The supply as the levels of tonight see it, where that is not [`supply`](Self::supply): they
    /// have to last until an order of the next order date comes, whose lead time may count other
    /// closed days than tonight's.
    pub next_supply: Option<Box<Supply>>,
    /// Its open order lines, in the order of the table.
    pub open_lines: Vec<OpenLineFacts<'a>>,
    /// How orders are triggered.
    pub policy: Policy,
    /// What the levels are set for.
    pub target: Target,
    /// What happens to demand that cannot be served.
    pub unmet_demand: UnmetDemand,
    /// An order covers at least this many days of mean demand.
    pub order_cycle_days: f64,
    /// An order covers at most this many days of mean demand.
    pub max_cover_days: f64,
    /// What a lost unit weighs against one that would wait, 0 to 1; `None` where nobody states it.
    pub lost_unit_weight: OptionalReal,
    /// Units that the reorder point never lies below, above 0 and at most the maximum stock; the
    /// reorder point itself under `min_max`.
    pub min_stock: Option<Fixed>,
    /// Units that no order lifts the position beyond, above 0; the order-up-to level itself under
    /// `min_max`.
    pub max_stock: Option<Fixed>,
    /// What one order costs, base currency; `None` where nobody states it.
    pub order_cost: OptionalReal,
    /// What a unit of the supplier's money is worth in the base currency; `None` where there is no
    /// rate.
    pub currency_rate: OptionalReal,
    /// Cost of a stock unit, base currency.
    pub unit_cost: Option<Fixed>,
    /// Price of a unit, base currency.
    pub unit_price: Option<Fixed>,
    /// Price breaks of the supplier, quantities rising.
    pub price_steps: Vec<PriceStep>,
    /// The location that supplies this one.
    pub supplied_by: Option<Text>,
}

impl<'a> ItemFacts<'a> {
    /// Gathers what is known of one item, delivered by its first choice of supplier.
    #[must_use]
    pub fn gather(context: &PlanContext<'a>, item: &PreparedItem) -> Self {
        let bought = offer(context.tables, &item.key);
        Self::gather_from(context, item, bought)
    }

    /// The same, delivered by this supplier: one of those that offer the item.
    #[must_use]
    pub fn gather_by(
        context: &PlanContext<'a>,
        item: &PreparedItem,
        supplier: Option<&Text>,
    ) -> Self {
        let is_meant = |offer: &Offer<'a>| Some(&offer.supplier) == supplier;
        let meant =
            supplier.and_then(|_| offers(context.tables, &item.key).into_iter().find(is_meant));
        match meant {
            Some(offer) => Self::gather_from(context, item, offer),
            None => Self::gather(context, item),
        }
    }

    /// The supplier that was chosen, where it is not the first choice: with it
    /// [`gather_by`](Self::gather_by) gives the same facts.
    #[must_use]
    pub fn other_supplier(&self, context: &PlanContext<'_>) -> Option<Text> {
        let is_first = || offer(context.tables, &self.key).supplier == self.offer.supplier;
        let is_bought = self.supplied_by.is_none();
        (is_bought && !is_first()).then(|| self.offer.supplier.clone())
    }

    /// Gathers what is known of one item, delivered by this offer unless another location of ours
    /// supplies it.
    #[must_use]
    pub fn gather_from(
        context: &PlanContext<'a>,
        prepared: &PreparedItem,
        bought: Offer<'a>,
    ) -> Self {
        let PreparedItem { key, classes, .. } = prepared;
        let (tables, settings) = (context.tables, context.settings);
        let (plan, rules) = (&settings.plan, &settings.plan.rules);
        let item = tables.item(&key.sku);
        let at_location = tables.item_location(key);
        let supplying = supplying_location(tables, key, at_location);

        let currency_rate = currency_rate(settings, &bought);
        let offer = match supplying {
            Some(row) => internal_offer(row, bought),
            None => bought,
        };
        let to_base = |cost: Fixed| Fixed::from_f64(cost.to_f64() * currency_rate?);
        let (stated_min, max_stock) = stated_limits(item, at_location);
        let order_cost = offer.order_cost.and_then(|cost| Some(cost.to_f64() * currency_rate?));

        let traits = traits(key, item, &offer, *classes);
        let stated_review_days = offer
            .row
            .and_then(|row| row.review_period_days)
            .or_else(|| first(rules, &traits, |rule| rule.review_period_days))
            .unwrap_or(plan.review_period_days);
        let (first_order_day, review_period_days) = context.order_days(&offer, stated_review_days);
        let lead_time = ItemLeadTime::of(context, key, &offer, &traits);
        let order_day = context.as_of.saturating_add_unsigned(first_order_day);
        let judged_by = || lead_time.of_open_lines(context, key, &offer, &traits);
        let open_lines = open_lines(context, key, judged_by, order_day);
        let weekdays = offer.row.map_or(0, |row| row.order_weekdays);
        let in_turn = InTurn::from_weekday(weekdays, weekday_of(order_day));
        let supply_from = |day: Day| Supply {
            lead_time: match context.open_days(&offer.supplier) {
                Some(open_days) => in_calendar_days(lead_time.next_order.clone(), open_days, day),
                None => lead_time.next_order.clone(),
            },
            first_order_day,
            review_period_days,
            in_turn,
            lead_time_correlation: context.lead_times.evidence.correlation(&offer.supplier),
        };
        let supply = supply_from(order_day);
        let next_supply = context
            .open_days(&offer.supplier)
            .map(|_| supply_from(order_day.saturating_add_unsigned(review_period_days)))
            .filter(|next| *next != supply)
            .map(Box::new);

        Self {
            index: prepared.index,
            item,
            at_location,
            stock: tables.stock_of(key),
            is_stock_unreadable: tables.unreadable_stock.contains(key),
            backorders: context.backorders(key),
            classes: *classes,
            has_history: prepared.has_history,
            never_sold: prepared.never_sold,
            is_replaced: prepared.is_replaced,
            young: prepared.young.clone().map(Box::new),
            open_lines,
            supply,
            next_supply,
            lead_time,
            order_day,
            stated_review_days,
            policy: first(rules, &traits, |rule| rule.policy).unwrap_or(plan.policy),
            target: at_location
                .and_then(|row| row.target)
                .or_else(|| item.and_then(|item| item.target))
                .or_else(|| first(rules, &traits, |rule| rule.target))
                .unwrap_or(plan.target),
            unmet_demand: unmet_demand(plan.unmet_demand, item),
            order_cycle_days: first(rules, &traits, |rule| rule.order_cycle_days)
                .unwrap_or(plan.order_cycle_days),
            max_cover_days: first(rules, &traits, |rule| rule.max_cover_days)
                .unwrap_or(plan.max_cover_days),
            lost_unit_weight: first(rules, &traits, |rule| rule.lost_unit_weight)
                .or(plan.lost_unit_weight)
                .into(),
            min_stock: stated_min.map(|min| max_stock.map_or(min, |max| min.min(max))),
            max_stock,
            order_cost: order_cost.or(plan.order_cost).into(),
            currency_rate: currency_rate.into(),
            unit_cost: offer.unit_cost.and_then(to_base),
            unit_price: item.and_then(|item| item.unit_price).or(prepared.sold_at),
            price_steps: context.price_steps(&offer.supplier, &key.sku).to_vec(),
            supplied_by: supplying.and_then(|row| row.supplied_by.clone()),
            offer,
            key: key.clone(),
        }
    }

    /// The lead time, in calendar days, of an order that no closure delays.
    #[must_use]
    pub fn usual_lead_time(&self, context: &PlanContext<'_>) -> DayDistribution {
        match context.open_days(&self.offer.supplier).map(OpenDays::without_closures) {
            Some(open_days) => {
                in_calendar_days(self.lead_time.next_order.clone(), &open_days, context.as_of)
            }
            None => self.supply.lead_time.clone(),
        }
    }

    /// What a unit sold earns, else what it is sold for; none where no price is known.
    #[must_use]
    pub fn margin(&self) -> Option<Fixed> {
        match (self.unit_price, self.unit_cost) {
            (Some(price), Some(cost)) => Some((price - cost).or_zero()),
            (price, _) => price,
        }
    }

    /// What a unit that is short is worth: its margin, else its price, else its cost.
    #[must_use]
    pub fn worth_short(&self) -> Option<Fixed> {
        self.margin().or(self.unit_cost)
    }

    /// The unit cost of a quantity in the supplier's currency: of the highest price break that it
    /// reaches.
    #[must_use]
    pub fn unit_cost_at(&self, quantity: Fixed) -> Option<Fixed> {
        let reached = self.price_steps.iter().rev().find(|(least, _)| *least <= quantity);
        reached.map(|(_, unit_cost)| *unit_cost).or(self.offer.unit_cost)
    }

    /// Whether a unit costs more from a price break on than just below it.
    #[must_use]
    pub fn is_rising(&self, (min_units, unit_cost): &PriceStep) -> bool {
        self.unit_cost_at(*min_units - Fixed::of_steps(1)).is_some_and(|below| *unit_cost > below)
    }

    /// Where the item is in its life at `as_of`.
    #[must_use]
    pub fn status(&self, as_of: Day) -> ItemStatus {
        match self.item {
            Some(item) if item.end_date.is_some_and(|end| end < as_of) => ItemStatus::Discontinued,
            Some(item) => item.status,
            None => ItemStatus::Active,
        }
    }

    /// Whether the item is sold off at `as_of`, or not sold any more: it is never bought again.
    #[must_use]
    pub fn is_ending(&self, as_of: Day) -> bool {
        matches!(self.status(as_of), ItemStatus::Discontinued | ItemStatus::PhaseOut)
    }

    /// What the supplier's row says that one order costs, base currency; `None` where it says
    /// nothing, or its money has no rate.
    #[must_use]
    pub fn supplier_order_cost(&self) -> Option<f64> {
        let cost = self.offer.row?.order_cost?;
        Some(cost.to_f64() * self.currency_rate.get()?)
    }

    /// The smallest quantity that can be ordered: the MOQ in whole packs, or one pack.
    #[must_use]
    pub fn min_order(&self) -> Fixed {
        let pack = self.pack_units();
        self.offer.moq.max(pack).up_to_multiple(pack)
    }

    /// Units that are ordered together: the pack, or one unit where there is none.
    #[must_use]
    pub fn pack_units(&self) -> Fixed {
        if self.offer.pack_size > Fixed::ZERO { self.offer.pack_size } else { Fixed::ONE }
    }

    /// Findings about what is assumed of the item.
    #[must_use]
    pub fn findings(&self, context: &PlanContext<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |code, table, message: String| {
            findings.push(Finding::about(code, table, &self.key, message));
        };

        if context.tables.items.is_some() && self.item.is_none() {
            let message = format!("{} is not in the items table and is not ordered", self.key);
            add(Code::UnknownItem, "items", message);
        }
        if context.tables.stock.is_some() && !context.tables.has_stock_record(&self.key) {
            let message = format!("{} has no stock row; its stock counts as 0", self.key);
            add(Code::MissingStock, "stock", message);
        }
        // An item without any supplier is said to have none where it is ordered.
        let is_listed = self.item.is_some()
            && self.supplied_by.is_none()
            && self.offer.supplier.as_ref() != UNASSIGNED;
        if context.tables.suppliers.is_some() && self.offer.row.is_none() && is_listed {
            let message = format!("{} has no row in suppliers", self.offer.supplier);
            add(Code::UnknownSupplier, "suppliers", message);
        }

        for line in &self.open_lines {
            if let Some(message) = line.undated() {
                add(Code::UndatedOrder, "purchase_orders", message);
            }
            let Some(late) = line.overdue_days(context.as_of) else {
                continue;
            };
            let mut message = format!(
                "{} on {} {} {} overdue",
                counted(line.row.quantity, "unit"),
                line.row.po_number,
                if line.row.quantity == Fixed::ONE { "is" } else { "are" },
                counted(late, "day")
            );
            if line.arrival.is_none() {
                message.push_str(", and not counted on");
                add(Code::DeadOrder, "purchase_orders", message);
            } else {
                add(Code::LatePromise, "purchase_orders", message);
            }
        }

        if let Target::Cost(target) = self.target {
            let (cost, price) = (self.unit_cost, self.unit_price);
            if target.rates(cost.map(Fixed::to_f64), price.map(Fixed::to_f64)).is_none() {
                let message = format!(
                    "{} has a cost target in shares of unit cost and margin, which are not known \
                     or not above 0; their ratio is taken instead",
                    self.key
                );
                add(Code::CostUnknown, "items", message);
            }
        }
        let (min, max) = stated_limits(self.item, self.at_location);
        if let Some((min, max)) = min.zip(max).filter(|(min, max)| min > max) {
            let message =
                format!("minimum stock {min} lies above maximum stock {max}; the maximum holds");
            add(Code::LimitsConflict, "items", message);
        }
        let rising = self.price_steps.iter().filter(|step| self.is_rising(step));
        for (min_units, unit_cost) in rising {
            let below = self.unit_cost_at(*min_units - Fixed::of_steps(1)).unwrap_or_default();
            let message = format!(
                "from {} on a unit costs {unit_cost}, and {below} below that; no order is raised \
                 to it",
                counted(min_units, "unit")
            );
            add(Code::RisingBreak, "price_breaks", message);
        }
        if self.currency_rate.get().is_none() {
            let code = self.offer.row.and_then(|row| row.currency.as_deref()).unwrap_or("");
            let message = format!("{} is paid in {code}, which has no rate", self.offer.supplier);
            add(Code::NoCurrencyRate, "suppliers", message);
        }

        findings
    }
}

/// Minimum and maximum stock as stated for the location, else for the item; 0 says that there is
/// none.
fn stated_limits(
    item: Option<&Item>,
    at_location: Option<&ItemLocation>,
) -> (Option<Fixed>, Option<Fixed>) {
    let min = at_location.and_then(|row| row.min_stock).or(item.and_then(|item| item.min_stock));
    let max = at_location.and_then(|row| row.max_stock).or(item.and_then(|item| item.max_stock));
    let stated = |limit: Option<Fixed>| limit.filter(|units| *units > Fixed::ZERO);

    (stated(min), stated(max))
}

/// A number of days on which a supplier works as calendar days from a day on.
fn in_calendar_days(days: DayDistribution, open_days: &OpenDays, from: Day) -> DayDistribution {
    if open_days.is_every_day() {
        return days;
    }
    let calendar = open_days.days_to(from, days.longest());
    days.mapped(|day| calendar.get(day as usize).copied().unwrap_or(day))
}

/// What a unit of the supplier's money is worth in the base currency; `None` where there is no
/// rate.
#[must_use]
pub fn currency_rate(settings: &Settings, offer: &Offer<'_>) -> Option<f64> {
    match offer.row.and_then(|row| row.currency.as_deref()) {
        Some(code) if code != settings.currency.base => settings.currency.rates.get(code).copied(),
        _ => Some(1.0),
    }
}

/// What rules can test of an item.
fn traits<'a>(
    key: &'a Key,
    item: Option<&'a Item>,
    offer: &'a Offer<'_>,
    classes: Classes,
) -> Traits<'a> {
    Traits {
        sku: &key.sku,
        location: &key.location,
        category: item.and_then(|item| item.category.as_deref()).unwrap_or(""),
        supplier: &offer.supplier,
        status: item.map_or(ItemStatus::Active, |item| item.status).as_str(),
        abc: classes.abc.as_str(),
        xyz: classes.xyz.as_str(),
        demand_class: classes.demand_class.as_str(),
    }
}

/// The item's open order lines, and when each is expected by the lead time that they are judged by.
fn open_lines<'a>(
    context: &PlanContext<'a>,
    key: &Key,
    judged_by: impl Fn() -> DayDistribution,
    order_day: Day,
) -> Vec<OpenLineFacts<'a>> {
    let open = context.open_lines(key);
    if open.is_empty() {
        return Vec::new();
    }
    let lead_time = judged_by();
    open.iter().map(|row| OpenLineFacts::of(context, row, &lead_time, order_day)).collect()
}

/// The row of the item's location where another location supplies it: one that has a stock record
/// of the item, and no supplier of its own is named for the item there.
fn supplying_location<'a>(
    tables: &'a Tables,
    key: &Key,
    at_location: Option<&ItemLocation>,
) -> Option<&'a Location> {
    if at_location.is_some_and(|row| row.supplier.is_some()) {
        return None;
    }
    let row = tables.location(&key.location)?;
    let from = row.supplied_by.clone().filter(|from| *from != key.location)?;
    let there = Key { sku: key.sku.clone(), location: from };

    tables.has_stock_record(&there).then_some(row)
}
