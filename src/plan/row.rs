//! One row of the plan: everything `plan.csv` says about an item.

use crate::demand::classes::Classes;
use crate::domain::calendar::Day;
use crate::domain::finding::Code;
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::policy::Policy;
use crate::domain::tables::Text;
use crate::domain::target::Target;

/// What the run decided for an item. Every item ends in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// A purchase order line is written.
    Order,
    /// Nothing is needed tonight.
    NoNeed,
    /// Something is in the way.
    Blocked,
    /// None of its order rows could be used.
    Quarantined,
}

impl Decision {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::NoNeed => "no_need",
            Self::Blocked => "blocked",
            Self::Quarantined => "quarantined",
        }
    }
}

/// Stock as netted, in units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)]
pub struct StockView {
    pub on_hand: Fixed,
    pub allocated: Fixed,
    pub backorders: Fixed,
    pub on_order: Fixed,
    pub on_order_later: Fixed,
    pub inventory_position: Fixed,
}

/// The risk of an item, with days as dates.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)]
pub struct RiskView {
    pub stockout_probability: f64,
    pub expected_short_units: f64,
    pub expected_short_value: Option<f64>,
    pub stockout_dates: [Option<Day>; 3],
    pub days_of_supply: Option<f64>,
}

/// Levels of an item, in units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)]
pub struct LevelView {
    pub mean_daily_demand: f64,
    pub lead_time_mean_days: f64,
    pub lead_time_sd_days: f64,
    pub review_period_days: u32,
    pub protection_days: f64,
    pub protection_demand_mean: f64,
    pub safety_stock: f64,
    pub reorder_point: f64,
    pub order_up_to_level: f64,
    /// Demand expected to be lost before an order could arrive, where the order counts on it.
    pub expected_lost_units: Option<f64>,
}

/// How an order quantity came about, step by step, in units.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sizing {
    /// Before minimum, pack and limits.
    pub needed: Fixed,
    /// After all of them.
    pub quantity: Fixed,
    /// Each rounding step: what was applied, and what came out.
    pub steps: Vec<(String, Fixed)>,
    /// What could not hold beside the rest, with the figures.
    pub gave_way: Option<(Code, String)>,
}

impl Sizing {
    /// Before any step.
    #[must_use]
    pub fn starting_with(needed: Fixed) -> Self {
        Self { needed, quantity: needed, steps: Vec::new(), gave_way: None }
    }

    /// Notes a step, where it changes the quantity.
    pub fn step(&mut self, name: String, quantity: Fixed) {
        if quantity != self.quantity {
            self.steps.push((name, quantity));
            self.quantity = quantity;
        }
    }

    /// The arithmetic in one line.
    ///
    /// ```
    /// use restock::domain::fixed::Fixed;
    /// use restock::plan::row::Sizing;
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

/// One item's plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRow {
    /// The item.
    pub key: Key,
    /// Its place in the panel; none for quarantined items.
    pub panel_item: Option<usize>,
    /// Who delivers it.
    pub supplier: Text,
    /// What was decided.
    pub decision: Decision,
    /// Why, as one word of the documentation.
    pub reason: &'static str,
    /// The model that leads its forecast.
    pub model: String,
    /// Its classes; none for quarantined items.
    pub classes: Option<Classes>,
    /// Its levels; none for quarantined items.
    pub levels: Option<LevelView>,
    /// Its stock; none where stock is unknown.
    pub stock: Option<StockView>,
    /// Its risk; none where stock is unknown.
    pub risk: Option<RiskView>,
    /// How orders are triggered.
    pub policy: Policy,
    /// What the levels are set for.
    pub target: Target,
    /// How the order was sized; none where nothing was sized.
    pub sizing: Option<Sizing>,
    /// Cost of a stock unit in the base currency.
    pub unit_cost: Option<Fixed>,
    /// Price of a unit in the base currency.
    pub unit_price: Option<Fixed>,
    /// Lead time of tonight's order: the day on which it would be asked for.
    pub requested_day: Day,
    /// What ordering on the next order date instead would cost in shortage, in money; known only
    /// where it is compared.
    pub waiting_cost: Option<f64>,
}
