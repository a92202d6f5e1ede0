//! The encoding of a text.

/// The encoding of a text, as far as it affects lines and columns. keyside finds keys in any text
/// whose ASCII characters are single bytes or units of UTF-16 or UTF-32, so nothing is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, Latin-1 or any other bytes.
    Bytes,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// UTF-32, low byte first.
    Utf32Le,
    /// UTF-32, high byte first.
    Utf32Be,
}

/// Bytes of a text without a byte-order mark that are examined.
const SAMPLE: usize = 4096;

impl TextEncoding {
    /// Bytes of a code unit.
    pub fn unit(self) -> usize {
        match self {
            Self::Bytes => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
            Self::Utf32Le | Self::Utf32Be => 4,
        }
    }

    /// A line break.
    pub fn newline(self) -> &'static [u8] {
        match self {
            Self::Bytes => b"\n",
            Self::Utf16Le => b"\n\0",
            Self::Utf16Be => b"\0\n",
            Self::Utf32Le => b"\n\0\0\0",
            Self::Utf32Be => b"\0\0\0\n",
        }
    }

    /// Detects the encoding from the beginning of a text: by its byte-order mark, else by the
    /// position of its zero bytes (the high bytes of ASCII characters).
    pub fn detect(start: &[u8]) -> Self {
        match start {
            [0xff, 0xfe, 0, 0, rest @ ..] if are_characters(rest, u32::from_le_bytes) => {
                return Self::Utf32Le;
            }
            [0, 0, 0xfe, 0xff, rest @ ..] if are_characters(rest, u32::from_be_bytes) => {
                return Self::Utf32Be;
            }
            [0xff, 0xfe, ..] => return Self::Utf16Le,
            [0xfe, 0xff, ..] => return Self::Utf16Be,
            _ => {}
        }
        let sample = &start[..start.len().min(SAMPLE)];
        if memchr::memchr(0, sample).is_none() {
            return Self::Bytes;
        }
        if let Some(encoding) = utf32(sample) {
            return encoding;
        }
        let pairs = sample.len() / 2;
        let (mut first, mut second, mut both) = (0, 0, 0);
        for pair in sample.chunks_exact(2) {
            first += usize::from(pair[0] == 0);
            second += usize::from(pair[1] == 0);
            both += usize::from(pair == [0, 0]);
        }
        // Text in a Latin script has a zero in nearly every unit, and never two. Few other
        // characters (U+4E00, the second half of U+1F600) have one in the other place.
        let is_text = both * 50 <= pairs;
        if is_text && second * 2 > pairs && first * 3 <= second {
            Self::Utf16Le
        } else if is_text && first * 2 > pairs && second * 3 <= first {
            Self::Utf16Be
        } else {
            Self::Bytes
        }
    }

    /// Length in bytes of the byte-order mark at the beginning of a text in this encoding.
    pub fn mark_length(self, start: &[u8]) -> usize {
        match (self, start) {
            (Self::Bytes, [0xef, 0xbb, 0xbf, ..]) => 3,
            (Self::Utf16Le, [0xff, 0xfe, ..]) | (Self::Utf16Be, [0xfe, 0xff, ..]) => 2,
            (Self::Utf32Le, [0xff, 0xfe, 0, 0, ..]) | (Self::Utf32Be, [0, 0, 0xfe, 0xff, ..]) => 4,
            _ => 0,
        }
    }

    /// The greatest offset up to `offset` that does not split a character of `bytes`. `bytes`
    /// itself begins at such an offset.
    pub(super) fn boundary(self, bytes: &[u8], offset: usize) -> usize {
        match self {
            Self::Bytes => {
                let is_inside = |at: usize| bytes.get(at).is_some_and(|b| b & 0xc0 == 0x80);
                let nearest = |step: usize, most: usize| {
                    let cuts = (offset.saturating_sub(most)..=offset).rev();
                    cuts.filter(|at| at.is_multiple_of(step)).find(|&at| !is_inside(at))
                };
                // An even one if there is one: UTF-16 strings in binaries are aligned to even
                // offsets.
                nearest(2, 8).or_else(|| nearest(1, 3)).unwrap_or(offset & !1)
            }
            // Four bytes, so that the halves of a surrogate pair are not separated and counted as
            // one character each.
            Self::Utf32Le | Self::Utf32Be => offset & !3,
            Self::Utf16Le | Self::Utf16Be => {
                let even = offset & !1;
                let high = even.checked_sub(2).map(|at| match self {
                    Self::Utf16Le => bytes[at + 1],
                    Self::Bytes | Self::Utf16Be | Self::Utf32Le | Self::Utf32Be => bytes[at],
                });
                if high.is_some_and(|byte| byte & 0xfc == 0xd8) { even - 2 } else { even }
            }
        }
    }
}

