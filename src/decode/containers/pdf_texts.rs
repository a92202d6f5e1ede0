//! The texts that pages of a PDF show, also in the numbers that a font has for its shapes.
//!
//! A font says in a stream of its own, `ToUnicode`, which texts its numbers stand for. Which font a text has would take the
//! whole tree of objects to tell; instead, the text is read with each of the few fonts of the file.

use std::collections::HashMap;
use std::iter;

use memchr::memmem;

/// The most numbers of one font, and of one range of them.
const MOST_NUMBERS: usize = 1 << 16;

/// The most digits of a number or of its text.
const LONGEST_DIGITS: usize = 64;

/// A part of what a page shows.
pub(super) enum Shown {
    /// A string, as it is in the file.
    String {
        /// Its bytes.
        bytes: Vec<u8>,
        /// True if it is written in hexadecimal digits.
        is_hex: bool,
    },
    /// The end of a text that is shown together.
    End,
}

/// Passes on the strings that a page shows. Their parts are moved a little in between.
pub(super) fn shown(page: &[u8], each: &mut dyn FnMut(Shown)) {
    if memmem::find(page, b"TJ").is_none() && memmem::find(page, b"Tj").is_none() {
        return;
    }
    let mut at = 0;
    while let Some(&byte) = page.get(at) {
        at += 1;
        match byte {
            b'(' => {
                let (bytes, end) = string(page, at);
                each(Shown::String { bytes, is_hex: false });
                at = end;
            }
            b'<' if page.get(at) != Some(&b'<') => {
                let is_digit = |byte: &&u8| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace();
                let length = page[at..].iter().take_while(is_digit).count();
                if page.get(at + length) == Some(&b'>') {
                    let bytes = hex_string(&page[at..at + length]);
                    each(Shown::String { bytes, is_hex: true });
                }
                at += length;
            }
            b'T' if matches!(page.get(at), Some(b'j' | b'J' | b'*')) => each(Shown::End),
            _ => {}
        }
    }
}

/// The bytes of the string in brackets whose content begins at `at`, and its end.
fn string(page: &[u8], mut at: usize) -> (Vec<u8>, usize) {
    let (mut bytes, mut depth) = (Vec::new(), 1usize);
    while let Some(&byte) = page.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                let (own, length) = escaped(&page[at..]);
                bytes.extend(own);
                at += length;
            }
            b')' if depth == 1 => break,
            b'(' | b')' => {
                depth = if byte == b'(' { depth + 1 } else { depth - 1 };
                bytes.push(byte);
            }
            _ => bytes.push(byte),
        }
    }
    (bytes, at)
}

/// The byte that stands behind a backslash at the beginning of a text, if any, and its length there.
fn escaped(rest: &[u8]) -> (Option<u8>, usize) {
    let Some(&first) = rest.first() else { return (None, 0) };
    match first {
        b'0'..=b'7' => {
            let digits = rest.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
            let (value, length) = digits.fold((0u32, 0), |(value, length), digit| {
                (value * 8 + u32::from(digit - b'0'), length + 1)
            });
            (Some(value as u8), length)
        }
        b'n' => (Some(b'\n'), 1),
        b'r' => (Some(b'\r'), 1),
        b't' => (Some(b'\t'), 1),
        b'b' | b'f' => (Some(b' '), 1),
        b'\r' if rest.get(1) == Some(&b'\n') => (None, 2),
        b'\r' | b'\n' => (None, 1),
        other => (Some(other), 1),
    }
}

/// The bytes of hexadecimal digits, up to `>` or to what is none of them.
pub(super) fn hex_string(text: &[u8]) -> Vec<u8> {
    let digits = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let digits = digits.map_while(|byte| char::from(*byte).to_digit(16));
    let digits: Vec<u8> = digits.map(|digit| digit as u8).collect();
    // A last digit that is missing is zero.
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

/// The texts of a page whose bytes are letters, each on a line.
pub(super) fn plain_text(page: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    shown(page, &mut |part| match part {
        Shown::String { bytes, is_hex: false } => text.extend(bytes),
        // Others are the numbers of shapes.
        Shown::String { bytes, is_hex: true } => {
            text.extend(bytes.iter().filter(|byte| byte.is_ascii_graphic() || **byte == b' '));
        }
        Shown::End => text.push(b'\n'),
    });
    text
}

/// True if a page shows texts in the numbers of a font's shapes.
pub(super) fn has_numbers(page: &[u8]) -> bool {
    let mut any = false;
    shown(page, &mut |part| {
        if let Shown::String { bytes, .. } = part {
            any |= bytes.iter().any(|byte| *byte < b' ' && !byte.is_ascii_whitespace());
        }
    });
    any
}

/// The texts that a font's numbers stand for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FontTexts {
    /// Bytes of a number.
    width: usize,
    texts: HashMap<u32, String>,
    /// So many numbers were given a text, the same ones again among them.
    added: usize,
}

impl FontTexts {
    /// The texts that a stream gives, if it is such a one of a font.
    pub(super) fn of(stream: &[u8]) -> Option<Self> {
        let codes = memmem::find(stream, b"begincodespacerange")?;
        let first = strings(section(stream, codes)).next()?;
        let mut own = Self { width: first.len().clamp(1, 4), ..Self::default() };
        let mut rest = &stream[codes..];
        while let Some(at) = memmem::find(rest, b"beginbf") {
            let word = &rest[at..];
            let content = section(word, 0);
            if word.starts_with(b"beginbfchar") {
                let mut pairs = strings(content);
                while let (Some(number), Some(text)) = (pairs.next(), pairs.next()) {
                    own.add(number_of(&number), &utf16(&text, 0));
                }
            } else {
                own.add_ranges(content);
            }
            rest = &word[b"begin".len() + content.len()..];
        }
        (!own.texts.is_empty()).then_some(own)
    }

