//! `keyside rules list`, `show`, `new` and `check`.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::args::{ListFormat, RulesAction};
use super::exit;
use super::streams::Streams;
use crate::config::Settings;
use crate::rules::{
    Checksum, KeySlot, Provider, Rule, RuleErrors, RuleFile, RulePlace, Ruleset, Verify,
};
use crate::scan::check_samples;

pub(super) fn rules(action: RulesAction, streams: &Streams) -> anyhow::Result<u8> {
    match action {
        RulesAction::List { word, format, rules } => {
            let plan = rules.settings(Settings::default()).plan(&[])?;
            let list = RuleList::new(&plan.rules, word.as_deref());
            if let (Some(word), true) = (&word, list.providers.is_empty() && list.off == 0) {
                bail!("no rule has `{word}` in it; `keyside rules list` shows all rules");
            }
            match format {
                ListFormat::Human => list.print(&mut streams.out())?,
                ListFormat::Json => writeln!(streams.out(), "{:#}", list.json())?,
            }
            Ok(exit::CLEAN)
        }
        RulesAction::Show { id, rules } => {
            let plan = rules.settings(Settings::default()).plan(&[])?;
            match plan.rules.by_id(&id) {
                Some(rule) => show(&plan.rules, rule, &mut streams.out())?,
                None => bail!("unknown rule `{id}`; `keyside rules list` shows all rules"),
            }
            Ok(exit::CLEAN)
        }
        RulesAction::New { provider, output } => {
            let path = output.unwrap_or_else(|| PathBuf::from(format!("{provider}.toml")));
            write_starter(&provider, &path)?;
            let shown = path.display();
            writeln!(
                streams.err(),
                "written: {shown}\n\
                 Change its pattern and samples, then:\n  \
                 keyside rules check {shown}\n  keyside scan --rules {shown}"
            )?;
            Ok(exit::CLEAN)
        }
        RulesAction::Check { files } => check(&files, streams),
    }
}

/// A starter file, in which `PROVIDER` stands for the provider's id.
const STARTER: &str = include_str!("starter_rules.toml");

