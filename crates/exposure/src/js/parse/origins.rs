//! The bindings of a module whose code may get a secret from outside: from an environment or a file.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::js::ir::{Body, Expr};

/// Names of environments, and of functions that read one or a file.
const NAMES: [&str; 8] = [
    "env",
    "loadEnv",
    "parseEnv",
    "readFile",
    "readFileSync",
    "readJSONSync",
    "readJsonSync",
    "readTextFileSync",
];

/// The bindings whose code names one of these, in order.
pub(super) fn origins(body: &Body) -> Vec<usize> {
    let is_named = |name: &str| NAMES.contains(&name);
    let named = body.nodes.iter().filter(|node| match &node.expr {
        Expr::Member(_, name) | Expr::Global(name) => is_named(name),
        Expr::Text(text) => is_named(text),
        Expr::Symbol(symbol) => {
            body.symbols.get(*symbol as usize).is_some_and(|symbol| is_named(&symbol.name))
        }
        _ => false,
    });
    let contexts = named.filter_map(|node| body.contexts.get(node.context as usize));
    let mut origins: Vec<usize> = contexts.map(|context| context.binding).collect();
    origins.sort_unstable();
    origins.dedup();
    origins
}
