//! Tables about purchasing beside the orders: advice on open orders, transfers, prices of
//! constraints.

use std::path::Path;

use super::columns::{ADVICE, CONSTRAINT, TRANSFER};
use crate::error::Result;
use crate::io::sinks::csv::CsvSink;
use crate::pipeline::NightPlan;
use crate::plan::PlanEntry;
use crate::plan::constraint_costs::{by_supplier, constraint_costs};

/// Writes the tables into the directory; amounts have the base currency's decimals.
pub(super) fn write(
    dir: &Path,
    holding_share: f64,
    decimals: u32,
    plan: &NightPlan<'_>,
) -> Result<()> {
    open_order_advice(dir, plan)?;
    transfers(dir, plan)?;
    write_constraint_costs(dir, holding_share, decimals, plan)
}

fn open_order_advice(dir: &Path, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("open_order_advice.csv"), ADVICE)?;
    for row in &plan.advice {
        sink.text(&row.po_number)
            .opt_text(row.line.as_deref())
            .text(&row.key.sku)
            .text(&row.key.location);
        sink.text(row.advice.as_str()).whole(row.by_days.map(i64::from)).guarded(&row.reason);
        sink.date(row.chased.map(|chased| chased.on))
            .whole(row.chased.map(|chased| i64::from(chased.days)))
            .end()?;
    }

    sink.finish().map(drop)
}

fn transfers(dir: &Path, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("transfers.csv"), TRANSFER)?;
    for row in &plan.transfers {
        sink.text(&row.key.sku)
            .text(&row.from_location)
            .text(&row.key.location)
            .fixed(row.quantity);
        sink.guarded(&row.reason).end()?;
    }

    sink.finish().map(drop)
}

/// What the suppliers' constraints cost a year, supplier by supplier.
fn write_constraint_costs(
    dir: &Path,
    holding_share: f64,
    decimals: u32,
    plan: &NightPlan<'_>,
) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("constraint_costs.csv"), CONSTRAINT)?;
    let suppliers = by_supplier(plan.entries.iter().filter_map(PlanEntry::planned));
    for row in suppliers.iter().flat_map(|items| constraint_costs(holding_share, items)) {
        sink.text(&row.supplier)
            .opt_text(row.sku.as_deref())
            .text(row.constraint.as_str())
            .money(row.yearly_cost, decimals);
        sink.guarded(&row.comment).end()?;
    }

    sink.finish().map(drop)
}
