//! Tonight's orders, to decide on: one by one, the largest first, with what each line stands on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::PageSource;
use super::pictures::Pictures;
use super::run_tables::{Row, RunTables, rows};
use super::shown::{self, exact, finding, known, money, name, percent, units, word};
use crate::config::Settings;
use crate::config::choices::Handover;
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::wording::counted;
use crate::plan::Reason;
use crate::report::columns::{
    LOCATION, ORDER_DATE, PO_NUMBER, QUANTITY, SKU, STATE, STOCKOUT_PROBABILITY,
};

/// Lines that are shown with all that they stand on, over all orders. Judgement: each takes a dozen
/// elements, and a browser is quick up to some thousand.
const MAX_LINES: usize = 60;
/// Characters of the plain list of the other lines, over all orders: what a browser opens at once.
const MAX_LISTED_CHARACTERS: usize = 120_000;
/// Lines that have their pictures below them: the first that need a person. Judgement: as many as
/// one looks at closely.
const MAX_PICTURED: usize = 4;
/// Orders that are shown with their lines: those that need a person, then the largest. The others
/// are a line each. Judgement: each takes a dozen elements, as the lines do.
const MAX_ORDERS: usize = 80;
/// Characters of the list of those.
const MAX_BRIEF_CHARACTERS: usize = 60_000;
/// Orders that the first printed sheet lists, at most: what fits on it.
const MAX_ON_SHEET: usize = 40;
/// Findings that a line is shown with, at most.
pub(super) const MAX_FINDINGS: usize = 3;

/// What is to be decided.
#[derive(Serialize)]
pub(super) struct Decide {
    pub(super) orders: Vec<Order>,
    /// What happens to lines that nobody decides on.
    pub(super) rule: &'static str,
    /// The orders of the first printed sheet, a line each.
    sheet: String,
    /// Those that are shown without their lines.
    brief: Vec<Brief>,
    /// How many more there are.
    left_out: usize,
}

/// A purchase order in a line.
#[derive(Serialize)]
struct Brief {
    po_number: String,
    text: String,
}

/// One purchase order.
#[derive(Serialize)]
pub(super) struct Order {
    po_number: String,
    supplier: String,
    location: String,
    email: String,
    lines: String,
    value: String,
    currency: String,
    /// How many of its lines go out, wait, or are held.
    states: String,
    /// Whether somebody has to look at it.
    is_open: bool,
    /// When it can be placed, and when it should come.
    dates: String,
    /// How it stands to the supplier's minimum.
    minimum: Option<String>,
    shown: Vec<Line>,
    /// The lines that are not shown with all that they stand on.
    listed: Option<String>,
    /// How many lines are in neither.
    left_out: usize,
    /// Whether it is a line among others.
    is_brief: bool,
    /// What the order comes to in the base currency.
    #[serde(skip)]
    pub(super) base_value: Fixed,
    #[serde(skip)]
    pub(super) line_count: usize,
    /// Lines that need a person.
    #[serde(skip)]
    pub(super) review_count: usize,
}

/// One line of an order.
#[derive(Serialize)]
struct Line {
    /// Its item as the script knows it.
    key: String,
    sku: String,
    /// What the supplier calls it.
    theirs: String,
    text: String,
    quantity: String,
    packs: String,
    cost: String,
    position: String,
    reorder_point: String,
    probability: String,
    year: String,
    state: String,
    needs_a_person: bool,
    /// Why it is ordered, where that is not the reorder point, and what was found.
    why: Vec<String>,
    /// Demand and stock, as pictures.
    pictures: Vec<String>,
}

/// What there is still room for, over the orders that follow.
struct Room {
    /// Lines that need a person.
    asked: usize,
    /// Other lines: what the first leave.
    others: usize,
    pictures: usize,
    /// Of the plain lists.
    characters: usize,
}

