//! The scanner as the search of the delta walk: which words and names an object has that its base may not
//! have, and whether any of them is part of a key.
//!
//! A needle is a keyword, or a name with its value, and as much around it as tells that it is one. It is
//! inherited wherever all of that is copied, so what tells it is kept short: the rest of the line at most.
//! A value that a name on another line may tell is an anchor: whatever changes near it, it is looked at
//! again. Rules are tried later, in each version, and only at needles.

use std::ops::Range;

use super::assigned;
use super::decoding::SEAM;
use super::enclosing::{Enclosing, LOOK, REACH, may_be_enclosed};
use super::hit_memo::HitMemo;
use super::name_words::NameReader;
use super::prefilter::{KeywordHit, KeywordPlace, PrefilterEvent};
use super::scanner::{Attempt, AttemptOutcome, KeyScanner};
use super::utf16;
use super::word_starts::CONTEXT;
use crate::rules::{SHORTEST_VALUE, is_value};
use crate::source::TextEncoding;
use crate::source::git::{NeedleHit, NeedleKind, NeedleSearch, NeedleSet, SearchSigns};

/// The number of a hit that is a name with its value.
const NAME: u32 = u32::MAX;

/// The same in UTF-16.
const WIDE_NAME: u32 = u32::MAX - 1;

/// The number of a hit that is encoded in a way that no word tells.
const ENCODED: u32 = u32::MAX - 2;

/// The number of a piece that a constant elsewhere may make a key.
const PIECE: u32 = u32::MAX - 3;

/// Bytes from a name on a line to the end of what tells that its value is one, at most, for which every
/// change is searched. Few lines are longer, and of these the values that look like keys tell more.
const LONGEST_LINE: usize = 208;

/// A text that is searched, or a reading of it: its offset in the object, and the bytes that each of its
/// characters takes there.
#[derive(Clone, Copy)]
struct Reading<'t> {
    text: &'t [u8],
    offset: usize,
    width: usize,
}

