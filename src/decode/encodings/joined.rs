//! Keys that a program puts together: `"sk_" + "v1_…"`, adjacent literals, constants in templates,
//! parts of a list, continued lines, character codes.
//!
//! Nothing is parsed. An expression is read where a literal begins with a keyword or a part of one, where
//! a run of characters of values ends at a quote that an operator follows, and at the end of a continued
//! line; all of these are rare.

use super::decoded_text::DecodedText;
use super::decoder::{Decoder, SearchedPart};
use super::join_chain::{JoinChain, JoinReach, Joint};
use super::join_formats::format_before;
use super::join_names::{ConstantNames, is_blank, is_name, is_quote};
use super::join_raw::raw_start;
use super::key_heads::{KeyHead, KeyHeads};
use super::mail_words::mail_words;
use super::typed_numbers::typed_numbers;
use crate::rules::{SHORTEST_VALUE, is_value};

/// The longest run that is looked at before a sign.
const LONGEST_RUN: usize = 160;

/// Bytes before an expression that tell what it is.
pub(super) const BEFORE: usize = 256;

/// The shortest piece of a keyword whose name is followed.
const SHORTEST_NAMED: usize = 3;

/// Bytes before a piece with a name that stand for its name.
pub(super) const NAMED_BEFORE: usize = 40;

/// The most letters of a piece without any other character.
const LONGEST_LETTERS: usize = 5;

/// The most keys that may begin in one list, each within the one before.
const MOST_LISTED: usize = 8;

/// The fewest character codes that are a text.
const FEWEST_CODES: usize = 12;

/// How often the value of a constant may be a part of another constant's.
pub(super) const MOST_STEPS: usize = 3;

/// The bytes that may join a literal to what follows it.
const JOINS: [bool; 256] = {
    let mut all = [false; 256];
    let bytes = b"+.&~^|<\n\r\\@\"'`";
    let mut nth = 0;
    while nth < bytes.len() {
        all[bytes[nth] as usize] = true;
        nth += 1;
    }
    all
};

/// How far behind the searched range the sign may be that tells of an expression which begins in it, or of
/// which the name does.
pub(super) const REACH: usize = LONGEST_RUN;

/// From the sign that tells of an expression to the beginning of its first piece: for nearly all of them, and
/// at most.
pub(super) const NEAR_LEAD: usize = 2;
pub(super) const LEAD: usize = 64;

/// A search for expressions that put keys together.
pub(super) struct JoinedTexts<'s, 't> {
    pub(super) text: &'t [u8],
    pub(super) heads: &'s KeyHeads,
    pub(super) names: ConstantNames<'t>,
    /// The end of the last character codes that were read.
    codes_end: usize,
    /// The end of the last encoded words that were read.
    words_end: usize,
    /// Up to here, literals that are joined are parts of expressions that were read, and of keys.
    settled: usize,
    pub(super) keys_settled: usize,
    /// The end of the last list with a key that was read, and how many keys began in it.
    list_end: usize,
    listed: usize,
    /// The number of names that were followed though their value may be a word.
    pub(super) words: usize,
    /// The texts of the expressions at the last sign.
    pub(super) found: Vec<DecodedText>,
}

impl Decoder for JoinedTexts<'_, '_> {
    /// Passes on the texts of the expressions beside the sign at `at`.
    #[inline]
    fn see(&mut self, part: &SearchedPart<'_>, at: usize, each: &mut dyn FnMut(DecodedText)) {
        let around = at.saturating_sub(1)..self.text.len().min(at + 2);
        if self.is_reason(at) && (part.is_new)(&around) {
            self.look(at);
            self.found.drain(..).for_each(each);
        }
    }
}

