//! How much an item sells at each time of the year, where its season does not say it.

/// Usual demand of each week of the year relative to their mean, of one item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct YearOfItem {
    /// Buckets of a week.
    block: usize,
    /// From the week after the item's last one on; empty if nothing is known of its year.
    usual: Vec<f64>,
}

impl YearOfItem {
    /// The year of an item with so many buckets a week; `usual` begins with the week after its last
    /// one.
    #[must_use]
    pub fn new(block: usize, usual: Vec<f64>) -> Self {
        Self { block: block.max(1), usual }
    }

    /// Usual demand of a bucket, `step` buckets after the item's last one; that one is step 0.
    ///
    /// ```
    /// use restock::forecast::level::year::YearOfItem;
    /// let year = YearOfItem::new(1, vec![0.5, 1.0, 1.5]);
    /// assert_eq!([year.of(1), year.of(0), year.of(-1), year.of(4)], [0.5, 1.5, 1.0, 0.5]);
    /// ```
    #[must_use]
    pub fn of(&self, step: isize) -> f64 {
        if self.usual.is_empty() {
            return 1.0;
        }
        // Step 1 begins the first week ahead.
        let week = (step - 1).div_euclid(self.block as isize);
        self.usual[week.rem_euclid(self.usual.len() as isize) as usize]
    }
}
