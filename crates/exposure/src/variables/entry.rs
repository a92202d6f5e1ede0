//! One assignment of a variable as a file writes it.

use std::ops::Range;

/// What one place says of a variable, as it is written. Ranges are bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    /// The value without its quotes; `None` where only the name stands.
    pub(crate) value: Option<String>,
    /// Whether `$X` in the value is another variable.
    pub(crate) expands: bool,
    pub(crate) name_at: Range<usize>,
    pub(crate) value_at: Range<usize>,
}

/// An entry of a text that begins at `by`.
pub(crate) fn moved(entry: Assignment, by: usize) -> Assignment {
    Assignment {
        name_at: entry.name_at.start + by..entry.name_at.end + by,
        value_at: entry.value_at.start + by..entry.value_at.end + by,
        ..entry
    }
}

/// Whether a text can be the name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 256
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// How many bytes of `text` are a name.
pub(crate) fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}
