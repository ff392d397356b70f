//! Promised against achieved service, by simulation of stock day by day. Each case runs the days of
//! 40,000 cycles that do not overlap; the standard error of a share near 95 % is then about 0.1
//! points.

use restock::domain::policy::Policy;
use restock::domain::target::Target;
use restock::inventory::day_distribution::DayDistribution;
use restock::inventory::levels::{LevelSettings, Levels, levels};
use restock::inventory::protection::DemandTotals;
use restock::inventory::supply::Supply;
use restock::stats::normal;
use restock::stats::random::stream;

use super::daily::{Daily, draw_days};
use super::print_row;

const CYCLES: u32 = 40_000;
const WARM_UP_DAYS: u32 = 500;
/// What every table and test of service goes through.
const POLICIES: [Policy; 3] = [Policy::ReorderUpTo, Policy::ReorderMultiple, Policy::UpToLevel];
const TARGETS: [Target; 4] = [
    Target::CycleServiceLevel(0.95),
    Target::CycleServiceLevel(0.99),
    Target::FillRate(0.95),
    Target::ReadyRate(0.95),
];
/// Orders of about this many days of demand, and multiples of this many units.
const USUAL: Sizes = Sizes { cycle_days: 10.0, multiple: 20.0 };
/// Orders so large that one has come before the next is placed.
const APART: Sizes = Sizes { cycle_days: 40.0, multiple: 400.0 };

/// How large orders are.
#[derive(Clone, Copy)]
struct Sizes {
    /// Days of mean demand in an order.
    cycle_days: f64,
    /// Units of which `rsnQ` orders multiples.
    multiple: f64,
}

/// An item whose service is promised and simulated.
struct Case {
    name: &'static str,
    demand: Daily,
    supply: Supply,
    sizes: Sizes,
}

/// What was promised, what the levels achieve, and what levels one unit lower would achieve.
struct Service {
    promised: f64,
    achieved: f64,
    with_one_unit_less: f64,
}

impl Case {
    fn found(&self, policy: Policy, target: Target) -> Levels {
        let settings = LevelSettings {
            policy,
            order_multiple_units: self.sizes.multiple,
            order_cycle_days: self.sizes.cycle_days,
            ..LevelSettings::new(target)
        };
        levels(&self.demand, &self.supply, &settings)
    }

    fn service(&self, policy: Policy, target: Target) -> Service {
        let found = self.found(policy, target);
        let less = Levels {
            reorder_point: found.reorder_point - 1.0,
            order_up_to_level: found.order_up_to_level - 1.0,
            ..found
        };

        Service {
            promised: promise_of(target),
            achieved: self.simulate(policy, &found).share_for(target),
            with_one_unit_less: self.simulate(policy, &less).share_for(target),
        }
    }

    /// One item's stock under a policy: at a review, order; deliveries come at the start of a day,
    /// demand follows.
    fn simulate(&self, policy: Policy, found: &Levels) -> Achieved {
        let mut random = stream(42, b"simulation");
        let mut shelf = Shelf::new(found.order_up_to_level);
        let mut counts = Counts::default();

        // Cycles that overlap within a lead time tell the same story: each needs days of its own.
        let Supply { lead_time, review_period_days, .. } = &self.supply;
        let min_days = CYCLES * (lead_time.longest().min(30) + review_period_days);
        let mut day = 0;
        while counts.cycles < f64::from(CYCLES) || day < min_days {
            let measured = day > WARM_UP_DAYS;

            if day % review_period_days == 0
                && let Some(units) = self.order(policy, found, shelf.position)
            {
                shelf.order(units, day + draw_days(lead_time, &mut random));
            }
            let deliveries = shelf.receive(day);
            if measured {
                counts.count_deliveries(deliveries, shelf.net_at_end_of_day);
            }

            let units = self.demand.draw(&mut random);
            if measured {
                counts.count_demand(units, shelf.net);
            }
            shelf.sell(units);
            day += 1;
        }

        counts.shares()
    }

    /// What is ordered at a review, in units.
    fn order(&self, policy: Policy, found: &Levels, position: f64) -> Option<f64> {
        let multiple = self.sizes.multiple;
        match policy {
            Policy::UpToLevel => Some(found.order_up_to_level - position),
            _ if position > found.reorder_point => None,
            Policy::ReorderMultiple => {
                let multiples = ((found.reorder_point - position) / multiple).floor();
                Some(multiples * multiple + multiple)
            }
            _ => Some(found.order_up_to_level - position),
        }
    }
}

