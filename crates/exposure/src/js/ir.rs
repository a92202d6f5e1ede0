//! What is known of one module of JavaScript or TypeScript: its imports, exports and top-level
//! bindings, and for the few modules that matter, its expressions.
//!
//! The form is our own and small: the parser's types stay in [`crate::js::parse`].

use std::sync::Arc;

/// A stretch of a file, in bytes of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

/// One module's worth of text: a file, or one script of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ModulePart {
    /// The file as a module. Of a Vue or Svelte component, all of its scripts and its template; of
    /// an Astro component, the frontmatter and the template; of a page, its links to scripts.
    Whole,
    /// A script of an Astro component or of a page, counted from 0.
    Script(u16),
    /// The file as it is: what an import of its text or its address ships, and style sheets.
    Text,
}

/// The language of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceLanguage {
    /// JavaScript, in which JSX may stand.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

/// What a parser is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParseDepth {
    /// Imports, exports, bindings and what uses what.
    Shape,
    /// The expressions, too.
    Body,
}

/// The number of the binding that stands for what a module does when it is loaded: all statements
/// that declare nothing, and the template of a component.
pub(crate) const MODULE_INIT: usize = 0;

/// One module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Module {
    /// The directives at its top, for example `use client`.
    pub directives: Vec<Directive>,
    /// What it imports, by any means, in order.
    pub imports: Vec<ModuleImport>,
    /// Its top-level bindings; the first is [`MODULE_INIT`].
    pub bindings: Vec<Binding>,
    /// What it exports.
    pub exports: Vec<Export>,
    /// Which stretches of the text belong to which binding, by place; the rest is [`MODULE_INIT`].
    pub regions: Vec<(Span, usize)>,
    /// The bindings whose declarations do something when the module is loaded, for example call a
    /// function: a bundler keeps them though nothing uses them.
    pub running: Vec<usize>,
    /// The components that the template of an Astro component ships.
    pub islands: Vec<Island>,
    /// Where it does what only a page does: `createRoot(…)`, `createApp(…).mount(…)`,
    /// `customElements.define(…)`, or `document.…` when it is loaded.
    pub page_call: Option<Span>,
    /// Why it cannot be read, and where; what was understood is there all the same.
    pub fault: Option<ParseFault>,
    /// Its expressions, if they were asked for.
    pub body: Option<Body>,
}

/// A directive, for example `'use client'`.
#[derive(Debug, Clone)]
pub(crate) struct Directive {
    /// The text between the quotes.
    pub text: String,
    /// Where it is.
    pub span: Span,
}

/// Why a module cannot be read.
#[derive(Debug, Clone)]
pub(crate) struct ParseFault {
    /// The parser's words. They hold no text of the module.
    pub message: String,
    /// Where.
    pub at: u32,
}

/// A link to another module.
#[derive(Debug, Clone)]
pub(crate) struct ModuleImport {
    /// What is imported, as it is written, patterns included; of a template literal, what is in
    /// front of its first hole. Empty for [`ImportKind::InlineScript`].
    pub specifier: String,
    /// The whole statement or call.
    pub span: Span,
    /// By which means.
    pub kind: ImportKind,
    /// Whether it is left out of the code, because only types come of it.
    pub erased: Erased,
}

/// By which means a module is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImportKind {
    /// `import` or `export … from`.
    Static,
    /// `import('…')`.
    Dynamic,
    /// `require('…')`.
    Require,
    /// `import(`./pages/${name}`)`: every module whose path begins so. Also `import.meta.glob`.
    Glob,
    /// `new Worker(new URL('…', import.meta.url))`, `navigator.serviceWorker.register('…')`.
    Worker,
    /// `<script src="…">`.
    Script,
    /// `<link rel="stylesheet" href="…">`, `@import` of a style sheet.
    Style,
    /// `new URL('…', import.meta.url)`: the file ships as it is.
    Asset,
    /// A script within the same file.
    InlineScript(u16),
}

/// Whether an import is left out of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Erased {
    /// It stays.
    No,
    /// `import type …` or `export type …`.
    Type,
    /// None of its names is used as a value, or all are marked `type`: left out unless the project
    /// sets `verbatimModuleSyntax`. Only in TypeScript, and not in components with a template.
    Unused,
}

/// A top-level binding.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    /// Its name; empty for [`MODULE_INIT`].
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests and debug output"))]
    pub name: String,
    /// Its declaration, as far as the name goes.
    pub span: Span,
    /// The whole declaration: what stands in it belongs to this binding.
    pub extent: Span,
    /// What it is.
    pub target: BindingTarget,
    /// The other top-level bindings that it uses, without repetition.
    pub uses: Vec<BindingUse>,
    /// Indexes of the imports that are evaluated in it: dynamic ones, `require`, workers. Static
    /// ones are evaluated whenever the module is.
    pub imports: Vec<usize>,
    /// Its name as an index into [`Body::symbols`]; what has no name of its own has none.
    pub symbol: Option<u32>,
}

