//! The whole shop: every item at every location where it is sold, played and brought together.

use super::catalogue::{Item, catalogue};
use super::dates::at;
use super::dice::Dice;
use super::season::{Promotion, promotions};
use super::shop::{History, Setting, play};
use super::stories;
use super::suppliers::closures;

/// Number of trade customers.
pub(super) const CUSTOMERS: usize = 30;

/// The two locations: the depot that serves the web shop and trade, and the shop in town.
pub(super) const LOCATIONS: [&str; 2] = ["depot", "shop"];

/// An item at a location, and what happened there.
pub(super) struct Shelf {
    pub(super) item: usize,
    pub(super) location: usize,
    pub(super) history: History,
}

/// The finished shop.
pub(super) struct World {
    pub(super) items: Vec<Item>,
    pub(super) promotions: Vec<Promotion>,
    pub(super) closures: Vec<(usize, i32, i32)>,
    /// Sorted by item, then location.
    pub(super) shelves: Vec<Shelf>,
}

/// Builds the shop of a seed.
pub(super) fn build(seed: u64) -> World {
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
            shelves.push(Shelf { item: number, location, history: play(&setting, &mut dice) });
        }
    }
    World { items, promotions, closures, shelves }
}

/// Whether an item is part of a promotion.
pub(super) fn takes_part(promotion: &Promotion, item: &Item, number: usize) -> bool {
    promotion.category == item.category && number.is_multiple_of(promotion.every)
}

/// Large orders that will not come again: a hotel's opening, a wedding, a builder's yard.
fn one_offs(item: &Item) -> Vec<(i32, i64)> {
    match item.sku.as_str() {
        "CE-1031" => vec![(at(2025, 9, 17), 140)],
        "TX-1004" => vec![(at(2026, 2, 11), 90)],
        "001046" => vec![(at(2025, 11, 5), 60)],
        _ => Vec::new(),
    }
}
