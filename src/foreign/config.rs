//! From a configuration of gitleaks to a rule file, and a `keyside.toml` that names it.
//!
//! A rule is taken only if keyside's own check passes it and it finds its own sample. What gitleaks
//! does not say of a key (class, severity, what to do) is the same in all rules.

use std::collections::BTreeSet;
use std::fmt;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::pattern::{Converted, convert};
use super::sample::sample;
use super::{ForeignError, Kind, RULE_FILE, Remark, excluded, kebab, line_of};
use crate::model::Secret;
use crate::rules::{Rng, Rule, RuleFile, Ruleset, Template};
use crate::scan::{Scanner, check_samples};
use crate::source::Chunk;

/// Keys that gitleaks knows at the top, in a rule and in an allowlist.
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

/// A description that is no longer than this will do for a title.
const MAX_TITLE: usize = 60;

/// The longest text of a rule.
const MAX_TEXT: usize = 1024;

/// A word that is shorter makes no placeholder.
const MIN_WORD: usize = 3;

/// How many keys are made to see whether the test for randomness suits a rule, and how many of them
/// it may miss. Of keys drawn evenly, it misses one of 2,500.
const TRIES: u64 = 64;
const MISSES: usize = 1;

/// Nobody knows where an imported key is revoked.
const URL: &str = "https://github.com/gitleaks/gitleaks";
const SUMMARY: &str = "Create a new key, revoke this one where it was issued, and keep the new one \
                       out of the repository. A key that was pushed is leaked, even if the commit \
                       is removed.";

/// What a configuration became.
#[derive(Debug)]
pub struct ImportedConfig {
    /// The text of a rule file, if a rule is in it.
    pub rules: Option<String>,
    /// Patterns of paths that are left out.
    pub excluded: Vec<String>,
    /// What was turned into what, a sentence each.
    pub done: Vec<String>,
    /// What was not.
    pub remarks: Vec<Remark>,
}

/// Whether a text may be a configuration of gitleaks.
pub(super) fn is_config(text: &str) -> bool {
    let Ok(table) = DeTable::parse(text) else { return false };
    ["rules", "extend", "allowlist", "allowlists"]
        .iter()
        .any(|key| get(table.get_ref(), key).is_some())
}

/// Whether a text is no TOML, as far as its grammar goes.
pub(super) fn is_broken(text: &str) -> bool {
    DeTable::parse(text).is_err()
}

/// Converts the configuration `file`.
///
/// # Errors
/// A text that is no TOML.
pub fn config(file: &str, text: &str) -> Result<ImportedConfig, ForeignError> {
    let table = DeTable::parse(text).map_err(|error| ForeignError::Syntax {
        file: file.to_owned(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        kind: Kind::GitleaksConfig,
        message: error.message().replace('\n', "; "),
    })?;
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    let mut reading = Reading { file, lines, remarks: Vec::new() };
    let found = reading.top(table.get_ref());
    Ok(reading.finish(found))
}

/// The value of a key; gitleaks does not care for case.
fn get<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table.iter().find_map(|(own, value)| own.get_ref().eq_ignore_ascii_case(key).then_some(value))
}

/// A configuration that is being read.
struct Reading<'f> {
    file: &'f str,
    /// Where its lines end.
    lines: Vec<usize>,
    remarks: Vec<Remark>,
}

/// What the configuration says.
#[derive(Default)]
struct Config {
    drafts: Vec<Draft>,
    all_rules: usize,
    lists: Vec<List>,
    paths: Vec<(String, String)>,
}

/// A rule as gitleaks writes it.
struct Draft {
    at: usize,
    id: String,
    description: String,
    regex: String,
    secret_group: u32,
    has_entropy: bool,
    keywords: Vec<String>,
    lists: Vec<List>,
}

/// What of a list of what is allowed can be said of a rule.
struct List {
    /// The rules it is about; all if there is none.
    targets: Vec<String>,
    /// Words that no key holds.
    words: Vec<String>,
}

