//! The cost of the exposure analysis in checkouts of whole repositories. The built-in rules know so many
//! names of variables that it begins in nearly all of them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use keyside_exposure::{Catalog, Files, FoundKey, Input, KeyFinder, is_module_source};
use tempfile::TempDir;

use crate::git;
use crate::measure::{self, Program};

const ROUNDS: usize = 5;

/// The line that is staged.
const LINE: &str = "\nexport const addedForTheBenchmark = 1\n";

/// Measures each checkout and prints the table. Nothing is fetched, and the checkouts stay as they
/// are: what is staged is staged in a clone.
pub(crate) fn run(paths: &[PathBuf]) -> io::Result<()> {
    println!(
        "\nexposure: {ROUNDS} rounds, medians; goals: scan ≤ 0.1 s + 0.15 ms a file, staged ≤ half of"
    );
    println!(
        "that, again ≤ 0.06 s, no module too complex, fewer than three imports that lead nowhere,"
    );
    println!("≤ 150 MB");
    println!(
        "  {:<24} {:>7} {:>9} {:>7} {:>9} {:>8} {:>8} {:>7} {:>7}  MB",
        "checkout",
        "sources",
        "scan s",
        "goal s",
        "staged s",
        "again s",
        "complex",
        "absent",
        "parses"
    );
    for path in paths {
        checkout(&fs::canonicalize(path)?)?;
    }
    Ok(())
}

fn checkout(path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = TempDir::new_in(crate::SCRATCH)?;
    let sources = tracked(path)?;
    let mut scans = vec![program(&["scan"], path)];
    if let Some(clone) = stage(path, &sources, &folder.path().join("clone"))? {
        scans.push(program(&["git", "--staged"], &clone));
        let cache = folder.path().join("cache").to_string_lossy().into_owned();
        // A first run, which is not measured, fills the cache.
        scans.push(program(&["git", "--staged", "--cache", &cache], &clone));
    }
    let times = measure::in_turn(&scans, ROUNDS)?;
    let seconds = |nth: usize| times.get(nth).map_or(f64::NAN, measure::Times::median);
    let (complex, absent) = notes(path)?;
    let parsing = parsing(path, &sources)?;
    let goal = 0.1 + 0.000_15 * sources.len() as f64;
    println!(
        "  {name:<24} {:>7} {:>9.3} {goal:>7.2} {:>9.3} {:>8.3} {complex:>8} {absent:>7} {:>6.1}x  {:.0}",
        sources.len(),
        seconds(0),
        seconds(1),
        seconds(2),
        seconds(0) / parsing,
        scans[0].peak_megabytes()?.unwrap_or(f64::NAN),
    );
    Ok(())
}

fn words(path: &Path, command: &[&str]) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec![env!("CARGO_BIN_EXE_keyside").into()];
    words.extend(command.iter().map(OsString::from));
    words.push(path.into());
    words
}

fn program(command: &[&str], path: &Path) -> Program {
    // Findings and imports that lead nowhere are no failure here.
    Program::new(command.join(" "), words(path, command), &[0, 1, 3])
}

/// The modules that git tracks.
fn tracked(path: &Path) -> io::Result<Vec<String>> {
    let listed = Command::new("git").arg("-C").arg(path).args(["ls-files", "-z"]).output()?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(listed.split('\0').filter(|path| is_module_source(path)).map(str::to_owned).collect())
}

/// A clone in which a line is added to one module and staged; `None` if the checkout has no module.
fn stage(path: &Path, sources: &[String], clone: &Path) -> io::Result<Option<PathBuf>> {
    let typed = sources.iter().filter(|path| path.ends_with(".ts") || path.ends_with(".tsx"));
    let typed: Vec<&String> = typed.collect();
    let Some(module) = typed.get(typed.len() / 2) else { return Ok(None) };
    let (from, to) = (path.to_string_lossy(), clone.to_string_lossy());
    git::run(Path::new(crate::SCRATCH), &["clone", "-q", "--local", &from, &to])?;
    let file = clone.join(module);
    let text = fs::read_to_string(&file)?;
    fs::write(&file, text + LINE)?;
    git::run(clone, &["add", "--", module])?;
    Ok(Some(clone.to_owned()))
}

/// How many modules are too complex, and how many imports lead nowhere.
fn notes(path: &Path) -> io::Result<(usize, usize)> {
    let words = words(path, &["scan", "--format", "json"]);
    let said = Command::new(&words[0]).args(&words[1..]).stderr(Stdio::null()).output()?;
    let report: serde_json::Value = serde_json::from_slice(&said.stdout)?;
    let notices = report["scan"]["notices"].as_array().map(Vec::as_slice).unwrap_or_default();
    let count = |part: &str| {
        let is_it = |notice: &&serde_json::Value| {
            notice["message"].as_str().is_some_and(|message| message.contains(part))
        };
        notices.iter().filter(is_it).count()
    };
    Ok((count("too complex to evaluate"), count("missing or too large")))
}

/// The seconds that parsing all modules takes, with their expressions, on all threads.
fn parsing(path: &Path, sources: &[String]) -> io::Result<f64> {
    let mut files = BTreeMap::new();
    for source in sources {
        if let Ok(bytes) = fs::read(path.join(source)) {
            files.insert(source.clone(), bytes);
        }
    }
    let files = Contents(files);
    let catalog = Catalog::default();
    let input = Input { files: &files, catalog: &catalog, keys: &NoKeys, seeds: &[] };
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        keyside_exposure::parse_modules(&input);
        least = least.min(begun.elapsed().as_secs_f64());
    }
    Ok(least)
}

/// Files in memory.
struct Contents(BTreeMap<String, Vec<u8>>);

impl Files for Contents {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).cloned())
    }

    fn below(&self, _: &str) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// A search that finds nothing.
struct NoKeys;

impl KeyFinder for NoKeys {
    fn find(&self, _: &str) -> Vec<FoundKey> {
        Vec::new()
    }

    fn masked(&self, text: &str) -> String {
        text.to_owned()
    }

    fn text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }
}
