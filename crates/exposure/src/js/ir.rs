//! The intermediate representation of one module of JavaScript or TypeScript: its imports, exports
//! and top-level bindings, and for the few modules that matter, its expressions.
//!
//! It is independent of the parser, whose types stay in [`crate::js::parse`].

pub(crate) use crate::js::body::{
    Addition, Body, Class, Condition, Context, Element, Expr, ExprId, ExprNode, Function,
    Interpolation, Logic, ManyModules, Property, PropertyKey, REST, Symbol, SymbolValue,
};
pub(crate) use crate::span::Span;

use serde::{Deserialize, Serialize};

use crate::js::guard::Guard;
use crate::js::module_body::ModuleBody;

/// The text of one module: a file, or one script of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum ModulePart {
    /// The file as a module. Of a Vue or Svelte component, all of its scripts and its template; of
    /// an Astro component, the frontmatter and the template; of a page, its links to scripts.
    Whole,
    /// A script of an Astro component or of a page, counted from 0.
    Script(u16),
    /// The file as text: what an import of its text or its address ships, and style sheets.
    Text,
}

/// The language of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceLanguage {
    /// JavaScript, with or without JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

/// How much of a module is lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParseDepth {
    /// Imports, exports, bindings and their uses.
    Shape,
    /// The expressions, too.
    Body,
}

/// The binding of the code that runs when a module is loaded: all statements that declare nothing,
/// and the template of a component.
pub(crate) const MODULE_INIT: usize = 0;

/// One module.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Module {
    /// The directives at its top, for example `use client`.
    pub directives: Vec<Directive>,
    /// Its imports, by any means, in order.
    pub imports: Vec<ModuleImport>,
    /// Its top-level bindings; the first is [`MODULE_INIT`].
    pub bindings: Vec<Binding>,
    /// The properties of bindings that are objects, sorted; each is a binding of its own.
    pub parts: Vec<Part>,
    /// The bindings with parts that are enums, in order.
    pub enums: Vec<usize>,
    /// Its exports.
    pub exports: Vec<Export>,
    /// The binding that owns each range of the text, by position; the rest belongs to
    /// [`MODULE_INIT`].
    pub regions: Vec<(Span, usize)>,
    /// The bindings whose declarations do something when the module is loaded, for example call a
    /// function: a bundler keeps them although nothing uses them.
    pub running: Vec<usize>,
    /// Names that nothing declares: globals, and components that a build tool may import.
    pub free: Vec<FreeName>,
    /// The markup that clients lack under a guard, by position.
    pub guarded_markup: Vec<(Span, Guard)>,
    /// The components that the template of an Astro component ships.
    pub islands: Vec<Island>,
    /// The first code that only a page runs: `createRoot(…)`, `createApp(…).mount(…)`,
    /// `customElements.define(…)`, or `document.…` while it is loaded.
    pub page_call: Option<Span>,
    /// The reason why it cannot be read, if any; what was understood of it is kept.
    pub fault: Option<ParseFault>,
    /// Its expressions, if they were asked for.
    pub body: ModuleBody,
}

/// A directive, for example `'use client'`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Directive {
    /// The text between the quotes.
    pub text: String,
    /// The whole directive.
    pub span: Span,
}

/// The reason why a module cannot be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ParseFault {
    /// The parser's message, without any text of the module.
    pub message: String,
    /// The offset at which reading failed.
    pub at: u32,
}

/// A link to another module.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ModuleImport {
    /// The specifier as written, patterns included; of a template literal, the text before its
    /// first interpolation. Empty for [`ImportKind::InlineScript`].
    pub specifier: String,
    /// The whole statement or call.
    pub span: Span,
    /// The means by which it is imported.
    pub kind: ImportKind,
    /// Tells if it is left out of the code, because only types are imported.
    pub erased: Erased,
    /// The guard that keeps a call that imports from clients.
    pub guard: Guard,
}

/// The means by which a module is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ImportKind {
    /// `import` or `export … from`.
    Static,
    /// `import('…')`.
    Dynamic,
    /// `require('…')`.
    Require,
    /// `import(`./pages/${name}`)`: every module whose path has this prefix. Also
    /// `import.meta.glob`.
    Glob,
    /// `new Worker(new URL('…', import.meta.url))`, `navigator.serviceWorker.register('…')`.
    Worker,
    /// `<script src="…">`.
    Script,
    /// `<link rel="stylesheet" href="…">`, `@import` of a style sheet.
    Style,
    /// `new URL('…', import.meta.url)`: the file ships verbatim.
    Asset,
    /// A script within the same file.
    InlineScript(u16),
}

/// Tells if an import is left out of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Erased {
    /// It is kept.
    No,
    /// `import type …` or `export type …`.
    Type,
    /// None of its names is used as a value, or all are marked `type`: left out unless the project
    /// sets `verbatimModuleSyntax`. Only in TypeScript, and not in components with a template.
    Unused,
}

