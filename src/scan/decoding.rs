//! Searches what a text says when it is decoded: escapes, lists of numbers, and base64 of anything that
//! is encoded in turn. Nothing of a text without them is decoded.

use std::ops::Range;

use super::assigned::{assigned_line, values};
use super::enclosing::{Enclosing, REACH, may_be_enclosed};
use super::filters::shape;
use super::key_match::KeyMatch;
use super::name_words::NameReader;
use super::prefilter::{KeywordPlace, PrefilterEvent};
use super::scanner::{Attempt, AttemptOutcome, KeyScanner};
use super::utf16::{narrowed, readable};
use crate::decode::{Apart, DecodedText, DecoderReach, SearchedPart, decode_value, decoded_texts};
use crate::rules::SHORTEST_VALUE;
use crate::source::TextEncoding;

/// How far around a seam in git's deltas is decoded at first.
pub(super) const SEAM: usize = 256;

/// How far before a needle an encoded text may begin that is read from its beginning, and still be read whole.
const BEFORE: usize = 4096;

/// Where the signs are looked for that tell of a seam: the first character of a keyword that is encoded is
/// within its length, and the end of a line of a message within the length of such a line. Of what is decoded
/// there, too, no constants are asked for: they may be in another part.
const SEAM_SIGNS: DecoderReach = DecoderReach { before: 64, after: 80, has_constants: false };
const IN_SEAM: DecoderReach = DecoderReach { has_constants: false, ..DecoderReach::NOTHING };

