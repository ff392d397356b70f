//! The order in which customers who wait are served.

use std::collections::BTreeMap;

use crate::config::choices::Allocation;
use crate::domain::calendar::Day;
use crate::domain::tables::{Backorder, Tables, Text};

use super::told::Told;

/// What decides who is served first.
#[derive(Clone, Copy)]
pub struct Queue<'q> {
    /// The rule.
    pub allocation: Allocation,
    /// Where customers' priorities are.
    pub tables: &'q Tables,
    /// What the customer of a line was told by the previous run.
    pub told: &'q dyn Fn(&Backorder) -> Option<Told>,
    /// The day that the run stands at.
    pub as_of: Day,
}

/// A waiting line at its place.
#[derive(Debug, Clone, Copy)]
pub struct RankedLine<'a> {
    /// The line.
    pub row: &'a Backorder,
    /// The day that its customer was told by the previous run.
    pub told: Option<Day>,
    /// A number for its order, if that leaves only as a whole.
    pub complete_order: Option<usize>,
}

/// What lines are sorted by: the smallest is served first.
type Rank<'a> = (bool, i64, u32, (Day, Day), &'a Text, &'a Option<Text>);

impl Queue<'_> {
    /// The lines in the order in which they are served, whatever that of the rows is; lines of an
    /// order that leaves only as a whole stand together, at the place of the first of them.
    #[must_use]
    pub fn of<'a>(&self, table: &'a [Backorder]) -> Vec<RankedLine<'a>> {
        let order = |row: &'a Backorder| (&row.order_id, &row.customer);
        let mut complete: BTreeMap<(&Text, &Option<Text>), usize> = BTreeMap::new();
        for row in table.iter().filter(|row| row.ship_complete) {
            let next = complete.len();
            complete.entry(order(row)).or_insert(next);
        }

        let mut lines: Vec<(Rank<'a>, RankedLine<'a>)> = table
            .iter()
            .map(|row| {
                let told = (self.told)(row);
                let place = told.and_then(|told| told.place);
                let told = told.filter(|told| !told.is_restated(row, self.as_of));
                // What is to be paid back waits for nothing any more.
                let is_over = told.is_some_and(|told| told.is_over());
                let told = told.and_then(|told| told.date);
                let complete_order = complete.get(&order(row)).copied();
                (self.rank(row, place, is_over), RankedLine { row, told, complete_order })
            })
            .collect();

        let mut first_of: BTreeMap<usize, Rank<'a>> = BTreeMap::new();
        for (rank, line) in &lines {
            let Some(order) = line.complete_order else { continue };
            let first = first_of.entry(order).or_insert(*rank);
            *first = (*first).min(*rank);
        }
        for (rank, line) in &mut lines {
            if let Some(first) = line.complete_order.and_then(|order| first_of.get(&order)) {
                let own_line = rank.5;
                *rank = *first;
                rank.5 = own_line;
            }
        }

        let tie = |line: &RankedLine<'a>| (&line.row.key, line.row.quantity);
        lines
            .sort_by(|(a, first), (b, second)| a.cmp(b).then_with(|| tie(first).cmp(&tie(second))));
        lines.into_iter().map(|(_, line)| line).collect()
    }

    fn rank<'a>(&self, row: &'a Backorder, place: Option<u32>, is_over: bool) -> Rank<'a> {
        let customer = row.customer.as_deref().and_then(|name| self.tables.customer(name));
        let priority = row.priority.or_else(|| customer?.priority).unwrap_or(i64::MAX);
        let promised = row.promised_on.unwrap_or(Day::MAX);
        let (id, line, ordered) = (&row.order_id, &row.line, row.ordered_on);

        match self.allocation {
            Allocation::Keep => {
                // Who was promised a day stays where that promise saw the line stand.
                let stood = place.unwrap_or(u32::MAX);
                (is_over, priority, stood, (promised, ordered), id, line)
            }
            Allocation::Redistribute => {
                (is_over, priority, u32::MAX, (promised, ordered), id, line)
            }
            Allocation::Last => (is_over, 0, u32::MAX, (Day::MAX, ordered), id, line),
        }
    }
}
