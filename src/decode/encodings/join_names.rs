//! The constants of a text: names with the literals that are assigned to them.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::iter;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr2_iter;
use memchr::memmem::{self, Finder};

/// The longest value that is remembered.
const LONGEST: usize = 512;

/// The most names whose uses are looked for in one text, and the most uses of each.
const MOST_NAMES: usize = 24;
const MOST_USES: usize = 64;

/// So many names are looked for one by one. Of a text with more, all values are read.
const FEW: usize = 24;

/// The names of one text, read when they are asked for.
#[derive(Debug)]
pub(super) struct ConstantNames<'t> {
    text: &'t [u8],
    /// False if no name has a value.
    has_values: bool,
    /// Those that were asked for first.
    few: RefCell<Vec<NamedValue>>,
    values: OnceCell<HashMap<&'t [u8], Range<usize>>>,
    followed: Cell<usize>,
}

/// A name, and the place of its value if it has one.
type NamedValue = (Vec<u8>, Option<Range<usize>>);

/// True for a character of names.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// True for the signs that literals are put in.
pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Where the default begins in what a shell puts in the place of a variable: `A:-value`, `A:=value`.
pub(super) fn default_value(text: &[u8]) -> Option<usize> {
    let name = text.iter().take_while(|byte| is_name(**byte)).count();
    let sign = [&b":-"[..], b":="].into_iter().find(|sign| text[name..].starts_with(sign))?;
    (name > 0).then_some(name + sign.len())
}

/// True for a blank on a line.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl<'t> ConstantNames<'t> {
    /// The names of `text`, without values if these may stand elsewhere.
    pub(super) fn new(text: &'t [u8], has_values: bool) -> Self {
        let (few, values) = (RefCell::default(), OnceCell::new());
        Self { text, has_values, few, values, followed: Cell::new(0) }
    }

    /// False if the values may stand elsewhere.
    pub(super) fn has_values(&self) -> bool {
        self.has_values
    }

    /// The place of the value of a name.
    pub(super) fn value(&self, name: &[u8]) -> Option<Range<usize>> {
        if !self.has_values {
            return None;
        }
        let mut few = self.few.borrow_mut();
        if let Some((_, value)) = few.iter().find(|(known, _)| known == name) {
            return value.clone();
        }
        if few.len() == FEW {
            let values = self.values.get_or_init(|| values(self.text));
            return values.get(name).cloned();
        }
        let value = value_of(self.text, name);
        few.push((name.to_vec(), value.clone()));
        value
    }

    /// The name that the literal or value at `start` is assigned to.
    pub(super) fn name_of(&self, start: usize) -> Option<&'t [u8]> {
        let line = self.line_of(start);
        let name = assigned_name(self.text[line..start].trim_ascii_end())?;
        if name != b"default" {
            return Some(name);
        }
        // The value of a variable of Terraform.
        let before = &self.text[line.saturating_sub(LONGEST)..line];
        let open = memmem::rfind(before, b"variable \"").map(|at| &before[at + 10..]);
        let variable =
            open.map(|open| &open[..open.iter().take_while(|byte| is_name(**byte)).count()]);
        variable.or(Some(name))
    }

    /// Where the line begins on which the name of a value at `start` stands, or so much of it as is read.
    pub(super) fn line_of(&self, start: usize) -> usize {
        let from = start.saturating_sub(LONGEST);
        let before = self.text[from..start].trim_ascii_end();
        memchr::memrchr(b'\n', before).map_or(from, |at| from + at + 1)
    }

    /// The places at which a name is used, apart from its definition, whose value is at `own`. Only some names are looked for.
    pub(super) fn uses(&self, name: &[u8], own: Range<usize>) -> Vec<Range<usize>> {
        if self.followed.get() == MOST_NAMES {
            return Vec::new();
        }
        self.followed.set(self.followed.get() + 1);
        let places = memmem::find_iter(self.text, name).map(|at| at..at + name.len());
        // The definition stands before its value, on one line.
        let line = self.line_of(own.start);
        let defined = memmem::rfind(&self.text[line..own.start], name).map_or(line, |at| line + at);
        let is_other = |place: &Range<usize>| place.start >= own.end || place.end <= defined;
        places.filter(|place| is_whole(self.text, place)).filter(is_other).take(MOST_USES).collect()
    }
}

