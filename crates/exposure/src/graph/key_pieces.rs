//! Pieces in code that puts keys together, and words of code that gets secrets under any name.

use aho_corasick::{AhoCorasick, packed};
use memchr::memmem;
use serde::{Deserialize, Serialize};

use crate::catalog::Catalog;

/// A text that makes a module one through which a secret may come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct KeyPiece {
    pub(crate) text: String,
    /// If it is a quote and the beginning of keywords, the rest of each. A literal that goes on in another
    /// way is no piece of a key.
    rests: Vec<String>,
    /// Set if it only counts in code that joins lists.
    is_of_list: bool,
}

/// Words of code that decodes texts. Such code is told by its calls.
pub(super) const DECODING: [&str; 2] = ["atob(", "base64"];

/// Puts a list together.
const JOIN: &[u8] = b".join(";

/// The first parts of keys in lists are as long at most: longer ones are words of many texts.
const MAX_FIRST: usize = 4;

impl KeyPiece {
    /// A word that counts wherever it stands.
    fn of_word(text: String) -> Self {
        Self { text, rests: Vec::new(), is_of_list: false }
    }

    /// True if the text that `bytes` have at `at` is a piece of a key.
    pub(crate) fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let Some((quote, after)) = bytes.get(at).zip(bytes.get(at + self.text.len()..)) else {
            return false;
        };
        let is_rest = |rest: &String| {
            let same = rest.bytes().zip(after).take_while(|(own, other)| own == *other).count();
            let ends = || match after.get(same) {
                Some(b'\\') => true,
                Some(b'$') => after.get(same + 1) == Some(&b'{'),
                Some(next) => next == quote,
                None => false,
            };
            // All addresses begin alike.
            same == rest.len() || (!rest[..same].ends_with("//") && ends())
        };
        if self.is_of_list {
            return memmem::find(bytes, JOIN).is_some();
        }
        self.rests.is_empty() || self.rests.iter().any(is_rest)
    }
}

/// The beginnings of keys in code that puts keys together, the functions that decode them, and other words:
/// the names of secret variables, and of files with keys.
pub(crate) fn key_pieces(catalog: &Catalog, words: impl Iterator<Item = String>) -> Vec<KeyPiece> {
    let mut pieces: Vec<KeyPiece> =
        DECODING.map(str::to_owned).into_iter().chain(words).map(KeyPiece::of_word).collect();
    let mut begun: Vec<(&str, &str)> = Vec::new();
    for key_kind in &catalog.kinds {
        for keyword in key_kind.keywords.iter() {
            let Some(cut) = keyword.find(|c: char| !c.is_alphanumeric()) else { continue };
            let end = cut + keyword[cut..].chars().next().map_or(0, char::len_utf8);
            if cut >= 2 && end < keyword.len() {
                begun.push(keyword.split_at(end));
            }
        }
    }
    begun.sort_unstable();
    begun.dedup();
    for same in begun.chunk_by(|a, b| a.0 == b.0) {
        let rests: Vec<String> = same.iter().map(|(_, rest)| (*rest).to_owned()).collect();
        pieces.extend(['\'', '"', '`'].map(|quote| KeyPiece {
            text: format!("{quote}{}", same[0].0),
            rests: rests.clone(),
            is_of_list: false,
        }));
    }
    let firsts =
        begun.iter().map(|(first, _)| first.trim_end_matches(|c: char| !c.is_alphanumeric()));
    for first in firsts.filter(|first| first.len() <= MAX_FIRST) {
        pieces.extend(['\'', '"', '`'].map(|quote| KeyPiece {
            text: format!("{quote}{first}{quote}"),
            rests: Vec::new(),
            is_of_list: true,
        }));
    }
    pieces.sort();
    pieces.dedup();
    pieces
}

/// Searches for pieces of keys.
pub(crate) struct KeyPieces {
    search: PieceSearch,
    pieces: Vec<KeyPiece>,
}

enum PieceSearch {
    /// The fastest search, for the few that there nearly always are.
    Few(packed::Searcher),
    Many(AhoCorasick),
    /// Too many to search for: each file may have one.
    Unlimited,
}

impl KeyPieces {
    pub(crate) fn new(pieces: Vec<KeyPiece>) -> Self {
        let texts = || pieces.iter().map(|piece| &piece.text);
        let search = match packed::Searcher::new(texts()) {
            Some(few) => PieceSearch::Few(few),
            None => AhoCorasick::new(texts()).map_or(PieceSearch::Unlimited, PieceSearch::Many),
        };
        Self { search, pieces }
    }

    /// The pieces.
    pub(crate) fn all(&self) -> &[KeyPiece] {
        &self.pieces
    }

    /// True if a text has one.
    pub(crate) fn are_in(&self, bytes: &[u8]) -> bool {
        let mut from = 0;
        while let Some(rest) = bytes.get(from..) {
            let found = match &self.search {
                PieceSearch::Few(few) => few.find(rest),
                PieceSearch::Many(many) => many.find(rest),
                PieceSearch::Unlimited => return true,
            };
            let Some(found) = found else { return false };
            let at = from + found.start();
            if self.pieces[found.pattern().as_usize()].is_at(bytes, at) {
                return true;
            }
            // Another one may begin within it.
            from = at + 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::catalog::catalog;
    use std::sync::Arc;

    #[test]
    fn literals_that_go_on_in_another_way_are_no_pieces() {
        let mut catalog = catalog();
        catalog.kinds[0].keywords =
            Arc::new(["sk_v1_", "https://hooks.acme.example/"].map(str::to_owned));
        let words = ["MY_KEY".to_owned()];
        let pieces = KeyPieces::new(key_pieces(&catalog, words.into_iter()));
        for text in [
            "'sk_' + rest",
            "`sk_v1${rest}`",
            "['sk_v', rest]",
            "\"sk_\\x76\"",
            "'sk_v1_' + rest",
            "'https://hooks.' + rest",
            "'sk_MY_KEY'",
            "atob(x)",
            "['sk', 'v1', rest].join('_')",
        ] {
            assert!(pieces.are_in(text.as_bytes()), "{text}");
        }
        for text in [
            "'sk_line'",
            "'https://acme.example'",
            "`https://${host}`",
            "'sk_",
            "sk_v",
            "['sk', 'v1']",
            "'sk_v1\"",
        ] {
            assert!(!pieces.are_in(text.as_bytes()), "{text}");
        }
    }
}
