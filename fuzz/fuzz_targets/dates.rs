//! Dates, one a line: the first byte chooses the format and the time zone.

#![no_main]

#[allow(dead_code)]
mod shop;

use libfuzzer_sys::fuzz_target;

const OPTIONS: [&str; 7] = [
    "",
    "time_zone = \"Pacific/Apia\"",
    "date_format = \"serial\"",
    "date_format = \"%d/%m/%Y %H:%M\"\ntime_zone = \"America/New_York\"",
    "date_format = [\"%d-%b-%y\", \"%m/%d/%y\", \"%Y%m%d\"]",
    "date_format = \"%s\"",
    "date_format = \"%Y-%m-%dT%H:%M:%S%.f%:z\"\ntime_zone = \"Asia/Kolkata\"",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, dates)) = bytes.split_first() else { return };
    let mut file = b"date,sku,quantity,on_hand,counted_on,launch_date\n".to_vec();
    for date in dates.split(|byte| *byte == b'\n') {
        let date: Vec<u8> = date.iter().copied().filter(|byte| *byte != b'"').collect();
        file.push(b'"');
        file.extend_from_slice(&date);
        file.extend_from_slice(b"\",A,1,1,\"");
        file.extend_from_slice(&date);
        file.extend_from_slice(b"\",\"");
        file.extend_from_slice(&date);
        file.extend_from_slice(b"\"\n");
    }
    shop::load(&file, "csv", OPTIONS[usize::from(*choice) % OPTIONS.len()]);
});
