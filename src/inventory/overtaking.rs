//! Orders that overtake one another: what is late is not missed where the next order is there
//! already.
//!
//! When an order comes, the stock it meets is the position it was placed at less the demand since,
//! less what older orders still owe, plus what younger ones have brought. Each of these orders is
//! of the demand of the T days between two orders. So an order that took L days meets the stock of
//! one that took L + T·(older − younger): as long on the mean, and less spread the less the lead
//! times of successive orders go together. Source of the idea, for order-up-to levels: Robinson,
//! Bradley & Thomas, *Manufacturing & Service Operations Management* 3 (2001), the shortfall
//! distribution.

use super::day_distribution::DayDistribution;

/// Probability of overtaking that is left out: below what any quantile asks for.
const LEAST_CHANCE: f64 = 1e-9;
/// Orders that may overtake one, at most; of more, some are taken together. Judgement: their number
/// then varies little beside the lead time.
const MOST_ORDERS: f64 = 48.0;

/// The lead time that stock has to be kept for, of an item that is ordered every so many days on
/// the mean: at multiples of the review period, so that two orders lie the multiple before or after
/// that apart.
///
/// `correlation` is that of the lead times of its successive orders: an order k orders away has the
/// same lead time with probability correlationᵏ, and else one of its own. With 1 the lead time
/// stands as it is.
///
/// ```
/// use restock::inventory::day_distribution::DayDistribution;
/// use restock::inventory::overtaking::stock_lead_time;
/// let lead_time = DayDistribution::from_weights(vec![(5, 0.8), (25, 0.2)]).unwrap();
/// let of_stock = stock_lead_time(&lead_time, (7, 7.0), 0.0);
/// // An order of 25 days is overtaken by those placed 7 and 14 days after it, if they take 5.
/// assert!((of_stock.cdf(11) - 0.8 * 0.64 - 0.2 * 0.64).abs() < 1e-12);
/// assert_eq!((lead_time.quantile(0.95), of_stock.quantile(0.95)), (25, 18));
/// assert!((of_stock.mean() - lead_time.mean()).abs() < 1e-12);
/// assert_eq!(stock_lead_time(&lead_time, (7, 7.0), 1.0), lead_time);
/// ```
#[must_use]
pub fn stock_lead_time(
    lead_time: &DayDistribution,
    (review_days, days_between_orders): (u32, f64),
    correlation: f64,
) -> DayDistribution {
    let reach = f64::from(lead_time.range());
    let is_overtaken = days_between_orders > 0.0 && days_between_orders <= reach;
    if !(is_overtaken && correlation < 1.0) {
        return lead_time.clone();
    }

    let review = f64::from(review_days.max(1)).max((reach / MOST_ORDERS).ceil());
    let reviews = (days_between_orders / review).max(1.0);
    let (near, far) = (reviews.floor() * review, (reviews.floor() + 1.0) * review);
    let correlation = correlation.max(0.0);
    let regular = |between| ordered_regularly(lead_time, between, correlation);
    regular(near).mixed(1.0 - reviews.fract(), &regular(far))
}

/// The same with orders exactly so many days apart.
fn ordered_regularly(
    lead_time: &DayDistribution,
    between: f64,
    correlation: f64,
) -> DayDistribution {
    let reach = f64::from(lead_time.range());

    let mut points = Vec::new();
    for &(days, weight) in lead_time.points() {
        // Chances of so many orders, older less younger ones; `counts[none]` stands for none.
        let (mut counts, mut none) = (vec![1.0], 0_usize);
        let (mut away, mut same) = (between, correlation);
        while away <= reach {
            let before = lead_time.below(f64::from(days) - away);
            let after = 1.0 - lead_time.cdf((f64::from(days) + away) as u32);
            counts = one_more((1.0 - same) * after, counts, false);
            counts = one_more((1.0 - same) * before, counts, true);
            none += 1;
            away += between;
            same *= correlation;
        }
        let likely = counts.iter().enumerate().filter(|(_, chance)| **chance > LEAST_CHANCE);
        points.extend(likely.map(|(at, chance)| {
            let more = (at as f64 - none as f64) * between;
            ((f64::from(days) + more).round().max(0.0) as u32, weight * chance)
        }));
    }

    DayDistribution::from_weights(points).unwrap_or_else(|| lead_time.clone())
}

/// The chances with one more order that counts with this chance: for one more, or for one less,
/// where the places of all move up by one.
fn one_more(chance: f64, counts: Vec<f64>, is_less: bool) -> Vec<f64> {
    let (up, stay) = if is_less { (1.0 - chance, chance) } else { (chance, 1.0 - chance) };
    let mut out = vec![0.0; counts.len() + 1];
    for (at, count) in counts.into_iter().enumerate() {
        out[at] += stay * count;
        out[at + 1] += up * count;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_mean_stays_and_the_spread_shrinks(
            mean in 3.0_f64..60.0,
            cv in 0.05_f64..0.9,
            between in 1_u32..30,
            correlation in 0.0_f64..1.0,
        ) {
            let lead_time = DayDistribution::from_mean_and_sd(mean, cv * mean);
            let of_stock = stock_lead_time(&lead_time, (between, f64::from(between)), correlation);
            prop_assert!((of_stock.mean() - lead_time.mean()).abs() <= 1e-4 * mean);
            prop_assert!(of_stock.sd() <= lead_time.sd() + 0.01);
            prop_assert!(of_stock.longest() <= lead_time.longest());
        }
    }

    #[test]
    fn orders_that_come_on_one_day_overtake_nobody() {
        let weekly = DayDistribution::from_weights(vec![(7, 0.9), (14, 0.1)]).unwrap();
        let of_stock = stock_lead_time(&weekly, (7, 7.0), 0.0);
        assert!((of_stock.mean() - weekly.mean()).abs() < 1e-12);
        assert!((of_stock.sd() - weekly.sd()).abs() < 1e-12);
    }

    #[test]
    fn the_less_lead_times_go_together_the_less_stock_they_need() {
        let lead_time = DayDistribution::from_mean_and_sd(20.0, 10.0);
        let spread = |correlation| stock_lead_time(&lead_time, (7, 7.0), correlation).sd();
        let spreads = [0.0, 0.3, 0.6, 0.9, 1.0].map(spread);
        assert!(spreads.windows(2).all(|pair| pair[0] < pair[1]), "{spreads:?}");
    }
}
