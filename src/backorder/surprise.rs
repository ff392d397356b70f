//! Demand that the item's own forecast did not foresee.

use std::collections::BTreeMap;

use crate::demand::histories::Histories;
use crate::demand::panel::Panel;
use crate::domain::calendar::Day;
use crate::forecast::demand_distribution::DemandDistribution;
use crate::forecast::{AcrossItems, ForecastSettings, forecast_earlier};
use crate::inventory::protection::DemandTotals;

/// Days over which demand that exceeds its forecast is a surge. Judgement: two weeks; one week is
/// a customer.
const SURGE_DAYS: f64 = 14.0;
/// Days over which it is a shift. Judgement: eight weeks, as the merchant reviews them.
const SHIFT_DAYS: f64 = 56.0;
/// Level of the former forecast that demand must exceed: once in twenty it does by chance.
const BAND_LEVEL: f64 = 0.95;
/// Level that the earlier part of a shift must exceed, so that the last days alone do not make one.
const EARLIER_LEVEL: f64 = 0.75;

/// Items whose histories are open at a time. Judgement: a hundredth of the memory of a million.
const OPENED_AT_ONCE: usize = 10_000;

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurpriseKind {
    /// The last two weeks alone.
    Surge,
    /// The last eight weeks.
    Shift,
}

/// Demand that lay beyond its former forecast.
#[derive(Debug, Clone)]
pub struct Surprise {
    /// Which kind it is.
    pub kind: SurpriseKind,
    /// The day on which that forecast stood.
    pub since: Day,
    /// Units demanded from then to the end of the last whole bucket.
    pub units: f64,
    /// Units that were forecast for that time.
    pub expected: f64,
    /// The level of that forecast that is exceeded once in twenty.
    pub highest: f64,
    /// The former forecast.
    former: DemandDistribution,
    /// Days from its origin to `as_of`.
    days: u32,
}

impl Surprise {
    /// Units that were demanded beyond what was forecast.
    #[must_use]
    pub fn excess_units(&self) -> f64 {
        (self.units - self.expected).max(0.0)
    }

    /// What the former forecast said of the days from `as_of` on.
    #[must_use]
    pub fn foreseen(&self) -> Foreseen<'_> {
        Foreseen { former: &self.former, days: self.days }
    }
}

/// A former forecast, read from `as_of` on.
#[derive(Debug, Clone, Copy)]
pub struct Foreseen<'a> {
    former: &'a DemandDistribution,
    days: u32,
}

impl DemandTotals for Foreseen<'_> {
    fn is_count(&self) -> bool {
        DemandTotals::is_count(self.former)
    }

    fn moments(&self, from_day: u32, to_day: u32) -> (f64, f64) {
        self.former.moments(self.days + from_day, self.days + to_day)
    }

    fn cdf(&self, from_day: u32, to_day: u32, units: f64) -> f64 {
        DemandTotals::cdf(self.former, self.days + from_day, self.days + to_day, units)
    }

    fn fill_cdf(&self, (from, to): (u32, u32), step: f64, out: &mut [f64]) {
        DemandTotals::fill_cdf(self.former, (self.days + from, self.days + to), step, out);
    }
}

/// The surprises among these items, by their index.
#[must_use]
pub fn surprises(
    histories: &Histories,
    across: AcrossItems<'_>,
    settings: &ForecastSettings,
    items: &[usize],
) -> BTreeMap<usize, Surprise> {
    items
        .chunks(OPENED_AT_ONCE)
        .flat_map(|items| surprises_of(&histories.open_only(items), across, settings, items))
        .collect()
}

/// The same of a panel that has the histories of these.
fn surprises_of(
    panel: &Panel,
    across: AcrossItems<'_>,
    settings: &ForecastSettings,
    items: &[usize],
) -> BTreeMap<usize, Surprise> {
    let buckets = |days: f64| (days / panel.calendar.mean_days()).round().max(1.0) as usize;
    let surge_buckets = buckets(SURGE_DAYS);
    let shift_buckets = buckets(SHIFT_DAYS).max(surge_buckets + 1);

    let mut found = BTreeMap::new();
    for (kind, number) in
        [(SurpriseKind::Surge, surge_buckets), (SurpriseKind::Shift, shift_buckets)]
    {
        let forecasts = forecast_earlier(panel, across, settings, items, number);
        let stretch = Stretch::of(panel, number);
        for &item in items {
            let recent = stretch.recent(panel, item);
            let Some(recent) = recent else { continue };

            let former = forecasts.distribution_with(item, &[]);
            let earlier = stretch.days_of(panel, number - surge_buckets);
            let earlier_units: f64 = recent[..number - surge_buckets].iter().sum();
            let is_early = kind == SurpriseKind::Surge
                || earlier_units > former.total(0, earlier).quantile(EARLIER_LEVEL);
            let surprise = stretch.surprise(kind, recent, former);
            if is_early && surprise.units > surprise.highest {
                found.insert(item, surprise);
            }
        }
    }

    found
}

/// The last whole buckets.
struct Stretch {
    /// Number of the first of them.
    first_bucket: i32,
    /// Its first day.
    since: Day,
    /// Days of all of them.
    whole_days: u32,
    /// Days from its first day to `as_of`.
    days: u32,
    /// Whether the histories end with a bucket that has only begun.
    is_inside_bucket: bool,
    buckets: usize,
}

impl Stretch {
    fn of(panel: &Panel, buckets: usize) -> Self {
        let is_inside_bucket = panel.as_of_is_inside_bucket();
        let end = panel.last_bucket() + 1 - i32::from(is_inside_bucket);
        let first_bucket = end - buckets as i32;
        let since = panel.calendar.start_of(first_bucket);
        Self {
            first_bucket,
            since,
            whole_days: (panel.calendar.start_of(end) - since).unsigned_abs(),
            days: (panel.as_of - since).unsigned_abs(),
            is_inside_bucket,
            buckets,
        }
    }

    /// Demand of the buckets; `None` for an item with hardly more history.
    fn recent<'a>(&self, panel: &'a Panel, item: usize) -> Option<&'a [f64]> {
        let demand = panel.series(item).demand;
        let end = demand.len().checked_sub(usize::from(self.is_inside_bucket))?;
        let from = end.checked_sub(self.buckets)?;
        // A forecast from less than it is compared with says nothing.
        (from >= self.buckets).then(|| &demand[from..end])
    }

    /// Days of the first so many buckets.
    fn days_of(&self, panel: &Panel, buckets: usize) -> u32 {
        let end = panel.calendar.start_of(self.first_bucket + buckets as i32);
        (end - self.since).unsigned_abs()
    }

    fn surprise(&self, kind: SurpriseKind, recent: &[f64], former: DemandDistribution) -> Surprise {
        let total = former.total(0, self.whole_days);
        Surprise {
            kind,
            since: self.since,
            units: recent.iter().sum(),
            expected: total.mean(),
            highest: total.quantile(BAND_LEVEL),
            former,
            days: self.days,
        }
    }
}
