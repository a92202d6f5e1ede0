//! Packs and bundles of git: their objects, also those that are stored as differences.
//!
//! `keyside git FILE.pack` searches one faster and names its commits. This reads packs that lie in trees or
//! in other archives, in bounded memory.

use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

use flate2::bufread::ZlibDecoder;
use memchr::memmem;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::container::{Container, Fault, Members, Opening, ReadSeek};

/// A pack, or a bundle, which is references and a pack.
pub(super) struct GitPack;

const PACK: &[u8] = b"PACK\0\0\0";
const BUNDLE: &[u8] = b"# v";

/// The most objects, one built on the other; git makes chains of 50, and 4095 at most.
const DEEPEST: usize = 4096;

/// Bytes that a byte of a pack may unpack to, with all that objects are built on.
const MOST_RATIO: u64 = 500;

impl Container for GitPack {
    fn name(&self) -> &'static str {
        "a pack of git"
    }

    fn begins(&self, start: &[u8]) -> bool {
        let is_pack = start.starts_with(PACK) && matches!(start.get(7), Some(2 | 3));
        let version = start.strip_prefix(BUNDLE).and_then(|rest| rest.split_first());
        let is_bundle = |(version, rest): (&u8, &[u8])| {
            matches!(version, b'2' | b'3') && rest.starts_with(b" git bundl")
        };
        is_pack || version.is_some_and(is_bundle)
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let memory = members.limits().memory as u64;
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(memory + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > memory {
        return Err(Fault::Limit(
            "is larger than what may be held in memory (--max-archive-memory); `keyside git FILE` \
             searches it"
                .to_owned(),
        ));
    }
    let mut is_sha256 = false;
    let mut pack = &bytes[..];
    if bytes.starts_with(BUNDLE) {
        let end =
            memmem::find(&bytes, b"\n\n").ok_or_else(|| Fault::broken("it ends too early"))?;
        is_sha256 = memmem::find(&bytes[..end], b"@object-format=sha256").is_some();
        pack = &bytes[end + 2..];
    }
    if !pack.starts_with(PACK) || pack.len() < 12 {
        return Err(Fault::broken("its header is wrong"));
    }
    is_sha256 = is_sha256 || is_sealed_with_sha256(pack);
    let count = u32::from_be_bytes([pack[8], pack[9], pack[10], pack[11]]);
    let mut reader = PackReader {
        pack,
        is_sha256,
        by_id: HashMap::new(),
        cache: HashMap::new(),
        cached: 0,
        most_cached: members.limits().memory / 4,
        left: (pack.len() as u64).saturating_mul(MOST_RATIO).max(64 * 1024 * 1024),
    };
    reader.objects(count, members)
}

/// True if the checksum at the end of a pack tells that ids are SHA-256.
fn is_sealed_with_sha256(pack: &[u8]) -> bool {
    let Some((content, seal)) = pack.split_last_chunk::<20>() else { return false };
    if Sha1::digest(content)[..] == seal[..] {
        return false;
    }
    let sealed = pack.split_last_chunk::<32>();
    sealed.is_some_and(|(content, seal)| Sha256::digest(content)[..] == seal[..])
}

/// The kind of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StoredKind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl StoredKind {
    fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }
}

/// The way an entry is stored.
enum StoredAs<'p> {
    Whole(StoredKind),
    /// As a difference from the entry at an offset.
    After(usize),
    /// As a difference from the object with an id.
    OfId(&'p [u8]),
}

/// The header of an entry.
struct ObjectHeader<'p> {
    stored: StoredAs<'p>,
    size: u64,
    /// Where its compressed data begins.
    data: usize,
}

/// An object as it is in memory.
type BuiltObject = (StoredKind, Rc<[u8]>);

