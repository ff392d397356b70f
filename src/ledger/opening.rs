//! The ledger at the start of a night.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Settings;
use crate::config::choices::CountedIn;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::ledger::{KnownOrder, LedgerLine, LedgerView, LineName, LineStatus, Standing};
use crate::domain::lookups::rows;
use crate::domain::money::decimals_of;
use crate::domain::tables::{OpenOrder, OpenSource, Tables, Text};
use crate::domain::wording::counted;

use super::matching::{self, DAYS_BEFORE, Match, NumberForms, pack_of, pack_size};
use super::seen::{SeenOrder, seen_orders};

/// The table that findings about the ledger name.
pub const LEDGER: &str = "ledger";

/// Days for which receipts are looked up among the orders that were open on earlier nights.
/// Judgement: longer than any line waits to be seen.
const RECEIVED_DAYS: Day = 120;

/// The ledger at the start of a night, after the night's tables were read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Opening {
    /// The night.
    pub night: Day,
    /// Lines that are open or ended lately, as they stand by tonight's tables.
    pub lines: BTreeMap<LineName, LedgerLine>,
    /// How they stood before.
    pub before: BTreeMap<LineName, Standing>,
    /// Lines as an earlier run of this night left them: what a rerun gives their numbers.
    pub former: BTreeMap<LineName, LedgerLine>,
    /// The highest line number of each order that has lines.
    pub last_line: BTreeMap<Text, u32>,
    /// What earlier nights ordered, in the base currency, newest first.
    pub night_totals: Vec<(Day, Fixed)>,
    /// Open orders of the purchasing system's that no earlier night saw.
    pub newly_known: Vec<KnownOrder>,
    /// How lines stood after the newest decision of a person about each, lately.
    pub decided: Vec<LedgerLine>,
    /// What is wrong with the table of open orders, if it cannot be the whole.
    pub gap: Option<String>,
    /// What a person should know.
    pub findings: Vec<Finding>,
}

/// Lines that have to be gone at once before the table of open orders is doubted. Judgement: fewer
/// may well be cancelled together.
const MIN_GONE: usize = 5;

/// Share of the open lines that has to be gone. As for the stock table.
const GONE_SHARE: f64 = 0.5;

/// Days before its date by which an order may come without surprise. Judgement: a week. Where no
/// receipts tell what came, an open line that is gone sooner than that cannot well have come.
const EARLY_DAYS: Day = 7;

/// Why a line still counts as open on the night on which most lines are gone.
const MISSING: &str = "missing from the table of open orders";

/// Why a line stands as it does whose order counts packs; the pack follows.
const COUNTS_PACKS: &str = "the table counts packs of ";

