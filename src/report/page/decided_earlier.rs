//! What people decided about order lines, as far as it still matters.

use serde::Serialize;

use super::run_tables::{Row, RunTables, rows};
use super::shown::{count, exact, known, name, sentence, word};
use crate::domain::calendar::Day;
use crate::report::columns::{LINE, PO_NUMBER, QUANTITY, SKU, STATE};

/// Decisions that are shown, the newest first.
const MAX_SHOWN: usize = 20;

/// What was decided earlier.
#[derive(Serialize)]
pub(super) struct DecidedEarlier {
    shown: Vec<Decided>,
    more: Option<String>,
}

/// A decision of a person.
#[derive(Serialize)]
struct Decided {
    line: String,
    sku: String,
    what: String,
    reason: String,
    by: String,
    since: String,
}

pub(super) fn section(run: &RunTables) -> DecidedEarlier {
    let mut decided: Vec<(Option<Day>, Row<'_>)> = rows(&run.ledger)
        .filter(|row| is_decided(*row))
        .map(|row| (row.day("since"), row))
        .collect();
    decided.sort_by_key(|(since, row)| (std::cmp::Reverse(*since), row.item()));
    DecidedEarlier {
        more: (decided.len() > MAX_SHOWN).then(|| count(decided.len() - MAX_SHOWN)),
        shown: decided.into_iter().take(MAX_SHOWN).map(|(_, row)| shown(row)).collect(),
    }
}

/// Whether a person, or a rule that stands for one, made something else of a line than its run did.
fn is_decided(row: Row<'_>) -> bool {
    let is_edited = row.fixed(QUANTITY) != row.fixed("suggested_quantity");
    let is_of_a_person = !row.text("by").is_empty();
    is_edited || is_of_a_person || matches!(row.text(STATE), "approved" | "rejected")
}

fn shown(row: Row<'_>) -> Decided {
    let (quantity, suggested) = (row.fixed(QUANTITY), row.fixed("suggested_quantity"));
    let state = word(row.text(STATE));
    let edited = match quantity != suggested {
        true => format!(", {} in place of {}", known(quantity, exact), known(suggested, exact)),
        false => String::new(),
    };
    let until = match row.text("until") {
        "" => String::new(),
        until => format!(" until {}", name(until)),
    };
    Decided {
        line: format!("{} {}", row.text(PO_NUMBER), row.text(LINE)),
        sku: name(row.text(SKU)),
        what: format!("{state}{edited}{until}"),
        reason: sentence(row.text("reason")),
        by: name(row.text("by")),
        since: name(row.text("since")),
    }
}
