//! Reads working trees and single files in parallel.
//!
//! git's ignore files are respected, those of other tools (`.ignore`) are not: a file that git
//! would commit is read, and so is a file that it tracks although an ignore file matches it.
//! Symbolic links are not followed, so loops do not matter: their own text is read, and the target of
//! a link inside the tree is read where it is.

use std::fs::{self, File, FileType, Metadata};
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::build_inputs::{MAX_INPUT, inputs_below, is_build_input};
use super::checkout::Checkout;
use super::chunks::ChunkReader;
use super::git::other_store;
use super::git_folder::is_git_folder;
use super::ignore_rules::{RulesCache, RulesReader, WalkedRules};
use super::media::{is_media, may_be_media};
use super::sink::{NamedChunk, Sink, SkipReason};
use crate::model::{FilePath, Notice, NoticeKind};

/// More threads than this gain nothing, and cost.
const MAX_THREADS: usize = 256;

/// Matches paths; the second argument is true for a directory.
pub type PathMatcher = Arc<dyn Fn(&Path, bool) -> bool + Send + Sync>;

/// Options of reading trees.
#[derive(Clone, Default)]
pub struct TreeOptions {
    /// Number of threads; 0 means one per processor.
    pub threads: usize,
    /// Also read what git ignores.
    pub no_ignore: bool,
    /// Files larger than this many bytes are skipped and counted.
    pub max_file_size: Option<u64>,
    /// Paths that are neither entered nor read.
    pub exclude: Option<PathMatcher>,
    /// Files that this run writes, with links resolved. They are not part of what is scanned.
    pub outputs: Vec<PathBuf>,
    /// Ignore rules that were read before.
    pub rules: RulesCache,
}

impl TreeOptions {
    pub(super) fn is_output(&self, path: &Path) -> bool {
        // The name first: it costs nothing.
        self.outputs.iter().any(|output| {
            output.file_name() == path.file_name()
                && fs::canonicalize(path).is_ok_and(|path| path == *output)
        })
    }
}

/// The files with this name in a folder and those below it, as a walk that leaves out what git ignores
/// meets them.
pub fn files_named(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut walk = WalkBuilder::new(folder);
    let entries = walk.hidden(false).filter_entry(|entry| entry.file_name() != ".git").build();
    let files =
        entries.flatten().filter(|entry| entry.file_type().is_some_and(|own| own.is_file()));
    let mut named: Vec<_> =
        files.filter(|entry| entry.file_name() == name).map(DirEntry::into_path).collect();
    named.sort();
    named
}

/// When the newest file in a folder was written, at any depth; `None` if there is none.
pub fn newest_file(folder: &Path) -> Option<SystemTime> {
    let entries = WalkBuilder::new(folder).standard_filters(false).build();
    let written = |entry: DirEntry| {
        let metadata = entry.metadata().ok().filter(Metadata::is_file)?;
        metadata.modified().ok()
    };
    entries.filter_map(|entry| written(entry.ok()?)).max()
}

/// The parts of a tree that a walk leaves to others.
#[derive(Debug, Default)]
pub struct WalkOutcome {
    /// Number of files and directories that were excluded.
    pub excluded: u64,
    /// The repositories that it came to, by their folders, without submodules and linked checkouts, whose
    /// objects another repository holds.
    pub repositories: Vec<PathBuf>,
}

/// Reads `roots` into sinks made by `sink`, one per thread.
pub fn walk<S: Sink>(
    roots: &[PathBuf],
    options: &TreeOptions,
    sink: impl Fn() -> S + Sync,
) -> WalkOutcome {
    let tops: Vec<_> = roots.iter().filter_map(|root| fs::canonicalize(root).ok()).collect();
    let mut single = None;
    let mut folders = Vec::new();
    let new_worker = || TreeWorker::new(sink(), options, &tops);
    for root in roots {
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => folders.push(root.clone()),
            Ok(metadata) => single.get_or_insert_with(new_worker).named_file(root, &metadata),
            Err(error) => single.get_or_insert_with(new_worker).trouble(root, &error),
        }
    }
    drop(single);
    let visited = Mutex::default();
    let worker = || {
        let visits = Some(VisitedPaths { own: Vec::new(), all: &visited });
        TreeWorker { visits, ..new_worker() }
    };
    let (excluded, nested) = walk_folders(&folders, options, &worker);
    let own = nested.iter().filter(|(_, checkout)| checkout.has_own_objects());
    let mut repositories: Vec<_> = own.map(|(walked, _)| walked.clone()).collect();
    repositories.sort();
    if !options.no_ignore {
        let visited = visited.into_inner().unwrap_or_else(PoisonError::into_inner);
        let of_root = |root: &PathBuf| {
            let (checkout, inside) = checkout_of(root)?;
            Some(TrackedFolder { walked: root.clone(), checkout, inside })
        };
        let nested = nested.into_iter().map(|(walked, checkout)| {
            let inside = PathBuf::new();
            TrackedFolder { walked, checkout, inside }
        });
        let tracked = folders.iter().filter_map(of_root).chain(nested).collect();
        read_tracked(tracked, options, visited, new_worker);
    }
    WalkOutcome { excluded, repositories }
}

