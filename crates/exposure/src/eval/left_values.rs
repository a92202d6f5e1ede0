//! Values that middleware leaves in a request for the code that runs after it: `event.locals.key = …`.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::sync::Arc;

use crate::eval::names::name_of;
use crate::graph::file_facts::HOLDERS;
use crate::graph::modules::{Graph, ModuleId};
use crate::js::ir::{Body, Expr, ExprId};

/// At most as many are followed.
const MAX_LEFT: usize = 100;

/// A value that code leaves in a request.
#[derive(Debug, Clone)]
pub(crate) struct LeftValue {
    /// The object, one of [`HOLDERS`].
    pub(super) holder: &'static str,
    /// The name of its property.
    pub(super) name: Arc<str>,
    pub(super) module: ModuleId,
    pub(super) value: ExprId,
}

impl LeftValue {
    /// The module that leaves it.
    pub(crate) fn module(&self) -> ModuleId {
        self.module
    }

    /// The number of the object among the [`HOLDERS`]: every module that takes the value by its usual
    /// name names it.
    pub(crate) fn holder_number(&self) -> usize {
        HOLDERS.iter().position(|(name, _)| *name == self.holder).unwrap_or_default()
    }
}

/// The values that the modules of a graph leave in requests, as far as their expressions were read.
pub(crate) fn left_values(graph: &Graph) -> Vec<LeftValue> {
    let bodies = graph.modules.iter().enumerate();
    let bodies = bodies.filter_map(|(id, node)| Some((id, node.module.body.as_ref()?)));
    let left = bodies.flat_map(|(module, body)| {
        body.assignments.iter().filter_map(move |&(target, value)| {
            let (holder, name) = left_in(body, target)?;
            Some(LeftValue { holder, name: name.into(), module, value })
        })
    });
    left.take(MAX_LEFT).collect()
}

/// True if a module leaves any.
pub(crate) fn has_left_values(body: &Body) -> bool {
    body.assignments.iter().any(|&(target, _)| left_in(body, target).is_some())
}

/// The object and the property that an assignment leaves a value in. `context` is that of h3.
fn left_in(body: &Body, target: ExprId) -> Option<(&'static str, &str)> {
    let Expr::Member(object, name) = &body.node(target)?.expr else { return None };
    let is_locals = match &body.node(*object)?.expr {
        Expr::Member(_, part) => &**part == "locals",
        Expr::Symbol(symbol) => &*body.symbols.get(*symbol as usize)?.name == "locals",
        _ => return None,
    };
    if is_locals {
        return Some(("locals", name));
    }
    (name_of(body, *object) == "event.context").then_some(("context", name))
}
