//! A backtest as one page to read: what its tables, its pictures and its report say, in the frame
//! of the page of a run.

use serde::Serialize;

use crate::config::Settings;
use crate::domain::calendar::BucketLength;
use crate::domain::fixed::Fixed;
use crate::domain::money::money;
use crate::domain::policy::UnmetDemand;
use crate::domain::wording::{grouped, printable};
use crate::drawing::svg::Place;
use crate::error::Result;
use crate::report::page::frame::{Document, Template, render};

use super::compare::{ComparisonRow, Interval};
use super::picture;
use super::report;
use super::suite::Backtest;
use super::tables::worst;

/// Items listed as worst. Judgement: as many as one looks through; the table has more.
const LISTED: usize = 20;

/// The page.
///
/// # Errors
/// An internal error where the template is broken.
pub fn html(found: &Backtest, settings: &Settings) -> Result<String> {
    let currency = &settings.currency.base;
    let mut said = report::verdict(found, currency);
    said.extend(report::left_to_a_person(found));

    let sections = Sections {
        version: env!("CARGO_PKG_VERSION"),
        currency,
        replayed: report::replayed(found, currency),
        said,
        assumed: report::assumptions(found).iter().map(|text| readable(text)).collect(),
        settings: settings_that_matter(settings),
        comparisons: comparisons(found),
        curve: picture::of_service(Place::Page, found),
        money: picture::of_money(Place::Page, found),
        reliability: picture::of_reliability(Place::Page, found),
        promises: promises(found),
        brier: report::brier(found),
        bins: bins(found),
        errors: report::forecast_errors(found),
        worst: worst_items(found),
    };
    render(&Document {
        title: "restock backtest",
        template: Template::Backtest,
        sections: &sections,
        island: None,
    })
}

/// What the page says, as its template shows it.
#[derive(Serialize)]
struct Sections<'a> {
    version: &'a str,
    currency: &'a str,
    replayed: String,
    said: Vec<String>,
    assumed: Vec<String>,
    settings: Vec<Setting>,
    comparisons: Vec<Comparison>,
    curve: String,
    money: String,
    reliability: String,
    promises: Vec<PromiseLine>,
    brier: String,
    bins: Vec<BinLine>,
    errors: String,
    worst: Vec<ItemLine>,
}

/// A setting by the name that the configuration gives it.
#[derive(Serialize)]
struct Setting {
    name: &'static str,
    value: String,
}

/// Policies side by side.
#[derive(Serialize)]
struct Comparison {
    caption: String,
    rows: Vec<PolicyLine>,
}

#[derive(Serialize)]
struct PolicyLine {
    name: String,
    money: String,
    more: String,
    holding: String,
    shortage: String,
    orders: String,
    waste: String,
    fill: String,
    cycle: String,
    ready: String,
    stock: String,
    at_equal_fill: String,
    turns: String,
    lines: String,
}

#[derive(Serialize)]
struct PromiseLine {
    class: &'static str,
    target: String,
    items: String,
    promised: String,
    achieved: String,
    range: String,
    verdict: &'static str,
    is_broken: bool,
}

#[derive(Serialize)]
struct BinLine {
    tenth: String,
    count: String,
    told: String,
    came_true: String,
}

#[derive(Serialize)]
struct ItemLine {
    item: String,
    money: String,
    holding: String,
    shortage: String,
    fill: String,
}

fn settings_that_matter(settings: &Settings) -> Vec<Setting> {
    let plan = &settings.plan;
    let stated = |value: Option<f64>| value.map_or("not stated".to_owned(), |v| v.to_string());
    let setting = |name, value: String| Setting { name, value };

    vec![
        setting("plan.target", plan.target.to_string()),
        setting(
            "plan.rules",
            match plan.rules.len() {
                0 => "none".to_owned(),
                rules => grouped(rules),
            },
        ),
        setting("plan.policy", plan.policy.to_string()),
        setting("plan.review_period_days", plan.review_period_days.to_string()),
        setting("plan.order_cycle_days", plan.order_cycle_days.to_string()),
        setting("plan.lead_time_days", plan.lead_time_days.to_string()),
        setting(
            "plan.unmet_demand",
            match plan.unmet_demand {
                UnmetDemand::Lost => "lost".to_owned(),
                UnmetDemand::Backorder => "backorder".to_owned(),
            },
        ),
        setting("plan.max_cover_days", plan.max_cover_days.to_string()),
        setting("plan.holding_cost_per_year", stated(plan.holding_cost_per_year)),
        setting("plan.order_cost", stated(plan.order_cost)),
        setting("forecast.model", settings.forecast.model.to_string()),
        setting(
            "run.bucket",
            match settings.calendar.length {
                BucketLength::Day => "day".to_owned(),
                BucketLength::Week => "week".to_owned(),
                BucketLength::Month => "month".to_owned(),
            },
        ),
        setting("run.seed", settings.run.seed.to_string()),
    ]
}

