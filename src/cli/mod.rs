//! The commands. Only they print, read the clock and look at the environment.

// Not `print!` and `eprint!`, which panic where nobody reads: see `print` and `voice::tell`.

mod accuracy;
pub mod args;
mod backtest;
mod bundle;
mod chart;
mod check;
mod child;
mod chosen;
mod clock;
mod completions;
mod dates;
mod diff;
mod explain;
mod fetch;
mod fit;
mod forecast;
pub mod formats;
mod hooks;
mod init;
mod logging;
mod man;
mod merge;
mod night;
pub mod night_args;
mod night_before;
mod orders;
mod planner;
mod presets;
mod progress;
mod report;
mod run;
mod schema;
mod show;
mod start;
mod stored;
mod template;
mod voice;

use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, GlobalArgs};
use progress::Bar;

use crate::backorder::notices::texts::Texts;
use crate::config::Settings;
use crate::config::source::Overlay;
use crate::domain::calendar::{Day, day_of};
use crate::error::{Error, ErrorKind, Result};
use crate::io::Loaded;
use crate::ledger::Opening;
use crate::ledger::opening::named_orders;
use crate::store::{Ledger, RunStore};

/// What every command is told about its surroundings.
#[derive(Debug)]
pub struct Context {
    /// Today by the clock of this machine.
    pub today: Day,
    /// Whether only errors are printed.
    pub quiet: bool,
    /// Whether everything is shown that is known.
    pub verbose: bool,
    config: PathBuf,
    overlay: Overlay,
    shows_progress: bool,
}

impl Context {
    /// The checked settings.
    ///
    /// # Errors
    /// A configuration error.
    pub fn settings(&self) -> Result<Settings> {
        let settings = Settings::load(&self.config, &self.overlay)?.with_templates()?;
        Texts::of(&settings.notices.texts)?.check()?;
        Ok(settings)
    }

    /// Refuses `--set` where a run's own settings hold; where runs are may be said.
    ///
    /// # Errors
    /// A usage error that names the key.
    pub fn without_changed_settings(&self) -> Result<()> {
        match self.overlay.flags.iter().find(|(key, _)| !key.starts_with("outputs.")) {
            None => Ok(()),
            Some((key, _)) => Err(Error::usage(format!(
                "--set {key} changes nothing here: a run that is kept has its own settings"
            ))
            .hint("`restock run --label NAME --set …` makes a run with others")),
        }
    }

    /// Shows progress until it is finished.
    #[must_use]
    pub fn progress(&self, message: &'static str) -> Bar {
        Bar::start(message, self.shows_progress)
    }

    /// Does some work and shows meanwhile that something is going on.
    pub fn busy<T>(&self, message: &'static str, work: impl FnOnce() -> T) -> T {
        let bar = self.progress(message);
        let result = work();
        bar.finish();
        result
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that asks for the day and the environment"
    )]
    fn new(args: &GlobalArgs) -> Self {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let environment = variables
            .filter(|(name, _)| name.starts_with("RESTOCK_"))
            .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
            .collect();

        Self {
            today: day_of(chrono::Local::now().date_naive()),
            quiet: args.quiet,
            verbose: args.verbose > 0,
            config: args.config.clone().unwrap_or_else(default_config),
            overlay: Overlay { environment, flags: args.set.clone() },
            shows_progress: !args.quiet && args.log_format == args::LogFormat::Text,
        }
    }
}

/// `restock.toml`, or `config/restock.toml` if only that exists.
fn default_config() -> PathBuf {
    let (here, below) = (Path::new("restock.toml"), Path::new("config/restock.toml"));
    if !here.exists() && below.exists() { below.to_path_buf() } else { here.to_path_buf() }
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(report_defect));
    voice::listen(std::env::args_os());

    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(problem) => {
            voice::usage(&problem);
            return ExitCode::from(if problem.use_stderr() { 2 } else { 0 });
        }
    };

    exit_code_of(|| dispatch(&cli))
}

/// Prints what a panic says and where it was.
fn report_defect(panic: &std::panic::PanicHookInfo<'_>) {
    // It will be an error, which is printed where it ends the command.
    if crate::io::is_catching() {
        return;
    }

    let location = panic.location().map(|location| format!(" ({location})")).unwrap_or_default();
    voice::defect(text_of(panic.payload()), &location);
}

