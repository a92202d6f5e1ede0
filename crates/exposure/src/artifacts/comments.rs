//! Finds the comments of a text, which compiled files do not contain.

use std::ops::Range;

/// How comments and strings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// JavaScript and TypeScript.
    Script,
    /// Java, C, C++, Objective-C, C#: comments do not nest.
    C,
    /// Kotlin and Swift: comments nest.
    Kotlin,
    /// Dart and Groovy: texts in single quotes.
    Dart,
    /// XML and HTML.
    Markup,
    /// HTML templates: their own comments stay, those of template engines are left out.
    Template,
    /// MDX: comments are code in braces.
    Document,
}

/// Pairs of marks around text that a template engine leaves out.
const TEMPLATE_COMMENTS: [(&str, &str); 6] = [
    ("{#", "#}"),
    ("{% comment %}", "{% endcomment %}"),
    ("{{!--", "--}}"),
    ("{{!", "}}"),
    ("<%--", "--%>"),
    ("<%#", "%>"),
];

/// The comments of a text, in order.
pub(crate) fn ranges(text: &str, language: Language) -> Vec<Range<usize>> {
    match language {
        Language::Markup => enclosed(text, &[("<!--", "-->")]),
        Language::Template => enclosed(text, &TEMPLATE_COMMENTS),
        Language::Document => enclosed(text, &[("{/*", "*/}")]),
        Language::Script | Language::C | Language::Kotlin | Language::Dart => code(text, language),
    }
}

/// True if an offset is in one of `ranges`.
pub(crate) fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.start <= at);
    next.checked_sub(1).is_some_and(|index| at < ranges[index].end)
}

/// The stretches between pairs of marks; a mark without an end encloses nothing.
fn enclosed(text: &str, marks: &[(&str, &str)]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    // A missing end is searched for only once: a text full of marks would take quadratic time.
    let mut open: Vec<&(&str, &str)> = marks.iter().collect();
    while let Some(next) = text.as_bytes()[at..].iter().position(|&b| matches!(b, b'<' | b'{')) {
        let start = at + next;
        at = start + 1;
        let Some(&&(begin, end)) = open.iter().find(|(begin, _)| text[start..].starts_with(begin))
        else {
            continue;
        };
        let inside = start + begin.len();
        if let Some(length) = text[inside..].find(end) {
            at = inside + length + end.len();
            ranges.push(start..at);
        } else {
            open.retain(|mark| mark.0 != begin);
        }
    }
    ranges
}

fn code(text: &str, language: Language) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"//") {
            let end = rest.iter().position(|&b| b == b'\n').map_or(bytes.len(), |n| at + n);
            ranges.push(at..end);
            at = end;
        } else if rest.starts_with(b"/*") {
            let end = at + comment_length(rest, language == Language::Kotlin);
            ranges.push(at..end);
            at = end;
        } else {
            at += text_length(rest, language).unwrap_or(1);
        }
    }
    ranges
}

fn comment_length(rest: &[u8], nests: bool) -> usize {
    let mut depth = 1_usize;
    let mut at = 2;
    while at < rest.len() {
        if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else if nests && rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of the string literal at the start of `rest`. The end of the line ends it at the
/// latest, so that a stray quote does not hide the rest of the file.
fn text_length(rest: &[u8], language: Language) -> Option<usize> {
    let quote = *rest.first()?;
    let triple = [quote; 3];
    let has_triple = match language {
        Language::Kotlin => quote == b'"',
        Language::Dart => matches!(quote, b'"' | b'\''),
        Language::Script
        | Language::C
        | Language::Markup
        | Language::Template
        | Language::Document => false,
    };
    if has_triple && rest.starts_with(&triple) {
        let end = rest[3..].windows(3).position(|window| window == triple);
        return Some(end.map_or(rest.len(), |length| length + 6));
    }
    let spans_lines = quote == b'`' && language == Language::Script;
    if !matches!(quote, b'"' | b'\'') && !spans_lines {
        return None;
    }
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 1,
            b'\n' if !spans_lines => return Some(at),
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str, language: Language) -> bool {
        holds(&ranges(text, language), text.find("KEY").unwrap())
    }

    #[test]
    fn what_is_a_comment_is_told_from_what_is_a_string() {
        for (text, language, expected) in [
            ("// KEY", Language::C, true),
            ("\"//\" + \"KEY\"", Language::C, false),
            ("\"https://x/KEY\"", Language::Kotlin, false),
            ("/* a */ KEY", Language::C, false),
            ("/* /* a */ KEY */", Language::Kotlin, true),
            ("/* /* a */ KEY ", Language::C, false),
            ("'it' // KEY", Language::Dart, true),
            ("'//' KEY", Language::Dart, false),
            ("\"\"\"\n // KEY\"\"\"", Language::Kotlin, false),
            ("`\n// KEY`", Language::Script, false),
            ("don't\n// KEY", Language::Kotlin, true),
            ("<!-- KEY -->", Language::Markup, true),
            ("<!-- x --> KEY", Language::Markup, false),
            ("<!-- KEY -->", Language::Template, false),
            ("{# KEY #}", Language::Template, true),
            ("<%-- KEY --%>", Language::Template, true),
            ("/* KEY", Language::C, true),
        ] {
            assert_eq!(hidden(text, language), expected, "{text}");
        }
    }

    #[test]
    fn hostile_texts_take_no_square_of_time() {
        for text in ["{#".repeat(200_000), "<!--".repeat(200_000), "/*".repeat(200_000)] {
            for language in [Language::Template, Language::Markup, Language::Kotlin] {
                let _ = ranges(&text, language);
            }
        }
        assert!(ranges("é{é<é/é'é\\", Language::Dart).is_empty());
    }
}
