//! Scans what the commits of a range add: keys in files of a commit that none of its parents and
//! not the base contain, and keys in commit messages and headers.

use std::collections::{BTreeSet, HashMap, HashSet};

use keyside_exposure::can_change_exposure;
use rayon::prelude::{ParallelIterator, ParallelSlice};

use super::blob_search::BlobSearcher;
use super::collect::FindingCollector;
use super::connectivity::promise;
use super::exposure;
use super::git_scan::GitScan;
use super::git_target::{CommitSelection, GitExtent};
use super::range_commits::{IntroducedKeys, RangeCommits};
use super::range_report::RangeReporter;
use super::stray_markers::{StrayMarkers, stray_notices};
use super::tree_keys::{KeySet, TreeKeys};
use crate::model::{FilePath, KeyId, Notice, NoticeKind, Oid, SourceKind};
use crate::source::git::{AddedEntry, CommitRange, ReadError, RepoError, Snapshot, TreeDiff};

/// Up to this many commits are compared by the calling thread.
const FEW: usize = 64;

/// Scans what the commits of a range add.
pub(super) fn scan(
    scan: &GitScan<'_>,
    range: &CommitRange,
    selection: &CommitSelection,
    collector: &mut FindingCollector,
) -> Result<GitExtent, RepoError> {
    let objects = scan.repository.objects()?;
    let head = scan.repository.head()?;
    let blobs = BlobSearcher::new(scan, &objects);
    let mut keys = TreeKeys::new(blobs);
    let commits = RangeCommits::read(scan, &objects, range, &mut keys);
    let selected = commits.selected(scan, range, selection)?;
    if selected.is_empty() {
        collector.notices.extend(keys.unreadable.into_notices(promise(scan.repository)));
        let is_empty = range.commits.is_empty();
        return Ok(if is_empty { GitExtent::Nothing } else { GitExtent::NoneChosen });
    }
    for &nth in &selected {
        collector.summary.commits += 1;
        collector.summary.bytes += commits.list[nth].size as u64;
    }
    let mut reporter = RangeReporter::new(scan, &objects, range, &commits, head);
    let is_whole = selected.len() == commits.list.len();
    // Of the whole range, what its tip has and neither the bases nor their common ancestors had.
    let whole = reporter.tree(range.tip).filter(|_| is_whole && !commits.forks.is_empty());
    let mut states: Vec<(Oid, &[Oid])> = Vec::with_capacity(selected.len() + 1);
    states.extend(
        selected.iter().map(|&nth| &commits.list[nth]).map(|node| (node.tree, &*node.parents)),
    );
    states.extend(whole.map(|tree| (tree, &*commits.forks)));
    let additions = RangeAdditions::of_all(blobs, &states);
    let touched = (!is_whole).then(|| additions.touched.clone());
    let mut markers = HashMap::new();
    let seeds = search_added(scan, blobs, additions, (&mut keys, &mut markers), collector);
    reporter.messages(&selected, &mut keys, collector);
    if keys.count() > 0 {
        let base: Vec<KeySet> = commits.bases.iter().map(|&tree| keys.of(tree)).collect();
        let mut introduced = introduced(&commits, &selected, &base, &mut keys);
        if let Some(tree) = whole {
            brought_back(&commits, tree, &mut introduced, &mut keys);
        }
        reporter.files(&introduced, &mut keys, collector);
        reporter.histories(&introduced, &mut keys, collector);
    }
    if let Some(tree) = reporter.tree(range.tip) {
        let (options, base) = (&scan.plan.tree, scan.base());
        let state = |tree, name| Snapshot::of_tree(&objects, tree, name, options, base);
        let source = if head == Some(range.tip) { SourceKind::Head } else { SourceKind::Commit };
        let before = commits.bases.iter().map(|&tree| state(tree, (SourceKind::Commit, range.tip)));
        let before = before.collect();
        let after = state(tree, (source, range.tip));
        let (mut changed, old) =
            changed(blobs, tree, &commits.bases, &markers, &mut collector.notices);
        // If only some commits of the range are selected, only what they themselves change.
        changed.retain(|path| touched.as_ref().is_none_or(|touched| touched.contains(path)));
        if !seeds.is_empty() || !changed.is_empty() {
            let whole = HashSet::new();
            let change =
                exposure::StateChange { after, before, seeds, changed, old, whole, base: None };
            change.report(scan.builder, None, collector);
        }
    }
    collector.notices.extend(shallow_notice(range, &commits, scan.repository.is_shallow()));
    collector.notices.extend(keys.unreadable.into_notices(promise(scan.repository)));
    Ok(GitExtent::Some)
}

