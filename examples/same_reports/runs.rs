//! The runs on a tree, and the folders of their reports.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::Context;
use serde_json::Value;

use super::normal::Normal;

/// Every format with the name of its report.
const FORMATS: [(&str, &str); 9] = [
    ("json", "report.json"),
    ("jsonl", "report.jsonl"),
    ("sarif", "report.sarif"),
    ("html", "report.html"),
    ("csv", "report.csv"),
    ("markdown", "report.md"),
    ("junit", "report.xml"),
    ("github", "report.github"),
    ("gitlab", "report.gitlab.json"),
];

/// The formats for small trees, of which there are hundreds.
const FEW: [(&str, &str); 2] = [FORMATS[0], FORMATS[2]];

/// A keyside program.
pub(crate) struct Program {
    path: PathBuf,
    version: String,
    home: PathBuf,
    /// The folder of its reports.
    reports: PathBuf,
}

impl Program {
    /// A working program.
    pub(crate) fn new(path: &Path, home: &Path, reports: &Path) -> anyhow::Result<Self> {
        let own = Self {
            path: path.into(),
            version: String::new(),
            home: home.into(),
            reports: reports.into(),
        };
        let output = own.run(home, &["--version"])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.split_whitespace().nth(1);
        let version = version.with_context(|| format!("{} has no version", path.display()))?;
        Ok(Self { version: version.to_owned(), ..own })
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    fn run(&self, folder: &Path, args: &[&str]) -> anyhow::Result<Output> {
        Command::new(&self.path)
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .with_context(|| format!("{} cannot be run", self.path.display()))
    }
}

/// A folder, and the runs in it.
pub(crate) struct Tree {
    name: String,
    folder: PathBuf,
    /// The name and arguments of each run.
    runs: Vec<(&'static str, Vec<String>)>,
    formats: &'static [(&'static str, &'static str)],
    /// Arguments of `keyside explain` for each place of a finding; `None` to skip it.
    explain: Option<Vec<String>>,
}

impl Tree {
    /// A case of the tests.
    pub(crate) fn case(name: &str, folder: PathBuf, rules: Option<&Path>) -> Self {
        let rules: Vec<String> =
            rules.iter().map(|rules| format!("--rules={}", rules.display())).collect();
        let mut args = vec!["scan".to_owned(), ".".to_owned(), "--threads=1".to_owned()];
        args.extend_from_slice(&rules);
        let name = format!("cases/{name}");
        Self { name, folder, runs: vec![("scan", args)], formats: &FEW, explain: Some(rules) }
    }

    /// A tree with these runs.
    pub(crate) fn new(name: &str, folder: PathBuf, runs: &[(&'static str, &[&str])]) -> Self {
        let runs = runs
            .iter()
            .map(|(name, args)| (*name, args.iter().map(|arg| (*arg).to_owned()).collect()));
        let name = name.to_owned();
        Self { name, folder, runs: runs.collect(), formats: &FORMATS, explain: Some(Vec::new()) }
    }

    /// The same tree with more arguments for each run, without explanations.
    pub(crate) fn with(mut self, more: &[String]) -> Self {
        self.explain = None;
        for (_, args) in &mut self.runs {
            args.extend_from_slice(more);
        }
        self
    }

    /// A user's folder, which may be a repository.
    pub(crate) fn given(name: &str, folder: PathBuf) -> Self {
        let mut runs: Vec<(&str, &[&str])> = vec![("scan", &["scan", ".", "--no-ignore"])];
        if folder.join(".git").exists() {
            runs.push(("git", &["git"]));
            runs.push(("staged", &["git", "--staged"]));
            runs.push(("range", &["git", "--range", "HEAD~20..HEAD"]));
        }
        Self::new(name, folder, &runs)
    }
}

/// Runs both programs on a tree and keeps their reports; returns the number of runs.
pub(crate) fn compare(
    tree: &Tree,
    old: &Program,
    new: &Program,
    normal: &Normal,
) -> anyhow::Result<usize> {
    let mut places = BTreeSet::new();
    for (name, args) in &tree.runs {
        for program in [old, new] {
            places.extend(report(tree, name, args, program, normal)?);
        }
    }
    let Some(more) = tree.explain.as_ref().filter(|_| !normal.ignores_texts) else {
        return Ok(tree.runs.len());
    };
    for program in [old, new] {
        let mut text = String::new();
        for place in &places {
            let mut args = vec!["explain", place];
            args.extend(more.iter().map(String::as_str));
            let output = program.run(&tree.folder, &args)?;
            writeln!(text, "$ keyside explain {place}\n{}", said(&output))?;
        }
        fs::write(program.reports.join(&tree.name).join("explain.txt"), normal.text(&text))?;
    }
    Ok(tree.runs.len() + places.len())
}

/// Keeps the reports of one run; returns the places of its findings in files.
fn report(
    tree: &Tree,
    name: &str,
    args: &[String],
    program: &Program,
    normal: &Normal,
) -> anyhow::Result<Vec<String>> {
    // Both programs write to the same paths, because some reports name them.
    let out = program.home.join("reports").join(&tree.name).join(name);
    fs::create_dir_all(&out)?;
    let formats: Vec<String> = tree
        .formats
        .iter()
        .map(|(format, file)| format!("{format}={}", out.join(file).display()))
        .collect();
    let mut all: Vec<&str> = args.iter().map(String::as_str).collect();
    all.extend(["-f", "human"]);
    all.extend(formats.iter().flat_map(|format| ["-f", format]));
    let output = program.run(&tree.folder, &all)?;
    let kept = program.reports.join(&tree.name).join(name);
    fs::create_dir_all(&kept)?;
    let code = output.status.code().unwrap_or(-1);
    if normal.ignores_texts {
        fs::write(kept.join("exit"), format!("{code}\n"))?;
    } else {
        fs::write(kept.join("human.txt"), normal.text(&said(&output)))?;
    }
    let mut places = Vec::new();
    for (format, file) in tree.formats {
        let text = fs::read(out.join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        if *format == "json" {
            places = findings(&text);
            fs::write(kept.join(file), normal.json(&text))?;
        } else if !normal.ignores_texts {
            fs::write(kept.join(file), normal.text(&text))?;
        }
    }
    fs::remove_dir_all(&out)?;
    Ok(places)
}

/// The output of a run, and its exit code.
fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    format!("{}--- stderr, exit code {code}\n{}", text(&output.stdout), text(&output.stderr))
}

/// The places in files that a JSON report names, for `keyside explain`.
fn findings(report: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(report).unwrap_or_default();
    let mut places = Vec::new();
    for finding in report["findings"].as_array().into_iter().flatten() {
        for place in finding["occurrences"].as_array().into_iter().flatten() {
            if let (Some("tree"), Some(path)) = (place["source"].as_str(), place["path"].as_str()) {
                places.push(format!("{path}:{}", place["start_line"]));
            }
        }
    }
    places
}
