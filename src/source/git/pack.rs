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

/// A pack and the contents of its index, in the order of the data.
#[derive(Debug)]
pub struct Pack {
    /// Its path.
    pub path: PathBuf,
    data: Mmap,
    index: Mmap,
    /// The format of its ids.
    pub format: ObjectFormat,
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

/// Length of a pack's header.
const HEADER: usize = 12;

impl Pack {
    /// Opens the pack at `path`, whose index is beside it and whose ids have this format.
    ///
    /// # Errors
    /// A file that cannot be read or is invalid.
    pub fn open(path: &Path, format: ObjectFormat) -> Result<Self, PackError> {
        let data = map(path)?;
        let version = data.get(4..8);
        if data.get(..4) != Some(b"PACK") || !matches!(version, Some([0, 0, 0, 2 | 3])) {
            return Err(PackError::Header);
        }
        let trailer = format.bytes();
        if data.len() < HEADER + trailer {
            return Err(PackError::Header);
        }
        let index = map(&path.with_extension("idx"))?;
        let tables = PackIndex::new(&index, format).ok_or(PackError::Index)?;
        let offsets = tables.offsets(data.len() - trailer).ok_or(PackError::Index)?;
        let path = path.to_owned();
        let count = number(&data, 8);
        // The tables of an index are followed by the checksum of the pack and its own.
        let checksum = index.len().checked_sub(2 * trailer).and_then(|at| index.get(at..));
        let fits = count.is_some_and(|count| count as usize == offsets.len())
            && checksum.and_then(|both| both.get(..trailer)) == data.get(data.len() - trailer..)
            && tables.is_ordered().unwrap_or(false);
        let forest = OnceLock::new();
        let mut pack = Self { path, data, index, format, entries: Vec::new(), fits, forest };
        pack.read_headers(&offsets);
        Ok(pack)
    }

    /// The deflated data of an entry, and some bytes after them.
    pub fn deflated(&self, entry: &PackEntry) -> &[u8] {
        // libdeflate uses its slow loop near the end of its input.
        let end = entry.data + entry.length as usize + BEYOND;
        &self.data[entry.data..end.min(self.data.len())]
    }

    /// The id of an entry's object according to the index.
    pub fn oid(&self, entry: &PackEntry) -> Oid {
        let oid = self.tables().and_then(|tables| tables.oid(entry.nth as usize));
        oid.expect("the index was as long as it claims when it was opened")
    }

    fn tables(&self) -> Option<PackIndex<'_>> {
        PackIndex::new(&self.index, self.format)
    }

    /// The base of an entry that is stored as [`EntryBase::Outside`].
    pub fn outside(&self, entry: &PackEntry) -> Option<Oid> {
        // Its id precedes the data.
        let start = entry.data.checked_sub(self.format.bytes());
        let start = start.filter(|_| entry.base == EntryBase::Outside)?;
        Oid::at_start(self.format, &self.data[start..])
    }

    /// The checksum at the end of the pack, which identifies its content.
    pub fn checksum(&self) -> &[u8] {
        &self.data[self.data.len() - self.format.bytes()..]
    }

    /// The delta trees of the pack.
    pub(super) fn forest(&self) -> &DeltaForest {
        self.forest.get_or_init(|| DeltaForest::new(&self.entries))
    }

    /// True if the index lists an object.
    pub fn contains(&self, oid: Oid) -> bool {
        self.offset(oid).is_some()
    }

    /// The offset of an object in the pack, if the index lists it.
    fn offset(&self, oid: Oid) -> Option<u64> {
        self.tables()?.lookup(oid)
    }

