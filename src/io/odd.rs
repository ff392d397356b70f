//! What looks wrong in rows that can be used, and what the tables lack of each other.

use std::collections::BTreeSet;

use super::Loaded;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{CleanDemand, Item, ItemStatus, Price, Tables};
use crate::domain::wording::{counted, grouped};

/// Words that stand for no goods where a sku without digits holds one. Judgement: what shops and
/// their systems write into order lines, in the languages of most exports.
const NO_GOODS: [&str; 32] = [
    "SHIPPING",
    "POSTAGE",
    "FREIGHT",
    "DELIVERY",
    "HANDLING",
    "DISCOUNT",
    "VOUCHER",
    "COUPON",
    "FEE",
    "FEES",
    "CHARGE",
    "CHARGES",
    "SURCHARGE",
    "COMMISSION",
    "TIP",
    "TAX",
    "VAT",
    "REFUND",
    "MANUAL",
    "ADJUST",
    "ADJUSTMENT",
    "ROUNDING",
    "TOTAL",
    "SUBTOTAL",
    "VERSAND",
    "PORTO",
    "FRACHT",
    "RABATT",
    "PFAND",
    "LIVRAISON",
    "REMISE",
    "FRAIS",
];
/// Skus from which on it can be said how skus of this shop look. Judgement.
const MIN_SKUS: usize = 20;
/// Share of skus with a digit from which on one without is odd. Judgement: nearly all.
const WITH_DIGITS: f64 = 0.95;
/// Names that a message lists. Judgement: enough to look for what they have in common.
const NAMED: usize = 3;

/// What looks wrong without being refused. `latest` is the last day on which anything can have
/// happened.
pub(crate) fn findings(latest: Option<Day>, demand: &CleanDemand, tables: &Tables) -> Vec<Finding> {
    let mut findings = no_products(demand, tables);
    findings.extend(zero_amounts(demand, tables));
    findings.extend(overlapping_prices(tables));
    findings.extend(latest.map(|day| dates_ahead(day, tables)).unwrap_or_default());
    findings
}

/// What the tables lack of each other, each lack in one finding: planning says it again of every
/// item that it concerns.
#[must_use]
pub fn gaps(loaded: &Loaded) -> Vec<Finding> {
    let (demand, tables) = (&loaded.demand, &loaded.tables);
    let mut findings = Vec::new();
    let mut add = |code, table, message: String| {
        findings.push(Finding::of_table(code, table, message));
    };

    if let Some(items) = &tables.items {
        let sold = sold_by(demand, |key| tables.item(&key.sku).is_none());
        if let Some(what) = sold.told() {
            let verb = if sold.skus.len() == 1 { "sold and is" } else { "sold and are" };
            add(Code::UnknownItem, "items", format!("{verb} not in the table: {what}"));
        }

        // A bundle is bought from nobody.
        let is_bundle = |item: &Item| tables.bundles.apart.contains(&*item.sku);
        let live = items.iter().filter(|item| is_reordered(item) && !is_bundle(item));
        let live: Vec<&Item> = live.collect();
        let (supplied, priced) = (supplied(tables), priced(tables));
        let without_supplier =
            live.iter().filter(|item| item.supplier.is_none() && !supplied.contains(&*item.sku));
        if let Some(what) = listed(without_supplier.map(|item| &*item.sku), live.len()) {
            add(Code::NoSupplier, "items", format!("no supplier for {what}"));
        }
        let without_cost =
            live.iter().filter(|item| item.unit_cost.is_none() && !priced.contains(&*item.sku));
        if let Some(what) = listed(without_cost.map(|item| &*item.sku), live.len()) {
            add(Code::NoCost, "items", format!("no unit cost for {what}"));
        }
    }

    if tables.stock.is_some() {
        let sold = sold_by(demand, |key| !tables.has_stock_record(key));
        if let Some(what) = sold.told() {
            let verb = if sold.skus.len() == 1 { "sold and has" } else { "sold and have" };
            add(Code::MissingStock, "stock", format!("{verb} no row: {what}"));
        }
    }
    findings
}

/// Items that some condition holds for, with what they sold of all.
struct Sold<'a> {
    skus: BTreeSet<&'a str>,
    of: usize,
    units: Fixed,
    of_units: Fixed,
}

fn sold_by(demand: &CleanDemand, is_meant: impl Fn(&Key) -> bool) -> Sold<'_> {
    let mut all = BTreeSet::new();
    let mut sold = Sold { skus: BTreeSet::new(), of: 0, units: Fixed::ZERO, of_units: Fixed::ZERO };
    for (key, ends) in demand.keys.iter().zip(demand.offsets.windows(2)) {
        let units = sum(&demand.quantity[ends[0]..ends[1]]);
        all.insert(&*key.sku);
        sold.of_units += units;
        if is_meant(key) {
            sold.skus.insert(&*key.sku);
            sold.units += units;
        }
    }
    sold.of = all.len();
    sold
}

