//! Every item, as the data that the page's script shows, searches and draws from.
//!
//! One object of columns, since equal fields side by side compress best. Its size has a limit, so
//! that any browser opens the page; a larger shop keeps the items that somebody has to look at,
//! then the largest, and the page says how many are left out.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::PageSource;
use super::columns::{Words, three_digits};
use super::decide::{MAX_FINDINGS, description, needs_a_person};
use super::drawn::drawn;
use super::history::History;
use super::packed::gzipped;
use super::run_tables::{NUMBER_COLUMNS, Row, RunTables, WORD_COLUMNS, rows};
use super::shown::{finding, name, plain};
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::lookups;
use crate::error::{Error, Result};
use crate::plan::Reason;
use crate::report::columns::{LINE, PO_NUMBER, QUANTITY, STATE};

/// Characters of the island, at most: with the static part it is 5 MB, which a browser still opens
/// within a second or two.
const MAX_ISLAND_CHARACTERS: usize = 4_500_000;

/// Items that are packed, at most. Measured: in a shop of 30,467 items each takes 51 characters, so
/// that more than these would be left out again.
const MAX_PACKED: usize = 90_000;

/// Items from which on a sample says how many fit. Judgement: fewer nearly always fit.
const MANY: usize = 30_000;

/// Items of that sample, at most. Judgement: enough to tell what all take.
const SAMPLED: usize = 3_000;
/// How much worse a sample packs. Measured: in a made-up shop of 200,000 items by a sixth; a little
/// less is counted on, so that what is packed by it fits.
const SAMPLE_PACKS_WORSE: f64 = 1.12;

/// All items, as the template shows them where no script runs.
#[derive(Serialize)]
pub(super) struct Items {
    total: String,
    left_out: Option<String>,
}

/// The data of the script and what the template says of it.
pub(super) fn section(source: &PageSource<'_>, run: &RunTables) -> Result<(Items, String)> {
    let mut chosen = by_importance(source, run);
    let total = run.plan.rows();
    if chosen.len() > MANY {
        let step = chosen.len().div_ceil(SAMPLED);
        let sample: Vec<Row<'_>> = chosen.iter().copied().step_by(step).collect();
        let taken = island(source, run, &sample)?.len();
        let each = taken.max(1) as f64 / SAMPLE_PACKS_WORSE / sample.len() as f64;
        chosen.truncate(((MAX_ISLAND_CHARACTERS as f64 / each) as usize).max(1));
    }
    loop {
        let island = island(source, run, &chosen)?;
        if island.len() <= MAX_ISLAND_CHARACTERS || chosen.len() <= 1 {
            let left_out = total - chosen.len();
            let items = Items {
                total: super::shown::count(total),
                left_out: (left_out > 0).then(|| super::shown::count(left_out)),
            };
            return Ok((items, island));
        }
        // What an item takes is much the same for all, and a little less is kept to be done soon.
        let share = 0.97 * MAX_ISLAND_CHARACTERS as f64 / island.len() as f64;
        chosen.truncate(((chosen.len() as f64 * share) as usize).max(1));
    }
}

/// The rows of the plan, those first that somebody has to look at, then by what they sell a day in
/// money; no more than are packed.
fn by_importance<'r>(source: &PageSource<'_>, run: &'r RunTables) -> Vec<Row<'r>> {
    let listed = |table| -> BTreeSet<(&'r str, &'r str)> { rows(table).map(Row::item).collect() };
    let (ordered, at_risk, excess) = (listed(&run.orders), listed(&run.risk), listed(&run.excess));
    let cost = |row: Row<'_>| source.state.unit_cost(row.item()).map(Fixed::to_f64);
    let rank = |row: Row<'_>| -> u8 {
        let item = row.item();
        match () {
            () if ordered.contains(&item) => 0,
            () if at_risk.contains(&item) => 1,
            () if excess.contains(&item) => 2,
            () => 3,
        }
    };
    let worth =
        |row: Row<'_>| row.number("mean_daily_demand").unwrap_or(0.0) * cost(row).unwrap_or(1.0);
    let mut all: Vec<(u8, u32, f64)> = (0..run.plan.rows())
        .into_par_iter()
        .map(|at| (at as u32, run.plan.row(at)))
        .map(|(at, row)| (rank(row), at, worth(row)))
        .collect();
    all.par_sort_unstable_by(|a, b| {
        (a.0).cmp(&b.0).then_with(|| b.2.total_cmp(&a.2)).then_with(|| a.1.cmp(&b.1))
    });
    all.into_iter().take(MAX_PACKED).map(|(_, at, _)| run.plan.row(at as usize)).collect()
}

