//! What people decide between two nights about lines of the ledger.
//!
//! Pure functions: how a line stands after a decision, or why the decision is refused.

use std::fmt;

use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::Fixed;
use crate::domain::ledger::{LedgerLine, LineStatus, Standing};
use crate::domain::tables::Text;
use crate::domain::wording::counted;

/// What is done with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It may go out.
    Approve,
    /// It may go out with another quantity.
    Edit,
    /// It is not wanted, for a time.
    Reject,
    /// It was approved or handed over, and is taken back.
    Cancel,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 4] = [Self::Approve, Self::Edit, Self::Reject, Self::Cancel];

    /// The word of a file of decisions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Edit => "edit",
            Self::Reject => "reject",
            Self::Cancel => "cancel",
        }
    }

    /// The action of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A decision about one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What is done.
    pub action: Action,
    /// The revision that the person saw; `None` for the newest.
    pub revision: Option<u32>,
    /// Stock units to order in place of those suggested; for an edit.
    pub quantity: Option<Fixed>,
    /// The day from which a rejected line may be suggested again.
    pub until: Option<Day>,
    /// Why.
    pub reason: Text,
    /// Who decides.
    pub by: Text,
    /// The day of the decision.
    pub day: Day,
}

/// How a line stands after a decision. `seen` is how it stood at the revision that the person saw,
/// where that is not the newest.
///
/// # Errors
/// Why the decision is refused, as a sentence.
pub fn decide(
    line: &LedgerLine,
    decision: &Decision,
    seen: Option<&Standing>,
) -> Result<Standing, String> {
    let now = &line.standing;
    let is_done = is_done(now, decision);
    if is_done && decision.action != Action::Approve {
        return Ok(now.clone());
    }
    is_of_this_revision(line, decision, seen)?;
    if is_done {
        return Ok(now.clone());
    }

    let after = Standing {
        since: decision.day,
        reason: decision.reason.clone(),
        by: decision.by.clone(),
        until: None,
        ..now.clone()
    };
    match (decision.action, now.status) {
        (Action::Approve, LineStatus::Suggested | LineStatus::Rejected) => {
            Ok(Standing { status: LineStatus::Approved, ..after })
        }
        (Action::Edit, LineStatus::Suggested | LineStatus::Approved | LineStatus::Rejected) => {
            let quantity = edited_quantity(line, decision)?;
            let share = quantity.to_f64() / now.quantity.to_f64();
            let base_total =
                now.base_total.map(|total| Fixed::clamped(total.to_f64() * share).rounded(2));
            let revision = now.revision + 1;
            let status = LineStatus::Approved;
            Ok(Standing { status, revision, quantity, base_total, ..after })
        }
        (Action::Reject, LineStatus::Suggested | LineStatus::Approved | LineStatus::Rejected) => {
            if let Some(until) = decision.until.filter(|until| *until <= decision.day) {
                return Err(format!(
                    "`until` {} does not lie after {}",
                    date_of(until),
                    date_of(decision.day)
                ));
            }
            Ok(Standing { status: LineStatus::Rejected, until: decision.until, ..after })
        }
        (Action::Cancel, LineStatus::Approved | LineStatus::Sent) => {
            Ok(Standing { status: LineStatus::Cancelled, ..after })
        }
        (action, status) => Err(refusal(action, status, now)),
    }
}

/// Whether a line stands as the decision wants it.
fn is_done(now: &Standing, decision: &Decision) -> bool {
    match (decision.action, now.status) {
        (Action::Approve, LineStatus::Approved) | (Action::Cancel, LineStatus::Cancelled) => true,
        (Action::Edit, LineStatus::Approved) => decision.quantity == Some(now.quantity),
        (Action::Reject, LineStatus::Rejected) => decision.until == now.until,
        _ => false,
    }
}

/// A decision on an older revision holds where nothing differs.
fn is_of_this_revision(
    line: &LedgerLine,
    decision: &Decision,
    seen: Option<&Standing>,
) -> Result<(), String> {
    let (now, newest) = (&line.standing, line.standing.revision);
    let Some(revision) = decision.revision.filter(|revision| *revision != newest) else {
        return Ok(());
    };
    let Some(seen) = seen else {
        return Err(format!("there is no revision {revision}; the newest is {newest}"));
    };
    if (seen.quantity, seen.unit_cost) == (now.quantity, now.unit_cost) {
        return Ok(());
    }

    let told = |standing: &Standing| match standing.unit_cost {
        Some(cost) => format!("{} at {cost}", standing.quantity),
        None => standing.quantity.to_string(),
    };
    Err(format!(
        "revision {revision} was {}, and revision {newest} is {}: look at it again",
        told(seen),
        told(now)
    ))
}

