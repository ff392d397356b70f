//! The fitted night: what `restock fit` learns across items and reads for all shards.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::families::{Families, Shard, shard_of};
use super::manifest::{self, FittedManifest, MadeFrom};
use super::part::Part;
use super::rows::{RowsBySku, without_rows_by_sku};
use crate::config::Settings;
use crate::demand::launches::Launches;
use crate::demand::prepare::{Prepared, TakenByBundles};
use crate::demand::subset::Subset;
use crate::domain::calendar::{Day, date_of};
use crate::domain::counted::OnItems;
use crate::domain::finding::{Code, Finding, Reject};
use crate::domain::key::Key;
use crate::domain::stock_coverage::StockCoverage;
use crate::domain::tables::{
    Availability, CleanDemand, Customer, Event, OpenOrder, Override, Price, Tables,
};
use crate::error::{Error, Result};
use crate::forecast::{self, AcrossItems, Fitted, ForecastSettings, Forecasts, Groups};
use crate::io::sinks::{self, create_folder};
use crate::io::{InputFile, Loaded, RowsAhead, SetAside};
use crate::pipeline::{Foreseen, plan_each};
use crate::plan::PlanContext;
use crate::plan::item::lead_times::LeadTimeEvidence;
use crate::plan::open_order_advice::PreviousAdvice;
use crate::store::Folder;
use crate::store::packed::{Reader, Writer};

/// What every shard reads.
const COMMON_FILE: &str = "common.bin.zst";
/// What the merge alone reads beside it.
const MERGE_FILE: &str = "merge.bin.zst";
/// The folder of what is known of the items, in so many files: an item is in the file of the
/// remainder of its family's hash, so that a shard reads no other files than those that may have
/// items of its own. Of a night in 64 shards, or a divisor of that, these hold nothing else.
const ITEMS_DIR: &str = "items";
/// How many files those are.
const BUCKETS: u32 = 64;
/// The table of families.
pub const FAMILIES_FILE: &str = "families.csv";
/// The command that writes it.
const MADE_BY: &str = "restock fit";

/// What is fitted, to be written.
#[derive(Debug, Clone, Copy)]
pub struct ToFit<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// The inputs, with what the ledger has on order among the open orders.
    pub inputs: &'a Loaded,
    /// The open orders without that.
    pub open_orders: &'a Option<Vec<OpenOrder>>,
    /// The items and their histories.
    pub prepared: &'a Prepared,
    /// What was learnt across items.
    pub across: AcrossItems<'a>,
    /// Whether tonight is an order date whatever the suppliers' calendars say.
    pub order_now: bool,
    /// SHA-256 of the ledger as it stood before.
    pub ledger_sha256: &'a str,
    /// The run before.
    pub previous: Option<PreviousNight<'a>>,
}

/// The run before, as far as a fitted night keeps it.
#[derive(Debug, Clone, Copy)]
pub struct PreviousNight<'a> {
    /// Its name.
    pub name: &'a str,
    /// SHA-256 over what was read of it.
    pub sha256: &'a str,
    /// What it advised about open orders.
    pub advice: &'a PreviousAdvice,
}

/// A fitted night, read back: for one shard or for all.
#[derive(Debug)]
pub struct FittedNight {
    /// Where it stands.
    dir: PathBuf,
    /// What it says of itself.
    pub manifest: FittedManifest,
    /// SHA-256 of that.
    pub sha256: String,
    /// All tables that planning reads, with what the ledger has on order among the open orders; of
    /// the rows that belong to items, those of the items that were read.
    pub tables: Tables,
    /// The items that were read.
    pub items: Subset,
    common: Common<'static>,
}

/// What every shard reads.
#[derive(Debug, Serialize, Deserialize)]
struct Common<'a> {
    as_of: Day,
    families: Cow<'a, Families>,
    tables: Cow<'a, Tables>,
    launches: Cow<'a, Launches>,
    fitted: Cow<'a, Fitted>,
    groups: Cow<'a, Groups>,
    lead_times: Cow<'a, LeadTimeEvidence>,
    advice: Option<Cow<'a, PreviousAdvice>>,
}

