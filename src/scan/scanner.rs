//! One pass over a text: keyword, pattern, filters.

use std::borrow::Cow;
use std::ops::Range;

use super::filters::{Candidate, Rejection, reject, shape};
use super::prefilter::{Hit, Prefilter};
use super::wide;
use crate::model::Secret;
use crate::rules::{MAX_MATCH, Rule, Ruleset};
use crate::source::{Encoding, Piece};

/// How many bytes round a match the filters and look-around of a pattern may see.
const MARGIN: usize = 40;

/// How far from a key's line another key can begin that reaches into what is shown of it.
const NEAR: usize = 2 * MAX_MATCH + 1024;

/// A key in a text.
#[derive(Debug)]
pub struct Match<'r> {
    /// Index of its rule in [`Ruleset::rules`].
    pub index: usize,
    /// Its rule.
    pub rule: &'r Rule,
    /// Where its bytes are in the text; in UTF-16, two for each character.
    pub span: Range<usize>,
    /// The key.
    pub secret: Secret,
    /// Where in the key its random part is.
    pub body: Range<usize>,
}

/// What came of one keyword hit under one rule.
#[derive(Debug)]
pub struct Attempt<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The keyword that hit.
    pub keyword: &'r str,
    /// Offset in bytes of the keyword.
    pub start: usize,
    /// What came of it.
    pub outcome: Outcome<'r>,
}

/// What a rule says of the text round one of its keywords.
#[derive(Debug)]
pub enum Outcome<'r> {
    /// The pattern does not fit.
    NoMatch,
    /// The pattern fits, but it is no key.
    Rejected(Match<'r>, Rejection),
    /// It is a key.
    Key(Match<'r>),
}

/// Searches texts for the keys of a rule set. Cheap to share between threads.
#[derive(Debug)]
pub struct Scanner<'r> {
    rules: &'r Ruleset,
    prefilter: Prefilter,
}

impl<'r> Scanner<'r> {
    /// A scanner for `rules`. No pattern is compiled before its keyword hits.
    pub fn new(rules: &'r Ruleset) -> Self {
        Self {
            rules,
            prefilter: Prefilter::new(rules),
        }
    }

    /// Whether any keyword stands in a text: `false` means that it holds no key.
    pub fn has_keyword(&self, text: &[u8]) -> bool {
        let mut any = false;
        self.prefilter.hits(text, 0..text.len(), |_| any = true);
        any
    }

    /// Every key whose keyword begins in the piece's fresh part, by place; and everything else
    /// near them that could be one, so that it can be masked.
    pub fn find(&self, piece: &Piece<'_>) -> Found<'r> {
        let mut found = Found::default();
        let fresh = piece.fresh();
        self.attempts(piece.bytes, fresh.clone(), piece.encoding, |attempt| {
            if let Outcome::Key(key) = attempt.outcome {
                found.keys.push(key);
            }
        });
        let starts = found.keys.iter().map(|key| key.span.start);
        if let (Some(first), Some(last)) = (starts.clone().min(), starts.max()) {
            let start = first.saturating_sub(NEAR);
            let end = (last + NEAR).min(piece.bytes.len());
            self.attempts(
                piece.bytes,
                start..end,
                piece.encoding,
                |attempt| match attempt.outcome {
                    Outcome::NoMatch => {}
                    Outcome::Rejected(other, Rejection::InsideWord) if !other.is_random() => {}
                    Outcome::Rejected(other, _) => found.masked.push(other),
                    Outcome::Key(key) if fresh.contains(&attempt.start) => drop(key),
                    Outcome::Key(other) => found.masked.push(other),
                },
            );
        }
        found.finish();
        found
    }

    /// A remark with every key in it masked.
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
        for key in &self.find(&Piece::whole(text)).keys {
            if key.span.start >= at {
                masked.extend_from_slice(&text[at..key.span.start]);
                masked.extend_from_slice(key.secret.masked().as_bytes());
            }
            at = at.max(key.span.end);
        }
        masked.extend_from_slice(&text[at..]);
        Cow::Owned(masked)
    }

