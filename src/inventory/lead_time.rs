//! Lead times learnt from receipts.

use std::collections::BTreeMap;

use super::day_distribution::DayDistribution;

/// Prior strength, in orders, of a lead time that is stated: what is learnt from n orders has
/// weight n/(n + 5). Judgement.
const PRIOR_ORDERS: f64 = 5.0;
/// The quantile of what was known before up to which a line that is still open is no news.
const BULK: f64 = 0.99;
/// Probability at or below which the estimate leaves nothing beyond the longest lead time seen:
/// rounding.
const NO_SURVIVORS: f64 = 1e-9;

/// One delivery of an order line, from the receipts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivery {
    /// What makes the order line one: the same number for all its deliveries.
    pub order_line: u64,
    /// Day on which it was ordered, counted from 1970-01-01.
    pub ordered_on: i32,
    /// Day on which it came, counted alike.
    pub received_on: i32,
    /// How much came, in units.
    pub quantity: f64,
    /// Whether it was hurried: such deliveries say nothing about the usual lead time.
    pub expedited: bool,
}

/// A lead time as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Observation {
    /// Days from order to delivery; for a line still open, the days since it was ordered.
    pub days: u32,
    /// Share of the order line, 1 for a line that came whole.
    pub weight: f64,
    /// Whether the delivery came; else the lead time is at least `days`.
    pub arrived: bool,
}

/// The observations in a supplier's or item's deliveries before `as_of`: a line that came in parts
/// counts once, each part by its share of the quantity. Expedited deliveries, and those that came
/// before they were ordered, are left out.
///
/// ```
/// use restock::inventory::lead_time::{Delivery, observations};
/// let part = |received_on, quantity| Delivery {
///     order_line: 1,
///     ordered_on: 100,
///     received_on,
///     quantity,
///     expedited: false,
/// };
/// let seen = observations(&[part(107, 30.0), part(114, 10.0)], 200);
/// let seen: Vec<_> = seen.iter().map(|o| (o.days, o.weight)).collect();
/// assert_eq!(seen, [(7, 0.75), (14, 0.25)]);
/// ```
#[must_use]
pub fn observations(deliveries: &[Delivery], as_of: i32) -> Vec<Observation> {
    let usable = |d: &&Delivery| {
        !d.expedited
            && d.received_on >= d.ordered_on
            && d.received_on < as_of
            && d.quantity > 0.0
            && d.quantity.is_finite()
    };

    let mut line_quantity = BTreeMap::new();
    for delivery in deliveries.iter().filter(usable) {
        *line_quantity.entry(delivery.order_line).or_insert(0.0) += delivery.quantity;
    }

    let observed = |d: &Delivery| Observation {
        days: d.received_on.abs_diff(d.ordered_on),
        weight: line_quantity.get(&d.order_line).map_or(0.0, |sum| d.quantity / sum),
        arrived: true,
    };
    deliveries.iter().filter(usable).map(observed).collect()
}

/// A line that is still open `age_days` after it was ordered: its lead time is at least that.
#[must_use]
pub fn still_open(age_days: u32) -> Observation {
    Observation { days: age_days, weight: 1.0, arrived: false }
}

