//! Parquet through Polars: the wanted columns only, a stretch of rows at a time.

use std::fs::File;

use chrono_tz::Tz;
use polars::prelude::*;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use super::typed::{day_of_second, joined};
use super::{FileFacts, Forks, Record, Visit, Wanted};
use crate::config::settings::Input;
use crate::error::{Error, Result};
use crate::io::Progress;
use crate::io::caught::caught;
use crate::io::files::SourceFile;
use crate::io::values::Value;

/// Rows decoded at once. It bounds the memory needed beside the typed columns. Judgement: some tens
/// of MiB.
const ROWS_AT_ONCE: usize = 1 << 19;

/// Parts of the rows decoded at once that are visited beside each other. Judgement: as many as most
/// machines for this have cores; each keeps the names of its own.
const PARTS: usize = 4;

pub(super) fn read<V: Forks>(
    file: &SourceFile,
    input: &Input,
    wanted: &Wanted,
    visitor: &mut V,
    progress: &dyn Progress,
) -> Result<FileFacts> {
    let (mut handle, hash) = file.open_hashed(progress)?;
    if hash.bytes == 0 {
        return Err(file.error("is empty"));
    }

    let (columns, rows, metadata) = decoded(file, || {
        let mut facts = ParquetReader::new(&mut handle);
        let columns: Vec<String> = facts.schema()?.iter_names().map(ToString::to_string).collect();
        Ok((columns, facts.num_rows()?, facts.get_metadata()?.clone()))
    })?;
    let positions = wanted.locate(file, &columns)?;
    let projection = Projection::of(&columns, &positions, input.time_zone);
    let frame_from = |start: usize| -> Result<Frame<'_>> {
        let handle =
            handle.try_clone().map_err(|cause| file.error("cannot be read").because(cause))?;
        let mut reader: ParquetReader<File> = ParquetReader::new(handle)
            .with_columns(Some(projection.names.clone()))
            .with_slice(Some((start, ROWS_AT_ONCE)))
            .set_rechunk(true);
        reader.set_metadata(metadata.clone());

        let frame = decoded(file, || reader.finish())?;
        if frame.height() == 0 {
            return Err(file.error(&format!("ends after row {start}; its own count is {rows}")));
        }
        Frame::of(file, &frame, &projection, start)
    };

    // Few rows are not worth the parts.
    let is_parted = rows > ROWS_AT_ONCE / PARTS;
    let mut parts: Vec<V::Part> =
        (0..PARTS).filter(|_| is_parted).map_while(|_| visitor.fork()).collect();
    let mut next = (rows > 0).then(|| frame_from(0)).transpose()?;
    while let Some(frame) = next {
        let end = frame.start + frame.height;
        let mut decoded = None;
        rayon::in_place_scope(|scope| {
            if end < rows {
                scope.spawn(|_| decoded = Some(frame_from(end)));
            }
            frame.visit(visitor, &mut parts);
        });
        next = decoded.transpose()?;
    }

    let found = positions.iter().map(Option::is_some).collect();
    Ok(FileFacts { hash, found, notes: Vec::new() })
}

/// What a call of Polars gives. On damaged bytes it panics in places; the file is to blame then, as
/// it is for an error.
fn decoded<T>(file: &SourceFile, work: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
    match caught(work) {
        Some(result) => result.map_err(|cause| unreadable(file, &cause)),
        None => Err(damaged(file)),
    }
}

fn damaged(file: &SourceFile) -> Error {
    file.error("cannot be read as Parquet: its bytes are damaged").hint("export or copy it anew")
}

fn unreadable(file: &SourceFile, cause: &PolarsError) -> Error {
    file.error(&format!("cannot be read as Parquet: {cause}"))
}

/// The columns of a file that are decoded.
struct Projection {
    /// Their names, each once, in the file's order.
    names: Vec<String>,
    /// For each wanted column, its index among `names`; `None` if the file does not have it.
    indices: Vec<Option<usize>>,
    /// Where the shop is, if that is said.
    zone: Option<Tz>,
}

