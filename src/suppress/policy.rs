//! Everything that accepts findings, except markers in the text.

use std::path::{Path, PathBuf};

use super::baseline::Baseline;
use super::ignore_file::IgnoreFile;
use super::nested::NestedIgnoreFiles;
use super::paths::{PathPatterns, RealRoots};
use crate::model::{FindingKind, Fingerprint, Suppression};

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
}

impl Policy {
    /// The suppression of a finding in the file `path`, if anything accepts it.
    pub fn accepts(
        &self,
        id: Fingerprint,
        kind: FindingKind,
        rule_id: &str,
        path: &Path,
    ) -> Option<Suppression> {
        let nested = self.nested.around(path);
        let place = self.roots.real(path);
        let files: Vec<_> =
            self.ignore_files.iter().chain(nested.iter().map(|file| &**file)).collect();
        let by_id = files.iter().rev().find_map(|file| file.by_id(id, &place));
        let ignored = by_id.or_else(|| IgnoreFile::by_path(&files, &place));
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
