//! When an item can be ordered, and how long its orders take.

use super::day_distribution::DayDistribution;

/// When an item can be ordered, and how long its orders take.
#[derive(Clone, Debug, PartialEq)]
pub struct Supply {
    /// Lead time in days.
    pub lead_time: DayDistribution,
    /// Days from `as_of` to the first order date.
    pub first_order_day: u32,
    /// Days from that order date to the next, at least 1.
    pub review_period_days: u32,
    /// Days between order dates from the first one on, where they are not always as many.
    pub in_turn: InTurn,
    /// Correlation of the lead times of an item's successive orders, 0 … 1: where it is 1, none
    /// overtakes another.
    pub lead_time_correlation: f64,
}

impl Supply {
    /// Order dates as far apart as the first two, and orders that never overtake one another.
    #[must_use]
    pub fn new(lead_time: DayDistribution, first_order_day: u32, review_period_days: u32) -> Self {
        Self {
            lead_time,
            first_order_day,
            review_period_days,
            in_turn: InTurn::default(),
            lead_time_correlation: 1.0,
        }
    }
}

/// The days between the order dates of a week, where they differ: Mondays and Thursdays are three
/// and four days apart in turn.
///
/// ```
/// use restock::inventory::supply::InTurn;
/// // Mondays (bit 0) and Thursdays, from a Thursday on.
/// assert_eq!(InTurn::from_weekday(0b1001, 3).days().collect::<Vec<_>>(), [4, 3]);
/// // Mondays alone: always seven days.
/// assert_eq!(InTurn::from_weekday(0b0001, 0).days().count(), 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InTurn {
    /// Zeros behind the last.
    days: [u8; 7],
}

impl InTurn {
    /// From weekdays on which orders are placed (bit 0 = Monday), beginning on a weekday (0 =
    /// Monday), or on the last order date before it.
    #[must_use]
    pub fn from_weekday(weekdays: u8, weekday: usize) -> Self {
        let is_order_day = |day: usize| weekdays >> (day % 7) & 1 == 1;
        let Some(first) = (weekday + 1..=weekday + 7).rev().find(|day| is_order_day(*day)) else {
            return Self::default();
        };

        let mut days = [0; 7];
        let mut before = first;
        let later = (first + 1..=first + 7).filter(|day| is_order_day(*day));
        for (gap, day) in days.iter_mut().zip(later) {
            *gap = (day - before) as u8;
            before = day;
        }

        let is_even = days.iter().all(|gap| *gap == 0 || *gap == days[0]);
        if is_even { Self::default() } else { Self { days } }
    }

    /// Days from each order date to the next one, for a week; none where they are always as many.
    pub fn days(&self) -> impl Iterator<Item = u32> + '_ {
        self.days.iter().take_while(|days| **days > 0).map(|days| u32::from(*days))
    }

    /// The most days between two order dates; 0 where they are always as many.
    #[must_use]
    pub fn longest(&self) -> u32 {
        self.days().max().unwrap_or(0)
    }
}
