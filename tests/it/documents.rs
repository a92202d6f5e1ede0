//! Documentation generated from the program, which `just bless` rewrites; links between all pages;
//! the first words of doc comments.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use keyside::model::{FindingKind, KindTexts};
use keyside::report::texts;
use keyside::rules::{Rule, Ruleset};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Compares a document with its expected text, or writes it.
pub(crate) fn check(name: &str, text: &str) {
    let path = Path::new(ROOT).join(name);
    if std::env::var_os("KEYSIDE_BLESS").is_some() {
        // Other tests may read the document at the same time.
        let new = path.with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &path).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "{name} is out of date: run `just bless`");
}

/// Checks the part of a document between `<!-- PART:begin -->` and `<!-- PART:end -->`.
pub(crate) fn check_part(name: &str, part: &str, text: &str) {
    // Parts of one document must not be rewritten at the same time.
    static DOCUMENTS: Mutex<()> = Mutex::new(());
    let _lock = DOCUMENTS.lock().unwrap_or_else(PoisonError::into_inner);
    let written = std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
    let marker = |end: &str| format!("<!-- {part}:{end} -->");
    let (begin, end) = (marker("begin"), marker("end"));
    let (before, rest) = written.split_once(&begin).unwrap_or_else(|| panic!("{name}: no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{name}: no {end}"));
    check(name, &format!("{before}{begin}\n{text}{end}{after}"));
}

