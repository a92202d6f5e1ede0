//! Searches what a text says when it is decoded: escapes, lists of numbers, and base64 of anything that
//! is encoded in turn. Nothing of a text without them is decoded.

use std::ops::Range;

use super::filters::shape;
use super::key_match::KeyMatch;
use super::prefilter::{KeywordPlace, PrefilterEvent};
use super::scanner::{Attempt, AttemptOutcome, KeyScanner};
use crate::decode::{Apart, DECODER_REACH, DecodedText, SearchedPart, decode_value, decoded_texts};
use crate::source::TextEncoding;

/// How far around a seam in git's deltas is decoded.
const SEAM: usize = 256;

/// How far around a seam the signs are looked for that tell of it: the first character of a keyword that is
/// encoded is within its length.
const SEAM_SIGNS: usize = 64;

impl<'r> KeyScanner<'r> {
    /// Passes on the keys that are encoded in `range`, up to `depth` layers deep.
    pub(super) fn attempt_decoded(
        &self,
        text: &[u8],
        range: &Range<usize>,
        depth: usize,
        place: KeywordPlace,
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        let part = SearchedPart { text, range: range.clone(), is_new: &|_| true };
        decoded_texts(&part, DECODER_REACH, self.prefilter.heads(), &mut |decoded| {
            self.attempt_inner(&decoded, range, depth, place, each);
        });
    }

