//! Demand of groups of items over time: a product across locations, a location across products, a
//! category.

use crate::demand::panel::Panel;

use super::features::FeatureSpans;
use super::history::sane;

/// Group series longer than this in all (buckets × groups) are not kept: the features say "as
/// usual" instead.
const MAX_CELLS: usize = 60_000_000;

/// Demand of every product, location and category, in running sums over the panel's buckets.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    buckets: usize,
    sums: [Vec<f32>; 3],
}

/// One group's running sums, with where an item's history begins on them.
#[derive(Debug, Clone, Copy, Default)]
pub struct GroupSeries<'a> {
    sums: &'a [f32],
    first: usize,
}

impl Groups {
    /// Sums the panel up to `cut` buckets before its end. Each item counts relative to its own
    /// mean, so that a group moves as its members do and not as its largest one.
    #[must_use]
    pub fn learn(panel: &Panel, cut: usize) -> Self {
        let buckets =
            panel.offsets.windows(2).map(|w| w[1].saturating_sub(w[0])).max().unwrap_or(0);
        let mut out = Self { buckets, sums: [Vec::new(), Vec::new(), Vec::new()] };
        for (kind, members) in
            [&panel.product, &panel.location, &panel.category].into_iter().enumerate()
        {
            let groups = members.iter().copied().max().map_or(0, |m| m as usize + 1);
            // A group of one item says nothing that the item does not.
            if groups * 2 > panel.len() || groups.saturating_mul(buckets + 1) > MAX_CELLS {
                continue;
            }
            out.sums[kind] = sums_of(panel, members, groups, buckets, cut);
        }
        out
    }

    /// The series of an item's groups.
    #[must_use]
    pub fn of(&self, panel: &Panel, item: usize) -> [GroupSeries<'_>; 3] {
        let length = panel.offsets[item + 1] - panel.offsets[item];
        let first = self.buckets - length.min(self.buckets);
        let group = [panel.product[item], panel.location[item], panel.category[item]];
        std::array::from_fn(|kind| {
            let start = group[kind] as usize * (self.buckets + 1);
            let sums = self.sums[kind].get(start..start + self.buckets + 1).unwrap_or(&[]);
            GroupSeries { sums, first }
        })
    }
}

fn sums_of(panel: &Panel, members: &[u32], groups: usize, buckets: usize, cut: usize) -> Vec<f32> {
    let mut cells = vec![0.0f64; groups * (buckets + 1)];
    for (item, group) in members.iter().enumerate() {
        let series = panel.series(item).cut(cut);
        let n = series.demand.len();
        let mean = series.demand.iter().map(|y| sane(*y)).sum::<f64>() / n.max(1) as f64;
        if mean <= 0.0 {
            continue;
        }
        let weight = mean.sqrt() / mean;
        let full = panel.offsets[item + 1] - panel.offsets[item];
        let start = *group as usize * (buckets + 1) + buckets - full + 1;
        for (cell, units) in cells[start..start + n].iter_mut().zip(series.demand) {
            *cell += sane(*units) * weight;
        }
    }
    let mut out = Vec::with_capacity(cells.len());
    for group in cells.chunks(buckets + 1) {
        let mut sum = 0.0;
        for cell in group {
            sum += cell;
            out.push(sum as f32);
        }
    }
    out
}

impl GroupSeries<'_> {
    fn mean(&self, from: usize, to: usize) -> Option<f64> {
        let (a, b) = (self.sums.get(from)?, self.sums.get(to)?);
        (to > from).then(|| f64::from(b - a) / (to - from) as f64)
    }

    /// The group's last `4·block` buckets, its last `block`, and the target a year earlier, each
    /// over its mean of `long` buckets before the origin (a year earlier for the third); 1 where it
    /// is not known.
    #[must_use]
    pub fn ratios(&self, spans: &FeatureSpans, at: usize, target: usize) -> [f64; 3] {
        let FeatureSpans { block, scale: long, year, .. } = *spans;
        let (at, target) = (at + self.first, target + self.first);
        let over = |part: Option<f64>, whole: Option<f64>| match (part, whole) {
            (Some(p), Some(w)) if w > 0.0 => (p / w).clamp(0.0, 5.0),
            _ => 1.0,
        };
        let base = self.mean(at.saturating_sub(long), at);
        let short = over(self.mean(at.saturating_sub(block), at), base);
        let medium = over(self.mean(at.saturating_sub(4 * block), at), base);
        let yearly = match (target.checked_sub(year + spans.group_around), at.checked_sub(year)) {
            (Some(from), Some(before)) => {
                let to = (from + 2 * spans.group_around + 1).min(at);
                over(
                    self.mean(from, to),
                    self.mean(before.saturating_sub(spans.group_base), before),
                )
            }
            _ => 1.0,
        };
        [short, medium, yearly]
    }
}
