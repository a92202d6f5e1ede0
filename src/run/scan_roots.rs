//! The files and folders that a scan was given, each once: `a`, `./a` and `a/b` overlap, and a file in
//! them is one file.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The roots of a scan.
pub(super) struct ScanRoots {
    /// The paths, none twice. One below another begins as that one does, so that a file has the same
    /// path from both.
    pub(super) paths: Vec<PathBuf>,
    /// The paths that were read, if some are below others: a folder that git ignores is read if it is
    /// named, so both are walked.
    seen: Option<Mutex<HashSet<PathBuf>>>,
}

impl ScanRoots {
    pub(super) fn new(given: &[PathBuf]) -> Self {
        if given.len() < 2 {
            return Self { paths: given.to_vec(), seen: None };
        }
        let mut kept: Vec<(PathBuf, PathBuf)> = Vec::new();
        for path in given {
            let real = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            if kept.iter().all(|(_, other)| *other != real) {
                kept.push((path.clone(), real));
            }
        }
        let mut is_nested = false;
        let mut paths = Vec::new();
        for (path, real) in &kept {
            let is_outer =
                |(_, other): &&(PathBuf, PathBuf)| other != real && real.starts_with(other);
            let outer =
                kept.iter().filter(is_outer).min_by_key(|(_, other)| other.as_os_str().len());
            is_nested |= outer.is_some();
            let inside =
                outer.and_then(|(path, other)| Some(path.join(real.strip_prefix(other).ok()?)));
            paths.push(inside.unwrap_or_else(|| path.clone()));
        }
        Self { paths, seen: is_nested.then(Mutex::default) }
    }

    /// True for the second and later times that a file is read.
    pub(super) fn is_repeated(&self, path: &Path) -> bool {
        let Some(seen) = &self.seen else { return false };
        !seen.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_roots_are_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        fs::create_dir_all(top.join("a/b")).unwrap();
        fs::create_dir_all(top.join("ab")).unwrap();
        fs::write(top.join("a/b/f"), "x").unwrap();
        let at = |path: &str| top.join(path);
        let roots = ScanRoots::new(&[at("a/b/../b/f"), at("a"), at("a/."), at("ab"), at("a/b")]);
        assert_eq!(roots.paths, [at("a/b/f"), at("a"), at("ab"), at("a/b")]);
        assert!(!roots.is_repeated(&at("a/b/f")) && roots.is_repeated(&at("a/b/f")));
        let roots = ScanRoots::new(&[at("a"), at("ab"), at("nowhere")]);
        assert_eq!(roots.paths, [at("a"), at("ab"), at("nowhere")]);
        assert!(!roots.is_repeated(&at("a/x")) && !roots.is_repeated(&at("a/x")));
    }
}
