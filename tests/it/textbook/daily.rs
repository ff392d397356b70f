//! Demand of independent days, exact: what the simulations draw from and the levels are set for.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use restock::forecast::demand_distribution::TotalDemand;
use restock::inventory::day_distribution::DayDistribution;
use restock::inventory::lattice::{Grid, Lattice};
use restock::inventory::protection::DemandTotals;
use restock::stats::poisson;

/// Independent demand of one distribution each day, with its exact totals.
pub(super) struct Daily {
    totals: Vec<Lattice>,
}

impl Daily {
    fn new(masses: Vec<f64>, days: usize) -> Self {
        let grid = Grid { step: 1.0, points: masses.len(), is_count: true };
        let one = Lattice::from_masses(grid, masses);

        let mut totals = vec![Lattice::zero(grid)];
        for day in 0..days {
            totals.push(totals[day].plus(&one));
        }

        Self { totals }
    }

    pub(super) fn poisson(mean: f64, days: usize) -> Self {
        Self::new((0..60).map(|k| poisson::probability(k, mean)).collect(), days)
    }

    pub(super) fn negative_binomial(mean: f64, variance: f64, days: usize) -> Self {
        let one = TotalDemand::plain(mean, variance, true);
        let mut before = 0.0;
        let masses = (0..200).map(|k| {
            let cdf = one.cdf(f64::from(k));
            cdf - std::mem::replace(&mut before, cdf)
        });

        Self::new(masses.collect(), days)
    }

    /// A sale on 20 % of days, of geometric size with mean 10.
    pub(super) fn lumpy(days: usize) -> Self {
        let sizes = (1..250).map(|k| 0.2 * 0.1 * libm::pow(0.9, f64::from(k - 1)));
        Self::new([0.8].into_iter().chain(sizes).collect(), days)
    }

    fn total(&self, from_day: u32, to_day: u32) -> &Lattice {
        &self.totals[(to_day - from_day) as usize]
    }

    /// Mean demand of a day, in units.
    pub(super) fn mean(&self) -> f64 {
        self.totals[1].mean()
    }

    /// The demand of a day, in units.
    pub(super) fn draw(&self, random: &mut ChaCha8Rng) -> f64 {
        let level = draw_unit(random);
        self.totals[1].cdf().partition_point(|&value| value < level) as f64
    }
}

impl DemandTotals for Daily {
    fn is_count(&self) -> bool {
        true
    }

    fn moments(&self, from_day: u32, to_day: u32) -> (f64, f64) {
        let total = self.total(from_day, to_day);
        (total.mean(), total.variance())
    }

    fn cdf(&self, from_day: u32, to_day: u32, units: f64) -> f64 {
        1.0 - self.total(from_day, to_day).survival(units)
    }

    fn fill_cdf(&self, days: (u32, u32), step: f64, out: &mut [f64]) {
        let total = self.total(days.0, days.1);
        for (k, value) in out.iter_mut().enumerate() {
            *value = total.at((k as f64 * step) as usize);
        }
    }
}

/// A number in [0, 1).
pub(super) fn draw_unit(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Days until an order that is placed now arrives.
pub(super) fn draw_days(lead_time: &DayDistribution, random: &mut ChaCha8Rng) -> u32 {
    lead_time.quantile(draw_unit(random))
}
