//! What became of order lines that runs suggested: the nouns of the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calendar::Day;
use super::fixed::Fixed;
use super::key::Key;
use super::tables::Text;

/// How far a suggested line has come.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
pub enum LineStatus {
    /// A run suggests it, and nobody has decided yet.
    Suggested,
    /// A person approved it; it goes out on the supplier's next order date.
    Approved,
    /// It was handed over.
    Sent,
    /// The table of open orders has it: from then on that table alone counts.
    Confirmed,
    /// It came.
    Received,
    /// A person does not want it, for a time.
    Rejected,
    /// It was taken back, there or here.
    Cancelled,
    /// It was handed over and never seen in the table of open orders.
    Expired,
}

impl LineStatus {
    /// Every status, in the order in which a line may pass through them.
    pub const ALL: [Self; 8] = [
        Self::Suggested,
        Self::Approved,
        Self::Sent,
        Self::Confirmed,
        Self::Received,
        Self::Rejected,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The word written in outputs and in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suggested => "suggested",
            Self::Approved => "approved",
            Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::Received => "received",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The status of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the line counts as on order by the ledger: no table has it yet.
    #[must_use]
    pub fn is_on_order(self) -> bool {
        matches!(self, Self::Approved | Self::Sent)
    }
}

impl fmt::Display for LineStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What names a line for as long as it is kept: the order's number and the line's.
pub type LineName = (Text, u32);

/// What a line is about; it never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineTerms {
    /// Who delivers.
    #[serde(with = "super::shared_text")]
    pub supplier: Text,
    /// Its name, as printed.
    #[serde(with = "super::shared_text")]
    pub supplier_name: Option<Text>,
    /// The item, and where to.
    pub key: Key,
    /// What the supplier calls it.
    #[serde(with = "super::shared_text")]
    pub supplier_sku: Option<Text>,
    /// Its description.
    #[serde(with = "super::shared_text")]
    pub description: Option<Text>,
    /// Unit of measure of the stock unit.
    #[serde(with = "super::shared_text")]
    pub uom: Option<Text>,
    /// Stock units of one orderable pack.
    pub pack_size: Option<Fixed>,
    /// Currency of its unit cost.
    #[serde(with = "super::shared_text")]
    pub currency: Text,
}

/// How a line stands after an event; the newest event of a line says how it stands now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// How far it has come.
    pub status: LineStatus,
    /// The day since which it has that status.
    pub since: Day,
    /// Counts the quantities and costs that it had, from 1.
    pub revision: u32,
    /// Stock units.
    pub quantity: Fixed,
    /// Stock units as a run suggested them last, whatever a person made of it.
    pub suggested_quantity: Fixed,
    /// Cost of a unit in the supplier's currency.
    pub unit_cost: Option<Fixed>,
    /// The order in the base currency; `None` without a cost or a rate.
    pub base_total: Option<Fixed>,
    /// The day on which it should come.
    pub requested_on: Day,
    /// The day on which it was handed over.
    pub sent_on: Option<Day>,
    /// The number by which the purchasing system knows it; empty if it was not seen there.
    #[serde(with = "super::shared_text")]
    pub matched: Text,
    /// Why it stands so; for a suggested line `needs_review` or `held`.
    #[serde(with = "super::shared_text")]
    pub reason: Text,
    /// The day from which a rejected line may be suggested again; `None` until the need grows.
    pub until: Option<Day>,
    /// The person who decided; empty for a run.
    #[serde(with = "super::shared_text")]
    pub by: Text,
}

impl Standing {
    /// Whether the line matters to no night after this one.
    #[must_use]
    pub fn is_over(&self, night: Day) -> bool {
        match self.status {
            LineStatus::Suggested
            | LineStatus::Approved
            | LineStatus::Sent
            | LineStatus::Confirmed => false,
            LineStatus::Received | LineStatus::Cancelled | LineStatus::Expired => true,
            LineStatus::Rejected => self.until.is_some_and(|until| until <= night),
        }
    }
}

impl LedgerLine {
    /// Ends the line on a night, without a person.
    pub fn end(&mut self, status: LineStatus, night: Day, reason: &str) {
        self.standing.status = status;
        self.standing.since = night;
        self.standing.reason = reason.into();
        self.standing.by = Text::default();
    }

    /// Units that a run suggested and a person does not want, while that is to be kept to at the
    /// start of a night: all of a rejected line, or what an edit took off one that is on its way.
    #[must_use]
    pub fn unwanted(&self, night: Day) -> Option<Fixed> {
        let standing = &self.standing;
        match standing.status {
            LineStatus::Rejected => (!standing.is_over(night)).then_some(standing.quantity),
            LineStatus::Approved | LineStatus::Sent | LineStatus::Confirmed => {
                let cut = standing.suggested_quantity - standing.quantity;
                (cut > Fixed::ZERO).then_some(cut)
            }
            _ => None,
        }
    }
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// Number of the order: it stays as long as the line is wanted.
    #[serde(with = "super::shared_text")]
    pub po_number: Text,
    /// Number of the line within the order, from 1.
    pub line: u32,
    /// What it is about.
    pub terms: LineTerms,
    /// The night that first suggested it.
    pub first_night: Day,
    /// How it stands.
    pub standing: Standing,
}

impl LedgerLine {
    /// The line's name.
    #[must_use]
    pub fn name(&self) -> LineName {
        (self.po_number.clone(), self.line)
    }

    /// The name as people write it: `260629-NORDIC-main:3`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}:{}", self.po_number, self.line)
    }
}

/// An order of the purchasing system's, by its number and item: one that was seen in its table.
pub type KnownOrder = (Text, Key);

/// The ledger as it stood at the start of a night.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerView {
    /// Lines that are open, and those that ended lately, by order and line.
    pub lines: Vec<LedgerLine>,
    /// Lines as an earlier run of the same night left them, which a rerun replaces.
    pub former: Vec<LedgerLine>,
    /// The highest line number of each order whose lines are kept, whatever became of them.
    pub last_line: BTreeMap<Text, u32>,
    /// Of the orders that tonight's tables name, those that were open on earlier nights.
    pub known: BTreeSet<KnownOrder>,
    /// What each of the nights before ordered in the base currency, newest first.
    pub night_totals: Vec<(Day, Fixed)>,
    /// How lines stood after the newest decision of a person about each, lately: approved, with
    /// another quantity or not, or rejected.
    pub decided: Vec<LedgerLine>,
}

/// What a night writes to the ledger.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerChanges {
    /// New lines, and lines that stand otherwise than before.
    pub lines: Vec<Arc<LedgerLine>>,
    /// Open orders of the purchasing system's that were seen for the first time.
    pub known: Vec<KnownOrder>,
    /// What the night orders, in the base currency.
    pub order_value: Fixed,
}
