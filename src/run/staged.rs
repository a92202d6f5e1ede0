//! Scans staged changes: what the next commit would add.
//!
//! A key is added if the changed files contain it more often than what they replace, compared with
//! every parent of the commit: moving or reformatting a file, or editing around an old key, adds
//! nothing, and a merge adds only what neither side had.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use keyside_exposure::can_change_exposure;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::archive::{container_of, search_archive};
use super::blob_search::pool;
use super::collect::FindingCollector;
use super::exposure;
use super::git_scan::GitScan;
use super::key_diff::{KeyDiff, KeyOccurrence};
use super::markers::InlineVerdict;
use super::named_files::NamedFiles;
use super::occurrence::OccurrenceBuilder;
use super::progress::Progress;
use super::range::submodule_notice;
use super::stray_markers::{stray_markers_of, stray_notices};
use crate::decode::Container;
use crate::model::{FilePath, Notice, Occurrence, Oid, Provenance, SourceKind, Summary};
use crate::scan::KeyMatch;
use crate::source::git::{
    FileContent, LfsStore, ObjectKind, ObjectReader, Pointer, ReadError, ReplacedEntry, RepoError,
    Snapshot, Staged, StagedChange, is_git_crypt, unreadable_object,
};
use crate::source::{Chunk, is_archive, is_media_file};

/// From this many files on, threads gain more than they cost to start.
const MANY: usize = 64;

/// Scans the staged changes, and `files`. The folder `cache` is that of changes which expose nothing.
pub(super) fn scan(
    scan: &GitScan<'_>,
    whole_file: bool,
    files: &[PathBuf],
    cache: Option<&Path>,
    collector: &mut FindingCollector,
) -> Result<(), RepoError> {
    let objects = scan.repository.objects()?;
    let staged = Staged::read(scan.repository, &objects, &mut collector.notices)?;
    let named = NamedFiles::of(scan, &staged, &objects, files, &mut collector.notices)?;
    let search = StagedSearch {
        builder: scan.builder,
        progress: scan.progress,
        objects: &objects,
        base: scan.base(),
        threads: scan.plan.tree.threads,
        lfs: &scan.lfs,
    };
    let changes = staged.changes.iter().filter(|change| change.is_new_content());
    let changes: Vec<_> = changes.chain(&named.changes).collect();
    let is_whole =
        |path: &[u8], is_named: bool| whole_file || is_named || named.whole.contains(path);
    let (mut hits, mut seeds) = (Vec::new(), Vec::new());
    let submodules = staged.changes.iter().filter(|change| change.is_new_submodule());
    let submodules: Vec<_> = submodules.filter(|change| !search.leaves_out(change)).collect();
    for &change in &submodules {
        search.name(change, &search.provenance(change), &staged, &mut hits);
    }
    let of_change = submodule_notice("the next commit", submodules.len());
    collector.notices.extend(of_change);
    for file in search.each(&changes, |change| search.file(change, &staged)) {
        collector.summary.add(&file.summary);
        collector.notices.extend(file.notices);
        seeds.extend(file.seed);
        if let Some((pointer, path)) = file.pointer {
            collector.kept_elsewhere.missing(&pointer, path);
        }
        collector.kept_elsewhere.encrypted.extend(file.encrypted);
        hits.extend(file.hits);
    }
    let (mut told, hits): (Vec<_>, Vec<_>) = hits.into_iter().partition(|hit| hit.is_named);
    let chosen = search.chosen(&staged, &hits, &mut collector.notices);
    // Without a key that is added, nothing was counted.
    let chosen = chosen.into_iter().chain(std::iter::repeat(false));
    for (mut hit, is_chosen) in hits.into_iter().zip(chosen) {
        hit.inline.is_old = !is_chosen;
        told.extend((is_chosen || is_whole(hit.path, false)).then_some(hit));
    }
    for hit in told {
        collector.occurrences(&hit.key).push((hit.occurrence, hit.inline));
    }
    named.read_untracked(scan, collector);
    let (changed, old) = search.changed(&staged);
    if seeds.is_empty() && changed.is_empty() {
        return Ok(());
    }
    let (options, base) = (&scan.plan.tree, scan.base());
    let parent = |&tree| Snapshot::of_tree(&objects, tree, (SourceKind::Head, tree), options, base);
    let change = exposure::StateChange {
        base: replaced_entries(&staged),
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
    change.report(scan.builder, cache, collector);
    Ok(())
}

/// For each file that is added or changed, its mode and content in the one parent, if it has it; `None` if
/// there are several, or if more than files was changed.
fn replaced_entries(staged: &Staged) -> Option<HashMap<String, Option<(u32, Oid)>>> {
    let ([replaced], [_]) = (&staged.replaced[..], &staged.parents[..]) else { return None };
    if replaced.iter().any(|old| old.is_gone || old.is_folder()) {
        return None;
    }
    let changes = staged.changes.iter();
    changes
        .map(|change| {
            let is_plain = change.stage == 0 && !change.is_intended;
            let old = change.old.first().copied().flatten();
            Some((utf8(&change.path).filter(|_| is_plain)?, old))
        })
        .collect()
}

/// A key in a changed file.
struct StagedHit<'p> {
    path: &'p [u8],
    /// True if it counts because its file was named.
    is_named: bool,
    key: KeyMatch<'p>,
    key_occurrence: KeyOccurrence,
    occurrence: Occurrence,
    inline: InlineVerdict,
}

