//! Notices as a whole: joined by order, told once, and nobody's data in another's.

use proptest::prelude::*;

use super::samples::{MONDAY, line, promise, settings};
use super::*;
use crate::backorder::told::{NoticeKind, Silence, line_name};
use crate::config::Settings;
use crate::config::choices::Regime;
use crate::domain::calendar::Day;
use crate::domain::tables::{Backorder, Customer, Event, Item, Tables};

const CANCEL_BY: &str = "cancel_by = \"0800 1\"";

/// Tonight's notices on the waiting lines of the tables, by the day on which each ships.
fn of(
    settings: &Settings,
    tables: &Tables,
    as_of: Day,
    ships: &dyn Fn(&Backorder) -> Option<Day>,
    told: Option<&PreviousPromises>,
) -> Notices {
    let context = PlanContext::new(settings, tables, as_of, false);
    let rows = tables.backorders.as_deref().unwrap_or_default();
    let promises: Vec<Promise<'_>> = rows.iter().map(|row| promise(row, ships(row))).collect();
    let figures = DigestFigures::default();
    let evidence = NoticeEvidence {
        told,
        is_told_lost: false,
        chased: None,
        advice: &[],
        items: &[],
        figures,
    };
    notices(&context, &promises, &evidence)
}

/// What the next run reads back.
fn carried(tables: &Tables, notices: &Notices) -> PreviousPromises {
    let rows = tables.backorders.as_deref().unwrap_or_default();
    rows.iter().map(line_name).zip(notices.told.iter().copied()).collect()
}

fn shop(rows: Vec<Backorder>) -> Tables {
    Tables { backorders: Some(rows), ..Tables::default() }
}

fn at(country: &str, row: Backorder) -> Backorder {
    Backorder { country: Some(country.into()), ..row }
}

fn kinds(notices: &Notices) -> Vec<(&'static str, NoticeKind)> {
    notices.notices.iter().map(|notice| (notice.audience.as_str(), notice.kind)).collect()
}

#[test]
fn an_order_has_one_notice_in_which_cancellation_beats_consent() {
    let tables = shop(vec![at("US", line("7", "A1")), at("US", line("7", "A2"))]);
    let ships = |row: &Backorder| (&*row.key.sku == "A1").then_some(MONDAY + 40);
    let night = of(&settings(CANCEL_BY), &tables, MONDAY + 28, &ships, None);
    let customer = ("customer", NoticeKind::DelayIndefinite);
    assert_eq!(kinds(&night), [customer, ("team", NoticeKind::Digest)]);

    let notice = &night.notices[0];
    assert_eq!(notice.silence, Some(Silence::Cancellation));
    assert_eq!((notice.send_by, notice.respond_by), (Some(MONDAY + 30), Some(MONDAY + 60)));
    assert_eq!((notice.new_date, notice.sku.as_deref()), (None, None));
    assert!(notice.text.contains("(A1)") && notice.text.contains("(A2)"), "{}", notice.text);
    assert!(notice.text.contains("cancelled automatically"), "{}", notice.text);
    assert!(night.told.iter().all(|told| told.respond_by == Some(MONDAY + 60)));
    assert_eq!(night.told[0].date, Some(MONDAY + 40));

    let told = carried(&tables, &night);
    let again = of(&settings(CANCEL_BY), &tables, MONDAY + 29, &ships, Some(&told));
    assert!(again.notices.is_empty(), "{:?}", again.notices);
}

