//! The house: imports go only to a lower rank, never sideways or up (docs/architecture.md).

use std::path::{Path, PathBuf};

/// Modules of the crate and their ranks.
const RANKS: &[(&str, u32)] = &[
    ("model", 0),
    ("rules", 1),
    ("source", 1),
    ("scan", 2),
    ("suppress", 2),
    ("exposure", 2),
    ("verify", 2),
    ("report", 2),
    ("config", 3),
    ("interop", 3),
    ("run", 4),
    ("cli", 5),
];

fn rank(module: &str) -> u32 {
    let known = RANKS.iter().find(|(name, _)| *name == module);
    known.unwrap_or_else(|| panic!("module `{module}` has no rank")).1
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn imports_go_down_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&source, &mut paths);
    assert!(paths.len() > 40);
    let mut faults = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(&source).unwrap();
        let own = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if own == "lib" || own == "main" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            for (at, _) in line.match_indices("crate::") {
                let name =
                    line[at + "crate::".len()..].split(|c: char| !c.is_alphanumeric() && c != '_');
                let used = name.into_iter().next().unwrap_or_default();
                if used.is_empty() || used == own {
                    continue;
                }
                if rank(used) >= rank(own) {
                    faults.push(format!("{}:{number}: {own} uses {used}", relative.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A wrapped `use crate::{…}` would hide from the test above, so there must be none.
#[test]
fn imports_name_one_module_each() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("use crate::{"), "{}", path.display());
    }
}
