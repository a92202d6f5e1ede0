//! Reads markup: the tags, attributes and values of pages and components, each byte once.

use std::ops::Range;

/// Which braces hold values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// None: a page.
    Html,
    /// `{{ … }}` in text.
    Vue,
    /// `{…}` in text and in attributes.
    Svelte,
    /// The same, with markup in the values.
    Astro,
}

/// What stands in markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// An opening tag.
    Tag(Tag),
    /// `{…}` or `{{…}}` in text: with and without the braces.
    Value(Range<usize>, Range<usize>),
}

/// An opening tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    /// Its name.
    pub(super) name: Range<usize>,
    /// All of it.
    pub(super) range: Range<usize>,
    /// Its attributes.
    pub(super) attributes: Vec<Attribute>,
    /// Of a script or a style, what stands in it.
    pub(super) content: Option<Range<usize>>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    /// Its name; empty for `{x}` and `{...x}`.
    pub(super) name: Range<usize>,
    /// Name and value.
    pub(super) range: Range<usize>,
    /// Its value without quotes or braces.
    pub(super) value: Option<Range<usize>>,
    /// Whether the value stands in braces.
    pub(super) is_code: bool,
}

/// Reads all of `text` from `start` on.
pub(super) fn read(text: &str, start: usize, dialect: Dialect, mut each: impl FnMut(Event)) {
    let mut reader = Reader { bytes: text.as_bytes(), at: start, dialect, has_values: true };
    while let Some(event) = reader.next() {
        each(event);
    }
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    dialect: Dialect,
    /// Whether braces are still looked at: behind one that does not close, none is.
    has_values: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Event> {
        while self.at < self.bytes.len() {
            let found = memchr::memchr2(b'<', b'{', &self.bytes[self.at..])?;
            self.at += found;
            let rest = &self.bytes[self.at..];
            if rest[0] == b'{' {
                if let Some(value) = self.value() {
                    return Some(value);
                }
                self.at += 1;
            } else if rest.starts_with(b"<!--") {
                let end = memchr::memmem::find(&rest[4..], b"-->");
                self.at = end.map_or(self.bytes.len(), |end| self.at + 4 + end + 3);
            } else if rest.get(1).is_some_and(u8::is_ascii_alphabetic) {
                return Some(Event::Tag(self.tag()));
            } else {
                self.at += 1;
            }
        }
        None
    }

    fn value(&mut self) -> Option<Event> {
        let start = self.at;
        match self.dialect {
            Dialect::Html => None,
            Dialect::Vue => {
                let inner = self.bytes[start..].strip_prefix(b"{{")?;
                let length = memchr::memmem::find(inner, b"}}")?;
                self.at = start + 2 + length + 2;
                Some(Event::Value(start..self.at, start + 2..start + 2 + length))
            }
            Dialect::Svelte | Dialect::Astro => {
                let end = self.balanced(start)?;
                self.at = end;
                Some(Event::Value(start..end, start + 1..end - 1))
            }
        }
    }

    /// The end of the braces that open at `start`.
    fn balanced(&mut self, start: usize) -> Option<usize> {
        if !self.has_values {
            return None;
        }
        let end = balanced(self.bytes, start);
        self.has_values = end.is_some();
        end
    }

    fn tag(&mut self) -> Tag {
        let start = self.at;
        self.at += 1;
        let name = self.name();
        let mut attributes = Vec::new();
        loop {
            self.blanks();
            match self.bytes.get(self.at) {
                None => break,
                Some(b'>') => {
                    self.at += 1;
                    break;
                }
                Some(b'/') => self.at += 1,
                Some(b'<') => break,
                Some(_) => attributes.push(self.attribute()),
            }
        }
        let range = start..self.at;
        let mut tag = Tag { name, range, attributes, content: None };
        let word = &self.bytes[tag.name.clone()];
        let is_closed = self.bytes[..self.at].ends_with(b"/>");
        let is_raw = word.eq_ignore_ascii_case(b"script") || word.eq_ignore_ascii_case(b"style");
        if is_raw && !is_closed {
            let end = self.end_of(word);
            tag.content = Some(self.at..end);
            self.at = end;
        }
        tag
    }

    /// Where `</name` stands next.
    fn end_of(&self, name: &[u8]) -> usize {
        let mut at = self.at;
        while let Some(found) = memchr::memmem::find(&self.bytes[at..], b"</") {
            let start = at + found;
            let rest = &self.bytes[start + 2..];
            if rest.len() >= name.len() && rest[..name.len()].eq_ignore_ascii_case(name) {
                return start;
            }
            at = start + 2;
        }
        self.bytes.len()
    }

    fn blanks(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn name(&mut self) -> Range<usize> {
        let start = self.at;
        let is_end =
            |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'=' | b'<');
        while self.bytes.get(self.at).is_some_and(|&byte| !is_end(byte)) {
            self.at += 1;
        }
        start..self.at
    }

    fn attribute(&mut self) -> Attribute {
        let start = self.at;
        let has_braces = matches!(self.dialect, Dialect::Svelte | Dialect::Astro);
        if has_braces && self.bytes[start] == b'{' {
            if let Some(end) = self.balanced(start) {
                self.at = end;
                return Attribute {
                    name: start..start,
                    range: start..end,
                    value: Some(start + 1..end - 1),
                    is_code: true,
                };
            }
        }
        let name = self.name();
        if name.is_empty() {
            self.at += 1;
        }
        let mut attribute = Attribute { name, range: start..self.at, value: None, is_code: false };
        let back = self.at;
        self.blanks();
        if self.bytes.get(self.at) != Some(&b'=') {
            self.at = back;
            return attribute;
        }
        self.at += 1;
        self.blanks();
        let from = self.at;
        match self.bytes.get(from) {
            Some(&quote @ (b'"' | b'\'')) => {
                let end = memchr::memchr(quote, &self.bytes[from + 1..]);
                let end = end.map_or(self.bytes.len(), |end| from + 1 + end);
                attribute.value = Some(from + 1..end);
                self.at = (end + 1).min(self.bytes.len());
            }
            Some(b'{') if has_braces => {
                if let Some(end) = self.balanced(from) {
                    attribute.value = Some(from + 1..end - 1);
                    attribute.is_code = true;
                    self.at = end;
                } else {
                    self.at = from + 1;
                }
            }
            Some(b'`') if self.dialect == Dialect::Astro => {
                let end = memchr::memchr(b'`', &self.bytes[from + 1..]);
                let end = end.map_or(self.bytes.len(), |end| from + 1 + end + 1);
                attribute.value = Some(from..end);
                attribute.is_code = true;
                self.at = end;
            }
            _ => {
                let is_end = |byte: u8| byte.is_ascii_whitespace() || byte == b'>';
                while self.bytes.get(self.at).is_some_and(|&byte| !is_end(byte)) {
                    self.at += 1;
                }
                attribute.value = Some(from..self.at);
            }
        }
        attribute.range.end = self.at;
        attribute
    }
}

