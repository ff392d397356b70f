//! What an earlier run said that tonight's is compared with, read from the tables that it wrote.

use std::collections::BTreeMap;
use std::path::Path;

use super::columns::{
    ADVISED, CHASED_DAYS, CHASED_ON, LINE, LOCATION, ORDER_ID, PLACE, PO_NUMBER, PREVIOUS_PROMISE,
    RESOLVED, SKU, STATUS, STOCKOUT_PROBABILITY, TOLD_DATE, TOLD_KIND, TOLD_PROBABILITY,
    TOLD_RESPOND_BY, TOLD_SILENCE, TOLD_STATED,
};
use crate::backorder::risk::PreviousRisks;
use crate::backorder::told::{NoticeKind, PreviousPromises, PromisedDays, Silence, Told};
use crate::domain::calendar::{Day, day_of};
use crate::domain::finding::{Code, Finding, Source};
use crate::domain::key::Key;
use crate::error::{Error, Result};
use crate::io::contract::STOCK;
use crate::io::{read_columns, read_json, read_older_columns};
use crate::pipeline::PreviousRun;
use crate::plan::open_order_advice::{Chased, PreviousAdvice, PreviousChases};

/// What findings call the table.
const TABLE: &str = "previous_run";

/// The previous run, as far as its tables could be read.
#[derive(Debug, Default)]
pub struct Previous {
    /// Name of its directory.
    pub name: String,
    /// What it said.
    pub said: PreviousRun,
    /// SHA-256 of each table that was read, by file.
    pub read: BTreeMap<&'static str, String>,
    /// The run whose forecast of the newest whole period was read; its hash is among
    /// [`read`](Self::read).
    pub forecast_run: Option<String>,
    /// A finding for each table that could not be.
    pub findings: Vec<Finding>,
}

/// Reads what the run in a directory listed as at risk and what it advised about open orders.
///
/// A table that is missing or damaged costs the comparison with it and no more: the night's orders
/// do not depend on it, and a fault of one night must not stop all later ones.
#[must_use]
pub fn read(dir: &Path) -> Previous {
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut previous = Previous { name, ..Previous::default() };

    let file = "backorder_risk.csv";
    let lost = "every risk of tonight counts as new, and none as resolved";
    let risks = risks(&dir.join(file));
    previous.said.risks = previous.take(file, risks, lost);

    let file = "open_order_advice.csv";
    let lost = "advice on open orders is given as if none had been given before";
    let advice = advice(&dir.join(file));
    (previous.said.advice, previous.said.chased) = previous.take(file, advice, lost);

    // An older version wrote none: nobody was told anything.
    let file = "promises.csv";
    if dir.join(file).exists() || has_notices(dir) {
        let lost = "customers who wait are told as if they had been told nothing before, and no \
                    refund is called due";
        let promises = promises(&dir.join(file));
        let (told, due) = previous.take(file, promises, lost);
        previous.said.promises = told;
        previous.said.is_told_lost = !previous.read.contains_key(file);
        previous.said.review.promises = (!previous.said.is_told_lost).then_some(due);
    }

    let file = "manifest.json";
    let lost = "whether the stock table has lost rows since is not known";
    let stock_rows = stock_rows(&dir.join(file));
    previous.said.stock_rows = previous.take(file, stock_rows, lost);

    previous
}

impl Previous {
    /// What a table says; nothing, and a finding, where it cannot be read.
    pub(super) fn take<T: Default>(
        &mut self,
        file: &'static str,
        read: Result<(T, String)>,
        lost: &str,
    ) -> T {
        match read {
            Ok((said, sha256)) => {
                self.read.insert(file, sha256);
                said
            }
            Err(error) => {
                let file = format!("{}/{file}", self.name);
                let message = format!("{file} of the previous run: {error}; {lost}");
                let source = Source { table: TABLE, file: file.into(), row: 0 };
                let code = Code::PreviousRunDamaged;
                self.findings.push(Finding { code, source, key: None, message });
                T::default()
            }
        }
    }
}

