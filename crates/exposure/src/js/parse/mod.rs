//! Reads a module: the only file that knows the parser.
//!
//! One walk over the syntax tree collects what [`crate::js::ir`] describes. Types are never walked,
//! so what only a type names is not used. Names are resolved by the parser's scope analysis.

// The parser's enums have many variants, and most of them mean the same to us.
#![allow(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use oxc_allocator::Allocator;
use oxc_ast::ast;
use oxc_parser::ParseOptions;
use oxc_semantic::{Scoping, SemanticBuilder};
use oxc_span::{GetSpan, SourceType};
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, LogicalOperator, UnaryOperator};
use oxc_syntax::symbol::SymbolId;

use crate::js::ir::{
    Binding, BindingTarget, BindingUse, Body, Context, Directive, Element, Erased, Export,
    ExportSource, Expr, ExprId, ExprNode, Function, ImportKind, Imported, Interpolation, Island,
    MODULE_INIT, Module, ModuleImport, ParseDepth, ParseFault, Property, PropertyKey, ServerGuard,
    SourceLanguage, Span, Symbol, SymbolValue,
};
use crate::js::markup::{MarkupLink, Unit};

/// Reads modules, one after the other in the same memory.
pub(crate) struct ModuleParser {
    allocator: Allocator,
    /// How many tokens that may nest a module can have to be read on the thread at hand.
    shallow: usize,
}

/// How many that is on any thread, and for how many more a stack that is made for a module is.
const SHALLOW: usize = 400;

/// How many such tokens a module may have at all.
const MOST: usize = 1 << 18;

/// The stack for each of them. Measured were up to 1.7 KB.
const LEVEL: usize = 4 << 10;

/// How many brackets may be open at once. The parser goes over what might be the parameters of an
/// arrow function or the arguments of a type more than once, and in nests that multiplies.
const DEEPEST: usize = 1000;

/// How many conditions a module of TypeScript may have whose first branch may be the parameters of
/// an arrow function, `a ? (b) : c => d`: if they are nested, the parser goes over the rest of the
/// module for each, again and again.
const MOST_GUESSES: usize = 500;

/// How many arrow functions it may have: if they are nested, the parser goes over the rest for each.
const MOST_ARROWS: usize = 4000;

/// How many bytes of source there are for an expression, about.
const BYTES_A_NODE: usize = 16;

/// How often a component is read anew, each time without the hole that cannot be read.
const MAX_RETRIES: usize = 8;

impl ModuleParser {
    /// A parser for a thread with a stack of this many bytes, at least half of it free.
    pub(crate) fn new(stack: usize) -> Self {
        let shallow = (stack / 2 / LEVEL).max(SHALLOW);
        Self { allocator: Allocator::default(), shallow }
    }

    /// The facts of a module.
    pub(crate) fn parse(&mut self, unit: &Unit<'_>, depth: ParseDepth) -> Module {
        if is_plain(unit.source.as_bytes(), self.shallow) {
            return self.parse_here(unit, depth);
        }
        let nesting = Nesting::of(&unit.source);
        if nesting.depth > DEEPEST || nesting.tokens > MOST {
            return unread("it may nest too deeply");
        }
        let has_guesses = unit.language != SourceLanguage::JavaScript
            && (nesting.guesses > MOST_GUESSES || nesting.arrows > MOST_ARROWS);
        if has_guesses {
            return unread("it may be read in too many ways");
        }
        if nesting.tokens <= self.shallow {
            return self.parse_here(unit, depth);
        }
        // The parser and the walk recurse as deep as the code nests. How deep that is cannot be
        // told without parsing, so the stack is large enough for the worst; the system backs only
        // what is used of it.
        let stack = (nesting.tokens + SHALLOW) * LEVEL;
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(stack);
            match thread.spawn_scoped(scope, || self.parse_here(unit, depth)) {
                Ok(thread) => thread.join().unwrap_or_else(|_| unread("the parser gave up")),
                Err(_) => unread("there is no memory for its nesting"),
            }
        })
    }

    fn parse_here(&mut self, unit: &Unit<'_>, depth: ParseDepth) -> Module {
        self.allocator.reset();
        let mut source = Cow::Borrowed(unit.source.as_ref());
        for _ in 0..MAX_RETRIES {
            match read(&self.allocator, unit, &source, depth) {
                Ok(module) => return module,
                Err(fault) => match without_hole(&source, unit, fault.at) {
                    Some(shorter) => source = Cow::Owned(shorter),
                    None => return Module { fault: Some(fault), ..empty(unit) },
                },
            }
            self.allocator.reset();
        }
        let source = without_template(&source, unit);
        read(&self.allocator, unit, &source, depth)
            .unwrap_or_else(|fault| Module { fault: Some(fault), ..empty(unit) })
    }
}

/// A module of which nothing is known.
fn unread(message: &str) -> Module {
    let fault = ParseFault { message: message.to_owned(), at: 0 };
    Module { fault: Some(fault), bindings: vec![effects()], ..Module::default() }
}

/// A module whose code cannot be read: only its links are known.
fn empty(unit: &Unit<'_>) -> Module {
    Module { bindings: vec![effects()], imports: links(unit), ..Module::default() }
}

fn effects() -> Binding {
    Binding {
        name: String::new(),
        span: Span::default(),
        extent: Span::default(),
        target: BindingTarget::Local,
        uses: Vec::new(),
        imports: Vec::new(),
        symbol: None,
    }
}

fn links(unit: &Unit<'_>) -> Vec<ModuleImport> {
    let import = |link: &MarkupLink| ModuleImport {
        specifier: link.specifier.clone(),
        span: link.span,
        kind: link.kind,
        erased: Erased::No,
    };
    unit.links.iter().map(import).collect()
}

/// Reads a module; a fault behind which nothing is understood is an error.
fn read(
    allocator: &Allocator,
    unit: &Unit<'_>,
    source: &str,
    depth: ParseDepth,
) -> Result<Module, ParseFault> {
    let options = ParseOptions {
        // The frontmatter of Astro components returns, and so do scripts of CommonJS.
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let parser = oxc_parser::Parser::new(allocator, source, source_type(unit));
    let parsed = parser.with_options(options).parse();
    let fault = parsed.diagnostics.iter().next().map(|diagnostic| ParseFault {
        message: without_quotes(&diagnostic.message),
        at: diagnostic.labels.first().map_or(0, |label| label.offset()),
    });
    if let (true, Some(fault)) = (parsed.panicked, &fault) {
        return Err(fault.clone());
    }
    let program = allocator.alloc(parsed.program);
    let scoping = SemanticBuilder::new().build(program).semantic.into_scoping();
    let mut walk = Walk::new(unit, &scoping, depth);
    walk.program(program);
    Ok(Module { fault, ..walk.finish() })
}

/// The source without the hole of the template in which it cannot be read.
fn without_hole(source: &str, unit: &Unit<'_>, at: u32) -> Option<String> {
    let behind = unit.template.partition_point(|hole| hole.start <= at);
    let hole = unit.template.get(behind.checked_sub(1)?)?;
    let known = source.get(hole.start as usize..hole.end as usize)?;
    if known.trim().is_empty() {
        return None;
    }
    Some(without(source, std::slice::from_ref(hole)))
}

fn without_template(source: &str, unit: &Unit<'_>) -> String {
    without(source, &unit.template)
}

/// A text with blanks in some stretches.
fn without(source: &str, stretches: &[Span]) -> String {
    let mut bytes = source.as_bytes().to_vec();
    for stretch in stretches {
        let Some(bytes) = bytes.get_mut(stretch.start as usize..stretch.end as usize) else {
            continue;
        };
        for byte in bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
    }
    // Stretches begin and end with ASCII, so that only whole characters are gone.
    String::from_utf8(bytes).unwrap_or_default()
}

/// Whether counting bytes suffices to tell that a text stays below all bounds, and has at most
/// `shallow` tokens that can open a level: for most texts it does, and is soon done.
fn is_plain(bytes: &[u8], shallow: usize) -> bool {
    let marks = count(bytes, |byte| byte.is_ascii_punctuation());
    // The shortest words that count have two letters, and something stands between them.
    marks + (bytes.len() - marks) / 3 < shallow
        && count(bytes, |byte| matches!(byte, b'(' | b'[' | b'{' | b'<')) <= DEEPEST
        && count(bytes, |byte| byte == b'?') <= MOST_GUESSES
        && count(bytes, |byte| byte == b'>') <= MOST_ARROWS
}

/// Sums of bytes fit into bytes, so that many are counted at once.
fn count(bytes: &[u8], is_meant: impl Fn(u8) -> bool) -> usize {
    let few = |few: &[u8]| few.iter().map(|&byte| u8::from(is_meant(byte))).sum::<u8>();
    bytes.chunks(usize::from(u8::MAX)).map(|chunk| usize::from(few(chunk))).sum()
}

/// How deep a text nests, told without parsing.
#[derive(Default)]
struct Nesting {
    /// How many tokens it has that can open a level of any kind: it cannot nest deeper. What looks
    /// like one in a string or a comment counts, too, as only a parser can tell.
    tokens: usize,
    /// How many brackets are open at once, as far as can be told.
    depth: usize,
    /// How many `?` have behind them what an arrow function can begin with.
    guesses: usize,
    /// How many `=>` there are.
    arrows: usize,
}

impl Nesting {
    fn of(source: &str) -> Self {
        let bytes = source.as_bytes();
        let mut own = Self::default();
        let mut brackets = 0_usize;
        let mut angles = 0_usize;
        // Behind a string or comment that is not code.
        let mut code = 0;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_alphabetic() {
                let start = at;
                while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
                    at += 1;
                }
                own.tokens += usize::from(opens_level(&bytes[start..at]));
                continue;
            }
            own.tokens += usize::from(is_opening(byte));
            at += 1;
            if at <= code {
                continue;
            }
            match byte {
                b'(' | b'[' | b'{' => brackets += 1,
                b')' | b']' | b'}' => {
                    brackets = brackets.saturating_sub(1);
                    angles = 0;
                }
                b'<' => angles += 1,
                b'>' => {
                    angles = angles.saturating_sub(1);
                    own.arrows += usize::from(bytes[..at - 1].ends_with(b"="));
                }
                b';' => angles = 0,
                b'?' => {
                    let rest = bytes[at..].trim_ascii_start();
                    own.guesses +=
                        usize::from(rest.starts_with(b"(") || rest.starts_with(b"async"));
                }
                b'\\' => code = at + 1,
                b'"' | b'\'' => code = string_end(bytes, at),
                b'/' if bytes.get(at) == Some(&b'*') => {
                    let end = memchr::memmem::find(&bytes[at + 1..], b"*/");
                    code = end.map_or(bytes.len(), |end| at + 1 + end + 2);
                }
                b'/' if bytes.get(at) == Some(&b'/') => {
                    code = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                }
                _ => {}
            }
            own.depth = own.depth.max(brackets).max(angles);
        }
        own
    }
}

/// Behind the string whose first quote is in front of `start`; `start` if the line ends before.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start - 1];
    let mut at = start;
    // Strings are short; lines of hostile text are not, and would be read again and again.
    let limit = bytes.len().min(start + 4096);
    while at < limit {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' => return start,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    start
}

/// Whether a byte can open a level of syntax.
fn is_opening(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b'[' | b'{' | b'<' | b'>' | b'!' | b'~' | b'+' | b'-' | b'*' | b'/' | b'%'
    ) || matches!(byte, b'&' | b'|' | b'^' | b'?' | b':' | b'=' | b'.' | b'`' | b'@')
}

/// Whether a word can.
fn opens_level(word: &[u8]) -> bool {
    matches!(
        word,
        b"abstract"
            | b"as"
            | b"asserts"
            | b"async"
            | b"await"
            | b"delete"
            | b"do"
            | b"else"
            | b"extends"
            | b"in"
            | b"infer"
            | b"instanceof"
            | b"is"
            | b"keyof"
            | b"new"
            | b"of"
            | b"readonly"
            | b"satisfies"
            | b"typeof"
            | b"unique"
            | b"void"
            | b"yield"
    )
}

fn source_type(unit: &Unit<'_>) -> SourceType {
    let source_type = match unit.language {
        SourceLanguage::JavaScript => SourceType::mjs().with_jsx(true),
        SourceLanguage::TypeScript => SourceType::ts(),
        SourceLanguage::Tsx => SourceType::tsx(),
    };
    if unit.is_module { source_type } else { source_type.with_unambiguous(true) }
}

/// A message without what stands in quotes in it, as that may be text of the module.
fn without_quotes(message: &str) -> String {
    let mut kept = String::with_capacity(message.len());
    let mut quote = None;
    for letter in message.chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            Some(_) => continue,
            None if matches!(letter, '`' | '"') => {
                quote = Some(letter);
                kept.push('…');
                continue;
            }
            None => kept.push(letter),
        }
    }
    kept
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn span(span: oxc_span::Span) -> Span {
    Span::new(span.start, span.end)
}

/// On which side code runs when a condition holds, and when it does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sides {
    /// It holds on servers only.
    server_if_true: bool,
    /// It fails on servers only.
    server_if_false: bool,
}

impl Sides {
    const SERVER: Self = Self { server_if_true: true, server_if_false: false };
    const CLIENT: Self = Self { server_if_true: false, server_if_false: true };

    fn not(self) -> Self {
        Self { server_if_true: self.server_if_false, server_if_false: self.server_if_true }
    }

    fn and(self, other: Self) -> Self {
        Self {
            server_if_true: self.server_if_true || other.server_if_true,
            server_if_false: self.server_if_false && other.server_if_false,
        }
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    fn is_told(self) -> bool {
        self != Self::default()
    }
}

/// Where the value of a pattern comes from.
#[derive(Clone, Copy)]
enum Source {
    Init(ExprId),
    Parameter { function: u32, index: u32 },
    Unknown,
}

/// The first arguments of a call that loads modules.
struct Loaded {
    specifiers: Vec<String>,
    kind: ImportKind,
    /// Whether the call's value is the module.
    is_value: bool,
}

/// What a function that is being walked gives back.
struct Open {
    function: Option<u32>,
    guard: ServerGuard,
}

struct Walk<'w> {
    unit: &'w Unit<'w>,
    scoping: &'w Scoping,
    module: Module,
    body: Option<Body>,
    /// The top-level binding of a symbol.
    bindings: Vec<Option<usize>>,
    /// The import of a call that a declaration has already entered, by its first byte.
    calls: HashMap<u32, usize, RandomState>,
    /// Where in the uses of a binding another one is.
    uses: HashMap<(usize, usize, Option<Box<str>>), usize, RandomState>,
    contexts: HashMap<Context, u32, RandomState>,
    /// The top-level symbols of a component, by name.
    names: HashMap<Box<str>, usize, RandomState>,
    /// The names of the exports so far.
    exported: HashSet<Box<str>, RandomState>,
    /// Constants that tell the side.
    sides: HashMap<SymbolId, Sides, RandomState>,
    owner: usize,
    guard: ServerGuard,
    function: Option<u32>,
    functions: u32,
    returns: Vec<Vec<ExprId>>,
    context: Option<u32>,
    /// Whether what was walked since this was cleared calls anything when the module is loaded.
    runs: bool,
    /// The value of each slot of the template.
    slots: Vec<Option<ExprId>>,
    slot_is_open: Vec<bool>,
    /// Where the options of a route begin that is being walked.
    route: Option<u32>,
}

impl<'w> Walk<'w> {
    fn new(unit: &'w Unit<'w>, scoping: &'w Scoping, depth: ParseDepth) -> Self {
        let body = match depth {
            ParseDepth::Shape => None,
            ParseDepth::Body => Some(Body {
                nodes: Vec::with_capacity(unit.source.len() / BYTES_A_NODE),
                symbols: scoping
                    .symbol_ids()
                    .map(|id| Symbol {
                        name: scoping.symbol_name(id).into(),
                        span: span(scoping.symbol_span(id)),
                        binding: None,
                        value: SymbolValue::Unknown,
                        assigned: Vec::new(),
                    })
                    .collect(),
                ..Body::default()
            }),
        };
        Self {
            unit,
            scoping,
            module: Module { bindings: vec![effects()], ..Module::default() },
            body,
            bindings: vec![None; scoping.symbols_len()],
            calls: HashMap::default(),
            uses: HashMap::default(),
            contexts: HashMap::default(),
            names: HashMap::default(),
            exported: HashSet::default(),
            sides: HashMap::default(),
            owner: MODULE_INIT,
            guard: ServerGuard::None,
            function: None,
            functions: 0,
            returns: Vec::new(),
            context: None,
            runs: false,
            slots: vec![None; unit.slots.len()],
            slot_is_open: vec![false; unit.slots.len()],
            route: None,
        }
    }

