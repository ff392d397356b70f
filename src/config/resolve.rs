//! Checked settings: what the pipeline works with. Built from the raw configuration; every value in
//! range.

use std::path::{Component, Path, PathBuf};

use chrono::Weekday;

use super::raw::{self, RawConfig};
use super::source::{self, Overlay};
use crate::domain::calendar::BucketCalendar;
use crate::error::{Error, Result};

/// The settings of one run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How demand is bucketed.
    pub calendar: BucketCalendar,
    /// `[run]`
    pub run: raw::Run,
    /// Where each given table comes from, in the contract's order.
    pub inputs: Vec<InputSource>,
    /// `[demand]`
    pub demand: raw::Demand,
    /// `[forecast]`, quantiles ascending.
    pub forecast: raw::Forecast,
    /// `[plan]`
    pub plan: raw::Plan,
    /// `[risk]`
    pub risk: raw::Risk,
    /// `[purchasing]`
    pub purchasing: raw::Purchasing,
    /// `[currency]`
    pub currency: raw::Currency,
    /// Where run directories are made.
    pub outputs_dir: PathBuf,
    /// The whole configuration as canonical TOML, paths as written: what the manifest's hash is
    /// taken of.
    pub canonical: String,
}

/// One table's files and how to read them.
#[derive(Debug, Clone)]
pub struct InputSource {
    /// The table's name in the contract.
    pub table: &'static str,
    /// Paths or globs as written, for messages.
    pub written: Vec<String>,
    /// The same, made absolute against the configuration file's directory.
    pub paths: Vec<PathBuf>,
    /// How to read them.
    pub input: raw::Input,
}

impl Settings {
    /// Reads and checks the configuration at `path`.
    ///
    /// # Errors
    /// A configuration error that names the key, and what it may be.
    pub fn load(path: &Path, overlay: &Overlay) -> Result<Self> {
        let (raw, base) = source::read(path, overlay)?;
        Self::resolve(raw, &base)
    }

    /// Checks a raw configuration whose relative paths start at `base`.
    ///
    /// # Errors
    /// A configuration error that names the key, and what it may be.
    pub fn resolve(mut raw: RawConfig, base: &Path) -> Result<Self> {
        let canonical = toml::to_string(&raw)
            .map_err(|cause| Error::internal("cannot write the settings").because(cause))?;
        check_run(&raw.run)?;
        check_forecast(&mut raw.forecast)?;
        check_plan(&raw.plan)?;
        check_money(&raw)?;
        let inputs = raw
            .inputs
            .given()
            .map(|(table, input)| resolve_input(table, input, base))
            .collect::<Result<_>>()?;
        Ok(Self {
            calendar: BucketCalendar::new(raw.run.bucket, weekday(raw.run.week_start)),
            run: raw.run,
            inputs,
            demand: raw.demand,
            forecast: raw.forecast,
            plan: raw.plan,
            risk: raw.risk,
            purchasing: raw.purchasing,
            currency: raw.currency,
            outputs_dir: tidy(&base.join(&raw.outputs.dir)),
            canonical,
        })
    }

    /// The source of a table, if it is given.
    #[must_use]
    pub fn input(&self, table: &str) -> Option<&InputSource> {
        self.inputs.iter().find(|source| source.table == table)
    }
}

/// What holding stock costs a year, as a share of its cost, where costs are compared and none is
/// stated: the middle of the usual 20 to 30 % (Silver, Pyke & Thomas, *Inventory and Production
/// Management in Supply Chains*, section 2.5).
const USUAL_HOLDING_SHARE: f64 = 0.25;

impl Settings {
    /// What holding stock costs a year, as a share of its cost, for comparing order quantities.
    #[must_use]
    pub fn holding_share(&self) -> f64 {
        self.plan.holding_cost_per_year.filter(|share| *share > 0.0).unwrap_or(USUAL_HOLDING_SHARE)
    }
}

/// The path without `name/..`, which is only noise to a reader.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        let after_a_name = matches!(tidy.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::ParentDir if after_a_name => {
                tidy.pop();
            }
            Component::CurDir => {}
            part => tidy.push(part),
        }
    }
    tidy
}

