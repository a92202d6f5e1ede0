//! Everything that accepts findings, except markers in the text.

use std::path::{Path, PathBuf};

use super::baseline::Baseline;
use super::ignore_file::{IgnoreEntry, IgnoreFile};
use super::nested::NestedIgnoreFiles;
use super::paths::{PathPatterns, RealRoots};
use crate::model::{Day, FindingKind, Fingerprint, IdScope, Suppression, Terms, Time};

/// Rules and paths that a configuration in the scanned tree would hide. They are still searched.
#[derive(Debug)]
pub struct TreeConfig {
    /// The configuration file's name.
    pub name: String,
    /// Its folder, without links in the path. It accepts nothing elsewhere.
    pub folder: PathBuf,
    /// Rules it disables.
    pub disabled: Vec<String>,
    /// Paths it excludes.
    pub excluded: PathPatterns,
}

/// Baselines, the ignore files and configurations of the scanned trees, and what the user excludes.
#[derive(Debug, Default)]
pub struct Policy {
    /// The scanned paths.
    pub roots: RealRoots,
    /// Baselines.
    pub baselines: Vec<Baseline>,
    /// Ignore files of what is scanned and of the folders around it, outer ones first.
    pub ignore_files: Vec<IgnoreFile>,
    /// Ignore files of the folders below.
    pub nested: NestedIgnoreFiles,
    /// Configurations of the scanned trees.
    pub configs: Vec<TreeConfig>,
    /// Paths that the user excludes, and the names of the settings. Only files that the user names
    /// are read in spite of it.
    pub excluded: Vec<(String, PathPatterns)>,
    /// The day on which acceptances with a last day count or do not; `None` for this one.
    pub today: Option<Day>,
}

/// An acceptance that counts no more.
#[derive(Debug, Clone)]
pub struct EndedAcceptance {
    /// The ignore file.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// The terms that it had.
    pub terms: Terms,
    /// The reason that it gave; empty if there is none.
    pub reason: String,
}

impl EndedAcceptance {
    fn new(file: &IgnoreFile, entry: &IgnoreEntry) -> Self {
        let IgnoreEntry { line, terms, reason, .. } = entry;
        let (terms, reason) = (terms.clone(), reason.clone());
        Self { file: file.name().to_owned(), line: *line, terms, reason }
    }

    /// The acceptance in a sentence, without its place: `accepted until 2027-03-01 (owner @team): why`.
    pub fn sentence(&self) -> String {
        let Self { terms: Terms { until, owner }, reason, .. } = self;
        let until = until.map(|day| day.to_string()).unwrap_or_default();
        let owner = owner.as_ref().map(|owner| format!(" (owner {owner})")).unwrap_or_default();
        let why = if reason.is_empty() { "" } else { ": " };
        format!("accepted until {until}{owner}{why}{reason}")
    }
}

impl Policy {
    /// The suppression of a finding in the file `path`, if anything accepts it.
    pub fn accepts(
        &self,
        (id, scope): (Fingerprint, IdScope),
        kind: FindingKind,
        rule_id: &str,
        path: &Path,
    ) -> Option<Suppression> {
        let nested = self.nested.around(path);
        let place = self.roots.real(path);
        let files: Vec<_> =
            self.ignore_files.iter().chain(nested.iter().map(|file| &**file)).collect();
        let today = self.today();
        let by_id =
            files.iter().rev().find_map(|file| file.by_id((id, scope), kind, &place, today));
        let ignored = by_id.or_else(|| IgnoreFile::by_path(&files, &place, today));
        let known = || self.baselines.iter().find_map(|file| file.by_id(id, kind));
        let configured = || self.configs.iter().find_map(|config| config.accepts(rule_id, &place));
        let excluded = || {
            self.excluded.iter().find_map(|(name, patterns)| {
                let pattern = patterns.matched(&place, false)?;
                Some(Suppression::Config { place: format!("{name} \"{pattern}\"") })
            })
        };
        ignored.or_else(known).or_else(configured).or_else(excluded)
    }

    /// The day of the run.
    pub fn today(&self) -> Option<Day> {
        // Wherever a policy comes from, what has ended does not count.
        self.today.or_else(|| Some(Day::of(Time::now())))
    }

    /// True if a marker accepts no more.
    pub fn has_ended(&self, by: &Suppression) -> bool {
        match by {
            Suppression::Inline { terms, .. } => terms.have_ended(self.today()),
            Suppression::IgnoreFile { .. }
            | Suppression::Baseline { .. }
            | Suppression::Config { .. } => false,
        }
    }

    /// The acceptance that would count for a finding in the file `path`, had it not ended.
    pub fn ended_for(
        &self,
        id: (Fingerprint, IdScope),
        kind: FindingKind,
        path: &Path,
    ) -> Option<EndedAcceptance> {
        let nested = self.nested.around(path);
        let place = self.roots.real(path);
        let files = self.ignore_files.iter().chain(nested.iter().map(|file| &**file));
        let today = self.today();
        let ended = |file: &IgnoreFile| {
            let entry = file.ended_for(id, kind, &place, today)?;
            Some(EndedAcceptance::new(file, entry))
        };
        files.rev().find_map(ended)
    }

    /// The ignore file and the line that accept a lesser kind of a finding in the file `path`.
    pub fn lesser_for(&self, id: Fingerprint, path: &Path) -> Option<(String, usize)> {
        let nested = self.nested.around(path);
        let place = self.roots.real(path);
        let files = self.ignore_files.iter().chain(nested.iter().map(|file| &**file));
        let today = self.today();
        let lesser = |file: &IgnoreFile| {
            let entry = file.lesser_for(id, &place, today)?;
            Some((file.name().to_owned(), entry.line))
        };
        files.rev().find_map(lesser)
    }

    /// Every acceptance that has ended, in the ignore files that were read.
    pub fn ended(&self) -> Vec<EndedAcceptance> {
        let nested = self.nested.known();
        let files = self.ignore_files.iter().chain(nested.iter().map(|file| &**file));
        let today = self.today();
        let all = files
            .flat_map(|file| file.ended(today).map(move |entry| EndedAcceptance::new(file, entry)));
        all.collect()
    }
}

impl TreeConfig {
    fn accepts(&self, rule_id: &str, path: &Path) -> Option<Suppression> {
        let is_disabled = self.disabled.iter().any(|id| id == rule_id);
        let place = if is_disabled && path.starts_with(&self.folder) {
            format!("{}: disable \"{rule_id}\"", self.name)
        } else {
            format!("{}: exclude \"{}\"", self.name, self.excluded.matched(path, false)?)
        };
        Some(Suppression::Config { place })
    }
}