impl Projection {
    /// Of a file's columns those at `positions`: one for each wanted column.
    fn of(columns: &[String], positions: &[Option<usize>], zone: Option<Tz>) -> Self {
        let mut taken: Vec<usize> = positions.iter().flatten().copied().collect();
        taken.sort_unstable();
        taken.dedup();

        let names = taken.iter().map(|at| columns[*at].clone()).collect();
        let indices = positions
            .iter()
            .map(|position| position.and_then(|at| taken.binary_search(&at).ok()))
            .collect();
        Self { names, indices, zone }
    }
}

/// Rows that are decoded.
struct Frame<'p> {
    typed: Vec<Typed>,
    projection: &'p Projection,
    /// Rows of the file before them.
    start: usize,
    height: usize,
}

impl<'p> Frame<'p> {
    fn of(
        file: &SourceFile,
        frame: &DataFrame,
        projection: &'p Projection,
        start: usize,
    ) -> Result<Self> {
        let typed = |name: &String| {
            let column = frame.column(name).map_err(|cause| unreadable(file, &cause))?;
            let series = column.as_materialized_series();
            // A damaged file can give columns of other lengths than it says.
            let lengths = [series.len(), series.chunk_lengths().sum()];
            if lengths != [frame.height(); 2] {
                return Err(damaged(file));
            }

            let typed = decoded(file, || Ok(Typed::of(series, projection.zone)))?;
            typed.map_err(|cause| {
                file.error(&format!(
                    "holds {} in column `{name}`, which cannot be read: {cause}",
                    column.dtype()
                ))
            })
        };
        let typed = projection.names.iter().map(typed).collect::<Result<_>>()?;
        Ok(Self { typed, projection, start, height: frame.height() })
    }

    /// Hands the rows over: to the visitor, or to those of parts side by side, from which it takes
    /// over what they found in the order of the rows.
    fn visit<V: Forks>(&self, visitor: &mut V, parts: &mut [V::Part]) {
        let Some(share) = self.height.checked_div(parts.len()) else {
            return self.visit_rows(0..self.height, visitor);
        };
        let share = share + 1;
        parts.par_iter_mut().with_max_len(1).enumerate().for_each(|(at, part)| {
            let from = (at * share).min(self.height);
            self.visit_rows(from..(from + share).min(self.height), part);
        });
        parts.iter_mut().for_each(|part| visitor.join(part));
    }

    fn visit_rows(&self, rows: std::ops::Range<usize>, visitor: &mut dyn Visit) {
        let mut fields = vec![Value::Missing; self.projection.indices.len()];
        for at in rows {
            for (field, index) in fields.iter_mut().zip(&self.projection.indices) {
                *field = index
                    .and_then(|index| self.typed.get(index))
                    .map_or(Value::Missing, |column| column.value(at));
            }

            let text = || joined(fields.iter().copied());
            let row = (self.start + at) as u64 + 1;
            visitor.record(&Record { row, fields: &fields, text: &text });
        }
    }
}

/// A column in one of the types that a field can have.
enum Typed {
    Text(StringChunked),
    Bytes(BinaryChunked),
    Whole(Int64Chunked),
    Real(Float64Chunked),
    Days(Int32Chunked),
    /// Moments in UTC, of which the day counts in a zone, or local times where there is none.
    Moments {
        count: Int64Chunked,
        per_second: i64,
        zone: Option<Tz>,
    },
    Flags(BooleanChunked),
}