fn sum(quantities: &[Fixed]) -> Fixed {
    quantities.iter().fold(Fixed::ZERO, |sum, units| sum + *units)
}

impl Sold<'_> {
    /// How many they are, which, and their share of what was sold; nothing if there are none.
    fn told(&self) -> Option<String> {
        let what = listed(self.skus.iter().copied(), self.of)?;
        if self.of_units <= Fixed::ZERO {
            return Some(what);
        }

        let share = 100.0 * self.units.to_f64() / self.of_units.to_f64();
        let share = if share < 0.1 { "under 0.1".to_owned() } else { format!("{share:.1}") };
        Some(format!("{what}; {share} % of the units sold"))
    }
}

/// `2 of 303 items: A1, A2`; nothing if there are none.
fn listed<'a>(skus: impl Iterator<Item = &'a str>, of: usize) -> Option<String> {
    let skus: Vec<&str> = skus.collect();
    if skus.is_empty() {
        return None;
    }
    let (count, of) = (grouped(skus.len()), counted(grouped(of), "item"));
    Some(format!("{count} of {of}: {}", first_of(&skus)))
}

/// The first names, and how many more there are.
fn first_of(names: &[&str]) -> String {
    let mut said = names[..names.len().min(NAMED)].join(", ");
    if names.len() > NAMED {
        said += &format!(" and {} more", grouped(names.len() - NAMED));
    }
    said
}

/// Whether it is still bought.
fn is_reordered(item: &Item) -> bool {
    matches!(item.status, ItemStatus::Active | ItemStatus::New)
}

/// Items that a table beside the items names a supplier for.
fn supplied(tables: &Tables) -> BTreeSet<&str> {
    let offers = tables.item_suppliers.iter().flatten().map(|row| &*row.sku);
    let places = tables.item_locations.iter().flatten().filter(|row| row.supplier.is_some());
    offers.chain(places.map(|row| &*row.key.sku)).collect()
}

/// Items that a table beside the items names a cost for.
fn priced(tables: &Tables) -> BTreeSet<&str> {
    let offers = tables.item_suppliers.iter().flatten().filter(|row| row.unit_cost.is_some());
    let breaks = tables.price_breaks.iter().flatten().map(|row| &*row.sku);
    offers.map(|row| &*row.sku).chain(breaks).collect()
}

/// Items that were sold and look like shipping, discounts, fees or the like.
fn no_products(demand: &CleanDemand, tables: &Tables) -> Vec<Finding> {
    let skus: BTreeSet<&str> = demand.keys.iter().map(|key| &*key.sku).collect();
    let with_digits = skus.iter().filter(|sku| has_digit(sku)).count();
    let are_numbered =
        skus.len() >= MIN_SKUS && with_digits as f64 >= WITH_DIGITS * skus.len() as f64;

    // What lies on a shelf is a product, whatever it is called.
    let stocked: BTreeSet<&str> = tables
        .stock
        .iter()
        .flatten()
        .filter(|row| row.on_hand > Fixed::ZERO)
        .map(|row| &*row.key.sku)
        .collect();
    let why = |sku: &str| {
        if has_digit(sku) || stocked.contains(sku) {
            return None;
        }
        if let Some(word) = NO_GOODS.iter().find(|word| holds_word(sku, word)) {
            return Some(format!("it is called {word}"));
        }
        // A person who gave it a supplier or a cost knows it for a product.
        let is_known = tables.item(sku).is_some_and(|item| {
            item.supplier.is_some() || item.unit_cost.is_some_and(|cost| cost > Fixed::ZERO)
        });
        (are_numbered && !is_known).then(|| "nearly every other sku holds a digit".to_owned())
    };

    demand
        .keys
        .iter()
        .zip(demand.offsets.windows(2))
        .filter_map(|(key, ends)| {
            let why = why(&key.sku)?;
            let units = sum(&demand.quantity[ends[0]..ends[1]]);
            let message = format!("it looks like no product: {why}; it sold {units}");
            Some(Finding::about(Code::NoProduct, "orders", key, message))
        })
        .collect()
}

fn has_digit(sku: &str) -> bool {
    sku.contains(|letter: char| letter.is_ascii_digit())
}

fn holds_word(sku: &str, word: &str) -> bool {
    sku.split(|letter: char| !letter.is_alphanumeric()).any(|part| part.eq_ignore_ascii_case(word))
}

