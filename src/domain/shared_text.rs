//! How texts that rows share are kept: each as it stands, so that what is read back shares nothing.
//! For fields, as `#[serde(with = "crate::domain::shared_text")]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What holds texts that are shared.
pub trait SharedText: Sized {
    /// Writes the texts.
    ///
    /// # Errors
    /// The writer's.
    fn write<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error>;

    /// Reads them back.
    ///
    /// # Errors
    /// The reader's.
    fn read<'de, D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error>;
}

impl SharedText for Arc<str> {
    fn write<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.serialize_str(self)
    }

    fn read<'de, D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        String::deserialize(reader).map(Self::from)
    }
}

impl SharedText for Option<Arc<str>> {
    fn write<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        self.as_deref().serialize(writer)
    }

    fn read<'de, D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(Option::<String>::deserialize(reader)?.map(Arc::from))
    }
}

impl SharedText for BTreeMap<usize, Arc<str>> {
    fn write<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.collect_map(self.iter().map(|(at, text)| (at, &**text)))
    }

    fn read<'de, D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let texts = BTreeMap::<usize, String>::deserialize(reader)?;
        Ok(texts.into_iter().map(|(at, text)| (at, Arc::from(text))).collect())
    }
}

/// Writes a field.
///
/// # Errors
/// The writer's.
pub fn serialize<T: SharedText, S: Serializer>(texts: &T, writer: S) -> Result<S::Ok, S::Error> {
    texts.write(writer)
}

/// Reads a field back.
///
/// # Errors
/// The reader's.
pub fn deserialize<'de, T: SharedText, D: Deserializer<'de>>(reader: D) -> Result<T, D::Error> {
    T::read(reader)
}