impl Typed {
    fn of(series: &Series, zone: Option<Tz>) -> PolarsResult<Self> {
        Ok(match series.dtype() {
            DataType::String => Self::Text(series.str()?.clone()),
            DataType::Binary => Self::Bytes(series.binary()?.clone()),
            DataType::Boolean => Self::Flags(series.bool()?.clone()),
            DataType::Date => Self::Days(series.cast(&DataType::Int32)?.i32()?.clone()),
            DataType::Datetime(unit, own_zone) => {
                let per_second = match unit {
                    TimeUnit::Nanoseconds => 1_000_000_000,
                    TimeUnit::Microseconds => 1_000_000,
                    TimeUnit::Milliseconds => 1_000,
                };
                // A column that names a zone means the days there, as they are shown.
                let own_zone = || own_zone.as_ref()?.as_str().parse().ok();
                let zone = zone.or_else(own_zone);
                Self::Moments {
                    count: series.cast(&DataType::Int64)?.i64()?.clone(),
                    per_second,
                    zone,
                }
            }
            DataType::Float64 | DataType::Float32 => {
                Self::Real(series.cast(&DataType::Float64)?.f64()?.clone())
            }
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32 => Self::Whole(series.cast(&DataType::Int64)?.i64()?.clone()),
            // Dictionaries, decimals and unsigned 64-bit numbers are exact as text.
            _ => Self::Text(series.cast(&DataType::String)?.str()?.clone()),
        })
    }

    fn value(&self, at: usize) -> Value<'_> {
        match self {
            Self::Text(column) => column.get(at).map(|text| Value::Text(text.as_bytes())),
            Self::Bytes(column) => column.get(at).map(Value::Text),
            Self::Whole(column) => column.get(at).map(Value::Whole),
            Self::Real(column) => column.get(at).map(Value::Real),
            Self::Days(column) => column.get(at).map(|day| Value::Day(i64::from(day))),
            Self::Moments { count, per_second, zone } => count
                .get(at)
                .map(|moment| Value::Day(day_of_second(moment.div_euclid(*per_second), *zone))),
            Self::Flags(column) => column.get(at).map(Value::Flag),
        }
        .unwrap_or(Value::Missing)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use crate::config::Settings;
    use crate::config::source::{Overlay, parse};
    use crate::io::sinks::table::{SimpleTable, TableFormat, Values};
    use crate::io::{AsOf, load};

    /// Files with damaged bytes that are read. Judgement: enough that a few dozen of them made the
    /// reader panic, and read in seconds.
    const DAMAGED: u64 = 600;

    /// The bytes of a year of orders.
    fn orders() -> Vec<u8> {
        let days = 0..365;
        let sku = days.clone().map(|day| format!("A{}", day % 7)).collect();
        let table = SimpleTable::default()
            .with("date", Values::Date(days.clone().map(|day| 20_000 + day).collect()))
            .with("sku", Values::Text(sku))
            .with("quantity", Values::Whole(days.clone().map(|day| i64::from(day % 5)).collect()))
            .with("unit_price", Values::Real(days.map(|day| f64::from(day % 3) + 0.5).collect()));
        let mut bytes = Vec::new();
        table.write(TableFormat::Parquet, &mut bytes).unwrap();
        bytes
    }

