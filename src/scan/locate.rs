//! Turns byte offsets into lines and columns; the only place where that is done.

use std::ops::Range;

use crate::model::Position;
use crate::source::TextEncoding;

/// A position that moves through a text from its beginning to its end.
#[derive(Debug, Clone)]
pub struct Locator {
    encoding: TextEncoding,
    place: Position,
    /// True if the last UTF-16 unit was the first half of a surrogate pair.
    in_pair: bool,
}

impl Locator {
    /// The beginning of a text, after its byte-order mark if it has one.
    pub fn new(encoding: TextEncoding) -> Self {
        Self { encoding, place: Position { line: 1, column: 1, utf16_column: 1 }, in_pair: false }
    }

    /// The current position.
    pub fn place(&self) -> Position {
        self.place
    }

    /// Moves over the next `bytes` of the text.
    pub fn advance(&mut self, bytes: &[u8]) {
        match self.encoding {
            TextEncoding::Bytes => self.advance_bytes(bytes),
            TextEncoding::Utf16Le => self.advance_utf16(bytes, u16::from_le_bytes),
            TextEncoding::Utf16Be => self.advance_utf16(bytes, u16::from_be_bytes),
            TextEncoding::Utf32Le => self.advance_utf32(bytes, u32::from_le_bytes),
            TextEncoding::Utf32Be => self.advance_utf32(bytes, u32::from_be_bytes),
        }
    }

    fn advance_bytes(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if let Some(newline) = memchr::memrchr(b'\n', bytes) {
            self.new_lines(memchr::memchr_iter(b'\n', bytes).count() as u64);
            rest = &bytes[newline + 1..];
        }
        // Much faster, and true of nearly all text; a file may be one line of gigabytes.
        if rest.is_ascii() {
            self.place.column += rest.len() as u64;
            self.place.utf16_column += rest.len() as u64;
            return;
        }
        for chunk in rest.utf8_chunks() {
            let valid = chunk.valid().as_bytes();
            let inside = valid.iter().filter(|&&byte| byte & 0xc0 == 0x80).count();
            let pairs = valid.iter().filter(|&&byte| byte >= 0xf0).count();
            // An invalid UTF-8 byte counts as a Latin-1 character.
            let characters = valid.len() - inside + chunk.invalid().len();
            self.place.column += characters as u64;
            self.place.utf16_column += (characters + pairs) as u64;
        }
    }

    fn advance_utf16(&mut self, bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) {
        for pair in bytes.chunks_exact(2) {
            let unit = unit([pair[0], pair[1]]);
            // The second half of a surrogate pair is not a character of its own.
            let is_second = self.in_pair && unit & 0xfc00 == 0xdc00;
            self.in_pair = unit & 0xfc00 == 0xd800;
            if unit == 0x000a {
                self.new_lines(1);
            } else {
                self.place.column += u64::from(!is_second);
                self.place.utf16_column += 1;
            }
        }
    }

    fn advance_utf32(&mut self, bytes: &[u8], unit: impl Fn([u8; 4]) -> u32) {
        for four in bytes.as_chunks().0 {
            match unit(*four) {
                0x000a => self.new_lines(1),
                unit => {
                    self.place.column += 1;
                    self.place.utf16_column += if unit > 0xffff { 2 } else { 1 };
                }
            }
        }
    }

    fn new_lines(&mut self, count: u64) {
        self.place = Position { line: self.place.line + count, column: 1, utf16_column: 1 };
    }
}

/// The line around `span`, without its line break, cut to `limit` bytes on either side.
pub(super) fn line_around(
    bytes: &[u8],
    span: &Range<usize>,
    limit: usize,
    encoding: TextEncoding,
) -> Range<usize> {
    let from = span.start.saturating_sub(limit);
    let to = bytes.len().min(span.end + limit);
    match encoding {
        TextEncoding::Bytes => {
            let start = memchr::memrchr(b'\n', &bytes[from..span.start]).map(|at| from + at + 1);
            let end = memchr::memchr(b'\n', &bytes[span.end..to]).map(|at| span.end + at);
            let start = start.unwrap_or_else(|| next_boundary(bytes, from, span.start));
            let end = end.unwrap_or_else(|| encoding_boundary(bytes, to, span.end));
            start..strip_return(bytes, span.end, end)
        }
        TextEncoding::Utf16Le
        | TextEncoding::Utf16Be
        | TextEncoding::Utf32Le
        | TextEncoding::Utf32Be => {
            let (unit, newline) = (encoding.unit(), encoding.newline());
            let is_newline = |at: usize| bytes.get(at..at + unit) == Some(newline);
            let mut start = span.start;
            while start >= from + unit && !is_newline(start - unit) {
                start -= unit;
            }
            let mut end = span.end;
            while end + unit <= to && !is_newline(end) {
                end += unit;
            }
            let mut last = bytes[..end].iter().rev().take(unit).copied();
            let mut carriage =
                newline.iter().rev().map(|byte| if *byte == b'\n' { b'\r' } else { *byte });
            let is_cut = end >= span.end + unit && carriage.all(|byte| last.next() == Some(byte));
            start..if is_cut { end - unit } else { end }
        }
    }
}

/// The first offset from `at` on that is not inside a UTF-8 character.
fn next_boundary(bytes: &[u8], at: usize, limit: usize) -> usize {
    let inside = |at: &usize| bytes[*at] & 0xc0 == 0x80;
    (at..limit).take(4).find(|at| !inside(at)).unwrap_or(at)
}

/// The last offset up to `at` that is not inside a UTF-8 character.
fn encoding_boundary(bytes: &[u8], at: usize, limit: usize) -> usize {
    let inside = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (limit..=at).rev().take(4).find(|at| !inside(at)).unwrap_or(at)
}

