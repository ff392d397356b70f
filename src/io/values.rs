//! One field of a record, and what it becomes: text, number, date, flag or choice.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::contract::Table;
use super::dates::{self, DateReader};
use super::numbers;
use crate::config::choices::SkuCase;
use crate::config::settings::Input;
use crate::domain::calendar::Day;
use crate::domain::countries;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::key::{Key, MAIN_LOCATION};
use crate::domain::tables::Text;
use crate::error::{Error, Result};

/// The longest field accepted, bytes. Judgement: far beyond any key or note.
pub(crate) const MAX_FIELD_BYTES: usize = 1 << 20;

/// The share of a cost that rounding to four decimals may take. Judgement: a tenth of a per cent is
/// less than any invoice is off by.
const MAX_ROUNDED_SHARE: f64 = 1e-3;

/// How much of a field a message shows, characters. Judgement: enough to find the row by.
const SHOWN_CHARS: usize = 40;

/// One field as its source gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    /// Null, or the file has no such column.
    Missing,
    /// Bytes as read, not yet trimmed or validated.
    Text(&'a [u8]),
    /// A whole number of a typed source.
    Whole(i64),
    /// A real number of a typed source.
    Real(f64),
    /// A date of a typed source, days since 1970-01-01.
    Day(i64),
    /// A truth value of a typed source.
    Flag(bool),
    /// Something that is no value, and what.
    Unreadable(&'static str),
}

/// Why a row cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl Flaw {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// How the fields of one input are written.
#[derive(Debug, Clone)]
pub(crate) struct Dialect {
    pub(crate) dates: DateReader,
    pub(crate) decimal: u8,
    pub(crate) sku_case: SkuCase,
    /// The location of rows that name none; `None` if the table has no such location.
    pub(crate) location: Option<Text>,
}

impl Dialect {
    /// The dialect of an input.
    ///
    /// # Errors
    /// When its date format cannot be read.
    pub(crate) fn new(table: &Table, input: &Input, sku_case: SkuCase) -> Result<Self> {
        let dates = DateReader::new(&input.date_formats, input.time_zone).ok_or_else(|| {
            Error::config(format!("`inputs.{}.date_format` is no date format", table.name))
        })?;
        let given =
            input.location.as_deref().map(str::trim).filter(|location| !location.is_empty());
        let location = given.or(table.at_main.then_some(MAIN_LOCATION));
        // As in the files.
        let location = location.map(|location| Text::from(location.nfc().collect::<String>()));

        Ok(Self { dates, decimal: input.decimal as u8, sku_case, location })
    }
}

/// The bytes of a field without white space around them; `None` if nothing is left.
fn trimmed(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = bytes.trim_ascii();
    (!bytes.is_empty()).then_some(bytes)
}

/// A field as text, trimmed; `None` if it is empty.
pub(crate) fn as_text<'a>(value: Value<'a>, name: &str) -> Result<Option<Cow<'a, str>>, Flaw> {
    let text = match value {
        Value::Missing => return Ok(None),
        Value::Text(bytes) => {
            let Some(bytes) = trimmed(bytes) else { return Ok(None) };
            if bytes.len() > MAX_FIELD_BYTES {
                return Err(too_long(name, bytes.len()));
            }

            let text = std::str::from_utf8(bytes).map_err(|cause| {
                Flaw::new(
                    Code::InvalidBytes,
                    format!(
                        "`{name}` is not valid UTF-8 at its byte {}: {}",
                        cause.valid_up_to() + 1,
                        shown(bytes)
                    ),
                )
            })?;

            Cow::Borrowed(text.trim())
        }
        Value::Whole(number) => Cow::Owned(number.to_string()),
        Value::Real(number) => Cow::Owned(real_as_text(number, name)?),
        Value::Day(day) => {
            let day = dates::in_range(day)
                .map_err(|code| Flaw::new(code, format!("`{name}` is out of range")))?;
            Cow::Owned(crate::domain::calendar::date_of(day).to_string())
        }
        Value::Flag(flag) => Cow::Borrowed(if flag { "true" } else { "false" }),
        Value::Unreadable(what) => return Err(no_value(name, what)),
    };

    Ok((!text.is_empty()).then_some(text))
}

/// A real number as the text of a key; refused if the key's digits may be lost.
fn real_as_text(number: f64, name: &str) -> Result<String, Flaw> {
    if !number.is_finite() {
        return Err(Flaw::new(Code::NotFinite, format!("`{name}` is {number}")));
    }

    // Above 2^53 neighbouring whole numbers share one real number, so the digits of the key are
    // lost.
    if number.abs() >= 9_007_199_254_740_992.0 {
        return Err(Flaw::new(
            Code::NumberOutOfRange,
            format!("`{name}` = {number} is too large to be a key; write it as text"),
        ));
    }

    Ok(number.to_string())
}

