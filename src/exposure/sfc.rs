//! Cuts files into the texts of modules: what is no script becomes blank, so that every offset in a
//! module is an offset in its file.

use std::borrow::Cow;
use std::ops::Range;

use super::facts::ImportKind;
use super::facts::Language;
use super::facts::Part;
use super::facts::Span;
use super::markup::{self, Attribute, Dialect, Event};

/// The text of one module.
#[derive(Debug, Clone)]
pub struct Unit<'t> {
    /// Which part of the file it is.
    pub part: Part,
    /// As long as the file, with blanks for what does not belong to the module.
    pub source: Cow<'t, str>,
    /// Its language.
    pub language: Language,
    /// Whether it is a module for sure; otherwise its text decides.
    pub is_module: bool,
    /// Whether it has a template: then all that is in its scripts may be used.
    pub has_template: bool,
    /// What its markup loads.
    pub links: Vec<Link>,
    /// The tags of its template that may be components.
    pub tags: Vec<Tag>,
    /// The values in its template, by place.
    pub slots: Vec<Slot>,
}

/// Something that markup loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// As it is written; empty for a part.
    pub specifier: String,
    /// The tag.
    pub span: Span,
    /// A script or a part.
    pub kind: ImportKind,
}

/// A tag of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name as it is written.
    pub name: Box<str>,
    /// The opening tag.
    pub span: Span,
    /// The directive with which its component ships, for example `client:load`.
    pub client: Option<Box<str>>,
}

/// A value in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The tag as it is written; empty if the value stands in text.
    pub tag: Box<str>,
    /// The attribute; `None` in text. A spread has the name `...`.
    pub attribute: Option<Box<str>>,
    /// The directive with which the tag's component ships.
    pub client: Option<Box<str>>,
    /// Tag, attribute or braces.
    pub span: Span,
    /// The value in the source.
    pub code: Span,
}

impl<'t> Unit<'t> {
    /// A unit of a whole file of code.
    fn code(text: &'t str, language: Language, is_module: bool) -> Self {
        Self {
            part: Part::Whole,
            source: Cow::Borrowed(text),
            language,
            is_module,
            has_template: false,
            links: Vec::new(),
            tags: Vec::new(),
            slots: Vec::new(),
        }
    }
}

/// The modules in a file, by the ending of its name; none if it is no code.
pub fn units<'t>(path: &str, text: &'t str) -> Vec<Unit<'t>> {
    let Some((_, ending)) = path.rsplit_once('.') else { return Vec::new() };
    match ending {
        "js" | "jsx" | "cjs" => vec![Unit::code(text, Language::JavaScript, false)],
        "mjs" => vec![Unit::code(text, Language::JavaScript, true)],
        "ts" | "cts" => vec![Unit::code(text, Language::TypeScript, false)],
        "mts" => vec![Unit::code(text, Language::TypeScript, true)],
        "tsx" => vec![Unit::code(text, Language::Tsx, false)],
        "vue" => component(text, Dialect::Vue),
        "svelte" => component(text, Dialect::Svelte),
        "astro" => component(text, Dialect::Astro),
        "html" | "htm" => component(text, Dialect::Html),
        _ => Vec::new(),
    }
}

/// A file in which scripts stand in markup.
struct Sheet<'t> {
    text: &'t str,
    dialect: Dialect,
    /// The source of the file as a module, blank so far.
    source: Vec<u8>,
    main: Unit<'t>,
    others: Vec<Unit<'t>>,
}

fn component(text: &str, dialect: Dialect) -> Vec<Unit<'_>> {
    let mut main = Unit::code(text, Language::JavaScript, true);
    main.has_template = dialect != Dialect::Html;
    let mut sheet = Sheet { text, dialect, source: blank(text), main, others: Vec::new() };
    let mut start = 0;
    if dialect == Dialect::Astro {
        sheet.main.language = Language::Tsx;
        if let Some((inner, end)) = frontmatter(text) {
            sheet.source[inner.clone()].copy_from_slice(text[inner].as_bytes());
            start = end;
        }
    }
    markup::read(text, start, dialect, |event| match event {
        Event::Tag(tag) => sheet.tag(&tag),
        Event::Value(whole, inner) => sheet.value("", None, None, whole, inner),
    });
    sheet.finish()
}

