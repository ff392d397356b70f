//! Suppliers whose lead times drift, or who deliver later than they promise.

use std::collections::BTreeMap;

use crate::config::choices::LeadTimeBasis;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::open_days::OpenDays;
use crate::domain::tables::{Receipt, Tables};

use super::PlannedItem;
use super::context::PlanContext;
use super::item::lead_time_basis::ItemLeadTime;
use super::unlikely_lead_times::UsualLeadTimes;

/// Orders received in these last days are the recent ones. Judgement: a quarter holds several
/// orders of most suppliers, and is short enough to be answered with a telephone call.
const RECENT_DAYS: Day = 91;
/// Older receipts than this many days are not compared with. Judgement: two years hold every season
/// twice, and a supplier that was another one before then says little.
const KNOWN_DAYS: Day = 730;
/// Orders that either side of a comparison needs. Judgement: with fewer the variance, by which the
/// change is judged, is itself a guess.
const MIN_ORDERS: usize = 8;
/// Standard errors that a change has to exceed. Judgement: every supplier is tested every night,
/// and by chance alone one in 370 exceeds three.
const MIN_SCORE: f64 = 3.0;
/// A change or delay below this many days is no news. Judgement: dates are whole days, and a
/// weekend moves a delivery by two.
const MIN_DAYS: f64 = 2.0;
/// A stated lead time and receipts disagree plainly from this share of it on. Judgement: a month is
/// a week off, which no planner calls the same.
const PLAIN_SHARE: f64 = 0.25;
/// Share of orders after their promised day above which a supplier is late. Judgement: more
/// promises are broken than kept.
const LATE_SHARE: f64 = 0.5;

/// What the receipts known before `as_of` say of each supplier; one finding each, sorted by
/// supplier.
#[must_use]
pub fn punctuality(tables: &Tables, as_of: Day) -> Vec<Finding> {
    let of = |(supplier, known): (&str, SupplierPunctuality)| {
        let facts = [(Code::LeadTimeDrift, known.drift), (Code::SupplierLate, known.lateness)];
        facts.map(|(code, text)| {
            text.map(|text| Finding::of_table(code, "receipts", format!("{supplier}: {text}")))
        })
    };
    punctuality_by_supplier(tables, as_of).into_iter().flat_map(of).flatten().collect()
}

/// What receipts say of a supplier.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SupplierPunctuality {
    /// Orders of the last two years, of those that say how long it usually takes.
    pub orders: usize,
    /// How long they took on average, in days on which the supplier works.
    pub mean_days: f64,
    /// The standard deviation of that; `None` of one order.
    pub sd_days: Option<f64>,
    /// How its recent orders differ from those before, where they do.
    pub drift: Option<String>,
    /// How it breaks its promises, where it breaks most.
    pub lateness: Option<String>,
}

/// What the receipts known before `as_of` say of each supplier; none of whom they say nothing.
#[must_use]
pub fn punctuality_by_supplier(tables: &Tables, as_of: Day) -> BTreeMap<&str, SupplierPunctuality> {
    let open_days = OpenDays::by_supplier(tables);
    let of = |supplier: &str, orders: &[&Receipt]| {
        let open_days = open_days.get(supplier).filter(|days| !days.is_every_day());
        let days = worked_days(orders, open_days);
        let (mean_days, error) = mean_and_error(&days);
        let count = days.len() as f64;
        SupplierPunctuality {
            orders: orders.len(),
            mean_days,
            sd_days: (orders.len() > 1).then(|| (error * count).sqrt()),
            drift: drift(orders, as_of),
            lateness: lateness(orders),
        }
    };
    let orders = orders_by_supplier(tables, as_of).into_iter();
    orders.map(|(supplier, orders)| (supplier, of(supplier, &orders))).collect()
}

/// How long orders took, in days on which their supplier works.
fn worked_days(orders: &[&Receipt], open_days: Option<&OpenDays>) -> Vec<f64> {
    let days = |order: &&Receipt| match open_days {
        Some(open_days) => open_days.between(order.ordered_on, order.received_on),
        None => order.received_on - order.ordered_on,
    };
    orders.iter().map(|order| f64::from(days(order))).collect()
}

/// Suppliers whose stated lead time the receipts contradict plainly, where levels count on a mix of
/// both; one finding each, sorted by supplier.
#[must_use]
pub fn contradicted_lead_times(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
) -> Vec<Finding> {
    let mut mixed: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for PlannedItem { facts, .. } in items {
        let ItemLeadTime { basis, stated_days, days_are_own, .. } = facts.lead_time;
        let is_stated = facts.offer.row.is_some_and(|row| row.lead_time_days.is_some());
        if basis == LeadTimeBasis::Mixed && is_stated && !days_are_own {
            let counted_on = facts.lead_time.next_order.mean();
            mixed.entry(&facts.offer.supplier).or_insert((stated_days, counted_on));
        }
    }

    let orders = orders_by_supplier(context.tables, context.as_of);
    let finding = |(supplier, (stated, counted_on)): (&&str, &(f64, f64))| {
        let orders = orders.get(supplier).filter(|orders| orders.len() >= MIN_ORDERS)?;
        let (mean, error) = mean_and_error(&worked_days(orders, context.open_days(supplier)));
        let apart = (mean - stated).abs();

        let is_plain =
            apart >= MIN_DAYS.max(PLAIN_SHARE * stated) && apart > MIN_SCORE * error.sqrt();
        is_plain.then(|| {
            let message = format!(
                "{supplier}: {stated} days are stated, and {} orders took {mean:.1} on average; \
                 levels count on {counted_on:.1}",
                orders.len()
            );
            Finding::of_table(Code::LeadTimeDisagrees, "suppliers", message)
        })
    };

    mixed.iter().filter_map(finding).collect()
}

