//! Whole files as NDJSON: the first byte chooses how they are read.

#![no_main]

#[allow(dead_code)]
mod shop;

use libfuzzer_sys::fuzz_target;

const OPTIONS: [&str; 6] = [
    "",
    "delimiter = \";\"\ndecimal = \",\"\ndate_format = [\"%d.%m.%Y\", \"%m/%d/%Y\"]",
    "encoding = \"windows-1252\"\ntime_zone = \"America/New_York\"",
    "skip_rows = 2\ndate_format = \"serial\"",
    "fill_down = [\"sku\", \"date\"]",
    "exclude = [{ column = \"sku\", matches = \"X*\" }]",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, file)) = bytes.split_first() else { return };
    shop::load(file, "ndjson", OPTIONS[usize::from(*choice) % OPTIONS.len()]);
});
