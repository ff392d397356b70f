//! A backtest in words and aligned columns: what people read.

use std::fmt::Write;

use crate::domain::calendar::{Day, date_of};
use crate::domain::target::Target;
use crate::domain::wording::printable;
use crate::io::sinks::table::{SimpleTable, TableFormat, Values};

use super::build::{COST_OF_PRICE, HOLDING_PER_YEAR, PRICE_OF_COST};
use super::compare::{ComparisonRow, Interval};
use super::service::Promise;
use super::suite::Backtest;
use super::tables::{reals, wholes, worst};

/// Items listed as worst. Judgement: as many as a terminal has room for.
const LISTED: usize = 5;

/// What the comparison with drawn demand is about.
pub(super) const DRAWN: &str = "Periods out of stock, whose demand nobody knows, are not scored \
    above. Here it is drawn from each item's 13 known weeks before the replay, the same for every \
    policy";

/// The whole report for a terminal.
#[must_use]
pub fn text(found: &Backtest, currency: &str) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut out, found, currency);
    out
}

fn write_all(out: &mut String, found: &Backtest, currency: &str) -> std::fmt::Result {
    heading(out, found, currency)?;
    writeln!(out, "\n{}", aligned(&found.rows))?;
    let said = verdict(found, currency);
    if !said.is_empty() {
        writeln!(out, "\n{}", said.join("\n"))?;
    }

    for subset in &found.subsets {
        writeln!(out, "\nOn the {} {}:\n{}", subset.items, subset.name, aligned(&subset.rows))?;
    }
    if !found.drawn.is_empty() {
        writeln!(out, "\n{DRAWN}:\n{}", aligned(&found.drawn))?;
    }

    if let Some(said) = left_to_a_person(found) {
        writeln!(out, "\n{said}")?;
    }
    promises(out, found)?;
    reliability(out, found)?;
    worst_items(out, found)
}

fn heading(out: &mut String, found: &Backtest, currency: &str) -> std::fmt::Result {
    writeln!(out, "{}", replayed(found, currency))?;
    for line in assumptions(found) {
        writeln!(out, "  · {line}")?;
    }
    Ok(())
}

/// What was replayed, in two sentences.
pub(super) fn replayed(found: &Backtest, currency: &str) -> String {
    let (stage, scenario) = (&found.stage, &found.scenario);
    let date = |day: usize| date_of(stage.day_zero + day as Day);
    let shop = &stage.world;

    format!(
        "{} items replayed from {} to {}, scored from {} on ({} days). Money in {currency}.",
        shop.len(),
        date(shop.from),
        date_of(scenario.to - 1),
        date(shop.scored_from.min(shop.days - 1)),
        shop.days - shop.scored_from,
    )
}

/// What the replay takes for granted, a sentence each.
pub(super) fn assumptions(found: &Backtest) -> Vec<String> {
    let (stage, scenario) = (&found.stage, &found.scenario);
    let assumed = &stage.assumed;
    let mut said = Vec::new();
    said.push(format!(
        "every policy starts with {} weeks of mean demand and nothing on order",
        scenario.start_cover_weeks
    ));

    if stage.world.len() < assumed.sampled_of {
        said.push(format!("{} of {} items, picked by hash", stage.world.len(), assumed.sampled_of));
    }
    if assumed.left_out_new > 0 {
        said.push(format!("{} items that first sold later are left out", assumed.left_out_new));
    }
    if assumed.left_out_unknown > 0 {
        said.push(format!(
            "{} items that the items table does not name are left out",
            assumed.left_out_unknown
        ));
    }
    if assumed.cost_from_price > 0 {
        said.push(format!(
            "{} items without a cost: {COST_OF_PRICE} of the price",
            assumed.cost_from_price
        ));
    }
    if assumed.price_from_cost > 0 {
        said.push(format!(
            "{} items without a price: {PRICE_OF_COST} times the cost",
            assumed.price_from_cost
        ));
    }
    if assumed.no_money > 0 {
        said.push(format!("{} items without cost and price count 1 a unit", assumed.no_money));
    }
    if !stage.targets.iter().any(|target| matches!(target, Target::Cost(_))) {
        said.push(format!(
            "stock costs plan.holding_cost_per_year (else {HOLDING_PER_YEAR}) of its worth a year, \
             a unit not served at once its margin"
        ));
    }

    if scenario.demand_factor != 1.0 {
        said.push(format!("demand is {} times what it was", scenario.demand_factor));
    }
    for (supplier, from, to) in &scenario.outages {
        said.push(format!(
            "{supplier} delivers nothing from {} to {}",
            date_of(*from),
            date_of(*to)
        ));
    }
    if scenario.without_moq {
        said.push("there are no minimum orders".to_owned());
    }

    said
}

