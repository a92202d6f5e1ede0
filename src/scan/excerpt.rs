//! The line that a key stands in, with every key in it apart from the words.

use std::ops::Range;

use super::locate::line_around;
use super::scanner::Match;
use crate::model::{Excerpt, Fragment};
use crate::source::Encoding;

/// How many bytes of a line are shown on either side of a key.
const CONTEXT: usize = 160;

/// How far from a key a marker is looked for in its line.
const MARKER_REACH: usize = 4096;

/// The excerpt for `subject`, with all of `others` that reach into it taken apart, too.
pub fn excerpt<'m, 'r: 'm>(
    bytes: &[u8],
    encoding: Encoding,
    subject: &Match<'r>,
    others: impl Iterator<Item = &'m Match<'r>>,
) -> Excerpt {
    let span = &subject.span;
    let mut shown = line_around(bytes, span, CONTEXT, encoding);
    let is_binary =
        encoding == Encoding::Bytes && memchr::memchr(0, &bytes[shown.clone()]).is_some();
    if is_binary {
        shown = span.clone();
    }
    let whole = line_around(bytes, span, CONTEXT + 4, encoding);
    let mut keys: Vec<&Match<'_>> = others
        .filter(|other| overlaps(&other.span, &shown) && !overlaps(&other.span, span))
        .collect();
    keys.push(subject);
    keys.sort_by_key(|key| (key.span.start, std::cmp::Reverse(key.span.end)));
    let mut fragments = Vec::new();
    let mut at = shown.start;
    for key in keys {
        if key.span.start < at && key.span.start >= shown.start {
            // Hidden by a longer one already, or in part: then the rest of it goes with that.
            at = at.max(key.span.end.min(shown.end));
            continue;
        }
        let start = key.span.start.max(shown.start);
        push_text(&mut fragments, &bytes[at..start], encoding);
        let secret = key.secret.clone();
        let is_subject = std::ptr::eq(key, subject);
        fragments.push(if is_subject {
            Fragment::Subject(secret)
        } else {
            Fragment::Other(secret)
        });
        at = key.span.end.min(shown.end);
    }
    push_text(&mut fragments, &bytes[at..shown.end], encoding);
    Excerpt {
        cut_start: is_binary || whole.start < shown.start,
        cut_end: is_binary || whole.end > shown.end,
        fragments,
    }
}

fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn push_text(fragments: &mut Vec<Fragment>, bytes: &[u8], encoding: Encoding) {
    if !bytes.is_empty() {
        fragments.push(Fragment::Text(decode(bytes, encoding)));
    }
}

/// The line that a key stands in and the one before it, as far as a marker in them counts.
pub fn marker_lines(
    bytes: &[u8],
    encoding: Encoding,
    span: &Range<usize>,
) -> (String, Option<String>) {
    let line = line_around(bytes, span, MARKER_REACH, encoding);
    let unit = if encoding == Encoding::Bytes { 1 } else { 2 };
    let previous = (span.start - line.start < MARKER_REACH)
        .then(|| line.start.checked_sub(unit))
        .flatten()
        .map(|end| {
            let before = line_around(bytes, &(end..end), MARKER_REACH, encoding);
            decode(&bytes[before.start..end], encoding)
        });
    (decode(&bytes[line], encoding), previous)
}

/// Bytes as text; what is no UTF-8 is read as Latin-1.
pub fn decode(bytes: &[u8], encoding: Encoding) -> String {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    let text: String = match encoding {
        Encoding::Utf16Le => utf16(u16::from_le_bytes),
        Encoding::Utf16Be => utf16(u16::from_be_bytes),
        Encoding::Bytes => bytes
            .utf8_chunks()
            .flat_map(|chunk| {
                chunk
                    .valid()
                    .chars()
                    .chain(chunk.invalid().iter().map(|&byte| char::from(byte)))
            })
            .collect(),
    };
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}
