//! Reads working trees and single files in parallel.
//!
//! git's ignore files are respected, those of other tools (`.ignore`) are not: a file that git
//! would commit is read, and so is a file that it tracks although an ignore file matches it.
//! Symbolic links are not followed, so neither loops nor links out of the tree matter; the target
//! of a link inside the tree is read where it is.

use std::fs::{self, File, FileType, Metadata};
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::checkout::Checkout;
use super::chunks::ChunkReader;
use super::media::{is_media, may_be_media};
use super::sink::{NamedChunk, Sink, SkipReason};
use crate::model::{FilePath, Notice, NoticeKind};

/// The largest ignore file that is honoured, in bytes.
const MAX_RULES: u64 = 4 << 20;

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

/// When the newest file in a folder was written, at any depth; `None` if there is none.
pub fn newest_file(folder: &Path) -> Option<SystemTime> {
    let entries = WalkBuilder::new(folder).standard_filters(false).build();
    let written = |entry: DirEntry| {
        let metadata = entry.metadata().ok().filter(Metadata::is_file)?;
        metadata.modified().ok()
    };
    entries.filter_map(|entry| written(entry.ok()?)).max()
}

/// Reads `roots` into sinks made by `sink`, one per thread. Returns the number of files and
/// directories that were excluded.
pub fn walk<S: Sink>(roots: &[PathBuf], options: &TreeOptions, sink: impl Fn() -> S + Sync) -> u64 {
    let mut single = None;
    let mut folders = Vec::new();
    for root in roots {
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => folders.push(root.clone()),
            Ok(metadata) => {
                let worker = single.get_or_insert_with(|| TreeWorker::new(sink(), options));
                worker.named_file(root, &metadata);
            }
            Err(error) => {
                let worker = single.get_or_insert_with(|| TreeWorker::new(sink(), options));
                worker.trouble(root, &error);
            }
        }
    }
    drop(single);
    let visited = Mutex::default();
    let worker = || {
        let visits = Some(VisitedPaths { own: Vec::new(), all: &visited });
        TreeWorker { visits, ..TreeWorker::new(sink(), options) }
    };
    let excluded = walk_folders(folders, options, &worker);
    if !options.no_ignore {
        let visited = visited.into_inner().unwrap_or_else(PoisonError::into_inner);
        read_tracked(roots, options, visited, &sink);
    }
    excluded
}

/// Receives the entries of a walk; each thread has its own.
pub(super) trait EntryVisitor: Send {
    /// Receives one step of the walk.
    fn entry(&mut self, entry: Result<DirEntry, ignore::Error>);
}

/// Walks folders with visitors made by `visitor`. Returns the number of files and directories that
/// were excluded.
pub(super) fn walk_folders<V: EntryVisitor>(
    folders: Vec<PathBuf>,
    options: &TreeOptions,
    visitor: &(impl Fn() -> V + Sync),
) -> u64 {
    let is_ruled = |folder: &PathBuf| options.no_ignore || has_rules(folder);
    let (ruled, mut unruled): (Vec<_>, Vec<_>) = folders.into_iter().partition(is_ruled);
    let (excluded, deferred) = walk_trees(&ruled, options, visitor);
    unruled.extend(deferred);
    let all = TreeOptions { no_ignore: true, ..options.clone() };
    excluded + walk_trees(&unruled, &all, visitor).0
}

