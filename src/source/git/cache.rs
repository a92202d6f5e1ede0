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

use crate::model::Oid;

/// Begins every file; the digit is the version of the format.
const MAGIC: &[u8; 8] = b"keyside1";

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

/// Ids of clean objects, sorted.
#[derive(Debug)]
pub struct Cache {
    file: PathBuf,
    key: [u8; 32],
    ids: Vec<[u8; 20]>,
    /// Number of low bits, of an id's first 32, that do not select its bucket.
    shift: u32,
    /// The index of the first id in each bucket, and the end of the last one.
    starts: Vec<u32>,
    /// True if there was a file that keyside has not written, or a truncated one. It will be
    /// replaced.
    pub was_damaged: bool,
}

impl Cache {
    /// Opens the cache in `folder` for the rules and options that `key` identifies; creates the
    /// folder.
    ///
    /// # Errors
    /// A folder or file that cannot be created or read.
    pub fn open(folder: &Path, key: [u8; 32]) -> Result<Self, CacheError> {
        let fault = |path: &Path| {
            let path = path.display().to_string();
            move |source| CacheError { path, source }
        };
        fs::create_dir_all(folder).map_err(fault(folder))?;
        let name: String = key[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let file = folder.join(format!("keyside-{name}.ids"));
        let bytes = match fs::metadata(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::new(file, key, Vec::new(), false));
            }
            Err(error) => return Err(fault(&file)(error)),
            Ok(metadata) if !metadata.is_file() => {
                let text = "is not a plain file";
                return Err(fault(&file)(io::Error::new(io::ErrorKind::InvalidData, text)));
            }
            Ok(_) => fs::read(&file).map_err(fault(&file))?,
        };
        let ids = parse(&bytes, &key);
        let was_damaged = ids.is_none();
        Ok(Self::new(file, key, ids.unwrap_or_default(), was_damaged))
    }

    fn new(file: PathBuf, key: [u8; 32], ids: Vec<[u8; 20]>, was_damaged: bool) -> Self {
        // About one id in each bucket.
        let bits = ids.len().max(2).ilog2().min(24);
        let shift = 32 - bits;
        let mut starts = vec![0; (1 << bits) + 1];
        for id in &ids {
            starts[bucket(id, shift) + 1] += 1;
        }
        for at in 0..1 << bits {
            starts[at + 1] += starts[at];
        }
        Self { file, key, ids, shift, starts, was_damaged }
    }

    /// True if an object is known to be clean.
    pub fn contains(&self, oid: Oid) -> bool {
        let bucket = bucket(&oid.0, self.shift);
        let own = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        match &self.ids[own] {
            few if few.len() <= 8 => few.contains(&oid.0),
            // Whoever chooses what is stored could create many ids with the same beginning.
            many => many.binary_search(&oid.0).is_ok(),
        }
    }

    /// The number of ids.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True if it has no ids.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The same without its ids.
    #[must_use]
    pub fn emptied(self) -> Self {
        Self::new(self.file, self.key, Vec::new(), self.was_damaged)
    }

    /// Adds the objects that this run has found to be clean, and writes the file.
    ///
    /// # Errors
    /// A file that cannot be written; the previous one is kept.
    pub fn keep(mut self, clean: Vec<Oid>) -> Result<(), CacheError> {
        if clean.is_empty() {
            return Ok(());
        }
        self.ids.extend(clean.into_iter().map(|oid| oid.0));
        self.ids.par_sort_unstable();
        self.ids.dedup();
        // Simultaneous runs must not write to one file.
        let temporary = self.file.with_extension(format!("{}.tmp", std::process::id()));
        let written = write(&temporary, &self.key, &self.ids)
            .and_then(|()| fs::rename(&temporary, &self.file));
        written.map_err(|source| {
            // It may not exist, which is fine.
            let _ = fs::remove_file(&temporary);
            CacheError { path: self.file.display().to_string(), source }
        })
    }
}

fn bucket(id: &[u8; 20], shift: u32) -> usize {
    (u32::from_be_bytes([id[0], id[1], id[2], id[3]]) >> shift) as usize
}

fn write(path: &Path, key: &[u8; 32], ids: &[[u8; 20]]) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut check = Sha256::new();
    for bytes in [&MAGIC[..], key, ids.as_flattened()] {
        check.update(bytes);
        out.write_all(bytes)?;
    }
    out.write_all(&check.finalize())?;
    // The file is renamed next: it must not end up truncated if the machine stops then.
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn parse(bytes: &[u8], key: &[u8; 32]) -> Option<Vec<[u8; 20]>> {
    let (content, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
    let ids = content.strip_prefix(MAGIC)?.strip_prefix(key)?;
    if Sha256::digest(content)[..] != *check || !ids.len().is_multiple_of(20) {
        return None;
    }
    let ids: Vec<[u8; 20]> = ids.as_chunks().0.to_vec();
    ids.is_sorted().then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_ids_are_found_and_damaged_files_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let key = [7; 32];
        let open = || Cache::open(folder.path(), key).unwrap();
        assert!(!open().contains(Oid([1; 20])));
        open().keep(vec![Oid([3; 20]), Oid([1; 20])]).unwrap();
        open().keep(vec![Oid([2; 20]), Oid([3; 20])]).unwrap();
        let cache = open();
        assert_eq!(cache.ids, [[1; 20], [2; 20], [3; 20]]);
        assert!(!Cache::open(folder.path(), [8; 32]).unwrap().contains(Oid([1; 20])));
        let bytes = fs::read(&cache.file).unwrap();
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert_eq!(parse(&bad, &key), None, "{at}");
            assert_eq!(parse(&bytes[..at], &key), None, "{at}");
        }
        fs::write(&cache.file, b"junk").unwrap();
        assert!(open().was_damaged && open().ids.is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
