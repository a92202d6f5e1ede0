//! Keys without a text of their own that are told by what stands some lines away: words, or the key of
//! another rule that makes a pair with them.

use std::ops::Range;
use std::slice;

use super::assigned;
use super::filters::Rejection;
use super::pairs::{self, Partners};
use super::partners::narrow;
use super::prefilter::{KeywordPlace, PrefilterEvent};
use super::scanner::{Attempt, AttemptOutcome, KeyScanner};
use crate::model::RuleIndex;
use crate::rules::Nearby;
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
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        let around = self.around(text, &range, encoding);
        let beside = [around.start..range.start, range.end..around.end];
        let mut beside = beside.into_iter().filter(|part| !part.is_empty());
        if !has_word && !beside.any(|part| self.has_distant_word(text, part)) {
            return;
        }
        let width = encoding.unit();
        let narrow = narrow(text, encoding);
        let range = range.start.div_ceil(width)..range.end.div_ceil(width).min(narrow.len());
        let around = around.start.div_ceil(width)..around.end.div_ceil(width).min(narrow.len());
        let mut partners: Option<Partners> = None;
        let mut anywhere: Vec<(RuleIndex, bool)> = Vec::new();
        assigned::values(&narrow, range, &mut |_, start| {
            for &index in self.prefilter.distant() {
                let rule = &self.rules[index];
                let nearby = rule.nearby.as_ref();
                let looks_far = nearby.is_some_and(Nearby::looks_far);
                let pair = rule.pair.as_ref().filter(|pair| pair.tells);
                let has_partner = |partners: &mut Option<Partners>, pair| {
                    let partners = partners.get_or_insert_with(|| {
                        self.partners(
                            &narrow,
                            width,
                            slice::from_ref(&around),
                            self.distant_partners(),
                        )
                    });
                    partners.is_any_near(width, start, pair)
                };
                // Of pairs without words far away, only the other key is looked for here.
                if !looks_far && !pair.is_some_and(|pair| has_partner(&mut partners, pair)) {
                    continue;
                }
                let is_forbidden =
                    || nearby.is_some_and(|near| assigned::is_forbidden(&narrow, start, near));
                let is_near = nearby.is_some_and(|nearby| match nearby.is_anywhere {
                    true => is_anywhere(&mut anywhere, index, nearby, &narrow) && !is_forbidden(),
                    false => !nearby.words.is_empty() && assigned::is_near(&narrow, start, nearby),
                });
                let is_tried = match (is_near, looks_far) {
                    (true, looks_far) => looks_far,
                    (false, _) => pair.is_some() && !is_forbidden(),
                };
                if !is_tried {
                    continue;
                }
                let mut outcome = self.examine_value(&narrow, start, width, index);
                if let (AttemptOutcome::Key(key), Some(pair)) = (&mut outcome, pair)
                    && has_partner(&mut partners, pair)
                {
                    let near = partners.iter();
                    let near = near.flat_map(|all| all.near(&narrow, width, &key.span, pair));
                    key.pairs = near.collect();
                }
                if let AttemptOutcome::Key(key) = &outcome
                    && !is_near
                    && key.pairs.is_empty()
                {
                    outcome = AttemptOutcome::Rejected(key.clone(), Rejection::Unpaired);
                }
                let word = nearby.and_then(|nearby| nearby.words.first());
                let keyword = word.or(pair.and_then(|pair| pair.with.first()));
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

    /// The rules whose keys alone tell others.
    fn distant_partners(&self) -> Vec<RuleIndex> {
        let pairs =
            self.prefilter.distant().iter().filter_map(|&index| self.rules[index].pair.as_ref());
        pairs.filter(|pair| pair.tells).flat_map(|pair| pair.rules.iter().copied()).collect()
    }

    /// The range, and what is around it as far as a word or the other key of a pair may be.
    fn around(&self, text: &[u8], range: &Range<usize>, encoding: TextEncoding) -> Range<usize> {
        let reach = if self.prefilter.looks_around() { pairs::REACH * encoding.unit() } else { 0 };
        range.start.saturating_sub(reach)..(range.end + reach).min(text.len())
    }

    /// True if a word in `range` may tell a key some lines away.
    fn has_distant_word(&self, text: &[u8], range: Range<usize>) -> bool {
        let mut any = false;
        self.prefilter.events(text, range, KeywordPlace::WordStart, &mut |event| match event {
            PrefilterEvent::Keyword(hit) => any |= self.prefilter.is_distant(hit),
            PrefilterEvent::Run(_) => {}
        });
        any
    }
}

/// True if a text has a word of a rule; each rule is looked at once.
fn is_anywhere(
    known: &mut Vec<(RuleIndex, bool)>,
    rule: RuleIndex,
    nearby: &Nearby,
    text: &[u8],
) -> bool {
    if let Some((_, is_in)) = known.iter().find(|(own, _)| *own == rule) {
        return *is_in;
    }
    let is_in = nearby.is_in(text);
    known.push((rule, is_in));
    is_in
}