/// Blanks and line ends, as long as `text`.
fn blank(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { byte } else { b' ' }).collect()
}

/// What stands between the fences of an Astro component, and where the second one ends.
fn frontmatter(text: &str) -> Option<(Range<usize>, usize)> {
    let open = text.find("---")?;
    if !text[..open].trim_start_matches('\u{feff}').trim().is_empty() {
        return None;
    }
    let from = open + 3;
    let mut at = from;
    while let Some(found) = text[at..].find("\n---") {
        let fence = at + found + 1;
        let rest = text[fence + 3..].trim_start_matches([' ', '\t', '\r']);
        if rest.is_empty() || rest.starts_with('\n') || rest.starts_with('<') {
            return Some((from..fence, fence + 3));
        }
        at = fence + 3;
    }
    None
}

impl<'t> Sheet<'t> {
    fn tag(&mut self, tag: &markup::Tag) {
        let name = &self.text[tag.name.clone()];
        if name.eq_ignore_ascii_case("script") {
            return self.script(tag);
        }
        let span = span(&tag.range);
        let named = |attribute: &Attribute| &self.text[attribute.name.clone()];
        let client = tag.attributes.iter().map(named).find(|name| name.starts_with("client:"));
        let client: Option<Box<str>> =
            client.filter(|_| self.dialect == Dialect::Astro).map(Box::from);
        if self.dialect != Dialect::Html {
            self.main.tags.push(Tag { name: name.into(), span, client: client.clone() });
        }
        for attribute in &tag.attributes {
            self.attribute(name, client.as_deref(), attribute);
        }
    }

    fn attribute(&mut self, tag: &str, client: Option<&str>, attribute: &Attribute) {
        let Some(value) = attribute.value.clone() else { return };
        let name = &self.text[attribute.name.clone()];
        match self.dialect {
            Dialect::Html => {}
            Dialect::Vue => {
                let is_code = name.starts_with([':', '@', '.']) || name.starts_with("v-");
                if !is_code || name.starts_with("v-slot") {
                    return;
                }
                let text = &self.text[value.clone()];
                let behind = (name == "v-for")
                    .then(|| text.find(" in ").or_else(|| text.find(" of ")))
                    .flatten();
                let start = value.start + behind.map_or(0, |at| at + 4);
                if name == "v-for" && behind.is_none() {
                    return;
                }
                self.slot(tag, Some(name), client, attribute.range.clone(), start..value.end);
            }
            Dialect::Svelte | Dialect::Astro if attribute.is_code => {
                self.value(tag, Some(name), client, attribute.range.clone(), value);
            }
            Dialect::Svelte => {
                // `class="a {b}"`
                let mut inner = Vec::new();
                let text = self.text;
                markup::read(&text[..value.end], value.start, Dialect::Svelte, |event| {
                    if let Event::Value(whole, code) = event {
                        inner.push((whole, code));
                    }
                });
                for (whole, code) in inner {
                    self.value(tag, Some(name), client, whole, code);
                }
            }
            Dialect::Astro => {}
        }
    }

