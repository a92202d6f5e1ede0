//! Receives what a walk or a stream reads, and collects what it finds; one worker per thread.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::archive::{container_of, open_archive};
use super::collect::FindingCollector;
use super::markers::{InlineVerdict, MarkerReader};
use super::occurrence::OccurrenceBuilder;
use super::progress::Progress;
use super::scan_roots::ScanRoots;
use super::stray_markers::{StrayMarkers, stray_markers, stray_notices};
use crate::decode::{CONTAINER_END, CONTAINER_START, Container, ReadSeek, detect_end};
use crate::model::{FilePath, KeyId, Notice, NoticeKind, Occurrence, Provenance};
use crate::scan::{KeyMatch, Locator};
use crate::source::git::{FileContent, LfsStore, Pointer, Repository, is_git_crypt};
use crate::source::{
    ARCHIVE_MARK, Chunk, NamedChunk, Sink, SkipReason, TextEncoding, is_archive, is_media_file,
};

/// The state of one thread. It hands over its results when it is dropped, the only end of a thread
/// that the walker makes visible; so files need no lock.
pub(super) struct ScanWorker<'p> {
    builder: OccurrenceBuilder<'p>,
    progress: &'p Progress,
    is_stream: bool,
    /// The position of the current chunk in its text.
    text: Locator,
    /// The markers of the current text.
    markers: MarkerReader,
    /// Keys whose line goes on in the next chunk: their rules and occurrences.
    open: Vec<(KeyId, &'p str, usize)>,
    /// True if the current text is among the seeds.
    is_seed: bool,
    /// The roots of a walk, which know the files that were read.
    roots: Option<&'p ScanRoots>,
    /// True if the current file was read before.
    is_repeated: bool,
    /// The content that Git LFS keeps for the files of a folder: of the last one that had pointers.
    lfs: Option<(PathBuf, LfsStore)>,
    /// True if the current file was skipped as media.
    is_media: bool,
    /// True if the end of the current file, which may tell a container, is in another chunk.
    has_unread_end: bool,
    /// The container that the current file is.
    container: Option<&'static dyn Container>,
    /// The bytes of a stream that is a container.
    held: Vec<u8>,
    own: FindingCollector,
    all: &'p Mutex<FindingCollector>,
}

impl<'p> ScanWorker<'p> {
    /// A worker that hands what it has found to `all` when it is dropped.
    pub(super) fn new(
        builder: OccurrenceBuilder<'p>,
        progress: &'p Progress,
        is_stream: bool,
        all: &'p Mutex<FindingCollector>,
    ) -> Self {
        Self {
            builder,
            progress,
            is_stream,
            text: Locator::new(TextEncoding::Bytes),
            markers: MarkerReader::default(),
            open: Vec::new(),
            is_seed: false,
            roots: None,
            is_repeated: false,
            lfs: None,
            is_media: false,
            has_unread_end: false,
            container: None,
            held: Vec::new(),
            own: FindingCollector::default(),
            all,
        }
    }

    /// The same worker for files below `roots`, none of which it searches twice.
    pub(super) fn below(mut self, roots: &'p ScanRoots) -> Self {
        self.roots = Some(roots);
        self
    }
}

impl Drop for ScanWorker<'_> {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.own);
        self.all.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).merge(own);
    }
}