/// False if the characters at `place` are a part of a longer name.
fn is_whole(text: &[u8], place: &Range<usize>) -> bool {
    let before = place.start.checked_sub(1).map_or(0, |at| text[at]);
    let after = text.get(place.end).copied().unwrap_or(0);
    !is_name(before) && !is_name(after)
}

/// The value of a name, as [`values`] has it: read from the lines with the name only, since a name and the
/// beginning of its value are on one line.
fn value_of(text: &[u8], name: &[u8]) -> Option<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut read = 0;
    let places = memmem::find_iter(text, name).filter(|_| !name.is_empty());
    let places = places.map(|at| at..at + name.len());
    let places = places.filter(|place| is_whole(text, place) && may_have_value(text, place));
    for Range { start: at, .. } in places {
        let Some(rest) = text.get(read..at) else { continue };
        let start = memchr::memrchr(b'\n', rest).map_or(read, |line| read + line + 1);
        read = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
        lines.push(start..read);
    }
    let assigned = lines.iter().find_map(|line| {
        let mut first = None;
        assigned_values(&text[line.clone()], &mut |own, value| {
            if own == name && first.is_none() {
                first = Some(line.start + value.start..line.start + value.end);
            }
        });
        first
    });
    assigned.or_else(|| {
        let defined = definitions(text, lines).into_iter();
        let mut defined = defined.filter_map(|definition| defined_value(text, definition.end));
        defined.find(|(own, _)| *own == name).map(|(_, value)| value)
    })
}

/// False if the name at `place` is assigned nothing, as is nearly every use of one: no sign of an assignment
/// follows it, and no word that defines names is before it.
fn may_have_value(text: &[u8], place: &Range<usize>) -> bool {
    let rest = &text[place.end..];
    let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
    let is_between =
        |byte: &&u8| byte.is_ascii_whitespace() || matches!(byte, b'?' | b'>' | b'(' | b'@' | b'$');
    let sign = rest.iter().find(|byte| !is_between(byte));
    if matches!(sign, Some(b'=' | b':' | b'A')) {
        return true;
    }
    let is_opening = |byte: &u8| is_blank(*byte) || is_quote(*byte) || *byte == b'(';
    let before = &text[..place.start];
    let opening = before.iter().rev().take_while(|byte| is_opening(byte)).count();
    let before = &before[..before.len() - opening];
    opening > 0
        && DEFINES.iter().any(|word| before.ends_with(word.trim_end_matches([' ', '(']).as_bytes()))
}

/// Words that define a name.
const DEFINES: [&str; 5] = ["define", "ENV ", "ARG ", "set(", "set "];

/// A word that defines a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct NameDefinition {
    /// Its index among the words.
    word: usize,
    /// Its end in the text.
    end: usize,
}

