//! Cuts files into the texts of modules: what is no script becomes blank, so that every offset in a
//! module is an offset in its file.

use std::borrow::Cow;

use super::facts::ImportKind;
use super::facts::Language;
use super::facts::Part;
use super::facts::Span;

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
        _ => Vec::new(),
    }
}
