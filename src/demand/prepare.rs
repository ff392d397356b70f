//! The demand stage: which items are planned, their histories in buckets, their classes, and what
//! people state about the demand ahead.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bucketing::{ItemDemandFacts, Sources, number, panel};
use super::bulk::{BulkDay, damp_bulk_days};
use super::censoring::off_sale;
use super::classes::{Classes, abc, demand_class, recent, weekly_totals, xyz, yearly_units};
use super::drivers::{Drivers, MarkedItems};
use super::histories::Histories;
use super::launches::{Launches, YoungItem};
use super::panel::{Panel, SimilarTo};
use super::run_down::{Shop, run_down};
use super::signals::{Spike, damp_spikes, peak_at_end};
use super::stated::{Changes, DemandChange};
use super::succession::{Handover, add_handovers, handovers, inherited, inherited_availability};
use super::worth::{unit_worths, worth_band};
use super::zero_runs::{StockRecord, name_zero_runs};
use crate::config::Settings;
use crate::config::choices::Spikes;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::{rows, unmet_demand};
use crate::domain::policy::UnmetDemand;
use crate::domain::tables::{CleanDemand, Item, ItemLocation, ItemStatus, Tables, Text};

/// Days of history from which on an item without one sale is not stocked. Judgement: a year holds
/// every season once; 364 days are 52 whole weeks.
const DEAD_DAYS: f64 = 364.0;
/// Recent demand this many times the level before it is told as a peak. Judgement: half as much
/// again is more than a usual month's growth.
const PEAK_RATIO: f64 = 1.5;

/// What the demand stage hands on: the planned items and their histories.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Prepared {
    /// The day that the run stands at the start of.
    pub as_of: Day,
    /// Planned items, sorted.
    pub keys: Vec<Key>,
    /// Their histories, beside `keys`.
    pub histories: Histories,
    /// Their classes, beside `keys`.
    pub classes: Vec<Classes>,
    /// Mean price that each item was sold at, where order rows have prices; beside `keys`.
    pub sold_at: Vec<Option<Fixed>>,
    /// What people state about the demand ahead.
    pub changes: Changes,
    /// Items that were new once the shop was known. They follow from the histories, and are not
    /// kept with them.
    #[serde(skip)]
    pub launches: Arc<Launches>,
    /// Items none of whose order rows could be used, and that no other table names: each with the
    /// code of its first row.
    pub quarantined: Vec<(Key, Code)>,
    /// Bundles with a row in any of the tables that plan an item, sorted: their sales are demand of
    /// their components, and they are planned nowhere.
    pub bundles: Vec<Key>,
    /// What bundles took of their components, by component.
    pub taken: Vec<TakenByBundles>,
    /// Days that the longest lead time and review period of the tables and the rules take.
    pub longest_reach_days: f64,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// What the last year's demand of an item came from.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TakenByBundles {
    /// Its index among the planned items.
    pub item: usize,
    /// All of it, units.
    pub of_units: Fixed,
    /// Units by bundle: the sku, and what its sales took.
    pub bundles: Vec<(String, Fixed)>,
}

/// What the demand stage knows of one item.
#[derive(Debug, Clone)]
pub struct PreparedItem {
    /// Its index among all planned items.
    pub index: usize,
    /// The item.
    pub key: Key,
    /// Its classes.
    pub classes: Classes,
    /// Mean price that it was sold at, base currency; `None` where order rows have no prices.
    pub sold_at: Option<Fixed>,
    /// Whether any day of demand history, or a statement about demand, stands behind the forecast.
    pub has_history: bool,
    /// Whether a year or more passed without one sale, and nobody says that there will be any.
    pub never_sold: bool,
    /// Whether another item replaces it by now.
    pub is_replaced: bool,
    /// The item beside comparable launches, where it is young and nobody states its demand.
    pub young: Option<YoungItem>,
}

impl Prepared {
    /// As it was before it was kept: with what follows from the histories.
    #[must_use]
    pub fn with_launches(self) -> Self {
        let launches = Arc::new(Launches::of(&self.histories));
        Self { launches, ..self }
    }

    /// What is known of one item.
    #[must_use]
    pub fn item(&self, index: usize) -> PreparedItem {
        let histories = &self.histories;
        let buckets = histories.buckets_of(index);
        let is_stated = self.changes.of(index).iter().any(DemandChange::states_demand);
        let is_similar = histories.similar_to(index).is_some();
        let is_told = histories.opening_sale[index] > 0.0 || is_stated || is_similar;
        let young = YoungItem::of(&self.launches, histories, index);
        let young = young.filter(|_| !is_stated && !is_similar);
        let is_long = buckets as f64 * histories.calendar.mean_days() >= DEAD_DAYS;
        let is_unsold =
            || histories.history(index).series().demand.iter().all(|units| *units <= 0.0);

        PreparedItem {
            index,
            key: self.keys[index].clone(),
            classes: self.classes[index],
            sold_at: self.sold_at[index],
            has_history: buckets > 0 || is_told,
            never_sold: !is_told && is_long && is_unsold(),
            is_replaced: self.changes.is_replaced(index),
            young,
        }
    }
}

