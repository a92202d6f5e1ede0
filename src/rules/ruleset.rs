//! The loaded rules.

use std::path::Path;
use std::{fs, io};

use super::compile::{self, Trust};
use super::{Alphabet, Pattern, RuleError, RuleErrors, Template, Verify};
use crate::model::{Confidence, KeyClass, Severity};

/// The rule files that are part of the binary: their names and texts.
pub const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));

/// The text of a rule file, and whose it is.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The file as the user named it.
    pub name: String,
    /// Its content.
    pub text: String,
}

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
    /// Packages with which programs talk to it.
    pub sdk: Vec<Sdk>,
}

/// A package with which programs talk to a provider.
#[derive(Debug)]
pub struct Sdk {
    /// Name of the package in its registry.
    pub package: String,
    /// Whether it runs in browsers and apps.
    pub client: bool,
    /// Property paths that take a key.
    pub key_properties: Vec<String>,
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
}

impl Ruleset {
    /// The rules of the binary.
    pub fn built_in() -> Self {
        Self::load(&[]).expect("the rule files of the binary are checked by a test")
    }

    /// The rules of the binary and of `files`, all checked.
    ///
    /// # Errors
    /// Every fault of `files`, each with file, line and rule.
    pub fn load(files: &[RuleFile]) -> Result<Self, RuleErrors> {
        let own = BUILT_IN.iter().map(|(name, text)| (*name, *text, Trust::BuiltIn));
        let given = files.iter().map(|f| (f.name.as_str(), f.text.as_str(), Trust::Checked));
        Self::compile(own.chain(given))
    }

    /// The rules of `files` alone, all checked.
    ///
    /// # Errors
    /// Every fault of `files`, each with file, line and rule.
    pub fn only(files: &[RuleFile]) -> Result<Self, RuleErrors> {
        Self::compile(files.iter().map(|f| (f.name.as_str(), f.text.as_str(), Trust::Checked)))
    }

    fn compile<'f>(
        files: impl Iterator<Item = (&'f str, &'f str, Trust)>,
    ) -> Result<Self, RuleErrors> {
        let mut set = Self { providers: Vec::new(), rules: Vec::new() };
        let mut errors = Vec::new();
        for (name, text, trust) in files {
            compile::file(name, text, trust, &mut set, &mut errors);
        }
        if errors.is_empty() { Ok(set) } else { Err(RuleErrors(errors)) }
    }

    /// The provider of a rule.
    pub fn provider(&self, rule: &Rule) -> &Provider {
        &self.providers[rule.provider]
    }

    /// The rule with this id.
    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The rules that the user wants.
    pub fn wanted(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.is_wanted)
    }
}

impl RuleFile {
    /// Reads a rule file, or every `*.toml` in a folder, in the order of their names.
    ///
    /// # Errors
    /// A path that cannot be read, a text that is no UTF-8, or a folder without a rule file.
    pub fn read(path: &Path) -> Result<Vec<Self>, RuleError> {
        let fault = |path: &Path, message: String| RuleError {
            file: path.display().to_string(),
            line: None,
            rule: None,
            message,
        };
        let unreadable =
            |path: &Path, error: io::Error| fault(path, format!("cannot be read: {error}"));
        if !path.is_dir() {
            let text = fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
            return Ok(vec![Self { name: path.display().to_string(), text }]);
        }
        let mut paths = Vec::new();
        for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
            let file = entry.map_err(|error| unreadable(path, error))?.path();
            if file.extension().is_some_and(|extension| extension == "toml") {
                paths.push(file);
            }
        }
        if paths.is_empty() {
            return Err(fault(path, "the folder holds no *.toml".to_owned()));
        }
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            files.extend(Self::read(&path)?);
        }
        Ok(files)
    }
}
