//! Statements that change objects after these were written: `config.entry = …`, `delete user.key`,
//! `config.plugins.push(…)`, `config.resolve.alias.set('@', …)`, `headers.append('x-a', …)` and
//! `Object.assign(config, { … })`.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::eval::names::name_of;
use crate::js::ir::{Body, Expr, ExprId, Span, SymbolValue};

/// Longer paths into an object are not followed.
const MAX_PATH: usize = 8;

/// The changes that the statements of a module make to its objects, by symbol.
pub(super) type Statements = HashMap<u32, Vec<Mutation>, RandomState>;

/// A change that a statement makes to an object.
pub(super) struct Mutation {
    /// The path to the changed property.
    pub(super) path: Vec<Arc<str>>,
    /// The name of the changed property below that path, if it is computed: `a.b[name] = c`.
    pub(super) computed: Option<ExprId>,
    pub(super) kind: MutationKind,
    /// The values of the change.
    pub(super) values: Vec<ExprId>,
    pub(super) span: Span,
}

/// The ways to change an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MutationKind {
    /// `a.b = c`
    Set,
    /// `a.b.push(c)`
    Push,
    /// `Object.assign(a.b, c)`
    Assign,
}

/// The changes that the statements of a module make.
pub(super) fn statements(body: &Body) -> Statements {
    let mut found: Statements = HashMap::default();
    let mut add = |target: ExprId, name: Option<Arc<str>>, kind, values: &[ExprId]| {
        let computed = computed_name(body, target).filter(|_| kind == MutationKind::Set);
        let whole = computed.map_or(target, |(object, _)| object);
        let computed = computed.map(|(_, name)| name);
        let Some((symbol, path)) = path_to(body, whole) else { return };
        let Some(node) = body.node(target) else { return };
        let is_for_servers = |context: u32| {
            let context = body.contexts.get(context as usize);
            context.is_some_and(|context| context.guard.is_for_servers())
        };
        // All code of an Astro component is for servers, and so is the object.
        let is_of_servers = || match body.symbols.get(symbol as usize).map(|it| &it.value) {
            Some(SymbolValue::Init { expr, .. }) => {
                body.node(*expr).is_some_and(|init| is_for_servers(init.context))
            }
            _ => false,
        };
        let path: Vec<Arc<str>> = path.into_iter().chain(name).collect();
        let is_whole = path.is_empty() && computed.is_none() && kind == MutationKind::Set;
        if is_whole || is_for_servers(node.context) && !is_of_servers() {
            return;
        }
        let end = values.last().and_then(|&last| body.node(last));
        let span = Span::new(node.span.start, end.map_or(node.span.end, |end| end.span.end));
        let change = Mutation { path, computed, kind, values: values.to_vec(), span };
        found.entry(symbol).or_default().push(change);
    };
    for &(target, value) in &body.assignments {
        add(target, None, MutationKind::Set, &[value]);
    }
    for node in &body.nodes {
        let Expr::Call { callee, arguments, is_new: false } = &node.expr else { continue };
        let Some(Expr::Member(object, method)) = body.node(*callee).map(|it| &it.expr) else {
            continue;
        };
        let Some((first, others)) = arguments.split_first() else { continue };
        match &**method {
            "push" | "unshift" | "add" => add(*object, None, MutationKind::Push, arguments),
            "set" | "append" => {
                if let Some(Expr::Text(name)) = body.node(*first).map(|node| &node.expr) {
                    add(*object, Some(Arc::clone(name)), MutationKind::Set, others);
                }
            }
            "assign" if name_of(body, *callee) == "Object.assign" => {
                add(*first, None, MutationKind::Assign, others);
            }
            _ => {}
        }
    }
    found.values_mut().for_each(|changes| changes.sort_by_key(|change| change.span));
    found
}

/// The object and the name of `a[name]`, unless the name is written.
fn computed_name(body: &Body, target: ExprId) -> Option<(ExprId, ExprId)> {
    let Expr::Index(object, name) = &body.node(target)?.expr else { return None };
    let is_written = matches!(body.node(*name)?.expr, Expr::Text(_) | Expr::Literal(_));
    (!is_written).then_some((*object, *name))
}

/// The symbol at the root of `a.b['c']`, and the path from there.
fn path_to(body: &Body, target: ExprId) -> Option<(u32, Vec<Arc<str>>)> {
    let mut path: Vec<Arc<str>> = Vec::new();
    let mut at = target;
    loop {
        match &body.node(at)?.expr {
            Expr::Symbol(root) => {
                path.reverse();
                return (path.len() <= MAX_PATH).then_some((*root, path));
            }
            Expr::Member(object, name) => {
                path.push((**name).into());
                at = *object;
            }
            Expr::Index(object, index) => {
                let Expr::Text(name) = &body.node(*index)?.expr else { return None };
                path.push(Arc::clone(name));
                at = *object;
            }
            // A chain: `a.b.set('c', d).set('e', f)`.
            Expr::Call { callee, .. } => match &body.node(*callee)?.expr {
                Expr::Member(object, method) if &**method == "set" => at = *object,
                _ => return None,
            },
            _ => return None,
        }
    }
}
