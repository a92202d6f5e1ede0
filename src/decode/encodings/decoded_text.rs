//! Text that was decoded as a whole, and the places that its bytes come from.

use std::ops::Range;

use crate::model::EncodingLayer;
use crate::rules::is_value;
use crate::source::TextEncoding;

/// Characters behind a keyword that are looked at first, and at most.
const NEAR_REST: usize = 128;
const LONGEST_REST: usize = 512;

/// Decoded text.
#[derive(Debug)]
pub struct DecodedText {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The encodings that were removed, from the outside in.
    pub layers: Vec<EncodingLayer>,
    /// Of an expression that begins with a bare value, the offset of that in bytes: what else begins in that
    /// value stands there as it is.
    pub bare: Option<usize>,
    /// Set if what is put together may also be several texts.
    pub apart: Option<Apart>,
    /// Set for a piece that begins a key and has a name, or goes on with one: the place of both. It has no
    /// bytes. The other part of the key may be anywhere in the text.
    pub anchor: Option<Range<usize>>,
    places: PlaceMap,
}

/// A reason for which pieces may be texts of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// They are parts of a list, or arguments.
    List,
    /// They stand side by side, and nothing joins them.
    Beside,
}

/// Maps bytes to the source.
#[derive(Debug)]
enum PlaceMap {
    /// Stretches in which all bytes take the same room.
    Even(Vec<EvenStretch>),
    /// Base64: for each line, the index of its first character and where that is.
    Base64(Vec<(usize, usize)>),
    /// Every byte may come from any place.
    Whole(Range<usize>),
    /// Pieces that a program puts together, in their order in the text.
    Pieces(Vec<JoinedPiece>),
}

/// A piece of a text that a program puts together.
#[derive(Debug, Clone)]
struct JoinedPiece {
    /// The index of its first byte.
    at: usize,
    /// Its place in the source.
    place: Range<usize>,
    form: PieceForm,
    /// Where the value stands that is named at its place.
    value: Option<Range<usize>>,
}

/// How the bytes of a piece stand in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceForm {
    /// As they are.
    Plain,
    /// As they are, but each is another character.
    Changed,
    /// In another way, such as by a name: each may come from all of its place.
    Named,
    /// Backwards.
    Reversed,
    /// In base64.
    Base64,
}

/// A stretch of bytes that take the same room.
#[derive(Debug)]
struct EvenStretch {
    /// The first of these bytes.
    at: usize,
    /// Its place in the source.
    from: usize,
    /// From one of them to the next.
    width: usize,
    /// The length of each, without what is between them.
    length: usize,
}

impl DecodedText {
    fn of(bytes: Vec<u8>, layers: Vec<EncodingLayer>, places: PlaceMap) -> Self {
        Self { bytes, layers, bare: None, apart: None, anchor: None, places }
    }

    /// A text to which [`push`](Self::push) adds bytes.
    pub(super) fn new(layer: EncodingLayer) -> Self {
        Self::of(Vec::new(), vec![layer], PlaceMap::Even(Vec::new()))
    }

    /// A text to which [`push`](Self::push) adds characters that are only wider in the source, as in UTF-16.
    pub(super) fn unchanged() -> Self {
        Self::of(Vec::new(), Vec::new(), PlaceMap::Even(Vec::new()))
    }

    /// Text from base64, whose lines begin with these characters, at these places.
    pub(super) fn of_base64(bytes: Vec<u8>, lines: Vec<(usize, usize)>) -> Self {
        let mut layers = vec![EncodingLayer::Base64];
        if TextEncoding::detect(&bytes).unit() > 1 {
            layers.push(EncodingLayer::Utf16);
        }
        Self::of(bytes, layers, PlaceMap::Base64(lines))
    }

    /// Text that was compressed at `place`.
    pub(super) fn compressed(
        bytes: Vec<u8>,
        layers: Vec<EncodingLayer>,
        place: Range<usize>,
    ) -> Self {
        Self::of(bytes, layers, PlaceMap::Whole(place))
    }

    /// A piece that begins a key and stands with a name at `place`.
    pub(super) fn anchor(place: Range<usize>) -> Self {
        Self { anchor: Some(place), ..Self::of_pieces(EncodingLayer::Joined) }
    }

