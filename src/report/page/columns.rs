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
fn short(value: f64) -> String {
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

/// The highest step of [`in_steps`]. Judgement: a step is two pixels of the picture that is drawn
/// of them, and all characters are of one byte.
const MAX_STEP: f64 = 88.0;

/// What a step of some numbers is worth: whole units where all of them are whole, so that the
/// characters of small numbers are those of other items too and pack well.
pub(super) fn step_of(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut highest, mut are_whole) = (0.0, true);
    for number in numbers.filter(|number| number.is_finite()) {
        highest = f64::max(highest, number);
        are_whole &= number.fract() == 0.0;
    }
    let step = highest / MAX_STEP;
    if are_whole { step.ceil().max(1.0) } else { step }
}

/// Some numbers for a picture, a character each: how many steps they are from nothing.
pub(super) fn in_steps(numbers: impl Iterator<Item = f64>, step: f64) -> String {
    let character = |number: f64| {
        let steps = if step > 0.0 { (number / step).round().clamp(0.0, MAX_STEP) } else { 0.0 };
        match b'#' + steps as u8 {
            // What would be escaped is passed over.
            code if code >= b'\\' => char::from(code + 1),
            code => char::from(code),
        }
    };
    numbers.map(character).collect()
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
    fn a_number_of_a_picture_is_a_character() {
        assert_eq!(in_steps([0.0, 0.5, 1.0, 57.0, 88.0].into_iter(), 1.0), "#$$]|");
        assert_eq!(in_steps([-1.0, f64::NAN, 1e300, 2.0].into_iter(), 2.0), "##|$");
        assert_eq!(in_steps([0.0, 3.0].into_iter(), 0.0), "##");
        let all: String = in_steps((0..=88).map(f64::from), 1.0);
        assert_eq!(json!(all).to_string().len(), 89 + 2, "none is escaped");
    }

    #[test]
    fn a_step_is_whole_where_the_numbers_are() {
        let step = |numbers: &[f64]| step_of(numbers.iter().copied());
        assert_eq!([step(&[]), step(&[3.0]), step(&[88.0]), step(&[89.0])], [1.0, 1.0, 1.0, 2.0]);
        assert_eq!([step(&[8.8, 1.0]), step(&[f64::NAN, 0.5])], [0.1, 0.5 / 88.0]);
    }
}
