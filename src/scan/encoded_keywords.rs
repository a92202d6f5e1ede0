//! Finds keys encoded in base64 or hexadecimal digits, as in Kubernetes secrets, `Authorization`
//! headers and PowerShell commands.
//!
//! Texts are not decoded in search of keys. An encoded keyword is one of a few words, which the
//! prefilter looks for like any other: base64 turns three bytes into four characters, so a
//! keyword's encoding depends only on its offset modulo three, except for the characters at its
//! ends that it shares with its neighbours. Only the surroundings of such a word are decoded.

use std::ops::Range;

use super::utf16;
use crate::model::EncodingLayer;
use crate::source::TextEncoding;

/// The shortest encoded keyword that is looked for everywhere, where shorter ones are common.
pub(super) const SHORTEST: usize = 6;

/// The shortest line of base64 that may continue on the next line. Programs break lines at 64 or 76
/// characters.
const BROKEN_AT: usize = 60;

/// Decodes one layer, with what is needed for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EncodingStep {
    /// Base64; the keyword begins at the first, second or third of three bytes.
    Base64(u8),
    /// Hexadecimal digits.
    Hex,
    /// UTF-16 of a keyword with this many characters.
    Utf16(usize),
}

impl EncodingStep {
    /// The encoding that it removes.
    pub(super) fn layer(self) -> EncodingLayer {
        match self {
            Self::Base64(_) => EncodingLayer::Base64,
            Self::Hex => EncodingLayer::Hex,
            Self::Utf16(_) => EncodingLayer::Utf16,
        }
    }
}

/// A keyword in encoded form.
#[derive(Debug, Clone)]
pub(super) struct EncodedKeyword {
    /// The word to look for.
    pub(super) text: Vec<u8>,
    /// The decoders that recover the keyword, from the outside in.
    pub(super) steps: Vec<EncodingStep>,
}

/// Every encoded form of a keyword in up to `depth` layers. In plain base64, it may have `shortest`
/// characters or more.
pub(super) fn encoded(keyword: &[u8], depth: usize, shortest: usize) -> Vec<EncodedKeyword> {
    let plain = EncodedKeyword { text: keyword.to_vec(), steps: Vec::new() };
    let mut all: Vec<EncodedKeyword> = Vec::new();
    let mut inner = 0..0;
    for level in 0..depth {
        let from = all.len();
        if level == 0 {
            all.extend((0..3).flat_map(|shift| in_base64(&plain, shift)));
            all.extend(in_hex(&plain));
        }
        if level == 1 {
            // Plain UTF-16 is looked for in another way.
            let steps = vec![EncodingStep::Utf16(keyword.len())];
            let wide = EncodedKeyword { text: utf16::widened(keyword), steps };
            all.extend((0..3).flat_map(|shift| in_base64(&wide, shift)));
        }
        for nth in inner {
            let encoded = all[nth].clone();
            all.extend((0..3).flat_map(|shift| in_base64(&encoded, shift)));
        }
        inner = from..all.len();
    }
    all.retain(|encoded| {
        let shortest = if is_base64(&encoded.steps) { shortest } else { SHORTEST };
        encoded.text.len() >= shortest
    });
    // Of the same words, the one with the fewest layers comes first.
    all.sort_by(|one, other| one.text.cmp(&other.text));
    all.dedup_by(|later, earlier| later.text == earlier.text);
    all
}

/// True for one layer of base64.
pub(super) fn is_base64(steps: &[EncodingStep]) -> bool {
    matches!(steps, [EncodingStep::Base64(_)])
}

/// The two alphabets of base64 (RFC 4648, sections 4 and 5).
const ALPHABETS: [&[u8; 64]; 2] = [
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
];

/// The value of each base64 character, in either alphabet.
const BITS: [Option<u8>; 256] = {
    let mut bits = [None; 256];
    let mut at = 0;
    while at < 64 {
        bits[ALPHABETS[0][at] as usize] = Some(at as u8);
        bits[ALPHABETS[1][at] as usize] = Some(at as u8);
        at += 1;
    }
    bits
};

