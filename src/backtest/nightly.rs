//! The real pipeline as a policy: each night decides by what was known then.
//!
//! Pooled models are learnt again every 13 weeks; every item is forecast anew at the beginning of
//! each bucket (of each week where buckets are days). On order nights in between the levels of that
//! day decide, with the stock of the night.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::config::Settings;
use crate::demand::prepare::{Prepared, PreparedItem};
use crate::domain::calendar::{BucketLength, Day};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{CleanDemand, OpenOrder, Stock, Text};
use crate::domain::target::Target;
use crate::error::{Error, Result};
use crate::forecast::{Fitted, Forecasts};
use crate::io::Loaded;
use crate::io::Past;
use crate::pipeline::{Foreseen, Tonight, forecast_with, learn, plan, prepare};
use crate::plan::context::PlanContext;
use crate::plan::item::decide::redecide;
use crate::plan::item::facts::ItemFacts;
use crate::plan::item::offers::offer_of;
use crate::plan::item::row::LevelView;
use crate::plan::orders::LineState;
use crate::plan::{Decision, Reason};

use super::build::{Stage, scale_demand};
use super::run::{Order, Replay};
use super::shelf::Shelf;

/// Days after which pooled models are learnt again. Judgement: a quarter; learning takes most of a
/// night's time.
const REFIT_DAYS: Day = 13 * 7;

/// One way in which restock decides.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its name in tables.
    pub name: String,
    /// Its settings.
    pub settings: Settings,
    /// A target that stands in for every other, rules' and items' own included.
    pub target: Option<Target>,
    /// Whether it lives in the world whose unknown demand was drawn.
    pub is_drawn: bool,
}

impl Variant {
    /// As the settings say.
    #[must_use]
    pub fn of(name: &str, settings: &Settings) -> Self {
        let mut settings = settings.clone();
        // A replay has no ledger that says what was ordered in a month.
        settings.purchasing.budget_per_month = None;
        Self { name: name.to_owned(), settings, target: None, is_drawn: false }
    }

    /// One target for all items, whatever rules and items say.
    #[must_use]
    pub fn with_target(name: &str, settings: &Settings, target: Target) -> Self {
        let mut variant = Self { target: Some(target), ..Self::of(name, settings) };
        variant.settings.plan.target = target;
        variant.settings.plan.rules.iter_mut().for_each(|rule| rule.target = None);
        variant
    }

    /// One weight of a lost unit for all items.
    #[must_use]
    pub fn with_lost_weight(settings: &Settings, weight: f64) -> Self {
        let mut variant = Self::of(&format!("restock lost_unit_weight={weight}"), settings);
        variant.settings.plan.lost_unit_weight = Some(weight);
        variant.settings.plan.rules.iter_mut().for_each(|rule| rule.lost_unit_weight = None);
        variant
    }
}

/// A stock-out probability that was told, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// The item.
    pub item: usize,
    /// The probability.
    pub probability: f64,
    /// Whether demand found no stock in the time it spoke of.
    pub came_true: bool,
}

/// What the replay of restock gives.
#[derive(Debug)]
pub struct NightlyRuns {
    /// One run for each variant.
    pub runs: Vec<Replay>,
    /// Orders of the first variant, with their days.
    pub orders: Vec<(usize, Order)>,
    /// Stock-out probabilities of the first variant, with their outcomes.
    pub told: Vec<Told>,
    /// Items whose order the first variant left to a person at some night, by the reason: the
    /// replay orders nothing then.
    pub blocked: BTreeMap<Reason, BTreeSet<usize>>,
    /// Means one, two and three buckets ahead against what came: Σ|error|, Σ error and Σ demand for
    /// each.
    pub errors: [[f64; 3]; 3],
}

/// What was learnt and forecast on the last night that looked at the demand.
struct Knowledge {
    inputs: Loaded,
    prepared: Prepared,
    forecasts: Forecasts,
    /// Where each replayed item is among the prepared ones.
    index_of: Vec<Option<usize>>,
    /// Targets that items state themselves, for variants that set them aside.
    own_targets: OwnTargets,
}