/// Which items are planned, their histories in buckets, and their classes.
#[must_use]
pub fn prepare(settings: &Settings, tables: &Tables, as_of: Day, demand: CleanDemand) -> Prepared {
    let keys = planned_keys(&demand, tables);
    let bundles = bundle_keys(&demand, tables);
    let taken = taken_by_bundles(&demand, &keys, as_of);
    let items: Vec<Option<&Item>> = keys.iter().map(|key| tables.item(&key.sku)).collect();
    let mut handovers = handovers(&keys, &items, &demand, as_of);
    let shop = Shop { keys: &keys, items: &items, demand: &demand, tables, as_of };
    run_down(&mut handovers, &shop);
    let mut facts = demand_facts(settings, &items, &handovers);

    let demand = inherited(demand, &keys, &handovers);
    let mut availability = Cow::Borrowed(rows(&tables.availability));
    let more = inherited_availability(&availability, &keys, &handovers);
    if !more.is_empty() {
        availability.to_mut().extend(more);
    }

    let mut findings = Vec::new();
    let may_wait = |index: usize| !facts[index].is_lost;
    let off_sale = off_sale(&keys, &demand, &availability, as_of, may_wait);
    if off_sale.was_lost() {
        findings.push(off_sale.finding(settings.plan.states_unmet_demand));
        if !settings.plan.states_unmet_demand {
            facts.iter_mut().for_each(|facts| facts.is_lost = true);
        }
    }

    let sources = Sources { demand: &demand, availability: &availability };
    let mut panel = panel(settings.calendar, as_of, &keys, &facts, &sources);
    let marked =
        MarkedItems { calendar: panel.calendar, as_of, keys: &keys, locations: &panel.location };
    panel.drivers = Drivers::new(&marked, rows(&tables.calendar), rows(&tables.prices));
    let sold_at = sold_at(&demand, &keys);
    let (worths, guessed) = unit_worths(tables, &settings.currency, &keys, &sold_at);
    let classes = classify(&keys, &panel, &worths, &demand);
    panel.worth_band = worths.iter().map(|worth| worth_band(*worth)).collect();

    findings.extend(guessed);
    findings.extend(add_similar(&mut panel, &keys, &items));
    if settings.demand.spikes == Spikes::Damp {
        findings.extend(bulk_damped(&mut panel, &keys));
    }
    if tables.availability.is_none() {
        let ended = ended(&items, &handovers, as_of);
        let stock = stock_records(tables, &keys);
        findings.extend(name_zero_runs(&mut panel, &keys, &ended, &stock));
    }
    if settings.demand.spikes == Spikes::Damp {
        findings.extend(damped(&mut panel, &keys));
    }
    findings.extend(peak_finding(&panel));

    let (changes, stated) = changes(tables, &keys, &panel, &handovers);
    findings.extend(stated);
    let unplanned = |entry: &(Key, Code)| keys.binary_search(&entry.0).is_err();
    let quarantined = demand.quarantined.into_iter().filter(unplanned).collect();

    let histories = Histories::pack(panel);
    let launches = Arc::new(Launches::of(&histories));
    Prepared {
        as_of,
        keys,
        histories,
        classes,
        sold_at,
        changes,
        launches,
        quarantined,
        bundles,
        taken,
        longest_reach_days: longest_reach_days(settings, tables),
        findings,
    }
}

/// Days that the longest lead time and review period of the tables and the rules take together.
fn longest_reach_days(settings: &Settings, tables: &Tables) -> f64 {
    let rules = settings.plan.rules.iter();
    let lead_time = rules.clone().filter_map(|rule| rule.lead_time_days).fold(0.0, f64::max);
    let review = rules.filter_map(|rule| rule.review_period_days).max().unwrap_or(0);

    tables.longest_reach_days().max(lead_time + f64::from(review))
}

/// Says in the panel which item each is stated to be similar to; gives findings about those that
/// are not planned.
fn add_similar(panel: &mut Panel, keys: &[Key], items: &[Option<&Item>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, (key, item)) in keys.iter().zip(items).enumerate() {
        let Some(item) = item else { continue };
        let Some(sku) = item.similar_to.as_ref().filter(|sku| **sku != key.sku) else { continue };

        match keys.binary_search(&Key::new(sku, &key.location)) {
            Ok(other) => {
                let factor = item.similar_factor.get().unwrap_or(1.0);
                panel.similar.insert(index, SimilarTo { item: other, factor });
            }
            Err(_) => {
                let message = format!("`similar_to` names {sku}, which is not planned here");
                findings.push(Finding::about(Code::OrphanRow, "items", key, message));
            }
        }
    }
    findings
}