    /// A text to which pieces are [added](Self::add).
    pub(super) fn of_pieces(layer: EncodingLayer) -> Self {
        Self::of(Vec::new(), vec![layer], PlaceMap::Pieces(Vec::new()))
    }

    /// Adds a piece that stands at `place`.
    pub(super) fn add(&mut self, bytes: &[u8], place: Range<usize>, form: PieceForm) {
        let at = self.bytes.len();
        if bytes.is_empty() {
            return;
        }
        self.bytes.extend_from_slice(bytes);
        let PlaceMap::Pieces(pieces) = &mut self.places else { return };
        match pieces.last_mut() {
            Some(last)
                if form == PieceForm::Plain
                    && last.form == form
                    && last.place.end == place.start =>
            {
                last.place.end = place.end;
            }
            _ => pieces.push(JoinedPiece { at, place, form, value: None }),
        }
    }

    /// Adds a piece that is named at `place` and stands at `value`.
    pub(super) fn add_named(&mut self, bytes: &[u8], place: Range<usize>, value: Range<usize>) {
        self.add(bytes, place, PieceForm::Named);
        if let PlaceMap::Pieces(pieces) = &mut self.places
            && let Some(last) = pieces.last_mut()
        {
            last.value = Some(value);
        }
    }

    /// True if this text, within `outer`, would put together once more what is put together there.
    pub fn joins_again(&self, outer: &Self) -> bool {
        let is_joined = |text: &Self| matches!(text.places, PlaceMap::Pieces(_));
        is_joined(self) && is_joined(outer)
    }

    /// The places of the pieces that a range which is not empty consists of.
    pub fn pieces(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let PlaceMap::Pieces(pieces) = &self.places else { return vec![self.place(range)] };
        self.pieces_of(pieces, range).map(|(piece, own)| piece.source_of(&own)).collect()
    }

