//! The days on which a supplier works: its lead times count no others.

use std::collections::BTreeMap;

use super::calendar::{Day, weekday_of};
use super::lookups::rows;
use super::tables::{Tables, Text};

/// A closure counts for no longer than this many days. Judgement, as for order dates: longer than
/// any yearly closure, so that a wrong year in its end stops no clock for good.
pub const MAX_CLOSURE_DAYS: Day = 400;
/// Weekdays from this one on are no business days: 5 = Saturday.
const WEEKEND: usize = 5;

/// The days on which a supplier works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenDays {
    /// First and last days on which it does not, both included.
    closures: Vec<(Day, Day)>,
    /// Whether it works from Monday to Friday only.
    business_days: bool,
}

impl OpenDays {
    /// From a supplier's closures, first and last day, and whether it works on business days only.
    #[must_use]
    pub fn new(closures: &[(Day, Day)], business_days: bool) -> Self {
        let capped = |&(from, to): &(Day, Day)| (from, to.min(from + MAX_CLOSURE_DAYS));
        Self { closures: closures.iter().map(capped).collect(), business_days }
    }

    /// Of each supplier that does not work on every day.
    #[must_use]
    pub fn by_supplier(tables: &Tables) -> BTreeMap<Text, Self> {
        let mut closures: BTreeMap<&Text, Vec<(Day, Day)>> = BTreeMap::new();
        for row in rows(&tables.closures) {
            closures.entry(&row.supplier).or_default().push((row.from, row.to));
        }
        for row in rows(&tables.suppliers).iter().filter(|row| row.business_days) {
            closures.entry(&row.supplier).or_default();
        }

        let of = |(supplier, closures): (&Text, Vec<(Day, Day)>)| {
            let business_days = tables.supplier(supplier).is_some_and(|row| row.business_days);
            (supplier.clone(), Self::new(&closures, business_days))
        };
        closures.into_iter().map(of).collect()
    }

    /// The same days, but for closures.
    #[must_use]
    pub fn without_closures(&self) -> Self {
        Self { closures: Vec::new(), business_days: self.business_days }
    }

    /// Whether every day is open.
    #[must_use]
    pub fn is_every_day(&self) -> bool {
        self.closures.is_empty() && !self.business_days
    }

    /// Whether the supplier works on a day.
    #[must_use]
    pub fn is_open(&self, day: Day) -> bool {
        let is_closed = self.closures.iter().any(|(from, to)| (*from..=*to).contains(&day));
        let is_weekend = self.business_days && weekday_of(day) >= WEEKEND;
        !(is_closed || is_weekend)
    }

    /// The first open day on or after `day`.
    #[must_use]
    pub fn first_from(&self, day: Day) -> Day {
        let last = day.saturating_add(MAX_CLOSURE_DAYS);
        (day..last).find(|day| self.is_open(*day)).unwrap_or(last)
    }

    /// Open days after `from`, up to and with `to`; below 0 where `to` lies before `from`.
    ///
    /// ```
    /// use restock::domain::open_days::OpenDays;
    /// let open = OpenDays::new(&[(102, 104)], false);
    /// assert_eq!((open.between(100, 106), open.between(106, 100)), (3, -3));
    /// ```
    #[must_use]
    pub fn between(&self, from: Day, to: Day) -> Day {
        if self.is_every_day() {
            return to.saturating_sub(from);
        }
        let count = |from: Day, to: Day| (from + 1..=to).filter(|day| self.is_open(*day)).count();
        if to >= from { count(from, to) as Day } else { -(count(to, from) as Day) }
    }

    /// Calendar days from `from` to the `n`-th open day after it, for each n up to `most`; the
    /// first is that of the first open day on or after `from`.
    ///
    /// ```
    /// use restock::domain::open_days::OpenDays;
    /// let open = OpenDays::new(&[(102, 104)], false);
    /// assert_eq!(open.days_to(100, 3), [0, 1, 5, 6]);
    /// ```
    #[must_use]
    pub fn days_to(&self, from: Day, most: u32) -> Vec<u32> {
        let mut days = Vec::with_capacity(most as usize + 1);
        days.push(self.first_from(from).abs_diff(from));
        let mut day = from;
        for _ in 0..most {
            day = self.first_from(day.saturating_add(1));
            days.push(day.abs_diff(from));
        }

        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::REVIEW_EPOCH;

    #[test]
    fn business_days_leave_out_weekends() {
        let open = OpenDays::new(&[], true);
        // Ordered on a Friday: the next business day is Monday; the fifth is the Friday after.
        assert_eq!(open.days_to(REVIEW_EPOCH + 4, 5), [0, 3, 4, 5, 6, 7]);
        assert_eq!(open.between(REVIEW_EPOCH + 4, REVIEW_EPOCH + 11), 5);
    }

    #[test]
    fn a_wrong_year_stops_no_clock_for_good() {
        let open = OpenDays::new(&[(100, 40_000)], false);
        assert!(open.days_to(99, 3).iter().all(|days| *days < 500));
    }
}
