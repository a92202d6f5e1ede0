//! The documentation of rules, which `just bless` writes from the rule files: an index in
//! docs/rules.md, a page for each provider in docs/rules, and parts of other pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use keyside::model::KeyClass;
use keyside::rules::{Provider, Rule, Ruleset, Verify};

use crate::documents::{check, check_part};

/// Providers whose rules the README names, because their keys leak most or their sides are mixed up most.
const WELL_KNOWN: &[&str] = &[
    "aws",
    "github",
    "gitlab",
    "google",
    "azure",
    "openai",
    "anthropic",
    "stripe",
    "supabase",
    "slack",
    "twilio",
    "sendgrid",
    "npm",
    "pypi",
    "docker",
    "discord",
    "telegram",
    "shopify",
    "cloudflare",
    "vercel",
];

/// Each provider that has rules, by name in any case.
fn providers(rules: &Ruleset) -> Vec<(&Provider, Vec<&Rule>)> {
    let mut all: Vec<(&Provider, Vec<&Rule>)> = Vec::new();
    for rule in &rules.rules {
        let provider = rules.provider(rule);
        match all.iter_mut().find(|(known, _)| known.id == provider.id) {
            Some((_, own)) => own.push(rule),
            None => all.push((provider, vec![rule])),
        }
    }
    all.sort_by_key(|(provider, _)| provider.name.to_lowercase());
    all
}

#[test]
fn the_rule_documentation_is_current() {
    let rules = Ruleset::built_in();
    let providers = providers(&rules);
    let mut text = format!(
        "# Rules\n\n\
         Generated from the files in `rules/` by a test; do not edit. keyside knows {}\n\n\
         `keyside rules list stripe` searches this list, `keyside rules show ID` shows one.\n\
         [custom-rules.md](custom-rules.md) shows how to write a rule, [randomness.md](randomness.md) how \
         keys are told\nfrom words, and how often that errs. Rules in *italics* are experimental: off, except \
         with\n`--enable experimental` or `--only`.\n",
        counts(&rules),
    );
    let mut letter = None;
    for (provider, own) in &providers {
        let first = provider.name.chars().next().map(|first| first.to_ascii_uppercase());
        let first = first.filter(char::is_ascii_alphabetic).unwrap_or('#');
        if letter.replace(first) != Some(first) {
            let heading = if first == '#' { "0 to 9".to_owned() } else { first.to_string() };
            write!(text, "\n## {heading}\n\n| provider | keys |\n|---|---|\n").unwrap();
        }
        let links: Vec<_> = own.iter().map(|rule| link(provider, rule)).collect();
        let page = format!("[{}](rules/{}.md)", provider.name, provider.id);
        writeln!(text, "| {page} | {} |", links.join(", ")).unwrap();
    }
    write_shared_shapes(&mut text, &rules);
    check("docs/rules.md", &text);
}

#[test]
fn each_provider_has_a_page() {
    let rules = Ruleset::built_in();
    let mut pages = BTreeSet::new();
    for (provider, own) in providers(&rules) {
        let mut text = format!(
            "# {}\n\nGenerated from `{}` by a test; do not edit. [All providers](../rules.md)\n\n\
             | | |\n|---|---|\n",
            provider.name, own[0].file
        );
        write_provider(&mut text, provider);
        for rule in own {
            write_rule(&mut text, rule);
        }
        let page = format!("{}.md", provider.id);
        check(&format!("docs/rules/{page}"), &text);
        pages.insert(page);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            pages.contains(&name) || name.ends_with(".new"),
            "docs/rules/{name} has no provider"
        );
    }
}

#[test]
fn the_readme_says_how_many_keys_are_known() {
    let rules = Ruleset::built_in();
    let known = providers(&rules);
    let mut names: Vec<_> = WELL_KNOWN
        .iter()
        .filter_map(|id| known.iter().find(|(provider, _)| provider.id == *id))
        .map(|(provider, _)| format!("[{}](docs/rules/{}.md)", provider.name, provider.id))
        .collect();
    names.extend(["aimagicx", "magicx"].map(|id| {
        let (provider, _) = known.iter().find(|(provider, _)| provider.id == id).unwrap();
        format!("[{}](docs/rules/{id}.md)", provider.name)
    }));
    let text = format!(
        "keyside knows {}\nAmong them are {}\nand [many more](docs/rules.md).\n",
        counts(&rules),
        names.join(",\n"),
    );
    check_part("README.md", "rules", &text);
}

/// `**9 kinds of keys** of 2 providers: 4 secrets, …`
fn counts(rules: &Ruleset) -> String {
    let of = |class: KeyClass| rules.rules.iter().filter(|rule| rule.class == class).count();
    let experimental = rules.rules.iter().filter(|rule| rule.is_experimental).count();
    format!(
        "**{} kinds of keys of {} providers**: {} secrets,\n{} tokens that live for a while, and {} public \
         keys, which are recognised and never reported. {experimental} are experimental.",
        rules.rules.len(),
        rules.providers.len(),
        of(KeyClass::Secret),
        of(KeyClass::Token),
        of(KeyClass::Public),
    )
}

