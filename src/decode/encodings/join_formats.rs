//! Reads formats: their holes, and the arguments for these.

use super::join_chain::{JoinChain, LONGEST_LITERAL, SimplePiece};
use super::join_names::{is_name, is_quote};

/// How far before its first argument a format may begin.
const LONGEST_FORMAT: usize = 160;

impl JoinChain<'_, '_> {
    /// The next argument for the holes of a format, of which one ends at `at`.
    pub(super) fn argument(
        &self,
        arguments: &mut Arguments,
        at: usize,
        quote: Option<u8>,
    ) -> Option<SimplePiece> {
        let mut next = match arguments.end {
            Some(end) => {
                let comma = self.skip(end, |byte| byte.is_ascii_whitespace());
                match self.byte(comma) {
                    b',' => comma + 1,
                    quote if is_quote(quote) => comma,
                    _ => return None,
                }
            }
            None => {
                // The arguments follow the literal.
                let rest = &self.text[at..self.text.len().min(at + LONGEST_LITERAL)];
                let close = rest.iter().position(|byte| match quote {
                    Some(quote) => *byte == quote,
                    None => is_quote(*byte),
                })?;
                self.first_argument(at + close + 1)?
            }
        };
        next = self.skip(next, |byte| byte.is_ascii_whitespace() || byte == b'&');
        // The name of an argument.
        let named = self.skip(next, is_name);
        if named > next && self.byte(named) == b'=' && self.byte(named + 1) != b'=' {
            next = named + 1;
        }
        let (piece, end) = self.simple(next, self.text.len())?;
        arguments.end = Some(end);
        Some(piece)
    }

    /// Where the arguments of a format begin that ends at `at`.
    fn first_argument(&self, at: usize) -> Option<usize> {
        let at = self.skip(at, |byte| byte.is_ascii_whitespace());
        let rest = self.text.get(at..)?;
        for (sign, is_call) in [
            (&b","[..], false),
            (b".format(", true),
            (b".formatted(", true),
            (b"%", false),
            (b"-f", false),
            (b"|format(", true),
            (b"| format(", true),
        ] {
            if rest.starts_with(sign) {
                let next = self.skip(at + sign.len(), |byte| byte.is_ascii_whitespace());
                let is_open = !is_call && matches!(self.byte(next), b'(' | b'[');
                return Some(if is_open { next + 1 } else { next });
            }
        }
        // Arguments of a template's function stand beside each other.
        is_quote(self.byte(at)).then_some(at)
    }
}

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