/// What is known of the items of one file.
#[derive(Debug, Serialize, Deserialize)]
struct ItemsFile {
    rows: RowsBySku,
    items: Subset,
}

/// What the merge alone reads: the rest of the inputs.
#[derive(Serialize, Deserialize)]
struct ForMerge<'a> {
    /// What is said of the shop's items as a whole.
    quarantined: Cow<'a, [(Key, Code)]>,
    bundles: Cow<'a, [Key]>,
    taken: Cow<'a, [TakenByBundles]>,
    prepared_findings: Cow<'a, [Finding]>,
    open_orders: Cow<'a, Option<Vec<OpenOrder>>>,
    availability: Cow<'a, Option<Vec<Availability>>>,
    calendar: Cow<'a, Option<Vec<Event>>>,
    prices: Cow<'a, Option<Vec<Price>>>,
    overrides: Cow<'a, Option<Vec<Override>>>,
    customers: Cow<'a, Option<Vec<Customer>>>,
    rejects: Cow<'a, [Reject]>,
    findings: Cow<'a, [Finding]>,
    inputs: Cow<'a, [InputFile]>,
    newest_order: Option<Day>,
    rows_ahead: Option<RowsAhead>,
    set_aside: Cow<'a, SetAside>,
    stock_coverage: StockCoverage,
}

/// Writes a fitted night.
///
/// # Errors
/// Where something else stands there, and where nothing can be written.
pub fn write(target: &Path, night: &ToFit<'_>) -> Result<()> {
    let ToFit { settings, inputs, prepared, .. } = *night;
    let tables = &inputs.tables;
    let families = Families::of(tables);
    let folder = Folder::begin(target)?;

    let mut file = Writer::create(&folder.path().join(COMMON_FILE))?;
    file.push(&Common {
        as_of: inputs.as_of,
        families: Cow::Borrowed(&families),
        tables: Cow::Owned(without_rows_by_sku(tables)),
        launches: Cow::Borrowed(&prepared.launches),
        fitted: Cow::Borrowed(night.across.fitted),
        groups: Cow::Borrowed(night.across.groups),
        lead_times: Cow::Owned(LeadTimeEvidence::collect(tables, inputs.as_of)),
        advice: night.previous.map(|previous| Cow::Borrowed(previous.advice)),
    })?;
    let common_sha256 = file.finish()?;
    let items_sha256 = write_items(folder.path(), night, &families)?;

    let mut file = Writer::create(&folder.path().join(MERGE_FILE))?;
    file.push(&ForMerge {
        quarantined: prepared.quarantined.as_slice().into(),
        bundles: prepared.bundles.as_slice().into(),
        taken: prepared.taken.as_slice().into(),
        prepared_findings: prepared.findings.as_slice().into(),
        open_orders: Cow::Borrowed(night.open_orders),
        availability: Cow::Borrowed(&tables.availability),
        calendar: Cow::Borrowed(&tables.calendar),
        prices: Cow::Borrowed(&tables.prices),
        overrides: Cow::Borrowed(&tables.overrides),
        customers: Cow::Borrowed(&tables.customers),
        rejects: inputs.rejects.as_slice().into(),
        findings: inputs.findings.as_slice().into(),
        inputs: inputs.inputs.as_slice().into(),
        newest_order: inputs.newest_order,
        rows_ahead: inputs.rows_ahead,
        set_aside: Cow::Borrowed(&inputs.set_aside),
        stock_coverage: inputs.stock_coverage,
    })?;
    let merge_sha256 = file.finish()?;

    sinks::write_text(&folder.path().join(FAMILIES_FILE), &families_csv(&families)?)?;
    let said = FittedManifest {
        head: FittedManifest::head(),
        as_of: date_of(inputs.as_of).to_string(),
        order_now: night.order_now,
        items: prepared.keys.len(),
        config_sha256: manifest::config_sha256(settings),
        inputs_sha256: manifest::inputs_sha256(&inputs.inputs),
        ledger_sha256: night.ledger_sha256.to_owned(),
        previous_run: night.previous.map(|previous| previous.name.to_owned()),
        previous_run_sha256: night.previous.map(|previous| previous.sha256.to_owned()),
        common_sha256,
        items_sha256,
        merge_sha256,
    };
    manifest::write(folder.path(), &said)?;
    folder.publish()
}

