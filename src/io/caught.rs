//! Panics of a library on damaged bytes, taken for what they are: files that cannot be read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many calls of [`caught`] are going on.
static CATCHING: AtomicUsize = AtomicUsize::new(0);

/// What the work gives; `None` if it panicked, on this thread or on one that it waits for.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    CATCHING.fetch_add(1, Ordering::SeqCst);
    // What the work has left half done is dropped with it, or is a file's handle.
    let result = catch_unwind(AssertUnwindSafe(work));
    CATCHING.fetch_sub(1, Ordering::SeqCst);
    result.ok()
}

/// Whether a panic now would be caught and told as an error, so that a hook need not report it.
/// The hook runs on the thread that panics, which may be one of the library's own: hence a count
/// for all threads.
#[must_use]
pub fn is_catching() -> bool {
    CATCHING.load(Ordering::SeqCst) > 0
}
