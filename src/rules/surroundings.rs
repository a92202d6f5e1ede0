//! The bytes that must stand right before and after a keyword for a pattern to match there. Most hits
//! of a short keyword are told from keys by a look at these, which costs far less than a try of the
//! pattern, and less again than compiling it.
//!
//! The pattern is turned into its positions (Glushkov, 1961): one for each byte that it matches, and
//! those that may follow each other. Long repetitions become loops and look-around is left out, so
//! that more may fit than matches, but never less.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::expression::{all_begin_with, prefixes};
use super::value_bytes::{SHORTEST_VALUE, is_value};

/// The bytes next to a keyword that are [looked at](Surroundings::fit_near).
pub const NEAR: usize = 16;

/// Copies of a repeated part; what is repeated more often is a loop.
const COPIES: u32 = NEAR as u32;

/// The most positions of a pattern; of a larger one nothing is known.
const MAX_POSITIONS: usize = 4096;

/// Bytes that may be asked for beyond the nearest ones, rare ones first.
const MARKS: &[u8] = b"@|~;:=?&,{<>'\"./_-";

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ByteSet([u64; 4]);

impl ByteSet {
    const EMPTY: Self = Self([0; 4]);

    fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    fn join(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own |= other;
        }
    }

    fn is_of_values(&self) -> bool {
        (0..=u8::MAX).all(|byte| !self.has(byte) || is_value(byte))
    }

    fn only(byte: u8) -> Self {
        let mut set = Self::EMPTY;
        set.add(byte);
        set
    }
}

/// The bytes that must stand around a keyword.
#[derive(Debug)]
pub struct Surroundings {
    before: PatternSide,
    after: PatternSide,
    /// The longest match in bytes.
    longest: usize,
}

/// The bytes that must stand on one side of a keyword.
#[derive(Debug)]
struct PatternSide {
    /// The number of bytes that are there at least, up to [`NEAR`].
    count: usize,
    /// The bytes that these may be.
    near: ByteSet,
    /// A byte that must follow, and what may stand up to there.
    mark: Option<(u8, ByteSet)>,
}

impl Surroundings {
    /// The bytes that must stand around `keyword`, which matches begin with if one begins with any of `keywords`.
    /// `None` if nothing is known.
    pub fn of(hir: &Hir, keywords: &[String], keyword: &[u8]) -> Option<Self> {
        let longest = hir.properties().maximum_len()?;
        let begins = all_begin_with(&prefixes(hir), keywords);
        let positions = PatternPositions::of(hir)?;
        let forwards = positions.forwards();
        let backwards = positions.backwards();
        let at_start = begins.then_some(&positions.first[..]);
        let ends = consumed(&forwards, at_start, keyword.iter().copied())?;
        let before = if begins {
            PatternSide { count: 0, near: ByteSet::EMPTY, mark: None }
        } else {
            let starts = consumed(&backwards, None, keyword.iter().rev().copied())?;
            PatternSide::of(&backwards, starts)
        };
        Some(Self { before, after: PatternSide::of(&forwards, ends), longest })
    }

    /// True if the keyword stands in a run of values in every match: such hits are looked for in runs
    /// only.
    pub fn is_in_run(&self, keyword: &[u8]) -> bool {
        let beside = |side: &PatternSide| if side.near.is_of_values() { side.count } else { 0 };
        keyword.iter().all(|byte| is_value(*byte))
            && keyword.len() + beside(&self.before) + beside(&self.after) >= SHORTEST_VALUE
    }

    /// False if no match can contain the keyword at `start..end` of `text`. Hits in one text come in
    /// order, and `memo` is theirs.
    pub fn fit(&self, text: &[u8], start: usize, end: usize, memo: &mut MarkMemo) -> bool {
        let before = || text[..start].iter().rev().copied().take(self.longest);
        self.fit_near(text, start, end)
            && self.before.has_mark(before())
            && self.has_mark_after(text, end, memo)
    }

    /// False if the [`NEAR`] bytes on either side of the keyword at `start..end` rule out a match.
    pub fn fit_near(&self, text: &[u8], start: usize, end: usize) -> bool {
        self.after.has_near(text[end..].iter().copied())
            && self.before.has_near(text[..start].iter().rev().copied())
    }

