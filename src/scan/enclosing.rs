//! The names of values on other lines: `datadog:` above `apiKey: …`, `[okta]` above `api_token = …`, and
//! `name: DD_API_KEY` beside `value: …`.
//!
//! Blocks are told by their indentation, which all formats with blocks share, and not by the grammar of
//! one. Nothing is allocated, at most `REACH` bytes and `LINES` lines are read for a value, and only for one
//! that looks drawn at random: in source code, less than one byte in 200.

use std::ops::Range;

use super::assigned::{is_header, last_token, name, trimmed, without_end};
use super::filters::shape;
use crate::rules::is_value;

/// Bytes from the first line that names a value to the last one.
pub(super) const REACH: usize = 1024;

/// Bytes of a value that tell whether it may be a key.
pub(super) const LOOK: usize = 128;

/// Characters for each change between small letters, capitals and digits, at most: a random text has two.
const CHANGES: usize = 5;

/// Characters for each digit, at most.
const DIGITS: usize = 6;

/// The longest number that code may have: `0x` and 32 digits.
const LONGEST_NUMBER: usize = 34;

/// The least length of a part that tells a key with signs between its parts.
const LONG_PART: usize = 32;

/// Lines above a value that are read.
const LINES: usize = 30;

/// Lines that enclose a value, at most.
const LEVELS: usize = 3;

/// Lines from a value to the one beside it that names it, at most.
const BESIDE: usize = 3;

/// A longer line is no heading.
const LONGEST_HEADING: usize = 200;

/// Length in bytes of the longest byte order mark.
const BYTE_ORDER_MARK: usize = 3;

/// Lines above or below a header, or above the inputs of an action, in which an address or the action is looked for.
const NEAR_LINES: usize = 6;

/// Lines that name one value, at most: on its own line, beside it on either side, around it, with an action or the
/// addresses before and behind it.
const MOST: usize = 1 + 2 * BESIDE + 2 * LEVELS + 2;

/// Endings of names of values whose own name is a neighbour's value.
const PLACEHOLDERS: &[&[u8]] = &[b"value", b"content", b"string"];

/// Endings of the names under which the name of a value stands beside it.
const NAMES: &[&[u8]] = &[b"name", b"key", b"variable"];

/// The lines that name a value together with its own name.
#[derive(Debug, Default)]
pub(super) struct Enclosing {
    /// The value's own name.
    pub(super) own: Range<usize>,
    parts: [Range<usize>; MOST],
    count: usize,
}

impl Enclosing {
    /// The lines around the value at `start` that name it; its line begins at `line`. `None` if there
    /// are none, or if it looks like no key.
    pub(super) fn of(text: &[u8], line: usize, start: usize, reach: usize) -> Option<Self> {
        if !may_be_enclosed(text, line, start, reach) {
            return None;
        }
        let mut all = Self { own: name(text, line, start), ..Self::default() };
        let own_name = last_token(&text[all.own.clone()]);
        if PLACEHOLDERS.iter().any(|word| without_end(own_name, word).is_some()) {
            all.add_beside(text, line, start, reach);
        }
        all.add_around(text, line, start, reach);
        if is_header(&text[all.own.clone()]) {
            all.add_host(text, line, start, reach);
        }
        (all.count > 0).then_some(all)
    }

    /// The lines, from the nearest one to the outermost.
    pub(super) fn lines(&self) -> &[Range<usize>] {
        &self.parts[..self.count]
    }

    /// The end of the last one.
    pub(super) fn end(&self) -> usize {
        self.lines().iter().map(|line| line.end).max().unwrap_or(0)
    }

    fn add(&mut self, line: Range<usize>) {
        if let Some(part) = self.parts.get_mut(self.count) {
            *part = line;
            self.count += 1;
        }
    }

    /// Adds the names that stand beside a value: on its line, or near it in its block.
    fn add_beside(&mut self, text: &[u8], line: usize, start: usize, reach: usize) {
        let to = text.len().min(start + reach / 4);
        let end = start + text[start..to].iter().take_while(|byte| is_value(**byte)).count();
        let rest = &text[end..to];
        let own_end = end + memchr::memchr2(b'\n', b'}', rest).unwrap_or(rest.len());
        if text[end..own_end].iter().any(u8::is_ascii_alphabetic) {
            self.add(end..own_end);
        }
        let own = Indent::of(&text[line..start]);
        let mut next = own_end;
        for _ in 0..BESIDE {
            let Some(rest) = memchr::memchr(b'\n', &text[next..to]) else { break };
            let from = next + rest + 1;
            // A line that goes on further is too far away.
            let Some(length) = memchr::memchr(b'\n', &text[from..to])
                .or_else(|| (to == text.len()).then_some(to - from))
            else {
                break;
            };
            next = from + length;
            let indent = Indent::of(&text[from..next]);
            if !indent.has_text || indent.is_item() || indent.text < own.text {
                break;
            }
            if indent.text == own.text && is_name_line(&text[from..next]) {
                self.add(from..next);
            }
        }
        let mut end = line;
        for _ in 0..BESIDE {
            let Some(above) = line_above(text, end, start, reach).filter(|_| !own.is_item()) else {
                break;
            };
            end = above.start;
            let indent = Indent::of(&text[above.clone()]);
            if !indent.has_text || indent.text < own.text {
                break;
            }
            if indent.text == own.text && is_name_line(&text[above.clone()]) {
                self.add(above);
            }
            if indent.text == own.text && indent.is_item() {
                break;
            }
        }
    }

