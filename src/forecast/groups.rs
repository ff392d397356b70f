//! Demand of groups of items over time: a product across locations, a location across products, a
//! category.

use super::history::sane;
use crate::demand::origin::{ItemView, Origin};

/// Group series longer than this in all (buckets × groups) are not kept: the features say "as
/// usual" instead. Judgement: 240 MB of sums.
const MAX_CELLS: usize = 60_000_000;

/// Demand of every product, location and category, in running sums over the buckets.
#[derive(Debug, Clone, Default)]
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
    /// moves as its members do and not as its largest one.
    #[must_use]
    pub fn learn(origin: &Origin<'_>) -> Self {
        let buckets = origin.longest();
        let first_bucket = origin.end_bucket() - buckets as i32;
        let mut out = Self { first_bucket, buckets, sums: [Vec::new(), Vec::new(), Vec::new()] };

        let counts = [origin.products(), origin.locations(), origin.categories()];
        for (kind, groups) in counts.into_iter().enumerate() {
            // A group of one item says nothing that the item does not.
            let is_told_apart = groups * 2 <= origin.len();
            if is_told_apart && groups.saturating_mul(buckets + 1) <= MAX_CELLS {
                out.sums[kind] = out.sums_of(origin, kind, groups);
            }
        }
        out
    }

    /// The series of an item's product, location and category, up to the item's origin.
    #[must_use]
    pub fn of(&self, item: &ItemView<'_>) -> [GroupSeries<'_>; 3] {
        let first = usize::try_from(item.series.first_bucket - self.first_bucket).unwrap_or(0);
        let end = first + item.series.demand.len();

        let members = [item.product, item.location, item.category];
        std::array::from_fn(|kind| {
            let start = members[kind] as usize * (self.buckets + 1);
            let sums = self.sums[kind].get(start..=start + end.min(self.buckets)).unwrap_or(&[]);
            GroupSeries { sums, first }
        })
    }

    /// Running sums of the groups of one kind, each `buckets + 1` long.
    fn sums_of(&self, origin: &Origin<'_>, kind: usize, groups: usize) -> Vec<f32> {
        let length = self.buckets + 1;
        let mut cells = vec![0.0f64; groups * length];
        for item in origin.items() {
            let demand = item.series.demand;
            let mean = demand.iter().map(|y| sane(*y)).sum::<f64>() / demand.len().max(1) as f64;
            if mean <= 0.0 {
                continue;
            }

            let weight = mean.sqrt() / mean;
            let group = [item.product, item.location, item.category][kind] as usize;
            let first = usize::try_from(item.series.first_bucket - self.first_bucket).unwrap_or(0);
            let start = group * length + first + 1;
            for (cell, units) in cells[start..].iter_mut().zip(demand) {
                *cell += sane(*units) * weight;
            }
        }

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
}

impl GroupSeries<'_> {
    /// Mean demand of the group's buckets `from..to`, in the units of its members' own means; `None`
    /// if there are none or one of them is not known.
    #[must_use]
    pub(super) fn mean(&self, from: usize, to: usize) -> Option<f64> {
        let (a, b) = (self.sums.get(from)?, self.sums.get(to)?);
        (to > from).then(|| f64::from(b - a) / (to - from) as f64)
    }

    /// Where the item's history begins on the group's.
    pub(super) fn first(&self) -> usize {
        self.first
    }
}
