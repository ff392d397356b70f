//! Two and a half years of one item at one location, day by day: what was asked for, what was sold,
//! what was ordered, when it came. The shop's planner works by rule of thumb, which is why some
//! shelves are full and some are empty.

use super::catalogue::CatalogueItem;
use super::dates::history_days;
use super::dice::Dice;
use super::season::{Promotion, weekday_factor};
use super::suppliers::{SUPPLIERS, SupplierClosure, actual_lead_time_days};

/// An order line of a customer.
pub(super) struct Sale {
    pub(super) day: i32,
    pub(super) units: i64,
    /// Number of the trade customer; `None` for a private one.
    pub(super) customer: Option<usize>,
    pub(super) promotion: Option<&'static str>,
    /// Cents a unit.
    pub(super) price: i64,
}

/// A line of a purchase order, received or not yet.
pub(super) struct SupplyLine {
    pub(super) units: i64,
    pub(super) ordered: i32,
    pub(super) promised: i32,
    pub(super) arrives: i32,
    pub(super) expedited: bool,
}

/// A customer's line that waits for stock.
pub(super) struct Waiting {
    /// Its index among the sales.
    pub(super) sale: usize,
    pub(super) units: i64,
}

/// All that happened to an item at a location.
#[derive(Default)]
pub(super) struct ShelfHistory {
    pub(super) sales: Vec<Sale>,
    pub(super) deliveries: Vec<SupplyLine>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) on_hand: i64,
    /// Days that ended without stock, by week.
    pub(super) days_out: Vec<u8>,
}

/// What the simulation needs to know.
pub(super) struct Setting<'a> {
    pub(super) item: &'a CatalogueItem,
    pub(super) in_shop: bool,
    /// The promotions that this item takes part in.
    pub(super) promotions: Vec<&'a Promotion>,
    pub(super) closures: &'a [SupplierClosure],
    /// Trade customers who buy this item.
    pub(super) regulars: [usize; 4],
    pub(super) one_offs: Vec<OneOff>,
}

/// A large order that will not come again.
pub(super) struct OneOff {
    pub(super) day: i32,
    pub(super) units: i64,
}

/// Simulates one item at one location.
pub(super) fn play(setting: &Setting<'_>, dice: &mut Dice) -> ShelfHistory {
    let days = history_days();
    let mut history =
        ShelfHistory { days_out: vec![0; days as usize / 7], ..ShelfHistory::default() };
    let mut asked = Vec::with_capacity(days as usize);
    history.on_hand = opening_stock(setting);

    let mut weekly = 1.0;
    for day in 0..days {
        if day % 7 == 0 {
            weekly = dice.factor(setting.item.noise);
        }

        order(setting, day, &asked, &mut history, dice);
        receive(day, &mut history);
        asked.push(sell(setting, day, weekly, &mut history, dice));

        if history.on_hand == 0 && on_sale(setting.item, day) {
            history.days_out[(day / 7) as usize] += 1;
        }
    }

    history
}

/// Whether customers can ask for the item on a day.
fn on_sale(item: &CatalogueItem, day: i32) -> bool {
    day >= item.launched && item.ended.is_none_or(|ended| day <= ended)
}

/// Units a day of an average week of the year.
fn base_rate(setting: &Setting<'_>) -> f64 {
    let item = setting.item;

    let trade = 1.0 + 3.5 * item.trade_share;
    let share = if setting.in_shop { item.shop_share } else { trade };
    item.lines_per_week / 7.0 * item.units_per_line * share
}

fn opening_stock(setting: &Setting<'_>) -> i64 {
    let terms = &SUPPLIERS[setting.item.supplier];
    let cover = f64::from(terms.lead_time_days + terms.review_days() + 30);

    (base_rate(setting) * cover * setting.item.season.factor(setting.item.launched.max(0) + 20))
        as i64
        + 3
}

/// Sells a day's demand and says how many units were asked for.
fn sell(
    setting: &Setting<'_>,
    day: i32,
    weekly: f64,
    history: &mut ShelfHistory,
    dice: &mut Dice,
) -> i64 {
    let item = setting.item;
    if !on_sale(item, day) {
        return 0;
    }

    let promotion =
        setting.promotions.iter().find(|promotion| (promotion.from..=promotion.to).contains(&day));
    let share = if setting.in_shop { item.shop_share } else { 1.0 };
    let years = f64::from(day) / 365.0;
    let surge = item.surge.filter(|surge| day >= surge.from).map_or(1.0, |surge| surge.times);

    let lines = item.lines_per_week / 7.0
        * share
        * weekly
        * item.season.factor(day)
        * weekday_factor(setting.in_shop, day)
        * libm::pow(1.0 + item.growth_per_year, years)
        * promotion.map_or(1.0, |promotion| promotion.lift)
        * surge;

    let list_price =
        if day < super::dates::at(2025, 1, 1) { item.price * 19 / 20 } else { item.price };
    let price =
        promotion.map_or(list_price, |it| (list_price as f64 * (1.0 - it.discount)).round() as i64);

    let mut asked = 0;
    for _ in 0..dice.poisson(lines) {
        let is_trade = !setting.in_shop && dice.chance(item.trade_share);
        let mut units = dice.geometric(item.units_per_line);
        let mut sale =
            Sale { day, units, customer: None, promotion: promotion.map(|it| it.name), price };

        if is_trade {
            units *= 3 + dice.below(4) as i64;
            let customer = setting.regulars[dice.below(setting.regulars.len())];
            // Trade customers buy at fifteen percent below the list.
            sale = Sale {
                units,
                customer: Some(customer),
                promotion: None,
                price: list_price * 85 / 100,
                ..sale
            };
        }

        asked += units;
        hand_out(item, sale, history);
    }

    for order in setting.one_offs.iter().filter(|order| order.day == day) {
        let sale = Sale {
            day,
            units: order.units,
            customer: Some(setting.regulars[0]),
            promotion: None,
            price: list_price * 80 / 100,
        };
        hand_out(item, sale, history);
    }

    asked
}

