//! The histories of all items, packed: what a night holds of them but while it forecasts.

use std::collections::BTreeSet;
use std::ops::{Deref, Range};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize, Serializer};

use super::panel::{Panel, PanelItems, Series};

/// All bytes of a number but its last have this bit.
const MORE: u8 = 0x80;
/// Stands before a number that is packed as it is. No packed whole number begins with it: one with
/// this first byte would go on, and this one is followed by 0.
const AS_IT_IS: [u8; 2] = [MORE, 0];

/// A [`Panel`] of which most whole numbers take one byte in the place of eight.
///
/// ```
/// use restock::demand::histories::Histories;
/// # use restock::demand::panel::{Panel, PanelItems};
/// # use restock::domain::calendar::{BucketCalendar, BucketLength};
/// # let items = PanelItems {
/// #     calendar: BucketCalendar { length: BucketLength::Week, week_start: 0 },
/// #     as_of: 20_000,
/// #     offsets: vec![0, 3],
/// #     exposure: [vec![1.0; 3]].into_iter().collect(),
/// #     censored: [vec![false; 3]].into_iter().collect(),
/// #     is_count: vec![true],
/// #     opening_sale: vec![0.0],
/// #     key_hash: vec![1],
/// #     category: vec![0],
/// #     supplier: vec![0],
/// #     worth_band: vec![0],
/// #     product: vec![0],
/// #     location: vec![0],
/// #     weekday_profile: [1.0 / 7.0; 7],
/// #     dated: Default::default(),
/// #     drivers: Default::default(),
/// #     similar: Default::default(),
/// # };
/// let panel = Panel::new(items, vec![3.0, 0.0, 1_000.5]);
/// let histories = Histories::pack(panel);
/// assert_eq!(histories.history(0).series().demand, [3.0, 0.0, 1_000.5]);
/// assert_eq!(histories.open().demand, [3.0, 0.0, 1_000.5]);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Histories {
    #[serde(serialize_with = "shared")]
    items: Arc<PanelItems>,
    /// The demand of all items, one after the other.
    packed: Vec<u8>,
    /// Where each item's begins; one longer than the number of items.
    starts: Vec<usize>,
}

/// Histories as they are written.
#[derive(Deserialize)]
struct Written {
    items: PanelItems,
    packed: Vec<u8>,
    starts: Vec<usize>,
}

impl TryFrom<Written> for Histories {
    type Error = &'static str;

    /// Reads them back, where every item has its place.
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { items, packed, starts } = written;
        let of_items = items.offsets.windows(2).zip(starts.windows(2));
        // Each bucket takes a byte at least.
        let fits = |(buckets, bytes): (&[usize], &[usize])| {
            let length = |pair: &[usize]| pair[1].checked_sub(pair[0]);
            length(buckets).zip(length(bytes)).is_some_and(|(buckets, bytes)| buckets <= bytes)
        };
        let is_whole = items.is_whole()
            && items.offsets.len() == starts.len()
            && of_items.into_iter().all(fits)
            && starts.first() == Some(&0)
            && starts.last() == Some(&packed.len());

        let items = Arc::new(items);
        is_whole.then_some(Self { items, packed, starts }).ok_or("histories do not fit their items")
    }
}

/// One item's history, unpacked.
#[derive(Debug, Clone)]
pub struct History<'a> {
    items: &'a PanelItems,
    item: usize,
    demand: Vec<f64>,
}

impl History<'_> {
    /// The history as models read it.
    #[must_use]
    pub fn series(&self) -> Series<'_> {
        self.items.series_of(self.item, &self.demand)
    }
}

