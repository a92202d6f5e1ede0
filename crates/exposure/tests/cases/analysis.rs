//! Runs the analysis alone on a case: every file that holds a key, a secret's name, a package or a
//! host is a seed.

use std::path::Path;

use keyside_exposure::{Catalog, Input, Leak, Severity, analyse};

use super::catalog;
use super::keys::{Prefixes, filled};
use super::loader::{Case, Reported};
use super::memory::Memory;

/// The providers of a case, and the words of seeds.
pub(crate) struct Providers {
    catalog: Catalog,
    seeds: Vec<String>,
}

impl Providers {
    /// The providers of a rule file or of a folder of them.
    pub(crate) fn read(rules: &Path) -> Self {
        let catalog = catalog::read(rules);
        let mut seeds = catalog.seed_words();
        seeds.extend(catalog.kinds.iter().flat_map(|kind| kind.keywords.iter().cloned()));
        Self { catalog, seeds }
    }

    /// The client findings of a case, with their severities.
    ///
    /// # Errors
    /// Fails if the analysis met a limit, for which no case is large enough.
    pub(crate) fn leaks(&self, case: &Case) -> Result<Vec<(Reported, Severity)>, String> {
        let files: Vec<(&str, String)> =
            case.files.iter().map(|file| (file.path.as_str(), filled(&file.text))).collect();
        let has_seed = |text: &str| self.seeds.iter().any(|word| text.contains(word.as_str()));
        let mut seeds: Vec<String> = files
            .iter()
            .filter(|(_, text)| has_seed(text))
            .map(|(path, _)| (*path).to_owned())
            .collect();
        seeds.sort();
        let pairs: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
        let analysis = analyse(&Input {
            files: &Memory::new(&pairs),
            catalog: &self.catalog,
            keys: &Prefixes(&self.catalog),
            seeds: &seeds,
        });
        match analysis.notices.iter().find(|notice| notice.message.contains("too ")) {
            Some(notice) => Err(format!("the analysis met a bound: {notice:?}")),
            None => Ok(analysis
                .leaks
                .iter()
                .map(|leak| (reported(leak, &pairs), leak.severity))
                .collect()),
        }
    }
}

fn reported(leak: &Leak, files: &[(&str, &str)]) -> Reported {
    let (path, text) = files.iter().find(|(path, _)| *path == &*leak.at.path).unwrap();
    let before = &text[..leak.at.span.start as usize];
    Reported {
        kind: leak.kind.name().to_owned(),
        path: (*path).to_owned(),
        line: 1 + before.matches('\n').count() as u64,
    }
}
