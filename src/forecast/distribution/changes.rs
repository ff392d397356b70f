//! Stated changes of the demand ahead, put on the distribution of an item.

use super::demand_distribution::{DemandDistribution, Stated};
use super::width::Widths;
use crate::demand::stated::DemandChange;
use crate::domain::tables::OverrideKind;

/// Changes are followed this many days ahead; what is stated for later days has no effect yet.
/// Judgement: past every horizon.
const REACH_DAYS: u32 = 1_500;

impl DemandDistribution {
    /// The distribution with changes of its mean, in their order. What is scaled stays as wide
    /// relative to its mean as it was; what is stated in units is as wide as `widths` says.
    ///
    /// With m_d the mean demand of day d: `set` V makes it V·m_d/Σm over the stretch (V/n where
    /// Σm = 0), `multiply` f makes it f·m_d, `add` V adds V·m_d/Σm and never leaves less than 0.
    #[must_use]
    pub fn changed(self, changes: &[DemandChange], widths: Widths) -> Self {
        if changes.is_empty() {
            return self;
        }

        let horizon = self.horizon_days();
        let last = |change: &DemandChange| match change.to_day {
            DemandChange::FOREVER => change.from_day,
            day => day,
        };
        let reach = changes.iter().map(last).fold(horizon, u32::max).min(REACH_DAYS.max(horizon));

        // One season cycle after the last change is what later days repeat.
        let days = reach as usize + self.cycle_days();
        let mut means: Vec<f64> =
            (0..days as u32).map(|d| self.mean_before(d + 1) - self.mean_before(d)).collect();

        let mut stated = vec![0.0; days];
        for change in changes {
            let to = (change.to_day as usize).min(days);
            let stretch = (change.from_day as usize).min(to)..to;
            apply(change.kind, change.value, &mut means[stretch.clone()], &mut stated[stretch]);
        }

        self.with_stated(running_sums(&means), Stated { cumulated: running_sums(&stated), widths })
    }
}

fn running_sums(values: &[f64]) -> Vec<f64> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    let mut before = 0.0;
    sums.push(before);
    for value in values {
        before += value;
        sums.push(before);
    }
    sums
}

fn apply(kind: OverrideKind, value: f64, means: &mut [f64], stated: &mut [f64]) {
    let days = means.len() as f64;
    let sum: f64 = means.iter().sum();
    for (mean, stated) in means.iter_mut().zip(stated) {
        let part = if sum > 0.0 { *mean / sum } else { 1.0 / days };
        match kind {
            OverrideKind::Set => (*mean, *stated) = (part * value, part * value),
            OverrideKind::Multiply => (*mean, *stated) = (*mean * value, *stated * value),
            OverrideKind::Add => {
                *mean += part * value.max(-sum);
                *stated += part * value.max(0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::stated::ChangeSource;
    use crate::forecast::demand_distribution::Spread;

    /// One unit a day for four weeks.
    fn distribution() -> DemandDistribution {
        DemandDistribution::new((0..=28).map(f64::from).collect(), 7, Spread::alike(0.0))
    }

    fn usual() -> Widths {
        Widths::alike(2.0)
    }

    fn change(from_day: u32, to_day: u32, kind: OverrideKind, value: f64) -> DemandChange {
        let source = ChangeSource::Override { reason: "test".into(), expires_on: 0 };
        DemandChange { from_day, to_day, kind, value, source }
    }

    #[test]
    fn each_kind_moves_its_stretch_and_nothing_else() {
        for (kind, value, stretch) in [
            (OverrideKind::Set, 21.0, 21.0),
            (OverrideKind::Add, 21.0, 28.0),
            (OverrideKind::Multiply, 3.0, 21.0),
        ] {
            let distribution = distribution().changed(&[change(7, 14, kind, value)], usual());
            assert!((distribution.total(7, 14).mean() - stretch).abs() < 1e-9);
            assert!((distribution.total(0, 7).mean() - 7.0).abs() < 1e-9);
            assert!((distribution.total(14, 28).mean() - 14.0).abs() < 1e-9);
            assert_eq!(distribution.horizon_days(), 28);
        }
    }

    #[test]
    fn stated_units_are_as_wide_as_demand_of_their_size_and_scaled_ones_as_the_items_own() {
        let relative = |distribution: &DemandDistribution| {
            let total = distribution.total(7, 14);
            (total.variance() - total.mean()) / (total.mean() * total.mean())
        };
        let own = relative(&distribution());
        assert!(
            (relative(
                &distribution().changed(&[change(7, 14, OverrideKind::Multiply, 9.0)], usual())
            ) - own)
                .abs()
                < 1e-9
        );
        let set =
            relative(&distribution().changed(&[change(7, 14, OverrideKind::Set, 63.0)], usual()));
        assert!((set - libm::exp(-2.0)).abs() < 1e-9);
        let added =
            relative(&distribution().changed(&[change(7, 14, OverrideKind::Add, 63.0)], usual()));
        assert!((added - (0.01 * own + 0.81 * set)).abs() < 1e-6);
    }

    #[test]
    fn demand_can_be_set_where_none_was_expected() {
        let distribution = DemandDistribution::new(vec![0.0; 29], 7, Spread::alike(0.0))
            .changed(&[change(0, 10, OverrideKind::Set, 50.0)], usual());
        assert!((distribution.total(0, 5).mean() - 25.0).abs() < 1e-9);
        assert!(distribution.total(0, 10).quantile(0.95) > 50.0);
        assert_eq!(distribution.total(10, 400).mean(), 0.0);
    }

    #[test]
    fn a_change_at_the_end_of_the_horizon_is_not_repeated_beyond_it() {
        let distribution =
            distribution().changed(&[change(21, 40, OverrideKind::Multiply, 10.0)], usual());
        assert!((distribution.total(40, 200).mean() - 160.0).abs() < 1e-6);
    }

    #[test]
    fn demand_without_end_stays_at_zero_after_the_last_day() {
        let distribution = distribution()
            .changed(&[change(5, DemandChange::FOREVER, OverrideKind::Multiply, 0.0)], usual());
        assert!((distribution.total(0, 5).mean() - 5.0).abs() < 1e-9);
        assert_eq!(distribution.total(5, 2_000).mean(), 0.0);
        let later = self::distribution()
            .changed(&[change(100, DemandChange::FOREVER, OverrideKind::Multiply, 0.0)], usual());
        assert!((later.total(0, 100).mean() - 100.0).abs() < 1e-6);
        assert_eq!(later.total(100, 2_000).mean(), 0.0);
    }

    #[test]
    fn more_taken_off_than_there_is_leaves_nothing() {
        let distribution =
            distribution().changed(&[change(0, 7, OverrideKind::Add, -100.0)], usual());
        assert_eq!(distribution.total(0, 7).mean(), 0.0);
        assert_eq!(distribution.total(0, 7).quantile(0.99), 0.0);
    }
}
