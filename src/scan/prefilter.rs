//! Finds the keywords of all rules in one pass.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::encoded_keywords::{self, EncodingStep};
use super::name_words::NameWords;
use super::runs::{hex_runs, is_beginning, is_in_long_run};
use super::text_places::{ENCODED, TextPlace, text_places};
use super::utf16::widened;
use super::word_search::{FEW, Searcher};
use super::word_starts::{CONTEXT, begins_word, last_control};
use super::word_table::{AnchoredWord, SHORTEST_ANCHOR, WordTable};
use crate::decode::KeyHeads;
use crate::model::RuleIndex;
use crate::rules::{
    FOLLOWED, MarkMemo, NEAR, Nearby, Rule, Ruleset, SHORTEST_VALUE, Surroundings, is_value,
};

/// How many layers of encoding have words of their own: what is encoded again in them is decoded as a
/// whole, which costs less than thousands of words.
const WORD_DEPTH: usize = 1;

/// A keyword in a text, plain or encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeywordHit {
    /// Index of the word that was found.
    pub(super) needle: usize,
    /// Offset of its first character.
    pub(super) start: usize,
    /// True if each character takes two bytes (UTF-16).
    pub(super) wide: bool,
}

/// A finding of the prefilter.
#[derive(Debug)]
pub(super) enum PrefilterEvent {
    /// A keyword.
    Keyword(KeywordHit),
    /// A run of the characters of values, from its first one on.
    Run(Range<usize>),
}

/// The places at which keywords that begin words are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeywordPlace {
    /// Where words begin: everywhere else they begin no key.
    WordStart,
    /// Also inside words, which takes several times as long.
    Anywhere,
}

/// A searcher for the keywords of a rule set, as single bytes, as UTF-16 and encoded.
#[derive(Debug)]
pub struct Prefilter {
    keywords: Vec<Keyword>,
    /// The words to look for: first the keywords, then their encoded forms.
    needles: Vec<Needle>,
    /// The words of which a known part begins where a word does.
    at_starts: WordTable,
    /// Keywords of long keys in base64.
    in_base64: WordTable,
    /// The other words that stand in runs of hexadecimal digits.
    in_hex: WordTable,
    /// The other words that stand in runs of values, if there are many.
    in_runs: WordTable,
    /// Searches for all others; their numbers.
    narrow: Searcher,
    anywhere: Vec<u32>,
    /// Searches for the keywords only; made for the first text with zero bytes.
    wide: OnceLock<Searcher>,
    /// Length in bytes of the longest word, in any form.
    longest: usize,
    /// The same without UTF-16.
    longest_narrow: usize,
    names: NameWords,
    heads: KeyHeads,
    /// Rules without keywords whose keys may be told by what stands some lines away.
    distant: Vec<RuleIndex>,
    /// True if any rule looks some lines away.
    looks_around: bool,
}

/// Characters on either side of a keyword in base64 that decide whether it is passed on.
const BASE64_CONTEXT: usize = ENCODED + 8;

/// Bytes of a word that are looked for, at most; the rest of it is compared where they are found. The
/// parts around a change that history is searched for are as long.
const LONGEST_WORD: usize = 24;

/// Bytes whose base64 is a run of values.
const SHORTEST_ENCODED: usize = SHORTEST_VALUE / 4 * 3;

/// The word that the markers of keyside begin with. It is found where words begin.
pub const MARKER: &str = "keyside:";

/// The shortest keyword that makes a file a seed by itself, and not only with the rest of a key.
const SHORTEST_SEED: usize = 6;

/// A keyword, which several rules may share.
#[derive(Debug)]
struct Keyword {
    text: Vec<u8>,
    rules: Vec<KeywordRule>,
    /// True if a text that contains it may involve a secret.
    is_seed: bool,
    /// True if it is in a run of values in every match of its rules.
    is_in_run: bool,
    /// True if it begins where a word does in every key of its rules.
    begins_word: bool,
    /// True if every match of its rules is in a run of values when it is encoded.
    is_long: bool,
    /// True if it tells keys some lines away.
    is_distant: bool,
    /// True if it is the word that markers begin with.
    is_marker: bool,
}

/// A rule that has a keyword.
#[derive(Debug)]
pub(super) struct KeywordRule {
    /// The rule.
    pub(super) index: RuleIndex,
    /// The bytes that must stand around the keyword; found out at its first hit.
    around: OnceLock<Option<Box<Surroundings>>>,
}

