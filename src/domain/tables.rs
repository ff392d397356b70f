//! The typed rows of the input tables, as the contract names them. `None` means that the field is
//! empty or the column absent.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bundles::{BundleSkus, Component, SoldBundles};
use super::calendar::Day;
use super::finding::Code;
use super::fixed::Fixed;
use super::key::Key;
use super::optional_real::OptionalReal;
use crate::domain::target::Target;

/// Text shared between rows.
pub type Text = Arc<str>;

/// Where an item is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
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

impl ItemStatus {
    /// The word that tables and rules write.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::New => "new",
            Self::PhaseOut => "phase_out",
            Self::Discontinued => "discontinued",
        }
    }
}

/// Whether a customer's order may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum BackorderPolicy {
    /// It may wait.
    Allow,
    /// It may wait, up to a limit of units or days.
    Limit,
    /// It may not wait: unmet demand is lost.
    Deny,
}

/// A row of `items`.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// The item.
    #[serde(with = "crate::domain::shared_text")]
    pub sku: Text,
    /// Free text.
    #[serde(with = "crate::domain::shared_text")]
    pub description: Option<Text>,
    /// Used in rules, and to learn seasons together.
    #[serde(with = "crate::domain::shared_text")]
    pub category: Option<Text>,
    /// The first choice of supplier.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Option<Text>,
    /// What the supplier calls it; printed on orders.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier_sku: Option<Text>,
    /// Article number.
    #[serde(with = "crate::domain::shared_text")]
    pub gtin: Option<Text>,
    /// Purchase price of one stock unit, in the supplier's currency.
    pub unit_cost: Option<Fixed>,
    /// Selling price of one stock unit, in the base currency.
    pub unit_price: Option<Fixed>,
    /// Where it is in its life.
    pub status: ItemStatus,
    /// First day on sale; its history starts here.
    pub launch_date: Option<Day>,
    /// Last day on sale; no demand is expected after it.
    pub end_date: Option<Day>,
    /// The item that this one follows.
    #[serde(with = "crate::domain::shared_text")]
    pub replaces: Option<Text>,
    /// From order to delivery, days.
    pub lead_time_days: OptionalReal,
    /// Standard deviation of the lead time, days.
    pub lead_time_sd_days: OptionalReal,
    /// Last day on which these figures stand as they are, whatever receipts say.
    pub lead_time_until: Option<Day>,
    /// Cost of one order of this item, money.
    pub order_cost: Option<Fixed>,
    /// Minimum order quantity, stock units; above 0.
    pub moq: Option<Fixed>,
    /// Stock units in one orderable pack; above 0.
    pub pack_size: Option<Fixed>,
    /// The reorder point under the policy `min_max`, stock units.
    pub min_stock: Option<Fixed>,
    /// Stock that an order never goes beyond, stock units; the order-up-to level under `min_max`.
    pub max_stock: Option<Fixed>,
    /// Stock units that stay on the shelf.
    pub presentation_stock: Option<Fixed>,
    /// How long it keeps, days.
    pub shelf_life_days: OptionalReal,
    /// Weight of one stock unit, kg.
    pub weight_kg: OptionalReal,
    /// Volume of one stock unit, m³.
    pub volume_m3: OptionalReal,
    /// Unit of measure, printed on orders.
    #[serde(with = "crate::domain::shared_text")]
    pub uom: Option<Text>,
    /// An item that sells alike: while its own history is short, it borrows its level and season.
    #[serde(with = "crate::domain::shared_text")]
    pub similar_to: Option<Text>,
    /// What that item's demand is multiplied by; 1 if missing.
    pub similar_factor: OptionalReal,
    /// Its service or cost target.
    pub target: Option<Target>,
    /// Whether orders for it may wait.
    pub backorder_policy: Option<BackorderPolicy>,
    /// How many units may wait under the policy `limit`.
    pub backorder_limit_units: Option<Fixed>,
    /// How many days an order may wait under the policy `limit`.
    pub backorder_limit_days: OptionalReal,
}

/// A row of `item_suppliers`.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ItemSupplier {
    /// The item.
    #[serde(with = "crate::domain::shared_text")]
    pub sku: Text,
    /// Who could deliver it.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Text,
    /// 2 for the second choice, and so on; the columns of `items` are rank 1.
    pub rank: Option<i64>,
    /// What this supplier calls it.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier_sku: Option<Text>,
    /// Purchase price of one stock unit at this supplier, in its currency.
    pub unit_cost: Option<Fixed>,
    /// Minimum order quantity at this supplier, stock units; above 0.
    pub moq: Option<Fixed>,
    /// Stock units in one of this supplier's packs; above 0.
    pub pack_size: Option<Fixed>,
    /// From order to delivery of this item by this supplier, days.
    pub lead_time_days: Option<f64>,
    /// Standard deviation of the lead time, days.
    pub lead_time_sd_days: Option<f64>,
    /// Cost of one order, money.
    pub order_cost: Option<Fixed>,
    /// What it costs to have one unit sent to the customer, money.
    pub drop_ship_cost: Option<Fixed>,
}

