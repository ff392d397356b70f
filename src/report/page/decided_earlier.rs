//! What people decided about order lines, as far as it still matters.

use std::cmp::Reverse;

use serde::Serialize;

use super::PageSource;
use super::run_tables::{Row, RunTables, rows};
use super::shown::{count, exact, known, name, sentence, word};
use crate::config::choices::Handover;
use crate::domain::calendar::Day;
use crate::report::columns::{LINE, PO_NUMBER, QUANTITY, SKU, STATE};
use crate::state::StateView;

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

pub(super) fn section(source: &PageSource<'_>, run: &RunTables) -> DecidedEarlier {
    let StateView { settings, as_of, .. } = source.state;
    // Nothing is handed over that was not approved; by then the line itself says so no more.
    let is_asked = settings.purchasing.handover == Handover::Approve;
    let went_out = |row: Row<'_>| is_asked && row.day("sent_on") == Some(as_of);
    let mut decided: Vec<(Option<Day>, Row<'_>)> = rows(&run.ledger)
        .filter(|row| is_decided(*row) || went_out(*row))
        .map(|row| (row.day("since"), row))
        .collect();
    // What was only approved comes last: it went as planned.
    decided.sort_by_key(|(since, row)| (!is_decided(*row), Reverse(*since), row.item()));
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
    let state = if state == "sent" { "approved and sent".to_owned() } else { state };
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
