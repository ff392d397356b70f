//! What the shop sells: nine families of products, each with its nouns and variants, and what they
//! have in common.

use std::ops::Range;

use super::dice::Dice;
use super::season::Season;
use super::suppliers::{CANDLES, COFFEE, GARDEN, HARDWARE, IMPORTS, PAPER, POTTERY, TEXTILES};

/// One item of the catalogue. Money is in cents.
#[derive(Clone)]
pub(super) struct CatalogueItem {
    pub(super) sku: String,
    pub(super) description: String,
    pub(super) category: &'static str,
    pub(super) supplier: usize,
    pub(super) price: i64,
    /// In the supplier's currency.
    pub(super) cost: i64,
    pub(super) season: Season,
    /// Order lines a week at the depot, on average over the year.
    pub(super) lines_per_week: f64,
    pub(super) units_per_line: f64,
    /// Sold by the half: a unit of the simulation is half a unit of the tables.
    pub(super) halves: bool,
    /// Coefficient of variation of the weekly rate, in addition to the chance of single orders.
    pub(super) noise: f64,
    pub(super) growth_per_year: f64,
    /// Share of depot lines that trade customers buy, several units at once.
    pub(super) trade_share: f64,
    pub(super) pack_size: i64,
    pub(super) moq: i64,
    pub(super) shelf_life_days: i64,
    pub(super) weight_grams: i64,
    pub(super) backorder_policy: &'static str,
    /// Demand at the shop in town, as a share of the depot's; 0 if it is not sold there.
    pub(super) shop_share: f64,
    pub(super) status: &'static str,
    /// First day on sale; before the first day of records if it was always sold.
    pub(super) launched: i32,
    /// The day it was taken off sale.
    pub(super) ended: Option<i32>,
    /// The day from which the planner no longer orders it.
    pub(super) reordered_until: i32,
    pub(super) replaces: Option<String>,
    pub(super) surge: Option<Surge>,
    /// How much safety the shop's planner keeps, in standard deviations.
    pub(super) caution: f64,
    pub(super) target: &'static str,
}

/// From some day on, demand is a multiple of the usual.
#[derive(Clone, Copy)]
pub(super) struct Surge {
    pub(super) from: i32,
    pub(super) times: f64,
}

impl CatalogueItem {
    /// A quantity as the tables write it.
    pub(super) fn quantity(&self, units: i64) -> String {
        if !self.halves {
            return units.to_string();
        }

        let sign = if units < 0 { "-" } else { "" };
        let half = if units % 2 == 0 { "" } else { ".5" };
        format!("{sign}{}{half}", units.abs() / 2)
    }
}

/// What the items of one family have in common.
struct Family {
    prefix: &'static str,
    category: &'static str,
    supplier: usize,
    nouns: &'static [&'static str],
    variants: &'static [&'static str],
    season: Season,
    /// Order lines a week of its items.
    lines_per_week: Range<f64>,
    units_per_line: Range<f64>,
    noise: f64,
    /// Euros a unit.
    price: Range<f64>,
    pack_sizes: &'static [i64],
    moqs: &'static [i64],
    trade_share: f64,
    /// Every how many items one is sold at the shop in town; 0 if none is.
    shop_every: usize,
    shelf_life_days: i64,
    backorder_policy: &'static str,
}

