//! What was decided of all items tonight, found by item.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Tables, Text};
use crate::plan::PlannedItem;
use crate::plan::item::facts::OpenLineFacts;
use crate::plan::open_order_advice::LineAdvice;
use crate::plan::orders::OrderBook;
use crate::plan::transfers::Transfer;

/// What was decided, as far as it bears on single items.
#[derive(Debug)]
pub struct Decided<'a> {
    /// All planned items, sorted by key.
    pub items: &'a [PlannedItem<'a>],
    /// Advice on open lines, sorted by order, line and item.
    pub advice: &'a [LineAdvice],
    /// Tonight's transfers.
    pub transfers: &'a [Transfer],
    /// Tonight's orders.
    pub book: &'a OrderBook,
    advice_on: BTreeMap<&'a Key, Vec<&'a LineAdvice>>,
    received: BTreeMap<&'a Key, &'a Transfer>,
    sent: BTreeMap<Key, Fixed>,
    not_sent: BTreeSet<Key>,
    successors: BTreeMap<&'a str, Vec<&'a Text>>,
}

impl<'a> Decided<'a> {
    /// Of these decisions.
    #[must_use]
    pub fn new(
        tables: &'a Tables,
        items: &'a [PlannedItem<'a>],
        advice: &'a [LineAdvice],
        transfers: &'a [Transfer],
        book: &'a OrderBook,
    ) -> Self {
        let mut advice_on: BTreeMap<&Key, Vec<&LineAdvice>> = BTreeMap::new();
        for line in advice {
            advice_on.entry(&line.key).or_default().push(line);
        }
        let mut sent: BTreeMap<Key, Fixed> = BTreeMap::new();
        for transfer in transfers {
            *sent.entry(transfer.giver()).or_default() += transfer.quantity;
        }
        let waiting = book.lines.iter().filter(|line| !line.state.is_free());
        let key =
            |(sku, location): (&Text, &Text)| Key { sku: sku.clone(), location: location.clone() };
        let mut successors: BTreeMap<&str, Vec<&Text>> = BTreeMap::new();
        for item in rows(&tables.items) {
            if let Some(replaced) = &item.replaces {
                successors.entry(replaced).or_default().push(&item.sku);
            }
        }

        Self {
            items,
            advice,
            transfers,
            book,
            advice_on,
            received: transfers.iter().map(|transfer| (&transfer.key, transfer)).collect(),
            sent,
            not_sent: waiting.map(|line| key((&line.sku, &line.location))).collect(),
            successors,
        }
    }

    /// An item with its plan.
    #[must_use]
    pub fn item(&self, key: &Key) -> Option<&'a PlannedItem<'a>> {
        let at = self.items.binary_search_by(|item| item.key().cmp(key)).ok()?;
        Some(&self.items[at])
    }

    /// The advice on an open line of an item.
    #[must_use]
    pub fn advice_on(&self, key: &Key, line: &OpenLineFacts<'_>) -> Option<&'a LineAdvice> {
        let of_item = self.advice_on.get(key)?.iter().copied();
        of_item
            .into_iter()
            .find(|advice| advice.po_number == line.row.po_number && advice.line == line.row.line)
    }

    /// What another location sends of an item tonight.
    #[must_use]
    pub fn received(&self, key: &Key) -> Option<&'a Transfer> {
        self.received.get(key).copied()
    }

    /// Units that an item's location sends to others tonight.
    #[must_use]
    pub fn sent(&self, key: &Key) -> Fixed {
        self.sent.get(key).copied().unwrap_or_default()
    }

    /// Whether tonight's order line of an item waits for a person.
    #[must_use]
    pub fn waits_for_a_person(&self, key: &Key) -> bool {
        self.not_sent.contains(key)
    }

    /// Units that an item can spare tonight: free beyond its safety stock, and not sent to others.
    #[must_use]
    pub fn spare(&self, item: &PlannedItem<'_>) -> Fixed {
        let safety = item.row.levels.safety_stock.max(0.0).ceil();
        let kept = Fixed::from_f64(safety).unwrap_or(Fixed::MAX);
        let gone = self.sent(item.key());
        item.row.stock.map_or(Fixed::ZERO, |stock| (stock.free() - kept - gone).or_zero())
    }

    /// The items that follow another one, by sku.
    #[must_use]
    pub fn successors(&self, sku: &str) -> &[&'a Text] {
        self.successors.get(sku).map_or(&[], Vec::as_slice)
    }
}
