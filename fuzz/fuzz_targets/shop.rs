//! A shop whose files hold what the fuzzer gives.

use std::path::Path;

use restock::config::Settings;
use restock::config::source::{Overlay, parse};
use restock::io::{AsOf, Loaded, load_all_problems};

/// Loads orders, a stock table and an items table from the same bytes; what was read must add up.
pub(crate) fn load(bytes: &[u8], ending: &str, options: &str) {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir_in(memory()).expect("a folder");
    }
    FOLDER.with(|folder| {
        let name = format!("input.{ending}");
        std::fs::write(folder.path().join(&name), bytes).expect("the folder can be written to");
        let tables: String = ["orders", "stock", "items"]
            .iter()
            .map(|table| format!("[inputs.{table}]\npath = {name:?}\n{options}\n"))
            .collect();
        let config = format!("[run]\nmax_bad_rows = 1.0\n{tables}");
        let raw = parse(&config, "fuzz", &Overlay::default()).expect("the configuration is valid");
        let settings = Settings::resolve(raw, folder.path()).expect("and so are its settings");
        let (loaded, _) = load_all_problems(&settings, AsOf::Newest { today: None }, &());
        loaded.iter().for_each(adds_up);
    });
}

fn memory() -> &'static Path {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory } else { Path::new("/tmp") }
}

/// Every row is used or set aside, and no item of the demand has a key that nobody can see.
fn adds_up(loaded: &Loaded) {
    for input in &loaded.inputs {
        let aside: u64 = input.set_aside.values().sum();
        assert_eq!(input.rows, input.used + aside, "{}", input.table);
    }
    for key in &loaded.demand.keys {
        assert!(!key.sku.trim().is_empty());
        assert!(!key.sku.chars().any(char::is_control), "{:?}", key.sku);
    }
}
