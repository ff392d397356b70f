//! "Did you mean": the name nearest to one that nothing has.

use crate::error::Error;

/// Likeness from which on a name may have been meant (Jaro–Winkler, 1 = the same). Judgement: one
/// slip in a short word stays above it, another word below.
const MIN_LIKENESS: f64 = 0.8;

/// Adds "did you mean" where one of the names is near.
#[must_use]
pub fn with_suggestion(error: Error, given: &str, names: &[String]) -> Error {
    match nearest(given, names) {
        Some(name) => error.hint(format!("did you mean `{name}`?")),
        None => error,
    }
}

/// The name nearest to what was given, if any is near enough to be meant.
#[must_use]
pub fn nearest<'a>(given: &str, names: &'a [String]) -> Option<&'a str> {
    names
        .iter()
        .map(|name| (strsim::jaro_winkler(&given.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > MIN_LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.as_str())
}
