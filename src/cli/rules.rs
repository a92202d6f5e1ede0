//! `keyside rules list`, `show` and `check`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;

use super::args::RulesAction;
use super::exit;
use super::streams::Streams;
use crate::config::Settings;
use crate::rules::{Rule, RuleErrors, RuleFile, Ruleset, Verify};
use crate::scan::check_samples;

pub(super) fn rules(action: RulesAction, streams: &Streams) -> anyhow::Result<u8> {
    match action {
        RulesAction::List { rules } => {
            let plan = rules.settings(Settings::default()).plan(&[])?;
            list(&plan.rules, &mut streams.out())?;
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
        RulesAction::Check { files } => check(&files, streams),
    }
}

fn list(rules: &Ruleset, out: &mut dyn Write) -> anyhow::Result<()> {
    let width = rules.wanted().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules.wanted() {
        writeln!(
            out,
            "{:width$}  {:6}  {:7}  {:6}  {}",
            rule.id,
            rule.class.name(),
            rule.severity.name(),
            rule.confidence.name(),
            rule.title,
        )?;
    }
    Ok(())
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
    line("keywords", &rule.keywords.join(", "))?;
    line("pattern", rule.pattern.source())?;
    let constraints = &rule.constraints;
    line("alphabet", constraints.alphabet_text.as_deref().unwrap_or_default())?;
    let least = constraints.min_length.map_or_else(|| "0".to_owned(), |n| n.to_string());
    let most = constraints.max_length.map_or_else(|| "any".to_owned(), |n| n.to_string());
    line("body length", &format!("{least} to {most}"))?;
    line("random", if constraints.random { "yes" } else { "no" })?;
    line("placeholders", &constraints.placeholders.join(", "))?;
    line("variables", &rule.env.join(", "))?;
    line("words", &provider.words.join(", "))?;
    line("hosts", &provider.hosts.join(", "))?;
    for sdk in &provider.sdk {
        line("sdk", &format!("{}: {}", sdk.package, sdk.key_properties.join(", ")))?;
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
    let rules = Ruleset::only(&files)?;
    let (count, failures) = check_samples(&rules);
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
