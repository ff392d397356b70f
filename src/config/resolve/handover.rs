//! `[[handover]]`: profiles with what their presets add, checked.

use std::collections::BTreeMap;

use super::in_range;
use crate::config::choices::{CountedIn, HandoverFormat, OneFilePer};
use crate::config::placeholders::{Part, Placeholder, Scope, Template};
use crate::config::presets;
use crate::config::raw::{RawBuyer, RawHandover};
use crate::config::settings::{Buyer, HandoverProfile, TextTest};
use crate::domain::countries;
use crate::domain::gln::is_gln;
use crate::error::{Error, Result};

/// The most lines of an order that can be asked for. Judgement: no importer takes more.
const MAX_LINES: f64 = 1e6;

pub(super) fn profiles(raw: Vec<RawHandover>) -> Result<Vec<HandoverProfile>> {
    let mut profiles: Vec<HandoverProfile> = Vec::new();
    for (at, raw) in raw.into_iter().enumerate() {
        let profile = profile(at + 1, raw)?;
        if profiles.iter().any(|other| other.name.eq_ignore_ascii_case(&profile.name)) {
            let message = format!("two hand-over profiles are called {:?}", profile.name);
            return Err(Error::config(message).hint("give one of them another `name`"));
        }
        profiles.push(profile);
    }
    Ok(profiles)
}

fn profile(number: usize, own: RawHandover) -> Result<HandoverProfile> {
    let key = |name: &str| format!("handover[{number}].{name}");
    let raw = match &own.preset {
        Some(name) => over(own.clone(), presets::preset(name, &key("preset"))?),
        None => own,
    };

    let name = raw.name.or(raw.preset).unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Error::config(format!("`{}` is not given", key("name")))
            .hint("name the profile; its files stand in a folder of that name"));
    }
    let suppliers: Vec<TextTest> = match &raw.suppliers {
        Some(patterns) => patterns.as_slice().iter().map(|text| TextTest::of(text)).collect(),
        None => vec![TextTest::of("*")],
    };
    if suppliers.is_empty() {
        return Err(Error::config(format!("`{}` is empty", key("suppliers")))
            .hint("leave it out to take the orders of all suppliers"));
    }
    let format = raw.format.unwrap_or_default();
    let one_file_per = raw.one_file_per.unwrap_or_default();
    if format == HandoverFormat::Ubl && one_file_per != OneFilePer::Order {
        return Err(Error::config(format!(
            "`{}`: a file of format \"ubl-order\" holds one order",
            key("one_file_per")
        )));
    }
    if let Some(most) = raw.max_lines {
        in_range(&key("max_lines"), f64::from(most), 1.0, MAX_LINES)?;
    }
    let date_format = raw.date_format.unwrap_or_else(|| "%Y-%m-%d".to_owned());
    let decimal = raw.decimal.unwrap_or('.');
    if !matches!(decimal, '.' | ',') {
        return Err(Error::config(format!(
            "`{}` = {decimal:?} is neither '.' nor ','",
            key("decimal")
        )));
    }
    let delimiter = raw.delimiter.unwrap_or(',');
    if !delimiter.is_ascii() || matches!(delimiter, '"' | '\n' | '\r') {
        let key = key("delimiter");
        return Err(Error::config(format!("`{key}` = {delimiter:?} cannot separate fields")));
    }

    let columns = columns(&key("columns"), raw.columns.unwrap_or_default())?;
    let second_header = raw.second_header.unwrap_or_default();
    if !second_header.is_empty() && second_header.len() != columns.len() {
        return Err(Error::config(format!(
            "`{}` has {} texts, and there are {} `columns`",
            key("second_header"),
            second_header.len(),
            columns.len()
        )));
    }
    let file = raw.file.unwrap_or_else(|| {
        let stem = match one_file_per {
            OneFilePer::Order => "{number}",
            OneFilePer::Supplier => "{supplier}",
            OneFilePer::Run => "orders",
        };
        format!("{stem}.{}", format.ending())
    });
    let (file, ending) = file_name(&key("file"), &file, one_file_per)?;

    Ok(HandoverProfile {
        name,
        suppliers,
        format,
        file,
        ending,
        one_file_per,
        order_fields: raw.order_fields.unwrap_or_default(),
        number: number_around(&key("number"), raw.number.as_deref())?,
        counted_in: raw.quantity.unwrap_or(CountedIn::Units),
        max_lines: raw.max_lines.and_then(|most| usize::try_from(most).ok()),
        date_format: checked_date_format(&key("date_format"), date_format)?,
        decimal,
        delimiter,
        encoding: raw.encoding.unwrap_or_default(),
        second_header,
        map: maps(&key("map"), raw.map)?,
        columns,
    })
}

