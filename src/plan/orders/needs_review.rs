//! Orders that a person should look at before they go out: the figures hold, and the past speaks
//! against them.
//!
//! Nothing is changed but the line's state. A quantile of a distribution may lie beyond anything
//! that ever happened; an item may have ended without anybody saying so; a season may be over
//! before the goods arrive.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::demand::histories::Histories;
use crate::demand::panel::Series;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::tables::Doubt;

use crate::plan::PlannedItem;

use super::{LineState, OrderBook, OrderFinding, Recipient};

/// Days of history up to which an item is young: it may not have sold yet, and has no last year.
/// Judgement: half a year.
const KNOWN_DAYS: f64 = 180.0;
/// Usual gaps between sales after which an item counts as quiet. Judgement: of a Poisson process
/// one gap in 55 is longer (exp(−4)).
const QUIET_GAPS: f64 = 4.0;
/// Days without a sale that an item needs to be called quiet. Judgement: eight weeks.
const QUIET_DAYS: f64 = 56.0;
/// Days of history from which on what was sold says what may be. Judgement: two weeks.
const LEAST_DAYS: f64 = 14.0;
/// Flag an order if the position exceeds this many times the best sales over the days it must
/// cover. Measured on the online shop: at once the best every fifth to second order is flagged, at
/// twice every fiftieth to seventh.
const EXPERIENCE: f64 = 2.0;
/// Days after the arrival that last year is asked about. Judgement: four weeks.
const SEASON_DAYS: f64 = 28.0;
/// A season is over where last year sold less than this share of what the order counts on.
/// Judgement: a quarter is beyond what chance takes off four weeks' demand of ten units and more.
const SEASON_SHARE: f64 = 0.25;
/// Units below which a season is not told. Judgement, see [`SEASON_SHARE`].
const SEASON_UNITS: f64 = 10.0;

