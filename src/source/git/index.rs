//! The index of a checkout (gitformat-index(5)): the content of the next commit.
//!
//! Reads files of version 2 to 4, including split indexes and sparse ones with whole folders. A
//! repository is not trusted: whatever is invalid is an error, so that a damaged index never looks
//! like one without changes.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::Path;

use super::cache_tree::CacheTree;
use super::error::RepoError;
use super::file_mode::{FILE, FOLDER, KIND, LINK};
use super::repo::Repository;
use super::safe_read::read_plain;
use crate::model::{ObjectFormat, Oid};

/// The largest index that is read, in bytes: about three million files.
const MAX_INDEX: u64 = 256 << 20;

/// The limit for all paths of an index together, in bytes. Version 4 writes only the end of each
/// path, so a small file may expand beyond the available memory.
const MAX_NAMES: usize = 1 << 30;

/// An entry as written.
struct RawEntry<'i> {
    mode: u32,
    oid: Oid,
    stage: u8,
    is_intended: bool,
    path: &'i [u8],
}

/// A file in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    path: Range<usize>,
    /// Its mode; for a folder outside a sparse checkout, that of a tree.
    pub mode: u32,
    /// Its content.
    pub oid: Oid,
    /// 0, or the side of a conflict: 1 the base, 2 ours, 3 theirs.
    pub stage: u8,
    /// True if it is only intended to be added (`git add --intent-to-add`).
    pub is_intended: bool,
}

/// An index; its entries are sorted by path and stage.
#[derive(Debug, Default)]
pub struct Index {
    names: Vec<u8>,
    /// The entries.
    pub entries: Vec<IndexEntry>,
    /// The trees that the entries form, as far as git remembers them.
    pub(super) trees: CacheTree,
}

impl Index {
    /// Reads the index that git uses in `repository`.
    ///
    /// # Errors
    /// An index that cannot be read, or a missing one that the environment names.
    pub fn of(repository: &Repository) -> Result<Self, RepoError> {
        let path = repository.index_file();
        let trouble = |message| RepoError::Index { path: path.display().to_string(), message };
        if repository.is_index_named() && !path.exists() {
            return Err(trouble("GIT_INDEX_FILE names it, but it does not exist".to_owned()));
        }
        let beside = path.parent().unwrap_or(repository.folder());
        let read = Self::read(&path, &[repository.folder(), beside], repository.format());
        read.map_err(|error| trouble(error.to_string()))
    }