const FAMILIES: [Family; 9] = [
    Family {
        prefix: "CO-",
        category: "coffee",
        supplier: COFFEE,
        nouns: &[
            "Espresso blend",
            "Filter blend",
            "Ethiopia Guji",
            "Colombia Huila",
            "Decaf Brazil",
            "House blend",
        ],
        variants: &["250 g", "500 g", "1 kg"],
        season: Season::Winter,
        lines_per_week: 0.7..2.4,
        units_per_line: 1.4..2.2,
        noise: 0.10,
        price: 8.0..30.0,
        pack_sizes: &[6, 12],
        moqs: &[0],
        trade_share: 0.10,
        shop_every: 1,
        shelf_life_days: 150,
        backorder_policy: "deny",
    },
    Family {
        prefix: "CG-",
        category: "coffee gear",
        supplier: IMPORTS,
        nouns: &[
            "Pour-over kettle",
            "Hand grinder",
            "Moka pot",
            "Coffee scale",
            "Milk jug",
            "Dripper",
            "Cold brew bottle",
            "Tamper",
            "Knock box",
            "Travel press",
        ],
        variants: &["steel", "black"],
        season: Season::December,
        lines_per_week: 0.3..1.3,
        units_per_line: 1.0..1.15,
        noise: 0.2,
        price: 14.0..140.0,
        pack_sizes: &[4, 6, 8],
        moqs: &[24, 48],
        trade_share: 0.03,
        shop_every: 2,
        shelf_life_days: 0,
        backorder_policy: "allow",
    },
    Family {
        prefix: "CE-",
        category: "ceramics",
        supplier: POTTERY,
        nouns: &[
            "Mug",
            "Breakfast bowl",
            "Dinner plate",
            "Side plate",
            "Espresso cup",
            "Teapot",
            "Serving dish",
            "Butter dish",
            "Vase",
            "Egg cup",
        ],
        variants: &["white", "sage", "indigo", "sand"],
        season: Season::Flat,
        lines_per_week: 0.2..1.15,
        units_per_line: 1.6..3.2,
        noise: 0.2,
        price: 7.0..62.0,
        pack_sizes: &[4, 6],
        moqs: &[0, 12],
        trade_share: 0.06,
        shop_every: 2,
        shelf_life_days: 0,
        backorder_policy: "limit",
    },
    Family {
        prefix: "GA-",
        category: "garden",
        supplier: GARDEN,
        nouns: &[
            "Terracotta pot",
            "Glazed pot",
            "Seed tray",
            "Hand trowel",
            "Watering can",
            "Plant label set",
            "Garden twine",
            "Kneeling pad",
            "Bird feeder",
            "Hanging basket",
            "Potting mix",
            "Tomato feed",
            "Lavender plant",
            "Rosemary plant",
            "Wildflower seeds",
            "Hose connector",
            "Pruning shears",
            "Garden gloves",
            "Trellis",
            "Cloche",
        ],
        variants: &["small", "medium", "large"],
        season: Season::Spring,
        lines_per_week: 0.22..1.2,
        units_per_line: 1.2..2.6,
        noise: 0.25,
        price: 3.0..58.0,
        pack_sizes: &[1, 6, 10, 12],
        moqs: &[0, 0, 20],
        trade_share: 0.03,
        shop_every: 3,
        shelf_life_days: 0,
        backorder_policy: "limit",
    },
    Family {
        prefix: "DI-",
        category: "tools",
        supplier: HARDWARE,
        nouns: &[
            "Claw hammer",
            "Tape measure",
            "Spirit level",
            "Paint brush",
            "Paint roller",
            "Masking tape",
            "Wood glue",
            "Sanding block",
            "Utility knife",
            "Screwdriver",
            "Picture hooks",
            "Wall plugs",
            "Clamp",
            "Chalk paint",
            "Furniture oil",
            "Work light",
            "Extension lead",
            "Tool roll",
            "Hacksaw",
            "Step stool",
        ],
        variants: &["standard", "pro"],
        season: Season::Flat,
        lines_per_week: 0.2..1.1,
        units_per_line: 1.1..1.8,
        noise: 0.15,
        price: 4.0..85.0,
        pack_sizes: &[1, 5, 10],
        moqs: &[0],
        trade_share: 0.10,
        shop_every: 0,
        shelf_life_days: 0,
        backorder_policy: "allow",
    },
    Family {
        prefix: "00",
        category: "spare parts",
        supplier: HARDWARE,
        nouns: &[
            "Lid seal",
            "Hinge",
            "Drawer knob",
            "Lamp wick",
            "Filter basket",
            "Grinder burr",
            "Return spring",
        ],
        variants: &["no. 1", "no. 2", "no. 3", "no. 4", "no. 5"],
        season: Season::Flat,
        lines_per_week: 0.06..0.30,
        units_per_line: 1.5..5.0,
        noise: 0.3,
        price: 2.0..38.0,
        pack_sizes: &[1, 1, 5],
        moqs: &[0, 10],
        trade_share: 0.20,
        shop_every: 0,
        shelf_life_days: 0,
        backorder_policy: "allow",
    },
    Family {
        prefix: "TX-",
        category: "textiles",
        supplier: TEXTILES,
        nouns: &[
            "Wool throw",
            "Linen napkin",
            "Tea towel",
            "Cushion cover",
            "Table runner",
            "Apron",
            "Bath towel",
            "Bed throw",
            "Oven glove",
            "Picnic blanket",
        ],
        variants: &["oatmeal", "slate", "rust"],
        season: Season::Winter,
        lines_per_week: 0.25..1.1,
        units_per_line: 1.1..1.9,
        noise: 0.2,
        price: 9.0..95.0,
        pack_sizes: &[2, 4, 5],
        moqs: &[0, 10],
        trade_share: 0.04,
        shop_every: 3,
        shelf_life_days: 0,
        backorder_policy: "allow",
    },
    Family {
        prefix: "GI-",
        category: "gifts",
        supplier: CANDLES,
        nouns: &[
            "Scented candle",
            "Tea light set",
            "Room spray",
            "Reed diffuser",
            "Soap bar",
            "Bath salts",
            "Candle holder",
            "Gift box",
        ],
        variants: &["fig", "cedar", "orange & clove", "linen"],
        season: Season::December,
        lines_per_week: 0.2..1.15,
        units_per_line: 1.1..1.7,
        noise: 0.2,
        price: 6.0..42.0,
        pack_sizes: &[6, 12],
        moqs: &[0, 12],
        trade_share: 0.03,
        shop_every: 1,
        shelf_life_days: 0,
        backorder_policy: "deny",
    },
    Family {
        prefix: "PA-",
        category: "paper",
        supplier: PAPER,
        nouns: &["Greeting card", "Notebook", "Wrapping paper", "Calendar", "Pencil set"],
        variants: &["birds", "fern", "stripes", "blank", "harbour"],
        season: Season::December,
        lines_per_week: 0.35..1.5,
        units_per_line: 1.3..2.4,
        noise: 0.2,
        price: 2.5..17.0,
        pack_sizes: &[5, 10, 25],
        moqs: &[0],
        trade_share: 0.0,
        shop_every: 2,
        shelf_life_days: 0,
        backorder_policy: "deny",
    },
];