/// The result of searching a changed file.
#[derive(Default)]
struct StagedFile<'p> {
    summary: Summary,
    notices: Vec<Notice>,
    hits: Vec<StagedHit<'p>>,
    /// Its path, if it may involve a secret.
    seed: Option<String>,
    /// The pointer that it is and its path, if what that leads to is not here.
    pointer: Option<(Pointer, FilePath)>,
    /// Its path, if it is encrypted.
    encrypted: Option<FilePath>,
}

/// The common context of the searching threads.
struct StagedSearch<'s> {
    builder: OccurrenceBuilder<'s>,
    progress: &'s Progress,
    objects: &'s ObjectReader<'s>,
    base: &'s Path,
    threads: usize,
    lfs: &'s LfsStore,
}

impl<'s> StagedSearch<'s> {
    /// Applies `work` to each item, in several threads if there are many.
    fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        if items.len() >= MANY
            && self.threads != 1
            && let Some(pool) = pool(self.threads)
        {
            return pool.install(|| items.par_iter().map(&work).collect());
        }
        items.iter().map(work).collect()
    }

    /// The files that are changed or deleted and [can change what clients get](can_change_exposure); and
    /// all that are replaced or deleted. A deleted folder stands for its files, in the former list
    /// with a slash at its end.
    fn changed(&self, staged: &Staged) -> (Vec<String>, Vec<String>) {
        let (mut changed, mut old) = (BTreeSet::new(), BTreeSet::new());
        let can_matter =
            |path: &String| can_change_exposure(path) && !self.is_excluded(Path::new(path));
        let new = staged.changes.iter().filter(|change| change.is_new_content());
        changed.extend(new.filter_map(|change| utf8(&change.path)).filter(can_matter));
        for one in staged.replaced.iter().flatten() {
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
        let exclude = self.builder.plan.tree.exclude.as_ref();
        exclude.is_some_and(|meant| meant(&self.base.join(path), false))
    }

    /// True if the user excludes the path of a change.
    fn leaves_out(&self, change: &StagedChange) -> bool {
        self.is_excluded(&FilePath::from_bytes(&change.path).to_path())
    }

    fn provenance(&self, change: &StagedChange) -> Provenance {
        Provenance {
            source: SourceKind::Index,
            path: self.builder.shown(FilePath::from_bytes(&change.path)),
            commit: None,
            blob: Some(change.oid),
            inside: None,
        }
    }

    /// Searches a changed file.
    fn file(&self, change: &'s StagedChange, staged: &Staged) -> StagedFile<'s> {
        let mut file = StagedFile::default();
        if self.leaves_out(change) {
            file.summary.skipped_excluded = 1;
            return file;
        }
        let system_path = FilePath::from_bytes(&change.path).to_path();
        let provenance = self.provenance(change);
        self.name(change, &provenance, staged, &mut file.hits);
        let text = match self.content(change.oid) {
            Ok(Some(FileContent::Own(text) | FileContent::Kept(text))) => text,
            Ok(Some(FileContent::Missing(pointer, text))) => {
                file.pointer = Some((pointer, provenance.path.clone()));
                text
            }
            Ok(Some(FileContent::Large(_)) | None) => {
                file.summary.skipped_large = 1;
                return file;
            }
            Err(why) => {
                let what = format!("the staged content {:.12}", change.oid);
                file.notices.push(unreadable_object(&what, Some(&change.path), &why));
                return file;
            }
        };
        let container = container_of(self.builder.plan.archives, &change.path, &text);
        if is_media_file(&system_path, &text) {
            file.summary.skipped_media = 1;
            // Its pixels are not searched, but its texts are.
            if let Some(container) = container {
                self.archive(change, (container, &text), &provenance, &mut file);
            }
            return file;
        }
        file.summary.files = 1;
        file.summary.blobs = 1;
        file.summary.bytes = text.len() as u64;
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
        file.summary.skipped_archives = u64::from(container.is_none() && is_archive(&text));
        file.encrypted = is_git_crypt(&text).then(|| provenance.path.clone());
        let chunk = Chunk::whole(&text);
        let found = self.builder.scanner.find(&chunk);
        if found.is_seed {
            file.seed = utf8(&change.path);
        }
        let markers = stray_markers_of(&self.builder, &chunk, &found);
        file.notices.extend(stray_notices(&provenance.path, markers));
        let builder = OccurrenceBuilder { is_old: change.is_named(), ..self.builder };
        let placed = builder.place_whole(&provenance, &chunk, &found);
        for (key, occurrence, _) in &placed {
            self.progress.found.add(key.id(), &key.rule.id, || {
                format!("{}:{}", occurrence.provenance.path, occurrence.region.start.line)
            });
        }
        file.hits.extend(placed.into_iter().map(|(key, occurrence, inline)| StagedHit {
            path: &change.path,
            is_named: change.is_named(),
            key_occurrence: KeyOccurrence::of(key, Some(&chunk)),
            key: key.clone(),
            occurrence,
            inline,
        }));
        if let Some(container) = container {
            self.archive(change, (container, &text), &provenance, &mut file);
        }
        file
    }

    /// Searches the texts in a changed file that is an archive.
    fn archive(
        &self,
        change: &'s StagedChange,
        archive: (&dyn Container, &[u8]),
        provenance: &Provenance,
        file: &mut StagedFile<'s>,
    ) {
        let (path, is_named) = (&change.path[..], change.is_named());
        let hits = &mut file.hits;
        let notices = search_archive(self.builder, archive, provenance, &mut |found| {
            hits.push(StagedHit {
                path,
                is_named,
                key_occurrence: KeyOccurrence::of(&found.key, found.chunk),
                key: found.key,
                occurrence: found.occurrence,
                inline: found.inline,
            });
        });
        file.notices.extend(notices);
    }

    /// Searches the name of an added file. A key in the name of an existing folder is not added.
    fn name(
        &self,
        change: &'s StagedChange,
        provenance: &Provenance,
        staged: &Staged,
        hits: &mut Vec<StagedHit<'s>>,
    ) {
        if change.old.iter().any(Option::is_some) {
            return;
        }
        for (key, occurrence) in self.builder.in_name(&change.path, || provenance.clone()) {
            let rest = change.path.get(key.span.end..).unwrap_or_default();
            let is_old = memchr::memchr(b'/', rest).is_some_and(|slash| {
                staged.parent_has(self.objects, &change.path[..key.span.end + slash])
            });
            let is_named = change.is_named();
            if is_named || !is_old {
                let (path, key_occurrence) = (&change.path[..], KeyOccurrence::of(&key, None));
                hits.push(StagedHit {
                    path,
                    is_named,
                    key,
                    key_occurrence,
                    occurrence,
                    inline: self.builder.unmarked(),
                });
            }
        }
    }

    /// The content of a file; `None` if it exceeds the user's size limit.
    fn content(&self, oid: Oid) -> Result<Option<FileContent>, ReadError> {
        if oid.is_empty_blob() {
            return Ok(Some(FileContent::Own(Vec::new())));
        }
        if let Some(limit) = self.builder.plan.tree.max_file_size
            && self.objects.size(oid)? > limit
        {
            return Ok(None);
        }
        let own = self.objects.read_as(ObjectKind::Blob, oid)?;
        Ok(Some(self.lfs.content(own)))
    }

    /// Selects the added ones of `hits`. Old contents are read only here, and those at other paths
    /// only if the paths of the hits do not decide.
    fn chosen(
        &self,
        staged: &Staged,
        hits: &[StagedHit<'_>],
        notices: &mut Vec<Notice>,
    ) -> Vec<bool> {
        let mut key_diff = KeyDiff::new(staged.parents.len());
        hits.iter().for_each(|hit| key_diff.add_new(&hit.key_occurrence));
        if !key_diff.any() {
            return Vec::new();
        }
        let mut known = OldKeys::new();
        let paths: HashSet<&[u8]> = hits.iter().map(|hit| hit.path).collect();
        let is_here = |old: &ReplacedEntry| !old.is_gone && paths.contains(&old.path[..]);
        for (parent, replaced) in staged.replaced.iter().enumerate() {
            let replaced: Vec<_> = replaced.iter().filter(|old| is_here(old)).collect();
            self.search_old(&replaced, &mut known, notices);
            for old in replaced {
                key_diff.add_old(parent, Some(&old.path), &known[&old.oid]);
            }
        }
        for parent in 0..staged.parents.len() {
            if !key_diff.any() {
                break;
            }
            let replaced = staged.replaced_files(self.objects, parent, notices);
            let replaced: Vec<_> = replaced.iter().filter(|old| !is_here(old)).collect();
            self.search_old(&replaced, &mut known, notices);
            for old in replaced {
                key_diff.add_old(parent, None, &known[&old.oid]);
                if old.is_gone {
                    key_diff.add_old(parent, None, &self.keys_in_name(&old.path));
                }
            }
        }
        let key_occurrences =
            hits.iter().map(|hit| (hit.path, &hit.key_occurrence, hit.inline.accepted.is_some()));
        key_diff.choose(&key_occurrences.collect::<Vec<_>>())
    }

    /// Searches old contents, each once.
    fn search_old(
        &self,
        replaced: &[&ReplacedEntry],
        known: &mut OldKeys,
        notices: &mut Vec<Notice>,
    ) {
        let mut seen = HashSet::new();
        let wanted =
            replaced.iter().filter(|old| !known.contains_key(&old.oid) && seen.insert(old.oid));
        let wanted: Vec<_> = wanted.collect();
        let searched = self.each(&wanted, |old| {
            let text = match old.oid {
                oid if oid.is_empty_blob() => Vec::new(),
                oid => {
                    let own = self.objects.read_as(ObjectKind::Blob, oid)?;
                    self.lfs.content(own).into_bytes()
                }
            };
            let chunk = Chunk::whole(&text);
            let keys = self.builder.scanner.find(&chunk).keys;
            let keys = keys.iter().map(|key| KeyOccurrence::of(key, Some(&chunk)));
            let mut old_keys: Vec<_> = keys.collect();
            if let Some(container) = container_of(self.builder.plan.archives, &old.path, &text) {
                let outer = Provenance::tree(FilePath::from_bytes(&old.path));
                search_archive(self.builder, (container, &text), &outer, &mut |found| {
                    old_keys.push(KeyOccurrence::of(&found.key, found.chunk));
                });
            }
            Ok(old_keys)
        });
        let mut failed: Option<(&ReplacedEntry, ReadError, usize)> = None;
        for (old, searched) in wanted.iter().zip(searched) {
            let key_occurrences = searched.unwrap_or_else(|why| {
                failed.get_or_insert((old, why, 0)).2 += 1;
                Vec::new()
            });
            known.insert(old.oid, key_occurrences);
        }
        // In a partial clone, there may be thousands.
        if let Some((old, why, count)) = failed {
            let what = format!("{count} of the previous contents, so that old keys count as new,");
            notices.push(unreadable_object(&what, Some(&old.path), &why));
        }
    }

    fn keys_in_name(&self, path: &[u8]) -> Vec<KeyOccurrence> {
        if !self.builder.scanner.has_keyword(path) {
            return Vec::new();
        }
        let keys = self.builder.scanner.find(&Chunk::whole(path)).keys;
        keys.iter().map(|key| KeyOccurrence::of(key, None)).collect()
    }
}

fn utf8(path: &[u8]) -> Option<String> {
    std::str::from_utf8(path).ok().map(ToOwned::to_owned)
}

/// The keys in old contents.
type OldKeys = HashMap<Oid, Vec<KeyOccurrence>>;
