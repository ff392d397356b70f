//! What the stock of an item must achieve: the target that sets its levels.
//!
//! ```
//! use restock::domain::target::Target;
//!
//! let target: Target = "fill_rate=0.98".parse().unwrap();
//! assert_eq!(target, Target::FillRate(0.98));
//! assert_eq!(target.to_string(), "fill_rate=0.98");
//! assert!("fill_rate=98".parse::<Target>().unwrap_err().contains("write 0.98"));
//! ```

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// The service or cost that the levels of an item are set for.
///
/// In the configuration `{ cycle_service_level = 0.95 }`; in a table's `target` column
/// `cycle_service_level=0.95`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Share of replenishment cycles (under `rS`: reviews) without a shortage. With a reorder point
    /// a cycle ends with a delivery, which demand has just called for: it is no share of days or
    /// of units. Where a shop means those, `ready_rate` or `fill_rate` says so.
    #[serde(deserialize_with = "level_from_serde")]
    CycleServiceLevel(f64),
    /// Share of units served at once.
    #[serde(deserialize_with = "level_from_serde")]
    FillRate(f64),
    /// Share of days that end with stock.
    #[serde(deserialize_with = "level_from_serde")]
    ReadyRate(f64),
    /// Least expected cost of holding and shortage.
    Cost(CostTarget),
}

/// The two costs that a cost target balances.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostTarget {
    /// Holding cost of one unit for one `per`.
    #[serde(deserialize_with = "cost_from_serde")]
    pub holding: f64,
    /// Shortage cost: of one unit lost, or of one unit that waits one `per`.
    #[serde(deserialize_with = "cost_from_serde")]
    pub shortage: f64,
    /// The time that the costs refer to.
    pub per: CostPeriod,
    /// Whether the two numbers are money or shares.
    #[serde(rename = "as")]
    pub unit: CostUnit,
    /// How often stock is charged; at the end of each, for its length.
    #[serde(default)]
    pub charge_every: ChargeEvery,
}

/// How often stock, and what waits, is charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeEvery {
    /// At the end of each day.
    #[default]
    Day,
    /// At the end of each seventh day.
    Week,
    /// At the end of each month, which levels take for 30 days.
    Month,
}

/// The time that a cost rate refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostPeriod {
    /// One day.
    Day,
    /// Seven days.
    Week,
    /// 365 days.
    Year,
}

/// What the numbers of a cost target are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostUnit {
    /// `holding` is a share of unit_cost, `shortage` a share of unit_price − unit_cost.
    Share,
    /// Both are money per unit.
    Money,
}

/// A cost target in money and days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostRates {
    /// Holding cost of one unit for one day.
    pub holding_per_day: f64,
    /// Cost of one unit of demand lost.
    pub shortage_per_unit: f64,
    /// Cost of one unit of demand that waits a day.
    pub shortage_per_day: f64,
}

/// Levels that shops promise. Judgement.
const USUAL_LEVELS: [f64; 4] = [0.9, 0.95, 0.98, 0.99];

impl Target {
    /// The probability with which it wants demand served: its level, or what a unit short costs
    /// over what that and a unit held cost.
    ///
    /// ```
    /// use restock::domain::target::Target;
    /// let target: Target = "cost=holding:0.25;shortage:0.75;per:year;as:share".parse().unwrap();
    /// assert_eq!(target.level(), 0.75);
    /// assert_eq!(Target::FillRate(0.98).level(), 0.98);
    /// ```
    #[must_use]
    pub fn level(&self) -> f64 {
        match self {
            Self::CycleServiceLevel(level) | Self::FillRate(level) | Self::ReadyRate(level) => {
                *level
            }
            Self::Cost(cost) => cost.shortage / (cost.shortage + cost.holding),
        }
    }

    /// The next higher target of its kind that shops use; `None` beyond 99 %, and for costs.
    ///
    /// ```
    /// use restock::domain::target::Target;
    /// assert_eq!(Target::FillRate(0.95).raised(), Some(Target::FillRate(0.98)));
    /// assert_eq!(Target::ReadyRate(0.99).raised(), None);
    /// ```
    #[must_use]
    pub fn raised(&self) -> Option<Self> {
        let above = |level: f64| USUAL_LEVELS.into_iter().find(|usual| *usual > level + 0.004);
        match self {
            Self::CycleServiceLevel(level) => above(*level).map(Self::CycleServiceLevel),
            Self::FillRate(level) => above(*level).map(Self::FillRate),
            Self::ReadyRate(level) => above(*level).map(Self::ReadyRate),
            Self::Cost(_) => None,
        }
    }
}