/// Whether the run was made by a version that tells customers something, and so says what.
fn has_notices(dir: &Path) -> bool {
    dir.join("notices.csv").exists()
}

/// Rows of its stock table, over all files, and the hash of the manifest that says so; `None` if
/// the run was made without one.
fn stock_rows(path: &Path) -> Result<(Option<u64>, String)> {
    let (manifest, sha256) = read_json(path)?;
    let inputs = manifest.get("inputs").and_then(|inputs| inputs.as_array());
    let inputs = inputs.ok_or_else(|| Error::data("it has no list of `inputs`"))?;
    let of_stock = inputs.iter().filter(|input| input.get("table").is_some_and(|it| it == STOCK));
    let rows: Vec<u64> = of_stock.filter_map(|input| input.get("rows")?.as_u64()).collect();

    Ok(((!rows.is_empty()).then(|| rows.iter().sum()), sha256))
}

/// Stock-out probability of each item that was at risk, and the hash of the table.
fn risks(path: &Path) -> Result<(PreviousRisks, String)> {
    let columns = [SKU, LOCATION, STOCKOUT_PROBABILITY, STATUS, TOLD_PROBABILITY];
    let table = read_older_columns(path, columns, 1)?;
    let mut risks = PreviousRisks::new();
    for [sku, location, probability, status, told] in table.rows {
        if status == RESOLVED {
            continue;
        }

        // A probability that could not be worked out was written as an empty field.
        let probability = if told.is_empty() { probability } else { told };
        let written = if probability.is_empty() { "0" } else { probability.as_str() };
        let number = written.parse().ok().filter(|number| (0.0..=1.0).contains(number));
        let number = number.ok_or_else(|| {
            Error::data(format!(
                "`{STOCKOUT_PROBABILITY}` of {sku} at {location} is {probability:?}, no probability"
            ))
        })?;
        risks.insert(Key::new(&sku, &location), number);
    }
    Ok((risks, table.sha256))
}

/// Advice by open order line and when its supplier was last asked for it, and the hash of the
/// table.
fn advice(path: &Path) -> Result<((PreviousAdvice, PreviousChases), String)> {
    let columns = [PO_NUMBER, LINE, SKU, LOCATION, ADVISED, CHASED_ON, CHASED_DAYS];
    let table = read_older_columns(path, columns, 2)?;
    let (mut advice, mut chases) = (PreviousAdvice::new(), PreviousChases::new());
    for [po_number, line, sku, location, advised, on, days] in table.rows {
        let name = (po_number, line, Key::new(&sku, &location));
        if let Some(on) = date(CHASED_ON, &on)? {
            let days = days.parse().unwrap_or(0);
            chases.insert(name.clone(), Chased { on, days });
        }
        // Advice that this version does not know cannot be what it would say again.
        if let Ok(advised) = advised.parse() {
            advice.insert(name, advised);
        }
    }
    Ok(((advice, chases), table.sha256))
}

/// What customers who wait were told, by line, and the hash of the table.
fn promises(path: &Path) -> Result<((PreviousPromises, PromisedDays), String)> {
    let columns = [
        ORDER_ID,
        LINE,
        SKU,
        LOCATION,
        PREVIOUS_PROMISE,
        TOLD_DATE,
        TOLD_KIND,
        TOLD_RESPOND_BY,
        TOLD_SILENCE,
        TOLD_STATED,
        PLACE,
    ];
    let table = read_columns(path, columns)?;
    let (mut promises, mut due) = (PreviousPromises::new(), PromisedDays::new());
    for row in table.rows {
        let [order_id, line, sku, location, before, rest @ ..] = row;
        let [told_date, kind, respond_by, silence, stated, place] = rest;
        let mut name = (order_id, line, Key::new(&sku, &location), 0);
        while promises.contains_key(&name) {
            name.3 += 1;
        }
        let told = Told {
            date: date(TOLD_DATE, &told_date)?,
            kind: word(TOLD_KIND, &kind, NoticeKind::of)?,
            respond_by: date(TOLD_RESPOND_BY, &respond_by)?,
            silence: word(TOLD_SILENCE, &silence, Silence::of)?,
            stated: date(TOLD_STATED, &stated)?,
            place: word(PLACE, &place, |place| place.parse().ok())?,
        };
        if let Some(day) = told.date.or(date(PREVIOUS_PROMISE, &before)?) {
            due.insert(name.clone(), day);
        }
        promises.insert(name, told);
    }
    Ok(((promises, due), table.sha256))
}

