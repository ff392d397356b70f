//! Classes of items: ABC by money, XYZ by variability, and the shape of demand.

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::tables::CleanDemand;

use super::panel::{Panel, Series};

/// Days that classes look back. Judgement: a year, so that every season counts once.
pub const LOOK_BACK_DAYS: Day = 365;

/// Shares of the money, in per cent, at which the classes A and B end. Source: Silver, Pyke &
/// Thomas, *Inventory and Production Management in Supply Chains* (2017), on ABC classes; the exact
/// borders are a judgement.
const A_PERCENT: i128 = 80;
const B_PERCENT: i128 = 95;

/// Largest coefficients of variation of weekly demand of the classes X and Y. Judgement: usual
/// borders.
const MAX_X_CV: f64 = 0.5;
const MAX_Y_CV: f64 = 1.0;

/// Buckets of history below which an item is new. Judgement: fewer do not show a shape.
const MIN_SHAPE_BUCKETS: usize = 8;

/// Borders between smooth, erratic, intermittent and lumpy demand: ADI, in buckets, and CV²,
/// without a unit. Source: Syntetos, Boylan & Croston (2005), *On the categorization of demand
/// patterns*.
const ADI_BORDER: f64 = 1.32;
const CV2_BORDER: f64 = 0.49;

/// ABC class by share of money.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Abc {
    /// The items that make up the first 80 % of the money.
    A,
    /// Those up to 95 %.
    B,
    /// The rest.
    C,
}

/// XYZ class by the coefficient of variation of weekly demand.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Xyz {
    /// At most 0.5.
    X,
    /// At most 1.0.
    Y,
    /// Above.
    Z,
}

/// The shape of demand (Syntetos, Boylan & Croston 2005).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum DemandClass {
    /// Sells often, in even quantities.
    Smooth,
    /// Sells often, in uneven quantities.
    Erratic,
    /// Sells seldom, in even quantities.
    Intermittent,
    /// Sells seldom, in uneven quantities.
    Lumpy,
    /// Fewer than 8 buckets of history.
    New,
}

impl Abc {
    /// The letter written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

impl Xyz {
    /// The letter written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X => "X",
            Self::Y => "Y",
            Self::Z => "Z",
        }
    }
}

impl DemandClass {
    /// The word written in outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smooth => "smooth",
            Self::Erratic => "erratic",
            Self::Intermittent => "intermittent",
            Self::Lumpy => "lumpy",
            Self::New => "new",
        }
    }
}

/// The classes of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Classes {
    /// By money, within its location.
    pub abc: Abc,
    /// By variability.
    pub xyz: Xyz,
    /// By shape.
    pub demand_class: DemandClass,
}

/// ABC class of each item within its location: the running sum of money, largest first, up to 80 %
/// and 95 %.
///
/// The item that crosses a border belongs to the better class; items of equal money keep their
/// order.
///
/// ```
/// use restock::demand::classes::{Abc, abc};
/// use restock::domain::fixed::Fixed;
/// let money: Vec<_> = [700, 150, 100, 30, 20].map(Fixed::from_units).into();
/// assert_eq!(abc(&money, &[0; 5]), [Abc::A, Abc::A, Abc::B, Abc::C, Abc::C]);
/// ```
#[must_use]
pub fn abc(money: &[Fixed], location: &[u32]) -> Vec<Abc> {
    let locations = location.iter().max().map_or(0, |last| *last as usize + 1);
    let mut totals = vec![0_i128; locations];
    for (amount, location) in money.iter().zip(location) {
        totals[*location as usize] += i128::from(amount.or_zero().steps());
    }

    let mut order: Vec<usize> = (0..money.len()).collect();
    order.sort_by_key(|item| (location[*item], std::cmp::Reverse(money[*item]), *item));

    let mut before = vec![0_i128; locations];
    let mut classes = vec![Abc::C; money.len()];
    for item in order {
        let (sum, total) = (&mut before[location[item] as usize], totals[location[item] as usize]);
        // The class is that of the running sum before this item, so that a lone item is A.
        classes[item] = match *sum * 100 {
            _ if money[item].steps() <= 0 => Abc::C,
            reached if reached < total * A_PERCENT => Abc::A,
            reached if reached < total * B_PERCENT => Abc::B,
            _ => Abc::C,
        };
        *sum += i128::from(money[item].or_zero().steps());
    }
    classes
}

