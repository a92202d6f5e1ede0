//! Reads what is between two pieces of a text that a program puts together: operators, calls, comments,
//! continued lines, in any language.

use super::decoded_text::Apart;
use super::join_chain::{JoinChain, JoinReach, Joint, LONGEST_GAP};
use super::join_lists::joins_list;
use super::join_names::{is_blank, is_name, is_quote};
use super::join_raw::{may_be_raw, raw_literal, raw_start};
use super::key_heads::KeyHead;
use crate::rules::is_value;

/// A run of so many characters may be a key that stands whole.
const WHOLE: usize = 24;

/// Methods and functions that add what follows.
const JOINING: &[&[u8]] = &[
    b"append",
    b"Append",
    b"concat",
    b"Concat",
    b"push_str",
    b"push",
    b"plus",
    b"add",
    b"write",
    b"WriteString",
    b"write_str",
    b"writeString",
    b"appending",
    b"stringByAppendingString",
    b"puts",
    b"appendString",
    b"AppendLiteral",
    b"cat",
];

/// Functions that add their second argument to their first.
const ADDING: &[&[u8]] = &[b"strcat", b"strncat", b"strlcat", b"StrCat", b"wcscat", b"lstrcat"];

/// Directives of assemblers for texts that may go on in the next line.
const DIRECTIVES: &[&[u8]] = &[b"ascii", b"asciz", b"string"];
const OPEN_DIRECTIVES: &[&[u8]] = &[b".ascii", b"db", b"DB", b"byte", b"BYTE", b"dc.b"];

/// Methods without arguments between a piece and what joins it.
const PASSING: &[&[u8]] = &[
    b"to_string",
    b"to_owned",
    b"into",
    b"toString",
    b"ToString",
    b"freeze",
    b"clone",
    b"as_str",
    b"dup",
    b"str",
    b"c_str",
    b"trim",
    b"intern",
    b"encode",
    b"decode",
];

/// Functions and types around a piece.
const WRAPPING: &[&[u8]] = &[
    b"String",
    b"string",
    b"str",
    b"std",
    b"from",
    b"new",
    b"text",
    b"StringBuilder",
    b"Text",
    b"StringBuffer",
    b"NSString",
    b"QString",
    b"QStringLiteral",
    b"bytes",
    b"N",
    b"L",
    b"u8",
    b"f",
    b"r",
    b"b",
    b"u",
    b"R",
    b"to_string",
    b"of",
    b"u_",
];

