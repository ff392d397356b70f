//! Which forecasting models there are, by the names that people write.

use std::fmt;
use std::str::FromStr;

/// Every model that can be named: those that `auto` blends, then those of one history alone.
pub const MODEL_NAMES: [&str; 16] = [
    "smoothing",
    "trailing",
    "trend",
    "linear",
    "trees",
    "ets",
    "theta",
    "ces",
    "combination",
    "seasonal-naive",
    "moving-average",
    "croston",
    "sba",
    "tsb",
    "adida",
    "imapa",
];

/// What is written for the blend.
const AUTO: &str = "auto";

/// Which models may be used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ModelChoice {
    /// The blend learnt from earlier origins: `auto`.
    #[default]
    Auto,
    /// One model for every item, by one of [`MODEL_NAMES`].
    Named(String),
}

impl ModelChoice {
    /// Every word that can be read: `auto`, then the names.
    pub fn words() -> impl Iterator<Item = &'static str> {
        std::iter::once(AUTO).chain(MODEL_NAMES)
    }

    /// The word that people write.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Auto => AUTO,
            Self::Named(name) => name,
        }
    }
}

impl fmt::Display for ModelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No model has the name that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownModel;

impl FromStr for ModelChoice {
    type Err = UnknownModel;

    /// ```
    /// use restock::domain::models::ModelChoice;
    /// assert_eq!("auto".parse(), Ok(ModelChoice::Auto));
    /// assert_eq!("ets".parse(), Ok(ModelChoice::Named("ets".to_owned())));
    /// assert!("etss".parse::<ModelChoice>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, UnknownModel> {
        match Self::words().find(|word| *word == text) {
            Some(AUTO) => Ok(Self::Auto),
            Some(name) => Ok(Self::Named(name.to_owned())),
            None => Err(UnknownModel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_it_is_written() {
        for word in ModelChoice::words() {
            assert_eq!(
                word.parse::<ModelChoice>().map(|choice| choice.to_string()).as_deref(),
                Ok(word)
            );
        }
    }
}
