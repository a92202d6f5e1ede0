//! The positions of a pattern (Glushkov, 1961): one for each byte that it matches, and those that may follow
//! each other. Long repetitions become loops and look-around is left out, so that the positions allow more
//! than the pattern matches, but never less.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::value_bytes::is_value;

/// Copies of a repeated part; what is repeated more often is a loop.
const COPIES: u32 = 16;

/// The most positions of a pattern; of a larger one nothing is known.
const MAX_POSITIONS: usize = 4096;

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    pub(super) const EMPTY: Self = Self([0; 4]);

    pub(super) fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    pub(super) fn join(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own |= other;
        }
    }

    pub(super) fn is_of_values(&self) -> bool {
        (0..=u8::MAX).all(|byte| !self.has(byte) || is_value(byte))
    }

    pub(super) fn only(byte: u8) -> Self {
        let mut set = Self::EMPTY;
        set.add(byte);
        set
    }
}

/// The positions of a pattern, and which follow which.
#[derive(Default)]
pub(super) struct PatternPositions {
    classes: Vec<ByteSet>,
    follow: Vec<Vec<u32>>,
    /// Those that a match may begin with.
    pub(super) first: Vec<u32>,
    last: Vec<u32>,
}

/// Positions in one direction.
#[derive(Debug)]
pub(super) struct PositionGraph {
    /// The bytes of each.
    pub(super) classes: Vec<ByteSet>,
    /// Those that may follow each.
    pub(super) follow: Vec<Vec<u32>>,
    /// True for those that a match may end with.
    pub(super) is_last: Vec<bool>,
}

impl PositionGraph {
    /// All that may follow these.
    pub(super) fn next(&self, current: &[u32]) -> Vec<u32> {
        let mut next: Vec<u32> =
            current.iter().flat_map(|&at| &self.follow[at as usize]).copied().collect();
        next.sort_unstable();
        next.dedup();
        next
    }

    /// All positions that can be reached from `from`, these included, without one that only `mark`
    /// matches.
    pub(super) fn reachable(&self, from: &[u32], mark: Option<u8>) -> Vec<u32> {
        let closed = mark.map(ByteSet::only);
        let mut is_seen = vec![false; self.classes.len()];
        let mut seen: Vec<u32> = from.to_vec();
        from.iter().for_each(|&at| is_seen[at as usize] = true);
        let mut done = 0;
        while done < seen.len() {
            for &next in &self.follow[seen[done] as usize] {
                if Some(self.classes[next as usize]) != closed && !is_seen[next as usize] {
                    is_seen[next as usize] = true;
                    seen.push(next);
                }
            }
            done += 1;
        }
        seen
    }

    /// True if one of `all` may be followed by `at`.
    pub(super) fn is_followed_by(&self, all: &[u32], at: u32) -> bool {
        all.iter().any(|&other| self.follow[other as usize].contains(&at))
    }
}

/// The positions that may match the last byte of a keyword, which begins at one of `first` if that is
/// given. `None` if there are none.
pub(super) fn consumed(
    graph: &PositionGraph,
    first: Option<&[u32]>,
    keyword: impl Iterator<Item = u8>,
) -> Option<Vec<u32>> {
    let mut current: Vec<u32> = match first {
        Some(first) => first.to_vec(),
        None => (0..graph.classes.len() as u32).collect(),
    };
    for (nth, byte) in keyword.enumerate() {
        if nth > 0 {
            current = graph.next(&current);
        }
        current.retain(|&at| graph.classes[at as usize].has(byte));
    }
    (!current.is_empty()).then_some(current)
}