impl Histories {
    /// Packs the demand of a panel.
    #[must_use]
    pub fn pack(panel: Panel) -> Self {
        let (mut items, demand) = panel.into_parts();
        let of_items = Arc::make_mut(&mut items);
        let lengths: Vec<usize> = of_items.lengths().collect();
        of_items.exposure.close(lengths.iter().copied());
        of_items.censored.close(lengths.into_iter());
        let mut packed = Vec::with_capacity(demand.len());
        let mut starts = Vec::with_capacity(items.offsets.len());
        starts.push(0);
        for pair in items.offsets.windows(2) {
            demand[pair[0]..pair[1]].iter().for_each(|units| put(*units, &mut packed));
            starts.push(packed.len());
        }
        packed.shrink_to_fit();
        Self { items, packed, starts }
    }

    /// The same without their items: what crosses them.
    #[must_use]
    pub(super) fn without_items(&self) -> Self {
        let items = Arc::new(self.items.without_items());
        Self { items, packed: Vec::new(), starts: vec![0] }
    }

    /// Adds an item of others of the same shop, but for what it is similar to.
    pub(super) fn push_item_of(&mut self, other: &Self, item: usize) {
        Arc::make_mut(&mut self.items).push_item_of(&other.items, item);
        self.packed.extend_from_slice(&other.packed[other.range(item)]);
        self.starts.push(self.packed.len());
    }

    /// What is known of the items beside their demand, to be changed.
    pub(super) fn items_mut(&mut self) -> &mut PanelItems {
        Arc::make_mut(&mut self.items)
    }

    /// One item's history.
    #[must_use]
    pub fn history(&self, item: usize) -> History<'_> {
        let mut demand = vec![0.0; self.items.buckets_of(item)];
        take(&self.packed[self.range(item)], &mut demand);
        History { items: &self.items, item, demand }
    }

    /// All histories, as models read them.
    #[must_use]
    pub fn open(&self) -> Panel {
        let mut demand = vec![0.0; self.buckets_in_all()];
        let mut rest = demand.as_mut_slice();
        let mut parts = Vec::with_capacity(self.items.len());
        for item in 0..self.items.len() {
            let (own, others) = rest.split_at_mut(self.items.buckets_of(item));
            parts.push(own);
            rest = others;
        }
        parts
            .into_par_iter()
            .with_min_len(1_024)
            .enumerate()
            .for_each(|(item, own)| take(&self.packed[self.range(item)], own));
        Panel::of_shared(Arc::clone(&self.items), demand)
    }

    /// The histories of these items, and of those that they are similar to, alone.
    #[must_use]
    pub fn open_only(&self, items: &[usize]) -> Panel {
        let kin = items.iter().filter_map(|item| self.items.similar.get(item));
        let opened: BTreeSet<usize> =
            items.iter().copied().chain(kin.map(|similar| similar.item)).collect();
        let mut panel = Panel::of_none(Arc::clone(&self.items));
        for item in opened {
            take(&self.packed[self.range(item)], panel.place_for(item));
        }
        panel
    }

    fn buckets_in_all(&self) -> usize {
        self.items.offsets.last().copied().unwrap_or(0)
    }

    fn range(&self, item: usize) -> Range<usize> {
        self.starts[item]..self.starts[item + 1]
    }
}

impl Deref for Histories {
    type Target = PanelItems;

    fn deref(&self) -> &PanelItems {
        &self.items
    }
}

fn shared<S: Serializer>(items: &Arc<PanelItems>, to: S) -> Result<S::Ok, S::Error> {
    items.as_ref().serialize(to)
}

/// Adds units to the packed ones: whole numbers seven bits a byte, the lowest first.
fn put(units: f64, packed: &mut Vec<u8>) {
    let mut rest = units as u64;
    // Also -0, which is no 0.
    if (rest as f64).to_bits() != units.to_bits() {
        packed.extend_from_slice(&AS_IT_IS);
        packed.extend_from_slice(&units.to_le_bytes());
        return;
    }
    while rest >= u64::from(MORE) {
        packed.push(rest as u8 | MORE);
        rest >>= 7;
    }
    packed.push(rest as u8);
}

