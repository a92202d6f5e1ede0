//! The interface of decoders.

use std::ops::Range;

use super::decoded_text::DecodedText;

/// A part of a text that is searched for what is encoded.
pub struct SearchedPart<'t> {
    /// The text.
    pub text: &'t [u8],
    /// The offsets in bytes that are searched.
    pub range: Range<usize>,
    /// Tells of which ranges it is wanted what they say. Of a text that was decoded in turn, only that of
    /// those that were encoded is new.
    pub is_new: &'t dyn Fn(&Range<usize>) -> bool,
}

/// Decodes one encoding. A text is decoded around each of its places, or at its end.
pub trait Decoder {
    /// Looks at a place of a part that may be encoded in this way, and passes on what it says. Places come
    /// in order.
    fn see(&mut self, _part: &SearchedPart<'_>, _at: usize, _each: &mut dyn FnMut(DecodedText)) {}

    /// Passes on what is left when all places were seen, and what no place tells.
    fn finish(&mut self, _part: &SearchedPart<'_>, _each: &mut dyn FnMut(DecodedText)) {}
}
