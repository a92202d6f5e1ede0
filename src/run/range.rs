//! What the commits of a range add: keys in files that are in a commit and in none of its
//! parents, and that the base does not have already; and keys in what the commits say.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use keyside_exposure::can_matter;
use rayon::prelude::{ParallelIterator, ParallelSlice};

use super::blobs::{Blobs, KeyId};
use super::drafts::Gathered;
use super::exposure;
use super::range_report::Telling;
use super::repository::{Scan, Selection};
use super::tree_keys::{Keys, TreeKeys};
use super::worker::utf32_notice;
use crate::model::{FilePath, Notice, NoticeKind, Oid, Source};
use crate::source::git::{
    Added, Commit, Diff, Kind, Objects, ReadError, RepoError, Snapshot, Span,
};

/// So few commits are compared by the calling thread.
const FEW: usize = 64;

/// How many of the commits that a range begins at are looked at as what was there before.
const MAX_BASES: usize = 16;

/// Scans what the commits of a range add; whether there was none.
pub(super) fn scan(
    scan: &Scan<'_>,
    span: &Span,
    selection: &Selection,
    gathered: &mut Gathered,
) -> Result<bool, RepoError> {
    let objects = scan.repository.objects()?;
    let head = scan.repository.head()?;
    let blobs = Blobs::new(scan, &objects);
    let mut keys = TreeKeys::new(blobs);
    let commits = Commits::read(scan, &objects, span, &mut keys);
    let selected = commits.selected(scan, span, selection)?;
    if selected.is_empty() {
        gathered.notices.extend(keys.unread.into_notices(scan.repository.is_partial()));
        return Ok(true);
    }
    for &nth in &selected {
        gathered.summary.commits += 1;
        gathered.summary.bytes += commits.list[nth].size as u64;
    }
    let met = Met::of_all(blobs, &commits, &selected);
    let touched = (selected.len() < commits.list.len()).then(|| met.touched.clone());
    let seeds = search_added(scan, blobs, met, &mut keys, gathered);
    let mut telling = Telling::new(scan, &objects, span, &commits, head);
    telling.messages(&selected, &mut keys, gathered);
    if keys.count() > 0 {
        let base: Vec<Keys> = commits.bases.iter().map(|&tree| keys.of(tree)).collect();
        let introduced = introduced(&commits, &selected, &base, &mut keys);
        telling.files(&introduced, &mut keys, gathered);
        telling.histories(&introduced, &mut keys, gathered);
    }
    if let Some(tree) = telling.tree(span.tip) {
        let (options, base) = (&scan.plan.tree, scan.base());
        let state = |tree, name| Snapshot::of_tree(&objects, tree, name, options, base);
        let source = if head == Some(span.tip) { Source::Head } else { Source::Commit };
        let before = commits.bases.iter().map(|&tree| state(tree, (Source::Commit, span.tip)));
        let before = before.collect();
        let after = state(tree, (source, span.tip));
        let (mut changed, old) = changed(blobs, tree, &commits.bases);
        // Of some commits of the range, only what they themselves bring in.
        changed.retain(|path| touched.as_ref().is_none_or(|touched| touched.contains(path)));
        if !seeds.is_empty() || !changed.is_empty() {
            let whole = HashSet::new();
            let change = exposure::Change { after, before, seeds, changed, old, whole };
            change.tell(scan.placer, gathered);
        }
    }
    gathered.notices.extend(shallow_notice(span, &commits));
    gathered.notices.extend(keys.unread.into_notices(scan.repository.is_partial()));
    Ok(false)
}

/// A commit of the range.
pub(super) struct Node {
    pub(super) oid: Oid,
    pub(super) tree: Oid,
    /// The trees of those parents that are there.
    pub(super) parents: Vec<Oid>,
    /// Whether a parent is not there.
    pub(super) is_cut: bool,
    pub(super) committed: i64,
    /// Whether it says something that may be a key.
    pub(super) has_keyword: bool,
    size: usize,
}

/// The commits of the range, children before their parents.
pub(super) struct Commits {
    pub(super) list: Vec<Node>,
    /// The trees of the bases.
    bases: Vec<Oid>,
    /// How many commits have parents that a shallow clone leaves out.
    shallow: usize,
}

