//! Runs the passes over the object store of a repository and of its submodules.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::attribution::Attribution;
use super::repository_scan::RepositoryScan;
use super::{head_sides, own_files};
use crate::model::{FilePath, Notice, NoticeKind, Oid};
use crate::run::collect::FindingCollector;
use crate::run::connectivity::{self, SettledPacks};
use crate::run::git_scan::GitScan;
use crate::run::git_target::{CommitSelection, GitExtent};
use crate::source::git::{CommitGraph, ObjectStore, ReachabilityRoot, RepoError, Repository};

/// Number of damaged objects that are named individually.
const NAMED: usize = 10;

/// The part of a repository's history to scan.
pub(in crate::run) struct HistoryPart<'p> {
    /// The selected commits; `None` is everything.
    pub(in crate::run) selection: Option<&'p CommitSelection>,
    /// The folder of the cache of clean objects.
    pub(in crate::run) cache: Option<&'p Path>,
    /// True if the repositories inside the checkout are scanned, too.
    pub(in crate::run) is_recursive: bool,
}

/// Scans the object store and those of the submodules inside it. Returns what there was to search.
pub(in crate::run) fn scan(
    scan: &GitScan<'_>,
    part: &HistoryPart<'_>,
    collector: &mut FindingCollector,
) -> Result<GitExtent, RepoError> {
    let (selection, cache) = (part.selection, part.cache);
    let own =
        RepositoryScan { scan, repository: scan.repository, prefix: Vec::new(), selection, cache };
    let mut extent = scan_repository(&own, collector)?;
    let mut waiting = scan.repository.submodules();
    if part.is_recursive {
        let exclude = scan.plan.tree.exclude.as_ref();
        let is_excluded =
            |path: &Path| exclude.is_some_and(|own| own(&scan.base().join(path), true));
        waiting.extend(scan.repository.nested(&is_excluded));
    }
    let real = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut seen = HashSet::new();
    // Linked checkouts have the objects of another one.
    let mut stores = HashSet::from([real(scan.repository.common_folder())]);
    while let Some((path, folder)) = waiting.pop() {
        // Hostile ones may contain each other.
        if !seen.insert(folder.clone()) {
            continue;
        }
        match Repository::at(&folder) {
            Ok(repository) if !stores.insert(real(repository.common_folder())) => {}
            Ok(repository) => {
                let repository = match scan.repository.owns_all() {
                    true => repository.without_alternates(),
                    false => repository,
                };
                collector.notices.extend(repository.notices.iter().cloned());
                let path = checked_out(scan.repository, &repository).unwrap_or(path);
                let inner = repository.submodules().into_iter();
                waiting.extend(inner.map(|(below, folder)| (joined(&path, &below), folder)));
                let mut prefix = path.as_bytes().to_vec();
                prefix.push(b'/');
                // Revisions that the user names are those of the outer repository.
                let no_branches =
                    selection.map(|s| CommitSelection { branches: Vec::new(), ..s.clone() });
                let selection = no_branches.as_ref();
                let own =
                    RepositoryScan { scan, repository: &repository, prefix, selection, cache };
                // Whatever was found elsewhere must still be reported.
                match scan_repository(&own, collector) {
                    Ok(of_submodule) => extent = extent.max(of_submodule),
                    Err(error) => collector.notices.push(unreadable(path, &error)),
                }
            }
            Err(error) => collector.notices.push(unreadable(path, &error)),
        }
    }
    Ok(extent)
}

fn unreadable(submodule: FilePath, error: &RepoError) -> Notice {
    Notice {
        path: Some(submodule),
        kind: NoticeKind::Unreadable,
        message: format!("the repository inside cannot be read: {error}"),
    }
}

/// The checkout of a submodule in the outer repository. Its name stays the same when it is moved,
/// its path does not.
fn checked_out(outer: &Repository, inner: &Repository) -> Option<FilePath> {
    let (outer, inner) = (outer.checkout()?, inner.checkout()?);
    let (outer, inner) = (outer.canonicalize().ok()?, inner.canonicalize().ok()?);
    inner.strip_prefix(outer).ok().map(FilePath::from_path)
}

fn joined(outer: &FilePath, inner: &FilePath) -> FilePath {
    FilePath::from_bytes(&[outer.as_bytes(), b"/", inner.as_bytes()].concat())
}

/// Searches one repository, and the files beside its objects unless commits are selected.
fn scan_repository(
    own: &RepositoryScan<'_>,
    collector: &mut FindingCollector,
) -> Result<GitExtent, RepoError> {
    let extent = scan_objects(own, collector);
    if own.selection.is_none() {
        own_files::scan(own, collector);
    }
    extent
}

