//! Keys of rules that are for some files only, once it is known which file a text is.

use super::key_match::KeyMatch;
use super::scanner::ChunkMatches;
use crate::rules::JsonCursor;
use crate::source::{Chunk, TextEncoding};

/// The keys in `found` that are reported in the file `path`, by place.
pub fn reported_in<'f, 'r>(
    found: &'f ChunkMatches<'r>,
    chunk: &Chunk<'_>,
    path: &[u8],
) -> Vec<&'f KeyMatch<'r>> {
    // Where in its JSON a key is can be told only from its beginning on.
    let is_readable = chunk.is_first && chunk.is_last && chunk.encoding == TextEncoding::Bytes;
    let mut json = JsonCursor::new(if is_readable { chunk.bytes } else { b"" });
    let reported = found.keys.iter().filter(|key| key.rule.is_reported());
    let mut keys: Vec<_> = reported
        .filter(|key| match &key.rule.place {
            Some(place) => place.holds(path, &mut json, key.span.start),
            None => true,
        })
        .collect();
    let placed: Vec<_> = keys.iter().copied().filter(|key| key.rule.place.is_some()).collect();
    let longest = placed.iter().map(|key| key.span.len()).max().unwrap_or(0);
    // A rule for this place is more exact than one for all.
    keys.retain(|key| {
        let from = key.span.start.saturating_sub(longest);
        let near = &placed[placed.partition_point(|own| own.span.start < from)..];
        let mut near = near.iter().take_while(|own| own.span.start < key.span.end);
        key.rule.place.is_some() || !near.any(|own| is_at(own, key))
    });
    keys
}

/// True if a key takes the place of another, which is the same text or one inside the other.
fn is_at(own: &KeyMatch<'_>, other: &KeyMatch<'_>) -> bool {
    let (a, b) = (&own.span, &other.span);
    let is_inside = a.start <= b.start && b.end <= a.end || b.start <= a.start && a.end <= b.end;
    is_inside && own.rule.may_outrank(other.rule)
}