/// Receives the entries of a walk; each thread has its own.
pub(super) trait EntryVisitor: Send {
    /// Receives one step of the walk.
    fn entry(&mut self, entry: Result<DirEntry, ignore::Error>);
    /// Receives a file that git ignores and a build may read.
    fn ignored(&mut self, path: &Path);
    /// Receives a bare repository, whose objects are not walked.
    fn bare_repository(&mut self, _folder: &Path) {}
}

/// Walks folders with visitors made by `visitor`. Returns the number of files and directories that
/// were excluded, and the repositories that the walk came to, with their folders.
pub(super) fn walk_folders<V: EntryVisitor>(
    folders: &[PathBuf],
    options: &TreeOptions,
    visitor: &(impl Fn() -> V + Sync),
) -> (u64, Vec<(PathBuf, Checkout)>) {
    let Some((first, others)) = folders.split_first() else { return (0, Vec::new()) };
    let mut builder = WalkBuilder::new(first);
    for folder in others {
        builder.add(folder);
    }
    builder.standard_filters(false).threads(options.threads.min(MAX_THREADS));
    // A root is read because the user asked for it, even if it is a `.git`.
    builder.filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
    let rules = match options.no_ignore {
        true => WalkedRules::none(&options.rules),
        false => WalkedRules::new(&options.rules, folders),
    };
    let is_excluded = |path: &Path, is_folder| {
        options.exclude.as_ref().is_some_and(|meant| meant(path, is_folder))
    };
    let excluded = AtomicU64::new(0);
    builder.build_parallel().run(|| {
        let mut visitor = visitor();
        let mut rules = RulesReader::new(&rules);
        let excluded = &excluded;
        Box::new(move |entry| {
            if let Ok(entry) = &entry
                && entry.depth() > 0
            {
                let path = entry.path();
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                if !options.no_ignore && rules.is_ignored(path, is_folder) {
                    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                    if is_file && is_build_input(path) && !is_excluded(path, false) {
                        visitor.ignored(path);
                    }
                    if is_folder && !is_excluded(path, true) {
                        let inputs = inputs_below(path);
                        let wanted = inputs.iter().filter(|path| !is_excluded(path, false));
                        wanted.for_each(|path| visitor.ignored(path));
                    }
                    return WalkState::Skip;
                }
                if is_excluded(path, is_folder) {
                    excluded.fetch_add(1, Ordering::Relaxed);
                    return WalkState::Skip;
                }
                if is_folder && let Some(folder) = repository_of_objects(path) {
                    visitor.bare_repository(folder);
                    return WalkState::Skip;
                }
                if is_folder && !options.no_ignore {
                    rules.enter(path);
                }
            }
            visitor.entry(entry);
            WalkState::Continue
        })
    });
    (excluded.into_inner(), rules.into_repositories())
}

/// The bare repository, or `.git`, whose folder of objects this is.
fn repository_of_objects(folder: &Path) -> Option<&Path> {
    let is_named = folder.file_name().is_some_and(|name| name == "objects");
    folder.parent().filter(|parent| is_named && is_git_folder(parent))
}

/// A walked folder whose tracked files are read.
struct TrackedFolder {
    walked: PathBuf,
    checkout: Checkout,
    /// The folder's path in the checkout.
    inside: PathBuf,
}

