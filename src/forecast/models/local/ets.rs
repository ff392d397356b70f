//! Exponential smoothing state space models, averaged by their evidence.
//!
//! Error, trend and season may each be absent, additive or multiplicative (the trend: none,
//! additive, damped). Smoothing parameters come from several simplex walks; initial states are
//! concentrated out by Gauss–Newton steps between the walks instead of widening the simplex by a
//! dozen dimensions. Source: Hyndman, Koehler, Ord & Snyder 2008, *Forecasting with Exponential
//! Smoothing*, ch. 2 and 5.

use super::adjustment::Adjustment;
use super::naive;
use crate::stats::optimise::nelder_mead;

/// Absent, added or multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Not there.
    None,
    /// Added.
    Additive,
    /// Multiplied.
    Multiplicative,
}

/// The trend of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// A level alone.
    None,
    /// A slope that goes on.
    Linear,
    /// A slope that fades.
    Damped,
}

/// Which parts a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Whether errors are relative.
    pub relative_error: bool,
    /// Trend.
    pub trend: Trend,
    /// Season.
    pub season: Part,
}

/// Parameters α, β, γ, φ.
type EtsRates = [f64; 4];

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Ets {
    form: Form,
    period: usize,
    rates: EtsRates,
    /// Level, slope, then the season of the first cycle.
    initial: Vec<f64>,
    /// −½(n ln Σe² + 2 Σ ln|ŷ|), the second sum for relative errors only (R's convention, without
    /// constants).
    pub log_likelihood: f64,
    /// Akaike's criterion, corrected for short series.
    pub aicc: f64,
}

/// Buckets of a season above which a season is taken out first instead of being smoothed along.
/// Judgement: one state a bucket; R's forecast package draws the line there too.
const MAX_PERIOD: usize = 24;

/// Fills `out` with forecasts of the next buckets: the mean of the models' forecasts weighted by
/// exp(−½ΔAICc).
pub fn forecast(series: &[f64], season: usize, out: &mut [f64]) {
    if series.len() < 4 || series.iter().all(|y| *y == series[0]) {
        naive::seasonal_naive(series, 1, out);
        return;
    }
    if season > MAX_PERIOD {
        let adjustment = Adjustment::detect(series, season);
        let adjusted = adjustment.as_ref().map_or_else(|| series.to_vec(), |a| a.removed(series));
        forecast(&adjusted, 1, out);
        if let Some(adjustment) = adjustment {
            adjustment.restore(series.len(), out);
        }
        return;
    }
    let models: Vec<Ets> = pool(series, season)
        .into_iter()
        .filter_map(|form| Ets::fit(series, season, form))
        .collect();
    let best = models.iter().map(|m| m.aicc).fold(f64::INFINITY, f64::min);
    if !best.is_finite() {
        naive::seasonal_naive(series, 1, out);
        return;
    }
    let mut weights = 0.0;
    let mut own = vec![0.0; out.len()];
    out.fill(0.0);
    for model in &models {
        let weight = libm::exp(-0.5 * (model.aicc - best));
        if weight < 1e-4 {
            continue;
        }
        model.forecast(series, &mut own);
        if own.iter().all(|v| v.is_finite()) {
            weights += weight;
            out.iter_mut().zip(&own).for_each(|(o, v)| *o += weight * v);
        }
    }
    out.iter_mut().for_each(|v| *v /= weights);
}

/// The forms worth trying: relative parts only for values above 0.
fn pool(series: &[f64], season: usize) -> Vec<Form> {
    let positive = series.iter().all(|y| *y > 0.0);
    let seasonal = season > 1 && series.len() >= 2 * season + 2;
    let mut forms = Vec::new();
    // Over a long season a slope that never fades is held for too many buckets; on yearly and
    // quarterly series it pays.
    let trends: &[Trend] = if season > 4 {
        &[Trend::None, Trend::Damped]
    } else {
        &[Trend::None, Trend::Damped, Trend::Linear]
    };
    for trend in trends.iter().copied() {
        for season in [Part::None, Part::Additive, Part::Multiplicative] {
            if (season != Part::None && !seasonal) || (season == Part::Multiplicative && !positive)
            {
                continue;
            }
            forms.push(Form { relative_error: season == Part::Multiplicative, trend, season });
            if season == Part::None && positive {
                forms.push(Form { relative_error: true, trend, season });
            }
        }
    }
    forms
}