/// The data of some items: JSON, gzipped, in base64.
fn island(source: &PageSource<'_>, run: &RunTables, chosen: &[Row<'_>]) -> Result<String> {
    let mut sorted = chosen.to_vec();
    sorted.par_sort_by_key(|row| row.item());
    let data = data(source, run, &sorted);
    let bytes = gzipped(data.to_string().as_bytes())
        .map_err(|cause| Error::internal("cannot pack the data of the page").because(cause))?;
    Ok(STANDARD.encode(bytes))
}

/// Where each item stands among those of the data.
type Places<'a> = BTreeMap<(&'a str, &'a str), usize>;

fn data(source: &PageSource<'_>, run: &RunTables, chosen: &[Row<'_>]) -> Value {
    let state = source.state;
    let history = History::of(state.prepared);
    let places: Places<'_> = chosen.iter().enumerate().map(|(at, row)| (row.item(), at)).collect();
    let demand: Vec<Value> =
        chosen.par_iter().map(|row| three_digits(row.number("mean_daily_demand"))).collect();
    let falling = by_demand(&demand);
    let items: Vec<Option<usize>> =
        falling.par_iter().map(|at| history.index(chosen[*at].item())).collect();
    let words: BTreeMap<&str, Value> = WORD_COLUMNS
        .into_par_iter()
        .map(|column| (column, Words::of(chosen.iter().map(|row| row.text(column))).json()))
        .collect();
    let dates = Words::of(chosen.iter().map(|row| row.text("next_order_date")));
    let numbers: BTreeMap<&str, Vec<Value>> = NUMBER_COLUMNS
        .into_par_iter()
        .map(|column| {
            let number = |at: &usize| three_digits(chosen[*at].number(column));
            (column, falling.iter().map(number).collect())
        })
        .collect();
    let risk: BTreeMap<_, Row<'_>> = rows(&run.risk).map(|row| (row.item(), row)).collect();
    let cause = |row: &Row<'_>| {
        let listed = risk.get(&row.item()).filter(|row| row.text("group") != "resolved");
        listed.map_or("", |row| row.text("cause"))
    };
    let text = |row: &Row<'_>| description(source, *row);
    // What its supplier calls it.
    let theirs = |row: &Row<'_>| {
        let item = state.tables.item(row.item().0);
        name(item.and_then(|item| item.supplier_sku.as_deref()).unwrap_or_default())
    };

    serde_json::json!({
        "run": source.name,
        "asOf": date_of(state.as_of).to_string(),
        "sku": chosen.iter().map(|row| row.item().0).collect::<Vec<_>>(),
        "text": chosen.iter().map(text).collect::<Vec<_>>(),
        "theirs": chosen.iter().map(theirs).collect::<Vec<_>>(),
        "words": words,
        "cause": Words::of(chosen.iter().map(cause)).json(),
        "next": dates.json(),
        "demand": demand,
        "numbers": numbers,
        "meanings": meanings(),
        "drawn": drawn(source, &history, &items),
        "lines": lines(run, chosen, &places),
        "open": open(source, &places),
        "found": found(run, chosen),
    })
}

/// The items from that of the highest demand to that of the lowest, equals as they are given.
/// Numbers of items stand in this order: what is alike side by side packs a good deal smaller, and
/// the script finds the order by itself.
fn by_demand(demand: &[Value]) -> Vec<usize> {
    let number = |at: &usize| demand[*at].as_f64().unwrap_or(-1.0);
    let mut order: Vec<usize> = (0..demand.len()).collect();
    order.sort_by(|a, b| number(b).total_cmp(&number(a)));
    order
}