    /// Adds the headings of the blocks around a line: the nearest line above with less indentation, and
    /// so on; of a line without indentation, the section that it is in.
    fn add_around(&mut self, text: &[u8], line: usize, start: usize, reach: usize) {
        let mut indent = Indent::of(&text[line..start]).line;
        let is_in_section = indent == 0;
        // True if the line below opens a block and says no more.
        let mut is_open = false;
        let (mut end, mut levels) = (line, 0);
        for _ in 0..LINES {
            if indent == 0 && !is_open && !is_in_section || levels == LEVELS {
                return;
            }
            let Some(above) = line_above(text, end, start, reach) else { return };
            end = above.start;
            let content = &text[above.clone()];
            if is_in_section && !is_open {
                if content.first() == Some(&b'[') && content.len() <= LONGEST_HEADING {
                    return self.add(above);
                }
                continue;
            }
            let own = Indent::of(content);
            let is_outside = own.line < indent || is_open && own.line == indent;
            if !own.has_text || !is_outside || is_comment(&content[own.line..]) {
                continue;
            }
            indent = own.line;
            let rest = &content[own.line..];
            if rest.starts_with(b"</") || b"})]".contains(&rest[0]) {
                is_open = false;
            } else if !rest.iter().any(u8::is_ascii_alphanumeric) {
                is_open = true;
            } else {
                if content.len() <= LONGEST_HEADING && (is_open || is_heading(rest)) {
                    self.add(above.clone());
                    levels += 1;
                    if rest.trim_ascii_end() == b"with:" {
                        self.add_action(text, above.start, indent, (start, reach));
                    }
                }
                is_open = false;
            }
        }
    }

    /// Adds the action of a workflow whose inputs begin with the line at `line`: its `uses` is beside their `with`.
    fn add_action(
        &mut self,
        text: &[u8],
        line: usize,
        indent: usize,
        (start, reach): (usize, usize),
    ) {
        let mut end = line;
        for _ in 0..NEAR_LINES {
            let Some(above) = line_above(text, end, start, reach) else { return };
            end = above.start;
            let own = Indent::of(&text[above.clone()]);
            if own.has_text
                && own.text == indent
                && text[above.start + own.text..].starts_with(b"uses:")
            {
                return self.add(above);
            }
            if own.has_text && own.line < indent {
                return;
            }
        }
    }

    /// Adds the hosts of the nearest addresses around a header, to which it is sent: the one above it, and the one
    /// behind it on its line or below.
    fn add_host(&mut self, text: &[u8], line: usize, start: usize, reach: usize) {
        let mut end = line;
        for _ in 0..NEAR_LINES {
            let Some(above) = line_above(text, end, start, reach) else { break };
            end = above.start;
            if let Some(host) = host(text, above) {
                self.add(host);
                break;
            }
        }
        let to = text.len().min(start + reach / 4);
        let behind = &text[start..to];
        let breaks = memchr::memchr_iter(b'\n', behind).nth(NEAR_LINES);
        let host = host(text, start..breaks.map_or(to, |length| start + length));
        // One that goes on further is too far away.
        if let Some(host) = host.filter(|host| host.end < to || to == text.len()) {
            self.add(host);
        }
    }
}

/// The host of the first address in `part`.
fn host(text: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let at = memchr::memmem::find(&text[part.clone()], b"://")?;
    let host = part.start + at + b"://".len();
    let is_of_host = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-.".contains(byte);
    let length = text[host..part.end].iter().take_while(is_of_host).count();
    Some(host..host + length)
}

/// Where the text of a line begins.
#[derive(Debug, Clone, Copy)]
struct Indent {
    /// Its first character that is no space.
    line: usize,
    /// The first one after the signs that begin an item of a list or a block on the same line.
    text: usize,
    has_text: bool,
}

impl Indent {
    fn of(line: &[u8]) -> Self {
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
        let own = line.iter().take_while(is_space).count();
        let is_sign = |&at: &usize| match line[at] {
            b'-' => matches!(line.get(at + 1), Some(b' ')),
            byte => b" \t{[(".contains(&byte),
        };
        let text = (own..line.len()).find(|at| !is_sign(at)).unwrap_or(line.len());
        Self { line: own, text, has_text: own < line.len() }
    }

    fn is_item(self) -> bool {
        self.text > self.line
    }
}

