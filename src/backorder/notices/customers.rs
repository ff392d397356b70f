//! Notices to customers: one an order, about all its lines of which something is to be told.

use std::collections::BTreeMap;

use super::law::{Assessment, Case, LineNotice, Outlook, assess, refund_by};
use super::notice::{Audience, Notice};
use super::regime::{Customers, regime_of};
use super::texts::{CustomerText, LineText, Texts, clean, clean_opt, iso};
use crate::backorder::alternatives::Alternative;
use crate::backorder::promise_reason::PromiseReason;
use crate::backorder::promises::Promise;
use crate::backorder::told::{NoticeKind, PreviousPromises, Silence, Told, line_name};
use crate::config::choices::Regime;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::lookups::rows;
use crate::domain::tables::{Customer, Text};
use crate::plan::context::PlanContext;

/// What `calendar.event` says of a day on which nobody works.
const HOLIDAY: &str = "holiday";

/// A waiting line with what follows for it tonight.
#[derive(Debug, Clone)]
pub struct AssessedLine<'p, 'a> {
    /// Its promise.
    pub promise: &'p Promise<'a>,
    /// The row of its customer.
    pub customer: Option<&'a Customer>,
    /// What the law sees of it.
    pub case: Case,
    /// What follows.
    pub assessment: Assessment,
    /// The day by which it is paid back, where it is to be.
    pub refund_by: Option<Day>,
}

/// What follows for every waiting line, in the order of the promises.
#[must_use]
pub fn assess_lines<'p, 'a>(
    context: &PlanContext<'a>,
    promises: &'p [Promise<'a>],
    previous: Option<&PreviousPromises>,
    is_told_lost: bool,
) -> Vec<AssessedLine<'p, 'a>> {
    let settings = &context.settings.notices;
    let customers = Customers::of(context.tables);
    let line = |promise: &'p Promise<'a>| {
        let row = promise.row;
        let customer = customers.of_line(row);
        let regime = regime_of(row, customer, settings.default_regime);
        let told = previous.and_then(|told| told.get(&line_name(row))).copied();
        // What United States law makes of another date, it says itself.
        let told = told.filter(|told| {
            let is_lawful = regime == Regime::Us435 && told.kind != Some(NoticeKind::CannotShip);
            is_lawful || !told.is_restated(row, context.as_of)
        });
        let case = Case {
            regime,
            as_of: context.as_of,
            ordered_on: row.ordered_on,
            promised_on: row.promised_on,
            credit: row.credit,
            transit_days: settings.transit_days as Day,
            outlook: outlook(promise),
            told: told.unwrap_or_default(),
            is_told_lost,
        };
        let assessment = assess(&case);
        let is_holiday = |day: Day| is_holiday(context, &row.key.location, day);
        let refund_by = assessment.refund.map(|refund| refund_by(refund.arose_on, is_holiday));
        AssessedLine { promise, customer, case, assessment, refund_by }
    };
    promises.iter().map(line).collect()
}

fn outlook(promise: &Promise<'_>) -> Outlook {
    match promise.ships {
        _ if !promise.is_supply_known => Outlook::NotLooked,
        _ if promise.allocated >= promise.row.quantity => Outlook::Today,
        _ if promise.never_ships => Outlook::Never,
        Some(ships) => Outlook::By(ships),
        None => Outlook::Unknown,
    }
}

/// Whether the calendar has a holiday on a day, everywhere or at a location.
fn is_holiday(context: &PlanContext<'_>, location: &str, day: Day) -> bool {
    rows(&context.tables.calendar).iter().any(|row| {
        row.date == day
            && row.event.trim().eq_ignore_ascii_case(HOLIDAY)
            && row.location.as_deref().is_none_or(|there| there == location)
    })
}

/// The lines of each order of each customer.
#[must_use]
pub fn by_order<'l, 'p, 'a>(
    lines: impl Iterator<Item = &'l AssessedLine<'p, 'a>>,
) -> BTreeMap<(&'a Text, &'a Option<Text>), Vec<&'l AssessedLine<'p, 'a>>>
where
    'p: 'l,
    'a: 'p,
{
    let mut orders: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in lines {
        let row = line.promise.row;
        orders.entry((&row.order_id, &row.customer)).or_default().push(line);
    }
    orders
}

