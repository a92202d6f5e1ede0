//! Paths as URIs (RFC 3986).

use super::history_text::is_file;
use crate::model::{FilePath, Provenance, SourceKind};

/// The default name of standard input; `<` would have to be encoded.
const UNNAMED_INPUT: &[u8] = b"<stdin>";

/// The folder for objects of a repository that are not files. Git allows no file in it, so its names
/// are free.
const NOT_FILES: &[u8] = b".git/";

/// The base of a report's URIs.
#[derive(Debug, Clone)]
pub struct UriBase {
    /// The current folder, the base of relative paths.
    directory: FilePath,
    /// The folder that URIs are relative to.
    root: FilePath,
}

impl UriBase {
    /// URIs relative to `root`, the top of a checkout, or else to the current folder `directory`. Both
    /// are absolute, or `.` if unknown.
    pub fn new(directory: FilePath, root: Option<FilePath>) -> Self {
        let root = root.unwrap_or_else(|| directory.clone());
        Self { directory, root }
    }

    /// The URI of a provenance. Paths in git begin at the top of the repository; an object without a path
    /// is named by its kind and its name or id: `.git/tag-message/v1`.
    pub(super) fn of(&self, provenance: &Provenance) -> String {
        let path = provenance.path.as_bytes();
        if matches!(provenance.source, SourceKind::Tree | SourceKind::Stdin) {
            self.uri(&provenance.path)
        } else if is_file(provenance) {
            in_repository(path)
        } else {
            in_repository(&[NOT_FILES, provenance.source.name().as_bytes(), b"/", path].concat())
        }
    }

    /// The URI of a path: relative inside the root, else `file:`, which GitHub makes relative to its
    /// checkout. `.` and `..` are resolved here, as URI readers would resolve them too late.
    pub(super) fn uri(&self, path: &FilePath) -> String {
        if path.as_bytes() == UNNAMED_INPUT {
            return "stdin".to_owned();
        }
        let (is_inside, path) = self.resolved(path);
        let segments = segments(&path);
        if is_inside { relative(&segments) } else { joined("file://".to_owned(), &segments) }
    }

    /// The path of a provenance that is a file, for programs without URIs: relative inside the root, else
    /// absolute.
    pub(super) fn file(&self, provenance: &Provenance) -> Option<String> {
        let path = match provenance.source {
            SourceKind::Stdin if provenance.path.as_bytes() == UNNAMED_INPUT => return None,
            SourceKind::Tree | SourceKind::Stdin => {
                let (is_inside, path) = self.resolved(&provenance.path);
                if is_inside { path } else { [b"/", path.as_slice()].concat() }
            }
            SourceKind::Head
            | SourceKind::Index
            | SourceKind::Commit
            | SourceKind::Stash
            | SourceKind::Note
            | SourceKind::CommitMessage
            | SourceKind::TagMessage
            | SourceKind::Reflog
            | SourceKind::Unreachable
            | SourceKind::GitConfig
            | SourceKind::GitFile => {
                is_file(provenance).then(|| segments(provenance.path.as_bytes()).join(&b'/'))?
            }
        };
        Some(String::from_utf8_lossy(&path).into_owned())
    }

    /// Resolves a path's `.` and `..`: `true` and the path from the root if it is inside, else `false`
    /// and the path from the top of the file system.
    fn resolved(&self, path: &FilePath) -> (bool, Vec<u8>) {
        let (path, directory) = (path.as_bytes(), self.directory.as_bytes());
        let whole =
            if is_absolute(path) { path.to_owned() } else { [directory, b"/", path].concat() };
        let (target, base) = (segments(&whole), segments(self.root.as_bytes()));
        let is_comparable = is_absolute(self.root.as_bytes()) || !is_absolute(path);
        match target.strip_prefix(base.as_slice()) {
            Some(inside) if is_comparable => (true, inside.join(&b'/')),
            _ => (false, target.join(&b'/')),
        }
    }
}

/// The URI of a path that begins at the top of a repository.
fn in_repository(path: &[u8]) -> String {
    relative(&segments(path))
}

/// The relative URI of these segments.
fn relative(segments: &[&[u8]]) -> String {
    match segments {
        [] => ".".to_owned(),
        // A colon in the first segment would end a scheme.
        [first, rest @ ..] => joined(percent_encoded(first).replace(':', "%3A"), rest),
    }
}

/// `start` and the encoded `segments`, with `/` between them.
fn joined(mut start: String, segments: &[&[u8]]) -> String {
    for segment in segments {
        start.push('/');
        start.push_str(&percent_encoded(segment));
    }
    start
}