impl Opening {
    /// Looks for each line in tonight's tables, and adds what was handed over lately and is in none
    /// of them to the open orders.
    #[must_use]
    pub fn of(view: LedgerView, tables: &mut Tables, settings: &Settings, night: Day) -> Self {
        let LedgerView { mut lines, former, last_line, known, night_totals, decided } = view;
        let before = lines.iter().map(|line| (line.name(), line.standing.clone())).collect();
        let confirm_within_days = settings.purchasing.confirm_within_days;

        let earliest = lines.iter().filter_map(|line| line.standing.sent_on).min();
        let since = earliest.unwrap_or(night).saturating_sub(DAYS_BEFORE);
        let orders = seen_orders(tables, since..night, &known);
        let forms = NumberForms::of(settings);
        let profile = |supplier: &str| settings.handover.iter().find(|it| it.takes(supplier));
        let goes_in_packs = |line: &LedgerLine| {
            let profile = profile(&line.terms.supplier);
            profile.is_some_and(|profile| profile.counted_in == CountedIn::Packs)
        };
        let found = matching::matches(&lines, &orders, confirm_within_days, &forms);

        let mut tables_say = TablesSay {
            night,
            has_open_orders: tables.purchase_orders.is_some(),
            has_receipts: tables.receipts.is_some(),
            confirm_within_days,
            last_look: night_totals.first().map(|(night, _)| *night),
            is_doubted: false,
            remaining: BTreeMap::new(),
            findings: Vec::new(),
        };
        let mut of_line: BTreeMap<usize, &SeenOrder<'_>> = BTreeMap::new();
        for Match { line, order } in &found.found {
            of_line.insert(*line, &orders[*order]);
        }
        let gap = tables_say.gap(&lines, &of_line);
        let mut in_packs: BTreeMap<KnownOrder, Fixed> = BTreeMap::new();
        let mut sent_on: BTreeMap<KnownOrder, Day> = BTreeMap::new();
        for (at, line) in lines.iter_mut().enumerate() {
            match of_line.get(&at) {
                Some(order) => {
                    let pack = counted_packs(line, order, goes_in_packs(line));
                    if let Some(pack) = pack {
                        in_packs.insert((order.po_number.clone(), order.key.clone()), pack);
                    }
                    tables_say.found(line, order, pack);
                    let name = || (order.po_number.clone(), order.key.clone());
                    sent_on.extend(line.standing.sent_on.map(|day| (name(), day)));
                }
                None => tables_say.not_found(line),
            }
        }
        for Match { line, order } in &found.doubled {
            tables_say.doubled(&lines[*line], &orders[*order]);
        }
        let TablesSay { findings, remaining, .. } = tables_say;

        let open = orders.iter().filter(|order| order.is_open && !order.is_known);
        let newly_known = open.map(|order| (order.po_number.clone(), order.key.clone())).collect();
        count_units(tables, &in_packs);
        date_orders(tables, &sent_on);
        add_on_order(tables, &lines, &remaining);

        let lines = lines.into_iter().map(|line| (line.name(), line)).collect();
        let former = former.into_iter().map(|line| (line.name(), line)).collect();
        Self {
            night,
            lines,
            before,
            former,
            last_line,
            night_totals,
            newly_known,
            decided,
            gap,
            findings,
        }
    }

    /// Lines of a status, by order and line.
    pub fn of_status(&self, status: LineStatus) -> impl Iterator<Item = &LedgerLine> {
        self.lines.values().filter(move |line| line.standing.status == status)
    }

    /// What was handed over on earlier nights and is in no table yet: how many lines, and their
    /// value in the base currency.
    #[must_use]
    pub fn not_seen_yet(&self) -> (usize, Fixed) {
        let lines = self.of_status(LineStatus::Sent);
        lines.fold((0, Fixed::ZERO), |(count, value), line| {
            (count + 1, value + line.standing.base_total.unwrap_or_default())
        })
    }

    /// The items of which an order was handed over and never seen, with that order.
    #[must_use]
    pub fn never_seen(&self) -> BTreeMap<&Key, &LedgerLine> {
        self.of_status(LineStatus::Expired).map(|line| (&line.terms.key, line)).collect()
    }

    /// Suppliers with an order that was ever handed over and came or is on its way.
    #[must_use]
    pub fn suppliers(&self) -> BTreeSet<&Text> {
        let known = self.lines.values().filter(|line| {
            matches!(line.standing.status, LineStatus::Confirmed | LineStatus::Received)
        });
        known.map(|line| &line.terms.supplier).collect()
    }
}

/// What tonight's tables say of the ledger's lines.
struct TablesSay {
    night: Day,
    has_open_orders: bool,
    has_receipts: bool,
    confirm_within_days: u32,
    /// The newest night that looked before this one.
    last_look: Option<Day>,
    /// Whether the table of open orders cannot be the whole.
    is_doubted: bool,
    /// Units of lines that the tables have in part, or not for once, and that still count.
    remaining: BTreeMap<LineName, Fixed>,
    findings: Vec<Finding>,
}

impl TablesSay {
    fn add(&mut self, code: Code, line: &LedgerLine, message: String) {
        self.findings.push(Finding::about(code, LEDGER, &line.terms.key, message));
    }