/// Reads the objects of a pack.
struct PackReader<'p> {
    pack: &'p [u8],
    is_sha256: bool,
    /// The offsets of objects.
    by_id: HashMap<Vec<u8>, usize>,
    /// Objects that others may be built on, by their offsets.
    cache: HashMap<usize, BuiltObject>,
    cached: usize,
    most_cached: usize,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<'p> PackReader<'p> {
    /// Passes on all objects, in the order of the pack; those whose base comes later at the end.
    fn objects(&mut self, count: u32, members: &mut dyn Members) -> Result<(), Fault> {
        let mut waiting = Vec::new();
        let mut at = 12;
        for _ in 0..count {
            let entry = self.entry(at)?;
            let end = match entry.stored {
                StoredAs::OfId(id) if !self.by_id.contains_key(id) => {
                    waiting.push(at);
                    self.inflate(&entry)?.1
                }
                StoredAs::Whole(_) | StoredAs::After(_) | StoredAs::OfId(_) => {
                    let (object, end) = self.build(at)?;
                    self.pass_on(at, object, members)?;
                    end
                }
            };
            at = end;
        }
        // Each round builds what the last one has made possible.
        while !waiting.is_empty() {
            let before = waiting.len();
            for at in std::mem::take(&mut waiting) {
                match self.entry(at)?.stored {
                    StoredAs::OfId(id) if !self.by_id.contains_key(id) => waiting.push(at),
                    StoredAs::Whole(_) | StoredAs::After(_) | StoredAs::OfId(_) => {
                        let (object, _) = self.build(at)?;
                        self.pass_on(at, object, members)?;
                    }
                }
            }
            if waiting.len() == before {
                return Err(Fault::Broken(format!(
                    "{before} of its objects are built on others that it does not have"
                )));
            }
        }
        Ok(())
    }

    /// Passes on an object, and makes it known to others.
    fn pass_on(
        &mut self,
        at: usize,
        (kind, bytes): BuiltObject,
        members: &mut dyn Members,
    ) -> Result<(), Fault> {
        let header = format!("{} {}\0", kind.name(), bytes.len());
        let id = match self.is_sha256 {
            true => Sha256::new_with_prefix(header).chain_update(&bytes).finalize().to_vec(),
            false => Sha1::new_with_prefix(header).chain_update(&bytes).finalize().to_vec(),
        };
        let name: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        self.by_id.insert(id, at);
        self.keep(at, (kind, Rc::clone(&bytes)));
        // Of a tree, only names are text, and they say nothing without the others.
        if kind == StoredKind::Tree {
            return Ok(());
        }
        members.member(name.as_bytes(), &mut &bytes[..])
    }

    fn keep(&mut self, at: usize, object: BuiltObject) {
        if self.cached + object.1.len() > self.most_cached {
            self.cache.clear();
            self.cached = 0;
        }
        self.cached += object.1.len();
        self.cache.insert(at, object);
    }

    /// Reads the header of the entry at an offset.
    fn entry(&self, at: usize) -> Result<ObjectHeader<'p>, Fault> {
        let mut rest = self.pack.get(at..).unwrap_or_default().iter();
        let mut byte = || rest.next().copied().ok_or_else(|| Fault::broken("it ends too early"));
        let first = byte()?;
        let (mut size, mut shift, mut more) = (u64::from(first & 15), 4, first & 0x80 != 0);
        while more {
            let next = byte()?;
            if shift > 60 {
                return Err(Fault::broken("the size of an object is wrong"));
            }
            size |= u64::from(next & 0x7f) << shift;
            (shift, more) = (shift + 7, next & 0x80 != 0);
        }
        let stored = match first >> 4 & 7 {
            1 => StoredAs::Whole(StoredKind::Commit),
            2 => StoredAs::Whole(StoredKind::Tree),
            3 => StoredAs::Whole(StoredKind::Blob),
            4 => StoredAs::Whole(StoredKind::Tag),
            6 => {
                let mut next = byte()?;
                let mut distance = u64::from(next & 0x7f);
                while next & 0x80 != 0 {
                    next = byte()?;
                    let high = distance.checked_add(1).filter(|high| high.leading_zeros() > 8);
                    let high = high.ok_or_else(|| Fault::broken("a base is wrong"))?;
                    distance = high << 7 | u64::from(next & 0x7f);
                }
                let base = usize::try_from(distance).ok().and_then(|far| at.checked_sub(far));
                // An object is not its own base.
                let base = base.filter(|base| *base >= 12 && *base < at);
                StoredAs::After(base.ok_or_else(|| Fault::broken("a base is wrong"))?)
            }
            7 => {
                let length = if self.is_sha256 { 32 } else { 20 };
                let rest = rest.as_slice();
                let id = rest.get(..length).ok_or_else(|| Fault::broken("it ends too early"))?;
                let data = self.pack.len() - rest.len() + length;
                return Ok(ObjectHeader { stored: StoredAs::OfId(id), size, data });
            }
            _ => return Err(Fault::broken("the kind of an object is wrong")),
        };
        Ok(ObjectHeader { stored, size, data: self.pack.len() - rest.as_slice().len() })
    }

    /// Unpacks the data of an entry. Returns also where the next entry begins.
    fn inflate(&mut self, entry: &ObjectHeader<'_>) -> Result<(Vec<u8>, usize), Fault> {
        if entry.size > self.left || entry.size > self.most_cached as u64 * 2 {
            return Err(Fault::Limit(
                "has objects that are larger than what may be held in memory, or unpacks to far more than \
                 its size; what follows was not searched"
                    .to_owned(),
            ));
        }
        let deflated = &self.pack[entry.data..];
        let mut decoder = ZlibDecoder::new(deflated);
        let mut bytes = Vec::new();
        // One more, so that the end of the data is read, too.
        (&mut decoder).take(entry.size + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != entry.size {
            return Err(Fault::broken("an object is not as long as it says"));
        }
        self.left -= entry.size;
        Ok((bytes, entry.data + decoder.total_in() as usize))
    }

    /// Builds the object at an offset. Returns also where the next entry begins.
    fn build(&mut self, at: usize) -> Result<(BuiltObject, usize), Fault> {
        let (mut deltas, mut held) = (Vec::new(), 0);
        let mut end = None;
        let mut base = at;
        let (kind, mut bytes) = loop {
            if let Some(kept) = self.cache.get(&base).filter(|_| base != at) {
                break kept.clone();
            }
            let entry = self.entry(base)?;
            let (data, next) = self.inflate(&entry)?;
            end.get_or_insert(next);
            base = match entry.stored {
                StoredAs::Whole(kind) => break (kind, data.into()),
                StoredAs::After(base) => base,
                StoredAs::OfId(id) => {
                    let known = self.by_id.get(id).copied();
                    known.ok_or_else(|| Fault::broken("it lacks the base of an object"))?
                }
            };
            held += data.len();
            deltas.push(data);
            if deltas.len() > DEEPEST || held > self.most_cached {
                return Err(Fault::Limit(
                    "has an object that is built on too many others; what follows was not searched"
                        .to_owned(),
                ));
            }
        };
        for delta in deltas.iter().rev() {
            bytes = self.apply(&bytes, delta)?.into();
        }
        Ok(((kind, bytes), end.unwrap_or(at)))
    }

    /// Applies a difference to an object.
    fn apply(&mut self, base: &[u8], delta: &[u8]) -> Result<Vec<u8>, Fault> {
        let wrong = || Fault::broken("a difference between objects is wrong");
        let (base_size, rest) = size(delta).ok_or_else(wrong)?;
        let (result_size, mut rest) = size(rest).ok_or_else(wrong)?;
        if base_size != base.len() as u64 {
            return Err(wrong());
        }
        let room = self.left.min(self.most_cached as u64 * 2);
        self.left = self.left.checked_sub(result_size).filter(|_| result_size <= room).ok_or_else(
            || {
                Fault::Limit(
                    "unpacks to far more than its size; what follows was not searched".to_owned(),
                )
            },
        )?;
        let mut result = Vec::new();
        while let Some((&command, after)) = rest.split_first() {
            rest = after;
            if command & 0x80 == 0 {
                let text = rest.get(..usize::from(command)).filter(|text| !text.is_empty());
                let text = text.ok_or_else(wrong)?;
                result.extend_from_slice(text);
                rest = &rest[text.len()..];
            } else {
                let mut numbers = [0u8; 7];
                for (bit, number) in numbers.iter_mut().enumerate() {
                    if command >> bit & 1 == 1 {
                        let (&byte, after) = rest.split_first().ok_or_else(wrong)?;
                        (*number, rest) = (byte, after);
                    }
                }
                let from = u32::from_le_bytes([numbers[0], numbers[1], numbers[2], numbers[3]]);
                let length = u32::from_le_bytes([numbers[4], numbers[5], numbers[6], 0]);
                let length = if length == 0 { 0x1_0000 } else { length };
                let copied = base.get(from as usize..from as usize + length as usize);
                result.extend_from_slice(copied.ok_or_else(wrong)?);
            }
            if result.len() as u64 > result_size {
                return Err(wrong());
            }
        }
        if result.len() as u64 == result_size { Ok(result) } else { Err(wrong()) }
    }
}

/// A size in a difference, with the lowest bits first, and what follows it.
fn size(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (nth, &byte) in bytes.iter().take(9).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * nth);
        if byte < 0x80 {
            return Some((number, &bytes[nth + 1..]));
        }
    }
    None
}
