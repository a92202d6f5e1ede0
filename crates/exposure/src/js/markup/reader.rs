//! The state of reading a file with markup.

use std::ops::Range;

use crate::js::ir::Span;
use crate::js::markup::blanked::BlankedText;
use crate::js::markup::module_source::{ComponentTag, MarkupLink, TemplateSlot};
use crate::js::markup::names::span;
use crate::js::markup::tag::ScriptBlock;
use crate::js::markup::template_branch::{OpenBlock, OpenChoice, TemplateBranch};

/// The language of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Html,
    Vue,
    Svelte,
    Astro,
}

/// Broken markup: everything after it is left blank.
pub(super) struct MarkupError;

/// Reads a file with markup: keeps its code, collects its links, tags and values.
pub(super) struct MarkupReader<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) dialect: Dialect,
    pub(super) blank: BlankedText<'t>,
    pub(super) scripts: Vec<ScriptBlock>,
    pub(super) links: Vec<MarkupLink>,
    pub(super) tags: Vec<ComponentTag>,
    pub(super) slots: Vec<TemplateSlot>,
    pub(super) template: Vec<Span>,
    pub(super) branches: Vec<TemplateBranch>,
    /// The content of elements that only development has.
    pub(super) for_development: Vec<Span>,
    /// The blocks of a Svelte template around the current place.
    pub(super) open_blocks: Vec<OpenBlock>,
    /// The tests before the current place of a Vue template.
    pub(super) choice: OpenChoice,
    /// The bytes in which ends of elements were searched.
    pub(super) searched: usize,
    /// Set while scripts belong to the document instead of the component.
    pub(super) is_in_head: bool,
    /// Set if braces hold expressions.
    pub(super) has_braces: bool,
    /// The offset up to which no regular expression ends on this line.
    pub(super) no_regex: usize,
}

impl<'t> MarkupReader<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            dialect,
            blank: BlankedText::new(text),
            scripts: Vec::new(),
            links: Vec::new(),
            tags: Vec::new(),
            slots: Vec::new(),
            template: Vec::new(),
            branches: Vec::new(),
            for_development: Vec::new(),
            open_blocks: Vec::new(),
            choice: OpenChoice::default(),
            searched: 0,
            is_in_head: false,
            has_braces: matches!(dialect, Dialect::Svelte | Dialect::Astro),
            no_regex: 0,
        }
    }

    pub(super) fn find(&self, from: usize, what: &[u8]) -> Option<usize> {
        memchr::memmem::find(self.bytes.get(from..)?, what).map(|found| from + found)
    }

    /// The next byte from `from` on for which `is_it` holds.
    pub(super) fn next_byte(
        &self,
        from: usize,
        is_it: impl Fn(u8) -> bool,
    ) -> Result<usize, MarkupError> {
        let rest = self.bytes.get(from..).ok_or(MarkupError)?;
        rest.iter().position(|byte| is_it(*byte)).map(|found| from + found).ok_or(MarkupError)
    }

    pub(super) fn add_slot(
        &mut self,
        tag: &str,
        attribute: Option<&str>,
        whole: &Range<usize>,
        code: &Range<usize>,
    ) {
        self.slots.push(TemplateSlot {
            tag: tag.into(),
            attribute: attribute.map(Box::from),
            client: None,
            span: span(whole),
            code: span(code),
        });
    }

    pub(super) fn unkeep(&mut self, range: Range<usize>) {
        for byte in &mut self.blank.bytes[range] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
}
