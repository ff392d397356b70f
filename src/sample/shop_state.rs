//! The whole shop: every item at every location where it is sold, simulated and brought together.

use super::catalogue::{CatalogueItem, catalogue};
use super::dates::at;
use super::dice::Dice;
use super::season::{Promotion, promotions};
use super::shop::{OneOff, Setting, ShelfHistory, play};
use super::stories;
use super::suppliers::{SupplierClosure, closures};

/// Number of trade customers.
pub(super) const CUSTOMERS: usize = 30;

/// The two locations: the depot that serves the web shop and trade, and the shop in town.
pub(super) const LOCATIONS: [&str; 2] = ["depot", "shop"];

/// An item at a location, and what happened there.
pub(super) struct ShopShelf {
    pub(super) item: usize,
    pub(super) location: usize,
    pub(super) history: ShelfHistory,
}

/// The shop after all days of the history.
pub(super) struct ShopState {
    pub(super) items: Vec<CatalogueItem>,
    pub(super) promotions: Vec<Promotion>,
    pub(super) closures: Vec<SupplierClosure>,
    /// Sorted by item, then location.
    pub(super) shelves: Vec<ShopShelf>,
}

/// Builds the shop of a seed.
pub(super) fn build(seed: u64) -> ShopState {
    let mut items = catalogue(seed);
    stories::tell(&mut items);
    let promotions = promotions();
    let closures = closures();

    let mut shelves = Vec::new();
    for (number, item) in items.iter().enumerate() {
        for (location, name) in LOCATIONS.iter().enumerate() {
            let in_shop = location == 1;
            if in_shop && item.shop_share == 0.0 {
                continue;
            }

            let mut dice = Dice::new(seed, &format!("{}|{name}", item.sku));
            let setting = Setting {
                item,
                in_shop,
                promotions: promotions.iter().filter(|it| takes_part(it, item, number)).collect(),
                closures: &closures,
                regulars: std::array::from_fn(|_| dice.below(CUSTOMERS)),
                one_offs: if in_shop { Vec::new() } else { one_offs(item) },
            };
            shelves.push(ShopShelf { item: number, location, history: play(&setting, &mut dice) });
        }
    }

    ShopState { items, promotions, closures, shelves }
}

/// Whether an item is part of a promotion.
pub(super) fn takes_part(promotion: &Promotion, item: &CatalogueItem, number: usize) -> bool {
    promotion.category == item.category && number.is_multiple_of(promotion.every)
}

/// Large orders that will not come again: a hotel's opening, a wedding, a builder's yard.
fn one_offs(item: &CatalogueItem) -> Vec<OneOff> {
    match item.sku.as_str() {
        "CE-1031" => vec![OneOff { day: at(2025, 9, 17), units: 140 }],
        "TX-1004" => vec![OneOff { day: at(2026, 2, 11), units: 90 }],
        "001046" => vec![OneOff { day: at(2025, 11, 5), units: 60 }],
        _ => Vec::new(),
    }
}
