//! Escaped characters: `\x73`, `\u0073`, `\163`, `%73`, `&#115;`, `=73`.
//!
//! A text may escape any of its characters, so that no word tells such a key. The texts around
//! characters that need no escape and have one are decoded: few in real files.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::FinderRev;

use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};
use crate::model::EncodingLayer;

/// Bytes before the first escape and behind the last one that are decoded with it: the rest of the key,
/// and what tells it.
const BEFORE: usize = 256;
const AFTER: usize = 1024;

/// How many characters of a message (RFC 2045) a line may have, with the sign that continues it; shorter
/// lines end with `=` for other reasons.
const CONTINUED: Range<usize> = 60..78;

/// A way of escaping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EscapeKind {
    /// String literals.
    Backslash,
    /// String literals of Lua, Haskell and OCaml, in which the same numbers are decimal.
    Decimal,
    /// Style sheets: up to six hexadecimal digits, and a blank that ends them.
    Style,
    /// Addresses.
    Percent,
    /// HTML and XML.
    Entity,
    /// Messages (quoted-printable).
    Equals,
}

const ALL: [EscapeKind; 6] = [
    EscapeKind::Backslash,
    EscapeKind::Decimal,
    EscapeKind::Style,
    EscapeKind::Percent,
    EscapeKind::Entity,
    EscapeKind::Equals,
];

/// The fewest decimal numbers, or digits of style sheets, in a row: what they stand for is a text in octal ones, too.
const FEWEST_IN_ROW: usize = 6;

impl EscapeKind {
    fn layer(self) -> EncodingLayer {
        match self {
            Self::Backslash | Self::Decimal | Self::Style => EncodingLayer::Escape,
            Self::Percent => EncodingLayer::Percent,
            Self::Entity => EncodingLayer::Html,
            Self::Equals => EncodingLayer::QuotedPrintable,
        }
    }

    /// The sign that begins an escape.
    fn sign(self) -> u8 {
        match self {
            Self::Backslash | Self::Decimal | Self::Style => b'\\',
            Self::Percent => b'%',
            Self::Entity => b'&',
            Self::Equals => b'=',
        }
    }

    /// The character whose escape begins at the beginning of `text`, and the length of the escape; `None`
    /// as character if it stands for nothing.
    fn read(self, text: &[u8]) -> Option<(Option<u8>, usize)> {
        match self {
            Self::Backslash => backslash(text).map(|(byte, length)| (Some(byte), length)),
            Self::Decimal => decimal(text).map(|(byte, length)| (Some(byte), length)),
            Self::Style => style(text).map(|(byte, length)| (Some(byte), length)),
            Self::Percent => hex_number(text.get(1..3)?).map(|byte| (Some(byte), 3)),
            Self::Entity => entity(text).map(|(byte, length)| (Some(byte), length)),
            Self::Equals => match text.get(1..3) {
                Some(b"\r\n") => Some((None, 3)),
                Some([b'\n', _]) => Some((None, 2)),
                digits => hex_number(digits?).map(|byte| (Some(byte), 3)),
            },
        }
    }
}

/// The number of some hexadecimal digits, if it is an ASCII character.
fn hex_number(digits: &[u8]) -> Option<u8> {
    let number = digits.iter().try_fold(0u32, |number, &digit| {
        Some(number << 4 | char::from(digit).to_digit(16)?).filter(|number| *number < 0x80)
    });
    number.filter(|_| !digits.is_empty()).map(|number| number as u8)
}

fn backslash(text: &[u8]) -> Option<(u8, usize)> {
    match text.get(1)? {
        b'x' | b'u' | b'o' if text.get(2) == Some(&b'{') => in_braces(text, 3),
        b'N' if text.get(2..5) == Some(b"{U+") => in_braces(text, 5),
        b'x' => hex_number(text.get(2..4)?).map(|byte| (byte, 4)),
        b'u' => {
            // Java allows several.
            let more = text[2..].iter().take(4).take_while(|byte| **byte == b'u').count();
            hex_number(text.get(2 + more..6 + more)?).map(|byte| (byte, 6 + more))
        }
        b'U' => hex_number(text.get(2..10)?).map(|byte| (byte, 10)),
        b'0'..=b'7' => octal(text, 3)
            .or_else(|| (text[1] == b'0').then(|| octal(text, 4))?)
            .or_else(|| padded(text)),
        &sign if sign.is_ascii_punctuation() => Some((sign, 2)),
        b'n' => Some((b'\n', 2)),
        b't' => Some((b'\t', 2)),
        _ => None,
    }
}

