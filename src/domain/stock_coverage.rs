//! How much of the shop the stock table covers: what is ordered on one that lacks rows would be
//! bought a second time.

use super::wording::counted;

/// Share of the items that sold lately, or of the previous run's rows, that a stock table has to
/// have. The contract states it.
const MIN_SHARE: f64 = 0.5;

/// Items that have to have sold before a share of them tells anything, unless the table is empty.
/// Judgement: one service that nobody stocks is no gap.
const MIN_SOLD: usize = 5;

/// How much of the shop a stock table covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StockCoverage {
    /// Items that sold in the last 28 days; 0 where no stock table is given.
    pub sold: usize,
    /// Those of them that have no row in it.
    pub without_row: usize,
    /// Rows of the table.
    pub rows: u64,
    /// Rows that it had in the previous run; `None` if that is not known.
    pub previous_rows: Option<u64>,
}

impl StockCoverage {
    /// What is wrong with the table at one location, if it cannot be the whole of that.
    #[must_use]
    pub fn gap_at(&self, location: &str) -> Option<String> {
        let tells = self.sold >= MIN_SOLD && self.lacks_most();
        tells.then(|| format!("{} at {location}", self.lacking()))
    }

    fn lacks_most(&self) -> bool {
        self.without_row as f64 > (1.0 - MIN_SHARE) * self.sold as f64
    }

    fn lacking(&self) -> String {
        let items = counted(self.sold, "item");
        format!(
            "the stock table has no row for {} of the {items} that sold in the last 28 days",
            self.without_row
        )
    }

    /// What is wrong with the table, if it cannot be the whole.
    #[must_use]
    pub fn gap(&self) -> Option<String> {
        let Self { sold, rows, previous_rows, .. } = *self;
        if (sold >= MIN_SOLD || rows == 0) && self.lacks_most() {
            return Some(self.lacking());
        }

        let before = previous_rows.filter(|before| (rows as f64) < MIN_SHARE * *before as f64)?;
        Some(format!("the stock table has {} and had {before} last time", counted(rows, "row")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(sold: usize, without_row: usize, rows: u64, previous_rows: Option<u64>) -> bool {
        StockCoverage { sold, without_row, rows, previous_rows }.gap().is_some()
    }

    #[test]
    fn half_of_what_sells_and_half_of_the_rows_have_to_be_there() {
        assert!(gap(84, 84, 0, None) && gap(84, 43, 41, None) && !gap(84, 42, 42, None));
        assert!(!gap(0, 0, 0, None), "nothing sold");
        assert!(!gap(1, 1, 9, None) && gap(1, 1, 0, None), "one item tells little");
        assert!(gap(10, 0, 49, Some(100)) && !gap(10, 0, 50, Some(100)));
        assert!(!gap(10, 0, 50, None), "no run to compare with");
    }
}
