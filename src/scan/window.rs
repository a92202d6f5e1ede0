//! The part of a text that a pattern is tried on, and where it stands in the whole text.

use std::borrow::Cow;

use super::encoded_keywords::OffsetMap;
use super::word_starts::{BINARY_REACH, last_control};
use crate::model::EncodingLayer;

/// The text that a pattern is tried on.
pub(super) struct Window<'t> {
    pub(super) text: Cow<'t, [u8]>,
    /// The scanned text before it, unless it is decoded.
    pub(super) before: &'t [u8],
    /// Index of the keyword.
    pub(super) at: usize,
    /// Maps offsets back to the whole text, from the inside out.
    pub(super) places: Vec<OffsetMap>,
    /// Encodings in the whole text, from the outside in.
    pub(super) layers: Vec<EncodingLayer>,
}

impl Window<'_> {
    /// True if the text before `at` is binary data.
    pub(super) fn is_binary(&self, at: usize) -> bool {
        let further = self.before.len().saturating_sub(BINARY_REACH.saturating_sub(at));
        last_control(&self.text[..at]).is_some() || last_control(&self.before[further..]).is_some()
    }
}

/// Start of the `-->` of a comment that the match overlaps or touches: its hyphens look like the
/// end of a key.
pub(super) fn comment_close(text: &[u8], end: usize) -> Option<usize> {
    (end.saturating_sub(2)..=end).find(|&at| text[at..].starts_with(b"-->"))
}
