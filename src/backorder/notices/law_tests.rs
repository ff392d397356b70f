//! The law, restated: the table of cases, single cases by hand, and random histories.

use proptest::prelude::*;

use super::law::*;
use super::samples::{MONDAY, case, on};
use crate::backorder::promises::ShipDay;
use crate::backorder::told::{NoticeKind, Silence, Told};
use crate::config::choices::Regime;
use crate::domain::calendar::{Day, weekday_of};

/// The assessment of a night that is so many days after the order.
fn night(mut case: Case, days: Day, outlook: Outlook, told: Told) -> Assessment {
    case.as_of = MONDAY + days;
    case.outlook = outlook;
    case.told = told;
    assess(&case)
}

fn us(outlook: Outlook) -> Case {
    case(Regime::Us435, outlook)
}

#[test]
fn a_line_that_ships_on_the_thirtieth_day_is_in_time_and_one_day_later_is_not() {
    // Near enough that dates are exact: seen twenty days after the order.
    let at = |day| night(us(on(0)), 20, on(MONDAY + day), Told::default());
    assert_eq!(at(30), Assessment::default());
    let late = at(31).notice.unwrap();
    assert_eq!((late.kind, late.silence), (NoticeKind::DelayFirst, Some(Silence::Consent)));
    assert_eq!((late.send_by, late.respond_by), (Some(MONDAY + 30), Some(MONDAY + 31)));
    assert_eq!((late.old_date, late.new_date), (Some(MONDAY + 30), Some(MONDAY + 31)));
}

#[test]
fn one_who_asks_for_credit_waits_fifty_days() {
    let credit = Case { credit: true, ..us(on(0)) };
    let at = |day| night(credit, 40, on(MONDAY + day), Told::default()).notice;
    assert_eq!(at(50), None);
    assert_eq!(at(51).unwrap().send_by, Some(MONDAY + 50));
    let stated = Case { promised_on: Some(MONDAY + 45), ..credit };
    assert_eq!(
        night(stated, 40, on(MONDAY + 46), Told::default()).notice.unwrap().send_by,
        Some(MONDAY + 45)
    );
}

#[test]
fn silence_is_consent_up_to_thirty_days_later_and_cancellation_beyond() {
    // Seen on the last day; day 60 is a Friday, so that the week ends with day 62.
    let at = |day| night(us(on(0)), 30, on(MONDAY + day), Told::default()).notice.unwrap();
    let near = at(48);
    assert_eq!((near.new_date, near.silence), (Some(MONDAY + 48), Some(Silence::Consent)));
    let far = at(60);
    assert_eq!(far.new_date, Some(MONDAY + 62));
    assert_eq!((far.silence, far.respond_by), (Some(Silence::Cancellation), Some(MONDAY + 60)));
    let none = night(us(on(0)), 30, Outlook::Unknown, Told::default()).notice.unwrap();
    assert_eq!((none.kind, none.new_date), (NoticeKind::DelayIndefinite, None));
    assert_eq!((none.silence, none.respond_by), (Some(Silence::Cancellation), Some(MONDAY + 60)));
}

#[test]
fn a_day_that_passed_without_a_notice_is_a_refund_and_no_notice_once() {
    let late = night(us(on(0)), 31, on(MONDAY + 40), Told::default());
    assert_eq!(late.notice, None);
    let right = Refund { arose_on: MONDAY + 30, may_have_agreed: false };
    assert_eq!(late.refund, Some(right));
    assert_eq!(night(us(on(0)), 32, on(MONDAY + 60), late.told).notice, None);
    assert_eq!(night(us(on(0)), 32, Outlook::Never, late.told).refund, None);

    // What the shop agrees on later starts anew.
    let agreed = Case { promised_on: Some(MONDAY + 45), ..us(on(0)) };
    let anew = night(agreed, 33, on(MONDAY + 47), late.told);
    assert_eq!(anew.notice.unwrap().respond_by, Some(MONDAY + 47));
    assert_eq!(anew.refund, None);
}

