//! Rows of every table that were not used, in the summary.

use std::fmt::Write;

use super::style::heading;
use crate::config::Settings;
use crate::domain::finding::{Code, Reject};
use crate::domain::money::{decimals_of, money as grouped_money};
use crate::domain::wording::{counted, grouped, shortened_path, wrapped};
use crate::io::{InputFile, Loaded, SetAsideSums};

/// Characters of a line.
const WIDTH: usize = 80;

/// How many rows of a table were set aside under a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsideCount {
    /// Table of the contract.
    pub table: &'static str,
    /// Why.
    pub code: Code,
    /// How many.
    pub rows: u64,
}

/// The rows of every table that were set aside, by table in the contract's order and by code.
#[must_use]
pub fn counts(inputs: &[InputFile]) -> Vec<AsideCount> {
    let mut counts: Vec<AsideCount> = Vec::new();
    for input in inputs {
        // The files of a table stand together.
        let from = counts.iter().position(|count| count.table == input.table);
        let from = from.unwrap_or(counts.len());
        for (code, rows) in &input.set_aside {
            match counts[from..].iter_mut().find(|count| count.code == *code) {
                Some(count) => count.rows += rows,
                None => counts.push(AsideCount { table: input.table, code: *code, rows: *rows }),
            }
        }
        counts[from..].sort_by_key(|count| count.code);
    }
    counts
}

/// One line a table and code: units and money of the orders, the first row of the other tables.
pub(super) fn write(out: &mut String, settings: &Settings, inputs: &Loaded) -> std::fmt::Result {
    let counts = counts(&inputs.inputs);
    if counts.is_empty() {
        return Ok(());
    }

    let aside: u64 = counts.iter().map(|count| count.rows).sum();
    let read: u64 = inputs.inputs.iter().map(|input| input.rows).sum();
    let title = format!("Set aside: {} of {}", grouped(aside), counted(grouped(read), "row"));
    writeln!(
        out,
        "\n{}",
        heading(&format!("{title:<40}{:>8}{:>12}{:>16}", "rows", "units", "value"))
    )?;

    for count in counts {
        let AsideCount { table, code, rows } = count;
        let name = format!("{table} {}", code.name());
        write!(out, "  {name:<38}{:>8}", grouped(rows))?;
        let mut of_code = inputs
            .rejects
            .iter()
            .filter(|reject| reject.source.table == table && reject.code == code);
        if table == "orders" {
            let sums = inputs.set_aside.by_code.get(&code).copied().unwrap_or_default();
            of_orders(out, settings, sums, of_code)?;
        } else {
            let first = of_code.next().map(|first| place(first, WIDTH - 51)).unwrap_or_default();
            writeln!(out, "  {first}")?;
        }
    }
    writeln!(out, "  every row and its reason: quarantine.csv, or `restock check`")
}

/// What rows of the orders come to; those whose quantity cannot be read are shown with the first.
fn of_orders<'a>(
    out: &mut String,
    settings: &Settings,
    sums: SetAsideSums,
    rejects: impl Iterator<Item = &'a Reject>,
) -> std::fmt::Result {
    let SetAsideSums { rows, units, money, unread } = sums;
    if unread < rows {
        let base = &settings.currency.base;
        let money = grouped_money(money, decimals_of(base));
        write!(out, "{:>12}{money:>16} {base}", units.to_string())?;
    }
    writeln!(out)?;

    if unread == 0 {
        return Ok(());
    }
    // A row may be refused for one field while another is what adds nothing to the sums.
    let rejects: Vec<&Reject> = rejects.collect();
    let is_about_quantity = |reject: &&&Reject| reject.message.starts_with("`quantity`");
    let first = rejects.iter().find(is_about_quantity).or(rejects.first());
    let Some(first) = first else { return Ok(()) };
    let what = match unread == rows {
        true => String::new(),
        false => format!("{} without a readable quantity; ", counted(grouped(unread), "row")),
    };
    let text = format!("    {what}{}: {}", place(first, WIDTH), first.message);
    writeln!(out, "{}", wrapped(&text, WIDTH, "    "))
}

/// Where a row stands: `row 7 of orders.csv`.
fn place(reject: &Reject, width: usize) -> String {
    let row = format!("row {} of ", reject.source.row);
    format!("{row}{}", shortened_path(&reject.source.file, width.saturating_sub(row.len())))
}
