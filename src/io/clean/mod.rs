//! From order rows to demand: duplicates, cancellations and returns settled, bundles taken apart,
//! then summed by item and day.
//!
//! Which row wins never depends on the order in which rows were read: ties are broken by what the
//! rows hold.

mod cancel;
mod daily;
mod duplicates;
mod explode;
mod gaps;
mod repeats;

use std::collections::BTreeMap;

pub(crate) use explode::BundleNight;
pub(crate) use gaps::{Beginning, beginning};

use super::orders::{NO_PRICE, OrderRows, ReadOrders};
use crate::config::choices::Returns;
use crate::config::settings::Demand;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::tables::CleanDemand;
use crate::error::Result;

/// Applies the row rules and sums what is left, up to the day before `as_of`. Orders of which more
/// than a share of `max_bad_rows` are duplicates are refused.
pub(crate) fn clean(
    orders: &mut ReadOrders,
    demand: &Demand,
    max_bad_rows: f64,
    night: BundleNight<'_>,
    findings: &mut Vec<Finding>,
) -> Result<CleanDemand> {
    let mut used = vec![true; orders.rows.item.len()];
    leave_out_before_beginning(orders, &mut used);
    leave_out_repeats(orders, &mut used, findings);

    let duplicates = duplicates::duplicates(&orders.rows, &used);
    duplicates.check(orders, max_bad_rows)?;
    for at in duplicates.losers {
        used[at] = false;
        orders.set_row_aside(
            at,
            Code::DuplicateLine,
            "another row has the same order_id, line and sku, and goes before it",
        );
    }

    for (sale, cancellation) in cancel::pairs(&orders.rows, &used, demand.cancel_match_days) {
        used[sale] = false;
        used[cancellation] = false;
        let (sale_row, cancel_row) = (orders.rows.row.at(sale), orders.rows.row.at(cancellation));
        orders.set_row_aside(sale, Code::CancelledSale, &format!("row {cancel_row} cancels it"));
        orders.set_row_aside(
            cancellation,
            Code::Cancellation,
            &format!("it cancels row {sale_row}"),
        );
    }

    let mut moved = BTreeMap::new();
    match demand.returns {
        Returns::Ignore => {
            for (at, is_used) in used.iter_mut().enumerate() {
                if *is_used && orders.rows.quantity[at] < 0 {
                    *is_used = false;
                    orders.set_row_aside(
                        at,
                        Code::ReturnIgnored,
                        "a negative quantity that matches no sale",
                    );
                }
            }
        }
        Returns::Net => moved = cancel::days_of_sales(&orders.rows, &used),
    }

    findings.extend(daily::equal_rows(&orders.rows, &used));

    let read = orders.rows.item.len();
    let explode::Exploded { sold, findings: of_bundles } =
        explode::explode(&mut orders.rows, &mut used, &mut moved, night);
    findings.extend(of_bundles);
    let demand = daily::sum(orders, &used, &moved, findings);
    // What else looks at the rows looks at what was read.
    orders.rows.truncate(read);

    let mut demand = CleanDemand { bundles: sold, ..demand? };
    let sold = &demand.bundles.keys;
    demand.quarantined.retain(|(key, _)| sold.binary_search(key).is_err());
    Ok(demand)
}

/// Refuses orders whose order and line numbers name no lines.
pub(crate) fn check_lines(orders: &ReadOrders, max_bad_rows: f64) -> Result<()> {
    let mut used = vec![true; orders.rows.item.len()];
    repeats::repeats(&orders.rows, &used).into_iter().for_each(|at| used[at] = false);
    duplicates::duplicates(&orders.rows, &used).check(orders, max_bad_rows)
}

/// Sets rows aside that are dated long before all others.
fn leave_out_before_beginning(orders: &mut ReadOrders, used: &mut [bool]) {
    let Some(Beginning { first, before }) = gaps::beginning(&orders.rows) else { return };
    let message = |day: Day| {
        format!(
            "`date` = {}: nothing at all was sold from {} to {}",
            date_of(day),
            date_of(before + 1),
            date_of(first - 1)
        )
    };

    for at in (0..used.len()).filter(|at| used[*at]).collect::<Vec<_>>() {
        let day = orders.rows.day[at];
        if day < first {
            used[at] = false;
            orders.set_row_aside(at, Code::UnlikelyDate, &message(day));
        }
    }
}

/// Sets rows aside that another file holds too, and says how many.
fn leave_out_repeats(orders: &mut ReadOrders, used: &mut [bool], findings: &mut Vec<Finding>) {
    let repeats = repeats::repeats(&orders.rows, used);
    for at in &repeats {
        used[*at] = false;
        orders.set_row_aside(*at, Code::RepeatedRow, "another file holds the same row");
    }
    let name = |file: usize| orders.tallies.get(file).map(|tally| &*tally.name);
    findings.extend(repeats::by_chance(&orders.rows, &repeats, name));

    let message = match repeats.len() {
        0 => return,
        1 => {
            "1 row stands in another file of the input too, with the same order_id; it counts once"
                .to_owned()
        }
        rows => format!(
            "{rows} rows stand in another file of the input too, with the same order_id; each \
             counts as often as in the file that has most of it"
        ),
    };
    findings.push(Finding::of_table(Code::RepeatedRow, "orders", message));
}

/// The day that a return is moved to, if its sale is known: by index of the row.
pub(crate) type Moved = BTreeMap<usize, Day>;

/// Quantity of a row, units.
fn quantity(rows: &OrderRows, at: usize) -> Fixed {
    Fixed::of_steps(rows.quantity[at])
}

/// Everything that is read of a row but its place.
type Content = [u64; 5];

/// What two rows are compared by.
fn content(rows: &OrderRows, at: usize) -> Content {
    let text = |column| OrderRows::text_at(column, at);
    let price = rows.price_at(at).map_or(NO_PRICE, |price| price.steps());

    [
        packed_pair(text(&rows.order_id), rows.item[at]),
        packed_pair(text(&rows.line), text(&rows.customer)),
        packed_pair(0, rows.day[at] as u32),
        rows.quantity[at] as u64,
        price as u64,
    ]
}

/// Two numbers in one that differs if either does.
fn packed_pair(a: u32, b: u32) -> u64 {
    u64::from(a) << 32 | u64::from(b)
}
