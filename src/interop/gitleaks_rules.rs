//! Converts rules of gitleaks and checks the results.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::fmt;

use super::gitleaks::{Allowlist, GitleaksRule};
use super::go_regex::{Converted, convert};
use super::sample::sample;
use super::text::kebab;
use crate::model::Secret;
use crate::rules::{Rng, Rule, RuleFile, Ruleset, SUMMARY, Template};
use crate::scan::{KeyScanner, check_samples};
use crate::source::Chunk;

/// The file name of imported rules.
pub const RULE_FILE: &str = "gitleaks-rules.toml";

/// The longest description that serves as a title.
const MAX_TITLE: usize = 60;

/// The longest text of a rule, in bytes.
const MAX_TEXT: usize = 1024;

/// Keys generated to try the randomness test on a rule, and how many of them it may miss. It misses
/// one in 2,500 uniformly random keys.
const TRIES: u64 = 64;

const MISSES: usize = 1;

/// The address in imported rules, as gitleaks does not say where keys are revoked.
const URL: &str = "https://github.com/gitleaks/gitleaks";

/// Converts rules and checks the results.
pub(super) struct RuleBuilder {
    /// The beginning of the rule file.
    pub(super) header: String,
    built_in: Ruleset,
}

impl RuleBuilder {
    pub(super) fn new(file: &str) -> Self {
        let stem = kebab(file.rsplit(['/', '\\']).next().unwrap_or_default());
        let stem = stem.trim_end_matches("toml").trim_matches('-');
        let id = match stem.strip_prefix("gitleaks").unwrap_or(stem).trim_matches('-') {
            "" => "gitleaks".to_owned(),
            rest => format!("gitleaks-{rest}"),
        };
        let built_in = Ruleset::built_in();
        let name = KeyScanner::new(&built_in).masked_text(file);
        let header = format!(
            "# Written by `keyside import`. The original has no class, severity, confidence or advice:\n\
             # these are the same in all rules, and yours to change.\n\n[provider]\n\
             id = {}\nname = {}\nurl = {}\nwords = []\n",
            quoted(&id),
            quoted(&format!("imported from {name}")),
            quoted(URL),
        );
        Self { header, built_in }
    }