/// The day of a field; `None` of an empty one.
fn date(column: &str, text: &str) -> Result<Option<Day>> {
    word(column, text, |text| Some(day_of(text.parse().ok()?)))
}

/// What the word of a field stands for; `None` of an empty one. A word that is not known says that
/// the table is not as this version wrote it: what a customer was told must not be guessed.
fn word<T>(column: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    let said = read(text);
    said.map(Some).ok_or_else(|| Error::data(format!("`{column}` holds {text:?}")))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn run_with(risk: &str, advice: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("backorder_risk.csv"), risk).unwrap();
        fs::write(dir.path().join("open_order_advice.csv"), advice).unwrap();
        fs::write(dir.path().join("manifest.json"), MANIFEST).unwrap();
        dir
    }

    const RISK: &str = "sku,location,stockout_probability,status\n\
        A1,main,0.25,new\nA2,main,0.5,resolved\n";
    const MANIFEST: &str = "{\"inputs\": [{\"table\": \"stock\", \"rows\": 7}]}";
    const ADVICE: &str = "po_number,line,sku,location,advice,by_days\nP1,2,A1,main,expedite,3\n";

    #[test]
    fn columns_are_read_by_name_wherever_they_stand() {
        let plain = read(run_with(RISK, ADVICE).path());
        assert_eq!(plain.said.risks, PreviousRisks::from([(Key::new("A1", "main"), 0.25)]));
        assert_eq!((plain.said.advice.len(), plain.read.len()), (1, 3));
        assert_eq!(plain.said.stock_rows, Some(7));
        assert_eq!(plain.read["backorder_risk.csv"], crate::io::sha256(RISK.as_bytes()));

        // What was told last goes before what was so tonight.
        let told = "sku,location,stockout_probability,status,told_probability\n\
                    A1,main,0.25,same,0.21\n";
        let told = read(run_with(told, ADVICE).path()).said.risks;
        assert_eq!(told, PreviousRisks::from([(Key::new("A1", "main"), 0.21)]));

        let risk = "inserted,status,sku,location,more,stockout_probability\n\
            x,new,A1,main,y,0.25\nx,resolved,A2,main,y,0.5\n";
        let advice = "advice,inserted,po_number,location,line,sku\nexpedite,x,P1,main,2,A1\n";
        let moved = read(run_with(risk, advice).path());
        assert_eq!(moved.said.risks, plain.said.risks);
        assert_eq!(moved.said.advice, plain.said.advice);
        assert!(moved.findings.is_empty(), "{:?}", moved.findings);
    }

    #[test]
    fn a_table_that_is_damaged_loses_its_own_comparison_only() {
        let high = RISK.replace("0.25", "high");
        let beyond = RISK.replace("0.25", "25");
        let cases = [
            ("sku,location,status\n", "`stockout_probability`"),
            (&high, "A1 at main"),
            (&beyond, "\"25\""),
            (&RISK.replace("0.25", "NaN"), "NaN"),
            (&RISK.replace("new", "new,more"), "5 fields"),
            (&RISK.replace(',', ";"), "`sku`"),
            ("", "`sku`"),
        ];
        for (risk, told) in cases {
            let previous = read(run_with(risk, ADVICE).path());
            assert_eq!((previous.said.risks.len(), previous.said.advice.len()), (0, 1), "{told}");
            let [finding] = previous.findings.as_slice() else { panic!("{told}: {previous:?}") };
            assert_eq!(finding.code, Code::PreviousRunDamaged);
            let message = &finding.message;
            assert!(message.contains("/backorder_risk.csv") && message.contains(told), "{message}");
            assert!(!previous.read.contains_key("backorder_risk.csv"));
        }
    }

    #[test]
    fn what_customers_were_told_is_read_back_and_an_older_run_told_nothing() {
        let dir = run_with(RISK, ADVICE);
        let older = read(dir.path());
        assert!(older.said.promises.is_empty() && older.said.chased.is_empty());
        assert!(older.findings.is_empty(), "{:?}", older.findings);

        let told = "told_kind,order_id,line,sku,location,previous_promise,told_date,\
            told_respond_by,told_silence,stated_date,place\n\
            delay_first,7,1,A1,main,2026-07-02,2026-07-10,2026-07-10,consent,,\n\
            ,8,,A1,main,2026-07-05,,,,,\n";
        fs::write(dir.path().join("promises.csv"), told).unwrap();
        let chased = "po_number,line,sku,location,advice,chased_on,chased_days\n\
            P1,2,A1,main,expedite,2026-06-28,14\nP2,,A1,main,keep,,\n";
        fs::write(dir.path().join("open_order_advice.csv"), chased).unwrap();
        let said = read(dir.path()).said;
        let day = day_of("2026-07-10".parse().unwrap());
        let first = Told {
            date: Some(day),
            kind: Some(NoticeKind::DelayFirst),
            respond_by: Some(day),
            silence: Some(Silence::Consent),
            stated: None,
            place: None,
        };
        let name = |order: &str, line: &str| (order.into(), line.into(), Key::new("A1", "main"));
        let line = |order: &str, line: &str| {
            let (order, line, key) = name(order, line);
            (order, line, key, 0)
        };
        let promises = [(line("7", "1"), first), (line("8", ""), Told::default())];
        assert_eq!(said.promises, PreviousPromises::from(promises));
        let due = [(line("7", "1"), day), (line("8", ""), day - 5)];
        assert_eq!(said.review.promises, Some(PromisedDays::from(due)));
        let asked = Chased { on: day - 12, days: 14 };
        assert_eq!(said.chased, PreviousChases::from([(name("P1", "2"), asked)]));

        fs::write(dir.path().join("promises.csv"), told.replace("consent", "assent")).unwrap();
        let damaged = read(dir.path());
        assert!(damaged.said.promises.is_empty());
        assert!(damaged.findings[0].message.contains("/promises.csv"), "{damaged:?}");
    }

    #[test]
    fn a_manifest_that_is_damaged_is_named() {
        for broken in ["", "{\"inputs\": [", "[]", "{}"] {
            let dir = run_with(RISK, ADVICE);
            fs::write(dir.path().join("manifest.json"), broken).unwrap();
            let previous = read(dir.path());
            assert_eq!((previous.said.risks.len(), previous.said.stock_rows), (1, None));
            assert!(previous.findings[0].message.contains("/manifest.json"), "{previous:?}");
        }
    }

    #[test]
    fn a_table_that_is_missing_or_no_file_is_named() {
        let dir = run_with(RISK, ADVICE);
        fs::remove_file(dir.path().join("open_order_advice.csv")).unwrap();
        fs::create_dir(dir.path().join("open_order_advice.csv")).unwrap();
        let previous = read(dir.path());
        assert_eq!((previous.said.risks.len(), previous.said.advice.len()), (1, 0));
        let message = &previous.findings[0].message;
        assert!(message.contains("/open_order_advice.csv of the previous run: it is missing"));
    }
}
