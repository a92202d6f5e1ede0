//! Entries of ignore files that accept nothing, told by the findings of scans.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::ignore_file::{IgnoreEntry, IgnoreFile, IgnoreSubject};
use super::paths::RealRoots;
use super::policy::Policy;
use crate::model::{FindingKind, Fingerprint, Report};

/// Findings of scans, accepted or not.
#[derive(Debug, Default)]
pub struct SeenFindings {
    ids: HashSet<Fingerprint>,
    /// The files that have them, without links in their paths.
    paths: BTreeSet<PathBuf>,
}

/// An entry that accepts nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusedEntry {
    /// The ignore file's name.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// Its id or its pattern.
    pub name: String,
    /// The folder of the file, without links in the path.
    pub root: PathBuf,
    /// True if it has ended.
    pub has_ended: bool,
    /// True if it is for a leak to clients, which only the analysis of a whole tree finds.
    pub is_of_leak: bool,
}

impl SeenFindings {
    /// Adds the findings of a scan of `roots`; paths of the report are relative to `base`.
    pub fn add(&mut self, report: &Report, base: &Path, roots: &RealRoots) {
        let accepted = report.suppressed.iter().map(|own| (own.id, &own.provenance));
        let all = report.findings.iter().chain(&report.hidden);
        let found = all.flat_map(|finding| {
            finding.occurrences.iter().map(|own| (finding.id, &own.provenance))
        });
        for (id, provenance) in accepted.chain(found) {
            self.ids.insert(id);
            self.paths.insert(roots.real(&base.join(provenance.path.to_path())));
        }
    }

    /// The number of files with findings.
    pub fn file_count(&self) -> usize {
        self.paths.len()
    }

    /// Adds the ids that leaks of the secrets of a report would have: history knows of a secret, but not
    /// how it reached clients then.
    pub fn add_leaks(&mut self, report: &Report, salt: &str) {
        for finding in &report.findings {
            let Some(secret) = &finding.secret else { continue };
            let leaks = FindingKind::all().filter(|kind| *kind != FindingKind::Secret);
            let of_kind = |kind| Fingerprint::of_kind(salt, &finding.rule_id, kind, secret);
            self.ids.extend(leaks.map(of_kind));
        }
    }

    /// True if an entry accepts one of these findings, or could.
    fn has_use_of(&self, entry: &IgnoreEntry) -> bool {
        match &entry.subject {
            // Of another kind, it still says something of the key.
            IgnoreSubject::Finding(id, _) => self.ids.contains(id),
            // One that takes paths back accepts nothing by itself.
            IgnoreSubject::Paths { pattern, .. } if pattern.starts_with('!') => true,
            IgnoreSubject::Paths { own, .. } => {
                self.paths.iter().any(|path| own.matched(path, false).is_some())
            }
        }
    }
}

impl Policy {
    /// The number of entries in the ignore files that were read.
    pub fn entry_count(&self) -> usize {
        let nested = self.nested.known();
        let files = self.ignore_files.iter().chain(nested.iter().map(|file| &**file));
        files.map(|file| file.entries().len()).sum()
    }

    /// The entries of the ignore files in the folders that `is_judged` takes for which there is no finding.
    pub fn unused(
        &self,
        seen: &SeenFindings,
        is_judged: &dyn Fn(&Path) -> bool,
    ) -> Vec<UnusedEntry> {
        let nested = self.nested.known();
        let files = self.ignore_files.iter().chain(nested.iter().map(|file| &**file));
        let mut unused: Vec<_> = files
            .filter(|file| is_judged(file.root()))
            .flat_map(|file| {
                let entries = file.entries().iter().filter(|entry| !seen.has_use_of(entry));
                entries.map(|entry| self.unused_entry(file, entry))
            })
            .collect();
        unused.sort();
        unused.dedup();
        unused
    }

    fn unused_entry(&self, file: &IgnoreFile, entry: &IgnoreEntry) -> UnusedEntry {
        UnusedEntry {
            file: file.name().to_owned(),
            line: entry.line,
            name: entry.name(),
            root: file.root().to_owned(),
            has_ended: entry.terms.have_ended(self.today()),
            is_of_leak: matches!(
                entry.subject,
                IgnoreSubject::Finding(_, Some(FindingKind::Leak(_)))
            ),
        }
    }
}