    /// Converts a rule of gitleaks into one or more rules.
    pub(super) fn rules<'d>(
        &self,
        original: &'d GitleaksRule,
        lists: &[Allowlist],
    ) -> Result<Vec<ImportedRule<'d>>, String> {
        let patterns = convert(&original.regex, original.secret_group)?;
        let mut rules = Vec::new();
        for (number, pattern) in (1..).zip(patterns) {
            let id = match number {
                1 => original.id.clone(),
                _ => format!("{}-{number}", original.id),
            };
            if self.built_in.by_id(&id).is_some() {
                return Err("keyside has a rule with this id".to_owned());
            }
            let rule = self.rule(original, id, pattern, lists)?;
            // An expression may contain a whole key.
            let text = rule.to_string();
            if !KeyScanner::new(&self.built_in).find(&Chunk::whole(text.as_bytes())).keys.is_empty()
            {
                return Err("it contains a key".to_owned());
            }
            rules.push(rule);
        }
        Ok(rules)
    }

    fn rule<'d>(
        &self,
        original: &'d GitleaksRule,
        id: String,
        pattern: Converted,
        lists: &[Allowlist],
    ) -> Result<ImportedRule<'d>, String> {
        let sample = sample(&pattern.hir).ok_or("its pattern gives no sample")?;
        let mut rule = ImportedRule {
            original,
            id,
            pattern,
            sample,
            is_random: original.has_entropy,
            placeholders: Vec::new(),
            documented: Vec::new(),
            allowed: Vec::new(),
            left_out: Vec::new(),
            begins_with_keyword: true,
        };
        let mut checked = self.check(&rule);
        let passes = |rules: &Ruleset| finds_enough(rules, &rule.sample);
        if rule.is_random && !checked.as_ref().is_ok_and(passes) {
            // Short keys, and keys made of several parts, fail the randomness test.
            rule.is_random = false;
            checked = self.check(&rule);
        }
        let checked = checked?;
        let applies =
            |list: &&Allowlist| list.targets.is_empty() || list.targets.contains(&original.id);
        let lists = original.lists.iter().chain(lists.iter().filter(applies));
        let known = checked.by_id(&rule.id).expect("the rule has just been checked");
        rule.begins_with_keyword = known.keyword_places.at_start;
        let scanner = LazyCell::new(|| KeyScanner::new(&self.built_in));
        let has_key = |text: &str| !scanner.find(&Chunk::whole(text.as_bytes())).keys.is_empty();
        let mut allowed = Vec::new();
        for list in lists {
            rule.documented.extend(list.whole.iter().map(|key| hash(key)));
            for word in &list.words {
                let keywords = &rule.pattern.keywords;
                if is_key(known, word) {
                    rule.documented.push(hash(word));
                } else if keywords.iter().any(|keyword| word.contains(&**keyword)) {
                    // Placeholders concern what follows a key's fixed beginning.
                    let expression = format!("(?i){}", regex_syntax::escape(word));
                    allowed.push((original.at, expression));
                } else {
                    rule.placeholders.push(word.clone());
                }
            }
            for (at, expression) in &list.allowed {
                if is_key(known, expression) {
                    rule.documented.push(hash(expression));
                } else if has_key(expression) {
                    rule.left_out.push((*at, "it contains a key"));
                } else {
                    allowed.push((*at, expression.clone()));
                }
            }
        }
        for list in [&mut rule.placeholders, &mut rule.documented] {
            let mut seen = HashSet::new();
            list.retain(|own| seen.insert(own.clone()));
        }
        let mut seen = HashSet::new();
        allowed.retain(|(_, own)| seen.insert(own.clone()));
        if !allowed.is_empty() || !rule.placeholders.is_empty() || !rule.documented.is_empty() {
            rule.allowed = allowed.iter().map(|(_, own)| own.clone()).collect();
            if self.check(&rule).is_err() {
                self.leave_out(&mut rule, allowed)?;
            }
        }
        Ok(rule)
    }

    /// Leaves out the allowed expressions with which a rule does not find its own sample.
    fn leave_out(
        &self,
        rule: &mut ImportedRule<'_>,
        allowed: Vec<(usize, String)>,
    ) -> Result<(), String> {
        rule.allowed.clear();
        self.check(rule)?;
        let mut kept = Vec::new();
        for (at, expression) in allowed {
            rule.allowed = vec![expression];
            match self.check(rule) {
                Ok(_) => kept.append(&mut rule.allowed),
                Err(_) => rule.left_out.push((at, "it allows keys drawn at random")),
            }
        }
        rule.allowed = kept;
        Ok(())
    }

    /// Loads a rule like a user's rule, and runs it on its sample.
    fn check(&self, rule: &ImportedRule<'_>) -> Result<Ruleset, String> {
        let text = format!("{}{rule}", self.header);
        let file = RuleFile { name: RULE_FILE.to_owned(), text };
        let mut rules = Ruleset::only(&[file]).map_err(|errors| {
            errors.0.into_iter().next().map(|error| error.message).unwrap_or_default()
        })?;
        match check_samples(&mut rules).1.first() {
            None => Ok(rules),
            Some(_) => Err("it does not find the sample made from its pattern".to_owned()),
        }
    }
}

/// True if the rules find nearly all keys generated from a sample.
fn finds_enough(rules: &Ruleset, sample: &str) -> bool {
    let Ok(template) = Template::parse(sample) else { return false };
    let scanner = KeyScanner::new(rules);
    let is_missed = |seed: &u64| {
        let text = template.fill(&mut Rng::new(*seed));
        scanner.find(&Chunk::whole(text.as_bytes())).keys.is_empty()
    };
    (0..TRIES).filter(is_missed).nth(MISSES).is_none()
}

