//! Properties of Astro components that their templates put into the page.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::graph::modules::{Graph, ModuleId};
use crate::js::ir::{BindingTarget, Body, Expr, ExprId, ExprNode, Interpolation, SymbolValue};

/// How many components are followed that pass a property on, and how many names its value may take.
const MAX_DEPTH: usize = 4;

/// The component of the project that a tag in the template of a module names: the binding of the
/// tag, and its module.
pub(crate) fn component_of_tag(
    graph: &Graph,
    module: ModuleId,
    body: &Body,
    tag: &str,
) -> Option<(usize, ModuleId)> {
    let symbol = body.symbols.iter().find(|it| &*it.name == tag && it.binding.is_some())?;
    let binding = symbol.binding?;
    match &graph.modules[module].module.bindings.get(binding)?.target {
        BindingTarget::Imported { import, .. } => {
            Some((binding, *graph.targets(module, *import).first()?))
        }
        BindingTarget::Local => None,
    }
}

/// True if an Astro component puts a property into the page, itself or by passing it on.
pub(crate) fn is_rendered(graph: &Graph, component: ModuleId, property: &str) -> bool {
    is_rendered_within(graph, component, property, MAX_DEPTH)
}

fn is_rendered_within(graph: &Graph, component: ModuleId, property: &str, depth: usize) -> bool {
    let Some(body) = graph.modules[component].module.body.as_ref() else { return false };
    body.holes.iter().filter(|hole| holds(body, hole.value, property, MAX_DEPTH)).any(|hole| {
        match passed_as(hole, property) {
            None => true,
            Some(attribute) => {
                let next = component_of_tag(graph, component, body, &hole.tag);
                depth > 0
                    && next.is_some_and(|(_, next)| {
                        is_rendered_within(graph, next, attribute, depth - 1)
                    })
            }
        }
    })
}

/// The property of another component as which a template passes a property on.
fn passed_as<'h>(hole: &'h Interpolation, property: &'h str) -> Option<&'h str> {
    let attribute = hole.attribute.as_deref()?;
    let is_component = hole.tag.chars().next().is_some_and(char::is_uppercase);
    // An island's properties are written into the page.
    let is_passed = is_component && hole.client.is_none();
    is_passed.then_some(if attribute == "..." { property } else { attribute })
}

/// True if an expression may hold a property of the component: `Astro.props.title`, a name that was
/// taken out of `Astro.props`, or a value that is made of one.
fn holds(body: &Body, expr: ExprId, property: &str, depth: usize) -> bool {
    let Some(whole) = body.node(expr).map(|node| node.span) else { return false };
    let inside = body.nodes.iter().filter(|node| whole.contains(node.span));
    inside.into_iter().any(|node| match &node.expr {
        Expr::Member(object, name) => &**name == property && is_properties(body, *object),
        Expr::Spread(all) => is_properties(body, *all),
        Expr::Symbol(symbol) => match body.symbols.get(*symbol as usize).map(|it| &it.value) {
            Some(SymbolValue::Init { expr, path, .. }) if is_properties(body, *expr) => {
                path.first().is_some_and(|first| &**first == property)
            }
            Some(SymbolValue::Init { expr, .. }) => {
                depth > 0 && holds(body, *expr, property, depth - 1)
            }
            _ => false,
        },
        _ => is_whole(body, node, expr),
    })
}

/// True if the expression is `Astro.props` as a whole.
fn is_whole(body: &Body, node: &ExprNode, expr: ExprId) -> bool {
    body.node(expr).is_some_and(|whole| whole.span == node.span) && is_properties(body, expr)
}

fn is_properties(body: &Body, expr: ExprId) -> bool {
    match body.node(expr).map(|node| &node.expr) {
        Some(Expr::Member(object, name)) => {
            let object = body.node(*object).map(|node| &node.expr);
            &**name == "props" && matches!(object, Some(Expr::Global(name)) if &**name == "Astro")
        }
        Some(Expr::Symbol(symbol)) => {
            match body.symbols.get(*symbol as usize).map(|it| &it.value) {
                Some(SymbolValue::Init { expr: init, path, .. }) => {
                    path.is_empty() && *init < expr && is_properties(body, *init)
                }
                _ => false,
            }
        }
        _ => false,
    }
}
