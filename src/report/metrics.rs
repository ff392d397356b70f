//! The figures of a run for Prometheus: a file in its text format, as its textfile collector reads
//! it (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use crate::domain::calendar::Day;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::io::Loaded;
use crate::night::NightPlan;
use crate::plan::orders::LineState;
use crate::plan::{Decision, decisions};
use crate::report::set_aside;

/// The metric that a failed run carries on from the file that it replaces.
const LAST_SUCCESS: &str = "restock_last_success_timestamp_seconds";
/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ending {
    /// When, seconds since 1970 in UTC.
    pub at: i64,
    /// How long it took, seconds.
    pub seconds: f64,
    /// Its exit code.
    pub exit_code: u8,
    /// When the last run ended that published something, before this one.
    pub last_success: Option<f64>,
    /// Hooks that failed or took too long.
    pub hook_failures: usize,
}

impl Ending {
    /// Whether something was published: with or without findings that somebody asked about.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.exit_code <= 1
    }
}

/// The file: how the run ended, and the figures of the night as far as it came to them.
#[must_use]
pub fn text(ending: &Ending, night: &str) -> String {
    let mut out = Families::default();
    let at = ending.at as f64;
    out.one("last_run_timestamp_seconds", "When the last run ended.", ending.at);
    let success = if ending.is_success() { Some(at) } else { ending.last_success };
    if let Some(success) = success {
        let help = "When the last run ended that published a run directory.";
        out.one("last_success_timestamp_seconds", help, success);
    }
    let help = "Whether the last run published a run directory: 1 or 0.";
    out.one("last_run_success", help, u8::from(ending.is_success()));
    let help = "Exit code of the last run: 0 done, 1 done with findings, 2 usage or \
                configuration, 3 input data, 4 locked, 70 defect.";
    out.one("last_run_exit_code", help, ending.exit_code);
    let help = "How long the last run took.";
    out.one("run_duration_seconds", help, format!("{:.3}", ending.seconds));
    let help = "Hooks of the last run that failed or took too long.";
    out.one("hook_failures", help, ending.hook_failures);
    out.text + night
}