/// A rule in the index.
fn link(provider: &Provider, rule: &Rule) -> String {
    let mark = if rule.is_experimental { "*" } else { "" };
    format!("{mark}[`{0}`](rules/{1}.md#{0}){mark}", rule.id, provider.id)
}

/// A table of keys of several providers that have the same form or begin alike.
fn write_shared_shapes(text: &mut String, rules: &Ruleset) {
    let mut shapes: BTreeMap<String, Vec<&Rule>> = BTreeMap::new();
    for rule in &rules.rules {
        if rule.keywords.is_empty() {
            shapes.entry(rule.pattern.source().to_owned()).or_default().push(rule);
        }
        for keyword in rule.keywords.iter() {
            let is_own = |other: &&Rule| {
                other.keywords.iter().any(|word| word.starts_with(keyword.as_str()))
            };
            let sharing: Vec<_> = rules.rules.iter().filter(is_own).collect();
            shapes.insert(keyword.clone(), sharing);
        }
    }
    let is_shared = |own: &Vec<&Rule>| own.iter().any(|rule| rule.provider != own[0].provider);
    let shared: Vec<_> = shapes.into_iter().filter(|(_, own)| is_shared(own)).collect();
    if shared.is_empty() {
        return;
    }
    text.push_str(
        "\n## Shared shapes\n\n\
         Keys of several providers that begin alike, or of which only the name tells whose they are. Where \
         several\nrules match a text, the most exact one reports it: a checksum, then what the key says when it \
         is decoded,\nthen more fixed text, then fewer characters to choose from, then the words nearby.\n\n\
         | shape | rules |\n|---|---|\n",
    );
    for (shape, own) in shared {
        let mut links: Vec<_> = own.iter().map(|rule| link(rules.provider(rule), rule)).collect();
        links.dedup();
        writeln!(text, "| `{}` | {} |", shape.replace('|', "\\|"), links.join(", ")).unwrap();
    }
}

fn code(items: &[String]) -> String {
    items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}

/// A text in backticks, more of them than it has itself.
fn span(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Writes a row of a table, unless it has no value.
fn row(text: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let value = value.replace('|', "\\|").replace('\n', " ");
        writeln!(text, "| {name} | {value} |").unwrap();
    }
}

fn write_provider(text: &mut String, provider: &Provider) {
    row(text, "documentation", &provider.url);
    row(text, "words in names", &code(&provider.words));
    row(text, "hosts", &code(&provider.hosts));
    for sdk in &provider.sdk {
        let side = if sdk.client { "in clients" } else { "on servers" };
        let slots: Vec<_> =
            sdk.key_properties.iter().map(|slot| slot.as_str().to_owned()).collect();
        row(text, "package", &format!("`{}` ({side}): {}", sdk.package, code(&slots)));
    }
}

fn write_rule(text: &mut String, rule: &Rule) {
    let constraints = &rule.constraints;
    write!(
        text,
        "\n## {}\n\n**{}.** {}\n\n| | |\n|---|---|\n",
        rule.id, rule.title, rule.description
    )
    .unwrap();
    row(text, "class", rule.class.name());
    let in_history = rule.severity_in_history;
    let in_history = in_history.map(|severity| format!("; {} in history", severity.name()));
    let severity = format!("{}{}", rule.severity.name(), in_history.unwrap_or_default());
    row(text, "severity", if rule.class == KeyClass::Public { "not reported" } else { &severity });
    row(text, "confidence", rule.confidence.name());
    let only = "yes: beside keys that belong to it";
    row(text, "looked for only in pairs", if rule.is_only_paired { only } else { "" });
    row(text, "experimental", if rule.is_experimental { "yes: off unless asked for" } else { "" });
    row(text, "keywords", &code(&rule.keywords));
    match &rule.block {
        Some(block) => {
            let begins: Vec<_> = block.begins().map(str::to_owned).collect();
            let encrypted = if block.is_encrypted() { ", encrypted" } else { "" };
            row(text, "begins with", &code(&begins));
            row(text, "block", &format!("`{}`{encrypted}", block.form()));
        }
        None => row(text, "pattern", &span(rule.pattern.source())),
    }
    if let Some(nearby) = &rule.nearby {
        row(text, "words nearby", &code(&nearby.words));
        row(text, "words not nearby", &code(&nearby.not_words));
        let within = match nearby.within_lines {
            _ if nearby.is_anywhere => "the whole text".to_owned(),
            Some(lines) => format!("{lines} lines"),
            None => format!("{} bytes", nearby.within),
        };
        row(text, "within", &within);
    }
    if let Some(pair) = &rule.pair {
        let role = if pair.tells { "which tells it, too" } else { "if there is one" };
        row(
            text,
            "belongs to",
            &format!("{} within {} lines, {role}", code(&pair.with), pair.lines),
        );
    }
    if let Some(place) = &rule.place {
        row(text, "place", &format!("`{}`", place.shown()));
    }
    let length = match (constraints.min_length, constraints.max_length) {
        (None, None) => String::new(),
        (min, max) => format!(
            "{} to {} characters",
            min.unwrap_or(0),
            max.map_or_else(|| "any number of".to_owned(), |n| n.to_string()),
        ),
    };
    row(text, "body", &length);
    let alphabet = constraints.alphabet_text.as_deref();
    row(text, "alphabet", &alphabet.map(|text| format!("`{text}`")).unwrap_or_default());
    row(text, "random", if constraints.random { "yes: words are not keys" } else { "no" });
    let checksum = rule.checksum.as_ref().map(|sum| format!("`{}`", sum.name()));
    row(text, "checksum", &checksum.unwrap_or_default());
    row(text, "placeholders", &code(&constraints.placeholders));
    row(text, "variables", &code(&rule.env));
    row(text, "what to do", &rule.remediation.summary);
    row(text, "revoke at", &rule.remediation.url);
    let days = rule.remediation.rotation_days.map(|days| format!("every {days} days"));
    row(text, "rotation", &days.unwrap_or_default());
    if let Some(verify) = &rule.verify {
        row(text, "verification", &format!("{} ([how](../verify.md))", request(verify)));
        for (condition, verdict, reason) in answers(verify) {
            row(text, "", &format!("{condition}: {verdict}, {reason}"));
        }
    }
}

