//! A value of a rule file and where it stands, for messages.

use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value and its place in the file. Tables of the binary leave the place out: nothing is wrong with
/// them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    value: T,
    start: usize,
    end: usize,
}

impl<T> Spanned<T> {
    /// The value.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Its place in bytes.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl<T> From<T> for Spanned<T> {
    /// A value that stands in no file.
    fn from(value: T) -> Self {
        Self { value, start: 0, end: 0 }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return T::deserialize(deserializer).map(Self::from);
        }
        let spanned = toml::Spanned::<T>::deserialize(deserializer)?;
        let Range { start, end } = spanned.span();
        Ok(Self { value: spanned.into_inner(), start, end })
    }
}

impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}
