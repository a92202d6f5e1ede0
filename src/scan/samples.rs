//! Checks rules against their own samples.

use super::scanner::KeyScanner;
use crate::model::RuleIndex;
use crate::rules::{Rng, Rule, Ruleset, Sample};
use crate::source::Chunk;

/// Number of keys that are generated for each sample; always the same ones.
const SEEDS: u64 = 8;

/// A sample with an unexpected result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFailure {
    /// The rule's id.
    pub rule: String,
    /// The file it is in.
    pub file: String,
    /// 1-based line of the sample.
    pub line: usize,
    /// The expected and the actual result.
    pub message: String,
}

/// Runs the samples of every rule through the whole scanner, those of experimental rules with all rules
/// on, as all are afterwards. Returns their number and those that failed.
pub fn check_samples(rules: &mut Ruleset) -> (usize, Vec<SampleFailure>) {
    let mut count = 0;
    let mut failures = Vec::new();
    for is_experimental in [false, true] {
        for rule in &mut rules.rules {
            rule.is_wanted |= is_experimental;
        }
        let scanner = KeyScanner::new(rules);
        for rule in rules.rules.iter().filter(|rule| rule.is_experimental == is_experimental) {
            for (samples, expected) in [(&rule.samples.matching, 1), (&rule.samples.ignored, 0)] {
                for sample in samples {
                    count += 1;
                    failures.extend(check(&scanner, rule, sample, expected));
                }
            }
        }
    }
    (count, failures)
}

fn check(
    scanner: &KeyScanner<'_>,
    rule: &Rule,
    sample: &Sample,
    expected: usize,
) -> Option<SampleFailure> {
    let seeds = if sample.template.is_generated() { SEEDS } else { 1 };
    (0..seeds).find_map(|seed| {
        let text = rule.fill(&sample.template, &mut Rng::new(seed));
        let matches = if rule.is_only_paired {
            let index = scanner.rules().rules.iter().position(|own| own.id == rule.id)?;
            scanner.count(text.as_bytes(), RuleIndex(index))
        } else {
            let found = scanner.find(&Chunk::whole(text.as_bytes()));
            found.keys.iter().filter(|key| key.rule.id == rule.id).count()
        };
        (matches != expected).then(|| SampleFailure {
            rule: rule.id.clone(),
            file: rule.file.clone(),
            line: sample.line,
            message: format!("must give {expected} match(es), gave {matches}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;

    /// Start-up relies on this: every check of user rules, and every sample.
    #[test]
    fn the_built_in_rules_pass_their_samples() {
        let mut rules =
            Ruleset::only(&RuleFile::built_in()).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(rules.rules.len(), Ruleset::built_in().rules.len());
        let (count, failures) = check_samples(&mut rules);
        assert!(count > 40, "{count}");
        assert_eq!(failures, []);
    }
}
