//! Looks at a repository's configuration before libgit2 reads it: a pipe that it includes would block libgit2,
//! and a format of objects without a value ends the process.
//!
//! Nothing is decided here, so lines are read one by one, whatever section they are in: rather one repository too
//! many is refused than a crafted line misread.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::safe_read::{is_special, plain};
use crate::model::FilePath;

/// The most files that a configuration may consist of.
const MOST: usize = 1000;

/// The key that needs a value.
const FORMAT: &[u8] = b"objectformat";

/// The reason why a configuration is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ConfigFault {
    /// It includes something that is no plain file.
    Special(PathBuf),
    /// It is not valid, for this reason.
    Invalid(String),
}

/// The first fault of these files and of all that they include, under any condition.
pub(super) fn config_fault(files: impl IntoIterator<Item = PathBuf>) -> Option<ConfigFault> {
    let mut waiting: Vec<PathBuf> = files.into_iter().collect();
    let mut seen = HashSet::new();
    while let Some(file) = waiting.pop() {
        if !seen.insert(file.clone()) {
            continue;
        }
        if seen.len() > MOST {
            return Some(ConfigFault::Invalid(format!("includes more than {MOST} files")));
        }
        if is_special(&file) {
            return Some(ConfigFault::Special(file));
        }
        let text = plain(&file).unwrap_or_default();
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        if lines.iter().any(|line| lacks_format(line)) {
            let reason = format!("extensions.objectformat has no value in {}", file.display());
            return Some(ConfigFault::Invalid(reason));
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        let included = (0..lines.len()).filter_map(|nth| included(&lines[nth..]));
        waiting.extend(included.map(|path| folder.join(FilePath::from_bytes(&path).to_path())));
    }
    None
}

/// True if a line names the format of objects and gives it no value.
fn lacks_format(line: &[u8]) -> bool {
    after_key(line, FORMAT).is_some_and(|rest| rest.first() != Some(&b'='))
}

/// The path that the first of these lines may include; a line that ends with `\` goes on on the next one.
fn included(lines: &[&[u8]]) -> Option<Vec<u8>> {
    let (first, next) = lines.split_first()?;
    let mut rest = after_key(first, b"path")?.strip_prefix(b"=")?.trim_ascii();
    let mut path = Vec::new();
    let mut next = next.iter();
    let mut is_quoted = false;
    loop {
        let mut bytes = rest.iter();
        let mut goes_on = false;
        while let Some(&byte) = bytes.next() {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'#' | b';' if !is_quoted => break,
                b'\\' => match bytes.next() {
                    Some(&escaped) => path.push(escaped),
                    None => goes_on = true,
                },
                _ => path.push(byte),
            }
        }
        match next.next().filter(|_| goes_on) {
            Some(line) => rest = line.trim_ascii(),
            None => break,
        }
    }
    let path = path.trim_ascii();
    // What is in the home folder is the user's own.
    (!path.is_empty() && !path.starts_with(b"~")).then(|| path.to_owned())
}

/// The rest of a line behind the key that it begins with, without blanks; the header of a section may stand before it.
fn after_key<'l>(line: &'l [u8], key: &[u8]) -> Option<&'l [u8]> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    let mut starts = vec![0];
    if line.first() == Some(&b'[') {
        starts.extend(memchr::memchr_iter(b']', line).map(|at| at + 1));
    }
    starts.into_iter().find_map(|start| {
        let content = line[start..].trim_ascii_start();
        let (own, rest) = content.split_at_checked(key.len())?;
        let ends = rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
        (own.eq_ignore_ascii_case(key) && ends).then(|| rest.trim_ascii_start())
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_format_without_a_value_is_seen_wherever_it_stands() {
        for line in [
            "objectformat",
            "\tObjectFormat\r",
            "[extensions] objectformat",
            "[extensions]objectformat # sha256",
            "[a \"]\"] objectFormat ; x",
            "\u{feff}objectformat",
        ] {
            assert!(lacks_format(line.as_bytes()), "{line}");
        }
        for line in [
            "objectformat = sha256",
            "objectformat=",
            "[extensions] objectformat = sha1",
            "# objectformat",
            "x = objectformat",
            "compatobjectformat",
            "objectformats",
            "[objectformat]",
        ] {
            assert!(!lacks_format(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn included_paths_are_those_that_git_reads() {
        let path = |text: &str| {
            let lines: Vec<&[u8]> = text.split('\n').map(str::as_bytes).collect();
            included(&lines).map(|path| String::from_utf8(path).unwrap())
        };
        for (text, expected) in [
            ("path = a/b", Some("a/b")),
            ("\tPath=a b ; c", Some("a b")),
            ("[include] path = \"a;b\" # c", Some("a;b")),
            ("path = a\\\n  b", Some("ab")),
            ("path = \"a\\\"b\"", Some("a\"b")),
            ("path = ~/a", None),
            ("path =", None),
            ("path", None),
            ("paths = a", None),
            ("url = path", None),
        ] {
            assert_eq!(path(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn files_may_include_each_other_and_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let config = file("config", "[include]\n\tpath = other\n\tpath = gone\n\tpath = .\n");
        file("other", "[includeIf \"gitdir:x\"]\n\tpath = config\n\tpath = third\n");
        assert_eq!(config_fault([config.clone()]), None);
        file("third", "[extensions]\n\tobjectformat\n");
        assert!(matches!(config_fault([config]), Some(ConfigFault::Invalid(_))));
    }
}