/// The files, deleted ones included, that differ between `tree` and the trees of the bases and [can change
/// what clients get](can_change_exposure); and all files that are replaced or deleted. Misspelt markers are
/// told if they are still there.
fn changed(
    blobs: BlobSearcher<'_>,
    tree: Oid,
    bases: &[Oid],
    markers: &HashMap<Oid, StrayMarkers>,
    notices: &mut Vec<Notice>,
) -> (Vec<String>, Vec<String>) {
    let (mut changed, mut old) = (BTreeSet::new(), BTreeSet::new());
    let mut diff = |tree, others: &[Oid], is_old: bool| {
        TreeDiff::new(blobs.objects, blobs.excludes()).added(tree, others, &mut |added| {
            match added {
                AddedEntry::File { path, oid } => {
                    if !is_old && let Some(markers) = markers.get(&oid) {
                        let path = FilePath::from_bytes(path);
                        notices.extend(stray_notices(&path, markers.clone()));
                    }
                    changed.extend(mattering(blobs, path));
                    old.extend(
                        std::str::from_utf8(path).ok().filter(|_| is_old).map(str::to_owned),
                    );
                }
                // Comparing the commits has reported what cannot be read.
                AddedEntry::Name { .. }
                | AddedEntry::Submodule { .. }
                | AddedEntry::Unread { .. } => {}
            }
        });
    };
    diff(tree, bases, false);
    for &base in bases {
        diff(base, &[tree], true);
    }
    (changed.into_iter().collect(), old.into_iter().collect())
}

fn mattering(blobs: BlobSearcher<'_>, path: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(path).ok().filter(|path| can_change_exposure(path))?;
    (!blobs.is_excluded(path, false)).then(|| text.to_owned())
}

/// Additions of commits, before the files are searched.
#[derive(Default)]
struct RangeAdditions {
    /// Files, each with the first path at which it was found.
    files: Vec<(Oid, Vec<u8>)>,
    /// Keys in names.
    names: Vec<KeyId>,
    excluded: HashSet<Vec<u8>>,
    submodules: HashSet<Vec<u8>>,
    unreadable: Vec<(Oid, Vec<u8>, ReadError)>,
    /// The paths of files that can matter to what clients get.
    touched: HashSet<String>,
}

impl RangeAdditions {
    /// Determines what some trees add, each to others.
    fn of(blobs: BlobSearcher<'_>, states: &[(Oid, &[Oid])]) -> Self {
        let mut diff = TreeDiff::new(blobs.objects, blobs.excludes());
        let mut additions = Self::default();
        let mut known = HashSet::new();
        for (tree, others) in states {
            diff.added(*tree, others, &mut |added| match added {
                AddedEntry::Name { path, name, is_folder } => {
                    let keys = blobs.keys_in(name);
                    if !keys.is_empty() && !blobs.is_excluded(path, is_folder) {
                        additions.names.extend(keys);
                    }
                }
                AddedEntry::File { path, .. } if blobs.is_excluded(path, false) => {
                    additions.excluded.insert(path.to_owned());
                }
                AddedEntry::File { path, oid } => {
                    additions.touched.extend(mattering(blobs, path));
                    if known.insert(oid) {
                        additions.files.push((oid, path.to_owned()));
                    }
                }
                AddedEntry::Submodule { path } => {
                    additions.submodules.insert(path.to_owned());
                }
                AddedEntry::Unread { path, oid, why } => {
                    additions.unreadable.push((oid, path.to_owned(), why));
                }
            });
        }
        additions
    }

    /// The same in several threads, if it is worthwhile.
    fn of_all(blobs: BlobSearcher<'_>, all: &[(Oid, &[Oid])]) -> Self {
        let Some(pool) = (all.len() > FEW).then(|| blobs.pool()).flatten() else {
            return Self::of(blobs, all);
        };
        // Commits that follow each other have most in common.
        let size = all.len().div_ceil(4 * pool.current_num_threads()).max(FEW / 2);
        let parts: Vec<Self> =
            pool.install(|| all.par_chunks(size).map(|some| Self::of(blobs, some)).collect());
        let mut additions = Self::default();
        let mut known = HashSet::new();
        for part in parts {
            additions.files.extend(part.files.into_iter().filter(|(oid, _)| known.insert(*oid)));
            additions.names.extend(part.names);
            additions.excluded.extend(part.excluded);
            additions.submodules.extend(part.submodules);
            additions.unreadable.extend(part.unreadable);
            additions.touched.extend(part.touched);
        }
        additions
    }
}