impl Sink for ScanWorker<'_> {
    fn chunk(&mut self, item: NamedChunk<'_>) {
        let chunk = item.chunk;
        if chunk.is_first {
            self.is_repeated = self.roots.is_some_and(|roots| roots.is_repeated(item.path));
        }
        if self.is_repeated {
            return;
        }
        if chunk.is_first {
            self.is_seed = false;
            // An empty file counts as read, an empty stream as nothing.
            let is_something = !self.is_stream || !chunk.bytes.is_empty();
            self.own.summary.files += u64::from(is_something);
            self.progress.files.fetch_add(1, Ordering::Relaxed);
            self.name(item.path);
            self.container = self.container_of(item.path, &chunk);
            self.has_unread_end = !chunk.is_last && !self.is_stream;
            if self.container.is_none()
                && is_archive(&chunk.bytes[..chunk.bytes.len().min(ARCHIVE_MARK)])
            {
                self.own.summary.skipped_archives += 1;
            }
            if is_git_crypt(chunk.bytes) {
                let path = self.shown(item.path);
                self.own.kept_elsewhere.encrypted.push(path);
            }
            if chunk.is_last && !self.is_stream && Pointer::parse(chunk.bytes).is_some() {
                return self.pointer(item.path, chunk.bytes);
            }
        }
        self.search_file(item);
        if self.is_stream && self.container.is_some() {
            self.hold(item.path, &chunk);
        }
    }

    fn file_end(&mut self, path: &Path, file: &mut File) {
        if std::mem::take(&mut self.is_media) {
            self.container = self.container_of_media(file);
        } else if std::mem::take(&mut self.has_unread_end) && self.container.is_none() {
            self.container = self.container_by_end(file);
        }
        if !self.is_repeated
            && let Some(container) = self.container.take()
        {
            self.open_container(container, path, file);
        }
    }

    fn link(&mut self, path: &Path, text: &[u8], leads_out: bool) {
        self.name(path);
        self.own.summary.skipped_links += 1;
        if leads_out {
            self.own.links_out.push(FilePath::from_path(path));
        }
        if Pointer::parse(text) == Some(Pointer::Annex) {
            let path = self.shown(path);
            self.own.kept_elsewhere.missing(&Pointer::Annex, path);
        }
        let chunk = Chunk::whole(text);
        let found = self.builder.scanner.find(&chunk);
        let placed = self.builder.place_whole(&self.provenance(path), &chunk, &found);
        for (key, occurrence, accepted) in placed {
            note(self.progress, key, &occurrence);
            self.own.occurrences(key).push((occurrence, accepted));
        }
    }

    fn build_input(&mut self, path: &Path, bytes: &[u8]) {
        if self.builder.scanner.find(&Chunk::whole(bytes)).is_seed {
            self.own.seeds.push(path.to_owned());
        }
    }

    fn bare_repository(&mut self, folder: &Path) {
        if self.roots.is_none_or(|roots| !roots.is_repeated(&folder.join("objects"))) {
            let folder = self.shown(folder);
            self.own.notices.push(bare_repository(folder));
        }
    }

    fn skipped(&mut self, path: &Path, skip: SkipReason) {
        self.is_repeated = self.roots.is_some_and(|roots| roots.is_repeated(path));
        if self.is_repeated {
            return;
        }
        self.name(path);
        // Its pixels are not searched, but its texts are.
        self.is_media = skip == SkipReason::Media;
        let summary = &mut self.own.summary;
        *match skip {
            SkipReason::Media => &mut summary.skipped_media,
            SkipReason::Special => &mut summary.skipped_special,
            SkipReason::Large => &mut summary.skipped_large,
        } += 1;
    }

    fn notice(&mut self, notice: Notice) {
        self.own.notices.push(notice);
    }
}