/// What each reason means and asks for.
fn meanings() -> BTreeMap<&'static str, [String; 2]> {
    let meaning =
        |reason: &Reason| (reason.as_str(), [plain(reason.meaning()), plain(reason.remedy())]);
    Reason::ALL.iter().map(meaning).collect()
}

/// Tonight's order lines by the items' places: these and the numbers of the lines, each as the
/// difference to the one before (a line's to the one of its order), since most are 1; and a column
/// each for order, quantity, state, revision, how the ledger has it, cost, currency, day and pack.
fn lines(run: &RunTables, chosen: &[Row<'_>], places: &Places<'_>) -> Value {
    let ledger = run.ledger_lines();
    let mut lines: Vec<(usize, Row<'_>)> = rows(&run.orders)
        .filter_map(|row| places.get(&row.item()).map(|place| (*place, row)))
        .collect();
    lines.sort_by_key(|(place, _)| *place);

    let (mut at, mut numbers) = (Vec::new(), Vec::new());
    let (mut last_place, mut last_numbers) = (0, BTreeMap::new());
    let mut columns: [Vec<&str>; 9] = Default::default();
    for (place, row) in lines {
        at.push(place - last_place);
        last_place = place;
        let number: i64 = row.text(LINE).parse().unwrap_or_default();
        numbers.push(number - last_numbers.insert(row.text(PO_NUMBER), number).unwrap_or(0));

        let kept = ledger.get(&(row.text(PO_NUMBER), row.text(LINE)));
        let of_ledger = |column: &str| kept.map_or("", |kept| kept.text(column));
        let known = three_digits(chosen[place].number("order_quantity"));
        let (known, quantity) = (known.to_string(), row.text(QUANTITY));
        let fields = [
            row.text(PO_NUMBER),
            // What the item's own number says already is left out.
            if known == quantity { "" } else { quantity },
            row.text(STATE),
            of_ledger("revision"),
            of_ledger(STATE),
            row.text("line_total"),
            row.text("currency"),
            row.text("requested_date"),
            row.text("pack_size"),
        ];
        columns.iter_mut().zip(fields).for_each(|(column, field)| column.push(field));
    }
    let words = |column: &Vec<&str>| Words::of(column.iter().copied()).json();
    let columns: Vec<Value> = columns.iter().map(words).collect();
    serde_json::json!({ "at": at, "numbers": numbers, "columns": columns })
}

/// Findings by the item's place, where a person has to act: `shown::finding` of each.
fn found(run: &RunTables, chosen: &[Row<'_>]) -> BTreeMap<usize, Vec<String>> {
    let lines = rows(&run.orders);
    let open: BTreeSet<_> = lines.filter(|row| needs_a_person(*row)).map(Row::item).collect();
    let by_item = RunTables::by_item(&run.findings);
    let mut found = BTreeMap::new();
    for (at, row) in chosen.iter().enumerate() {
        let is_asked = open.contains(&row.item()) || row.text("decision") == "blocked";
        let Some(findings) = by_item.get(&row.item()).filter(|_| is_asked) else { continue };
        let told = findings.iter().filter(|row| row.text("severity") != "info");
        let told = told.take(MAX_FINDINGS).map(|row| finding(row.text("message")));
        found.insert(at, told.collect());
    }
    found
}

/// Open order lines by the item's place: days from tonight, units and order.
fn open(source: &PageSource<'_>, places: &Places<'_>) -> BTreeMap<usize, Vec<Value>> {
    let mut open: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for line in lookups::rows(&source.state.tables.purchase_orders) {
        let item = (&*line.key.sku, &*line.key.location);
        let Some(at) = places.get(&item) else { continue };
        let days = line.expected_on.map(|day| day - source.state.as_of);
        let units = three_digits(Some(line.quantity.to_f64()));
        open.entry(*at).or_default().push(serde_json::json!([days, units, &*line.po_number]));
    }
    open
}
