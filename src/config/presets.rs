//! The presets of hand-over profiles: layouts for the importers of other systems, and how what was
//! imported there is read back.

use serde::Deserialize;

use super::raw::RawHandover;
use super::suggestions::with_suggestion;
use crate::error::{Error, Result};

/// Each preset by name, as the file that it is.
pub const PRESETS: [(&str, &str); 7] = [
    ("odoo", include_str!("../../config/handover/odoo.toml")),
    ("erpnext", include_str!("../../config/handover/erpnext.toml")),
    ("netsuite", include_str!("../../config/handover/netsuite.toml")),
    ("shopify-app", include_str!("../../config/handover/shopify-app.toml")),
    ("xero", include_str!("../../config/handover/xero.toml")),
    ("cin7-omni", include_str!("../../config/handover/cin7-omni.toml")),
    ("excel", include_str!("../../config/handover/excel.toml")),
];

/// The heading in a preset's file of what reads its format back.
const READ_BACK: &str = "[read_back]\n";

/// The parts of a preset's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    handover: RawHandover,
    #[allow(dead_code, reason = "given as text, so that its comments stay")]
    read_back: toml::Table,
}

/// The profile of a preset; `given_by` is the key that names it.
///
/// # Errors
/// When there is no such preset: a configuration error with the nearest name.
pub fn preset(name: &str, given_by: &str) -> Result<RawHandover> {
    let Some((_, text)) = PRESETS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<String> = PRESETS.iter().map(|(known, _)| (*known).to_owned()).collect();
        let error = Error::config(format!("`{given_by}`: no preset is called {name:?}"));
        return Err(with_suggestion(error, name, &names)
            .hint(format!("the presets are {}", names.join(", "))));
    };
    let preset: Preset = toml::from_str(text)
        .map_err(|cause| Error::internal(format!("the preset {name} is broken")).because(cause))?;
    Ok(preset.handover)
}

/// The keys of `[inputs.purchase_orders]`, beside `path`, that read a preset's own format back.
///
/// ```
/// let keys = restock::config::presets::read_back("odoo").unwrap();
/// assert!(keys.contains("reference = \"Source\""));
/// ```
#[must_use]
pub fn read_back(name: &str) -> Option<&'static str> {
    let (_, text) = PRESETS.iter().find(|(known, _)| *known == name)?;
    text.split_once(READ_BACK).map(|(_, keys)| keys.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::config::source::{Overlay, parse};
    use std::path::Path;

    #[test]
    fn every_preset_is_a_profile_and_reads_back() {
        for (name, _) in PRESETS {
            let keys = read_back(name).unwrap();
            let text = format!(
                "[[handover]]\npreset = {name:?}\n[inputs.purchase_orders]\npath = \"x\"\n{keys}"
            );
            let raw = parse(&text, "t", &Overlay::default()).unwrap();
            let settings = Settings::resolve(raw, Path::new(".")).unwrap();
            assert_eq!(settings.handover[0].name, name);
        }
    }
}