impl ScanWorker<'_> {
    /// Searches a chunk of a file or a stream.
    fn search_file(&mut self, item: NamedChunk<'_>) {
        let fresh = item.chunk.fresh().len() as u64;
        self.own.summary.bytes += fresh;
        self.progress.bytes.fetch_add(fresh, Ordering::Relaxed);
        let (is_seed, markers) = self.search(&item.chunk, |own| own.provenance(item.path));
        if !markers.is_empty() {
            let path = self.shown(item.path);
            self.own.notices.extend(stray_notices(&path, markers));
        }
        if is_seed && !self.is_seed && !self.is_stream {
            self.is_seed = true;
            self.own.seeds.push(item.path.to_owned());
        }
    }

    /// Searches what a pointer of Git LFS leads to, if that is here.
    fn pointer(&mut self, path: &Path, text: &[u8]) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        if self.lfs.as_ref().is_none_or(|(own, _)| own != folder) {
            let store = Repository::open(folder).map(|repository| repository.lfs());
            let store = store.unwrap_or_default();
            let limit = self.builder.plan.tree.max_file_size;
            self.lfs = Some((folder.to_owned(), store.with_limit(limit)));
        }
        let Some((_, store)) = &self.lfs else { return };
        let bytes = match store.content(text.to_owned()) {
            FileContent::Kept(bytes) if is_media_file(path, &bytes) => {
                self.own.summary.skipped_media += 1;
                return;
            }
            FileContent::Kept(bytes) | FileContent::Own(bytes) => bytes,
            FileContent::Missing(pointer, bytes) => {
                let path = self.shown(path);
                self.own.kept_elsewhere.missing(&pointer, path);
                bytes
            }
            FileContent::Large(_) => {
                self.own.summary.skipped_large += 1;
                return;
            }
        };
        self.search_file(NamedChunk { path, chunk: Chunk::whole(&bytes) });
        if let Some(container) =
            container_of(self.builder.plan.archives, path.as_os_str().as_encoded_bytes(), &bytes)
        {
            self.open_container(container, path, &mut Cursor::new(bytes));
        }
    }

    fn shown(&self, path: &Path) -> FilePath {
        self.builder.shown(FilePath::from_path(path))
    }

    /// Searches a chunk of a text. Returns true if the text may involve a secret, and its misspelt
    /// markers.
    fn search(
        &mut self,
        chunk: &Chunk<'_>,
        provenance: impl Fn(&Self) -> Provenance,
    ) -> (bool, StrayMarkers) {
        let mut at = 0;
        if chunk.is_first {
            self.text = Locator::new(chunk.encoding);
            self.markers = MarkerReader::default();
            self.open.clear();
            at = chunk.encoding.mark_length(chunk.bytes);
        }
        self.accept_open(chunk);
        let found = self.builder.scanner.find(chunk);
        let markers = stray_markers(&self.builder, chunk, &found, (&self.text, at));
        if !found.keys.is_empty() {
            let provenance = provenance(self);
            let (text, markers) = (&self.text, &mut self.markers);
            for (key, occurrence, inline) in
                self.builder.place(&provenance, text, at, chunk, &found, markers)
            {
                let is_open = inline.is_open && inline.accepted.is_none();
                note(self.progress, key, &occurrence);
                let occurrences = self.own.occurrences(key);
                occurrences.push((occurrence, inline));
                if is_open {
                    self.open.push((key.id(), &key.rule.id, occurrences.len() - 1));
                }
            }
        }
        if !chunk.is_last {
            self.text.advance(&chunk.bytes[at..chunk.next_from]);
            if self.builder.plan.inline {
                self.markers.carry(&self.builder.plan.rules, chunk);
            }
        }
        (found.is_seed, markers)
    }

    /// The container that a file with this first chunk is, if archives are opened.
    fn container_of(&self, path: &Path, chunk: &Chunk<'_>) -> Option<&'static dyn Container> {
        // A chunk that is not the last is longer than the start of any container.
        let bytes = if chunk.is_last { chunk.bytes } else { &chunk.bytes[..CONTAINER_START] };
        container_of(self.builder.plan.archives, path.as_os_str().as_encoded_bytes(), bytes)
    }

    /// The container that an image is, if archives are opened.
    fn container_of_media(&self, file: &mut File) -> Option<&'static dyn Container> {
        let mut start = Vec::new();
        file.rewind().ok()?;
        file.take(CONTAINER_START as u64).read_to_end(&mut start).ok()?;
        container_of(self.builder.plan.archives, b"", &start)
    }

    /// The container that a file of several chunks is by its end, if archives are opened.
    fn container_by_end(&self, file: &mut File) -> Option<&'static dyn Container> {
        let mut end = [0; CONTAINER_END];
        file.seek(SeekFrom::End(-(CONTAINER_END as i64))).ok()?;
        file.read_exact(&mut end).ok()?;
        (self.builder.plan.archives.depth > 0).then(|| detect_end(&end))?
    }

    /// Keeps the bytes of a stream that is a container, and opens it at its end.
    fn hold(&mut self, path: &Path, chunk: &Chunk<'_>) {
        let Some(container) = self.container else { return };
        let end = if chunk.is_last { chunk.bytes.len() } else { chunk.next_from };
        if self.held.len() + end > self.builder.plan.archives.memory {
            self.container = None;
            self.held = Vec::new();
            return self.notice(Notice {
                path: Some(self.builder.shown(FilePath::from_path(path))),
                kind: NoticeKind::Limit,
                message:
                    "is an archive larger than what may be held in memory, and was not opened \
                          (--max-archive-memory sets the limit; a file needs none)"
                        .to_owned(),
            });
        }
        self.held.extend_from_slice(&chunk.bytes[..end]);
        if chunk.is_last {
            self.container = None;
            let held = std::mem::take(&mut self.held);
            self.open_container(container, path, &mut Cursor::new(held));
        }
    }

    /// Searches the texts in a container.
    fn open_container(&mut self, container: &dyn Container, path: &Path, input: &mut dyn ReadSeek) {
        let outer = FilePath::from_path(path);
        let limits = self.builder.plan.archives;
        let notices = open_archive(container, input, &outer, limits, &mut |place, chunk| {
            let inside = |own: &Self| Provenance {
                inside: Some(own.builder.shown(place.clone())),
                ..own.provenance(path)
            };
            if chunk.is_first {
                let place = inside(self);
                for (key, occurrence) in self.builder.in_name(place.innermost(), || place.clone()) {
                    self.own.occurrences(&key).push((occurrence, InlineVerdict::default()));
                }
            }
            let fresh = chunk.fresh().len() as u64;
            self.own.summary.bytes += fresh;
            self.progress.bytes.fetch_add(fresh, Ordering::Relaxed);
            self.search(chunk, inside);
        });
        for notice in notices {
            let path = notice.path.map(|path| self.builder.shown(path));
            self.notice(Notice { path, ..notice });
        }
    }

    /// Looks for markers for the keys of earlier chunks whose line goes on in this one.
    fn accept_open(&mut self, chunk: &Chunk<'_>) {
        for (key, rule_id, nth) in std::mem::take(&mut self.open) {
            let inline = self.builder.inline(&mut self.markers, chunk, &(0..0), rule_id);
            match inline.accepted {
                Some(by) => self.own.accept(&key, nth, by),
                None if inline.is_open => self.open.push((key, rule_id, nth)),
                None => {}
            }
        }
    }

    /// Looks for keys in the name of a file.
    fn name(&mut self, path: &Path) {
        for (key, occurrence) in
            self.builder.in_name(path.as_os_str().as_encoded_bytes(), || self.provenance(path))
        {
            note(self.progress, &key, &occurrence);
            self.own.occurrences(&key).push((occurrence, self.builder.unmarked()));
        }
    }

    fn provenance(&self, path: &Path) -> Provenance {
        let path = self.shown(path);
        if self.is_stream { Provenance::stdin(path) } else { Provenance::tree(path) }
    }
}

/// Notes a key for whoever interrupts the run.
fn note(progress: &Progress, key: &KeyMatch<'_>, occurrence: &Occurrence) {
    progress.found.add(key.id(), &key.rule.id, || {
        let start = occurrence.region.start;
        format!("{}:{}:{}", occurrence.provenance.path, start.line, start.column)
    });
}

/// The notice on a bare repository, whose objects `keyside git` reads better than a walk.
fn bare_repository(folder: FilePath) -> Notice {
    let name = if folder.as_bytes().is_empty() { ".".into() } else { folder.to_text() };
    let message = format!(
        "is a bare git repository, whose objects were not searched; `keyside git {}` searches them \
         (--exclude leaves it out)",
        shell_word(&name)
    );
    let path = if folder.as_bytes().is_empty() { FilePath::from(".") } else { folder };
    Notice { path: Some(path), kind: NoticeKind::BareRepository, message }
}

/// A word of a command to type.
fn shell_word(text: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "._-/+:@~".contains(character);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
