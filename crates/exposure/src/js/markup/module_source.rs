//! The texts of the modules in a file, as the parser is given them.

use std::borrow::Cow;

use crate::js::ir::{ImportKind, ModulePart, SourceLanguage, Span};

/// The text of one module.
#[derive(Debug, Clone)]
pub(crate) struct ModuleSource<'t> {
    /// Which part of the file it is.
    pub part: ModulePart,
    /// As long as the file, with blanks for what does not belong to the module.
    pub text: Cow<'t, str>,
    /// Its language.
    pub language: SourceLanguage,
    /// Whether it is a module for sure; otherwise its text decides.
    pub is_module: bool,
    /// Whether it has a template: then all that is in its scripts may be used.
    pub has_template: bool,
    /// What its markup loads.
    pub links: Vec<MarkupLink>,
    /// The tags of its template that may be components.
    pub tags: Vec<ComponentTag>,
    /// The values in its template, by place.
    pub slots: Vec<TemplateSlot>,
    /// The stretches of its source that come from its template, by place.
    pub template: Vec<Span>,
}

impl<'t> ModuleSource<'t> {
    /// A source of a whole file of code.
    pub(super) fn code(text: &'t str, language: SourceLanguage, is_module: bool) -> Self {
        Self {
            part: ModulePart::Whole,
            text: Cow::Borrowed(text),
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
pub(crate) struct ComponentTag {
    /// Its name as it is written.
    pub name: Box<str>,
    /// The opening tag.
    pub span: Span,
    /// The directive with which its component ships, for example `client:load`.
    pub client: Option<Box<str>>,
}

/// A value in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateSlot {
    /// The tag as it is written; empty if the value stands in text.
    pub tag: Box<str>,
    /// The attribute; `None` in text. A spread has the name `...`.
    pub attribute: Option<Box<str>>,
    /// The directive with which the tag's component ships.
    pub client: Option<Box<str>>,
    /// ComponentTag, attribute or braces.
    pub span: Span,
    /// The value in the source.
    pub code: Span,
}