impl Binding {
    /// A binding of what is data: it uses nothing.
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

/// What a top-level binding stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BindingTarget {
    /// Something declared here.
    Local,
    /// A name of another module.
    Imported {
        /// Index into [`Module::imports`].
        import: usize,
        /// Which name; also for `const { a } = require('…')`.
        name: Imported,
    },
}

/// What of a module is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Imported {
    /// One name; `default` is one of them.
    Name(String),
    /// The whole of it (`* as x`, `require` kept as a whole).
    All,
}

/// That a binding uses another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BindingUse {
    /// Index into [`Module::bindings`].
    pub binding: usize,
    /// Of a binding that stands for a whole module: the one member that is read, if it can be
    /// told. `None` is the whole.
    pub member: Option<String>,
    /// Where it is used first.
    pub span: Span,
    /// Whether it is used on a server only, whatever the module is.
    pub guard: ServerGuard,
}

/// Whether code runs on a server only, as far as its module can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ServerGuard {
    /// It runs wherever the module does.
    None,
    /// In the branch of a condition that holds on servers only: `import.meta.server`,
    /// `import.meta.env.SSR`, `typeof window === 'undefined'`, `process.server`.
    Branch,
    /// In a function with the directive `use server`.
    Function,
}

/// A component that is shipped by a directive of its tag.
#[derive(Debug, Clone)]
pub(crate) struct Island {
    /// The directive, for example `client:load`.
    pub directive: Box<str>,
    /// The binding that the tag names.
    pub binding: usize,
    /// Of a binding that stands for a whole module, its member: `<ns.Widget client:load />`.
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests and debug output"))]
    pub member: Option<String>,
}

/// A name that a module exports.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    /// The name, `default`, or `*` for `export * from`.
    pub name: String,
    /// What it is.
    pub source: ExportSource,
    /// Where.
    pub span: Span,
}

/// What an exported name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExportSource {
    /// A binding of the module. Of `export default <expression>` and of CommonJS
    /// (`module.exports = …`, `exports.a = …`), one that is made for it.
    Binding(usize),
    /// A name of another module, or all of its names.
    Import {
        /// Index into [`Module::imports`].
        import: usize,
        /// Which name; [`Imported::All`] for `* as ns`, and for `*`.
        name: Imported,
    },
}

/// Index into [`Body::nodes`].
pub(crate) type ExprId = u32;

/// The expressions of a module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    /// Every expression; children stand in front of their parents.
    pub nodes: Vec<ExprNode>,
    /// What the names stand for, top-level and local ones.
    pub symbols: Vec<Symbol>,
    /// All functions.
    pub functions: Vec<Function>,
    /// Where expressions stand.
    pub contexts: Vec<Context>,
    /// `a.b = c`, `module.exports = x`, `exports.x = y`, `Page.getInitialProps = …`: target, value.
    /// What is deleted is given something of which no value is known.
    pub assignments: Vec<(ExprId, ExprId)>,
    /// The symbols whose properties are given something so, in order.
    pub changed: Vec<u32>,
    /// `export default <expression>`.
    pub default_export: Option<ExprId>,
    /// What the template of a component puts into its markup.
    pub holes: Vec<Interpolation>,
}

/// One expression.
#[derive(Debug, Clone)]
pub(crate) struct ExprNode {
    /// What it is.
    pub expr: Expr,
    /// Where.
    pub span: Span,
    /// Index into [`Body::contexts`].
    pub context: u32,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Context {
    /// The top-level binding it belongs to, see [`Binding::extent`].
    pub binding: usize,
    /// The innermost function round it, an index into [`Body::functions`].
    pub function: Option<u32>,
    /// Whether it runs on a server only.
    pub guard: ServerGuard,
}

/// An expression, as far as values depend on it. Parentheses, `await`, `as`, `satisfies`, `!`,
/// `yield` and the like are left out: their operand stands for them.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    /// A string, or a template literal without holes.
    Text(Arc<str>),
    /// A number, `true`, `false`, `null` or `undefined`, as it is written.
    Literal(Arc<str>),
    /// A regular expression: what stands between its slashes.
    RegExp(Box<str>),
    /// A template literal, or operands of `+`.
    Concat(Vec<ExprId>),
    /// A name that is declared in the module.
    Symbol(u32),
    /// A name that is not.
    Global(Box<str>),
    /// `object.property`, also with `?.`.
    Member(ExprId, Box<str>),
    /// `object[index]`.
    Index(ExprId, ExprId),
    /// A call, also of a tagged template.
    Call {
        /// What is called.
        callee: ExprId,
        /// With what; a spread argument is a [`Expr::Spread`].
        arguments: Vec<ExprId>,
        /// Whether it is `new`.
        is_new: bool,
    },
    /// `{ … }`.
    Object(Vec<Property>),
    /// `[ … ]`; a hole is an [`Expr::Other`].
    Array(Vec<ExprId>),
    /// `...x`.
    Spread(ExprId),
    /// A function, arrow function or method; an index into [`Body::functions`].
    Function(u32),
    /// Any of these: the branches of `? :`, the operands of `||`, `??` and `&&`.
    Union(Vec<ExprId>),
    /// A JSX element. It is large and seldom, so that it has a place of its own.
    Element(Box<Element>),
    /// `import.meta`.
    ImportMeta,
    /// `import('…')` or `require('…')`: an index into [`Module::imports`].
    Import(u32),
    /// Something of which no value is known. What stands in it has nodes of its own.
    Other,
}

