//! Tries the pattern of one rule at one place of a text, and judges what it matches.

use std::borrow::Cow;
use std::ops::Range;

use super::block::UnfoldedText;
use super::counted::counted_end;
use super::encoded_keywords::{DecodedRun, OffsetMap};
use super::filters::{Candidate, Rejection, reject, reject_block};
use super::hit_memo::HitMemo;
use super::key_match::KeyMatch;
use super::prefilter::{KeywordHit, KeywordRule};
use super::scanner::{AttemptOutcome, KeyScanner, MARGIN};
use super::window::{Window, comment_close};
use super::word_starts::{begins_key, begins_word};
use super::{assigned, block, encoded_keywords, utf16};
use crate::model::{RuleIndex, Secret};
use crate::rules::{Block, MarkMemo, MatchParts, NearText, Rule, is_value};
use crate::source::TextEncoding;

impl<'r> KeyScanner<'r> {
    /// Tries the pattern of one rule on the value that begins at `start`. Each byte of `text` takes
    /// `width` bytes in the scanned one.
    pub(super) fn examine_value(
        &self,
        text: &[u8],
        start: usize,
        width: usize,
        index: RuleIndex,
    ) -> AttemptOutcome<'r> {
        let matcher = self.rules[index].pattern.matcher();
        let from = start.saturating_sub(MARGIN);
        let end = text.len().min(start + matcher.longest + MARGIN);
        let window = Window {
            text: Cow::Borrowed(&text[from..end]),
            before: &text[..from],
            at: start - from,
            places: vec![OffsetMap::Even { start: from * width, width }],
            layers: Vec::new(),
        };
        let groups = match matcher.anchored() {
            Some(anchored) => anchored.captures(&window.text[window.at..]).map(|g| (g, window.at)),
            None => matcher.regex.captures_at(&window.text, window.at).map(|g| (g, 0)),
        };
        let Some(parts) = groups.map(|(groups, offset)| matcher.parts(&groups, offset)) else {
            return AttemptOutcome::NoMatch;
        };
        let next = window.text.get(parts.whole.end);
        let goes_on = next.is_some_and(|&byte| is_value(byte) || byte == b'=');
        if parts.whole.start != window.at || goes_on {
            return AttemptOutcome::NoMatch;
        }
        self.judge(&window, parts, index)
    }

    /// Tries the pattern of one rule around one hit. `memo` knows the earlier hits of the same text; what was
    /// passed on at one of them is not passed on again.
    pub(super) fn examine(
        &self,
        text: &[u8],
        hit: KeywordHit,
        own: &KeywordRule,
        encoding: TextEncoding,
        memo: &mut HitMemo,
    ) -> AttemptOutcome<'r> {
        let (rule, index) = (&self.rules[own.index], own.index);
        if let Some(block) = &rule.block {
            return self.examine_block(text, hit, index, block, encoding);
        }
        let word = self.prefilter.text(hit);
        let keyword = word.len();
        let is_plain = self.prefilter.steps(hit).is_empty() && !hit.wide;
        if is_in_repetition(text, &(hit.start..hit.start + self.prefilter.length(hit))) {
            return AttemptOutcome::NoMatch;
        }
        if is_plain && !own.may_match(rule, word, (text, hit.start), &mut memo.marks) {
            return AttemptOutcome::NoMatch;
        }
        let matcher = rule.pattern.matcher();
        // A match that contains the keyword begins and ends within `longest` of it; the margin lets
        // filters and look-around see what is outside.
        let reach = matcher.longest.saturating_sub(keyword);
        let margin = rule.nearby.as_ref().map_or(MARGIN, |nearby| match nearby.within_lines {
            Some(_) => assigned::LINES_REACH,
            None => nearby.within.max(MARGIN),
        });
        let (before, after) = (reach + margin, keyword + reach + margin);
        let Some(window) = self.window(text, hit, before, after, encoding) else {
            return AttemptOutcome::NoMatch;
        };
        let of_window = (&*window.text, window.at);
        if !is_plain && !own.may_match(rule, word, of_window, &mut MarkMemo::default()) {
            return AttemptOutcome::NoMatch;
        }
        // A match with the keyword begins at it or before it. If all matches begin with keywords,
        // one that begins earlier belongs to the hit there, and would hide the one that begins
        // here.
        let begins_here = rule.keyword_places.at_start;
        if begins_here && let Some(anchored) = matcher.anchored() {
            let Some(groups) = anchored.captures(&window.text[window.at..]) else {
                return AttemptOutcome::NoMatch;
            };
            let parts = matcher.parts(&groups, window.at);
            if parts.whole.end < window.at + keyword {
                return AttemptOutcome::NoMatch;
            }
            return self.judge(&window, parts, index);
        }
        let (at, end) = (window.at, window.at + keyword);
        let mut from = if begins_here { at } else { at.saturating_sub(reach) };
        // Hits of a plain keyword come in order, and their offsets are those of the text.
        let start = hit.start - at.min(hit.start);
        let mut judged =
            is_plain.then(|| memo.judged(index, &(hit.start..hit.start + keyword), start + from));
        let known = judged.as_ref().and_then(|own| own.known());
        if known == Some(true) {
            return AttemptOutcome::NoMatch;
        }
        if let Some(own) = &judged {
            from = from.max(own.until.saturating_sub(start));
        }
        let mut rejected = None;
        while from <= at
            && let Some(groups) = matcher.regex.captures_at(&window.text, from)
        {
            let parts = matcher.parts(&groups, 0);
            if parts.whole.start > at {
                break;
            }
            // Neither a match before the keyword nor one that is not a key rules out another that
            // overlaps it.
            from = parts.whole.start + 1;
            if parts.whole.end < end {
                continue;
            }
            let place = start + parts.whole.start..start + parts.whole.end;
            let outcome = self.judge(&window, parts, index);
            let is_key = matches!(outcome, AttemptOutcome::Key(_));
            let is_in_word = matches!(outcome, AttemptOutcome::Rejected(_, Rejection::InsideWord));
            if is_in_word && matcher.begins_with_secret {
                // Nor is what begins in the rest of the word.
                let rest = &window.text[..=at];
                from += (from..rest.len()).take_while(|&at| !begins_key(rest, at)).count();
            }
            if let Some(own) = &mut judged {
                own.until = start + from;
                if !matches!(outcome, AttemptOutcome::NoMatch) {
                    own.add(place, is_key);
                }
            }
            match outcome {
                AttemptOutcome::Key(key) => return AttemptOutcome::Key(key),
                AttemptOutcome::NoMatch => {}
                other @ AttemptOutcome::Rejected(..) => rejected = rejected.or(Some(other)),
            }
        }
        if let Some(own) = judged {
            own.until = own.until.max(start + at + 1);
        }
        // One that was known was passed on at the hit before.
        rejected.filter(|_| known.is_none()).unwrap_or(AttemptOutcome::NoMatch)
    }

    /// The text around a hit: `before` bytes before it and `after` bytes from its beginning on.
    fn window<'t>(
        &self,
        text: &'t [u8],
        hit: KeywordHit,
        before: usize,
        after: usize,
        encoding: TextEncoding,
    ) -> Option<Window<'t>> {
        let steps = self.prefilter.steps(hit);
        Some(if !steps.is_empty() {
            let run = encoded_keywords::decode(text, hit.start, steps, before, after)?;
            let layers = self.layers(hit);
            let (text, at, places) = (Cow::Owned(run.text), run.at, run.places);
            Window { text, before: &[], at, places, layers }
        } else if hit.wide {
            let keyword = self.prefilter.text(hit).len();
            let run = utf16::run(text, hit.start, keyword, before, after, encoding);
            let places = vec![OffsetMap::Even { start: run.start, width: 2 }];
            // A text that is UTF-16 as a whole is no binary.
            let before = if encoding.unit() == 1 { &text[..run.start] } else { &[] };
            let text = Cow::Owned(run.text);
            Window { text, before, at: run.at, places, layers: Vec::new() }
        } else {
            let start = hit.start.saturating_sub(before);
            let end = text.len().min(hit.start + after);
            let (before, text) = (&text[..start], Cow::Borrowed(&text[start..end]));
            let places = vec![OffsetMap::Even { start, width: 1 }];
            Window { text, before, at: hit.start - start, places, layers: Vec::new() }
        })
    }

    /// Reads the block of which a hit is part.
    fn examine_block(
        &self,
        text: &[u8],
        hit: KeywordHit,
        index: RuleIndex,
        block: &Block,
        encoding: TextEncoding,
    ) -> AttemptOutcome<'r> {
        let rule = &self.rules[index];
        let keyword = self.prefilter.text(hit);
        let unfolded = |after: usize| {
            let window = self.window(text, hit, block::BEFORE, after, encoding)?;
            let mut keywords = rule.keywords.iter().filter(|own| own.as_bytes() == keyword);
            let (start, begin) =
                keywords.find_map(|own| block.begin(&window.text, window.at, own))?;
            let unfolded = block::unfold(&window.text, start, begin.as_bytes());
            Some((window, start, begin, unfolded))
        };
        // Few marks begin a key, and it takes time to decode what follows them.
        let first = unfolded(block::FIRST_LOOK);
        let all = match first {
            Some((.., UnfoldedText { is_open: true, .. })) => unfolded(block::MAX_BLOCK),
            closed => closed,
        };
        let Some((window, start, begin, unfolded)) = all else {
            return AttemptOutcome::NoMatch;
        };
        let Some(key) = block.read(begin, &unfolded.text) else {
            return AttemptOutcome::NoMatch;
        };
        let end = unfolded.source_end(key.end).unwrap_or(start);
        let rejection = reject_block(&key.material, key.fault, &rule.constraints);
        let key = KeyMatch {
            rule_index: index,
            rule,
            span: DecodedRun::place(&window.places, &(start..end)),
            layers: window.layers.clone(),
            body: 0..key.material.len(),
            pieces: Vec::new(),
            pairs: Vec::new(),
            secret: Secret::new(&key.material, 0),
        };
        match rejection {
            Some(rejection) => AttemptOutcome::Rejected(key, rejection),
            None => AttemptOutcome::Key(key),
        }
    }

    /// The verdict on a match.
    pub(super) fn judge(
        &self,
        window: &Window<'_>,
        parts: MatchParts,
        index: RuleIndex,
    ) -> AttemptOutcome<'r> {
        let rule = &self.rules[index];
        let text = &window.text;
        let secret = parts.secret.clone();
        // What all keys of the rule share is not random.
        let fixed = || secret.start + fixed_prefix(rule, &text[secret.clone()]);
        let body = parts.body.clone().unwrap_or_else(|| fixed()..secret.end);
        let closed_at = comment_close(text, secret.end)
            .or_else(|| counted_end(text, &secret).filter(|_| window.is_binary(secret.start)))
            .filter(|&at| at > body.start);
        let may_go_on = closed_at.is_none();
        let secret = without_line_ends(text, secret.start..closed_at.unwrap_or(secret.end));
        if secret.is_empty() {
            return AttemptOutcome::NoMatch;
        }
        let start = body.start.clamp(secret.start, secret.end);
        let body = start..body.end.clamp(start, secret.end);
        let key = KeyMatch {
            rule_index: index,
            rule,
            span: DecodedRun::place(&window.places, &secret),
            layers: window.layers.clone(),
            secret: Secret::new(
                &text[secret.clone()],
                fixed_prefix(rule, &text[secret.start..body.start]),
            ),
            body: body.start - secret.start..body.end - secret.start,
            pieces: Vec::new(),
            pairs: Vec::new(),
        };
        // A value that is found by its name has been compared with the words before.
        let nearby = rule.nearby.as_ref().filter(|_| !rule.keywords.is_empty());
        let is_near = nearby.is_none_or(|nearby| {
            let within = || {
                let from = secret.start.saturating_sub(nearby.within);
                (from..secret.start, secret.end..text.len().min(secret.end + nearby.within))
            };
            let lines = |lines| assigned::lines_around(text, &secret, lines);
            let (before, after) = nearby.within_lines.map_or_else(within, lines);
            let mut near = NearText::default();
            near.add(text, before);
            near.add(text, after);
            nearby.holds(&near)
        });
        let begins_with_name = rule.keyword_places.at_start
            && parts.whole.start < secret.start
            && text[parts.whole.start].is_ascii_alphanumeric();
        let begins_word = begins_key(text, secret.start)
            && (!begins_with_name || begins_word(text, parts.whole.start))
            || rule.constraints.word_start && window.is_binary(secret.start);
        let candidate = Candidate { text, begins_word, secret, body, may_go_on };
        if let Some(rejection) = reject(candidate, &rule.constraints) {
            return AttemptOutcome::Rejected(key, rejection);
        }
        if !is_near {
            return AttemptOutcome::Rejected(key, Rejection::Nearby);
        }
        let encoded = text.get(parts.encoded.clone()).unwrap_or_default();
        if rule.decoded.as_ref().is_some_and(|decoded| decoded.decode(encoded).is_none()) {
            return AttemptOutcome::Rejected(key, Rejection::Decoded);
        }
        match &rule.checksum {
            Some(checksum) if !checksum.holds(&parts.checksum_parts(text)) => {
                AttemptOutcome::Rejected(key, Rejection::Checksum)
            }
            _ => AttemptOutcome::Key(key),
        }
    }
}