impl Ets {
    /// Fits one form; nothing where the series is too short for it or no start gives a finite
    /// likelihood.
    #[must_use]
    pub fn fit(series: &[f64], season: usize, form: Form) -> Option<Self> {
        let period = if form.season == Part::None { 1 } else { season };
        let free = parameter_count(form, period);
        let n = series.len();
        if n < free + 3 {
            return None;
        }
        let mut best: Option<Self> = None;
        for rates in STARTS {
            let mut model = Self {
                form,
                period,
                rates,
                initial: initial_states(series, period, form)?,
                log_likelihood: f64::NEG_INFINITY,
                aicc: f64::INFINITY,
            };
            model.refine(series, 2, 120);
            if best.as_ref().is_none_or(|b| model.log_likelihood > b.log_likelihood) {
                best = Some(model);
            }
        }
        let mut best = best?;
        best.refine(series, 6, 150);
        best.polish(series);
        let (k, n) = (free as f64, n as f64);
        best.aicc = -2.0 * best.log_likelihood + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        best.log_likelihood.is_finite().then_some(best)
    }

    /// Alternates between walks over the smoothing parameters and steps of the initial states.
    fn refine(&mut self, series: &[f64], rounds: usize, evaluations: usize) {
        let used = used_rates(self.form);
        for round in 0..rounds {
            let before = self.log_likelihood;
            self.concentrate(series);
            let start = self.rates;
            let with = |p: &[f64]| {
                let mut trial = start;
                used.iter().zip(p).for_each(|(i, x)| trial[*i] = *x);
                admissible(trial)
            };
            let value = |p: &[f64]| -self.likelihood(series, &with(p), &self.initial);
            let from: Vec<f64> = used.iter().map(|i| start[*i]).collect();
            // Wide edges first, narrow ones once the valley is found; α upwards in turn with
            // downwards.
            let width = if round % 2 == 0 { 0.4 } else { -0.1 };
            let edges: Vec<f64> = used
                .iter()
                .map(|i| if *i == 3 { -0.03 } else { width * start[*i].clamp(0.002, 0.3) })
                .collect();
            let found = nelder_mead(value, &from, &edges, evaluations);
            self.rates = with(&found.point);
            self.concentrate(series);
            self.log_likelihood = self.likelihood(series, &self.rates, &self.initial);
            if (self.log_likelihood - before).abs() < 1e-4 {
                break;
            }
        }
    }

    /// Walks over the parameters with the initial states concentrated out at every point (variable
    /// projection, Golub & Pereyra 1973): dearer by a dozen runs a point, and not caught where
    /// steps in turn are.
    fn project(&mut self, series: &[f64]) {
        let used = used_rates(self.form);
        for width in [0.4, -0.1] {
            let start = self.clone();
            let at = |p: &[f64]| {
                let mut trial = start.clone();
                used.iter().zip(p).for_each(|(k, x)| trial.rates[*k] = *x);
                trial.rates = admissible(trial.rates);
                trial.concentrate(series);
                trial.log_likelihood = trial.likelihood(series, &trial.rates, &trial.initial);
                trial
            };
            let from: Vec<f64> = used.iter().map(|k| start.rates[*k]).collect();
            let edges: Vec<f64> = used
                .iter()
                .map(|k| if *k == 3 { -0.03 } else { width * start.rates[*k].clamp(0.1, 0.9) })
                .collect();
            let found = nelder_mead(|p| -at(p).log_likelihood, &from, &edges, 60);
            let found = at(&found.point);
            if found.log_likelihood > self.log_likelihood {
                *self = found;
            }
        }
    }

