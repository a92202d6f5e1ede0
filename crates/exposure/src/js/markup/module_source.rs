//! The text of each module in a file, ready for the parser.

use std::borrow::Cow;

use crate::js::ir::{ImportKind, ModulePart, SourceLanguage, Span};
use crate::js::markup::template_branch::TemplateBranch;

/// The text of one module.
#[derive(Debug, Clone)]
pub(crate) struct ModuleSource<'t> {
    /// Its part of the file.
    pub part: ModulePart,
    /// The text, as long as the file, with blanks for all that does not belong to the module.
    pub text: Cow<'t, str>,
    /// Its language.
    pub language: SourceLanguage,
    /// Set if it certainly is an ES module; otherwise its text decides.
    pub is_module: bool,
    /// Set if it has a template: then everything in its scripts may be used.
    pub has_template: bool,
    /// The links of its markup.
    pub links: Vec<MarkupLink>,
    /// The tags of its template that may be components.
    pub tags: Vec<ComponentTag>,
    /// The values in its template, by position.
    pub slots: Vec<TemplateSlot>,
    /// The markup that is there only if a test holds, by position.
    pub branches: Vec<TemplateBranch>,
    /// The content of `<DevOnly>` of Nuxt.
    pub for_development: Vec<Span>,
    /// The ranges of its text that come from its template, by position.
    pub template: Vec<Span>,
}

impl<'t> ModuleSource<'t> {
    /// A whole file of code.
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
            branches: Vec::new(),
            for_development: Vec::new(),
            template: Vec::new(),
        }
    }
}

/// A script or style sheet that markup loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MarkupLink {
    /// The address as written; empty for an inline script.
    pub specifier: String,
    /// The tag.
    pub span: Span,
    /// The means by which it is loaded.
    pub kind: ImportKind,
}

/// The component of Nuxt whose content servers do not render.
pub(crate) const CLIENT_ONLY: &str = "ClientOnly";

/// A tag of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComponentTag {
    /// Its name as written.
    pub name: Box<str>,
    /// The opening tag.
    pub span: Span,
    /// The directive that ships its component, for example `client:load`, or [`CLIENT_ONLY`].
    pub client: Option<Box<str>>,
}

/// A value in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateSlot {
    /// The tag as written; empty if the value is in text.
    pub tag: Box<str>,
    /// The attribute; `None` in text. A spread has the name `...`.
    pub attribute: Option<Box<str>>,
    /// The directive that ships the tag's component, or [`CLIENT_ONLY`].
    pub client: Option<Box<str>>,
    /// The tag, attribute or braces.
    pub span: Span,
    /// The value in the module's text.
    pub code: Span,
}
