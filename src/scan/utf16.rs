//! Reads the run of ASCII characters around a place in UTF-16 text as single bytes, so that one
//! pattern serves both. Neither the byte order nor the alignment needs to be known: strings in
//! binaries begin anywhere.

use crate::source::TextEncoding;

/// A run of ASCII characters in UTF-16 text.
#[derive(Debug)]
pub(super) struct Utf16Run {
    /// The characters.
    pub(super) text: Vec<u8>,
    /// Offset of the first byte of the first character.
    pub(super) start: usize,
    /// Index in `text` of the requested character.
    pub(super) at: usize,
}

/// The run around the character whose low byte is at `low`: at most `before` characters before it
/// and `after` from it on. `keyword` characters from there are known to be ASCII.
pub(super) fn run(
    bytes: &[u8],
    low: usize,
    keyword: usize,
    before: usize,
    after: usize,
    encoding: TextEncoding,
) -> Utf16Run {
    let little = is_little(bytes, low, keyword, encoding);
    let high = |at: usize| {
        if little { bytes.get(at + 1) } else { bytes.get(at.wrapping_sub(1)) }
    };
    let is_ascii = |at: usize| bytes[at].is_ascii() && high(at) == Some(&0);
    let mut first = low;
    for _ in 0..before {
        match first.checked_sub(2) {
            Some(previous) if is_ascii(previous) => first = previous,
            _ => break,
        }
    }
    let at = (low - first) / 2;
    let text: Vec<u8> = (0..at + after)
        .map(|n| first + 2 * n)
        .take_while(|&position| position < bytes.len() && is_ascii(position))
        .map(|position| bytes[position])
        .collect();
    let start = if little { first } else { first - 1 };
    Utf16Run { text, start, at }
}

/// The text of UTF-16 or UTF-32 with one byte for each unit; other characters than those of ASCII are
/// none of it.
pub(super) fn narrowed(bytes: &[u8], encoding: TextEncoding) -> Vec<u8> {
    let unit = |unit: &[u8]| match (encoding, unit) {
        (TextEncoding::Utf16Be, [0, low])
        | (TextEncoding::Utf16Le, [low, 0])
        | (TextEncoding::Utf32Be, [0, 0, 0, low])
        | (TextEncoding::Utf32Le, [low, 0, 0, 0])
            if low.is_ascii() =>
        {
            *low
        }
        (_, [_, _, _, _]) => 0x80,
        _ => 0,
    };
    bytes.chunks(encoding.unit()).map(unit).collect()
}

/// The same, but characters that are none of ASCII are bytes that are none, as in a text of single bytes.
pub(super) fn readable(bytes: &[u8], encoding: TextEncoding) -> Vec<u8> {
    let mut narrow = narrowed(bytes, encoding);
    narrow.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = 0x80);
    narrow
}

/// A keyword with a zero byte between its characters, which occurs in its UTF-16 form in either
/// byte order.
pub(super) fn widened(text: &[u8]) -> Vec<u8> {
    let mut wide: Vec<u8> = text.iter().flat_map(|&byte| [byte, 0]).collect();
    wide.pop();
    wide
}

/// True if the low byte comes first, for a keyword whose inner zero bytes fit both orders.
fn is_little(bytes: &[u8], low: usize, keyword: usize, encoding: TextEncoding) -> bool {
    // If the whole text is UTF-16, its characters begin at even offsets; it may still contain a
    // string of the other order, or a shifted one.
    match encoding {
        TextEncoding::Utf16Le if low.is_multiple_of(2) => return true,
        TextEncoding::Utf16Be if !low.is_multiple_of(2) => return false,
        TextEncoding::Bytes
        | TextEncoding::Utf16Le
        | TextEncoding::Utf16Be
        | TextEncoding::Utf32Le
        | TextEncoding::Utf32Be => {}
    }
    let zero_before = low > 0 && bytes[low - 1] == 0;
    let zero_after = bytes.get(low + 2 * keyword - 1) == Some(&0);
    match (zero_before, zero_after) {
        (false, _) => true,
        (true, false) => false,
        // Both fit, and only the ends differ: the usual alignment decides.
        (true, true) => low.is_multiple_of(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str, little: bool) -> Vec<u8> {
        let swap = |unit: u16| {
            if little { unit.to_le_bytes() } else { unit.to_be_bytes() }
        };
        text.encode_utf16().flat_map(swap).collect()
    }

    #[test]
    fn runs_end_at_other_characters_in_both_orders() {
        for little in [true, false] {
            for encoding in [TextEncoding::Bytes, TextEncoding::Utf16Le, TextEncoding::Utf16Be] {
                if encoding != TextEncoding::Bytes && (encoding == TextEncoding::Utf16Le) != little
                {
                    continue;
                }
                for text in
                    ["key_abc", "= key_abc;", "ä key_abc\u{3041}x", "\u{4e41}key_abc\u{100}"]
                {
                    let bytes = bytes(text, little);
                    let chars: Vec<char> = text.chars().collect();
                    let k = chars.iter().position(|&c| c == 'k').unwrap();
                    let low = 2 * k + usize::from(!little);
                    let run = run(&bytes, low, 4, 100, 100, encoding);
                    let expected: String = {
                        let from =
                            chars[..k].iter().rposition(|c| !c.is_ascii()).map_or(0, |p| p + 1);
                        chars[from..].iter().take_while(|c| c.is_ascii()).collect()
                    };
                    assert_eq!(String::from_utf8_lossy(&run.text), expected, "{text} {little}");
                    assert_eq!(run.text[run.at], b'k');
                    assert_eq!(run.start, 2 * (k - run.at));
                }
            }
        }
    }

    #[test]
    fn big_endian_at_the_very_beginning_is_read() {
        let bytes = bytes("key_abc", true);
        let run = run(&bytes, 0, 4, 9, 9, TextEncoding::Utf16Be);
        assert_eq!((&run.text[..], run.start, run.at), (&b"key_abc"[..], 0, 0));
    }

    #[test]
    fn windows_are_bounded() {
        let bytes = bytes("aaaaakey_bbbbb", true);
        let run = run(&bytes, 10, 4, 2, 6, TextEncoding::Bytes);
        assert_eq!((&run.text[..], run.start, run.at), (&b"aakey_bb"[..], 6, 2));
    }
}