    /// The purchasing system has the order of a line.
    fn found(&mut self, line: &mut LedgerLine, order: &SeenOrder<'_>, pack: Option<Fixed>) {
        let was = line.standing.status;
        let (quantity, ordered) = (line.standing.quantity, order.ordered());
        if was == LineStatus::Received && !order.is_open {
            return;
        }
        if !order.is_open && pack.is_none() && self.comes_in_parts(line, order) {
            return;
        }

        let is_as_ordered = ordered == quantity || pack.is_some();
        self.tell(line, order, pack.is_none() && !is_as_ordered);
        let status = if order.is_open { LineStatus::Confirmed } else { LineStatus::Received };
        let reason = match (status, pack) {
            (LineStatus::Confirmed, Some(pack)) => format!("{COUNTS_PACKS}{pack}"),
            (_, Some(_)) => String::new(),
            (LineStatus::Received, None) if is_as_ordered => String::new(),
            (LineStatus::Received, None) => format!("{ordered} of {quantity} received"),
            _ if order.received > Fixed::ZERO => {
                format!("{} received, {} open", order.received, order.open)
            }
            _ if is_as_ordered => String::new(),
            _ => format!("{ordered} ordered in place of {quantity}"),
        };
        let standing = &mut line.standing;
        standing.matched = order.po_number.clone();
        standing.sent_on = standing.sent_on.or(order.ordered_on).or(Some(self.night));
        if standing.status != status {
            standing.status = status;
            standing.since = self.night;
            standing.by = Text::default();
        }
        if *standing.reason != reason {
            standing.reason = reason.into();
        }
    }

    /// Whether a part of a line has come whose rest may still do: it was never in the table of open
    /// orders, so that nothing says that the rest is off. The rest counts as long as the line
    /// would.
    fn comes_in_parts(&mut self, line: &mut LedgerLine, order: &SeenOrder<'_>) -> bool {
        let is_out = line.standing.status == LineStatus::Sent;
        let rest = line.standing.quantity - order.received;
        let counts_on = is_out && rest > Fixed::ZERO && self.night <= self.last_day(line);
        if counts_on {
            line.standing.matched = order.po_number.clone();
            line.standing.reason =
                format!("{} of {} received", order.received, line.standing.quantity).into();
            self.remaining.insert(line.name(), rest);
        }
        counts_on
    }

    /// Says what is unusual about the order of a line.
    fn tell(&mut self, line: &LedgerLine, order: &SeenOrder<'_>, is_changed: bool) {
        let (label, was) = (line.label(), line.standing.status);
        let (quantity, ordered) = (line.standing.quantity, order.ordered());
        let is_first = line.standing.matched.is_empty();
        let was_as_ordered = was == LineStatus::Confirmed && line.standing.reason.is_empty();

        if let Some(pack) = pack_of(line, order).filter(|_| is_first) {
            let message = format!(
                "{label}: {} has {ordered} where {} were ordered, in packs of {pack}; its packs \
                 count as units",
                order.po_number,
                counted(quantity, "unit"),
            );
            self.add(Code::OrderInPacks, line, message);
        } else if is_changed && (is_first || self.has_receipts && was_as_ordered) {
            let message = format!(
                "{label} was handed over with {} and {} has {ordered}; what it has counts",
                counted(quantity, "unit"),
                order.po_number
            );
            self.add(Code::OrderChanged, line, message);
        }
        if matches!(was, LineStatus::Expired | LineStatus::Cancelled) {
            let message = format!(
                "{label} counted as {was} since {}, and {} has it now: what was ordered in its \
                 place may be too much",
                date_of(line.standing.since),
                order.po_number
            );
            self.add(Code::OrderSeenLate, line, message);
        }
    }

