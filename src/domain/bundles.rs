//! Bundles: what is sold as one sku and leaves the shelf as several.
//!
//! What a bundle is made of may change from day to day, and its components may be bundles
//! themselves. For each bundle it is worked out once what one of it takes of items that are none,
//! from which day on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::calendar::{Day, date_of};
use super::finding::{Code, Finding};
use super::fixed::{Fixed, LIMIT, SCALE};
use super::key::Key;

/// Text shared between rows, as in the typed tables.
type Text = Arc<str>;

/// How deep bundles may be nested: rows of `components` from what is sold down to what is stocked.
/// The contract states it.
pub const MAX_DEPTH: usize = 8;

/// Parts of a unit in which quantities of nested bundles are multiplied. Judgement: eight digits
/// more than a quantity has, so that what is rounded is the demand and not the way to it.
const STEPS: i128 = 1_000_000_000_000;

/// A row of `components`: one `sku` takes `quantity` of `component`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Component {
    /// What is sold.
    #[serde(with = "super::shared_text")]
    pub sku: Text,
    /// What it is made of.
    #[serde(with = "super::shared_text")]
    pub component: Text,
    /// How much of that one unit takes; above 0.
    pub quantity: Fixed,
    /// First day on which the row holds; `None`: ever since.
    pub from: Option<Day>,
    /// Last day; `None`: from then on.
    pub to: Option<Day>,
}

impl Component {
    fn holds_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let begins_in = |a: &Self, b: &Self| b.holds_on(a.from.unwrap_or(Day::MIN));
        begins_in(self, other) || begins_in(other, self)
    }
}

/// What one bundle takes of an item that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The item.
    pub component: Text,
    /// How much of it, in [`STEPS`].
    quantity: i128,
}

impl Part {
    /// What so many bundles take, rounded once.
    #[must_use]
    pub fn of(&self, bundles: Fixed) -> Fixed {
        let product = i128::from(bundles.steps()).saturating_mul(self.quantity);
        let half = STEPS / 2 * product.signum();
        let most = LIMIT as i128 * i128::from(SCALE);
        Fixed::of_steps((product.saturating_add(half) / STEPS).clamp(-most, most) as i64)
    }

    /// How many whole bundles an amount of the item suffices for.
    #[must_use]
    pub fn suffices_for(&self, units: Fixed) -> i64 {
        let steps = i128::from(units.steps().max(0)) * (STEPS / i128::from(SCALE));
        i64::try_from(steps / self.quantity.max(1)).unwrap_or(i64::MAX)
    }
}

/// What a sku is on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// No bundle: no row holds.
    None,
    /// A bundle of these items, by sku.
    Parts(Vec<Part>),
    /// A bundle that cannot be taken apart, and the way down on which that shows.
    Unresolved(Vec<Text>),
}

/// What one sku is from which days on, the earliest first; it begins with the first day there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents(Vec<(Day, Content)>);

impl Contents {
    /// What the sku is on a day.
    #[must_use]
    pub fn on(&self, day: Day) -> &Content {
        let at = self.0.partition_point(|(from, _)| *from <= day);
        at.checked_sub(1).map_or(&Content::None, |at| &self.0[at].1)
    }
}

/// Every bundle, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundles {
    by_sku: BTreeMap<Text, Contents>,
    findings: Vec<Finding>,
}

/// The rows of each sku.
type Rows<'a> = BTreeMap<&'a str, Vec<&'a Component>>;

impl Bundles {
    /// The bundles of a table.
    #[must_use]
    pub fn new(components: &[Component]) -> Self {
        let mut rows = Rows::new();
        for row in components {
            rows.entry(&row.sku).or_default().push(row);
        }

        let mut bundles = Self { findings: overlaps(&rows), ..Self::default() };
        for (sku, own) in &rows {
            let contents = contents(&rows, sku);
            bundles.findings.extend(unresolved(sku, &contents));
            if let Some(row) = own.first() {
                bundles.by_sku.insert(row.sku.clone(), contents);
            }
        }
        bundles
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_sku.is_empty()
    }

    /// What a sku is from which days on; `None` if it is never a bundle.
    #[must_use]
    pub fn of(&self, sku: &str) -> Option<&Contents> {
        self.by_sku.get(sku)
    }

    /// What is odd about the table.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The skus that are bundles on a day.
    #[must_use]
    pub fn skus_on(&self, day: Day) -> BundleSkus {
        let mut skus = BundleSkus::default();
        for (sku, contents) in &self.by_sku {
            match contents.on(day) {
                Content::None => {}
                Content::Parts(_) => drop(skus.apart.insert(sku.to_string())),
                Content::Unresolved(_) => drop(skus.unresolved.insert(sku.to_string())),
            }
        }
        skus
    }
}

/// The skus that are bundles on the day that a run stands at.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BundleSkus {
    /// Those that are taken apart: they are neither stocked nor ordered.
    pub apart: BTreeSet<String>,
    /// Those that cannot be: they are blocked.
    pub unresolved: BTreeSet<String>,
}

