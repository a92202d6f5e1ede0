//! Finds the end of an expression without parsing it.

use crate::js::markup::names::is_name_byte;
use crate::js::markup::reader::{Dialect, MarkupError, MarkupReader};

impl MarkupReader<'_> {
    /// Keeps an expression from `start` up to its closing byte `end`, and returns where that is.
    /// Markup in it becomes an array of the values it shows.
    pub(super) fn expression(
        &mut self,
        open: usize,
        start: usize,
        depth: usize,
        end: u8,
    ) -> Result<usize, MarkupError> {
        let mut closers = vec![end];
        let mut kept = start;
        let mut at = start;
        // The last byte that is neither blank nor in a comment.
        let mut last = open;
        while let Some(&byte) = self.bytes.get(at) {
            let closer = *closers.last().ok_or(MarkupError)?;
            if closer == b'`' {
                match byte {
                    b'\\' => at += 2,
                    b'`' => {
                        closers.pop();
                        last = at;
                        if closers.is_empty() {
                            self.blank.keep(kept..at);
                            return Ok(at);
                        }
                        at += 1;
                    }
                    b'$' if self.bytes.get(at + 1) == Some(&b'{') => {
                        closers.push(b'}');
                        last = at + 1;
                        at += 2;
                    }
                    _ => at += 1,
                }
                continue;
            }
            let begin = at;
            match byte {
                b'\'' | b'"' => at = self.string_end(at),
                b'`' => {
                    closers.push(b'`');
                    at += 1;
                }
                b'(' => {
                    closers.push(b')');
                    at += 1;
                }
                b'[' => {
                    closers.push(b']');
                    at += 1;
                }
                b'{' => {
                    closers.push(b'}');
                    at += 1;
                }
                _ if byte == closer => {
                    closers.pop();
                    if closers.is_empty() {
                        self.blank.keep(kept..at);
                        return Ok(at);
                    }
                    at += 1;
                }
                b'/' if self.bytes.get(at + 1) == Some(&b'/') => {
                    at += memchr::memchr(b'\n', &self.bytes[at..]).ok_or(MarkupError)?;
                    continue;
                }
                b'/' if self.bytes.get(at + 1) == Some(&b'*') => {
                    at = self.find(at + 2, b"*/").ok_or(MarkupError)? + 2;
                    continue;
                }
                // `{/if}` closes a block.
                b'/' if self.dialect == Dialect::Svelte
                    && last == open
                    && self.bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase) =>
                {
                    at += 1;
                }
                b'/' if self.is_operand(last) => at = self.regex_end(at),
                b'<' if self.dialect == Dialect::Astro
                    && self
                        .bytes
                        .get(at + 1)
                        .is_some_and(|next| next.is_ascii_alphabetic() || *next == b'>')
                    && self.is_operand(last) =>
                {
                    self.blank.keep(kept..at);
                    let after = self.markup(at, depth + 1)?;
                    self.blank.put(at, b'[');
                    self.blank.put(after - 1, b']');
                    at = after;
                    kept = at;
                    last = at - 1;
                    continue;
                }
                _ => at += 1,
            }
            if !byte.is_ascii_whitespace() {
                last = at.max(begin + 1) - 1;
            }
        }
        Err(MarkupError)
    }

    /// True if an operand may follow the byte at `last`.
    pub(super) fn is_operand(&self, last: usize) -> bool {
        let byte = self.bytes[last];
        if is_name_byte(byte) && byte != b'-' || !byte.is_ascii() {
            let before = &self.text.get(..last + 1).unwrap_or_default();
            return before.ends_with("return");
        }
        !matches!(byte, b')' | b']' | b'}' | b'"' | b'\'' | b'`' | b'$')
    }

    /// One past the last byte of a string.
    pub(super) fn string_end(&self, start: usize) -> usize {
        let quote = self.bytes[start];
        let mut at = start + 1;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                b'\n' => return at,
                _ if byte == quote => return at + 1,
                _ => at += 1,
            }
        }
        at
    }

    /// One past the last byte of a regular expression; `start + 1` if it is none.
    pub(super) fn regex_end(&mut self, start: usize) -> usize {
        if start < self.no_regex {
            return start + 1;
        }
        let mut is_class = false;
        let mut at = start + 1;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\n' => break,
                b'[' => is_class = true,
                b']' => is_class = false,
                b'/' if !is_class => return at + 1,
                _ => {}
            }
            at += 1;
        }
        self.no_regex = at;
        start + 1
    }
}
