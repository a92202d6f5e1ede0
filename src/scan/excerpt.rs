//! The line that a key stands in, with every key in it apart from the words.

use std::ops::Range;

use super::locate::line_around;
use super::scanner::{Found, Match};
use crate::model::{Excerpt, Fragment, Secret};
use crate::source::Encoding;

/// How many bytes of a line are shown on either side of a key.
const CONTEXT: usize = 160;

/// How far from a key a marker is looked for in its line.
const MARKER_REACH: usize = 4096;

/// The excerpt for `subject`, with everything else that was found in it apart, too.
pub fn excerpt(
    bytes: &[u8],
    encoding: Encoding,
    subject: &Match<'_>,
    found: &Found<'_>,
) -> Excerpt {
    let span = &subject.span;
    let mut shown = line_around(bytes, span, CONTEXT, encoding);
    let is_binary =
        encoding == Encoding::Bytes && memchr::memchr(0, &bytes[shown.clone()]).is_some();
    if is_binary {
        shown = span.clone();
    }
    let whole = line_around(bytes, span, CONTEXT + 4, encoding);
    let mut masked: Vec<_> =
        found.within(&shown).map(|key| (key.span.clone(), &key.secret)).collect();
    masked.sort_by_key(|(span, _)| (span.start, span.end));
    let mut fragments = Vec::new();
    push_around(&mut fragments, bytes, encoding, shown.start..span.start, &masked);
    fragments.push(Fragment::Subject(subject.secret.clone()));
    push_around(&mut fragments, bytes, encoding, span.end..shown.end, &masked);
    Excerpt {
        cut_start: is_binary || whole.start < shown.start,
        cut_end: is_binary || whole.end > shown.end,
        fragments,
    }
}

/// Pushes what stands in `range`, and of each of `masked` that reaches into it a mask.
fn push_around(
    fragments: &mut Vec<Fragment>,
    bytes: &[u8],
    encoding: Encoding,
    range: Range<usize>,
    masked: &[(Range<usize>, &Secret)],
) {
    let mut at = range.start;
    for (span, secret) in masked {
        let (start, end) = (span.start.max(at), span.end.min(range.end));
        if start < end {
            push_text(fragments, &bytes[at..start], encoding);
            fragments.push(Fragment::Other((*secret).clone()));
            at = end;
        }
    }
    push_text(fragments, &bytes[at..range.end], encoding);
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
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    let text: String = match encoding {
        Encoding::Utf16Le => utf16(u16::from_le_bytes),
        Encoding::Utf16Be => utf16(u16::from_be_bytes),
        Encoding::Bytes => bytes
            .utf8_chunks()
            .flat_map(|chunk| {
                chunk.valid().chars().chain(chunk.invalid().iter().map(|&byte| char::from(byte)))
            })
            .collect(),
    };
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}