/// A row of `item_locations`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ItemLocation {
    /// The item and the location.
    pub key: Key,
    /// Who delivers there.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Option<Text>,
    /// As in `items`, for this location; stock units.
    pub min_stock: Option<Fixed>,
    /// As in `items`, for this location; stock units.
    pub max_stock: Option<Fixed>,
    /// As in `items`, for this location; it beats every other target.
    pub target: Option<Target>,
    /// Whether it is planned there.
    pub active: bool,
}

/// A row of `stock`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Stock {
    /// The item and the location.
    pub key: Key,
    /// Physical stock, units; may be negative.
    pub on_hand: Fixed,
    /// Units held for orders of the past.
    pub allocated: Fixed,
    /// Units that customers wait for.
    pub backorders: Option<Fixed>,
    /// The day on which it was counted or exported.
    pub counted_on: Option<Day>,
}

/// A row of `purchase_orders`: one open line.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OpenOrder {
    /// The order.
    #[serde(with = "crate::domain::shared_text")]
    pub po_number: Text,
    /// The line of the order.
    #[serde(with = "crate::domain::shared_text")]
    pub line: Option<Text>,
    /// Who delivers.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Text,
    /// The item, and the location it is delivered to.
    pub key: Key,
    /// Units still to come.
    pub quantity: Fixed,
    /// Units that came already, where the table says so.
    pub received: Fixed,
    /// The day on which it was ordered; `None`: its usual lead time before it should come, or on
    /// the day that the run stands at.
    pub ordered_on: Option<Day>,
    /// The day on which it should come; `None`: after the usual lead time.
    pub expected_on: Option<Day>,
    /// Our number of the order, where the table keeps it beside its own.
    #[serde(with = "crate::domain::shared_text")]
    pub reference: Option<Text>,
    /// Who says that it is open.
    pub source: OpenSource,
}

/// Who says that an order line is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum OpenSource {
    /// The table of open orders.
    #[default]
    Table,
    /// The ledger: it was handed over, and the table does not have it yet.
    Sent,
    /// The ledger: it is approved, and goes out on the supplier's next order date.
    Approved,
}

/// A row of `receipts`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Receipt {
    /// The order.
    #[serde(with = "crate::domain::shared_text")]
    pub po_number: Text,
    /// Who delivered.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Text,
    /// The item, and the location it was delivered to.
    pub key: Key,
    /// Units received; negative for a correction.
    pub quantity: Fixed,
    /// The day on which it was ordered.
    pub ordered_on: Day,
    /// The day on which it came; not before `ordered_on`.
    pub received_on: Day,
    /// The day on which it should have come.
    pub promised_on: Option<Day>,
    /// Whether the delivery was hurried; such lines teach no lead time.
    pub expedited: bool,
    /// Our number of the order, where the table keeps it beside its own.
    #[serde(with = "crate::domain::shared_text")]
    pub reference: Option<Text>,
}

/// A row of `suppliers`.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Supplier {
    /// Its code, as in the other tables.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Text,
    /// As printed on orders.
    #[serde(with = "crate::domain::shared_text")]
    pub name: Option<Text>,
    /// From order to delivery, days.
    pub lead_time_days: Option<f64>,
    /// Standard deviation of the lead time, days.
    pub lead_time_sd_days: Option<f64>,
    /// Last day on which these figures stand as they are, whatever receipts say.
    pub lead_time_until: Option<Day>,
    /// Whether its lead times count Monday to Friday only.
    pub business_days: bool,
    /// Days between order dates, counted from [`REVIEW_EPOCH`](super::calendar::REVIEW_EPOCH).
    pub review_period_days: Option<u32>,
    /// Weekdays on which it takes orders, as bits: 0 = Monday … 6 = Sunday; 0 if none is stated.
    pub order_weekdays: u8,
    /// Minimum value of an order, in the supplier's currency.
    pub min_order_value: Option<Fixed>,
    /// Cost of one order, money.
    pub order_cost: Option<Fixed>,
    /// Weight that one container, truck or pallet takes, kg; above 0.
    pub container_weight_kg: Option<f64>,
    /// Volume that one takes, m³; above 0.
    pub container_volume_m3: Option<f64>,
    /// What shipping one container costs, in the supplier's currency.
    pub container_cost: Option<Fixed>,
    /// Currency of its prices.
    #[serde(with = "crate::domain::shared_text")]
    pub currency: Option<Text>,
    /// Where orders are sent.
    #[serde(with = "crate::domain::shared_text")]
    pub email: Option<Text>,
    /// Whether it sends to customers.
    pub drop_ships: bool,
    /// Days from the arrival of the goods until they are paid; `None`: at once.
    pub payment_days: Option<u32>,
    /// Share of an order that is paid with it, 0–1.
    pub deposit_share: Option<Fixed>,
}

