use proptest::prelude::*;

use super::*;
use crate::backorder::promise_reason::PromiseReason;
use crate::backorder::queue::{Queue, RankedLine};
use crate::backorder::told::Told;
use crate::config::choices::Allocation;
use crate::domain::key::Key;
use crate::domain::tables::{Backorder, Tables};
use crate::inventory::day_distribution::DayDistribution;

fn units(number: i64) -> Fixed {
    Fixed::from_units(number)
}

fn lot(order: &str, number: i64, arrival: DayDistribution) -> Lot {
    let source = PromiseReason::OpenOrder;
    Lot { units: units(number), arrival, order: order.to_owned(), source }
}

fn on_day(order: &str, number: i64, day: u32) -> Lot {
    lot(order, number, DayDistribution::point(day))
}

fn claim(item: usize, number: i64, complete_order: Option<usize>) -> Claim {
    Claim { item, units: units(number), complete_order, promised_days: None }
}

fn days(allotments: &[Allotment]) -> Vec<Option<u32>> {
    allotments.iter().map(|allotment| allotment.ships.map(|(_, p90)| p90)).collect()
}

#[test]
fn units_are_handed_out_by_rank_and_a_line_ships_with_its_last_unit() {
    let lots = [vec![Lot::stock(units(5)), on_day("PO1", 4, 3), on_day("PO2", 4, 9)]];
    let claims = [claim(0, 3, None), claim(0, 3, None), claim(0, 6, None), claim(0, 2, None)];
    let found = allocate(&lots, &claims);
    let now: Vec<Fixed> = found.iter().map(|allotment| allotment.now).collect();
    assert_eq!(now, [units(3), units(2), units(0), units(0)]);
    assert_eq!(days(&found), [Some(0), Some(3), Some(9), None]);
}

#[test]
fn an_order_that_leaves_as_a_whole_lends_stock_that_it_does_not_need_yet() {
    // Its other item comes on day 20, more of this one on day 10.
    let lots = [vec![Lot::stock(units(4)), on_day("PO1", 4, 10)], vec![on_day("PO2", 1, 20)]];
    let claims = [claim(0, 4, Some(0)), claim(1, 1, Some(0)), claim(0, 3, None)];
    let found = allocate(&lots, &claims);
    assert_eq!((found[0].now, found[1].now, found[2].now), (units(0), units(0), units(3)));
    assert_eq!(days(&found), [Some(20), Some(20), Some(0)]);
    // The line could leave on day 10, with what replaces the units that were lent.
    assert_eq!(found[0].alone, Some(10));
}

#[test]
fn nothing_is_lent_that_would_make_a_whole_order_late() {
    let lots = [vec![Lot::stock(units(4)), on_day("PO1", 4, 10)], vec![on_day("PO2", 1, 2)]];
    let promised = Some(5);
    let claims = [
        Claim { promised_days: promised, ..claim(0, 4, Some(0)) },
        Claim { promised_days: promised, ..claim(1, 1, Some(0)) },
        claim(0, 3, None),
    ];
    let found = allocate(&lots, &claims);
    assert_eq!(found[2].now, units(0));
    assert_eq!(days(&found), [Some(2), Some(2), Some(10)]);

    // Told the 12th, it can wait for the next delivery.
    let relaxed: Vec<Claim> = claims
        .into_iter()
        .map(|claim| Claim { promised_days: claim.promised_days.map(|_| 12), ..claim })
        .collect();
    let found = allocate(&lots, &relaxed);
    assert_eq!(found[2].now, units(3));
    assert_eq!(days(&found), [Some(10), Some(10), Some(0)]);
}

