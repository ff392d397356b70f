//! Runs of periods without demand that chance does not explain, and what each is: sold out, off
//! season, or the end of the item.

use super::panel::{Panel, Series};
use crate::domain::calendar::{BucketLength, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::key::Key;

/// Probability of a run of zeros below which it is not chance. Judgement: one false alarm in a
/// thousand histories.
const MAX_PROBABILITY: f64 = 1e-3;
/// Buckets that a history needs before a run of zeros can be judged. Judgement: fewer do not tell
/// how often the item sells.
const MIN_BUCKETS: usize = 8;
/// Days before a run, and after it, over which the item's level is taken. Judgement: eight weeks,
/// long enough to average over and shorter than a season.
const LEVEL_DAYS: f64 = 56.0;
/// Days before these over which the level is what the item usually sells. Judgement: half a year.
const USUAL_DAYS: f64 = 182.0;
/// An item sells well at this share of its level before, or more. Judgement: half is beyond what
/// chance takes off eight weeks of an item whose zeros stand out.
const WELL: f64 = 0.5;
/// A year away an item did not sell where it sold less than this share of its level. Judgement.
const HARDLY: f64 = 0.1;
/// Days of a season cycle before the same time of a year earlier that must be known. Judgement:
/// four weeks, so that the item was on sale by then.
const KNOWN_BEFORE_DAYS: f64 = 28.0;
/// A gap in the middle of a history that is longer is no stock-out, unless the same time of another
/// year sold. Judgement: a quarter, as long as a season.
const MAX_GAP_DAYS: f64 = 91.0;
/// A run that is longer is no stock-out in any case: nobody has bought for half a year. Judgement.
const MAX_STOCKOUT_DAYS: f64 = 182.0;
/// A run at the end of a history that is longer is no stock-out where nothing is on order and
/// nobody waits. Judgement: eight weeks; measured on the online shop, of the items that sold well
/// and then not for longer a quarter sold again within ten weeks.
const MAX_LEFT_DAYS: f64 = 56.0;
/// In a gap the whole place hardly sells where it sells less than this share of the weeks before:
/// it is closed. Judgement.
const CLOSED: f64 = 0.25;

/// A run of buckets without demand that chance does not explain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZeroRun {
    /// First bucket of the run on the panel's calendar.
    pub first_bucket: i32,
    /// Its length in buckets.
    pub buckets: usize,
    /// Where it starts in the item's history, in buckets.
    start: usize,
}

/// What a run of zeros is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cause {
    /// Nothing was left, as the stock record or the waiting customers say.
    StockIsEmpty,
    /// Nothing was left, as demand that went on at the old level says.
    DemandWentOn,
    /// It did not sell at this time of another year either.
    OffSeason,
    /// Nothing is left and nobody buys it anew: it sold less and less, or stopped long ago.
    LeftOut,
    /// It stopped selling, and so many units lie there.
    LiesUnsold(f64),
    /// Nothing says.
    Unknown,
}

/// What is recorded of an item's stock at `as_of`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StockRecord {
    /// Units on hand; `None` without a stock table.
    pub on_hand: Option<f64>,
    /// Whether customers wait for it.
    pub is_waited_for: bool,
    /// Whether it is on order.
    pub is_on_order: bool,
}

impl ZeroRun {
    fn end(&self) -> usize {
        self.start + self.buckets
    }
}

impl Cause {
    /// Whether demand went on unseen.
    #[must_use]
    pub fn is_stockout(self) -> bool {
        matches!(self, Self::StockIsEmpty | Self::DemandWentOn)
    }

