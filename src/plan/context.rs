//! What crosses items while they are planned: settings, tables, order calendars, lead times.

use std::collections::BTreeMap;

use crate::config::Settings;
use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::lookups::rows;
use crate::domain::open_days::OpenDays;
use crate::domain::tables::{OpenOrder, Tables, Text};
use crate::inventory::day_distribution::DayDistribution;

use super::item::lead_times::{LeadTimeEvidence, SupplierLeadTimes};
use super::item::offers::Offer;
use super::item::order_dates::OrderCalendar;

/// Least quantity of a price break, and the unit cost from there on, in the supplier's currency.
pub type PriceStep = (Fixed, Fixed);

/// What receipts and open orders say of lead times.
#[derive(Debug)]
pub struct LeadTimeKnowledge {
    /// By location, supplier and item.
    pub evidence: LeadTimeEvidence,
    /// As lead times of suppliers.
    pub suppliers: SupplierLeadTimes,
}

impl LeadTimeKnowledge {
    fn of(settings: &Settings, tables: &Tables, evidence: LeadTimeEvidence) -> Self {
        let plan = &settings.plan;
        let usual_sd = plan.lead_time_sd_days;
        let usual = DayDistribution::from_mean_and_sd(plan.lead_time_days, usual_sd.unwrap_or(0.0));
        let suppliers = evidence.supplier_lead_times(&usual, |supplier| {
            let row = tables.supplier(supplier)?;
            let sd = row.lead_time_sd_days.or(usual_sd);
            Some(DayDistribution::from_mean_and_sd(row.lead_time_days?, sd.unwrap_or(0.0)))
        });

        Self { evidence, suppliers }
    }
}

/// What crosses items and is looked up for each of them. Built once a night.
#[derive(Debug)]
pub struct PlanContext<'a> {
    /// The run's settings.
    pub settings: &'a Settings,
    /// All tables but the orders.
    pub tables: &'a Tables,
    /// The day that the run stands at the start of.
    pub as_of: Day,
    /// Whether `as_of` is an order date whatever the calendars say.
    pub order_now: bool,
    /// What receipts and open orders say of lead times.
    pub lead_times: LeadTimeKnowledge,
    /// What receipts alone say of them; `None` where that is the same.
    pub lead_times_of_arrivals: Option<LeadTimeKnowledge>,
    /// The base currency.
    pub base_currency: Text,
    closures: BTreeMap<Text, Vec<(Day, Day)>>,
    open_days: BTreeMap<Text, OpenDays>,
    open_lines: BTreeMap<Key, Vec<&'a OpenOrder>>,
    backorders: Option<BTreeMap<&'a Key, Fixed>>,
    price_steps: BTreeMap<(&'a str, &'a str), Vec<PriceStep>>,
}

impl<'a> PlanContext<'a> {
    /// Gathers what crosses items.
    #[must_use]
    pub fn new(settings: &'a Settings, tables: &'a Tables, as_of: Day, order_now: bool) -> Self {
        let evidence = LeadTimeEvidence::collect(tables, as_of);
        Self::with_evidence(settings, tables, evidence, (as_of, order_now))
    }

    /// The same where receipts and open orders of all items were read before, and the tables hold
    /// those of some of them; `order_now` stands beside `as_of`.
    #[must_use]
    pub fn with_evidence(
        settings: &'a Settings,
        tables: &'a Tables,
        evidence: LeadTimeEvidence,
        (as_of, order_now): (Day, bool),
    ) -> Self {
        let known = |evidence| LeadTimeKnowledge::of(settings, tables, evidence);

        Self {
            settings,
            tables,
            as_of,
            order_now,
            base_currency: settings.currency.base.as_str().into(),
            lead_times_of_arrivals: evidence.of_arrivals().map(known),
            lead_times: known(evidence),
            open_days: OpenDays::by_supplier(tables),
            closures: closures_by_supplier(tables),
            open_lines: open_lines_by_item(tables),
            backorders: tables.backorders_by_item(),
            price_steps: price_steps_by_offer(tables),
        }
    }

    /// What decides a supplier's order dates.
    #[must_use]
    pub fn order_calendar(&self, offer: &Offer<'_>, review_period_days: u32) -> OrderCalendar<'_> {
        let closures = self.closures.get(&offer.supplier).map_or(&[][..], Vec::as_slice);
        let weekdays = offer.row.map_or(0, |row| row.order_weekdays);
        OrderCalendar { weekdays, review_period_days, closures }
    }

    /// Days from `as_of` to the first order date of a supplier, and from there to the next one.
    #[must_use]
    pub fn order_days(&self, offer: &Offer<'_>, review_period_days: u32) -> (u32, u32) {
        self.order_calendar(offer, review_period_days).next_two(self.as_of, self.order_now)
    }

    /// The days on which a supplier works; `None` where it works on every day.
    #[must_use]
    pub fn open_days(&self, supplier: &str) -> Option<&OpenDays> {
        self.open_days.get(supplier).filter(|days| !days.is_every_day())
    }

    /// The open order lines of an item, in the order of the table.
    #[must_use]
    pub fn open_lines(&self, key: &Key) -> &[&'a OpenOrder] {
        self.open_lines.get(key).map_or(&[], Vec::as_slice)
    }

    /// Units that customers wait for by the `backorders` table; `None` where it is not given.
    #[must_use]
    pub fn backorders(&self, key: &Key) -> Option<Fixed> {
        let sums = self.backorders.as_ref()?;
        Some(sums.get(key).copied().unwrap_or_default())
    }

    /// A supplier's price breaks for a sku, quantities rising.
    #[must_use]
    pub fn price_steps<'s>(&'s self, supplier: &'s str, sku: &'s str) -> &'s [PriceStep] {
        self.price_steps.get(&(supplier, sku)).map_or(&[], Vec::as_slice)
    }
}

fn closures_by_supplier(tables: &Tables) -> BTreeMap<Text, Vec<(Day, Day)>> {
    let mut closures: BTreeMap<Text, Vec<(Day, Day)>> = BTreeMap::new();
    for row in rows(&tables.closures) {
        closures.entry(row.supplier.clone()).or_default().push((row.from, row.to));
    }

    closures
}

fn open_lines_by_item(tables: &Tables) -> BTreeMap<Key, Vec<&OpenOrder>> {
    let mut open_lines: BTreeMap<Key, Vec<&OpenOrder>> = BTreeMap::new();
    for row in rows(&tables.purchase_orders) {
        open_lines.entry(row.key.clone()).or_default().push(row);
    }

    open_lines
}

fn price_steps_by_offer(tables: &Tables) -> BTreeMap<(&str, &str), Vec<PriceStep>> {
    let mut steps: BTreeMap<(&str, &str), Vec<PriceStep>> = BTreeMap::new();
    for row in rows(&tables.price_breaks) {
        let of_offer = steps.entry((&row.supplier, &row.sku)).or_default();
        of_offer.push((row.min_quantity, row.unit_cost));
    }
    steps.values_mut().for_each(|steps| steps.sort());

    steps
}
