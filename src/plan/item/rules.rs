//! Which rule of `[[plan.rule]]` decides a field for an item.

use crate::config::settings::{Rule, RuleMatch};

/// What a rule can test of an item.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Traits<'a> {
    pub sku: &'a str,
    pub location: &'a str,
    pub category: &'a str,
    pub supplier: &'a str,
    pub status: &'a str,
    pub abc: &'a str,
    pub xyz: &'a str,
    pub demand_class: &'a str,
}

/// The value that the first matching rule which names the field gives.
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
