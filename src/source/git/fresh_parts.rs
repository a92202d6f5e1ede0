//! The parts of an object that its base may not have, put into one text, so that one search finds the
//! needles of all. Most parts are a few dozen bytes long, and a search of its own for each costs several
//! times as much.

use std::ops::Range;

use super::append_buffer::AppendBuffer;

/// Stands behind each part: two line ends, over which no encoding goes on.
const SEPARATOR: &[u8] = b"\n\n";

/// Parts of an object.
#[derive(Debug, Default)]
pub(super) struct FreshParts {
    text: AppendBuffer,
    parts: Vec<FreshPart>,
}

/// A part of an object.
#[derive(Debug)]
struct FreshPart {
    /// Its offset in the text of all parts.
    at: usize,
    /// Its place in the object.
    source: Range<usize>,
}

impl FreshParts {
    /// Puts the parts of `object` in these ranges together, which are in order. `head` is how far a needle
    /// may go on in the bytes behind each.
    pub(super) fn fill(
        &mut self,
        object: &[u8],
        ranges: &[Range<usize>],
        head: impl Fn(&[u8]) -> usize,
    ) {
        self.text.clear();
        self.parts.clear();
        for range in ranges {
            let end = range.end + head(&object[range.end..]);
            match self.parts.last_mut() {
                Some(last) if last.source.end >= range.start => {
                    last.source.end = last.source.end.max(end);
                }
                _ => self.parts.push(FreshPart { at: 0, source: range.start..end }),
            }
        }
        for part in &mut self.parts {
            part.at = self.text.bytes().len();
            self.text.push(object, part.source.clone());
            self.text.push(SEPARATOR, 0..SEPARATOR.len());
        }
    }

    /// Their text.
    pub(super) fn text(&self) -> &[u8] {
        self.text.bytes()
    }

    /// The offset in the object of what stands at `place` of the text. `None` if it is not within one part,
    /// or goes on where the object does, too.
    pub(super) fn source(&self, place: &Range<usize>) -> Option<usize> {
        let nth = self.parts.partition_point(|part| part.at <= place.start).checked_sub(1)?;
        let FreshPart { at, source } = &self.parts[nth];
        (place.end <= at + source.len()).then(|| source.start + place.start - at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_within_a_part_is_the_same_text_in_the_object(
            object in vec(any::<u8>(), 1..200),
            ends in vec(any::<prop::sample::Index>(), 0..12),
            head in 0..9usize,
            place in (any::<prop::sample::Index>(), 0..40usize),
        ) {
            let mut ends: Vec<_> = ends.iter().map(|end| end.index(object.len() + 1)).collect();
            ends.sort_unstable();
            let ranges: Vec<_> = ends.as_chunks::<2>().0.iter().map(|&[from, to]| from..to).collect();
            let mut parts = FreshParts::default();
            parts.fill(&object, &ranges, |rest| rest.len().min(head));
            for range in &ranges {
                let whole = &object[range.start..object.len().min(range.end + head)];
                prop_assert!(memchr::memmem::find(parts.text(), whole).is_some());
            }
            let start = place.0.index(parts.text().len() + 1);
            let place = start..parts.text().len().min(start + place.1);
            if let Some(source) = parts.source(&place) {
                prop_assert_eq!(&parts.text()[place.clone()], &object[source..source + place.len()]);
            }
        }
    }
}
