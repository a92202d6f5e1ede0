//! What the next commit would add.
//!
//! A key is added if the changed files hold it more often than what they replace, compared with
//! every parent of the commit: moving or reformatting a file, or editing round an old key, adds
//! nothing, and a merge adds only what neither side had.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use keyside_exposure::can_matter;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::added::{Added, Stand};
use super::blobs::pool;
use super::drafts::Gathered;
use super::named::Named;
use super::placing::Placer;
use super::repository::Scan;
use super::worker::{is_utf32, utf32_notice};
use super::{Progress, exposure};
use crate::model::{FilePath, Notice, Occurrence, Oid, Origin, Source, Summary, Suppression};
use crate::scan::Match;
use crate::source::git::{
    Change, Kind, Objects, Old, ReadError, RepoError, Snapshot, Staged, unread,
};
use crate::source::{Piece, is_media_file};

/// From so many files on, threads gain more than they cost to start.
const MANY: usize = 64;

/// The file without content, which git knows without storing it.
const EMPTY_BLOB: Oid = Oid([
    0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8, 0xc2,
    0xe4, 0x8c, 0x53, 0x91,
]);

/// Scans what is staged, and `files`.
pub(super) fn scan(
    scan: &Scan<'_>,
    whole_file: bool,
    files: &[PathBuf],
    gathered: &mut Gathered,
) -> Result<(), RepoError> {
    let objects = scan.repository.objects()?;
    let staged = Staged::read(scan.repository, &objects, &mut gathered.notices)?;
    let named = Named::of(scan, &staged, &objects, files, &mut gathered.notices)?;
    let search = Search {
        placer: scan.placer,
        progress: scan.progress,
        objects: &objects,
        base: scan.base(),
        threads: scan.plan.tree.threads,
    };
    let changes = staged.changes.iter().filter(|change| change.is_new_content());
    let changes: Vec<_> = changes.chain(&named.changes).collect();
    let is_whole =
        |path: &[u8], is_named: bool| whole_file || is_named || named.whole.contains(path);
    let (mut hits, mut seeds) = (Vec::new(), Vec::new());
    for file in search.each(&changes, |change| search.file(change, &staged)) {
        gathered.summary.add(&file.summary);
        gathered.notices.extend(file.notices);
        seeds.extend(file.seed);
        hits.extend(file.hits);
    }
    let (mut told, hits): (Vec<_>, Vec<_>) =
        hits.into_iter().partition(|hit| is_whole(hit.path, hit.is_named));
    let chosen = search.chosen(&staged, &hits, &mut gathered.notices);
    told.extend(
        hits.into_iter().zip(chosen).filter_map(|(hit, is_chosen)| is_chosen.then_some(hit)),
    );
    for hit in told {
        gathered.draft(&hit.key).push((hit.occurrence, hit.accepted));
    }
    named.read_untracked(scan, gathered);
    let (changed, old) = search.changed(&staged);
    if seeds.is_empty() && changed.is_empty() {
        return Ok(());
    }
    let (options, base) = (&scan.plan.tree, scan.base());
    let parent = |&tree| Snapshot::of_tree(&objects, tree, (Source::Head, tree), options, base);
    let change = exposure::Change {
        after: Snapshot::of_index(scan.repository, &objects, options, base)?,
        before: staged.parents.iter().flatten().map(parent).collect(),
        seeds,
        changed,
        old,
        whole: changes
            .iter()
            .filter(|change| is_whole(&change.path, change.is_named()))
            .filter_map(|change| utf8(&change.path))
            .collect(),
    };
    change.tell(scan.placer, gathered);
    Ok(())
}

/// A key in a changed file.
struct Hit<'p> {
    path: &'p [u8],
    /// Whether it counts because its file was named.
    is_named: bool,
    key: Match<'p>,
    stand: Stand,
    occurrence: Occurrence,
    accepted: Option<Suppression>,
}

/// What came of a changed file.
#[derive(Default)]
struct File<'p> {
    summary: Summary,
    notices: Vec<Notice>,
    hits: Vec<Hit<'p>>,
    /// Its path, if it may have to do with a secret.
    seed: Option<String>,
}

