//! Reads the cases of this folder: small projects in Markdown with their expectations.
//! `README.md` describes the form.
//!
//! The tests of this crate, the tests of keyside and `just same-reports` share this file, so it
//! needs only the standard library. Readers of a case make its keys.

#![allow(dead_code, reason = "no program needs all of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// A small project with its expectations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    /// The name of its test, unique among all cases.
    pub(crate) name: String,
    /// The Markdown file.
    pub(crate) file: PathBuf,
    /// The line of its heading, 1-based.
    pub(crate) line: usize,
    /// The rules of its folder, if it has its own.
    pub(crate) rules: Option<PathBuf>,
    pub(crate) files: Vec<ProjectFile>,
    pub(crate) marks: Vec<Mark>,
}

/// A file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectFile {
    pub(crate) path: String,
    /// The text without its marks, with templates such as `{key:sk_v1_:1}`.
    pub(crate) text: String,
    /// True for a file in UTF-16, little-endian, with a byte order mark.
    pub(crate) is_utf16: bool,
    /// The line of the text's first line in the Markdown, 1-based.
    pub(crate) start: usize,
}

/// An expectation about a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) expected: Expected,
    pub(crate) path: String,
    /// The line in the project's file, 1-based.
    pub(crate) line: u64,
}

/// The kind of an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The first occurrence of a client finding of this kind.
    Leak(String),
    /// A client finding that need not be found.
    MayLeak(String),
    /// A whole key of class `secret`, on this side if one is named.
    Key(Option<String>),
    /// The place where a secret is sent to a client: the last step of a finding's trace.
    Sent,
    /// The severity of all client findings of the line.
    Severity(String),
}

/// A client finding: its kind, and the place of its first occurrence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reported {
    pub(crate) kind: String,
    pub(crate) path: String,
    pub(crate) line: u64,
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}", self.kind, self.path, self.line)
    }
}

/// A fault of a case: its place, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    file: PathBuf,
    line: usize,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}

impl std::error::Error for Fault {}

impl Case {
    /// The required findings.
    pub(crate) fn leaks(&self) -> BTreeSet<Reported> {
        self.places(|expected| match expected {
            Expected::Leak(kind) => Some(kind.clone()),
            Expected::MayLeak(_) | Expected::Key(_) | Expected::Sent | Expected::Severity(_) => {
                None
            }
        })
    }

    /// The optional findings.
    pub(crate) fn possible_leaks(&self) -> BTreeSet<Reported> {
        self.places(|expected| match expected {
            Expected::MayLeak(kind) => Some(kind.clone()),
            Expected::Leak(_) | Expected::Key(_) | Expected::Sent | Expected::Severity(_) => None,
        })
    }

    /// The severities that lines name: path, line, severity.
    pub(crate) fn severities(&self) -> impl Iterator<Item = (&str, u64, &str)> {
        self.marks.iter().filter_map(|mark| match &mark.expected {
            Expected::Severity(severity) => Some((&*mark.path, mark.line, &**severity)),
            Expected::Leak(_) | Expected::MayLeak(_) | Expected::Key(_) | Expected::Sent => None,
        })
    }

    fn places(&self, kind: impl Fn(&Expected) -> Option<String>) -> BTreeSet<Reported> {
        let reported = |mark: &Mark| {
            let kind = kind(&mark.expected)?;
            Some(Reported { kind, path: mark.path.clone(), line: mark.line })
        };
        self.marks.iter().filter_map(reported).collect()
    }

    /// The place of a line of a project's file in the Markdown, as `FILE:LINE`, and the line.
    pub(crate) fn source(&self, path: &str, line: u64) -> Option<(String, &str)> {
        let own = self.files.iter().find(|own| own.path == path)?;
        let nth = usize::try_from(line).ok()?.checked_sub(1)?;
        let at = format!("{}:{}", self.file.display(), own.start + nth);
        Some((at, own.text.lines().nth(nth)?))
    }
}

