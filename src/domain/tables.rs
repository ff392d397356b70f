//! The typed rows of the input tables, as the contract names them. `None` = the field is empty or
//! the column absent.

use std::sync::Arc;

use super::calendar::Day;
use super::finding::Code;
use super::fixed::Fixed;
use super::key::Key;
use crate::domain::target::Target;

/// Text shared between rows.
pub type Text = Arc<str>;

/// Where an item is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ItemStatus {
    /// Sold and reordered.
    #[default]
    Active,
    /// Sold and reordered, with little history.
    New,
    /// Sold until the stock is gone; not reordered.
    PhaseOut,
    /// No longer sold; not reordered.
    Discontinued,
}

/// Whether a customer's order may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackorderPolicy {
    /// It may.
    Allow,
    /// It may, up to a limit.
    Limit,
    /// It may not: unmet demand is lost.
    Deny,
}

/// A row of `items`.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Item {
    pub sku: Text,
    pub description: Option<Text>,
    pub category: Option<Text>,
    pub supplier: Option<Text>,
    pub supplier_sku: Option<Text>,
    pub gtin: Option<Text>,
    pub unit_cost: Option<Fixed>,
    pub unit_price: Option<Fixed>,
    pub status: ItemStatus,
    pub launch_date: Option<Day>,
    pub end_date: Option<Day>,
    pub replaces: Option<Text>,
    pub lead_time_days: Option<f64>,
    pub lead_time_sd_days: Option<f64>,
    pub order_cost: Option<Fixed>,
    pub moq: Option<Fixed>,
    pub pack_size: Option<Fixed>,
    pub min_stock: Option<Fixed>,
    pub max_stock: Option<Fixed>,
    pub presentation_stock: Option<Fixed>,
    pub shelf_life_days: Option<f64>,
    pub weight_kg: Option<f64>,
    pub volume_m3: Option<f64>,
    pub uom: Option<Text>,
    pub target: Option<Target>,
    pub backorder_policy: Option<BackorderPolicy>,
    pub backorder_limit_units: Option<Fixed>,
    pub backorder_limit_days: Option<f64>,
}

/// A row of `item_suppliers`.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct ItemSupplier {
    pub sku: Text,
    pub supplier: Text,
    pub rank: Option<i64>,
    pub supplier_sku: Option<Text>,
    pub unit_cost: Option<Fixed>,
    pub moq: Option<Fixed>,
    pub pack_size: Option<Fixed>,
    pub lead_time_days: Option<f64>,
    pub lead_time_sd_days: Option<f64>,
    pub order_cost: Option<Fixed>,
    pub drop_ship_cost: Option<Fixed>,
}

/// A row of `item_locations`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct ItemLocation {
    pub key: Key,
    pub supplier: Option<Text>,
    pub min_stock: Option<Fixed>,
    pub max_stock: Option<Fixed>,
    pub target: Option<Target>,
    pub active: bool,
}

/// A row of `stock`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Stock {
    pub key: Key,
    pub on_hand: Fixed,
    pub allocated: Fixed,
    pub backorders: Option<Fixed>,
    pub counted_on: Option<Day>,
}

/// A row of `purchase_orders`: one open line.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct OpenOrder {
    pub po_number: Text,
    pub line: Option<Text>,
    pub supplier: Text,
    pub key: Key,
    /// Units still to come.
    pub quantity: Fixed,
    pub ordered_on: Day,
    pub expected_on: Day,
}

/// A row of `receipts`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Receipt {
    pub po_number: Text,
    pub supplier: Text,
    pub key: Key,
    pub quantity: Fixed,
    pub ordered_on: Day,
    pub received_on: Day,
    pub promised_on: Option<Day>,
    pub expedited: bool,
}

/// A row of `suppliers`.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Supplier {
    pub supplier: Text,
    pub name: Option<Text>,
    pub lead_time_days: Option<f64>,
    pub lead_time_sd_days: Option<f64>,
    pub review_period_days: Option<u32>,
    /// Bit 0 = Monday … bit 6 = Sunday; 0 = none stated.
    pub order_weekdays: u8,
    pub min_order_value: Option<Fixed>,
    pub order_cost: Option<Fixed>,
    pub container_weight_kg: Option<f64>,
    pub container_volume_m3: Option<f64>,
    /// In the supplier's currency.
    pub container_cost: Option<Fixed>,
    pub currency: Option<Text>,
    pub email: Option<Text>,
    pub drop_ships: bool,
}

