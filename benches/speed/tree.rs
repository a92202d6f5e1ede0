//! A working tree, against ripgrep for the same literals.

use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::forest::Forest;
use crate::measure;
use crate::peers;

const ROUNDS: usize = 9;

pub(crate) fn run(forest: &Forest) -> io::Result<()> {
    compare(forest.path(), &forest.size())
}

/// The same for a checkout, in which there may be keys.
pub(crate) fn run_at(path: &Path) -> io::Result<()> {
    compare(path, &path.display().to_string())
}

fn compare(path: &Path, title: &str) -> io::Result<()> {
    let folder = TempDir::new_in(crate::SCRATCH)?;
    let mut programs = vec![crate::keyside(["--exit-zero".into(), path.into()])];
    let mut goals = Vec::new();
    if let Some(ripgrep) = crate::ripgrep(path, folder.path())? {
        programs.push(ripgrep);
        goals.push(Some(1.0));
    }
    // The generated tree holds no key, so a successful scanner exits with 0.
    for peer in peers::listed(path, &[0])? {
        programs.push(peer);
        // Goal: at least four times as fast as the fastest of them.
        goals.push(Some(0.25));
    }
    let times = measure::in_turn(&programs, ROUNDS)?;
    measure::print(&format!("tree: {title}, {ROUNDS} rounds"), &times, &goals);
    measure::print_memory("keyside", &programs[0], None)
}