/// How many seconds each stage of a night took.
#[must_use]
pub fn of_stages(stages: &[(&'static str, f64)]) -> String {
    let mut out = Families::default();
    out.family("stage_duration_seconds", "How long each stage of the run took.");
    for (stage, seconds) in stages {
        out.sample(&[("stage", stage)], format!("{seconds:.3}"));
    }
    out.text
}

/// The figures of a night that came to its end; `base` is the base currency.
#[must_use]
pub fn of_night(plan: &NightPlan<'_>, inputs: &Loaded, base: &str) -> String {
    let mut out = Families::default();
    let help = "The beginning, in UTC, of the day that the run stands at.";
    out.one("as_of_timestamp_seconds", help, seconds_of(inputs.as_of));
    of_inputs(&mut out, inputs);

    out.one("items", "Items and locations that were planned or quarantined.", plan.entries.len());
    out.family("items_by_decision", "The same by what was decided.");
    let decided: BTreeMap<&str, usize> = decisions(&plan.entries)
        .into_iter()
        .map(|(decision, count)| (decision.as_str(), count))
        .collect();
    for decision in Decision::ALL {
        let count = decided.get(decision.as_str()).copied().unwrap_or(0);
        out.sample(&[("decision", decision.as_str())], count);
    }
    of_orders(&mut out, plan);
    of_desk(&mut out, base, plan);

    out.family("findings", "What was noticed about the data.");
    let mut findings: BTreeMap<Code, usize> = BTreeMap::new();
    plan.findings.iter().for_each(|finding| *findings.entry(finding.code).or_default() += 1);
    for (code, count) in findings {
        let severity = code.severity().as_str();
        out.sample(&[("code", code.name()), ("severity", severity)], count);
    }
    out.text
}

fn of_inputs(out: &mut Families, inputs: &Loaded) {
    let mut rows: Vec<(&str, u64)> = Vec::new();
    for input in &inputs.inputs {
        match rows.iter_mut().find(|(table, _)| *table == input.table) {
            Some((_, sum)) => *sum += input.rows,
            None => rows.push((input.table, input.rows)),
        }
    }
    out.family("input_rows", "Rows of each input table.");
    rows.iter().for_each(|(table, rows)| out.sample(&[("table", table)], rows));
    out.family("input_rows_set_aside", "Of them, rows that were not used.");
    for count in set_aside::counts(&inputs.inputs) {
        out.sample(&[("table", count.table), ("code", count.code.name())], count.rows);
    }
}

fn of_orders(out: &mut Families, plan: &NightPlan<'_>) {
    const STATES: usize = LineState::ALL.len();

    let states = LineState::ALL;
    let mut values: BTreeMap<&str, [Fixed; STATES]> = BTreeMap::new();
    let mut lines = [0_usize; STATES];
    for line in &plan.book.lines {
        let sums = values.entry(&*line.currency).or_default();
        for (at, _) in states.iter().enumerate().filter(|(_, state)| **state == line.state) {
            sums[at] += line.line_total.unwrap_or_default();
            lines[at] += 1;
        }
    }
    out.family("order_lines", "Order lines of the run by what may happen to them.");
    for (state, lines) in states.iter().zip(lines) {
        out.sample(&[("state", state.as_str())], lines);
    }
    out.family("order_value", "What they come to, lines without a cost left out.");
    for (currency, sums) in values {
        for (state, sum) in states.iter().zip(sums) {
            out.sample(&[("currency", currency), ("state", state.as_str())], sum);
        }
    }
}

/// A figure that the night could not work out has no line.
fn of_desk(out: &mut Families, base: &str, plan: &NightPlan<'_>) {
    let Some(review) = plan.review.last() else { return };
    if let Some(items) = review.at_risk_items {
        out.one("at_risk_items", "Items at risk of running out.", items);
    }
    if let Some(value) = review.at_risk_value {
        let help = "What they are expected to be short of, in the base currency.";
        out.one("at_risk_value", help, value.with_decimals(decimals_of(base)));
    }
    if let Some(ledger) = &plan.ledger {
        let (lines, value) = ledger.not_seen_yet;
        let help = "Order lines handed over earlier that no table of open orders has yet.";
        out.one("unseen_order_lines", help, lines);
        let help = "What they come to in the base currency.";
        out.one("unseen_order_value", help, value);
    }
    if let Some(lines) = review.waiting_lines {
        out.one("waiting_lines", "Order lines of customers who wait.", lines);
    }
    if let Some(units) = review.waiting_units {
        out.one("waiting_units", "Their units.", units);
    }
}

/// When the last run ended that published something, as a file of an earlier run says.
#[must_use]
pub fn last_success(file: &str) -> Option<f64> {
    let mut values = file.lines().filter_map(|line| line.strip_prefix(LAST_SUCCESS));
    let value = values.find_map(|rest| rest.strip_prefix(' '))?;
    value.trim().parse().ok().filter(|at: &f64| at.is_finite())
}

fn seconds_of(day: Day) -> i64 {
    i64::from(day) * DAY_SECONDS
}

/// Metrics in the text format: each family with its help and type, then its samples.
#[derive(Debug, Default)]
struct Families {
    text: String,
    name: String,
}

impl Families {
    /// Begins a family; all of ours can go up and down.
    fn family(&mut self, name: &str, help: &str) {
        self.name = format!("restock_{name}");
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "# HELP {} {help}\n# TYPE {} gauge", self.name, self.name);
    }

    fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        let _ = writeln!(self.text, "{}{labels} {value}", self.name);
    }

    /// A family of one sample.
    fn one(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, help);
        self.sample(&[], value);
    }
}

/// A value of a label as the format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDING: Ending =
        Ending { at: 1_000, seconds: 1.5, exit_code: 3, last_success: None, hook_failures: 0 };

    #[test]
    fn a_failed_run_carries_the_last_success_on_and_a_good_one_sets_it() {
        let first = text(&ENDING, "");
        assert_eq!(last_success(&first), None);
        let good = text(&Ending { exit_code: 1, ..ENDING }, "");
        assert_eq!(last_success(&good), Some(1_000.0));
        let failed = Ending { at: 2_000, last_success: last_success(&good), ..ENDING };
        assert_eq!(last_success(&text(&failed, "")), Some(1_000.0));
        assert!(text(&failed, "").contains("\nrestock_last_run_success 0\n"));
    }

    #[test]
    fn what_is_no_time_is_not_carried_on() {
        for damaged in ["", "\u{0}", "restock_last_success_timestamp_seconds NaN"] {
            assert_eq!(last_success(damaged), None, "{damaged:?}");
        }
        let longer = "restock_last_success_timestamp_seconds_old 5\n";
        assert_eq!(last_success(longer), None);
    }

    #[test]
    fn labels_are_escaped() {
        let mut out = Families::default();
        out.family("x", "a\\b\nc");
        out.sample(&[("currency", "E\"U\\R\n")], 1);
        assert_eq!(
            out.text,
            "# HELP restock_x a\\\\b\\nc\n# TYPE restock_x gauge\n\
             restock_x{currency=\"E\\\"U\\\\R\\n\"} 1\n"
        );
    }
}