/// The value of a base64 character, in either alphabet.
fn bits(byte: u8) -> Option<u8> {
    BITS[usize::from(byte)]
}

/// Index among four characters of the first whose bits all belong to a text that begins `shift`
/// bytes after the first character.
fn first_whole(shift: usize) -> usize {
    (8 * shift).div_ceil(6)
}

/// The characters whose bits all belong to the text, if it begins at byte `shift` of three.
fn in_base64(inner: &EncodedKeyword, shift: u8) -> Vec<EncodedKeyword> {
    let lead = usize::from(shift);
    let byte_at = |at: usize| {
        let own = at.checked_sub(lead).and_then(|at| inner.text.get(at));
        own.map_or(0, |byte| u16::from(*byte))
    };
    let character = |index: usize| {
        let (byte, bit) = (6 * index / 8, 6 * index % 8);
        usize::from((byte_at(byte) << 8 | byte_at(byte + 1)) >> (10 - bit) & 0x3f)
    };
    let whole = first_whole(lead)..8 * (lead + inner.text.len()) / 6;
    let in_alphabet = |alphabet: &[u8; 64]| -> Vec<u8> {
        whole.clone().map(|index| alphabet[character(index)]).collect()
    };
    let [standard, for_urls] = ALPHABETS;
    let steps: Vec<EncodingStep> =
        std::iter::once(EncodingStep::Base64(shift)).chain(inner.steps.iter().copied()).collect();
    let mut words = vec![EncodedKeyword { text: in_alphabet(standard), steps }];
    // The alphabets differ in two characters.
    if words[0].text.iter().any(|byte| standard[62..].contains(byte)) {
        let steps = words[0].steps.clone();
        words.push(EncodedKeyword { text: in_alphabet(for_urls), steps });
    }
    words
}

/// The hexadecimal digits of a text, in lower and in upper case.
fn in_hex(inner: &EncodedKeyword) -> Vec<EncodedKeyword> {
    let digits = |digits: &[u8; 16]| {
        let pairs = inner.text.iter();
        let text = pairs
            .flat_map(|byte| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 0xf)]]);
        let steps = std::iter::once(EncodingStep::Hex).chain(inner.steps.iter().copied());
        EncodedKeyword { text: text.collect(), steps: steps.collect() }
    };
    vec![digits(b"0123456789abcdef"), digits(b"0123456789ABCDEF")]
}

/// Decoded text.
#[derive(Debug)]
pub(super) struct DecodedRun {
    /// The bytes.
    pub(super) text: Vec<u8>,
    /// Index of the keyword in `text`.
    pub(super) at: usize,
    /// Maps offsets back to the source, from the inside out.
    pub(super) places: Vec<OffsetMap>,
}

/// Maps offsets in decoded text to offsets in the encoded text.
#[derive(Debug)]
pub(super) enum OffsetMap {
    /// A fixed width: from `start` on, each byte takes `width` bytes.
    Even {
        /// Offset in bytes.
        start: usize,
        /// Bytes.
        width: usize,
    },
    /// Offsets of the characters of base64, four for three bytes.
    Base64(Vec<usize>),
}

impl OffsetMap {
    /// The stretch of encoded text that a stretch of decoded text comes from.
    pub(super) fn of(&self, range: &Range<usize>) -> Range<usize> {
        match self {
            Self::Even { start, width } => start + width * range.start..start + width * range.end,
            Self::Base64(characters) => {
                // A character at either end may also hold bits of a neighbour.
                let place = |index: usize| characters.get(index).or(characters.last()).copied();
                let start = place(8 * range.start / 6).unwrap_or(0);
                let last = (8 * range.end).div_ceil(6).checked_sub(1).and_then(place);
                start..last.map_or(start, |last| (last + 1).max(start))
            }
        }
    }
}

