//! One text for each name: what several rows say is held once.

use std::collections::HashSet;

use crate::domain::tables::{CleanDemand, Item, Tables, Text};

/// The texts that are held so far. Which of equal ones is held appears in no output.
#[derive(Debug, Default)]
struct Held(HashSet<Text>);

impl Held {
    /// Holds a text once.
    fn share(&mut self, text: &mut Text) {
        match self.0.get(text) {
            Some(held) => text.clone_from(held),
            None => drop(self.0.insert(text.clone())),
        }
    }

    fn share_all<'a>(&mut self, texts: impl IntoIterator<Item = Option<&'a mut Text>>) {
        texts.into_iter().flatten().for_each(|text| self.share(text));
    }
}

/// Makes the rows of all items share the texts in which they are alike: skus, and names of
/// suppliers, categories, locations and units of measure.
pub(super) fn share_texts(demand: &mut CleanDemand, tables: &mut Tables) {
    let mut names = Held::default();
    for item in tables.items.iter_mut().flatten() {
        names.share_all([item.category.as_mut(), item.supplier.as_mut(), item.uom.as_mut()]);
    }
    let stock = tables.stock.iter_mut().flatten().map(|row| &mut row.key);
    stock.for_each(|key| names.share(&mut key.location));
    for row in tables.purchase_orders.iter_mut().flatten() {
        names.share_all([Some(&mut row.supplier), Some(&mut row.key.location)]);
    }
    for row in tables.receipts.iter_mut().flatten() {
        names.share_all([Some(&mut row.supplier), Some(&mut row.key.location)]);
    }

    let items = tables.items.as_deref().unwrap_or(&[]);
    let of_demand = demand.keys.iter_mut().map(|key| &mut key.sku);
    share_sorted(items, of_demand);
    share_sorted(items, tables.stock.iter_mut().flatten().map(|row| &mut row.key.sku));
    let of_orders = tables.purchase_orders.iter_mut().flatten().map(|row| &mut row.key.sku);
    let of_receipts = tables.receipts.iter_mut().flatten().map(|row| &mut row.key.sku);
    for sku in of_orders.chain(of_receipts) {
        if let Ok(at) = items.binary_search_by(|item| item.sku.cmp(sku)) {
            sku.clone_from(&items[at].sku);
        }
    }
}

/// Makes skus those of the items, both in order.
fn share_sorted<'a>(items: &[Item], skus: impl Iterator<Item = &'a mut Text>) {
    let mut items = items.iter().map(|item| &item.sku).peekable();
    for sku in skus {
        while items.next_if(|item| **item < *sku).is_some() {}
        if let Some(item) = items.peek().filter(|item| ***item == *sku) {
            sku.clone_from(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixed::Fixed;
    use crate::domain::key::Key;
    use crate::domain::tables::Stock;
    use std::sync::Arc;

    #[test]
    fn rows_that_name_the_same_item_and_supplier_hold_one_text() {
        let item = |sku: &str, supplier: &str| Item {
            sku: sku.into(),
            supplier: Some(supplier.into()),
            ..Item::default()
        };
        let stock = |sku: &str| Stock {
            key: Key::new(sku, "main"),
            on_hand: Fixed::ZERO,
            allocated: Fixed::ZERO,
            backorders: None,
            counted_on: None,
        };
        let mut tables = Tables {
            items: Some(vec![item("a", "ACME"), item("c", "ACME"), item("d", "NORD")]),
            stock: Some(vec![stock("a"), stock("b"), stock("d")]),
            ..Tables::default()
        };
        let keys = vec![Key::new("a", "main"), Key::new("c", "main"), Key::new("c", "south")];
        let mut demand = CleanDemand { keys, ..CleanDemand::default() };
        let (tables_before, demand_before) = (tables.clone(), demand.clone());

        share_texts(&mut demand, &mut tables);
        assert_eq!((&tables, &demand), (&tables_before, &demand_before));
        let (items, stock) = (tables.items.unwrap(), tables.stock.unwrap());
        let is_one = |a: &Text, b: &Text| Arc::ptr_eq(a, b);
        assert!(is_one(items[0].supplier.as_ref().unwrap(), items[1].supplier.as_ref().unwrap()));
        assert!(is_one(&items[0].sku, &demand.keys[0].sku));
        assert!(is_one(&items[1].sku, &demand.keys[2].sku));
        assert!(is_one(&items[2].sku, &stock[2].key.sku));
        assert!(is_one(&stock[0].key.location, &stock[2].key.location));
    }
}
