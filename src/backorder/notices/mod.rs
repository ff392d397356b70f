//! Notices: what customers who wait, suppliers and the team are to be told tonight. They are
//! written, never sent; each when something changes, once.
//!
//! [`law`] says what follows for one waiting line, from what its customer was told before. The rest
//! joins lines to notices ([`customers`], [`suppliers`], [`team`]) and fills in their texts.

pub mod customers;
pub mod law;
pub mod notice;
pub mod regime;
pub mod suppliers;
pub mod team;
pub mod texts;

#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use notice::{Audience, Notice};
pub use team::DigestFigures;

use super::promises::Promise;
use super::told::{PreviousPromises, Told};
use crate::domain::finding::{Code, Finding};
use crate::domain::wording::counted;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::open_order_advice::{Chased, LineAdvice, PreviousChases};
use texts::Texts;

/// What notices go by beside tonight's promises.
#[derive(Debug, Clone)]
pub struct NoticeEvidence<'e, 'a> {
    /// What customers were told before; `None` where there is no previous run.
    pub told: Option<&'e PreviousPromises>,
    /// Whether that was lost.
    pub is_told_lost: bool,
    /// When suppliers were last asked for lines; `None` where there is no previous run.
    pub chased: Option<&'e PreviousChases>,
    /// Tonight's advice on open lines.
    pub advice: &'e [LineAdvice],
    /// The planned items.
    pub items: &'e [PlannedItem<'a>],
    /// What has become of risks.
    pub figures: DigestFigures,
}

/// Tonight's notices, and the state that the next run goes by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    /// The notices, sorted by reader, kind and what they are about.
    pub notices: Vec<Notice>,
    /// What the customer of each promise was told, tonight's notice included.
    pub told: Vec<Told>,
    /// When the line of each row of the advice was last asked for, tonight included.
    pub chased: Vec<Option<Chased>>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// No templates of the user's own.
static NO_TEXTS: BTreeMap<String, String> = BTreeMap::new();

/// Works out tonight's notices.
#[must_use]
pub fn notices<'a>(
    context: &PlanContext<'a>,
    promises: &[Promise<'a>],
    evidence: &NoticeEvidence<'_, 'a>,
) -> Notices {
    let mut faults = Vec::new();
    let settings = &context.settings.notices;
    let own = Texts::of(&settings.texts).map_err(|error| faults.push(error.message));
    let Some(texts) = own.ok().or_else(|| Texts::of(&NO_TEXTS).ok()) else {
        return Notices { findings: vec![fault_finding("none can be read")], ..Notices::default() };
    };

    let mut lines =
        customers::assess_lines(context, promises, evidence.told, evidence.is_told_lost);
    let withheld = match settings.cancel_by {
        None => customers::withhold(&mut lines),
        Some(_) => 0,
    };
    let told = customers::told(&lines);

    let (mut notices, more) = customers::customer_notices(context, &lines, &texts);
    faults.extend(more);
    let chases =
        suppliers::chases(context, evidence.items, evidence.advice, evidence.chased, &texts);
    notices.extend(chases.notices);
    faults.extend(chases.faults);
    let (tasks, more) = team::refunds(context, &lines, &texts);
    notices.extend(tasks);
    faults.extend(more);

    let tonight = team::Tonight { notices: &notices, withheld };
    let digest = team::digest(context.as_of, &evidence.figures, tonight, &texts);
    if let Some((digest, fault)) = digest {
        notices.push(digest);
        faults.extend(fault);
    }

    faults.sort();
    faults.dedup();
    let mut findings: Vec<Finding> = faults.iter().map(|fault| fault_finding(fault)).collect();
    findings.extend((withheld > 0).then(|| withheld_finding(withheld)));
    Notices { notices: notice::filed(notices), told, chased: chases.chased, findings }
}

fn fault_finding(fault: &str) -> Finding {
    let message = format!("{fault}; our own text stands in");
    Finding::of_table(Code::NoticeTemplate, "backorders", message)
}

fn withheld_finding(orders: usize) -> Finding {
    let message = format!(
        "{} of consumers in the United States: a notice of delay is due, and `[notices] \
         cancel_by` does not say where they can cancel; it is not written",
        counted(orders, "order")
    );
    Finding::of_table(Code::NoCancelBy, "backorders", message)
}
