//! What a customer who waits must be told, and when: pure functions of dates.
//!
//! United States: 16 CFR 435.2. A seller ships within the time that it states, else within 30 days
//! of the order, or 50 where the buyer asks for credit (a). If it cannot, it offers before that
//! time the choice to wait or to cancel: by a revised date at most 30 days later, silence is
//! consent; by a later one, or none, the order is cancelled after these 30 days (b)(1). If the
//! revised date is missed too, silence is cancellation (b)(2). Where no offer was made in time,
//! the order counts as cancelled and is paid back (c).
//!
//! European Union: Directive 2011/83/EU, article 18. A seller delivers by the agreed time, else
//! within 30 days. If it does not, the consumer sets an additional period that is appropriate, and
//! may end the contract when that passes too; at once where delivery is refused, or the time was
//! essential.

use crate::backorder::promises::ShipDay;
use crate::backorder::told::{NoticeKind, Silence, Told};
use crate::config::choices::Regime;
use crate::domain::calendar::{Day, weekday_of};

/// Days from the order within which a seller ships that states no time: 16 CFR 435.2(a)(1); and
/// within which it delivers: Directive 2011/83/EU, article 18(1).
const USUAL_DAYS: Day = 30;
/// The same where the buyer asks for credit with the order: 16 CFR 435.2(a)(1).
const CREDIT_DAYS: Day = 50;
/// Days beyond the first date up to which silence is consent, and after which an order without an
/// answer is cancelled: 16 CFR 435.2(b)(1)(ii) and (iii).
const CONSENT_DAYS: Day = 30;
/// Working days within which a refund is sent: 16 CFR 435.1.
const REFUND_WORKING_DAYS: u32 = 7;
/// A date that lies farther ahead is told as the end of its week. Judgement: nobody plans on a
/// weekday that lies more than two weeks ahead, and the date changes less.
const EXACT_DAYS: Day = 14;
/// What is earlier by fewer days is no news. Judgement: a week, by which a customer may plan anew.
const GOOD_NEWS_DAYS: Day = 7;

/// What matters in law of one waiting line on one night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The rules that govern it.
    pub regime: Regime,
    /// The day that the run stands at the start of.
    pub as_of: Day,
    /// The day of the order.
    pub ordered_on: Day,
    /// The day that the shop stated.
    pub promised_on: Option<Day>,
    /// Whether the buyer asked for credit with the order.
    pub credit: bool,
    /// Days from shipment to delivery.
    pub transit_days: Day,
    /// Tonight's promise.
    pub outlook: Outlook,
    /// What the customer was told before.
    pub told: Told,
    /// Whether that was lost, so that the customer may have been told more.
    pub is_told_lost: bool,
}

/// When a line ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// All of it today.
    Today,
    /// By this promise.
    By(ShipDay),
    /// Nobody knows.
    Unknown,
    /// Stock is not known, so that nothing can be said tonight.
    NotLooked,
    /// Never.
    Never,
}

/// What a customer is to be told of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineNotice {
    /// The kind.
    pub kind: NoticeKind,
    /// The rules that its text has to follow; none where the law asks for nothing.
    pub regime: Regime,
    /// The day that stood until now, of shipment; of delivery in the European Union.
    pub old_date: Option<Day>,
    /// The new one; `None` where none can be given.
    pub new_date: Option<Day>,
    /// The last day on which it may be sent.
    pub send_by: Option<Day>,
    /// The day until which an answer counts.
    pub respond_by: Option<Day>,
    /// What no answer means.
    pub silence: Option<Silence>,
}

/// A right of the customer to be paid back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refund {
    /// The day on which it arose.
    pub arose_on: Day,
    /// Whether the customer may have agreed to wait, so that there is no such right.
    pub may_have_agreed: bool,
}

/// What follows for a line tonight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Assessment {
    /// What the customer was told, tonight's notice included.
    pub told: Told,
    /// What to tell.
    pub notice: Option<LineNotice>,
    /// What to pay back.
    pub refund: Option<Refund>,
}