/// Every item that is planned: those with an order, stock, open-order or backorder row, and active
/// items at their locations; no bundles. Sorted.
#[must_use]
pub fn planned_keys(demand: &CleanDemand, tables: &Tables) -> Vec<Key> {
    let mut keys = keys_with_rows(demand, tables);
    keys.retain(|key| !tables.bundles.apart.contains(&*key.sku));
    keys.into_iter().cloned().collect()
}

/// The bundles that would be planned if they were stocked. Sorted.
fn bundle_keys(demand: &CleanDemand, tables: &Tables) -> Vec<Key> {
    if tables.bundles.apart.is_empty() {
        return Vec::new();
    }

    let mut keys = keys_with_rows(demand, tables);
    keys.extend(&demand.bundles.keys);
    keys.retain(|key| tables.bundles.apart.contains(&*key.sku));
    keys.into_iter().cloned().collect()
}

/// Every item with an order, stock, open-order or backorder row, and active items at their
/// locations.
fn keys_with_rows<'a>(demand: &'a CleanDemand, tables: &'a Tables) -> BTreeSet<&'a Key> {
    let mut keys: BTreeSet<&Key> = demand.keys.iter().collect();
    keys.extend(rows(&tables.stock).iter().map(|row| &row.key));
    keys.extend(&tables.unreadable_stock);
    keys.extend(rows(&tables.purchase_orders).iter().map(|row| &row.key));
    keys.extend(rows(&tables.backorders).iter().map(|row| &row.key));

    let is_sold_there = |row: &&ItemLocation| {
        let item = tables.item(&row.key.sku);
        row.active && item.is_none_or(|item| item.status != ItemStatus::Discontinued)
    };
    keys.extend(rows(&tables.item_locations).iter().filter(is_sold_there).map(|row| &row.key));

    keys
}

/// How much of the last year's demand of each component came through which bundles, the largest
/// first.
fn taken_by_bundles(demand: &CleanDemand, keys: &[Key], as_of: Day) -> Vec<TakenByBundles> {
    let taken = |(key, bundles): (&Key, &BTreeMap<Text, Fixed>)| {
        let (item, at) = (keys.binary_search(key).ok()?, demand.keys.binary_search(key).ok()?);
        let mut bundles: Vec<(String, Fixed)> =
            bundles.iter().map(|(sku, units)| (sku.to_string(), *units)).collect();
        bundles.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Some(TakenByBundles { item, of_units: yearly_units(demand, at, as_of), bundles })
    };
    demand.bundles.taken.iter().filter_map(taken).collect()
}

fn demand_facts(
    settings: &Settings,
    items: &[Option<&Item>],
    handovers: &[Handover],
) -> Vec<ItemDemandFacts> {
    let unnamed: Text = "".into();
    let category = |item: &Option<&Item>| item.and_then(|item| item.category.clone());
    let supplier = |item: &Option<&Item>| item.and_then(|item| item.supplier.clone());
    let numbered = |names: Vec<Option<Text>>| {
        number(names.iter().map(|name| name.as_ref().unwrap_or(&unnamed)))
    };
    let categories = numbered(items.iter().map(category).collect());
    let suppliers = numbered(items.iter().map(supplier).collect());

    let mut facts: Vec<ItemDemandFacts> = items
        .iter()
        .zip(categories.into_iter().zip(suppliers))
        .map(|(item, (category, supplier))| ItemDemandFacts {
            supplier,
            launch_day: item.and_then(|item| item.launch_date),
            category,
            is_lost: unmet_demand(settings.plan.unmet_demand, *item) == UnmetDemand::Lost,
        })
        .collect();
    for handover in handovers {
        // The history of a successor is that of its line: it starts with the predecessor's.
        facts[handover.to].launch_day = items[handover.from].and_then(|item| item.launch_date);
    }

    facts
}

/// What people state about the demand ahead, and what is odd about it.
fn changes(
    tables: &Tables,
    keys: &[Key],
    panel: &Panel,
    handovers: &[Handover],
) -> (Changes, Vec<Finding>) {
    let as_of = panel.as_of;
    let mut changes = Changes::default();
    let findings = changes.add_overrides(keys, as_of, rows(&tables.overrides));

    for (index, key) in keys.iter().enumerate() {
        let Some(row) = tables.item(&key.sku) else { continue };

        changes.add_end(index, as_of, row);
        let is_without_history = panel.series(index).demand.is_empty();
        if let Some(launch) = row.launch_date.filter(|_| is_without_history) {
            changes.add_launch(index, as_of, launch);
        }
    }
    add_handovers(&mut changes, keys, handovers, as_of);

    (changes, findings)
}