    /// Reads the index at `path`, whose ids have this format; looks in `folders` for a file that it
    /// shares entries with. A missing file is an empty index.
    ///
    /// # Errors
    /// A file that cannot be read or understood.
    pub fn read(path: &Path, folders: &[&Path], format: ObjectFormat) -> io::Result<Self> {
        let bytes = match read_plain(path, MAX_INDEX) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            read => read?,
        };
        let parsed = ParsedIndex::new(&bytes, format).ok_or_else(damaged)?;
        match parsed.link {
            None => Self::sorted(parsed).ok_or_else(damaged),
            Some(link) => {
                let link = SplitIndexLink::parse(link, format).ok_or_else(damaged)?;
                let base = match link.base {
                    None => Vec::new(),
                    Some(base) => shared(base, folders)?,
                };
                Self::joined(parsed, &link, &base, format).ok_or_else(damaged)
            }
        }
    }

    /// The path of an entry.
    pub fn path(&self, entry: &IndexEntry) -> &[u8] {
        &self.names[entry.path.clone()]
    }

    /// Requires the entries to be in the order of their paths; git reads no others either.
    fn sorted(parsed: ParsedIndex<'_>) -> Option<Self> {
        let own = Self { names: parsed.names, entries: parsed.entries, trees: parsed.trees };
        let key = |entry| (own.path(entry), entry.stage);
        let is_sorted = own.entries.is_sorted_by(|a, b| key(a) < key(b));
        let has_names = own.entries.first().is_none_or(|first| !first.path.is_empty());
        (is_sorted && has_names).then_some(own)
    }

    /// Merges the entries of `base` as `link` says: some are deleted, some are replaced by the
    /// nameless entries at the beginning, all others are new.
    fn joined(
        parsed: ParsedIndex<'_>,
        link: &SplitIndexLink,
        base: &[u8],
        format: ObjectFormat,
    ) -> Option<Self> {
        let base =
            if base.is_empty() { ParsedIndex::default() } else { ParsedIndex::new(base, format)? };
        if base.link.is_some() {
            return None;
        }
        let is_nameless = |entry: &&IndexEntry| entry.path.is_empty();
        let nameless = parsed.entries.iter().take_while(is_nameless).count();
        let mut replacing = parsed.entries[..nameless].iter();
        let mut all: BTreeMap<(&[u8], u8), &IndexEntry> = BTreeMap::new();
        for (nth, entry) in base.entries.iter().enumerate() {
            let path = &base.names[entry.path.clone()];
            let entry = if link.replaced.has(nth) { replacing.next()? } else { entry };
            if !link.deleted.has(nth) {
                all.insert((path, entry.stage), entry);
            }
        }
        let is_within =
            |bits: &EwahBitmap| bits.ones.last().is_none_or(|ones| ones.end <= base.entries.len());
        if replacing.next().is_some() || !is_within(&link.replaced) || !is_within(&link.deleted) {
            return None;
        }
        for entry in &parsed.entries[nameless..] {
            all.insert((&parsed.names[entry.path.clone()], entry.stage), entry);
        }
        let mut own = Self { trees: parsed.trees, ..Self::default() };
        for ((path, _), entry) in all {
            let start = own.names.len();
            own.names.extend_from_slice(path);
            own.entries.push(IndexEntry { path: start..own.names.len(), ..entry.clone() });
        }
        own.entries.iter().all(|entry| !entry.path.is_empty()).then_some(own)
    }
}

/// The content of one file.
#[derive(Default)]
struct ParsedIndex<'i> {
    names: Vec<u8>,
    entries: Vec<IndexEntry>,
    trees: CacheTree,
    /// The extension that names the file with which entries are shared.
    link: Option<&'i [u8]>,
}

impl<'i> ParsedIndex<'i> {
    fn new(index: &'i [u8], format: ObjectFormat) -> Option<Self> {
        let mut own = Self::default();
        let mut at = each_entry(index, format, |raw| {
            let start = own.names.len();
            own.names.extend_from_slice(raw.path);
            own.entries.push(IndexEntry {
                path: start..own.names.len(),
                mode: raw.mode,
                oid: raw.oid,
                stage: raw.stage,
                is_intended: raw.is_intended,
            });
        })?;
        // The checksum itself is not compared, as in git; but its content must end there.
        let end = index.len().checked_sub(format.bytes())?;
        let mut is_sparse = false;
        while at < end {
            let name = index.get(at..at + 4)?;
            let length = usize::try_from(number(index, at + 4)?).ok()?;
            let content = index.get(at + 8..(at + 8).checked_add(length)?)?;
            at += 8 + length;
            match name {
                b"link" => own.link = Some(content),
                b"sdir" => is_sparse = true,
                // Only slower without it.
                b"TREE" => own.trees = CacheTree::parse(content, format).unwrap_or_default(),
                // Extensions whose name begins with a capital letter are optional.
                [b'A'..=b'Z', ..] => {}
                _ => return None,
            }
        }
        let has_folders = own.entries.iter().any(|entry| entry.mode == FOLDER);
        (at == end && (is_sparse || !has_folders)).then_some(own)
    }
}

/// Which entries of the shared file are deleted or replaced.
#[derive(Default)]
struct SplitIndexLink {
    /// The checksum of the shared file, which is also its name.
    base: Option<Oid>,
    deleted: EwahBitmap,
    replaced: EwahBitmap,
}