/// The catalogue before its stories are written into it, sorted by sku.
pub(super) fn catalogue(seed: u64) -> Vec<CatalogueItem> {
    let mut items = Vec::new();
    for family in &FAMILIES {
        let mut dice = Dice::new(seed, family.category);
        let mut number = 0;
        for noun in family.nouns {
            // The variants of a product cost about the same and differ in how well they sell.
            let price = dice.log_between(family.price.start, family.price.end);
            for variant in family.variants {
                items.push(item(family, number, format!("{noun}, {variant}"), price, &mut dice));
                number += 1;
            }
        }
    }

    items.sort_by(|a, b| a.sku.cmp(&b.sku));
    items
}

fn item(
    family: &Family,
    number: usize,
    description: String,
    price: f64,
    dice: &mut Dice,
) -> CatalogueItem {
    // Prices end in 90 cents, or in 50 below five euros.
    let euros = (price * dice.between(0.92, 1.08)) as i64;
    let price = if euros < 5 { euros.max(1) * 100 + 50 } else { euros * 100 + 90 };

    let exchange = if family.supplier == IMPORTS { 1.09 } else { 1.0 };

    CatalogueItem {
        sku: format!("{}{}", family.prefix, 1001 + number * 3),
        description,
        category: family.category,
        supplier: family.supplier,
        price,
        cost: (price as f64 * dice.between(0.38, 0.58) * exchange) as i64,
        season: family.season,
        lines_per_week: dice.log_between(family.lines_per_week.start, family.lines_per_week.end),
        units_per_line: dice.between(family.units_per_line.start, family.units_per_line.end),
        halves: false,
        noise: family.noise,
        growth_per_year: dice.between(-0.08, 0.18),
        trade_share: family.trade_share,
        pack_size: family.pack_sizes[dice.below(family.pack_sizes.len())],
        moq: family.moqs[dice.below(family.moqs.len())],
        shelf_life_days: family.shelf_life_days,
        weight_grams: 50 * (1.0 + dice.log_between(1.0, 60.0)) as i64,
        backorder_policy: family.backorder_policy,
        shop_share: if family.shop_every > 0 && number.is_multiple_of(family.shop_every) {
            dice.between(0.35, 0.7)
        } else {
            0.0
        },
        status: "active",
        launched: -1,
        ended: None,
        reordered_until: i32::MAX,
        replaces: None,
        surge: None,
        caution: dice.between(0.1, 1.6) - if family.supplier == TEXTILES { 0.6 } else { 0.0 },
        target: "",
    }
}