    /// The same for the bytes on the line of the keyword only.
    pub fn fit_line(&self, text: &[u8], start: usize, end: usize) -> bool {
        let may_be = |side: &PatternSide, near: &mut dyn Iterator<Item = u8>| {
            near.take(side.count).take_while(|byte| *byte != b'\n').all(|byte| side.near.has(byte))
        };
        may_be(&self.after, &mut text[end..].iter().copied())
            && may_be(&self.before, &mut text[..start].iter().rev().copied())
    }

    /// False if a byte that must follow the keyword does not. What has been looked at for one hit is not
    /// looked at again for the next, or a text full of the keyword would take long.
    fn has_mark_after(&self, text: &[u8], end: usize, memo: &mut MarkMemo) -> bool {
        let Some((mark, passed)) = &self.after.mark else { return true };
        let own = std::ptr::from_ref(self).addr();
        let entry = memo.entry(own);
        if entry.owner != own || !(entry.from..=entry.until).contains(&end) {
            *entry = MarkEntry { owner: own, until: end, is_open: true, ..MarkEntry::default() };
        }
        entry.from = end;
        let limit = text.len().min(end + self.longest);
        while entry.is_open && entry.until < limit {
            let byte = text[entry.until];
            entry.has_mark = byte == *mark;
            entry.is_open = passed.has(byte) && !entry.has_mark;
            entry.until += usize::from(entry.is_open);
        }
        entry.has_mark && entry.until < limit
    }
}

/// Hits of this many keywords are remembered at once.
const MEMO: usize = 32;

/// The places up to which texts have been searched for a byte that must follow a keyword.
#[derive(Debug, Default)]
pub struct MarkMemo([MarkEntry; MEMO]);