/// The prefixes of a rule's keys: `` `sk_v1_…` ``; of blocks the first one.
fn prefixes(rule: &Rule) -> String {
    if let Some(begin) = rule.block.as_ref().and_then(|block| block.begins().next()) {
        return format!("`{begin}…`");
    }
    rule.keywords.iter().map(|word| format!("`{word}…`")).collect::<Vec<_>>().join(", ")
}

/// A request as it is sent, with `KEY` for the key.
fn request(verify: &Verify) -> String {
    let mut text = format!("`{} {}`", verify.method.name(), verify.url);
    for (name, value) in &verify.headers {
        let value = value.replace("{secret}", "KEY").replace("{pair}", "PAIR");
        write!(text, ", `{name}: {value}`").unwrap();
    }
    if verify.sign.is_some() {
        text.push_str(", signed with the key (AWS Signature Version 4)");
    }
    if let Some(body) = &verify.body {
        let mut body = body.clone();
        for (name, value) in &verify.params {
            body = body.replace(&format!("{{param.{name}}}"), value);
        }
        write!(text, ", body `{body}`").unwrap();
    }
    text
}

/// Each known answer: its condition, the verdict and the reason.
fn answers(verify: &Verify) -> impl Iterator<Item = (String, String, &str)> {
    verify.answers.iter().map(|answer| {
        let mut conditions = vec![answer.status.to_string()];
        conditions.extend(answer.headers.iter().map(|(name, value)| format!("`{name}: {value}`")));
        conditions.extend(answer.json.iter().map(|(pointer, value)| {
            match (&**pointer, &**value) {
                ("", "*") => "JSON".to_owned(),
                (pointer, value) => format!("`{pointer}` = `{value}`"),
            }
        }));
        let verdict = format!("{:?}", answer.verdict).to_lowercase();
        (conditions.join(", "), verdict, answer.reason.as_str())
    })
}

/// The page explains verification by the example of two providers; the others' pages have the rest.
#[test]
fn the_verification_documentation_is_current() {
    let rules = Ruleset::built_in();
    let asked = rules.rules.iter().filter(|rule| rule.verify.is_some()).count();
    let mut requests = String::from("| key | request |\n|---|---|\n");
    let mut table = String::from("| key | answer | status | because |\n|---|---|---|---|\n");
    let examples = ["aimagicx", "magicx"];
    for rule in rules.rules.iter().filter(|rule| examples.contains(&&*rules.provider(rule).id)) {
        let key = prefixes(rule);
        let Some(verify) = &rule.verify else {
            writeln!(requests, "| {key} | none |").unwrap();
            continue;
        };
        writeln!(requests, "| {key} | {} |", request(verify)).unwrap();
        for (condition, verdict, reason) in answers(verify) {
            writeln!(table, "| {key} | {condition} | {verdict} | {reason} |").unwrap();
        }
        writeln!(table, "| {key} | anything else | unknown | the report says why |").unwrap();
    }
    write!(
        requests,
        "\nThese are two of the providers. {asked} kinds of keys can be asked about; the pages of \
         [all rules](rules.md)\nhave their requests and answers.\n"
    )
    .unwrap();
    check_part("docs/verify.md", "requests", &requests);
    check_part("docs/verify.md", "answers", &table);
}