impl Room {
    fn for_lines<'a>(lines: impl Iterator<Item = Row<'a>>) -> Self {
        let asked = lines.filter(|row| needs_a_person(*row)).count().min(MAX_LINES);
        Self {
            asked,
            others: MAX_LINES - asked,
            pictures: MAX_PICTURED,
            characters: MAX_LISTED_CHARACTERS,
        }
    }

    /// How many lines of an order are shown with all that they stand on; those that need a person
    /// are its first.
    fn lines_of(&mut self, lines: &[Row<'_>]) -> usize {
        let all_asked = lines.iter().filter(|row| needs_a_person(**row)).count();
        let asked = all_asked.min(self.asked);
        self.asked -= asked;
        if asked < all_asked {
            return asked;
        }
        let others = (lines.len() - asked).min(self.others);
        self.others -= others;
        asked + others
    }
}

/// What lines are looked up in.
struct Known<'a> {
    /// Of the items that are ordered.
    plan: BTreeMap<(&'a str, &'a str), Row<'a>>,
    findings: BTreeMap<(&'a str, &'a str), Vec<Row<'a>>>,
    pictures: Pictures<'a>,
}

pub(super) fn section(source: &PageSource<'_>, run: &RunTables) -> Decide {
    let settings = source.state.settings;
    let ordered: BTreeSet<_> = rows(&run.orders).map(Row::item).collect();
    let is_ordered = |row: &Row<'_>| ordered.contains(&row.item());
    let known = Known {
        plan: rows(&run.plan).filter(is_ordered).map(|row| (row.item(), row)).collect(),
        findings: RunTables::by_item(&run.findings),
        pictures: Pictures::of(source),
    };
    let mut by_order: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(&run.orders) {
        by_order.entry(row.text(PO_NUMBER)).or_default().push(row);
    }
    let mut orders: Vec<(Order, Vec<Row<'_>>)> = by_order
        .into_values()
        .map(|lines| (order(&known, &lines), by_value(settings, lines)))
        .collect();
    orders
        .sort_by(|(a, _), (b, _)| (b.base_value, &a.po_number).cmp(&(a.base_value, &b.po_number)));

    let kept = with_their_lines(&orders);
    let mut room = Room::for_lines(rows(&run.orders));
    let orders = orders.into_iter().enumerate().map(|(at, (mut order, lines))| {
        order.is_brief = !kept.contains(&at);
        if order.is_brief {
            return order;
        }
        let (shown, others) = lines.split_at(room.lines_of(&lines));
        for row in shown {
            let is_pictured = needs_a_person(*row) && room.pictures > 0;
            room.pictures -= usize::from(is_pictured);
            order.shown.push(line(&known, *row, is_pictured));
        }
        let mut listed = String::new();
        for row in others {
            let text = listed_line(source, *row);
            if text.len() > room.characters {
                break;
            }
            room.characters -= text.len();
            listed += &text;
        }
        order.left_out = others.len() - listed.lines().count();
        order.listed = Some(listed).filter(|listed| !listed.is_empty());
        order
    });
    let rule = match settings.purchasing.handover {
        Handover::Auto => {
            "Lines go out with the run, except those that need review or are held: decide on these."
        }
        Handover::Approve => "A line goes out when somebody approves it.",
    };
    let orders: Vec<Order> = orders.collect();
    let (brief, left_out) = listed_in_brief(&orders);
    Decide { rule, sheet: sheet(&orders), brief, left_out, orders }
}

/// The orders of the first printed sheet, a line each.
fn sheet(orders: &[Order]) -> String {
    let mut sheet: String =
        orders.iter().take(MAX_ON_SHEET).map(|order| order.brief() + "\n").collect();
    if orders.len() > MAX_ON_SHEET {
        sheet += &format!("and {}\n", counted(orders.len() - MAX_ON_SHEET, "more order"));
    }
    sheet
}

/// The orders without their lines, those that need a person first, and how many there is no room
/// for.
fn listed_in_brief(orders: &[Order]) -> (Vec<Brief>, usize) {
    let mut brief: Vec<&Order> = orders.iter().filter(|order| order.is_brief).collect();
    brief.sort_by_key(|order| order.review_count == 0);
    let mut characters = MAX_BRIEF_CHARACTERS;
    let mut listed = Vec::new();
    for order in &brief {
        let text = order.brief();
        let Some(left) = characters.checked_sub(text.len()) else { break };
        characters = left;
        listed.push(Brief { po_number: order.po_number.clone(), text });
    }
    let left_out = brief.len() - listed.len();
    (listed, left_out)
}

/// Which of the orders are shown with their lines, of those sorted by value.
fn with_their_lines(orders: &[(Order, Vec<Row<'_>>)]) -> BTreeSet<usize> {
    let mut by_need: Vec<usize> = (0..orders.len()).collect();
    by_need.sort_by_key(|at| orders[*at].0.review_count == 0);
    by_need.truncate(MAX_ORDERS);
    by_need.into_iter().collect()
}

impl Order {
    /// It in a line.
    fn brief(&self) -> String {
        let Self { supplier, location, po_number, lines, value, currency, states, .. } = self;
        format!("{supplier} → {location}, {po_number}: {lines}, {value} {currency} ({states})")
    }
}

/// What an amount of a currency is worth in the base currency; nothing without a rate.
pub(super) fn in_base(settings: &Settings, amount: Fixed, currency: &str) -> Option<Fixed> {
    if currency == settings.currency.base {
        return Some(amount);
    }
    let rate = settings.currency.rates.get(currency)?;
    Fixed::from_f64(amount.to_f64() * rate)
}

/// Lines that need a person first, then by what they cost.
fn by_value<'a>(settings: &Settings, mut lines: Vec<Row<'a>>) -> Vec<Row<'a>> {
    lines.sort_by_key(|row| {
        let cost = row.fixed("line_total").unwrap_or_default();
        let cost = in_base(settings, cost, row.text("currency")).unwrap_or_default();
        let units = row.fixed(QUANTITY).unwrap_or_default();
        (std::cmp::Reverse((needs_a_person(*row), cost, units)), row.item())
    });
    lines
}

pub(super) fn needs_a_person(row: Row<'_>) -> bool {
    matches!(row.text(STATE), "needs_review" | "held")
}

/// An order without its lines.
fn order(known_rows: &Known<'_>, lines: &[Row<'_>]) -> Order {
    let state = known_rows.pictures.source.state;
    let (settings, tables) = (state.settings, state.tables);
    let first = lines[0];
    let supplier = tables.supplier(first.text("supplier"));
    let currency = first.text("currency");
    let value: Fixed = lines.iter().filter_map(|row| row.fixed("line_total")).sum();
    let unpriced = lines.iter().filter(|row| row.text("line_total").is_empty()).count();
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for row in lines {
        *states.entry(row.text(STATE)).or_default() += 1;
    }
    let is_auto = settings.purchasing.handover == Handover::Auto;
    let state = |state: &str, count: usize| match state {
        "suggested" if is_auto => format!("{count} go out"),
        "suggested" => format!("{count} wait for approval"),
        "approved" => format!("{count} approved"),
        "needs_review" => format!("{count} to review"),
        other => format!("{count} {}", word(other)),
    };
    let states: Vec<String> = states.iter().map(|(name, count)| state(name, *count)).collect();
    let review_count = lines.iter().filter(|row| needs_a_person(**row)).count();

    let minimum = supplier.and_then(|supplier| supplier.min_order_value).map(|minimum| {
        let shown = format!("{} {}", money(minimum, currency), name(currency));
        match value >= minimum {
            true => format!("minimum {shown} met"),
            false => format!("below the minimum of {shown}"),
        }
    });
    Order {
        po_number: first.text(PO_NUMBER).to_owned(),
        supplier: shown::supplier(tables, first.text("supplier")),
        location: name(first.text(LOCATION)),
        email: supplier.and_then(|row| row.email.as_deref()).map(name).unwrap_or_default(),
        lines: counted(lines.len(), "line"),
        value: match unpriced {
            0 => money(value, currency),
            _ if unpriced == lines.len() => "no cost known".to_owned(),
            _ => format!("{} and {unpriced} without a cost", money(value, currency)),
        },
        currency: if unpriced == lines.len() { String::new() } else { name(currency) },
        states: states.join(", "),
        is_open: !is_auto || review_count > 0,
        dates: dates(known_rows, lines),
        minimum,
        shown: Vec::new(),
        listed: None,
        left_out: 0,
        is_brief: false,
        base_value: in_base(settings, value, currency).unwrap_or_default(),
        line_count: lines.len(),
        review_count,
    }
}

