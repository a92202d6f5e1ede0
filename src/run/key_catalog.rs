//! Adapts keyside's rules and scanner to the exposure analysis.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use keyside_exposure::{BUILT_IN, Catalog, FoundKey, KeyFinder, KeyKind, KeyKindId};

use crate::rules::{Rule, Ruleset};
use crate::scan::{KeyScanner, decode};
use crate::source::{Chunk, TextEncoding};

/// The key catalog of `rules`: a rule and its kind of key have the same index.
pub(crate) fn catalog(rules: &Ruleset) -> Catalog {
    let own = rules.rules.iter().filter(|rule| !rule.is_built_in);
    let names: BTreeSet<&str> = own.map(|rule| rule.file.as_str()).collect();
    let files: HashMap<&str, usize> = names.into_iter().zip(BUILT_IN + 1..).collect();
    let kinds = rules.rules.iter().map(|rule| KeyKind {
        provider: rule.provider,
        file: if rule.is_built_in { BUILT_IN } else { files[rule.file.as_str()] },
        class: rule.class,
        keywords: Arc::clone(&rule.keywords),
        env: Arc::clone(&rule.env),
        is_wanted: rule.is_wanted,
    });
    let providers = rules.providers.iter().map(|provider| Arc::clone(&provider.keys));
    Catalog { kinds: kinds.collect(), providers: providers.collect() }
}

/// A scanner as the analysis' key finder.
pub(crate) struct ScannerKeys<'s>(pub(crate) &'s KeyScanner<'s>);

impl KeyFinder for ScannerKeys<'_> {
    fn find(&self, text: &str) -> Vec<FoundKey> {
        let found = self.0.find(&chunk(text)).keys.into_iter();
        let is_whole = |range: &Range<usize>| text.get(range.clone()).is_some();
        // A text may be any part of a file, so rules for some places cannot be tried. A file may call any
        // name or value public: that must not clear it.
        let is_told =
            |rule: &Rule| rule.place.is_none() && (rule.is_built_in || rule.is_reported());
        let keys = found.filter(|key| is_whole(&key.span) && is_told(key.rule));
        keys.map(|key| FoundKey {
            key_kind: KeyKindId(key.rule_index.0),
            range: key.span,
            secret: key.secret,
        })
        .collect()
    }

    fn masked(&self, text: &str) -> String {
        self.0.masked_text(text)
    }

    fn text(&self, bytes: &[u8]) -> String {
        decode(bytes, TextEncoding::detect(bytes))
    }
}

/// A chunk of text that is already decoded.
pub(super) fn chunk(text: &str) -> Chunk<'_> {
    Chunk { encoding: TextEncoding::Bytes, ..Chunk::whole(text.as_bytes()) }
}