impl<'s, 't> JoinedTexts<'s, 't> {
    /// A search in `text` for keys that begin like `heads`. Constants have values if all of the text is known.
    pub(super) fn new(text: &'t [u8], heads: &'s KeyHeads, has_values: bool) -> Self {
        let (names, found) = (ConstantNames::new(text, has_values), Vec::new());
        Self {
            text,
            heads,
            names,
            codes_end: 0,
            words_end: 0,
            settled: 0,
            keys_settled: 0,
            list_end: 0,
            listed: 0,
            words: 0,
            found,
        }
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// True for a sign whose first piece may begin on another line.
    pub(super) fn may_lead_far(&self, at: usize) -> bool {
        match self.text[at] {
            b'"' | b'\'' => self.byte(at + 1) == b'\\',
            b':' => matches!(self.byte(at + 2), b'>' | b'|'),
            _ => false,
        }
    }

    /// True for a sign beside which there may be a piece. Nearly all others are left out here.
    #[inline]
    fn is_reason(&self, at: usize) -> bool {
        let next = self.byte(at + 1);
        let before = at.checked_sub(1).map_or(0, |at| self.text[at]);
        match self.text[at] {
            quote @ (b'"' | b'\'' | b'`') => {
                self.may_be_joined(at, before)
                    && (self.heads.may_begin_changed(self.text, at + 1)
                        || self.heads.begins_with(next) && self.is_short(at + 1, quote)
                        || next == b'\\' && is_line_end(self.byte(at + 2))
                        || before == b'R' && next != b','
                        || is_value(before)
                            && (!self.is_escaped(at) && self.is_joined(at + 1)
                                || self.is_turned(at + 1)
                                || self.heads.may_end_reversed(self.text, at)))
            }
            b'=' => {
                let start = if next == b' ' { at + 2 } else { at + 1 };
                self.heads.may_begin(self.text, start) || self.may_be_other(start) || next == b'?'
            }
            b':' => {
                let first = self.byte(at + 2);
                let is_block =
                    matches!(first, b'>' | b'|' | b'!') || first == b'[' && before == b'n';
                let may_begin =
                    || self.heads.may_begin(self.text, at + 2) || self.may_be_other(at + 2);
                next == b' ' && (is_block || may_begin())
            }
            b'(' => (next.is_ascii_digit() || next == b'&') && self.is_code_call(at),
            b')' | b']' => [b"char", b"byte"].iter().any(|own| self.text[..at].ends_with(*own)),
            b'\\' => is_value(before) && (is_line_end(next) || next == b'('),
            b'$' | b'{' | b'%' | b'#' => is_value(before),
            _ => false,
        }
    }

    /// False for most of the quotes beside which there is no piece, with `before` in front of them. All is
    /// looked at, since no processor foresees which of it holds.
    #[inline]
    fn may_be_joined(&self, at: usize, before: u8) -> bool {
        let [next, second, third] = [self.byte(at + 1), self.byte(at + 2), self.byte(at + 3)];
        let is_close = (second == self.text[at]) | (third == self.text[at]);
        let joins = |byte: u8| JOINS[usize::from(byte)];
        let is_joined = joins(next) | (is_blank(next) & joins(second));
        self.heads.may_begin_changed(self.text, at + 1)
            | (self.heads.begins_with(next) & is_close)
            | (next == b'\\') & is_line_end(second)
            | (next == b'[') & (second == b':')
            | (before == b'R')
            | (is_value(before) & (is_joined | self.heads.may_end_reversed(self.text, at)))
    }

    /// True if what is before the sign at `at` is the end of an escape such as `\n`.
    fn is_escaped(&self, at: usize) -> bool {
        at.checked_sub(2).is_some_and(|at| self.text[at] == b'\\')
    }

    /// True if the name before `at` may be that of a function that makes a character of its code.
    fn is_code_call(&self, at: usize) -> bool {
        let name = &self.text[at.saturating_sub(4)..at];
        let name = name.strip_suffix(b"$").unwrap_or(name);
        let is = |end: &[u8]| {
            name.len().checked_sub(end.len()).is_some_and(|at| name[at..].eq_ignore_ascii_case(end))
        };
        [&b"chr"[..], b"char", b"chrw", b"chrb", b"code"].iter().any(|end| is(end))
    }

    /// Looks at a sign.
    fn look(&mut self, at: usize) {
        match self.text[at] {
            quote @ (b'"' | b'\'' | b'`') => {
                self.open(at, quote);
                if at > 0 && is_value(self.text[at - 1]) {
                    self.close(at, quote);
                }
            }
            b'=' if self.byte(at + 1) == b'?' => self.mail_words(at),
            b'=' | b':' => self.assign(at),
            b'(' => {
                let name = self.text[..at].iter().rev().take(20);
                let is_path = |byte: &&u8| is_name(**byte) || matches!(byte, b'.' | b'$');
                self.codes(at - name.take_while(is_path).count());
            }
            b'$' | b'{' | b'%' | b'\\' | b'#' => self.interrupted(at),
            _ if self.text[..at].ends_with(b"char") && at > 4 => {
                self.codes(at - 5);
                self.numbers(at - 5);
            }
            _ if self.text[..at].ends_with(b"byte") => {
                let open = memchr::memrchr(b'(', &self.text[at.saturating_sub(8)..at]);
                self.numbers(open.map_or(at, |open| at.saturating_sub(8) + open));
            }
            _ => {}
        }
    }

    /// Reads encoded words of a message's header from `at` on.
    fn mail_words(&mut self, at: usize) {
        if at >= self.words_end
            && let Some((decoded, end)) = mail_words(self.text, at)
        {
            self.words_end = end;
            self.found.push(decoded);
        }
    }

    /// Reads a list of numbers with casts from `at` on.
    fn numbers(&mut self, at: usize) {
        if at >= self.codes_end
            && let Some((decoded, end)) = typed_numbers(self.text, at)
        {
            self.codes_end = end;
            self.found.push(decoded);
        }
    }

    /// The run of characters of values that begins at `at`.
    pub(super) fn run(&self, at: usize) -> &'t [u8] {
        let rest = &self.text[at..self.text.len().min(at + LONGEST_RUN)];
        &rest[..rest.iter().take_while(|byte| is_value(**byte)).count()]
    }

