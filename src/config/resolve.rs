//! From the raw configuration to [`Settings`]: ranges checked, words and patterns read, paths made
//! absolute.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use chrono::Weekday;
use glob::Pattern;

use super::choices::{ABC_CLASSES, DEMAND_CLASSES, Rows, STATUSES, WeekStart, XYZ_CLASSES};
use super::raw::{
    OneOrMany, RawBackorders, RawConfig, RawCurrency, RawDemand, RawExclude, RawForecast, RawHook,
    RawInput, RawInputs, RawNotices, RawPlan, RawPurchasing, RawRisk, RawRule, RawRuleMatch,
    RawRun,
};
use super::settings::{
    AutoApprove, Backorders, Currency, Demand, Exclude, Forecast, Hook, Input, Notices, Plan,
    Purchasing, Risk, Rule, RuleMatch, Run, TextTest, WordTest,
};
pub use super::settings::{InputSource, Settings};
use super::source::{self, Overlay};
use super::suggestions::with_suggestion;
use crate::domain::calendar::{BucketCalendar, BucketLength};
use crate::domain::models::ModelChoice;
use crate::domain::policy::UnmetDemand;
use crate::error::{Error, Result};

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
        let plan = plan(raw.plan)?;
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

        let inputs = raw
            .inputs
            .given()
            .map(|(table, input)| input_source(table, input, base))
            .collect::<Result<_>>()?;
        check_rows(&raw.inputs, raw.run.bucket)?;

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
            hooks,
            canonical,
        })
    }
}