fn write_starter(provider: &str, path: &Path) -> anyhow::Result<()> {
    let text = STARTER.replace("PROVIDER", provider);
    let file = RuleFile { name: format!("{provider}.toml"), text };
    if Ruleset::only(std::slice::from_ref(&file)).is_err() {
        bail!("`{provider}` is not a provider's name in kebab-case, such as `acme`");
    }
    if let Err(errors) = Ruleset::load(std::slice::from_ref(&file)) {
        bail!("{}", errors.0[0].message);
    }
    let mut new =
        File::create_new(path).with_context(|| format!("cannot create {}", path.display()))?;
    let written = new.write_all(file.text.as_bytes());
    if written.is_err() {
        // Half a file would be in the way of the next try.
        let _ = std::fs::remove_file(path);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// The wanted rules that a word finds, by provider.
struct RuleList<'r> {
    providers: Vec<(&'r Provider, Vec<&'r Rule>)>,
    /// The number of experimental rules that the word finds, and that are off.
    off: usize,
}

impl<'r> RuleList<'r> {
    /// All wanted rules, or those that have a word in what tells them, in any case.
    fn new(rules: &'r Ruleset, word: Option<&str>) -> Self {
        let word = word.unwrap_or_default().to_lowercase();
        let has_word = |text: &str| text.to_lowercase().contains(&word);
        let mut providers: Vec<(&Provider, Vec<&Rule>)> = Vec::new();
        let mut off = 0;
        for rule in rules.rules.iter().filter(|rule| rule.is_wanted || rule.is_experimental) {
            let provider = rules.provider(rule);
            let mut texts = [&provider.id, &provider.name, &rule.id, &rule.title]
                .into_iter()
                .chain(rule.keywords.iter())
                .chain(rule.env.iter());
            if !texts.any(|text| has_word(text)) {
                continue;
            }
            if !rule.is_wanted {
                off += 1;
                continue;
            }
            match providers.iter_mut().find(|(known, _)| known.id == provider.id) {
                Some((_, own)) => own.push(rule),
                None => providers.push((provider, vec![rule])),
            }
        }
        Self { providers, off }
    }

    fn rules(&self) -> impl Iterator<Item = &'r Rule> {
        self.providers.iter().flat_map(|(_, rules)| rules.iter().copied())
    }

    fn print(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let width = self.rules().map(|rule| rule.id.len()).max().unwrap_or(0);
        for (provider, rules) in &self.providers {
            writeln!(out, "{} ({}): {}", provider.name, provider.id, count(rules.len(), "rule"))?;
            for rule in rules {
                writeln!(
                    out,
                    "  {:width$}  {:10}  {:7}  {:6}  {}",
                    rule.id,
                    rule.class.name(),
                    rule.severity.name(),
                    rule.confidence.name(),
                    rule.title,
                )?;
            }
            writeln!(out)?;
        }
        let providers = count(self.providers.len(), "provider");
        write!(out, "{} of {providers}", count(self.rules().count(), "rule"))?;
        match self.off {
            0 => writeln!(out)?,
            off => writeln!(out, "; {off} experimental ones are off (--enable experimental)")?,
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let rule = |rule: &&Rule| {
            json!({
                "id": rule.id,
                "title": rule.title,
                "class": rule.class.name(),
                "severity": rule.severity.name(),
                "confidence": rule.confidence.name(),
                "keywords": &*rule.keywords,
                "pattern": rule.pattern.source(),
                "checksum": rule.checksum.as_ref().map(Checksum::name),
                "env": &*rule.env,
                "is_verifiable": rule.verify.is_some(),
                "file": rule.file,
            })
        };
        let provider = |(provider, rules): &(&Provider, Vec<&Rule>)| {
            json!({
                "id": provider.id,
                "name": provider.name,
                "url": provider.url,
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            })
        };
        Value::Array(self.providers.iter().map(provider).collect())
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Shows everything a rule says, for `rules show` and `explain RULE-ID`.
pub(super) fn show(rules: &Ruleset, rule: &Rule, out: &mut dyn Write) -> anyhow::Result<()> {
    let provider = rules.provider(rule);
    writeln!(out, "{}: {}\n", rule.id, rule.title)?;
    writeln!(out, "{}\n", rule.description)?;
    let mut line = |name: &str, value: &str| {
        if value.is_empty() { Ok(()) } else { writeln!(out, "{name:13} {value}") }
    };
    line("provider", &format!("{} ({}), {}", provider.name, provider.id, provider.url))?;
    line("class", rule.class.name())?;
    line("severity", &format!("{}, confidence {}", severity(rule), rule.confidence.name()))?;
    let experimental = "yes: off, except with --enable experimental or --only";
    line("experimental", if rule.is_experimental { experimental } else { "" })?;
    line("keywords", &rule.keywords.join(", "))?;
    line("pattern", rule.pattern.source())?;
    let form = rule.block.as_ref().map(|block| match block.is_encrypted() {
        true => format!("{}, encrypted", block.form()),
        false => block.form().to_owned(),
    });
    line("block", &form.unwrap_or_default())?;
    let constraints = &rule.constraints;
    line("alphabet", constraints.alphabet_text.as_deref().unwrap_or_default())?;
    let least = constraints.min_length.map_or_else(|| "0".to_owned(), |n| n.to_string());
    let most = constraints.max_length.map_or_else(|| "any".to_owned(), |n| n.to_string());
    line("body length", &format!("{least} to {most}"))?;
    line("random", if constraints.random { "yes" } else { "no" })?;
    line("checksum", rule.checksum.as_ref().map_or("", Checksum::name))?;
    let words = rule.nearby.as_ref().map(|nearby| nearby.words.join(", "));
    line("nearby", &words.unwrap_or_default())?;
    line("place", &rule.place.as_ref().map(RulePlace::shown).unwrap_or_default())?;
    line("placeholders", &constraints.placeholders.join(", "))?;
    line("variables", &rule.env.join(", "))?;
    line("words", &provider.words.join(", "))?;
    line("hosts", &provider.hosts.join(", "))?;
    for sdk in &provider.sdk {
        let slots: Vec<&str> = sdk.key_properties.iter().map(KeySlot::as_str).collect();
        line("sdk", &format!("{}: {}", sdk.package, slots.join(", ")))?;
    }
    line("to do", &rule.remediation.summary)?;
    line("", "")?;
    line("revoke at", &rule.remediation.url)?;
    if let Some(days) = rule.remediation.rotation_days {
        line("rotation", &format!("every {days} days, as the provider asks"))?;
    }
    line("verification", &rule.verify.as_ref().map(verification).unwrap_or_default())?;
    line("file", &rule.file)?;
    Ok(())
}

/// The severity, and the one in history if it differs.
fn severity(rule: &Rule) -> String {
    let in_history =
        rule.severity_in_history.map(|severity| format!(", {} in history", severity.name()));
    format!("{}{}", rule.severity.name(), in_history.unwrap_or_default())
}

fn verification(verify: &Verify) -> String {
    format!("{} {} (only with --verify)", verify.method.name(), verify.url)
}

fn check(paths: &[PathBuf], streams: &Streams) -> anyhow::Result<u8> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(RuleFile::read(path).map_err(|error| RuleErrors(vec![error]))?);
    }
    if paths.is_empty() {
        files = RuleFile::built_in();
    }
    let mut rules = Ruleset::only(&files)?;
    let (count, failures) = check_samples(&mut rules);
    for failure in &failures {
        writeln!(
            streams.err(),
            "{}:{}: rule `{}`: the sample {}",
            failure.file,
            failure.line,
            failure.rule,
            failure.message
        )?;
    }
    if !failures.is_empty() {
        bail!("{} of {count} samples fail", failures.len());
    }
    writeln!(
        streams.out(),
        "{} rules in {} files pass, with all their {count} samples",
        rules.rules.len(),
        files.len()
    )?;
    Ok(exit::CLEAN)
}
