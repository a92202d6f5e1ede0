//! Everything outside of the searched lines that accepts findings, asked in one place.

use std::path::Path;

use super::{IgnoreFile, PathPatterns};
use crate::model::{Fingerprint, Suppression};

/// What a configuration that was found in the scanned tree hides. It is searched all the same.
#[derive(Debug)]
pub struct TreeConfig {
    /// The configuration's file.
    pub name: String,
    /// Rules it disables.
    pub disabled: Vec<String>,
    /// Paths it excludes.
    pub excluded: PathPatterns,
}

/// The ignore files and found configurations of the scanned trees.
#[derive(Debug, Default)]
pub struct Policy {
    /// Ignore files.
    pub ignore_files: Vec<IgnoreFile>,
    /// Found configurations.
    pub configs: Vec<TreeConfig>,
}

impl Policy {
    /// What accepts the finding `id` of rule `rule_id` in the file `path`.
    pub fn accepts(&self, id: Fingerprint, rule_id: &str, path: &Path) -> Option<Suppression> {
        let ignored = |file: &IgnoreFile| file.by_id(id).or_else(|| file.by_path(path));
        self.ignore_files
            .iter()
            .find_map(ignored)
            .or_else(|| self.configs.iter().find_map(|config| config.accepts(rule_id, path)))
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
