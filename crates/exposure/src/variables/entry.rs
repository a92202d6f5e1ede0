//! Assignments of variables, as files write them.

use std::ops::Range;

/// An assignment or declaration of a variable, as written. Ranges are bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    /// The value without its quotes; `None` for the name alone.
    pub(crate) value: Option<String>,
    /// True if `$X` in the value is another variable.
    pub(crate) expands: bool,
    pub(crate) name_at: Range<usize>,
    pub(crate) value_at: Range<usize>,
}

/// The entry of a text that begins at offset `by`.
pub(crate) fn moved(entry: Assignment, by: usize) -> Assignment {
    Assignment {
        name_at: entry.name_at.start + by..entry.name_at.end + by,
        value_at: entry.value_at.start + by..entry.value_at.end + by,
        ..entry
    }
}

/// True if a text can be the name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 256
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The length of the name at the start of `text`.
pub(crate) fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}
