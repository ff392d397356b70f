//! The parts of a night, brought together: refused where one is missing, doubled or foreign.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::families::Shard;
use super::fitted::FittedNight;
use super::part::{DecidedAlone, Part, StoredPart};
use crate::config::Settings;
use crate::demand::prepare::Prepared;
use crate::error::{Error, Result};
use crate::forecast::{AcrossItems, Forecasts};
use crate::io::Loaded;
use crate::pipeline::{Foreseen, NightPlan, NightStage, Tonight, bring_together};
use crate::plan::item::PlannedAlone;
use crate::plan::open_order_advice::{LineAdvice, sort_advice};
use crate::plan::{ItemFacts, PlanContext, PlannedItem};

/// Missing shards that an error names, at most.
const MAX_NAMED: usize = 5;

/// All parts of a night.
#[derive(Debug)]
pub struct Gathered {
    /// The demand ahead of all items.
    pub forecasts: Forecasts,
    decided: Vec<DecidedAlone>,
    advice: Vec<LineAdvice>,
}

/// Finds the fitted night that parts were made from, and checks that the parts are all of them,
/// each once, whatever their order.
///
/// # Errors
/// When one is missing, doubled or foreign, and when the fitted night cannot be used.
pub fn gather(
    settings: &Settings,
    fitted: Option<&Path>,
    parts: &[PathBuf],
) -> Result<(FittedNight, Gathered)> {
    let mut found: Vec<StoredPart> =
        parts.iter().map(|dir| StoredPart::find(dir)).collect::<Result<_>>()?;
    found.sort_by_key(StoredPart::shard);
    let Some(first) = found.first() else {
        return Err(Error::usage("no part is given").hint("restock merge parts/*"));
    };

    let stated = PathBuf::from(&first.manifest.fitted);
    let night = FittedNight::read(fitted.unwrap_or(&stated), settings, None)?;
    found.iter().try_for_each(|part| belongs(part, &night))?;
    are_all(&found)?;

    let read: Vec<Part> = found.par_iter().map(StoredPart::read).collect::<Result<_>>()?;
    let items = night.items.index.len();
    Ok((night, Gathered::of(read, items)?))
}

/// Checks that a part was made from a fitted night.
fn belongs(part: &StoredPart, night: &FittedNight) -> Result<()> {
    let (of_part, of_night) = (&part.manifest, &night.manifest);
    let what = if of_part.config_sha256 != of_night.config_sha256 {
        "another configuration"
    } else if of_part.as_of != of_night.as_of {
        "another day"
    } else if of_part.inputs_sha256 != of_night.inputs_sha256 {
        "other inputs"
    } else if of_part.fitted_sha256 != night.sha256 {
        "another `restock fit`"
    } else {
        return Ok(());
    };
    let (part, fitted) = (part.dir.display(), night.dir().display());
    Err(Error::data(format!("{part} does not belong to {fitted}: it was made with {what}"))
        .hint("run the shard again with this --fitted, or name the fitted night of these parts"))
}

/// Checks that every shard is there, and once.
fn are_all(found: &[StoredPart]) -> Result<()> {
    let of = found.iter().map(|part| part.shard().of).min().unwrap_or(0);
    if let Some(other) = found.iter().find(|part| part.shard().of != of) {
        let one = found.iter().find(|part| part.shard().of == of).unwrap_or(other);
        return Err(Error::data(format!(
            "{} is shard {} and {} is shard {}: a night has one number of shards",
            one.dir.display(),
            one.shard(),
            other.dir.display(),
            other.shard()
        ))
        .hint("give the parts of one night only"));
    }
    if let Some(pair) = found.windows(2).find(|pair| pair[0].shard() == pair[1].shard()) {
        return Err(Error::data(format!(
            "shard {} is there twice: {} and {}",
            pair[0].shard(),
            pair[0].dir.display(),
            pair[1].dir.display()
        ))
        .hint("give each part once"));
    }

    let is_there =
        |number: &u32| found.binary_search_by_key(number, |part| part.shard().number).is_ok();
    let missing: Vec<String> = (0..of)
        .filter(|number| !is_there(number))
        .map(|number| Shard { number, of }.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let named = missing[..missing.len().min(MAX_NAMED)].join(", ");
    let more = match missing.len() - missing.len().min(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(Error::data(format!("missing: shard {named}{more}"))
        .hint("run it with the same --fitted, and merge again"))
}

impl Gathered {
    /// The parts' items in the order of all.
    fn of(parts: Vec<Part>, items: usize) -> Result<Self> {
        let defect = || Error::data("the parts do not hold each item once");
        let mut decided: Vec<Option<DecidedAlone>> = Vec::new();
        decided.resize_with(items, || None);
        let ahead: Vec<(&[usize], &Forecasts)> =
            parts.iter().map(|part| (part.index.as_slice(), &part.forecasts)).collect();
        let forecasts = Forecasts::gathered(&ahead, items).ok_or_else(defect)?;

        let mut advice = Vec::new();
        for part in parts {
            if part.index.len() != part.decided.len() {
                return Err(defect());
            }
            for (index, alone) in part.index.into_iter().zip(part.decided) {
                let place = decided.get_mut(index).ok_or_else(defect)?;
                if place.replace(alone).is_some() {
                    return Err(defect());
                }
            }
            advice.extend(part.advice);
        }
        sort_advice(&mut advice);
        let decided: Option<Vec<DecidedAlone>> = decided.into_iter().collect();
        Ok(Self { forecasts, decided: decided.ok_or_else(defect)?, advice })
    }

    /// The plan of which these are the parts: what crosses items is planned on what was decided
    /// for each of them.
    #[must_use]
    pub fn plan<'a>(
        self,
        settings: &'a Settings,
        inputs: &'a Loaded,
        (prepared, across): (&Prepared, AcrossItems<'_>),
        tonight: &Tonight<'_>,
    ) -> (Forecasts, NightPlan<'a>) {
        let Self { forecasts, decided, advice } = self;
        let forecasts = forecasts.with_changes(prepared.changes.clone());
        let context = PlanContext::new(settings, &inputs.tables, inputs.as_of, tonight.order_now);
        let planned = |(index, alone): (usize, DecidedAlone)| {
            let item = prepared.item(index);
            let facts = ItemFacts::gather_by(&context, &item, alone.supplier.as_ref());
            PlannedItem { facts: Box::new(facts), row: alone.row }
        };
        let items = decided.into_par_iter().enumerate().map(planned).collect();

        let foreseen = Foreseen { prepared, across: Some(across), forecasts: &forecasts };
        let plan =
            bring_together(&context, inputs, &foreseen, PlannedAlone { items, advice }, tonight);
        (tonight.on_stage)(NightStage::Backorders);
        (forecasts, plan)
    }
}