impl KeyScanner<'_> {
    /// False if no rule whose keys are reported has one in an object with these needles, of which `hits`
    /// are all.
    pub fn may_have_key(&self, text: &[u8], hits: &[NeedleHit]) -> bool {
        if hits.is_empty() {
            return false;
        }
        let encoding = TextEncoding::detect(text);
        // UTF-16 is read in another way, and is rare.
        if encoding.unit() > 1 || hits.iter().any(|hit| hit.needle == WIDE_NAME) {
            return true;
        }
        let names = self.prefilter.names();
        let (mut memo, mut is_distant, mut any) = (HitMemo::default(), false, false);
        let mut last_value = None;
        for hit in hits {
            let start = hit.start + hit.inner as usize;
            if hit.kind == NeedleKind::Anchor || matches!(hit.needle, ENCODED | PIECE) {
                continue;
            } else if hit.needle == NAME {
                if last_value.replace(start) != Some(start)
                    && let Some(line) = assigned::assigned_line(text, start)
                {
                    let each = &mut |attempt| any |= is_reported_key(&attempt);
                    self.attempt_named(&mut names.reader(text), text, (line, start), 1, each);
                    any = any || self.has_encoded_value(text, start);
                }
            } else {
                let (needle, wide) = ((hit.needle / 2) as usize, hit.needle % 2 == 1);
                let hit = KeywordHit { needle, start, wide };
                is_distant |= self.prefilter.is_distant(hit);
                if self.prefilter.is_whole(text, hit) {
                    let rules = self.prefilter.rules(hit).iter();
                    any |= rules.filter(|own| self.rules[own.index].is_reported()).any(|own| {
                        let outcome = self.examine(text, hit, own, encoding, &mut memo);
                        matches!(outcome, AttemptOutcome::Key(_))
                    });
                }
            }
            if any {
                return true;
            }
        }
        if is_distant && !self.prefilter.distant().is_empty() {
            let each = &mut |attempt| any |= is_reported_key(&attempt);
            self.attempt_distant(text, 0..text.len(), encoding, true, each);
        }
        let places = |needle: u32| {
            let own = hits.iter().filter(move |hit| hit.needle == needle);
            own.map(|hit| hit.start..hit.start + hit.length)
        };
        any || self.has_encoded_key(text, places(ENCODED)) || self.has_key_of(text, places(PIECE))
    }

    /// The greatest length in bytes of a name with its value, and of what is between them.
    fn longest_named(&self) -> usize {
        // The lines around a value are as many bytes in every encoding, with one on either side.
        if self.prefilter.names().is_empty() {
            0
        } else {
            (2 * self.longest_on_line()).max(REACH + 4)
        }
    }

    /// The same on one line, in characters.
    fn longest_on_line(&self) -> usize {
        let names = self.prefilter.names();
        if names.is_empty() { 0 } else { names.within() + SHORTEST_VALUE }
    }

    /// Passes on what is around a keyword and tells that it is one, if it begins in `range` or the keyword
    /// does.
    fn add_keyword(
        &self,
        text: &[u8],
        range: &Range<usize>,
        hit: KeywordHit,
        each: &mut dyn FnMut(NeedleHit),
    ) {
        if !self.prefilter.may_match_near(self.rules, text, hit) {
            return;
        }
        let (before, after) = self.prefilter.context(hit);
        let end = hit.start + self.prefilter.length(hit);
        let before = &text[hit.start.saturating_sub(before)..hit.start];
        let after = &text[end..text.len().min(end + after)];
        // Nothing beyond the line counts, but that the line ends.
        let before = before.len() - memchr::memrchr(b'\n', before).unwrap_or(0);
        let after = memchr::memchr(b'\n', after).map_or(after.len(), |at| at + 1);
        let start = hit.start - before;
        if range.contains(&start) || range.contains(&hit.start) {
            each(NeedleHit {
                start,
                length: end + after - start,
                needle: 2 * hit.needle as u32 + u32::from(hit.wide),
                inner: before as u32,
                kind: NeedleKind::Plain,
            });
        }
    }

    /// Passes on the names in `range` of the value at `value`, whose line begins at `line`, and the value if
    /// names on other lines may tell it. Returns true if one of them is too long for the short set.
    fn add_names(
        &self,
        reading: Reading<'_>,
        reader: &mut NameReader<'_, '_>,
        range: &Range<usize>,
        (line, value): (usize, usize),
        set: NeedleSet,
        each: &mut dyn FnMut(NeedleHit),
    ) -> bool {
        let Reading { text, offset, width } = reading;
        let needle = if width == 1 { NAME } else { WIDE_NAME };
        let mut may_be_long = false;
        let mut add = |start: usize, end: usize, kind: NeedleKind| {
            let is_long = width * (end - start) > self.longest_short();
            may_be_long |= is_long;
            if range.contains(&start) && (!is_long || set != NeedleSet::Short) {
                each(NeedleHit {
                    start: offset + width * start,
                    length: width * (end - start),
                    needle,
                    inner: (width * value.saturating_sub(start)) as u32,
                    kind,
                });
            }
        };
        reader.rules_near(line, value, |_, name| {
            add(name, value + SHORTEST_VALUE, NeedleKind::Plain);
        });
        if may_be_enclosed(text, line, value, REACH / width) {
            let end = text.len().min(value + LOOK + 1);
            let length = text[value..end].iter().take_while(|byte| is_value(**byte)).count();
            // With the bytes before its line and behind it, which tell that they are its ends.
            let end = end.min(value + length + 2);
            // All of a dense object that may be near a change is searched.
            if set != NeedleSet::Dense {
                add(line.saturating_sub(1), end, NeedleKind::Anchor);
            }
            if set != NeedleSet::Short {
                self.add_around(reading, range, (line, value), each);
            }
        }
        may_be_long
    }

    /// Passes on what tells the names of a value on other lines, of names that begin in `range`.
    fn add_around(
        &self,
        reading: Reading<'_>,
        range: &Range<usize>,
        (line, value): (usize, usize),
        each: &mut dyn FnMut(NeedleHit),
    ) {
        let Reading { text, offset, width } = reading;
        let Some(around) = Enclosing::of(text, line, value, REACH / width) else { return };
        // With the line breaks on either side, which tell where the lines begin and end.
        let end = (around.end().max(value + LOOK) + 1).min(text.len());
        self.prefilter.names().rules_around(text, &around, |_, nearest| {
            let start = line.min(around.lines()[nearest].start).saturating_sub(1);
            if range.contains(&start) {
                each(NeedleHit {
                    start: offset + width * start,
                    length: width * (end - start),
                    needle: if width == 1 { NAME } else { WIDE_NAME },
                    inner: (width * value.saturating_sub(start)) as u32,
                    kind: NeedleKind::Around,
                });
            }
        });
    }

    /// Passes on names and values of UTF-16 text.
    fn add_wide_names(&self, bytes: &[u8], range: &Range<usize>, each: &mut dyn FnMut(NeedleHit)) {
        let reach = self.longest_named();
        let end = bytes.len().min(range.end + 2 * reach);
        let part = &bytes[range.start.min(end)..end];
        if memchr::memchr(0, part).is_none() {
            return;
        }
        for odd in 0..part.len().min(2) {
            let narrow = utf16::narrowed(&part[odd..], TextEncoding::Utf16Le);
            let characters = 0..range.len().saturating_sub(odd).div_ceil(2);
            let reading = Reading { text: &narrow, offset: range.start + odd, width: 2 };
            let until = narrow.len().min(characters.end + reach);
            let mut reader = self.prefilter.names().reader(&narrow);
            assigned::values(&narrow, 0..until, &mut |line, value| {
                let (value, set) = ((line, value), NeedleSet::Dense);
                self.add_names(reading, &mut reader, &characters, value, set, each);
            });
        }
    }
}

