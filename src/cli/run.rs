//! `restock run`: the nightly job.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value, json};
use tracing::warn;

use super::Context;
use super::args::{FailOn, RunArgs};
use super::progress::Bar;
use crate::backorder::risk::RiskGroup;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Severity};
use crate::error::Result;
use crate::io::Loaded;
use crate::io::load;
use crate::pipeline::{NightPlan, NightStage, Scope, Tonight, night, prepare};
use crate::plan::decisions;
use crate::report::previous::{self, Previous};
use crate::report::{carried, manifest, outputs, set_aside, summary};
use crate::state::{self, Kept};
use crate::store::{Outcome, RunStore};

/// Runs every stage and publishes one run directory.
///
/// # Errors
/// As the stages report them; nothing is published then.
pub(super) fn run(context: &Context, args: &RunArgs) -> Result<ExitCode> {
    let mut clock = Clock::start();
    let settings = context.settings()?;
    let as_of = super::dates::as_of(context, args.as_of.as_deref())?;
    let store = RunStore::open(&settings.outputs_dir)?;
    let _lock = store.lock()?;
    store.recover()?;

    let progress = context.progress("reading");
    let mut inputs = load(&settings, as_of, &progress)?;
    progress.finish();
    super::dates::check(&settings, &inputs, args.as_of.as_deref())?;
    clock.lap("read");

    let prepared = prepare(&settings, &mut inputs);
    clock.lap("demand");

    let date = date_of(inputs.as_of);
    let previous = previous_run(&store, &prepared);
    for finding in previous.iter().flat_map(|previous| &previous.findings) {
        warn!("{}: {}", finding.code.name(), finding.message);
        inputs.findings.push(finding.clone());
    }
    let watch = Watch::start(context, clock);
    let tonight = Tonight {
        scope: Scope::All,
        order_now: args.order_now,
        previous: previous.as_ref().map(|previous| &previous.said),
        on_stage: &|stage| watch.ended(stage),
        on_items: &|done, of| watch.bar().share(done, of),
    };
    let night = night(&settings, &inputs, &prepared, &tonight);
    let mut clock = watch.stop();

    let name = match &args.label {
        Some(label) => format!("{date}-{label}"),
        None => date.to_string(),
    };
    let staging = store.begin(&name)?;
    outputs::write(staging.path(), &settings, &inputs, &prepared, &night)?;
    let asked = manifest::Asked { order_now: args.order_now, previous: previous.as_ref() };
    let manifest = manifest::json(&settings, &inputs, &night.plan, &asked);
    crate::io::sinks::write_text(&staging.path().join("manifest.json"), &manifest)?;
    clock.lap("write");

    let said = previous.as_ref().map(|previous| &previous.said);
    let kept =
        Kept { prepared: &prepared, night: &night, order_now: args.order_now, previous: said };
    state::write(staging.path(), &settings, &inputs, &kept)?;
    clock.lap("keep");

    let stale = stale(context, &inputs, settings.run.max_age_days);
    crate::io::sinks::write_text(
        &staging.path().join("timings.json"),
        &clock.json(stale.as_deref()),
    )?;
    let published = store_outcome(staging.publish()?);
    if !context.quiet {
        let text = summary::text(&settings, &inputs, &prepared, &night.plan);
        let (path, said) = &published;
        super::voice::tell(&format!("{text}{said} in {:.1} s: {path}\n", clock.seconds()));
        if super::voice::is_json() {
            let seconds = clock.seconds();
            super::voice::object(
                "INFO",
                "run published",
                figures(&night.plan, &inputs, path, seconds),
            );
        }
    }
    // Last, so that it stands where one looks.
    if let Some(stale) = stale {
        warn!("{stale}");
    }
    Ok(exit_code(&night.plan, &inputs, args.fail_on))
}

/// What the previous run said, and the newest whole period beside the forecast of the run that saw
/// all of it ahead.
fn previous_run(store: &RunStore, prepared: &Prepared) -> Option<Previous> {
    let dir = store.previous(date_of(prepared.as_of))?;
    let mut previous = previous::read(&dir);
    carried::read_into(&mut previous, &dir);

    let start = carried::unscored_period(&previous, prepared);
    let seen_ahead = |start: Day| store.previous(date_of(start.saturating_add(1)));
    if let Some((start, run)) = start.and_then(|start| Some((start, seen_ahead(start)?))) {
        carried::score(&mut previous, &run, prepared, start);
    }
    Some(previous)
}

