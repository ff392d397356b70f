//! Rows about stock: those of one item and location add up, and one that cannot be read leaves its
//! item's stock unknown.

use super::fields::Fields;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::Stock;
use crate::domain::wording::counted;
use crate::io::values::Flaw;

pub(super) fn stock(row: &Fields<'_>) -> Result<Stock, Flaw> {
    Ok(Stock {
        key: row.key()?,
        on_hand: row.any_fixed("on_hand")?,
        allocated: row.opt_fixed("allocated")?.unwrap_or(Fixed::ZERO),
        backorders: row.opt_fixed("backorders")?,
        counted_on: row.opt_day("counted_on")?,
    })
}

/// Adds up the rows of each item and location; `rows` are sorted by them. What is there is as old
/// as the oldest of its counts.
pub(super) fn added_up(rows: Vec<Stock>) -> (Vec<Stock>, Option<Finding>) {
    let mut sums: Vec<Stock> = Vec::with_capacity(rows.len());
    let (mut items, mut added) = (0_usize, 0_usize);
    let (mut last_added, mut dates_differ) = (None::<Key>, false);

    for row in rows {
        let Some(sum) = sums.last_mut().filter(|sum| sum.key == row.key) else {
            sums.push(row);
            continue;
        };

        dates_differ |= sum.counted_on != row.counted_on;
        sum.on_hand += row.on_hand;
        sum.allocated += row.allocated;
        sum.backorders = match (sum.backorders, row.backorders) {
            (Some(some), Some(more)) => Some(some + more),
            (some, more) => some.or(more),
        };
        sum.counted_on = sum.counted_on.into_iter().chain(row.counted_on).min();

        added += 1;
        if last_added.as_ref() != Some(&row.key) {
            items += 1;
            last_added = Some(row.key);
        }
    }

    let finding = (items > 0).then(|| {
        let all = counted(items + added, "row");
        let verb = if items == 1 { "has" } else { "have" };
        let dates = if dates_differ {
            "; some differ in `counted_on`: if they are counts of several days, export the newest \
             alone"
        } else {
            ""
        };
        let message = format!(
            "{} {verb} several rows, {all} in all, which add up{dates}",
            counted(items, "item")
        );
        Finding::of_table(Code::StockAddsUp, "stock", message)
    });
    (sums, finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sku: &str, on_hand: i64, counted_on: Option<i32>) -> Stock {
        Stock {
            key: Key::new(sku, "main"),
            on_hand: Fixed::from_units(on_hand),
            allocated: Fixed::ONE,
            backorders: None,
            counted_on,
        }
    }

    #[test]
    fn rows_of_one_item_add_up_and_are_as_old_as_the_oldest() {
        let waiting = Stock { backorders: Some(Fixed::ONE), ..row("a", -3, Some(8)) };
        let rows = vec![row("a", 60, Some(9)), waiting, row("a", 50, None), row("b", 7, None)];
        let (sums, finding) = added_up(rows);
        assert_eq!((sums.len(), sums[0].on_hand), (2, Fixed::from_units(107)));
        assert_eq!(sums[0].allocated, Fixed::from_units(3));
        assert_eq!((sums[0].backorders, sums[0].counted_on), (Some(Fixed::ONE), Some(8)));
        let said = finding.map(|finding| finding.message).unwrap_or_default();
        assert!(said.starts_with("1 item has several rows, 3 rows in all, which add up"), "{said}");
        assert!(said.contains("export the newest"), "{said}");

        assert_eq!(added_up(vec![row("a", 1, None), row("b", 1, None)]).1, None);
    }
}