    /// Where the run begins that ends at `at`.
    fn run_start(&self, at: usize) -> usize {
        let before = self.text[at.saturating_sub(LONGEST_RUN)..at].iter().rev();
        at - before.take_while(|byte| is_value(**byte)).count()
    }

    /// Looks at a quote as the one that opens a literal.
    fn open(&mut self, at: usize, quote: u8) {
        let start = at + 1;
        let first = self.byte(start);
        if at > 0
            && self.text[at - 1] == b'R'
            && let Some(raw) = raw_start(self.text, at)
        {
            self.raw(raw);
        }
        let is_short = self.heads.begins_with(first) && self.is_short(start, quote);
        if is_short || self.heads.may_begin(self.text, start) {
            let run = self.run(start);
            let next = self.byte(start + run.len());
            let is_joined = || is_quote(next) && self.is_joined(start + run.len() + 1);
            let is_head = self.is_head(run) || self.is_short_head(run) && is_joined();
            let is_read = start < self.keys_settled || is_head && self.reshaped(at, quote);
            if !is_read && is_head && (is_quote(next) || b"${%\\#\n\r".contains(&next)) {
                self.begin(start, Some(quote), at);
            }
        } else if quote == b'"' || quote == b'\'' {
            // A literal of several lines may begin on the next one.
            let line = match self.text.get(start..) {
                Some([b'\\', b'\n', ..]) => start + 2,
                Some([b'\\', b'\r', b'\n', ..]) => start + 3,
                _ => start,
            };
            if line > start {
                let blanks = self.text[line..].iter().take(LEAD + at - line);
                let first = line + blanks.take_while(|byte| is_blank(**byte)).count();
                if self.is_head(self.run(first)) {
                    self.begin(first, Some(quote), at);
                }
            }
        }
        if self.heads.may_begin_shifted(self.text, start) {
            self.shifted(start);
        }
    }

