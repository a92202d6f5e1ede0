//! UTF-32, with a byte-order mark or without one, in whole texts and in parts of binary data.

use std::ops::Range;

use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};

/// Bytes of a character.
const WIDTH: usize = 4;

/// The fewest characters that are looked at, and how far apart places are that are tried.
const SHORTEST: usize = 16;
const STRIDE: usize = WIDTH * SHORTEST / 2;

/// The longest text that is decoded at once.
const LONGEST: usize = 1024 * 1024;

/// Decodes UTF-32.
#[derive(Debug, Default)]
pub(super) struct Utf32Texts;

impl Decoder for Utf32Texts {
    fn finish(&mut self, part: &SearchedPart<'_>, each: &mut dyn FnMut(DecodedText)) {
        let SearchedPart { text, range, is_new } = part;
        if memchr::memchr(0, &text[range.clone()]).is_none() {
            return;
        }
        let mut at = range.start;
        while at + 2 * WIDTH <= range.end.min(text.len()) {
            let mut next = at + STRIDE;
            if let Some(byte) = shown_byte(text, at) {
                let low_first = decoded(text, Some(byte), false);
                let high_first = decoded(text, (byte + 1).checked_sub(WIDTH), true);
                // Zeros of the next character look like a character's own, but for the last one's.
                let own = [low_first, high_first]
                    .into_iter()
                    .flatten()
                    .max_by_key(|(own, place)| (own.bytes.len(), place.start % WIDTH == 0));
                if let Some((own, place)) = own.filter(|(own, _)| own.bytes.len() >= SHORTEST) {
                    next = next.max(place.end);
                    if is_new(&place) {
                        each(own);
                    }
                }
            }
            at = next;
        }
    }
}

/// Where the first of two bytes stands that are the only ones but zeros among the eight at `at`.
fn shown_byte(text: &[u8], at: usize) -> Option<usize> {
    let eight = u64::from_le_bytes(*text.get(at..)?.first_chunk()?);
    let phase = (0..WIDTH).find(|phase| eight & !(0x7f_0000_007f << (8 * phase)) == 0)?;
    let is_shown = |at: usize| matches!(text[at], b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let byte = at + phase;
    (eight != 0 && is_shown(byte) && is_shown(byte + WIDTH)).then_some(byte)
}

/// The characters around the one at `start`, and their place.
fn decoded(
    text: &[u8],
    start: Option<usize>,
    is_high_first: bool,
) -> Option<(DecodedText, Range<usize>)> {
    let begin = begin(text, start?, is_high_first);
    let mut characters = Characters { text, at: begin, is_high_first };
    let mut decoded = DecodedText::unchanged();
    while decoded.bytes.len() * WIDTH < LONGEST
        && let Some((byte, place)) = characters.next()
    {
        decoded.push(byte, place.start, place.end);
    }
    Some((decoded, begin..characters.at))
}

/// Where the characters begin of which one is at `start`, if there is one; no further back than keys reach.
fn begin(text: &[u8], start: usize, is_high_first: bool) -> usize {
    let mut begin = start;
    while let Some(before) = begin.checked_sub(WIDTH).filter(|before| start - before <= 1024)
        && character(text, before, is_high_first).is_some()
    {
        begin = before;
    }
    begin
}

/// The ASCII character at `at`.
fn character(text: &[u8], at: usize, is_high_first: bool) -> Option<u8> {
    let four: [u8; WIDTH] = *text.get(at..)?.first_chunk()?;
    let [byte, 0, 0, 0] = (if is_high_first { [four[3], four[2], four[1], four[0]] } else { four })
    else {
        return None;
    };
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t').then_some(byte)
}

/// ASCII characters one after the other.
struct Characters<'t> {
    text: &'t [u8],
    at: usize,
    is_high_first: bool,
}

impl Iterator for Characters<'_> {
    type Item = (u8, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let byte = character(self.text, self.at, self.is_high_first)?;
        let place = self.at..self.at + WIDTH;
        self.at = place.end;
        Some((byte, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_four_bytes_are_read_at_any_offset() {
        let plain = "a text that is long enough\n";
        for before in 0..5 {
            for unit in [u32::to_le_bytes, u32::to_be_bytes] {
                let mut text = vec![0xff; before];
                text.extend(plain.chars().flat_map(|character| unit(u32::from(character))));
                let mut seen = Vec::new();
                let part = SearchedPart { text: &text, range: 0..text.len(), is_new: &|_| true };
                Utf32Texts.finish(&part, &mut |decoded| {
                    assert_eq!(decoded.place(&(2..4)), before + 8..before + 16);
                    seen.push(String::from_utf8(decoded.bytes).unwrap());
                });
                assert_eq!(seen, [plain]);
            }
        }
        let zeros = SearchedPart { text: &[0; 999], range: 0..999, is_new: &|_| true };
        Utf32Texts.finish(&zeros, &mut |decoded| panic!("{decoded:?}"));
    }
}