/// The range of a key without line ends around it, which patterns such as `(?:[^a-z]|$)` take in.
fn without_line_ends(text: &[u8], key: Range<usize>) -> Range<usize> {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let before = text[key.clone()].iter().take_while(|byte| is_end(byte)).count();
    let start = key.start + before;
    let after = text[start..key.end].iter().rev().take_while(|byte| is_end(byte)).count();
    start..key.end - after
}

/// Length of the part that all keys of the rule share, and which may be shown: a keyword that the
/// text begins with.
fn fixed_prefix(rule: &Rule, text: &[u8]) -> usize {
    let leading = rule.keywords.iter().filter(|k| text.starts_with(k.as_bytes()));
    leading.map(String::len).max().unwrap_or(0)
}

/// Characters on either side of a keyword that repeat themselves, and with it make no key.
const REPEATED: usize = 24;

/// The period of what repeats itself: that of one to four characters, also in base64 and in UTF-16.
const PERIOD: usize = 12;

/// True for a keyword in a long repetition of few characters, of which it is part: nothing there was drawn at
/// random. Base64 of zero bytes is one of `A`.
fn is_in_repetition(text: &[u8], keyword: &Range<usize>) -> bool {
    let from = keyword.start.checked_sub(REPEATED);
    let around = from.and_then(|from| text.get(from..keyword.end + REPEATED));
    around.is_some_and(|around| around[PERIOD..].iter().eq(&around[..around.len() - PERIOD]))
}
