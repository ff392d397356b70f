//! Files of an input that are copies of another: they are read once.

use std::collections::BTreeMap;

use super::files::{FileHash, SourceFile};
use super::tally::FileTally;
use crate::config::formats::Packing;
use crate::domain::finding::{Code, Finding, Source};
use crate::error::Result;

/// Longer files hold more than a header, bytes. Judgement: no header has so many names.
const HEADER_BYTES: u64 = 1 << 14;

/// The files of an input without copies.
pub(crate) struct WithoutCopies {
    /// Those that are read, in their order.
    pub(crate) files: Vec<SourceFile>,
    /// For each copy, a tally without rows.
    pub(crate) copies: Vec<FileTally>,
    /// For each copy, which file it is a copy of.
    pub(crate) findings: Vec<Finding>,
}

/// Tells files apart from copies of an earlier one, by their bytes. Only files of equal size are
/// read for that.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn apart(all: Vec<SourceFile>) -> Result<WithoutCopies> {
    let sizes: Vec<Option<u64>> = all.iter().map(size_of).collect();
    let mut of_size: BTreeMap<u64, usize> = BTreeMap::new();
    for size in sizes.iter().flatten() {
        *of_size.entry(*size).or_default() += 1;
    }

    let mut apart = WithoutCopies { files: Vec::new(), copies: Vec::new(), findings: Vec::new() };
    let mut originals: BTreeMap<String, SourceFile> = BTreeMap::new();
    for (file, size) in all.into_iter().zip(sizes) {
        let is_alone = size.is_none_or(|size| of_size.get(&size) == Some(&1));
        if is_alone {
            apart.files.push(file);
            continue;
        }

        let (_, hash) = file.open_hashed(&())?;
        match originals.get(&hash.sha256) {
            Some(original) => apart.leave_out(&file, hash, original),
            None => {
                originals.insert(hash.sha256, file.clone());
                apart.files.push(file);
            }
        }
    }

    Ok(apart)
}

impl WithoutCopies {
    fn leave_out(&mut self, copy: &SourceFile, hash: FileHash, original: &SourceFile) {
        let mut tally = FileTally::new(copy);
        let source = Source { table: copy.table, file: tally.name.clone(), row: 0 };
        let message = format!(
            "{} holds the same bytes as {}, and is not read again",
            copy.name, original.name
        );

        tally.hash = hash;
        self.copies.push(tally);
        self.findings.push(Finding { code: Code::SameFile, source, key: None, message });
    }
}

/// The size of a plain file that holds rows, bytes: files of which only the header came are no
/// copies of each other.
fn size_of(file: &SourceFile) -> Option<u64> {
    let facts = std::fs::metadata(&file.path).ok()?;
    let holds_rows = || {
        let text = std::fs::read(&file.path).unwrap_or_default();
        text.trim_ascii().contains(&b'\n') || file.packing != Packing::Plain
    };
    let is_plain = facts.is_file() && facts.len() > 0;
    (is_plain && (facts.len() > HEADER_BYTES || holds_rows())).then_some(facts.len())
}