    /// The pieces that have bytes of a range, each with the range of its own bytes.
    fn pieces_of<'p>(
        &self,
        pieces: &'p [JoinedPiece],
        range: &Range<usize>,
    ) -> impl Iterator<Item = (&'p JoinedPiece, Range<usize>)> + use<'p> {
        let first = pieces.partition_point(|piece| piece.at <= range.start).saturating_sub(1);
        let ends = pieces[first..].iter().skip(1).map(|next| next.at);
        let ends = ends.chain([self.bytes.len()]);
        let (start, end) = (range.start, range.end);
        let own = pieces[first..].iter().zip(ends).take_while(move |(piece, _)| piece.at < end);
        own.filter(move |(_, last)| *last > start).map(move |(piece, last)| {
            (piece, start.max(piece.at) - piece.at..end.min(last) - piece.at)
        })
    }

    /// The end of the piece with the byte at `at`, if that is one of several.
    pub fn piece_end(&self, at: usize) -> usize {
        let PlaceMap::Pieces(pieces) = &self.places else { return self.bytes.len() };
        let next = pieces.partition_point(|piece| piece.at <= at);
        pieces.get(next).map_or(self.bytes.len(), |next| next.at)
    }

    /// Adds a byte that takes the place `from..to` in the source.
    pub(super) fn push(&mut self, byte: u8, from: usize, to: usize) {
        let (at, length) = (self.bytes.len(), to - from);
        self.bytes.push(byte);
        let PlaceMap::Even(steps) = &mut self.places else { return };
        if let Some(last) = steps.last_mut() {
            let count = at - last.at;
            // Two bytes tell how far one is from the next.
            if count == 1 && last.length == length && from > last.from {
                last.width = from - last.from;
                return;
            }
            if last.length == length && last.from + count * last.width == from {
                return;
            }
        }
        steps.push(EvenStretch { at, from, width: length, length });
    }

    /// Removes all bytes that were [pushed](Self::push).
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        if let PlaceMap::Even(steps) = &mut self.places {
            steps.clear();
        }
    }

    /// Adds bytes that stand in the source from `from` on as they are.
    pub(super) fn push_plain(&mut self, bytes: &[u8], from: usize) {
        let Some((first, rest)) = bytes.split_first() else { return };
        self.push(*first, from, from + 1);
        // The second byte tells that they follow each other.
        if let Some((second, rest)) = rest.split_first() {
            self.push(*second, from + 1, from + 2);
            self.bytes.extend_from_slice(rest);
        }
    }

    /// The place in the source of a range that is not empty.
    pub fn place(&self, range: &Range<usize>) -> Range<usize> {
        let last = range.end.saturating_sub(1).max(range.start);
        match &self.places {
            PlaceMap::Even(steps) => {
                let place = |byte: usize| {
                    let nth = steps.partition_point(|step| step.at <= byte);
                    let Some(step) = nth.checked_sub(1).map(|nth| &steps[nth]) else { return 0..0 };
                    let from = step.from + (byte - step.at) * step.width;
                    from..from + step.length
                };
                place(range.start).start..place(last).end
            }
            PlaceMap::Base64(lines) => {
                let place = |character: usize| {
                    let nth = lines.partition_point(|line| line.0 <= character);
                    nth.checked_sub(1).map_or(0, |nth| lines[nth].1 + character - lines[nth].0)
                };
                // A character at either end may also hold bits of a neighbour.
                place(8 * range.start / 6)..place((8 * (last + 1)).div_ceil(6) - 1) + 1
            }
            PlaceMap::Whole(place) => place.clone(),
            PlaceMap::Pieces(pieces) => {
                let places = self.pieces_of(pieces, &(range.start..last + 1));
                let all = places
                    .map(|(piece, own)| piece.place_of(&own))
                    .reduce(|all, own| all.start.min(own.start)..all.end.max(own.end));
                all.unwrap_or(0..0)
            }
        }
    }

    /// The range of a keyword, with what follows it as far as something there was encoded: of a text that a
    /// program puts together, in its value, for a keyword may be one of the pieces; else on its line, for it
    /// may stand as it is before a key that does not. `None` if nothing was.
    pub fn encoded_from(&self, keyword: Range<usize>) -> Option<Range<usize>> {
        let rest = &self.bytes[keyword.end..];
        let lengths = match &self.places {
            PlaceMap::Pieces(_) => {
                let rest = rest.iter().take(NEAR_REST);
                let length = rest.take_while(|byte| is_value(**byte)).count();
                [length; 3]
            }
            PlaceMap::Even(_) | PlaceMap::Base64(_) | PlaceMap::Whole(_) => {
                let rest = &rest[..rest.len().min(LONGEST_REST)];
                let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                [0, length.min(NEAR_REST), length]
            }
        };
        let mut places = lengths.into_iter().map(|length| keyword.start..keyword.end + length);
        places.find(|place| self.is_encoded(place))
    }

    /// True if a key at `range` was encoded.
    pub fn is_key_encoded(&self, range: &Range<usize>) -> bool {
        match &self.places {
            PlaceMap::Pieces(_) => self.is_encoded(range),
            // A sign before the key may be all that is encoded: the `3D` of `%3D` hides where the key begins.
            PlaceMap::Even(_) | PlaceMap::Base64(_) | PlaceMap::Whole(_) => {
                self.is_encoded(&(range.start.saturating_sub(1)..range.end))
            }
        }
    }

    /// True if any byte of a range was encoded.
    pub fn is_encoded(&self, range: &Range<usize>) -> bool {
        match &self.places {
            PlaceMap::Even(_) => self.place(range).len() != range.len(),
            PlaceMap::Base64(_) | PlaceMap::Whole(_) => true,
            PlaceMap::Pieces(pieces) => {
                let first = pieces.partition_point(|piece| piece.at <= range.start).max(1) - 1;
                let mut own = pieces[first..].iter().take_while(|piece| piece.at < range.end);
                let count = own.clone().count();
                // What stands whole behind a name is found there.
                count > 1
                    || own.any(|piece| !matches!(piece.form, PieceForm::Plain | PieceForm::Named))
            }
        }
    }
}

impl JoinedPiece {
    /// The place of a range of its bytes, or of a constant that of its value.
    fn source_of(&self, range: &Range<usize>) -> Range<usize> {
        match &self.value {
            Some(value) => value.start + range.start..value.start + range.end,
            None => self.place_of(range),
        }
    }

    /// The place of a range of its bytes.
    fn place_of(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.place.start;
        match self.form {
            PieceForm::Plain | PieceForm::Changed => start + range.start..start + range.end,
            PieceForm::Named => self.place.clone(),
            PieceForm::Reversed => self.place.end - range.end..self.place.end - range.start,
            PieceForm::Base64 => start + 8 * range.start / 6..start + (8 * range.end).div_ceil(6),
        }
    }
}
