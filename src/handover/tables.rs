//! Orders as a table of the profile's columns.

use super::documents::Document;
use super::values::{Field, Value};
use super::{Layout, Notes, Problems};
use crate::config::choices::{HandoverEncoding, OrderFields};
use crate::config::placeholders::{Placeholder, Scope, Template};
use crate::error::Result;
use crate::io::sinks::csv::CsvSink;
use crate::io::sinks::encoded::windows_1252;
use crate::report::columns::ORDER;

/// The mark by which spreadsheets recognise UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Headers and fields, the fields by row.
pub(super) struct Rows {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<Field>>,
}

/// The rows of some documents.
pub(super) fn rows(
    layout: &Layout<'_>,
    documents: &[Document<'_>],
    problems: &mut Problems,
) -> Rows {
    let columns = columns(layout);
    let is_once = layout.profile.order_fields == OrderFields::FirstLine;
    let mut rows = Vec::new();
    for document in documents {
        for (at, line) in document.lines.iter().enumerate() {
            let mut row = Vec::with_capacity(columns.len());
            for (_, template) in &columns {
                let is_left_out = is_once && at > 0 && template.scope() <= Scope::Order;
                let field = match is_left_out {
                    true => Ok(Field { value: Value::Empty, is_free: false }),
                    false => layout.field(template, document, line),
                };
                match field {
                    Ok(field) => row.push(field),
                    Err(problem) => {
                        problems.insert(problem);
                    }
                }
            }
            rows.push(row);
        }
    }
    Rows { header: columns.into_iter().map(|(header, _)| header).collect(), rows }
}

/// The profile's columns; those of `purchase_orders.csv` where it has none.
fn columns(layout: &Layout<'_>) -> Vec<(String, Template)> {
    if !layout.profile.columns.is_empty() {
        return layout.profile.columns.clone();
    }
    let of_orders = ORDER.iter().filter_map(|name| {
        let placeholder = Placeholder::ALL.iter().find(|one| one.name() == *name)?;
        Some(((*name).to_owned(), Template::of(*placeholder)))
    });
    of_orders.collect()
}

/// A CSV file.
pub(super) fn csv(
    layout: &Layout<'_>,
    documents: &[Document<'_>],
    problems: &mut Problems,
    notes: &mut Notes,
) -> Result<Vec<u8>> {
    let table = rows(layout, documents, problems);
    if !problems.is_empty() {
        return Ok(Vec::new());
    }

    let profile = layout.profile;
    // Checked with the configuration: an ASCII character.
    let delimiter = u8::try_from(profile.delimiter).unwrap_or(b',');
    let mut sink = CsvSink::separated(Vec::new(), &table.header, delimiter)?;
    if !profile.second_header.is_empty() {
        for text in &profile.second_header {
            sink.text(text);
        }
        sink.end()?;
    }
    for row in &table.rows {
        for field in row {
            let text = layout.text(&field.value);
            match field.is_free {
                true => sink.guarded(&text),
                false => sink.text(&text),
            };
        }
        sink.end()?;
    }
    let bytes = sink.finish()?;

    Ok(match profile.encoding {
        HandoverEncoding::Utf8 => bytes,
        HandoverEncoding::Utf8Bom => [BYTE_ORDER_MARK, &bytes].concat(),
        HandoverEncoding::Windows1252 => {
            let (bytes, replaced) = windows_1252(&String::from_utf8_lossy(&bytes));
            for character in replaced {
                notes.key(format!("`{character}` is not in windows-1252 and became `?`"));
            }
            bytes
        }
    })
}