impl Reading<'_> {
    fn remark(&mut self, at: usize, message: String, is_left_out: bool) {
        let place = self.place(at);
        self.remarks.push(Remark { place, message, is_left_out });
    }

    fn left_out(&mut self, at: usize, message: impl Into<String>) {
        self.remark(at, message.into(), true);
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
                self.left_out(value.span().start, format!("`{key}` is no text"));
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
                None => self.left_out(one.span().start, format!("`{key}` holds what is no text")),
            }
        }
        if !value.get_ref().is_array() {
            self.left_out(value.span().start, format!("`{key}` is no list"));
        }
        texts
    }

    /// The tables of a key that holds one or several.
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
                self.left_out(key.span().start, "gitleaks has no setting of this name");
            }
        }
    }

    fn top(&mut self, table: &DeTable<'_>) -> Config {
        self.unknown(table, TOP);
        for (at, extend) in self.tables(table, &["extend"]) {
            let is_on = |key: &str| {
                get(extend, key).is_some_and(|own| own.get_ref().as_bool() == Some(true))
            };
            if is_on("useDefault") {
                self.left_out(
                    at,
                    "`useDefault` is left out: keyside has rules of its own; import gitleaks' \
                     config/gitleaks.toml for those of gitleaks",
                );
            }
            if get(extend, "path").or_else(|| get(extend, "url")).is_some() {
                self.left_out(at, "the file that is extended is not read: import it, too");
            }
            if get(extend, "disabledRules").is_some() {
                self.left_out(
                    at,
                    "`disabledRules` is left out: it is about the rules that are extended",
                );
            }
        }
        let mut config = Config::default();
        for (at, list) in self.tables(table, &["allowlist", "allowlists"]) {
            let (list, paths) = self.list(at, list, true);
            config.paths.extend(paths);
            config.lists.extend(list);
        }
        let mut seen = BTreeSet::new();
        let rules = self.tables(table, &["rules"]);
        if let Some((at, _)) = rules.iter().find(|(_, rule)| get(rule, "tags").is_some()) {
            self.remark(*at, "tags are not taken: keyside's rules have none".to_owned(), false);
        }
        for (at, rule) in rules {
            config.all_rules += 1;
            let Some(draft) = self.rule(at, rule) else { continue };
            if seen.insert(draft.id.clone()) {
                config.drafts.push(draft);
            } else {
                self.left_out(at, format!("rule `{}`: there is one of this id already", draft.id));
            }
        }
        config
    }

    /// A list of what is allowed: what can be said of rules, and of paths.
    fn list(
        &mut self,
        at: usize,
        table: &DeTable<'_>,
        is_global: bool,
    ) -> (Option<List>, Vec<(String, String)>) {
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
                "the allowlist is left out: keyside has no conditions that must all hold",
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
                let message = format!("a stopword of less than {MIN_WORD} bytes is left out");
                self.left_out(own.span().start, message);
            }
        }
        for own in self.texts_of(table, "regexes") {
            match literal(own.get_ref()).filter(|text| is_of_secret && text.len() >= MIN_WORD) {
                Some(text) => words.push(text),
                None => self.left_out(
                    own.span().start,
                    "the allowed expression is left out: keyside knows words and whole keys only",
                ),
            }
        }
        (Some(List { targets, words }), excluded)
    }

    fn rule(&mut self, at: usize, table: &DeTable<'_>) -> Option<Draft> {
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
            self.remark(at, format!("rule `{id}`: this is what its id becomes"), false);
        }
        self.unknown(table, OF_RULE);
        let why = if get(table, "path").is_some() {
            Some("it is about some paths only, and keyside's rules are about all")
        } else if get(table, "regex").is_none() {
            Some("it has no `regex`; it changes a rule of another file")
        } else if get(table, "required").is_some() {
            Some("it depends on findings of other rules")
        } else if get(table, "skipReport").is_some_and(|own| own.get_ref().as_bool() == Some(true))
        {
            Some("it reports nothing by itself")
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
        Some(Draft {
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

    /// Converts all that was read.
    fn finish(mut self, config: Config) -> ImportedConfig {
        let maker = Maker::new(self.file);
        let mut text = maker.header.clone();
        let (mut taken, mut made, mut random) = (0, 0, 0);
        for draft in &config.drafts {
            let Draft { at, id, .. } = draft;
            match maker.rules(draft, &config.lists) {
                Ok(rules) => {
                    if rules.len() > 1 {
                        let message = format!(
                            "rule `{id}` becomes {} rules: each branch of its pattern has a key",
                            rules.len()
                        );
                        self.remark(*at, message, false);
                    }
                    taken += 1;
                    made += rules.len();
                    random += rules.iter().filter(|rule| rule.is_random).count();
                    text.extend(rules.iter().map(NewRule::to_string));
                }
                Err(why) => self.left_out(*at, format!("rule `{id}` is left out: {why}")),
            }
        }
        let excluded = excluded(&config.paths, &mut self.remarks);
        let mut done = Vec::new();
        if config.all_rules > 0 {
            done.push(format!("{taken} of {} rules became {made} of keyside's", config.all_rules));
        }
        let entropy = config.drafts.iter().filter(|draft| draft.has_entropy).count();
        if entropy > 0 {
            done.push(format!(
                "where {entropy} ask for entropy, {random} ask for keyside's randomness, the others \
                 for neither"
            ));
        }
        if !config.paths.is_empty() {
            let (from, to) = (config.paths.len(), excluded.len());
            done.push(format!("{from} path expressions became {to} path patterns"));
        }
        ImportedConfig { rules: (made > 0).then_some(text), excluded, done, remarks: self.remarks }
    }
}

/// Makes rules and checks them.
struct Maker {
    header: String,
    built_in: Ruleset,
}

impl Maker {
    fn new(file: &str) -> Self {
        let stem = kebab(file.rsplit(['/', '\\']).next().unwrap_or_default());
        let stem = stem.trim_end_matches("toml").trim_matches('-');
        let id = match stem.strip_prefix("gitleaks").unwrap_or(stem).trim_matches('-') {
            "" => "gitleaks".to_owned(),
            rest => format!("gitleaks-{rest}"),
        };
        let built_in = Ruleset::built_in();
        let name = Scanner::new(&built_in).masked_text(file);
        let header = format!(
            "# Made by `keyside import`. Class, severity, confidence and what to do are not in the \
             original:\n# they are the same in all rules, and yours to change.\n\n[provider]\n\
             id = {}\nname = {}\nurl = {}\nwords = []\n",
            quoted(&id),
            quoted(&format!("imported from {name}")),
            quoted(URL),
        );
        Self { header, built_in }
    }

    /// The rules that a rule of gitleaks becomes, as text.
    fn rules<'d>(&self, draft: &'d Draft, lists: &[List]) -> Result<Vec<NewRule<'d>>, String> {
        let patterns = convert(&draft.regex, draft.secret_group)?;
        let mut rules = Vec::new();
        for (number, pattern) in (1..).zip(patterns) {
            let id = match number {
                1 => draft.id.clone(),
                _ => format!("{}-{number}", draft.id),
            };
            if self.built_in.by_id(&id).is_some() {
                return Err("keyside has a rule of this id".to_owned());
            }
            let rule = self.rule(draft, id, pattern, lists)?;
            // Nobody writes a key into an expression, until somebody does.
            let text = rule.to_string();
            if !Scanner::new(&self.built_in).find(&Chunk::whole(text.as_bytes())).keys.is_empty() {
                return Err("there is a key in it".to_owned());
            }
            rules.push(rule);
        }
        Ok(rules)
    }

    fn rule<'d>(
        &self,
        draft: &'d Draft,
        id: String,
        pattern: Converted,
        lists: &[List],
    ) -> Result<NewRule<'d>, String> {
        let sample = sample(&pattern.hir).ok_or("no sample can be made of its pattern")?;
        let mut rule = NewRule {
            draft,
            id,
            pattern,
            sample,
            is_random: draft.has_entropy,
            placeholders: Vec::new(),
            documented: Vec::new(),
        };
        let mut checked = self.check(&rule);
        let is_told = |rules: &Ruleset| finds_enough(rules, &rule.sample);
        if rule.is_random && !checked.as_ref().is_ok_and(is_told) {
            // Short keys, and those that are put together of several parts, look written to keyside.
            rule.is_random = false;
            checked = self.check(&rule);
        }
        let checked = checked?;
        let applies = |list: &&List| list.targets.is_empty() || list.targets.contains(&draft.id);
        let lists = draft.lists.iter().chain(lists.iter().filter(applies));
        let known = checked.by_id(&rule.id).expect("the rule has just been checked");
        for word in lists.flat_map(|list| &list.words) {
            if is_key(known, word) {
                let hash = Secret::new(word.as_bytes(), 0).sha256();
                let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                rule.documented.push(format!("sha256:{digits}"));
            } else {
                // A placeholder is about what follows the fixed beginning of a key.
                let keywords = rule.pattern.keywords.iter();
                let mut rests = keywords.filter_map(|keyword| word.strip_prefix(&**keyword));
                let rest = rests.find(|rest| rest.len() >= MIN_WORD);
                rule.placeholders.push(rest.unwrap_or(word).to_owned());
            }
        }
        if !rule.placeholders.is_empty() || !rule.documented.is_empty() {
            self.check(&rule)?;
        }
        Ok(rule)
    }

    /// Loads a rule as users' rules are loaded, and runs it on its sample.
    fn check(&self, rule: &NewRule<'_>) -> Result<Ruleset, String> {
        let text = format!("{}{rule}", self.header);
        let file = RuleFile { name: RULE_FILE.to_owned(), text };
        let rules = Ruleset::only(&[file]).map_err(|errors| {
            errors.0.into_iter().next().map(|error| error.message).unwrap_or_default()
        })?;
        match check_samples(&rules).1.first() {
            None => Ok(rules),
            Some(_) => Err("keyside does not find in it the sample made of it".to_owned()),
        }
    }
}