/// A share in per cent with one decimal.
pub(super) fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}

/// A number with one decimal.
pub(super) fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// By how much more than restock a policy may cost; empty for restock itself.
pub(super) fn range_text(row: &ComparisonRow) -> String {
    if row.more_than_first == Interval::default() {
        return String::new();
    }
    format!("{:+.0} … {:+.0}", row.more_than_first.low, row.more_than_first.high)
}

/// The comparison as it fits a terminal.
fn aligned(rows: &[ComparisonRow]) -> String {
    let table = SimpleTable::default()
        .with("policy", Values::Text(rows.iter().map(|row| row.name.clone()).collect()))
        .with("money", wholes(rows, |row| row.money.value))
        .with("than restock, 95 %", Values::Text(rows.iter().map(range_text).collect()))
        .with("holding", wholes(rows, |row| row.total.holding))
        .with("shortage", wholes(rows, |row| row.total.shortage))
        .with("orders", wholes(rows, |row| row.total.ordering))
        .with("waste", wholes(rows, |row| row.total.obsolete))
        .with("fill %", reals(rows, |row| percent(row.total.fill_rate())))
        .with("cycle %", reals(rows, |row| percent(row.total.cycle_service())))
        .with("ready %", reals(rows, |row| percent(row.total.ready_rate())))
        .with("stock", wholes(rows, ComparisonRow::stock_value))
        .with(
            "restock's at equal fill",
            Values::Text(
                rows.iter()
                    .map(|row| row.first_at_equal_fill.map_or(String::new(), |v| format!("{v:.0}")))
                    .collect(),
            ),
        )
        .with("turns", reals(rows, |row| tenth(row.total.turns())))
        .with("lines", wholes(rows, |row| row.total.lines));

    let mut bytes = Vec::new();
    if table.write(TableFormat::Table, &mut bytes).is_err() {
        return String::new();
    }
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

/// The comparison in two sentences or three.
pub(super) fn verdict(found: &Backtest, currency: &str) -> Vec<String> {
    let Some(own) = found.rows.first() else { return Vec::new() };
    let others = found.rows[found.restock_rows..].iter().filter(|row| !row.has_foresight);
    let Some(best) = others.min_by(|a, b| a.money.value.total_cmp(&b.money.value)) else {
        return Vec::new();
    };

    let difference = best.more_than_first;
    let share =
        if best.money.value > 0.0 { 100.0 * difference.value / best.money.value } else { 0.0 };

    let mut said = vec![format!(
        "restock with these settings costs {:.0} {currency} ({:.0} to {:.0} by chance of items \
         and months).",
        own.money.value, own.money.low, own.money.high
    )];

    let compared = if difference.low > 0.0 {
        format!("restock costs {:.0} ({share:.1} %) less, beyond chance", difference.value)
    } else if difference.high < 0.0 {
        format!(
            "that is {:.0} ({:.1} %) less than restock, beyond chance: see the curve and --tune",
            -difference.value, -share
        )
    } else {
        format!("the difference of {:.0} may be chance", difference.value.abs())
    };
    said.push(format!(
        "The best of the simple policies, known only afterwards, is {}: {compared}.",
        best.name
    ));

    let cheaper =
        found.rows[1..found.restock_rows].iter().filter(|row| row.more_than_first.high < 0.0);
    if let Some(row) = cheaper.min_by(|a, b| a.money.value.total_cmp(&b.money.value)) {
        said.push(format!(
            "On this stretch {} would have cost {:.0} less; --tune says whether earlier stretches \
             agree.",
            row.name, -row.more_than_first.value
        ));
    }
    said
}

/// Items whose orders wait for a person's release, where there are some. The replay never releases
/// them.
pub(super) fn left_to_a_person(found: &Backtest) -> Option<String> {
    if found.blocked.is_empty() {
        return None;
    }

    let total = found.rows.first().map_or(0.0, |row| row.total.short);
    let reasons: Vec<String> =
        found.blocked.iter().map(|(reason, items)| format!("{reason} {items}")).collect();

    Some(format!(
        "Items whose order a person would have had to release on some night: {}. The replay \
         leaves them unordered; {:.0} of the {:.0} units short are theirs.",
        reasons.join(", "),
        found.short_of_blocked,
        total
    ))
}

/// What became of a promise, in a word or some.
pub(super) fn judged(promise: &Promise) -> &'static str {
    if promise.is_broken() {
        "NOT KEPT"
    } else if promise.achieved.value < promise.promised {
        "within chance of it"
    } else {
        "kept"
    }
}

