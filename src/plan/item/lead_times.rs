//! What receipts and open orders say of lead times.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::calendar::Day;
use crate::domain::open_days::OpenDays;
use crate::domain::tables::{OpenOrder, OpenSource, Tables, Text};
use crate::inventory::day_distribution::DayDistribution;
use crate::inventory::lead_time::{
    Delivery, Observation, learnt, learnt_against, observations, orders_arrived, still_open,
};
use crate::plan::unlikely_lead_times::UsualLeadTimes;

use super::successive::{Arrived, correlations};

/// Orders that weigh as much as what all receipts say of those of one location. Chosen, as
/// the two below, on the purchase orders of 2011 and 2012 that `docs/SERVICE.md` describes.
const ALL_ORDERS: f64 = 20.0;
/// Orders that weigh as much as what the receipts of a location say of one supplier.
const LOCATION_ORDERS: f64 = 50.0;
/// Orders that weigh as much as what a supplier's receipts say of one of its items.
const SUPPLIER_ORDERS: f64 = 200.0;
/// A line overdue by more days says nothing about the supplier's usual time. Judgement: after a
/// quarter it was more likely forgotten or cancelled than it is still on its way.
const STALE_DAYS: Day = 90;

/// What receipts and open orders say of lead times: of all suppliers, by the location they deliver
/// to, by supplier, and by supplier and item.
///
/// The lines of one order travel together, so that they count as one order between them, except for
/// their own item.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(into = "WrittenEvidence", from = "WrittenEvidence")]
pub struct LeadTimeEvidence {
    all: Vec<Observation>,
    by_location: BTreeMap<Text, Vec<Observation>>,
    by_supplier: BTreeMap<Text, Vec<Observation>>,
    by_item: Arc<BTreeMap<(Text, Text), Vec<Observation>>>,
    /// Whether of items only what arrived counts.
    only_arrived: bool,
    /// Correlation of the lead times of an item's successive orders, by supplier.
    successive: BTreeMap<Text, f64>,
}

/// The evidence as it is written.
#[derive(serde::Serialize, serde::Deserialize)]
struct WrittenEvidence {
    all: Vec<Observation>,
    by_location: Vec<(String, Vec<Observation>)>,
    by_supplier: Vec<(String, Vec<Observation>)>,
    by_item: Vec<((String, String), Vec<Observation>)>,
    successive: Vec<(String, f64)>,
}

impl From<LeadTimeEvidence> for WrittenEvidence {
    fn from(evidence: LeadTimeEvidence) -> Self {
        let item = |((supplier, sku), seen): ((Text, Text), _)| {
            ((supplier.to_string(), sku.to_string()), seen)
        };
        Self {
            all: evidence.all,
            by_location: named(evidence.by_location),
            by_supplier: named(evidence.by_supplier),
            by_item: Arc::unwrap_or_clone(evidence.by_item).into_iter().map(item).collect(),
            successive: named(evidence.successive),
        }
    }
}

impl From<WrittenEvidence> for LeadTimeEvidence {
    fn from(written: WrittenEvidence) -> Self {
        let item = |((supplier, sku), seen): ((String, String), _)| {
            ((Text::from(supplier), Text::from(sku)), seen)
        };
        Self {
            all: written.all,
            by_location: shared(written.by_location),
            by_supplier: shared(written.by_supplier),
            by_item: Arc::new(written.by_item.into_iter().map(item).collect()),
            only_arrived: false,
            successive: shared(written.successive),
        }
    }
}

/// What is known by name, as it is written.
fn named<T>(known: BTreeMap<Text, T>) -> Vec<(String, T)> {
    known.into_iter().map(|(name, known)| (name.to_string(), known)).collect()
}

/// The same read back.
fn shared<T>(written: Vec<(String, T)>) -> BTreeMap<Text, T> {
    written.into_iter().map(|(name, known)| (Text::from(name), known)).collect()
}

/// The lead-time distributions of suppliers, by the location they deliver to where no lead time of
/// the supplier is stated.
#[derive(Debug, Default)]
pub struct SupplierLeadTimes {
    stated: BTreeMap<Text, DayDistribution>,
    by_location: BTreeMap<(Text, Text), DayDistribution>,
    of_location: BTreeMap<Text, DayDistribution>,
    received: BTreeMap<Text, Received>,
}

