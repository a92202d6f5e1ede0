//! Cuts files into the texts of modules: what is no script becomes blank, so that every offset in a
//! module is an offset in its file.

use std::borrow::Cow;
use std::ops::Range;

use crate::js::ir::{ImportKind, ModulePart, SourceLanguage, Span};

/// The text of one module.
#[derive(Debug, Clone)]
pub(crate) struct Unit<'t> {
    /// Which part of the file it is.
    pub part: ModulePart,
    /// As long as the file, with blanks for what does not belong to the module.
    pub source: Cow<'t, str>,
    /// Its language.
    pub language: SourceLanguage,
    /// Whether it is a module for sure; otherwise its text decides.
    pub is_module: bool,
    /// Whether it has a template: then all that is in its scripts may be used.
    pub has_template: bool,
    /// What its markup loads.
    pub links: Vec<MarkupLink>,
    /// The tags of its template that may be components.
    pub tags: Vec<Tag>,
    /// The values in its template, by place.
    pub slots: Vec<InterpolationText>,
    /// The stretches of its source that come from its template, by place.
    pub template: Vec<Span>,
}

/// Something that markup loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MarkupLink {
    /// As it is written; empty for a part.
    pub specifier: String,
    /// The tag.
    pub span: Span,
    /// A script or a part.
    pub kind: ImportKind,
}

/// A tag of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Its name as it is written.
    pub name: Box<str>,
    /// The opening tag.
    pub span: Span,
    /// The directive with which its component ships, for example `client:load`.
    pub client: Option<Box<str>>,
}

/// A value in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InterpolationText {
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
    fn code(text: &'t str, language: SourceLanguage, is_module: bool) -> Self {
        Self {
            part: ModulePart::Whole,
            source: Cow::Borrowed(text),
            language,
            is_module,
            has_template: false,
            links: Vec::new(),
            tags: Vec::new(),
            slots: Vec::new(),
            template: Vec::new(),
        }
    }
}

/// How the template of a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Html,
    Vue,
    Svelte,
    Astro,
}

/// Where markup names variables for a build to put their values there: `%NAME%`,
/// `%sveltekit.env.NAME%`, `<%= NAME %>`, `<%= process.env.NAME %>`.
pub(crate) fn variables(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    for at in memchr::memchr_iter(b'%', text.as_bytes()) {
        let rest = &text[at + 1..];
        let (inner, is_template) = match rest.strip_prefix(['=', '-']) {
            Some(inner) if text[..at].ends_with('<') => (inner.trim_start(), true),
            _ => (rest, false),
        };
        let prefixes: &[&str] =
            if is_template { &["process.env.", "import.meta.env."] } else { &["sveltekit.env."] };
        let inner = prefixes.iter().find_map(|prefix| inner.strip_prefix(prefix)).unwrap_or(inner);
        let length = inner.bytes().take_while(|byte| is_name(byte)).count();
        let behind = &inner[length..];
        let is_closed = if is_template {
            behind.trim_start().starts_with("%>")
        } else {
            behind.starts_with('%')
        };
        if length > 0 && is_closed {
            let start = text.len() - inner.len();
            found.push(start..start + length);
        }
    }
    found
}

/// How many scripts of one file get units of their own; the last one has all the others, too.
const MAX_SCRIPTS: usize = 32;

/// How deep markup may stand in expressions in markup.
const MAX_DEPTH: usize = 64;

/// The modules in a file, by the ending of its name; none if it is no code.
pub(crate) fn units<'t>(path: &str, text: &'t str) -> Vec<Unit<'t>> {
    let Some((_, ending)) = path.rsplit_once('.') else { return Vec::new() };
    match ending {
        "js" | "jsx" | "cjs" => vec![Unit::code(text, SourceLanguage::JavaScript, false)],
        "mjs" => vec![Unit::code(text, SourceLanguage::JavaScript, true)],
        "ts" | "cts" => vec![Unit::code(text, SourceLanguage::TypeScript, false)],
        "mts" => vec![Unit::code(text, SourceLanguage::TypeScript, true)],
        "tsx" => vec![Unit::code(text, SourceLanguage::Tsx, false)],
        "vue" => MarkupReader::new(text, Dialect::Vue).cut(),
        "svelte" => MarkupReader::new(text, Dialect::Svelte).cut(),
        "astro" => MarkupReader::new(text, Dialect::Astro).cut(),
        "html" | "htm" => MarkupReader::new(text, Dialect::Html).cut(),
        _ => Vec::new(),
    }
}

/// Text as long as a file's, first without anything but its line ends.
struct Blank<'t> {
    text: &'t str,
    bytes: Vec<u8>,
}

impl<'t> Blank<'t> {
    fn new(text: &'t str) -> Self {
        let blank = |byte: u8| if matches!(byte, b'\n' | b'\r') { byte } else { b' ' };
        Self { text, bytes: text.bytes().map(blank).collect() }
    }

    /// Takes a stretch as it is.
    fn keep(&mut self, range: Range<usize>) {
        if let Some(kept) = self.text.get(range.clone()) {
            self.bytes[range].copy_from_slice(kept.as_bytes());
        }
    }

    /// Takes the value of an attribute, with its entities decoded.
    fn keep_decoded(&mut self, range: Range<usize>) {
        let Some(value) = self.text.get(range.clone()) else { return };
        if !value.contains('&') {
            self.keep(range);
            return;
        }
        let decoded = decoded(value);
        self.bytes[range.start..range.start + decoded.len()].copy_from_slice(decoded.as_bytes());
    }

    fn put(&mut self, at: usize, byte: u8) {
        // Only a whole character may be replaced.
        if self.text.as_bytes().get(at).is_some_and(u8::is_ascii) {
            self.bytes[at] = byte;
        }
    }

    fn finish(self) -> String {
        // Every stretch that is kept is one of characters, and the rest is ASCII.
        String::from_utf8(self.bytes).unwrap_or_default()
    }
}

/// A script of a file.
struct Script {
    content: Range<usize>,
    is_module: bool,
    is_typescript: bool,
    is_jsx: bool,
}

/// An attribute.
struct Attribute {
    name: Range<usize>,
    value: AttributeValue,
}