/// The end of the braces that open at `start`; texts and comments of code are stepped over.
fn balanced(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            // A quote that does not close on its line is an apostrophe.
            b'"' | b'\'' => {
                let mut end = at + 1;
                while let Some(&next) = bytes.get(end) {
                    match next {
                        b'\\' => end += 1,
                        b'\n' => break,
                        next if next == byte => {
                            at = end;
                            break;
                        }
                        _ => {}
                    }
                    end += 1;
                }
            }
            b'/' if bytes[at..].starts_with(b"/*") => {
                at += 3 + memchr::memmem::find(&bytes[at + 2..], b"*/")?;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, dialect: Dialect) -> Vec<String> {
        let mut all = Vec::new();
        read(text, 0, dialect, |event| match event {
            Event::Value(_, inner) => all.push(format!("value {}", &text[inner])),
            Event::Tag(tag) => {
                let attributes = tag.attributes.iter().map(|attribute| {
                    let value = attribute.value.clone().map_or("", |value| &text[value]);
                    format!("{}={value}", &text[attribute.name.clone()])
                });
                let attributes = attributes.collect::<Vec<_>>().join(",");
                let content = tag.content.clone().map_or("", |content| &text[content]);
                all.push(format!("{}[{attributes}]{content}", &text[tag.name]));
            }
        });
        all
    }

    #[test]
    fn tags_attributes_and_values_are_told() {
        let svelte = "<a b='c' {d} e={f('}')} {...g}>{h}</a><!-- {i} --><script>{j}</script>";
        assert_eq!(
            told(svelte, Dialect::Svelte),
            ["a[b=c,=d,e=f('}'),=...g]", "value h", "script[]{j}"]
        );
        assert_eq!(told("<p :a=\"b\">{{ c }} { d }</p>", Dialect::Vue), ["p[:a=b]", "value  c "]);
        assert_eq!(
            told("<A b c=d/><SCRIPT src=x></script>", Dialect::Html),
            ["A[b=,c=d/]", "SCRIPT[src=x]"]
        );
        assert_eq!(told("{it's {x}}", Dialect::Astro), ["value it's {x}"]);
    }

    #[test]
    fn hostile_markup_ends() {
        for part in ["{", "<a ", "<a {", "<script", "<!--", "{{", "<a b='", "</", "<a =", "{'"] {
            for dialect in [Dialect::Html, Dialect::Vue, Dialect::Svelte, Dialect::Astro] {
                told(&part.repeat(50_000), dialect);
            }
        }
    }
}
