//! Which open orders of an item arrive together, whenever that is.

use crate::domain::calendar::Day;
use crate::domain::tables::Text;

/// Orders to one supplier that are placed within so many days of each other come in the order in
/// which they were placed. Judgement: a week; what is ordered night after night is made, packed and
/// shipped together, and what is ordered a month later tells nothing of it.
const TOGETHER_DAYS: Day = 7;

/// A number for each order: orders of one number are early or late together. `next` is the order
/// that could be placed now, and 0 the number of those that come with it.
///
/// Without it an order that was placed last night and one that is placed tonight would be late
/// independently of each other, and each night would order once more against the lateness of the
/// one before.
#[must_use]
pub fn lots(orders: &[(&Text, Day)], next: (&Text, Day)) -> Vec<u32> {
    let mut newest_first: Vec<usize> = (0..orders.len()).collect();
    newest_first.sort_by_key(|at| (orders[*at].0, std::cmp::Reverse(orders[*at].1), *at));

    let mut lots = vec![0; orders.len()];
    let (mut last_lot, mut lot) = (0, 0);
    let mut before: Option<(&Text, Day)> = None;
    for at in newest_first {
        let (supplier, ordered_on) = orders[at];
        let before_it = before.filter(|(other, _)| *other == supplier);
        let before_it = before_it.or(Some(next).filter(|(other, _)| *other == supplier));
        let is_together =
            before_it.is_some_and(|(_, day)| day.saturating_sub(ordered_on) <= TOGETHER_DAYS);
        lot = match (is_together, before.is_some_and(|(other, _)| other == supplier)) {
            (true, true) => lot,
            (true, false) => 0,
            (false, _) => {
                last_lot += 1;
                last_lot
            }
        };
        lots[at] = lot;
        before = Some((supplier, ordered_on));
    }

    lots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_of_one_supplier_come_together_where_they_were_placed_so() {
        let (acme, bolt): (Text, Text) = ("ACME".into(), "BOLT".into());
        let orders =
            [(&acme, 100), (&acme, 94), (&bolt, 100), (&acme, 60), (&acme, 58), (&bolt, 5)];
        assert_eq!(lots(&orders, (&acme, 101)), [0, 0, 2, 1, 1, 3]);
        assert_eq!(lots(&orders[..2], (&bolt, 101)), [1, 1]);
        assert_eq!(lots(&[(&acme, i32::MIN), (&acme, i32::MAX)], (&acme, 0)), [1, 0]);
    }
}
