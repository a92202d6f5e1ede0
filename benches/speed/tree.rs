//! A working tree, against ripgrep for the same literals.

use std::ffi::OsString;
use std::io;

use crate::forest::Forest;
use crate::measure::{self, Program};

const ROUNDS: usize = 9;

/// Other scanners to be measured too, as `name=command;name=command`; `{}` is the tree's path.
const PEERS: &str = "KEYSIDE_PEERS";

pub(crate) fn run(forest: &Forest) -> io::Result<()> {
    let mut programs = vec![crate::keyside([forest.path().into()])];
    let mut goals = Vec::new();
    if let Some(ripgrep) = crate::ripgrep(forest.path())? {
        programs.push(ripgrep);
        goals.push(Some(1.3));
    }
    for peer in peers(forest)? {
        programs.push(peer);
        // At least four times as fast as the fastest of them.
        goals.push(Some(0.25));
    }
    let times = measure::in_turn(&programs, ROUNDS)?;
    measure::print(&format!("tree: {}, {ROUNDS} rounds", forest.size()), &times, &goals);
    measure::print_memory("keyside", &programs[0], "")
}

fn peers(forest: &Forest) -> io::Result<Vec<Program>> {
    let Ok(listed) = std::env::var(PEERS) else {
        return Ok(Vec::new());
    };
    let mut peers = Vec::new();
    for peer in listed.split(';').filter(|peer| !peer.trim().is_empty()) {
        let (name, command) = peer
            .split_once('=')
            .ok_or_else(|| io::Error::other(format!("{PEERS}: `{peer}` is no name=command")))?;
        let words: Vec<OsString> = command
            .split_whitespace()
            .map(|word| match word {
                "{}" => forest.path().into(),
                word => word.into(),
            })
            .collect();
        if words.is_empty() {
            return Err(io::Error::other(format!("{PEERS}: {name} has no command")));
        }
        // The generated tree holds no key, so a scanner that has worked says 0.
        peers.push(Program::new(name.trim(), words, &[0]));
    }
    Ok(peers)
}