/// What a supplier's receipts say without what is stated.
#[derive(Debug)]
pub struct Received {
    /// How many orders arrived.
    pub orders: f64,
    /// Their lead times.
    pub lead_time: DayDistribution,
}

impl SupplierLeadTimes {
    /// The distribution of all deliveries to a location, whoever made them; `None` if there is no
    /// receipt and no open order.
    #[must_use]
    pub fn of_location(&self, location: &Text) -> Option<&DayDistribution> {
        self.of_location.get(location).or_else(|| self.of_location.get(""))
    }

    /// The distribution of a supplier's deliveries to a location; `None` if it has no receipts and
    /// no open orders.
    #[must_use]
    pub fn get(&self, supplier: &Text, location: &Text) -> Option<&DayDistribution> {
        let anywhere = || self.by_location.get(&(supplier.clone(), Text::default()));
        self.stated
            .get(supplier)
            .or_else(|| self.by_location.get(&(supplier.clone(), location.clone())))
            .or_else(anywhere)
    }

    /// What a supplier's receipts say alone; `None` if it has none.
    #[must_use]
    pub fn received(&self, supplier: &Text) -> Option<&Received> {
        self.received.get(supplier)
    }

    /// The distribution of a supplier that states no lead time: its own deliveries to a location,
    /// or those of all to the location where it has made none yet.
    #[must_use]
    pub fn unstated(&self, supplier: &Text, location: &Text) -> Option<&DayDistribution> {
        self.get(supplier, location).or_else(|| self.of_location(location))
    }
}

/// Whether an open line says something of its supplier's lead time on `as_of`.
fn is_usable(line: &OpenOrder, as_of: Day) -> bool {
    let is_placed = line.source == OpenSource::Table;
    is_placed
        && line.ordered_on.is_some_and(|ordered_on| {
            let expected_on = line.expected_on.unwrap_or(ordered_on);
            ordered_on < as_of && as_of.saturating_sub(expected_on) <= STALE_DAYS
        })
}

/// How many different numbers there are.
fn distinct(mut numbers: Vec<u64>) -> usize {
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}

/// An order line as it is collected.
struct Line<'a> {
    po_number: &'a Text,
    supplier: &'a Text,
    sku: &'a Text,
    location: &'a Text,
}

impl<'a> Line<'a> {
    /// The line as one order that arrived, of what is seen of it; `None` where that is nothing.
    fn arrived(
        &self,
        deliveries: &[Delivery],
        (seen, share): (&[Observation], f64),
    ) -> Option<Arrived<'a>> {
        let of_line: f64 = seen.iter().map(|o| o.weight).sum();
        let days = seen.iter().map(|o| f64::from(o.days) * o.weight).sum::<f64>() / of_line;
        let ordered_on = deliveries.first()?.ordered_on;
        (of_line > 0.0).then_some(Arrived {
            supplier: self.supplier,
            item: (self.sku, self.location),
            ordered_on,
            days,
            share,
        })
    }
}

