//! Reads dates from text: ISO 8601 on bytes, any other format through chrono, the day numbers of
//! spreadsheets as numbers; a moment is the day that it falls on in the wanted time zone.

use std::sync::LazyLock;

use chrono::format::{Fixed, Item, Numeric, Parsed, StrftimeItems, parse_and_remainder};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::domain::calendar::{Day, day_of};
use crate::domain::finding::Code;

/// 2100-12-31, the last day accepted; day 0, 1970-01-01, is the first.
pub(crate) const LAST_DAY: Day = 47_846;

/// What a configuration writes for the day numbers of spreadsheets.
pub(crate) const SERIAL: &str = "serial";

/// Spreadsheets count days from 1899-12-30 on, so that 1970-01-01 is this one (ECMA-376, part 1,
/// section 18.17.4.1).
const SERIAL_OF_1970: i64 = 25_569;

/// Formats that a message proposes where one fits a date that cannot be read: the usual ones of
/// spreadsheets and shops.
const USUAL_FORMATS: [&str; 14] = [
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d-%b-%y",
];

/// How the dates of an input are written: in ISO 8601 if no format is given.
#[derive(Debug, Clone, Default)]
pub(crate) struct DateReader {
    formats: Vec<DateFormat>,
    /// Where the shop is: a moment counts on its day there. `None` takes dates as they are written.
    zone: Option<Tz>,
}

#[derive(Debug, Clone)]
enum DateFormat {
    /// Day numbers of a spreadsheet, with or without a fraction for the time of day.
    Serial,
    Strftime(Strftime),
}

#[derive(Debug, Clone)]
struct Strftime {
    items: Vec<Item<'static>>,
    /// Whether the format names the day; if not, the first of the month is meant.
    names_the_day: bool,
}

/// A date as it is written: with a time of day, and with how far its clock is ahead of UTC.
#[derive(Debug, Clone, Copy)]
struct Stamp {
    date: NaiveDate,
    time: Option<NaiveTime>,
    ahead_of_utc: Option<TimeDelta>,
}

impl DateReader {
    /// A reader of the given formats, tried in their order; of ISO 8601, with or without a time of
    /// day, if none is given. `None` if a format cannot be read.
    pub(crate) fn new(formats: &[String], zone: Option<Tz>) -> Option<Self> {
        let formats =
            formats.iter().map(|format| DateFormat::parse(format)).collect::<Option<_>>()?;
        Some(Self { formats, zone })
    }

    /// The day that a trimmed text names.
    pub(crate) fn day(&self, text: &[u8]) -> Result<Day, Code> {
        let stamp = match self.formats.as_slice() {
            [] => iso_stamp(text),
            formats => formats.iter().find_map(|format| format.stamp(text)),
        };
        self.day_of(stamp.ok_or(Code::BadDate)?)
    }

