//! Texts behind their lengths or kinds, which may look like letters of them: CBOR, MessagePack, DER, and Python's
//! pickles in letters.

use super::counted_string::CountedString;
use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};
use super::der_texts::der_strings;
use super::pickled_texts::pickled_strings;

/// The longest text that is read; longer ones have bytes that no plain text has, and their keys are found as
/// those of any binary file.
const LONGEST: usize = 1024 * 1024;

/// How deep maps and lists may be in each other.
const DEEPEST: usize = 64;

/// Reads files in CBOR and MessagePack.
#[derive(Debug, Default)]
pub(super) struct CountedTexts;

impl Decoder for CountedTexts {
    fn finish(&mut self, part: &SearchedPart<'_>, each: &mut dyn FnMut(DecodedText)) {
        let text = part.text;
        let Some(&first) = text.first().filter(|_| text.len() <= LONGEST) else { return };
        let strings = match first {
            // Of these, only the first byte of some is one of a text in UTF-8.
            0x80..=0xbf | 0xd9 | 0xdc..=0xdf => {
                let all = [CountedFormat::Cbor, CountedFormat::MessagePack];
                all.into_iter().find_map(|format| read(text, format))
            }
            b'0' => der_strings(text),
            b'(' | b'c' => pickled_strings(text),
            _ => None,
        };
        let strings = strings.unwrap_or_default();
        let (Some(first), Some(last)) = (strings.first(), strings.last()) else { return };
        if !(part.is_new)(&(first.content.start..last.content.end)) {
            return;
        }
        let mut out = DecodedText::unchanged();
        for string in &strings {
            let sign = if string.is_value { b'=' } else { b'\n' };
            out.push(sign, string.start, string.content.start);
            out.push_plain(&text[string.content.clone()], string.content.start);
        }
        each(out);
    }
}

/// A format of counted texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CountedFormat {
    /// RFC 8949.
    Cbor,
    /// The format of msgpack.org.
    MessagePack,
}

/// The kind of an item.
enum ItemKind {
    /// A number or another value of so many bytes.
    Plain(usize),
    /// A text or bytes.
    Text(usize),
    /// A list, or a map, of so many items.
    Items(usize, bool),
    /// The next item belongs to it.
    Mark,
}

/// The items that are left of a list or a map.
struct OpenItems {
    left: usize,
    is_map: bool,
}

/// All texts, if the whole of `text` is in this format.
fn read(text: &[u8], format: CountedFormat) -> Option<Vec<CountedString>> {
    let mut open: Vec<OpenItems> = Vec::new();
    let mut all = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        let (kind, length) = match format {
            CountedFormat::Cbor => cbor(&text[at..])?,
            CountedFormat::MessagePack => message_pack(&text[at..])?,
        };
        at += length;
        let is_value = open.last().is_some_and(|own| own.is_map && own.left % 2 == 1);
        let is_outer = open.is_empty();
        match kind {
            ItemKind::Mark => continue,
            // A file is a map or a list.
            ItemKind::Plain(_) | ItemKind::Text(_) if is_outer => return None,
            ItemKind::Plain(length) => at = at.checked_add(length)?,
            ItemKind::Text(length) => {
                let content = at..at.checked_add(length)?;
                text.get(content.clone())?;
                at = content.end;
                all.push(CountedString { start, content, is_value });
            }
            ItemKind::Items(..) => {}
        }
        if let Some(last) = open.last_mut() {
            last.left -= 1;
        }
        if let ItemKind::Items(left, is_map) = kind {
            open.push(OpenItems { left, is_map });
        }
        while open.last().is_some_and(|last| last.left == 0) {
            open.pop();
        }
        if open.len() > DEEPEST {
            return None;
        }
    }
    (at == text.len() && open.is_empty()).then_some(all)
}

/// The number in the first bytes of a text.
fn number(text: &[u8], length: usize) -> Option<usize> {
    let bytes = text.get(..length)?;
    let number = bytes
        .iter()
        .try_fold(0u64, |all, byte| (all >> 56 == 0).then_some(all << 8 | u64::from(*byte)))?;
    usize::try_from(number).ok()
}