    /// True for a literal of one or two characters that another one follows.
    fn is_short(&self, start: usize, quote: u8) -> bool {
        let length = match (self.byte(start + 1), self.byte(start + 2)) {
            (close, _) if close == quote => 1,
            (_, close) if close == quote => 2,
            _ => return false,
        };
        let rest = self.text[start + length + 1..].iter().take(8).find(|byte| **byte != b' ');
        rest.is_some_and(|byte| b"+.&,~)|<\n\\".contains(byte) || is_quote(*byte))
    }

    /// Looks at a quote as the one that closes a literal.
    fn close(&mut self, at: usize, quote: u8) {
        if self.heads.may_end_reversed(self.text, at) {
            self.reversed(at);
        } else if self.is_turned(at + 1) {
            self.turned(at);
        }
        if !self.is_joined(at + 1) {
            return;
        }
        let start = self.run_start(at);
        if self.heads.may_begin(self.text, start) && self.heads.read(self.run(start)).is_some() {
            // Else it was seen at its other quote.
            if start == 0 || self.text[start - 1] != quote {
                self.begin(start, Some(quote), at);
            }
            return;
        }
        if at < self.settled || !self.may_go_on(start, at) {
            return;
        }
        self.settled = self.go_on(start, at, Some(quote));
    }

    /// Reads the literals that go on with the run from `start` to `at`, which begins no key. Returns up to where
    /// literals are settled.
    fn go_on(&mut self, start: usize, at: usize, quote: Option<u8>) -> usize {
        let mut chain = JoinChain::new(
            self.text,
            &self.names,
            self.heads,
            JoinReach::Literals,
            (BEFORE, start),
        );
        let end = chain.read_literal(start, quote);
        let (settled, run) = (chain.settled, chain.run());
        if chain.joined > 1 && run.len() >= SHORTEST_VALUE.max(at - start + 1) && !is_path(run) {
            self.found.push(chain.finish(end));
        }
        settled
    }

    /// True if the run from `start` to the quote at `at` may be a long one with the next literal.
    fn may_go_on(&self, start: usize, at: usize) -> bool {
        let is_escape = start > 0 && self.text[start - 1] == b'\\';
        let rest = self.text[at + 1..].iter().take(LONGEST_RUN);
        let Some(open) = rest.enumerate().find(|(_, byte)| is_quote(**byte)) else { return false };
        let next = at + open.0 + 2;
        let run = self.run(next);
        let is_whole = is_quote(self.byte(next + run.len()));
        !is_escape && !run.is_empty() && (is_whole || at - start + run.len() >= SHORTEST_VALUE)
    }

    /// True if an operator or a literal follows a literal that ends at `at`.
    fn is_joined(&self, at: usize) -> bool {
        let mut at = at;
        if is_blank(self.byte(at)) {
            at += 1;
        }
        let next = self.byte(at + 1);
        match self.byte(at) {
            b'+' | b'.' | b'&' | b'~' | b'^' => next != b'&' && !next.is_ascii_lowercase(),
            b'|' => next == b'|',
            b'<' => next == b'>',
            b'\n' | b'\r' | b'\\' => {
                let rest = self.text[at + 1..].iter().take(64);
                let first = rest.clone().find(|byte| !byte.is_ascii_whitespace());
                first.is_some_and(|byte| {
                    is_quote(*byte) || matches!(byte, b'+' | b'.' | b'&' | b'~' | b'|' | b'@')
                })
            }
            b'@' => is_quote(next),
            byte => is_quote(byte),
        }
    }

