//! Tables from workbooks: they give the plan of the same table as CSV, and what cannot be read is
//! refused with the file and a hint.

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use chrono::{Days, NaiveDate};
use restock::config::Settings;
use restock::config::source::{Overlay, parse};
use restock::io::{AsOf, load};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::shop::{restock, rows, unit};

const AS_OF: &str = "2026-06-29";

/// A cell of a sheet as its file has it.
#[derive(Clone)]
enum Cell {
    Empty,
    Inline(&'static str),
    Text(String),
    Number(String),
    /// A day number in a cell that shows it as a date, or as a date and a time.
    Date(f64),
    Stamp(f64),
    /// Any other cell: its attributes and what it holds.
    Raw(&'static str, &'static str),
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(number: impl ToString) -> Cell {
    Cell::Number(number.to_string())
}

/// The day number of a date, as sheets count from 1900 on.
fn serial(date: NaiveDate) -> f64 {
    (date - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days() as f64
}

fn xml(at: (usize, usize), cell: &Cell) -> String {
    let column = char::from(b'A' + at.1 as u8);
    let place = format!("r=\"{column}{}\"", at.0);
    match cell {
        Cell::Empty => String::new(),
        Cell::Inline(text) => {
            format!("<c {place} t=\"inlineStr\"><is><r><t>{text}</t></r></is></c>")
        }
        Cell::Text(text) => {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            format!("<c {place} t=\"str\"><v>{text}</v></c>")
        }
        Cell::Number(number) => format!("<c {place}><v>{number}</v></c>"),
        Cell::Date(serial) => format!("<c {place} s=\"1\"><v>{serial}</v></c>"),
        Cell::Stamp(serial) => format!("<c {place} s=\"2\"><v>{serial}</v></c>"),
        Cell::Raw(attributes, inner) => format!("<c {place} {attributes}>{inner}</c>"),
    }
}

/// The XML of a sheet whose rows stand where they are numbered; the first is 1.
fn sheet_of(rows: &[(usize, Vec<Cell>)]) -> String {
    let mut data = String::new();
    for (row, cells) in rows {
        let cells = cells.iter().enumerate().map(|(at, cell)| xml((*row, at), cell));
        write!(data, "<row r=\"{row}\">{}</row>", cells.collect::<String>()).unwrap();
    }
    sheet_with(&data)
}

fn sheet_with(data: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"{MAIN}\"><sheetData>{data}</sheetData>\
         </worksheet>"
    )
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// A workbook of these sheets: name, attributes and XML.
fn workbook(sheets: &[(&str, &str, String)], properties: &str) -> Vec<u8> {
    let (mut list, mut relations) = (String::new(), String::new());
    for (at, (name, attributes, _)) in sheets.iter().enumerate() {
        let id = at + 1;
        write!(list, "<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"r{id}\" {attributes}/>")
            .unwrap();
        write!(
            relations,
            "<Relationship Id=\"r{id}\" Type=\"{OFFICE}/worksheet\" \
             Target=\"worksheets/sheet{id}.xml\"/>"
        )
        .unwrap();
    }
    let relation =
        |inner: &str| format!("<Relationships xmlns=\"{PACKAGE}\">{inner}</Relationships>");
    let mut parts = vec![
        (
            "_rels/.rels".to_owned(),
            relation(&format!(
                "<Relationship Id=\"a\" Type=\"{OFFICE}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/>"
            )),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\">{properties}\
                 <sheets>{list}</sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels".to_owned(), relation(&relations)),
        (
            "xl/styles.xml".to_owned(),
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
                 <xf numFmtId=\"22\"/></cellXfs></styleSheet>"
            ),
        ),
    ];
    for (at, (_, _, xml)) in sheets.iter().enumerate() {
        parts.push((format!("xl/worksheets/sheet{}.xml", at + 1), xml.clone()));
    }

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// One sheet.
fn book(rows: &[(usize, Vec<Cell>)]) -> Vec<u8> {
    workbook(&[("Sales", "", sheet_of(rows))], "")
}

const SKUS: [&str; 4] = ["00017", "4006381333931", "17", "MUG & co"];

/// What was sold: date, sku, quantity and price, a year of it.
fn sales() -> Vec<(NaiveDate, &'static str, u64, f64)> {
    let first = NaiveDate::from_ymd_opt(2025, 6, 30).unwrap();
    (0..364_u64)
        .flat_map(|day| {
            let date = first + Days::new(day);
            SKUS.iter().enumerate().map(move |(at, sku)| {
                let quantity = 1 + (unit(day * 7 + at as u64) * 9.0) as u64;
                (date, *sku, quantity, 2.5 + at as f64 / 4.0)
            })
        })
        .collect()
}

/// A key as a cell: as a number where its digits allow it.
fn key(sku: &str) -> Cell {
    let is_number = !sku.starts_with('0') && sku.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { number(sku) } else { text(sku) }
}

fn header() -> Vec<Cell> {
    ["date", "sku", "quantity", "unit_price"].map(text).to_vec()
}

/// These sales as rows of a sheet, the first in row 1.
fn sales_sheet() -> Vec<(usize, Vec<Cell>)> {
    let sold = sales().into_iter().enumerate().map(|(at, (date, sku, quantity, price))| {
        let date =
            if at % 2 == 0 { Cell::Date(serial(date)) } else { Cell::Stamp(serial(date) + 0.4) };
        (at + 2, vec![date, key(sku), number(quantity), number(price)])
    });
    std::iter::once((1, header())).chain(sold).collect()
}

/// A folder with stock and these orders.
fn shop(name: &str, orders: &[u8], settings: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(name), orders).unwrap();
    let stock: String = SKUS.iter().map(|sku| format!("{sku},5\n")).collect();
    fs::write(dir.path().join("stock.csv"), format!("sku,on_hand\n{stock}")).unwrap();
    configure(dir.path(), &format!("path = {name:?}\n{settings}"));
    dir
}

fn configure(dir: &Path, orders: &str) {
    let config = format!(
        "[outputs]\ndir = \"runs\"\npage = false\n[inputs.stock]\npath = \"stock.csv\"\n\
         [inputs.orders]\n{orders}\n"
    );
    fs::write(dir.join("restock.toml"), config).unwrap();
}

fn csv() -> tempfile::TempDir {
    let mut orders = String::from("date,sku,quantity,unit_price\n");
    for (date, sku, quantity, price) in sales() {
        writeln!(orders, "{date},{sku},{quantity},{price}").unwrap();
    }
    shop("orders.csv", orders.as_bytes(), "")
}

/// Exit code and stderr of a night.
fn night(dir: &Path) -> (i32, String) {
    let output = restock(dir).args(["run", "--as-of", AS_OF]).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The plan of a night that must succeed.
fn plan(dir: &Path) -> String {
    let (code, said) = night(dir);
    assert_eq!(code, 0, "{said}");
    fs::read_to_string(dir.join("runs").join(AS_OF).join("plan.csv")).unwrap()
}

/// What was set aside, a line a row.
fn aside(dir: &Path) -> Vec<String> {
    let rows = rows(&dir.join("runs").join(AS_OF).join("quarantine.csv"));
    let line = |row: &std::collections::BTreeMap<String, String>| {
        format!("{} {} {}", row["row"], row["code"], row["message"])
    };
    rows.iter().map(line).collect()
}

/// A night that is refused: what it says.
fn refused(dir: &Path, code: i32) -> String {
    let (got, said) = night(dir);
    assert_eq!(got, code, "{said}");
    assert!(!dir.join("runs").join(AS_OF).exists(), "a run was written");
    assert!(said.contains("hint: "), "no hint: {said}");
    said
}

#[test]
fn a_workbook_gives_the_plan_of_its_csv() {
    let book = shop("orders.xlsx", &book(&sales_sheet()), "");
    let csv = csv();
    assert_eq!(plan(book.path()), plan(csv.path()));
    let keys: Vec<_> = rows(&book.path().join("runs").join(AS_OF).join("plan.csv"))
        .iter()
        .map(|row| row["sku"].clone())
        .collect();
    assert_eq!(keys, ["00017", "17", "4006381333931", "MUG & co"]);
}

#[test]
fn titles_blank_rows_sums_and_notes_beside_the_table_do_no_harm() {
    let mut rows = vec![(1, vec![text("Sales of the shop")]), (3, header())];
    for (row, mut cells) in sales_sheet().into_iter().skip(1) {
        // Every other row of the sheet is skipped, and a note stands beside some.
        if row % 50 == 0 {
            cells.extend([Cell::Empty, Cell::Inline("call them"), number(7)]);
        }
        rows.push((2 * row, cells));
    }
    let last = rows.last().unwrap().0;
    rows.push((last + 2, vec![Cell::Empty, text("Total"), number(99_999)]));
    let book = shop("orders.xlsx", &book(&rows), "");
    assert_eq!(plan(book.path()), plan(csv().path()));
    assert_eq!(aside(book.path()).len(), 1);
    let total = format!("{} DQ", last + 2 - 3);
    let line = &aside(book.path())[0];
    assert!(line.starts_with(&total) && line.contains("total_row"), "{line}");
}

#[test]
fn merged_cells_are_filled_down_and_rows_excluded() {
    // Of a merged cell only the first holds the value.
    let mut rows = sales_sheet();
    for (at, (_, cells)) in rows.iter_mut().enumerate().skip(1) {
        if (at - 1) % SKUS.len() > 0 {
            cells[0] = Cell::Empty;
        }
    }
    rows[0].1.push(text("Type"));
    rows[1].1.push(text("sale"));
    let last = rows.last().unwrap().0;
    rows.push((last + 1, vec![Cell::Empty, text("17"), number(5_000), number(1), text("test")]));
    let settings = "fill_down = \"date\"\nexclude = [{ column = \"Type\", equals = \"test\" }]";
    let book = shop("orders.xlsx", &book(&rows), settings);
    assert_eq!(plan(book.path()), plan(csv().path()));
}

#[test]
fn errors_and_formulas_without_a_value_cost_their_row() {
    let mut rows = sales_sheet();
    rows[1].1[2] = Cell::Raw("t=\"e\"", "<f>VLOOKUP(1,A:B,2)</f><v>#N/A</v>");
    rows[2].1[0] = Cell::Raw("s=\"1\"", "<f>A1+1</f>");
    rows[3].1[1] = Cell::Raw("t=\"e\"", "<v>#REF!</v>");
    // Formulas that have their values are read by these.
    let cached = format!("{}", 3);
    rows[4].1[2] = Cell::Raw("", "<f>1+2</f><v>3</v>");
    let mut without = String::from("date,sku,quantity,unit_price\n");
    for (at, (date, sku, quantity, price)) in sales().into_iter().enumerate().skip(3) {
        let quantity = if at == 3 { cached.clone() } else { quantity.to_string() };
        writeln!(without, "{date},{sku},{quantity},{price}").unwrap();
    }
    let book = shop("orders.xlsx", &book(&rows), "");
    let csv = shop("orders.csv", without.as_bytes(), "");
    assert_eq!(plan(book.path()), plan(csv.path()));
    assert_eq!(
        aside(book.path()),
        [
            "1 DQ110 no_value: `quantity` holds the error #N/A",
            "2 DQ110 no_value: `date` holds a formula without a value",
            "3 DQ110 no_value: `sku` holds the error #REF!",
        ]
    );
}

#[test]
fn sheets_are_found_by_their_name_or_are_the_first_that_is_shown() {
    let other = sheet_of(&[(1, vec![text("nothing")]), (2, vec![number(1)])]);
    let sheets = [
        ("Notes", "state=\"veryHidden\"", other.clone()),
        ("Sales", "", sheet_of(&sales_sheet())),
        ("Old sales", "state=\"hidden\"", sheet_of(&sales_sheet()[..800])),
    ];
    let bytes = workbook(&sheets, "");
    let first = shop("orders.xlsx", &bytes, "");
    let of_csv = plan(csv().path());
    assert_eq!(plan(first.path()), of_csv);
    let hidden = shop("orders.xlsx", &bytes, "sheet = \"Old sales\"");
    assert_ne!(plan(hidden.path()), of_csv);

    let wrong = shop("orders.xlsx", &bytes, "sheet = \"sales\"");
    let said = refused(wrong.path(), 3);
    assert!(said.contains("orders.xlsx has no worksheet \"sales\""), "{said}");
    assert!(said.contains("sheet = \"Sales\"") && said.contains("\"Old sales\""), "{said}");
    let notes = shop("orders.xlsx", &bytes, "sheet = \"Notes\"");
    assert!(refused(notes.path(), 3).contains("has no column"));
}

#[test]
fn dates_count_from_1904_where_the_workbook_says_so_and_moments_by_the_zone() {
    let mut rows = sales_sheet();
    for (_, cells) in &mut rows {
        match &mut cells[0] {
            Cell::Date(serial) | Cell::Stamp(serial) => *serial -= 1_462.0,
            _ => {}
        }
    }
    let bytes = workbook(&[("S", "", sheet_of(&rows))], "<workbookPr date1904=\"1\"/>");
    let old = shop("orders.xlsx", &bytes, "");
    assert_eq!(plan(old.path()), plan(csv().path()));

    // Three o'clock in London is still the day before in New York.
    let mut orders = String::from("date,sku,quantity,unit_price\n");
    let mut rows = vec![(1, header())];
    for (at, (date, sku, quantity, price)) in sales().into_iter().enumerate() {
        writeln!(orders, "{date} 03:00:00,{sku},{quantity},{price}").unwrap();
        let cells = [Cell::Stamp(serial(date) + 0.125), key(sku), number(quantity), number(price)];
        rows.push((at + 2, cells.to_vec()));
    }
    let zone = "time_zone = \"America/New_York\"";
    let of_book = plan(shop("orders.xlsx", &book(&rows), zone).path());
    assert_eq!(of_book, plan(shop("orders.csv", orders.as_bytes(), zone).path()));
    assert_ne!(of_book, plan(shop("orders.csv", orders.as_bytes(), "").path()));
}

/// An OLE file with an entry of that name, as an encrypted or an old workbook is one.
fn ole(name: &str) -> Vec<u8> {
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.resize(24, 0);
    for half in [0x3E_u16, 3, 0xFFFE, 9, 6] {
        bytes.extend(half.to_le_bytes());
    }
    bytes.resize(40, 0);
    let end = u32::MAX - 1;
    for word in [0, 1, 1, 0, 4_096, end, 0, end, 0, 0] {
        bytes.extend(u32::to_le_bytes(word));
    }
    bytes.resize(512, 0xFF);
    for word in [u32::MAX - 2, end] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.resize(1_024, 0xFF);
    for (name, kind) in [("Root Entry", 5_u8), (name, 2)] {
        let start = bytes.len();
        name.encode_utf16().for_each(|unit| bytes.extend(unit.to_le_bytes()));
        bytes.resize(start + 64, 0);
        bytes.extend((2 * name.len() as u16 + 2).to_le_bytes());
        bytes.extend([kind, 1]);
        bytes.extend([0xFF; 12]);
        bytes.resize(start + 116, 0);
        bytes.extend(end.to_le_bytes());
        bytes.resize(start + 128, 0);
    }
    bytes.resize(1_536, 0);
    bytes
}

#[test]
fn what_is_no_workbook_is_refused_with_what_it_is() {
    let whole = book(&sales_sheet());
    let long = "x".repeat(40 << 20);
    let bomb = format!("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>{long}</v></c></row>");
    let beyond = "<row r=\"1048577\"><c r=\"A1048577\"><v>1</v></c></row>";
    let wide = "<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>";
    let back =
        "<row r=\"9\"><c r=\"A9\"><v>1</v></c></row><row r=\"8\"><c r=\"A8\"><v>1</v></c></row>";
    let cut = sheet_of(&sales_sheet()).replace("</sheetData></worksheet>", "");
    let of_sheet = |data: &str| workbook(&[("S", "", sheet_with(data))], "");
    for (bytes, what) in [
        (ole("EncryptedPackage"), "is locked by a password"),
        (ole("Workbook"), "Excel 97 to 2003"),
        (b"date,sku,quantity\n2026-01-01,A,1\n".to_vec(), "is no .xlsx workbook"),
        (whole[..whole.len() / 2].to_vec(), "is no .xlsx workbook, or its end is missing"),
        (Vec::new(), "is empty"),
        (workbook(&[], ""), "has no worksheet"),
        (workbook(&[("S", "state=\"hidden\"", sheet_with(""))], ""), "hidden worksheets only"),
        (of_sheet(""), "is empty"),
        (of_sheet(&bomb), "unpacks to a text of more than 16 MiB"),
        (of_sheet(beyond), "beyond what a sheet has"),
        (of_sheet(wide), "beyond what a sheet has"),
        (of_sheet(back), "in no order"),
        (workbook(&[("S", "", cut)], ""), "cannot be read as a workbook"),
    ] {
        let dir = shop("orders.xlsx", &bytes, "");
        let (code, said) = night(dir.path());
        assert_eq!(code, 3, "{what}: {said}");
        assert!(said.contains("orders: orders.xlsx"), "{what}: {said}");
        assert!(said.contains(what), "{what}: {said}");
        assert!(!dir.path().join("runs").join(AS_OF).exists(), "{what}");
    }
}

#[test]
fn a_damaged_workbook_is_refused_or_read_and_never_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let config = "[inputs.orders]\npath = \"orders.xlsx\"\n[run]\nmax_bad_rows = 1.0\n";
    let raw = parse(config, "restock.toml", &Overlay::default()).unwrap();
    let settings = Settings::resolve(raw, dir.path()).unwrap();
    let rows: Vec<_> = sales_sheet().into_iter().take(40).collect();
    // Parts that are not packed are damaged where it matters.
    let whole = stored(&book(&rows));
    let mut refused = 0;
    for seed in 0..500_u64 {
        let mut bytes = whole.clone();
        for flip in 0..=seed % 4 {
            let at = (unit(seed * 8 + flip) * bytes.len() as f64) as usize;
            bytes[at] = (unit(seed * 8 + flip + 4) * 256.0) as u8;
        }
        fs::write(dir.path().join("orders.xlsx"), mended(bytes, &whole)).unwrap();
        if let Err(error) = load(&settings, AsOf::Newest { today: None }, &()) {
            assert_eq!(error.exit_code(), 3, "seed {seed}: {error:?}");
            refused += 1;
        }
    }
    assert!((50..450).contains(&refused), "{refused} of 500 refused");
}

/// The same parts, not packed.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut packed = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..packed.len() {
        let mut part = packed.by_index(at).unwrap();
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file(part.name().unwrap().into_owned(), options).unwrap();
        std::io::copy(&mut part, &mut zip).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Damaged parts with the right checksums where the frame around them is whole, so that the damage
/// reaches the reader of the sheet.
fn mended(bytes: Vec<u8>, whole: &[u8]) -> Vec<u8> {
    let mut parts = zip::ZipArchive::new(Cursor::new(whole)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for at in 0..parts.len() {
        let part = parts.by_index(at).unwrap();
        let Some(start) = part.data_start() else { return bytes };
        let (start, size) = (start as usize, part.size() as usize);
        // Damage of the frame stays as it is.
        if bytes[..start.min(60)] != whole[..start.min(60)] {
            return bytes;
        }
        zip.start_file(part.name().unwrap().into_owned(), options).unwrap();
        zip.write_all(&bytes[start..start + size]).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
