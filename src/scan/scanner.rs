//! One pass over a text: keyword, pattern, filters.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::filters::Rejection;
use super::hit_memo::HitMemo;
use super::key_match::KeyMatch;
use super::pairs;
use super::precedence::{OutrankedKey, settle};
use super::prefilter::{KeywordHit, KeywordPlace, Prefilter, PrefilterEvent};
use super::repeats::drop_beginnings;
use super::{assigned, block, utf16};
use crate::model::EncodingLayer;
use crate::rules::{Rule, Ruleset};
use crate::source::{Chunk, TextEncoding};

/// Bytes around a match that the filters and the look-around of a pattern may see.
pub(super) const MARGIN: usize = 64;

/// The most markers of a chunk that are passed on.
const MAX_MARKERS: usize = 1000;

/// How far from a key's line another key may begin that overlaps its excerpt.
const NEAR: usize = 2 * block::MAX_BLOCK + 1024;

/// The result of one keyword hit under one rule.
#[derive(Debug)]
pub struct Attempt<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The keyword that hit.
    pub keyword: &'r str,
    /// Offset in bytes of the keyword, or of its encoded form.
    pub start: usize,
    /// Its encodings, from the outside in.
    pub layers: Vec<EncodingLayer>,
    /// The result.
    pub outcome: AttemptOutcome<'r>,
}

impl Attempt<'_> {
    /// The same in a text of which each byte is so many.
    pub(super) fn widened(mut self, width: usize) -> Self {
        self.start *= width;
        if let AttemptOutcome::Key(key) | AttemptOutcome::Rejected(key, _) = &mut self.outcome {
            for place in std::iter::once(&mut key.span).chain(&mut key.pieces) {
                *place = place.start * width..place.end * width;
            }
        }
        self
    }
}

/// A rule's verdict on the text around one of its keywords.
#[derive(Debug)]
pub enum AttemptOutcome<'r> {
    /// The pattern does not match.
    NoMatch,
    /// The pattern matches, but it is not a key.
    Rejected(KeyMatch<'r>, Rejection),
    /// It is a key.
    Key(KeyMatch<'r>),
}

/// Searches texts for the keys of a rule set. Cheap to share between threads.
#[derive(Debug)]
pub struct KeyScanner<'r> {
    pub(super) rules: &'r Ruleset,
    pub(super) prefilter: Arc<Prefilter>,
}

impl<'r> KeyScanner<'r> {
    /// A scanner for `rules`. No pattern is compiled before its keyword hits.
    pub fn new(rules: &'r Ruleset) -> Self {
        Self::with_seeds(rules, &[])
    }

    /// Also looks for further words in the same pass: a text with one of them, or with a keyword,
    /// [is a seed](ChunkMatches::is_seed).
    pub fn with_seeds(rules: &'r Ruleset, words: &[String]) -> Self {
        Self::with_prefilter(rules, Arc::new(Prefilter::new(rules, words)))
    }

    /// A scanner that only tells which texts may have a key that is reported.
    pub fn of_reported(rules: &'r Ruleset) -> Self {
        Self::with_prefilter(rules, Arc::new(Prefilter::of_reported(rules)))
    }

    /// A scanner for `rules` with the prefilter that was made for them.
    pub fn with_prefilter(rules: &'r Ruleset, prefilter: Arc<Prefilter>) -> Self {
        Self { rules, prefilter }
    }

