//! The replay against arithmetic by hand, and against what theory says of a known process.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::compare::{Entry, compare};
use super::policies::{CoverWeeks, Foresight, MinMax, RootOfMean, Textbook};
use super::run::{Order, OrderPolicy, Replay, ReplayedNight, replay};
use super::shop::{Charges, ReplayedShop, Terms};
use crate::domain::policy::UnmetDemand;
use crate::inventory::day_distribution::DayDistribution;
use crate::stats::{poisson, random::stream};

/// Items on the same terms: order days every `review` days from the first replayed day on.
fn shop(
    demand: Vec<Vec<f64>>,
    from: usize,
    review: usize,
    lead: u32,
    unmet: UnmetDemand,
) -> ReplayedShop {
    let days = demand[0].len();
    let charges =
        Charges { holding_per_day: 1.0, short_unit: 9.0, unit_value: 1.0, ..Charges::default() };
    let waiting = Charges { short_unit: 0.0, waiting_per_day: 9.0, ..charges };
    let terms = Terms {
        unmet,
        charges: if unmet == UnmetDemand::Lost { charges } else { waiting },
        pack_size: 0.0,
        moq: 0.0,
        is_count: true,
        lead_time: DayDistribution::point(lead),
        review_days: review,
        calendar: 0,
        order_group: 0,
        supplier: 0,
        keeps_days: None,
        cycle_is_review: false,
        scored_from: from,
    };

    ReplayedShop {
        terms: vec![terms; demand.len()],
        demand: demand.concat(),
        days,
        from,
        scored_from: from,
        charged_days: vec![1.0; days],
        block: (0..days).map(|day| (day.saturating_sub(from) / 1_000) as u16).collect(),
        calendars: vec![
            (0..days).map(|day| day >= from && (day - from).is_multiple_of(review)).collect(),
        ],
        seed: 1,
        ..ReplayedShop::default()
    }
}

/// A shop of weeks: demand on the first day of each week, 13 weeks of history, charges at each
/// week's end.
fn weekly(history: f64, weeks: &[f64]) -> ReplayedShop {
    let all: Vec<f64> = std::iter::repeat_n(history, 13).chain(weeks.iter().copied()).collect();
    let daily: Vec<f64> =
        all.iter().flat_map(|units| [*units, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]).collect();

    let mut shop = shop(vec![daily], 91, 7, 14, UnmetDemand::Lost);
    shop.charged_days = (0..shop.days).map(|day| if day % 7 == 6 { 7.0 } else { 0.0 }).collect();
    shop.terms[0].charges =
        Charges { holding_per_day: 0.2 / 7.0, short_unit: 1.0, ..Charges::default() };

    shop
}

#[test]
fn cover_3_weeks_is_what_arithmetic_by_hand_gives() {
    // Mean 10 in every one of 13 weeks; start with 3 × 10. Demand of the weeks replayed: 13, 0, 26,
    // 10, 10.
    let shop = weekly(10.0, &[13.0, 0.0, 26.0, 10.0, 10.0]);
    let run = replay(&shop, 3.0, &mut CoverWeeks { weeks: 3.0 });
    // Week 1: position 30, nothing ordered; 17 left.
    // Week 2: mean (120 + 13)/13 = 133/13; 30.69 + ½ − 17 → 14 on order for week 4; 17 left.
    // Week 3: mean 123/13 = 9.4615; 28.38 + ½ − 31 < 0; 17 served, 9 lost; 0 left.
    // Week 4: mean 139/13; 32.08 + ½ − 14 → 18 for week 6; 14 arrive, 10 sold; 4 left.
    // Week 5: mean 139/13; 32.08 + ½ − 22 → 10; nothing arrives, 4 sold, 6 lost; 0 left.
    let total = run.ledger.sum(|_| true);

    assert!((total.holding - 0.2 * (17.0 + 17.0 + 0.0 + 4.0 + 0.0)).abs() < 1e-9, "{total:?}");
    assert_eq!((total.shortage, total.short, total.demand), (15.0, 15.0, 59.0));
    assert_eq!((total.lines, total.units_ordered), (3.0, 14.0 + 18.0 + 10.0));
    assert_eq!(run.ledger.orders, 3);
}

#[test]
fn the_root_policy_projects_stock_with_what_is_lost() {
    // Stock 12, mean 10: after two weeks nothing is left (not −8), so one week's mean and 0.7·√10
    // are ordered: 12.2 → 12.
    let shop = weekly(10.0, &[10.0]);
    let mut run = Replay::start(&shop, 1.2);
    let orders = RootOfMean { factor: 0.7 }.orders(&run.night(&shop, 91));

    assert_eq!(orders[0].units, 12.0);
    run.advance(&shop, 91, &orders, None);
    assert_eq!(run.shelves[0].open[0].arrives_on, 105);
}

#[test]
fn packs_and_minimum_orders_are_heeded_by_every_policy() {
    let mut shop = weekly(10.0, &[10.0, 10.0, 10.0]);
    (shop.terms[0].pack_size, shop.terms[0].moq) = (6.0, 20.0);

    assert_eq!(
        (shop.on_terms(0, 1.0), shop.on_terms(0, 24.0), shop.on_terms(0, 25.0)),
        (24.0, 24.0, 30.0)
    );
    assert_eq!(shop.on_terms(0, 0.0), 0.0);
}