impl Commits {
    fn read(scan: &Scan<'_>, objects: &Objects<'_>, span: &Span, keys: &mut TreeKeys<'_>) -> Self {
        let ends = scan.repository.shallow_ends();
        let mut trees = HashMap::new();
        let mut list = Vec::new();
        let mut parents_of = Vec::new();
        for &oid in &span.commits {
            match read(objects, oid) {
                Ok((commit, bytes)) => {
                    trees.insert(oid, Some(commit.tree));
                    list.push(Node {
                        oid,
                        tree: commit.tree,
                        parents: Vec::new(),
                        is_cut: false,
                        committed: commit.committed,
                        has_keyword: scan.scanner.has_keyword(&bytes),
                        size: bytes.len(),
                    });
                    parents_of.push(commit.parents);
                }
                Err(why) => keys.unread.note(oid, oid.to_string().as_bytes(), &why),
            }
        }
        let mut tree_of = |oid: Oid, is_end: bool| {
            *trees.entry(oid).or_insert_with(|| match read(objects, oid) {
                Ok((commit, _)) => Some(commit.tree),
                Err(ReadError::Missing) if is_end => None,
                Err(why) => {
                    keys.unread.note(oid, oid.to_string().as_bytes(), &why);
                    None
                }
            })
        };
        let mut shallow = 0;
        let own: HashSet<Oid> =
            span.commits.iter().copied().filter(|_| span.knows_parents).collect();
        let mut outer: Vec<Oid> = Vec::new();
        for (node, parents) in list.iter_mut().zip(parents_of) {
            let is_end = ends.contains(&node.oid);
            if span.knows_parents && !is_end {
                outer.extend(parents.iter().filter(|parent| !own.contains(parent)));
            }
            let there = parents.iter().filter_map(|&parent| tree_of(parent, is_end));
            node.parents = there.collect();
            node.is_cut = node.parents.len() < parents.len();
            shallow += usize::from(is_end && node.is_cut);
        }
        let mut known = span.bases.clone();
        known.extend(outer.into_iter().take(MAX_BASES));
        let mut bases: Vec<Oid> = known.iter().filter_map(|&base| tree_of(base, false)).collect();
        bases.sort_unstable();
        bases.dedup();
        Self { list, bases, shallow }
    }

    /// Those of the range that count, children before their parents.
    fn selected(
        &self,
        scan: &Scan<'_>,
        span: &Span,
        selection: &Selection,
    ) -> Result<Vec<usize>, RepoError> {
        let mut selected: Vec<usize> = (0..self.list.len()).collect();
        if !selection.branches.is_empty() {
            let reached = span.reached_by(scan.repository, &selection.branches)?;
            selected.retain(|&nth| reached.contains(&self.list[nth].oid));
        }
        let time = |nth: usize| self.list[nth].committed;
        selected.retain(|&nth| {
            selection.since.is_none_or(|since| time(nth) >= since)
                && selection.until.is_none_or(|until| time(nth) <= until)
        });
        if let Some(most) = selection.max_count {
            selected.sort_by_key(|&nth| (Reverse(time(nth)), nth));
            selected.truncate(most);
            selected.sort_unstable();
        }
        Ok(selected)
    }

    /// The oldest of some commits: by their times, then by their order.
    pub(super) fn oldest(&self, some: impl Iterator<Item = usize>) -> Option<usize> {
        some.min_by_key(|&nth| (self.list[nth].committed, Reverse(nth)))
    }
}

fn read(objects: &Objects<'_>, oid: Oid) -> Result<(Commit, Vec<u8>), ReadError> {
    let bytes = objects.read_as(Kind::Commit, oid)?;
    match Commit::parse(&bytes) {
        Some(commit) => Ok((commit, bytes)),
        None => Err(ReadError::Damaged("it is no commit that can be understood".to_owned())),
    }
}

/// The files that differ between `tree` and the trees of the bases and [can matter](can_matter) to
/// what clients get, those that are gone, too; and all that are replaced or gone.
fn changed(blobs: Blobs<'_>, tree: Oid, bases: &[Oid]) -> (Vec<String>, Vec<String>) {
    let (mut changed, mut old) = (BTreeSet::new(), BTreeSet::new());
    let mut diff = |tree, others: &[Oid], is_old: bool| {
        Diff::new(blobs.objects, blobs.excludes()).added(tree, others, &mut |added| match added {
            Added::File { path, .. } => {
                changed.extend(mattering(blobs, path));
                old.extend(std::str::from_utf8(path).ok().filter(|_| is_old).map(str::to_owned));
            }
            // Comparing the commits has told what cannot be read.
            Added::Name { .. } | Added::Submodule { .. } | Added::Unread { .. } => {}
        });
    };
    diff(tree, bases, false);
    for &base in bases {
        diff(base, &[tree], true);
    }
    (changed.into_iter().collect(), old.into_iter().collect())
}

fn mattering(blobs: Blobs<'_>, path: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(path).ok().filter(|path| can_matter(path))?;
    (!blobs.is_excluded(path, false)).then(|| text.to_owned())
}

/// What commits add, before the files among it are searched.
#[derive(Default)]
struct Met {
    /// Files, each with the first path at which it was met.
    files: Vec<(Oid, Vec<u8>)>,
    /// Keys in names.
    names: Vec<KeyId>,
    excluded: HashSet<Vec<u8>>,
    submodules: HashSet<Vec<u8>>,
    unread: Vec<(Oid, Vec<u8>, ReadError)>,
    /// The paths of files that can matter to what clients get.
    touched: HashSet<String>,
}

