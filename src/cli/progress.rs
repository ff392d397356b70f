//! Progress on a terminal; nothing elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::io::Progress;

/// How much of the work is done, and how long the rest will take.
const TEMPLATE: &str = "{spinner} {msg} {human_pos} of {human_len} {wide_bar} {eta} left";

/// A bar that counts bytes, or a spinner while the length of the work is not known.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// Starts one; hidden unless stderr is a terminal and `shown` is set.
    pub(super) fn start(message: &'static str, shown: bool) -> Self {
        if !shown || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }

        let bar = ProgressBar::new_spinner().with_message(message);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Shows how much of the work is done, and how long the rest will take.
    pub fn share(&self, done: usize, of: usize) {
        if self.0.length() != Some(of as u64) {
            self.0.set_length(of as u64);
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                self.0.set_style(style);
            }
        }
        self.0.set_position(done as u64);
    }

    /// Clears it.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}