impl LeadTimeEvidence {
    /// Collects the evidence known before `as_of`; lead times count the days on which the supplier
    /// works.
    #[must_use]
    pub fn collect(tables: &Tables, as_of: Day) -> Self {
        let usual = UsualLeadTimes::of(tables, as_of);
        let receipts = tables.receipts.as_deref().unwrap_or(&[]);
        let open = tables.purchase_orders.as_deref().unwrap_or(&[]);
        let open_days = OpenDays::by_supplier(tables);
        let open_days_until = |supplier: &Text, from: Day, to: Day| match open_days.get(supplier) {
            Some(open_days) if to >= from => from + open_days.between(from, to),
            _ => to,
        };

        let mut lines: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        let mut of_order: BTreeMap<(&str, &str), Vec<u64>> = BTreeMap::new();
        let mut deliveries: BTreeMap<u64, (Line<'_>, Vec<Delivery>)> = BTreeMap::new();
        for receipt in receipts.iter().filter(|receipt| usual.believes(receipt)) {
            let next = lines.len() as u64;
            let order_line = *lines.entry((&*receipt.po_number, &*receipt.key.sku)).or_insert(next);
            let line = Line {
                po_number: &receipt.po_number,
                supplier: &receipt.supplier,
                sku: &receipt.key.sku,
                location: &receipt.key.location,
            };
            let delivery = Delivery {
                order_line,
                ordered_on: receipt.ordered_on,
                received_on: open_days_until(
                    &receipt.supplier,
                    receipt.ordered_on,
                    receipt.received_on,
                ),
                quantity: receipt.quantity.to_f64(),
                expedited: receipt.expedited,
            };

            of_order.entry((&*receipt.supplier, &*receipt.po_number)).or_default().push(order_line);
            deliveries.entry(order_line).or_insert_with(|| (line, Vec::new())).1.push(delivery);
        }

        let says = |line: &&OpenOrder| is_usable(line, as_of) && usual.believes_open(line);
        let open: Vec<&OpenOrder> = open.iter().filter(says).collect();
        let first_open = lines.len() as u64;
        for (at, line) in open.iter().enumerate() {
            of_order
                .entry((&*line.supplier, &*line.po_number))
                .or_default()
                .push(first_open + at as u64);
        }

        // Counted once for each order, since an order may have thousands of lines.
        let lines_of: BTreeMap<(&str, &str), usize> =
            of_order.into_iter().map(|(order, lines)| (order, distinct(lines).max(1))).collect();
        let share = |supplier: &Text, po_number: &Text| {
            1.0 / lines_of.get(&(&**supplier, &**po_number)).map_or(1.0, |lines| *lines as f64)
        };

        let mut evidence = Self::default();
        let mut arrived = Vec::new();
        for (line, deliveries) in deliveries.values() {
            let share = share(line.supplier, line.po_number);
            let seen = observations(deliveries, as_of);
            arrived.extend(line.arrived(deliveries, (&seen, share)));
            evidence.add(line, share, seen);
        }
        evidence.successive = correlations(arrived);
        for line in open {
            let Some(ordered_on) = line.ordered_on else { continue };
            let age = open_days_until(&line.supplier, ordered_on, as_of) - ordered_on;
            let age = age.unsigned_abs();
            let share = share(&line.supplier, &line.po_number);
            let line = Line {
                po_number: &line.po_number,
                supplier: &line.supplier,
                sku: &line.key.sku,
                location: &line.key.location,
            };
            evidence.add(&line, share, vec![still_open(age)]);
        }

        evidence
    }

    /// The same without lines that are still open: what an open line is judged by, which is no
    /// evidence about itself. `None` where there is no open line.
    #[must_use]
    pub fn of_arrivals(&self) -> Option<Self> {
        if self.all.iter().all(|o| o.arrived) {
            return None;
        }
        let mut arrivals = Self { only_arrived: true, ..self.clone() };
        let maps = arrivals.by_location.values_mut().chain(arrivals.by_supplier.values_mut());
        let lists = maps.chain([&mut arrivals.all]);
        lists.for_each(|seen| seen.retain(|o| o.arrived));

        Some(arrivals)
    }

    fn add(&mut self, line: &Line<'_>, share: f64, observations: Vec<Observation>) {
        let of_order = observations.iter().map(|o| Observation { weight: o.weight * share, ..*o });
        self.all.extend(of_order.clone());
        self.by_location.entry(line.location.clone()).or_default().extend(of_order.clone());
        self.by_supplier.entry(line.supplier.clone()).or_default().extend(of_order);
        let by_item = Arc::make_mut(&mut self.by_item);
        let of_item = by_item.entry((line.supplier.clone(), line.sku.clone())).or_default();
        // Of most items there is one: room for four would be the most of what they take.
        of_item.reserve_exact(observations.len());
        of_item.extend(observations);
    }

    /// What is seen of an item from a supplier; `None` where there is nothing.
    fn of_item(&self, supplier: &Text, sku: &Text) -> Option<Cow<'_, [Observation]>> {
        let seen = self.by_item.get(&(supplier.clone(), sku.clone()))?;
        let is_all = !self.only_arrived || seen.iter().all(|o| o.arrived);
        Some(match is_all {
            true => Cow::Borrowed(seen),
            false => seen.iter().filter(|o| o.arrived).copied().collect(),
        })
    }