/// Does the work and turns its result into an exit code. An error is printed here; a panic has been
/// printed by its hook.
fn exit_code_of(work: impl FnOnce() -> Result<ExitCode> + std::panic::UnwindSafe) -> ExitCode {
    match std::panic::catch_unwind(work) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            voice::error(&error);
            ExitCode::from(error.exit_code())
        }
        Err(_) => ExitCode::from(70),
    }
}

fn text_of(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

fn dispatch(cli: &Cli) -> Result<ExitCode> {
    #[allow(clippy::disallowed_methods, reason = "the environment is read in cli/")]
    let filter = std::env::var("RESTOCK_LOG").ok();
    voice::start(cli.global.log_format, cli.global.color);
    logging::start(&cli.global, filter.as_deref());
    if let Some(threads) = cli.global.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(threads))
            .build_global()
            .map_err(|cause| Error::internal("cannot start the threads").because(cause))?;
    }

    let context = || Context::new(&cli.global);
    match &cli.command {
        Command::Init(args) => init::run(args, cli.global.quiet),
        Command::Check(args) => check::run(&context(), args),
        Command::Run(args) => run::run(&context(), args),
        Command::Fit(args) => fit::run(&context(), args),
        Command::Merge(args) => merge::run(&context(), args),
        Command::Forecast(args) => forecast::run(&context(), args),
        Command::Explain(args) => explain::run(&context(), args),
        Command::Diff(args) => diff::run(&context(), args),
        Command::Report(args) => report::run(&context(), args),
        Command::Orders(args) => orders::run(&context(), args),
        Command::Show(args) => show::run(&context(), args),
        Command::Backtest(args) => backtest::run(&context(), args),
        Command::Schema => schema::run(),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}

/// The ledger as the night of the inputs would find it; what it has on order joins the open orders.
/// `None` where there is none.
fn opening(settings: &Settings, inputs: &mut Loaded) -> Result<Option<Opening>> {
    // Opening the store would make the folder.
    if !settings.outputs_dir.is_dir() {
        return Ok(None);
    }
    let Some(ledger) = RunStore::open(&settings.outputs_dir)?.ledger_to_read()? else {
        return Ok(None);
    };
    opening_of(&ledger, settings, inputs).map(|(opening, _)| Some(opening))
}

/// A ledger as the night of the inputs finds it, and the SHA-256 of how it stood before.
fn opening_of(
    ledger: &Ledger,
    settings: &Settings,
    inputs: &mut Loaded,
) -> Result<(Opening, String)> {
    let view = ledger.view(inputs.as_of, &named_orders(&inputs.tables, inputs.as_of))?;
    let sha256 = crate::report::ledger::sha256_of(&view)?;
    Ok((Opening::of(view, &mut inputs.tables, settings, inputs.as_of), sha256))
}

/// Prints to stdout.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(broken_pipe)
}

/// Prints a text with headings to stdout, bold where stdout is a terminal.
fn print_styled(text: &str) -> Result<()> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(broken_pipe)
}

/// The error of a failed write to stdout. It ends the command; [`exit_code_of`] says nothing if the
/// cause is that the reader closed the pipe.
fn broken_pipe(cause: std::io::Error) -> Error {
    Error::new(ErrorKind::Internal, "cannot write to stdout").because(cause)
}

fn is_broken_pipe(error: &Error) -> bool {
    let cause = error.source.as_ref().and_then(|source| source.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == IoErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_of_a_command_has_its_exit_code() {
        let pipe = || broken_pipe(std::io::Error::from(IoErrorKind::BrokenPipe));
        let full = || broken_pipe(std::io::Error::from(IoErrorKind::StorageFull));
        assert_eq!(exit_code_of(|| Ok(ExitCode::from(1))), ExitCode::from(1));
        assert_eq!(exit_code_of(move || Err(pipe())), ExitCode::SUCCESS);
        assert_eq!(exit_code_of(move || Err(full())), ExitCode::from(70));
        assert_eq!(exit_code_of(|| Err(Error::data("no such file"))), ExitCode::from(3));
        assert_eq!(exit_code_of(|| panic!("a defect")), ExitCode::from(70));
    }
}