/// The lead-time distribution of these observations, shrunk to what was known before by n/(n + 5),
/// where n counts the order lines that arrived.
///
/// Open lines count as still running, each once and up to its own age: the probabilities are Kaplan
/// and Meier's product-limit estimate (1958), for which a line of age t is at risk on the days
/// before t. What the estimate leaves beyond the longest lead time seen follows what the prior has
/// left there, and a tail of half the prior's mean, which lines that are older than the prior
/// allows lengthen. An open line weighs n/(n + 5) of one that arrived, so that a single late one
/// takes up less than 5 % whatever n is; without an arrival the prior stands.
///
/// Call it with a supplier's observations and the stated distribution, then with an item's
/// observations and the supplier's distribution.
///
/// ```
/// use restock::inventory::day_distribution::DayDistribution;
/// use restock::inventory::lead_time::{Observation, learnt, still_open};
/// let arrived = |days| Observation { days, weight: 1.0, arrived: true };
/// let stated = DayDistribution::point(14);
/// let seen = [arrived(10), arrived(10), arrived(10), arrived(10), arrived(20)];
/// let distribution = learnt(&seen, &stated);
/// // Five orders weigh as much as the stated 14 days.
/// assert!((distribution.mean() - (0.4 * 10.0 + 0.5 * 14.0 + 0.1 * 20.0)).abs() < 1e-12);
/// // A line open for 60 days lengthens the far end, and alone it says nothing.
/// let late = [arrived(10), still_open(60)];
/// assert!(learnt(&late, &stated).mean() > learnt(&late[..1], &stated).mean());
/// assert_eq!(learnt(&late[1..], &stated), stated);
/// ```
#[must_use]
pub fn learnt(observations: &[Observation], prior: &DayDistribution) -> DayDistribution {
    learnt_against(observations, prior, PRIOR_ORDERS)
}

/// The same, with a prior that weighs as much as this many orders: one that is itself learnt from
/// many receipts; or as none, where what is seen stands alone.
#[must_use]
pub fn learnt_against(
    observations: &[Observation],
    prior: &DayDistribution,
    prior_orders: f64,
) -> DayDistribution {
    let orders = orders_arrived(observations);
    match product_limit(observations, prior, orders / (orders + PRIOR_ORDERS)) {
        Some(empirical) => empirical.mixed(orders / (orders + prior_orders), prior),
        None => prior.clone(),
    }
}

/// How many order lines arrived: the n of the shrinkage.
#[must_use]
pub fn orders_arrived(observations: &[Observation]) -> f64 {
    observations.iter().filter(|o| o.arrived && is_usable(o)).map(|o| o.weight).sum()
}

fn is_usable(observation: &Observation) -> bool {
    observation.weight > 0.0 && observation.weight.is_finite()
}

/// Kaplan and Meier's estimate; `None` where nothing arrived. An open line weighs `open_weight` of
/// one that arrived.
fn product_limit(
    observations: &[Observation],
    prior: &DayDistribution,
    open_weight: f64,
) -> Option<DayDistribution> {
    // Per day: weight that arrived on it, weight of lines whose age it is.
    let mut days: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    let mut at_risk = 0.0;
    for o in observations.iter().filter(|o| is_usable(o)) {
        let entry = days.entry(o.days).or_default();
        if o.arrived {
            entry.0 += o.weight;
        } else {
            entry.1 += open_weight * o.weight;
        }
        at_risk += if o.arrived { o.weight } else { open_weight * o.weight };
    }

    let last_arrival = days.iter().rev().find(|(_, seen)| seen.0 > 0.0).map(|(day, _)| *day)?;
    let (mut surviving, mut points) = (1.0, Vec::with_capacity(days.len()));
    for (&day, &(arrived, open)) in &days {
        // A line of age t may still come on day t: it is no longer known to be at risk there.
        at_risk -= open;
        if arrived > 0.0 && at_risk > 0.0 {
            let hazard = (arrived / at_risk).min(1.0);
            points.push((day, surviving * hazard));
            surviving *= 1.0 - hazard;
        }
        at_risk -= arrived;
    }

    if surviving > NO_SURVIVORS {
        // Days that lines have waited beyond all that was seen and all that was known: with a rate
        // of arrival that weighs PRIOR_ORDERS, each lengthens the tail by its part of them.
        let known = last_arrival.max(prior.quantile(BULK));
        let waited = |(day, seen): (&u32, &(f64, f64))| f64::from(*day - known) * seen.1;
        let waited = days.range(known..).map(waited).sum::<f64>() / open_weight;
        let tail_mean = half(prior) + waited / PRIOR_ORDERS;

        let from = last_arrival.saturating_add(1);
        let beyond = prior.residual_with_tail(from, tail_mean).later(from);
        points.extend(beyond.points().iter().map(|&(day, weight)| (day, weight * surviving)));
    }

    DayDistribution::from_weights(points)
}

