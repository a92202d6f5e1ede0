//! Builds occurrences of what was found in a text: region, excerpt, line hash, inline markers.

use std::borrow::Cow;
use std::ops::Range;

use super::markers::{InlineVerdict, MarkerReader};
use crate::config::Plan;
use crate::model::{FilePath, Occurrence, Provenance, Region};
use crate::rules::Rule;
use crate::scan::{
    ChunkMatches, KeyMatch, KeyScanner, Locator, decode, excerpt, line_hashes, reported_in,
};
use crate::source::{Chunk, TextEncoding};

/// Builds the occurrences of a run.
#[derive(Clone, Copy)]
pub(super) struct OccurrenceBuilder<'p> {
    pub(super) plan: &'p Plan,
    pub(super) scanner: &'p KeyScanner<'p>,
    /// True if GitHub's line hashes are requested.
    pub(super) line_hashes: bool,
    /// The number of the change that is scanned.
    pub(super) change: usize,
    /// True for files that were named, and are no part of a change.
    pub(super) is_old: bool,
}

/// A key, its occurrence, and the decision of the markers there.
pub(super) type PlacedMatch<'f, 'p> = (&'f KeyMatch<'p>, Occurrence, InlineVerdict);

impl<'p> OccurrenceBuilder<'p> {
    pub(super) fn new(plan: &'p Plan, scanner: &'p KeyScanner<'p>, line_hashes: bool) -> Self {
        Self { plan, scanner, line_hashes, change: 0, is_old: false }
    }

    /// The occurrences of the reported keys of a chunk. `text` is the position at the offset `at`
    /// of it; `markers` reads its markers.
    pub(super) fn place<'f>(
        &self,
        provenance: &Provenance,
        text: &Locator,
        at: usize,
        chunk: &Chunk<'_>,
        found: &'f ChunkMatches<'p>,
        markers: &mut MarkerReader,
    ) -> Vec<PlacedMatch<'f, 'p>> {
        let mut here = text.clone();
        let start_at = at;
        let mut at = at;
        let mut placed = Vec::new();
        for key in reported_in(found, chunk, provenance.innermost()) {
            let start = key.span.start.max(at);
            here.advance(&chunk.bytes[at..start]);
            at = start;
            let mut end = here.clone();
            end.advance(&chunk.bytes[at..key.span.end]);
            placed.push((key, Region { start: here.place(), end: end.place() }));
        }
        let hashes = self.hashes(chunk, &placed);
        let occurrences = placed.into_iter().zip(hashes).map(|((key, region), line_hash)| {
            let occurrence = Occurrence {
                provenance: provenance.clone(),
                region,
                layers: key.layers.clone(),
                pieces: pieces(text, start_at, chunk.bytes, &key.pieces),
                excerpt: excerpt(chunk.bytes, chunk.encoding, key, found),
                line_hash,
                accepted_by_change: None,
            };
            (key, occurrence, self.inline(markers, chunk, &key.span, &key.rule.id))
        });
        occurrences.collect()
    }

    /// The occurrences of the reported keys of a whole text.
    pub(super) fn place_whole<'f>(
        &self,
        provenance: &Provenance,
        chunk: &Chunk<'_>,
        found: &'f ChunkMatches<'p>,
    ) -> Vec<PlacedMatch<'f, 'p>> {
        let at = chunk.encoding.mark_length(chunk.bytes);
        let mut markers = MarkerReader::default();
        self.place(provenance, &Locator::new(chunk.encoding), at, chunk, found, &mut markers)
    }

    /// The occurrences of the reported keys in the name of a file. For reports, they are at the
    /// beginning of its text.
    pub(super) fn in_name(
        &self,
        name: &[u8],
        provenance: impl Fn() -> Provenance,
    ) -> Vec<(KeyMatch<'p>, Occurrence)> {
        if !self.scanner.has_keyword(name) {
            return Vec::new();
        }
        let chunk = Chunk::whole(name);
        let mut found = self.scanner.find(&chunk);
        let start = Locator::new(TextEncoding::Bytes).place();
        let excerpts: Vec<_> = found
            .keys
            .iter()
            .map(|key| excerpt(chunk.bytes, chunk.encoding, key, &found))
            .collect();
        let keys = std::mem::take(&mut found.keys).into_iter().zip(excerpts);
        let is_reported = |rule: &Rule| rule.is_reported() && rule.place.is_none();
        let reported = keys.filter(|(key, _)| is_reported(key.rule));
        let placed = reported.map(|(key, excerpt)| {
            let region = Region { start, end: start };
            let occurrence = Occurrence {
                provenance: provenance(),
                region,
                layers: key.layers.clone(),
                pieces: Vec::new(),
                excerpt,
                line_hash: None,
                accepted_by_change: None,
            };
            (key, occurrence)
        });
        placed.collect()
    }

    /// A path with the keys in it masked.
    pub(super) fn shown(&self, path: FilePath) -> FilePath {
        match self.scanner.masked(path.as_bytes()) {
            Cow::Owned(masked) => FilePath::from_bytes(&masked),
            Cow::Borrowed(_) => path,
        }
    }

    /// GitHub's hashes of the lines, if they are requested and the whole text is available.
    fn hashes(&self, chunk: &Chunk<'_>, placed: &[(&KeyMatch<'_>, Region)]) -> Vec<Option<String>> {
        if !self.line_hashes || !chunk.is_first || !chunk.is_last {
            return vec![None; placed.len()];
        }
        let lines: Vec<u64> = placed.iter().map(|(_, region)| region.start.line).collect();
        line_hashes(&decode(chunk.bytes, chunk.encoding), &lines)
    }

    /// The decision where there can be no markers.
    pub(super) fn unmarked(&self) -> InlineVerdict {
        InlineVerdict { change: self.change, is_old: self.is_old, ..InlineVerdict::default() }
    }

    /// The decision of the markers around a key of the rule `rule_id` at `span`.
    pub(super) fn inline(
        &self,
        markers: &mut MarkerReader,
        chunk: &Chunk<'_>,
        span: &Range<usize>,
        rule_id: &str,
    ) -> InlineVerdict {
        if !self.plan.inline {
            return self.unmarked();
        }
        let mut verdict = markers.verdict(&self.plan.rules, chunk, span, rule_id);
        (verdict.change, verdict.is_old) = (self.change, self.is_old);
        for fault in &mut verdict.faults {
            fault.message = self.scanner.masked_text(&fault.message);
        }
        verdict
    }
}

/// The most places of pieces that are told.
const MOST_PIECES: usize = 32;

/// The regions of a key's pieces; `text` is the position at the offset `at` of `bytes`.
fn pieces(text: &Locator, at: usize, bytes: &[u8], places: &[Range<usize>]) -> Vec<Region> {
    if places.is_empty() || places.len() > MOST_PIECES {
        return Vec::new();
    }
    let mut sorted: Vec<_> = places.iter().filter(|place| place.start >= at).collect();
    sorted.sort_by_key(|place| (place.start, place.end));
    sorted.dedup();
    let (mut here, mut at) = (text.clone(), at);
    let regions = sorted.into_iter().map(|place| {
        here.advance(&bytes[at..place.start]);
        at = place.start;
        let mut end = here.clone();
        end.advance(&bytes[place.clone()]);
        Region { start: here.place(), end: end.place() }
    });
    regions.collect()
}
