//! `backtest.json`: what a backtest found of promises and probabilities, for the pages of the
//! nights after it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::io::read_json;

/// The file in a backtest's folder, and in that of each run after it.
pub const LAST_BACKTEST_FILE: &str = "backtest.json";

/// Rows of either list that are taken, at most. Judgement: ten bins, and some dozen pairs of class
/// and target, are what a backtest writes.
pub const MAX_ROWS: usize = 100;

/// What a backtest found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastBacktest {
    /// What was replayed, a sentence or two.
    pub replayed: String,
    /// The version that replayed it.
    pub version: String,
    /// Stock-out probabilities that were told, by tenth.
    pub told: Vec<ToldTenth>,
    /// Service that was promised, by class and target.
    pub promises: Vec<PromisedService>,
}

/// Probabilities of one tenth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ToldTenth {
    /// How many were told.
    pub count: usize,
    /// Their mean.
    pub told: f64,
    /// The share that came true.
    pub came_true: f64,
}

/// What items of one class and target were promised, and what they got: shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromisedService {
    /// ABC class.
    pub class: String,
    /// The target as written.
    pub target: String,
    /// How many items there are.
    pub items: usize,
    /// The share that is promised.
    pub promised: f64,
    /// The share achieved.
    pub achieved: f64,
    /// Between which, over draws of items, 95 % of such shares lie.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Whether the promise was kept, in a word or two.
    pub verdict: String,
}

impl LastBacktest {
    /// Reads the file in a folder; `None` where there is none.
    ///
    /// # Errors
    /// When it is there and is not what a backtest writes.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(LAST_BACKTEST_FILE);
        if !path.exists() {
            return Ok(None);
        }
        let about = |why: String| {
            Error::data(format!("{}: {why}", path.display()))
                .hint("`restock backtest --output` its folder writes it again")
        };
        let (value, _) = read_json(&path).map_err(|cause| about(cause.message))?;
        let found: Self = serde_json::from_value(value)
            .map_err(|cause| about(format!("it is not as a backtest writes it: {cause}")))?;
        match found.is_plausible() {
            true => Ok(Some(found)),
            false => Err(about("its shares are none, or its lists too long".to_owned())),
        }
    }

    /// As JSON, the same bytes each time.
    ///
    /// # Errors
    /// An internal error where that cannot be.
    pub fn json(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|cause| Error::internal("a backtest cannot be kept").because(cause))?;
        Ok(text + "\n")
    }

    /// Whether it would be read again: its lists are short, and its shares are shares.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        self.told.len() <= MAX_ROWS
            && self.promises.len() <= MAX_ROWS
            && self.told.iter().all(|row| is_share(row.told) && is_share(row.came_true))
            && self.promises.iter().all(|row| {
                [row.promised, row.achieved, row.low, row.high].into_iter().all(is_share)
            })
    }
}
