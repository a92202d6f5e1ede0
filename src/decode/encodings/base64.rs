//! Base64 whose content is text or compressed text, decoded as a whole: what is encoded again in it
//! has no words of its own.

use std::ops::Range;

use super::archived::{archive_texts, is_archive};
use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};
use super::deflated::{HEAD, deflated_text};
use super::digits::digit_text;
use super::encoded_values::with_value;
use crate::decode::inflate;
use crate::model::EncodingLayer;

/// The shortest base64 that is decoded.
pub(super) const SHORTEST: usize = 40;

/// The most characters of base64 that are decoded at once, and the most bytes that what is compressed in it
/// may have.
const LONGEST: usize = 1024 * 1024;

/// How far base64 may have begun before the searched range.
const REACH: usize = 16 * 1024;

/// How far from the beginning of letters that look like base64 it may begin behind a slash, and how many
/// slashes are tried.
const LONGEST_PATH: usize = 256;
const MOST_FOLDERS: usize = 8;

/// Characters of base64 that tell whether it is a text.
const PROBE: usize = 24;

/// Characters of base64 that tell an archive.
const MARK: usize = 8;

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

/// Decodes base64 of texts.
#[derive(Debug, Default)]
pub(super) struct Base64Texts {
    /// Where the last base64 ends. Nothing is read twice: a long run of such letters is decoded in parts.
    end: usize,
}

