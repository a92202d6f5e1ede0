//! Runs the analysis on files in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use keyside_exposure::{
    Catalog, Files, FoundKey, Input, KeyFinder, Leak, Secret, SecretNames, analyse,
};

use super::catalog;
use super::loader::{self, Reported};

/// The providers of a case, and what a prefilter looks for to find their seeds.
pub(crate) struct Providers {
    catalog: Catalog,
    seeds: Vec<String>,
}

impl Providers {
    /// The providers of a rule file or of a folder of them.
    pub(crate) fn read(rules: &Path) -> Self {
        let catalog = catalog::read(rules);
        let mut seeds = SecretNames::new(&catalog).seeds();
        seeds.extend(catalog.kinds.iter().flat_map(|kind| kind.keywords.iter().cloned()));
        Self { catalog, seeds }
    }

    /// The client findings of a project, in which every file with a seed's word is a seed.
    ///
    /// # Errors
    /// A bound that cut the analysis short.
    pub(crate) fn found(&self, files: &[(String, String)]) -> Result<BTreeSet<Reported>, String> {
        let has_seed = |text: &str| self.seeds.iter().any(|word| text.contains(word.as_str()));
        let mut seeds: Vec<String> =
            files.iter().filter(|(_, text)| has_seed(text)).map(|(path, _)| path.clone()).collect();
        seeds.sort();
        let memory = Memory(files.iter().cloned().collect());
        let keys = Prefixes(&self.catalog);
        let analysis =
            analyse(&Input { files: &memory, catalog: &self.catalog, keys: &keys, seeds: &seeds });
        if let Some(cut) = analysis.notices.iter().find(|own| own.message.contains("too ")) {
            return Err(format!("no bound is so low that such code reaches it: {cut:?}"));
        }
        Ok(analysis.leaks.iter().map(|leak| reported(leak, &memory)).collect())
    }
}

fn reported(leak: &Leak, files: &Memory) -> Reported {
    let before = &files.0[&*leak.at.path][..leak.at.span.start as usize];
    Reported {
        kind: leak.kind.name().to_owned(),
        path: leak.at.path.to_string(),
        line: 1 + before.matches('\n').count() as u64,
    }
}

/// Files in memory.
struct Memory(BTreeMap<String, String>);

impl Files for Memory {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }

    fn below(&self, folder: &str) -> Vec<String> {
        let is_below = |path: &&String| {
            let rest = path.strip_prefix(folder);
            folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        self.0.keys().filter(is_below).cloned().collect()
    }
}

/// Finds what begins like a key of the catalog and is long enough.
struct Prefixes<'c>(&'c Catalog);

impl KeyFinder for Prefixes<'_> {
    fn find(&self, text: &str) -> Vec<FoundKey> {
        let mut keys = Vec::new();
        for (kind, own) in self.0.kinds.iter().enumerate() {
            for keyword in &own.keywords {
                for (start, _) in text.match_indices(keyword.as_str()) {
                    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    let rest = &text[start + keyword.len()..];
                    let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                    if length >= 20 {
                        let range = start..start + keyword.len() + length;
                        let secret = Secret::new(text[range.clone()].as_bytes(), keyword.len());
                        keys.push(FoundKey { kind, range, secret });
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

/// A text with generated keys in the place of its templates.
pub(crate) fn filled(text: &str) -> String {
    loader::filled(text, |prefix, number| format!("{prefix}{}", body(number)))
}

/// Always the same 43 letters and digits for a number.
fn body(number: u64) -> String {
    // The generator of Steele, Lea and Flood ("Fast splittable pseudorandom number generators").
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = number;
    let letters = (0..43).map(|_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        char::from(alphabet[(word ^ (word >> 31)) as usize % alphabet.len()])
    });
    letters.collect()
}
