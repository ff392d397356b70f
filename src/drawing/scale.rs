//! Values on pixels, with ticks at round numbers.

/// Largest value that is drawn. Judgement: far beyond a shop's money, and sums of it stay exact.
const MAX_VALUE: f64 = 1e15;

/// Least length of an extent beside its largest value, or beside one. Judgement: less is noise of
/// arithmetic.
const MIN_SHARE: f64 = 1e-9;

/// What large numbers are counted in.
const UNITS: [(f64, &str); 4] = [(1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k")];

/// Numbers of at least so many units are counted in them: 9,500, but 12k.
const MIN_OF_UNIT: f64 = 10.0;

/// The values that an axis shows, from a lower to a higher.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    low: f64,
    high: f64,
    /// Between two ticks, where it was made wide enough to begin and end at one.
    step: Option<f64>,
}

impl Extent {
    /// From one value to another, whatever they are.
    #[must_use]
    pub fn new(a: f64, b: f64) -> Self {
        Self::of([a, b])
    }

    /// Of some values; those that are no numbers count for nothing.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let range = finite.map(|value| value.clamp(-MAX_VALUE, MAX_VALUE)).fold(
            None,
            |range: Option<(f64, f64)>, value| match range {
                Some((low, high)) => Some((low.min(value), high.max(value))),
                None => Some((value, value)),
            },
        );

        let (low, high) = range.unwrap_or((0.0, 1.0));
        let size = low.abs().max(high.abs());
        if high - low > MIN_SHARE * size.max(1.0) {
            Self { low, high, step: None }
        } else {
            Self { low, high: low + size.max(1.0), step: None }
        }
    }

    /// Of some values and zero: heights can be compared by eye.
    #[must_use]
    pub fn from_zero(values: impl IntoIterator<Item = f64>) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        Self::of(finite.chain([0.0]))
    }

    /// Wide enough to begin and end at a tick, of which there are about so many.
    #[must_use]
    pub fn rounded(self, ticks: usize) -> Self {
        let step = self.step(ticks);
        Self {
            low: libm::floor(self.low / step + MIN_SHARE) * step,
            high: libm::ceil(self.high / step - MIN_SHARE) * step,
            step: Some(step),
        }
    }

    /// On pixels, from the one that shows the lowest value to the one that shows the highest.
    #[must_use]
    pub fn on(self, from: f64, to: f64) -> Scale {
        Scale { extent: self, from, to }
    }

    /// The least of 1, 2 and 5 times a power of ten that makes at most so many steps.
    fn step(self, ticks: usize) -> f64 {
        let least = (self.high - self.low) / ticks.max(1) as f64;
        let power = libm::pow(10.0, libm::floor(libm::log10(least)));

        let steps = [1.0, 2.0, 5.0].map(|factor| factor * power);
        let fits = |step: &f64| *step >= least * (1.0 - MIN_SHARE);
        steps.into_iter().find(fits).unwrap_or(10.0 * power)
    }
}

/// An extent on pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    extent: Extent,
    from: f64,
    to: f64,
}

/// A round value with what is written beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// The value.
    pub value: f64,
    /// What is written.
    pub text: String,
}

impl Scale {
    /// The pixel of a value: of one beyond the extent the nearer end.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let Extent { low, high, .. } = self.extent;
        let value = if value.is_nan() { low } else { value.clamp(low, high) };
        self.from + (self.to - self.from) * ((value - low) / (high - low))
    }

    /// The lowest value shown.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.extent.low
    }

    /// The highest value shown.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.extent.high
    }

    /// About so many round values, from the lowest on; as many as a rounded extent was made for.
    #[must_use]
    pub fn ticks(&self, about: usize) -> Vec<Tick> {
        let Extent { low, high, step } = self.extent;
        let step = step.unwrap_or_else(|| self.extent.step(about));
        let first = libm::ceil(low / step - MIN_SHARE) as i64;
        let last = libm::floor(high / step + MIN_SHARE) as i64;

        let size = low.abs().max(high.abs());
        (first..=last)
            .map(|at| {
                let value = at as f64 * step;
                Tick { value, text: in_unit(value, size, step) }
            })
            .collect()
    }
}

