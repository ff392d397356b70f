//! Findings that need demand and other tables at once.

use std::collections::{BTreeMap, BTreeSet};

use super::InputFile;
use super::contract::STOCK;
use crate::config::Settings;
use crate::config::choices::Returns;
use crate::domain::calendar::{Day, date_of};
use crate::domain::finding::{Code, Finding};
use crate::domain::fixed::Fixed;
use crate::domain::key::Key;
use crate::domain::stock_coverage::StockCoverage;
use crate::domain::tables::{CleanDemand, Item, ItemStatus, Tables};

/// Days back from `as_of` in which a sale of a discontinued item is worth a word. Judgement: what
/// was ordered before the end has been booked within four weeks.
const STILL_SELLS_DAYS: Day = 28;

/// Days back from `as_of` in which what sells needs a stock row. The contract states it.
const SOLD_LATELY_DAYS: Day = 28;

/// What is odd about demand in the light of the settings and the other tables.
pub(crate) fn findings(
    settings: &Settings,
    as_of: Day,
    demand: &CleanDemand,
    tables: &Tables,
) -> Vec<Finding> {
    let mut findings = discontinued_demand(as_of, demand, tables);
    // Only then is a return left in demand.
    if settings.demand.returns == Returns::Net {
        findings.extend(returns_beyond_sales(settings, as_of, demand));
    }
    findings
}

/// How much of what sold lately has a row in the stock table.
pub(crate) fn stock_coverage(
    as_of: Day,
    demand: &CleanDemand,
    tables: &Tables,
    inputs: &[InputFile],
) -> StockCoverage {
    if tables.stock.is_none() {
        return StockCoverage::default();
    }

    let mut coverage = StockCoverage {
        rows: inputs.iter().filter(|input| input.table == STOCK).map(|input| input.rows).sum(),
        ..StockCoverage::default()
    };
    for key in sold_lately(as_of, demand) {
        coverage.sold += 1;
        coverage.without_row += usize::from(!tables.has_stock_record(key));
    }

    coverage
}

/// Where the stock table lacks most of what one location sells, while it has the others: what has
/// no row there counts as unknown and not as sold out. Says so.
pub(crate) fn hold_places_without_stock(
    as_of: Day,
    demand: &CleanDemand,
    tables: &mut Tables,
) -> Vec<Finding> {
    if tables.stock.is_none() {
        return Vec::new();
    }

    let mut places: BTreeMap<&str, StockCoverage> = BTreeMap::new();
    for key in sold_lately(as_of, demand) {
        let place = places.entry(&key.location).or_default();
        place.sold += 1;
        place.without_row += usize::from(!tables.has_stock_record(key));
    }
    if places.len() < 2 {
        return Vec::new();
    }

    let gaps: BTreeMap<&str, String> =
        places.iter().filter_map(|(place, sold)| Some((*place, sold.gap_at(place)?))).collect();
    let unknown = demand.keys.iter().filter(|key| gaps.contains_key(&*key.location));
    let unknown: Vec<Key> = unknown.filter(|key| !tables.has_stock_record(key)).cloned().collect();
    tables.unreadable_stock.extend(unknown);
    let finding = |gap: &String| {
        let message = format!("{gap}; those without one are not ordered there");
        Finding::of_table(Code::StockIncomplete, STOCK, message)
    };
    gaps.values().map(finding).collect()
}

/// Items that sold in the four weeks before a day.
fn sold_lately(as_of: Day, demand: &CleanDemand) -> impl Iterator<Item = &Key> {
    let from = as_of.saturating_sub(SOLD_LATELY_DAYS);
    let is_lately = move |at: usize| {
        let last_day = demand.day[at] + Day::from(demand.days[at]) - 1;
        (from..as_of).contains(&last_day) && demand.quantity[at] > Fixed::ZERO
    };
    items(demand).filter_map(move |(key, mut positions)| positions.any(is_lately).then_some(key))
}

/// The rows of each item: its key with the positions of its days.
fn items(demand: &CleanDemand) -> impl Iterator<Item = (&Key, std::ops::Range<usize>)> {
    demand.keys.iter().zip(demand.offsets.windows(2).map(|ends| ends[0]..ends[1]))
}

