//! Finds every word of a set with the searcher that is fastest for their number and lengths.

use std::ops::Range;

use aho_corasick::{Span, packed};

use super::qgram::QGramSearcher;
use super::underscore::UnderscoreSearcher;
use super::word_table::{AnchoredWord, SHORTEST_ANCHOR, WordTable};

/// Up to this many words, Teddy is the faster searcher; measured, they are even at about 85.
pub(super) const FEW: usize = 80;

/// Shorter words have too few bytes for a search that leaves places out.
const SHORT: usize = 5;

/// Shorter words have grams of three bytes, and longer ones are better off without them.
const MEDIUM: usize = 7;

/// A searcher for a set of words.
#[derive(Debug)]
pub(super) struct Searcher {
    parts: Vec<WordGroup>,
    /// Length in bytes of the longest word.
    longest: usize,
}

/// Words that are searched for in a pass of their own.
#[derive(Debug)]
struct WordGroup {
    /// Their indices among all words.
    numbers: Vec<usize>,
    searcher: GroupSearcher,
}

#[derive(Debug)]
enum GroupSearcher {
    /// Teddy, for few words.
    ///
    /// It is used directly and not through an automaton, which would prefer to look for rare bytes
    /// such as `_`; these are not rare in source code, and the search would be ten times slower.
    Packed(Teddy),
    /// For many words, and for processors without the instructions that Teddy needs.
    Grams(QGramSearcher),
    /// For a few short words beside many others: they hit too often for Teddy.
    Dense(WordTable),
    /// For many short words of names.
    Underscores(UnderscoreSearcher),
}

impl Searcher {
    pub(super) fn new(words: &[Vec<u8>]) -> Self {
        let longest = words.iter().map(Vec::len).max().unwrap_or(0);
        let all: Vec<usize> = (0..words.len()).collect();
        // The shortest word decides how many places a search can leave out.
        let mut lists: Vec<Vec<usize>> = Vec::new();
        let (mut underscores, mut dense) = (Vec::new(), Vec::new());
        if words.len() > FEW {
            let is_of_name = |number: &usize| {
                let word = &words[*number];
                word.len() < MEDIUM && UnderscoreSearcher::suits(word)
            };
            let (of_names, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_of_name);
            underscores = of_names;
            let length = |number: &usize| words[*number].len();
            let (mut short, others): (Vec<_>, Vec<_>) =
                others.into_iter().partition(|number| length(number) < SHORT);
            let (mut medium, long): (Vec<_>, Vec<_>) =
                others.into_iter().partition(|number| length(number) < MEDIUM);
            if short.len() + medium.len() <= FEW {
                short.append(&mut medium);
            }
            if short.iter().all(|number| length(number) >= SHORTEST_ANCHOR) {
                dense = short;
            } else {
                lists.extend(short.chunks(FEW).map(<[usize]>::to_vec));
            }
            lists.extend([medium, long].into_iter().filter(|list| !list.is_empty()));
        } else {
            lists.push(all);
        }
        let texts = |numbers: &[usize]| -> Vec<Vec<u8>> {
            numbers.iter().map(|number| words[*number].clone()).collect()
        };
        let parts = lists.into_iter().map(|numbers| {
            let searcher = GroupSearcher::new(texts(&numbers));
            WordGroup { numbers, searcher }
        });
        let names = (!underscores.is_empty()).then(|| {
            let searcher = UnderscoreSearcher::new(texts(&underscores));
            WordGroup { numbers: underscores, searcher: GroupSearcher::Underscores(searcher) }
        });
        let short = (!dense.is_empty()).then(|| {
            let texts = dense.iter().map(|number| &*words[*number]);
            let words =
                (0..).zip(texts).map(|(number, text)| AnchoredWord { number, anchor: 0, text });
            let searcher = GroupSearcher::Dense(WordTable::new(&words.collect::<Vec<_>>()));
            WordGroup { numbers: dense, searcher }
        });
        let parts = short.into_iter().chain(parts).chain(names);
        Self { parts: parts.collect(), longest }
    }

