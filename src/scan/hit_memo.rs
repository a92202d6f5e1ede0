//! Remembers the hits of a text so far: keywords that stand close together are in the same matches, and none of
//! these is judged twice.

use std::ops::Range;

use crate::model::RuleIndex;
use crate::rules::MarkMemo;

/// Findings of the earlier hits of one text.
#[derive(Debug, Default)]
pub(super) struct HitMemo {
    /// Where bytes were looked for that must follow a keyword.
    pub(super) marks: MarkMemo,
    judged: Vec<JudgedMatches>,
}

impl HitMemo {
    /// The matches of a rule that were judged at earlier hits, if what they say holds for a keyword at
    /// `place` too; of others, nothing is known. Keeps those that begin at `first` or later.
    pub(super) fn judged(
        &mut self,
        rule: RuleIndex,
        place: &Range<usize>,
        first: usize,
    ) -> &mut JudgedMatches {
        // Few rules have keywords inside their keys.
        let nth = self.judged.iter().position(|own| own.rule == rule).unwrap_or_else(|| {
            self.judged.push(JudgedMatches::new(rule));
            self.judged.len() - 1
        });
        let own = &mut self.judged[nth];
        if place.start < own.keyword.start || place.end < own.keyword.end {
            *own = JudgedMatches::new(rule);
        }
        own.keyword = place.clone();
        let gone = own.matches.iter().take_while(|(own, _)| own.start < first).count();
        own.matches.drain(..gone);
        own
    }
}

/// The matches of one rule around its keywords.
#[derive(Debug)]
pub(super) struct JudgedMatches {
    rule: RuleIndex,
    /// The last keyword.
    keyword: Range<usize>,
    /// All matches with that keyword that begin before this are known.
    pub(super) until: usize,
    /// The matches that are keys (true), or were rejected, by their beginnings.
    matches: Vec<(Range<usize>, bool)>,
}

impl JudgedMatches {
    fn new(rule: RuleIndex) -> Self {
        Self { rule, keyword: 0..0, until: 0, matches: Vec::new() }
    }

    /// The first known match with the keyword that is a key (true), or else if any was rejected.
    pub(super) fn known(&self) -> Option<bool> {
        let keyword = &self.keyword;
        let mut around = self
            .matches
            .iter()
            .filter(|(own, _)| own.start <= keyword.start && own.end >= keyword.end);
        let any = around.next()?;
        Some(any.1 || around.any(|(_, is_key)| *is_key))
    }

    /// Adds a match that begins after all others.
    pub(super) fn add(&mut self, place: Range<usize>, is_key: bool) {
        self.matches.push((place, is_key));
    }
}