fn weekday(start: raw::WeekStart) -> Weekday {
    match start {
        raw::WeekStart::Monday => Weekday::Mon,
        raw::WeekStart::Tuesday => Weekday::Tue,
        raw::WeekStart::Wednesday => Weekday::Wed,
        raw::WeekStart::Thursday => Weekday::Thu,
        raw::WeekStart::Friday => Weekday::Fri,
        raw::WeekStart::Saturday => Weekday::Sat,
        raw::WeekStart::Sunday => Weekday::Sun,
    }
}

fn resolve_input(table: &'static str, input: &raw::Input, base: &Path) -> Result<InputSource> {
    let key = |name: &str| format!("inputs.{table}.{name}");
    let written = input.path.as_slice().to_vec();
    if written.is_empty() || written.iter().any(|path| path.trim().is_empty()) {
        return Err(Error::config(format!("`{}` is empty", key("path")))
            .hint("name a file, a glob or a list of them"));
    }
    if let Some(mark) =
        input.delimiter.filter(|mark| !mark.is_ascii() || *mark == '"' || *mark == '\n')
    {
        return Err(Error::config(format!(
            "`{}` = {mark:?} cannot separate fields",
            key("delimiter")
        )));
    }
    if !matches!(input.decimal, '.' | ',') {
        return Err(Error::config(format!(
            "`{}` = {:?} is neither '.' nor ','",
            key("decimal"),
            input.decimal
        )));
    }
    let formats = input.date_format.as_ref().map(raw::OneOrMany::as_slice);
    if formats.is_some_and(<[String]>::is_empty) {
        return Err(Error::config(format!("`{}` is an empty list", key("date_format")))
            .hint("leave it out for ISO 8601"));
    }
    let is_none = |format: &&String| {
        chrono::format::StrftimeItems::new(format).any(|item| item == chrono::format::Item::Error)
    };
    if let Some(format) = formats.unwrap_or_default().iter().find(is_none) {
        return Err(Error::config(format!(
            "`{}` = {format:?} is no date format",
            key("date_format")
        ))
        .hint("such as \"%d/%m/%Y\" or \"%Y-%m-%d %H:%M\""));
    }
    for rule in &input.exclude {
        if rule.equals.is_none() && rule.matches.is_none() && rule.below.is_none() {
            return Err(Error::config(format!(
                "`{}` names column {:?} and no test",
                key("exclude"),
                rule.column
            ))
            .hint("give one of `equals`, `matches` or `below`"));
        }
    }
    let paths = written.iter().map(|path| base.join(path)).collect();
    Ok(InputSource { table, written, paths, input: input.clone() })
}

fn check_run(run: &raw::Run) -> Result<()> {
    in_range("run.max_bad_rows", run.max_bad_rows, 0.0, 1.0)
}

fn check_forecast(forecast: &mut raw::Forecast) -> Result<()> {
    in_range("forecast.horizon", forecast.horizon as f64, 1.0, 1_000.0)?;
    for level in &forecast.quantiles {
        if !(*level > 0.0 && *level < 1.0) {
            return Err(Error::config(format!(
                "`forecast.quantiles` holds {level}, which is not between 0 and 1"
            )));
        }
    }
    if forecast.quantiles.is_empty() {
        return Err(
            Error::config("`forecast.quantiles` is empty").hint("such as [0.05, 0.5, 0.95]")
        );
    }
    forecast.quantiles.sort_by(f64::total_cmp);
    forecast.quantiles.dedup();
    Ok(())
}

fn check_plan(plan: &raw::Plan) -> Result<()> {
    check_stretches(
        "plan",
        Some(plan.lead_time_days),
        plan.lead_time_sd_days,
        Some(plan.review_period_days),
    )?;
    in_range("plan.order_cycle_days", plan.order_cycle_days, 0.0, 3_650.0)?;
    in_range("plan.max_cover_days", plan.max_cover_days, 0.0, 36_500.0)?;
    in_range("plan.lost_unit_weight", plan.lost_unit_weight.unwrap_or(1.0), 1e-3, 1.0)?;
    for (number, rule) in plan.rules.iter().enumerate() {
        let name = format!("plan.rule[{}]", number + 1);
        check_stretches(
            &name,
            rule.lead_time_days,
            rule.lead_time_sd_days,
            rule.review_period_days,
        )?;
        in_range(
            &format!("{name}.order_cycle_days"),
            rule.order_cycle_days.unwrap_or(0.0),
            0.0,
            3_650.0,
        )?;
        in_range(
            &format!("{name}.max_cover_days"),
            rule.max_cover_days.unwrap_or(0.0),
            0.0,
            36_500.0,
        )?;
        in_range(
            &format!("{name}.lost_unit_weight"),
            rule.lost_unit_weight.unwrap_or(1.0),
            1e-3,
            1.0,
        )?;
        if rule.matches == raw::RuleMatch::default() {
            return Err(Error::config(format!("`{name}` has an empty `match`"))
                .hint("a rule for every item belongs under [plan] itself"));
        }
    }
    Ok(())
}