#[test]
fn the_rule_documentation_is_current() {
    let rules = Ruleset::built_in();
    let mut text = String::from(
        "# Rules\n\n\
         Generated from the files in `rules/` by a test; do not edit. [randomness.md](randomness.md)\n\
         explains how keys are told from words, and how often that errs; \
         [CONTRIBUTING.md](../CONTRIBUTING.md)\n\
         shows how to write a rule.\n\n\
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
fn the_readme_lists_the_rules_and_kinds_on_one_screen() {
    let mut rules = String::from("| key | finds | class | severity |\n|---|---|---|---|\n");
    for rule in &Ruleset::built_in().rules {
        let class = rule.class.name();
        let mut severity = rule.severity.name().to_owned();
        if let Some(in_history) = rule.severity_in_history {
            write!(severity, "; {} in history", in_history.name()).unwrap();
        }
        let reported = if class == "public" { "not reported" } else { &severity };
        let key = prefixes(rule);
        writeln!(
            rules,
            "| {key} | [{}](docs/rules.md#{}) | {class} | {reported} |",
            rule.title, rule.id
        )
        .unwrap();
    }
    check_part("README.md", "rules", &rules);

    let mut kinds = String::from("| kind | found when |\n|---|---|\n");
    for kind in FindingKind::all() {
        let name = kind.name();
        let what = texts(kind).meaning;
        writeln!(kinds, "| [`{name}`](docs/kinds.md#{name}) | {what} |").unwrap();
    }
    check_part("README.md", "kinds", &kinds);

    let lines = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap().lines().count();
    assert!(lines <= 150, "README.md has {lines} lines, more than one reads");
}

#[test]
fn the_documentation_lists_the_frameworks() {
    let mut table = String::from(
        "| framework | client code begins at | cut or removed | values put into code |\n\
         |---|---|---|---|\n",
    );
    for framework in keyside_exposure::frameworks() {
        let keyside_exposure::FrameworkDoc { title, entries, cut, values, .. } = framework;
        writeln!(table, "| {title} | {entries} | {cut} | {values} |").unwrap();
    }
    check_part("docs/exposure.md", "frameworks", &table);
}

/// The prefixes of a rule's keys: `` `sk_v1_…` ``; of blocks the first one.
fn prefixes(rule: &Rule) -> String {
    if let Some(begin) = rule.block.as_ref().and_then(|block| block.begins().next()) {
        return format!("`{begin}…`");
    }
    rule.keywords.iter().map(|word| format!("`{word}…`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_verification_documentation_is_current() {
    let rules = Ruleset::built_in();
    let mut requests = String::from("| key | request |\n|---|---|\n");
    let mut answers = String::from("| key | answer | status | because |\n|---|---|---|---|\n");
    for rule in &rules.rules {
        let key = prefixes(rule);
        let Some(verify) = &rule.verify else {
            writeln!(requests, "| {key} | none |").unwrap();
            continue;
        };
        write!(requests, "| {key} | `{} {}`", verify.method.name(), verify.url).unwrap();
        for (name, value) in &verify.headers {
            write!(requests, ", `{name}: {}`", value.replace("{secret}", "KEY")).unwrap();
        }
        if let Some(body) = &verify.body {
            let mut body = body.clone();
            for (name, value) in &verify.params {
                body = body.replace(&format!("{{param.{name}}}"), value);
            }
            write!(requests, ", body `{body}`").unwrap();
        }
        requests.push_str(" |\n");
        for answer in &verify.answers {
            let mut conditions = vec![answer.status.to_string()];
            conditions
                .extend(answer.headers.iter().map(|(name, value)| format!("`{name}: {value}`")));
            conditions.extend(answer.json.iter().map(|(pointer, value)| {
                match (&**pointer, &**value) {
                    ("", "*") => "JSON".to_owned(),
                    (pointer, value) => format!("`{pointer}` = `{value}`"),
                }
            }));
            let conditions = conditions.join(", ");
            let status = format!("{:?}", answer.verdict).to_lowercase();
            writeln!(answers, "| {key} | {conditions} | {status} | {} |", answer.reason).unwrap();
        }
        writeln!(answers, "| {key} | anything else | unknown | the report says why |").unwrap();
    }
    check_part("docs/verify.md", "requests", &requests);
    check_part("docs/verify.md", "answers", &answers);
}

#[test]
fn the_kind_documentation_is_current() {
    let mut text = String::from(
        "# Kinds of findings\n\n\
         Generated from the texts of the reports by a test; do not edit. `keyside explain KIND` shows\n\
         one. In SARIF, a kind other than `secret` is part of the rule's id: `RULE-ID/KIND`. In the\n\
         examples, `acme_sk_…` is a secret key.\n",
    );
    for kind in FindingKind::all() {
        let KindTexts { meaning, why, fix, example, .. } = texts(kind);
        let name = kind.name();
        write!(text, "\n## {name}\n\n{meaning}\n\n{why}\n\n**What to do.** {fix}\n").unwrap();
        for (path, content) in *example {
            let language = path.rsplit_once('.').map_or("", |(_, ending)| ending);
            write!(text, "\n`{path}`:\n\n```{language}\n{content}\n```\n").unwrap();
        }
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
    match &rule.block {
        Some(block) => {
            let begins: Vec<_> = block.begins().map(str::to_owned).collect();
            let encrypted = if block.is_encrypted() { ", encrypted" } else { "" };
            row("begins with", &code(&begins));
            row("block", &format!("`{}`{encrypted}", block.form()));
        }
        None => row("pattern", &format!("`{}`", rule.pattern.source())),
    }
    let length = format!(
        "{} to {} characters of `{}`",
        constraints.min_length.unwrap_or(0),
        constraints.max_length.map_or_else(|| "any number of".to_owned(), |n| n.to_string()),
        constraints.alphabet_text.as_deref().unwrap_or("anything"),
    );
    row("body", &length);
    row("random", if constraints.random { "yes: words are not keys" } else { "no" });
    row(
        "checksum",
        &rule.checksum.as_ref().map(|sum| format!("`{}`", sum.name())).unwrap_or_default(),
    );
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
fn the_command_line_documentation_is_current() {
    let mut text = String::from(
        "# Command line\n\nGenerated from the definition of the arguments by a test; do not edit.\n",
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

#[test]
fn links_between_documents_work() {
    let root = Path::new(ROOT);
    let folders = [root.to_owned(), root.join("docs")];
    let pages: Vec<_> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    assert!(pages.contains(&root.join("README.md")), "{pages:?}");
    let faults: Vec<_> = pages.iter().flat_map(|page| broken_links(page)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The relative links of a page to files or headings that do not exist.
fn broken_links(page: &Path) -> Vec<String> {
    let folder = page.parent().unwrap();
    let is_broken = |link: &&str| {
        let (path, heading) = link.split_once('#').unwrap_or((link, ""));
        let target: PathBuf = if path.is_empty() { page.to_owned() } else { folder.join(path) };
        !target.exists() || !heading.is_empty() && !anchors(&prose(&target)).contains(heading)
    };
    let text = prose(page);
    let (after_bracket, after_source) = (text.split("](").skip(1), text.split("src=\"").skip(1));
    let links = after_bracket
        .filter_map(|rest| rest.split_once(')'))
        .chain(after_source.filter_map(|rest| rest.split_once('"')))
        .map(|(link, _)| link)
        .filter(|link| !link.contains(':'));
    links.filter(is_broken).map(|link| format!("{}: {link}", page.display())).collect()
}

/// A page without its code blocks.
fn prose(page: &Path) -> String {
    let text = std::fs::read_to_string(page).unwrap();
    text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// The anchors that GitHub generates for the headings of a page.
fn anchors(text: &str) -> HashSet<String> {
    text.lines()
        .filter_map(|line| {
            line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))
        })
        .map(|heading| {
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        })
        .collect()
}

#[test]
fn doc_comments_do_not_begin_with_what() {
    let root = Path::new(ROOT);
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "benches", "examples"] {
        collect_rust_files(&root.join(folder), &mut files);
    }
    files.sort();
    assert!(files.contains(&root.join("tests/it/documents.rs")), "{files:?}");
    let faults: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            let name = file.strip_prefix(root).unwrap().display();
            let lines = vague_doc_lines(&text);
            lines.iter().map(|(line, doc)| format!("{name}:{line}: {doc}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} doc lines do not name their subject:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn only_questions_may_begin_with_what() {
    let text = ["/// What it is.", "x", "//! Whether it", "//! is so? Yes.", "  /// What", "  ///"];
    let lines: Vec<_> = vague_doc_lines(&text.join("\n")).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 5]);
}

fn collect_rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The doc lines, numbered from 1, that begin with "What" or "Whether" without being a question.
fn vague_doc_lines(text: &str) -> Vec<(usize, &str)> {
    let docs: Vec<Option<&str>> = text
        .lines()
        .map(|line| {
            let line = line.trim_start();
            line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim)
        })
        .collect();
    let is_question = |first: usize| {
        let lines = docs[first..].iter().map_while(|doc| doc.filter(|doc| !doc.is_empty()));
        let words = lines.flat_map(str::split_whitespace);
        words.filter_map(|word| word.chars().next_back()).find(|end| ".?!".contains(*end))
            == Some('?')
    };
    docs.iter()
        .enumerate()
        .filter_map(|(index, doc)| doc.map(|doc| (index, doc)))
        .filter(|(_, doc)| matches!(doc.split(' ').next(), Some("What" | "Whether")))
        .filter(|(index, _)| !is_question(*index))
        .map(|(index, doc)| (index + 1, doc))
        .collect()
}
