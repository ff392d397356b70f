//! The same decisions with the arguments of one night replaced by those of another, one at a time.

use std::collections::BTreeSet;

use super::exact::Exact;
use super::kept::{StateView, VERSION};
use crate::config::Settings;
use crate::demand::numbering::numbered_as;
use crate::demand::prepare::Prepared;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Item, ItemSupplier, Supplier, Tables, Text};
use crate::forecast::Forecasts;
use crate::ledger::Opening;
use crate::pipeline::forecast_with;
use crate::plan::item::{choose_suppliers, decide_each};
use crate::plan::orders::handover::snooze;
use crate::plan::{PlanContext, PlannedItem};

/// What an item needs by itself: quantity, reorder point and chance of running short.
pub(super) type Figures = [Exact; 3];

/// The steps between two nights: the figures of some items before the first step and after each.
pub(super) struct Stages {
    /// The earlier night, planned again.
    pub(super) earlier: Vec<Figures>,
    /// With the later night's day, histories and statements about demand.
    pub(super) demand: Vec<Figures>,
    /// With what it learnt.
    pub(super) models: Vec<Figures>,
    /// With its lead times, receipts and closures.
    pub(super) lead_time: Vec<Figures>,
    /// With its stock and customers who wait.
    pub(super) stock: Vec<Figures>,
    /// With its open orders.
    pub(super) on_order: Vec<Figures>,
    /// With all else that tables say.
    pub(super) terms: Vec<Figures>,
    /// With its settings: the later night, planned again.
    pub(super) settings: Vec<Figures>,
}

impl Stages {
    /// Plans these items again, which both nights plan.
    pub(super) fn of(before: StateView<'_>, after: StateView<'_>, keys: &[&Key]) -> Self {
        let mut night = Night {
            settings: before.settings,
            order_now: before.order_now,
            ledger: before.ledger,
            keys,
        };
        let tables = before.tables;
        let is_ours = before.version == VERSION;
        let again = (!is_ours).then(|| forecasts_of(before, keys));
        let then = again.as_ref().unwrap_or(before.forecasts);
        let earlier = night.figures(tables, before.prepared, then);

        let prepared = after.prepared;
        let again = (after.version != VERSION).then(|| forecasts_of(after, keys));
        let now = again.as_ref().unwrap_or(after.forecasts);
        // What is learnt of buckets of one length says nothing of others.
        let demand = match before.prepared.histories.calendar == prepared.histories.calendar {
            true => night.figures(tables, prepared, &as_learnt_before(before, after, keys)),
            false => night.figures(tables, prepared, now),
        };
        let models = night.figures(tables, prepared, now);

        // A table that does not change needs no new plan.
        let mut tables = tables.clone();
        let mut last = models.clone();
        let mut with = |night: &Night<'_>, change: &dyn Fn(&mut Tables, &Tables)| {
            let mut next = tables.clone();
            change(&mut next, after.tables);
            // With the open orders goes what people decided about them.
            if next != tables || night.ledger != before.ledger {
                last = night.figures(&next, prepared, now);
                tables = next;
            }
            last.clone()
        };
        let lead_time = with(&night, &take_lead_times);
        let stock = with(&night, &take_stock);
        night.ledger = after.ledger;
        let take_open = |next: &mut Tables, from: &Tables| {
            next.purchase_orders.clone_from(&from.purchase_orders);
        };
        let on_order = with(&night, &take_open);
        let terms = with(&night, &|next, from| next.clone_from(from));
        let night = Night { settings: after.settings, order_now: after.order_now, ..night };
        let settings = night.figures(after.tables, prepared, now);

        Self { earlier, demand, models, lead_time, stock, on_order, terms, settings }
    }
}

/// A night's settings, what became of earlier orders, and the items that are planned on them.
#[derive(Clone, Copy)]
struct Night<'a> {
    settings: &'a Settings,
    order_now: bool,
    ledger: Option<&'a Opening>,
    keys: &'a [&'a Key],
}