    /// The lead-time distributions of all suppliers with receipts or open orders. A stated lead
    /// time weighs as much as five orders. Where a supplier states none, what all receipts of the
    /// location say stands in its stead, and weighs as much as fifty; `usual` is what is stated for
    /// all.
    #[must_use]
    pub fn supplier_lead_times(
        &self,
        usual: &DayDistribution,
        stated: impl Fn(&Text) -> Option<DayDistribution>,
    ) -> SupplierLeadTimes {
        let mut distributions = SupplierLeadTimes::default();
        for (supplier, seen) in &self.by_supplier {
            let orders = orders_arrived(seen);
            if orders > 0.0 {
                let received = Received { orders, lead_time: learnt_against(seen, usual, 0.0) };
                distributions.received.insert(supplier.clone(), received);
            }
        }
        let (stated, unstated): (Vec<_>, Vec<_>) = self
            .by_supplier
            .iter()
            .map(|(supplier, seen)| (supplier, seen, stated(supplier)))
            .partition(|x| x.2.is_some());

        for (supplier, seen, distribution) in stated {
            distributions
                .stated
                .insert(supplier.clone(), learnt(seen, distribution.as_ref().unwrap_or(usual)));
        }
        if self.all.is_empty() {
            return distributions;
        }

        let all = learnt(&self.all, usual);
        let locations = self
            .by_location
            .iter()
            .map(|(location, seen)| (location.clone(), learnt_against(seen, &all, ALL_ORDERS)));
        let locations: Vec<(Text, DayDistribution)> =
            locations.chain([(Text::default(), all.clone())]).collect();
        distributions.of_location.extend(locations.iter().cloned());

        for (supplier, seen, _) in unstated {
            for (location, distribution) in &locations {
                let distribution = learnt_against(seen, distribution, LOCATION_ORDERS);
                distributions
                    .by_location
                    .insert((supplier.clone(), location.clone()), distribution);
            }
        }

        distributions
    }

    /// Correlation of the lead times of an item's successive orders from a supplier; 1 where
    /// nothing is known of it.
    #[must_use]
    pub fn correlation(&self, supplier: &Text) -> f64 {
        self.successive.get(supplier).copied().unwrap_or(1.0)
    }

    /// How many order lines of an item arrived from a supplier.
    #[must_use]
    pub fn orders_of_item(&self, supplier: &Text, sku: &Text) -> f64 {
        self.of_item(supplier, sku).map_or(0.0, |seen| orders_arrived(&seen))
    }

    /// The lead-time distribution of one item: its own receipts, shrunk to what was known before. A
    /// figure stated for the item weighs as much as five orders, what its supplier's receipts say
    /// as much as two hundred.
    #[must_use]
    pub fn item_lead_time(
        &self,
        (supplier, sku): (&Text, &Text),
        prior: &DayDistribution,
        prior_is_stated: bool,
    ) -> DayDistribution {
        match self.of_item(supplier, sku) {
            Some(seen) if prior_is_stated => learnt(&seen, prior),
            Some(seen) => learnt_against(&seen, prior, SUPPLIER_ORDERS),
            None => prior.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixed::Fixed;
    use crate::domain::key::Key;
    use crate::domain::tables::Receipt;

    fn receipt(supplier: &str, location: &str, at: i32, days: i32) -> Receipt {
        Receipt {
            po_number: format!("{supplier}-{location}-{at}").as_str().into(),
            supplier: supplier.into(),
            key: Key::new("a", location),
            quantity: Fixed::ONE,
            ordered_on: at,
            received_on: at + days,
            promised_on: None,
            expedited: false,
            reference: None,
        }
    }

    #[test]
    fn a_supplier_without_deliveries_is_judged_by_those_of_its_location() {
        let near = (0..40).map(|at| receipt("known", "near", at, 5));
        let far = (0..40).map(|at| receipt("known", "far", at, 60));
        let tables = Tables { receipts: Some(near.chain(far).collect()), ..Tables::default() };
        let evidence = LeadTimeEvidence::collect(&tables, 500);
        let usual = DayDistribution::point(14);
        let distributions = evidence.supplier_lead_times(&usual, |_| None);
        let mean = |location: &str| {
            distributions.unstated(&"unknown".into(), &location.into()).unwrap().mean()
        };
        assert!(mean("near") < 30.0 && mean("far") > 40.0, "{} {}", mean("near"), mean("far"));
        let stated = evidence.supplier_lead_times(&usual, |_| Some(DayDistribution::point(7)));
        assert!(stated.unstated(&"unknown".into(), &"far".into()).unwrap().mean() > 40.0);
        assert!(
            LeadTimeEvidence::default()
                .supplier_lead_times(&usual, |_| None)
                .unstated(&"x".into(), &"y".into())
                .is_none()
        );
    }
}