/// A top-level binding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Binding {
    /// Its name; empty for [`MODULE_INIT`].
    pub name: String,
    /// Its name in the declaration.
    pub span: Span,
    /// The whole declaration: the code in it belongs to this binding.
    pub extent: Span,
    /// The target of the name.
    pub target: BindingTarget,
    /// The other top-level bindings that it uses, each once.
    pub uses: Vec<BindingUse>,
    /// Indexes of the imports that are evaluated in it: dynamic ones, `require`, workers. Static
    /// ones are evaluated whenever the module is.
    pub imports: Vec<usize>,
    /// Its name as an index into [`Body::symbols`], if it has one.
    pub symbol: Option<u32>,
}

impl Binding {
    /// A binding of data, which uses nothing.
    pub(crate) fn of_data(name: &str, span: Span) -> Self {
        Self {
            name: name.to_owned(),
            span,
            extent: span,
            target: BindingTarget::Local,
            uses: Vec::new(),
            imports: Vec::new(),
            symbol: None,
        }
    }
}

/// A property of a binding that is an object without effects. Code that names it alone does not use
/// the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Part {
    /// The binding of the object, an index into [`Module::bindings`].
    pub whole: usize,
    /// The name of the property.
    pub name: Box<str>,
    /// The binding of the property alone.
    pub binding: usize,
}

/// The target of a top-level binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BindingTarget {
    /// A declaration in the module.
    Local,
    /// A name of another module.
    Imported {
        /// Index into [`Module::imports`].
        import: usize,
        /// The name there; also for `const { a } = require('…')`.
        name: Imported,
    },
}

/// The imported part of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Imported {
    /// One name; `default` is one of them.
    Name(String),
    /// All of it (`* as x`, `require` without a member).
    All,
}

/// The character between the names of members that are read one of the other.
pub(crate) const WITHIN: char = '\u{1f}';

/// The first of the names of members, and the others.
pub(crate) fn first_member(members: &str) -> (&str, Option<&str>) {
    match members.split_once(WITHIN) {
        Some((first, others)) => (first, Some(others)),
        None => (members, None),
    }
}

/// A use of one binding by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BindingUse {
    /// Index into [`Module::bindings`].
    pub binding: usize,
    /// The one member that is read of a binding that is imported or has parts, if it is known, and
    /// those of it that are read in turn, each after [`WITHIN`]. `None` is the whole.
    pub member: Option<String>,
    /// The first use.
    pub span: Span,
    /// The guard that keeps it from clients, whatever the module is.
    pub guard: Guard,
    /// False if its value goes nowhere: it is only the tag of elements, or its declaration only runs.
    pub takes_value: bool,
}

/// A name that nothing in its module declares.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FreeName {
    /// The name.
    pub name: Box<str>,
    /// The binding whose code names it.
    pub binding: usize,
    /// The first place.
    pub span: Span,
    /// The guard that keeps that code from clients.
    pub guard: Guard,
}

/// A component that ships by a directive of its tag.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Island {
    /// The directive, for example `client:load`.
    pub directive: Box<str>,
    /// The binding that the tag names.
    pub binding: usize,
    /// The member of a binding that is a whole module: `<ns.Widget client:load />`.
    pub member: Option<String>,
    /// The guard that keeps the tag from the page.
    pub guard: Guard,
}

/// A name that a module exports.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Export {
    /// The name, `default`, or `*` for `export * from`.
    pub name: String,
    /// The source of its value.
    pub source: ExportSource,
    /// The export specifier, declaration or assignment.
    pub span: Span,
}

/// The source of an exported name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ExportSource {
    /// A binding of the module; for `export default <expression>` and for CommonJS (`module.exports
    /// = …`, `exports.a = …`), one that is made for it.
    Binding(usize),
    /// A name of another module, or all of its names.
    Import {
        /// Index into [`Module::imports`].
        import: usize,
        /// The name there; [`Imported::All`] for `* as ns`, and for `*`.
        name: Imported,
    },
}

impl Module {
    /// The properties of a binding.
    pub(crate) fn parts_of(&self, whole: usize) -> &[Part] {
        let start = self.parts.partition_point(|part| part.whole < whole);
        let end = self.parts.partition_point(|part| part.whole <= whole);
        &self.parts[start..end]
    }

    /// The guard that keeps the markup at `at` from clients.
    pub(crate) fn markup_guard(&self, at: Span) -> Guard {
        let around = self.guarded_markup.iter().filter(|(content, _)| content.contains(at));
        around.map(|(_, guard)| *guard).max().unwrap_or(Guard::None)
    }

    /// The binding that owns the code at `at`.
    #[cfg(test)]
    pub(crate) fn owner(&self, at: Span) -> usize {
        let after = self.regions.partition_point(|(region, _)| region.start <= at.start);
        let around = self.regions[..after].iter().rev().find(|(region, _)| region.contains(at));
        around.map_or(MODULE_INIT, |(_, binding)| *binding)
    }
}