impl Night<'_> {
    /// What each item needs by itself on these tables, histories and forecasts.
    fn figures(&self, tables: &Tables, prepared: &Prepared, forecasts: &Forecasts) -> Vec<Figures> {
        let context = PlanContext::new(self.settings, tables, prepared.as_of, self.order_now);
        let items = with_their_locations(&prepared.keys, self.keys);
        let facts = choose_suppliers(&context, prepared, forecasts, &items);
        let alone = decide_each(&context, facts, forecasts, None, &|_, _| ());
        let mut planned = alone.items;
        if let Some(ledger) = self.ledger {
            snooze(&mut planned, ledger, self.settings);
        }

        let of = |key: &&Key| {
            let at = planned.binary_search_by(|item| item.key().cmp(key)).ok();
            at.map_or([Exact::ZERO; 3], |at| figures_of(&planned[at]))
        };
        self.keys.iter().map(of).collect()
    }
}

fn figures_of(item: &PlannedItem<'_>) -> Figures {
    let risk = item.row.risk.map(|risk| risk.stockout_probability);
    [
        item.row.quantity().map_or(Exact::ZERO, Exact::of_fixed),
        Exact::of_real(item.row.levels.reorder_point),
        risk.map_or(Exact::ZERO, Exact::of_share),
    ]
}

/// The items and their skus' other locations, which may plan for each other, by index.
fn with_their_locations(keys: &[Key], chosen: &[&Key]) -> Vec<usize> {
    let skus: BTreeSet<&str> = chosen.iter().map(|key| &*key.sku).collect();
    (0..keys.len()).filter(|at| skus.contains(&*keys[*at].sku)).collect()
}

/// The forecasts that a night made, made again by this version.
fn forecasts_of(night: StateView<'_>, keys: &[&Key]) -> Forecasts {
    let items = with_their_locations(&night.prepared.keys, keys);
    let StateView { settings, prepared, fitted, .. } = night;
    forecast_with(settings, prepared, fitted, Some(&items), &|_, _| ())
}

/// The later night's demand as it would be forecast by what the earlier one had learnt.
fn as_learnt_before(before: StateView<'_>, after: StateView<'_>, keys: &[&Key]) -> Forecasts {
    let own = (after.prepared, after.tables);
    let numbered = numbered_as(own, (before.prepared, before.tables));
    let items = with_their_locations(&numbered.keys, keys);
    forecast_with(before.settings, &numbered, before.fitted, Some(&items), &|_, _| ())
}

/// Takes over what other tables say of the time that deliveries take.
fn take_lead_times(tables: &mut Tables, from: &Tables) {
    tables.receipts.clone_from(&from.receipts);
    tables.closures.clone_from(&from.closures);
    for row in tables.items.iter_mut().flatten() {
        if let Some(Item { lead_time_days, lead_time_sd_days, lead_time_until, .. }) =
            from.item(&row.sku)
        {
            row.lead_time_days = *lead_time_days;
            row.lead_time_sd_days = *lead_time_sd_days;
            row.lead_time_until = *lead_time_until;
        }
    }
    for row in tables.suppliers.iter_mut().flatten() {
        if let Some(Supplier { lead_time_days, lead_time_sd_days, lead_time_until, .. }) =
            from.supplier(&row.supplier)
        {
            row.lead_time_days = *lead_time_days;
            row.lead_time_sd_days = *lead_time_sd_days;
            row.lead_time_until = *lead_time_until;
        }
    }
    let is_same = |a: &ItemSupplier, b: &ItemSupplier| {
        let of = |row: &ItemSupplier| -> (Text, Text) { (row.sku.clone(), row.supplier.clone()) };
        of(a) == of(b)
    };
    for row in tables.item_suppliers.iter_mut().flatten() {
        let offers = from.item_suppliers_of(&row.sku);
        if let Some(other) = offers.iter().find(|other| is_same(row, other)) {
            row.lead_time_days = other.lead_time_days;
            row.lead_time_sd_days = other.lead_time_sd_days;
        }
    }
    for row in tables.locations.iter_mut().flatten() {
        let others = rows(&from.locations);
        if let Some(other) = others.iter().find(|other| other.location == row.location) {
            row.lead_time_days = other.lead_time_days;
        }
    }
}

/// Takes over what is there and who waits.
fn take_stock(tables: &mut Tables, from: &Tables) {
    tables.stock.clone_from(&from.stock);
    tables.backorders.clone_from(&from.backorders);
    tables.unreadable_stock.clone_from(&from.unreadable_stock);
}