/// Writes what is known of the items; gives the SHA-256 of each file.
fn write_items(dir: &Path, night: &ToFit<'_>, families: &Families) -> Result<Vec<String>> {
    let (tables, prepared) = (&night.inputs.tables, night.prepared);
    create_folder(&dir.join(ITEMS_DIR))?;
    let bucket = |sku: &str| shard_of(families.first(sku), BUCKETS) as usize;
    let mut indices: Vec<Vec<usize>> = vec![Vec::new(); BUCKETS as usize];
    for (index, key) in prepared.keys.iter().enumerate() {
        indices[bucket(&key.sku)].push(index);
    }

    let rows = RowsBySku::apart(tables, BUCKETS as usize, bucket);
    let write = |(number, (rows, index)): (usize, (RowsBySku, Vec<usize>))| {
        let mut file = Writer::create(&items_file(dir, number as u32))?;
        file.push(&ItemsFile { rows, items: Subset::of(prepared, index) })?;
        file.finish()
    };
    rows.into_par_iter().zip(indices).enumerate().map(write).collect()
}

fn items_file(dir: &Path, number: u32) -> PathBuf {
    dir.join(ITEMS_DIR).join(format!("{number:02}.bin.zst"))
}

/// Each sku whose family begins with another, for programs that partition the orders by shard.
fn families_csv(families: &Families) -> Result<String> {
    let cannot =
        |cause: csv::Error| Error::internal(format!("cannot write {FAMILIES_FILE}")).because(cause);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["sku", "family"]).map_err(cannot)?;
    for (sku, first) in families.rows() {
        writer.write_record([sku, first]).map_err(cannot)?;
    }
    let bytes = writer.into_inner().map_err(|cause| cannot(cause.into_error().into()))?;
    String::from_utf8(bytes).map_err(|cause| Error::internal("no text").because(cause))
}

impl FittedNight {
    /// Reads what one shard needs, or what all need, and checks that these settings are those of
    /// the night.
    ///
    /// # Errors
    /// When it is none, is damaged, or was fitted with other settings or by another version.
    pub fn read(dir: &Path, settings: &Settings, shard: Option<Shard>) -> Result<Self> {
        let (said, sha256): (FittedManifest, String) =
            manifest::read(dir, &FittedManifest::head(), MADE_BY)?;
        if said.config_sha256 != manifest::config_sha256(settings) {
            let message = format!("{} was fitted with another configuration", dir.display());
            return Err(Error::data(message).hint(
                "give the same --config, --set and RESTOCK_ variables to fit, run and merge, or \
                 fit again",
            ));
        }

        let mut file = Reader::open(&dir.join(COMMON_FILE))?;
        let mut common: Common<'static> = file.read()?;
        file.finish(&said.common_sha256)?;
        let mut tables = std::mem::take(common.tables.to_mut());
        let items = read_items(dir, &said.items_sha256, (shard, &common.families), &mut tables)?;
        let launches = Arc::new(std::mem::take(common.launches.to_mut()));
        let prepared = Prepared { launches, ..items.prepared };
        let items = Subset { prepared, ..items };
        Ok(Self { dir: dir.to_path_buf(), manifest: said, sha256, tables, items, common })
    }

