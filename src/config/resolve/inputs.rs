//! Where tables come from, and how they are read.

use std::path::Path;
use std::time::Duration;

use glob::Pattern;

use super::{MAX_COMMAND_SECONDS, find_program, in_range};
use crate::config::choices::{FileFormat, Rows};
use crate::config::formats::{kind_of, said_of};
use crate::config::raw::{OneOrMany, RawExclude, RawInput, RawInputs};
use crate::config::settings::{Exclude, Input, InputSource};
use crate::config::suggestions::with_suggestion;
use crate::domain::calendar::BucketLength;
use crate::error::{Error, Result};

/// After how long a command or a query is ended where nothing is set, seconds. The contract states
/// it.
const USUAL_TIMEOUT_S: u32 = 600;

/// Refuses order rows that cover more than a bucket: which bucket their demand belongs to is not
/// known, and a month's demand put into one week looks like a lumpy item. Rows of `availability`
/// may cover more: each bucket in them counts as one in which the item was not on sale all the
/// time.
pub(super) fn check_rows(inputs: &RawInputs, bucket: BucketLength) -> Result<()> {
    let Some(orders) = &inputs.orders else { return Ok(()) };
    let (rows, bucket) = match (orders.rows, bucket) {
        (Rows::Month, BucketLength::Week) => ("month", "week"),
        (Rows::Month, BucketLength::Day) => ("month", "day"),
        (Rows::Week, BucketLength::Day) => ("week", "day"),
        _ => return Ok(()),
    };

    let message = format!(
        "`inputs.orders.rows` = \"{rows}\" covers more than `run.bucket` = \"{bucket}\": no row \
         says on which {bucket} its demand was"
    );
    Err(Error::config(message)
        .hint(format!("set bucket = \"{rows}\" under [run]"))
        .hint("or export rows by day, or single order lines"))
}

pub(super) fn input_source(
    table: &'static str,
    input: &RawInput,
    base: &Path,
) -> Result<InputSource> {
    let key = |name: &str| format!("inputs.{table}.{name}");
    let (written, command) = origin(&key, input, base)?;

    let cannot_separate = |mark: &char| !mark.is_ascii() || *mark == '"' || *mark == '\n';
    if let Some(mark) = input.delimiter.filter(cannot_separate) {
        let key = key("delimiter");
        return Err(Error::config(format!("`{key}` = {mark:?} cannot separate fields")));
    }
    if !matches!(input.decimal, '.' | ',') {
        let (key, mark) = (key("decimal"), input.decimal);
        return Err(Error::config(format!("`{key}` = {mark:?} is neither '.' nor ','")));
    }

    if let Some(seconds) = input.timeout_s {
        in_range(&key("timeout_s"), f64::from(seconds), 1.0, MAX_COMMAND_SECONDS)?;
        if command.is_none() && input.query.is_none() {
            return Err(Error::config(format!("`{}` has nothing to end", key("timeout_s")))
                .hint("only a `command` or a `query` takes its time"));
        }
    }

    let paths = match command {
        None => written.iter().map(|path| base.join(path)).collect(),
        Some(_) => Vec::new(),
    };
    let exclude =
        input.exclude.iter().map(|rule| exclude(table, rule)).collect::<Result<Vec<_>>>()?;
    let input = Input {
        format: input.format.or(command.as_ref().map(|_| FileFormat::Csv)),
        sheet: input.sheet.clone(),
        query: input.query.clone(),
        timeout: Duration::from_secs(u64::from(input.timeout_s.unwrap_or(USUAL_TIMEOUT_S))),
        columns: input.columns.clone(),
        date_formats: date_formats(&key("date_format"), input.date_format.as_ref())?,
        time_zone: time_zone(&key("time_zone"), input.time_zone.as_deref())?,
        skip_rows: input.skip_rows,
        fill_down: input.fill_down.as_ref().map_or(Vec::new(), |names| names.as_slice().to_vec()),
        encoding: input.encoding,
        delimiter: input.delimiter,
        decimal: input.decimal,
        rows: input.rows,
        location: input.location.clone(),
        exclude,
    };
    let source = InputSource { table, written, paths, command, input };
    check_formats(&source)?;
    Ok(source)
}