/// A row of `closures`: the supplier takes no orders and works on none from `from` to `to`, both
/// included.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Closure {
    /// The supplier's code.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Text,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

/// A row of `price_breaks`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PriceBreak {
    /// The supplier's code.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Text,
    /// The item.
    #[serde(with = "crate::domain::shared_text")]
    pub sku: Text,
    /// Stock units from which the cost holds.
    pub min_quantity: Fixed,
    /// Purchase price of each unit, in the supplier's currency.
    pub unit_cost: Fixed,
}

/// A row of `availability`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Availability {
    /// The item and the location.
    pub key: Key,
    /// First day that the row covers.
    pub date: Day,
    /// How many days the row covers.
    pub days: i32,
    /// Share of those days on which the item was on sale, 0–1.
    pub in_stock: f64,
}

/// A row of `calendar`. Without a location it concerns every location.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// The day.
    pub date: Day,
    /// Its name; the same name each year.
    #[serde(with = "crate::domain::shared_text")]
    pub event: Text,
    /// The location it concerns.
    #[serde(with = "crate::domain::shared_text")]
    pub location: Option<Text>,
}

/// A row of `prices`. Without a location it concerns every location; without an end it is open.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Price {
    /// The item.
    #[serde(with = "crate::domain::shared_text")]
    pub sku: Text,
    /// The location it concerns.
    #[serde(with = "crate::domain::shared_text")]
    pub location: Option<Text>,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Option<Day>,
    /// Selling price of one unit, in the base currency.
    pub unit_price: Fixed,
    /// Name of the promotion, if it is one.
    #[serde(with = "crate::domain::shared_text")]
    pub promotion: Option<Text>,
}

/// What an override does to the forecast mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum OverrideKind {
    /// Demand of the whole stretch is the value.
    Set,
    /// The value is added to the demand of the whole stretch.
    Add,
    /// Demand is the forecast times the value.
    Multiply,
}

/// A row of `overrides`. Without a location it concerns every location; `to` is included.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Override {
    /// The item.
    #[serde(with = "crate::domain::shared_text")]
    pub sku: Text,
    /// The location it concerns.
    #[serde(with = "crate::domain::shared_text")]
    pub location: Option<Text>,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// What it does.
    pub kind: OverrideKind,
    /// Units over the whole stretch, or the factor, without a unit.
    pub value: f64,
    /// Why; shown wherever the override has an effect.
    #[serde(with = "crate::domain::shared_text")]
    pub reason: Text,
    /// From this day on it has no effect.
    pub expires_on: Day,
}

/// A row of `backorders`: one open line of a customer who waits.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Backorder {
    /// The order.
    #[serde(with = "crate::domain::shared_text")]
    pub order_id: Text,
    /// The line of the order.
    #[serde(with = "crate::domain::shared_text")]
    pub line: Option<Text>,
    /// Who waits.
    #[serde(with = "crate::domain::shared_text")]
    pub customer: Option<Text>,
    /// The item and the location.
    pub key: Key,
    /// Units still owed.
    pub quantity: Fixed,
    /// The day on which it was ordered.
    pub ordered_on: Day,
    /// The day that the customer was told.
    pub promised_on: Option<Day>,
    /// 1 is served first.
    pub priority: Option<i64>,
    /// Whether the order leaves only as a whole.
    pub ship_complete: bool,
    /// Where the customer is, as two letters of ISO 3166, upper case.
    #[serde(with = "crate::domain::shared_text")]
    pub country: Option<Text>,
    /// Whether the customer asked for credit with the order.
    pub credit: bool,
    /// What the customer pays for a unit, in the base currency.
    pub unit_price: Option<Fixed>,
    /// Rows before it with the same order, line and item: what tells them apart from run to run.
    pub repeat: u32,
}

