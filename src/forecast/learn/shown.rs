//! What was learnt, for reports: weights of the blend, effects of events and prices.

use super::fitted::Fitted;
use crate::demand::drivers::Mark;
use crate::forecast::models::members::NAMES;
use crate::forecast::shared::start_levels::StartLevel;

/// What the blend weighs in one class of volume.
#[derive(Debug, Clone, PartialEq)]
pub struct BlendWeights {
    /// The class, from 0.
    pub class: usize,
    /// Its least demand of an average bucket.
    pub least_units: f64,
    /// Share of each model.
    pub shares: Vec<(&'static str, f64)>,
}

impl Fitted {
    /// The factor that a mark has on demand of a category.
    #[must_use]
    pub fn effect_of(&self, mark: &Mark, category: u32) -> f64 {
        let whole = self.priors.effects.log_factor_of(mark.driver as usize, category);
        libm::exp(whole * f64::from(mark.amount))
    }

    /// What a new item of a category, price band and supplier is believed to sell in an average
    /// bucket, in units, and whom that goes by.
    #[must_use]
    pub fn start_of(&self, category: u32, band: u32, supplier: u32) -> Option<(f64, StartLevel)> {
        self.priors.start(category, band, supplier)
    }

    /// What the blend weighs, by class of volume.
    #[must_use]
    pub fn blend_weights(&self) -> Vec<BlendWeights> {
        let least = self.priors.usual_widths().into_iter().map(|(least, _)| least);
        let shares =
            |class: usize| NAMES.into_iter().zip(self.blend.of(class).iter().copied()).collect();
        least
            .enumerate()
            .map(|(class, least_units)| BlendWeights { class, least_units, shares: shares(class) })
            .collect()
    }
}