/// The words that define names in these parts of a text, by word and place.
fn definitions(text: &[u8], parts: impl IntoIterator<Item = Range<usize>>) -> Vec<NameDefinition> {
    static FINDERS: LazyLock<[Finder<'static>; 5]> = LazyLock::new(|| DEFINES.map(Finder::new));
    let mut all = Vec::new();
    for part in parts {
        for (word, finder) in FINDERS.iter().enumerate() {
            let found = finder.find_iter(&text[part.clone()]);
            let length = finder.needle().len();
            let ends = found.map(|at| part.start + at + length);
            all.extend(ends.map(|end| NameDefinition { word, end }));
        }
    }
    all.sort_unstable();
    all
}

/// The values in a text, by name; the first one of each name.
fn values(text: &[u8]) -> HashMap<&[u8], Range<usize>> {
    let mut all = HashMap::new();
    assigned_values(text, &mut |name, value| {
        all.entry(name).or_insert(value);
    });
    for definition in definitions(text, iter::once(0..text.len())) {
        if let Some((name, value)) = defined_value(text, definition.end) {
            all.entry(name).or_insert(value);
        }
    }
    all
}

/// Passes on names and values with the sign of an assignment between them.
fn assigned_values<'t>(text: &'t [u8], each: &mut dyn FnMut(&'t [u8], Range<usize>)) {
    for sign in memchr2_iter(b'=', b':', text) {
        let Some(value) = value_after(text, sign + 1) else { continue };
        let before = &text[sign.saturating_sub(LONGEST)..=sign];
        let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        if let Some(name) = assigned_name(&before[line..]) {
            each(name, value);
        }
    }
}

/// The name and the value behind a word that defines them and ends at `rest`.
fn defined_value(text: &[u8], rest: usize) -> Option<(&[u8], Range<usize>)> {
    let skip = |from: usize, is: fn(u8) -> bool| {
        from + text[from..].iter().take(LONGEST).take_while(|byte| is(**byte)).count()
    };
    let start = skip(rest, |byte| is_blank(byte) || is_quote(byte) || byte == b'(');
    if rest > 0 && start == rest && is_name(text[rest - 1]) {
        return None;
    }
    let end = skip(start, is_name);
    let value = skip(end, |byte| is_blank(byte) || matches!(byte, b',' | b'"' | b'\''));
    let open = text[end..value].iter().rposition(|byte| matches!(byte, b'"' | b'\''));
    let value = value_after(text, open.map_or(value, |at| end + at)).filter(|_| end > start)?;
    Some((&text[start..end], value))
}

/// The content of a literal, or the bare value, behind a sign of assignments at `start`.
fn value_after(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = &text[start..text.len().min(start + LONGEST)];
    let mut at = rest.iter().take_while(|byte| is_blank(**byte)).count();
    let is_spaced = at > 0;
    // Prefixes of literals, and functions that make strings of them.
    for wrapper in [&b"String::from("[..], b"new String(", b"std::string(", b"String("] {
        if rest[at..].starts_with(wrapper) {
            at += wrapper.len();
        }
    }
    let prefix = rest[at..].iter().take(2).take_while(|byte| b"@$frbuLN".contains(byte)).count();
    let quote = *rest.get(at + prefix)?;
    if is_quote(quote) {
        let open = at + prefix + 1;
        let length = memchr::memchr2(quote, b'\n', &rest[open..])?;
        let is_closed = rest[open + length] == quote && length > 0;
        return is_closed.then_some(start + open..start + open + length);
    }
    let is_bare = |byte: &u8| is_name(*byte) || matches!(byte, b'-' | b'.' | b'/' | b'+' | b'~');
    let length = rest[at..].iter().take_while(|byte| is_bare(byte)).count();
    let value = start + at..start + at + length;
    let is_equal = text[start - 1] != b':';
    let is_end = text.get(value.end).is_none_or(|byte| {
        matches!(byte, b'\n' | b'\r') || is_equal && matches!(byte, b';' | b' ' | b'"')
    });
    (length > 0 && is_end && (is_equal || is_spaced)).then_some(value)
}

/// The name before an assignment, of the text of its line up to the value.
fn assigned_name(line: &[u8]) -> Option<&[u8]> {
    let is_sign =
        |byte: &u8| matches!(byte, b'=' | b':' | b'?' | b'>' | b' ' | b'\t' | b'(' | b'@' | b'$');
    let without = |text: &mut &[u8]| {
        let length = text.len() - text.iter().rev().take_while(|byte| is_sign(byte)).count();
        let cut = text.len() - length;
        *text = &text[..length];
        cut
    };
    let mut rest = line;
    for wrapper in [&b"String::from("[..], b"new String(", b"std::string(", b"String("] {
        rest = rest.strip_suffix(wrapper).unwrap_or(rest);
    }
    // A value may begin with a variable, in quotes or not.
    if let Some(before) =
        [&b"${"[..], b"#{", b"{", b"%", b"!"].iter().find_map(|own| rest.strip_suffix(*own))
    {
        let quote = before.last().is_some_and(|byte| is_quote(*byte));
        let before = &before[..before.len() - usize::from(quote)];
        if before.last().is_some_and(|byte| matches!(byte, b'=' | b':' | b' ' | b'f' | b'$')) {
            rest = before.strip_suffix(b"f").unwrap_or(before);
        }
    }
    let cut = rest.len();
    without(&mut rest);
    if !line[rest.len()..cut].iter().any(|byte| matches!(byte, b'=' | b':')) {
        // `#define NAME "value"` and `define('NAME', 'value')`; `set(NAME "value")` and `set NAME "value"`.
        let after = |word: &[u8]| memmem::find(line, word).map(|at| &line[at + word.len()..]);
        let name = after(b"define").or_else(|| after(b"set(")).or_else(|| after(b"set "))?;
        let start = name.iter().position(|byte| is_name(*byte))?;
        let length = name[start..].iter().take_while(|byte| is_name(**byte)).count();
        return Some(&name[start..start + length]);
    }
    let is_typed = line[rest.len()..cut].contains(&b'=');
    // A type may stand between the name and the sign.
    if is_typed {
        let colon = rest.iter().position(|byte| *byte == b':');
        if let Some(colon) = colon.filter(|&at| at > 0 && rest.get(at + 1) == Some(&b' ')) {
            rest = &rest[..colon];
        } else if let Some(at) = memmem::find(rest, b" As ") {
            rest = &rest[..at];
        }
    }
    let rest = rest.trim_ascii_end();
    let rest = rest.strip_suffix(b"\"").or(rest.strip_suffix(b"'")).unwrap_or(rest);
    let length = rest.iter().rev().take_while(|byte| is_name(**byte)).count();
    (length > 0).then(|| &rest[rest.len() - length..])
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_have_the_values_that_are_assigned_to_them() {
        for (text, name) in [
            ("PART = \"val\"\n", "PART"),
            ("const part: string = 'val';\n", "part"),
            ("const PART: &str = \"val\";\n", "PART"),
            ("my $part = 'val';\n", "part"),
            ("part := \"val\"\n", "part"),
            ("export PART=val\n", "PART"),
            ("#define PART \"val\"\n", "PART"),
            ("define('PART', 'val');\n", "PART"),
            ("set(PART \"val\")\n", "PART"),
            ("set PART \"val\"\n", "PART"),
            ("{ \"part\": \"val\" }\n", "part"),
            ("part: val\n", "part"),
            ("Const PART As String = \"val\"\n", "PART"),
            ("let part = String::from(\"val\");\n", "part"),
            ("ENV PART val\n", "PART"),
        ] {
            let names = ConstantNames::new(text.as_bytes(), true);
            let value = names.value(name.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(&text[value.clone()], "val", "{text}");
            if !text.starts_with("ENV") {
                let before = text[..value.start].trim_end_matches(['"', '\'']);
                assert_eq!(
                    names.name_of(before.len()).map(<[u8]>::to_vec),
                    Some(name.as_bytes().to_vec()),
                    "{text}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_name_alone_has_the_value_that_it_has_among_all(
            parts in vec(prop::sample::select(vec![
                "A", "B", "AB", "define", " = ", "=", ": ", ":", "'v'", "\"w\"", "x", "\n", "\r\n", " ", "define(",
                "set(", "ENV ", ", ", "const ", ": &str", " As ", "String::from(", ")", "'", ";",
            ]), 0..40)
        ) {
            let text = parts.concat();
            let all = values(text.as_bytes());
            for name in ["A", "B", "AB", "x"] {
                let own = all.get(name.as_bytes()).cloned();
                prop_assert_eq!(value_of(text.as_bytes(), name.as_bytes()), own, "{}", name);
            }
        }
    }

    #[test]
    fn a_name_is_used_where_it_stands_whole() {
        let text = b"A = 'v'\nB = A + BA + A1\nC = A\n";
        let names = ConstantNames::new(text, true);
        assert_eq!(names.uses(b"A", 5..6), [12..13, 28..29]);
    }
}
