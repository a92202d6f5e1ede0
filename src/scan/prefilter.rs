//! Finds the keywords of all rules in one pass.

use std::ops::Range;
use std::sync::OnceLock;

use super::encodings::{self, Decoder};
use super::name_words::NameWords;
use super::utf16::widened;
use super::word_search::Searcher;
use crate::model::RuleIndex;
use crate::rules::{Rule, Ruleset, Surroundings};

/// A keyword in a text, plain or encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeywordHit {
    /// Index of the word that was found.
    pub(super) needle: usize,
    /// Offset of its first character.
    pub(super) start: usize,
    /// True if each character takes two bytes (UTF-16).
    pub(super) wide: bool,
}

/// A searcher for the keywords of a rule set, as single bytes, as UTF-16 and encoded.
#[derive(Debug)]
pub struct Prefilter {
    keywords: Vec<Keyword>,
    /// The words to look for: first the keywords, then their encoded forms.
    needles: Vec<Needle>,
    narrow: Searcher,
    /// Searches for the keywords only.
    wide: Searcher,
    /// Length in bytes of the longest word.
    longest: usize,
    names: NameWords,
}

/// A keyword, which several rules may share.
#[derive(Debug)]
struct Keyword {
    text: Vec<u8>,
    rules: Vec<KeywordRule>,
    /// True if a text that contains it may involve a secret.
    is_seed: bool,
}

/// A rule that has a keyword.
#[derive(Debug)]
pub(super) struct KeywordRule {
    /// The rule.
    pub(super) index: RuleIndex,
    /// What must stand around the keyword; found out at its first hit.
    around: OnceLock<Option<Surroundings>>,
}

impl KeywordRule {
    /// False if the rule's pattern cannot match around its keyword at `at` of `text`.
    pub(super) fn may_match(&self, rule: &Rule, keyword: &[u8], text: &[u8], at: usize) -> bool {
        let around = || Surroundings::of(&rule.pattern, &rule.keywords, keyword);
        let around = self.around.get_or_init(around).as_ref();
        around.is_none_or(|around| around.fit(text, at, at + keyword.len()))
    }
}

/// A word to look for.
#[derive(Debug)]
struct Needle {
    text: Vec<u8>,
    keyword: usize,
    /// The decoders that recover the keyword, from the outside in; empty for the keyword itself.
    steps: Vec<Decoder>,
}

impl Prefilter {
    /// A searcher for the keywords of all rules, and for further words that belong to no rule.
    pub fn new(rules: &Ruleset, words: &[String]) -> Self {
        let mut keywords: Vec<Keyword> = Vec::new();
        let mut indexes = std::collections::HashMap::new();
        for (index, rule) in rules.rules.iter().enumerate() {
            for text in &rule.keywords {
                let at = *indexes.entry(text.as_str()).or_insert_with(|| {
                    keywords.push(Keyword::new(text));
                    keywords.len() - 1
                });
                let (index, around) = (RuleIndex(index), OnceLock::new());
                keywords[at].rules.push(KeywordRule { index, around });
                keywords[at].is_seed |= rule.is_reported();
            }
        }
        for word in words.iter().filter(|word| !word.is_empty()) {
            let at = *indexes.entry(word.as_str()).or_insert_with(|| {
                keywords.push(Keyword::new(word));
                keywords.len() - 1
            });
            keywords[at].is_seed = true;
        }
        Self { names: NameWords::new(rules), ..Self::of(keywords, rules.decode_depth) }
    }

    fn of(keywords: Vec<Keyword>, depth: usize) -> Self {
        let plain = (0..).zip(&keywords);
        let mut needles: Vec<Needle> = plain
            .map(|(keyword, Keyword { text, .. })| Needle {
                text: text.clone(),
                keyword,
                steps: Vec::new(),
            })
            .collect();
        for (keyword, Keyword { text, rules, .. }) in (0..).zip(&keywords) {
            // Words that belong to no rule are names and hosts.
            let depth = if rules.is_empty() { 0 } else { depth };
            let encoded = encodings::encoded(text, depth).into_iter();
            needles.extend(encoded.map(|encoded| {
                let encodings::EncodedKeyword { text, steps } = encoded;
                Needle { text, keyword, steps }
            }));
        }
        let narrow: Vec<_> = needles.iter().map(|needle| needle.text.clone()).collect();
        let wide: Vec<_> = keywords.iter().map(|keyword| widened(&keyword.text)).collect();
        let longest = wide.iter().chain(&narrow).map(Vec::len).max().unwrap_or(0);
        let (narrow, wide) = (Searcher::new(&narrow), Searcher::new(&wide));
        Self { keywords, needles, narrow, wide, longest, names: NameWords::default() }
    }

    fn keyword(&self, hit: KeywordHit) -> &Keyword {
        &self.keywords[self.needles[hit.needle].keyword]
    }

