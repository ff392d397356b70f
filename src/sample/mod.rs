//! A small made-up shop to try everything on: homeware, garden, tools and coffee, two locations,
//! eight suppliers.
//!
//! The shop is simulated day by day from a seed, with the same result on every platform. `restock
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
mod shop_state;
mod stories;
mod suppliers;

pub use dates::AS_OF;

/// The seed of the shop in `data/`.
pub const SEED: u64 = 2026;

/// The configuration that comes with the sample: every key explained.
const CONFIG: &str = include_str!("../../config/restock.toml");

/// Every file of the sample: its name and its content. One seed always gives the same bytes.
#[must_use]
pub fn files(seed: u64) -> Vec<(&'static str, String)> {
    let shop = shop_state::build(seed);
    let order_lines = orders::order_lines(seed, &shop);

    vec![
        ("orders.csv", orders::orders(&shop, &order_lines)),
        ("items.csv", master::items(seed, &shop)),
        ("item_suppliers.csv", master::item_suppliers(&shop)),
        ("item_locations.csv", master::item_locations(&shop)),
        ("stock.csv", movements::stock(&shop)),
        ("purchase_orders.csv", movements::purchase_orders(&shop)),
        ("receipts.csv", movements::receipts(&shop)),
        ("suppliers.csv", master::suppliers()),
        ("closures.csv", master::closures(&shop)),
        ("price_breaks.csv", master::price_breaks(&shop)),
        ("availability.csv", movements::availability(&shop)),
        ("calendar.csv", plans::calendar()),
        ("prices.csv", plans::prices(&shop)),
        ("overrides.csv", plans::overrides()),
        ("backorders.csv", movements::backorders(&shop, &order_lines)),
        ("customers.csv", master::customers(seed)),
        ("locations.csv", master::locations()),
        ("components.csv", master::components()),
    ]
}

/// What `restock init` writes in another way than it stands in the repository: the data lies beside
/// the configuration, there is nothing else, and the sample does not grow old.
const FOR_INIT: &[(&str, &str)] = &[
    ("the sample in ../data as it stands", "the sample in data/ as it stands"),
    ("cargo run --release -- run --config config/restock.toml", "restock run"),
    ("#:schema ./restock.schema.json\n", ""),
    ("docs/INPUTS.md lists the columns of each.", "`restock init --empty` lists their columns."),
    (
        "max_age_days = 2            # an input older than this is reported as stale\n",
        "max_age_days = 36500        # an input older than this is reported as stale; 2 for a shop \
         that is open\n",
    ),
    ("\"../data/", "\"data/"),
    ("\"../runs", "\"runs"),
];

/// The annotated configuration as `restock init` writes it.
#[must_use]
pub fn config_for_init() -> String {
    FOR_INIT.iter().fold(CONFIG.to_owned(), |text, (here, there)| text.replace(here, there))
}