/// The value of an attribute: where it is, without its quotes or braces.
#[derive(Clone)]
enum AttributeValue {
    None,
    /// Also whether it has quotes.
    Text(Range<usize>, bool),
    Braces(Range<usize>),
    Backticks(Range<usize>),
}

/// An opening tag.
struct Opening {
    name: Range<usize>,
    attributes: Vec<Attribute>,
    /// Behind its `>`.
    end: usize,
    is_closed: bool,
}

/// Markup that cannot be read on: what is behind it is left blank.
struct MarkupError;

/// Cuts a file with markup.
struct MarkupReader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    dialect: Dialect,
    blank: Blank<'t>,
    scripts: Vec<Script>,
    links: Vec<MarkupLink>,
    tags: Vec<Tag>,
    slots: Vec<InterpolationText>,
    template: Vec<Span>,
    /// Whether scripts are those of the markup's document, not of the component.
    is_in_head: bool,
    /// Whether braces hold expressions.
    has_braces: bool,
    /// How far the text is known to have no end of a regular expression on this line.
    no_regex: usize,
}

impl<'t> MarkupReader<'t> {
    fn new(text: &'t str, dialect: Dialect) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            dialect,
            blank: Blank::new(text),
            scripts: Vec::new(),
            links: Vec::new(),
            tags: Vec::new(),
            slots: Vec::new(),
            template: Vec::new(),
            is_in_head: false,
            has_braces: matches!(dialect, Dialect::Svelte | Dialect::Astro),
            no_regex: 0,
        }
    }

    fn cut(mut self) -> Vec<Unit<'t>> {
        let start = if self.dialect == Dialect::Astro { self.frontmatter() } else { 0 };
        let read = match self.dialect {
            Dialect::Vue => self.blocks(),
            Dialect::Html | Dialect::Svelte | Dialect::Astro => self.markup(start, 0).map(|_| ()),
        };
        if read.is_err() {
            self.rescue(start);
        }
        self.finish()
    }

    /// Finds the scripts of broken markup, behind those that are known.
    fn rescue(&mut self, start: usize) {
        self.has_braces = false;
        self.is_in_head = false;
        let mut at = self.scripts.last().map_or(start, |script| script.content.end);
        while let Some(open) = self.find(at, b"<script") {
            let Ok(opening) = self.opening(open, 0) else { return };
            let close = self.closing(opening.end, "script").unwrap_or(self.text.len());
            self.script(&opening, opening.end..close);
            at = close.max(opening.end);
        }
    }

    fn finish(mut self) -> Vec<Unit<'t>> {
        self.slots.sort_by_key(|slot| (slot.code.start, std::cmp::Reverse(slot.code.end)));
        self.template.sort_unstable();
        let is_component = matches!(self.dialect, Dialect::Vue | Dialect::Svelte);
        let mut parts = Vec::new();
        if is_component {
            for script in &self.scripts {
                self.blank.keep(script.content.clone());
                self.blank.put(script.content.end, b';');
            }
        } else {
            for (index, scripts) in groups(&self.scripts).into_iter().enumerate() {
                let part = u16::try_from(index).unwrap_or(u16::MAX);
                let mut blank = Blank::new(self.text);
                for script in scripts {
                    blank.keep(script.content.clone());
                    blank.put(script.content.end, b';');
                }
                let span = scripts.first().map_or(Span::default(), |one| span(&one.content));
                self.links.push(MarkupLink {
                    specifier: String::new(),
                    span,
                    kind: ImportKind::InlineScript(part),
                });
                parts.push(Unit {
                    part: ModulePart::Script(part),
                    source: Cow::Owned(blank.finish()),
                    language: language(scripts),
                    is_module: scripts.iter().any(|one| one.is_module),
                    has_template: false,
                    links: Vec::new(),
                    tags: Vec::new(),
                    slots: Vec::new(),
                    template: Vec::new(),
                });
            }
        }
        self.links.sort_by_key(|link| link.span);
        let language = match self.dialect {
            Dialect::Html => SourceLanguage::JavaScript,
            Dialect::Astro => SourceLanguage::Tsx,
            Dialect::Vue | Dialect::Svelte => language(&self.scripts),
        };
        let whole = Unit {
            part: ModulePart::Whole,
            source: Cow::Owned(self.blank.finish()),
            language,
            is_module: self.dialect != Dialect::Html,
            has_template: self.dialect != Dialect::Html,
            links: self.links,
            tags: self.tags,
            slots: self.slots,
            template: self.template,
        };
        std::iter::once(whole).chain(parts).collect()
    }

    /// The code between the fences of an Astro component; gives where the template begins.
    fn frontmatter(&mut self) -> usize {
        let trimmed = self.text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        let fence = self.text.len() - trimmed.len();
        if !trimmed.starts_with("---") {
            return 0;
        }
        let start = fence + 3;
        let mut at = start;
        for line in self.text[start..].split_inclusive('\n') {
            let blanks = line.len() - line.trim_start().len();
            if at > start && line[blanks..].starts_with("---") {
                self.blank.keep(start..at);
                self.blank.put(at + blanks, b';');
                return at + blanks + 3;
            }
            at += line.len();
        }
        0
    }

    /// The blocks of a Vue component.
    fn blocks(&mut self) -> Result<(), MarkupError> {
        let mut at = 0;
        while let Some(open) = self.next_tag(at)? {
            let Ok(opening) = self.opening(open, 0) else { return Err(MarkupError) };
            at = opening.end;
            if opening.is_closed {
                continue;
            }
            let name = &self.text[opening.name.clone()];
            if name == "template"
                && self.attribute(&opening, "lang").is_none_or(|lang| lang == "html")
            {
                at = self.vue_template(at)?;
                continue;
            }
            let close = self.closing(at, name).unwrap_or(self.text.len());
            if name == "script" {
                self.script(&opening, at..close);
            }
            at = close;
        }
        Ok(())
    }

    /// The markup of a Vue component up to the end of its block.
    fn vue_template(&mut self, start: usize) -> Result<usize, MarkupError> {
        let mut depth = 1;
        let mut at = start;
        loop {
            let Some(found) = memchr::memchr2(b'<', b'{', &self.bytes[at..]) else {
                return Err(MarkupError);
            };
            let found = at + found;
            at = found + 1;
            if self.bytes[found] == b'{' {
                if self.bytes.get(at) == Some(&b'{') {
                    let Some(end) = self.find(at + 1, b"}}") else { return Err(MarkupError) };
                    self.mustache(found + 2..end);
                    at = end + 2;
                }
                continue;
            }
            match self.bytes.get(at) {
                Some(b'!') => at = self.declaration(found)?,
                Some(b'/') => {
                    let rest = &self.bytes[at + 1..];
                    let end = memchr::memchr(b'>', rest).ok_or(MarkupError)?;
                    if self.text[at + 1..at + 1 + end].trim() == "template" {
                        depth -= 1;
                        if depth == 0 {
                            return Ok(found);
                        }
                    }
                    at += end + 2;
                }
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let opening = self.opening(found, 0)?;
                    at = opening.end;
                    depth += usize::from(
                        &self.text[opening.name.clone()] == "template" && !opening.is_closed,
                    );
                    self.vue_tag(&opening, found);
                }
                _ => {}
            }
        }
    }

    /// `{{ … }}`
    fn mustache(&mut self, code: Range<usize>) {
        if self.text[code.clone()].trim().is_empty() {
            return;
        }
        let whole = code.start - 2..code.end + 2;
        self.blank.put(whole.start, b';');
        self.blank.put(whole.start + 1, b'(');
        self.blank.keep(code.clone());
        self.blank.put(code.end, b')');
        self.blank.put(code.end + 1, b';');
        self.template.push(span(&whole));
        self.slot("", None, &whole, &code);
    }

    fn vue_tag(&mut self, opening: &Opening, start: usize) {
        let tag = &self.text[opening.name.clone()];
        self.tag(tag, start..opening.end, None);
        for attribute in &opening.attributes {
            let name = &self.text[attribute.name.clone()];
            let whole = attribute.name.start..value_end(attribute);
            let bound = bound_name(name);
            let AttributeValue::Text(value, _) = &attribute.value else {
                // `:id` is `:id="id"`.
                if let Some(bound) = bound.filter(|bound| is_name(bound) && name.ends_with(bound)) {
                    let end = attribute.name.end;
                    let code = end - bound.len()..end;
                    self.blank.put(code.start - 1, b';');
                    self.blank.keep(code.clone());
                    self.blank.put(end, b';');
                    self.template.push(span(&(code.start - 1..end + 1)));
                    self.slot(tag, Some(bound), &whole, &code);
                }
                continue;
            };
            let text = &self.text[value.clone()];
            let is_directive = name.starts_with("v-") || bound.is_some() || name.starts_with('@');
            if !is_directive || name.starts_with("v-slot") || text.trim().is_empty() {
                continue;
            }
            let mut code = value.clone();
            if name == "v-for" {
                let Some(list) = [" in ", " of "].iter().find_map(|word| text.find(word)) else {
                    continue;
                };
                code.start += list + 4;
            }
            let is_handler = name.starts_with('@') || name.starts_with("v-on");
            self.blank.keep_decoded(code.clone());
            if is_handler {
                self.blank.put(value.start - 1, b';');
                self.blank.put(value.end, b';');
            } else {
                self.blank.put(attribute.name.end, b';');
                self.blank.put(value.start - 1, b'(');
                self.blank.put(value.end, b')');
                if self.bytes[value.start - 1] == b'=' {
                    // Without quotes, `=` is the only byte in front.
                    self.blank.put(value.start - 1, b';');
                    self.blank.put(value.end, b';');
                }
            }
            self.template.push(span(&(attribute.name.end..value.end + 1)));
            let shown = match (bound, name) {
                (Some(bound), _) => Some(bound),
                (None, "v-bind") => Some("..."),
                (None, "v-html" | "v-text" | "v-model") => Some(name),
                _ => None,
            };
            if let Some(shown) = shown {
                self.slot(tag, Some(shown), &whole, &code);
            }
        }
    }

    /// Markup from `start` on. FileSpan the top (`depth` 0) it goes on to the end of the file; within an
    /// expression, up to the end of the elements that begin there. Gives where it ends.
    fn markup(&mut self, start: usize, depth: usize) -> Result<usize, MarkupError> {
        if depth > MAX_DEPTH {
            return Err(MarkupError);
        }
        let mut open = 0_usize;
        let mut at = start;
        loop {
            let found = if self.has_braces {
                memchr::memchr2(b'<', b'{', &self.bytes[at..])
            } else {
                memchr::memchr(b'<', &self.bytes[at..])
            };
            let Some(found) = found.map(|found| at + found) else {
                return if depth == 0 { Ok(self.text.len()) } else { Err(MarkupError) };
            };
            at = found + 1;
            if self.bytes[found] == b'{' {
                at = self.braces(found, depth, "", None)?;
                continue;
            }
            match self.bytes.get(at) {
                Some(b'!' | b'?') => {
                    at = self.declaration(found)?;
                    continue;
                }
                Some(b'/') => {
                    let end = memchr::memchr(b'>', &self.bytes[at..]).ok_or(MarkupError)?;
                    if self.text[at + 1..at + end].trim() == "svelte:head" {
                        self.is_in_head = false;
                    }
                    at += end + 1;
                    open = open.saturating_sub(1);
                }
                // A fragment.
                Some(b'>') => {
                    at += 1;
                    open += 1;
                }
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let opening = self.opening(found, depth)?;
                    at = opening.end;
                    let (end, is_element) = self.element(&opening, found)?;
                    at = at.max(end);
                    open += usize::from(is_element);
                }
                _ => continue,
            }
            if depth > 0 && open == 0 && !self.has_sibling(at) {
                return Ok(at);
            }
        }
    }

    /// Whether the next thing behind an element is another one.
    fn has_sibling(&self, at: usize) -> bool {
        let rest = self.text[at..].trim_start().as_bytes();
        matches!(rest, [b'<', next, ..] if next.is_ascii_alphabetic() || *next == b'>')
            || rest.starts_with(b"<!--")
    }

    /// An element: gives where its content goes on, and whether it has to be closed.
    fn element(&mut self, opening: &Opening, start: usize) -> Result<(usize, bool), MarkupError> {
        let name = &self.text[opening.name.clone()];
        if self.dialect != Dialect::Html {
            self.tag(name, start..opening.end, self.client(opening));
        }
        if opening.is_closed && self.dialect != Dialect::Html {
            if name.eq_ignore_ascii_case("script") {
                self.script(opening, opening.end..opening.end);
            }
            return Ok((opening.end, false));
        }
        if ["script", "style", "textarea", "title"].iter().any(|raw| name.eq_ignore_ascii_case(raw))
        {
            let is_raw =
                !(name.eq_ignore_ascii_case("title") || name.eq_ignore_ascii_case("textarea"));
            if !is_raw && self.dialect != Dialect::Html {
                return Ok((opening.end, true));
            }
            let close = self.closing(opening.end, name).unwrap_or(self.text.len());
            if name.eq_ignore_ascii_case("script") {
                self.script(opening, opening.end..close);
            }
            // Its closing tag comes next.
            return Ok((close, true));
        }
        if name == "svelte:head" {
            self.is_in_head = true;
        }
        if self.dialect == Dialect::Html && name.eq_ignore_ascii_case("link") {
            self.style(opening);
        }
        const VOID: [&str; 13] = [
            "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
            "track", "wbr",
        ];
        Ok((opening.end, !VOID.iter().any(|void| name.eq_ignore_ascii_case(void))))
    }

    /// The directive with which a tag's component ships.
    fn client(&self, opening: &Opening) -> Option<&'t str> {
        let text = self.text;
        let mut names = opening.attributes.iter().map(|one| &text[one.name.clone()]);
        names.find(|name| self.dialect == Dialect::Astro && name.starts_with("client:"))
    }

    fn tag(&mut self, name: &str, at: Range<usize>, client: Option<&str>) {
        self.tags.push(Tag { name: name.into(), span: span(&at), client: client.map(Box::from) });
    }

    /// A `<script>`: what it loads, or what stands in it.
    fn script(&mut self, opening: &Opening, content: Range<usize>) {
        let is_component = matches!(self.dialect, Dialect::Vue | Dialect::Svelte);
        let kind = self.attribute(opening, "type").unwrap_or_default().trim().to_ascii_lowercase();
        let is_code = matches!(
            kind.as_str(),
            "" | "module"
                | "text/javascript"
                | "application/javascript"
                | "text/ecmascript"
                | "application/ecmascript"
                | "application/x-javascript"
                | "text/babel"
                | "text/jsx"
                | "text/typescript"
        );
        if !is_code {
            return;
        }
        if let Some(source) = self.attribute(opening, "src") {
            // The source of a Vue component's script is the component: all of it is used.
            let is_own = is_component && !self.is_in_head && !matches!(self.dialect, Dialect::Vue);
            self.links.push(MarkupLink {
                specifier: decoded(source),
                span: span(&(opening.name.start - 1..opening.end)),
                kind: if is_own { ImportKind::Static } else { ImportKind::Script },
            });
            return;
        }
        if is_component && self.is_in_head || self.text[content.clone()].trim().is_empty() {
            return;
        }
        let language = self.attribute(opening, "lang").unwrap_or_default();
        let is_inline = self.has(opening, "is:inline") || self.has(opening, "define:vars");
        let is_astro = self.dialect == Dialect::Astro && !is_inline;
        self.scripts.push(Script {
            content,
            is_module: kind == "module" || is_astro || is_component,
            is_typescript: is_astro
                || matches!(language, "ts" | "tsx" | "typescript")
                || kind == "text/typescript",
            is_jsx: matches!(language, "tsx" | "jsx"),
        });
    }

    /// A `<link>`: the style sheet that it loads.
    fn style(&mut self, opening: &Opening) {
        let kind = self.attribute(opening, "rel").unwrap_or_default();
        let mut words = kind.split_ascii_whitespace();
        if !words.any(|word| word.eq_ignore_ascii_case("stylesheet")) {
            return;
        }
        if let Some(address) = self.attribute(opening, "href") {
            let span = span(&(opening.name.start - 1..opening.end));
            self.links.push(MarkupLink {
                specifier: decoded(address),
                span,
                kind: ImportKind::Style,
            });
        }
    }

    fn has(&self, opening: &Opening, name: &str) -> bool {
        opening.attributes.iter().any(|one| self.text[one.name.clone()].eq_ignore_ascii_case(name))
    }

    /// The text of an attribute.
    fn attribute(&self, opening: &Opening, name: &str) -> Option<&'t str> {
        let text = self.text;
        let found = opening
            .attributes
            .iter()
            .find(|one| text[one.name.clone()].eq_ignore_ascii_case(name))?;
        match &found.value {
            AttributeValue::Text(value, _) => Some(&text[value.clone()]),
            AttributeValue::None => Some(""),
            AttributeValue::Braces(_) | AttributeValue::Backticks(_) => None,
        }
    }

    /// Where the next tag of a Vue file opens.
    fn next_tag(&self, from: usize) -> Result<Option<usize>, MarkupError> {
        let mut at = from;
        while let Some(found) = memchr::memchr(b'<', &self.bytes[at..]) {
            let found = at + found;
            match self.bytes.get(found + 1) {
                Some(b'!') => at = self.declaration(found)?,
                Some(letter) if letter.is_ascii_alphabetic() => return Ok(Some(found)),
                _ => at = found + 1,
            }
        }
        Ok(None)
    }

    /// Behind a comment, `<!doctype …>` or `<?…>`.
    fn declaration(&self, start: usize) -> Result<usize, MarkupError> {
        if self.bytes[start..].starts_with(b"<!--") {
            return self.find(start + 4, b"-->").map(|end| end + 3).ok_or(MarkupError);
        }
        let end = memchr::memchr(b'>', &self.bytes[start..]).ok_or(MarkupError)?;
        Ok(start + end + 1)
    }

    fn find(&self, from: usize, what: &[u8]) -> Option<usize> {
        memchr::memmem::find(self.bytes.get(from..)?, what).map(|found| from + found)
    }

    /// Where the closing tag of a raw element begins.
    fn closing(&self, from: usize, name: &str) -> Option<usize> {
        let mut at = from;
        while let Some(found) = self.find(at, b"</") {
            let rest = &self.bytes[found + 2..];
            let is_it =
                rest.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()));
            if is_it && rest.get(name.len()).is_none_or(|next| !is_name_byte(*next)) {
                return Some(found);
            }
            at = found + 2;
        }
        None
    }

    /// An opening tag from its `<` on. What its attributes hold in braces is taken.
    fn opening(&mut self, start: usize, depth: usize) -> Result<Opening, MarkupError> {
        let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'{');
        let name_end = self.until(start + 1, is_end)?;
        let name = start + 1..name_end;
        let tag = &self.text[name.clone()];
        let mut attributes: Vec<Attribute> = Vec::new();
        let slots = self.slots.len();
        let mut at = name_end;
        let mut is_closed = false;
        loop {
            at = self.until(at, |byte| !byte.is_ascii_whitespace())?;
            match self.bytes[at] {
                b'>' => break,
                b'/' => {
                    is_closed = self.bytes.get(at + 1) == Some(&b'>');
                    at += 1;
                }
                b'{' if self.has_braces => {
                    at = self.braces(at, depth, tag, Some(""))?;
                }
                _ => {
                    let attribute;
                    (attribute, at) = self.one_attribute(at, depth, tag)?;
                    attributes.push(attribute);
                }
            }
        }
        let opening = Opening { name, attributes, end: at + 1, is_closed };
        if let Some(client) = self.client(&opening) {
            for slot in &mut self.slots[slots..] {
                if *slot.tag == *tag {
                    slot.client = Some(client.into());
                }
            }
        }
        Ok(opening)
    }

    fn one_attribute(
        &mut self,
        start: usize,
        depth: usize,
        tag: &str,
    ) -> Result<(Attribute, usize), MarkupError> {
        let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'=');
        // The first byte is part of the name, whatever it is.
        let name_end = self.until(start + 1, is_end)?;
        let name = start..name_end;
        let text = self.text;
        let named = &text[name.clone()];
        if self.dialect == Dialect::Svelte {
            self.svelte_name(&name);
        }
        let equals = self.until(name_end, |byte| !byte.is_ascii_whitespace())?;
        if self.bytes[equals] != b'=' {
            return Ok((Attribute { name, value: AttributeValue::None }, name_end));
        }
        let at = self.until(equals + 1, |byte| !byte.is_ascii_whitespace())?;
        let (value, end) = match self.bytes[at] {
            quote @ (b'"' | b'\'') => {
                let end = memchr::memchr(quote, &self.bytes[at + 1..]).ok_or(MarkupError)? + at + 1;
                if self.dialect == Dialect::Svelte {
                    // A quote within braces does not end the value.
                    let end = self.quoted_braces(at, end, quote, tag, named)?;
                    (AttributeValue::Text(at + 1..end, true), end + 1)
                } else {
                    (AttributeValue::Text(at + 1..end, true), end + 1)
                }
            }
            b'{' if self.has_braces => {
                let end = self.attribute_braces(equals, at, depth, tag, named)?;
                (AttributeValue::Braces(at + 1..end - 1), end)
            }
            b'`' if self.dialect == Dialect::Astro => {
                let end = self.expression(at, at + 1, depth, b'`')?;
                self.blank.keep(at..end + 1);
                self.blank.put(equals, if depth == 0 { b';' } else { b',' });
                if depth == 0 {
                    self.template.push(span(&(equals..end + 1)));
                }
                self.slot(tag, Some(named), &(start..end + 1), &(at..end + 1));
                (AttributeValue::Backticks(at + 1..end), end + 1)
            }
            _ => {
                let end = self.until(at, |byte| byte.is_ascii_whitespace() || byte == b'>')?;
                (AttributeValue::Text(at..end, false), end)
            }
        };
        Ok((Attribute { name, value }, end))
    }

    /// `use:action`, `transition:fade` name what they use.
    fn svelte_name(&mut self, name: &Range<usize>) {
        let text = self.text;
        let Some((kind, own)) = text[name.clone()].split_once(':') else { return };
        let is_used = matches!(
            kind,
            "use" | "transition" | "in" | "out" | "animate" | "bind" | "class" | "style"
        );
        let own = own.split('|').next().unwrap_or_default();
        let has_value = self.bytes.get(name.end) == Some(&b'=');
        let is_shorthand = !matches!(kind, "bind" | "class" | "style") || !has_value;
        if !is_used || !is_shorthand || !is_name(own) {
            return;
        }
        let start = name.start + kind.len() + 1;
        self.blank.put(start - 1, b';');
        self.blank.keep(start..start + own.len());
        self.blank.put(start + own.len(), b';');
        self.template.push(Span::new(offset(start - 1), offset(start + own.len() + 1)));
    }

    /// The braces in a quoted value; gives where its quote is.
    fn quoted_braces(
        &mut self,
        start: usize,
        end: usize,
        quote: u8,
        tag: &str,
        name: &str,
    ) -> Result<usize, MarkupError> {
        let mut end = end;
        let mut at = start + 1;
        while let Some(found) = memchr::memchr(b'{', &self.bytes[at..end]) {
            at = self.braces(at + found, 0, tag, Some(name))?;
            if at > end {
                end = at + memchr::memchr(quote, &self.bytes[at..]).ok_or(MarkupError)?;
            }
        }
        Ok(end)
    }

    /// `={ … }`; gives where it ends.
    fn attribute_braces(
        &mut self,
        equals: usize,
        start: usize,
        depth: usize,
        tag: &str,
        name: &str,
    ) -> Result<usize, MarkupError> {
        let end = self.expression(start, start + 1, depth, b'}')?;
        let code = start + 1..end;
        if !self.text[code.clone()].trim().is_empty() {
            self.blank.put(equals, if depth == 0 { b';' } else { b',' });
            self.blank.put(start, b'(');
            self.blank.put(end, b')');
            if depth == 0 {
                self.template.push(span(&(equals..end + 1)));
            }
            let is_wiring = self.dialect == Dialect::Svelte
                && ["on:", "use:", "transition:", "in:", "out:", "animate:", "class:", "bind:this"]
                    .iter()
                    .any(|kind| name.starts_with(kind));
            if !is_wiring && !name.starts_with("client:") {
                self.slot(tag, Some(name), &(equals - name.len()..end + 1), &code);
            }
        }
        Ok(end + 1)
    }

    /// `{ … }` in text or among attributes; gives where it ends. The attribute `""` stands for
    /// braces among attributes.
    fn braces(
        &mut self,
        start: usize,
        depth: usize,
        tag: &str,
        attribute: Option<&str>,
    ) -> Result<usize, MarkupError> {
        let text = self.text;
        let end = self.expression(start, start + 1, depth, b'}')?;
        let mut code = start + 1..end;
        let mut is_shown = true;
        if self.dialect == Dialect::Svelte {
            let inside = &text[code.clone()];
            let lead = inside.len() - inside.trim_start().len();
            let (skipped, kept, shown) = block(inside.trim_start());
            self.unkeep(code.start..code.start + lead + skipped);
            self.unkeep(code.start + lead + kept..code.end);
            code = code.start + lead + skipped..code.start + lead + kept;
            is_shown = shown;
        }
        let mut attribute = attribute;
        let inside = text[code.clone()].trim();
        if inside.starts_with("...") && attribute == Some("") {
            attribute = Some("...");
            if depth == 0 {
                let dots = code.start + text[code.clone()].find("...").unwrap_or_default();
                self.unkeep(dots..dots + 3);
                code.start = dots + 3;
            }
        } else if attribute == Some("") {
            attribute = Some(inside);
        }
        if inside.is_empty() {
            return Ok(end + 1);
        }
        if depth == 0 {
            self.blank.put(start, b';');
            self.blank.put(end, b';');
            self.template.push(span(&(start..end + 1)));
        } else {
            self.blank.put(start, b',');
        }
        if is_shown {
            self.slot(tag, attribute, &(start..end + 1), &code);
        }
        Ok(end + 1)
    }

    fn unkeep(&mut self, range: Range<usize>) {
        for byte in &mut self.blank.bytes[range] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }

    fn slot(
        &mut self,
        tag: &str,
        attribute: Option<&str>,
        whole: &Range<usize>,
        code: &Range<usize>,
    ) {
        self.slots.push(InterpolationText {
            tag: tag.into(),
            attribute: attribute.map(Box::from),
            client: None,
            span: span(whole),
            code: span(code),
        });
    }

    /// Takes an expression from `start` up to its closing `end`, and gives where that is. Markup in
    /// it becomes a list of what it shows.
    fn expression(
        &mut self,
        open: usize,
        start: usize,
        depth: usize,
        end: u8,
    ) -> Result<usize, MarkupError> {
        let mut closers = vec![end];
        let mut kept = start;
        let mut at = start;
        // The last byte that is neither blank nor comment.
        let mut last = open;
        while let Some(&byte) = self.bytes.get(at) {
            let closer = *closers.last().ok_or(MarkupError)?;
            if closer == b'`' {
                match byte {
                    b'\\' => at += 2,
                    b'`' => {
                        closers.pop();
                        last = at;
                        if closers.is_empty() {
                            self.blank.keep(kept..at);
                            return Ok(at);
                        }
                        at += 1;
                    }
                    b'$' if self.bytes.get(at + 1) == Some(&b'{') => {
                        closers.push(b'}');
                        last = at + 1;
                        at += 2;
                    }
                    _ => at += 1,
                }
                continue;
            }
            let begin = at;
            match byte {
                b'\'' | b'"' => at = self.string(at),
                b'`' => {
                    closers.push(b'`');
                    at += 1;
                }
                b'(' => {
                    closers.push(b')');
                    at += 1;
                }
                b'[' => {
                    closers.push(b']');
                    at += 1;
                }
                b'{' => {
                    closers.push(b'}');
                    at += 1;
                }
                _ if byte == closer => {
                    closers.pop();
                    if closers.is_empty() {
                        self.blank.keep(kept..at);
                        return Ok(at);
                    }
                    at += 1;
                }
                b'/' if self.bytes.get(at + 1) == Some(&b'/') => {
                    at += memchr::memchr(b'\n', &self.bytes[at..]).ok_or(MarkupError)?;
                    continue;
                }
                b'/' if self.bytes.get(at + 1) == Some(&b'*') => {
                    at = self.find(at + 2, b"*/").ok_or(MarkupError)? + 2;
                    continue;
                }
                b'/' if self.is_operand(last) => at = self.regex(at),
                b'<' if self.dialect == Dialect::Astro
                    && self
                        .bytes
                        .get(at + 1)
                        .is_some_and(|next| next.is_ascii_alphabetic() || *next == b'>')
                    && self.is_operand(last) =>
                {
                    self.blank.keep(kept..at);
                    let behind = self.markup(at, depth + 1)?;
                    self.blank.put(at, b'[');
                    self.blank.put(behind - 1, b']');
                    at = behind;
                    kept = at;
                    last = at - 1;
                    continue;
                }
                _ => at += 1,
            }
            if !byte.is_ascii_whitespace() {
                last = at.max(begin + 1) - 1;
            }
        }
        Err(MarkupError)
    }

    /// Whether an operand may follow the byte at `last`.
    fn is_operand(&self, last: usize) -> bool {
        let byte = self.bytes[last];
        if is_name_byte(byte) && byte != b'-' || !byte.is_ascii() {
            let before = &self.text.get(..last + 1).unwrap_or_default();
            return before.ends_with("return");
        }
        !matches!(byte, b')' | b']' | b'}' | b'"' | b'\'' | b'`' | b'$')
    }

    /// Behind a string.
    fn string(&self, start: usize) -> usize {
        let quote = self.bytes[start];
        let mut at = start + 1;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                b'\n' => return at,
                _ if byte == quote => return at + 1,
                _ => at += 1,
            }
        }
        at
    }

    /// Behind a regular expression; behind its first byte if it is none.
    fn regex(&mut self, start: usize) -> usize {
        if start < self.no_regex {
            return start + 1;
        }
        let mut is_class = false;
        let mut at = start + 1;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\n' => break,
                b'[' => is_class = true,
                b']' => is_class = false,
                b'/' if !is_class => return at + 1,
                _ => {}
            }
            at += 1;
        }
        self.no_regex = at;
        start + 1
    }

    /// The next byte from `from` on for which `is_it` holds.
    fn until(&self, from: usize, is_it: impl Fn(u8) -> bool) -> Result<usize, MarkupError> {
        let rest = self.bytes.get(from..).ok_or(MarkupError)?;
        rest.iter().position(|byte| is_it(*byte)).map(|found| from + found).ok_or(MarkupError)
    }
}