/// The date that stands with the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The shop or the law set it; of delivery in the European Union.
    Stated(Day),
    /// It was told; of shipment.
    Told(Day),
    /// It was told that there is none.
    NoDate,
    /// Nothing was said.
    Nothing,
}

/// The day that a customer is told for a day on which something happens in nine of ten cases: that
/// day, or the Sunday of its week where it lies more than two weeks ahead. A range of dates counts
/// at its later end.
///
/// ```
/// use restock::backorder::notices::law::shown;
/// // Day 4 is a Monday.
/// assert_eq!(shown(18, 4), 18);
/// assert_eq!(shown(19, 4), 24);
/// ```
#[must_use]
pub fn shown(day: Day, as_of: Day) -> Day {
    let day = day.max(as_of);
    if day - as_of > EXACT_DAYS { day + 6 - weekday_of(day) as Day } else { day }
}

/// The last working day for a refund to which the right arose on a day: seven working days later,
/// Monday to Friday without holidays.
///
/// ```
/// use restock::backorder::notices::law::refund_by;
/// // Day 8 is a Friday; nine days later comes the second Sunday after it.
/// assert_eq!(refund_by(8, |_| false), 19);
/// assert_eq!(refund_by(8, |day| day == 11), 20);
/// ```
#[must_use]
pub fn refund_by(arose_on: Day, is_holiday: impl Fn(Day) -> bool) -> Day {
    let works = |day: &Day| weekday_of(*day) < 5 && !is_holiday(*day);
    let later = (1..).map(|days| arose_on.saturating_add(days)).take(MAX_REFUND_DAYS);
    let last = later.filter(works).take(REFUND_WORKING_DAYS as usize).last();
    last.unwrap_or(arose_on)
}

/// Days that are looked through for working days, at most. Judgement: a calendar with so many
/// holidays is a mistake, and must not keep a run from ending.
const MAX_REFUND_DAYS: usize = 366;

/// What follows for one line tonight, from what was told before.
#[must_use]
pub fn assess(case: &Case) -> Assessment {
    let told = case.told_before();
    if matches!(told.kind, Some(NoticeKind::CannotShip | NoticeKind::RefundDue)) {
        // The order is at its end; what is left is the team's task.
        return Assessment { told, ..Assessment::default() };
    }
    if case.outlook == Outlook::Never {
        return case.cannot_ship(told);
    }
    if let Some(refund) = case.lapsed(told) {
        let told = Told { kind: Some(NoticeKind::RefundDue), ..told };
        return Assessment { told, notice: None, refund: Some(refund) };
    }

    let standing = case.standing(told);
    if case.outlook == Outlook::NotLooked {
        return Assessment { told, ..Assessment::default() };
    }
    if case.is_delayed(standing) {
        case.delay(standing, told)
    } else if case.is_good_news(standing) {
        case.good_news(standing, told)
    } else {
        case.nothing_new(standing, told)
    }
}

impl Case {
    /// The day by which the line has to ship, or to be delivered in the European Union.
    #[must_use]
    pub fn due(&self) -> Day {
        let days =
            if self.regime == Regime::Us435 && self.credit { CREDIT_DAYS } else { USUAL_DAYS };
        self.promised_on.unwrap_or_else(|| self.ordered_on.saturating_add(days))
    }

    /// Days from shipment to what dates mean under these rules.
    fn transit(&self) -> Day {
        if self.regime == Regime::Eu201183 { self.transit_days } else { 0 }
    }

    /// The date that the customer would be told tonight: of delivery in the European Union.
    fn new_date(&self) -> Option<Day> {
        match self.outlook {
            Outlook::Today => Some(self.as_of.saturating_add(self.transit())),
            Outlook::By(ships) => Some(shown(ships.p90.saturating_add(self.transit()), self.as_of)),
            Outlook::Unknown | Outlook::NotLooked | Outlook::Never => None,
        }
    }

    /// The same as a day of shipment.
    fn new_ship_date(&self) -> Option<Day> {
        self.new_date().map(|day| day - self.transit())
    }

