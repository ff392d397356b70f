//! The most that is kept of a young item: what comparable launches sold in the time it has to last.

use crate::domain::fixed::Fixed;
use crate::domain::policy::Policy;

use super::facts::ItemFacts;
use super::row::{LaunchCut, LevelView};

/// Days that a position may be meant to last, at most, when launches are asked about it. Judgement:
/// a year, as long as an item is young.
const MAX_DAYS: f64 = 364.0;

/// Levels of an item with those of a young one cut to the most that it may be expected to sell in
/// the time that they have to last, never below what is stated.
#[must_use]
pub fn within_launches(facts: &ItemFacts<'_>, levels: LevelView) -> LevelView {
    let Some(young) = &facts.young else { return levels };
    if facts.policy == Policy::MinMax && facts.max_stock.is_some() {
        return levels;
    }

    let gap = levels.order_up_to_level - levels.reorder_point;
    let gap_days =
        if levels.mean_daily_demand > 0.0 { gap / levels.mean_daily_demand } else { 0.0 };
    let days = |more: f64| (levels.protection_days + more).clamp(1.0, MAX_DAYS);
    let lasting = days(gap_days.max(facts.order_cycle_days));
    let most = young.most_sold(lasting).zip(young.most_sold(days(0.0)));
    let Some((most, most_protected)) = most else { return levels };

    let presented = facts.item.and_then(|item| item.presentation_stock).unwrap_or_default();
    let stated = (facts.min_stock.unwrap_or_default().max(Fixed::ZERO) + presented).to_f64();
    let top = most.units.ceil().max(stated);
    if top >= levels.order_up_to_level {
        return levels;
    }
    let protected = most_protected.units.ceil().max(stated);
    let reorder_point = levels.reorder_point.min(protected).min(top);
    let (reorder_point, order_up_to_level) = match facts.policy {
        Policy::UpToLevel => (top, top),
        Policy::ReorderMultiple => (reorder_point, reorder_point + gap),
        Policy::ReorderUpTo | Policy::MinMax => (reorder_point, top),
    };

    let wanted = levels.order_up_to_level;
    let cut = LaunchCut { wanted, kept: order_up_to_level, days: lasting, most };
    LevelView {
        safety_stock: levels.safety_stock + (reorder_point - levels.reorder_point),
        reorder_point,
        order_up_to_level,
        launch_cut: Some(Box::new(cut)),
        ..levels
    }
}
