//! What came of people's decisions about suggested order lines: whether demand was nearer to what
//! they ordered or to what was suggested.
//!
//! Who orders another quantity than was suggested says that demand will be another: in the ratio
//! of the stock positions after the two orders, for what is kept for safety goes with demand. Once
//! the time is over that the order had to cover, demand says who was nearer. The forecast value
//! added of a decision is how much smaller the error became by it (Gilliland 2010, *The Business
//! Forecasting Deal*, chapter 4).

use std::collections::BTreeMap;

use crate::demand::prepare::Prepared;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::ledger::{LedgerLine, LineStatus};
use crate::domain::tables::Text;
use crate::plan::PlannedItem;

/// Days for which decisions are remembered.
const REMEMBERED_DAYS: Day = 365;

/// A decision of a person to order another quantity of a line than was suggested, or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Number of the order.
    pub po_number: Text,
    /// Number of the line.
    pub line: u32,
    /// The item, and where to.
    pub key: Key,
    /// Who decided.
    pub by: Text,
    /// Why.
    pub reason: Text,
    /// When.
    pub decided_on: Day,
    /// Stock units that were suggested.
    pub suggested: Fixed,
    /// Stock units that were ordered instead; 0 of a rejected line.
    pub ordered: Fixed,
    /// Cost of a unit, base currency.
    pub unit_cost: Option<Fixed>,
    /// The first day of the time that the order had to cover: that of the run after the decision.
    pub from: Day,
    /// The day after its last: when the order after it would come at mean demand.
    pub to: Day,
    /// Mean demand of that time, at the run's forecast for the time until an order comes, units.
    pub expected: Fixed,
    /// The same as the decision implies it, units.
    pub implied: Fixed,
    /// Demand of that time, units; `None` while it is not over, or not known.
    pub demand: Option<Fixed>,
}

impl Edit {
    /// Units by which the decision came nearer to demand; below 0 where it went away from it.
    /// `None` until demand is known.
    ///
    /// ```
    /// # use restock::backorder::edits::Edit;
    /// # use restock::domain::{fixed::Fixed, key::Key};
    /// // 100 were suggested onto nothing for an expected demand of 80, and 130 ordered: 104 then.
    /// let edit = Edit {
    ///     po_number: "P1".into(),
    ///     line: 1,
    ///     key: Key::new("MUG", "main"),
    ///     by: "ann".into(),
    ///     reason: "fair".into(),
    ///     decided_on: 0,
    ///     suggested: Fixed::from_units(100),
    ///     ordered: Fixed::from_units(130),
    ///     unit_cost: Some(Fixed::from_units(2)),
    ///     from: 1,
    ///     to: 22,
    ///     expected: Fixed::from_units(80),
    ///     implied: Fixed::from_units(104),
    ///     demand: Some(Fixed::from_units(105)),
    /// };
    /// // An error of 1 in place of one of 25, worth 48.
    /// assert_eq!(edit.value_added(), Some(Fixed::from_units(24)));
    /// assert_eq!(edit.money_added(), Some(Fixed::from_units(48)));
    /// ```
    #[must_use]
    pub fn value_added(&self) -> Option<Fixed> {
        let demand = self.demand?;
        let error = |forecast: Fixed| (demand - forecast).max(forecast - demand);
        Some(error(self.expected) - error(self.implied))
    }

    /// The same at cost, base currency.
    #[must_use]
    pub fn money_added(&self) -> Option<Fixed> {
        Some(self.value_added()?.times(self.unit_cost?))
    }

    fn name(&self) -> (Text, u32) {
        (self.po_number.clone(), self.line)
    }
}

/// What the decisions of one person for one reason did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EditTotals {
    /// Decisions that could be judged.
    pub judged: usize,
    /// Of them, those that came nearer to demand.
    pub better: usize,
    /// Those that went away from it.
    pub worse: usize,
    /// Units of forecast value added.
    pub units: Fixed,
    /// The same at cost, base currency.
    pub money: Fixed,
}

/// What decisions did, by person and reason.
#[must_use]
pub fn totals(edits: &[Edit]) -> BTreeMap<(Text, Text), EditTotals> {
    let mut totals: BTreeMap<(Text, Text), EditTotals> = BTreeMap::new();
    for edit in edits {
        let Some(added) = edit.value_added() else { continue };
        let of = totals.entry((edit.by.clone(), edit.reason.clone())).or_default();
        of.judged += 1;
        of.better += usize::from(added > Fixed::ZERO);
        of.worse += usize::from(added < Fixed::ZERO);
        of.units += added;
        of.money += edit.money_added().unwrap_or_default();
    }
    totals
}