impl CostTarget {
    /// The costs in money, `None` if a share refers to a cost or margin that is not known or not
    /// above 0.
    ///
    /// ```
    /// use restock::domain::target::Target;
    /// let target: Target = "cost=holding:0.365;shortage:1;per:year;as:share".parse().unwrap();
    /// let Target::Cost(cost) = target else { panic!() };
    /// let rates = cost.rates(Some(10.0), Some(16.0)).unwrap();
    /// assert!((rates.holding_per_day - 0.01).abs() < 1e-15);
    /// assert_eq!(rates.shortage_per_unit, 6.0);
    /// assert!(cost.rates(None, Some(16.0)).is_none());
    /// ```
    #[must_use]
    pub fn rates(&self, unit_cost: Option<f64>, unit_price: Option<f64>) -> Option<CostRates> {
        let (holding, shortage) = match self.unit {
            CostUnit::Money => (self.holding, self.shortage),
            CostUnit::Share => {
                (self.holding * unit_cost?, self.shortage * (unit_price? - unit_cost?))
            }
        };
        (holding > 0.0 && shortage > 0.0).then(|| self.rates_of(holding, shortage))
    }

    /// The costs with both numbers read as money: only their ratio is right, and only where cost
    /// and margin are alike.
    #[must_use]
    pub fn ratio_only(&self) -> CostRates {
        self.rates_of(self.holding, self.shortage)
    }

    fn rates_of(&self, holding: f64, shortage: f64) -> CostRates {
        let days = self.per.days();
        CostRates {
            holding_per_day: holding / days,
            shortage_per_unit: shortage,
            shortage_per_day: shortage / days,
        }
    }
}

impl CostPeriod {
    /// Length in days.
    pub fn days(self) -> f64 {
        match self {
            CostPeriod::Day => 1.0,
            CostPeriod::Week => 7.0,
            CostPeriod::Year => 365.0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            CostPeriod::Day => "day",
            CostPeriod::Week => "week",
            CostPeriod::Year => "year",
        }
    }
}

impl ChargeEvery {
    /// Days from one charge to the next.
    #[must_use]
    pub fn days(self) -> u32 {
        match self {
            ChargeEvery::Day => 1,
            ChargeEvery::Week => 7,
            ChargeEvery::Month => 30,
        }
    }

    fn name(self) -> &'static str {
        match self {
            ChargeEvery::Day => "day",
            ChargeEvery::Week => "week",
            ChargeEvery::Month => "month",
        }
    }
}

impl CostUnit {
    fn name(self) -> &'static str {
        match self {
            CostUnit::Share => "share",
            CostUnit::Money => "money",
        }
    }
}

/// A service level must lie strictly between 0 and 1: no finite stock serves all of an unbounded
/// demand.
fn check_level(level: f64) -> Result<f64, String> {
    if level > 0.0 && level < 1.0 {
        return Ok(level);
    }
    let hint = if (1.0..100.0).contains(&level) {
        format!("; for {level} % write {}", level / 100.0)
    } else {
        String::new()
    };
    Err(format!("a service level lies above 0 and below 1, not at {level}{hint}"))
}

fn check_cost(cost: f64) -> Result<f64, String> {
    if cost > 0.0 && cost.is_finite() {
        Ok(cost)
    } else {
        Err(format!("holding and shortage are costs above 0, not {cost}"))
    }
}

fn level_from_serde<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    f64::deserialize(deserializer).and_then(|level| check_level(level).map_err(D::Error::custom))
}

fn cost_from_serde<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    f64::deserialize(deserializer).and_then(|cost| check_cost(cost).map_err(D::Error::custom))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::CycleServiceLevel(level) => write!(f, "cycle_service_level={level}"),
            Target::FillRate(level) => write!(f, "fill_rate={level}"),
            Target::ReadyRate(level) => write!(f, "ready_rate={level}"),
            Target::Cost(cost) => {
                write!(
                    f,
                    "cost=holding:{};shortage:{};per:{};as:{}",
                    cost.holding,
                    cost.shortage,
                    cost.per.name(),
                    cost.unit.name()
                )?;
                match cost.charge_every {
                    ChargeEvery::Day => Ok(()),
                    every => write!(f, ";charge_every:{}", every.name()),
                }
            }
        }
    }
}

impl FromStr for Target {
    type Err = String;

