//! Tonight's orders as suppliers and other systems want them: `[[handover]]` profiles.
//!
//! One writer for all: the lines that go out are gathered into documents (`documents.rs`), a
//! placeholder has a value for each line (`values.rs`), and a format lays the documents out.
//! What a profile cannot write is a finding and costs its file alone: `purchase_orders.csv` has
//! every line whatever becomes of the profiles.

pub mod check;
mod codes;
mod documents;
mod sheets;
mod tables;
mod ubl;
mod values;
mod x12;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::config::choices::HandoverFormat;
use crate::config::settings::{Buyer, HandoverProfile, Settings};
use crate::domain::finding::{Code, Finding};
use crate::domain::names::safe_names;
use crate::domain::tables::Tables;
use crate::error::Result;
use crate::io::sinks::{create_folder, write_bytes};
use crate::plan::orders::OrderLine;
use documents::{FileOfOrders, files_of};

/// Names that a message lists, at most. Judgement: enough to recognise them by.
const LISTED: usize = 3;

/// A file to hand over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedFile {
    /// Folder of the profile, a safe name.
    pub folder: String,
    /// Name of the file.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What is handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handed {
    /// The files, by profile and name.
    pub files: Vec<HandedFile>,
    /// What a person should know about them.
    pub findings: Vec<Finding>,
}

/// Who orders and what, beside the lines themselves.
#[derive(Clone, Copy)]
pub(crate) struct Layout<'a> {
    profile: &'a HandoverProfile,
    buyer: &'a Buyer,
    tables: &'a Tables,
}

/// What stands in the way of a file, each once.
type Problems = BTreeSet<String>;

/// What was written otherwise than it is, each once.
#[derive(Default)]
pub(crate) struct Notes {
    /// In texts.
    texts: BTreeSet<String>,
    /// In keys, or so that something is lost.
    keys: BTreeSet<String>,
}

impl Notes {
    fn text(&mut self, note: String) {
        self.texts.insert(note);
    }

    fn key(&mut self, note: String) {
        self.keys.insert(note);
    }
}

/// Lays out lines that go out: each by the first profile that takes its supplier.
///
/// # Errors
/// When a file cannot be composed for a reason that lies in no line.
pub fn lay_out(settings: &Settings, tables: &Tables, lines: &[&OrderLine]) -> Result<Handed> {
    let mut handed = Handed::default();
    if settings.handover.is_empty() {
        return Ok(handed);
    }

    let mut of_profile: BTreeMap<usize, Vec<&OrderLine>> = BTreeMap::new();
    let mut unmatched: BTreeSet<&str> = BTreeSet::new();
    for line in lines {
        match settings.handover.iter().position(|profile| profile.takes(&line.supplier)) {
            Some(at) => of_profile.entry(at).or_default().push(line),
            None => {
                unmatched.insert(&line.supplier);
            }
        }
    }

    let folders = safe_names(settings.handover.iter().map(|profile| &*profile.name));
    for (at, lines) in of_profile {
        let profile = &settings.handover[at];
        let layout = Layout { profile, buyer: &settings.buyer, tables };
        let laid_out = layout.lay_out(&lines, &folders[&profile.name])?;
        handed.files.extend(laid_out.files);
        handed.findings.extend(laid_out.findings);
    }
    if !unmatched.is_empty() {
        handed.findings.push(no_profile(&unmatched));
    }
    Ok(handed)
}

/// Lays out lines by one profile, whoever their suppliers are.
///
/// # Errors
/// As [`lay_out`].
pub fn lay_out_by(
    profile: &HandoverProfile,
    settings: &Settings,
    tables: &Tables,
    lines: &[&OrderLine],
) -> Result<Handed> {
    let folders = safe_names([&*profile.name]);
    let layout = Layout { profile, buyer: &settings.buyer, tables };
    layout.lay_out(lines, &folders[&profile.name])
}

/// Writes the files below a folder, each profile's in a folder of its own.
///
/// # Errors
/// When one cannot be written.
pub fn write(dir: &Path, handed: &Handed) -> Result<()> {
    for file in &handed.files {
        let folder = dir.join("handover").join(&file.folder);
        create_folder(&folder)?;
        write_bytes(&folder.join(&file.name), &file.bytes)?;
    }
    Ok(())
}

impl Layout<'_> {
    fn lay_out(&self, lines: &[&OrderLine], folder: &str) -> Result<Handed> {
        let mut handed = Handed::default();
        // Files that share a problem are one finding.
        let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut noted: BTreeMap<(Code, String), Vec<String>> = BTreeMap::new();
        for file in files_of(self, lines) {
            let (mut problems, mut notes) = (Problems::new(), Notes::default());
            let bytes = self.bytes(&file, &mut problems, &mut notes)?;
            for problem in &problems {
                broken.entry(problem.clone()).or_default().push(file.name.clone());
            }
            if problems.is_empty() {
                let texts = notes.texts.into_iter().map(|note| (Code::HandoverReplaced, note));
                let keys = notes.keys.into_iter().map(|note| (Code::HandoverKeyReplaced, note));
                for noted_once in texts.chain(keys) {
                    noted.entry(noted_once).or_default().push(file.name.clone());
                }
                let folder = folder.to_owned();
                handed.files.push(HandedFile { folder, name: file.name, bytes });
            }
        }

        let name = &self.profile.name;
        for (problem, files) in broken {
            let message = format!(
                "hand-over profile `{name}`: {problem}; not written: {}",
                listed(files.iter().map(String::as_str))
            );
            handed.findings.push(of_purchasing(Code::HandoverNotWritten, message));
        }
        for ((code, note), files) in noted {
            let files = listed(files.iter().map(String::as_str));
            let message = format!("hand-over profile `{name}`: {note}, in {files}");
            handed.findings.push(of_purchasing(code, message));
        }
        Ok(handed)
    }

    fn bytes(
        &self,
        file: &FileOfOrders<'_>,
        problems: &mut Problems,
        notes: &mut Notes,
    ) -> Result<Vec<u8>> {
        match self.profile.format {
            HandoverFormat::Csv => tables::csv(self, &file.documents, problems, notes),
            HandoverFormat::Xlsx => sheets::xlsx(self, &file.documents, problems),
            HandoverFormat::X12 => Ok(x12::interchanges(self, &file.documents, problems, notes)),
            HandoverFormat::Ubl => ubl::order(self, &file.documents, problems, notes),
        }
    }
}

fn of_purchasing(code: Code, message: String) -> Finding {
    Finding::of_table(code, "purchasing", message)
}

fn no_profile(suppliers: &BTreeSet<&str>) -> Finding {
    let message =
        format!("no hand-over profile takes the orders of {}", listed(suppliers.iter().copied()));
    of_purchasing(Code::HandoverNoProfile, message)
}

/// The first names of some, and how many more there are.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown = names[..names.len().min(LISTED)].join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
