//! The bytes that must stand right before and after a keyword for a pattern to match there. Most hits
//! of a short keyword are told from keys by a look at these, which costs far less than a try of the
//! pattern, and less again than compiling it.
//!
//! They are those of the pattern's [positions](PatternPositions), which allow more than it matches, but never
//! less.

use regex_syntax::hir::Hir;
use serde::{Deserialize, Serialize};

use super::expression::{all_begin_with, begins_with, mentions, prefixes};
use super::pattern_positions::{ByteSet, PatternPositions, PositionGraph, consumed};
use super::pattern_rest::PatternRest;
use super::value_bytes::{SHORTEST_VALUE, is_value};

/// The bytes next to a keyword that are [looked at](Surroundings::fit_near).
pub const NEAR: usize = 16;

/// Bytes that may be asked for beyond the nearest ones, rare ones first.
const MARKS: &[u8] = b"@|~;:=?&,{<>'\"./_-";

/// The bytes that must stand around a keyword.
#[derive(Debug)]
pub struct Surroundings {
    before: PatternSide,
    after: PatternSide,
    /// The rest of the pattern, if it is known.
    rest: Option<PatternRest>,
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
            PatternSide::of(&backwards, &starts)
        };
        let after = PatternSide::of(&forwards, &ends);
        Some(Self { before, after, rest: PatternRest::of(forwards, ends), longest })
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

    /// The same for the bytes on the line of the keyword only, with its end, and for up to
    /// [`FOLLOWED`](super::pattern_rest::FOLLOWED) behind the keyword.
    pub fn fit_line(&self, text: &[u8], start: usize, end: usize) -> bool {
        let may_be = |side: &PatternSide, near: &mut dyn Iterator<Item = u8>| {
            near.take(side.count).take_while(|byte| *byte != b'\n').all(|byte| side.near.has(byte))
        };
        may_be(&self.after, &mut text[end..].iter().copied())
            && may_be(&self.before, &mut text[..start].iter().rev().copied())
            && self.rest.as_ref().is_none_or(|rest| rest.may_go_on(&text[end..]))
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
    fn of(graph: &PositionGraph, from: &[u32]) -> Self {
        let mut side = Self { count: 0, near: ByteSet::EMPTY, mark: None };
        let mut current = from.to_vec();
        while side.count < NEAR && !current.iter().any(|&at| graph.is_last[at as usize]) {
            current = graph.next(&current);
            for &at in &current {
                side.near.join(&graph.classes[at as usize]);
            }
            side.count += 1;
        }
        if side.count > 0 {
            side.mark = MARKS.iter().find_map(|&mark| {
                let without = graph.reachable(from, Some(mark));
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

/// Where the keywords of a pattern stand in its matches.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeywordPlaces {
    /// For each keyword, true if it stands in a [run of values](SHORTEST_VALUE) in every match.
    pub in_run: Vec<bool>,
    /// True if every match begins with a keyword.
    pub at_start: bool,
    /// True if every key does: the keyword is no name that stands before it.
    pub begins_key: bool,
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
        let at_start = all_begin_with(&prefixes(hir), keywords);
        let begins_secret = !mentions(hir, "secret") || begins_with(hir, "secret", true);
        Self {
            in_run: keywords.iter().map(is_in_run).collect(),
            at_start,
            begins_key: at_start && begins_secret,
            shortest: hir.properties().minimum_len().unwrap_or(0),
        }
    }

    /// The places of `keywords` in a block that begins with one of `begins`, which may stand anywhere.
    pub(super) fn of_block(begins: &[String], keywords: &[String]) -> Self {
        Self {
            in_run: vec![false; keywords.len()],
            at_start: false,
            begins_key: false,
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
    fn the_rest_of_a_line_tells_prose_from_keys() {
        let login = r"machine [a-z]{1,9}\.[a-z]{1,9}\s{1,9}login [a-z]{1,9}";
        let curl = r"curl (?:[^\n]{0,200} )?-u [a-z]{1,9}:[a-z]{1,9}";
        for (source, keyword, text, expected) in [
            (login, "machine ", "the machine that is fast", false),
            (login, "machine ", "machine a.b is fast", false),
            (login, "machine ", "machine a.b login c", true),
            (login, "machine ", "machine a.b\n  user c", true),
            (login, "machine ", "machine a.", true),
            (login, "machine ", "machine a.\n", false),
            (curl, "curl ", "curl -x y\n -u a:b", false),
            (curl, "curl ", "curl -x y -u a:b", true),
            (curl, "curl ", &format!("curl {}\n", "x".repeat(150)), true),
        ] {
            let start = text.find(keyword).unwrap();
            let fits =
                around(source, keyword).fit_line(text.as_bytes(), start, start + keyword.len());
            assert_eq!(fits, expected, "{text}");
        }
    }

    #[test]
    fn what_matches_begin_with_is_known() {
        for (source, keywords, expected) in [
            ("(?P<secret>sk_v1_[a-z]{4})", &["sk_v1_"][..], (true, true)),
            (r"\b(?P<secret>(?:ab|cd)_[a-z]{4})", &["ab_", "cd_"], (true, true)),
            ("sk_v1_[a-z]{4}", &["sk_v1_"], (true, true)),
            ("name=(?P<secret>[a-z]{4})", &["name"], (true, false)),
            ("(?:(?P<secret>ab)|abc=(?P<body>x))", &["ab"], (true, false)),
            ("(?P<secret>(?:ab|cd)_[a-z]{4})", &["ab_"], (false, false)),
            ("(?P<secret>[a-z]{4}_key_)", &["_key_"], (false, false)),
            ("(?P<secret>(?:x|)abc)", &["abc"], (false, false)),
        ] {
            let keywords: Vec<_> = keywords.iter().map(|&k| k.to_owned()).collect();
            let places = KeywordPlaces::of(&parse(source).unwrap(), &keywords);
            assert_eq!((places.at_start, places.begins_key), expected, "{source}");
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
            "[a\n]",
            "[^b]{1,3}",
        ]);
        let parts = || prop::collection::vec(part.clone(), 0..4);
        (parts(), parts()).prop_map(|(left, right)| left.concat() + "ab" + &right.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_match_is_ruled_out(source in source(), text in "[abc\n-]{2,60}") {
            let regex = regex::bytes::Regex::new(&source).unwrap();
            let begins = all_begin_with(&prefixes(&parse(&source).unwrap()), &["ab".to_owned()]);
            let around = around(&source, "ab");
            let mut memo = MarkMemo::default();
            let mut fits = vec![false; text.len()];
            for (at, _) in text.match_indices("ab") {
                fits[at] = around.fit(text.as_bytes(), at, at + 2, &mut memo)
                    && around.fit_line(text.as_bytes(), at, at + 2);
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
