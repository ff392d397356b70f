//! All that is known of each planned item at `as_of`, gathered from the tables.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Settings;
use crate::demand::classes::Classes;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{
    BackorderPolicy, CleanDemand, Item, ItemLocation, ItemStatus, Location, OpenOrder, Stock,
    Tables, Text,
};
use crate::inventory::day_law::DayLaw;
use crate::inventory::lead_time::{Arrival, OpenLine, arrival};
use crate::inventory::policy::{Policy, UnmetDemand};
use crate::inventory::protection::Supply;
use crate::inventory::target::Target;

use super::evidence::{LeadTimeEvidence, SupplierLaws};
use super::offers::{Offer, UNASSIGNED, find, internal_offer, offer};
use super::order_dates::OrderCalendar;
use super::rules::{Traits, first};

/// Every item that is planned: those with an order, stock, open-order or backorder row, and active
/// items at their locations. Sorted.
#[must_use]
pub fn planned_keys(demand: &CleanDemand, tables: &Tables) -> Vec<Key> {
    let mut keys: BTreeSet<&Key> = demand.keys.iter().collect();
    keys.extend(rows(&tables.stock).iter().map(|row| &row.key));
    keys.extend(rows(&tables.purchase_orders).iter().map(|row| &row.key));
    keys.extend(rows(&tables.backorders).iter().map(|row| &row.key));
    let sold = |place: &&ItemLocation| {
        place.active
            && item(tables, &place.key.sku)
                .is_none_or(|item| item.status != ItemStatus::Discontinued)
    };
    keys.extend(rows(&tables.item_locations).iter().filter(sold).map(|row| &row.key));
    keys.into_iter().cloned().collect()
}

/// The rows of a table, none where it is not given.
pub fn rows<T>(table: &Option<Vec<T>>) -> &[T] {
    table.as_deref().unwrap_or(&[])
}

/// The row of `items` of a sku.
#[must_use]
pub fn item<'a>(tables: &'a Tables, sku: &str) -> Option<&'a Item> {
    let items = rows(&tables.items);
    items.binary_search_by(|row| (*row.sku).cmp(sku)).ok().map(|at| &items[at])
}

/// What crosses items and is looked up for each.
#[derive(Debug)]
pub struct World<'a> {
    /// The run's settings.
    pub settings: &'a Settings,
    /// All tables but the orders.
    pub tables: &'a Tables,
    /// The day the run stands at the start of.
    pub as_of: Day,
    /// Whether `as_of` is an order date whatever the calendars say.
    pub order_now: bool,
    evidence: LeadTimeEvidence,
    supplier_laws: SupplierLaws,
    closures: BTreeMap<Text, Vec<(Day, Day)>>,
    open_lines: BTreeMap<Key, Vec<&'a OpenOrder>>,
    backorders: Option<BTreeMap<&'a Key, Fixed>>,
    breaks: BTreeMap<(&'a str, &'a str), Vec<(Fixed, Fixed)>>,
}

impl<'a> World<'a> {
    /// Gathers what crosses items.
    #[must_use]
    pub fn new(settings: &'a Settings, tables: &'a Tables, as_of: Day, order_now: bool) -> Self {
        let evidence = LeadTimeEvidence::collect(tables, as_of);
        let plan = &settings.plan;
        let usual =
            DayLaw::from_mean_and_sd(plan.lead_time_days, plan.lead_time_sd_days.unwrap_or(0.0));
        let supplier_laws = evidence.supplier_laws(&usual, |supplier| {
            let row = find(rows(&tables.suppliers), supplier)?;
            let sd = row.lead_time_sd_days.or(plan.lead_time_sd_days);
            Some(DayLaw::from_mean_and_sd(row.lead_time_days?, sd.unwrap_or(0.0)))
        });
        let mut closures: BTreeMap<Text, Vec<(Day, Day)>> = BTreeMap::new();
        for row in rows(&tables.closures) {
            closures.entry(row.supplier.clone()).or_default().push((row.from, row.to));
        }
        let mut open_lines: BTreeMap<Key, Vec<&OpenOrder>> = BTreeMap::new();
        for row in rows(&tables.purchase_orders) {
            open_lines.entry(row.key.clone()).or_default().push(row);
        }
        let backorders = tables.backorders.as_ref().map(|lines| {
            let mut sums: BTreeMap<&Key, Fixed> = BTreeMap::new();
            lines.iter().for_each(|line| *sums.entry(&line.key).or_default() += line.quantity);
            sums
        });
        let mut breaks: BTreeMap<(&str, &str), Vec<(Fixed, Fixed)>> = BTreeMap::new();
        for row in rows(&tables.price_breaks) {
            breaks
                .entry((&row.supplier, &row.sku))
                .or_default()
                .push((row.min_quantity, row.unit_cost));
        }
        breaks.values_mut().for_each(|steps| steps.sort());
        Self {
            settings,
            tables,
            as_of,
            order_now,
            evidence,
            supplier_laws,
            closures,
            open_lines,
            backorders,
            breaks,
        }
    }