    /// Some damage that depends on a seed only: bytes changed, a piece cut out, or the end missing.
    fn damage(bytes: &mut Vec<u8>, seed: u64) {
        let mut state = seed;
        let mut draw = |below: usize| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((mixed ^ (mixed >> 31)) % below as u64) as usize
        };
        match draw(8) {
            0 => bytes.truncate(draw(bytes.len())),
            1 => {
                let from = draw(bytes.len());
                let to = (from + draw(40)).min(bytes.len());
                bytes.drain(from..to);
            }
            kind => {
                // Most of what is fragile stands in the footer.
                let start = if kind < 5 { bytes.len() * 2 / 3 } else { 0 };
                for _ in 0..=draw(3) {
                    let at = start + draw(bytes.len() - start);
                    bytes[at] = draw(256) as u8;
                }
            }
        }
    }

    #[test]
    fn damaged_bytes_are_an_error_of_the_file_or_read_and_never_a_panic() {
        let dir = tempfile::tempdir().unwrap();
        let text = "[inputs.orders]\npath = \"orders.parquet\"\n";
        let raw = parse(text, "restock.toml", &Overlay::default()).unwrap();
        let settings = Settings::resolve(raw, Path::new(dir.path())).unwrap();
        let whole = orders();

        let mut refused = 0;
        for seed in 0..DAMAGED {
            let mut bytes = whole.clone();
            damage(&mut bytes, seed);
            fs::write(dir.path().join("orders.parquet"), &bytes).unwrap();
            if let Err(error) = load(&settings, AsOf::Day(20_400), &()) {
                assert!(error.exit_code() == 3, "seed {seed}: {error:?}");
                assert!(error.message.contains("orders.parquet"), "seed {seed}: {error:?}");
                refused += 1;
            }
        }
        assert!(refused > DAMAGED / 4 && refused < DAMAGED, "{refused} of {DAMAGED} refused");
    }

    /// Orders as texts, with all that can be wrong in a row; columns begin late.
    fn messy_orders(rows: usize) -> SimpleTable {
        let of = |text: &dyn Fn(usize) -> String| Values::Text((0..rows).map(text).collect());
        let every = |at: usize, each: usize, odd: &str, usual: String| {
            if at % each == each - 1 { odd.to_owned() } else { usual }
        };
        let late = |at: usize, text: String| if at < rows / 2 { String::new() } else { text };
        let date = |at: usize| format!("2024-0{}-{:02}", 1 + at * 7 / rows, 1 + at % 28);
        let sku = |at: usize| every(at, 911, "A\u{A0}1", format!("A{}", at * 7_919 % 5_003));
        SimpleTable::default()
            .with("date", of(&|at| every(at, 1_013, "never", date(at))))
            .with("sku", of(&|at| every(at, 907, "", sku(at))))
            .with("quantity", of(&|at| every(at, 701, "1,250", format!("{}", at % 9))))
            .with("location", of(&|at| ["main", "east"][at / 3 % 2].to_owned()))
            .with("order_id", of(&|at| late(at, format!("O{}", at / 3))))
            .with("line", of(&|at| late(at, format!("{}", at % 3))))
            .with("unit_price", of(&|at| late(at, every(at, 601, "-1", format!("{}.5", at % 4)))))
            .with("customer", of(&|at| every(at, 2, "", format!("C{}", at % 307))))
            .with("status", of(&|at| every(at, 503, "cancelled", String::new())))
            .with("fulfilment", of(&|at| every(at, 401, "drop_ship", String::new())))
    }

    #[test]
    fn rows_that_are_visited_in_parts_give_what_one_visitor_makes_of_them() {
        let table = messy_orders(super::ROWS_AT_ONCE / super::PARTS + 5_000);
        let dir = tempfile::tempdir().unwrap();
        let loaded = |format: TableFormat, name: &str| {
            let mut bytes = Vec::new();
            table.write(format, &mut bytes).unwrap();
            fs::write(dir.path().join(name), bytes).unwrap();
            let text = format!(
                "[run]\nmax_bad_rows = 1.0\n[demand]\ncancelled_statuses = [\"cancelled\"]\n\
                 [inputs.orders]\npath = {name:?}\n"
            );
            let raw = parse(&text, "restock.toml", &Overlay::default()).unwrap();
            let settings = Settings::resolve(raw, dir.path()).unwrap();
            let mut loaded = load(&settings, AsOf::Day(19_880), &()).unwrap();
            loaded.inputs.iter_mut().for_each(|input| {
                (input.bytes, input.sha256) = (0, String::new());
            });
            format!("{loaded:?}").replace(name, "orders")
        };
        // CSV is read by one visitor.
        let (one, parts) =
            (loaded(TableFormat::Csv, "a.csv"), loaded(TableFormat::Parquet, "a.parquet"));
        assert!(one.contains("DropShip") && one.contains("CleanedKey"), "the rows are all sound");
        assert!(one == parts, "reading in parts gives something else");
    }
}