impl KeywordRule {
    /// False if the rule's pattern cannot match around its keyword at `at` of `text`.
    pub(super) fn may_match(
        &self,
        rule: &Rule,
        keyword: &[u8],
        (text, at): (&[u8], usize),
        memo: &mut MarkMemo,
    ) -> bool {
        // The ends of an encoded keyword may differ, or be cut off.
        if text.get(at..at + keyword.len()) != Some(keyword) {
            return true;
        }
        let around = self.around(rule, keyword);
        around.is_none_or(|around| around.fit(text, at, at + keyword.len(), memo))
    }

    fn around(&self, rule: &Rule, keyword: &[u8]) -> Option<&Surroundings> {
        let around = || rule.pattern.surroundings(&rule.keywords, keyword).map(Box::new);
        self.around.get_or_init(around).as_deref()
    }
}

/// A word to look for.
#[derive(Debug)]
struct Needle {
    /// At most [`LONGEST_WORD`] bytes.
    text: Vec<u8>,
    keyword: usize,
    /// The decoders that recover the keyword, from the outside in; empty for the keyword itself.
    steps: Vec<EncodingStep>,
}

impl Prefilter {
    /// A searcher for the keywords of all rules, and for further words that belong to no rule.
    pub fn new(rules: &Ruleset, words: &[String]) -> Self {
        Self::of_rules(rules, words, Rule::is_searched)
    }

    /// A searcher for the keywords of rules whose keys are reported.
    pub(super) fn of_reported(rules: &Ruleset) -> Self {
        Self::of_rules(rules, &[], |rule| rule.is_searched() && rule.is_reported())
    }

    fn of_rules(rules: &Ruleset, words: &[String], is_searched: fn(&Rule) -> bool) -> Self {
        let mut keywords: Vec<Keyword> = Vec::new();
        let distant = distant(rules, is_searched);
        let distant_words: Vec<String> =
            distant.iter().flat_map(|&index| distant_words(rules, &rules[index])).collect();
        let mut indexes = HashMap::new();
        let searched = rules.rules.iter().enumerate().filter(|(_, rule)| is_searched(rule));
        for (index, rule) in searched {
            let places = &rule.keyword_places;
            for (text, is_in_run) in rule.keywords.iter().zip(&places.in_run) {
                let at = *indexes.entry(text.as_str()).or_insert_with(|| {
                    keywords.push(Keyword::new(text));
                    keywords.len() - 1
                });
                let (index, around) = (RuleIndex(index), OnceLock::new());
                keywords[at].rules.push(KeywordRule { index, around });
                keywords[at].is_in_run &= is_in_run;
                keywords[at].is_long &= places.shortest >= SHORTEST_ENCODED;
                keywords[at].begins_word &= rule.begins_word;
                // A program that reads blocks has their marks, but no secret.
                keywords[at].is_seed |= rule.is_reported() && !rule.is_block;
            }
        }
        for text in &distant_words {
            let at = *indexes.entry(text.as_str()).or_insert_with(|| {
                keywords.push(Keyword { is_in_run: false, ..Keyword::new(text) });
                keywords.len() - 1
            });
            keywords[at].is_distant = true;
        }
        // A keyword in runs that makes a file a seed by itself is also looked for everywhere.
        let is_alone = |keyword: &&Keyword| {
            keyword.is_seed && keyword.is_in_run && keyword.text.len() >= SHORTEST_SEED
        };
        let alone: Vec<Vec<u8>> = match words {
            [] => Vec::new(),
            _ => keywords.iter().filter(is_alone).map(|keyword| keyword.text.clone()).collect(),
        };
        let words = words.iter().map(|word| word.clone().into_bytes());
        for text in alone.into_iter().chain(words).filter(|word| !word.is_empty()) {
            keywords.push(Keyword { text, is_in_run: false, is_seed: true, ..Keyword::new("") });
        }
        let marker = Keyword { is_in_run: false, is_marker: true, ..Keyword::new(MARKER) };
        keywords.push(marker);
        let looks_around = rules.rules.iter().filter(|rule| is_searched(rule)).any(|rule| {
            let nearby = rule.nearby.as_ref();
            let tells = rule.pair.as_ref().is_some_and(|pair| pair.tells);
            tells || nearby.is_some_and(|nearby| nearby.within_lines.is_some())
        });
        let names = NameWords::new(rules, is_searched);
        let begin_keys =
            rules.rules.iter().filter(|rule| is_searched(rule) && rule.keyword_places.begins_key);
        let heads = begin_keys.flat_map(|rule| &*rule.keywords).map(|word| word.as_bytes());
        let heads = KeyHeads::new(heads);
        Self {
            names,
            heads,
            distant,
            looks_around,
            ..Self::of(keywords, rules.decode_depth.min(WORD_DEPTH))
        }
    }

