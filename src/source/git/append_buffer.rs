//! A buffer for objects that a delta assembles from many pieces, most of them short.

use std::ops::Range;

/// The number of bytes that are copied for any piece up to this length: that takes a few moves and
/// no branch. Lengths are unpredictable, and a mispredicted branch costs more time than the moves.
const BLOCK: usize = 128;

/// The longest end of a run that is copied in this way.
const END: usize = 16;

/// A buffer to which pieces are appended.
#[derive(Debug, Default)]
pub(super) struct AppendBuffer {
    /// The content, and room for more.
    bytes: Vec<u8>,
    length: usize,
}

impl AppendBuffer {
    /// Empties the buffer.
    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    /// Drops all behind the first `length` bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Appends the bytes of `text` in `range`, which must be inside it.
    #[inline(always)]
    pub(super) fn push(&mut self, text: &[u8], range: Range<usize>) {
        let length = range.len();
        // Surplus bytes are overwritten by the next piece.
        if length <= BLOCK
            && let Some(block) = text[range.start..].first_chunk::<BLOCK>()
            && let Some(room) = self.bytes[self.length..].first_chunk_mut::<BLOCK>()
        {
            room.copy_from_slice(block);
            self.length += length;
        } else {
            self.push_slowly(&text[range]);
        }
    }

    /// Appends at most `first` bytes of the beginning and `last` of the end of the bytes of `text` in
    /// `range`.
    #[inline(always)]
    pub(super) fn push_ends(
        &mut self,
        text: &[u8],
        range: Range<usize>,
        (first, last): (usize, usize),
    ) {
        let (tail, whole) = (range.len().min(last), range.len().min(first + last));
        if first.max(last) <= END
            && let Some(start) = text[range.start..].first_chunk::<{ 2 * END }>()
            && let Some(end) = text[range.end - tail..].first_chunk::<END>()
            && let Some(room) = self.bytes[self.length..].first_chunk_mut::<BLOCK>()
        {
            // If the range is short, both ends are the same bytes at the same place.
            room[..2 * END].copy_from_slice(start);
            room[whole - tail..][..END].copy_from_slice(end);
            self.length += whole;
        } else if range.len() > whole {
            self.push(text, range.start..range.start + first);
            self.push(text, range.end - last..range.end);
        } else {
            self.push(text, range);
        }
    }

    fn push_slowly(&mut self, piece: &[u8]) {
        let end = self.length + piece.len();
        if self.bytes.len() < end + BLOCK {
            self.bytes.resize((end + BLOCK).max(2 * self.bytes.len()), 0);
        }
        self.bytes[self.length..end].copy_from_slice(piece);
        self.length = end;
    }

    /// The content.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Lets `fill` produce the whole content as the first `length` of its bytes. Returns false if
    /// it fails.
    pub(super) fn fill(&mut self, length: usize, fill: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let is_filled = fill(&mut self.bytes);
        self.length = if is_filled { length } else { 0 };
        is_filled
    }
}

impl From<Vec<u8>> for AppendBuffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { length: bytes.len(), bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_oneof, proptest};

    proptest! {
        #[test]
        fn pieces_are_appended_in_order(
            text in prop::collection::vec(any::<u8>(), 1..300),
            pieces in prop::collection::vec((any::<prop::sample::Index>(), 0..80usize), 0..60),
        ) {
            let mut splice = AppendBuffer::default();
            for _ in 0..2 {
                splice.clear();
                let mut expected = Vec::new();
                for (start, length) in &pieces {
                    let start = start.index(text.len());
                    let range = start..text.len().min(start + length);
                    splice.push(&text, range.clone());
                    expected.extend_from_slice(&text[range]);
                }
                assert_eq!(splice.bytes(), expected);
            }
        }

        #[test]
        fn ends_are_appended_in_order_and_short_pieces_once(
            text in prop::collection::vec(any::<u8>(), 1..300),
            pieces in prop::collection::vec((any::<prop::sample::Index>(), 0..80usize), 0..60),
            reaches in prop_oneof![(0..20usize, 0..20usize), (0..40usize, 0..40usize)],
        ) {
            let mut splice = AppendBuffer::default();
            for _ in 0..2 {
                splice.clear();
                let mut expected = Vec::new();
                for (start, length) in &pieces {
                    let start = start.index(text.len());
                    let piece = &text[start..text.len().min(start + length)];
                    splice.push_ends(&text, start..start + piece.len(), reaches);
                    let (first, last) = reaches;
                    if piece.len() > first + last {
                        expected.extend_from_slice(&piece[..first]);
                        expected.extend_from_slice(&piece[piece.len() - last..]);
                    } else {
                        expected.extend_from_slice(piece);
                    }
                }
                assert_eq!(splice.bytes(), expected);
            }
        }
    }
}
