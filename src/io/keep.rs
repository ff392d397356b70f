//! Copies of what a run read, kept beside its results.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use super::files::{Hashing, SourceFile};
use super::{InputFile, files, records};
use crate::config::Settings;
use crate::config::choices::FileFormat;
use crate::config::formats::Packing;
use crate::config::settings::Input;
use crate::error::{Error, Result};

/// How hard plain text is packed: Zstandard's usual level, about a tenth of the size of orders.
const LEVEL: i32 = 3;

/// Copies every file that was read into a folder, as `<table>.<ending>`, or `<table>-<n>.<ending>`
/// where a table has several. Text that was not packed is packed by Zstandard, so that it can be
/// read again as it is; of a database its query's rows are kept.
///
/// # Errors
/// When a file cannot be read or written, or is not what was read.
pub fn keep_inputs(settings: &Settings, read: &[InputFile], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|cause| cannot(folder, cause))?;
    for source in &settings.inputs {
        let of_table: Vec<&InputFile> =
            read.iter().filter(|input| input.table == source.table).collect();
        let files = files::expand(source)?;
        for (at, input) in of_table.iter().enumerate() {
            let Some(file) = files.iter().find(|file| *file.name == *input.path_as_written) else {
                return Err(changed(input));
            };
            let number = if of_table.len() > 1 { format!("-{}", at + 1) } else { String::new() };
            let name = format!("{}{number}.{}", source.table, ending(file));
            keep(file, &source.input, input, &folder.join(name))?;
        }
    }
    Ok(())
}

fn ending(file: &SourceFile) -> String {
    let format = match file.format {
        FileFormat::Csv | FileFormat::Sqlite => "csv",
        FileFormat::Tsv => "tsv",
        FileFormat::Ndjson => "ndjson",
        FileFormat::Parquet => "parquet",
        FileFormat::Xlsx => "xlsx",
    };
    match file.packing {
        Packing::Gzip => format!("{format}.gz"),
        Packing::Zstd => format!("{format}.zst"),
        Packing::Plain if is_text(file) => format!("{format}.zst"),
        Packing::Plain => format.to_owned(),
    }
}

fn is_text(file: &SourceFile) -> bool {
    !matches!(file.format, FileFormat::Parquet | FileFormat::Xlsx)
}

fn keep(file: &SourceFile, input: &Input, read: &InputFile, path: &Path) -> Result<()> {
    let mut out = File::create(path).map_err(|cause| cannot(path, cause))?;
    let sha256 = if file.packing == Packing::Plain && is_text(file) {
        let packed = zstd::stream::Encoder::new(out, LEVEL).map_err(|cause| cannot(path, cause))?;
        let mut hashing = Hashing::new(packed);
        copy(file, input, &mut hashing, path)?;
        let (packed, hash) = hashing.into_parts();
        packed.finish().map_err(|cause| cannot(path, cause))?;
        hash.sha256
    } else {
        let mut hashing = Hashing::new(&mut out);
        copy(file, input, &mut hashing, path)?;
        hashing.finish().sha256
    };
    if sha256 == read.sha256 { Ok(()) } else { Err(changed(read)) }
}

fn copy(file: &SourceFile, input: &Input, out: &mut dyn Write, path: &Path) -> Result<()> {
    if file.format == FileFormat::Sqlite {
        return records::write_result(file, input, out);
    }
    let (mut from, size) = file.open()?;
    io::copy(&mut (&mut from).take(size + 1), out).map_err(|cause| cannot(path, cause))?;
    Ok(())
}

fn changed(input: &InputFile) -> Error {
    let message =
        format!("{}: {} was changed after it was read", input.table, input.path_as_written);
    Error::data(message).hint("run again once the export is done")
}

fn cannot(path: &Path, cause: io::Error) -> Error {
    Error::internal(format!("cannot write {}", path.display()))
        .because(cause)
        .hint("check the permissions and the free space of `outputs.dir`")
}