/// Decodes the text around the word that begins at `start`: up to `before` bytes before the keyword
/// and `after` bytes from its beginning on. `None` if the text turns out not to be encoded that
/// way.
pub(super) fn decode(
    bytes: &[u8],
    start: usize,
    steps: &[EncodingStep],
    before: usize,
    after: usize,
) -> Option<DecodedRun> {
    // No encoding takes more than two characters per byte, except for line breaks, and these are
    // few.
    let outer = |inner: usize, layers: usize| (0..layers).fold(inner, |inner, _| 2 * inner + 64);
    let from = start.saturating_sub(outer(before, steps.len()));
    let to = bytes.len().min(start + outer(after, steps.len()));
    let mut run = DecodedRun {
        text: bytes[from..to].to_vec(),
        at: start - from,
        places: vec![OffsetMap::Even { start: from, width: 1 }],
    };
    for (inner, step) in (0..steps.len()).rev().zip(steps) {
        let (before, after) = (outer(before, inner), outer(after, inner));
        let (text, at, places) = match step {
            EncodingStep::Base64(shift) => {
                run.without_base64(usize::from(*shift), before, after)?
            }
            EncodingStep::Hex => run.without_hex(before, after),
            EncodingStep::Utf16(characters) => run.without_utf16(*characters, before, after),
        };
        if at >= text.len() {
            return None;
        }
        run.text = text;
        run.at = at;
        run.places.insert(0, places);
    }
    Some(run)
}

impl DecodedRun {
    /// The stretch of the source that a stretch of decoded text comes from.
    pub(super) fn place(places: &[OffsetMap], range: &Range<usize>) -> Range<usize> {
        places.iter().fold(range.clone(), |range, places| places.of(&range))
    }

    fn without_base64(
        &self,
        shift: usize,
        before: usize,
        after: usize,
    ) -> Option<(Vec<u8>, usize, OffsetMap)> {
        // Four characters are three bytes; these four contain the beginning of the keyword.
        let four = self.at.checked_sub(first_whole(shift))?;
        let is_plain =
            |four: usize| self.text[four..four + 4].iter().all(u8::is_ascii_alphanumeric);
        let mut first = four;
        // Signs are base64 characters, too, but to the left they may be anything, such as the
        // slashes of a path.
        while first >= 4 && four - first < 2 * before && is_plain(first - 4) {
            first -= 4;
        }
        let at = (four - first) / 4 * 3 + shift;
        let mut characters = Vec::new();
        let mut text = Vec::new();
        let (mut word, mut next, mut line) = (0u32, first, first);
        while text.len() < at + after
            && let Some(&byte) = self.text.get(next)
        {
            if let Some(bits) = bits(byte) {
                word = word << 6 | u32::from(bits);
                characters.push(next);
                next += 1;
                if characters.len().is_multiple_of(4) {
                    text.extend([(word >> 16) as u8, (word >> 8) as u8, word as u8]);
                }
            } else if next - line >= BROKEN_AT
                && (next - line).is_multiple_of(4)
                && let Some(begin) = self.next_line(next)
            {
                next = begin;
                line = begin;
            } else {
                break;
            }
        }
        match characters.len() % 4 {
            2 => text.push((word >> 4) as u8),
            3 => text.extend([(word >> 10) as u8, (word >> 2) as u8]),
            _ => {}
        }
        Some((text, at, OffsetMap::Base64(characters)))
    }

