//! The width of text on a terminal.

use unicode_width::UnicodeWidthStr;

/// The columns that a text takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// A text cut to at most `most` columns; `…` marks the cut.
pub(super) fn truncated(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut start = String::new();
    for character in text.chars() {
        start.push(character);
        if columns(&start) >= most {
            start.pop();
            break;
        }
    }
    start + "…"
}
