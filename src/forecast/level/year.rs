//! How much an item sells at each time of the year, where its season does not say it.

/// Usual demand of each week of the year relative to their mean, of one item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct YearOfItem {
    /// Buckets of a week.
    block: usize,
    /// From the week after the item's last one on; empty if nothing is known of its year.
    ahead: Vec<f64>,
    /// Up to the item's last week, where its weeks lie elsewhere in the year than those ahead.
    behind: Vec<f64>,
}

impl YearOfItem {
    /// The year of an item with so many buckets a week; `ahead` begins with the week after its last
    /// one.
    #[must_use]
    pub fn new(block: usize, ahead: Vec<f64>) -> Self {
        Self { block: block.max(1), ahead, behind: Vec::new() }
    }

    /// The same where the weeks before lie at their own places: `behind` ends with the last one.
    #[must_use]
    pub fn after(self, behind: Vec<f64>) -> Self {
        Self { behind, ..self }
    }

    /// Usual demand of a bucket, `step` buckets after the item's last one; that one is step 0.
    ///
    /// ```
    /// use restock::forecast::level::year::YearOfItem;
    /// let year = YearOfItem::new(1, vec![0.5, 1.0, 1.5]);
    /// assert_eq!([year.of(1), year.of(0), year.of(-1), year.of(4)], [0.5, 1.5, 1.0, 0.5]);
    /// let year = year.after(vec![1.25]);
    /// assert_eq!([year.of(1), year.of(0), year.of(-1)], [0.5, 1.25, 1.0]);
    /// ```
    #[must_use]
    pub fn of(&self, step: isize) -> f64 {
        if self.ahead.is_empty() {
            return 1.0;
        }
        // Step 1 begins the first week ahead.
        let week = (step - 1).div_euclid(self.block as isize);
        let from_first = self.behind.len() as isize + week;
        match usize::try_from(from_first).ok().and_then(|at| self.behind.get(at)) {
            Some(usual) => *usual,
            None => self.ahead[week.rem_euclid(self.ahead.len() as isize) as usize],
        }
    }
}
