//! Single objects by id, from packs and loose files. Each copy of an object is tried before it counts as
//! damaged. All bytes are hostile until checked.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use foldhash::HashSet;
use libdeflater::Decompressor;

use super::base_cache::{BaseCache, CachedObject};
use super::delta::Delta;
use super::error::ReadError;
use super::inflate::inflate;
use super::loose;
use super::object_hash::object_id;
use super::object_search::MAX_OBJECT;
use super::pack_entry::ObjectKind;
use super::pack_file::{EntryHeader, PackFile, StoredBase};
use super::zlib_stream::inflate_start;
use crate::model::{ObjectFormat, Oid};

/// Limit for the deltas between an object and one that is stored whole. Git makes at most 4,095; a damaged or
/// hostile store may lead back to where it began.
const MAX_CHAIN: usize = 1 << 15;

/// Inflated bytes of a delta that surely hold its two sizes.
const DELTA_HEAD: usize = 32;

/// The objects of a repository and of those it borrows from; may be shared by threads.
#[derive(Debug)]
pub(super) struct StoredObjects {
    /// The folders of objects, with those of alternates.
    folders: Vec<PathBuf>,
    format: ObjectFormat,
    /// Replaced when git has packed something in the meantime.
    packs: RwLock<Arc<PackList>>,
    /// By pack and offset.
    bases: BaseCache<(usize, u64)>,
    loose: BaseCache<Oid>,
}

/// The packs at one moment. Those of a later moment are appended, so that positions stay.
#[derive(Debug, Clone, Default)]
struct PackList {
    packs: Vec<Arc<PackFile>>,
    /// The paths of the packs that were tried.
    known: HashSet<PathBuf>,
    /// Why others cannot be used.
    faults: Vec<String>,
    /// The same for one that has no index yet.
    unindexed: Option<String>,
    /// When the folders of packs were changed last.
    times: Vec<Option<SystemTime>>,
}

impl PackList {
    /// Opens the packs that are not known yet.
    fn open_new(&mut self, folders: &[PathBuf], format: ObjectFormat) {
        self.times = change_times(folders);
        self.unindexed = None;
        for folder in folders {
            // Whoever lists the store tells which folders cannot be read.
            let entries = fs::read_dir(folder.join("pack")).into_iter().flatten().flatten();
            let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
            paths.retain(|path| path.extension().is_some_and(|ending| ending == "pack"));
            paths.sort();
            for path in paths {
                // Git writes the index last.
                if !path.with_extension("idx").exists() {
                    let text =
                        format!("{} has no index; `git index-pack` makes one", path.display());
                    self.unindexed = Some(text);
                    continue;
                }
                if !self.known.insert(path.clone()) {
                    continue;
                }
                match PackFile::open(&path, format) {
                    Ok(pack) => self.packs.push(Arc::new(pack)),
                    Err(error) => self.faults.push(format!("{} {error}", path.display())),
                }
            }
        }
    }
}

fn change_times(folders: &[PathBuf]) -> Vec<Option<SystemTime>> {
    let time = |folder: &PathBuf| fs::metadata(folder.join("pack")).and_then(|own| own.modified());
    folders.iter().map(|folder| time(folder).ok()).collect()
}

impl StoredObjects {
    /// The objects in these folders, whose ids have this format.
    pub(super) fn open(folders: Vec<PathBuf>, format: ObjectFormat) -> Self {
        let mut packs = PackList::default();
        packs.open_new(&folders, format);
        let packs = RwLock::new(Arc::new(packs));
        Self { folders, format, packs, bases: BaseCache::default(), loose: BaseCache::default() }
    }

    /// Reads an object.
    ///
    /// # Errors
    /// An object that is missing, damaged or too large.
    pub(super) fn read(&self, oid: Oid) -> Result<CachedObject, ReadError> {
        if let Some(object) = self.loose.get(oid) {
            return Ok(object);
        }
        let named = |object: CachedObject| match object_id(self.format, object.0, &object.1) {
            own if own == oid => Ok(object),
            _ => Err("its content has another id".to_owned()),
        };
        self.first_good(
            oid,
            |packs, nth, offset| named(self.build(packs, nth, offset)?),
            |path| {
                let mut bytes = Vec::new();
                let read = loose::read(path, &mut Decompressor::new(), &mut bytes)?;
                bytes.drain(..read.start);
                bytes.shrink_to_fit();
                let object = named((read.kind, Arc::new(bytes)))?;
                self.loose.put(oid, &object);
                Ok(object)
            },
        )
    }

