//! A working tree, against ripgrep for the same literals.

use std::io;

use crate::forest::Forest;
use crate::measure;
use crate::peers;

const ROUNDS: usize = 9;

pub(crate) fn run(forest: &Forest) -> io::Result<()> {
    let mut programs = vec![crate::keyside([forest.path().into()])];
    let mut goals = Vec::new();
    if let Some(ripgrep) = crate::ripgrep(forest.path())? {
        programs.push(ripgrep);
        goals.push(Some(1.3));
    }
    // The generated tree holds no key, so a successful scanner exits with 0.
    for peer in peers::listed(forest.path(), &[0])? {
        programs.push(peer);
        // Goal: at least four times as fast as the fastest of them.
        goals.push(Some(0.25));
    }
    let times = measure::in_turn(&programs, ROUNDS)?;
    measure::print(&format!("tree: {}, {ROUNDS} rounds", forest.size()), &times, &goals);
    measure::print_memory("keyside", &programs[0], "")
}