/// The character of an octal number of up to so many digits.
fn octal(text: &[u8], most: usize) -> Option<(u8, usize)> {
    let digits = text[1..].iter().take(most).take_while(|byte| matches!(byte, b'0'..=b'7'));
    let count = digits.clone().count();
    let number = digits.fold(0, |number, digit| number * 8 + u32::from(digit - b'0'));
    (count > 1 && is_shown(number)).then_some((number as u8, count + 1))
}

/// The character of a decimal number of two or three digits, or of a sign.
fn decimal(text: &[u8]) -> Option<(u8, usize)> {
    let rest = text.get(1..)?;
    let count = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return rest.first().filter(|sign| sign.is_ascii_punctuation()).map(|sign| (*sign, 2));
    }
    let digits = std::str::from_utf8(&rest[..count]).ok()?;
    let number = digits.parse().ok().filter(|number| is_shown(*number))?;
    (count > 1).then_some((number as u8, count + 1))
}

/// The character of hexadecimal digits of a style sheet, with the blank behind them, or of a sign.
fn style(text: &[u8]) -> Option<(u8, usize)> {
    let rest = text.get(1..)?;
    let count = rest.iter().take(6).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if count == 0 {
        return rest.first().filter(|sign| sign.is_ascii_punctuation()).map(|sign| (*sign, 2));
    }
    let byte = hex_number(&rest[..count]).filter(|byte| is_shown(u32::from(*byte)))?;
    let blank = rest.get(count).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
    Some((byte, 1 + count + usize::from(blank)))
}

/// True if numbers of characters of keys stand side by side at the beginning of a text.
fn is_row(mut text: &[u8], read: fn(&[u8]) -> Option<(u8, usize)>) -> bool {
    (0..FEWEST_IN_ROW).all(|_| {
        let Some((byte, length)) = read(text).filter(|own| own.1 > 2) else { return false };
        text = &text[length..];
        is_of_keys(byte) && (text.is_empty() || !text[0].is_ascii_digit())
    })
}

fn is_shown(number: u32) -> bool {
    (0x20..0x7f).contains(&number)
}

/// The character of hexadecimal digits with zeros before them, as in style sheets and in SQL.
fn padded(text: &[u8]) -> Option<(u8, usize)> {
    let of = |zeros: &[u8]| {
        let length = 1 + zeros.len();
        let digits = text.get(length..length + 2).filter(|_| text[1..].starts_with(zeros))?;
        let byte = hex_number(digits).filter(|byte| is_shown(u32::from(*byte)))?;
        Some((byte, length + 2))
    };
    of(b"0000").or_else(|| of(b"00"))
}

/// The character of a number in braces, whose first digit is at `start`.
fn in_braces(text: &[u8], start: usize) -> Option<(u8, usize)> {
    let digits = text[start..].iter().take(7).take_while(|byte| **byte != b'}').count();
    (text.get(start + digits) == Some(&b'}')).then_some(())?;
    let number = &text[start..start + digits];
    let byte = match text[1] {
        b'o' => {
            let number = u32::from_str_radix(std::str::from_utf8(number).ok()?, 8).ok()?;
            is_shown(number).then_some(number as u8)
        }
        _ => hex_number(number),
    };
    byte.map(|byte| (byte, start + digits + 1))
}

/// Names of characters that need none.
const NAMES: [(&str, u8); 12] = [
    ("lowbar", b'_'),
    ("UnderBar", b'_'),
    ("hyphen", b'-'),
    ("dash", b'-'),
    ("sol", b'/'),
    ("plus", b'+'),
    ("equals", b'='),
    ("period", b'.'),
    ("colon", b':'),
    ("commat", b'@'),
    ("amp", b'&'),
    ("quot", b'"'),
];

