//! Everything that accepts findings, except markers in the text.

use std::path::Path;

use super::baseline::Baseline;
use super::ignore_file::IgnoreFile;
use super::paths::PathPatterns;
use crate::model::{FindingKind, Fingerprint, Suppression};

/// Rules and paths that a configuration in the scanned tree would hide. They are still searched.
#[derive(Debug)]
pub struct TreeConfig {
    /// The configuration file's name.
    pub name: String,
    /// Rules it disables.
    pub disabled: Vec<String>,
    /// Paths it excludes.
    pub excluded: PathPatterns,
}

/// Baselines, and the ignore files and configurations of the scanned trees.
#[derive(Debug, Default)]
pub struct Policy {
    /// Baselines.
    pub baselines: Vec<Baseline>,
    /// Ignore files.
    pub ignore_files: Vec<IgnoreFile>,
    /// Configurations of the scanned trees.
    pub configs: Vec<TreeConfig>,
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
        let ignored = |file: &IgnoreFile| file.by_id(id).or_else(|| file.by_path(path));
        let known = || self.baselines.iter().find_map(|file| file.by_id(id, kind));
        let configured = || self.configs.iter().find_map(|config| config.accepts(rule_id, path));
        self.ignore_files.iter().find_map(ignored).or_else(known).or_else(configured)
    }
}

impl TreeConfig {
    fn accepts(&self, rule_id: &str, path: &Path) -> Option<Suppression> {
        let place = if self.disabled.iter().any(|id| id == rule_id) {
            format!("{}: disable \"{rule_id}\"", self.name)
        } else {
            format!("{}: exclude \"{}\"", self.name, self.excluded.matched(path, false)?)
        };
        Some(Suppression::Config { place })
    }
}
