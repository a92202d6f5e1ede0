//! The intermediate representation of one module of JavaScript or TypeScript: its imports, exports
//! and top-level bindings, and for the few modules that matter, its expressions.
//!
//! It is independent of the parser, whose types stay in [`crate::js::parse`].

pub(crate) use crate::span::Span;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::js::guard::Guard;

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
    pub body: Option<Body>,
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

/// A use of one binding by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BindingUse {
    /// Index into [`Module::bindings`].
    pub binding: usize,
    /// The one member that is read of a binding that is imported or has parts, if it is known.
    /// `None` is the whole.
    pub member: Option<String>,
    /// The first use.
    pub span: Span,
    /// The guard that keeps it from clients, whatever the module is.
    pub guard: Guard,
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

/// Index into [`Body::nodes`].
pub(crate) type ExprId = u32;

/// The mark of a part of a path that stands for the rest: alone for all further parameters, after the
/// number of the first for elements of a list, before names for the properties besides these.
pub(crate) const REST: &str = "...";

/// The expressions of a module.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Body {
    /// Every expression; children come before their parents.
    pub nodes: Vec<ExprNode>,
    /// The symbols of all names, top-level and local.
    pub symbols: Vec<Symbol>,
    /// All functions.
    pub functions: Vec<Function>,
    /// All classes, sorted by [`Class::statics`].
    pub classes: Vec<Class>,
    /// The expressions that import one or all of several modules, sorted by [`ManyModules::expr`].
    pub many_modules: Vec<ManyModules>,
    /// The contexts of expressions.
    pub contexts: Vec<Context>,
    /// `a.b = c`, `module.exports = x`, `exports.x = y`, `Page.getInitialProps = …`: target, value.
    /// A deletion assigns an unknown value.
    pub assignments: Vec<(ExprId, ExprId)>,
    /// The symbols whose properties are assigned in this way, in order.
    pub changed: Vec<u32>,
    /// The symbols whose objects calls fill, each with the function that is called: `list.push(…)`.
    pub filled: Vec<(u32, ExprId)>,
    /// `export default <expression>`.
    pub default_export: Option<ExprId>,
    /// The values that the template of a component puts into its markup.
    pub holes: Vec<Interpolation>,
    /// How expressions that are true or false come from others, by expression.
    pub logic: Vec<(ExprId, Logic)>,
    /// The statements that run only if something holds.
    pub conditions: Vec<Condition>,
    /// The bindings whose code may get a secret that no word in it tells of, in order: all variables,
    /// a file, a text that it decodes.
    pub origins: Vec<usize>,
}

/// How an expression that is true or false comes from others.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Logic {
    /// `a && b`, an [`Expr::Union`].
    And,
    /// `a || b`, an [`Expr::Union`].
    Or,
    /// `test ? a : b`, an [`Expr::Union`].
    If(ExprId),
    /// `!a`.
    Not(ExprId),
    /// `a === b`.
    Equal(ExprId, ExprId),
    /// `a !== b`.
    Unequal(ExprId, ExprId),
}

/// Statements that run only if something holds: the branches of an `if`, and what follows
/// `if (…) continue`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Condition {
    /// The statements.
    pub span: Span,
    /// The test.
    pub test: ExprId,
    /// Set if they run where the test is true, else where it is false.
    pub holds: bool,
}

/// One expression.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ExprNode {
    /// Its kind and parts.
    pub expr: Expr,
    /// Its range.
    pub span: Span,
    /// Index into [`Body::contexts`].
    pub context: u32,
}

/// The surroundings of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Context {
    /// The top-level binding it belongs to, see [`Binding::extent`].
    pub binding: usize,
    /// The innermost function around it, an index into [`Body::functions`].
    pub function: Option<u32>,
    /// The guard that keeps it from clients.
    pub guard: Guard,
}