/// The first two letters of these names.
const ENTITY_BEGINNINGS: [[u8; 2]; 11] =
    [*b"lo", *b"Un", *b"hy", *b"da", *b"so", *b"pl", *b"eq", *b"pe", *b"co", *b"am", *b"qu"];

fn entity(text: &[u8]) -> Option<(u8, usize)> {
    let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'#';
    let end = 1 + text[1..].iter().take(11).take_while(is_of_name).count();
    if text.get(end) != Some(&b';') {
        return open_entity(text);
    }
    let name = &text[1..end];
    let byte = match name {
        [b'#', b'x' | b'X', digits @ ..] => hex_number(digits),
        [b'#', digits @ ..] => {
            let digits = std::str::from_utf8(digits).ok()?;
            digits.parse().ok().filter(|byte: &u8| byte.is_ascii())
        }
        name => NAMES.iter().find(|own| own.0.as_bytes() == name).map(|own| own.1),
    };
    byte.map(|byte| (byte, end + 1)).or_else(|| open_entity(text))
}

/// A decimal reference without its semicolon, which browsers read as well.
fn open_entity(text: &[u8]) -> Option<(u8, usize)> {
    let number = text.strip_prefix(b"&#")?;
    let length = number.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let digits = std::str::from_utf8(&number[..length]).ok()?;
    let byte: u8 = digits.parse().ok()?;
    ((2..4).contains(&length) && is_shown(u32::from(byte))).then_some((byte, length + 2))
}

/// True for a character that keys are made of.
fn is_of_keys(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'+' | b'=' | b'.')
}

/// True for a sign that may begin an escape which is a reason to decode. Nearly all others are left out here.
#[inline]
fn may_be_reason(text: &[u8], at: usize) -> bool {
    let next = text.get(at + 1).copied().unwrap_or(0);
    match text[at] {
        b'\\' => matches!(next, b'x' | b'u' | b'U' | b'o' | b'N' | b'0'..=b'9' | b'/' | b'_'),
        b'&' => {
            let second = text.get(at + 2).copied().unwrap_or(0);
            next == b'#' || ENTITY_BEGINNINGS.contains(&[next, second])
        }
        _ => true,
    }
}

/// True if the escape at `at`, which is another byte's escape if `text` is decoded, is a reason to decode
/// the text around it.
fn is_reason(escape: EscapeKind, text: &[u8], at: usize) -> bool {
    let Some((byte, length)) = escape.read(&text[at..]) else { return false };
    let next = || text.get(at + length).copied().unwrap_or(0);
    match (escape, byte) {
        // A sign that is escaped itself begins an escape in turn. Of two backslashes, the second one is a
        // reason of its own.
        (EscapeKind::Percent, Some(b'%')) => next().is_ascii_hexdigit(),
        (EscapeKind::Entity, Some(b'&')) => next() == b'#',
        (EscapeKind::Decimal, _) => is_row(&text[at..], decimal),
        (EscapeKind::Style, _) => is_row(&text[at..], style),
        // In JSON, slashes may have one, and in Markdown and LaTeX, underscores.
        (EscapeKind::Backslash, Some(byte)) if length == 2 => {
            let before = at.checked_sub(1).map_or(0, |before| text[before]);
            matches!(byte, b'/' | b'_')
                && before.is_ascii_alphanumeric()
                && next().is_ascii_alphanumeric()
        }
        // One alone is an assignment, but for the sign of assignments.
        (EscapeKind::Equals, Some(b'=')) => text[at + 1] == b'3' && next().is_ascii_alphanumeric(),
        // An underscore in a word is one of a message.
        (EscapeKind::Equals, Some(b'_'))
            if at > 0 && text[at - 1].is_ascii_alphanumeric() && next().is_ascii_alphanumeric() =>
        {
            true
        }
        (EscapeKind::Equals, Some(byte)) => {
            is_of_keys(byte)
                && next() == b'='
                && matches!(escape.read(&text[at + length..]), Some((Some(byte), 3)) if is_of_keys(byte))
        }
        (EscapeKind::Equals, None) => {
            // Nothing that is broken has a blank there, and the sign itself is always escaped.
            let before = at.checked_sub(1).map_or(0, |before| text[before]);
            let is_broken =
                before.is_ascii_graphic() && before != b'=' && next().is_ascii_graphic();
            let line = || text[..at].iter().rev().take(CONTINUED.end);
            let length = || line().take_while(|byte| **byte != b'\n').count();
            is_broken && CONTINUED.contains(&length())
        }
        // Digits of any other sign hide where the key behind it begins.
        (_, byte) => byte.is_some_and(|byte| {
            is_of_keys(byte) || byte.is_ascii_graphic() && next().is_ascii_alphanumeric()
        }),
    }
}

