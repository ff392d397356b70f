//! `edits.csv`: what came of people's decisions about suggested order lines.

use std::path::Path;

use super::columns::EDIT;
use crate::backorder::edits::{Edit, EditTotals, totals};
use crate::domain::calendar::{Day, day_of};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::Text;
use crate::error::{Error, Result};
use crate::io::read_columns;
use crate::io::sinks::csv::CsvSink;
use crate::io::sinks::table::{SimpleTable, Values};

/// The file of the decisions.
pub const EDITS_FILE: &str = "edits.csv";

/// Writes the table into the directory; amounts have the base currency's decimals.
pub(super) fn write(dir: &Path, decimals: u32, edits: &[Edit]) -> Result<()> {
    let mut sink = CsvSink::create(&dir.join(EDITS_FILE), EDIT)?;
    for edit in edits {
        sink.text(&edit.po_number).whole(i64::from(edit.line));
        sink.text(&edit.key.sku).text(&edit.key.location);
        sink.guarded(&edit.by).guarded(&edit.reason).date(edit.decided_on);
        sink.fixed(edit.suggested).fixed(edit.ordered).fixed(edit.unit_cost);
        sink.date(edit.from)
            .date(edit.to)
            .fixed(edit.expected)
            .fixed(edit.implied)
            .fixed(edit.demand);
        sink.fixed(edit.value_added()).money(edit.money_added(), decimals).end()?;
    }
    sink.finish().map(drop)
}

/// The decisions of a run, and the hash of the table.
///
/// # Errors
/// When the table cannot be read, has no column of a name, or holds what is no such decision.
pub fn read(path: &Path) -> Result<(Vec<Edit>, String)> {
    let mut columns = [""; EDIT.len()];
    columns.copy_from_slice(EDIT);
    let table = read_columns(path, columns)?;
    let edits = table.rows.iter().map(|row| {
        edit(row).ok_or_else(|| {
            let [po_number, line] = [&row[0], &row[1]];
            Error::data(format!("the row of {po_number}:{line} is not as it was written"))
        })
    });
    Ok((edits.collect::<Result<_>>()?, table.sha256))
}

fn edit(row: &[String]) -> Option<Edit> {
    let [po_number, line, sku, location, by, reason, decided_on, rest @ ..] = row else {
        return None;
    };
    let [suggested, ordered, unit_cost, from, to, expected, implied, demand, ..] = rest else {
        return None;
    };

    let real = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
    let fixed = |text: &str| Fixed::from_f64(real(text)?);
    let day = |text: &str| -> Option<Day> { text.parse().ok().map(day_of) };
    let (from, to) = (day(from)?, day(to)?);
    (from < to).then_some(())?;
    Some(Edit {
        po_number: Text::from(po_number.as_str()),
        line: line.parse().ok()?,
        key: Key::new(sku, location),
        by: by.as_str().into(),
        reason: reason.as_str().into(),
        decided_on: day(decided_on)?,
        suggested: fixed(suggested)?,
        ordered: fixed(ordered)?,
        unit_cost: match unit_cost.is_empty() {
            true => None,
            false => Some(fixed(unit_cost)?),
        },
        from,
        to,
        expected: fixed(expected)?,
        implied: fixed(implied)?,
        demand: match demand.is_empty() {
            true => None,
            false => Some(fixed(demand)?),
        },
    })
}

/// What decisions did, a row a person and reason; most value first.
#[must_use]
pub fn by_person(edits: &[Edit]) -> SimpleTable {
    let mut rows: Vec<((Text, Text), EditTotals)> = totals(edits).into_iter().collect();
    rows.sort_by(|a, b| (b.1.money, &a.0).cmp(&(a.1.money, &b.0)));

    let texts = |of: fn(&(Text, Text)) -> &Text| {
        Values::Text(rows.iter().map(|(name, _)| of(name).to_string()).collect())
    };
    let counts = |of: fn(&EditTotals) -> usize| {
        Values::Whole(rows.iter().map(|(_, totals)| of(totals) as i64).collect())
    };
    let reals = |of: fn(&EditTotals) -> f64| {
        Values::Real(rows.iter().map(|(_, totals)| of(totals)).collect())
    };
    SimpleTable::default()
        .with("by", texts(|name| &name.0))
        .with("reason", texts(|name| &name.1))
        .with("judged", counts(|of| of.judged))
        .with("better", counts(|of| of.better))
        .with("worse", counts(|of| of.worse))
        .with("value_added_units", reals(|of| of.units.to_f64()))
        .with("value_added", reals(|of| of.money.to_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::sinks::table::TableFormat;

    fn edit_of(by: &str, ordered: i64, demand: Option<f64>) -> Edit {
        let fixed = |units| Fixed::from_f64(units).unwrap();
        Edit {
            po_number: "260629-ACME-main".into(),
            line: 3,
            key: Key::new("MUG", "main"),
            by: by.into(),
            reason: "=a fair".into(),
            decided_on: 20_633,
            suggested: Fixed::from_units(100),
            ordered: Fixed::from_units(ordered),
            unit_cost: Some(Fixed::from_units(2)),
            from: 20_634,
            to: 20_660,
            expected: fixed(80.5),
            implied: fixed(0.805 * ordered as f64),
            demand: demand.map(fixed),
        }
    }

    #[test]
    fn decisions_read_back_as_they_were_but_for_the_guard_of_formulas() {
        let edits = vec![edit_of("ann", 0, Some(12.0)), edit_of("bob", 130, None)];
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), 2, &edits).unwrap();
        let (read, _) = read(&dir.path().join(EDITS_FILE)).unwrap();
        let guarded = |edit: &Edit| Edit { reason: "'=a fair".into(), ..edit.clone() };
        assert_eq!(read, edits.iter().map(guarded).collect::<Vec<_>>());
        let bytes = std::fs::read(dir.path().join(EDITS_FILE)).unwrap();
        write(dir.path(), 2, &read).unwrap();
        assert_eq!(std::fs::read(dir.path().join(EDITS_FILE)).unwrap(), bytes, "and stay so");
    }

    #[test]
    fn what_people_decided_adds_up_by_person_and_reason() {
        let edits = [
            edit_of("ann", 120, Some(96.6)),
            edit_of("ann", 80, Some(96.6)),
            edit_of("bob", 0, Some(80.5)),
            edit_of("bob", 0, None),
        ];
        let mut written = Vec::new();
        by_person(&edits).write(TableFormat::Csv, &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        let rows: Vec<&str> = written.lines().skip(1).collect();
        // 16.1 nearer and 16.1 further away; nothing ordered where the forecast was right.
        assert!(rows[0].starts_with("ann") && rows[0].ends_with(",2,1,1,0,0"), "{written}");
        assert!(rows[1].starts_with("bob") && rows[1].ends_with(",1,0,1,-80.5,-161"), "{written}");
    }
}
