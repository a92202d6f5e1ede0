//! Text that was decoded as a whole, and the places that its bytes come from.

use std::ops::Range;

use crate::model::EncodingLayer;
use crate::source::TextEncoding;

/// Decoded text.
#[derive(Debug)]
pub(super) struct DecodedText {
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// The encodings that were removed, from the outside in.
    pub(super) layers: Vec<EncodingLayer>,
    places: PlaceMap,
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
    /// A text to which [`push`](Self::push) adds bytes.
    pub(super) fn new(layer: EncodingLayer) -> Self {
        Self { bytes: Vec::new(), layers: vec![layer], places: PlaceMap::Even(Vec::new()) }
    }

    /// Text from base64, whose lines begin with these characters, at these places.
    pub(super) fn of_base64(bytes: Vec<u8>, lines: Vec<(usize, usize)>) -> Self {
        let mut layers = vec![EncodingLayer::Base64];
        if TextEncoding::detect(&bytes).unit() > 1 {
            layers.push(EncodingLayer::Utf16);
        }
        Self { bytes, layers, places: PlaceMap::Base64(lines) }
    }

    /// Text that was compressed at `place`.
    pub(super) fn compressed(
        bytes: Vec<u8>,
        layers: Vec<EncodingLayer>,
        place: Range<usize>,
    ) -> Self {
        Self { bytes, layers, places: PlaceMap::Whole(place) }
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

    /// The place in the source of a range that is not empty.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
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
        }
    }

    /// True if any byte of a range was encoded.
    pub(super) fn is_encoded(&self, range: &Range<usize>) -> bool {
        match &self.places {
            PlaceMap::Even(_) => self.place(range).len() != range.len(),
            PlaceMap::Base64(_) | PlaceMap::Whole(_) => true,
        }
    }
}