    fn of(keywords: Vec<Keyword>, depth: usize) -> Self {
        let plain = (0..).zip(&keywords);
        let mut needles: Vec<Needle> = plain
            .map(|(keyword, Keyword { text, .. })| Needle {
                text: beginning(text).to_vec(),
                keyword,
                steps: Vec::new(),
            })
            .collect();
        // Most are eight more words when they are encoded once.
        needles.reserve(8 * keywords.iter().filter(|own| !own.rules.is_empty()).count());
        for (keyword, Keyword { text, rules, .. }) in keywords.iter().enumerate() {
            // Words that belong to no rule are names and hosts.
            let depth = if rules.is_empty() { 0 } else { depth };
            let is_long = keywords[keyword].is_in_run;
            let shortest = if is_long { SHORTEST_ANCHOR } else { encoded_keywords::SHORTEST };
            let encoded = encoded_keywords::encoded(text, depth, shortest).into_iter();
            needles.extend(encoded.map(|encoded| {
                let encoded_keywords::EncodedKeyword { text, steps } = encoded;
                Needle { text: beginning(&text).to_vec(), keyword, steps }
            }));
        }
        let (mut at_starts, mut in_base64, mut in_hex) = (Vec::new(), Vec::new(), Vec::new());
        let (mut in_runs, mut anywhere) = (Vec::new(), Vec::new());
        for (number, needle) in (0..).zip(&needles) {
            let keyword = &keywords[needle.keyword];
            let anchored = |anchor| AnchoredWord { number, anchor, text: &needle.text };
            match anchor(needle, keyword) {
                _ if is_base64_word(keyword, needle) => in_base64.push(anchored(0)),
                Some(anchor) => at_starts.push(anchored(anchor)),
                None if is_hex_word(keyword, needle) => in_hex.push(anchored(0)),
                None if is_run_word(keyword, needle) && needle.text.len() >= SHORTEST_ANCHOR => {
                    in_runs.push(anchored(0));
                }
                None => anywhere.push(number),
            }
        }
        if in_runs.len() + anywhere.len() <= FEW {
            anywhere.extend(in_runs.drain(..).map(|word| word.number));
        }
        let text = |number: &u32| needles[*number as usize].text.clone();
        let narrow: Vec<_> = anywhere.iter().map(text).collect();
        let [at_starts, in_base64, in_hex, in_runs] =
            [at_starts, in_base64, in_hex, in_runs].map(|words| WordTable::new(&words));
        let narrow = Searcher::new(&narrow);
        let longest = |needles: &[Needle]| needles.iter().map(|needle| needle.text.len()).max();
        let longest_wide = 2 * longest(&needles[..keywords.len()]).unwrap_or(0);
        let longest_narrow = longest(&needles).unwrap_or(0);
        let longest = longest_wide.max(longest_narrow);
        Self {
            keywords,
            needles,
            at_starts,
            in_base64,
            in_hex,
            in_runs,
            narrow,
            anywhere,
            wide: OnceLock::new(),
            longest,
            longest_narrow,
            names: NameWords::default(),
            heads: KeyHeads::new(std::iter::empty()),
            distant: Vec::new(),
            looks_around: false,
        }
    }

    fn keyword(&self, hit: KeywordHit) -> &Keyword {
        &self.keywords[self.needles[hit.needle].keyword]
    }

    /// The rules that have the keyword of this hit.
    pub(super) fn rules(&self, hit: KeywordHit) -> &[KeywordRule] {
        &self.keyword(hit).rules
    }

    /// The words of rules whose keys have no keyword.
    pub(super) fn names(&self) -> &NameWords {
        &self.names
    }

    /// The keywords that keys begin with.
    pub(super) fn heads(&self) -> &KeyHeads {
        &self.heads
    }

