//! The night run, stage by stage: read this file from top to bottom and you have read what restock
//! does.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::backorder::risks::{Previous, RiskRow, risks};
use crate::config::Settings;
use crate::config::raw::Spikes;
use crate::demand::bucketing::{ItemDemandFacts, Sources, number, panel};
use crate::demand::classes::{
    Classes, abc, demand_class, recent, weekly_totals, xyz, yearly_units,
};
use crate::demand::drivers::{Drivers, MarkedItems};
use crate::demand::panel::Panel;
use crate::demand::signals::{Spike, damp_spikes, peak_at_end, suspected_stockout};
use crate::demand::stated::{Changes, DemandChange};
use crate::demand::succession::{
    Handover, add_handovers, handovers, inherited, inherited_availability,
};
use crate::domain::calendar::date_of;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{BackorderPolicy, Item};
use crate::forecast::law::DemandLaw;
use crate::forecast::{
    Fitted, ForecastSettings, Forecasts, ModelChoice, fit, forecast, forecast_items,
};
use crate::inventory::policy::{Policy, UnmetDemand};
use crate::inventory::target::Target;
use crate::io::Loaded;
use crate::plan::advice::{LineAdvice, PreviousAdvice, advice};
use crate::plan::book::OrderBook;
use crate::plan::choice::choose;
use crate::plan::constraint_costs::{ConstraintCost, constraint_costs};
use crate::plan::decide::decide;
use crate::plan::dependents::{JointDemand, dependents};
use crate::plan::facts::{ItemFacts, Seen, World, item, planned_keys, rows};
use crate::plan::punctuality::punctuality;
use crate::plan::review::review;
use crate::plan::row::{Decision, PlanRow};
use crate::plan::together::ordered_together;
use crate::plan::transfers::{Transfer, transfers};

/// Days of history from which on an item without one sale is not stocked.
const DEAD_DAYS: f64 = 364.0;
/// Recent demand this many times the level before it is a peak.
const PEAK_RATIO: f64 = 1.5;

/// What the run works on: the inputs, the planned items and their histories.
#[derive(Debug)]
pub struct Prepared {
    /// All inputs; the daily demand is gone, its sums are in the panel.
    pub loaded: Loaded,
    /// Planned items, sorted.
    pub keys: Vec<Key>,
    /// Their histories, beside `keys`.
    pub panel: Panel,
    /// Their classes, beside `keys`.
    pub classes: Vec<Classes>,
    /// Mean price that each item was sold at, where order rows have prices; beside `keys`.
    pub sold_at: Vec<Option<Fixed>>,
    /// What people state about the demand ahead.
    pub changes: Changes,
    /// What was noticed so far.
    pub findings: Vec<Finding>,
}

/// What the previous run said, which tonight's is compared with.
#[derive(Debug, Default)]
pub struct Before {
    /// Items at risk.
    pub risks: Previous,
    /// What to do about open purchase orders.
    pub advice: PreviousAdvice,
}

/// What the run decided.
#[derive(Debug, Default)]
pub struct Planned {
    /// One row an item, quarantined ones included, sorted by key.
    pub rows: Vec<PlanRow>,
    /// Tonight's orders.
    pub book: OrderBook,
    /// What to do about open purchase orders, sorted by order, line and item.
    pub advice: Vec<LineAdvice>,
    /// What moves between locations.
    pub transfers: Vec<Transfer>,
    /// What the suppliers' constraints cost a year.
    pub constraint_costs: Vec<ConstraintCost>,
    /// Items at risk, worst money first.
    pub risks: Vec<RiskRow>,
    /// Everything noticed, sorted.
    pub findings: Vec<Finding>,
}