/// Takes back what United States law wants a way to cancel for, where none is set: nothing is told
/// on these lines, and they stay as they were. Returns how many orders they are of.
pub fn withhold(lines: &mut [AssessedLine<'_, '_>]) -> usize {
    let is_legal = |notice: &LineNotice| notice.regime == Regime::Us435 && notice.silence.is_some();
    let is_withheld =
        |line: &AssessedLine<'_, '_>| line.assessment.notice.as_ref().is_some_and(is_legal);
    let orders = by_order(lines.iter().filter(|line| is_withheld(line))).len();
    for line in lines.iter_mut().filter(|line| is_withheld(line)) {
        let told = line.case.told_before();
        line.assessment = Assessment { told, ..Assessment::default() };
    }
    orders
}

/// What a notice says of the law as a whole, by that of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JointLaw {
    /// What no answer means: cancellation, where it does on any line.
    pub silence: Silence,
    /// The earliest day until which an answer counts, of the lines of which that is true.
    pub respond_by: Option<Day>,
}

impl JointLaw {
    /// Of the lines of one order; `None` where no answer is asked for on any.
    fn of(lines: &[&AssessedLine<'_, '_>]) -> Option<Self> {
        let notices = || lines.iter().filter_map(|line| line.assessment.notice);
        let silence = notices().filter_map(|notice| notice.silence).max()?;
        let of_silence = notices().filter(|notice| notice.silence == Some(silence));
        let respond_by = of_silence.filter_map(|notice| notice.respond_by).min();
        Some(Self { silence, respond_by })
    }

    /// What is told of a line by a notice of this law: where it says that silence is cancellation,
    /// it says so of every line that it asks about.
    fn on(self, told: Told, notice: &LineNotice) -> Told {
        if notice.silence.is_none() || self.silence == Silence::Consent {
            return told;
        }
        Told { silence: Some(self.silence), respond_by: self.respond_by, ..told }
    }
}

/// What each line was told once its order's notice is written, in the order of the lines.
#[must_use]
pub fn told(lines: &[AssessedLine<'_, '_>]) -> Vec<Told> {
    let laws: BTreeMap<_, Option<JointLaw>> = by_order(lines.iter())
        .into_iter()
        .map(|(order, lines)| (order, JointLaw::of(&lines)))
        .collect();
    let of_line = |line: &AssessedLine<'_, '_>| {
        let row = line.promise.row;
        let law = laws.get(&(&row.order_id, &row.customer)).copied().flatten();
        match (law, &line.assessment.notice) {
            (Some(law), Some(notice)) => law.on(line.assessment.told, notice),
            _ => line.assessment.told,
        }
    };
    lines.iter().map(of_line).collect()
}

/// The notices to customers, and what is wrong with the user's templates.
#[must_use]
pub fn customer_notices(
    context: &PlanContext<'_>,
    lines: &[AssessedLine<'_, '_>],
    texts: &Texts<'_>,
) -> (Vec<Notice>, Vec<String>) {
    let mut faults = Vec::new();
    let is_told = |line: &&AssessedLine<'_, '_>| line.assessment.notice.is_some();
    let orders = by_order(lines.iter().filter(is_told));
    let notices = orders
        .into_values()
        .map(|lines| {
            let (notice, fault) = order_notice(context, &lines, texts);
            faults.extend(fault);
            notice
        })
        .collect();
    (notices, faults)
}

fn order_notice(
    context: &PlanContext<'_>,
    lines: &[&AssessedLine<'_, '_>],
    texts: &Texts<'_>,
) -> (Notice, Option<String>) {
    let first = lines[0];
    let told: Vec<LineNotice> = lines.iter().filter_map(|line| line.assessment.notice).collect();
    let worst = told.iter().max_by_key(|notice| (strictness(notice.regime), weight(notice.kind)));
    let (kind, regime) =
        worst.map_or((NoticeKind::DelayFirst, Regime::None), |worst| (worst.kind, worst.regime));
    let law = JointLaw::of(lines);

    let ships = |notice: &&LineNotice| notice.kind != NoticeKind::CannotShip;
    let has_no_date = told.iter().filter(ships).any(|notice| notice.new_date.is_none());
    let new_dates = told.iter().filter(ships).filter_map(|notice| notice.new_date);
    let refund_by = lines.iter().filter_map(|line| line.refund_by).min();
    let silence = law.map(|law| law.silence);
    let respond_by = law.and_then(|law| law.respond_by);
    let send_by = told.iter().filter_map(|notice| notice.send_by).min();

    let order_id = &first.promise.row.order_id;
    let about = CustomerText {
        order: clean(order_id),
        name: clean_opt(first.customer.and_then(|customer| customer.name.as_deref())),
        lines: lines.iter().map(|line| line_text(context, line)).collect(),
        has_no_date,
        silence: silence.map(|silence| silence.as_str().to_owned()),
        respond_by: respond_by.map(iso),
        send_by: send_by.map(iso),
        refund_by: refund_by.map(iso),
        cancel_by: clean_opt(context.settings.notices.cancel_by.as_deref()),
    };
    let rendered = texts.render(kind, Some(regime), &about);

    let notice = Notice {
        recipient: clean_opt(first.customer.and_then(|customer| customer.email.as_deref())),
        subject: rendered.subject,
        customer: first.promise.row.customer.clone(),
        sku: only_sku(lines),
        old_date: told.iter().filter_map(|notice| notice.old_date).min(),
        new_date: new_dates.max().filter(|_| !has_no_date),
        regime: Some(regime),
        send_by,
        respond_by,
        silence,
        refund_by,
        text: rendered.text,
        ..Notice::new(Audience::Customer, kind, order_id)
    };
    (notice, rendered.fault)
}

