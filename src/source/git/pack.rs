//! A pack file with its index (gitformat-pack(5)): its entries, and which is based on which.
//! Nothing is inflated here.

use std::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use memmap2::Mmap;
use rayon::prelude::{IntoParallelIterator, ParallelIterator, ParallelSliceMut};
use thiserror::Error;

use super::delta_forest::DeltaForest;
use super::pack_entry::{EntryBase, ObjectKind, PackEntry};
use crate::model::Oid;

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

/// A pack and the contents of its index, in the order of the data.
#[derive(Debug)]
pub struct Pack {
    /// Its path.
    pub path: PathBuf,
    data: Mmap,
    index: Mmap,
    /// The entries, by offset.
    pub entries: Vec<PackEntry>,
    /// True if the index belongs to this pack, names every entry once, and is sorted. Otherwise the
    /// pack may have unlisted entries.
    pub fits: bool,
    /// The delta trees, once they have been requested.
    forest: OnceLock<DeltaForest>,
}

/// Bytes after an entry's data that are passed on with them.
const BEYOND: usize = 64;

/// Length of a pack's header and of the checksum at its end.
const HEADER: usize = 12;
const TRAILER: usize = 20;

impl Pack {
    /// Opens the pack at `path`, whose index is beside it.
    ///
    /// # Errors
    /// A file that cannot be read or is invalid.
    pub fn open(path: &Path) -> Result<Self, PackError> {
        let data = map(path)?;
        let version = data.get(4..8);
        if data.get(..4) != Some(b"PACK") || !matches!(version, Some([0, 0, 0, 2 | 3])) {
            return Err(PackError::Header);
        }
        if data.len() < HEADER + TRAILER {
            return Err(PackError::Header);
        }
        let index = map(&path.with_extension("idx"))?;
        let offsets = offsets(&index, data.len() - TRAILER).ok_or(PackError::Index)?;
        let path = path.to_owned();
        let count = PackIndex { index: &data, is_v2: false }.number(8);
        // The tables of an index are followed by the checksum of the pack and its own.
        let checksum = index.len().checked_sub(2 * TRAILER).and_then(|at| index.get(at..));
        let fits = count.is_some_and(|count| count as usize == offsets.len())
            && checksum.and_then(|both| both.get(..TRAILER)) == data.get(data.len() - TRAILER..)
            && is_ordered(&index).unwrap_or(false);
        let forest = OnceLock::new();
        let mut pack = Self { path, data, index, entries: Vec::new(), fits, forest };
        pack.read_headers(&offsets);
        Ok(pack)
    }

    /// The deflated data of an entry, and some bytes after them.
    pub fn deflated(&self, entry: &PackEntry) -> &[u8] {
        // libdeflate uses its slow loop near the end of its input.
        let end = entry.data + entry.length as usize + BEYOND;
        &self.data[entry.data..end.min(self.data.len())]
    }

    /// The base of an entry that is stored as [`EntryBase::Outside`].
    pub fn outside(&self, entry: &PackEntry) -> Option<Oid> {
        // Its id precedes the data.
        let oid = self.data[..entry.data].last_chunk().filter(|_| entry.base == EntryBase::Outside);
        oid.map(|bytes| Oid(*bytes))
    }

    /// The checksum at the end of the pack, which identifies its content.
    pub fn checksum(&self) -> &[u8] {
        &self.data[self.data.len() - TRAILER..]
    }

    /// The delta trees of the pack.
    pub(super) fn forest(&self) -> &DeltaForest {
        self.forest.get_or_init(|| DeltaForest::new(&self.entries))
    }

    /// True if the index lists an object.
    pub fn contains(&self, oid: Oid) -> bool {
        lookup(&self.index, oid).is_some()
    }

