//! The base64 body of a block, in the forms that texts give it.

use crate::rules::decoded::base64;

/// A body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlockBody {
    /// Its characters, without padding and everything between them.
    pub(super) base64: Vec<u8>,
    /// End of the block in the text.
    pub(super) end: usize,
    /// True if it ends as it should.
    pub(super) is_whole: bool,
}

impl BlockBody {
    /// Its bytes; if it is cut off, without those that are not complete.
    pub(super) fn decoded(&self) -> Option<Vec<u8>> {
        let length = self.base64.len();
        base64(if self.is_whole { &self.base64 } else { &self.base64[..length / 4 * 4] })
    }
}

/// The content of PEM and its relatives (RFC 7468, RFC 9580, section 6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Armor {
    pub(super) body: BlockBody,
    /// True if a header says that the body is encrypted.
    pub(super) is_encrypted: bool,
}

/// Reads the headers and the body that begin at `start` of `text` and end with `end_mark`. `None` if
/// there is no body.
pub(super) fn armor(text: &[u8], start: usize, end_mark: &[u8]) -> Option<Armor> {
    let (start, is_encrypted) = skip_headers(text, start);
    let mut body = BlockBody { base64: Vec::new(), end: start, is_whole: false };
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'=' if is_checksum(text, at) => {
                at += 5;
                body.end = at;
                continue;
            }
            b'=' => body.end = at + 1,
            byte if is_digit(byte) => {
                body.base64.push(byte);
                body.end = at + 1;
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => break,
        }
        at += 1;
    }
    if text[at.min(text.len())..].starts_with(end_mark) {
        body.is_whole = true;
        body.end = at + end_mark.len();
    } else {
        cut(text, start, &mut body);
    }
    (!body.base64.is_empty()).then_some(Armor { body, is_encrypted })
}

/// Leaves only the lines of a body that lacks its end: those as long as the first, and one more.
fn cut(text: &[u8], start: usize, body: &mut BlockBody) {
    body.base64.clear();
    body.end = start;
    let mut first = None;
    let mut at = start;
    for line in text[start..].split(|&byte| byte == b'\n') {
        let begin = at + line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        at += line.len() + 1;
        let line = line.trim_ascii();
        let length = line.iter().take_while(|&&byte| is_digit(byte)).count();
        if length == 0 && first.is_none() && line.is_empty() {
            continue;
        }
        let longest = *first.get_or_insert(length);
        if length == 0 || length > longest {
            break;
        }
        body.base64.extend_from_slice(&line[..length]);
        body.end = begin + length;
        if length < longest || length < line.len() {
            break;
        }
    }
}

/// Skips lines such as `Proc-Type: 4,ENCRYPTED` and `Version: GnuPG v2`.
fn skip_headers(text: &[u8], start: usize) -> (usize, bool) {
    let mut at = start;
    let mut is_encrypted = false;
    loop {
        let rest = &text[at..];
        let begin = at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let line = &text[begin..];
        let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
        let Some((name, value)) = header(line) else {
            return (begin, is_encrypted);
        };
        // The values of these two have no blanks, so the body may follow on the same line.
        let is_word = matches!(name, b"Proc-Type" | b"DEK-Info");
        let blank = value.iter().position(|byte| byte.is_ascii_whitespace()).filter(|_| is_word);
        let value = &value[..blank.unwrap_or(value.len())];
        is_encrypted |= name == b"Proc-Type" && value.ends_with(b"ENCRYPTED");
        let before = line.len() - line[name.len() + 1..].trim_ascii_start().len();
        at = begin + before + value.len();
    }
}

/// The name and the value of a header.
pub(super) fn header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().take(32).position(|&byte| byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    is_name.then(|| (name, value.trim_ascii()))
}

/// True for the checksum of PGP: `=` and four characters in a line of their own.
fn is_checksum(text: &[u8], at: usize) -> bool {
    let is_first =
        at.checked_sub(1).and_then(|at| text.get(at)).is_some_and(u8::is_ascii_whitespace);
    let digits = text.get(at + 1..at + 5).is_some_and(|digits| digits.iter().all(|&b| is_digit(b)));
    is_first && digits && !text.get(at + 5).is_some_and(|&byte| is_digit(byte))
}

/// True for a line of base64.
pub(super) fn is_base64(line: &[u8]) -> bool {
    line.iter().all(|&byte| is_digit(byte) || byte == b'=')
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}