/// Costs and prices of 0, a finding a column.
fn zero_amounts(demand: &CleanDemand, tables: &Tables) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |table, column, rows: Vec<(&str, bool)>| {
        let zero: Vec<&str> = rows.iter().filter(|row| row.1).map(|row| row.0).collect();
        if zero.is_empty() {
            return;
        }
        let message = format!(
            "`{column}` is 0 in {} of {}: {}",
            grouped(zero.len()),
            counted(grouped(rows.len()), "row"),
            first_of(&zero)
        );
        findings.push(Finding::of_table(Code::ZeroAmount, table, message));
    };
    let is_zero = |amount: Option<Fixed>| amount == Some(Fixed::ZERO);

    let items = || tables.items.iter().flatten().filter(|item| is_reordered(item));
    add("items", "unit_cost", items().map(|row| (&*row.sku, is_zero(row.unit_cost))).collect());
    add("items", "unit_price", items().map(|row| (&*row.sku, is_zero(row.unit_price))).collect());
    let offers = tables.item_suppliers.iter().flatten();
    let offers = offers.map(|row| (&*row.sku, is_zero(row.unit_cost))).collect();
    add("item_suppliers", "unit_cost", offers);
    let breaks = tables.price_breaks.iter().flatten();
    let breaks = breaks.map(|row| (&*row.sku, row.unit_cost == Fixed::ZERO)).collect();
    add("price_breaks", "unit_cost", breaks);
    let prices = tables.prices.iter().flatten();
    let prices = prices.map(|row| (&*row.sku, row.unit_price == Fixed::ZERO)).collect();
    add("prices", "unit_price", prices);

    // A gift now and then is no fault; an item that nobody paid for in a year may be one.
    let free: Vec<&str> = demand
        .keys
        .iter()
        .zip(&demand.unit_price)
        .filter(|(_, price)| is_zero(**price))
        .map(|(key, _)| &*key.sku)
        .collect();
    if !free.is_empty() {
        let of = counted(grouped(demand.keys.len()), "item");
        let message = format!(
            "`unit_price` was 0 all of the last year in {} of {of}: {}",
            grouped(free.len()),
            first_of(&free)
        );
        findings.push(Finding::of_table(Code::ZeroAmount, "orders", message));
    }
    findings
}

/// Prices of an item, none of them of a promotion, of which a second begins before the first ends.
fn overlapping_prices(tables: &Tables) -> Option<Finding> {
    let rows = tables.prices.iter().flatten().filter(|row| row.promotion.is_none());
    let mut prices: Vec<&Price> = rows.collect();
    prices.sort_by_key(|row| (&row.sku, &row.location, row.from, row.to));
    let overlaps = prices.windows(2).filter(|two| {
        let is_of_one = (&two[0].sku, &two[0].location) == (&two[1].sku, &two[1].location);
        let is_over = two[0].to.is_some_and(|to| to < two[1].from);
        is_of_one && !is_over && two[0].unit_price != two[1].unit_price
    });
    let names: Vec<String> =
        overlaps.map(|two| format!("{} from {}", two[1].sku, date_of(two[1].from))).collect();
    if names.is_empty() {
        return None;
    }

    let count = names.len();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let message = format!(
        "{} before the one before it ends: {}",
        if count == 1 { "1 price begins".to_owned() } else { format!("{count} prices begin") },
        first_of(&names)
    );
    Some(Finding::of_table(Code::PricesOverlap, "prices", message))
}

/// Rows that tell of what cannot have happened yet, a finding a column.
fn dates_ahead(latest: Day, tables: &Tables) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |table, column, rows: Vec<(&str, Day)>| {
        let ahead: Vec<String> = rows
            .iter()
            .filter(|row| row.1 > latest)
            .map(|(name, day)| format!("{name} on {}", date_of(*day)))
            .collect();
        if ahead.is_empty() {
            return;
        }
        let names: Vec<&str> = ahead.iter().map(String::as_str).collect();
        let message = format!(
            "`{column}` lies after {} in {} of {}: {}",
            date_of(latest),
            grouped(ahead.len()),
            counted(grouped(rows.len()), "row"),
            first_of(&names)
        );
        findings.push(Finding::of_table(Code::FutureDate, table, message));
    };

    let counts = tables.stock.iter().flatten();
    let counts = counts.filter_map(|row| Some((&*row.key.sku, row.counted_on?))).collect();
    add("stock", "counted_on", counts);
    let open = tables.purchase_orders.iter().flatten();
    add(
        "purchase_orders",
        "ordered_on",
        open.filter_map(|row| Some((&*row.po_number, row.ordered_on?))).collect(),
    );
    let came = tables.receipts.iter().flatten();
    add("receipts", "received_on", came.map(|row| (&*row.po_number, row.received_on)).collect());
    let owed = tables.backorders.iter().flatten();
    add("backorders", "ordered_on", owed.map(|row| (&*row.order_id, row.ordered_on)).collect());
    findings
}