    fn read_headers(&mut self, offsets: &[(u64, Oid)]) {
        let limit = (self.data.len() - TRAILER) as u64;
        let by_offset = |offset: u64| {
            let at = offsets.binary_search_by_key(&offset, |(start, _)| *start);
            at.ok().map(|at| at as u32)
        };
        // A base is usually a short way before the entries based on it.
        let before = |offset: u64, at: usize| {
            let mut step = 1;
            while step < at && offsets[at - step].0 > offset {
                step *= 2;
            }
            let from = at.saturating_sub(step);
            let found = offsets[from..at].binary_search_by_key(&offset, |(start, _)| *start);
            found.ok().map(|found| (from + found) as u32)
        };
        let base = |stored: StoredBase, start: u64, at: usize| match stored {
            StoredBase::Whole(kind) => Some(EntryBase::Whole(kind)),
            StoredBase::Offset(distance) => {
                start.checked_sub(distance).and_then(|base| before(base, at)).map(EntryBase::Entry)
            }
            StoredBase::Reference(oid) => Some(match lookup(&self.index, oid) {
                None => EntryBase::Outside,
                Some(offset) => by_offset(offset).map_or(EntryBase::None, EntryBase::Entry),
            }),
        };
        let entry = |at: usize| {
            let (start, oid) = offsets[at];
            let end = offsets.get(at + 1).map_or(limit, |next| next.0) as usize;
            let Some(head) = EntryHeader::parse(&self.data[..end], start as usize) else {
                return PackEntry { oid, base: EntryBase::None, size: 0, length: 0, data: end };
            };
            // An entry without a base stays: the walk reports what it never reaches.
            let base = base(head.base, start, at).unwrap_or(EntryBase::None);
            let [size, length] =
                [head.size, end - head.data].map(|size| size.try_into().unwrap_or(u32::MAX));
            PackEntry { oid, base, size, length, data: head.data }
        };
        self.entries = (0..offsets.len()).into_par_iter().map(entry).collect();
    }
}

/// The header of an entry.
struct EntryHeader {
    base: StoredBase,
    size: usize,
    data: usize,
}

enum StoredBase {
    Whole(ObjectKind),
    Offset(u64),
    Reference(Oid),
}

impl EntryHeader {
    fn parse(data: &[u8], start: usize) -> Option<Self> {
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
                let oid = data.get(at..at + 20)?.try_into().ok()?;
                at += 20;
                StoredBase::Reference(Oid(oid))
            }
            _ => return None,
        };
        (at <= data.len()).then_some(Self { base, size, data: at })
    }
}

/// The tables of an index of version 1 or 2.
#[derive(Clone, Copy)]
struct PackIndex<'t> {
    index: &'t [u8],
    is_v2: bool,
}

impl<'t> PackIndex<'t> {
    fn new(index: &'t [u8]) -> Option<Self> {
        Some(Self { index, is_v2: index.get(..8)? == [0xff, b't', b'O', b'c', 0, 0, 0, 2] })
    }

    fn number(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(self.index.get(at..at.checked_add(4)?)?.try_into().ok()?))
    }

    /// Number of objects whose ids begin with a byte of at most `byte`.
    fn up_to(&self, byte: usize) -> Option<usize> {
        Some(self.number(4 * byte + if self.is_v2 { 8 } else { 0 })? as usize)
    }

    fn count(&self) -> Option<usize> {
        let count = self.up_to(255)?;
        // Before anything is allocated: the index must be as long as it claims.
        let (head, row) = if self.is_v2 { (8 + 1024, 28) } else { (1024, 24) };
        self.index.get(..count.checked_mul(row)?.checked_add(head)?)?;
        Some(count)
    }

    fn oid(&self, nth: usize) -> Option<Oid> {
        let at = if self.is_v2 { 8 + 1024 + 20 * nth } else { 1024 + 24 * nth + 4 };
        Some(Oid(self.index.get(at..at + 20)?.try_into().ok()?))
    }

    fn offset(&self, nth: usize) -> Option<u64> {
        if !self.is_v2 {
            return Some(u64::from(self.number(1024 + 24 * nth)?));
        }
        let count = self.up_to(255)?;
        let small = 8 + 1024 + 24 * count;
        match self.number(small + 4 * nth)? {
            short if short & 0x8000_0000 == 0 => Some(u64::from(short)),
            long => {
                let at = small + 4 * count + 8 * (long & 0x7fff_ffff) as usize;
                Some(u64::from(self.number(at)?) << 32 | u64::from(self.number(at + 4)?))
            }
        }
    }
}

