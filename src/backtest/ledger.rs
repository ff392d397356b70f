//! What a policy cost and how it served, by item and block of time.

/// Sums over some items and days.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Cost of holding stock, money.
    pub holding: f64,
    /// Cost of demand that was not served at once, money.
    pub shortage: f64,
    /// Cost of order lines, money.
    pub ordering: f64,
    /// Worth of stock that expired, money.
    pub obsolete: f64,
    /// Units demanded.
    pub demand: f64,
    /// Units demanded that found no stock.
    pub short: f64,
    /// Days, each item's counted.
    pub days: f64,
    /// Days that ended with stock.
    pub days_in_stock: f64,
    /// Replenishment cycles.
    pub cycles: f64,
    /// Replenishment cycles without a shortage.
    pub cycles_kept: f64,
    /// Stock at the end of each day, summed over days: units × days.
    pub stock_days: f64,
    /// Worth of the stock at the end of each day, summed over days: money × days.
    pub value_days: f64,
    /// Worth of the demand that was served at once, money.
    pub served_value: f64,
    /// Order lines.
    pub lines: f64,
    /// Units ordered.
    pub units_ordered: f64,
}

impl Tally {
    /// All costs, money.
    #[must_use]
    pub fn money(&self) -> f64 {
        self.holding + self.shortage + self.ordering + self.obsolete
    }

    /// Share of units served at once.
    #[must_use]
    pub fn fill_rate(&self) -> f64 {
        if self.demand > 0.0 { 1.0 - self.short / self.demand } else { 1.0 }
    }

    /// Share of cycles without a shortage.
    #[must_use]
    pub fn cycle_service(&self) -> f64 {
        if self.cycles > 0.0 { self.cycles_kept / self.cycles } else { 1.0 }
    }

    /// Share of days that ended with stock.
    #[must_use]
    pub fn ready_rate(&self) -> f64 {
        if self.days > 0.0 { self.days_in_stock / self.days } else { 1.0 }
    }

    /// Worth of the demand served in a year, over the worth of the mean stock.
    #[must_use]
    pub fn turns(&self) -> f64 {
        if self.value_days > 0.0 { 365.0 * self.served_value / self.value_days } else { 0.0 }
    }

    /// Adds another's sums, times a weight.
    pub fn add(&mut self, other: &Self, weight: f64) {
        self.holding += weight * other.holding;
        self.shortage += weight * other.shortage;
        self.ordering += weight * other.ordering;
        self.obsolete += weight * other.obsolete;
        self.demand += weight * other.demand;
        self.short += weight * other.short;
        self.days += weight * other.days;
        self.days_in_stock += weight * other.days_in_stock;
        self.cycles += weight * other.cycles;
        self.cycles_kept += weight * other.cycles_kept;
        self.stock_days += weight * other.stock_days;
        self.value_days += weight * other.value_days;
        self.served_value += weight * other.served_value;
        self.lines += weight * other.lines;
        self.units_ordered += weight * other.units_ordered;
    }
}

/// Tallies of every item and block of time.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    blocks: usize,
    tallies: Vec<Tally>,
    /// Orders placed: lines of one supplier, location and day are one.
    pub orders: u64,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new(items: usize, blocks: usize) -> Self {
        Self { blocks, tallies: vec![Tally::default(); items * blocks], orders: 0 }
    }

    /// The tally of an item and block.
    #[must_use]
    pub fn at(&self, item: usize, block: usize) -> &Tally {
        &self.tallies[item * self.blocks + block]
    }

    pub(super) fn at_mut(&mut self, item: usize, block: usize) -> &mut Tally {
        &mut self.tallies[item * self.blocks + block]
    }

    /// How many blocks there are.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// How many items there are.
    #[must_use]
    pub fn items(&self) -> usize {
        self.tallies.len() / self.blocks.max(1)
    }

    /// Sums over all blocks of one item.
    #[must_use]
    pub fn of_item(&self, item: usize) -> Tally {
        let mut sum = Tally::default();
        (0..self.blocks).for_each(|block| sum.add(self.at(item, block), 1.0));
        sum
    }

    /// Sums over chosen items and all blocks, in the order of items.
    #[must_use]
    pub fn sum(&self, chosen: impl Fn(usize) -> bool) -> Tally {
        let mut sum = Tally::default();
        for item in (0..self.items()).filter(|item| chosen(*item)) {
            (0..self.blocks).for_each(|block| sum.add(self.at(item, block), 1.0));
        }
        sum
    }

    /// Sums over all items of one block.
    #[must_use]
    pub fn sum_of_block(&self, block: usize) -> Tally {
        let mut sum = Tally::default();
        (0..self.items()).for_each(|item| sum.add(self.at(item, block), 1.0));
        sum
    }
}
