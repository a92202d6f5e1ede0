//! Reads of secret variables in the code of a module.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::collections::HashSet;
use std::sync::Arc;

use crate::checks::module::CheckedModule;
use crate::eval::environment::may_read_variable;
use crate::eval::value::{Taint, TaintOrigin};
use crate::frameworks::{Inlining, VariableRead};
use crate::graph::definitions::Definition;
use crate::graph::modules::BindingId;
use crate::js::guard::Guard;
use crate::js::ir::{BindingTarget, Expr, Imported, Span, Symbol, SymbolValue};
use crate::leak::FileSpan;
use crate::variables::read::{EnvRoot, ReadForm};

/// A read of a secret variable that ships to clients.
pub(crate) struct EnvRead {
    /// The secret that is read.
    pub(crate) taint: Arc<Taint>,
    /// The variable.
    pub(crate) name: Arc<str>,
    /// Where it is read from.
    pub(crate) root: EnvRoot,
    /// Where code reads it.
    pub(crate) at: FileSpan,
    /// The binding whose code that is.
    pub(crate) place: BindingId,
    /// The guard that keeps that code from clients.
    pub(crate) guard: Guard,
    /// Why the bundler replaces it by the value, or that it does not.
    pub(crate) inlining: Inlining,
}

/// A read, the binding whose code it is, and what guards it from clients.
type GuardedRead = (Arc<Taint>, usize, Guard);

/// The reads of secret variables in client code of a module.
pub(crate) fn client_reads(module: &CheckedModule<'_, '_>) -> Vec<EnvRead> {
    let mut all = read_by_expressions(module);
    all.extend(read_by_names(module));
    let mut seen = HashSet::new();
    let mut reads = Vec::new();
    for (taint, binding, guard) in all {
        let TaintOrigin::Variable { name, root, form, at } = &taint.origin else { continue };
        let is_new = seen.insert(at.clone());
        if !ships(module, binding, guard) || !is_new {
            continue;
        }
        let place = module.place(binding);
        let inlining = inlining(module, name, *root, *form);
        let (name, root, at) = (Arc::clone(name), *root, at.clone());
        reads.push(EnvRead { taint, name, root, at, place, guard, inlining });
    }
    reads
}

/// True for code of a binding that clients get.
fn ships(module: &CheckedModule<'_, '_>, binding: usize, guard: Guard) -> bool {
    !guard.is_for_servers() && module.checker.client.has(module.place(binding))
}

/// The first framework that replaces the read by the variable's value decides.
pub(crate) fn inlining(
    module: &CheckedModule<'_, '_>,
    name: &str,
    root: EnvRoot,
    form: ReadForm,
) -> Inlining {
    let checker = module.checker;
    let read = VariableRead { path: module.path(), name, root, form };
    let mut all = checker.frameworks.iter().map(|known| known.inlining(checker.app, &read));
    all.find(|inlining| *inlining != Inlining::No).unwrap_or(Inlining::No)
}

/// `process.env.X` and the like.
fn read_by_expressions(module: &CheckedModule<'_, '_>) -> Vec<GuardedRead> {
    let mut reads = Vec::new();
    for (id, node) in module.body.nodes.iter().enumerate() {
        // Most values need not be evaluated to know that no secret variable is read here.
        if !module.is_suspect(node.context) {
            continue;
        }
        let context = module.context(node.context);
        if !ships(module, context.binding, context.guard) {
            continue;
        }
        let may_read = match &node.expr {
            Expr::Member(_, name) => module.evaluator.is_secret_name(name),
            Expr::Index(object, _) => module.may_carry(*object),
            Expr::Call { callee, .. } => may_read_variable(module.body, *callee),
            _ => false,
        };
        if may_read {
            for taint in module.value(id as u32).taints() {
                if is_read_at(taint, module.path(), node.span) {
                    reads.push((Arc::clone(taint), context.binding, context.guard));
                }
            }
        }
    }
    reads
}

/// `const { X } = process.env`, imports from modules of variables, and the like.
fn read_by_names(module: &CheckedModule<'_, '_>) -> Vec<GuardedRead> {
    let (body, evaluator) = (module.body, module.evaluator);
    let has_guards = body.contexts.iter().any(|context| context.guard != Guard::None);
    let mut reads = Vec::new();
    for (id, symbol) in body.symbols.iter().enumerate().filter(|it| may_name_variable(module, it.1))
    {
        let at_span = || module.checker.graph.binding_at(module.id, symbol.span);
        let binding = symbol.binding.unwrap_or_else(at_span);
        if !ships(module, binding, Guard::None) {
            continue;
        }
        for taint in evaluator.named(module.id, id as u32).taints() {
            if is_read_at(taint, module.path(), symbol.span) {
                let nodes = body.nodes.iter().filter(|_| has_guards);
                let guard = nodes
                    .filter(|node| node.span.contains(symbol.span))
                    .min_by_key(|node| node.span.end - node.span.start)
                    .map_or(Guard::None, |node| module.context(node.context).guard);
                reads.push((Arc::clone(taint), binding, guard));
            }
        }
    }
    reads
}

/// True if the value of a name can be a secret variable.
fn may_name_variable<'a>(module: &CheckedModule<'_, 'a>, symbol: &'a Symbol) -> bool {
    match &symbol.value {
        SymbolValue::Init { path, .. } | SymbolValue::Parameter { path, .. } => {
            path.iter().any(|part| module.evaluator.is_secret_name(part))
        }
        SymbolValue::Import => {
            symbol.binding.is_some_and(|binding| may_import_variable(module, binding))
        }
        SymbolValue::Function(_) | SymbolValue::Unknown => false,
    }
}

/// True if an import can be a secret variable: by its own name, or by the name that it has in a
/// package whose exports are variables.
fn may_import_variable(module: &CheckedModule<'_, '_>, binding: usize) -> bool {
    let checker = module.checker;
    match &checker.graph.modules[module.id].module.bindings[binding].target {
        BindingTarget::Imported { name: Imported::Name(name), .. } => {
            let definition = || checker.graph.definition(module.place(binding));
            module.evaluator.is_secret_name(name)
                || checker.imports_variables && matches!(definition(), Definition::External { .. })
        }
        BindingTarget::Imported { name: Imported::All, .. } | BindingTarget::Local => false,
    }
}

/// True if a secret variable is read just here, rather than passed on.
pub(crate) fn is_read_at(taint: &Taint, path: &str, span: Span) -> bool {
    matches!(&taint.origin, TaintOrigin::Variable { at, .. } if at.span == span && *at.path == *path)
}
