//! The object store: packs and loose objects of a repository and of those it borrows from. An
//! object counts once, wherever it is stored; but every copy of it is searched, because copies may
//! differ: an index may be wrong, or a copy damaged.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use foldhash::HashSet;
use libdeflater::Decompressor;
use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::loose::LooseObject;
use super::object_hash::object_id;
use super::object_search::{
    NeedleSearch, ObjectVisitor, OidFilter, SearchedObject, VisitedObject, WalkScope, search_whole,
};
use super::oid_list::OidList;
use super::pack::Pack;
use super::pack_entry::ObjectKind;
use super::pack_file::PackError;
use super::safe_read::unreadable;
use super::{delta_walk, loose};
use crate::model::{Notice, ObjectFormat, Oid};

/// More threads than this cost more than they gain.
const MAX_THREADS: usize = 256;

/// Packs with fewer entries are not settled: every fetch adds some.
const SETTLED: usize = 10_000;

/// A part of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorePart {
    /// All of it.
    All,
    /// Large packs.
    Settled,
    /// Small packs, and loose objects.
    Others,
}

/// All objects of a repository.
#[derive(Debug, Default)]
pub struct ObjectStore {
    /// The format of all ids.
    format: ObjectFormat,
    /// The largest first, so that few objects have to be looked up in many packs.
    packs: Vec<Pack>,
    /// Sorted by id.
    loose: Vec<(Oid, PathBuf)>,
    /// A thread pool of its own, if a number of threads was requested.
    pool: Option<ThreadPool>,
}

impl ObjectStore {
    /// Opens the objects folders `folders`, whose ids have this format; `threads` of 0 means one per
    /// processor. Whatever cannot be read is reported in `notices`.
    pub fn open(
        folders: &[PathBuf],
        format: ObjectFormat,
        threads: usize,
        notices: &mut Vec<Notice>,
    ) -> Self {
        let mut store = Self { format, ..Self::default() };
        if threads > 0 {
            let pool = ThreadPoolBuilder::new().num_threads(threads.min(MAX_THREADS)).build();
            // Without a pool of its own it uses the global one: the time differs, the result does
            // not.
            store.pool = pool.ok();
        }
        for folder in folders {
            match loose::list(folder, format) {
                Ok(found) => store.loose.extend(found),
                Err(error) => notices.push(unreadable(folder, &error.to_string())),
            }
            store.open_packs(&folder.join("pack"), notices);
        }
        store.packs.sort_by_key(|pack| std::cmp::Reverse(pack.entries.len()));
        store.loose.sort_unstable();
        store
    }

    fn open_packs(&mut self, folder: &Path, notices: &mut Vec<Notice>) {
        let listed = std::fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        let mut paths: Vec<PathBuf> = match listed {
            Ok(paths) => paths,
            // Git creates the folder with the first pack.
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => return notices.push(unreadable(folder, &error.to_string())),
        };
        paths.sort();
        let has = |path: &Path, ending: &str| path.extension().is_some_and(|own| own == ending);
        for path in paths {
            let is_of_pack = has(&path, "idx") || has(&path, "pack");
            if is_of_pack && !path.is_file() {
                notices.push(unreadable(&path, "is not a plain file"));
                continue;
            }
            if has(&path, "idx") && !path.with_extension("pack").exists() {
                notices.push(unreadable(&path, "the pack of this index is missing"));
            }
            if !has(&path, "pack") {
                continue;
            }
            match self.with_threads(|| Pack::open(&path, self.format)) {
                Ok(pack) => {
                    if !pack.fits {
                        notices.push(unreadable(&path, &PackError::Index.to_string()));
                    }
                    self.packs.push(pack);
                }
                Err(error) if !path.with_extension("idx").exists() => {
                    let text = format!("has no index ({error}); `git index-pack` makes one");
                    notices.push(unreadable(&path, &text));
                }
                Err(error) => notices.push(unreadable(&path, &error.to_string())),
            }
        }
    }

