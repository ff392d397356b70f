//! What the team is told: refunds that are due, and once a night what is new.

use super::customers::{AssessedLine, by_order, line_text, only_sku};
use super::notice::{Audience, Notice};
use super::texts::{DigestText, RefundText, RiskText, Texts, clean, clean_opt, iso};
use crate::backorder::risk::{RiskRow, RiskStatus};
use crate::backorder::told::NoticeKind;
use crate::domain::calendar::Day;
use crate::plan::context::PlanContext;

/// Risks that the digest lists, at most. Judgement: what a person reads before the first coffee.
const MAX_LISTED: usize = 10;

/// What has become of risks since the previous run.
#[derive(Debug, Clone, Default)]
pub struct DigestFigures {
    /// Risks that are new.
    pub new: usize,
    /// Risks that are worse.
    pub worse: usize,
    /// Risks that are gone.
    pub resolved: usize,
    /// The first of these, in their order; at most [`MAX_LISTED`] are listed.
    pub first: Vec<RiskText>,
}

impl DigestFigures {
    /// Of the rows of `backorder_risk.csv`, in their order.
    #[must_use]
    pub fn of(rows: &[RiskRow]) -> Self {
        let count = |status| rows.iter().filter(|row| row.status == status).count();
        let is_news = |row: &&RiskRow| !matches!(row.status, RiskStatus::Same | RiskStatus::Better);
        let text = |row: &RiskRow| RiskText {
            item: clean(&row.key.to_string()),
            status: row.status.as_str().to_owned(),
            why: clean(&row.cause.detail),
            action: clean(&row.action.text),
        };
        Self {
            new: count(RiskStatus::New),
            worse: count(RiskStatus::Worse),
            resolved: count(RiskStatus::Resolved),
            first: rows.iter().filter(is_news).take(MAX_LISTED).map(text).collect(),
        }
    }

    fn changes(&self) -> usize {
        self.new + self.worse + self.resolved
    }
}

/// A task for each order of a customer who has to be paid back, and what is wrong with the user's
/// template.
#[must_use]
pub fn refunds(
    context: &PlanContext<'_>,
    lines: &[AssessedLine<'_, '_>],
    texts: &Texts<'_>,
) -> (Vec<Notice>, Vec<String>) {
    let mut faults = Vec::new();
    let due = lines.iter().filter(|line| line.refund_by.is_some());
    let notices = by_order(due)
        .into_values()
        .filter_map(|lines| {
            let by = lines.iter().filter_map(|line| line.refund_by).min()?;
            let (notice, fault) = refund(context, &lines, by, texts);
            faults.extend(fault);
            Some(notice)
        })
        .collect();
    (notices, faults)
}

fn refund(
    context: &PlanContext<'_>,
    lines: &[&AssessedLine<'_, '_>],
    refund_by: Day,
    texts: &Texts<'_>,
) -> (Notice, Option<String>) {
    let (row, customer) = (lines[0].promise.row, lines[0].customer);
    let rights = || lines.iter().filter_map(|line| line.assessment.refund);
    let about = RefundText {
        order: clean(&row.order_id),
        customer: clean_opt(row.customer.as_deref()),
        name: clean_opt(customer.and_then(|customer| customer.name.as_deref())),
        lines: lines.iter().map(|line| line_text(context, line)).collect(),
        refund_by: iso(refund_by),
        may_have_agreed: rights().all(|right| right.may_have_agreed),
        may_wait: lines.iter().any(|line| line.assessment.notice.is_none()),
    };
    let rendered = texts.render(NoticeKind::RefundDue, None, &about);

    let notice = Notice {
        subject: rendered.subject,
        customer: row.customer.clone(),
        sku: only_sku(lines),
        old_date: rights().map(|right| right.arose_on).min(),
        regime: Some(lines[0].case.regime),
        refund_by: Some(refund_by),
        text: rendered.text,
        ..Notice::new(Audience::Team, NoticeKind::RefundDue, &row.order_id)
    };
    (notice, rendered.fault)
}

/// What the digest sums up beside the risks.
#[derive(Debug, Clone, Copy)]
pub struct Tonight<'n> {
    /// Notices to customers and suppliers, and refunds that are due.
    pub notices: &'n [Notice],
    /// Orders whose notices could not be written.
    pub withheld: usize,
}

/// What is new tonight; `None` where nothing is.
#[must_use]
pub fn digest(
    as_of: Day,
    figures: &DigestFigures,
    tonight: Tonight<'_>,
    texts: &Texts<'_>,
) -> Option<(Notice, Option<String>)> {
    if figures.changes() == 0 && tonight.notices.is_empty() {
        return None;
    }
    let count = |audience| tonight.notices.iter().filter(|it| it.audience == audience).count();
    let refunds = tonight.notices.iter().filter(|notice| notice.audience == Audience::Team);
    let first_refund_by = refunds.filter_map(|notice| notice.refund_by).min();
    let listed = figures.first.len().min(MAX_LISTED);

    let about = DigestText {
        today: iso(as_of),
        new: figures.new,
        worse: figures.worse,
        resolved: figures.resolved,
        risks: figures.first[..listed].to_vec(),
        more: figures.changes().saturating_sub(listed),
        to_customers: count(Audience::Customer),
        to_suppliers: count(Audience::Supplier),
        withheld: tonight.withheld,
        refunds: count(Audience::Team),
        first_refund_by: first_refund_by.map(iso),
    };
    let rendered = texts.render(NoticeKind::Digest, None, &about);
    let notice = Notice {
        subject: rendered.subject,
        text: rendered.text,
        ..Notice::new(Audience::Team, NoticeKind::Digest, &iso(as_of))
    };
    Some((notice, rendered.fault))
}
