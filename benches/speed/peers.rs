//! Other scanners that the user names.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::measure::Program;

/// Other scanners to measure as well, as `name=command;name=command`; `{}` is the scanned path.
const PEERS: &str = "KEYSIDE_PEERS";

/// The scanners that the user names; `good` are their exit codes of success.
pub(crate) fn listed(path: &Path, good: &'static [i32]) -> io::Result<Vec<Program>> {
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
                "{}" => path.into(),
                word => word.into(),
            })
            .collect();
        if words.is_empty() {
            return Err(io::Error::other(format!("{PEERS}: {name} has no command")));
        }
        peers.push(Program::new(name.trim(), words, good));
    }
    Ok(peers)
}