impl NeedleSearch for KeyScanner<'_> {
    fn longest(&self) -> usize {
        let words = self.prefilter.longest() + self.prefilter.longest_with_context();
        words.max(self.longest_named())
    }

    fn longest_short(&self) -> usize {
        self.prefilter.longest_with_context().max(self.longest_on_line().min(LONGEST_LINE))
    }

    /// A value alone on its line, and the name on the line above it.
    fn short_lines(&self) -> usize {
        2
    }

    /// An anchor may be as far from the first line that names its value as the value is, and as long.
    fn around_reach(&self) -> usize {
        REACH
    }

    fn around(&self, bytes: &[u8], anchor: NeedleHit, each: &mut dyn FnMut(NeedleHit)) {
        let value = anchor.start + anchor.inner as usize;
        if let Some(line) = assigned::assigned_line(bytes, value) {
            let reading = Reading { text: bytes, offset: 0, width: 1 };
            self.add_around(reading, &(0..bytes.len()), (line, value), each);
        }
    }

    fn hits(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        set: NeedleSet,
        each: &mut dyn FnMut(NeedleHit),
    ) -> SearchSigns {
        let names = self.prefilter.names();
        let has_names = !names.is_empty();
        let mut reader = names.reader(bytes);
        let reading = Reading { text: bytes, offset: 0, width: 1 };
        // What tells that a word is a keyword is part of the needle and may begin in the range although the
        // keyword does not.
        let end = bytes.len().min(range.end + CONTEXT);
        let place = match set {
            // Words begin anywhere in binary data.
            NeedleSet::Dense => KeywordPlace::Anywhere,
            NeedleSet::Short | NeedleSet::Long => KeywordPlace::WordStart,
        };
        let mut may_be_long = false;
        let is_dense =
            self.prefilter.words(bytes, range.start..end, place, None, &mut |event| match event {
                PrefilterEvent::Keyword(hit) => self.add_keyword(bytes, &range, hit, each),
                PrefilterEvent::Run(run) if has_names => {
                    if let Some(line) = assigned::assigned_line(bytes, run.start) {
                        let value = (line, run.start);
                        may_be_long |=
                            self.add_names(reading, &mut reader, &range, value, set, each);
                    }
                }
                PrefilterEvent::Run(_) => {}
            });
        if has_names {
            let rest = &bytes[range.end.min(bytes.len())..];
            let reach = match set {
                NeedleSet::Short => {
                    let near = &rest[..rest.len().min(self.longest_on_line())];
                    memchr::memchr_iter(b'\n', near).nth(1).unwrap_or(near.len())
                }
                NeedleSet::Long | NeedleSet::Dense => self.longest_named(),
            };
            let until = bytes.len().min(range.end + reach);
            if until > end {
                assigned::values(bytes, end..until, &mut |line, value| {
                    let value = (line, value);
                    may_be_long |= self.add_names(reading, &mut reader, &range, value, set, each);
                });
            }
            if set == NeedleSet::Dense {
                self.add_wide_names(bytes, &range, each);
            }
        }
        if self.rules().decode_depth > 0 {
            let seam = if set == NeedleSet::Short { SEAM } else { self.longest() };
            let depth = self.rules().decode_depth;
            let mut add = |place: Range<usize>, is_piece: bool| {
                let is_long = place.len() > self.longest_short();
                may_be_long |= is_long;
                if !is_long || set != NeedleSet::Short {
                    // Of a very long one, the beginning stands for all of it.
                    let (start, length) = (place.start, place.len().min(self.longest()));
                    let needle = if is_piece { PIECE } else { ENCODED };
                    each(NeedleHit { start, length, needle, ..NeedleHit::default() });
                }
            };
            self.encoded_keywords(bytes, &range, seam, depth, &mut add);
            if set == NeedleSet::Dense {
                self.encoded_wide_keywords(bytes, &range, seam, &mut add);
            }
        }
        SearchSigns { is_dense, may_be_long }
    }
}

