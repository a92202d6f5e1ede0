//! Markers in the text: keyside's own, and those of other scanners.

use crate::model::Suppression;

/// keyside's marker. It applies to its own line, and in a comment line also to the line below.
const OWN: &str = "keyside:allow";

/// Markers of other tools, which apply to their own line.
const FOREIGN: &[&str] = &[
    "gitleaks:allow",
    "betterleaks:allow",
    "trufflehog:ignore",
    "kingfisher:ignore",
    "pragma: allowlist secret",
    "pragma: whitelist secret",
];

/// The marker of detect-secrets that applies to the line below.
const NEXT_LINE: &str = "pragma: allowlist nextline secret";

/// The suppression of a finding of `rule_id` on `line`, by a marker there or on the line before.
pub fn inline(line: &str, previous: Option<&str>, rule_id: &str) -> Option<Suppression> {
    if let Some(own) = own_marker(line, rule_id) {
        return Some(own);
    }
    for marker in FOREIGN {
        if let Some((_, after)) = find_word(line, marker) {
            return Some(Suppression::Inline { marker, reason: reason(after) });
        }
    }
    let previous = previous?;
    if let Some((_, after)) = find_word(previous, NEXT_LINE) {
        return Some(Suppression::Inline { marker: NEXT_LINE, reason: reason(after) });
    }
    // A marker after code applies to that code, not to the line below.
    let (before, _) = find_word(previous, OWN)?;
    if before.chars().any(char::is_alphanumeric) { None } else { own_marker(previous, rule_id) }
}

/// Parses `keyside:allow[rule-id, other-id] reason`; without brackets, it applies to every rule.
fn own_marker(line: &str, rule_id: &str) -> Option<Suppression> {
    let (_, after) = find_word(line, OWN)?;
    let reason_text = match after.strip_prefix('[') {
        None => after,
        Some(list) => {
            let (ids, rest) = list.split_once(']')?;
            if !ids.split(',').any(|id| id.trim() == rule_id) {
                return None;
            }
            rest
        }
    };
    Some(Suppression::Inline { marker: OWN, reason: reason(reason_text) })
}

/// Splits `line` at `word`, unless that is part of another word.
fn find_word<'l>(line: &'l str, word: &str) -> Option<(&'l str, &'l str)> {
    let (before, after) = line.split_once(word)?;
    let is_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (is_word && ends).then_some((before, after))
}

/// The reason after a marker, without the end of the comment.
fn reason(after: &str) -> String {
    let mut text = after.trim_start_matches([':', ' ', '\t', '-']).trim();
    for end in ["*/", "-->", "#}", "%>", "--%>", "}}"] {
        text = text.strip_suffix(end).unwrap_or(text).trim_end();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, previous: Option<&str>) -> Option<(&'static str, String)> {
        match inline(line, previous, "a-key") {
            Some(Suppression::Inline { marker, reason }) => Some((marker, reason)),
            _ => None,
        }
    }

    #[test]
    fn own_markers() {
        let found = |reason: &str| Some((OWN, reason.to_owned()));
        for (line, previous, expected) in [
            ("x // keyside:allow[a-key] test key", None, found("test key")),
            ("x # keyside:allow[b-key, a-key]", None, found("")),
            ("x /* keyside:allow[a-key] why */", None, found("why")),
            ("x <!-- keyside:allow: docs -->", None, found("docs")),
            ("x # keyside:allow[b-key] other", None, None),
            ("x # keyside:allow[a-key", None, None),
            ("x # notkeyside:allow", None, None),
            ("x # keyside:allowed", None, None),
            ("x", Some("# keyside:allow[a-key] why"), found("why")),
            ("x", Some("  <!-- keyside:allow[a-key] why -->"), found("why")),
            ("x", Some("y = 1 # keyside:allow[a-key] why"), None),
            ("x", Some("# see keyside:allow[a-key]"), None),
            ("x", Some(""), None),
        ] {
            assert_eq!(of(line, previous), expected, "{line} / {previous:?}");
        }
    }

    #[test]
    fn foreign_markers() {
        assert_eq!(of("x # gitleaks:allow", None), Some(("gitleaks:allow", String::new())));
        assert_eq!(
            of("x  # pragma: allowlist secret -- fake", None),
            Some(("pragma: allowlist secret", "fake".to_owned()))
        );
        assert_eq!(of("x", Some("# pragma: allowlist nextline secret")).unwrap().0, NEXT_LINE);
        assert_eq!(of("x", Some("# gitleaks:allow")), None);
    }
}