/// The line above one that begins at `end`, if all of it is near the value at `start`.
fn line_above(text: &[u8], end: usize, start: usize, reach: usize) -> Option<Range<usize>> {
    let floor = start.saturating_sub(reach - reach / 4);
    let last = end.checked_sub(1).filter(|last| *last >= floor)?;
    let line_break = memchr::memrchr(b'\n', &text[floor..last]);
    match line_break {
        Some(at) => Some(floor + at + 1..last),
        // A byte order mark, which is one zero byte where UTF-16 was narrowed, is no part of the line.
        None if floor == 0 => {
            let is_mark = |byte: &&u8| **byte == 0 || !byte.is_ascii();
            Some(text[..last].iter().take(BYTE_ORDER_MARK).take_while(is_mark).count()..last)
        }
        None => None,
    }
}

/// True if a value may be a key: it is quoted or ends as values of settings do, it is assigned by a name
/// and not by its place in a list, it is no number of code, and it looks drawn at random.
fn may_be_key(text: &[u8], line: usize, start: usize) -> bool {
    let run = &text[start..text.len().min(start + LOOK)];
    let value = &run[..run.iter().position(|byte| !is_value(*byte)).unwrap_or(run.len())];
    let before = &text[line..start];
    let is_quoted = before.last().is_some_and(|quote| b"\"'`".contains(quote));
    let rest = &run[value.len()..];
    let ends_setting = match rest {
        [b' ', next, ..] => !b"=:({|;&+-*".contains(next),
        [end, ..] => b"\n\r <}\"'`\\".contains(end),
        [] => true,
    };
    let is_listed = || {
        let before = trimmed(before);
        matches!(before, [.., b',' | b'[' | b'{' | b'|'] | [.., b'!', b'('])
    };
    let is_number = value.starts_with(b"0x") && value.len() <= LONGEST_NUMBER;
    (is_quoted || ends_setting) && !is_number && !is_listed() && looks_drawn(value)
}

/// True if lines around the value at `start` may name it, by its own line, which begins at `line`, and the
/// [first bytes](LOOK) of the value.
pub(super) fn may_be_enclosed(text: &[u8], line: usize, start: usize, reach: usize) -> bool {
    let is_whole = line == 0 || text[line - 1] == b'\n';
    // Of what is read, half may be the value's own line, and a quarter may be behind it.
    is_whole && start - line <= reach / 2 && may_be_key(text, line, start)
}

fn looks_drawn(value: &[u8]) -> bool {
    let is_drawn = |value: &[u8]| is_mixed(value) && shape(value).is_random();
    let is_long = |part: &&[u8]| (LONG_PART..value.len()).contains(&part.len());
    // Of a key with signs between its parts, a long part tells.
    is_drawn(value)
        || is_drawn(value.strip_prefix(b"0x").unwrap_or_default())
        || value.split(|byte| matches!(byte, b'-' | b'.')).filter(is_long).any(is_drawn)
}

/// False for most words, without the time that it takes to judge them.
fn is_mixed(value: &[u8]) -> bool {
    let is_change = |pair: &[u8]| {
        let [first, next] = [pair[0], pair[1]];
        first.is_ascii_digit() != next.is_ascii_digit()
            || first.is_ascii_uppercase() != next.is_ascii_uppercase()
    };
    let is_sign = |pair: &[u8]| !pair.iter().all(u8::is_ascii_alphanumeric);
    let changes = value.windows(2).filter(|pair| !is_sign(pair) && is_change(pair)).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    CHANGES * changes >= value.len() || DIGITS * digits >= value.len()
}

/// True if a line says the name of a value beside it.
fn is_name_line(line: &[u8]) -> bool {
    let from = line.iter().position(u8::is_ascii_alphabetic).unwrap_or(line.len());
    let rest = &line[from..];
    // An attribute of XML may have a namespace, as in `android:name`.
    let is_prefixed =
        |at: usize| rest[at] == b':' && rest.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
    let is_name = |&at: &usize| {
        rest[at].is_ascii_alphanumeric() || b"_-.".contains(&rest[at]) || is_prefixed(at)
    };
    let name = &rest[..(0..rest.len()).take_while(is_name).count()];
    NAMES.iter().any(|word| without_end(name, word).is_some())
}

fn is_comment(text: &[u8]) -> bool {
    [&b"#"[..], b"//", b";", b"<!--", b"/*", b"*"].iter().any(|mark| text.starts_with(mark))
}

/// True if a line opens a block, or an item of a list.
fn is_heading(text: &[u8]) -> bool {
    if text.starts_with(b"- ") || text[0] == b'[' || text[0] == b'<' {
        return true;
    }
    let code =
        [&b" #"[..], b" //"].iter().filter_map(|mark| memchr::memmem::find(text, mark)).min();
    let code = trimmed(&text[..code.unwrap_or(text.len())]);
    // A line that ends with a backslash goes on below.
    let goes_on = || text.trim_ascii_end().ends_with(b"\\");
    code.last().is_some_and(|last| b":{([=>|&".contains(last)) || goes_on()
}

#[cfg(test)]
impl Enclosing {
    /// The lines from the outermost one inwards.
    pub(super) fn of_parts(own: Range<usize>, lines: &[Range<usize>]) -> Self {
        let mut all = Self { own, ..Self::default() };
        lines.iter().rev().for_each(|line| all.add(line.clone()));
        all
    }
}