#[derive(Debug, Clone, Default)]
struct OwnTargets {
    items: Vec<Option<Target>>,
    item_locations: Vec<Option<Target>>,
}

/// What one variant's last full plan set for an item.
#[derive(Debug, Clone)]
struct InForce {
    levels: LevelView,
    supplier: Text,
}

/// The same, by replayed item.
type LevelsInForce = Vec<Option<InForce>>;

/// The whole plan of a night.
#[derive(Default)]
struct FullPlan {
    orders: Vec<Order>,
    /// Each item's stock-out probability, with the day before which it speaks.
    probabilities: Vec<(usize, f64, usize)>,
    /// Items left to a person, with the reason.
    left: Vec<(Reason, usize)>,
}

struct Pending {
    item: usize,
    probability: f64,
    until: usize,
    was_short: bool,
}

/// Replays restock in all variants: those with the first one's forecasting model at once, the
/// others one by one.
///
/// # Errors
/// As the pipeline reports them.
pub fn replay_all(
    stage: &Stage,
    past: &mut Past,
    variants: &[Variant],
    scenario: &super::build::Scenario,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<NightlyRuns> {
    let model = |variant: &Variant| variant.settings.forecast.model.clone();
    let first = variants.first().map(model).unwrap_or_default();
    let (shared, apart): (Vec<usize>, Vec<usize>) =
        (0..variants.len()).partition(|at| model(&variants[*at]) == first);
    let rounds = 1 + apart.len();
    let together: Vec<Variant> = shared.iter().map(|at| variants[*at].clone()).collect();
    let mut found =
        replay(stage, past, &together, scenario, &mut |done, of| progress(done, rounds * of))?;
    let mut runs: BTreeMap<usize, Replay> =
        shared.into_iter().zip(std::mem::take(&mut found.runs)).collect();
    for (round, at) in apart.into_iter().enumerate() {
        let mut share = |done: usize, of: usize| progress((round + 1) * of + done, rounds * of);
        let alone = replay(stage, past, std::slice::from_ref(&variants[at]), scenario, &mut share)?;
        runs.extend(alone.runs.into_iter().map(|run| (at, run)));
    }
    found.runs = runs.into_values().collect();
    Ok(found)
}

/// Replays restock in variants that forecast alike, all at once: they share what is learnt and
/// forecast.
///
/// # Errors
/// As the pipeline reports them.
fn replay(
    stage: &Stage,
    past: &mut Past,
    variants: &[Variant],
    scenario: &super::build::Scenario,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<NightlyRuns> {
    let Some(main) = variants.first() else {
        return Err(Error::internal("no variant is replayed"));
    };
    let world = &stage.world;
    let mut runs: Vec<Replay> =
        variants.iter().map(|_| Replay::start(world, scenario.start_cover_weeks)).collect();
    let mut in_force: Vec<LevelsInForce> = vec![vec![None; world.len()]; variants.len()];
    let mut blocked: BTreeMap<Reason, BTreeSet<usize>> = BTreeMap::new();
    let mut nightly =
        Nightly { stage, past, settings: &main.settings, scenario, fitted: None, knowledge: None };
    let (mut told, mut pending) = (Vec::new(), Vec::<Pending>::new());
    let mut errors = [[0.0; 3]; 3];
    let (mut short_today, mut placed) = (Vec::new(), Vec::new());
    for day in world.from..world.days {
        progress(day - world.from, world.days - world.from);
        let date = stage.day_zero + day as Day;
        let is_full = nightly.is_due(date);
        if is_full {
            nightly.learn(date)?;
            nightly.measure(day, &mut errors);
        }
        for (at, variant) in variants.iter().enumerate() {
            let orders = if is_full {
                let FullPlan { orders, probabilities, left } =
                    nightly.plan(variant, day, &runs[at].shelves, &mut in_force[at]);
                if at == 0 {
                    left.into_iter().for_each(|(reason, item)| {
                        blocked.entry(reason).or_default().insert(item);
                    });
                    let scored = probabilities
                        .into_iter()
                        .filter(|told| day >= world.terms[told.0].scored_from);
                    pending.extend(scored.map(|(item, probability, until)| Pending {
                        item,
                        probability,
                        until,
                        was_short: false,
                    }));
                }
                orders
            } else {
                nightly.replan(variant, day, &runs[at].shelves, &in_force[at])
            };
            let lived_in =
                if variant.is_drawn { stage.drawn.as_ref().unwrap_or(world) } else { world };
            let short = if at == 0 { Some(&mut short_today) } else { None };
            runs[at].advance(lived_in, day, &orders, short);
            if at == 0 {
                placed.extend(orders.into_iter().map(|order| (day, order)));
            }
        }
        pending.retain_mut(|entry| {
            if day < entry.until {
                entry.was_short |= short_today.get(entry.item).copied().unwrap_or(false);
                return true;
            }
            told.push(Told {
                item: entry.item,
                probability: entry.probability,
                came_true: entry.was_short,
            });
            false
        });
    }
    Ok(NightlyRuns { runs, orders: placed, told, blocked, errors })
}

struct Nightly<'a> {
    stage: &'a Stage,
    past: &'a mut Past,
    settings: &'a Settings,
    scenario: &'a super::build::Scenario,
    fitted: Option<(Day, Fitted)>,
    knowledge: Option<Knowledge>,
}

impl Nightly<'_> {
    /// Whether items are forecast anew on a day.
    fn is_due(&self, date: Day) -> bool {
        let calendar = &self.settings.calendar;
        match calendar.length {
            BucketLength::Day => (date - self.scenario.from) % 7 == 0,
            BucketLength::Week | BucketLength::Month => {
                calendar.start_of(calendar.bucket_of(date)) == date
            }
        }
    }

    /// Reads the past as the night knew it, and forecasts.
    fn learn(&mut self, date: Day) -> Result<()> {
        let mut loaded = self.past.at(self.settings, date)?;
        keep(&mut loaded.demand, &self.stage.keys);
        if let Some(rows) = &mut loaded.tables.item_locations {
            rows.retain(|row| self.stage.keys.binary_search(&row.key).is_ok());
        }
        if let Some(prices) = &mut loaded.tables.prices {
            // A file of prices does not say when each was decided; only those that had begun are
            // sure to have been known.
            prices.retain(|price| price.from < date);
        }
        scale_demand(&mut loaded.demand, self.scenario.from, self.scenario.demand_factor);
        let prepared = prepare(self.settings, &mut loaded);

        if self.fitted.as_ref().is_none_or(|(since, _)| date - since >= REFIT_DAYS) {
            let fitted = learn(self.settings, &prepared, &prepared.histories.open());
            self.fitted = Some((date, fitted));
        }
        let Some((_, fitted)) = &self.fitted else { return Ok(()) };

        let forecasts = forecast_with(self.settings, &prepared, fitted, None, &|_, _| ());
        let index_of =
            self.stage.keys.iter().map(|key| prepared.keys.binary_search(key).ok()).collect();
        let tables = &loaded.tables;
        let own_targets = OwnTargets {
            items: tables.items.iter().flatten().map(|item| item.target).collect(),
            item_locations: tables.item_locations.iter().flatten().map(|row| row.target).collect(),
        };
        self.knowledge =
            Some(Knowledge { inputs: loaded, prepared, forecasts, index_of, own_targets });
        Ok(())
    }

    /// Adds the errors of the means one, two and three buckets ahead, where what came is known and
    /// scored.
    fn measure(&self, day: usize, errors: &mut [[f64; 3]; 3]) {
        let Some(knowledge) = &self.knowledge else { return };
        let (world, calendar) = (&self.stage.world, &self.settings.calendar);
        let first = calendar.bucket_of(self.stage.day_zero + day as Day);
        for (step, sums) in errors.iter_mut().enumerate() {
            let bucket = first + step as i32;
            let start = (calendar.start_of(bucket) - self.stage.day_zero).max(0) as usize;
            let end = (calendar.start_of(bucket + 1) - self.stage.day_zero).max(0) as usize;
            if day < world.scored_from || end > world.days {
                continue;
            }
            for item in 0..world.len() {
                let Some(index) = knowledge.index_of[item] else { continue };
                let mean =
                    knowledge.forecasts.bucket_means(index).get(step).copied().unwrap_or(0.0);
                let came: f64 = world.demand_of(item)[start..end].iter().sum();
                sums[0] += (mean - came).abs();
                sums[1] += mean - came;
                sums[2] += came;
            }
        }
    }

    /// The whole plan of a night for one variant.
    fn plan(
        &mut self,
        variant: &Variant,
        day: usize,
        shelves: &[Shelf],
        in_force: &mut LevelsInForce,
    ) -> FullPlan {
        let (stage, date) = (self.stage, self.stage.day_zero + day as Day);
        let Some(knowledge) = &mut self.knowledge else { return FullPlan::default() };
        knowledge.set_stock(stage, shelves, date);
        knowledge.set_targets(variant.target);
        let foreseen = Foreseen {
            prepared: &knowledge.prepared,
            across: None,
            forecasts: &knowledge.forecasts,
        };
        let plan = plan(&variant.settings, &knowledge.inputs, &foreseen, &Tonight::plain());

        let (mut probabilities, mut left) = (Vec::new(), Vec::new());
        for planned in plan.entries.iter().filter_map(|entry| entry.planned()) {
            let Ok(item) = stage.keys.binary_search(planned.key()) else { continue };

            let row = &planned.row;
            if row.decision() == Decision::Blocked {
                left.push((row.reason, item));
            }
            let supplier = planned.facts.offer.supplier.clone();
            in_force[item] = Some(InForce { levels: row.levels.clone(), supplier });
            if let Some(risk) = row.risk {
                let world = &stage.world;
                let ordered = if world.is_order_day(item, day) {
                    day
                } else {
                    world.next_order_day(item, day)
                };
                let until = world.arrival_of(item, ordered);
                if until <= world.days {
                    probabilities.push((item, risk.stockout_probability, until));
                }
            }
        }

        let orders = plan
            .book
            .lines
            .iter()
            .filter(|line| line.state != LineState::Held)
            .filter_map(|line| {
                let key = Key { sku: line.sku.clone(), location: line.location.clone() };
                let item = stage.keys.binary_search(&key).ok()?;
                let promised_on = usize::try_from(line.requested_day - stage.day_zero).ok();
                Some(Order { item, units: line.quantity.to_f64(), promised_on, arrives_on: None })
            });
        let mut orders: Vec<Order> = orders.collect();
        orders.sort_by_key(|order| order.item);
        FullPlan { orders, probabilities, left }
    }

    /// The orders of a night between two full plans.
    fn replan(
        &mut self,
        variant: &Variant,
        day: usize,
        shelves: &[Shelf],
        in_force: &LevelsInForce,
    ) -> Vec<Order> {
        let (stage, date) = (self.stage, self.stage.day_zero + day as Day);
        let due: Vec<usize> =
            (0..stage.world.len()).filter(|item| stage.world.is_order_day(*item, day)).collect();
        let Some(knowledge) = self.knowledge.as_mut().filter(|_| !due.is_empty()) else {
            return Vec::new();
        };
        knowledge.set_stock(stage, shelves, date);
        knowledge.set_targets(variant.target);
        let prepared = &knowledge.prepared;
        let context = PlanContext::new(&variant.settings, &knowledge.inputs.tables, date, false);
        let decided = |item: &usize| {
            let index = knowledge.index_of[*item]?;
            let InForce { levels, supplier } = in_force[*item].as_ref()?;
            let sold =
                PreparedItem { has_history: true, never_sold: false, ..prepared.item(index) };
            let mut facts = ItemFacts::gather(&context, &sold);
            if facts.offer.supplier != *supplier && facts.supplied_by.is_none() {
                let chosen = offer_of(context.tables, &sold.key.sku, supplier.clone());
                facts = ItemFacts::gather_from(&context, &sold, chosen);
            }

            let units = redecide(&context, &facts, levels)?.to_f64();
            let lead_time = facts.supply.lead_time.mean().round() as usize;
            Some(Order { item: *item, units, promised_on: Some(day + lead_time), arrives_on: None })
        };
        let found: Vec<Option<Order>> = due.par_iter().map(decided).collect();
        found.into_iter().flatten().collect()
    }
}

