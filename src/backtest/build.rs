//! The world of a replay, built from the inputs.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Settings;
use crate::demand::bucketing::number;
use crate::demand::classes::Classes;
use crate::demand::prepare::{Prepared, PreparedItem};
use crate::domain::calendar::{BucketCalendar, BucketLength, Day, date_of};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::policy::{Policy, UnmetDemand};
use crate::domain::tables::{CleanDemand, Text};
use crate::domain::target::{ChargeEvery, CostRates, Target};
use crate::error::{Error, Result};
use crate::io::{Loaded, Past};
use crate::pipeline::prepare;
use crate::plan::context::PlanContext;
use crate::plan::item::facts::ItemFacts;
use crate::plan::item::order_dates::OrderCalendar;
use crate::stats::random;

use super::shop::{Charges, Outage, ReplayedShop, Terms};

/// Days of history that policies may look back on. Judgement: half a year holds two of the 13 weeks
/// that they average over.
const HISTORY_DAYS: Day = 26 * 7;
/// What a year of holding costs where the configuration does not say, as a share of unit cost: the
/// middle of the usual 20 to 30 % (Silver, Pyke & Thomas, section 2.5).
pub const HOLDING_PER_YEAR: f64 = 0.25;
/// Cost of a unit as a share of its price, where only the price is known. Judgement, said in the
/// report.
pub const COST_OF_PRICE: f64 = 0.6;
/// Price of a unit as a multiple of its cost, where only the cost is known. Judgement, said in the
/// report.
pub const PRICE_OF_COST: f64 = 1.5;

/// What is replayed, and how the world differs from what happened.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    /// First day; the beginning of a bucket.
    pub from: Day,
    /// The day after the last one; the beginning of a bucket.
    pub to: Day,
    /// Days at the start that are not scored; none = each item's own R + L.
    pub unscored_days: Option<Day>,
    /// Weeks of mean demand that every policy starts with.
    pub start_cover_weeks: f64,
    /// At most so many items, picked by hash.
    pub sample: Option<usize>,
    /// Demand from the first day on is this many times what it was.
    pub demand_factor: f64,
    /// Suppliers that deliver nothing for a while.
    pub outages: Vec<(String, Day, Day)>,
    /// Whether minimum orders are dropped.
    pub without_moq: bool,
    /// Whether restock is also replayed at other targets.
    pub with_curve: bool,
    /// At which; a choice of ours if there are none.
    pub targets: Vec<Target>,
}

impl Scenario {
    /// What happened, from `from` to the day before `to`.
    #[must_use]
    pub fn plain(from: Day, to: Day) -> Self {
        Self {
            from,
            to,
            start_cover_weeks: 4.0,
            demand_factor: 1.0,
            with_curve: true,
            ..Self::default()
        }
    }
}

/// What is assumed where the inputs are silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Assumed {
    pub cost_from_price: usize,
    pub price_from_cost: usize,
    pub no_money: usize,
    pub left_out_new: usize,
    pub left_out_unknown: usize,
    pub sampled_of: usize,
}

/// A world with what is known of its items.
#[derive(Debug)]
pub struct Stage {
    /// What happened.
    pub world: ReplayedShop,
    /// The same, with demand that is not known drawn from the item's demand before; none where all
    /// is known.
    pub drawn: Option<ReplayedShop>,
    /// Items, sorted.
    pub keys: Vec<Key>,
    /// Classes as they were known on the first day.
    pub classes: Vec<Classes>,
    /// Suppliers.
    pub suppliers: Vec<Text>,
    /// Service that is promised, by item.
    pub targets: Vec<Target>,
    /// Minimum and maximum of today.
    pub levels: Vec<Option<(f64, f64)>>,
    /// Deliveries that really came: item, day, units; none where no receipts are given.
    pub deliveries: Option<Vec<(usize, usize, f64)>>,
    /// The day that the world's day 0 is.
    pub day_zero: Day,
    /// Names of the blocks of time.
    pub blocks: Vec<String>,
    /// What was assumed.
    pub assumed: Assumed,
}

