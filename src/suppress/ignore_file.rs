//! `.keysideignore`: accepted findings, one per line with its reason, and path patterns.
//!
//! ```text
//! # a comment
//! salt any words of the project's own
//! ks1:00112233445566778899 rotated on 2026-11-01
//! tests/fixtures/
//! ```

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::paths::{PathPatterns, PatternError, real};
use super::windows_paths::with_slashes;
use crate::model::{Fingerprint, Suppression};

/// The file's name.
pub const FILE_NAME: &str = ".keysideignore";

/// An error in an ignore file.
#[derive(Debug, Error)]
#[error("{file}:{line}: {message}")]
pub struct IgnoreFileError {
    /// The file's name for the user.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// The fault and its remedy.
    pub message: String,
}

/// A parsed ignore file.
#[derive(Debug)]
pub struct IgnoreFile {
    name: String,
    /// Its folder, without links in the path. It accepts nothing elsewhere.
    root: PathBuf,
    salt: Option<String>,
    accepted: HashMap<Fingerprint, (usize, String)>,
    paths: PathPatterns,
    /// The line of each path pattern.
    path_lines: HashMap<String, usize>,
}

impl IgnoreFile {
    /// Parses the ignore file `name`, whose patterns apply below `root`.
    ///
    /// # Errors
    /// The first invalid line.
    pub fn parse(name: &str, root: &Path, text: &str) -> Result<Self, IgnoreFileError> {
        let fault =
            |line: usize, message: String| IgnoreFileError { file: name.to_owned(), line, message };
        let mut salt = None;
        let mut accepted = HashMap::new();
        let mut path_lines = HashMap::new();
        let mut patterns = Vec::new();
        for (number, whole) in (1..).zip(text.lines()) {
            let line = whole.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            if first == "salt" && !rest.trim().is_empty() {
                let own = rest.trim().to_owned();
                // Merged branches may both have set it.
                if salt.replace(own.clone()).is_some_and(|other| other != own) {
                    return Err(fault(number, "duplicate salt".to_owned()));
                }
            } else if first.starts_with("ks") && first.contains(':') {
                let id: Fingerprint =
                    first.parse().map_err(|error| fault(number, format!("`{first}`: {error}")))?;
                accepted.insert(id, (number, rest.trim().to_owned()));
            } else if line == "=======" {
                let message = "this line is left of a merge: remove it".to_owned();
                return Err(fault(number, message));
            } else {
                // White space is part of a pattern.
                let pattern = with_slashes(whole);
                path_lines.insert(pattern.clone().into_owned(), number);
                patterns.push((number, pattern));
            }
        }
        let check = |(number, pattern): &(usize, Cow<'_, str>)| {
            PathPatterns::new(root, std::iter::once(&**pattern))
                .map_err(|error: PatternError| fault(*number, error.to_string()))
        };
        for pattern in &patterns {
            check(pattern)?;
        }
        let paths = PathPatterns::new(root, patterns.iter().map(|(_, pattern)| &**pattern))
            .map_err(|error| fault(1, error.to_string()))?;
        let (name, root) = (name.to_owned(), real(root));
        Ok(Self { name, root, salt, accepted, paths, path_lines })
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The salt of the project's ids, if it sets one.
    pub fn salt(&self) -> Option<&str> {
        self.salt.as_deref()
    }

    /// The suppression of the finding `id` in the file `path`, which is absolute.
    pub fn by_id(&self, id: Fingerprint, path: &Path) -> Option<Suppression> {
        let (line, reason) = self.accepted.get(&id).filter(|_| path.starts_with(&self.root))?;
        Some(Suppression::IgnoreFile {
            place: format!("{}:{line}", self.name),
            reason: reason.clone(),
        })
    }

    /// The suppression of all findings in the file `path`, which is absolute, by the patterns of
    /// `all`; later files count more.
    pub fn by_path(all: &[&Self], path: &Path) -> Option<Suppression> {
        let patterns = all.iter().map(|file| &file.paths);
        let (nth, pattern) = PathPatterns::matched_by(patterns, path, false)?;
        let Self { name, path_lines, .. } = all[nth];
        let line = path_lines.get(pattern).copied().unwrap_or(1);
        Some(Suppression::IgnoreFile {
            place: format!("{name}:{line}"),
            reason: format!("path pattern `{}`", pattern.trim()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<IgnoreFile, IgnoreFileError> {
        IgnoreFile::parse("x/.keysideignore", Path::new("/x"), text)
    }

    #[test]
    fn ids_reasons_paths_and_salt() {
        let file = parse(
            "# comment\n\nsalt our own\nks1:00112233445566778899\trotated, see #12\ntests/fixtures/\n",
        )
        .unwrap();
        assert_eq!(file.salt(), Some("our own"));
        let id = "ks1:00112233445566778899".parse().unwrap();
        let by_id = file.by_id(id, Path::new("/x/a")).unwrap();
        assert_eq!((by_id.place(), by_id.reason()), ("x/.keysideignore:4", "rotated, see #12"));
        assert!(file.by_id(id, Path::new("/y/a")).is_none());
        let by_path = |path: &str| IgnoreFile::by_path(&[&file], Path::new(path));
        assert_eq!(by_path("/x/tests/fixtures/a.js").unwrap().place(), "x/.keysideignore:5");
        assert!(by_path("/x/src/a.js").is_none());
    }

    #[test]
    fn what_a_merge_repeats_counts_once() {
        let line = "ks1:00112233445566778899 why\n";
        let file = parse(&format!("salt a\n{line}tests/\nsalt a\n{line}tests/\n")).unwrap();
        assert_eq!(file.salt(), Some("a"));
        let id = "ks1:00112233445566778899".parse().unwrap();
        assert_eq!(file.by_id(id, Path::new("/x/a")).unwrap().reason(), "why");
    }

    #[test]
    fn paths_of_windows_are_paths() {
        let file = parse("tests\\fixtures\\\n").unwrap();
        let path = Path::new("/x/tests/fixtures/a.js");
        assert_eq!(IgnoreFile::by_path(&[&file], path).unwrap().place(), "x/.keysideignore:1");
    }

    #[test]
    fn faults_name_their_line() {
        for (text, message) in [
            ("\nks1:0011\n", "x/.keysideignore:2: `ks1:0011`: a finding id"),
            ("ks2:00112233445566778899", "x/.keysideignore:1: `ks2:"),
            ("[z-a\n", "x/.keysideignore:1: `[z-a` is not a path pattern"),
            ("salt a\nsalt b\n", "x/.keysideignore:2: duplicate salt"),
            ("a\n=======\nb\n", "x/.keysideignore:2: this line is left of a merge"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