    /// Looks at a bare value that is assigned to something.
    fn assign(&mut self, at: usize) {
        let start = match self.byte(at + 1) {
            b' ' => at + 2,
            _ if self.text[at] == b'=' => at + 1,
            _ => return,
        };
        if matches!(self.byte(start), b'>' | b'|') && self.text[at] == b':' {
            return self.block(start);
        }
        if self.text[at] == b':' && self.is_list(at, start) {
            return self.list(start);
        }
        if !self.heads.may_begin(self.text, start) {
            return self.other(start);
        }
        let run = self.run(start);
        // With blanks around the sign, what goes on is an expression with a name, or prose.
        let is_tight = start == at + 1;
        let is_end = match self.byte(start + run.len()) {
            0 | b'\n' | b'\r' | b'^' => true,
            b';' => is_tight,
            b' ' => is_tight || self.byte(start + run.len() + 1) == b'#',
            byte => is_quote(byte),
        };
        if is_end && self.is_head(run) {
            self.begin(start, None, at);
        }
    }

    /// Looks at a block of lines in YAML, whose sign is at `at`.
    fn block(&mut self, at: usize) {
        let rest = &self.text[at..self.text.len().min(at + LEAD - 2)];
        let Some(line) = memchr::memchr(b'\n', rest).filter(|length| *length < 5) else { return };
        let indent = rest[line + 1..].iter().take_while(|byte| is_blank(**byte)).count();
        let start = at + line + 1 + indent;
        if indent > 0 && self.heads.may_begin(self.text, start) {
            let run = self.run(start);
            if self.byte(start + run.len()) == b'\n' && self.is_head(run) {
                self.begin(start, None, at);
            }
        }
    }

    /// Looks at a sign that interrupts a run: an interpolation, or the end of a continued line.
    fn interrupted(&mut self, at: usize) {
        let is_continued = self.text[at] == b'\\' && is_line_end(self.byte(at + 1));
        if self.text[at] == b'%' && self.byte(at + 1) == b's' && self.text[..at].ends_with(b"%s") {
            return self.printed(at);
        }
        let start = self.run_start(at);
        // The name of a variable is no piece.
        if self.text[..start].ends_with(b"$") {
            return;
        }
        let quote =
            start.checked_sub(1).map(|before| self.text[before]).filter(|byte| is_quote(*byte));
        let is_head = self.heads.may_begin(self.text, start) || is_continued;
        if is_head && self.is_head(self.run(start)) {
            if quote.is_none() {
                self.begin(start, None, at);
            }
        } else if is_continued {
            self.go_on(start, at, quote);
        }
    }

    /// Reads character codes from `at` on.
    fn codes(&mut self, at: usize) {
        if at < self.codes_end {
            return;
        }
        let mut chain =
            JoinChain::new(self.text, &self.names, self.heads, JoinReach::Literals, (BEFORE, at));
        if chain.code(at).is_none() {
            return;
        }
        let end = chain.read_codes(at);
        self.codes_end = end;
        if chain.joined >= FEWEST_CODES {
            self.found.push(chain.finish(end));
        }
    }

