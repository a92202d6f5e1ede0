//! Makes occurrences of what was found in a text: place, excerpt, line hash, markers.

use std::borrow::Cow;

use crate::config::Plan;
use crate::model::{FilePath, Occurrence, Origin, Region, Suppression};
use crate::scan::{Found, Locator, Match, Scanner, decode, excerpt, line_hashes, marker_lines};
use crate::source::{Encoding, Piece};
use crate::suppress;

/// What all texts of a run are placed by.
#[derive(Clone, Copy)]
pub(super) struct Placer<'p> {
    pub(super) plan: &'p Plan,
    pub(super) scanner: &'p Scanner<'p>,
    /// Whether GitHub's line hashes are asked for.
    pub(super) line_hashes: bool,
}

/// A key, where it stands, and what accepts it there.
pub(super) type Placed<'f, 'p> = (&'f Match<'p>, Occurrence, Option<Suppression>);

impl<'p> Placer<'p> {
    /// The reported keys of a piece. `text` stands at the offset `at` of it.
    pub(super) fn place<'f>(
        &self,
        origin: &Origin,
        text: &Locator,
        at: usize,
        piece: &Piece<'_>,
        found: &'f Found<'p>,
    ) -> Vec<Placed<'f, 'p>> {
        let mut here = text.clone();
        let mut at = at;
        let mut placed = Vec::new();
        for key in found.keys.iter().filter(|key| key.rule.is_reported()) {
            let start = key.span.start.max(at);
            here.advance(&piece.bytes[at..start]);
            at = start;
            let mut end = here.clone();
            end.advance(&piece.bytes[at..key.span.end]);
            placed.push((key, Region { start: here.place(), end: end.place() }));
        }
        let hashes = self.hashes(piece, &placed);
        let occurrences = placed.into_iter().zip(hashes).map(|((key, region), line_hash)| {
            let occurrence = Occurrence {
                origin: origin.clone(),
                region,
                layers: key.layers.clone(),
                excerpt: excerpt(piece.bytes, piece.encoding, key, found),
                line_hash,
            };
            (key, occurrence, self.accepted_inline(piece, key))
        });
        occurrences.collect()
    }

    /// The reported keys of a text that is at hand as a whole.
    pub(super) fn place_whole<'f>(
        &self,
        origin: &Origin,
        piece: &Piece<'_>,
        found: &'f Found<'p>,
    ) -> Vec<Placed<'f, 'p>> {
        let at = piece.encoding.mark_length(piece.bytes);
        self.place(origin, &Locator::new(piece.encoding), at, piece, found)
    }

    /// The reported keys in the name of a file. They stand at the beginning of its text, as far as
    /// reports can say.
    pub(super) fn in_name(
        &self,
        name: &[u8],
        origin: impl Fn() -> Origin,
    ) -> Vec<(Match<'p>, Occurrence)> {
        if !self.scanner.has_keyword(name) {
            return Vec::new();
        }
        let piece = Piece::whole(name);
        let mut found = self.scanner.find(&piece);
        let start = Locator::new(Encoding::Bytes).place();
        let excerpts: Vec<_> = found
            .keys
            .iter()
            .map(|key| excerpt(piece.bytes, piece.encoding, key, &found))
            .collect();
        let keys = std::mem::take(&mut found.keys).into_iter().zip(excerpts);
        let reported = keys.filter(|(key, _)| key.rule.is_reported());
        let placed = reported.map(|(key, excerpt)| {
            let region = Region { start, end: start };
            let layers = key.layers.clone();
            (key, Occurrence { origin: origin(), region, layers, excerpt, line_hash: None })
        });
        placed.collect()
    }

    /// A path as reports may name it: without the keys in it.
    pub(super) fn shown(&self, path: FilePath) -> FilePath {
        match self.scanner.masked(path.as_bytes()) {
            Cow::Owned(masked) => FilePath::from_bytes(&masked),
            Cow::Borrowed(_) => path,
        }
    }

    /// GitHub's hashes of the lines, if they are asked for and the whole text is at hand.
    fn hashes(&self, piece: &Piece<'_>, placed: &[(&Match<'_>, Region)]) -> Vec<Option<String>> {
        if !self.line_hashes || !piece.is_first || !piece.is_last {
            return vec![None; placed.len()];
        }
        let lines: Vec<u64> = placed.iter().map(|(_, region)| region.start.line).collect();
        line_hashes(&decode(piece.bytes, piece.encoding), &lines)
    }

    fn accepted_inline(&self, piece: &Piece<'_>, key: &Match<'_>) -> Option<Suppression> {
        if !self.plan.inline {
            return None;
        }
        let (line, previous) = marker_lines(piece.bytes, piece.encoding, &key.span);
        suppress::inline(&line, previous.as_deref(), &key.rule.id)
    }
}
