//! What the pooled models read of an item at an origin: ratios to the item's own scale, so that
//! items teach each other.

use crate::domain::calendar::BucketLength;
use crate::forecast::level::history::History;
use crate::forecast::level::smoothing::Smoothing;
use crate::forecast::shared::groups::GroupSeries;

/// Ratios are held within this, so that one odd item cannot stretch the scale of all.
/// Judgement.
const MAX_RATIO: f64 = 12.0;
/// The same for groups, which are steadier. Judgement.
const MAX_GROUP_RATIO: f64 = 5.0;
/// Same season positions before the origin whose mean is read. Judgement: two months of weekdays.
const MAX_RECURRENCES: f64 = 8.0;
/// Buckets since the latest sale are counted up to this. Judgement: later all is gone.
const MAX_SILENCE: f64 = 200.0;
/// Sales that the silence would usually hold are counted up to this. Judgement.
const MAX_MISSED_SALES: f64 = 60.0;

/// Spans and lags of one bucket length.
#[derive(Debug, Clone, Copy)]
pub struct FeatureSpans {
    /// Spans of trailing means, in buckets.
    means: &'static [usize],
    /// Length of the single recent blocks (a week of days, else one bucket), of which four are
    /// read.
    block: usize,
    /// Span that an item is scaled by.
    scale: usize,
    /// One year.
    year: usize,
    /// Whether last year is read.
    reads_year: bool,
    /// Buckets to each side of the same time last year.
    around: usize,
    /// The same for groups, which are steadier.
    group_around: usize,
    /// Buckets before the origin a year ago that a group's demand last year is held against.
    group_base: usize,
    /// Buckets between two of the same season position that recur within weeks: 7 for days, 0
    /// otherwise.
    recurrence: usize,
    /// Whether the season position and the place in the month are read as numbers.
    calendar: bool,
    /// Whether the single buckets around the same time last year are read too: weeks move by
    /// holidays and pay days.
    single_weeks: bool,
}

impl FeatureSpans {
    /// Buckets of the history from which on last year is read: with less, hardly a row of the
    /// training has a last year, and what comes of it is chance.
    #[must_use]
    pub fn two_years(length: BucketLength) -> usize {
        2 * Self::new(length, true).year
    }

    /// The spans for buckets of this length.
    #[must_use]
    pub fn new(length: BucketLength, reads_year: bool) -> Self {
        let days = Self {
            means: &[7, 14, 28, 56, 91, 182],
            block: 7,
            scale: 91,
            year: 364,
            reads_year,
            around: 3,
            group_around: 3,
            group_base: 45,
            recurrence: 7,
            calendar: true,
            single_weeks: false,
        };
        match length {
            BucketLength::Day => days,
            BucketLength::Week => Self {
                means: &[1, 2, 4, 8, 13, 26, 52],
                block: 1,
                scale: 13,
                year: 52,
                around: 1,
                group_around: 0,
                group_base: 13,
                recurrence: 0,
                single_weeks: true,
                ..days
            },
            BucketLength::Month => Self {
                means: &[1, 2, 3, 6, 12, 24],
                block: 1,
                scale: 12,
                year: 12,
                around: 0,
                group_around: 0,
                group_base: 6,
                recurrence: 0,
                calendar: false,
                ..days
            },
        }
    }
}

/// An item's sums, from which any trailing mean is one subtraction; a scratch buffer.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    demand: Vec<f64>,
    weight: Vec<f64>,
    square: Vec<f64>,
    zero: Vec<f64>,
    /// Bucket of the latest sale before each bucket, plus one; 0 if there is none.
    latest_sale: Vec<usize>,
}

impl Sums {
    /// Sums up a history.
    pub fn load(&mut self, history: &History) {
        let n = history.len();
        for column in [&mut self.demand, &mut self.weight, &mut self.square, &mut self.zero] {
            column.clear();
            column.reserve(n + 1);
            column.push(0.0);
        }
        self.latest_sale.clear();
        self.latest_sale.push(0);
        let (mut demand, mut weight, mut square, mut zero, mut latest) = (0.0, 0.0, 0.0, 0.0, 0);
        for (step, (units, usual)) in history.demand.iter().zip(&history.weight).enumerate() {
            demand += units;
            weight += usual;
            square += units * units;
            if *units > 0.0 {
                latest = step + 1;
            } else {
                zero += 1.0;
            }
            self.demand.push(demand);
            self.weight.push(weight);
            self.square.push(square);
            self.zero.push(zero);
            self.latest_sale.push(latest);
        }
    }

