//! Values that servers of socket.io hand over by calling functions that they are given: acknowledgements, and
//! errors of middleware.

use crate::checks::module::CheckedModule;
use crate::eval::value::Value;
use crate::js::ir::{Body, Expr, ExprId, SymbolValue};
use crate::js::left::last_name;

/// Words of which one is in the name of a server or connection.
const SOCKETS: [&str; 4] = ["client", "io", "nsp", "socket"];

/// The values that the call of a function sends to the client: `callback(value)` in the handler of a
/// message, `next(error)` in middleware.
pub(crate) fn sent_to_socket(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    arguments: &[ExprId],
) -> Option<Vec<Value>> {
    let body = module.body;
    let Expr::Symbol(symbol) = &body.node(callee)?.expr else { return None };
    let SymbolValue::Parameter { function, index, path, .. } =
        &body.symbols.get(*symbol as usize)?.value
    else {
        return None;
    };
    if !path.is_empty() || !module.checker.app.depends_on("socket.io") {
        return None;
    }
    match method_given(body, *function)? {
        "on" | "once" => Some(arguments.iter().map(|&it| module.value_sent(it)).collect()),
        "use" if *index == 1 => {
            let &error = arguments.first()?;
            let mut sent = vec![module.evaluator.property_of(module.id, error, "message")];
            sent.extend(assigned_data(body, error).map(|value| module.value_sent(value)));
            Some(sent)
        }
        _ => None,
    }
}

/// The values that statements give to the property `data` of an error.
fn assigned_data(body: &Body, error: ExprId) -> impl Iterator<Item = ExprId> + '_ {
    let symbol = |expr: ExprId| match body.node(expr).map(|node| &node.expr) {
        Some(Expr::Symbol(symbol)) => Some(*symbol),
        _ => None,
    };
    let own = symbol(error);
    let assigned = body.assignments.iter().filter(move |(target, _)| {
        matches!(body.node(*target).map(|node| &node.expr), Some(Expr::Member(object, name))
            if &**name == "data" && own.is_some() && symbol(*object) == own)
    });
    assigned.map(|(_, value)| *value)
}

/// The method of a server or connection that a function is given to, by itself or by its name.
fn method_given(body: &Body, function: u32) -> Option<&str> {
    let is_it = |expr: ExprId| match body.node(expr).map(|node| &node.expr) {
        Some(Expr::Function(own)) => *own == function,
        Some(Expr::Symbol(symbol)) => {
            match body.symbols.get(*symbol as usize).map(|it| &it.value) {
                Some(SymbolValue::Function(own)) => *own == function,
                Some(SymbolValue::Init { expr, path, .. }) if path.is_empty() => {
                    matches!(body.node(*expr).map(|node| &node.expr), Some(Expr::Function(own)) if *own == function)
                }
                _ => false,
            }
        }
        _ => false,
    };
    body.nodes.iter().find_map(|node| {
        let Expr::Call { callee, arguments, .. } = &node.expr else { return None };
        let Expr::Member(object, method) = &body.node(*callee)?.expr else { return None };
        let takes =
            matches!(&**method, "on" | "once" | "use") && arguments.iter().any(|&it| is_it(it));
        (takes && is_socket(body, *object)).then_some(&**method)
    })
}

/// True for a server, namespace or connection by its usual name: `io`, `socket`, `io.of('/admin')`.
fn is_socket(body: &Body, object: ExprId) -> bool {
    match body.node(object).map(|node| &node.expr) {
        Some(Expr::Call { callee, .. }) => last_name(body, *callee) == Some("of"),
        _ => last_name(body, object).is_some_and(|name| {
            SOCKETS.iter().any(|word| name.to_ascii_lowercase().contains(word))
        }),
    }
}
