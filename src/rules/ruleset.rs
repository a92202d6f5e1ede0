//! The loaded rules.

use std::ops::Index;

pub use keyside_exposure::Sdk;
use sha2::{Digest, Sha256};

use super::{Alphabet, Pattern, Template, Verify};
use crate::model::{Confidence, KeyClass, RuleIndex, Severity};

/// Who issues a kind of keys.
#[derive(Debug)]
pub struct Provider {
    /// Short name in kebab-case.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Its documentation on keys.
    pub url: String,
    /// Hosts of its API.
    pub hosts: Vec<String>,
    /// Words by which names of variables tell that they are about it, in upper case.
    pub words: Vec<String>,
    /// Paths of its API that only servers may call, for example to exchange a secret for a token.
    pub server_paths: Vec<String>,
    /// Packages with which programs talk to it.
    pub sdk: Vec<Sdk>,
}

/// One kind of key.
#[derive(Debug)]
pub struct Rule {
    /// Unique id in kebab-case.
    pub id: String,
    /// Index into [`Ruleset::providers`].
    pub provider: usize,
    /// The file it comes from.
    pub file: String,
    /// What the key is called.
    pub title: String,
    /// What its holder can do with it.
    pub description: String,
    /// Which side it may be on.
    pub class: KeyClass,
    /// How bad a leak is.
    pub severity: Severity,
    /// How bad a leak is that was found in history, if that differs.
    pub severity_in_history: Option<Severity>,
    /// How sure a match is.
    pub confidence: Confidence,
    /// Literal text, one of which every match holds.
    pub keywords: Vec<String>,
    /// What a key looks like.
    pub pattern: Pattern,
    /// Names of environment variables that hold such keys.
    pub env: Vec<String>,
    /// What a match must fulfil beyond the pattern.
    pub constraints: Constraints,
    /// What to do about a leak.
    pub remediation: Remediation,
    /// Text that must and must not be found.
    pub samples: Samples,
    /// How to ask the provider whether a key is live.
    pub verify: Option<Verify>,
    /// Whether the user wants its keys. Those of the others are recognised all the same, so that
    /// no report shows them.
    pub is_wanted: bool,
}

impl Rule {
    /// Whether its keys are findings.
    pub fn is_reported(&self) -> bool {
        self.is_wanted && self.class != KeyClass::Public
    }

    /// How bad a leak is, found in the history of a repository or in files as they are.
    pub fn severity_for(&self, in_history: bool) -> Severity {
        self.severity_in_history.filter(|_| in_history).unwrap_or(self.severity)
    }
}

/// What a match must fulfil beyond the pattern.
#[derive(Debug)]
pub struct Constraints {
    /// The characters of the body; a match that does not end their run is no key.
    pub alphabet: Option<Alphabet>,
    /// The same as written.
    pub alphabet_text: Option<String>,
    /// Least length of the body in bytes.
    pub min_length: Option<usize>,
    /// Greatest length of the body in bytes.
    pub max_length: Option<usize>,
    /// Whether the body is generated at random.
    pub random: bool,
    /// Whether a match right behind a letter, digit or `_` is part of a word.
    pub word_start: bool,
    /// Words that make a body a placeholder, in lower case.
    pub placeholders: Vec<String>,
    /// Keys of the provider's documentation.
    pub documented: Vec<Documented>,
}

/// A key of the provider's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Documented {
    /// As it is.
    Literal(String),
    /// By its SHA-256, where the key is well-shaped and must not be written down.
    Sha256([u8; 32]),
}

/// What to do about a leak.
#[derive(Debug)]
pub struct Remediation {
    /// One sentence or two.
    pub summary: String,
    /// Where a key is revoked.
    pub url: String,
    /// How often the provider wants keys to be changed, in days.
    pub rotation_days: Option<u32>,
}

/// Text that must and must not be found.
#[derive(Debug)]
pub struct Samples {
    /// Each gives exactly one match.
    pub matching: Vec<Sample>,
    /// None gives any.
    pub ignored: Vec<Sample>,
}

/// A sample and where it is written.
#[derive(Debug)]
pub struct Sample {
    /// The text.
    pub template: Template,
    /// 1-based line in the rule file.
    pub line: usize,
}

/// Rules that are searched for together.
#[derive(Debug)]
pub struct Ruleset {
    /// The providers, in the order of their files.
    pub providers: Vec<Provider>,
    /// The rules, in the order they were loaded.
    pub rules: Vec<Rule>,
    /// Up to so many encodings of each other keys are found in; 0 is none.
    pub decode_depth: usize,
}

impl Index<RuleIndex> for Ruleset {
    type Output = Rule;

    fn index(&self, rule: RuleIndex) -> &Rule {
        &self.rules[rule.0]
    }
}

/// How many encodings of each other keys are found in if nobody says another number. Each costs time,
/// for there are more words to look for.
pub const DEFAULT_DECODE_DEPTH: usize = 1;

/// The most encodings of each other that keys are found in.
pub const MAX_DECODE_DEPTH: usize = 2;

impl Ruleset {
    /// The provider of a rule.
    pub fn provider(&self, rule: &Rule) -> &Provider {
        &self.providers[rule.provider]
    }

    /// The rule with this id.
    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Stands for all that decides whether a text holds a key: the same for the same rules, and
    /// another for others or for another version of keyside.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(env!("CARGO_PKG_VERSION"));
        digest.update(self.decode_depth.to_le_bytes());
        for rule in &self.rules {
            let Rule { id, class, keywords, pattern, constraints, is_wanted, .. } = rule;
            let pattern = pattern.source();
            let all = format!("{:?}", (id, class, keywords, pattern, constraints, is_wanted));
            digest.update(all.len().to_le_bytes());
            digest.update(all);
        }
        digest.finalize().into()
    }

    /// The rules that the user wants.
    pub fn wanted(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.is_wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;

    #[test]
    fn only_what_expires_is_milder_in_history() {
        let rules = Ruleset::built_in();
        for (id, in_files, in_history) in [
            ("aimagicx-api-key", Severity::Error, Severity::Error),
            ("magicx-secret-key", Severity::Error, Severity::Error),
            ("magicx-access-token", Severity::Warning, Severity::Note),
        ] {
            let rule = rules.by_id(id).unwrap();
            assert_eq!(rule.severity_for(false), in_files, "{id}");
            assert_eq!(rule.severity_for(true), in_history, "{id}");
        }
    }

    #[test]
    fn the_id_of_a_provider_is_its_word_unless_it_names_others() {
        let text = RuleFile::built_in().remove(1).text;
        let text = text
            .replace("\"magicx\"", "\"ac-me\"")
            .replace("words = [\"MAGICX\", \"AI_AUTOCOMPLETE\"]\n", "");
        let rules = Ruleset::only(&[RuleFile { name: "acme.toml".to_owned(), text }]).unwrap();
        assert_eq!(rules.providers[0].words, ["AC_ME"]);
    }
}
