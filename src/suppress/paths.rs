//! Path patterns in the syntax of `.gitignore`, and the folders that they count from.

use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use crate::model::FilePath;
use crate::patterns::{LetterCase, PatternFault, PatternList, without_spaces};

/// A pattern that matches nothing.
#[derive(Debug, Error)]
#[error("`{pattern}` is not a path pattern: {fault}")]
pub struct PatternError {
    /// The pattern as written.
    pattern: String,
    /// The fault.
    fault: PatternFault,
}

/// The scanned paths as the user wrote them, and where they are: patterns count from folders without
/// links in their paths.
#[derive(Debug, Clone, Default)]
pub struct RealRoots(Vec<(PathBuf, PathBuf)>);

impl RealRoots {
    /// The scanned paths `roots`.
    pub fn new(roots: &[PathBuf]) -> Self {
        let both = roots.iter().map(|root| (absolute(root), real(root)));
        Self(both.filter(|(written, real)| written != real).collect())
    }

    /// A path below one of them, or any other, without links in the part that the user wrote.
    pub fn real(&self, path: &Path) -> PathBuf {
        let path = absolute(path);
        let below = |(written, real): &(PathBuf, PathBuf)| {
            Some(real.join(path.strip_prefix(written).ok()?))
        };
        self.0.iter().find_map(below).unwrap_or(path)
    }
}

/// Path patterns and the folders they count from.
#[derive(Debug, Clone, Default)]
pub struct PathPatterns {
    texts: Vec<String>,
    lists: Vec<(PatternList, Vec<Vec<u8>>)>,
}

impl PathPatterns {
    /// Patterns that count from `base`.
    ///
    /// # Errors
    /// The first pattern that matches nothing.
    pub fn new<'p>(
        base: &Path,
        patterns: impl Iterator<Item = &'p str>,
    ) -> Result<Self, PatternError> {
        Self::from_each(&[base.to_owned()], patterns)
    }

    /// Patterns that count from each of the folders `bases`.
    ///
    /// # Errors
    /// The first pattern that matches nothing.
    pub fn from_each<'p>(
        bases: &[PathBuf],
        patterns: impl Iterator<Item = &'p str>,
    ) -> Result<Self, PatternError> {
        let mut own = Self::default();
        let mut list = PatternList::default();
        for pattern in patterns {
            own.add(&mut list, pattern, pattern)?;
            own.texts.push(pattern.to_owned());
        }
        own.lists.push((list, folders(bases)));
        Ok(own)
    }

    /// Patterns that count from each of the folders `here`; and those without a slash at their
    /// beginning also from any folder below one of `tops`.
    ///
    /// # Errors
    /// The first pattern that matches nothing.
    pub fn from_anywhere<'p>(
        here: &[PathBuf],
        tops: &[PathBuf],
        patterns: impl Iterator<Item = &'p str>,
    ) -> Result<Self, PatternError> {
        let mut own = Self::default();
        let mut lists = [PatternList::default(), PatternList::default()];
        for pattern in patterns {
            own.add(&mut lists[0], pattern, pattern)?;
            let (mark, path) = match pattern.strip_prefix('!') {
                Some(path) => ("!", path),
                None => ("", pattern),
            };
            if !path.starts_with('/') {
                own.add(&mut lists[1], pattern, &format!("{mark}**/{path}"))?;
            }
            own.texts.push(pattern.to_owned());
        }
        let [from_here, from_anywhere] = lists;
        own.lists = vec![(from_here, folders(here)), (from_anywhere, folders(tops))];
        Ok(own)
    }

    /// Adds a pattern to a list, in the form `whole`.
    fn add(&self, list: &mut PatternList, pattern: &str, whole: &str) -> Result<(), PatternError> {
        let whole = without_spaces(whole.as_bytes());
        list.add(whole, self.texts.len(), LetterCase::Matters)
            .map_err(|fault| PatternError { pattern: pattern.to_owned(), fault })
    }

    /// True if there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The pattern that matches `path` or one of its folders. The path is absolute, without `.`
    /// and `..`.
    pub fn matched(&self, path: &Path, is_folder: bool) -> Option<&str> {
        Some(Self::matched_by([self], path, is_folder)?.1)
    }

    /// The same for several patterns, of which the later ones count more. Also returns the place of
    /// the one that decides.
    pub fn matched_by<'p>(
        all: impl IntoIterator<Item = &'p Self>,
        path: &Path,
        is_folder: bool,
    ) -> Option<(usize, &'p str)> {
        let path = FilePath::from_path(path);
        let path = path.as_bytes();
        let mut lists = Vec::new();
        for (nth, own) in all.into_iter().enumerate() {
            for (list, bases) in &own.lists {
                let around = bases.iter().filter(|base| path.starts_with(base));
                lists.extend(around.map(|base| (nth, own, list, base.len())));
            }
        }
        let first = lists.iter().map(|(.., base)| *base).min()?;
        let slashes = memchr::memchr_iter(b'/', &path[first..]).map(|slash| first + slash);
        for end in slashes.chain([path.len()]) {
            let is_folder = is_folder || end < path.len();
            let decisions = lists.iter().filter(|(.., base)| *base < end);
            let decisions = decisions.filter_map(|(nth, own, list, base)| {
                let found = list.last_match(&path[*base..end], is_folder)?;
                Some((*nth, found.number, own, found.is_negative))
            });
            let last = decisions.max_by_key(|(nth, number, ..)| (*nth, *number));
            if let Some((nth, number, own, false)) = last {
                return Some((nth, &own.texts[number]));
            }
        }
        None
    }
}

