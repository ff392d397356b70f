//! From order rows to demand: duplicates, cancellations and returns settled, then summed by item
//! and day.
//!
//! Which row wins never depends on the order in which rows were read: ties are broken by what the
//! rows hold.

mod cancel;
mod daily;
mod duplicates;

use std::collections::BTreeMap;

use super::orders::{OrderRows, ReadOrders};
use crate::config::choices::Returns;
use crate::config::settings::Demand;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::tables::CleanDemand;
use crate::error::Result;

/// Applies the row rules and sums what is left, up to the day before `as_of`.
pub(crate) fn clean(
    orders: &mut ReadOrders,
    demand: &Demand,
    findings: &mut Vec<Finding>,
) -> Result<CleanDemand> {
    let mut used = vec![true; orders.rows.item.len()];
    for at in duplicates::losers(&orders.rows) {
        used[at] = false;
        orders.set_row_aside(
            at,
            Code::DuplicateLine,
            "another row has the same order_id and line, and goes before it",
        );
    }

    for (sale, cancellation) in cancel::pairs(&orders.rows, &used, demand.cancel_match_days) {
        used[sale] = false;
        used[cancellation] = false;
        let (sale_row, cancel_row) = (orders.rows.row[sale], orders.rows.row[cancellation]);
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
    daily::sum(orders, &used, &moved)
}

/// The day that a return is moved to, if its sale is known: by index of the row.
pub(crate) type Moved = BTreeMap<usize, Day>;

/// Quantity of a row, units.
fn quantity(rows: &OrderRows, at: usize) -> Fixed {
    Fixed(rows.quantity[at])
}
