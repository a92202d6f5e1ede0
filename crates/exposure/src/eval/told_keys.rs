//! Keys in literals that only the text around these tells, such as the name of a variable.

use crate::catalog::{Catalog, KeyKindId};
use crate::graph::seed_places::{SeedPlaces, ToldKey};
use crate::js::ir::Span;
use crate::secret::Secret;

/// The secrets in a literal that only the text around it tells: their kinds and places.
pub(crate) fn told_secrets(
    seeds: &SeedPlaces,
    catalog: &Catalog,
    literal: Span,
    text: &str,
) -> impl Iterator<Item = (KeyKindId, Secret, Span)> {
    let length = (literal.end - literal.start) as usize;
    // Quotes are one byte, and a whole file has none. With escapes, offsets are not those in the file.
    let is_quoted = length == text.len() + 2;
    let is_plain = is_quoted || length == text.len();
    let from = literal.start + u32::from(is_quoted);
    let told = seeds.told_keys(literal);
    let told = told.filter(move |key| is_plain && catalog.is_secret(key.key_kind));
    told.filter_map(move |ToldKey { span, key_kind, prefix }| {
        let start = span.start.checked_sub(from)? as usize;
        let own = text.get(start..start + (span.end - span.start) as usize)?;
        Some((key_kind, Secret::new(own.as_bytes(), prefix), span))
    })
}