    /// The day of a whole number of a typed source: `20240229`, or a day number of a spreadsheet.
    pub(crate) fn day_of_whole(&self, number: i64) -> Result<Day, Code> {
        if self.formats.iter().any(|format| matches!(format, DateFormat::Serial)) {
            return in_range(number.saturating_sub(SERIAL_OF_1970));
        }

        let date = (10_101..=99_991_231).contains(&number).then(|| {
            let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
            NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32)
        });
        in_range(i64::from(day_of(date.flatten().ok_or(Code::BadDate)?)))
    }

    /// The day of a real number of a typed source: a day number of a spreadsheet.
    pub(crate) fn day_of_real(&self, number: f64) -> Result<Day, Code> {
        let is_serial = self.formats.iter().any(|format| matches!(format, DateFormat::Serial));
        if !is_serial || !number.is_finite() {
            return Err(Code::BadDate);
        }

        // The cast saturates, and what lies that far out is refused.
        in_range((number.floor() as i64).saturating_sub(SERIAL_OF_1970))
    }

    /// Whether the order of several formats can decide how a date is read.
    pub(crate) fn has_choice(&self) -> bool {
        self.formats.len() > 1
    }

    /// For each format, the day that it reads a text as; `None` if it does not fit.
    pub(crate) fn days(&self, text: &[u8]) -> impl Iterator<Item = Option<Day>> {
        self.formats
            .iter()
            .map(move |format| format.stamp(text).and_then(|stamp| self.day_of(stamp).ok()))
    }

    /// The reader with one of the formats before the others.
    pub(crate) fn preferring(mut self, format: usize) -> Self {
        if format < self.formats.len() {
            self.formats[..=format].rotate_right(1);
        }
        self
    }

    fn day_of(&self, stamp: Stamp) -> Result<Day, Code> {
        let written = in_range(i64::from(day_of(stamp.date)))?;
        let (Some(zone), Some(time)) = (self.zone, stamp.time) else { return Ok(written) };

        // Within the accepted dates no clock leads out of what chrono can count.
        let utc = stamp.date.and_time(time) - stamp.ahead_of_utc.unwrap_or_default();
        in_range(i64::from(day_of(date_in(zone, utc))))
    }
}

/// The date of a moment, given in UTC, by the clocks of a zone.
pub(crate) fn date_in(zone: Tz, utc: NaiveDateTime) -> NaiveDate {
    zone.from_utc_datetime(&utc).date_naive()
}

impl DateFormat {
    fn parse(format: &str) -> Option<Self> {
        if format.trim() == SERIAL {
            return Some(Self::Serial);
        }

        let items = StrftimeItems::new(format).parse_to_owned().ok()?;
        let names_the_day = items.iter().any(|item| {
            matches!(
                item,
                Item::Numeric(Numeric::Day | Numeric::Ordinal | Numeric::Timestamp, _)
                    | Item::Numeric(
                        Numeric::WeekFromMon | Numeric::WeekFromSun | Numeric::IsoWeek,
                        _
                    )
                    | Item::Fixed(Fixed::RFC2822 | Fixed::RFC3339)
            )
        });

        Some(Self::Strftime(Strftime { items, names_the_day }))
    }

    fn stamp(&self, text: &[u8]) -> Option<Stamp> {
        match self {
            Self::Serial => serial_stamp(text),
            Self::Strftime(format) => format.stamp(text),
        }
    }
}

impl Strftime {
    fn stamp(&self, text: &[u8]) -> Option<Stamp> {
        let text = std::str::from_utf8(text).ok()?;
        let mut parsed = Parsed::new();
        let rest = parse_and_remainder(&mut parsed, text, self.items.iter()).ok()?;

        // A time of day that the format does not mention does not change the date.
        let (time, ahead_of_utc) = time_and_offset(rest.as_bytes())?;
        if !self.names_the_day {
            parsed.set_day(1).ok()?;
        }

        // A count of seconds since 1970 is a moment in UTC.
        let counted = || parsed.to_naive_datetime_with_offset(0).ok();
        let date = parsed.to_naive_date().ok().or_else(|| Some(counted()?.date()))?;
        let own_time = parsed.to_naive_time().ok().or_else(|| Some(counted()?.time()));

        Some(Stamp {
            date,
            time: own_time.or(time),
            ahead_of_utc: parsed
                .to_fixed_offset()
                .ok()
                .map(|offset| TimeDelta::seconds(i64::from(offset.local_minus_utc())))
                .or(ahead_of_utc),
        })
    }
}

/// The moment of a spreadsheet's day number; of its fraction only the day counts.
fn serial_stamp(text: &[u8]) -> Option<Stamp> {
    let mut halves = text.splitn(2, |byte| matches!(byte, b'.' | b','));
    let whole = number(halves.next().filter(|digits| (1..=6).contains(&digits.len()))?)?;
    let fraction = halves.next().unwrap_or_default();
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }

    let date = NaiveDate::from_ymd_opt(1899, 12, 30)?
        .checked_add_days(chrono::Days::new(u64::from(whole)))?;
    Some(Stamp { date, time: None, ahead_of_utc: None })
}

