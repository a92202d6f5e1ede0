//! Makes the index of a pack that has none, as `git index-pack` does: finds where entries end, builds the
//! objects that are stored as deltas, and computes their ids. All bytes are hostile until checked.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use foldhash::{HashMap, HashSet};
use libdeflater::Decompressor;
use memmap2::Mmap;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::delta::Delta;
use super::inflate::inflate;
use super::object_hash::{ObjectHasher, hash, object_id};
use super::object_search::MAX_OBJECT;
use super::pack_entry::ObjectKind;
use super::pack_file::{EntryHeader, StoredBase, map};
use super::pack_index::PACK_HEADER;
use super::zlib_stream::inflate_pieces;
use crate::model::{ObjectFormat, Oid};

/// The words for a pack that ends too early or was changed.
const CUT: &str = "it is cut off or damaged";

/// An entry of the pack.
struct NewEntry {
    offset: usize,
    head: EntryHeader,
    /// The offset behind its data.
    end: usize,
    /// The id of its object, once it is known.
    oid: Option<Oid>,
    /// The position of the entry that it is based on, once that is known.
    base: Option<u32>,
}

/// Makes the index of the pack at `path`, whose ids have this format; `None` if the pack itself tells. Entries
/// that are based on objects outside of the pack cannot be named: they are taken out. Returns the
/// format, and the number of these entries.
///
/// # Errors
/// A pack that cannot be read, or is damaged.
pub(super) fn index_pack(
    path: &Path,
    format: Option<ObjectFormat>,
) -> Result<(ObjectFormat, usize), String> {
    let text = |error: io::Error| error.to_string();
    let data = map(path).map_err(text)?;
    let format = format.into_iter().chain([ObjectFormat::Sha1, ObjectFormat::Sha256]);
    let format = format.into_iter().find(|own| is_whole(&data, *own)).ok_or(CUT)?;
    let mut entries = read_entries(&data, format)?;
    resolve(&data, format, &mut entries)?;
    let lacking = entries.iter().filter(|entry| entry.oid.is_none()).count();
    let index = if lacking > 0 {
        let (bytes, kept) = without_lacking(&data, format, entries);
        drop(data);
        fs::write(path, &bytes).map_err(text)?;
        index_of(format, &kept, &bytes)
    } else {
        index_of(format, &entries, &data)
    };
    fs::write(path.with_extension("idx"), index).map_err(text)?;
    Ok((format, lacking))
}

/// True if a pack ends with its checksum in this format.
fn is_whole(data: &Mmap, format: ObjectFormat) -> bool {
    let end = data.len().checked_sub(format.bytes()).filter(|end| *end >= PACK_HEADER);
    end.is_some_and(|end| hash(format, &data[..end]).as_bytes() == &data[end..])
}

/// Reads all entries, and the ids of those that are stored whole.
fn read_entries(data: &Mmap, format: ObjectFormat) -> Result<Vec<NewEntry>, String> {
    let end = data.len() - format.bytes();
    let count = data.get(8..PACK_HEADER).and_then(|count| count.try_into().ok());
    let count = u32::from_be_bytes(count.ok_or(CUT)?);
    let mut entries = Vec::new();
    let mut offset = PACK_HEADER;
    for _ in 0..count {
        let head = EntryHeader::parse(&data[..end], offset, format).ok_or(CUT)?;
        let kind = match head.base {
            StoredBase::Whole(kind) => Some(kind),
            StoredBase::Offset(_) | StoredBase::Reference(_) => None,
        };
        let mut hasher = kind.map(|kind| ObjectHasher::of_object(format, kind, head.size));
        let mut add = |piece: &[u8]| {
            if let Some(hasher) = &mut hasher {
                hasher.add(piece);
            }
        };
        let used = inflate_pieces(&data[head.data..end], head.size, &mut add).ok_or(CUT)?;
        let oid = hasher.map(ObjectHasher::oid);
        entries.push(NewEntry { offset, head, end: head.data + used, oid, base: None });
        offset = head.data + used;
    }
    if offset == end { Ok(entries) } else { Err(CUT.to_owned()) }
}

