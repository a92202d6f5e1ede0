//! Finds the words of rules that stand in the lines around a value, or begin there and go on in its own
//! name: `datadog_api_key` is `datadog:` above `apiKey`.
//!
//! Most lines have no such word: only where four letters of a line are those that a word begins with, the
//! word is compared. Its parts may be on several lines, from the outermost one inwards; each begins and
//! ends where parts of names do.

use std::ops::Range;

use super::enclosing::Enclosing;
use crate::rules::{MIN_WORD, begins_word};

/// Bits of a hash of four letters.
const HASH_BITS: u32 = 12;

/// The longest word that may be split, in letters and digits: one bit for each.
const LONGEST: usize = 63;

/// The shortest part of a word that goes on on another line; the first one has [`MIN_WORD`], unless the word is
/// written with a shorter first part.
const SHORTEST_PART: usize = 3;

/// Parts of names of values that may be keys.
const KEY_PARTS: &[&[u8]] = &[
    b"access", b"api", b"auth", b"bearer", b"content", b"cred", b"default", b"dsn", b"key",
    b"pass", b"private", b"pwd", b"secret", b"string", b"token", b"value",
];

/// Words by what they begin with.
#[derive(Debug, Default)]
pub(super) struct SplitWords {
    words: Vec<SplitWord>,
    /// For each hash, one bit: set if a word begins with four letters of that hash.
    marks: Vec<u64>,
    /// The first four letters of each word and its index, in order.
    beginnings: Vec<(u32, u32)>,
}

#[derive(Debug)]
struct SplitWord {
    text: Vec<u8>,
    /// True if it says that its value is a key.
    is_of_key: bool,
    /// The least length of what one line has of it.
    first_part: usize,
}

impl SplitWords {
    /// The words: lower-case letters and digits, [`MIN_WORD`] or more; and for each, if its first part has
    /// [`SHORTEST_PART`], as in `jwt_secret`.
    pub(super) fn new<'w>(words: impl Iterator<Item = (&'w [u8], bool)>) -> Self {
        let mut own = Self { marks: vec![0; 1 << (HASH_BITS - 6)], ..Self::default() };
        for (index, (text, is_short)) in (0..).zip(words) {
            let is_of_key = KEY_PARTS.iter().any(|part| memchr::memmem::find(text, part).is_some());
            let first_part = if is_short { SHORTEST_PART } else { MIN_WORD };
            own.words.push(SplitWord { text: text.to_vec(), is_of_key, first_part });
            if text.len() <= LONGEST {
                let lengths = [Some(MIN_WORD), is_short.then_some(SHORTEST_PART)];
                for length in lengths.into_iter().flatten() {
                    let beginning = beginning(text[..length].iter().copied());
                    own.marks[hash(beginning) >> 6] |= 1 << (hash(beginning) & 63);
                    own.beginnings.push((beginning, index));
                }
            }
        }
        own.beginnings.sort_unstable();
        own
    }

    /// Passes on each word that begins in one of the lines, with the line: the nearest lines first. A
    /// word that ends before the value's own name counts if one of the two says that the value is a key.
    pub(super) fn find(&self, text: &[u8], around: &Enclosing, mut each: impl FnMut(u32, usize)) {
        let is_of_key = is_of_key(text, around.own.clone());
        for (nth, line) in around.lines().iter().enumerate() {
            let begins = |&at: &usize| text[at].is_ascii_alphanumeric() && begins_word(text, at);
            for at in line.clone().filter(begins) {
                for own in beginnings(text, at, line.end).into_iter().flatten() {
                    if self.marks[hash(own) >> 6] >> (hash(own) & 63) & 1 == 0 {
                        continue;
                    }
                    let first = self.beginnings.partition_point(|&(other, _)| other < own);
                    let words =
                        self.beginnings[first..].iter().take_while(|(other, _)| *other == own);
                    for &(_, index) in words {
                        let word = &self.words[index as usize];
                        let is_told = match end_of(word, text, at, around, nth) {
                            Some(WordEnd::Name) => true,
                            Some(WordEnd::Line) => is_of_key || word.is_of_key,
                            None => false,
                        };
                        if is_told {
                            each(index, nth);
                        }
                    }
                }
            }
        }
    }
}

/// The place at which a word ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WordEnd {
    /// A line around the value.
    Line,
    /// The value's own name.
    Name,
}

/// The end of a word that begins at `at`, in the line with this number.
fn end_of(
    own: &SplitWord,
    text: &[u8],
    at: usize,
    around: &Enclosing,
    nth: usize,
) -> Option<WordEnd> {
    let (line, word) = (&around.lines()[nth], &own.text[..]);
    // The numbers of letters that are on the lines so far.
    let mut matched = match part(word, text, at, line.end, own.first_part) {
        WordPart::Whole => return Some(WordEnd::Line),
        WordPart::Begun(matched) => matched,
    };
    let inner = around.lines()[..nth].iter().rev().map(|line| (line, WordEnd::Line));
    for (line, place) in inner.chain([(&around.own, WordEnd::Name)]) {
        if matched == 0 {
            return None;
        }
        let before = matched;
        for at in line.clone() {
            let is_next = |&length: &usize| {
                before >> length & 1 == 1 && word[length] == text[at].to_ascii_lowercase()
            };
            for length in (own.first_part..word.len()).filter(is_next) {
                if !begins_word(text, at) {
                    break;
                }
                match part(&word[length..], text, at, line.end, SHORTEST_PART) {
                    WordPart::Whole => return Some(place),
                    WordPart::Begun(more) => matched |= more << length,
                }
            }
        }
    }
    None
}