    /// The kind of an object and its size in bytes. Of packed ones, hardly anything is inflated.
    ///
    /// # Errors
    /// An object that is missing or damaged.
    pub(super) fn head(&self, oid: Oid) -> Result<(ObjectKind, u64), ReadError> {
        self.first_good(oid, Self::head_of, |path| {
            let mut bytes = Vec::new();
            let read = loose::read(path, &mut Decompressor::new(), &mut bytes)?;
            Ok((read.kind, (bytes.len() - read.start) as u64))
        })
    }

    /// The ids that begin with these hexadecimal digits, in order, at most `most` of them.
    pub(super) fn beginning_with(&self, digits: &str, most: usize) -> Vec<Oid> {
        let is_meant = |oid: &Oid| oid.to_string().starts_with(digits);
        let padded = format!("{digits:0<width$}", width = self.format.digits());
        let Some(least) = Oid::from_hex_as(self.format, padded.as_bytes()) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for pack in &self.current().packs {
            let Some(tables) = pack.tables() else { continue };
            let ids = (tables.position_of(least)..).map_while(|nth| tables.oid(nth));
            found.extend(ids.take_while(is_meant).take(most));
        }
        let (first, _) = digits.split_at(2.min(digits.len()));
        for folder in &self.folders {
            let files = fs::read_dir(folder.join(first)).into_iter().flatten().flatten();
            for file in files {
                let name = [first.as_bytes(), file.file_name().as_encoded_bytes()].concat();
                found.extend(Oid::from_hex_as(self.format, &name).filter(is_meant));
            }
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(most);
        found
    }

    /// Reads the first copy of an object that can be read.
    fn first_good<T>(
        &self,
        oid: Oid,
        packed: impl Fn(&PackList, usize, u64) -> Result<T, String>,
        loose: impl Fn(&Path) -> Result<T, String>,
    ) -> Result<T, ReadError> {
        // Git compares only ids of the repository's format.
        if oid.format() != self.format {
            return Err(ReadError::Missing);
        }
        let mut damage = None;
        let mut first = 0;
        let mut packs = self.current();
        loop {
            for nth in first..packs.packs.len() {
                if let Some(offset) = packs.packs[nth].offset(oid) {
                    match packed(&packs, nth, offset) {
                        Ok(object) => return Ok(object),
                        Err(why) => damage = Some(why),
                    }
                }
            }
            let digits = oid.to_string();
            let (start, rest) = digits.split_at(2);
            for path in self.folders.iter().map(|folder| folder.join(start).join(rest)) {
                if !path.exists() {
                    continue;
                }
                match loose(&path) {
                    Ok(object) => return Ok(object),
                    // It may have been packed in the meantime.
                    Err(why) if path.exists() => damage = Some(why),
                    Err(_) => {}
                }
            }
            first = packs.packs.len();
            match self.renewed(&packs) {
                Some(newer) => packs = newer,
                None => break,
            }
        }
        let fault = packs.faults.first().or(packs.unindexed.as_ref());
        let fault = || fault.map(|fault| format!("it is missing, and {fault}"));
        Err(damage.or_else(fault).map_or(ReadError::Missing, ReadError::Damaged))
    }

    fn current(&self) -> Arc<PackList> {
        self.packs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The packs by now, if there are others than in `packs`.
    fn renewed(&self, packs: &PackList) -> Option<Arc<PackList>> {
        if change_times(&self.folders) == packs.times {
            return None;
        }
        let mut own = self.packs.write().unwrap_or_else(PoisonError::into_inner);
        if own.times == packs.times {
            let mut newer = PackList::clone(&own);
            newer.open_new(&self.folders, self.format);
            *own = Arc::new(newer);
        }
        Some(own.clone())
    }

    /// Builds the object of an entry.
    fn build(&self, packs: &PackList, nth: usize, offset: u64) -> Result<CachedObject, String> {
        let mut inflater = Decompressor::new();
        let (mut nth, mut offset) = (nth, offset);
        let mut chain = Vec::new();
        let mut object = loop {
            if let Some(object) = self.bases.get((nth, offset)) {
                break object;
            }
            let pack = &packs.packs[nth];
            let entry = header(pack, offset)?;
            let StoredBase::Whole(kind) = entry.base else {
                chain.push((nth, offset, entry));
                match base_of(packs, nth, offset, &entry, chain.len())? {
                    Some(place) => (nth, offset) = place,
                    None => break self.loose_base(&entry)?,
                }
                continue;
            };
            let object = (kind, Arc::new(inflated(pack, &entry, &mut inflater)?));
            // What nothing here is based on may never be asked for again.
            if !chain.is_empty() {
                self.bases.put((nth, offset), &object);
            }
            break object;
        };
        for (nth, offset, entry) in chain.into_iter().rev() {
            let bytes = inflated(&packs.packs[nth], &entry, &mut inflater)?;
            let wrong = |error: super::delta::DeltaError| error.to_string();
            let delta = Delta::parse(&bytes).map_err(wrong)?;
            if delta.size > MAX_OBJECT {
                return Err("it is larger than 2 GiB".to_owned());
            }
            // Nothing is reserved for what a wrong size promises.
            let mut built = Vec::with_capacity(delta.size.min(object.1.len() + bytes.len() + 4096));
            delta.read(&object.1, &mut built).map_err(wrong)?;
            object = (object.0, Arc::new(built));
            self.bases.put((nth, offset), &object);
        }
        Ok(object)
    }

    /// The base of an entry that is in no pack.
    fn loose_base(&self, entry: &EntryHeader) -> Result<CachedObject, String> {
        let StoredBase::Reference(oid) = entry.base else {
            return Err("its delta has no base".to_owned());
        };
        let digits = oid.to_string();
        let (start, rest) = digits.split_at(2);
        let mut why = format!("its delta is based on {oid:.12}, which is missing");
        for path in self.folders.iter().map(|folder| folder.join(start).join(rest)) {
            let mut bytes = Vec::new();
            match loose::read(&path, &mut Decompressor::new(), &mut bytes) {
                Ok(read) => {
                    bytes.drain(..read.start);
                    return Ok((read.kind, Arc::new(bytes)));
                }
                Err(damage) if path.exists() => why = damage,
                Err(_) => {}
            }
        }
        Err(why)
    }

    fn head_of(packs: &PackList, nth: usize, offset: u64) -> Result<(ObjectKind, u64), String> {
        let first = header(&packs.packs[nth], offset)?;
        let size = match first.base {
            StoredBase::Whole(_) => first.size,
            StoredBase::Offset(_) | StoredBase::Reference(_) => {
                let head = inflate_start(&packs.packs[nth].data[first.data..], DELTA_HEAD);
                let head = head.ok_or_else(|| CUT.to_owned())?;
                Delta::parse(&head).map_err(|error| error.to_string())?.size
            }
        };
        let (mut nth, mut offset, mut entry, mut steps) = (nth, offset, first, 0);
        loop {
            if let StoredBase::Whole(kind) = entry.base {
                return Ok((kind, size as u64));
            }
            steps += 1;
            match base_of(packs, nth, offset, &entry, steps)? {
                Some(place) => (nth, offset) = place,
                // Reading it tells more.
                None => return Ok((ObjectKind::Blob, size as u64)),
            }
            entry = header(&packs.packs[nth], offset)?;
        }
    }
}

/// The words for an entry whose data end too early, or are damaged.
const CUT: &str = "it cannot be inflated";

/// Reads the header of an entry.
fn header(pack: &PackFile, offset: u64) -> Result<EntryHeader, String> {
    let entry = pack.entry(offset).ok_or_else(|| "its header in the pack is damaged".to_owned())?;
    // Deflate yields at most 1,032 bytes per byte.
    let is_possible = entry.size / 1032 <= pack.data.len() - entry.data;
    if is_possible { Ok(entry) } else { Err(CUT.to_owned()) }
}

/// The place of the entry that `entry`, the last of `count` deltas, is based on; `None` if no pack has it.
fn base_of(
    packs: &PackList,
    nth: usize,
    offset: u64,
    entry: &EntryHeader,
    count: usize,
) -> Result<Option<(usize, u64)>, String> {
    if count > MAX_CHAIN {
        return Err("its deltas are based on each other without end".to_owned());
    }
    match entry.base {
        StoredBase::Whole(_) => Ok(None),
        StoredBase::Offset(distance) => {
            let base = offset.checked_sub(distance).filter(|_| distance > 0);
            base.map(|base| Some((nth, base))).ok_or_else(|| "its delta has no base".to_owned())
        }
        StoredBase::Reference(oid) => {
            let others = (0..packs.packs.len()).filter(|other| *other != nth);
            let place = |nth: usize| packs.packs[nth].offset(oid).map(|offset| (nth, offset));
            Ok([nth].into_iter().chain(others).find_map(place))
        }
    }
}

/// The data of an entry.
fn inflated(
    pack: &PackFile,
    entry: &EntryHeader,
    inflater: &mut Decompressor,
) -> Result<Vec<u8>, String> {
    if entry.size > MAX_OBJECT {
        return Err("it is larger than 2 GiB".to_owned());
    }
    let mut bytes = Vec::new();
    if !inflate(inflater, &pack.data[entry.data..], entry.size, &mut bytes) {
        return Err(CUT.to_owned());
    }
    bytes.truncate(entry.size);
    Ok(bytes)
}