impl SplitIndexLink {
    fn parse(bytes: &[u8], format: ObjectFormat) -> Option<Self> {
        let base = Oid::at_start(format, bytes)?;
        let base = (!base.is_null()).then_some(base);
        let mut rest = &bytes[format.bytes()..];
        if rest.is_empty() {
            return Some(Self { base, ..Self::default() });
        }
        let deleted = EwahBitmap::parse(&mut rest)?;
        let replaced = EwahBitmap::parse(&mut rest)?;
        rest.is_empty().then_some(Self { base, deleted, replaced })
    }
}

/// A set of numbers, as ordered ranges.
#[derive(Debug, Default, PartialEq, Eq)]
struct EwahBitmap {
    ones: Vec<Range<usize>>,
}

impl EwahBitmap {
    /// Parses an EWAH bitmap (gitformat-index(5), gitformat-bitmap(5), appendix), and moves `bytes`
    /// past it.
    fn parse(bytes: &mut &[u8]) -> Option<Self> {
        let words = usize::try_from(number(bytes, 4)?).ok()?;
        let end = words.checked_mul(8)?.checked_add(8)?;
        let body = bytes.get(8..end)?;
        // The words are followed by the position of the last marker, which is for writers.
        *bytes = bytes.get(end + 4..)?;
        let mut words = body
            .chunks_exact(8)
            .map(|word| u64::from_be_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|n| word[n])));
        let mut own = Self::default();
        let mut at = 0usize;
        while let Some(marker) = words.next() {
            let run = usize::try_from(marker >> 1 & 0xffff_ffff).ok()?.checked_mul(64)?;
            if marker & 1 == 1 {
                own.add(at..at.checked_add(run)?);
            }
            at = at.checked_add(run)?;
            for _ in 0..marker >> 33 {
                let word = words.next()?;
                for bit in (0..64).filter(|bit| word >> bit & 1 == 1) {
                    own.add(at + bit..at + bit + 1);
                }
                at = at.checked_add(64)?;
            }
        }
        Some(own)
    }

    fn add(&mut self, more: Range<usize>) {
        match self.ones.last_mut() {
            Some(last) if last.end == more.start => last.end = more.end,
            _ if more.is_empty() => {}
            _ => self.ones.push(more),
        }
    }

    fn has(&self, number: usize) -> bool {
        let nth = self.ones.partition_point(|ones| ones.end <= number);
        self.ones.get(nth).is_some_and(|ones| ones.contains(&number))
    }
}

/// Reads the shared index `base`.
fn shared(base: Oid, folders: &[&Path]) -> io::Result<Vec<u8>> {
    let name = format!("sharedindex.{base}");
    let paths = folders.iter().map(|folder| folder.join(&name));
    let path = paths.clone().find(|path| path.exists()).ok_or_else(|| {
        let text = format!("the file {name} that it shares entries with is missing");
        io::Error::new(io::ErrorKind::InvalidData, text)
    })?;
    let bytes = read_plain(&path, MAX_INDEX)?;
    if bytes.ends_with(base.as_bytes()) { Ok(bytes) } else { Err(damaged()) }
}

/// The paths of the plain files and links in an index file.
///
/// # Errors
/// A file that cannot be read or understood.
pub(in crate::source) fn files_and_links(path: &Path) -> io::Result<Vec<Vec<u8>>> {
    let bytes = read_plain(path, MAX_INDEX)?;
    // The length of object ids is only in the configuration; an index of the other length does not
    // parse.
    let formats = [ObjectFormat::Sha1, ObjectFormat::Sha256];
    formats.into_iter().find_map(|format| paths(&bytes, format)).ok_or_else(damaged)
}

