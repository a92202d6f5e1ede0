//! Lists of patterns: the last one that matches decides.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::wildcards::{LetterCase, PatternFault, Wildcards};

/// Patterns of one file or setting, in order. Paths are relative to the folder that the patterns
/// count from, with `/` between their parts.
#[derive(Debug, Clone, Default)]
pub struct PatternList {
    patterns: Vec<ListedPattern>,
    /// The patterns that are plain names, by the name.
    names: HashMap<Box<[u8]>, Vec<usize>, RandomState>,
    /// All others.
    others: Vec<usize>,
}

/// The pattern that decides about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternMatch {
    /// The number under which the pattern was added.
    pub number: usize,
    /// True if it begins with `!`, so that what it matches is not meant.
    pub is_negative: bool,
}

#[derive(Debug, Clone)]
struct ListedPattern {
    number: usize,
    is_negative: bool,
    is_for_folders: bool,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    /// A name in any folder; the list's table has it.
    Name,
    /// The end of a name in any folder.
    NameEnd(Box<[u8]>),
    /// A name in any folder.
    WildName(Wildcards),
    /// A path.
    Path(Box<[u8]>),
    /// A path that begins with this text.
    WildPath(Box<[u8]>, Wildcards),
}

/// More patterns with wildcards than anybody writes: they are tried one by one on every path.
const MAX_OTHERS: usize = 20_000;

impl PatternList {
    /// Reads the text of an ignore file. Numbers are 1-based lines. `None` if there are too many
    /// patterns to try.
    pub fn of_file(text: &[u8], case: LetterCase) -> Option<Self> {
        let mut list = Self::default();
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut rest = text;
        for number in 1.. {
            let Some(end) =
                memchr::memchr(b'\n', rest).or((!rest.is_empty()).then_some(rest.len()))
            else {
                break;
            };
            let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
            // In C, a text ends at a zero byte.
            let line = &line[..memchr::memchr(0, line).unwrap_or(line.len())];
            if !line.starts_with(b"#") {
                // git, too, says nothing about patterns that match nothing.
                let _ = list.add(without_spaces(line), number, case);
            }
        }
        (list.others.len() <= MAX_OTHERS).then_some(list)
    }

    /// Adds a pattern under a number. A `#` has no meaning here.
    ///
    /// # Errors
    /// A pattern that matches nothing.
    pub fn add(
        &mut self,
        pattern: &[u8],
        number: usize,
        case: LetterCase,
    ) -> Result<(), PatternFault> {
        let (is_negative, pattern) = match pattern.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (is_for_folders, pattern) = match pattern.strip_suffix(b"/") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let is_special = |byte: &u8| matches!(byte, b'*' | b'?' | b'[' | b'\\');
        let is_name = !pattern.contains(&b'/');
        let path = if is_name { pattern } else { pattern.strip_prefix(b"/").unwrap_or(pattern) };
        if path.is_empty() {
            return Err(PatternFault::Empty);
        }
        let is_plain = |text: &[u8]| {
            let is_letter = |byte: &u8| case == LetterCase::Ignored && byte.is_ascii_alphabetic();
            !text.iter().any(|byte| is_special(byte) || is_letter(byte))
        };
        let position = self.patterns.len();
        let matcher = if is_name && is_plain(path) {
            self.names.entry(path.into()).or_default().push(position);
            Matcher::Name
        } else if is_name {
            match path.strip_prefix(b"*") {
                Some(end) if is_plain(end) => Matcher::NameEnd(end.into()),
                _ => Matcher::WildName(Wildcards::new(path, true, case)?),
            }
        } else if is_plain(path) {
            Matcher::Path(path.into())
        } else {
            let wild = path.iter().position(is_special).unwrap_or(path.len());
            let start = if case == LetterCase::Ignored { 0 } else { wild };
            // Versions of git differ in `a**/b`: until 2.51 it is `a` and `**/b`, and later `a*/b`.
            // Either way, nothing is hidden that one of them would commit.
            let is_at_start = is_negative || wild == 0 || path[wild - 1] == b'/';
            let rest = Wildcards::new(&path[start..], is_at_start, case)?;
            Matcher::WildPath(path[..start].into(), rest)
        };
        if !matches!(matcher, Matcher::Name) {
            self.others.push(position);
        }
        self.patterns.push(ListedPattern { number, is_negative, is_for_folders, matcher });
        Ok(())
    }