/// The share that a target promises.
fn promise_of(target: Target) -> f64 {
    match target {
        Target::CycleServiceLevel(level) | Target::FillRate(level) | Target::ReadyRate(level) => {
            level
        }
        Target::Cost(_) => unreachable!("no share is promised"),
    }
}

/// Stock of an item whose unmet demand waits, in units.
struct Shelf {
    /// On hand less what waits.
    net: f64,
    /// On hand and on its way, less what waits.
    position: f64,
    /// Net stock at the end of the day before.
    net_at_end_of_day: f64,
    /// Day of arrival and units of each open order.
    open: Vec<(u32, f64)>,
}

impl Shelf {
    fn new(units: f64) -> Self {
        Self { net: units, position: units, net_at_end_of_day: units, open: Vec::new() }
    }

    fn order(&mut self, units: f64, arrival_day: u32) {
        self.position += units;
        self.open.push((arrival_day, units));
    }

    /// Takes in what arrives on a day: the number of orders.
    fn receive(&mut self, day: u32) -> usize {
        let before = self.open.len();
        let net = &mut self.net;
        self.open.retain(|&(arrival_day, units)| {
            *net += if arrival_day == day { units } else { 0.0 };
            arrival_day != day
        });

        before - self.open.len()
    }

    fn sell(&mut self, units: f64) {
        self.net -= units;
        self.position -= units;
        self.net_at_end_of_day = self.net;
    }
}

/// Cycles, days and units counted so far.
#[derive(Default)]
struct Counts {
    cycles: f64,
    cycles_without_shortage: f64,
    days: f64,
    days_with_stock: f64,
    demanded: f64,
    short: f64,
}

impl Counts {
    /// Every delivery ends a cycle, which was short if units waited the evening before.
    fn count_deliveries(&mut self, deliveries: usize, net_the_evening_before: f64) {
        self.cycles += deliveries as f64;
        if net_the_evening_before >= 0.0 {
            self.cycles_without_shortage += deliveries as f64;
        }
    }

    fn count_demand(&mut self, units: f64, net: f64) {
        self.demanded += units;
        self.short += (units - net.max(0.0)).max(0.0);
        self.days += 1.0;
        self.days_with_stock += if net > units { 1.0 } else { 0.0 };
    }

    fn shares(&self) -> Achieved {
        Achieved {
            cycle_service: self.cycles_without_shortage / self.cycles,
            fill: 1.0 - self.short / self.demanded,
            ready: self.days_with_stock / self.days,
        }
    }
}

/// Shares achieved: of cycles without a shortage, of units served at once, of days ending with
/// stock.
struct Achieved {
    cycle_service: f64,
    fill: f64,
    ready: f64,
}

impl Achieved {
    /// The share that a target speaks of.
    fn share_for(&self, target: Target) -> f64 {
        match target {
            Target::CycleServiceLevel(_) => self.cycle_service,
            Target::FillRate(_) => self.fill,
            Target::ReadyRate(_) => self.ready,
            Target::Cost(_) => unreachable!("no share is promised"),
        }
    }
}

/// A lead time that does not vary.
fn fixed(lead_time_days: u32, review_period_days: u32) -> Supply {
    Supply::new(DayDistribution::point(lead_time_days), 0, review_period_days)
}

/// The lead time of `docs/SERVICE.md` that varies: 5 days, or 25 with probability 0.2.
fn slow_or_quick(review_period_days: u32) -> Supply {
    let lead_time = DayDistribution::from_weights(vec![(5, 0.8), (25, 0.2)]).unwrap();
    Supply::new(lead_time, 0, review_period_days)
}

fn lumpy(review_period_days: u32) -> Case {
    Case {
        name: "lumpy, L = 10",
        demand: Daily::lumpy(30),
        supply: fixed(10, review_period_days),
        sizes: USUAL,
    }
}

fn scattered(review_period_days: u32) -> Case {
    Case {
        name: "negative binomial 0.2, 1.0; L = 14",
        demand: Daily::negative_binomial(0.2, 1.0, 40),
        supply: fixed(14, review_period_days),
        sizes: USUAL,
    }
}

fn regular(review_period_days: u32) -> Case {
    Case {
        name: "Poisson 5, L = 4",
        demand: Daily::poisson(5.0, 30),
        supply: fixed(4, review_period_days),
        sizes: USUAL,
    }
}

/// An order has come before the next is placed, so that none overtakes another.
fn apart(review_period_days: u32) -> Case {
    Case {
        name: "Poisson 10, L = 5 or 25",
        demand: Daily::poisson(10.0, 70),
        supply: slow_or_quick(review_period_days),
        sizes: APART,
    }
}

