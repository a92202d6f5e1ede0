//! Remembers clean objects, so that the next audit searches only what is new.
//!
//! A file contains the ids of objects in which one set of rules has found nothing; no secret, no
//! path, no finding. Objects with findings are left out and searched every time. The file is
//! written under another name and then renamed, so readers see all of it or nothing; if two runs
//! write at once, the last one wins, which costs only time.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::ParallelSliceMut;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::model::{ObjectFormat, Oid};

/// Begins every file: the digit is the version of the format, 1 for SHA-1 and 2 for SHA-256.
fn magic(format: ObjectFormat) -> &'static [u8; 8] {
    match format {
        ObjectFormat::Sha1 => b"keyside1",
        ObjectFormat::Sha256 => b"keyside2",
    }
}

/// Length of the SHA-256 at the end of a file.
const CHECK: usize = 32;

/// The cache cannot be used.
#[derive(Debug, Error)]
#[error("the cache {path}: {source}")]
pub struct CacheError {
    /// The file or folder.
    pub path: String,
    source: io::Error,
}

/// Ids of clean objects, all of one format.
#[derive(Debug)]
pub struct Cache {
    file: PathBuf,
    key: [u8; 32],
    format: ObjectFormat,
    /// The ids, sorted, one after the other: there may be millions.
    ids: Vec<u8>,
    /// Number of low bits, of an id's first 32, that do not select its bucket.
    shift: u32,
    /// The index of the first id in each bucket, and the end of the last one.
    starts: Vec<u32>,
    /// True if there was a file that keyside has not written, or a truncated one. It will be
    /// replaced.
    pub was_damaged: bool,
}

impl Cache {
    /// Opens the cache of ids of this format in `folder`, for the rules and options that `key`
    /// identifies; creates the folder.
    ///
    /// # Errors
    /// A folder or file that cannot be created or read.
    pub fn open(folder: &Path, key: [u8; 32], format: ObjectFormat) -> Result<Self, CacheError> {
        let fault = |path: &Path| {
            let path = path.display().to_string();
            move |source| CacheError { path, source }
        };
        fs::create_dir_all(folder).map_err(fault(folder))?;
        let name: String = key[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let file = folder.join(match format {
            ObjectFormat::Sha1 => format!("keyside-{name}.ids"),
            ObjectFormat::Sha256 => format!("keyside-{name}-sha256.ids"),
        });
        let bytes = match fs::metadata(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::new(file, key, format, Vec::new(), false));
            }
            Err(error) => return Err(fault(&file)(error)),
            Ok(metadata) if !metadata.is_file() => {
                let text = "is not a plain file";
                return Err(fault(&file)(io::Error::new(io::ErrorKind::InvalidData, text)));
            }
            Ok(_) => fs::read(&file).map_err(fault(&file))?,
        };
        let ids = parse(&bytes, &key, format);
        let was_damaged = ids.is_none();
        Ok(Self::new(file, key, format, ids.unwrap_or_default(), was_damaged))
    }

    fn new(
        file: PathBuf,
        key: [u8; 32],
        format: ObjectFormat,
        ids: Vec<u8>,
        was_damaged: bool,
    ) -> Self {
        let size = format.bytes();
        // About one id in each bucket.
        let bits = (ids.len() / size).max(2).ilog2().min(24);
        let shift = 32 - bits;
        let mut starts = vec![0; (1 << bits) + 1];
        for id in ids.chunks_exact(size) {
            starts[bucket(id, shift) + 1] += 1;
        }
        for at in 0..1 << bits {
            starts[at + 1] += starts[at];
        }
        Self { file, key, format, ids, shift, starts, was_damaged }
    }

    /// True if an object is known to be clean.
    pub fn contains(&self, oid: Oid) -> bool {
        let (id, size) = (oid.as_bytes(), self.format.bytes());
        let bucket = bucket(id, self.shift);
        let (first, end) = (self.starts[bucket] as usize, self.starts[bucket + 1] as usize);
        let own = &self.ids[first * size..end * size];
        match end - first {
            _ if oid.format() != self.format => false,
            0..=8 => own.chunks_exact(size).any(|own| own == id),
            // Whoever chooses what is stored could create many ids with the same beginning.
            _ => match self.format {
                ObjectFormat::Sha1 => {
                    own.as_chunks::<20>().0.binary_search_by(|own| own[..].cmp(id))
                }
                ObjectFormat::Sha256 => {
                    own.as_chunks::<32>().0.binary_search_by(|own| own[..].cmp(id))
                }
            }
            .is_ok(),
        }
    }

    /// The number of ids.
    pub fn len(&self) -> usize {
        self.ids.len() / self.format.bytes()
    }

    /// True if it has no ids.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The same without its ids.
    #[must_use]
    pub fn emptied(self) -> Self {
        Self::new(self.file, self.key, self.format, Vec::new(), self.was_damaged)
    }

    /// Adds the objects that this run has found to be clean, and writes the file.
    ///
    /// # Errors
    /// A file that cannot be written; the previous one is kept.
    pub fn keep(mut self, clean: Vec<Oid>) -> Result<(), CacheError> {
        if clean.is_empty() {
            return Ok(());
        }
        let clean = clean.into_iter().filter(|oid| oid.format() == self.format);
        clean.for_each(|oid| self.ids.extend_from_slice(oid.as_bytes()));
        let ids = match self.format {
            ObjectFormat::Sha1 => sorted::<20>(&mut self.ids),
            ObjectFormat::Sha256 => sorted::<32>(&mut self.ids),
        };
        self.ids.truncate(ids * self.format.bytes());
        // Simultaneous runs must not write to one file.
        let temporary = self.file.with_extension(format!("{}.tmp", std::process::id()));
        let written = write(&temporary, &self.key, self.format, &self.ids)
            .and_then(|()| fs::rename(&temporary, &self.file));
        written.map_err(|source| {
            // It may not exist, which is fine.
            let _ = fs::remove_file(&temporary);
            CacheError { path: self.file.display().to_string(), source }
        })
    }
}

