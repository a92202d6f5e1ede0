//! The public API for other programs: finds keys in bytes, and secrets of a project that reach a
//! client.

use std::ops::Range;
use std::sync::Arc;

use keyside_exposure::{Analysis, Files, Input};

use crate::model::{Confidence, KeyClass, RuleIndex, Secret, Severity};
use crate::rules::{RuleErrors, RuleFile, Ruleset};
use crate::run::key_catalog::{ScannerKeys, catalog};
use crate::scan::{KeyScanner, Locator, Prefilter};
use crate::source::Chunk;

/// Finds keys in texts and files held in memory. Create one and share it between threads.
///
/// ```
/// # // This repository must hold no key, so this one is generated.
/// # let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// # let key = "sk_v1_".to_owned() + &keyside::rules::Rng::new(7).text(letters, 43);
/// let scanner = keyside::Scanner::built_in();
/// let text = format!("key = '{key}'");
/// let found = scanner.scan(text.as_bytes());
/// assert_eq!((found[0].rule_id, found[0].line, found[0].column), ("magicx-secret-key", 1, 8));
/// assert!(found[0].secret.to_string().ends_with("…(49)"), "secrets are masked when formatted");
/// ```
#[derive(Debug)]
pub struct Scanner {
    rules: Ruleset,
    prefilter: Arc<Prefilter>,
}

/// A key that a [`Scanner`] has found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ScanMatch<'s> {
    /// The rule's id: `magicx-secret-key`.
    pub rule_id: &'s str,
    /// The readable name of this kind of key.
    pub title: &'s str,
    /// The side that such keys may be on. Public keys are harmless.
    pub class: KeyClass,
    /// The severity of a leak.
    pub severity: Severity,
    /// The rule's confidence.
    pub confidence: Confidence,
    /// The range of the key in the scanned bytes.
    pub range: Range<usize>,
    /// The 1-based line on which it begins.
    pub line: u64,
    /// The 1-based column at which it begins, in characters.
    pub column: u64,
    /// The key. It is masked when formatted; [`Secret::reveal`] gives its bytes.
    pub secret: Secret,
}

impl Scanner {
    /// A scanner with keyside's own rules.
    pub fn built_in() -> Self {
        Self::new(Ruleset::built_in())
    }

    /// A scanner with keyside's own rules and those of the given rule files (docs/rules.md).
    ///
    /// # Errors
    /// Returns every fault of the files, with its line.
    pub fn with_rules(files: &[RuleFile]) -> Result<Self, RuleErrors> {
        Ruleset::load(files).map(Self::new)
    }

    fn new(rules: Ruleset) -> Self {
        let words = catalog(&rules).seed_words();
        let prefilter = Arc::new(Prefilter::new(&rules, &words));
        Self { rules, prefilter }
    }

    fn scanner(&self) -> KeyScanner<'_> {
        KeyScanner::with_prefilter(&self.rules, Arc::clone(&self.prefilter))
    }

    /// Finds the keys in bytes of UTF-8, Latin-1 or UTF-16, also those encoded as base64 or
    /// hexadecimal digits. Returns keys of every class, by position; none of rules that are for some
    /// files only.
    pub fn scan(&self, bytes: &[u8]) -> Vec<ScanMatch<'_>> {
        let chunk = Chunk::whole(bytes);
        let mut position = Locator::new(chunk.encoding);
        let mut at = 0;
        let found = self.scanner().find(&chunk).keys.into_iter();
        let found = found.filter(|key| key.rule.place.is_none());
        let matches = found.map(|key| {
            let start = key.span.start.max(at);
            position.advance(&bytes[at..start]);
            at = start;
            let (rule, place) = (&self.rules[key.rule_index], position.place());
            ScanMatch {
                rule_id: &rule.id,
                title: &rule.title,
                class: rule.class,
                severity: rule.severity,
                confidence: rule.confidence,
                range: key.span,
                line: place.line,
                column: place.column,
                secret: key.secret,
            }
        });
        matches.collect()
    }

    /// Analyses which secrets of `files` reach a client, and how. Reads every file once, and
    /// analyses only apps that involve a secret.
    pub fn exposure(&self, files: &dyn Files) -> Analysis {
        let scanner = self.scanner();
        let mut seeds = files.below("");
        seeds.retain(|path| {
            files.read(path).ok().flatten().is_some_and(|bytes| scanner.is_seed(&bytes))
        });
        let catalog = catalog(&self.rules);
        let keys = ScannerKeys(&scanner);
        keyside_exposure::analyse(&Input { files, catalog: &catalog, keys: &keys, seeds: &seeds })
    }

    /// The id of the rule for a leak's kind of key.
    pub fn rule_id(&self, kind: keyside_exposure::KeyKindId) -> &str {
        &self.rules[RuleIndex(kind.0)].id
    }
}
