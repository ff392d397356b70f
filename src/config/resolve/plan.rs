//! How stock is planned, and the exceptions from it.

use super::in_range;
use crate::config::choices::{ABC_CLASSES, DEMAND_CLASSES, STATUSES, XYZ_CLASSES};
use crate::config::raw::{RawPlan, RawRule, RawRuleMatch};
use crate::config::settings::{Plan, Rule, RuleMatch, TextTest, WordTest};
use crate::config::suggestions::with_suggestion;
use crate::domain::policy::UnmetDemand;
use crate::error::{Error, Result};

pub(super) fn plan(raw: RawPlan) -> Result<Plan> {
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
