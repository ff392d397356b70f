//! What has to hold of a workbook before it is taken apart, and which of its sheets is read.

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use ::zip::ZipArchive;
use ::zip::result::ZipError;
use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use crate::config::suggestions::nearest;
use crate::error::{Error, Result};
use crate::io::caught::caught;
use crate::io::files::SourceFile;

/// A workbook's parts together, unpacked, bytes. Judgement: a sheet with all the rows that one can
/// have and fifty columns takes less than half of it; a file of a few MiB that unpacks to more is
/// meant to do harm.
const MAX_UNPACKED_BYTES: u64 = 8 << 30;

/// Memory that the texts of a workbook may take, bytes: the reader holds all of them. Judgement:
/// several million different texts.
const MAX_TEXT_BYTES: u64 = 2 << 30;

/// Memory that the reader takes for a text beside its bytes, on 64 bits: a `String`.
const TEXT_OVERHEAD_BYTES: u64 = 24;

/// The longest stretch of a part without a `<`, bytes. Judgement: a cell holds at most 32,767
/// characters, and a reader has to hold a whole stretch.
const MAX_STRETCH_BYTES: usize = 16 << 20;

/// Names listed in a message. Judgement: more sheets than most workbooks have.
const SHEETS_LISTED: usize = 20;

/// The first bytes of an OLE file: an .xls workbook, or an encrypted one.
const OLE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// An open workbook.
pub(super) type Workbook = Xlsx<BufReader<File>>;

/// Opens a workbook whose parts unpack to what a sheet can hold.
///
/// # Errors
/// When it is none, is locked by a password, damaged, or unpacks to too much.
pub(super) fn open(file: &SourceFile, mut handle: File) -> Result<Workbook> {
    let mut start = [0; 8];
    let is_ole = handle.read_exact(&mut start).is_ok() && start == OLE;
    handle.rewind().map_err(|cause| file.error("cannot be read").because(cause))?;
    if !is_ole {
        match caught(|| check_parts(file, &handle)) {
            Some(checked) => checked?,
            None => return Err(damaged(file)),
        }
        handle.rewind().map_err(|cause| file.error("cannot be read").because(cause))?;
    }

    match caught(|| Xlsx::new(BufReader::new(handle))) {
        None => Err(damaged(file)),
        Some(Err(XlsxError::Password)) => Err(file
            .error("is locked by a password")
            .hint("save it without one, or export the sheet as CSV")),
        Some(Err(_)) if is_ole => Err(file
            .error("is no .xlsx workbook but one of Excel 97 to 2003 under another name")
            .hint("open it and save it as .xlsx")),
        Some(opened) => opened.map_err(|cause| unreadable(file, &cause)),
    }
}

/// Unpacks every part once, to see that none is damaged or without end.
fn check_parts(file: &SourceFile, handle: &File) -> Result<()> {
    let no_zip = |cause: ZipError| {
        let error = file.error("is no .xlsx workbook, or its end is missing");
        error.because(cause).hint("is it a text file under another name, or was it copied in part?")
    };
    let mut archive = ZipArchive::new(BufReader::new(handle)).map_err(no_zip)?;
    let mut left = MAX_UNPACKED_BYTES;
    let mut block = vec![0; 1 << 18];

    for at in 0..archive.len() {
        let mut part = archive
            .by_index(at)
            .map_err(|cause| file.error("cannot be unpacked").because(cause))?;
        let is_sheet = part.name().is_ok_and(|name| name.contains("worksheets/"));
        let (mut texts, mut stretch) = (0_u64, 0_usize);
        loop {
            let bytes = part.read(&mut block).map_err(|cause| {
                file.error("is damaged: a part of it cannot be unpacked").because(cause)
            })?;
            if bytes == 0 {
                break;
            }

            left = left.saturating_sub(bytes as u64);
            texts += bytes as u64;
            for (number, piece) in block[..bytes].split(|byte| *byte == b'<').enumerate() {
                if number > 0 {
                    texts += TEXT_OVERHEAD_BYTES;
                    stretch = 0;
                }
                stretch += piece.len();
                if stretch > MAX_STRETCH_BYTES {
                    return Err(too_much(file, "a text of more than 16 MiB"));
                }
            }
            if left == 0 {
                return Err(too_much(file, "more than 8 GiB"));
            }
            if !is_sheet && texts > MAX_TEXT_BYTES {
                return Err(too_much(file, "texts of more than 2 GiB"));
            }
        }
    }
    Ok(())
}

fn too_much(file: &SourceFile, what: &str) -> Error {
    file.error(&format!("unpacks to {what}, which no table does"))
        .hint("export the sheet as CSV if it is really that large")
}

/// The sheet that is read: the one that is named, hidden or not, or else the first that is shown.
///
/// # Errors
/// When there is none; with the names of those that there are.
pub(super) fn sheet(file: &SourceFile, workbook: &Workbook, named: Option<&str>) -> Result<String> {
    let sheets = workbook.sheets_metadata().iter();
    let sheets: Vec<_> = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
    let names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
    let listed = || {
        let more = if names.len() > SHEETS_LISTED { ", …" } else { "" };
        let names: Vec<String> =
            names.iter().take(SHEETS_LISTED).map(|name| format!("{name:?}")).collect();
        format!("it has {}{more}", names.join(", "))
    };

    let Some(named) = named else {
        let shown = sheets.iter().find(|sheet| sheet.visible == SheetVisible::Visible);
        return match shown {
            Some(sheet) => Ok(sheet.name.clone()),
            None if names.is_empty() => Err(file
                .error("has no worksheet")
                .hint("save it anew in a spreadsheet, or export the table as CSV")),
            None => Err(file
                .error("has hidden worksheets only")
                .hint(format!("name one as `sheet` under [inputs.{}]", file.table))
                .hint(listed())),
        };
    };

    let same = |name: &&String| name.trim() == named.trim();
    match names.iter().find(same) {
        Some(name) => Ok(name.clone()),
        None => {
            let mut error = file.error(&format!("has no worksheet {named:?}"));
            if let Some(near) = nearest(named, &names) {
                error = error.hint(format!("did you mean sheet = {near:?}?"));
            }
            Err(error.hint(listed()))
        }
    }
}

/// The library panicked on the workbook: its bytes are to blame.
pub(super) fn damaged(file: &SourceFile) -> Error {
    file.error("cannot be read as a workbook: its bytes are damaged")
        .hint("open it in a spreadsheet and save it anew, or export the sheet as CSV")
}

pub(super) fn unreadable(file: &SourceFile, cause: &XlsxError) -> Error {
    file.error(&format!("cannot be read as a workbook: {cause}"))
        .hint("open it in a spreadsheet and save it anew, or export the sheet as CSV")
}