/// Reads the tracked files that the walk has not visited because an ignore file matches them.
fn read_tracked<'o, S: Sink>(
    folders: Vec<TrackedFolder>,
    options: &TreeOptions,
    mut visited: Vec<u64>,
    new_worker: impl Fn() -> TreeWorker<'o, S>,
) {
    visited.sort_unstable();
    let mut worker = None;
    for TrackedFolder { walked, checkout, inside } in folders {
        let paths = match checkout.tracked() {
            Ok(paths) => paths,
            Err(error) => {
                let worker = worker.get_or_insert_with(&new_worker);
                worker.trouble(&checkout.top.join(".git/index"), &error);
                continue;
            }
        };
        for path in paths {
            let path = FilePath::from_bytes(&path).to_path();
            let Ok(path) = path.strip_prefix(&inside) else {
                continue;
            };
            if !is_below(path) {
                continue;
            }
            let path = walked.join(path);
            if visited.binary_search(&hash(&path)).is_err()
                && let Some(kind) = tracked_kind(&path, &checkout.top)
            {
                let is_excluded = options.exclude.as_ref().is_some_and(|meant| meant(&path, false));
                if !is_excluded {
                    let worker = worker.get_or_insert_with(&new_worker);
                    if kind.is_symlink() { worker.link(&path) } else { worker.tree_file(&path) }
                }
            }
        }
    }
}

/// True if a path leads to something below its start. An index may contain anything, such as
/// `/etc/passwd`, `../x` or `.git/config`.
pub(super) fn is_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(name) if name != ".git"))
}

/// The checkout that contains a folder, and the folder's path in it.
pub(super) fn checkout_of(folder: &Path) -> Option<(Checkout, PathBuf)> {
    let real = fs::canonicalize(folder).ok()?;
    let checkout = Checkout::of(&real)?;
    let inside = real.strip_prefix(&checkout.top).ok()?.to_owned();
    Some((checkout, inside))
}

/// The kind of a plain file or link whose folder is within `top` after links are resolved: git
/// tracks nothing behind a link. A tracked file that is gone need not be read.
fn tracked_kind(path: &Path, top: &Path) -> Option<FileType> {
    let kind = fs::symlink_metadata(path).ok()?.file_type();
    let is_content = kind.is_file() || kind.is_symlink();
    let folder = fs::canonicalize(path.parent()?).ok()?;
    (is_content && folder.starts_with(top)).then_some(kind)
}

/// True if there is a plain file that git may track.
pub(super) fn is_tracked_file(path: &Path, top: &Path) -> bool {
    tracked_kind(path, top).is_some_and(|kind| kind.is_file())
}

/// Identifies a path in the list of visited paths.
fn hash(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(path.as_os_str().as_encoded_bytes());
    hasher.finish()
}

/// The reason why a scan of the folders above `path` does not read the file; `None` if it does.
pub fn unread_reason(path: &Path, options: &TreeOptions) -> Option<&'static str> {
    let full = fs::canonicalize(path).ok()?;
    if may_be_media(path) && fs::read(path).is_ok_and(|bytes| is_media(&bytes)) {
        return Some("it is an image, audio or video");
    }
    let is_tracked = Checkout::of(full.parent()?).is_some_and(|checkout| {
        let path = full.strip_prefix(&checkout.top).map(FilePath::from_path);
        let tracked = checkout.tracked().unwrap_or_default();
        path.is_ok_and(|path| tracked.iter().any(|tracked| tracked == path.as_bytes()))
    });
    let is_ignored = !options.no_ignore && !is_tracked && options.rules.is_ignored(&full);
    is_ignored.then_some(if is_build_input(&full) {
        "git ignores it, so only what a build ships of it counts (--no-ignore reads it)"
    } else {
        "git ignores it (--no-ignore reads it)"
    })
}

/// Reads files one after the other with the same buffer.
struct TreeWorker<'o, S> {
    sink: S,
    reader: ChunkReader,
    options: &'o TreeOptions,
    /// The scanned paths, without links in them.
    tops: &'o [PathBuf],
    visits: Option<VisitedPaths<'o>>,
}

/// The files that a thread of a walk has visited; they are added to all others' when it is dropped.
struct VisitedPaths<'o> {
    own: Vec<u64>,
    all: &'o Mutex<Vec<u64>>,
}

impl Drop for VisitedPaths<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.append(&mut self.own);
    }
}

impl<S: Sink> EntryVisitor for TreeWorker<'_, S> {
    fn entry(&mut self, entry: Result<DirEntry, ignore::Error>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return self.walk_trouble(&error),
        };
        let Some(kind) = entry.file_type() else {
            return;
        };
        if kind.is_dir() {
            return self.folder(entry.path());
        }
        let path = entry.path();
        if !kind.is_file() && !kind.is_symlink() {
            return self.sink.skipped(path, SkipReason::Special);
        }
        if let Some(visits) = &mut self.visits {
            visits.own.push(hash(path));
        }
        if kind.is_symlink() { self.link(path) } else { self.tree_file(path) }
    }

    fn ignored(&mut self, path: &Path) {
        let is_small = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.len() <= MAX_INPUT);
        if !is_small || self.options.is_output(path) {
            return;
        }
        // What cannot be read here no build of this user can read.
        if let Ok(bytes) = fs::read(path) {
            self.sink.build_input(path, &bytes);
        }
    }

    fn bare_repository(&mut self, folder: &Path) {
        self.sink.bare_repository(folder);
    }
}