    /// What was told before, or nothing where the shop has stated another date since: a later one
    /// than any that was told, or one that was still ahead when all others had passed.
    #[must_use]
    pub fn told_before(&self) -> Told {
        let Some(promised_on) = self.promised_on else { return self.told };
        let is_restated = match (self.told.kind, self.told.respond_by) {
            (Some(NoticeKind::RefundDue), _) => promised_on >= self.as_of,
            (_, Some(respond_by)) => {
                promised_on > self.told.date.map_or(respond_by, |day| day.max(respond_by))
            }
            _ => false,
        };
        if is_restated { Told::default() } else { self.told }
    }

    fn standing(&self, told: Told) -> Standing {
        match (told.kind, told.date) {
            (Some(_), Some(day)) => Standing::Told(day),
            (Some(_), None) => Standing::NoDate,
            (None, _) if self.regime != Regime::None => Standing::Stated(self.due()),
            (None, _) if self.promised_on.is_some() => Standing::Stated(self.due()),
            (None, Some(day)) => Standing::Told(day),
            (None, None) => Standing::Nothing,
        }
    }

    /// Whether the standing date will be missed. One that the shop or the law set is held to what
    /// is sure in nine of ten cases. One that we told ourselves was that sure when it was told: it
    /// is taken back when it will more likely than not be missed, or when it is there and is not
    /// sure, so that a promise does not drift from day to day.
    fn is_delayed(&self, standing: Standing) -> bool {
        match (standing, self.outlook) {
            (_, Outlook::NotLooked | Outlook::Never) => false,
            // What leaves today and arrives late is late where the day of delivery was agreed.
            (Standing::Stated(day), Outlook::Today) => {
                self.regime == Regime::Eu201183 && self.new_date().is_some_and(|new| new > day)
            }
            (_, Outlook::Today) => false,
            (Standing::Stated(day), _) => self.new_date().is_none_or(|new| new > day),
            (Standing::Told(_), Outlook::Unknown) => true,
            (Standing::Told(day), Outlook::By(ships)) => {
                let is_there = day - self.as_of <= 1;
                ships.p50.max(self.as_of) > day || (is_there && ships.p90.max(self.as_of) > day)
            }
            (Standing::NoDate | Standing::Nothing, _) => false,
        }
    }

    /// Whether it comes so much earlier than the customer counts on, or at all where nobody knew,
    /// that it is news. A date that the law sets is none that the customer counts on.
    fn is_good_news(&self, standing: Standing) -> bool {
        let Some(new) = self.new_ship_date() else { return false };
        let counted_on = match standing {
            Standing::NoDate => return true,
            Standing::Stated(_) => self.promised_on.map(|day| day - self.transit()),
            Standing::Told(day) => Some(day),
            Standing::Nothing => None,
        };
        counted_on.filter(|day| *day > self.as_of + 1).is_some_and(|day| {
            // Dates far ahead stand for whole weeks: one week less may be a day less.
            let is_exact = day - self.as_of <= EXACT_DAYS;
            let least = if is_exact { GOOD_NEWS_DAYS } else { 2 * GOOD_NEWS_DAYS };
            self.outlook == Outlook::Today || new.saturating_add(least) <= day
        })
    }

    /// The right to be paid back that arose since the last run because a day passed. Only United
    /// States law knows one without a word of the customer.
    fn lapsed(&self, told: Told) -> Option<Refund> {
        let (arose_on, may_have_agreed) = match told.silence {
            _ if self.regime != Regime::Us435 => return None,
            Some(_) => (told.respond_by?, true),
            None if self.is_told_lost => return None,
            None => (self.due(), false),
        };
        (arose_on < self.as_of).then_some(Refund { arose_on, may_have_agreed })
    }

    fn cannot_ship(&self, told: Told) -> Assessment {
        let old_date = self.old_date(self.standing(told));
        let arose_on = self.lapsed(told).map_or(self.as_of, |refund| refund.arose_on);
        let refund = Refund { arose_on, may_have_agreed: false };
        Assessment {
            told: Told { date: None, kind: Some(NoticeKind::CannotShip), ..Told::default() },
            notice: Some(LineNotice {
                kind: NoticeKind::CannotShip,
                regime: self.regime,
                old_date,
                new_date: None,
                send_by: Some(self.as_of),
                respond_by: None,
                silence: None,
            }),
            refund: (self.regime == Regime::Us435).then_some(refund),
        }
    }

