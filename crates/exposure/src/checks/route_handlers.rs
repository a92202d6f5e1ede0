//! Handlers whose results are answers: `app.get('/path', () => …)` of Fastify, Elysia and hapi.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::checks::module::CheckedModule;
use crate::checks::response_calls::may_carry;
use crate::eval::names::names_of;
use crate::eval::value::{Field, Value};
use crate::js::ir::{Expr, ExprId};

/// Packages of servers that answer with what a handler returns.
const PACKAGES: [&str; 6] =
    ["@elysiajs/node", "@hapi/hapi", "elysia", "fastify", "h3", "nitropack"];

/// Methods that give a path its handler.
const ROUTES: [&str; 10] =
    ["add", "all", "delete", "get", "head", "on", "options", "patch", "post", "put"];

/// Methods that give a server a handler for other occasions.
const HOOKS: [&str; 6] = [
    "mapResponse",
    "onAfterHandle",
    "onBeforeHandle",
    "onError",
    "setErrorHandler",
    "setNotFoundHandler",
];

/// The handlers among the arguments of a call that gives them to a server, and values that are answers
/// themselves.
pub(crate) fn answering(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    arguments: &[ExprId],
) -> Vec<Value> {
    let node = |expr: ExprId| module.body.node(expr).map(|node| &node.expr);
    let method = match node(callee) {
        Some(Expr::Member(_, method)) => &**method,
        _ => names_of(module.body, callee).last(),
    };
    let is_path = || match arguments.first().and_then(|&path| node(path)) {
        Some(Expr::Text(path)) => path.is_empty() || path.starts_with(['/', '*', ':']),
        _ => false,
    };
    let is_route = ROUTES.contains(&method) && is_path();
    let is_known = is_route || method == "route" || HOOKS.contains(&method);
    let app = module.checker.app;
    if !is_known
        || !PACKAGES.iter().any(|package| app.depends_on(package))
        || !may_carry(module, arguments)
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    for value in arguments.iter().skip(usize::from(is_route)).map(|&it| module.value(it)) {
        handlers(&value, &mut found);
        // Elysia answers with a value.
        if is_route && app.depends_on("elysia") && matches!(value, Value::Secret(_)) {
            found.push(value);
        }
    }
    found
}

/// The schema of the answers of a route of Fastify, which drops properties that it does not name.
pub(crate) fn schema_of_answers(
    module: &CheckedModule<'_, '_>,
    arguments: &[ExprId],
) -> Option<Value> {
    if !module.checker.app.depends_on("fastify") {
        return None;
    }
    let options = arguments.iter().map(|&it| module.value(it));
    let mut responses = options.map(|it| it.get("schema").get("response").clone());
    let responses = responses.find(|it| matches!(it, Value::Object(_)))?;
    let is_success = |key: &str| key.starts_with('2') || key == "default";
    let schema = responses.fields().iter().find(|field| is_success(&field.key))?;
    Some(schema.value.clone())
}

/// A value as it is written by a schema: objects without the properties that it does not name.
pub(crate) fn by_schema(value: &Value, schema: &Value) -> Value {
    let properties = schema.get("properties");
    match value {
        Value::Object(fields)
            if matches!(properties, Value::Object(_))
                && matches!(schema.get("additionalProperties"), Value::Unknown) =>
        {
            let kept = fields.iter().filter_map(|field| {
                let own = properties.field(&field.key)?;
                Some(Field { value: by_schema(&field.value, &own.value), ..field.clone() })
            });
            Value::Object(kept.collect::<Vec<_>>().into())
        }
        Value::List(values) if matches!(schema.get("items"), Value::Object(_)) => {
            let kept = values.iter().map(|value| by_schema(value, schema.get("items")));
            Value::List(kept.collect::<Vec<_>>().into())
        }
        Value::Any(values) => Value::Any(
            values.iter().map(|value| by_schema(value, schema)).collect::<Vec<_>>().into(),
        ),
        other => other.clone(),
    }
}

/// The handlers in options: `{ handler }`, `{ options: { handler } }`, or several of them.
fn handlers(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Function(..) => found.push(value.clone()),
        Value::Object(_) => {
            for options in [value, value.get("options")] {
                if let handler @ Value::Function(..) = options.get("handler") {
                    found.push(handler.clone());
                }
            }
        }
        // `eventHandler(() => …)`
        Value::CallResult(_, values) | Value::List(values) | Value::Any(values) => {
            values.iter().for_each(|value| handlers(value, found));
        }
        _ => {}
    }
}
