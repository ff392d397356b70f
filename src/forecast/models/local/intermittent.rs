//! Point forecasts of intermittent demand: Croston, SBA, TSB, ADIDA and IMAPA.
//!
//! Each returns the demand of one bucket, the same for all buckets ahead. Sources: Croston 1972;
//! Syntetos & Boylan 2005; Teunter, Syntetos & Babai 2011; Nikolopoulos et al. 2011 (ADIDA);
//! Petropoulos & Kourentzes 2015 (IMAPA).

use crate::stats::optimise::golden_section;

/// Smoothing rate where none is given: within the 0.05 to 0.20 that Syntetos & Boylan (2005) use.
pub const RATE: f64 = 0.1;
/// Rates that an optimised smoothing of demand sizes, intervals and sums may take.
const RATE_BOUNDS: (f64, f64) = (0.1, 0.3);

/// Simple exponential smoothing from the first value on: ℓ ← ℓ + rate·(y − ℓ); 0 for no values.
///
/// ```
/// assert_eq!(restock::forecast::local::intermittent::smooth(&[10.0, 20.0], 0.1), 11.0);
/// ```
#[must_use]
pub fn smooth(values: &[f64], rate: f64) -> f64 {
    let Some((first, rest)) = values.split_first() else { return 0.0 };
    rest.iter().fold(*first, |level, y| rate * y + (1.0 - rate) * level)
}

/// The rate within `bounds` with the least sum of squared one-step errors.
#[must_use]
pub fn best_rate(values: &[f64], bounds: (f64, f64)) -> f64 {
    let squares = |rate: f64| {
        let Some((first, rest)) = values.split_first() else { return 0.0 };
        let (mut level, mut sum) = (*first, 0.0);
        for y in rest {
            sum += (y - level) * (y - level);
            level = rate * y + (1.0 - rate) * level;
        }
        sum
    };
    let inner = golden_section(squares, bounds.0, bounds.1, 1e-9);
    // A valley at a bound is approached from inside only, so the bounds are tried themselves; where
    // all rates are equal (two values), the middle one stands.
    let middle = 0.5 * (bounds.0 + bounds.1);
    [inner, bounds.0, bounds.1].into_iter().fold(middle, |best, rate| {
        if squares(rate) < squares(best) * (1.0 - 1e-12) { rate } else { best }
    })
}

/// Simple exponential smoothing with its best rate in `bounds`.
#[must_use]
pub fn smooth_optimised(values: &[f64], bounds: (f64, f64)) -> f64 {
    smooth(values, best_rate(values, bounds))
}

/// Sizes of the sales, and buckets from each to the one before (the first counts from the start).
fn sales(demand: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (mut sizes, mut intervals, mut before) = (Vec::new(), Vec::new(), 0);
    for (step, units) in demand.iter().enumerate() {
        if *units != 0.0 {
            sizes.push(*units);
            intervals.push((step + 1 - before) as f64);
            before = step + 1;
        }
    }
    (sizes, intervals)
}

fn ratio(size: f64, interval: f64) -> f64 {
    if interval > 0.0 { size / interval } else { size }
}

/// Croston's method: smoothed size over smoothed interval.
///
/// ```
/// let y = [0., 0., 3., 0., 0., 0., 2., 0., 5., 0., 0., 1., 0., 0., 0., 0., 4., 0., 0., 3.];
/// assert!((restock::forecast::local::intermittent::croston(&y) - 0.948_145_276).abs() < 1e-8);
/// ```
#[must_use]
pub fn croston(demand: &[f64]) -> f64 {
    let (sizes, intervals) = sales(demand);
    ratio(smooth(&sizes, RATE), smooth(&intervals, RATE))
}

/// Croston's method with the best smoothing rates.
#[must_use]
pub fn croston_optimised(demand: &[f64]) -> f64 {
    let (sizes, intervals) = sales(demand);
    ratio(smooth_optimised(&sizes, RATE_BOUNDS), smooth_optimised(&intervals, RATE_BOUNDS))
}

/// Croston's method without its bias: times 1 − rate/2.
#[must_use]
pub fn sba(demand: &[f64]) -> f64 {
    croston(demand) * (1.0 - RATE / 2.0)
}