/// Searches each file once that a commit has and its parents have not, and adds its keys to `keys`.
/// Returns the paths of the files that may involve a secret, and notes misspelt markers by file.
fn search_added(
    scan: &GitScan<'_>,
    blobs: BlobSearcher<'_>,
    additions: RangeAdditions,
    (keys, markers): (&mut TreeKeys<'_>, &mut HashMap<Oid, StrayMarkers>),
    collector: &mut FindingCollector,
) -> Vec<String> {
    for key in additions.names {
        keys.learn(key);
    }
    for (oid, path, why) in additions.unreadable {
        keys.unreadable.note(oid, &path, &why);
    }
    collector.summary.skipped_excluded += additions.excluded.len() as u64;
    collector.notices.extend(submodule_notice("the range", additions.submodules.len()));
    let mut seeds = Vec::new();
    for (oid, path, searched) in blobs.search(&additions.files) {
        match searched {
            Ok(blob) if blob.is_large => collector.summary.skipped_large += 1,
            Ok(mut blob) => {
                collector.notices.append(&mut blob.notices);
                collector.summary.blobs += 1;
                collector.summary.bytes += blob.size;
                collector.summary.skipped_archives += u64::from(blob.is_archive);
                let shown = || scan.builder.shown(FilePath::from_bytes(path));
                if let Some(pointer) = &blob.pointer {
                    collector.kept_elsewhere.missing(pointer, shown());
                }
                if blob.is_encrypted {
                    collector.kept_elsewhere.encrypted.push(shown());
                }
                if blob.is_seed {
                    seeds.extend(std::str::from_utf8(path).ok().map(ToOwned::to_owned));
                }
                keys.learn_blob(oid, &blob);
                if !blob.markers.is_empty() {
                    markers.insert(oid, blob.markers);
                }
            }
            Err(why) => keys.unreadable.note(oid, path, &why),
        }
    }
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

fn introduced(
    commits: &RangeCommits,
    selected: &[usize],
    base: &[KeySet],
    keys: &mut TreeKeys<'_>,
) -> IntroducedKeys {
    let mut introduced = IntroducedKeys::new();
    for &nth in selected {
        let node = &commits.list[nth];
        let own = keys.of(node.tree);
        if own.is_empty() {
            continue;
        }
        let before: Vec<KeySet> = node.parents.iter().map(|&tree| keys.of(tree)).collect();
        let is_new = |key: &u32| {
            let has = |set: &KeySet| set.binary_search(key).is_ok();
            !base.iter().any(has) && !before.iter().any(has)
        };
        for &key in own.iter().filter(|key| is_new(key)) {
            introduced.entry(key).or_default().push(nth);
        }
    }
    introduced
}

/// Adds the keys that merges bring back from before the range: those of its last tree that neither its bases
/// nor their common ancestors with it have.
fn brought_back(
    commits: &RangeCommits,
    tree: Oid,
    introduced: &mut IntroducedKeys,
    keys: &mut TreeKeys<'_>,
) {
    let before: Vec<KeySet> = commits.forks.iter().map(|&tree| keys.of(tree)).collect();
    let has = |set: &KeySet, key: u32| set.binary_search(&key).is_ok();
    for &key in keys.of(tree).iter() {
        if introduced.contains_key(&key) || before.iter().any(|set| has(set, key)) {
            continue;
        }
        let brings = |nth: &usize| {
            let node = &commits.list[*nth];
            has(&keys.of(node.tree), key)
                && node.parents.len() > 1
                && !node.parents.iter().all(|&parent| has(&keys.of(parent), key))
        };
        let merges: Vec<usize> = (0..commits.list.len()).filter(brings).collect();
        introduced.insert(key, if merges.is_empty() { vec![0] } else { merges });
    }
}

fn shallow_notice(range: &CommitRange, commits: &RangeCommits, is_shallow: bool) -> Option<Notice> {
    let what = match commits.shallow {
        0 if !range.is_parted => return None,
        0 => {
            "the common ancestor of both sides is not here, so everything counts that one side has and the \
             other has not"
                .to_owned()
        }
        count => format!(
            "the parents of {count} of the range's commits are not in this shallow clone, so \
             not all of the range was scanned"
        ),
    };
    let advice = match is_shallow {
        true => "check out with `fetch-depth: 0`, or run `git fetch --unshallow`",
        false => "`git fsck` names what is missing or damaged",
    };
    let message = format!("{what}; {advice}");
    Some(Notice { path: None, kind: NoticeKind::Shallow, message })
}

/// Says that `what` changes so many submodules, whose content nobody searches.
pub(super) fn submodule_notice(what: &str, count: usize) -> Option<Notice> {
    (count > 0).then(|| Notice {
        path: None,
        kind: NoticeKind::Submodule,
        message: format!(
            "{what} changes which commits of submodules are used ({count}); scan their content \
             in their own repositories"
        ),
    })
}