    /// Reads the expression whose first piece, at `start`, begins a key, as the sign at `sign` tells.
    fn begin(&mut self, start: usize, quote: Option<u8>, sign: usize) {
        // The piece may be the end of a literal.
        let open = match start.checked_sub(1) {
            Some(before) if quote == Some(self.text[before]) => before,
            _ => start,
        };
        if start < self.keys_settled {
            return;
        }
        if let Some((format, quote)) = format_before(self.text, open) {
            // Its other arguments may be constants.
            let run = self.run(start);
            let is_beside =
                self.text[..open].trim_ascii_end().last().is_some_and(|it| is_quote(*it));
            if run.len() > 1 && !is_beside {
                let end = start + run.len() + 1;
                self.found.push(DecodedText::anchor(format - 1..self.text.len().min(end)));
            }
            if let Some(joined) = self.format(format, quote) {
                return self.found.push(joined);
            }
        }
        let mut chain =
            JoinChain::new(self.text, &self.names, self.heads, JoinReach::All, (BEFORE, start));
        let end = chain.read_literal(start, quote);
        let run = self.run(start);
        // Near the sign, and so in the same part of a text.
        let is_near = open + LONGEST_RUN >= sign + NAMED_BEFORE;
        let name_end =
            chain.name_end().filter(|&end| is_near && self.may_be_constant(start, run, end));
        // With the sign that tells that a piece begins.
        self.found.extend(anchor(self.text, open.saturating_sub(2), name_end));
        if chain.joined > 1 && self.is_key(chain.run()) {
            let run = chain.run().to_vec();
            let (joint, settled) = (chain.joint, chain.settled);
            let bare = quote.is_none().then_some(chain.start);
            let mut joined = chain.finish(end);
            joined.bare = bare;
            self.settle_key(start, joint, settled);
            let name = is_near.then(|| self.named_piece(open, end)).flatten();
            let name = name.filter(|_| self.names.has_values());
            if !name
                .is_some_and(|name| self.follow(name, &run, (start..end, false), MOST_STEPS - 1))
            {
                self.found.push(joined);
            }
        } else if run.len() >= SHORTEST_NAMED && run.iter().all(u8::is_ascii_lowercase) {
            self.follow_word(open, run);
        } else if run.len() >= SHORTEST_NAMED
            && self.byte(start + run.len()) != b'\\'
            && is_near
            && let Some(name) = self.named_piece(open, start + run.len())
            && self.names.has_values()
        {
            self.follow(name, run, (start..start + run.len(), true), MOST_STEPS);
        }
    }

    /// True if a constant whose name ends at `name_end` may go on with a piece that begins at `start` with `run`.
    /// Behind one or two characters, most names are parts of a condition or of prose.
    fn may_be_constant(&self, start: usize, run: &[u8], name_end: usize) -> bool {
        if !run.iter().any(u8::is_ascii_alphanumeric) {
            return false;
        }
        let between = self.text.get(start + run.len()..name_end).unwrap_or_default();
        let is_close = || {
            between.len() <= NAMED_BEFORE && !between.iter().any(|byte| b"|):;\n".contains(byte))
        };
        let name = between.iter().rev().take_while(|byte| is_name(**byte)).count();
        let (signs, name) = between.split_at(between.len() - name);
        // Beside a literal, only macros are constants.
        let is_beside = || signs.get(1..).is_some_and(|signs| signs.trim_ascii().is_empty());
        let is_prose = matches!(signs, [_, b'.', b' ' | b'\n', ..])
            || is_beside() && name.iter().any(u8::is_ascii_lowercase);
        !is_prose && (run.len() >= SHORTEST_NAMED || is_close())
    }

