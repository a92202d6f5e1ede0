//! Finds the keywords of all rules in one pass.

use std::ops::Range;

use aho_corasick::Span;
use aho_corasick::packed;

use super::grams::Grams;
use super::layers::{self, Step};
use super::wide::widened;
use crate::rules::Ruleset;

/// Up to so many words, Teddy is the faster searcher; measured, they are even at about 85.
const FEW: usize = 80;

/// A keyword in a text, as it is or encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// Index of the word that was found.
    pub(super) needle: usize,
    /// Offset of its first character.
    pub(super) start: usize,
    /// Whether each character takes two bytes (UTF-16).
    pub(super) wide: bool,
}

/// A searcher for the keywords of a rule set, as single bytes, as UTF-16 and encoded.
#[derive(Debug)]
pub(super) struct Prefilter {
    keywords: Vec<Keyword>,
    /// The words to look for: first the keywords, then what they become.
    needles: Vec<Needle>,
    narrow: Searcher,
    /// Looks for the keywords only.
    wide: Searcher,
    /// Length in bytes of the longest word.
    longest: usize,
}

/// A keyword that some rules share.
#[derive(Debug)]
struct Keyword {
    text: Vec<u8>,
    rules: Vec<usize>,
    /// Whether a text with it may have to do with a secret.
    is_seed: bool,
}

/// A word to look for.
#[derive(Debug)]
struct Needle {
    text: Vec<u8>,
    keyword: usize,
    /// How to get back to the keyword, from the outside in; none if it is the keyword.
    steps: Vec<Step>,
    /// The other words that may begin at the same place: those that begin with this one, and those
    /// that this one begins with. Teddy tells of one only.
    same_start: Vec<usize>,
}

/// Finds some of the words of a set, or all.
#[derive(Debug)]
enum Searcher {
    /// Teddy, for few keywords: one of those that begin at the first place where any begins.
    ///
    /// It is used by itself, not as a part of an automaton, because that prefers to look for rare
    /// bytes such as `_`, which are not rare in source code: that is slower by ten times.
    Packed(packed::Searcher),
    /// For many keywords, and where the processor has no instructions for Teddy: all of them.
    Grams(Grams),
}