impl JoinChain<'_, '_> {
    /// The next piece behind one that ends at `start`, if something joins them.
    pub(super) fn gap(&mut self, start: usize) -> Option<usize> {
        let mut gap = Gap { start, ..Gap::default() };
        let mut at = start;
        loop {
            if at - start > LONGEST_GAP {
                return None;
            }
            let byte = self.byte(at);
            let next = self.byte(at + 1);
            match byte {
                b' ' | b'\t' | b'\r' => at += 1,
                b'\n' => {
                    gap.is_new_line = true;
                    at += 1;
                }
                b'\\' | b'`' | b'_' | b'^' if matches!(next, b'\n' | b'\r') => {
                    at += 2;
                }
                // Fortran.
                b'/' if next == b'/' && !gap.has_sign && self.is_literal(at + 2) => {
                    gap.has_sign = true;
                    gap.has_operator = true;
                    at += 2;
                }
                b'/' if matches!(next, b'/' | b'*') => at = self.comment_end(at)?,
                b'#' if at == start && self.is_raw_end(at) => {
                    at = self.skip(at, |byte| byte == b'#');
                }
                _ if may_be_raw(byte, next) && raw_literal(self.text, at).is_some() => {
                    return self.joint(&gap, true).then_some(at);
                }
                b'#' if next != b'{'
                    && (at == start || is_blank(self.text[at - 1]) || gap.is_new_line) =>
                {
                    at = self.comment_end(at)?;
                }
                b'-' if next == b'-' && gap.has_sign => at = self.comment_end(at)?,
                b's' | b'u' if at == start && self.is_suffix(at) => at = self.skip(at, is_name),
                _ if self.code(at).is_some() => {
                    return self.joint(&gap, true).then_some(at);
                }
                quote if is_quote(quote) => {
                    return self.joint(&gap, true).then_some(at);
                }
                // In a notebook, a line of code is a text of its own.
                b'\\' if next == b'n' && self.line_end(at).is_some() => {
                    gap.is_new_line = true;
                    at = self.line_end(at)?;
                }
                b'\\' if self.is_escaped && is_quote(next) => {
                    return self.joint(&gap, true).then_some(at + 1);
                }
                _ if self.reach == JoinReach::Literals && self.is_prefixed(at) => {
                    return self.joint(&gap, true).then_some(at);
                }
                b'+' | b'.' | b'&' | b'|' | b'~' | b'<' | b'^' | b'*' => {
                    let sign = self.operator(at, &mut gap)?;
                    at += sign;
                }
                _ if self.reach == JoinReach::Literals => return None,
                b',' => {
                    gap.commas += 1;
                    gap.has_sign = true;
                    at += 1;
                }
                b'(' | b'[' => {
                    gap.opens += 1;
                    at += 1;
                }
                b'-' if gap.is_new_line && is_blank(next) && gap.closers == 0 => {
                    // An item of a list in YAML.
                    gap.commas += 1;
                    gap.has_sign = true;
                    at += 1;
                }
                b')' | b']' | b'}' => {
                    gap.closers += 1;
                    at += 1;
                }
                // OCaml and F# have lists with semicolons.
                b';' if gap.closers == 0 && self.is_semicolon_list(at) => {
                    gap.commas += 1;
                    gap.has_sign = true;
                    at += 1;
                }
                b';' => {
                    gap.is_new_line = true;
                    gap.is_ended = true;
                    at += 1;
                }
                b'>' if self.appended(at).is_some() => {
                    gap.has_sign = true;
                    gap.has_operator = true;
                    at = self.appended(at)?;
                }
                b'@' | b'$' if is_quote(next) || matches!(next, b'@' | b'$') => {
                    return self.joint(&gap, true).then_some(at);
                }
                _ if is_name(byte)
                    || matches!(byte, b'$' | b'@')
                    || byte == b'-'
                        && at == start
                        && self.text[..start].last().is_some_and(|byte| is_quote(*byte)) =>
                {
                    // A bare value goes on beside a literal, or is added to a variable.
                    let is_beside = at == start && is_value(byte);
                    // In prose, what is between backticks is code; a bare value ends at a blank.
                    let is_literal = matches!(self.text[..start].last(), Some(b'"' | b'\''));
                    if !is_beside && !gap.has_sign && !gap.is_new_line && !is_literal {
                        return None;
                    }
                    self.may_be_bare = is_beside || gap.is_statement;
                    let is_number = (byte.is_ascii_digit() || byte == b'-') && self.may_be_bare;
                    match if is_number { GapWord::Piece } else { self.word(at, &mut gap)? } {
                        GapWord::Between(end) => at = end,
                        GapWord::Piece => {
                            let is_piece = is_beside || self.joint(&gap, false);
                            return is_piece.then_some(at);
                        }
                    }
                }
                _ => return None,
            }
        }
    }

    /// True if what is between two pieces joins them.
    fn joint(&mut self, gap: &Gap, is_literal: bool) -> bool {
        let is_closed = gap.closers > 0
            && !(gap.is_wrapped && gap.closers == gap.opens)
            && !self.is_nested(gap.closers);
        let is_apart = gap.is_ended || gap.closers > 0 || gap.is_new_line && !is_literal;
        let is_beside = !gap.has_sign && !is_apart;
        let is_list = gap.commas > 0 && !gap.is_statement;
        if is_list && (gap.commas > 1 || is_closed || gap.has_operator) {
            return false;
        }
        let own = if is_list { Joint::Comma } else { Joint::Operator };
        // What stands whole may be only beside other text.
        let is_broken = self.reach == JoinReach::Literals && gap.is_new_line;
        if (is_list || is_beside && !is_broken) && self.joint.is_none() {
            let is_long = self.run().len() >= WHOLE;
            if is_long && self.reach == JoinReach::Literals {
                return false;
            }
            self.apart = is_long.then_some(if is_list { Apart::List } else { Apart::Beside });
        }
        let joint = *self.joint.get_or_insert(own);
        joint == own && (gap.has_sign || is_beside)
    }

    /// True if a literal that ends on its line follows `at`.
    fn is_literal(&self, at: usize) -> bool {
        let open = self.skip(at, is_blank);
        let quote = self.byte(open);
        let rest = self.text.get(open + 1..).unwrap_or_default();
        let rest = &rest[..rest.len().min(LONGEST_GAP)];
        let close = memchr::memchr2(quote, b'\n', rest);
        is_quote(quote) && close.is_some_and(|close| rest[close] == quote)
    }

    /// True if so many calls of `concat` are arguments of another one, as in SQL.
    fn is_nested(&self, closers: usize) -> bool {
        let before = &self.text[self.first.saturating_sub(64)..self.first];
        let calls = before.windows(6).filter(|own| own.eq_ignore_ascii_case(b"oncat("));
        self.joint == Some(Joint::Comma) && calls.count() > closers
    }

