//! The bindings of a module whose code may get a secret that no word in it tells of: all variables of
//! an environment, one of a computed name, a file, or a text that it decodes.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::js::ir::{Body, Expr, ExprId, ExprNode, PropertyKey, REST, SymbolValue};

/// Functions that read an environment or a file.
const FUNCTIONS: [&str; 7] = [
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
            // `atob(text)`, `Buffer.from(text, 'base64')`
            Expr::Call { callee, arguments, .. } => {
                let is_decoding = match body.node(*callee).map(|node| &node.expr) {
                    Some(Expr::Member(_, method)) => {
                        &**method == "atob" || &**method == "from" && arguments.len() > 1
                    }
                    Some(Expr::Global(name)) => &**name == "atob",
                    _ => false,
                };
                is_decoding && arguments.first().is_some_and(|&text| !is_given(body, text))
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
    // `const { a, ...rest } = process.env`
    let whole = |node: &ExprNode| match &node.expr {
        Expr::Spread(whole) => vec![*whole],
        Expr::Object(properties) => {
            let spread = properties.iter().filter(|it| matches!(it.key, PropertyKey::Spread));
            spread.map(|it| it.value).collect()
        }
        _ => Vec::new(),
    };
    let mut read: HashSet<ExprId, RandomState> = members.chain(named).collect();
    for whole in body.nodes.iter().flat_map(whole) {
        read.remove(&whole);
    }
    read
}

/// True for a parameter, or a part of one: whoever gives it has the text.
fn is_given(body: &Body, text: ExprId) -> bool {
    let mut at = text;
    loop {
        at = match body.node(at).map(|node| &node.expr) {
            Some(Expr::Member(object, _) | Expr::Index(object, _)) => *object,
            Some(Expr::Call { callee, .. }) => *callee,
            Some(Expr::Symbol(symbol)) => {
                let symbol = body.symbols.get(*symbol as usize);
                return symbol.is_some_and(|symbol| {
                    let SymbolValue::Parameter { function, default: None, .. } = symbol.value
                    else {
                        return false;
                    };
                    // A callback gets what stands beside it.
                    let function = body.functions.get(function as usize);
                    symbol.assigned.is_empty()
                        && function.is_some_and(|function| function.given_to.is_none())
                });
            }
            _ => return false,
        };
    }
}

fn has_text(body: &Body, expr: ExprId, expected: &str) -> bool {
    matches!(body.node(expr).map(|node| &node.expr), Some(Expr::Text(text)) if &**text == expected)
}

#[cfg(test)]
mod tests {
    use crate::js::ir::ParseDepth;
    use crate::js::parse::testing::module;

    #[test]
    fn secrets_that_no_word_tells_of_have_origins() {
        for (text, expected) in [
            ("const a = process.env", "a"),
            ("const a = process['env']", "a"),
            ("const a = (name) => import.meta.env[name]", "a"),
            ("const { X, ...a } = process.env", "X"),
            ("const a = { ...process.env }", "a"),
            ("const a = process.env.X, b = process.env['Y']", ""),
            ("const { X } = process.env", ""),
            ("const a = atob('x'), b = Buffer.from(a, 'base64')", "a b"),
            ("const a = (text) => atob(text.slice(2)), b = Buffer.from('x')", ""),
            ("const a = ['x', 'y'].map((it) => atob(it))", "a"),
            ("const a = fs.readFileSync('x.txt'), b = readFile('x.txt')", "a b"),
        ] {
            let module = module("a.ts", text, ParseDepth::Body);
            let origins = &module.body.as_ref().expect("it was asked for").origins;
            let names: Vec<_> = origins.iter().map(|&it| &*module.bindings[it].name).collect();
            assert_eq!(names.join(" "), expected, "{text}");
        }
    }
}