/// Bytes behind the last escape up to which a private key is read.
const LONGEST_BLOCK: usize = 16 * 1024;

/// Decodes the text around escapes.
#[derive(Debug, Default)]
pub(super) struct EscapedTexts {
    /// For each way of escaping, from the first escape of the text that is to be decoded to the last one.
    open: [Option<Range<usize>>; 6],
}

/// How far around a range escapes are looked for.
pub(super) const REACH: usize = AFTER;

impl Decoder for EscapedTexts {
    /// Sees the sign at `at`, and passes on the text before that is complete.
    #[inline]
    fn see(&mut self, part: &SearchedPart<'_>, at: usize, each: &mut dyn FnMut(DecodedText)) {
        let SearchedPart { text, is_new, .. } = part;
        if !may_be_reason(text, at) {
            return;
        }
        let own = ALL.into_iter().zip(&mut self.open).filter(|(own, _)| own.sign() == text[at]);
        for (escape, open) in own {
            if !is_reason(escape, text, at) || !is_new(&(at..(at + 3).min(text.len()))) {
                continue;
            }
            match open {
                Some(place) if at <= place.end + AFTER => place.end = at,
                other => {
                    if let Some(place) = other.replace(at..at) {
                        each(decoded(text, &place, escape));
                    }
                }
            }
        }
    }

    fn finish(&mut self, part: &SearchedPart<'_>, each: &mut dyn FnMut(DecodedText)) {
        for (escape, place) in ALL.into_iter().zip(&mut self.open) {
            if let Some(place) = place.take() {
                each(decoded(part.text, &place, escape));
            }
        }
    }
}

/// Decodes the text around the escapes in `place`.
fn decoded(text: &[u8], place: &Range<usize>, escape: EscapeKind) -> DecodedText {
    let mut at = place.start.saturating_sub(BEFORE);
    // Nothing begins within an escape.
    let sign = escape.sign();
    if let Some(before) = text[at.saturating_sub(10)..at].iter().rposition(|byte| *byte == sign) {
        at = at.saturating_sub(10) + before;
    }
    let mut end = text.len().min(place.end + AFTER);
    let mut decoded = DecodedText::new(escape.layer());
    loop {
        if at >= end {
            // A private key is read to its end, or it would be another key.
            let longest = text.len().min(place.end + LONGEST_BLOCK);
            if end >= longest || !is_block_open(&decoded.bytes) {
                break;
            }
            end = longest;
        }
        match (text[at] == sign).then(|| escape.read(&text[at..])).flatten() {
            Some((byte, length)) => {
                if let Some(byte) = byte {
                    decoded.push(byte, at, at + length);
                }
                at += length;
            }
            None => {
                let rest = &text[at + 1..end];
                let next = at + 1 + memchr::memchr(sign, rest).unwrap_or(rest.len());
                decoded.push_plain(&text[at..next], at);
                at = next;
            }
        }
    }
    decoded
}

