//! Which rule of `[[plan.rule]]` decides a field for an item.

use crate::config::settings::{Rule, RuleMatch};

/// What a rule can test of an item: texts and words, all without a unit.
#[derive(Debug, Clone, Copy)]
pub struct Traits<'a> {
    /// The item's own key.
    pub sku: &'a str,
    /// Where it is stocked.
    pub location: &'a str,
    /// Its category; empty if `items` states none.
    pub category: &'a str,
    /// The supplier that delivers it.
    pub supplier: &'a str,
    /// Its status, one of [`STATUSES`](crate::config::choices::STATUSES).
    pub status: &'a str,
    /// Its class by value of demand: `A`, `B` or `C`.
    pub abc: &'a str,
    /// Its class by variability of demand: `X`, `Y` or `Z`.
    pub xyz: &'a str,
    /// The shape of its demand, one of [`DEMAND_CLASSES`](crate::config::choices::DEMAND_CLASSES).
    pub demand_class: &'a str,
}

/// The value that the first matching rule which names the field gives; `None` if there is none.
pub fn first<T>(
    rules: &[Rule],
    traits: &Traits<'_>,
    field: impl Fn(&Rule) -> Option<T>,
) -> Option<T> {
    rules.iter().filter(|rule| holds(&rule.matches, traits)).find_map(field)
}

/// Whether all tests that are given hold.
fn holds(tests: &RuleMatch, traits: &Traits<'_>) -> bool {
    let texts = [
        (&tests.sku, traits.sku),
        (&tests.location, traits.location),
        (&tests.category, traits.category),
        (&tests.supplier, traits.supplier),
    ];
    let words = [
        (&tests.status, traits.status),
        (&tests.abc, traits.abc),
        (&tests.xyz, traits.xyz),
        (&tests.demand_class, traits.demand_class),
    ];

    words.iter().all(|(test, word)| test.as_ref().is_none_or(|test| test.matches(word)))
        && texts.iter().all(|(test, text)| test.as_ref().is_none_or(|test| test.matches(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::TextTest;

    const ITEM: Traits<'_> = Traits {
        sku: "CO-1001",
        location: "depot",
        category: "coffee",
        supplier: "ROAST",
        status: "active",
        abc: "A",
        xyz: "X",
        demand_class: "smooth",
    };

    fn rule(sku: &str, days: Option<f64>) -> Rule {
        let matches = RuleMatch { sku: Some(TextTest::of(sku)), ..RuleMatch::default() };
        Rule { matches, lead_time_days: days, ..Rule::default() }
    }

    #[test]
    fn the_first_rule_that_matches_and_names_the_field_decides() {
        let rules = [
            rule("XX*", Some(1.0)),
            rule("CO-*", None),
            rule("*", Some(3.0)),
            rule("CO-1001", Some(4.0)),
        ];
        assert_eq!(first(&rules, &ITEM, |rule| rule.lead_time_days), Some(3.0));
        assert_eq!(first(&rules, &ITEM, |rule| rule.order_cycle_days), None);
    }
}
