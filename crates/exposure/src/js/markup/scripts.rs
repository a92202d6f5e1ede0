//! Reads `<script>` and `<link>`.

use std::ops::Range;

use crate::js::ir::ImportKind;
use crate::js::markup::module_source::MarkupLink;
use crate::js::markup::names::{decoded, span};
use crate::js::markup::reader::{Dialect, MarkupReader};
use crate::js::markup::tag::{OpeningTag, ScriptBlock};

impl MarkupReader<'_> {
    /// Reads a `<script>`: its address, or its content.
    pub(super) fn script(&mut self, opening: &OpeningTag, content: Range<usize>) {
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
        let is_inline =
            self.has_attribute(opening, "is:inline") || self.has_attribute(opening, "define:vars");
        let is_astro = self.dialect == Dialect::Astro && !is_inline;
        self.scripts.push(ScriptBlock {
            content,
            is_module: kind == "module" || is_astro || is_component,
            is_typescript: is_astro
                || matches!(language, "ts" | "tsx" | "typescript")
                || kind == "text/typescript",
            is_jsx: matches!(language, "tsx" | "jsx"),
        });
    }

    /// Reads a `<link>` to a style sheet.
    pub(super) fn stylesheet(&mut self, opening: &OpeningTag) {
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
}