/// With a lead time that does not vary, service is at most 0.3 points (three standard errors) below
/// what is promised, and one unit less falls short of it, up to the same error.
#[track_caller]
fn assert_keeps_its_promise(case: &Case) {
    for policy in POLICIES {
        for target in TARGETS {
            let service = case.service(policy, target);
            let Service { promised, achieved, with_one_unit_less: less } = service;

            let review = case.supply.review_period_days;
            let row =
                format!("{}, R = {review}, {policy}, {target}: {achieved}, less {less}", case.name);
            assert!(achieved >= promised - 0.003, "{row}");
            assert!(less < promised + 0.003, "{row}");
        }
    }
}

#[test]
fn service_is_what_was_promised_for_lumpy_demand() {
    for review in [1, 7] {
        assert_keeps_its_promise(&lumpy(review));
    }
}

#[test]
fn service_is_what_was_promised_for_scattered_counts() {
    for review in [1, 7] {
        assert_keeps_its_promise(&scattered(review));
    }
}

#[test]
fn service_is_what_was_promised_for_regular_demand() {
    for review in [1, 7] {
        assert_keeps_its_promise(&regular(review));
    }
}

/// Orders that overtake one another bring stock earlier than the lead time of any one of them, so
/// service is higher.
#[test]
fn service_is_at_least_what_was_promised_when_lead_times_vary() {
    let lead_times = [slow_or_quick(1).lead_time, DayDistribution::from_mean_and_sd(8.0, 3.0)];
    let targets =
        [Target::CycleServiceLevel(0.95), Target::FillRate(0.95), Target::ReadyRate(0.95)];

    for lead_time in lead_times {
        for review_period_days in [1, 7] {
            let case = Case {
                name: "Poisson 10",
                demand: Daily::poisson(10.0, 60),
                supply: Supply::new(lead_time.clone(), 0, review_period_days),
                sizes: USUAL,
            };
            for policy in POLICIES {
                for target in targets {
                    let Service { promised, achieved, .. } = case.service(policy, target);
                    assert!(
                        achieved >= promised - 0.003,
                        "R = {review_period_days}, {policy}, {target}: {achieved}"
                    );
                }
            }
        }
    }
}

#[test]
fn service_is_what_was_promised_when_lead_times_vary_and_orders_keep_their_order() {
    let targets =
        [Target::CycleServiceLevel(0.95), Target::FillRate(0.95), Target::ReadyRate(0.95)];

    for (policy, review) in [
        (Policy::ReorderUpTo, 1),
        (Policy::ReorderUpTo, 7),
        (Policy::ReorderMultiple, 1),
        (Policy::UpToLevel, 28),
    ] {
        let case = apart(review);
        for target in targets {
            let service = case.service(policy, target);
            let Service { promised, achieved, with_one_unit_less: less } = service;

            let row = format!("R = {review}, {policy}, {target}: {achieved}, less {less}");
            assert!(achieved >= promised - 0.005, "{row}");
            assert!(less < promised + 0.005, "{row}");
        }
    }
}

#[test]
fn levels_never_fall_when_the_lead_time_or_the_spread_of_demand_rises() {
    for policy in POLICIES {
        for target in
            [Target::CycleServiceLevel(0.95), Target::FillRate(0.98), Target::ReadyRate(0.95)]
        {
            let settings =
                LevelSettings { policy, order_multiple_units: 8.0, ..LevelSettings::new(target) };
            let reorder_point = |demand: &Daily, lead_time_days: u32| {
                levels(demand, &fixed(lead_time_days, 2), &settings).reorder_point
            };

            let demand = Daily::negative_binomial(1.5, 4.0, 40);
            let by_days: Vec<f64> = (1..30).map(|days| reorder_point(&demand, days)).collect();
            assert!(by_days.is_sorted(), "{policy} {target}: {by_days:?}");

            let by_spread = [1.6, 2.0, 3.0, 4.0, 6.0, 9.0]
                .map(|variance| reorder_point(&Daily::negative_binomial(1.5, variance, 40), 9));
            assert!(by_spread.is_sorted(), "{policy} {target}: {by_spread:?}");
        }
    }
}

