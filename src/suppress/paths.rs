//! Path patterns in the syntax of `.gitignore`.

use std::path::{Component, Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use thiserror::Error;

/// The reason why path patterns cannot be used.
#[derive(Debug, Error)]
pub enum PatternError {
    /// An invalid pattern.
    #[error("`{pattern}` is not a path pattern: {reason}")]
    Syntax {
        /// The pattern as written.
        pattern: String,
        /// The fault.
        reason: String,
    },
    /// Patterns that are too large together.
    #[error("there are too many path patterns, or they are too long")]
    TooMany,
}

/// Path patterns relative to a folder.
#[derive(Debug, Clone)]
pub struct PathPatterns {
    matcher: Gitignore,
    root: PathBuf,
}

impl PathPatterns {
    /// Patterns that apply below `root`.
    ///
    /// # Errors
    /// The first invalid pattern.
    pub fn new<'p>(
        root: &Path,
        patterns: impl Iterator<Item = &'p str>,
    ) -> Result<Self, PatternError> {
        let root = absolute(root);
        let mut builder = GitignoreBuilder::new(&root);
        for pattern in patterns {
            let fault = |error: ignore::Error| PatternError::Syntax {
                pattern: pattern.to_owned(),
                reason: error.to_string(),
            };
            // A leading `#` would begin a comment.
            let escaped =
                if pattern.starts_with('#') { format!("\\{pattern}") } else { pattern.to_owned() };
            builder.add_line(None, &escaped).map_err(fault)?;
        }
        // Each pattern is valid on its own, so there are too many or they are too long.
        let matcher = builder.build().map_err(|_| PatternError::TooMany)?;
        Ok(Self { matcher, root })
    }

    /// True if there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.matcher.is_empty()
    }

    /// The pattern that matches `path` or one of its folders.
    pub fn matched(&self, path: &Path, is_dir: bool) -> Option<&str> {
        if self.is_empty() {
            return None;
        }
        let path = absolute(path);
        if !path.starts_with(&self.root) {
            return None;
        }
        match self.matcher.matched_path_or_any_parents(&path, is_dir) {
            ignore::Match::Ignore(glob) => Some(glob.original()),
            ignore::Match::None | ignore::Match::Whitelist(_) => None,
        }
    }
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
    fn patterns_hold_below_their_root() {
        let patterns =
            PathPatterns::new(Path::new("/r"), ["docs/", "*.lock", "!keep.lock", "#x"].into_iter())
                .unwrap();
        for (path, expected) in [
            ("/r/docs/a/b.md", Some("docs/")),
            ("/r/a/yarn.lock", Some("*.lock")),
            ("/r/keep.lock", None),
            ("/r/src/../docs/x", Some("docs/")),
            ("/r/#x", Some("\\#x")),
            ("/other/docs/a", None),
            ("/r/src/a.rs", None),
        ] {
            assert_eq!(patterns.matched(Path::new(path), false), expected, "{path}");
        }
    }

    #[test]
    fn a_bad_pattern_is_an_error() {
        assert!(PathPatterns::new(Path::new("/r"), ["[z-a]"].into_iter()).is_err());
    }
}
