//! Cuts files into the texts of modules. All that is not script becomes blank, so that every offset
//! in a module is an offset in its file.

use std::borrow::Cow;

use crate::js::ir::{ImportKind, ModulePart, SourceLanguage, Span};
use crate::js::markup::blanked::BlankedText;
use crate::js::markup::module_source::{MarkupLink, ModuleSource};
use crate::js::markup::names::span;
use crate::js::markup::reader::{Dialect, MarkupReader};
use crate::js::markup::tag::ScriptBlock;

/// Scripts of one file that become modules of their own; the last module holds all further ones,
/// too.
pub(super) const MAX_SCRIPTS: usize = 32;

/// The modules in a file, by its extension; none if it is not code.
pub(crate) fn module_sources<'t>(path: &str, text: &'t str) -> Vec<ModuleSource<'t>> {
    let Some((_, extension)) = path.rsplit_once('.') else { return Vec::new() };
    match extension {
        "js" | "jsx" | "cjs" => vec![ModuleSource::code(text, SourceLanguage::JavaScript, false)],
        "mjs" => vec![ModuleSource::code(text, SourceLanguage::JavaScript, true)],
        "ts" | "cts" => vec![ModuleSource::code(text, SourceLanguage::TypeScript, false)],
        "mts" => vec![ModuleSource::code(text, SourceLanguage::TypeScript, true)],
        "tsx" => vec![ModuleSource::code(text, SourceLanguage::Tsx, false)],
        "vue" => MarkupReader::new(text, Dialect::Vue).cut(),
        "svelte" => MarkupReader::new(text, Dialect::Svelte).cut(),
        "astro" => MarkupReader::new(text, Dialect::Astro).cut(),
        "html" | "htm" => MarkupReader::new(text, Dialect::Html).cut(),
        _ => Vec::new(),
    }
}

impl<'t> MarkupReader<'t> {
    pub(super) fn cut(mut self) -> Vec<ModuleSource<'t>> {
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

    /// Finds the scripts of broken markup, after those that are known.
    pub(super) fn rescue(&mut self, start: usize) {
        self.has_braces = false;
        self.is_in_head = false;
        let mut at = self.scripts.last().map_or(start, |script| script.content.end);
        while let Some(open) = self.find(at, b"<script") {
            let Ok(opening) = self.opening_tag(open, 0) else { return };
            let close = self.closing_tag(opening.end, "script").unwrap_or(self.text.len());
            self.script(&opening, opening.end..close);
            at = close.max(opening.end);
        }
    }

    pub(super) fn finish(mut self) -> Vec<ModuleSource<'t>> {
        self.slots.sort_by_key(|slot| (slot.code.start, std::cmp::Reverse(slot.code.end)));
        self.template.sort_unstable();
        self.branches.sort_by_key(|branch| branch.test);
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
                let mut blank = BlankedText::new(self.text);
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
                parts.push(ModuleSource {
                    part: ModulePart::Script(part),
                    text: Cow::Owned(blank.finish()),
                    language: language(scripts),
                    is_module: scripts.iter().any(|one| one.is_module),
                    has_template: false,
                    links: Vec::new(),
                    tags: Vec::new(),
                    slots: Vec::new(),
                    branches: Vec::new(),
                    for_development: Vec::new(),
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
        let whole = ModuleSource {
            part: ModulePart::Whole,
            text: Cow::Owned(self.blank.finish()),
            language,
            is_module: self.dialect != Dialect::Html,
            has_template: self.dialect != Dialect::Html,
            links: self.links,
            tags: self.tags,
            slots: self.slots,
            branches: self.branches,
            for_development: self.for_development,
            template: self.template,
        };
        std::iter::once(whole).chain(parts).collect()
    }
}

/// The scripts of each module.
pub(super) fn groups(scripts: &[ScriptBlock]) -> Vec<&[ScriptBlock]> {
    let own = scripts.len().min(MAX_SCRIPTS);
    let (first, rest) = scripts.split_at(if own == scripts.len() { own } else { own - 1 });
    let mut groups: Vec<&[ScriptBlock]> = first.chunks(1).collect();
    if !rest.is_empty() {
        groups.push(rest);
    }
    groups
}

pub(super) fn language(scripts: &[ScriptBlock]) -> SourceLanguage {
    if !scripts.iter().any(|script| script.is_typescript) {
        SourceLanguage::JavaScript
    } else if scripts.iter().any(|script| script.is_jsx) {
        SourceLanguage::Tsx
    } else {
        SourceLanguage::TypeScript
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_SCRIPTS, module_sources};
    use crate::js::ir::SourceLanguage;
    use crate::js::markup::testing::sources;

    #[test]
    fn extensions_decide_the_language() {
        for (path, language) in [
            ("a.js", SourceLanguage::JavaScript),
            ("a.jsx", SourceLanguage::JavaScript),
            ("a.cjs", SourceLanguage::JavaScript),
            ("a.mts", SourceLanguage::TypeScript),
            ("a.d/a.tsx", SourceLanguage::Tsx),
        ] {
            assert_eq!(module_sources(path, "x")[0].language, language, "{path}");
        }
        assert!(module_sources("a.css", "x").is_empty());
        assert!(module_sources("Makefile", "x").is_empty());
    }

    #[test]
    fn many_scripts_share_a_module() {
        let text = "<script>a</script>".repeat(100);
        let sources = module_sources("a.html", &text);
        assert_eq!(sources.len(), MAX_SCRIPTS + 1);
        assert_eq!(sources[MAX_SCRIPTS].text.matches('a').count(), 100 - MAX_SCRIPTS + 1);
    }

    #[test]
    fn hostile_markup_terminates() {
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
