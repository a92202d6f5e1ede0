//! Files in printable characters that are not base64: uuencode, Ascii85, and the blocks of git's binary patches.
//! The beginning of a text tells whether it may have them, so that others are not searched for them.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use super::archived::{archive_texts, is_archive};
use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};
use crate::decode::inflate;
use crate::model::EncodingLayer;

/// The most bytes that a block may have, encoded and decoded.
const LONGEST: usize = 1024 * 1024;

/// The most bytes that a line of uuencode stands for.
const PER_LINE: usize = 45;

/// Bytes at the beginning of a text that tell its kind.
const BEGINNING: usize = 128;

/// The values of the characters that git's patches are written in.
const GIT_85: [u8; 256] = {
    let alphabet =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let mut values = [85; 256];
    let mut at = 0;
    while at < 85 {
        values[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    values
};

/// Decodes files that are written in printable characters.
#[derive(Debug, Default)]
pub(super) struct ArmoredTexts;

impl Decoder for ArmoredTexts {
    fn finish(&mut self, part: &SearchedPart<'_>, each: &mut dyn FnMut(DecodedText)) {
        let text = part.text;
        let Some(format) = ArmorFormat::of(text) else { return };
        static BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\nbegin "));
        static PATCH: LazyLock<Finder<'static>> =
            LazyLock::new(|| Finder::new(b"\nGIT binary patch\n"));
        let end = part.range.end.min(text.len());
        let near = &text[part.range.start.min(end)..end];
        let from = part.range.start;
        let mut pass = |own: Option<DecodedText>, at: usize| {
            if let Some(own) = own.filter(|_| (part.is_new)(&(at..at + 1))) {
                each(own);
            }
        };
        match format {
            ArmorFormat::Uuencode => pass(uuencoded(text, 0), 0),
            ArmorFormat::Ascii85(start) => pass(ascii85(text, start), start),
            ArmorFormat::Message => {
                for at in BEGIN.find_iter(near).map(|at| from + at + 1) {
                    pass(uuencoded(text, at), at);
                }
            }
            ArmorFormat::Patch => {
                for at in PATCH.find_iter(near).map(|at| from + at + 18) {
                    // One block for each direction.
                    let next = git_block(text, at, &mut |own| pass(Some(own), at));
                    if let Some(next) = next {
                        git_block(text, next, &mut |own| pass(Some(own), next));
                    }
                }
            }
        }
    }
}

/// The kinds of texts that have such files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ArmorFormat {
    Uuencode,
    /// The offset of its first mark.
    Ascii85(usize),
    Message,
    Patch,
}

impl ArmorFormat {
    /// The kind that the beginning of a text tells.
    fn of(text: &[u8]) -> Option<Self> {
        let first = &text[..text.len().min(BEGINNING)];
        let is_any = |all: &[&[u8]]| all.iter().any(|own| first.starts_with(own));
        match first.first()? {
            b'b' => is_begin(first).then_some(Self::Uuencode),
            b'<' => first.starts_with(b"<~").then_some(Self::Ascii85(0)),
            b'd' => first.starts_with(b"diff --git ").then_some(Self::Patch),
            b'c' => first.starts_with(b"commit ").then_some(Self::Patch),
            b'F' if first.starts_with(b"From ") && is_patch_mail(first) => Some(Self::Patch),
            b'F' | b'R' | b'D' | b'T' | b'S' | b'M' | b'X' | b'P' => is_any(&[
                b"From ",
                b"From:",
                b"Return-Path:",
                b"Received:",
                b"Delivered-To:",
                b"Date:",
                b"To:",
                b"Subject:",
                b"Message-ID:",
                b"Message-Id:",
                b"MIME-Version:",
                b"X-",
                b"Path:",
            ])
            .then_some(Self::Message),
            _ => None,
        }
    }
}

/// True for the first line of what `git format-patch` writes: a commit and a date that is always the same.
fn is_patch_mail(first: &[u8]) -> bool {
    memmem::find(first, b" Mon Sep 17 00:00:00 2001").is_some()
}

/// True if a text begins with the line before a file in uuencode: `begin 644 name`.
fn is_begin(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"begin ").unwrap_or_default();
    let digits = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    (3..=4).contains(&digits) && rest.get(digits) == Some(&b' ')
}

/// The line at `at`, without its end.
fn line_at(text: &[u8], at: usize) -> &[u8] {
    let rest = &text[at.min(text.len())..];
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Where the line behind the one at `at` begins.
fn next_line(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length + 1)
}

