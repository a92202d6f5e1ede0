//! Values of names that are encoded alone, as in Kubernetes secrets: the name stands outside, and the text
//! around the value is searched with the decoded value in its place.

use std::ops::Range;

use super::decoded_text::{DecodedText, PieceForm};
use crate::model::EncodingLayer;
use crate::rules::{SHORTEST_VALUE, is_value};

/// The longest decoded value.
const LONGEST: usize = 512;

/// Bytes around the value that tell what it is.
const AROUND: usize = 1024;

/// The text around the base64 at `place`, which says `decoded`, with that in its place; `None` if it is no
/// value of a name.
pub(super) fn with_value(text: &[u8], place: &Range<usize>, decoded: &[u8]) -> Option<DecodedText> {
    let decoded = decoded.trim_ascii_end();
    let is_long = (SHORTEST_VALUE..=LONGEST).contains(&decoded.len());
    if !is_long || !decoded.iter().all(|byte| is_value(*byte)) {
        return None;
    }
    let before = &text[place.start.saturating_sub(AROUND)..place.start];
    let last = before.iter().rev().find(|byte| !matches!(byte, b' ' | b'"' | b'\'' | b'>'));
    if !last.is_some_and(|byte| matches!(byte, b':' | b'=') || byte.is_ascii_alphanumeric()) {
        return None;
    }
    let mut out = DecodedText::of_pieces(EncodingLayer::Base64);
    out.add(before, place.start - before.len()..place.start, PieceForm::Plain);
    out.add(decoded, place.clone(), PieceForm::Base64);
    let padding = text[place.end..].iter().take(2).take_while(|byte| **byte == b'=').count();
    let after = place.end + padding..text.len().min(place.end + padding + AROUND);
    out.add(&text[after.clone()], after, PieceForm::Plain);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_the_place_of_its_base64() {
        let value = "a-value-of-some-length";
        let encoded = data_encoding::BASE64.encode(value.as_bytes());
        let text = format!("name: {encoded}\nother: 1\n");
        let place = 6..6 + encoded.trim_end_matches('=').len();
        let out = with_value(text.as_bytes(), &place, value.as_bytes()).unwrap();
        assert_eq!(out.bytes, format!("name: {value}\nother: 1\n").as_bytes());
        assert_eq!(out.place(&(6..6 + value.len())), place);
        assert!(with_value(text.as_bytes(), &place, b"no value, but words").is_none());
    }
}
