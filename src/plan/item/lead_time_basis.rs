//! The lead time of an item: what is stated, what receipts say, and which of them it goes by.

use crate::config::choices::LeadTimeBasis;
use crate::domain::key::Key;
use crate::inventory::day_distribution::DayDistribution;
use crate::plan::context::{LeadTimeKnowledge, PlanContext};

use super::offers::Offer;
use super::rules::{Traits, first};

/// The lead time of an item, in days on which its supplier works.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemLeadTime {
    /// Of an order to come.
    pub next_order: DayDistribution,
    /// Whether any spread of it is known.
    pub has_spread: bool,
    /// What it goes by.
    pub basis: LeadTimeBasis,
    /// Mean as stated, days; what is set for all where nobody states it.
    pub stated_days: f64,
    /// Whether that figure is the item's, or a rule's, and not its supplier's or that of all.
    pub days_are_own: bool,
    /// Orders received that can move it: those of its supplier, or of the item alone where the
    /// stated figure is its own.
    pub orders_received: f64,
}

impl ItemLeadTime {
    /// What is known of an item's lead time.
    ///
    /// What `item_suppliers`, `items`, `suppliers`, a rule or the configuration states, the first
    /// of them, is the prior; receipts move it. A figure of the item itself, or of a rule, is not
    /// moved by other items' receipts.
    #[must_use]
    pub fn of(
        context: &PlanContext<'_>,
        key: &Key,
        offer: &Offer<'_>,
        traits: &Traits<'_>,
    ) -> Self {
        let stated = Stated::of(context, offer, traits);
        let known = &context.lead_times;
        let next_order = stated.with(known, key, offer);
        let moves_own = stated.days_are_own && stated.basis == LeadTimeBasis::Mixed;
        let orders_received = match known.suppliers.received(&offer.supplier) {
            Some(received) if !moves_own => received.orders,
            _ => known.evidence.orders_of_item(&offer.supplier, &key.sku),
        };

        Self {
            has_spread: stated.sd_days.is_some() || !next_order.is_certain(),
            next_order,
            basis: stated.basis,
            stated_days: stated.days,
            days_are_own: stated.days_are_own,
            orders_received,
        }
    }

    /// What lines of the item that are still open are judged by: receipts without open lines.
    #[must_use]
    pub fn of_open_lines(
        &self,
        context: &PlanContext<'_>,
        key: &Key,
        offer: &Offer<'_>,
        traits: &Traits<'_>,
    ) -> DayDistribution {
        match &context.lead_times_of_arrivals {
            Some(arrivals) => Stated::of(context, offer, traits).with(arrivals, key, offer),
            None => self.next_order.clone(),
        }
    }
}

/// What is stated of an item's lead time, wherever it stands.
struct Stated {
    /// Mean, days.
    days: f64,
    /// Standard deviation, days; `None` if it is not stated.
    sd_days: Option<f64>,
    /// Whether the mean is that of the item or of a rule, not its supplier's or that of all.
    days_are_own: bool,
    /// The same of the standard deviation.
    sd_is_own: bool,
    /// Whether the supplier or a location of ours states the mean.
    days_are_suppliers: bool,
    /// What the lead time goes by.
    basis: LeadTimeBasis,
}

impl Stated {
    fn of(context: &PlanContext<'_>, offer: &Offer<'_>, traits: &Traits<'_>) -> Self {
        let (plan, own) =
            (&context.settings.plan, offer.lead_time.as_deref().copied().unwrap_or_default());
        let supplier_days = offer.row.and_then(|row| row.lead_time_days);
        let supplier_sd = offer.row.and_then(|row| row.lead_time_sd_days);
        let rule_days = first(&plan.rules, traits, |rule| rule.lead_time_days);
        let rule_sd = first(&plan.rules, traits, |rule| rule.lead_time_sd_days);

        let until = if own.is_stated() {
            own.until
        } else {
            offer.row.filter(|_| supplier_days.is_some()).and_then(|row| row.lead_time_until)
        };
        let basis = if until.is_some_and(|until| context.as_of <= until) {
            LeadTimeBasis::Stated
        } else {
            first(&plan.rules, traits, |rule| rule.lead_time).unwrap_or(plan.lead_time)
        };
        let is_own_location = context.tables.location(&offer.supplier).is_some();

        Self {
            days: own.days.or(supplier_days).or(rule_days).unwrap_or(plan.lead_time_days),
            sd_days: own.sd_days.or(supplier_sd).or(rule_sd).or(plan.lead_time_sd_days),
            days_are_own: own.days.is_some() || (supplier_days.is_none() && rule_days.is_some()),
            sd_is_own: own.sd_days.is_some() || (supplier_sd.is_none() && rule_sd.is_some()),
            days_are_suppliers: supplier_days.is_some() || is_own_location,
            basis,
        }
    }

    /// With what is learnt.
    fn with(&self, known: &LeadTimeKnowledge, key: &Key, offer: &Offer<'_>) -> DayDistribution {
        let of_item = (&offer.supplier, &key.sku);
        let received = known.suppliers.received(&offer.supplier);

        match (self.basis, received) {
            (LeadTimeBasis::Stated, _) => {
                let sd_learnt = || self.mixed(known, key, offer).sd();
                let sd_days = self.sd_days.unwrap_or_else(sd_learnt);
                DayDistribution::from_mean_and_sd(self.days, sd_days)
            }
            (LeadTimeBasis::Learnt, Some(received)) => {
                known.evidence.item_lead_time(of_item, &received.lead_time, false)
            }
            (LeadTimeBasis::Learnt, None) | (LeadTimeBasis::Mixed, _) => {
                self.mixed(known, key, offer)
            }
        }
    }

    /// What is stated, moved by receipts.
    fn mixed(&self, known: &LeadTimeKnowledge, key: &Key, offer: &Offer<'_>) -> DayDistribution {
        let (supplier, location) = (&offer.supplier, &key.location);
        let suppliers = match (self.days_are_own, self.days_are_suppliers) {
            (true, _) => None,
            (false, true) => known.suppliers.get(supplier, location),
            (false, false) => known.suppliers.unstated(supplier, location),
        };

        let (prior, is_stated) = match (suppliers, self.sd_days) {
            // The spread is the item's own, around what its supplier's receipts say.
            (Some(learnt), Some(sd)) if self.sd_is_own => {
                (DayDistribution::from_mean_and_sd(learnt.mean(), sd), true)
            }
            (Some(learnt), _) => (learnt.clone(), false),
            (None, sd) => {
                let sd = sd.unwrap_or(0.0);
                (DayDistribution::from_mean_and_sd(self.days, sd), true)
            }
        };
        known.evidence.item_lead_time((supplier, &key.sku), &prior, is_stated)
    }
}
