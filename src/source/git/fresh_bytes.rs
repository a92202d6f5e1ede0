//! The bytes that an object may have and its base has not, joined: most objects are told to have no needle by
//! them alone, and are not built.

use std::ops::Range;

use super::append_buffer::AppendBuffer;
use super::clean_parts::{CleanParts, PartKey};
use super::delta::DeltaSink;
use super::fresh_parts::SeamReach;
use super::object_search::START;

/// The joined bytes of an object, without the parts that are known to have no needle.
#[derive(Debug, Default)]
pub(super) struct FreshBytes {
    joined: AppendBuffer,
    /// Where the last part begins.
    part: usize,
    /// The parts among the joined bytes.
    keys: Vec<PartKey>,
    /// The first bytes of the object.
    start: Vec<u8>,
    /// The number of bytes of all parts.
    length: usize,
}

impl FreshBytes {
    /// A sink for the pieces of the next object. So much of either end of a run is joined.
    pub(super) fn collect<'f>(
        &'f mut self,
        reach: SeamReach,
        clean: Option<&'f CleanParts>,
    ) -> FreshSink<'f> {
        self.joined.clear();
        self.keys.clear();
        self.start.clear();
        (self.part, self.length) = (0, 0);
        FreshSink { fresh: self, reach, clean }
    }

    /// The bytes to search.
    pub(super) fn bytes(&self) -> &[u8] {
        self.joined.bytes()
    }

    /// The parts that they are of.
    pub(super) fn keys(&self) -> &[PartKey] {
        &self.keys
    }

    /// The first bytes of the object, as many as are passed on.
    pub(super) fn start(&self) -> &[u8] {
        &self.start
    }

    /// The number of bytes with the parts that are known.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Ends a part, and leaves it out if it is known.
    fn end_part(&mut self, clean: Option<&CleanParts>) {
        let part = &self.joined.bytes()[self.part..];
        let is_beginning = self.length == 0;
        if is_beginning {
            self.start.extend_from_slice(&part[..part.len().min(START)]);
        }
        self.length += part.len();
        if let Some(clean) = clean.filter(|_| !part.is_empty()) {
            let key = clean.key(part, is_beginning);
            match clean.has(key) {
                true => self.joined.truncate(self.part),
                false => self.keys.push(key),
            }
        }
        self.part = self.joined.bytes().len();
    }
}

/// Joins the bytes that an object may have and its base has not.
pub(super) struct FreshSink<'f> {
    fresh: &'f mut FreshBytes,
    reach: SeamReach,
    clean: Option<&'f CleanParts>,
}

impl FreshSink<'_> {
    /// Ends the object.
    pub(super) fn end(self) {
        self.fresh.end_part(self.clean);
    }
}

impl DeltaSink for FreshSink<'_> {
    #[inline(always)]
    fn copy(&mut self, base: &[u8], run: Range<usize>) {
        let text = &base[run.clone()];
        let ends = (self.reach.head(text), self.reach.tail(text));
        if self.clean.is_some() && run.len() > ends.0 + ends.1 {
            self.fresh.joined.push(base, run.start..run.start + ends.0);
            self.fresh.end_part(self.clean);
            self.fresh.joined.push(base, run.end - ends.1..run.end);
        } else {
            self.fresh.joined.push_ends(base, run, ends);
        }
    }

    #[inline(always)]
    fn insert(&mut self, text: &[u8], run: Range<usize>) {
        self.fresh.joined.push(text, run);
    }
}

/// Also builds the object.
pub(super) struct FreshAndWhole<'m> {
    pub(super) fresh: FreshSink<'m>,
    pub(super) bytes: &'m mut AppendBuffer,
}

impl DeltaSink for FreshAndWhole<'_> {
    #[inline(always)]
    fn copy(&mut self, base: &[u8], run: Range<usize>) {
        self.bytes.push(base, run.clone());
        self.fresh.copy(base, run);
    }

    #[inline(always)]
    fn insert(&mut self, text: &[u8], run: Range<usize>) {
        self.bytes.push(text, run.clone());
        self.fresh.insert(text, run);
    }
}
