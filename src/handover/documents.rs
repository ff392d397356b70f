//! Lines gathered into documents, one an order or a part of one, and documents into files.

use std::collections::{BTreeMap, BTreeSet};

use super::Layout;
use crate::config::choices::OneFilePer;
use crate::config::placeholders::{Kind, Part, Placeholder};
use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::Fixed;
use crate::domain::names::safe_names;
use crate::plan::orders::OrderLine;

/// An order, or a part of one that is longer than the profile allows.
#[derive(Debug, Clone)]
pub(super) struct Document<'a> {
    /// Its number as the profile writes it.
    pub(super) number: String,
    /// Which part of its order it is, from 1.
    pub(super) part: usize,
    /// Its lines, by their numbers; at least one.
    pub(super) lines: Vec<&'a OrderLine>,
}

impl<'a> Document<'a> {
    /// The line that the fields of the order are taken of.
    pub(super) fn head(&self) -> &'a OrderLine {
        self.lines[0]
    }

    /// The first day on which a line is asked for.
    pub(super) fn earliest_requested(&self) -> Day {
        self.lines.iter().map(|line| line.requested_day).min().unwrap_or(self.head().requested_day)
    }

    /// Whether all lines are asked for on one day.
    pub(super) fn is_of_one_day(&self) -> bool {
        self.lines.iter().all(|line| line.requested_day == self.head().requested_day)
    }

    /// What it costs; `None` where a line has no cost.
    pub(super) fn total(&self) -> Option<Fixed> {
        self.lines.iter().map(|line| line.line_total).sum::<Option<Fixed>>()
    }
}

/// What one file holds.
pub(super) struct FileOfOrders<'a> {
    /// Its name with the ending.
    pub(super) name: String,
    /// Its documents, by supplier, location and number.
    pub(super) documents: Vec<Document<'a>>,
}

/// The files of a profile.
pub(super) fn files_of<'a>(layout: &Layout<'_>, lines: &[&'a OrderLine]) -> Vec<FileOfOrders<'a>> {
    let documents = documents(layout, lines);
    let mut groups: BTreeMap<String, Vec<Document<'a>>> = BTreeMap::new();
    for document in documents {
        let group = match layout.profile.one_file_per {
            OneFilePer::Order => document.number.clone(),
            OneFilePer::Supplier => document.head().supplier.to_string(),
            OneFilePer::Run => String::new(),
        };
        groups.entry(group).or_default().push(document);
    }

    // What a template calls alike is told apart by what the file is of.
    let mut called: BTreeMap<String, usize> = BTreeMap::new();
    let stems: Vec<String> = groups.values().map(|group| stem(layout, &group[0])).collect();
    for stem in &stems {
        *called.entry(stem.clone()).or_default() += 1;
    }
    let told_apart = groups.keys().zip(stems).map(|(group, stem)| match called[&stem] {
        1 => stem,
        _ => format!("{stem}-{group}"),
    });
    let stems: Vec<String> = told_apart.collect();
    let names = safe_names(stems.iter().map(String::as_str));
    let ending = match layout.profile.ending.as_str() {
        "" => String::new(),
        ending => format!(".{ending}"),
    };
    let files = stems.iter().zip(groups.into_values());
    files
        .map(|(stem, documents)| FileOfOrders {
            name: format!("{}{ending}", names[stem]),
            documents,
        })
        .collect()
}

/// The name of a file as the template gives it. Values are as they are, without the profile's map,
/// and dates as in the names of runs.
fn stem(layout: &Layout<'_>, document: &Document<'_>) -> String {
    let value = |part: &Part| match part {
        Part::Literal(text) => text.clone(),
        Part::Value(placeholder, default) => {
            let value = layout.plain(*placeholder, document, document.head());
            let text = match (placeholder.kind(), value.day()) {
                (Kind::Date, Some(day)) => date_of(day).to_string(),
                _ => layout.text(&value),
            };
            if text.is_empty() { default.clone() } else { text }
        }
    };
    let file = &layout.profile.file;
    let stem: String = file.parts.iter().map(value).collect();
    let is_numbered = file.placeholders().any(|one| one == Placeholder::Number);
    match document.part {
        part if part > 1 && !is_numbered => format!("{stem}-{part}"),
        _ => stem,
    }
}

/// The documents of some lines, by supplier, location and number.
fn documents<'a>(layout: &Layout<'_>, lines: &[&'a OrderLine]) -> Vec<Document<'a>> {
    let mut orders: BTreeMap<(&str, &str, &str), Vec<&'a OrderLine>> = BTreeMap::new();
    for line in lines {
        let name = (&*line.supplier, &*line.location, &*line.po_number);
        orders.entry(name).or_default().push(line);
    }
    let whole: BTreeSet<&str> = orders.keys().map(|(_, _, number)| *number).collect();
    let (before, behind) = &layout.profile.number;
    let most = layout.profile.max_lines.unwrap_or(usize::MAX);

    let mut documents = Vec::new();
    for ((_, _, number), mut lines) in orders {
        lines.sort_by(|a, b| (a.line, &a.sku).cmp(&(b.line, &b.sku)));
        // A number of another order is none for a part of this one.
        let further = (2_u32..).map(|count| format!("{number}-{count}"));
        let further = further.filter(|part| !whole.contains(part.as_str()));
        let numbers = std::iter::once(number.to_owned()).chain(further);
        for (part, (number, lines)) in (1..).zip(numbers.zip(lines.chunks(most))) {
            let number = format!("{before}{number}{behind}");
            documents.push(Document { number, part, lines: lines.to_vec() });
        }
    }
    documents
}
