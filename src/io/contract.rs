//! The input tables as data: which columns each has, what they hold, and which must be there.
//!
//! This is the one place that knows them. The readers look columns up here, and so do the messages
//! about misspelt ones.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Any text; keys are text too.
    Text,
    /// A decimal number.
    Number,
    /// A date, with or without a time.
    Date,
    /// A number from 0 to 1.
    Share,
    /// Yes or no.
    Flag,
    /// One of a few words.
    Choice,
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the contract.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether the table is of no use without it.
    pub required: bool,
}

/// One table of the contract.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name, as in `[inputs.<name>]`.
    pub name: &'static str,
    /// Its columns, in the contract's order.
    pub columns: &'static [Column],
    /// Columns that together name a row, so that no two rows may agree in all of them; empty if
    /// rows may repeat. Rows of stock may, as of several bins, and add up.
    pub unique: &'static [&'static str],
    /// Whether a row without a location is about the location `main`; if not, it is about every
    /// one.
    pub at_main: bool,
}

impl Table {
    /// The position of a column among the table's own.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|own| own.name == column)
    }
}

/// The table whose rows of one item and location add up.
pub const STOCK: &str = "stock";
/// The table whose rows say what bundles are made of; those of one component add up.
pub const COMPONENTS: &str = "components";
/// The table whose rows are units on their way.
pub const PURCHASE_ORDERS: &str = "purchase_orders";

/// The table of that name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

const fn required(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind, required: true }
}

const fn optional(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind, required: false }
}

use ColumnKind::{Choice, Date, Flag, Number, Share, Text};

