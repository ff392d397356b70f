//! Which items a command line means: by sku or pattern, and by location.

use crate::config::suggestions::near;
use crate::demand::prepare::Prepared;
use crate::domain::key::Key;
use crate::error::{Error, Result};

/// Names that are suggested, at most. Judgement: what one looks through at a glance.
const SUGGESTED: usize = 3;

/// The items that the skus and patterns choose, by index, or all if there are none. Each has to
/// choose something: a list that is half right is half read.
pub(super) fn by_sku(prepared: &Prepared, skus: &[String]) -> Result<Vec<usize>> {
    let keys = &prepared.keys;
    let mut is_chosen = vec![skus.is_empty(); keys.len()];
    for sku in skus {
        // A sku that reads as a pattern is meant as it is written, where there is one.
        let is_sku = keys.iter().any(|key| *key.sku == **sku);
        let pattern = match glob::Pattern::new(sku) {
            Ok(pattern) => Some(pattern).filter(|_| !is_sku),
            Err(_) if is_sku => None,
            Err(cause) => {
                return Err(Error::usage(format!("{sku} is no pattern")).because(cause));
            }
        };

        let mut is_found = false;
        for (key, is_chosen) in keys.iter().zip(&mut is_chosen) {
            let is_meant =
                pattern.as_ref().map_or(*key.sku == **sku, |pattern| pattern.matches(&key.sku));
            *is_chosen |= is_meant;
            is_found |= is_meant;
        }
        if !is_found {
            if let Some((_, code)) = prepared.quarantined.iter().find(|it| *it.0.sku == **sku) {
                let message = format!("{sku} is quarantined: no row of it can be used");
                return Err(Error::usage(message)
                    .hint(format!("the first is {}: `restock check` shows it", code.name())));
            }
            return Err(none("item", sku, keys.iter().map(|key| &*key.sku)));
        }
    }
    Ok((0..keys.len()).filter(|at| is_chosen[*at]).collect())
}

/// Those of some items that are at a location; all if none is asked for.
pub(super) fn at_location(
    keys: &[Key],
    chosen: Vec<usize>,
    location: Option<&str>,
) -> Result<Vec<usize>> {
    let Some(location) = location else { return Ok(chosen) };
    let there = |at: &usize| *keys[*at].location == *location;
    let left: Vec<usize> = chosen.iter().copied().filter(there).collect();
    if left.is_empty() {
        return Err(none("location", location, chosen.iter().map(|at| &*keys[*at].location)));
    }
    Ok(left)
}

/// The error that nothing planned has a name, with those that may have been meant.
pub(super) fn none<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    // A pattern is like what it holds beside its wildcards.
    let plain = name.replace(['*', '?', '[', ']'], "");
    let near = near(&plain, names.iter().copied(), SUGGESTED);

    let error = match what {
        "item" => Error::usage(format!("{name} is not planned")),
        _ => Error::usage(format!("no planned item has the {what} {name}")),
    };
    match near.as_slice() {
        [] if name.contains(['*', '?', '[']) => {
            error.hint("patterns take `*`, `?` and `[ab]`: quote them")
        }
        [] => error,
        near => {
            let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            error.hint(format!("did you mean {}?", quoted.join(" or ")))
        }
    }
}
