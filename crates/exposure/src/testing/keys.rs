//! Keys for tests: made from templates, and found by how they begin.

use keyside_exposure::{Catalog, FoundKey, KeyFinder, Secret};

use super::loader;
use super::rng::Rng;

const BODY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Finds what begins like a key of the catalog and is long enough.
pub(crate) struct Prefixes<'c>(pub(crate) &'c Catalog);

impl KeyFinder for Prefixes<'_> {
    fn find(&self, text: &str) -> Vec<FoundKey> {
        let mut keys = Vec::new();
        for (key_kind, known) in self.0.kinds() {
            for keyword in known.keywords.iter() {
                for (start, _) in text.match_indices(keyword.as_str()) {
                    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    let rest = &text[start + keyword.len()..];
                    let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                    if length >= 20 {
                        let range = start..start + keyword.len() + length;
                        let secret = Secret::new(text[range.clone()].as_bytes(), keyword.len());
                        keys.push(FoundKey { key_kind, range, secret });
                    }
                }
            }
        }
        keys.sort_by_key(|key| key.range.start);
        keys
    }

    fn masked(&self, text: &str) -> String {
        text.to_owned()
    }

    fn text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }
}

/// A text with keys in the place of its templates.
pub(crate) fn filled(template: &str) -> String {
    loader::filled(template, |prefix, number| {
        format!("{prefix}{}", Rng::new(1000 + number).text(BODY, 43))
    })
}
