//! Start-up: one small file.

use std::fs;
use std::io;

use tempfile::TempDir;

use crate::measure::{self, Program};
use crate::text::Writer;

const ROUNDS: usize = 101;

pub(crate) fn run() -> io::Result<()> {
    let folder = TempDir::new_in(crate::SCRATCH)?;
    // So that the configuration of this repository above it is not used.
    fs::create_dir(folder.path().join(".git"))?;
    let file = folder.path().join("one.rs");
    let mut text = Vec::new();
    Writer::new(2).write(&mut text, 2000, b'\n');
    fs::write(&file, text)?;
    let mut programs = vec![
        crate::keyside([file.into()]),
        crate::keyside([folder.path().into()]).named("keyside, its folder"),
    ];
    // The cost of any process on this machine.
    if measure::is_installed("true")? {
        programs.push(Program::new("true", vec!["true".into()], &[0]));
    }
    let times = measure::in_turn(&programs, ROUNDS)?;
    measure::print(&format!("start: one file of 2 KB, {ROUNDS} rounds"), &times, &[]);
    measure::print_goal(&times, 0.008);
    measure::print_memory("keyside", &programs[0], Some(16.0))?;
    measure::print_memory("keyside, its folder", &programs[1], None)
}
