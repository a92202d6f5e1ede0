//! Looks for the other keys of pairs: near keys that have been found, and near values that only such a
//! key tells.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use super::encoded_keywords::OffsetMap;
use super::key_match::{KeyMatch, PairedKey};
use super::pairs::{self, Partners};
use super::scanner::{AttemptOutcome, KeyScanner, MARGIN};
use super::window::Window;
use super::{assigned, utf16};
use crate::model::RuleIndex;
use crate::source::{Chunk, TextEncoding};

impl<'r> KeyScanner<'r> {
    /// Gives each key of a pair the other ones that are near, and returns all of these.
    pub(super) fn add_pairs(
        &self,
        chunk: &Chunk<'_>,
        keys: [&mut Vec<KeyMatch<'r>>; 2],
    ) -> Vec<KeyMatch<'r>> {
        let lacks = |key: &&mut KeyMatch<'r>| {
            key.rule.pair.is_some() && key.pairs.is_empty() && key.layers.is_empty()
        };
        let mut keys: Vec<_> = keys.into_iter().flatten().filter(lacks).collect();
        if keys.is_empty() {
            return Vec::new();
        }
        keys.sort_by_key(|key| key.span.start);
        let width = chunk.encoding.unit();
        let narrow = narrow(chunk.bytes, chunk.encoding);
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for key in &keys {
            let from = (key.span.start / width).saturating_sub(pairs::REACH);
            let to = narrow.len().min(key.span.end / width + pairs::REACH);
            match ranges.last_mut() {
                Some(last) if from <= last.end => last.end = last.end.max(to),
                _ => ranges.push(from..to),
            }
        }
        let others = keys.iter().flat_map(|key| &key.rule.pair).flat_map(|pair| &pair.rules);
        let partners = self.partners(&narrow, width, &ranges, others.copied().collect());
        for key in keys {
            if let Some(pair) = &key.rule.pair {
                key.pairs = partners.near(&narrow, width, &key.span, pair);
            }
        }
        let others = partners.into_keys().into_iter().map(|key| KeyMatch {
            rule_index: key.rule_index,
            rule: &self.rules[key.rule_index],
            span: key.span,
            layers: Vec::new(),
            body: 0..key.secret.reveal().len(),
            secret: key.secret,
            pieces: Vec::new(),
            pairs: Vec::new(),
        });
        others.collect()
    }

    /// The number of keys of one rule in a text, wherever they stand.
    pub(super) fn count(&self, text: &[u8], rule: RuleIndex) -> usize {
        let whole = 0..text.len();
        self.partners(text, 1, std::slice::from_ref(&whole), vec![rule]).into_keys().len()
    }

    /// The keys of these rules that begin in `ranges` of a text; each of its bytes takes `width` bytes in
    /// the scanned one.
    pub(super) fn partners(
        &self,
        text: &[u8],
        width: usize,
        ranges: &[Range<usize>],
        mut rules: Vec<RuleIndex>,
    ) -> Partners {
        rules.sort_unstable();
        rules.dedup();
        let mut keys = Vec::new();
        for range in ranges {
            for &index in &rules {
                let mut add = |outcome| {
                    if let AttemptOutcome::Key(KeyMatch { rule_index, span, secret, .. }) = outcome
                    {
                        keys.push(PairedKey { rule_index, span, secret });
                    }
                };
                if self.rules[index].keywords.is_empty() {
                    self.named_partners(text, width, range, index, &mut add);
                } else {
                    self.plain_partners(text, width, range, index, &mut add);
                }
            }
        }
        Partners::new(keys)
    }

    /// Judges the matches of a rule whose keys have a text of their own.
    fn plain_partners(
        &self,
        text: &[u8],
        width: usize,
        range: &Range<usize>,
        index: RuleIndex,
        each: &mut dyn FnMut(AttemptOutcome<'r>),
    ) {
        let rule = &self.rules[index];
        let has =
            |keyword: &String| memmem::find(&text[range.clone()], keyword.as_bytes()).is_some();
        if !rule.keywords.iter().any(has) {
            return;
        }
        let matcher = rule.pattern.matcher();
        let start = range.start.saturating_sub(MARGIN);
        let end = text.len().min(range.end + matcher.longest + MARGIN);
        let window = Window {
            text: Cow::Borrowed(&text[start..end]),
            before: &text[..start],
            at: 0,
            places: vec![OffsetMap::Even { start: start * width, width }],
            layers: Vec::new(),
        };
        let mut from = range.start - start;
        while let Some(groups) = matcher.regex.captures_at(&window.text, from) {
            let parts = matcher.parts(&groups, 0);
            let whole = parts.whole.clone();
            if whole.start >= range.end - start {
                break;
            }
            let outcome = self.judge(&window, parts, index);
            let is_key = matches!(outcome, AttemptOutcome::Key(_));
            each(outcome);
            // What is no key may hide one that overlaps it.
            from = if is_key { whole.end.max(whole.start + 1) } else { whole.start + 1 };
        }
    }

    /// Judges the values near the words of a rule whose keys only their names tell.
    fn named_partners(
        &self,
        text: &[u8],
        width: usize,
        range: &Range<usize>,
        index: RuleIndex,
        each: &mut dyn FnMut(AttemptOutcome<'r>),
    ) {
        let Some(nearby) = &self.rules[index].nearby else { return };
        assigned::values(text, range.clone(), &mut |_, start| {
            if assigned::is_near(text, start, nearby) {
                each(self.examine_value(text, start, width, index));
            }
        });
    }
}

/// A text with one byte per character.
pub(super) fn narrow(text: &[u8], encoding: TextEncoding) -> Cow<'_, [u8]> {
    match encoding.unit() {
        1 => Cow::Borrowed(text),
        _ => Cow::Owned(utf16::narrowed(text, encoding)),
    }
}
