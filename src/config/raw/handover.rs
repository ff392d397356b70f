//! `[[handover]]`: how orders are laid out for suppliers and other systems.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OneOrMany;
use crate::config::choices::{
    CountedIn, HandoverEncoding, HandoverFormat, OneFilePer, OrderFields,
};

/// `[[handover]]`: one profile. What it leaves out is its preset's, else the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "HandoverProfile")]
#[serde(default, deny_unknown_fields)]
pub struct RawHandover {
    /// What it is called, and its folder under `handover/` of the run. Default: its preset's name.
    pub name: Option<String>,
    /// A layout that comes with restock: `odoo`, `erpnext`, `netsuite`, `shopify-app`, `xero`,
    /// `cin7-omni` or `excel`. Keys that stand beside it win.
    pub preset: Option<String>,
    /// Whose orders it takes: patterns of suppliers' codes. Default: all.
    pub suppliers: Option<OneOrMany>,
    /// `csv`, `xlsx`, `x12-850` or `ubl-order`.
    pub format: Option<HandoverFormat>,
    /// Name of each file, with placeholders of an order. Default: the order's number, the
    /// supplier's code or `orders`, by `one_file_per`.
    pub file: Option<String>,
    /// What one file holds: an `order`, the orders of a `supplier`, or all of a `run`.
    pub one_file_per: Option<OneFilePer>,
    /// Whether fields of the order stand on its `first_line` only, or on `every_line`.
    pub order_fields: Option<OrderFields>,
    /// What `{number}` stands for: a text around `{po_number}`.
    pub number: Option<String>,
    /// Whether quantities and costs are of stock `units` or of `packs`.
    pub quantity: Option<CountedIn>,
    /// Longer orders are split; further parts have `-2`, `-3` and so on behind their number.
    pub max_lines: Option<u32>,
    /// How dates are written, as in strftime. Default: `"%Y-%m-%d"`.
    pub date_format: Option<String>,
    /// The decimal mark of text files: `.` or `,`.
    pub decimal: Option<char>,
    /// What separates the fields of a CSV file; one ASCII character.
    pub delimiter: Option<char>,
    /// The encoding of a CSV file: `utf-8`, `utf-8-bom` or `windows-1252`.
    pub encoding: Option<HandoverEncoding>,
    /// A second line of headers, one text a column, for importers that expect one.
    pub second_header: Option<Vec<String>>,
    /// Other words for values, by placeholder: `map.location = { depot = "Stores - DE" }`. A value
    /// that the map lacks is an error.
    pub map: BTreeMap<String, BTreeMap<String, String>>,
    /// The columns as pairs of header and text; `{…}` in a text is a placeholder. Default: those of
    /// `purchase_orders.csv`.
    pub columns: Option<Vec<(String, String)>>,
}

/// `[handover_buyer]`: who orders.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "HandoverBuyer")]
#[serde(default, deny_unknown_fields)]
pub struct RawBuyer {
    /// Name of the company.
    pub name: Option<String>,
    /// Its Global Location Number, 13 digits.
    pub gln: Option<String>,
    /// Its address; lines are separated by a line break or a comma.
    pub address: Option<String>,
    /// Its country: two letters, or an English name.
    pub country: Option<String>,
    /// The currency it orders in; only for templates.
    pub currency: Option<String>,
}

impl RawBuyer {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
