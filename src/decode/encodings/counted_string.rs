//! A text of a file in which its length or a letter stands before it.

use std::ops::Range;

/// A text behind its length.
#[derive(Debug)]
pub(super) struct CountedString {
    pub(super) start: usize,
    pub(super) content: Range<usize>,
    /// True if it stands behind a name in a map.
    pub(super) is_value: bool,
}
