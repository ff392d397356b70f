//! A stock table that cannot be the whole: nothing goes out on it.

use super::{OrderBook, OrderFinding};
use crate::domain::finding::{Code, Finding};
use crate::domain::stock_coverage::StockCoverage;

/// Holds every order line where the stock table cannot be the whole; gives what is wrong with it.
pub fn hold_on_stock_gap(book: &mut OrderBook, coverage: &StockCoverage) -> Option<String> {
    let gap = coverage.gap()?;
    book.hold();

    let message = format!("{gap}; all order lines are held");
    let finding = Finding::of_table(Code::StockIncomplete, "stock", message);
    book.findings.push(OrderFinding { recipient: None, finding });
    Some(gap)
}