impl Met {
    /// What some commits add to their parents.
    fn of(blobs: Blobs<'_>, commits: &Commits, some: &[usize]) -> Self {
        let mut diff = Diff::new(blobs.objects, blobs.excludes());
        let mut met = Self::default();
        let mut known = HashSet::new();
        for node in some.iter().map(|&nth| &commits.list[nth]) {
            diff.added(node.tree, &node.parents, &mut |added| match added {
                Added::Name { path, name, is_folder } => {
                    let keys = blobs.keys_in(name);
                    if !keys.is_empty() && !blobs.is_excluded(path, is_folder) {
                        met.names.extend(keys);
                    }
                }
                Added::File { path, .. } if blobs.is_excluded(path, false) => {
                    met.excluded.insert(path.to_owned());
                }
                Added::File { path, oid } => {
                    met.touched.extend(mattering(blobs, path));
                    if known.insert(oid) {
                        met.files.push((oid, path.to_owned()));
                    }
                }
                Added::Submodule { path } => drop(met.submodules.insert(path.to_owned())),
                Added::Unread { path, oid, why } => met.unread.push((oid, path.to_owned(), why)),
            });
        }
        met
    }

    /// The same in several threads, if it is worth it.
    fn of_all(blobs: Blobs<'_>, commits: &Commits, all: &[usize]) -> Self {
        let Some(pool) = (all.len() > FEW).then(|| blobs.pool()).flatten() else {
            return Self::of(blobs, commits, all);
        };
        // Commits that follow each other have most in common.
        let size = all.len().div_ceil(4 * pool.current_num_threads()).max(FEW / 2);
        let parts: Vec<Self> = pool
            .install(|| all.par_chunks(size).map(|some| Self::of(blobs, commits, some)).collect());
        let mut met = Self::default();
        let mut known = HashSet::new();
        for part in parts {
            met.files.extend(part.files.into_iter().filter(|(oid, _)| known.insert(*oid)));
            met.names.extend(part.names);
            met.excluded.extend(part.excluded);
            met.submodules.extend(part.submodules);
            met.unread.extend(part.unread);
            met.touched.extend(part.touched);
        }
        met
    }
}

/// Searches each file once that a commit has and its parents have not, and lets the keys count
/// that are in them. Gives the paths of those that may have to do with a secret.
fn search_added(
    scan: &Scan<'_>,
    blobs: Blobs<'_>,
    met: Met,
    keys: &mut TreeKeys<'_>,
    gathered: &mut Gathered,
) -> Vec<String> {
    for key in met.names {
        keys.learn(key);
    }
    for (oid, path, why) in met.unread {
        keys.unread.note(oid, &path, &why);
    }
    gathered.summary.skipped_excluded += met.excluded.len() as u64;
    gathered.notices.extend(submodule_notice(met.submodules.len()));
    let mut seeds = Vec::new();
    for (oid, path, searched) in blobs.search(&met.files) {
        match searched {
            Ok(blob) if blob.is_large => gathered.summary.skipped_large += 1,
            Ok(blob) => {
                gathered.summary.blobs += 1;
                gathered.summary.bytes += blob.size;
                if blob.is_utf32 {
                    let path = scan.placer.shown(FilePath::from_bytes(path));
                    gathered.notices.push(utf32_notice(&path.to_path()));
                }
                if blob.is_seed {
                    seeds.extend(std::str::from_utf8(path).ok().map(ToOwned::to_owned));
                }
                keys.learn_blob(oid, &blob);
            }
            Err(why) => keys.unread.note(oid, path, &why),
        }
    }
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

/// The keys that selected commits introduce, each with these commits.
pub(super) type Introduced = BTreeMap<u32, Vec<usize>>;

fn introduced(
    commits: &Commits,
    selected: &[usize],
    base: &[Keys],
    keys: &mut TreeKeys<'_>,
) -> Introduced {
    let mut introduced = Introduced::new();
    for &nth in selected {
        let node = &commits.list[nth];
        let own = keys.of(node.tree);
        if own.is_empty() {
            continue;
        }
        let before: Vec<Keys> = node.parents.iter().map(|&tree| keys.of(tree)).collect();
        let is_new = |key: &u32| {
            let has = |set: &Keys| set.binary_search(key).is_ok();
            !base.iter().any(has) && !before.iter().any(has)
        };
        for &key in own.iter().filter(|key| is_new(key)) {
            introduced.entry(key).or_default().push(nth);
        }
    }
    introduced
}

fn shallow_notice(span: &Span, commits: &Commits) -> Option<Notice> {
    let what = match commits.shallow {
        0 if !span.is_parted => return None,
        0 => "the common ancestor of both sides is not in this shallow clone, so that all counts \
              that one side has and the other has not"
            .to_owned(),
        count => format!(
            "the parents of {count} of the range's commits are not in this shallow clone, so that \
             not all of the range was seen"
        ),
    };
    Some(Notice {
        path: None,
        kind: NoticeKind::Shallow,
        message: format!("{what}; check out with `fetch-depth: 0`, or run `git fetch --unshallow`"),
    })
}

fn submodule_notice(count: usize) -> Option<Notice> {
    (count > 0).then(|| Notice {
        path: None,
        kind: NoticeKind::Submodule,
        message: format!(
            "the range changes which commits of submodules are used ({count}); what these hold is \
             scanned in their own repositories"
        ),
    })
}
