//! The tables of a run directory, with exactly the contract's columns.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use rayon::prelude::*;

use super::columns::{FINDING, FORECAST, ORDER, PLAN, PLAN_COLUMNS};
use crate::config::Settings;
use crate::config::choices::TableForm;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::{BucketCalendar, Day};
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::domain::names::safe_names;
use crate::error::Result;
use crate::forecast::Forecasts;
use crate::io::Loaded;
use crate::io::sinks::cell::{Cell, Kind, TypedColumn};
use crate::io::sinks::csv::CsvSink;
use crate::io::sinks::table_file::TableFile;
use crate::pipeline::{Night, NightPlan};
use crate::plan::item::row::StockView;
use crate::plan::orders::OrderLine;
use crate::plan::{PlanEntry, PlannedItem, Reason};

/// Writes every table into the directory.
///
/// # Errors
/// When a file cannot be written.
pub fn write(
    dir: &Path,
    settings: &Settings,
    inputs: &Loaded,
    prepared: &Prepared,
    night: &Night<'_>,
) -> Result<()> {
    let plan = &night.plan;
    let decimals = decimals_of(&settings.currency.base);
    let form = settings.table_form;
    // Each to a file of its own; of several that cannot be written the first is named.
    let mut tables: Vec<Box<dyn FnOnce() -> Result<()> + Send + '_>> = vec![
        Box::new(|| forecast(dir, settings, prepared, &night.forecasts)),
        Box::new(|| plan_rows(dir, form, plan)),
        Box::new(|| purchase_orders(dir, settings, plan)),
        Box::new(|| super::desk::write(dir, &settings.currency.base, decimals, plan)),
        Box::new(|| super::review::write(dir, decimals, plan)),
        Box::new(|| super::edits::write(dir, decimals, &plan.edits)),
        Box::new(|| super::purchasing::write(dir, settings.holding_share(), decimals, plan)),
        Box::new(|| super::money_ahead::write(dir, decimals, plan)),
        Box::new(|| super::notices::write(dir, plan)),
        Box::new(|| super::ledger::write(dir, plan)),
        Box::new(|| exceptions(dir, plan)),
        Box::new(|| quarantine(dir, inputs)),
    ];
    let written: Vec<Result<()>> =
        tables.par_drain(..).with_max_len(1).map(|write| write()).collect();
    written.into_iter().collect()
}

/// The stretches that forecast rows cover, as days from `as_of`: the rest of the bucket that it
/// lies in, then full buckets.
#[must_use]
pub fn stretches(calendar: &BucketCalendar, as_of: Day, horizon: usize) -> Vec<(Day, u32, u32)> {
    let first = calendar.bucket_of(as_of);
    let partial = calendar.start_of(first) != as_of;
    (first..first + horizon as i32 + i32::from(partial))
        .map(|bucket| {
            let start = calendar.start_of(bucket).max(as_of);
            (start, (start - as_of) as u32, (calendar.start_of(bucket + 1) - as_of) as u32)
        })
        .collect()
}

fn forecast(
    dir: &Path,
    settings: &Settings,
    prepared: &Prepared,
    forecasts: &Forecasts,
) -> Result<()> {
    let levels = &settings.forecast.quantiles;
    let names: Vec<String> = levels.iter().map(|level| format!("q{level}")).collect();
    let mut columns: Vec<TypedColumn<'_>> =
        FORECAST.iter().copied().zip([Kind::Text, Kind::Text, Kind::Date, Kind::Real]).collect();
    columns.extend(names.iter().map(|name| (name.as_str(), Kind::Real)));
    let mut table = TableFile::begin(dir, "forecast", settings.table_form, &columns)?;

    let stretches = stretches(&settings.calendar, prepared.as_of, settings.forecast.horizon);
    let width = levels.len() + 1;

    let values_of = |item: usize| {
        let distribution = forecasts.distribution_to_horizon(item);
        let mut values = Vec::with_capacity(stretches.len() * width);
        for (_, start, end) in &stretches {
            let total = distribution.total(*start, *end);
            values.push(total.mean());
            values.extend(total.quantiles(levels));
        }
        values
    };
    table.rows_of(prepared.keys.len(), values_of, |item, values, row| {
        let key = &prepared.keys[item];
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(columns.len());
        for ((day, _, _), values) in stretches.iter().zip(values.chunks_exact(width)) {
            cells.clear();
            cells.extend([Cell::Text(&key.sku), Cell::Text(&key.location)]);
            cells.push(Cell::Date(Some(*day)));
            cells.extend(values.iter().map(|value| Cell::from(*value)));
            row(&cells)?;
        }
        Ok(())
    })?;

    table.finish()
}

