//! Rows about what bundles are made of.

use super::fields::Fields;
use crate::domain::bundles::Component;
use crate::domain::calendar::Day;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::io::values::Flaw;

pub(super) fn component(row: &Fields<'_>) -> Result<Component, Flaw> {
    let (from, to): (Option<Day>, Option<Day>) = (row.opt_day("from")?, row.opt_day("to")?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(Flaw::new(Code::DateOutOfRange, "`to` lies before `from`"));
    }
    let quantity = row.fixed("quantity")?;
    if quantity <= Fixed::ZERO {
        let message = "`quantity` = 0: a bundle takes more than nothing of a component";
        return Err(Flaw::new(Code::NumberOutOfRange, message));
    }
    let component = row.opt_sku("component")?;
    let component =
        component.ok_or_else(|| Flaw::new(Code::MissingValue, "`component` is empty"))?;

    Ok(Component { sku: row.sku()?, component, quantity, from, to })
}