    /// A value in braces.
    fn value(
        &mut self,
        tag: &str,
        attribute: Option<&str>,
        client: Option<&str>,
        whole: Range<usize>,
        inner: Range<usize>,
    ) {
        let text = self.text;
        let code = &text[inner.clone()];
        if self.dialect == Dialect::Astro {
            // Tags in a value ship like others.
            markup::read(&text[..inner.end], inner.start, Dialect::Html, |event| {
                if let Event::Tag(tag) = event {
                    let named = |attribute: &Attribute| &text[attribute.name.clone()];
                    let client =
                        tag.attributes.iter().map(named).find(|name| name.starts_with("client:"));
                    let name = text[tag.name.clone()].into();
                    let client = client.map(Box::from);
                    self.main.tags.push(Tag { name, span: span(&tag.range), client });
                }
            });
        }
        if let Some(rest) = code.trim_start().strip_prefix("...") {
            let start = inner.end - rest.len();
            return self.slot(tag, Some("..."), client, whole, start..inner.end);
        }
        let name = match attribute {
            Some("") => Some(code.trim()),
            other => other,
        };
        let block = code.strip_prefix(['#', ':', '@', '/']);
        let Some(block) = block.filter(|_| self.dialect == Dialect::Svelte) else {
            return self.slot(tag, name, client, whole, inner);
        };
        let word = block.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let rest = &block[word.len()..];
        let (word, rest) = match (word, rest.trim_start().strip_prefix("if ")) {
            ("else", Some(condition)) => ("if", condition),
            _ => (word, rest),
        };
        let start = inner.end - rest.len();
        let until = |mark: &str| start..start + rest.find(mark).unwrap_or(rest.len());
        if code.starts_with('/') || rest.trim().is_empty() {
            return;
        }
        match word {
            "if" | "key" | "html" | "render" | "debug" => {
                self.slot(tag, Some(word), client, whole, start..inner.end);
            }
            "each" => self.slot(tag, Some(word), client, whole, until(" as ")),
            "await" => self.slot(tag, Some(word), client, whole, until(" then ")),
            "const" => {
                if let Some(at) = rest.find('=') {
                    self.slot(tag, Some(word), client, whole, start + at + 1..inner.end);
                }
            }
            _ => {}
        }
    }

    /// Puts code into the source as a statement of its own. There is a byte before and behind it
    /// that is no code.
    fn slot(
        &mut self,
        tag: &str,
        attribute: Option<&str>,
        client: Option<&str>,
        whole: Range<usize>,
        code: Range<usize>,
    ) {
        let text = &self.text[code.clone()];
        if text.trim().is_empty() || code.start == 0 || code.end >= self.source.len() {
            return;
        }
        // Handlers of Vue may be statements.
        let is_handler = self.dialect == Dialect::Vue
            && attribute.is_some_and(|name| name.starts_with(['@']) || name.starts_with("v-on"));
        let is_block = is_handler && text.contains([';', '\n']) && !text.contains("=>");
        let (open, close) = if is_block { (b'{', b'}') } else { (b'(', b')') };
        if self.source[code.start - 1] == b' ' {
            self.source[code.start - 1] = open;
        } else {
            return;
        }
        if code.start >= 2 {
            let before = &mut self.source[code.start - 2];
            match *before {
                b' ' => *before = b';',
                b')' if open == b'(' => self.source[code.start - 1] = b',',
                _ => {}
            }
        }
        let is_sequence = self.source[code.start - 1] == b',';
        self.source[code.clone()].copy_from_slice(text.as_bytes());
        self.source[code.end] = if is_sequence { b';' } else { close };
        self.main.slots.push(Slot {
            tag: tag.into(),
            attribute: attribute.map(Box::from),
            client: client.map(Box::from),
            span: span(&whole),
            code: span(&code),
        });
    }

