//! Reads dates from text: ISO 8601 on bytes, any other format through chrono.

use chrono::NaiveDate;
use chrono::format::{Fixed, Item, Numeric, Parsed, StrftimeItems, parse_and_remainder};

use crate::domain::calendar::{Day, day_of};
use crate::domain::finding::Code;

/// 2100-12-31, the last day accepted; day 0, 1970-01-01, is the first.
pub(crate) const LAST_DAY: Day = 47_846;

/// How the dates of an input are written: in ISO 8601 if no format is given.
#[derive(Debug, Clone)]
pub(crate) struct DateReader {
    formats: Vec<DateFormat>,
}

/// A strftime format.
#[derive(Debug, Clone)]
struct DateFormat {
    items: Vec<Item<'static>>,
    /// Whether the format names the day; if not, the first of the month is meant.
    names_the_day: bool,
}

impl DateReader {
    /// A reader of the given formats, tried in their order; of ISO 8601, with or without a time of
    /// day, if none is given. `None` if a format cannot be read.
    pub(crate) fn new(formats: &[String]) -> Option<Self> {
        let formats =
            formats.iter().map(|format| DateFormat::parse(format)).collect::<Option<_>>()?;
        Some(Self { formats })
    }

    /// The day that a trimmed text names.
    pub(crate) fn day(&self, text: &[u8]) -> Result<Day, Code> {
        let date = match self.formats.as_slice() {
            [] => iso_date(text),
            formats => formats.iter().find_map(|format| format.date(text)),
        };
        in_range(i64::from(day_of(date.ok_or(Code::BadDate)?)))
    }
}

impl DateFormat {
    fn parse(format: &str) -> Option<Self> {
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

        Some(Self { items, names_the_day })
    }

    fn date(&self, text: &[u8]) -> Option<NaiveDate> {
        let text = std::str::from_utf8(text).ok()?;
        let mut parsed = Parsed::new();
        let rest = parse_and_remainder(&mut parsed, text, self.items.iter()).ok()?;

        // A time of day that the format does not mention does not change the date.
        if !is_time(rest.as_bytes()) {
            return None;
        }

        if !self.names_the_day {
            parsed.set_day(1).ok()?;
        }

        parsed.to_naive_date().ok()
    }
}

/// A day number within 1970–2100.
pub(crate) fn in_range(day: i64) -> Result<Day, Code> {
    Day::try_from(day).ok().filter(|day| (0..=LAST_DAY).contains(day)).ok_or(Code::DateOutOfRange)
}

/// The day of a whole number written as `20240229`.
pub(crate) fn from_number(number: i64) -> Result<Day, Code> {
    let date = (10_101..=99_991_231).contains(&number).then(|| {
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
        NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32)
    });

    in_range(i64::from(day_of(date.flatten().ok_or(Code::BadDate)?)))
}

fn iso_date(text: &[u8]) -> Option<NaiveDate> {
    let dashed = text.len() >= 10 && text[4] == b'-' && text[7] == b'-';
    let (year, month, day, rest) = if dashed {
        (number(&text[0..4])?, number(&text[5..7])?, number(&text[8..10])?, &text[10..])
    } else if text.len() >= 8 {
        (number(&text[0..4])?, number(&text[4..6])?, number(&text[6..8])?, &text[8..])
    } else {
        return None;
    };

    is_time(rest).then(|| NaiveDate::from_ymd_opt(year as i32, month, day)).flatten()
}

/// Whether what follows a date is nothing or a time of day: `T08:26`, ` 08:26:00.123+01:00`, ` 8:26
/// PM`.
fn is_time(rest: &[u8]) -> bool {
    let Some((first, time)) = rest.split_first() else { return true };

    if !matches!(first, b'T' | b't' | b' ') {
        return false;
    }

    let known =
        time.iter().all(|byte| byte.is_ascii_digit() || b":.,+- ZzUuTtCcAaPpMm".contains(byte));
    known && time.iter().any(u8::is_ascii_digit)
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
        DateReader::new(&formats).unwrap().day(text.as_bytes())
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
        let reader = DateReader::new(&["%d-%b-%y".to_owned(), "%m/%d/%y".to_owned()]).unwrap();
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
    fn whole_numbers_are_dates_only_as_year_month_day() {
        assert_eq!(from_number(20_240_229), Ok(19_782));
        assert_eq!(from_number(20_241_301), Err(Code::BadDate));
        assert_eq!(from_number(-5), Err(Code::BadDate));
        assert_eq!(from_number(i64::MAX), Err(Code::BadDate));
    }
}
