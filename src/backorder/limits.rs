//! How much may still be sold on backorder: the rows of `backorder_limits.csv`.

use std::collections::BTreeMap;

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::ItemStatus;
use crate::plan::PlannedItem;
use crate::plan::context::PlanContext;

use super::allocation::PROMISED_LEVEL;
use super::limit::Limit;
use super::promises::Promise;
use super::scenarios::Courses;
use super::supply::Lot;

/// How much of an item may still be sold at a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackorderLimit {
    /// The item.
    pub key: Key,
    /// Units that may still be sold, from stock or to wait; `None` if any.
    pub accept_more: Option<Fixed>,
    /// The day by which a unit that is sold tonight ships with a probability of 90 %; `None` where
    /// no limit of days counts.
    pub until: Option<Day>,
}

/// Where an item is in its life, and what limits how much of it may be sold; `None` where nothing
/// does.
fn limited_by(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
) -> Option<(ItemStatus, Option<Limit>)> {
    let status = item.facts.status(context.as_of);
    let limit = Limit::of_line(item.facts.item, None, context.settings.backorders.limit_days);
    let is_ending = matches!(status, ItemStatus::Discontinued | ItemStatus::PhaseOut);
    (is_ending || limit.is_some()).then_some((status, limit))
}

/// Whether it is limited how much of an item may be sold.
#[must_use]
pub fn is_limited(context: &PlanContext<'_>, item: &PlannedItem<'_>) -> bool {
    limited_by(context, item).is_some()
}

/// How much may still be sold of each item that it is limited of. `lots` are parallel to `items`,
/// which are sorted by key; items whose stock is unknown have no row.
#[must_use]
pub fn limits(
    context: &PlanContext<'_>,
    items: &[PlannedItem<'_>],
    lots: &[Vec<Lot>],
    promises: &[Promise<'_>],
) -> Vec<BackorderLimit> {
    let mut owed: BTreeMap<&Key, Fixed> = BTreeMap::new();
    let mut waiting: BTreeMap<&Key, Fixed> = BTreeMap::new();
    for promise in promises {
        *owed.entry(&promise.row.key).or_default() += promise.row.quantity;
        *waiting.entry(&promise.row.key).or_default() += promise.waiting();
    }
    let of = |sums: &BTreeMap<&Key, Fixed>, key: &Key| sums.get(key).copied().unwrap_or_default();

    items
        .iter()
        .zip(lots)
        .filter_map(|(item, lots)| {
            let stock = item.row.stock?;
            let key = item.key();
            // Without the table the stock record says how much is owed.
            let claimed = match item.facts.backorders {
                Some(_) => of(&owed, key),
                None => stock.backorders,
            };
            let waits = match item.facts.backorders {
                Some(_) => of(&waiting, key),
                None => (claimed - stock.on_hand).or_zero(),
            };
            limit(context, item, lots, (claimed, waits))
        })
        .collect()
}

/// Of one item, of which so many units are claimed and so many of them wait; `None` where it is not
/// limited.
fn limit(
    context: &PlanContext<'_>,
    item: &PlannedItem<'_>,
    lots: &[Lot],
    (claimed, waits): (Fixed, Fixed),
) -> Option<BackorderLimit> {
    let (status, limit) = limited_by(context, item)?;
    let there: Fixed = lots.iter().filter(|lot| lot.is_stock()).map(|lot| lot.units).sum();
    let free = (there - claimed).or_zero();
    let with = |accept_more, until| BackorderLimit { key: item.key().clone(), accept_more, until };

    let usual_days = context.settings.backorders.limit_days;
    Some(match limit {
        _ if status == ItemStatus::Discontinued => with(Some(free), None),
        None => {
            let coming: Fixed = lots.iter().map(|lot| lot.units).sum();
            with(Some((coming - claimed).or_zero()), None)
        }
        Some(limit) if limit.denies => with(Some(free), None),
        Some(limit) => {
            let days = limit.days.unwrap_or(usual_days) as u32;
            let room = limit.item_units.map(|most| free + (most - waits).or_zero());
            let in_time = match can_be_ordered_within(item, status, days) {
                true => None,
                false => {
                    Some((Courses::of(lots).units_by(days, PROMISED_LEVEL) - claimed).or_zero())
                }
            };
            let accept_more = [room, in_time].into_iter().flatten().min();
            with(accept_more, Some(context.as_of.saturating_add_unsigned(days)))
        }
    })
}

/// Whether any number of units more could be bought in time: an order of the next order date comes
/// within so many days, nine times of ten.
fn can_be_ordered_within(item: &PlannedItem<'_>, status: ItemStatus, days: u32) -> bool {
    let is_ordered = matches!(status, ItemStatus::Active | ItemStatus::New);
    let supply = &item.facts.supply;
    let arrival = supply.first_order_day + supply.lead_time.quantile(PROMISED_LEVEL);

    is_ordered && item.facts.has_history && arrival <= days
}
