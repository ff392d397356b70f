//! A night as the commands make it: from what it starts from to the run that is published, with all
//! that surrounds it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tracing::warn;

use super::clock::{Clock, Watch, now, since};
use super::night_args::FailOn;
use super::night_args::{MergeArgs, PublishArgs, RunArgs};
use super::night_before::NightBefore;
use super::start::{Earlier, Parts, Start, ToRead};
use super::{Context, hooks};
use crate::backorder::risk::RiskGroup;
use crate::config::Settings;
use crate::config::settings::Hook;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Severity, sorted};
use crate::domain::ledger::LedgerLine;
use crate::error::Result;
use crate::forecast::AcrossItems;
use crate::handover::{self, Handed};
use crate::io::sinks::{replace_file, write_text};
use crate::io::{Loaded, keep_inputs};
use crate::pipeline::{Night, NightPlan, Scope, Tonight, night};
use crate::plan::decisions;
use crate::plan::orders::OrderLine;
use crate::report::last_backtest::{LAST_BACKTEST_FILE, LastBacktest};
use crate::report::metrics::{self, Ending};
use crate::report::page::{self, PageSource};
use crate::report::previous::Previous;
use crate::report::{manifest, outputs, set_aside, summary};
use crate::state::{self, Kept};
use crate::store::{Ledger, Outcome, RunStore};

/// The exit code of a run that ended in a panic.
const DEFECT: u8 = 70;