    fn program(&mut self, program: &ast::Program<'_>) {
        for directive in &program.directives {
            let text = directive.expression.value.to_string();
            self.module.directives.push(Directive { text, span: span(directive.span) });
        }
        self.module.imports = links(self.unit);
        for statement in &program.body {
            self.register(statement);
        }
        self.statements(&program.body, Self::top);
        self.tags();
    }

    fn finish(mut self) -> Module {
        self.keep_running();
        if self.unit.has_template {
            self.export_component();
        }
        if let Some(body) = &mut self.body {
            for (slot, value) in self.unit.slots.iter().zip(&self.slots) {
                let Some(value) = *value else { continue };
                body.holes.push(Interpolation {
                    tag: slot.tag.clone(),
                    attribute: slot.attribute.clone(),
                    client: slot.client.clone(),
                    value,
                    span: slot.span,
                });
            }
        }
        if let Some(body) = &mut self.body {
            body.changed.sort_unstable();
            body.changed.dedup();
        }
        self.module.regions.sort_unstable();
        self.module.body = self.body;
        self.module
    }

    /// What nothing uses, but runs: a module does it when it is loaded. Of a component, all that
    /// runs.
    fn keep_running(&mut self) {
        let mut is_used = vec![false; self.module.bindings.len()];
        for used in self.module.bindings.iter().flat_map(|binding| &binding.uses) {
            is_used[used.binding] = true;
        }
        for export in &self.module.exports {
            if let ExportSource::Binding(binding) = export.source {
                is_used[binding] = true;
            }
        }
        for binding in self.module.running.clone() {
            if self.unit.has_template || !is_used[binding] {
                let at = self.module.bindings[binding].span;
                self.use_from(MODULE_INIT, binding, None, at, ServerGuard::None);
            }
        }
    }

    /// A component is the default export of its file. Written as an object, it is all that the
    /// template shows.
    fn export_component(&mut self) {
        let own = self.module.exports.iter().find(|export| export.name == "default");
        match own.map(|export| (export.source.clone(), export.span)) {
            Some((ExportSource::Binding(binding), at)) => {
                self.use_from(MODULE_INIT, binding, None, at, ServerGuard::None);
            }
            Some((ExportSource::Import { .. }, _)) => {}
            None => {
                self.add_export("default", ExportSource::Binding(MODULE_INIT), Span::default());
            }
        }
    }

    /// The tags of the template that name bindings.
    fn tags(&mut self) {
        if self.unit.tags.is_empty() {
            return;
        }
        let unit = self.unit;
        for tag in &unit.tags {
            let (name, member) = match tag.name.split_once('.') {
                Some((name, member)) => (name, Some(member)),
                None => (&*tag.name, None),
            };
            let found = [name.to_owned(), camel(name, false), camel(name, true)]
                .iter()
                .find_map(|name| self.bindings[*self.names.get(name.as_str())?]);
            let Some(binding) = found else { continue };
            self.use_from(MODULE_INIT, binding, member, tag.span, ServerGuard::None);
            if let Some(directive) = &tag.client {
                self.module.islands.push(Island {
                    directive: directive.clone(),
                    binding,
                    member: member.map(str::to_owned),
                });
            }
        }
    }

    // Declarations at the top.

    fn register(&mut self, statement: &ast::Statement<'_>) {
        match statement {
            ast::Statement::ImportDeclaration(it) => self.register_import(it),
            ast::Statement::ExportDeclaration(it) => self.register_declaration(&it.declaration),
            ast::Statement::ExportDefaultDeclaration(it) => match &it.declaration {
                ast::ExportDefaultDeclarationKind::FunctionDeclaration(it) => {
                    self.register_name(it.id.as_ref(), it.span);
                }
                ast::ExportDefaultDeclarationKind::ClassDeclaration(it) => {
                    self.register_name(it.id.as_ref(), it.span);
                }
                _ => {}
            },
            _ => {
                if let Some(declaration) = statement.as_declaration() {
                    self.register_declaration(declaration);
                }
            }
        }
    }

    fn register_declaration(&mut self, declaration: &ast::Declaration<'_>) {
        match declaration {
            ast::Declaration::VariableDeclaration(it) if !it.declare => {
                for declarator in &it.declarations {
                    self.register_variable(declarator);
                }
            }
            // An overload has no body, but its name is the same symbol.
            ast::Declaration::FunctionDeclaration(it) if it.body.is_some() => {
                self.register_name(it.id.as_ref(), it.span);
            }
            ast::Declaration::ClassDeclaration(it) if !it.declare => {
                self.register_name(it.id.as_ref(), it.span);
            }
            ast::Declaration::TSEnumDeclaration(it) if !it.declare => {
                self.register_name(Some(&it.id), it.span);
            }
            ast::Declaration::TSNamespaceDeclaration(it) if !it.declare => {
                self.register_name(Some(&it.id), it.span);
            }
            ast::Declaration::TSImportEqualsDeclaration(it) => {
                self.register_import_equals(it);
            }
            _ => {}
        }
    }

    fn register_name(&mut self, id: Option<&ast::BindingIdentifier<'_>>, extent: oxc_span::Span) {
        if let Some(id) = id {
            self.bind(id, span(extent), BindingTarget::Local);
        }
    }

    fn register_variable(&mut self, declarator: &ast::VariableDeclarator<'_>) {
        let extent = span(declarator.span);
        let required = declarator.init.as_ref().and_then(|init| self.required(init));
        let Some((import, member)) = required else {
            for id in declarator.id.get_binding_identifiers() {
                self.bind(id, extent, BindingTarget::Local);
            }
            return;
        };
        let name = |key: Option<&str>| match (&member, key) {
            (None, None) => Some(Imported::All),
            (None, Some(key)) => Some(Imported::Name(key.to_owned())),
            (Some(member), None) => Some(Imported::Name(member.clone())),
            // A property of an export is not told apart from the export.
            (Some(member), Some(_)) => Some(Imported::Name(member.clone())),
        };
        match &declarator.id {
            ast::BindingPattern::BindingIdentifier(id) => {
                let target = name(None)
                    .map_or(BindingTarget::Local, |name| BindingTarget::Imported { import, name });
                self.bind(id, extent, target);
            }
            ast::BindingPattern::ObjectPattern(it) => {
                for property in &it.properties {
                    let key = property.key.static_name();
                    let imported = match &key {
                        Some(key) => name(Some(key)),
                        None => name(None),
                    };
                    for id in property.value.get_binding_identifiers() {
                        let target = imported.clone().map_or(BindingTarget::Local, |name| {
                            BindingTarget::Imported { import, name }
                        });
                        self.bind(id, extent, target);
                    }
                }
                if let Some(rest) = &it.rest {
                    for id in rest.argument.get_binding_identifiers() {
                        self.bind(
                            id,
                            extent,
                            BindingTarget::Imported { import, name: Imported::All },
                        );
                    }
                }
            }
            other => {
                for id in other.get_binding_identifiers() {
                    self.bind(id, extent, BindingTarget::Local);
                }
            }
        }
        let own = self.module.bindings.len() - 1;
        if own != MODULE_INIT {
            self.owned_import(own, import);
        }
    }

    /// The module that an initialiser is: `require('x')`, `await import('x')`, and a member of it.
    fn required(&mut self, init: &ast::Expression<'_>) -> Option<(usize, Option<String>)> {
        let init = inner(init);
        if let Some(import) = self.required_whole(init) {
            return Some((import, None));
        }
        let ast::Expression::StaticMemberExpression(it) = init else { return None };
        let import = self.required_whole(inner(&it.object))?;
        Some((import, Some(it.property.name.to_string())))
    }

    fn required_whole(&mut self, init: &ast::Expression<'_>) -> Option<usize> {
        let (at, loaded) = match init {
            ast::Expression::CallExpression(it) => (it.span, self.loaded_by(it)?),
            ast::Expression::AwaitExpression(it) => match inner(&it.argument) {
                ast::Expression::ImportExpression(it) => (it.span, imported_by(it)?),
                _ => return None,
            },
            _ => return None,
        };
        if !loaded.is_value || loaded.kind == ImportKind::Glob {
            return None;
        }
        let specifier = loaded.specifiers.into_iter().next()?;
        let import = self.import(specifier, span(at), loaded.kind);
        self.calls.insert(at.start, import);
        Some(import)
    }

