//! Everything that a repository stores, against inflating it and against other scanners; the cost
//! of the histories of keys, of a second run, and of a few commits.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::measure::{self, Program, Times};
use crate::{floor, git, past, peers, plant};

const ROUNDS: usize = 7;
/// Fewer, because other scanners take minutes.
const PEER_ROUNDS: usize = 3;
const RANGE_ROUNDS: usize = 15;

/// The repository to measure instead of a generated one.
const REPOSITORY: &str = "KEYSIDE_BENCH_REPO";

/// The number of commits between two runs with a cache, and of commits in a range.
const NEW: usize = 10;
const RANGE: usize = 50;

/// Arguments with which this program does only the unavoidable work.
const INFLATE: &str = "--inflate-all";
const OPEN: &str = "--open-only";

/// Arguments with which this program only makes a repository, for example for a profile.
const MAKE: &str = "--make-repository";
const PLANT: &str = "--plant-keys";

/// Runs the mode that the arguments ask for, if it is not a measurement.
pub(crate) fn does_a_part(args: &[String]) -> Result<bool, Box<dyn Error>> {
    match args {
        [mode, path] if mode == INFLATE => floor::inflate(Path::new(path))?,
        [mode, path] if mode == OPEN => floor::open(Path::new(path))?,
        [mode, path] if mode == MAKE => {
            fs::create_dir(path)?;
            past::make(Path::new(path), "sha1")?;
        }
        [mode, from, to] if mode == PLANT => {
            plant::plant(Path::new(from), Path::new(to))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    if !measure::is_installed("git")? {
        println!("(git is not installed: history is not measured)");
        return Ok(());
    }
    let folder = TempDir::new_in(crate::SCRATCH)?;
    let named = std::env::var_os(REPOSITORY).map(PathBuf::from);
    let path = match &named {
        Some(path) => fs::canonicalize(path)?,
        None => {
            let path = folder.path().join("repository");
            fs::create_dir(&path)?;
            println!("\nhistory: the repository is being made");
            past::make(&path, "sha1")?;
            path
        }
    };
    // A repository that the user names may have keys and lack objects.
    let good: &'static [i32] = if named.is_some() { &[0, 1, 3] } else { &[0] };
    let commits = git::output(&path, &["rev-list", "--count", "--all"])?;
    println!("\nhistory: {commits} commits of refs");
    clean(&path, good)?;
    attribution(&path, folder.path(), good)?;
    again(&path, folder.path(), good)?;
    range(&path)?;
    if named.is_none() {
        formats(&path, folder.path())?;
    }
    others(&path, good)
}

/// `keyside git` with `args`.
fn keyside(args: &[&str], path: &Path, good: &'static [i32]) -> Program {
    let mut words: Vec<OsString> = vec![env!("CARGO_BIN_EXE_keyside").into(), "git".into()];
    words.extend(args.iter().map(OsString::from));
    words.push(path.into());
    Program::new("keyside", words, good)
}

/// This program itself.
fn itself(name: &str, mode: &str, path: &Path) -> io::Result<Program> {
    let words = vec![std::env::current_exe()?.into(), mode.into(), path.into()];
    Ok(Program::new(name, words, &[0]))
}

fn clean(path: &Path, good: &'static [i32]) -> Result<(), Box<dyn Error>> {
    let programs = [keyside(&[], path, good), itself("inflate only", INFLATE, path)?];
    let times = measure::in_turn(&programs, ROUNDS)?;
    measure::print(&format!("clean run, {ROUNDS} rounds"), &times, &[Some(1.3)]);
    measure::print_memory("keyside", &programs[0], Some(700.0))?;
    Ok(measure::print_memory("inflate only", &programs[1], None)?)
}

/// The cost of the histories of some keys, beyond that of the search.
fn attribution(path: &Path, folder: &Path, good: &'static [i32]) -> Result<(), Box<dyn Error>> {
    let planted = folder.join("planted");
    let made = plant::plant(path, &planted)?;
    let report = folder.join("report.json");
    let mut check = keyside(&["-f", "json", "-o"], &report, &[1, 3]);
    check.add(&planted);
    check.run()?;
    let told: Value = serde_json::from_slice(&fs::read(&report)?)?;
    let findings = told["findings"].as_array().map_or(0, Vec::len);
    let with = |what: &str| {
        let findings = told["findings"].as_array().into_iter().flatten();
        findings.filter(|finding| !finding[what].is_null()).count()
    };
    let packed = if made.is_packed { "packed with the others" } else { "in a pack of their own" };
    println!(
        "\n  {} keys planted in {} commits, {packed}; {findings} findings, {} with a first commit, \
         {} with a commit that removed them",
        plant::KEYS,
        made.commits,
        with("first_seen"),
        with("removed_in"),
    );
    let programs = [
        keyside(&[], &planted, &[1, 3]).named("keyside, with keys"),
        keyside(&[], path, good).named("keyside, before"),
    ];
    let times = measure::in_turn(&programs, ROUNDS)?;
    measure::print(&format!("attribution, {ROUNDS} rounds"), &times, &[Some(2.0)]);
    beyond(&times, "the stories", " (goal: no more than the run before)");
    measure::print_memory("keyside, with keys", &programs[0], Some(700.0))?;
    Ok(fs::remove_dir_all(planted)?)
}

/// A second run with a cache, after some more commits, against opening the repository alone.
fn again(path: &Path, folder: &Path, good: &'static [i32]) -> Result<(), Box<dyn Error>> {
    let copy = folder.join("copy");
    plant::copy(path, &copy)?;
    let cache = folder.join("cache");
    let cached = cache.to_string_lossy().into_owned();
    keyside(&["--cache", &cached], &copy, good).run()?;
    let first = folder.join("cache of the first run");
    fs::rename(&cache, &first)?;
    past::go_on(&copy, NEW)?;
    let restore = move || {
        fs::create_dir_all(&cache)?;
        for file in fs::read_dir(&first)? {
            let file = file?;
            fs::copy(file.path(), cache.join(file.file_name()))?;
        }
        Ok(())
    };
    let again = keyside(&["--cache", &cached], &copy, good).named("keyside --cache, again");
    let programs = [again.before(restore), itself("open only", OPEN, &copy)?];
    let times = measure::in_turn(&programs, ROUNDS)?;
    let title = format!("a run with a cache after {NEW} more commits, {ROUNDS} rounds");
    measure::print(&title, &times, &[]);
    beyond(&times, "the second run", " (goal ≤ 0.3 s)");
    measure::print_memory("keyside --cache, again", &programs[0], None)?;
    Ok(fs::remove_dir_all(copy)?)
}

/// The newest commits, against a listing by git.
fn range(path: &Path) -> Result<(), Box<dyn Error>> {
    // Two ranges: one of the wanted number of commits, and one of that number of trunk steps.
    let count = |steps: usize| -> io::Result<usize> {
        let range = format!("HEAD~{steps}..HEAD");
        git::output(path, &["rev-list", "--count", &range])?.parse().map_err(io::Error::other)
    };
    let mut steps = 1;
    while steps < RANGE && count(steps)? < RANGE {
        steps += 1;
    }
    for steps in [steps, RANGE] {
        let range = format!("HEAD~{steps}..HEAD");
        let mut list: Vec<OsString> = ["git", "-C"].map(OsString::from).into();
        list.push(path.into());
        list.extend(["rev-list", &range].map(OsString::from));
        let programs = [
            keyside(&["--range", &range], path, &[0, 1, 3]).named("keyside --range"),
            Program::new("git rev-list", list, &[0]),
        ];
        let times = measure::in_turn(&programs, RANGE_ROUNDS)?;
        let title = format!("range {range}, {} commits, {RANGE_ROUNDS} rounds", count(steps)?);
        measure::print(&title, &times, &[]);
        beyond(&times, "the range", " (goal for 50 commits: ≤ 0.1 s)");
        measure::print_memory("keyside --range", &programs[0], None)?;
    }
    Ok(())
}

/// The generated history with ids of SHA-256, against the same with ids of SHA-1.
fn formats(path: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let long = folder.join("sha256");
    fs::create_dir(&long)?;
    past::make(&long, "sha256")?;
    let programs = [
        keyside(&[], &long, &[0]).named("keyside, SHA-256"),
        keyside(&[], path, &[0]).named("keyside, SHA-1"),
    ];
    let times = measure::in_turn(&programs, ROUNDS)?;
    measure::print(&format!("formats of objects, {ROUNDS} rounds"), &times, &[Some(1.25)]);
    Ok(fs::remove_dir_all(long)?)
}

/// Runs the same measurement for other scanners.
fn others(path: &Path, good: &'static [i32]) -> Result<(), Box<dyn Error>> {
    // Some of them report findings in a repository that the user names.
    let found: &[i32] = if good.len() > 1 { &[0, 1, 200, 205] } else { &[0] };
    let mut programs = vec![keyside(&[], path, good)];
    programs.extend(peers::listed(path, found)?);
    if programs.len() == 1 {
        return Ok(());
    }
    let times = measure::in_turn(&programs, PEER_ROUNDS)?;
    // Goal: at least fifteen times as fast as the fastest of them.
    let goals = vec![Some(0.067); programs.len() - 1];
    measure::print(&format!("other scanners, {PEER_ROUNDS} rounds"), &times, &goals);
    for program in &programs {
        measure::print_memory(program.name(), program, None)?;
    }
    Ok(())
}

/// Prints by how much the first median exceeds the second.
fn beyond(times: &[Times], what: &str, goal: &str) {
    let (one, two) = (times[0].median(), times[1].median());
    println!(
        "  {what}: {:.3} s beyond {}, {:.2} times as much{goal}",
        one - two,
        times[1].name(),
        (one - two) / two
    );
}
