//! Every decoder.

use super::armored::ArmoredTexts;
use super::base64::{Base64Texts, SHORTEST as SHORTEST_BASE64};
use super::byte_lists::ListedTexts;
use super::counted_texts::CountedTexts;
use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};
use super::encoded_places::{EncodedPlace, LONG, encoded_places};
use super::escapes::{EscapedTexts, REACH};
use super::folded::FoldedTexts;
use super::hex_dumps::DumpedTexts;
use super::joined::{JoinedTexts, LEAD, NEAR_LEAD, REACH as JOINED_REACH};
use super::key_heads::KeyHeads;
use super::utf32::Utf32Texts;

/// Around a part, where the signs are looked for that tell of encoded text in it.
#[derive(Debug, Clone, Copy)]
pub struct DecoderReach {
    /// Bytes before the part in which escapes are looked for.
    pub before: usize,
    /// The same behind it.
    pub after: usize,
    /// True if expressions go on with constants, whose values may stand anywhere in the text. Else the pieces
    /// beside them are passed on as anchors.
    pub has_constants: bool,
}

impl DecoderReach {
    /// Nothing around the part.
    pub const NOTHING: Self = Self { before: 0, after: 0, has_constants: true };

    /// As far as any sign tells.
    pub const ALL: Self = Self { before: REACH, after: REACH, has_constants: true };
}

/// Passes on every decoded text of a part and of the escapes around it. `heads` tells pieces of keys.
pub fn decoded_texts(
    part: &SearchedPart<'_>,
    reach: DecoderReach,
    heads: &KeyHeads,
    each: &mut dyn FnMut(DecodedText),
) {
    let SearchedPart { text, range, .. } = part;
    let (mut escaped, mut listed) = (EscapedTexts::default(), ListedTexts::default());
    let DecoderReach { before, after, has_constants } = reach;
    let (mut base64, mut joined) =
        (Base64Texts::default(), JoinedTexts::new(text, heads, has_constants));
    let around = |before: usize, after: usize| {
        range.start.saturating_sub(before)..text.len().min(range.end + after)
    };
    // Of what is long, the part in the range is told by what is before and behind it, too.
    let (of_escapes, long) = (around(before, after), around(LONG - 1, LONG));
    let of_joints = around(LEAD, JOINED_REACH);
    let near = around(NEAR_LEAD, JOINED_REACH);
    let all = of_escapes.start.min(of_joints.start)..of_escapes.end.max(of_joints.end);
    encoded_places(text, &all, |place| match place {
        EncodedPlace::Escape(at) if of_escapes.contains(&at) => escaped.see(part, at, each),
        EncodedPlace::List(at) if long.contains(&at) => listed.see(part, at, each),
        EncodedPlace::Base64(at) if long.contains(&at) => base64.see(part, at, each),
        EncodedPlace::Joint(at)
            if near.contains(&at) || of_joints.contains(&at) && joined.may_lead_far(at) =>
        {
            joined.see(part, at, each);
        }
        EncodedPlace::Escape(_)
        | EncodedPlace::List(_)
        | EncodedPlace::Base64(_)
        | EncodedPlace::Joint(_) => {}
    });
    let (utf32, dumped) = (&mut Utf32Texts, &mut DumpedTexts);
    let (counted, armored) = (&mut CountedTexts, &mut ArmoredTexts);
    let mut others: [&mut dyn Decoder; 6] =
        [&mut escaped, utf32, dumped, &mut FoldedTexts, counted, armored];
    for decoder in &mut others {
        decoder.finish(part, each);
    }
}

/// Passes on what the value at `start` says, if it is one in base64.
pub fn decode_value(text: &[u8], start: usize, each: &mut dyn FnMut(DecodedText)) {
    let range = start..text.len().min(start + SHORTEST_BASE64);
    let part = SearchedPart { text, range, is_new: &|_| true };
    Base64Texts::default().see(&part, start, each);
}