#[test]
fn what_would_be_lent_twice_is_not_lent_at_all() {
    // Either loan of the first order leaves it in time, both do not.
    let spread = DayDistribution::from_mean_and_sd(14.0, 6.0);
    let lots = [
        vec![Lot::stock(units(1)), lot("PO1", 5, spread.clone())],
        vec![Lot::stock(units(1)), lot("PO2", 5, spread.clone())],
        vec![on_day("PO3", 1, 2)],
    ];
    let day = spread.quantile(PROMISED_LEVEL) as i32;
    let first = |item| Claim { promised_days: Some(day), ..claim(item, 1, Some(0)) };
    let claims = [first(0), first(1), first(2), claim(0, 1, Some(1)), claim(1, 1, Some(1))];
    let found = allocate(&lots, &claims);
    let now: BTreeSet<Fixed> = found.iter().map(|allotment| allotment.now).collect();
    assert_eq!(now, BTreeSet::from([units(0)]), "{found:?}");
    assert_eq!(days(&found)[..3], [Some(2); 3]);
}

/// What a lot is like before it has a name.
type RawLot = (i64, u32, f64);

fn arrival((_, mean, spread): RawLot) -> DayDistribution {
    DayDistribution::from_mean_and_sd(f64::from(mean), spread * f64::from(mean))
}

fn lots_of(items: &[(i64, Vec<RawLot>)]) -> Vec<Vec<Lot>> {
    let of_item = |(at, (stock, raw)): (usize, &(i64, Vec<RawLot>))| {
        let named = raw.iter().enumerate();
        // The second lots of all items are lines of one purchase order.
        let name = |nth: usize| if nth == 1 { "shared".to_owned() } else { format!("{at}-{nth}") };
        let coming = named.map(|(nth, raw)| lot(&name(nth), raw.0, arrival(*raw)));
        std::iter::once(Lot::stock(units(*stock))).chain(coming).collect()
    };
    items.iter().enumerate().map(of_item).collect()
}

fn raw_items(spreads: std::ops::Range<f64>) -> impl Strategy<Value = Vec<(i64, Vec<RawLot>)>> {
    let lot = (1_i64..9, 1_u32..40, spreads);
    prop::collection::vec((0_i64..9, prop::collection::vec(lot, 0..4)), 1..4)
}

/// Claims on up to three items; orders of the same number leave as a whole, those above 3 do not.
fn raw_claims() -> impl Strategy<Value = Vec<(usize, i64, usize, Option<i32>)>> {
    let promised = prop::option::of(-5_i32..40);
    prop::collection::vec((0_usize..3, 1_i64..6, 0_usize..7, promised), 1..9)
}

fn claims_of(raw: &[(usize, i64, usize, Option<i32>)], items: usize, whole: bool) -> Vec<Claim> {
    let claims: Vec<Claim> = raw
        .iter()
        .map(|&(item, number, order, promised_days)| Claim {
            item: item % items,
            units: units(number),
            complete_order: Some(order).filter(|order| whole && *order < 4),
            promised_days,
        })
        .collect();
    // Lines of an order beside each other, at the place of its first.
    let mut first: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, claim) in claims.iter().enumerate() {
        if let Some(order) = claim.complete_order {
            first.entry(order).or_insert(at);
        }
    }
    let mut placed: Vec<(usize, Claim)> = claims.into_iter().enumerate().collect();
    placed.sort_by_key(|(at, claim)| {
        claim.complete_order.and_then(|order| first.get(&order).copied()).unwrap_or(*at)
    });
    placed.into_iter().map(|(_, claim)| claim).collect()
}

/// Whether no promise of `after` is later than that of `before`; one that was none may come.
fn none_later(before: &[Option<u32>], after: &[Option<u32>]) -> bool {
    before.iter().zip(after).all(|(before, after)| match (before, after) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(before), Some(after)) => after <= before,
    })
}