/// Every comparison, that of all items first.
fn comparisons(found: &Backtest) -> Vec<Comparison> {
    let lines = |rows: &[ComparisonRow]| rows.iter().map(policy_line).collect();
    let all = format!("All {} items", grouped(found.stage.world.len()));

    let mut out = vec![Comparison { caption: all, rows: lines(&found.rows) }];
    out.extend(found.subsets.iter().map(|subset| Comparison {
        caption: format!("The {} {}", grouped(subset.items), subset.name),
        rows: lines(&subset.rows),
    }));
    if !found.drawn.is_empty() {
        out.push(Comparison { caption: format!("{}.", report::DRAWN), rows: lines(&found.drawn) });
    }
    out
}

fn policy_line(row: &ComparisonRow) -> PolicyLine {
    let total = &row.total;
    PolicyLine {
        // Words break where a column is narrow, `cycle_service_level=0.9` anywhere.
        name: row.name.replace(['_', '='], " "),
        money: whole(row.money.value),
        more: range(row.more_than_first),
        holding: whole(total.holding),
        shortage: whole(total.shortage),
        orders: whole(total.ordering),
        waste: whole(total.obsolete),
        fill: percent(total.fill_rate()),
        cycle: percent(total.cycle_service()),
        ready: percent(total.ready_rate()),
        stock: whole(row.stock_value()),
        at_equal_fill: row.first_at_equal_fill.map_or(String::new(), whole),
        turns: format!("{:.1}", total.turns()),
        lines: whole(total.lines),
    }
}

/// By how much more than restock a policy may cost; empty for restock itself.
fn range(more: Interval) -> String {
    if more == Interval::default() {
        return String::new();
    }
    let signed = |value: f64| {
        let sign = if value >= 0.5 { "+" } else { "" };
        format!("{sign}{}", whole(value))
    };
    format!("{} … {}", signed(more.low), signed(more.high))
}

fn promises(found: &Backtest) -> Vec<PromiseLine> {
    let line = |row: &super::service::Promise| PromiseLine {
        class: row.class,
        target: row.target.clone(),
        items: grouped(row.items),
        promised: percent(row.promised),
        achieved: percent(row.achieved.value),
        range: format!("{} … {}", percent(row.achieved.low), percent(row.achieved.high)),
        verdict: report::judged(row),
        is_broken: row.is_broken(),
    };
    found.promises.iter().map(line).collect()
}

fn bins(found: &Backtest) -> Vec<BinLine> {
    let bins = &found.reliability.bins;
    let line = |at: usize| BinLine {
        tenth: format!("{} to {} %", 100 * at / bins.len(), 100 * (at + 1) / bins.len()),
        count: grouped(bins[at].count),
        told: percent(bins[at].told),
        came_true: percent(bins[at].came_true),
    };
    (0..bins.len()).filter(|at| bins[*at].count > 0).map(line).collect()
}

fn worst_items(found: &Backtest) -> Vec<ItemLine> {
    worst(found, LISTED)
        .into_iter()
        .map(|(item, tally)| ItemLine {
            item: readable(&found.stage.keys[item].to_string()),
            money: whole(tally.money()),
            holding: whole(tally.holding),
            shortage: whole(tally.shortage),
            fill: percent(tally.fill_rate()),
        })
        .collect()
}

/// A text with names from outside in it, without what moves or hides what stands beside it.
fn readable(text: &str) -> String {
    printable(text).into_owned()
}

/// Money in whole units, or a number of lines.
fn whole(value: f64) -> String {
    money(Fixed::clamped(value).rounded(0), 0)
}

fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}