/// Each supplier's orders, of those that say how long it usually takes.
fn orders_by_supplier(tables: &Tables, as_of: Day) -> BTreeMap<&str, Vec<&Receipt>> {
    // An order counts once, with its last delivery.
    let mut orders: BTreeMap<(&str, &str), &Receipt> = BTreeMap::new();
    let usual = UsualLeadTimes::of(tables, as_of);
    let is_usual = |row: &&Receipt| is_usual_and_known(row, as_of) && usual.believes(row);
    for receipt in tables.receipts.iter().flatten().filter(is_usual) {
        let order = orders.entry((&*receipt.supplier, &*receipt.po_number)).or_insert(receipt);
        if receipt.received_on > order.received_on {
            *order = receipt;
        }
    }

    let mut suppliers: BTreeMap<&str, Vec<&Receipt>> = BTreeMap::new();
    for ((supplier, _), receipt) in orders {
        suppliers.entry(supplier).or_default().push(receipt);
    }

    suppliers
}

/// Whether a receipt says how long a supplier usually takes: it came before `as_of`, not too long
/// ago, after it was ordered, and nobody paid for it to come sooner.
fn is_usual_and_known(receipt: &Receipt, as_of: Day) -> bool {
    !receipt.expedited
        && receipt.received_on < as_of
        && receipt.received_on >= receipt.ordered_on
        && as_of - receipt.received_on <= KNOWN_DAYS
}

/// Recent lead times against earlier ones, by Welch's two-sample score.
fn drift(orders: &[&Receipt], as_of: Day) -> Option<String> {
    let (now, before): (Vec<&Receipt>, Vec<&Receipt>) =
        orders.iter().copied().partition(|order| as_of - order.received_on <= RECENT_DAYS);
    if now.len() < MIN_ORDERS || before.len() < MIN_ORDERS {
        return None;
    }

    let (mean_now, error_now) = mean_and_error(&lead_times_days(&now));
    let (mean_before, error_before) = mean_and_error(&lead_times_days(&before));
    let change = mean_now - mean_before;
    let score = change.abs() / (error_now + error_before).sqrt().max(1e-9);

    (score > MIN_SCORE && change.abs() >= MIN_DAYS).then(|| {
        let word = if change > 0.0 { "longer" } else { "shorter" };
        format!(
            "{} orders of the last {RECENT_DAYS} days took {mean_now:.1} days, {:.1} {word} than \
             the {} before",
            now.len(),
            change.abs(),
            before.len()
        )
    })
}

fn lead_times_days(orders: &[&Receipt]) -> Vec<f64> {
    orders.iter().map(|order| f64::from(order.received_on - order.ordered_on)).collect()
}

/// Mean, and variance of the mean.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();

    (mean, square / (n - 1.0) / n)
}

/// Whether a supplier breaks most of its promises, by so many days that it matters.
fn lateness(orders: &[&Receipt]) -> Option<String> {
    let late: Vec<Day> =
        orders.iter().filter_map(|order| Some(order.received_on - order.promised_on?)).collect();
    let (count, after) = (late.len(), late.iter().filter(|days| **days > 0).count());
    let mean = late.iter().map(|days| f64::from(*days)).sum::<f64>() / count.max(1) as f64;

    let often = count >= MIN_ORDERS && after as f64 > LATE_SHARE * count as f64;
    (often && mean >= MIN_DAYS).then(|| {
        format!(
            "{after} of {count} orders came after their promised day, on average {mean:.1} days"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixed::Fixed;
    use crate::domain::key::Key;

    fn order(number: Day, ordered_on: Day, days: Day) -> Receipt {
        Receipt {
            po_number: format!("P{number}").as_str().into(),
            supplier: "ACME".into(),
            key: Key { sku: "S".into(), location: "main".into() },
            quantity: Fixed::ONE,
            ordered_on,
            received_on: ordered_on + days,
            promised_on: Some(ordered_on + 10),
            expedited: false,
            reference: None,
        }
    }

    fn codes(receipts: Vec<Receipt>) -> Vec<Code> {
        let tables = Tables { receipts: Some(receipts), ..Tables::default() };
        punctuality(&tables, 1_000).iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_supplier_that_slows_down_is_noticed_and_one_that_does_not_is_left_alone() {
        let steady: Vec<Receipt> = (0..60).map(|i| order(i, 380 + 10 * i, 9 + i % 3)).collect();
        assert_eq!(codes(steady.clone()), []);
        let slower = steady.into_iter().map(|order| {
            let late = if order.ordered_on > 880 { 8 } else { 0 };
            Receipt { received_on: order.received_on + late, ..order }
        });
        assert_eq!(codes(slower.collect()), [Code::LeadTimeDrift]);
    }

    #[test]
    fn a_supplier_that_breaks_most_promises_is_noticed() {
        assert_eq!(
            codes((0..30).map(|i| order(i, 380 + 10 * i, 13)).collect()),
            [Code::SupplierLate]
        );
    }
}