/// What the orders hold of bundles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SoldBundles {
    /// Bundles with an order row, sorted.
    pub keys: Vec<Key>,
    /// Units of components that the last year's sales of a bundle took: by component, then bundle.
    pub taken: BTreeMap<Key, BTreeMap<Text, Fixed>>,
}

/// What a sku is, from each day on which it changes.
fn contents(rows: &Rows<'_>, sku: &str) -> Contents {
    let mut days = BTreeSet::from([Day::MIN]);
    for row in below(rows, sku).iter().filter_map(|sku| rows.get(sku)).flatten() {
        days.extend(row.from);
        days.extend(row.to.map(|to| to.saturating_add(1)));
    }

    let mut changes: Vec<(Day, Content)> = Vec::new();
    for day in days {
        let mut apart = TakingApart { rows, day, path: Vec::new(), known: BTreeMap::new() };
        let content = match apart.parts(sku) {
            Err(path) => Content::Unresolved(path),
            Ok(None) => Content::None,
            Ok(Some(Parts { units, .. })) => {
                let part = |(sku, quantity): (&str, i128)| Part { component: sku.into(), quantity };
                Content::Parts(units.into_iter().map(part).collect())
            }
        };
        if changes.last().is_none_or(|(_, last)| *last != content) {
            changes.push((day, content));
        }
    }
    Contents(changes)
}

/// A sku and the bundles that it may hold, as deep as they may be nested.
fn below<'a>(rows: &Rows<'a>, sku: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([sku]);
    let mut level = vec![sku];
    for _ in 0..=MAX_DEPTH {
        let components = level.iter().filter_map(|sku| rows.get(sku)).flatten();
        let next: BTreeSet<&str> =
            components.map(|row| &*row.component).filter(|sku| rows.contains_key(sku)).collect();
        level = next.into_iter().filter(|sku| found.insert(sku)).collect();
    }
    found
}

/// What one bundle takes, and how deep it is nested.
#[derive(Clone)]
struct Parts<'a> {
    depth: usize,
    units: BTreeMap<&'a str, i128>,
}

/// One bundle being taken apart on one day.
struct TakingApart<'r, 'a> {
    rows: &'r Rows<'a>,
    day: Day,
    /// From what is taken apart down to where we are.
    path: Vec<&'a str>,
    known: BTreeMap<&'a str, Option<Parts<'a>>>,
}

impl<'a> TakingApart<'_, 'a> {
    /// What one of a sku takes; `None` where it is no bundle.
    ///
    /// # Errors
    /// The way down to where it leads back to itself or too deep.
    fn parts(&mut self, sku: &'a str) -> Result<Option<Parts<'a>>, Vec<Text>> {
        let is_in_circle = self.path.contains(&sku);
        if let Some(known) = self.known.get(sku).filter(|_| !is_in_circle) {
            let depth = known.as_ref().map_or(0, |parts| parts.depth);
            return if self.path.len() + depth > MAX_DEPTH {
                Err(self.way_to(sku))
            } else {
                Ok(known.clone())
            };
        }

        let day = self.day;
        let rows = self.rows.get(sku).into_iter().flatten().filter(|row| row.holds_on(day));
        let rows: Vec<&'a Component> = rows.copied().collect();
        if is_in_circle || (!rows.is_empty() && self.path.len() >= MAX_DEPTH) {
            return Err(self.way_to(sku));
        }
        if rows.is_empty() {
            self.known.insert(sku, None);
            return Ok(None);
        }

        self.path.push(sku);
        let mut parts = Parts { depth: 1, units: BTreeMap::new() };
        for row in rows {
            let quantity = i128::from(row.quantity.steps()) * (STEPS / i128::from(SCALE));
            let Some(inner) = self.parts(&row.component)? else {
                add(&mut parts.units, &row.component, quantity);
                continue;
            };
            parts.depth = parts.depth.max(inner.depth + 1);
            for (component, each) in inner.units {
                let product = each.saturating_mul(quantity);
                add(&mut parts.units, component, product.saturating_add(STEPS / 2) / STEPS);
            }
        }
        self.path.pop();
        self.known.insert(sku, Some(parts.clone()));
        Ok(Some(parts))
    }

    fn way_to(&self, sku: &str) -> Vec<Text> {
        self.path.iter().copied().chain([sku]).map(Text::from).collect()
    }
}

fn add<'a>(units: &mut BTreeMap<&'a str, i128>, component: &'a str, quantity: i128) {
    let sum = units.entry(component).or_default();
    *sum = sum.saturating_add(quantity);
}