    /// What every keyword hit in `range` came to, in the order of the hits.
    pub fn attempts(
        &self,
        text: &[u8],
        range: Range<usize>,
        encoding: Encoding,
        mut each: impl FnMut(Attempt<'r>),
    ) {
        self.prefilter.hits(text, range, |hit| {
            for &index in self.prefilter.rules(hit.keyword) {
                let rule = &self.rules.rules[index];
                let keyword = self.prefilter.text(hit.keyword);
                let keyword = rule.keywords.iter().find(|k| k.as_bytes() == keyword);
                each(Attempt {
                    rule,
                    keyword: keyword.map_or("", String::as_str),
                    start: hit.start,
                    outcome: self.examine(text, hit, index, encoding),
                });
            }
        });
    }

    /// Tries the pattern of one rule round one hit.
    fn examine(&self, text: &[u8], hit: Hit, index: usize, encoding: Encoding) -> Outcome<'r> {
        let rule = &self.rules.rules[index];
        let matcher = rule.pattern.matcher();
        let keyword = self.prefilter.length(hit.keyword);
        // A match that holds the keyword begins and ends within `longest` of it; the margin lets
        // filters and look-around see what is outside.
        let reach = matcher.longest.saturating_sub(keyword);
        let (before, after) = (reach + MARGIN, keyword + reach + MARGIN);
        let window = if hit.wide {
            let run = wide::run(text, hit.start, keyword, before, after, encoding);
            Window {
                text: Cow::Owned(run.text),
                at: run.at,
                start: run.start,
                width: 2,
            }
        } else {
            let start = hit.start.saturating_sub(before);
            let end = text.len().min(hit.start + after);
            let text = Cow::Borrowed(&text[start..end]);
            Window {
                text,
                at: hit.start - start,
                start,
                width: 1,
            }
        };
        let mut from = window.at.saturating_sub(reach);
        while let Some(groups) = matcher.regex.captures_at(&window.text, from) {
            let whole = groups.get(0).expect("group 0 is the match itself");
            if whole.start() > window.at {
                break;
            }
            if whole.end() >= window.at + keyword {
                return match (groups.get(matcher.secret), groups.get(matcher.body)) {
                    (Some(secret), Some(body)) => {
                        self.judge(&window, secret.range(), body.range(), index)
                    }
                    _ => Outcome::NoMatch,
                };
            }
            // A match before the keyword; the one round it may overlap.
            from = whole.start() + 1;
        }
        Outcome::NoMatch
    }

    fn judge(
        &self,
        window: &Window<'_>,
        secret: Range<usize>,
        body: Range<usize>,
        index: usize,
    ) -> Outcome<'r> {
        let rule = &self.rules.rules[index];
        let text = &window.text;
        let closed_at = comment_close(text, secret.end);
        let may_go_on = closed_at.is_none();
        let secret = secret.start..closed_at.unwrap_or(secret.end);
        let body = body.start..body.end.min(secret.end);
        let key = Match {
            index,
            rule,
            span: window.start + window.width * secret.start
                ..window.start + window.width * secret.end,
            secret: Secret::new(&text[secret.clone()], fixed_prefix(rule, &secret, &body)),
            body: body.start.saturating_sub(secret.start)..body.end.saturating_sub(secret.start),
        };
        let candidate = Candidate {
            text,
            secret,
            body,
            may_go_on,
        };
        match reject(candidate, &rule.constraints) {
            Some(rejection) => Outcome::Rejected(key, rejection),
            None => Outcome::Key(key),
        }
    }
}

/// What a pass over a piece has found.
#[derive(Debug, Default)]
pub struct Found<'r> {
    /// The keys, by place.
    pub keys: Vec<Match<'r>>,
    /// What else near them fits a pattern, by place: keys of neighbouring pieces, and what a
    /// filter turned away, rightly or not. It is masked wherever it would be shown.
    masked: Vec<Match<'r>>,
    /// The longest of them all, in bytes.
    longest: usize,
}

impl<'r> Found<'r> {
    fn finish(&mut self) {
        let order = |key: &Match<'_>| (key.span.start, key.span.end, key.index);
        for list in [&mut self.keys, &mut self.masked] {
            list.sort_by_key(order);
            // Two keywords inside one match find it twice.
            list.dedup_by_key(|key| order(key));
        }
        let all = self.keys.iter().chain(&self.masked);
        self.longest = all.map(|key| key.span.len()).max().unwrap_or(0);
    }

    /// Everything that must not be shown of the bytes in `range`.
    pub(super) fn within(&self, range: &Range<usize>) -> impl Iterator<Item = &Match<'r>> {
        let from = range.start.saturating_sub(self.longest);
        [&self.keys, &self.masked]
            .into_iter()
            .flat_map(move |list| {
                let first = list.partition_point(|key| key.span.start < from);
                let end = range.end;
                list[first..]
                    .iter()
                    .take_while(move |key| key.span.start < end)
            })
    }
}

impl Match<'_> {
    fn is_random(&self) -> bool {
        self.secret
            .reveal()
            .get(self.body.clone())
            .is_some_and(|body| shape(body).is_random())
    }
}

/// The text that a pattern is tried on.
struct Window<'t> {
    text: Cow<'t, [u8]>,
    /// Where the keyword begins in it.
    at: usize,
    /// Where it begins in the whole text, in bytes.
    start: usize,
    /// Bytes of the whole text for each of its own.
    width: usize,
}

/// Where the `-->` of a comment begins that the match has run into, or stands right before:
/// its hyphens look like the end of a key.
fn comment_close(text: &[u8], end: usize) -> Option<usize> {
    (end.saturating_sub(2)..=end).find(|&at| text[at..].starts_with(b"-->"))
}

/// How much of a secret is the same in every key of its rule, and so may be shown.
fn fixed_prefix(rule: &Rule, secret: &Range<usize>, body: &Range<usize>) -> usize {
    let longest_keyword = rule.keywords.iter().map(String::len).max().unwrap_or(0);
    body.start.saturating_sub(secret.start).min(longest_keyword)
}
