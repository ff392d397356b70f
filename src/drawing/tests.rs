//! What holds of every picture, whatever it is asked to show.

use proptest::collection::vec;
use proptest::prelude::*;

use super::curve::{Curve, NamedPoint, curve};
use super::fan::{Fan, fan};
use super::plot::Point;
use super::projected_stock::{ProjectedStock, projected_stock};
use super::reliability::{Told, reliability};
use super::spark::spark;
use super::svg::Place;
use super::timeline::{Daily, Figure, small_multiples, timeline};
use crate::domain::calendar::{BucketCalendar, BucketLength, Day, day_of};

const WEEKS: BucketCalendar = BucketCalendar { length: BucketLength::Week, week_start: 0 };

fn day(text: &str) -> Day {
    day_of(text.parse().unwrap())
}

/// Every value of an attribute, in order.
fn values_of<'a>(drawn: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    drawn.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The numbers of a path's columns and rows: those after M, L, V and H.
fn coordinates(data: &str) -> Vec<(char, f64)> {
    let mut found = Vec::new();
    let mut command = ' ';
    let mut number = String::new();
    for character in data.chars().chain(['z']) {
        if character.is_ascii_digit() || character == '.' || character == '-' {
            number.push(character);
            continue;
        }
        if let Ok(value) = number.parse() {
            found.push((command, value));
        }
        number.clear();
        if character.is_ascii_alphabetic() {
            command = character;
        }
    }
    found
}

/// A picture of its own kind has a name, balanced markup and no number that is none.
fn assert_sound(drawn: &str) {
    for forbidden in ["style=", "NaN", "inf", "<script", "-0\"", "-0 "] {
        assert!(!drawn.contains(forbidden), "{forbidden} in {drawn}");
    }
    assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>\n"), "{drawn}");
    assert_eq!(drawn.matches(" role=\"img\"").count(), 1);
    assert_eq!(drawn.matches("<title>").count(), drawn.matches("</title>").count());
    assert_eq!(drawn.matches("<text ").count(), drawn.matches("</text>").count());
    for shape in drawn.split('<').filter(|tag| {
        ["path", "line", "rect", "text"].iter().any(|name| tag.starts_with(&format!("{name} ")))
    }) {
        assert!(shape.contains(" class=\""), "no class: {shape}");
    }
}

fn in_page(drawn: &str) {
    assert_sound(drawn);
    assert!(!drawn.contains("http") && !drawn.contains("url("), "{drawn}");
}

#[test]
fn a_spark_is_two_shapes_whose_bars_are_as_high_as_their_values() {
    let drawn = spark("Last year", &[0.0, 10.0, 5.0, 20.0], &[false, true, false, false]);
    let shapes = values_of(&drawn, "d");
    assert_eq!(shapes.len(), 2, "{drawn}");
    assert_eq!(shapes[0], "M40 24V12.5H79V24M80 24V18.2H119V24M120 24V1H159V24");
    assert_eq!(shapes[1], "M40 26.5H79");
    in_page(&drawn);
}

#[test]
fn a_spark_of_a_year_is_small_and_one_of_days_brings_them_together() {
    let weeks: Vec<f64> = (0..52).map(|week| f64::from(week % 7)).collect();
    let drawn = spark("", &weeks, &[]);
    assert!(drawn.len() < 1_500, "{} bytes", drawn.len());

    let mut days = vec![0.0; 365];
    (days[0], days[4]) = (3.0, 7.0);
    days[364] = 5.0;
    let mut marked = vec![false; 365];
    marked[364] = true;
    let drawn = spark("", &days, &marked);
    let shapes = values_of(&drawn, "d");
    // 73 bars of five days: the first holds 10, the last 5.
    assert_eq!(shapes[0].matches('M').count(), 2, "{drawn}");
    assert!(shapes[0].starts_with("M0 24V1H") && shapes[0].contains("V12.5H"), "{drawn}");
    assert_eq!(shapes[1].matches('M').count(), 1);
}

#[test]
fn nothing_sold_is_an_empty_spark() {
    for values in [&[][..], &[0.0, 0.0], &[f64::NAN, f64::INFINITY, -3.0]] {
        let drawn = spark("x", values, &[]);
        assert!(!drawn.contains("<path"), "{values:?}: {drawn}");
        in_page(&drawn);
    }
}

fn a_fan<'a>(history: &'a [f64], censored: &'a [bool], ahead: &'a [[f64; 5]]) -> Fan<'a> {
    let begin = WEEKS.bucket_of(day("2026-06-29"));
    Fan { title: "Demand", calendar: WEEKS, begin, history, censored, ahead }
}

