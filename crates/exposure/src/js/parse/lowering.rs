//! The state of lowering one syntax tree: the module so far, and the position in the tree.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use oxc_ast::ast;
use oxc_semantic::Scoping;
use oxc_syntax::symbol::SymbolId;

use crate::js::conventions::CodeConventions;
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{
    Binding, BindingTarget, BindingUse, Body, Context, Erased, Export, ExportSource, Expr, ExprId,
    ExprNode, FreeName, ImportKind, Imported, MODULE_INIT, Module, ModuleImport, ParseDepth,
    SourceLanguage, Span, Symbol, SymbolValue,
};
use crate::js::markup::module_source::{MarkupLink, ModuleSource};
use crate::js::parse::branch_guards::BranchGuards;
use crate::js::parse::syntax::{inner, offset, span, symbol_index};

/// Lowers one syntax tree to a module.
pub(super) struct Lowering<'w> {
    /// The text that is lowered.
    pub(super) source: &'w ModuleSource<'w>,
    /// Names to which frameworks give a meaning.
    pub(super) conventions: &'w CodeConventions,
    /// The symbols of the names in it.
    pub(super) scoping: &'w Scoping,
    /// The module so far.
    pub(super) module: Module,
    /// Its expressions so far, if they were asked for.
    pub(super) body: Option<Body>,
    /// The top-level binding of each symbol.
    pub(super) bindings: Vec<Option<usize>>,
    /// The imports of calls that were added early, with their declaration, by the first byte of the
    /// call.
    pub(super) calls: HashMap<u32, usize, RandomState>,
    /// The index of each use among those of its binding.
    pub(super) uses: HashMap<(usize, usize, Option<Box<str>>), usize, RandomState>,
    /// The index of each context of the body.
    pub(super) contexts: HashMap<Context, u32, RandomState>,
    /// The top-level symbols of a component, by name.
    pub(super) names: HashMap<Box<str>, usize, RandomState>,
    /// The names exported so far.
    pub(super) exported: HashSet<Box<str>, RandomState>,
    /// Constants that tell the side or the mode.
    pub(super) constants: HashMap<SymbolId, BranchGuards, RandomState>,
    /// The names of `Platform` of React Native.
    pub(super) platforms: Vec<SymbolId>,
    /// The first byte of the object that `Platform.select` gets, while it is expected.
    pub(super) platform_choice: Option<u32>,
    /// The first byte of an `import(…)`, and the only exports of its module that are used, while it is
    /// expected.
    pub(super) taken_exports: Option<(u32, Vec<String>)>,
    /// The first byte of the call that is the current statement, of which nothing uses the result.
    pub(super) unused_call: Option<u32>,
    /// The members that are read of the one that the expression at a place is.
    pub(super) inner_members: Option<(oxc_span::Span, String)>,
    /// Set within a statement with a label.
    pub(super) in_label: bool,
    /// For each symbol, the weakest guard under which it is named.
    pub(super) named_under: Vec<Option<Guard>>,
    /// The index of each name that nothing declares, by the binding that names it.
    pub(super) free: HashMap<(usize, Box<str>), usize, RandomState>,
    /// The bindings with parts.
    pub(super) split: HashSet<usize, RandomState>,
    /// The bindings of properties, by the first byte of the property.
    pub(super) part_at: HashMap<u32, usize, RandomState>,
    /// The constants of functions, and the first and last of the expressions of their values.
    pub(super) local_constants: Vec<(usize, ExprId, ExprId)>,
    /// The top-level binding around the current position.
    pub(super) owner: usize,
    /// The guard of the current position.
    pub(super) guard: Guard,
    /// True within the name of a tag.
    pub(super) is_in_tag: bool,
    /// The function around the current position, if expressions are lowered.
    pub(super) function: Option<u32>,
    /// The number of functions around the current position.
    pub(super) function_depth: u32,
    /// The results of each of these functions so far.
    pub(super) returns: Vec<Vec<ExprId>>,
    /// The operands of `throw` so far, of each of these functions and of blocks whose errors are caught.
    pub(super) throws: Vec<Vec<ExprId>>,
    /// The context of the current position, once it is needed.
    pub(super) context: Option<u32>,
    /// Set if anything lowered since this was cleared makes a call when the module is loaded.
    pub(super) runs: bool,
    /// The value of each slot of the template.
    pub(super) slots: Vec<Option<ExprId>>,
    /// The slots that have been entered.
    pub(super) slot_is_open: Vec<bool>,
    /// The first byte of options of which a property stays on the server, while they are expected,
    /// and that property.
    pub(super) server_option: Option<(u32, &'static str)>,
    /// The call `super(…)` of the class around the current position.
    pub(super) super_call: Option<ExprId>,
    /// Set before the constructor of a class is lowered whose objects an injector makes.
    pub(super) is_injected: bool,
}