#[test]
fn a_last_day_on_a_holiday_is_still_the_last_day_and_the_refund_skips_holidays() {
    // The law counts days, whatever they are; working days count for the refund alone. Day 32 of
    // the order is a Friday.
    let right = MONDAY + 32;
    assert_eq!(weekday_of(right), 4);
    assert_eq!(refund_by(right, |_| false), right + 11);
    assert_eq!(refund_by(right, |day| day == right + 3), right + 12);
    assert_eq!(refund_by(right, |day| day == right + 1), right + 11);
    assert_eq!(refund_by(right, |_| true), right);
    let stated = Case { promised_on: Some(right), ..us(on(0)) };
    assert_eq!(night(stated, 32, on(right), Told::default()), Assessment::default());
}

#[test]
fn a_second_slip_that_is_shorter_asks_anew_until_the_date_that_it_takes_back() {
    let first = night(us(on(0)), 20, on(MONDAY + 34), Told::default());
    assert_eq!(first.told.date, Some(MONDAY + 34));
    let second = night(us(on(0)), 30, on(MONDAY + 36), first.told);
    let notice = second.notice.unwrap();
    assert_eq!(
        (notice.kind, notice.silence),
        (NoticeKind::DelayRenewed, Some(Silence::Cancellation))
    );
    assert_eq!((notice.send_by, notice.respond_by), (Some(MONDAY + 34), Some(MONDAY + 34)));
    assert_eq!((notice.old_date, notice.new_date), (Some(MONDAY + 34), Some(MONDAY + 36)));

    // Without an answer it is over after that.
    let over = night(us(on(0)), 35, on(MONDAY + 36), second.told);
    assert_eq!(over.refund, Some(Refund { arose_on: MONDAY + 34, may_have_agreed: true }));
}

#[test]
fn what_more_likely_than_not_holds_is_not_taken_back_until_it_is_there() {
    let first = night(us(on(0)), 20, on(MONDAY + 34), Told::default());
    let likely = |p90| Outlook::By(ShipDay { p50: MONDAY + 33, p90 });
    for days in 21..33 {
        assert_eq!(night(us(on(0)), days, likely(MONDAY + 40), first.told).notice, None);
    }
    let there = night(us(on(0)), 33, likely(MONDAY + 40), first.told).notice.unwrap();
    assert_eq!((there.kind, there.new_date), (NoticeKind::DelayRenewed, Some(MONDAY + 40)));
    assert_eq!(night(us(on(0)), 33, likely(MONDAY + 34), first.told).notice, None);
}

#[test]
fn a_date_after_none_is_good_news_and_its_slip_leaves_the_cancellation_where_it_was() {
    let none = night(us(on(0)), 20, Outlook::Unknown, Told::default());
    assert_eq!(night(us(on(0)), 21, Outlook::Unknown, none.told).notice, None);
    let some = night(us(on(0)), 22, on(MONDAY + 33), none.told);
    assert_eq!(some.notice.unwrap().kind, NoticeKind::GoodNews);
    assert_eq!(some.told.respond_by, Some(MONDAY + 60));
    let slipped = night(us(on(0)), 25, on(MONDAY + 38), some.told).notice.unwrap();
    assert_eq!((slipped.kind, slipped.regime), (NoticeKind::DelayRenewed, Regime::Us435));
    assert_eq!(slipped.respond_by, Some(MONDAY + 60));
    let gone = night(us(on(0)), 61, Outlook::Today, some.told);
    assert_eq!(gone.refund, Some(Refund { arose_on: MONDAY + 60, may_have_agreed: true }));
}

#[test]
fn an_earlier_date_that_slips_within_the_stated_one_is_told_plainly() {
    let stated = Case { promised_on: Some(MONDAY + 28), ..us(on(0)) };
    let early = night(stated, 5, on(MONDAY + 10), Told::default());
    assert_eq!(early.notice.unwrap().kind, NoticeKind::GoodNews);
    let slip = night(stated, 8, on(MONDAY + 15), early.told);
    let notice = slip.notice.unwrap();
    assert_eq!((notice.regime, notice.silence), (Regime::None, None));
    assert_eq!(night(stated, 9, on(MONDAY + 15), slip.told).notice, None);
    // Beyond the stated one the law asks.
    let late = night(stated, 20, on(MONDAY + 30), slip.told).notice.unwrap();
    assert_eq!((late.kind, late.regime), (NoticeKind::DelayFirst, Regime::Us435));
    assert_eq!((late.send_by, late.respond_by), (Some(MONDAY + 28), Some(MONDAY + 30)));
}