/// The file in uuencode whose first line is at `at`.
fn uuencoded(text: &[u8], at: usize) -> Option<DecodedText> {
    is_begin(&text[at..]).then_some(())?;
    let mut decoded = DecodedText::new(EncodingLayer::Uuencode);
    let start = next_line(text, at);
    let mut at = start;
    while at < text.len() && decoded.bytes.len() < LONGEST {
        let line = line_at(text, at);
        let Some((count, characters)) = line.split_first() else { break };
        let count = usize::from(count.wrapping_sub(b' ') & 0x3f);
        let is_line = (b' '..=b'`').contains(&line[0]) && count <= PER_LINE;
        if !is_line || count == 0 {
            break;
        }
        for (nth, group) in characters.chunks(4).enumerate() {
            let value =
                |nth: usize| group.get(nth).map_or(0, |byte| byte.wrapping_sub(b' ') & 0x3f);
            let bytes = [
                value(0) << 2 | value(1) >> 4,
                value(1) << 4 | value(2) >> 2,
                value(2) << 6 | value(3),
            ];
            let from = at + 1 + 4 * nth;
            for (own, byte) in bytes.into_iter().enumerate().take(count.saturating_sub(3 * nth)) {
                let place = from + own;
                if place + 2 <= at + line.len() {
                    decoded.push(byte, place, place + 2);
                }
            }
        }
        at = next_line(text, at);
    }
    unpacked(decoded, EncodingLayer::Uuencode, start, at)
}

/// The file in Ascii85 whose mark is at `start`.
fn ascii85(text: &[u8], start: usize) -> Option<DecodedText> {
    let first = start + 2;
    let rest = &text[first.min(text.len())..text.len().min(first + LONGEST)];
    let rest = &rest[..memmem::find(rest, b"~>")?];
    let mut decoded = DecodedText::new(EncodingLayer::Base85);
    let mut group: Vec<(u32, usize)> = Vec::new();
    for (at, byte) in rest.iter().enumerate().map(|(at, byte)| (first + at, *byte)) {
        match byte {
            b'z' if group.is_empty() => (0..4).for_each(|_| decoded.push(0, at, at + 1)),
            b'!'..=b'u' => group.push((u32::from(byte - b'!'), at)),
            byte if byte.is_ascii_whitespace() => {}
            _ => return None,
        }
        if group.len() == 5 {
            add_85(&mut decoded, &group, 4);
            group.clear();
        }
    }
    if group.len() > 1 {
        let (count, last) = (group.len() - 1, group[group.len() - 1].1);
        group.resize(5, (84, last));
        add_85(&mut decoded, &group, count);
    }
    unpacked(decoded, EncodingLayer::Base85, first, first + rest.len())
}

/// Adds the first `count` bytes of a group of five characters.
fn add_85(decoded: &mut DecodedText, group: &[(u32, usize)], count: usize) {
    let word = group.iter().fold(0u32, |word, own| word.wrapping_mul(85).wrapping_add(own.0));
    let (from, to) = (group[0].1, group[group.len() - 1].1 + 1);
    for byte in &word.to_be_bytes()[..count] {
        decoded.push(*byte, from, to);
    }
}

/// Passes on the content of the block of a patch that begins at `at`. Returns where the next one begins.
fn git_block(text: &[u8], at: usize, each: &mut dyn FnMut(DecodedText)) -> Option<usize> {
    let head = line_at(text, at);
    let is_block = head.starts_with(b"literal ") || head.starts_with(b"delta ");
    is_block.then_some(())?;
    let start = next_line(text, at);
    let (mut at, mut deflated) = (start, Vec::new());
    while deflated.len() < LONGEST {
        let line = line_at(text, at);
        let Some((&count, characters)) = line.split_first() else { break };
        let count = match count {
            b'A'..=b'Z' => count - b'A' + 1,
            b'a'..=b'z' => count - b'a' + 27,
            _ => return None,
        };
        let end = deflated.len() + usize::from(count);
        for group in characters.chunks(5) {
            let values = group.iter().map(|byte| GIT_85[usize::from(*byte)]);
            let values: Vec<u32> = values.filter(|value| *value < 85).map(u32::from).collect();
            if values.len() != 5 {
                return None;
            }
            let word =
                values.iter().fold(0u32, |word, own| word.wrapping_mul(85).wrapping_add(*own));
            deflated.extend(word.to_be_bytes());
        }
        if deflated.len() < end {
            return None;
        }
        deflated.truncate(end);
        at = next_line(text, at);
    }
    if let Some((content, _)) = inflate(&deflated, LONGEST) {
        let layers = vec![EncodingLayer::Base85, EncodingLayer::Zlib];
        each(DecodedText::compressed(content, layers, start..at));
    }
    Some(next_line(text, at))
}

