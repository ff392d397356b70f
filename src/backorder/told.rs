//! What customers who wait were told: the state of a waiting line that is carried from run to run.

use std::collections::BTreeMap;

use crate::domain::calendar::Day;
use crate::domain::key::Key;
use crate::domain::tables::Backorder;

/// What a notice says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeKind {
    /// The first delay of an order.
    DelayFirst,
    /// The date of an earlier notice will be missed too.
    DelayRenewed,
    /// A delay for which no date can be given.
    DelayIndefinite,
    /// It will never be shipped.
    CannotShip,
    /// It comes earlier than was told.
    GoodNews,
    /// A supplier is asked for late lines.
    Chase,
    /// The team is told what is new.
    Digest,
    /// The team has to pay a customer back.
    RefundDue,
}

impl NoticeKind {
    /// Each kind.
    pub const ALL: [Self; 8] = [
        Self::DelayFirst,
        Self::DelayRenewed,
        Self::DelayIndefinite,
        Self::CannotShip,
        Self::GoodNews,
        Self::Chase,
        Self::Digest,
        Self::RefundDue,
    ];

    /// The kind that a word stands for.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The word written in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DelayFirst => "delay_first",
            Self::DelayRenewed => "delay_renewed",
            Self::DelayIndefinite => "delay_indefinite",
            Self::CannotShip => "cannot_ship",
            Self::GoodNews => "good_news",
            Self::Chase => "chase",
            Self::Digest => "digest",
            Self::RefundDue => "refund_due",
        }
    }
}

/// What it means when a customer does not answer a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Silence {
    /// The customer agrees to wait.
    Consent,
    /// The order is cancelled.
    Cancellation,
}

impl Silence {
    /// The meaning that a word stands for.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Consent, Self::Cancellation].into_iter().find(|silence| silence.as_str() == word)
    }

    /// The word written in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Cancellation => "cancellation",
        }
    }
}

/// What the customer of a waiting line was last told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// The day on which it is to ship; `None` where no date was given.
    pub date: Option<Day>,
    /// The kind of the last notice; `None` where none was written.
    pub kind: Option<NoticeKind>,
    /// The day until which that notice asks for an answer.
    pub respond_by: Option<Day>,
    /// What no answer to it means.
    pub silence: Option<Silence>,
    /// The day that the shop itself stated for the line when that was written.
    pub stated: Option<Day>,
    /// The line's place in the queue of that night, from 1.
    pub place: Option<u32>,
}

impl Told {
    /// Whether the shop has stated another day for the line since, one that is still ahead: what it
    /// agreed on with its customer goes before what we told.
    #[must_use]
    pub fn is_restated(&self, row: &Backorder, as_of: Day) -> bool {
        row.promised_on.is_some_and(|day| self.stated != Some(day) && day >= as_of)
    }

    /// Whether the line is at its end: it is to be paid back, and waits for nothing.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.kind, Some(NoticeKind::RefundDue | NoticeKind::CannotShip))
    }
}

/// What names a waiting line from run to run: its order, its line (empty without one), its item,
/// and how many rows of the same stand before it.
pub type LineName = (String, String, Key, u32);

/// What the previous run's customers were told, by line.
pub type PreviousPromises = BTreeMap<LineName, Told>;

/// The day that each waiting line was promised for, by a run or the shop.
pub type PromisedDays = BTreeMap<LineName, Day>;

/// The name of a waiting line.
#[must_use]
pub fn line_name(row: &Backorder) -> LineName {
    let line = row.line.as_deref().unwrap_or_default().to_owned();
    (row.order_id.to_string(), line, row.key.clone(), row.repeat)
}
