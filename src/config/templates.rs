//! The user's own texts of notices, read from the folder that `[notices] templates` names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Settings;
use super::source::{Overlay, parse};
use crate::error::{Error, Result};

/// The ending of the files that are read.
const ENDING: &str = "txt";

impl Settings {
    /// Reads the texts that the settings name. They are part of the configuration: the manifest's
    /// hash covers them.
    ///
    /// # Errors
    /// A configuration error where the folder or a file of it cannot be read.
    pub fn with_templates(mut self) -> Result<Self> {
        let Some(folder) = &self.notices.templates else { return Ok(self) };
        self.notices.texts = texts(folder)?;
        for (name, text) in &self.notices.texts {
            self.canonical.push_str(&appended(name, text));
        }
        Ok(self)
    }

    /// The configuration as canonical TOML alone, without those texts.
    #[must_use]
    pub fn as_toml(&self) -> &str {
        let texts: usize =
            self.notices.texts.iter().map(|(name, text)| appended(name, text).len()).sum();
        self.canonical.get(..self.canonical.len() - texts).unwrap_or_default()
    }

    /// The settings of an earlier run, by its canonical TOML. What depends on where the
    /// configuration stood, the paths of files, starts here.
    ///
    /// # Errors
    /// A configuration error where this version does not read it.
    pub fn of_toml(text: &str) -> Result<Self> {
        let raw = parse(text, "the configuration of the run", &Overlay::default())?;
        Self::resolve(raw, Path::new("."))
    }
}

/// How a text of the user's own stands in the canonical configuration.
fn appended(name: &str, text: &str) -> String {
    format!("\n# {name}\n{text}")
}

/// The text files of a folder, by name.
fn texts(folder: &Path) -> Result<BTreeMap<String, String>> {
    let cannot = |path: &Path, cause: std::io::Error| {
        Error::config(format!("`notices.templates`: cannot read {}", path.display())).because(cause)
    };
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|cause| cannot(folder, cause))? {
        let path = entry.map_err(|cause| cannot(folder, cause))?.path();
        if path.extension().is_none_or(|ending| ending != ENDING) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(|cause| cannot(&path, cause))?;
        // A mark of byte order is no part of the text.
        texts.insert(name, text.trim_start_matches('\u{feff}').to_owned());
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(base: &Path) -> Result<Settings> {
        let text = "[inputs.orders]\npath = \"o.csv\"\n[notices]\ntemplates = \"own\"\n";
        let raw = parse(text, "t", &Overlay::default()).unwrap();
        Settings::resolve(raw, base).unwrap().with_templates()
    }

    #[test]
    fn texts_are_read_by_name_and_are_part_of_the_configuration() {
        let dir = tempfile::tempdir().unwrap();
        let error = settings(dir.path()).unwrap_err();
        assert_eq!(error.exit_code(), 2);

        fs::create_dir(dir.path().join("own")).unwrap();
        let empty = settings(dir.path()).unwrap();
        fs::write(dir.path().join("own/chase.txt"), "\u{feff}Hello").unwrap();
        fs::write(dir.path().join("own/README.md"), "ours").unwrap();
        let settings = settings(dir.path()).unwrap();
        let texts: Vec<_> = settings.notices.texts.iter().collect();
        assert_eq!(texts, [(&"chase.txt".to_owned(), &"Hello".to_owned())]);
        assert_ne!(settings.canonical, empty.canonical);
    }

    #[test]
    fn a_file_that_is_no_text_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("own")).unwrap();
        fs::write(dir.path().join("own/chase.txt"), b"\xff\xfe\x00").unwrap();
        let error = settings(dir.path()).unwrap_err();
        assert!(error.exit_code() == 2 && error.message.contains("chase.txt"), "{error}");
    }
}