impl Prefilter {
    /// A searcher for the keywords of all rules, and for further words of no rule.
    pub(super) fn new(rules: &Ruleset, words: &[String]) -> Self {
        let mut keywords: Vec<Keyword> = Vec::new();
        let mut indexes = std::collections::HashMap::new();
        for (index, rule) in rules.rules.iter().enumerate() {
            for text in &rule.keywords {
                let at = *indexes.entry(text.as_str()).or_insert_with(|| {
                    keywords.push(Keyword::new(text));
                    keywords.len() - 1
                });
                keywords[at].rules.push(index);
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
        Self::of(keywords, rules.decode_depth)
    }

    fn of(keywords: Vec<Keyword>, depth: usize) -> Self {
        let plain = (0..).zip(&keywords).map(|(keyword, Keyword { text, .. })| Needle {
            text: text.clone(),
            keyword,
            steps: Vec::new(),
            same_start: Vec::new(),
        });
        let mut needles: Vec<Needle> = plain.collect();
        for (keyword, Keyword { text, rules, .. }) in (0..).zip(&keywords) {
            // Words of no rule are names and hosts.
            let encoded = if rules.is_empty() { 0 } else { depth };
            let encoded = layers::encoded(text, encoded).into_iter();
            needles.extend(encoded.map(|layers::Encoded { text, steps }| Needle {
                text,
                keyword,
                steps,
                same_start: Vec::new(),
            }));
        }
        // In sorted order, the words that begin with a given one follow it directly.
        let mut sorted: Vec<_> = (0..needles.len()).collect();
        sorted.sort_by(|&a, &b| needles[a].text.cmp(&needles[b].text));
        for (position, &short) in sorted.iter().enumerate() {
            for &long in &sorted[position + 1..] {
                if !needles[long].text.starts_with(&needles[short].text) {
                    break;
                }
                needles[short].same_start.push(long);
                needles[long].same_start.push(short);
            }
        }
        let narrow = Searcher::new(needles.iter().map(|needle| needle.text.clone()).collect());
        let wide: Vec<_> = keywords.iter().map(|keyword| widened(&keyword.text)).collect();
        let lengths = wide.iter().chain(needles.iter().map(|needle| &needle.text)).map(Vec::len);
        let longest = lengths.max().unwrap_or(0);
        Self { keywords, needles, narrow, wide: Searcher::new(wide), longest }
    }

    fn keyword(&self, hit: Hit) -> &Keyword {
        &self.keywords[self.needles[hit.needle].keyword]
    }

    /// The rules that have the keyword of this hit.
    pub(super) fn rules(&self, hit: Hit) -> &[usize] {
        &self.keyword(hit).rules
    }

    /// Whether a text with this hit may have to do with a secret.
    pub(super) fn is_seed(&self, hit: Hit) -> bool {
        self.keyword(hit).is_seed
    }

    /// The keyword of this hit.
    pub(super) fn text(&self, hit: Hit) -> &[u8] {
        &self.keyword(hit).text
    }

    /// How the keyword of this hit is encoded, from the outside in.
    pub(super) fn steps(&self, hit: Hit) -> &[Step] {
        &self.needles[hit.needle].steps
    }

    /// Length in bytes of what was found.
    pub(super) fn length(&self, hit: Hit) -> usize {
        let length = self.needles[hit.needle].text.len();
        if hit.wide { 2 * length - 1 } else { length }
    }

    /// Length in bytes of the longest word, as UTF-16 if it is looked for as such.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Every keyword of `text` that begins in `range`; narrow ones first, each kind in order.
    pub(super) fn hits(&self, text: &[u8], range: Range<usize>, mut each: impl FnMut(Hit)) {
        self.search(&self.narrow, text, range.clone(), false, &mut each);
        // UTF-16 needs zero bytes, which ordinary text has none of.
        let end = text.len().min(range.end + self.longest);
        if memchr::memchr(0, &text[range.start.min(end)..end]).is_some() {
            self.search(&self.wide, text, range, true, &mut each);
        }
    }

    fn search(
        &self,
        searcher: &Searcher,
        text: &[u8],
        range: Range<usize>,
        wide: bool,
        each: &mut impl FnMut(Hit),
    ) {
        let hit = |needle, start| Hit { needle, start, wide };
        let packed = match searcher {
            Searcher::Packed(packed) => packed,
            Searcher::Grams(grams) => {
                return grams.find(text, range, |needle, start| each(hit(needle, start)));
            }
        };
        let end = text.len().min(range.end + self.longest);
        let mut start = range.start;
        while let Some(found) = packed.find_in(text, Span { start, end }) {
            start = found.start();
            if start >= range.end {
                return;
            }
            let needle = found.pattern().as_usize();
            each(hit(needle, start));
            for &other in &self.needles[needle].same_start {
                let word = &self.needles[other].text;
                let stands_here = match wide {
                    // Only keywords are looked for as UTF-16.
                    true if other >= self.keywords.len() => false,
                    true => text[start..].starts_with(&widened(word)),
                    false => text[start..].starts_with(word),
                };
                if stands_here {
                    each(hit(other, start));
                }
            }
            // Not from the end of the hit: keywords may overlap.
            start += 1;
        }
    }
}

impl Keyword {
    fn new(text: &str) -> Self {
        let text = text.as_bytes().to_vec();
        Self { text, rules: Vec::new(), is_seed: false }
    }
}

impl Searcher {
    fn new(words: Vec<Vec<u8>>) -> Self {
        if words.len() <= FEW
            && let Some(packed) = Self::packed(&words)
        {
            return Self::Packed(packed);
        }
        Self::Grams(Grams::new(words))
    }

    fn packed(words: &[Vec<u8>]) -> Option<packed::Searcher> {
        // By itself, it would refuse more than 64.
        packed::Config::new().heuristic_pattern_limits(false).builder().extend(words).build()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    fn prefilter(words: &[Vec<u8>]) -> Prefilter {
        let keyword =
            |text: &Vec<u8>| Keyword { text: text.clone(), rules: Vec::new(), is_seed: false };
        Prefilter::of(words.iter().map(keyword).collect(), 0)
    }

    /// Start, keyword and width of every hit, in the order in which they are told.
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

    /// Words over so few letters that they often overlap and begin alike; some sets are few
    /// enough for one searcher, some are not, and the shortest word has 2 to 9 letters.
    fn words() -> impl Strategy<Value = Vec<Vec<u8>>> {
        (2..=9usize, prop_oneof![1..8usize, 40..90usize]).prop_flat_map(|(shortest, count)| {
            let letter = prop::sample::select(&b"abc_-sk1"[..]);
            btree_set(vec(letter, shortest..=9.max(shortest + 2)), 1..=count)
                .prop_map(|set| set.into_iter().collect())
                .prop_shuffle()
        })
    }

    /// Words, cut words, letters and zeros, as single bytes and as UTF-16.
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
            prop_assert!(told.is_sorted_by_key(|&(is_wide, start, _)| (is_wide, start)));
            let mut sorted = told;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, naive(&words, &text, range));
        }
    }

    #[test]
    fn many_keywords_take_the_other_searcher() {
        let words = |count| -> Vec<Vec<u8>> {
            let word = |n: usize| format!("k{n:04}").into_bytes();
            (0..count).map(word).collect()
        };
        for count in [0, FEW + 1, 300] {
            let narrow = prefilter(&words(count)).narrow;
            assert!(matches!(narrow, Searcher::Grams(_)), "{count}");
        }
    }

    #[test]
    fn a_set_without_keywords_has_no_hits() {
        assert_eq!(told(&[], b"sk_v1_\0", 0..7), []);
    }
}