impl Knowledge {
    /// Stock and open orders of a night, as the tables of the inputs would hold them.
    fn set_stock(&mut self, stage: &Stage, shelves: &[Shelf], date: Day) {
        let mut stock = Vec::with_capacity(shelves.len());
        let mut open = Vec::new();
        // What one supplier is asked for on one day travels together.
        let mut numbers: BTreeMap<(u32, usize), Text> = BTreeMap::new();
        for (item, shelf) in shelves.iter().enumerate() {
            let key = &stage.keys[item];
            let units = |value: f64| Fixed::from_f64(value).unwrap_or_default();
            stock.push(Stock {
                key: key.clone(),
                on_hand: units(shelf.on_hand),
                allocated: Fixed::ZERO,
                backorders: Some(units(shelf.waiting)),
                counted_on: Some(date),
            });
            let supplier = &stage.suppliers[stage.world.terms[item].supplier as usize];
            let group = stage.world.terms[item].order_group;
            open.extend(shelf.open.iter().map(|line| {
                OpenOrder {
                    po_number: (numbers.entry((group, line.ordered_on)))
                        .or_insert_with(|| {
                            Text::from(format!("replay {group} {}", line.ordered_on))
                        })
                        .clone(),
                    line: None,
                    supplier: supplier.clone(),
                    key: key.clone(),
                    quantity: units(line.units),
                    received: Fixed::ZERO,
                    ordered_on: Some(stage.day_zero + line.ordered_on as Day),
                    expected_on: Some(stage.day_zero + line.promised_on as Day),
                    reference: None,
                    source: Default::default(),
                }
            }));
        }
        let tables = &mut self.inputs.tables;
        tables.stock = Some(stock);
        tables.purchase_orders = Some(open);
    }

