//! Path patterns as people write them on Windows.

use std::borrow::Cow;

/// Writes a pattern with `/` where it has the `\` of Windows. In the syntax of `.gitignore`, `\` makes
/// the character after it plain; before a letter or a digit or at the end, that has no use, and all of
/// the pattern's are taken for separators.
pub fn with_slashes(pattern: &str) -> Cow<'_, str> {
    let mut rest = pattern;
    let mut is_path = false;
    while let Some((_, after)) = rest.split_once('\\') {
        let next = after.chars().next();
        is_path |= next.is_none_or(|c| c.is_alphanumeric() || c == '_');
        // Two of them are a plain one.
        rest = after.strip_prefix('\\').unwrap_or(after);
    }
    if is_path { Cow::Owned(pattern.replace('\\', "/")) } else { Cow::Borrowed(pattern) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_separators_become_slashes() {
        for (pattern, expected) in [
            ("tests\\fixtures\\", "tests/fixtures/"),
            ("tests\\fixtures\\*.env", "tests/fixtures/*.env"),
            ("a\\.env", "a\\.env"),
            ("\\#notes", "\\#notes"),
            ("\\!important", "\\!important"),
            ("what\\?.txt", "what\\?.txt"),
            ("a\\ b", "a\\ b"),
            ("tests\\", "tests/"),
            ("a\\\\b", "a\\\\b"),
            ("a/b", "a/b"),
        ] {
            assert_eq!(with_slashes(pattern), expected, "{pattern}");
        }
    }
}