    /// Reads `fill_rate=0.98` and its like, and `cost=holding:0.25;shortage:1;per:year;as:share`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            format!(
                "'{}' is not a target; write one like fill_rate=0.98 or cycle_service_level=0.95",
                text.trim()
            )
        })?;
        let value = value.trim();
        let level = || number(value).and_then(check_level);
        match name.trim() {
            "cycle_service_level" => level().map(Target::CycleServiceLevel),
            "fill_rate" => level().map(Target::FillRate),
            "ready_rate" => level().map(Target::ReadyRate),
            "cost" => cost_from_text(value).map(Target::Cost),
            other => Err(format!(
                "there is no target '{other}'; it is one of cycle_service_level, fill_rate, \
                 ready_rate, cost"
            )),
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    text.parse::<f64>().map_err(|_| format!("'{text}' is not a number"))
}

fn cost_from_text(text: &str) -> Result<CostTarget, String> {
    let (mut holding, mut shortage, mut per, mut unit) = (None, None, None, None);
    let mut charge_every = ChargeEvery::Day;
    for part in text.split(';') {
        let (name, value) =
            part.split_once(':').ok_or_else(|| format!("'{}' is not name:value", part.trim()))?;
        match (name.trim(), value.trim()) {
            ("holding", cost) => holding = Some(number(cost).and_then(check_cost)?),
            ("shortage", cost) => shortage = Some(number(cost).and_then(check_cost)?),
            ("per", "day") => per = Some(CostPeriod::Day),
            ("per", "week") => per = Some(CostPeriod::Week),
            ("per", "year") => per = Some(CostPeriod::Year),
            ("as", "share") => unit = Some(CostUnit::Share),
            ("as", "money") => unit = Some(CostUnit::Money),
            ("charge_every", "day") => charge_every = ChargeEvery::Day,
            ("charge_every", "week") => charge_every = ChargeEvery::Week,
            ("charge_every", "month") => charge_every = ChargeEvery::Month,
            (other, value) => return Err(format!("'{other}:{value}' is no part of a cost target")),
        }
    }
    match (holding, shortage, per, unit) {
        (Some(holding), Some(shortage), Some(per), Some(unit)) => {
            Ok(CostTarget { holding, shortage, per, unit, charge_every })
        }
        _ => Err("a cost target needs holding, shortage, per and as: \
                  cost=holding:0.25;shortage:1;per:year;as:share"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Plan {
        target: Target,
    }

    fn read(text: &str) -> Result<Target, String> {
        toml::from_str::<Plan>(text).map(|plan| plan.target).map_err(|error| error.to_string())
    }

    const COST: CostTarget = CostTarget {
        holding: 0.25,
        shortage: 1.0,
        per: CostPeriod::Year,
        unit: CostUnit::Share,
        charge_every: ChargeEvery::Day,
    };

    #[test]
    fn configuration_forms_are_read() {
        assert_eq!(
            read("target = { cycle_service_level = 0.95 }"),
            Ok(Target::CycleServiceLevel(0.95))
        );
        let cost = "target = { cost = { holding = 0.25, shortage = 1.0, per = \"year\", \
                    as = \"share\" } }";
        assert_eq!(read(cost), Ok(Target::Cost(COST)));
        let weekly = cost.replace("\"share\"", "\"share\", charge_every = \"week\"");
        assert_eq!(
            read(&weekly),
            Ok(Target::Cost(CostTarget { charge_every: ChargeEvery::Week, ..COST }))
        );
    }

    #[test]
    fn a_target_out_of_range_or_without_its_period_is_refused_with_the_reason() {
        assert!(
            read("target = { fill_rate = 95.0 }").is_err_and(|e| e.contains("for 95 % write 0.95"))
        );
        assert!(
            read("target = { ready_rate = 0.0 }").is_err_and(|e| e.contains("above 0 and below 1"))
        );
        assert!(read("target = { fill_rate = nan }").is_err());
        assert!(
            read("target = { cost = { holding = 0.25, shortage = 1.0, as = \"share\" } }").is_err()
        );
        assert!(read("target = { fill_rate = 0.9, ready_rate = 0.9 }").is_err());
    }

    #[test]
    fn every_target_reads_back_the_text_it_writes() {
        for target in [
            Target::CycleServiceLevel(0.95),
            Target::FillRate(0.975),
            Target::ReadyRate(0.9),
            Target::Cost(COST),
            Target::Cost(CostTarget { charge_every: ChargeEvery::Month, ..COST }),
        ] {
            assert_eq!(target.to_string().parse::<Target>(), Ok(target));
        }
        for wrong in
            ["0.95", "service=0.9", "fill_rate=high", "fill_rate=1", "cost=holding:1", "cost=x", ""]
        {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}