/// Which items are planned, their histories in buckets, and their classes.
#[must_use]
pub fn prepare(settings: &Settings, mut loaded: Loaded) -> Prepared {
    let keys = planned_keys(&loaded.demand, &loaded.tables);
    let items: Vec<_> = keys.iter().map(|key| item(&loaded.tables, &key.sku)).collect();
    let demand = std::mem::take(&mut loaded.demand);
    let handovers = handovers(&keys, &items, &demand, loaded.as_of);
    let facts = demand_facts(settings, &items, &handovers);
    let demand = inherited(demand, &keys, &handovers);
    let mut availability = std::borrow::Cow::Borrowed(rows(&loaded.tables.availability));
    let more = inherited_availability(&availability, &keys, &handovers);
    if !more.is_empty() {
        availability.to_mut().extend(more);
    }
    let sources = Sources { demand: &demand, availability: &availability };
    let mut panel = panel(settings.calendar, loaded.as_of, &keys, &facts, &sources);
    let marked = MarkedItems {
        calendar: panel.calendar,
        as_of: panel.as_of,
        keys: &keys,
        locations: &panel.location,
    };
    panel.drivers =
        Drivers::new(&marked, rows(&loaded.tables.calendar), rows(&loaded.tables.prices));
    let mut findings = std::mem::take(&mut loaded.findings);
    let place = |key: &Key| demand.keys.binary_search(key).ok();
    let sold_at: Vec<Option<Fixed>> = keys
        .iter()
        .map(|key| place(key).and_then(|at| demand.unit_price.get(at).copied().flatten()))
        .collect();
    let classes = classify(&loaded, &keys, &panel, &sold_at, |key| {
        let at = place(key)?;
        Some((yearly_units(&demand, at, loaded.as_of), weekly_totals(&demand, at, loaded.as_of)))
    });
    if loaded.tables.availability.is_none() {
        findings.extend(suspected(&panel, &keys));
    }
    if settings.demand.spikes == Spikes::Damp {
        findings.extend(damped(&mut panel, &keys));
    }
    if let Some(ratio) = peak_at_end(&panel).filter(|ratio| *ratio >= PEAK_RATIO) {
        let message = format!(
            "the last eight periods sell {ratio:.1} times the level before, and the history is under two years"
        );
        findings.push(Finding::of_table(Code::PeakAtEnd, "orders", message));
    }
    loaded.demand.quarantined = demand.quarantined;
    let (changes, stated) = changes(&loaded, &keys, &panel, &handovers);
    findings.extend(stated);
    Prepared { loaded, keys, panel, classes, sold_at, changes, findings }
}

/// Learns what crosses items, then forecasts each of them.
#[must_use]
pub fn forecast_demand(settings: &Settings, prepared: &Prepared) -> (Fitted, Forecasts) {
    let settings = forecast_settings(settings);
    let fitted = fit(&prepared.panel, &settings);
    let forecasts =
        forecast(&prepared.panel, &fitted, &settings).with_changes(prepared.changes.clone());
    (fitted, forecasts)
}

/// Forecasts these items alone: fitting reads all of them, so each forecast is the nightly run's.
#[must_use]
pub fn forecast_chosen(
    settings: &Settings,
    prepared: &Prepared,
    items: &[usize],
) -> (Fitted, Forecasts) {
    let settings = forecast_settings(settings);
    let fitted = fit(&prepared.panel, &settings);
    let forecasts = forecast_items(&prepared.panel, &fitted, &settings, items);
    (fitted, forecasts.with_changes(prepared.changes.clone()))
}