fn promises(out: &mut String, found: &Backtest) -> std::fmt::Result {
    if found.promises.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nPromised and achieved service:")?;
    for row in &found.promises {
        writeln!(
            out,
            "  {} items, {}: {:.1} % ({:.1} to {:.1}) on {} items: {}",
            row.class,
            row.target,
            100.0 * row.achieved.value,
            100.0 * row.achieved.low,
            100.0 * row.achieved.high,
            row.items,
            judged(row)
        )?;
    }
    Ok(())
}

fn reliability(out: &mut String, found: &Backtest) -> std::fmt::Result {
    let told = &found.reliability;
    if told.count == 0 {
        return Ok(());
    }
    writeln!(out, "\n{}", brier(found))?;
    write!(out, "  told %      ")?;
    told.bins
        .iter()
        .filter(|bin| bin.count > 0)
        .try_for_each(|bin| write!(out, "{:>7.1}", 100.0 * bin.told))?;
    write!(out, "\n  came true % ")?;
    told.bins
        .iter()
        .filter(|bin| bin.count > 0)
        .try_for_each(|bin| write!(out, "{:>7.1}", 100.0 * bin.came_true))?;
    write!(out, "\n  how many    ")?;
    told.bins
        .iter()
        .filter(|bin| bin.count > 0)
        .try_for_each(|bin| write!(out, "{:>7}", bin.count))?;
    writeln!(out)?;

    writeln!(out, "{}", forecast_errors(found))
}

/// How good the stock-out probabilities were, in a sentence.
pub(super) fn brier(found: &Backtest) -> String {
    let told = &found.reliability;
    format!(
        "Stock-out probabilities, {} of them: Brier score {:.4} (the overall share every time: \
         {:.4}).",
        told.count, told.brier, told.brier_of_base_rate
    )
}

/// Errors of the forecasts in a sentence.
pub(super) fn forecast_errors(found: &Backtest) -> String {
    let shares: Vec<String> = found
        .errors
        .iter()
        .filter(|sums| sums[2] > 0.0)
        .map(|sums| {
            format!("{:.1} % ({:+.1} %)", 100.0 * sums[0] / sums[2], 100.0 * sums[1] / sums[2])
        })
        .collect();
    format!("Forecast error (bias) one, two, three periods ahead: {}.", shares.join(", "))
}

fn worst_items(out: &mut String, found: &Backtest) -> std::fmt::Result {
    writeln!(out, "\nItems that cost most:")?;
    for (item, tally) in worst(found, LISTED) {
        writeln!(
            out,
            "  {}: {:.0} (stock {:.0}, shortage {:.0}), fill rate {:.1} %",
            printable(&found.stage.keys[item].to_string()),
            tally.money(),
            tally.holding,
            tally.shortage,
            100.0 * tally.fill_rate()
        )?;
    }
    Ok(())
}
