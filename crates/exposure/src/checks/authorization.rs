//! Secrets that client code sends as `Authorization`: a last step for the traces of their leaks.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::collections::BTreeMap;

use crate::checks::module::CheckedModule;
use crate::checks::requests::{address_texts, is_path, is_request};
use crate::eval::names::names_of;
use crate::eval::value::{Taint, TaintOrigin, Value, leaked_taints};
use crate::js::ir::{Expr, ExprId};
use crate::leak::{FileSpan, Leak, LeakKind, StepKind, TraceStep};

/// The header that carries keys.
const AUTHORIZATION: &str = "Authorization";

/// A secret that is sent: where it is written or read, and the steps from there to the request.
pub(crate) type SentSecret = (FileSpan, Vec<TraceStep>);

/// The secrets that client code of a module sends as `Authorization`.
pub(crate) fn sent_secrets(module: &CheckedModule<'_, '_>) -> Vec<SentSecret> {
    let mut sent = Vec::new();
    for id in 0..module.body.nodes.len() as ExprId {
        let node = &module.body.nodes[id as usize];
        let Expr::Call { callee, arguments, .. } = &node.expr else { continue };
        if !module.is_suspect(node.context) || !is_shipped(module, id) {
            continue;
        }
        let taints: Vec<_> =
            sent_values(module, *callee, arguments).iter().flat_map(leaked_taints).collect();
        if taints.is_empty() {
            continue;
        }
        let texts: Vec<String> =
            arguments.iter().flat_map(|&argument| address_texts(module, argument)).collect();
        let address = texts.iter().find(|text| text.starts_with("http") || is_path(text));
        sent.extend(taints.iter().map(|taint| {
            let at = module.evaluator.at(module.id, module.body.nodes[id as usize].span);
            sent_to(taint, at, address.map(String::as_str))
        }));
    }
    // `axios.defaults.headers.common['Authorization'] = …`
    for &(target, value) in &module.body.assignments {
        if !is_shipped(module, value) {
            continue;
        }
        let is_header = match &module.body.nodes[target as usize].expr {
            Expr::Member(_, name) => name.eq_ignore_ascii_case(AUTHORIZATION),
            Expr::Index(_, index) => is_authorization(&module.value(*index)),
            _ => false,
        };
        if is_header {
            let at = module.evaluator.at(module.id, module.body.nodes[target as usize].span);
            let taints = leaked_taints(&module.value(value));
            sent.extend(taints.iter().map(|taint| sent_to(taint, at.clone(), None)));
        }
    }
    sent
}

/// Adds to the leaks of an app where their secrets are sent to: of several requests, the one that
/// is reached in the fewest steps.
pub(crate) fn add_requests(leaks: &mut [Leak], sent: Vec<SentSecret>) {
    let mut shortest: BTreeMap<FileSpan, Vec<TraceStep>> = BTreeMap::new();
    for (at, steps) in sent {
        let known = shortest.entry(at).or_default();
        if known.is_empty() || steps.len() < known.len() {
            *known = steps;
        }
    }
    for leak in leaks {
        if matches!(leak.kind, LeakKind::ClientSecretLiteral | LeakKind::ClientSecretEnv)
            && let Some(steps) = shortest.get(&leak.at)
        {
            leak.trace.extend(steps.iter().cloned());
        }
    }
}

fn is_shipped(module: &CheckedModule<'_, '_>, expr: ExprId) -> bool {
    let context = module.context_of(expr);
    !context.guard.is_for_servers() && module.checker.client.has(module.place(context.binding))
}

/// The values that a call sends as `Authorization`.
fn sent_values(module: &CheckedModule<'_, '_>, callee: ExprId, arguments: &[ExprId]) -> Vec<Value> {
    let names = names_of(module.body, callee);
    let last = names.last();
    let value = |at: usize| arguments.get(at).map_or(Value::Unknown, |&id| module.value(id));
    if matches!(last, "setRequestHeader" | "set" | "append") {
        if is_authorization(&value(0)) { vec![value(1)] } else { Vec::new() }
    } else if is_request(&names) || matches!(last, "create" | "extend") {
        (0..arguments.len()).flat_map(|at| authorization(&value(at), 0)).collect()
    } else {
        Vec::new()
    }
}

fn is_authorization(value: &Value) -> bool {
    value.text().is_some_and(|text| text.eq_ignore_ascii_case(AUTHORIZATION))
}

/// The values that an argument of a request sends as `Authorization`.
fn authorization(given: &Value, depth: u32) -> Vec<Value> {
    if depth > 5 {
        return Vec::new();
    }
    match given {
        Value::Object(fields) => {
            let found = fields.iter().flat_map(|field| match &*field.key {
                "headers" | "common" | "init" | "options" => authorization(&field.value, depth + 1),
                key if key.eq_ignore_ascii_case(AUTHORIZATION) => vec![field.value.clone()],
                _ => Vec::new(),
            });
            found.collect()
        }
        // `[['Authorization', key]]`
        Value::List(values) => match &values[..] {
            [name, value] if is_authorization(name) => vec![value.clone()],
            pairs => pairs.iter().flat_map(|pair| authorization(pair, depth + 1)).collect(),
        },
        // `new Headers({ … })`
        Value::CallResult(_, values) | Value::Instance(_, _, values) | Value::Any(values) => {
            values.iter().flat_map(|value| authorization(value, depth + 1)).collect()
        }
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Secret(_)
        | Value::Variable
        | Value::Environment(..)
        | Value::Function(..)
        | Value::Module(_) => Vec::new(),
    }
}

/// The steps of a secret to the request at a place.
fn sent_to(taint: &Taint, at: FileSpan, address: Option<&str>) -> SentSecret {
    let (TaintOrigin::Written { at: source, .. } | TaintOrigin::Variable { at: source, .. }) =
        &taint.origin;
    let note = match address.and_then(|address| address.split(['?', '#']).next()) {
        Some(address) => format!("sent as Authorization to {address}"),
        None => "sent as Authorization".to_owned(),
    };
    let mut steps = taint.hops.clone();
    steps.push(TraceStep { at, kind: StepKind::Sink, note });
    (source.clone(), steps)
}
