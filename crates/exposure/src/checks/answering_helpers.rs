//! Functions of the project that answer with what they are given: `ok(res, data)`, which calls
//! `res.json({ data })`, and plugins of Fastify, which get their options.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::sync::Arc;

use crate::checks::module::{CheckedModule, GivenCall};
use crate::checks::response_calls::{sent_by_assignment, sent_by_call};
use crate::checks::route_handlers::answering;
use crate::eval::names::names_of;
use crate::eval::value::{Taint, Value, leaked_taints};
use crate::frameworks::sending_call::ANSWER;
use crate::graph::modules::ModuleId;
use crate::js::ir::{Expr, ExprId};

/// How many functions are followed that hand on what they are given.
const MAX_HELPERS: usize = 3;

/// Larger functions are no helpers.
const MAX_NODES: usize = 2000;

/// The values that a function of the project sends of those that a call gives to it, and how.
pub(crate) fn sent_by_helper(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    arguments: &[ExprId],
) -> Option<(&'static str, Vec<Value>)> {
    let object = method_object(module, callee);
    if !arguments.iter().copied().chain(object).any(|expr| module.may_carry(expr)) {
        return None;
    }
    sent_by(module, callee, arguments, MAX_HELPERS)
}

fn sent_by(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    arguments: &[ExprId],
    depth: usize,
) -> Option<(&'static str, Vec<Value>)> {
    let (helper, arguments) = match plugin(module, callee, arguments) {
        Some((plugin, options)) => {
            (function_in(&module.value(plugin))?, vec![Value::Unknown, module.value_sent(options)])
        }
        None => {
            let given = arguments.iter().map(|&argument| module.value_sent(argument));
            (function_in(&module.value(callee))?, given.collect())
        }
    };
    let this = method_object(module, callee).map(|object| module.value(object));
    let this = this.filter(|this| matches!(this, Value::Instance(..)) && this.has_secret());
    if this.is_none() && !arguments.iter().any(Value::has_secret) {
        return None;
    }
    let given = GivenCall { function: helper.1, arguments: &arguments, this: this.as_ref() };
    sent_of_given(module, helper.0, given, depth)
}

/// The secrets of values that are not among others.
fn without(values: &[Value], others: &[Value]) -> Vec<Value> {
    let others: Vec<_> = others.iter().flat_map(leaked_taints).collect();
    let fresh = values.iter().flat_map(leaked_taints).filter(|taint| {
        let is_same = |other: &Arc<Taint>| other.origin == taint.origin;
        !others.iter().any(is_same)
    });
    fresh.map(Value::Secret).collect()
}

/// The object whose method a callee is.
fn method_object(module: &CheckedModule<'_, '_>, callee: ExprId) -> Option<ExprId> {
    match module.body.node(callee).map(|node| &node.expr) {
        Some(Expr::Member(object, _)) => Some(*object),
        _ => None,
    }
}

/// The plugin and its options in a call that gives them to a server.
fn plugin(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    arguments: &[ExprId],
) -> Option<(ExprId, ExprId)> {
    let &[plugin, options] = arguments else { return None };
    let is_it = names_of(module.body, callee).last() == "register"
        && module.checker.app.depends_on("fastify");
    is_it.then_some((plugin, options))
}

/// The function that a value is, or that a package wraps: `fp(async (app, options) => …)`.
fn function_in(value: &Value) -> Option<(ModuleId, u32)> {
    match value {
        Value::Function(home, function) => Some((*home, *function)),
        Value::CallResult(_, given) => given.iter().find_map(function_in),
        _ => None,
    }
}

/// The values that a function of the module `home` sends of what a call gives to it.
fn sent_of_given(
    module: &CheckedModule<'_, '_>,
    home: ModuleId,
    given: GivenCall<'_>,
    depth: usize,
) -> Option<(&'static str, Vec<Value>)> {
    let plain = CheckedModule::new(module.checker, home, module.evaluator)?;
    let helper = CheckedModule { given: Some(given), ..plain };
    let known = helper.body.functions.get(given.function as usize)?;
    let (first, end) = known.nodes;
    let nodes = helper.body.nodes.get(first as usize..end as usize)?;
    if nodes.len() > MAX_NODES {
        return None;
    }
    helper.evaluator.charge(nodes.len());
    let (mut found, mut note) = (Vec::new(), ANSWER);
    for node in nodes {
        let Expr::Call { callee, arguments, is_new } = &node.expr else { continue };
        for handler in answering(&helper, *callee, arguments) {
            if let Value::Function(own, handler) = handler
                && own == home
                && let Some(handler) = helper.body.functions.get(handler as usize)
                && known.span.contains(handler.span)
            {
                let results = handler.returns.iter();
                let results = results.filter(|&&result| !plain.value_sent(result).has_secret());
                found.extend(results.map(|&result| helper.value_sent(result)));
            }
        }
        let sent = match sent_by_call(&helper, *callee, arguments, *is_new) {
            // What it sends of its own accord is reported where it stands.
            Some((_, values)) if !values.iter().any(Value::has_secret) => None,
            Some((note, values)) => {
                let own = sent_by_call(&plain, *callee, arguments, *is_new);
                let own = own.map(|(_, values)| values).unwrap_or_default();
                match own.iter().any(Value::has_secret) {
                    true => Some((note, without(&values, &own))),
                    false => Some((note, values)),
                }
            }
            None if depth > 0 && !*is_new => sent_by(&helper, *callee, arguments, depth - 1),
            None => None,
        };
        if let Some((own, values)) = sent {
            note = own;
            found.extend(values);
        }
    }
    for &(target, value) in &helper.body.assignments {
        if (first..end).contains(&value)
            && let Some((own, false)) = sent_by_assignment(&helper, target)
            && !plain.value_sent(value).has_secret()
        {
            note = own;
            found.push(helper.value_sent(value));
        }
    }
    found.retain(Value::has_secret);
    (!found.is_empty()).then_some((note, found))
}
