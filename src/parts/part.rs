//! A part of a night: one shard's items, forecast and planned each by itself.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::families::Shard;
use super::manifest::{self, MadeFrom, PartManifest};
use crate::domain::tables::Text;
use crate::error::Result;
use crate::forecast::{Forecasts, Later};
use crate::plan::open_order_advice::LineAdvice;
use crate::plan::{PlanContext, PlanRow, PlannedItem};
use crate::store::Folder;
use crate::store::packed::{Reader, Writer};

/// The file of a part.
const PART_FILE: &str = "part.bin.zst";
/// The command that writes it.
const MADE_BY: &str = "restock run --shard";

/// What was decided for an item by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecidedAlone {
    /// The supplier that was chosen, where it is not the first.
    #[serde(with = "crate::domain::shared_text")]
    pub supplier: Option<Text>,
    /// Its row of the plan.
    pub row: Box<PlanRow>,
}

/// One shard's items.
#[derive(Debug)]
pub struct Part {
    /// Which shard.
    pub shard: Shard,
    /// Which items it has, by their index among all; ascending.
    pub index: Vec<usize>,
    /// The demand ahead of each.
    pub forecasts: Forecasts,
    /// What was decided for each.
    pub decided: Vec<DecidedAlone>,
    /// What to do about their open orders.
    pub advice: Vec<LineAdvice>,
}

/// A part as it is written.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    index: Cow<'a, [usize]>,
    forecasts: Cow<'a, Forecasts>,
    later: Cow<'a, Later>,
    decided: Cow<'a, [DecidedAlone]>,
    advice: Cow<'a, [LineAdvice]>,
}

/// A part that stands in a folder, with what it says of itself.
#[derive(Debug, Clone)]
pub(super) struct StoredPart {
    pub(super) dir: PathBuf,
    pub(super) manifest: PartManifest,
}

impl Part {
    /// What a part keeps of what was planned.
    pub(super) fn alone(
        context: &PlanContext<'_>,
        items: Vec<PlannedItem<'_>>,
    ) -> Vec<DecidedAlone> {
        let alone = |item: PlannedItem<'_>| DecidedAlone {
            supplier: item.facts.other_supplier(context),
            row: item.row,
        };
        items.into_iter().map(alone).collect()
    }

    /// Writes it; whatever part stood there is replaced.
    ///
    /// # Errors
    /// Where something else stands there, and where nothing can be written.
    pub fn write(&self, target: &Path, night: MadeFrom<'_>) -> Result<()> {
        let folder = Folder::begin(target)?;
        let mut file = Writer::create(&folder.path().join(PART_FILE))?;
        file.push(&Written {
            index: self.index.as_slice().into(),
            forecasts: Cow::Borrowed(&self.forecasts),
            later: Cow::Borrowed(self.forecasts.later()),
            decided: self.decided.as_slice().into(),
            advice: self.advice.as_slice().into(),
        })?;
        let part_sha256 = file.finish()?;

        let said = PartManifest {
            head: PartManifest::head(),
            shard: self.shard.number,
            shards: self.shard.of,
            as_of: night.manifest.as_of.clone(),
            items: self.decided.len(),
            config_sha256: night.manifest.config_sha256.clone(),
            inputs_sha256: night.manifest.inputs_sha256.clone(),
            fitted_sha256: night.sha256.to_owned(),
            fitted: night.dir.to_string_lossy().into_owned(),
            part_sha256,
        };
        manifest::write(folder.path(), &said)?;
        folder.publish()
    }
}

impl StoredPart {
    /// Finds the part in a folder.
    pub(super) fn find(dir: &Path) -> Result<Self> {
        let (manifest, _) = manifest::read(dir, &PartManifest::head(), MADE_BY)?;
        Ok(Self { dir: dir.to_path_buf(), manifest })
    }

    /// Which shard it is.
    pub(super) fn shard(&self) -> Shard {
        Shard { number: self.manifest.shard, of: self.manifest.shards }
    }

    /// Reads the part.
    pub(super) fn read(&self) -> Result<Part> {
        let mut file = Reader::open(&self.dir.join(PART_FILE))?;
        let read: Written<'static> = file.read()?;
        file.finish(&self.manifest.part_sha256)?;
        Ok(Part {
            shard: self.shard(),
            index: read.index.into_owned(),
            forecasts: read.forecasts.into_owned().with_later(read.later.into_owned()),
            decided: read.decided.into_owned(),
            advice: read.advice.into_owned(),
        })
    }
}
