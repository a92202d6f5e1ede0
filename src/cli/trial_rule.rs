//! The rule of `keyside install-hook --check`. No provider has keys of its kind, and only the runs that
//! a trial starts know it.

use std::env;

use crate::rules::{Rng, RuleFile};

/// The variable that tells the runs of a trial to know its rule.
pub(super) const VARIABLE: &str = "KEYSIDE_HOOK_TRIAL";

/// The rule, and the text that all its keys begin with.
const RULE: &str = include_str!("trial_rule.toml");
pub(super) const PREFIX: &str = "keyside-trial-";

/// The characters after that, and their number.
const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH: usize = 32;

/// The rule of trials, for runs that belong to one.
pub(super) fn rule() -> Option<RuleFile> {
    env::var_os(VARIABLE)?;
    Some(RuleFile { name: "trial_rule.toml".to_owned(), text: RULE.to_owned() })
}

/// A key that the rule finds.
pub(super) fn key(seed: u64) -> String {
    format!("{PREFIX}{}", Rng::new(seed).text(ALPHABET, LENGTH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Ruleset;

    #[test]
    fn the_rule_finds_its_keys() {
        let file = RuleFile { name: "trial_rule.toml".to_owned(), text: RULE.to_owned() };
        let rules = Ruleset::load(&[file]).unwrap();
        let rule = rules.by_id("keyside-trial-key").unwrap();
        assert!(rule.is_reported());
        assert!(Ruleset::built_in().by_id("keyside-trial-key").is_none());
        assert_eq!(key(1).len(), PREFIX.len() + LENGTH);
    }
}