    /// The rules.
    pub fn rules(&self) -> &'r Ruleset {
        self.rules
    }

    /// True if a text contains any keyword; `false` means that it contains no key.
    pub fn has_keyword(&self, text: &[u8]) -> bool {
        let mut any = false;
        self.prefilter.events(text, 0..text.len(), KeywordPlace::WordStart, &mut |event| {
            any |= matches!(event, PrefilterEvent::Keyword(_));
        });
        any || self.has_name(text)
    }

    /// True if a text [is a seed](ChunkMatches::is_seed).
    pub fn is_seed(&self, text: &[u8]) -> bool {
        // Names and short keywords alone are no seed; only a key that they tell is. Most texts have
        // neither, so that one pass for both is best.
        let (mut has_word, mut has_key) = (false, false);
        let (encoding, place) = (TextEncoding::detect(text), KeywordPlace::WordStart);
        let hit = &mut |hit| has_word |= self.prefilter.makes_seed(hit);
        self.attempts_with(text, 0..text.len(), encoding, place, hit, &mut |attempt| {
            has_key |= matches!(&attempt.outcome, AttemptOutcome::Key(key) if makes_seed(key));
        });
        has_word || has_key
    }

    /// Finds every key whose keyword begins in the chunk's fresh part, by place, and everything
    /// near them that could be a key and is to be masked.
    pub fn find(&self, chunk: &Chunk<'_>) -> ChunkMatches<'r> {
        let mut found = ChunkMatches::default();
        let fresh = chunk.fresh();
        let mut has_seed = false;
        let mut markers = Vec::new();
        let each_hit = &mut |hit| {
            has_seed |= self.prefilter.makes_seed(hit);
            if self.prefilter.is_marker(hit) && markers.len() < MAX_MARKERS {
                markers.push(hit.start);
            }
        };
        let place = KeywordPlace::WordStart;
        self.attempts_with(
            chunk.bytes,
            fresh.clone(),
            chunk.encoding,
            place,
            each_hit,
            &mut |attempt| {
                if let AttemptOutcome::Key(key) = attempt.outcome {
                    found.is_seed |= makes_seed(&key);
                    found.keys.push(key);
                }
            },
        );
        found.is_seed |= has_seed;
        found.markers = markers;
        drop_beginnings(&mut found.keys);
        let starts = found.keys.iter().map(|key| key.span.start);
        // Nothing is shown around keys that are not reported.
        let is_shown = found.keys.iter().any(|key| key.rule.is_reported());
        if let (Some(first), Some(last)) = (starts.clone().min(), starts.max())
            && is_shown
        {
            self.add_masked(chunk, first..last, &fresh, &mut found);
        }
        let others = self.add_pairs(chunk, [&mut found.keys, &mut found.neighbours]);
        found.masked.extend(others);
        let pieces: Vec<_> = found.keys.iter().flat_map(KeyMatch::outer_pieces).collect();
        found.masked.extend(pieces);
        found.finish();
        found
    }

    /// Finds everything near `span` that must not be shown.
    pub fn near(&self, chunk: &Chunk<'_>, span: &Range<usize>) -> ChunkMatches<'r> {
        let mut found = ChunkMatches::default();
        self.add_masked(chunk, span.clone(), &(0..0), &mut found);
        found.finish();
        found
    }

    /// Adds possible keys near `range`, except for the keys that begin in `fresh`.
    fn add_masked(
        &self,
        chunk: &Chunk<'_>,
        range: Range<usize>,
        fresh: &Range<usize>,
        found: &mut ChunkMatches<'r>,
    ) {
        let range = range.start.saturating_sub(NEAR)..(range.end + NEAR).min(chunk.bytes.len());
        let each = &mut |attempt: Attempt<'r>| match attempt.outcome {
            AttemptOutcome::NoMatch => {}
            AttemptOutcome::Rejected(other, Rejection::InsideWord) if !other.is_random() => {}
            AttemptOutcome::Rejected(other, _) => found.masked.push(other),
            AttemptOutcome::Key(key) if fresh.contains(&attempt.start) => drop(key),
            AttemptOutcome::Key(other) => found.neighbours.push(other),
        };
        let place = KeywordPlace::Anywhere;
        self.attempts_with(chunk.bytes, range, chunk.encoding, place, &mut |_| {}, each);
    }

    /// A text with every key in it masked.
    pub fn masked_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.masked(text.as_bytes())).into_owned()
    }

    /// A name with every key in it masked.
    pub fn masked<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        if !self.has_keyword(text) {
            return Cow::Borrowed(text);
        }
        let mut masked = Vec::new();
        let mut at = 0;
        for key in &self.find(&Chunk::whole(text)).keys {
            if key.span.start >= at {
                masked.extend_from_slice(&text[at..key.span.start]);
                masked.extend_from_slice(key.secret.masked().as_bytes());
            }
            at = at.max(key.span.end);
        }
        masked.extend_from_slice(&text[at..]);
        Cow::Owned(masked)
    }

    /// Passes on the result of every keyword hit in `range`, and of every value that is assigned to
    /// something near a rule's words.
    pub fn attempts(
        &self,
        text: &[u8],
        range: Range<usize>,
        encoding: TextEncoding,
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        self.attempts_with(text, range, encoding, KeywordPlace::WordStart, &mut |_| {}, each);
    }

    /// The same, and passes on every hit in `range` before.
    fn attempts_with(
        &self,
        text: &[u8],
        range: Range<usize>,
        encoding: TextEncoding,
        place: KeywordPlace,
        each_hit: &mut dyn FnMut(KeywordHit),
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        if encoding.unit() > 2 {
            // Other text may follow.
            let bytes = TextEncoding::Bytes;
            self.plain_attempts(text, range.clone(), bytes, place, each_hit, each);
            let (narrow, width) = (utf16::narrowed(text, encoding), encoding.unit());
            let range = range.start.div_ceil(width)..range.end.div_ceil(width);
            let each = &mut |attempt: Attempt<'r>| each(attempt.widened(width));
            return self.narrow_attempts(&narrow, range, bytes, place, each_hit, each);
        }
        self.narrow_attempts(text, range.clone(), encoding, place, each_hit, each);
        if encoding.unit() > 1 {
            let depth = self.rules.decode_depth;
            self.attempt_encoded_wide((text, encoding), &range, depth, place, each);
        }
    }

    /// The same for a text whose characters have one byte or two.
    fn narrow_attempts(
        &self,
        text: &[u8],
        range: Range<usize>,
        encoding: TextEncoding,
        place: KeywordPlace,
        each_hit: &mut dyn FnMut(KeywordHit),
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        self.plain_attempts(text, range.clone(), encoding, place, each_hit, each);
        if self.rules.decode_depth > 0 && encoding.unit() == 1 {
            self.attempt_decoded(text, &range, self.rules.decode_depth, place, each);
        }
    }

    /// The same for what is plain, or encoded in a way that words tell.
    pub(super) fn plain_attempts(
        &self,
        text: &[u8],
        range: Range<usize>,
        encoding: TextEncoding,
        place: KeywordPlace,
        each_hit: &mut dyn FnMut(KeywordHit),
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        let names = self.prefilter.names();
        let is_narrow = encoding.unit() == 1 && !names.is_empty();
        let (mut reader, mut memo) = (names.reader(text), HitMemo::default());
        let mut has_distant = false;
        self.prefilter.events(text, range.clone(), place, &mut |event| match event {
            PrefilterEvent::Keyword(hit) => {
                has_distant |= self.prefilter.is_distant(hit);
                each_hit(hit);
                self.attempt(text, hit, encoding, &mut memo, each);
            }
            PrefilterEvent::Run(run) if is_narrow => {
                if let Some(line) = assigned::assigned_line(text, run.start) {
                    self.attempt_named(&mut reader, text, (line, run.start), 1, each);
                }
            }
            PrefilterEvent::Run(_) => {}
        });
        if encoding.unit() > 1 && !names.is_empty() {
            let width = encoding.unit();
            let narrow = utf16::narrowed(text, encoding);
            let range = range.start.div_ceil(width)..range.end.div_ceil(width).min(narrow.len());
            let mut reader = names.reader(&narrow);
            assigned::values(&narrow, range, &mut |line, start| {
                self.attempt_named(&mut reader, &narrow, (line, start), width, each);
            });
        }
        if !self.prefilter.distant().is_empty() {
            self.attempt_distant(text, range, encoding, has_distant, each);
        }
    }

    /// Passes on the result of every word of a rule in `range`, also of those that stand where no key
    /// can, for people. Slow.
    pub fn all_attempts(
        &self,
        text: &[u8],
        range: Range<usize>,
        encoding: TextEncoding,
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        self.prefilter.all_hits(text, range.clone(), |hit| {
            let mut memo = HitMemo::default();
            self.attempt(text, hit, encoding, &mut memo, each);
        });
        self.attempts(text, range, encoding, &mut |attempt| {
            // One layer of base64 has words.
            let has_words = matches!(attempt.layers[..], [] | [EncodingLayer::Base64]);
            if attempt.rule.keywords.is_empty() || !has_words {
                each(attempt);
            }
        });
    }

    /// Passes on the result of a keyword hit under each rule that has the keyword.
    fn attempt(
        &self,
        text: &[u8],
        hit: KeywordHit,
        encoding: TextEncoding,
        memo: &mut HitMemo,
        each: &mut dyn FnMut(Attempt<'r>),
    ) {
        for own in self.prefilter.rules(hit) {
            let rule = &self.rules[own.index];
            let keyword = self.prefilter.text(hit);
            let keyword = rule.keywords.iter().find(|k| k.as_bytes() == keyword);
            each(Attempt {
                rule,
                keyword: keyword.map_or("", String::as_str),
                start: hit.start,
                layers: self.layers(hit),
                outcome: self.examine(text, hit, own, encoding, memo),
            });
        }
    }

    pub(super) fn layers(&self, hit: KeywordHit) -> Vec<EncodingLayer> {
        self.prefilter.steps(hit).iter().map(|step| step.layer()).collect()
    }
}