    /// What is wrong with the table of open orders where most lines are gone from it that were
    /// there before.
    fn gap(
        &mut self,
        lines: &[LedgerLine],
        found: &BTreeMap<usize, &SeenOrder<'_>>,
    ) -> Option<String> {
        let is_open = |line: &LedgerLine| line.standing.status == LineStatus::Confirmed;
        let open = lines.iter().filter(|line| is_open(line)).count();
        // Without receipts a line that is gone may well have come, once its day is near.
        let may_have_come = |line: &LedgerLine| {
            !self.has_receipts && line.standing.requested_on - self.night <= EARLY_DAYS
        };
        let is_gone = |(at, line): &(usize, &LedgerLine)| {
            is_open(line)
                && !found.contains_key(at)
                && *line.standing.reason != *MISSING
                && !may_have_come(line)
        };
        let count = lines.iter().enumerate().filter(is_gone).count();
        self.is_doubted =
            self.has_open_orders && count >= MIN_GONE && count as f64 > GONE_SHARE * open as f64;
        if !self.is_doubted {
            return None;
        }

        let since =
            if self.has_receipts { "nor received any more" } else { "nor due within a week" };
        let gap = format!(
            "{count} of the {} that were open are neither open {since}",
            counted(open, "order line")
        );
        let message = format!("{gap}; all order lines are held");
        self.findings.push(Finding::of_table(Code::OpenOrdersIncomplete, LEDGER, message));
        Some(gap)
    }

    /// No table has the order of a line.
    fn not_found(&mut self, line: &mut LedgerLine) {
        match line.standing.status {
            LineStatus::Confirmed => self.gone(line),
            LineStatus::Sent => self.give_up(line),
            _ => {}
        }
    }

    /// An order that was open is in no table any more. Where receipts tell what came, or the table
    /// cannot be the whole, it is given one more night, for an export may lack rows and a receipt
    /// come a day late.
    fn gone(&mut self, line: &mut LedgerLine) {
        let number = line.standing.matched.clone();
        if !self.has_open_orders {
            return self.untold(line, LineStatus::Received);
        }
        let is_missed_before = *line.standing.reason == *MISSING;
        if !self.has_receipts && (is_missed_before || !self.is_doubted) {
            let reason = format!("{number} is not open any more");
            return line.end(LineStatus::Received, self.night, &reason);
        }
        if !is_missed_before {
            line.standing.reason = MISSING.into();
            self.remaining.insert(line.name(), line.standing.quantity);
            return;
        }

        let message = format!(
            "{} was open as {number} and is neither open nor received now: it counts as cancelled \
             there",
            line.label()
        );
        self.add(Code::OrderGone, line, message);
        let reason = format!("{number} is gone without a receipt");
        line.end(LineStatus::Cancelled, self.night, &reason);
    }

    /// Nothing can be seen of a line: it counts until it should have come.
    fn untold(&mut self, line: &mut LedgerLine, ending: LineStatus) {
        if self.night > self.last_day(line) {
            let reason = "no table of open orders to see it in; it should have come";
            line.end(ending, self.night, reason);
        } else if line.standing.status == LineStatus::Confirmed {
            self.remaining.insert(line.name(), line.standing.quantity);
        }
    }

    /// The last night on which a line counts that no table has.
    fn last_day(&self, line: &LedgerLine) -> Day {
        let sent_on = line.standing.sent_on.unwrap_or(line.standing.since);
        let last_day = sent_on.saturating_add_unsigned(self.confirm_within_days);
        match self.has_open_orders {
            true => last_day,
            false => last_day.max(line.standing.requested_on),
        }
    }

    /// A line that was handed over so long ago that it should have been seen counts no more.
    fn give_up(&mut self, line: &mut LedgerLine) {
        let sent_on = line.standing.sent_on.unwrap_or(line.standing.since);
        if !self.has_open_orders {
            return self.untold(line, LineStatus::Expired);
        }
        // Not before a night has looked for it.
        let is_looked_for = self.last_look.is_some_and(|night| night > sent_on);
        if self.night <= self.last_day(line) || !is_looked_for {
            return;
        }

        let worth = match line.standing.unit_cost {
            Some(cost) => {
                let decimals = decimals_of(&line.terms.currency);
                let total = line.standing.quantity.times(cost).with_decimals(decimals);
                format!(", {total} {}", line.terms.currency)
            }
            None => String::new(),
        };
        let message = format!(
            "{} to {} ({}{worth}) was handed over on {} and is in no table of open orders: it \
             counts no more",
            line.label(),
            line.terms.supplier,
            counted(line.standing.quantity, "unit"),
            date_of(sent_on),
        );
        self.add(Code::OrderNeverSeen, line, message);
        line.end(LineStatus::Expired, self.night, "never seen");
    }