/// The item of lines that are all of one.
#[must_use]
pub fn only_sku(lines: &[&AssessedLine<'_, '_>]) -> Option<Text> {
    let sku = &lines.first()?.promise.row.key.sku;
    lines.iter().all(|line| line.promise.row.key.sku == *sku).then(|| sku.clone())
}

/// What a notice or a task says of a line.
#[must_use]
pub fn line_text(context: &PlanContext<'_>, line: &AssessedLine<'_, '_>) -> LineText {
    let (row, promise) = (line.promise.row, line.promise);
    let item = context.tables.item(&row.key.sku);
    let notice = line.assessment.notice;
    let kind = notice.map_or(NoticeKind::RefundDue, |notice| notice.kind);
    let is_today = line.case.outlook == Outlook::Today;
    let is_told_of_rest = notice.is_some() && !is_today;
    let units = if is_told_of_rest { row.quantity - promise.allocated } else { row.quantity };
    let refund = line.assessment.refund;
    let alternative = promise.alternative.as_ref().map(Alternative::for_customer);
    LineText {
        sku: clean(&row.key.sku),
        description: clean_opt(item.and_then(|item| item.description.as_deref())),
        quantity: units.max(Fixed::ZERO).to_string(),
        ordered_on: iso(row.ordered_on),
        kind: kind.as_str().to_owned(),
        is_delivery: line.case.regime == Regime::Eu201183,
        old_date: notice.and_then(|notice| notice.old_date).map(iso),
        new_date: notice.and_then(|notice| notice.new_date).map(iso),
        ships_today: is_today,
        why: why(promise, kind).map(str::to_owned),
        alternative: clean_opt(alternative.as_deref()),
        arose_on: refund.map(|refund| iso(refund.arose_on)),
        may_have_agreed: refund.is_some_and(|refund| refund.may_have_agreed),
    }
}

/// Why a line waits, in words for its customer; `None` where there is nothing to excuse.
fn why(promise: &Promise<'_>, kind: NoticeKind) -> Option<&'static str> {
    let is_never = kind == NoticeKind::CannotShip;
    Some(match promise.source {
        _ if kind == NoticeKind::GoodNews => return None,
        PromiseReason::NoSupply if is_never => "it is not made or delivered any more",
        _ if is_never => "we cannot get it any more",
        PromiseReason::Stock => "it is being made ready",
        PromiseReason::OpenOrder => "it has not yet come from our supplier",
        PromiseReason::TonightsOrder | PromiseReason::NextOrder => {
            "we have to order it from our supplier first"
        }
        PromiseReason::Transfer => "it comes from another of our warehouses",
        PromiseReason::WaitsForCompleteOrder => {
            "your order ships as a whole, and another part of it is not there yet"
        }
        PromiseReason::NoSupply | PromiseReason::OverLimit => {
            "we do not know yet when we will get it"
        }
    })
}

/// Which rules ask for more.
fn strictness(regime: Regime) -> u8 {
    match regime {
        Regime::None => 0,
        Regime::Eu201183 => 1,
        Regime::Us435 => 2,
    }
}

/// Which of two kinds the whole notice is of: the text of a delay says what the others say too.
fn weight(kind: NoticeKind) -> u8 {
    match kind {
        NoticeKind::DelayIndefinite => 4,
        NoticeKind::DelayRenewed => 3,
        NoticeKind::DelayFirst => 2,
        NoticeKind::CannotShip => 1,
        _ => 0,
    }
}
