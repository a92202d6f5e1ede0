//! Keys of rules that are for some files only, once it is known which file a text is.

use std::ops::Range;

use super::key_match::KeyMatch;
use super::precedence::is_content;
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
    let all = keys.clone();
    keys.retain(|key| key.rule.place.is_none() || !is_said(key, &all));
    let placed: Vec<_> = keys.iter().copied().filter(|key| key.rule.place.is_some()).collect();
    // A rule for this place is more exact than one for all, except where no provider is behind it.
    let specific: Vec<_> = keys.iter().copied().filter(|key| !key.rule.is_generic).collect();
    let longest = specific.iter().map(|key| key.span.len()).max().unwrap_or(0);
    let is_named = |key: &KeyMatch<'_>| near(&specific, longest, key).any(|own| is_at(own, key));
    let placed: Vec<_> =
        placed.into_iter().filter(|key| !key.rule.is_generic || !is_named(key)).collect();
    keys.retain(|key| !(key.rule.place.is_some() && key.rule.is_generic && is_named(key)));
    let longest = placed.iter().map(|key| key.span.len()).max().unwrap_or(0);
    keys.retain(|key| {
        key.rule.place.is_some() || !near(&placed, longest, key).any(|own| is_at(own, key))
    });
    keys
}

/// Those of `keys`, of which none is longer than `longest`, that begin where they may share text with a key.
fn near<'k, 'f, 'r>(
    keys: &'k [&'f KeyMatch<'r>],
    longest: usize,
    key: &KeyMatch<'_>,
) -> impl Iterator<Item = &'f KeyMatch<'r>> + use<'k, 'f, 'r> {
    let (from, end) = (key.span.start.saturating_sub(longest), key.span.end);
    let near = &keys[keys.partition_point(|own| own.span.start < from)..];
    near.iter().copied().take_while(move |own| own.span.start < end)
}

/// True if another one of these keys, by place, is what an encoded one says.
fn is_said(key: &KeyMatch<'_>, all: &[&KeyMatch<'_>]) -> bool {
    let inner = &all[all.partition_point(|own| own.span.start < key.span.start)..];
    let mut inner = inner.iter().take_while(|own| own.span.start < key.span.end);
    inner.any(|own| is_content(own, key))
}

/// True if a key takes the place of another, which is the same text or one inside the other. That one may
/// have the place of a rule of another file, so being of one file is not enough.
fn is_at(own: &KeyMatch<'_>, other: &KeyMatch<'_>) -> bool {
    let may_be = own.rule.is_built_in || own.rule.covers(other.rule);
    is_same_text(&own.span, &other.span) && may_be
}

/// True if two places are the same or one is inside the other.
fn is_same_text(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.start && b.end <= a.end || b.start <= a.start && a.end <= b.end
}