/// Every table, in the contract's order.
pub const TABLES: &[Table] = &[
    Table {
        name: "orders",
        columns: &[
            required("date", Date),
            required("sku", Text),
            required("quantity", Number),
            optional("location", Text),
            optional("order_id", Text),
            optional("line", Text),
            optional("unit_price", Number),
            optional("customer", Text),
            optional("channel", Text),
            optional("status", Text),
            optional("fulfilment", Choice),
            optional("promotion", Text),
        ],
        unique: &[],
        at_main: true,
    },
    Table {
        name: "items",
        columns: &[
            required("sku", Text),
            optional("description", Text),
            optional("category", Text),
            optional("supplier", Text),
            optional("supplier_sku", Text),
            optional("gtin", Text),
            optional("unit_cost", Number),
            optional("unit_price", Number),
            optional("status", Choice),
            optional("launch_date", Date),
            optional("end_date", Date),
            optional("replaces", Text),
            optional("lead_time_days", Number),
            optional("lead_time_sd_days", Number),
            optional("lead_time_until", Date),
            optional("order_cost", Number),
            optional("moq", Number),
            optional("pack_size", Number),
            optional("min_stock", Number),
            optional("max_stock", Number),
            optional("presentation_stock", Number),
            optional("shelf_life_days", Number),
            optional("weight_kg", Number),
            optional("volume_m3", Number),
            optional("uom", Text),
            optional("similar_to", Text),
            optional("similar_factor", Number),
            optional("target", Text),
            optional("backorder_policy", Choice),
            optional("backorder_limit_units", Number),
            optional("backorder_limit_days", Number),
        ],
        unique: &["sku"],
        at_main: false,
    },
    Table {
        name: "item_suppliers",
        columns: &[
            required("sku", Text),
            required("supplier", Text),
            optional("rank", Number),
            optional("supplier_sku", Text),
            optional("unit_cost", Number),
            optional("moq", Number),
            optional("pack_size", Number),
            optional("lead_time_days", Number),
            optional("lead_time_sd_days", Number),
            optional("order_cost", Number),
            optional("drop_ship_cost", Number),
        ],
        unique: &["sku", "supplier"],
        at_main: false,
    },
    Table {
        name: "item_locations",
        columns: &[
            required("sku", Text),
            required("location", Text),
            optional("supplier", Text),
            optional("min_stock", Number),
            optional("max_stock", Number),
            optional("target", Text),
            optional("active", Flag),
        ],
        unique: &["sku", "location"],
        at_main: false,
    },
    Table {
        name: STOCK,
        columns: &[
            required("sku", Text),
            required("on_hand", Number),
            optional("location", Text),
            optional("allocated", Number),
            optional("backorders", Number),
            optional("counted_on", Date),
        ],
        unique: &["sku", "location"],
        at_main: true,
    },
    Table {
        name: PURCHASE_ORDERS,
        columns: &[
            required("po_number", Text),
            optional("line", Text),
            required("supplier", Text),
            required("sku", Text),
            required("quantity", Number),
            optional("received_quantity", Number),
            required("ordered_on", Date),
            optional("expected_on", Date),
            optional("location", Text),
            optional("reference", Text),
        ],
        unique: &["po_number", "line", "sku", "location", "quantity", "ordered_on", "expected_on"],
        at_main: true,
    },
    Table {
        name: "receipts",
        columns: &[
            required("po_number", Text),
            required("supplier", Text),
            required("sku", Text),
            required("quantity", Number),
            required("ordered_on", Date),
            required("received_on", Date),
            optional("promised_on", Date),
            optional("location", Text),
            optional("expedited", Flag),
            optional("reference", Text),
        ],
        unique: &[],
        at_main: true,
    },
    Table {
        name: "suppliers",
        columns: &[
            required("supplier", Text),
            optional("name", Text),
            optional("lead_time_days", Number),
            optional("lead_time_sd_days", Number),
            optional("lead_time_until", Date),
            optional("business_days", Flag),
            optional("review_period_days", Number),
            optional("order_weekdays", Text),
            optional("min_order_value", Number),
            optional("order_cost", Number),
            optional("container_weight_kg", Number),
            optional("container_volume_m3", Number),
            optional("container_cost", Number),
            optional("currency", Text),
            optional("email", Text),
            optional("drop_ships", Flag),
            optional("payment_days", Number),
            optional("deposit_share", Number),
        ],
        unique: &["supplier"],
        at_main: false,
    },
    Table {
        name: "closures",
        columns: &[required("supplier", Text), required("from", Date), required("to", Date)],
        unique: &[],
        at_main: false,
    },
    Table {
        name: "price_breaks",
        columns: &[
            required("supplier", Text),
            required("sku", Text),
            required("min_quantity", Number),
            required("unit_cost", Number),
        ],
        unique: &["supplier", "sku", "min_quantity"],
        at_main: false,
    },
    Table {
        name: "availability",
        columns: &[
            required("date", Date),
            required("sku", Text),
            optional("location", Text),
            required("in_stock", Share),
        ],
        unique: &["date", "sku", "location"],
        at_main: true,
    },
    Table {
        name: "calendar",
        columns: &[required("date", Date), required("event", Text), optional("location", Text)],
        unique: &["date", "event", "location"],
        at_main: false,
    },
    Table {
        name: "prices",
        columns: &[
            required("sku", Text),
            optional("location", Text),
            required("from", Date),
            optional("to", Date),
            required("unit_price", Number),
            optional("promotion", Text),
        ],
        unique: &["sku", "location", "from", "to"],
        at_main: false,
    },
    Table {
        name: "overrides",
        columns: &[
            required("sku", Text),
            optional("location", Text),
            required("from", Date),
            required("to", Date),
            required("kind", Choice),
            required("value", Number),
            required("reason", Text),
            required("expires_on", Date),
        ],
        unique: &[],
        at_main: false,
    },
    Table {
        name: "backorders",
        columns: &[
            required("order_id", Text),
            optional("line", Text),
            optional("customer", Text),
            required("sku", Text),
            optional("location", Text),
            required("quantity", Number),
            required("ordered_on", Date),
            optional("promised_on", Date),
            optional("priority", Number),
            optional("ship_complete", Flag),
            optional("country", Text),
            optional("credit", Flag),
            optional("unit_price", Number),
        ],
        unique: &[],
        at_main: true,
    },
    Table {
        name: "customers",
        columns: &[
            required("customer", Text),
            optional("name", Text),
            optional("email", Text),
            optional("country", Text),
            optional("consumer", Flag),
            optional("priority", Number),
            optional("backorder_policy", Choice),
            optional("backorder_limit_units", Number),
            optional("backorder_limit_days", Number),
        ],
        unique: &["customer"],
        at_main: false,
    },
    Table {
        name: "locations",
        columns: &[
            required("location", Text),
            optional("name", Text),
            optional("supplied_by", Text),
            optional("lead_time_days", Number),
        ],
        unique: &["location"],
        at_main: false,
    },
    Table {
        name: COMPONENTS,
        columns: &[
            required("sku", Text),
            required("component", Text),
            required("quantity", Number),
            optional("from", Date),
            optional("to", Date),
        ],
        unique: &["sku", "component", "from", "to"],
        at_main: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_is_named_once_and_unique_keys_are_columns() {
        for table in TABLES {
            for (position, column) in table.columns.iter().enumerate() {
                assert_eq!(
                    table.position(column.name),
                    Some(position),
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
            assert!(
                table.unique.iter().all(|name| table.position(name).is_some()),
                "{}",
                table.name
            );
        }
    }
}