    /// True if a text with this hit may involve a secret.
    pub(super) fn makes_seed(&self, hit: KeywordHit) -> bool {
        let keyword = self.keyword(hit);
        // A name beside a key says less than the beginning of one.
        let is_telling = keyword.is_in_run && keyword.text.len() >= SHORTEST_SEED;
        keyword.is_seed && (keyword.rules.is_empty() || is_telling)
    }

    /// False if no rule whose keys are reported has the keyword, or the bytes beside it on its line rule
    /// out a match of each.
    pub(super) fn may_match_near(&self, rules: &Ruleset, text: &[u8], hit: KeywordHit) -> bool {
        let keyword = self.keyword(hit);
        // Of a keyword that is longer than the word, the rest is not compared here.
        let is_whole = keyword.text.len() <= LONGEST_WORD;
        let is_plain = !hit.wide && self.steps(hit).is_empty() && is_whole;
        let end = hit.start + keyword.text.len();
        let may_match = |own: &KeywordRule| {
            let rule = &rules[own.index];
            let may_be_near = || {
                let around = own.around(rule, &keyword.text);
                around.is_none_or(|around| around.fit_line(text, hit.start, end))
            };
            rule.is_reported() && (!is_plain || rule.block.is_some() || may_be_near())
        };
        keyword.is_distant || keyword.rules.iter().any(may_match)
    }

    /// False if a hit has only the beginning of its keyword.
    pub(super) fn is_whole(&self, text: &[u8], hit: KeywordHit) -> bool {
        let keyword = &self.keyword(hit).text;
        if keyword.len() <= LONGEST_WORD || !self.steps(hit).is_empty() {
            return true;
        }
        let rest = text.get(hit.start..).unwrap_or_default();
        match hit.wide {
            true => rest.starts_with(&widened(keyword)),
            false => rest.starts_with(keyword),
        }
    }

    /// The bytes before the word of this hit, and after it, that decide whether it is passed on.
    pub(super) fn context(&self, hit: KeywordHit) -> (usize, usize) {
        let (keyword, needle) = (self.keyword(hit), &self.needles[hit.needle]);
        if hit.wide {
            return (0, 0);
        }
        if is_base64_word(keyword, needle) {
            return (BASE64_CONTEXT, BASE64_CONTEXT);
        }
        let in_run = if is_run_word(keyword, needle) { SHORTEST_VALUE } else { 0 };
        let at_start = if anchor(needle, keyword) == Some(0) { CONTEXT } else { 0 };
        let followed = if needle.steps.is_empty() { FOLLOWED } else { NEAR };
        (in_run.max(at_start).max(NEAR), in_run.max(followed))
    }

    /// True if any rule looks some lines away.
    pub(super) fn looks_around(&self) -> bool {
        self.looks_around
    }

    /// Rules without keywords whose keys may be told by what stands some lines away.
    pub(super) fn distant(&self) -> &[RuleIndex] {
        &self.distant
    }

    /// True if this hit may tell a key some lines away.
    pub(super) fn is_distant(&self, hit: KeywordHit) -> bool {
        self.keyword(hit).is_distant
    }

    /// True if this hit may be a marker of keyside.
    pub(super) fn is_marker(&self, hit: KeywordHit) -> bool {
        self.keyword(hit).is_marker
    }

    /// The keyword of this hit.
    pub(super) fn text(&self, hit: KeywordHit) -> &[u8] {
        &self.keyword(hit).text
    }

    /// The decoders for this hit, from the outside in.
    pub(super) fn steps(&self, hit: KeywordHit) -> &[EncodingStep] {
        &self.needles[hit.needle].steps
    }

    /// The most bytes of a word, and around it, that decide whether it is passed on.
    pub(super) fn longest_with_context(&self) -> usize {
        let around = (CONTEXT + SHORTEST_VALUE.max(FOLLOWED)).max(2 * BASE64_CONTEXT);
        self.longest_narrow + around
    }

    /// Length in bytes of the word of this hit.
    pub(super) fn length(&self, hit: KeywordHit) -> usize {
        let length = self.needles[hit.needle].text.len();
        if hit.wide { 2 * length - 1 } else { length }
    }

    /// Length in bytes of the longest word, as UTF-16 if that is searched for.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// False if a word at `start` has to be in a run of values and is not.
    fn is_in_its_run(&self, needle: usize, text: &[u8], start: usize) -> bool {
        let word = &self.needles[needle];
        let is_run_word = is_run_word(&self.keywords[word.keyword], word);
        !is_run_word || is_in_long_run(text, start..start + word.text.len())
    }

