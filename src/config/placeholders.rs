//! Texts with placeholders, as hand-over profiles are written in them: `{po_number}` stands for the
//! order's number, `{uom|pc}` for the unit of measure or, where there is none, for `pc`;
//! `{line.location}` is the order's location, written on each line; `{{` is a brace.

use super::suggestions::with_suggestion;
use crate::error::{Error, Result};

/// Declares the placeholders: `Variant = "name" Scope Kind, "what it stands for";`.
macro_rules! placeholders {
    ($($variant:ident = $name:literal $scope:ident $kind:ident, $meaning:literal;)*) => {
        /// What a placeholder stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Placeholder {
            $(#[doc = $meaning] $variant,)*
        }

        impl Placeholder {
            /// Every placeholder.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name, as it stands between braces.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What has one value of it.
            #[must_use]
            pub const fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)* }
            }

            /// What it is.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }

            /// What it stands for, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

/// What has one value of a placeholder; what has a wider scope has it for each of the narrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The run.
    Run,
    /// A supplier.
    Supplier,
    /// An order.
    Order,
    /// A line of an order.
    Line,
}

/// What a placeholder's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A key, written as it is.
    Key,
    /// Free text, which must not be taken for a formula.
    Free,
    /// A number.
    Number,
    /// A day.
    Date,
}

placeholders! {
    PoNumber = "po_number" Order Key, "The order's number, as in `purchase_orders.csv`.";
    Line = "line" Line Number, "The line's number within the order.";
    Supplier = "supplier" Supplier Key, "The supplier's code.";
    SupplierName = "supplier_name" Supplier Free,
        "The supplier's name; its code where it has none.";
    Sku = "sku" Line Key, "The item.";
    SupplierSku = "supplier_sku" Line Key, "What the supplier calls it.";
    Description = "description" Line Free, "The item's description.";
    Location = "location" Order Key, "Where to.";
    Quantity = "quantity" Line Number, "How much, counted as `quantity` of the profile says.";
    Uom = "uom" Line Free, "The unit of measure of the stock unit.";
    PackSize = "pack_size" Line Number, "Stock units of a pack.";
    Packs = "packs" Line Number, "Packs that the quantity makes.";
    UnitCost = "unit_cost" Line Number, "The cost of what `{quantity}` counts.";
    Currency = "currency" Order Key, "The order's currency.";
    LineTotal = "line_total" Line Number, "What the line costs.";
    OrderDate = "order_date" Run Date, "The day on which it is ordered.";
    RequestedDate = "requested_date" Line Date, "The day on which the line is asked for.";
    State = "state" Line Key, "`suggested`, or `approved` by a person.";
    Number = "number" Order Key, "The order's number as the profile writes it.";
    Email = "email" Supplier Free, "Where the supplier takes orders.";
    Gtin = "gtin" Line Key, "The item's article number.";
    LocationName = "location_name" Order Free, "The location's name; its code where it has none.";
    EarliestRequestedDate = "earliest_requested_date" Order Date,
        "The first day on which a line of the order is asked for.";
    OrderTotal = "order_total" Order Number,
        "What the order costs; empty where a line has no cost.";
    BuyerName = "buyer.name" Run Free, "Who orders, from `[handover_buyer]`, as all that follow.";
    BuyerGln = "buyer.gln" Run Key, "The buyer's Global Location Number.";
    BuyerAddress = "buyer.address" Run Free, "The buyer's address.";
    BuyerCountry = "buyer.country" Run Key, "The buyer's country, two letters.";
    BuyerCurrency = "buyer.currency" Run Key, "The buyer's currency.";
}

impl Placeholder {
    /// The placeholder of a name; `given_by` is the key whose value names it.
    ///
    /// # Errors
    /// When none has it: a configuration error with the nearest name.
    pub fn of(name: &str, given_by: &str) -> Result<Self> {
        if let Some(found) = Self::ALL.iter().find(|one| one.name() == name) {
            return Ok(*found);
        }
        let names: Vec<String> = Self::ALL.iter().map(|one| one.name().to_owned()).collect();
        let error = Error::config(format!("`{given_by}`: no placeholder is called {name:?}"));
        Err(with_suggestion(error, name, &names)
            .hint(format!("the placeholders are {}", names.join(", "))))
    }
}

/// What stands before a placeholder of an order that is to be written on each of its lines.
const OF_LINE: &str = "line.";

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Written as it is.
    Literal(String),
    /// What a placeholder stands for, or a text where that is empty.
    Value(Placeholder, String),
}

/// A text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Whether it is said to be of a line, whatever its parts are: `{line.location}`.
    pub is_of_line: bool,
}

impl Template {
    /// Reads a text; `given_by` is the key whose value it is.
    ///
    /// # Errors
    /// A configuration error for a placeholder that does not exist, or a brace without its fellow.
    pub fn parse(text: &str, given_by: &str) -> Result<Self> {
        let broken = |what: &str| {
            Error::config(format!("`{given_by}` = {text:?}: {what}"))
                .hint("a placeholder is {po_number}; write {{ and }} for braces")
        };
        let mut parts = Vec::new();
        let mut is_of_line = false;
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(broken("a brace is closed that was not opened"));
            }
            let Some((name, after)) = rest.split_once('}') else {
                return Err(broken("a brace is opened and not closed"));
            };
            let (name, default) = name.split_once('|').unwrap_or((name, ""));
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            let name = name.trim();
            let of_line = name.strip_prefix(OF_LINE);
            is_of_line |= of_line.is_some();
            let placeholder = Placeholder::of(of_line.unwrap_or(name), given_by)?;
            parts.push(Part::Value(placeholder, default.to_owned()));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { parts, is_of_line })
    }

    /// A placeholder alone.
    #[must_use]
    pub fn of(placeholder: Placeholder) -> Self {
        Self { parts: vec![Part::Value(placeholder, String::new())], is_of_line: false }
    }

    /// The placeholders in it.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(placeholder, _) => Some(*placeholder),
            Part::Literal(_) => None,
        })
    }

    /// What has one value of it: the narrowest scope of its placeholders.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self.is_of_line {
            true => Scope::Line,
            false => self.placeholders().map(Placeholder::scope).max().unwrap_or(Scope::Run),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_at_its_placeholders() {
        let template = Template::parse("a{{b}}_{number}-{uom|pc}", "k").unwrap();
        let expected = [
            Part::Literal("a{b}_".into()),
            Part::Value(Placeholder::Number, String::new()),
            Part::Literal("-".into()),
            Part::Value(Placeholder::Uom, "pc".into()),
        ];
        assert_eq!(template.parts, expected);
        assert_eq!(template.scope(), Scope::Line);
        let scope = |text| Template::parse(text, "k").unwrap().scope();
        assert_eq!((scope("{location}"), scope("{line.location}")), (Scope::Order, Scope::Line));
        assert!(Template::parse("", "k").unwrap().parts.is_empty());
    }

    #[test]
    fn what_is_no_placeholder_is_answered_with_the_nearest() {
        let error = Template::parse("{suplier}", "handover[1].file").unwrap_err();
        assert_eq!((error.exit_code(), &*error.hints[0]), (2, "did you mean `supplier`?"));
        for text in ["{sku", "sku}", "{", "}", "{}", "{{sku}"] {
            assert_eq!(Template::parse(text, "k").unwrap_err().exit_code(), 2, "{text}");
        }
    }
}
