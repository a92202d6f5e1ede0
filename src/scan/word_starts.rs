//! Tells whether a word begins at a place of a text: a name, a part of one, or a key. Nearly all keywords
//! begin words, so they are looked for at these places only, which are one in six of source code.

use crate::rules;

/// Bytes before a place in text that decide whether a word begins there: those of the longest escape
/// sequence, a colour code.
pub(super) const CONTEXT: usize = 32;

/// Bytes after a control character in which a text counts as binary: keys of a table of strings may be far
/// from the next one.
pub(super) const BINARY_REACH: usize = 4096;

/// True if a key may begin at `at` of a text: the character before is not a letter, digit or `_`, or it
/// belongs to an escape sequence. In binary data a key may begin [anywhere](last_control).
pub(super) fn begins_key(text: &[u8], at: usize) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    at == 0 || !is_of_word(text[at - 1]) || ends_escape(&text[..at])
}

/// True if a part of a name begins at the letter or digit at `at`, as `acme` in `my_acme` and `myAcme`,
/// or if a key [may](begins_key). A name does not go on with a part that begins with a digit: there are
/// too many numbers.
pub(super) fn begins_word(text: &[u8], at: usize) -> bool {
    let is_of_name = || {
        let is_part = at > 0 && text[at - 1].is_ascii_alphanumeric();
        rules::begins_word(text, at) && !(is_part && text[at].is_ascii_digit())
    };
    is_of_name() || begins_key(text, at)
}

/// Passes on the places after the escape sequences that begin with the sign at `at` (`\\`, `%` or ESC) at
/// which [words begin](begins_word) because of them.
pub(super) fn escaped_starts(text: &[u8], at: usize, mut each: impl FnMut(usize)) {
    let mut add = |length: usize| {
        let place = at + length;
        if place < text.len() && ends_escape(&text[..place]) {
            each(place);
        }
    };
    let byte = |offset: usize| text.get(at + offset).copied().unwrap_or(0);
    let lengths: &[usize] = match (text[at], byte(1)) {
        (b'%', b'2') => &[3, 5],
        (b'%', _) => &[3],
        (b'\\', b'0'..=b'3') => &[2, 4],
        (b'\\', b'x') => &[4],
        (b'\\', b'u') => &[6],
        (b'\\', b'U') => &[6, 10],
        (b'\\', _) => &[2],
        _ => &[],
    };
    lengths.iter().copied().for_each(&mut add);
    // The bracket of a colour code: after ESC, `\\e`, `\\x1b` and `\\033`, or `\\u001b`.
    if [1, 2, 4, 6].into_iter().any(|offset| byte(offset) == b'[') {
        let code = &text[at..text.len().min(at + CONTEXT)];
        if let Some(end) = code.iter().position(|&byte| byte == b'm') {
            add(end + 1);
        }
    }
}

/// True if the `=3D` of quoted-printable (RFC 2045, section 6.7) ends before `at`.
pub(super) fn ends_quoted(text: &[u8], at: usize) -> bool {
    text[..at].ends_with(b"=3D")
}

/// True if `before` ends with an escape sequence (`\n`, `\x3d`, `\u003d`, `\075`, `%3D`, `%253D`) or a
/// colour code of a terminal.
fn ends_escape(before: &[u8]) -> bool {
    match before {
        [.., b'\\', letter] if b"abefnrtv0".contains(letter) => true,
        [.., b'%', a, b] if is_hex(&[*a, *b]) => true,
        // Percent-encoded twice, as in a URL inside a URL.
        [.., b'%', b'2', b'5', a, b] if is_hex(&[*a, *b]) => true,
        [.., b'\\', b'0'..=b'3', b'0'..=b'7', b'0'..=b'7'] => true,
        _ if ends_quoted(before, before.len()) => true,
        [.., b'\\', b'x', a, b] if is_hex(&[*a, *b]) => true,
        [.., b'\\', b'u' | b'U', a, b, c, d] if is_hex(&[*a, *b, *c, *d]) => true,
        [.., b'm'] => ends_colour(before),
        [.., b'\\', b'U', _, _, _, _, _, _, _, _] => is_hex(&before[before.len() - 8..]),
        _ => false,
    }
}

