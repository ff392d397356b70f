//! What a night spends its time on, item by item, on the sample in `data/`.
//!
//! `cargo bench --bench hot_loops` times each loop. With `--count FOLDER` each runs once, after a
//! first time that does not count, for `benches/instructions.sh`, which counts its instructions;
//! what was learnt is kept in that folder, because learning takes long where instructions are
//! counted.

#![allow(clippy::print_stdout, reason = "a count shows what was counted")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput};
use restock::config::Settings;
use restock::config::source::Overlay;
use restock::demand::bucketing::{ItemDemandFacts, Sources, panel};
use restock::demand::origin::Origin;
use restock::demand::panel::Panel;
use restock::demand::positions::Positions;
use restock::demand::prepare::Prepared;
use restock::domain::calendar::Day;
use restock::domain::target::Target;
use restock::forecast::Forecasts;
use restock::forecast::demand_distribution::TotalDemand;
use restock::forecast::distribution::dispersion::DispersionGrid;
use restock::forecast::item::{Ahead, Learnt, Scratch, forecast_item};
use restock::forecast::learn::training::{Lesson, Purpose};
use restock::forecast::lot::Lot;
use restock::forecast::models::pooled::{TrainingRows, TreeSettings, Trees};
use restock::forecast::models::tree_walk::{ItemRows, WalkBuffers};
use restock::forecast::shared::groups::Groups;
use restock::forecast::shared::priors::Priors;
use restock::forecast::width::Width;
use restock::inventory::day_distribution::DayDistribution;
use restock::inventory::levels::{LevelSettings, levels};
use restock::inventory::supply::Supply;
use restock::io::{AsOf, Loaded, load};
use restock::pipeline::{foresee, prepare};
use restock::plan::PlanContext;
use restock::plan::item::choose_suppliers;
use restock::plan::item::decide::decide;
use restock::stats::random;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// 2026-06-29, the day after the sample's last, in days since 1970.
const AS_OF: Day = 20_633;
/// Kinds of items, by units a week from the first number to below the second: those of the large
/// shop of `examples/large_shop.rs`.
const KINDS: [(&str, f64, f64); 3] =
    [("slow", 0.0, 0.4), ("middling", 0.4, 4.4), ("fast", 4.4, f64::INFINITY)];
/// Items of a kind that are measured, at most.
const ITEMS: usize = 16;
/// Weeks ahead that a night asks the models for: half a year beyond a quarter.
const WEEKS_AHEAD: usize = 39;
/// Rows that the trees are grown on, and features of each.
const ROWS: u64 = 8_000;
const FEATURES: u64 = 40;
/// How many of these all rows of an item share. Judgement: most of them, as of real rows.
const SHARED: u64 = 25;
/// Points of a distribution function.
const POINTS: usize = 128;

/// Is told each loop: what it does, how many times what, and how to run it.
type Visit<'a> = &'a mut dyn FnMut(&str, (usize, &str), &mut dyn FnMut());

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip_while(|arg| arg != "--count").skip(1);
    if let Some(folder) = args.next() {
        return each_loop(&Kept(Some(folder.into())), &mut |name, (count, unit), run| {
            run();
            counted_from_here();
            run();
            counted_to_here();
            println!("{name}\t{count}\t{unit}");
        });
    }

    let mut criterion = Criterion::default().configure_from_args();
    each_loop(&Kept(None), &mut |name, (count, unit), run| {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} × {unit}"), |b| b.iter(&mut *run));
        group.finish();
    })?;
    criterion.final_summary();
    Ok(())
}

/// Where counting begins: the counter finds this function and the next by their names.
#[inline(never)]
fn counted_from_here() {
    black_box(());
}

/// Where counting ends.
#[inline(never)]
fn counted_to_here() {
    black_box(());
}

/// Where what was learnt is kept, if it is.
struct Kept(Option<PathBuf>);

impl Kept {
    /// What an earlier run learnt, else what is learnt now.
    fn or_learn<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        learn: impl FnOnce() -> T,
    ) -> Result<T, Box<dyn Error>> {
        let Some(folder) = &self.0 else { return Ok(learn()) };
        let file = folder.join(name);
        if let Ok(bytes) = fs::read(&file) {
            return Ok(postcard::from_bytes(&bytes)?);
        }
        let learnt = learn();
        fs::write(&file, postcard::to_stdvec(&learnt)?)?;
        Ok(learnt)
    }
}

fn each_loop(kept: &Kept, visit: Visit<'_>) -> Result<(), Box<dyn Error>> {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/restock.toml");
    let settings = Settings::load(&config, &Overlay::default())?;
    let mut inputs = load(&settings, AsOf::Day(AS_OF), &())?;

    reading(&settings, visit)?;
    let prepared = prepare(&settings, &mut inputs);
    let panel = prepared.histories.open();
    let kinds = KINDS.map(|(kind, from, to)| (kind, items_of(&panel, from, to)));

    forecasting(&panel, &kinds, kept, visit)?;
    trees(kept, visit)?;
    distributions(visit);
    let forecasts = kept.or_learn("forecasts", || foresee(&settings, &prepared, None).1)?;
    deciding((&settings, &inputs), (&prepared, &forecasts), &kinds, visit);
    Ok(())
}

/// Some items that sell so much a week, evenly over all that do.
fn items_of(panel: &Panel, from: f64, to: f64) -> Vec<usize> {
    let sells = |item: &usize| {
        let demand = &panel.demand[panel.offsets[*item]..panel.offsets[*item + 1]];
        let mean = demand.iter().sum::<f64>() / demand.len().max(1) as f64;
        demand.len() >= 52 && mean > from && mean <= to
    };
    let all: Vec<usize> = (0..panel.len()).filter(sells).collect();
    all.iter().step_by(all.len().div_ceil(ITEMS).max(1)).copied().collect()
}