/// A row of `closures`: the supplier takes no orders from `from` to `to`, both included.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Closure {
    pub supplier: Text,
    pub from: Day,
    pub to: Day,
}

/// A row of `price_breaks`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct PriceBreak {
    pub supplier: Text,
    pub sku: Text,
    pub min_quantity: Fixed,
    pub unit_cost: Fixed,
}

/// A row of `availability`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Availability {
    pub key: Key,
    pub date: Day,
    /// Days the row covers.
    pub days: i32,
    /// Share of those days the item was on sale, 0–1.
    pub in_stock: f64,
}

/// A row of `calendar`. No location = every location.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Event {
    pub date: Day,
    pub event: Text,
    pub location: Option<Text>,
}

/// A row of `prices`. No location = every location; no end = open.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Price {
    pub sku: Text,
    pub location: Option<Text>,
    pub from: Day,
    pub to: Option<Day>,
    pub unit_price: Fixed,
    pub promotion: Option<Text>,
}

/// What an override does to the forecast mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideKind {
    /// Demand of the whole stretch is this.
    Set,
    /// This much comes on top over the stretch.
    Add,
    /// Demand is this many times what was forecast.
    Multiply,
}

/// A row of `overrides`. No location = every location; `to` is included.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Override {
    pub sku: Text,
    pub location: Option<Text>,
    pub from: Day,
    pub to: Day,
    pub kind: OverrideKind,
    pub value: f64,
    pub reason: Text,
    pub expires_on: Day,
}

/// A row of `backorders`: one open line of a customer who waits.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Backorder {
    pub order_id: Text,
    pub line: Option<Text>,
    pub customer: Option<Text>,
    pub key: Key,
    pub quantity: Fixed,
    pub ordered_on: Day,
    pub promised_on: Option<Day>,
    pub priority: Option<i64>,
    pub ship_complete: bool,
}

/// A row of `customers`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Customer {
    pub customer: Text,
    pub priority: Option<i64>,
    pub backorder_policy: Option<BackorderPolicy>,
    pub backorder_limit_units: Option<Fixed>,
}

/// A row of `locations`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Location {
    pub location: Text,
    pub name: Option<Text>,
    pub supplied_by: Option<Text>,
    pub lead_time_days: Option<f64>,
}

/// Every table but the orders. `None` = no such table was given; an empty vector = it was given and
/// has no rows. Rows are sorted by their key, bytewise, and keys that must be unique are.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Tables {
    pub items: Option<Vec<Item>>,
    pub item_suppliers: Option<Vec<ItemSupplier>>,
    pub item_locations: Option<Vec<ItemLocation>>,
    pub stock: Option<Vec<Stock>>,
    pub purchase_orders: Option<Vec<OpenOrder>>,
    pub receipts: Option<Vec<Receipt>>,
    pub suppliers: Option<Vec<Supplier>>,
    pub closures: Option<Vec<Closure>>,
    pub price_breaks: Option<Vec<PriceBreak>>,
    pub availability: Option<Vec<Availability>>,
    pub calendar: Option<Vec<Event>>,
    pub prices: Option<Vec<Price>>,
    pub overrides: Option<Vec<Override>>,
    pub backorders: Option<Vec<Backorder>>,
    pub customers: Option<Vec<Customer>>,
    pub locations: Option<Vec<Location>>,
}

/// Demand on stock after all row rules, summed by item and day.
///
/// Item `i` owns the positions `offsets[i]..offsets[i + 1]`; its days ascend.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CleanDemand {
    /// Every item that has an order row that was used, sorted.
    pub keys: Vec<Key>,
    /// Where each item's days begin; one longer than `keys`.
    pub offsets: Vec<usize>,
    /// Days with rows: the first day of what a row covers.
    pub day: Vec<Day>,
    /// How many days the row covers: 1 for order lines and day rows.
    pub days: Vec<u8>,
    /// Net quantity of the day, in units; may be below 0 only where returns are netted.
    pub quantity: Vec<Fixed>,
    /// Mean price of each item over the last 365 days of its rows, weighted by units; none where no
    /// row has a price.
    pub unit_price: Vec<Option<Fixed>>,
    /// Items that have order rows before `as_of` and not one that was used (rows left out by an
    /// `exclude` rule aside), sorted, with the code of the row that sorts first by date, then code.
    pub quarantined: Vec<(Key, Code)>,
}