/// What to set so that a text can be read as a date; `None` if no usual way of writing fits.
pub(crate) fn proposal(text: &[u8]) -> Option<String> {
    static USUAL: LazyLock<Vec<(&str, DateReader)>> = LazyLock::new(|| {
        let formats = [SERIAL].into_iter().chain(USUAL_FORMATS);
        let reader = |format: &str| DateReader::new(&[format.to_owned()], None);
        formats.filter_map(|format| Some((format, reader(format)?))).collect()
    });
    let is_year = |day: Day| (7_305..=29_220).contains(&day); // 1990 to 2049

    let fits = |reader: &DateReader| reader.day(text).is_ok_and(is_year);
    let formats = USUAL.iter().filter(|(_, reader)| fits(reader)).take(2);
    let written: Vec<String> =
        formats.map(|(format, _)| format!("date_format = {format:?}")).collect();
    (!written.is_empty()).then(|| written.join(" or "))
}

/// A day number within 1970–2100.
pub(crate) fn in_range(day: i64) -> Result<Day, Code> {
    Day::try_from(day).ok().filter(|day| (0..=LAST_DAY).contains(day)).ok_or(Code::DateOutOfRange)
}

fn iso_stamp(text: &[u8]) -> Option<Stamp> {
    let dashed = text.len() >= 10 && text[4] == b'-' && text[7] == b'-';
    let (year, month, day, rest) = if dashed {
        (number(&text[0..4])?, number(&text[5..7])?, number(&text[8..10])?, &text[10..])
    } else if text.len() >= 8 {
        (number(&text[0..4])?, number(&text[4..6])?, number(&text[6..8])?, &text[8..])
    } else {
        return None;
    };

    let (time, ahead_of_utc) = time_and_offset(rest)?;
    Some(Stamp { date: NaiveDate::from_ymd_opt(year as i32, month, day)?, time, ahead_of_utc })
}

/// What follows a date: nothing, or a time of day such as `T08:26`, ` 08:26:00.123+01:00` or
/// ` 8:26 PM UTC`, with how far its clock is ahead of UTC where that is said. `None` if it is
/// neither.
fn time_and_offset(rest: &[u8]) -> Option<(Option<NaiveTime>, Option<TimeDelta>)> {
    let Some((first, rest)) = rest.split_first() else { return Some((None, None)) };
    if !matches!(first, b'T' | b't' | b' ' | b',') {
        return None;
    }

    let text = std::str::from_utf8(rest).ok()?.trim();
    let known = |byte: u8| byte.is_ascii_digit() || b":.,+- ZzUuTtCcGgAaPpMm".contains(&byte);
    if !text.bytes().all(known) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }

    let ends = text.find(|mark: char| !(mark.is_ascii_digit() || ":.,".contains(mark)));
    let (clock, after) = text.split_at(ends.unwrap_or(text.len()));
    let after = after.trim().to_ascii_uppercase();
    let (half, zone) = match after.get(..2) {
        Some("AM" | "PM") => after.split_at(2),
        _ => ("", after.as_str()),
    };
    Some((time_of(clock, half), offset_of(zone.trim())))
}

/// The time of `8:26:00.5`, in the morning or after noon if that is said.
fn time_of(clock: &str, half: &str) -> Option<NaiveTime> {
    let mut parts = clock.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let second: u32 = match parts.next() {
        Some(second) => second.split(['.', ',']).next()?.parse().ok()?,
        None => 0,
    };
    let hour = match half {
        "AM" => hour % 12,
        "PM" => hour % 12 + 12,
        _ => hour,
    };

    // A leap second is the last one of its minute.
    NaiveTime::from_hms_opt(hour, minute, second.min(59))
}

