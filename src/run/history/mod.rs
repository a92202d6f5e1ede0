//! Everything that a repository stores: found in one pass over the object store ([`find`]),
//! attributed in another over the trees, only if anything was found, and placed in a third over
//! the versions that are shown ([`tell`]).

mod find;
mod tell;

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use find::{Finder, Keywords, Seen};
use sha2::{Digest, Sha256};
use tell::Attributed;

use super::connected::{self, Settled};
use super::drafts::Gathered;
use super::repository::{Scan, Selection};
use crate::model::{FilePath, Notice, NoticeKind, Oid};
use crate::source::git::{
    Cache, EMPTY_TREE, Graph, Kind, RepoError, Repository, Root, Scope, Store,
};

/// How many damaged objects are named one by one.
const NAMED: usize = 10;

/// Scans the object store, and those of the submodules inside of it; whether all were empty.
pub(super) fn scan(
    scan: &Scan<'_>,
    selection: Option<&Selection>,
    cache: Option<&Path>,
    gathered: &mut Gathered,
) -> Result<bool, RepoError> {
    let own = One { scan, repository: scan.repository, prefix: Vec::new(), selection, cache };
    let mut is_empty = own.scan(gathered)?;
    let mut waiting = scan.repository.submodules();
    let mut seen = HashSet::new();
    while let Some((path, folder)) = waiting.pop() {
        // Hostile ones may be inside of each other.
        if !seen.insert(folder.clone()) {
            continue;
        }
        match Repository::at(&folder) {
            Ok(repository) => {
                gathered.notices.extend(repository.notices.iter().cloned());
                let path = checked_out(scan.repository, &repository).unwrap_or(path);
                let inner = repository.submodules().into_iter();
                waiting.extend(inner.map(|(below, folder)| (joined(&path, &below), folder)));
                let mut prefix = path.as_bytes().to_vec();
                prefix.push(b'/');
                // Revisions that the user names are those of the outer repository.
                let no_branches =
                    selection.map(|s| Selection { branches: Vec::new(), ..s.clone() });
                let selection = no_branches.as_ref();
                let own = One { scan, repository: &repository, prefix, selection, cache };
                // What was found elsewhere is told, come what may.
                match own.scan(gathered) {
                    Ok(is_own_empty) => is_empty &= is_own_empty,
                    Err(error) => gathered.notices.push(unreadable(path, &error)),
                }
            }
            Err(error) => gathered.notices.push(unreadable(path, &error)),
        }
    }
    Ok(is_empty)
}

fn unreadable(submodule: FilePath, error: &RepoError) -> Notice {
    Notice {
        path: Some(submodule),
        kind: NoticeKind::Unreadable,
        message: format!("the submodule cannot be read: {error}"),
    }
}

/// Where a submodule is checked out in the outer repository. Its name stays the same when it is
/// moved, its path does not.
fn checked_out(outer: &Repository, inner: &Repository) -> Option<FilePath> {
    let (outer, inner) = (outer.checkout()?, inner.checkout()?);
    let (outer, inner) = (outer.canonicalize().ok()?, inner.canonicalize().ok()?);
    inner.strip_prefix(outer).ok().map(FilePath::from_path)
}

fn joined(outer: &FilePath, inner: &FilePath) -> FilePath {
    FilePath::from_bytes(&[outer.as_bytes(), b"/", inner.as_bytes()].concat())
}

/// The scan of one repository.
struct One<'o> {
    scan: &'o Scan<'o>,
    repository: &'o Repository,
    /// What stands before its paths: the path of a submodule.
    prefix: Vec<u8>,
    selection: Option<&'o Selection>,
    cache: Option<&'o Path>,
}

/// A key: its rule and its SHA-256.
type Key = (usize, [u8; 32]);

