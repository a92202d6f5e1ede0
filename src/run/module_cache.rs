//! Keeps parsed modules between runs, so that a hook reads and parses only what is new.
//!
//! There is one file for each set of rules and each build of the program. New modules are added to its
//! end, until it is too large; then it begins again. Each entry has a checksum, and one that is damaged
//! is not there. What must not be kept, such as a file with a key, is never given to it.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use keyside_exposure::{ContentId, ModuleStore};

use super::clean_changes::{PartsDigest, RulesDigest};
use super::kept_file::KeptFile;
use crate::model::{Notice, NoticeKind};

/// Begins every file: the digit is the version of the format.
const MAGIC: &[u8; 8] = b"keysidm1";

/// The size of what stands before each entry: its id, its length and its checksum.
const HEADER: usize = 40;

/// The size of the file, at most, in bytes.
const MAX_SIZE: usize = 128 << 20;

/// The modules that earlier runs have kept, and those that are new.
pub(super) struct ModuleCache {
    file: KeptFile,
    bytes: Vec<u8>,
    entries: HashMap<ContentId, Range<usize>>,
    /// False if the file is to be written as a whole: there is none, or it is damaged.
    can_grow: bool,
    new: Mutex<Vec<u8>>,
}

impl ModuleCache {
    /// Opens the cache in a folder for some rules. One that cannot be read is empty.
    pub(super) fn open(folder: &Path, rules: &RulesDigest) -> Self {
        let mut key = PartsDigest::default();
        key.add(b"modules");
        key.add(env!("CARGO_PKG_VERSION").as_bytes());
        key.add(program().as_bytes());
        key.add(&rules.0);
        Self::open_for(folder, key.finish())
    }

    fn open_for(folder: &Path, key: [u8; 32]) -> Self {
        let (file, bytes) = KeptFile::open(folder, ("modules", MAGIC), key, MAX_SIZE);
        let entries = bytes.as_deref().and_then(|bytes| entries(bytes, file.head_len()));
        let bytes = bytes.unwrap_or_default();
        let (can_grow, entries) = (entries.is_some(), entries.unwrap_or_default());
        Self { file, bytes, entries, can_grow, new: Mutex::default() }
    }

    /// Writes the new modules.
    pub(super) fn keep(self, notices: &mut Vec<Notice>) {
        let new = self.new.into_inner().unwrap_or_else(PoisonError::into_inner);
        if new.is_empty() {
            return;
        }
        let is_room = self.can_grow && self.bytes.len() + new.len() <= MAX_SIZE;
        let written = if is_room {
            let opened = OpenOptions::new().append(true).open(&self.file.path);
            // At once, so that runs at the same time do not mix their entries.
            opened.and_then(|mut file| file.write_all(&new))
        } else if self.file.head_len() + new.len() <= MAX_SIZE {
            self.file.write(&[&new])
        } else {
            Ok(())
        };
        if let Err(error) = written {
            let file = self.file.path.display();
            let message =
                format!("the cache {file}: {error}; the next run will do the same work again");
            notices.push(Notice { path: None, kind: NoticeKind::Cache, message });
        }
    }
}

impl ModuleStore for ModuleCache {
    fn get(&self, id: &ContentId) -> Option<&[u8]> {
        let range = self.entries.get(id)?;
        let bytes = self.bytes.get(range.clone())?;
        let sum = self.bytes.get(range.start - 4..range.start)?;
        (checksum(id, bytes) == sum).then_some(bytes)
    }

    fn keep(&self, id: ContentId, bytes: Vec<u8>) {
        let Ok(length) = u32::try_from(bytes.len()) else { return };
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        new.extend_from_slice(&id);
        new.extend_from_slice(&length.to_le_bytes());
        new.extend_from_slice(&checksum(&id, &bytes));
        new.extend_from_slice(&bytes);
    }
}

fn checksum(id: &ContentId, bytes: &[u8]) -> [u8; 4] {
    let mut sum = crc32fast::Hasher::new();
    sum.update(id);
    sum.update(bytes);
    sum.finalize().to_le_bytes()
}

/// The entries of a file after its head; `None` if it ends within one.
fn entries(bytes: &[u8], head: usize) -> Option<HashMap<ContentId, Range<usize>>> {
    let (mut entries, mut at) = (HashMap::new(), head);
    while at < bytes.len() {
        let header = bytes.get(at..at + HEADER)?;
        let (id, rest) = header.split_first_chunk::<32>()?;
        let (length, _) = rest.split_first_chunk::<4>()?;
        let start = at + HEADER;
        let end = start.checked_add(u32::from_le_bytes(*length) as usize)?;
        bytes.get(start..end)?;
        entries.insert(*id, start..end);
        at = end;
    }
    Some(entries)
}

/// Tells builds of the program apart, which may parse differently.
pub(super) fn program() -> String {
    let metadata = std::env::current_exe().and_then(fs::metadata);
    let Ok(metadata) = metadata else { return String::new() };
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{} {:?}", metadata.len(), changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn kept(folder: &Path, ids: &[u8]) {
        let cache = ModuleCache::open_for(folder, KEY);
        for &id in ids {
            ModuleStore::keep(&cache, [id; 32], vec![id; id as usize]);
        }
        let mut notices = Vec::new();
        cache.keep(&mut notices);
        assert!(notices.is_empty(), "{notices:?}");
    }

    /// The ids from 0 to 9 under which the cache has what was kept.
    fn has(folder: &Path) -> Vec<u8> {
        let cache = ModuleCache::open_for(folder, KEY);
        let is_there = |id: &u8| match cache.get(&[*id; 32]) {
            Some(bytes) => {
                assert_eq!(bytes, vec![*id; *id as usize]);
                true
            }
            None => false,
        };
        (0..10).filter(is_there).collect()
    }

    #[test]
    fn runs_add_to_what_others_have_kept() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("new");
        assert_eq!(has(&inner), [0; 0]);
        kept(&inner, &[3, 0]);
        kept(&inner, &[5]);
        kept(&inner, &[]);
        assert_eq!(has(&inner), [0, 3, 5]);
        assert!(ModuleCache::open_for(&inner, [8; 32]).entries.is_empty());
        assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_file_gives_nothing_else_and_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        kept(folder.path(), &[3, 4, 5]);
        let file = ModuleCache::open_for(folder.path(), KEY).file.path;
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            for bytes in [&bad[..], &whole[..at]] {
                fs::write(&file, bytes).unwrap();
                assert!(has(folder.path()).iter().all(|id| [3, 4, 5].contains(id)), "{at}");
                kept(folder.path(), &[6]);
                let after = has(folder.path());
                assert!(after.contains(&6) || bytes == &bad[..], "{at} {after:?}");
            }
        }
        fs::write(&file, b"junk").unwrap();
        kept(folder.path(), &[2]);
        assert_eq!(has(folder.path()), [2]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        kept(folder.path(), &[3]);
        let file = ModuleCache::open_for(folder.path(), KEY).file.path;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o077, 0);
    }
}
