//! Receives what a walk or a stream reads, and collects what it finds; one worker per thread.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::collect::FindingCollector;
use super::markers::{InlineVerdict, MarkerReader};
use super::occurrence::OccurrenceBuilder;
use super::progress::Progress;
use super::utf32::{is_utf32, utf32_notice};
use crate::model::{FilePath, KeyId, Notice, Provenance};
use crate::scan::Locator;
use crate::source::{Chunk, NamedChunk, Sink, SkipReason, TextEncoding};

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
            own: FindingCollector::default(),
            all,
        }
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
        let fresh = chunk.fresh().len() as u64;
        let mut at = 0;
        if chunk.is_first {
            self.text = Locator::new(chunk.encoding);
            self.markers = MarkerReader::default();
            self.open.clear();
            self.is_seed = false;
            at = chunk.encoding.mark_length(chunk.bytes);
            // An empty file counts as read, an empty stream as nothing.
            let is_something = !self.is_stream || !chunk.bytes.is_empty();
            self.own.summary.files += u64::from(is_something);
            self.progress.files.fetch_add(1, Ordering::Relaxed);
            self.name(item.path);
            if is_utf32(chunk.bytes) {
                self.notice(utf32_notice(item.path));
            }
        }
        self.own.summary.bytes += fresh;
        self.progress.bytes.fetch_add(fresh, Ordering::Relaxed);
        self.accept_open(&chunk);
        let found = self.builder.scanner.find(&chunk);
        if found.is_seed && !self.is_seed && !self.is_stream {
            self.is_seed = true;
            self.own.seeds.push(item.path.to_owned());
        }
        if !found.keys.is_empty() {
            let provenance = self.provenance(item.path);
            let (text, markers) = (&self.text, &mut self.markers);
            for (key, occurrence, inline) in
                self.builder.place(&provenance, text, at, &chunk, &found, markers)
            {
                let is_open = inline.is_open && inline.accepted.is_none();
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
                self.markers.carry(&self.builder.plan.rules, &chunk);
            }
        }
    }

    fn link(&mut self, path: &Path, text: &[u8], leads_out: bool) {
        self.name(path);
        self.own.summary.skipped_links += 1;
        if leads_out {
            self.own.links_out.push(FilePath::from_path(path));
        }
        let chunk = Chunk::whole(text);
        let found = self.builder.scanner.find(&chunk);
        let placed = self.builder.place_whole(&self.provenance(path), &chunk, &found);
        for (key, occurrence, accepted) in placed {
            self.own.occurrences(key).push((occurrence, accepted));
        }
    }

    fn skipped(&mut self, path: &Path, skip: SkipReason) {
        self.name(path);
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
            self.own.occurrences(&key).push((occurrence, InlineVerdict::default()));
        }
    }

    fn provenance(&self, path: &Path) -> Provenance {
        let path = self.builder.shown(FilePath::from_path(path));
        if self.is_stream { Provenance::stdin(path) } else { Provenance::tree(path) }
    }
}