/// Items that are no longer sold and were, not long ago. One with a successor hands its demand on.
fn discontinued_demand(as_of: Day, demand: &CleanDemand, tables: &Tables) -> Vec<Finding> {
    let rows = tables.items.as_deref().unwrap_or_default();
    let replaced: BTreeSet<&str> =
        rows.iter().filter_map(|item| item.replaces.as_deref()).collect();
    let ended = |item: &Item| {
        let is_over = item.end_date.is_some_and(|end| end < as_of);
        (is_over || item.status == ItemStatus::Discontinued) && !replaced.contains(&*item.sku)
    };

    let mut findings = Vec::new();
    for (key, positions) in items(demand) {
        let found = rows.binary_search_by(|item| item.sku.cmp(&key.sku)).ok();
        let Some(item) = found.map(|at| &rows[at]).filter(|item| ended(item)) else { continue };
        let after_end = item.end_date.map_or(Day::MIN, |end| end.saturating_add(1));
        let from = after_end.max(as_of.saturating_sub(STILL_SELLS_DAYS));
        let sold = positions.filter(|at| {
            (from..as_of).contains(&demand.day[*at]) && demand.quantity[*at] > Fixed::ZERO
        });

        let (mut units, mut last) = (Fixed::ZERO, None);
        for at in sold {
            units += demand.quantity[at];
            last = last.max(Some(demand.day[at]));
        }
        if let Some(day) = last {
            let message = format!(
                "it is discontinued and sold {units} since {}, last on {}",
                date_of(from),
                date_of(day)
            );
            findings.push(Finding::about(Code::DiscontinuedDemand, "orders", key, message));
        }
    }
    findings
}

/// Periods whose returns are more than their sales.
fn returns_beyond_sales(settings: &Settings, as_of: Day, demand: &CleanDemand) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, positions) in items(demand) {
        let mut sums: BTreeMap<i32, Fixed> = BTreeMap::new();
        for at in positions {
            // A row counts in the period that holds its middle day, as it does in the forecast.
            let middle = demand.day[at] + Day::from(demand.days[at]) / 2;
            if middle < as_of {
                *sums.entry(settings.calendar.bucket_of(middle)).or_default() +=
                    demand.quantity[at];
            }
        }

        sums.retain(|_, sum| *sum < Fixed::ZERO);
        let Some((first, least)) = sums.first_key_value() else { continue };
        let from = date_of(settings.calendar.start_of(*first));
        let message = match sums.len() {
            1 => format!("returns exceed sales by {} in the period from {from}", -*least),
            more => format!("returns exceed sales in {more} periods, first in the one from {from}"),
        };
        findings.push(Finding::about(Code::ReturnsExceedSales, "orders", key, message));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::source::{Overlay, parse};

    const MONDAY: Day = 20_600 - 20_600 % 7 + 4;

    fn demand(rows: &[(Day, i64)]) -> CleanDemand {
        CleanDemand {
            keys: vec![Key::new("A1", "main")],
            offsets: vec![0, rows.len()],
            day: rows.iter().map(|row| row.0).collect(),
            days: vec![1; rows.len()],
            quantity: rows.iter().map(|row| Fixed::from_units(row.1)).collect(),
            ..CleanDemand::default()
        }
    }

    fn settings(text: &str) -> Settings {
        let raw = parse(text, "test", &Overlay::default()).unwrap();
        Settings::resolve(raw, Path::new(".")).unwrap()
    }

    fn messages(found: &[Finding], code: Code) -> Vec<&str> {
        let of_code = found.iter().filter(|finding| finding.code == code);
        of_code.map(|finding| finding.message.as_str()).collect()
    }

    #[test]
    fn a_period_with_more_returns_than_sales_is_said_once_an_item() {
        let net = settings("[demand]\nreturns = \"net\"\n");
        let rows = [(MONDAY, 3), (MONDAY + 1, -5), (MONDAY + 7, 2), (MONDAY + 8, -1)];
        let tables = Tables::default();
        let found = findings(&net, MONDAY + 14, &demand(&rows), &tables);
        let said = messages(&found, Code::ReturnsExceedSales);
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("returns exceed sales by 2 in the period from "), "{said:?}");

        let again = [(MONDAY, -3), (MONDAY + 7, -2)];
        let found = findings(&net, MONDAY + 14, &demand(&again), &tables);
        assert!(messages(&found, Code::ReturnsExceedSales)[0].contains("in 2 periods"));
    }

    #[test]
    fn an_item_that_sells_past_its_end_is_said_unless_another_replaces_it() {
        let item = |sku: &str, status, replaces: Option<&str>| Item {
            sku: sku.into(),
            status,
            replaces: replaces.map(Into::into),
            ..Item::default()
        };
        let settings = settings("");
        let sold = demand(&[(MONDAY, 4)]);
        let found = |items: Vec<Item>, as_of| {
            let tables = Tables { items: Some(items), ..Tables::default() };
            messages(&findings(&settings, as_of, &sold, &tables), Code::DiscontinuedDemand).len()
        };
        let ended = || item("A1", ItemStatus::Discontinued, None);
        assert_eq!(found(vec![ended()], MONDAY + 1), 1);
        assert_eq!(found(vec![ended()], MONDAY + 60), 0, "it has stopped");
        assert_eq!(found(vec![item("A1", ItemStatus::Active, None)], MONDAY + 1), 0);
        let successor = item("B1", ItemStatus::Active, Some("A1"));
        assert_eq!(found(vec![ended(), successor], MONDAY + 1), 0, "its demand is handed on");
        let by_date = Item { end_date: Some(MONDAY), ..item("A1", ItemStatus::Active, None) };
        assert_eq!(found(vec![by_date], MONDAY + 1), 0, "it was sold on its last day");
    }
}