/// The decisions that are remembered: those of earlier runs and those since, judged where the time
/// is over that they had to cover. `decided` is how the lines stood after the newest decision about
/// each.
#[must_use]
pub fn edits(
    items: &[PlannedItem<'_>],
    prepared: &Prepared,
    decided: &[LedgerLine],
    earlier: &[Edit],
) -> Vec<Edit> {
    let as_of = prepared.as_of;
    let is_remembered = |edit: &&Edit| {
        edit.from < as_of && i64::from(as_of) - i64::from(edit.to) <= i64::from(REMEMBERED_DAYS)
    };
    let mut edits: BTreeMap<(Text, u32), Edit> =
        earlier.iter().filter(is_remembered).map(|edit| (edit.name(), edit.clone())).collect();

    for line in decided {
        let is_known = edits.get(&line.name()).is_some_and(|edit| is_of(edit, line));
        if !is_known {
            // Another decision takes the place of the first.
            edits.remove(&line.name());
            edits.extend(new_edit(line, items, prepared).map(|edit| (edit.name(), edit)));
        }
    }

    let mut edits: Vec<Edit> = edits.into_values().collect();
    for edit in edits.iter_mut().filter(|edit| edit.demand.is_none()) {
        edit.demand = demand_of(prepared, edit);
    }
    edits
}

/// What was ordered by a decision.
fn ordered(line: &LedgerLine) -> Fixed {
    match line.standing.status {
        LineStatus::Rejected => Fixed::ZERO,
        _ => line.standing.quantity,
    }
}

/// Whether a decision is the one that is known. Texts are not compared: what was written may carry
/// the guard of a formula.
fn is_of(edit: &Edit, line: &LedgerLine) -> bool {
    (edit.decided_on, edit.ordered) == (line.standing.since, ordered(line))
}

/// A decision with what the run after it expects; `None` where nothing else was ordered than was
/// suggested, or the item is planned no more.
fn new_edit(line: &LedgerLine, items: &[PlannedItem<'_>], prepared: &Prepared) -> Option<Edit> {
    let standing = &line.standing;
    let suggested = standing.suggested_quantity;
    let ordered = ordered(line);
    if ordered == suggested {
        return None;
    }

    let at = items.binary_search_by(|item| item.key().cmp(&line.terms.key)).ok()?;
    let levels = &items[at].row.levels;
    let calendar = &prepared.histories.calendar;
    // Until the next order comes, at mean demand.
    let between = (levels.order_up_to_level - levels.reorder_point).max(0.0);
    let days = levels.protection_days + between / levels.mean_daily_demand.max(1e-9);
    let days = libm::ceil(days).clamp(1.0, 3_650.0) as Day;
    // Demand is known by whole buckets.
    let last = calendar.bucket_of(prepared.as_of.saturating_add(days) - 1);
    let to = calendar.start_of(last.saturating_add(1));
    let covered = f64::from(to - prepared.as_of);
    let expected = Fixed::clamped(levels.mean_daily_demand * covered);
    // What was approved counts as on order already.
    let on_order = if standing.status == LineStatus::Rejected { Fixed::ZERO } else { ordered };
    let position = (items[at].row.stock?.inventory_position - on_order).or_zero();
    let ratio = (position + ordered).to_f64() / (position + suggested).to_f64();
    if !ratio.is_finite() {
        return None;
    }
    let of_one = |total: Fixed| {
        let units = standing.quantity.to_f64();
        (units > 0.0).then(|| Fixed::clamped(total.to_f64() / units))
    };

    Some(Edit {
        po_number: line.po_number.clone(),
        line: line.line,
        key: line.terms.key.clone(),
        by: standing.by.clone(),
        reason: standing.reason.clone(),
        decided_on: standing.since,
        suggested,
        ordered,
        unit_cost: standing.base_total.and_then(of_one),
        from: prepared.as_of,
        to,
        expected,
        implied: Fixed::clamped(expected.to_f64() * ratio),
        demand: None,
    })
}

/// Demand of the time that an order had to cover: its whole buckets, and of the first the share of
/// its days. `None` while it is not over, and where the history does not show all of it: lost sales
/// say nothing of who was nearer.
fn demand_of(prepared: &Prepared, edit: &Edit) -> Option<Fixed> {
    let calendar = &prepared.histories.calendar;
    if edit.to > prepared.as_of {
        return None;
    }

    let item = prepared.keys.binary_search(&edit.key).ok()?;
    let history = prepared.histories.history(item);
    let series = history.series();
    let buckets = calendar.bucket_of(edit.from)..calendar.bucket_of(edit.to);
    let mut demand = 0.0;
    for bucket in buckets {
        let (start, end) = (calendar.start_of(bucket), calendar.start_of(bucket + 1));
        let covered = f64::from(end - start.max(edit.from)) / f64::from(end - start);
        demand += series.known_demand(bucket)? * covered;
    }
    Some(Fixed::clamped(demand))
}