/// Folders as the beginnings of the paths below them.
fn folders(bases: &[PathBuf]) -> Vec<Vec<u8>> {
    let mut folders: Vec<_> = bases
        .iter()
        .map(|base| {
            let mut bytes = FilePath::from_path(&real(base)).as_bytes().to_vec();
            if bytes.last() != Some(&b'/') {
                bytes.push(b'/');
            }
            bytes
        })
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// The folder or file at `path`, without links in its path if it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| absolute(path))
}

/// Makes `path` absolute, without `.` and `..`. Links are not followed, as patterns match names.
fn absolute(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut clean = PathBuf::new();
    for part in full.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_hold_below_their_base() {
        let patterns = ["docs/", "*.lock", "!keep.lock", "#x", "/a/b", "!docs/kept"];
        let patterns = PathPatterns::new(Path::new("/r"), patterns.into_iter()).unwrap();
        for (path, expected) in [
            ("/r/docs/a/b.md", Some("docs/")),
            ("/r/docs/kept", Some("docs/")),
            ("/r/a/yarn.lock", Some("*.lock")),
            ("/r/keep.lock", None),
            ("/r/#x", Some("#x")),
            ("/r/a/b/c", Some("/a/b")),
            ("/r/x/a/b", None),
            ("/other/docs/a", None),
            ("/r/src/a.rs", None),
            ("/r", None),
            ("/rx/docs/a", None),
        ] {
            assert_eq!(patterns.matched(Path::new(path), false), expected, "{path}");
        }
    }

    #[test]
    fn patterns_without_a_leading_slash_hold_anywhere() {
        let patterns = ["a/b", "/c", "!x/a/b", "*.e", "!/h.e"];
        let [here, top] = ["/h", "/t"].map(PathBuf::from);
        let patterns = PathPatterns::from_anywhere(&[here], &[top], patterns.into_iter()).unwrap();
        for (path, expected) in [
            ("/h/a/b", Some("a/b")),
            ("/h/y/a/b", None),
            ("/t/y/a/b", Some("a/b")),
            ("/t/x/a/b", None),
            ("/h/c", Some("/c")),
            ("/t/c", None),
            ("/h/h.e", None),
            ("/t/h.e", Some("*.e")),
        ] {
            assert_eq!(patterns.matched(Path::new(path), false), expected, "{path}");
        }
    }

    #[test]
    fn inner_patterns_count_more() {
        let new = |base: &str, pattern: &'static str| {
            PathPatterns::new(Path::new(base), std::iter::once(pattern)).unwrap()
        };
        let all = [new("/r", "*.e"), new("/r/a", "!x.e")];
        let matched = |path: &str| PathPatterns::matched_by(&all, Path::new(path), false);
        assert_eq!(matched("/r/x.e"), Some((0, "*.e")));
        assert_eq!(matched("/r/a/y.e"), Some((0, "*.e")));
        assert_eq!(matched("/r/a/b/x.e"), None);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_an_error() {
        for pattern in ["[a", "a\\", "[[:x:]]", "a[/]b", "", "/", "!"] {
            let made = PathPatterns::new(Path::new("/r"), std::iter::once(pattern));
            let error = made.unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{pattern}` is not a path pattern: ")), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn paths_through_links_are_known_by_their_roots() {
        let folder = tempfile::tempdir().unwrap();
        let top = real(folder.path());
        std::fs::create_dir(top.join("a")).unwrap();
        std::os::unix::fs::symlink("a", top.join("l")).unwrap();
        let roots = RealRoots::new(&[top.join("l")]);
        assert_eq!(roots.real(&top.join("l/x/../y")), top.join("a/y"));
        assert_eq!(roots.real(&top.join("b")), top.join("b"));
    }
}