    /// Walks over parameters, level and slope together: without a season they are few, and steps in
    /// turn crawl along valleys.
    fn polish(&mut self, series: &[f64]) {
        if self.form.season != Part::None {
            self.project(series);
            return;
        }
        let used = used_rates(self.form);
        let states = free_states(self.form, self.period).len();
        for width in [0.3, -0.05] {
            let (rates, initial) = (self.rates, self.initial.clone());
            let with = |p: &[f64]| {
                let (mut r, mut i) = (rates, initial.clone());
                used.iter().zip(p).for_each(|(k, x)| r[*k] = *x);
                i[..states].copy_from_slice(&p[used.len()..]);
                (admissible(r), i)
            };
            let value = |p: &[f64]| {
                let (r, i) = with(p);
                -self.likelihood(series, &r, &i)
            };
            let from: Vec<f64> =
                used.iter().map(|k| rates[*k]).chain(initial[..states].iter().copied()).collect();
            let edges: Vec<f64> = used
                .iter()
                .map(|k| if *k == 3 { -0.02 } else { width * rates[*k].clamp(0.002, 0.3) })
                .chain(
                    initial[..states]
                        .iter()
                        .map(|x| 0.1 * width * x.abs().max(1e-3 * initial[0].abs())),
                )
                .collect();
            let found = nelder_mead(value, &from, &edges, 300);
            let (rates, initial) = with(&found.point);
            if -found.value > self.log_likelihood {
                (self.rates, self.initial, self.log_likelihood) = (rates, initial, -found.value);
            }
        }
    }

    /// Fills `out` with the point forecasts after the series.
    pub fn forecast(&self, series: &[f64], out: &mut [f64]) {
        let mut state = EtsState::new(self, &self.rates, &self.initial);
        series.iter().for_each(|y| state.update(*y));
        for value in out {
            *value = state.expected();
            state.advance();
        }
    }

    fn likelihood(&self, series: &[f64], rates: &EtsRates, initial: &[f64]) -> f64 {
        let (mut squares, mut logs) = (0.0, 0.0);
        let mut state = EtsState::new(self, rates, initial);
        for y in series {
            let expected = state.expected();
            if self.form.relative_error {
                // A relative error of a forecast at or below 0 has no meaning.
                if expected <= 0.0 {
                    return f64::NEG_INFINITY;
                }
                let error = (y - expected) / expected;
                squares += error * error;
                logs += libm::log(expected);
            } else {
                squares += (y - expected) * (y - expected);
            }
            state.update(*y);
        }
        let n = series.len() as f64;
        let value = -0.5 * (n * libm::log(squares.max(1e-300)) + 2.0 * logs);
        if value.is_nan() { f64::NEG_INFINITY } else { value }
    }

    /// Errors of every step, relative where the form says so.
    fn errors(&self, series: &[f64], initial: &[f64], out: &mut Vec<f64>) {
        out.clear();
        let mut state = EtsState::new(self, &self.rates, initial);
        for y in series {
            let expected = state.expected();
            out.push(if self.form.relative_error {
                (y - expected) / expected
            } else {
                y - expected
            });
            state.update(*y);
        }
    }

    /// Moves the initial states to where the errors are least, by two damped Gauss–Newton steps
    /// with numeric derivatives; one step is exact where the model is linear.
    fn concentrate(&mut self, series: &[f64]) {
        let scale = series.iter().map(|y| y.abs()).sum::<f64>() / series.len().max(1) as f64;
        let (mut errors, mut moved) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let before = self.likelihood(series, &self.rates, &self.initial);
            self.errors(series, &self.initial, &mut errors);
            let free: Vec<usize> = free_states(self.form, self.period);
            let mut columns = Vec::with_capacity(free.len());
            for state in &free {
                let unit = if *state >= 2 && self.form.season == Part::Multiplicative {
                    1.0
                } else {
                    scale
                };
                let step = 1e-5 * unit.max(1e-9);
                let mut initial = self.initial.clone();
                initial[*state] += step;
                self.errors(series, &initial, &mut moved);
                columns.push(
                    moved.iter().zip(&errors).map(|(m, e)| (m - e) / step).collect::<Vec<f64>>(),
                );
            }
            let Some(change) = least_squares(&columns, &errors) else { return };
            let mut share = 1.0;
            let mut improved = false;
            while share > 0.05 {
                let mut initial = self.initial.clone();
                free.iter().zip(&change).for_each(|(i, c)| initial[*i] -= share * c);
                if self.likelihood(series, &self.rates, &initial) > before {
                    self.initial = initial;
                    improved = true;
                    break;
                }
                share *= 0.5;
            }
            if !improved {
                return;
            }
        }
    }
}