    /// Passes on every keyword of `text` that begins in `range`, in no particular order. Of keywords
    /// that are in a run of values in every match, those outside runs are left out, and of keywords that
    /// begin words, those that are not at a `place` for them. If rules need names, runs that begin in
    /// the range are passed on, too.
    pub(super) fn events(
        &self,
        text: &[u8],
        range: Range<usize>,
        place: KeywordPlace,
        each: &mut dyn FnMut(PrefilterEvent),
    ) {
        let control = last_control(&text[..range.start.min(text.len())]);
        self.words(text, range, place, control, &mut |event| {
            let is_whole = match &event {
                PrefilterEvent::Keyword(hit) => self.is_whole(text, *hit),
                PrefilterEvent::Run(_) => true,
            };
            if is_whole {
                each(event);
            }
        });
    }

    /// The same for beginnings of keywords, too, where `control` is the
    /// [last control character](last_control) before the range. Returns true if there is one in it or
    /// near it.
    pub(super) fn words(
        &self,
        text: &[u8],
        range: Range<usize>,
        place: KeywordPlace,
        control: Option<usize>,
        each: &mut dyn FnMut(PrefilterEvent),
    ) -> bool {
        use PrefilterEvent::{Keyword, Run};
        let pass_on = |number: u32, start: usize, each: &mut dyn FnMut(PrefilterEvent)| {
            let needle = number as usize;
            if range.contains(&start) && self.is_in_its_run(needle, text, start) {
                each(Keyword(KeywordHit { needle, start, wide: false }));
            }
        };
        self.narrow.find(text, &range, |nth, start| pass_on(self.anywhere[nth], start, each));
        let look = |table: &WordTable, at: Range<usize>, each: &mut dyn FnMut(PrefilterEvent)| {
            table.within(text, at, &mut |number, start| pass_on(number, start, each));
        };
        // The anchor of a word may be behind the range in which the word begins, and so may what tells
        // that it is encoded.
        let reach = self.at_starts.furthest().max(BASE64_CONTEXT);
        let anchors = range.start..text.len().min(range.end + reach);
        let mut searched = range.start;
        if matches!(place, KeywordPlace::Anywhere) {
            look(&self.at_starts, anchors.clone(), each);
        }
        let has_control = text_places(text, &anchors, control, |found| match found {
            TextPlace::WordStarts(block, starts) => {
                if matches!(place, KeywordPlace::WordStart) {
                    let mut pass_on = |number, start| pass_on(number, start, each);
                    self.at_starts.at_places(text, block, starts, &mut pass_on);
                }
            }
            TextPlace::Encoded(at) => {
                // A keyword may begin in the four characters before the first whole four.
                let from = searched.max(at.saturating_sub(4));
                let to = range.end.min(at + ENCODED);
                look(&self.in_base64, from..to, each);
                searched = searched.max(to);
            }
            TextPlace::Run(run) => {
                let within = |run: Range<usize>| run.start.max(range.start)..run.end.min(range.end);
                if !self.in_runs.is_empty() {
                    look(&self.in_runs, within(run.clone()), each);
                }
                if !self.in_hex.is_empty() {
                    hex_runs(text, &run, |hex| look(&self.in_hex, within(hex), each));
                }
                if range.contains(&run.start) && is_beginning(text, run.start) {
                    each(Run(run));
                }
            }
        });
        // UTF-16 needs zero bytes, which ordinary text does not have.
        let end = text.len().min(range.end + self.longest);
        let unknown = if has_control { range.start } else { anchors.end };
        if memchr::memchr(0, &text[unknown.min(end)..end]).is_some() {
            // The keywords are the first of the needles.
            self.wide().find(text, &range, |needle, start| {
                each(Keyword(KeywordHit { needle, start, wide: true }));
            });
        }
        has_control
    }

    /// Passes on every keyword that begins in `range`, also outside runs, by looking for one after the
    /// other.
    pub(super) fn all_hits(
        &self,
        text: &[u8],
        range: Range<usize>,
        mut each: impl FnMut(KeywordHit),
    ) {
        let end = text.len().min(range.end + self.longest);
        let part = &text[range.start.min(end)..end];
        let mut each = |hit| {
            if self.is_whole(text, hit) {
                each(hit);
            }
        };
        for (needle, word) in self.needles.iter().enumerate() {
            for at in memchr::memmem::find_iter(part, &word.text) {
                let start = range.start + at;
                if start < range.end {
                    each(KeywordHit { needle, start, wide: false });
                }
            }
        }
        if memchr::memchr(0, part).is_some() {
            self.wide().find(text, &range, |needle, start| {
                each(KeywordHit { needle, start, wide: true });
            });
        }
    }