fn plan_rows(dir: &Path, form: TableForm, plan: &NightPlan<'_>) -> Result<()> {
    let mut table = TableFile::begin(dir, "plan", form, PLAN_COLUMNS)?;
    let target_of = |at: usize| plan.entries[at].planned().map(|it| it.facts.target.to_string());
    table.rows_of(plan.entries.len(), target_of, |at, target, row| match &plan.entries[at] {
        PlanEntry::Planned(item) => row(&planned_row(item, target.as_deref().unwrap_or_default())),
        entry @ PlanEntry::Quarantined { code, .. } => row(&unplanned_row(entry, code.name())),
        entry @ PlanEntry::Bundle(_) => row(&unplanned_row(entry, Reason::Bundle.as_str())),
    })?;

    table.finish()
}

/// The row of an item that is not planned.
fn unplanned_row<'a>(entry: &'a PlanEntry<'_>, reason: &'a str) -> [Cell<'a>; PLAN_COLUMNS.len()] {
    let mut cells = [Cell::Empty; PLAN_COLUMNS.len()];
    let key = entry.key();
    cells[..2].copy_from_slice(&[Cell::Text(&key.sku), Cell::Text(&key.location)]);
    cells[3..5].copy_from_slice(&[Cell::Text(entry.decision().as_str()), Cell::Text(reason)]);
    cells
}

/// An item's row; `target` is what its levels are set for, in words.
fn planned_row<'a>(item: &'a PlannedItem<'_>, target: &'a str) -> [Cell<'a>; PLAN_COLUMNS.len()] {
    let (facts, row) = (&item.facts, &item.row);
    let (levels, risk, sizing) = (&row.levels, row.risk, row.sizing.as_ref());
    let classes = &facts.classes;
    let stock = |of: fn(StockView) -> Fixed| Cell::Units(row.stock.map(of));
    let stockout_date = |at: usize| Cell::Date(risk.and_then(|risk| risk.stockout_dates[at]));

    [
        Cell::Text(&facts.key.sku),
        Cell::Text(&facts.key.location),
        Cell::Text(&facts.offer.supplier),
        Cell::Text(row.decision().as_str()),
        Cell::Text(row.reason.as_str()),
        Cell::Text(&row.model),
        Cell::Text(classes.demand_class.as_str()),
        Cell::Text(classes.abc.as_str()),
        Cell::Text(classes.xyz.as_str()),
        levels.mean_daily_demand.into(),
        levels.lead_time_mean_days.into(),
        levels.lead_time_sd_days.into(),
        Cell::Whole(i64::from(levels.review_period_days)),
        levels.protection_days.into(),
        levels.protection_demand_mean.into(),
        levels.safety_stock.into(),
        levels.reorder_point.into(),
        levels.order_up_to_level.into(),
        stock(|stock| stock.on_hand),
        stock(|stock| stock.allocated),
        stock(|stock| stock.backorders),
        stock(|stock| stock.on_order),
        stock(|stock| stock.on_order_later),
        stock(|stock| stock.inventory_position),
        Cell::Share(risk.map(|risk| risk.stockout_probability)),
        Cell::Real(risk.map(|risk| risk.expected_short_units)),
        stockout_date(0),
        stockout_date(1),
        stockout_date(2),
        Cell::Real(risk.and_then(|risk| risk.days_of_supply.get())),
        Cell::Text(facts.policy.name()),
        Cell::Text(target),
        Cell::Units(sizing.map(|sizing| sizing.needed)),
        Cell::Units(sizing.map(|sizing| sizing.quantity)),
        Cell::Date(Some(item.next_order_day())),
    ]
}

/// The fields of an item's row of `plan.csv`, by the names of its columns.
///
/// # Errors
/// When a field cannot be written.
pub fn plan_fields(item: &PlannedItem<'_>) -> Result<Vec<(&'static str, String)>> {
    let mut sink = CsvSink::new(Vec::new(), PLAN)?;
    let target = item.facts.target.to_string();
    planned_row(item, &target).into_iter().for_each(|cell| sink.cell(cell));
    sink.end()?;
    let bytes = sink.finish()?;

    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let row = reader.records().next().and_then(std::result::Result::ok).unwrap_or_default();
    Ok(PLAN.iter().copied().zip(row.iter().map(str::to_owned)).collect())
}

