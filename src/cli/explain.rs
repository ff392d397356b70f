//! `restock explain`: how one item's order came about.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use tracing::warn;

use super::Context;
use super::args::{ExplainArgs, ExplainFormat};
use super::bundle::BundleItem;
use super::chosen::Chosen;
use super::fetch::{fetch, temporary};
use crate::config::Settings;
use crate::config::choices::LeadTimeBasis;
use crate::demand::drivers::Mark;
use crate::demand::prepare::{Prepared, TakenByBundles};
use crate::demand::stated::{ChangeSource, DemandChange};
use crate::domain::calendar::date_of;
use crate::domain::finding::Finding;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{OverrideKind, Tables};
use crate::domain::wording::{counted, printable, shortened, wrapped};
use crate::error::Result;
use crate::forecast::shared::start_levels::Scope as StartScope;
use crate::forecast::{Fitted, Forecasts};
use crate::io::load;
use crate::pipeline::{Foreseen, Night, NightPlan, Scope, Tonight, night, plan, prepare};
use crate::plan::PlannedItem;
use crate::plan::item::lead_time_basis::ItemLeadTime;
use crate::plan::orders::Recipient;
use crate::report::outputs::plan_fields;
use crate::report::style::heading;
use crate::state::{self, State};

/// Events and promotions that are listed, at most. Judgement: what fits a screen.
const MAX_LISTED: usize = 8;
/// Buckets of history that are shown, at most. Judgement: a quarter of weeks on a line.
const MAX_SHOWN: usize = 13;

/// Columns of `plan.csv` that hold words and keys, whatever these look like.
const PLAN_TEXTS: [&str; 11] = [
    "sku",
    "location",
    "supplier",
    "decision",
    "reason",
    "model",
    "demand_class",
    "abc",
    "xyz",
    "policy",
    "target",
];

/// Correlation of successive lead times below which it is said. Judgement: above it hardly an order
/// is counted on to overtake another.
const TOGETHER: f64 = 0.9;
/// Characters of an item's description in its title, at most. Judgement: half a line.
const MAX_DESCRIPTION: usize = 40;
/// Characters of a line.
const WIDTH: usize = 80;
/// Characters before the text of a line.
const LABEL: usize = 13;

/// Days of history below which it is said what is believed of a new item. Judgement: half a year;
/// what an item sold itself outweighs it by then.
const NEW_DAYS: f64 = 182.0;

/// Plans as the night run does, or again what a stored run planned, and prints the trail of each
/// chosen item.
///
/// # Errors
/// As the stages report them, and for an item that is not planned.
pub(super) fn run(context: &Context, args: &ExplainArgs) -> Result<ExitCode> {
    let mut settings = context.settings()?;
    if let Some(run) = &args.run {
        return stored(context, args, &settings, run.as_deref());
    }

    let as_of = super::dates::as_of(context, args.as_of.as_deref())?;
    let may_run = !args.commands.no_commands;
    let _spool = fetch(context, &mut settings, may_run, temporary)?;
    let mut inputs = load(&settings, as_of, &())?;
    super::dates::check(&settings, &inputs, args.as_of.as_deref())?;
    let opening = super::opening(&settings, &mut inputs)?;
    let prepared = prepare(&settings, &mut inputs);
    let chosen = ChosenItems::of(&prepared, &inputs.tables, args)?;

    let scope = Scope::Items(&chosen.planned);
    let tonight = Tonight { scope, ledger: opening.as_ref(), ..Tonight::plain() };
    let night = night(&settings, &inputs, &prepared, &tonight);
    let Night { fitted, forecasts, plan } = &night;
    let explained =
        Explained { settings: &settings, prepared: &prepared, fitted, forecasts, plan, run: None };
    explained.print(&chosen, args.format)
}

