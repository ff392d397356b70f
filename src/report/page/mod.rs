//! The morning page: one file that a planner opens, decides on and closes. It says what the tables
//! of its run directory say, so that page and tables never differ, and draws from what the run
//! stood on.
//!
//! Each section is a module with the same name as its template in `templates/`: it reads, the
//! template shows. Nothing but [`frame`] writes markup around them.

mod ahead;
mod chase;
mod columns;
mod customers;
mod data;
mod decide;
mod decided_earlier;
mod drawn;
mod excess;
pub mod frame;
mod head;
mod history;
mod items;
mod packed;
mod pictures;
mod risk;
mod run_tables;
mod shown;
mod since;
mod suppliers;
mod trust;

use std::path::Path;

use serde::Serialize;

use crate::error::Result;
use crate::io::sinks::write_text;
use crate::state::StateView;

use frame::{Document, Template};
use run_tables::RunTables;

/// The file of a run directory that holds its page.
pub const PAGE_FILE: &str = "report.html";

/// What a page is made from.
#[derive(Clone, Copy)]
pub struct PageSource<'a> {
    /// The run's directory, with its tables.
    pub dir: &'a Path,
    /// The name of the run.
    pub name: &'a str,
    /// What the run stood on.
    pub state: StateView<'a>,
    /// The night before it.
    pub before: Before<'a>,
}

/// The night before a run.
#[derive(Clone, Copy)]
pub enum Before<'a> {
    /// It is known.
    Night {
        /// Its name.
        name: &'a str,
        /// What it stood on.
        state: StateView<'a>,
    },
    /// There is none to compare with, for this reason: a sentence.
    Unknown(&'a str),
}

/// Writes the page of a run into its directory.
///
/// # Errors
/// When a table of the run cannot be read, or the page cannot be written.
pub fn write(source: &PageSource<'_>) -> Result<()> {
    write_text(&source.dir.join(PAGE_FILE), &html(source)?)
}

/// The page of a run.
///
/// # Errors
/// When a table of the run cannot be read.
pub fn html(source: &PageSource<'_>) -> Result<String> {
    let run = RunTables::read(source.dir)?;
    let decide = decide::section(source, &run);
    let risk = risk::section(source, &run);
    let customers = customers::section(&run);
    let counted = head::Counted { decide: &decide, risk: &risk, customers: &customers };
    let (items, island) = items::section(source, &run)?;
    let sections = Sections {
        base: &source.state.settings.currency.base,
        head: head::section(source, &run, counted),
        chase: chase::section(source, &run),
        excess: excess::section(&run),
        data: data::section(&run),
        earlier: decided_earlier::section(source, &run),
        decide,
        risk,
        customers,
        items,
        since: since::section(source, &run),
        suppliers: suppliers::section(source, &run),
        trust: trust::section(source, &run),
    };
    frame::render(&Document {
        title: &format!("restock {}", source.name),
        template: Template::Page,
        sections: &sections,
        island: Some(&island),
    })
}

/// Every section, in the order of the page.
#[derive(Serialize)]
struct Sections<'a> {
    /// The base currency.
    base: &'a str,
    head: head::Head<'a>,
    decide: decide::Decide,
    earlier: decided_earlier::DecidedEarlier,
    risk: risk::Risk,
    customers: customers::Customers,
    chase: chase::Chase,
    excess: excess::Excess,
    data: data::Data,
    items: items::Items,
    since: since::Since,
    suppliers: suppliers::Suppliers,
    trust: trust::Trust,
}