    /// The first day by which an order of a supplier and the next one can be placed, as days from
    /// `as_of`.
    fn order_days(&self, offer: &Offer<'_>, review_period_days: u32) -> (u32, u32) {
        let closures = self.closures.get(&offer.supplier).map_or(&[][..], Vec::as_slice);
        let weekdays = offer.row.map_or(0, |row| row.order_weekdays);
        OrderCalendar { weekdays, review_period_days, closures }
            .next_two(self.as_of, self.order_now)
    }
}

/// An open order line and when it is expected.
#[derive(Debug, Clone)]
pub struct OpenLineFacts<'a> {
    /// The row.
    pub row: &'a OpenOrder,
    /// Days from `as_of` until it arrives; none for a line that is not counted on any more.
    pub arrival: Option<DayLaw>,
}

/// What an item's order rows say of it.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Seen {
    pub classes: Classes,
    pub sold_at: Option<Fixed>,
    pub has_history: bool,
    /// A year of history or more without one sale, and nobody says that there will be any.
    pub never_sold: bool,
}

/// All that is known of one item.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct ItemFacts<'a> {
    pub key: &'a Key,
    pub item: Option<&'a Item>,
    pub place: Option<&'a ItemLocation>,
    pub stock: Option<&'a Stock>,
    pub backorders: Option<Fixed>,
    pub offer: Offer<'a>,
    pub classes: Classes,
    pub supply: Supply,
    /// Days between order dates of a supplier without order weekdays.
    pub stated_review_days: u32,
    /// Whether any day of demand history stands behind the forecast.
    pub has_history: bool,
    /// Whether a year or more passed without one sale: the item is not stocked but for what is
    /// stated.
    pub never_sold: bool,
    /// Whether any spread of the lead time is known.
    pub has_spread: bool,
    pub open_lines: Vec<OpenLineFacts<'a>>,
    pub policy: Policy,
    pub target: Target,
    pub unmet_demand: UnmetDemand,
    pub order_cycle_days: f64,
    pub max_cover_days: f64,
    pub lost_unit_weight: Option<f64>,
    pub min_stock: Option<Fixed>,
    pub max_stock: Option<Fixed>,
    /// What a unit of the supplier's money is worth in the base currency; none where there is no
    /// rate.
    pub currency_rate: Option<f64>,
    /// Cost of a stock unit, base currency.
    pub unit_cost: Option<Fixed>,
    /// Price of a unit, base currency.
    pub unit_price: Option<Fixed>,
    /// Price breaks of the supplier: least quantity and unit cost in the supplier's currency,
    /// quantities rising.
    pub breaks: Vec<(Fixed, Fixed)>,
    /// The location that supplies this one.
    pub supplied_by: Option<Text>,
}

impl<'a> ItemFacts<'a> {
    /// Gathers what is known of one item, delivered by its first choice of supplier.
    #[must_use]
    pub fn gather(world: &World<'a>, key: &'a Key, seen: Seen) -> Self {
        Self::gather_from(world, key, seen, None)
    }