    fn wide(&self) -> &Searcher {
        self.wide.get_or_init(|| {
            let words = self.keywords.iter().map(|keyword| widened(beginning(&keyword.text)));
            Searcher::new(&words.collect::<Vec<_>>())
        })
    }
}

/// The part of a word that is looked for.
fn beginning(word: &[u8]) -> &[u8] {
    &word[..word.len().min(LONGEST_WORD)]
}

/// True if a word is in a run of values in every match. Encoded text is longer than what it encodes.
fn is_run_word(keyword: &Keyword, needle: &Needle) -> bool {
    let is_in_run = keyword.is_in_run || keyword.is_long && !needle.steps.is_empty();
    is_in_run && needle.text.iter().all(|byte| is_value(*byte))
}

/// True if a word is the keyword of a long key in base64: it stands in text that looks like it.
fn is_base64_word(keyword: &Keyword, needle: &Needle) -> bool {
    let is_long = keyword.is_in_run && needle.text.len() >= SHORTEST_ANCHOR;
    is_long && encoded_keywords::is_base64(&needle.steps)
}

/// True if a word is an encoded keyword of hexadecimal digits.
fn is_hex_word(keyword: &Keyword, needle: &Needle) -> bool {
    let is_hex = needle.text.iter().all(u8::is_ascii_hexdigit);
    is_hex && keyword.is_long && matches!(needle.steps[..], [EncodingStep::Hex])
}

/// The offset in a word of the first bytes that always begin a word of the text, if there are some.
fn anchor(needle: &Needle, keyword: &Keyword) -> Option<u32> {
    let text = &needle.text[..];
    let is_anchor = |at: &usize| {
        text[*at].is_ascii_alphanumeric()
            && text[at + 1..at + SHORTEST_ANCHOR].iter().all(|byte| is_value(*byte))
            && match at {
                // Encoded words begin anywhere.
                0 => keyword.begins_word && needle.steps.is_empty(),
                _ => begins_word(text, *at),
            }
    };
    let offsets = 0..(text.len() + 1).saturating_sub(SHORTEST_ANCHOR);
    offsets.into_iter().find(is_anchor).map(|at| at as u32)
}

/// The rules without keywords whose keys may be told by what stands some lines away.
fn distant(rules: &Ruleset, is_searched: fn(&Rule) -> bool) -> Vec<RuleIndex> {
    let is_distant = |rule: &Rule| {
        let looks_far = rule.nearby.as_ref().is_some_and(Nearby::looks_far);
        let tells = rule.pair.as_ref().is_some_and(|pair| pair.tells);
        is_searched(rule) && rule.keywords.is_empty() && (looks_far || tells)
    };
    let all = (0..).map(RuleIndex).zip(&rules.rules);
    all.filter(|(_, rule)| is_distant(rule)).map(|(index, _)| index).collect()
}

/// The words that may stand lines away from a rule's keys: its own, if it looks so far, and those of the
/// other key of a pair.
fn distant_words(rules: &Ruleset, rule: &Rule) -> Vec<String> {
    let spellings = |rule: &Rule| rule.nearby.as_ref().map(Nearby::spellings).unwrap_or_default();
    let looks_far = rule.nearby.as_ref().is_some_and(Nearby::looks_far);
    let mut words = if looks_far { spellings(rule) } else { Vec::new() };
    let others = rule.pair.iter().filter(|pair| pair.tells).flat_map(|pair| &pair.rules);
    for other in others.map(|&other| &rules[other]) {
        match &*other.keywords {
            [] => words.extend(spellings(other)),
            keywords => words.extend(keywords.iter().cloned()),
        }
    }
    words
}

