//! The year's shape of a shop whose history is too short for a season of its own: what last year
//! did from here on.
//!
//! A season of the year is learnt from two years ([`super::season_profiles`]). A shop with one year
//! and a bit would carry its Christmas level into February. Last year then still says how the shop
//! as a whole moves, and the level of every item is moved with that as far as last year's movement
//! stands out of the noise.

use crate::demand::origin::Origin;
use crate::domain::calendar::BucketLength;
use crate::forecast::level::history::sane;

/// Weeks before the end that are compared with those a year earlier, at most. Judgement: what a
/// level remembers.
const REFERENCE_WEEKS: usize = 8;
/// The same for months.
const REFERENCE_MONTHS: usize = 3;
/// No bucket is taken to be further from today's level than this factor, either way. Judgement.
const MAX_FACTOR: f64 = 5.0;

/// Demand of the buckets ahead over today's level, the same for all items.
#[derive(Debug, Clone, PartialEq)]
pub struct YearShape {
    /// By bucket from the last known one on, a year of them; empty if last year says nothing.
    factors: Vec<f64>,
}

/// How a bucket length divides a year.
struct Year {
    /// Buckets of a year, a whole number of weeks.
    buckets: usize,
    /// Buckets of a block.
    block: usize,
    /// Blocks that make the level of today.
    reference: usize,
    /// Whether a longer history has a season of its own.
    has_season: bool,
}

impl Year {
    fn of(length: BucketLength) -> Self {
        match length {
            BucketLength::Day => {
                Self { buckets: 364, block: 7, reference: REFERENCE_WEEKS, has_season: false }
            }
            BucketLength::Week => {
                Self { buckets: 52, block: 1, reference: REFERENCE_WEEKS, has_season: true }
            }
            BucketLength::Month => {
                Self { buckets: 12, block: 1, reference: REFERENCE_MONTHS, has_season: true }
            }
        }
    }
}

impl YearShape {
    /// A shape without a season.
    #[must_use]
    pub fn flat() -> Self {
        Self { factors: Vec::new() }
    }

    /// Learns the shape from the items that are known for a year and at least one block at an
    /// origin.
    ///
    /// With x the shop's demand by bucket, P a year, T the last bucket and k reference buckets, the
    /// factor of bucket T + h is (x_{T+h−P} / mean of x_{T−P−k+1} … x_{T−P})^w. x is smoothed over
    /// neighbours within weeks. w = v/(v + s²(1/k + c)) shrinks toward no season: v is the variance
    /// of ln x over the year about its trend, less the noise; s² the variance of noise, from the
    /// median step of ln x; c what smoothing leaves of it.
    #[must_use]
    pub fn learn(origin: &Origin<'_>) -> Self {
        let length = origin.calendar().length;
        let year = Year::of(length);
        let shop = shop(origin, year.buckets + year.block);
        let known = shop.len();
        if known < year.buckets + year.block {
            return Self::flat();
        }

        let references = ((known - year.buckets) / year.block).min(year.reference);
        let before = known - year.buckets;
        let base = mean(&shop[before - references * year.block..before]);
        let weight = weight(&blocks(&shop, year.block), year.buckets / year.block, references);

        // Offset 0 is the last bucket itself, which may have only begun.
        let factor = |offset: usize| {
            let ratio = smoothed_at(&shop, before - 1 + offset, length) / base;
            if !ratio.is_finite() {
                return 1.0;
            }
            libm::pow(ratio.clamp(1.0 / MAX_FACTOR, MAX_FACTOR), weight)
        };
        Self { factors: (0..year.buckets).map(factor).collect() }
    }

    /// Whether histories at an origin span the two years from which a season of the year is learnt,
    /// so that the seasons say more than the shape. Never for days, whose season is the week.
    #[must_use]
    pub fn is_superseded(origin: &Origin<'_>) -> bool {
        let year = Year::of(origin.calendar().length);
        let lengths = origin.items().map(|item| item.series.demand.len());
        year.has_season && usual_length(lengths, year.buckets + year.block) >= 2 * year.buckets
    }

    /// The factor of the bucket `offset` after the last known one.
    #[must_use]
    pub fn of(&self, offset: usize) -> f64 {
        if self.factors.is_empty() { 1.0 } else { self.factors[offset % self.factors.len()] }
    }
}

