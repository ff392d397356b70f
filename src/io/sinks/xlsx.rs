//! Workbooks: text cells are text, whatever they look like, dates are dates and numbers numbers.
//! The bytes follow from what is written alone: nothing in them is the time of writing.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::domain::calendar::{Day, date_of};
use crate::domain::fixed::Fixed;
use crate::error::{Error, Result};
use chrono::Datelike;

/// Paper sizes by their number in the format: A4, and letter in North America.
const A4: u8 = 9;
const LETTER: u8 = 1;

/// Margins of a page, inches: left and right, then top and bottom. Judgement: what printers print.
const MARGINS: [f64; 2] = [0.5, 0.6];

/// What headers and footers take of the margins above and below, inches.
const FOOTER_MARGIN: f64 = 0.3;

/// A column is at least so wide, and at most, in characters. Judgement: longer texts wrap.
const WIDTHS: [usize; 2] = [6, 48];

/// The longest text that a cell holds, by the format's own limit of 32,767 UTF-16 units: half of
/// it, as a character may be two.
const MAX_CELL_CHARS: usize = 16_383;

/// Rows of a text in a cell are so many points high.
const POINTS_A_ROW: f64 = 15.0;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A number, with so many decimals where they are fixed.
    Number(Fixed, Option<u32>),
    /// A day.
    Date(Day),
}

/// What stands above a table that is to be printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// What the sheet is.
    pub title: String,
    /// Labels and what they label, one a row.
    pub facts: Vec<(&'static str, CellValue)>,
}

/// One sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Its name; made to what a sheet may be called.
    pub name: String,
    /// What stands above the table; without it the sheet is a plain table with a filter.
    pub heading: Option<Heading>,
    /// Names of the columns.
    pub header: Vec<String>,
    /// A second row of them; empty if there is none.
    pub second_header: Vec<String>,
    /// The rows, each as long as the header.
    pub rows: Vec<Vec<CellValue>>,
    /// A label and a number below the last column.
    pub total: Option<(String, CellValue)>,
}

/// A workbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// What it is, for the document's properties.
    pub title: String,
    /// Who wrote it.
    pub company: String,
    /// The day that it is of.
    pub day: Day,
    /// How dates look, as spreadsheets write it: `yyyy-mm-dd`.
    pub date_format: String,
    /// Whether paper is of the size that North America uses.
    pub is_letter: bool,
    /// Its sheets, at least one.
    pub sheets: Vec<Sheet>,
}

impl Book {
    /// The workbook's bytes.
    ///
    /// # Errors
    /// When something in it is beyond what the format holds, such as a text of 32,768 characters.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        self.written().map_err(|cause| Error::internal("cannot write a workbook").because(cause))
    }

    fn written(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let properties = DocProperties::new()
            .set_title(&self.title)
            .set_company(&self.company)
            .set_creation_datetime(&date(self.day)?);
        book.set_properties(&properties);

        let names = sheet_names(self.sheets.iter().map(|sheet| sheet.name.as_str()));
        for (sheet, name) in self.sheets.iter().zip(names) {
            let worksheet = book.add_worksheet();
            worksheet.set_name(name)?;
            self.write(sheet, worksheet)?;
        }
        book.save_to_buffer()
    }

    fn write(&self, sheet: &Sheet, page: &mut Worksheet) -> Result<(), XlsxError> {
        let looks = Looks::new(&self.date_format);
        let widths = widths(sheet);
        for (column, width) in (0_u16..).zip(&widths) {
            page.set_column_width(column, *width as f64 + 2.0)?;
        }

        let mut at = 0;
        if let Some(heading) = &sheet.heading {
            page.write_string_with_format(at, 0, &heading.title, &looks.title)?;
            page.set_row_height(at, 26)?;
            at += 2;
            let value_column = column_after(&widths, 20);
            for (label, value) in &heading.facts {
                page.write_string_with_format(at, 0, *label, &looks.label)?;
                let look = Looks { text: looks.fact.clone(), ..looks.clone() };
                put(page, Place { row: at, column: value_column }, value, &look, |format| {
                    format.set_align(FormatAlign::Left).set_indent(0)
                })?;
                at += 1;
            }
            at += 1;
        }

        let first = at;
        for header in [&sheet.header, &sheet.second_header] {
            for (column, name) in (0_u16..).zip(header.iter()) {
                let is_number = sheet.rows.iter().any(|row| is_number(row, column));
                let look = if is_number { &looks.header_right } else { &looks.header };
                page.write_string_with_format(at, column, name, look)?;
            }
            at += u32::from(!header.is_empty());
        }
        let last_header = at.saturating_sub(1);
        for row in &sheet.rows {
            for (column, value) in (0_u16..).zip(row) {
                put(page, Place { row: at, column }, value, &looks, |format| format)?;
            }
            page.set_row_height(at, POINTS_A_ROW * lines_of(row, &widths) as f64)?;
            at += 1;
        }
        if let (Some((label, value)), Some(column)) = (&sheet.total, last_column(&widths)) {
            page.write_string_with_format(at, column.saturating_sub(1), label, &looks.total)?;
            let bold = |format: Format| format.set_bold().set_border_top(FormatBorder::Medium);
            put(page, Place { row: at, column }, value, &looks, bold)?;
        }

        page.set_paper_size(if self.is_letter { LETTER } else { A4 });
        let [side, end] = MARGINS;
        page.set_margins(side, side, end, end, FOOTER_MARGIN, FOOTER_MARGIN);
        page.set_print_fit_to_pages(1, 0);
        page.set_repeat_rows(first, last_header)?;
        page.set_footer("&L&A&RPage &P of &N");
        if is_wide(&widths) {
            page.set_landscape();
        }
        if sheet.heading.is_none() {
            page.set_freeze_panes(last_header.saturating_add(1), 0)?;
            if let Some(column) = last_column(&widths) {
                page.autofilter(first, 0, at.saturating_sub(1).max(first), column)?;
            }
        } else {
            page.set_screen_gridlines(false);
        }
        Ok(())
    }
}