/// What a run is made of.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// The inputs.
    Inputs(&'a RunArgs),
    /// The parts of a night.
    Parts(&'a MergeArgs),
}

/// Makes a run and publishes it; then the hooks and the metrics, whatever came of it.
///
/// # Errors
/// As the stages report them; nothing is published then.
pub(super) fn make(context: &Context, args: &PublishArgs, source: Source<'_>) -> Result<ExitCode> {
    let clock = Clock::start();
    let mut known = Known::default();
    let started = clock.start;
    let ended =
        catch_unwind(AssertUnwindSafe(|| publish(context, args, source, clock, &mut known)));
    let exit_code = match &ended {
        Ok(Ok(code)) => *code,
        Ok(Err(error)) => error.exit_code(),
        Err(_) => DEFECT,
    };

    let ending =
        hooks::Ending { exit_code, dir: known.dir.as_deref(), as_of: known.as_of.as_deref() };
    let seconds = since(started);
    let hook_failures = hooks::run_all(&known.hooks, ending, !args.commands.no_commands);
    if let Some(path) = &args.metrics {
        let ending = Ending { at: now(), seconds, exit_code, last_success: None, hook_failures };
        write_metrics(path, ending, &known.figures);
    }
    match ended {
        Ok(published) => published.map(ExitCode::from),
        Err(panic) => resume_unwind(panic),
    }
}

/// What is known of a run when it ends, however that is.
#[derive(Default)]
struct Known {
    hooks: Vec<Hook>,
    as_of: Option<String>,
    /// Where it was published.
    dir: Option<PathBuf>,
    /// Its figures for Prometheus.
    figures: String,
}

/// Writes the figures. A file that cannot be written is said and stops nothing: the orders are
/// right without it, and whoever watches the age of the file will know.
fn write_metrics(path: &Path, mut ending: Ending, figures: &str) {
    // Opening what is no file, such as a pipe, would wait for somebody who writes into it.
    let before = path.is_file().then(|| std::fs::read_to_string(path).ok()).flatten();
    ending.last_success = before.and_then(|before| metrics::last_success(&before));
    if let Err(error) = replace_file(path, metrics::text(&ending, figures).as_bytes()) {
        let cause = error.source.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
        warn!("no metrics of this run: {error}{cause}");
    }
}

/// Runs every stage and publishes one run directory; gives the exit code.
fn publish(
    context: &Context,
    args: &PublishArgs,
    source: Source<'_>,
    mut clock: Clock,
    known: &mut Known,
) -> Result<u8> {
    let settings = context.settings()?;
    known.hooks.clone_from(&settings.hooks);
    let store = RunStore::open(&settings.outputs_dir)?;
    let _lock = store.lock()?;
    store.recover()?;
    let mut ledger = store.ledger()?;
    let start = match source {
        Source::Inputs(args) => {
            let read = ToRead { as_of: args.as_of.as_deref(), commands: &args.publish.commands };
            Start::from_inputs(
                context,
                settings,
                Earlier { store: &store, ledger: &ledger },
                &read,
                &mut clock,
            )?
        }
        Source::Parts(args) => Start::from_parts(
            settings,
            Earlier { store: &store, ledger: &ledger },
            args,
            &mut clock,
        )?,
    };
    let Start { settings, mut inputs, opening, ledger_sha256, prepared, previous, .. } = start;
    let (spool, parts) = (start.spool, start.parts);
    let order_now = match source {
        Source::Inputs(args) => args.order_now,
        Source::Parts(_) => parts.as_ref().is_some_and(|parts| parts.order_now),
    };

    // A look back, and a run beside the nightly ones, read the ledger and leave it alone.
    let newest = ledger.newest_night()?;
    let is_tonight = args.label.is_none() && newest.is_none_or(|newest| newest <= inputs.as_of);
    if let Some(newest) = newest.filter(|newest| args.label.is_none() && *newest > inputs.as_of) {
        warn!(
            "a look back: the ledger's newest night is {}, so that nothing of this run is handed \
             over; if that night was a mistake, remove its run and make the ledger again by \
             `restock orders rebuild --force`",
            date_of(newest)
        );
    }

    let date = date_of(inputs.as_of);
    known.as_of = Some(date.to_string());
    for finding in previous.iter().flat_map(|previous| &previous.findings) {
        warn!("{}: {}", finding.code.name(), finding.message);
        inputs.findings.push(finding.clone());
    }
    let watch = Watch::start(context, clock);
    let tonight = Tonight {
        scope: Scope::All,
        order_now,
        previous: previous.as_ref().map(|previous| &previous.said),
        ledger: Some(&opening),
        on_stage: &|stage| watch.ended(stage),
        on_items: &|done, of| watch.bar().share(done, of),
    };
    let mut night = match parts {
        None => night(&settings, &inputs, &prepared, &tonight),
        Some(Parts { fitted, groups, gathered, .. }) => {
            let across = AcrossItems { fitted: &fitted, groups: &groups };
            let (forecasts, plan) =
                gathered.plan(&settings, &inputs, (&prepared, across), &tonight);
            Night { fitted, forecasts, plan }
        }
    };
    if !is_tonight {
        look_back(&mut night.plan, &ledger, inputs.as_of)?;
    }
    let mut clock = watch.stop();
    let handed = hand_over(&settings, &inputs, &mut night.plan)?;

    let name = match &args.label {
        Some(label) => format!("{date}-{label}"),
        None => date.to_string(),
    };
    let staging = store.begin(&name)?;
    let ran = Ran {
        settings: &settings,
        inputs: &inputs,
        prepared: &prepared,
        night: &night,
        previous: previous.as_ref(),
    };
    outputs::write(staging.path(), &settings, &inputs, &prepared, &night)?;
    handover::write(staging.path(), &handed)?;
    if settings.keeps_inputs {
        keep_inputs(&settings, &inputs.inputs, &staging.path().join("inputs"))?;
        clock.lap("keep_inputs");
    }
    if let Some(folder) = &settings.backtest_dir {
        keep_backtest(folder, staging.path())?;
    }
    drop(spool);
    ran.write_manifest(staging.path(), order_now, &ledger_sha256)?;
    clock.lap("write");
    let said = ran.said(args.fail_on);
    // The page is drawn from what was written, so that the plan is not held beside it.
    let Night { fitted, forecasts, mut plan } = night;
    let decided = state::decided(&plan);
    let changes = plan.ledger.take().map(|of_night| of_night.changes).filter(|_| is_tonight);
    drop(plan);
    let kept = Kept {
        prepared: &prepared,
        fitted: &fitted,
        forecasts: &forecasts,
        order_now,
        previous: previous.as_ref().map(|previous| &previous.said),
        ledger: Some(&opening),
        decided: &decided,
    };
    state::write(staging.path(), &settings, &inputs, &kept)?;
    clock.lap("keep");
    if settings.writes_page {
        let before = NightBefore::read(store.previous(date), prepared.keys.len());
        let state = kept.view(&settings, &inputs);
        let before = before.as_before();
        write_page(&PageSource { dir: staging.path(), name: &name, state, before });
        clock.lap("page");
    }

    let stale = stale(context, &inputs, settings.run.max_age_days);
    write_text(&staging.path().join("timings.json"), &clock.json(stale.as_deref()))?;
    let published = match changes {
        Some(changes) => staging.publish_with(&mut ledger, inputs.as_of, &changes)?,
        None => staging.publish()?,
    };
    known.dir = Some(published.path.clone());
    known.figures = metrics::of_stages(&clock.laps) + &said.metrics;
    let exit_code = said.exit_code;
    if !context.quiet {
        said.tell(store_outcome(published), clock.seconds());
    }
    // Last, so that it stands where one looks.
    if let Some(stale) = stale {
        warn!("{stale}");
    }
    let is_behind = !is_tonight && args.label.is_none();
    Ok(exit_code.max(u8::from(is_behind)))
}

/// Lays out the lines that go out as the hand-over profiles want them, and notes what could not be.
fn hand_over(settings: &Settings, inputs: &Loaded, plan: &mut NightPlan<'_>) -> Result<Handed> {
    let is_sent = |line: &&OrderLine| outputs::is_sent(settings, plan, line);
    let lines: Vec<&OrderLine> = plan.book.lines.iter().filter(is_sent).collect();
    let mut handed = handover::lay_out(settings, &inputs.tables, &lines)?;
    for finding in handed.findings.iter().filter(|found| found.code.severity() == Severity::Error) {
        warn!("{}: {}", finding.code.name(), finding.message);
    }
    let findings = std::mem::take(&mut plan.findings).into_iter().chain(handed.findings.drain(..));
    plan.findings = sorted(findings.collect());
    Ok(handed)
}

/// Keeps what the last backtest found with the run, so that its page can be made again. What cannot
/// be read is said, and is no fault of tonight's run.
fn keep_backtest(folder: &Path, run: &Path) -> Result<()> {
    match LastBacktest::read(folder) {
        Ok(None) => Ok(()),
        Ok(Some(found)) => write_text(&run.join(LAST_BACKTEST_FILE), &found.json()?),
        Err(error) => {
            warn!("the page goes without the last backtest: {error}");
            Ok(())
        }
    }
}

/// Hands nothing over, and shows the ledger as it is after that night.
fn look_back(plan: &mut NightPlan<'_>, ledger: &Ledger, night: Day) -> Result<()> {
    plan.is_look_back = true;
    if let Some(of_night) = &mut plan.ledger {
        let lines = ledger.view(night.saturating_add(1), &BTreeSet::new())?.lines;
        let is_told =
            |line: &LedgerLine| !line.standing.is_over(night) || line.standing.since >= night;
        of_night.lines = lines.into_iter().filter(is_told).map(Arc::new).collect();
    }
    Ok(())
}

/// A night that is done, with all that it stood on.
struct Ran<'a> {
    settings: &'a Settings,
    inputs: &'a Loaded,
    prepared: &'a Prepared,
    night: &'a Night<'a>,
    previous: Option<&'a Previous>,
}

