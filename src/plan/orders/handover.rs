//! Tonight's order book beside the ledger: lines keep their numbers, what a person does not want is
//! not suggested again, what lies beyond limits waits for a person, and what the night did is
//! written down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::Settings;
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::ledger::{LedgerChanges, LedgerLine, LineName, LineStatus, LineTerms, Standing};
use crate::domain::lookups::rows;
use crate::domain::money::decimals_of;
use crate::domain::tables::{OpenSource, Tables, Text};
use crate::ledger::Opening;
use crate::plan::context::PlanContext;
use crate::plan::reason::{Decision, Reason};
use crate::plan::{PlanRow, PlannedItem};

use super::{LineState, OrderBook, OrderFinding, OrderLine, Recipient};

/// Nights whose totals have to be known before one is called unusual. The contract states it.
const MIN_NIGHTS: usize = 7;

/// Takes the items off tonight's orders that a person does not want, or wanted less of: until a
/// date, or until the need has grown.
pub fn snooze(items: &mut [PlannedItem<'_>], opening: &Opening, settings: &Settings) {
    let unwanted = unwanted(opening);
    for item in items.iter_mut() {
        let Some(units) = unwanted.get(item.key()) else { continue };
        let is_bought = item.facts.supplied_by.is_none();
        if is_wanted(item) && is_bought && !has_grown(*units, &item.row, settings) {
            item.row.reason = Reason::Snoozed;
            item.row.sizing = None;
        }
    }
}

/// Units that people do not want of items, though runs suggested them.
fn unwanted(opening: &Opening) -> BTreeMap<&Key, Fixed> {
    let mut unwanted: BTreeMap<&Key, Fixed> = BTreeMap::new();
    for line in opening.lines.values() {
        if let Some(units) = line.unwanted(opening.night) {
            let most = unwanted.entry(&line.terms.key).or_default();
            *most = units.max(*most);
        }
    }
    unwanted
}

/// Whether something of an item is needed, be tonight an order date or not.
fn is_wanted(item: &PlannedItem<'_>) -> bool {
    matches!(item.row.decision(), Decision::Order | Decision::Waits)
}

/// Whether tonight's need has grown beyond what a person did not want.
fn has_grown(unwanted: Fixed, row: &PlanRow, settings: &Settings) -> bool {
    let grown = 1.0 + settings.purchasing.reopen_growth;
    row.sized_units().to_f64() >= grown * unwanted.to_f64()
}

/// Gives each line the number under which it was suggested before, on an earlier night or by an
/// earlier run of this one. New lines join an order of their recipient that nobody has decided on
/// yet; a number and line that an item once had is no other's.
pub fn keep_numbers(book: &mut OrderBook, opening: &Opening) {
    let standing = opening.of_status(LineStatus::Suggested);
    let of_tonight = opening.former.values().filter(|line| line.first_night == opening.night);
    let free = of_tonight.filter(|line| !opening.lines.contains_key(&line.name()));
    let kept: BTreeMap<(&Text, &Key), &LedgerLine> =
        free.chain(standing).map(|line| ((&line.terms.supplier, &line.terms.key), line)).collect();
    let is_decided = |line: &&LedgerLine| {
        line.standing.sent_on.is_some() || line.standing.status == LineStatus::Approved
    };
    let decided: BTreeSet<&Text> =
        opening.lines.values().filter(is_decided).map(|line| &line.po_number).collect();
    // An order has an item once: the purchasing system may know lines by their item.
    let mut taken: BTreeSet<(Text, Key)> = opening
        .lines
        .values()
        .map(|line| (line.po_number.clone(), line.terms.key.clone()))
        .collect();

    let mut open_order: BTreeMap<Recipient, Text> = BTreeMap::new();
    let mut new = Vec::new();
    for at in 0..book.lines.len() {
        let line = &mut book.lines[at];
        let key = Key { sku: line.sku.clone(), location: line.location.clone() };
        let Some(before) = kept.get(&(&line.supplier, &key)).copied() else {
            new.push((at, key));
            continue;
        };
        line.po_number = before.po_number.clone();
        line.line = before.line;
        taken.insert((before.po_number.clone(), key));
        if !decided.contains(&before.po_number) {
            let recipient = recipient_of(line);
            let number = open_order.entry(recipient).or_insert_with(|| before.po_number.clone());
            *number = before.po_number.clone().min(number.clone());
        }
    }

    let mut last_line = opening.last_line.clone();
    for (at, key) in new {
        let line = &mut book.lines[at];
        let open = open_order.get(&recipient_of(line)).cloned();
        let base = line.po_number.clone();
        let further = (2_u32..).map(|count| Text::from(format!("{base}-{count}")));
        let mut numbers = open.into_iter().chain([base.clone()]).chain(further);
        let free = numbers.find(|number| taken.insert((number.clone(), key.clone())));
        let number = free.unwrap_or(base);
        line.po_number = number.clone();
        let last = last_line.entry(number).or_insert(0);
        *last += 1;
        line.line = *last;
    }
}

fn recipient_of(line: &OrderLine) -> Recipient {
    Recipient { supplier: line.supplier.clone(), location: line.location.clone() }
}

/// Marks the lines beyond the limits of what goes out without a person, and those that needed one
/// on an earlier night: a line does not go out because nobody looked.
pub fn mark_beyond_approval(
    context: &PlanContext<'_>,
    book: &mut OrderBook,
    opening: Option<&Opening>,
) {
    let limits = context.settings.purchasing.auto_approve;
    let known = limits.known_suppliers_only.then(|| known_suppliers(context.tables, opening));
    let largest = limits.max_times_usual.map(|times| (times, largest_orders(context, opening)));
    let mut of_order: BTreeMap<Text, Fixed> = BTreeMap::new();
    for line in book.lines.iter().filter(|line| line.state != LineState::Held) {
        *of_order.entry(line.po_number.clone()).or_default() += line.base_total.unwrap_or_default();
    }

    let undecided: BTreeSet<(&str, u32)> = opening
        .iter()
        .flat_map(|opening| opening.of_status(LineStatus::Suggested))
        .filter(|line| *line.standing.reason == *LineState::NeedsReview.as_str())
        .map(|line| (&*line.po_number, line.line))
        .collect();
    let base = context.settings.currency.base.as_str();
    let money = |amount: Fixed| format!("{} {base}", amount.with_decimals(decimals_of(base)));
    let mut findings = Vec::new();
    for line in book.lines.iter_mut().filter(|line| line.state == LineState::Suggested) {
        let key = Key { sku: line.sku.clone(), location: line.location.clone() };
        let value = of_order.get(&line.po_number).copied().unwrap_or_default();
        let too_dear = limits.max_value.map(Fixed::clamped).filter(|most| value > *most);
        let is_unknown = known.as_ref().is_some_and(|known| !known.contains(&line.supplier));
        let too_large = largest.as_ref().and_then(|(times, largest)| {
            let most = *largest.get(&key)?;
            (line.quantity.to_f64() > times * most.to_f64()).then_some((*times, most))
        });
        let is_undecided = undecided.contains(&(&*line.po_number, line.line));
        let why = match (too_dear, is_unknown, too_large) {
            _ if is_undecided => {
                "it needed review on an earlier night, and nobody has decided yet".to_owned()
            }
            (Some(most), _, _) => format!(
                "the order is worth {}, and up to {} goes out without a person",
                money(value),
                money(most)
            ),
            (None, true, _) => {
                format!("{} has neither a receipt nor an open order yet", line.supplier)
            }
            (None, false, Some((times, most))) => format!(
                "{} is more than {times} times the largest order of it so far, {most}",
                line.quantity
            ),
            (None, false, None) => continue,
        };
        line.state = LineState::NeedsReview;
        findings.push(OrderFinding {
            recipient: Some(Recipient {
                supplier: line.supplier.clone(),
                location: key.location.clone(),
            }),
            finding: Finding::about(Code::BeyondApproval, "orders", &key, why),
        });
    }
    book.findings.extend(findings);
}

/// Suppliers that delivered before, or have an open order.
fn known_suppliers(tables: &Tables, opening: Option<&Opening>) -> BTreeSet<Text> {
    let open = rows(&tables.purchase_orders).iter();
    let open = open.filter(|row| row.source == OpenSource::Table).map(|row| &row.supplier);
    let received = rows(&tables.receipts).iter().map(|row| &row.supplier);
    let kept = opening.map(Opening::suppliers).unwrap_or_default();
    open.chain(received).chain(kept).cloned().collect()
}

/// The largest quantity of each item that was ordered at once, as far as the tables and the ledger
/// know.
fn largest_orders(context: &PlanContext<'_>, opening: Option<&Opening>) -> BTreeMap<Key, Fixed> {
    let mut received: BTreeMap<(&Text, &Key), Fixed> = BTreeMap::new();
    for row in rows(&context.tables.receipts) {
        *received.entry((&row.po_number, &row.key)).or_default() += row.quantity;
    }
    for row in rows(&context.tables.purchase_orders) {
        *received.entry((&row.po_number, &row.key)).or_default() += row.quantity;
    }
    let received = received.into_iter().map(|((_, key), quantity)| (key, quantity));
    let kept = opening.iter().flat_map(|opening| opening.lines.values());
    let kept = kept.filter(|line| line.standing.sent_on.is_some());
    let kept = kept.map(|line| (&line.terms.key, line.standing.quantity));

    let mut largest: BTreeMap<Key, Fixed> = BTreeMap::new();
    for (key, quantity) in received.chain(kept) {
        let most = largest.entry(key.clone()).or_default();
        *most = quantity.max(*most);
    }
    largest
}

/// Holds every line where the night orders more than it may, or far more than the nights before;
/// gives what is wrong.
pub fn hold_beyond_usual(
    settings: &Settings,
    book: &mut OrderBook,
    opening: &Opening,
) -> Option<String> {
    let total: Fixed = book
        .lines
        .iter()
        .filter(|line| line.state.is_free())
        .filter_map(|line| line.base_total)
        .sum();
    let base = settings.currency.base.as_str();
    let money = |amount: Fixed| format!("{} {base}", amount.with_decimals(decimals_of(base)));
    let limit = settings.purchasing.max_order_value.map(Fixed::clamped);
    let usual = opening.night_totals.iter().map(|(_, total)| *total).max();
    let usual =
        usual.filter(|most| opening.night_totals.len() >= MIN_NIGHTS && *most > Fixed::ZERO);
    let times = settings.purchasing.max_times_usual;

    let gap = match (limit, usual) {
        (Some(limit), _) if total > limit => format!(
            "tonight's orders are worth {}, more than `purchasing.max_order_value` {}",
            money(total),
            money(limit)
        ),
        (_, Some(usual)) if total.to_f64() > times * usual.to_f64() => format!(
            "tonight's orders are worth {}, more than {times} times the {} of the largest night \
             of the last four weeks",
            money(total),
            money(usual)
        ),
        _ => return None,
    };
    book.hold();
    let message = format!("{gap}; all order lines are held");
    let finding = Finding::of_table(Code::OrdersBeyondUsual, "purchasing", message);
    book.findings.push(OrderFinding { recipient: None, finding });
    Some(gap)
}

/// Adds the lines that a person approved and whose supplier takes orders tonight, but for items
/// that are not reordered any more.
pub fn add_approved(book: &mut OrderBook, items: &[PlannedItem<'_>], opening: &Opening) {
    for approved in opening.of_status(LineStatus::Approved) {
        let item = item_of(approved, items);
        if item.is_some_and(|item| item.facts.is_ending(opening.night)) {
            continue;
        }
        let item = item.filter(|item| item.facts.offer.supplier == approved.terms.supplier);
        // Nothing says when a supplier takes orders of an item that is planned no more.
        if item.is_none_or(|item| item.facts.supply.first_order_day == 0) {
            let requested = item.map_or(approved.standing.requested_on, |it| it.row.requested_day);
            book.lines.push(order_line(approved, opening.night, requested));
        }
    }
    book.lines.sort_by(|a, b| {
        let name = (&a.supplier, &a.location, &a.sku, &a.po_number, a.line);
        name.cmp(&(&b.supplier, &b.location, &b.sku, &b.po_number, b.line))
    });
}

/// A line of the ledger as it is written on an order.
#[must_use]
pub fn order_line(line: &LedgerLine, order_day: Day, requested_day: Day) -> OrderLine {
    let (terms, standing) = (&line.terms, &line.standing);
    let quantity = standing.quantity;
    let pack_size = terms.pack_size;
    let total = standing.unit_cost.map(|cost| quantity.times(cost));

    OrderLine {
        po_number: line.po_number.clone(),
        line: line.line,
        supplier: terms.supplier.clone(),
        supplier_name: terms.supplier_name.clone(),
        sku: terms.key.sku.clone(),
        supplier_sku: terms.supplier_sku.clone(),
        description: terms.description.clone(),
        location: terms.key.location.clone(),
        quantity,
        uom: terms.uom.clone(),
        pack_size,
        packs: pack_size.map(|pack| packs_of(quantity, pack)),
        unit_cost: standing.unit_cost,
        currency: terms.currency.clone(),
        line_total: total.map(|total| total.rounded(decimals_of(&terms.currency))),
        base_total: standing.base_total,
        order_day,
        requested_day,
        state: LineState::Approved,
    }
}

/// How many packs a quantity is.
fn packs_of(quantity: Fixed, pack: Fixed) -> Fixed {
    Fixed::clamped(quantity.to_f64() / pack.to_f64())
}

/// The ledger of a night.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerNight {
    /// What the night adds to it.
    pub changes: LedgerChanges,
    /// Lines that are open or ended since the night before, by order and line.
    pub lines: Vec<Arc<LedgerLine>>,
    /// Lines that were handed over earlier and are in no table yet, and their value in the base
    /// currency.
    pub not_seen_yet: (usize, Fixed),
}

/// The ledger after tonight's orders.
#[must_use]
pub fn ledger_night(
    settings: &Settings,
    book: &OrderBook,
    items: &[PlannedItem<'_>],
    opening: &Opening,
) -> LedgerNight {
    let mut lines = opening.lines.clone();
    let is_sent = |line: &OrderLine| line.state.goes_out(settings.purchasing.handover);

    let mut written: BTreeSet<LineName> = BTreeSet::new();
    for line in &book.lines {
        let name: LineName = (line.po_number.clone(), line.line);
        let seen = Seen { before: lines.get(&name), former: opening.former.get(&name) };
        let after = ledger_line(line, &name, &seen, opening.night, is_sent(line));
        lines.insert(name.clone(), after);
        written.insert(name);
    }
    for line in lines.values_mut().filter(|line| !written.contains(&line.name())) {
        match line.standing.status {
            LineStatus::Suggested => withdraw(line, items, opening.night),
            LineStatus::Approved => end_approved(line, items, opening.night),
            _ => {}
        }
    }
    for line in lines.values_mut() {
        end_snooze(line, items, settings, opening.night);
    }

    let is_changed = |line: &LedgerLine| opening.before.get(&line.name()) != Some(&line.standing);
    let sent = book.lines.iter().filter(|line| is_sent(line));
    let night_before = opening.night_totals.first().map_or(Day::MIN, |(night, _)| *night);
    let is_told = |line: &LedgerLine| {
        let is_decided_since = !line.standing.by.is_empty() && line.standing.since >= night_before;
        !line.standing.is_over(opening.night) || is_changed(line) || is_decided_since
    };
    let order_value = sent.filter_map(|line| line.base_total).sum();
    let lines: Vec<Arc<LedgerLine>> = lines.into_values().map(Arc::new).collect();
    LedgerNight {
        not_seen_yet: opening.not_seen_yet(),
        lines: lines.iter().filter(|line| is_told(line)).cloned().collect(),
        changes: LedgerChanges {
            order_value,
            lines: lines.into_iter().filter(|line| is_changed(line)).collect(),
            known: opening.newly_known.clone(),
        },
    }
}

/// A line of the ledger as people have seen it.
struct Seen<'a> {
    /// How it stood before tonight.
    before: Option<&'a LedgerLine>,
    /// How an earlier run of the night left it.
    former: Option<&'a LedgerLine>,
}

/// A line of tonight's order as the ledger keeps it, after how it stood before, and how an earlier
/// run of the night left it: what people saw of that has a revision of its own.
fn ledger_line(
    line: &OrderLine,
    name: &LineName,
    seen: &Seen<'_>,
    night: Day,
    is_sent: bool,
) -> LedgerLine {
    let Seen { before, former } = *seen;
    let status = if is_sent { LineStatus::Sent } else { LineStatus::Suggested };
    let was = before.map(|before| &before.standing);
    let seen = [was, former.map(|former| &former.standing)];
    let is_same =
        |seen: &&Standing| (seen.quantity, seen.unit_cost) == (line.quantity, line.unit_cost);
    let newest = seen.iter().flatten().map(|seen| seen.revision).max().unwrap_or(0);
    let same = seen.iter().copied().flatten().find(is_same).map(|seen| seen.revision);
    let revision = same.unwrap_or(newest + 1);
    let since = was.filter(|was| was.status == status).map_or(night, |was| was.since);
    let reason = match line.state {
        _ if is_sent => Text::default(),
        LineState::NeedsReview | LineState::Held => line.state.as_str().into(),
        LineState::Suggested | LineState::Approved => Text::default(),
    };

    LedgerLine {
        po_number: name.0.clone(),
        line: name.1,
        first_night: before.map_or(night, |before| before.first_night),
        terms: match before {
            Some(before) => before.terms.clone(),
            None => LineTerms {
                supplier: line.supplier.clone(),
                supplier_name: line.supplier_name.clone(),
                key: Key { sku: line.sku.clone(), location: line.location.clone() },
                supplier_sku: line.supplier_sku.clone(),
                description: line.description.clone(),
                uom: line.uom.clone(),
                pack_size: line.pack_size,
                currency: line.currency.clone(),
            },
        },
        standing: Standing {
            status,
            since,
            revision,
            quantity: line.quantity,
            suggested_quantity: match line.state {
                LineState::Approved => was.map_or(line.quantity, |was| was.suggested_quantity),
                _ => line.quantity,
            },
            unit_cost: line.unit_cost,
            base_total: line.base_total,
            requested_on: line.requested_day,
            sent_on: is_sent.then_some(night),
            matched: Text::default(),
            reason,
            until: None,
            by: Text::default(),
        },
    }
}

/// What becomes of a suggestion that tonight's orders do not have: it stays while its item waits
/// for an order date, or for a person who has to act first.
fn withdraw(line: &mut LedgerLine, items: &[PlannedItem<'_>], night: Day) {
    let item = item_of(line, items);
    let is_its_supplier = item.is_some_and(|it| it.facts.offer.supplier == line.terms.supplier);
    let reason = match item {
        Some(item) if item.row.reason == Reason::Snoozed => "snoozed",
        Some(item) => match item.row.decision() {
            Decision::Waits | Decision::Blocked if is_its_supplier => return,
            Decision::Order => "ordered elsewhere",
            _ => "not needed any more",
        },
        None => "not planned any more",
    };
    line.end(LineStatus::Cancelled, night, reason);
}

/// An approved line of an item that is not reordered any more is not handed over.
fn end_approved(line: &mut LedgerLine, items: &[PlannedItem<'_>], night: Day) {
    if item_of(line, items).is_some_and(|item| item.facts.is_ending(night)) {
        line.end(LineStatus::Cancelled, night, "not reordered any more");
    }
}

/// Ends the time in which a rejected line is not suggested again: its date has come, its need has
/// grown, or there is none any more, so that a later need is a new one.
fn end_snooze(line: &mut LedgerLine, items: &[PlannedItem<'_>], settings: &Settings, night: Day) {
    if line.standing.status != LineStatus::Rejected || line.standing.is_over(night) {
        return;
    }
    let item = item_of(line, items);
    let is_over = match item.map(|item| item.row.decision()) {
        Some(Decision::Order | Decision::Waits) => {
            item.is_some_and(|item| has_grown(line.standing.quantity, &item.row, settings))
        }
        Some(Decision::NoNeed) | None => line.standing.until.is_none(),
        Some(Decision::Blocked | Decision::Quarantined) => false,
    };
    if is_over {
        line.standing.until = Some(night);
    }
}

fn item_of<'a, 'b>(line: &LedgerLine, items: &'b [PlannedItem<'a>]) -> Option<&'b PlannedItem<'a>> {
    let at = items.binary_search_by(|item| item.key().cmp(&line.terms.key)).ok()?;
    Some(&items[at])
}