    /// Where the next line of code begins if one ends at `at` in a list of lines: `\n", "`.
    fn line_end(&self, at: usize) -> Option<usize> {
        let comma = at + 4;
        let is_end = self.text.get(at..comma)? == b"\\n\",";
        let open = self.skip(comma, |byte| byte.is_ascii_whitespace());
        (is_end && self.byte(open) == b'"').then_some(open + 1)
    }

    /// True if the directive before the literal that ends where the gap begins ends no text.
    fn is_open_text(&self, gap: &Gap) -> bool {
        let before = &self.text[gap.start.saturating_sub(LONGEST_GAP)..gap.start];
        let line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at..]);
        let mut words = line.split(u8::is_ascii_whitespace);
        words.any(|word| OPEN_DIRECTIVES.contains(&word))
    }

    /// True if a quote follows the semicolon at `at` in a list that is joined.
    fn is_semicolon_list(&self, at: usize) -> bool {
        is_quote(self.byte(self.skip(at + 1, |byte| byte.is_ascii_whitespace())))
            && joins_list(self.text, self.first, self.first)
    }

    /// True if the suffix of a literal of C++ or C# begins at `at`: `"text"s`, `"text"sv`, `"text"u8`.
    pub(super) fn is_suffix(&self, at: usize) -> bool {
        let word = &self.text[at..self.skip(at, is_name)];
        self.text[..at].ends_with(b"\"") && matches!(word, b"s" | b"sv" | b"u8")
    }

    /// True if a literal ends at `at` that a hash stands before, as in Rust and Swift.
    fn is_raw_end(&self, at: usize) -> bool {
        let from = at.saturating_sub(LONGEST_GAP);
        let Some(before) = self.text[from..at].strip_suffix(b"\"") else { return false };
        let open = memchr::memrchr(b'"', before).map(|open| from + open);
        open.and_then(|open| raw_start(self.text, open))
            .is_some_and(|start| self.text[start] == b'#' || self.text[start + 1] == b'#')
    }

    /// True if a literal with a prefix begins at `at`.
    fn is_prefixed(&self, at: usize) -> bool {
        let end = self.skip(at, |byte| b"@$frbuLNREcs".contains(&byte));
        (1..=2).contains(&(end - at)) && matches!(self.byte(end), b'"' | b'\'')
    }

    /// The length of an operator that joins, or of a method that does.
    fn operator(&self, at: usize, gap: &mut Gap) -> Option<usize> {
        let rest = &self.text[at..];
        if gap.is_new_line && rest[0] == b'.' {
            let end = self.skip(at + 1, is_name);
            if DIRECTIVES.contains(&&self.text[at + 1..end]) {
                gap.has_sign = true;
                return self.is_open_text(gap).then_some(end - at);
            }
        }
        let mut sign = |length: usize| {
            gap.has_sign = true;
            gap.has_operator = true;
            Some(length)
        };
        match rest {
            [b'.' | b'+' | b'&' | b'|' | b'~' | b'^', b'=', ..] if self.reach == JoinReach::All => {
                sign(2)
            }
            [b'+', b'+', ..] | [b'.', b'.', ..] | [b'|', b'|', ..] | [b'<', b'<' | b'>', ..] => {
                sign(2)
            }
            // ABAP.
            [b'&', b'&', rest @ ..] => {
                let next = rest.iter().find(|byte| !is_blank(**byte))?;
                is_quote(*next).then(|| sign(2))?
            }
            // Liquid.
            [b'|', ..] if rest.starts_with(b"| append: ") => sign(b"| append: ".len()),
            [b'|' | b'<', ..] => None,
            [b'+' | b'&' | b'~' | b'^', ..] => sign(1),
            // Julia.
            [b'*', b' ', quote, ..] if is_quote(*quote) => sign(1),
            [b'.', next, ..] if is_name(*next) => {
                let end = self.skip(at + 1, is_name);
                let name = &self.text[at + 1..end];
                if raw_literal(self.text, at + 1).is_some() {
                    return sign(1);
                }
                if self.code(at + 1).is_some() {
                    sign(1)
                } else if self.reach == JoinReach::Literals {
                    None
                } else if JOINING.contains(&name) && matches!(self.byte(end), b'(' | b':' | b' ') {
                    sign(end + 1 - at)
                } else if PASSING.contains(&name) {
                    let is_call = self.text[end..].starts_with(b"()");
                    Some(end - at + if is_call { 2 } else { 0 })
                } else {
                    None
                }
            }
            [b'.', ..] => sign(1),
            _ => None,
        }
    }

    /// Reads a word between two pieces.
    fn word(&self, at: usize, gap: &mut Gap) -> Option<GapWord> {
        let (name, end) = self.path(at, self.text.len())?;
        let last = &self.text[name];
        let rest = self.skip(end, is_blank);
        let is_statement = gap.is_new_line || gap.closers > 0;
        let sign: usize = match &self.text[rest..] {
            [b'+' | b'.' | b'&' | b'~', b'=', ..] | [b'<', b'<', ..] => 2,
            [b'.', b'.', b'=', ..] => 3,
            _ => 0,
        };
        if is_statement && sign > 0 {
            gap.has_sign = true;
            gap.is_statement = true;
            return Some(GapWord::Between(self.skip(rest + sign, is_blank)));
        }
        if JOINING.contains(&last) && matches!(self.byte(end), b'(' | b':' | b' ') {
            gap.has_sign = true;
            gap.is_statement = true;
            return Some(GapWord::Between(end + 1));
        }
        if ADDING.contains(&last) && self.byte(end) == b'(' {
            let comma = memchr::memchr(b',', &self.text[end..self.text.len().min(end + 64)])?;
            gap.has_sign = true;
            gap.is_statement = true;
            return Some(GapWord::Between(end + comma + 1));
        }
        if gap.is_new_line && OPEN_DIRECTIVES.contains(&last) {
            gap.has_sign = true;
            return self.is_open_text(gap).then_some(GapWord::Between(end));
        }
        // A cast of TypeScript or Kotlin.
        if last == b"as" {
            return Some(GapWord::Between(self.skip(rest, is_name)));
        }
        if WRAPPING.contains(&last)
            && (self.byte(end) == b'(' || is_quote(self.byte(end)) || last == b"new")
        {
            gap.is_wrapped = true;
            return Some(GapWord::Between(end));
        }
        Some(GapWord::Piece)
    }

    /// Where the piece stands that a shell appends to the file to which the one before is written by the sign at `at`:
    /// `> key` and, in the next command, `echo -n '…' >> key`.
    fn appended(&self, at: usize) -> Option<usize> {
        let name = self.skip(self.skip(at, |byte| byte == b'>'), is_blank);
        let end = self.skip(name, |byte| byte.is_ascii_graphic() && !b";&|'\"".contains(&byte));
        let command =
            self.skip(end, |byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b'&'));
        let rest = self.text.get(command..)?;
        let call =
            [&b"echo -n "[..], b"printf '%s' ", b"printf \"%s\" ", b"printf %s ", b"printf "];
        let open = command + call.iter().find(|own| rest.starts_with(own))?.len();
        let quote = self.byte(open);
        let content = self.text.get(open + 1..)?;
        let content = &content[..content.len().min(LONGEST_GAP)];
        let close = open + 2 + memchr::memchr(quote, content).filter(|_| is_quote(quote))?;
        let sign = self.skip(close, is_blank);
        let same = self.skip(self.skip(sign, |byte| byte == b'>'), is_blank);
        let is_same = self.text[sign..].starts_with(b">>")
            && self.text[same..].starts_with(&self.text[name..end]);
        (end > name && command > end && is_same).then_some(open)
    }

    /// True if the piece at `at` begins a key of its own.
    pub(super) fn begins_another(&self, at: usize) -> bool {
        let open = self.skip(at, |byte| is_quote(byte) || matches!(byte, b'@' | b'$'));
        let is_whole = |run: &[u8]| matches!(self.heads.read(run), Some(KeyHead::Whole(_)));
        let next = &self.text[open..self.skip(open, is_value)];
        let run = self.run();
        self.reach == JoinReach::All && is_whole(next) && is_whole(run) && !self.is_cut(run, next)
    }

    /// True if a keyword begins in `run` that ends in `next`.
    fn is_cut(&self, run: &[u8], next: &[u8]) -> bool {
        let is_longer = |head| matches!(head, Some(KeyHead::Whole(length)) if length > run.len());
        self.heads.is_part(run) && is_longer(self.heads.read(&[run, next].concat()))
    }

    /// The end of a comment that begins at `at`.
    fn comment_end(&self, at: usize) -> Option<usize> {
        let rest = &self.text[at..self.text.len().min(at + LONGEST_GAP)];
        match rest {
            [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/").map(|length| at + length + 2),
            _ => memchr::memchr(b'\n', rest).map(|length| at + length),
        }
    }
}

/// The signs seen between two pieces.
#[derive(Default)]
struct Gap {
    /// Where it begins.
    start: usize,
    has_sign: bool,
    has_operator: bool,
    is_new_line: bool,
    /// True behind the end of a statement.
    is_ended: bool,
    is_statement: bool,
    commas: usize,
    closers: usize,
    opens: usize,
    /// True behind a function or a type around a piece.
    is_wrapped: bool,
}

/// A word between two pieces.
enum GapWord {
    /// It belongs to what joins them, and ends there.
    Between(usize),
    /// It is a piece itself.
    Piece,
}
