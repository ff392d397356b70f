//! The tables of the backorder desk: who waits and until when, what will run out, what may still be
//! sold.

use std::collections::BTreeSet;
use std::path::Path;

use super::columns::{LIMIT, PROMISE, RISK};
use crate::backorder::promises::Promise;
use crate::backorder::risk::RiskRow;
use crate::backorder::told::Told;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::error::Result;
use crate::io::sinks::csv::CsvSink;
use crate::pipeline::NightPlan;
use crate::plan::orders::LineState;
use crate::plan::{PlanEntry, PlannedItem};

/// Writes the tables into the directory; amounts have the base currency's decimals.
pub(super) fn write(dir: &Path, base: &str, decimals: u32, plan: &NightPlan<'_>) -> Result<()> {
    backorder_risk(dir, base, decimals, plan)?;
    promises(dir, plan)?;
    backorder_limits(dir, plan)
}

fn backorder_risk(dir: &Path, base: &str, decimals: u32, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("backorder_risk.csv"), RISK)?;
    let held: BTreeSet<Key> = plan
        .book
        .lines
        .iter()
        .filter(|line| line.state == LineState::Held)
        .map(|line| Key { sku: line.sku.clone(), location: line.location.clone() })
        .collect();
    for row in &plan.desk.risks.rows {
        let item = planned(plan, &row.key);
        who_and_where(&mut sink, row, item);

        sink.share(row.risk.stockout_probability);
        row.risk.stockout_dates.iter().for_each(|date| {
            sink.date(*date);
        });
        sink.real(row.risk.expected_short_units);
        sink.money(row.risk.expected_short_value.get().map(Fixed::clamped), decimals).text(base);

        sink.text(row.cause.kind.as_str()).share(row.cause.share).guarded(&row.cause.detail);
        sink.guarded(&row.action.text).share(row.action.probability);
        sink.date(row.next_arrival.as_ref().map(|next| next.day));
        sink.opt_text(row.next_arrival.as_ref().map(|next| &*next.po_number));
        sink.date(item.map(PlannedItem::next_order_day));
        let tonight = item.filter(|item| item.row.is_ordered() && !held.contains(item.key()));
        sink.fixed(tonight.map(|item| item.row.sized_units()));
        sink.text(row.status.as_str()).share(row.told_probability).end()?;
    }

    sink.finish().map(drop)
}

/// The first columns of a risk: the item, who delivers it, what is there and who waits.
fn who_and_where<W: std::io::Write>(
    sink: &mut CsvSink<W>,
    row: &RiskRow,
    item: Option<&PlannedItem<'_>>,
) {
    let description = item.and_then(|item| item.facts.item?.description.as_deref());
    let offer = item.map(|item| &item.facts.offer);
    let email = offer.and_then(|offer| offer.row?.email.as_deref());

    sink.text(&row.key.sku).text(&row.key.location).text(row.group.as_str());
    sink.guarded(description.unwrap_or_default());
    sink.text(offer.map_or("", |offer| &offer.supplier)).guarded(email.unwrap_or_default());
    sink.fixed(item.and_then(|item| item.row.stock).map(|stock| stock.on_hand));
    sink.fixed(row.waiting_units).date(row.waiting_since);
}

/// An item with its plan.
fn planned<'p, 'a>(plan: &'p NightPlan<'a>, key: &Key) -> Option<&'p PlannedItem<'a>> {
    let at = plan.entries.binary_search_by(|entry| entry.key().cmp(key)).ok()?;
    plan.entries[at].planned()
}

fn promises(dir: &Path, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("promises.csv"), PROMISE)?;
    let desk = &plan.desk;
    for (at, promise) in desk.promises.iter().enumerate() {
        let told = desk.told.get(at).copied().unwrap_or_default();
        let before = desk.told_before.get(at).copied().unwrap_or_default();
        promise_row(&mut sink, promise, before, told)?;
    }

    sink.finish().map(drop)
}

fn promise_row<W: std::io::Write>(
    sink: &mut CsvSink<W>,
    promise: &Promise<'_>,
    before: Told,
    told: Told,
) -> Result<()> {
    let row = promise.row;
    sink.text(&row.order_id).opt_text(row.line.as_deref()).opt_text(row.customer.as_deref());
    sink.text(&row.key.sku).text(&row.key.location);
    sink.fixed(row.quantity).fixed(promise.allocated);
    sink.date(promise.ships.map(|ships| ships.p50)).date(promise.ships.map(|ships| ships.p90));
    sink.date(before.date);
    let within = promise.within_limit.map(|is_within| if is_within { "true" } else { "false" });
    sink.opt_text(within).text(promise.reason.as_str());
    let alternative = promise.alternative.as_ref().map(ToString::to_string);
    sink.guarded(&alternative.unwrap_or_default());

    sink.date(told.date).opt_text(told.kind.map(|kind| kind.as_str()));
    sink.date(told.respond_by).opt_text(told.silence.map(|silence| silence.as_str()));
    sink.date(row.promised_on).whole(i64::from(promise.place)).end()
}

fn backorder_limits(dir: &Path, plan: &NightPlan<'_>) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join("backorder_limits.csv"), LIMIT)?;
    let mut limited = plan.desk.limits.iter().peekable();
    let planned = plan.entries.iter().filter_map(PlanEntry::planned);
    for item in planned.filter(|item| item.row.stock.is_some()) {
        let key = item.key();
        // Of all others any number may be sold.
        let limit = limited.next_if(|limit| limit.key == *key);
        sink.text(&key.sku).text(&key.location);
        sink.fixed(limit.and_then(|limit| limit.accept_more));
        sink.date(limit.and_then(|limit| limit.until)).end()?;
    }

    sink.finish().map(drop)
}
