//! `restock check`: is the configuration right, and can the inputs be used?

use std::cmp::Reverse;
use std::fmt::Write;
use std::process::ExitCode;

use super::Context;
use super::args::CheckArgs;
use super::fetch::{fetch, temporary};
use crate::domain::calendar::date_of;
use crate::domain::finding::{Code, Finding, Reject, Severity, Source};
use crate::domain::wording::{counted, grouped, shortened_path, wrapped};
use crate::error::Result;
use crate::handover;
use crate::io::{InputFile, Loaded, gaps, is_unusable, load_all_problems};
use crate::pipeline::prepare;
use crate::report::set_aside::counts;
use crate::report::style::{heading, in_colour_of};

/// Characters of a line.
const WIDTH: usize = 80;
/// Cases of a problem that are shown, unless all are asked for. Judgement: enough to see what they
/// have in common.
const SHOWN: usize = 3;

/// Reads everything, writes nothing, and says what is wrong.
///
/// # Errors
/// The gravest problem of the inputs, once all are printed.
pub(super) fn run(context: &Context, args: &CheckArgs) -> Result<ExitCode> {
    if args.list {
        super::print(&list())?;
        return Ok(ExitCode::SUCCESS);
    }

    let mut settings = context.settings()?;
    let may_run = !args.commands.no_commands;
    let _spool = fetch(context, &mut settings, may_run, temporary)?;
    let as_of = super::dates::as_of(context, args.as_of.as_deref())?;
    let progress = context.progress("reading");
    let (loaded, mut errors) = load_all_problems(&settings, as_of, &progress);
    progress.finish();
    if let Some(mut loaded) = loaded {
        let mut findings = gaps(&loaded);
        findings.append(&mut loaded.findings);
        let prepared = prepare(&settings, &mut loaded);
        findings.extend(prepared.findings);
        let (said, refused) =
            handover::check::tried(&settings, &loaded.tables, &prepared.keys, loaded.as_of)?;
        findings.extend(said);
        errors.extend(refused);

        let problems = problems(&loaded, &findings);
        let mut text = inputs(&loaded, context.verbose);
        for problem in &problems {
            problem.write(&mut text, if context.verbose { usize::MAX } else { SHOWN });
        }
        if errors.is_empty() {
            if let Some(gap) = loaded.stock_coverage.gap() {
                let error = in_colour_of(Severity::Error, "error:");
                let _ =
                    writeln!(text, "\n{error} {gap}: `restock run` would hold every order line");
            }
            let _ = writeln!(text, "\n{}", verdict(&loaded, &problems));
        }
        super::print_styled(&text)?;
    }

    let mut errors = errors.into_iter();
    let Some(last) = errors.next_back() else { return Ok(ExitCode::SUCCESS) };
    // The last one is printed where every error of a command is.
    errors.for_each(|error| super::voice::error(&error));
    Err(last)
}

/// Each table with its files, and what became of its rows; each file where all is asked for.
fn inputs(loaded: &Loaded, each_file: bool) -> String {
    let title = format!("Inputs for {}", date_of(loaded.as_of));
    let columns = format!("{title:<46}{:>10}{:>11}{:>11}", "rows", "used", "set aside");
    let mut text = heading(&columns) + "\n";

    let is_same = |a: &InputFile, b: &InputFile| !each_file && a.table == b.table;
    for files in loaded.inputs.chunk_by(is_same) {
        let of = |figure: fn(&InputFile) -> u64| files.iter().map(figure).sum::<u64>();
        let (rows, used) = (of(|file| file.rows), of(|file| file.used));
        let path = &files[0].path_as_written;
        let name = match files.len() {
            1 => shortened_path(path, 27),
            files => {
                let more = format!(" and {} more", files - 1);
                format!("{}{more}", shortened_path(path, 27_usize.saturating_sub(more.len())))
            }
        };
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "  {:<16}{name:<28}{:>10}{:>11}{:>11}",
            files[0].table,
            grouped(rows),
            grouped(used),
            grouped(rows.saturating_sub(used))
        );
    }
    text
}

/// What is wrong with a table under one code.
struct Problem<'a> {
    table: &'static str,
    code: Code,
    count: u64,
    /// What was set aside, as far as it is listed row by row, or what was noticed.
    cases: Vec<Case<'a>>,
    is_set_aside: bool,
}

/// One case of a problem: where it lies, the item where no row is known, and what is wrong.
struct Case<'a> {
    source: &'a Source,
    item: Option<String>,
    message: &'a str,
}

impl<'a> From<&'a Reject> for Case<'a> {
    fn from(reject: &'a Reject) -> Self {
        Self { source: &reject.source, item: None, message: &reject.message }
    }
}

impl<'a> From<&'a Finding> for Case<'a> {
    fn from(finding: &'a Finding) -> Self {
        let item = finding.key.as_ref().map(|key| format!("{} {}", key.sku, key.location));
        Self { source: &finding.source, item, message: &finding.message }
    }
}