/// Builds the world of a scenario.
///
/// # Errors
/// When there is nothing to replay.
pub fn build(settings: &Settings, past: &mut Past, scenario: &Scenario) -> Result<Stage> {
    if scenario.without_moq {
        drop_minimums(past);
    }
    let mut first_night = past.at(settings, scenario.from)?;
    let mut full = past.at(settings, scenario.to)?;
    scale_demand(&mut full.demand, scenario.from, scenario.demand_factor);
    let prepared = prepare(settings, &mut first_night);

    let mut assumed = Assumed::default();
    let mut chosen = replayable(&prepared, &first_night, &mut assumed);
    let is_new = |key: &&Key| prepared.keys.binary_search(key).is_err();
    assumed.left_out_new += full.demand.keys.iter().filter(is_new).count();
    assumed.sampled_of = chosen.len();
    if let Some(max_items) = scenario.sample.filter(|max_items| *max_items < chosen.len()) {
        chosen = sampled(settings.run.seed, &prepared.keys, &chosen, max_items);
    }
    if chosen.is_empty() {
        return Err(Error::data(format!("no item sold before {}", date_of(scenario.from)))
            .hint("replay from a later day, or give more history"));
    }

    // What receipts of the whole history say of lead times is the shop's; policies learn from those
    // before each night.
    let context = PlanContext::new(settings, &full.tables, scenario.to, false);
    let keys: Vec<Key> = chosen.iter().map(|at| prepared.keys[*at].clone()).collect();
    let sold =
        |at: &usize| PreparedItem { has_history: true, never_sold: false, ..prepared.item(*at) };
    let facts: Vec<ItemFacts<'_>> =
        chosen.iter().map(|at| ItemFacts::gather(&context, &sold(at))).collect();
    let names: BTreeSet<Text> = facts.iter().map(|fact| fact.offer.supplier.clone()).collect();
    let suppliers: Vec<Text> = names.into_iter().collect();

    let day_zero = scenario.from - HISTORY_DAYS;
    let days = (scenario.to - day_zero).max(0) as usize;
    let mut world = ReplayedShop {
        demand: daily_demand(&full.demand, &keys, day_zero, days),
        days,
        from: HISTORY_DAYS as usize,
        seed: settings.run.seed,
        ..ReplayedShop::default()
    };
    let (calendars, calendar_of) = calendars(&facts, &full, day_zero, days);
    world.calendars = calendars;
    let groups = number_groups(&facts);
    for (at, fact) in facts.iter().enumerate() {
        let is_count = prepared.histories.is_count[chosen[at]];
        let supplier = suppliers.binary_search(&fact.offer.supplier).unwrap_or(0) as u32;
        world.terms.push(Terms {
            charges: charges(settings, fact, &mut assumed),
            is_count: is_count && fact.offer.pack_size.is_whole() && fact.offer.moq.is_whole(),
            calendar: calendar_of[at],
            order_group: groups[at],
            supplier,
            ..terms(&context, fact)
        });
    }
    mark_time(&mut world, settings, scenario, day_zero);
    mark_unknown(&mut world, settings, &full, &keys, day_zero);
    world.outages = outages(scenario, &suppliers, day_zero)?;

    Ok(Stage {
        drawn: drawn(&world),
        deliveries: deliveries(&full, &keys, day_zero, days),
        targets: facts.iter().map(|fact| fact.target).collect(),
        classes: chosen.iter().map(|at| prepared.classes[*at]).collect(),
        levels: facts.iter().map(stated_levels).collect(),
        blocks: block_names(&world, day_zero),
        world,
        keys,
        suppliers,
        day_zero,
        assumed,
    })
}

/// Items that sold before the first night and are in the items table, by their index; the others
/// are counted.
fn replayable(prepared: &Prepared, first_night: &Loaded, assumed: &mut Assumed) -> Vec<usize> {
    let tables = &first_night.tables;
    let mut chosen = Vec::new();
    for (at, key) in prepared.keys.iter().enumerate() {
        let is_unsold = prepared.histories.buckets_of(at) == 0;
        if is_unsold && prepared.histories.opening_sale[at] <= 0.0 {
            assumed.left_out_new += 1;
        } else if tables.items.is_some() && tables.item(&key.sku).is_none() {
            assumed.left_out_unknown += 1;
        } else {
            chosen.push(at);
        }
    }

    chosen
}

/// Some of the items, picked by hash, in order.
fn sampled(seed: u64, keys: &[Key], items: &[usize], max_items: usize) -> Vec<usize> {
    let mut ranked: Vec<(u64, usize)> =
        items.iter().map(|at| (hash_of(seed, &keys[*at]), *at)).collect();
    ranked.sort_unstable();

    let mut sampled: Vec<usize> = ranked[..max_items].iter().map(|(_, at)| *at).collect();
    sampled.sort_unstable();
    sampled
}

/// Minimum and maximum stock of today, units.
fn stated_levels(fact: &ItemFacts<'_>) -> Option<(f64, f64)> {
    let (min, max) = fact.min_stock.zip(fact.max_stock)?;
    Some((min.to_f64(), max.to_f64()))
}

