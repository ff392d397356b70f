//! What an earlier run said that tonight's is compared with, read from the tables that it wrote.

use std::path::Path;

use super::columns::{
    ADVISED, LINE, LOCATION, PO_NUMBER, RESOLVED, SKU, STATUS, STOCKOUT_PROBABILITY,
};
use crate::backorder::risk::PreviousRisks;
use crate::domain::key::Key;
use crate::error::{Error, Result};
use crate::io::contract::STOCK;
use crate::io::{read_columns, read_json};
use crate::pipeline::PreviousRun;
use crate::plan::open_order_advice::PreviousAdvice;

/// Reads what the run in a directory listed as at risk and what it advised about open orders.
///
/// # Errors
/// When a table of it cannot be read or lacks a column that the comparison needs. The previous run
/// is an input like any other: leaving the comparison out would turn every known risk into a new
/// one without a word.
pub fn said_before(dir: &Path) -> Result<PreviousRun> {
    let read = || {
        Ok(PreviousRun { risks: risks(dir)?, advice: advice(dir)?, stock_rows: stock_rows(dir) })
    };
    read().map_err(|error: Error| {
        error.hint(format!(
            "{} is the newest run before this day: move it away, and the one before it is taken",
            dir.display()
        ))
    })
}

/// Rows of its stock table, over all files; `None` where its manifest does not say, or the run was
/// made without one.
fn stock_rows(dir: &Path) -> Option<u64> {
    let manifest = read_json(&dir.join("manifest.json"))?;
    let inputs = manifest.get("inputs")?.as_array()?;
    let of_stock = inputs.iter().filter(|input| input.get("table").is_some_and(|it| it == STOCK));
    let rows: Vec<u64> = of_stock.filter_map(|input| input.get("rows")?.as_u64()).collect();

    (!rows.is_empty()).then(|| rows.iter().sum())
}

/// Stock-out probability of each item that was at risk.
fn risks(dir: &Path) -> Result<PreviousRisks> {
    let path = dir.join("backorder_risk.csv");
    let columns = [SKU, LOCATION, STOCKOUT_PROBABILITY, STATUS];
    let mut risks = PreviousRisks::new();
    for [sku, location, probability, status] in read_columns(&path, columns)? {
        if status == RESOLVED {
            continue;
        }

        // A probability that could not be worked out was written as an empty field.
        let written = if probability.is_empty() { "0" } else { probability.as_str() };
        let probability = written.parse().map_err(|cause: std::num::ParseFloatError| {
            let message = format!(
                "{}: `{STOCKOUT_PROBABILITY}` of {sku} {location} is {probability:?}, no number",
                path.display()
            );
            Error::data(message).because(cause)
        })?;
        risks.insert(Key::new(&sku, &location), probability);
    }
    Ok(risks)
}

/// Advice by open order line.
fn advice(dir: &Path) -> Result<PreviousAdvice> {
    let path = dir.join("open_order_advice.csv");
    // Runs of the first version have none.
    if !path.is_file() {
        return Ok(PreviousAdvice::new());
    }

    let columns = [PO_NUMBER, LINE, SKU, LOCATION, ADVISED];
    let mut advice = PreviousAdvice::new();
    for [po_number, line, sku, location, advised] in read_columns(&path, columns)? {
        // Advice that this version does not know cannot be what it would say again.
        if let Ok(advised) = advised.parse() {
            advice.insert((po_number, line, Key::new(&sku, &location)), advised);
        }
    }
    Ok(advice)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn run_with(risk: &str, advice: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("backorder_risk.csv"), risk).unwrap();
        fs::write(dir.path().join("open_order_advice.csv"), advice).unwrap();
        dir
    }

    const RISK: &str = "sku,location,stockout_probability,status\n\
        A1,main,0.25,new\nA2,main,0.5,resolved\n";
    const ADVICE: &str = "po_number,line,sku,location,advice,by_days\nP1,2,A1,main,expedite,3\n";

    #[test]
    fn columns_are_read_by_name_wherever_they_stand() {
        let plain = said_before(run_with(RISK, ADVICE).path()).unwrap();
        assert_eq!(plain.risks, PreviousRisks::from([(Key::new("A1", "main"), 0.25)]));
        assert_eq!(plain.advice.len(), 1);

        let risk = "inserted,status,sku,location,more,stockout_probability\n\
            x,new,A1,main,y,0.25\nx,resolved,A2,main,y,0.5\n";
        let advice = "advice,inserted,po_number,location,line,sku\nexpedite,x,P1,main,2,A1\n";
        let moved = said_before(run_with(risk, advice).path()).unwrap();
        assert_eq!((moved.risks, moved.advice), (plain.risks, plain.advice));
    }

    #[test]
    fn a_missing_column_is_named_with_its_file() {
        let error = said_before(run_with("sku,location,status\n", ADVICE).path()).unwrap_err();
        assert_eq!(error.exit_code(), 3);
        assert!(error.message.contains("backorder_risk.csv"), "{error}");
        assert!(error.message.contains("`stockout_probability`"), "{error}");
        assert!(error.hints[0].contains("move it away"), "{:?}", error.hints);

        let error = said_before(run_with(RISK, "po_number,line\n").path()).unwrap_err();
        assert!(error.message.contains("open_order_advice.csv") && error.message.contains("`sku`"));
    }

    #[test]
    fn a_probability_that_is_no_number_is_an_error() {
        let risk = RISK.replace("0.25", "high");
        let error = said_before(run_with(&risk, ADVICE).path()).unwrap_err();
        assert!(error.message.contains("A1 main") && error.message.contains("high"), "{error}");
    }

    #[test]
    fn a_run_without_advice_is_read() {
        let dir = run_with(RISK, ADVICE);
        fs::remove_file(dir.path().join("open_order_advice.csv")).unwrap();
        let before = said_before(dir.path()).unwrap();
        assert_eq!((before.risks.len(), before.advice.len()), (1, 0));
    }
}
