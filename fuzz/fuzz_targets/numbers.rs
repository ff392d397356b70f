//! Numbers, one a line: the first byte chooses the decimal mark.

#![no_main]

#[allow(dead_code)]
mod shop;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, numbers)) = bytes.split_first() else { return };
    let options = if choice % 2 == 0 { "" } else { "decimal = \",\"" };
    let mut file = b"date,sku,quantity,on_hand,unit_cost,lead_time_days\n".to_vec();
    for number in numbers.split(|byte| *byte == b'\n') {
        let quoted = number.iter().flat_map(|byte| match byte {
            b'"' => vec![b'"', b'"'],
            other => vec![*other],
        });
        let quoted: Vec<u8> = quoted.collect();
        file.extend_from_slice(b"2026-06-01,A");
        for _ in 0..4 {
            file.extend_from_slice(b",\"");
            file.extend_from_slice(&quoted);
            file.push(b'"');
        }
        file.push(b'\n');
    }
    shop::load(&file, "csv", options);
});
