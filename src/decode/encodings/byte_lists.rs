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
    let bytes = b"0123456789abcdefABCDEFxXu, \t\r\n:-";
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
    let mut texts = NOTATIONS.map(|_| DecodedText::new(EncodingLayer::Bytes));
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
        for (notation, decoded) in NOTATIONS.into_iter().zip(&mut texts) {
            let is_next = is_near || decoded.bytes.is_empty();
            match number(&rest[..length], notation).filter(|_| is_next) {
                Some(byte) => decoded.push(byte, at, at + length),
                None => pass_on(decoded, each),
            }
        }
        at += length;
    }
    for decoded in &mut texts {
        pass_on(decoded, each);
    }
}

fn pass_on(decoded: &mut DecodedText, each: &mut dyn FnMut(DecodedText)) {
    if decoded.bytes.len() >= SHORTEST {
        each(std::mem::replace(decoded, DecodedText::new(EncodingLayer::Bytes)));
    } else if !decoded.bytes.is_empty() {
        decoded.clear();
    }
}

/// The character of a number, if it is one of a text.
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
    matches!(number, b' '..=b'~' | b'\n' | b'\r' | b'\t').then_some(number)
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
        for list in [
            joined(|byte| format!("0x{byte:02x}"), ", "),
            joined(|byte| format!("0x{byte:02X}"), ",\n    "),
            joined(|byte| byte.to_string(), ", "),
            joined(|byte| byte.to_string(), ","),
            joined(|byte| format!("{byte:02x}"), " "),
            joined(|byte| format!("{byte:02x}"), ":"),
        ] {
            let text = format!("char k[] = {{{list}}};");
            assert!(texts(&text).contains(&key.to_owned()), "{list}");
        }
        assert_eq!(texts("2024-01-02 10:11:12, 2024-01-03 10:11:12"), Vec::<String>::new());
    }
}