/// Unpacks as many units as there are places. What is cut off reads as 0.
fn take(mut packed: &[u8], units: &mut [f64]) {
    for units in units {
        (*units, packed) = match packed.split_first() {
            Some((byte, rest)) if *byte < MORE => (f64::from(*byte), rest),
            _ => take_long(packed),
        };
    }
}

/// Unpacks a number that may take several bytes.
fn take_long(packed: &[u8]) -> (f64, &[u8]) {
    let as_it_is = packed.strip_prefix(&AS_IT_IS).and_then(|bytes| bytes.split_first_chunk());
    if let Some((bytes, rest)) = as_it_is {
        return (f64::from_le_bytes(*bytes), rest);
    }

    let end = packed.iter().position(|byte| *byte < MORE).map_or(packed.len(), |last| last + 1);
    let (own, rest) = packed.split_at(end);
    let whole = (0_u32..).step_by(7).zip(own).fold(0, |whole, (shift, byte)| {
        whole | u64::from(byte & !MORE).checked_shl(shift).unwrap_or(0)
    });
    (whole as f64, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::panel::SimilarTo;
    use crate::demand::shared_column::SharedColumn;
    use crate::domain::calendar::BucketLength;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_is_unpacked_as_it_was(
            units in prop::collection::vec(prop_oneof![
                any::<f64>(),
                (0_u64..300).prop_map(|whole| whole as f64),
                (0_u32..64).prop_map(|bits| (1_u64 << bits) as f64),
                Just(-0.0),
            ], 0..50),
        ) {
            let mut packed = Vec::new();
            units.iter().for_each(|units| put(*units, &mut packed));
            let mut unpacked = vec![0.0; units.len()];
            take(&packed, &mut unpacked);
            let bits = |units: &[f64]| units.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&units), bits(&unpacked));
        }

        #[test]
        fn foreign_bytes_are_some_numbers(
            packed in prop::collection::vec(any::<u8>(), 0..40),
            places in 0_usize..20,
        ) {
            take(&packed, &mut vec![0.0; places]);
        }
    }

    #[test]
    fn some_histories_are_opened_with_those_that_they_are_similar_to() {
        let histories = [vec![1.0], vec![2.0; 2], vec![3.0; 3], vec![4.0; 4]];
        let mut panel = crate::demand::panel::tests::panel(BucketLength::Week, &histories);
        panel.similar.insert(1, SimilarTo { item: 3, factor: 1.0 });
        let some = Histories::pack(panel.clone()).open_only(&[2, 1]);

        for item in [1, 2, 3] {
            assert_eq!(some.series(item).demand, panel.series(item).demand);
            assert_eq!(some.series(item).first_bucket, panel.series(item).first_bucket);
        }
        assert!(some.series(0).demand.is_empty());
    }

    #[test]
    fn histories_that_do_not_fit_their_items_are_not_read() {
        let panel = crate::demand::panel::tests::panel(BucketLength::Week, &[vec![1.0; 3]]);
        let whole = Histories::pack(panel);
        let written = || Written {
            items: (*whole.items).clone(),
            packed: whole.packed.clone(),
            starts: whole.starts.clone(),
        };
        assert!(Histories::try_from(written()).is_ok());

        let spoil: [fn(&mut Written); 7] = [
            |written| written.starts[1] = 2,
            |written| written.starts.push(3),
            |written| written.packed.push(0),
            |written| written.items.offsets = vec![3, 0],
            |written| written.items.offsets[1] = usize::MAX,
            |written| written.items.exposure = SharedColumn::default(),
            |written| written.items.key_hash.clear(),
        ];
        for (at, spoil) in spoil.into_iter().enumerate() {
            let mut spoilt = written();
            spoil(&mut spoilt);
            assert!(Histories::try_from(spoilt).is_err(), "{at}");
        }
    }

    #[test]
    fn a_small_count_takes_one_byte() {
        let mut packed = Vec::new();
        [0.0, 7.0, 127.0].iter().for_each(|units| put(*units, &mut packed));

        assert_eq!(packed, [0, 7, 127]);
    }
}