/// Marks the suggested lines that should be looked at, and says why. `items` are sorted by key.
pub fn mark_needs_review(book: &mut OrderBook, items: &[PlannedItem<'_>], histories: &Histories) {
    let suggested = book.lines.par_iter_mut().filter(|line| line.state == LineState::Suggested);
    let found: Vec<OrderFinding> = suggested
        .filter_map(|line| {
            let found = items.binary_search_by(|item| {
                let key = item.key();
                (&*key.sku, &*key.location).cmp(&(&*line.sku, &*line.location))
            });
            let item = items.get(found.ok()?)?;
            let (code, message) = doubt(item, line.quantity, histories)?;

            line.state = LineState::NeedsReview;
            Some(OrderFinding {
                recipient: Some(Recipient::of(item)),
                finding: Finding::about(code, "orders", item.key(), message),
            })
        })
        .collect();
    book.findings.extend(found);
}

/// Marks the suggested lines whose inputs could not be read in all that bears on them; the findings
/// about these rows say what.
pub fn mark_doubtful_inputs(book: &mut OrderBook, doubts: &BTreeSet<Doubt>) {
    for line in book.lines.iter_mut().filter(|line| line.state == LineState::Suggested) {
        let (sku, location) = (Some(line.sku.clone()), Some(line.location.clone()));
        let supplier = Some(line.supplier.clone());
        let none = Doubt::default();
        let may_be_meant = [
            Doubt { sku: sku.clone(), ..none.clone() },
            Doubt { sku: sku.clone(), location, ..none.clone() },
            Doubt { sku, supplier: supplier.clone(), ..none.clone() },
            Doubt { supplier, ..none },
        ];
        if may_be_meant.iter().any(|doubt| doubts.contains(doubt)) {
            line.state = LineState::NeedsReview;
        }
    }
}

/// Why an order should be looked at, if it should.
fn doubt(item: &PlannedItem<'_>, quantity: Fixed, histories: &Histories) -> Option<(Code, String)> {
    let (levels, stock) = (&item.row.levels, item.row.stock?);
    let history = histories.history(item.facts.index);
    let series = history.series();
    let bucket_days = histories.calendar.mean_days();
    let known_days = series.demand.len() as f64 * bucket_days;
    // Where all of a shop is young, nothing is known to be beyond its experience.
    let is_young = known_days < KNOWN_DAYS;
    if known_days < LEAST_DAYS || (is_young && item.facts.young.is_none()) {
        return None;
    }

    let position = stock.inventory_position.to_f64() + quantity.to_f64();
    // What lies above the reorder point is there to last until the next order.
    let cycle_days = (position - levels.reorder_point) / levels.mean_daily_demand.max(1e-9);
    let min_cycle_days = f64::from(levels.review_period_days).max(7.0);
    let days = levels.protection_days + cycle_days.clamp(min_cycle_days, 3_650.0);
    let best = best_ever(series.demand, (days / bucket_days).ceil() as usize);
    // Days that are not known yet may sell as those that are.
    let is_longer = days > known_days;
    let best = if is_longer { (best * days / known_days).ceil() } else { best };
    let told = Fixed::clamped(best);
    let experience = || match is_longer {
        true => format!("{told} would sell as it did in its {known_days:.0} days"),
        false => format!("never more than {told} were sold"),
    };
    let cover = |sold: f64| covering(item, sold - stock.inventory_position.to_f64());

    if let Some(quiet_days) = quiet_days(&series, bucket_days) {
        let message = format!(
            "{quantity} are ordered, and nothing was sold for {quiet_days:.0} days: if that goes \
             on, none is needed; in {days:.0} days {}, for which {}",
            experience(),
            cover(best),
        );
        return Some((Code::GoneQuiet, message));
    }

    // Of a young item that has not sold yet this says nothing.
    if position > EXPERIENCE * best && !(is_young && best <= 0.0) {
        let message = format!(
            "with {quantity} more there would be {position} for about {days:.0} days, in which \
             {}, for which {}",
            experience(),
            cover(best)
        );
        return Some((Code::BeyondExperience, message));
    }
    if is_young {
        return None;
    }

    let year = LastYear::of(&series, levels.lead_time_mean_days, bucket_days)?;
    let expected = levels.mean_daily_demand * SEASON_DAYS * year.growth;
    let until_then = levels.mean_daily_demand * levels.lead_time_mean_days;
    let as_last_year = until_then + year.sold / year.growth;
    (expected >= SEASON_UNITS && year.sold < SEASON_SHARE * expected).then(|| {
        let message = format!(
            "last year {:.0} were sold in the four weeks after the day on which {quantity} would \
             arrive; the order counts on {expected:.0} at last year's level; if it goes as last \
             year {as_last_year:.0} sell until four weeks after it, for which {}",
            year.sold,
            cover(as_last_year),
        );
        (Code::SeasonOver, message)
    })
}

/// What an order of so many units would be, in words: in whole packs and at least the least order.
fn covering(item: &PlannedItem<'_>, units: f64) -> String {
    let units = Fixed::clamped(units.max(0.0).ceil());
    if units <= Fixed::ZERO {
        return "nothing more is needed".to_owned();
    }

    let least = item.facts.min_order();
    format!("{} would do", units.up_to_multiple(item.facts.pack_units()).max(least))
}

/// Days since the last sale, where that is long for the item.
fn quiet_days(series: &Series<'_>, bucket_days: f64) -> Option<f64> {
    let sales = series.demand.iter().filter(|units| **units > 0.0).count();
    let last = series.demand.iter().rposition(|units| *units > 0.0)?;
    let silent = series.demand.len() - 1 - last;
    if series.censored[last + 1..].iter().any(|censored| *censored) {
        return None;
    }
    let gap = (last + 1) as f64 / sales as f64;
    let is_quiet = silent as f64 >= QUIET_GAPS * gap && silent as f64 * bucket_days >= QUIET_DAYS;
    is_quiet.then_some(silent as f64 * bucket_days)
}

/// The most that was ever sold in so many buckets on end.
fn best_ever(demand: &[f64], buckets: usize) -> f64 {
    let sum = |window: &[f64]| window.iter().sum::<f64>();
    demand.windows(buckets.clamp(1, demand.len().max(1))).map(sum).fold(0.0, f64::max)
}

/// What last year says of the weeks after an arrival.
struct LastYear {
    /// Units sold in the [`SEASON_DAYS`] after the arrival, a year ago.
    sold: f64,
    /// Level of a year ago over the level of now.
    growth: f64,
}

impl LastYear {
    /// `None` if the history does not reach a year and four weeks back, where the item was not sold
    /// then, or where the four weeks after the arrival a year ago are not all in the past.
    fn of(series: &Series<'_>, lead_time_days: f64, bucket_days: f64) -> Option<Self> {
        let buckets = |days: f64| (days / bucket_days).round() as usize;
        let n = series.demand.len();
        let reference = buckets(SEASON_DAYS).max(1);
        let now = n.checked_sub(buckets(364.0)).filter(|now| *now >= reference.min(2))?;
        let reference = reference.min(now);
        let sum =
            |from: usize, to: usize| series.demand[from.min(n)..to.min(n)].iter().sum::<f64>();
        let (then, recent) = (sum(now - reference, now), sum(n - reference, n));
        // Only an item that sold a year ago, as it does now, had its season then.
        let growth = then / recent;
        if !(growth > 0.1 && growth < 10.0) {
            return None;
        }
        let arrival = now + buckets(lead_time_days);
        let until = arrival + reference.max(buckets(SEASON_DAYS)).max(1);
        (until <= n).then(|| Self { sold: sum(arrival, until), growth })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series<'a>(demand: &'a [f64], censored: &'a [bool]) -> Series<'a> {
        Series { demand, exposure: &[], censored, first_bucket: 0, is_count: true }
    }

    #[test]
    fn an_item_that_stopped_selling_is_quiet_and_a_slow_one_is_not() {
        let mut demand = vec![2.0; 40];
        demand.extend([0.0; 10]);
        assert_eq!(quiet_days(&series(&demand, &[false; 50]), 7.0), Some(70.0));
        assert_eq!(quiet_days(&series(&demand, &[true; 50]), 7.0), None, "sold out is not quiet");
        let slow: Vec<f64> = (0..50).map(|week| f64::from(u8::from(week % 13 == 0))).collect();
        assert_eq!(quiet_days(&series(&slow, &[false; 50]), 7.0), None);
        assert_eq!(quiet_days(&series(&[0.0; 50], &[false; 50]), 7.0), None);
    }

    #[test]
    fn the_best_ever_sold_is_of_any_stretch() {
        assert_eq!(best_ever(&[1.0, 5.0, 4.0, 0.0], 2), 9.0);
        assert_eq!(best_ever(&[1.0, 5.0], 10), 6.0);
        assert_eq!(best_ever(&[], 3), 0.0);
    }

    #[test]
    fn last_year_is_asked_about_the_weeks_after_the_arrival() {
        // Weeks: a year ago the season ran out two weeks after this date.
        let mut demand = vec![0.0; 60];
        demand[4..10].fill(50.0);
        demand[56..].fill(100.0);
        let censored = [false; 60];
        let year = LastYear::of(&series(&demand, &censored), 14.0, 7.0).unwrap();
        assert_eq!((year.sold, year.growth), (0.0, 0.5));
        let year = LastYear::of(&series(&demand, &censored), 0.0, 7.0).unwrap();
        assert_eq!(year.sold, 100.0);
        assert!(
            LastYear::of(&series(&demand[8..], &censored[8..]), 14.0, 7.0).is_none(),
            "only a year is known"
        );
        assert!(LastYear::of(&series(&demand, &censored), 335.0, 7.0).is_some());
        assert!(
            LastYear::of(&series(&demand, &censored), 343.0, 7.0).is_none(),
            "the weeks after the arrival are still to come"
        );
    }
}