/// Explains what a run decided, from what it kept.
fn stored(
    context: &Context,
    args: &ExplainArgs,
    settings: &Settings,
    run: Option<&Path>,
) -> Result<ExitCode> {
    context.without_changed_settings()?;
    let dir = super::stored::named_or_newest(settings, run)?;
    let state = state::read(&dir)?;
    let chosen = ChosenItems::of(&state.prepared, &state.inputs.tables, args)?;

    let State { settings, inputs, prepared, fitted, forecasts, .. } = &state;
    let foreseen = Foreseen { prepared, across: None, forecasts };
    let plan = &plan(settings, inputs, &foreseen, &state.asked(Scope::Items(&chosen.planned)));
    let planned = plan.entries.iter().filter_map(|entry| entry.planned());
    let is_asked = |item: &&PlannedItem<'_>| chosen.items.binary_search(&item.facts.index).is_ok();
    for item in planned.filter(is_asked).filter(|item| !state.agrees(item)) {
        let (key, version) = (item.key(), &state.version);
        warn!("{key}: restock {version} made the run and decided otherwise than this version");
    }
    let run = Some(super::stored::name_of(&dir));
    Explained { settings, prepared, fitted, forecasts, plan, run }.print(&chosen, args.format)
}

/// What is asked for.
struct ChosenItems {
    /// Items, by index.
    items: Vec<usize>,
    bundles: Vec<BundleItem>,
    /// Items that have to be planned: those and the components of the bundles, by index.
    planned: Vec<usize>,
}

impl ChosenItems {
    fn of(prepared: &Prepared, tables: &Tables, args: &ExplainArgs) -> Result<Self> {
        let chosen = super::chosen::by_sku(prepared, &args.skus)?;
        let Chosen { items, bundles } =
            super::chosen::at_location(prepared, chosen, args.location.as_deref())?;
        let bundles = BundleItem::some(prepared, tables, &bundles);
        let components = bundles.iter().flat_map(BundleItem::components);
        let planned: BTreeSet<usize> = items.iter().copied().chain(components).collect();
        Ok(Self { items, bundles, planned: planned.into_iter().collect() })
    }
}

/// What the trails of items are told from.
pub(super) struct Explained<'a> {
    pub(super) settings: &'a Settings,
    pub(super) prepared: &'a Prepared,
    fitted: &'a Fitted,
    forecasts: &'a Forecasts,
    pub(super) plan: &'a NightPlan<'a>,
    /// The stored run that is explained.
    run: Option<String>,
}