/// The offsets of a pack's entries, in order, each below `limit`.
fn offsets(index: &[u8], limit: usize) -> Option<Vec<(u64, Oid)>> {
    let tables = PackIndex::new(index)?;
    let row = |nth: usize| Some((tables.offset(nth)?, tables.oid(nth)?));
    let mut found: Vec<(u64, Oid)> =
        (0..tables.count()?).into_par_iter().map(row).collect::<Option<_>>()?;
    found.par_sort_unstable();
    found.dedup_by_key(|(offset, _)| *offset);
    let is_inside = |(offset, _): &(u64, Oid)| (HEADER as u64..limit as u64).contains(offset);
    found.iter().all(is_inside).then_some(found)
}

/// True if the ids of an index are sorted and consistent with its fan-out table.
fn is_ordered(index: &[u8]) -> Option<bool> {
    let tables = PackIndex::new(index)?;
    let count = tables.count()?;
    let mut starts = vec![0];
    for byte in 0..256 {
        starts.push(tables.up_to(byte)?);
    }
    let is_placed = |nth: usize| {
        let oid = tables.oid(nth)?;
        let first = usize::from(oid.0[0]);
        let is_behind = nth == 0 || tables.oid(nth - 1)? <= oid;
        Some(is_behind && (starts[first]..starts[first + 1]).contains(&nth))
    };
    let is_within = starts.iter().all(|start| *start <= count);
    Some(is_within && (0..count).into_par_iter().all(|nth| is_placed(nth) == Some(true)))
}

/// Interpolation steps before a lookup falls back to binary search.
const GUESSES: usize = 6;

/// The offset of an object in the pack, if the index lists it.
fn lookup(index: &[u8], oid: Oid) -> Option<u64> {
    let tables = PackIndex::new(index)?;
    let first = usize::from(oid.0[0]);
    let mut low = if first == 0 { 0 } else { tables.up_to(first - 1)? };
    let mut high = tables.up_to(first)?;
    // Ids are as good as random: interpolating between two others nearly finds the place. If the
    // index is wrong about that, binary search still ends.
    let weight = |oid: Oid| u64::from(u32::from_be_bytes([oid.0[1], oid.0[2], oid.0[3], oid.0[4]]));
    let wanted = weight(oid);
    let (mut least, mut most) = (0, u64::from(u32::MAX));
    let mut guesses = 0;
    while low < high {
        let middle = if guesses < GUESSES && most > least {
            guesses += 1;
            let share = wanted.saturating_sub(least).min(most - least);
            low + ((high - low - 1) as u64 * share / (most - least)) as usize
        } else {
            low + (high - low) / 2
        };
        let found = tables.oid(middle)?;
        match found.cmp(&oid) {
            Ordering::Equal => return tables.offset(middle),
            Ordering::Less => (low, least) = (middle + 1, weight(found)),
            Ordering::Greater => (high, most) = (middle, weight(found)),
        }
    }
    None
}

/// Maps a file into memory.
///
/// Mapping makes the walk fast: entries are read in the order of the delta trees, not of the file,
/// and each only once.
#[allow(unsafe_code, reason = "see SAFETY; git itself maps packs and never changes them in place")]
fn map(path: &Path) -> std::io::Result<Mmap> {
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
        fn no_index_panics(bytes in prop::collection::vec(any::<u8>(), 0..3000), v2 in any::<bool>()) {
            let mut bytes = bytes;
            if v2 && bytes.len() >= 1032 {
                bytes[..8].copy_from_slice(&[0xff, b't', b'O', b'c', 0, 0, 0, 2]);
                bytes[1028..1032].copy_from_slice(&[0, 0, 0, 20]);
            }
            let _ = (offsets(&bytes, 1000), is_ordered(&bytes));
            let _ = lookup(&bytes, Oid([bytes.first().copied().unwrap_or(9); 20]));
        }

        #[test]
        fn no_header_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), start in 0..70usize) {
            if let Some(head) = EntryHeader::parse(&bytes, start) {
                assert!(head.data <= bytes.len());
            }
        }
    }
}
