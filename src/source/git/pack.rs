//! A pack file with its index (gitformat-pack(5)): which entries there are, and which is made of
//! which. Nothing is inflated here.

use std::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use thiserror::Error;

use crate::model::Oid;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A tree.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

/// How an entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// Whole.
    Whole(Kind),
    /// As a delta to the entry of this index.
    Entry(u32),
    /// As a delta to an object that is not in this pack.
    Outside(Oid),
}

/// One entry of a pack.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The object's id, as the index says.
    pub oid: Oid,
    /// How it is stored.
    pub base: Base,
    /// Size in bytes of what its data inflate to: the object, or the delta.
    pub size: usize,
    /// Where its deflated data begin.
    data: usize,
    /// Where they end at the latest.
    end: usize,
}

/// Why a pack, or an entry of it, cannot be read.
#[derive(Debug, Error)]
pub enum PackError {
    /// The operating system says no.
    #[error("cannot be read")]
    Io(#[from] std::io::Error),
    /// The pack is none, or of a version that is not known.
    #[error("is no pack file of version 2 or 3")]
    Header,
    /// The index does not fit the pack.
    #[error("its index is damaged or belongs to another pack")]
    Index,
}

/// A pack and what its index says of it, in the order of the data.
#[derive(Debug)]
pub struct Pack {
    /// Its path.
    pub path: PathBuf,
    data: Mmap,
    index: Mmap,
    /// The entries, by offset.
    pub entries: Vec<Entry>,
    /// Entries whose header makes no sense; they are not among the others.
    pub damaged: Vec<Oid>,
}

/// Length of a pack's header and of the checksum at its end.
const HEADER: usize = 12;
const TRAILER: usize = 20;

impl Pack {
    /// Opens the pack at `path`, whose index lies beside it.
    ///
    /// # Errors
    /// A file that cannot be read, or is not what it should be.
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
        let mut pack = Self { path, data, index, entries: Vec::new(), damaged: Vec::new() };
        pack.read_headers(&offsets);
        Ok(pack)
    }

    /// The deflated data of an entry, and perhaps some bytes that follow them.
    pub fn deflated(&self, entry: &Entry) -> &[u8] {
        &self.data[entry.data..entry.end]
    }

    /// Whether the index names an object.
    pub fn contains(&self, oid: Oid) -> bool {
        is_listed(&self.index, oid)
    }

    fn read_headers(&mut self, offsets: &[(u64, Oid)]) {
        let limit = (self.data.len() - TRAILER) as u64;
        // Of two entries, the first may be damaged: an index of entries must not shift then.
        let mut heads = Vec::with_capacity(offsets.len());
        for (at, &(start, oid)) in offsets.iter().enumerate() {
            let end = offsets.get(at + 1).map_or(limit, |next| next.0);
            heads.push(
                Head::parse(&self.data[..end as usize], start as usize).map(|h| (h, oid, end)),
            );
        }
        let mut index_of = vec![u32::MAX; heads.len()];
        let mut good = 0;
        for (at, head) in heads.iter().enumerate() {
            if head.is_some() {
                index_of[at] = good;
                good += 1;
            }
        }
        let by_offset =
            |offset: u64| offsets.binary_search_by_key(&offset, |(start, _)| *start).ok();
        let mut by_oid: Vec<(Oid, u32)> = Vec::new();
        if heads.iter().flatten().any(|(head, ..)| matches!(head.base, Stored::Reference(_))) {
            by_oid =
                offsets.iter().zip(&index_of).map(|(&(_, oid), &index)| (oid, index)).collect();
            by_oid.sort_unstable();
        }
        for (head, &(start, oid)) in heads.into_iter().zip(offsets) {
            let Some((head, _, end)) = head else {
                self.damaged.push(oid);
                continue;
            };
            let base = match head.base {
                Stored::Whole(kind) => Some(Base::Whole(kind)),
                Stored::Offset(distance) => start
                    .checked_sub(distance)
                    .and_then(by_offset)
                    .map(|at| Base::Entry(index_of[at])),
                Stored::Reference(base) => {
                    let found = by_oid.binary_search_by_key(&base, |(oid, _)| *oid);
                    Some(found.map_or(Base::Outside(base), |at| Base::Entry(by_oid[at].1)))
                }
            };
            // An entry whose base is damaged stays, with a base that does not exist: its index
            // must not shift, and the walk reports what it never reaches.
            let base = base.unwrap_or(Base::Entry(u32::MAX));
            self.entries.push(Entry {
                oid,
                base,
                size: head.size,
                data: head.data,
                end: end as usize,
            });
        }
    }
}

