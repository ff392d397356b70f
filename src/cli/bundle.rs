//! What `restock explain` says of a bundle: what it is made of, and how many free stock makes.

use serde_json::{Map, Value, json};

use crate::demand::prepare::Prepared;
use crate::domain::bundles::{Bundles, Content, Part};
use crate::domain::calendar::date_of;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Tables, Text};
use crate::domain::wording::counted;
use crate::pipeline::NightPlan;
use crate::plan::{PlannedItem, Reason};
use crate::report::columns::PLAN;

/// A bundle at a location, with its components there.
pub(super) struct BundleItem {
    pub(super) key: Key,
    pub(super) description: Option<Text>,
    parts: Vec<Part>,
    /// The components among the planned items; `None` for one that is not planned there.
    indices: Vec<Option<usize>>,
}

/// What there is of one component.
struct Supply<'a> {
    part: &'a Part,
    /// Units free; `None` where stock is not known.
    free: Option<Fixed>,
    /// Bundles that they suffice for.
    enough_for: Option<i64>,
}

impl BundleItem {
    /// Some of the bundles that a night knows, by index.
    pub(super) fn some(prepared: &Prepared, tables: &Tables, chosen: &[usize]) -> Vec<Self> {
        let bundles = Bundles::new(if chosen.is_empty() { &[] } else { rows(&tables.components) });
        let of = |at: &usize| {
            let key = prepared.bundles[*at].clone();
            let Content::Parts(parts) = bundles.of(&key.sku)?.on(prepared.as_of) else {
                return None;
            };
            let index = |part: &Part| {
                let component = Key::new(&part.component, &key.location);
                prepared.keys.binary_search(&component).ok()
            };
            let indices = parts.iter().map(index).collect();
            let description = tables.item(&key.sku).and_then(|item| item.description.clone());
            Some(Self { key, description, parts: parts.clone(), indices })
        };
        chosen.iter().filter_map(of).collect()
    }

    /// Its components among the planned items.
    pub(super) fn components(&self) -> impl Iterator<Item = usize> {
        self.indices.iter().copied().flatten()
    }

    fn supplies(&self, plan: &NightPlan<'_>) -> Vec<Supply<'_>> {
        let planned = |index: usize| {
            let items = plan.entries.iter().filter_map(|entry| entry.planned());
            items.into_iter().find(|item: &&PlannedItem<'_>| item.facts.index == index)
        };
        let supply = |(part, index): (&'_ Part, &Option<usize>)| {
            // What is planned nowhere here has no stock row here either.
            let free = match index {
                None => Some(Fixed::ZERO),
                Some(index) => {
                    let stock = planned(*index).and_then(|item| item.row.stock);
                    stock.map(|stock| stock.free().or_zero())
                }
            };
            (free, free.map(|free| part.suffices_for(free)))
        };
        self.parts
            .iter()
            .zip(&self.indices)
            .map(|(part, index)| {
                let (free, enough_for) = supply((part, index));
                Supply { part, free, enough_for }
            })
            .collect()
    }

    /// What it is, in a sentence or two.
    pub(super) fn paragraph(&self, plan: &NightPlan<'_>) -> String {
        let supplies = self.supplies(plan);
        let made = match can_be_made(&supplies) {
            None => {
                "How many can be made is not known: a component has no stock record.".to_owned()
            }
            Some(most) => {
                let first = supplies.iter().min_by_key(|supply| supply.enough_for);
                let first = first.map(|supply| &*supply.part.component).unwrap_or_default();
                format!("{most} can be made from free stock; {first} gives out first.")
            }
        };
        format!(
            "It is a bundle of {}, and neither stocked nor ordered: its sales are demand of \
             these. {made}",
            counted(self.parts.len(), "item")
        )
    }

    /// Its components, line by line, and what was noticed about it.
    pub(super) fn trail(&self, plan: &NightPlan<'_>) -> Vec<String> {
        let component = |supply: &Supply<'_>| {
            let each = supply.part.of(Fixed::ONE);
            let there = match supply.free.zip(supply.enough_for) {
                Some((free, enough)) => format!("{free} free, enough for {enough}"),
                None => "its stock is not known".to_owned(),
            };
            format!("component    {each} × {}: {there}", supply.part.component)
        };
        let mut lines: Vec<String> = self.supplies(plan).iter().map(component).collect();
        lines.push(format!(
            "decision     {} ({})",
            Reason::Bundle.decision().as_str(),
            Reason::Bundle
        ));

        let about = plan.findings.iter().filter(|finding| {
            let key = finding.key.as_ref().filter(|key| key.sku == self.key.sku);
            key.is_some_and(|key| key.location.is_empty() || *key == self.key)
        });
        lines.extend(about.map(|found| {
            format!("  {} {}: {}", found.code.id(), found.code.name(), found.message)
        }));
        lines
    }

    /// The same for programs: the fields of `plan.csv`, and those that only a bundle has.
    pub(super) fn object(&self, plan: &NightPlan<'_>, prepared: &Prepared) -> Map<String, Value> {
        let supplies = self.supplies(plan);
        let mut object: Map<String, Value> =
            PLAN.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        let mut set = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
        set("as_of", date_of(prepared.as_of).to_string().into());
        set("sku", json!(&*self.key.sku));
        set("location", json!(&*self.key.location));
        set("decision", Reason::Bundle.decision().as_str().into());
        set("reason", Reason::Bundle.as_str().into());
        set("description", json!(self.description.as_deref()));
        set("can_be_made", json!(can_be_made(&supplies)));
        let component = |supply: &Supply<'_>| {
            json!({
                "sku": &*supply.part.component,
                "quantity": supply.part.of(Fixed::ONE).to_f64(),
                "free": supply.free.map(Fixed::to_f64),
                "enough_for": supply.enough_for,
            })
        };
        set("components", supplies.iter().map(component).collect());
        set("summary", self.paragraph(plan).into());
        set("trail", self.trail(plan).into());
        object
    }
}

/// How many bundles the free stock of all components makes; `None` where one is not known.
fn can_be_made(supplies: &[Supply<'_>]) -> Option<i64> {
    let each: Option<Vec<i64>> = supplies.iter().map(|supply| supply.enough_for).collect();
    each?.into_iter().min()
}