    /// Adds ranges of numbers: `<0003> <0005> <0041>`, or with a list of texts.
    fn add_ranges(&mut self, ranges: &[u8]) {
        let mut rest = ranges;
        while let Some((first, after)) = next_string(rest)
            && let Some((last, after)) = next_string(after)
        {
            let numbers = (number_of(&first)..=number_of(&last)).take(MOST_NUMBERS - self.added);
            let open = after.trim_ascii_start();
            if open.first() == Some(&b'[') {
                let close = memchr::memchr(b']', open).unwrap_or(open.len());
                for (number, text) in numbers.zip(strings(&open[..close])) {
                    self.add(number, &utf16(&text, 0));
                }
                rest = &open[close..];
            } else {
                let Some((text, after)) = next_string(after) else { return };
                for (nth, number) in (0..=u16::MAX).zip(numbers) {
                    self.add(number, &utf16(&text, nth));
                }
                rest = after;
            }
        }
    }

    fn add(&mut self, number: u32, text: &str) {
        if self.added < MOST_NUMBERS {
            self.added += 1;
            self.texts.insert(number, text.to_owned());
        }
    }

    /// The texts of a page in this font, each on a line.
    pub(super) fn read(&self, page: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        shown(page, &mut |part| match part {
            Shown::String { bytes, .. } => {
                for number in bytes.chunks(self.width) {
                    match self.texts.get(&number_of(number)) {
                        Some(own) => text.extend(own.as_bytes()),
                        None => text.push(b' '),
                    }
                }
            }
            Shown::End => text.push(b'\n'),
        });
        text
    }
}

/// The content of the section that begins at `at`, up to the word that ends it.
fn section(stream: &[u8], at: usize) -> &[u8] {
    let rest = &stream[at + b"begin".len()..];
    &rest[..memmem::find(rest, b"end").unwrap_or(rest.len())]
}

/// The bytes of the first string of a text, and what is behind it.
fn next_string(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let open = memchr::memchr(b'<', text)?;
    let length = memchr::memchr(b'>', &text[open..])?;
    let digits = &text[open + 1..open + length.min(LONGEST_DIGITS)];
    Some((hex_string(digits), &text[open + length + 1..]))
}

/// The bytes of the strings of a text.
fn strings(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut rest = text;
    iter::from_fn(move || {
        let (own, after) = next_string(rest)?;
        rest = after;
        Some(own)
    })
}

fn number_of(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// The text in UTF-16, of which the last character is so many places on.
fn utf16(bytes: &[u8], places: u16) -> String {
    let units = bytes.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
    let mut units: Vec<u16> = units.collect();
    if let Some(last) = units.last_mut() {
        *last = last.wrapping_add(places);
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_shown() {
        for (page, expected) in [
            (&b"[<6b65> -20 <79 5F>] TJ"[..], "key_\n"),
            (b"<6b6> Tj", "k`\n"),
            (b"<< /A 1 >> (a) Tj <61", "a\n"),
            (b"<6b<6b<6b> Tj", "k\n"),
            (b"(a\\(b) Tj (c(d)\\145\\7) Tj", "a(b\nc(d)e\x07\n"),
            (b"(a\\\nb\\", ""),
            (b"(a\\\nb) Tj (c\\", "ab\nc"),
        ] {
            assert_eq!(String::from_utf8_lossy(&plain_text(page)), expected);
        }
        assert!(has_numbers(b"<00410042> Tj") && has_numbers(b"(\\000A) Tj"));
        assert!(!has_numbers(b"(plain text\\n) Tj") && !has_numbers(b"<00410042>"));
    }

    #[test]
    fn fonts_say_what_their_numbers_stand_for() {
        let font = b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n\
            2 beginbfchar\n<0003> <006B>\n<0004> <00660069>\nendbfchar\n\
            3 beginbfrange\n<0010> <0012> <0061>\n<0020> <0021> [<0078> <0079>]\n\
            endbfrange";
        let texts = FontTexts::of(font).unwrap();
        assert_eq!(texts.width, 2);
        let page = b"[<00030004> 5 <0010 0012>] TJ (\\000\\040\\000!) Tj";
        let read = texts.read(page);
        assert_eq!(String::from_utf8_lossy(&read), "kfiac\nxy\n");
        let all = b"begincodespacerange <0000> <FFFF> endcodespacerange\nbeginbfrange <0000> <FFFF> <0001> \
            <0000> <FFFF> <0002> endbfrange";
        let all = FontTexts::of(all).unwrap();
        assert_eq!((all.texts.len(), &*all.texts[&64]), (MOST_NUMBERS, "A"));
        for other in [
            &b""[..],
            b"begincodespacerange",
            b"begincodespacerange <> endcodespacerange beginbfchar <",
            b"begincodespacerange <00> <ff> endcodespacerange beginbfrange <0> <1> [ endbfrange",
        ] {
            assert_eq!(FontTexts::of(other), None);
        }
    }
}
