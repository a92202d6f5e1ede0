//! Converts a gitleaks configuration into a rule file.
//!
//! A rule is imported only if it passes keyside's checks and finds its own sample. Facts that gitleaks
//! does not have (class, severity, what to do) are the same in all imported rules.

use std::collections::BTreeSet;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{HirKind, Look};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::error::{ImportError, ImportWarning};
use super::format::ImportFormat;
use super::gitleaks::{Allowlist, GitleaksConfig, GitleaksRule, MIN_WORD};
use super::gitleaks_rules::{ImportedRule, RuleBuilder};
use super::go_regex;
use super::path_globs::excluded;
use super::text::{kebab, line_of};
use crate::rules::AllowedText;

/// Settings of gitleaks at the top, in a rule and in an allowlist.
const TOP: &[&str] =
    &["title", "description", "extend", "rules", "allowlist", "allowlists", "minVersion"];
const OF_RULE: &[&str] = &[
    "id",
    "description",
    "regex",
    "secretGroup",
    "entropy",
    "keywords",
    "path",
    "tags",
    "allowlist",
    "allowlists",
    "required",
    "skipReport",
];
const OF_LIST: &[&str] = &[
    "description",
    "condition",
    "commits",
    "paths",
    "regexTarget",
    "regexes",
    "stopwords",
    "targetRules",
];

/// A converted configuration.
#[derive(Debug)]
pub struct ImportedConfig {
    /// The text of a rule file, if there are rules.
    pub rules: Option<String>,
    /// Patterns of excluded paths.
    pub excluded: Vec<String>,
    /// Summaries of the conversion, one sentence each.
    pub done: Vec<String>,
    /// Warnings on what was left out or changed.
    pub warnings: Vec<ImportWarning>,
}

/// True if a text may be a gitleaks configuration.
pub(super) fn is_config(text: &str) -> bool {
    let Ok(table) = DeTable::parse(text) else { return false };
    let is_table = |value: &DeValue<'_>| {
        let has_tables = |all: &DeArray<'_>| all.iter().any(|own| own.get_ref().is_table());
        value.is_table() || value.as_array().is_some_and(has_tables)
    };
    ["rules", "extend", "allowlist", "allowlists"]
        .iter()
        .filter_map(|key| get(table.get_ref(), key))
        .any(|value| is_table(value.get_ref()))
}

/// True if a text is not valid TOML.
pub(super) fn is_broken(text: &str) -> bool {
    DeTable::parse(text).is_err()
}

/// Converts the configuration `file`.
///
/// # Errors
/// A text that is not TOML.
pub fn config(file: &str, text: &str) -> Result<ImportedConfig, ImportError> {
    let table = DeTable::parse(text).map_err(|error| ImportError::Syntax {
        file: file.to_owned(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        kind: ImportFormat::GitleaksConfig,
        message: error.message().replace('\n', "; "),
    })?;
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    let mut reading = ConfigReader { file, lines, warnings: Vec::new() };
    let found = reading.top(table.get_ref());
    Ok(reading.finish(found))
}

/// The value of a key; gitleaks ignores its case.
fn get<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table.iter().find_map(|(own, value)| own.get_ref().eq_ignore_ascii_case(key).then_some(value))
}

/// Reads a configuration and collects warnings.
struct ConfigReader<'f> {
    file: &'f str,
    /// The offsets of its line ends.
    lines: Vec<usize>,
    warnings: Vec<ImportWarning>,
}

