//! One row of the plan: everything `plan.csv` says about an item.

use std::borrow::Cow;

use crate::demand::launches::MostSold;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::optional_real::OptionalReal;
use crate::domain::wording::counted;
use crate::plan::reason::{Decision, Reason};

/// Stock as netted, in units.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct StockView {
    /// Units physically there; a negative count is 0 here.
    pub on_hand: Fixed,
    /// Units held for orders that were placed before `as_of`.
    pub allocated: Fixed,
    /// Units that customers wait for.
    pub backorders: Fixed,
    /// Units on open orders, whenever they are expected.
    pub on_order: Fixed,
    /// Units on open orders that were placed for a day far ahead, which do not count.
    pub on_order_later: Fixed,
    /// `on_hand − allocated − backorders + on_order`.
    pub inventory_position: Fixed,
}

impl StockView {
    /// Units that are on hand and promised to nobody; negative where more is promised than there.
    #[must_use]
    pub fn free(&self) -> Fixed {
        self.on_hand - self.allocated - self.backorders
    }
}

/// The risk of an item, with days as dates.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct RiskView {
    /// Probability that a new unit of demand finds no stock before an order could arrive, 0 to 1.
    pub stockout_probability: f64,
    /// Expected units of such demand.
    pub expected_short_units: f64,
    /// The same in base money, by margin or else by price; `None` where no price is known.
    pub expected_short_value: OptionalReal,
    /// First days by which a shortage has probability 0.1, 0.5 and 0.9, if nothing more is ordered.
    pub stockout_dates: [Option<Day>; 3],
    /// Days of mean demand that free stock lasts; `None` without demand.
    pub days_of_supply: OptionalReal,
}

/// Levels of an item, in units.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct LevelView {
    /// Mean demand of a day over the protected time.
    pub mean_daily_demand: f64,
    /// Mean of the lead time, days.
    pub lead_time_mean_days: f64,
    /// Standard deviation of the lead time, days.
    pub lead_time_sd_days: f64,
    /// Days from the first order date to the next one.
    pub review_period_days: u32,
    /// Days whose demand the levels protect.
    pub protection_days: f64,
    /// Mean demand of those days.
    pub protection_demand_mean: f64,
    /// Units of the level above that mean; may be negative.
    pub safety_stock: f64,
    /// Position at or below which an order is placed.
    pub reorder_point: f64,
    /// Position that an order leads up to.
    pub order_up_to_level: f64,
    /// Demand expected to be lost before an order could arrive, where the order counts on it.
    pub expected_lost_units: OptionalReal,
    /// How the levels of a young item were cut to what comparable launches sold.
    pub launch_cut: Option<Box<LaunchCut>>,
    /// When the item is sold for the last time, where that is known and lies ahead.
    pub ending: Option<Box<Ending>>,
}

impl LevelView {
    /// The end of an item's sale, where tonight's order is the last one before it.
    #[must_use]
    pub fn last_order(&self) -> Option<&Ending> {
        self.ending.as_deref().filter(|ending| ending.is_last_order)
    }
}

/// How an item is bought until the end of its sale.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Ending {
    /// The last day on sale.
    pub last_day: Day,
    /// The probability with which the last unit bought should be sold by then.
    pub level: f64,
    /// Demand until that day at that level, in units.
    pub demand_units: f64,
    /// The position that no order leads beyond, in units.
    pub units: f64,
    /// Whether tonight's order is the last one.
    pub is_last_order: bool,
}

impl Ending {
    /// What the last order covers, in words.
    ///
    /// ```
    /// use restock::plan::item::row::Ending;
    /// let ending = Ending {
    ///     last_day: 20_000,
    ///     level: 0.6,
    ///     demand_units: 42.0,
    ///     units: 42.0,
    ///     is_last_order: true,
    /// };
    /// assert_eq!(ending.step(), "last buy: demand until 2024-10-04 at level 0.60");
    /// ```
    #[must_use]
    pub fn step(&self) -> String {
        format!("last buy: demand until {} at level {:.2}", date_of(self.last_day), self.level)
    }
}

/// How levels of a young item were cut.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LaunchCut {
    /// The order-up-to level that the target asks for, in units.
    pub wanted: f64,
    /// The one that is kept to, in units.
    pub kept: f64,
    /// Days that it is meant to last.
    pub days: f64,
    /// What comparable launches and the item itself sold.
    pub most: MostSold,
}