/// What an input names: files, or a command and the line that it is called by.
fn origin(
    key: &dyn Fn(&str) -> String,
    input: &RawInput,
    base: &Path,
) -> Result<(Vec<String>, Option<Vec<String>>)> {
    let (path, command) = (key("path"), key("command"));
    match (&input.path, &input.command) {
        (Some(_), Some(_)) => Err(Error::config(format!(
            "`{path}` and `{command}` are set, and one source is enough"
        ))
        .hint("leave one of them out")),
        (None, None) => Err(Error::config(format!("neither `{path}` nor `{command}` is set"))
            .hint("name a file, a glob or a list of them as `path`")
            .hint("or a program that prints the table as `command`")),
        (Some(paths), None) => {
            let written = paths.as_slice().to_vec();
            if written.is_empty() || written.iter().any(|path| path.trim().is_empty()) {
                return Err(Error::config(format!("`{path}` is empty"))
                    .hint("name a file, a glob or a list of them"));
            }
            Ok((written, None))
        }
        (None, Some(given)) => {
            let line = given.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
            let mut given = given.clone();
            find_program(&command, &mut given, base)?;
            Ok((vec![line], Some(given)))
        }
    }
}

/// Refuses settings that do not fit the formats, as far as these are known before the files are
/// looked for.
fn check_formats(source: &InputSource) -> Result<()> {
    let InputSource { table, written, command, input, .. } = source;
    // A command's own words have no ending.
    let names = if command.is_some() { &["the command's output".to_owned()] } else { &written[..] };
    for name in names.iter().filter(|name| said_of(name, input).is_some()) {
        kind_of(table, name, input)?;
    }
    Ok(())
}

fn time_zone(key: &str, given: Option<&str>) -> Result<Option<chrono_tz::Tz>> {
    let Some(name) = given.map(str::trim) else { return Ok(None) };
    if let Ok(zone) = name.parse() {
        return Ok(Some(zone));
    }

    let known: Vec<String> =
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect();
    let error = Error::config(format!("`{key}` = {name:?} names no time zone"));
    Err(with_suggestion(error, name, &known)
        .hint("write it as in the IANA database: \"Europe/Berlin\", \"America/New_York\""))
}

fn date_formats(key: &str, given: Option<&OneOrMany>) -> Result<Vec<String>> {
    let Some(formats) = given.map(OneOrMany::as_slice) else { return Ok(Vec::new()) };
    if formats.is_empty() {
        return Err(
            Error::config(format!("`{key}` is an empty list")).hint("leave it out for ISO 8601")
        );
    }

    let is_none = |format: &&String| {
        chrono::format::StrftimeItems::new(format).any(|item| item == chrono::format::Item::Error)
    };
    match formats.iter().find(is_none) {
        Some(format) => Err(Error::config(format!("`{key}` = {format:?} is no date format"))
            .hint("such as \"%d/%m/%Y\" or \"%Y-%m-%d %H:%M\"")),
        None => Ok(formats.to_vec()),
    }
}

fn exclude(table: &str, rule: &RawExclude) -> Result<Exclude> {
    let key = format!("inputs.{table}.exclude");
    if rule.equals.is_none() && rule.matches.is_none() && rule.below.is_none() {
        let message = format!("`{key}` names column {:?} and no test", rule.column);
        return Err(Error::config(message).hint("give one of `equals`, `matches` or `below`"));
    }

    let matches = rule
        .matches
        .as_ref()
        .map(|texts| texts.as_slice().iter().map(|text| pattern(&key, text)).collect())
        .transpose()?;
    let trimmed =
        |texts: &OneOrMany| texts.as_slice().iter().map(|text| text.trim().to_owned()).collect();
    let equals = rule.equals.as_ref().map(trimmed);

    Ok(Exclude { column: rule.column.clone(), equals, matches, below: rule.below })
}

fn pattern(key: &str, text: &str) -> Result<Pattern> {
    Pattern::new(text.trim()).map_err(|cause| {
        Error::config(format!("`{key}`: {text:?} is no pattern"))
            .because(cause)
            .hint("* is any text, ? one character, [0-9] one of a set, [!0-9] none of it")
    })
}