/// Refuses order rows that cover more than a bucket: which bucket their demand belongs to is not
/// known, and a month's demand put into one week looks like a lumpy item. Rows of `availability`
/// may cover more: each bucket in them counts as one in which the item was not on sale all the
/// time.
fn check_rows(inputs: &RawInputs, bucket: BucketLength) -> Result<()> {
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

fn input_source(table: &'static str, input: &RawInput, base: &Path) -> Result<InputSource> {
    let key = |name: &str| format!("inputs.{table}.{name}");
    let written = input.path.as_slice().to_vec();
    if written.is_empty() || written.iter().any(|path| path.trim().is_empty()) {
        return Err(Error::config(format!("`{}` is empty", key("path")))
            .hint("name a file, a glob or a list of them"));
    }

    let cannot_separate = |mark: &char| !mark.is_ascii() || *mark == '"' || *mark == '\n';
    if let Some(mark) = input.delimiter.filter(cannot_separate) {
        let key = key("delimiter");
        return Err(Error::config(format!("`{key}` = {mark:?} cannot separate fields")));
    }
    if !matches!(input.decimal, '.' | ',') {
        let (key, mark) = (key("decimal"), input.decimal);
        return Err(Error::config(format!("`{key}` = {mark:?} is neither '.' nor ','")));
    }

    let paths = written.iter().map(|path| base.join(path)).collect();
    let exclude =
        input.exclude.iter().map(|rule| exclude(table, rule)).collect::<Result<Vec<_>>>()?;
    let input = Input {
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
    Ok(InputSource { table, written, paths, input })
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

fn plan(raw: RawPlan) -> Result<Plan> {
    check_stretches(
        "plan",
        Some(raw.lead_time_days),
        raw.lead_time_sd_days,
        Some(raw.review_period_days),
    )?;
    in_range("plan.order_cycle_days", raw.order_cycle_days, 0.0, 3_650.0)?;
    in_range("plan.max_cover_days", raw.max_cover_days, 0.0, 36_500.0)?;
    in_range("plan.lost_unit_weight", raw.lost_unit_weight.unwrap_or(1.0), 1e-3, 1.0)?;
    in_range("plan.order_cost", raw.order_cost.unwrap_or(0.0), 0.0, 1e9)?;
    let holding = raw.holding_cost_per_year.unwrap_or(0.0);
    in_range("plan.holding_cost_per_year", holding, 0.0, 100.0)?;

    let named = |(at, rule)| plan_rule(&format!("plan.rule[{}]", at + 1), rule);
    let rules = raw.rules.into_iter().enumerate().map(named).collect::<Result<Vec<_>>>()?;
    Ok(Plan {
        policy: raw.policy,
        lead_time_days: raw.lead_time_days,
        lead_time_sd_days: raw.lead_time_sd_days,
        lead_time: raw.lead_time,
        review_period_days: raw.review_period_days,
        order_cycle_days: raw.order_cycle_days,
        unmet_demand: raw.unmet_demand.unwrap_or(UnmetDemand::Backorder),
        states_unmet_demand: raw.unmet_demand.is_some(),
        missing_stock: raw.missing_stock,
        max_cover_days: raw.max_cover_days,
        target: raw.target,
        order_cost: raw.order_cost,
        holding_cost_per_year: raw.holding_cost_per_year,
        lost_unit_weight: raw.lost_unit_weight,
        rules,
    })
}

fn plan_rule(name: &str, raw: RawRule) -> Result<Rule> {
    check_stretches(name, raw.lead_time_days, raw.lead_time_sd_days, raw.review_period_days)?;
    let cycle = raw.order_cycle_days.unwrap_or(0.0);
    in_range(&format!("{name}.order_cycle_days"), cycle, 0.0, 3_650.0)?;
    let cover = raw.max_cover_days.unwrap_or(0.0);
    in_range(&format!("{name}.max_cover_days"), cover, 0.0, 36_500.0)?;
    let weight = raw.lost_unit_weight.unwrap_or(1.0);
    in_range(&format!("{name}.lost_unit_weight"), weight, 1e-3, 1.0)?;

    if raw.matches == RawRuleMatch::default() {
        return Err(Error::config(format!("`{name}` has an empty `match`"))
            .hint("a rule for every item belongs under [plan] itself"));
    }

    Ok(Rule {
        matches: rule_match(&format!("{name}.match"), &raw.matches)?,
        target: raw.target,
        policy: raw.policy,
        lead_time_days: raw.lead_time_days,
        lead_time_sd_days: raw.lead_time_sd_days,
        lead_time: raw.lead_time,
        review_period_days: raw.review_period_days,
        order_cycle_days: raw.order_cycle_days,
        max_cover_days: raw.max_cover_days,
        lost_unit_weight: raw.lost_unit_weight,
    })
}

fn rule_match(name: &str, raw: &RawRuleMatch) -> Result<RuleMatch> {
    let text = |given: &Option<String>| given.as_deref().map(TextTest::of);
    let key = |word: &str| format!("{name}.{word}");

    Ok(RuleMatch {
        sku: text(&raw.sku),
        location: text(&raw.location),
        category: text(&raw.category),
        supplier: text(&raw.supplier),
        status: word_test(&key("status"), raw.status.as_deref(), &STATUSES)?,
        abc: word_test(&key("abc"), raw.abc.as_deref(), &ABC_CLASSES)?,
        xyz: word_test(&key("xyz"), raw.xyz.as_deref(), &XYZ_CLASSES)?,
        demand_class: word_test(
            &key("demand_class"),
            raw.demand_class.as_deref(),
            &DEMAND_CLASSES,
        )?,
    })
}

/// A test that holds for at least one word that items can have; `None` if none is given.
fn word_test(
    key: &str,
    given: Option<&str>,
    vocabulary: &'static [&'static str],
) -> Result<Option<WordTest>> {
    let Some(text) = given else { return Ok(None) };

    let test = WordTest::of(text, vocabulary).ok_or_else(|| {
        let names: Vec<String> = vocabulary.iter().map(|word| (*word).to_owned()).collect();
        let error = Error::config(format!("`{key}` = {text:?} can match no item"))
            .hint(format!("it is one of {}, or a pattern of them", names.join(", ")));
        with_suggestion(error, text, &names)
    })?;
    Ok(Some(test))
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

/// The longest that a hook may take, seconds: a day. Judgement: the next run begins then.
const MAX_HOOK_SECONDS: f64 = 86_400.0;

fn hook(number: usize, raw: RawHook, base: &Path) -> Result<Hook> {
    let RawHook { on, mut command, timeout_s } = raw;
    let key = |name: &str| format!("hooks[{number}].{name}");
    in_range(&key("timeout_s"), f64::from(timeout_s), 1.0, MAX_HOOK_SECONDS)?;
    let Some(program) = command.first_mut().filter(|program| !program.trim().is_empty()) else {
        return Err(Error::config(format!("`{}` names no program", key("command")))
            .hint("such as [\"./after-the-run.sh\", \"--now\"]; no shell reads it"));
    };
    if program.contains('/') {
        let path = tidy(&base.join(&*program));
        // By its name alone it would be looked up.
        let path = if path.components().count() == 1 { Path::new(".").join(path) } else { path };
        // A folder whose name is no UTF-8 cannot be put before a text.
        *program = path.to_str().unwrap_or(program).to_owned();
    }
    Ok(Hook { on, command, timeout: Duration::from_secs(u64::from(timeout_s)) })
}

fn in_range(key: &str, value: f64, min: f64, max: f64) -> Result<()> {
    if value >= min && value <= max {
        return Ok(());
    }

    Err(Error::config(format!("`{key}` = {value} is not between {min} and {max}")))
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
            ("[forecast]\nmodel = \"etss\"", "forecast.model"),
            ("[inputs.orders]\npath = \"\"", "inputs.orders.path"),
            ("[[hooks]]\non = \"done\"\ncommand = []", "hooks[1].command"),
            ("[[hooks]]\non = \"done\"\ncommand = [\" \"]", "hooks[1].command"),
            ("[[hooks]]\non = \"done\"\ncommand = [\"x\"]\ntimeout_s = 0", "hooks[1].timeout_s"),
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
    fn a_hook_is_a_program_that_is_looked_up_or_starts_at_the_file() {
        let program = |written: &str, base: &str| {
            let text = format!("[[hooks]]\non = \"done\"\ncommand = [\"{written}\", \"a b\"]\n");
            let raw = source::parse(&text, "restock.toml", &Overlay::default()).unwrap();
            let hook = Settings::resolve(raw, Path::new(base)).unwrap().hooks.remove(0);
            assert_eq!((hook.timeout.as_secs(), hook.command[1].as_str()), (60, "a b"));
            hook.command[0].clone()
        };
        assert_eq!(program("curl", "/base"), "curl");
        assert_eq!(program("./x.sh", "/base"), "/base/x.sh");
        assert_eq!(program("./x.sh", "."), "./x.sh");
        assert_eq!(program("/bin/x", "/base"), "/bin/x");
    }

    #[test]
    fn quantiles_are_sorted_and_single() {
        let settings = resolve("[forecast]\nquantiles = [0.9, 0.5, 0.9]").unwrap();
        assert_eq!(settings.forecast.quantiles, [0.5, 0.9]);
    }

    #[test]
    fn a_word_that_no_item_has_is_refused_with_the_nearest() {
        for (test, key, nearest) in [
            ("status = \"phaseout\"", "plan.rule[1].match.status", "phase_out"),
            ("status = \"discont\"", "plan.rule[1].match.status", "discontinued"),
            ("abc = \"a\"", "plan.rule[1].match.abc", "A"),
            ("xyz = \"y\"", "plan.rule[1].match.xyz", "Y"),
            ("demand_class = \"intermitent\"", "plan.rule[1].match.demand_class", "intermittent"),
            ("demand_class = \"Lumpy*\"", "plan.rule[1].match.demand_class", "lumpy"),
        ] {
            let text = format!("[[plan.rule]]\nmatch = {{ {test} }}\nlead_time_days = 3\n");
            let error = resolve(&text).unwrap_err();
            assert!(error.message.contains(key), "{test}: {}", error.message);
            let meant = format!("did you mean `{nearest}`?");
            assert!(error.hints.contains(&meant), "{test}: {:?}", error.hints);
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn a_pattern_of_words_holds_for_each_that_it_names() {
        let text = "[[plan.rule]]\nmatch = { abc = \"[AB]\", status = \"*\" }\npolicy = \"rS\"\n";
        let tests = resolve(text).unwrap().plan.rules[0].matches.clone();
        let abc = tests.abc.unwrap();
        assert_eq!(["A", "B", "C"].map(|class| abc.matches(class)), [true, true, false]);
        assert!(STATUSES.iter().all(|status| tests.status.as_ref().unwrap().matches(status)));
    }

    #[test]
    fn a_text_that_is_no_pattern_is_compared_as_it_is() {
        assert!(TextTest::of("A[1").matches("A[1") && !TextTest::of("A[1").matches("A1"));
        assert!(TextTest::of("A*").matches("A[1"));
    }

    #[test]
    fn a_misspelt_model_is_refused_from_the_environment_and_from_a_flag_too() {
        let wrong = |environment: Vec<(String, String)>, flags: Vec<(String, String)>| {
            let overlay = Overlay { environment, flags };
            let raw = source::parse("", "restock.toml", &overlay).unwrap();
            Settings::resolve(raw, Path::new("/base")).unwrap_err()
        };
        let set = |key: &str| vec![(key.to_owned(), "smoothin".to_owned())];
        for error in [
            wrong(set("RESTOCK_FORECAST_MODEL"), Vec::new()),
            wrong(Vec::new(), set("forecast.model")),
        ] {
            assert_eq!(error.exit_code(), 2);
            assert!(error.hints.iter().any(|hint| hint == "did you mean `smoothing`?"), "{error}");
        }
    }
}
