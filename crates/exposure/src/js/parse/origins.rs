//! The bindings of a module whose code may get a secret that no word in it tells of: all variables of
//! an environment, one of a computed name, a file, or a text that it decodes.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::js::ir::{Body, Expr, ExprId, REST, SymbolValue};

/// Functions that read an environment or a file, or decode a text.
const FUNCTIONS: [&str; 8] = [
    "atob",
    "loadEnv",
    "parseEnv",
    "readFile",
    "readFileSync",
    "readJSONSync",
    "readJsonSync",
    "readTextFileSync",
];

/// The bindings with such code, in order.
pub(super) fn origins(body: &Body) -> Vec<usize> {
    let mut environments: Vec<ExprId> = Vec::new();
    let mut found: Vec<u32> = Vec::new();
    for (id, node) in body.nodes.iter().enumerate() {
        let is_origin = match &node.expr {
            Expr::Member(_, name) if &**name == "env" => {
                environments.push(id as ExprId);
                false
            }
            Expr::Index(_, index) if has_text(body, *index, "env") => {
                environments.push(id as ExprId);
                false
            }
            Expr::Member(_, name) | Expr::Global(name) => FUNCTIONS.contains(&&**name),
            Expr::Symbol(symbol) => {
                let symbol = body.symbols.get(*symbol as usize);
                symbol.is_some_and(|symbol| FUNCTIONS.contains(&&*symbol.name))
            }
            // `Buffer.from(text, 'base64')`
            Expr::Call { callee, arguments, .. } => {
                let is_from = matches!(
                    body.node(*callee).map(|node| &node.expr),
                    Some(Expr::Member(_, method)) if &**method == "from"
                );
                is_from && arguments.len() > 1
            }
            _ => false,
        };
        if is_origin {
            found.push(node.context);
        }
    }
    if !environments.is_empty() {
        let read = read_by_name(body);
        let whole = environments.into_iter().filter(|id| !read.contains(id));
        found.extend(whole.filter_map(|id| body.node(id)).map(|node| node.context));
    }
    let contexts = found.into_iter().filter_map(|context| body.contexts.get(context as usize));
    let mut origins: Vec<usize> = contexts.map(|context| context.binding).collect();
    origins.sort_unstable();
    origins.dedup();
    origins
}

/// The objects of which code reads nothing but properties whose names are written.
fn read_by_name(body: &Body) -> HashSet<ExprId, RandomState> {
    let members = body.nodes.iter().filter_map(|node| match &node.expr {
        Expr::Member(object, _) => Some(*object),
        Expr::Index(object, index) => {
            let is_written = matches!(body.node(*index).map(|it| &it.expr), Some(Expr::Text(_)));
            is_written.then_some(*object)
        }
        _ => None,
    });
    let named = body.symbols.iter().filter_map(|symbol| match &symbol.value {
        SymbolValue::Init { expr, path, .. } => {
            let is_named = !path.is_empty() && !path.iter().any(|part| part.contains(REST));
            is_named.then_some(*expr)
        }
        _ => None,
    });
    members.chain(named).collect()
}

fn has_text(body: &Body, expr: ExprId, expected: &str) -> bool {
    matches!(body.node(expr).map(|node| &node.expr), Some(Expr::Text(text)) if &**text == expected)
}