/// The header of an entry.
struct Head {
    base: Stored,
    size: usize,
    data: usize,
}

enum Stored {
    Whole(Kind),
    Offset(u64),
    Reference(Oid),
}

impl Head {
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
            1 => Stored::Whole(Kind::Commit),
            2 => Stored::Whole(Kind::Tree),
            3 => Stored::Whole(Kind::Blob),
            4 => Stored::Whole(Kind::Tag),
            6 => {
                let mut byte = next()?;
                let mut distance = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next()?;
                    distance = distance.checked_add(1)?.checked_mul(128)? | u64::from(byte & 0x7f);
                }
                Stored::Offset(distance)
            }
            7 => {
                let oid = data.get(at..at + 20)?.try_into().ok()?;
                at += 20;
                Stored::Reference(Oid(oid))
            }
            _ => return None,
        };
        (at <= data.len()).then_some(Self { base, size, data: at })
    }
}

/// The offsets of a pack's entries, in order, each below `limit`.
fn offsets(index: &[u8], limit: usize) -> Option<Vec<(u64, Oid)>> {
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?))
    };
    let oid = |at: usize| Some(Oid(index.get(at..at + 20)?.try_into().ok()?));
    let mut found = Vec::new();
    if index.get(..8)? == [0xff, b't', b'O', b'c', 0, 0, 0, 2] {
        let count = number(8 + 255 * 4)? as usize;
        let oids = 8 + 1024;
        let small = oids + count.checked_mul(24)?;
        let large = small + count.checked_mul(4)?;
        // Before anything is reserved: the index must be as long as it says.
        index.get(..large)?;
        found.reserve(count);
        for nth in 0..count {
            let offset = match number(small + 4 * nth)? {
                short if short & 0x8000_0000 == 0 => u64::from(short),
                long => {
                    let at = large + 8 * (long & 0x7fff_ffff) as usize;
                    u64::from(number(at)?) << 32 | u64::from(number(at + 4)?)
                }
            };
            found.push((offset, oid(oids + 20 * nth)?));
        }
    } else {
        let count = number(255 * 4)? as usize;
        index.get(..1024 + count.checked_mul(24)?)?;
        found.reserve(count);
        for nth in 0..count {
            let at = 1024 + 24 * nth;
            found.push((u64::from(number(at)?), oid(at + 4)?));
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|(offset, _)| *offset);
    let is_inside = |(offset, _): &(u64, Oid)| (HEADER as u64..limit as u64).contains(offset);
    found.iter().all(is_inside).then_some(found)
}

/// Whether an index, whose tables are as long as they say, lists an object.
fn is_listed(index: &[u8], oid: Oid) -> bool {
    let is_v2 = index.starts_with(&[0xff, b't', b'O', b'c']);
    let (fan_out, table, step, skip) = if is_v2 { (8, 8 + 1024, 20, 0) } else { (0, 1024, 24, 4) };
    let count = |byte: usize| -> usize {
        let at = fan_out + 4 * byte;
        let bytes = index.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_be_bytes) as usize
    };
    let first = usize::from(oid.0[0]);
    let mut low = if first == 0 { 0 } else { count(first - 1) };
    let mut high = count(first);
    while low < high {
        let middle = low + (high - low) / 2;
        let at = table + step * middle + skip;
        match index.get(at..at + 20).map(|bytes| bytes.cmp(&oid.0)) {
            Some(Ordering::Equal) => return true,
            Some(Ordering::Less) => low = middle + 1,
            Some(Ordering::Greater) | None => high = middle,
        }
    }
    false
}

/// Maps a file into memory.
///
/// Mapping is what makes the walk fast: entries are read in the order of the delta trees, not of
/// the file, and none twice.
#[allow(unsafe_code, reason = "see SAFETY; git itself maps packs and never changes them in place")]
fn map(path: &Path) -> std::io::Result<Mmap> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "is no plain file"));
    }
    // SAFETY: git writes packs under a temporary name, renames them and never changes them after.
    // If somebody cuts the file during a scan, the process ends with SIGBUS: no wrong result.
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
            let _ = offsets(&bytes, 1000);
            is_listed(&bytes, Oid([bytes.first().copied().unwrap_or(9); 20]));
        }

        #[test]
        fn no_header_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), start in 0..70usize) {
            if let Some(head) = Head::parse(&bytes, start) {
                assert!(head.data <= bytes.len());
            }
        }
    }
}