    /// The code of its finding, and what it says.
    fn told(self) -> (Code, String) {
        match self {
            Self::StockIsEmpty => (
                Code::SuspectedStockout,
                "it sold well until then and nothing is on hand: it counts as sold out, not as no \
                 demand"
                    .to_owned(),
            ),
            Self::DemandWentOn => (
                Code::SuspectedStockout,
                "demand went on at the old level afterwards: it counts as sold out, not as no \
                 demand"
                    .to_owned(),
            ),
            Self::OffSeason => {
                (Code::OffSeason, "nor did it sell at that time of another year".to_owned())
            }
            Self::LeftOut => (
                Code::MayHaveEnded,
                "nothing is on hand or on order, and it sold less by then or that is over eight \
                 weeks ago: it counts as no demand"
                    .to_owned(),
            ),
            Self::LiesUnsold(units) => {
                (Code::MayHaveEnded, format!("{units} lie there unsold: it counts as no demand"))
            }
            Self::Unknown => (
                Code::SuspectedStockout,
                "nothing says whether it was sold out: it counts as no demand".to_owned(),
            ),
        }
    }
}

/// Names the runs of zeros of all items but those that ended, and marks the buckets of stock-outs
/// as demand that is only known to be at least what was sold.
///
/// `stock` is what is recorded of each item.
pub fn name_zero_runs(
    panel: &mut Panel,
    keys: &[Key],
    ended: &[bool],
    stock: &[StockRecord],
) -> Vec<Finding> {
    let totals = PlaceTotals::of(panel);
    let mut findings = Vec::new();
    for item in (0..panel.len()).filter(|item| !ended[*item]) {
        let judged = Judged { panel, totals: &totals, item, series: panel.series(item) };
        let runs = judged.runs(&stock[item]);
        if runs.iter().any(|(_, cause)| cause.is_stockout()) {
            let buckets = panel.buckets_of(item);
            panel.censored.edit(item, buckets, |censored| {
                for (run, _) in runs.iter().filter(|(_, cause)| cause.is_stockout()) {
                    censored[run.start..run.end()].fill(true);
                }
            });
        }
        for (run, cause) in runs {
            let from = date_of(panel.calendar.start_of(run.first_bucket));
            let (code, why) = cause.told();
            let message = format!(
                "no demand for {} periods from {from}, which chance explains with P < 0.001; {why}",
                run.buckets
            );
            findings.push(Finding::about(code, "orders", &keys[item], message));
        }
    }
    findings
}

/// One item's history, and what is beside it.
struct Judged<'a> {
    panel: &'a Panel,
    totals: &'a PlaceTotals,
    item: usize,
    series: Series<'a>,
}