fn last_column(widths: &[usize]) -> Option<u16> {
    u16::try_from(widths.len()).ok()?.checked_sub(1)
}

/// Whether columns are too wide for a page that stands upright. Judgement: at 90 characters a page
/// that is fitted to its width is still read without glasses.
fn is_wide(widths: &[usize]) -> bool {
    widths.iter().sum::<usize>() > 90
}

/// The first column that begins behind so many characters.
fn column_after(widths: &[usize], characters: usize) -> u16 {
    let mut used = 0;
    let before = widths.iter().take_while(|width| {
        let is_before = used < characters;
        used += **width;
        is_before
    });
    u16::try_from(before.count()).unwrap_or(0)
}

fn is_number(row: &[CellValue], column: u16) -> bool {
    matches!(row.get(usize::from(column)), Some(CellValue::Number(..)))
}

/// Width of each column, in characters: its longest value, within bounds.
fn widths(sheet: &Sheet) -> Vec<usize> {
    let [least, most] = WIDTHS;
    let of_column = |column: usize| {
        let cells = sheet.rows.iter().filter_map(|row| row.get(column)).map(width);
        let headers = [&sheet.header, &sheet.second_header];
        let headers = headers.iter().filter_map(|header| header.get(column));
        let widest = cells.chain(headers.map(|name| name.chars().count())).max();
        let is_last = column + 1 == sheet.header.len();
        let total = sheet.total.as_ref().map_or(0, |(_, value)| width(value) + 1);
        widest.unwrap_or(0).max(if is_last { total } else { 0 }).clamp(least, most)
    };
    (0..sheet.header.len()).map(of_column).collect()
}

fn width(value: &CellValue) -> usize {
    match value {
        CellValue::Empty => 0,
        CellValue::Text(text) => text.lines().map(|line| line.chars().count()).max().unwrap_or(0),
        CellValue::Number(number, decimals) => {
            let text = number.with_decimals(decimals.unwrap_or(0)).chars().count();
            text + text / 3
        }
        CellValue::Date(_) => 10,
    }
}

/// Lines that the longest text of a row takes within its column.
fn lines_of(row: &[CellValue], widths: &[usize]) -> usize {
    let lines = row.iter().zip(widths).map(|(value, width)| match value {
        CellValue::Text(text) => {
            text.lines().map(|line| line.chars().count().div_ceil(*width).max(1)).sum()
        }
        _ => 1,
    });
    lines.max().unwrap_or(1).clamp(1, 20)
}

/// How cells look.
#[derive(Clone)]
struct Looks {
    title: Format,
    label: Format,
    fact: Format,
    header: Format,
    header_right: Format,
    text: Format,
    date: Format,
    number: Format,
    total: Format,
}

impl Looks {
    fn new(date_format: &str) -> Self {
        let cell = Format::new().set_align(FormatAlign::Top);
        let header = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border_bottom(FormatBorder::Thin);
        Self {
            title: Format::new().set_bold().set_font_size(18),
            label: Format::new().set_bold().set_align(FormatAlign::Top),
            fact: cell.clone(),
            header_right: header.clone().set_align(FormatAlign::Right),
            // Set in from the numbers on their left, as the texts below are.
            header: header.set_align(FormatAlign::Left).set_indent(1),
            // As text in the number format, too, so that editing a cell makes no number of it.
            text: cell
                .clone()
                .set_text_wrap()
                .set_num_format("@")
                .set_align(FormatAlign::Left)
                .set_indent(1),
            date: cell
                .clone()
                .set_num_format(date_format)
                .set_align(FormatAlign::Left)
                .set_indent(1),
            number: cell,
            total: Format::new()
                .set_bold()
                .set_align(FormatAlign::Right)
                .set_border_top(FormatBorder::Medium),
        }
    }
}

