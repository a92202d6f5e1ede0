//! Reads an expression that puts a text together, from its first piece on: literals, constants and
//! character codes, with what joins them in any language.

use std::cell::Cell;
use std::ops::Range;

use super::decoded_text::{Apart, DecodedText, PieceForm};
use super::join_formats::{Arguments, hole};
use super::join_lists::{joins_list, may_join_list};
use super::join_names::{ConstantNames, default_value, is_blank, is_name, is_quote};
use super::join_raw::{RawLiteral, raw_literal};
use super::key_heads::{KeyHead, KeyHeads};
use crate::model::EncodingLayer;
use crate::rules::is_value;

/// The most bytes between two pieces, of a literal, and of a text that is put together.
pub(super) const LONGEST_GAP: usize = 240;
pub(super) const LONGEST_LITERAL: usize = 2048;
const LONGEST_TEXT: usize = 4096;

/// Bytes behind a key that may tell what it is.
const BEHIND: usize = 64;

/// The most pieces.
const MOST_PIECES: usize = 160;

/// A way of joining two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// An operator, a method, or nothing at all.
    Operator,
    /// A comma of a list, or of arguments.
    Comma,
}

/// How far an expression may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinReach {
    /// Only literals beside operators and beside each other.
    Literals,
    /// Everything, since its first piece begins a key.
    All,
}

/// The end of a literal.
enum End {
    /// It is closed; the offset behind it.
    Closed(usize),
    /// It goes on in a way that is not understood.
    Open,
}

/// The text of an expression as far as it was read.
pub(super) struct JoinChain<'n, 't> {
    pub(super) text: &'t [u8],
    names: &'n ConstantNames<'t>,
    pub(super) heads: &'n KeyHeads,
    pub(super) reach: JoinReach,
    pub(super) joint: Option<Joint>,
    out: DecodedText,
    /// The offset in the text that is put together at which its first piece begins.
    pub(super) start: usize,
    /// The number of pieces, constants among them.
    pub(super) joined: usize,
    /// False if a piece could not be read.
    pub(super) is_complete: bool,
    /// True if the next piece may be a value without quotes.
    pub(super) may_be_bare: bool,
    /// The offset at which its first piece begins.
    pub(super) first: usize,
    /// Set if the first piece may stand whole, beside other texts.
    pub(super) apart: Option<Apart>,
    /// True if its quotes are escaped, as in a notebook or in JSON: `\"`.
    pub(super) is_escaped: bool,
    /// True if its first piece is a constant.
    is_followed: bool,
    /// True if all pieces are character codes.
    only_codes: bool,
    /// So many bytes of the text are known to be those of values.
    open: usize,
    /// True if the text is known to begin with a keyword.
    begins_key: bool,
    /// Up to here, an expression that begins at one of the pieces is the rest of this one.
    pub(super) settled: usize,
    /// The end of the last name whose value was asked for.
    name_end: Cell<Option<usize>>,
}

impl<'n, 't> JoinChain<'n, 't> {
    /// An expression whose first piece begins at `start`; so many bytes `before` it are text that tells
    /// what it is.
    pub(super) fn new(
        text: &'t [u8],
        names: &'n ConstantNames<'t>,
        heads: &'n KeyHeads,
        reach: JoinReach,
        (before, from): (usize, usize),
    ) -> Self {
        let mut out = DecodedText::of_pieces(EncodingLayer::Joined);
        let before = from.saturating_sub(before)..from;
        out.add(&text[before.clone()], before, PieceForm::Plain);
        let start = out.bytes.len();
        Self {
            text,
            names,
            heads,
            reach,
            joint: None,
            out,
            start,
            joined: 0,
            is_complete: true,
            may_be_bare: false,
            apart: None,
            first: from,
            is_escaped: false,
            is_followed: false,
            only_codes: true,
            open: 0,
            begins_key: false,
            settled: 0,
            name_end: Cell::new(None),
        }
    }

