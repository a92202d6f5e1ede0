//! Texts written as lists of numbers: `0x73, 0x6b`, `115, 107`, `73:6b`.

use std::ops::Range;

use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};
use crate::model::EncodingLayer;

/// The shortest text that is looked for; shorter lists are numbers.
const SHORTEST: usize = 12;

/// How far a list that is looked for reaches beyond the searched range.
const REACH: usize = 4096;

/// True for the bytes that lists are made of.
const IS_LIST: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"0123456789abcdefABCDEFxXu, \t\r\n:-\\";
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
};

fn is_list(byte: u8) -> bool {
    IS_LIST[usize::from(byte)]
}

/// Decodes lists of numbers.
#[derive(Debug, Default)]
pub(super) struct ListedTexts {
    /// Where the last list ends.
    end: usize,
}

impl Decoder for ListedTexts {
    /// Passes on the text of the list of which `at` is part, if it is another than the last one. Of a list
    /// that reaches far out of the part, the rest is left out.
    fn see(&mut self, part: &SearchedPart<'_>, at: usize, each: &mut dyn FnMut(DecodedText)) {
        if at < self.end {
            return;
        }
        let SearchedPart { text, range, is_new } = part;
        let from = range.start.saturating_sub(REACH).max(self.end);
        let to = text.len().min(range.end + REACH);
        let before = text[from..at].iter().rev().take_while(|byte| is_list(**byte)).count();
        let after = text[at..to].iter().take_while(|byte| is_list(**byte)).count();
        self.end = at + after;
        let list = at - before..at + after;
        if is_new(&list) {
            numbers(text, list, each);
        }
    }
}

/// The notations of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// `0x73`
    Prefixed,
    /// `73`, in hexadecimal digits
    Pairs,
    /// `115`
    Decimal,
}

const NOTATIONS: [Notation; 3] = [Notation::Prefixed, Notation::Decimal, Notation::Pairs];

/// Reads the numbers of a list, in each notation that may be meant.
fn numbers(text: &[u8], list: Range<usize>, each: &mut dyn FnMut(DecodedText)) {
    let mut texts = NOTATIONS.map(|_| NumberedText::new());
    let mut at = list.start;
    while at < list.end {
        let rest = &text[at..list.end];
        let separators = rest.iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        at += separators;
        let rest = &text[at..list.end];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        // What is between two numbers of one list is short.
        let is_near = separators <= 2
            || separators < 80
                && text[at - separators..at].iter().any(|byte| matches!(byte, b'\n'));
        for (notation, own) in NOTATIONS.into_iter().zip(&mut texts) {
            let is_next = is_near || own.decoded.bytes.is_empty();
            match number(&rest[..length], notation).filter(|_| is_next) {
                Some(byte) => own.add(byte, at..at + length, each),
                None => own.pass_on(each),
            }
        }
        at += length;
    }
    for own in &mut texts {
        own.pass_on(each);
    }
}

/// The text of a list in one notation, as far as it was read.
struct NumberedText {
    decoded: DecodedText,
    /// How many of its characters a zero follows: all of them in UTF-16.
    zeros: usize,
}

impl NumberedText {
    fn new() -> Self {
        Self { decoded: DecodedText::new(EncodingLayer::Bytes), zeros: 0 }
    }

    /// Adds the character of the number at `place`. A zero ends the text, if it is no half of a character.
    fn add(&mut self, byte: u8, place: Range<usize>, each: &mut dyn FnMut(DecodedText)) {
        let length = self.decoded.bytes.len();
        let is_wide = self.zeros > 0;
        match byte {
            0 if length > 0 && self.zeros + 1 == length => self.zeros += 1,
            0 => self.pass_on(each),
            _ => {
                if is_wide && self.zeros < length {
                    // The last one may begin a text of its own.
                    let last = self.decoded.place(&(length - 1..length));
                    let own = self.decoded.bytes.last().copied();
                    self.pass_on(each);
                    if let Some(own) = own {
                        self.decoded.push(own, last.start, last.end);
                    }
                }
                self.decoded.push(byte, place.start, place.end);
            }
        }
    }