#[test]
fn in_the_union_the_day_of_delivery_counts() {
    let eu = case(Regime::Eu201183, on(0));
    let at = |day| night(eu, 20, on(MONDAY + day), Told::default());
    assert_eq!(at(27), Assessment::default());
    let late = at(28).notice.unwrap();
    assert_eq!((late.kind, late.regime), (NoticeKind::DelayFirst, Regime::Eu201183));
    assert_eq!((late.old_date, late.new_date), (Some(MONDAY + 30), Some(MONDAY + 31)));
    assert_eq!((late.silence, late.respond_by), (None, None));
    assert_eq!(at(28).told.date, Some(MONDAY + 28));
    // What leaves today is late too where it arrives late, and is told once.
    let today = |day| night(eu, day, Outlook::Today, Told::default());
    assert_eq!(today(27).notice, None);
    let leaves = today(28);
    let notice = leaves.notice.unwrap();
    assert_eq!((notice.kind, notice.regime), (NoticeKind::DelayFirst, Regime::Eu201183));
    assert_eq!((notice.old_date, notice.new_date), (Some(MONDAY + 30), Some(MONDAY + 31)));
    assert_eq!(night(eu, 29, Outlook::Today, leaves.told).notice, None);
    // It is told however late, and no right arises by itself.
    let after = night(eu, 40, on(MONDAY + 45), Told::default());
    assert_eq!((after.notice.unwrap().send_by, after.refund), (Some(MONDAY + 40), None));
}

#[test]
fn where_nothing_was_promised_the_first_promise_counts_silently() {
    let plain = case(Regime::None, on(0));
    let first = night(plain, 0, on(MONDAY + 10), Told::default());
    assert_eq!((first.notice, first.told.date), (None, Some(MONDAY + 10)));
    assert_eq!(night(plain, 40, Outlook::Unknown, Told::default()), Assessment::default());
    let late = night(plain, 5, on(MONDAY + 12), first.told).notice.unwrap();
    assert_eq!((late.kind, late.regime), (NoticeKind::DelayFirst, Regime::None));
    let none = night(plain, 5, Outlook::Unknown, first.told).notice.unwrap();
    assert_eq!(none.kind, NoticeKind::DelayIndefinite);
}

#[test]
fn earlier_by_a_week_or_shipped_today_is_good_news_and_less_is_not() {
    let stated = Case { promised_on: Some(MONDAY + 14), ..case(Regime::None, on(0)) };
    let kind =
        |days, outlook| night(stated, days, outlook, Told::default()).notice.map(|it| it.kind);
    assert_eq!(kind(0, on(MONDAY + 8)), None);
    assert_eq!(kind(0, on(MONDAY + 7)), Some(NoticeKind::GoodNews));
    assert_eq!(kind(12, Outlook::Today), Some(NoticeKind::GoodNews));
    assert_eq!(kind(13, Outlook::Today), None);
    assert_eq!(kind(20, Outlook::Today), None);
}

#[test]
fn what_will_never_ship_is_told_at_once_and_ends_it() {
    for regime in [Regime::None, Regime::Us435, Regime::Eu201183] {
        let end = night(case(regime, on(0)), 3, Outlook::Never, Told::default());
        let notice = end.notice.unwrap();
        assert_eq!((notice.kind, notice.send_by), (NoticeKind::CannotShip, Some(MONDAY + 3)));
        assert_eq!(end.refund.is_some(), regime == Regime::Us435);
        for outlook in [Outlook::Never, Outlook::Today, Outlook::Unknown, on(MONDAY + 50)] {
            let after = night(case(regime, on(0)), 90, outlook, end.told);
            assert_eq!((after.notice, after.refund), (None, None));
        }
    }
}