    /// True if there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The last pattern that matches `path` itself; those that match a folder around it do not count.
    pub fn last_match(&self, path: &[u8], is_folder: bool) -> Option<PatternMatch> {
        let name = &path[memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1)..];
        let fits = |position: &&usize| is_folder || !self.patterns[**position].is_for_folders;
        let named = if self.names.is_empty() { None } else { self.names.get(name) };
        let named = named.and_then(|all| all.iter().rev().find(fits)).copied();
        let later =
            self.others.iter().rev().take_while(|other| named.is_none_or(|own| **other > own));
        let found = later
            .filter(fits)
            .find(|other| self.patterns[**other].matcher.matches(path, name))
            .copied()
            .or(named)?;
        let ListedPattern { number, is_negative, .. } = self.patterns[found];
        Some(PatternMatch { number, is_negative })
    }
}

impl Matcher {
    fn matches(&self, path: &[u8], name: &[u8]) -> bool {
        match self {
            // The table of names has answered.
            Self::Name => false,
            Self::NameEnd(end) => name.ends_with(end),
            Self::WildName(wild) => wild.matches(name),
            Self::Path(own) => path == &own[..],
            Self::WildPath(start, wild) => {
                path.strip_prefix(&start[..]).is_some_and(|rest| wild.matches(rest))
            }
        }
    }
}

/// A line without the spaces at its end, unless a backslash quotes them. Other white space is part of
/// the pattern.
pub fn without_spaces(line: &[u8]) -> &[u8] {
    let mut end = None;
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        if byte == b' ' {
            end = end.or(Some(at));
        } else {
            end = None;
        }
        if byte == b'\\' {
            at += 1;
            if at == line.len() {
                return line;
            }
        }
        at += 1;
    }
    &line[..end.unwrap_or(line.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> PatternList {
        PatternList::of_file(text.as_bytes(), LetterCase::Matters).unwrap()
    }

    fn decision(text: &str, path: &str) -> Option<(usize, bool)> {
        let (path, is_folder) = match path.strip_suffix('/') {
            Some(folder) => (folder, true),
            None => (path, false),
        };
        let found = list(text).last_match(path.as_bytes(), is_folder)?;
        Some((found.number, !found.is_negative))
    }

    #[test]
    fn lines_are_gits() {
        for (text, path, expected) in [
            ("\u{feff}a\n", "a", Some((1, true))),
            ("#a\n\\#a\n", "#a", Some((2, true))),
            ("!a\n", "a", Some((1, false))),
            ("\\!a", "!a", Some((1, true))),
            ("a  \n", "a", Some((1, true))),
            ("a\\  \n", "a ", Some((1, true))),
            ("a\t\n", "a", None),
            ("a\u{a0}\n", "a", None),
            ("a\r\n", "a", Some((1, true))),
            ("a\r", "a", Some((1, true))),
            ("a\r\r\n", "a", None),
            ("a\0b\n", "a", Some((1, true))),
            ("\n\n a\n", " a", Some((3, true))),
            ("/\n//\n!\n!/\n", "a", None),
            ("*.{a,b}", "x.a", None),
            ("*.{a,b}", "x.{a,b}", Some((1, true))),
            ("a\\", "a\\", None),
            ("[a", "[a", None),
            ("a/", "a", None),
            ("a/", "x/a/", Some((1, true))),
            ("/a", "x/a", None),
            ("a/b", "x/a/b", None),
            ("a/b", "a/b", Some((1, true))),
            ("a[/]b", "a/b", None),
            ("*\n!a\n*b", "a", Some((2, false))),
            ("*\n!a\n*b", "ab", Some((3, true))),
            ("a\n!a/\n", "a", Some((1, true))),
            ("a\n!a/\n", "a/", Some((2, false))),
            ("x/*", "x/a/b", None),
            ("x/**", "x/a/b", Some((1, true))),
        ] {
            assert_eq!(decision(text, path), expected, "{text:?} {path}");
        }
    }

    #[test]
    fn what_versions_of_git_read_differently_hides_nothing() {
        for path in ["ab", "axb", "ax/y/b"] {
            assert_eq!(decision("/a**/b", path), None);
        }
        assert_eq!(decision("/a**/b", "ax/b"), Some((1, true)));
        for path in ["ab", "ax/b", "ax/y/b"] {
            assert_eq!(decision("!/a**/b", path), Some((1, false)));
        }
    }

    #[test]
    fn case_can_be_ignored() {
        let list = PatternList::of_file(b"Build/\n*.LOG\n/A/b", LetterCase::Ignored).unwrap();
        for (path, is_folder) in [("x/bUILD", true), ("a.log", false), ("a/B", false)] {
            assert!(list.last_match(path.as_bytes(), is_folder).is_some(), "{path}");
        }
    }

    #[test]
    fn too_many_patterns_are_not_tried() {
        let text = "*a\n".repeat(MAX_OTHERS + 1);
        assert!(PatternList::of_file(text.as_bytes(), LetterCase::Matters).is_none());
        let text = "a\n".repeat(10 * MAX_OTHERS);
        assert!(PatternList::of_file(text.as_bytes(), LetterCase::Matters).is_some());
    }
}