impl ConfigReader<'_> {
    fn warn(&mut self, at: usize, message: String, is_left_out: bool) {
        let place = self.place(at);
        self.warnings.push(ImportWarning { place, message, is_left_out });
    }

    fn left_out(&mut self, at: usize, message: impl Into<String>) {
        self.warn(at, message.into(), true);
    }

    fn place(&self, at: usize) -> String {
        format!("{}:{}", self.file, 1 + self.lines.partition_point(|&end| end < at))
    }

    fn text_of(&mut self, table: &DeTable<'_>, key: &str) -> Option<Spanned<String>> {
        let value = get(table, key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(value.span(), text.clone().into_owned())),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.left_out(value.span().start, format!("`{key}` is not a text"));
                None
            }
        }
    }

    fn texts_of(&mut self, table: &DeTable<'_>, key: &str) -> Vec<Spanned<String>> {
        let Some(value) = get(table, key) else { return Vec::new() };
        let mut texts = Vec::new();
        for one in value.get_ref().as_array().map(|all| all.iter()).into_iter().flatten() {
            match one.get_ref().as_str() {
                Some(text) => texts.push(Spanned::new(one.span(), text.to_owned())),
                None => self.left_out(
                    one.span().start,
                    format!("`{key}` contains a value that is not a text"),
                ),
            }
        }
        if !value.get_ref().is_array() {
            self.left_out(value.span().start, format!("`{key}` is not a list"));
        }
        texts
    }

    /// The tables of keys that hold one or several each.
    fn tables<'t, 'i>(
        &self,
        table: &'t DeTable<'i>,
        keys: &[&str],
    ) -> Vec<(usize, &'t DeTable<'i>)> {
        let values = keys.iter().filter_map(|key| get(table, key));
        let mut tables = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::Table(own) => tables.push((value.span().start, own)),
                DeValue::Array(all) => tables.extend(all.iter().filter_map(|own| {
                    own.get_ref().as_table().map(|table| (own.span().start, table))
                })),
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_) => {}
            }
        }
        tables
    }

    fn unknown(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys() {
            if !known.iter().any(|own| own.eq_ignore_ascii_case(key.get_ref())) {
                self.left_out(key.span().start, "gitleaks has no such setting");
            }
        }
    }

    fn top(&mut self, table: &DeTable<'_>) -> GitleaksConfig {
        self.unknown(table, TOP);
        for (at, extend) in self.tables(table, &["extend"]) {
            let is_on = |key: &str| {
                get(extend, key).is_some_and(|own| own.get_ref().as_bool() == Some(true))
            };
            if is_on("useDefault") {
                self.left_out(
                    at,
                    "`useDefault` is left out: keyside has its own rules; to get those of gitleaks, \
                     import its config/gitleaks.toml",
                );
            }
            if get(extend, "path").or_else(|| get(extend, "url")).is_some() {
                self.left_out(at, "the extended file is not read: import it separately");
            }
            if get(extend, "disabledRules").is_some() {
                self.left_out(at, "`disabledRules` is left out: it concerns the extended rules");
            }
        }
        let mut config = GitleaksConfig::default();
        for (at, list) in self.tables(table, &["allowlist", "allowlists"]) {
            let (list, paths) = self.list(at, list, true);
            config.paths.extend(paths);
            config.lists.extend(list);
        }
        let mut seen = BTreeSet::new();
        let rules = self.tables(table, &["rules"]);
        if let Some((at, _)) = rules.iter().find(|(_, rule)| get(rule, "tags").is_some()) {
            self.warn(*at, "tags are dropped: keyside's rules have none".to_owned(), false);
        }
        for (at, rule) in rules {
            config.all_rules += 1;
            let Some(rule) = self.rule(at, rule) else { continue };
            if seen.insert(rule.id.clone()) {
                config.rules.push(rule);
            } else {
                self.left_out(at, format!("rule `{}` is left out: duplicate id", rule.id));
            }
        }
        config
    }

    /// Reads an allowlist: the part for rules, and the paths with their places.
    fn list(
        &mut self,
        at: usize,
        table: &DeTable<'_>,
        is_global: bool,
    ) -> (Option<Allowlist>, Vec<(String, String)>) {
        self.unknown(table, OF_LIST);
        let targets = self.texts_of(table, "targetRules").into_iter();
        let targets: Vec<_> = targets.map(|own| kebab(own.get_ref())).collect();
        let checks = ["commits", "paths", "regexes", "stopwords"];
        let count = checks.iter().filter(|key| get(table, key).is_some()).count();
        let condition = self.text_of(table, "condition");
        let is_and =
            condition.is_some_and(|own| ["AND", "&&"].contains(&&*own.get_ref().to_uppercase()));
        if is_and && count > 1 {
            self.left_out(
                at,
                "the allowlist is left out: keyside cannot require several conditions at once",
            );
            return (None, Vec::new());
        }
        if let Some(commits) = get(table, "commits") {
            self.left_out(
                commits.span().start,
                "`commits` is left out: keyside accepts findings by id, not by commit",
            );
        }
        let paths = self.texts_of(table, "paths");
        let mut excluded = Vec::new();
        if is_global && targets.is_empty() {
            let with_place =
                |own: Spanned<String>| (self.place(own.span().start), own.into_inner());
            excluded = paths.into_iter().map(with_place).collect();
        } else if let Some(first) = paths.first() {
            self.left_out(
                first.span().start,
                "`paths` is left out: keyside excludes paths for all rules, or findings by id",
            );
        }
        let target = self.text_of(table, "regexTarget");
        let is_of_secret = target.is_none_or(|own| ["", "secret"].contains(&&**own.get_ref()));
        let mut words = Vec::new();
        for own in self.texts_of(table, "stopwords") {
            if own.get_ref().len() >= MIN_WORD {
                words.push(own.into_inner());
            } else {
                let message = format!("a stopword shorter than {MIN_WORD} bytes is left out");
                self.left_out(own.span().start, message);
            }
        }
        let (mut whole, mut allowed) = (Vec::new(), Vec::new());
        for own in self.texts_of(table, "regexes") {
            let at = own.span().start;
            if !is_of_secret {
                let why = "keyside compares it with keys, not with their match or line";
                self.left_out(at, format!("the allowed expression is left out: {why}"));
            } else if let Some(text) = whole_text(own.get_ref()) {
                whole.push(text);
            } else {
                match go_regex::allowed(own.get_ref()).and_then(checked) {
                    Ok(expression) => allowed.push((at, expression)),
                    Err(why) => {
                        self.left_out(at, format!("the allowed expression is left out: {why}"));
                    }
                }
            }
        }
        (Some(Allowlist { targets, words, whole, allowed }), excluded)
    }

    fn rule(&mut self, at: usize, table: &DeTable<'_>) -> Option<GitleaksRule> {
        let written = self.text_of(table, "id").map(Spanned::into_inner).unwrap_or_default();
        let mut id = kebab(&written);
        if id.is_empty() {
            self.left_out(at, "a rule without an id is left out");
            return None;
        }
        if !id.starts_with(|c: char| c.is_ascii_lowercase()) {
            id = format!("gitleaks-{id}");
        }
        if id != written {
            self.warn(at, format!("rule `{id}`: the id was changed to this"), false);
        }
        self.unknown(table, OF_RULE);
        let why = if get(table, "path").is_some() {
            Some("it applies to some paths only, and keyside's rules apply to all")
        } else if get(table, "regex").is_none() {
            Some("it has no `regex`, as it changes a rule of another file")
        } else if get(table, "required").is_some() {
            Some("it depends on findings of other rules")
        } else if get(table, "skipReport").is_some_and(|own| own.get_ref().as_bool() == Some(true))
        {
            Some("it reports nothing on its own")
        } else {
            None
        };
        if let Some(why) = why {
            self.left_out(at, format!("rule `{id}` is left out: {why}"));
            return None;
        }
        let regex = self.text_of(table, "regex")?.into_inner();
        let number = |key: &str| -> Option<f64> {
            match get(table, key)?.get_ref() {
                DeValue::Integer(own) => own.as_str().parse().ok(),
                DeValue::Float(own) => own.as_str().parse().ok(),
                DeValue::String(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_)
                | DeValue::Table(_) => None,
            }
        };
        let secret_group = number("secretGroup").unwrap_or(0.0) as u32;
        let has_entropy = number("entropy").is_some_and(|entropy| entropy > 0.0);
        let lists = self.tables(table, &["allowlist", "allowlists"]).into_iter();
        let lists = lists.filter_map(|(at, list)| self.list(at, list, false).0).collect();
        Some(GitleaksRule {
            at,
            id,
            description: self
                .text_of(table, "description")
                .map(Spanned::into_inner)
                .unwrap_or_default(),
            regex,
            secret_group,
            has_entropy,
            keywords: self
                .texts_of(table, "keywords")
                .into_iter()
                .map(Spanned::into_inner)
                .collect(),
            lists,
        })
    }

    /// Converts the configuration.
    fn finish(mut self, config: GitleaksConfig) -> ImportedConfig {
        let builder = RuleBuilder::new(self.file);
        let mut text = builder.header.clone();
        let (mut taken, mut made, mut random) = (0, 0, 0);
        for rule in &config.rules {
            let GitleaksRule { at, id, .. } = rule;
            match builder.rules(rule, &config.lists) {
                Ok(rules) => {
                    if rules.len() > 1 {
                        let message = format!(
                            "rule `{id}` becomes {} rules: each branch of its pattern has its own key",
                            rules.len()
                        );
                        self.warn(*at, message, false);
                    }
                    taken += 1;
                    made += rules.len();
                    random += rules.iter().filter(|rule| rule.is_random).count();
                    for rule in &rules {
                        for (at, why) in &rule.left_out {
                            let message =
                                format!("rule `{id}`: the allowed expression is left out: {why}");
                            self.left_out(*at, message);
                        }
                        if !rule.begins_with_keyword {
                            let message = format!(
                                "rule `{}` counts only where its file is named with --rules or \
                                 --config: its pattern does not begin with its keyword",
                                rule.id
                            );
                            self.warn(*at, message, false);
                        }
                    }
                    text.extend(rules.iter().map(ImportedRule::to_string));
                }
                Err(why) => self.left_out(*at, format!("rule `{id}` is left out: {why}")),
            }
        }
        let excluded = excluded(&config.paths, &mut self.warnings);
        let mut done = Vec::new();
        if config.all_rules > 0 {
            done.push(format!("{taken} of {} rules became {made} of keyside's", config.all_rules));
        }
        let entropy = config.rules.iter().filter(|rule| rule.has_entropy).count();
        if entropy > 0 {
            done.push(format!(
                "of {entropy} with an entropy limit, {random} use keyside's randomness test and the \
                 others none"
            ));
        }
        if !config.paths.is_empty() {
            let (from, to) = (config.paths.len(), excluded.len());
            done.push(format!("{from} path expressions became {to} path patterns"));
        }
        ImportedConfig {
            rules: (made > 0).then_some(text),
            excluded,
            done,
            warnings: self.warnings,
        }
    }
}

/// Checks an allowed expression as a rule file's is.
fn checked(expression: String) -> Result<String, String> {
    AllowedText::new(expression.clone()).map(|_| expression)
}

/// The key that an expression allows, if it is just one: `^key$`.
fn whole_text(expression: &str) -> Option<String> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(expression).ok()?;
    let HirKind::Concat(parts) = hir.kind() else { return None };
    match &parts[..] {
        [start, text, end] => match (start.kind(), text.kind(), end.kind()) {
            (HirKind::Look(Look::Start), HirKind::Literal(literal), HirKind::Look(Look::End)) => {
                String::from_utf8(literal.0.to_vec()).ok()
            }
            _ => None,
        },
        _ => None,
    }
}