/// What of the braces of a Svelte template is an expression: where it begins and ends, and whether
/// it is shown.
fn block(inside: &str) -> (usize, usize, bool) {
    let whole = inside.len();
    let Some(first) = inside.chars().next().filter(|first| matches!(first, '#' | ':' | '/' | '@'))
    else {
        return (0, whole, true);
    };
    // A comment, or a regular expression.
    if first == '/' && !inside[1..].starts_with(|letter: char| letter.is_ascii_lowercase()) {
        return (0, whole, true);
    }
    let word_end = inside[1..]
        .find(|letter: char| !letter.is_ascii_alphabetic())
        .map_or(whole, |found| found + 1);
    let rest = &inside[word_end..];
    let before = |word: &str| word_end + top_level(rest, word).unwrap_or(rest.len());
    match &inside[..word_end] {
        "@html" | "@render" => (word_end, whole, true),
        // What is left is `const x = …`.
        "@const" => (1, whole, false),
        "#if" | "#key" | "@attach" => (word_end, whole, false),
        "#each" => (word_end, before(" as "), false),
        "#await" => (word_end, before(" then ").min(before(" catch ")), false),
        ":else" => match rest.trim_start().strip_prefix("if") {
            Some(test) => (whole - test.len(), whole, false),
            None => (whole, whole, false),
        },
        _ => (whole, whole, false),
    }
}