/// Whether a line goes out with the run: what a person has to look at first is nothing to send.
#[must_use]
pub fn is_sent(settings: &Settings, plan: &NightPlan<'_>, line: &OrderLine) -> bool {
    !plan.is_look_back && line.state.goes_out(settings.purchasing.handover)
}

/// All order lines in one file, and those that go out in one for each supplier.
fn purchase_orders(dir: &Path, settings: &Settings, plan: &NightPlan<'_>) -> Result<()> {
    let mut all = CsvSink::create(&dir.join("purchase_orders.csv"), ORDER)?;
    let mut by_supplier: BTreeMap<&str, Vec<&OrderLine>> = BTreeMap::new();
    for line in &plan.book.lines {
        order_line(&mut all, line)?;
        if is_sent(settings, plan, line) {
            by_supplier.entry(&line.supplier).or_default().push(line);
        }
    }
    all.finish()?;

    let planned = plan.entries.iter().filter_map(|entry| entry.planned());
    let suppliers = planned.map(|item| &*item.facts.offer.supplier);
    let ordered = plan.book.lines.iter().map(|line| &*line.supplier);
    let names = safe_names(suppliers.chain(ordered));
    let folder = dir.join("purchase_orders");
    crate::io::sinks::create_folder(&folder)?;
    for (supplier, lines) in by_supplier {
        let path = folder.join(format!("{}.csv", names[supplier]));
        let mut sink = CsvSink::create(&path, ORDER)?;
        for line in lines {
            order_line(&mut sink, line)?;
        }
        sink.finish()?;
    }

    Ok(())
}

/// Order lines as a file.
///
/// # Errors
/// When it cannot be written.
pub fn orders_csv(lines: &[OrderLine]) -> Result<Vec<u8>> {
    let mut sink = CsvSink::new(Vec::new(), ORDER)?;
    for line in lines {
        order_line(&mut sink, line)?;
    }
    sink.finish()
}

fn order_line<W: Write>(sink: &mut CsvSink<W>, line: &OrderLine) -> Result<()> {
    sink.text(&line.po_number).whole(i64::from(line.line)).text(&line.supplier);
    sink.guarded(line.supplier_name.as_deref().unwrap_or(""))
        .text(&line.sku)
        .guarded(line.supplier_sku.as_deref().unwrap_or(""));
    sink.guarded(line.description.as_deref().unwrap_or(""))
        .text(&line.location)
        .fixed(line.quantity);
    sink.guarded(line.uom.as_deref().unwrap_or("")).fixed(line.pack_size).fixed(line.packs);
    sink.fixed(line.unit_cost)
        .guarded(&line.currency)
        .money(line.line_total, decimals_of(&line.currency));
    sink.date(line.order_day).date(line.requested_day).text(line.state.as_str()).end()
}

fn exceptions(dir: &Path, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("exceptions.csv"), FINDING)?;
    for finding in &plan.findings {
        let key = finding.key.as_ref();
        sink.text(finding.code.id())
            .text(finding.code.severity().as_str())
            .text(finding.source.table);
        sink.guarded(&finding.source.file)
            .whole(Some(finding.source.row as i64).filter(|row| *row > 0));
        sink.opt_text(key.map(|key| &*key.sku)).opt_text(key.map(|key| &*key.location));
        sink.guarded(&format!("{}: {}", finding.code.name(), finding.message)).end()?;
    }

    sink.finish().map(drop)
}

fn quarantine(dir: &Path, inputs: &Loaded) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("quarantine.csv"), FINDING)?;
    for reject in &inputs.rejects {
        sink.text(reject.code.id()).text(reject.code.severity().as_str()).text(reject.source.table);
        sink.guarded(&reject.source.file)
            .whole(Some(reject.source.row as i64).filter(|row| *row > 0))
            .text(&reject.sku)
            .text(&reject.location);
        sink.guarded(&format!("{}: {}", reject.code.name(), reject.message)).end()?;
    }

    sink.finish().map(drop)
}
