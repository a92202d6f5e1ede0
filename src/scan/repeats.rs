//! Keys that are only the beginning of one that is read in another way (of a continued line, of pieces), or the
//! same one read in two ways.

use std::collections::HashMap;

use super::key_match::KeyMatch;
use crate::model::EncodingLayer;

/// Takes out of `keys` all that a longer key of the same rule begins with, which begins at the same place
/// and is encoded; and what a key is that stands there as it is, when it is decoded in turn.
pub(super) fn drop_beginnings(keys: &mut Vec<KeyMatch<'_>>) {
    if keys.iter().all(|key| key.layers.is_empty()) {
        return;
    }
    let mut longest: HashMap<_, usize> = HashMap::new();
    for (nth, key) in keys.iter().enumerate() {
        let best = longest.entry((key.rule_index, key.span.start)).or_insert(nth);
        if length(key) > length(&keys[*best]) {
            *best = nth;
        }
    }
    let plain: HashMap<_, usize> = keys
        .iter()
        .filter(|key| key.layers.is_empty())
        .map(|key| ((key.rule_index, key.span.start), key.span.end))
        .collect();
    let is_decoded_again = |key: &KeyMatch<'_>| {
        let whole = plain.get(&(key.rule_index, key.span.start));
        let layer = key.layers.first();
        layer == Some(&EncodingLayer::Base64) && whole.is_some_and(|end| *end >= key.span.end)
    };
    let is_beginning = |key: &KeyMatch<'_>| {
        let best = &keys[longest[&(key.rule_index, key.span.start)]];
        let is_longer = length(best) > length(key) && !best.layers.is_empty();
        is_longer && best.secret.reveal().starts_with(key.secret.reveal())
    };
    let kept: Vec<bool> =
        keys.iter().map(|key| !is_beginning(key) && !is_decoded_again(key)).collect();
    let mut kept = kept.into_iter();
    keys.retain(|_| kept.next().unwrap_or(true));
}

fn length(key: &KeyMatch<'_>) -> usize {
    key.secret.reveal().len()
}
