//! Hexadecimal digits and base32 whose content is text that is encoded in turn: only what looks like base64
//! and is none comes here.

use std::ops::Range;

use super::archived::{archive_texts, is_archive};
use super::decoded_text::DecodedText;
use crate::decode::inflate;
use crate::model::EncodingLayer;
use crate::source::TextEncoding;

/// The shortest run that is decoded.
const SHORTEST: usize = 40;

/// Bytes of a text that tell it.
const PROBE: usize = 12;

/// The most bytes that compressed text may have.
const LONGEST: usize = 1024 * 1024;

/// Passes on the text in the characters of `lines`, if they are digits of either kind.
pub(super) fn digit_text(text: &[u8], lines: &[Range<usize>], each: &mut dyn FnMut(DecodedText)) {
    let Some(first) = lines.first() else { return };
    let characters = || lines.iter().flat_map(|line| line.clone()).map(|at| (at, text[at]));
    let head = &text[first.clone()];
    if head.len() < SHORTEST {
        return;
    }
    let is_hex = |byte: &u8| byte.is_ascii_hexdigit();
    if head[..SHORTEST].iter().all(is_hex) {
        let bytes = packed(&head[..2 * PROBE], 4, |byte| char::from(byte).to_digit(16));
        let is_gzip = bytes.starts_with(&[0x1f, 0x8b, 8]);
        let is_archive = is_archive(&bytes);
        if !is_gzip && !is_archive && !is_text(&bytes) {
            return;
        }
        let digits: Vec<_> = characters().take_while(|(_, byte)| is_hex(byte)).collect();
        if is_gzip || is_archive {
            let all = digits.iter().map(|(_, byte)| *byte).collect::<Vec<_>>();
            let bytes = packed(&all, 4, |byte| char::from(byte).to_digit(16));
            // The beginning of a word on the next line is no digit of it.
            let last = (digits.len() / 2 * 2).checked_sub(1).map(|last| digits[last].0);
            let place = first.start..last.map_or(first.end, |at| at + 1);
            if is_archive {
                archive_texts(&bytes, EncodingLayer::Hex, &place, LONGEST, each);
            } else if let Some((content, _)) = inflate(&bytes, LONGEST) {
                let layers = vec![EncodingLayer::Hex, EncodingLayer::Gzip];
                each(DecodedText::compressed(content, layers, place));
            }
            return;
        }
        let mut decoded = DecodedText::new(EncodingLayer::Hex);
        for pair in digits.chunks_exact(2) {
            let digit = |nth: usize| char::from(pair[nth].1).to_digit(16).unwrap_or(0);
            decoded.push((digit(0) << 4 | digit(1)) as u8, pair[0].0, pair[1].0 + 1);
        }
        if TextEncoding::detect(&decoded.bytes).unit() > 1 {
            decoded.layers.push(EncodingLayer::Utf16);
        }
        each(decoded);
    } else if head[..SHORTEST].iter().all(|byte| base32(*byte).is_some()) {
        let own: Vec<_> = characters().take_while(|(_, byte)| base32(*byte).is_some()).collect();
        let all: Vec<_> = own.iter().map(|(_, byte)| *byte).collect();
        if !is_text(&packed(&all[..SHORTEST.min(24)], 5, base32)) {
            return;
        }
        let mut decoded = DecodedText::new(EncodingLayer::Base32);
        for (nth, byte) in packed(&all, 5, base32).into_iter().enumerate() {
            // A character at either end may also hold bits of a neighbour.
            let (from, to) = (8 * nth / 5, (8 * (nth + 1)).div_ceil(5) - 1);
            decoded.push(byte, own[from].0, own[to].0 + 1);
        }
        each(decoded);
    }
}

/// The value of a character of base32 (RFC 4648, section 6).
fn base32(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'2'..=b'7' => Some(u32::from(byte - b'2') + 26),
        _ => None,
    }
}

/// The bytes of digits of so many bits each.
fn packed(digits: &[u8], bits: u32, value: fn(u8) -> Option<u32>) -> Vec<u8> {
    let (mut word, mut count, mut bytes) = (0u32, 0, Vec::new());
    for digit in digits {
        word = word << bits | value(*digit).unwrap_or(0);
        count += bits;
        if count >= 8 {
            count -= 8;
            bytes.push((word >> count) as u8);
        }
    }
    bytes
}

/// True for the beginning of a text in ASCII or UTF-16.
fn is_text(bytes: &[u8]) -> bool {
    let is_shown = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let is_wide = |parity: usize| {
        let mut bytes = bytes.iter().enumerate();
        bytes.all(|(nth, byte)| if nth % 2 == parity { is_shown(*byte) } else { *byte == 0 })
    };
    bytes.iter().all(|byte| is_shown(*byte)) || is_wide(0) || is_wide(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(String, Vec<EncodingLayer>)> {
        let mut all = Vec::new();
        let line = 0..text.len();
        digit_text(text.as_bytes(), &[line], &mut |decoded| {
            all.push((String::from_utf8(decoded.bytes.clone()).unwrap(), decoded.layers.clone()));
        });
        all
    }

    #[test]
    fn digits_of_text_are_decoded() {
        let plain = "some text that is long enough";
        for (encoded, layer) in [
            (data_encoding::HEXLOWER.encode(plain.as_bytes()), EncodingLayer::Hex),
            (data_encoding::HEXUPPER.encode(plain.as_bytes()), EncodingLayer::Hex),
            (data_encoding::BASE32_NOPAD.encode(plain.as_bytes()), EncodingLayer::Base32),
        ] {
            assert_eq!(texts(&encoded), [(plain.to_owned(), vec![layer])], "{encoded}");
        }
        assert_eq!(texts(&"0123456789abcdef".repeat(4)), []);
        // A word on the next line that begins with a digit is none of it.
        let gzip = [31, 139, 8, 0, 0, 0, 0, 0, 0, 255];
        let (stored, end) = ([1, 4, 0, 251, 255], [0; 8]);
        let hex = data_encoding::HEXLOWER.encode(&[&gzip[..], &stored, b"text", &end].concat());
        let text = format!("{hex}\nb = 1");
        let (mut places, lines) = (Vec::new(), [0..hex.len(), hex.len() + 1..hex.len() + 2]);
        digit_text(text.as_bytes(), &lines, &mut |own| places.push(own.place(&(0..4))));
        assert!(places.len() == 1 && places[0] == (0..hex.len()), "{places:?}");
        assert_eq!(texts(&"ABCDEFGH".repeat(8)), []);
    }
}