/// An expression, as far as values depend on it. Parentheses, `await`, `as`, `satisfies`, `!`,
/// `yield` and the like are left out: their operand takes their place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Expr {
    /// A string, or a template literal without interpolations.
    Text(Arc<str>),
    /// A number, `true`, `false`, `null` or `undefined`, as written.
    Literal(Arc<str>),
    /// A regular expression: the text between its slashes.
    RegExp(Box<str>),
    /// A template literal, or operands of `+`.
    Concat(Vec<ExprId>),
    /// A name that is declared in the module.
    Symbol(u32),
    /// A name that is not declared in the module.
    Global(Box<str>),
    /// `object.property`, also with `?.`.
    Member(ExprId, Box<str>),
    /// `object[index]`.
    Index(ExprId, ExprId),
    /// A call, also of a tagged template.
    Call {
        /// The function.
        callee: ExprId,
        /// The arguments; a spread argument is an [`Expr::Spread`].
        arguments: Vec<ExprId>,
        /// Set for `new`.
        is_new: bool,
    },
    /// `{ … }`.
    Object(Vec<Property>),
    /// `[ … ]`; an omitted element is an [`Expr::Other`].
    Array(Vec<ExprId>),
    /// `...x`.
    Spread(ExprId),
    /// A function, arrow function or method; an index into [`Body::functions`].
    Function(u32),
    /// Any of these: the branches of `? :`, the operands of `||`, `??` and `&&`.
    Union(Vec<ExprId>),
    /// A JSX element. It is large and rare, so that it is boxed.
    Element(Box<Element>),
    /// `import.meta`.
    ImportMeta,
    /// `import('…')` or `require('…')`: an index into [`Module::imports`].
    Import(u32),
    /// The error that a `catch` takes: the operands of `throw` in the block before it, and what the calls
    /// among its expressions throw, from the first to before the last.
    Caught {
        /// The operands of `throw`.
        thrown: Vec<ExprId>,
        /// The expressions of the block.
        block: (ExprId, ExprId),
    },
    /// An expression of unknown value. The expressions in it are nodes of their own.
    Other,
}

/// A JSX element; a fragment has an empty name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Element {
    /// The name as written.
    pub name: Box<str>,
    /// The component that the name refers to.
    pub tag: Option<ExprId>,
    /// Attributes; one without a value is [`Expr::Other`].
    pub attributes: Vec<Property>,
    /// Its content.
    pub children: Vec<ExprId>,
}

/// A property of an object, or an attribute of an element.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Property {
    /// Its name.
    pub key: PropertyKey,
    /// Its value. A getter or method is a function.
    pub value: ExprId,
    /// Name and value.
    pub span: Span,
}

/// The name of a property.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum PropertyKey {
    /// The name as written, without quotes.
    Name(Arc<str>),
    /// `[x]: …`.
    Computed(ExprId),
    /// `...x`, all properties of the value.
    Spread,
}

/// A declared name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Symbol {
    /// The name.
    pub name: Box<str>,
    /// Where it is declared.
    pub span: Span,
    /// The top-level binding of the name, if it is top-level.
    pub binding: Option<usize>,
    /// Its value at the declaration.
    pub value: SymbolValue,
    /// Values assigned later: each of them may be its value.
    pub assigned: Vec<ExprId>,
    /// Values that statements add to it later.
    pub added: Vec<Addition>,
}

/// A value that a statement adds to an object.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Addition {
    /// An element of a list: `lines.push(x)`.
    Element(ExprId),
    /// A part of the text that an object of the language stands for: `url.search = x`,
    /// `parameters.set('key', x)`.
    Part(ExprId),
    /// A parameter of an address: `url.searchParams.set('key', x)`.
    Parameter(ExprId),
}

/// The value of a name at its declaration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum SymbolValue {
    /// `const x = <expression>`; in `const { a: { x } } = <expression>`, the path is `a`, `x`. A
    /// position in an array is written as its number.
    Init {
        /// The expression.
        expr: ExprId,
        /// The path to the value in it.
        path: Vec<Box<str>>,
        /// The value if the path leads to none.
        default: Option<ExprId>,
    },
    /// A parameter.
    Parameter {
        /// Index into [`Body::functions`].
        function: u32,
        /// The position among the parameters, from 0.
        index: u32,
        /// The path to the value in it.
        path: Vec<Box<str>>,
        /// The value if none is given.
        default: Option<ExprId>,
    },
    /// A function declaration.
    Function(u32),
    /// An import: its binding has the details.
    Import,
    /// Anything else.
    Unknown,
}

