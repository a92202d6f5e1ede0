//! Reads the markers around keys: on their lines and on lines of markers above. Each line is read once,
//! as a line of a minified file may have thousands of keys and markers.

use std::ops::Range;

use crate::model::Suppression;
use crate::rules::Ruleset;
use crate::scan::{decode, whole_line};
use crate::source::{Chunk, TextEncoding};
use crate::suppress::{LineMarkers, Markers};

/// Reads the markers of one text, whose keys come in order.
#[derive(Debug, Default)]
pub(super) struct MarkerReader {
    /// The lines that were read last.
    read: Option<ReadLines>,
    /// The line that the next chunk begins with.
    carried: Option<ReadLines>,
}

/// The line of a key, or its lines.
#[derive(Debug, Default)]
struct ReadLines {
    range: Range<usize>,
    /// Where the line below begins, if the chunk has it.
    next: Option<usize>,
    /// Markers for the keys of these lines.
    here: Markers,
    /// Markers for the line below.
    below: Markers,
    faults: Vec<MarkerFault>,
}

/// A text that looks like a marker, and accepts nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MarkerFault {
    /// Its line, counted from the first line of the key.
    pub(super) offset: i64,
    /// The fault and its remedy.
    pub(super) message: String,
}

/// The decision of the markers around a key.
#[derive(Debug, Clone, Default)]
pub(super) struct InlineVerdict {
    /// The marker that accepts the key.
    pub(super) accepted: Option<Suppression>,
    /// Texts that were meant as markers.
    pub(super) faults: Vec<MarkerFault>,
    /// True if the key's line goes on in the next chunk, which may have a marker.
    pub(super) is_open: bool,
    /// The number of the change that brings the key.
    pub(super) change: usize,
    /// True if the key is not part of a change, but was named.
    pub(super) is_old: bool,
}

impl MarkerReader {
    /// The decision on the key of the rule `rule_id` at `span`.
    pub(super) fn verdict(
        &mut self,
        rules: &Ruleset,
        chunk: &Chunk<'_>,
        span: &Range<usize>,
        rule_id: &str,
    ) -> InlineVerdict {
        let is_inside =
            |read: &&ReadLines| read.range.start <= span.start && span.end <= read.range.end;
        if self.read.as_ref().filter(is_inside).is_none() {
            self.read = Some(self.lines(rules, chunk, span));
        }
        self.read.as_ref().map_or_else(InlineVerdict::default, |read| InlineVerdict {
            accepted: read.here.accept(rule_id).cloned(),
            faults: read.faults.clone(),
            is_open: read.next.is_none() && !chunk.is_last,
            ..InlineVerdict::default()
        })
    }

    /// Remembers the line that the next chunk begins with.
    pub(super) fn carry(&mut self, rules: &Ruleset, chunk: &Chunk<'_>) {
        let carried = self.lines(rules, chunk, &(chunk.next_from..chunk.next_from));
        *self = Self { read: None, carried: Some(carried) };
    }

    fn lines(&mut self, rules: &Ruleset, chunk: &Chunk<'_>, span: &Range<usize>) -> ReadLines {
        let (bytes, encoding) = (chunk.bytes, chunk.encoding);
        let range = whole_line(bytes, encoding, span);
        let mut read = ReadLines {
            next: next_line(bytes, encoding, range.end),
            range: range.clone(),
            ..ReadLines::default()
        };
        let mut last = LineMarkers::default();
        for (nth, line) in (0..).zip(decode(&bytes[range.clone()], encoding).split('\n')) {
            last = markers(rules, line);
            read.here.add(std::mem::take(&mut last.here));
            let faults = last.faults.drain(..);
            let faults = faults.map(|fault| MarkerFault { offset: nth, message: fault.message });
            read.faults.extend(faults);
        }
        let Some(end) = line_break_before(bytes, encoding, range.start) else {
            let carried = self.carried.as_ref().filter(|_| !chunk.is_first);
            read.here.add(carried.map(|line| line.here.clone()).unwrap_or_default());
            // How the line begins is no longer known, unless it is the first one.
            if chunk.is_first {
                read.below = last.below;
            }
            return read;
        };
        let above = self.above(rules, chunk, end, &mut read.faults);
        read.here.add(above.clone());
        read.below = last.below;
        if last.is_alone {
            read.below.add(above);
        }
        read
    }

    /// The markers for a line in the line above, which ends at `end`, and in the lines of markers
    /// above that.
    fn above(
        &mut self,
        rules: &Ruleset,
        chunk: &Chunk<'_>,
        end: usize,
        faults: &mut Vec<MarkerFault>,
    ) -> Markers {
        let (bytes, encoding) = (chunk.bytes, chunk.encoding);
        let before = self.read.take();
        let mut alone: Vec<Markers> = Vec::new();
        let mut end = Some(end);
        let mut all = Markers::default();
        while let Some(at) = end {
            if let Some(before) = &before
                && before.next == Some(at + encoding.unit())
            {
                all = before.below.clone();
                break;
            }
            let range = whole_line(bytes, encoding, &(at..at));
            end = line_break_before(bytes, encoding, range.start);
            if end.is_none() && !chunk.is_first {
                break;
            }
            let mut line = markers(rules, &decode(&bytes[range], encoding));
            let offset = -1 - alone.len() as i64;
            let meant = line.faults.drain(..).filter(|fault| fault.is_first);
            faults.extend(meant.map(|fault| MarkerFault { offset, message: fault.message }));
            if !line.is_alone {
                all = line.below;
                break;
            }
            alone.push(line.below);
        }
        // The nearest line counts first.
        alone.into_iter().rev().fold(all, |above, mut nearer| {
            nearer.add(above);
            nearer
        })
    }
}

fn markers(rules: &Ruleset, line: &str) -> LineMarkers {
    LineMarkers::of(line, &|id| rules.by_id(id).is_some())
}

/// The offset of the line break before `start`; `None` at the beginning of the bytes.
fn line_break_before(bytes: &[u8], encoding: TextEncoding, start: usize) -> Option<usize> {
    let at = start.checked_sub(encoding.unit())?;
    is_line_break(bytes, encoding, at).then_some(at)
}

/// The offset after the line break at the end of a line.
fn next_line(bytes: &[u8], encoding: TextEncoding, end: usize) -> Option<usize> {
    let unit = encoding.unit();
    let at = if encoding == TextEncoding::Bytes && bytes.get(end) == Some(&b'\r') {
        end + 1
    } else {
        end
    };
    is_line_break(bytes, encoding, at).then_some(at + unit)
}

fn is_line_break(bytes: &[u8], encoding: TextEncoding, at: usize) -> bool {
    bytes.get(at..at + encoding.unit()) == Some(encoding.newline())
}
