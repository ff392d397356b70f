//! Writes what is generated again: the sample in `data/`, the schema in `config/` and the codes in
//! `docs/INPUTS.md`.
//!
//! `cargo run --release --example make_sample`

use std::fmt::Write;
use std::fs;
use std::path::Path;

use restock::config::schema;
use restock::domain::finding::Code;
use restock::sample;

/// The line of `docs/INPUTS.md` after which the codes stand, to the end.
const MARK: &str = "<!-- codes: written by `cargo run --release --example make_sample` -->\n";

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, content) in sample::files(sample::SEED) {
        fs::write(root.join("data").join(name), content)?;
    }
    fs::write(root.join("config/restock.schema.json"), schema::json())?;
    let page = fs::read_to_string(root.join("docs/INPUTS.md"))?;
    let above = page.split(MARK).next().unwrap_or_default();
    fs::write(root.join("docs/INPUTS.md"), format!("{above}{MARK}{}", codes()))
}

/// Every code as a row of a table.
fn codes() -> String {
    let mut table =
        String::from("| code | name | severity | meaning | what to do |\n|---|---|---|---|---|\n");
    for code in Code::ALL {
        let (id, name, severity) = (code.id(), code.name(), code.severity().as_str());
        writeln!(table, "| {id} | `{name}` | {severity} | {} | {} |", code.meaning(), code.hint())
            .ok();
    }
    table
}
