//! What the purchasing system says of orders: its open lines and its receipts, brought together by
//! its own number and the item.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::ledger::KnownOrder;
use crate::domain::lookups::rows;
use crate::domain::tables::{Tables, Text};

/// An order of one item as the purchasing system has it.
#[derive(Debug, Clone)]
pub(super) struct SeenOrder<'a> {
    /// Its number there.
    pub(super) po_number: &'a Text,
    /// Our number, where it keeps it.
    pub(super) reference: Option<&'a Text>,
    /// Who delivers.
    pub(super) supplier: &'a Text,
    /// The item.
    pub(super) key: &'a Key,
    /// The day on which it was ordered; `None` if the table does not say.
    pub(super) ordered_on: Option<Day>,
    /// Units still to come.
    pub(super) open: Fixed,
    /// Units that came: by the receipts, or by the table of open orders where that says more.
    pub(super) received: Fixed,
    /// Units that came by the table of open orders.
    told_received: Fixed,
    /// The day on which the last of them came.
    pub(super) last_received: Option<Day>,
    /// Whether it is in the table of open orders.
    pub(super) is_open: bool,
    /// Whether it was open on an earlier night: it cannot be what was handed over after that.
    pub(super) is_known: bool,
}

impl<'a> SeenOrder<'a> {
    fn new(po_number: &'a Text, supplier: &'a Text, key: &'a Key) -> Self {
        Self {
            po_number,
            reference: None,
            supplier,
            key,
            ordered_on: None,
            open: Fixed::ZERO,
            received: Fixed::ZERO,
            told_received: Fixed::ZERO,
            last_received: None,
            is_open: false,
            is_known: false,
        }
    }

    /// Units ordered: those that came and those that are to come.
    pub(super) fn ordered(&self) -> Fixed {
        self.open + self.received
    }
}

/// The orders that the tables name, by number and item; of receipts those that came on these days.
/// An order of nothing is none: that is how some systems keep what was cancelled.
pub(super) fn seen_orders<'a>(
    tables: &'a Tables,
    days: Range<Day>,
    known: &BTreeSet<KnownOrder>,
) -> Vec<SeenOrder<'a>> {
    let mut seen: BTreeMap<(&Text, &Key), SeenOrder<'a>> = BTreeMap::new();
    for row in rows(&tables.purchase_orders) {
        let order = seen
            .entry((&row.po_number, &row.key))
            .or_insert_with(|| SeenOrder::new(&row.po_number, &row.supplier, &row.key));
        order.reference = order.reference.or(row.reference.as_ref());
        order.ordered_on = order.ordered_on.or(row.ordered_on);
        order.open += row.quantity;
        order.told_received += row.received;
        order.is_open = true;
        order.is_known = known.contains(&(row.po_number.clone(), row.key.clone()));
    }
    for row in rows(&tables.receipts).iter().filter(|row| days.contains(&row.received_on)) {
        let order = seen
            .entry((&row.po_number, &row.key))
            .or_insert_with(|| SeenOrder::new(&row.po_number, &row.supplier, &row.key));
        order.reference = order.reference.or(row.reference.as_ref());
        order.ordered_on = order.ordered_on.or(Some(row.ordered_on));
        order.received += row.quantity;
        order.last_received = order.last_received.max(Some(row.received_on));
        let name = (row.po_number.clone(), row.key.clone());
        order.is_known |= known.contains(&name);
    }

    let counted = seen
        .into_values()
        .map(|order| SeenOrder { received: order.received.max(order.told_received), ..order });
    counted.filter(|order| order.ordered() > Fixed::ZERO).collect()
}