    /// The end of the last constant whose value was asked for, if there is any: whatever it is, the expression
    /// depends on other places of the text.
    pub(super) fn name_end(&self) -> Option<usize> {
        self.name_end.get()
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    pub(super) fn skip(&self, from: usize, is: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        from + rest.iter().take(LONGEST_GAP).take_while(|byte| is(**byte)).count()
    }

    fn take(&mut self, place: Range<usize>) {
        self.only_codes = false;
        if place.start < place.end {
            self.out.add(&self.text[place.clone()], place, PieceForm::Plain);
        }
    }

    /// Adds the value of a constant that is named at `place`; it stands at `source` if it is one literal.
    pub(super) fn take_named(
        &mut self,
        value: &[u8],
        place: Range<usize>,
        source: Option<Range<usize>>,
    ) {
        match source {
            Some(source) => self.out.add_named(value, place, source),
            None => self.out.add(value, place, PieceForm::Named),
        }
        self.joined += 1;
        self.is_followed = true;
        self.only_codes = false;
    }

    /// The run of characters of values that the expression's text begins with.
    pub(super) fn run(&self) -> &[u8] {
        let run = &self.out.bytes[self.start..];
        &run[..run.iter().take_while(|byte| is_value(**byte)).count()]
    }

    /// False if the text is no key's, whatever follows.
    fn may_be_key(&mut self) -> bool {
        let text = &self.out.bytes[self.start..];
        if !text.first().is_some_and(|byte| is_value(*byte)) {
            return true;
        }
        let is_open = text[self.open..].iter().all(|byte| is_value(*byte));
        if is_open {
            self.open = text.len();
        }
        // What begins with a keyword goes on doing so.
        if is_open && self.reach == JoinReach::All && !self.begins_key {
            let head = self.heads.read(text);
            self.begins_key = matches!(head, Some(KeyHead::Whole(_)));
            return head.is_some();
        }
        is_open
    }

    /// The text, followed by what stands behind the expression, which ends at `end`.
    pub(super) fn finish(mut self, end: usize) -> DecodedText {
        let mut end = end.min(self.text.len());
        if self.is_suffix(end) {
            end = self.skip(end, is_name);
        }
        let after = end..self.text.len().min(end + 64);
        self.out.add(&self.text[after.clone()], after, PieceForm::Plain);
        if self.only_codes {
            self.out.layers = vec![EncodingLayer::Bytes];
        }
        let is_list = self.apart == Some(Apart::List);
        self.out.apart =
            self.apart.filter(|_| !(is_list && joins_list(self.text, self.first, end)));
        self.out
    }

    /// Reads the literal from `at` on and all that is joined to it; `quote` closes the literal, or any
    /// sign does if it is not known. Returns the end.
    pub(super) fn read_literal(&mut self, at: usize, quote: Option<u8>) -> usize {
        self.joined += 1;
        self.is_escaped |= quote.is_some() && self.text[..at.saturating_sub(1)].ends_with(b"\\");
        match self.literal(at, quote) {
            // A literal may be what is interpolated: `${"a"}b`.
            (End::Closed(end), _)
                if self.byte(end) == b'}'
                    && self.joined == 1
                    && self.text[..at.saturating_sub(1)].ends_with(b"{") =>
            {
                self.read_literal(end + 1, None)
            }
            (End::Closed(end), _) => self.read_rest(end),
            (End::Open, end) => {
                self.is_complete = false;
                end
            }
        }
    }

    /// Reads a literal in other signs than quotes, and all that is joined to it. Returns the end.
    pub(super) fn read_raw(&mut self, raw: &RawLiteral) -> usize {
        self.raw(raw);
        if raw.is_words { raw.end } else { self.read_rest(raw.end) }
    }

    fn raw(&mut self, raw: &RawLiteral) {
        for place in raw.texts(self.text) {
            self.take(place);
            self.joined += 1;
        }
    }

    /// Reads the words of a command from `at` on. Returns the end.
    pub(super) fn read_words(&mut self, mut at: usize) -> usize {
        while self.joined < MOST_PIECES {
            self.may_be_bare = true;
            let Some((End::Closed(end), _)) = self.operand(at) else { break };
            let next = self.skip(end, is_blank);
            if next == end
                || matches!(self.byte(next), 0 | b'\n' | b'\r' | b'|' | b'>' | b'&' | b';' | b')')
            {
                return end;
            }
            at = next;
        }
        at
    }

    /// Adds pieces that are joined whatever is between them.
    pub(super) fn take_all(&mut self, places: &[Range<usize>]) {
        for place in places {
            self.take(place.clone());
            self.joined += 1;
        }
    }

    /// Reads the character codes from `at` on. Returns the end.
    pub(super) fn read_codes(&mut self, at: usize) -> usize {
        match self.operand(at) {
            Some((End::Closed(end), _)) => self.read_rest(end),
            _ => at,
        }
    }

    /// Reads all that is joined to a constant whose name ends at `at`; the path with it begins at `start`.
    /// Returns the end.
    pub(super) fn read_use(&mut self, at: usize, start: usize) -> usize {
        let blanks = self.text[..start].iter().rev().take(4).take_while(|byte| is_blank(**byte));
        let open = start - blanks.count();
        let close: &[u8] = match &self.text[..open] {
            [.., b'{', b'{'] => b"}}",
            [.., b'{'] => b"}",
            [.., b'$' | b'\\', b'('] => b")",
            [.., b'%', b'('] => b")s",
            [.., b'%'] => b"%",
            [.., b'!'] => b"!",
            [.., b'[', b'"'] => b"\"]",
            [.., b'[', b'\''] => b"']",
            _ => b"",
        };
        let end = self.skip(at, is_blank);
        if !close.is_empty() && self.text[end..].starts_with(close) {
            if close.len() == 2 && close[1] == b']' {
                return self.read_rest(end + 2);
            }
            return self.read_literal(end + close.len(), None);
        }
        let next = self.byte(at);
        let is_inside = is_value(next) || is_quote(next) || matches!(next, b'$' | b'{' | b'%');
        let is_operator =
            next == b'.' && (is_quote(self.byte(at + 1)) || self.byte(at + 1) == b'$');
        if self.byte(start) == b'$' && is_inside && !is_operator {
            return self.read_literal(at, None);
        }
        self.read_rest(at)
    }

    /// Reads all that is joined to a piece that ends at `at`. Returns the end.
    pub(super) fn read_rest(&mut self, mut at: usize) -> usize {
        // The last piece may begin another expression; where this one is cut, more of them.
        let mut half = 0;
        loop {
            let length = self.out.bytes.len() - self.start;
            let is_cut = self.joined >= MOST_PIECES || length >= LONGEST_TEXT;
            if self.joined <= MOST_PIECES / 2 && length <= LONGEST_TEXT / 2 {
                half = at;
            }
            if is_cut {
                self.settled = half;
                return at;
            }
            if !self.may_be_key() {
                self.is_complete = false;
                return at;
            }
            let next = self.gap(at).filter(|next| !self.begins_another(*next));
            match next.and_then(|next| self.operand(next)) {
                Some((End::Closed(end), _)) => (self.settled, at) = (at, end),
                Some((End::Open, end)) => {
                    self.is_complete = false;
                    return end;
                }
                None => return at,
            }
        }
    }

    /// Adds the content of a literal. Also returns where it stops.
    fn literal(&mut self, start: usize, quote: Option<u8>) -> (End, usize) {
        let mut most = self.text.len().min(start + LONGEST_LITERAL);
        let triple = quote.filter(|&quote| {
            start >= 3 && self.text[start - 3..start].iter().all(|byte| *byte == quote)
        });
        // In Nix, two quotes are one.
        let is_double =
            triple.is_none() && quote == Some(b'\'') && self.text[..start].ends_with(b"''");
        let (mut from, mut at) = (start, start);
        let mut arguments = Arguments::default();
        while at < most {
            let byte = self.text[at];
            let is_escape = self.is_escaped && byte == b'\\';
            let is_close = match quote {
                Some(quote) if is_escape => self.byte(at + 1) == quote,
                Some(quote) => byte == quote,
                None => is_quote(byte),
            };
            if is_close {
                if triple.is_some() && !self.text[at..].starts_with(&[byte; 3]) {
                    at += 1;
                    continue;
                }
                self.take(from..at);
                let is_double = is_double && self.byte(at + 1) == byte;
                let end =
                    at + if triple.is_some() { 3 } else { 1 + usize::from(is_escape || is_double) };
                return (End::Closed(arguments.end.unwrap_or(end)), at);
            }
            match byte {
                b'\n' | b'\r' if triple.is_none() && quote != Some(b'`') => {
                    self.take(from..at);
                    if let Some(next) = self.folded(at, quote) {
                        (at, from) = (next, next);
                        self.joined += 1;
                        continue;
                    }
                    // A bare value ends with its line.
                    let end = if quote.is_none() { End::Closed(at) } else { End::Open };
                    return (end, at);
                }
                b' ' | b'\t' | b';' | b',' | b')' | b'<' if quote.is_none() => {
                    self.take(from..at);
                    return (End::Closed(at), at);
                }
                b'\\' | b'^' if matches!(self.byte(at + 1), b'\n' | b'\r') => {
                    self.take(from..at);
                    at += if self.byte(at + 1) == b'\r' { 3 } else { 2 };
                    at = self.skip(at, is_blank);
                    // In YAML, this keeps blanks at the beginning of a line.
                    if self.byte(at) == b'\\' && is_value(self.byte(at + 1)) && quote == Some(b'"')
                    {
                        at += 1;
                    }
                    from = at;
                    self.joined += 1;
                }
                b'\\' if self.byte(at + 1) != b'(' => at = most.min(at + 2),
                b'$' | b'{' | b'#' | b'%' if self.reach == JoinReach::Literals => at += 1,
                b'\\' | b'$' | b'{' | b'#' | b'%' | b'!' => {
                    let is_hole = byte == b'%' && hole(&self.text[at..most]).is_some();
                    if let Some((place, end)) = self.interpolation(at).filter(|_| !is_hole) {
                        self.take(from..at);
                        if !self.interpolated(place) {
                            return (End::Open, at);
                        }
                        (at, from) = (end, end);
                    } else if let Some(hole) = hole(&self.text[at..most]) {
                        self.take(from..at);
                        let end = at + hole.length;
                        let Some(next) = self.argument(&mut arguments, end, hole, quote) else {
                            return (End::Open, at);
                        };
                        self.take_simple(next);
                        (at, from) = (end, end);
                    } else if byte == b'$' && self.reach == JoinReach::All {
                        self.take(from..at);
                        return (End::Open, at);
                    } else {
                        at += 1;
                    }
                }
                byte => {
                    // Nothing behind a key is needed.
                    if !is_value(byte) {
                        most = most.min(at + BEHIND);
                    }
                    at += 1;
                }
            }
        }
        self.take(from..at.min(most));
        (End::Open, at)
    }

    /// Where a value that is broken at `at` goes on in the next line, if that is indented and has nothing
    /// else.
    fn folded(&self, at: usize, quote: Option<u8>) -> Option<usize> {
        let line = self.skip(at, |byte| matches!(byte, b'\r' | b'\n'));
        let start = self.skip(line, is_blank);
        let end = self.skip(start, is_value);
        let is_end = match (quote, self.byte(end)) {
            (Some(quote), byte) if byte == quote => true,
            (_, 0 | b'\n' | b'\r') => end == self.text.len() || self.byte(end) != 0,
            _ => false,
        };
        (self.reach == JoinReach::All && start > line && end > start && line - at <= 2 && is_end)
            .then_some(start)
    }

    /// The place of the expression in an interpolation that begins at `at`, and the end of it.
    fn interpolation(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let rest = &self.text[at..self.text.len().min(at + LONGEST_GAP)];
        let (open, close): (usize, &[u8]) = match rest {
            [b'{', b'{', ..] => (2, b"}}"),
            [b'$', b'{', b'{', ..] => (3, b"}}"),
            [b'$' | b'#', b'{', ..] => (2, b"}"),
            [b'{', b'$', ..] => (1, b"}"),
            [b'$' | b'\\', b'(', ..] => (2, b")"),
            [b'%', b'(', ..] => (2, b")s"),
            [b'{', ..] => (1, b"}"),
            [b'$', byte, ..] if is_name(*byte) => {
                let end = self.skip(at + 1, is_name);
                return Some((at + 1..end, end));
            }
            [b'%', byte, ..] if is_name(*byte) => {
                let end = self.skip(at + 1, is_name);
                return (self.byte(end) == b'%').then_some((at + 1..end, end + 1));
            }
            [b'!', byte, ..] if is_name(*byte) => {
                let end = self.skip(at + 1, is_name);
                return (self.byte(end) == b'!').then_some((at + 1..end, end + 1));
            }
            _ => return None,
        };
        let length = memchr::memmem::find(&rest[open..], close)?;
        let place = at + open..at + open + length;
        let inner = self.text[place.clone()].trim_ascii();
        let is_plain = !inner.is_empty() && !inner[0].is_ascii_digit() && inner[0] != b':';
        (is_plain && memchr::memchr(b'\n', inner).is_none()).then(|| {
            let before = self.skip(place.start, is_blank);
            (before..before + inner.len(), place.end + close.len())
        })
    }

    /// Adds the value of what is interpolated at `place`, a constant or a literal.
    fn interpolated(&mut self, place: Range<usize>) -> bool {
        // In a shell, what a variable without a value stands for.
        if let Some(default) = default_value(&self.text[place.clone()]) {
            self.take(place.start + default..place.end);
            self.joined += 1;
            return true;
        }
        let Some((piece, _)) = self.simple(place.start, place.end) else { return false };
        self.take_simple(piece);
        true
    }

    fn take_simple(&mut self, piece: SimplePiece) {
        let SimplePiece { place, value } = piece;
        let bytes = &self.text[value.clone()];
        if place == value {
            self.out.add(bytes, place, PieceForm::Plain);
        } else {
            self.out.add_named(bytes, place, value);
        }
        self.joined += 1;
        self.only_codes = false;
    }

    /// A literal or a constant at `start`, and its end.
    pub(super) fn simple(&self, start: usize, end: usize) -> Option<(SimplePiece, usize)> {
        let text = &self.text[..end.min(self.text.len())];
        let prefix =
            text.get(start..)?.iter().take(2).take_while(|byte| b"@$frbuLN".contains(byte));
        let open = start + prefix.count();
        if let Some(&quote) = text.get(open).filter(|byte| is_quote(**byte)) {
            let content = &text[open + 1..text.len().min(open + 1 + LONGEST_LITERAL)];
            let length = memchr::memchr2(quote, b'\n', content)?;
            let place = open + 1..open + 1 + length;
            let piece = SimplePiece { place: place.clone(), value: place.clone() };
            return (text[place.end] == quote).then_some((piece, place.end + 1));
        }
        // Words begin keywords, too.
        let run = self.run();
        let is_word = !run.is_empty() && run.iter().all(u8::is_ascii_lowercase);
        if is_word && !self.is_followed {
            return None;
        }
        // The last name of a path that is called is a function's.
        let (name, end) =
            self.path(start, text.len()).filter(|(_, end)| self.byte(*end) != b'(')?;
        self.name_end.set(Some(end));
        let value = self.names.value(&self.text[name])?;
        Some((SimplePiece { place: start..end, value }, end))
    }

    /// The last name of a path such as `self.name` or `Keys::NAME`, and the path's end.
    pub(super) fn path(&self, start: usize, most: usize) -> Option<(Range<usize>, usize)> {
        let mut at = self.skip(start, |byte| matches!(byte, b'$' | b'@' | b'&' | b'*'));
        loop {
            let end = self.skip(at, is_name).min(most);
            if end <= at || self.text[at].is_ascii_digit() || end - start > LONGEST_GAP {
                return None;
            }
            let rest = &self.text[end..most];
            let step = match rest {
                [b'.', next, ..] if is_name(*next) => 1,
                [b':', b':', next, ..] | [b'-', b'>', next, ..] if is_name(*next) => 2,
                [b'[', quote, next, ..] if is_quote(*quote) && is_name(*next) => {
                    let key = end + 2..self.skip(end + 2, is_name).min(most);
                    let is_closed = self.text[key.end..].starts_with(&[*quote, b']']);
                    return is_closed.then(|| (key.clone(), key.end + 2));
                }
                _ => return Some((at..end, end)),
            };
            at = end + step;
        }
    }

    /// Adds the piece at `at`.
    fn operand(&mut self, at: usize) -> Option<(End, usize)> {
        if let Some((byte, end)) = self.code(at) {
            self.out.add(&[byte], at..end, PieceForm::Named);
            self.joined += 1;
            return Some((End::Closed(end), end));
        }
        if let Some(raw) = raw_literal(self.text, at) {
            self.raw(&raw);
            return Some((End::Closed(raw.end), raw.end));
        }
        let open = self.skip(at, |byte| b"@$frbuLNREcs".contains(&byte));
        let open = if open - at <= 2 && is_quote(self.byte(open)) { open } else { at };
        let quote = self.byte(open);
        if is_quote(quote) && self.joint == Some(Joint::Comma) && self.is_property(open) {
            return None;
        }
        if is_quote(quote) {
            let is_triple = self.text[open..].starts_with(&[quote; 3]);
            self.joined += 1;
            return Some(self.literal(open + if is_triple { 3 } else { 1 }, Some(quote)));
        }
        let is_key = |end: usize| self.byte(self.skip(end, is_blank)) == b':';
        // Behind a comma, a name with a colon is the next property's, and few lists are put together.
        let is_other = self.joint == Some(Joint::Comma)
            && (self.path(at, self.text.len()).is_some_and(|(_, end)| is_key(end))
                || !may_join_list(self.text, self.first, at));
        let simple = if is_other { None } else { self.simple(at, self.text.len()) };
        if let Some((piece, end)) = simple {
            self.take_simple(piece);
            return Some((End::Closed(end), end));
        }
        // A bare value, as in a shell.
        let end = self.skip(at, is_value);
        let is_end = b"\0\n\r \"'`\\$;)".contains(&self.byte(end));
        (self.may_be_bare && end > at && is_end).then(|| {
            self.joined += 1;
            self.literal(at, None)
        })
    }

    /// True if the literal at `open` is the name of a property.
    fn is_property(&self, open: usize) -> bool {
        let close = self.skip(open + 1, is_name);
        let sign = self.skip(close + 1, is_blank);
        self.byte(close) == self.byte(open)
            && (self.byte(sign) == b':'
                || self.text[sign.min(self.text.len())..].starts_with(b"=>"))
    }

    /// The character whose code a call or a cast at `at` gives, and the end of it.
    pub(super) fn code(&self, at: usize) -> Option<(u8, usize)> {
        let rest = self.text.get(at..self.text.len().min(at + 40))?;
        let (open, close): (usize, bool) = match rest {
            [b'[' | b'(', b'c' | b'C', b'h', b'a', b'r', b']' | b')', ..] => (6, false),
            [b'c' | b'C' | b's' | b'S' | b'n' | b'N', ..] => {
                let name = rest.iter().take_while(|byte| is_name(**byte) || **byte == b'.').count();
                let is_call = [
                    &b"chr"[..],
                    b"chrw",
                    b"char",
                    b"nchar",
                    b"chrb",
                    b"string.fromcharcode",
                    b"chr$",
                    b"string.char",
                ]
                .iter()
                .any(|own| rest[..name].eq_ignore_ascii_case(own));
                let sign = name + usize::from(rest.get(name) == Some(&b'$'));
                (is_call && rest.get(sign) == Some(&b'(')).then_some((sign + 1, true))?
            }
            _ => return None,
        };
        let digits = open + rest[open..].iter().take_while(|byte| is_blank(**byte)).count();
        let digits = &rest[digits..];
        let (radix, prefix) = match digits {
            [b'0', b'x' | b'X', ..] | [b'&', b'h' | b'H', ..] => (16, 2),
            _ => (10, 0),
        };
        let number = &digits[prefix..];
        let length =
            number.iter().take(3).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let value = u8::from_str_radix(std::str::from_utf8(&number[..length]).ok()?, radix).ok()?;
        let mut end = at + rest.len() - digits.len() + prefix + length;
        if close {
            end = self.skip(end, is_blank);
            (self.byte(end) == b')').then_some(())?;
            end += 1;
        }
        (matches!(value, b' '..=b'~')).then_some((value, end))
    }
}

/// A literal, or the name of a constant.
pub(super) struct SimplePiece {
    place: Range<usize>,
    /// Where its value stands.
    value: Range<usize>,
}
