//! Configurations: what can be read can be resolved or is refused.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use restock::config::Settings;
use restock::config::source::{Overlay, parse};

fuzz_target!(|text: &str| {
    if let Ok(raw) = parse(text, "fuzz", &Overlay::default()) {
        let _ = Settings::resolve(raw, Path::new("/nowhere"));
    }
});