    /// The rules that have the keyword of this hit.
    pub(super) fn rules(&self, hit: KeywordHit) -> &[KeywordRule] {
        &self.keyword(hit).rules
    }

    /// The words of rules whose keys have no keyword.
    pub(super) fn names(&self) -> &NameWords {
        &self.names
    }

    /// True if a text with this hit may involve a secret.
    pub(super) fn is_seed(&self, hit: KeywordHit) -> bool {
        self.keyword(hit).is_seed
    }

    /// The keyword of this hit.
    pub(super) fn text(&self, hit: KeywordHit) -> &[u8] {
        &self.keyword(hit).text
    }

    /// The decoders for this hit, from the outside in.
    pub(super) fn steps(&self, hit: KeywordHit) -> &[Decoder] {
        &self.needles[hit.needle].steps
    }

    /// Length in bytes of the hit.
    pub(super) fn length(&self, hit: KeywordHit) -> usize {
        let length = self.needles[hit.needle].text.len();
        if hit.wide { 2 * length - 1 } else { length }
    }

    /// Length in bytes of the longest word, as UTF-16 if that is searched for.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Passes on every keyword of `text` that begins in `range`, in no particular order.
    pub(super) fn hits(&self, text: &[u8], range: Range<usize>, mut each: impl FnMut(KeywordHit)) {
        self.narrow
            .find(text, &range, |needle, start| each(KeywordHit { needle, start, wide: false }));
        // UTF-16 needs zero bytes, which ordinary text does not have.
        let end = text.len().min(range.end + self.longest);
        if memchr::memchr(0, &text[range.start.min(end)..end]).is_some() {
            // The keywords are the first of the needles.
            self.wide
                .find(text, &range, |needle, start| each(KeywordHit { needle, start, wide: true }));
        }
    }
}

impl Keyword {
    fn new(text: &str) -> Self {
        let text = text.as_bytes().to_vec();
        Self { text, rules: Vec::new(), is_seed: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    fn prefilter(words: &[Vec<u8>]) -> Prefilter {
        let keyword = |text: &Vec<u8>| Keyword { text: text.clone(), ..Keyword::new("") };
        Prefilter::of(words.iter().map(keyword).collect(), 0)
    }

    /// Start, keyword and width of every hit.
    fn told(words: &[Vec<u8>], text: &[u8], range: Range<usize>) -> Vec<(bool, usize, usize)> {
        let mut told = Vec::new();
        prefilter(words).hits(text, range, |hit| {
            told.push((hit.wide, hit.start, hit.needle));
        });
        told
    }

    fn naive(words: &[Vec<u8>], text: &[u8], range: Range<usize>) -> Vec<(bool, usize, usize)> {
        let mut all = Vec::new();
        for is_wide in [false, true] {
            for start in range.clone() {
                for (keyword, word) in words.iter().enumerate() {
                    let bytes = if is_wide { widened(word) } else { word.clone() };
                    if text[start..].starts_with(&bytes) {
                        all.push((is_wide, start, keyword));
                    }
                }
            }
        }
        all
    }

    /// Words over few letters, so that they often overlap and begin alike; some sets are small
    /// enough for one searcher, others are not, and the shortest word has 2 to 9 letters.
    fn words() -> impl Strategy<Value = Vec<Vec<u8>>> {
        (2..=9usize, prop_oneof![1..8usize, 40..90usize]).prop_flat_map(|(shortest, count)| {
            let letter = prop::sample::select(&b"abc_-sk1"[..]);
            btree_set(vec(letter, shortest..=9.max(shortest + 2)), 1..=count)
                .prop_map(|set| set.into_iter().collect())
                .prop_shuffle()
        })
    }

    /// Words, truncated words, letters and zeros, as single bytes and as UTF-16.
    fn text(words: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
        let part = (
            prop::sample::select(words),
            0..12usize,
            any::<bool>(),
            vec(prop::sample::select(&b"abc_-sk1\0\n"[..]), 0..6),
        )
            .prop_map(|(word, length, is_wide, mut part)| {
                let word = &word[..length.min(word.len())];
                part.extend(if is_wide { widened(word) } else { word.to_vec() });
                part
            });
        vec(part, 0..30).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn hits_are_those_of_a_naive_search(
            (words, text, from, to) in words().prop_flat_map(|words| {
                (Just(words.clone()), text(words), 0.0..=1.0, 0.0..=1.0)
            })
        ) {
            let at = |part: f64| (part * text.len() as f64) as usize;
            let range = at(f64::min(from, to))..at(f64::max(from, to));
            let told = told(&words, &text, range.clone());
            let mut sorted = told;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, naive(&words, &text, range));
        }
    }

    #[test]
    fn a_set_without_keywords_has_no_hits() {
        assert_eq!(told(&[], b"sk_v1_\0", 0..7), []);
    }
}
