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

/// The name nearest to what was given, if any is near enough to be meant: one that is a whole part
/// of it, such as `SKU` of `Variant SKU`, before those that are like it.
#[must_use]
pub fn nearest<'a>(given: &str, names: &'a [String]) -> Option<&'a str> {
    let part = names.iter().filter(|name| is_part(name, given)).max_by_key(|name| name.len());
    if let Some(part) = part {
        return Some(part);
    }
    names
        .iter()
        .map(|name| (strsim::jaro_winkler(&given.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > MIN_LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.as_str())
}

/// Whether a name of some letters is what a longer one begins or ends with, up to a word's end.
fn is_part(name: &str, longer: &str) -> bool {
    let (name, longer) = (name.to_lowercase(), longer.to_lowercase());
    let is_edge = |next: char| !next.is_alphanumeric() && next != '_';
    let begins = longer.strip_prefix(&name).is_some_and(|rest| rest.starts_with(is_edge));
    let ends = longer.strip_suffix(&name).is_some_and(|rest| rest.ends_with(is_edge));
    name.chars().filter(|char| char.is_alphanumeric()).count() >= 3 && (begins || ends)
}

/// The names that may have been meant, nearest first, at most so many: those that hold what was
/// given, then those that are like it.
#[must_use]
pub fn near<'a>(given: &str, names: impl Iterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let given = given.to_lowercase();
    let mut near: Vec<(bool, f64, &str)> = names
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let likeness = strsim::jaro_winkler(&given, &lower);
            let holds = !given.is_empty() && lower.contains(&given);
            (holds || likeness > MIN_LIKENESS).then_some((holds, likeness, name))
        })
        .collect();
    near.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(b.2)));
    near.dedup_by_key(|(_, _, name)| *name);
    near.into_iter().map(|(_, _, name)| name).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_part_of_a_name_is_nearer_than_one_that_is_like_it() {
        let names =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let counts = names(&["On hand (new)", "On hand", "Location"]);
        assert_eq!(nearest("On hand (current)", &counts), Some("On hand"));
        let variants = names(&["Variant Grams", "SKU", "Variant Price"]);
        assert_eq!(nearest("Variant SKU", &variants), Some("SKU"));
        assert_eq!(
            nearest("lead_time_dys", &names(&["lead", "lead_time_days"])),
            Some("lead_time_days")
        );
    }

    #[test]
    fn names_that_hold_the_word_come_before_those_that_are_like_it() {
        let names = ["GI-1028", "TX-1028", "TX-1082", "CO-1"];
        assert_eq!(near("1028", names.into_iter(), 3), ["GI-1028", "TX-1028"]);
        assert_eq!(near("tx-1028", names.into_iter(), 2), ["TX-1028", "TX-1082"]);
        assert!(near("zzz", names.into_iter(), 3).is_empty());
    }
}