    /// The same for one text that was decoded from `range`.
    fn attempt_inner(
        &self,
        decoded: &DecodedText,
        range: &Range<usize>,
        depth: usize,
        place: KeywordPlace,
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        let Some(rest) = depth.checked_sub(decoded.layers.len()) else { return };
        let mut outer = |attempt: Attempt<'r>| {
            if decoded.apart.is_some() && self.stands_whole(decoded, &attempt) {
                return;
            }
            let own = in_source(decoded, range, attempt);
            if let Some(attempt) = own.filter(|own| own.layers.len() <= depth) {
                each(attempt);
            }
        };
        let (bytes, all) = (&decoded.bytes[..], 0..decoded.bytes.len());
        let encoding = TextEncoding::detect(bytes);
        self.plain_attempts(bytes, all.clone(), encoding, place, |_| {}, &mut outer);
        if rest > 0 && encoding.unit() == 1 {
            let is_new = |place: &Range<usize>| decoded.is_encoded(place);
            let part = SearchedPart { text: bytes, range: all.clone(), is_new: &is_new };
            decoded_texts(&part, 0, self.prefilter.heads(), &mut |inner| {
                self.attempt_inner(&inner, &all, rest, place, &mut outer);
            });
        }
    }

    /// True if the first of several texts that may be put together is the rule's key itself.
    fn stands_whole(&self, decoded: &DecodedText, attempt: &Attempt<'r>) -> bool {
        let AttemptOutcome::Key(key) = &attempt.outcome else { return false };
        let end = decoded.piece_end(key.span.start);
        let first = &decoded.bytes[..end];
        let mut any = false;
        // Beside a key, another text is hardly as random as its rest.
        let is_rest = || {
            let rest = decoded.bytes.get(end..key.span.end).unwrap_or_default();
            decoded.apart == Some(Apart::Beside) && shape(rest).is_random()
        };
        if end < key.span.end && !is_rest() {
            let (bytes, place) = (TextEncoding::Bytes, KeywordPlace::WordStart);
            self.plain_attempts(
                first,
                attempt.start..end,
                bytes,
                place,
                |_| {},
                |other| {
                    let is_same = |other: &KeyMatch<'_>| {
                        other.rule_index == key.rule_index && other.span.start == key.span.start
                    };
                    any |= matches!(&other.outcome, AttemptOutcome::Key(other) if is_same(other));
                },
            );
        }
        any
    }

    /// Passes on the places in `range` of keywords that are encoded.
    pub(super) fn encoded_keywords(
        &self,
        text: &[u8],
        range: &Range<usize>,
        each: &mut dyn FnMut(Range<usize>),
    ) {
        let from = range.start.saturating_sub(SEAM);
        let around = &text[from..text.len().min(range.end + SEAM)];
        let own = range.start - from..range.end - from;
        let depth = self.rules().decode_depth;
        let part = SearchedPart { text: around, range: own.clone(), is_new: &|_| true };
        decoded_texts(&part, SEAM_SIGNS, self.prefilter.heads(), &mut |decoded| {
            self.keywords_in(&decoded, depth, &mut |place| {
                if own.contains(&place.start) {
                    each(from + place.start..from + place.end);
                }
            });
        });
    }

    /// True if the value at `start` is one in base64 that is reported.
    pub(super) fn has_encoded_value(&self, text: &[u8], start: usize) -> bool {
        let range = start..start + 1;
        let mut any = false;
        decode_value(text, start, &mut |decoded| {
            let depth = self.rules().decode_depth;
            let place = KeywordPlace::WordStart;
            self.attempt_inner(&decoded, &range, depth, place, &mut |attempt: Attempt<'r>| {
                let is_key = matches!(attempt.outcome, AttemptOutcome::Key(_));
                any |= is_key && attempt.rule.is_reported();
            });
        });
        any
    }

    fn keywords_in(&self, decoded: &DecodedText, depth: usize, each: &mut dyn FnMut(Range<usize>)) {
        let Some(rest) = depth.checked_sub(decoded.layers.len()) else { return };
        let (bytes, all) = (&decoded.bytes[..], 0..decoded.bytes.len());
        self.prefilter.events(bytes, all.clone(), KeywordPlace::WordStart, |event| {
            let PrefilterEvent::Keyword(hit) = event else { return };
            let is_inner = decoded.bare.is_some_and(|bare| hit.start > bare);
            let mut rules = self.prefilter.rules(hit).iter().map(|own| &self.rules()[own.index]);
            if is_inner && rules.all(|rule| rule.keyword_places.at_start) {
                return;
            }
            let place = decoded.reach(hit.start..hit.start + self.prefilter.length(hit));
            if decoded.is_encoded(&place) && self.prefilter.may_match_near(self.rules, bytes, hit) {
                each(decoded.place(&place));
            }
        });
        if rest > 0 {
            let is_new = |place: &Range<usize>| decoded.is_encoded(place);
            let part = SearchedPart { text: bytes, range: all, is_new: &is_new };
            decoded_texts(&part, 0, self.prefilter.heads(), &mut |inner| {
                self.keywords_in(&inner, rest, &mut |place| each(decoded.place(&place)));
            });
        }
    }
}

/// An attempt in a decoded text as one in its source; `None` if it matches nothing that was encoded, or does
/// not begin in `range`.
fn in_source<'r>(
    decoded: &DecodedText,
    range: &Range<usize>,
    mut attempt: Attempt<'r>,
) -> Option<Attempt<'r>> {
    attempt.start = decoded.place(&(attempt.start..attempt.start + 1)).start;
    let (AttemptOutcome::Key(key) | AttemptOutcome::Rejected(key, _)) = &mut attempt.outcome else {
        return None;
    };
    if key.span.is_empty() || !range.contains(&attempt.start) {
        return None;
    }
    let is_inner = decoded.bare.is_some_and(|bare| key.span.start > bare);
    if is_inner && key.rule.keyword_places.at_start || !decoded.is_key_encoded(&key.span) {
        return None;
    }
    let inner = match &key.pieces[..] {
        [] => std::slice::from_ref(&key.span),
        pieces => pieces,
    };
    let pieces: Vec<_> = inner.iter().flat_map(|piece| decoded.pieces(piece)).collect();
    key.pieces = if pieces.len() > 1 { pieces } else { Vec::new() };
    key.span = decoded.place(&key.span);
    for layers in [&mut key.layers, &mut attempt.layers] {
        layers.splice(0..0, decoded.layers.iter().copied());
    }
    Some(attempt)
}