    fn between(column: &[f64], from: usize, to: usize) -> f64 {
        match (column.get(from), column.get(to)) {
            (Some(a), Some(b)) => b - a,
            _ => 0.0,
        }
    }

    /// Demand of an average bucket in `from..to`.
    fn rate(&self, from: usize, to: usize) -> f64 {
        let weight = Self::between(&self.weight, from, to);
        if weight > 0.0 { Self::between(&self.demand, from, to) / weight } else { 0.0 }
    }
}

/// What is read of an item at an origin inside its history, whatever the target.
#[derive(Debug, Clone, Copy)]
pub struct ItemFeatures<'a> {
    spans: &'a FeatureSpans,
    history: &'a History,
    smoothing: &'a Smoothing,
    sums: &'a Sums,
    /// Buckets of the history before the origin.
    at: usize,
    /// Mean demand of a bucket at the origin, in units: what targets and features are divided by.
    pub scale: f64,
}

/// What a step ahead adds to the item's part of the row.
#[derive(Debug, Clone, Copy)]
pub struct StepContext<'a> {
    /// Buckets from the origin to the target, 0 for the next one.
    pub step: usize,
    /// Season position of the target, as far as the history can teach it.
    pub position: u8,
    /// Usual demand of the target relative to an average bucket.
    pub season: f64,
    /// Where in its month the target lies, 0 … 1; 0.5 where buckets are months.
    pub month_phase: f64,
    /// Number of the item's category.
    pub category: f64,
    /// The series of the item's groups.
    pub groups: [GroupSeries<'a>; 3],
}

impl<'a> ItemFeatures<'a> {
    /// The item at the origin before bucket `at` of its history.
    #[must_use]
    pub fn new(
        spans: &'a FeatureSpans,
        history: &'a History,
        smoothing: &'a Smoothing,
        sums: &'a Sums,
        at: usize,
    ) -> Self {
        let span = spans.scale.min(at);
        let weight = Sums::between(&sums.weight, at - span, at);
        let level = smoothing.path.get(at).copied().unwrap_or(smoothing.level);

        // The level itself is the scale, so that trees learn what to change of it; a share of the
        // recent mean keeps the scale of an item that has just fallen silent above zero.
        let recent = (Sums::between(&sums.demand, at - span, at) + 0.1) / (weight + 1.0);
        let scale = (level + 0.1 * recent) / 1.1;
        let scale = if scale.is_finite() && scale > 1e-6 { scale } else { 1e-6 };

        Self { spans, history, smoothing, sums, at, scale }
    }

    fn ratio(&self, units: f64) -> f64 {
        (units / self.scale).clamp(-MAX_RATIO, MAX_RATIO)
    }

    /// Fills `row` with the item's part: everything known at the origin, the same for all steps
    /// ahead.
    pub fn put_into(&self, row: &mut Vec<f64>) {
        let Self { spans, sums, at, scale, .. } = *self;
        row.clear();

        for mean in spans.means {
            row.push(self.ratio(sums.rate(at.saturating_sub(*mean), at)));
        }
        for block in 0..4 {
            let to = at.saturating_sub(block * spans.block);
            row.push(self.ratio(sums.rate(to.saturating_sub(spans.block), to)));
        }

        let level = self.smoothing.path.get(at).copied().unwrap_or(self.smoothing.level);
        let (fast, slow) = self.smoothing.levels_at(at);
        row.extend([level, fast, slow].map(|level| self.ratio(level)));

        let span = spans.scale.min(at);
        let n = span.max(1) as f64;
        row.push(Sums::between(&sums.zero, at - span, at) / n);
        let short = (spans.block * 4).min(at);
        row.push(Sums::between(&sums.zero, at - short, at) / short.max(1) as f64);

        let mean = Sums::between(&sums.demand, at - span, at) / n;
        let variance = (Sums::between(&sums.square, at - span, at) / n - mean * mean).max(0.0);
        row.push(self.ratio(variance.sqrt()));
        let highest = self.history.demand[at - span..at].iter().copied().fold(0.0, f64::max);
        row.push((highest / scale).min(4.0 * MAX_RATIO));

        let since = (at - sums.latest_sale.get(at).copied().unwrap_or(0)) as f64;
        row.push(since.min(MAX_SILENCE));
        // How many sales such a silence would usually hold: the silence that says "gone" differs
        // from item to item.
        let missed = since * sums.rate(at.saturating_sub(spans.year), at);
        row.push(missed.min(MAX_MISSED_SALES));

        row.push(libm::log1p(at as f64));
        row.push(libm::log(scale));
    }