/// A function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Function {
    /// Its name, or that of the variable or property that it is assigned to; else empty.
    pub name: Box<str>,
    /// The whole function.
    pub span: Span,
    /// Set for functions on the server whose results are sent to the client: those with the
    /// directive `use server`, and methods of controllers that answer requests.
    pub is_server: bool,
    /// Its results: operands of `return`, or the body of an arrow function. Results of functions
    /// within it are not included.
    pub returns: Vec<ExprId>,
    /// Set if it has statements other than a single `return`.
    pub has_statements: bool,
    /// The call that it is an argument of: `list.map((x) => …)`.
    pub given_to: Option<ExprId>,
    /// Set for a getter, whose result is the value of a property.
    pub is_getter: bool,
    /// Set if it names the `this` of its call, or an arrow function in it does.
    pub uses_this: bool,
    /// The operands of `throw` in it that it does not catch itself.
    pub throws: Vec<ExprId>,
    /// Its expressions, from the first to before the last.
    pub nodes: (ExprId, ExprId),
}

/// An expression that imports one of several modules, ``import(`./${name}.js`)``, or all of them,
/// `import.meta.glob('./*.js')`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ManyModules {
    /// The expression.
    pub expr: ExprId,
    /// The imports, from the first to before the last, indexes into [`Module::imports`].
    pub imports: (usize, usize),
    /// The text that names the one module.
    pub named_by: Option<ExprId>,
    /// The export that is meant instead of the module.
    pub export: Option<Box<str>>,
}

/// A class. Its value is the object of its static members.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Class {
    /// That object.
    pub statics: ExprId,
    /// The whole class.
    pub span: Span,
    /// The class that it extends.
    pub base: Option<ExprId>,
    /// Its constructor, an index into [`Body::functions`].
    pub constructor: Option<u32>,
    /// The call `super(…)` in its constructor.
    pub super_call: Option<ExprId>,
    /// The methods and getters of its instances. Its fields are assignments to `this`.
    pub members: Vec<Property>,
    /// The first and the last of the assignments in it, indexes into [`Body::assignments`]; the last is
    /// not included.
    pub assignments: (usize, usize),
}

/// A value in the template of a component.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Interpolation {
    /// The tag as written; empty in text.
    pub tag: Box<str>,
    /// The attribute; `None` in text. `define:vars` and `set:html` are attributes, too; a spread
    /// has the name `...`.
    pub attribute: Option<Box<str>>,
    /// The directive of the tag that ships its component, for example `client:load`.
    pub client: Option<Box<str>>,
    /// The value.
    pub value: ExprId,
    /// Tag, attribute or braces.
    pub span: Span,
}

impl Body {
    /// The expression with this number, if the body has it.
    pub(crate) fn node(&self, expr: ExprId) -> Option<&ExprNode> {
        self.nodes.get(expr as usize)
    }

    /// The class whose static members are this expression.
    pub(crate) fn class_of(&self, statics: ExprId) -> Option<u32> {
        let found = self.classes.binary_search_by_key(&statics, |class| class.statics).ok()?;
        u32::try_from(found).ok()
    }

    /// The modules that an expression imports, if these are several.
    pub(crate) fn many_modules(&self, expr: ExprId) -> Option<&ManyModules> {
        let found = self.many_modules.binary_search_by_key(&expr, |many| many.expr).ok()?;
        self.many_modules.get(found)
    }

    /// The innermost class around a place.
    pub(crate) fn class_around(&self, place: Span) -> Option<u32> {
        let around = |class: &Class| class.span.contains(place);
        u32::try_from(self.classes.iter().position(around)?).ok()
    }

    /// How an expression that is true or false comes from others, if that is known.
    pub(crate) fn logic(&self, expr: ExprId) -> Option<Logic> {
        let found = self.logic.binary_search_by_key(&expr, |(own, _)| *own).ok()?;
        self.logic.get(found).map(|(_, logic)| *logic)
    }
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
        let Some((region, binding)) = after.checked_sub(1).map(|last| self.regions[last]) else {
            return MODULE_INIT;
        };
        if region.contains(at) { binding } else { MODULE_INIT }
    }
}