    /// Sets aside, or puts back, the targets that items state themselves.
    fn set_targets(&mut self, target: Option<Target>) {
        let tables = &mut self.inputs.tables;
        for (item, own) in tables.items.iter_mut().flatten().zip(&self.own_targets.items) {
            item.target = if target.is_some() { None } else { *own };
        }
        for (row, own) in
            tables.item_locations.iter_mut().flatten().zip(&self.own_targets.item_locations)
        {
            row.target = if target.is_some() { None } else { *own };
        }
    }
}

/// Leaves only the demand of some keys.
fn keep(demand: &mut CleanDemand, keys: &[Key]) {
    let mut kept =
        CleanDemand { offsets: vec![0], quarantined: Vec::new(), ..CleanDemand::default() };
    for (at, key) in demand.keys.iter().enumerate() {
        if keys.binary_search(key).is_err() {
            continue;
        }
        let span = demand.offsets[at]..demand.offsets[at + 1];
        kept.day.extend_from_slice(&demand.day[span.clone()]);
        kept.days.extend_from_slice(&demand.days[span.clone()]);
        kept.quantity.extend_from_slice(&demand.quantity[span]);
        kept.unit_price.push(demand.unit_price.get(at).copied().flatten());
        kept.keys.push(key.clone());
        kept.offsets.push(kept.day.len());
    }
    *demand = kept;
}