/// True if the beginning of a text after a mark is UTF-32: anyone may write the mark before other text.
fn are_characters(text: &[u8], character: fn([u8; 4]) -> u32) -> bool {
    let sample = &text[..text.len().min(SAMPLE)];
    sample.as_chunks().0.iter().all(|four| char::from_u32(character(*four)).is_some())
}

/// The fewest characters of UTF-32 without a mark; fewer are numbers.
const FEWEST: usize = 8;

/// The byte order of UTF-32, of which nearly all is printable ASCII.
fn utf32(sample: &[u8]) -> Option<TextEncoding> {
    let count = sample.len() / 4;
    if count < FEWEST || sample.first() == Some(&0) && sample[1] != 0 {
        return None;
    }
    let is_shown = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let (mut little, mut big) = (0, 0);
    for four in sample.chunks_exact(4) {
        match four {
            [byte, 0, 0, 0] => little += usize::from(is_shown(*byte)),
            [0, 0, 0, byte] => big += usize::from(is_shown(*byte)),
            _ => {}
        }
    }
    if little * 8 >= count * 7 {
        Some(TextEncoding::Utf32Le)
    } else {
        (big * 8 >= count * 7).then_some(TextEncoding::Utf32Be)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        let swap = |unit: u16| {
            if little { unit.to_le_bytes() } else { unit.to_be_bytes() }
        };
        text.encode_utf16().flat_map(swap).collect()
    }

    /// UTF-32 with a mark.
    fn utf32(text: &str, little: bool) -> Vec<u8> {
        let swap = |unit: char| {
            let unit = u32::from(unit);
            if little { unit.to_le_bytes() } else { unit.to_be_bytes() }
        };
        std::iter::once('\u{feff}').chain(text.chars()).flat_map(swap).collect()
    }

    #[test]
    fn encodings_are_detected_with_and_without_a_mark() {
        let cases: &[(&[u8], TextEncoding)] = &[
            (b"", TextEncoding::Bytes),
            (b"plain", TextEncoding::Bytes),
            (b"caf\xe9", TextEncoding::Bytes),
            (b"\xff\xfe", TextEncoding::Utf16Le),
            (b"\xfe\xff\x00a", TextEncoding::Utf16Be),
            (&utf16("KEY=caf\u{e9}\n", true), TextEncoding::Utf16Le),
            (&utf16("KEY=caf\u{e9}\n", false), TextEncoding::Utf16Be),
            (&utf16("key: \u{1f600}\u{4e00}\n", true), TextEncoding::Utf16Le),
            (&utf16("key: \u{1f600}\u{4e00}\n", false), TextEncoding::Utf16Be),
            (&utf32("key: \u{1f600}\n", true), TextEncoding::Utf32Le),
            (&utf32("A=1\nkey: caf\u{e9}\n", true)[4..], TextEncoding::Utf32Le),
            (&utf32("A=1\nkey: caf\u{e9}\n", false)[4..], TextEncoding::Utf32Be),
            (&[0; 64], TextEncoding::Bytes),
            (&[1, 0, 0, 0].repeat(16), TextEncoding::Bytes),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0", TextEncoding::Bytes),
        ];
        for (bytes, encoding) in cases {
            assert_eq!(TextEncoding::detect(bytes), *encoding, "{bytes:?}");
        }
    }

    #[test]
    fn a_boundary_never_splits_a_character() {
        let text = "aé😀b";
        for offset in 0..=text.len() {
            let cut = TextEncoding::Bytes.boundary(text.as_bytes(), offset);
            assert!(text.is_char_boundary(cut) && offset - cut < 8, "{offset}");
        }
        let wide = utf16("a😀b", true);
        let cuts: Vec<_> = (0..=8).map(|o| TextEncoding::Utf16Le.boundary(&wide, o)).collect();
        assert_eq!(cuts, [0, 0, 2, 2, 2, 2, 6, 6, 8]);
        let latin1 = [0xbf; 10];
        assert_eq!(TextEncoding::Bytes.boundary(&latin1, 7), 6);
        let odd = "aéééééééé";
        assert!(odd.is_char_boundary(TextEncoding::Bytes.boundary(odd.as_bytes(), 14)));
    }
}
