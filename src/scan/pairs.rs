//! Pairs: a key that belongs to a key of another rule, such as a secret to its id, is one finding with
//! it.

use std::collections::HashMap;
use std::ops::Range;

use super::key_match::{KeyMatch, PairedKey};
use crate::model::RuleIndex;
use crate::rules::{Pair, Rule};

/// The greatest distance in bytes between the keys of a pair, so that each is in reach of the other in
/// every chunk.
pub(super) const REACH: usize = 4096;

/// The most other keys on either side of one that are looked at.
const MOST: usize = 4;

/// Keys that others may belong to, by place.
#[derive(Debug, Default)]
pub(super) struct Partners(Vec<PairedKey>);

impl Partners {
    pub(super) fn new(mut keys: Vec<PairedKey>) -> Self {
        keys.sort_by_key(|key| (key.span.start, key.span.end, key.rule_index));
        keys.dedup_by_key(|key| (key.span.start, key.span.end, key.rule_index));
        Self(keys)
    }

    /// All of them.
    pub(super) fn into_keys(self) -> Vec<PairedKey> {
        self.0
    }

    /// True if a key that one at `start` of a text belongs to may be near.
    pub(super) fn is_any_near(&self, width: usize, start: usize, pair: &Pair) -> bool {
        let (at, reach) = (start * width, REACH * width);
        let from = self.0.partition_point(|key| key.span.end + reach < at);
        let near = self.0[from..].iter().take_while(|key| key.span.start <= at + reach);
        near.into_iter().any(|key| pair.rules.contains(&key.rule_index))
    }

    /// The keys that a key at `span` may belong to, the nearest one first; each byte of `text` takes
    /// `width` in the spans of keys. Of two on lines that are equally near, the first one is nearer.
    pub(super) fn near(
        &self,
        text: &[u8],
        width: usize,
        span: &Range<usize>,
        pair: &Pair,
    ) -> Vec<PairedKey> {
        let reach = REACH * width;
        let (before, after) =
            self.0.split_at(self.0.partition_point(|key| key.span.start < span.start));
        let is_outside = |key: &PairedKey| key.span.end <= span.start || key.span.start >= span.end;
        let is_partner = |key: &&PairedKey| pair.rules.contains(&key.rule_index) && is_outside(key);
        let is_near = |key: &&PairedKey| {
            key.span.end + reach > span.start && key.span.start < span.end + reach
        };
        // Those that are nearest in bytes are also nearest in lines.
        let before = before.iter().rev().take_while(is_near).filter(is_partner).take(MOST);
        let after = after.iter().take_while(is_near).filter(is_partner).take(MOST);
        let distance = |key: &PairedKey| {
            let between = if key.span.end <= span.start {
                key.span.end..span.start
            } else {
                span.end..key.span.start.max(span.end)
            };
            let text = text.get(between.start / width..between.end / width)?;
            let lines = memchr::memchr_iter(b'\n', text).count();
            // An id usually stands before its secret.
            (lines <= pair.lines).then_some((lines, key.span.start > span.start, between.len()))
        };
        let near = before.chain(after).filter_map(|key| Some((distance(key)?, key)));
        let mut near: Vec<_> = near.collect();
        near.sort_by_key(|(distance, _)| *distance);
        let mut found: Vec<PairedKey> = Vec::new();
        for (_, key) in near {
            if found.iter().all(|own| own.secret != key.secret) {
                found.push(key.clone());
            }
        }
        found
    }
}

/// Takes out of `keys` those that belong to another key, be it among them or in a neighbouring chunk. Rules of
/// another file take nothing away, and where a rule is for some files only, it is not known whether this is
/// one of them.
pub(super) fn join<'r>(
    keys: &mut Vec<KeyMatch<'r>>,
    neighbours: &[KeyMatch<'r>],
) -> Vec<KeyMatch<'r>> {
    let place = |rule: RuleIndex, span: &Range<usize>| (rule, span.start, span.end);
    let mut owners: HashMap<_, Vec<&Rule>> = HashMap::new();
    for key in keys.iter().chain(neighbours) {
        let is_owner = key.rule.is_reported() && key.rule.place.is_none();
        if let Some(pair) = key.pairs.first().filter(|_| is_owner) {
            owners.entry(place(pair.rule_index, &pair.span)).or_default().push(key.rule);
        }
    }
    if owners.is_empty() {
        return Vec::new();
    }
    // The other key may have the place of a rule of another file, which must not be made milder.
    let may_own = |own: &Rule, key: &KeyMatch<'r>| {
        own.is_built_in || own.is_beside(key.rule) && own.covers(key.rule)
    };
    let is_joined = |key: &mut KeyMatch<'r>| {
        let owners = owners.get(&place(key.rule_index, &key.span));
        let mut owners = owners.into_iter().flatten();
        key.layers.is_empty() && owners.any(|own| may_own(own, key))
    };
    keys.extract_if(.., is_joined).collect()
}