/// Globals that are in most modules and that nothing imports.
const GLOBALS: [&str; 16] = [
    "Array",
    "Boolean",
    "Error",
    "JSON",
    "Math",
    "Number",
    "Object",
    "Promise",
    "String",
    "console",
    "document",
    "module",
    "process",
    "require",
    "undefined",
    "window",
];

/// Approximate bytes of source for an expression, to reserve memory.
const BYTES_A_NODE: usize = 16;

impl<'w> Lowering<'w> {
    /// A lowering at the start of a module.
    pub(super) fn new(
        source: &'w ModuleSource<'w>,
        scoping: &'w Scoping,
        depth: ParseDepth,
        conventions: &'w CodeConventions,
    ) -> Self {
        let body = match depth {
            ParseDepth::Shape => None,
            ParseDepth::Body => Some(Body {
                nodes: Vec::with_capacity(source.text.len() / BYTES_A_NODE),
                symbols: scoping
                    .symbol_ids()
                    .map(|id| Symbol {
                        name: scoping.symbol_name(id).into(),
                        span: span(scoping.symbol_span(id)),
                        binding: None,
                        value: SymbolValue::Unknown,
                        assigned: Vec::new(),
                        added: Vec::new(),
                    })
                    .collect(),
                ..Body::default()
            }),
        };
        Self {
            source,
            conventions,
            scoping,
            module: Module { bindings: vec![init_binding()], ..Module::default() },
            body,
            bindings: vec![None; scoping.symbols_len()],
            calls: HashMap::default(),
            uses: HashMap::default(),
            contexts: HashMap::default(),
            names: HashMap::default(),
            exported: HashSet::default(),
            constants: HashMap::default(),
            platforms: Vec::new(),
            platform_choice: None,
            taken_exports: None,
            unused_call: None,
            inner_members: None,
            in_label: false,
            named_under: vec![None; scoping.symbols_len()],
            free: HashMap::default(),
            split: HashSet::default(),
            part_at: HashMap::default(),
            local_constants: Vec::new(),
            owner: MODULE_INIT,
            guard: Guard::None,
            is_in_tag: false,
            function: None,
            function_depth: 0,
            returns: Vec::new(),
            throws: Vec::new(),
            context: None,
            runs: false,
            slots: vec![None; source.slots.len()],
            slot_is_open: vec![false; source.slots.len()],
            server_option: None,
            super_call: None,
            is_injected: false,
        }
    }

    /// The symbol of a name, unless it is global.
    pub(super) fn symbol(&self, it: &ast::IdentifierReference<'_>) -> Option<SymbolId> {
        self.scoping.get_reference(it.reference_id.get()?).symbol_id()
    }

    /// The symbol of a name, also of one that only Svelte knows: `$store` is the value of `store`,
    /// and `$: a = b` declares `a`.
    pub(super) fn resolve(&self, it: &ast::IdentifierReference<'_>) -> Option<usize> {
        if let Some(symbol) = self.symbol(it) {
            return Some(symbol_index(symbol));
        }
        let name = it.name.as_str();
        let known = self.names.get(name).or_else(|| self.names.get(name.strip_prefix('$')?));
        known.copied()
    }

    /// True if an expression is the global `name`.
    pub(super) fn is_global(&self, it: &ast::Expression<'_>, name: &str) -> bool {
        matches!(inner(it), ast::Expression::Identifier(it) if it.name == name && self.symbol(it).is_none())
    }

    /// Adds a use of one binding by another; the least guarded use counts.
    pub(super) fn use_from(
        &mut self,
        owner: usize,
        binding: usize,
        member: Option<&str>,
        at: Span,
        guard: Guard,
    ) {
        self.add_use(owner, (binding, member), at, guard, !self.is_in_tag);
    }

    /// Adds a use of one binding by another that does nothing with its value.
    pub(super) fn run_from(
        &mut self,
        owner: usize,
        binding: usize,
        member: Option<&str>,
        at: Span,
        guard: Guard,
    ) {
        self.add_use(owner, (binding, member), at, guard, false);
    }

