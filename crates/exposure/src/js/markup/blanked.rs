//! A text that is blank except for the ranges that are kept, at unchanged offsets.

use std::ops::Range;

use crate::js::markup::names::decoded;

/// A text as long as its file; at first only its line ends are kept.
pub(super) struct BlankedText<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: Vec<u8>,
}

impl<'t> BlankedText<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let blank = |byte: u8| if matches!(byte, b'\n' | b'\r') { byte } else { b' ' };
        Self { text, bytes: text.bytes().map(blank).collect() }
    }

    /// Keeps a range unchanged.
    pub(super) fn keep(&mut self, range: Range<usize>) {
        if let Some(kept) = self.text.get(range.clone()) {
            self.bytes[range].copy_from_slice(kept.as_bytes());
        }
    }

    /// Keeps the value of an attribute, with its entities decoded.
    pub(super) fn keep_decoded(&mut self, range: Range<usize>) {
        let Some(value) = self.text.get(range.clone()) else { return };
        if !value.contains('&') {
            self.keep(range);
            return;
        }
        let decoded = decoded(value);
        self.bytes[range.start..range.start + decoded.len()].copy_from_slice(decoded.as_bytes());
    }

    pub(super) fn put(&mut self, at: usize, byte: u8) {
        // Only a whole character may be replaced.
        if self.text.as_bytes().get(at).is_some_and(u8::is_ascii) {
            self.bytes[at] = byte;
        }
    }

    pub(super) fn finish(self) -> String {
        // Every range that is kept consists of whole characters, and the rest is ASCII.
        String::from_utf8(self.bytes).unwrap_or_default()
    }
}