fn is_reported_key(attempt: &Attempt<'_>) -> bool {
    attempt.rule.is_reported() && matches!(attempt.outcome, AttemptOutcome::Key(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::rules::{Rng, RuleFile, Ruleset};
    use crate::source::Chunk;

    /// A key that each part of a name tells, one that a provider's name tells, and one with a text of its own.
    fn rules() -> Ruleset {
        let text = r#"
            [[rule]]
            id = "acme-api-key"
            pattern = '[0-9a-f]{32}'
            nearby = { words = ["acme_api_key", "acme_token"], not-words = ["public"] }
            [[rule]]
            id = "bolt-token"
            pattern = '[0-9a-f]{40}'
            nearby = { words = ["bolt"], not-words = ["client_id"] }
            [[rule]]
            id = "cord-key"
            keywords = ["cd_"]
            pattern = '(?P<secret>cd_(?P<body>[0-9a-f]{24}))'
        "#;
        Ruleset::only(&[RuleFile { name: "r.toml".to_owned(), text: text.to_owned() }]).unwrap()
    }

    /// A text with keys of the three kinds in their places.
    fn filled(text: &str) -> String {
        let hex = |length| Rng::new(7).text("0123456789abcdef", length);
        text.replace("‹A›", &hex(32))
            .replace("‹B›", &hex(40))
            .replace("‹C›", &format!("cd_{}", hex(24)))
    }

    fn hits(text: &[u8], range: Range<usize>, set: NeedleSet) -> (Vec<NeedleHit>, SearchSigns) {
        let rules = rules();
        let mut hits = Vec::new();
        let signs = KeyScanner::new(&rules).hits(text, range, set, &mut |hit| hits.push(hit));
        hits.sort_unstable();
        hits.dedup();
        (hits, signs)
    }

    proptest! {
        /// The hits of a text are those of its parts, each is no longer than it may be, and it stays one
        /// where only what it covers is the same.
        #[test]
        fn a_hit_is_told_by_what_it_covers(
            text in "(acme|bolt|api_key|key|token|name|value|[:={}\\[(]| {1,3}|\n|\n  |- |‹A›|‹B›|‹C›|\x00| x: ){0,40}",
            at in 0.0..=1.0,
            wide in any::<bool>(),
        ) {
            let rules = rules();
            let scanner = KeyScanner::new(&rules);
            let text = filled(&text);
            let text = match wide {
                true => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                false => text.into_bytes(),
            };
            let is_dense = hits(&text, 0..text.len(), NeedleSet::Long).1.is_dense;
            let set = if is_dense { NeedleSet::Dense } else { NeedleSet::Long };
            let hits = |text: &[u8], range| hits(text, range, set).0;
            let all = hits(&text, 0..text.len());
            let at = (at * text.len() as f64) as usize;
            let mut parts = [hits(&text, 0..at), hits(&text, at..text.len())].concat();
            parts.sort_unstable();
            parts.dedup();
            // Of UTF-16, what is before a part is not read, and may say that a word does not begin there.
            prop_assert!(all.iter().all(|hit| parts.contains(hit)));
            prop_assert!(wide || parts == all);
            prop_assert!(all.iter().all(|hit| hit.length <= scanner.longest()));
            if wide {
                return Ok(());
            }
            let found = scanner.find(&Chunk::whole(&text));
            let may_have_key = scanner.may_have_key(&text, &all);
            prop_assert!(may_have_key || found.keys.is_empty());
            prop_assert!(is_dense || may_have_key != found.keys.is_empty());
            for hit in all {
                let part = &text[hit.start..hit.start + hit.length];
                // The end of a line of a message is told by all of the line.
                let is_broken = hit.needle == ENCODED && part.windows(2).any(|pair| pair == b"=\n");
                prop_assert!(is_broken || !hits(part, 0..part.len()).is_empty());
            }
        }
    }
}