/// The shop's demand around one bucket: weeks are smoothed over a neighbour either side, days over
/// the week around them, months not at all.
fn smoothed_at(shop: &[f64], at: usize, length: BucketLength) -> f64 {
    let known = shop.len();
    match length {
        BucketLength::Day => mean(&shop[at.saturating_sub(3)..(at + 4).min(known)]),
        BucketLength::Week => {
            0.25 * shop[at.saturating_sub(1)]
                + 0.5 * shop[at]
                + 0.25 * shop[(at + 1).min(known - 1)]
        }
        BucketLength::Month => shop[at],
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn square(value: f64) -> f64 {
    value * value
}

/// Buckets of history that most of the items with at least `least` buckets have; 0 if there are
/// none. A handful of older items would not stand for the shop.
fn usual_length(lengths: impl Iterator<Item = usize>, least: usize) -> usize {
    let mut old: Vec<usize> = lengths.filter(|length| *length >= least).collect();
    old.sort_unstable();
    old.get(old.len() / 4).copied().unwrap_or(0)
}

/// Demand of the whole shop by bucket, over the stretch that its older items cover: of the items
/// with at least `least` buckets, so that new items are not taken for a rising season. An item
/// counts with the root of its mean, so that neither one huge item nor the many that hardly sell
/// decide.
fn shop(origin: &Origin<'_>, least: usize) -> Vec<f64> {
    let kept = usual_length(origin.items().map(|item| item.series.demand.len()), least);

    let (mut demand, mut coverage) = (vec![0.0; kept], vec![0.0; kept]);
    for item in origin.items() {
        let series = item.series;
        let n = series.demand.len();
        if n < kept || kept == 0 {
            continue;
        }
        let units = |at: usize| sane(series.demand[n - kept + at]);
        let own = (0..kept).map(units).sum::<f64>() / kept as f64;
        if own <= 0.0 {
            continue;
        }

        let scale = own.sqrt().recip();
        // What was sold out says nothing of the season.
        for at in (0..kept).filter(|at| !series.censored[n - kept + at]) {
            demand[at] += units(at) * scale;
            coverage[at] += f64::from(series.exposure[n - kept + at]) * own * scale;
        }
    }

    demand
        .iter()
        .zip(&coverage)
        .map(|(units, usual)| if *usual > 0.0 { units / usual } else { 1.0 })
        .collect()
}

/// Means of whole blocks, counted back from the end.
fn blocks(shop: &[f64], block: usize) -> Vec<f64> {
    let lead = shop.len() % block;
    shop[lead..].chunks(block).map(mean).collect()
}

/// How far last year's movement is to be believed, from 0 to 1.
fn weight(blocks: &[f64], year: usize, references: usize) -> f64 {
    let logs: Vec<f64> = blocks.iter().map(|x| libm::log(x.max(1e-9))).collect();
    let mut steps: Vec<f64> = logs.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    steps.sort_by(f64::total_cmp);
    let median = steps.get(steps.len() / 2).copied().unwrap_or(0.0);
    // The median of |x| is 0.6745 standard deviations of a normal, and a step is the difference of
    // two blocks.
    let noise = square(median / 0.6745) / 2.0;
    // ¼, ½, ¼ leaves 3/8 of the variance of independent noise.
    let left = if year > 12 { 0.375 } else { 1.0 };
    let last = &logs[logs.len() - year..];
    let season = variance_about_trend(&smoothed(last, year > 12)) - left * noise;
    if season <= 0.0 {
        return 0.0;
    }
    season / (season + noise / references as f64 + left * noise)
}

fn smoothed(values: &[f64], is_weekly: bool) -> Vec<f64> {
    if !is_weekly {
        return values.to_vec();
    }
    let last = values.len() - 1;
    (0..=last)
        .map(|at| {
            0.25 * values[at.saturating_sub(1)]
                + 0.5 * values[at]
                + 0.25 * values[(at + 1).min(last)]
        })
        .collect()
}

/// Variance of the values about their least-squares line.
fn variance_about_trend(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let level = mean(values);
    let spread: f64 = (0..values.len()).map(|at| square(at as f64 - middle)).sum();
    let slope =
        values.iter().enumerate().map(|(at, y)| (at as f64 - middle) * (y - level)).sum::<f64>()
            / spread;
    let residual = |(at, y): (usize, &f64)| square(y - level - slope * (at as f64 - middle));
    values.iter().enumerate().map(residual).sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::positions::Positions;
    use crate::forecast::tests::panel;

    /// The shape of a shop, flat if a season of its own is learnt.
    fn shape_of(histories: &[Vec<f64>]) -> YearShape {
        let panel = panel(BucketLength::Week, histories);
        let positions = Positions::new(&panel, 0);
        let origin = Origin::latest(&panel, &positions);
        if YearShape::is_superseded(&origin) {
            return YearShape::flat();
        }
        YearShape::learn(&origin)
    }

    /// Weekly demand of a shop with a peak of twice the level in the last ten weeks of each year.
    fn peaked(weeks: usize, noise: f64) -> Vec<Vec<f64>> {
        let season = |week: usize| if week % 52 >= 42 { 200.0 } else { 100.0 };
        (0..20)
            .map(|item| {
                let wave = |week: usize| 1.0 + noise * libm::sin((week * (7 + item)) as f64);
                (0..weeks).map(|week| season(week) * wave(week)).collect()
            })
            .collect()
    }

    #[test]
    fn after_the_peak_the_shop_goes_back_to_where_it_was_last_year() {
        // 52 weeks and four of a second year's peak… the year ends in its peak, and so did the one
        // before.
        let histories: Vec<Vec<f64>> =
            peaked(104, 0.02).into_iter().map(|demand| demand[46..].to_vec()).collect();
        let shape = shape_of(&histories);
        assert!(shape.of(4) < 0.65, "{}", shape.of(4));
        assert!((shape.of(50) - 1.0).abs() < 0.1, "{}", shape.of(50));
    }

    #[test]
    fn without_a_season_or_a_year_nothing_moves() {
        let flat: Vec<Vec<f64>> = (0..20).map(|_| vec![100.0; 60]).collect();
        let shape = shape_of(&flat);
        assert!((0..60).all(|offset| (shape.of(offset) - 1.0).abs() < 1e-9));
        for weeks in [3, 52, 104] {
            let shape = shape_of(&peaked(weeks, 0.02));
            assert_eq!(shape.of(3), 1.0, "{weeks}");
        }
    }

    #[test]
    fn the_noisier_the_shop_the_less_last_year_says() {
        let of = |noise| {
            let histories: Vec<Vec<f64>> = peaked(104, noise)
                .into_iter()
                .take(1)
                .map(|demand| demand[46..].to_vec())
                .collect();
            shape_of(&histories).of(4)
        };
        let factors: Vec<f64> = [0.02, 0.3, 0.6].map(of).to_vec();
        assert!(factors.windows(2).all(|pair| pair[0] < pair[1]), "{factors:?}");
    }
}