/// Says that a bundle cannot be taken apart.
fn unresolved(sku: &str, contents: &Contents) -> Option<Finding> {
    let path = contents.0.iter().find_map(|(_, content)| match content {
        Content::Unresolved(path) => Some(path),
        Content::None | Content::Parts(_) => None,
    })?;
    let last = path.last()?;
    let is_circle = path.iter().filter(|step| *step == last).count() > 1;
    let names: Vec<&str> = path.iter().map(|step| &**step).collect();
    let way = names.join(" > ");
    let message = match is_circle {
        true => format!("its components lead back to themselves: {way}; it is not taken apart"),
        false => format!(
            "its components are nested more than {MAX_DEPTH} deep: {way} > …; it is not taken apart"
        ),
    };
    Some(Finding::about(Code::BundleUnresolved, "components", &Key::new(sku, ""), message))
}

/// Rows of one bundle and component that hold on the same days.
fn overlaps(rows: &Rows<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (sku, own) in rows {
        let mut of_component: BTreeMap<&str, Vec<&Component>> = BTreeMap::new();
        for row in own {
            of_component.entry(&row.component).or_default().push(row);
        }
        for (component, mut rows) in of_component {
            rows.sort_by_key(|row| (row.from, row.to, row.quantity));
            let Some(pair) = rows.windows(2).find(|pair| pair[0].overlaps(pair[1])) else {
                continue;
            };
            let first = pair.iter().filter_map(|row| row.from).max();
            let from = first.map_or(String::new(), |day| format!(" from {} on", date_of(day)));
            let message = format!(
                "two rows of {component} hold on the same days{from}: {} and {} add up",
                pair[0].quantity, pair[1].quantity
            );
            let key = Key::new(sku, "");
            findings.push(Finding::about(Code::ComponentsOverlap, "components", &key, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sku: &str, component: &str, quantity: f64) -> Component {
        Component {
            sku: sku.into(),
            component: component.into(),
            quantity: Fixed::from_f64(quantity).unwrap_or_default(),
            from: None,
            to: None,
        }
    }

    fn units(bundles: &Bundles, sku: &str, day: Day) -> Option<Vec<(String, f64)>> {
        match bundles.of(sku)?.on(day) {
            Content::Parts(parts) => {
                let each = |part: &Part| (part.component.to_string(), part.of(Fixed::ONE).to_f64());
                Some(parts.iter().map(each).collect())
            }
            _ => None,
        }
    }

    #[test]
    fn nested_bundles_multiply_and_round_once() {
        let third = 0.3333;
        let rows = [row("a", "b", third), row("a", "x", 1.0), row("b", "x", third)];
        let bundles = Bundles::new(&rows);
        assert_eq!(units(&bundles, "a", 0), Some(vec![("x".to_owned(), 1.1111)]));
        let Some(Content::Parts(parts)) = bundles.of("a").map(|contents| contents.on(0)) else {
            panic!("a is a bundle")
        };
        assert_eq!(parts[0].of(Fixed::from_units(10_000)).to_string(), "11110.8889");
        assert_eq!(parts[0].suffices_for(Fixed::from_units(3)), 2);
    }

    #[test]
    fn eight_levels_are_taken_apart_and_a_ninth_is_not_whatever_the_order() {
        let chain: Vec<Component> = (0..9)
            .map(|at| row(&format!("n{at}"), &format!("n{}", at + 1), 2.0))
            .chain([row("n0", "n5", 1.0)])
            .collect();
        let bundles = Bundles::new(&chain);
        assert!(units(&bundles, "n0", 0).is_none(), "nine levels");
        assert_eq!(units(&bundles, "n1", 0), Some(vec![("n9".to_owned(), 256.0)]));
        let path = bundles.findings().iter().map(|found| &found.message).collect::<Vec<_>>();
        assert!(path.len() == 1 && path[0].contains("more than 8 deep"), "{path:?}");

        // The short way to n3 is met first, and its depth counts on the long one too.
        let mut rows = chain.clone();
        rows.insert(0, row("n0", "n3", 1.0));
        assert!(units(&Bundles::new(&rows), "n0", 0).is_none());
    }

    #[test]
    fn a_circle_holds_on_the_days_on_which_its_rows_do() {
        let until = |row: Component, to: Day| Component { to: Some(to), ..row };
        let from = |row: Component, from: Day| Component { from: Some(from), ..row };
        let rows =
            [until(row("a", "b", 1.0), 10), from(row("b", "a", 1.0), 11), row("c", "a", 1.0)];
        let bundles = Bundles::new(&rows);
        assert!(bundles.findings().is_empty(), "never both at once");
        assert_eq!(units(&bundles, "c", 10), Some(vec![("b".to_owned(), 1.0)]));
        assert_eq!(units(&bundles, "c", 11), Some(vec![("a".to_owned(), 1.0)]));

        let rows = [row("a", "b", 1.0), from(row("b", "a", 1.0), 11), row("c", "b", 1.0)];
        let bundles = Bundles::new(&rows);
        let named: Vec<&str> = bundles
            .findings()
            .iter()
            .filter_map(|found| found.key.as_ref())
            .map(|key| &*key.sku)
            .collect();
        assert_eq!(named, ["a", "b", "c"]);
        assert_eq!(bundles.skus_on(10).unresolved.len(), 0);
        assert_eq!(bundles.skus_on(11).unresolved.len(), 3);
    }
}