/// Where a word stands outside of brackets and strings.
fn top_level(text: &str, word: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(end), _) if byte == end => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b' ') if depth == 0 && text.as_bytes()[at..].starts_with(word.as_bytes()) => {
                return Some(at);
            }
            (None, _) => {}
        }
    }
    None
}

/// The scripts of each unit.
fn groups(scripts: &[Script]) -> Vec<&[Script]> {
    let own = scripts.len().min(MAX_SCRIPTS);
    let (first, rest) = scripts.split_at(if own == scripts.len() { own } else { own - 1 });
    let mut groups: Vec<&[Script]> = first.chunks(1).collect();
    if !rest.is_empty() {
        groups.push(rest);
    }
    groups
}

fn language(scripts: &[Script]) -> SourceLanguage {
    if !scripts.iter().any(|script| script.is_typescript) {
        SourceLanguage::JavaScript
    } else if scripts.iter().any(|script| script.is_jsx) {
        SourceLanguage::Tsx
    } else {
        SourceLanguage::TypeScript
    }
}

/// The attribute that a name of Vue binds.
fn bound_name(name: &str) -> Option<&str> {
    let bound = name.strip_prefix("v-bind:").or_else(|| name.strip_prefix(':'))?;
    Some(bound.split('.').next().unwrap_or(bound))
}

