//! Keys that belong to a key of another rule, such as a secret to its id.

use super::error::RuleError;
use super::ruleset::Ruleset;
use crate::model::RuleIndex;

/// The distance in lines, if a rule does not say.
pub(super) const LINES: usize = 5;

/// The greatest distance in lines.
pub(super) const MAX_LINES: usize = 20;

/// The other key of a pair.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The id of its rule.
    pub with: String,
    /// The index of its rule.
    pub rule: RuleIndex,
    /// The greatest distance in lines, on either side.
    pub lines: usize,
    /// The place of the condition in its file: 1-based line.
    pub(super) at: usize,
}

/// Looks up the other rules of all pairs, once all files are loaded.
pub(super) fn resolve(set: &mut Ruleset, errors: &mut Vec<RuleError>) {
    for index in 0..set.rules.len() {
        let Some(pair) = &set.rules[index].pair else { continue };
        let other = set.rules.iter().position(|rule| rule.id == pair.with);
        let problem = match other.map(|other| &set.rules[other]) {
            None => Some("no rule has this id"),
            Some(other) if other.pair.is_some() => Some("that rule has a [rule.pair] itself"),
            Some(other) if other.block.is_some() => Some("keys of that rule are blocks"),
            Some(_) => None,
        };
        if let Some(problem) = problem {
            errors.push(RuleError {
                file: set.rules[index].file.clone(),
                line: Some(pair.at),
                rule: Some(set.rules[index].id.clone()),
                message: format!("there is no pair with `{}`: {problem}", pair.with),
            });
        } else if let (Some(other), Some(pair)) = (other, &mut set.rules[index].pair) {
            pair.rule = RuleIndex(other);
        }
    }
}