fn hash_of(seed: u64, key: &Key) -> u64 {
    use rand_chacha::rand_core::Rng;
    random::stream(seed, format!("sample|{}|{}", key.sku, key.location).as_bytes()).next_u64()
}

fn drop_minimums(past: &mut Past) {
    let tables = past.tables_mut();
    tables.items.iter_mut().flatten().for_each(|item| item.moq = None);
    tables.item_suppliers.iter_mut().flatten().for_each(|row| row.moq = None);
}

/// Multiplies demand from a day on. Whole quantities stay whole: the running total is rounded, so
/// that what a night knows of the past never depends on what comes later.
pub(super) fn scale_demand(demand: &mut CleanDemand, from: Day, factor: f64) {
    if factor == 1.0 {
        return;
    }
    for item in 0..demand.keys.len() {
        let span = demand.offsets[item]..demand.offsets[item + 1];
        let is_count = demand.quantity[span.clone()].iter().all(|quantity| quantity.is_whole());
        let (mut total, mut given) = (0.0, 0.0);
        for at in span.filter(|at| demand.day[*at] >= from) {
            total += demand.quantity[at].to_f64() * factor;
            let now = if is_count { total.round() } else { total };
            demand.quantity[at] = Fixed::from_f64(now - given).unwrap_or_default();
            given = now;
        }
    }
}

/// Demand by item and day; a row that covers several days is spread over them, whole units staying
/// whole.
fn daily_demand(demand: &CleanDemand, keys: &[Key], day_zero: Day, days: usize) -> Vec<f64> {
    let mut daily = vec![0.0; keys.len() * days];
    for (item, key) in keys.iter().enumerate() {
        let Ok(at) = demand.keys.binary_search(key) else { continue };
        let out = &mut daily[item * days..(item + 1) * days];
        for row in demand.offsets[at]..demand.offsets[at + 1] {
            let quantity = demand.quantity[row];
            let covered = i64::from(demand.days[row].max(1));
            for k in 0..covered {
                let Ok(day) = usize::try_from(demand.day[row] + k as Day - day_zero) else {
                    continue;
                };
                if let Some(out) = out.get_mut(day) {
                    *out += part_of(quantity, k, covered);
                }
            }
        }
        out.iter_mut().for_each(|units| *units = units.max(0.0));
    }
    daily
}

fn part_of(quantity: Fixed, k: i64, days: i64) -> f64 {
    if quantity.is_whole() {
        let units = quantity.to_f64() as i64;
        ((k + 1) * units / days - k * units / days) as f64
    } else {
        quantity.to_f64() / days as f64
    }
}

fn terms(context: &PlanContext<'_>, fact: &ItemFacts<'_>) -> Terms {
    Terms {
        unmet: fact.unmet_demand,
        charges: Charges::default(),
        pack_size: fact.offer.pack_size.or_zero().to_f64(),
        moq: fact.offer.moq.or_zero().to_f64(),
        is_count: true,
        lead_time: fact.usual_lead_time(context),
        review_days: fact.supply.review_period_days as usize,
        calendar: 0,
        order_group: 0,
        supplier: 0,
        keeps_days: fact
            .item
            .and_then(|item| item.shelf_life_days.get())
            .filter(|d| *d > 0.0)
            .map(|d| d as usize),
        cycle_is_review: fact.policy == Policy::UpToLevel,
        scored_from: 0,
    }
}

/// What things cost: a cost target as it is written, else a share of unit cost for stock and the
/// margin for a unit short.
fn charges(settings: &Settings, fact: &ItemFacts<'_>, assumed: &mut Assumed) -> Charges {
    let (cost, price) = (fact.unit_cost.map(Fixed::to_f64), fact.unit_price.map(Fixed::to_f64));
    let (cost, price) = match (cost.filter(|c| *c > 0.0), price.filter(|p| *p > 0.0)) {
        (Some(cost), Some(price)) => (cost, price),
        (Some(cost), None) => {
            assumed.price_from_cost += 1;
            (cost, cost * PRICE_OF_COST)
        }
        (None, Some(price)) => {
            assumed.cost_from_price += 1;
            (price * COST_OF_PRICE, price)
        }
        (None, None) => {
            assumed.no_money += 1;
            (1.0, PRICE_OF_COST)
        }
    };
    let plain = Charges {
        order_line: fact.order_cost.get().unwrap_or(0.0),
        unit_value: cost,
        ..Charges::default()
    };
    let stated = match fact.target {
        Target::Cost(target) => target.rates(Some(cost), Some(price)),
        _ => None,
    };
    match (stated, fact.unmet_demand) {
        (Some(CostRates { holding_per_day, shortage_per_unit, .. }), UnmetDemand::Lost) => {
            Charges { holding_per_day, short_unit: shortage_per_unit, ..plain }
        }
        (Some(CostRates { holding_per_day, shortage_per_day, .. }), UnmetDemand::Backorder) => {
            Charges { holding_per_day, waiting_per_day: shortage_per_day, ..plain }
        }
        (None, _) => Charges {
            holding_per_day: settings.plan.holding_cost_per_year.unwrap_or(HOLDING_PER_YEAR) * cost
                / 365.0,
            short_unit: (price - cost).max(0.0),
            ..plain
        },
    }
}

