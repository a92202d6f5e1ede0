//! Dumps of `xxd`, `hexdump` and `od`: lines of an offset and the bytes there.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};
use crate::model::EncodingLayer;

/// The offset of a dump's second line ends with this, of 16 in hexadecimal or in octal digits.
const SECOND: [&[u8]; 2] = [b"10", b"20"];

/// The longest line.
const LONGEST_LINE: usize = 256;

/// Bytes of a line of a dump, and the most lines that are read at once.
const PER_LINE: usize = 16;
const MOST_LINES: usize = 65536;

/// How far a line may be from the range that is searched.
const REACH: usize = 4096;

/// Decodes dumps.
#[derive(Debug, Default)]
pub(super) struct DumpedTexts;

impl Decoder for DumpedTexts {
    fn finish(&mut self, part: &SearchedPart<'_>, each: &mut dyn FnMut(DecodedText)) {
        let SearchedPart { text, range, is_new } = part;
        let from = range.start.saturating_sub(REACH);
        let near = &text[from..text.len().min(range.end + REACH)];
        let mut end = 0;
        static ZEROS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"0000"));
        for at in ZEROS.find_iter(near).map(|at| from + at) {
            if at < end {
                continue;
            }
            let zeros = text[at..].iter().take_while(|byte| **byte == b'0').count();
            end = at + zeros;
            let after = &text[end..];
            if zeros > 10 || !SECOND.iter().any(|digits| after.starts_with(digits)) {
                continue;
            }
            // The offset begins its line, and the line before is one of 16 bytes.
            let begins = |end: usize| {
                let before = &text[end.saturating_sub(LONGEST_LINE)..end];
                let newline = memchr::memrchr(b'\n', before);
                newline
                    .map(|line| end - before.len() + line + 1)
                    .or((end == before.len()).then_some(0))
            };
            let Some(line) = begins(at).filter(|line| line + PER_LINE > at && *line > 0) else {
                continue;
            };
            let Some(first) = begins(line - 1) else { continue };
            if is_new(&(first..at)) {
                let mut decoded = DecodedText::new(EncodingLayer::Hex);
                end = dump(text, first, &mut decoded).max(at + 1);
                if decoded.bytes.len() > PER_LINE {
                    each(decoded);
                }
            }
        }
    }
}

/// Adds the bytes of the lines from `start` on. Returns the end.
fn dump(text: &[u8], start: usize, decoded: &mut DecodedText) -> usize {
    let mut at = start;
    for _ in 0..MOST_LINES {
        let rest = &text[at..];
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        if !add_line(line, at, decoded) {
            return at;
        }
        at += line.len() + 1;
        if at >= text.len() {
            return text.len();
        }
    }
    at
}

/// Adds the bytes of one line, which begins at `at`. False if it is none of a dump.
fn add_line(line: &[u8], at: usize, decoded: &mut DecodedText) -> bool {
    let blanks = line.iter().take_while(|byte| **byte == b' ').count();
    let offset = line[blanks..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let mut next = blanks + offset;
    if !(6..=10).contains(&offset) {
        return false;
    }
    next += usize::from(line.get(next) == Some(&b':'));
    let mut count = 0;
    while count < PER_LINE {
        let spaces = line[next..].iter().take_while(|byte| **byte == b' ').count();
        // The characters stand apart.
        if spaces > 2 || spaces == 2 && count != 0 && count != PER_LINE / 2 {
            break;
        }
        next += spaces;
        let digit = |at: usize| char::from(*line.get(at)?).to_digit(16);
        let is_pair = digit(next).is_some() && digit(next + 1).is_some();
        let (Some(high), Some(low), true) = (digit(next), digit(next + 1), is_pair) else { break };
        decoded.push((high << 4 | low) as u8, at + next, at + next + 2);
        next += 2;
        count += 1;
    }
    count > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dumps_are_read() {
        let xxd = "00000000: 6669 7273 7420 6c69 6e65 2c20 616e 6420  first line, and \n\
                   00000010: 7468 6520 7365 636f 6e64 0a              the second.\n";
        let hexdump = "00000000  66 69 72 73 74 20 6c 69  6e 65 2c 20 61 6e 64 20  |first line, and |\n\
                       00000010  74 68 65 20 73 65 63 6f  6e 64 0a                 |the second.|\n0000001b\n";
        let od = "0000000 66 69 72 73 74 20 6c 69 6e 65 2c 20 61 6e 64 20\n\
                  0000020 74 68 65 20 73 65 63 6f 6e 64 0a\n0000033\n";
        for text in [xxd, hexdump, od] {
            for around in ["", "before\n"] {
                let text = format!("{around}{text}");
                let mut seen = Vec::new();
                let part =
                    SearchedPart { text: text.as_bytes(), range: 0..text.len(), is_new: &|_| true };
                DumpedTexts.finish(&part, &mut |decoded| {
                    seen.push(String::from_utf8_lossy(&decoded.bytes).into_owned());
                });
                assert_eq!(seen, ["first line, and the second\n"], "{text}");
            }
        }
        let none = "color: #000010;\n0x00000010\n00000010\n";
        let part = SearchedPart { text: none.as_bytes(), range: 0..none.len(), is_new: &|_| true };
        DumpedTexts.finish(&part, &mut |own| panic!("{own:?}"));
    }
}
