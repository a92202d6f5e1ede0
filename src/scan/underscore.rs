//! Finds short words that begin or end with `_`, such as `DD_` and `_AI`: at every underscore, two
//! letters beside it tell nearly always that there is none.

use std::ops::Range;

/// A searcher for words that begin or end with `_` and have two other bytes beside it.
#[derive(Debug)]
pub(super) struct UnderscoreSearcher {
    words: Vec<Vec<u8>>,
    /// The words that begin with `_`, and those that end with it.
    sides: [UnderscoreSide; 2],
    longest: usize,
}

/// Words with the underscore on one side.
#[derive(Debug, Default)]
struct UnderscoreSide {
    /// For each pair of bytes, one bit: set if a word has them beside its underscore.
    marks: Vec<u64>,
    /// These pairs and the indices of the words, in order.
    words: Vec<(u16, usize)>,
}

impl UnderscoreSearcher {
    /// True if a word is of the kind that this searcher finds fastest.
    pub(super) fn suits(word: &[u8]) -> bool {
        matches!(word, [b'_', _, _, ..] | [.., _, _, b'_'])
    }

    /// A searcher for words that suit it.
    pub(super) fn new(words: Vec<Vec<u8>>) -> Self {
        let mut sides = <[UnderscoreSide; 2]>::default();
        for side in &mut sides {
            side.marks = vec![0; 1 << 10];
        }
        for (index, word) in words.iter().enumerate() {
            let (side, pair) = match word[..] {
                [b'_', first, second, ..] => (0, [first, second]),
                [.., first, second, _] => (1, [first, second]),
                _ => continue,
            };
            let pair = u16::from_le_bytes(pair);
            sides[side].marks[usize::from(pair >> 6)] |= 1 << (pair & 63);
            sides[side].words.push((pair, index));
        }
        sides.iter_mut().for_each(|side| side.words.sort_unstable());
        let longest = words.iter().map(Vec::len).max().unwrap_or(0);
        Self { words, sides, longest }
    }

    /// Passes on the index and the offset of every word of `text` that begins in `range`.
    pub(super) fn find(
        &self,
        text: &[u8],
        range: &Range<usize>,
        mut each: impl FnMut(usize, usize),
    ) {
        let end = text.len().min(range.end + self.longest);
        let part = &text[range.start.min(end)..end];
        for at in memchr::memchr_iter(b'_', part) {
            let at = range.start + at;
            let beside = [text.get(at + 1..at + 3), at.checked_sub(2).map(|from| &text[from..at])];
            for (side, pair) in self.sides.iter().zip(beside) {
                let Some(&[first, second]) = pair else { continue };
                let pair = u16::from_le_bytes([first, second]);
                if side.marks[usize::from(pair >> 6)] >> (pair & 63) & 1 == 0 {
                    continue;
                }
                let from = side.words.partition_point(|&(own, _)| own < pair);
                for &(_, index) in side.words[from..].iter().take_while(|(own, _)| *own == pair) {
                    let word = &self.words[index];
                    let begins =
                        if word[0] == b'_' { Some(at) } else { (at + 1).checked_sub(word.len()) };
                    if let Some(start) = begins
                        && range.contains(&start)
                        && text[start..].starts_with(word)
                    {
                        each(index, start);
                    }
                }
            }
        }
    }
}
