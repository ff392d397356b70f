//! Which items a command line means: by sku or pattern, and by location.

use crate::config::suggestions::near;
use crate::demand::prepare::Prepared;
use crate::domain::key::Key;
use crate::error::{Error, Result};

/// Names that are suggested, at most. Judgement: what one looks through at a glance.
const SUGGESTED: usize = 3;

/// What a command line chooses, by index.
pub(super) struct Chosen {
    /// Among the planned items.
    pub(super) items: Vec<usize>,
    /// Among the bundles.
    pub(super) bundles: Vec<usize>,
}

impl Chosen {
    /// The items alone, for what can be said of these only.
    ///
    /// # Errors
    /// When nothing but bundles is chosen.
    pub(super) fn items_only(self, prepared: &Prepared) -> Result<Vec<usize>> {
        match self.bundles.first() {
            Some(first) if self.items.is_empty() => {
                let sku = &prepared.bundles[*first].sku;
                let message = format!("{sku} is a bundle: its sales are demand of its components");
                Err(Error::usage(message)
                    .hint(format!("`restock explain {sku}` names them: ask for these")))
            }
            _ => Ok(self.items),
        }
    }
}

/// The items and bundles that the skus and patterns choose, or all if there are none. Each has to
/// choose something: a list that is half right is half read.
pub(super) fn by_sku(prepared: &Prepared, skus: &[String]) -> Result<Chosen> {
    let (keys, bundles) = (&prepared.keys, &prepared.bundles);
    let mut is_chosen = vec![skus.is_empty(); keys.len()];
    let mut are_chosen = vec![skus.is_empty(); bundles.len()];
    for sku in skus {
        // A sku that reads as a pattern is meant as it is written, where there is one.
        let is_sku = keys.iter().chain(bundles).any(|key| *key.sku == **sku);
        let pattern = match glob::Pattern::new(sku) {
            Ok(pattern) => Some(pattern).filter(|_| !is_sku),
            Err(_) if is_sku => None,
            Err(cause) => {
                return Err(Error::usage(format!("{sku} is no pattern")).because(cause));
            }
        };

        let mut is_found = false;
        let flags = is_chosen.iter_mut().chain(&mut are_chosen);
        for (key, is_chosen) in keys.iter().chain(bundles).zip(flags) {
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
            return Err(none("item", sku, keys.iter().chain(bundles).map(|key| &*key.sku)));
        }
    }
    let indices = |flags: &[bool]| (0..flags.len()).filter(|at| flags[*at]).collect();
    Ok(Chosen { items: indices(&is_chosen), bundles: indices(&are_chosen) })
}

/// Those of what is chosen that are at a location; all if none is asked for.
pub(super) fn at_location(
    prepared: &Prepared,
    chosen: Chosen,
    location: Option<&str>,
) -> Result<Chosen> {
    let Some(location) = location else { return Ok(chosen) };
    let there = |keys: &[Key], chosen: &[usize]| {
        let is_there = |at: &usize| *keys[*at].location == *location;
        chosen.iter().copied().filter(is_there).collect::<Vec<_>>()
    };
    let (keys, bundles) = (&prepared.keys, &prepared.bundles);
    let left =
        Chosen { items: there(keys, &chosen.items), bundles: there(bundles, &chosen.bundles) };
    if left.items.is_empty() && left.bundles.is_empty() {
        let items = chosen.items.iter().map(|at| &*keys[*at].location);
        let names = items.chain(chosen.bundles.iter().map(|at| &*bundles[*at].location));
        return Err(none("location", location, names));
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
