//! Orders as a workbook: a sheet an order to print and to send, or a table where the profile has
//! columns of its own.

use super::documents::Document;
use super::tables::{Rows, rows};
use super::values::{Value, name_of};
use super::{Layout, Problems};
use crate::config::placeholders::Placeholder;
use crate::domain::fixed::Fixed;
use crate::domain::money::decimals_of;
use crate::domain::wording::counted;
use crate::error::Result;
use crate::io::sinks::xlsx::{Book, CellValue, Heading, Sheet};
use crate::plan::orders::OrderLine;

/// Name of the sheet that has all lines as a table.
const LINES: &str = "Lines";

/// Countries that print on letter paper. Source: Unicode CLDR, supplemental data, paper size.
const LETTER_COUNTRIES: [&str; 11] =
    ["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "PA", "PH", "PR", "US"];

/// A workbook of some documents.
pub(super) fn xlsx(
    layout: &Layout<'_>,
    documents: &[Document<'_>],
    problems: &mut Problems,
) -> Result<Vec<u8>> {
    let table = rows(layout, documents, problems);
    let mut sheets = Vec::new();
    if layout.profile.columns.is_empty() {
        for document in documents {
            sheets.push(to_print(layout, document, problems));
        }
    }
    if !problems.is_empty() {
        return Ok(Vec::new());
    }
    sheets.push(as_table(layout, table));

    let head = documents[0].head();
    let title = match documents {
        [one] => format!("Purchase order {}", one.number),
        _ => format!("{} purchase orders", documents.len()),
    };
    let book = Book {
        title,
        company: layout.buyer.name.clone().unwrap_or_default(),
        day: head.order_day,
        date_format: spreadsheet_date(&layout.profile.date_format),
        is_letter: (layout.buyer.country.as_deref())
            .is_some_and(|country| LETTER_COUNTRIES.contains(&country)),
        sheets,
    };
    match book.bytes() {
        Ok(bytes) => Ok(bytes),
        Err(error) => {
            let cause = error.source.as_ref().map(|cause| format!(": {cause}"));
            problems.insert(format!("{error}{}", cause.unwrap_or_default()));
            Ok(Vec::new())
        }
    }
}

fn as_table(layout: &Layout<'_>, table: Rows) -> Sheet {
    let cells = |row: Vec<super::values::Field>| {
        row.into_iter().map(|field| cell(field.value)).collect::<Vec<_>>()
    };
    Sheet {
        name: LINES.to_owned(),
        heading: None,
        header: table.header,
        second_header: layout.profile.second_header.clone(),
        rows: table.rows.into_iter().map(cells).collect(),
        total: None,
    }
}

fn cell(value: Value) -> CellValue {
    match value {
        Value::Empty => CellValue::Empty,
        Value::Text(text) => CellValue::Text(text),
        Value::Number(number, decimals) => CellValue::Number(number, decimals),
        Value::Date(day) => CellValue::Date(day),
    }
}

/// A column of the sheet to print.
struct Column {
    header: &'static str,
    value: fn(&Layout<'_>, &OrderLine) -> Option<CellValue>,
}

const fn column(
    header: &'static str,
    value: fn(&Layout<'_>, &OrderLine) -> Option<CellValue>,
) -> Column {
    Column { header, value }
}

/// Its columns; one that no line fills is left out.
const COLUMNS: [Column; 10] = [
    column("Line", |_, line| number(Fixed::from_units(i64::from(line.line)))),
    column("Your item no.", |_, line| text(line.supplier_sku.as_deref())),
    column("Our item no.", |_, line| text(Some(&*line.sku))),
    column("GTIN", |layout, line| text(layout.gtin(line))),
    column("Description", |_, line| text(line.description.as_deref())),
    column("Requested", |_, line| Some(CellValue::Date(line.requested_day))),
    column("Quantity", |layout, line| number(layout.quantity(line))),
    column("Unit", unit),
    column("Unit price", |layout, line| {
        let decimals = decimals_of(&line.currency);
        let cost = layout.cost(line)?;
        // A price of a tenth of a cent is not a price of a cent.
        let is_exact = cost.rounded(decimals) == cost;
        Some(CellValue::Number(cost, is_exact.then_some(decimals)))
    }),
    column("Amount", |_, line| {
        Some(CellValue::Number(line.line_total?, Some(decimals_of(&line.currency))))
    }),
];

fn text(text: Option<&str>) -> Option<CellValue> {
    text.filter(|text| !text.is_empty()).map(|text| CellValue::Text(text.to_owned()))
}

fn number(number: Fixed) -> Option<CellValue> {
    Some(CellValue::Number(number, None))
}

/// What is counted, and how many of it a pack has.
fn unit(layout: &Layout<'_>, line: &OrderLine) -> Option<CellValue> {
    let uom = line.uom.as_deref().unwrap_or_default();
    match line.pack_size.filter(|_| layout.is_in_packs(line)) {
        Some(pack) => text(Some(format!("pack of {pack} {uom}").trim())),
        None => text(Some(uom)),
    }
}

/// The sheet of an order as a supplier reads it.
fn to_print(layout: &Layout<'_>, document: &Document<'_>, problems: &mut Problems) -> Sheet {
    let lines = &document.lines;
    let is_shown = |column: &&Column| match column.header {
        // One date for all stands above the table.
        "Requested" => !document.is_of_one_day(),
        _ => lines.iter().any(|line| (column.value)(layout, line).is_some()),
    };
    let columns: Vec<&Column> = COLUMNS.iter().filter(is_shown).collect();
    let row = |line: &&OrderLine| {
        let cell = |column: &&Column| (column.value)(layout, line).unwrap_or(CellValue::Empty);
        columns.iter().map(cell).collect::<Vec<_>>()
    };

    Sheet {
        name: document.number.clone(),
        heading: Some(Heading {
            title: format!("Purchase order {}", document.number),
            facts: facts(layout, document, problems),
        }),
        header: columns.iter().map(|column| column.header.to_owned()).collect(),
        second_header: Vec::new(),
        rows: lines.iter().map(row).collect(),
        total: total(document),
    }
}

fn facts(
    layout: &Layout<'_>,
    document: &Document<'_>,
    problems: &mut Problems,
) -> Vec<(&'static str, CellValue)> {
    let head = document.head();
    let mut mapped = |placeholder: Placeholder| match layout.value(placeholder, document, head) {
        Ok(value) => cell(value),
        Err(problem) => {
            problems.insert(problem);
            CellValue::Empty
        }
    };
    let code = mapped(Placeholder::Supplier);
    let location = mapped(Placeholder::Location);
    let currency = mapped(Placeholder::Currency);
    let is_known = |name: &str, code: &CellValue| *code == CellValue::Text(name.to_owned());

    let supplier = name_of(head);
    let place = layout.location_name(head);
    let mut facts = vec![("Supplier", CellValue::Text(supplier.to_owned()))];
    if !is_known(supplier, &code) {
        facts.push(("Supplier no.", code));
    }
    facts.extend(layout.email(head).map(|email| ("Email", CellValue::Text(email.to_owned()))));
    let buyer = layout.buyer;
    facts.extend(buyer.name.clone().map(|name| ("Ordered by", CellValue::Text(name))));
    for (at, part) in address_lines(buyer.address.as_deref()).into_iter().enumerate() {
        facts.push((if at == 0 { "Address" } else { "" }, CellValue::Text(part)));
    }
    let delivery = match &location {
        CellValue::Text(code) if *code != place => CellValue::Text(format!("{place} ({code})")),
        _ => CellValue::Text(place),
    };
    facts.push(("Deliver to", delivery));
    facts.push(("Order date", CellValue::Date(head.order_day)));
    if document.is_of_one_day() {
        facts.push(("Requested", CellValue::Date(head.requested_day)));
    }
    facts.push(("Currency", currency));
    facts
}

/// The lines of an address: as it is broken, or at its commas.
pub(super) fn address_lines(address: Option<&str>) -> Vec<String> {
    let parts = address.unwrap_or_default().split(['\n', ',']);
    parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// What the order costs, and what that leaves out.
fn total(document: &Document<'_>) -> Option<(String, CellValue)> {
    let head = document.head();
    let sum: Fixed = document.lines.iter().filter_map(|line| line.line_total).sum();
    let without = document.lines.iter().filter(|line| line.line_total.is_none()).count();
    if without == document.lines.len() {
        return None;
    }
    let label = match without {
        0 => "Total".to_owned(),
        without => format!("Total without {}", counted(without, "line")),
    };
    Some((label, CellValue::Number(sum, Some(decimals_of(&head.currency)))))
}

/// A format of dates as spreadsheets write it; ISO where it has no such word.
fn spreadsheet_date(format: &str) -> String {
    let mut written = String::new();
    let mut rest = format.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            written.push(character);
            continue;
        }
        written.push_str(match rest.next() {
            Some('d') => "dd",
            Some('m') => "mm",
            Some('Y') => "yyyy",
            Some('y') => "yy",
            Some('b') => "mmm",
            Some('B') => "mmmm",
            _ => return "yyyy-mm-dd".to_owned(),
        });
    }
    match written.chars().all(|c| c.is_ascii_alphabetic() || " -/.,".contains(c)) {
        true => written,
        false => "yyyy-mm-dd".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_look_as_the_profile_says_where_a_spreadsheet_can() {
        assert_eq!(spreadsheet_date("%d.%m.%Y"), "dd.mm.yyyy");
        assert_eq!(spreadsheet_date("%m/%d/%y"), "mm/dd/yy");
        assert_eq!(spreadsheet_date("%Y-W%V"), "yyyy-mm-dd");
    }
}
