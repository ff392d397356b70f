//! Demand of groups of items over time: a product across locations, a location across products, a
//! category.
//!
//! A member counts with its demand over the root of its mean. A mean of its whole history would let
//! an earlier origin see what came after it: the models across items would look better there than
//! they are, and the blend and the calibration would trust them too far. So the mean is of the
//! buckets up to the one that is counted. Forecasts are as good as before: on the histories that
//! [`crate::forecast::item`] states, with the year's shape in the forecast alone, the quantile loss
//! is 0.1857 (0.1856 with whole means), the WAPE of the median 22.9 % (22.9), and 95.7 % of three
//! weeks' totals lie within the 0.95 quantile (95.6).

use crate::demand::origin::{ItemView, Origin};
use crate::forecast::level::history::sane;

/// Group series longer than this in all (buckets × groups) are not kept: the features say "as
/// usual" instead. Judgement: 240 MB of sums.
const MAX_CELLS: usize = 60_000_000;

/// Demand of every product, location and category, in running sums over the buckets.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Groups {
    /// Number of the oldest bucket on the panel's calendar.
    first_bucket: i32,
    buckets: usize,
    sums: [Vec<f32>; 3],
}

/// One group's running sums up to an item's origin, with where the item's history begins on them.
#[derive(Debug, Clone, Copy, Default)]
pub struct GroupSeries<'a> {
    sums: &'a [f32],
    first: usize,
}

impl Groups {
    /// Sums what is known at an origin. Each item counts relative to its own mean, so that a group
    /// moves as its members do and not as its largest one. That mean is of the buckets up to the
    /// one that is counted, so that the sums at an earlier origin are what they were then.
    #[must_use]
    pub fn learn(origin: &Origin<'_>) -> Self {
        let buckets = origin.longest();
        let first_bucket = origin.first_bucket();
        let mut out = Self { first_bucket, buckets, sums: [Vec::new(), Vec::new(), Vec::new()] };

        let length = buckets + 1;
        let cells_of = |groups: usize| {
            // A group of one item says nothing that the item does not.
            let is_told_apart = groups * 2 <= origin.len();
            let cells = groups.saturating_mul(length);
            vec![0.0; if is_told_apart && cells <= MAX_CELLS { cells } else { 0 }]
        };
        let mut cells = [origin.products(), origin.locations(), origin.categories()].map(cells_of);
        let is_any = cells.iter().any(|cells| !cells.is_empty());
        let mut relative = Vec::new();
        for item in origin.items().filter(|_| is_any) {
            put_relative(item.series.demand, &mut relative);
            let first = usize::try_from(item.series.first_bucket - first_bucket).unwrap_or(0);
            for (cells, group) in cells.iter_mut().zip(groups_of(&item)) {
                let from = group * length + first + 1;
                let own = cells.get_mut(from..).unwrap_or_default();
                own.iter_mut().zip(&relative).for_each(|(cell, units)| *cell += units);
            }
        }
        out.sums = cells.map(|cells| running_sums(&cells, length));
        out
    }

    /// The series of an item's product, location and category, up to the item's origin.
    #[must_use]
    pub fn of(&self, item: &ItemView<'_>) -> [GroupSeries<'_>; 3] {
        let first = usize::try_from(item.series.first_bucket - self.first_bucket).unwrap_or(0);
        let end = first + item.series.demand.len();

        let groups = groups_of(item);
        std::array::from_fn(|kind| {
            let start = groups[kind] * (self.buckets + 1);
            let sums = self.sums[kind].get(start..=start + end.min(self.buckets)).unwrap_or(&[]);
            GroupSeries { sums, first }
        })
    }
}

/// The numbers of an item's product, location and category.
fn groups_of(item: &ItemView<'_>) -> [usize; 3] {
    [item.product, item.location, item.category].map(|group| group as usize)
}

/// Running sums of groups, each of so many cells.
fn running_sums(cells: &[f64], length: usize) -> Vec<f32> {
    let mut sums = Vec::with_capacity(cells.len());
    for group in cells.chunks(length) {
        let mut sum = 0.0;
        for cell in group {
            sum += cell;
            sums.push(sum as f32);
        }
    }
    sums
}

/// An item's demand, each bucket over the root of the item's mean up to it; 0 before any.
fn put_relative(demand: &[f64], relative: &mut Vec<f64>) {
    relative.clear();
    let mut known = 0.0;
    for (step, units) in demand.iter().enumerate() {
        let units = sane(*units);
        known += units;
        let mean = known / (step + 1) as f64;
        relative.push(if mean > 0.0 { units / mean.sqrt() } else { 0.0 });
    }
}

impl GroupSeries<'_> {
    /// Mean demand of the group's buckets `from..to`, in the units of its members' own means;
    /// `None` if there are none or one of them is not known.
    #[must_use]
    pub(in crate::forecast) fn mean(&self, from: usize, to: usize) -> Option<f64> {
        let (a, b) = (self.sums.get(from)?, self.sums.get(to)?);
        (to > from).then(|| f64::from(b - a) / (to - from) as f64)
    }

    /// Where the item's history begins on the group's.
    pub(in crate::forecast) fn first(&self) -> usize {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::panel::Panel;
    use crate::demand::positions::Positions;
    use crate::domain::calendar::BucketLength;
    use crate::forecast::tests::{panel, sell_more_in_last};
    use crate::stats::random;

    const BUCKETS_BACK: usize = 12;

    /// Thirty products at two locations, a third of them young.
    fn shop() -> Panel {
        let weeks = |item: u64| if item.is_multiple_of(3) { 25 } else { 60 };
        let demand = |item: u64, week: u64| (20.0 * random::unit(item, week)).floor();
        let histories: Vec<Vec<f64>> =
            (0..60).map(|i| (0..weeks(i)).map(|week| demand(i, week)).collect()).collect();

        let mut panel = panel(BucketLength::Week, &histories);
        panel.product = (0..60).map(|item| item % 30).collect();
        panel.location = (0..60).map(|item| item / 30).collect();
        panel
    }

    #[test]
    fn what_comes_after_an_origin_changes_no_series_at_it() {
        let before = shop();
        let mut after = before.clone();
        sell_more_in_last(&mut after, BUCKETS_BACK);
        let positions = Positions::new(&before, 0);
        let earlier = |panel| Origin::latest(panel, &positions).back(BUCKETS_BACK);
        let groups = |panel| Groups::learn(&Origin::latest(panel, &positions));
        let (first, second) = (groups(&before), groups(&after));

        for index in 0..before.len() {
            let one = first.of(&earlier(&before).item(index));
            let other = second.of(&earlier(&after).item(index));
            assert!(one.iter().all(|series| !series.sums.is_empty()));
            for (one, other) in one.iter().zip(other) {
                assert_eq!(one.sums, other.sums, "item {index}");
            }
        }
    }

    #[test]
    fn a_series_ends_at_its_origin() {
        let panel = shop();
        let positions = Positions::new(&panel, 0);
        let latest = Origin::latest(&panel, &positions);
        let groups = Groups::learn(&latest);
        let item = latest.back(BUCKETS_BACK).item(1);

        let [of_product, ..] = groups.of(&item);
        let end = 60 - BUCKETS_BACK;
        assert!(of_product.mean(end - 4, end).is_some());
        assert_eq!(of_product.mean(end - 4, end + 1), None);
    }
}