/// How old the inputs are, where that is more than the configuration tolerates.
fn stale(context: &Context, inputs: &Loaded, max_age_days: u32) -> Option<String> {
    let newest = inputs.newest_order?;
    let age: Day = context.today - newest.min(inputs.as_of);
    let is_stale = age > max_age_days as Day;
    is_stale.then(|| {
        format!(
            "{}: the newest order is of {}, {age} days ago",
            Code::StaleInput.name(),
            date_of(newest)
        )
    })
}

fn store_outcome(published: crate::store::Published) -> (String, &'static str) {
    let said = match published.outcome {
        Outcome::New => "New run",
        Outcome::Unchanged => "Unchanged run",
        Outcome::Replaced => "Replaced run",
    };
    (published.path.display().to_string(), said)
}

/// What the summary says, for programs.
fn figures(plan: &NightPlan<'_>, inputs: &Loaded, path: &str, seconds: f64) -> Map<String, Value> {
    let decisions: BTreeMap<_, _> = decisions(&plan.entries)
        .into_iter()
        .map(|(decision, count)| (decision.as_str(), count))
        .collect();
    let mut findings: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &plan.findings {
        *findings.entry(finding.code.severity().as_str()).or_default() += 1;
    }
    let mut aside: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for count in set_aside::counts(&inputs.inputs) {
        aside.entry(count.table).or_default().insert(count.code.name(), count.rows);
    }

    let rows = &plan.desk.risks.rows;
    let of_group = |group: RiskGroup| rows.iter().filter(|row| row.group == group).count();

    super::voice::object_of(json!({
        "path": path,
        "seconds": (seconds * 10.0).round() / 10.0,
        "as_of": date_of(inputs.as_of).to_string(),
        "items": plan.entries.len(),
        "lines": plan.book.lines.len(),
        "decisions": decisions,
        "at_risk": of_group(RiskGroup::AtRisk),
        "waiting": of_group(RiskGroup::Waiting),
        "set_aside": aside,
        "findings": findings,
    }))
}

/// 1 where a finding, or a row that was set aside, is at or above what `--fail-on` names, and where
/// every order line is held for want of stock rows.
fn exit_code(plan: &NightPlan<'_>, inputs: &Loaded, fail_on: FailOn) -> ExitCode {
    if plan.stock_gap.is_some() {
        return ExitCode::from(1);
    }
    let least = match fail_on {
        FailOn::Never => return ExitCode::SUCCESS,
        FailOn::Info => Severity::Info,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
    };
    let found = plan.findings.iter().map(|finding| finding.code);
    let aside = inputs.inputs.iter().flat_map(|input| input.set_aside.keys().copied());
    ExitCode::from(u8::from(found.chain(aside).any(|code| code.severity() >= least)))
}

/// Shows which stage of the night goes on, and times those that have ended.
struct Watch<'a> {
    context: &'a Context,
    bar: Mutex<Bar>,
    clock: Mutex<Clock>,
}

impl<'a> Watch<'a> {
    fn start(context: &'a Context, clock: Clock) -> Self {
        let bar = Mutex::new(context.progress("learning"));
        Self { context, bar, clock: Mutex::new(clock) }
    }

    fn ended(&self, stage: NightStage) {
        self.bar().finish();
        match stage {
            NightStage::Learn => *self.bar() = self.context.progress("forecasting"),
            NightStage::Forecast => {
                self.clock().lap("forecast");
                *self.bar() = self.context.progress("planning");
            }
            NightStage::Plan => {
                self.clock().lap("plan");
                *self.bar() = self.context.progress("explaining");
            }
            NightStage::Backorders => self.clock().lap("backorders"),
        }
    }

    /// A panic while either was held leaves it as it was: whole.
    fn bar(&self) -> MutexGuard<'_, Bar> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(self) -> Clock {
        self.clock.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Times the stages; its figures go to `timings.json` and the summary only.
struct Clock {
    start: Instant,
    last: Instant,
    laps: Vec<(&'static str, f64)>,
}

#[allow(
    clippy::disallowed_methods,
    reason = "timings.json and the summary tell how long the run took"
)]
impl Clock {
    fn start() -> Self {
        let now = Instant::now();
        Self { start: now, last: now, laps: Vec::new() }
    }

    fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.laps.push((stage, (now - self.last).as_secs_f64()));
        self.last = now;
    }

    fn seconds(&self) -> f64 {
        (Instant::now() - self.start).as_secs_f64()
    }

    fn json(&self, stale: Option<&str>) -> String {
        let stages: serde_json::Map<String, serde_json::Value> = self
            .laps
            .iter()
            .map(|(stage, seconds)| ((*stage).to_owned(), (*seconds).into()))
            .collect();
        format!("{:#}\n", serde_json::json!({ "seconds": stages, "stale_input": stale }))
    }
}
