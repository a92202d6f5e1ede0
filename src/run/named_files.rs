//! Files that are passed to a hook by name, in addition to what is staged: `pre-commit run
//! --all-files` names every file of the repository, and nothing else shows that no commit is being
//! made.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::{env, fs};

use super::collect::FindingCollector;
use super::exposure;
use super::git_scan::GitScan;
use super::occurrence::OccurrenceBuilder;
use super::worker::ScanWorker;
use crate::model::{FilePath, Notice, NoticeKind};
use crate::source;
use crate::source::git::{
    IndexLookup, ObjectReader, ReplacedEntry, RepoError, Staged, StagedChange,
};

/// The named files, by what to do with them.
#[derive(Default)]
pub(super) struct NamedFiles {
    /// The index entries of those that are not staged.
    pub(super) changes: Vec<StagedChange>,
    /// Staged files of which everything counts.
    pub(super) whole: HashSet<Vec<u8>>,
    /// Those that git does not track.
    untracked: Vec<PathBuf>,
}

impl NamedFiles {
    /// Looks up `files`. If all of them are staged, that is why they are named, and there is
    /// nothing to do.
    pub(super) fn of(
        scan: &GitScan<'_>,
        staged: &Staged,
        objects: &ObjectReader<'_>,
        files: &[PathBuf],
        notices: &mut Vec<Notice>,
    ) -> Result<Self, RepoError> {
        let mut own = Self::default();
        let mut places = CheckoutPaths::new(scan.repository.checkout());
        let staged_files = staged.changes.iter().filter(|change| !change.is_intended);
        let is_staged: HashSet<&[u8]> = staged_files.map(|change| &change.path[..]).collect();
        // One side of these conflicts may have been taken unchanged.
        let conflicts = scan.repository.conflicts();
        let is_merge = staged.parents.len() > 1;
        let mut others = Vec::new();
        for file in files {
            match places.within(file) {
                Some(path) if is_staged.contains(&path[..]) => drop(own.whole.insert(path)),
                Some(path) if conflicts.contains(&path) => {}
                path => others.push((file, path)),
            }
        }
        if others.is_empty() {
            return Ok(Self::default());
        }
        let tracked = IndexLookup::read(scan.repository)?;
        for (file, path) in others {
            let changes = path.as_ref().map(|path| tracked.at(objects, path)).unwrap_or_default();
            // What a merge takes over from another side is staged, too, but is not new.
            let is_taken_over = |change: &StagedChange| {
                staged.parent_entry(objects, 0, &change.path) != Some((change.mode, change.oid))
            };
            if is_merge && changes.iter().any(is_taken_over) {
                continue;
            }
            let is_gone = |old: &ReplacedEntry| {
                let rest = path.as_ref().and_then(|path| path.strip_prefix(&old.path[..]));
                rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/' && old.is_folder())
            };
            if changes.iter().any(StagedChange::is_submodule) {
                notices.push(submodule(file));
            } else if !changes.is_empty() {
                own.changes.extend(changes);
            } else if !staged.replaced.iter().flatten().any(is_gone) {
                own.untracked.push(places.to_read(file));
            }
        }
        if own.changes.is_empty() && own.untracked.is_empty() {
            own.whole.clear();
        }
        let notice = |count: usize, what: &str| Notice {
            path: None,
            kind: NoticeKind::NamedFiles,
            message: format!("{count} of the named files {what}"),
        };
        let (tracked, untracked) = (own.changes.len(), own.untracked.len());
        if tracked > 0 {
            notices.push(notice(
                tracked,
                "are not staged, so all of their content in the index counts",
            ));
        }
        if untracked > 0 {
            notices.push(notice(untracked, "are not in git's index and were read from disk"));
        }
        Ok(own)
    }

    /// Reads untracked files from disk.
    pub(super) fn read_untracked(&self, scan: &GitScan<'_>, collector: &mut FindingCollector) {
        if self.untracked.is_empty() {
            return;
        }
        let all = Mutex::new(FindingCollector::default());
        let builder = OccurrenceBuilder { is_old: true, ..scan.builder };
        let progress = scan.progress;
        let worker = || ScanWorker::new(builder, progress, false, &all);
        let excluded = source::walk(&self.untracked, &scan.plan.tree, worker).excluded;
        collector.summary.skipped_excluded += excluded;
        collector.merge(all.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()));
        exposure::report_folders(builder, &self.untracked, collector);
    }
}

fn submodule(file: &Path) -> Notice {
    Notice {
        path: Some(FilePath::from_path(file)),
        kind: NoticeKind::Submodule,
        message: "is a submodule; scan its content in its own repository".to_owned(),
    }
}

/// Locates named files in the checkout.
struct CheckoutPaths {
    here: PathBuf,
    top: Option<PathBuf>,
    /// Folders, with links resolved.
    folders: HashMap<PathBuf, Option<PathBuf>>,
}

impl CheckoutPaths {
    fn new(checkout: Option<&Path>) -> Self {
        let here = env::current_dir().unwrap_or_default();
        Self {
            here: fs::canonicalize(&here).unwrap_or(here),
            top: checkout.and_then(|top| fs::canonicalize(top).ok()),
            folders: HashMap::new(),
        }
    }

    /// True if the current folder is the top of the checkout, as it is for hooks.
    fn is_at_top(&self) -> bool {
        self.top.as_ref() == Some(&self.here)
    }

    /// The path of a file relative to the top of the checkout. Git follows no links within it.
    fn within(&mut self, file: &Path) -> Option<Vec<u8>> {
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if self.is_at_top() && file.components().all(is_plain) {
            return Some(FilePath::from_path(file).as_bytes().to_owned());
        }
        let full = self.here.join(file);
        let (folder, name) = (full.parent()?, full.file_name()?);
        let known = self.folders.entry(folder.to_owned());
        let folder = known.or_insert_with(|| fs::canonicalize(folder).ok()).as_ref()?;
        let path = folder.join(name);
        let path = path.strip_prefix(self.top.as_ref()?).ok()?;
        Some(FilePath::from_path(path).as_bytes().to_owned())
    }

    /// The path for reading a file. Reports show paths relative to the top of the checkout, or
    /// absolute ones.
    fn to_read(&self, file: &Path) -> PathBuf {
        if self.is_at_top() { file.to_owned() } else { self.here.join(file) }
    }
}
