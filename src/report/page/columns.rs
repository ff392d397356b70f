//! Columns of the page's data, short.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A column of few words: each once, and which of them every row has.
pub(super) struct Words<'a> {
    words: Vec<&'a str>,
    rows: Vec<usize>,
}

impl<'a> Words<'a> {
    pub(super) fn of(column: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut numbers: BTreeMap<&str, usize> = column.clone().map(|word| (word, 0)).collect();
        for (number, (_, at)) in numbers.iter_mut().enumerate() {
            *at = number;
        }
        let rows = column.map(|word| numbers[word]).collect();
        Self { words: numbers.into_keys().collect(), rows }
    }

    pub(super) fn json(&self) -> Value {
        json!([self.words, self.rows])
    }
}

/// A number in three significant digits, whole where it is large: what one reads off a screen.
/// Numbers of the tables keep all of theirs.
pub(super) fn three_digits(value: Option<f64>) -> Value {
    let Some(value) = value.filter(|value| value.is_finite()) else { return Value::Null };
    let text = short(value);
    text.parse::<i64>()
        .map_or_else(|_| text.parse::<f64>().map_or(Value::Null, |it| json!(it)), |it| json!(it))
}

/// The same as text.
pub(super) fn short(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        size if size >= 100.0 || size == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Some numbers as one text, apart by commas: a number that stands as `before` says is left out.
pub(super) fn joined(
    numbers: impl Iterator<Item = f64>,
    is_same: impl Fn(&str, &str) -> bool,
) -> String {
    let mut out = String::new();
    let mut last = String::new();
    for (at, number) in numbers.enumerate() {
        if at > 0 {
            out.push(',');
        }
        let text = short(number);
        if !is_same(&last, &text) {
            out += &text;
        }
        last = text;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_stands_once() {
        let column = ["b", "a", "b", "b"];
        assert_eq!(Words::of(column.into_iter()).json(), json!([["a", "b"], [1, 0, 1, 1]]));
    }

    #[test]
    fn numbers_have_three_digits_and_what_is_none_is_null() {
        let shown = [0.0, 0.12345, 1.999, 12.34, 1234.5, -0.0004].map(short);
        assert_eq!(shown, ["0", "0.123", "2", "12.3", "1234", "-0"]);
        assert_eq!(three_digits(Some(f64::NAN)), Value::Null);
        assert_eq!(three_digits(Some(2.5)), json!(2.5));
        assert_eq!(three_digits(Some(1e15)), json!(1_000_000_000_000_000_i64));
    }

    #[test]
    fn what_stands_as_before_is_left_out() {
        let same = |last: &str, now: &str| last == now;
        assert_eq!(joined([1.0, 1.0, 2.0, 2.0].into_iter(), same), "1,,2,");
        let none = |_: &str, now: &str| now == "0";
        assert_eq!(joined([0.0, 1.0, 0.0].into_iter(), none), ",1,");
    }
}
