//! What the folders of a night in parts say of themselves, as JSON: by it parts are known to belong
//! together.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::Settings;
use crate::domain::digest::sha256;
use crate::error::{Error, Result};
use crate::io::{InputFile, bytes_of, sinks};
use crate::store::MANIFEST;

/// Number of the layout of what is written. It rises with every change of a type that is written.
const FORMAT: u32 = 1;
/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Which program wrote a folder, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// `fitted` or `part`.
    pub kind: String,
    /// The version that wrote it.
    pub version: String,
    /// The layout of its files.
    pub format: u32,
}

impl Head {
    fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), version: VERSION.to_owned(), format: FORMAT }
    }
}

/// What `restock fit` wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedManifest {
    /// By whom.
    #[serde(flatten)]
    pub head: Head,
    /// The day that the night stands at.
    pub as_of: String,
    /// Whether it is an order date whatever the suppliers' calendars say.
    pub order_now: bool,
    /// Items that are planned.
    pub items: usize,
    /// SHA-256 of the configuration.
    pub config_sha256: String,
    /// SHA-256 over the tables, names and hashes of all inputs.
    pub inputs_sha256: String,
    /// SHA-256 of the ledger as it stood before.
    pub ledger_sha256: String,
    /// The run before; `None` if there was none.
    pub previous_run: Option<String>,
    /// SHA-256 over what was read of it.
    pub previous_run_sha256: Option<String>,
    /// SHA-256 of its file of what every shard reads.
    pub common_sha256: String,
    /// SHA-256 of each file of items.
    pub items_sha256: Vec<String>,
    /// SHA-256 of its file of what the merge alone reads.
    pub merge_sha256: String,
}

/// What `restock run --shard` wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartManifest {
    /// By whom.
    #[serde(flatten)]
    pub head: Head,
    /// Which shard, from 0.
    pub shard: u32,
    /// Of how many.
    pub shards: u32,
    /// The day that the night stands at.
    pub as_of: String,
    /// Items in it.
    pub items: usize,
    /// SHA-256 of the configuration.
    pub config_sha256: String,
    /// SHA-256 over all inputs, as the fitted night has it.
    pub inputs_sha256: String,
    /// SHA-256 of the manifest of the fitted night.
    pub fitted_sha256: String,
    /// Where the fitted night stood, as the command line said.
    pub fitted: String,
    /// SHA-256 of its file.
    pub part_sha256: String,
}

/// The fitted night that a part was made from.
#[derive(Debug, Clone, Copy)]
pub struct MadeFrom<'a> {
    /// What it says of itself.
    pub(super) manifest: &'a FittedManifest,
    /// SHA-256 of that.
    pub(super) sha256: &'a str,
    /// Where it stands.
    pub(super) dir: &'a Path,
}

impl FittedManifest {
    /// The head of such a folder.
    pub(super) fn head() -> Head {
        Head::of("fitted")
    }
}

impl PartManifest {
    /// The head of such a folder.
    pub(super) fn head() -> Head {
        Head::of("part")
    }
}

/// The SHA-256 of a configuration.
pub(super) fn config_sha256(settings: &Settings) -> String {
    sha256(settings.canonical.as_bytes())
}

/// A SHA-256 over all inputs.
pub(super) fn inputs_sha256(inputs: &[InputFile]) -> String {
    let line =
        |file: &InputFile| format!("{}\0{}\0{}\n", file.table, file.path_as_written, file.sha256);
    sha256(inputs.iter().map(line).collect::<String>().as_bytes())
}

/// Writes a manifest.
pub(super) fn write<T: Serialize>(dir: &Path, manifest: &T) -> Result<()> {
    // A tree of texts and numbers always serialises.
    let text = serde_json::to_string_pretty(manifest).unwrap_or_default();
    sinks::write_text(&dir.join(MANIFEST), &format!("{text}\n"))
}

/// Reads the manifest of a folder of this kind, and its SHA-256; `made_by` is the command that
/// makes one.
pub(super) fn read<T: DeserializeOwned>(
    dir: &Path,
    head: &Head,
    made_by: &str,
) -> Result<(T, String)> {
    let path = dir.join(MANIFEST);
    let about = |what: String| {
        Error::data(format!("{} {what}", dir.display())).hint(format!("make it by `{made_by}`"))
    };
    let nothing = || about(format!("is no folder that `{made_by}` wrote: {MANIFEST} is missing"));
    let bytes = bytes_of(&path).map_err(|_| nothing())?;
    let foreign = || about(format!("was not written by `{made_by}`"));

    let found: Head = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
    if found.kind != head.kind {
        return Err(foreign());
    }
    if found != *head {
        return Err(about(format!(
            "was written by restock {} (format {}), and this is {VERSION} (format {FORMAT})",
            found.version, found.format
        )));
    }
    let manifest = serde_json::from_slice(&bytes)
        .map_err(|cause| about("is damaged".to_owned()).because(cause))?;
    Ok((manifest, sha256(&bytes)))
}
