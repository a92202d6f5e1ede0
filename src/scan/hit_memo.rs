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
        // Few rules have keywords inside their keys. One may begin with another, as `DB_PASSWORD` with
        // `DB_PASS`: those of one length come in order.
        let is_own = |own: &JudgedMatches| own.rule == rule && own.keyword.len() == place.len();
        let nth = self.judged.iter().position(is_own).unwrap_or_else(|| {
            self.judged.push(JudgedMatches::new(rule));
            self.judged.len() - 1
        });
        let own = &mut self.judged[nth];
        if place.start < own.keyword.start {
            *own = JudgedMatches::new(rule);
        }
        own.keyword = place.clone();
        let gone = own.matches.iter().take_while(|(own, _)| own.start < first).count();
        own.matches.drain(..gone);
        own
    }
}

/// The matches of one rule around its keywords of one length.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_at_one_place_do_not_forget_what_is_known_of_each_other() {
        let (mut memo, rule) = (HitMemo::default(), RuleIndex(0));
        for start in [0, 20, 40] {
            for length in [11, 7] {
                let own = memo.judged(rule, &(start..start + length), 0);
                assert_eq!(own.until, if start == 0 { 0 } else { start - 19 }, "{length}");
                own.until = start + 1;
            }
        }
        // Another text begins.
        assert_eq!(memo.judged(rule, &(0..7), 0).until, 0);
    }
}