/// Characters of ASCII in a row that may be encoded.
const SHORTEST_WIDE: usize = 16;

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
        decoded_texts(&part, DecoderReach::ALL, self.prefilter.heads(), &mut |decoded| {
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
        if decoded.anchor.is_some() {
            return;
        }
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
        self.plain_attempts(bytes, all.clone(), encoding, place, &mut |_| {}, &mut outer);
        if encoding.unit() > 1 {
            self.attempt_encoded_wide((bytes, encoding), &all, rest, place, &mut outer);
        } else if rest > 0 {
            let is_new = |place: &Range<usize>| decoded.is_encoded(place);
            let part = SearchedPart { text: bytes, range: all.clone(), is_new: &is_new };
            decoded_texts(&part, DecoderReach::NOTHING, self.prefilter.heads(), &mut |inner| {
                if !inner.joins_again(decoded) {
                    self.attempt_inner(&inner, &all, rest, place, &mut outer);
                }
            });
        }
    }

    /// Passes on what is encoded, or put together, up to `depth` layers deep in a text whose characters have
    /// several bytes.
    pub(super) fn attempt_encoded_wide(
        &self,
        (text, encoding): (&[u8], TextEncoding),
        range: &Range<usize>,
        depth: usize,
        place: KeywordPlace,
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        if depth == 0 {
            return;
        }
        let (narrow, width) = (readable(text, encoding), encoding.unit());
        let range = range.start.div_ceil(width)..range.end.div_ceil(width);
        // What is plain is found as it is.
        let mut each = |attempt: Attempt<'r>| {
            if !attempt.layers.is_empty() {
                each(attempt.widened(width));
            }
        };
        let bytes = TextEncoding::Bytes;
        self.plain_attempts(&narrow, range.clone(), bytes, place, &mut |_| {}, &mut each);
        self.attempt_decoded(&narrow, &range, depth, place, &mut each);
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
                &mut |_| {},
                &mut |other| {
                    let is_same = |other: &KeyMatch<'_>| {
                        other.rule_index == key.rule_index && other.span.start == key.span.start
                    };
                    any |= matches!(&other.outcome, AttemptOutcome::Key(other) if is_same(other));
                },
            );
        }
        any
    }

    /// Passes on the places in `range` of keywords that are encoded up to `depth` layers deep, of values with
    /// their names, and of pieces of keys with names that may be used anywhere: of these with true. So many bytes
    /// on either side of the range are decoded with it.
    pub(super) fn encoded_keywords(
        &self,
        text: &[u8],
        range: &Range<usize>,
        seam: usize,
        depth: usize,
        each: &mut dyn FnMut(Range<usize>, bool),
    ) {
        let from = range.start.saturating_sub(seam);
        let around = &text[from..text.len().min(range.end + seam)];
        let own = range.start - from..range.end - from;
        let part = SearchedPart { text: around, range: own.clone(), is_new: &|_| true };
        decoded_texts(&part, SEAM_SIGNS, self.prefilter.heads(), &mut |decoded| {
            self.keywords_in(&decoded, depth, &mut |place, is_piece| {
                if own.contains(&place.start) {
                    each(from + place.start..from + place.end, is_piece);
                }
            });
        });
    }

    /// True if the value at `start` is one in base64 that is reported.
    pub(super) fn has_encoded_value(&self, text: &[u8], start: usize) -> bool {
        let mut any = false;
        decode_value(text, start, &mut |decoded| {
            any |= self.has_reported(&decoded, &(start..start + 1));
        });
        any
    }

    /// True if a key that is encoded at one of these places or near it is reported. The places are in order.
    pub(super) fn has_encoded_key(
        &self,
        text: &[u8],
        places: impl Iterator<Item = Range<usize>>,
    ) -> bool {
        self.has_key_around(text, places, BEFORE, DecoderReach::ALL)
    }

    /// The same for keys that are put together of pieces at these places and of others anywhere.
    pub(super) fn has_key_of(
        &self,
        text: &[u8],
        places: impl Iterator<Item = Range<usize>>,
    ) -> bool {
        self.has_key_around(text, places, 0, DecoderReach::NOTHING)
    }

    fn has_key_around(
        &self,
        text: &[u8],
        places: impl Iterator<Item = Range<usize>>,
        before: usize,
        reach: DecoderReach,
    ) -> bool {
        // Nothing is decoded twice.
        let mut parts: Vec<Range<usize>> = Vec::new();
        for place in places {
            let own = place.start.saturating_sub(before)..text.len().min(place.end + SEAM);
            match parts.last_mut() {
                Some(last) if last.end >= own.start => last.end = last.end.max(own.end),
                _ => parts.push(own),
            }
        }
        let mut any = false;
        for range in parts {
            let part = SearchedPart { text, range, is_new: &|_| true };
            decoded_texts(&part, reach, self.prefilter.heads(), &mut |decoded| {
                any = any || self.has_reported(&decoded, &(0..text.len()));
            });
        }
        any
    }

    /// True if a decoded text has a key that is reported and begins in `range` of its source.
    fn has_reported(&self, decoded: &DecodedText, range: &Range<usize>) -> bool {
        let (depth, place) = (self.rules().decode_depth, KeywordPlace::WordStart);
        let mut any = false;
        self.attempt_inner(decoded, range, depth, place, &mut |attempt: Attempt<'r>| {
            let is_key = matches!(attempt.outcome, AttemptOutcome::Key(_));
            any |= is_key && attempt.rule.is_reported();
        });
        any
    }

    /// Where the line of the value at `start` begins, and the first name on it that tells the value, or the line
    /// itself if names on other lines may.
    fn first_name(
        &self,
        reader: &mut NameReader<'_, '_>,
        text: &[u8],
        start: usize,
    ) -> Option<(usize, usize)> {
        let line = assigned_line(text, start)?;
        let mut first = None;
        reader.rules_near(line, start, |_, name| {
            first = Some(first.map_or(name, |first: usize| first.min(name)));
        });
        let is_enclosed = may_be_enclosed(text, line, start, REACH);
        first.filter(|_| !is_enclosed).or(is_enclosed.then_some(line)).map(|first| (line, first))
    }

    /// The value at `start` of a decoded text, with what is encoded of it or of the names that may tell it.
    fn named_value(
        &self,
        decoded: &DecodedText,
        reader: &mut NameReader<'_, '_>,
        start: usize,
    ) -> Option<Range<usize>> {
        let text = &decoded.bytes[..];
        let (line, mut first) = self.first_name(reader, text, start)?;
        let end = text.len().min(start + SHORTEST_VALUE);
        // Where only a name on another line is encoded, it has to be one of a rule.
        if first == line
            && !decoded.is_encoded(&(line..end))
            && let Some(around) = Enclosing::of(text, line, start, REACH)
        {
            self.prefilter.names().rules_around(text, &around, |_, nearest| {
                first = first.min(around.lines()[nearest].start);
            });
        }
        decoded.encoded_from(first..end)
    }

    /// Passes on the values of a text in UTF-16 that names may tell.
    fn wide_values(&self, decoded: &DecodedText, each: &mut dyn FnMut(Range<usize>)) {
        let encoding = TextEncoding::detect(&decoded.bytes);
        let unit = encoding.unit();
        if unit == 1 {
            return;
        }
        let narrow = narrowed(&decoded.bytes, encoding);
        let mut reader = self.prefilter.names().reader(&narrow);
        values(&narrow, 0..narrow.len(), &mut |_, value| {
            if let Some((_, first)) = self.first_name(&mut reader, &narrow, value) {
                let end = decoded.bytes.len().min(unit * (value + SHORTEST_VALUE));
                each(decoded.place(&(unit * first..end)));
            }
        });
    }

    fn keywords_in(
        &self,
        decoded: &DecodedText,
        depth: usize,
        each: &mut dyn FnMut(Range<usize>, bool),
    ) {
        let Some(rest) = depth.checked_sub(decoded.layers.len()) else { return };
        if let Some(place) = &decoded.anchor {
            return each(place.clone(), true);
        }
        let (bytes, all) = (&decoded.bytes[..], 0..decoded.bytes.len());
        let has_names = !self.prefilter.names().is_empty();
        if has_names {
            self.wide_values(decoded, &mut |place| each(place, false));
        }
        let mut reader = self.prefilter.names().reader(bytes);
        self.prefilter.events(bytes, all.clone(), KeywordPlace::WordStart, &mut |event| {
            let hit = match event {
                PrefilterEvent::Keyword(hit) => hit,
                PrefilterEvent::Run(run) => {
                    if has_names
                        && let Some(place) = self.named_value(decoded, &mut reader, run.start)
                    {
                        each(decoded.place(&place), false);
                    }
                    return;
                }
            };
            let is_inner = decoded.bare.is_some_and(|bare| hit.start > bare);
            let mut rules = self.prefilter.rules(hit).iter().map(|own| &self.rules()[own.index]);
            if is_inner && rules.all(|rule| rule.keyword_places.at_start) {
                return;
            }
            let keyword = hit.start..hit.start + self.prefilter.length(hit);
            if let Some(place) = decoded.encoded_from(keyword)
                && self.prefilter.may_match_near(self.rules, bytes, hit)
            {
                each(decoded.place(&place), false);
            }
        });
        if rest > 0 {
            let is_new = |place: &Range<usize>| decoded.is_encoded(place);
            let part = SearchedPart { text: bytes, range: all, is_new: &is_new };
            decoded_texts(&part, IN_SEAM, self.prefilter.heads(), &mut |inner| {
                if !inner.joins_again(decoded) {
                    self.keywords_in(&inner, rest, &mut |place, _| {
                        each(decoded.place(&place), false);
                    });
                }
            });
            let encoding = TextEncoding::detect(bytes);
            if encoding.unit() > 1 {
                let (narrow, unit) = (readable(bytes, encoding), encoding.unit());
                self.encoded_keywords(&narrow, &(0..narrow.len()), 0, rest, &mut |place, _| {
                    each(decoded.place(&(unit * place.start..unit * place.end)), false);
                });
            }
        }
    }

    /// The same as [`encoded_keywords`](Self::encoded_keywords) for texts in UTF-16, of either order, and for
    /// words that are encoded once.
    pub(super) fn encoded_wide_keywords(
        &self,
        text: &[u8],
        range: &Range<usize>,
        seam: usize,
        each: &mut dyn FnMut(Range<usize>, bool),
    ) {
        let depth = self.rules().decode_depth;
        let from = range.start.saturating_sub(2 * seam);
        let around = &text[from..text.len().min(range.end + 2 * seam)];
        if memchr::memchr(0, around).is_none() {
            return;
        }
        for odd in 0..around.len().min(2) {
            let narrow = readable(&around[odd..], TextEncoding::Utf16Le);
            if !may_be_encoded(&narrow) {
                continue;
            }
            let offset = from + odd;
            let own = range.start.saturating_sub(offset).div_ceil(2)
                ..narrow.len().min(range.end.saturating_sub(offset).div_ceil(2));
            let mut each = |place: Range<usize>| {
                each(offset + 2 * place.start..offset + 2 * place.end, false);
            };
            self.prefilter.events(&narrow, own.clone(), KeywordPlace::WordStart, &mut |event| {
                if let PrefilterEvent::Keyword(hit) = event
                    && !self.layers(hit).is_empty()
                {
                    each(hit.start..hit.start + self.prefilter.length(hit));
                }
            });
            self.encoded_keywords(&narrow, &own, seam, depth, &mut |place, _| each(place));
        }
    }
}

/// False for what hardly has any text in it, as most of what is no UTF-16.
fn may_be_encoded(narrow: &[u8]) -> bool {
    narrow.split(|byte| !byte.is_ascii()).any(|run| run.len() >= SHORTEST_WIDE)
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
