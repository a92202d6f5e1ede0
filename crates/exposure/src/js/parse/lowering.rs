//! The state of lowering one syntax tree: its module so far, and where in it the walk is.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use oxc_ast::ast;
use oxc_semantic::Scoping;
use oxc_syntax::symbol::SymbolId;

use crate::js::ir::{
    Binding, BindingTarget, BindingUse, Body, Context, Erased, Export, ExportSource, Expr, ExprId,
    ExprNode, ImportKind, Imported, MODULE_INIT, Module, ModuleImport, ParseDepth, ServerGuard,
    SourceLanguage, Span, Symbol, SymbolValue,
};
use crate::js::markup::module_source::{MarkupLink, ModuleSource};
use crate::js::parse::sides::ConditionSides;
use crate::js::parse::syntax::{inner, offset, span, symbol_index};

pub(super) struct Lowering<'w> {
    pub(super) source: &'w ModuleSource<'w>,
    pub(super) scoping: &'w Scoping,
    pub(super) module: Module,
    pub(super) body: Option<Body>,
    /// The top-level binding of a symbol.
    pub(super) bindings: Vec<Option<usize>>,
    /// The import of a call that a declaration has already entered, by its first byte.
    pub(super) calls: HashMap<u32, usize, RandomState>,
    /// Where in the uses of a binding another one is.
    pub(super) uses: HashMap<(usize, usize, Option<Box<str>>), usize, RandomState>,
    pub(super) contexts: HashMap<Context, u32, RandomState>,
    /// The top-level symbols of a component, by name.
    pub(super) names: HashMap<Box<str>, usize, RandomState>,
    /// The names of the exports so far.
    pub(super) exported: HashSet<Box<str>, RandomState>,
    /// Constants that tell the side.
    pub(super) sides: HashMap<SymbolId, ConditionSides, RandomState>,
    pub(super) owner: usize,
    pub(super) guard: ServerGuard,
    pub(super) function: Option<u32>,
    pub(super) functions: u32,
    pub(super) returns: Vec<Vec<ExprId>>,
    pub(super) context: Option<u32>,
    /// Whether what was walked since this was cleared calls anything when the module is loaded.
    pub(super) runs: bool,
    /// The value of each slot of the template.
    pub(super) slots: Vec<Option<ExprId>>,
    pub(super) slot_is_open: Vec<bool>,
    /// Where the options of a route begin that is being walked.
    pub(super) route: Option<u32>,
}

/// How many bytes of source there are for an expression, about.
const BYTES_A_NODE: usize = 16;

impl<'w> Lowering<'w> {
    pub(super) fn new(
        source: &'w ModuleSource<'w>,
        scoping: &'w Scoping,
        depth: ParseDepth,
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
                    })
                    .collect(),
                ..Body::default()
            }),
        };
        Self {
            source,
            scoping,
            module: Module { bindings: vec![init_binding()], ..Module::default() },
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
            slots: vec![None; source.slots.len()],
            slot_is_open: vec![false; source.slots.len()],
            route: None,
        }
    }

    pub(super) fn symbol(&self, it: &ast::IdentifierReference<'_>) -> Option<SymbolId> {
        self.scoping.get_reference(it.reference_id.get()?).symbol_id()
    }

    /// The symbol that a name stands for, also one that only Svelte knows: `$store` is what `store`
    /// holds, and `$: a = b` declares `a`.
    pub(super) fn resolve(&self, it: &ast::IdentifierReference<'_>) -> Option<usize> {
        if let Some(symbol) = self.symbol(it) {
            return Some(symbol_index(symbol));
        }
        let name = it.name.as_str();
        let known = self.names.get(name).or_else(|| self.names.get(name.strip_prefix('$')?));
        known.copied()
    }

    pub(super) fn is_global(&self, it: &ast::Expression<'_>, name: &str) -> bool {
        matches!(inner(it), ast::Expression::Identifier(it) if it.name == name && self.symbol(it).is_none())
    }

    pub(super) fn use_from(
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

    pub(super) fn use_symbol(&mut self, symbol: usize, member: Option<&str>, at: Span) {
        if let Some(binding) = self.bindings.get(symbol).copied().flatten() {
            self.use_from(self.owner, binding, member, at, self.guard);
        }
    }

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

    pub(super) fn other(&mut self, at: oxc_span::Span) -> ExprId {
        self.add(at, || Expr::Other)
    }

    pub(super) fn push_id(&self, ids: &mut Vec<ExprId>, id: ExprId) {
        if self.body.is_some() {
            ids.push(id);
        }
    }

    pub(super) fn with_owner<R>(&mut self, owner: usize, lower: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.owner, owner);
        self.context = None;
        let result = lower(self);
        self.owner = before;
        self.context = None;
        result
    }

    pub(super) fn with_guard<R>(
        &mut self,
        guard: ServerGuard,
        lower: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let before = self.guard;
        self.set_guard(before.max(guard));
        let result = lower(self);
        self.set_guard(before);
        result
    }

    pub(super) fn set_guard(&mut self, guard: ServerGuard) {
        if guard != self.guard {
            self.guard = guard;
            self.context = None;
        }
    }

    pub(super) fn add_region(&mut self, at: oxc_span::Span, owner: usize) {
        if owner != MODULE_INIT {
            self.module.regions.push((span(at), owner));
        }
    }

    pub(super) fn import(&mut self, specifier: String, at: Span, kind: ImportKind) -> usize {
        self.module.imports.push(ModuleImport { specifier, span: at, kind, erased: Erased::No });
        self.module.imports.len() - 1
    }

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

    pub(super) fn owned_import(&mut self, owner: usize, import: usize) {
        let imports = &mut self.module.bindings[owner].imports;
        if !imports.contains(&import) {
            imports.push(import);
        }
    }

    pub(super) fn binding_of(&self, id: &ast::BindingIdentifier<'_>) -> Option<usize> {
        self.bindings.get(symbol_index(id.symbol_id.get()?)).copied().flatten()
    }

    pub(super) fn export(&mut self, name: &str, binding: usize, at: oxc_span::Span) {
        if !self.exported.contains(name) || name == "*" {
            self.add_export(name, ExportSource::Binding(binding), span(at));
        }
    }

    pub(super) fn add_export(&mut self, name: &str, source: ExportSource, span: Span) {
        self.exported.insert(name.into());
        self.module.exports.push(Export { name: name.to_owned(), source, span });
    }

    /// Whether TypeScript leaves out imports that no value uses.
    pub(super) fn drops_unused(&self) -> bool {
        self.source.language != SourceLanguage::JavaScript && !self.source.has_template
    }

    /// Whether a name is used as a value.
    pub(super) fn is_value(&self, id: &ast::BindingIdentifier<'_>) -> bool {
        id.symbol_id.get().is_some_and(|symbol| {
            self.scoping.get_resolved_references(symbol).any(|reference| reference.is_value())
        })
    }
}

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

pub(super) fn markup_imports(source: &ModuleSource<'_>) -> Vec<ModuleImport> {
    let import = |link: &MarkupLink| ModuleImport {
        specifier: link.specifier.clone(),
        span: link.span,
        kind: link.kind,
        erased: Erased::No,
    };
    source.links.iter().map(import).collect()
}

#[cfg(test)]
mod tests {
    use crate::js::ir::{Context, Expr, ExprNode, MODULE_INIT, ParseDepth, ServerGuard};
    use crate::js::parse::testing::module;

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
