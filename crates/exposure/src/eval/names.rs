//! Chains of names as code writes them: `JSON.stringify`.

use std::borrow::Cow;

use crate::js::ir::{Body, Expr, ExprId};

/// How many properties of a chain are kept, from its end.
const MAX_NAMES: usize = 8;

/// The names of a chain, from `start` to the end of the array.
pub(crate) struct NameChain<'b> {
    names: [&'b str; MAX_NAMES + 1],
    start: usize,
}

impl<'b> NameChain<'b> {
    fn push(&mut self, name: &'b str) {
        self.start -= 1;
        self.names[self.start] = name;
    }

    pub(super) fn as_slice(&self) -> &[&'b str] {
        &self.names[self.start..]
    }

    /// The first name; empty if there is none.
    pub(crate) fn first(&self) -> &'b str {
        self.as_slice().first().copied().unwrap_or_default()
    }

    /// The last name; empty if there is none.
    pub(crate) fn last(&self) -> &'b str {
        self.as_slice().last().copied().unwrap_or_default()
    }
}

/// The names of a callee, without those of the global object.
pub(crate) fn names_of(body: &Body, expr: ExprId) -> NameChain<'_> {
    let mut names = NameChain { names: [""; MAX_NAMES + 1], start: MAX_NAMES + 1 };
    let mut at = expr;
    loop {
        match body.node(at).map(|node| &node.expr) {
            Some(Expr::Member(object, property)) if names.start > 1 => {
                names.push(property);
                at = *object;
            }
            Some(Expr::Global(name)) => {
                names.push(name);
                break;
            }
            Some(Expr::Symbol(symbol)) => {
                names.push(body.symbols.get(*symbol as usize).map_or("", |s| &s.name));
                break;
            }
            Some(Expr::Call { callee, .. }) if names.start > 1 && !names.as_slice().is_empty() => {
                at = *callee;
            }
            _ => break,
        }
    }
    if matches!(names.first(), "globalThis" | "window" | "self" | "this") {
        names.start += 1;
    }
    names
}

/// A callee as it is written: `JSON.stringify`; empty if it is not a chain of names.
pub(crate) fn name_of(body: &Body, expr: ExprId) -> Cow<'_, str> {
    match names_of(body, expr).as_slice() {
        [] => Cow::Borrowed(""),
        [name] => Cow::Borrowed(name),
        names => Cow::Owned(names.join(".")),
    }
}

/// True if a call may put a key together or decode one.
pub(crate) fn may_make_text(body: &Body, callee: ExprId) -> bool {
    match names_of(body, callee).as_slice() {
        ["atob"] | ["Buffer", "from"] | [.., "readFileSync"] => true,
        _ => matches!(
            body.node(callee).map(|node| &node.expr),
            Some(Expr::Member(_, method)) if matches!(&**method, "concat" | "join")
        ),
    }
}

/// True for the expression `this`.
pub(super) fn is_this(body: &Body, expr: ExprId) -> bool {
    matches!(
        body.node(expr).map(|node| &node.expr),
        Some(Expr::Global(name)) if &**name == "this"
    )
}
/// The symbol at the root of a chain of properties and calls.
pub(super) fn root_symbol(body: &Body, expr: ExprId) -> Option<u32> {
    let mut at = expr;
    loop {
        let expr = &body.node(at)?.expr;
        if let Expr::Symbol(symbol) = expr {
            return Some(*symbol);
        }
        let (Expr::Member(inner, _) | Expr::Index(inner, _) | Expr::Call { callee: inner, .. }) =
            expr
        else {
            return None;
        };
        at = *inner;
    }
}