/// Starts of the walks: quick, slow and in between.
const STARTS: [EtsRates; 4] = [
    [0.3, 0.05, 0.1, 0.95],
    [0.05, 0.01, 0.05, 0.9],
    [0.8, 0.1, 0.05, 0.97],
    [0.3, 0.01, 0.65, 0.95],
];

fn used_rates(form: Form) -> Vec<usize> {
    let mut used = vec![0];
    if form.trend != Trend::None {
        used.push(1);
    }
    if form.season != Part::None {
        used.push(2);
    }
    if form.trend == Trend::Damped {
        used.push(3);
    }
    used
}

fn free_states(form: Form, period: usize) -> Vec<usize> {
    let mut free = vec![0];
    if form.trend != Trend::None {
        free.push(1);
    }
    // The level takes up a common shift of all season states, so one of them stays.
    if form.season != Part::None {
        free.extend(2..1 + period);
    }
    free
}

fn parameter_count(form: Form, period: usize) -> usize {
    used_rates(form).len() + free_states(form, period).len() + 1
}

/// The parameters drawn into 0 < β < α < 1, 0 < γ < 1, 0.8 ≤ φ ≤ 0.98. Many series have their best
/// point at a bound, which a walk that is merely stopped there would not reach.
fn admissible([alpha, beta, gamma, phi]: EtsRates) -> EtsRates {
    let within = |x: f64, low: f64, high: f64| x.min(high).max(low);
    let alpha = within(alpha, 1e-4, 0.9999);
    [alpha, within(beta, 1e-4, alpha), within(gamma, 1e-4, 0.9999), within(phi, 0.8, 0.98)]
}

/// Level and slope of the first values, and the season by classical decomposition.
fn initial_states(series: &[f64], period: usize, form: Form) -> Option<Vec<f64>> {
    let mut states = vec![0.0; 2 + if form.season == Part::None { 0 } else { period }];
    let head = &series[..series.len().min((2 * period).max(10))];
    let n = head.len() as f64;
    let mean = head.iter().sum::<f64>() / n;
    let middle = (n - 1.0) / 2.0;
    let spread: f64 = (0..head.len()).map(|t| (t as f64 - middle) * (t as f64 - middle)).sum();
    let slope: f64 = head.iter().enumerate().map(|(t, y)| (t as f64 - middle) * y).sum::<f64>()
        / spread.max(1.0);
    states[0] = if form.trend == Trend::None { mean } else { mean - slope * (middle + 1.0) };
    states[1] = if form.trend == Trend::None { 0.0 } else { slope };
    if form.season != Part::None {
        for (position, state) in states[2..].iter_mut().enumerate() {
            let own: Vec<f64> = head.iter().skip(position).step_by(period).copied().collect();
            let own = own.iter().sum::<f64>() / own.len().max(1) as f64;
            *state = if form.season == Part::Multiplicative { own / mean } else { own - mean };
        }
    }
    if form.relative_error && states[0] <= 0.0 {
        states[0] = mean.max(head[0]);
        states[1] = 0.0;
    }
    states.iter().all(|s| s.is_finite()).then_some(states)
}

/// The walking state: level, slope and a ring of season values.
struct EtsState {
    form: Form,
    rates: EtsRates,
    level: f64,
    slope: f64,
    season: Vec<f64>,
    at: usize,
}

impl EtsState {
    fn new(model: &Ets, rates: &EtsRates, initial: &[f64]) -> Self {
        let mut rates = *rates;
        if model.form.trend != Trend::Damped {
            rates[3] = 1.0;
        }
        let slope = if model.form.trend == Trend::None { 0.0 } else { initial[1] };
        Self {
            form: model.form,
            rates,
            level: initial[0],
            slope,
            season: initial[2..].to_vec(),
            at: 0,
        }
    }

    fn base(&self) -> f64 {
        self.level + self.rates[3] * self.slope
    }

    fn expected(&self) -> f64 {
        match self.form.season {
            Part::None => self.base(),
            Part::Additive => self.base() + self.season[self.at],
            Part::Multiplicative => self.base() * self.season[self.at],
        }
    }

