//! Real numbers that may be missing, in the room of one.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A real number that may be missing. What is missing is held as no number, so that it takes half
/// the room of an `Option<f64>`: a night holds dozens of each item.
///
/// ```
/// use restock::domain::optional_real::OptionalReal;
/// assert_eq!(size_of::<OptionalReal>(), size_of::<f64>());
/// assert_eq!(OptionalReal::from(2.5).get(), Some(2.5));
/// assert_eq!(OptionalReal::default().get(), None);
/// assert_eq!(OptionalReal::from(f64::NAN).get(), None);
/// ```
#[derive(Clone, Copy)]
pub struct OptionalReal(f64);

impl OptionalReal {
    /// The number, where there is one.
    #[must_use]
    pub fn get(self) -> Option<f64> {
        (!self.0.is_nan()).then_some(self.0)
    }
}

impl From<f64> for OptionalReal {
    fn from(number: f64) -> Self {
        Self(number)
    }
}

impl From<Option<f64>> for OptionalReal {
    fn from(number: Option<f64>) -> Self {
        Self(number.unwrap_or(f64::NAN))
    }
}

impl Default for OptionalReal {
    fn default() -> Self {
        Self(f64::NAN)
    }
}

impl PartialEq for OptionalReal {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for OptionalReal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// Written as an `Option<f64>`.
impl Serialize for OptionalReal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(to)
    }
}

impl<'de> Deserialize<'de> for OptionalReal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<f64>::deserialize(from).map(Self::from)
    }
}
