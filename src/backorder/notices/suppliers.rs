//! What suppliers are asked: for lines that are overdue, and for those that are needed sooner.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::notice::{Audience, Notice};
use super::texts::{ChaseLine, SupplierText, Texts, clean, clean_opt, iso};
use crate::backorder::told::NoticeKind;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::OpenOrder;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;
use crate::plan::item::facts::OpenLineFacts;
use crate::plan::open_order_advice::{Advice, Chased, LineAdvice, PreviousChases};

/// A line that was asked for is asked for again once it is needed sooner by this many days more.
/// Judgement: a week is what a supplier can do something about.
const ASKED_AGAIN_DAYS: u32 = 7;

/// What names an open line: its order, its line (empty without one), its item.
type LineName = (String, String, Key);

/// An open line that is late, or that is needed sooner than it will come.
#[derive(Clone, Copy)]
struct LateLine<'l, 'a> {
    item: &'l PlannedItem<'a>,
    line: &'l OpenLineFacts<'a>,
    /// Days by which it is overdue.
    overdue_days: Option<Day>,
    /// Days by which it is to come sooner.
    sooner_days: Option<u32>,
}

/// What suppliers are asked tonight.
#[derive(Debug, Default)]
pub struct Chases {
    /// One notice a supplier.
    pub notices: Vec<Notice>,
    /// When the line of each row of the advice was last asked for, tonight included.
    pub chased: Vec<Option<Chased>>,
    /// What is wrong with the user's template.
    pub faults: Vec<String>,
}

/// Asks for every line that is overdue or advised to be expedited and was not asked for before;
/// again when the supplier has named another date since and that has passed too, or when the line
/// is needed still sooner.
#[must_use]
pub fn chases(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
    advice: &[LineAdvice],
    previous: Option<&PreviousChases>,
    texts: &Texts<'_>,
) -> Chases {
    let advised: BTreeMap<LineName, &LineAdvice> =
        advice.iter().map(|row| (advised_name(row), row)).collect();
    let before = |name: &LineName| previous.and_then(|chased| chased.get(name)).copied();

    let mut asked: BTreeMap<LineName, Chased> = BTreeMap::new();
    let mut by_supplier: BTreeMap<&str, Vec<LateLine<'_, '_>>> = BTreeMap::new();
    for item in items {
        for line in &item.facts.open_lines {
            let name = open_name(line.row);
            let Some(late) =
                advised.get(&name).and_then(|row| LateLine::of(context, item, line, row))
            else {
                continue;
            };
            if late.is_to_be_asked(before(&name)) {
                let days = late.sooner_days.unwrap_or(0);
                asked.insert(name, Chased { on: context.as_of, days });
                by_supplier.entry(&line.row.supplier).or_default().push(late);
            }
        }
    }

    let chased = |row: &LineAdvice| {
        let name = advised_name(row);
        asked.get(&name).copied().or_else(|| before(&name))
    };
    let mut chases = Chases { chased: advice.iter().map(chased).collect(), ..Chases::default() };
    for (supplier, lines) in by_supplier {
        let (notice, fault) = chase(context, supplier, lines, texts);
        chases.notices.push(notice);
        chases.faults.extend(fault);
    }
    chases
}

fn advised_name(row: &LineAdvice) -> LineName {
    let line = row.line.as_deref().unwrap_or_default().to_owned();
    (row.po_number.to_string(), line, row.key.clone())
}

fn open_name(row: &OpenOrder) -> LineName {
    let line = row.line.as_deref().unwrap_or_default().to_owned();
    (row.po_number.to_string(), line, row.key.clone())
}

impl<'l, 'a> LateLine<'l, 'a> {
    /// Of a line and the advice on it; `None` where there is nothing to ask. What is not needed, or
    /// not counted on any more, is not asked for however late it is.
    fn of(
        context: &PlanContext<'_>,
        item: &'l PlannedItem<'a>,
        line: &'l OpenLineFacts<'a>,
        advised: &LineAdvice,
    ) -> Option<Self> {
        let is_needed = matches!(advised.advice, Advice::Keep | Advice::Expedite);
        let overdue_days = line.overdue_days(context.as_of).filter(|_| is_needed);
        let sooner_days = advised.by_days.filter(|_| advised.advice == Advice::Expedite);
        let late = Self { item, line, overdue_days, sooner_days };
        (overdue_days.is_some() || sooner_days.is_some()).then_some(late)
    }

    fn is_to_be_asked(&self, before: Option<Chased>) -> bool {
        let Some(before) = before else { return true };
        let is_date_broken = self.overdue_days.is_some() && self.line.expected_on > before.on;
        let sooner = self.sooner_days.unwrap_or(0);
        is_date_broken || sooner >= before.days.saturating_add(ASKED_AGAIN_DAYS)
    }

    /// Units that customers wait for.
    fn waiting(&self) -> Fixed {
        self.item.row.stock.map_or(Fixed::ZERO, |stock| stock.backorders)
    }

    /// What the item is expected to be short of, in money.
    fn short_value(&self) -> f64 {
        self.item.row.risk.and_then(|risk| risk.expected_short_value.get()).unwrap_or(0.0)
    }

    fn text(&self, context: &PlanContext<'_>) -> ChaseLine {
        let row = self.line.row;
        let item = context.tables.item(&row.key.sku);
        let offer = &self.item.facts.offer;
        let is_its_name = offer.supplier == row.supplier;
        let supplier_sku = offer.supplier_sku.as_deref().filter(|_| is_its_name);
        ChaseLine {
            po_number: clean(&row.po_number),
            line: clean_opt(row.line.as_deref()),
            sku: clean(&row.key.sku),
            supplier_sku: clean_opt(supplier_sku),
            description: clean_opt(item.and_then(|item| item.description.as_deref())),
            quantity: row.quantity.to_string(),
            expected_on: iso(self.line.expected_on),
            overdue_days: self.overdue_days,
            sooner_days: self.sooner_days,
            customers_wait: self.waiting() > Fixed::ZERO,
        }
    }
}

/// The list of one supplier: what most customers wait for first, then what costs most.
fn chase(
    context: &PlanContext<'_>,
    supplier: &str,
    mut lines: Vec<LateLine<'_, '_>>,
    texts: &Texts<'_>,
) -> (Notice, Option<String>) {
    lines.sort_by(|a, b| {
        let name = |late: &LateLine<'_, '_>| (late.line.expected_on, open_name(late.line.row));
        (Reverse(a.waiting()).cmp(&Reverse(b.waiting())))
            .then(b.short_value().total_cmp(&a.short_value()))
            .then_with(|| name(a).cmp(&name(b)))
    });

    let row = context.tables.supplier(supplier);
    let about = SupplierText {
        supplier: clean(supplier),
        name: clean_opt(row.and_then(|row| row.name.as_deref())),
        lines: lines.iter().map(|late| late.text(context)).collect(),
    };
    let rendered = texts.render(NoticeKind::Chase, None, &about);

    let skus = || lines.iter().map(|late| &late.line.row.key.sku);
    let sku = skus().next().filter(|first| skus().all(|sku| sku == *first)).cloned();
    let notice = Notice {
        recipient: clean_opt(row.and_then(|row| row.email.as_deref())),
        subject: rendered.subject,
        sku,
        old_date: lines.iter().map(|late| late.line.expected_on).min(),
        text: rendered.text,
        ..Notice::new(Audience::Supplier, NoticeKind::Chase, supplier)
    };
    (notice, rendered.fault)
}
