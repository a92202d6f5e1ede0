//! The rest of a pattern behind a keyword, followed along the line that the keyword stands on: prose has most
//! of the words that keys stand behind, and a few bytes more tell it from them.

use super::pattern_positions::PositionGraph;

/// The bytes behind a keyword that are followed, at most.
pub const FOLLOWED: usize = 128;

/// The most positions of a pattern; of a larger one nothing is known.
const MAX_POSITIONS: usize = 512;

/// The most positions that are looked at behind one keyword, or a text full of it would take long: prose takes
/// some dozens.
const MAX_LOOKS: usize = 256;

/// A set of positions, one bit each.
type PositionSet = [u64; MAX_POSITIONS / 64];

/// The part of a pattern that may follow a keyword.
#[derive(Debug)]
pub(super) struct PatternRest {
    graph: PositionGraph,
    /// The positions that may match the keyword's last byte.
    from: Vec<u32>,
}

impl PatternRest {
    /// The part that may follow the positions `from`; `None` if there are too many, or if a match may end with them.
    pub(super) fn of(graph: PositionGraph, from: Vec<u32>) -> Option<Self> {
        let may_end = from.iter().any(|&at| graph.is_last[at as usize]);
        (graph.classes.len() <= MAX_POSITIONS && !may_end).then_some(Self { graph, from })
    }

    /// False if no match goes on with these bytes, of which no more than [`FOLLOWED`] are read, and none behind
    /// the end of a line.
    pub(super) fn may_go_on(&self, bytes: &[u8]) -> bool {
        let PositionGraph { classes, follow, is_last } = &self.graph;
        let words = classes.len().div_ceil(64);
        let mut current = PositionSet::default();
        self.from.iter().for_each(|&at| insert(&mut current, at));
        let mut looks = 0;
        for &byte in bytes.iter().take(FOLLOWED) {
            let mut next = PositionSet::default();
            let (mut may_end, mut any) = (false, false);
            for (nth, mut word) in current[..words].iter().copied().enumerate() {
                while word != 0 {
                    let followers = &follow[64 * nth + word.trailing_zeros() as usize];
                    word &= word - 1;
                    looks += followers.len();
                    for &at in followers.iter().filter(|&&at| classes[at as usize].has(byte)) {
                        insert(&mut next, at);
                        may_end |= is_last[at as usize];
                        any = true;
                    }
                }
            }
            if !any || may_end || byte == b'\n' || looks > MAX_LOOKS {
                return any;
            }
            current = next;
        }
        true
    }
}

fn insert(set: &mut PositionSet, at: u32) {
    set[at as usize / 64] |= 1 << (at % 64);
}
