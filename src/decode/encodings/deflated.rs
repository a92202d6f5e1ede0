//! Text in DEFLATE without a header (RFC 1951), as in SAML requests and scripts of PowerShell. No mark tells it: the
//! codes at its beginning do, so that nearly nothing else is unpacked.

use crate::decode::inflate_bare;

/// Bytes at the beginning that tell it.
pub(super) const HEAD: usize = 24;

/// Characters at the beginning that are none repeated and are shown.
const FEWEST: usize = 6;

/// Characters of what is unpacked that tell a text.
const PROBE: usize = 64;

/// Lengths of codes of a code for lengths, at most, and the greatest number of each.
const MOST_LENGTHS: u32 = 19;
const MOST_CODES: u32 = 29;

/// The text that `all` unpacks to, up to `most` bytes; `head` are its first ones.
pub(super) fn deflated_text(
    head: &[u8],
    all: impl FnOnce() -> Vec<u8>,
    most: usize,
) -> Option<Vec<u8>> {
    may_be_deflated(head).then_some(())?;
    let content = inflate_bare(&all(), most)?;
    let is_text = content.iter().take(PROBE).all(|byte| is_shown(u32::from(*byte)));
    is_text.then_some(content)
}

/// False for nearly all bytes that are no text in DEFLATE.
fn may_be_deflated(head: &[u8]) -> bool {
    let mut bits = Bits { bytes: head, at: 0 };
    let kind = bits.number(1).and_then(|_| bits.number(2));
    match kind {
        Some(1) => (0..FEWEST).all(|_| bits.literal().is_some_and(is_shown)),
        Some(2) => bits.has_code().unwrap_or(false),
        _ => false,
    }
}

fn is_shown(character: u32) -> bool {
    matches!(character, 0x20..0x7f | 0x09 | 0x0a | 0x0d)
}

/// Bits, the lowest one of each byte first.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = *self.bytes.get(self.at / 8)?;
        let bit = byte >> (self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }

    /// A number of so many bits.
    fn number(&mut self, length: u32) -> Option<u32> {
        (0..length).try_fold(0, |number, nth| Some(number | self.bit()? << nth))
    }

    /// The character of the next code of the fixed ones, if it is one of ASCII. The first bit of a code is its highest.
    fn literal(&mut self) -> Option<u32> {
        let code = (0..8).try_fold(0, |code, _| Some(code << 1 | self.bit()?))?;
        (0x30..0xb0).contains(&code).then(|| code - 0x30)
    }

    /// True if the lengths that follow are those of a code that leaves nothing out.
    fn has_code(&mut self) -> Option<bool> {
        let (literals, distances) = (self.number(5)?, self.number(5)?);
        let count = self.number(4)? + 4;
        if literals > MOST_CODES || distances > MOST_CODES || count > MOST_LENGTHS {
            return Some(false);
        }
        let mut used = 0;
        for _ in 0..count {
            let length = self.number(3)?;
            used += if length > 0 { 128 >> length } else { 0 };
        }
        Some(used == 128)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use proptest::prelude::*;

    use super::*;

    fn deflated(text: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn text(bytes: &[u8]) -> Option<Vec<u8>> {
        deflated_text(&bytes[..bytes.len().min(HEAD)], || bytes.to_vec(), 1 << 20)
    }

    #[test]
    fn texts_are_unpacked() {
        let long = (0..400).map(|nth| format!("line {nth} of it\n")).collect::<String>();
        for own in ["a text of a few words", "<samlp:AuthnRequest ID=\"a\">", &long] {
            assert_eq!(text(&deflated(own.as_bytes())).unwrap(), own.as_bytes());
        }
        assert_eq!(text(&deflated(b"\x00\x01\x02\x03 and no text")), None);
        let whole = deflated(long.as_bytes());
        assert_eq!(text(&whole[..whole.len() / 2]), None);
    }

    proptest! {
        #[test]
        fn bytes_that_are_shown_are_unpacked(own in "[ -~]{30,200}") {
            let bytes = deflated(own.as_bytes());
            // A text that repeats its first characters may look like none.
            if may_be_deflated(&bytes[..bytes.len().min(HEAD)]) {
                prop_assert_eq!(text(&bytes), Some(own.into_bytes()));
            }
        }

        #[test]
        fn any_bytes_are_unpacked_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            text(&bytes);
        }
    }
}