impl LaunchCut {
    /// The cut in words, with its figures.
    #[must_use]
    pub fn message(&self) -> String {
        let most = self.most;
        format!(
            "the target asks for up to {:.0}; in {:.0} days {} comparable launches sold at most \
             {:.0} each but for one in twenty, and the item has sold {:.0} so far: it is kept up \
             to {:.0}",
            self.wanted, self.days, most.launches, most.by_launches, most.own_units, self.kept
        )
    }
}

/// How an order quantity came about, step by step, in units.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Sizing {
    /// Before minimum, pack and limits.
    pub needed: Fixed,
    /// After all of them.
    pub quantity: Fixed,
    /// Each rounding step: what was applied, and what came out.
    pub steps: Vec<(String, Fixed)>,
    /// What could not hold beside the rest, with the figures.
    pub unmet_constraint: Option<(Code, String)>,
}

impl Sizing {
    /// Before any step.
    #[must_use]
    pub fn starting_with(needed: Fixed) -> Self {
        Self { needed, quantity: needed, steps: Vec::new(), unmet_constraint: None }
    }

    /// Notes a step, where it changes the quantity.
    pub fn step(&mut self, name: String, quantity: Fixed) {
        if quantity != self.quantity {
            // Seldom more than one: room for four would be the most of what a row takes.
            self.steps.reserve_exact(1);
            self.steps.push((name, quantity));
            self.quantity = quantity;
        }
    }

    /// Notes that a limit allows only some units of what is needed.
    pub fn cut(&mut self, code: Code, limited: &str, allowed: Fixed) {
        let needed = counted(self.needed, "unit");
        self.unmet_constraint = (allowed < self.needed)
            .then(|| (code, format!("the need is {needed} and {allowed} are ordered: {limited}")));
    }

    /// Notes that a limit allows no order.
    pub fn block(&mut self, code: Code, limited: &str, least_order: &str) {
        let needed = counted(self.needed, "unit");
        let message =
            format!("the need is {needed} and nothing is ordered: {least_order}, and {limited}");
        self.unmet_constraint = Some((code, message));
    }

    /// The arithmetic in one line.
    ///
    /// ```
    /// use restock::domain::fixed::Fixed;
    /// use restock::plan::item::row::Sizing;
    /// let mut sizing = Sizing::starting_with(Fixed::from_units(85));
    /// sizing.step("pack 12".to_owned(), Fixed::from_units(96));
    /// sizing.step("MOQ 100".to_owned(), Fixed::from_units(108));
    /// assert_eq!(sizing.trail(), "need 85 → pack 12 → 96 → MOQ 100 → 108");
    /// ```
    #[must_use]
    pub fn trail(&self) -> String {
        let mut text = format!("need {}", self.needed);
        for (name, quantity) in &self.steps {
            text.push_str(&format!(" → {name} → {quantity}"));
        }
        text
    }
}

/// One item's plan: what `plan.csv` says beside what is known of the item.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PlanRow {
    /// Why it was decided as it was.
    pub reason: Reason,
    /// The model that leads its forecast.
    pub model: Cow<'static, str>,
    /// Its levels.
    pub levels: LevelView,
    /// Its stock; `None` where stock is unknown.
    pub stock: Option<StockView>,
    /// Its risk; `None` where stock is unknown, or nothing says that there will be demand.
    pub risk: Option<RiskView>,
    /// How the order was sized; `None` where nothing was sized.
    pub sizing: Option<Box<Sizing>>,
    /// First order date on or after `as_of`.
    pub order_day: Day,
    /// Day on which an order placed then is expected.
    pub requested_day: Day,
    /// What ordering on the next order date instead would cost in shortage, in base money; `None`
    /// where nothing compares it.
    pub waiting_cost: OptionalReal,
}

impl PlanRow {
    /// What was decided.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.reason.decision()
    }

    /// Whether units are ordered tonight.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.decision() == Decision::Order
    }

    /// Units that are sized, whatever was decided; `None` where nothing is.
    #[must_use]
    pub fn quantity(&self) -> Option<Fixed> {
        self.sizing.as_ref().map(|sizing| sizing.quantity)
    }

    /// Units that are sized, whatever was decided: 0 where nothing is.
    #[must_use]
    pub fn sized_units(&self) -> Fixed {
        self.sizing.as_ref().map_or(Fixed::ZERO, |sizing| sizing.quantity)
    }
}