#[test]
fn a_higher_target_never_lowers_the_levels() {
    let demand = Daily::negative_binomial(0.5, 2.0, 40);
    let supply = Supply::new(DayDistribution::from_mean_and_sd(9.0, 4.0), 1, 3);
    let targets: [fn(f64) -> Target; 3] =
        [Target::CycleServiceLevel, Target::FillRate, Target::ReadyRate];

    for target in targets {
        for policy in POLICIES {
            let mut before = f64::NEG_INFINITY;
            for percent in 50..100 {
                let settings = LevelSettings {
                    policy,
                    ..LevelSettings::new(target(f64::from(percent) / 100.0))
                };
                let found = levels(&demand, &supply, &settings);
                assert!(found.reorder_point >= before, "{policy} {percent}");
                before = found.reorder_point;
            }
        }
    }
}

/// `min_max` without stated levels is given those of `rsS`.
#[test]
fn min_max_without_levels_of_its_own_is_planned_as_reorder_up_to() {
    let case = Case { sizes: USUAL, ..apart(7) };
    for target in TARGETS {
        let found = case.found(Policy::MinMax, target);
        assert_eq!(found, case.found(Policy::ReorderUpTo, target), "{target}");
    }
}

/// The textbook's levels for a cycle service level: s = μ·E L + z·√(σ²·E L + μ²·Var L), and S a gap
/// above it.
fn textbook_levels(case: &Case, level: f64) -> Levels {
    let (mean, variance) = case.demand.moments(0, 1);
    let (days, sd_days) = (case.supply.lead_time.mean(), case.supply.lead_time.sd());
    let spread = (variance * days + mean * mean * sd_days * sd_days).sqrt();

    let s = mean * days + normal::quantile(level) * spread;
    let gap = (case.sizes.cycle_days * case.demand.mean() - 1e-9).ceil();

    Levels { reorder_point: s, order_up_to_level: s + gap, ..Levels::default() }
}

/// Cases in which the textbook breaks its promise of a cycle service level.
fn broken_promises() -> [(Case, f64); 3] {
    [
        (lumpy(1), 0.95),
        (scattered(1), 0.99),
        (Case { sizes: Sizes { multiple: 20.0, ..APART }, ..apart(1) }, 0.95),
    ]
}

/// Cycle service achieved under `rsS`.
struct BesideTheTextbook {
    textbook: f64,
    here: f64,
}

fn beside_the_textbook(case: &Case, level: f64) -> BesideTheTextbook {
    let policy = Policy::ReorderUpTo;
    let here = case.found(policy, Target::CycleServiceLevel(level));

    BesideTheTextbook {
        textbook: case.simulate(policy, &textbook_levels(case, level)).cycle_service,
        here: case.simulate(policy, &here).cycle_service,
    }
}

#[test]
fn the_textbook_breaks_promises_that_the_levels_keep() {
    for (case, level) in &broken_promises() {
        let BesideTheTextbook { textbook, here } = beside_the_textbook(case, *level);
        assert!(textbook < level - 0.01, "{}: {textbook}", case.name);
        assert!(here >= level - 0.005, "{}: {here}", case.name);
    }
}

/// Prints the tables of `docs/SERVICE.md`.
#[test]
#[ignore = "prints the tables of the documentation: cargo test --release --test it service_table \
            -- --ignored --nocapture"]
fn service_table() {
    for (case, level) in &broken_promises() {
        let found = beside_the_textbook(case, *level);
        let (textbook, here) = (100.0 * found.textbook, 100.0 * found.here);
        print_row(&format!("| {}, {level} | {textbook:.1} | {here:.1} |", case.name));
    }

    for review in [1, 7] {
        print_service(&lumpy(review), &POLICIES);
        print_service(&scattered(review), &POLICIES);
        print_service(&regular(review), &POLICIES);
    }

    // Under `rS` an order is placed at every review: only at the longest review period has one come
    // before the next is placed.
    let [with_reorder_point @ .., _] = &POLICIES;
    print_service(&apart(1), with_reorder_point);
    print_service(&apart(7), with_reorder_point);
    print_service(&apart(28), &POLICIES);
    let overtaking = Case { name: "the same, orders overtaking", sizes: USUAL, ..apart(1) };
    print_service(&overtaking, &POLICIES);
}

/// Prints what a case achieves by policy and target.
fn print_service(case: &Case, policies: &[Policy]) {
    for policy in policies {
        for target in TARGETS {
            let service = case.service(*policy, target);
            let target = target.to_string().replace('=', " ");
            print_row(&format!(
                "| {} | {} | `{policy}` | {target} | {:.1} | {:.1} |",
                case.name,
                case.supply.review_period_days,
                100.0 * service.achieved,
                100.0 * service.with_one_unit_less
            ));
        }
    }
}
