//! What a unit of each item is worth, so that items can be classed by money.

use std::collections::BTreeMap;

use crate::config::settings::Currency;
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::tables::{Tables, Text};
use crate::domain::wording::counted;

/// Items that a finding names. Judgement: what one reads at a glance.
const NAMED: usize = 5;

/// Price bands in a tenfold of worth. Judgement: items of a third of the price, or of three times
/// it, sell in other quantities.
const BANDS_IN_TENFOLD: f64 = 2.0;
/// Bounds of worth that bands are told between, as powers of ten. Judgement.
const MIN_POWER: f64 = -4.0;
const MAX_POWER: f64 = 6.0;

/// Number of the price band of a worth in the base currency; 0 where it is nothing.
#[must_use]
pub fn worth_band(worth: Fixed) -> u32 {
    if worth <= Fixed::ZERO {
        return 0;
    }
    let power = libm::log10(worth.to_f64()).clamp(MIN_POWER, MAX_POWER);
    1 + ((power - MIN_POWER) * BANDS_IN_TENFOLD).floor() as u32
}

/// What a unit of each item is worth in the base currency: its price, else its cost, else the
/// median of its category at the location, else of the location, else of all.
///
/// An item that the `items` table lacks is worth nothing, since it is not bought. Where no item has
/// a price or a cost, each unit of all of them is worth the same.
#[must_use]
pub fn unit_worths(
    tables: &Tables,
    currency: &Currency,
    keys: &[Key],
    sold_at: &[Option<Fixed>],
) -> (Vec<Fixed>, Option<Finding>) {
    let is_known = |key: &Key| tables.items.is_none() || tables.item(&key.sku).is_some();
    let stated = |(key, sold_at): (&Key, &Option<Fixed>)| {
        let item = tables.item(&key.sku);
        let price = item.and_then(|item| item.unit_price).or(*sold_at);
        let worth = price.or_else(|| unit_cost(tables, currency, key));
        worth.filter(|worth| is_known(key) && *worth > Fixed::ZERO)
    };
    let stated: Vec<Option<Fixed>> = keys.iter().zip(sold_at).map(stated).collect();

    let medians = Medians::of(tables, keys, &stated);
    let guessed: Vec<&Key> = keys
        .iter()
        .zip(&stated)
        .filter(|(key, worth)| worth.is_none() && is_known(key))
        .map(|(key, _)| key)
        .collect();
    let finding = medians.of_all.and(guessed_finding(&guessed));

    let worth = |(key, worth): (&Key, &Option<Fixed>)| match worth {
        Some(worth) => *worth,
        None if is_known(key) => medians.for_item(tables, key).unwrap_or(Fixed::ONE),
        None => Fixed::ZERO,
    };
    (keys.iter().zip(&stated).map(worth).collect(), finding)
}

/// The cost of a unit in the base currency; `None` where none is stated, or its currency has no
/// rate. The table `item_suppliers` counts where `items` states nothing.
fn unit_cost(tables: &Tables, currency: &Currency, key: &Key) -> Option<Fixed> {
    let own = tables.item(&key.sku).and_then(|item| Some((item.unit_cost?, item.supplier.clone())));
    let of_best = || {
        let offers = tables.item_suppliers_of(&key.sku).iter();
        let best = offers.min_by_key(|row| row.rank.unwrap_or(i64::MAX))?;
        Some((best.unit_cost?, Some(best.supplier.clone())))
    };
    let (cost, supplier) = own.or_else(of_best)?;
    let code = supplier.and_then(|name| tables.supplier(&name)?.currency.clone());
    let rate = match code {
        Some(code) if *code != *currency.base => *currency.rates.get(&*code)?,
        _ => 1.0,
    };

    Some(Fixed::clamped(cost.to_f64() * rate))
}

/// Median worths, base currency.
struct Medians {
    by_category: BTreeMap<(Text, Text), Fixed>,
    by_location: BTreeMap<Text, Fixed>,
    of_all: Option<Fixed>,
}

impl Medians {
    fn of(tables: &Tables, keys: &[Key], stated: &[Option<Fixed>]) -> Self {
        let mut by_category: BTreeMap<(Text, Text), Vec<Fixed>> = BTreeMap::new();
        let mut by_location: BTreeMap<Text, Vec<Fixed>> = BTreeMap::new();
        for (key, worth) in keys.iter().zip(stated) {
            let Some(worth) = *worth else { continue };
            if let Some(category) = category(tables, key) {
                let group = (key.location.clone(), category);
                by_category.entry(group).or_default().push(worth);
            }
            by_location.entry(key.location.clone()).or_default().push(worth);
        }

        Self {
            of_all: median(stated.iter().flatten().copied().collect()),
            by_category: medians(by_category),
            by_location: medians(by_location),
        }
    }

    /// For an item that states nothing itself.
    fn for_item(&self, tables: &Tables, key: &Key) -> Option<Fixed> {
        let of_category = category(tables, key)
            .and_then(|category| self.by_category.get(&(key.location.clone(), category)));
        let of_location = || self.by_location.get(&key.location);
        of_category.or_else(of_location).copied().or(self.of_all)
    }
}

fn category(tables: &Tables, key: &Key) -> Option<Text> {
    tables.item(&key.sku).and_then(|item| item.category.clone())
}

fn medians<K: Ord>(groups: BTreeMap<K, Vec<Fixed>>) -> BTreeMap<K, Fixed> {
    groups.into_iter().filter_map(|(group, worths)| Some((group, median(worths)?))).collect()
}

/// The middle one, of an even number the lower of the two.
fn median(mut worths: Vec<Fixed>) -> Option<Fixed> {
    worths.sort_unstable();
    worths.get(worths.len().saturating_sub(1) / 2).copied()
}

fn guessed_finding(guessed: &[&Key]) -> Option<Finding> {
    let names: Vec<String> = guessed.iter().take(NAMED).map(|key| key.to_string()).collect();
    let more = match guessed.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "{} without price and cost: the ABC class goes by the median of the category or location: \
         {}{more}",
        counted(guessed.len(), "item"),
        names.join(", ")
    );

    (!guessed.is_empty()).then(|| Finding::of_table(Code::WorthUnknown, "items", message))
}