impl Keyword {
    fn new(text: &str) -> Self {
        let text = text.as_bytes().to_vec();
        let rules = Vec::new();
        Self {
            text,
            rules,
            is_seed: false,
            is_in_run: true,
            begins_word: true,
            is_long: true,
            is_distant: false,
            is_marker: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    fn prefilter(words: &[Vec<u8>]) -> Prefilter {
        let keyword = |text: &Vec<u8>| Keyword {
            text: text.clone(),
            is_in_run: false,
            begins_word: false,
            ..Keyword::new("")
        };
        Prefilter::of(words.iter().map(keyword).collect(), 0)
    }

    /// Start, keyword and width of every hit.
    fn told(words: &[Vec<u8>], text: &[u8], range: Range<usize>) -> Vec<(bool, usize, usize)> {
        let mut told = Vec::new();
        prefilter(words).events(text, range, KeywordPlace::WordStart, &mut |event| {
            if let PrefilterEvent::Keyword(hit) = event {
                told.push((hit.wide, hit.start, hit.needle));
            }
        });
        told
    }

    fn naive(words: &[Vec<u8>], text: &[u8], range: Range<usize>) -> Vec<(bool, usize, usize)> {
        let mut all = Vec::new();
        for is_wide in [false, true] {
            for start in range.clone() {
                for (keyword, word) in words.iter().enumerate() {
                    let bytes = if is_wide { widened(word) } else { word.clone() };
                    if text[start..].starts_with(&bytes) {
                        all.push((is_wide, start, keyword));
                    }
                }
            }
        }
        all
    }

    /// Words over few letters, so that they often overlap and begin alike; some sets are small
    /// enough for one searcher, others are not, and the shortest word has 2 to 9 letters.
    fn words() -> impl Strategy<Value = Vec<Vec<u8>>> {
        (2..=9usize, prop_oneof![1..8usize, 40..90usize]).prop_flat_map(|(shortest, count)| {
            let letter = prop::sample::select(&b"abc_-sk1"[..]);
            btree_set(vec(letter, shortest..=9.max(shortest + 2)), 1..=count)
                .prop_map(|set| set.into_iter().collect())
                .prop_shuffle()
        })
    }

    /// Words, truncated words, letters and zeros, as single bytes and as UTF-16.
    fn text(words: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
        let part = (
            prop::sample::select(words),
            0..12usize,
            any::<bool>(),
            vec(prop::sample::select(&b"abc_-sk1\0\n"[..]), 0..6),
        )
            .prop_map(|(word, length, is_wide, mut part)| {
                let word = &word[..length.min(word.len())];
                part.extend(if is_wide { widened(word) } else { word.to_vec() });
                part
            });
        vec(part, 0..30).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn hits_are_those_of_a_naive_search(
            (words, text, from, to) in words().prop_flat_map(|words| {
                (Just(words.clone()), text(words), 0.0..=1.0, 0.0..=1.0)
            })
        ) {
            let at = |part: f64| (part * text.len() as f64) as usize;
            let range = at(f64::min(from, to))..at(f64::max(from, to));
            let told = told(&words, &text, range.clone());
            let mut sorted = told;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, naive(&words, &text, range));
        }
    }

    proptest! {
        #[test]
        fn short_keywords_are_found_in_base64(
            word in "[a-z]{2,4}[_.-]",
            before in "[ -~]{0,9}",
            body in "[0-9A-Za-z_-]{13,40}",
            after in "[ -~]{0,9}",
            around in "[a-z =:\"]{0,70}",
            is_for_urls in any::<bool>(),
        ) {
            let rules = vec![KeywordRule { index: RuleIndex(0), around: OnceLock::new() }];
            let keyword = Keyword { rules, ..Keyword::new(&word) };
            let prefilter = Prefilter::of(vec![keyword], 1);
            let text = format!("{before}{word}{body}{after}");
            let code = match is_for_urls {
                true => data_encoding::BASE64URL_NOPAD,
                false => data_encoding::BASE64,
            };
            let encoded = format!("{around} {} {around}", code.encode(text.as_bytes()));
            let bytes = encoded.as_bytes();
            // Bits of the first character that belong to what is before the keyword do not count.
            let expected = around.len() + 1 + (8 * before.len()).div_ceil(6);
            let mut is_found = false;
            prefilter.events(bytes, 0..bytes.len(), KeywordPlace::WordStart, &mut |event| {
                if let PrefilterEvent::Keyword(hit) = event {
                    is_found |= hit.start == expected && prefilter.steps(hit).len() == 1;
                }
            });
            prop_assert!(is_found, "{encoded}");
        }
    }

    #[test]
    fn a_set_without_keywords_has_no_hits() {
        assert_eq!(told(&[], b"sk_v1_\0", 0..7), []);
    }
}