/// Plans one item as the nightly run does, with what its order takes on for its supplier's terms;
/// with what is noticed about both. `forecasts` know the items of [`ordered_together`]. Transfers
/// and the budget are left to the night.
#[must_use]
pub fn plan_item(
    settings: &Settings,
    prepared: &Prepared,
    forecasts: &Forecasts,
    at: usize,
) -> (PlanRow, Vec<Finding>) {
    let (tables, keys) = (&prepared.loaded.tables, &prepared.keys);
    let world = World::new(settings, tables, prepared.loaded.as_of, false);
    let chosen = |at: usize| choose(&world, &keys[at], seen(prepared, at), &forecasts.law(at));
    let supplier = chosen(at).offer.supplier;
    let together: Vec<(usize, ItemFacts<'_>)> =
        ordered_together(tables, keys, at).into_iter().map(|at| (at, chosen(at))).collect();
    let (items, facts): (Vec<usize>, Vec<ItemFacts<'_>>) =
        together.into_iter().filter(|(_, facts)| facts.offer.supplier == supplier).unzip();
    let row = |(place, at): (usize, &usize)| {
        decide(&world, &facts[place], &forecasts.law(*at), forecasts.model_name(*at), place)
    };
    let mut rows: Vec<PlanRow> = items.iter().enumerate().map(row).collect();
    let book = OrderBook::build(&world, &mut rows, &facts);
    let place = items.iter().position(|item| *item == at).unwrap_or(0);
    let (facts, row) = (&facts[place], PlanRow { panel_item: Some(at), ..rows.swap_remove(place) });
    let about = |finding: &&Finding| finding.key.as_ref() == Some(facts.key);
    let of_order = |finding: &&Finding| {
        !matches!(finding.code, Code::OverBudget | Code::BudgetLine)
            && (finding.key.is_none() || about(finding))
    };
    let mut findings: Vec<Finding> = prepared.findings.iter().filter(about).cloned().collect();
    findings.extend(book.findings.iter().filter(of_order).cloned());
    findings.extend(facts.findings(&world));
    findings.extend(cover_finding(&row));
    findings.sort_by(|a, b| (a.code, &a.place, &a.message).cmp(&(b.code, &b.place, &b.message)));
    (row, findings)
}

/// What the demand stage saw of an item.
fn seen(prepared: &Prepared, at: usize) -> Seen {
    let (panel, demand) = (&prepared.panel, prepared.panel.series(at).demand);
    let is_told = panel.opening_sale[at] > 0.0
        || prepared.changes.of(at).iter().any(DemandChange::states_demand);
    let is_long = demand.len() as f64 * panel.calendar.mean_days() >= DEAD_DAYS;
    Seen {
        classes: prepared.classes[at],
        sold_at: prepared.sold_at[at],
        has_history: !demand.is_empty() || is_told,
        never_sold: !is_told && is_long && demand.iter().all(|units| *units <= 0.0),
    }
}

/// The forecasting stage's view of the settings.
#[must_use]
pub fn forecast_settings(settings: &Settings) -> ForecastSettings {
    let plan = &settings.plan;
    let reach = plan.lead_time_days + f64::from(plan.review_period_days) + plan.order_cycle_days;
    ForecastSettings {
        horizon: settings.forecast.horizon,
        seed: settings.run.seed,
        model: match settings.forecast.model.as_str() {
            "auto" => ModelChoice::Auto,
            name => ModelChoice::Named(name.to_owned()),
        },
        planning_days: reach as u32 + 1,
    }
}

/// Plans every item, builds the orders and lists what is at risk.
#[must_use]
pub fn plan(
    settings: &Settings,
    prepared: &Prepared,
    forecasts: &Forecasts,
    order_now: bool,
    previous: Option<&Before>,
) -> Planned {
    let tables = &prepared.loaded.tables;
    let world = World::new(settings, tables, prepared.loaded.as_of, order_now);
    let facts: Vec<ItemFacts<'_>> = (0..prepared.keys.len())
        .into_par_iter()
        .map(|at| choose(&world, &prepared.keys[at], seen(prepared, at), &forecasts.law(at)))
        .collect();
    let supplies = dependents(&facts);
    let decided: Vec<(PlanRow, Vec<LineAdvice>)> = (0..facts.len())
        .into_par_iter()
        .map(|at| {
            let model = forecasts.model_name(at);
            let both = |law: &DemandLaw<'_>| {
                let row = decide(&world, &facts[at], law, model, at);
                let advice =
                    advice(&world, &facts[at], &row, law, previous.map(|before| &before.advice));
                (row, advice)
            };
            let Some(places) = supplies.get(&at) else { return both(&forecasts.law(at)) };
            let laws: Vec<_> = std::iter::once(at)
                .chain(places.iter().copied())
                .map(|at| forecasts.law(at))
                .collect();
            both(&JointDemand::new(&laws, settings.calendar.mean_days()).law())
        })
        .collect();
    let (mut rows, advice): (Vec<PlanRow>, Vec<Vec<LineAdvice>>) = decided.into_iter().unzip();
    let mut advice: Vec<LineAdvice> = advice.into_iter().flatten().collect();
    advice.sort_by(|a, b| (&a.po_number, &a.line, &a.key).cmp(&(&b.po_number, &b.line, &b.key)));
    let mut order_findings = Vec::new();
    let transfers = transfers(&world, &mut rows, &facts, &mut order_findings);
    let mut book = OrderBook::build(&world, &mut rows, &facts);
    review(&mut book, &rows, &prepared.panel);
    let constraint_costs = constraint_costs(&world, &rows, &facts);
    let risks = risks(&world, &rows, &facts, &prepared.panel, previous.map(|before| &before.risks));
    let mut findings = prepared.findings.clone();
    findings.extend(facts.iter().flat_map(|facts| facts.findings(&world)));
    findings.extend(rows.iter().filter_map(cover_finding));
    findings.extend(spread_finding(&facts));
    findings.extend(order_findings);
    findings.extend(punctuality(tables, prepared.loaded.as_of));
    findings.extend(book.findings.iter().cloned());
    findings.sort_by(|a, b| {
        (a.code, &a.place, &a.key, &a.message).cmp(&(b.code, &b.place, &b.key, &b.message))
    });
    rows.extend(quarantined(prepared));
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Planned { rows, book, advice, transfers, constraint_costs, risks, findings }
}

fn demand_facts(
    settings: &Settings,
    items: &[Option<&Item>],
    handovers: &[Handover],
) -> Vec<ItemDemandFacts> {
    let none: crate::domain::tables::Text = "".into();
    let categories = number(
        items.iter().map(|item| item.and_then(|item| item.category.as_ref()).unwrap_or(&none)),
    );
    let suppliers = number(
        items.iter().map(|item| item.and_then(|item| item.supplier.as_ref()).unwrap_or(&none)),
    );
    let all_lost = settings.plan.unmet_demand == UnmetDemand::Lost;
    let mut facts: Vec<ItemDemandFacts> = items
        .iter()
        .zip(categories.into_iter().zip(suppliers))
        .map(|(item, (category, supplier))| ItemDemandFacts {
            supplier,
            launch_day: item.and_then(|item| item.launch_date),
            category,
            is_lost: all_lost
                || item.is_some_and(|item| item.backorder_policy == Some(BackorderPolicy::Deny)),
        })
        .collect();
    for handover in handovers {
        // Its history is that of its line.
        facts[handover.to].launch_day = items[handover.from].and_then(|item| item.launch_date);
    }
    facts
}

/// What people state about the demand ahead, and what is odd about it.
fn changes(
    loaded: &Loaded,
    keys: &[Key],
    panel: &Panel,
    handovers: &[Handover],
) -> (Changes, Vec<Finding>) {
    let mut changes = Changes::default();
    let findings = changes.add_overrides(keys, loaded.as_of, rows(&loaded.tables.overrides));
    for (at, key) in keys.iter().enumerate() {
        if let Some(row) = item(&loaded.tables, &key.sku) {
            changes.add_end(at, loaded.as_of, row);
            if let Some(launch) = row.launch_date.filter(|_| panel.series(at).demand.is_empty()) {
                changes.add_launch(at, loaded.as_of, launch);
            }
        }
    }
    add_handovers(&mut changes, keys, handovers, loaded.as_of);
    (changes, findings)
}

/// Classes of all items; `sums` gives an item's units of the last year and its weekly totals.
fn classify(
    loaded: &Loaded,
    keys: &[Key],
    panel: &Panel,
    sold_at: &[Option<Fixed>],
    sums: impl Fn(&Key) -> Option<(Fixed, Vec<f64>)>,
) -> Vec<Classes> {
    let mut money = Vec::with_capacity(keys.len());
    let mut variability = Vec::with_capacity(keys.len());
    for (key, sold_at) in keys.iter().zip(sold_at) {
        let (units, weekly) = sums(key).unwrap_or_default();
        let item = item(&loaded.tables, &key.sku);
        let worth = item
            .and_then(|item| item.unit_price)
            .or(*sold_at)
            .or(item.and_then(|item| item.unit_cost));
        money.push(units.times(worth.unwrap_or(Fixed::ONE)));
        variability.push(xyz(&weekly));
    }
    let abc = abc(&money, &panel.location);
    let shape = |at: usize| demand_class(recent(panel, &panel.series(at)));
    abc.into_iter()
        .zip(variability)
        .enumerate()
        .map(|(at, (abc, xyz))| Classes { abc, xyz, demand_class: shape(at) })
        .collect()
}

fn suspected<'a>(panel: &'a Panel, keys: &'a [Key]) -> impl Iterator<Item = Finding> + 'a {
    (0..panel.len()).filter_map(|at| {
        let run = suspected_stockout(at, &panel.series(at))?;
        let from = date_of(panel.calendar.start_of(run.first_bucket));
        let message = format!(
            "no demand for {} periods from {from}, which chance explains with P < 0.001",
            run.buckets
        );
        Some(Finding::about(Code::SuspectedStockout, "orders", &keys[at], message))
    })
}

fn damped(panel: &mut Panel, keys: &[Key]) -> Vec<Finding> {
    let spikes = damp_spikes(panel);
    let finding = |spike: &Spike| {
        let from = date_of(panel.calendar.start_of(spike.bucket));
        let message = format!(
            "{:.0} units in the period from {from} count as {:.0}",
            spike.demand, spike.damped
        );
        Finding::about(Code::Spike, "orders", &keys[spike.item], message)
    };
    spikes.iter().map(finding).collect()
}

fn cover_finding(row: &PlanRow) -> Option<Finding> {
    let sizing = row.sizing.as_ref()?;
    if let Some((code, message)) = &sizing.gave_way {
        return Some(Finding::about(*code, "items", &row.key, message.clone()));
    }
    let code = match row.reason {
        "cover_exceeds_limit" => Code::CoverExceedsLimit,
        "max_stock_reached" | "shelf_life_too_short" => Code::MaxStockGaveWay,
        _ => return None,
    };
    let message = format!(
        "{} units are needed, {} would be ordered: {}",
        sizing.needed, sizing.quantity, row.reason
    );
    Some(Finding::about(code, "items", &row.key, message))
}

/// Said once, with the share of items concerned.
fn spread_finding(facts: &[ItemFacts<'_>]) -> Option<Finding> {
    let without = facts.iter().filter(|facts| !facts.has_spread).count();
    (without > 0).then(|| {
        let share = 100.0 * without as f64 / facts.len() as f64;
        let message =
            format!("{without} items ({share:.0} %) have a lead time without any spread; deliveries count as punctual");
        Finding::of_table(Code::NoLeadTimeSpread, "suppliers", message)
    })
}

/// Items none of whose order rows could be used, and that no other table names.
fn quarantined(prepared: &Prepared) -> impl Iterator<Item = PlanRow> + '_ {
    let as_of = prepared.loaded.as_of;
    let unplanned = |entry: &&(Key, Code)| prepared.keys.binary_search(&entry.0).is_err();
    prepared.loaded.demand.quarantined.iter().filter(unplanned).map(move |(key, code)| PlanRow {
        key: key.clone(),
        panel_item: None,
        supplier: "".into(),
        decision: Decision::Quarantined,
        reason: code.name(),
        model: String::new(),
        classes: None,
        levels: None,
        stock: None,
        risk: None,
        policy: Policy::default(),
        target: Target::CycleServiceLevel(0.95),
        sizing: None,
        unit_cost: None,
        unit_price: None,
        requested_day: as_of,
        waiting_cost: None,
    })
}

/// How many items ended in each decision.
#[must_use]
pub fn decisions(rows: &[PlanRow]) -> BTreeMap<Decision, usize> {
    let mut counts = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.decision).or_default() += 1);
    counts
}
