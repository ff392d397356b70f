//! Decisions about lines, from the command line or from a file: all of them or none.

use std::collections::BTreeMap;
use std::process::ExitCode;

use super::Desk;
use super::args::{ApplyArgs, DecideArgs, EditArgs, RejectArgs, WhichArgs, WhoArgs};
use super::which::line_name;
use crate::cli::Context;
use crate::cli::voice::tell;
use crate::domain::calendar::{Day, day_of};
use crate::domain::fixed::Fixed;
use crate::domain::ledger::{LedgerLine, LineName, LineStatus};
use crate::domain::money::{decimals_of, money};
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::io::read_edited_columns;
use crate::ledger::decisions::{Action, Decision, decide};

/// Refusals that are told one by one, at most. Judgement: a screen.
const MAX_TOLD: usize = 20;

/// Lets suggested lines go out.
pub(super) fn approve(context: &Context, args: &DecideArgs) -> Result<ExitCode> {
    of_many(context, args, Action::Approve, &[LineStatus::Suggested])
}

/// Takes back lines that were approved or handed over.
pub(super) fn cancel(context: &Context, args: &DecideArgs) -> Result<ExitCode> {
    of_many(context, args, Action::Cancel, &[LineStatus::Approved, LineStatus::Sent])
}

fn of_many(
    context: &Context,
    args: &DecideArgs,
    action: Action,
    statuses: &[LineStatus],
) -> Result<ExitCode> {
    let mut desk = Desk::open(context)?;
    let decision = decision(action, &args.who, desk.day(context, &args.who)?);
    let lines = chosen(&desk, &args.which, args.all, statuses)?;
    let decided = lines.into_iter().map(|line| (line, decision.clone(), String::new()));
    settle(context, &mut desk, decided.collect())
}

/// Lets a line go out with another quantity.
pub(super) fn edit(context: &Context, args: &EditArgs) -> Result<ExitCode> {
    let mut desk = Desk::open(context)?;
    let which = WhichArgs { orders: vec![args.line.clone()], ..WhichArgs::default() };
    if line_name(&args.line).is_none() {
        return Err(Error::usage(format!("{} names no line", args.line))
            .hint("write it with its line: 260629-NORDIC-main:3"));
    }
    let quantity = quantity(&args.quantity).map_err(Error::usage)?;
    let decision = Decision {
        quantity: Some(quantity),
        ..decision(Action::Edit, &args.who, desk.day(context, &args.who)?)
    };
    let lines = which.of(desk.ledger.all_lines()?)?;
    let decided = lines.into_iter().map(|line| (line, decision.clone(), String::new()));
    settle(context, &mut desk, decided.collect())
}

/// Takes lines off the suggestions.
pub(super) fn reject(context: &Context, args: &RejectArgs) -> Result<ExitCode> {
    let mut desk = Desk::open(context)?;
    let until = args.until.as_deref().map(|text| crate::cli::dates::day("--until", text));
    let decision = Decision {
        until: until.transpose()?,
        ..decision(Action::Reject, &args.who, desk.day(context, &args.who)?)
    };
    let statuses = [LineStatus::Suggested, LineStatus::Approved];
    let lines = chosen(&desk, &args.which, false, &statuses)?;
    let decided = lines.into_iter().map(|line| (line, decision.clone(), String::new()));
    settle(context, &mut desk, decided.collect())
}

/// Applies a file of decisions.
pub(super) fn apply(context: &Context, args: &ApplyArgs) -> Result<ExitCode> {
    let mut desk = Desk::open(context)?;
    let day = desk.day(context, &args.who)?;
    let columns = ["po_number", "line", "action", "revision", "quantity", "until", "reason", "by"];
    let file = args.file.display();
    let table = read_edited_columns(&args.file, columns, 5)
        .map_err(|cause| Error::data(format!("{file}: {cause}")))?;
    let lines: BTreeMap<LineName, LedgerLine> =
        desk.ledger.all_lines()?.into_iter().map(|line| (line.name(), line)).collect();

    let (mut decided, mut refused) = (Vec::new(), Vec::new());
    let mut firsts: BTreeMap<LineName, (Decision, usize)> = BTreeMap::new();
    for (at, row) in table.rows.iter().enumerate() {
        let place = format!("row {}", at + 1);
        let (name, decision) = match read(row, &args.who, day, table.separator) {
            Ok(read) => read,
            Err(why) => {
                refused.push(format!("{place}: {why}"));
                continue;
            }
        };
        let first = firsts.entry(name.clone()).or_insert_with(|| (decision.clone(), at + 1));
        match lines.get(&name) {
            _ if first.0 != decision => refused.push(format!(
                "{place}: row {} decides otherwise about {}:{}",
                first.1, name.0, name.1
            )),
            Some(line) => decided.push((line.clone(), decision, place)),
            None => refused.push(format!("{place}: the ledger has no {}:{}", name.0, name.1)),
        }
    }
    if !refused.is_empty() {
        // Those that would be refused by the ledger are told along with them.
        refused.extend(outcome(&desk, &decided)?.1);
        return Err(refusal(&refused));
    }
    settle(context, &mut desk, decided)
}

