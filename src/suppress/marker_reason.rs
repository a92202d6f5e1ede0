//! The reason after a marker: it ends with its comment, and is short.

/// The longest reason, in characters.
const LONGEST: usize = 200;

/// The greatest distance in bytes between the beginning of a comment and its marker.
const REACH: usize = 200;

/// Signs that begin comments, and those that end them.
const BLOCKS: &[(&str, &str)] = &[
    ("/*", "*/"),
    ("<!--", "-->"),
    ("{#", "#}"),
    ("<%--", "--%>"),
    ("<%#", "%>"),
    ("{{!--", "--}}"),
    ("{{!", "}}"),
    ("{{/*", "*/}}"),
    ("@*", "*@"),
    ("(*", "*)"),
    ("{-", "-}"),
    ("<#", "#>"),
    ("#|", "|#"),
    ("--[[", "]]"),
];

/// Signs that begin comments to the end of the line.
const LINES: &[&str] = &["//", "#", "--", ";", "%"];

/// The ends of comments that began on an earlier line.
const ENDS: &[&str] = &["*/", "-->", "#}", "%>", "}}"];

/// The comment that a marker stands in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Comment {
    /// It begins on an earlier line, or is of an unknown kind.
    #[default]
    Unknown,
    /// It ends with the line.
    Line,
    /// It ends with this text.
    Until(&'static str),
}

impl Comment {
    /// The comment that begins last in the text before a marker.
    pub(super) fn before(text: &str) -> Option<Self> {
        let text = &text[text.ceil_char_boundary(text.len().saturating_sub(REACH))..];
        // A marker that is all of a text in quotes.
        for quote in ["\"", "`"] {
            if text.trim_end().ends_with(quote) {
                return Some(Self::Until(quote));
            }
        }
        let open = |(open, close): &(&str, &'static str)| {
            let start = text.rfind(open)? + open.len();
            (!text[start..].contains(close)).then_some((start, open.len(), *close))
        };
        match BLOCKS.iter().filter_map(open).max_by_key(|own| (own.0, own.1)) {
            Some((.., close)) => Some(Self::Until(close)),
            None => LINES.iter().any(|sign| text.contains(sign)).then_some(Self::Line),
        }
    }

    /// Where the comment ends in the text after its marker: behind its last sign.
    pub(super) fn end_in(&self, after: &str) -> Option<usize> {
        let end = |end: &str| after.find(end).map(|at| at + end.len());
        match self {
            Self::Line => None,
            Self::Until(own) => end(own),
            Self::Unknown => ENDS.iter().filter_map(|own| end(own)).min(),
        }
    }

    /// The text after the marker that belongs to the comment.
    fn inside<'t>(&self, after: &'t str) -> &'t str {
        let before = |end: &str| after.find(end).map(|at| &after[..at]);
        match self {
            Self::Line => after,
            Self::Until(own) => before(own).unwrap_or(after),
            Self::Unknown => {
                let all = ENDS.iter().filter_map(|own| before(own));
                all.min_by_key(|text| text.len()).unwrap_or(after)
            }
        }
    }
}

/// The words in the text after a marker, which ends before the next one.
pub(super) fn inside<'t>(after: &'t str, comment: &Comment) -> &'t str {
    let mut text = comment.inside(after).trim_start_matches([':', ' ', '\t', '-']).trim();
    for end in ENDS {
        text = text.strip_suffix(end).unwrap_or(text).trim_end();
    }
    text
}

/// A reason, cut if it is long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(LONGEST - 1).map_or(text.len(), |(at, _)| at);
            format!("{}…", &text[..end])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reason after `~` in a line.
    fn of(line: &str) -> String {
        let (before, after) = line.split_once('~').unwrap();
        shortened(inside(after, &Comment::before(before).unwrap_or_default()))
    }

    #[test]
    fn a_reason_ends_with_its_comment() {
        for (line, expected) in [
            ("/* ~ demo */ x = 1; y = '*/'", "demo"),
            ("<!-- ~ docs --> <p>", "docs"),
            ("{# ~ docs #} {{ x }}", "docs"),
            ("<%-- ~ docs --%> x", "docs"),
            ("<%# ~ docs %> x", "docs"),
            ("(* ~ docs *) x", "docs"),
            ("{- ~ docs -} x", "docs"),
            ("--[[ ~ docs ]] x", "docs"),
            ("x = 1 // ~ see tests/*/x --> y", "see tests/*/x --> y"),
            ("x = 1 # ~ see {#} #}", "see {#}"),
            ("x = 1 -- ~ why", "why"),
            ("<!-- # ~ why -->", "why"),
            ("  ~ why */ x = 1", "why"),
            ("  ~ why", "why"),
            ("\"comment\": \"~ why\", \"x\": 1", "why"),
            ("/* a */ x = 1; /* ~ why */", "why"),
            ("/* see #12; ~ why */ x = 1", "why"),
            ("<!-- issue #12: ~ why --> <p>", "why"),
            ("f(*args) # ~ why", "why"),
        ] {
            assert_eq!(of(line), expected, "{line}");
        }
    }

    #[test]
    fn a_reason_is_short() {
        let long = format!("# ~ {}", "é".repeat(1000));
        let cut = of(&long);
        assert_eq!(cut.chars().count(), LONGEST);
        assert!(cut.ends_with('…'));
        assert_eq!(of(&format!("# ~ {}", "é".repeat(LONGEST))).chars().count(), LONGEST);
    }
}