/// Where an attribute ends.
fn value_end(attribute: &Attribute) -> usize {
    match &attribute.value {
        AttributeValue::None => attribute.name.end,
        AttributeValue::Text(value, has_quotes) => value.end + usize::from(*has_quotes),
        AttributeValue::Braces(value) | AttributeValue::Backticks(value) => value.end + 1,
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-')
}

/// Whether a text is a name of a variable.
fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    !text.is_empty() && text.bytes().all(is_letter) && !text.as_bytes()[0].is_ascii_digit()
}

/// A value of an attribute without entities; it is never longer.
fn decoded(value: &str) -> String {
    let entities = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    let mut made = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        made.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = entities.iter().find(|(entity, _)| rest.starts_with(entity));
        let (length, letter) = known.map_or((1, "&"), |(entity, letter)| (entity.len(), letter));
        made.push_str(letter);
        rest = &rest[length..];
    }
    made.push_str(rest);
    made
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn span(range: &Range<usize>) -> Span {
    Span::new(offset(range.start), offset(range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sources of the units of a file, without the blanks.
    fn sources(path: &str, text: &str) -> Vec<String> {
        units(path, text)
            .iter()
            .map(|unit| {
                assert_eq!(unit.source.len(), text.len(), "{text}");
                unit.source.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    #[track_caller]
    fn assert_source(path: &str, text: &str, expected: &str) {
        assert_eq!(sources(path, text)[0], expected, "{text}");
    }

    #[test]
    fn pages_name_variables() {
        for (text, expected) in [
            ("<meta content=\"%VITE_A%\"> 50% of 7%", &["VITE_A"][..]),
            ("%sveltekit.env.PUBLIC_A% %sveltekit.head%", &["PUBLIC_A"]),
            ("<%= VUE_APP_A %><%- process.env.PUBLIC_B%>", &["VUE_APP_A", "PUBLIC_B"]),
            ("%% % A % %A <%= a.b %> <%A%>", &["A"]),
            ("", &[]),
            ("%\u{e9}%", &[]),
        ] {
            let found: Vec<&str> = variables(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn endings_tell_languages() {
        for (path, language) in [
            ("a.js", SourceLanguage::JavaScript),
            ("a.jsx", SourceLanguage::JavaScript),
            ("a.cjs", SourceLanguage::JavaScript),
            ("a.mts", SourceLanguage::TypeScript),
            ("a.d/a.tsx", SourceLanguage::Tsx),
        ] {
            assert_eq!(units(path, "x")[0].language, language, "{path}");
        }
        assert!(units("a.css", "x").is_empty());
        assert!(units("Makefile", "x").is_empty());
    }

    #[test]
    fn vue_scripts_and_holes_are_one_text() {
        for (text, expected) in [
            ("<script>a</script><script setup lang=ts>b</script>", "a; b;"),
            ("<template>{{ a }}</template>", ";( a );"),
            ("<template>{{ }}</template>", ""),
            ("<template><p :a=\"b\" c=\"d\"/></template>", ";(b)"),
            ("<template><p :a=b /></template>", ";b;"),
            ("<template><p v-bind:a='b > c'/></template>", ";(b > c)"),
            ("<template><p :a/></template>", ";a;"),
            ("<template><p @a=\"b(); c()\"/></template>", ";b(); c();"),
            ("<template><p v-for=\"(a, b) in c\"/></template>", ";( c)"),
            ("<template><p v-if=\"a &amp;&amp; b\"/></template>", ";(a && b )"),
            ("<template #x><p v-slot=\"{ a }\" #b=\"{ a }\"/></template>", ""),
            ("<template><!-- {{ a }} --></template>", ""),
            (
                "<template><template v-if=\"a\">{{ b }}</template>{{ c }}</template>",
                ";(a) ;( b ); ;( c );",
            ),
            ("<docs>{{ a }} <script>b</script></docs><script>c</script>", "c;"),
            ("<style>{{ a }}</style>{{ b }}", ""),
            ("<!-- <script>a</script> --><script>b</script>", "b;"),
            ("<template lang=\"pug\">p {{ a }}</template><script>b</script>", "b;"),
            ("<template>{{ a </template><script>b</script>", "b;"),
            ("<script>'</script>'", "';"),
        ] {
            assert_source("a.vue", text, expected);
        }
        assert_eq!(
            units("a.vue", "<script lang=\"ts\">a</script>")[0].language,
            SourceLanguage::TypeScript
        );
        let unit = &units("a.vue", "<script src=\"./a.js\"></script>")[0];
        assert_eq!(unit.links[0].specifier, "./a.js");
        assert_eq!(unit.links[0].kind, ImportKind::Script);
    }

    #[test]
    fn svelte_blocks_keep_their_expressions() {
        for (text, expected) in [
            ("<script module>a</script><script>b</script>", "a; b;"),
            ("{a}{b}", ";a;;b;"),
            ("{'}'}{`}${'{'}`}", ";'}';;`}${'{'}`;"),
            ("{#if a}{:else if b}{:else}{/if}", "; a;; b;"),
            ("{#each a.b as { c }, i (c)}{/each}", "; a.b ;"),
            ("{#await a then b}{:then c}{:catch d}{/await}", "; a ;"),
            ("{#key a}{@html b}{@render c()}{@const d = e}{/key}", "; a;; b;; c();; const d = e;"),
            ("<A b={c} d=\"e {f} g\" {h} {...i} j=k/>", ";(c) ;f; ;h; ; i;"),
            ("<p use:a={b} on:c={d} bind:e transition:f class:g={h}/>", ";a;(b) ;(d) ;e; ;f; ;(h)"),
            ("<p style='a:{b ? '1' : '2'}'>{c}</p>", ";b ? '1' : '2'; ;c;"),
            ("<svelte:head><script>a</script></svelte:head>{b}", ";b;"),
            ("<style>a {b}</style>{c}", ";c;"),
            ("<!-- {a} -->{b}", ";b;"),
            ("{a < b}{/x}/.test(c)}", ";a < b;"),
            ("{a <script>b</script>", "b;"),
        ] {
            assert_source("a.svelte", text, expected);
        }
    }

    #[test]
    fn astro_markup_in_expressions_becomes_a_list() {
        for (text, expected) in [
            ("---\na\n---\n{b}", "a ; ;b;"),
            ("\u{feff}---\r\na\r\n---\r\n{b}", "a ; ;b;"),
            ("{a}", ";a;"),
            ("---\na", ""),
            ("{a && <p>it's {b}</p>}", ";a && [ ,b ];"),
            ("{a ? <A b={c} d=`e` {...f}/> : <></>}", ";a ? [ ,(c) ,`e` ,...f ] : [ ];"),
            ("{a.map(b => (<br>))}", ";a.map(b => ([ ]));"),
            ("{a.map(b => <i/><b>{b}</b>)}", ";a.map(b => [ ,b ]);"),
            ("{a < b && c<d}", ";a < b && c<d;"),
            ("{/* <p> */ a}", ";/* <p> */ a;"),
            ("<style define:vars={{ a }}>b {c}</style>", ";({ a })"),
        ] {
            assert_source("a.astro", text, expected);
        }
        let text = "<script>import './a'</script><script is:inline>b</script><script src='./c.ts'></script><script type='application/ld+json'>{}</script>";
        assert_eq!(sources("a.astro", text), ["", "import './a';", "b;"]);
        let units = units("a.astro", text);
        assert_eq!(units[1].language, SourceLanguage::TypeScript);
        let kinds: Vec<ImportKind> = units[0].links.iter().map(|link| link.kind).collect();
        assert_eq!(
            kinds,
            [ImportKind::InlineScript(0), ImportKind::InlineScript(1), ImportKind::Script]
        );
    }

    #[test]
    fn pages_link_to_their_scripts() {
        let text = "<!doctype html><!-- <script src=n></script> --><SCRIPT SRC='a.js?x&amp;y'></SCRIPT>\r\n<script type=module>b</script><script type=importmap>{}</script><p title='<script>'>é</p><script>c";
        assert_eq!(sources("a.html", text), ["", "b;", "c"]);
        let units = units("a.html", text);
        let links: Vec<_> =
            units[0].links.iter().map(|link| (&*link.specifier, link.kind)).collect();
        let expected = [
            ("a.js?x&y", ImportKind::Script),
            ("", ImportKind::InlineScript(0)),
            ("", ImportKind::InlineScript(1)),
        ];
        assert_eq!(links, expected);
        assert!(units[1].is_module && !units[2].is_module);
    }

    #[test]
    fn many_scripts_share_a_unit() {
        let text = "<script>a</script>".repeat(100);
        let units = units("a.html", &text);
        assert_eq!(units.len(), MAX_SCRIPTS + 1);
        assert_eq!(units[MAX_SCRIPTS].source.matches('a').count(), 100 - MAX_SCRIPTS + 1);
    }

    #[test]
    fn hostile_text_is_read_to_an_end() {
        for piece in [
            "<script",
            "<script>",
            "{{{{",
            "{",
            "<a {",
            "{<a>",
            "<!--",
            "<a b=\"",
            "<a b='{",
            "{'",
            "{`${",
            "{/[",
            "---",
            "---\n",
            "<template>",
            "{#each ",
            "{a as ",
            "&",
            "<a :b",
            "<a b=",
            "</",
            "{//",
            "{/*",
            "<é é={é}>",
            "<svelte:head>",
            "<a/",
            "<a b=`",
            "{<a b={",
            "<script>a</script>",
            "<style>",
            "{{ a }}",
            "{a}",
            "\u{feff}",
        ] {
            let text = piece.repeat(100_000 / piece.len());
            for prefix in ["", "<template>", "---\n"] {
                let text = format!("{prefix}{text}");
                for path in ["a.vue", "a.svelte", "a.astro", "a.html"] {
                    sources(path, &text);
                }
            }
        }
    }
}