/// A key as a rule file names it without writing it down.
fn hash(key: &str) -> String {
    let hash = Secret::new(key.as_bytes(), 0).sha256();
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// True if a text is a whole key of the rule.
fn is_key(rule: &Rule, text: &str) -> bool {
    let matcher = rule.pattern.matcher();
    let found = matcher.regex.captures(text.as_bytes());
    found.is_some_and(|found| matcher.parts(&found, 0).secret == (0..text.len()))
}

/// A rule of keyside, converted from one of gitleaks.
pub(super) struct ImportedRule<'r> {
    original: &'r GitleaksRule,
    pub(super) id: String,
    pattern: Converted,
    sample: String,
    pub(super) is_random: bool,
    /// False if the scanned tree's own configuration cannot bring the rule.
    pub(super) begins_with_keyword: bool,
    placeholders: Vec<String>,
    documented: Vec<String>,
    allowed: Vec<String>,
    /// The places of allowed expressions that cannot be written down.
    pub(super) left_out: Vec<(usize, &'static str)>,
}

impl fmt::Display for ImportedRule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Converted { source, keywords, bound, is_whole, .. } = &self.pattern;
        writeln!(f, "\n[[rule]]\nid = {}", quoted(&self.id))?;
        let description = printable(&self.original.description);
        let is_short = (1..=MAX_TITLE).contains(&description.len());
        let words = self.id.replace('-', " ");
        let title = if is_short { &description } else { &words };
        writeln!(f, "title = {}", quoted(title))?;
        let description = if description.is_empty() { title } else { &description };
        writeln!(f, "description = {}", quoted(description))?;
        f.write_str("class = \"secret\"\nseverity = \"error\"\nconfidence = \"medium\"\n")?;
        // As in gitleaks, where the id says it: the key of another rule is that rule's.
        if self.original.id.contains("generic") {
            f.write_str("generic = true\n")?;
        }
        let asked = &self.original.keywords;
        if !asked.is_empty() && !keywords.iter().all(|word| is_asked(word, asked)) {
            f.write_str(
                "# gitleaks looks for its keyword anywhere in the file, keyside for one in the match.\n",
            )?;
        }
        let words: Vec<_> = keywords.iter().map(|word| quoted(word)).collect();
        writeln!(f, "keywords = [{}]", words.join(", "))?;
        if let Some(bound) = bound {
            writeln!(f, "# Unbounded repetitions stop at {bound}; a longer key is cut or missed.")?;
        }
        if *is_whole {
            f.write_str(
                "# The key is the whole match; for gitleaks it is the last repeated piece.\n",
            )?;
        }
        writeln!(f, "pattern = {}", quoted(source))?;
        writeln!(f, "\n[rule.constraints]\nrandom = {}\nword-start = false", self.is_random)?;
        for (name, words) in [
            ("placeholders", &self.placeholders),
            ("documented", &self.documented),
            ("allowed", &self.allowed),
        ] {
            if !words.is_empty() {
                let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
                writeln!(f, "{name} = [{}]", words.join(", "))?;
            }
        }
        writeln!(f, "\n[rule.remediation]\nsummary = {}\nurl = {}", quoted(SUMMARY), quoted(URL))?;
        // A keyword alone is not a key; if it were, the check of the sample would fail.
        let ignored = keywords.first().map_or("", String::as_str);
        let (sample, ignored) = (quoted(&self.sample), quoted(ignored));
        writeln!(f, "\n[rule.samples]\nmatch = [{sample}]\nignore = [{ignored}]")
    }
}

/// True if a text with this word also contains one of gitleaks' keywords.
fn is_asked(word: &str, asked: &[String]) -> bool {
    let word = word.to_ascii_lowercase();
    asked
        .iter()
        .map(|own| own.to_ascii_lowercase())
        .any(|own| word.contains(&own) || own.contains(&word))
}

/// A description without control characters, cut to the longest text of a rule.
fn printable(text: &str) -> String {
    let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut words = words.trim().to_owned();
    while words.len() > MAX_TEXT {
        words.pop();
    }
    words
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