    /// The standing date as the customer knows it.
    fn old_date(&self, standing: Standing) -> Option<Day> {
        match standing {
            Standing::Stated(day) => Some(day),
            Standing::Told(day) => Some(day.saturating_add(self.transit())),
            Standing::NoDate | Standing::Nothing => None,
        }
    }

    fn delay(&self, standing: Standing, told: Told) -> Assessment {
        let (old_date, new_date) = (self.old_date(standing), self.new_date());
        let kind = match (told.kind, new_date) {
            (Some(_), _) => NoticeKind::DelayRenewed,
            (None, Some(_)) => NoticeKind::DelayFirst,
            (None, None) => NoticeKind::DelayIndefinite,
        };
        let plain = LineNotice {
            kind,
            regime: Regime::None,
            old_date,
            new_date,
            send_by: old_date.map(|day| day.max(self.as_of)),
            respond_by: None,
            silence: None,
        };

        let notice = match self.regime {
            Regime::None => plain,
            Regime::Us435 => self.us_delay(plain, told),
            Regime::Eu201183 if new_date.is_some_and(|new| new <= self.due()) => plain,
            Regime::Eu201183 => LineNotice { regime: Regime::Eu201183, ..plain },
        };
        // What the law asks for nothing in leaves earlier answers as they stand.
        let (respond_by, silence) = match notice.silence {
            Some(_) => (notice.respond_by, notice.silence),
            None => (told.respond_by, told.silence),
        };
        let (date, kind) = (self.new_ship_date(), Some(notice.kind));
        let told = Told { date, kind, respond_by, silence, ..told };
        Assessment { told, notice: Some(notice), refund: None }
    }

    /// The offer of 16 CFR 435.2(b): of the first delay, or a renewed one.
    ///
    /// An order that is cancelled unless the customer answers by a day that is still ahead stays
    /// so: a renewed offer asks for the answer by that day, though the date that it takes back may
    /// lie later, because nobody here knows whether the customer has agreed to that one.
    fn us_delay(&self, plain: LineNotice, told: Told) -> LineNotice {
        let due = self.due();
        let by = |day: Day| plain.new_date.is_some_and(|new| new <= day);
        let within = due.saturating_add(CONSENT_DAYS);
        let first = match plain.new_date {
            Some(_) => NoticeKind::DelayFirst,
            None => NoticeKind::DelayIndefinite,
        };

        let (kind, send_by, respond_by, silence) = match (told.silence, told.respond_by) {
            (None, _) | (_, None) if by(due) => return plain,
            (None, _) | (_, None) if by(within) => (first, due, plain.new_date, Silence::Consent),
            (None, _) | (_, None) => (first, due, Some(within), Silence::Cancellation),
            (Some(Silence::Consent), Some(agreed)) if by(agreed) => return plain,
            (Some(_), Some(by)) => (NoticeKind::DelayRenewed, by, Some(by), Silence::Cancellation),
        };
        let (regime, send_by, silence) = (Regime::Us435, Some(send_by), Some(silence));
        LineNotice { kind, regime, send_by, respond_by, silence, ..plain }
    }

    fn good_news(&self, standing: Standing, told: Told) -> Assessment {
        let kind = NoticeKind::GoodNews;
        let notice = LineNotice {
            kind,
            regime: Regime::None,
            old_date: self.old_date(standing),
            new_date: self.new_date(),
            send_by: None,
            respond_by: None,
            silence: None,
        };
        let told = Told { date: self.new_ship_date(), kind: Some(kind), ..told };
        Assessment { told, notice: Some(notice), refund: None }
    }

    /// Where nothing was ever promised and no law asks, the first promise is what counts from now
    /// on.
    fn nothing_new(&self, standing: Standing, told: Told) -> Assessment {
        let date = match standing {
            Standing::Nothing => self.new_ship_date(),
            _ => told.date,
        };
        Assessment { told: Told { date, ..told }, ..Assessment::default() }
    }
}
