//! The rule for lost sales against the best base stock that brute force finds, by simulation of
//! stock and deliveries.

use std::collections::BTreeMap;

use restock::domain::target::CostRates;
use restock::inventory::day_distribution::DayDistribution;
use restock::inventory::lost_sales::{
    Holdings, LostSalesPrices, days_between_orders, lost_sales_order, lost_unit_weight,
};
use restock::inventory::risk::Incoming;
use restock::inventory::supply::Supply;
use restock::stats::random::stream;

use super::daily::Daily;

const PERIODS: usize = 40_000;
/// Periods before stock and deliveries no longer show how they began.
const WARM_UP_PERIODS: usize = 500;

/// An item that is ordered each period and whose unmet demand is lost.
struct Item {
    demand: Daily,
    /// Periods from an order to its arrival.
    lead_periods: usize,
    costs: CostRates,
}

impl Item {
    /// Mean cost a period of a rule that decides from what is on hand and on its way, both in
    /// units.
    fn cost(&self, mut rule: impl FnMut(f64, &[f64]) -> f64) -> f64 {
        let mut random = stream(11, b"lost sales");
        let (mut stock, mut on_the_way, mut sum) = (0.0, vec![0.0; self.lead_periods], 0.0);
        for period in 0..PERIODS {
            // The first of what is on its way arrives now.
            let order = rule(stock, &on_the_way);
            on_the_way.push(order);
            stock += on_the_way.remove(0);

            let units = self.demand.draw(&mut random);
            let lost = (units - stock).max(0.0);
            stock = (stock - units).max(0.0);
            if period > WARM_UP_PERIODS {
                sum += self.costs.holding_per_day * stock + self.costs.shortage_per_unit * lost;
            }
        }

        sum / (PERIODS - WARM_UP_PERIODS - 1) as f64
    }

    /// What the rule of the program costs.
    fn cost_by_the_rule(&self) -> f64 {
        let mut known: BTreeMap<Vec<i64>, f64> = BTreeMap::new();
        self.cost(|stock, on_the_way| {
            let state = std::iter::once(&stock).chain(on_the_way).map(|x| *x as i64).collect();
            *known.entry(state).or_insert_with(|| self.order_by_the_rule(stock, on_the_way))
        })
    }

    fn order_by_the_rule(&self, stock_units: f64, on_the_way: &[f64]) -> f64 {
        let supply = Supply::new(DayDistribution::point(self.lead_periods as u32), 0, 1);
        let between = days_between_orders(&self.demand, &supply);
        let weight = lost_unit_weight(self.lead_periods as f64, between);
        let prices = LostSalesPrices {
            holding_per_day: self.costs.holding_per_day,
            lost_per_unit: self.costs.shortage_per_unit,
            lost_unit_weight: weight,
            charge_every_days: 1,
        };
        let incoming: Vec<Incoming> = on_the_way
            .iter()
            .enumerate()
            .map(|(day, &units)| Incoming {
                units,
                arrival: DayDistribution::point(day as u32),
                lot: 1,
            })
            .collect();
        let holdings = Holdings { stock_units, incoming: &incoming };

        lost_sales_order(&self.demand, &supply, holdings, prices).quantity_units.max(0.0)
    }

    /// What the best of all base stocks costs.
    fn cost_of_best_base_stock(&self) -> f64 {
        let max_level = (6.0 * (self.lead_periods + 2) as f64 * self.demand.mean()) as usize;
        let costs = (0..max_level).map(|level| {
            self.cost(|stock, on_the_way| {
                (level as f64 - stock - on_the_way.iter().sum::<f64>()).max(0.0)
            })
        });

        costs.fold(f64::INFINITY, f64::min)
    }
}

/// By simulation of 40,000 periods the rule costs less than the best of all base stocks, which
/// knows only the sum of what is on hand and on its way: 1 to 10 % less, the more the longer the
/// lead time. An item that seldom sells costs as much as under the best base stock.
#[test]
fn the_rule_for_lost_sales_costs_less_than_the_best_base_stock() {
    for (name, demand, lead_periods, shortage, max_ratio) in [
        ("Poisson 5", Daily::poisson(5.0, 12), 1, 1.0, 0.985),
        ("Poisson 5", Daily::poisson(5.0, 12), 2, 1.0, 0.965),
        ("Poisson 5", Daily::poisson(5.0, 12), 4, 1.0, 0.93),
        ("Poisson 5", Daily::poisson(5.0, 12), 4, 4.0, 0.98),
        ("negative binomial 5, 25", Daily::negative_binomial(5.0, 25.0, 12), 2, 1.0, 0.97),
        ("negative binomial 5, 25", Daily::negative_binomial(5.0, 25.0, 12), 4, 4.0, 0.98),
        ("negative binomial 2, 6", Daily::negative_binomial(2.0, 6.0, 12), 2, 0.4, 0.98),
        ("negative binomial 0.5, 1", Daily::negative_binomial(0.5, 1.0, 12), 2, 4.0, 1.03),
        ("Poisson 0.3", Daily::poisson(0.3, 12), 8, 1.0, 1.03),
        ("Poisson 0.3", Daily::poisson(0.3, 12), 4, 4.0, 1.03),
        // Two sales a year and 90 days on the way, in periods of nine days: the best stock is 2.
        ("Poisson 0.05", Daily::poisson(0.05, 12), 10, 20.0, 1.03),
    ] {
        let costs = CostRates {
            holding_per_day: 0.2,
            shortage_per_unit: shortage,
            shortage_per_day: shortage,
        };
        let item = Item { demand, lead_periods, costs };

        let (rule, base) = (item.cost_by_the_rule(), item.cost_of_best_base_stock());
        assert!(
            rule <= max_ratio * base,
            "{name}, L = {lead_periods}, p = {shortage}: {rule} against {base}"
        );
    }
}