#[test]
fn a_fan_begins_where_history_ends() {
    let history = [4.0, 0.0, 8.0, 2.0];
    let ahead = [[0.0, 1.0, 3.0, 5.0, 10.0]; 4];
    let drawn = fan(&a_fan(&history, &[false, true, false, false], &ahead));
    in_page(&drawn);

    // Eight weeks on 568 pixels from 48 on: the fifth begins in the middle.
    let shapes = values_of(&drawn, "d");
    let band = shapes.iter().find(|shape| shape.starts_with("M332 34")).expect("no wide band");
    assert_eq!(band.matches('H').count(), 8, "{band}");
    assert!(drawn.contains("x1=\"332\" y1=\"30\" x2=\"332\""), "no mark at the beginning: {drawn}");
    for said in [">8 Jun<", ">22 Jun<", ">20 Jul<", "out of stock", "90 of 100"] {
        assert!(drawn.contains(said), "{said}: {drawn}");
    }
    // Three bars of demand; the week out of stock has hatching over all of its height.
    let bars = shapes.iter().find(|shape| shape.matches('z').count() == 3).expect("no bars");
    assert!(bars.starts_with("M49 194V"), "{bars}");
    let hatching = shapes.iter().find(|shape| shape.starts_with("M120 194L")).expect("no hatch");
    let rows: Vec<f64> = coordinates(hatching).iter().map(|(_, value)| *value).collect();
    assert!(rows.contains(&34.0) && rows.iter().all(|v| (34.0..=194.0).contains(v)), "{rows:?}");
}

#[test]
fn a_fan_of_little_is_drawn() {
    in_page(&fan(&a_fan(&[], &[], &[])));
    assert!(fan(&a_fan(&[], &[], &[])).contains("Nothing is known."));
    in_page(&fan(&a_fan(&[3.0], &[true], &[])));
    in_page(&fan(&a_fan(&[], &[], &[[0.0; 5]])));
    let zero = fan(&a_fan(&[0.0; 52], &[], &[[0.0; 5]; 13]));
    in_page(&zero);
    // The scale of nothing goes to one.
    assert!(zero.contains(">1.0<") && !zero.contains(">1.2<"), "{zero}");
    let odd = [f64::NAN, f64::INFINITY, -1e300, 1e300];
    in_page(&fan(&a_fan(&odd, &[], &[[f64::NAN; 5], [f64::INFINITY; 5], [-1e300; 5]])));
    for begin in [i32::MIN, i32::MAX] {
        in_page(&fan(&Fan { begin, ..a_fan(&odd, &[], &[[1.0; 5]]) }));
    }
}

#[test]
fn stock_steps_up_on_the_day_of_an_arrival_and_shows_what_is_owed() {
    let told = ProjectedStock {
        title: "Stock",
        from: day("2026-06-29"),
        on_hand: 10.0,
        ends: &[5.0, -10.0, 20.0, 10.0],
        arrivals: &[(day("2026-07-01"), 40.0), (day("2026-08-01"), 99.0)],
        reorder_point: Some(20.0),
    };
    let drawn = projected_stock(&told);
    in_page(&drawn);
    // Four days on 568 pixels, from -10 (at 174) to 30 (at 34): 3.5 pixels a unit.
    let shapes = values_of(&drawn, "d");
    assert!(shapes.contains(&"M48 104L190 121.5L332 174L332 34L474 69L616 104"), "{shapes:#?}");
    assert!(shapes.contains(&"M48 69L616 69"), "{shapes:#?}");
    assert_eq!(drawn.matches("arrive</title>").count(), 1, "{drawn}");
    assert!(drawn.contains("<title>40 arrive</title>"));

    let none = ProjectedStock { ends: &[], arrivals: &[], reorder_point: None, ..told };
    in_page(&projected_stock(&none));
    assert!(!projected_stock(&none).contains("reorder point"));
}

#[test]
fn points_of_a_reliability_lie_where_they_were_told_and_are_as_large_as_they_are_many() {
    let told = [
        Told { told: 0.5, came_true: 0.25, count: 400 },
        Told { told: 1.0, came_true: 1.0, count: 100 },
        Told { told: 0.1, came_true: 0.9, count: 0 },
        Told { told: f64::NAN, came_true: 0.9, count: 4 },
    ];
    let drawn = reliability(Place::Page, "Told", &told);
    in_page(&drawn);
    assert!(drawn.contains("told 50 %, came true 25 %, of 400"), "{drawn}");
    assert_eq!(drawn.matches("came true ").count(), 2);
    let circle = |radius: &str| drawn.contains(&format!("a{radius} {radius} 0 1 0"));
    assert!(circle("8") && circle("4"), "{drawn}");
    in_page(&reliability(Place::Page, "Told", &[]));
}

