//! Working trees and single files, read in parallel.
//!
//! Ignore files of git are respected, those of other tools (`.ignore`) are not: a file that git
//! would commit is read. Symbolic links are not followed, so neither loops nor links out of the
//! tree matter; what a link inside the tree points to is read where it stands.

use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::media::{is_media, may_be_media};
use super::{Item, Reader, Sink, Skip};
use crate::model::{FilePath, Notice, NoticeKind};

/// Tells whether a path (given with whether it is a directory) is meant.
pub type Matcher = Arc<dyn Fn(&Path, bool) -> bool + Send + Sync>;

/// How trees are read.
#[derive(Clone, Default)]
pub struct TreeOptions {
    /// Threads; 0 is one a processor.
    pub threads: usize,
    /// Read what git ignores, too.
    pub no_ignore: bool,
    /// Files larger than this many bytes are skipped and counted.
    pub max_file_size: Option<u64>,
    /// What is not to be entered or read.
    pub exclude: Option<Matcher>,
    /// Files that this run writes, without links in their paths. They are no part of what is
    /// scanned.
    pub outputs: Vec<PathBuf>,
}

impl TreeOptions {
    fn is_output(&self, path: &Path) -> bool {
        // The name first: it costs nothing.
        self.outputs.iter().any(|output| {
            output.file_name() == path.file_name()
                && fs::canonicalize(path).is_ok_and(|path| path == *output)
        })
    }
}

/// Reads `roots` into sinks made by `sink`, one a thread. Gives the number of files and
/// directories that were excluded.
pub fn walk<S: Sink>(roots: &[PathBuf], options: &TreeOptions, sink: impl Fn() -> S + Sync) -> u64 {
    let mut single = None;
    let mut trees: Option<WalkBuilder> = None;
    for root in roots {
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => match &mut trees {
                Some(builder) => {
                    builder.add(root);
                }
                None => trees = Some(WalkBuilder::new(root)),
            },
            Ok(metadata) => {
                let worker = single.get_or_insert_with(|| Worker::new(sink(), options));
                worker.named_file(root, &metadata);
            }
            Err(error) => {
                let worker = single.get_or_insert_with(|| Worker::new(sink(), options));
                worker.trouble(root, &error);
            }
        }
    }
    drop(single);
    trees.map_or(0, |builder| walk_trees(builder, options, &sink))
}

fn walk_trees<S: Sink>(
    mut builder: WalkBuilder,
    options: &TreeOptions,
    sink: &(impl Fn() -> S + Sync),
) -> u64 {
    let excluded = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&excluded);
    let exclude = options.exclude.clone();
    configure(&mut builder, options)
        .threads(options.threads)
        .filter_entry(move |entry| {
            // A root is what the user asked for, even if it is a `.git` itself.
            if entry.depth() == 0 {
                return true;
            }
            if entry.file_name() == ".git" {
                return false;
            }
            let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
            let is_excluded = exclude
                .as_ref()
                .is_some_and(|meant| meant(entry.path(), is_dir));
            if is_excluded {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            !is_excluded
        });
    builder.build_parallel().run(|| {
        let mut worker = Worker::new(sink(), options);
        Box::new(move |entry| {
            worker.entry(entry);
            WalkState::Continue
        })
    });
    excluded.load(Ordering::Relaxed)
}

/// What of a tree is walked.
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

/// Why a scan of the folders above `path` does not read the file, if it does not.
pub fn unread_reason(path: &Path, options: &TreeOptions) -> Option<&'static str> {
    let full = fs::canonicalize(path).ok()?;
    if may_be_media(path) && fs::read(path).is_ok_and(|bytes| is_media(&bytes)) {
        return Some("it is an image, audio or video");
    }
    let top = full
        .ancestors()
        .skip(1)
        .find(|folder| folder.join(".git").exists());
    let folders = full
        .ancestors()
        .skip(1)
        .take_while(|f| top.is_some_and(|top| f.starts_with(top)));
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
struct Worker<'o, S> {
    sink: S,
    reader: Reader,
    options: &'o TreeOptions,
}

impl<'o, S: Sink> Worker<'o, S> {
    fn new(sink: S, options: &'o TreeOptions) -> Self {
        Self {
            sink,
            reader: Reader::default(),
            options,
        }
    }

    /// One step of the walk.
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
        if kind.is_symlink() {
            return self.sink.skipped(Skip::Link);
        }
        if !kind.is_file() {
            return self.sink.skipped(Skip::Special);
        }
        if let Some(limit) = self.options.max_file_size {
            match entry.metadata() {
                Ok(metadata) if metadata.len() > limit => return self.sink.skipped(Skip::Large),
                Ok(_) => {}
                Err(error) => return self.walk_trouble(&error),
            }
        }
        self.file(entry.path(), may_be_media(entry.path()));
    }

    /// A file that the user named: it is read whatever it is called.
    fn named_file(&mut self, path: &Path, metadata: &Metadata) {
        if is_special(metadata.file_type()) {
            // It was asked for, so it is not just skipped.
            self.sink.notice(Notice {
                path: Some(FilePath::from_path(path)),
                kind: NoticeKind::Unreadable,
                message: "is a pipe, a socket or a device; pipe it into `keyside scan -`"
                    .to_owned(),
            });
        } else if self
            .options
            .max_file_size
            .is_some_and(|limit| metadata.len() > limit)
        {
            self.sink.skipped(Skip::Large);
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
                |piece| sink.piece(Item { path, piece }),
            )
        });
        match read {
            Ok(true) => {}
            Ok(false) => self.sink.skipped(Skip::Media),
            Err(error) => self.trouble(path, &error),
        }
    }

    fn trouble(&mut self, path: &Path, error: &io::Error) {
        let (kind, message) = if error.kind() == io::ErrorKind::NotFound {
            (NoticeKind::Missing, "no such file or directory".to_owned())
        } else {
            (NoticeKind::Unreadable, format!("cannot be read: {error}"))
        };
        self.sink.notice(Notice {
            path: Some(FilePath::from_path(path)),
            kind,
            message,
        });
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

/// The path that an error of the walk is about.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "the error type is another crate's"
)]
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