/// The parts of a path, without empty ones, `.` and `..`.
fn segments(path: &[u8]) -> Vec<&[u8]> {
    let mut segments = Vec::new();
    for segment in path.split(|&byte| byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    segments
}

fn is_absolute(path: &[u8]) -> bool {
    path.starts_with(b"/") || (cfg!(windows) && path.get(1) == Some(&b':'))
}

/// Percent-encodes everything that RFC 3986 does not allow in a segment.
fn percent_encoded(segment: &[u8]) -> String {
    let mut encoded = String::new();
    for &byte in segment {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn uris_are_relative_encoded_and_resolved() {
        for (path, expected) in [
            (&b"a/b.js"[..], "a/b.js"),
            ("dir with space/\u{fc} conf.py".as_bytes(), "dir%20with%20space/%C3%BC%20conf.py"),
            (b"%41", "%2541"),
            (b"a:b/c:d", "a%3Ab/c:d"),
            (b"app/(x)/[id]/page.tsx", "app/(x)/%5Bid%5D/page.tsx"),
            (b"what?#1\\", "what%3F%231%5C"),
            (b"new\nline\xff", "new%0Aline%FF"),
            (b"./a/./b//c", "a/b/c"),
            (b"a/../b", "b"),
            (b".", "."),
            (b"/home/me/project", "."),
            (b"/home/me/project/a", "a"),
            (b"/home/me/projects/a", "file:///home/me/projects/a"),
            (b"../project/a", "a"),
            (b"../other/a:b", "file:///home/me/other/a:b"),
            (b"<stdin>", "stdin"),
            (b"src/<stdin>", "src/%3Cstdin%3E"),
        ] {
            let path = FilePath::from_bytes(path);
            let base = UriBase::new(FilePath::from("/home/me/project"), None);
            assert_eq!(base.uri(&path), expected, "{path}");
        }
    }

    #[test]
    fn an_absolute_path_stays_so_where_the_directory_is_not_known() {
        let unknown = UriBase::new(FilePath::from("."), None);
        assert_eq!(unknown.uri(&FilePath::from("/a/b")), "file:///a/b");
        assert_eq!(unknown.uri(&FilePath::from("a/b")), "a/b");
        let top = UriBase::new(FilePath::from("/"), None);
        assert_eq!(top.uri(&FilePath::from("/a/b")), "a/b");
    }

    #[test]
    fn what_git_holds_has_a_relative_uri() {
        let id = sample::oid(0xb0).to_string();
        let commit = sample::oid(0xc0).to_string();
        // Neither the current folder nor its checkout shows where the repository is.
        let base = UriBase::new(FilePath::from("/r/sub/dir"), Some(FilePath::from("/r")));
        for (source, path, expected) in [
            (SourceKind::Tree, "a b", "sub/dir/a%20b".to_owned()),
            (SourceKind::Head, "dir/\u{fc} x.js", "dir/%C3%BC%20x.js".to_owned()),
            (SourceKind::Index, "a:b", "a%3Ab".to_owned()),
            (SourceKind::Commit, "../../etc/x", "etc/x".to_owned()),
            (SourceKind::Commit, "/", ".".to_owned()),
            (SourceKind::Stash, "a", "a".to_owned()),
            (SourceKind::Unreachable, "a", "a".to_owned()),
            (SourceKind::Unreachable, "", format!(".git/unreachable/{id}")),
            (SourceKind::Reflog, &commit, format!(".git/reflog/{commit}")),
            (SourceKind::CommitMessage, "", format!(".git/commit-message/{commit}")),
            (SourceKind::TagMessage, "v1 \n?/x", ".git/tag-message/v1%20%0A%3F/x".to_owned()),
            (SourceKind::Note, "ab/cd", ".git/note/ab/cd".to_owned()),
        ] {
            assert_eq!(base.of(&sample::provenance(source, path)), expected, "{source:?} {path}");
        }
    }

    #[test]
    fn files_are_named_as_they_are() {
        let base = UriBase::new(FilePath::from("/r/sub"), Some(FilePath::from("/r")));
        for (source, path, expected) in [
            (SourceKind::Tree, "a b%.js", Some("sub/a b%.js")),
            (SourceKind::Tree, "../../x/./b.js", Some("/x/b.js")),
            (SourceKind::Stdin, "<stdin>", None),
            (SourceKind::Stdin, "x/y.env", Some("sub/x/y.env")),
            (SourceKind::Head, "a:b", Some("a:b")),
            (SourceKind::Commit, "../../etc/x", Some("etc/x")),
            (SourceKind::CommitMessage, "", None),
            (SourceKind::TagMessage, "v1", None),
            (SourceKind::Unreachable, "", None),
        ] {
            let file = base.file(&sample::provenance(source, path));
            assert_eq!(file.as_deref(), expected, "{source:?} {path}");
        }
    }

    #[test]
    fn uris_begin_at_the_top_of_the_checkout() {
        let base = UriBase::new(FilePath::from("/r/sub/dir"), Some(FilePath::from("/r")));
        assert_eq!(base.uri(&FilePath::from("a.js")), "sub/dir/a.js");
        assert_eq!(base.uri(&FilePath::from("../../b.js")), "b.js");
        assert_eq!(base.uri(&FilePath::from("/x/b.js")), "file:///x/b.js");
    }
}