impl One<'_> {
    fn scan(&self, gathered: &mut Gathered) -> Result<bool, RepoError> {
        let notices = &mut gathered.notices;
        let (folders, lost) = self.repository.object_folders();
        notices.extend(lost.iter().map(|folder| Notice {
            path: Some(FilePath::from_path(folder)),
            kind: NoticeKind::Missing,
            message: "the repository borrows objects from this folder, which is not there".into(),
        }));
        let before = notices.len();
        let store = Store::open(&folders, self.scan.plan.tree.threads, notices);
        let roots = self.repository.roots(notices);
        if self.repository.is_shallow() {
            notices.push(shallow(self.repository.shallow_ends().len()));
        }
        let is_sound = lost.is_empty() && notices.len() == before;
        let objects = self.repository.objects()?;
        let outside = |oid: Oid| objects.read(oid).ok();
        let progress = self.scan.progress;
        if progress.is_shown {
            progress.all_objects.fetch_add(store.entries_but_trees() as u64, Ordering::Relaxed);
        }

        let known = self.cache.map(|folder| self.known(folder, &store)).transpose()?;
        let mut seen = self.search(&store, &outside, known.as_ref());
        gathered.summary.add(&seen.summary);
        let mut missing = std::mem::take(&mut seen.missing);
        missing.extend(roots.iter().filter(|root| is_lost(root, &store)).map(|root| root.target));
        let is_suspect = !is_sound
            || !missing.is_empty()
            || !seen.damaged.is_empty()
            || self.repository.is_partial();
        let settled = match &known {
            None => Settled::Unasked,
            Some(known) if known.links.contains(EMPTY_TREE) => Settled::Whole,
            Some(_) => Settled::Asked,
        };
        let faults = connected::check(&store, is_suspect, &outside, settled);
        missing.extend(faults.missing);
        seen.damaged.extend(faults.damaged);
        if let Some(known) = known {
            if faults.settled_are_whole {
                seen.linked.push(EMPTY_TREE);
            }
            known.remember(&mut seen, &mut gathered.notices);
        }
        damaged(&seen.damaged, &mut gathered.notices);
        connected::tell(missing, self.repository.is_partial(), &mut gathered.notices);
        let is_empty = store.entries() == 0;
        if self.selection.is_none() && seen.sightings.is_empty() {
            return Ok(is_empty);
        }
        let graph = Graph::read(&store, &outside);
        let selected = match self.selection {
            None => None,
            Some(selection) => Some(self.selected(selection, &graph)?),
        };
        let none_selected = selected.as_ref().is_some_and(|marks| !marks.contains(&true));
        if !seen.sightings.is_empty() {
            let found = Attributed {
                one: self,
                objects: &objects,
                outside: &outside,
                store: &store,
                graph: &graph,
                roots: &roots,
                selected: selected.as_deref(),
            };
            found.tell(seen.keys, seen.sightings, gathered);
        }
        Ok(is_empty || none_selected)
    }

    fn known(&self, folder: &Path, store: &Store) -> Result<Known, RepoError> {
        let rules = self.scan.plan.rules.digest();
        let mut links = Sha256::new();
        for part in std::iter::once(&rules[..]).chain(store.settled()) {
            links.update(part);
        }
        let links = links.finalize().into();
        Ok(Known { blobs: Cache::open(folder, rules)?, links: Cache::open(folder, links)? })
    }

    /// The first pass: which objects hold which keys.
    fn search(
        &self,
        store: &Store,
        outside: &(dyn Fn(Oid) -> Option<(Kind, Vec<u8>)> + Sync),
        cache: Option<&Known>,
    ) -> Seen {
        let kinds = |kind| kind != Kind::Tree;
        let known = AtomicU64::new(0);
        let is_known = |oid: Oid| {
            let is_known = cache.is_some_and(|cache| cache.contains(oid));
            known.fetch_add(u64::from(is_known), Ordering::Relaxed);
            is_known
        };
        let skip: Option<&(dyn Fn(Oid) -> bool + Sync)> = cache.is_some().then_some(&is_known);
        let scope = Scope { kinds: &kinds, skip, outside };
        let scanner = self.scan.scanner;
        let progress = self.scan.progress;
        let limit = self.scan.plan.tree.max_file_size.unwrap_or(u64::MAX);
        let ends = self.repository.shallow_ends();
        let finder = || Finder {
            scanner,
            store,
            ends: &ends,
            progress,
            limit,
            uncounted: (0, 0),
            remembers: cache.is_some(),
            seen: Seen::default(),
        };
        let mut all = Seen::default();
        for finder in store.search(&Keywords(scanner), &scope, finder) {
            all.add(finder.seen);
        }
        all.look_up_named(store);
        all.merge_sightings();
        all.summary.known = known.into_inner();
        all
    }

    /// The commits that count.
    fn selected(&self, selection: &Selection, graph: &Graph) -> Result<Vec<bool>, RepoError> {
        let mut tips = Vec::new();
        for branch in &selection.branches {
            tips.extend(graph.position(self.repository.commit(branch)?));
        }
        let mut selected = if selection.branches.is_empty() {
            vec![true; graph.commits.len()]
        } else {
            graph.reached_by(&tips)
        };
        let since = selection.since.unwrap_or(i64::MIN);
        let until = selection.until.unwrap_or(i64::MAX);
        for (own, node) in selected.iter_mut().zip(&graph.commits) {
            *own &= (since..=until).contains(&node.time);
        }
        if let Some(count) = selection.max_count {
            graph.keep_newest(&mut selected, count);
        }
        Ok(selected)
    }
}