fn check_stretches(
    name: &str,
    lead: Option<f64>,
    sd: Option<f64>,
    review: Option<u32>,
) -> Result<()> {
    in_range(&format!("{name}.lead_time_days"), lead.unwrap_or(0.0), 0.0, 1_500.0)?;
    in_range(&format!("{name}.lead_time_sd_days"), sd.unwrap_or(0.0), 0.0, 1_500.0)?;
    in_range(&format!("{name}.review_period_days"), f64::from(review.unwrap_or(1)), 1.0, 366.0)
}

fn check_money(raw: &RawConfig) -> Result<()> {
    in_range("risk.min_probability", raw.risk.min_probability, 0.0, 1.0)?;
    in_range("purchasing.budget", raw.purchasing.budget.unwrap_or(0.0), 0.0, 1e12)?;
    in_range("plan.order_cost", raw.plan.order_cost.unwrap_or(0.0), 0.0, 1e9)?;
    in_range(
        "plan.holding_cost_per_year",
        raw.plan.holding_cost_per_year.unwrap_or(0.0),
        0.0,
        100.0,
    )?;
    for (code, rate) in &raw.currency.rates {
        in_range(&format!("currency.rates.{code}"), *rate, 1e-9, 1e9)?;
    }
    Ok(())
}

fn in_range(key: &str, value: f64, least: f64, most: f64) -> Result<()> {
    if value >= least && value <= most {
        return Ok(());
    }
    Err(Error::config(format!("`{key}` = {value} is not between {least} and {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<Settings> {
        Settings::resolve(
            source::parse(text, "restock.toml", &Overlay::default())?,
            Path::new("/base"),
        )
    }

    #[test]
    fn relative_paths_start_at_the_file() {
        let settings = resolve("[inputs.orders]\npath = \"data/orders.csv\"\n").unwrap();
        assert_eq!(settings.input("orders").unwrap().paths, [Path::new("/base/data/orders.csv")]);
        assert_eq!(settings.outputs_dir, Path::new("/base/runs"));
    }

    #[test]
    fn values_out_of_range_are_refused_with_the_key() {
        for (text, key) in [
            ("[forecast]\nquantiles = [1.5]", "forecast.quantiles"),
            ("[forecast]\nquantiles = [nan]", "forecast.quantiles"),
            ("[plan]\nlead_time_days = -1", "plan.lead_time_days"),
            ("[plan]\nlead_time_days = nan", "plan.lead_time_days"),
            ("[plan]\nreview_period_days = 0", "plan.review_period_days"),
            ("[run]\nmax_bad_rows = 2", "run.max_bad_rows"),
            ("[[plan.rule]]\nlead_time_days = 3", "plan.rule[1]"),
            ("[inputs.orders]\npath = \"\"", "inputs.orders.path"),
            ("[inputs.orders]\npath = \"x\"\ndate_format = \"%Q\"", "inputs.orders.date_format"),
            (
                "[inputs.orders]\npath = \"x\"\ndate_format = [\"%Y\", \"%Q\"]",
                "inputs.orders.date_format",
            ),
            ("[inputs.orders]\npath = \"x\"\ndate_format = []", "inputs.orders.date_format"),
        ] {
            let error = resolve(text).unwrap_err();
            assert!(error.message.contains(key), "{text}: {}", error.message);
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn quantiles_are_sorted_and_single() {
        let settings = resolve("[forecast]\nquantiles = [0.9, 0.5, 0.9]").unwrap();
        assert_eq!(settings.forecast.quantiles, [0.5, 0.9]);
    }
}
