//! Items that were new once the shop was known: how comparable ones started, and how much they sold
//! at most in a stretch of their life.

use std::sync::Arc;

use super::histories::Histories;
use super::panel::{PanelItems, Series};

/// An item is a launch where its history begins so many days after that of the shop, at least.
/// Judgement: a quarter; items that sell at least that often have shown up by then.
const KNOWN_DAYS: f64 = 91.0;
/// Days of history before which an item is young: it has no year earlier to look at.
const YOUNG_DAYS: f64 = 364.0;
/// Launches that have to be comparable before they say what is the most. Judgement: of 20 the 0.95
/// quantile is the second largest.
const MIN_COMPARABLE: usize = 20;
/// Launches that are compared, at most. Judgement: it bounds time; the quantile hardly moves.
const MAX_COMPARABLE: usize = 400;
/// Launches that sold by the same age between a third and three times as much are alike. Judgement.
const ALIKE: f64 = 3.0;
/// What comparable launches sold at most is this quantile of them. Judgement: one in twenty starts
/// better.
const MOST_LEVEL: f64 = 0.95;
/// An item is let sell this many times what it has sold itself in the same time. Judgement: as for
/// orders beyond experience, twice the best is seldom seen.
const OWN_MULTIPLE: f64 = 2.0;
/// Days that an item's own sales are taken to stand for, at least. Judgement: a week has each
/// weekday once.
const MIN_OWN_DAYS: f64 = 7.0;

/// Whether a history that begins at a bucket began after the shop was known.
#[must_use]
pub fn is_launch(first_bucket: i32, first_of_shop: i32, bucket_days: f64) -> bool {
    f64::from(first_bucket.saturating_sub(first_of_shop)) * bucket_days >= KNOWN_DAYS
}

/// What a launch is compared by: its category and its price band.
type Group = (u32, u32);

/// One launch: its group, and the units that it sold by each age in buckets, its opening sale
/// included.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Launch {
    group: Group,
    sold_by: SoldBy,
}

/// Units sold by each age.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
enum SoldBy {
    /// All of them whole, as most are.
    Whole(Box<[u32]>),
    /// Any.
    Any(Box<[f64]>),
}

impl SoldBy {
    fn of(units: Vec<f64>) -> Self {
        let is_whole = |units: &f64| f64::from(*units as u32).to_bits() == units.to_bits();
        match units.iter().all(is_whole) {
            true => Self::Whole(units.iter().map(|units| *units as u32).collect()),
            false => Self::Any(units.into()),
        }
    }

    /// How many ages there are.
    fn len(&self) -> usize {
        match self {
            Self::Whole(units) => units.len(),
            Self::Any(units) => units.len(),
        }
    }

    fn get(&self, age: usize) -> Option<f64> {
        match self {
            Self::Whole(units) => units.get(age).map(|units| f64::from(*units)),
            Self::Any(units) => units.get(age).copied(),
        }
    }

    /// Units sold by an age; all of them for later ones.
    fn by(&self, age: usize) -> f64 {
        self.get(age.min(self.len().saturating_sub(1))).unwrap_or(0.0)
    }
}

/// All launches, by group.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Launches {
    items: Vec<Launch>,
    first_of_shop: i32,
    bucket_days: f64,
}

/// An item under a year old, and the launches that it can be compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct YoungItem {
    launches: Arc<Launches>,
    own: Launch,
    /// Days of its history.
    age_days: f64,
}

/// The most that a young item may be expected to sell in a stretch of days from now on.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MostSold {
    /// Units.
    pub units: f64,
    /// What comparable launches sold, in units: the 0.95 quantile of them.
    pub by_launches: f64,
    /// How many launches were compared.
    pub launches: usize,
    /// What the item sold itself up to now, in units.
    pub own_units: f64,
}

impl Launches {
    /// Every launch of a shop.
    #[must_use]
    pub fn of(histories: &Histories) -> Self {
        let bucket_days = histories.calendar.mean_days();
        let first_of_shop = histories.first_bucket();
        let mut launches = Self { items: Vec::new(), first_of_shop, bucket_days };
        let most_buckets = 2 * (YOUNG_DAYS / bucket_days).ceil() as usize;
        let launched = |item: usize| {
            let is_one = histories.buckets_of(item) > 0 && launches.includes(histories, item);
            let of =
                || Launch::of(histories, item, &histories.history(item).series(), most_buckets);
            is_one.then(of)
        };
        launches.items = (0..histories.len()).filter_map(launched).collect();
        launches.items.sort_by_key(|launch| launch.group);
        launches
    }