impl Decoder for Base64Texts {
    /// Passes on the text in base64 of which `at` is part, if it is another than the last one.
    fn see(&mut self, part: &SearchedPart<'_>, at: usize, each: &mut dyn FnMut(DecodedText)) {
        if at < self.end {
            return;
        }
        let SearchedPart { text, range, is_new } = part;
        let from = range.start.saturating_sub(REACH).max(self.end).min(at);
        let before = text[from..at].iter().rev().take_while(|byte| is_base64(**byte)).count();
        let start = at - before;
        let mut lines = lines(text, start);
        if let Some(line) = line_before(text, start).filter(|line| is_broken(text, line, &lines)) {
            lines.insert(0, line);
        }
        let start = lines[0].start;
        let end = lines.last().map_or(at, |line| line.end);
        let length: usize = lines.iter().map(Range::len).sum();
        if length >= SHORTEST && is_new(&(start..end)) {
            decode(text, &lines, each);
        }
        self.end = end.max(at + 1);
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

/// The short base64 that ends with the line before the one that begins at `start`, if there is any.
fn line_before(text: &[u8], start: usize) -> Option<Range<usize>> {
    let blanks = text[..start].iter().rev().take(64);
    let blanks = blanks.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let end = match &text[..start - blanks] {
        [before @ .., b'\r', b'\n'] | [before @ .., b'\n'] => before.len(),
        _ => return None,
    };
    let line = text[..end].iter().rev().take(BROKEN_AT).take_while(|byte| is_base64(**byte));
    Some(end - line.count()..end).filter(|line| !line.is_empty() && line.len() < BROKEN_AT)
}

/// True if base64 that is a text goes from the end of a line to the next lines. Longer lines were seen before.
fn is_broken(text: &[u8], line: &Range<usize>, next: &[Range<usize>]) -> bool {
    let mut first = text[line.clone()].to_vec();
    first.extend(next.iter().flat_map(|line| &text[line.clone()]).take(PROBE));
    is_text(&first)
}

/// Decodes base64 if it is text. Letters in front of it look like base64, too, such as a path's.
fn decode(text: &[u8], lines: &[Range<usize>], each: &mut dyn FnMut(DecodedText)) {
    let mut head = [0; LONGEST_PATH + PROBE];
    let first = lines.iter().flat_map(|line| &text[line.clone()]).take(head.len());
    let length = head.iter_mut().zip(first).map(|(own, byte)| *own = *byte).count();
    let first = &head[..length];
    let folders = memchr::memchr_iter(b'/', &first[..length.min(LONGEST_PATH)]);
    let mut starts = (0..4).chain(folders.map(|slash| slash + 1).take(MOST_FOLDERS));
    let characters = |skipped| lines.iter().flat_map(|line| &text[line.clone()]).skip(skipped);
    if let Some(skipped) = starts.find(|&start| is_text(first.get(start..).unwrap_or_default())) {
        let mut count = 0;
        let mut places = Vec::new();
        for line in lines {
            let cut = skipped.saturating_sub(count).min(line.len());
            places.push(((count + cut).saturating_sub(skipped), line.start + cut));
            count += line.len();
        }
        let bytes = decoded(characters(skipped));
        if let ([line], 0) = (lines, skipped)
            && let Some(value) = with_value(text, line, &bytes)
        {
            each(value);
        }
        each(DecodedText::of_base64(bytes, places));
    } else if first.starts_with(b"H4sI") || first.starts_with(b"eJ") || first.starts_with(b"eN") {
        // What gzip and zlib begin with.
        if let Some((content, is_gzip)) = inflate(&decoded(characters(0)), LONGEST) {
            let place = lines[0].start..lines.last().map_or(0, |line| line.end);
            let layers = vec![EncodingLayer::Base64, layer_of(is_gzip)];
            each(DecodedText::compressed(content, layers, place));
        }
    } else if is_archive(&decoded(first.iter().take(MARK))) {
        let place = lines[0].start..lines.last().map_or(0, |line| line.end);
        archive_texts(&decoded(characters(0)), EncodingLayer::Base64, &place, LONGEST, each);
    } else if let Some(content) =
        deflated_text(&decoded(first.iter().take(4 * HEAD / 3)), || decoded(characters(0)), LONGEST)
    {
        let place = lines[0].start..lines.last().map_or(0, |line| line.end);
        let layers = vec![EncodingLayer::Base64, EncodingLayer::Deflate];
        each(DecodedText::compressed(content, layers, place));
    } else {
        digit_text(text, lines, each);
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

/// True for base64 that begins with a text in ASCII or UTF-16.
fn is_text(characters: &[u8]) -> bool {
    let is_shown = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let (mut is_narrow, mut is_wide, mut is_high_first) = (true, true, true);
    let mut groups = characters.chunks_exact(8).take(3).peekable();
    let is_long = groups.peek().is_some();
    let mut at = 0;
    for group in groups {
        let word =
            group.iter().fold(0u64, |word, byte| word << 6 | u64::from(BITS[usize::from(*byte)]));
        for byte in &word.to_be_bytes()[2..] {
            is_narrow &= is_shown(*byte);
            // A byte-order mark may come first.
            is_wide &=
                at < 2 && *byte >= 0xfe || if at % 2 == 0 { is_shown(*byte) } else { *byte == 0 };
            is_high_first &=
                at < 2 && *byte >= 0xfe || if at % 2 == 1 { is_shown(*byte) } else { *byte == 0 };
            at += 1;
        }
        if !is_narrow && !is_wide && !is_high_first {
            return false;
        }
    }
    is_long
}

#[cfg(test)]
mod tests {
    use super::super::encoded_places::{EncodedPlace, LONG, encoded_places};
    use super::*;

    fn each_text(
        text: &[u8],
        is_new: &dyn Fn(&Range<usize>) -> bool,
        each: &mut dyn FnMut(DecodedText),
    ) {
        let part = SearchedPart { text, range: 0..text.len(), is_new };
        let mut base64 = Base64Texts::default();
        encoded_places(text, &part.range, |place| {
            if let EncodedPlace::Base64(at) = place {
                base64.see(&part, at, each);
            }
        });
    }

    #[test]
    fn a_long_run_is_read_once() {
        let text = b"x".repeat(3 * LONGEST);
        let read = std::cell::Cell::new(0);
        let is_new = |place: &Range<usize>| {
            read.set(read.get() + place.len());
            true
        };
        each_text(&text, &is_new, &mut |_| {});
        assert!(read.get() <= text.len(), "{}", read.get());
    }

    #[test]
    fn base64_is_decoded_wherever_its_lines_are_broken() {
        let plain = b"The quick brown fox jumps over the lazy dog, twice.";
        let encoded = data_encoding::BASE64.encode(plain);
        for at in 1..encoded.len() - 4 {
            for (before, mark) in [("x = ", "\n"), ("", "\r\n"), ("key: |\n  ", "\n  ")] {
                let text = format!("{before}{}{mark}{}\nend", &encoded[..at], &encoded[at..]);
                let mut seen = Vec::new();
                each_text(text.as_bytes(), &|_| true, &mut |own| seen.push(own.bytes));
                let is_whole = seen.iter().any(|own| own.starts_with(plain));
                // Of two short lines, none is told to be base64.
                let is_told = at >= BROKEN_AT || encoded.len() - at >= LONG;
                assert!(is_whole || !is_told, "{at} {mark:?} {seen:?}");
            }
        }
    }

    #[test]
    fn base64_of_text_is_decoded_from_any_line_and_offset() {
        // `printf 'The quick brown fox jumps over the lazy dog, twice.' | base64`
        let encoded = "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZywgdHdpY2Uu";
        let plain = b"The quick brown fox jumps over the lazy dog, twice.";
        for before in ["", "a", "ab", "abc", "some/path/"] {
            let text = format!("x = \"{before}{encoded}\"");
            let mut seen = Vec::new();
            each_text(text.as_bytes(), &|_| true, &mut |own| {
                let at = memchr::memmem::find(&own.bytes, b"quick").unwrap();
                let place = own.place(&(at..at + 5));
                assert_eq!(place.len(), 7, "{before}");
                seen.push(own.bytes);
            });
            assert!(seen.iter().any(|own| own.ends_with(plain)), "{before}");
        }
    }
}
