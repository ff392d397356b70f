//! The rows of the tables that belong to some of the skus, and such rows brought together again in
//! the order of their tables.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{
    Backorder, Item, ItemLocation, ItemSupplier, OpenOrder, PriceBreak, Receipt, Stock, Tables,
};

/// Rows of a table, each with its place in it.
type Placed<T> = Vec<(u32, T)>;

/// Declares the tables whose rows belong to skus: `field: Row, of its sku`.
macro_rules! tables_by_sku {
    ($($field:ident: $row:ty, |$of:ident| $sku:expr;)*) => {
        /// The rows that belong to some skus.
        #[derive(Debug, Default, Serialize, Deserialize)]
        pub(super) struct RowsBySku {
            $($field: Placed<$row>,)*
            unreadable_stock: BTreeSet<Key>,
        }

        impl RowsBySku {
            /// Takes the rows of all tables apart by the number that each sku has, from 0 to
            /// `of − 1`.
            pub(super) fn apart(
                tables: &Tables,
                of: usize,
                number: impl Fn(&str) -> usize,
            ) -> Vec<Self> {
                let mut out: Vec<Self> = Vec::new();
                out.resize_with(of, Self::default);
                $(for (at, $of) in rows(&tables.$field).iter().enumerate() {
                    out[number(&$sku)].$field.push((at as u32, $of.clone()));
                })*
                for key in &tables.unreadable_stock {
                    out[number(&key.sku)].unreadable_stock.insert(key.clone());
                }
                out
            }

            /// Leaves out the rows of skus that are not wanted.
            pub(super) fn retain(&mut self, is_wanted: impl Fn(&str) -> bool) {
                $(self.$field.retain(|(_, $of)| is_wanted(&$sku));)*
                self.unreadable_stock.retain(|key| is_wanted(&key.sku));
            }

            /// Puts the rows of all parts into tables that are given, in the order in which they
            /// stood.
            pub(super) fn put_into(parts: Vec<Self>, tables: &mut Tables) {
                let mut all = Self::default();
                for part in parts {
                    $(all.$field.extend(part.$field);)*
                    all.unreadable_stock.extend(part.unreadable_stock);
                }
                $(if let Some(table) = &mut tables.$field {
                    all.$field.sort_unstable_by_key(|(at, _)| *at);
                    table.extend(all.$field.into_iter().map(|(_, row)| row));
                })*
                tables.unreadable_stock.extend(all.unreadable_stock);
            }
        }

        /// The tables without the rows that belong to skus.
        pub(super) fn without_rows_by_sku(tables: &Tables) -> Tables {
            Tables {
                $($field: tables.$field.as_ref().map(|_| Vec::new()),)*
                suppliers: tables.suppliers.clone(),
                closures: tables.closures.clone(),
                locations: tables.locations.clone(),
                components: tables.components.clone(),
                bundles: tables.bundles.clone(),
                doubts: tables.doubts.clone(),
                ..Tables::default()
            }
        }
    };
}

tables_by_sku! {
    items: Item, |row| row.sku;
    item_suppliers: ItemSupplier, |row| row.sku;
    item_locations: ItemLocation, |row| row.key.sku;
    stock: Stock, |row| row.key.sku;
    purchase_orders: OpenOrder, |row| row.key.sku;
    receipts: Receipt, |row| row.key.sku;
    price_breaks: PriceBreak, |row| row.sku;
    backorders: Backorder, |row| row.key.sku;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixed::Fixed;

    #[test]
    fn rows_that_were_taken_apart_stand_again_where_they_stood() {
        let item = |sku: String| Item { sku: sku.as_str().into(), ..Item::default() };
        let stock = |at: i64| Stock {
            key: Key::new(&format!("s{:02}", (at * 7) % 30), "main"),
            on_hand: Fixed::from_units(at),
            allocated: Fixed::ZERO,
            backorders: None,
            counted_on: None,
        };
        let tables = Tables {
            items: Some((0..30).map(|at| item(format!("s{at:02}"))).collect()),
            stock: Some((0..60).map(stock).collect()),
            receipts: Some(Vec::new()),
            unreadable_stock: [Key::new("s03", "main"), Key::new("s04", "main")].into(),
            ..Tables::default()
        };

        let number = |sku: &str| sku.len() + usize::from(sku.as_bytes()[2]) % 5;
        let mut parts = RowsBySku::apart(&tables, 10, number);
        parts.reverse();
        let mut again = without_rows_by_sku(&tables);
        RowsBySku::put_into(parts, &mut again);
        assert_eq!(again, tables);

        let mut parts = RowsBySku::apart(&tables, 10, number);
        parts.iter_mut().for_each(|part| part.retain(|sku| sku == "s03"));
        let mut few = without_rows_by_sku(&tables);
        RowsBySku::put_into(parts, &mut few);
        assert_eq!((rows(&few.items).len(), rows(&few.stock).len()), (1, 2));
        assert_eq!((few.unreadable_stock.len(), few.item_suppliers), (1, None));
    }
}