impl<'o, S: Sink> TreeWorker<'o, S> {
    fn new(sink: S, options: &'o TreeOptions, tops: &'o [PathBuf]) -> Self {
        Self { sink, reader: ChunkReader::default(), options, tops, visits: None }
    }

    /// Names the folder of a program that keeps history in a form which is not read.
    fn folder(&mut self, path: &Path) {
        if let Some(message) = other_store(path) {
            let path = Some(FilePath::from_path(path));
            self.sink.notice(Notice { path, kind: NoticeKind::OtherStore, message });
        }
    }

    /// A symbolic link: git stores its text, and not what it leads to.
    fn link(&mut self, path: &Path) {
        match fs::read_link(path) {
            Ok(text) => {
                // A link that leads nowhere leaves nothing unread.
                let target = fs::canonicalize(path);
                let is_inside =
                    |target: PathBuf| self.tops.iter().any(|top| target.starts_with(top));
                let leads_out = target.is_ok_and(|target| !is_inside(target));
                self.sink.link(path, text.as_os_str().as_encoded_bytes(), leads_out);
            }
            Err(error) => self.trouble(path, &error),
        }
    }

    /// A file of a tree.
    fn tree_file(&mut self, path: &Path) {
        if let Some(limit) = self.options.max_file_size {
            match fs::symlink_metadata(path) {
                Ok(metadata) if metadata.len() > limit => {
                    return self.sink.skipped(path, SkipReason::Large);
                }
                Ok(_) => {}
                Err(error) => return self.trouble(path, &error),
            }
        }
        self.file(path, may_be_media(path));
    }

    /// A file that the user named: it is read whatever its name.
    fn named_file(&mut self, path: &Path, metadata: &Metadata) {
        if is_special(metadata.file_type()) {
            // It was asked for, so it must not be skipped silently.
            self.sink.notice(Notice {
                path: Some(FilePath::from_path(path)),
                kind: NoticeKind::Unreadable,
                message: "is a pipe, a socket or a device; pipe it into `keyside scan -`"
                    .to_owned(),
            });
        } else if self.options.max_file_size.is_some_and(|limit| metadata.len() > limit) {
            self.sink.skipped(path, SkipReason::Large);
        } else {
            self.file(path, false);
        }
    }

    fn file(&mut self, path: &Path, may_be_media: bool) {
        if self.options.is_output(path) {
            return;
        }
        let sink = &mut self.sink;
        let read = File::open(path).and_then(|mut file| {
            let is_read = self.reader.read(
                &mut file,
                |start| !(may_be_media && is_media(start)),
                |chunk| sink.chunk(NamedChunk { path, chunk }),
            )?;
            if !is_read {
                sink.skipped(path, SkipReason::Media);
            }
            sink.file_end(path, &mut file);
            Ok(())
        });
        if let Err(error) = read {
            self.trouble(path, &error);
        }
    }

    fn trouble(&mut self, path: &Path, error: &io::Error) {
        let (kind, message) = if error.kind() == io::ErrorKind::NotFound {
            (NoticeKind::Missing, "no such file or directory".to_owned())
        } else {
            (NoticeKind::Unreadable, format!("cannot be read: {error}"))
        };
        self.sink.notice(Notice { path: Some(FilePath::from_path(path)), kind, message });
    }

    fn walk_trouble(&mut self, error: &ignore::Error) {
        match (path_of(error), error.io_error()) {
            (Some(path), Some(cause)) => self.trouble(path, cause),
            (path, _) => self.sink.notice(Notice {
                path: path.map(FilePath::from_path),
                kind: NoticeKind::Unreadable,
                message: error.to_string(),
            }),
        }
    }
}

/// The path that an error of the walk concerns.
#[allow(clippy::wildcard_enum_match_arm, reason = "the error type is another crate's")]
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithDepth { err, .. } => {
            path_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}

#[cfg(unix)]
fn is_special(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_special(kind: FileType) -> bool {
    !kind.is_file()
}