/// Where a cell is.
#[derive(Clone, Copy)]
struct Place {
    row: u32,
    column: u16,
}

fn put(
    page: &mut Worksheet,
    place: Place,
    value: &CellValue,
    looks: &Looks,
    more: impl Fn(Format) -> Format,
) -> Result<(), XlsxError> {
    let Place { row, column } = place;
    match value {
        CellValue::Empty => {}
        CellValue::Text(text) => {
            // A text that no cell can hold must not cost the orders beside it.
            let text: String = text.chars().take(MAX_CELL_CHARS).collect();
            page.write_string_with_format(row, column, text, &more(looks.text.clone()))?;
        }
        CellValue::Number(number, decimals) => {
            let look = looks.number.clone().set_num_format(number_format(*number, *decimals));
            page.write_number_with_format(row, column, number.to_f64(), &more(look))?;
        }
        CellValue::Date(day) => {
            let look = more(looks.date.clone());
            page.write_datetime_with_format(row, column, &date(*day)?, &look)?;
        }
    }
    Ok(())
}

/// How a number looks: with its own decimals where none are fixed.
fn number_format(number: Fixed, decimals: Option<u32>) -> String {
    let text = number.to_string();
    let own = text.split_once('.').map_or(0, |(_, part)| part.len());
    match decimals.map_or(own, |decimals| decimals as usize) {
        0 => "#,##0".to_owned(),
        decimals => format!("#,##0.{}", "0".repeat(decimals)),
    }
}

/// A day; those of inputs lie between 1970 and 2100, and what is reckoned from them within the
/// years that spreadsheets know.
fn date(day: Day) -> Result<ExcelDateTime, XlsxError> {
    let date = date_of(day);
    let part = |part: u32| u8::try_from(part).unwrap_or(1);
    let year = u16::try_from(date.year()).unwrap_or(1900);
    ExcelDateTime::from_ymd(year, part(date.month()), part(date.day()))
}

/// Longest name of a sheet, in characters.
const MAX_SHEET_NAME: usize = 31;

/// Names that sheets may have, no two the same where case does not count: without the characters
/// that are not allowed, cut, and numbered where needed.
fn sheet_names<'a>(wanted: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in wanted {
        let allowed = |c: char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
        let kept = |c: char| if allowed(c) && !c.is_control() { c } else { '_' };
        let clean: String = name.chars().map(kept).collect();
        let clean = if clean.trim().is_empty() { "Sheet".to_owned() } else { clean };
        let mut numbered = (1_u32..).map(|count| {
            let ending = if count == 1 { String::new() } else { format!("~{count}") };
            // Counted as the format does, in units of UTF-16.
            let mut room = MAX_SHEET_NAME - ending.len();
            let fits = |c: &char| match room.checked_sub(c.len_utf16()) {
                Some(left) => {
                    room = left;
                    true
                }
                None => false,
            };
            let start: String = clean.chars().take_while(fits).collect();
            format!("{start}{ending}")
        });
        let is_free = |name: &String| {
            let lower = name.to_lowercase();
            lower != "history" && names.iter().all(|taken| taken.to_lowercase() != lower)
        };
        let free = numbered.find(is_free).unwrap_or_default();
        names.push(free);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_have_names_that_spreadsheets_take() {
        let long = "260629-A-VERY-LONG-SUPPLIER-main";
        let wanted =
            ["a/b", "A_B", "", long, long, "History", "ü".repeat(40).as_str()].map(str::to_owned);
        let names = sheet_names(wanted.iter().map(String::as_str));
        assert_eq!(names[..3], ["a_b", "A_B~2", "Sheet"].map(str::to_owned));
        assert_eq!(names[3], long[..31]);
        assert_eq!(names[4], format!("{}~2", &long[..29]));
        assert_eq!((names[5].as_str(), names[6].chars().count()), ("History~2", 31));
    }

    #[test]
    fn the_same_book_has_the_same_bytes() {
        let row = vec![
            CellValue::Text("=1+1".into()),
            CellValue::Number(Fixed::of_steps(12_500), None),
            CellValue::Date(20_633),
        ];
        let sheet = Sheet {
            name: "s".into(),
            heading: None,
            header: ["a", "b", "c"].map(str::to_owned).to_vec(),
            second_header: Vec::new(),
            rows: vec![row],
            total: None,
        };
        let book = Book {
            title: "t".into(),
            company: "c".into(),
            day: 20_633,
            date_format: "yyyy-mm-dd".into(),
            is_letter: false,
            sheets: vec![sheet],
        };
        let first = book.bytes().unwrap();
        // The properties would hold the second of writing.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        assert_eq!(first, book.bytes().unwrap());
    }
}