/// Every problem, gravest first; those of one severity by table in the contract's order, then code.
fn problems<'a>(loaded: &'a Loaded, findings: &'a [Finding]) -> Vec<Problem<'a>> {
    let mut problems: Vec<Problem<'a>> = Vec::new();
    for count in counts(&loaded.inputs) {
        let of_it =
            |reject: &&Reject| reject.source.table == count.table && reject.code == count.code;
        let cases = loaded.rejects.iter().filter(of_it).map(Case::from).collect();
        let (table, code, count) = (count.table, count.code, count.rows);
        problems.push(Problem { table, code, count, cases, is_set_aside: true });
    }

    let aside = problems.len();
    for finding in findings {
        let (table, code) = (finding.source.table, finding.code);
        let is_it = |problem: &&mut Problem<'_>| problem.table == table && problem.code == code;
        let known = problems[aside..].iter_mut().find(is_it);
        match known {
            Some(problem) => {
                problem.count += 1;
                problem.cases.push(finding.into());
            }
            None => problems.push(Problem {
                table,
                code,
                count: 1,
                cases: vec![finding.into()],
                is_set_aside: false,
            }),
        }
    }

    let place = |table| loaded.inputs.iter().position(|input| input.table == table);
    problems.sort_by_key(|problem| {
        (Reverse(problem.code.severity()), place(problem.table), problem.code)
    });
    problems
}

impl Problem<'_> {
    /// The problem in a line, its first cases, and what to do about it.
    fn write(&self, text: &mut String, shown: usize) {
        let Self { table, code, count, .. } = self;
        let severity = code.severity();
        let word = match severity {
            Severity::Info => "note",
            _ => severity.as_str(),
        };
        let what = match self.is_set_aside {
            true => format!("{} of {table} set aside", counted(grouped(*count), "row")),
            false if *count > 1 => format!("{table}, {} times", grouped(*count)),
            false => (*table).to_owned(),
        };
        let head = format!("{word}: {what}: {} ({})", code.name(), code.id());
        let _ = writeln!(text, "\n{}", in_colour_of(severity, &head));
        let mut line = |line: &str, indent: &str| {
            let _ = writeln!(text, "{}", wrapped(line, WIDTH, indent));
        };
        line(&format!("  {}", code.meaning()), "  ");

        for case in self.cases.iter().take(shown) {
            line(&format!("    {}{}", case.place(), case.message), "      ");
        }
        let more = self.count.saturating_sub(shown.min(self.cases.len()) as u64);
        if more > 0 && self.cases.len() > shown {
            line(&format!("    and {} more (-v shows all)", grouped(more)), "      ");
        } else if more > 0 && !self.cases.is_empty() {
            line(&format!("    and {} more", grouped(more)), "      ");
        }
        if code.hint() != "Nothing." {
            line(&format!("  hint: {}", code.hint()), "    ");
        }
    }
}

impl Case<'_> {
    /// Where to look: file and row where they are known, else the item.
    fn place(&self) -> String {
        let Source { file, row, .. } = self.source;
        match (&self.item, row) {
            (_, 1..) => format!("{file}, row {row}: "),
            (Some(item), 0) => format!("{item}: "),
            (None, 0) if !file.is_empty() => format!("{file}: "),
            (None, 0) => String::new(),
        }
    }
}

/// Whether the inputs can be used, and what of them cannot.
fn verdict(loaded: &Loaded, problems: &[Problem<'_>]) -> String {
    let mut unread: Vec<(&str, u64)> = Vec::new();
    for count in counts(&loaded.inputs).iter().filter(|count| is_unusable(count.code)) {
        match unread.last_mut().filter(|last| last.0 == count.table) {
            Some(last) => last.1 += count.rows,
            None => unread.push((count.table, count.rows)),
        }
    }

    let rows: u64 = unread.iter().map(|table| table.1).sum();
    let mut said = if rows == 0 {
        heading("The configuration is valid and the inputs can be used.")
    } else {
        let verb = if rows == 1 { "cannot be read and is" } else { "cannot be read and are" };
        let tables: Vec<String> =
            unread.iter().map(|(table, rows)| format!("{} of {table}", grouped(rows))).collect();
        let text = format!(
            "The configuration is valid. {} {verb} not used: {}.",
            counted(grouped(rows), "row"),
            tables.join(", ")
        );
        in_colour_of(Severity::Warning, &wrapped(&text, WIDTH, ""))
    };

    let of = |severity| problems.iter().filter(|it| it.code.severity() == severity).count();
    let kinds =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(severity, word)| (of(*severity), word))
        .filter(|(kinds, _)| *kinds > 0)
        .map(|(kinds, word)| counted(kinds, word))
        .collect();
    if !kinds.is_empty() {
        said += &format!("\nAbove: {}.", kinds.join(", "));
    }
    said
}

/// Every code as an aligned table.
fn list() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for code in Code::ALL {
        let severity = code.severity().as_str();
        let (id, name, meaning) = (code.id(), code.name(), code.meaning());
        let _ = writeln!(text, "{id}  {name:width$}  {severity:7}  {meaning} {}", code.hint());
    }
    text
}
