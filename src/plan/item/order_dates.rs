//! When a supplier can be ordered from.

use crate::domain::calendar::{Day, REVIEW_EPOCH, weekday_of};

/// Days that are searched for an order date; a supplier closed for longer is taken to open again
/// then. Judgement: longer than the longest review period, 366 days, and than any yearly closure.
const SEARCH_DAYS: Day = 400;

/// What decides a supplier's order dates.
#[derive(Debug, Clone, Copy)]
pub struct OrderCalendar<'a> {
    /// Bit 0 = Monday … bit 6 = Sunday; 0 if none are stated.
    pub weekdays: u8,
    /// Days between order dates, counted from Monday 1970-01-05, if no weekdays are stated.
    pub review_period_days: u32,
    /// First and last days on which nothing is ordered.
    pub closures: &'a [(Day, Day)],
}

impl OrderCalendar<'_> {
    /// Whether an order can be placed on a day.
    #[must_use]
    pub fn is_order_day(&self, day: Day) -> bool {
        let open = !self.closures.iter().any(|(from, to)| (*from..=*to).contains(&day));
        let due = if self.weekdays != 0 {
            self.weekdays >> weekday_of(day) & 1 == 1
        } else {
            (day - REVIEW_EPOCH).rem_euclid(self.review_period_days.max(1) as Day) == 0
        };

        open && due
    }

    /// The first order date on or after `day`.
    #[must_use]
    pub fn first_from(&self, day: Day) -> Day {
        (day..day + SEARCH_DAYS).find(|day| self.is_order_day(*day)).unwrap_or(day + SEARCH_DAYS)
    }

    /// Days from `as_of` to the first order date, and from there to the next: R.
    ///
    /// With `order_now` the first order date is `as_of` itself, and review periods count from it.
    ///
    /// ```
    /// use restock::domain::calendar::REVIEW_EPOCH;
    /// use restock::plan::item::order_dates::OrderCalendar;
    /// // Mondays and Thursdays; asked on a Tuesday: in two days, then four days later.
    /// let calendar = OrderCalendar { weekdays: 0b1001, review_period_days: 1, closures: &[] };
    /// assert_eq!(calendar.next_two(REVIEW_EPOCH + 1, false), (2, 4));
    /// ```
    #[must_use]
    pub fn next_two(&self, as_of: Day, order_now: bool) -> (u32, u32) {
        let first = if order_now { as_of } else { self.first_from(as_of) };
        let second = if order_now && self.weekdays == 0 {
            first + self.review_period_days.max(1) as Day
        } else {
            self.first_from(first + 1)
        };

        ((first - as_of) as u32, (second - first) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_moves_the_order_date_and_lengthens_the_wait() {
        let every_night =
            OrderCalendar { weekdays: 0, review_period_days: 1, closures: &[(101, 120)] };
        assert_eq!(every_night.next_two(100, false), (0, 21));
        assert_eq!(every_night.next_two(105, false), (16, 1));
    }

    #[test]
    fn review_periods_are_counted_from_the_epoch() {
        let weekly = OrderCalendar { weekdays: 0, review_period_days: 7, closures: &[] };
        assert_eq!(weekly.next_two(REVIEW_EPOCH + 15, false), (6, 7));
        assert_eq!(weekly.next_two(REVIEW_EPOCH + 15, true), (0, 7));
    }
}
