//! Reads the arguments for the holes of a format.

use super::join_chain::{JoinChain, LONGEST_LITERAL, SimplePiece};
use super::join_formats::{Arguments, FormatHole};
use super::join_names::{is_name, is_quote};

impl JoinChain<'_, '_> {
    /// The argument for a hole of a format, which ends at `at`.
    pub(super) fn argument(
        &self,
        arguments: &mut Arguments,
        at: usize,
        hole: FormatHole,
        quote: Option<u8>,
    ) -> Option<SimplePiece> {
        let Some(number) = hole.number else { return self.next_argument(arguments, at, quote) };
        let mut own = Arguments::default();
        for _ in 0..number {
            self.next_argument(&mut own, at, quote)?;
        }
        let piece = self.next_argument(&mut own, at, quote);
        arguments.end = arguments.end.max(own.end);
        piece
    }

    /// The next argument of a format, of which one hole ends at `at`.
    fn next_argument(
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