impl PatternPositions {
    /// The positions of a pattern; `None` if there are too many, or if it is not one of bytes.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        let mut own = Self::default();
        let whole = own.add(hir)?;
        own.first = whole.first;
        own.last = whole.last;
        Some(own)
    }

    /// As a text is read.
    pub(super) fn forwards(&self) -> PositionGraph {
        let mut is_last = vec![false; self.classes.len()];
        self.last.iter().for_each(|&at| is_last[at as usize] = true);
        PositionGraph { classes: self.classes.clone(), follow: self.follow.clone(), is_last }
    }

    /// As a text is read from its end.
    pub(super) fn backwards(&self) -> PositionGraph {
        let mut is_last = vec![false; self.classes.len()];
        self.first.iter().for_each(|&at| is_last[at as usize] = true);
        let mut follow = vec![Vec::new(); self.classes.len()];
        for (at, next) in (0..).zip(&self.follow) {
            next.iter().for_each(|&next| follow[next as usize].push(at));
        }
        PositionGraph { classes: self.classes.clone(), follow, is_last }
    }

    fn position(&mut self, class: ByteSet) -> Option<PositionRun> {
        let at = self.classes.len() as u32;
        self.classes.push(class);
        self.follow.push(Vec::new());
        let is_small = self.classes.len() <= MAX_POSITIONS;
        is_small.then(|| PositionRun { first: vec![at], last: vec![at], is_nullable: false })
    }

    fn join(&mut self, left: PositionRun, right: PositionRun) -> PositionRun {
        for &at in &left.last {
            self.follow[at as usize].extend(&right.first);
        }
        let PositionRun { mut first, is_nullable, .. } = left;
        let mut last = right.last;
        if is_nullable {
            first.extend(right.first);
        }
        if right.is_nullable {
            last.extend(left.last);
        }
        PositionRun { first, last, is_nullable: is_nullable && right.is_nullable }
    }

    fn add(&mut self, hir: &Hir) -> Option<PositionRun> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(PositionRun::empty()),
            HirKind::Literal(literal) => {
                let mut run = PositionRun::empty();
                for &byte in &literal.0 {
                    let next = self.position(ByteSet::only(byte))?;
                    run = self.join(run, next);
                }
                Some(run)
            }
            HirKind::Class(Class::Bytes(class)) => {
                let mut set = ByteSet::EMPTY;
                for range in class.ranges() {
                    (range.start()..=range.end()).for_each(|byte| set.add(byte));
                }
                self.position(set)
            }
            HirKind::Class(Class::Unicode(_)) => None,
            HirKind::Capture(group) => self.add(&group.sub),
            HirKind::Repetition(repetition) => {
                let min = repetition.min.min(COPIES);
                let mut run = PositionRun::empty();
                for _ in 0..min {
                    let copy = self.add(&repetition.sub)?;
                    run = self.join(run, copy);
                }
                let more = repetition.max.map(|max| max - repetition.min);
                match more {
                    Some(0) if min == repetition.min => return Some(run),
                    Some(1) if min == repetition.min => {
                        let mut copy = self.add(&repetition.sub)?;
                        copy.is_nullable = true;
                        return Some(self.join(run, copy));
                    }
                    _ => {}
                }
                let mut copy = self.add(&repetition.sub)?;
                for &at in &copy.last {
                    self.follow[at as usize].extend(&copy.first);
                }
                copy.is_nullable = true;
                Some(self.join(run, copy))
            }
            HirKind::Concat(parts) => {
                let mut run = PositionRun::empty();
                for part in parts {
                    let next = self.add(part)?;
                    run = self.join(run, next);
                }
                Some(run)
            }
            HirKind::Alternation(branches) => {
                let mut all = PositionRun { is_nullable: false, ..PositionRun::empty() };
                for branch in branches {
                    let PositionRun { first, last, is_nullable } = self.add(branch)?;
                    all.first.extend(first);
                    all.last.extend(last);
                    all.is_nullable |= is_nullable;
                }
                Some(all)
            }
        }
    }
}

/// The ends of a part of a pattern.
struct PositionRun {
    first: Vec<u32>,
    last: Vec<u32>,
    is_nullable: bool,
}

impl PositionRun {
    fn empty() -> Self {
        Self { first: Vec::new(), last: Vec::new(), is_nullable: true }
    }
}
