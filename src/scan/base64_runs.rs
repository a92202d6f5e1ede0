//! Base64 whose content is text or compressed text, decoded as a whole: what is encoded again in it
//! has no words of its own.

use std::ops::Range;

use super::decoded_text::DecodedText;
use crate::decode::inflate;
use crate::model::EncodingLayer;

/// The shortest base64 that is decoded.
const SHORTEST: usize = 40;

/// Base64 is told by this many bytes of it.
const PROBE: usize = 16;
const STRIDE: usize = SHORTEST - PROBE;

/// The most characters of base64 that are decoded at once, and the most bytes that what is compressed in it
/// may have.
const LONGEST: usize = 1024 * 1024;

/// How far base64 may have begun before the searched range.
const REACH: usize = 16 * 1024;

/// The shortest line that may continue on the next one.
const BROKEN_AT: usize = 60;

/// The value of each character, in either alphabet; 64 for all others.
const BITS: [u8; 256] = {
    let mut bits = [64; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    while at < 64 {
        bits[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    bits[b'-' as usize] = 62;
    bits[b'_' as usize] = 63;
    bits
};

fn is_base64(byte: u8) -> bool {
    BITS[usize::from(byte)] < 64
}

/// Passes on the texts in base64 in `range` of a text. `is_new` tells of which ranges.
pub(super) fn base64_texts(
    text: &[u8],
    range: Range<usize>,
    is_new: &dyn Fn(&Range<usize>) -> bool,
    each: &mut dyn FnMut(DecodedText),
) {
    let from = range.start.saturating_sub(REACH);
    let mut at = range.start;
    while at + PROBE <= range.end {
        if !text[at..at + PROBE].iter().rev().all(|byte| is_base64(*byte)) {
            at += STRIDE;
            continue;
        }
        let before = text[from..at].iter().rev().take_while(|byte| is_base64(**byte)).count();
        let start = at - before;
        let lines = lines(text, start);
        let end = lines.last().map_or(at, |line| line.end);
        let length: usize = lines.iter().map(Range::len).sum();
        if length >= SHORTEST && is_new(&(start..end)) {
            decode(text, &lines, each);
        }
        at = end.max(at + STRIDE);
    }
}

/// The lines of base64 that begins at `start`.
fn lines(text: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let (mut at, mut length) = (start, 0);
    loop {
        let line = text[at..].iter().take(LONGEST - length).take_while(|byte| is_base64(**byte));
        let line = at..at + line.count();
        length += line.len();
        at = line.end;
        let is_broken = line.len() >= BROKEN_AT && length < LONGEST;
        lines.push(line);
        let breaks: [&[u8]; 4] = [b"\n", b"\r\n", br"\n", br"\r\n"];
        let Some(mark) = breaks.iter().find(|mark| is_broken && text[at..].starts_with(mark))
        else {
            return lines;
        };
        at += mark.len();
        at += text[at..].iter().take(64).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if !text.get(at).is_some_and(|byte| is_base64(*byte)) {
            return lines;
        }
    }
}

/// Decodes base64 that begins with any of its first four characters, if it is text.
fn decode(text: &[u8], lines: &[Range<usize>], each: &mut dyn FnMut(DecodedText)) {
    let characters = || lines.iter().flat_map(|line| &text[line.clone()]);
    for skipped in 0..4 {
        let start: Vec<u8> = characters().skip(skipped).take(24).copied().collect();
        let start = decoded(start.iter());
        let is_packed = skipped == 0 && (start.starts_with(b"\x1f\x8b\x08") || start[0] == 0x78);
        if !is_text(&start) && !is_packed {
            continue;
        }
        let bytes = decoded(characters().skip(skipped));
        if is_packed {
            if let Some((content, layer)) = inflate(&bytes, LONGEST) {
                let place = lines[0].start..lines.last().map_or(0, |line| line.end);
                each(DecodedText::compressed(
                    content,
                    vec![EncodingLayer::Base64, layer_of(layer)],
                    place,
                ));
            }
            continue;
        }
        let mut count = 0;
        let mut places = Vec::new();
        for line in lines {
            let cut = skipped.saturating_sub(count).min(line.len());
            places.push(((count + cut).saturating_sub(skipped), line.start + cut));
            count += line.len();
        }
        each(DecodedText::of_base64(bytes, places));
        return;
    }
}

fn layer_of(is_gzip: bool) -> EncodingLayer {
    if is_gzip { EncodingLayer::Gzip } else { EncodingLayer::Zlib }
}

fn decoded<'c>(characters: impl Iterator<Item = &'c u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut word, mut count) = (0u32, 0u32);
    for character in characters {
        word = word << 6 | u32::from(BITS[usize::from(*character)] & 63);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((word >> count) as u8);
        }
    }
    bytes
}

/// True for the beginning of a text, in ASCII or UTF-16.
fn is_text(start: &[u8]) -> bool {
    let is_shown = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let start = start.strip_prefix(b"\xff\xfe").unwrap_or(start);
    start.iter().all(is_shown)
        || start.chunks_exact(2).all(|pair| is_shown(&pair[0]) && pair[1] == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_text_is_decoded_from_any_line_and_offset() {
        // `printf 'The quick brown fox jumps over the lazy dog, twice.' | base64`
        let encoded = "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZywgdHdpY2Uu";
        let plain = b"The quick brown fox jumps over the lazy dog, twice.";
        for before in ["", "a", "ab", "abc", "abcd"] {
            let text = format!("x = \"{before}{encoded}\"");
            let mut seen = Vec::new();
            base64_texts(text.as_bytes(), 0..text.len(), &|_| true, &mut |own| {
                let at = memchr::memmem::find(&own.bytes, b"quick").unwrap();
                let place = own.place(&(at..at + 5));
                assert_eq!(place.len(), 8, "{before}");
                seen.push(own.bytes);
            });
            assert!(seen.iter().any(|own| own.ends_with(plain)), "{before}");
        }
    }
}