/// Sorts ids of `N` bytes, moves one of each to the front, and returns how many these are.
fn sorted<const N: usize>(ids: &mut [u8]) -> usize {
    let (ids, _) = ids.as_chunks_mut::<N>();
    ids.par_sort_unstable();
    let mut kept = 0;
    for at in 0..ids.len() {
        if kept == 0 || ids[at] != ids[kept - 1] {
            ids[kept] = ids[at];
            kept += 1;
        }
    }
    kept
}

fn bucket(id: &[u8], shift: u32) -> usize {
    (u32::from_be_bytes([id[0], id[1], id[2], id[3]]) >> shift) as usize
}

fn write(path: &Path, key: &[u8; 32], format: ObjectFormat, ids: &[u8]) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut check = Sha256::new();
    for bytes in [&magic(format)[..], key, ids] {
        check.update(bytes);
        out.write_all(bytes)?;
    }
    out.write_all(&check.finalize())?;
    // The file is renamed next: it must not end up truncated if the machine stops then.
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn parse(bytes: &[u8], key: &[u8; 32], format: ObjectFormat) -> Option<Vec<u8>> {
    let (content, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
    let ids = content.strip_prefix(magic(format))?.strip_prefix(key)?;
    if Sha256::digest(content)[..] != *check || !ids.len().is_multiple_of(format.bytes()) {
        return None;
    }
    ids.chunks_exact(format.bytes()).is_sorted().then(|| ids.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_ids_are_found_and_damaged_files_rejected() {
        found_and_rejected(|byte| Oid::from([byte; 20]));
        found_and_rejected(|byte| Oid::from([byte; 32]));
    }

    fn found_and_rejected(oid: impl Fn(u8) -> Oid) {
        let folder = tempfile::tempdir().unwrap();
        let (key, format) = ([7; 32], oid(0).format());
        let open = || Cache::open(folder.path(), key, format).unwrap();
        assert!(!open().contains(oid(1)));
        open().keep(vec![oid(3), oid(1)]).unwrap();
        open().keep(vec![oid(2), oid(3)]).unwrap();
        let cache = open();
        let ids: Vec<u8> = [1, 2, 3].into_iter().flat_map(|n| oid(n).as_bytes().to_vec()).collect();
        assert_eq!((&cache.ids, cache.len()), (&ids, 3));
        assert!(cache.contains(oid(2)) && !cache.contains(oid(4)));
        assert!(!Cache::open(folder.path(), [8; 32], format).unwrap().contains(oid(1)));
        let bytes = fs::read(&cache.file).unwrap();
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert_eq!(parse(&bad, &key, format), None, "{at}");
            assert_eq!(parse(&bytes[..at], &key, format), None, "{at}");
        }
        fs::write(&cache.file, b"junk").unwrap();
        assert!(open().was_damaged && open().ids.is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn formats_have_caches_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let open = |format| Cache::open(folder.path(), [7; 32], format).unwrap();
        let (short, long) = (Oid::from([1; 20]), Oid::from([2; 32]));
        let both = [short, long];
        both.into_iter().for_each(|oid| open(oid.format()).keep(vec![oid]).unwrap());
        for oid in both {
            let cache = open(oid.format());
            assert_eq!(both.map(|other| cache.contains(other)), both.map(|other| other == oid));
        }
    }

    #[test]
    fn ids_with_the_same_beginning_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let oid = |last: u8| {
            let mut id = [9; 32];
            id[31] = last;
            Oid::from(id)
        };
        let open = || Cache::open(folder.path(), [7; 32], ObjectFormat::Sha256).unwrap();
        open().keep((0..100).map(|n| oid(2 * n)).collect()).unwrap();
        let cache = open();
        assert!((0..100).all(|n| cache.contains(oid(2 * n)) && !cache.contains(oid(2 * n + 1))));
    }
}