    fn update(&mut self, value: f64) {
        let [alpha, beta, gamma, phi] = self.rates;
        let base = self.base();
        let plain = match self.form.season {
            Part::None => value,
            Part::Additive => value - self.season[self.at],
            Part::Multiplicative => value / self.season[self.at],
        };
        let before = self.level;
        self.level = base + alpha * (plain - base);
        if self.form.trend != Trend::None {
            let damped = phi * self.slope;
            self.slope = damped + beta / alpha * (self.level - before - damped);
        }
        if self.form.season != Part::None {
            let shown =
                if self.form.season == Part::Additive { value - base } else { value / base };
            self.season[self.at] += gamma * (shown - self.season[self.at]);
            self.at = (self.at + 1) % self.season.len();
        }
    }

    /// One bucket on, without a value.
    fn advance(&mut self) {
        self.level = self.base();
        self.slope *= self.rates[3];
        if !self.season.is_empty() {
            self.at = (self.at + 1) % self.season.len();
        }
    }
}

/// The x with least |Σ columns·x − target|², by normal equations with a touch of ridge and
/// Cholesky.
fn least_squares(columns: &[Vec<f64>], target: &[f64]) -> Option<Vec<f64>> {
    let n = columns.len();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let mut sum = dot(&columns[i], &columns[j]);
            if i == j {
                sum *= 1.0 + 1e-9;
            }
            sum -= dot(&factor[i][..j], &factor[j][..j]);
            if i == j {
                if sum.is_nan() || sum <= 0.0 {
                    return None;
                }
                factor[i][i] = sum.sqrt();
            } else {
                factor[i][j] = sum / factor[j][j];
            }
        }
    }
    let mut x: Vec<f64> = columns.iter().map(|c| dot(c, target)).collect();
    for i in 0..n {
        for k in 0..i {
            x[i] -= factor[i][k] * x[k];
        }
        x[i] /= factor[i][i];
    }
    for i in (0..n).rev() {
        for (k, row) in factor.iter().enumerate().skip(i + 1) {
            x[i] -= row[i] * x[k];
        }
        x[i] /= factor[i][i];
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}

#[cfg(test)]
mod tests {
    use super::super::air_passengers::AIR_PASSENGERS;
    use super::*;

    fn fitted(relative_error: bool, trend: Trend, season: Part) -> f64 {
        let form = Form { relative_error, trend, season };
        Ets::fit(&AIR_PASSENGERS, 12, form)
            .expect("a long positive series has every form")
            .log_likelihood
    }

    /// statsforecast 2.1.1's likelihoods, in the same convention: its optimiser stops early, so
    /// ours must not be lower.
    #[test]
    fn likelihoods_reach_the_published_implementation() {
        use Part::{Additive, Multiplicative, None as Flat};
        use Trend::{Damped, Linear, None as Level};
        for (name, ours, theirs) in [
            ("ANN", fitted(false, Level, Flat), -863.893_4),
            ("AAN", fitted(false, Linear, Flat), -863.582_6),
            ("AAdN", fitted(false, Damped, Flat), -863.708_7),
            ("MNN", fitted(true, Level, Flat), -833.950_2),
            ("MAN", fitted(true, Linear, Flat), -831.488_4),
            ("MAdN", fitted(true, Damped, Flat), -832.597_6),
            ("ANA", fitted(false, Level, Additive), -735.826_8),
            ("AAA", fitted(false, Linear, Additive), -739.916),
            ("AAdA", fitted(false, Damped, Additive), -754.711_2),
            ("MNA", fitted(true, Level, Additive), -734.250_9),
            ("MAA", fitted(true, Linear, Additive), -715.914_8),
            ("MAdA", fitted(true, Damped, Additive), -730.087_2),
            ("MNM", fitted(true, Level, Multiplicative), -712.176),
            ("MAM", fitted(true, Linear, Multiplicative), -700.0),
            ("MAdM", fitted(true, Damped, Multiplicative), -770.659_7),
        ] {
            println!("{name} {ours} {theirs}");
            assert!(ours >= theirs, "{name}: {ours} below {theirs}");
        }
    }
}
