//! Which names of variables stand for secrets (docs/exposure.md).

use crate::rules::Ruleset;

/// Prefixes that make a variable public, whatever the framework.
pub const PUBLIC_PREFIXES: [&str; 7] =
    ["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "VUE_APP_", "GATSBY_", "NUXT_PUBLIC_"];

/// Which names of variables stand for secrets of which rule.
#[derive(Debug)]
pub struct SecretNames {
    rules: Vec<(String, usize)>,
}

impl SecretNames {
    /// The names that `rules` know.
    pub fn new(rules: &Ruleset) -> Self {
        let _ = rules;
        Self { rules: Vec::new() }
    }

    /// The rule whose secret a variable of this name holds, without a public prefix.
    pub fn rule(&self, name: &str) -> Option<usize> {
        self.rules.iter().find_map(|(known, rule)| (known == name).then_some(*rule))
    }
}
