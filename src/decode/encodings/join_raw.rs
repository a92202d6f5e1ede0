//! Literals in other signs than quotes: `R"(…)"`, `r#"…"#`, `q(…)`, `%w[… …]`, `~s(…)`, `[[…]]`, `''…''`.

use std::ops::Range;

use memchr::memmem;

use super::join_names::{is_blank, is_name};

/// The longest content.
const LONGEST: usize = 2048;

/// The longest delimiter of a raw literal of C++.
const LONGEST_DELIMITER: usize = 16;

/// A literal in signs of its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawLiteral {
    /// Where its content stands.
    pub(super) content: Range<usize>,
    /// The offset behind it.
    pub(super) end: usize,
    /// True if its words are texts of their own.
    pub(super) is_words: bool,
}

impl RawLiteral {
    /// The places of the texts.
    pub(super) fn texts(&self, text: &[u8]) -> Vec<Range<usize>> {
        if !self.is_words {
            return vec![self.content.clone()];
        }
        let bytes = &text[self.content.clone()];
        let words = bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let place = |word: &[u8]| {
            let at = word.as_ptr().addr() - bytes.as_ptr().addr() + self.content.start;
            at..at + word.len()
        };
        words.map(place).collect()
    }
}

/// True if a literal may begin with these two bytes. Few other texts do.
#[inline]
pub(super) fn may_be_raw(first: u8, second: u8) -> bool {
    match first {
        b'q' => matches!(second, b'(' | b'{' | b'[' | b'<' | b'/' | b'|' | b'!' | b'q' | b'w'),
        b'%' => matches!(second, b'w' | b'W' | b'i' | b'I' | b'q' | b'Q' | b'('),
        b'~' => matches!(second, b's' | b'S' | b'w' | b'W'),
        b'[' => second == b'[',
        b'{' => second == b'|',
        b'$' => second == b'$',
        b'R' | b'r' | b'L' | b'u' | b'U' | b'b' | b'c' | b'#' => {
            matches!(second, b'"' | b'#' | b'R' | b'r' | b'8')
        }
        _ => false,
    }
}

/// The literal that begins at `at`, if it has other signs than quotes alone.
pub(super) fn raw_literal(text: &[u8], at: usize) -> Option<RawLiteral> {
    let rest = &text[at..text.len().min(at + LONGEST)];
    let [first, second, third, ..] = *rest else { return None };
    let is_inside = at > 0 && is_name(text[at - 1]);
    if is_inside || !may_be_raw(first, second) {
        return None;
    }
    let bracketed = |open: usize, is_words: bool| {
        let close = match rest.get(open)? {
            b'(' => b')',
            b'{' => b'}',
            b'[' => b']',
            b'<' => b'>',
            sign @ (b'/' | b'|' | b'!') => *sign,
            _ => return None,
        };
        literal(at, rest, open + 1, &[close], is_words)
    };
    match (first, second) {
        (b'q', b'q') => bracketed(2, false),
        (b'q', b'w') => bracketed(if is_blank(third) { 3 } else { 2 }, true),
        (b'q', _) => bracketed(1, false),
        (b'%' | b'~', b'w' | b'W' | b'i' | b'I') => bracketed(2, true),
        (b'%', b'q' | b'Q') | (b'~', _) => bracketed(2, false),
        (b'%', _) => bracketed(1, false),
        (b'[', _) => literal(at, rest, 2, b"]]", false),
        (b'{', _) => literal(at, rest, 2, b"|}", false),
        (b'$', _) => literal(at, rest, 2, b"$$", false),
        _ => prefixed(at, rest),
    }
}

/// A literal in quotes with a prefix for raw ones and a delimiter: of C++ in brackets, of Rust and Swift in
/// hashes.
fn prefixed(at: usize, rest: &[u8]) -> Option<RawLiteral> {
    let open = memchr::memchr(b'"', &rest[..rest.len().min(LONGEST_DELIMITER)])?;
    let prefix = &rest[..open];
    if prefix.ends_with(b"R") {
        let delimiter =
            memchr::memchr(b'(', &rest[open..rest.len().min(open + LONGEST_DELIMITER)])?;
        let delimiter = &rest[open + 1..open + delimiter];
        let is_plain = delimiter.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'"');
        let close = [b")", delimiter, b"\""].concat();
        return is_plain.then(|| literal(at, rest, open + delimiter.len() + 2, &close, false))?;
    }
    let hashes = prefix.iter().rev().take_while(|byte| **byte == b'#').count();
    let is_prefix = matches!(&prefix[..open - hashes], b"" | b"r" | b"br" | b"cr");
    let close = [b"\"", &prefix[open - hashes..]].concat();
    (is_prefix && hashes > 0).then(|| literal(at, rest, open + 1, &close, false))?
}

/// The literal at `at` whose content begins at `open` in `rest` and goes up to `close`.
fn literal(
    at: usize,
    rest: &[u8],
    open: usize,
    close: &[u8],
    is_words: bool,
) -> Option<RawLiteral> {
    let length = memmem::find(&rest[open..], close)?;
    let content = at + open..at + open + length;
    Some(RawLiteral { end: content.end + close.len(), content, is_words })
}

/// Where a literal of this kind begins to which the quote at `at` belongs.
pub(super) fn raw_start(text: &[u8], at: usize) -> Option<usize> {
    let before = text[at.saturating_sub(LONGEST_DELIMITER)..at].iter().rev();
    let is_prefix =
        |byte: &&u8| matches!(**byte, b'#' | b'R' | b'r' | b'L' | b'u' | b'U' | b'8' | b'b' | b'c');
    let length = before.take_while(is_prefix).count();
    (length > 0).then_some(at - length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_in_other_signs_are_read() {
        for (text, contents) in [
            ("R\"(one)\"", &["one"][..]),
            ("u8R\"x-(one)x-\"", &["one"]),
            ("LR\"(a)b)\"", &["a)b"]),
            ("r\"one\"", &[]),
            ("r#\"one\"#", &["one"]),
            ("br##\"a\"#b\"##", &["a\"#b"]),
            ("#\"one\"#", &["one"]),
            ("q(one)", &["one"]),
            ("qq{one}", &["one"]),
            ("q/one/", &["one"]),
            ("qw(one two)", &["one", "two"]),
            ("qw (one\n two)", &["one", "two"]),
            ("%w[one two]", &["one", "two"]),
            ("%q(one)", &["one"]),
            ("%(one)", &["one"]),
            ("~s(one)", &["one"]),
            ("~w(one two)", &["one", "two"]),
            ("[[one]]", &["one"]),
            ("{|one|}", &["one"]),
            ("$$one$$", &["one"]),
            ("q one", &[]),
            ("R\"one\"", &[]),
            ("[[one", &[]),
        ] {
            let found = raw_literal(text.as_bytes(), 0).map_or_else(Vec::new, |own| {
                assert_eq!(own.end, text.len(), "{text}");
                own.texts(text.as_bytes()).into_iter().map(|place| &text[place]).collect()
            });
            assert_eq!(found, contents, "{text}");
        }
        assert_eq!(raw_literal(b"seq(one)", 2), None);
        assert_eq!(raw_start(b"= R\"(one)\"", 3), Some(2));
        assert_eq!(raw_start(b"= \"one\"", 2), None);
    }
}
