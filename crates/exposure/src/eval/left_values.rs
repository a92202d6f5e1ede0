//! Values that middleware leaves in a request for the code that runs after it: `event.locals.key = …`.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::sync::Arc;

use crate::eval::names::name_of;
use crate::graph::modules::{Graph, ModuleId};
use crate::js::ir::{Body, Expr, ExprId};

/// The names of the objects in which values are left.
pub(super) const HOLDERS: [&str; 2] = ["locals", "context"];

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
    /// A text that is in every module which takes the value by its usual name.
    pub(crate) fn word(&self) -> &'static str {
        if self.holder == "context" { "event.context" } else { self.holder }
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