/// True if a text ends within a private key.
fn is_block_open(text: &[u8]) -> bool {
    static BEGIN: LazyLock<FinderRev<'static>> = LazyLock::new(|| FinderRev::new(b"-----BEGIN "));
    let Some(begin) = BEGIN.rfind(text) else { return false };
    let end = memchr::memmem::find(&text[begin..], b"-----END ");
    // Its last line may be cut.
    end.is_none_or(|end| memchr::memmem::find(&text[begin + end + 9..], b"-----").is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each_text(text: &str, each: &mut dyn FnMut(DecodedText)) {
        let part = SearchedPart { text: text.as_bytes(), range: 0..text.len(), is_new: &|_| true };
        let mut escaped = EscapedTexts::default();
        for (at, _) in text.match_indices(['\\', '%', '&', '=']) {
            escaped.see(&part, at, each);
        }
        escaped.finish(&part, each);
    }

    fn texts(text: &str) -> Vec<(String, Vec<EncodingLayer>)> {
        let mut all = Vec::new();
        each_text(text, &mut |decoded| {
            all.push((String::from_utf8(decoded.bytes.clone()).unwrap(), decoded.layers.clone()));
        });
        all
    }

    #[test]
    fn no_name_of_an_entity_is_left_out() {
        for (name, _) in NAMES {
            assert!(may_be_reason(format!("&{name};").as_bytes(), 0), "{name}");
        }
    }

    #[test]
    fn escapes_are_decoded() {
        for (text, layer) in [
            (r"a \x6bey", EncodingLayer::Escape),
            (r"a \u006bey", EncodingLayer::Escape),
            (r"a \u{6b}ey", EncodingLayer::Escape),
            (r"a \U0000006bey", EncodingLayer::Escape),
            (r"a \153ey", EncodingLayer::Escape),
            ("a %6Bey", EncodingLayer::Percent),
            (r"a \x{6b}ey", EncodingLayer::Escape),
            (r"a \o{153}ey", EncodingLayer::Escape),
            (r"a \N{U+006B}ey", EncodingLayer::Escape),
            (r"a \uu006bey", EncodingLayer::Escape),
            (r"a \0153ey", EncodingLayer::Escape),
            (r"a \00006bey", EncodingLayer::Escape),
            (r"a \006bey", EncodingLayer::Escape),
            ("a &#107;ey", EncodingLayer::Html),
            ("a &#107ey", EncodingLayer::Html),
            ("a &#x6b;ey", EncodingLayer::Html),
            ("a =6B=65y", EncodingLayer::QuotedPrintable),
        ] {
            assert_eq!(texts(text), [("a key".to_owned(), vec![layer])], "{text}");
        }
        let twice = [("a \\u006bey".to_owned(), vec![EncodingLayer::Escape])];
        assert_eq!(texts(r"a \\u006bey"), twice);
        assert_eq!(texts(r"a \\xc3 \\\xc3 \\x03"), []);
        for text in [
            "a\\n", "100%", "a & b", "x=6B", "50%20x", "a = b", "\\", "%", "&", "=", "%4", "\\u{",
            "&#;",
        ] {
            assert_eq!(texts(text), [], "{text}");
        }
    }

    #[test]
    fn numbers_of_lua_are_decimal() {
        for (text, expected) in [
            (r"a \107\101\121\45\97\098\99z", "a key-abcz"),
            (r"a \107\101\121\095\97\098\99\\z", "a key_abc\\z"),
        ] {
            let own = (expected.to_owned(), vec![EncodingLayer::Escape]);
            assert!(texts(text).contains(&own), "{text}");
        }
        // Too few, and octal ones.
        assert!(texts(r"a \107\101\121 \97").iter().all(|own| !own.0.contains("key")));
        assert_eq!(texts(r"\163\153\137\166\061\137\141").len(), 1);
    }

    #[test]
    fn places_are_exact() {
        let text = "abc%5Fdef%5Fghi";
        let mut seen = 0;
        each_text(text, &mut |decoded| {
            assert_eq!(decoded.bytes, b"abc_def_ghi");
            assert_eq!(decoded.place(&(3..4)), 3..6);
            assert_eq!(decoded.place(&(0..3)), 0..3);
            assert_eq!(decoded.place(&(2..8)), 2..12);
            assert_eq!(decoded.place(&(8..11)), 12..15);
            assert!(decoded.is_encoded(&(2..5)) && !decoded.is_encoded(&(4..7)));
            seen += 1;
        });
        assert_eq!(seen, 1);
    }

    #[test]
    fn a_line_of_a_message_is_continued() {
        let line = "x".repeat(75);
        let decoded = texts(&format!("{line}=\nyy"));
        assert_eq!(decoded, [(format!("{line}yy"), vec![EncodingLayer::QuotedPrintable])]);
        let code = format!("{} ", "x".repeat(70));
        let ruler = "=".repeat(70);
        for text in ["short=\nyy", &format!("{code}=\n    yy"), &format!("{ruler}\nyy")] {
            assert_eq!(texts(text), [], "{text}");
        }
    }
}
