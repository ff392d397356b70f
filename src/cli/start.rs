//! What a night starts from: inputs, ledger, previous run and histories, read anew or as a fitted
//! night has them.

use super::clock::Clock;
use super::fetch::fetch;
use super::night_args::CommandsArgs;
use super::night_args::MergeArgs;
use super::{Context, opening_of};
use crate::config::Settings;
use crate::demand::prepare::Prepared;
use crate::domain::calendar::{Day, date_of};
use crate::domain::digest::sha256;
use crate::domain::tables::OpenOrder;
use crate::error::{Error, Result};
use crate::forecast::{Fitted, Groups};
use crate::io::{Loaded, load};
use crate::ledger::Opening;
use crate::parts::{Gathered, gather};
use crate::pipeline::prepare;
use crate::report::carried;
use crate::report::previous::{self, Previous};
use crate::store::{Ledger, RunStore, Spool};

/// What earlier nights left.
#[derive(Clone, Copy)]
pub(super) struct Earlier<'a> {
    pub(super) store: &'a RunStore,
    pub(super) ledger: &'a Ledger,
}

/// What is read, as the command line says.
pub(super) struct ToRead<'a> {
    /// The day that the night stands at.
    pub(super) as_of: Option<&'a str>,
    /// What the configuration may start.
    pub(super) commands: &'a CommandsArgs,
}

/// What a night starts from.
pub(super) struct Start {
    pub(super) settings: Settings,
    /// The inputs, with what the ledger has on order among the open orders.
    pub(super) inputs: Loaded,
    /// The open orders without that.
    pub(super) open_orders: Option<Vec<OpenOrder>>,
    /// The ledger as the night finds it.
    pub(super) opening: Opening,
    /// SHA-256 of the ledger as it stood before.
    pub(super) ledger_sha256: String,
    pub(super) prepared: Prepared,
    pub(super) previous: Option<Previous>,
    /// What commands printed, as long as it is needed.
    pub(super) spool: Option<Spool>,
    /// What was planned elsewhere.
    pub(super) parts: Option<Parts>,
}

/// What was learnt and planned elsewhere.
pub(super) struct Parts {
    pub(super) fitted: Fitted,
    pub(super) groups: Groups,
    pub(super) gathered: Gathered,
    pub(super) order_now: bool,
}

impl Start {
    /// Reads the inputs.
    pub(super) fn from_inputs(
        context: &Context,
        mut settings: Settings,
        Earlier { store, ledger }: Earlier<'_>,
        read: &ToRead<'_>,
        clock: &mut Clock,
    ) -> Result<Self> {
        let as_of = super::dates::as_of(context, read.as_of)?;
        let make = || store.spool();
        let spool = fetch(context, &mut settings, !read.commands.no_commands, make)?;
        clock.lap("fetch");
        let progress = context.progress("reading");
        let mut inputs = load(&settings, as_of, &progress)?;
        progress.finish();
        super::dates::check(&settings, &inputs, read.as_of)?;
        clock.lap("read");

        let open_orders = inputs.tables.purchase_orders.clone();
        let (opening, ledger_sha256) = opening_of(ledger, &settings, &mut inputs)?;
        clock.lap("ledger");
        let prepared = prepare(&settings, &mut inputs);
        let previous = previous_run(store, &prepared);
        clock.lap("demand");
        Ok(Self {
            settings,
            inputs,
            open_orders,
            opening,
            ledger_sha256,
            prepared,
            previous,
            spool,
            parts: None,
        })
    }

    /// Reads the parts of a night, and the fitted night that they were made from. The ledger and
    /// the run before have to be those that it was fitted with.
    pub(super) fn from_parts(
        settings: Settings,
        Earlier { store, ledger }: Earlier<'_>,
        args: &MergeArgs,
        clock: &mut Clock,
    ) -> Result<Self> {
        let (night, gathered) = gather(&settings, args.fitted.as_deref(), &args.parts)?;
        let (said, dir) = (night.manifest.clone(), night.dir().display().to_string());
        let (mut inputs, prepared, (fitted, groups)) = night.into_inputs()?;
        clock.lap("read");

        let changed = |what: &str| {
            Error::data(format!("{what} since {dir} was fitted"))
                .hint("fit again, and run the shards again")
        };
        let (opening, ledger_sha256) = opening_of(ledger, &settings, &mut inputs)?;
        if ledger_sha256 != said.ledger_sha256 {
            return Err(changed("the ledger of orders has changed"));
        }
        let previous = previous_run(store, &prepared);
        let is_same = said.previous_run == previous.as_ref().map(|run| run.name.clone())
            && said.previous_run_sha256 == previous.as_ref().map(sha256_of);
        if !is_same {
            return Err(changed("the run before this night has changed"));
        }
        clock.lap("ledger");
        Ok(Self {
            settings,
            inputs,
            open_orders: None,
            opening,
            ledger_sha256,
            prepared,
            previous,
            spool: None,
            parts: Some(Parts { fitted, groups, gathered, order_now: said.order_now }),
        })
    }
}

/// A SHA-256 over what was read of a previous run.
pub(super) fn sha256_of(previous: &Previous) -> String {
    let lines = previous.read.iter().map(|(file, sha256)| format!("{file}\0{sha256}\n"));
    sha256(lines.collect::<String>().as_bytes())
}

/// What the previous run said, and the newest whole period beside the forecast of the run that saw
/// all of it ahead.
fn previous_run(store: &RunStore, prepared: &Prepared) -> Option<Previous> {
    let dir = store.previous(date_of(prepared.as_of))?;
    let mut previous = previous::read(&dir);
    carried::read_into(&mut previous, &dir);

    let start = carried::unscored_period(&previous, prepared);
    let seen_ahead = |start: Day| store.previous(date_of(start.saturating_add(1)));
    if let Some((start, run)) = start.and_then(|start| Some((start, seen_ahead(start)?))) {
        carried::score(&mut previous, &run, prepared, start);
    }
    Some(previous)
}
