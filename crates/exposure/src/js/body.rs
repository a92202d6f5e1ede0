//! The expressions of a module, its functions, classes and symbols.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::js::guard::Guard;
use crate::span::Span;

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
    /// `a instanceof B`.
    InstanceOf(ExprId, ExprId),
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

    /// The bindings that code changes after their declaration: each with that whose code does it.
    pub(crate) fn changed_bindings(&self) -> Vec<(usize, usize)> {
        let context = |expr: ExprId| {
            let context = self.node(expr)?.context;
            self.contexts.get(context as usize).map(|context| context.binding)
        };
        let binding = |symbol: u32| self.symbols.get(symbol as usize)?.binding;
        let of_objects = self.assignments.iter().filter_map(|&(target, _)| {
            Some((binding(self.symbol_at_root(target)?)?, context(target)?))
        });
        let of_names = self.symbols.iter().flat_map(|symbol| {
            let by = symbol.assigned.iter().filter_map(|&expr| context(expr));
            symbol.binding.into_iter().flat_map(move |own| by.clone().map(move |by| (own, by)))
        });
        let of_calls =
            self.filled.iter().filter_map(|&(symbol, by)| Some((binding(symbol)?, context(by)?)));
        of_objects.chain(of_names).chain(of_calls).collect()
    }

    /// The symbol at the root of `a.b[c]`.
    fn symbol_at_root(&self, target: ExprId) -> Option<u32> {
        let mut at = target;
        loop {
            at = match self.node(at)?.expr {
                Expr::Symbol(symbol) => return Some(symbol),
                Expr::Member(object, _) | Expr::Index(object, _) => object,
                Expr::Text(_)
                | Expr::Literal(_)
                | Expr::RegExp(_)
                | Expr::Concat(_)
                | Expr::Global(_)
                | Expr::Call { .. }
                | Expr::Object(_)
                | Expr::Array(_)
                | Expr::Spread(_)
                | Expr::Function(_)
                | Expr::Union(_)
                | Expr::Element(_)
                | Expr::ImportMeta
                | Expr::Import(_)
                | Expr::Caught { .. }
                | Expr::Other => return None,
            };
        }
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
