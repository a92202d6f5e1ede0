//! Builds occurrences of what was found in a text: region, excerpt, line hash, inline markers.

use std::borrow::Cow;

use crate::config::Plan;
use crate::model::{FilePath, Occurrence, Provenance, Region, Suppression};
use crate::rules::Rule;
use crate::scan::{
    ChunkMatches, KeyMatch, KeyScanner, Locator, decode, excerpt, line_hashes, marker_lines,
    reported_in,
};
use crate::source::{Chunk, TextEncoding};
use crate::suppress;

/// Builds the occurrences of a run.
#[derive(Clone, Copy)]
pub(super) struct OccurrenceBuilder<'p> {
    pub(super) plan: &'p Plan,
    pub(super) scanner: &'p KeyScanner<'p>,
    /// True if GitHub's line hashes are requested.
    pub(super) line_hashes: bool,
}

/// A key, its occurrence, and what accepts it there.
pub(super) type PlacedMatch<'f, 'p> = (&'f KeyMatch<'p>, Occurrence, Option<Suppression>);

impl<'p> OccurrenceBuilder<'p> {
    /// The occurrences of the reported keys of a chunk. `text` is the position at the offset `at`
    /// of it.
    pub(super) fn place<'f>(
        &self,
        provenance: &Provenance,
        text: &Locator,
        at: usize,
        chunk: &Chunk<'_>,
        found: &'f ChunkMatches<'p>,
    ) -> Vec<PlacedMatch<'f, 'p>> {
        let mut here = text.clone();
        let mut at = at;
        let mut placed = Vec::new();
        for key in reported_in(found, chunk, provenance.path.as_bytes()) {
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
                excerpt: excerpt(chunk.bytes, chunk.encoding, key, found),
                line_hash,
            };
            (key, occurrence, self.accepted_inline(chunk, key))
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
        self.place(provenance, &Locator::new(chunk.encoding), at, chunk, found)
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
            let layers = key.layers.clone();
            (key, Occurrence { provenance: provenance(), region, layers, excerpt, line_hash: None })
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

    fn accepted_inline(&self, chunk: &Chunk<'_>, key: &KeyMatch<'_>) -> Option<Suppression> {
        if !self.plan.inline {
            return None;
        }
        let (line, previous) = marker_lines(chunk.bytes, chunk.encoding, &key.span);
        suppress::inline(&line, previous.as_deref(), &key.rule.id)
    }
}
