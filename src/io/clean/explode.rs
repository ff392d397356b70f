//! Sales of bundles become sales of their components, after the row rules: a cancellation and a
//! return are of what was sold, and that is the bundle.

use std::collections::BTreeMap;

use super::Moved;
use crate::domain::bundles::{Bundles, Content, Contents, Part, SoldBundles};
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::Text;
use crate::io::orders::OrderRows;

/// Days over which what bundles took is told. As for classes.
const TOLD_DAYS: Day = 365;

/// Bundles as a night knows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BundleNight<'a> {
    pub(crate) bundles: &'a Bundles,
    /// The day that the night stands at.
    pub(crate) as_of: Day,
}

/// The place of items that are no bundles.
const NO_BUNDLE: u32 = u32::MAX;

/// What taking sales apart gives.
pub(super) struct Exploded {
    pub(super) sold: SoldBundles,
    pub(super) findings: Vec<Finding>,
}

/// A bundle at a location.
struct BundleItem<'a> {
    /// Its item number.
    item: u32,
    contents: &'a Contents,
    sku: Text,
    location: u32,
    /// Whether any row is of it.
    is_seen: bool,
    /// Item numbers of its components there.
    items: BTreeMap<Text, u32>,
    /// Units that it sold on days without components, and on which of them first and last.
    without: Option<(Fixed, Day, Day)>,
}

/// Adds a row for each component of each used sale of a bundle, and uses the sale no more. What a
/// bundle of tonight sold on days on which it had no components is demand of nothing.
pub(super) fn explode(
    rows: &mut OrderRows,
    used: &mut Vec<bool>,
    moved: &mut Moved,
    night: BundleNight<'_>,
) -> Exploded {
    let mut exploded = Exploded { sold: SoldBundles::default(), findings: Vec::new() };
    let mut items = bundle_items(rows, night.bundles);
    if items.is_empty() {
        return exploded;
    }
    // Where each item number stands among the bundles: most rows are of none, and to find that out
    // has to be quick.
    let mut place_of = vec![NO_BUNDLE; rows.items.all().len()];
    for (place, bundle) in (0_u32..).zip(&items) {
        place_of[bundle.item as usize] = place;
    }

    let mut taken: BTreeMap<(u32, u32), Fixed> = BTreeMap::new();
    for at in 0..used.len() {
        let place = place_of[rows.item[at] as usize];
        let Some(bundle) = items.get_mut(place as usize) else { continue };
        bundle.is_seen = true;
        if !used[at] {
            continue;
        }

        let day = moved.get(&at).copied().unwrap_or(rows.day[at]);
        let quantity = Fixed::of_steps(rows.quantity[at]);
        match bundle.contents.on(day) {
            Content::Parts(parts) => {
                used[at] = false;
                for part in parts {
                    let component = bundle.component(rows, part);
                    let units = part.of(quantity);
                    if rows.day[at] >= night.as_of.saturating_sub(TOLD_DAYS) {
                        *taken.entry((component, place)).or_default() += units;
                    }
                    if let Some(day) = moved.get(&at).copied() {
                        moved.insert(rows.item.len(), day);
                    }
                    rows.item.push(component);
                    rows.day.push(rows.day[at]);
                    rows.quantity.push(units.steps());
                    rows.row.push(rows.row.at(at));
                    used.push(true);
                }
            }
            Content::None if matches!(bundle.contents.on(night.as_of), Content::Parts(_)) => {
                used[at] = false;
                let (units, first, last) = bundle.without.get_or_insert((Fixed::ZERO, day, day));
                *units += quantity;
                (*first, *last) = ((*first).min(day), (*last).max(day));
            }
            // Its own demand: it was no bundle on that day, or it cannot be taken apart.
            Content::None | Content::Unresolved(_) => {}
        }
    }

    for bundle in items.iter().filter(|bundle| bundle.is_seen) {
        let key = rows.key(bundle.item);
        exploded.findings.extend(bundle.sold_without(&key));
        if matches!(bundle.contents.on(night.as_of), Content::Parts(_)) {
            exploded.sold.keys.push(key);
        }
    }
    exploded.sold.keys.sort();
    for ((component, place), units) in taken {
        let of = exploded.sold.taken.entry(rows.key(component)).or_default();
        *of.entry(items[place as usize].sku.clone()).or_default() += units;
    }
    exploded
}

/// The items of the order rows that are bundles on some day.
fn bundle_items<'a>(rows: &OrderRows, bundles: &'a Bundles) -> Vec<BundleItem<'a>> {
    if bundles.is_empty() {
        return Vec::new();
    }

    let items = rows.items.all().iter().zip(0_u32..);
    items
        .filter_map(|((sku, location), item)| {
            let sku = rows.texts.get(*sku);
            let contents = bundles.of(sku)?;
            Some(BundleItem {
                item,
                contents,
                sku: sku.into(),
                location: *location,
                is_seen: false,
                items: BTreeMap::new(),
                without: None,
            })
        })
        .collect()
}

impl BundleItem<'_> {
    /// The item number of a component at the bundle's location.
    fn component(&mut self, rows: &mut OrderRows, part: &Part) -> u32 {
        if let Some(known) = self.items.get(&part.component) {
            return *known;
        }

        let sku = rows.texts.number(&part.component);
        let item = rows.items.number((sku, self.location));
        self.items.insert(part.component.clone(), item);
        item
    }

    fn sold_without(&self, key: &Key) -> Option<Finding> {
        let (units, first, last) = self.without?;
        let when = match first == last {
            true => format!("on {}", date_of(first)),
            false => format!("between {} and {}", date_of(first), date_of(last)),
        };
        let message =
            format!("{units} sold {when}, when no row of its components holds, are demand of none");
        Some(Finding::about(Code::SoldWithoutComponents, "components", key, message))
    }
}
