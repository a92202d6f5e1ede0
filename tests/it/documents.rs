//! Documentation that is made from the program; `just bless` writes it anew.

use std::fmt::Write;
use std::path::Path;

use keyside::model::FindingKind;
use keyside::report::KindText;
use keyside::rules::{Rule, Ruleset};

/// Compares a document with what it should be, or writes it.
fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("KEYSIDE_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "{name} is out of date: run `just bless`");
}

#[test]
fn the_rule_documentation_is_that_of_the_rules() {
    let rules = Ruleset::built_in();
    let mut text = String::from(
        "# Rules\n\n\
         Made from the files in `rules/` by a test; do not edit. How generated keys are told from\n\
         words, how that was derived and how often it errs is in [randomness.md](randomness.md);\n\
         how to write a rule is in [CONTRIBUTING.md](../CONTRIBUTING.md).\n\n\
         | rule | class | severity | finds |\n|---|---|---|---|\n",
    );
    for rule in &rules.rules {
        let (class, severity) = (rule.class.name(), rule.severity.name());
        writeln!(text, "| [`{0}`](#{0}) | {class} | {severity} | {1} |", rule.id, rule.title)
            .unwrap();
    }
    for rule in &rules.rules {
        write_rule(&mut text, &rules, rule);
    }
    check("docs/rules.md", &text);
}

#[test]
fn the_documentation_of_kinds_is_that_of_the_reports() {
    let mut text = String::from(
        "# Kinds of findings\n\n\
         Made from the texts of the reports by a test; do not edit. `keyside explain KIND` shows\n\
         one. In SARIF, a kind other than `secret` is part of the rule's id: `RULE-ID/KIND`.\n",
    );
    for kind in FindingKind::all() {
        let KindText { what, why, fix, .. } = KindText::of(kind);
        let name = kind.name();
        write!(text, "\n## {name}\n\n{what}\n\n{why}\n\n**What to do.** {fix}\n").unwrap();
    }
    check("docs/kinds.md", &text);
}

fn write_rule(text: &mut String, rules: &Ruleset, rule: &Rule) {
    let provider = rules.provider(rule);
    let constraints = &rule.constraints;
    let code = |items: &[String]| {
        items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
    };
    write!(
        text,
        "\n## {}\n\n**{}.** {}\n\n| | |\n|---|---|\n",
        rule.id, rule.title, rule.description
    )
    .unwrap();
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            writeln!(text, "| {name} | {} |", value.replace('|', "\\|")).unwrap();
        }
    };
    row("provider", &format!("[{}]({}) (`{}`)", provider.name, provider.url, provider.id));
    row("class", rule.class.name());
    let in_history = rule.severity_in_history;
    let in_history = in_history.map(|severity| format!("; {} in history", severity.name()));
    row("severity", &format!("{}{}", rule.severity.name(), in_history.unwrap_or_default()));
    row("confidence", rule.confidence.name());
    row("keywords", &code(&rule.keywords));
    row("pattern", &format!("`{}`", rule.pattern.source()));
    let length = format!(
        "{} to {} characters of `{}`",
        constraints.min_length.unwrap_or(0),
        constraints.max_length.map_or_else(|| "any number of".to_owned(), |n| n.to_string()),
        constraints.alphabet_text.as_deref().unwrap_or("anything"),
    );
    row("body", &length);
    row("random", if constraints.random { "yes: words are no keys" } else { "no" });
    row("placeholders", &code(&constraints.placeholders));
    row("variables", &code(&rule.env));
    row("words in names", &code(&provider.words));
    row("hosts", &code(&provider.hosts));
    let sdk: Vec<_> = provider
        .sdk
        .iter()
        .map(|sdk| format!("`{}`: {}", sdk.package, code(&sdk.key_properties)))
        .collect();
    row("SDK", &sdk.join("; "));
    row("what to do", &rule.remediation.summary);
    row("revoke at", &rule.remediation.url);
    let days = rule.remediation.rotation_days.map(|days| format!("every {days} days"));
    row("rotation", &days.unwrap_or_default());
    let verify = rule
        .verify
        .as_ref()
        .map(|verify| format!("`{} {}` ([how](verify.md))", verify.method.name(), verify.url));
    row("verification", &verify.unwrap_or_default());
}

#[test]
fn the_command_line_documentation_is_that_of_the_arguments() {
    let mut text = String::from(
        "# Command line\n\nMade from the definition of the arguments by a test; do not edit.\n",
    );
    let mut command = keyside::cli::command().term_width(96);
    write_help(&mut text, "keyside", &mut command);
    check("docs/cli.md", &text);
}

fn write_help(text: &mut String, name: &str, command: &mut clap::Command) {
    let help = command.clone().term_width(96).bin_name(name).render_long_help().to_string();
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    write!(text, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end()).unwrap();
    for sub in command.get_subcommands_mut().filter(|sub| !sub.is_hide_set()) {
        let name = format!("{name} {}", sub.get_name());
        write_help(text, &name, sub);
    }
}
