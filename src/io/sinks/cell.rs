//! The fields of a table with types, whatever form it is written in.

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;

/// A column's name and what it holds.
pub type TypedColumn<'a> = (&'a str, Kind);

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Keys and words.
    Text,
    /// Days.
    Date,
    /// Real numbers with 6 significant digits.
    Real,
    /// Shares with 4 decimals.
    Share,
    /// Exact quantities.
    Units,
    /// Whole numbers.
    Whole,
}

/// One field of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// A key or a word; empty for none.
    Text(&'a str),
    /// A day.
    Date(Option<Day>),
    /// A real number; nothing where it is not finite.
    Real(Option<f64>),
    /// A share.
    Share(Option<f64>),
    /// A quantity.
    Units(Option<Fixed>),
    /// A whole number.
    Whole(i64),
    /// Nothing, whatever the column holds.
    Empty,
}

impl From<f64> for Cell<'_> {
    fn from(value: f64) -> Self {
        Self::Real(Some(value))
    }
}
