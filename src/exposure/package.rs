//! `package.json`, as far as it matters.

use std::collections::BTreeMap;

/// A `package.json`.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Its name; empty if it has none.
    pub name: String,
    /// Dependencies of all kinds with their versions as they are written.
    pub dependencies: BTreeMap<String, String>,
    /// The commands of `scripts`, by name.
    pub scripts: BTreeMap<String, String>,
    /// All of it, to look up what only one framework knows.
    pub value: serde_json::Value,
}

impl Package {
    /// Whether it depends on another package, of whatever kind.
    pub fn depends_on(&self, package: &str) -> bool {
        self.dependencies.contains_key(package)
    }

    /// The first number of the version that it wants of another, if it can be told.
    pub fn major(&self, package: &str) -> Option<u32> {
        let wanted = self.dependencies.get(package)?;
        let digits = wanted.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}