/// How far a clock is ahead of UTC: `+01:00`, `-0400`, `UTC+2`; `None` if nothing is said, or that
/// it is not.
fn offset_of(zone: &str) -> Option<TimeDelta> {
    let zone = zone.trim_start_matches("UTC").trim_start_matches("GMT").trim_start();
    let sign = match zone.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    let digits: Vec<u8> = zone.bytes().filter(u8::is_ascii_digit).collect();
    if digits.len() > 4 {
        return None;
    }

    let (hours, minutes) = digits.split_at(digits.len().min(2));
    let minutes = 60 * number(hours)? + number(minutes)?;
    TimeDelta::try_minutes(sign * i64::from(minutes)).filter(|ahead| ahead.num_hours().abs() < 25)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(format: Option<&str>, text: &str) -> Result<Day, Code> {
        let formats: Vec<String> = format.into_iter().map(str::to_owned).collect();
        DateReader::new(&formats, None).unwrap().day(text.as_bytes())
    }

    #[test]
    fn iso_dates_are_read_with_and_without_a_time() {
        for text in [
            "2024-02-29",
            "20240229",
            "2024-02-29T23:59:59Z",
            "2024-02-29 08:26:00",
            "2024-02-29 08:26:00 UTC",
            "2024-02-29T08:26:00.123+01:00",
            "2024-02-29 8:26 PM",
        ] {
            assert_eq!(day(None, text), Ok(19_782), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2024-02-29x1",
            "Date Not Captured",
            "2024-02-30",
            "2023-02-29",
            "2024-2-9",
            "29/02/2024",
            "2024-02-29x",
            "2024-02",
        ] {
            assert_eq!(day(None, text), Err(Code::BadDate), "{text}");
        }
    }

    #[test]
    fn dates_outside_1970_to_2100_are_refused_by_name() {
        for text in ["9999-12-31", "1969-12-31", "2101-01-01", "0001-01-01"] {
            assert_eq!(day(None, text), Err(Code::DateOutOfRange), "{text}");
        }

        assert_eq!(day(None, "1970-01-01"), Ok(0));
        assert_eq!(day(None, "2100-12-31"), Ok(LAST_DAY));
    }

    #[test]
    fn formats_may_hold_a_time_or_leave_it_out() {
        assert_eq!(day(Some("%d/%m/%Y"), "29/02/2024"), Ok(19_782));
        assert_eq!(day(Some("%d/%m/%Y"), "29/02/2024 08:26"), Ok(19_782));
        assert_eq!(day(Some("%m/%d/%Y %H:%M"), "02/29/2024 08:26"), Ok(19_782));
        assert_eq!(day(Some("%d-%b-%y"), "29-Feb-24"), Ok(19_782));
        assert_eq!(day(Some("%d/%m/%Y"), "29/02/2024x"), Err(Code::BadDate));
    }

    #[test]
    fn of_several_formats_the_first_that_fits_reads_the_date() {
        let reader =
            DateReader::new(&["%d-%b-%y".to_owned(), "%m/%d/%y".to_owned()], None).unwrap();
        assert_eq!(reader.day(b"29-Feb-24"), Ok(19_782));
        assert_eq!(reader.day(b"2/29/24"), Ok(19_782));
        assert_eq!(reader.day(b"29/2/24"), Err(Code::BadDate));
    }

    #[test]
    fn a_month_without_a_day_is_its_first() {
        assert_eq!(day(Some("%Y-%m"), "2024-02"), Ok(19_754));
        assert_eq!(day(Some("%b %Y"), "Feb 2024"), Ok(19_754));
    }

    #[test]
    fn whole_numbers_are_dates_as_year_month_day_or_by_count_where_that_is_said() {
        let plain = DateReader::default();
        assert_eq!(plain.day_of_whole(20_240_229), Ok(19_782));
        assert_eq!(plain.day_of_whole(20_241_301), Err(Code::BadDate));
        assert_eq!(plain.day_of_whole(-5), Err(Code::BadDate));
        assert_eq!(plain.day_of_whole(i64::MAX), Err(Code::BadDate));
        assert_eq!(plain.day_of_whole(45_351), Err(Code::BadDate));
        assert_eq!(plain.day_of_real(45_351.0), Err(Code::BadDate));

        let serial = DateReader::new(&[SERIAL.to_owned()], None).unwrap();
        assert_eq!(serial.day_of_whole(45_351), Ok(19_782));
        assert_eq!(serial.day_of_real(45_351.875), Ok(19_782));
        assert_eq!(serial.day_of_whole(i64::MIN), Err(Code::DateOutOfRange));
        assert_eq!(serial.day_of_real(f64::NAN), Err(Code::BadDate));
    }

    #[test]
    fn day_numbers_of_spreadsheets_are_read_where_that_is_said() {
        assert_eq!(day(Some("serial"), "45351"), Ok(19_782));
        assert_eq!(day(Some("serial"), "45351.875"), Ok(19_782));
        assert_eq!(day(Some("serial"), "45351,5"), Ok(19_782));
        assert_eq!(day(Some("serial"), "25569"), Ok(0));
        assert_eq!(day(Some("serial"), "7"), Err(Code::DateOutOfRange));
        for text in ["2024-02-29", "45351 5", "x", "45351.x", "4535145"] {
            assert_eq!(day(Some("serial"), text), Err(Code::BadDate), "{text}");
        }
        assert_eq!(day(None, "45351"), Err(Code::BadDate));
    }

    #[test]
    fn a_moment_counts_on_the_day_of_the_shop() {
        let new_york = Some(chrono_tz::America::New_York);
        let reader = DateReader::new(&[], new_york).unwrap();
        for (text, expected) in [
            ("2024-02-29T03:30:00Z", 19_781),
            ("2024-02-29 03:30:00 UTC", 19_781),
            ("2024-02-29 03:30", 19_781),
            ("2024-02-29 05:30", 19_782),
            ("2024-02-28T21:30:00-05:00", 19_781),
            ("2024-02-29T01:30:00+0100", 19_781),
            ("2024-02-29T06:30 UTC+02:00", 19_781),
            ("2024-02-29 06:30 GMT", 19_782),
            ("2024-07-01T03:59:59.9Z", 19_904),
            ("2024-07-01 04:00", 19_905),
            ("2024-02-29", 19_782),
            ("2024-02-29 12:30 AM", 19_781),
        ] {
            assert_eq!(reader.day(text.as_bytes()), Ok(expected), "{text}");
        }

        let seconds = DateReader::new(&["%s".to_owned()], new_york).unwrap();
        assert_eq!(seconds.day(b"1709177400"), Ok(19_781));

        let formats = ["%d/%m/%Y %H:%M".to_owned(), "%d/%m/%Y".to_owned()];
        let reader = DateReader::new(&formats, new_york).unwrap();
        assert_eq!(reader.day(b"29/02/2024 03:30"), Ok(19_781));
        assert_eq!(reader.day(b"29/02/2024"), Ok(19_782));
        let date_alone = DateReader::new(&formats[1..], new_york).unwrap();
        assert_eq!(date_alone.day(b"29/02/2024 03:30"), Ok(19_781));
    }

    #[test]
    fn a_message_proposes_what_fits_a_date() {
        let proposed = |text: &str| proposal(text.as_bytes()).unwrap_or_default();
        assert_eq!(proposed("29/02/2024"), "date_format = \"%d/%m/%Y\"");
        assert_eq!(proposed("29.02.2024 08:26"), "date_format = \"%d.%m.%Y\"");
        assert_eq!(proposed("45351"), "date_format = \"serial\"");
        assert_eq!(
            proposed("03/04/2024"),
            "date_format = \"%d/%m/%Y\" or date_format = \"%m/%d/%Y\""
        );
        assert_eq!(proposed("yesterday"), "");
    }
}
