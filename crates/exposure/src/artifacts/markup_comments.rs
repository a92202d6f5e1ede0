//! Comments of pages, templates and documents that compilers and minifiers remove.

/// Beginnings of comments that minifiers of pages keep: conditional ones, and marks for programs.
const KEPT: [&str; 8] = ["!", "#", "[if", "[endif", "<!", "noindex", "/noindex", "sse"];

/// Elements whose text is no markup.
const RAW: [&str; 5] = ["script", "style", "textarea", "title", "pre"];

/// True if an offset of a page or template is in a comment that those remove which remove comments.
/// In doubt it is not.
pub(crate) fn is_removable(text: &str, at: usize) -> bool {
    let Some((before, after)) = text.split_at_checked(at) else { return false };
    let Some(open) = before.rfind("<!--") else { return false };
    let (outside, inside) = (&before[..open], &before[open + 4..]);
    let start = text[open + 4..].trim_start();
    let is_kept = KEPT.iter().any(|mark| start.starts_with(mark));
    if inside.contains("-->") || !after.contains("-->") || is_kept {
        return false;
    }
    let is_in = |begin: &str, end: &str| {
        outside.rfind(begin).is_some_and(|begin| !outside[begin..].contains(end))
    };
    // A comment in a tag is the value of an attribute, one in braces the text of an expression.
    let is_raw = RAW.iter().any(|name| is_in(&format!("<{name}"), &format!("</{name}")));
    !is_raw && !is_in("<", ">") && !is_in("{{", "}}")
}

/// The same for a document in Markdown, where code shows comments.
pub(crate) fn is_removable_in_document(text: &str, at: usize) -> bool {
    let open = text.get(..at).and_then(|before| before.rfind("<!--"));
    open.is_some_and(|open| !is_code(&text[..open])) && is_removable(text, at)
}

/// True if what follows a text in Markdown is in a block of code or between backticks.
fn is_code(before: &str) -> bool {
    let (lines, line) = before.rsplit_once('\n').unwrap_or(("", before));
    let mut fence: Option<&str> = None;
    for line in lines.lines() {
        let line = line.trim_start_matches([' ', '>', '-', '*']);
        let mark = if line.starts_with('~') { '~' } else { '`' };
        let length = line.len() - line.trim_start_matches(mark).len();
        match fence {
            None if length >= 3 => fence = Some(&line[..length]),
            Some(open) if line.starts_with(open) && line[length..].trim().is_empty() => {
                fence = None;
            }
            _ => {}
        }
    }
    let is_indented = line.starts_with("    ") || line.starts_with('\t');
    fence.is_some() || is_indented || line.contains('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_what_only_looks_like_one() {
        for (text, expected) in [
            ("<p>x</p><!-- KEY -->", true),
            ("<!-- a --> KEY <!-- b -->", false),
            ("<!-- KEY", false),
            ("<!--! KEY -->", false),
            ("<!--[if IE]> KEY <![endif]-->", false),
            ("<p title=\"<!-- KEY -->\">", false),
            ("<script>a = '<!-- KEY -->'</script>", false),
            ("<script></script><!-- KEY -->", true),
            ("{{ '<!-- KEY -->' }}", false),
            ("KEY", false),
        ] {
            assert_eq!(is_removable(text, text.find("KEY").unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn code_of_documents_shows_comments() {
        for (text, expected) in [
            ("a\n\n<!-- KEY -->\n", true),
            ("```html\n<!-- KEY -->\n```\n", false),
            ("```html\n```\n<!-- KEY -->\n", true),
            ("````md\n```\n<!-- KEY -->\n", false),
            ("~~~\n```\n~~~\n<!-- KEY -->\n", true),
            ("`<!-- KEY -->`", false),
            ("    <!-- KEY -->", false),
        ] {
            let at = text.find("KEY").unwrap();
            assert_eq!(is_removable_in_document(text, at), expected, "{text}");
        }
    }
}