/// Reads the tracked files that the walk has not visited because an ignore file matches them.
fn read_tracked<S: Sink>(
    roots: &[PathBuf],
    options: &TreeOptions,
    mut visited: Vec<u64>,
    sink: &impl Fn() -> S,
) {
    visited.sort_unstable();
    let mut worker = None;
    for root in roots.iter().filter(|root| root.is_dir()) {
        let Some((checkout, inside)) = checkout_of(root) else {
            continue;
        };
        let paths = match checkout.tracked() {
            Ok(paths) => paths,
            Err(error) => {
                let worker = worker.get_or_insert_with(|| TreeWorker::new(sink(), options));
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
            let path = root.join(path);
            if visited.binary_search(&hash(&path)).is_err() && is_inside(&path, &checkout.top) {
                let is_excluded = options.exclude.as_ref().is_some_and(|meant| meant(&path, false));
                if !is_excluded {
                    let worker = worker.get_or_insert_with(|| TreeWorker::new(sink(), options));
                    worker.tree_file(&path);
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

/// True if there is a plain file, and it is within `top` after links are resolved: git tracks
/// nothing behind a link. A tracked file that is gone need not be read.
pub(super) fn is_inside(path: &Path, top: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
        && fs::canonicalize(path).is_ok_and(|real| real.starts_with(top))
}

/// Identifies a path in the list of visited paths.
fn hash(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(path.as_os_str().as_encoded_bytes());
    hasher.finish()
}

/// Walks `roots`. Returns the number of exclusions, and the folders that were left out because
/// their ignore file cannot be honoured.
fn walk_trees<V: EntryVisitor>(
    roots: &[PathBuf],
    options: &TreeOptions,
    visitor: &(impl Fn() -> V + Sync),
) -> (u64, Vec<PathBuf>) {
    let Some((first, others)) = roots.split_first() else { return (0, Vec::new()) };
    let mut builder = WalkBuilder::new(first);
    for root in others {
        builder.add(root);
    }
    let excluded = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&excluded);
    let deferred = Arc::new(Mutex::new(Vec::new()));
    let later = Arc::clone(&deferred);
    let exclude = options.exclude.clone();
    let no_ignore = options.no_ignore;
    configure(&mut builder, options).threads(options.threads.min(MAX_THREADS)).filter_entry(
        move |entry| {
            // A root is read because the user asked for it, even if it is a `.git`.
            if entry.depth() == 0 {
                return true;
            }
            if entry.file_name() == ".git" {
                return false;
            }
            let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
            let is_excluded = exclude.as_ref().is_some_and(|meant| meant(entry.path(), is_dir));
            if is_excluded {
                counter.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            if is_dir && !no_ignore && !is_rules(&entry.path().join(".gitignore")) {
                let mut later = later.lock().unwrap_or_else(PoisonError::into_inner);
                later.push(entry.path().to_owned());
                return false;
            }
            true
        },
    );
    builder.build_parallel().run(|| {
        let mut visitor = visitor();
        Box::new(move |entry| {
            visitor.entry(entry);
            WalkState::Continue
        })
    });
    let mut deferred = deferred.lock().unwrap_or_else(PoisonError::into_inner);
    (excluded.load(Ordering::Relaxed), std::mem::take(&mut *deferred))
}

/// True if git would read an ignore file: a plain file, or none at all. git follows no link to it,
/// and reading a pipe would block; below any other file, everything is read.
fn is_rules(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .map_or(true, |metadata| metadata.is_file() && metadata.len() <= MAX_RULES)
}

/// True if all ignore files that apply to a folder from above can be honoured.
fn has_rules(folder: &Path) -> bool {
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let top = Checkout::of(&real).map_or_else(|| real.clone(), |checkout| checkout.top);
    let mut folders = real.ancestors().take_while(|above| above.starts_with(&top));
    // This one is not part of what is committed: git follows a link to it.
    let is_plain = |metadata: Metadata| metadata.is_file() && metadata.len() <= MAX_RULES;
    let exclude = fs::metadata(top.join(".git/info/exclude"));
    folders.all(|folder| is_rules(&folder.join(".gitignore"))) && exclude.map_or(true, is_plain)
}

/// Configures which files of a tree are walked.
fn configure<'b>(builder: &'b mut WalkBuilder, options: &TreeOptions) -> &'b mut WalkBuilder {
    builder
        .hidden(false)
        .ignore(false)
        .git_ignore(!options.no_ignore)
        .git_global(!options.no_ignore)
        .git_exclude(!options.no_ignore)
        .parents(!options.no_ignore)
        .follow_links(false)
}

/// The reason why a scan of the folders above `path` does not read the file; `None` if it does.
pub fn unread_reason(path: &Path, options: &TreeOptions) -> Option<&'static str> {
    let full = fs::canonicalize(path).ok()?;
    if may_be_media(path) && fs::read(path).is_ok_and(|bytes| is_media(&bytes)) {
        return Some("it is an image, audio or video");
    }
    let top = full.ancestors().skip(1).find(|folder| folder.join(".git").exists());
    let folders =
        full.ancestors().skip(1).take_while(|f| top.is_some_and(|top| f.starts_with(top)));
    let is_tracked = Checkout::of(full.parent()?).is_some_and(|checkout| {
        let path = full.strip_prefix(&checkout.top).map(FilePath::from_path);
        let tracked = checkout.tracked().unwrap_or_default();
        path.is_ok_and(|path| tracked.iter().any(|tracked| tracked == path.as_bytes()))
    });
    if is_tracked {
        return None;
    }
    let mut below = full.as_path();
    for folder in folders {
        let mut builder = WalkBuilder::new(folder);
        configure(&mut builder, options);
        let is_listed = builder
            .max_depth(Some(1))
            .build()
            .filter_map(Result::ok)
            .any(|entry| entry.path() == below);
        if !is_listed {
            return Some("git ignores it (--no-ignore reads it)");
        }
        below = folder;
    }
    None
}

/// Reads files one after the other with the same buffer.
struct TreeWorker<'o, S> {
    sink: S,
    reader: ChunkReader,
    options: &'o TreeOptions,
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
            return;
        }
        let path = entry.path();
        if kind.is_symlink() {
            return self.sink.skipped(path, SkipReason::Link);
        }
        if !kind.is_file() {
            return self.sink.skipped(path, SkipReason::Special);
        }
        if let Some(visits) = &mut self.visits {
            visits.own.push(hash(path));
        }
        self.tree_file(path);
    }
}

impl<'o, S: Sink> TreeWorker<'o, S> {
    fn new(sink: S, options: &'o TreeOptions) -> Self {
        Self { sink, reader: ChunkReader::default(), options, visits: None }
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
            self.reader.read(
                &mut file,
                |start| !(may_be_media && is_media(start)),
                |chunk| sink.chunk(NamedChunk { path, chunk }),
            )
        });
        match read {
            Ok(true) => {}
            Ok(false) => self.sink.skipped(path, SkipReason::Media),
            Err(error) => self.trouble(path, &error),
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
