//! A pack and its index as they are stored (gitformat-pack(5)), for reading single entries.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;
use thiserror::Error;

use super::object_hash::hash;
use super::pack_entry::ObjectKind;
use super::pack_index::{PACK_HEADER, PackIndex, number};
use crate::model::{ObjectFormat, Oid};

/// A pack or one of its entries cannot be read.
#[derive(Debug, Error)]
pub enum PackError {
    /// An error of the operating system.
    #[error("cannot be read")]
    Io(#[from] std::io::Error),
    /// The file is not a pack, or its version is unknown.
    #[error("is not a pack file of version 2 or 3")]
    Header,
    /// The index does not fit the pack.
    #[error("its index is damaged or belongs to another pack")]
    Index,
}

/// A pack and its index, mapped into memory.
#[derive(Debug)]
pub(super) struct PackFile {
    /// The pack.
    pub(super) data: Mmap,
    index: Mmap,
    /// The format of its ids.
    pub(super) format: ObjectFormat,
}

impl PackFile {
    /// Opens the pack at `path`, whose index is beside it and whose ids have this format.
    ///
    /// # Errors
    /// A file that cannot be read or is invalid.
    pub(super) fn open(path: &Path, format: ObjectFormat) -> Result<Self, PackError> {
        let data = map(path)?;
        let version = data.get(4..8);
        if data.get(..4) != Some(b"PACK") || !matches!(version, Some([0, 0, 0, 2 | 3])) {
            return Err(PackError::Header);
        }
        if data.len() < PACK_HEADER + format.bytes() {
            return Err(PackError::Header);
        }
        let index = map(&path.with_extension("idx"))?;
        let file = Self { data, index, format };
        match file.tables().and_then(|tables| tables.count()) {
            Some(_) => Ok(file),
            None => Err(PackError::Index),
        }
    }

    /// The tables of the index.
    pub(super) fn tables(&self) -> Option<PackIndex<'_>> {
        PackIndex::new(&self.index, self.format)
    }

    /// The number of entries that the pack says it has.
    pub(super) fn claimed(&self) -> Option<u32> {
        number(&self.data, 8)
    }

    /// The offset behind the last entry.
    pub(super) fn end(&self) -> usize {
        self.data.len() - self.format.bytes()
    }

    /// The checksum at the end of the pack, which identifies its content.
    pub(super) fn checksum(&self) -> &[u8] {
        &self.data[self.end()..]
    }

    /// The checksum of the pack that the index was made for.
    pub(super) fn indexed_checksum(&self) -> Option<&[u8]> {
        // The tables of an index are followed by the checksum of the pack and its own.
        let both = self.index.get(self.index.len().checked_sub(2 * self.format.bytes())?..)?;
        both.get(..self.format.bytes())
    }

    /// True if the index ends with its own checksum. Without it, a wrong number could hide an object.
    pub(super) fn is_index_sound(&self) -> bool {
        let end = self.index.len().checked_sub(self.format.bytes());
        end.is_some_and(|end| {
            hash(self.format, &self.index[..end]).as_bytes() == &self.index[end..]
        })
    }

    /// The offset of an object in the pack, if the index lists it.
    pub(super) fn offset(&self, oid: Oid) -> Option<u64> {
        self.tables()?.lookup(oid)
    }

    /// The header of the entry at an offset.
    pub(super) fn entry(&self, offset: u64) -> Option<EntryHeader> {
        let start = usize::try_from(offset).ok()?;
        let is_inside = (PACK_HEADER..self.end()).contains(&start);
        if is_inside {
            EntryHeader::parse(&self.data[..self.end()], start, self.format)
        } else {
            None
        }
    }
}

/// The header of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct EntryHeader {
    /// The way it is stored.
    pub(super) base: StoredBase,
    /// Size in bytes of its inflated data: the object, or the delta.
    pub(super) size: usize,
    /// Offset of its data.
    pub(super) data: usize,
}

/// The way an entry says that it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum StoredBase {
    /// Whole.
    Whole(ObjectKind),
    /// As a delta against the entry that begins so many bytes before it.
    Offset(u64),
    /// As a delta against an object.
    Reference(Oid),
}

impl EntryHeader {
    /// Parses the header that begins at `start`.
    pub(super) fn parse(data: &[u8], start: usize, format: ObjectFormat) -> Option<Self> {
        let mut at = start;
        let mut next = || {
            let byte = data.get(at).copied();
            at += 1;
            byte
        };
        let first = next()?;
        let mut size = usize::from(first & 0x0f);
        let mut shift = 4;
        let mut byte = first;
        while byte & 0x80 != 0 {
            byte = next()?;
            let bits = usize::from(byte & 0x7f);
            let shifted = bits.checked_shl(shift).filter(|s| s >> shift == bits)?;
            size |= shifted;
            shift += 7;
        }
        let base = match (first >> 4) & 7 {
            1 => StoredBase::Whole(ObjectKind::Commit),
            2 => StoredBase::Whole(ObjectKind::Tree),
            3 => StoredBase::Whole(ObjectKind::Blob),
            4 => StoredBase::Whole(ObjectKind::Tag),
            6 => {
                let mut byte = next()?;
                let mut distance = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next()?;
                    distance = distance.checked_add(1)?.checked_mul(128)? | u64::from(byte & 0x7f);
                }
                StoredBase::Offset(distance)
            }
            7 => {
                let oid = Oid::at_start(format, data.get(at..)?)?;
                at += format.bytes();
                StoredBase::Reference(oid)
            }
            _ => return None,
        };
        (at <= data.len()).then_some(Self { base, size, data: at })
    }
}

/// Maps a file into memory.
///
/// Mapping makes the walk fast: entries are read in the order of the delta trees, not of the file,
/// and each only once.
#[allow(unsafe_code, reason = "see SAFETY; git itself maps packs and never changes them in place")]
pub(super) fn map(path: &Path) -> std::io::Result<Mmap> {
    // Checked before opening: opening a pipe would block.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "is not a plain file"));
    }
    let file = File::open(path)?;
    // SAFETY: git writes packs under a temporary name, renames them and never changes them
    // afterwards. If the file is truncated during a scan, the process ends with SIGBUS: no wrong
    // result.
    unsafe { Mmap::map(&file) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, proptest};

    proptest! {
        #[test]
        fn no_header_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), start in 0..70usize) {
            for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
                if let Some(head) = EntryHeader::parse(&bytes, start, format) {
                    assert!(head.data <= bytes.len());
                }
            }
        }
    }
}