    /// Gathers what is known of one item, delivered by the offer that was chosen, else by the
    /// first.
    #[must_use]
    pub fn gather_from(
        world: &World<'a>,
        key: &'a Key,
        seen: Seen,
        chosen: Option<Offer<'a>>,
    ) -> Self {
        let Seen { classes, sold_at, has_history, never_sold } = seen;
        let (tables, plan) = (world.tables, &world.settings.plan);
        let item = item(tables, &key.sku);
        let place = by_key(rows(&tables.item_locations), key, |row| &row.key);
        let supplied_by = supplying_location(tables, key, place);
        let bought = chosen.unwrap_or_else(|| offer(item, place, tables, &key.sku));
        let currency = bought.row.and_then(|row| row.currency.as_deref());
        let offer = match supplied_by {
            Some(row) => internal_offer(row, bought),
            None => bought,
        };
        let traits = Traits {
            sku: &key.sku,
            location: &key.location,
            category: item.and_then(|item| item.category.as_deref()).unwrap_or(""),
            supplier: &offer.supplier,
            status: status_name(item),
            abc: classes.abc.as_str(),
            xyz: classes.xyz.as_str(),
            demand_class: classes.demand_class.as_str(),
        };
        let rules = &plan.rules;
        let review = offer
            .row
            .and_then(|row| row.review_period_days)
            .or_else(|| first(rules, &traits, |rule| rule.review_period_days))
            .unwrap_or(plan.review_period_days);
        let (first_order_day, review_period_days) = world.order_days(&offer, review);
        let (lead_time, has_spread) = lead_time(world, key, &offer, &traits);
        let currency_rate = match currency {
            Some(code) if code != world.settings.currency.base => {
                world.settings.currency.rates.get(code).copied()
            }
            _ => Some(1.0),
        };
        let unit_cost =
            offer.unit_cost.and_then(|cost| Fixed::from_f64(cost.to_f64() * currency_rate?));
        let is_lost = plan.unmet_demand == UnmetDemand::Lost
            || item.is_some_and(|item| item.backorder_policy == Some(BackorderPolicy::Deny));
        let open_lines =
            world.open_lines.get(key).map_or(&[][..], Vec::as_slice).iter().map(|row| {
                let line = OpenLine { ordered_on: row.ordered_on, expected_on: row.expected_on };
                let arrival = match arrival(line, &lead_time, world.as_of) {
                    Arrival::In(law) => Some(law),
                    Arrival::Dead => None,
                };
                OpenLineFacts { row, arrival }
            });
        Self {
            key,
            item,
            place,
            stock: by_key(rows(&tables.stock), key, |row| &row.key),
            backorders: world
                .backorders
                .as_ref()
                .map(|sums| sums.get(key).copied().unwrap_or_default()),
            classes,
            has_spread,
            has_history,
            never_sold,
            open_lines: open_lines.collect(),
            supply: Supply { lead_time, first_order_day, review_period_days },
            stated_review_days: review,
            policy: first(rules, &traits, |rule| rule.policy).unwrap_or(plan.policy),
            target: place
                .and_then(|place| place.target)
                .or_else(|| item.and_then(|item| item.target))
                .or_else(|| first(rules, &traits, |rule| rule.target))
                .unwrap_or(plan.target),
            unmet_demand: if is_lost { UnmetDemand::Lost } else { UnmetDemand::Backorder },
            order_cycle_days: first(rules, &traits, |rule| rule.order_cycle_days)
                .unwrap_or(plan.order_cycle_days),
            max_cover_days: first(rules, &traits, |rule| rule.max_cover_days)
                .unwrap_or(plan.max_cover_days),
            lost_unit_weight: first(rules, &traits, |rule| rule.lost_unit_weight)
                .or(plan.lost_unit_weight),
            min_stock: place
                .and_then(|place| place.min_stock)
                .or_else(|| item.and_then(|item| item.min_stock)),
            max_stock: place
                .and_then(|place| place.max_stock)
                .or_else(|| item.and_then(|item| item.max_stock)),
            currency_rate,
            unit_cost,
            unit_price: item.and_then(|item| item.unit_price).or(sold_at),
            breaks: world.breaks.get(&(&*offer.supplier, &*key.sku)).cloned().unwrap_or_default(),
            supplied_by: supplied_by.and_then(|row| row.supplied_by.clone()),
            offer,
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

    /// The unit cost of a quantity in the supplier's currency: of the highest price break that it
    /// reaches.
    #[must_use]
    pub fn unit_cost_at(&self, quantity: Fixed) -> Option<Fixed> {
        let reached = self.breaks.iter().rev().find(|(least, _)| *least <= quantity);
        reached.map(|(_, unit_cost)| *unit_cost).or(self.offer.unit_cost)
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

    /// Findings about what is assumed of the item.
    #[must_use]
    pub fn findings(&self, world: &World<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |code, table, message: String| {
            findings.push(Finding::about(code, table, self.key, message))
        };
        if world.tables.items.is_some() && self.item.is_none() {
            add(
                Code::UnknownItem,
                "items",
                format!("{} is not in the items table and is not ordered", self.key),
            );
        }
        if world.tables.stock.is_some() && self.stock.is_none() {
            add(
                Code::MissingStock,
                "stock",
                format!("{} has no stock row; its stock counts as 0", self.key),
            );
        }
        if world.tables.suppliers.is_some()
            && self.offer.row.is_none()
            && self.item.is_some()
            && self.supplied_by.is_none()
            // An item without any is said to have none where it is ordered.
            && self.offer.supplier.as_ref() != UNASSIGNED
        {
            add(
                Code::UnknownSupplier,
                "suppliers",
                format!("{} has no row in suppliers", self.offer.supplier),
            );
        }
        for line in self.open_lines.iter().filter(|line| line.arrival.is_none()) {
            let late = world.as_of - line.row.expected_on;
            let message = format!(
                "{} units on {} are {late} days overdue and count as 0",
                line.row.quantity, line.row.po_number
            );
            add(Code::DeadOrder, "purchase_orders", message);
        }
        for line in self
            .open_lines
            .iter()
            .filter(|line| line.arrival.is_some() && line.row.expected_on < world.as_of)
        {
            let late = world.as_of - line.row.expected_on;
            let message = format!(
                "{} units on {} are {late} days overdue",
                line.row.quantity, line.row.po_number
            );
            add(Code::LatePromise, "purchase_orders", message);
        }
        if let Target::Cost(target) = self.target
            && target
                .rates(self.unit_cost.map(Fixed::to_f64), self.unit_price.map(Fixed::to_f64))
                .is_none()
        {
            let message = format!(
                "{} has a cost target in shares of unit cost and margin, which are not known or not above 0; their ratio \
                 is taken instead",
                self.key
            );
            add(Code::CostUnknown, "items", message);
        }
        if let Some((least, most)) =
            self.min_stock.zip(self.max_stock).filter(|(least, most)| least > most)
        {
            let message =
                format!("minimum stock {least} lies above maximum stock {most}; the maximum holds");
            add(Code::LimitsConflict, "items", message);
        }
        if self.currency_rate.is_none() {
            let code = self.offer.row.and_then(|row| row.currency.as_deref()).unwrap_or("");
            add(
                Code::NoCurrencyRate,
                "suppliers",
                format!("{} is paid in {code}, which has no rate", self.offer.supplier),
            );
        }
        findings
    }
}

/// The word of an item's status in rules.
fn status_name(item: Option<&Item>) -> &'static str {
    match item.map_or(ItemStatus::Active, |item| item.status) {
        ItemStatus::Active => "active",
        ItemStatus::New => "new",
        ItemStatus::PhaseOut => "phase_out",
        ItemStatus::Discontinued => "discontinued",
    }
}

/// The lead-time law of an item, and whether any spread of it is known.
fn lead_time(
    world: &World<'_>,
    key: &Key,
    offer: &Offer<'_>,
    traits: &Traits<'_>,
) -> (DayLaw, bool) {
    let plan = &world.settings.plan;
    let rule_days = first(&plan.rules, traits, |rule| rule.lead_time_days);
    let rule_sd = first(&plan.rules, traits, |rule| rule.lead_time_sd_days);
    let days = offer.lead_time_days.or(rule_days).unwrap_or(plan.lead_time_days);
    let sd = offer.lead_time_sd_days.or(rule_sd).or(plan.lead_time_sd_days);
    let supplier_days = offer.row.and_then(|row| row.lead_time_days).unwrap_or(plan.lead_time_days);
    // The supplier's receipts speak for an item that states nothing of its own.
    let is_own_place =
        rows(&world.tables.locations).iter().any(|row| row.location == offer.supplier);
    let states = is_own_place || offer.lead_time_days.or(rule_days).is_some();
    let laws = &world.supplier_laws;
    let learnt = if states {
        laws.get(&offer.supplier, &key.location).filter(|_| days == supplier_days)
    } else {
        laws.unstated(&offer.supplier, &key.location)
    };
    let prior =
        learnt.cloned().unwrap_or_else(|| DayLaw::from_mean_and_sd(days, sd.unwrap_or(0.0)));
    let law = world.evidence.item_law((&offer.supplier, &key.sku), &prior, learnt.is_none());
    let has_spread = sd.is_some() || !law.is_certain();
    (law, has_spread)
}

/// The row of the item's location where another location supplies it: one that has a stock record
/// of the item, and no supplier of its own is named for the place.
fn supplying_location<'a>(
    tables: &'a Tables,
    key: &Key,
    place: Option<&ItemLocation>,
) -> Option<&'a Location> {
    if place.is_some_and(|place| place.supplier.is_some()) {
        return None;
    }
    let row = rows(&tables.locations).iter().find(|row| row.location == key.location)?;
    let from = row.supplied_by.clone().filter(|from| *from != key.location)?;
    let there = Key { sku: key.sku.clone(), location: from };
    by_key(rows(&tables.stock), &there, |row| &row.key).map(|_| row)
}

/// The row of a key in a table sorted by key.
pub(super) fn by_key<'a, T>(
    rows: &'a [T],
    key: &Key,
    key_of: impl Fn(&T) -> &Key,
) -> Option<&'a T> {
    rows.binary_search_by(|row| key_of(row).cmp(key)).ok().map(|at| &rows[at])
}