impl Explained<'_> {
    /// Prints each of the chosen items.
    fn print(&self, chosen: &ChosenItems, format: ExplainFormat) -> Result<ExitCode> {
        let planned = self.plan.entries.iter().filter_map(|entry| entry.planned());
        let planned = planned.filter(|item| chosen.items.binary_search(&item.facts.index).is_ok());
        let bundles = chosen.bundles.iter();
        match format {
            ExplainFormat::Text => {
                let texts = planned.map(|item| self.text(item));
                let texts = texts.chain(bundles.map(|bundle| self.bundle_text(bundle)));
                for (at, text) in texts.enumerate() {
                    let gap = if at > 0 { "\n" } else { "" };
                    super::print_styled(&format!("{gap}{text}"))?;
                }
            }
            ExplainFormat::Json => {
                let bundle = |bundle: &BundleItem| {
                    let mut object = bundle.object(self.plan, self.prepared);
                    object.insert("run".to_owned(), json!(self.run));
                    Ok(Value::Object(object))
                };
                let objects = planned.map(|item| self.object(item)).chain(bundles.map(bundle));
                super::print(&format!("{:#}\n", objects.collect::<Result<Value>>()?))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What was decided in a few sentences, then the arithmetic.
    fn text(&self, item: &PlannedItem<'_>) -> String {
        let description = item.facts.item.and_then(|row| row.description.as_deref());
        self.laid_out(item.key(), description, &self.paragraph(item), self.trail(item))
    }

    /// The same of a bundle.
    fn bundle_text(&self, bundle: &BundleItem) -> String {
        let (paragraph, trail) = (bundle.paragraph(self.plan), bundle.trail(self.plan));
        self.laid_out(&bundle.key, bundle.description.as_deref(), &paragraph, trail)
    }

    fn laid_out(
        &self,
        key: &Key,
        description: Option<&str>,
        paragraph: &str,
        trail: Vec<String>,
    ) -> String {
        let description = description.map(|text| shortened(text, MAX_DESCRIPTION));
        let description = description.map(|text| format!(" ({text})")).unwrap_or_default();
        let title = format!("{key}{description}  on {}", date_of(self.prepared.as_of));
        let mut text = heading(&printable(&title)) + "\n";
        text += &wrapped(&printable(paragraph), WIDTH, "");
        text += "\n\n";

        let indent = " ".repeat(LABEL);
        for line in trail {
            text += &wrapped(&line, WIDTH, &indent);
            text.push('\n');
        }
        text
    }

    /// The same for programs, with the fields of `plan.csv`.
    fn object(&self, item: &PlannedItem<'_>) -> Result<Value> {
        let mut object = Map::new();
        object.insert("run".to_owned(), json!(self.run));
        object.insert("as_of".to_owned(), date_of(self.prepared.as_of).to_string().into());
        let description = item.facts.item.and_then(|row| row.description.as_deref());
        for (name, value) in plan_fields(item)? {
            object.insert(name.to_owned(), field(name, value));
        }
        object.insert("description".to_owned(), json!(description));
        object.insert("summary".to_owned(), self.paragraph(item).into());
        object.insert("trail".to_owned(), self.trail(item).into());
        Ok(Value::Object(object))
    }

    /// The arithmetic of one item, line by line, and what was noticed about it.
    fn trail(&self, item: &PlannedItem<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.demand(item));
        lines.extend(self.bundles(item));
        lines.extend(self.start(item));
        lines.extend(self.moves(item));
        lines.extend(self.changes(item));
        lines.extend(levels(item));
        lines.extend(stock(item));
        lines.extend(decision(item));
        lines.extend(self.findings(item));
        lines
    }

    /// The item's history, its class and its model.
    fn demand(&self, item: &PlannedItem<'_>) -> [String; 2] {
        let histories = &self.prepared.histories;
        let history = histories.history(item.facts.index);
        let demand = history.series().demand;
        let recent = &demand[demand.len().saturating_sub(MAX_SHOWN)..];
        let numbers: Vec<String> = recent.iter().map(|units| format!("{units:.0}")).collect();
        let bucket = format!("{:?}", histories.calendar.length).to_lowercase();

        let classes = item.facts.classes;
        [
            format!(
                "demand       {} of history; the last {}: {}",
                counted(demand.len(), &bucket),
                recent.len(),
                numbers.join(" ")
            ),
            format!(
                "class        {}{}, {}; model {}",
                classes.abc.as_str(),
                classes.xyz.as_str(),
                classes.demand_class.as_str(),
                item.row.model
            ),
        ]
    }

    /// How much of its demand came through which bundles.
    fn bundles(&self, item: &PlannedItem<'_>) -> Option<String> {
        let taken = &self.prepared.taken;
        let at = taken.binary_search_by_key(&item.facts.index, |taken| taken.item).ok()?;
        let TakenByBundles { of_units, bundles, .. } = &taken[at];
        let units: Fixed = bundles.iter().map(|(_, units)| *units).sum();
        let share = 100.0 * units.to_f64() / of_units.to_f64().max(f64::MIN_POSITIVE);
        let named: Vec<String> =
            bundles.iter().take(MAX_LISTED).map(|(sku, units)| format!("{sku} {units}")).collect();
        let more = if bundles.len() > MAX_LISTED { ", …" } else { "" };
        Some(format!(
            "bundles      {units} of {of_units} units of the last year ({share:.0} %) were sold \
             in bundles: {}{more}",
            named.join(", ")
        ))
    }

    /// What an item with little history of its own is believed to sell, and as whom.
    fn start(&self, item: &PlannedItem<'_>) -> Option<String> {
        let (histories, index) = (&self.prepared.histories, item.facts.index);
        let bucket_days = histories.calendar.mean_days();
        let days = histories.buckets_of(index) as f64 * bucket_days;
        if days >= NEW_DAYS {
            return None;
        }

        if let Some(similar) = histories.similar_to(index) {
            let share = 100.0 * (1.0 - days / NEW_DAYS);
            let sku = &self.prepared.keys[similar.item].sku;
            return Some(format!(
                "similar      {share:.0} % of its level are that of {sku} × {}",
                similar.factor
            ));
        }

        let (category, band) = (histories.category[index], histories.worth_band[index]);
        let (level, start) = self.fitted.start_of(category, band, histories.supplier[index])?;
        let whom = match start.scope {
            StartScope::All => "of the shop",
            StartScope::Category => "of its category",
            StartScope::CategoryAndBand => "of its category and price band",
        };
        let how = if start.are_launches { "started" } else { "sell" };
        Some(format!(
            "new          {} of history: {:.1} a week before its own sales count, as {} {whom} \
             {how}",
            counted(days.round() as usize, "day"),
            level * 7.0 / bucket_days,
            counted(start.items as usize, "item"),
        ))
    }

    /// Events, promotions and prices that move the buckets ahead, with what they do to demand.
    fn moves(&self, item: &PlannedItem<'_>) -> Vec<String> {
        let (histories, calendar) = (&self.prepared.histories, &self.settings.calendar);
        let index = item.facts.index;
        let first = calendar.bucket_of(histories.as_of);
        let ahead = first..first + self.settings.forecast.horizon as i32;

        let line = |mark: &Mark| {
            let factor = self.fitted.effect_of(mark, histories.category[index]);
            let is_ahead = mark.last >= ahead.start && mark.first < ahead.end;
            let from = date_of(calendar.start_of(mark.first.max(first)).max(histories.as_of));
            let name = histories.drivers.names().get(mark.driver as usize)?;
            (is_ahead && (factor - 1.0).abs() >= 0.005)
                .then(|| format!("moved by     {name}, from {from}: demand × {factor:.2}"))
        };
        histories
            .drivers
            .of(histories.location[index], index)
            .filter_map(line)
            .take(MAX_LISTED)
            .collect()
    }

    /// What people state about the item's demand, each with its reason and what it moves.
    fn changes(&self, item: &PlannedItem<'_>) -> Vec<String> {
        let index = item.facts.index;
        let changes = self.forecasts.changes(index);
        let inherited = self.prepared.changes.inherits(index);
        let inherited = inherited.map(|sku| format!("inherits     the demand history of {sku}"));
        let told = (0..changes.len()).map(|at| self.change(index, &changes[..=at]));

        inherited.into_iter().chain(told).collect()
    }

    /// The last of some changes, which are applied in turn.
    fn change(&self, index: usize, changes: &[DemandChange]) -> String {
        let Some((change, before)) = changes.split_last() else { return String::new() };
        let (reason, expires_on) = match &change.source {
            ChangeSource::EndDate(end) => {
                return format!("end          no demand after {}", date_of(*end));
            }
            ChangeSource::Launch(day) => {
                return format!("launch       no demand before {}", date_of(*day));
            }
            ChangeSource::SucceededBy { successor, day } => {
                return format!(
                    "end          {successor} takes over its demand from {} on",
                    date_of(*day)
                );
            }
            ChangeSource::SoldFirst { predecessor, day } => {
                return format!(
                    "before       what is left of {predecessor} serves {:.0} % of its demand until \
                     {}",
                    100.0 * (1.0 - change.value),
                    date_of(day.saturating_sub(1))
                );
            }
            ChangeSource::Override { reason, expires_on } => (reason, date_of(*expires_on)),
        };
        let what = match change.kind {
            OverrideKind::Set => format!("set {}", shown(change.value)),
            OverrideKind::Add => format!("add {}", shown(change.value)),
            OverrideKind::Multiply => format!("multiply by {}", change.value),
        };

        let as_of = self.prepared.as_of;
        let first = date_of(as_of.saturating_add_unsigned(change.from_day));
        let last = date_of(as_of.saturating_add_unsigned(change.to_day.saturating_sub(1)));
        let mean = |changes: &[DemandChange]| {
            let demand = self.forecasts.distribution_with(index, changes);
            demand.total(change.from_day, change.to_day).mean()
        };
        format!(
            "override     {what}, {first} to {last}: demand {:.1} -> {:.1}; {reason} (until \
             {expires_on})",
            mean(before),
            mean(changes)
        )
    }

    /// What was noticed about the item, and about the order that it would be written on.
    fn findings(&self, item: &PlannedItem<'_>) -> Vec<String> {
        let recipient = Recipient::of(item);
        let of_order = self.plan.book.findings.iter().filter(|found| {
            found.finding.key.is_none() && found.recipient.as_ref() == Some(&recipient)
        });
        let own = |finding: &&Finding| finding.key.as_ref() == Some(item.key());
        let about = self.plan.findings.iter().filter(own);

        let mut findings: Vec<&Finding> =
            about.chain(of_order.map(|found| &found.finding)).collect();
        findings
            .sort_by(|a, b| (a.code, &a.source, &a.message).cmp(&(b.code, &b.source, &b.message)));
        findings
            .iter()
            .map(|found| format!("  {} {}: {}", found.code.id(), found.code.name(), found.message))
            .collect()
    }
}

/// A field of `plan.csv` as JSON: a number where its column holds numbers.
fn field(column: &str, value: String) -> Value {
    if value.is_empty() {
        return Value::Null;
    }
    let is_text = PLAN_TEXTS.contains(&column) || column.contains("date");
    let number = if is_text { None } else { value.parse::<f64>().ok() };
    number.map_or(Value::String(value), |number| {
        if number.fract() == 0.0 && number.abs() < 1e15 {
            (number as i64).into()
        } else {
            number.into()
        }
    })
}

/// Units with at most one decimal.
fn shown(units: f64) -> String {
    let rounded = (units * 10.0).round() / 10.0;
    format!("{rounded}")
}

/// Lead time, protected time and what the levels are made of.
fn levels(item: &PlannedItem<'_>) -> Vec<String> {
    let (facts, levels) = (&item.facts, &item.row.levels);
    let (lead, sd) = (levels.lead_time_mean_days, levels.lead_time_sd_days);
    let in_turn: Vec<String> = facts.supply.in_turn.days().map(|days| days.to_string()).collect();
    let every = match levels.review_period_days {
        days if !in_turn.is_empty() => {
            format!("{} days apart in turn, the next in {days}", in_turn.join(", "))
        }
        1 => "every day".to_owned(),
        days => format!("every {days} days"),
    };
    let correlation = facts.supply.lead_time_correlation;
    let overtaken = format!(
        "             lead times of successive orders correlate by {correlation:.2}: one that is \
         late may be overtaken"
    );

    let mut lines = vec![
        format!(
            "lead time    {lead:.1} days ± {sd:.1} from {}; order dates {every}",
            facts.offer.supplier
        ),
        format!("             {}", lead_time_basis(&facts.lead_time)),
    ];
    let lead_time = &facts.supply.lead_time;
    let may_overtake = lead_time.range() > levels.review_period_days && correlation < TOGETHER;
    lines.extend(may_overtake.then_some(overtaken));
    lines.extend([
        format!(
            "protection   {:.1} days: demand of {:.1} expected (a day: {:.2})",
            levels.protection_days, levels.protection_demand_mean, levels.mean_daily_demand
        ),
        format!(
            "target       {} under {}: reorder point {:.1} = {:.1} + safety stock {:.1}",
            facts.target,
            facts.policy,
            levels.reorder_point,
            levels.protection_demand_mean,
            levels.safety_stock
        ),
        format!("             order up to {:.1}", levels.order_up_to_level),
    ]);
    lines
}

/// What a lead time goes by: what is stated, what receipts say, or both.
fn lead_time_basis(lead_time: &ItemLeadTime) -> String {
    let days = lead_time.stated_days;
    let orders = counted(lead_time.orders_received.round() as usize, "order");
    match lead_time.basis {
        LeadTimeBasis::Stated => format!("as stated, {days} days, whatever {orders} received say"),
        _ if lead_time.orders_received < 0.5 => format!("as stated, {days} days: none received"),
        LeadTimeBasis::Learnt => format!("learnt from {orders} received; {days} days are stated"),
        LeadTimeBasis::Mixed => format!("{days} days stated, mixed with {orders} received"),
    }
}

/// Stock, netted, and what threatens it.
fn stock(item: &PlannedItem<'_>) -> Vec<String> {
    let position = match item.row.stock {
        Some(stock) => format!(
            "position     {} on hand - {} allocated - {} backorders + {} on order = {} ({} comes \
             later)",
            stock.on_hand,
            stock.allocated,
            stock.backorders,
            stock.on_order,
            stock.inventory_position,
            stock.on_order_later
        ),
        None => "position     unknown: there is no stock record".to_owned(),
    };
    let risk = item.row.risk.map(|risk| {
        format!(
            "risk         {:.1} % to run short before an order can land; {:.2} units short \
             expected",
            risk.stockout_probability * 100.0,
            risk.expected_short_units
        )
    });

    std::iter::once(position).chain(risk).collect()
}

/// How the quantity came about, and what was decided.
fn decision(item: &PlannedItem<'_>) -> Vec<String> {
    let row = &item.row;
    let quantity = row.sizing.as_ref().map(|sizing| format!("quantity     {}", sizing.trail()));
    let ordered = if row.is_ordered() { row.sized_units() } else { Fixed::ZERO };
    let decided =
        format!("decision     {} ({}): {ordered} units", row.decision().as_str(), row.reason);

    quantity.into_iter().chain([decided]).collect()
}
