//! Searches single blobs of a repository, one after the other or in several threads.

use std::path::Path;
use std::sync::atomic::Ordering;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::archive::{container_of, search_archive};
use super::git_scan::GitScan;
use super::occurrence::OccurrenceBuilder;
use super::progress::Progress;
use super::stray_markers::{StrayMarkers, stray_markers_of};
use crate::model::{FilePath, KeyId, Notice, Oid, Provenance};
use crate::scan::{ChunkMatches, KeyScanner};
use crate::source::git::{
    FileContent, LfsStore, ObjectKind, ObjectReader, Pointer, ReadError, is_git_crypt,
};
use crate::source::{Chunk, TreeOptions, is_archive};

/// The keys that are reported.
fn reported(found: &ChunkMatches<'_>) -> Vec<KeyId> {
    let reported = found.keys.iter().filter(|key| key.rule.is_reported());
    let mut keys: Vec<_> = reported.map(|key| key.id()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Up to this many blobs are searched by the calling thread: starting others would take longer.
const FEW: usize = 48;

/// More threads than this cost more than they gain.
const MAX_THREADS: usize = 256;

/// A pool of the requested number of threads; 0 means one per processor.
pub(super) fn pool(threads: usize) -> Option<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads.min(MAX_THREADS)).build().ok()
}

/// Searches blobs. May be shared by threads, which the repository itself may not.
#[derive(Clone, Copy)]
pub(super) struct BlobSearcher<'b> {
    pub(super) objects: &'b ObjectReader<'b>,
    scanner: &'b KeyScanner<'b>,
    builder: OccurrenceBuilder<'b>,
    options: &'b TreeOptions,
    base: &'b Path,
    progress: &'b Progress,
    lfs: &'b LfsStore,
}

/// The result of searching a blob.
#[derive(Default)]
pub(super) struct SearchedBlob {
    /// Its size in bytes.
    pub(super) size: u64,
    /// True if it exceeds the user's size limit.
    pub(super) is_large: bool,
    /// True if it has compressed contents, which were not searched.
    pub(super) is_archive: bool,
    /// The pointer that it is, if what it leads to is not here.
    pub(super) pointer: Option<Pointer>,
    /// True if it is encrypted.
    pub(super) is_encrypted: bool,
    /// True if it may involve a secret.
    pub(super) is_seed: bool,
    /// The keys in it that are reported.
    pub(super) keys: Vec<KeyId>,
    /// The members of an archive that could not be read.
    pub(super) notices: Vec<Notice>,
    /// Its misspelt markers.
    pub(super) markers: StrayMarkers,
}

impl<'b> BlobSearcher<'b> {
    pub(super) fn new(scan: &'b GitScan<'b>, objects: &'b ObjectReader<'b>) -> Self {
        Self {
            objects,
            scanner: scan.scanner,
            builder: scan.builder,
            options: &scan.plan.tree,
            base: scan.base(),
            progress: scan.progress,
            lfs: &scan.lfs,
        }
    }

    /// A pool of the user's number of threads.
    pub(super) fn pool(&self) -> Option<ThreadPool> {
        pool(self.options.threads)
    }

    /// Searches blobs, each given with a path at which it was found.
    pub(super) fn search<'l>(
        &self,
        list: &'l [(Oid, Vec<u8>)],
    ) -> Vec<(Oid, &'l [u8], Result<SearchedBlob, ReadError>)> {
        self.progress.all_objects.fetch_add(list.len() as u64, Ordering::Relaxed);
        let one = |(oid, path): &'l (Oid, Vec<u8>)| (*oid, &path[..], self.blob(*oid, path));
        match if list.len() > FEW { self.pool() } else { None } {
            Some(pool) => pool.install(|| list.par_iter().map(one).collect()),
            None => list.iter().map(one).collect(),
        }
    }

    fn blob(&self, oid: Oid, path: &[u8]) -> Result<SearchedBlob, ReadError> {
        if let Some(limit) = self.options.max_file_size {
            let size = self.objects.size(oid)?;
            if size > limit {
                return Ok(SearchedBlob { size, is_large: true, ..SearchedBlob::default() });
            }
        }
        let own = self.objects.read_as(ObjectKind::Blob, oid)?;
        let (bytes, pointer) = match self.lfs.content(own) {
            FileContent::Own(bytes) | FileContent::Kept(bytes) => (bytes, None),
            FileContent::Missing(pointer, bytes) => (bytes, Some(pointer)),
            FileContent::Large(bytes) => {
                let size = bytes.len() as u64;
                return Ok(SearchedBlob { size, is_large: true, ..SearchedBlob::default() });
            }
        };
        self.progress.objects.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let chunk = Chunk::whole(&bytes);
        let found = self.scanner.find(&chunk);
        for key in found.keys.iter().filter(|key| key.rule.is_reported()) {
            self.progress.found.add(key.id(), &key.rule.id, || format!("blob {oid}"));
        }
        let mut keys = reported(&found);
        let mut notices = Vec::new();
        let container = container_of(self.builder.plan.archives, path, &bytes);
        if let Some(container) = container {
            let outer = Provenance::tree(self.builder.shown(FilePath::from_bytes(path)));
            let archive = (container, &bytes[..]);
            notices = search_archive(self.builder, archive, &outer, &mut |found| {
                keys.push(found.key.id());
            });
            keys.sort_unstable();
            keys.dedup();
        }
        Ok(SearchedBlob {
            size: bytes.len() as u64,
            is_large: false,
            is_archive: container.is_none() && is_archive(&bytes),
            pointer,
            is_encrypted: is_git_crypt(&bytes),
            is_seed: found.is_seed,
            keys,
            notices,
            markers: stray_markers_of(&self.builder, &chunk, &found),
        })
    }

    /// The keys in a name that are reported.
    pub(super) fn keys_in(&self, name: &[u8]) -> Vec<KeyId> {
        if !self.scanner.has_keyword(name) {
            return Vec::new();
        }
        reported(&self.scanner.find(&Chunk::whole(name)))
    }

    /// True if the user excludes any paths.
    pub(super) fn excludes(&self) -> bool {
        self.options.exclude.is_some()
    }

    /// True if the user has excluded a path of the repository.
    pub(super) fn is_excluded(&self, path: &[u8], is_dir: bool) -> bool {
        self.options.exclude.as_ref().is_some_and(|meant| {
            meant(&self.base.join(FilePath::from_bytes(path).to_path()), is_dir)
        })
    }
}
