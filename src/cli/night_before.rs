//! The night before a run, which its page compares it with.

use std::path::PathBuf;

use crate::report::page::Before;
use crate::state::{self, STATE_FILE, State};

/// A shop of more items is not compared: the night before is in memory beside the one that is
/// ending. Judgement: 30,000 items with five years of weeks take some 200 MB, and 100,000 no more
/// than their own forecasts do.
const MAX_ITEMS: usize = 100_000;

/// The night before, as far as it can be compared with.
#[derive(Debug)]
pub(super) enum NightBefore {
    /// Its name, and what it stood on.
    Known(String, Box<State>),
    /// Why there is none, as a sentence.
    Unknown(String),
}

impl NightBefore {
    /// What the run in this directory stood on; `None` where there is no run before. What cannot be
    /// read is said on the page, and is no fault of tonight's run.
    pub(super) fn read(dir: Option<PathBuf>, items: usize) -> Self {
        let Some(dir) = dir else {
            return Self::Unknown("This is the first night: there is none to compare with.".into());
        };
        let name = super::stored::name_of(&dir);
        if items > MAX_ITEMS {
            return Self::Unknown(format!(
                "A shop of more than {MAX_ITEMS} items is not compared here: `restock diff` does."
            ));
        }
        match state::read(&dir) {
            Ok(state) => Self::Known(name, Box::new(state)),
            Err(cause) => {
                // Where the runs are kept is no matter of the page's: its bytes are the same there.
                let path = format!("{}: ", dir.join(STATE_FILE).display());
                let why = cause.message.strip_prefix(&path).unwrap_or(&cause.message);
                Self::Unknown(format!(
                    "What the night of {name} stood on cannot be read, so that nothing is \
                     compared: {why}."
                ))
            }
        }
    }

    /// The same as a page takes it.
    pub(super) fn as_before(&self) -> Before<'_> {
        match self {
            Self::Known(name, state) => Before::Night { name, state: state.view() },
            Self::Unknown(why) => Before::Unknown(why),
        }
    }
}
