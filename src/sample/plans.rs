//! The tables of what is known about the days ahead: events, prices and promotions, and what the
//! analyst knows better.

use super::dates::{at, iso};
use super::sheet::{Sheet, money};
use super::shop_state::{ShopState, takes_part};

/// `calendar.csv`
pub(super) fn calendar() -> String {
    let mut events = Vec::new();
    for (year, easter, mothers_day, black_friday, street_fair) in [
        (2024, (3, 31), (5, 12), (11, 29), (9, 7)),
        (2025, (4, 20), (5, 11), (11, 28), (9, 6)),
        (2026, (4, 5), (5, 10), (11, 27), (9, 5)),
    ] {
        for (event, (month, day), location) in [
            ("easter", easter, ""),
            ("mothers-day", mothers_day, ""),
            ("black-friday", black_friday, "depot"),
            ("street-fair", street_fair, "shop"),
            ("christmas", (12, 25), ""),
        ] {
            events.push((at(year, month, day), event, location));
        }
    }

    events.sort_unstable();
    let mut sheet = Sheet::new("date,event,location");
    for (date, event, location) in events {
        sheet.row([iso(date).as_str(), event, location]);
    }
    sheet.finish()
}

/// `prices.csv`: list prices since the rise of January 2025 and before, and every promotion, the
/// planned ones too.
pub(super) fn prices(shop: &ShopState) -> String {
    let mut sheet = Sheet::new("sku,location,from,to,unit_price,promotion");
    let rise = at(2025, 1, 1);
    for (number, item) in shop.items.iter().enumerate() {
        let mut row = |from: String, to: String, cents: i64, promotion: &str| {
            sheet.row([&item.sku, "", &from, &to, &money(cents), promotion]);
        };

        if item.launched < rise {
            row(iso(0), iso(rise - 1), item.price * 19 / 20, "");
        }

        row(iso(item.launched.max(rise)), String::new(), item.price, "");

        for promotion in
            shop.promotions.iter().filter(|promotion| takes_part(promotion, item, number))
        {
            let is_sold = promotion.from >= item.launched
                && item.ended.is_none_or(|ended| promotion.to <= ended);
            if is_sold {
                let list = if promotion.from < rise { item.price * 19 / 20 } else { item.price };
                let reduced = (list as f64 * (1.0 - promotion.discount)).round() as i64;
                row(iso(promotion.from), iso(promotion.to), reduced, promotion.name);
            }
        }
    }

    sheet.finish()
}

/// `overrides.csv`: what the analyst knows and the history does not, each with a reason and an end.
pub(super) fn overrides() -> String {
    let mut sheet = Sheet::new("sku,location,from,to,kind,value,reason,expires_on");
    for row in [
        [
            "GA-1004",
            "depot",
            "2026-07-06",
            "2026-07-19",
            "add",
            "80",
            "Garden show: order confirmed by phone",
            "2026-07-20",
        ],
        [
            "GA-1043",
            "",
            "2026-06-29",
            "2026-07-12",
            "multiply",
            "1.3",
            "Forecast says the heatwave lasts two more weeks",
            "2026-07-13",
        ],
        [
            "CO-1031",
            "depot",
            "2026-07-27",
            "2026-08-16",
            "multiply",
            "0.6",
            "Café chain on holiday",
            "2026-08-17",
        ],
        [
            "GI-1040",
            "",
            "2026-06-29",
            "2026-07-26",
            "set",
            "60",
            "Launch plan, marketing",
            "2026-07-31",
        ],
        [
            "TX-1013",
            "shop",
            "2026-05-01",
            "2026-08-31",
            "multiply",
            "2",
            "Window display, taken down",
            "2026-05-31",
        ],
    ] {
        sheet.row(row);
    }

    sheet.finish()
}