    fn with_threads<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// The format of the ids.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// True if an object is stored.
    pub fn contains(&self, oid: Oid) -> bool {
        self.packs.iter().any(|pack| pack.contains(oid))
            || self.loose.binary_search_by_key(&oid, |(own, _)| *own).is_ok()
    }

    /// The objects in `named` that are not stored, in order. Looking up many in the order of their
    /// ids is several times as fast as one by one.
    pub fn lacks(&self, mut named: OidList) -> Vec<Oid> {
        self.with_threads(|| {
            named.sort();
            named.par_iter().filter(|oid| !self.contains(*oid)).collect()
        })
    }

    /// True if all of `named` are in settled packs.
    pub fn are_settled(&self, named: &OidList) -> bool {
        self.with_threads(|| named.par_iter().all(|oid| self.is_settled(oid)))
    }

    /// The checksums of the packs that hold nearly all of a large repository: they stay the same
    /// until it is repacked.
    pub fn settled(&self) -> impl Iterator<Item = &[u8]> {
        self.settled_packs().map(Pack::checksum)
    }

    /// True if a settled pack has the object.
    pub fn is_settled(&self, oid: Oid) -> bool {
        self.settled_packs().any(|pack| pack.contains(oid))
    }

    fn settled_packs(&self) -> impl Iterator<Item = &Pack> {
        // The largest packs come first.
        self.packs.iter().take_while(|pack| pack.entries.len() >= SETTLED)
    }

    /// Number of entries; an object counts for each pack that has it.
    pub fn entries(&self) -> usize {
        self.packs.iter().map(|pack| pack.entries.len()).sum::<usize>() + self.loose.len()
    }

    /// Number of entries that are not trees; an object counts for each pack that has it.
    pub fn entries_but_trees(&self) -> usize {
        let trees = self.packs.iter().map(|pack| delta_walk::of_kind(pack, ObjectKind::Tree).len());
        self.entries() - trees.sum::<usize>()
    }

    /// The ids of all trees.
    pub fn trees(&self) -> HashSet<Oid> {
        let packed = self.packs.iter().flat_map(|pack| delta_walk::of_kind(pack, ObjectKind::Tree));
        let mut trees: HashSet<Oid> = packed.collect();
        let is_tree = |state: &mut (Decompressor, Vec<u8>), path: &Path| {
            let read = loose::read(path, &mut state.0, &mut state.1);
            read.is_ok_and(|object| object.kind == ObjectKind::Tree)
        };
        let loose: Vec<Oid> = self
            .loose
            .par_iter()
            .map_init(
                || (Decompressor::new(), Vec::new()),
                |state, (oid, path)| is_tree(state, path).then_some(*oid),
            )
            .flatten()
            .collect();
        trees.extend(loose);
        trees
    }

    /// Searches every object in `scope`, and every copy of it. `searched` is called for only one of
    /// the copies.
    pub fn search<S: NeedleSearch, V: ObjectVisitor>(
        &self,
        search: &S,
        scope: &WalkScope<'_>,
        visitor: impl Fn() -> V + Sync + Send,
    ) -> Vec<V> {
        self.search_part(StorePart::All, search, scope, visitor)
    }

    /// Searches a part of the store.
    pub fn search_part<S: NeedleSearch, V: ObjectVisitor>(
        &self,
        part: StorePart,
        search: &S,
        scope: &WalkScope<'_>,
        visitor: impl Fn() -> V + Sync + Send,
    ) -> Vec<V> {
        let settled = self.settled_packs().count();
        let packs = match part {
            StorePart::All => 0..self.packs.len(),
            StorePart::Settled => 0..settled,
            StorePart::Others => settled..self.packs.len(),
        };
        self.with_threads(|| {
            let mut visitors = self.search_packs(packs, search, scope, &visitor);
            if part != StorePart::Settled {
                visitors.extend(self.search_loose(search, scope, &visitor));
            }
            visitors
        })
    }