fn damaged() -> io::Error {
    let text = "the index is damaged, or its version is unknown";
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// The paths of files and links in an index whose object ids have this format.
fn paths(index: &[u8], format: ObjectFormat) -> Option<Vec<Vec<u8>>> {
    let mut paths = Vec::new();
    each_entry(index, format, |raw| {
        // An entry without a name replaces one of a shared index, which has the name.
        if matches!(raw.mode & KIND, FILE | LINK) && !raw.path.is_empty() {
            paths.push(raw.path.to_owned());
        }
    })?;
    Some(paths)
}

/// Passes on the entries of an index whose object ids have this format. Returns the end of the
/// entries.
fn each_entry(
    index: &[u8],
    format: ObjectFormat,
    mut each: impl FnMut(RawEntry<'_>),
) -> Option<usize> {
    let version = number(index, 4)?;
    if index.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let short = |at: usize| -> Option<u16> {
        Some(u16::from_be_bytes(index.get(at..at + 2)?.try_into().ok()?))
    };
    let mut path = Vec::new();
    let mut names = 0usize;
    let mut at = 12;
    for _ in 0..number(index, 8)? {
        let start = at;
        let mode = number(index, at + 24)?;
        let oid = Oid::at_start(format, index.get(at + 40..)?)?;
        at += 40 + format.bytes();
        let flags = short(at)?;
        at += 2;
        let mut is_intended = false;
        if version >= 3 && flags & 0x4000 != 0 {
            is_intended = short(at)? & 0x2000 != 0;
            at += 2;
        }
        if version == 4 {
            let strip = offset(index, &mut at)?;
            path.truncate(path.len().checked_sub(strip)?);
        } else {
            path.clear();
        }
        let length = memchr::memchr(0, index.get(at..)?)?;
        path.extend_from_slice(&index[at..at + length]);
        at += length + 1;
        if version < 4 {
            // Entries are padded with zero bytes to a multiple of eight.
            at = start + (at - start).next_multiple_of(8);
        }
        names = names.saturating_add(path.len());
        if usize::from(flags & 0xfff) != path.len().min(0xfff) || names > MAX_NAMES {
            return None;
        }
        let stage = (flags >> 12 & 3) as u8;
        each(RawEntry { mode, oid, stage, is_intended, path: &path });
    }
    Some(at)
}

/// The big-endian number of four bytes at an offset.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A number encoded like the offsets of pack entries.
fn offset(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut next = || {
        let byte = bytes.get(*at).copied();
        *at += 1;
        byte
    };
    let mut byte = next()?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = next()?;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, proptest};

    #[test]
    fn bitmaps_are_parsed() {
        let bitmap = |words: &[u64]| {
            let mut bytes = 300u32.to_be_bytes().to_vec();
            bytes.extend((words.len() as u32).to_be_bytes());
            words.iter().for_each(|word| bytes.extend(word.to_be_bytes()));
            bytes.extend([0; 4]);
            bytes
        };
        // Two words of ones; then a word of zeros and two written ones.
        let bytes = bitmap(&[1 | 2 << 1, 1 << 1 | 2 << 33, 0b1011, 1 << 63]);
        let mut rest = &bytes[..];
        let bits = EwahBitmap::parse(&mut rest).unwrap();
        assert!(rest.is_empty());
        assert_eq!(bits.ones, [0..128, 192..194, 195..196, 319..320]);
        for (number, is_in) in [(0, true), (127, true), (128, false), (194, false), (319, true)] {
            assert_eq!(bits.has(number), is_in, "{number}");
        }
        assert!(EwahBitmap::parse(&mut &bitmap(&[1 << 33])[..]).is_none(), "a word is missing");
        assert!(EwahBitmap::parse(&mut &bytes[..20]).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 12..400),
            version in 1..6u8,
            count in 0..5u8,
        ) {
            bytes[..12].copy_from_slice(&[b'D', b'I', b'R', b'C', 0, 0, 0, version, 0, 0, 0, count]);
            for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
                let _ = paths(&bytes, format);
                let _ = ParsedIndex::new(&bytes, format).map(Index::sorted);
                let link = SplitIndexLink::parse(&bytes[12..], format).unwrap_or_default();
                let _ = Index::joined(ParsedIndex::default(), &link, &bytes, format);
            }
        }
    }
}