/// The text of a file that stands decoded between `start` and `end`, which may be compressed or an archive.
fn unpacked(
    decoded: DecodedText,
    layer: EncodingLayer,
    start: usize,
    end: usize,
) -> Option<DecodedText> {
    let bytes = &decoded.bytes[..];
    if bytes.starts_with(b"\x1f\x8b\x08") {
        let (content, _) = inflate(bytes, LONGEST)?;
        return Some(DecodedText::compressed(
            content,
            vec![layer, EncodingLayer::Gzip],
            start..end,
        ));
    }
    if is_archive(bytes) {
        let mut all = Vec::new();
        archive_texts(bytes, layer, &(start..end), LONGEST, &mut |own| {
            all.push(b'\n');
            all.extend(own.bytes);
        });
        let layers = vec![layer, EncodingLayer::Archive];
        return Some(DecodedText::compressed(all, layers, start..end));
    }
    (!bytes.is_empty()).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &[u8]) -> Vec<(String, Vec<EncodingLayer>)> {
        let part = SearchedPart { text, range: 0..text.len(), is_new: &|_| true };
        let mut all = Vec::new();
        ArmoredTexts.finish(&part, &mut |own| {
            all.push((String::from_utf8_lossy(&own.bytes).into_owned(), own.layers.clone()));
        });
        all
    }

    /// A file in uuencode, as `uuencode` writes it.
    fn uuencode(bytes: &[u8]) -> String {
        let character = |value: u8| char::from(if value == 0 { b'`' } else { b' ' + value });
        let mut text = String::from("begin 644 name\n");
        for line in bytes.chunks(PER_LINE) {
            text.push(character(line.len() as u8));
            for group in line.chunks(3) {
                let byte = |nth: usize| group.get(nth).copied().unwrap_or(0);
                let [first, second, third] = [byte(0), byte(1), byte(2)];
                for value in [
                    first >> 2,
                    first << 4 & 0x3f | second >> 4,
                    second << 2 & 0x3f | third >> 6,
                    third & 0x3f,
                ] {
                    text.push(character(value));
                }
            }
            text.push('\n');
        }
        text + "`\nend\n"
    }

    #[test]
    fn uuencode_is_decoded() {
        let own = "some lines of a text\nand others, which take more than a line of uuencode\n";
        let layers = vec![EncodingLayer::Uuencode];
        let encoded = uuencode(own.as_bytes());
        assert_eq!(texts(encoded.as_bytes()), [(own.to_owned(), layers.clone())]);
        let mail = format!("From: ada@acme.com\nSubject: x\n\nhere:\n{encoded}bye\n");
        assert_eq!(texts(mail.as_bytes()), [(own.to_owned(), layers)]);
        for none in ["begin 644 name", "begin here and now\n", "a\nbegin 644 name\n`\nend\n"] {
            assert_eq!(texts(none.as_bytes()), []);
        }
    }

    #[test]
    fn ascii85_is_decoded() {
        let layers = vec![EncodingLayer::Base85];
        let own = ("Man is distinguished".to_owned(), layers);
        assert_eq!(texts(b"<~9jqo^BlbD-BleB1DJ+*+F(f,q~>"), std::slice::from_ref(&own));
        assert_eq!(texts(b"<~9jqo^Blb\nD-BleB1D\nJ+*+F(f,q~>\n"), [own]);
        assert_eq!(texts(b"<~9jqo^"), []);
        assert_eq!(texts("<~é~>".as_bytes()), []);
    }

    #[test]
    fn blocks_of_patches_are_unpacked() {
        let block = "literal 19\nac-nKcHRN)#O;jjJtte5*PgBS&;Q|0NodtUU\n";
        let patch = |block: &str| {
            format!("diff --git a/k b/k\nGIT binary patch\n{block}\nliteral 0\nHcmV?d00001\n\n")
        };
        let own = "A=1\nB=a text of it\n".to_owned();
        let layers = vec![EncodingLayer::Base85, EncodingLayer::Zlib];
        assert_eq!(texts(patch(block).as_bytes()), [(own, layers)]);
        for damaged in [&block[..30], "literal 19\n!!!\n", "literal 19\nzé\n", "other\n", ""] {
            assert_eq!(texts(patch(damaged).as_bytes()), []);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            begin in prop::sample::select(vec![
                "begin 644 a\n", "<~", "diff --git \nGIT binary patch\nliteral 9\n", "From: \nbegin 644 a\n",
            ]),
        ) {
            texts(&[begin.as_bytes(), &bytes].concat());
        }

        #[test]
        fn any_bytes_in_uuencode_are_read(bytes in proptest::collection::vec(any::<u8>(), 1..200)) {
            let part = uuencode(&bytes);
            let decoded = uuencoded(part.as_bytes(), 0);
            if !is_archive(&bytes) && !bytes.starts_with(b"\x1f\x8b\x08") {
                prop_assert_eq!(decoded.unwrap().bytes, bytes);
            }
        }
    }
}