/// A history: gaps between nights, and what each sees.
fn history() -> impl Strategy<Value = Vec<(Day, Outlook)>> {
    let ship = (0..70_i32, 0..25_i32).prop_map(|(p50, more)| {
        // Counted from the night; put in its place by `run`.
        Outlook::By(ShipDay { p50, p90: p50 + more })
    });
    let outlook = prop_oneof![
        10 => ship,
        2 => Just(Outlook::Unknown),
        1 => Just(Outlook::Today),
        1 => Just(Outlook::Never),
    ];
    prop::collection::vec((0..14_i32, outlook), 1..14)
}

fn any_case() -> impl Strategy<Value = Case> {
    let regime = prop_oneof![Just(Regime::None), Just(Regime::Us435), Just(Regime::Eu201183)];
    (regime, prop::option::of(0..80_i32), any::<bool>(), 0..6_i32).prop_map(
        |(regime, promised, credit, transit_days)| Case {
            promised_on: promised.map(|days| MONDAY + days),
            credit,
            transit_days,
            ..case(regime, Outlook::Unknown)
        },
    )
}

/// The cases of each night of a history, with the state carried on.
fn run(case: Case, history: &[(Day, Outlook)]) -> Vec<(Case, Assessment)> {
    let mut case = case;
    let mut nights = Vec::new();
    for (gap, outlook) in history {
        case.as_of += gap;
        case.outlook = match *outlook {
            Outlook::By(ships) => {
                Outlook::By(ShipDay { p50: case.as_of + ships.p50, p90: case.as_of + ships.p90 })
            }
            other => other,
        };
        let assessed = assess(&case);
        nights.push((case, assessed));
        case.told = assessed.told;
    }
    nights
}

/// The table of cases under United States law, read row by row from the notices before.
#[derive(Default)]
struct Table {
    /// The last date told; the inner one is `None` where it was told that there is none.
    date: Option<Option<Day>>,
    /// The last answer asked for: what silence means, and until when.
    asked: Option<(Silence, Day)>,
    is_over: bool,
}

type Row = (NoticeKind, Regime, Option<Silence>, Option<Day>);

