//! What placeholders stand for, line by line.

use super::Layout;
use super::documents::Document;
use crate::config::choices::CountedIn;
use crate::config::placeholders::{Kind, Part, Placeholder, Template};
use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::domain::tables::Text;
use crate::plan::orders::OrderLine;

/// The value of a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// There is none.
    Empty,
    /// A key or free text.
    Text(String),
    /// A number, with so many decimals where they are fixed.
    Number(Fixed, Option<u32>),
    /// A day.
    Date(Day),
}

impl Value {
    /// The day that it is.
    pub(super) fn day(&self) -> Option<Day> {
        match self {
            Self::Date(day) => Some(*day),
            _ => None,
        }
    }

    fn of_text(text: Option<&str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    fn of_number(number: Option<Fixed>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number, None))
    }
}

/// A field of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// What stands in it.
    pub(super) value: Value,
    /// Whether it begins with free text, which could be taken for a formula.
    pub(super) is_free: bool,
}

impl Layout<'_> {
    /// A template filled in for a line. A placeholder alone keeps its type.
    ///
    /// # Errors
    /// When the profile's map lacks a value.
    pub(super) fn field(
        &self,
        template: &Template,
        document: &Document<'_>,
        line: &OrderLine,
    ) -> Result<Field, String> {
        let is_free = match template.parts.first() {
            Some(Part::Value(placeholder, _)) => placeholder.kind() == Kind::Free,
            _ => false,
        };
        if let [Part::Value(placeholder, default)] = template.parts.as_slice() {
            let value = match self.value(*placeholder, document, line)? {
                Value::Empty => Value::of_text(Some(default)),
                value => value,
            };
            return Ok(Field { value, is_free });
        }

        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Value(placeholder, default) => {
                    let value = self.text(&self.value(*placeholder, document, line)?);
                    text.push_str(if value.is_empty() { default } else { &value });
                }
            }
        }
        Ok(Field { value: Value::of_text(Some(&text)), is_free })
    }

    /// What a placeholder stands for, in the words of the profile's map.
    ///
    /// # Errors
    /// When the map has words for it, and none for this value.
    pub(super) fn value(
        &self,
        placeholder: Placeholder,
        document: &Document<'_>,
        line: &OrderLine,
    ) -> Result<Value, String> {
        let value = self.plain(placeholder, document, line);
        let Some(map) = self.profile.map.get(&placeholder) else { return Ok(value) };

        let text = match &value {
            Value::Date(day) => date_of(*day).to_string(),
            Value::Number(number, _) => number.to_string(),
            Value::Text(text) => text.clone(),
            Value::Empty => String::new(),
        };
        match map.get(&text) {
            Some(word) => Ok(Value::of_text(Some(word))),
            // Nothing is nothing in any words.
            None if text.is_empty() => Ok(value),
            None => Err(format!("`map.{}` has no entry for {text:?}", placeholder.name())),
        }
    }

    /// What a placeholder stands for.
    pub(super) fn plain(
        &self,
        placeholder: Placeholder,
        document: &Document<'_>,
        line: &OrderLine,
    ) -> Value {
        let text = |text: &Option<Text>| Value::of_text(text.as_deref());
        let money = |amount: Option<Fixed>| {
            amount.map_or(Value::Empty, |amount| {
                Value::Number(amount, Some(decimals_of(&line.currency)))
            })
        };
        match placeholder {
            Placeholder::PoNumber => Value::of_text(Some(&line.po_number)),
            Placeholder::Number => Value::of_text(Some(&document.number)),
            Placeholder::Line => Value::of_number(Some(Fixed::from_units(i64::from(line.line)))),
            Placeholder::Supplier => Value::of_text(Some(&line.supplier)),
            Placeholder::SupplierName => Value::of_text(Some(name_of(line))),
            Placeholder::Sku => Value::of_text(Some(&line.sku)),
            Placeholder::SupplierSku => text(&line.supplier_sku),
            Placeholder::Description => text(&line.description),
            Placeholder::Location => Value::of_text(Some(&line.location)),
            Placeholder::LocationName => Value::of_text(Some(&self.location_name(line))),
            Placeholder::Quantity => Value::of_number(Some(self.quantity(line))),
            Placeholder::Uom => text(&line.uom),
            Placeholder::PackSize => Value::of_number(line.pack_size),
            Placeholder::Packs => Value::of_number(line.packs),
            Placeholder::UnitCost => Value::of_number(self.cost(line)),
            Placeholder::Currency => Value::of_text(Some(&line.currency)),
            Placeholder::LineTotal => money(line.line_total),
            Placeholder::OrderTotal => money(document.total()),
            Placeholder::OrderDate => Value::Date(line.order_day),
            Placeholder::RequestedDate => Value::Date(line.requested_day),
            Placeholder::EarliestRequestedDate => Value::Date(document.earliest_requested()),
            Placeholder::State => Value::of_text(Some(line.state.as_str())),
            Placeholder::Email => Value::of_text(self.email(line)),
            Placeholder::Gtin => Value::of_text(self.gtin(line)),
            Placeholder::BuyerName => Value::of_text(self.buyer.name.as_deref()),
            Placeholder::BuyerGln => Value::of_text(self.buyer.gln.as_deref()),
            Placeholder::BuyerAddress => Value::of_text(self.buyer.address.as_deref()),
            Placeholder::BuyerCountry => Value::of_text(self.buyer.country.as_deref()),
            Placeholder::BuyerCurrency => Value::of_text(self.buyer.currency.as_deref()),
        }
    }

    /// A value as text files have it.
    pub(super) fn text(&self, value: &Value) -> String {
        match value {
            Value::Empty => String::new(),
            Value::Text(text) => text.clone(),
            Value::Number(number, decimals) => {
                let text = match decimals {
                    Some(decimals) => number.with_decimals(*decimals),
                    None => number.to_string(),
                };
                match self.profile.decimal {
                    '.' => text,
                    mark => text.replace('.', &mark.to_string()),
                }
            }
            Value::Date(day) => date_of(*day).format(&self.profile.date_format).to_string(),
        }
    }

    /// Whether a line is handed over in packs.
    pub(super) fn is_in_packs(&self, line: &OrderLine) -> bool {
        self.profile.counted_in == CountedIn::Packs && line.packs.is_some()
    }

    /// How much of a line is ordered, as the profile counts.
    pub(super) fn quantity(&self, line: &OrderLine) -> Fixed {
        line.packs.filter(|_| self.is_in_packs(line)).unwrap_or(line.quantity)
    }

    /// What one of these costs.
    pub(super) fn cost(&self, line: &OrderLine) -> Option<Fixed> {
        let pack = line.pack_size.filter(|_| self.is_in_packs(line));
        line.unit_cost.map(|cost| pack.map_or(cost, |pack| cost.times(pack)))
    }

    /// The location's name, or its code.
    pub(super) fn location_name(&self, line: &OrderLine) -> String {
        let location = self.tables.location(&line.location);
        let name = location.and_then(|location| location.name.clone());
        name.unwrap_or_else(|| line.location.clone()).to_string()
    }

    /// Where the supplier takes orders.
    pub(super) fn email(&self, line: &OrderLine) -> Option<&str> {
        self.tables.supplier(&line.supplier).and_then(|supplier| supplier.email.as_deref())
    }

    /// The item's article number.
    pub(super) fn gtin(&self, line: &OrderLine) -> Option<&str> {
        self.tables.item(&line.sku).and_then(|item| item.gtin.as_deref())
    }
}

/// The supplier's name, or its code.
pub(super) fn name_of(line: &OrderLine) -> &str {
    line.supplier_name.as_deref().unwrap_or(&line.supplier)
}
