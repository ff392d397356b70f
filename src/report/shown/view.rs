//! Some rows of a table, in an order.

use std::cmp::Ordering;

use crate::config::suggestions::with_suggestion;
use crate::error::{Error, Result};
use crate::io::WholeTable;

/// Rows of a table that are shown.
#[derive(Debug, Clone)]
pub struct View {
    /// The table, whole.
    pub table: WholeTable,
    /// The rows that are shown, by their place in it, in the order in which they are shown.
    pub rows: Vec<usize>,
}

impl View {
    /// All rows, as they stand.
    #[must_use]
    pub fn of(table: WholeTable) -> Self {
        let rows = (0..table.rows()).collect();
        Self { table, rows }
    }

    /// Where a column stands.
    ///
    /// # Errors
    /// When there is none of this name: a usage error with the nearest.
    pub fn column(&self, name: &str) -> Result<usize> {
        self.table.position(name).ok_or_else(|| {
            let error = Error::usage(format!("the table has no column `{name}`"));
            let error = with_suggestion(error, name, &self.table.columns);
            error.hint(format!("its columns are {}", self.table.columns.join(", ")))
        })
    }

    /// Keeps the rows whose field passes.
    pub fn keep(&mut self, column: usize, passes: impl Fn(&str) -> bool) {
        let table = &self.table;
        self.rows.retain(|row| passes(table.field(*row, column)));
    }

    /// Sorts by a column: numbers as numbers, other values as text; what is empty, or no number
    /// among numbers, comes last either way. Rows that are equal in it stay in their order.
    pub fn sort(&mut self, column: usize, is_number: bool, is_descending: bool) {
        let table = &self.table;
        self.rows.sort_by(|a, b| {
            let (a, b) = (table.field(*a, column), table.field(*b, column));
            let turned = |order: Ordering| if is_descending { order.reverse() } else { order };
            if is_number {
                let (a, b) = (number(a), number(b));
                let both = a.zip(b).map(|(a, b)| turned(a.total_cmp(&b)));
                both.unwrap_or_else(|| b.is_some().cmp(&a.is_some()))
            } else if a.is_empty() || b.is_empty() {
                a.is_empty().cmp(&b.is_empty())
            } else {
                turned(a.cmp(b))
            }
        });
    }
}

/// A field as a finite number.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A test of a column, as a person writes it: `stockout_probability>=0.5`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// How its fields are compared with the value.
    pub sign: Sign,
    /// The value.
    pub value: String,
}

/// How a field is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [(&str, Sign); 6] = [
    ("!=", Sign::Unequal),
    ("<=", Sign::AtMost),
    (">=", Sign::AtLeast),
    ("=", Sign::Equal),
    ("<", Sign::Below),
    (">", Sign::Above),
];

impl Condition {
    /// Reads a condition; `None` if it has no sign, or nothing before it.
    ///
    /// ```
    /// use restock::report::shown::view::{Condition, Sign};
    /// let condition = Condition::of("row>=2").unwrap();
    /// assert_eq!((condition.sign, condition.value.as_str()), (Sign::AtLeast, "2"));
    /// assert!(Condition::of("row").is_none() && Condition::of("=2").is_none());
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let at = text.find(['=', '<', '>', '!'])?;
        let (column, rest) = text.split_at(at);
        let (sign, value) =
            SIGNS.iter().find_map(|(written, sign)| Some((*sign, rest.strip_prefix(written)?)))?;
        let column = column.trim();
        (!column.is_empty()).then(|| Self {
            column: column.to_owned(),
            sign,
            value: value.trim().to_owned(),
        })
    }

    /// Whether it asks for an order, not for equality.
    #[must_use]
    pub fn is_of_order(&self) -> bool {
        !matches!(self.sign, Sign::Equal | Sign::Unequal)
    }

    /// Whether a field passes. Numbers are compared as such, other values as text, which is the
    /// order of dates. An empty field is neither above nor below anything.
    #[must_use]
    pub fn holds(&self, field: &str, is_number: bool) -> bool {
        let numbers = is_number.then(|| number(field).zip(number(&self.value))).flatten();
        let order = match numbers {
            Some((a, b)) => a.total_cmp(&b),
            None if self.is_of_order() && (is_number || field.is_empty()) => return false,
            None => field.cmp(&self.value),
        };
        match self.sign {
            Sign::Equal => order.is_eq(),
            Sign::Unequal => order.is_ne(),
            Sign::Below => order.is_lt(),
            Sign::AtMost => order.is_le(),
            Sign::Above => order.is_gt(),
            Sign::AtLeast => order.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(fields: &[&str]) -> (View, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, format!("at,x\n{}", lines(fields))).unwrap();
        (View::of(crate::io::read_table(&path, "x").unwrap()), dir)
    }

    fn lines(fields: &[&str]) -> String {
        fields.iter().enumerate().map(|(at, field)| format!("{at},{field}\n")).collect()
    }

    #[test]
    fn numbers_are_sorted_as_numbers_and_what_is_none_comes_last() {
        let (mut view, _dir) = view(&["10", "", "9", "nine", "-1", "1e3", "9"]);
        view.sort(1, true, false);
        assert_eq!(view.rows, [4, 2, 6, 0, 5, 1, 3]);
        let (mut view, _dir) = self::view(&["10", "", "9", "nine", "-1", "1e3", "9"]);
        view.sort(1, true, true);
        assert_eq!(view.rows, [5, 0, 2, 6, 4, 1, 3]);
        let (mut view, _dir) = self::view(&["b", "", "a", "10", "9"]);
        view.sort(1, false, true);
        assert_eq!(view.rows, [0, 2, 4, 3, 1]);
    }

    #[test]
    fn a_condition_compares_numbers_as_numbers_and_dates_as_dates() {
        let holds = |text: &str, field: &str, is_number: bool| {
            Condition::of(text).unwrap().holds(field, is_number)
        };
        assert!(holds("x>9", "10", true) && !holds("x>9", "", true) && !holds("x>9", "a", true));
        assert!(holds("x=1", "1.00", true) && !holds("x=1", "1.00", false));
        assert!(holds("x<2026-07-01", "2026-06-30", false) && !holds("x<2026-07-01", "", false));
        assert!(holds("x=", "", true) && holds("x!=", "7", true) && !holds("x!=", "", false));
        assert!(holds("x = a=b", "a=b", false));
        assert!(Condition::of("x!7").is_none());
    }

    #[test]
    fn a_column_that_is_misspelt_is_named() {
        let (view, _dir) = view(&[]);
        let error = view.column("att").unwrap_err();
        assert_eq!((error.exit_code(), error.hints[0].as_str()), (2, "did you mean `at`?"));
    }
}