    /// Reads the headers of the entries with these offsets and positions in the index.
    fn read_headers(&mut self, offsets: &[(u64, u32)]) {
        let limit = (self.data.len() - self.format.bytes()) as u64;
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
            StoredBase::Reference(oid) => Some(match self.offset(oid) {
                None => EntryBase::Outside,
                Some(offset) => by_offset(offset).map_or(EntryBase::None, EntryBase::Entry),
            }),
        };
        let entry = |at: usize| {
            let (start, nth) = offsets[at];
            let end = offsets.get(at + 1).map_or(limit, |next| next.0) as usize;
            let Some(head) = EntryHeader::parse(&self.data[..end], start as usize, self.format)
            else {
                return PackEntry { nth, base: EntryBase::None, size: 0, length: 0, data: end };
            };
            // An entry without a base stays: the walk reports what it never reaches.
            let base = base(head.base, start, at).unwrap_or(EntryBase::None);
            let [size, length] =
                [head.size, end - head.data].map(|size| size.try_into().unwrap_or(u32::MAX));
            PackEntry { nth, base, size, length, data: head.data }
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
    fn parse(data: &[u8], start: usize, format: ObjectFormat) -> Option<Self> {
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

/// The tables of an index of version 1 or 2.
#[derive(Clone, Copy)]
struct PackIndex<'t> {
    index: &'t [u8],
    format: ObjectFormat,
    is_v2: bool,
}

/// Length of the fan-out table, and of what precedes it in version 2.
const FAN_OUT: usize = 4 * 256;
const V2_HEAD: usize = 8;

/// Interpolation steps before a lookup falls back to binary search.
const GUESSES: usize = 6;

impl<'t> PackIndex<'t> {
    fn new(index: &'t [u8], format: ObjectFormat) -> Option<Self> {
        let is_v2 = index.get(..V2_HEAD)? == [0xff, b't', b'O', b'c', 0, 0, 0, 2];
        Some(Self { index, format, is_v2 })
    }

    /// Number of objects whose ids begin with a byte of at most `byte`.
    fn up_to(&self, byte: usize) -> Option<usize> {
        Some(number(self.index, 4 * byte + if self.is_v2 { V2_HEAD } else { 0 })? as usize)
    }

    fn count(&self) -> Option<usize> {
        let count = self.up_to(255)?;
        // Before anything is allocated: the index must be as long as it claims.
        let id = self.format.bytes();
        let (head, row) = if self.is_v2 { (V2_HEAD + FAN_OUT, id + 8) } else { (FAN_OUT, id + 4) };
        self.index.get(..count.checked_mul(row)?.checked_add(head)?)?;
        Some(count)
    }

    /// The bytes of an id.
    #[inline]
    fn id(&self, nth: usize) -> Option<&'t [u8]> {
        let id = self.format.bytes();
        let at =
            if self.is_v2 { V2_HEAD + FAN_OUT + id * nth } else { FAN_OUT + (id + 4) * nth + 4 };
        self.index.get(at..at + id)
    }

    #[inline]
    fn oid(&self, nth: usize) -> Option<Oid> {
        Oid::at_start(self.format, self.id(nth)?)
    }

    fn offset(&self, nth: usize) -> Option<u64> {
        let id = self.format.bytes();
        if !self.is_v2 {
            return Some(u64::from(number(self.index, FAN_OUT + (id + 4) * nth)?));
        }
        let count = self.up_to(255)?;
        // Ids and checksums come first.
        let small = V2_HEAD + FAN_OUT + (id + 4) * count;
        match number(self.index, small + 4 * nth)? {
            short if short & 0x8000_0000 == 0 => Some(u64::from(short)),
            long => {
                let at = small + 4 * count + 8 * (long & 0x7fff_ffff) as usize;
                let (high, low) = (number(self.index, at)?, number(self.index, at + 4)?);
                Some(u64::from(high) << 32 | u64::from(low))
            }
        }
    }

    /// The offsets of a pack's entries, in order, each below `limit`, with the positions of their
    /// ids.
    fn offsets(&self, limit: usize) -> Option<Vec<(u64, u32)>> {
        let row = |nth: usize| Some((self.offset(nth)?, nth as u32));
        let mut found: Vec<(u64, u32)> =
            (0..self.count()?).into_par_iter().map(row).collect::<Option<_>>()?;
        found.par_sort_unstable();
        found.dedup_by_key(|(offset, _)| *offset);
        let is_inside = |(offset, _): &(u64, u32)| (HEADER as u64..limit as u64).contains(offset);
        found.iter().all(is_inside).then_some(found)
    }

    /// True if the ids are sorted and consistent with the fan-out table.
    fn is_ordered(&self) -> Option<bool> {
        let count = self.count()?;
        let mut starts = vec![0];
        for byte in 0..256 {
            starts.push(self.up_to(byte)?);
        }
        let is_placed = |nth: usize| {
            let id = self.id(nth)?;
            let first = usize::from(*id.first()?);
            let is_behind = nth == 0 || order(self.id(nth - 1)?, id) != Ordering::Greater;
            Some(is_behind && (starts[first]..starts[first + 1]).contains(&nth))
        };
        let is_within = starts.iter().all(|start| *start <= count);
        Some(is_within && (0..count).into_par_iter().all(|nth| is_placed(nth) == Some(true)))
    }

    /// The offset of an object in the pack, if it is listed.
    fn lookup(&self, oid: Oid) -> Option<u64> {
        let wanted = oid.as_bytes();
        let first = usize::from(*wanted.first()?);
        let mut low = if first == 0 { 0 } else { self.up_to(first - 1)? };
        let mut high = self.up_to(first)?;
        // Ids are as good as random: interpolating between two others nearly finds the place. If the
        // index is wrong about that, binary search still ends.
        let weight = |id: &[u8]| number(id, 1).map(u64::from);
        let own = weight(wanted)?;
        let (mut least, mut most) = (0, u64::from(u32::MAX));
        let mut guesses = 0;
        while low < high {
            let middle = if guesses < GUESSES && most > least {
                guesses += 1;
                let share = own.saturating_sub(least).min(most - least);
                low + ((high - low - 1) as u64 * share / (most - least)) as usize
            } else {
                low + (high - low) / 2
            };
            let found = self.id(middle)?;
            match order(found, wanted) {
                Ordering::Equal => return self.offset(middle),
                Ordering::Less => (low, least) = (middle + 1, weight(found)?),
                Ordering::Greater => (high, most) = (middle, weight(found)?),
            }
        }
        None
    }
}

/// Compares ids. The first eight bytes nearly always decide, and are compared as a number. Ids of
/// different formats are never equal.
#[inline]
fn order(one: &[u8], two: &[u8]) -> Ordering {
    let first = |id: &[u8]| id.first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
    first(one).cmp(&first(two)).then_with(|| one.cmp(two))
}

/// The big-endian number of four bytes at an offset.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
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
            let byte = bytes.first().copied().unwrap_or(9);
            for oid in [Oid::from([byte; 20]), Oid::from([byte; 32])] {
                if let Some(tables) = PackIndex::new(&bytes, oid.format()) {
                    let _ = (tables.offsets(1000), tables.is_ordered(), tables.lookup(oid));
                }
            }
        }

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