/// Half the mean of a lead time, at least a day: what an order that is later than it should be is
/// waited for, where nothing is known of that.
#[must_use]
pub fn half(lead_time: &DayDistribution) -> f64 {
    (0.5 * lead_time.mean()).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arrived(days: u32) -> Observation {
        Observation { days, weight: 1.0, arrived: true }
    }

    #[test]
    fn expedited_impossible_and_later_deliveries_are_left_out() {
        let good = Delivery {
            order_line: 1,
            ordered_on: 10,
            received_on: 17,
            quantity: 5.0,
            expedited: false,
        };
        let seen = observations(
            &[
                good,
                Delivery { order_line: 2, expedited: true, ..good },
                Delivery { order_line: 3, received_on: 9, ..good },
                Delivery { order_line: 4, received_on: 60, ..good },
                Delivery { order_line: 5, quantity: f64::NAN, ..good },
            ],
            50,
        );
        assert_eq!(seen, [arrived(7)]);
    }

    #[test]
    fn the_product_limit_estimate_is_that_of_a_worked_example() {
        // Arrivals on days 3, 5, 5, 8; open lines of age 4 and 6. At risk on 3: 6 lines; on 5: 4
        // (the line of age 4 is gone); on 8: 1. So P(3) = 1/6, P(5) = 5/6·2/4, P(8) = the rest.
        let seen = [arrived(3), arrived(5), arrived(5), arrived(8), still_open(4), still_open(6)];
        let distribution = product_limit(&seen, &DayDistribution::point(5), 1.0).unwrap();
        let expected = [(3, 1.0 / 6.0), (5, 5.0 / 12.0), (8, 5.0 / 12.0)];
        for (point, (day, weight)) in distribution.points().iter().zip(expected) {
            assert!(point.0 == day && (point.1 - weight).abs() < 1e-12);
        }
    }

    #[test]
    fn a_supplier_that_stops_delivering_is_noticed() {
        let mut seen = vec![arrived(10); 20];
        let before = learnt(&seen, &DayDistribution::point(10));
        seen.extend([still_open(40); 8]);
        let after = learnt(&seen, &DayDistribution::point(10));
        assert_eq!(before.quantile(0.9), 10);
        assert!(after.quantile(0.9) >= 40);
    }

    #[test]
    fn one_late_line_moves_no_quantile_that_service_is_promised_to() {
        let stated = DayDistribution::point(14);
        for late in [5, 30, 60, 89] {
            assert_eq!(learnt(&[still_open(14 + late)], &stated), stated);
            for orders in 1..40 {
                let mut seen = vec![arrived(14); orders];
                seen.push(still_open(14 + late));
                assert_eq!(learnt(&seen, &stated).quantile(0.95), 14, "{late} days late");
            }
        }
    }

    #[test]
    fn lines_that_are_not_late_yet_leave_the_prior_its_own() {
        let mut seen = vec![still_open(9); 40];
        seen.extend([arrived(3); 2]);
        let mean = learnt(&seen, &DayDistribution::point(20)).mean();
        assert!((17.0..21.0).contains(&mean), "{mean}");
    }

    proptest! {
        #[test]
        fn what_is_learnt_is_a_distribution_whatever_was_seen(
            seen in proptest::collection::vec((0_u32..400, -1.0_f64..3.0, any::<bool>()), 0..40),
            mean in 0.0_f64..60.0,
        ) {
            let seen: Vec<Observation> = seen
                .into_iter()
                .map(|(days, weight, arrived)| Observation { days, weight, arrived })
                .collect();
            let distribution = learnt(&seen, &DayDistribution::from_mean_and_sd(mean, 0.3 * mean));
            let sum: f64 = distribution.points().iter().map(|point| point.1).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
            prop_assert!(distribution.points().windows(2).all(|w| w[0].0 < w[1].0));
        }
    }
}
