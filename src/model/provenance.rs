//! Provenance: which text an occurrence comes from.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Oid;

/// A path as reports show it: raw bytes with `/` separators, cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(Arc<[u8]>);

impl FilePath {
    /// A path given as bytes with `/` separators, as git stores it.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// A path of the operating system. A leading `./` is dropped; on Windows `\` becomes `/`.
    pub fn from_path(path: &Path) -> Self {
        let bytes = system_bytes(path);
        let mut rest: &[u8] = &bytes;
        while let Some(stripped) = rest.strip_prefix(b"./") {
            rest = stripped;
        }
        Self(if rest.is_empty() { b"."[..].into() } else { rest.into() })
    }

    /// The path as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path for the operating system.
    pub fn to_path(&self) -> PathBuf {
        system_path(&self.0)
    }

    /// The path as text; invalid UTF-8 becomes U+FFFD.
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

#[cfg(unix)]
fn system_bytes(path: &Path) -> Cow<'_, [u8]> {
    use std::os::unix::ffi::OsStrExt;
    Cow::Borrowed(path.as_os_str().as_bytes())
}

#[cfg(unix)]
fn system_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn system_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(not(unix))]
fn system_bytes(path: &Path) -> Cow<'_, [u8]> {
    Cow::Owned(path.to_string_lossy().replace('\\', "/").into_bytes())
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_text(), f)
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl From<&str> for FilePath {
    fn from(path: &str) -> Self {
        Self::from_bytes(path.as_bytes())
    }
}

/// Kind of text that an occurrence was read from, in the order in which reports list occurrences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A file of a working tree.
    Tree,
    /// Standard input, under the name the user gave it or `<stdin>`.
    Stdin,
    /// A file in HEAD's tree.
    Head,
    /// A file of the index.
    Index,
    /// A file of a commit that a branch, a tag or another ref reaches.
    Commit,
    /// A file of a stash.
    Stash,
    /// A note (git-notes(1)).
    Note,
    /// A commit's own message and headers.
    CommitMessage,
    /// The message of an annotated tag.
    TagMessage,
    /// A file or message of a commit that only a reflog still reaches.
    Reflog,
    /// An object that nothing reaches.
    Unreachable,
    /// A configuration of a repository itself, `.git/config`.
    GitConfig,
    /// Another file that a repository or an editor keeps beside the objects: a hook, a log, a shelf.
    GitFile,
}

impl SourceKind {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Stdin => "stdin",
            Self::Index => "index",
            Self::Head | Self::Commit => "commit",
            Self::Stash => "stash",
            Self::Note => "note",
            Self::CommitMessage => "commit-message",
            Self::TagMessage => "tag-message",
            Self::Reflog => "reflog",
            Self::Unreachable => "unreachable",
            Self::GitConfig => "git-config",
            Self::GitFile => "git-file",
        }
    }
}

/// The text that contains an occurrence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Provenance {
    /// The kind of source.
    pub source: SourceKind,
    /// The path that reports show; for a message or an object without a name, its id.
    pub path: FilePath,
    /// The commit whose version is shown.
    pub commit: Option<Oid>,
    /// The object that was read.
    pub blob: Option<Oid>,
    /// The place in an archive, with the path before it: `a.zip!b/c.env`; `None` outside archives.
    pub inside: Option<FilePath>,
}

impl Provenance {
    /// A file of a working tree.
    pub fn tree(path: FilePath) -> Self {
        Self { source: SourceKind::Tree, path, commit: None, blob: None, inside: None }
    }

    /// Standard input under a name.
    pub fn stdin(path: FilePath) -> Self {
        Self { source: SourceKind::Stdin, path, commit: None, blob: None, inside: None }
    }

    /// The path of the text: in an archive, with the way to it.
    pub fn text_path(&self) -> &FilePath {
        self.inside.as_ref().unwrap_or(&self.path)
    }

    /// The name of the innermost file, with its folders in the archive.
    pub fn innermost(&self) -> &[u8] {
        let path = self.text_path().as_bytes();
        match self.inside {
            Some(_) => path.rsplit(|byte| *byte == b'!').next().unwrap_or(path),
            None => path,
        }
    }

    /// True if `other` is a place in this file, or in this archive, which is inside another.
    pub fn holds(&self, other: &Self) -> bool {
        let is_same = (self.source, &self.path, self.commit, self.blob)
            == (other.source, &other.path, other.commit, other.blob);
        let inner = other.inside.as_ref().map(FilePath::as_bytes);
        is_same
            && inner
                .and_then(|inner| inner.strip_prefix(self.text_path().as_bytes()))
                .is_some_and(|rest| rest.starts_with(b"!"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_dot_slash_is_dropped() {
        for (given, shown) in [
            ("./a/b", "a/b"),
            (".", "."),
            ("./", "."),
            ("././x", "x"),
            ("/a", "/a"),
            ("../a", "../a"),
        ] {
            assert_eq!(FilePath::from_path(Path::new(given)).to_text(), shown, "{given}");
        }
    }
}