impl Judged<'_> {
    /// Its runs with what each is; of those that nothing explains the longest alone is told.
    fn runs(&self, stock: &StockRecord) -> Vec<(ZeroRun, Cause)> {
        let named: Vec<(ZeroRun, Cause)> = unlikely_zero_runs(&self.series)
            .into_iter()
            .map(|run| (run, self.cause(&run, stock)))
            .collect();
        let longest = named.iter().map(|(run, _)| run.buckets).max();
        let is_told = |(run, cause): &(ZeroRun, Cause)| {
            *cause != Cause::Unknown || Some(run.buckets) == longest
        };
        named.into_iter().filter(is_told).collect()
    }

    fn cause(&self, run: &ZeroRun, stock: &StockRecord) -> Cause {
        if self.is_off_season(run) {
            return Cause::OffSeason;
        }
        if run.end() < self.series.demand.len() {
            return match self.resumes(run) {
                true => Cause::DemandWentOn,
                false => Cause::Unknown,
            };
        }

        let days = run.buckets as f64 * self.bucket_days();
        let longest = if stock.is_on_order { MAX_STOCKOUT_DAYS } else { MAX_LEFT_DAYS };
        match stock.on_hand {
            _ if stock.is_waited_for => Cause::StockIsEmpty,
            None => Cause::Unknown,
            Some(units) if units > 0.0 => Cause::LiesUnsold(units),
            Some(_) if days <= longest && self.sold_well_before(run) => Cause::StockIsEmpty,
            Some(_) => Cause::LeftOut,
        }
    }

    /// Whether the item sold well before a gap and after it, at a time at which others sold, and
    /// the gap is no season.
    fn resumes(&self, run: &ZeroRun) -> bool {
        let days = run.buckets as f64 * self.bucket_days();
        let sells_in_other_years = self.sold_a_year_away(run).is_some();
        let longest = if sells_in_other_years { MAX_STOCKOUT_DAYS } else { MAX_GAP_DAYS };
        let after = self.rate(run.end(), run.end() + self.buckets(LEVEL_DAYS));
        let before = self.rate_before(run);
        days <= longest
            && self.sold_well_before(run)
            && after.is_some_and(|after| after >= WELL * before)
            && self.totals.is_open(self.panel, self.item, run)
    }

    /// Whether the level just before a run is that of the time before, and above 0.
    fn sold_well_before(&self, run: &ZeroRun) -> bool {
        let until = run.start.saturating_sub(self.buckets(LEVEL_DAYS));
        let usual = self.rate(until.saturating_sub(self.buckets(USUAL_DAYS)), until);
        let level = self.rate_before(run);
        level > 0.0 && usual.is_none_or(|usual| level >= WELL * usual)
    }

    fn rate_before(&self, run: &ZeroRun) -> f64 {
        let from = run.start.saturating_sub(self.buckets(LEVEL_DAYS));
        self.rate(from, run.start).unwrap_or(0.0)
    }

    /// Whether it hardly sold a year earlier, or a year later, at the time of a run.
    fn is_off_season(&self, run: &ZeroRun) -> bool {
        let level = self.rate_before(run);
        self.sold_a_year_away(run).is_some_and(|sold| sold < HARDLY * level)
    }

    /// The least rate at the time of a run a year earlier and a year later; `None` where neither is
    /// known.
    fn sold_a_year_away(&self, run: &ZeroRun) -> Option<f64> {
        let year = match self.panel.calendar.length {
            BucketLength::Day => 364,
            BucketLength::Week => 52,
            BucketLength::Month => 12,
        };
        if run.buckets >= year {
            return None;
        }

        let known_from = self.buckets(KNOWN_BEFORE_DAYS);
        let earlier = run.start.checked_sub(year).filter(|start| *start >= known_from);
        let earlier = earlier.and_then(|start| self.rate(start, start + run.buckets));
        let later = (run.end() + year < self.series.demand.len())
            .then(|| self.rate(run.start + year, run.end() + year))
            .flatten();
        match (earlier, later) {
            (Some(earlier), Some(later)) => Some(earlier.min(later)),
            (earlier, later) => earlier.or(later),
        }
    }

    /// Demand of a bucket between two of them, in units; `None` where there are none.
    fn rate(&self, from: usize, to: usize) -> Option<f64> {
        let to = to.min(self.series.demand.len());
        if from >= to {
            return None;
        }
        let exposure: f64 =
            self.series.exposure[from..to].iter().map(|share| f64::from(*share)).sum();
        (exposure > 0.0).then(|| self.series.demand[from..to].iter().sum::<f64>() / exposure)
    }

    fn buckets(&self, days: f64) -> usize {
        ((days / self.bucket_days()).round() as usize).max(1)
    }

    fn bucket_days(&self) -> f64 {
        self.panel.calendar.mean_days()
    }
}

/// Demand of all items of each location by bucket, in thousandths of a unit: whole numbers add up
/// to the same in any order.
struct PlaceTotals {
    first_bucket: i32,
    by_location: Vec<Vec<i64>>,
}

impl PlaceTotals {
    fn of(panel: &Panel) -> Self {
        let longest = panel.longest();
        let locations = panel.location.iter().max().map_or(0, |last| *last as usize + 1);
        let mut by_location = vec![vec![0_i64; longest]; locations];
        for item in 0..panel.len() {
            let demand = panel.series(item).demand;
            let totals = &mut by_location[panel.location[item] as usize][longest - demand.len()..];
            for (total, units) in totals.iter_mut().zip(demand) {
                *total = total.saturating_add((units.min(1e9) * 1e3) as i64);
            }
        }
        Self { first_bucket: panel.first_bucket(), by_location }
    }