    /// Passes on the index and the offset of every word of `text` that begins in `range`.
    pub(super) fn find(
        &self,
        text: &[u8],
        range: &Range<usize>,
        mut each: impl FnMut(usize, usize),
    ) {
        for WordGroup { numbers, searcher } in &self.parts {
            let mut each = |word: usize, start| each(numbers[word], start);
            match searcher {
                GroupSearcher::Packed(packed) => packed.find(text, range, self.longest, each),
                GroupSearcher::Grams(grams) => grams.find(text, range.clone(), each),
                GroupSearcher::Dense(words) => {
                    let range = range.start..range.end.min(text.len());
                    words.within(text, range, &mut |word, start| each(word as usize, start));
                }
                GroupSearcher::Underscores(words) => words.find(text, range, each),
            }
        }
    }
}

impl GroupSearcher {
    fn new(words: Vec<Vec<u8>>) -> Self {
        match Teddy::new(&words) {
            Some(packed) => Self::Packed(packed),
            None => Self::Grams(QGramSearcher::new(words)),
        }
    }
}

/// Teddy, which reports only one of the words that begin at the same place.
#[derive(Debug)]
struct Teddy {
    searcher: packed::Searcher,
    words: Vec<Vec<u8>>,
    /// For each word, those that may begin at the same place: those that it is a prefix of, and its
    /// own prefixes.
    same_start: Vec<Vec<usize>>,
}

impl Teddy {
    fn new(words: &[Vec<u8>]) -> Option<Self> {
        if words.len() > FEW {
            return None;
        }
        // By default, it refuses more than 64.
        let config = packed::Config::new().heuristic_pattern_limits(false).clone();
        let searcher = config.builder().extend(words).build()?;
        // In sorted order, the words with a given prefix follow it directly.
        let mut same_start = vec![Vec::new(); words.len()];
        let mut sorted: Vec<_> = (0..words.len()).collect();
        sorted.sort_by(|&a, &b| words[a].cmp(&words[b]));
        for (position, &short) in sorted.iter().enumerate() {
            for &long in &sorted[position + 1..] {
                if !words[long].starts_with(&words[short]) {
                    break;
                }
                same_start[short].push(long);
                same_start[long].push(short);
            }
        }
        Some(Self { searcher, words: words.to_vec(), same_start })
    }

    fn find(
        &self,
        text: &[u8],
        range: &Range<usize>,
        longest: usize,
        mut each: impl FnMut(usize, usize),
    ) {
        let end = text.len().min(range.end + longest);
        let mut start = range.start;
        while let Some(found) = self.searcher.find_in(text, Span { start, end }) {
            start = found.start();
            if start >= range.end {
                return;
            }
            let word = found.pattern().as_usize();
            each(word, start);
            for &other in &self.same_start[word] {
                if text[start..].starts_with(&self.words[other]) {
                    each(other, start);
                }
            }
            // Not from the end of the word: words may overlap.
            start += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_words_use_q_grams_and_few_short_ones_do_not_slow_them() {
        let words = |count| -> Vec<Vec<u8>> {
            let word = |n: usize| format!("k{n:04}").into_bytes();
            (0..count).map(word).collect()
        };
        let searchers = |words: &[Vec<u8>]| -> Vec<(usize, bool)> {
            let parts = Searcher::new(words).parts.into_iter();
            parts
                .map(|part| (part.numbers.len(), matches!(part.searcher, GroupSearcher::Grams(_))))
                .collect()
        };
        for count in [FEW + 1, 300] {
            assert_eq!(searchers(&words(count)), [(count, true)], "{count}");
            let mixed = [words(count), vec![b"abc".to_vec(), b"abcd".to_vec()]].concat();
            let searchers = searchers(&mixed);
            assert_eq!((searchers[0].0, searchers[1]), (2, (count, true)), "{count}");
        }
    }
}
