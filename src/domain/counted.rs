//! How much of some work is done, told from any thread.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Is told how many items of how many are done. Calls may come from several threads, and out of
/// order; nothing but what is shown may depend on them.
pub type OnItems<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Counts items that are done.
pub struct Counted<'a> {
    done: AtomicUsize,
    of: usize,
    on_items: OnItems<'a>,
}

impl<'a> Counted<'a> {
    /// None done yet of so many.
    #[must_use]
    pub fn new(of: usize, on_items: OnItems<'a>) -> Self {
        Self { done: AtomicUsize::new(0), of, on_items }
    }

    /// So many more are done.
    pub fn add(&self, items: usize) {
        let done = self.done.fetch_add(items, Ordering::Relaxed) + items;
        (self.on_items)(done, self.of);
    }
}