    fn register_import(&mut self, it: &ast::ImportDeclaration<'_>) {
        let specifiers = it.specifiers.as_ref().map_or(&[][..], |all| all.as_slice());
        let is_type = it.import_kind.is_type();
        let is_value = |specifier: &ast::ImportDeclarationSpecifier<'_>| match specifier {
            ast::ImportDeclarationSpecifier::ImportSpecifier(it) => !it.import_kind.is_type(),
            _ => true,
        };
        let erased = if is_type {
            Erased::Type
        } else if specifiers.is_empty()
            || specifiers.iter().any(|one| is_value(one) && self.is_value(one.local()))
        {
            Erased::No
        } else if !specifiers.iter().any(is_value) || self.drops_unused() {
            Erased::Unused
        } else {
            Erased::No
        };
        let import = self.module.imports.len();
        self.module.imports.push(ModuleImport {
            specifier: it.source.value.to_string(),
            span: span(it.span),
            kind: ImportKind::Static,
            erased,
        });
        if is_type {
            return;
        }
        for specifier in specifiers.iter().filter(|one| is_value(one)) {
            let name = match specifier {
                ast::ImportDeclarationSpecifier::ImportSpecifier(it) => {
                    Imported::Name(it.imported.name().to_string())
                }
                ast::ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => {
                    Imported::Name("default".to_owned())
                }
                ast::ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => Imported::All,
            };
            let target = BindingTarget::Imported { import, name };
            self.bind(specifier.local(), span(specifier.span()), target);
            if let ast::ImportDeclarationSpecifier::ImportSpecifier(specifier) = specifier {
                self.know_side(it, specifier);
            }
        }
    }

    /// Names of frameworks that tell the side.
    fn know_side(&mut self, it: &ast::ImportDeclaration<'_>, specifier: &ast::ImportSpecifier<'_>) {
        let sides = match (it.source.value.as_str(), specifier.imported.name().as_str()) {
            ("$app/environment" | "$app/env" | "esm-env", "browser" | "BROWSER") => Sides::CLIENT,
            ("solid-js/web", "isServer") | ("@builder.io/qwik/build", "isServer") => Sides::SERVER,
            ("@builder.io/qwik/build", "isBrowser") => Sides::CLIENT,
            _ => return,
        };
        if let Some(symbol) = specifier.local.symbol_id.get() {
            self.sides.insert(symbol, sides);
        }
    }

    fn register_import_equals(&mut self, it: &ast::TSImportEqualsDeclaration<'_>) {
        if it.import_kind.is_type() {
            return;
        }
        let ast::TSModuleReference::ExternalModuleReference(reference) = &it.module_reference
        else {
            self.bind(&it.id, span(it.span), BindingTarget::Local);
            return;
        };
        let import =
            self.import(reference.expression.value.to_string(), span(it.span), ImportKind::Require);
        if !self.is_value(&it.id) {
            self.module.imports[import].erased = Erased::Unused;
        }
        self.bind(&it.id, span(it.span), BindingTarget::Imported { import, name: Imported::All });
    }

    /// Whether TypeScript leaves out imports that no value uses.
    fn drops_unused(&self) -> bool {
        self.unit.language != SourceLanguage::JavaScript && !self.unit.has_template
    }

    /// Whether a name is used as a value.
    fn is_value(&self, id: &ast::BindingIdentifier<'_>) -> bool {
        id.symbol_id.get().is_some_and(|symbol| {
            self.scoping.get_resolved_references(symbol).any(|reference| reference.is_value())
        })
    }

    fn import(&mut self, specifier: String, at: Span, kind: ImportKind) -> usize {
        self.module.imports.push(ModuleImport { specifier, span: at, kind, erased: Erased::No });
        self.module.imports.len() - 1
    }

    fn bind(&mut self, id: &ast::BindingIdentifier<'_>, extent: Span, target: BindingTarget) {
        let Some(symbol) = id.symbol_id.get() else { return };
        let at = symbol_index(symbol);
        if self.bindings.get(at).is_none_or(Option::is_some) {
            return;
        }
        let index = self.add_binding(id.name.to_string(), span(id.span), extent, target);
        self.bindings[at] = Some(index);
        self.module.bindings[index].symbol = Some(offset(at));
        if self.unit.has_template {
            self.names.insert(id.name.as_str().into(), at);
        }
        if let Some(body) = &mut self.body {
            body.symbols[at].binding = Some(index);
            if matches!(self.module.bindings[index].target, BindingTarget::Imported { .. }) {
                body.symbols[at].value = SymbolValue::Import;
            }
        }
    }

    fn add_binding(
        &mut self,
        name: String,
        at: Span,
        extent: Span,
        target: BindingTarget,
    ) -> usize {
        let index = self.module.bindings.len();
        let binding = Binding {
            name,
            span: at,
            extent,
            target,
            uses: Vec::new(),
            imports: Vec::new(),
            symbol: None,
        };
        self.module.bindings.push(binding);
        index
    }

    fn owned_import(&mut self, owner: usize, import: usize) {
        let imports = &mut self.module.bindings[owner].imports;
        if !imports.contains(&import) {
            imports.push(import);
        }
    }

    fn binding_of(&self, id: &ast::BindingIdentifier<'_>) -> Option<usize> {
        self.bindings.get(symbol_index(id.symbol_id.get()?)).copied().flatten()
    }

    // Uses.

    fn symbol(&self, it: &ast::IdentifierReference<'_>) -> Option<SymbolId> {
        self.scoping.get_reference(it.reference_id.get()?).symbol_id()
    }

    /// The symbol that a name stands for, also one that only Svelte knows: `$store` is what `store`
    /// holds, and `$: a = b` declares `a`.
    fn resolve(&self, it: &ast::IdentifierReference<'_>) -> Option<usize> {
        if let Some(symbol) = self.symbol(it) {
            return Some(symbol_index(symbol));
        }
        let name = it.name.as_str();
        let known = self.names.get(name).or_else(|| self.names.get(name.strip_prefix('$')?));
        known.copied()
    }

    fn is_global(&self, it: &ast::Expression<'_>, name: &str) -> bool {
        matches!(inner(it), ast::Expression::Identifier(it) if it.name == name && self.symbol(it).is_none())
    }

    fn use_from(
        &mut self,
        owner: usize,
        binding: usize,
        member: Option<&str>,
        at: Span,
        guard: ServerGuard,
    ) {
        if owner == binding {
            return;
        }
        let is_whole = matches!(
            &self.module.bindings[binding].target,
            BindingTarget::Imported { name: Imported::All, .. }
        );
        let member = member.filter(|_| is_whole);
        let uses = &mut self.module.bindings[owner].uses;
        let known =
            *self.uses.entry((owner, binding, member.map(Box::from))).or_insert_with(|| {
                uses.push(BindingUse {
                    binding,
                    member: member.map(str::to_owned),
                    span: at,
                    guard,
                });
                uses.len() - 1
            });
        if guard < uses[known].guard {
            uses[known].guard = guard;
            uses[known].span = at;
        }
    }

    fn use_symbol(&mut self, symbol: usize, member: Option<&str>, at: Span) {
        if let Some(binding) = self.bindings.get(symbol).copied().flatten() {
            self.use_from(self.owner, binding, member, at, self.guard);
        }
    }

    // Nodes.

    fn add(&mut self, at: oxc_span::Span, make: impl FnOnce() -> Expr) -> ExprId {
        let Some(body) = &mut self.body else { return 0 };
        let context = *self.context.get_or_insert_with(|| {
            let context =
                Context { binding: self.owner, function: self.function, guard: self.guard };
            *self.contexts.entry(context).or_insert_with(|| {
                body.contexts.push(context);
                offset(body.contexts.len() - 1)
            })
        });
        body.nodes.push(ExprNode { expr: make(), span: span(at), context });
        offset(body.nodes.len() - 1)
    }

    fn other(&mut self, at: oxc_span::Span) -> ExprId {
        self.add(at, || Expr::Other)
    }

    fn keep(&self, ids: &mut Vec<ExprId>, id: ExprId) {
        if self.body.is_some() {
            ids.push(id);
        }
    }

    fn with_owner<R>(&mut self, owner: usize, walk: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.owner, owner);
        self.context = None;
        let result = walk(self);
        self.owner = before;
        self.context = None;
        result
    }

    fn with_guard<R>(&mut self, guard: ServerGuard, walk: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.guard;
        self.set_guard(before.max(guard));
        let result = walk(self);
        self.set_guard(before);
        result
    }

    fn set_guard(&mut self, guard: ServerGuard) {
        if guard != self.guard {
            self.guard = guard;
            self.context = None;
        }
    }

    fn region(&mut self, at: oxc_span::Span, owner: usize) {
        if owner != MODULE_INIT {
            self.module.regions.push((span(at), owner));
        }
    }

    // Statements at the top.

    fn top(&mut self, statement: &ast::Statement<'_>) {
        match statement {
            ast::Statement::ImportDeclaration(_) => {}
            ast::Statement::ExportDeclaration(it) => self.top_exported(&it.declaration),
            ast::Statement::ExportDefaultDeclaration(it) => self.top_default(it),
            ast::Statement::ExportNamedDeclaration(it) => {
                if it.export_kind.is_type() {
                    return;
                }
                for specifier in it.specifiers.iter().filter(|one| !one.export_kind.is_type()) {
                    self.export_local(specifier);
                }
            }
            ast::Statement::ExportFromDeclaration(it) => self.top_export_from(it),
            ast::Statement::ExportAllDeclaration(it) => self.top_export_all(it),
            ast::Statement::TSExportAssignment(it) => {
                let at = it.span;
                let binding = self.add_binding(
                    "default".to_owned(),
                    span(at),
                    span(at),
                    BindingTarget::Local,
                );
                self.export("default", binding, at);
                self.region(at, binding);
                self.with_owner(binding, |walk| {
                    walk.expr(&it.expression);
                });
            }
            ast::Statement::ExpressionStatement(it) => match inner(&it.expression) {
                ast::Expression::AssignmentExpression(assignment) => {
                    self.top_assignment(assignment);
                }
                _ => {
                    self.expr(&it.expression);
                }
            },
            ast::Statement::LabeledStatement(it) if it.label.name == "$" => self.top_reactive(it),
            _ => match statement.as_declaration() {
                Some(declaration) => self.top_declaration(declaration),
                None => self.statement(statement),
            },
        }
    }

    fn top_exported(&mut self, declaration: &ast::Declaration<'_>) {
        self.top_declaration(declaration);
        match declaration {
            ast::Declaration::VariableDeclaration(it) => {
                for declarator in &it.declarations {
                    for id in declarator.id.get_binding_identifiers() {
                        self.export_id(id);
                    }
                }
            }
            other => {
                if let Some(id) = other.id() {
                    self.export_id(id);
                }
            }
        }
    }

    fn export_id(&mut self, id: &ast::BindingIdentifier<'_>) {
        if let Some(binding) = self.binding_of(id) {
            self.export(&id.name, binding, id.span);
        }
    }

    fn export(&mut self, name: &str, binding: usize, at: oxc_span::Span) {
        if !self.exported.contains(name) || name == "*" {
            self.add_export(name, ExportSource::Binding(binding), span(at));
        }
    }

    fn add_export(&mut self, name: &str, source: ExportSource, span: Span) {
        self.exported.insert(name.into());
        self.module.exports.push(Export { name: name.to_owned(), source, span });
    }

    fn top_declaration(&mut self, declaration: &ast::Declaration<'_>) {
        match declaration {
            ast::Declaration::VariableDeclaration(it) => {
                if it.declare {
                    return;
                }
                for declarator in &it.declarations {
                    self.top_variable(declarator, it.kind);
                }
            }
            ast::Declaration::FunctionDeclaration(it) => {
                if it.body.is_none() {
                    return;
                }
                let owner =
                    it.id.as_ref().and_then(|id| self.binding_of(id)).unwrap_or(MODULE_INIT);
                self.region(it.span, owner);
                self.with_owner(owner, |walk| walk.function_declaration(it));
            }
            ast::Declaration::ClassDeclaration(it) => {
                if it.declare {
                    return;
                }
                let owner =
                    it.id.as_ref().and_then(|id| self.binding_of(id)).unwrap_or(MODULE_INIT);
                self.region(it.span, owner);
                self.with_owner(owner, |walk| walk.class(it));
            }
            other => {
                let owner = other.id().and_then(|id| self.binding_of(id)).unwrap_or(MODULE_INIT);
                self.region(other.span(), owner);
                self.with_owner(owner, |walk| walk.declaration(other));
            }
        }
    }

    fn top_variable(
        &mut self,
        declarator: &ast::VariableDeclarator<'_>,
        kind: ast::VariableDeclarationKind,
    ) {
        let ids = declarator.id.get_binding_identifiers();
        let owners: Vec<usize> = ids.iter().filter_map(|id| self.binding_of(id)).collect();
        let owner = owners.first().copied().unwrap_or(MODULE_INIT);
        self.region(declarator.span, owner);
        let before = std::mem::take(&mut self.runs);
        self.with_owner(owner, |walk| walk.variable(declarator, kind));
        for other in owners.iter().skip(1) {
            self.use_from(*other, owner, None, span(declarator.span), ServerGuard::None);
        }
        if self.runs && owner != MODULE_INIT {
            self.module.running.push(owner);
        }
        self.runs |= before;
    }

    fn top_default(&mut self, it: &ast::ExportDefaultDeclaration<'_>) {
        match &it.declaration {
            ast::ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                let owner = self.default_owner(function.id.as_ref(), it.span);
                if function.body.is_none() {
                    return;
                }
                self.region(it.span, owner);
                self.with_owner(owner, |walk| {
                    let value = walk.function_named(function, "default");
                    walk.set_default_export(value);
                });
            }
            ast::ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                let owner = self.default_owner(class.id.as_ref(), it.span);
                self.region(it.span, owner);
                self.with_owner(owner, |walk| {
                    let value = walk.class(class);
                    walk.set_default_export(value);
                });
            }
            ast::ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
            expression => {
                let owner = self.default_owner(None, it.span);
                self.region(it.span, owner);
                let before = std::mem::take(&mut self.runs);
                self.with_owner(owner, |walk| {
                    let value = walk.expr_named(expression.to_expression(), "default");
                    walk.set_default_export(value);
                });
                if self.runs {
                    self.module.running.push(owner);
                }
                self.runs |= before;
            }
        }
    }

    fn default_owner(
        &mut self,
        id: Option<&ast::BindingIdentifier<'_>>,
        at: oxc_span::Span,
    ) -> usize {
        let owner = id.and_then(|id| self.binding_of(id)).unwrap_or_else(|| {
            self.add_binding("default".to_owned(), span(at), span(at), BindingTarget::Local)
        });
        self.export("default", owner, at);
        owner
    }

    fn set_default_export(&mut self, value: ExprId) {
        if let Some(body) = &mut self.body {
            body.default_export = Some(value);
        }
    }

    fn export_local(&mut self, specifier: &ast::ExportSpecifier<'_>) {
        let ast::ModuleExportName::IdentifierReference(local) = &specifier.local else { return };
        let Some(symbol) = self.symbol(local) else { return };
        let Some(binding) = self.bindings.get(symbol_index(symbol)).copied().flatten() else {
            return;
        };
        self.export(&specifier.exported.name(), binding, specifier.span);
    }

    fn top_export_from(&mut self, it: &ast::ExportFromDeclaration<'_>) {
        let import = self.import(it.source.value.to_string(), span(it.span), ImportKind::Static);
        if it.export_kind.is_type() {
            self.module.imports[import].erased = Erased::Type;
            return;
        }
        if !it.specifiers.is_empty() && it.specifiers.iter().all(|one| one.export_kind.is_type()) {
            self.module.imports[import].erased = Erased::Unused;
            return;
        }
        for specifier in it.specifiers.iter().filter(|one| !one.export_kind.is_type()) {
            let name = Imported::Name(specifier.local.name().to_string());
            let source = ExportSource::Import { import, name };
            self.add_export(&specifier.exported.name(), source, span(specifier.span));
        }
    }

    fn top_export_all(&mut self, it: &ast::ExportAllDeclaration<'_>) {
        let import = self.import(it.source.value.to_string(), span(it.span), ImportKind::Static);
        if it.export_kind.is_type() {
            self.module.imports[import].erased = Erased::Type;
            return;
        }
        let source = ExportSource::Import { import, name: Imported::All };
        match &it.exported {
            Some(name) => self.add_export(&name.name(), source, span(it.span)),
            None => self.add_export("*", source, span(it.span)),
        }
    }

    /// `module.exports = …`, `exports.a = …`, `Page.getInitialProps = …`, `key = …`.
    fn top_assignment(&mut self, it: &ast::AssignmentExpression<'_>) {
        if let Some(name) = self.exported_by(&it.left) {
            self.top_commonjs(it, name);
            return;
        }
        let owner = self.assigned_binding(&it.left).unwrap_or(MODULE_INIT);
        self.region(it.span, owner);
        let before = std::mem::take(&mut self.runs);
        self.with_owner(owner, |walk| {
            walk.assignment(it);
        });
        if self.runs && owner != MODULE_INIT {
            self.use_from(MODULE_INIT, owner, None, span(it.span), ServerGuard::None);
        }
        self.runs |= before;
    }

    /// `$: a = b` of Svelte declares `a` if nothing else does.
    fn top_reactive(&mut self, it: &ast::LabeledStatement<'_>) {
        if self.unit.has_template
            && let ast::Statement::ExpressionStatement(statement) = &it.body
            && let ast::Expression::AssignmentExpression(assignment) = inner(&statement.expression)
            && let ast::AssignmentTarget::AssignmentTargetIdentifier(id) = &assignment.left
            && self.resolve(id).is_none()
        {
            let (at, extent) = (span(id.span), span(it.span));
            let binding = self.add_binding(id.name.to_string(), at, extent, BindingTarget::Local);
            self.module.bindings[binding].symbol = Some(offset(self.bindings.len()));
            self.names.insert(id.name.as_str().into(), self.bindings.len());
            self.bindings.push(Some(binding));
            if let Some(body) = &mut self.body {
                body.symbols.push(Symbol {
                    name: id.name.as_str().into(),
                    span: at,
                    binding: Some(binding),
                    value: SymbolValue::Unknown,
                    assigned: Vec::new(),
                });
            }
        }
        match &it.body {
            ast::Statement::ExpressionStatement(statement) => match inner(&statement.expression) {
                ast::Expression::AssignmentExpression(it) => self.top_assignment(it),
                other => {
                    self.expr(other);
                }
            },
            other => self.statement(other),
        }
    }

    /// The local binding that is assigned to, or to whose member.
    fn assigned_binding(&self, target: &ast::AssignmentTarget<'_>) -> Option<usize> {
        let symbol = match target {
            ast::AssignmentTarget::AssignmentTargetIdentifier(it) => self.resolve(it)?,
            _ => {
                let mut object = target.as_member_expression()?.object();
                while let Some(member) = inner(object).as_member_expression() {
                    object = member.object();
                }
                let ast::Expression::Identifier(it) = inner(object) else { return None };
                self.resolve(it)?
            }
        };
        let binding = self.bindings.get(symbol).copied().flatten()?;
        (self.module.bindings[binding].target == BindingTarget::Local).then_some(binding)
    }

    /// What CommonJS exports by an assignment: `default` is all of it.
    fn exported_by<'a>(&self, target: &'a ast::AssignmentTarget<'_>) -> Option<&'a str> {
        let ast::AssignmentTarget::StaticMemberExpression(it) = target else { return None };
        let name = it.property.name.as_str();
        if self.is_global(&it.object, "module") && name == "exports" {
            return Some("default");
        }
        self.is_exports(&it.object).then_some(name)
    }

    /// `exports` or `module.exports`.
    fn is_exports(&self, it: &ast::Expression<'_>) -> bool {
        match inner(it) {
            ast::Expression::StaticMemberExpression(it) => {
                it.property.name == "exports" && self.is_global(&it.object, "module")
            }
            other => self.is_global(other, "exports"),
        }
    }

    fn top_commonjs(&mut self, it: &ast::AssignmentExpression<'_>, name: &str) {
        let at = it.span;
        let owner = self.add_binding(name.to_owned(), span(at), span(at), BindingTarget::Local);
        self.region(at, owner);
        let before = std::mem::take(&mut self.runs);
        self.with_owner(owner, |walk| {
            walk.assignment(it);
        });
        if self.runs {
            self.module.running.push(owner);
        }
        self.runs |= before;
        if name != "default" {
            self.export(name, owner, at);
            return;
        }
        self.export("default", owner, at);
        match inner(&it.right) {
            ast::Expression::ObjectExpression(object) => self.export_properties(object, owner),
            ast::Expression::CallExpression(call) => {
                if let Some(import) = self.calls.get(&call.span.start).copied() {
                    let source = ExportSource::Import { import, name: Imported::All };
                    self.add_export("*", source, span(at));
                }
            }
            _ => {}
        }
    }

    /// The properties of `module.exports = { … }`.
    fn export_properties(&mut self, object: &ast::ObjectExpression<'_>, owner: usize) {
        for property in object.properties.iter().filter_map(|one| one.as_property()) {
            let Some(name) = property.key.static_name() else { continue };
            let own = match inner(&property.value) {
                ast::Expression::Identifier(it) => self
                    .symbol(it)
                    .and_then(|symbol| self.bindings.get(symbol_index(symbol)).copied().flatten()),
                _ => None,
            };
            self.export(&name, own.unwrap_or(owner), property.span);
        }
    }

    // Statements.

    fn statements<'a>(
        &mut self,
        statements: &[ast::Statement<'a>],
        mut walk: impl FnMut(&mut Self, &ast::Statement<'a>),
    ) {
        let before = self.guard;
        for statement in statements {
            walk(self, statement);
            // `if (import.meta.client) return`: what follows runs on servers.
            if let ast::Statement::IfStatement(it) = statement
                && it.alternate.is_none()
                && leaves(&it.consequent)
                && self.sides(&it.test).server_if_false
            {
                self.set_guard(self.guard.max(ServerGuard::Branch));
            }
        }
        self.set_guard(before);
    }

    fn block(&mut self, statements: &[ast::Statement<'_>]) {
        self.statements(statements, Self::statement);
    }

    fn statement(&mut self, statement: &ast::Statement<'_>) {
        match statement {
            ast::Statement::BlockStatement(it) => self.block(&it.body),
            ast::Statement::ExpressionStatement(it) => {
                self.expr(&it.expression);
            }
            ast::Statement::IfStatement(it) => {
                self.expr(&it.test);
                let sides = self.sides(&it.test);
                self.with_guard(branch(sides.server_if_true), |walk| {
                    walk.statement(&it.consequent);
                });
                if let Some(alternate) = &it.alternate {
                    self.with_guard(branch(sides.server_if_false), |walk| {
                        walk.statement(alternate);
                    });
                }
            }
            ast::Statement::ReturnStatement(it) => {
                if let Some(argument) = &it.argument {
                    let id = self.expr(argument);
                    if self.body.is_some()
                        && let Some(returns) = self.returns.last_mut()
                    {
                        returns.push(id);
                    }
                }
            }
            ast::Statement::ThrowStatement(it) => {
                self.expr(&it.argument);
            }
            ast::Statement::TryStatement(it) => {
                self.block(&it.block.body);
                if let Some(handler) = &it.handler {
                    self.block(&handler.body.body);
                }
                if let Some(finalizer) = &it.finalizer {
                    self.block(&finalizer.body);
                }
            }
            ast::Statement::ForStatement(it) => {
                match &it.init {
                    Some(ast::ForStatementInit::VariableDeclaration(it)) => self.variables(it),
                    Some(init) => {
                        self.expr(init.to_expression());
                    }
                    None => {}
                }
                self.optional(it.test.as_ref());
                self.optional(it.update.as_ref());
                self.statement(&it.body);
            }
            ast::Statement::ForInStatement(it) => {
                self.expr(&it.right);
                self.for_left(&it.left, Source::Unknown);
                self.statement(&it.body);
            }
            ast::Statement::ForOfStatement(it) => {
                let list = self.expr(&it.right);
                let index = self.other(it.right.span());
                let element = self.add(it.right.span(), || Expr::Index(list, index));
                self.for_left(&it.left, Source::Init(element));
                self.statement(&it.body);
            }
            ast::Statement::WhileStatement(it) => {
                self.expr(&it.test);
                self.statement(&it.body);
            }
            ast::Statement::DoWhileStatement(it) => {
                self.statement(&it.body);
                self.expr(&it.test);
            }
            ast::Statement::SwitchStatement(it) => {
                self.expr(&it.discriminant);
                for case in &it.cases {
                    self.optional(case.test.as_ref());
                    self.block(&case.consequent);
                }
            }
            ast::Statement::LabeledStatement(it) => self.statement(&it.body),
            ast::Statement::WithStatement(it) => {
                self.expr(&it.object);
                self.statement(&it.body);
            }
            _ => {
                if let Some(declaration) = statement.as_declaration() {
                    self.declaration(declaration);
                }
            }
        }
    }

    fn optional(&mut self, it: Option<&ast::Expression<'_>>) {
        if let Some(it) = it {
            self.expr(it);
        }
    }

    fn for_left(&mut self, left: &ast::ForStatementLeft<'_>, source: Source) {
        match left {
            ast::ForStatementLeft::VariableDeclaration(it) => {
                for declarator in &it.declarations {
                    self.pattern(&declarator.id, source, &mut Vec::new(), None);
                }
            }
            other => {
                let value = self.other(other.span());
                self.assign_target(other.to_assignment_target(), value);
            }
        }
    }

    fn declaration(&mut self, declaration: &ast::Declaration<'_>) {
        match declaration {
            ast::Declaration::VariableDeclaration(it) => self.variables(it),
            ast::Declaration::FunctionDeclaration(it) => self.function_declaration(it),
            ast::Declaration::ClassDeclaration(it) => {
                self.class(it);
            }
            ast::Declaration::TSEnumDeclaration(it) if !it.declare => self.enumeration(it),
            ast::Declaration::TSNamespaceDeclaration(it) if !it.declare => self.namespace(it),
            ast::Declaration::TSImportEqualsDeclaration(it) => {
                if let ast::TSModuleReference::ExternalModuleReference(_) = it.module_reference
                    && let Some(binding) = self.binding_of(&it.id)
                    && let BindingTarget::Imported { import, .. } =
                        self.module.bindings[binding].target
                {
                    self.owned_import(binding, import);
                }
            }
            _ => {}
        }
    }

    /// A namespace is an object of what it exports.
    fn namespace(&mut self, it: &ast::TSNamespaceDeclaration<'_>) {
        let mut members = Vec::new();
        match &it.body {
            ast::TSNamespaceDeclarationBody::TSNamespaceDeclaration(it) => self.namespace(it),
            ast::TSNamespaceDeclarationBody::TSModuleBlock(it) => {
                for statement in &it.body {
                    match statement {
                        ast::Statement::ExportDeclaration(it) => {
                            self.declaration(&it.declaration);
                            self.exported_by_namespace(&it.declaration, &mut members);
                        }
                        other => self.statement(other),
                    }
                }
            }
        }
        if self.body.is_some() {
            let value = self.add(it.span, || Expr::Object(members));
            self.declare(&it.id, Source::Init(value), &[], None);
        }
    }

    fn exported_by_namespace(
        &mut self,
        declaration: &ast::Declaration<'_>,
        members: &mut Vec<Property>,
    ) {
        let ids = match declaration {
            ast::Declaration::VariableDeclaration(it) => {
                it.declarations.iter().flat_map(|one| one.id.get_binding_identifiers()).collect()
            }
            other => other.id().into_iter().collect::<Vec<_>>(),
        };
        for id in ids {
            let Some(symbol) = id.symbol_id.get().map(symbol_index) else { continue };
            let value = self.add(id.span, || Expr::Symbol(offset(symbol)));
            if self.body.is_some() {
                let key = PropertyKey::Name(id.name.as_str().into());
                members.push(Property { key, value, span: span(id.span) });
            }
        }
    }

    /// An enum is an object.
    fn enumeration(&mut self, it: &ast::TSEnumDeclaration<'_>) {
        let mut properties = Vec::new();
        for member in &it.body.members {
            let Some(initializer) = &member.initializer else { continue };
            let value = self.expr(initializer);
            if self.body.is_some() {
                properties.push(Property {
                    key: PropertyKey::Name(member.id.static_name().as_str().into()),
                    value,
                    span: span(member.span),
                });
            }
        }
        let expr = self.add(it.span, || Expr::Object(properties));
        self.declare(&it.id, Source::Init(expr), &[], None);
    }

    fn variables(&mut self, it: &ast::VariableDeclaration<'_>) {
        if it.declare {
            return;
        }
        for declarator in &it.declarations {
            self.variable(declarator, it.kind);
        }
    }

    fn variable(
        &mut self,
        declarator: &ast::VariableDeclarator<'_>,
        kind: ast::VariableDeclarationKind,
    ) {
        let Some(init) = &declarator.init else {
            self.pattern(&declarator.id, Source::Unknown, &mut Vec::new(), None);
            return;
        };
        let value = match &declarator.id {
            ast::BindingPattern::BindingIdentifier(id) => {
                if kind.is_const()
                    && let Some(symbol) = id.symbol_id.get()
                {
                    let sides = self.sides(init);
                    if sides.is_told() {
                        self.sides.insert(symbol, sides);
                    }
                }
                self.expr_named(init, &id.name)
            }
            ast::BindingPattern::ObjectPattern(pattern) => {
                match self.members_of_whole(pattern, inner(init)) {
                    Some(value) => value,
                    None => self.expr(init),
                }
            }
            _ => self.expr(init),
        };
        self.pattern(&declarator.id, Source::Init(value), &mut Vec::new(), None);
    }

    /// `const { a, b } = ns`: uses only these members of a whole module.
    fn members_of_whole(
        &mut self,
        pattern: &ast::ObjectPattern<'_>,
        init: &ast::Expression<'_>,
    ) -> Option<ExprId> {
        let ast::Expression::Identifier(it) = init else { return None };
        let symbol = self.symbol(it)?;
        if pattern.rest.is_some() {
            return None;
        }
        let names: Option<Vec<_>> =
            pattern.properties.iter().map(|property| property.key.static_name()).collect();
        for name in names? {
            self.use_symbol(symbol_index(symbol), Some(&name), span(it.span));
        }
        Some(self.add(it.span, || Expr::Symbol(offset(symbol_index(symbol)))))
    }

    // Patterns.

    fn pattern(
        &mut self,
        pattern: &ast::BindingPattern<'_>,
        source: Source,
        path: &mut Vec<Box<str>>,
        default: Option<ExprId>,
    ) {
        match pattern {
            ast::BindingPattern::BindingIdentifier(id) => self.declare(id, source, path, default),
            ast::BindingPattern::AssignmentPattern(it) => {
                let name = it.left.get_identifier_name();
                let default = self.expr_named(&it.right, name.as_deref().unwrap_or_default());
                self.pattern(&it.left, source, path, Some(default));
            }
            ast::BindingPattern::ObjectPattern(it) => {
                for property in &it.properties {
                    if property.computed {
                        self.key(&property.key);
                    }
                    let Some(name) = property.key.static_name() else {
                        self.pattern(&property.value, Source::Unknown, path, None);
                        continue;
                    };
                    let default = default.map(|object| {
                        self.add(property.span, || Expr::Member(object, (&*name).into()))
                    });
                    self.step(&property.value, source, path, &name, default);
                }
                if let Some(rest) = &it.rest {
                    let source = self.rest(it, source, path);
                    self.pattern(&rest.argument, source, &mut Vec::new(), None);
                }
            }
            ast::BindingPattern::ArrayPattern(it) => {
                for (index, element) in it.elements.iter().enumerate() {
                    let Some(element) = element else { continue };
                    self.step(element, source, path, &index.to_string(), None);
                }
                if let Some(rest) = &it.rest {
                    self.pattern(&rest.argument, Source::Unknown, &mut Vec::new(), None);
                }
            }
        }
    }

    fn step(
        &mut self,
        pattern: &ast::BindingPattern<'_>,
        source: Source,
        path: &mut Vec<Box<str>>,
        name: &str,
        default: Option<ExprId>,
    ) {
        if self.body.is_none() {
            self.pattern(pattern, source, path, default);
            return;
        }
        path.push(name.into());
        self.pattern(pattern, source, path, default);
        path.pop();
    }

    /// The object that `...rest` stands for: all but the properties beside it.
    fn rest(
        &mut self,
        pattern: &ast::ObjectPattern<'_>,
        source: Source,
        path: &[Box<str>],
    ) -> Source {
        if self.body.is_none() {
            return Source::Unknown;
        }
        let Source::Init(init) = source else {
            // Without an expression for it, the whole stands for the rest only if it is that.
            return if pattern.properties.is_empty() && path.is_empty() {
                source
            } else {
                Source::Unknown
            };
        };
        let at = pattern.span;
        let mut whole = init;
        for name in path {
            let object = whole;
            whole = self.add(at, || Expr::Member(object, name.clone()));
        }
        let mut properties =
            vec![Property { key: PropertyKey::Spread, value: whole, span: span(at) }];
        for property in &pattern.properties {
            let Some(name) = property.key.static_name() else { continue };
            let value = self.add(property.span, || Expr::Literal("undefined".into()));
            let key = PropertyKey::Name((&*name).into());
            properties.push(Property { key, value, span: span(property.span) });
        }
        Source::Init(self.add(at, || Expr::Object(properties)))
    }

    fn declare(
        &mut self,
        id: &ast::BindingIdentifier<'_>,
        source: Source,
        path: &[Box<str>],
        default: Option<ExprId>,
    ) {
        let Some(body) = &mut self.body else { return };
        let Some(index) = id.symbol_id.get().map(symbol_index) else { return };
        let Some(symbol) = body.symbols.get_mut(index) else { return };
        let value = match source {
            Source::Init(expr) => SymbolValue::Init { expr, path: path.to_vec(), default },
            Source::Parameter { function, index } => {
                SymbolValue::Parameter { function, index, path: path.to_vec(), default }
            }
            Source::Unknown => return,
        };
        match (&symbol.value, source) {
            (SymbolValue::Unknown, _) => symbol.value = value,
            // `const x = require('y')` stays an import.
            (SymbolValue::Import, _) => {}
            (_, Source::Init(expr)) if path.is_empty() => symbol.assigned.push(expr),
            _ => {}
        }
    }

    // Functions.

    fn function_declaration(&mut self, it: &ast::Function<'_>) {
        if it.body.is_some() {
            self.function_named(it, "");
        }
    }

    fn function_named(&mut self, it: &ast::Function<'_>, name: &str) -> ExprId {
        let Some(body) = &it.body else { return self.other(it.span) };
        let name = it.id.as_ref().map_or(name, |id| id.name.as_str());
        let open = self.enter(name, it.span, is_server(&body.directives));
        if let (Some(symbols), Some(id), Some(function)) =
            (&mut self.body, it.id.as_ref(), self.function)
            && let Some(symbol) = id.symbol_id.get().map(symbol_index)
        {
            symbols.symbols[symbol].value = SymbolValue::Function(function);
        }
        self.parameters(&it.params);
        self.block(&body.statements);
        self.leave(open, it.span, has_statements(&body.statements))
    }

    fn arrow(&mut self, it: &ast::ArrowFunctionExpression<'_>, name: &str) -> ExprId {
        match &it.body {
            ast::ArrowFunctionBody::FunctionBody(body) => {
                let open = self.enter(name, it.span, is_server(&body.directives));
                self.parameters(&it.params);
                self.block(&body.statements);
                self.leave(open, it.span, has_statements(&body.statements))
            }
            expression => {
                let open = self.enter(name, it.span, false);
                self.parameters(&it.params);
                let value = self.expr(expression.to_expression());
                if self.body.is_some()
                    && let Some(returns) = self.returns.last_mut()
                {
                    returns.push(value);
                }
                self.leave(open, it.span, false)
            }
        }
    }

    fn enter(&mut self, name: &str, at: oxc_span::Span, is_server: bool) -> Open {
        let open = Open { function: self.function, guard: self.guard };
        self.functions += 1;
        self.returns.push(Vec::new());
        if let Some(body) = &mut self.body {
            self.function = Some(offset(body.functions.len()));
            body.functions.push(Function {
                name: name.into(),
                span: span(at),
                is_server,
                returns: Vec::new(),
                has_statements: false,
            });
        }
        if is_server {
            self.guard = ServerGuard::Function;
        }
        self.context = None;
        open
    }

    fn leave(&mut self, open: Open, at: oxc_span::Span, has_statements: bool) -> ExprId {
        let returns = self.returns.pop().unwrap_or_default();
        let function = self.function.unwrap_or_default();
        self.function = open.function;
        self.guard = open.guard;
        self.functions -= 1;
        self.context = None;
        if let Some(body) = &mut self.body
            && let Some(own) = body.functions.get_mut(function as usize)
        {
            own.returns = returns;
            own.has_statements = has_statements;
        }
        self.add(at, || Expr::Function(function))
    }

    fn parameters(&mut self, it: &ast::FormalParameters<'_>) {
        let function = self.function.unwrap_or_default();
        for (index, parameter) in it.items.iter().enumerate() {
            self.decorators(&parameter.decorators);
            let default = parameter.initializer.as_ref().map(|value| {
                let name = parameter.pattern.get_identifier_name();
                self.expr_named(value, name.as_deref().unwrap_or_default())
            });
            let source = Source::Parameter { function, index: offset(index) };
            self.pattern(&parameter.pattern, source, &mut Vec::new(), default);
        }
        if let Some(rest) = &it.rest {
            self.pattern(&rest.rest.argument, Source::Unknown, &mut Vec::new(), None);
        }
    }

    fn decorators(&mut self, decorators: &[ast::Decorator<'_>]) {
        for decorator in decorators {
            self.expr(&decorator.expression);
        }
    }

    /// A class is an object of its static members.
    fn class(&mut self, it: &ast::Class<'_>) -> ExprId {
        let mut members = Vec::new();
        self.decorators(&it.decorators);
        if let Some(heritage) = &it.heritage {
            self.expr(&heritage.expression);
        }
        for element in &it.body.body {
            match element {
                ast::ClassElement::StaticBlock(it) => self.block(&it.body),
                ast::ClassElement::MethodDefinition(it) => {
                    self.decorators(&it.decorators);
                    if it.computed {
                        self.key(&it.key);
                    }
                    let name = it.key.static_name();
                    let value = self.function_named(&it.value, name.as_deref().unwrap_or_default());
                    if it.r#static && it.kind != ast::MethodDefinitionKind::Set {
                        self.member_of(&mut members, &it.key, value, it.span);
                    }
                }
                ast::ClassElement::PropertyDefinition(it) => {
                    self.decorators(&it.decorators);
                    let (is_static, at) = (it.r#static, it.span);
                    let value = self.field(&it.key, it.computed, it.value.as_ref(), is_static, at);
                    if is_static {
                        self.member_of(&mut members, &it.key, value, at);
                    }
                }
                ast::ClassElement::AccessorProperty(it) => {
                    self.decorators(&it.decorators);
                    let (is_static, at) = (it.r#static, it.span);
                    let value = self.field(&it.key, it.computed, it.value.as_ref(), is_static, at);
                    if is_static {
                        self.member_of(&mut members, &it.key, value, at);
                    }
                }
                ast::ClassElement::TSIndexSignature(_) => {}
            }
        }
        let value = self.add(it.span, || Expr::Object(members));
        if let Some(id) = &it.id {
            self.declare(id, Source::Init(value), &[], None);
        }
        value
    }

    fn member_of(
        &self,
        members: &mut Vec<Property>,
        key: &ast::PropertyKey<'_>,
        value: ExprId,
        at: oxc_span::Span,
    ) {
        if let (Some(name), true) = (key.static_name(), self.body.is_some()) {
            members.push(Property {
                key: PropertyKey::Name((&*name).into()),
                value,
                span: span(at),
            });
        }
    }

    /// A field is assigned to `this`; gives its value.
    fn field(
        &mut self,
        key: &ast::PropertyKey<'_>,
        computed: bool,
        value: Option<&ast::Expression<'_>>,
        is_static: bool,
        at: oxc_span::Span,
    ) -> ExprId {
        if computed {
            self.key(key);
        }
        let Some(value) = value else { return self.other(at) };
        let name = key.static_name();
        // The values of other fields are made with an object, not with the class.
        self.functions += u32::from(!is_static);
        let value = self.expr_named(value, name.as_deref().unwrap_or_default());
        self.functions -= u32::from(!is_static);
        if let Some(name) = name {
            let this = self.add(at, || Expr::Global("this".into()));
            let target = self.add(at, || Expr::Member(this, (&*name).into()));
            if let Some(body) = &mut self.body {
                body.assignments.push((target, value));
            }
        }
        value
    }

    /// A computed key.
    fn key(&mut self, key: &ast::PropertyKey<'_>) -> ExprId {
        match key.as_expression() {
            Some(key) => self.expr(key),
            None => self.other(key.span()),
        }
    }

    // Expressions.

    fn expr_named(&mut self, it: &ast::Expression<'_>, name: &str) -> ExprId {
        match inner(it) {
            ast::Expression::FunctionExpression(it) => self.function_named(it, name),
            ast::Expression::ArrowFunctionExpression(it) => self.arrow(it, name),
            _ => self.expr(it),
        }
    }

    fn expr(&mut self, it: &ast::Expression<'_>) -> ExprId {
        match self.open_slot(it.span()) {
            Some(slot) => {
                let value = self.plain_expr(it);
                self.slots[slot] = Some(value);
                value
            }
            None => self.plain_expr(it),
        }
    }

    /// The innermost slot of the template in which the expression is the first one.
    fn open_slot(&mut self, at: oxc_span::Span) -> Option<usize> {
        let slots = &self.unit.slots;
        if slots.is_empty() {
            return None;
        }
        let behind = slots.partition_point(|slot| slot.code.start <= at.start);
        let slot = behind.checked_sub(1)?;
        if self.slot_is_open[slot] || slots[slot].code.end < at.end {
            return None;
        }
        self.slot_is_open[slot] = true;
        Some(slot)
    }

    fn plain_expr(&mut self, it: &ast::Expression<'_>) -> ExprId {
        let at = it.span();
        match it {
            ast::Expression::StringLiteral(it) => {
                self.add(at, || Expr::Text(it.value.as_str().into()))
            }
            ast::Expression::TemplateLiteral(it) => self.template(it),
            ast::Expression::NumericLiteral(it) => self.add(at, || {
                Expr::Literal(
                    it.raw
                        .as_ref()
                        .map_or_else(|| it.value.to_string().into(), |raw| raw.as_str().into()),
                )
            }),
            ast::Expression::BigIntLiteral(it) => {
                self.add(at, || Expr::Literal(it.value.as_str().into()))
            }
            ast::Expression::BooleanLiteral(it) => {
                self.add(at, || Expr::Literal(if it.value { "true" } else { "false" }.into()))
            }
            ast::Expression::NullLiteral(_) => self.add(at, || Expr::Literal("null".into())),
            ast::Expression::Identifier(it) => self.identifier(it, None),
            ast::Expression::ImportMeta(_) => self.add(at, || Expr::ImportMeta),
            ast::Expression::ArrayExpression(it) => self.array(it),
            ast::Expression::ObjectExpression(it) => self.object(it),
            ast::Expression::FunctionExpression(it) => self.function_named(it, ""),
            ast::Expression::ArrowFunctionExpression(it) => self.arrow(it, ""),
            ast::Expression::ClassExpression(it) => self.class(it),
            ast::Expression::AssignmentExpression(it) => self.assignment(it),
            ast::Expression::UpdateExpression(it) => {
                let value = self.other(at);
                self.assign_simple(&it.argument, value);
                value
            }
            ast::Expression::BinaryExpression(it) => self.binary(it),
            ast::Expression::PrivateInExpression(it) => {
                self.expr(&it.right);
                self.other(at)
            }
            ast::Expression::LogicalExpression(it) => self.logical(it),
            ast::Expression::ConditionalExpression(it) => {
                self.expr(&it.test);
                let sides = self.sides(&it.test);
                let yes =
                    self.with_guard(branch(sides.server_if_true), |walk| walk.expr(&it.consequent));
                let no =
                    self.with_guard(branch(sides.server_if_false), |walk| walk.expr(&it.alternate));
                self.add(at, || Expr::Union(vec![yes, no]))
            }
            ast::Expression::UnaryExpression(it) => self.unary(it),
            ast::Expression::SequenceExpression(it) => {
                let mut last = None;
                for expression in &it.expressions {
                    last = Some(self.expr(expression));
                }
                last.unwrap_or_else(|| self.other(at))
            }
            ast::Expression::CallExpression(it) => self.call(it),
            ast::Expression::NewExpression(it) => self.new_expression(it),
            ast::Expression::TaggedTemplateExpression(it) => {
                self.runs |= self.functions == 0;
                let callee = self.expr(&it.tag);
                let text = self.template(&it.quasi);
                self.add(at, || Expr::Call { callee, arguments: vec![text], is_new: false })
            }
            ast::Expression::ImportExpression(it) => self.import_expression(it),
            ast::Expression::ChainExpression(it) => self.chain(&it.expression),
            ast::Expression::AwaitExpression(it) => self.expr(&it.argument),
            ast::Expression::YieldExpression(it) => match &it.argument {
                Some(argument) => self.expr(argument),
                None => self.other(at),
            },
            ast::Expression::ParenthesizedExpression(it) => self.expr(&it.expression),
            ast::Expression::TSAsExpression(it) => self.expr(&it.expression),
            ast::Expression::TSSatisfiesExpression(it) => self.expr(&it.expression),
            ast::Expression::TSTypeAssertion(it) => self.expr(&it.expression),
            ast::Expression::TSNonNullExpression(it) => self.expr(&it.expression),
            ast::Expression::TSInstantiationExpression(it) => self.expr(&it.expression),
            ast::Expression::JSXElement(it) => self.element(it),
            ast::Expression::JSXFragment(it) => {
                let children = self.children(&it.children);
                self.add(at, || fragment(children))
            }
            ast::Expression::StaticMemberExpression(it) => self.static_member(it),
            ast::Expression::ComputedMemberExpression(it) => self.computed_member(it),
            ast::Expression::PrivateFieldExpression(it) => self.private_member(it),
            ast::Expression::ThisExpression(_) => self.add(at, || Expr::Global("this".into())),
            ast::Expression::RegExpLiteral(it) => {
                self.add(at, || Expr::RegExp(it.regex.pattern.text.as_str().into()))
            }
            ast::Expression::Super(_)
            | ast::Expression::NewTarget(_)
            | ast::Expression::V8IntrinsicExpression(_) => self.other(at),
        }
    }

    fn identifier(&mut self, it: &ast::IdentifierReference<'_>, member: Option<&str>) -> ExprId {
        match self.resolve(it) {
            Some(symbol) => {
                self.use_symbol(symbol, member, span(it.span));
                self.add(it.span, || Expr::Symbol(offset(symbol)))
            }
            None => {
                let name = it.name.as_str();
                if name == "document" && member.is_some() && self.functions == 0 {
                    self.page(it.span);
                }
                self.add(it.span, || match name {
                    "undefined" | "NaN" | "Infinity" => Expr::Literal(name.into()),
                    _ => Expr::Global(name.into()),
                })
            }
        }
    }

    fn page(&mut self, at: oxc_span::Span) {
        if self.guard == ServerGuard::None && self.module.page_call.is_none() {
            self.module.page_call = Some(span(at));
        }
    }

    /// An object whose member is read.
    fn object_of(&mut self, object: &ast::Expression<'_>, member: Option<&str>) -> ExprId {
        match inner(object) {
            ast::Expression::Identifier(it) => self.identifier(it, member),
            _ => self.expr(object),
        }
    }

    fn static_member(&mut self, it: &ast::StaticMemberExpression<'_>) -> ExprId {
        let name = it.property.name.as_str();
        let object = self.object_of(&it.object, Some(name));
        self.add(it.span, || Expr::Member(object, name.into()))
    }

    fn computed_member(&mut self, it: &ast::ComputedMemberExpression<'_>) -> ExprId {
        let name = it.static_property_name();
        let object = self.object_of(&it.object, name.as_deref());
        let index = self.expr(&it.expression);
        self.add(it.span, || Expr::Index(object, index))
    }

    fn private_member(&mut self, it: &ast::PrivateFieldExpression<'_>) -> ExprId {
        let object = self.expr(&it.object);
        self.add(it.span, || Expr::Member(object, it.field.name.as_str().into()))
    }

    fn member(&mut self, it: &ast::MemberExpression<'_>) -> ExprId {
        match it {
            ast::MemberExpression::StaticMemberExpression(it) => self.static_member(it),
            ast::MemberExpression::ComputedMemberExpression(it) => self.computed_member(it),
            ast::MemberExpression::PrivateFieldExpression(it) => self.private_member(it),
        }
    }

    fn chain(&mut self, it: &ast::ChainElement<'_>) -> ExprId {
        match it {
            ast::ChainElement::CallExpression(it) => self.call(it),
            ast::ChainElement::TSNonNullExpression(it) => self.expr(&it.expression),
            other => self.member(other.to_member_expression()),
        }
    }

    fn template(&mut self, it: &ast::TemplateLiteral<'_>) -> ExprId {
        let text = |element: &ast::TemplateElement<'_>| {
            Expr::Text(element.value.cooked.as_ref().unwrap_or(&element.value.raw).as_str().into())
        };
        if let ([only], []) = (it.quasis.as_slice(), it.expressions.as_slice()) {
            return self.add(it.span, || text(only));
        }
        let mut parts = Vec::new();
        for (index, quasi) in it.quasis.iter().enumerate() {
            if !quasi.value.raw.is_empty() {
                let part = self.add(quasi.span, || text(quasi));
                self.keep(&mut parts, part);
            }
            if let Some(expression) = it.expressions.get(index) {
                let part = self.expr(expression);
                self.keep(&mut parts, part);
            }
        }
        self.add(it.span, || Expr::Concat(parts))
    }

    fn array(&mut self, it: &ast::ArrayExpression<'_>) -> ExprId {
        let mut elements = Vec::new();
        for element in &it.elements {
            let id = match element {
                ast::ArrayExpressionElement::SpreadElement(it) => self.spread(it),
                ast::ArrayExpressionElement::Elision(it) => self.other(it.span),
                other => self.expr(other.to_expression()),
            };
            self.keep(&mut elements, id);
        }
        self.add(it.span, || Expr::Array(elements))
    }

    fn spread(&mut self, it: &ast::SpreadElement<'_>) -> ExprId {
        let value = self.expr(&it.argument);
        self.add(it.span, || Expr::Spread(value))
    }

    fn object(&mut self, it: &ast::ObjectExpression<'_>) -> ExprId {
        let is_route = self.route.take_if(|start| *start == it.span.start).is_some();
        let mut properties = Vec::new();
        for property in &it.properties {
            let (key, value, at) = match property {
                ast::ObjectPropertyKind::SpreadProperty(it) => {
                    (PropertyKey::Spread, self.expr(&it.argument), it.span)
                }
                ast::ObjectPropertyKind::ObjectProperty(it) => {
                    let name = it.key.static_name();
                    let computed = (it.computed && name.is_none()).then(|| self.key(&it.key));
                    let is_server = is_route && name.as_deref() == Some("server");
                    let guard = if is_server { ServerGuard::Function } else { ServerGuard::None };
                    let value = self.with_guard(guard, |walk| {
                        walk.expr_named(&it.value, name.as_deref().unwrap_or_default())
                    });
                    let key = match (computed, name) {
                        (None, Some(name)) if self.body.is_some() => {
                            PropertyKey::Name((&*name).into())
                        }
                        (Some(key), _) => PropertyKey::Computed(key),
                        _ => PropertyKey::Name(Arc::default()),
                    };
                    // A setter gives nothing.
                    let is_setter = it.kind == ast::PropertyKind::Set;
                    let value = if is_setter { self.other(it.span) } else { value };
                    (key, value, it.span)
                }
            };
            if self.body.is_some() {
                properties.push(Property { key, value, span: span(at) });
            }
        }
        self.add(it.span, || Expr::Object(properties))
    }

    fn binary(&mut self, it: &ast::BinaryExpression<'_>) -> ExprId {
        // The left side of a long chain is as deep as the chain is long.
        let is_concat = it.operator == BinaryOperator::Addition;
        let mut chain = vec![it];
        while let ast::Expression::BinaryExpression(left) = &chain[chain.len() - 1].left {
            if (left.operator == BinaryOperator::Addition) != is_concat {
                break;
            }
            chain.push(left);
        }
        let mut parts = Vec::new();
        let first = self.expr(&chain[chain.len() - 1].left);
        self.keep(&mut parts, first);
        for link in chain.iter().rev() {
            let part = self.expr(&link.right);
            self.keep(&mut parts, part);
        }
        self.add(it.span, || if is_concat { Expr::Concat(parts) } else { Expr::Other })
    }

    fn logical(&mut self, it: &ast::LogicalExpression<'_>) -> ExprId {
        let mut chain = vec![it];
        while let ast::Expression::LogicalExpression(left) = &chain[chain.len() - 1].left {
            if left.operator != it.operator {
                break;
            }
            chain.push(left);
        }
        let before = self.guard;
        let first = &chain[chain.len() - 1].left;
        let mut parts = Vec::new();
        let part = self.expr(first);
        self.keep(&mut parts, part);
        let mut last = first;
        for link in chain.iter().rev() {
            let sides = self.sides(last);
            let guard = match it.operator {
                LogicalOperator::And => branch(sides.server_if_true),
                LogicalOperator::Or => branch(sides.server_if_false),
                LogicalOperator::Coalesce => ServerGuard::None,
            };
            self.set_guard(self.guard.max(guard));
            let part = self.expr(&link.right);
            self.keep(&mut parts, part);
            last = &link.right;
        }
        self.set_guard(before);
        self.add(it.span, || Expr::Union(parts))
    }

    fn unary(&mut self, it: &ast::UnaryExpression<'_>) -> ExprId {
        let argument = self.expr(&it.argument);
        match (it.operator, &it.argument) {
            (UnaryOperator::Delete, _) => {
                let nothing = self.other(it.span);
                self.assign_member(argument, nothing);
                nothing
            }
            (UnaryOperator::Void, ast::Expression::NumericLiteral(_)) => {
                self.add(it.span, || Expr::Literal("undefined".into()))
            }
            (UnaryOperator::UnaryNegation, ast::Expression::NumericLiteral(number)) => {
                self.add(it.span, || Expr::Literal(format!("-{}", number.value).into()))
            }
            _ => self.other(it.span),
        }
    }

    fn assignment(&mut self, it: &ast::AssignmentExpression<'_>) -> ExprId {
        let name = match &it.left {
            ast::AssignmentTarget::AssignmentTargetIdentifier(it) => it.name.as_str(),
            ast::AssignmentTarget::StaticMemberExpression(it) => it.property.name.as_str(),
            _ => "",
        };
        let right = self.expr_named(&it.right, name);
        let value = match it.operator {
            AssignmentOperator::Assign
            | AssignmentOperator::LogicalAnd
            | AssignmentOperator::LogicalOr
            | AssignmentOperator::LogicalNullish => right,
            AssignmentOperator::Addition => match &it.left {
                ast::AssignmentTarget::AssignmentTargetIdentifier(target) => {
                    let before = self.identifier(target, None);
                    self.add(it.span, || Expr::Concat(vec![before, right]))
                }
                _ => right,
            },
            _ => self.other(it.span),
        };
        self.assign_target(&it.left, value);
        value
    }

    fn assign_target(&mut self, target: &ast::AssignmentTarget<'_>, value: ExprId) {
        match target {
            ast::AssignmentTarget::ObjectAssignmentTarget(it) => self.assign_object(it, value),
            ast::AssignmentTarget::ArrayAssignmentTarget(it) => {
                for (index, element) in it.elements.iter().enumerate() {
                    let Some(element) = element else { continue };
                    let value = self.add(it.span, || Expr::Member(value, index.to_string().into()));
                    self.assign_element(element, value);
                }
                if let Some(rest) = &it.rest {
                    let value = self.other(rest.span);
                    self.assign_target(&rest.target, value);
                }
            }
            other => self.assign_simple(other.to_simple_assignment_target(), value),
        }
    }

    fn assign_object(&mut self, it: &ast::ObjectAssignmentTarget<'_>, value: ExprId) {
        for property in &it.properties {
            match property {
                ast::AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(it) => {
                    let name = it.binding.name.as_str();
                    let member = self.add(it.span, || Expr::Member(value, name.into()));
                    self.assign_name(&it.binding, member);
                    if let Some(init) = &it.init {
                        let default = self.expr_named(init, name);
                        self.assign_name(&it.binding, default);
                    }
                }
                ast::AssignmentTargetProperty::AssignmentTargetPropertyProperty(it) => {
                    let member = match it.name.static_name() {
                        Some(name) => self.add(it.span, || Expr::Member(value, (&*name).into())),
                        None => {
                            let index = self.key(&it.name);
                            self.add(it.span, || Expr::Index(value, index))
                        }
                    };
                    self.assign_element(&it.binding, member);
                }
            }
        }
        if let Some(rest) = &it.rest {
            let value = self.other(rest.span);
            self.assign_target(&rest.target, value);
        }
    }

    fn assign_element(&mut self, it: &ast::AssignmentTargetMaybeDefault<'_>, value: ExprId) {
        match it {
            ast::AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(it) => {
                let default = self.expr(&it.init);
                let value = self.add(it.span, || Expr::Union(vec![value, default]));
                self.assign_target(&it.binding, value);
            }
            other => self.assign_target(other.to_assignment_target(), value),
        }
    }

    fn assign_simple(&mut self, it: &ast::SimpleAssignmentTarget<'_>, value: ExprId) {
        let target = match it {
            ast::SimpleAssignmentTarget::AssignmentTargetIdentifier(it) => {
                self.assign_name(it, value);
                return;
            }
            ast::SimpleAssignmentTarget::TSAsExpression(it) => self.expr(&it.expression),
            ast::SimpleAssignmentTarget::TSSatisfiesExpression(it) => self.expr(&it.expression),
            ast::SimpleAssignmentTarget::TSNonNullExpression(it) => self.expr(&it.expression),
            ast::SimpleAssignmentTarget::TSTypeAssertion(it) => self.expr(&it.expression),
            other => self.member(other.to_member_expression()),
        };
        self.assign_member(target, value);
    }

    fn assign_member(&mut self, target: ExprId, value: ExprId) {
        let Some(body) = &mut self.body else { return };
        body.assignments.push((target, value));
        let mut at = target;
        while let Some(Expr::Member(object, _) | Expr::Index(object, _)) =
            body.nodes.get(at as usize).map(|node| &node.expr)
        {
            at = *object;
        }
        if let Some(Expr::Symbol(symbol)) = body.nodes.get(at as usize).map(|node| &node.expr) {
            body.changed.push(*symbol);
        }
    }

    fn assign_name(&mut self, it: &ast::IdentifierReference<'_>, value: ExprId) {
        let Some(symbol) = self.resolve(it) else { return };
        self.use_symbol(symbol, None, span(it.span));
        if let Some(body) = &mut self.body
            && let Some(symbol) = body.symbols.get_mut(symbol)
        {
            symbol.assigned.push(value);
        }
    }

    // Calls and what they load.

    fn call(&mut self, it: &ast::CallExpression<'_>) -> ExprId {
        self.note_page_call(it);
        let imported = self.calls.get(&it.span.start).copied();
        let import = match imported {
            Some(import) => Some(import),
            None => match self.loaded_by(it) {
                Some(loaded) => {
                    if loaded.kind == ImportKind::Worker {
                        self.know_address(it.arguments.first(), self.module.imports.len());
                    }
                    self.load(loaded, it.span)
                }
                None => {
                    self.runs |= self.functions == 0 && !it.pure;
                    None
                }
            },
        };
        if let Some(import) = import {
            self.runs |= self.functions == 0;
            self.owned_import(self.owner, import);
            if let Some(argument) = it.arguments.first().and_then(|one| one.as_expression()) {
                self.expr(argument);
            }
            return self.add(it.span, || Expr::Import(offset(import)));
        }
        let callee = self.expr(&it.callee);
        let arguments = match kept_on_server(it) {
            Some(is_sent) => self.server_arguments(&it.arguments, is_sent),
            None => {
                if let Some(options) = route_options(it) {
                    self.route = Some(options.span.start);
                }
                self.arguments(&it.arguments)
            }
        };
        self.add(it.span, || Expr::Call { callee, arguments, is_new: false })
    }

    /// Functions that a compiler takes out of the client's code; `is_sent` is whether what they
    /// give back goes to the client.
    fn server_arguments(&mut self, arguments: &[ast::Argument<'_>], is_sent: bool) -> Vec<ExprId> {
        let ids = self.with_guard(ServerGuard::Function, |walk| walk.arguments(arguments));
        if let Some(body) = self.body.as_mut().filter(|_| is_sent) {
            for id in &ids {
                let function = match body.nodes.get(*id as usize).map(|node| &node.expr) {
                    Some(Expr::Function(function)) => *function,
                    Some(Expr::Symbol(symbol)) => {
                        match body.symbols.get(*symbol as usize).map(|symbol| &symbol.value) {
                            Some(SymbolValue::Function(function)) => *function,
                            _ => continue,
                        }
                    }
                    _ => continue,
                };
                if let Some(function) = body.functions.get_mut(function as usize) {
                    function.is_server = true;
                }
            }
        }
        ids
    }

    /// Enters imports, and gives the one that the call stands for.
    fn load(&mut self, loaded: Loaded, at: oxc_span::Span) -> Option<usize> {
        let mut first = None;
        for specifier in loaded.specifiers {
            let import = self.import(specifier, span(at), loaded.kind);
            self.owned_import(self.owner, import);
            first = first.or(Some(import));
        }
        let first = first.filter(|_| loaded.is_value)?;
        self.calls.insert(at.start, first);
        Some(first)
    }

    fn arguments(&mut self, arguments: &[ast::Argument<'_>]) -> Vec<ExprId> {
        let mut ids = Vec::new();
        for argument in arguments {
            let id = match argument {
                ast::Argument::SpreadElement(it) => self.spread(it),
                other => self.expr(other.to_expression()),
            };
            self.keep(&mut ids, id);
        }
        ids
    }

    fn new_expression(&mut self, it: &ast::NewExpression<'_>) -> ExprId {
        self.runs |= self.functions == 0 && !it.pure;
        if let Some(specifier) = self.worker(it) {
            let import = self.import(specifier, span(it.span), ImportKind::Worker);
            self.owned_import(self.owner, import);
            self.know_address(it.arguments.first(), import);
        } else if self.guard == ServerGuard::None
            && !self.calls.contains_key(&it.span.start)
            && let Some(specifier) = self.own_address(it)
        {
            let import = self.import(specifier, span(it.span), ImportKind::Asset);
            self.owned_import(self.owner, import);
        }
        let callee = self.expr(&it.callee);
        let arguments = self.arguments(&it.arguments);
        self.add(it.span, || Expr::Call { callee, arguments, is_new: true })
    }

    fn import_expression(&mut self, it: &ast::ImportExpression<'_>) -> ExprId {
        let known = self.calls.get(&it.span.start).copied();
        let import =
            known.or_else(|| imported_by(it).and_then(|loaded| self.load(loaded, it.span)));
        self.expr(&it.source);
        self.optional(it.options.as_ref());
        match import {
            Some(import) => {
                self.runs |= self.functions == 0;
                self.owned_import(self.owner, import);
                self.add(it.span, || Expr::Import(offset(import)))
            }
            None => self.other(it.span),
        }
    }

    /// What a call loads.
    fn loaded_by(&self, it: &ast::CallExpression<'_>) -> Option<Loaded> {
        let first = it.arguments.first().and_then(|argument| argument.as_expression());
        match inner(&it.callee) {
            callee if self.is_global(callee, "require") => by_prefix(first?, ImportKind::Require),
            callee if self.is_global(callee, "importScripts") => Some(Loaded {
                specifiers: it
                    .arguments
                    .iter()
                    .filter_map(|argument| literal(argument.as_expression()?))
                    .collect(),
                kind: ImportKind::Require,
                is_value: false,
            }),
            ast::Expression::StaticMemberExpression(callee) => {
                let object = inner(&callee.object);
                match callee.property.name.as_str() {
                    "glob" | "globEager" if is_import_meta(object) => Some(Loaded {
                        specifiers: globs(first?, takes_texts(it)),
                        kind: ImportKind::Glob,
                        is_value: false,
                    }),
                    "context" if self.is_global(object, "require") => {
                        let mut folder = literal(first?)?;
                        if !folder.ends_with('/') {
                            folder.push('/');
                        }
                        Some(Loaded {
                            specifiers: vec![folder],
                            kind: ImportKind::Glob,
                            is_value: false,
                        })
                    }
                    "register" if is_member(object, "serviceWorker") => self.worker_file(first?),
                    "addModule"
                        if is_member(object, "audioWorklet")
                            || is_member(object, "paintWorklet") =>
                    {
                        self.worker_file(first?)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn worker_file(&self, it: &ast::Expression<'_>) -> Option<Loaded> {
        let specifier = literal(it).or_else(|| self.url(it))?;
        Some(Loaded { specifiers: vec![specifier], kind: ImportKind::Worker, is_value: false })
    }

    /// The script of `new Worker(…)`.
    fn worker(&self, it: &ast::NewExpression<'_>) -> Option<String> {
        let names = ["Worker", "SharedWorker"];
        if !names.iter().any(|name| self.is_global(&it.callee, name)) {
            return None;
        }
        let first = it.arguments.first()?.as_expression()?;
        literal(first).or_else(|| self.url(first))
    }

    /// `new URL('…', import.meta.url)`.
    fn url(&self, it: &ast::Expression<'_>) -> Option<String> {
        let ast::Expression::NewExpression(it) = inner(it) else { return None };
        self.own_address(it)
    }

    /// Remembers that the address that a worker is given is that of its script: no file of its
    /// own ships.
    fn know_address(&mut self, given: Option<&ast::Argument<'_>>, import: usize) {
        if let Some(given) = given.and_then(|argument| argument.as_expression()) {
            self.calls.insert(inner(given).span().start, import);
        }
    }

    fn own_address(&self, it: &ast::NewExpression<'_>) -> Option<String> {
        let base = it.arguments.get(1)?.as_expression()?;
        let is_own = matches!(inner(base), ast::Expression::StaticMemberExpression(it) if is_import_meta(&it.object));
        if !is_own || !self.is_global(&it.callee, "URL") {
            return None;
        }
        literal(it.arguments.first()?.as_expression()?)
    }

    /// Whether a call is one that only a page makes.
    fn note_page_call(&mut self, it: &ast::CallExpression<'_>) {
        let is_page = match inner(&it.callee) {
            ast::Expression::Identifier(callee) => {
                matches!(callee.name.as_str(), "createRoot" | "hydrateRoot")
            }
            ast::Expression::StaticMemberExpression(callee) => {
                let object = inner(&callee.object);
                match callee.property.name.as_str() {
                    "createRoot" | "hydrateRoot" => true,
                    "render" | "hydrate" => {
                        matches!(object, ast::Expression::Identifier(it) if it.name == "ReactDOM")
                    }
                    "mount" => has_call_of(object, "createApp"),
                    "$mount" => matches!(object, ast::Expression::NewExpression(_)),
                    "define" => {
                        self.is_global(object, "customElements")
                            || is_member(object, "customElements")
                    }
                    _ => false,
                }
            }
            _ => false,
        };
        if is_page {
            self.page(it.span);
        }
    }

    // JSX.

    fn element(&mut self, it: &ast::JSXElement<'_>) -> ExprId {
        let opening = &it.opening_element;
        let tag = self.tag(&opening.name);
        let mut attributes = Vec::new();
        for attribute in &opening.attributes {
            let property = match attribute {
                ast::JSXAttributeItem::SpreadAttribute(it) => {
                    let value = self.expr(&it.argument);
                    Property { key: PropertyKey::Spread, value, span: span(it.span) }
                }
                ast::JSXAttributeItem::Attribute(it) => {
                    let value = match &it.value {
                        Some(value) => self.attribute_value(value),
                        None => self.other(it.span),
                    };
                    let key = PropertyKey::Name(match &self.body {
                        Some(_) => attribute_name(&it.name),
                        None => Arc::default(),
                    });
                    Property { key, value, span: span(it.span) }
                }
            };
            if self.body.is_some() {
                attributes.push(property);
            }
        }
        let children = self.children(&it.children);
        let source = self.unit.source.as_ref();
        let name = opening.name.span();
        self.add(it.span, || {
            let name = source.get(name.start as usize..name.end as usize);
            let name = name.unwrap_or_default().into();
            Expr::Element(Box::new(Element { name, tag, attributes, children }))
        })
    }

    fn attribute_value(&mut self, it: &ast::JSXAttributeValue<'_>) -> ExprId {
        match it {
            ast::JSXAttributeValue::StringLiteral(it) => {
                self.add(it.span, || Expr::Text(it.value.as_str().into()))
            }
            ast::JSXAttributeValue::ExpressionContainer(it) => self.container(&it.expression),
            ast::JSXAttributeValue::Element(it) => self.element(it),
            ast::JSXAttributeValue::Fragment(it) => {
                let children = self.children(&it.children);
                self.add(it.span, || Expr::Array(children))
            }
        }
    }

    fn container(&mut self, it: &ast::JSXExpression<'_>) -> ExprId {
        match it {
            ast::JSXExpression::EmptyExpression(it) => self.other(it.span),
            other => self.expr(other.to_expression()),
        }
    }

    fn children(&mut self, children: &[ast::JSXChild<'_>]) -> Vec<ExprId> {
        let mut ids = Vec::new();
        for child in children {
            let id = match child {
                ast::JSXChild::Text(it) => {
                    if it.value.trim().is_empty() {
                        continue;
                    }
                    self.add(it.span, || Expr::Text(it.value.as_str().into()))
                }
                ast::JSXChild::Element(it) => self.element(it),
                ast::JSXChild::Fragment(it) => {
                    let children = self.children(&it.children);
                    self.add(it.span, || fragment(children))
                }
                ast::JSXChild::ExpressionContainer(it) => match &it.expression {
                    ast::JSXExpression::EmptyExpression(_) => continue,
                    other => self.container(other),
                },
                ast::JSXChild::Spread(it) => {
                    let value = self.expr(&it.expression);
                    self.add(it.span, || Expr::Spread(value))
                }
            };
            self.keep(&mut ids, id);
        }
        ids
    }

    fn tag(&mut self, name: &ast::JSXElementName<'_>) -> Option<ExprId> {
        match name {
            ast::JSXElementName::IdentifierReference(it) => Some(self.identifier(it, None)),
            ast::JSXElementName::MemberExpression(it) => Some(self.member_tag(it)),
            ast::JSXElementName::ThisExpression(it) => Some(self.other(it.span)),
            ast::JSXElementName::Identifier(_) | ast::JSXElementName::NamespacedName(_) => None,
        }
    }

    fn member_tag(&mut self, it: &ast::JSXMemberExpression<'_>) -> ExprId {
        let name = it.property.name.as_str();
        let object = match &it.object {
            ast::JSXMemberExpressionObject::IdentifierReference(it) => {
                self.identifier(it, Some(name))
            }
            ast::JSXMemberExpressionObject::MemberExpression(it) => self.member_tag(it),
            ast::JSXMemberExpressionObject::ThisExpression(it) => self.other(it.span),
        };
        self.add(it.span, || Expr::Member(object, name.into()))
    }

    // Conditions.

    fn sides(&self, test: &ast::Expression<'_>) -> Sides {
        match inner(test) {
            ast::Expression::UnaryExpression(it) if it.operator == UnaryOperator::LogicalNot => {
                self.sides(&it.argument).not()
            }
            ast::Expression::LogicalExpression(it) => {
                let (left, right) = (self.sides(&it.left), self.sides(&it.right));
                match it.operator {
                    LogicalOperator::And => left.and(right),
                    LogicalOperator::Or => left.or(right),
                    LogicalOperator::Coalesce => Sides::default(),
                }
            }
            ast::Expression::BinaryExpression(it) => self.compared_sides(it),
            ast::Expression::Identifier(it) => self
                .symbol(it)
                .and_then(|symbol| self.sides.get(&symbol).copied())
                .unwrap_or_else(|| named_side(&it.name)),
            ast::Expression::StaticMemberExpression(it) => self.member_sides(it),
            _ => Sides::default(),
        }
    }

    fn member_sides(&self, it: &ast::StaticMemberExpression<'_>) -> Sides {
        let name = it.property.name.as_str();
        let object = inner(&it.object);
        if is_import_meta(object) || self.is_global(object, "process") {
            return match name {
                "server" => Sides::SERVER,
                "client" | "browser" => Sides::CLIENT,
                _ => Sides::default(),
            };
        }
        match object {
            ast::Expression::StaticMemberExpression(env)
                if name == "SSR" && env.property.name == "env" && is_import_meta(&env.object) =>
            {
                Sides::SERVER
            }
            // What Next.js and Nuxt tell the `webpack` function of their configuration.
            _ => named_side(name),
        }
    }

    /// `typeof window === 'undefined'` and the like; also `import.meta.env.SSR === true`.
    fn compared_sides(&self, it: &ast::BinaryExpression<'_>) -> Sides {
        let is_equal = match it.operator {
            BinaryOperator::Equality | BinaryOperator::StrictEquality => true,
            BinaryOperator::Inequality | BinaryOperator::StrictInequality => false,
            _ => return Sides::default(),
        };
        let (left, right) = (inner(&it.left), inner(&it.right));
        let sides = match (left, right) {
            (ast::Expression::UnaryExpression(kind), ast::Expression::StringLiteral(text))
            | (ast::Expression::StringLiteral(text), ast::Expression::UnaryExpression(kind))
                if kind.operator == UnaryOperator::Typeof
                    && ["window", "document"]
                        .iter()
                        .any(|name| self.is_global(&kind.argument, name)) =>
            {
                match text.value.as_str() {
                    "undefined" => Sides::SERVER,
                    "object" => Sides::CLIENT,
                    _ => Sides::default(),
                }
            }
            // Next.js replaces it; nothing in a browser.
            (test, ast::Expression::StringLiteral(text))
            | (ast::Expression::StringLiteral(text), test)
                if is_member(test, "NEXT_RUNTIME")
                    && matches!(text.value.as_str(), "nodejs" | "edge") =>
            {
                Sides::SERVER
            }
            (test, ast::Expression::BooleanLiteral(value))
            | (ast::Expression::BooleanLiteral(value), test) => {
                let sides = self.sides(test);
                if value.value { sides } else { sides.not() }
            }
            _ => Sides::default(),
        };
        if is_equal { sides } else { sides.not() }
    }
}

/// Whether the functions that a call is given stay on the server, and then, whether what they give
/// back is sent to the client: those of TanStack Start and Qwik.
fn kept_on_server(it: &ast::CallExpression<'_>) -> Option<bool> {
    match inner(&it.callee) {
        ast::Expression::Identifier(callee) => match callee.name.as_str() {
            "server$" | "routeLoader$" | "routeAction$" | "globalAction$" => Some(true),
            "createServerOnlyFn" => Some(false),
            _ => None,
        },
        ast::Expression::StaticMemberExpression(callee) => {
            let maker = first_called(&callee.object)?;
            match (maker, callee.property.name.as_str()) {
                ("createServerFn", "handler") => Some(true),
                ("createMiddleware" | "createIsomorphicFn", "server") => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The options of a route of TanStack Start, of which `server` stays on the server:
/// `createFileRoute('/')({ … })`.
fn route_options<'a, 'b>(it: &'b ast::CallExpression<'a>) -> Option<&'b ast::ObjectExpression<'a>> {
    let maker = match inner(&it.callee) {
        ast::Expression::CallExpression(_) => first_called(&it.callee)?,
        ast::Expression::Identifier(callee) => callee.name.as_str(),
        _ => return None,
    };
    let is_maker = matches!(
        maker,
        "createFileRoute" | "createRootRoute" | "createRootRouteWithContext" | "createRoute"
    );
    match it.arguments.first().filter(|_| is_maker)?.as_expression().map(inner)? {
        ast::Expression::ObjectExpression(options) => Some(options),
        _ => None,
    }
}

/// The function that a chain of calls begins with: `f` of `f().a().b`.
fn first_called<'b>(it: &'b ast::Expression<'_>) -> Option<&'b str> {
    let mut at = inner(it);
    loop {
        match at {
            ast::Expression::CallExpression(call) => match inner(&call.callee) {
                ast::Expression::Identifier(callee) => return Some(callee.name.as_str()),
                callee => at = callee,
            },
            ast::Expression::StaticMemberExpression(member) => at = inner(&member.object),
            _ => return None,
        }
    }
}

/// An element without a name.
fn fragment(children: Vec<ExprId>) -> Expr {
    let (name, attributes) = (Box::default(), Vec::new());
    Expr::Element(Box::new(Element { name, tag: None, attributes, children }))
}

fn symbol_index(symbol: SymbolId) -> usize {
    symbol.index()
}

/// What a name says of the side that it holds on.
fn named_side(name: &str) -> Sides {
    if name == "isServer" { Sides::SERVER } else { Sides::default() }
}

fn branch(is_server: bool) -> ServerGuard {
    if is_server { ServerGuard::Branch } else { ServerGuard::None }
}

/// Without parentheses and casts.
fn inner<'a, 'b>(it: &'b ast::Expression<'a>) -> &'b ast::Expression<'a> {
    it.get_inner_expression()
}

fn is_server(directives: &[ast::Directive<'_>]) -> bool {
    directives.iter().any(|directive| directive.expression.value == "use server")
}

/// Whether a function does more than giving back.
fn has_statements(statements: &[ast::Statement<'_>]) -> bool {
    !matches!(statements, [] | [ast::Statement::ReturnStatement(_)])
}

/// Whether a statement leaves the function or the loop for sure.
fn leaves(statement: &ast::Statement<'_>) -> bool {
    match statement {
        ast::Statement::ReturnStatement(_) | ast::Statement::ThrowStatement(_) => true,
        ast::Statement::BlockStatement(it) => it.body.last().is_some_and(leaves),
        _ => false,
    }
}

fn is_import_meta(it: &ast::Expression<'_>) -> bool {
    matches!(inner(it), ast::Expression::ImportMeta(_))
}

/// Whether an expression is the member `name` of something.
fn is_member(it: &ast::Expression<'_>, name: &str) -> bool {
    matches!(inner(it), ast::Expression::StaticMemberExpression(it) if it.property.name == name)
}

/// Whether a chain of calls begins with one of `name`: `createApp(App).use(router)`.
fn has_call_of(it: &ast::Expression<'_>, name: &str) -> bool {
    let mut it = inner(it);
    loop {
        let ast::Expression::CallExpression(call) = it else { return false };
        match inner(&call.callee) {
            ast::Expression::Identifier(callee) => return callee.name == name,
            ast::Expression::StaticMemberExpression(callee) => {
                if callee.property.name == name {
                    return true;
                }
                it = inner(&callee.object);
            }
            _ => return false,
        }
    }
}

/// A string that is known as it is written.
fn literal(it: &ast::Expression<'_>) -> Option<String> {
    match inner(it) {
        ast::Expression::StringLiteral(it) => Some(it.value.to_string()),
        ast::Expression::TemplateLiteral(it) if it.expressions.is_empty() => prefix_of(it),
        _ => None,
    }
}

fn prefix_of(it: &ast::TemplateLiteral<'_>) -> Option<String> {
    Some(it.quasis.first()?.value.cooked.as_ref()?.to_string())
}

/// What an expression of a string begins with.
fn prefix(it: &ast::Expression<'_>) -> Option<String> {
    let mut it = inner(it);
    while let ast::Expression::BinaryExpression(sum) = it {
        if sum.operator != BinaryOperator::Addition {
            return None;
        }
        it = inner(&sum.left);
    }
    match it {
        ast::Expression::TemplateLiteral(it) => prefix_of(it),
        other => literal(other),
    }
}

fn by_prefix(it: &ast::Expression<'_>, kind: ImportKind) -> Option<Loaded> {
    if let Some(specifier) = literal(it) {
        return Some(Loaded { specifiers: vec![specifier], kind, is_value: true });
    }
    let prefix = prefix(it).filter(|prefix| prefix.contains('/'))?;
    Some(Loaded { specifiers: vec![prefix], kind: ImportKind::Glob, is_value: true })
}

fn imported_by(it: &ast::ImportExpression<'_>) -> Option<Loaded> {
    by_prefix(&it.source, ImportKind::Dynamic)
}

/// The patterns of `import.meta.glob`; behind those of which texts are taken stands `?raw`.
fn globs(it: &ast::Expression<'_>, is_text: bool) -> Vec<String> {
    let patterns = match inner(it) {
        ast::Expression::ArrayExpression(it) => {
            it.elements.iter().filter_map(|one| literal(one.as_expression()?)).collect()
        }
        other => literal(other).into_iter().collect::<Vec<_>>(),
    };
    patterns
        .into_iter()
        .filter(|pattern| !pattern.starts_with('!'))
        .map(|mut pattern| {
            // Of these, all is taken that begins as they do.
            if pattern.contains(['[', '?']) {
                pattern.truncate(pattern.find(['*', '{', '[', '?']).unwrap_or(pattern.len()));
            }
            if is_text {
                pattern.push_str("?raw");
            }
            pattern
        })
        .collect()
}

/// Whether the options of `import.meta.glob` ask for texts or addresses: `{ query: '?raw' }`,
/// `{ as: 'url' }`.
fn takes_texts(it: &ast::CallExpression<'_>) -> bool {
    let options = it.arguments.get(1).and_then(|argument| argument.as_expression()).map(inner);
    let Some(ast::Expression::ObjectExpression(options)) = options else { return false };
    options.properties.iter().any(|property| {
        let ast::ObjectPropertyKind::ObjectProperty(property) = property else { return false };
        let is_meant = matches!(property.key.static_name().as_deref(), Some("query" | "as"));
        let value = literal(&property.value).filter(|_| is_meant);
        value.is_some_and(|it| matches!(it.trim_start_matches('?'), "raw" | "url"))
    })
}

fn attribute_name(name: &ast::JSXAttributeName<'_>) -> Arc<str> {
    match name {
        ast::JSXAttributeName::Identifier(it) => it.name.as_str().into(),
        ast::JSXAttributeName::NamespacedName(it) => {
            format!("{}:{}", it.namespace.name, it.name.name).into()
        }
    }
}

/// `my-comp` as `myComp` or `MyComp`.
fn camel(name: &str, is_upper: bool) -> String {
    let mut is_upper = is_upper;
    let mut made = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter == '-' {
            is_upper = true;
        } else if is_upper {
            made.extend(letter.to_uppercase());
            is_upper = false;
        } else {
            made.push(letter);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::js::markup::units;

    fn module(path: &str, text: &str, depth: ParseDepth) -> Module {
        let units = units(path, text);
        ModuleParser::new(0).parse(&units[0], depth)
    }

    /// What a module has, in a line for each thing.
    fn shape(path: &str, text: &str) -> String {
        let module = module(path, text, ParseDepth::Shape);
        let mut lines = Vec::new();
        for directive in &module.directives {
            lines.push(format!("'{}'", directive.text));
        }
        for import in &module.imports {
            let erased = match import.erased {
                Erased::No => "",
                Erased::Type => " type",
                Erased::Unused => " unused",
            };
            lines.push(format!("{:?} {}{erased}", import.kind, import.specifier));
        }
        let name = |binding: usize| match binding {
            MODULE_INIT => "*",
            other => &*module.bindings[other].name,
        };
        for binding in &module.bindings {
            let mut line = if binding.name.is_empty() { "*" } else { &*binding.name }.to_owned();
            if let BindingTarget::Imported { import, name } = &binding.target {
                line += &match name {
                    Imported::Name(name) => format!(" = {name} of {import}"),
                    Imported::All => format!(" = {import}"),
                };
            }
            for import in &binding.imports {
                line += &format!(" <{import}>");
            }
            for used in &binding.uses {
                let member = used.member.as_ref().map_or(String::new(), |name| format!(".{name}"));
                let guard = match used.guard {
                    ServerGuard::None => "",
                    ServerGuard::Branch => "?",
                    ServerGuard::Function => "!",
                };
                line += &format!(" {}{member}{guard}", name(used.binding));
            }
            if line != "*" {
                lines.push(line);
            }
        }
        for export in &module.exports {
            lines.push(match &export.source {
                ExportSource::Binding(binding) => {
                    format!("export {} {}", export.name, name(*binding))
                }
                ExportSource::Import { import, name: Imported::Name(name) } => {
                    format!("export {} {name} of {import}", export.name)
                }
                ExportSource::Import { import, name: Imported::All } => {
                    format!("export {} {import}", export.name)
                }
            });
        }
        if module.page_call.is_some() {
            lines.push("page".to_owned());
        }
        if let Some(fault) = &module.fault {
            lines.push(format!("fault {}", fault.message));
        }
        lines.join("; ")
    }

    #[track_caller]
    fn assert_shapes(path: &str, cases: &[(&str, &str)]) {
        let wrong: Vec<String> = cases
            .iter()
            .filter_map(|(text, expected)| {
                let found = shape(path, text);
                (found != *expected)
                    .then(|| format!("{text}\n  found    {found}\n  expected {expected}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn only_a_prologue_has_directives() {
        assert_shapes(
            "a.js",
            &[
                ("'use client'; \"x\"", "'use client'; 'x'"),
                ("// hello\n'use client'", "'use client'"),
                ("f(); 'use client'", ""),
                ("('use client')", ""),
                ("const a = 'use client'", "a"),
            ],
        );
    }

    #[test]
    fn imports_are_found_by_any_means() {
        assert_shapes(
            "a.ts",
            &[
                ("import './a'", "Static ./a"),
                ("import a from './a'; a()", "Static ./a; * a; a = default of 0"),
                ("import { a as b } from './a'; b()", "Static ./a; * b; b = a of 0"),
                ("import * as a from './a'; a.x()", "Static ./a; * a.x; a = 0"),
                ("import * as a from './a'; f(a)", "Static ./a; * a; a = 0"),
                (
                    "import * as a from './a'; const { x, y: z } = a",
                    "Static ./a; a = 0; x a.x a.y; z x",
                ),
                ("import { a } from './a'", "Static ./a unused; a = a of 0"),
                ("import { a } from './a'; let b: a", "Static ./a unused; a = a of 0; b"),
                ("import type { a } from './a'", "Static ./a type"),
                ("import { type a, type b } from './a'", "Static ./a unused"),
                ("import { type a, b } from './a'; b()", "Static ./a; * b; b = b of 0"),
                ("export type { a } from './a'", "Static ./a type"),
                ("export type * from './a'", "Static ./a type"),
                ("export { type a } from './a'", "Static ./a unused"),
                ("export { a as b } from './a'", "Static ./a; export b a of 0"),
                ("export * from './a'", "Static ./a; export * 0"),
                ("export * as a from './a'", "Static ./a; export a 0"),
                ("import a = require('./a'); a.b()", "Require ./a; * a.b; a = 0 <0>"),
                ("import a = require('./a')", "Require ./a unused; a = 0 <0>"),
                ("type a = typeof import('./a')", ""),
                ("import('./a')", "Dynamic ./a; * <0>"),
                ("const f = () => import(`./a`)", "Dynamic ./a; f <0>"),
                ("import(`./a/${b}.js`)", "Glob ./a/; * <0>"),
                ("import('./a/' + b)", "Glob ./a/; * <0>"),
                ("import(b)", ""),
                ("const a = await import('./a'); a.b", "Dynamic ./a; * a.b; a = 0 <0>"),
                ("const { a } = await import('./a')", "Dynamic ./a; * a; a = a of 0 <0>"),
                ("require('./a')", "Require ./a; * <0>"),
                ("const a = require('./a'); a.b()", "Require ./a; * a.b; a = 0 <0>"),
                (
                    "const { a, b: c } = require('./a')",
                    "Require ./a; a = a of 0 <0>; c = b of 0 <0> a",
                ),
                ("const a = require('./a').b", "Require ./a; * a; a = b of 0 <0>"),
                ("function f(require) { require('./a') }", "f"),
                ("const a = import.meta.glob('./a/*.ts')", "Glob ./a/*.ts; a <0>"),
                (
                    "import.meta.glob(['./a/*.ts', '!./b', './c/**'])",
                    "Glob ./a/*.ts; Glob ./c/**; * <0> <1>",
                ),
                ("require.context('./a', true)", "Glob ./a/; * <0>"),
                ("new Worker(new URL('./w', import.meta.url))", "Worker ./w; * <0>"),
                ("new SharedWorker('/w.js')", "Worker /w.js; * <0>"),
                ("navigator.serviceWorker.register('/sw.js')", "Worker /sw.js; * <0>"),
                ("new URL('./a.png', import.meta.url)", "Asset ./a.png; * <0>"),
                ("importScripts('a.js', 'b.js')", "Require a.js; Require b.js; * <0> <1>"),
            ],
        );
    }

    #[test]
    fn javascript_keeps_unused_imports() {
        assert_shapes("a.js", &[("import { a } from './a'", "Static ./a; a = a of 0")]);
    }

    #[test]
    fn bindings_use_one_another() {
        assert_shapes(
            "a.tsx",
            &[
                ("const a = 1, b = a", "a; b a"),
                ("f(a); const a = 1; function f(x) { return x + a }", "* f a; a; f a"),
                ("const { a, b: [c], ...d } = e, e = 1", "a e; c a; d a; e"),
                ("const a = 1; function f(a) { return a }", "a; f"),
                ("class A extends B { x = c } class B {} const c = 1", "A B c; B; c"),
                ("enum A { X = b } const b = 1", "A b; b"),
                ("const A = () => 1; const B = () => <A x={c}/>; const c = 1", "A; B A c; c"),
                ("import * as ui from 'ui'; const B = () => <ui.A/>", "Static ui; ui = 0; B ui.A"),
                ("const a = 1; interface I { x: typeof a }", "a"),
                ("let a; a = b; const b = 1", "a b; b"),
                ("let a; a = f(); function f() {}", "* a; a f; f"),
                ("function P() {} P.getInitialProps = () => k; const k = 1", "P k; k"),
                ("const a = f(b); const b = 1", "* a; a b; b"),
                ("const a = f(); const b = a", "a; b a"),
            ],
        );
    }

    #[test]
    fn exports_name_their_bindings() {
        assert_shapes(
            "a.js",
            &[
                ("export const a = 1, { b } = c", "a; b; export a a; export b b"),
                ("export default function f() {}", "f; export default f"),
                (
                    "export default function () { a } const a = 1",
                    "a; default a; export default default",
                ),
                ("const a = 1; export default a", "a; default a; export default default"),
                ("export default class {}", "default; export default default"),
                ("const a = 1; export { a as b, a as default }", "a; export b a; export default a"),
                ("import { a } from './a'; export { a }", "Static ./a; a = a of 0; export a a"),
                ("module.exports = 1", "default; export default default"),
                (
                    "module.exports = { a, b: 1 }; const a = 1",
                    "a; default a; export default default; export a a; export b default",
                ),
                (
                    "exports.a = b; module.exports.c = 1; const b = 1",
                    "b; a b; c; export a a; export c c",
                ),
                (
                    "module.exports = require('./a')",
                    "Require ./a; default <0>; export default default; export * 0",
                ),
                ("function f(module) { module.exports = 1 }", "f"),
            ],
        );
    }

    #[test]
    fn guards_tell_servers() {
        for test in [
            "import.meta.server",
            "process.server",
            "import.meta.env.SSR",
            "typeof window === 'undefined'",
            "typeof window == \"undefined\"",
            "'undefined' === typeof document",
            "!(typeof window !== 'undefined')",
            "!import.meta.client",
            "!process.browser",
            "x && import.meta.server",
            "import.meta.env.SSR === true",
            "isServer",
        ] {
            let text = format!(
                "const isServer = typeof window === 'undefined'; if ({test}) k; const k = 1"
            );
            assert!(shape("a.js", &text).contains("k?"), "{test}");
        }
        for test in ["x || import.meta.server", "import.meta.client", "x", "!import.meta.server"] {
            let text = format!("if ({test}) k; const k = 1");
            assert!(!shape("a.js", &text).contains("k?"), "{test}");
        }
        assert_shapes(
            "a.js",
            &[
                ("const a = import.meta.server ? k : j, k = 1, j = 1", "a k? j; k; j"),
                ("const a = () => import.meta.client && k, k = 1", "a k; k"),
                ("const a = () => import.meta.server && k, k = 1", "a k?; k"),
                ("const a = () => import.meta.client || k, k = 1", "a k?; k"),
                ("if (import.meta.client) j; else k; const k = 1, j = 1", "* j k?; k; j"),
                ("function f() { if (import.meta.client) return; k } const k = 1", "f k?; k"),
                ("if (import.meta.server) k; k; const k = 1", "* k; k"),
                ("async function f() { 'use server'; k } const k = 1", "f k!; k"),
                (
                    "import { browser } from '$app/environment'; if (!browser) k; const k = 1",
                    "Static $app/environment; * browser k?; browser = browser of 0; k",
                ),
            ],
        );
    }

    #[test]
    fn pages_are_told_by_what_only_they_call() {
        assert_shapes(
            "a.js",
            &[
                ("createRoot(x)", "page"),
                ("function f() { ReactDOM.render(x) }", "f; page"),
                ("createApp(x).use(y).mount('#a')", "page"),
                ("customElements.define('a', A)", "page"),
                ("document.title = 1", "page"),
                ("function f() { document.title }", "f"),
                ("if (typeof document === 'undefined') document.x", ""),
                ("const document = {}; document.x", "* document; document"),
            ],
        );
    }

    #[test]
    fn faults_hold_no_text() {
        let module = module("a.ts", "const secret secret = ", ParseDepth::Shape);
        let fault = module.fault.expect("it is no TypeScript");
        assert!(!fault.message.contains("secret"), "{}", fault.message);
        assert_eq!(
            without_quotes("Expected `a` but found \"b\" here"),
            "Expected … but found … here"
        );
    }

    #[test]
    fn hostile_nesting_is_refused_or_read() {
        let pieces = [
            ("(", ")"),
            ("[", "]"),
            ("{", "}"),
            ("!", ""),
            ("a+", ""),
            ("<a>", "</a>"),
            ("`${", "}`"),
            ("a?b:", ""),
            ("if(a)", ""),
            ("a=>", ""),
            ("a.", ""),
            ("a(", ")"),
            ("new ", ""),
            ("({a=", "})"),
            ("a<", ""),
            ("namespace a{", "}"),
            ("else ", ""),
            ("a:", ""),
            ("'", ""),
            ("\"(", ""),
            ("/", ""),
            ("/*(", ""),
            ("typeof ", ""),
            ("@a(", ")"),
            ("a![0]", ""),
        ];
        for (open, close) in pieces {
            for count in [300, 3000, 1_000_000 / open.len()] {
                let text = open.repeat(count) + "a" + &close.repeat(count);
                for path in ["a.tsx", "a.js"] {
                    module(path, &text, ParseDepth::Body);
                }
            }
        }
    }

    #[test]
    fn what_may_be_read_in_many_ways_is_refused() {
        let pieces = [
            "a?(b):c=>",
            "a ?\n(b, c): d => ",
            "a?async(b):c=>",
            "(a?(b):c=>",
            "x=<T>(y)=>",
            "(a=b)=>",
            "(a=b):c=>",
        ];
        for piece in pieces {
            for (count, is_read) in [(3, true), (20_000, false)] {
                let is_open = piece.matches('(').count() > piece.matches(')').count();
                let close = if is_open { ")".repeat(count) } else { String::new() };
                let text = piece.repeat(count) + "a" + &close;
                let module = module("a.ts", &text, ParseDepth::Body);
                assert_eq!(module.fault.is_none(), is_read, "{piece} {count}");
            }
        }
        let many = "x = a ? (b) : c;\n".repeat(MOST_GUESSES);
        assert!(module("a.tsx", &many, ParseDepth::Body).fault.is_none());
        let texts = "'?(', a?.b, a ?? b, // ?(\n".repeat(3 * MOST_GUESSES);
        assert!(module("a.ts", &format!("x = [{texts}]"), ParseDepth::Body).fault.is_none());
        let script = "x = a ? (b) : c;\n".repeat(3 * MOST_GUESSES);
        assert!(module("a.js", &script, ParseDepth::Body).fault.is_none());
    }

    #[test]
    fn components_use_what_their_templates_name() {
        let cases = [
            (
                "a.vue",
                "<script setup>import MyBox from './b'; const a = 1, b = 2</script><template><my-box :x=\"a\"/>{{ b }}</template>",
                "Static ./b; * a b MyBox; MyBox = default of 0; a; b; export default *",
            ),
            (
                "b.vue",
                "<template><p @click=\"f(); g()\" v-for=\"x in xs\">{{ a | b }}</p></template><script>const f = 1, g = 1, xs = 1; export default { x: f }</script>",
                "* f g xs default; f; g; xs; default f; export default default",
            ),
            (
                "c.svelte",
                "<script context=\"module\">export const m = 1</script><script>import B from './B.svelte'; let a, b, c, d</script>{#each a as x (x.id)}<B {b} {...c} on:click={() => m}>{x}</B>{:else}{@html d}{/each}",
                "Static ./B.svelte; * a b c m d B; m; B = default of 0; a; b; c; d; export m m; export default *",
            ),
            (
                "d.astro",
                "---\nimport B from './B'\nconst a = 1, b = 2, c = 3\nif (a) return b\n---\n<B client:load x={b}/><br>{a && <p title={c}>it's {b} <b/></p>}",
                "Static ./B; * a b c B; B = default of 0; a; b; c; export default *",
            ),
            (
                "h.svelte",
                "<script>import { store } from './s'; $: a = $store; $: ({ b } = a)</script>{$store}{a}",
                "Static ./s; * a store; store = store of 0; a store; export default *",
            ),
            ("e.svelte", "<script>const a = 1</script>{a b}{a}<p x={a", "* a; a; export default *"),
            (
                "f.html",
                "<script src=a.js></script><script>x</script>",
                "Script a.js; InlineScript(0) ",
            ),
            (
                "g.vue",
                "<template>{{ ( }}{{ a }}</template><script setup>const a = 1</script>",
                "* a; a; export default *",
            ),
        ];
        for (path, text, expected) in cases {
            assert_eq!(shape(path, text), expected, "{text}");
        }
    }

    #[test]
    fn islands_and_holes_tell_what_a_template_shows() {
        let text = "---\nimport * as ui from './ui'\nconst a = 1\n---\n<ui.B client:visible x={a} {...a} y=`b${a}`/><p set:html={a}>{a}{[1].map(() => <i title={a}/>)}</p>";
        let module = module("a.astro", text, ParseDepth::Body);
        let island = &module.islands[0];
        assert_eq!((&*island.directive, island.member.as_deref()), ("client:visible", Some("B")));
        let body = module.body.expect("asked for");
        let holes: Vec<String> = body
            .holes
            .iter()
            .map(|hole| {
                let attribute = hole.attribute.as_deref().unwrap_or_default();
                let client = hole.client.as_deref().unwrap_or_default();
                let value = match &body.nodes[hole.value as usize].expr {
                    Expr::Symbol(symbol) => body.symbols[*symbol as usize].name.to_string(),
                    Expr::Concat(_) => "+".to_owned(),
                    Expr::Call { .. } => "()".to_owned(),
                    other => format!("{other:?}"),
                };
                format!("{} {attribute} {client} {value}", hole.tag)
            })
            .collect();
        assert_eq!(
            holes,
            [
                "ui.B x client:visible a",
                "ui.B ... client:visible a",
                "ui.B y client:visible +",
                "p set:html  a",
                "   a",
                "   ()",
                "i title  a",
            ]
        );
    }

    /// An expression in a few letters.
    fn written(body: &Body, id: ExprId) -> String {
        let list =
            |ids: &[ExprId]| ids.iter().map(|id| written(body, *id)).collect::<Vec<_>>().join(" ");
        let properties = |all: &[Property]| {
            let one = |property: &Property| {
                let value = written(body, property.value);
                match &property.key {
                    PropertyKey::Name(name) => format!("{name}:{value}"),
                    PropertyKey::Computed(key) => format!("[{}]:{value}", written(body, *key)),
                    PropertyKey::Spread => format!("...{value}"),
                }
            };
            all.iter().map(one).collect::<Vec<_>>().join(" ")
        };
        match &body.nodes[id as usize].expr {
            Expr::Text(text) => format!("'{text}'"),
            Expr::Literal(text) => text.to_string(),
            Expr::Concat(ids) => format!("+({})", list(ids)),
            Expr::Symbol(symbol) => body.symbols[*symbol as usize].name.to_string(),
            Expr::Global(name) => format!("@{name}"),
            Expr::Member(object, name) => format!("{}.{name}", written(body, *object)),
            Expr::Index(object, index) => {
                format!("{}[{}]", written(body, *object), written(body, *index))
            }
            Expr::Call { callee, arguments, is_new } => {
                let new = if *is_new { "new " } else { "" };
                format!("{new}{}({})", written(body, *callee), list(arguments))
            }
            Expr::Object(all) => format!("{{{}}}", properties(all)),
            Expr::Array(ids) => format!("[{}]", list(ids)),
            Expr::Spread(id) => format!("...{}", written(body, *id)),
            Expr::Function(function) => {
                let function = &body.functions[*function as usize];
                format!("{}=>{}", function.name, list(&function.returns))
            }
            Expr::Union(ids) => format!("?({})", list(ids)),
            Expr::Element(element) => {
                let Element { name, tag, attributes, children } = &**element;
                let tag = tag.map_or(String::new(), |tag| format!("={}", written(body, tag)));
                format!("<{name}{tag} {}>{}", properties(attributes), list(children))
            }
            Expr::ImportMeta => "meta".to_owned(),
            Expr::Import(import) => format!("import {import}"),
            Expr::RegExp(text) => format!("/{text}/"),
            Expr::Other => "_".to_owned(),
        }
    }

    /// What the name `x` is: its value, the way to it, its default, what is assigned to it.
    fn value(text: &str) -> String {
        let body = module("a.tsx", text, ParseDepth::Body).body.expect("asked for");
        let symbol = body.symbols.iter().find(|symbol| &*symbol.name == "x").expect("has an x");
        let way = |path: &[Box<str>], default: Option<ExprId>| {
            let mut way: String = path.iter().map(|step| format!(" .{step}")).collect();
            if let Some(default) = default {
                way += &format!(" = {}", written(&body, default));
            }
            way
        };
        let mut line = match &symbol.value {
            SymbolValue::Init { expr, path, default } => {
                written(&body, *expr) + &way(path, *default)
            }
            SymbolValue::Parameter { function, index, path, default } => {
                let function = &body.functions[*function as usize].name;
                format!("{function}#{index}{}", way(path, *default))
            }
            SymbolValue::Function(function) => {
                let function = &body.functions[*function as usize];
                let returns: Vec<_> =
                    function.returns.iter().map(|id| written(&body, *id)).collect();
                let more = if function.has_statements { " more" } else { "" };
                format!("{}=>{}{more}", function.name, returns.join(" "))
            }
            SymbolValue::Import => "import".to_owned(),
            SymbolValue::Unknown => "?".to_owned(),
        };
        for id in &symbol.assigned {
            line += &format!(", {}", written(&body, *id));
        }
        line
    }

    #[test]
    fn values_are_what_they_were_given() {
        for (text, expected) in [
            ("const x = 'a\\u0062'", "'ab'"),
            ("const x = `a\\n`", "'a\n'"),
            ("const x = `a${b}c`", "+('a' @b 'c')"),
            ("const x = 'a' + b + ('c' + 1)", "+('a' @b +('c' 1))"),
            ("const x = a.b?.c['d']", "@a.b.c['d']"),
            ("const x = a.concat('b', ...c)", "@a.concat('b' ...@c)"),
            ("const x = new A(b as any)!", "new @A(@b)"),
            ("const x = (await a) satisfies B", "@a"),
            (
                "const x = { a, 'b-c': 1, [d]: 2, ...e, f() { return 3 }, get g() { return 4 } }",
                "{a:@a b-c:1 [@d]:2 ...@e f:f=>3 g:g=>4}",
            ),
            ("const x = [1, , ...a]", "[1 _ ...@a]"),
            ("const x = a ? b : c", "?(@b @c)"),
            ("const x = a || b || c", "?(@a @b @c)"),
            ("const x = !a", "_"),
            ("const x = void 0, y = -1", "undefined"),
            ("const x = () => a", "x=>@a"),
            ("const x = process.env.A", "@process.env.A"),
            ("const x = import.meta.env.A", "meta.env.A"),
            ("const x = import('./a')", "import 0"),
            ("const x = String.raw`a${b}`", "@String.raw(+('a' @b))"),
            ("const x = <A b='c' {...d} e>f{g}<></></A>", "<A=@A b:'c' ...@d e:_>'f' @g < >"),
            ("import x from 'x'", "import"),
            ("const x = require('x')", "import"),
            ("const { a: { x = 1 } } = b", "@b .a .x = 1"),
            ("const [, x] = b", "@b .1"),
            ("const { a, ...x } = b", "{...@b a:undefined}"),
            ("for (const x of a);", "@a[_]"),
            ("function f(a, { x = 1 } = {}) {}", "f#1 .x = 1"),
            ("const f = ({ a, ...x }) => x", "?"),
            ("function x() { return 1 }", "x=>1"),
            ("function x() { if (a) return 1; return 2 }", "x=>1 2 more"),
            ("let x; x = 1; x += 2", "?, 1, +(x 2)"),
            ("let x = 1; ({ a: x } = b)", "1, @b.a"),
            ("let x = 1; [x] = b", "1, @b.0"),
            ("let x = 1; x ||= 2; x++", "1, 2, _"),
            ("enum x { A = 'b' }", "{A:'b'}"),
            ("class x { f() {} }", "{}"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn assignments_to_members_are_kept() {
        let text = "module.exports = 1; a.b = 2; class C { c = 3; d() { this.e = 4 } }";
        let body = module("a.js", text, ParseDepth::Body).body.expect("asked for");
        let assigned: Vec<String> = body
            .assignments
            .iter()
            .map(|(target, value)| {
                format!("{} {}", written(&body, *target), written(&body, *value))
            })
            .collect();
        assert_eq!(assigned, ["@module.exports 1", "@a.b 2", "@this.c 3", "@this.e 4"]);
    }

    #[test]
    fn contexts_tell_where_an_expression_stands() {
        let text = "const a = () => { 'use server'; return 'x' }; if (import.meta.server) f('y')";
        let module = module("a.js", text, ParseDepth::Body);
        let body = module.body.as_ref().expect("asked for");
        let context = |text: &str| {
            let is_it = |node: &&ExprNode| matches!(&node.expr, Expr::Text(own) if &**own == text);
            let node = body.nodes.iter().find(is_it).expect("it is there");
            assert_eq!(module.owner(node.span), body.contexts[node.context as usize].binding);
            body.contexts[node.context as usize]
        };
        let expected = Context { binding: 1, function: Some(0), guard: ServerGuard::Function };
        assert_eq!(context("x"), expected);
        let expected = Context { binding: MODULE_INIT, function: None, guard: ServerGuard::Branch };
        assert_eq!(context("y"), expected);
    }
}
