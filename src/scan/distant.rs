//! Keys without a text of their own that are told by what stands some lines away: words, or the key of
//! another rule that makes a pair with them.

use std::borrow::Cow;
use std::ops::Range;

use super::filters::Rejection;
use super::key_match::{KeyMatch, PairedKey};
use super::pairs::{self, Partners};
use super::prefilter::{KeywordPlace, PrefilterEvent};
use super::scanner::{Attempt, AttemptOutcome, KeyScanner};
use super::{assigned, utf16};
use crate::model::RuleIndex;
use crate::rules::{MarkMemo, Pair};
use crate::source::TextEncoding;

impl<'r> KeyScanner<'r> {
    /// Passes on the result of every value in `range` under the rules that look some lines away, if there
    /// is a word that could tell it: in the range, as `has_word` says, or around it.
    pub(super) fn attempt_distant(
        &self,
        text: &[u8],
        range: Range<usize>,
        encoding: TextEncoding,
        has_word: bool,
        each: &mut impl FnMut(Attempt<'r>),
    ) {
        let around = self.around(text, &range, encoding);
        let beside = [around.start..range.start, range.end..around.end];
        if !has_word && !beside.into_iter().any(|part| self.has_distant_word(text, part)) {
            return;
        }
        let width = encoding.unit();
        let narrow = narrow(text, encoding);
        let range = range.start.div_ceil(width)..range.end.div_ceil(width).min(narrow.len());
        let mut partners: Option<Partners> = None;
        assigned::values(&narrow, range, |_, start| {
            for &index in self.prefilter.distant() {
                let rule = &self.rules[index];
                let nearby = rule.nearby.as_ref();
                let is_near = nearby.is_some_and(|nearby| {
                    !nearby.words.is_empty() && assigned::is_near(&narrow, start, nearby)
                });
                let is_forbidden =
                    || nearby.is_some_and(|near| assigned::is_forbidden(&narrow, start, near));
                if !is_near && (rule.pair.is_none() || is_forbidden()) {
                    continue;
                }
                let mut outcome = self.examine_value(&narrow, start, width, index);
                if let (AttemptOutcome::Key(key), Some(pair)) = (&mut outcome, &rule.pair) {
                    let partners =
                        partners.get_or_insert_with(|| self.partners(text, &around, encoding));
                    key.pair = partners.nearest(&narrow, width, &key.span, pair).cloned();
                }
                if let AttemptOutcome::Key(key) = &outcome
                    && !is_near
                    && key.pair.is_none()
                {
                    outcome = AttemptOutcome::Rejected(key.clone(), Rejection::Unpaired);
                }
                let word = nearby.and_then(|nearby| nearby.words.first());
                let keyword = word.or(rule.pair.as_ref().map(|pair| &pair.with));
                each(Attempt {
                    rule,
                    keyword: keyword.map_or("", |own| own),
                    start: start * width,
                    layers: Vec::new(),
                    outcome,
                });
            }
        });
    }

    /// The range, and what is around it as far as a word or the other key of a pair may be.
    fn around(&self, text: &[u8], range: &Range<usize>, encoding: TextEncoding) -> Range<usize> {
        let reach = if self.prefilter.looks_around() { pairs::REACH * encoding.unit() } else { 0 };
        range.start.saturating_sub(reach)..(range.end + reach).min(text.len())
    }

    /// True if a word in `range` may tell a key some lines away.
    fn has_distant_word(&self, text: &[u8], range: Range<usize>) -> bool {
        let mut any = false;
        self.prefilter.events(text, range, KeywordPlace::WordStart, |event| match event {
            PrefilterEvent::Keyword(hit) => any |= self.prefilter.is_distant(hit),
            PrefilterEvent::Run(_) => {}
        });
        any
    }

    /// The keys in `range` of the rules that are the other ones of pairs.
    fn partners(&self, text: &[u8], range: &Range<usize>, encoding: TextEncoding) -> Partners {
        let pair = |&index: &RuleIndex| self.rules[index].pair.as_ref();
        let others: Vec<RuleIndex> =
            self.prefilter.distant().iter().filter_map(pair).map(|pair: &Pair| pair.rule).collect();
        let mut keys = Vec::new();
        let mut add = |outcome| match outcome {
            AttemptOutcome::Key(KeyMatch { rule_index, span, secret, layers, .. })
                if layers.is_empty() =>
            {
                keys.push(PairedKey { rule_index, span, secret });
            }
            AttemptOutcome::Key(_) | AttemptOutcome::NoMatch | AttemptOutcome::Rejected(..) => {}
        };
        let mut memo = MarkMemo::default();
        self.prefilter.events(text, range.clone(), KeywordPlace::WordStart, |event| {
            let PrefilterEvent::Keyword(hit) = event else { return };
            for own in self.prefilter.rules(hit).iter().filter(|own| others.contains(&own.index)) {
                add(self.examine(text, hit, own, encoding, &mut memo));
            }
        });
        let by_name: Vec<RuleIndex> =
            others.into_iter().filter(|&other| self.rules[other].keywords.is_empty()).collect();
        if !by_name.is_empty() {
            let (width, narrow) = (encoding.unit(), narrow(text, encoding));
            let range = range.start.div_ceil(width)..range.end.div_ceil(width).min(narrow.len());
            assigned::values(&narrow, range, |_, start| {
                for &index in &by_name {
                    let nearby = self.rules[index].nearby.as_ref();
                    if nearby.is_some_and(|nearby| assigned::is_near(&narrow, start, nearby)) {
                        add(self.examine_value(&narrow, start, width, index));
                    }
                }
            });
        }
        Partners::new(keys)
    }
}

/// A text with one byte per character.
fn narrow(text: &[u8], encoding: TextEncoding) -> Cow<'_, [u8]> {
    match encoding.unit() {
        1 => Cow::Borrowed(text),
        _ => Cow::Owned(utf16::narrowed(text, encoding)),
    }
}