/// The kind of the item at the beginning of a text in CBOR, and the length of its head. Items without a known
/// length are not read.
fn cbor(text: &[u8]) -> Option<(ItemKind, usize)> {
    let &first = text.first()?;
    let (value, length) = match first & 0x1f {
        small @ 0..=23 => (usize::from(small), 1),
        size @ 24..=27 => {
            let bytes = 1 << (size - 24);
            (number(&text[1..], bytes)?, 1 + bytes)
        }
        _ => return None,
    };
    let kind = match first >> 5 {
        0 | 1 | 7 => ItemKind::Plain(0),
        2 | 3 => ItemKind::Text(value),
        4 => ItemKind::Items(value, false),
        5 => ItemKind::Items(value.checked_mul(2)?, true),
        _ => ItemKind::Mark,
    };
    Some((kind, length))
}

/// The same for MessagePack.
fn message_pack(text: &[u8]) -> Option<(ItemKind, usize)> {
    let &first = text.first()?;
    let low = usize::from(first & 0x0f);
    let counted = |bytes: usize| number(&text[1..], bytes).map(|value| (value, 1 + bytes));
    Some(match first {
        0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => (ItemKind::Plain(0), 1),
        0x80..=0x8f => (ItemKind::Items(2 * low, true), 1),
        0x90..=0x9f => (ItemKind::Items(low, false), 1),
        0xa0..=0xbf => (ItemKind::Text(usize::from(first & 0x1f)), 1),
        0xc4..=0xc6 | 0xd9..=0xdb => {
            let bytes = 1 << if first < 0xc7 { first - 0xc4 } else { first - 0xd9 };
            let (value, length) = counted(bytes)?;
            (ItemKind::Text(value), length)
        }
        0xc7..=0xc9 => {
            let (value, length) = counted(1 << (first - 0xc7))?;
            (ItemKind::Plain(value.checked_add(1)?), length)
        }
        0xca | 0xce | 0xd2 => (ItemKind::Plain(4), 1),
        0xcb | 0xcf | 0xd3 => (ItemKind::Plain(8), 1),
        0xcc | 0xd0 => (ItemKind::Plain(1), 1),
        0xcd | 0xd1 => (ItemKind::Plain(2), 1),
        0xd4..=0xd8 => (ItemKind::Plain(1 + (1 << (first - 0xd4))), 1),
        0xdc | 0xdd => {
            let (value, length) = counted(if first == 0xdc { 2 } else { 4 })?;
            (ItemKind::Items(value, false), length)
        }
        0xde | 0xdf => {
            let (value, length) = counted(if first == 0xde { 2 } else { 4 })?;
            (ItemKind::Items(value.checked_mul(2)?, true), length)
        }
        0xc1 => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &[u8]) -> Vec<String> {
        let part = SearchedPart { text, range: 0..text.len(), is_new: &|_| true };
        let mut all = Vec::new();
        CountedTexts.finish(&part, &mut |own| {
            all.push(String::from_utf8_lossy(&own.bytes).into_owned());
        });
        all
    }

    #[test]
    fn names_and_values_are_read() {
        let long = "a".repeat(49);
        let cbor = [b"\xa2\x63key\x78\x31", long.as_bytes(), b"\x61b\x82\x01\x62cd"].concat();
        assert_eq!(texts(&cbor), [format!("\nkey={long}\nb\ncd")]);
        let packed = [b"\x82\xa3key\xd9\x31", long.as_bytes(), b"\xa1b\x92\x01\xa2cd"].concat();
        assert_eq!(texts(&packed), [format!("\nkey={long}\nb\ncd")]);
        // A tag, and several values in a row.
        assert_eq!(texts(b"\xd9\xd9\xf7\xa1\x61a\x61b\x81\x61c"), ["\na=b\nc"]);
    }

    #[test]
    fn other_texts_are_not_read() {
        for text in [
            &b""[..],
            b"key=a",
            b"0a",
            b"(a)",
            b"c",
            b"\xa2\x63key",
            b"\xa1\x63key\x78\x31abc",
            b"\xbf\x61a\xff",
        ] {
            assert_eq!(texts(text), Vec::<String>::new(), "{text:?}");
        }
        assert_eq!(texts("é".as_bytes()), Vec::<String>::new());
        // Too deep.
        assert_eq!(texts(&[0x91; 1000]), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(mut bytes in proptest::collection::vec(any::<u8>(), 1..200)) {
            bytes[0] = bytes[0] & 0x3f | 0x80;
            texts(&bytes);
        }
    }
}