    fn search_packs<S: NeedleSearch, V: ObjectVisitor>(
        &self,
        packs: Range<usize>,
        search: &S,
        scope: &WalkScope<'_>,
        visitor: impl Fn() -> V + Sync + Send,
    ) -> Vec<V> {
        let mut visitors = Vec::new();
        for nth in packs {
            let pack = &self.packs[nth];
            let is_copy = |oid: Oid| self.packs[..nth].iter().any(|pack| pack.contains(oid));
            let once = || FirstCopyVisitor { visitor: visitor(), is_copy: &is_copy };
            let own = delta_walk::walk(pack, search, scope, once);
            visitors.extend(own.into_iter().map(|once| once.visitor));
        }
        visitors
    }

    fn search_loose<S: NeedleSearch, V: ObjectVisitor>(
        &self,
        search: &S,
        scope: &WalkScope<'_>,
        visitor: impl Fn() -> V + Sync + Send,
    ) -> Vec<V> {
        let is_copy = |nth: usize, oid: Oid| {
            let is_loose_before = nth > 0 && self.loose[nth - 1].0 == oid;
            is_loose_before || self.packs.iter().any(|pack| pack.contains(oid))
        };
        let workers = self.loose.par_iter().enumerate().fold(
            || None,
            |worker: Option<LooseWorker<V>>, (nth, (oid, path))| {
                let mut worker = worker.unwrap_or_else(|| LooseWorker::new(visitor()));
                if !scope.skip.is_some_and(|skip| skip(*oid)) {
                    worker.object(*oid, path, is_copy(nth, *oid), search, scope);
                }
                Some(worker)
            },
        );
        workers.filter_map(|worker| worker.map(|worker| worker.visitor)).collect()
    }
}

/// Forwards to a visitor, but calls `searched` for only one copy of an object.
struct FirstCopyVisitor<'o, V> {
    visitor: V,
    /// True if another copy of the object has been searched.
    is_copy: OidFilter<'o>,
}

impl<V: ObjectVisitor> ObjectVisitor for FirstCopyVisitor<'_, V> {
    fn object(&mut self, object: VisitedObject<'_>) {
        self.visitor.object(object);
    }

    fn damaged(&mut self, oid: Oid, why: &str) {
        self.visitor.damaged(oid, why);
    }

    fn searched(&mut self, object: SearchedObject<'_>) {
        if !(self.is_copy)(object.oid) {
            self.visitor.searched(object);
        }
    }
}

/// A thread that reads loose objects.
struct LooseWorker<V> {
    visitor: V,
    inflate: Decompressor,
    bytes: Vec<u8>,
}

impl<V: ObjectVisitor> LooseWorker<V> {
    fn new(visitor: V) -> Self {
        Self { visitor, inflate: Decompressor::new(), bytes: Vec::new() }
    }

    fn object<S: NeedleSearch>(
        &mut self,
        oid: Oid,
        path: &Path,
        is_copy: bool,
        search: &S,
        scope: &WalkScope<'_>,
    ) {
        let LooseObject { kind, start, has_rest } =
            match loose::read(path, &mut self.inflate, &mut self.bytes) {
                Ok(read) => read,
                Err(why) => return self.visitor.damaged(oid, &why),
            };
        if !(scope.kinds)(kind) {
            return;
        }
        let bytes = &self.bytes[start..];
        // It is searched all the same: it may hold a key.
        if object_id(oid.format(), kind, bytes) != oid {
            self.visitor.damaged(oid, "its content has another id");
        } else if has_rest {
            self.visitor.damaged(oid, "its file goes on behind it");
        }
        let whole = 0..bytes.len();
        if !is_copy {
            self.visitor.searched(SearchedObject::new(oid, kind, bytes, bytes.len()));
        }
        let mut hits = Vec::new();
        search_whole(search, bytes, &mut hits);
        if !hits.is_empty() || search.hands_on_all(kind) {
            self.visitor.object(VisitedObject { oid, kind, bytes, hits: &hits, fresh: &[whole] });
        }
    }
}
