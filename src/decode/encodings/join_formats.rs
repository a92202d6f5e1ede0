//! Tells formats, their holes, and where they begin.

use super::join_names::is_quote;

/// How far before an argument a format may begin, or the argument before.
const LONGEST_FORMAT: usize = 256;

/// The most literals among the arguments before one.
const MOST_BEFORE: usize = 4;

/// Where the content of a format begins which has an argument at `at`, and its quote.
pub(super) fn format_before(text: &[u8], mut at: usize) -> Option<(usize, u8)> {
    for nth in 0..=MOST_BEFORE {
        let (open, quote) = literal_before(text, at)?;
        let close = open + 1 + memchr::memchr(quote, &text[open + 1..at])?;
        let content = &text[open + 1..close];
        // Behind other arguments, only one that numbers tell is the first piece of a text.
        if has_hole(content, nth > 0) {
            return Some((open + 1, quote));
        }
        memchr::memchr(b',', &text[close..at])?;
        at = open;
    }
    None
}

/// Where the literal begins that stands before an argument at `at`, and its quote.
fn literal_before(text: &[u8], at: usize) -> Option<(usize, u8)> {
    let mut before = &text[at.saturating_sub(LONGEST_FORMAT)..at];
    let is_between =
        |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'(' | b',' | b'%' | b'[' | b'&');
    for word in [&b""[..], b".format", b".formatted", b"-f", b"|format", b"| format"] {
        let length = before.iter().rev().take_while(|byte| is_between(byte)).count();
        before = &before[..before.len() - length];
        before = before.strip_suffix(word).unwrap_or(before);
    }
    let length = before.iter().rev().take_while(|byte| is_between(byte)).count();
    before = &before[..before.len() - length];
    let quote = *before.last().filter(|byte| is_quote(**byte))?;
    let content = &before[..before.len() - 1];
    let open = memchr::memrchr2(quote, b'\n', content)?;
    (content[open] == quote).then_some((at.saturating_sub(LONGEST_FORMAT) + open, quote))
}

/// The arguments of a format, as far as they are read.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) end: Option<usize>,
}

/// True if a format has a hole, or one with a number.
fn has_hole(text: &[u8], is_numbered: bool) -> bool {
    let mut holes = memchr::memchr2_iter(b'{', b'%', text).filter_map(|at| hole(&text[at..]));
    holes.any(|hole| !is_numbered || hole.number.is_some())
}

/// A hole of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FormatHole {
    /// Its length.
    pub(super) length: usize,
    /// The number of its argument from 0 on, if it has one.
    pub(super) number: Option<usize>,
}

/// The hole of a format that begins `text`: `{}`, `{0}`, `%s`, `%1$s`, `%[1]s`.
pub(super) fn hole(text: &[u8]) -> Option<FormatHole> {
    let plain = |length| Some(FormatHole { length, number: None });
    let numbered = |length, digit: u8, first: u8| {
        Some(FormatHole { length, number: Some(usize::from(digit - first)) })
    };
    match *text {
        [b'{', b'}', ..] => plain(2),
        [b'{', digit @ b'0'..=b'9', b'}', ..] => numbered(3, digit, b'0'),
        [b'{', b':', b's', b'}', ..] => plain(4),
        [b'%', b's' | b'v' | b'@' | b'q' | b'S', ..] => plain(2),
        [b'%', digit @ b'1'..=b'9', b'$', b's', ..] => numbered(4, digit, b'1'),
        [b'%', b'[', digit @ b'1'..=b'9', b']', b's' | b'v', ..] => numbered(5, digit, b'1'),
        _ => None,
    }
}
