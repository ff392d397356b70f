//! The days ahead on which a supplier works, counted once for all its items.

use crate::domain::calendar::Day;
use crate::domain::open_days::OpenDays;

/// The days on which a supplier works, from `as_of` on, as days from there; ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkingDays(Vec<u32>);

impl WorkingDays {
    /// The next so many days on which the supplier works.
    pub(super) fn ahead(open_days: &OpenDays, as_of: Day, most: u32) -> Self {
        let mut days = open_days.days_to(as_of, most.saturating_add(1));
        days.dedup();
        Self(days)
    }

    /// The n-th working day after a day; with 0 the first on or after it.
    pub(super) fn after(&self, day: u32, n: u32) -> u32 {
        let from = match n.checked_sub(1) {
            Some(more) => self.0.partition_point(|open| *open <= day) + more as usize,
            None => self.0.partition_point(|open| *open < day),
        };
        self.0.get(from).or(self.0.last()).copied().unwrap_or(day).max(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_counted_as_by_the_supplier_itself() {
        let open = OpenDays::new(&[(102, 104), (120, 130)], false);
        let days = WorkingDays::ahead(&open, 100, 60);
        for from in 0..40_u32 {
            let each = open.days_to(100 + from as Day, 10);
            for (n, later) in each.iter().enumerate() {
                assert_eq!(days.after(from, n as u32), from + later, "{from} {n}");
            }
        }
    }
}