/// The entries that are based on others, by what they say about their bases.
struct Children {
    by_entry: Vec<Vec<u32>>,
    by_oid: HashMap<Oid, Vec<u32>>,
    /// The objects whose children by id were taken: a pack may have the same object a million times.
    taken: Mutex<HashSet<Oid>>,
}

impl Children {
    /// True if anything is based on an entry.
    fn has(&self, entry: u32, oid: Oid) -> bool {
        !self.by_entry[entry as usize].is_empty() || self.by_oid.contains_key(&oid)
    }

    /// The entries that are based on an entry, and on no other with the same object.
    fn of(&self, entry: u32, oid: Oid) -> Vec<u32> {
        let mut all = self.by_entry[entry as usize].clone();
        if let Some(by_oid) = self.by_oid.get(&oid)
            && self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(oid)
        {
            all.extend(by_oid);
        }
        all
    }
}

/// Finds the ids of all entries whose bases are in the pack.
fn resolve(data: &Mmap, format: ObjectFormat, entries: &mut [NewEntry]) -> Result<(), String> {
    let mut children = Children {
        by_entry: vec![Vec::new(); entries.len()],
        by_oid: HashMap::default(),
        taken: Mutex::default(),
    };
    for (nth, entry) in (0..).zip(&*entries) {
        match entry.head.base {
            StoredBase::Whole(_) => {}
            StoredBase::Offset(distance) => {
                let base =
                    usize::try_from(distance).ok().and_then(|far| entry.offset.checked_sub(far));
                let base = base.filter(|base| *base < entry.offset);
                let base = base.and_then(|base| {
                    entries.binary_search_by_key(&base, |entry| entry.offset).ok()
                });
                children.by_entry[base.ok_or(CUT)?].push(nth);
            }
            StoredBase::Reference(oid) => children.by_oid.entry(oid).or_default().push(nth),
        }
    }
    let whole = (0u32..).zip(&*entries).filter_map(|(nth, entry)| match entry.head.base {
        StoredBase::Whole(kind) => Some((nth, kind, entry.oid?)),
        StoredBase::Offset(_) | StoredBase::Reference(_) => None,
    });
    let roots: Vec<_> = whole.filter(|(nth, _, oid)| children.has(*nth, *oid)).collect();
    let own = &*entries;
    let found: Vec<_> = roots
        .par_iter()
        .map(|root| DeltaTree { data, format, entries: own, children: &children }.ids(*root))
        .collect::<Result<_, _>>()?;
    for (nth, base, oid) in found.into_iter().flatten() {
        let entry = &mut entries[nth as usize];
        entry.oid = Some(oid);
        entry.base = Some(base);
    }
    Ok(())
}

/// An object on the way down a tree, and the entries that are still to be built from it.
struct IndexedLevel {
    nth: u32,
    bytes: Vec<u8>,
    children: Vec<u32>,
}

/// A whole object and all that is based on it.
struct DeltaTree<'d> {
    data: &'d Mmap,
    format: ObjectFormat,
    entries: &'d [NewEntry],
    children: &'d Children,
}

