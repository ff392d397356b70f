//! What happened to particular items: launches, ends, successors, a surge, a minimum quantity
//! nobody needs. `data/README.md` tells the same stories to the reader.

use super::catalogue::{CatalogueItem, Surge};
use super::dates::{at, history_days};

/// Writes the stories into the catalogue.
pub(super) fn tell(items: &mut Vec<CatalogueItem>) {
    launches(items);
    ends(items);
    successors(items);
    oddities(items);
    items.sort_by(|a, b| a.sku.cmp(&b.sku));
}

fn change(items: &mut [CatalogueItem], sku: &str, story: impl Fn(&mut CatalogueItem)) {
    let item = items.iter_mut().find(|item| item.sku == sku);
    story(item.expect("stories name items of the catalogue"));
}

/// Five items came out six weeks ago; one of them is a success.
fn launches(items: &mut [CatalogueItem]) {
    let launched = history_days() - 42;
    for sku in ["CE-1016", "GI-1040", "TX-1052", "DI-1070", "PA-1034"] {
        change(items, sku, |item| {
            item.status = "new";
            item.launched = launched;
            item.lines_per_week = item.lines_per_week.max(0.8);
        });
    }
    change(items, "GI-1040", |item| item.lines_per_week = 4.5);
}

/// Six items are gone, five are being sold off.
fn ends(items: &mut [CatalogueItem]) {
    for sku in ["GA-1055", "GI-1052", "DI-1031", "CE-1088", "TX-1040", "001088"] {
        change(items, sku, |item| {
            item.status = "discontinued";
            item.ended = Some(at(2025, 10, 31));
            item.reordered_until = at(2025, 9, 1);
        });
    }

    // Discontinued in the item table, and still sold at the till.
    change(items, "PA-1010", |item| {
        item.status = "discontinued";
        item.reordered_until = at(2026, 3, 16);
    });

    for sku in ["GA-1097", "CG-1037", "TX-1061", "DI-1094", "CE-1058"] {
        change(items, sku, |item| {
            item.status = "phase_out";
            item.growth_per_year = -0.25;
            item.reordered_until = at(2026, 4, 6);
        });
    }
}

/// Three items were replaced at the end of January.
fn successors(items: &mut Vec<CatalogueItem>) {
    let changed = at(2026, 2, 1);
    for (sku, successor) in [("DI-1043", "DI-2043"), ("CE-1004", "CE-2004"), ("CG-1013", "CG-2013")]
    {
        let old = items
            .iter_mut()
            .find(|item| item.sku == sku)
            .expect("stories name items of the catalogue");

        old.lines_per_week = old.lines_per_week.max(0.9);

        let mut new = old.clone();

        old.status = "discontinued";
        old.ended = Some(changed - 1);
        old.reordered_until = changed - 45;

        new.sku = successor.to_owned();
        new.description = format!("{} (2026)", new.description);
        new.launched = changed;
        new.replaces = Some(sku.to_owned());
        new.price += 100;

        items.push(new);
    }
}

fn oddities(items: &mut [CatalogueItem]) {
    let days = history_days();
    // A heatwave since the first of June: watering cans and hose connectors fly off the shelf.
    change(items, "GA-1043", |item| item.surge = Some(Surge { from: days - 25, times: 3.5 }));
    change(items, "GA-1136", |item| item.surge = Some(Surge { from: days - 21, times: 3.0 }));

    // A café chain switched to this one in spring: a new level, not a surge.
    change(items, "CO-1031", |item| item.surge = Some(Surge { from: days - 75, times: 1.9 }));

    // Five springs a year, and the supplier sells five hundred.
    change(items, "001103", |item| {
        item.moq = 500;
        item.lines_per_week = 0.07;
        item.units_per_line = 1.5;
        item.trade_share = 0.0;
    });

    // Descriptions that a spreadsheet would take for a formula.
    change(items, "CE-1001", |item| {
        item.description = "=2+2 mug, for accountants".to_owned();
        item.lines_per_week = 1.8;
    });
    change(items, "DI-1004", |item| item.description = "-20 °C freezer thermometer".to_owned());
    change(items, "TX-1019", |item| item.description = "@home doormat, \"shoes off\"".to_owned());

    // The best sellers carry their own promise.
    change(items, "CO-1001", |item| {
        item.lines_per_week = 9.0;
        item.target = "fill_rate=0.99";
    });

    change(items, "CO-1046", |item| item.lines_per_week = 7.0);
    change(items, "GI-1001", |item| {
        item.lines_per_week = 3.5;
        item.target = "cycle_service_level=0.97";
    });

    // Weighed, not counted: sold in halves of a kilogram.
    change(items, "CO-1052", |item| {
        item.description = "House blend, loose, kg".to_owned();
        item.halves = true;
    });

    // Bought far too many in a good mood.
    change(items, "GI-1091", |item| item.caution = 14.0);
    change(items, "GA-1118", |item| item.caution = 14.0);
}
