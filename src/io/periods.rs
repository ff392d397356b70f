//! What one row covers.

use chrono::Months;

use crate::config::choices::Rows;
use crate::domain::calendar::{Day, date_of, day_of};

/// How many days a row covers, from its date on: 1, 7, or as many as lie between its date and the
/// same date of the next month (for the first of a month, the month).
pub(crate) fn days_covered(rows: Rows, date: Day) -> u8 {
    match rows {
        Rows::Lines | Rows::Day => 1,
        Rows::Week => 7,
        Rows::Month => {
            let start = date_of(date);
            let next = start.checked_add_months(Months::new(1)).map_or(date + 30, day_of);

            u8::try_from(next - date).unwrap_or(31)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_row_covers_its_month() {
        assert_eq!(days_covered(Rows::Month, 19_754), 29); // 2024-02-01
        assert_eq!(days_covered(Rows::Month, 19_723), 31); // 2024-01-01
        assert_eq!(days_covered(Rows::Week, 19_723), 7);
        assert_eq!(days_covered(Rows::Lines, 19_723), 1);
    }
}
