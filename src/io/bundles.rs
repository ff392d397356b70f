//! What tables say of bundles becomes what they say of components, as far as it does.

use std::collections::{BTreeMap, BTreeSet};

use super::clean::BundleNight;
use super::tables::{sort_backorders, sort_overrides};
use crate::domain::bundles::{Bundles, Content, Part};
use crate::domain::calendar::Day;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::tables::{Backorder, CleanDemand, Override, OverrideKind, Tables, Text};
use crate::domain::wording::counted;

/// Bundles that a message names, at most. Judgement: enough to know which are meant.
const NAMED: usize = 3;

/// Notes which skus are bundles tonight, puts components in the place of bundles that customers
/// wait for and that overrides add, and says what is not used.
pub(super) fn take_apart(
    tables: &mut Tables,
    demand: &CleanDemand,
    night: BundleNight<'_>,
) -> Vec<Finding> {
    let BundleNight { bundles, as_of } = night;
    if bundles.is_empty() {
        return Vec::new();
    }

    tables.bundles = bundles.skus_on(as_of);
    if let Some(waiting) = &mut tables.backorders {
        *waiting = std::mem::take(waiting)
            .into_iter()
            .flat_map(|row| components_owed(row, bundles, as_of))
            .collect();
        sort_backorders(waiting);
    }

    let mut unused = Unused::default();
    if let Some(stated) = &mut tables.overrides {
        let is_bundle = |row: &Override| tables.bundles.apart.contains(&*row.sku);
        let (of_bundles, others): (Vec<_>, Vec<_>) =
            std::mem::take(stated).into_iter().partition(is_bundle);
        *stated = others;
        for row in of_bundles {
            match row.kind {
                OverrideKind::Add => stated.extend(components_added(&row, demand, night)),
                OverrideKind::Set | OverrideKind::Multiply => unused.add("overrides", &row.sku),
            }
        }
        sort_overrides(stated);
    }
    let is_apart = |sku: &&Text| tables.bundles.apart.contains(&***sku);
    let off_sale = rows(&tables.availability).iter().filter(|row| row.in_stock < 1.0);
    off_sale.map(|row| &row.key.sku).filter(is_apart).for_each(|sku| {
        unused.add("availability", sku);
    });
    let prices = rows(&tables.prices).iter().map(|row| &row.sku);
    prices.filter(is_apart).for_each(|sku| unused.add("prices", sku));

    let mut findings = stocked(tables);
    findings.extend(unused.findings());
    findings
}

/// The parts of a bundle on a day; else, for what is sold before its first row or after its last,
/// those of tonight.
fn parts_on<'a>(bundles: &'a Bundles, sku: &str, day: Day, as_of: Day) -> Option<&'a [Part]> {
    let contents = bundles.of(sku)?;
    let tonight = contents.on(as_of);
    match (contents.on(day), tonight) {
        (Content::Parts(parts), _) | (Content::None, Content::Parts(parts)) => Some(parts),
        (Content::None | Content::Unresolved(_), _) => None,
    }
}

/// What a customer waits for who waits for a bundle: its components of the day of the order. The
/// price is that of the bundle, and says nothing of each.
fn components_owed(row: Backorder, bundles: &Bundles, as_of: Day) -> Vec<Backorder> {
    let Some(parts) = parts_on(bundles, &row.key.sku, row.ordered_on, as_of) else {
        return vec![row];
    };

    let owed = |part: &Part| Backorder {
        key: Key { sku: part.component.clone(), location: row.key.location.clone() },
        quantity: part.of(row.quantity),
        unit_price: None,
        ..row.clone()
    };
    parts.iter().map(owed).collect()
}

/// What an override adds to components that adds to a bundle; where it names no location, at those
/// where the bundle is sold, since components may be sold at others too.
fn components_added(row: &Override, demand: &CleanDemand, night: BundleNight<'_>) -> Vec<Override> {
    let day = row.from.max(night.as_of);
    let Some(parts) = parts_on(night.bundles, &row.sku, day, night.as_of) else {
        return Vec::new();
    };

    let sold = demand.bundles.keys.iter().filter(|key| key.sku == row.sku);
    let mut locations: Vec<Option<Text>> = match &row.location {
        Some(location) => vec![Some(location.clone())],
        None => sold.map(|key| Some(key.location.clone())).collect(),
    };
    if locations.is_empty() {
        locations.push(None);
    }

    let added = |location: Option<Text>, part: &Part| Override {
        sku: part.component.clone(),
        location,
        value: row.value * part.of(Fixed::ONE).to_f64(),
        reason: format!("{} (bundle {})", row.reason, row.sku).into(),
        ..row.clone()
    };
    locations
        .into_iter()
        .flat_map(|location| parts.iter().map(move |part| added(location.clone(), part)))
        .collect()
}

/// What a bundle has of its own.
#[derive(Default)]
struct Own {
    on_hand: Fixed,
    allocated: Fixed,
    waiting: Fixed,
    on_order: Fixed,
}

/// Says which bundles have stock, open orders and the like.
fn stocked(tables: &Tables) -> Vec<Finding> {
    let is_apart = |key: &Key| tables.bundles.apart.contains(&*key.sku);
    let mut own: BTreeMap<&Key, Own> = BTreeMap::new();
    for row in rows(&tables.stock).iter().filter(|row| is_apart(&row.key)) {
        let own = own.entry(&row.key).or_default();
        own.on_hand += row.on_hand;
        own.allocated += row.allocated;
        own.waiting += row.backorders.unwrap_or_default();
    }
    for row in rows(&tables.purchase_orders).iter().filter(|row| is_apart(&row.key)) {
        own.entry(&row.key).or_default().on_order += row.quantity;
    }

    let mut findings = Vec::new();
    for (key, Own { on_hand, allocated, waiting, on_order }) in own {
        let parts = [
            (on_hand, "on hand"),
            (allocated, "allocated"),
            (waiting, "backordered in `stock`"),
            (on_order, "on order"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(units, _)| *units != Fixed::ZERO)
            .map(|(units, what)| format!("{units} {what}"))
            .collect();
        if !parts.is_empty() {
            let message = format!("{} of the bundle itself are not counted", parts.join(", "));
            findings.push(Finding::about(Code::BundleStocked, "components", key, message));
        }
    }
    findings
}

/// Rows about bundles that say nothing of components, by table: how many, and of which skus.
#[derive(Default)]
struct Unused(BTreeMap<&'static str, (usize, BTreeSet<Text>)>);

impl Unused {
    fn add(&mut self, table: &'static str, sku: &Text) {
        let (count, skus) = self.0.entry(table).or_default();
        *count += 1;
        skus.insert(sku.clone());
    }

    fn findings(self) -> Vec<Finding> {
        let finding = |(table, (count, skus)): (&'static str, (usize, BTreeSet<Text>))| {
            let named: Vec<&str> = skus.iter().take(NAMED).map(|sku| &**sku).collect();
            let more = if skus.len() > NAMED { ", …" } else { "" };
            let message = format!(
                "{} of {} ({}{more}) say nothing of components and are not used",
                counted(count, "row"),
                counted(skus.len(), "bundle"),
                named.join(", ")
            );
            Finding::of_table(Code::BundleRowsUnused, table, message)
        };
        self.0.into_iter().map(finding).collect()
    }
}
