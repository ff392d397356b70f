//! The levels of a later order date, from tonight's.
//!
//! Working a level out takes longer than all of an item's way through half a year, so that later
//! levels are not worked out but moved. Let M be the mean demand from an order date to the arrival
//! of what is ordered at the next one: what an order of that date has to last for, M₀ that of
//! tonight's levels, X₀ the demand that they protect and SS₀ their safety stock. Then on a later
//! date
//!
//! s = X₀·M/M₀ + SS₀·σ/σ₀, with σ² = φM + cM²,
//!
//! where φ, the lot that demand comes in, and c, what is not known of the rate, are those of
//! tonight's distribution. S − s follows the mean of the next four weeks: in proportion where it is
//! an order cycle, by the root where it is an economic order quantity, and not at all where it is a
//! stated multiple. Of what sells in whole units both are whole. What a person states (`min_max`,
//! minimum stock, presentation stock) stays.

use super::mean;
use crate::domain::fixed::Fixed;
use crate::domain::optional_real::OptionalReal;
use crate::domain::policy::Policy;
use crate::forecast::demand_distribution::DemandDistribution;
use crate::plan::item::facts::ItemFacts;
use crate::plan::item::row::{Ending, LevelView};

/// Days over which the mean is taken that orders are sized by: those of the levels themselves.
const MEAN_DAYS: u32 = 28;

/// An order date, the one after it, and the day on which what is ordered then arrives; days from
/// `as_of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) day: u32,
    pub(super) next_day: u32,
    pub(super) end: u32,
}

impl Window {
    /// Mean demand that an order of its date has to last for.
    fn mean(self, demand: &[DemandDistribution]) -> f64 {
        mean(demand, self.day, self.end)
    }

    /// Mean demand of the four weeks from its date on.
    fn monthly(self, demand: &[DemandDistribution]) -> f64 {
        mean(demand, self.day, self.day + MEAN_DAYS)
    }
}

/// How S − s follows the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Stays,
    InProportion,
    ByRoot,
}

/// Tonight's levels with what they stood on.
#[derive(Debug)]
pub(super) struct LevelsAhead {
    base: LevelView,
    /// s and S as a person states them.
    is_stated: bool,
    /// Units that the reorder point never lies below.
    min_stock: f64,
    /// Units that stay on the shelf.
    presented: f64,
    gap: Gap,
    has_reorder_point: bool,
    is_count: bool,
    /// M₀ and the mean of four weeks.
    mean: f64,
    monthly: f64,
    /// φ and c.
    lot: f64,
    unsure: f64,
    /// Mean demand until the last day on sale.
    until_end: f64,
    /// That day, from `as_of`.
    end: Option<u32>,
}

impl LevelsAhead {
    /// From the levels of tonight, or of the first order date.
    pub(super) fn new(
        facts: &ItemFacts<'_>,
        base: LevelView,
        demand: &[DemandDistribution],
        window: Window,
    ) -> Self {
        let (mean, monthly) = (window.mean(demand), window.monthly(demand));
        let of_window = demand.iter().map(|demand| demand.total(window.day, window.end));
        let variance: f64 = of_window.map(|total| total.variance()).sum();
        let lot = demand.first().map_or(1.0, |demand| demand.lot().units());

        let end = base.ending.as_ref().map(|ending| ending.last_day);
        let as_of = facts.order_day.saturating_sub_unsigned(facts.supply.first_order_day);
        let end = end.and_then(|last| u32::try_from(last - as_of).ok());
        let units = |stated: Option<Fixed>| stated.map_or(0.0, Fixed::to_f64);
        let is_stated = facts.policy == Policy::MinMax
            && (facts.min_stock.is_some() || facts.max_stock.is_some());

        Self {
            is_stated,
            min_stock: units(facts.min_stock),
            presented: units(facts.item.and_then(|item| item.presentation_stock)),
            gap: match is_stated {
                true => Gap::Stays,
                false => gap(facts, &base, monthly / f64::from(MEAN_DAYS)),
            },
            has_reorder_point: facts.policy.has_reorder_point(),
            is_count: demand.iter().all(DemandDistribution::is_count),
            mean,
            monthly,
            lot,
            unsure: if mean > 0.0 { ((variance - lot * mean) / mean / mean).max(0.0) } else { 0.0 },
            until_end: end.map_or(0.0, |end| super::mean(demand, 0, end.saturating_add(1))),
            end,
            base,
        }
    }