/// A JSX element; of a fragment, the name is empty.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    /// The name as it is written.
    pub name: Box<str>,
    /// What a name of a component stands for.
    pub tag: Option<ExprId>,
    /// Attributes; one without a value is [`Expr::Other`].
    pub attributes: Vec<Property>,
    /// What stands in it.
    pub children: Vec<ExprId>,
}

/// A property of an object, or an attribute of an element.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    /// Its name.
    pub key: PropertyKey,
    /// Its value. A getter or method is a function.
    pub value: ExprId,
    /// Name and value.
    pub span: Span,
}

/// The name of a property.
#[derive(Debug, Clone)]
pub(crate) enum PropertyKey {
    /// As it is written, without quotes.
    Name(Arc<str>),
    /// `[x]: …`
    Computed(ExprId),
    /// `...x`, all properties of the value.
    Spread,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    /// The name.
    pub name: Box<str>,
    /// Where it is declared.
    pub span: Span,
    /// The top-level binding that it is, if it is one.
    pub binding: Option<usize>,
    /// What it was given when it was declared.
    pub value: SymbolValue,
    /// What it is given later, if anything: then any of them may be its value.
    pub assigned: Vec<ExprId>,
}

/// What a name was given when it was declared.
#[derive(Debug, Clone)]
pub(crate) enum SymbolValue {
    /// `const x = <expression>`; of `const { a: { x } } = <expression>`, the path is `a`, `x`. A
    /// position in an array is its number.
    Init {
        /// The expression.
        expr: ExprId,
        /// The way to the value in it.
        path: Vec<Box<str>>,
        /// What it is if nothing is there.
        default: Option<ExprId>,
    },
    /// A parameter.
    Parameter {
        /// Index into [`Body::functions`].
        function: u32,
        /// Which one, from 0.
        index: u32,
        /// The way to the value in it.
        path: Vec<Box<str>>,
        /// What it is if nothing is given.
        default: Option<ExprId>,
    },
    /// A function declaration.
    Function(u32),
    /// An import: the binding tells of what.
    Import,
    /// Anything else.
    Unknown,
}

/// A function.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    /// Its name, or that of the variable or property that it is given to; else empty.
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests and debug output"))]
    pub name: Box<str>,
    /// All of it.
    pub span: Span,
    /// Whether it has the directive `use server`.
    pub is_server: bool,
    /// What it gives back: operands of `return`, or the body of an arrow function. Not those of
    /// functions within it.
    pub returns: Vec<ExprId>,
    /// Whether it does more than giving back: it has statements.
    pub has_statements: bool,
}

/// A value in the template of a component.
#[derive(Debug, Clone)]
pub(crate) struct Interpolation {
    /// The tag as it is written; empty if it stands in text.
    pub tag: Box<str>,
    /// The attribute; `None` in text. `define:vars` and `set:html` are attributes, too; a spread
    /// has the name `...`.
    pub attribute: Option<Box<str>>,
    /// The directives of the tag with which its component ships, for example `client:load`.
    pub client: Option<Box<str>>,
    /// The value.
    pub value: ExprId,
    /// Tag, attribute or braces.
    pub span: Span,
}

impl Span {
    /// From `start` up to `end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Whether `other` lies in it.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl Body {
    /// An expression; `None` of a number that is none of this body.
    pub(crate) fn node(&self, expr: ExprId) -> Option<&ExprNode> {
        self.nodes.get(expr as usize)
    }
}

impl Module {
    /// The binding that what stands at `at` belongs to.
    #[cfg(test)]
    pub(crate) fn owner(&self, at: Span) -> usize {
        let behind = self.regions.partition_point(|(region, _)| region.start <= at.start);
        let Some((region, binding)) = behind.checked_sub(1).map(|last| self.regions[last]) else {
            return MODULE_INIT;
        };
        if region.contains(at) { binding } else { MODULE_INIT }
    }
}