/// The quantity of an edit: above 0, and whole packs.
fn edited_quantity(line: &LedgerLine, decision: &Decision) -> Result<Fixed, String> {
    let quantity = decision.quantity.ok_or("an edit needs a `quantity`")?;
    if quantity <= Fixed::ZERO {
        return Err(format!("the quantity {quantity} is not above 0: reject the line instead"));
    }
    let pack = line.terms.pack_size.filter(|pack| *pack > Fixed::ZERO);
    if let Some(pack) = pack.filter(|pack| quantity.steps() % pack.steps() != 0) {
        let above = quantity.up_to_multiple(pack);
        let below = above - pack;
        let near = match below > Fixed::ZERO {
            true => format!("{below} or {above}"),
            false => above.to_string(),
        };
        return Err(format!(
            "{} are no whole packs of {pack}: take {near}",
            counted(quantity, "unit")
        ));
    }
    Ok(quantity)
}

fn refusal(action: Action, status: LineStatus, now: &Standing) -> String {
    let since = date_of(now.since);
    match (action, status) {
        (Action::Cancel, LineStatus::Suggested) => {
            "nobody approved it yet: reject it instead".to_owned()
        }
        (_, LineStatus::Sent) => format!(
            "it was handed over on {since}: change it in the purchasing system, or cancel it here \
             once it is cancelled there"
        ),
        (_, LineStatus::Confirmed) => {
            format!("the purchasing system has it as {}: change it there", now.matched)
        }
        (Action::Cancel, _) => format!("it is {status} since {since}"),
        _ => format!("it is {status} since {since}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::Key;
    use crate::domain::ledger::LineTerms;

    fn line(status: LineStatus) -> LedgerLine {
        LedgerLine {
            po_number: "260629-ACME-main".into(),
            line: 1,
            terms: LineTerms {
                supplier: "ACME".into(),
                supplier_name: None,
                key: Key::new("A1", "main"),
                supplier_sku: None,
                description: None,
                uom: None,
                pack_size: Some(Fixed::from_units(12)),
                currency: "EUR".into(),
            },
            first_night: 100,
            standing: Standing {
                status,
                since: 100,
                revision: 2,
                quantity: Fixed::from_units(48),
                suggested_quantity: Fixed::from_units(48),
                unit_cost: Some(Fixed::from_units(2)),
                base_total: Some(Fixed::from_units(96)),
                requested_on: 114,
                sent_on: None,
                matched: Text::default(),
                reason: Text::default(),
                until: None,
                by: Text::default(),
            },
        }
    }

    fn decision(action: Action) -> Decision {
        Decision {
            action,
            revision: None,
            quantity: None,
            until: None,
            reason: "because".into(),
            by: "ann".into(),
            day: 101,
        }
    }

    #[test]
    fn an_edit_approves_another_quantity_in_whole_packs_and_stands_beside_the_original() {
        let edit = |units: i64| Decision {
            quantity: Some(Fixed::from_units(units)),
            ..decision(Action::Edit)
        };
        let line = line(LineStatus::Suggested);
        let after = decide(&line, &edit(24), None).unwrap();
        assert_eq!((after.status, after.revision), (LineStatus::Approved, 3));
        assert_eq!(after.base_total, Some(Fixed::from_units(48)));
        assert_eq!(line.standing.quantity, Fixed::from_units(48));

        assert!(decide(&line, &edit(30), None).unwrap_err().contains("take 24 or 36"));
        assert!(decide(&line, &edit(5), None).unwrap_err().contains("take 12"));
        assert!(decide(&line, &edit(0), None).unwrap_err().contains("reject"));
        assert!(decide(&line, &decision(Action::Edit), None).is_err());
    }

    #[test]
    fn an_older_revision_is_refused_unless_nothing_differs() {
        let line = line(LineStatus::Suggested);
        let approve = Decision { revision: Some(1), ..decision(Action::Approve) };
        let same = Standing { revision: 1, ..line.standing.clone() };
        let other = Standing { quantity: Fixed::from_units(36), ..same.clone() };
        assert!(decide(&line, &approve, Some(&same)).is_ok());
        assert!(decide(&line, &approve, Some(&other)).unwrap_err().contains("36 at 2"));
        assert!(decide(&line, &approve, None).unwrap_err().contains("no revision 1"));
    }

    #[test]
    fn what_was_handed_over_is_frozen_and_can_only_be_taken_back() {
        for (action, status, is_allowed) in [
            (Action::Approve, LineStatus::Suggested, true),
            (Action::Approve, LineStatus::Approved, true),
            (Action::Approve, LineStatus::Sent, false),
            (Action::Approve, LineStatus::Rejected, true),
            (Action::Reject, LineStatus::Approved, true),
            (Action::Reject, LineStatus::Sent, false),
            (Action::Cancel, LineStatus::Suggested, false),
            (Action::Cancel, LineStatus::Sent, true),
            (Action::Cancel, LineStatus::Confirmed, false),
            (Action::Cancel, LineStatus::Received, false),
        ] {
            let decided = decide(&line(status), &decision(action), None);
            assert_eq!(decided.is_ok(), is_allowed, "{action} of {status}: {decided:?}");
        }
        let late = Decision { until: Some(101), ..decision(Action::Reject) };
        assert!(decide(&line(LineStatus::Suggested), &late, None).is_err());
    }
}