pub(crate) fn too_long(name: &str, bytes: usize) -> Flaw {
    Flaw::new(
        Code::FieldTooLong,
        format!("`{name}` is {bytes} bytes long; the most is {MAX_FIELD_BYTES}"),
    )
}

fn no_value(name: &str, what: &str) -> Flaw {
    Flaw::new(Code::NoValue, format!("`{name}` holds {what}"))
}

/// A field as an exact decimal; `None` if it is empty.
pub(crate) fn as_fixed(value: Value<'_>, name: &str, decimal: u8) -> Result<Option<Fixed>, Flaw> {
    let read = match value {
        Value::Missing => return Ok(None),
        Value::Text(bytes) => match trimmed(bytes) {
            None => return Ok(None),
            Some(bytes) => numbers::fixed(bytes, decimal),
        },
        Value::Whole(number) if number.unsigned_abs() <= crate::domain::fixed::LIMIT as u64 => {
            Ok(Fixed::from_units(number))
        }
        Value::Whole(_) => Err(Code::NumberOutOfRange),
        Value::Real(number) => numbers::fixed_from_real(number),
        Value::Day(_) | Value::Flag(_) => Err(Code::BadNumber),
        Value::Unreadable(what) => return Err(no_value(name, what)),
    };

    read.map(Some).map_err(|code| flawed(code, value, name))
}

/// A field as a real number; `None` if it is empty.
pub(crate) fn as_real(value: Value<'_>, name: &str, decimal: u8) -> Result<Option<f64>, Flaw> {
    let read = match value {
        Value::Missing => return Ok(None),
        Value::Text(bytes) => match trimmed(bytes) {
            None => return Ok(None),
            Some(bytes) => numbers::real(bytes, decimal),
        },
        Value::Whole(number) => Ok(number as f64),
        Value::Real(number) if number.is_finite() => Ok(number),
        Value::Real(_) => Err(Code::NotFinite),
        Value::Flag(flag) => Ok(f64::from(u8::from(flag))),
        Value::Day(_) => Err(Code::BadNumber),
        Value::Unreadable(what) => return Err(no_value(name, what)),
    };

    read.map(Some).map_err(|code| flawed(code, value, name))
}

/// A field as a day; `None` if it is empty.
pub(crate) fn as_day(
    value: Value<'_>,
    name: &str,
    dates: &DateReader,
) -> Result<Option<Day>, Flaw> {
    let read = match value {
        Value::Missing => return Ok(None),
        Value::Text(bytes) => match trimmed(bytes) {
            None => return Ok(None),
            Some(bytes) => dates.day(bytes),
        },
        Value::Whole(number) => dates.day_of_whole(number),
        Value::Real(number) => dates.day_of_real(number),
        Value::Day(day) => dates::in_range(day),
        Value::Flag(_) => Err(Code::BadDate),
        Value::Unreadable(what) => return Err(no_value(name, what)),
    };

    read.map(Some).map_err(|code| flawed(code, value, name))
}

/// A field as yes or no; `None` if it is empty.
pub(crate) fn as_flag(value: Value<'_>, name: &str) -> Result<Option<bool>, Flaw> {
    let Some(text) = as_text(value, name)? else { return Ok(None) };

    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" => Ok(Some(true)),
        "false" | "no" | "n" | "f" | "0" => Ok(Some(false)),
        _ => Err(Flaw::new(
            Code::BadChoice,
            format!("`{name}` = {} is neither yes nor no", shown(text.as_bytes())),
        )),
    }
}

/// A field as one of the given words, whatever their case; `None` if it is empty.
pub(crate) fn as_choice<T: Copy>(
    value: Value<'_>,
    name: &str,
    choices: &[(&str, T)],
) -> Result<Option<T>, Flaw> {
    let Some(text) = as_text(value, name)? else { return Ok(None) };

    let found = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
    found.map(|(_, choice)| Some(*choice)).ok_or_else(|| {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        Flaw::new(
            Code::BadChoice,
            format!("`{name}` = {} is none of {}", shown(text.as_bytes()), words.join(", ")),
        )
    })
}

