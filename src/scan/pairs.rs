//! Pairs: a key that belongs to a key of another rule, such as a secret to its id, is one finding with
//! it.

use std::ops::Range;

use super::key_match::{KeyMatch, PairedKey};
use crate::rules::Pair;

/// The greatest distance in bytes between the keys of a pair, so that each is in reach of the other in
/// every chunk.
pub(super) const REACH: usize = 4096;

/// Keys that others may belong to, by place.
#[derive(Debug, Default)]
pub(super) struct Partners(Vec<PairedKey>);

impl Partners {
    pub(super) fn new(mut keys: Vec<PairedKey>) -> Self {
        keys.sort_by_key(|key| (key.span.start, key.span.end, key.rule_index));
        keys.dedup_by_key(|key| (key.span.start, key.span.end, key.rule_index));
        Self(keys)
    }

    /// The nearest key that a key at `span` belongs to; each byte of `text` takes `width` in the spans
    /// of keys. Of two that are equally near, the first one.
    pub(super) fn nearest(
        &self,
        text: &[u8],
        width: usize,
        span: &Range<usize>,
        pair: &Pair,
    ) -> Option<&PairedKey> {
        let from = span.start.saturating_sub(REACH * width);
        let first = self.0.partition_point(|key| key.span.start < from);
        let near =
            self.0[first..].iter().take_while(|key| key.span.start < span.end + REACH * width);
        let distance = |key: &PairedKey| {
            let between = if key.span.end <= span.start {
                key.span.end..span.start
            } else {
                span.end..key.span.start.max(span.end)
            };
            let text = text.get(between.start / width..between.end / width)?;
            let lines = memchr::memchr_iter(b'\n', text).count();
            (lines <= pair.lines).then_some((lines, text.len()))
        };
        let own = near.filter(|key| key.rule_index == pair.rule);
        own.filter_map(|key| Some((distance(key)?, key)))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, key)| key)
    }
}

/// Takes out of `keys` those that belong to another key, be it among them or in a neighbouring chunk.
pub(super) fn join<'r>(
    keys: &mut Vec<KeyMatch<'r>>,
    neighbours: &[KeyMatch<'r>],
) -> Vec<KeyMatch<'r>> {
    let all = keys.iter().chain(neighbours).filter(|key| key.rule.is_reported());
    let joined: Vec<_> = all
        .filter_map(|key| key.pair.as_ref())
        .map(|pair| (pair.rule_index, pair.span.clone()))
        .collect();
    if joined.is_empty() {
        return Vec::new();
    }
    let is_joined = |key: &mut KeyMatch<'r>| {
        key.layers.is_empty() && joined.iter().any(|own| *own == (key.rule_index, key.span.clone()))
    };
    keys.extract_if(.., is_joined).collect()
}
