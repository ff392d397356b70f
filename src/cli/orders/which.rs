//! Which lines of the ledger a command line means.

use glob::Pattern;

use super::args::WhichArgs;
use crate::config::suggestions::near;
use crate::domain::ledger::{LedgerLine, LineName};
use crate::error::{Error, Result};

/// Numbers that are suggested, at most. Judgement: what one looks through at a glance.
const SUGGESTED: usize = 3;

impl WhichArgs {
    /// Whether nothing narrows the lines down.
    pub(super) fn is_all(&self) -> bool {
        self.orders.is_empty()
            && self.supplier.is_none()
            && self.location.is_none()
            && self.sku.is_none()
    }

    /// Those of some lines that are meant. Each order that is named has to be there.
    pub(super) fn of(&self, lines: Vec<LedgerLine>) -> Result<Vec<LedgerLine>> {
        let pattern = self.sku.as_deref().map(|sku| {
            let cannot = |cause| Error::usage(format!("{sku} is no pattern")).because(cause);
            Pattern::new(sku).map_err(cannot)
        });
        let pattern = pattern.transpose()?;
        for order in &self.orders {
            if !lines.iter().any(|line| is_meant(line, order)) {
                return Err(unknown(order, &lines));
            }
        }

        let is_chosen = |line: &LedgerLine| {
            let key = &line.terms.key;
            let is_named = self.orders.iter().any(|order| is_meant(line, order));
            (self.orders.is_empty() || is_named)
                && self.supplier.as_deref().is_none_or(|it| *line.terms.supplier == *it)
                && self.location.as_deref().is_none_or(|it| *key.location == *it)
                && (pattern.as_ref())
                    .is_none_or(|it| it.matches(&key.sku) || it.as_str() == &*key.sku)
        };
        Ok(lines.into_iter().filter(is_chosen).collect())
    }
}

/// Whether an order's number, or a line's as `order:line`, means a line.
fn is_meant(line: &LedgerLine, name: &str) -> bool {
    if *line.po_number == *name {
        return true;
    }
    line_name(name).is_some_and(|(number, at)| (&number, at) == (&line.po_number, line.line))
}

/// `260629-NORDIC-main:3` as order and line.
pub(super) fn line_name(text: &str) -> Option<LineName> {
    let (number, line) = text.rsplit_once(':')?;
    Some((number.into(), line.parse().ok()?))
}

/// There is no such order or line.
fn unknown(name: &str, lines: &[LedgerLine]) -> Error {
    let number = line_name(name).map_or(name.to_owned(), |(number, _)| number.to_string());
    let of_order: Vec<String> = lines
        .iter()
        .filter(|line| *line.po_number == *number)
        .map(|line| line.line.to_string())
        .collect();
    let error = Error::usage(format!("the ledger has no {name}"));
    if !of_order.is_empty() {
        return error.hint(format!("lines of {number}: {}", of_order.join(", ")));
    }

    let mut numbers: Vec<&str> = lines.iter().map(|line| &*line.po_number).collect();
    numbers.dedup();
    let near = near(&number, numbers.into_iter(), SUGGESTED);
    match near.is_empty() {
        true => error.hint("`restock orders list --all` lists every line"),
        false => error.hint(format!("did you mean {}?", near.join(", "))),
    }
}