/// Shape of demand: ADI = buckets per bucket with demand, against 1.32; CV² of the buckets with
/// demand, against 0.49.
///
/// ```
/// use restock::demand::classes::{DemandClass, demand_class};
/// assert_eq!(demand_class(&[5.0; 10]), DemandClass::Smooth);
/// assert_eq!(demand_class(&[0.0, 5.0, 0.0, 5.0, 0.0, 5.0, 0.0, 5.0]), DemandClass::Intermittent);
/// assert_eq!(demand_class(&[5.0; 7]), DemandClass::New);
/// ```
#[must_use]
pub fn demand_class(demand: &[f64]) -> DemandClass {
    if demand.len() < MIN_SHAPE_BUCKETS {
        return DemandClass::New;
    }

    let sales: Vec<f64> = demand.iter().copied().filter(|units| *units > 0.0).collect();
    let adi = demand.len() as f64 / sales.len().max(1) as f64;
    let cv2 = squared_variation(&sales);

    match (adi < ADI_BORDER, cv2 < CV2_BORDER) {
        (true, true) => DemandClass::Smooth,
        (true, false) => DemandClass::Erratic,
        (false, true) => DemandClass::Intermittent,
        (false, false) => DemandClass::Lumpy,
    }
}

/// XYZ class by the coefficient of variation of weekly demand.
#[must_use]
pub fn xyz(weekly: &[f64]) -> Xyz {
    let cv = if weekly.iter().any(|units| *units > 0.0) {
        squared_variation(weekly).sqrt()
    } else {
        f64::INFINITY
    };

    match cv {
        cv if cv <= MAX_X_CV => Xyz::X,
        cv if cv <= MAX_Y_CV => Xyz::Y,
        _ => Xyz::Z,
    }
}

/// Squared coefficient of variation, with the population variance; 0 if the mean is.
fn squared_variation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.is_empty() || mean <= 0.0 {
        return 0.0;
    }

    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n / (mean * mean)
}

/// The buckets of a history that begin in the last 365 days.
#[must_use]
pub fn recent<'a>(panel: &Panel, series: &Series<'a>) -> &'a [f64] {
    let first = panel.calendar.bucket_of(panel.as_of - LOOK_BACK_DAYS);
    let skip = usize::try_from(first - series.first_bucket).unwrap_or(0).min(series.demand.len());

    &series.demand[skip..]
}

/// Weekly totals of one item of the clean demand over the last 365 days, or since its first row;
/// whole weeks counted back from `as_of`.
#[must_use]
pub fn weekly_totals(demand: &CleanDemand, item: usize, as_of: Day) -> Vec<f64> {
    let rows = demand.offsets[item]..demand.offsets[item + 1];
    let Some(first) = demand.day[rows.clone()].first() else { return Vec::new() };
    let weeks = ((as_of - (*first).max(as_of - LOOK_BACK_DAYS)) / 7).max(0) as usize;

    let mut totals = vec![Fixed::ZERO; weeks];
    for at in rows {
        let back = (as_of - 1 - demand.day[at]) / 7;
        if let Some(total) = usize::try_from(back).ok().and_then(|back| totals.get_mut(back)) {
            *total += demand.quantity[at];
        }
    }

    totals.iter().map(|total| total.or_zero().to_f64()).collect()
}

/// Units demanded in the last 365 days.
#[must_use]
pub fn yearly_units(demand: &CleanDemand, item: usize, as_of: Day) -> Fixed {
    let rows = demand.offsets[item]..demand.offsets[item + 1];
    rows.filter(|at| demand.day[*at] >= as_of - LOOK_BACK_DAYS)
        .map(|at| demand.quantity[at])
        .sum::<Fixed>()
        .or_zero()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_formed_within_a_location() {
        let money: Vec<_> = [10, 1_000, 10].map(Fixed::from_units).into();
        assert_eq!(abc(&money, &[0, 1, 0])[..2], [Abc::A, Abc::A]);
    }

    #[test]
    fn items_without_money_are_c() {
        assert_eq!(abc(&[Fixed::ZERO, Fixed::ZERO], &[0, 0]), [Abc::C, Abc::C]);
    }

    #[test]
    fn even_weeks_are_x_and_rare_weeks_are_z() {
        assert_eq!(xyz(&[4.0, 5.0, 6.0]), Xyz::X);
        assert_eq!(xyz(&[0.0, 0.0, 0.0, 9.0]), Xyz::Z);
        assert_eq!(xyz(&[0.0, 0.0]), Xyz::Z);
    }
}