    fn includes(&self, items: &PanelItems, item: usize) -> bool {
        is_launch(items.first_bucket_of(item), self.first_of_shop, self.bucket_days)
    }

    /// The launches of a group; where there are too few of them those of its category, else all.
    fn comparable(&self, (category, band): Group) -> &[Launch] {
        let between = |from: Group, to: Group| {
            let start = self.items.partition_point(|launch| launch.group < from);
            let end = self.items.partition_point(|launch| launch.group <= to);
            &self.items[start..end.max(start)]
        };
        let of_group = between((category, band), (category, band));
        if of_group.len() >= MIN_COMPARABLE {
            return of_group;
        }
        let of_category = between((category, 0), (category, u32::MAX));
        if of_category.len() >= MIN_COMPARABLE { of_category } else { &self.items }
    }
}

impl Launch {
    fn of(items: &PanelItems, item: usize, series: &Series<'_>, most_buckets: usize) -> Self {
        let mut sold = items.opening_sale[item];
        let mut sold_by = vec![sold];
        for units in series.demand.iter().take(most_buckets) {
            sold += units;
            sold_by.push(sold);
        }
        let group = (items.category[item], items.worth_band[item]);
        Self { group, sold_by: SoldBy::of(sold_by) }
    }

    /// Units sold by an age, and in so many buckets from then on; `None` where that is not over.
    fn around(&self, age: usize, buckets: usize) -> Option<(f64, f64)> {
        let (by_age, by_end) = (self.sold_by.get(age)?, self.sold_by.get(age + buckets)?);
        Some((by_age, by_end - by_age))
    }

    /// Units sold by now.
    fn sold(&self) -> f64 {
        self.sold_by.by(usize::MAX)
    }
}

impl YoungItem {
    /// An item of a shop, where it is a launch of the last year or has not begun yet.
    #[must_use]
    pub fn of(launches: &Arc<Launches>, histories: &Histories, item: usize) -> Option<Self> {
        if !launches.includes(histories, item) {
            return None;
        }
        let history = histories.history(item);
        let series = history.series();
        let exposure: f64 = series.exposure.iter().map(|share| f64::from(*share)).sum();
        let age_days = exposure * launches.bucket_days;
        (age_days < YOUNG_DAYS).then(|| Self {
            launches: Arc::clone(launches),
            own: Launch::of(histories, item, &series, usize::MAX),
            age_days,
        })
    }

    /// The most that it may be expected to sell in so many days from now on: what one in twenty
    /// comparable launches sold more than at its age, or twice what it sold itself in as long,
    /// whichever is more. `None` where too few launches can be compared.
    ///
    /// Launches that had sold about as much by its age are compared, where there are enough.
    #[must_use]
    pub fn most_sold(&self, days: f64) -> Option<MostSold> {
        let bucket_days = self.launches.bucket_days;
        let buckets = ((days / bucket_days).ceil() as usize).max(1);
        let age = self.own.sold_by.len() - 1;
        let own_units = self.own.sold();

        let all = self.launches.comparable(self.own.group);
        let stride = all.len().div_ceil(MAX_COMPARABLE).max(1);
        let known: Vec<(f64, f64)> =
            all.iter().step_by(stride).filter_map(|launch| launch.around(age, buckets)).collect();
        let is_alike = |by_age: f64| by_age * ALIKE >= own_units && by_age <= own_units * ALIKE;
        let alike = known.iter().filter(|(by_age, _)| is_alike(*by_age));
        let mut sold: Vec<f64> = alike.map(|(_, sold)| *sold).collect();
        if sold.len() < MIN_COMPARABLE {
            sold = known.iter().map(|(_, sold)| *sold).collect();
        }
        if sold.len() < MIN_COMPARABLE {
            return None;
        }

        sold.sort_by(f64::total_cmp);
        let rank = (MOST_LEVEL * (sold.len() - 1) as f64).floor() as usize;
        let by_launches = sold[rank];
        let scale = (days / self.age_days.max(MIN_OWN_DAYS)).max(1.0);
        let by_itself = OWN_MULTIPLE * self.best_own(buckets) * scale;
        let units = by_launches.max(by_itself);
        Some(MostSold { units, by_launches, launches: sold.len(), own_units })
    }

    /// The most that it sold itself in so many buckets on end, or all where it is younger.
    fn best_own(&self, buckets: usize) -> f64 {
        let sold_by = &self.own.sold_by;
        let best = (buckets..sold_by.len()).map(|end| sold_by.by(end) - sold_by.by(end - buckets));
        best.fold(sold_by.by(buckets), f64::max)
    }
}