/// Everything that a pass over a chunk has found.
#[derive(Debug, Default)]
pub struct ChunkMatches<'r> {
    /// The keys, by place.
    pub keys: Vec<KeyMatch<'r>>,
    /// True if the text may involve a secret: it contains the keyword of a secret, or one of the
    /// further words.
    pub is_seed: bool,
    /// Matches at which another rule is more exact.
    pub outranked: Vec<OutrankedKey<'r>>,
    /// Keys that belong to another one, which is the finding.
    pub paired: Vec<KeyMatch<'r>>,
    /// Where `keyside:` stands, which begins a marker: the first thousand places, in no order.
    pub markers: Vec<usize>,
    /// Keys of neighbouring chunks.
    neighbours: Vec<KeyMatch<'r>>,
    /// Other matches of patterns near them, by place: whatever is outranked, a neighbour, or was
    /// rejected by a filter, rightly or not. They are masked wherever they would be shown.
    masked: Vec<KeyMatch<'r>>,
    /// Length in bytes of the longest of them.
    longest: usize,
}

impl<'r> ChunkMatches<'r> {
    fn finish(&mut self) {
        let order = |key: &KeyMatch<'_>| (key.span.start, key.span.end, key.rule_index);
        self.outranked = settle(&mut self.keys, &self.neighbours);
        self.paired = pairs::join(&mut self.keys, &self.neighbours);
        self.masked.extend(self.paired.iter().cloned());
        self.masked.append(&mut self.neighbours);
        self.masked.extend(self.outranked.iter().map(|lost| lost.key.clone()));
        for list in [&mut self.keys, &mut self.masked] {
            list.sort_by_key(order);
            // Two keywords inside one match find it twice.
            list.dedup_by_key(|key| order(key));
        }
        let all = self.keys.iter().chain(&self.masked);
        self.longest = all.map(|key| key.span.len()).max().unwrap_or(0);
    }