/// Order days: suppliers with the same calendar share one.
fn calendars(
    facts: &[ItemFacts<'_>],
    full: &Loaded,
    day_zero: Day,
    days: usize,
) -> (Vec<Vec<bool>>, Vec<usize>) {
    let mut closures: BTreeMap<Text, Vec<(Day, Day)>> = BTreeMap::new();
    for row in rows(&full.tables.closures) {
        closures.entry(row.supplier.clone()).or_default().push((row.from, row.to));
    }
    let mut known: BTreeMap<(u8, u32, Option<Text>), usize> = BTreeMap::new();
    let mut calendars = Vec::new();
    let mut of = Vec::with_capacity(facts.len());
    for fact in facts {
        let weekdays = fact.offer.row.map_or(0, |row| row.order_weekdays);
        let review_period_days = fact.stated_review_days;
        let closed = closures.get(&fact.offer.supplier);
        let name = closed.map(|_| fact.offer.supplier.clone());
        let number = *known.entry((weekdays, review_period_days, name)).or_insert_with(|| {
            let closures = closed.map_or(&[][..], Vec::as_slice);
            let calendar = OrderCalendar { weekdays, review_period_days, closures };
            calendars
                .push((0..days).map(|day| calendar.is_order_day(day_zero + day as Day)).collect());
            calendars.len() - 1
        });
        of.push(number);
    }
    (calendars, of)
}

/// Numbers the pairs of supplier and location: one order goes to each.
fn number_groups(facts: &[ItemFacts<'_>]) -> Vec<u32> {
    let names: Vec<Text> = facts
        .iter()
        .map(|f| format!("{}\u{0}{}", f.offer.supplier, f.key.location).as_str().into())
        .collect();
    number(names.iter())
}

/// Days that charge, days that are scored, and the month that each belongs to.
fn mark_time(world: &mut ReplayedShop, settings: &Settings, scenario: &Scenario, day_zero: Day) {
    let date = |day: usize| day_zero + day as Day;
    let calendar = charging(settings);
    world.charged_days = (0..world.days)
        .map(|day| {
            let bucket = calendar.bucket_of(date(day));
            let ends = calendar.bucket_of(date(day) + 1) != bucket;
            if ends { f64::from(calendar.days_in(bucket)) } else { 0.0 }
        })
        .collect();
    let last = world.days;
    for terms in &mut world.terms {
        let own_wait = terms.review_days + terms.lead_time.mean().ceil() as usize;
        let unscored = scenario.unscored_days.map_or(own_wait, |days| days.max(0) as usize);
        terms.scored_from = (world.from + unscored).min(last);
    }
    world.scored_from =
        world.terms.iter().map(|terms| terms.scored_from).min().unwrap_or(world.from);
    let month = |day: usize| {
        let date = date_of(date(day));
        chrono::Datelike::year(&date) * 12 + chrono::Datelike::month0(&date) as i32
    };
    let first = month(world.scored_from.min(world.days.saturating_sub(1)));
    world.block = (0..world.days).map(|day| (month(day) - first).max(0) as u16).collect();
}

/// The stretches at whose ends stock is charged: days, where a cost target does not say otherwise.
fn charging(settings: &Settings) -> BucketCalendar {
    let every = match settings.plan.target {
        Target::Cost(cost) => cost.charge_every,
        _ => ChargeEvery::Day,
    };
    let length = match every {
        ChargeEvery::Day => BucketLength::Day,
        ChargeEvery::Week => BucketLength::Week,
        ChargeEvery::Month => BucketLength::Month,
    };

    BucketCalendar { length, ..settings.calendar }
}

fn block_names(world: &ReplayedShop, day_zero: Day) -> Vec<String> {
    let mut names = vec![String::new(); world.blocks()];
    for day in world.scored_from..world.days {
        let name = &mut names[usize::from(world.block[day])];
        if name.is_empty() {
            *name = date_of(day_zero + day as Day).format("%Y-%m").to_string();
        }
    }
    names
}

/// Where demand is lost and only sales are recorded, a bucket in which the item was out of stock
/// hides its demand.
fn mark_unknown(
    world: &mut ReplayedShop,
    settings: &Settings,
    full: &Loaded,
    keys: &[Key],
    day_zero: Day,
) {
    let calendar = &settings.calendar;
    for row in rows(&full.tables.availability).iter().filter(|row| row.in_stock < 1.0) {
        let Ok(item) = keys.binary_search(&row.key) else { continue };
        if world.terms[item].unmet != UnmetDemand::Lost {
            continue;
        }
        let last = row.date + row.days.max(1) - 1;
        let (from, to) = (
            calendar.start_of(calendar.bucket_of(row.date)),
            calendar.start_of(calendar.bucket_of(last) + 1),
        );
        if world.unknown.is_empty() {
            world.unknown = vec![false; world.len() * world.days];
        }
        for day in (from - day_zero).max(0)..(to - day_zero).min(world.days as Day) {
            world.unknown[item * world.days + day as usize] = true;
        }
    }
}

fn outages(scenario: &Scenario, suppliers: &[Text], day_zero: Day) -> Result<Vec<Outage>> {
    let outage = |(name, from, to): &(String, Day, Day)| {
        let supplier =
            suppliers.iter().position(|supplier| **supplier == **name).ok_or_else(|| {
                let names: Vec<String> =
                    suppliers.iter().map(|supplier| supplier.to_string()).collect();
                let error = Error::usage(format!(
                    "--outage names {name}, which supplies nothing that is replayed"
                ));
                crate::config::suggestions::with_suggestion(error, name, &names)
            })?;
        let day = |day: &Day| (day - day_zero).max(0) as usize;
        Ok(Outage { supplier: supplier as u32, from: day(from), to: day(to) })
    };
    scenario.outages.iter().map(outage).collect()
}

fn deliveries(
    full: &Loaded,
    keys: &[Key],
    day_zero: Day,
    days: usize,
) -> Option<Vec<(usize, usize, f64)>> {
    let receipts = full.tables.receipts.as_ref()?;
    let delivery = |row: &crate::domain::tables::Receipt| {
        let item = keys.binary_search(&row.key).ok()?;
        let day = usize::try_from(row.received_on - day_zero).ok().filter(|day| *day < days)?;
        Some((item, day, row.quantity.to_f64()))
    };
    let mut all: Vec<_> = receipts.iter().filter_map(delivery).collect();
    all.sort_by(|a, b| (a.1, a.0).cmp(&(b.1, b.0)).then(a.2.total_cmp(&b.2)));
    Some(all)
}

/// Demand that is not known, drawn by bucket from the item's last 13 known ones before the replay,
/// and no less than was sold: one reference for every policy.
fn drawn(world: &ReplayedShop) -> Option<ReplayedShop> {
    if world.unknown.is_empty() {
        return None;
    }
    let mut drawn = ReplayedShop { unknown: Vec::new(), ..world.clone() };
    for item in 0..world.len() {
        let base = item * world.days;
        let is_unknown = |day: usize| world.unknown[base + day];
        let known: Vec<f64> = (0..world.from)
            .rev()
            .collect::<Vec<_>>()
            .chunks(7)
            .filter(|week| week.len() == 7 && !week.iter().any(|day| is_unknown(*day)))
            .take(13)
            .map(|week| week.iter().map(|day| world.demand[base + day]).sum())
            .collect();
        if known.is_empty() {
            continue;
        }
        let mut day = world.from;
        while day < world.days {
            let end =
                (day..world.days).find(|day| !is_unknown(*day)).unwrap_or(world.days).min(day + 7);
            if end == day {
                day += 1;
                continue;
            }
            let unit = random::unit(world.seed ^ 0xCE45, (item as u64) << 24 | day as u64);
            let week = known[((unit * known.len() as f64) as usize).min(known.len() - 1)];
            let sold: f64 = world.demand[base + day..base + end].iter().sum();
            let missing = (week * (end - day) as f64 / 7.0 - sold).max(0.0);
            let missing = if world.terms[item].is_count { missing.round() } else { missing };
            // Asked for while the shelf was empty: on the last day of the stretch.
            drawn.demand[base + end - 1] += missing;
            day = end;
        }
    }
    Some(drawn)
}