impl ProjectFile {
    /// The file's bytes, with a key for every prefix and number.
    pub(crate) fn bytes(&self, key: impl FnMut(&str, u64) -> String) -> Vec<u8> {
        let text = filled(&self.text, key);
        if self.is_utf16 {
            let units = format!("\u{feff}{text}");
            units.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            text.into_bytes()
        }
    }
}

/// A text with its templates replaced: `{key:PREFIX:NUMBER}` becomes `key(PREFIX, NUMBER)`. The
/// same number must give the same key.
pub(crate) fn filled(text: &str, mut key: impl FnMut(&str, u64) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(template) = Template::first(rest) {
        let (prefix, number) = template.key.expect("a template is `{key:PREFIX:NUMBER}`");
        out.push_str(template.before);
        out.push_str(&key(prefix, number));
        rest = template.after;
    }
    out + rest
}

/// A template in a text.
struct Template<'t> {
    before: &'t str,
    /// Prefix and number; `None` if it is malformed.
    key: Option<(&'t str, u64)>,
    after: &'t str,
}

impl<'t> Template<'t> {
    /// The first template of a text.
    fn first(text: &'t str) -> Option<Self> {
        let (before, rest) = text.split_once("{key:")?;
        let Some((inner, after)) = rest.split_once('}') else {
            return Some(Self { before, key: None, after: "" });
        };
        let parts = inner.rsplit_once(':');
        let key = parts.and_then(|(prefix, number)| Some((prefix, number.parse().ok()?)));
        Some(Self { before, key, after })
    }
}

/// Loads the cases of a folder and of each folder in it that has `rules.toml`, by file.
///
/// # Errors
/// Returns the first malformed case, or the first name that two cases share.
pub(crate) fn load(folder: &Path) -> Result<Vec<Case>, Fault> {
    let mut cases = load_folder(folder, None)?;
    for path in listed(folder)? {
        let rules = path.join("rules.toml");
        if rules.is_file() {
            cases.extend(load_folder(&path, Some(&rules))?);
        }
    }
    let mut known: BTreeMap<&str, &Case> = BTreeMap::new();
    for case in &cases {
        if let Some(first) = known.insert(&case.name, case) {
            let message = format!(
                "`{}` is the name of another case, at {}:{}",
                case.name,
                first.file.display(),
                first.line
            );
            return Err(Fault { file: case.file.clone(), line: case.line, message });
        }
    }
    Ok(cases)
}

fn load_folder(folder: &Path, rules: Option<&Path>) -> Result<Vec<Case>, Fault> {
    let mut cases = Vec::new();
    for path in listed(folder)? {
        let is_list = path.extension().is_some_and(|ending| ending == "md");
        if is_list && !path.ends_with("README.md") {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            let own = parse(&path, &text)?;
            cases.extend(own.into_iter().map(|case| Case { rules: rules.map(Into::into), ..case }));
        }
    }
    Ok(cases)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let entries = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>());
    let mut paths = entries.map_err(|error| unreadable(folder, &error))?;
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    Fault { file: path.into(), line: 1, message: format!("cannot be read: {error}") }
}

/// The cases of a Markdown file.
///
/// # Errors
/// Returns the first malformed line.
pub(crate) fn parse(file: &Path, text: &str) -> Result<Vec<Case>, Fault> {
    let mut parser = Parser { file, lines: text.lines().collect(), at: 0, cases: Vec::new() };
    parser.run()?;
    Ok(parser.cases)
}

struct Parser<'p> {
    file: &'p Path,
    lines: Vec<&'p str>,
    /// The next line, from 0.
    at: usize,
    cases: Vec<Case>,
}

impl<'p> Parser<'p> {
    fn run(&mut self) -> Result<(), Fault> {
        while let Some(line) = self.next() {
            if let Some(name) = line.strip_prefix("## ") {
                self.begin(name.trim())?;
            } else if line.starts_with('#') && self.at > 1 {
                return self.fault("a heading in a file of cases is `## name_of_a_case`");
            } else if fence(line) > 0 {
                return self.fault("a block needs the name of its file before it: `PATH`:");
            } else if let Some(name) = file_name(line) {
                self.file(&name)?;
            }
        }
        self.end()
    }