    /// Where base64 that is broken at `at` continues, in a plain text or in a string literal.
    fn next_line(&self, at: usize) -> Option<usize> {
        let rest = &self.text[at..];
        let breaks: [&[u8]; 4] = [b"\n", b"\r\n", br"\n", br"\r\n"];
        let length = breaks.iter().find(|mark| rest.starts_with(mark))?.len();
        let indent = rest[length..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let next = at + length + indent;
        self.text.get(next).and_then(|byte| bits(*byte)).map(|_| next)
    }

    fn without_hex(&self, before: usize, after: usize) -> (Vec<u8>, usize, OffsetMap) {
        let digit = |at: usize| char::from(*self.text.get(at)?).to_digit(16);
        let pair = |at: usize| Some((digit(at)? << 4 | digit(at + 1)?) as u8);
        let mut first = self.at;
        while first >= 2 && self.at - first < 2 * before && pair(first - 2).is_some() {
            first -= 2;
        }
        let at = (self.at - first) / 2;
        let pairs = (0..at + after).map_while(|nth| pair(first + 2 * nth));
        (pairs.collect(), at, OffsetMap::Even { start: first, width: 2 })
    }

    fn without_utf16(
        &self,
        characters: usize,
        before: usize,
        after: usize,
    ) -> (Vec<u8>, usize, OffsetMap) {
        let run = utf16::run(&self.text, self.at, characters, before, after, TextEncoding::Bytes);
        (run.text, run.at, OffsetMap::Even { start: run.start, width: 2 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base64(bytes: &[u8], alphabet: &[u8; 64], is_padded: bool) -> Vec<u8> {
        let mut text = Vec::new();
        for three in bytes.chunks(3) {
            let word = (0..3)
                .fold(0u32, |word, at| word << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
            for at in 0..4 {
                if at <= three.len() {
                    text.push(alphabet[(word >> (18 - 6 * at) & 0x3f) as usize]);
                } else if is_padded {
                    text.push(b'=');
                }
            }
        }
        text
    }

    fn hex(bytes: &[u8]) -> Vec<u8> {
        bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
    }

    /// Decodes the surroundings of every encoded word of `keyword`.
    fn decoded(text: &[u8], keyword: &[u8], depth: usize) -> Vec<DecodedRun> {
        let words = encoded(keyword, depth, SHORTEST);
        let places = words.iter().flat_map(|word| {
            let found = memchr::memmem::find_iter(text, &word.text);
            found.map(|at| (at, word)).collect::<Vec<_>>()
        });
        let runs = places.filter_map(|(at, word)| decode(text, at, &word.steps, 200, 200));
        runs.filter(|run| run.text[run.at..].starts_with(keyword)).collect()
    }

    #[test]
    fn keywords_are_found_in_encoded_form() {
        let words = |keyword: &[u8], depth| -> Vec<String> {
            let words = encoded(keyword, depth, SHORTEST).into_iter();
            words.map(|word| String::from_utf8(word.text).unwrap()).collect()
        };
        assert_eq!(words(b"tok-one", 0), Vec::<String>::new());
        let all = words(b"tok-one", 1);
        for word in ["dG9rLW9uZ", "Rvay1vbm", "0b2stb25l", "746f6b2d6f6e65", "746F6B2D6F6E65"] {
            assert!(all.iter().any(|other| other == word), "{word} in {all:?}");
        }
        // Too little is left of short keywords.
        assert!(
            words(b"tok", 1).iter().all(|word| word.len() >= SHORTEST),
            "{:?}",
            words(b"tok", 1)
        );
        // Both alphabets, where they differ.
        let all = words(b"tok???~~~", 1);
        assert!(all.iter().any(|word| word.contains('/')), "{all:?}");
        assert!(all.iter().any(|word| word.contains('_')), "{all:?}");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_found_and_comes_back(
            before in prop::collection::vec(any::<u8>(), 0..40),
            after in prop::collection::vec(any::<u8>(), 0..40),
            for_urls in any::<bool>(),
            is_padded in any::<bool>(),
            depth in 1..=2usize,
            margin in prop::sample::select(vec!["", "\"", " = ", "Basic ", "a: "]),
        ) {
            let keyword = b"tok-one";
            let text = [&before[..], keyword, &after].concat();
            let alphabet = ALPHABETS[usize::from(for_urls)];
            let once = base64(&text, alphabet, is_padded);
            let full = if depth == 1 { once } else { base64(&once, alphabet, is_padded) };
            let all = [margin.as_bytes(), &full, margin.as_bytes()].concat();
            let runs = decoded(&all, keyword, 2);
            prop_assert!(runs.iter().any(|run| run.text[run.at..].starts_with(&[keyword, &after[..]].concat())));
            for run in runs {
                let mut last = 0..0;
                for at in 0..run.text.len() {
                    let place = DecodedRun::place(&run.places, &(at..at + 1));
                    prop_assert!(place.start < place.end && place.end <= all.len());
                    prop_assert!(last.start <= place.start && last.end <= place.end);
                    last = place;
                }
            }
        }

        #[test]
        fn hex_comes_back(
            before in prop::collection::vec(any::<u8>(), 0..40),
            after in prop::collection::vec(any::<u8>(), 0..40),
            is_large in any::<bool>(),
        ) {
            let text = [&before[..], b"tok-one", &after].concat();
            let mut all = hex(&text);
            if is_large {
                all.make_ascii_uppercase();
            }
            let runs = decoded(&all, b"tok-one", 1);
            prop_assert!(runs.iter().any(|run| run.text == text && run.at == before.len()));
        }

        #[test]
        fn no_bytes_panic(
            bytes in prop::collection::vec(prop::sample::select(&b"dG9rLW9uZ74 \n=\\r_-\0"[..]), 0..120),
            start in any::<prop::sample::Index>(),
            steps in prop::collection::vec(prop::sample::select(vec![
                EncodingStep::Base64(0), EncodingStep::Base64(1), EncodingStep::Base64(2), EncodingStep::Hex, EncodingStep::Utf16(7),
            ]), 0..4),
            before in 0..30usize,
            after in 1..30usize,
        ) {
            if !bytes.is_empty() {
                let _ = decode(&bytes, start.index(bytes.len()), &steps, before, after);
            }
        }
    }

    #[test]
    fn lines_are_joined_where_base64_is_broken() {
        let text = [b"x".repeat(70), b"tok-one ".to_vec(), b"y".repeat(90)].concat();
        let whole = base64(&text, ALPHABETS[0], true);
        for mark in ["\n", "\r\n", "\n    ", "\\n"] {
            let lines: Vec<_> =
                whole.chunks(76).map(|line| String::from_utf8_lossy(line)).collect();
            let broken = lines.join(mark);
            let runs = decoded(broken.as_bytes(), b"tok-one", 1);
            assert!(runs.iter().any(|run| run.text.ends_with(&b"y".repeat(60))), "{mark:?}");
        }
        // A short line ends there.
        let broken = format!(
            "{}\nabcdefgh",
            String::from_utf8_lossy(&base64(b"tok-one", ALPHABETS[0], false))
        );
        assert_eq!(decoded(broken.as_bytes(), b"tok-one", 1)[0].text, b"tok-one");
    }

    #[test]
    fn utf16_inside_of_base64_comes_back() {
        let wide: Vec<u8> = "a = tok-one;".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let all = base64(&wide, ALPHABETS[0], true);
        let runs = decoded(&all, b"tok-one", 2);
        assert_eq!((&runs[0].text[..], runs[0].at), (&b"a = tok-one;"[..], 4));
        assert!(decoded(&all, b"tok-one", 1).is_empty());
        let last = runs[0].text.len();
        assert_eq!(DecodedRun::place(&runs[0].places, &(last - 1..last)).end, all.len());
    }

    #[test]
    fn offsets_are_those_of_the_characters_involved() {
        let all = base64(b"ab tok-one", ALPHABETS[0], true);
        let run = &decoded(&all, b"tok-one", 1)[0];
        let place = |range| DecodedRun::place(&run.places, &range);
        assert_eq!(run.at, 3);
        // The fourth byte begins with the fifth character.
        assert_eq!((place(3..4), place(4..5), place(5..6)), (4..6, 5..7, 6..8));
        assert_eq!((place(3..6), place(3..10)), (4..8, 4..14));
    }
}