#[test]
fn a_curve_goes_from_left_to_right_and_its_others_differ_in_form() {
    let point = |name: &str, x, y| NamedPoint { name: name.to_owned(), at: Point { x, y } };
    let told = Curve {
        title: "Stock",
        axes: ["stock", "fill rate"],
        name: "restock",
        curve: &[point("b", 200.0, 95.0), point("a", 100.0, 90.0)],
        others: &[point("cover <3>", 50.0, 80.0), point("textbook", 60.0, 85.0)],
    };
    let drawn = curve(Place::File, &told);
    assert_sound(&drawn);
    let shapes = values_of(&drawn, "d");
    let line: Vec<f64> = coordinates(shapes[0]).iter().map(|(_, value)| *value).collect();
    assert!(line[0] < line[2] && line[1] > line[3], "{line:?}");
    assert!(drawn.contains(">cover &lt;3&gt;</text>") && drawn.contains(">textbook<"), "{drawn}");
    let of = |class: &str| {
        let form = drawn.split(&format!("class=\"{class}\"")).nth(1).unwrap();
        form.split(" d=\"").nth(1).unwrap().split('"').next().unwrap().matches('L').count()
    };
    assert_eq!((of("f2"), of("f3")), (3, 2), "a square and a triangle");
    assert_sound(&curve(Place::Page, &Curve { curve: &[], others: &[], ..told }));
}

#[test]
fn a_timeline_ends_at_its_last_day_however_long_it_is() {
    let rising: Vec<f64> = (1..=1_001).map(f64::from).collect();
    let lines = [
        Daily { name: "restock".into(), values: rising },
        Daily { name: "other".into(), values: vec![f64::NAN, 3.0] },
    ];
    let drawn = timeline(Place::Page, "Money", "EUR", day("2024-01-01"), &lines);
    in_page(&drawn);
    let shapes = values_of(&drawn, "d");
    let line = coordinates(shapes[0]);
    assert!(line.len() < 500 && shapes[0].contains("L534 "), "{}", shapes[0]);
    assert!(drawn.contains("stroke-dasharray"), "lines differ in colour alone");
    in_page(&timeline(Place::Page, "Money", "EUR", 0, &[]));
}

#[test]
fn small_pictures_stand_side_by_side_over_the_same_days() {
    let figure = |title| Figure { title, newest: "2".into(), points: vec![(0, 1.0), (10, 2.0)] };
    let drawn = small_multiples(Place::File, "All", (0, 10), &["a", "b", "c", "d"].map(figure));
    assert_sound(&drawn);
    let lines: Vec<&str> = values_of(&drawn, "d").into_iter().filter(|d| d.contains('L')).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], "M50 121L264 74");
    assert!(lines[1].starts_with("M340 ") && lines[3].starts_with("M50 "), "{lines:?}");
    assert_sound(&small_multiples(Place::File, "None", (0, 0), &[]));
}

/// Any number, most often one that a shop could have.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.0..1e4_f64,
        1 => Just(0.0),
        1 => -1e6..1e12_f64,
        1 => prop::num::f64::ANY,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_picture_breaks_whatever_it_shows(
        numbers in vec(any_number(), 0..120),
        marked in vec(any::<bool>(), 0..120),
        bands in vec(prop::array::uniform5(any_number()), 0..30),
        first in any::<i32>(),
        counts in vec((any_number(), any_number(), any::<usize>()), 0..12),
    ) {
        in_page(&spark("t", &numbers, &marked));
        for calendar in [BucketLength::Day, BucketLength::Week, BucketLength::Month]
            .map(|length| BucketCalendar { length, week_start: 3 })
        {
            let (history, censored, ahead) = (&numbers[..], &marked[..], &bands[..]);
            in_page(&fan(&Fan { title: "t", calendar, begin: first, history, censored, ahead }));
        }
        let arrivals: Vec<(Day, f64)> =
            (first / 1_000..).zip(&numbers).map(|(day, units)| (day, *units)).collect();
        for from in [first, first / 1_000] {
            in_page(&projected_stock(&ProjectedStock {
                title: "t",
                from,
                on_hand: numbers.first().copied().unwrap_or(0.0),
                ends: &numbers,
                arrivals: &arrivals,
                reorder_point: numbers.last().copied(),
            }));
        }

        let told: Vec<Told> = counts
            .iter()
            .map(|&(told, came_true, count)| Told { told, came_true, count })
            .collect();
        in_page(&reliability(Place::Page, "t", &told));
        let points: Vec<NamedPoint> = counts
            .iter()
            .map(|(x, y, _)| NamedPoint { name: "n".into(), at: Point { x: *x, y: *y } })
            .collect();
        let axes = ["x", "y"];
        let told = Curve { title: "t", axes, name: "n", curve: &points, others: &points };
        in_page(&curve(Place::Page, &told));

        let lines = [Daily { name: "n".into(), values: numbers.clone() }];
        in_page(&timeline(Place::Page, "t", "u", first, &lines));
        let points = (first.saturating_sub(60)..).zip(numbers).collect();
        let figure = Figure { title: "f", newest: String::new(), points };
        in_page(&small_multiples(Place::Page, "t", (first, 0), &[figure]));
    }
}
