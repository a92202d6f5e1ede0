//! The cost of a commit hook: a few staged files, in a small repository and in one that the user
//! names.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::git;
use crate::measure::{self, Program};
use crate::text::Writer;

const ROUNDS: usize = 101;

/// The number of files, and of those that are staged.
const FILES: u64 = 20;
const STAGED: u64 = 10;

/// A repository with staged changes to measure as well.
const REPOSITORY: &str = "KEYSIDE_STAGED";

pub(crate) fn run() -> io::Result<()> {
    if !measure::is_installed("git")? {
        println!("(git is not installed: staged files are not measured)");
        return Ok(());
    }
    let folder = TempDir::new_in(crate::SCRATCH)?;
    let path = folder.path();
    git::run(path, &["init", "-q"])?;
    let write = |count: u64, round: u64| -> io::Result<()> {
        for nth in 0..count {
            let mut text = Vec::new();
            Writer::new(100 * round + nth).write(&mut text, 3000, b'\n');
            let file = path.join(format!("src/{}/{nth}.rs", nth % 4));
            fs::create_dir_all(file.parent().unwrap_or(path))?;
            fs::write(file, text)?;
        }
        git::run(path, &["add", "."])
    };
    write(FILES, 1)?;
    let (name, email) = ("user.name=t", "user.email=t@example.com");
    git::run(path, &["-c", name, "-c", email, "commit", "-q", "--no-verify", "-m", "x"])?;
    write(STAGED, 2)?;
    let title = format!("staged: {STAGED} of {FILES} files, {ROUNDS} rounds");
    compare(path, &title)?;
    match std::env::var_os(REPOSITORY) {
        Some(path) => compare(path.as_ref(), &format!("staged: {}", path.to_string_lossy())),
        None => Ok(()),
    }
}

fn compare(path: &Path, title: &str) -> io::Result<()> {
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let mut own = words(&[env!("CARGO_BIN_EXE_keyside"), "git", "--staged"]);
    own.push(path.into());
    let mut git = words(&["git", "-C"]);
    git.push(path.into());
    git.extend(words(&["diff", "--cached", "--quiet"]));
    let programs = [
        Program::new("keyside", own, &[0]),
        // 1 means that there are differences.
        Program::new("git diff --cached --quiet", git, &[0, 1]),
    ];
    let times = measure::in_turn(&programs, ROUNDS)?;
    measure::print(title, &times, &[]);
    measure::print_goal(&times, 0.020);
    measure::print_memory("keyside", &programs[0], Some(20.0))
}