/// What earlier runs have found to be clean.
struct Known {
    /// Blobs, wherever they are.
    blobs: Cache,
    /// Commits and tags whose trees, parents and targets are in the same settled packs as then.
    /// They are read for what they name, too, and in another repository that may be missing. The
    /// empty tree stands for all trees of these packs.
    links: Cache,
}

impl Known {
    fn contains(&self, oid: Oid) -> bool {
        self.blobs.contains(oid) || self.links.contains(oid)
    }

    /// Adds what this run has found to be clean.
    fn remember(self, seen: &mut Seen, notices: &mut Vec<Notice>) {
        let found = seen.sightings.iter().map(|sighting| sighting.oid);
        let damaged = seen.damaged.iter().map(|(oid, _)| *oid);
        let others: HashSet<Oid> = found.chain(damaged).collect();
        let trouble = |message: String| Notice { path: None, kind: NoticeKind::Cache, message };
        for (cache, list) in [(self.blobs, &mut seen.searched), (self.links, &mut seen.linked)] {
            let mut clean = std::mem::take(list);
            clean.retain(|oid| !others.contains(oid));
            if cache.was_damaged {
                let text = "the cache was damaged; it was not used, and made anew";
                notices.push(trouble(text.to_owned()));
            }
            if let Err(error) = cache.keep(clean) {
                notices.push(trouble(format!("{error}; the next run will search all again")));
            }
        }
    }
}

fn is_lost(root: &Root, store: &Store) -> bool {
    // Reflogs may name what has been pruned since.
    let counts = !root.name.is_empty() && root.name != b"refs/stash";
    counts && !store.contains(root.target)
}

fn shallow(ends: usize) -> Notice {
    let commits = if ends == 1 { "a commit".to_owned() } else { format!("{ends} commits") };
    Notice {
        path: None,
        kind: NoticeKind::Shallow,
        message: format!(
            "the clone is shallow: what came before {commits} is not here; `git fetch \
             --unshallow` gets it (`fetch-depth: 0` in a GitHub workflow)"
        ),
    }
}

/// Names objects that cannot be read.
fn damaged(objects: &[(Oid, String)], notices: &mut Vec<Notice>) {
    let mut objects: Vec<_> = objects.iter().collect();
    objects.sort_unstable();
    objects.dedup_by_key(|(oid, _)| *oid);
    for (oid, why) in objects.iter().take(NAMED) {
        notices.push(Notice {
            path: None,
            kind: NoticeKind::DamagedObject,
            message: format!("object {oid} cannot be read: {why}"),
        });
    }
    if objects.len() > NAMED {
        notices.push(Notice {
            path: None,
            kind: NoticeKind::DamagedObject,
            message: format!("and {} more objects cannot be read", objects.len() - NAMED),
        });
    }
}