/// What all threads search with.
struct Search<'s> {
    placer: Placer<'s>,
    progress: &'s Progress,
    objects: &'s Objects<'s>,
    base: &'s Path,
    threads: usize,
}

impl<'s> Search<'s> {
    /// Does `work` for each item, on several threads if there are many.
    fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        if items.len() >= MANY
            && self.threads != 1
            && let Some(pool) = pool(self.threads)
        {
            return pool.install(|| items.par_iter().map(&work).collect());
        }
        items.iter().map(work).collect()
    }

    /// The files that are changed or gone and [can matter](can_matter) to what clients get, and all
    /// that are replaced or gone. A folder that is gone as a whole stands for its files, in the
    /// former with a slash at its end.
    fn changed(&self, staged: &Staged) -> (Vec<String>, Vec<String>) {
        let (mut changed, mut old) = (BTreeSet::new(), BTreeSet::new());
        let can_matter = |path: &String| can_matter(path) && !self.is_excluded(Path::new(path));
        let new = staged.changes.iter().filter(|change| change.is_new_content());
        changed.extend(new.filter_map(|change| utf8(&change.path)).filter(can_matter));
        for one in staged.olds.iter().flatten() {
            let Some(path) = utf8(&one.path) else { continue };
            if one.is_folder() {
                changed.insert(format!("{path}/"));
            } else {
                changed.extend(Some(path.clone()).filter(can_matter));
            }
            old.insert(path);
        }
        (changed.into_iter().collect(), old.into_iter().collect())
    }

    fn is_excluded(&self, path: &Path) -> bool {
        let exclude = self.placer.plan.tree.exclude.as_ref();
        exclude.is_some_and(|meant| meant(&self.base.join(path), false))
    }

    /// Searches a changed file.
    fn file(&self, change: &'s Change, staged: &Staged) -> File<'s> {
        let mut file = File::default();
        let path = FilePath::from_bytes(&change.path);
        let system_path = path.to_path();
        if self.is_excluded(&system_path) {
            file.summary.skipped_excluded = 1;
            return file;
        }
        let origin = Origin {
            source: Source::Index,
            path: self.placer.shown(path),
            commit: None,
            blob: Some(change.oid),
        };
        self.name(change, &origin, staged, &mut file.hits);
        let text = match self.content(change.oid) {
            Ok(Some(text)) => text,
            Ok(None) => {
                file.summary.skipped_large = 1;
                return file;
            }
            Err(why) => {
                let what = format!("the staged content {:.12}", change.oid);
                file.notices.push(unread(&what, Some(&change.path), &why));
                return file;
            }
        };
        if is_media_file(&system_path, &text) {
            file.summary.skipped_media = 1;
            return file;
        }
        file.summary.files = 1;
        file.summary.blobs = 1;
        file.summary.bytes = text.len() as u64;
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
        if is_utf32(&text) {
            file.notices.push(utf32_notice(&system_path));
        }
        let piece = Piece::whole(&text);
        let mut found = self.placer.scanner.find(&piece);
        if found.is_seed {
            file.seed = utf8(&change.path);
        }
        let placed = self.placer.place_whole(&origin, &piece, &found);
        let placed: Vec<_> = placed.into_iter().map(|(_, place, by)| (place, by)).collect();
        let keys = std::mem::take(&mut found.keys);
        let reported = keys.into_iter().filter(|key| key.rule.is_reported());
        file.hits.extend(reported.zip(placed).map(|(key, (occurrence, accepted))| Hit {
            path: &change.path,
            is_named: change.is_named(),
            stand: Stand::of(&key, Some(&piece)),
            key,
            occurrence,
            accepted,
        }));
        file
    }

    /// Searches the name of an added file. A key in the name of a folder that was there before is
    /// not added.
    fn name(&self, change: &'s Change, origin: &Origin, staged: &Staged, hits: &mut Vec<Hit<'s>>) {
        if change.old.iter().any(Option::is_some) {
            return;
        }
        for (key, occurrence) in self.placer.in_name(&change.path, || origin.clone()) {
            let rest = change.path.get(key.span.end..).unwrap_or_default();
            let is_old = memchr::memchr(b'/', rest).is_some_and(|slash| {
                staged.has_old(self.objects, &change.path[..key.span.end + slash])
            });
            let is_named = change.is_named();
            if is_named || !is_old {
                let (path, stand) = (&change.path[..], Stand::of(&key, None));
                hits.push(Hit { path, is_named, key, stand, occurrence, accepted: None });
            }
        }
    }

    /// The content of a file; `None` if it is larger than the user wants.
    fn content(&self, oid: Oid) -> Result<Option<Vec<u8>>, ReadError> {
        if oid == EMPTY_BLOB {
            return Ok(Some(Vec::new()));
        }
        if let Some(limit) = self.placer.plan.tree.max_file_size
            && self.objects.size(oid)? > limit
        {
            return Ok(None);
        }
        self.objects.read_as(Kind::Blob, oid).map(Some)
    }

    /// Which of `hits` are added. Old contents are read only here, and those at other paths only if
    /// the paths of the hits do not tell.
    fn chosen(&self, staged: &Staged, hits: &[Hit<'_>], notices: &mut Vec<Notice>) -> Vec<bool> {
        let mut added = Added::new(staged.parents.len());
        hits.iter().for_each(|hit| added.add_new(&hit.stand));
        if !added.any() {
            return Vec::new();
        }
        let mut known = Known::new();
        let paths: HashSet<&[u8]> = hits.iter().map(|hit| hit.path).collect();
        let is_here = |old: &Old| !old.is_gone && paths.contains(&old.path[..]);
        for (parent, olds) in staged.olds.iter().enumerate() {
            let olds: Vec<_> = olds.iter().filter(|old| is_here(old)).collect();
            self.search_old(&olds, &mut known, notices);
            for old in olds {
                added.add_old(parent, Some(&old.path), &known[&old.oid]);
            }
        }
        for parent in 0..staged.parents.len() {
            if !added.any() {
                break;
            }
            let olds = staged.old_files(self.objects, parent, notices);
            let olds: Vec<_> = olds.iter().filter(|old| !is_here(old)).collect();
            self.search_old(&olds, &mut known, notices);
            for old in olds {
                added.add_old(parent, None, &known[&old.oid]);
                if old.is_gone {
                    added.add_old(parent, None, &self.stands_in_name(&old.path));
                }
            }
        }
        let stands = hits.iter().map(|hit| (hit.path, &hit.stand, hit.accepted.is_some()));
        added.choose(&stands.collect::<Vec<_>>())
    }

    /// Searches old contents, each once.
    fn search_old(&self, olds: &[&Old], known: &mut Known, notices: &mut Vec<Notice>) {
        let mut seen = HashSet::new();
        let wanted =
            olds.iter().filter(|old| !known.contains_key(&old.oid) && seen.insert(old.oid));
        let wanted: Vec<_> = wanted.collect();
        let searched = self.each(&wanted, |old| {
            let text = match old.oid {
                EMPTY_BLOB => Vec::new(),
                oid => self.objects.read_as(Kind::Blob, oid)?,
            };
            let piece = Piece::whole(&text);
            let keys = self.placer.scanner.find(&piece).keys;
            Ok(keys.iter().map(|key| Stand::of(key, Some(&piece))).collect())
        });
        let mut failed: Option<(&Old, ReadError, usize)> = None;
        for (old, searched) in wanted.iter().zip(searched) {
            let stands = searched.unwrap_or_else(|why| {
                failed.get_or_insert((old, why, 0)).2 += 1;
                Vec::new()
            });
            known.insert(old.oid, stands);
        }
        // In a partial clone, it may be thousands.
        if let Some((old, why, count)) = failed {
            let what = format!("{count} of the contents before, so that old keys count as new,");
            notices.push(unread(&what, Some(&old.path), &why));
        }
    }

    fn stands_in_name(&self, path: &[u8]) -> Vec<Stand> {
        if !self.placer.scanner.has_keyword(path) {
            return Vec::new();
        }
        let keys = self.placer.scanner.find(&Piece::whole(path)).keys;
        keys.iter().map(|key| Stand::of(key, None)).collect()
    }
}

fn utf8(path: &[u8]) -> Option<String> {
    std::str::from_utf8(path).ok().map(ToOwned::to_owned)
}

/// The keys in old contents.
type Known = HashMap<Oid, Vec<Stand>>;