impl Ran<'_> {
    /// What went in and came out, so that the run can be made again.
    fn write_manifest(&self, dir: &Path, order_now: bool, ledger_sha256: &str) -> Result<()> {
        let asked = manifest::Asked {
            order_now,
            previous: self.previous,
            ledger_sha256: Some(ledger_sha256),
        };
        let text = manifest::json(self.settings, self.inputs, &self.night.plan, &asked);
        write_text(&dir.join("manifest.json"), &text)
    }

    /// What is said of it.
    fn said(&self, fail_on: FailOn) -> Said {
        let (plan, inputs) = (&self.night.plan, self.inputs);
        Said {
            summary: summary::text(self.settings, inputs, self.prepared, plan),
            figures: figures(plan, inputs),
            metrics: metrics::of_night(plan, inputs, &self.settings.currency.base),
            exit_code: exit_code(plan, inputs, fail_on),
        }
    }
}

/// What is said of a run, by what it decided.
struct Said {
    /// For people.
    summary: String,
    /// The same for programs.
    figures: Map<String, Value>,
    /// For Prometheus.
    metrics: String,
    exit_code: u8,
}

impl Said {
    /// Says where it stands and how long it took.
    fn tell(mut self, (path, said): (String, &str), seconds: f64) {
        let summary = self.summary;
        super::voice::tell(&format!("{summary}{said} in {seconds:.1} s: {path}\n"));
        if super::voice::is_json() {
            let seconds = (seconds * 10.0).round() / 10.0;
            self.figures
                .extend(super::voice::object_of(json!({ "path": path, "seconds": seconds })));
            super::voice::object("INFO", "run published", self.figures);
        }
    }
}

/// The page that people decide on. The orders go out without it too: what stands in its way is
/// said.
fn write_page(source: &PageSource<'_>) {
    if let Err(error) = page::write(source) {
        warn!("no page of this run: {error}");
    }
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

/// What the summary says, for programs, but where it stands and how long it took.
fn figures(plan: &NightPlan<'_>, inputs: &Loaded) -> Map<String, Value> {
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
/// every order line is held.
fn exit_code(plan: &NightPlan<'_>, inputs: &Loaded, fail_on: FailOn) -> u8 {
    if plan.held_for().is_some() {
        return 1;
    }
    let least = match fail_on {
        FailOn::Never => return 0,
        FailOn::Info => Severity::Info,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
    };
    let found = plan.findings.iter().map(|finding| finding.code);
    let aside = inputs.inputs.iter().flat_map(|input| input.set_aside.keys().copied());
    u8::from(found.chain(aside).any(|code| code.severity() >= least))
}