impl MarkMemo {
    /// The entry of the keyword with this address, or one for it. A keyword that was forgotten is looked for
    /// again at each hit, so others go out of its way as long as there is room.
    fn entry(&mut self, owner: usize) -> &mut MarkEntry {
        // Multiplicative hashing (Knuth, "Sorting and Searching", 6.4), the upper bits.
        let product = (owner as u64 >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let first = (product >> (u64::BITS - MEMO.ilog2())) as usize;
        let place = |nth: usize| (first + nth) % MEMO;
        let free = |nth: &usize| [owner, 0].contains(&self.0[place(*nth)].owner);
        let nth = (0..MEMO).find(free).unwrap_or(0);
        &mut self.0[place(nth)]
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct MarkEntry {
    /// Tells keywords apart.
    owner: usize,
    /// Where the search for the last hit has begun.
    from: usize,
    /// The byte at which the search has ended, or goes on.
    until: usize,
    is_open: bool,
    has_mark: bool,
}

impl PatternSide {
    fn of(graph: &PositionGraph<'_>, from: Vec<u32>) -> Self {
        let mut side = Self { count: 0, near: ByteSet::EMPTY, mark: None };
        let mut current = from.clone();
        while side.count < NEAR && !current.iter().any(|&at| graph.is_last[at as usize]) {
            current = graph.next(&current);
            for &at in &current {
                side.near.join(&graph.classes[at as usize]);
            }
            side.count += 1;
        }
        if side.count > 0 {
            side.mark = MARKS.iter().find_map(|&mark| {
                let without = graph.reachable(&from, Some(mark));
                let ends = without.iter().any(|&at| graph.is_last[at as usize]);
                let mut passed = ByteSet::only(mark);
                for &at in without.iter().filter(|at| !from.contains(at)) {
                    passed.join(&graph.classes[at as usize]);
                }
                // A position of the start may also be passed again.
                for &at in from.iter().filter(|&&at| graph.is_followed_by(&without, at)) {
                    passed.join(&graph.classes[at as usize]);
                }
                (!ends && !side.is_nearest(mark)).then_some((mark, passed))
            });
        }
        side
    }

    /// True if the nearest bytes say as much already.
    fn is_nearest(&self, mark: u8) -> bool {
        self.count == 1 && self.near == ByteSet::only(mark)
    }

    /// False if the nearest bytes, from the keyword on, cannot be part of a match.
    fn has_near(&self, bytes: impl Iterator<Item = u8>) -> bool {
        let near = bytes.take(self.count);
        near.take_while(|byte| self.near.has(*byte)).count() == self.count
    }

    /// False if there must be a further byte, and it is not there.
    fn has_mark(&self, bytes: impl Iterator<Item = u8>) -> bool {
        let Some((mark, passed)) = &self.mark else { return true };
        let mut passed = bytes.take_while(|byte| passed.has(*byte));
        passed.any(|byte| byte == *mark)
    }
}

/// The positions of a pattern, and which follow which.
#[derive(Default)]
struct PatternPositions {
    classes: Vec<ByteSet>,
    follow: Vec<Vec<u32>>,
    first: Vec<u32>,
    last: Vec<u32>,
}

/// Positions in one direction.
struct PositionGraph<'p> {
    classes: &'p [ByteSet],
    follow: Vec<Vec<u32>>,
    is_last: Vec<bool>,
}

impl PositionGraph<'_> {
    fn next(&self, current: &[u32]) -> Vec<u32> {
        let mut next: Vec<u32> =
            current.iter().flat_map(|&at| &self.follow[at as usize]).copied().collect();
        next.sort_unstable();
        next.dedup();
        next
    }

    /// All positions that can be reached from `from`, these included, without one that only `mark`
    /// matches.
    fn reachable(&self, from: &[u32], mark: Option<u8>) -> Vec<u32> {
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

    fn is_followed_by(&self, all: &[u32], at: u32) -> bool {
        all.iter().any(|&other| self.follow[other as usize].contains(&at))
    }
}

/// The positions that may match the last byte of a keyword, which begins at one of `first` if that is
/// given. `None` if there are none.
fn consumed(
    graph: &PositionGraph<'_>,
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
    fn of(hir: &Hir) -> Option<Self> {
        let mut own = Self::default();
        let whole = own.add(hir)?;
        own.first = whole.first;
        own.last = whole.last;
        Some(own)
    }

    fn forwards(&self) -> PositionGraph<'_> {
        let mut is_last = vec![false; self.classes.len()];
        self.last.iter().for_each(|&at| is_last[at as usize] = true);
        PositionGraph { classes: &self.classes, follow: self.follow.clone(), is_last }
    }

    fn backwards(&self) -> PositionGraph<'_> {
        let mut is_last = vec![false; self.classes.len()];
        self.first.iter().for_each(|&at| is_last[at as usize] = true);
        let mut follow = vec![Vec::new(); self.classes.len()];
        for (at, next) in (0..).zip(&self.follow) {
            next.iter().for_each(|&next| follow[next as usize].push(at));
        }
        PositionGraph { classes: &self.classes, follow, is_last }
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

/// Where the keywords of a pattern stand in its matches.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeywordPlaces {
    /// For each keyword, true if it stands in a [run of values](SHORTEST_VALUE) in every match.
    pub in_run: Vec<bool>,
    /// True if every match begins with a keyword.
    pub at_start: bool,
    /// Bytes of the shortest match.
    pub shortest: usize,
}

impl KeywordPlaces {
    /// The places of the keywords of a pattern.
    pub(super) fn of(hir: &Hir, keywords: &[String]) -> Self {
        let is_in_run = |keyword: &String| {
            let keyword = keyword.as_bytes();
            Surroundings::of(hir, keywords, keyword).is_some_and(|around| around.is_in_run(keyword))
        };
        Self {
            in_run: keywords.iter().map(is_in_run).collect(),
            at_start: all_begin_with(&prefixes(hir), keywords),
            shortest: hir.properties().minimum_len().unwrap_or(0),
        }
    }