/// Cases of each property; four of them make the ten thousand that are asked for.
const CASES: u32 = 2_500;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn no_more_ships_than_is_there_on_any_day_and_whole_orders_never_split(
        items in raw_items(0.0..1e-9),
        raw in raw_claims(),
    ) {
        let (lots, claims) = (lots_of(&items), claims_of(&raw, items.len(), true));
        let found = allocate(&lots, &claims);
        for (item, lots) in lots.iter().enumerate() {
            for day in 0..60 {
                let there: Fixed = lots
                    .iter()
                    .filter(|lot| lot.arrival.longest() <= day)
                    .map(|lot| lot.units)
                    .sum();
                let shipped: Fixed = claims
                    .iter()
                    .zip(&found)
                    .filter(|(claim, _)| claim.item == item)
                    .map(|(claim, got)| match got.ships {
                        Some((_, p90)) if p90 <= day => claim.units,
                        _ => got.now,
                    })
                    .sum();
                prop_assert!(shipped <= there, "item {item}, day {day}: {shipped} of {there}");
            }
        }

        for (claim, got) in claims.iter().zip(&found) {
            let Some(order) = claim.complete_order else { continue };
            let is_first = |other: &&(&Claim, &Allotment)| other.0.complete_order == Some(order);
            let lines: Vec<_> = claims.iter().zip(&found).collect();
            for (other, its) in lines.iter().filter(is_first) {
                prop_assert_eq!(got.ships, its.ships);
                prop_assert_eq!(got.now == claim.units, its.now == other.units);
                prop_assert!(its.now == Fixed::ZERO || its.now == other.units);
            }
        }
    }

    #[test]
    fn whole_orders_never_split_however_deliveries_vary(
        items in raw_items(0.0..1.0),
        raw in raw_claims(),
    ) {
        let (lots, claims) = (lots_of(&items), claims_of(&raw, items.len(), true));
        let found = allocate(&lots, &claims);
        let mut of_order: BTreeMap<usize, BTreeSet<bool>> = BTreeMap::new();
        for (claim, got) in claims.iter().zip(&found) {
            prop_assert!(got.now <= claim.units);
            let Some(order) = claim.complete_order else { continue };
            prop_assert!(got.now == Fixed::ZERO || got.now == claim.units);
            of_order.entry(order).or_default().insert(got.now == claim.units);
        }
        prop_assert!(of_order.values().all(|served| served.len() == 1));
        for (item, lots) in lots.iter().enumerate() {
            let there: Fixed = lots.iter().filter(|lot| lot.is_stock()).map(|lot| lot.units).sum();
            let of_item = claims.iter().zip(&found).filter(|(claim, _)| claim.item == item);
            prop_assert!(of_item.map(|(_, got)| got.now).sum::<Fixed>() <= there);
        }
    }

    #[test]
    fn a_higher_rank_is_never_later_and_more_supply_or_fewer_claims_make_no_promise_later(
        items in raw_items(0.0..1.0),
        raw in raw_claims(),
        more in (0_usize..3, 1_i64..9, 1_u32..40, 0.0_f64..1.0),
        left_out in 0_usize..8,
    ) {
        let (lots, claims) = (lots_of(&items), claims_of(&raw, items.len(), false));
        let before = days(&allocate(&lots, &claims));
        for (at, claim) in claims.iter().enumerate() {
            for (behind, other) in claims.iter().enumerate().skip(at + 1) {
                if claim.item == other.item && claim.units <= other.units {
                    prop_assert!(none_later(&before[behind..=behind], &before[at..=at]));
                }
            }
        }

        let mut richer = lots.clone();
        let (item, number, mean, spread) = more;
        richer[item % items.len()].push(lot("more", number, arrival((0, mean, spread))));
        prop_assert!(none_later(&before, &days(&allocate(&richer, &claims))));

        let left_out = left_out % claims.len();
        let mut fewer = claims.clone();
        fewer.remove(left_out);
        let mut kept = before.clone();
        kept.remove(left_out);
        prop_assert!(none_later(&kept, &days(&allocate(&lots, &fewer))));
    }

    #[test]
    fn a_lot_that_is_delayed_makes_no_promise_earlier(
        items in raw_items(0.0..1.0),
        raw in raw_claims(),
        which in 0_usize..12,
        delay in 1_u32..30,
    ) {
        let (lots, claims) = (lots_of(&items), claims_of(&raw, items.len(), false));
        let before = days(&allocate(&lots, &claims));
        let mut later = lots.clone();
        let item = which % items.len();
        let lot = (which / items.len()) % later[item].len();
        later[item][lot].arrival = later[item][lot].arrival.later(delay);
        let stock_is_late = later[item][lot].is_stock();
        if !stock_is_late {
            prop_assert!(none_later(&days(&allocate(&later, &claims)), &before));
        }
    }

    #[test]
    fn what_was_promised_is_not_worsened_for_lines_of_equal_or_lower_rank(
        items in raw_items(0.0..1.0),
        raw in prop::collection::vec((0_usize..3, 1_i64..6, 0_usize..9, 0_i64..3, 0_i32..30), 1..7),
        new in prop::collection::vec((0_usize..3, 1_i64..6, 0_i64..3, 0_i32..30), 1..4),
        whole in any::<bool>(),
    ) {
        let lots = lots_of(&items);
        let row = |id: String, item: usize, number: i64, priority: i64, ordered_on: i32| Backorder {
            order_id: id.into(),
            line: None,
            customer: None,
            key: Key::new(&format!("{}", item % items.len()), "main"),
            quantity: units(number),
            ordered_on,
            promised_on: None,
            priority: Some(priority),
            ship_complete: false,
            country: None,
            credit: false,
            unit_price: None,
            repeat: 0,
        };
        let mut rows: Vec<Backorder> = raw
            .iter()
            .map(|&(item, number, order, priority, day)| Backorder {
                ship_complete: whole && order < 3,
                ..row(format!("old{order}"), item, number, priority, day)
            })
            .collect();
        rows.sort_by_key(|row| (row.order_id.clone(), row.key.clone(), row.quantity));
        rows.dedup_by(|a, b| a.order_id == b.order_id && a.key == b.key);

        let tables = Tables::default();
        type Before = BTreeMap<(String, Key), (u32, Option<u32>)>;
        let run = |rows: &[Backorder], before: &Before| {
            let name = |row: &Backorder| (row.order_id.to_string(), row.key.clone());
            let told = |row: &Backorder| {
                let (place, day) = *before.get(&name(row))?;
                let date = day.map(|day| day as i32);
                Some(Told { date, place: Some(place), ..Told::default() })
            };
            let queue =
                Queue { allocation: Allocation::Keep, tables: &tables, told: &told, as_of: 0 };
            let lines: Vec<RankedLine<'_>> = queue.of(rows);
            let claims: Vec<Claim> = lines
                .iter()
                .map(|line| Claim {
                    item: line.row.key.sku.parse().unwrap_or(0),
                    units: line.row.quantity,
                    complete_order: line.complete_order,
                    promised_days: line.told,
                })
                .collect();
            let found = days(&allocate(&lots, &claims));
            let placed = (1..).zip(found);
            lines.iter().map(|line| name(line.row)).zip(placed).collect::<BTreeMap<_, _>>()
        };

        let promised = run(&rows, &Before::new());
        // The best rank that any line which was promised stands at: what comes is not above it.
        let best = rows.iter().filter_map(|row| row.priority).max().unwrap_or(0);
        let mut more = rows.clone();
        for (at, &(item, number, priority, day)) in new.iter().enumerate() {
            more.push(row(format!("new{at}"), item, number, best + priority, day - 30));
        }
        let after = run(&more, &promised);
        for (name, (_, day)) in &promised {
            let now = after[name].1;
            prop_assert!(
                day.is_none_or(|day| now.is_some_and(|now| now <= day)),
                "{name:?}: told {day:?}, now {now:?}"
            );
        }
    }
}