/// Searches the objects of a repository and attributes what was found.
fn scan_objects(
    own: &RepositoryScan<'_>,
    collector: &mut FindingCollector,
) -> Result<GitExtent, RepoError> {
    let notices = &mut collector.notices;
    let (folders, lost) = own.repository.object_folders();
    notices.extend(lost.iter().map(|folder| Notice {
        path: Some(FilePath::from_path(folder)),
        kind: NoticeKind::Missing,
        message: "the repository borrows objects from this folder, which is missing".into(),
    }));
    notices.extend(borrowed(&own.repository.alternates()));
    let before = notices.len();
    let format = own.repository.format();
    let store = ObjectStore::open(&folders, format, own.scan.plan.tree.threads, notices);
    let roots = own.repository.roots(notices);
    let is_sound = lost.is_empty() && notices.len() == before;
    if own.repository.is_shallow() {
        notices.push(shallow(own.repository.shallow_ends().len()));
    }
    let objects = own.repository.objects()?;
    let owns_all = own.repository.owns_all();
    let may_read = |oid: Oid| !owns_all || store.contains(oid);
    let outside = |oid: Oid| objects.read(oid).ok().filter(|_| may_read(oid));
    let progress = own.scan.progress;
    if progress.is_shown {
        progress.all_objects.fetch_add(store.entries_but_trees() as u64, Ordering::Relaxed);
    }

    let is_empty = store.entries() == 0;
    let chosen = match own.selection {
        None => None,
        Some(selection) => {
            let graph = CommitGraph::read(&store, &outside);
            let selected = own.selected(selection, &graph)?;
            if !selected.contains(&true) {
                return Ok(if is_empty { GitExtent::Nothing } else { GitExtent::NoneChosen });
            }
            Some((graph, selected))
        }
    };
    let known = own.cache.map(|folder| own.known(folder, &store)).transpose()?;
    let lfs = own.repository.lfs().with_limit(own.scan.plan.tree.max_file_size);
    let mut seen = own.search(&store, &outside, known.as_ref(), &objects, &lfs);
    let archive_faults = own.open_containers(&mut seen, (&objects, &lfs));
    collector.summary.add(&match &chosen {
        None => seen.summary,
        Some((graph, selected)) => own.chosen_summary(&seen, &objects, graph, selected),
    });
    let mut missing = std::mem::take(&mut seen.missing);
    missing.extend(roots.iter().filter(|root| is_lost(root, &store)).map(|root| root.target));
    let promise = connectivity::promise(own.repository);
    let is_partial = promise.is_some();
    let is_lacking = !missing.is_empty() && !is_partial;
    let is_suspect = !is_sound || is_lacking || !seen.damaged.is_empty();
    let settled = match &known {
        None => SettledPacks::Unasked,
        Some(known) if known.links.contains(Oid::empty_tree(format)) => SettledPacks::Whole,
        Some(_) => SettledPacks::Asked,
    };
    let faults = connectivity::check(&store, (is_suspect, is_partial), &outside, settled);
    missing.extend(faults.missing);
    seen.damaged.extend(faults.damaged);
    if let Some(known) = known {
        if faults.settled_are_whole {
            seen.linked.push(Oid::empty_tree(format));
        }
        known.remember(&mut seen, &mut collector.notices);
    }
    damaged(&seen.damaged, &mut collector.notices);
    connectivity::report_missing(missing, promise, &mut collector.notices);
    let extent = if is_empty { GitExtent::Nothing } else { GitExtent::Some };
    if !seen.has_files() && archive_faults.is_empty() {
        return Ok(extent);
    }
    let (graph, selected) = match chosen {
        Some((graph, selected)) => (graph, Some(selected)),
        None => (CommitGraph::read(&store, &outside), None),
    };
    let attribution = Attribution {
        repository_scan: own,
        objects: &objects,
        outside: &outside,
        store: &store,
        graph: &graph,
        roots: &roots,
        selected: selected.as_deref(),
        ends: &own.repository.shallow_ends(),
        lfs: &lfs,
        mailmap: &own.repository.mailmap(),
    };
    let has_keys = !seen.object_hits.is_empty();
    attribution.run(seen, archive_faults, collector);
    // Submodules are projects of their own.
    if has_keys && own.prefix.is_empty() {
        head_sides::report(own.scan, own.repository, &objects, collector);
    }
    Ok(extent)
}

/// Says that objects of other repositories are among those that were searched.
fn borrowed(folders: &[PathBuf]) -> Option<Notice> {
    let names: Vec<_> = folders.iter().map(|path| FilePath::from_path(path).to_string()).collect();
    let message =
        format!("objects are borrowed from {}; --no-alternates leaves them out", names.join(", "));
    let kind = NoticeKind::Alternates;
    (!folders.is_empty()).then_some(Notice { path: None, kind, message })
}

fn is_lost(root: &ReachabilityRoot, store: &ObjectStore) -> bool {
    // Reflogs may name objects that have been pruned since.
    let counts = !root.name.is_empty() && root.name != b"refs/stash";
    counts && !store.contains(root.target)
}

fn shallow(ends: usize) -> Notice {
    let commits = if ends == 1 { "a commit".to_owned() } else { format!("{ends} commits") };
    Notice {
        path: None,
        kind: NoticeKind::Shallow,
        message: format!(
            "the clone is shallow: the history before {commits} is missing; `git fetch \
             --unshallow` gets it (`fetch-depth: 0` in a GitHub workflow)"
        ),
    }
}

/// Adds notices about objects that cannot be read.
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
            message: match objects.len() - NAMED {
                1 => "and 1 more object cannot be read".to_owned(),
                more => format!("and {more} more objects cannot be read"),
            },
        });
    }
}
