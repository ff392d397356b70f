//! How demand moves over the year and over the week.

use super::dates::{at, day_of_year, weekday};

/// The yearly pattern of an item.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Season {
    Flat,
    /// Garden: from the end of March to June.
    Spring,
    /// Gifts, cards and candles: from the middle of November to Christmas.
    December,
    /// Coffee and blankets: a little more in the cold half.
    Winter,
}

/// A bell over the day of the year, 1 at its peak; the year is a circle.
fn bell(day_of_year: i32, peak: f64, width: f64) -> f64 {
    let distance = (f64::from(day_of_year) - peak).abs();
    let distance = distance.min(365.0 - distance);

    libm::exp(-(distance / width) * (distance / width))
}

impl Season {
    /// Demand of a day relative to the yearly mean, approximately.
    pub(super) fn factor(self, number: i32) -> f64 {
        let day_of_year = day_of_year(number);
        match self {
            Self::Flat => 1.0,
            Self::Spring => 0.4 + 2.5 * bell(day_of_year, 128.0, 40.0),
            Self::December => 0.65 + 3.6 * bell(day_of_year, 342.0, 18.0),
            Self::Winter => {
                1.0 + 0.22 * libm::cos(std::f64::consts::TAU * f64::from(day_of_year - 15) / 365.0)
            }
        }
    }
}

/// Share of the week's demand that falls on a day, times seven. The shop is closed on Sundays and
/// Mondays.
pub(super) fn weekday_factor(in_shop: bool, number: i32) -> f64 {
    const WEB: [f64; 7] = [1.25, 1.1, 1.0, 1.0, 0.95, 0.8, 0.9];
    const SHOP: [f64; 7] = [0.0, 0.95, 1.05, 1.1, 1.5, 2.4, 0.0];
    if in_shop { SHOP[weekday(number)] } else { WEB[weekday(number)] }
}

/// A sale: when, at what discount, and how much more is asked for.
pub(super) struct Promotion {
    pub(super) name: &'static str,
    pub(super) from: i32,
    /// Last day.
    pub(super) to: i32,
    /// Share taken off the list price.
    pub(super) discount: f64,
    /// Factor on demand.
    pub(super) lift: f64,
    /// Category it is for.
    pub(super) category: &'static str,
    /// Every how many items of the category one takes part.
    pub(super) every: usize,
}

/// Every promotion, past and planned; the last ones lie after the sample's day.
pub(super) fn promotions() -> Vec<Promotion> {
    let mut promotions = Vec::new();
    for year in [2024, 2025, 2026] {
        promotions.push(Promotion {
            name: "spring-sale",
            from: at(year, 4, 8),
            to: at(year, 4, 21),
            discount: 0.20,
            lift: 1.9,
            category: "garden",
            every: 5,
        });
        promotions.push(Promotion {
            name: "summer-sale",
            from: at(year, 7, 13),
            to: at(year, 7, 26),
            discount: 0.25,
            lift: 1.8,
            category: "textiles",
            every: 3,
        });

        if year < 2026 {
            promotions.push(black_week(year, 2.0, "coffee gear", 2));
            promotions.push(black_week(year, 1.7, "gifts", 4));
        }
    }
    promotions
}

fn black_week(year: i32, lift: f64, category: &'static str, every: usize) -> Promotion {
    Promotion {
        name: "black-week",
        from: at(year, 11, 24),
        to: at(year, 11, 30),
        discount: 0.15,
        lift,
        category,
        every,
    }
}