fn strip_return(bytes: &[u8], from: usize, end: usize) -> usize {
    if end > from && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(text: &[u8], encoding: TextEncoding) -> (u64, u64, u64) {
        let mut locator = Locator::new(encoding);
        locator.advance(text);
        let place = locator.place();
        (place.line, place.column, place.utf16_column)
    }

    #[test]
    fn positions_in_bytes() {
        for (text, expected) in [
            (&b""[..], (1, 1, 1)),
            (b"abc", (1, 4, 4)),
            (b"abc\n", (2, 1, 1)),
            (b"a\r\nbc", (2, 3, 3)),
            ("é".as_bytes(), (1, 2, 2)),
            ("日本 ".as_bytes(), (1, 4, 4)),
            ("😀=".as_bytes(), (1, 3, 4)),
            (b"caf\xe9 = ", (1, 8, 8)),
            (b"\xff\xff\xf0\x9f", (1, 5, 5)),
        ] {
            assert_eq!(place(text, TextEncoding::Bytes), expected, "{text:?}");
        }
    }

    #[test]
    fn places_in_utf16() {
        let text: Vec<u16> = "x\r\né😀=".encode_utf16().collect();
        let little: Vec<u8> = text.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = text.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!(place(&little, TextEncoding::Utf16Le), (2, 4, 5));
        assert_eq!(place(&big, TextEncoding::Utf16Be), (2, 4, 5));
        // U+0A0A is not a line break.
        assert_eq!(place(&[0x0a, 0x0a], TextEncoding::Utf16Le), (1, 2, 2));
    }

    #[test]
    fn steps_add_up() {
        let text = "one\nzwei é\n😀 drei".as_bytes();
        let mut locator = Locator::new(TextEncoding::Bytes);
        locator.advance(&text[..11]);
        locator.advance(&text[11..]);
        let place_at_once = place(text, TextEncoding::Bytes);
        let steps = locator.place();
        assert_eq!((steps.line, steps.column, steps.utf16_column), place_at_once);
    }

    /// Counts one character after the other: slow but plain.
    fn naive(text: &[u8], encoding: TextEncoding) -> (u64, u64, u64) {
        let units = |unit: fn([u8; 2]) -> u16| {
            let units = text.chunks_exact(2).map(move |pair| unit([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect::<Vec<_>>()
        };
        let characters = match encoding {
            TextEncoding::Utf16Le => units(u16::from_le_bytes),
            TextEncoding::Utf16Be => units(u16::from_be_bytes),
            TextEncoding::Utf32Le | TextEncoding::Utf32Be => {
                let unit = |four: &[u8]| match encoding {
                    TextEncoding::Utf32Le => {
                        u32::from_le_bytes([four[0], four[1], four[2], four[3]])
                    }
                    TextEncoding::Bytes
                    | TextEncoding::Utf16Le
                    | TextEncoding::Utf16Be
                    | TextEncoding::Utf32Be => {
                        u32::from_be_bytes([four[0], four[1], four[2], four[3]])
                    }
                };
                let characters = text.chunks_exact(4).map(unit);
                characters.map(|unit| char::from_u32(unit).unwrap_or('\u{fffd}')).collect()
            }
            TextEncoding::Bytes => {
                let mut characters = Vec::new();
                let mut rest = text;
                while let [first, after @ ..] = rest {
                    let whole = (1..=4.min(rest.len())).find_map(|length| {
                        let text = std::str::from_utf8(&rest[..length]).ok()?;
                        Some((text.chars().next()?, &rest[length..]))
                    });
                    let (character, after) = whole.unwrap_or((char::from(*first), after));
                    characters.push(character);
                    rest = after;
                }
                characters
            }
        };
        let mut place = (1, 1, 1);
        for character in characters {
            if character == '\n' {
                place = (place.0 + 1, 1, 1);
            } else {
                place.1 += 1;
                place.2 += character.len_utf16() as u64;
            }
        }
        place
    }

    /// Bytes with many fragments of encodings.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte]),
            any::<char>().prop_map(|c| c.to_string().into_bytes()),
            prop::sample::select(vec![
                b"\n\0",
                b"\0\n",
                b"\xd8\x3d",
                b"\xdc\0",
                b"\xe2\x82",
                b"a\r"
            ])
            .prop_map(|bytes| bytes.to_vec()),
        ];
        prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn places_are_those_of_a_naive_count(text in bytes()) {
            for encoding in [TextEncoding::Bytes, TextEncoding::Utf16Le, TextEncoding::Utf16Be] {
                prop_assert_eq!(place(&text, encoding), naive(&text, encoding));
            }
        }
    }

    #[test]
    fn lines_are_found_and_cut() {
        let line = |text: &str, span: Range<usize>, limit| {
            let around = line_around(text.as_bytes(), &span, limit, TextEncoding::Bytes);
            text[around].to_owned()
        };
        assert_eq!(line("a\nbcd\r\ne", 3..4, 99), "bcd");
        assert_eq!(line("abcdef", 2..3, 99), "abcdef");
        assert_eq!(line("abcdef", 2..3, 1), "bcd");
        assert_eq!(line("ééKéé", 4..5, 3), "éKé");
        assert_eq!(line("k", 0..1, 0), "k");
    }

    #[test]
    fn lines_of_utf16_are_found() {
        let wide: Vec<u8> = "ab\ncKd\ne".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(line_around(&wide, &(8..10), 99, TextEncoding::Utf16Le), 6..12);
        assert_eq!(line_around(&wide, &(8..10), 1, TextEncoding::Utf16Le), 8..10);
    }
}
