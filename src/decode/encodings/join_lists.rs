//! Tells lists that are joined from others, whose parts are texts of their own.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Functions that join their arguments, or the parts of a list.
const FUNCTIONS: &[&[u8]] = &[b"join", b"concat", b"implode", b"paste0", b"str_c"];

/// Methods that join the parts of a list before them.
const METHODS: &[&[u8]] = &[b".join", b".concat", b"-join", b".mkString", b".reduce"];

/// Names of lists between a function and its first part.
const LISTS: &[&[u8]] =
    &[b"[]string", b"new string[]", b"new[]", b"listOf", b"qw", b"%w", b"~w", b""];

/// How far before and behind the parts is looked, in bytes.
const REACH: usize = 64;

/// True if the list whose first literal begins at `first` and whose last one ends at `end` is joined: by a
/// function before it, or a method behind it.
pub(super) fn joins_list(text: &[u8], first: usize, end: usize) -> bool {
    let mut before = &text[first.saturating_sub(REACH)..first];
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || b"([{\"'`,!@$".contains(byte);
    for word in LISTS {
        let length = before.iter().rev().take_while(|byte| is_between(byte)).count();
        before = &before[..before.len() - length];
        before = before.strip_suffix(*word).unwrap_or(before);
    }
    let ends = |name: &&[u8]| {
        let last = before.len().checked_sub(name.len()).map(|from| &before[from..]);
        last.is_some_and(|last| last.eq_ignore_ascii_case(name))
    };
    let after = text.get(end..).unwrap_or_default();
    let is_behind = |byte: &&u8| byte.is_ascii_whitespace() || matches!(byte, b')' | b']' | b'}');
    let after = &after[after.iter().take(REACH).take_while(is_behind).count()..];
    let begins = |name: &&[u8]| after.starts_with(name);
    FUNCTIONS.iter().any(ends) || METHODS.iter().any(begins)
}

/// Words near lists whose parts are put together, in any language.
const JOINING: [&str; 16] = [
    "join", "Join", "JOIN", "oncat", "ONCAT", "mplode", "paste", "strcat", "str_c", "mkString",
    "educe", "ppend", "Sprint", "sum(", "sep=", "echo ",
];

/// How far behind a part of a list that may stand, in bytes.
const BEHIND: usize = 256;

/// False if nothing says that the list is put together whose first literal begins at `first` and which has a
/// part at `at`.
pub(super) fn may_join_list(text: &[u8], first: usize, at: usize) -> bool {
    static FINDERS: LazyLock<[Finder<'static>; 16]> = LazyLock::new(|| JOINING.map(Finder::new));
    let around = &text[first.saturating_sub(REACH)..text.len().min(at + BEHIND)];
    FINDERS.iter().any(|finder| finder.find(around).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_functions_and_methods_that_join_are_seen_near_a_list() {
        for name in FUNCTIONS.iter().chain(METHODS) {
            let name = String::from_utf8_lossy(name);
            for text in [format!("k = {name}('', 'ab', B)"), format!("k = ['ab', B]{name}('')")] {
                let (first, at) = (text.find("ab").unwrap(), text.find('B').unwrap());
                assert!(may_join_list(text.as_bytes(), first, at), "{text}");
            }
        }
        assert!(!may_join_list(b"compare('ab', B)", 9, 14));
    }

    #[test]
    fn lists_that_are_joined_are_told() {
        for (before, after, is_joined) in [
            ("\"\".join([\"", "])", true),
            ("String.join(\"\", \"", ")", true),
            ("strings.Join([]string{\"", "}, \"\")", true),
            ("concat!(\"", ")", true),
            ("k = [\"", "].join('')", true),
            ("$k = '", " -join ''", true),
            ("keys = [\"", "]", false),
            ("check(\"", ")", false),
            ("join(a); keys = [\"", "]", false),
        ] {
            let text = format!("{before}first{after}");
            let (first, end) = (before.len(), before.len() + 5);
            assert_eq!(joins_list(text.as_bytes(), first, end), is_joined, "{text}");
        }
    }
}