fn flawed(code: Code, value: Value<'_>, name: &str) -> Flaw {
    let proposal = match value {
        Value::Text(bytes) if code == Code::BadDate => dates::proposal(bytes.trim_ascii()),
        Value::Whole(number) if code == Code::BadDate => {
            dates::proposal(number.to_string().as_bytes())
        }
        _ => None,
    };
    let proposal = proposal.map_or(String::new(), |format| format!("; it fits {format}"));
    let shown = match value {
        Value::Text(bytes) => shown(bytes.trim_ascii()),
        Value::Whole(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Day(day) => format!("day {day} since 1970-01-01"),
        Value::Flag(flag) => flag.to_string(),
        Value::Unreadable(what) => what.to_owned(),
        Value::Missing => String::new(),
    };

    let what = match code {
        Code::BadNumber => "is not a number",
        Code::BadDate => "is not a date",
        Code::NotFinite => "is not finite",
        Code::DateOutOfRange => "lies outside 1970-01-01 to 2100-12-31",
        _ => "is out of range",
    };

    Flaw::new(code, format!("`{name}` = {shown} {what}{proposal}"))
}

/// The beginning of a field as messages show it: quoted, control characters escaped.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(SHOWN_CHARS * 4)];
    let text = String::from_utf8_lossy(start);
    let more = text.chars().count() > SHOWN_CHARS || start.len() < bytes.len();
    let text: String = text.chars().take(SHOWN_CHARS).collect();

    format!("{text:?}{}", if more { "…" } else { "" })
}

/// What a row is about, as far as it can be read; empty texts where it cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RowNames {
    pub(crate) sku: String,
    pub(crate) location: String,
}

/// A record's fields under the names of its table's columns.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) table: &'static Table,
    pub(crate) dialect: &'a Dialect,
    /// One value for each column of the table, then those that exclusions look at.
    pub(crate) fields: &'a [Value<'a>],
}

impl<'a> Row<'a> {
    fn value(&self, name: &str) -> Value<'a> {
        let position = self.table.position(name);
        debug_assert!(position.is_some(), "{} has no column {name}", self.table.name);

