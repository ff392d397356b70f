//! `restock orders`: what became of order lines, and what people decide about them.

pub(super) mod args;
mod decide;
mod export;
mod list;
mod rebuild;
mod which;

use std::process::ExitCode;

use super::Context;
use crate::domain::calendar::{Day, date_of};
use crate::error::{Error, Result};
use crate::store::{Ledger, RunStore};
use args::{OrdersArgs, OrdersCommand, WhoArgs};

/// Lists lines of the ledger, or decides about them.
///
/// # Errors
/// When the ledger cannot be used, and for a decision that is refused.
pub(super) fn run(context: &Context, args: &OrdersArgs) -> Result<ExitCode> {
    match &args.command {
        OrdersCommand::List(args) => list::list(context, args),
        OrdersCommand::Show(args) => list::show(context, args),
        OrdersCommand::Approve(args) => decide::approve(context, args),
        OrdersCommand::Edit(args) => decide::edit(context, args),
        OrdersCommand::Reject(args) => decide::reject(context, args),
        OrdersCommand::Cancel(args) => decide::cancel(context, args),
        OrdersCommand::Export(args) => export::export(context, args),
        OrdersCommand::Apply(args) => decide::apply(context, args),
        OrdersCommand::Rebuild(args) => rebuild::rebuild(context, args),
    }
}

/// The ledger of the outputs' folder, to look at; what a killed run left is finished where no run
/// is going on.
fn to_read(context: &Context) -> Result<Ledger> {
    let dir = context.settings()?.outputs_dir;
    // Opening the store would make the folder.
    let none = || {
        Error::data(format!("{} holds no ledger yet", dir.display()))
            .hint("`restock run` makes one with the first night")
    };
    if !dir.is_dir() {
        return Err(none());
    }
    let store = RunStore::open(&dir)?;
    if let Ok(_lock) = store.lock() {
        store.recover()?;
    }
    store.ledger_to_read()?.ok_or_else(none)
}

/// The ledger of the outputs' folder, to write to, and its newest night.
struct Desk {
    ledger: Ledger,
    night: Day,
    _lock: crate::store::RunLock,
}

impl Desk {
    /// Takes the folder, as a run does.
    fn open(context: &Context) -> Result<Self> {
        let dir = context.settings()?.outputs_dir;
        let store = RunStore::open(&dir)?;
        let lock = store.lock()?;
        store.recover()?;
        let ledger = store.ledger()?;
        let night = ledger.newest_night()?.ok_or_else(|| {
            Error::data(format!("{} holds no night yet", dir.display()))
                .hint("`restock run` suggests orders; then they can be decided on")
        })?;
        Ok(Self { ledger, night, _lock: lock })
    }

    /// The day of a decision: the one that is given, else the ledger's newest night.
    fn day(&self, context: &Context, who: &WhoArgs) -> Result<Day> {
        let day = match who.on.as_deref() {
            None => self.night,
            Some("today") => context.today,
            Some(text) => super::dates::day("--on", text)?,
        };
        if day < self.night {
            return Err(Error::usage(format!(
                "--on {} lies before the newest night, {}",
                date_of(day),
                date_of(self.night)
            )));
        }
        if day > self.night.max(context.today) {
            return Err(Error::usage(format!("--on {} is yet to come", date_of(day))));
        }
        Ok(day)
    }
}
