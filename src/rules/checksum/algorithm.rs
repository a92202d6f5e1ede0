//! The common form of all kinds of checksums.

use std::ops::Range;

/// A key and the parts of it that its checksum joins, as ranges of the key's bytes.
#[derive(Debug, Clone)]
pub struct ChecksumParts<'k> {
    /// The whole key.
    pub key: &'k [u8],
    /// The bytes that are summed.
    pub checked: Range<usize>,
    /// The bytes that hold the sum.
    pub checksum: Range<usize>,
}

impl ChecksumParts<'_> {
    /// The bytes that are summed.
    pub(super) fn checked(&self) -> &[u8] {
        self.key.get(self.checked.clone()).unwrap_or_default()
    }

    /// The key with another text in the place of its checksum.
    pub(super) fn with(&self, sum: &[u8]) -> Vec<u8> {
        let Range { start, end } = self.checksum.clone();
        let (Some(before), Some(after)) = (self.key.get(..start), self.key.get(end..)) else {
            return Vec::new();
        };
        [before, sum, after].concat()
    }
}

/// A kind of checksum.
pub(super) struct Algorithm {
    /// The name in rule files.
    pub(super) name: &'static str,
    /// A text in the place of a checksum, which samples have until it is computed.
    pub(super) filler: &'static str,
    /// True if it needs seeds.
    pub(super) is_seeded: bool,
    /// The keys with a right checksum that differ from a key in nothing else: none if it cannot be
    /// computed, one for each seed or accepted form.
    pub(super) completed: fn(&ChecksumParts<'_>, &[u64]) -> Vec<Vec<u8>>,
}