        position.and_then(|position| self.fields.get(position)).copied().unwrap_or(Value::Missing)
    }

    fn required<T>(&self, name: &str, value: Option<T>) -> Result<T, Flaw> {
        value.ok_or_else(|| Flaw::new(Code::MissingValue, format!("`{name}` is empty")))
    }

    pub(crate) fn opt_text(&self, name: &str) -> Result<Option<Text>, Flaw> {
        Ok(as_text(self.value(name), name)?.map(Text::from))
    }

    pub(crate) fn text(&self, name: &str) -> Result<Text, Flaw> {
        let text = self.opt_text(name)?;
        self.required(name, text)
    }

    pub(crate) fn opt_any_fixed(&self, name: &str) -> Result<Option<Fixed>, Flaw> {
        as_fixed(self.value(name), name, self.dialect.decimal)
    }

    pub(crate) fn any_fixed(&self, name: &str) -> Result<Fixed, Flaw> {
        let value = self.opt_any_fixed(name)?;
        self.required(name, value)
    }

    /// A decimal that cannot be negative.
    pub(crate) fn opt_fixed(&self, name: &str) -> Result<Option<Fixed>, Flaw> {
        match self.opt_any_fixed(name)? {
            Some(value) if value < Fixed::ZERO => {
                Err(Flaw::new(Code::NumberOutOfRange, format!("`{name}` = {value} is negative")))
            }
            value => Ok(value),
        }
    }

    pub(crate) fn fixed(&self, name: &str) -> Result<Fixed, Flaw> {
        let value = self.opt_fixed(name)?;
        self.required(name, value)
    }

    /// A real number that lies within bounds.
    pub(crate) fn opt_real(&self, name: &str, min: f64, max: f64) -> Result<Option<f64>, Flaw> {
        match as_real(self.value(name), name, self.dialect.decimal)? {
            Some(value) if !(min..=max).contains(&value) => Err(Flaw::new(
                Code::NumberOutOfRange,
                format!("`{name}` = {value} is not between {min} and {max}"),
            )),
            value => Ok(value),
        }
    }

    pub(crate) fn real(&self, name: &str, min: f64, max: f64) -> Result<f64, Flaw> {
        let value = self.opt_real(name, min, max)?;
        self.required(name, value)
    }

    /// A number of days, up to ten years.
    pub(crate) fn opt_stretch(&self, name: &str) -> Result<Option<f64>, Flaw> {
        self.opt_real(name, 0.0, 3_650.0)
    }

    /// A whole number.
    pub(crate) fn opt_whole(&self, name: &str, min: i64, max: i64) -> Result<Option<i64>, Flaw> {
        let Some(value) = self.opt_any_fixed(name)? else { return Ok(None) };

        let (units, bounds) = (value.steps() / crate::domain::fixed::SCALE, min..=max);
        if value.is_whole() && bounds.contains(&units) {
            return Ok(Some(units));
        }

        Err(Flaw::new(
            Code::NumberOutOfRange,
            format!("`{name}` = {value} is not a whole number between {min} and {max}"),
        ))
    }

    pub(crate) fn opt_day(&self, name: &str) -> Result<Option<Day>, Flaw> {
        as_day(self.value(name), name, &self.dialect.dates)
    }

    pub(crate) fn day(&self, name: &str) -> Result<Day, Flaw> {
        let day = self.opt_day(name)?;
        self.required(name, day)
    }

    pub(crate) fn opt_flag(&self, name: &str) -> Result<Option<bool>, Flaw> {
        as_flag(self.value(name), name)
    }

    /// A country as its two-letter code.
    pub(crate) fn opt_country(&self, name: &str) -> Result<Option<Text>, Flaw> {
        let Some(text) = self.opt_text(name)? else { return Ok(None) };
        match countries::code_of(&text) {
            Some(code) => Ok(Some(code.into())),
            None => {
                let message =
                    format!("`{name}` is {text:?}, no country as two letters, such as US or DE");
                Err(Flaw::new(Code::BadChoice, message))
            }
        }
    }

    pub(crate) fn opt_choice<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, Flaw> {
        as_choice(self.value(name), name, choices)
    }

    pub(crate) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T, Flaw> {
        let value = self.opt_choice(name, choices)?;
        self.required(name, value)
    }

    /// The sku, its letters as `demand.sku_case` wants them.
    pub(crate) fn sku(&self) -> Result<Text, Flaw> {
        let sku = self.required("sku", as_text(self.value("sku"), "sku")?)?;
        Ok(cased(&sku, self.dialect.sku_case).as_ref().into())
    }

    /// Another sku that the row names.
    pub(crate) fn opt_sku(&self, name: &str) -> Result<Option<Text>, Flaw> {
        let sku = as_text(self.value(name), name)?;
        Ok(sku.map(|sku| cased(&sku, self.dialect.sku_case).as_ref().into()))
    }

    /// The location, or the one of rows that name none.
    pub(crate) fn opt_location(&self) -> Result<Option<Text>, Flaw> {
        Ok(self.opt_text("location")?.or_else(|| self.dialect.location.clone()))
    }

    pub(crate) fn location(&self) -> Result<Text, Flaw> {
        let location = self.opt_location()?;
        self.required("location", location)
    }

    pub(crate) fn key(&self) -> Result<Key, Flaw> {
        Ok(Key { sku: self.sku()?, location: self.location()? })
    }

    /// What a cost or price of the row loses by rounding, where that is more than it may.
    pub(crate) fn rounded_amount(&self) -> Option<String> {
        ["unit_cost", "unit_price"].into_iter().find_map(|name| {
            let value = *self.fields.get(self.table.position(name)?)?;
            let stated = as_real(value, name, self.dialect.decimal).ok()??;
            let rounded = as_fixed(value, name, self.dialect.decimal).ok()??;
            let is_lost = (rounded.to_f64() - stated).abs() > MAX_ROUNDED_SHARE * stated.abs();
            let sku = self.names().sku;
            is_lost.then(|| format!("`{name}` of {sku} is {stated} and counts as {rounded}"))
        })
    }

    /// Sku and location as far as they can be read, for a report about the row.
    pub(crate) fn names(&self) -> RowNames {
        let sku =
            self.readable_text("sku").map(|sku| cased(&sku, self.dialect.sku_case).into_owned());

        let has_location = self.table.position("location").is_some();
        let default = self.dialect.location.as_deref().filter(|_| has_location).map(str::to_owned);
        let location = self.readable_text("location").map(Cow::into_owned).or(default);

        RowNames { sku: sku.unwrap_or_default(), location: location.unwrap_or_default() }
    }

    /// A field as text; `None` if it is empty, cannot be read, or the table has no such column.
    fn readable_text(&self, name: &str) -> Option<Cow<'a, str>> {
        let value = self.table.position(name).and_then(|position| self.fields.get(position));
        as_text(value.copied().unwrap_or(Value::Missing), name).ok().flatten()
    }
}

/// A field of text, trimmed; empty for any other.
pub(crate) fn text_of<'a>(value: &Value<'a>) -> &'a [u8] {
    match value {
        Value::Text(bytes) => bytes.trim_ascii(),
        _ => b"",
    }
}

/// A sku in the wanted case.
pub(crate) fn cased(sku: &str, case: SkuCase) -> Cow<'_, str> {
    match case {
        SkuCase::Upper if sku.bytes().any(|byte| byte.is_ascii_lowercase() || !byte.is_ascii()) => {
            Cow::Owned(sku.to_uppercase())
        }
        SkuCase::Upper | SkuCase::Keep => Cow::Borrowed(sku),
    }
}
