//! Loads rules from the binary, files and folders.

use std::ops::Range;
use std::path::Path;
use std::{fs, io};

use super::built_in::{BODIES, BUILT_IN, TABLES};
use super::compile;
use super::error::{RuleError, RuleErrors};
use super::ruleset::{DEFAULT_DECODE_DEPTH, Rule, Ruleset};
use super::table::FileTable;
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
        let (mut rest, mut bodies) = (TABLES, BODIES);
        while !rest.is_empty() {
            let (table, after): (FileTable, _) =
                postcard::take_from_bytes(rest).expect("`build.rs` has written the tables");
            bodies = compile::table(table, bodies, &mut set);
            rest = after;
        }
        set.compile(files)
    }

    /// The rules of the binary and of `files`, and of the files that were `found` those that can be
    /// used: no fault is in them, and `is_fit` has no objection. Also returns the faults of the others.
    ///
    /// # Errors
    /// All errors in `files`, and in the found files those that concern no rule.
    pub fn load_with_found(
        files: &[RuleFile],
        found: &[RuleFile],
        is_fit: &dyn Fn(&Rule) -> Result<(), String>,
    ) -> Result<(Self, Vec<RuleError>), RuleErrors> {
        let mut set = Self::load(files)?;
        let mut left_out = Vec::new();
        for file in found {
            let (count, before) = (set.rules.len(), left_out.len());
            let mut errors = Vec::new();
            let text = readable_rules(file, &mut left_out);
            if left_out.len() == before || has_rules(&text) {
                compile::file(&file.name, &text, &mut set, &mut errors);
            }
            let unfit: Vec<_> = set.rules[count..].iter().map(|rule| unfit(rule, is_fit)).collect();
            let mut is_fit = unfit.iter().map(Option::is_none);
            let mut nth = 0;
            set.rules.retain(|_| {
                nth += 1;
                nth <= count || is_fit.next().unwrap_or(true)
            });
            let (of_rules, of_file): (Vec<_>, Vec<_>) =
                errors.into_iter().partition(|error| error.rule.is_some());
            if !of_file.is_empty() {
                return Err(RuleErrors(of_file));
            }
            left_out.extend(of_rules.into_iter().chain(unfit.into_iter().flatten()));
        }
        // A rule whose pair is left out is left out, too.
        loop {
            let mut errors = Vec::new();
            resolve_pairs(&mut set, &mut errors);
            if errors.is_empty() {
                return Ok((set, left_out));
            }
            // A change may bring a rule of the same id.
            let is_bad = |rule: &Rule| {
                let is_of = |error: &RuleError| {
                    error.file == rule.file && error.rule.as_deref() == Some(rule.id.as_str())
                };
                !rule.is_built_in && errors.iter().any(is_of)
            };
            set.rules.retain(|rule| !is_bad(rule));
            left_out.extend(errors);
        }
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

/// The reason why a rule of a found file is not used.
fn unfit(rule: &Rule, is_fit: &dyn Fn(&Rule) -> Result<(), String>) -> Option<RuleError> {
    let message = is_fit(rule).err()?;
    let (file, rule) = (rule.file.clone(), Some(rule.id.clone()));
    Some(RuleError { file, line: None, rule, message })
}

/// The most rules of a file that are left out because they cannot even be read.
const MAX_UNREADABLE: usize = 16;

/// The text of a rule file without the rules that cannot be read, whose faults are added to `faults`. The
/// other lines keep their numbers.
fn readable_rules(file: &RuleFile, faults: &mut Vec<RuleError>) -> String {
    let mut text = file.text.clone();
    for _ in 0..MAX_UNREADABLE {
        let Some(error) = compile::syntax_fault(&file.name, &text) else { return text };
        let Some((line, _)) = error.line.zip(error.rule.as_ref()) else { break };
        let Some(range) = rule_around(&text, line) else { break };
        let blank: String = text[range.clone()].chars().filter(|c| *c == '\n').collect();
        text.replace_range(range, &blank);
        faults.push(error);
    }
    if compile::syntax_fault(&file.name, &text).is_none() { text } else { file.text.clone() }
}

/// The lines of the `[[rule]]` that a 1-based line is in.
fn rule_around(text: &str, line: usize) -> Option<Range<usize>> {
    let mut range: Option<Range<usize>> = None;
    let mut at = 0;
    for (number, own) in (1..).zip(text.split_inclusive('\n')) {
        if is_rule_header(own) {
            if number > line {
                break;
            }
            range = Some(at..at);
        }
        at += own.len();
        if let Some(range) = &mut range {
            range.end = at;
        }
    }
    range
}

fn has_rules(text: &str) -> bool {
    text.lines().any(is_rule_header)
}

fn is_rule_header(line: &str) -> bool {
    let name = line.trim().strip_prefix("[[").and_then(|rest| rest.split_once("]]"));
    name.is_some_and(|(name, _)| name.trim() == "rule")
}

/// Looks up the other rules of all pairs, once all files are loaded.
fn resolve_pairs(set: &mut Ruleset, errors: &mut Vec<RuleError>) {
    for index in 0..set.rules.len() {
        let Some(pair) = &set.rules[index].pair else { continue };
        // Those of the binary are known.
        if !pair.rules.is_empty() && set.rules[index].is_built_in {
            continue;
        }
        let mut found = Vec::new();
        for (id, line) in pair.with.iter().zip(&pair.at) {
            let other = set.rules.iter().position(|rule| rule.id == *id);
            let problem = match other.map(|other| &set.rules[other]) {
                None => Some("no rule has this id"),
                Some(other) if other.pair.is_some() => Some("that rule has a [rule.pair] itself"),
                Some(other) if other.is_block => Some("keys of that rule are blocks"),
                Some(_) => None,
            };
            found.extend(other.map(RuleIndex));
            if let Some(problem) = problem {
                errors.push(RuleError {
                    file: set.rules[index].file.clone(),
                    line: Some(*line),
                    rule: Some(set.rules[index].id.clone()),
                    message: format!("there is no pair with `{id}`: {problem}"),
                });
            }
        }
        if let Some(pair) = &mut set.rules[index].pair {
            pair.rules = found;
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

    /// Loads a found file, and returns the ids of its rules and the faults of those left out.
    fn found(text: &str) -> (Vec<String>, Vec<String>) {
        let file = RuleFile { name: "own.toml".to_owned(), text: text.to_owned() };
        let is_fit = |rule: &Rule| match rule.id.as_str() {
            "unfit" => Err("not wanted".to_owned()),
            _ => Ok(()),
        };
        let (set, faults) = Ruleset::load_with_found(&[], &[file], &is_fit).unwrap();
        let own = set.rules.iter().filter(|rule| rule.file == "own.toml");
        let faults = faults.iter().map(ToString::to_string);
        (own.map(|rule| rule.id.clone()).collect(), faults.collect())
    }

    #[test]
    fn of_a_found_file_only_the_bad_rules_are_left_out() {
        let good = |id: &str| format!("[[rule]]\nid = \"{id}\"\npattern = '{id}_[0-9a-f]{{32}}'\n");
        for (bad, fault) in [
            (good("unfit"), "rule `unfit`: not wanted"),
            (good("bad") + "foo = 1\n", "own.toml:7: rule `bad`: unknown field `foo`"),
            (good("bad") + "pattern = 'x'\n", "own.toml:7: rule `bad`: duplicate key"),
            (good("bad") + "severity = \"fatal\"\n", "own.toml:7: rule `bad`: "),
            (good("bad") + "title = \"open\n", "own.toml:7: rule `bad`: "),
            ("[[rule]]\nid = \"bad\"\npattern = '['\n".to_owned(), "own.toml:6: rule `bad`: "),
            (good("first"), "rule `first`: own.toml already has a rule with this id"),
            (
                good("pair").replace("pair_", "") + "pair = { with = \"gone\" }\n",
                "own.toml:7: rule `pair`: there is no pair with `gone`",
            ),
        ] {
            let (ids, faults) = found(&format!("{}{bad}{}", good("first"), good("last")));
            assert_eq!(ids, ["first", "last"], "{bad}");
            assert_eq!(faults.len(), 1, "{bad}: {faults:?}");
            assert!(faults[0].contains(fault), "{bad}: {faults:?}");
        }
        let (ids, faults) = found(&(good("bad") + "foo = 1\n"));
        assert_eq!((ids.len(), faults.len()), (0, 1));
        let file = RuleFile { name: "own.toml".to_owned(), text: "foo = 1\n".to_owned() };
        assert!(Ruleset::load_with_found(&[], &[file], &|_| Ok(())).is_err());
    }

    /// The tables of the binary say what its texts say.
    #[test]
    fn the_binary_holds_what_the_files_say() {
        let (own, read) = (Ruleset::built_in(), Ruleset::only(&RuleFile::built_in()).unwrap());
        for (own, read) in own.rules.iter().zip(&read.rules) {
            assert_eq!(own.as_text(), read.as_text());
        }
        let texts = |set: &Ruleset| format!("{:#?}", set.providers);
        assert_eq!(texts(&own), texts(&read));
        for (own, read) in own.rules.iter().zip(&read.rules) {
            let all = |rule: &Rule| {
                let texts = (&rule.id, &rule.file, &rule.title, &rule.description, &rule.env);
                let ranks = (rule.class, rule.severity, rule.severity_in_history, rule.confidence);
                let keys = (&rule.keywords, &rule.keyword_places, rule.is_built_in, &rule.verify);
                let samples = (&rule.samples.matching, &rule.samples.ignored);
                let pair = rule.pair.as_ref().map(|pair| (&pair.with, &pair.rules, &pair.at));
                let head = (rule.is_block, rule.begins_word, &rule.nearby, pair);
                let all = (texts, ranks, keys, samples, head);
                format!("{all:?} {:?}", rule.remediation)
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
