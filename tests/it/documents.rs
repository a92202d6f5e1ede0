//! Documentation generated from the program, which `just bless` rewrites; links between all pages;
//! the first words of doc comments.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use keyside::model::{FindingKind, KindTexts};
use keyside::report::texts;

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
fn the_readme_lists_the_kinds_on_one_screen() {
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
    let folders = [root.to_owned(), root.join("docs"), root.join("docs/rules")];
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
    // What is in backticks is no link.
    let text: String = prose(page).split("``").step_by(2).collect();
    let text: String = text.split('`').step_by(2).collect();
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

/// The units of what is measured.
const UNITS: &[&str] = &["ms", "s", "µs", "ns", "kB", "KB", "MB", "GB", "GB/s"];

/// The first measured figure of a line, such as `12 ms`.
fn figure(line: &str) -> Option<&str> {
    let words: Vec<&str> = line.split([' ', '|', '(', ')', ',', ';', ':', '`']).collect();
    let is_number =
        |word: &str| word.starts_with(|c: char| c.is_ascii_digit()) && word.parse::<f64>().is_ok();
    let unit = |word: &str| UNITS.contains(&word.trim_end_matches('.'));
    let found = words.windows(2).find(|pair| is_number(pair[0]) && unit(pair[1]));
    found.map(|_| line)
}

#[test]
fn every_figure_says_when_and_how_it_was_measured() {
    // The sizes there describe the input.
    let described = "## How to repeat it";
    let marked =
        [("<!-- figures:begin", "<!-- figures:end"), ("<!-- record:begin", "<!-- record:end")];
    for name in ["README.md", "docs/performance.md"] {
        let text = std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
        let mut open = None;
        let mut is_described = false;
        for (nth, line) in (1..).zip(text.lines()) {
            if let Some((begin, end)) = marked.iter().find(|(begin, _)| line.starts_with(begin)) {
                assert_eq!(open.replace(end), None, "{name}:{nth}: the passage before is open");
                let said = line.trim_start_matches(begin).trim_end_matches(" -->").trim();
                let parts: Vec<_> = said.split("; ").filter(|part| !part.is_empty()).collect();
                let is_record = begin.contains("record");
                assert_eq!(parts.len(), if is_record { 3 } else { 1 }, "{name}:{nth}: {line}");
                assert!(!is_record || parts[0].starts_with("20"), "{name}:{nth}: no day: {line}");
            } else if let Some(end) = open.filter(|end| line.starts_with(**end)) {
                assert!(line.starts_with(end));
                open = None;
            } else if line.starts_with("## ") {
                is_described = line == described;
            } else if open.is_none() && !is_described {
                assert_eq!(figure(line), None, "{name}:{nth}: in no marked passage");
            }
        }
        assert_eq!(open, None, "{name}");
        // `just figures` looks for these.
        let passages = text.lines().filter_map(|line| line.strip_prefix("<!-- figures:begin "));
        let passages: Vec<_> = passages.map(|name| name.trim_end_matches(" -->")).collect();
        let expected: &[&str] = match name {
            "README.md" => &["summary"],
            _ => &["start", "staged", "tree", "rules", "large", "history", "exposure"],
        };
        assert_eq!(passages, expected, "{name}");
    }
    assert!(figure("about 12 ms, or").is_some() && figure("| 0.33 s | x").is_some());
    assert!(figure("in 3 places").is_none() && figure("a 2 MB limit").is_some());
}