    /// The name of the piece from `open` to `end`, if it has one. The piece is passed on with it.
    pub(super) fn named_piece(&mut self, open: usize, end: usize) -> Option<&'t [u8]> {
        let name = self.names.name_of(open)?;
        let start = self.names.line_of(open).max(open.saturating_sub(NAMED_BEFORE));
        let place = start..self.text.len().min(end + 1);
        self.found.push(DecodedText::anchor(place));
        Some(name)
    }

    /// Settles the pieces of a key that begins at `start`, up to `settled`. Of a list, each part may begin
    /// another key; only so many are read.
    pub(super) fn settle_key(&mut self, start: usize, joint: Option<Joint>, settled: usize) {
        if start >= self.list_end {
            self.listed = 0;
        }
        (self.listed, self.list_end) = (self.listed + 1, settled);
        if joint == Some(Joint::Operator) || self.listed > MOST_LISTED {
            self.keys_settled = settled;
            self.listed = 0;
        }
    }

    /// Reads the format that begins at `start`, if all of its arguments are known.
    pub(super) fn format(&self, start: usize, quote: u8) -> Option<DecodedText> {
        let mut chain =
            JoinChain::new(self.text, &self.names, self.heads, JoinReach::All, (BEFORE, start));
        let end = chain.read_literal(start, Some(quote));
        (chain.joined > 1 && chain.is_complete).then(|| chain.finish(end))
    }

    /// True for a run that is a keyword, or a part of one, with nothing or random characters behind it.
    pub(super) fn is_head(&self, run: &[u8]) -> bool {
        // Words begin many keywords, too.
        let letters = run.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        if letters == run.len() && letters > LONGEST_LETTERS {
            return false;
        }
        match self.heads.read(run) {
            None => false,
            Some(KeyHead::Part) => true,
            // A shorter keyword, and a word behind it with which a longer one begins: `tok_` and `tok_live_`.
            Some(KeyHead::Whole(_)) if self.heads.is_part(run) => true,
            Some(KeyHead::Whole(length)) => {
                let rest = &run[length..];
                let is_sign = |byte: &u8| matches!(byte, b'_' | b'-' | b'.' | b'/');
                let is_word = |is: fn(&u8) -> bool| rest.iter().all(|own| is(own) || is_sign(own));
                rest.len() < 4
                    || !is_word(u8::is_ascii_lowercase) && !is_word(u8::is_ascii_uppercase)
            }
        }
    }

    /// True for a keyword with a few letters behind it, which may be drawn at random as well as be a word.
    pub(super) fn is_short_head(&self, run: &[u8]) -> bool {
        !run.iter().all(u8::is_ascii_lowercase)
            && matches!(self.heads.read(run), Some(KeyHead::Whole(length)) if run.len() - length < 8)
    }

    /// True for a run that may be a key.
    pub(super) fn is_key(&self, run: &[u8]) -> bool {
        run.len() >= SHORTEST_VALUE && matches!(self.heads.read(run), Some(KeyHead::Whole(_)))
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// True for what is surely the name of a file: its letters are all small ones or all capitals, and it has few
/// digits.
fn is_path(run: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| run.iter().any(is);
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
    !is_mixed && digits < 3 && has(|byte| matches!(byte, b'.' | b'/'))
}

/// The beginning of an expression from `start` on that goes on with a constant up to `name_end`.
pub(super) fn anchor(text: &[u8], start: usize, name_end: Option<usize>) -> Option<DecodedText> {
    name_end.map(|end| DecodedText::anchor(start..text.len().min(end + 1)))
}

#[cfg(test)]
mod tests {
    use super::super::encoded_places::{EncodedPlace, encoded_places};
    use super::*;

    fn texts(text: &[u8], heads: &[&[u8]]) -> Vec<Vec<u8>> {
        let heads = KeyHeads::new(heads.iter().copied());
        let part = SearchedPart { text, range: 0..text.len(), is_new: &|_| true };
        let (mut all, mut joined) = (Vec::new(), JoinedTexts::new(text, &heads, true));
        encoded_places(text, &part.range, |place| {
            if let EncodedPlace::Joint(at) = place {
                joined.see(&part, at, &mut |own| all.push(own.bytes));
            }
        });
        all
    }

    #[test]
    fn rows_of_literals_are_read_a_few_times_only() {
        for row in [
            "'a' ",
            "'ab' + ",
            "'tok_' ",
            "'t' 'o' 'k' '_' ",
            "'t', 'o', 'k', '_', ",
            "'abcdefgh' . ",
            "'tok_abcd'\n",
        ] {
            let text = row.repeat(20_000 / row.len());
            let read: usize = texts(text.as_bytes(), &[b"tok_"]).iter().map(Vec::len).sum();
            assert!(read < 8 * text.len(), "{row}: {read} of {}", text.len());
        }
    }

    #[test]
    fn no_place_in_a_row_is_passed_over() {
        let key = "abcdefghijklmnopqrstuv";
        let pieces: String =
            key.as_bytes().chunks(2).map(|own| format!("'{}' ", own.escape_ascii())).collect();
        for before in (0..400).step_by(7) {
            let text = format!("{}{pieces}{}", "'9-' ".repeat(before), "'-' ".repeat(300));
            let all = texts(text.as_bytes(), &[b"tok_"]);
            assert!(
                all.iter().any(|own| memchr::memmem::find(own, key.as_bytes()).is_some()),
                "{before}"
            );
        }
    }
}