    fn add_use(
        &mut self,
        owner: usize,
        (binding, member): (usize, Option<&str>),
        at: Span,
        guard: Guard,
        takes_value: bool,
    ) {
        if owner == binding {
            return;
        }
        let has_members = match &self.module.bindings[binding].target {
            BindingTarget::Imported { .. } => true,
            BindingTarget::Local => self.split.contains(&binding),
        };
        let member = member.filter(|_| has_members);
        let uses = &mut self.module.bindings[owner].uses;
        let known =
            *self.uses.entry((owner, binding, member.map(Box::from))).or_insert_with(|| {
                uses.push(BindingUse {
                    binding,
                    member: member.map(str::to_owned),
                    span: at,
                    guard,
                    takes_value,
                });
                uses.len() - 1
            });
        uses[known].takes_value |= takes_value;
        let both = guard.either(uses[known].guard);
        if both != uses[known].guard {
            uses[known].guard = both;
            uses[known].span = at;
        }
    }

    /// Adds a name that nothing declares; the least guarded place counts.
    pub(super) fn use_free(&mut self, name: &str, at: Span) {
        if GLOBALS.contains(&name) {
            return;
        }
        let (binding, guard, all) = (self.owner, self.guard, &mut self.module.free);
        let known = *self.free.entry((binding, name.into())).or_insert_with(|| {
            all.push(FreeName { name: name.into(), binding, span: at, guard });
            all.len() - 1
        });
        all[known].guard = all[known].guard.either(guard);
    }

    /// Adds a use of a symbol by the current binding.
    pub(super) fn use_symbol(&mut self, symbol: usize, member: Option<&str>, at: Span) {
        if let Some(named) = self.named_under.get_mut(symbol) {
            *named = Some(named.map_or(self.guard, |known| known.either(self.guard)));
        }
        if let Some(binding) = self.bindings.get(symbol).copied().flatten() {
            self.use_from(self.owner, binding, member, at, self.guard);
        }
    }

    /// Adds an expression in the current context; without a body, nothing.
    pub(super) fn add(&mut self, at: oxc_span::Span, make: impl FnOnce() -> Expr) -> ExprId {
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

    /// The number of the next expression.
    pub(super) fn next_node(&self) -> ExprId {
        self.body.as_ref().map_or(0, |body| offset(body.nodes.len()))
    }

    /// Puts the values of constants that are named under a guard only under this guard, and those
    /// of constants and functions that nothing names under one, too.
    pub(super) fn guard_local_constants(&mut self) {
        let Some(body) = &mut self.body else { return };
        for (symbol, first, last) in self.local_constants.drain(..) {
            let is_inert = body
                .nodes
                .get(last as usize)
                .is_some_and(|node| matches!(node.expr, Expr::Text(_) | Expr::Function(_)));
            let guard = match self.named_under[symbol] {
                Some(Guard::None) => continue,
                Some(guard) => guard,
                None if is_inert => Guard::LeftOut(Absence::UnusedLocal),
                None => continue,
            };
            for node in body.nodes.get_mut(first as usize..=last as usize).into_iter().flatten() {
                let context = body.contexts[node.context as usize];
                let context = Context { guard: context.guard.max(guard), ..context };
                node.context = *self.contexts.entry(context).or_insert_with(|| {
                    body.contexts.push(context);
                    offset(body.contexts.len() - 1)
                });
            }
        }
    }

    /// Adds an expression of unknown value.
    pub(super) fn other(&mut self, at: oxc_span::Span) -> ExprId {
        self.add(at, || Expr::Other)
    }

    /// Adds an expression to a list, if there are expressions.
    pub(super) fn push_id(&self, ids: &mut Vec<ExprId>, id: ExprId) {
        if self.body.is_some() {
            ids.push(id);
        }
    }

    /// Lowers code that belongs to a binding.
    pub(super) fn with_owner<R>(&mut self, owner: usize, lower: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.owner, owner);
        self.context = None;
        let result = lower(self);
        self.owner = before;
        self.context = None;
        result
    }

    /// Lowers code under a guard, unless a stronger one applies.
    pub(super) fn with_guard<R>(&mut self, guard: Guard, lower: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.guard;
        self.set_guard(before.max(guard));
        let result = lower(self);
        self.set_guard(before);
        result
    }

    pub(super) fn set_guard(&mut self, guard: Guard) {
        if guard != self.guard {
            self.guard = guard;
            self.context = None;
        }
    }

    /// Records that a range of the text belongs to a binding.
    pub(super) fn add_region(&mut self, at: oxc_span::Span, owner: usize) {
        if owner != MODULE_INIT {
            self.module.regions.push((span(at), owner));
        }
    }

    /// Adds an import that is kept.
    pub(super) fn import(&mut self, specifier: String, at: Span, kind: ImportKind) -> usize {
        let guard = self.guard;
        let erased = Erased::No;
        self.module.imports.push(ModuleImport { specifier, span: at, kind, erased, guard });
        self.module.imports.len() - 1
    }