#[test]
fn perfect_foresight_loses_nothing_that_an_order_could_still_serve() {
    let demand = [7.0, 3.0, 0.0, 22.0, 5.0, 1.0, 40.0, 2.0];
    let shop = weekly(10.0, &demand);
    let total = replay(&shop, 1.0, &mut Foresight { shop: &shop }).ledger.sum(|_| true);

    assert_eq!((total.short, total.holding), (0.0, 0.2 * 3.0));
}

/// Orders up to `max` whenever the position is at or below `min`.
struct FixedLevels {
    min: f64,
    max: f64,
}

impl OrderPolicy for FixedLevels {
    fn orders(&mut self, night: &ReplayedNight<'_>) -> Vec<Order> {
        let short = |item: usize| {
            let position = night.shelves[item].position();
            if position > self.min { None } else { night.order(item, self.max - position) }
        };
        night.orderable().filter_map(short).collect()
    }
}

const POISSON_MEAN: f64 = 4.0;

fn poisson_shop(unmet: UnmetDemand, lead: u32, items: usize, days: usize) -> ReplayedShop {
    let draw = |random: &mut ChaCha8Rng| {
        let level = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let mut sum = 0.0;
        (0..200).find(|k| {
            sum += poisson::probability(*k, POISSON_MEAN);
            sum > level
        })
    };
    let demand = (0..items)
        .map(|item| {
            let mut random = stream(11, format!("world {item}").as_bytes());
            (0..days).map(|_| draw(&mut random).unwrap_or(0) as f64).collect()
        })
        .collect();
    let mut shop = shop(demand, 182, 1, lead, unmet);
    shop.scored_from += 30;
    shop.terms.iter_mut().for_each(|terms| terms.scored_from += 30);
    shop
}

/// Backorders, daily reviews, lead time L: the best level S is the quantile p/(p+h) of the demand
/// of L + 1 days, and costs E[h(S − X)⁺ + p(X − S)⁺] a day (Zipkin 2000, section 9.4.3).
#[test]
fn the_optimal_policy_costs_what_theory_says_and_none_without_foresight_beats_it() {
    let (lead, items, days) = (3, 40, 3_212);
    let shop = poisson_shop(UnmetDemand::Backorder, lead, items, days);
    let mean = POISSON_MEAN * f64::from(lead + 1);
    let cost = |level: f64| -> f64 {
        (0..120)
            .map(|k| {
                let left = level - k as f64;

                poisson::probability(k, mean) * if left > 0.0 { left } else { -9.0 * left }
            })
            .sum()
    };
    let best = (0..60).map(f64::from).min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap();
    let policies: Vec<(String, Box<dyn OrderPolicy>)> = vec![
        ("optimal".into(), Box::new(FixedLevels { min: best - 1.0, max: best })),
        ("cover 4 days".into(), Box::new(CoverWeeks { weeks: 4.0 / 7.0 })),
        ("cover 5 days".into(), Box::new(CoverWeeks { weeks: 5.0 / 7.0 })),
        ("cover 6 days".into(), Box::new(CoverWeeks { weeks: 6.0 / 7.0 })),
        ("textbook 1.0".into(), Box::new(Textbook { z: 1.0 })),
        ("textbook 1.28".into(), Box::new(Textbook { z: 1.28 })),
        ("textbook 1.645".into(), Box::new(Textbook { z: 1.645 })),
        ("root".into(), Box::new(RootOfMean { factor: 2.0 })),
        (
            "min/max".into(),
            Box::new(MinMax { levels: vec![Some((best - 3.0, best + 2.0)); items] }),
        ),
    ];
    let entries: Vec<Entry> = policies
        .into_iter()
        .map(|(name, mut policy)| Entry {
            name,
            run: replay(&shop, 0.7, policy.as_mut()),
            has_foresight: false,
        })
        .collect();
    let rows = compare(&entries.iter().collect::<Vec<_>>(), &[], &vec![true; items], 7);
    let scored = (days - shop.scored_from) as f64 * items as f64;
    let expected = cost(best) * scored;

    assert!(
        rows[0].money.low <= expected && expected <= rows[0].money.high,
        "{:?} {expected}",
        rows[0].money
    );
    assert!(
        (rows[0].money.value / expected - 1.0).abs() < 0.02,
        "{} {expected}",
        rows[0].money.value
    );
    for row in &rows[1..] {
        assert!(
            row.more_than_first.high >= 0.0,
            "{} beats the optimum: {:?}",
            row.name,
            row.more_than_first
        );
    }
}

#[test]
fn deliveries_of_an_outage_come_on_the_day_after_it() {
    let mut shop = weekly(10.0, &[10.0, 10.0, 10.0, 10.0]);
    shop.outages = vec![super::shop::Outage { supplier: 0, from: 100, to: 110 }];

    assert_eq!(shop.arrival_of(0, 91), 111);
    assert_eq!(shop.arrival_of(0, 98), 112);
}

#[test]
fn periods_whose_demand_is_not_known_are_not_scored() {
    let mut shop = weekly(10.0, &[10.0, 50.0, 10.0]);
    let known = replay(&shop, 1.0, &mut CoverWeeks { weeks: 3.0 }).ledger.sum(|_| true);
    shop.unknown = (0..shop.days).map(|day| (98..105).contains(&day)).collect();
    let scored = replay(&shop, 1.0, &mut CoverWeeks { weeks: 3.0 }).ledger.sum(|_| true);

    assert_eq!((known.demand, scored.demand), (70.0, 20.0));
    assert!(scored.shortage < known.shortage);
}
