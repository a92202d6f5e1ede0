//! Misspelt markers of keyside that stand near no key: a notice where they are meant as markers, and
//! not where a text speaks of markers.

use super::inline::{LineMarkers, has_code};
use super::marker_reason::Comment;

/// How many bytes before a marker, and from its beginning on, decide about it. A line may go on for
/// megabytes.
pub const STRAY_REACH: [usize; 2] = [200, 2000];

/// The faults of a text that may be a marker: `before` is what precedes it on its line, and `from`
/// begins with it and ends before the next one. `is_rule` knows the ids of rules.
pub fn stray_marker_faults(
    before: &str,
    from: &str,
    is_rule: &dyn Fn(&str) -> bool,
) -> impl Iterator<Item = String> {
    // A text in quotes with a space there is a key and its value, or a sentence.
    let is_word = !before.ends_with('"') || !from.starts_with("keyside: ");
    let is_meant = is_word && is_in_comment(before) && !is_quoted(before) && !is_placeholder(from);
    let line = is_meant.then(|| LineMarkers::of(&format!("# {from}"), is_rule));
    line.into_iter().flat_map(|line| line.faults).map(|fault| fault.message)
}

/// True if a comment has begun, or a text in quotes that is all marker.
fn is_in_comment(before: &str) -> bool {
    // A line of a comment that began above it.
    let goes_on = || before.contains('*') && !has_code(before);
    let is_path = before.ends_with('/') && !before.ends_with("//") && !before.ends_with("*/");
    !is_path && (Comment::before(before).is_some() || goes_on())
}

/// True if the marker is a part of a text in quotes, which is about markers.
fn is_quoted(before: &str) -> bool {
    let is_open = |quote: char| before.matches(quote).count() % 2 == 1;
    is_open('`') || is_open('"') && !before.ends_with('"')
}

/// True if the rule of a marker is a word that stands for one, as in instructions.
fn is_placeholder(from: &str) -> bool {
    let list = from.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let is_word = |id: &str| {
        let stands_for = |byte: u8| byte.is_ascii_uppercase() || b"<>{}$._-".contains(&byte);
        let bare = id.trim_matches(['<', '>', '{', '}', '$']);
        ["rule", "rule-id", "rule_id", "id", "…"].contains(&bare) || id.bytes().all(stands_for)
    };
    list.is_some_and(|(ids, _)| {
        !ids.trim().is_empty() && ids.split(',').map(str::trim).all(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_as_a_marker_is_told_from_words_about_markers() {
        // Else a scan of this file would tell of them.
        let faults = |line: &str| {
            let line = line.replace("KS:", "keyside:");
            let at = line.find("keyside:").unwrap();
            let is_rule = |id: &str| id == "a-key";
            stray_marker_faults(&line[..at], &line[at..], &is_rule).collect::<Vec<_>>()
        };
        for line in [
            "x = 1 # KS:alow why",
            "x = 1 // KS:allow[a-kye] why",
            "//KS:allow[a-key",
            "/* KS:allow(a-key) */",
            " * KS:alow[a-key] why",
            "<!-- KS:ignore -->",
            "-- KS:allow[] why",
            "{ \"_comment\": \"KS:alow why\" }",
            "say(\"a\") # KS:alow",
            "`a` # KS:alow",
        ] {
            assert_eq!(faults(line).len(), 1, "{line}");
        }
        for line in [
            "x = 1 # KS:allow[a-key] why",
            "# KS:allow why",
            "KS: all",
            "\"KS: all\"",
            "image: ghcr.io/KS:alow # why",
            "FROM https://ghcr.io/KS:alow",
            "# write `KS:alow`",
            "test(\"x # KS:alow\")",
            "// KS:allow[RULE] WHY",
            "# KS:allow[rule-id, id] why",
            "# KS:allow[<rule>] why",
            "# KS:scan runs it",
        ] {
            assert_eq!(faults(line), [""; 0], "{line}");
        }
    }
}