    /// Adds the top-level binding of a declared name, once.
    pub(super) fn bind(
        &mut self,
        id: &ast::BindingIdentifier<'_>,
        extent: Span,
        target: BindingTarget,
    ) {
        let Some(symbol) = id.symbol_id.get() else { return };
        let at = symbol_index(symbol);
        if self.bindings.get(at).is_none_or(Option::is_some) {
            return;
        }
        let index = self.add_binding(id.name.to_string(), span(id.span), extent, target);
        self.bindings[at] = Some(index);
        self.module.bindings[index].symbol = Some(offset(at));
        if self.source.has_template {
            self.names.insert(id.name.as_str().into(), at);
        }
        if let Some(body) = &mut self.body {
            body.symbols[at].binding = Some(index);
            if matches!(self.module.bindings[index].target, BindingTarget::Imported { .. }) {
                body.symbols[at].value = SymbolValue::Import;
            }
        }
    }

    /// Adds a binding.
    pub(super) fn add_binding(
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

    /// Records that an import is evaluated in a binding.
    pub(super) fn owned_import(&mut self, owner: usize, import: usize) {
        let imports = &mut self.module.bindings[owner].imports;
        if !imports.contains(&import) {
            imports.push(import);
        }
    }

    /// Records that a binding uses only one export of an import that is a call.
    pub(super) fn take_export(&mut self, import: usize, name: &str, at: Span) {
        let target = BindingTarget::Imported { import, name: Imported::Name(name.to_owned()) };
        let binding = self.add_binding(name.to_owned(), at, at, target);
        self.use_from(self.owner, binding, None, at, self.guard);
    }

    /// The top-level binding of a declared name.
    pub(super) fn binding_of(&self, id: &ast::BindingIdentifier<'_>) -> Option<usize> {
        self.bindings.get(symbol_index(id.symbol_id.get()?)).copied().flatten()
    }

    /// Exports a binding, unless the name is exported already.
    pub(super) fn export(&mut self, name: &str, binding: usize, at: oxc_span::Span) {
        if !self.exported.contains(name) || name == "*" {
            self.add_export(name, ExportSource::Binding(binding), span(at));
        }
    }

    /// Adds an export.
    pub(super) fn add_export(&mut self, name: &str, source: ExportSource, span: Span) {
        self.exported.insert(name.into());
        self.module.exports.push(Export { name: name.to_owned(), source, span });
    }

    /// True if TypeScript leaves out imports that no value uses.
    pub(super) fn drops_unused(&self) -> bool {
        self.source.language != SourceLanguage::JavaScript && !self.source.has_template
    }

    /// True if a name is used as a value.
    pub(super) fn is_value(&self, id: &ast::BindingIdentifier<'_>) -> bool {
        id.symbol_id.get().is_some_and(|symbol| {
            self.scoping.get_resolved_references(symbol).any(|reference| reference.is_value())
        })
    }
}

/// The binding [`MODULE_INIT`].
pub(super) fn init_binding() -> Binding {
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

/// The imports of markup.
pub(super) fn markup_imports(source: &ModuleSource<'_>) -> Vec<ModuleImport> {
    let import = |link: &MarkupLink| ModuleImport {
        specifier: link.specifier.clone(),
        span: link.span,
        kind: link.kind,
        erased: Erased::No,
        guard: Guard::None,
    };
    source.links.iter().map(import).collect()
}

#[cfg(test)]
mod tests {
    use crate::js::guard::Guard;
    use crate::js::ir::{Context, Expr, ExprNode, MODULE_INIT, ParseDepth};
    use crate::js::parse::testing::module;

    #[test]
    fn contexts_locate_expressions() {
        let text = "const a = () => { 'use server'; return 'x' }; if (import.meta.server) f('y')";
        let module = module("a.js", text, ParseDepth::Body);
        let body = module.body.as_ref().expect("asked for");
        let context = |text: &str| {
            let is_it = |node: &&ExprNode| matches!(&node.expr, Expr::Text(own) if &**own == text);
            let node = body.nodes.iter().find(is_it).expect("it is there");
            assert_eq!(module.owner(node.span), body.contexts[node.context as usize].binding);
            body.contexts[node.context as usize]
        };
        let expected = Context { binding: 1, function: Some(0), guard: Guard::Function };
        assert_eq!(context("x"), expected);
        let expected = Context { binding: MODULE_INIT, function: None, guard: Guard::Server };
        assert_eq!(context("y"), expected);
    }
}
