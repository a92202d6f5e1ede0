//! A pack file with its index (gitformat-pack(5)): its entries, and which is based on which.
//! Nothing is inflated here.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::delta_forest::DeltaForest;
use super::pack_entry::{EntryBase, PackEntry};
use super::pack_file::{EntryHeader, PackError, PackFile, StoredBase};
use super::pack_index::PACK_HEADER;
use crate::model::{ObjectFormat, Oid};

/// A pack and the contents of its index, in the order of the data.
#[derive(Debug)]
pub struct Pack {
    /// Its path.
    pub path: PathBuf,
    file: PackFile,
    /// The entries, by offset.
    pub entries: Vec<PackEntry>,
    /// True if the index is undamaged, belongs to this pack, names every entry once, and is sorted. Otherwise
    /// the pack may have unlisted entries.
    pub fits: bool,
    /// The delta trees, once they have been requested.
    forest: OnceLock<DeltaForest>,
}

/// Bytes after an entry's data that are passed on with them.
const BEYOND: usize = 64;

impl Pack {
    /// Opens the pack at `path`, whose index is beside it and whose ids have this format.
    ///
    /// # Errors
    /// A file that cannot be read or is invalid.
    pub fn open(path: &Path, format: ObjectFormat) -> Result<Self, PackError> {
        let file = PackFile::open(path, format)?;
        let tables = file.tables().ok_or(PackError::Index)?;
        let offsets = tables.offsets(file.end()).ok_or(PackError::Index)?;
        let path = path.to_owned();
        let fits = file.claimed().is_some_and(|count| count as usize == offsets.len())
            && file.indexed_checksum() == Some(file.checksum())
            && tables.is_ordered().unwrap_or(false)
            && file.is_index_sound();
        let forest = OnceLock::new();
        let mut pack = Self { path, file, entries: Vec::new(), fits, forest };
        pack.read_headers(&offsets);
        Ok(pack)
    }

    /// The format of its ids.
    pub fn format(&self) -> ObjectFormat {
        self.file.format
    }

    /// The deflated data of an entry, and some bytes after them.
    pub fn deflated(&self, entry: &PackEntry) -> &[u8] {
        // libdeflate uses its slow loop near the end of its input.
        let end = entry.data + entry.length as usize + BEYOND;
        let data = &self.file.data;
        &data[entry.data..end.min(data.len())]
    }

    /// True unless the bytes of an entry differ from those for which the index has a checksum: a header that is
    /// damaged may still be one, of another kind of object or with another base.
    pub fn is_sound(&self, index: u32) -> bool {
        let end = |entry: &PackEntry| entry.data + entry.length as usize;
        let before = index.checked_sub(1).map(|before| &self.entries[before as usize]);
        let entry = &self.entries[index as usize];
        // The ends of entries that long are not known.
        if entry.length == u32::MAX || before.is_some_and(|before| before.length == u32::MAX) {
            return true;
        }
        let start = before.map_or(PACK_HEADER, end);
        let sum = self.file.tables().and_then(|tables| tables.checksum(entry.nth as usize));
        sum.is_none_or(|sum| libdeflater::crc32(&self.file.data[start..end(entry)]) == sum)
    }

    /// The id of an entry's object according to the index.
    pub fn oid(&self, entry: &PackEntry) -> Oid {
        let oid = self.file.tables().and_then(|tables| tables.oid(entry.nth as usize));
        oid.expect("the index was as long as it claims when it was opened")
    }

    /// The base of an entry that is stored as [`EntryBase::Outside`].
    pub fn outside(&self, entry: &PackEntry) -> Option<Oid> {
        // Its id precedes the data.
        let start = entry.data.checked_sub(self.format().bytes());
        let start = start.filter(|_| entry.base == EntryBase::Outside)?;
        Oid::at_start(self.format(), &self.file.data[start..])
    }

    /// The checksum at the end of the pack, which identifies its content.
    pub fn checksum(&self) -> &[u8] {
        self.file.checksum()
    }

    /// The delta trees of the pack.
    pub(super) fn forest(&self) -> &DeltaForest {
        self.forest.get_or_init(|| DeltaForest::new(&self.entries))
    }

    /// True if the index lists an object.
    pub fn contains(&self, oid: Oid) -> bool {
        self.file.offset(oid).is_some()
    }

    /// Reads the headers of the entries with these offsets and positions in the index.
    fn read_headers(&mut self, offsets: &[(u64, u32)]) {
        let (file, limit) = (&self.file, self.file.end() as u64);
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
            StoredBase::Reference(oid) => Some(match file.offset(oid) {
                None => EntryBase::Outside,
                Some(offset) => by_offset(offset).map_or(EntryBase::None, EntryBase::Entry),
            }),
        };
        let entry = |at: usize| {
            let (start, nth) = offsets[at];
            let end = offsets.get(at + 1).map_or(limit, |next| next.0) as usize;
            let Some(head) = EntryHeader::parse(&file.data[..end], start as usize, file.format)
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