/// A row of a file of decisions. Where semicolons separate the fields, a comma is the decimal mark.
fn read(
    row: &[String; 8],
    who: &WhoArgs,
    day: Day,
    separator: u8,
) -> Result<(LineName, Decision), String> {
    let [po_number, line, action, revision, units, until, reason, by] =
        row.each_ref().map(|field| field.trim());
    let line = line.parse().map_err(|_| format!("`line` {line:?} is no number of a line"))?;
    let action = Action::of(action)
        .ok_or_else(|| format!("`action` {action:?} is none of approve, edit, reject, cancel"))?;
    let revision = match revision {
        "" => None,
        text => Some(text.parse().map_err(|_| format!("`revision` {text:?} is no number"))?),
    };
    let until = match until {
        "" => None,
        text => Some(
            date(text)
                .ok_or_else(|| format!("`until` {text:?} is no date: write it as 2026-06-29"))?,
        ),
    };
    let quantity = match units {
        "" => None,
        text if separator == b';' => Some(quantity(&text.replace(',', "."))?),
        text => Some(quantity(text)?),
    };
    if quantity.is_some() && action != Action::Edit {
        return Err(format!("a `quantity` goes with edit, not with {action}"));
    }

    let or_else = |text: &str, default: &str| -> std::sync::Arc<str> {
        if text.is_empty() { default.into() } else { text.into() }
    };
    let (reason, by) = (or_else(reason, &who.reason), or_else(by, &who.by));
    let decision = Decision { action, revision, quantity, until, reason, by, day };
    Ok(((po_number.into(), line), decision))
}

fn date(text: &str) -> Option<Day> {
    text.parse().ok().map(day_of)
}

/// Stock units, with a point as decimal mark.
fn quantity(text: &str) -> Result<Fixed, String> {
    let units = text.trim().parse().ok().and_then(Fixed::from_f64);
    units.ok_or_else(|| format!("the quantity {text:?} is no number"))
}

fn decision(action: Action, who: &WhoArgs, day: Day) -> Decision {
    Decision {
        action,
        revision: None,
        quantity: None,
        until: None,
        reason: who.reason.as_str().into(),
        by: who.by.as_str().into(),
        day,
    }
}

/// The lines that are meant. Where whole orders are named, or a supplier, those of them that the
/// action is for.
fn chosen(
    desk: &Desk,
    which: &WhichArgs,
    all: bool,
    statuses: &[LineStatus],
) -> Result<Vec<LedgerLine>> {
    if which.is_all() && !all {
        return Err(Error::usage("no line is named")
            .hint("name orders or lines, or a supplier; `restock orders list` lists them"));
    }
    let lines = which.of(desk.ledger.all_lines()?)?;
    let is_single = |line: &LedgerLine| which.orders.contains(&line.label());
    let chosen: Vec<LedgerLine> = lines
        .into_iter()
        .filter(|line| statuses.contains(&line.standing.status) || is_single(line))
        .collect();
    if chosen.is_empty() {
        let words: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
        return Err(Error::usage(format!("none of these lines is {}", words.join(" or ")))
            .hint("`restock orders list --all` says how they stand"));
    }
    Ok(chosen)
}

/// A line, what is decided about it, and where that is written.
type Decided = (LedgerLine, Decision, String);

/// How the lines stand after all decisions, one after the other, and the refusals.
fn outcome(desk: &Desk, decided: &[Decided]) -> Result<(Vec<LedgerLine>, Vec<String>)> {
    let mut after: BTreeMap<LineName, LedgerLine> = BTreeMap::new();
    let (mut events, mut refused) = (Vec::new(), Vec::new());
    for (line, decision, place) in decided {
        let line = after.get(&line.name()).unwrap_or(line).clone();
        let seen = match decision.revision {
            Some(revision) if revision != line.standing.revision => {
                let history = desk.ledger.history(&line.name())?.into_iter().rev();
                history.map(|(_, standing)| standing).find(|it| it.revision == revision)
            }
            _ => None,
        };
        match decide(&line, decision, seen.as_ref()) {
            Ok(standing) if standing == line.standing => {}
            Ok(standing) => {
                let line = LedgerLine { standing, ..line };
                after.insert(line.name(), line.clone());
                events.push(line);
            }
            Err(why) => {
                let place = if place.is_empty() { String::new() } else { format!("{place}, ") };
                refused.push(format!("{place}{}: {why}", line.label()));
            }
        }
    }
    Ok((events, refused))
}

/// Writes the decisions, or none of them if one is refused.
fn settle(context: &Context, desk: &mut Desk, decided: Vec<Decided>) -> Result<ExitCode> {
    let (events, refused) = outcome(desk, &decided)?;
    if !refused.is_empty() {
        return Err(refusal(&refused));
    }
    desk.ledger.decide(desk.night, &events)?;
    if !context.quiet {
        let base = context.settings()?.currency.base;
        tell(&summary(decided.len(), &events, &base));
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells each refusal on a line of its own.
fn refusal(refused: &[String]) -> Error {
    let error = Error::data(format!(
        "{} refused, and nothing is changed",
        match refused.len() {
            1 => "a decision is".to_owned(),
            count => format!("{count} decisions are"),
        }
    ));
    let more = refused.len().saturating_sub(MAX_TOLD);
    let told = refused.iter().take(MAX_TOLD).fold(error, |error, why| error.hint(why));
    if more > 0 { told.hint(format!("and {more} more")) } else { told }
}

/// What was decided, in a few words.
fn summary(asked: usize, events: &[LedgerLine], base: &str) -> String {
    let mut text = String::new();
    for status in LineStatus::ALL {
        let of: Vec<&LedgerLine> =
            events.iter().filter(|line| line.standing.status == status).collect();
        if of.is_empty() {
            continue;
        }
        let total: Fixed = of.iter().filter_map(|line| line.standing.base_total).sum();
        text += &format!(
            "{} {status} ({} {base})\n",
            counted(of.len(), "line"),
            money(total, decimals_of(base))
        );
        if status == LineStatus::Approved {
            text += "`restock orders export` hands over what is approved; else it goes out with \
                     the run of the supplier's next order date.\n";
        }
    }
    let same = asked - events.len().min(asked);
    if same > 0 {
        text += &format!("{} stood so already\n", counted(same, "line"));
    }
    if asked == 0 {
        text += "There is no decision in it.\n";
    }
    text
}
