//! Assignments in shell commands: `export X=…`, `X=… vite build`, `cross-env X=…`, `--build-arg X=…`,
//! `echo "X=…" >> .env`.

use crate::variables::entry::{Assignment, name_length};
use crate::variables::expansion::head;

/// The variables that the commands of a file or of one of its values set.
pub(crate) fn entries(text: &str) -> Vec<Assignment> {
    let mut entries = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim_start().starts_with('#') {
            of_line(line, start, &mut entries);
        }
        start += line.len();
    }
    entries
}

/// The assignments of a line that begins at `start`.
fn of_line(line: &str, start: usize, entries: &mut Vec<Assignment>) {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < line.len() {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let begins = before.is_none_or(|before| b" \t;&|('\"`".contains(&before));
        let length = if begins { name_length_at(line, at) } else { 0 };
        let name = &line.get(at..at + length).unwrap_or_default();
        let is_set = length > 0
            && bytes.get(at + length) == Some(&b'=')
            && bytes.get(at + length + 1) != Some(&b'=')
            && !name.bytes().any(|b| b.is_ascii_lowercase());
        if !is_set {
            at += length.max(1);
            continue;
        }
        let value = at + length + 1;
        let (from, to) = value_of(line, value, before);
        entries.push(Assignment {
            name: (*name).to_owned(),
            value: Some(line[from..to].to_owned()),
            expands: true,
            name_at: start + at..start + at + length,
            value_at: start + from..start + to,
        });
        at = to.max(value);
    }
}

fn name_length_at(line: &str, at: usize) -> usize {
    line.get(at..).map_or(0, name_length)
}

/// The range of the value that begins at `at`; `before` is the byte before the name.
fn value_of(line: &str, at: usize, before: Option<u8>) -> (usize, usize) {
    let bytes = line.as_bytes();
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`');
    // In JSON the quotes of a command are written `\"`.
    let own = at + usize::from(bytes.get(at) == Some(&b'\\'));
    let (from, quote) = match bytes.get(own).copied().filter(is_quote) {
        Some(quote) => (own + 1, Some(quote)),
        None => (at, before.filter(is_quote)),
    };
    let mut to = from;
    while to < line.len() {
        let byte = bytes[to];
        if line.get(to..).is_some_and(|rest| rest.starts_with("${{"))
            && let Some(length) = head(&line[to..]).find("}}")
        {
            to += length + 2;
            continue;
        }
        let ends = match quote {
            Some(quote) => byte == quote,
            None => byte.is_ascii_whitespace() || b";&|".contains(&byte),
        };
        if ends || byte == b'\n' {
            break;
        }
        to += 1;
    }
    // All bytes that end a value are ASCII, and so is a backslash before a quote.
    let is_escape = quote.is_some() && to > from && bytes[to - 1] == b'\\';
    (from, to - usize::from(is_escape))
}
