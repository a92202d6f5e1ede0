//! Literals that a call changes into a key: a part is taken out or replaced (`"sk_#v1_…".replace("#", "")`, `| sed s/#//`,
//! `${KEY//#/}`), they are split and joined, or a list is turned round.

use std::ops::Range;

use memchr::memmem;

use super::decoded_text::{DecodedText, PieceForm};
use super::join_names::{is_blank, is_quote};
use super::joined::{BEFORE, JoinedTexts};
use crate::model::EncodingLayer;
use crate::rules::is_value;

/// The longest literal that is changed, and the longest part that is taken out.
const LONGEST: usize = 512;
const LONGEST_PART: usize = 40;

/// How far on either side of a literal what is called may stand.
const NEAR: usize = 48;

/// The most parts of a list that is turned round, or of a literal.
const MOST_PARTS: usize = 64;

/// Methods and operators behind a literal that replace a part of it, with a second argument or without.
const REPLACING: &[&[u8]] = &[
    b".replace(",
    b".replaceAll(",
    b".replace_all(",
    b".Replace(",
    b".gsub(",
    b":gsub(",
    b".sub(",
    b".delete(",
    b".remove(",
    b".replacingOccurrences(of:",
    b" -replace ",
    b" | tr -d ",
];

/// Those that split it.
const SPLITTING: &[&[u8]] = &[b".split(", b".Split(", b" -split ", b".components(separatedBy:"];

/// Functions whose first argument is the literal, and those whose last one is.
const REPLACED_FIRST: &[&[u8]] = &[b"replace(", b"replaceall("];
const REPLACED_LAST: &[&[u8]] = &[b"str_replace(", b"re.sub(", b"gsub("];
const SPLIT_FIRST: &[&[u8]] = &[b"strings.split("];
const SPLIT_LAST: &[&[u8]] = &[b"explode(", b"split("];

/// Words near a literal that is split and put together again, in small letters.
const PUTTING: &[&[u8]] = &[b"join", b"concat", b"implode", b"collect"];

/// A part of a literal, and what stands in its place.
struct LiteralChange<'t> {
    part: &'t [u8],
    /// The place of the other text, if there is any.
    other: Option<Range<usize>>,
}

