//! An item's days in weeks, for what is learnt of a year.

use super::origin::ItemView;
use crate::domain::calendar::{BucketCalendar, BucketLength};

/// Share of a week's usual demand on days that are known from which on the week is. Judgement:
/// three days of it, so that two years of days are two of weeks whatever weekday they begin on.
const LEAST_SHARE_KNOWN: f64 = 0.4;

/// The weeks of one item; a scratch buffer.
#[derive(Debug, Clone, Default)]
pub struct InWeeks {
    demand: Vec<f64>,
    exposure: Vec<f32>,
    censored: Vec<bool>,
}

impl InWeeks {
    /// The item with its history in calendar weeks. Days that are not known count as the rest of
    /// their week; a week of which little is known is censored, and left out at either end.
    pub fn view<'a>(&'a mut self, item: &ItemView<'a>) -> ItemView<'a> {
        let calendar = BucketCalendar { length: BucketLength::Week, ..item.calendar };
        let series = &item.series;
        let (first_day, days) = (series.first_bucket, series.demand.len() as i32);
        let begin = calendar.bucket_of(first_day);
        let last = calendar.bucket_of(first_day + days - 1);

        let Self { demand, exposure, censored } = self;
        demand.clear();
        censored.clear();
        let mut left_out = 0;
        for week in begin..=last {
            let (mut units, mut known, mut all) = (0.0, 0.0, 0.0);
            for day in calendar.start_of(week)..calendar.start_of(week + 1) {
                let share = item.day_share(day);
                all += share;
                let at = usize::try_from(day - first_day).ok();
                if let Some(at) = at.filter(|at| series.censored.get(*at) == Some(&false)) {
                    units += series.demand[at];
                    known += share * f64::from(series.exposure[at]);
                }
            }
            let is_known = known >= LEAST_SHARE_KNOWN * all;
            let is_at_end = week == last && calendar.start_of(week + 1) > first_day + days;
            if !is_known && (demand.is_empty() || is_at_end) {
                left_out += i32::from(demand.is_empty());
                continue;
            }
            demand.push(if is_known { units * all / known } else { 0.0 });
            censored.push(!is_known);
        }
        exposure.clear();
        exposure.resize(demand.len(), 1.0);
        item.in_buckets(calendar, begin + left_out, (demand, exposure, censored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::origin::Origin;
    use crate::demand::panel::tests::panel;
    use crate::demand::positions::Positions;

    #[test]
    fn whole_weeks_are_summed_and_days_that_are_not_known_count_as_the_rest() {
        let days = 7 * 6;
        let mut panel = panel(BucketLength::Day, &[(0..days).map(f64::from).collect()]);
        let mut censored = vec![false; days as usize];
        // Two days of one week, five of the week after the next.
        for at in [10, 11, 24, 25, 26, 27, 28] {
            censored[at] = true;
        }
        panel.censored.edit(0, days as usize, |own| own.copy_from_slice(&censored));
        let positions = Positions::new(&panel, 0);
        let item = Origin::latest(&panel, &positions).item(0);
        let mut buffer = InWeeks::default();
        let weeks = buffer.view(&item);

        assert_eq!(weeks.calendar.start_of(weeks.series.first_bucket + 1) % 7, 4, "Mondays");
        let end = weeks.calendar.start_of(weeks.bucket(weeks.series.demand.len()));
        assert!((panel.as_of - 3..=panel.as_of + 3).contains(&end));
        assert_eq!(weeks.series.demand.len(), 6);
        for (step, units) in weeks.series.demand.iter().enumerate() {
            let start = weeks.calendar.start_of(weeks.bucket(step));
            let at: Vec<usize> = (start..start + 7)
                .filter_map(|day| usize::try_from(day - item.series.first_bucket).ok())
                .filter(|at| *at < censored.len())
                .collect();
            let known: Vec<usize> = at.into_iter().filter(|at| !censored[*at]).collect();
            let mean = known.iter().sum::<usize>() as f64 / known.len().max(1) as f64;
            let is_known = known.len() >= 3;
            assert_eq!(weeks.series.censored[step], !is_known, "{step}");
            if is_known {
                assert!((units - 7.0 * mean).abs() < 1e-9, "{step}: {units}");
            }
        }
    }
}
