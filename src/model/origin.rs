//! Where bytes came from.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A path as reports name it: raw bytes with `/` between its parts, cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(Arc<[u8]>);

impl FilePath {
    /// A path given as bytes with `/` separators, as git stores it.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// A path of this system. A leading `./` says nothing and is left out; on Windows `\`
    /// becomes `/`.
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

    /// The path as this system takes it.
    pub fn to_path(&self) -> PathBuf {
        system_path(&self.0)
    }

    /// The path as text; bytes that are no UTF-8 become U+FFFD.
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

/// What an occurrence was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file of a working tree.
    Tree(FilePath),
    /// Standard input, under the name the user gave it or `<stdin>`.
    Stdin(FilePath),
}

impl Origin {
    /// The path that reports name.
    pub fn path(&self) -> &FilePath {
        match self {
            Self::Tree(path) | Self::Stdin(path) => path,
        }
    }

    /// The kind of source, as the JSON report spells it.
    pub fn source(&self) -> &'static str {
        match self {
            Self::Tree(_) => "tree",
            Self::Stdin(_) => "stdin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_dot_slash_is_left_out() {
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