    /// Whether the item's location sold in a gap about as it did just before.
    fn is_open(&self, panel: &Panel, item: usize, run: &ZeroRun) -> bool {
        let totals = &self.by_location[panel.location[item] as usize];
        let from = usize::try_from(run.first_bucket - self.first_bucket).unwrap_or(0);
        let before = &totals[from.saturating_sub(run.buckets)..from];
        let during = &totals[from..(from + run.buckets).min(totals.len())];
        let mean = |totals: &[i64]| {
            totals.iter().map(|units| *units as f64).sum::<f64>() / totals.len().max(1) as f64
        };
        mean(during) >= CLOSED * mean(before)
    }
}

/// The runs of zeros of two buckets and more whose probability is below 0.001.
///
/// With `zeros` of the `n` buckets outside a run empty, a bucket is empty with probability
/// p = (zeros + 1)/(n + 2) (Laplace's rule of succession). A run of k buckets can start before each
/// of the n buckets or after the last, so P ≈ (n + 1)·pᵏ; a bucket that is covered in part counts
/// as that part.
#[must_use]
pub fn unlikely_zero_runs(series: &Series<'_>) -> Vec<ZeroRun> {
    let demand = series.demand;
    let zeros = demand.iter().filter(|units| **units <= 0.0).count();
    if demand.len() < MIN_BUCKETS || zeros == demand.len() {
        return Vec::new();
    }

    let is_unlikely = |run: &ZeroRun| {
        let outside = (demand.len() - run.buckets) as f64;
        let empty = ((zeros - run.buckets) as f64 + 1.0) / (outside + 2.0);
        let covered: f64 =
            series.exposure[run.start..run.end()].iter().map(|share| f64::from(*share)).sum();
        (outside + 1.0) * libm::pow(empty, covered) < MAX_PROBABILITY
    };
    zero_runs(series).into_iter().filter(|run| run.buckets >= 2).filter(is_unlikely).collect()
}

/// Every run of zeros outside buckets that are known to be censored.
fn zero_runs(series: &Series<'_>) -> Vec<ZeroRun> {
    let is_zero = |at: usize| series.demand[at] <= 0.0 && !series.censored[at];
    let (mut runs, mut start) = (Vec::new(), None);
    for at in 0..=series.demand.len() {
        let goes_on = at < series.demand.len() && is_zero(at);
        match (start, goes_on) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let first_bucket = series.first_bucket + from as i32;
                runs.push(ZeroRun { first_bucket, buckets: at - from, start: from });
                start = None;
            }
            _ => {}
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(demand: &[f64]) -> Vec<(i32, usize)> {
        let (exposure, censored) = (vec![1.0; demand.len()], vec![false; demand.len()]);
        let series = Series {
            demand,
            exposure: &exposure,
            censored: &censored,
            first_bucket: 10,
            is_count: true,
        };
        unlikely_zero_runs(&series).iter().map(|run| (run.first_bucket, run.buckets)).collect()
    }

    #[test]
    fn a_long_gap_in_a_steady_seller_is_no_chance() {
        let mut demand = vec![3.0; 60];
        demand[20..26].fill(0.0);
        demand[40..47].fill(0.0);
        assert_eq!(runs(&demand), [(30, 6), (50, 7)]);
    }

    #[test]
    fn gaps_of_a_slow_mover_are_chance() {
        let demand: Vec<f64> = (0..60).map(|bucket| f64::from(u8::from(bucket % 6 == 0))).collect();
        assert_eq!(runs(&demand), []);
        assert_eq!(runs(&[0.0; 60]), []);
        assert_eq!(runs(&[]), []);
    }
}