/// A row of `customers`.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Customer {
    /// The customer's code, as in the orders.
    #[serde(with = "crate::domain::shared_text")]
    pub customer: Text,
    /// As one writes to the customer.
    #[serde(with = "crate::domain::shared_text")]
    pub name: Option<Text>,
    /// Where notices go.
    #[serde(with = "crate::domain::shared_text")]
    pub email: Option<Text>,
    /// Where the customer is, as two letters of ISO 3166, upper case.
    #[serde(with = "crate::domain::shared_text")]
    pub country: Option<Text>,
    /// Whether the customer buys as a consumer; `None` where the table does not say.
    pub consumer: Option<bool>,
    /// 1 is served first.
    pub priority: Option<i64>,
    /// Whether the customer's orders may wait.
    pub backorder_policy: Option<BackorderPolicy>,
    /// How many units of one item may wait under the policy `limit`.
    pub backorder_limit_units: Option<Fixed>,
    /// How many days an order may wait under the policy `limit`.
    pub backorder_limit_days: Option<f64>,
}

/// A row of `locations`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Location {
    /// Its code, as in the other tables.
    #[serde(with = "crate::domain::shared_text")]
    pub location: Text,
    /// Free text.
    #[serde(with = "crate::domain::shared_text")]
    pub name: Option<Text>,
    /// Another location that supplies it.
    #[serde(with = "crate::domain::shared_text")]
    pub supplied_by: Option<Text>,
    /// From there to here, days.
    pub lead_time_days: Option<f64>,
}

/// What a row is about of which something could not be read that bears on orders: all that is given
/// must be that of an order line for the line to be in doubt.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Doubt {
    /// The item.
    #[serde(with = "crate::domain::shared_text")]
    pub sku: Option<Text>,
    /// Where it is stocked.
    #[serde(with = "crate::domain::shared_text")]
    pub location: Option<Text>,
    /// Who delivers it.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Option<Text>,
}

/// Every table but the orders. `None` means that no such table was given; an empty vector, that it
/// was given and has no rows. Rows are sorted by their key, bytewise, and keys that must be unique
/// are. What only histories are made of, or customers are told by, is not kept with a run.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Tables {
    /// What is sold.
    pub items: Option<Vec<Item>>,
    /// Who else could deliver an item.
    pub item_suppliers: Option<Vec<ItemSupplier>>,
    /// What one location does differently.
    pub item_locations: Option<Vec<ItemLocation>>,
    /// What is there at the start of the day.
    pub stock: Option<Vec<Stock>>,
    /// Open lines of purchase orders.
    pub purchase_orders: Option<Vec<OpenOrder>>,
    /// Deliveries of the past.
    pub receipts: Option<Vec<Receipt>>,
    /// Terms of each supplier.
    pub suppliers: Option<Vec<Supplier>>,
    /// When suppliers take no orders.
    pub closures: Option<Vec<Closure>>,
    /// Lower unit costs from a quantity on.
    pub price_breaks: Option<Vec<PriceBreak>>,
    /// When items were not on sale.
    #[serde(skip)]
    pub availability: Option<Vec<Availability>>,
    /// Events that may move demand.
    #[serde(skip)]
    pub calendar: Option<Vec<Event>>,
    /// Selling prices and promotions.
    #[serde(skip)]
    pub prices: Option<Vec<Price>>,
    /// What an analyst knows better than the history.
    #[serde(skip)]
    pub overrides: Option<Vec<Override>>,
    /// Order lines of customers who wait.
    pub backorders: Option<Vec<Backorder>>,
    /// Customers with an account.
    #[serde(skip)]
    pub customers: Option<Vec<Customer>>,
    /// Locations that hold stock.
    pub locations: Option<Vec<Location>>,
    /// What bundles are made of.
    pub components: Option<Vec<Component>>,
    /// Skus that are bundles on the day that the run stands at.
    pub bundles: BundleSkus,
    /// Items with a stock row that cannot be read: their stock is unknown, and they have no row in
    /// [`stock`](Self::stock).
    pub unreadable_stock: BTreeSet<Key>,
    /// What rows were about that could not be read in all that bears on orders.
    pub doubts: BTreeSet<Doubt>,
}

/// Demand on stock after all row rules, summed by item and day.
///
/// Item `i` owns the entries `offsets[i]..offsets[i + 1]` of `day`, `days` and `quantity`; its days
/// ascend.
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
    /// Net quantity of the day, units; it may be below 0 only if returns are netted.
    pub quantity: Vec<Fixed>,
    /// Mean unit price of each item over the last 365 days of its rows, weighted by units; `None`
    /// if no row has a price.
    pub unit_price: Vec<Option<Fixed>>,
    /// Items that have order rows before `as_of` of which none was used, sorted, with the code of
    /// the row that sorts first by date, then code. Rows left out by an `exclude` rule do not
    /// count.
    pub quarantined: Vec<(Key, Code)>,
    /// Bundles, whose sales stand above as demand of their components.
    pub bundles: SoldBundles,
}