/// A value in the unit that suits a size, in as many decimals as a step has in it.
fn in_unit(value: f64, size: f64, step: f64) -> String {
    let found = UNITS.into_iter().find(|(unit, _)| size >= MIN_OF_UNIT * unit);
    let (unit, name) = found.unwrap_or((1.0, ""));
    if value == 0.0 {
        return "0".to_owned();
    }

    // A step is 1, 2 or 5 times a power of ten.
    let decimals = libm::ceil(-libm::log10(step / unit) - MIN_SHARE).clamp(0.0, 9.0) as usize;
    format!("{:.decimals$}{name}", value / unit)
}

/// A number in few digits.
///
/// ```
/// use restock::drawing::scale::short;
/// let shown = [0.0, 4.0, 4.26, 87.5, 9_499.6, 12_345.0, 1_234_567.0, 45_678_900.0].map(short);
/// assert_eq!(shown, ["0", "4", "4.3", "88", "9500", "12k", "1.2M", "46M"]);
/// ```
#[must_use]
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let size = value.abs();
    // From a million on, one unit is enough: 1.2M says more than 1235k.
    let found = UNITS.into_iter().find(|(unit, _)| size >= if *unit > 1e3 { *unit } else { 1e4 });
    let (unit, name) = found.unwrap_or((1.0, ""));

    let (value, size) = (value / unit, size / unit);
    let is_whole = size >= MIN_OF_UNIT || value.fract() == 0.0;
    // Adding zero takes the sign from a negative one.
    format!("{:.*}{name}", usize::from(!is_whole), value + 0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(extent: Extent, about: usize) -> Vec<String> {
        extent.on(0.0, 100.0).ticks(about).into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn ticks_are_round_and_written_alike() {
        let upto = |high: f64| texts(Extent::from_zero([high]).rounded(5), 5);
        assert_eq!(upto(4.0), ["0", "1", "2", "3", "4"]);
        assert_eq!(upto(0.7), ["0", "0.2", "0.4", "0.6", "0.8"]);
        assert_eq!(upto(8_765.0), ["0", "2k", "4k", "6k", "8k", "10k"]);
        assert_eq!(upto(19_000.0), ["0", "5k", "10k", "15k", "20k"]);
        assert_eq!(upto(12_345_678.0), ["0", "5M", "10M", "15M"]);
        assert_eq!(texts(Extent::new(-3.0, 3.0), 6), ["-3", "-2", "-1", "0", "1", "2", "3"]);
        assert_eq!(texts(Extent::new(81.3, 100.0).rounded(5), 5), ["80", "85", "90", "95", "100"]);
    }

    #[test]
    fn an_extent_is_never_empty() {
        for values in [vec![], vec![f64::NAN, f64::INFINITY], vec![0.0, 0.0], vec![5.0]] {
            let extent = Extent::of(values.clone());
            assert!(extent.high > extent.low, "{values:?}: {extent:?}");
        }
        let from_zero = |value: f64| {
            let extent = Extent::from_zero([value, f64::NAN, f64::INFINITY]);
            (extent.low, extent.high)
        };
        let found = [f64::NAN, 7.0, -7.0].map(from_zero);
        assert_eq!(found, [(0.0, 1.0), (0.0, 7.0), (-7.0, 0.0)]);
    }

    #[test]
    fn a_scale_may_point_upward_and_ends_at_its_ends() {
        let scale = Extent::new(10.0, 20.0).on(100.0, 0.0);
        let at = [10.0, 15.0, 20.0, 99.0, f64::NEG_INFINITY, f64::NAN].map(|v| scale.at(v));
        assert_eq!(at, [100.0, 50.0, 0.0, 0.0, 100.0, 100.0]);
    }

    proptest! {
        #[test]
        fn ticks_of_any_values_are_few_within_and_at_pixels(
            a in prop::num::f64::ANY, b in prop::num::f64::ANY, about in 1_usize..20
        ) {
            let extent = Extent::of([a, b]).rounded(about);
            let scale = extent.on(10.0, 90.0);
            let ticks = scale.ticks(about);
            prop_assert!((2..=about + 2).contains(&ticks.len()), "{extent:?} {ticks:?}");
            for tick in ticks {
                prop_assert!(tick.value >= extent.low - 1e-9 * extent.low.abs());
                prop_assert!((10.0..=90.0).contains(&scale.at(tick.value)));
                prop_assert!(!tick.text.contains("NaN") && !tick.text.contains("inf"));
                prop_assert!(tick.text.len() <= 20, "{}", tick.text);
            }
        }
    }
}