impl<'t> JoinedTexts<'_, 't> {
    /// Reads the literal whose quote at `open` is followed by a head of a key, if a call changes it. False if none
    /// does.
    pub(super) fn reshaped(&mut self, open: usize, quote: u8) -> bool {
        let Some(content) = self.literal_at(open, quote) else { return false };
        let texts = [
            self.change(open, &content).and_then(|change| self.changed_by(&content, &change)),
            self.as_replacement(open, &content),
            self.turned_list(open, &content),
        ];
        let Some(text) = texts.into_iter().flatten().next() else { return false };
        self.found.push(text);
        true
    }

    /// The place of the content of the literal whose quote is at `open`.
    fn literal_at(&self, open: usize, quote: u8) -> Option<Range<usize>> {
        let rest = &self.text[open + 1..self.text.len().min(open + 1 + LONGEST)];
        let length = memchr::memchr2(quote, b'\n', rest)?;
        (rest[length] == quote).then_some(open + 1..open + 1 + length)
    }

    /// The place of the content of the literal that ends before `end`.
    fn literal_before(&self, end: usize) -> Option<Range<usize>> {
        let close = end.checked_sub(1)?;
        let quote = self.text[close];
        let from = close.saturating_sub(LONGEST);
        let open = memchr::memrchr2(quote, b'\n', &self.text[from..close])?;
        (is_quote(quote) && self.text[from + open] == quote).then_some(from + open + 1..close)
    }

    /// The change that a call makes to a literal, whose quote is at `open`.
    fn change(&self, open: usize, content: &Range<usize>) -> Option<LiteralChange<'t>> {
        let close = content.end + 1;
        let rest = &self.text[close..self.text.len().min(close + NEAR)];
        let bracket = usize::from(rest.first() == Some(&b')'));
        let of = |names: &[&[u8]]| {
            let own = names.iter().find(|name| rest[bracket..].starts_with(name));
            own.map(|name| close + bracket + name.len())
        };
        if let Some(at) = of(REPLACING) {
            return self.replaced(at);
        }
        if let Some(at) = of(&[b" | sed ", b" |sed ", b"|sed "]) {
            return self.edited(at);
        }
        if let Some(at) = of(SPLITTING).filter(|_| self.is_put_together(open, content.end)) {
            return self.argument_part(at).map(|(part, _)| LiteralChange { part, other: None });
        }
        let before = self.before(open);
        let call = |names: &[&[u8]]| names.iter().any(|name| ends_with_word(before, name));
        let comma = || (rest.first() == Some(&b',')).then_some(close + 1);
        if call(REPLACED_FIRST) {
            return self.replaced(comma()?);
        }
        if call(SPLIT_FIRST) && self.is_put_together(open, content.end) {
            return self
                .argument_part(comma()?)
                .map(|(part, _)| LiteralChange { part, other: None });
        }
        self.change_before(open, content)
    }

    /// The change that a call makes to its last argument.
    fn change_before(&self, open: usize, content: &Range<usize>) -> Option<LiteralChange<'t>> {
        let second = self.argument_before(open)?;
        let call = |at: usize, names: &[&[u8]]| {
            let before = self.before(at);
            names.iter().any(|name| ends_with_word(before, name))
        };
        if call(second.start - 1, SPLIT_LAST) && self.is_put_together(second.start, content.end) {
            return Some(LiteralChange { part: pattern_text(&self.text[second])?, other: None });
        }
        let first = self.argument_before(second.start - 1)?;
        call(first.start - 1, REPLACED_LAST).then_some(())?;
        let part = pattern_text(&self.text[first])?;
        Some(LiteralChange { part, other: Some(second).filter(|own| !own.is_empty()) })
    }

    /// The change that the arguments at `at` name: a part, and what replaces it.
    fn replaced(&self, at: usize) -> Option<LiteralChange<'t>> {
        let (part, end) = self.argument_part(at)?;
        let comma = self.skip_blanks(end);
        let other = (self.byte(comma) == b',').then(|| self.skip_blanks(comma + 1));
        let other = other.map(|at| at + label(&self.text[at..]));
        let other =
            other.and_then(|at| self.literal_at(at, Some(self.byte(at)).filter(|b| is_quote(*b))?));
        Some(LiteralChange { part, other: other.filter(|own| !own.is_empty()) })
    }

    /// The change of the script at `at`, as in `sed -e 's/#//g'`.
    fn edited(&self, at: usize) -> Option<LiteralChange<'t>> {
        let script = &self.text[at..self.text.len().min(at + 2 * LONGEST_PART)];
        let rest = [&b"-e "[..], b"-E ", b"-r "]
            .iter()
            .find_map(|own| script.strip_prefix(*own))
            .unwrap_or(script);
        let rest = rest.strip_prefix(b"'").or(rest.strip_prefix(b"\"")).unwrap_or(rest);
        let (sign, rest) = rest.strip_prefix(b"s")?.split_first()?;
        sign.is_ascii_punctuation().then_some(())?;
        let length = memchr::memchr(*sign, rest)?;
        let (part, rest) = (&rest[..length], &rest[length + 1..]);
        let length = memchr::memchr2(*sign, b'\n', rest).filter(|&end| rest[end] == *sign)?;
        let from = at + script.len() - rest.len();
        Some(LiteralChange {
            part: pattern_text(part)?,
            other: Some(from..from + length).filter(|own| !own.is_empty()),
        })
    }

    /// The key that a use of a variable at `place` makes of its value, which begins at `own`, by replacing a part of it:
    /// `${KEY//#/}` in a shell, `%KEY:#=%` in a batch file.
    pub(super) fn substituted(
        &self,
        place: &Range<usize>,
        own: &Range<usize>,
    ) -> Option<DecodedText> {
        let before = &self.text[..place.start];
        let rest = &self.text[place.end..self.text.len().min(place.end + 2 * LONGEST_PART)];
        let (from, sign, close) = match (before.last()?, rest) {
            (b'{', [b'/', b'/', ..]) if before.ends_with(b"${") => (2, b'/', b'}'),
            (b'{', [b'/', ..]) if before.ends_with(b"${") => (1, b'/', b'}'),
            (close @ (b'%' | b'!'), [b':', ..]) => (1, b'=', *close),
            _ => return None,
        };
        let end = memchr::memchr2(close, b'\n', rest).filter(|&end| rest[end] == close)?;
        let middle = memchr::memchr(sign, rest.get(from..end)?).map_or(end, |length| from + length);
        let other = place.end + end.min(middle + 1)..place.end + end;
        let change = LiteralChange {
            part: pattern_text(&rest[from..middle]).filter(|part| !part.is_empty())?,
            other: Some(other).filter(|own| !own.is_empty()),
        };
        let quote =
            own.start.checked_sub(1).map(|open| self.text[open]).filter(|byte| is_quote(*byte));
        let content = match quote {
            Some(quote) => self.literal_at(own.start - 1, quote)?,
            None => {
                let rest = &self.text[own.start..self.text.len().min(own.start + LONGEST)];
                let is_own = |byte: &&u8| byte.is_ascii_graphic() && !is_quote(**byte);
                own.start..own.start + rest.iter().take_while(is_own).count()
            }
        };
        self.changed_by(&content, &change)
    }

    /// The text in the literal or expression at `at`, and its end. Nothing stands for blanks.
    fn argument_part(&self, at: usize) -> Option<(&'t [u8], usize)> {
        let at = self.skip_blanks(at);
        match self.byte(at) {
            b')' => Some((b" ", at)),
            b'/' => {
                let rest = &self.text[at + 1..self.text.len().min(at + 1 + LONGEST_PART)];
                let length = memchr::memchr(b'/', rest)?;
                let flags = rest[length + 1..].iter().take_while(|b| b.is_ascii_lowercase());
                let end = at + length + 2 + flags.count();
                Some((pattern_text(&rest[..length])?, end))
            }
            quote if is_quote(quote) => {
                let content = self.literal_at(at, quote)?;
                let end = content.end + 1;
                Some((pattern_text(&self.text[content])?, end))
            }
            _ => None,
        }
    }

    /// The place of the content of the argument before the one whose quote is at `open`.
    fn argument_before(&self, open: usize) -> Option<Range<usize>> {
        let before = trimmed(self.text, open);
        let comma = before.checked_sub(1).filter(|&at| self.text[at] == b',')?;
        let end = trimmed(self.text, comma);
        // In PHP, a part may be one of a list.
        self.literal_before(end)
    }

    /// The literal to which a call adds the one at `open`, in the place of a part: `"{a}v1_…".replace("{a}", "sk_")`.
    fn as_replacement(&self, open: usize, content: &Range<usize>) -> Option<DecodedText> {
        let part = self.argument_before(open)?;
        let call = trimmed(self.text, part.start - 1);
        let name = REPLACING.iter().find(|name| self.text[..call].ends_with(name))?;
        let changed = self.literal_before(call - name.len())?;
        let part = pattern_text(&self.text[part])?;
        self.changed_by(&changed, &LiteralChange { part, other: Some(content.clone()) })
    }

    /// The key that a changed literal is.
    fn changed_by(
        &self,
        content: &Range<usize>,
        change: &LiteralChange<'_>,
    ) -> Option<DecodedText> {
        let text = &self.text[content.clone()];
        // A single letter is in many keys.
        let is_told = change.part.len() > 1 || change.part.iter().any(|byte| !is_value(*byte));
        if !is_told || change.part.len() > LONGEST_PART {
            return None;
        }
        let mut pieces = Vec::new();
        let mut from = 0;
        for at in memmem::find_iter(text, change.part).take(MOST_PARTS) {
            let end = at + change.part.len();
            pieces.push((content.start + from..content.start + at, None));
            if let Some(other) = &change.other {
                pieces.push((content.start + at..content.start + end, Some(other.clone())));
            }
            from = end;
        }
        (from > 0).then_some(())?;
        pieces.push((content.start + from..content.end, None));
        self.put_together(&pieces, content)
    }

    /// The key whose parts a list has in the opposite order, if the literal at `open` is its last.
    fn turned_list(&self, open: usize, content: &Range<usize>) -> Option<DecodedText> {
        let end = self.text[content.end + 1..].iter().take(NEAR);
        let is_behind = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b',';
        let close = content.end + 1 + end.take_while(is_behind).count();
        matches!(self.byte(close), b']' | b')' | b'}').then_some(())?;
        let mut pieces = vec![(content.clone(), None)];
        let mut first = open;
        while pieces.len() < MOST_PARTS
            && let Some(other) = self.argument_before(first)
        {
            first = other.start - 1;
            pieces.push((other, None));
        }
        let after = &self.text[close + 1..self.text.len().min(close + 1 + NEAR)];
        let is_turned = [&b".reverse"[..], b"[::-1]", b".asReversed"]
            .iter()
            .any(|name| after.starts_with(name))
            || {
                let before = &self.text[first.saturating_sub(NEAR)..first];
                [&b"reversed("[..], b"array_reverse(", b"reverse("].iter().any(|name| {
                    let at = memmem::rfind(before, name).map(|at| &before[at + name.len()..]);
                    at.is_some_and(|list| list.iter().all(|byte| b" \n\r\t[({".contains(byte)))
                })
            };
        (is_turned && pieces.len() > 1).then(|| self.put_together(&pieces, &(first..close)))?
    }

    /// The key that these pieces are, each as it stands or as it is named there.
    fn put_together(
        &self,
        pieces: &[(Range<usize>, Option<Range<usize>>)],
        place: &Range<usize>,
    ) -> Option<DecodedText> {
        let mut out = DecodedText::of_pieces(EncodingLayer::Joined);
        let before = place.start.saturating_sub(BEFORE)..place.start;
        out.add(&self.text[before.clone()], before, PieceForm::Plain);
        let start = out.bytes.len();
        for (own, named) in pieces {
            match named {
                Some(value) => {
                    out.add_named(&self.text[value.clone()], own.clone(), value.clone());
                }
                None => out.add(&self.text[own.clone()], own.clone(), PieceForm::Plain),
            }
        }
        let run = &out.bytes[start..];
        let run = &run[..run.iter().take_while(|byte| is_value(**byte)).count()];
        self.is_key(run).then_some(())?;
        let after = place.end..self.text.len().min(place.end + NEAR);
        out.add(&self.text[after.clone()], after, PieceForm::Plain);
        Some(out)
    }

    /// True if a literal that is split is put together again.
    fn is_put_together(&self, from: usize, end: usize) -> bool {
        let around = &self.text[from.saturating_sub(NEAR)..self.text.len().min(end + NEAR)];
        let around = around.to_ascii_lowercase();
        PUTTING.iter().any(|word| memmem::find(&around, word).is_some())
    }

    fn before(&self, at: usize) -> &'t [u8] {
        &self.text[at.saturating_sub(NEAR)..at]
    }

    fn skip_blanks(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.iter().take(NEAR).take_while(|byte| is_blank(**byte)).count()
    }
}

/// The end of a text without blanks before `at`.
fn trimmed(text: &[u8], at: usize) -> usize {
    let blanks = text[at.saturating_sub(NEAR)..at].iter().rev();
    at - blanks.take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// True if a text ends with the name of a function, in any case.
fn ends_with_word(text: &[u8], name: &[u8]) -> bool {
    text.len() >= name.len() && text[text.len() - name.len()..].eq_ignore_ascii_case(name)
}

/// The length of the name of an argument that a text begins with: `with: `.
fn label(text: &[u8]) -> usize {
    [&b"with: "[..], b"with:"].iter().find(|own| text.starts_with(own)).map_or(0, |own| own.len())
}

/// The text that a pattern matches, without the signs that make its characters plain. `None` for other patterns.
fn pattern_text(pattern: &[u8]) -> Option<&[u8]> {
    let text = &pattern[pattern.iter().take_while(|byte| **byte == b'\\').count()..];
    let is_other = |byte: &u8| matches!(byte, b'\\');
    (!text.iter().any(is_other)).then_some(text)
}
