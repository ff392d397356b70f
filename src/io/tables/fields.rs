//! The fields of one row: an optional one that cannot be read is left out and noted, so that a bad
//! lead time does not lose the item.

use std::cell::RefCell;
use std::ops::Deref;

use crate::domain::tables::Doubt;
use crate::io::values::{Flaw, Row};

/// Columns that say whether an item is bought, from whom, how much of it or at what price: order
/// lines need review where one of them cannot be read.
const BEARING_ON_ORDERS: &[&str] = &[
    "supplier",
    "supplier_sku",
    "unit_cost",
    "status",
    "end_date",
    "moq",
    "pack_size",
    "max_stock",
    "shelf_life_days",
    "active",
    "currency",
    "min_order_value",
];

/// A field that was left out of its row.
pub(super) struct LeftOut {
    pub(super) column: &'static str,
    pub(super) flaw: Flaw,
}

impl LeftOut {
    /// Whether orders should be looked at without the field.
    pub(super) fn bears_on_orders(&self) -> bool {
        BEARING_ON_ORDERS.contains(&self.column)
    }
}

/// A row that remembers which of its fields were left out.
pub(super) struct Fields<'a> {
    row: Row<'a>,
    left_out: RefCell<Vec<LeftOut>>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(row: Row<'a>) -> Self {
        Self { row, left_out: RefCell::default() }
    }

    /// An optional field; `None` if it is empty, and if it cannot be read, which is noted.
    pub(super) fn optional<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(&Row<'a>, &str) -> Result<Option<T>, Flaw>,
    ) -> Option<T> {
        read(&self.row, column).unwrap_or_else(|flaw| {
            self.left_out.borrow_mut().push(LeftOut { column, flaw });
            None
        })
    }

    /// The fields that were left out.
    pub(super) fn left_out(self) -> Vec<LeftOut> {
        self.left_out.into_inner()
    }
}

impl<'a> Deref for Fields<'a> {
    type Target = Row<'a>;

    fn deref(&self) -> &Row<'a> {
        &self.row
    }
}

/// What a row is about, by those columns that name it.
///
/// # Errors
/// When one of them cannot be read.
pub(super) fn subject(row: &Row<'_>) -> Result<Doubt, Flaw> {
    let names = |column: &str| row.table.unique.contains(&column);
    Ok(Doubt {
        sku: if names("sku") { Some(row.sku()?) } else { None },
        location: if names("location") { Some(row.location()?) } else { None },
        supplier: if names("supplier") { Some(row.text("supplier")?) } else { None },
    })
}
