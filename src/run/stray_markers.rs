//! Finds misspelt markers wherever they stand in a text: a marker that accepts nothing may have lost its
//! key, or be about to get one.

use std::collections::BTreeSet;

use super::occurrence::OccurrenceBuilder;
use crate::model::{FilePath, Notice, NoticeKind};
use crate::scan::{ChunkMatches, Locator, MARKER, decode};
use crate::source::Chunk;
use crate::suppress::{STRAY_REACH, stray_marker_faults};

/// The most misspelt markers of a chunk that are told.
const MAX_TOLD: usize = 10;

/// Misspelt markers by their lines.
pub(super) type StrayMarkers = BTreeSet<(u64, String)>;

/// The misspelt markers of a chunk. `text` is the position at the offset `at` of it.
pub(super) fn stray_markers(
    builder: &OccurrenceBuilder<'_>,
    chunk: &Chunk<'_>,
    found: &ChunkMatches<'_>,
    (text, at): (&Locator, usize),
) -> StrayMarkers {
    let mut told = StrayMarkers::new();
    if found.markers.is_empty() || !builder.plan.inline {
        return told;
    }
    let is_rule = |id: &str| builder.plan.rules.by_id(id).is_some();
    // In UTF-16 with the upper byte first, a character is found by its second byte.
    let unit = chunk.encoding.unit();
    let mut starts: Vec<_> = found.markers.iter().map(|start| start - start % unit).collect();
    starts.sort_unstable();
    let (mut here, mut at) = (text.clone(), at);
    for (nth, &start) in starts.iter().enumerate() {
        let next = starts.get(nth + 1).copied().unwrap_or(chunk.bytes.len());
        let [before, from] = around(chunk, start, next);
        let faults: Vec<_> = stray_marker_faults(&before, &from, &is_rule).collect();
        if faults.is_empty() || start < at {
            continue;
        }
        here.advance(&chunk.bytes[at..start]);
        at = start;
        told.extend(faults.into_iter().map(|fault| (here.place().line, fault)));
        if told.len() >= MAX_TOLD {
            break;
        }
    }
    told
}

/// The misspelt markers of a whole text.
pub(super) fn stray_markers_of(
    builder: &OccurrenceBuilder<'_>,
    chunk: &Chunk<'_>,
    found: &ChunkMatches<'_>,
) -> StrayMarkers {
    let start = (&Locator::new(chunk.encoding), chunk.encoding.mark_length(chunk.bytes));
    stray_markers(builder, chunk, found, start)
}

/// Notices of the misspelt markers of a file, in the words that are used for those near keys.
pub(super) fn stray_notices(
    path: &FilePath,
    markers: StrayMarkers,
) -> impl Iterator<Item = Notice> {
    markers.into_iter().map(move |(line, fault)| Notice {
        path: Some(path.clone()),
        kind: NoticeKind::Marker,
        message: format!("line {line}: {fault}"),
    })
}

/// The text of the line before a marker, and from its beginning to the next one.
fn around(chunk: &Chunk<'_>, start: usize, next: usize) -> [String; 2] {
    let (bytes, unit) = (chunk.bytes, chunk.encoding.unit());
    // An offset that is a whole number of characters away.
    let [reach, after] = STRAY_REACH.map(|bytes| bytes * unit);
    let from = start.saturating_sub(reach);
    let from = from + (start - from) % unit;
    let end = next.min(bytes.len()).min(start + after);
    let [before, from] = [from..start, start..end].map(|part| decode(&bytes[part], chunk.encoding));
    let (before, from) = (before.rsplit(['\r', '\n']).next(), from.split(['\r', '\n']).next());
    let from = from.unwrap_or_default();
    // Of more markers than are passed on, the next one is not known.
    let next = from.get(1..).and_then(|rest| rest.find(MARKER)).map_or(from.len(), |at| at + 1);
    [before.unwrap_or_default(), &from[..next]].map(str::to_owned)
}