/// How much of a word a line has.
enum WordPart {
    Whole,
    /// The beginnings that end where a part of a name does: for each, the bit of its length.
    Begun(u64),
}

/// Compares a word with the letters and digits from `at` to `end`; what goes on on another line has at
/// least `shortest` of them.
fn part(word: &[u8], text: &[u8], at: usize, end: usize, shortest: usize) -> WordPart {
    let mut begun = 0;
    let mut places = (at..end).filter(|&at| text[at].is_ascii_alphanumeric());
    for (length, letter) in word.iter().enumerate() {
        let next = places.next();
        if length >= shortest && next.is_none_or(|next| begins_word(text, next)) {
            begun |= 1 << length;
        }
        if next.is_none_or(|next| text[next].to_ascii_lowercase() != *letter) {
            return WordPart::Begun(begun);
        }
    }
    WordPart::Whole
}

/// True if a name is that of a value that may be a key.
fn is_of_key(text: &[u8], name: Range<usize>) -> bool {
    name.clone().any(|at| {
        let begins = |part: &&[u8]| {
            let own = text[at..name.end].get(..part.len());
            own.is_some_and(|own| own.eq_ignore_ascii_case(part))
        };
        KEY_PARTS.iter().any(begins) && begins_word(text, at)
    })
}

/// The beginnings that a word may have at `at`: four letters, and three if a part of a name ends there.
fn beginnings(text: &[u8], at: usize, end: usize) -> [Option<u32>; 2] {
    let mut places = (at..end).filter(|&at| text[at].is_ascii_alphanumeric());
    let mut own = 0;
    for _ in 0..SHORTEST_PART {
        let Some(place) = places.next() else { return [None; 2] };
        own = own << 8 | u32::from(text[place].to_ascii_lowercase());
    }
    let next = places.next();
    let ends = next.is_none_or(|next| begins_word(text, next));
    [next.map(|next| own << 8 | u32::from(text[next].to_ascii_lowercase())), ends.then_some(own)]
}

/// The first letters in one number.
fn beginning(letters: impl Iterator<Item = u8>) -> u32 {
    letters.take(MIN_WORD).fold(0, |all, letter| all << 8 | u32::from(letter))
}

/// Multiplicative hashing, the upper bits.
fn hash(beginning: u32) -> usize {
    (beginning.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// True if the rest of a word is in these parts of a text, from the first one inwards, by trying
    /// everything.
    fn is_split(word: &[u8], text: &[u8], parts: &[Range<usize>], first: usize) -> bool {
        let Some((part, inner)) = parts.split_first() else { return false };
        let shortest = if first > 0 { first } else { SHORTEST_PART };
        let is_here = part.clone().filter(|&at| text[at].is_ascii_alphanumeric()).any(|at| {
            let letters: Vec<usize> =
                (at..part.end).filter(|&at| text[at].is_ascii_alphanumeric()).collect();
            let is_same = |length: usize| {
                letters[..length]
                    .iter()
                    .zip(word)
                    .all(|(&at, letter)| text[at].eq_ignore_ascii_case(letter))
            };
            let ends = |length: usize| {
                length >= shortest
                    && letters.get(length).is_none_or(|&next| begins_word(text, next))
                    && is_split(&word[length..], text, inner, 0)
            };
            begins_word(text, at)
                && (1..=word.len().min(letters.len()))
                    .any(|length| is_same(length) && (length == word.len() || ends(length)))
        });
        is_here || first == 0 && is_split(word, text, inner, 0)
    }

    proptest! {
        #[test]
        fn words_are_split_where_parts_of_names_are(
            text in "(acme|Acme|api|Api_|key|keys|ac|me|jwt|JWT_|[a-c_ :\n]){0,20}",
            cuts in prop::collection::vec(0.0..=1.0, 0..4),
        ) {
            let words = [&b"acme"[..], b"acmeapi", b"acmeapikey", b"apikey", b"meapi", b"jwtkey"];
            let is_short = |word: &[u8]| word == b"jwtkey";
            let text = text.as_bytes();
            let mut cuts: Vec<usize> =
                cuts.iter().map(|cut| (cut * text.len() as f64) as usize).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let parts: Vec<Range<usize>> = cuts.windows(2).map(|cut| cut[0]..cut[1]).collect();
            let (own, lines) = parts.split_last().unwrap();
            let around = Enclosing::of_parts(own.clone(), lines);
            let mut found = Vec::new();
            let all = words.into_iter().map(|word| (word, is_short(word)));
            SplitWords::new(all).find(text, &around, |word, line| {
                found.push((word, line));
            });
            found.sort_unstable();
            found.dedup();
            let mut expected = Vec::new();
            for (nth, word) in (0..).zip(words) {
                for line in 0..lines.len() {
                    let first = lines.len() - 1 - line;
                    let is_told = nth != 0 || is_of_key(text, own.clone());
                    let least = if is_short(word) { SHORTEST_PART } else { MIN_WORD };
                    if is_split(word, text, &parts[first..], least) && is_told {
                        expected.push((nth, line));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_word_that_names_a_provider_needs_the_name_of_a_key() {
        let text = b"acme token tokens kind acmekey monkey";
        for (own, expected) in [(5..10, true), (11..17, true), (18..22, false), (31..37, false)] {
            assert_eq!(is_of_key(text, own), expected);
        }
    }
}
