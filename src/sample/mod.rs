//! A small made-up shop to try everything on: homeware, garden, tools and coffee, two locations,
//! eight suppliers.
//!
//! The shop is played day by day from a seed, with the same result on every platform. `restock
//! init` writes it, and the repository's `data/` holds what it writes.

mod catalogue;
mod dates;
mod dice;
mod dirt;
mod master;
mod movements;
mod orders;
mod plans;
mod season;
mod sheet;
mod shop;
mod stories;
mod suppliers;
mod world;

pub use dates::AS_OF;

/// The seed of the shop in `data/`.
pub const SEED: u64 = 2026;

/// The configuration that comes with the sample: every key explained.
const CONFIG: &str = include_str!("../../config/restock.toml");

/// Every file of the sample: its name and its content. One seed always gives the same bytes.
#[must_use]
pub fn files(seed: u64) -> Vec<(&'static str, String)> {
    let world = world::build(seed);
    let placed = orders::place(seed, &world);
    vec![
        ("orders.csv", orders::orders(&world, &placed)),
        ("items.csv", master::items(seed, &world)),
        ("item_suppliers.csv", master::item_suppliers(&world)),
        ("item_locations.csv", master::item_locations(&world)),
        ("stock.csv", movements::stock(&world)),
        ("purchase_orders.csv", movements::purchase_orders(&world)),
        ("receipts.csv", movements::receipts(&world)),
        ("suppliers.csv", master::suppliers()),
        ("closures.csv", master::closures(&world)),
        ("price_breaks.csv", master::price_breaks(&world)),
        ("availability.csv", movements::availability(&world)),
        ("calendar.csv", plans::calendar()),
        ("prices.csv", plans::prices(&world)),
        ("overrides.csv", plans::overrides()),
        ("backorders.csv", movements::backorders(&world, &placed)),
        ("customers.csv", master::customers(seed)),
        ("locations.csv", master::locations()),
    ]
}

/// The annotated configuration as `restock init` writes it: beside the data, not in a folder of its
/// own.
#[must_use]
pub fn config_for_init() -> String {
    CONFIG.replace("\"../data/", "\"data/").replace("\"../runs\"", "\"runs\"")
}