/// Whether the rules find as good as all keys that are made of a sample.
fn finds_enough(rules: &Ruleset, sample: &str) -> bool {
    let Ok(template) = Template::parse(sample) else { return false };
    let scanner = Scanner::new(rules);
    let is_missed = |seed: &u64| {
        let text = template.fill(&mut Rng::new(*seed));
        scanner.find(&Chunk::whole(text.as_bytes())).keys.is_empty()
    };
    (0..TRIES).filter(is_missed).nth(MISSES).is_none()
}

/// Whether a text is a whole key of the rule.
fn is_key(rule: &Rule, text: &str) -> bool {
    let matcher = rule.pattern.matcher();
    let found = matcher.regex.captures(text.as_bytes());
    let secret = found.and_then(|found| found.get(matcher.secret));
    secret.is_some_and(|secret| secret.range() == (0..text.len()))
}

/// A rule of keyside's.
struct NewRule<'r> {
    draft: &'r Draft,
    id: String,
    pattern: Converted,
    sample: String,
    is_random: bool,
    placeholders: Vec<String>,
    documented: Vec<String>,
}

impl fmt::Display for NewRule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Converted { source, keywords, bound, is_whole, .. } = &self.pattern;
        writeln!(f, "\n[[rule]]\nid = {}", quoted(&self.id))?;
        let description = printable(&self.draft.description);
        let is_short = (1..=MAX_TITLE).contains(&description.len());
        let words = self.id.replace('-', " ");
        let title = if is_short { &description } else { &words };
        writeln!(f, "title = {}", quoted(title))?;
        let description = if description.is_empty() { title } else { &description };
        writeln!(f, "description = {}", quoted(description))?;
        f.write_str("class = \"secret\"\nseverity = \"error\"\nconfidence = \"medium\"\n")?;
        let asked = &self.draft.keywords;
        if !asked.is_empty() && !keywords.iter().all(|word| is_asked(word, asked)) {
            f.write_str(
                "# gitleaks asks for its keyword anywhere in the file, this for one in the key.\n",
            )?;
        }
        let words: Vec<_> = keywords.iter().map(|word| quoted(word)).collect();
        writeln!(f, "keywords = [{}]", words.join(", "))?;
        if let Some(bound) = bound {
            writeln!(
                f,
                "# Repetitions without an end stop at {bound}; a longer key is cut or not found."
            )?;
        }
        if *is_whole {
            f.write_str(
                "# The key is the whole match, for gitleaks the last piece that is repeated.\n",
            )?;
        }
        writeln!(f, "pattern = {}", quoted(source))?;
        writeln!(f, "\n[rule.constraints]\nrandom = {}\nword-start = false", self.is_random)?;
        for (name, words) in
            [("placeholders", &self.placeholders), ("documented", &self.documented)]
        {
            if !words.is_empty() {
                let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
                writeln!(f, "{name} = [{}]", words.join(", "))?;
            }
        }
        writeln!(f, "\n[rule.remediation]\nsummary = {}\nurl = {}", quoted(SUMMARY), quoted(URL))?;
        // A keyword by itself is no key; if it is, the check of the sample says so.
        let ignored = keywords.first().map_or("", String::as_str);
        let (sample, ignored) = (quoted(&self.sample), quoted(ignored));
        writeln!(f, "\n[rule.samples]\nmatch = [{sample}]\nignore = [{ignored}]")
    }
}

/// Whether a text with this word also holds one of those that gitleaks asks for.
fn is_asked(word: &str, asked: &[String]) -> bool {
    let word = word.to_ascii_lowercase();
    asked
        .iter()
        .map(|own| own.to_ascii_lowercase())
        .any(|own| word.contains(&own) || own.contains(&word))
}

/// A description as a rule may have it.
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

/// The text that an expression matches and nothing else, if it is such a one.
fn literal(expression: &str) -> Option<String> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(expression).ok()?;
    let text = |hir: &Hir| match hir.kind() {
        HirKind::Literal(text) => String::from_utf8(text.0.to_vec()).ok(),
        HirKind::Look(_) => Some(String::new()),
        HirKind::Empty
        | HirKind::Class(_)
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Concat(_)
        | HirKind::Alternation(_) => None,
    };
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().map(text).collect(),
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Alternation(_) => text(&hir),
    }
}
