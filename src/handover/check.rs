//! What `restock check` says of the profiles, before a night writes anything by them: each is tried
//! on an order of every supplier and location that the tables know.

use std::collections::{BTreeMap, BTreeSet};

use super::lay_out;
use crate::config::Settings;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Tables, Text};
use crate::error::{Error, Result};
use crate::plan::orders::{LineState, OrderLine};

/// What the profiles would say of the orders that could be written, and what they cannot write.
///
/// # Errors
/// When a file cannot be composed for a reason that lies in no line.
pub fn tried(
    settings: &Settings,
    tables: &Tables,
    keys: &[Key],
    as_of: Day,
) -> Result<(Vec<Finding>, Vec<Error>)> {
    let lines = possible_lines(settings, tables, keys, as_of);
    let handed = lay_out(settings, tables, &lines.iter().collect::<Vec<_>>())?;
    let mut findings = Vec::new();
    let mut errors = Vec::new();
    for finding in handed.findings {
        match finding.code {
            Code::HandoverNotWritten => {
                // The orders were only thought of, and so were their files.
                let message = finding.message.split("; not written").next().unwrap_or_default();
                errors.push(
                    Error::config(message)
                        .hint("`restock run` would not write the files that it concerns"),
                );
            }
            // Which characters are replaced shows in the orders themselves.
            Code::HandoverReplaced | Code::HandoverKeyReplaced => {}
            _ => findings.push(finding),
        }
    }
    errors.dedup_by(|a, b| a.message == b.message);
    Ok((findings, errors))
}

/// One line for each item, location and supplier that could deliver it.
fn possible_lines(
    settings: &Settings,
    tables: &Tables,
    keys: &[Key],
    as_of: Day,
) -> Vec<OrderLine> {
    let mut lines: BTreeMap<(Text, Text, Text), OrderLine> = BTreeMap::new();
    for key in keys {
        let item = tables.item(&key.sku);
        let at_location = tables.item_location(key).and_then(|row| row.supplier.clone());
        let first = at_location.or_else(|| item.and_then(|item| item.supplier.clone()));
        let others = tables.item_suppliers_of(&key.sku).iter().map(|row| row.supplier.clone());
        let suppliers: BTreeSet<Text> = first.into_iter().chain(others).collect();
        for supplier in suppliers {
            let row = tables.supplier(&supplier);
            let base = settings.currency.base.as_str();
            let name = (supplier.clone(), key.location.clone(), key.sku.clone());
            let line = OrderLine {
                po_number: format!("{supplier}-{}", key.location).into(),
                line: u32::try_from(lines.len()).unwrap_or(u32::MAX).saturating_add(1),
                supplier_name: row.and_then(|row| row.name.clone()),
                sku: key.sku.clone(),
                supplier_sku: item.and_then(|item| item.supplier_sku.clone()),
                description: item.and_then(|item| item.description.clone()),
                location: key.location.clone(),
                quantity: Fixed::ONE,
                uom: item.and_then(|item| item.uom.clone()),
                pack_size: None,
                packs: None,
                unit_cost: Some(Fixed::ONE),
                currency: row.and_then(|row| row.currency.clone()).unwrap_or_else(|| base.into()),
                line_total: Some(Fixed::ONE),
                base_total: None,
                order_day: as_of,
                requested_day: as_of,
                state: LineState::Suggested,
                supplier,
            };
            lines.insert(name, line);
        }
    }

    // A supplier without an item may get one tomorrow.
    let ordered: BTreeSet<Text> = lines.values().map(|line| line.supplier.clone()).collect();
    let known = rows(&tables.suppliers).iter().filter(|row| !ordered.contains(&row.supplier));
    let model = lines.values().next().cloned();
    let idle = known.filter_map(|row| {
        let supplier = row.supplier.clone();
        let po_number = format!("{supplier}-").into();
        let supplier_name = row.name.clone();
        Some(OrderLine { supplier, po_number, supplier_name, ..model.clone()? })
    });
    let idle: Vec<OrderLine> = idle.collect();
    lines.into_values().chain(idle).collect()
}
