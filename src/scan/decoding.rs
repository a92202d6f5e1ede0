//! Searches what a text says when it is decoded: escapes, lists of numbers, and base64 of anything that
//! is encoded in turn. Nothing of a text without them is decoded.

use std::ops::Range;

use super::base64_runs::{Base64Texts, SHORTEST as SHORTEST_BASE64};
use super::byte_lists::ListedTexts;
use super::decoded_text::DecodedText;
use super::encoded_places::{EncodedPlace, LONG, encoded_places};
use super::escapes::EscapedTexts;
use super::hex_dumps::dumped_texts;
use super::joined::{JoinedTexts, REACH as JOINED_REACH};
use super::key_heads::KeyHeads;
use super::prefilter::{KeywordPlace, PrefilterEvent};
use super::scanner::{Attempt, AttemptOutcome, KeyScanner};
use super::utf32::utf32_texts;
use crate::source::TextEncoding;

/// How far around a seam in git's deltas is decoded.
const SEAM: usize = 256;

/// How far around a seam the signs are looked for that tell of it: the first character of a keyword that is
/// encoded is within its length. Runs of base64 are told by as many.
const SEAM_SIGNS: usize = 2 * LONG;

/// Passes on every decoded text of `range`, and of the escapes up to `reach` bytes around it. `is_new` tells of
/// which ranges.
fn decoded_texts(
    heads: &KeyHeads,
    text: &[u8],
    (range, reach): (&Range<usize>, usize),
    is_new: &dyn Fn(&Range<usize>) -> bool,
    each: &mut dyn FnMut(DecodedText),
) {
    let mut escaped = EscapedTexts::default();
    let (mut listed, mut base64) = (ListedTexts::default(), Base64Texts::default());
    let mut joined = JoinedTexts::new(text, heads);
    let around = |before: usize, after: usize| {
        range.start.saturating_sub(before)..text.len().min(range.end + after)
    };
    // Of what is long, the part in the range is told by what is before and behind it, too.
    let (of_escapes, long) = (around(reach, reach), around(LONG - 1, LONG));
    let of_joints = around(1, JOINED_REACH);
    let all = of_escapes.start.min(of_joints.start)..of_escapes.end.max(of_joints.end);
    encoded_places(text, &all, |place| match place {
        EncodedPlace::Escape(at) if of_escapes.contains(&at) => {
            escaped.see(text, at, is_new, each);
        }
        EncodedPlace::List(at) if long.contains(&at) => {
            listed.see(text, (at, range), is_new, each);
        }
        EncodedPlace::Base64(at) if long.contains(&at) => {
            base64.see(text, (at, range), is_new, each);
        }
        EncodedPlace::Joint(at) if of_joints.contains(&at) => joined.see(at, is_new, each),
        _ => {}
    });
    escaped.finish(text, each);
    utf32_texts(text, range.clone(), is_new, each);
    dumped_texts(text, range, is_new, each);
}

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
        decoded_texts(
            self.prefilter.heads(),
            text,
            (range, EscapedTexts::REACH),
            &|_| true,
            &mut |decoded| {
                self.attempt_inner(&decoded, range, depth, place, each);
            },
        );
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
            let heads = self.prefilter.heads();
            decoded_texts(heads, bytes, (&all, 0), &is_new, &mut |inner| {
                self.attempt_inner(&inner, &all, rest, place, &mut outer);
            });
        }
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
        decoded_texts(
            self.prefilter.heads(),
            around,
            (&own, SEAM_SIGNS),
            &|_| true,
            &mut |decoded| {
                self.keywords_in(&decoded, depth, &mut |place| {
                    if own.contains(&place.start) {
                        each(from + place.start..from + place.end);
                    }
                });
            },
        );
    }

    /// True if the value at `start` is one in base64 that is reported.
    pub(super) fn has_encoded_value(&self, text: &[u8], start: usize) -> bool {
        let range = start..start + 1;
        let mut any = false;
        let probe = start..text.len().min(start + SHORTEST_BASE64);
        Base64Texts::default().see(text, (start, &probe), &|_| true, &mut |decoded| {
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
            let place = decoded.reach(hit.start..hit.start + self.prefilter.length(hit));
            if decoded.is_encoded(&place) && self.prefilter.may_match_near(self.rules, bytes, hit) {
                each(decoded.place(&place));
            }
        });
        if rest > 0 {
            let heads = self.prefilter.heads();
            decoded_texts(
                heads,
                bytes,
                (&all, 0),
                &|place| decoded.is_encoded(place),
                &mut |inner| {
                    self.keywords_in(&inner, rest, &mut |place| each(decoded.place(&place)));
                },
            );
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
    if !decoded.is_key_encoded(&key.span) {
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
