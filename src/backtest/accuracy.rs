//! Forecasts made at days of the past, from what was known then, against what came.
//!
//! At every origin the inputs are cut, the whole demand and forecasting stage runs again on what is
//! left, and only then is the demand of the window after it looked up. Choices of models and
//! weights are made inside each cut.

use rand_chacha::rand_core::Rng;
use rayon::prelude::*;

use super::scores::Score;
use crate::config::Settings;
use crate::config::choices::Spikes;
use crate::demand::panel::{Panel, Series};
use crate::demand::prepare::Prepared;
use crate::domain::calendar::Day;
use crate::error::{Error, Result};
use crate::forecast::metrics::{mase, rmsse};
use crate::forecast::{
    AcrossItems, BlendWeights, ForecastSettings, Forecasts, ModelChoice, fit, forecast_items,
    groups,
};
use crate::io::Past;
use crate::pipeline::prepare;
use crate::stats::random;

/// Classes of demand, the last for all items.
pub const CLASSES: [&str; 6] = ["smooth", "erratic", "intermittent", "lumpy", "new", "all"];
/// Quantile levels of totals that are always measured. Judgement: the median and usual service
/// levels.
pub const TOTAL_LEVELS: [f64; 4] = [0.5, 0.9, 0.95, 0.99];
/// Items a worker takes at a time. Judgement: enough to keep every core busy.
const CHUNK: usize = 128;

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct AccuracyPlan {
    /// Models by name; `auto` is the blend.
    pub models: Vec<String>,
    /// Days in the past that forecasts are made at, at most.
    pub origins: usize,
    /// Items measured, at most; all are fitted.
    pub items: usize,
    /// The day after the last one of the newest window.
    pub end: Day,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Accuracy {
    /// Days that forecasts were made at, oldest first.
    pub origins: Vec<Day>,
    /// Names of the models.
    pub models: Vec<String>,
    /// First and last step of each group of buckets ahead, from 1; the last group holds all.
    pub steps: Vec<(usize, usize)>,
    /// Quantile levels of single buckets.
    pub levels: Vec<f64>,
    /// Lengths of totals in buckets.
    pub lengths: Vec<usize>,
    /// Season that MASE is scaled by, in buckets.
    pub season: usize,
    /// Items measured at the newest origin.
    pub items: usize,
    /// By model, class and group of steps.
    pub buckets: Vec<Vec<Vec<Score>>>,
    /// By model, class and length of total.
    pub totals: Vec<Vec<Vec<Score>>>,
    /// What the blend weighed at the newest origin.
    pub blend: Vec<BlendWeights>,
}

/// Measures the models at origins of the past.
///
/// # Errors
/// When the inputs cannot be read, or hold too little history for one window.
pub fn accuracy(
    settings: &Settings,
    past: &mut Past,
    plan: &AccuracyPlan,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Accuracy> {
    let mut kept = settings.clone();
    // What is measured against is the demand that came, spikes included.
    kept.demand.spikes = Spikes::Keep;
    let calendar = settings.calendar;
    let end = calendar.start_of(calendar.bucket_of(plan.end));
    let truth = prepare(&kept, &mut past.at(settings, end)?);
    let truth_panel = truth.histories.open();
    let longest = truth_panel.longest();
    let horizon = settings.forecast.horizon;

    let origins = origins(longest, horizon, plan.origins);
    if origins.is_empty() {
        let message = format!("{longest} buckets of history are too few for windows of {horizon}");
        return Err(Error::data(message).hint("shorten them: --set forecast.horizon=4"));
    }

    let mut out = Accuracy::empty(settings, plan, longest);

    for (round, cut) in origins.iter().enumerate() {
        let origin = calendar.start_of(calendar.bucket_of(end) - *cut as i32);
        let prepared = prepare(settings, &mut past.at(settings, origin)?);
        let panel = prepared.histories.open();
        let groups = groups(&panel);
        let items = chosen(&prepared, plan.items, settings.run.seed);
        let truth_of = match_items(&prepared, &truth);

        out.origins.push(origin);
        out.items = items.len();

        for (at, model) in plan.models.iter().enumerate() {
            progress(round * plan.models.len() + at, origins.len() * plan.models.len());
            let mut wanted = ForecastSettings::of(settings, prepared.longest_reach_days);
            wanted.model =
                if model == "auto" { ModelChoice::Auto } else { ModelChoice::Named(model.clone()) };
            let fitted = fit(&panel, &wanted);
            let across = AcrossItems { fitted: &fitted, groups: &groups };
            let forecasts = forecast_items(&panel, across, &wanted, Some(&items), &|_, _| ())
                .with_changes(prepared.changes.clone());
            if model == "auto" {
                out.blend = fitted.blend_weights();
            }

            let window = Window {
                prepared: &prepared,
                panel: &panel,
                truth: &truth_panel,
                truth_of: &truth_of,
                forecasts: &forecasts,
            };
            out.measure(at, &window, &items);
        }
    }
    Ok(out)
}

/// Origins as buckets before the end, oldest first: windows do not overlap, and each has as much
/// history before it as it is long, and eight buckets at least.
fn origins(longest: usize, horizon: usize, max: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = (1..=max.max(1))
        .map(|k| k * horizon)
        .take_while(|cut| cut + horizon.max(8) <= longest)
        .collect();

    cuts.reverse();
    cuts
}

/// Items with a history at the origin, thinned by hash.
fn chosen(prepared: &Prepared, max: usize, seed: u64) -> Vec<usize> {
    let with: Vec<usize> =
        (0..prepared.keys.len()).filter(|item| prepared.histories.buckets_of(*item) > 0).collect();

    let share = max as f64 / with.len().max(1) as f64;

    let mut picked = with;
    picked.retain(|item| {
        let key = prepared.keys[*item].to_string();
        let mut generator = random::stream(seed ^ 0xACC, key.as_bytes());
        share >= 1.0 || generator.next_u64() as f64 / (u64::MAX as f64) < share
    });
    picked
}

/// The index of each item in the panel of what came.
fn match_items(prepared: &Prepared, truth: &Prepared) -> Vec<Option<usize>> {
    prepared.keys.iter().map(|key| truth.keys.binary_search(key).ok()).collect()
}

/// One model's forecasts at one origin, and what came.
struct Window<'a> {
    prepared: &'a Prepared,
    panel: &'a Panel,
    truth: &'a Panel,
    truth_of: &'a [Option<usize>],
    forecasts: &'a Forecasts,
}

/// Sums over some items: by class, then by group of steps or length of total.
#[derive(Debug, Clone)]
struct ScoreSums {
    buckets: Vec<Vec<Score>>,
    totals: Vec<Vec<Score>>,
}

impl Accuracy {
    fn empty(settings: &Settings, plan: &AccuracyPlan, longest: usize) -> Self {
        let horizon = settings.forecast.horizon;
        let season = settings.calendar.season_length();
        let season = if longest > season + 2 * horizon { season } else { 1 };

        let mut steps: Vec<(usize, usize)> = Vec::new();
        let mut first = 1;
        while first <= horizon {
            let last = if first == 1 { 1 } else { (2 * (first - 1)).min(horizon) };
            steps.push((first, last));
            first = last + 1;
        }

        if steps.len() > 1 {
            steps.push((1, horizon));
        }

        let lengths: Vec<usize> =
            (0..).map(|power| 1 << power).take_while(|length| *length <= horizon).collect();

        let mut out = Self {
            models: plan.models.clone(),
            season,
            levels: settings.forecast.quantiles.clone(),
            steps,
            lengths,
            ..Self::default()
        };

        let sums = out.sums();
        out.buckets = vec![sums.buckets; plan.models.len()];
        out.totals = vec![sums.totals; plan.models.len()];

        out
    }

    fn sums(&self) -> ScoreSums {
        ScoreSums {
            buckets: vec![vec![Score::default(); self.steps.len()]; CLASSES.len()],
            totals: vec![vec![Score::default(); self.lengths.len()]; CLASSES.len()],
        }
    }

    fn measure(&mut self, model: usize, window: &Window<'_>, items: &[usize]) {
        let parts: Vec<ScoreSums> = items
            .par_chunks(CHUNK)
            .map(|items| {
                let mut sums = self.sums();
                items.iter().for_each(|item| self.add_item(window, *item, &mut sums));
                sums
            })
            .collect();

        for part in parts {
            merge_scores(&mut self.buckets[model], &part.buckets);
            merge_scores(&mut self.totals[model], &part.totals);
        }
    }

    fn add_item(&self, window: &Window<'_>, item: usize, sums: &mut ScoreSums) {
        let panel = window.panel;
        let Some(came) = window.truth_of[item].map(|index| window.truth.series(index)) else {
            return;
        };

        let name = window.prepared.classes[item].demand_class.as_str();
        let class = CLASSES.iter().position(|class| *class == name).unwrap_or(4);
        let distribution = window.forecasts.distribution_to_horizon(item);
        let first = panel.calendar.bucket_of(panel.as_of);

        let history = panel.series(item).demand;

        for (group, (from, to)) in self.steps.iter().enumerate() {
            let (mut actuals, mut medians, mut means) = (Vec::new(), Vec::new(), Vec::new());
            let mut score = Score::default();

            for step in *from - 1..*to {
                let Some(actual) = demand_of(&came, first + step as i32, 1) else { continue };
                let distribution =
                    distribution.total(day_of_step(panel, step), day_of_step(panel, step + 1));
                score.add(&distribution, &self.levels, actual);
                actuals.push(actual);
                medians.push(distribution.quantile(0.5));
                means.push(distribution.mean());
            }

            if !actuals.is_empty() {
                score.add_series(
                    mase(history, &actuals, &medians, self.season),
                    rmsse(history, &actuals, &means),
                );
            }

            for class in [class, CLASSES.len() - 1] {
                sums.buckets[class][group].merge(&score);
            }
        }

        for (index, length) in self.lengths.iter().enumerate() {
            let Some(actual) = demand_of(&came, first, *length) else { continue };
            let distribution = distribution.total(0, day_of_step(panel, *length));

            for class in [class, CLASSES.len() - 1] {
                sums.totals[class][index].add(&distribution, &TOTAL_LEVELS, actual);
            }
        }
    }

    /// The model with the smallest quantile loss over all steps of a class, and that loss; `None`
    /// if the class is empty.
    #[must_use]
    pub fn best(&self, class: usize) -> Option<(usize, f64)> {
        let loss = |model: usize| {
            Some(self.buckets[model].get(class)?.last()?.wql()).filter(|loss| loss.is_finite())
        };

        (0..self.models.len())
            .filter_map(|model| Some((model, loss(model)?)))
            .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    }
}

/// Adds the scores of some items to those of others.
fn merge_scores(into: &mut [Vec<Score>], from: &[Vec<Score>]) {
    for (into, from) in into.iter_mut().zip(from) {
        into.iter_mut().zip(from).for_each(|(score, more)| score.merge(more));
    }
}

/// The first day of a bucket ahead, counted from `as_of`; the bucket of `as_of` is step 0.
fn day_of_step(panel: &Panel, step: usize) -> u32 {
    let first = panel.calendar.bucket_of(panel.as_of);
    (panel.calendar.start_of(first + step as i32) - panel.as_of).max(0) as u32
}

/// Demand of `buckets` buckets from `first` on, units; `None` if a part of it is not known or was
/// cut short by a stock-out.
fn demand_of(came: &Series<'_>, first: i32, buckets: usize) -> Option<f64> {
    let from = usize::try_from(first - came.first_bucket).ok()?;
    let span = from..from + buckets;
    let demand = came.demand.get(span.clone())?;

    let is_open = came.censored[span].iter().all(|censored| !censored);
    is_open.then(|| demand.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_never_overlap_and_leave_history_before_them() {
        assert_eq!(origins(100, 13, 3), [39, 26, 13]);
        assert_eq!(origins(30, 13, 3), [13]);
        assert_eq!(origins(20, 13, 3), [0_usize; 0]);
        assert_eq!(origins(17, 4, 9), [8, 4]);
    }

    #[test]
    fn what_a_stockout_cut_short_is_not_measured() {
        let came = Series {
            demand: &[1.0, 2.0, 3.0, 4.0],
            exposure: &[1.0; 4],
            censored: &[false, false, true, false],
            first_bucket: 10,
            is_count: true,
        };

        assert_eq!(demand_of(&came, 10, 2), Some(3.0));
        assert_eq!(demand_of(&came, 11, 2), None);
        assert_eq!(demand_of(&came, 13, 2), None);
        assert_eq!(demand_of(&came, 9, 1), None);
    }
}