/// The offset of the last byte of a text that only binary files have, if it is among the last
/// [`BINARY_REACH`]. After it, the byte before a key may be a length that looks like a digit (`.pyc`,
/// `.class`), or belong to another column (`.sqlite`) or string.
pub(super) fn last_control(before: &[u8]) -> Option<usize> {
    /// Bytes that are looked at together.
    const PART: usize = 64;
    let near = &before[before.len().saturating_sub(BINARY_REACH)..];
    let (mut end, skipped) = (near.len(), before.len() - near.len());
    while end > 0 {
        let start = end.saturating_sub(PART);
        // Without a way out before the end, this takes a few instructions.
        if near[start..end].iter().fold(false, |any, &byte| any | is_control(byte)) {
            let last = near[start..end].iter().rposition(|&byte| is_control(byte));
            return last.map(|at| skipped + start + at);
        }
        end = start;
    }
    None
}

fn is_control(byte: u8) -> bool {
    (byte < b' ' && !(b'\t'..=b'\r').contains(&byte) && byte != 0x1b) || byte == 0x7f
}

fn is_hex(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

/// True if `text` ends with a colour code: `ESC [ 3 1 m`, with the escape as a byte or written out.
fn ends_colour(text: &[u8]) -> bool {
    let near = &text[text.len().saturating_sub(CONTEXT)..];
    let numbers = near[..near.len() - 1].iter().rev();
    let length = numbers.take_while(|b| b.is_ascii_digit() || **b == b';').count();
    let head = &near[..near.len() - 1 - length];
    [&b"\x1b["[..], b"\\x1b[", b"\\033[", b"\\e[", b"\\u001b["].iter().any(|code| {
        head.len() >= code.len() && head[head.len() - code.len()..].eq_ignore_ascii_case(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_begins_only_after_punctuation_and_escapes() {
        for (before, begins) in [
            ("", true),
            ("'", true),
            (" ", true),
            ("-", true),
            ("é", true),
            ("=", true),
            ("a", false),
            ("_", false),
            ("9", false),
            ("\\n", true),
            ("\\t", true),
            ("\\z", false),
            ("n", false),
            ("\\0", true),
            ("=3D", true),
            ("=4D", false),
            ("%3D", true),
            ("%3d", true),
            ("3D", false),
            ("%253D", true),
            ("%263D", false),
            ("\\012", true),
            ("\\412", false),
            ("012", false),
            ("%zD", false),
            ("\\x3d", true),
            ("x3d", false),
            ("\\u003D", true),
            ("\\U0000003D", true),
            ("U0000003D", false),
            ("u003D", false),
            ("\x1b[31m", true),
            ("\x1b[m", true),
            ("\\033[1;31m", true),
            ("[31m", false),
            ("m", false),
        ] {
            let text = format!("{before}sk_v1_");
            assert_eq!(begins_key(text.as_bytes(), before.len()), begins, "{before:?}");
        }
    }

    #[test]
    fn binary_text_is_recognised_by_its_control_characters() {
        assert_eq!(last_control(b"\0\0\xfa1"), Some(1));
        assert_eq!(last_control(b"\x3b\x02api_key"), Some(1));
        assert_eq!(last_control("a\tb\r\n\x1b[31m é".as_bytes()), None);
        assert_eq!(last_control(b""), None);
        for length in (0..200).chain([BINARY_REACH - 2, BINARY_REACH - 1, BINARY_REACH]) {
            let text = [b"\t \x7f", &vec![b'a'; length][..]].concat();
            assert_eq!(last_control(&text), (length < BINARY_REACH).then_some(2), "{length}");
        }
    }
}
