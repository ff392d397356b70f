//! When items can be ordered, how long that takes, and what is promised.

use rand_chacha::ChaCha8Rng;
use restock::domain::policy::Policy;
use restock::domain::target::Target;

use super::process::draw_unit;

/// When orders are placed. Every schedule has the day of the night, a Monday, as an order date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Review {
    /// Every so many days.
    Days(u32),
    /// Every night, where the levels of each weekday differ.
    EveryWeekday,
    /// Mondays and Thursdays.
    MondayThursday,
}

impl Review {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Days(days) => days.to_string(),
            Self::EveryWeekday => "1".to_owned(),
            Self::MondayThursday => "mon\\|thu".to_owned(),
        }
    }

    /// Which of its levels decide on a day, counted from the night; `None` on days without
    /// orders.
    pub(crate) fn level_on(self, day: usize) -> Option<usize> {
        match self {
            Self::Days(days) => day.is_multiple_of(days as usize).then_some(0),
            Self::EveryWeekday => Some(day % 7),
            Self::MondayThursday => match day % 7 {
                0 => Some(0),
                3 => Some(1),
                _ => None,
            },
        }
    }

    /// Days from the night until the first order date for each of its levels.
    pub(crate) fn nights(self) -> &'static [i32] {
        match self {
            Self::Days(_) => &[0],
            Self::EveryWeekday => &[0, 1, 2, 3, 4, 5, 6],
            Self::MondayThursday => &[0, 3],
        }
    }

    /// Days from the night's order date to the next.
    pub(crate) fn days(self) -> u32 {
        match self {
            Self::Days(days) => days,
            Self::EveryWeekday => 1,
            Self::MondayThursday => 3,
        }
    }
}

/// How long orders take, and what the shop knows of that.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lead {
    /// As stated.
    Days(u32),
    /// 8 to 12 days, learnt from receipts.
    Varying,
    /// 5 days, or 25 with probability 0.2, learnt from receipts: orders overtake one another.
    Overtaking,
    /// 14 days as stated; another item of the supplier has been overdue for 60 days.
    OtherOverdue,
    /// 14 days as stated; the supplier confirms what is ordered for 6 days after the next order's
    /// arrival.
    ConfirmedLate,
}

impl Lead {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Days(days) => days.to_string(),
            Self::Varying => "8–12".to_owned(),
            Self::Overtaking => "5 or 25".to_owned(),
            Self::OtherOverdue => "14, other overdue".to_owned(),
            Self::ConfirmedLate => "14, confirmed late".to_owned(),
        }
    }

    /// Days stated in the tables.
    pub(crate) fn stated_days(self) -> u32 {
        match self {
            Self::Days(days) => days,
            Self::Varying => 10,
            Self::Overtaking => 9,
            Self::OtherOverdue | Self::ConfirmedLate => 14,
        }
    }

    pub(crate) fn longest_days(self) -> u32 {
        match self {
            Self::Varying => 12,
            Self::Overtaking => 25,
            _ => self.stated_days(),
        }
    }

    pub(crate) fn is_learnt(self) -> bool {
        matches!(self, Self::Varying | Self::Overtaking)
    }

    pub(crate) fn draw(self, random: &mut ChaCha8Rng) -> u32 {
        match self {
            Self::Varying => 8 + (5.0 * draw_unit(random)) as u32,
            Self::Overtaking => {
                if draw_unit(random) < 0.2 {
                    25
                } else {
                    5
                }
            }
            _ => self.stated_days(),
        }
    }
}

/// What is promised, and under which rules.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Terms {
    pub(crate) review: Review,
    pub(crate) lead: Lead,
    pub(crate) policy: Policy,
    pub(crate) target: Target,
}

impl Terms {
    /// The share that is promised; of a cost target, that hoped for.
    pub(crate) fn promised(&self) -> f64 {
        match self.target {
            Target::CycleServiceLevel(level)
            | Target::FillRate(level)
            | Target::ReadyRate(level) => level,
            // The least cost, as a share of the cost.
            Target::Cost(_) => 0.95,
        }
    }
}