impl Table {
    /// Kind, rules, meaning of silence and day of the answer; or a refund with its day.
    fn expected(&mut self, case: &Case) -> (Option<Row>, Option<Day>) {
        let due = case.promised_on.unwrap_or(MONDAY + if case.credit { 50 } else { 30 });
        let over = self.asked.map_or(due, |(_, day)| day);
        if self.is_over {
            return (None, None);
        }
        if case.outlook == Outlook::Never {
            self.is_over = true;
            let row = (NoticeKind::CannotShip, Regime::Us435, None, None);
            return (Some(row), Some(over.min(case.as_of)));
        }
        if over < case.as_of {
            self.is_over = true;
            return (None, Some(over));
        }

        let told = self.date;
        let by = match case.outlook {
            Outlook::By(ships) if ships.p90 > case.as_of + 14 => {
                (ships.p90..).find(|day| weekday_of(*day) == 6)
            }
            Outlook::By(ships) => Some(ships.p90),
            Outlook::Today => Some(case.as_of),
            _ => None,
        };
        let p50 = match case.outlook {
            Outlook::By(ships) => ships.p50,
            _ => case.as_of,
        };
        let p90 = match case.outlook {
            Outlook::By(ships) => ships.p90,
            _ => case.as_of,
        };
        let is_missed = case.outlook != Outlook::Today
            && match told {
                None => by.is_none_or(|by| by > due),
                Some(None) => false,
                Some(Some(told)) => {
                    by.is_none() || p50 > told || (told <= case.as_of + 1 && p90 > told)
                }
            };
        if is_missed {
            self.date = Some(by);
            let later = due + 30;
            let first = |kind, silence, day| Some((kind, Regime::Us435, Some(silence), Some(day)));
            let plain = Some((NoticeKind::DelayRenewed, Regime::None, None, None));
            let row = match (self.asked, by) {
                (None, Some(by)) if by <= due => plain,
                (None, Some(by)) if by <= later => {
                    first(NoticeKind::DelayFirst, Silence::Consent, by)
                }
                (None, Some(_)) => first(NoticeKind::DelayFirst, Silence::Cancellation, later),
                (None, None) => first(NoticeKind::DelayIndefinite, Silence::Cancellation, later),
                (Some((Silence::Consent, old)), Some(by)) if by <= old => plain,
                (Some((_, old)), _) => first(NoticeKind::DelayRenewed, Silence::Cancellation, old),
            };
            if let Some((_, _, Some(silence), Some(day))) = row {
                self.asked = Some((silence, day));
            }
            return (row, None);
        }

        let counted_on = told.unwrap_or(case.promised_on);
        let least = |day: Day| if day > case.as_of + 14 { 14 } else { 7 };
        let is_news = match (told, by) {
            (Some(None), Some(_)) => true,
            (_, Some(by)) => counted_on.is_some_and(|day| {
                day > case.as_of + 1 && (case.outlook == Outlook::Today || day - by >= least(day))
            }),
            _ => false,
        };
        if is_news {
            self.date = Some(by);
            return (Some((NoticeKind::GoodNews, Regime::None, None, None)), None);
        }
        (None, None)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn kind_deadline_and_silence_follow_the_table(case in any_case(), history in history()) {
        let case = Case { regime: Regime::Us435, ..case };
        let mut table = Table::default();
        for (case, assessed) in run(case, &history) {
            let (row, refund) = table.expected(&case);
            let notice = assessed.notice;
            let told = notice.map(|it| (it.kind, it.regime, it.silence, it.respond_by));
            prop_assert_eq!(told, row, "{:?}", case);
            prop_assert_eq!(assessed.refund.map(|refund| refund.arose_on), refund);
        }
    }

    #[test]
    fn a_night_that_brings_nothing_new_says_nothing(case in any_case(), history in history()) {
        for (case, assessed) in run(case, &history) {
            let again = assess(&Case { told: assessed.told, ..case });
            prop_assert_eq!((again.notice, again.refund), (None, None), "{:?}", case);
            prop_assert_eq!(again.told, assessed.told);
        }
    }

    #[test]
    fn no_notice_is_due_before_it_is_written(case in any_case(), history in history()) {
        for (case, assessed) in run(case, &history) {
            let Some(notice) = assessed.notice else { continue };
            prop_assert!(notice.send_by.is_none_or(|day| day >= case.as_of), "{:?}", notice);
            prop_assert!(notice.respond_by.is_none_or(|day| day >= case.as_of), "{:?}", notice);
            prop_assert_eq!(notice.silence.is_some(), notice.respond_by.is_some());
            if notice.silence == Some(Silence::Consent) {
                prop_assert_eq!(notice.respond_by, notice.new_date);
                prop_assert!(notice.new_date <= Some(case.due() + 30));
            }
            prop_assert!(notice.regime == Regime::None || notice.regime == case.regime);
            prop_assert!(assessed.refund.is_none() || case.regime == Regime::Us435);
        }
    }

    #[test]
    fn in_the_union_no_delivery_after_the_agreed_day_goes_untold(
        case in any_case(),
        history in history(),
    ) {
        let case = Case { regime: Regime::Eu201183, ..case };
        let agreed = case.promised_on.unwrap_or(MONDAY + 30);
        let mut told: Option<Option<Day>> = None;
        for (case, assessed) in run(case, &history) {
            if assessed.told.kind == Some(NoticeKind::CannotShip) {
                break;
            }
            let delivered = match case.outlook {
                Outlook::By(ships) => Some(shown(ships.p90 + case.transit_days, case.as_of)),
                Outlook::Today => Some(case.as_of + case.transit_days),
                _ => None,
            };
            if let Some(notice) = assessed.notice {
                prop_assert_eq!(notice.new_date, delivered);
                let is_slip = notice.kind != NoticeKind::GoodNews;
                let is_beyond = delivered.is_none_or(|day| day > agreed);
                prop_assert_eq!(notice.regime == Regime::Eu201183, is_slip && is_beyond);
                told = Some(delivered);
            } else if told.is_none() {
                prop_assert!(delivered.is_some_and(|day| day <= agreed));
            }
        }
    }
}