    /// Adds the features of one step ahead to the item's part of a row.
    pub fn put_step(&self, context: &StepContext<'_>, row: &mut Vec<f64>) {
        let (spans, at, step) = (self.spans, self.at, context.step);
        let target = at + step;

        row.push(step as f64);
        row.push(context.season);
        if spans.calendar {
            row.push(f64::from(context.position));
            row.push(context.month_phase);
        }
        if spans.recurrence > 0 {
            row.push(self.recurring_mean(step));
        }
        row.push(context.category);

        row.push(self.last_year(target));
        if spans.single_weeks {
            row.extend(self.last_years_weeks(target));
        }

        for group in &context.groups {
            row.extend(group_ratios(group, spans, at, target));
        }
    }

    /// Mean of the latest buckets of the target's season position, relative to the scale.
    fn recurring_mean(&self, step: usize) -> f64 {
        let recurrence = self.spans.recurrence;
        let first = self.at + step - recurrence * (step / recurrence + 1);

        let (mut sum, mut count) = (0.0, 0.0);
        let mut bucket = Some(first);
        while let (Some(b), true) = (bucket, count < MAX_RECURRENCES) {
            sum += self.history.demand.get(b).copied().unwrap_or(0.0);
            count += 1.0;
            bucket = b.checked_sub(recurrence);
        }
        (sum / count / self.scale).min(MAX_RATIO)
    }

    /// Demand around the target a year earlier, relative to the scale; −1 where history does not
    /// reach back.
    fn last_year(&self, target: usize) -> f64 {
        let spans = self.spans;
        let middle = target.checked_sub(spans.year).filter(|_| spans.reads_year);
        let Some(middle) = middle else { return -1.0 };
        let Some(from) = middle.checked_sub(spans.around) else { return -1.0 };

        let to = (middle + spans.around + 1).min(self.at);
        if from >= to { -1.0 } else { (self.sums.rate(from, to) / self.scale).min(MAX_RATIO) }
    }

    /// Last year's single buckets before, at and after the target, over last year's mean before
    /// the origin, and that mean over today's scale; −1 where history does not reach back.
    fn last_years_weeks(&self, target: usize) -> [f64; 4] {
        let spans = self.spans;
        let origin = self.at.checked_sub(spans.year);
        let Some(origin) = origin.filter(|origin| *origin > 0 && spans.reads_year) else {
            return [-1.0; 4];
        };

        let usual = self.sums.rate(origin.saturating_sub(spans.scale), origin);
        let single = |ahead: usize| match (target + ahead).checked_sub(spans.year + 1) {
            Some(bucket) if bucket < self.at => over(self.sums.rate(bucket, bucket + 1), usual),
            _ => -1.0,
        };
        [single(0), single(1), single(2), over(usual, self.scale)]
    }
}

/// Units over a base, within bounds; −1 if the base is nothing.
fn over(units: f64, base: f64) -> f64 {
    if base > 0.0 { (units / base).min(MAX_RATIO) } else { -1.0 }
}

/// A group's last block of buckets, its last four, and the target a year earlier, each over its
/// mean of [`FeatureSpans::scale`] buckets before the origin (a year earlier for the third); 1 if
/// it is not known.
fn group_ratios(
    group: &GroupSeries<'_>,
    spans: &FeatureSpans,
    at: usize,
    target: usize,
) -> [f64; 3] {
    let FeatureSpans { block, scale, year, .. } = *spans;
    let (at, target) = (at + group.first(), target + group.first());

    let base = group.mean(at.saturating_sub(scale), at);
    let short = group_ratio(group.mean(at.saturating_sub(block), at), base);
    let medium = group_ratio(group.mean(at.saturating_sub(4 * block), at), base);

    let yearly = match (target.checked_sub(year + spans.group_around), at.checked_sub(year)) {
        (Some(from), Some(before)) if spans.reads_year => {
            let to = (from + 2 * spans.group_around + 1).min(at);
            let base = group.mean(before.saturating_sub(spans.group_base), before);
            group_ratio(group.mean(from, to), base)
        }
        _ => 1.0,
    };
    [short, medium, yearly]
}

/// A group's demand over what it usually is, within bounds; 1 if either is not known.
fn group_ratio(part: Option<f64>, whole: Option<f64>) -> f64 {
    match (part, whole) {
        (Some(part), Some(whole)) if whole > 0.0 => (part / whole).clamp(0.0, MAX_GROUP_RATIO),
        _ => 1.0,
    }
}