/// A profile's own keys, and those of its preset where it has none.
fn over(own: RawHandover, preset: RawHandover) -> RawHandover {
    let mut map = preset.map;
    map.extend(own.map);
    RawHandover {
        name: own.name,
        preset: own.preset,
        suppliers: own.suppliers.or(preset.suppliers),
        format: own.format.or(preset.format),
        file: own.file.or(preset.file),
        one_file_per: own.one_file_per.or(preset.one_file_per),
        order_fields: own.order_fields.or(preset.order_fields),
        number: own.number.or(preset.number),
        quantity: own.quantity.or(preset.quantity),
        max_lines: own.max_lines.or(preset.max_lines),
        date_format: own.date_format.or(preset.date_format),
        decimal: own.decimal.or(preset.decimal),
        delimiter: own.delimiter.or(preset.delimiter),
        encoding: own.encoding.or(preset.encoding),
        second_header: own.second_header.or(preset.second_header),
        map,
        columns: own.columns.or(preset.columns),
    }
}

fn columns(key: &str, raw: Vec<(String, String)>) -> Result<Vec<(String, Template)>> {
    let read = |(header, text): (String, String)| {
        let template = Template::parse(&text, &format!("{key}: {header}"))?;
        Ok((header, template))
    };
    raw.into_iter().map(read).collect()
}

/// What stands before and behind the order's number. Without it two orders would share one.
fn number_around(key: &str, given: Option<&str>) -> Result<(String, String)> {
    let Some(text) = given else { return Ok((String::new(), String::new())) };
    let template = Template::parse(text, key)?;
    let (mut before, mut behind, mut seen) = (String::new(), String::new(), 0);
    for part in &template.parts {
        match part {
            Part::Value(Placeholder::PoNumber, _) => seen += 1,
            Part::Literal(text) if seen == 0 => before.push_str(text),
            Part::Literal(text) => behind.push_str(text),
            Part::Value(..) => seen = 2,
        }
    }
    if seen != 1 {
        return Err(Error::config(format!("`{key}` = {text:?} has to hold {{po_number}} once"))
            .hint("no other placeholder: by the number the order is recognised later"));
    }
    Ok((before, behind))
}