/// Order lines out of CSV, and their sums by item and week.
fn reading(settings: &Settings, visit: Visit<'_>) -> Result<(), Box<dyn Error>> {
    let mut orders = settings.clone();
    orders.inputs.retain(|source| source.table == "orders");
    let read = || load(&orders, AsOf::Day(AS_OF), &());
    let loaded = read()?;
    let rows = loaded.inputs.iter().map(|file| file.rows as usize).sum();
    visit("read and clean orders", (rows, "row"), &mut || {
        black_box(read().is_ok());
    });

    let demand = &loaded.demand;
    let facts = vec![ItemDemandFacts::default(); demand.keys.len()];
    let sources = Sources { demand, availability: &[] };
    visit("sum demand into weeks", (demand.day.len(), "item and day"), &mut || {
        black_box(panel(settings.calendar, loaded.as_of, &demand.keys, &facts, &sources));
    });
    Ok(())
}

fn forecasting(
    panel: &Panel,
    kinds: &[(&str, Vec<usize>)],
    kept: &Kept,
    visit: Visit<'_>,
) -> Result<(), Box<dyn Error>> {
    let positions = Positions::new(panel, WEEKS_AHEAD + 1);
    let origin = Origin::latest(panel, &positions);
    let groups = Groups::learn(&origin);
    let lesson = Lesson { steps: 13, purpose: Purpose::Tonight, seed: 42 };
    let (priors, pooled) = kept.or_learn("pooled", || {
        let priors = Priors::learn(&origin, 42);
        let pooled = lesson.train(&origin, &priors, &groups);
        (priors, pooled)
    })?;
    let grid = DispersionGrid::new(panel.calendar.mean_days());
    let models = pooled.models();
    let learnt = Learnt { priors: &priors, pooled: &models, grid: &grid };
    let ahead = Ahead::new(&origin, WEEKS_AHEAD, &groups);

    let mut scratch = Scratch::default();
    for (kind, items) in kinds {
        visit(&format!("forecast, {kind}"), (items.len(), "item"), &mut || {
            for item in items {
                black_box(forecast_item(&origin.item(*item), &learnt, &ahead, &mut scratch));
            }
        });
    }
    Ok(())
}

/// Trees of the size that weeks are forecast by.
fn trees(kept: &Kept, visit: Visit<'_>) -> Result<(), Box<dyn Error>> {
    let mut rows = TrainingRows::default();
    for row in 0..ROWS {
        let features: Vec<f64> = (0..FEATURES).map(|of| random::unit(row, of)).collect();
        rows.targets.push(features[0] + features[1] * features[2] + random::unit(row, FEATURES));
        rows.weights.push(1.0);
        rows.features.extend(features);
    }
    let settings = TreeSettings {
        rounds: 160,
        learning_rate: 0.055,
        leaves: 63,
        depth: 10,
        seed: 42,
        min_leaf_weight: 20.0,
    };
    // Of an item's weeks ahead most features are the same.
    let (width, asked) = ((FEATURES - SHARED) as usize, 16 * WEEKS_AHEAD);
    let shared = rows.features[..SHARED as usize].to_vec();
    let own = rows.features[..width * asked].to_vec();
    let trees = kept.or_learn("trees", || Trees::train(rows, &settings))?;
    let walk = trees.and_then(|trees| trees.walk()).ok_or("no trees were grown")?;

    let mut buffers = WalkBuffers::default();
    let mut out = vec![0.0; WEEKS_AHEAD];
    visit("predict by 160 trees", (asked, "item and week"), &mut || {
        for own in own.chunks_exact(width * WEEKS_AHEAD) {
            let rows = ItemRows { shared: &shared, own, width };
            walk.predict(&rows, &mut buffers, black_box(&mut out));
        }
    });
    Ok(())
}

/// The distribution function of the demand over a stretch, and four quantiles of it.
fn distributions(visit: Visit<'_>) {
    let width = Width { log_dispersion: 1.0, sd: 0.5 };
    let mut out = [0.0; POINTS];
    for mean in [1.0, 10.0, 100.0] {
        let total = TotalDemand::new(mean, width, Lot::single(true));
        let name = format!("distribution of {mean} units in {POINTS} points");
        visit(&name, (1, "stretch"), &mut || black_box(&total).fill_cdf(1.0, black_box(&mut out)));
        visit(&format!("four quantiles of {mean} units"), (1, "stretch"), &mut || {
            black_box(black_box(&total).quantiles(&[0.5, 0.9, 0.95, 0.99]));
        });
    }
}

fn deciding(
    (settings, inputs): (&Settings, &Loaded),
    (prepared, forecasts): (&Prepared, &Forecasts),
    kinds: &[(&str, Vec<usize>)],
    visit: Visit<'_>,
) {
    let context = PlanContext::new(settings, &inputs.tables, inputs.as_of, false);

    let lead_time = DayDistribution::from_mean_and_sd(14.0, 4.0);
    let supply = Supply::new(lead_time, 0, 7);
    let service = LevelSettings::new(Target::CycleServiceLevel(0.95));
    for (kind, items) in kinds {
        let demands: Vec<_> = items.iter().map(|item| forecasts.distribution(*item)).collect();
        visit(&format!("levels alone, {kind}"), (items.len(), "item"), &mut || {
            for demand in &demands {
                black_box(levels(demand, &supply, &service));
            }
        });
        let facts = choose_suppliers(&context, prepared, forecasts, items);
        visit(&format!("decide, {kind}"), (items.len(), "item"), &mut || {
            for (facts, demand) in facts.iter().zip(&demands) {
                black_box(decide(&context, facts, demand, "blend"));
            }
        });
    }
}