    /// Everything that must not be shown of the bytes in `range`.
    pub(super) fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &KeyMatch<'r>> {
        let from = range.start.saturating_sub(self.longest);
        [&self.keys, &self.masked].into_iter().flat_map(move |list| {
            let first = list.partition_point(|key| key.span.start < from);
            let end = range.end;
            list[first..].iter().take_while(move |key| key.span.start < end)
        })
    }
}

/// True if a key makes its text a seed. Where a rule is for some files only, it is not known whether this
/// is one of them.
fn makes_seed(key: &KeyMatch<'_>) -> bool {
    key.rule.is_reported() && key.rule.place.is_none()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::RuleIndex;
    use crate::rules::{MarkMemo, Rng, RuleFile};
    use crate::scan::Locator;
    use crate::scan::encoded_keywords::OffsetMap;
    use crate::scan::window::Window;
    use crate::source::ChunkReader;
    use proptest::prelude::*;

    const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    fn key(seed: u64) -> String {
        format!("sk_v1_{}", Rng::new(seed).text(BASE62, 43))
    }

    fn found(rules: &Ruleset, text: &[u8]) -> Vec<String> {
        let found = KeyScanner::new(rules).find(&Chunk::whole(text));
        let text = |key: &KeyMatch<'_>| String::from_utf8_lossy(key.secret.reveal()).into_owned();
        found.keys.iter().map(text).collect()
    }

    /// Rules with these keywords and patterns, and no requirements except `constraints`.
    fn ruleset(rules: &[(&[&str], &str)], constraints: &str) -> Ruleset {
        let mut text =
            "[provider]\nid = \"p\"\nname = \"P\"\nurl = \"https://a.example\"\n".to_owned();
        for (number, (keywords, pattern)) in rules.iter().enumerate() {
            text += &format!(
                "[[rule]]\nid = \"p-{number}\"\ntitle = \"t\"\ndescription = \"d\"\n\
                 class = \"secret\"\nseverity = \"error\"\nconfidence = \"high\"\n\
                 keywords = {keywords:?}\npattern = '{pattern}'\n\
                 [rule.constraints]\nrandom = false\n{constraints}\n\
                 [rule.remediation]\nsummary = \"s\"\nurl = \"https://a.example\"\n\
                 [rule.samples]\nmatch = [\"{{hex:9}}\"]\nignore = [\"x\"]\n"
            );
        }
        let name = "test.toml".to_owned();
        Ruleset::only(&[RuleFile { name, text }]).unwrap_or_else(|errors| panic!("{errors}"))
    }

    #[test]
    fn a_key_after_a_rejected_match_is_found() {
        let rules = Ruleset::built_in();
        let keys: Vec<_> = (0..4).map(key).collect();
        for before in [
            "task_v1_x-".to_owned(),
            "sk_v1_example-".to_owned(),
            "sk_v1_-".to_owned(),
            format!("{}-", keys[..3].join("-")),
        ] {
            let text = before.clone() + &keys[3];
            assert!(found(&rules, text.as_bytes()).contains(&keys[3]), "{before}");
        }
    }

    #[test]
    fn words_make_a_seed_but_not_a_key() {
        let rules = Ruleset::built_in();
        let words = ["MAGICX_SECRET_KEY".to_owned(), "api.example".to_owned()];
        let scanner = KeyScanner::with_seeds(&rules, &words);
        let wide: Vec<u8> =
            "x MAGICX_SECRET_KEY".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (text, is_seed) in [
            (&b"env.MAGICX_SECRET_KEY"[..], true),
            (b"https://api.example/", true),
            (b"startsWith('sk_v1_')", true),
            (b"pk_v1_x", false),
            (b"MAGICX_SECRET", false),
            (&wide, true),
        ] {
            let found = scanner.find(&Chunk::whole(text));
            assert_eq!(found.is_seed, is_seed, "{}", String::from_utf8_lossy(text));
            assert_eq!(scanner.is_seed(text), is_seed, "{}", String::from_utf8_lossy(text));
            assert!(found.keys.is_empty());
        }
        assert!(!KeyScanner::new(&rules).find(&Chunk::whole(b"MAGICX_SECRET_KEY")).is_seed);
    }

    /// Bytes that patterns may look at for each byte of a text full of keywords.
    const MOST_TRIED: usize = 640;

    /// The worst text for a rule is its keyword over and over, with something between. What is tried of it grows
    /// with its length alone, so a small one tells; `just slow-rules` measures large ones.
    #[test]
    fn a_text_full_of_a_keyword_takes_time_by_its_length() {
        let rules = Ruleset::built_in();
        let prefilter = Prefilter::new(&rules, &[]);
        let keywords = rules.rules.iter().flat_map(|rule| &*rule.keywords);
        for unit in
            keywords.flat_map(|own| ["", " ", "=\"", "A"].map(|filler| format!("{own}{filler}")))
        {
            let text = unit.repeat((16 << 10) / unit.len());
            let (mut tried, mut memo) = (0, MarkMemo::default());
            prefilter.events(
                text.as_bytes(),
                0..text.len(),
                KeywordPlace::WordStart,
                &mut |event| {
                    let PrefilterEvent::Keyword(hit) = event else { return };
                    for own in prefilter.rules(hit) {
                        let (rule, word) = (&rules[own.index], prefilter.text(hit));
                        if own.may_match(rule, word, (text.as_bytes(), hit.start), &mut memo) {
                            tried += rule.pattern.matcher().longest;
                        }
                    }
                },
            );
            assert!(tried <= MOST_TRIED * text.len(), "{unit}: {tried} of {}", text.len());
        }
    }

    #[test]
    fn a_match_that_overlaps_many_keywords_is_judged_once() {
        let rules = ruleset(&[(&["abc"], "(?P<secret>[a-c]{40}abc[a-c]{40})")], "min-length = 99");
        let scanner = KeyScanner::new(&rules);
        let text = "abcab".repeat(1000);
        let mut rejected = 0;
        scanner.attempts(text.as_bytes(), 0..text.len(), TextEncoding::Bytes, &mut |attempt| {
            rejected += usize::from(matches!(attempt.outcome, AttemptOutcome::Rejected(..)));
        });
        assert!((1..=2).contains(&rejected), "{rejected}");
    }

    #[test]
    fn only_the_ends_of_a_long_repetition_may_be_keys() {
        let rules = ruleset(&[(&["aaaaaa"], "(?P<secret>[a-c]{20}aaaaaa[a-c]{20})")], "");
        let text =
            |length| format!("{} {}{}{}", "c", "cb".repeat(9), "a".repeat(length), "bc".repeat(9));
        assert_eq!(found(&rules, text(10).as_bytes()).len(), 1);
        let mut tried = 0;
        let all = text(1000);
        KeyScanner::new(&rules).attempts(
            all.as_bytes(),
            0..all.len(),
            TextEncoding::Bytes,
            &mut |own| {
                tried += usize::from(!matches!(own.outcome, AttemptOutcome::NoMatch));
            },
        );
        assert!((1..80).contains(&tried), "{tried}");
    }

    #[test]
    fn a_body_in_one_branch_only_is_complete() {
        let rules = ruleset(&[(&["tok-"], "(?P<secret>tok-(?:(?P<body>[a-z]{8})|[0-9]{8}))")], "");
        assert_eq!(found(&rules, b"tok-12345678"), ["tok-12345678"]);
    }

    #[test]
    fn the_end_of_a_comment_is_not_part_of_a_short_key() {
        let rules = ruleset(&[(&["tok-"], "(?P<secret>tok-(?P<body>[a-z-]{1,9}))")], "");
        assert_eq!(found(&rules, b"tok-->"), ["tok--"]);
        assert_eq!(found(&rules, b"tok-a-->"), ["tok-a"]);
    }

    #[test]
    fn only_a_keyword_at_the_beginning_of_a_key_is_shown() {
        let rules = ruleset(&[(&["-key-"], "(?P<secret>[a-z]{16}-key-(?P<body>[0-9]{8}))")], "");
        let text = b"abcdefghijklmnop-key-12345678";
        let found = KeyScanner::new(&rules).find(&Chunk::whole(text));
        assert_eq!(found.keys[0].secret.masked(), "abcd…(29)");
    }

    /// Keywords at the beginning, in the middle and at the end, some of them parts of others.
    const FAMILY: &[(&[&str], &str)] = &[
        (&["abc"], "(?P<secret>abc(?P<body>[ab_]{2,6}))"),
        (&["abc_"], "(?P<secret>abc_(?P<body>[a-c]{1,3}))"),
        (&["bca"], "(?P<secret>bca(?P<body>[abc]{3}?))"),
        (&["cab"], "(?P<secret>[ab]{1,4}cab[a-c]{2})"),
        (&["_ab"], "(?P<secret>[abc]{2,5}_ab)"),
        (&["aab", "aac"], "(?P<secret>aa(?:b|c)(?P<body>[abc]{1,4}?))_?"),
        (&["bbc", "cbb"], "(?P<secret>bbc[ab]{0,3}|[ab]{0,3}cbb)"),
        (&["cba"], r"\b(?P<secret>cba(?P<body>[abc]{2,4}))\b"),
        (&["ba_"], r"(?m)^(?P<secret>[abc]{0,3}ba_[abc]{1,2})$"),
        (&["ccb"], r"x?(?P<secret>ccb[a-c]{0,2})(?:\z|[^a-c])"),
    ];

    fn rules() -> impl Strategy<Value = Ruleset> {
        let constraints = prop::sample::select(vec![
            "word-start = false",
            "word-start = true",
            "word-start = true\nalphabet = \"a-c_\"",
            "word-start = false\nmin-length = 3",
        ]);
        let family = prop::sample::subsequence(FAMILY.to_vec(), 1..=4);
        (family, constraints).prop_map(|(family, constraints)| ruleset(&family, constraints))
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let words = vec![
            "a", "b", "c", "_", "a", "b", "c", "abc", "abc_", "bca", "cab", "_ab", "aab", "cbb",
            "cba", "ba_", "ccb", " ", "\n", "-->", "é",
        ];
        prop::collection::vec(prop::sample::select(words), 0..60)
            .prop_map(|words| words.concat().into_bytes())
    }

    /// Every match of every rule that is a key, without keywords and windows: rule, match and span.
    fn naive(
        scanner: &KeyScanner<'_>,
        text: &[u8],
    ) -> Vec<(RuleIndex, Range<usize>, Range<usize>)> {
        let mut keys = Vec::new();
        for (index, rule) in
            scanner.rules.rules.iter().enumerate().map(|(nth, rule)| (RuleIndex(nth), rule))
        {
            let matcher = rule.pattern.matcher();
            let places = vec![OffsetMap::Even { start: 0, width: 1 }];
            let window = Window {
                text: Cow::Borrowed(text),
                before: &[],
                at: 0,
                places,
                layers: Vec::new(),
            };
            let mut from = 0;
            while let Some(groups) = matcher.regex.captures_at(text, from) {
                let parts = matcher.parts(&groups, 0);
                let whole = parts.whole.clone();
                if let AttemptOutcome::Key(key) = scanner.judge(&window, parts, index) {
                    keys.push((index, whole.clone(), key.span));
                }
                from = whole.start + 1;
                if from > text.len() {
                    break;
                }
            }
        }
        keys
    }

    /// A key in a form that can be compared between readings: rule, secret, position.
    type Seen = (RuleIndex, Vec<u8>, u64, u64, u64);

    fn seen_whole(scanner: &KeyScanner<'_>, text: &[u8]) -> Vec<Seen> {
        seen_in(scanner, text, &mut ChunkReader::default())
    }

    fn seen_in(scanner: &KeyScanner<'_>, text: &[u8], reader: &mut ChunkReader) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut begin = Locator::new(TextEncoding::Bytes);
        let each = |chunk: Chunk<'_>| {
            let mut at = 0;
            if chunk.is_first {
                begin = Locator::new(chunk.encoding);
                at = chunk.encoding.mark_length(chunk.bytes);
            }
            for key in scanner.find(&chunk).keys {
                let mut here = begin.clone();
                here.advance(&chunk.bytes[at..key.span.start]);
                let place = here.place();
                seen.push((
                    key.rule_index,
                    key.secret.reveal().to_vec(),
                    place.line,
                    place.column,
                    place.utf16_column,
                ));
            }
            if !chunk.is_last {
                begin.advance(&chunk.bytes[at..chunk.next_from]);
            }
        };
        assert!(reader.read(&mut &text[..], |_| true, each).unwrap());
        seen.sort();
        seen.dedup();
        seen
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_window_finds_what_the_whole_text_has(rules in rules(), text in text()) {
            let scanner = KeyScanner::new(&rules);
            let found = scanner.find(&Chunk::whole(&text));
            let outranked = found.outranked.into_iter().map(|lost| lost.key);
            let keys: Vec<_> = found.keys.into_iter().chain(outranked).collect();
            let all = naive(&scanner, &text);
            for key in &keys {
                let known = all.iter().any(|(index, _, span)| {
                    (*index, span) == (key.rule_index, &key.span)
                });
                prop_assert!(known, "{:?} is no match of its rule", key.span);
            }
            for (index, whole, span) in &all {
                let rule = &rules[*index];
                // Of several matches round one keyword, the first one is reported.
                let is_found = if rule.keyword_places.at_start {
                    keys.iter().any(|key| (key.rule_index, &key.span) == (*index, span))
                } else {
                    keys.iter().any(|key| {
                        key.rule_index == *index
                            && key.span.start <= span.start
                            && key.span.end > whole.start
                    })
                };
                prop_assert!(is_found, "{} at {span:?} is missed", rule.pattern.source());
            }
        }

        #[test]
        fn what_earlier_hits_say_changes_nothing(rules in rules(), text in text()) {
            let scanner = KeyScanner::new(&rules);
            let mut memo = HitMemo::default();
            let (mut with, mut without) = (BTreeSet::new(), BTreeSet::new());
            scanner.prefilter.events(&text, 0..text.len(), KeywordPlace::Anywhere, &mut |event| {
                let PrefilterEvent::Keyword(hit) = event else { return };
                for own in scanner.prefilter.rules(hit) {
                    let seen = |memo: &mut HitMemo, all: &mut BTreeSet<_>| {
                        match scanner.examine(&text, hit, own, TextEncoding::Bytes, memo) {
                            AttemptOutcome::NoMatch => {}
                            AttemptOutcome::Rejected(key, _) => {
                                all.insert((own.index, false, key.span.start, key.span.end));
                            }
                            AttemptOutcome::Key(key) => {
                                all.insert((own.index, true, key.span.start, key.span.end));
                            }
                        }
                    };
                    seen(&mut memo, &mut with);
                    seen(&mut HitMemo::default(), &mut without);
                }
            });
            prop_assert_eq!(with, without);
        }

        #[test]
        fn pieces_give_what_the_whole_gives(
            rules in rules(),
            text in text(),
            wide in 0..4u8,
            largest in 200..400usize,
        ) {
            let text = match wide {
                0 => utf16(&text, u16::to_le_bytes),
                1 => utf16(&text, u16::to_be_bytes),
                _ => text,
            };
            let scanner = KeyScanner::new(&rules);
            let mut reader = ChunkReader::sized(largest, 96);
            prop_assert_eq!(seen_in(&scanner, &text, &mut reader), seen_whole(&scanner, &text));
        }

        #[test]
        fn the_other_encodings_give_the_same_keys(rules in rules(), text in text()) {
            let scanner = KeyScanner::new(&rules);
            // The end of a text also ends a run of ASCII: the same look-around needs ASCII.
            let text: Vec<u8> = text.into_iter().filter(u8::is_ascii).collect();
            let plain = seen_whole(&scanner, &text);
            for unit in [u16::to_le_bytes, u16::to_be_bytes] {
                prop_assert_eq!(&seen_whole(&scanner, &utf16(&text, unit)), &plain);
            }
        }
    }

    fn utf16(text: &[u8], unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let text = format!("\u{feff}{}", String::from_utf8_lossy(text));
        text.encode_utf16().flat_map(unit).collect()
    }
}