    /// A second order carries the number of a line.
    fn doubled(&mut self, line: &LedgerLine, order: &SeenOrder<'_>) {
        if !order.is_open || order.is_known {
            return;
        }
        let message = format!(
            "{} is ordered as {} and once more as {}, with {}; both count",
            line.label(),
            line.standing.matched,
            order.po_number,
            counted(order.ordered(), "unit")
        );
        self.add(Code::OrderDoubled, line, message);
    }
}

/// The pack that the order of a line counts in: as on an earlier night, by its quantity, or, where
/// it was handed over in packs and is seen for the first time, by a quantity of packs that it may
/// have been changed to.
fn counted_packs(line: &LedgerLine, order: &SeenOrder<'_>, in_packs: bool) -> Option<Fixed> {
    let is_told = line.standing.reason.starts_with(COUNTS_PACKS);
    let pack = pack_size(line);
    let units = line.standing.quantity;
    let is_likely = |pack: &Fixed| {
        let in_units = order.ordered().times(*pack);
        in_packs
            && line.standing.status == LineStatus::Sent
            && order.ordered() != units
            && in_units <= units + units
    };
    pack.filter(|_| is_told).or_else(|| pack_of(line, order)).or_else(|| pack.filter(is_likely))
}

/// Turns packs of open orders that count in packs into units.
fn count_units(tables: &mut Tables, in_packs: &BTreeMap<KnownOrder, Fixed>) {
    if in_packs.is_empty() {
        return;
    }
    for row in tables.purchase_orders.iter_mut().flatten() {
        if let Some(pack) = in_packs.get(&(row.po_number.clone(), row.key.clone())) {
            row.quantity = row.quantity.times(*pack);
        }
    }
}

/// Dates open orders that the table does not date by the day on which they were handed over.
fn date_orders(tables: &mut Tables, sent_on: &BTreeMap<KnownOrder, Day>) {
    let undated = |row: &&mut OpenOrder| row.ordered_on.is_none() && row.expected_on.is_none();
    for row in tables.purchase_orders.iter_mut().flatten().filter(undated) {
        row.ordered_on = sent_on.get(&(row.po_number.clone(), row.key.clone())).copied();
    }
}

/// Adds lines that were approved or handed over, and are in no table or in part, to the open
/// orders.
fn add_on_order(tables: &mut Tables, lines: &[LedgerLine], remaining: &BTreeMap<LineName, Fixed>) {
    let mut open = Vec::new();
    for line in lines {
        let rest = remaining.get(&line.name()).copied();
        let all = line.standing.status.is_on_order().then_some(line.standing.quantity);
        let Some(quantity) = rest.or(all) else { continue };
        open.push(OpenOrder {
            po_number: line.po_number.clone(),
            line: Some(line.line.to_string().into()),
            supplier: line.terms.supplier.clone(),
            key: line.terms.key.clone(),
            quantity,
            received: Fixed::ZERO,
            ordered_on: line.standing.sent_on,
            expected_on: None,
            reference: None,
            source: match line.standing.status {
                LineStatus::Approved => OpenSource::Approved,
                _ => OpenSource::Sent,
            },
        });
    }
    if open.is_empty() {
        return;
    }
    tables.purchase_orders.get_or_insert_default().extend(open);
    tables.sort_open_orders();
}

/// The orders that tonight's tables name: open ones, and those received lately.
#[must_use]
pub fn named_orders(tables: &Tables, night: Day) -> BTreeSet<KnownOrder> {
    let since = night.saturating_sub(RECEIVED_DAYS);
    let open = rows(&tables.purchase_orders).iter().map(|row| (&row.po_number, &row.key));
    let received = rows(&tables.receipts).iter().filter(|row| row.received_on >= since);
    let received = received.map(|row| (&row.po_number, &row.key));
    open.chain(received).map(|(number, key)| (number.clone(), key.clone())).collect()
}
