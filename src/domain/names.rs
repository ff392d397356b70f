//! Names made of keys, for files and for orders: safe everywhere, and no two the same.

use std::collections::{BTreeMap, BTreeSet};

use super::digest::sha256;

/// The longest key that is a name as it stands, bytes. Judgement: with a folder before it and an
/// ending behind it, it fits what every file system takes (255).
const MAX_PLAIN_BYTES: usize = 80;

/// Digits of a key's SHA-256 that follow a name that is not the key itself.
const HASH_DIGITS: usize = 8;

/// Names that Windows keeps for devices, whatever the ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// A safe name for each key. Letters, digits, `_` and `-` are kept, other bytes become `_`, and
/// eight digits of the key's SHA-256 follow; so they do where a key is long, is a device's name, or
/// differs from another one by case only. More digits follow where that leaves two the same.
///
/// ```
/// use restock::domain::names::safe_names;
/// let names = safe_names(["ACME-01", "../../etc/x", "con"]);
/// assert_eq!(names["ACME-01"], "ACME-01");
/// assert!(names["../../etc/x"].starts_with("______etc_x_"));
/// assert!(names["con"].starts_with("con_"));
/// ```
#[must_use]
pub fn safe_names<'a>(keys: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
    let stems = keys.into_iter().map(|key| {
        let digits = if is_plain(key) { 0 } else { HASH_DIGITS };
        (key.to_owned(), Stem { text: stem_of(key), digits })
    });
    told_apart(stems.collect())
}

/// The part of an order's number that names its supplier and its location, for each pair of them:
/// `<supplier>-<location>` of their safe names. Where two pairs would share it, as `A-B` at `C` and
/// `A` at `B-C` do, eight digits of the pair's SHA-256 follow.
///
/// ```
/// use restock::domain::names::order_names;
/// let names = order_names([("NORDIC", "main"), ("A-B", "C"), ("A", "B-C")]);
/// assert_eq!(names[&("NORDIC", "main")], "NORDIC-main");
/// assert_ne!(names[&("A-B", "C")], names[&("A", "B-C")]);
/// ```
#[must_use]
pub fn order_names<'a>(
    recipients: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<(&'a str, &'a str), String> {
    let recipients: BTreeSet<(&str, &str)> = recipients.into_iter().collect();
    let suppliers = safe_names(recipients.iter().map(|(supplier, _)| *supplier));
    let locations = safe_names(recipients.iter().map(|(_, location)| *location));

    let identity = |(supplier, location): (&str, &str)| format!("{supplier}\0{location}");
    let stems = recipients.iter().map(|pair| {
        let text = format!("{}-{}", suppliers[pair.0], locations[pair.1]);
        (identity(*pair), Stem { text, digits: 0 })
    });
    let names = told_apart(stems.collect());
    recipients.into_iter().map(|pair| (pair, names[&identity(pair)].clone())).collect()
}

/// A name before its hash, and how many digits of the hash follow.
struct Stem {
    text: String,
    digits: usize,
}

/// Names by what they stand for. Where some are the same, case aside, more digits of their hashes
/// follow until they are not.
fn told_apart(mut stems: BTreeMap<String, Stem>) -> BTreeMap<String, String> {
    loop {
        let names: BTreeMap<String, String> =
            stems.iter().map(|(key, stem)| (key.clone(), named(key, stem))).collect();

        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for name in names.values() {
            *seen.entry(name.to_ascii_lowercase()).or_default() += 1;
        }

        let mut is_changed = false;
        for (key, stem) in &mut stems {
            let is_shared = seen[&names[key].to_ascii_lowercase()] > 1;
            // All 64 digits are shared by equal keys only, and there are none.
            if is_shared && stem.digits < 64 {
                stem.digits = (2 * stem.digits).max(HASH_DIGITS);
                is_changed = true;
            }
        }

        if !is_changed {
            return names;
        }
    }
}

fn named(key: &str, stem: &Stem) -> String {
    if stem.digits == 0 {
        return stem.text.clone();
    }

    let hash: String = sha256(key.as_bytes());
    format!("{}_{}", stem.text, &hash[..stem.digits])
}

/// Whether a key can stand as a name.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.len() <= MAX_PLAIN_BYTES && key.bytes().all(is_kept) && !is_device(key)
}

fn is_kept(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn is_device(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let is_port = |kind| {
        lower.strip_prefix(kind).is_some_and(|number: &str| {
            number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    DEVICES.contains(&lower.as_str()) || is_port("com") || is_port("lpt")
}

/// A key's bytes with `_` for those that a name may not have, cut to what is plain.
fn stem_of(key: &str) -> String {
    let kept = |byte: u8| if is_kept(byte) { char::from(byte) } else { '_' };
    key.bytes().take(MAX_PLAIN_BYTES).map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that no two names are the same where case does not count, and that each is safe.
    fn assert_apart(names: &BTreeMap<String, String>) {
        let lower: BTreeSet<String> = names.values().map(|name| name.to_lowercase()).collect();
        assert_eq!(lower.len(), names.len(), "{names:?}");
        for name in names.values() {
            assert!(name.len() <= 160 && name.bytes().all(is_kept) && !is_device(name), "{name}");
        }
    }

    #[test]
    fn usual_keys_are_their_own_names() {
        for key in ["ACME", "acme-01", "a_b", "0042", "COM10", "V_10000234"] {
            assert_eq!(safe_names([key])[key], key);
        }
    }

    #[test]
    fn keys_that_would_share_a_file_do_not() {
        let long = "x".repeat(252);
        let longer = format!("{long}y");
        let keys = ["A B", "A_B_fea4c5ce", "A/B", "A_B", "ACME", "acme", "Acme", "CON", "con", ""];
        let names = safe_names(keys.into_iter().chain([long.as_str(), &longer, "lpt1", "NUL"]));
        assert_eq!(names.len(), keys.len() + 4);
        assert_apart(&names);
        assert!(names["A B"].starts_with("A_B_fea4c5ce"));
        assert_eq!(names["A_B"], "A_B");
        assert_eq!(names[&long].len(), 89);
    }

    #[test]
    fn pairs_that_would_share_a_number_do_not() {
        let pairs = [("A-B", "C"), ("A", "B-C"), ("A", "B"), ("A B", "C"), ("A/B", "C")];
        let names = order_names(pairs);
        let flat = names.iter().map(|(pair, name)| (format!("{pair:?}"), name.clone())).collect();
        assert_apart(&flat);
        assert_eq!(names[&("A", "B")], "A-B");

        let names = order_names([("A", "B"), ("a", "b")]);
        assert_ne!(names[&("A", "B")].to_lowercase(), names[&("a", "b")].to_lowercase());
    }
}
