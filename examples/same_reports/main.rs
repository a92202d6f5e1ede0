//! Compares all reports of two keyside programs on a fixed set of trees and prints the differences.
//! `.ci/same-reports` builds both programs and calls this.
//!
//! The trees are every case of the tests, a repository of all of them, a repository with a history,
//! a checkout of keyside itself, and the folders in `KEYSIDE_TREES`.

#[path = "../../crates/exposure/tests/cases/loader.rs"]
mod cases;
mod keys;
mod normal;
mod repositories;
mod runs;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, bail};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use normal::Normal;
use runs::{Program, Tree};

/// The arguments.
struct Args {
    old: PathBuf,
    new: PathBuf,
    /// The folder of the cases.
    cases: PathBuf,
    /// A repository of keyside, whose HEAD is one of the trees.
    checkout: PathBuf,
    /// The folder for all output.
    work: PathBuf,
    /// Compares JSON alone, without its sentences.
    ignores_texts: bool,
}

const USAGE: &str =
    "usage: same_reports OLD NEW --cases DIR --checkout DIR --work DIR [--texts=ignore]";

fn args() -> anyhow::Result<Args> {
    let mut places: Vec<PathBuf> = Vec::new();
    let (mut cases, mut checkout, mut work, mut ignores_texts) = (None, None, None, false);
    let mut given = env::args_os().skip(1);
    while let Some(arg) = given.next() {
        let mut folder = || given.next().map(PathBuf::from).context(USAGE);
        match arg.to_str() {
            Some("--cases") => cases = Some(folder()?),
            Some("--checkout") => checkout = Some(folder()?),
            Some("--work") => work = Some(folder()?),
            Some("--texts=ignore") => ignores_texts = true,
            Some(option) if option.starts_with('-') => bail!("unknown option {option}; {USAGE}"),
            _ => places.push(arg.into()),
        }
    }
    let [old, new] = <[PathBuf; 2]>::try_from(places).ok().context(USAGE)?;
    let folder = |given: Option<PathBuf>| -> anyhow::Result<PathBuf> {
        let folder = given.context(USAGE)?;
        fs::create_dir_all(&folder)?;
        fs::canonicalize(&folder).with_context(|| folder.display().to_string())
    };
    Ok(Args {
        old: fs::canonicalize(&old).with_context(|| old.display().to_string())?,
        new: fs::canonicalize(&new).with_context(|| new.display().to_string())?,
        cases: folder(cases)?,
        checkout: folder(checkout)?,
        work: folder(work)?,
        ignores_texts,
    })
}

fn main() -> ExitCode {
    match compared() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // If standard error is closed, nobody can be informed.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Compares the programs; true if all reports are the same.
fn compared() -> anyhow::Result<bool> {
    let args = args()?;
    let trees = trees(&args)?;
    let reports = args.work.join("reports");
    if reports.exists() {
        fs::remove_dir_all(&reports)?;
    }
    let home = args.work.join("home");
    fs::create_dir_all(&home)?;
    let programs = [("old", &args.old), ("new", &args.new)]
        .map(|(name, path)| Program::new(path, &home, &reports.join(name)));
    let [old, new] = programs;
    let (old, new) = (old?, new?);
    let normal = Normal::new([old.version(), new.version()], args.ignores_texts);
    let runs = AtomicUsize::new(0);
    trees.par_iter().try_for_each(|tree| {
        runs.fetch_add(runs::compare(tree, &old, &new, &normal)?, Ordering::Relaxed);
        anyhow::Ok(())
    })?;
    let runs = runs.into_inner();
    let is_same = is_same(&reports)?;
    let what = if is_same { "the same reports" } else { "reports that differ" };
    writeln!(io::stdout(), "{runs} runs of each program on {} trees: {what}", trees.len())?;
    Ok(is_same)
}

/// Lays out the trees.
fn trees(args: &Args) -> anyhow::Result<Vec<Tree>> {
    let folder = args.work.join("trees");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    // The longest first, because there is one thread per processor.
    let mut trees = Vec::new();
    let given = env::var_os("KEYSIDE_TREES").unwrap_or_default();
    for folder in env::split_paths(&given).filter(|folder| !folder.as_os_str().is_empty()) {
        let folder = fs::canonicalize(&folder).with_context(|| folder.display().to_string())?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        trees.push(Tree::given(&format!("given/{}-{name}", trees.len()), folder));
    }
    trees.push(repositories::checkout(&args.checkout, &folder)?);
    let cases = cases::load(&args.cases)?;
    trees.push(repositories::all_cases(&cases, &folder)?);
    trees.push(repositories::history(&folder)?);
    trees.push(repositories::cut(&folder)?);
    for case in &cases {
        let folder = folder.join("cases").join(&case.name);
        repositories::write(case, &folder)?;
        trees.push(Tree::case(&case.name, folder, case.rules.as_deref()));
    }
    Ok(trees)
}

/// Prints how the reports of the programs differ.
fn is_same(reports: &Path) -> anyhow::Result<bool> {
    let status = Command::new("git")
        .args(["--no-pager", "-c", "core.safecrlf=false", "diff", "--no-index", "--no-ext-diff"])
        .args(["--text", "--exit-code", "old", "new"])
        .current_dir(reports)
        .status()
        .context("git cannot be run")?;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => bail!("git diff failed: {status}"),
    }
}
