//! Paths in a state of files: parts separated by `/`, relative to the root, which is `""`.

/// The folder of a file; `""` at the root.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The extension of a file name, without its dot; empty if there is none.
pub(crate) fn extension(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// The path of a file in a folder.
pub(crate) fn join_name(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A folder and the folders around it, the innermost first, the root of the state last.
pub(crate) fn upwards(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |inner| (!inner.is_empty()).then(|| self::folder(inner)))
}

/// True if a path is in a folder, at any depth.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
}

/// The part of a path below a folder; `None` if it is not in there.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// The path that `relative` leads to from a folder; `None` if that is outside of the state.
pub(crate) fn join(folder: &str, relative: &str) -> Option<String> {
    let mut joined = folder.to_owned();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if joined.is_empty() => return None,
            ".." => joined.truncate(joined.rfind('/').unwrap_or(0)),
            part => {
                if !joined.is_empty() {
                    joined.push('/');
                }
                joined.push_str(part);
            }
        }
    }
    Some(joined)
}

/// The package name at the start of a specifier, and the path after it.
pub(crate) fn package_name(specifier: &str) -> (&str, &str) {
    let scope =
        if specifier.starts_with('@') { specifier.find('/').map_or(0, |at| at + 1) } else { 0 };
    match specifier[scope..].find('/') {
        Some(at) => (&specifier[..scope + at], &specifier[scope + at + 1..]),
        None => (specifier, ""),
    }
}

/// Alternatives of one pattern in braces; further ones are ignored.
const MAX_ALTERNATIVES: usize = 64;

/// A path pattern of bundlers and workspaces: `*` and `?` within a part, `**` for any number of
/// parts, `{a,b}` for either.
#[derive(Debug, Clone)]
pub(crate) struct PathPattern {
    alternatives: Vec<String>,
}

impl PathPattern {
    /// Reads a pattern.
    pub(crate) fn new(pattern: &str) -> Self {
        let mut alternatives = Vec::new();
        let mut open = vec![pattern.to_owned()];
        while let Some(next) = open.pop() {
            match braces(&next) {
                Some((front, choices, rest))
                    if open.len() + alternatives.len() < MAX_ALTERNATIVES =>
                {
                    let choices = choices.split(',').take(MAX_ALTERNATIVES);
                    open.extend(choices.map(|choice| format!("{front}{choice}{rest}")));
                }
                Some(_) | None => alternatives.push(next),
            }
        }
        Self { alternatives }
    }

    /// True if the pattern matches a path.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.alternatives.iter().any(|pattern| matches(pattern, path))
    }

    /// The common start of all paths that match.
    pub(crate) fn prefix(&self) -> &str {
        let Some((first, others)) = self.alternatives.split_first() else { return "" };
        let fixed = first.find(['*', '?']).unwrap_or(first.len());
        let mut prefix = first.get(..fixed).unwrap_or_default();
        for other in others {
            while !other.starts_with(prefix) {
                let mut shorter = prefix.chars();
                shorter.next_back();
                prefix = shorter.as_str();
            }
        }
        prefix
    }
}

/// The text before, in and after the first innermost braces.
fn braces(pattern: &str) -> Option<(&str, &str, &str)> {
    let close = pattern.find('}')?;
    let (before, rest) = pattern.split_at(close);
    let (front, choices) = before.rsplit_once('{')?;
    Some((front, choices, &rest[1..]))
}

fn matches(pattern: &str, path: &str) -> bool {
    // For each number of parts of the path, whether the pattern so far matches them.
    let parts: Vec<&str> = path.split('/').collect();
    let mut reached = vec![false; parts.len() + 1];
    reached[0] = true;
    for wanted in pattern.split('/') {
        if wanted == "**" {
            let first = reached.iter().position(|is_reached| *is_reached);
            let Some(first) = first else { return false };
            reached[first..].fill(true);
        } else {
            for at in (0..parts.len()).rev() {
                reached[at + 1] = reached[at] && part_matches(wanted, parts[at]);
            }
            reached[0] = false;
        }
    }
    reached.last().copied().unwrap_or_default()
}

/// True if a part of a pattern, in which `*` is any text, matches a part of a path.
fn part_matches(pattern: &str, part: &str) -> bool {
    let (pattern, part) = (pattern.as_bytes(), part.as_bytes());
    let (mut p, mut at) = (0, 0);
    // One past the last star, and the end of the text that it matched.
    let mut star: Option<(usize, usize)> = None;
    while at < part.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                star = Some((p, at));
            }
            Some(b'?') => (p, at) = (p + 1, at + 1),
            Some(byte) if *byte == part[at] => (p, at) = (p + 1, at + 1),
            Some(_) | None => {
                let Some((after, taken)) = star else { return false };
                star = Some((after, taken + 1));
                (p, at) = (after, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_follows_dots_and_stays_in_the_state() {
        for (folder, relative, joined) in [
            ("a/b", "./c", Some("a/b/c")),
            ("a/b", "../c", Some("a/c")),
            ("a/b", "../../c", Some("c")),
            ("a/b", "..", Some("a")),
            ("a", "..", Some("")),
            ("", ".", Some("")),
            ("", "..", None),
            ("a/b", "../../../../c", None),
            ("a", "b//c/./d/", Some("a/b/c/d")),
        ] {
            assert_eq!(join(folder, relative).as_deref(), joined, "{folder} {relative}");
        }
    }

    #[test]
    fn folders_go_up_to_the_root() {
        assert_eq!(upwards("a/b").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(upwards("").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn patterns_match_as_in_bundlers() {
        for (pattern, path, is_meant) in [
            ("packages/*", "packages/a", true),
            ("packages/*", "packages/a/b", false),
            ("packages/**", "packages/a/b", true),
            ("packages/**", "packages", true),
            ("**/*.ts", "a.ts", true),
            ("**/*.ts", "a/b/c.ts", true),
            ("src/**/x/*.ts", "src/x/a.ts", true),
            ("src/**/x/*.ts", "src/a/b/x/c.ts", true),
            ("src/**/x/*.ts", "src/a/b/c.ts", false),
            ("{apps,packages}/*", "apps/a", true),
            ("{apps,packages/{x,y}}/*", "packages/y/b", true),
            ("a/*.{ts,tsx}", "a/b.tsx", true),
            ("a/*.{ts,tsx}", "a/b.js", false),
            ("a?c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("", "", true),
        ] {
            assert_eq!(PathPattern::new(pattern).matches(path), is_meant, "{pattern} {path}");
        }
        assert_eq!(PathPattern::new("src/{a,ab}/*.ts").prefix(), "src/a");
        assert_eq!(PathPattern::new("src/pages/*.ts").prefix(), "src/pages/");
    }

    #[test]
    fn hostile_patterns_terminate() {
        assert!(!PathPattern::new(&"*a".repeat(500)).matches(&"a".repeat(400)));
        assert!(!PathPattern::new(&"**/".repeat(500)).matches("a/b"));
        PathPattern::new(&"{a,b}".repeat(200)).matches("x");
        PathPattern::new(&"{".repeat(10_000)).matches("x");
        PathPattern::new(&"}{".repeat(10_000)).matches("x");
    }
}
