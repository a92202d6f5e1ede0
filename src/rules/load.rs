//! Loads rules from the binary, files and folders.

use std::path::Path;
use std::{fs, io};

use super::built_in::{BUILT_IN, TABLES};
use super::compile;
use super::error::{RuleError, RuleErrors};
use super::ruleset::{DEFAULT_DECODE_DEPTH, Ruleset};
use super::table::RuleTable;
use crate::model::{RuleIndex, SettingsTextError, read_settings};

/// The largest rule file, in bytes; a device may be endless.
const MAX_SIZE: u64 = 64 << 20;

/// The name and text of a rule file.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The file as named by the user.
    pub name: String,
    /// Its content.
    pub text: String,
}

impl Ruleset {
    /// The rules of the binary.
    pub fn built_in() -> Self {
        Self::load(&[]).expect("the rule files of the binary are checked by a test")
    }

    /// The rules of the binary and of `files`.
    ///
    /// # Errors
    /// All errors in `files`, each with file, line and rule.
    pub fn load(files: &[RuleFile]) -> Result<Self, RuleErrors> {
        let mut set = Self::empty();
        set.providers.reserve(BUILT_IN.len());
        // Rules are large, and most files have two or three.
        set.rules.reserve(3 * BUILT_IN.len());
        // One after the other, so that no more than one is in memory twice.
        let mut rest = TABLES;
        while !rest.is_empty() {
            let (table, after): (RuleTable<'static>, _) =
                postcard::take_from_bytes(rest).expect("`build.rs` has written the tables");
            compile::table(table, &mut set);
            rest = after;
        }
        set.compile(files)
    }

    /// Only the rules of `files`.
    ///
    /// # Errors
    /// All errors in `files`, each with file, line and rule.
    pub fn only(files: &[RuleFile]) -> Result<Self, RuleErrors> {
        Self::empty().compile(files)
    }

    fn empty() -> Self {
        Self { providers: Vec::new(), rules: Vec::new(), decode_depth: DEFAULT_DECODE_DEPTH }
    }

    fn compile(mut self, files: &[RuleFile]) -> Result<Self, RuleErrors> {
        let mut errors = Vec::new();
        for RuleFile { name, text } in files {
            compile::file(name, text, &mut self, &mut errors);
        }
        resolve_pairs(&mut self, &mut errors);
        if errors.is_empty() { Ok(self) } else { Err(RuleErrors(errors)) }
    }
}

/// Looks up the other rules of all pairs, once all files are loaded.
fn resolve_pairs(set: &mut Ruleset, errors: &mut Vec<RuleError>) {
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

impl RuleFile {
    /// The rule files that are part of the binary.
    pub fn built_in() -> Vec<Self> {
        let file =
            |&(name, text): &(&str, &str)| Self { name: name.to_owned(), text: text.to_owned() };
        BUILT_IN.iter().map(file).collect()
    }

    /// Reads a rule file, or every `*.toml` in a folder, ordered by name.
    ///
    /// # Errors
    /// A path that cannot be read, a text that is neither UTF-8 nor UTF-16, or a folder without rule files.
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
            let text = read_settings(path, MAX_SIZE).map_err(|error| {
                let line = match error {
                    SettingsTextError::Text { line, .. } => Some(line),
                    SettingsTextError::Read(_) | SettingsTextError::TooLarge(_) => None,
                };
                RuleError { line, ..fault(path, error.to_string()) }
            })?;
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
            return Err(fault(path, "the folder contains no *.toml".to_owned()));
        }
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            files.extend(Self::read(&path)?);
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::syntax::RawRuleFile;

    /// The tables of the binary say what its texts say.
    #[test]
    fn the_binary_holds_what_the_files_say() {
        let (own, read) = (Ruleset::built_in(), Ruleset::only(&RuleFile::built_in()).unwrap());
        assert_eq!(own.digest(), read.digest());
        let texts = |set: &Ruleset| format!("{:#?}", set.providers);
        assert_eq!(texts(&own), texts(&read));
        for (own, read) in own.rules.iter().zip(&read.rules) {
            let all = |rule: &crate::rules::Rule| {
                let texts = (&rule.id, &rule.file, &rule.title, &rule.description, &rule.env);
                let ranks = (rule.class, rule.severity, rule.severity_in_history, rule.confidence);
                let keys = (&rule.keywords, &rule.in_run, rule.is_built_in, &rule.verify);
                let samples = (&rule.samples.matching, &rule.samples.ignored);
                format!("{texts:?} {ranks:?} {keys:?} {samples:?} {:?}", rule.remediation)
            };
            assert_eq!(all(own), all(read), "{}", own.id);
        }
    }

    /// A user's rule needs an id and a pattern; one of the binary says everything.
    #[test]
    fn built_in_rules_leave_nothing_out() {
        for (name, text) in BUILT_IN {
            let file: RawRuleFile = toml::from_str(text).unwrap();
            assert!(file.provider.is_some(), "{name}: no [provider]");
            for rule in file.rules {
                let id = rule.id.get_ref();
                for (field, is_there) in [
                    ("title", rule.title.is_some()),
                    ("description", rule.description.is_some()),
                    ("class", rule.class.is_some()),
                    ("severity", rule.severity.is_some()),
                    ("confidence", rule.confidence.is_some()),
                    (
                        "keywords",
                        !rule.keywords.is_empty()
                            || rule.nearby.is_some()
                            || rule.pair.is_some()
                            || rule.block.is_some(),
                    ),
                    ("remediation", rule.remediation.is_some()),
                    ("samples", rule.samples.is_some()),
                ] {
                    assert!(is_there, "{name}: rule `{id}` has no {field}");
                }
            }
        }
    }
}
