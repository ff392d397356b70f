//! Promises measured from outside, cell by cell: what the levels of a night achieve when the
//! process that wrote the history goes on, the stock that takes, and the stock that an oracle
//! takes.
//!
//! `cargo run --release --example service_grid -- [ITEMS [WORD…]]`: so many items in each shop (60
//! where none is given), and only the cells in whose names all words are found, as in `40 lumpy
//! week "R = 1 |" cycle`. Prints the table of `docs/SERVICE.md`, then every cell, the worst first.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it found")]
#![allow(clippy::unwrap_used, reason = "a broken harness measures nothing")]

use std::error::Error;

mod grid;
#[path = "../../tests/it/promises/harness/mod.rs"]
mod harness;

use grid::{HEAD, PROCESS_HEAD, by_process, measured, missing, summary};

/// Items in a shop where no number is given.
const ITEMS: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (items, words) = match arguments.as_slice() {
        [items, words @ ..] => (items.parse()?, words.to_vec()),
        [] => (ITEMS, Vec::new()),
    };

    let mut rows = measured(&words, items, &mut |row| eprintln!("{}", row.line()));
    println!("{PROCESS_HEAD}");
    by_process(&rows).iter().for_each(|line| println!("{line}"));

    rows.sort_by(|a, b| missing(b).total_cmp(&missing(a)));

    println!("\n{HEAD}");
    rows.iter().for_each(|row| println!("{}", row.line()));
    println!("\n{}", summary(&rows));
    Ok(())
}