    /// The places of `keywords` in a block that begins with one of `begins`, which may stand anywhere.
    pub(super) fn of_block(begins: &[String], keywords: &[String]) -> Self {
        Self {
            in_run: vec![false; keywords.len()],
            at_start: false,
            shortest: begins.iter().map(String::len).min().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::expression::parse;
    use super::*;

    fn around(source: &str, keyword: &str) -> Surroundings {
        let (hir, keywords) = (parse(source).unwrap(), [keyword.to_owned()]);
        Surroundings::of(&hir, &keywords, keyword.as_bytes()).unwrap()
    }

    fn fits(source: &str, keyword: &str, text: &str) -> bool {
        let start = text.find(keyword).unwrap();
        around(source, keyword).fit(
            text.as_bytes(),
            start,
            start + keyword.len(),
            &mut MarkMemo::default(),
        )
    }

    #[test]
    fn the_bytes_beside_a_keyword_rule_out_most_hits() {
        for (source, keyword, text, expected) in [
            ("key[0-9a-f]{32}", "key", "key = 1", false),
            ("key[0-9a-f]{32}", "key", "key0123456789abcdef", true),
            ("key[0-9a-f]{32}", "key", "key0123456789abcde", false),
            ("[0-9a-f]{32}-us[0-9]{1,2}", "-us", "anonymous-us1", false),
            ("[0-9a-f]{32}-us[0-9]{1,2}", "-us", "0123456789abcdef-us1", true),
            ("https?://[^ :@]{1,9}:[^ @]{3,9}@[a-z]{1,9}", "://", "https://example/", false),
            ("https?://[^ :@]{1,9}:[^ @]{3,9}@[a-z]{1,9}", "://", "https://a:bcd @e", false),
            ("https?://[^ :@]{1,9}:[^ @]{3,9}@[a-z]{1,9}", "://", "https://a:bcd@e", true),
            ("https?://[^ :@]{1,9}:[^ @]{3,9}@[a-z]{1,9}", "://", "xxx://a:bcd@e", false),
        ] {
            assert_eq!(fits(source, keyword, text), expected, "{source} {text}");
        }
    }

    #[test]
    fn what_matches_begin_with_is_known() {
        for (source, keywords, expected) in [
            ("(?P<secret>sk_v1_[a-z]{4})", &["sk_v1_"][..], true),
            (r"\b(?P<secret>(?:ab|cd)_[a-z]{4})", &["ab_", "cd_"], true),
            ("(?P<secret>(?:ab|cd)_[a-z]{4})", &["ab_"], false),
            ("(?P<secret>[a-z]{4}_key_)", &["_key_"], false),
            ("(?P<secret>(?:x|)abc)", &["abc"], false),
        ] {
            let keywords: Vec<_> = keywords.iter().map(|&k| k.to_owned()).collect();
            let places = KeywordPlaces::of(&parse(source).unwrap(), &keywords);
            assert_eq!(places.at_start, expected, "{source}");
        }
    }

    #[test]
    fn a_keyword_is_in_a_run_if_the_bytes_beside_it_always_are() {
        for (source, keyword, expected) in [
            ("key[0-9A-Za-z]{14}", "key", true),
            ("key[0-9A-Za-z]{12}", "key", false),
            ("key[0-9A-Za-z=]{14}", "key", false),
            ("[0-9a-f]{32}-us[0-9]{1,2}", "-us", true),
            ("v1:[0-9a-f]{32}", "v1:", false),
            ("(?:live|test)_[0-9a-f]{32}", "live_", true),
        ] {
            assert_eq!(around(source, keyword).is_in_run(keyword.as_bytes()), expected, "{source}");
        }
    }

    /// Patterns with the text `ab`.
    fn source() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec![
            "a",
            "b",
            "[abc]",
            "c?",
            "[bc]{2}",
            "(?:a|bc)",
            "(?:ab|c){1,3}",
            "a{0,2}",
            "[ab]{20}",
            "-",
        ]);
        let parts = || prop::collection::vec(part.clone(), 0..4);
        (parts(), parts()).prop_map(|(left, right)| left.concat() + "ab" + &right.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_match_is_ruled_out(source in source(), text in "[abc-]{2,60}") {
            let regex = regex::bytes::Regex::new(&source).unwrap();
            let begins = all_begin_with(&prefixes(&parse(&source).unwrap()), &["ab".to_owned()]);
            let around = around(&source, "ab");
            let mut memo = MarkMemo::default();
            let mut fits = vec![false; text.len()];
            for (at, _) in text.match_indices("ab") {
                fits[at] = around.fit(text.as_bytes(), at, at + 2, &mut memo);
            }
            for from in 0..text.len() {
                let Some(found) = regex.find_at(text.as_bytes(), from) else { break };
                for (at, _) in text.match_indices("ab") {
                    let is_inside = found.start() <= at && at + 2 <= found.end();
                    if is_inside && (!begins || found.start() == at) {
                        prop_assert!(fits[at], "{text} at {at}");
                    }
                }
            }
        }
    }
}
