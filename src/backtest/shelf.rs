//! The stock of one item during a replay.

use std::collections::VecDeque;

use crate::domain::policy::UnmetDemand;

/// An order on its way. Days are counted from the first day of the shop's history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncomingLine {
    /// The day it was ordered.
    pub ordered_on: usize,
    /// The day the supplier named.
    pub promised_on: usize,
    /// The day it comes, which no policy is told.
    pub arrives_on: usize,
    /// How much is on its way, units.
    pub units: f64,
}

/// Stock of one item, in units.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// Units on the shelf.
    pub on_hand: f64,
    /// Units of demand that wait.
    pub waiting: f64,
    /// Orders on their way, as they were placed.
    pub open: Vec<IncomingLine>,
    /// Deliveries on the shelf, oldest first; empty if stock keeps for ever.
    lots: VecDeque<Lot>,
    keeps_days: Option<usize>,
}

/// What is left of a delivery.
#[derive(Debug, Clone, Copy)]
struct Lot {
    came_on: usize,
    units: f64,
}

impl Shelf {
    /// A shelf with stock on it, which keeps for `keeps_days`; for ever if `None`.
    #[must_use]
    pub fn new(on_hand: f64, keeps_days: Option<usize>, today: usize) -> Self {
        let lots = keeps_days
            .map(|_| VecDeque::from([Lot { came_on: today, units: on_hand }]))
            .unwrap_or_default();
        Self { on_hand, lots, keeps_days, ..Self::default() }
    }

    /// Units on order.
    #[must_use]
    pub fn on_order(&self) -> f64 {
        self.open.iter().map(|line| line.units).sum()
    }

    /// On hand, less what waits, plus what is on order.
    #[must_use]
    pub fn position(&self) -> f64 {
        self.on_hand - self.waiting + self.on_order()
    }

    /// Unloads what arrives on a day and serves the demand that waits; returns the units unloaded.
    pub fn receive(&mut self, day: usize) -> f64 {
        let mut arrived = 0.0;
        self.open.retain(|line| {
            let stays = line.arrives_on > day;
            arrived += if stays { 0.0 } else { line.units };
            stays
        });

        let handed_out = arrived.min(self.waiting);
        self.waiting -= handed_out;
        self.on_hand += arrived - handed_out;

        if self.keeps_days.is_some() && arrived > handed_out {
            self.lots.push_back(Lot { came_on: day, units: arrived - handed_out });
        }
        arrived
    }

    /// Serves a day's demand; returns the units that found no stock.
    ///
    /// ```
    /// use restock::backtest::shelf::Shelf;
    /// use restock::domain::policy::UnmetDemand;
    /// let mut shelf = Shelf::new(3.0, None, 0);
    /// assert_eq!(shelf.serve(5.0, UnmetDemand::Backorder), 2.0);
    /// assert_eq!((shelf.on_hand, shelf.waiting), (0.0, 2.0));
    /// ```
    pub fn serve(&mut self, demand: f64, unmet: UnmetDemand) -> f64 {
        let served = demand.min(self.on_hand);
        self.on_hand -= served;
        self.take_from_lots(served);

        let short = demand - served;
        if unmet == UnmetDemand::Backorder {
            self.waiting += short;
        }
        short
    }

    /// Throws away what has reached its age by the end of a day; returns the units.
    pub fn expire(&mut self, day: usize) -> f64 {
        let Some(keeps) = self.keeps_days else { return 0.0 };
        let mut gone = 0.0;

        while let Some(lot) = self.lots.front().filter(|lot| lot.came_on + keeps <= day) {
            gone += lot.units;
            self.lots.pop_front();
        }

        let gone = gone.min(self.on_hand);
        self.on_hand -= gone;
        gone
    }

    fn take_from_lots(&mut self, mut units: f64) {
        while units > 0.0 {
            let Some(oldest) = self.lots.front_mut() else { return };
            let taken = units.min(oldest.units);
            oldest.units -= taken;
            units -= taken;
            if oldest.units <= 0.0 {
                self.lots.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(arrives_on: usize, units: f64) -> IncomingLine {
        IncomingLine { ordered_on: 0, promised_on: arrives_on, arrives_on, units }
    }

    #[test]
    fn a_delivery_serves_first_those_who_wait() {
        let mut shelf = Shelf::new(1.0, None, 0);
        shelf.open = vec![line(2, 5.0), line(3, 4.0)];

        assert_eq!(shelf.serve(4.0, UnmetDemand::Backorder), 3.0);
        assert_eq!(shelf.position(), -3.0 + 9.0);
        assert_eq!(shelf.receive(1), 0.0);
        assert_eq!(shelf.receive(2), 5.0);
        assert_eq!((shelf.on_hand, shelf.waiting, shelf.on_order()), (2.0, 0.0, 4.0));
    }

    #[test]
    fn lost_demand_does_not_wait() {
        let mut shelf = Shelf::new(1.0, None, 0);
        assert_eq!(shelf.serve(4.0, UnmetDemand::Lost), 3.0);
        assert_eq!((shelf.on_hand, shelf.waiting), (0.0, 0.0));
    }

    #[test]
    fn the_oldest_stock_is_sold_first_and_the_rest_of_it_expires() {
        let mut shelf = Shelf::new(10.0, Some(5), 0);
        shelf.open = vec![line(3, 4.0)];
        shelf.receive(3);
        shelf.serve(7.0, UnmetDemand::Lost);

        assert_eq!(shelf.expire(4), 0.0);
        assert_eq!(shelf.expire(5), 3.0);
        assert_eq!(shelf.on_hand, 4.0);
    }
}
