//! From the raw configuration to [`Settings`]: ranges checked, words and patterns read, paths made
//! absolute.

mod handover;
mod inputs;
mod plan;
#[cfg(test)]
mod tests;

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::choices::WeekStart;
use super::raw::{
    RawBackorders, RawConfig, RawCurrency, RawDemand, RawForecast, RawHook, RawNotices,
    RawPurchasing, RawRisk, RawRun,
};
use super::settings::{
    AutoApprove, Backorders, Currency, Demand, Forecast, Hook, Notices, Purchasing, Risk, Run,
};
pub use super::settings::{InputSource, Settings};
use super::source::{self, Overlay};
use super::suggestions::with_suggestion;
use crate::domain::calendar::BucketCalendar;
use crate::domain::models::ModelChoice;
use crate::error::{Error, Result};
use chrono::Weekday;

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
    pub fn resolve(raw: RawConfig, base: &Path) -> Result<Self> {
        let canonical = toml::to_string(&raw)
            .map_err(|cause| Error::internal("cannot write the settings").because(cause))?;

        let calendar = BucketCalendar::new(raw.run.bucket, weekday(raw.run.week_start));
        let run = run(&raw.run)?;
        let forecast = forecast(raw.forecast)?;
        let plan = plan::plan(raw.plan)?;
        let risk = risk(&raw.risk)?;
        let purchasing = purchasing(&raw.purchasing)?;
        let backorders = backorders(&raw.backorders)?;
        let notices = notices(raw.notices, base)?;
        let currency = currency(raw.currency)?;

        // Runs would stand among the inputs and the configuration.
        if raw.outputs.dir.trim().is_empty() {
            return Err(Error::config("`outputs.dir` is empty").hint("name a folder, such as runs"));
        }

        let hooks = raw.hooks.into_iter().enumerate();
        let hooks = hooks.map(|(at, raw)| hook(at + 1, raw, base)).collect::<Result<_>>()?;

        let handover = handover::profiles(raw.handover)?;
        let buyer = handover::buyer(raw.handover_buyer)?;

        let inputs = raw
            .inputs
            .given()
            .map(|(table, input)| inputs::input_source(table, input, base))
            .collect::<Result<_>>()?;
        inputs::check_rows(&raw.inputs, raw.run.bucket)?;

        Ok(Self {
            calendar,
            run,
            inputs,
            demand: demand(raw.demand),
            forecast,
            plan,
            risk,
            purchasing,
            backorders,
            notices,
            currency,
            outputs_dir: tidy(&base.join(&raw.outputs.dir)),
            writes_page: raw.outputs.page,
            keeps_inputs: raw.outputs.keep_inputs,
            backtest_dir: raw.outputs.backtest.map(|dir| tidy(&base.join(dir))),
            table_form: raw.outputs.format,
            hooks,
            handover,
            buyer,
            canonical,
        })
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

fn weekday(start: WeekStart) -> Weekday {
    match start {
        WeekStart::Monday => Weekday::Mon,
        WeekStart::Tuesday => Weekday::Tue,
        WeekStart::Wednesday => Weekday::Wed,
        WeekStart::Thursday => Weekday::Thu,
        WeekStart::Friday => Weekday::Fri,
        WeekStart::Saturday => Weekday::Sat,
        WeekStart::Sunday => Weekday::Sun,
    }
}

fn run(raw: &RawRun) -> Result<Run> {
    in_range("run.max_bad_rows", raw.max_bad_rows, 0.0, 1.0)?;
    let RawRun { bucket: _, week_start: _, seed, max_age_days, max_bad_rows } = *raw;
    Ok(Run { seed, max_age_days, max_bad_rows })
}

fn demand(raw: RawDemand) -> Demand {
    let RawDemand { returns, cancel_match_days, spikes, sku_case, cancelled_statuses } = raw;
    Demand { returns, cancel_match_days, spikes, sku_case, cancelled_statuses }
}

fn forecast(raw: RawForecast) -> Result<Forecast> {
    let RawForecast { horizon, mut quantiles, model } = raw;
    in_range("forecast.horizon", horizon as f64, 1.0, 1_000.0)?;
    for level in &quantiles {
        if !(*level > 0.0 && *level < 1.0) {
            return Err(Error::config(format!(
                "`forecast.quantiles` holds {level}, which is not between 0 and 1"
            )));
        }
    }
    if quantiles.is_empty() {
        return Err(
            Error::config("`forecast.quantiles` is empty").hint("such as [0.05, 0.5, 0.95]")
        );
    }

    quantiles.sort_by(f64::total_cmp);
    quantiles.dedup();
    Ok(Forecast { horizon, quantiles, model: model_choice("forecast.model", &model)? })
}

/// Reads the name of a model, given by a setting or a flag.
///
/// # Errors
/// When no model has it: a configuration error with the nearest name and all names.
pub fn model_choice(given_by: &str, name: &str) -> Result<ModelChoice> {
    name.parse().map_err(|_| {
        let names: Vec<String> = ModelChoice::words().map(str::to_owned).collect();
        let error = Error::config(format!("no model is called {name} (`{given_by}`)"))
            .hint(format!("the models are {}", names.join(", ")));
        with_suggestion(error, name, &names)
    })
}

fn risk(raw: &RawRisk) -> Result<Risk> {
    let RawRisk { min_probability, min_value } = *raw;
    in_range("risk.min_probability", min_probability, 0.0, 1.0)?;
    in_range("risk.min_value", min_value, 0.0, 1e12)?;
    Ok(Risk { min_probability, min_value })
}

fn backorders(raw: &RawBackorders) -> Result<Backorders> {
    let RawBackorders { allocation, limit_days } = *raw;
    in_range("backorders.limit_days", limit_days, 0.0, 3_650.0)?;
    Ok(Backorders { allocation, limit_days })
}

fn notices(raw: RawNotices, base: &Path) -> Result<Notices> {
    let RawNotices { default_regime, transit_days, cancel_by, templates } = raw;
    in_range("notices.transit_days", f64::from(transit_days), 0.0, 365.0)?;
    let is_given = |text: &String| !text.trim().is_empty();
    Ok(Notices {
        default_regime,
        transit_days,
        cancel_by: cancel_by.filter(is_given),
        templates: templates.filter(is_given).map(|folder| tidy(&base.join(folder))),
        texts: std::collections::BTreeMap::new(),
    })
}

fn purchasing(raw: &RawPurchasing) -> Result<Purchasing> {
    let limits = &raw.auto_approve;
    let days = f64::from(raw.confirm_within_days);
    let times = limits.max_times_usual.unwrap_or(1.0);
    for (key, value, least, most) in [
        ("budget", raw.budget.unwrap_or(0.0), 0.0, 1e12),
        ("budget_per_month", raw.budget_per_month.unwrap_or(0.0), 0.0, 1e12),
        ("confirm_within_days", days, 1.0, 90.0),
        ("reopen_growth", raw.reopen_growth, 0.0, 1e3),
        ("max_order_value", raw.max_order_value.unwrap_or(0.0), 0.0, 1e12),
        ("max_times_usual", raw.max_times_usual, 1.0, 1e6),
        ("auto_approve.max_value", limits.max_value.unwrap_or(0.0), 0.0, 1e12),
        ("auto_approve.max_times_usual", times, 1.0, 1e6),
    ] {
        in_range(&format!("purchasing.{key}"), value, least, most)?;
    }
    Ok(Purchasing {
        budget: raw.budget,
        budget_per_month: raw.budget_per_month,
        pack_rounding: raw.pack_rounding,
        supplier_choice: raw.supplier_choice,
        joint_orders: raw.joint_orders,
        transfers: raw.transfers,
        advice_tolerance_days: raw.advice_tolerance_days,
        handover: raw.handover,
        confirm_within_days: raw.confirm_within_days,
        reopen_growth: raw.reopen_growth,
        max_order_value: raw.max_order_value,
        max_times_usual: raw.max_times_usual,
        auto_approve: AutoApprove {
            max_value: limits.max_value,
            max_times_usual: limits.max_times_usual,
            known_suppliers_only: limits.known_suppliers_only,
        },
    })
}

fn currency(raw: RawCurrency) -> Result<Currency> {
    let RawCurrency { base, rates } = raw;
    for (code, rate) in &rates {
        in_range(&format!("currency.rates.{code}"), *rate, 1e-9, 1e9)?;
    }
    Ok(Currency { base, rates })
}

/// The longest that a command may take, seconds: a day. Judgement: the next run begins then.
const MAX_COMMAND_SECONDS: f64 = 86_400.0;

fn hook(number: usize, raw: RawHook, base: &Path) -> Result<Hook> {
    let RawHook { on, mut command, timeout_s } = raw;
    let key = |name: &str| format!("hooks[{number}].{name}");
    in_range(&key("timeout_s"), f64::from(timeout_s), 1.0, MAX_COMMAND_SECONDS)?;
    find_program(&key("command"), &mut command, base)?;
    Ok(Hook { on, command, timeout: Duration::from_secs(u64::from(timeout_s)) })
}

/// Lets a program with a `/` in its name start at the configuration's folder.
fn find_program(key: &str, command: &mut [String], base: &Path) -> Result<()> {
    let Some(program) = command.first_mut().filter(|program| !program.trim().is_empty()) else {
        return Err(Error::config(format!("`{key}` names no program"))
            .hint("such as [\"./a-program.sh\", \"--now\"]; no shell reads it"));
    };
    if program.contains('/') {
        let path = tidy(&base.join(&*program));
        // By its name alone it would be looked up.
        let path = if path.components().count() == 1 { Path::new(".").join(path) } else { path };
        // A folder whose name is no UTF-8 cannot be put before a text.
        *program = path.to_str().unwrap_or(program).to_owned();
    }
    Ok(())
}

fn in_range(key: &str, value: f64, min: f64, max: f64) -> Result<()> {
    if value >= min && value <= max {
        return Ok(());
    }

    Err(Error::config(format!("`{key}` = {value} is not between {min} and {max}")))
}