    /// Whether what is ordered sells in whole units.
    pub(super) fn is_count(&self) -> bool {
        self.is_count
    }

    /// Whether a position is above the reorder point of a date, so that nothing is ordered. Most
    /// dates need to know no more.
    pub(super) fn suffices(
        &self,
        position: f64,
        demand: &[DemandDistribution],
        window: Window,
    ) -> bool {
        self.has_reorder_point && position > self.reorder_point(window.mean(demand))
    }

    /// The levels of a later order date, whose orders take so many days.
    pub(super) fn on(
        &self,
        demand: &[DemandDistribution],
        window: Window,
        lead_time_days: f64,
    ) -> LevelView {
        let (mean, monthly) = (window.mean(demand), window.monthly(demand));
        let (protected, reorder_point) = (self.protected(mean), self.reorder_point(mean));
        let order_up_to_level = reorder_point + self.gap_at(monthly);

        LevelView {
            mean_daily_demand: monthly / f64::from(MEAN_DAYS),
            lead_time_mean_days: lead_time_days,
            review_period_days: window.next_day - window.day,
            protection_demand_mean: protected,
            safety_stock: reorder_point - protected,
            reorder_point,
            order_up_to_level,
            expected_lost_units: OptionalReal::default(),
            launch_cut: None,
            ending: self
                .base
                .ending
                .as_deref()
                .map(|ending| Box::new(self.ending_on(*ending, demand, window.day))),
            ..self.base
        }
    }

    /// Mean demand that a reorder point protects, of a date whose window has this mean.
    fn protected(&self, mean: f64) -> f64 {
        match self.mean > 0.0 {
            true => self.base.protection_demand_mean * mean / self.mean,
            false => mean,
        }
    }

    /// s of a date whose window has this mean.
    fn reorder_point(&self, mean: f64) -> f64 {
        let base = &self.base;
        if self.is_stated {
            return base.reorder_point;
        }

        // What stands at a stated minimum says nothing of the level below it.
        let is_lifted = self.min_stock > 0.0 && base.reorder_point <= self.min_stock;
        let safety = match is_lifted {
            true => 0.0,
            false => base.reorder_point - base.protection_demand_mean - self.presented,
        };
        let wanted = self.presented + self.protected(mean) + safety * self.wider(mean);
        let reorder_point = wanted.max(self.min_stock);
        if self.is_count { reorder_point.round() } else { reorder_point }
    }

    /// S − s of a date whose four weeks have this mean.
    fn gap_at(&self, monthly: f64) -> f64 {
        let gap = self.base.order_up_to_level - self.base.reorder_point;
        let times = if self.monthly > 0.0 { monthly / self.monthly } else { 1.0 };
        let moved = match self.gap {
            Gap::Stays => gap,
            Gap::InProportion => gap * times,
            Gap::ByRoot => gap * times.sqrt(),
        };
        if self.is_count && gap > 0.0 { moved.round().max(1.0) } else { moved }
    }

    /// σ/σ₀ at a mean.
    fn wider(&self, mean: f64) -> f64 {
        let variance = |mean: f64| self.lot * mean + self.unsure * mean * mean;
        match self.mean > 0.0 {
            true => (variance(mean) / variance(self.mean)).sqrt(),
            false => 1.0,
        }
    }

    /// What is left of the demand until the last day on sale.
    fn ending_on(&self, ending: Ending, demand: &[DemandDistribution], day: u32) -> Ending {
        let left = self.end.map_or(0.0, |end| super::mean(demand, day, end.saturating_add(1)));
        let share = if self.until_end > 0.0 { left / self.until_end } else { 0.0 };
        let units = share * ending.demand_units;
        Ending { units, demand_units: units, is_last_order: false, ..ending }
    }
}

/// How S − s of these levels follows the mean.
fn gap(facts: &ItemFacts<'_>, base: &LevelView, mean_per_day: f64) -> Gap {
    let units = base.order_up_to_level - base.reorder_point;
    let multiple = facts.offer.pack_size.max(facts.offer.moq).or_zero();
    match facts.policy {
        Policy::ReorderMultiple if multiple > Fixed::ZERO => Gap::Stays,
        // One unit more is what rounding makes of a cycle.
        _ if units <= facts.order_cycle_days * mean_per_day + 1.0 => Gap::InProportion,
        _ => Gap::ByRoot,
    }
}