    fn script(&mut self, tag: &markup::Tag) {
        let text = self.text;
        let attribute = |name: &str| {
            let found =
                tag.attributes.iter().find(|a| text[a.name.clone()].eq_ignore_ascii_case(name));
            found.map(|a| a.value.clone().map_or("", |value| &text[value]))
        };
        let language = match attribute("lang") {
            Some("ts" | "typescript") => Language::TypeScript,
            Some("tsx") => Language::Tsx,
            Some(_) | None => Language::JavaScript,
        };
        let kind = attribute("type").unwrap_or_default().trim();
        let is_code = matches!(
            kind,
            "" | "module"
                | "text/javascript"
                | "application/javascript"
                | "text/babel"
                | "text/typescript"
        );
        if !is_code {
            return;
        }
        let is_page = matches!(self.dialect, Dialect::Html | Dialect::Astro);
        if let Some(source) = attribute("src").filter(|source| !source.is_empty()) {
            self.main.links.push(Link {
                specifier: source.to_owned(),
                span: span(&tag.range),
                kind: if is_page { ImportKind::Script } else { ImportKind::Static },
            });
            return;
        }
        let Some(content) = tag.content.clone() else { return };
        if is_page {
            let Ok(number) = u16::try_from(self.others.len()) else { return };
            let mut source = blank(text);
            source[content.clone()].copy_from_slice(text[content.clone()].as_bytes());
            // Astro compiles its scripts as TypeScript.
            let language =
                if self.dialect == Dialect::Astro { Language::TypeScript } else { language };
            let mut unit = Unit::code(text, language, kind == "module");
            unit.part = Part::Script(number);
            unit.source = Cow::Owned(String::from_utf8(source).unwrap_or_default());
            self.others.push(unit);
            self.main.links.push(Link {
                specifier: String::new(),
                span: span(&tag.range),
                kind: ImportKind::Part(number),
            });
            // `define:vars={{ a }}` writes values into the page.
            for attribute in tag.attributes.iter().filter(|attribute| attribute.is_code) {
                self.attribute("script", None, attribute);
            }
            return;
        }
        if language != Language::JavaScript {
            self.main.language = language;
        }
        self.source[content.clone()].copy_from_slice(text[content.clone()].as_bytes());
        if content.end < self.source.len() {
            self.source[content.end] = b';';
        }
    }

    fn finish(mut self) -> Vec<Unit<'t>> {
        self.main.slots.sort_by_key(|slot| slot.code.start);
        self.main.source = Cow::Owned(String::from_utf8(self.source).unwrap_or_default());
        let mut units = vec![self.main];
        units.extend(self.others);
        units
    }
}

fn span(range: &Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

impl Unit<'_> {
    /// The same without its template, for one that cannot be understood.
    pub fn without_template(&self) -> Option<Self> {
        if self.slots.is_empty() {
            return None;
        }
        let mut source = self.source.clone().into_owned().into_bytes();
        for slot in &self.slots {
            let (start, end) = (slot.code.start as usize, slot.code.end as usize);
            for byte in &mut source[start.saturating_sub(1)..=end] {
                if !matches!(*byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
        }
        let source = Cow::Owned(String::from_utf8(source).ok()?);
        Some(Self { source, slots: Vec::new(), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(path: &str, text: &str) -> Vec<String> {
        let all = units(path, text);
        for unit in &all {
            assert_eq!(unit.source.len(), text.len());
        }
        let words = |unit: &Unit<'_>| unit.source.split_whitespace().collect::<Vec<_>>().join(" ");
        all.iter().map(words).collect()
    }

    #[test]
    fn what_is_no_script_becomes_blank() {
        for (path, text, expected) in [
            (
                "a.vue",
                "<script>let a</script><p :b=\"c\" @d='e = 1; f()'>{{ g }}</p>",
                vec!["let a; ;( c) ; {e = 1; f()} ;( g )"],
            ),
            (
                "a.svelte",
                "<script lang=ts>let a</script>{#each b as c}<p d={e} {f}/>{/each}",
                vec!["let a; ;( b) ;(e) ;(f)"],
            ),
            (
                "a.astro",
                "---\nlet a\n---\n<p b={c}/><script>let d</script>",
                vec!["let a ;(c)", "let d"],
            ),
            (
                "a.html",
                "<script>let é</script><script type=importmap>{}</script>",
                vec!["", "let é"],
            ),
            ("a.css", "x", vec![]),
        ] {
            let told: Vec<_> = sources(path, text).iter().map(|s| s.replace(' ', "")).collect();
            let expected: Vec<_> = expected.iter().map(|s| s.replace(' ', "")).collect();
            assert_eq!(told, expected, "{text}");
        }
    }

    #[test]
    fn tags_links_and_slots_are_told() {
        let text = "---\n---\n<Chat client:load key={a} {...b}/><script src=\"./x.ts\"></script>";
        let unit = &units("a.astro", text)[0];
        assert_eq!(unit.tags[0].client.as_deref(), Some("client:load"));
        let slots: Vec<_> = unit.slots.iter().map(|s| s.attribute.as_deref()).collect();
        assert_eq!(slots, [Some("key"), Some("...")]);
        assert_eq!(unit.links[0].specifier, "./x.ts");
    }
}
