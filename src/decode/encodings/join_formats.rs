//! Tells formats, their holes, and where they begin.

use super::join_names::is_quote;

/// How far before its first argument a format may begin.
const LONGEST_FORMAT: usize = 160;

/// Where the content of a format begins whose first argument begins at `at`, and its quote.
pub(super) fn format_before(text: &[u8], at: usize) -> Option<(usize, u8)> {
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
    let is_format = content[open] == quote && has_hole(&content[open + 1..]);
    let offset = at.saturating_sub(LONGEST_FORMAT);
    is_format.then_some((offset + open + 1, quote))
}

/// The arguments of a format, as far as they are read.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) end: Option<usize>,
}

/// True if a format has a hole.
fn has_hole(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'{', b'%', text).any(|at| hole(&text[at..]).is_some())
}

/// The length of a hole of a format that begins `text`: `{}`, `{0}`, `%s`, `%1$s`.
pub(super) fn hole(text: &[u8]) -> Option<usize> {
    match text {
        [b'{', b'}', ..] => Some(2),
        [b'{', b'0'..=b'9', b'}', ..] => Some(3),
        [b'{', b':', b's', b'}', ..] => Some(4),
        [b'%', b's' | b'v' | b'@' | b'q' | b'S', ..] => Some(2),
        [b'%', b'1'..=b'9', b'$', b's', ..] => Some(4),
        _ => None,
    }
}