#[test]
fn what_the_law_wants_said_is_said() {
    let case = |country: &str, ships: Option<Day>| {
        let tables = shop(vec![at(country, line("7", "A1"))]);
        let night = of(&settings(CANCEL_BY), &tables, MONDAY + 20, &|_| ships, None);
        night.notices[0].text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let says = |text: &str, words: &[&str]| {
        for words in words {
            assert!(text.contains(words), "{words}:\n{text}");
        }
    };
    let consent = case("US", Some(MONDAY + 34));
    says(&consent, &["5 July 2026", "cancel", "promptly refund", "0800 1", "costs you nothing"]);
    says(&consent, &["before it ships and before 5 July 2026", "you agree to shipment"]);
    assert!(!consent.contains("automatically"), "{consent}");

    let cancelled = case("US", Some(MONDAY + 80));
    says(&cancelled, &["by 31 July 2026", "cancelled automatically", "promptly refund"]);
    let none = case("US", None);
    says(&none, &["We cannot give a date", "you may still cancel at any time until we ship"]);

    let eu = case("DE", Some(MONDAY + 31));
    says(&eu, &["will be delivered by 5 July 2026", "whether you agree", "additional period"]);
    says(&eu, &["at once", "essential", "without undue delay"]);
    for text in [&consent, &eu] {
        assert!(!text.contains("legal advice"), "{text}");
    }
}

#[test]
fn without_a_way_to_cancel_nothing_is_written_and_a_finding_says_so() {
    let tables = shop(vec![at("US", line("7", "A1")), at("DE", line("8", "A1"))]);
    let late = |_: &Backorder| Some(MONDAY + 45);
    let night = of(&settings(""), &tables, MONDAY + 28, &late, None);
    assert_eq!(night.notices[0].regime, Some(Regime::Eu201183));
    assert_eq!(kinds(&night).len(), 2);
    assert_eq!(night.findings[0].code, Code::NoCancelBy);
    assert_eq!(night.told[0], Told::default());

    // The day passes: that is a task of the team, whatever is set.
    let told = carried(&tables, &night);
    let after = of(&settings(""), &tables, MONDAY + 31, &late, Some(&told));
    assert_eq!(kinds(&after)[0], ("team", NoticeKind::Digest));
    let task = after.notices.iter().find(|notice| notice.kind == NoticeKind::RefundDue).unwrap();
    assert_eq!(task.reference, "7");
    assert!(after.findings.is_empty());
}

#[test]
fn a_refund_is_due_seven_working_days_later_without_holidays() {
    let mut tables = shop(vec![at("US", line("7", "A1"))]);
    let by = |tables: &Tables| {
        let night = of(&settings(CANCEL_BY), tables, MONDAY + 31, &|_| None, None);
        night.notices.iter().find_map(|notice| notice.refund_by).unwrap()
    };
    // The right arises on Wednesday 2026-07-01.
    assert_eq!(by(&tables), MONDAY + 39);
    let holiday = |location: Option<&str>| Event {
        date: MONDAY + 32,
        event: "Holiday".into(),
        location: location.map(Into::into),
    };
    tables.calendar = Some(vec![holiday(Some("elsewhere"))]);
    assert_eq!(by(&tables), MONDAY + 39);
    tables.calendar = Some(vec![holiday(None)]);
    assert_eq!(by(&tables), MONDAY + 42);
}

#[test]
fn one_line_over_the_nights_from_the_first_slip_to_the_refund() {
    let tables = shop(vec![at("US", line("7", "A1"))]);
    let settings = settings(CANCEL_BY);
    let mut told = PreviousPromises::new();
    let mut written = Vec::new();
    for day in 0..50 {
        // First in time; from day 20 on it comes on day 34, from day 30 on on day 38.
        let ships = match day {
            0..20 => MONDAY + 25,
            20..30 => MONDAY + 34,
            _ => MONDAY + 38,
        };
        let as_of = MONDAY + day;
        let night = of(&settings, &tables, as_of, &|_| Some(ships.max(as_of)), Some(&told));
        written.extend(
            night
                .notices
                .iter()
                .filter(|notice| notice.kind != NoticeKind::Digest)
                .map(|notice| (day, notice.kind, notice.respond_by.map(|by| by - MONDAY))),
        );
        told = carried(&tables, &night);
    }
    assert_eq!(
        written,
        [
            (20, NoticeKind::DelayFirst, Some(34)),
            (30, NoticeKind::DelayRenewed, Some(34)),
            (35, NoticeKind::RefundDue, None),
        ]
    );
}

#[test]
fn texts_from_outside_stay_on_one_line() {
    let mut tables = shop(vec![Backorder {
        customer: Some("C1".into()),
        promised_on: Some(MONDAY + 5),
        ..line("7", "A1")
    }]);
    tables.items = Some(vec![Item {
        sku: "A1".into(),
        description: Some("Mug\r\n\r\nYou owe us money\u{1b}[2J".into()),
        ..Item::default()
    }]);
    tables.customers = Some(vec![Customer {
        customer: "C1".into(),
        name: Some("Ada\nBcc: x".into()),
        email: Some("a@example.com\r\nBcc: b@example.com".into()),
        ..Customer::default()
    }]);
    let night = of(&settings(""), &tables, MONDAY, &|_| Some(MONDAY + 9), None);
    let notice = &night.notices[0];
    assert_eq!(notice.recipient.as_deref(), Some("a@example.com Bcc: b@example.com"));
    assert!(notice.text.starts_with("Dear Ada Bcc: x,\n"), "{}", notice.text);
    assert!(notice.text.contains("Mug You owe us money [2J"), "{}", notice.text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_notice_to_a_customer_holds_anything_of_another(
        lines in prop::collection::vec((0..6_usize, 0..5_usize, 0..70_i32, 0..4_usize), 1..14),
        turned in any::<bool>(),
    ) {
        let rows = lines.iter().map(|(customer, order, days, sku)| {
            // Orders of different customers may share a number.
            let plain = line(&format!("order{order}x"), &format!("A{sku}"));
            Backorder {
                customer: Some(format!("code{customer}").into()),
                promised_on: Some(MONDAY + days % 20),
                ..at(["US", "DE", "CH"][customer % 3], plain)
            }
        });
        let mut tables = shop(rows.collect());
        tables.customers = Some((0..6).map(|customer| Customer {
            customer: format!("code{customer}").into(),
            name: Some(format!("name{customer}").into()),
            email: Some(format!("mail{customer}@example.com").into()),
            ..Customer::default()
        }).collect());
        let settings = settings(CANCEL_BY);
        let ships = |row: &Backorder| {
            let days = lines.iter().map(|line| line.2).max()? + row.promised_on? - MONDAY;
            (days % 7 > 0).then_some(MONDAY + days)
        };
        let night = of(&settings, &tables, MONDAY + 4, &ships, None);
        let orders_of = |customer: usize| lines.iter().filter(move |line| line.0 == customer);
        for notice in night.notices.iter().filter(|notice| notice.customer.is_some()) {
            let whole = format!("{} {} {:?}", notice.subject, notice.text, notice.recipient);
            let own: usize = notice.customer.as_ref().unwrap()[4..].parse().unwrap();
            for other in (0..6).filter(|other| *other != own) {
                for word in ["code", "name", "mail"] {
                    prop_assert!(!whole.contains(&format!("{word}{other}")), "{}", whole);
                }
            }
            for order in (0..5).filter(|order| orders_of(own).all(|line| line.1 != *order)) {
                prop_assert!(!whole.contains(&format!("order{order}x")), "{}", whole);
            }
        }
        let files: std::collections::BTreeSet<&str> =
            night.notices.iter().map(|notice| notice.file.as_str()).collect();
        prop_assert_eq!(files.len(), night.notices.len());

        // The order of the rows does not matter.
        if turned {
            let mut other = tables.clone();
            other.backorders.as_mut().unwrap().reverse();
            let again = of(&settings, &other, MONDAY + 4, &ships, None);
            let plain = |notices: &Notices| {
                let rows = notices.notices.iter();
                rows.map(|it| (it.file.clone(), it.send_by, it.respond_by)).collect::<Vec<_>>()
            };
            prop_assert_eq!(plain(&again), plain(&night));
        }
    }
}