impl DeltaTree<'_> {
    /// The entries that are based on `root`, with the positions of their bases and their ids.
    fn ids(
        &self,
        (root, kind, oid): (u32, ObjectKind, Oid),
    ) -> Result<Vec<(u32, u32, Oid)>, String> {
        let mut inflater = Decompressor::new();
        let bytes = self.inflated(root, &mut inflater)?;
        let mut found = Vec::new();
        let mut levels =
            vec![IndexedLevel { nth: root, bytes, children: self.children.of(root, oid) }];
        while let Some(mut level) = levels.pop() {
            let Some(child) = level.children.pop() else { continue };
            let delta = self.inflated(child, &mut inflater)?;
            let delta = Delta::parse(&delta).map_err(|error| error.to_string())?;
            if delta.size > MAX_OBJECT {
                return Err("an object in it is larger than 2 GiB".to_owned());
            }
            let mut bytes = Vec::new();
            delta.read(&level.bytes, &mut bytes).map_err(|error| error.to_string())?;
            let oid = object_id(self.format, kind, &bytes);
            found.push((child, level.nth, oid));
            // Only what others are still based on is kept.
            if !level.children.is_empty() {
                levels.push(level);
            }
            let children = self.children.of(child, oid);
            levels.push(IndexedLevel { nth: child, bytes, children });
        }
        Ok(found)
    }

    fn inflated(&self, nth: u32, inflater: &mut Decompressor) -> Result<Vec<u8>, String> {
        let NewEntry { head, end, .. } = &self.entries[nth as usize];
        let mut bytes = Vec::new();
        if !inflate(inflater, &self.data[head.data..*end], head.size, &mut bytes) {
            return Err(CUT.to_owned());
        }
        bytes.truncate(head.size);
        Ok(bytes)
    }
}

/// The pack without the entries that have no id, and the others' places in it.
fn without_lacking(
    data: &Mmap,
    format: ObjectFormat,
    entries: Vec<NewEntry>,
) -> (Vec<u8>, Vec<NewEntry>) {
    let ids: Vec<_> = entries.iter().map(|entry| entry.oid).collect();
    let mut bytes = data[..8].to_vec();
    let count = ids.iter().flatten().count() as u32;
    bytes.extend(count.to_be_bytes());
    let mut kept = Vec::new();
    for mut entry in entries.into_iter().filter(|entry| entry.oid.is_some()) {
        let offset = bytes.len();
        // Distances change, so that bases are named by their ids.
        match entry.base.and_then(|base| ids[base as usize]) {
            None => bytes.extend(&data[entry.offset..entry.end]),
            Some(base) => {
                let mut size = entry.head.size;
                let mut byte = 7 << 4 | (size & 0x0f) as u8;
                size >>= 4;
                while size > 0 {
                    bytes.push(byte | 0x80);
                    byte = (size & 0x7f) as u8;
                    size >>= 7;
                }
                bytes.push(byte);
                bytes.extend(base.as_bytes());
                bytes.extend(&data[entry.head.data..entry.end]);
            }
        }
        entry.offset = offset;
        entry.end = bytes.len();
        kept.push(entry);
    }
    let checksum = hash(format, &bytes);
    bytes.extend(checksum.as_bytes());
    (bytes, kept)
}

/// An index of version 2 (gitformat-pack(5)) for a pack with these entries.
fn index_of(format: ObjectFormat, entries: &[NewEntry], pack: &[u8]) -> Vec<u8> {
    let row = |entry: &NewEntry| Some((entry.oid?, entry.offset, entry.end));
    let mut rows: Vec<(Oid, usize, usize)> = entries.iter().filter_map(row).collect();
    rows.sort_unstable();
    let mut index = vec![0xff, b't', b'O', b'c', 0, 0, 0, 2];
    for first in 0..=u8::MAX {
        let up_to = rows.partition_point(|(oid, ..)| oid.as_bytes()[0] <= first);
        index.extend((up_to as u32).to_be_bytes());
    }
    rows.iter().for_each(|(oid, ..)| index.extend(oid.as_bytes()));
    for (_, start, end) in &rows {
        index.extend(crc32fast::hash(&pack[*start..*end]).to_be_bytes());
    }
    let mut long = Vec::new();
    for offset in rows.iter().map(|(_, offset, _)| *offset as u64) {
        let short = u32::try_from(offset).ok().filter(|short| short & 0x8000_0000 == 0);
        index.extend(short.unwrap_or(0x8000_0000 | (long.len() / 8) as u32).to_be_bytes());
        if short.is_none() {
            long.extend(offset.to_be_bytes());
        }
    }
    index.extend(long);
    index.extend(&pack[pack.len() - format.bytes()..]);
    let own = hash(format, &index);
    index.extend(own.as_bytes());
    index
}