/// Smoothed size times smoothed probability of a sale: falls while nothing sells.
#[must_use]
pub fn tsb(demand: &[f64], size_rate: f64, probability_rate: f64) -> f64 {
    let (sizes, _) = sales(demand);
    let sold: Vec<f64> = demand.iter().map(|y| f64::from(u8::from(*y != 0.0))).collect();
    smooth(&sizes, size_rate) * smooth(&sold, probability_rate)
}

/// Forecast of sums over `span` buckets, a bucket: the newest buckets in whole spans.
fn aggregated(demand: &[f64], span: usize) -> f64 {
    let whole = &demand[demand.len() % span..];
    let sums: Vec<f64> = whole.chunks_exact(span).map(|c| c.iter().sum()).collect();
    smooth_optimised(&sums, RATE_BOUNDS) / span as f64
}

fn mean_interval(demand: &[f64]) -> usize {
    let (_, intervals) = sales(demand);
    if intervals.is_empty() {
        return 1;
    }
    let mean = intervals.iter().sum::<f64>() / intervals.len() as f64;
    (mean.round_ties_even() as usize).clamp(1, demand.len().max(1))
}

/// Smoothed sums over spans of the mean interval between sales.
#[must_use]
pub fn adida(demand: &[f64]) -> f64 {
    if demand.is_empty() { 0.0 } else { aggregated(demand, mean_interval(demand)) }
}

/// Mean of the smoothed sums over every span up to the mean interval between sales.
#[must_use]
pub fn imapa(demand: &[f64]) -> f64 {
    if demand.is_empty() {
        return 0.0;
    }
    let longest = mean_interval(demand);
    (1..=longest).map(|span| aggregated(demand, span)).sum::<f64>() / longest as f64
}

#[cfg(test)]
mod tests {
    use super::super::air_passengers::AIR_PASSENGERS;
    use super::*;

    /// Series; Croston, SBA, ADIDA, IMAPA, TSB (.1, .1), TSB (.2, .05), SES (.1), Croston
    /// optimised, SES optimised by statsforecast 2.1.1.
    const CASES: [(&[f64], [f64; 9]); 4] = [
        (
            &[
                0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 2.0, 0.0, 5.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0,
                4.0, 0.0, 0.0, 3.0,
            ],
            [
                0.9481452764356025,
                0.9007380126138224,
                1.0027300000000159,
                0.9673380034206417,
                0.8706412412285182,
                0.6085629931837649,
                0.8924208807105799,
                0.9481452764354756,
                0.8581794951577877,
            ],
        ),
        (
            &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
            [
                0.27142857142857146,
                0.2578571428571429,
                0.2571428571428572,
                0.22804426721674992,
                0.28087641100000005,
                0.1528503566484375,
                0.19565938000000005,
                0.2571428571428572,
                0.12681218305187447,
            ],
        ),
        (
            &[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
            [
                0.22026431718061673,
                0.2092511013215859,
                0.26666666666666666,
                0.17339181218900554,
                0.14739876990000003,
                0.10540880455068358,
                0.14739876990000003,
                0.24999999971918763,
                0.1468478226007914,
            ],
        ),
        (
            &AIR_PASSENGERS,
            [
                460.3027724818841,
                437.2876338577899,
                461.76658863315424,
                461.76658863315424,
                460.3027724818841,
                469.6300923004675,
                460.3027724818841,
                461.76658863315424,
                431.5871479814973,
            ],
        ),
    ];

    #[test]
    fn forecasts_equal_the_published_implementation() {
        for (demand, expected) in CASES {
            let got = [
                croston(demand),
                sba(demand),
                adida(demand),
                imapa(demand),
                tsb(demand, 0.1, 0.1),
                tsb(demand, 0.2, 0.05),
                smooth(demand, 0.1),
            ];
            for (g, e) in got.iter().zip(expected.iter()) {
                assert!((g - e).abs() <= 1e-6 * e.abs().max(1.0), "{got:?} {expected:?}");
            }
            assert!((croston_optimised(demand) / expected[7] - 1.0).abs() < 1e-3);
            assert!((smooth_optimised(demand, (0.01, 0.99)) / expected[8] - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn nothing_sold_is_forecast_as_nothing() {
        for demand in [&[][..], &[0.0], &[0.0; 50]] {
            for forecast in
                [croston(demand), sba(demand), tsb(demand, 0.1, 0.1), adida(demand), imapa(demand)]
            {
                assert_eq!(forecast, 0.0);
            }
        }
    }
}
