//! What the status of order lines says: cancelled ones are set aside, and of the others those are
//! named that sound like a cancellation in some language.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Finding};
use crate::domain::wording::counted;
use crate::io::values::shown;

/// How words for what did not take place begin, in lower case, in the languages of shops: English,
/// German, French, Dutch, Italian, Spanish, Portuguese, Danish, Norwegian, Swedish, Polish, Czech,
/// Finnish, Turkish, Russian, Chinese and Japanese.
const CANCELLED: [&str; 21] = [
    "canc",
    "void",
    "trash",
    "declin",
    "reject",
    "storn",
    "abgebroch",
    "abgelehnt",
    "annul",
    "geannul",
    "afgewez",
    "anul",
    "rechaz",
    "kansell",
    "avbest",
    "avbruten",
    "zruš",
    "peruttu",
    "iptal",
    "отмен",
    "取消",
];

/// How many different statuses are looked at. Judgement: an export has a dozen; more are no
/// statuses but texts.
const MAX_STATUSES: usize = 1_000;

/// The statuses of order lines.
#[derive(Debug, Clone)]
pub(crate) struct Statuses<'a> {
    /// What the configuration names.
    cancelled: &'a [String],
    /// How many rows have each of the other statuses.
    others: BTreeMap<String, u64>,
    /// There are more than statuses can be.
    are_texts: bool,
}

impl<'a> Statuses<'a> {
    pub(crate) fn new(cancelled: &'a [String]) -> Self {
        Self { cancelled, others: BTreeMap::new(), are_texts: false }
    }

    /// The same for other rows.
    pub(crate) fn part(&self) -> Self {
        Self::new(self.cancelled)
    }

    /// Takes over what was counted of other rows.
    pub(crate) fn join(&mut self, part: &mut Self) {
        self.are_texts |= part.are_texts;
        for (status, rows) in std::mem::take(&mut part.others) {
            self.count(&status, rows);
        }
    }

    /// Whether a line of this status was cancelled.
    pub(crate) fn is_cancelled(&mut self, status: &str) -> bool {
        let is_named = self.cancelled.iter().any(|word| word.trim().eq_ignore_ascii_case(status));
        if !is_named {
            self.count(status, 1);
        }
        is_named
    }

    fn count(&mut self, status: &str, rows: u64) {
        if let Some(count) = self.others.get_mut(status) {
            *count += rows;
        } else if self.others.len() < MAX_STATUSES {
            self.others.insert(status.to_owned(), rows);
        } else {
            self.are_texts = true;
        }
    }

    /// A finding for each status that counts as demand and sounds like a cancellation.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let sounds_so = |status: &str| {
            // A dotted capital I is an i with a dot above in lower case.
            let status = status.to_lowercase().replace('\u{307}', "");
            let mut words = status.split(|char: char| !char.is_alphanumeric());
            words.any(|word| CANCELLED.iter().any(|begin| word.starts_with(begin)))
        };
        let found = self.others.iter().filter(|(status, _)| !self.are_texts && sounds_so(status));
        found
            .map(|(status, rows)| {
                let verb = if *rows == 1 { "counts" } else { "count" };
                let message = format!(
                    "{} with the status {} {verb} as demand",
                    counted(*rows, "row"),
                    shown(status.as_bytes())
                );
                Finding::of_table(Code::LikelyCancelled, "orders", message)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sounds_like_a_cancellation_and_counts_is_named() {
        let cancelled = ["cancelled".to_owned()];
        let mut statuses = Statuses::new(&cancelled);
        assert!(statuses.is_cancelled("Cancelled"));
        for status in ["Storniert", "Storniert", "bezahlt", "Offen", "wc-cancelled", "İptal"] {
            assert!(!statuses.is_cancelled(status));
        }
        let said: Vec<String> = statuses.findings().into_iter().map(|it| it.message).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].starts_with("2 rows with the status \"Storniert\" count"), "{said:?}");
    }
}