    /// Where it stands.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What a part says of it.
    #[must_use]
    pub fn made_from(&self) -> MadeFrom<'_> {
        MadeFrom { manifest: &self.manifest, sha256: &self.sha256, dir: &self.dir }
    }

    /// Forecasts the items that were read.
    #[must_use]
    pub fn forecasts(&self, settings: &Settings, on_items: OnItems<'_>) -> Forecasts {
        let prepared = &self.items.prepared;
        let asked = ForecastSettings::of(settings, prepared.longest_reach_days);
        let across = AcrossItems { fitted: &self.common.fitted, groups: &self.common.groups };
        forecast::forecast_items(&prepared.histories.open(), across, &asked, None, on_items)
            .with_changes(prepared.changes.clone())
    }

    /// Plans the items that were read, those of a shard, each by itself on its forecast.
    #[must_use]
    pub fn part(
        &self,
        settings: &Settings,
        shard: Shard,
        forecasts: Forecasts,
        on_items: OnItems<'_>,
    ) -> Part {
        let (prepared, common) = (&self.items.prepared, &self.common);
        let night = (common.as_of, self.manifest.order_now);
        let evidence = common.lead_times.clone().into_owned();
        let context = PlanContext::with_evidence(settings, &self.tables, evidence, night);
        let all: Vec<usize> = (0..prepared.keys.len()).collect();
        let foreseen = Foreseen { prepared, across: None, forecasts: &forecasts };
        let each = plan_each(&context, &foreseen, &all, common.advice.as_deref(), on_items);
        let decided = Part::alone(&context, each.items);
        let index = self.items.index.clone();
        Part { shard, index, forecasts, decided, advice: each.advice }
    }

    /// The inputs as they were read, without what the ledger had on order; the items and what was
    /// learnt across them. All items have to have been read.
    ///
    /// # Errors
    /// When what the merge reads is damaged.
    pub fn into_inputs(self) -> Result<(Loaded, Prepared, (Fitted, Groups))> {
        let mut file = Reader::open(&self.dir.join(MERGE_FILE))?;
        let read: ForMerge<'static> = file.read()?;
        file.finish(&self.manifest.merge_sha256)?;

        let tables = Tables {
            purchase_orders: read.open_orders.into_owned(),
            availability: read.availability.into_owned(),
            calendar: read.calendar.into_owned(),
            prices: read.prices.into_owned(),
            overrides: read.overrides.into_owned(),
            customers: read.customers.into_owned(),
            ..self.tables
        };
        let inputs = Loaded {
            as_of: self.common.as_of,
            demand: CleanDemand::default(),
            tables,
            rejects: read.rejects.into_owned(),
            findings: read.findings.into_owned(),
            inputs: read.inputs.into_owned(),
            newest_order: read.newest_order,
            rows_ahead: read.rows_ahead,
            set_aside: read.set_aside.into_owned(),
            stock_coverage: read.stock_coverage,
        };
        let prepared = Prepared {
            quarantined: read.quarantined.into_owned(),
            bundles: read.bundles.into_owned(),
            taken: read.taken.into_owned(),
            findings: read.prepared_findings.into_owned(),
            ..self.items.prepared
        };
        let learnt = (self.common.fitted.into_owned(), self.common.groups.into_owned());
        Ok((inputs, prepared, learnt))
    }
}

/// Reads the items of a shard, or all, and puts their rows into the tables.
fn read_items(
    dir: &Path,
    sha256: &[String],
    (shard, families): (Option<Shard>, &Families),
    tables: &mut Tables,
) -> Result<Subset> {
    let is_wanted_file = |number: u32| {
        shard.is_none_or(|shard| {
            let step = common_divisor(shard.of, BUCKETS);
            number % step == shard.number % step
        })
    };
    let files: Vec<(u32, &String)> =
        (0..).zip(sha256).filter(|(number, _)| is_wanted_file(*number)).collect();
    let is_own = |sku: &str| {
        shard.is_none_or(|shard| shard_of(families.first(sku), shard.of) == shard.number)
    };
    let read = |(number, sha256): (u32, &String)| -> Result<ItemsFile> {
        let mut file = Reader::open(&items_file(dir, number))?;
        let ItemsFile { mut rows, items } = file.read()?;
        file.finish(sha256)?;
        rows.retain(is_own);
        Ok(ItemsFile { rows, items: items.retain(|key| is_own(&key.sku)) })
    };
    let found: Vec<ItemsFile> = files.into_par_iter().map(read).collect::<Result<_>>()?;
    let (rows, subsets): (Vec<_>, Vec<_>) =
        found.into_iter().map(|file| (file.rows, file.items)).unzip();
    RowsBySku::put_into(rows, tables);
    Subset::together(&subsets).ok_or_else(|| Error::data("there is no file of items"))
}

/// The greatest common divisor.
fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