    fn next(&mut self) -> Option<&'p str> {
        let line = self.lines.get(self.at)?;
        self.at += 1;
        Some(line)
    }

    /// A fault of the last line read.
    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        self.fault_at(self.at, message)
    }

    fn fault_at<T>(&self, line: usize, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { file: self.file.into(), line, message: message.into() })
    }

    fn begin(&mut self, name: &str) -> Result<(), Fault> {
        self.end()?;
        let is_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(is_slug) {
            return self
                .fault(format!("`{name}` cannot be the name of a test; it takes a-z, 0-9 and _"));
        }
        self.cases.push(Case {
            name: name.to_owned(),
            file: self.file.into(),
            line: self.at,
            rules: None,
            files: Vec::new(),
            marks: Vec::new(),
        });
        Ok(())
    }

    /// Checks the case that ends here.
    fn end(&self) -> Result<(), Fault> {
        match self.cases.last() {
            Some(case) if case.files.is_empty() => {
                self.fault_at(case.line, format!("the case `{}` has no file", case.name))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Reads the block of a file.
    fn file(&mut self, name: &FileName) -> Result<(), Fault> {
        let FileName { path, attributes } = name;
        let named_at = self.at;
        let Some(case) = self.cases.last() else {
            return self.fault(format!("`{path}` is in front of the first case"));
        };
        if case.files.iter().any(|file| file.path == *path) {
            return self.fault(format!("the case has `{path}` twice"));
        }
        let is_plain = |component| matches!(component, Component::Normal(_));
        if path.contains('\\') || !Path::new(path).components().all(is_plain) {
            return self.fault(format!("`{path}` does not stay in the project"));
        }
        let (mut is_utf16, mut ends_in_newline) = (false, true);
        for attribute in attributes {
            match attribute.as_str() {
                "UTF-16" => is_utf16 = true,
                "no final newline" => ends_in_newline = false,
                other => {
                    return self
                        .fault(format!("`{other}` is neither `UTF-16` nor `no final newline`"));
                }
            }
        }
        let opening = loop {
            match self.next() {
                Some("") => {}
                Some(line) if fence(line) > 0 => break fence(line),
                Some(_) | None => {
                    return self.fault_at(named_at, format!("`{path}`: has no block after it"));
                }
            }
        };
        let start = self.at + 1;
        let mut text = String::new();
        loop {
            let Some(line) = self.next() else {
                return self.fault_at(start - 1, format!("the block of `{path}` has no end"));
            };
            if fence(line) >= opening && line.trim_end_matches('`').is_empty() {
                break;
            }
            let (content, expected) = match split_mark(line) {
                Ok(parts) => parts,
                Err(message) => return self.fault(message),
            };
            let mut rest = content;
            while let Some(template) = Template::first(rest) {
                if template.key.is_none() {
                    return self.fault("a template is `{key:PREFIX:NUMBER}`");
                }
                rest = template.after;
            }
            text.push_str(content);
            text.push('\n');
            let line = (self.at - start + 1) as u64;
            let mark = |expected| Mark { expected, path: path.clone(), line };
            if let Some(case) = self.cases.last_mut() {
                case.marks.extend(expected.into_iter().map(mark));
            }
        }
        if !ends_in_newline && text.pop().is_none() {
            return self.fault_at(named_at, "an empty file has no final newline anyway");
        }
        if let Some(case) = self.cases.last_mut() {
            case.files.push(ProjectFile { path: path.clone(), text, is_utf16, start });
        }
        Ok(())
    }
}

/// The number of backticks that open a block on a line; 0 if it opens none.
fn fence(line: &str) -> usize {
    let count = line.bytes().take_while(|byte| *byte == b'`').count();
    if count >= 3 && !line[count..].contains('`') { count } else { 0 }
}

/// A line such as "`src/a.ts` (UTF-16):".
struct FileName {
    path: String,
    attributes: Vec<String>,
}

fn file_name(line: &str) -> Option<FileName> {
    let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
    let (quote, rest) = line.split_at_checked(ticks).filter(|_| ticks > 0)?;
    let (path, rest) = rest.split_once(quote)?;
    // As in all Markdown, code with backticks is written between spaces.
    let path = if ticks > 1 { path.trim() } else { path };
    let attributes = match rest.strip_suffix(':')? {
        "" => Vec::new(),
        rest => {
            let list = rest.strip_prefix(" (")?.strip_suffix(')')?;
            list.split(", ").map(str::to_owned).collect()
        }
    };
    Some(FileName { path: path.to_owned(), attributes })
}

/// The beginning and end of a mark in the languages of the cases.
const MARKS: [(&str, &str); 4] = [("//~ ", ""), ("#~ ", ""), ("/*~ ", " */"), ("<!--~ ", " -->")];

/// A line without its mark, and the mark's expectations.
fn split_mark(line: &str) -> Result<(&str, Vec<Expected>), String> {
    let begins = MARKS.iter().filter_map(|(begin, end)| Some((line.rfind(begin)?, begin, end)));
    let Some((at, begin, end)) = begins.max_by_key(|(at, _, _)| *at) else {
        return Ok((line, Vec::new()));
    };
    let Some(list) = line[at + begin.len()..].strip_suffix(end) else {
        return Err(format!("the mark has no `{}` at the end of the line", end.trim()));
    };
    let expected = list.split(", ").map(expected).collect::<Result<_, _>>()?;
    let content = &line[..at];
    Ok((content.strip_suffix(' ').unwrap_or(content), expected))
}

fn expected(text: &str) -> Result<Expected, String> {
    let is_kind = |kind: &str| {
        !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    match text.split_once(": ").unwrap_or((text, "")) {
        ("leak", kind) if is_kind(kind) => Ok(Expected::Leak(kind.to_owned())),
        ("may leak", kind) if is_kind(kind) => Ok(Expected::MayLeak(kind.to_owned())),
        ("key", "") => Ok(Expected::Key(None)),
        ("key", side @ ("client" | "server" | "unknown")) => {
            Ok(Expected::Key(Some(side.to_owned())))
        }
        ("sent", "") => Ok(Expected::Sent),
        ("error" | "warning" | "note", "") => Ok(Expected::Severity(text.to_owned())),
        _ => Err(format!(
            "`{text}` is no expectation; those are `leak: KIND`, `may leak: KIND`, `key`, \
             `key: client`, `key: server`, `key: unknown`, `sent`, `error`, `warning` and `note`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Case>, String> {
        parse(Path::new("x.md"), text).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_case_has_files_and_marks() {
        let text = "# Title\n\nWords.\n\n## first_one\n\nWhy, with `code`: yes.\n\n`a.ts`:\n\n\
                    ```ts\nconst a = 1 //~ leak: client-secret-literal, key: client\n\n//~ sent\n\
                    b  #~ may leak: x-y\n```\n\n`b.css` (UTF-16, no final newline):\n```css\n\
                    c {} /*~ key */\n<p> <!--~ key: server -->\n```\n\n## two\n`empty`:\n```\n```\n";
        let cases = parsed(text).unwrap();
        let [first, second] = &cases[..] else { panic!("{cases:?}") };
        assert_eq!((first.name.as_str(), first.line), ("first_one", 5));
        let mark = |expected, path: &str, line| Mark { expected, path: path.to_owned(), line };
        assert_eq!(
            first.marks,
            [
                mark(Expected::Leak("client-secret-literal".into()), "a.ts", 1),
                mark(Expected::Key(Some("client".into())), "a.ts", 1),
                mark(Expected::Sent, "a.ts", 3),
                mark(Expected::MayLeak("x-y".into()), "a.ts", 4),
                mark(Expected::Key(None), "b.css", 1),
                mark(Expected::Key(Some("server".into())), "b.css", 2),
            ]
        );
        assert_eq!(first.files[0].text, "const a = 1\n\n\nb \n");
        assert_eq!(first.files[0].start, 12);
        assert_eq!(first.files[1].text, "c {}\n<p>");
        assert_eq!(&first.files[1].bytes(|_, _| String::new())[..4], b"\xff\xfec\0");
        assert_eq!(first.source("a.ts", 4), Some(("x.md:15".to_owned(), "b ")));
        assert_eq!(second.files[0].text, "");
        assert_eq!(
            first.leaks().into_iter().collect::<Vec<_>>(),
            [Reported { kind: "client-secret-literal".into(), path: "a.ts".into(), line: 1 }]
        );
        assert_eq!(first.possible_leaks().len(), 1);
    }

    #[test]
    fn fences_and_backticks_can_be_in_a_file_and_its_name() {
        let text = "## a\n`` b`c.md ``:\n````md\n```js\n1\n```\n````\n";
        let file = &parsed(text).unwrap()[0].files[0];
        assert_eq!((file.path.as_str(), file.text.as_str()), ("b`c.md", "```js\n1\n```\n"));
    }

    #[test]
    fn templates_become_keys() {
        let text =
            filled("a {key:sk_:1} {b} {key::2}", |prefix, number| format!("<{prefix}{number}>"));
        assert_eq!(text, "a <sk_1> {b} <2>");
    }

    #[test]
    fn a_fault_is_reported_with_its_line() {
        let block = "`a`:\n```\n1\n```\n";
        for (text, fault) in [
            ("## A b\n".to_owned(), "x.md:1: `A b` cannot be the name of a test"),
            ("# A\n## a\n\n## b\n".to_owned(), "x.md:2: the case `a` has no file"),
            (format!("## a\n{block}### b\n"), "x.md:6: a heading in a file of cases is"),
            (block.to_owned(), "x.md:1: `a` is in front of the first case"),
            (format!("## a\n{block}{block}"), "x.md:6: the case has `a` twice"),
            ("## a\n```\n```\n".to_owned(), "x.md:2: a block needs the name of its file"),
            ("## a\n`a`:\nWords.\n```\n```\n".to_owned(), "x.md:2: `a`: has no block after it"),
            ("## a\n`a`:\n".to_owned(), "x.md:2: `a`: has no block after it"),
            ("## a\n`a`:\n```\n1\n".to_owned(), "x.md:3: the block of `a` has no end"),
            ("## a\n`../a`:\n```\n```\n".to_owned(), "x.md:2: `../a` does not stay"),
            ("## a\n`/a`:\n```\n```\n".to_owned(), "x.md:2: `/a` does not stay"),
            ("## a\n`a` (UTF-8):\n```\n```\n".to_owned(), "x.md:2: `UTF-8` is neither"),
            ("## a\n`a` (no final newline):\n```\n```\n".to_owned(), "x.md:2: an empty file"),
            ("## a\n`a`:\n```\n1 //~ leaks\n```\n".to_owned(), "x.md:4: `leaks` is no expectation"),
            ("## a\n`a`:\n```\n1 //~ leak: \n```\n".to_owned(), "x.md:4: `leak: ` is no"),
            ("## a\n`a`:\n```\n{key:sk_}\n```\n".to_owned(), "x.md:4: a template is"),
            ("## a\n`a`:\n```\n{key:sk_:1\n```\n".to_owned(), "x.md:4: a template is"),
            ("## a\n`a`:\n```\n1 /*~ key\n```\n".to_owned(), "x.md:4: the mark has no `*/`"),
        ] {
            let error = parsed(&text).unwrap_err();
            assert!(error.starts_with(fault), "{text:?}: {error}");
        }
    }
}