/// The name of a file without its ending, and the ending.
fn file_name(key: &str, text: &str, per: OneFilePer) -> Result<(Template, String)> {
    let is_ending = |ending: &str| {
        !ending.is_empty() && ending.len() <= 8 && ending.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let (stem, ending) = match text.rsplit_once('.').filter(|(_, ending)| is_ending(ending)) {
        Some((stem, ending)) => (stem, ending),
        None => (text, ""),
    };
    let template = Template::parse(stem, key)?;
    let scope = match per {
        OneFilePer::Order => Scope::Order,
        OneFilePer::Supplier => Scope::Supplier,
        OneFilePer::Run => Scope::Run,
    };
    if let Some(many) = template.placeholders().find(|one| one.scope() > scope) {
        let message = format!("`{key}`: one file may hold several values of {{{}}}", many.name());
        return Err(Error::config(message)
            .hint("name it by what all of its rows share, or change `one_file_per`"));
    }
    if stem.is_empty() {
        return Err(Error::config(format!("`{key}` names no file")).hint("such as {number}.csv"));
    }
    Ok((template, ending.to_owned()))
}

fn maps(
    key: &str,
    raw: BTreeMap<String, BTreeMap<String, String>>,
) -> Result<BTreeMap<Placeholder, BTreeMap<String, String>>> {
    raw.into_iter().map(|(name, map)| Ok((Placeholder::of(&name, key)?, map))).collect()
}

fn checked_date_format(key: &str, format: String) -> Result<String> {
    use chrono::format::{Item, StrftimeItems};
    // A day has no time and no zone: writing one would fail.
    let day = chrono::NaiveDate::default();
    let is_wrong = StrftimeItems::new(&format).any(|item| item == Item::Error) || {
        let mut text = String::new();
        std::fmt::Write::write_fmt(&mut text, format_args!("{}", day.format(&format))).is_err()
    };
    if is_wrong || format.trim().is_empty() {
        return Err(Error::config(format!("`{key}` = {format:?} is no format of a day"))
            .hint("such as \"%d/%m/%Y\" or \"%Y%m%d\""));
    }
    Ok(format)
}

pub(super) fn buyer(raw: RawBuyer) -> Result<Buyer> {
    let given = |text: Option<String>| {
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let gln = given(raw.gln);
    if let Some(gln) = gln.as_deref().filter(|gln| !is_gln(gln)) {
        return Err(Error::config(format!("`handover_buyer.gln` = {gln:?} is no GLN"))
            .hint("13 digits, the last of which checks the others"));
    }
    let country = match given(raw.country) {
        Some(text) => Some(countries::code_of(&text).ok_or_else(|| {
            Error::config(format!("`handover_buyer.country` = {text:?} is not known"))
                .hint("write its two letters, such as DE")
        })?),
        None => None,
    };
    let currency = given(raw.currency);
    Ok(Buyer { name: given(raw.name), gln, address: given(raw.address), country, currency })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::config::source::{Overlay, parse};
    use std::path::Path;

    fn resolved(text: &str) -> Result<Settings> {
        parse(text, "t", &Overlay::default()).and_then(|raw| Settings::resolve(raw, Path::new(".")))
    }

    #[test]
    fn keys_beside_a_preset_win() {
        let text = "[[handover]]\npreset = \"cin7-omni\"\nmax_lines = 7\n\
                    map.location = { a = \"B\" }\n";
        let profile = resolved(text).unwrap().handover.remove(0);
        assert_eq!((profile.max_lines, &*profile.number.0), (Some(7), "PO-"));
        assert_eq!(profile.map[&Placeholder::Location]["a"], "B");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (line, word) in [
            ("preset = \"oddo\"", "odoo"),
            ("name = \"\"", "name"),
            ("suppliers = []", "suppliers"),
            ("number = \"PO\"", "po_number"),
            ("number = \"{po_number}{po_number}\"", "po_number"),
            ("number = \"{po_number}-{supplier}\"", "po_number"),
            ("file = \"{sku}.csv\"", "sku"),
            ("file = \".csv\"", "file"),
            ("one_file_per = \"run\"\nfile = \"{po_number}.csv\"", "one_file_per"),
            ("one_file_per = \"run\"\nformat = \"ubl-order\"", "ubl-order"),
            ("max_lines = 0", "max_lines"),
            ("date_format = \"%H:%M\"", "date_format"),
            ("date_format = \"%Q\"", "date_format"),
            ("decimal = \";\"", "decimal"),
            ("delimiter = \"\u{e4}\"", "delimiter"),
            ("second_header = [\"a\"]", "second_header"),
            ("map.lokation = { a = \"b\" }", "did you mean `location`"),
            ("columns = [[\"A\", \"{skku}\"]]", "did you mean `sku`"),
        ] {
            let name = if line.starts_with("name") { "" } else { "name = \"x\"\n" };
            let error = resolved(&format!("[[handover]]\n{name}{line}\n")).unwrap_err();
            let said = format!("{error} {:?}", error.hints);
            assert!(error.exit_code() == 2 && said.contains(word), "{line}: {said}");
        }
        let twice = "[[handover]]\nname = \"a\"\n[[handover]]\nname = \"A\"\n";
        assert_eq!(resolved(twice).unwrap_err().exit_code(), 2);
        for line in ["gln = \"4012345000008\"", "country = \"Nowhere\""] {
            let error = resolved(&format!("[handover_buyer]\n{line}\n")).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