/// Mean price of each planned item, where its order rows have prices.
fn sold_at(demand: &CleanDemand, keys: &[Key]) -> Vec<Option<Fixed>> {
    let price = |key: &Key| {
        let index = demand.keys.binary_search(key).ok()?;
        demand.unit_price.get(index).copied().flatten()
    };

    keys.iter().map(price).collect()
}

/// Classes of all items; `worths` are those of a unit of each.
fn classify(keys: &[Key], panel: &Panel, worths: &[Fixed], demand: &CleanDemand) -> Vec<Classes> {
    let mut money = Vec::with_capacity(keys.len());
    let mut variability = Vec::with_capacity(keys.len());
    for (key, worth) in keys.iter().zip(worths) {
        let (units, weekly) = match demand.keys.binary_search(key) {
            Ok(index) => (
                yearly_units(demand, index, panel.as_of),
                weekly_totals(demand, index, panel.as_of),
            ),
            Err(_) => (Fixed::ZERO, Vec::new()),
        };

        money.push(units.times(*worth));
        variability.push(xyz(&weekly));
    }

    let abc = abc(&money, &panel.location);
    let shape = |index: usize| demand_class(recent(panel, &panel.series(index)));
    abc.into_iter()
        .zip(variability)
        .enumerate()
        .map(|(index, (abc, xyz))| Classes { abc, xyz, demand_class: shape(index) })
        .collect()
}

/// Whether each item has ended, as its row says, or because another one took over from it: then it
/// sells nothing because nobody offers it.
fn ended(items: &[Option<&Item>], handovers: &[Handover], as_of: Day) -> Vec<bool> {
    let says_so = |item: &Option<&Item>| {
        item.is_some_and(|item| {
            matches!(item.status, ItemStatus::Discontinued | ItemStatus::PhaseOut)
                || item.end_date.is_some_and(|end| end < as_of)
        })
    };
    let mut ended: Vec<bool> = items.iter().map(says_so).collect();
    for handover in handovers.iter().filter(|handover| handover.day <= as_of) {
        ended[handover.from] = true;
    }

    ended
}

/// What the tables say of the stock of each item at `as_of`; an item that a given stock table lacks
/// has none.
fn stock_records(tables: &Tables, keys: &[Key]) -> Vec<StockRecord> {
    let waiting: BTreeSet<&Key> = rows(&tables.backorders)
        .iter()
        .filter(|row| row.quantity > Fixed::ZERO)
        .map(|row| &row.key)
        .collect();
    let on_order: BTreeSet<&Key> = rows(&tables.purchase_orders)
        .iter()
        .filter(|row| row.quantity > Fixed::ZERO)
        .map(|row| &row.key)
        .collect();
    let is_known = |key: &Key| tables.stock.is_some() && !tables.unreadable_stock.contains(key);
    let record = |key: &Key| {
        let row = tables.stock_of(key);
        let on_hand = row.map_or(Fixed::ZERO, |row| row.on_hand);
        let owed =
            row.and_then(|row| row.backorders).unwrap_or(-Fixed::of_steps(on_hand.steps().min(0)));
        StockRecord {
            on_hand: is_known(key).then(|| on_hand.to_f64()),
            is_waited_for: owed > Fixed::ZERO || waiting.contains(key),
            is_on_order: on_order.contains(key),
        }
    };

    keys.iter().map(record).collect()
}

/// Brings bulk orders down to what an order of their item usually is, and says which.
fn bulk_damped(panel: &mut Panel, keys: &[Key]) -> Vec<Finding> {
    let bulk = damp_bulk_days(panel);
    let finding = |day: &BulkDay| {
        let on = date_of(day.day);
        let message = format!(
            "{:.0} units ordered on {on}, beside {} other order days of at most {:.0}, count as \
             {:.0}; a bulk order that will come again is an override of its own date",
            day.units, day.others, day.largest_other, day.usual
        );
        Finding::about(Code::Spike, "orders", &keys[day.item], message)
    };

    bulk.iter().map(finding).collect()
}

/// Damps the spikes of all histories, and says which.
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

fn peak_finding(panel: &Panel) -> Option<Finding> {
    let ratio = peak_at_end(panel).filter(|ratio| *ratio >= PEAK_RATIO)?;
    let message = format!(
        "the last eight periods sell {ratio:.1} times the level before, and the history is under \
         two years"
    );

    Some(Finding::of_table(Code::PeakAtEnd, "orders", message))
}
