//! Finds the keywords of all rules in one pass.

use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, MatchKind};

use crate::rules::Ruleset;

/// A keyword in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// Index of the keyword.
    pub(super) keyword: usize,
    /// Offset of its first character.
    pub(super) start: usize,
    /// Whether each character takes two bytes (UTF-16).
    pub(super) wide: bool,
}

/// A searcher for the keywords of a rule set, as single bytes and as UTF-16.
#[derive(Debug)]
pub(super) struct Prefilter {
    keywords: Vec<Keyword>,
    narrow: AhoCorasick,
    wide: AhoCorasick,
    /// Length in characters.
    longest: usize,
}

/// A keyword that some rules share.
#[derive(Debug)]
struct Keyword {
    text: Vec<u8>,
    rules: Vec<usize>,
    /// The other keywords that may begin at the same place: those that begin with this one, and
    /// those that this one begins with. The searchers tell of one only.
    same_start: Vec<usize>,
}

impl Prefilter {
    pub(super) fn new(rules: &Ruleset) -> Self {
        let mut keywords: Vec<Keyword> = Vec::new();
        let mut indexes = std::collections::HashMap::new();
        for (index, rule) in rules.rules.iter().enumerate() {
            for text in &rule.keywords {
                let at = *indexes.entry(text.as_str()).or_insert_with(|| {
                    let text = text.as_bytes().to_vec();
                    keywords.push(Keyword {
                        text,
                        rules: Vec::new(),
                        same_start: Vec::new(),
                    });
                    keywords.len() - 1
                });
                keywords[at].rules.push(index);
            }
        }
        // In sorted order, the keywords that begin with a given one follow it directly.
        let mut sorted: Vec<_> = (0..keywords.len()).collect();
        sorted.sort_by(|&a, &b| keywords[a].text.cmp(&keywords[b].text));
        for (position, &short) in sorted.iter().enumerate() {
            for &long in &sorted[position + 1..] {
                if !keywords[long].text.starts_with(&keywords[short].text) {
                    break;
                }
                keywords[short].same_start.push(long);
                keywords[long].same_start.push(short);
            }
        }
        let narrow = searcher(keywords.iter().map(|keyword| keyword.text.clone()));
        let wide = searcher(keywords.iter().map(|keyword| widened(&keyword.text)));
        let longest = keywords
            .iter()
            .map(|keyword| keyword.text.len())
            .max()
            .unwrap_or(0);
        Self {
            keywords,
            narrow,
            wide,
            longest,
        }
    }

    /// The rules that have this keyword.
    pub(super) fn rules(&self, keyword: usize) -> &[usize] {
        &self.keywords[keyword].rules
    }

    /// Length of a keyword in characters.
    pub(super) fn length(&self, keyword: usize) -> usize {
        self.keywords[keyword].text.len()
    }

    /// The text of a keyword.
    pub(super) fn text(&self, keyword: usize) -> &[u8] {
        &self.keywords[keyword].text
    }

    /// Every keyword of `text` that begins in `range`; narrow ones first, each kind in order.
    pub(super) fn hits(&self, text: &[u8], range: Range<usize>, mut each: impl FnMut(Hit)) {
        self.search(&self.narrow, text, range.clone(), false, &mut each);
        // UTF-16 needs zero bytes, which ordinary text has none of.
        let end = text.len().min(range.end + 2 * self.longest);
        if memchr::memchr(0, &text[range.start.min(end)..end]).is_some() {
            self.search(&self.wide, text, range, true, &mut each);
        }
    }

    fn search(
        &self,
        searcher: &AhoCorasick,
        text: &[u8],
        range: Range<usize>,
        wide: bool,
        each: &mut impl FnMut(Hit),
    ) {
        let end = text.len().min(range.end + 2 * self.longest);
        let mut from = range.start;
        while let Some(found) = searcher.find(Input::new(text).span(from..end)) {
            let start = found.start();
            if start >= range.end {
                return;
            }
            let keyword = found.pattern().as_usize();
            each(Hit {
                keyword,
                start,
                wide,
            });
            for &other in &self.keywords[keyword].same_start {
                let stands_here = if wide {
                    text[start..].starts_with(&widened(&self.keywords[other].text))
                } else {
                    text[start..].starts_with(&self.keywords[other].text)
                };
                if stands_here {
                    each(Hit {
                        keyword: other,
                        start,
                        wide,
                    });
                }
            }
            // Not from the end of the hit: keywords may overlap.
            from = start + 1;
        }
    }
}

/// A keyword with a zero byte between its characters, which is in its UTF-16 in both orders.
fn widened(text: &[u8]) -> Vec<u8> {
    let mut wide: Vec<u8> = text.iter().flat_map(|&byte| [byte, 0]).collect();
    wide.pop();
    wide
}

fn searcher(keywords: impl Iterator<Item = Vec<u8>>) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(keywords)
        .expect("the keywords of a rule set are far below the limits of an automaton")
}