/// Serves a line from stock. What is missing waits, or is lost if customers do not wait.
fn hand_out(item: &CatalogueItem, mut sale: Sale, history: &mut ShelfHistory) {
    let served = sale.units.min(history.on_hand);
    history.on_hand -= served;

    if item.backorder_policy == "deny" || sale.day >= item.reordered_until {
        sale.units = served;
    } else if served < sale.units {
        history.waiting.push(Waiting { sale: history.sales.len(), units: sale.units - served });
    }

    if sale.units > 0 {
        history.sales.push(sale);
    }
}

/// How long a customer waits before giving up, days. Judgement: some six weeks, so that a few give
/// up during the longest lead times.
const PATIENCE_DAYS: i32 = 45;

/// Unloads what arrives and serves who waits, the oldest first.
fn receive(day: i32, history: &mut ShelfHistory) {
    history.on_hand +=
        history.deliveries.iter().filter(|it| it.arrives == day).map(|it| it.units).sum::<i64>();

    for line in &mut history.waiting {
        let served = line.units.min(history.on_hand);
        line.units -= served;
        history.on_hand -= served;
    }

    let sales = &history.sales;
    history.waiting.retain(|line| line.units > 0 && day - sales[line.sale].day < PATIENCE_DAYS);
}

/// The planner's rule: when the position falls below the expected demand of lead time and review,
/// plus some safety, order a few weeks' worth.
fn order(
    setting: &Setting<'_>,
    day: i32,
    asked: &[i64],
    history: &mut ShelfHistory,
    dice: &mut Dice,
) {
    let item = setting.item;
    let terms = &SUPPLIERS[item.supplier];
    let is_closed = setting
        .closures
        .iter()
        .any(|it| it.supplier == item.supplier && (it.from..=it.to).contains(&day));

    if is_closed
        || day >= item.reordered_until
        || !terms.takes_orders_on(day)
        || day < item.launched - terms.lead_time_days
    {
        return;
    }

    let cover = f64::from(terms.lead_time_days + terms.review_days());
    let per_day = expected_per_day(setting, day, cover, asked);
    let point =
        per_day * cover + item.caution * (per_day * cover * (1.0 + item.units_per_line)).sqrt();

    let on_order: i64 =
        history.deliveries.iter().filter(|it| it.arrives >= day).map(|it| it.units).sum();
    let waiting: i64 = history.waiting.iter().map(|line| line.units).sum();
    let missing = point - (history.on_hand + on_order - waiting) as f64;

    if missing < 0.0 {
        return;
    }

    let wanted = (missing + per_day * 24.0).ceil() as i64;
    let wanted = wanted.max(if item.moq > 100 { 0 } else { item.moq }).max(1);
    let units = (wanted + item.pack_size - 1) / item.pack_size * item.pack_size;

    let expedited = waiting > 0 && dice.chance(0.08);
    let lead_time = actual_lead_time_days(item.supplier, day, dice);
    let lead_time = if expedited { (lead_time / 2).max(1) } else { lead_time };

    let promised = day + terms.lead_time_days;
    history.deliveries.push(SupplyLine {
        units,
        ordered: day,
        promised,
        arrives: day + lead_time,
        expedited,
    });
}

/// The planner's guess: the last eight weeks, moved along the season.
fn expected_per_day(setting: &Setting<'_>, day: i32, cover: f64, asked: &[i64]) -> f64 {
    let item = setting.item;
    let since_launch = day - item.launched.max(0);

    if since_launch < 28 {
        return base_rate(setting) * item.season.factor(day + cover as i32 / 2);
    }

    let window = asked.len().min(56).min(since_launch as usize);
    let recent: i64 = asked[asked.len() - window..].iter().sum();

    let (then, soon) =
        (item.season.factor(day - window as i32 / 2), item.season.factor(day + cover as i32 / 2));
    // A planner does not triple an order on a hunch.
    recent as f64 / window as f64 * (soon / then).clamp(0.4, 2.0)
}
