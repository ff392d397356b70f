//! One JSON object a line: a malformed line costs that line, never the file.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Broken, FileFacts, Record, Visit, Wanted};
use crate::config::settings::Input;
use crate::domain::finding::Code;
use crate::error::Result;
use crate::io::Progress;
use crate::io::files::{SourceFile, TextStream};
use crate::io::values::{Flaw, MAX_FIELD_BYTES, Value, shown};

/// The longest line taken into memory. Judgement: room for a few fields of the greatest length.
const MAX_LINE_BYTES: usize = 16 * MAX_FIELD_BYTES;

/// How many of the file's other names are remembered for messages. Judgement: more than a message
/// lists, so that the nearest name is among them.
const NAMES_KEPT: usize = 200;

pub(super) fn read(
    file: &SourceFile,
    input: &Input,
    wanted: &Wanted,
    visitor: &mut dyn Visit,
    progress: &dyn Progress,
) -> Result<FileFacts> {
    let mut text = file.open_text(input.encoding, progress)?;
    let mut names = Names::of(wanted);
    let mut line = Vec::new();
    let mut row = 0;

    loop {
        let length = next_line(&mut text, &mut line)
            .map_err(|cause| file.error("cannot be read").because(cause))?;
        if length == 0 {
            break;
        }

        if line.trim_ascii().is_empty() && length <= MAX_LINE_BYTES {
            continue;
        }

        row += 1;
        if length > MAX_LINE_BYTES {
            let flaw = Flaw::new(
                Code::FieldTooLong,
                format!("the line is {length} bytes long; the most is {MAX_LINE_BYTES}"),
            );
            visitor.broken(Broken { row, flaw, lost_lines: 0, text: &|| line.clone() });
            continue;
        }

        visit_line(row, &line, &mut names, visitor);
    }

    // A key may be left out of any line; a column is there if any line has it.
    let found = names.found.clone();

    if row == 0 && wanted.must.contains(&true) && rows_are_required(wanted) {
        return Err(file.error("is empty").hint("it must hold one JSON object a line"));
    }

    if row > 0 {
        let seen: Vec<String> = names.seen.iter().cloned().collect();
        wanted.locate(file, &seen)?;
    }

    let hash = text.finish().map_err(|error| file.error(&error.message).because(error))?;
    Ok(FileFacts { hash, found, notes: Vec::new() })
}

/// Whether a file may not be empty. Without a header an empty file cannot lack a column; only the
/// orders need rows.
fn rows_are_required(wanted: &Wanted) -> bool {
    wanted.table.name == "orders"
}

/// Reads a line without its end; the length counts bytes that were passed over because the line is
/// too long.
fn next_line(text: &mut TextStream<'_>, line: &mut Vec<u8>) -> std::io::Result<usize> {
    line.clear();
    let mut length = 0;

    loop {
        let available = text.fill_buf()?;
        if available.is_empty() {
            return Ok(length);
        }

        let (taken, ended) = match available.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (available.len(), false),
        };

        if length + taken <= MAX_LINE_BYTES + 1 {
            line.extend_from_slice(&available[..taken]);
        }

        text.consume(taken);
        length += taken;

        if ended {
            return Ok(length);
        }
    }
}

fn visit_line(row: u64, line: &[u8], names: &mut Names, visitor: &mut dyn Visit) {
    if let Err(cause) = std::str::from_utf8(line) {
        let at = cause.valid_up_to() + 1;
        let message = format!("the line is not valid UTF-8 at its byte {at}");
        let flaw = Flaw::new(Code::InvalidBytes, message);
        visitor.broken(Broken { row, flaw, lost_lines: 0, text: &|| line.to_vec() });
        return;
    }

    let mut fields = vec![Scalar::Missing; names.found.len()];
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let read = LineSeed { names, fields: &mut fields }.deserialize(&mut deserializer);
    if let Err(cause) = read.and_then(|()| deserializer.end()) {
        let flaw = Flaw::new(
            Code::MalformedRow,
            format!("the line is not a JSON object ({cause}): {}", shown(line)),
        );
        visitor.broken(Broken { row, flaw, lost_lines: 0, text: &|| line.to_vec() });
        return;
    }

    let values: Vec<Value<'_>> = fields.iter().map(Scalar::value).collect();
    visitor.record(&Record { row, fields: &values, text: &|| line.trim_ascii().to_vec() });
}

/// The wanted names, and which names were seen.
struct Names {
    /// Which wanted columns bear a name.
    positions: HashMap<String, Vec<usize>>,
    /// For each wanted column, whether any line has it.
    found: Vec<bool>,
    /// Names that the file has, for messages; at most [`NAMES_KEPT`] unwanted ones.
    seen: BTreeSet<String>,
}

impl Names {
    fn of(wanted: &Wanted) -> Self {
        let mut positions: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, name) in wanted.names.iter().enumerate() {
            positions.entry(name.clone()).or_default().push(at);
        }

        Self { positions, found: vec![false; wanted.len()], seen: BTreeSet::new() }
    }
}

/// A JSON value that can stand in a field.
#[derive(Debug, Clone)]
enum Scalar<'a> {
    Missing,
    Text(Cow<'a, str>),
    Whole(i64),
    Real(f64),
    Flag(bool),
    /// An array or object, which no column holds.
    Nested,
}

impl Scalar<'_> {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Missing => Value::Missing,
            Self::Text(text) => Value::Text(text.as_bytes()),
            Self::Whole(number) => Value::Whole(*number),
            Self::Real(number) => Value::Real(*number),
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Nested => Value::Text(b"(nested)"),
        }
    }
}

struct LineSeed<'n, 'f, 'a> {
    names: &'n mut Names,
    fields: &'f mut [Scalar<'a>],
}

impl<'de> DeserializeSeed<'de> for LineSeed<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LineSeed<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Name(name)) = map.next_key()? {
            let Some(positions) = self.names.positions.get(name.as_ref()) else {
                if self.names.seen.len() < NAMES_KEPT && !self.names.seen.contains(name.as_ref()) {
                    self.names.seen.insert(name.into_owned());
                }
                map.next_value::<IgnoredAny>()?;
                continue;
            };

            let value: Scalar<'de> = map.next_value_seed(ScalarSeed)?;
            for at in positions {
                if !std::mem::replace(&mut self.names.found[*at], true) {
                    self.names.seen.insert(name.as_ref().to_owned());
                }
                self.fields[*at] = value.clone();
            }
        }

        Ok(())
    }
}

/// A key, borrowed where it holds no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(ScalarSeed)? {
            Scalar::Text(text) => Ok(Self(text)),
            _ => Ok(Self(Cow::Borrowed(""))),
        }
    }
}

struct ScalarSeed;

impl<'de> DeserializeSeed<'de> for ScalarSeed {
    type Value = Scalar<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ScalarSeed {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Missing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
        Ok(i64::try_from(number)
            .map_or_else(|_| Scalar::Text(Cow::Owned(number.to_string())), Scalar::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Real(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }
}
