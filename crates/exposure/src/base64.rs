//! Base64 (RFC 4648) in either alphabet.

use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};

/// Standard symbols, with those of the URL-safe alphabet read as the same.
static EITHER: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification
        .symbols
        .push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    specification.translate.from.push_str("-_");
    specification.translate.to.push_str("+/");
    specification.ignore.push_str("\r\n ");
    specification.check_trailing_bits = false;
    specification.encoding().ok()
});

/// Decodes a text, padded or not; `None` if it is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    EITHER.as_ref()?.decode(text.trim_end_matches('=').as_bytes()).ok()
}

/// Decodes the longest start of a text that is base64.
pub(crate) fn decode_start(text: &str) -> Vec<u8> {
    let is_symbol = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    let length = text.bytes().take_while(|byte| is_symbol(*byte)).count();
    // A single symbol of a last group is less than a byte.
    let length = length - usize::from(length % 4 == 1);
    text.get(..length).and_then(decode).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_are_decoded_with_and_without_padding() {
        for text in ["aGVsbG8=", "aGVsbG8", "aGVs\r\nbG8="] {
            assert_eq!(decode(text).as_deref(), Some(&b"hello"[..]), "{text}");
        }
        assert_eq!(decode("_-8"), decode("/+8"));
        assert!(decode("_-8").is_some());
        for text in ["***", "a b!", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode("").as_deref(), Some(&b""[..]));
    }

    #[test]
    fn a_start_is_decoded_as_far_as_it_goes() {
        assert_eq!(decode_start("aGVsbG8=*"), b"hello");
        assert_eq!(decode_start("aGVsbG8xy\"'"), decode_start("aGVsbG8x"));
        assert_eq!(decode_start("!"), b"");
    }
}