    fn pass_on(&mut self, each: &mut dyn FnMut(DecodedText)) {
        let is_wide = self.zeros > 0;
        self.zeros = 0;
        if self.decoded.bytes.len() >= SHORTEST {
            let new = DecodedText::new(EncodingLayer::Bytes);
            let mut decoded = std::mem::replace(&mut self.decoded, new);
            if is_wide {
                decoded.layers.push(EncodingLayer::Utf16);
            }
            each(decoded);
        } else if !self.decoded.bytes.is_empty() {
            self.decoded.clear();
        }
    }
}

/// The character of a number, if it is one of a text, or zero.
fn number(digits: &[u8], notation: Notation) -> Option<u8> {
    let digits = digits.strip_suffix(b"u8").or(digits.strip_suffix(b"u")).unwrap_or(digits);
    let (digits, radix) = match (notation, digits) {
        (Notation::Prefixed, [b'0', b'x' | b'X', digits @ ..]) => (digits, 16),
        (Notation::Prefixed, [b'0', b'b' | b'B', digits @ ..]) => (digits, 2),
        (Notation::Pairs, digits) if digits.len() == 2 => (digits, 16),
        // A zero before it makes a number octal.
        (Notation::Decimal, [b'0', digits @ ..]) if digits.len() == 3 || digits.len() == 2 => {
            (digits, 8)
        }
        (Notation::Decimal, digits) if digits.len() <= 3 => (digits, 10),
        _ => return None,
    };
    let add = |number: u32, digit: &u8| {
        let digit = char::from(*digit).to_digit(radix)?;
        Some(number * radix + digit).filter(|number| *number < 0x7f)
    };
    let number = digits.iter().try_fold(0, add).filter(|_| !digits.is_empty())? as u8;
    matches!(number, 0 | b' '..=b'~' | b'\n' | b'\r' | b'\t').then_some(number)
}

#[cfg(test)]
mod tests {
    use super::super::encoded_places::{EncodedPlace, encoded_places};
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        let part = SearchedPart { text: text.as_bytes(), range: 0..text.len(), is_new: &|_| true };
        let mut lists = ListedTexts::default();
        encoded_places(part.text, &part.range, |place| {
            let EncodedPlace::List(at) = place else { return };
            lists.see(&part, at, &mut |decoded| {
                all.push(String::from_utf8(decoded.bytes.clone()).unwrap());
            });
        });
        all
    }

    #[test]
    fn lists_of_numbers_are_read() {
        let key = "key = some-text-1";
        let joined = |format: fn(u8) -> String, between: &str| {
            key.bytes().map(format).collect::<Vec<_>>().join(between)
        };
        // As the registry of Windows is exported.
        let cut = |list: String| {
            let (at, _) = list.match_indices(',').nth(11).unwrap();
            format!("{}\\\r\n  {}", &list[..=at], &list[at + 1..])
        };
        for list in [
            joined(|byte| format!("0x{byte:02x}"), ", "),
            joined(|byte| format!("0x{byte:02X}"), ",\n    "),
            joined(|byte| byte.to_string(), ", "),
            joined(|byte| byte.to_string(), ","),
            joined(|byte| format!("{byte:02x}"), " "),
            joined(|byte| format!("{byte:02x}"), ":"),
            joined(|byte| format!("{byte:02x}"), ","),
            cut(joined(|byte| format!("{byte:02x}"), ",")),
            cut(joined(|byte| format!("{byte:02x},00"), ",")),
            joined(|byte| format!("0x{byte:02x}, 0x00"), ", "),
            joined(|byte| format!("0x00, 0x{byte:02x}"), ", "),
        ] {
            let text = format!("char k[] = {{{list}}};");
            assert!(texts(&text).contains(&key.to_owned()), "{list}");
        }
        // A zero ends a text, and the one before it may be short.
        for between in ["1, 0, ", "1, 2, 3, 0, ", "65, 0, 66, 0, "] {
            let text = format!("{{{between}{}, 0, 1}};", joined(|byte| byte.to_string(), ", "));
            assert!(texts(&text).contains(&key.to_owned()), "{text}");
        }
        assert_eq!(texts("2024-01-02 10:11:12, 2024-01-03 10:11:12"), Vec::<String>::new());
    }
}
