//! The words of secrets in the text of a module, and where a secret may come from because of them.

use aho_corasick::AhoCorasick;

use crate::catalog::Catalog;
use crate::graph::key_pieces::{DECODING, KeyPiece};
use crate::graph::seed_places::{SeedPlaces, ToldKey};
use crate::input::{FoundKey, KeyFinder};
use crate::js::ir::Span;
use crate::variables::names::{OriginWord, SecretNames};

/// Searches modules for the places of secrets.
pub(super) struct SeedWords {
    names: SecretNames,
    /// The words, and for each what it means.
    words: Vec<OriginWord>,
    /// Pieces of keys, which follow the words.
    pieces: Vec<KeyPiece>,
    search: Option<AhoCorasick>,
    /// Every word that makes a file a seed.
    any: Option<AhoCorasick>,
}

impl SeedWords {
    /// Those of a catalog, and `pieces` of keys and names in code that reads secrets.
    pub(super) fn new(catalog: &Catalog, pieces: &[KeyPiece]) -> Self {
        let names = SecretNames::new(catalog);
        let words = names.origin_words();
        let pieces = pieces.iter().filter(|piece| !DECODING.contains(&piece.text.as_str()));
        let pieces: Vec<KeyPiece> = pieces.cloned().collect();
        let texts = words.iter().map(|word| &word.text);
        let search = AhoCorasick::new(texts.chain(pieces.iter().map(|piece| &piece.text))).ok();
        let any = AhoCorasick::new(catalog.seed_words()).ok();
        Self { names, words, pieces, search, any }
    }

    /// The places in a text from which a secret may come, and true if it holds a key, as far as that is
    /// known. The text has a seed; `is_searched` if the search for keys and words found it.
    pub(super) fn places(
        &self,
        text: &str,
        is_searched: bool,
        keys: &dyn KeyFinder,
    ) -> (SeedPlaces, Option<bool>) {
        let (Some(search), Some(any)) = (&self.search, &self.any) else {
            return (SeedPlaces::Anywhere, None);
        };
        let finder = keys;
        let keys = if is_searched { finder.find(text) } else { Vec::new() };
        let has_key = is_searched.then_some(!keys.is_empty());
        let found = search.find_overlapping_iter(text).filter(|found| {
            let number = found.pattern().as_usize();
            match self.words.get(number) {
                Some(word) => {
                    !word.is_of_name || self.names.may_be_secret(name_around(text, found.range()))
                }
                None => {
                    self.pieces[number - self.words.len()].is_at(text.as_bytes(), found.start())
                }
            }
        });
        let places: Vec<u32> = found
            .map(|found| found.start())
            .chain(keys.iter().map(|key| key.range.start))
            .map(|offset| offset as u32)
            .collect();
        let decodes = || DECODING.iter().any(|word| text.contains(word));
        if !is_searched && places.is_empty() && !decodes() {
            return (SeedPlaces::Nowhere, has_key);
        }
        // What the search found is encoded.
        let is_hidden = is_searched && places.is_empty() && !any.is_match(text);
        if is_hidden {
            return (SeedPlaces::Anywhere, has_key);
        }
        let told = keys.iter().filter_map(|key| told_key(text, key, finder)).collect();
        (SeedPlaces::at(places, told), has_key)
    }
}

/// The key, if it cannot be told without the text around it.
fn told_key(text: &str, key: &FoundKey, finder: &dyn KeyFinder) -> Option<ToldKey> {
    let own = text.get(key.range.clone())?;
    if finder.find(own).iter().any(|alone| alone.key_kind == key.key_kind) {
        return None;
    }
    let span = Span::new(key.range.start as u32, key.range.end as u32);
    Some(ToldKey { span, key_kind: key.key_kind, prefix: key.secret.prefix() })
}

/// The whole name that a part of it is in.
fn name_around(text: &str, part: std::ops::Range<usize>) -> &str {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let bytes = text.as_bytes();
    let before = bytes[..part.start].iter().rev().take_while(|it| is_of_name(it)).count();
    let after = bytes[part.end..].iter().take_while(|it| is_of_name(it)).count();
    &text[part.start - before..part.end + after]
}