/// The last day on which an order can be placed before its supplier's next one, and when it should
/// come.
fn dates(known_rows: &Known<'_>, lines: &[Row<'_>]) -> String {
    let mut dates = format!("place it on {}", name(lines[0].text(ORDER_DATE)));
    let plan = lines.iter().filter_map(|row| known_rows.plan.get(&row.item()));
    let next = plan.filter_map(|row| row.day("next_order_date")).min();
    if let Some(next) = next {
        dates += &format!(", or not before {}", date_of(next));
    }
    let requested = lines.iter().filter_map(|row| row.day("requested_date"));
    dates += &match requested.clone().min().zip(requested.max()) {
        Some((soonest, latest)) if soonest == latest => format!("; due {}", date_of(soonest)),
        Some((soonest, latest)) => format!("; due {} to {}", date_of(soonest), date_of(latest)),
        None => String::new(),
    };
    dates
}

fn line(known_rows: &Known<'_>, row: Row<'_>, is_pictured: bool) -> Line {
    let source = &known_rows.pictures.source;
    let plan = known_rows.plan.get(&row.item()).copied();
    let number = |column: &str| known(plan.and_then(|plan| plan.number(column)), units);
    let state = row.text(STATE);
    let reason = plan.map_or("", |plan| plan.text("reason"));
    let mut why = Vec::new();
    if reason != Reason::AtReorderPoint.as_str() {
        why.push(word(reason));
    }
    if needs_a_person(row) {
        let found = known_rows.findings.get(&row.item()).into_iter().flatten();
        let warnings = found.filter(|found| found.text("severity") != "info");
        why.extend(warnings.take(MAX_FINDINGS).map(|found| finding(found.text("message"))));
    }
    let in_packs = row.fixed("pack_size").filter(|size| *size != Fixed::from_units(1));
    let packs = row.fixed("packs").zip(in_packs);
    Line {
        key: key_of(row),
        sku: name(row.text(SKU)),
        theirs: name(row.text("supplier_sku")),
        text: description(source, row),
        quantity: known(row.fixed(QUANTITY), exact),
        packs: packs
            .map(|(packs, size)| format!("{} of {}", exact(packs), exact(size)))
            .unwrap_or_default(),
        cost: known(row.fixed("line_total"), |total| money(total, row.text("currency"))),
        position: number("inventory_position"),
        reorder_point: number("reorder_point"),
        probability: known(plan.and_then(|plan| plan.number(STOCKOUT_PROBABILITY)), percent),
        year: known_rows.pictures.history.year(row.item()),
        state: word(state),
        needs_a_person: needs_a_person(row),
        why,
        pictures: match plan.filter(|_| is_pictured) {
            Some(plan) => known_rows.pictures.of_line(row, plan),
            None => Vec::new(),
        },
    }
}

/// An item's description; in the tables one that a spreadsheet would run is guarded.
pub(super) fn description(source: &PageSource<'_>, row: Row<'_>) -> String {
    let item = source.state.tables.item(row.item().0);
    name(item.and_then(|item| item.description.as_deref()).unwrap_or_default())
}

/// How the script names an item.
pub(super) fn key_of(row: Row<'_>) -> String {
    let (sku, location) = row.item();
    format!("{sku}\n{location}")
}

/// A line in a list without columns.
fn listed_line(source: &PageSource<'_>, row: Row<'_>) -> String {
    let review =
        if needs_a_person(row) { format!("  ({})", word(row.text(STATE))) } else { String::new() };
    format!(
        "{:>10} × {}  {}  {}{review}\n",
        known(row.fixed(QUANTITY), exact),
        name(row.text(SKU)),
        description(source, row),
        known(row.fixed("line_total"), |total| money(total, row.text("currency"))),
    )
}
