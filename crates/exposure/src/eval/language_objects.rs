//! Objects of the language that stand for a text or hand one on: addresses, their parameters, headers,
//! streams, and lists that statements add to.

use crate::eval::calls::CallSite;
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::value::{Field, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Addition, Body, Expr, Symbol, SymbolValue};

/// The classes whose objects stand for the texts in them.
const TEXTS: [&str; 3] = ["URL", "URLSearchParams", "Headers"];

/// The classes whose objects hand on what they are given under a name.
const MAPS: [&str; 2] = ["Map", "WeakMap"];

impl Evaluator<'_> {
    /// The value of a name with what statements add to it later. Only secrets count.
    pub(super) fn with_additions(
        &self,
        module: ModuleId,
        symbol: &Symbol,
        value: Value,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return value };
        let stands_for_text = is_made_of(body, symbol, &TEXTS);
        let is_map = is_made_of(body, symbol, &MAPS);
        let added = symbol.added.iter().filter_map(|added| {
            let (Addition::Element(expr) | Addition::Part(expr) | Addition::Parameter(expr)) =
                added;
            if matches!(added, Addition::Part(_)) && !stands_for_text && !is_map {
                return None;
            }
            let part = self.eval(module, *expr, frame);
            let is_element = matches!(added, Addition::Element(_));
            if !part.has_secret() {
                return None;
            }
            Some(if is_element { Value::List(vec![part].into()) } else { part })
        });
        let added: Vec<Value> = added.collect();
        if added.is_empty() {
            return value;
        }
        if is_map {
            let at = self.at(module, symbol.span);
            let entry = |value| Field { key: "[]".into(), value, at: at.clone() };
            let entries = value.fields().iter().cloned().chain(added.into_iter().map(entry));
            return Value::Object(entries.collect::<Vec<_>>().into());
        }
        Value::any_of(std::iter::once(value).chain(added).collect())
    }

    /// The secrets that the source of `new ReadableStream({ start(controller) { … } })` puts into it.
    pub(super) fn streamed(&self, site: CallSite<'_>) -> Value {
        let source = self.argument(site, 0);
        let mut chunks = Vec::new();
        for field in source.fields() {
            let Value::Function(home, function) = &field.value else { continue };
            let Some(body) = self.body(*home) else { continue };
            let Some(known) = body.functions.get(*function as usize) else { continue };
            let (first, end) = known.nodes;
            let nodes = body.nodes.get(first as usize..end as usize).unwrap_or_default();
            self.charge(nodes.len());
            for node in nodes {
                if let Expr::Call { callee, arguments, is_new: false } = &node.expr
                    && let Some(Expr::Member(_, method)) = body.node(*callee).map(|it| &it.expr)
                    && &**method == "enqueue"
                    && let Some(&chunk) = arguments.first()
                {
                    chunks.push(self.eval(*home, chunk, site.frame));
                }
            }
        }
        Value::any_of(chunks.into_iter().filter(Value::has_secret).collect())
    }
}

/// True if a name is declared with `new X(…)` of one of these classes.
fn is_made_of(body: &Body, symbol: &Symbol, classes: &[&str]) -> bool {
    let SymbolValue::Init { expr, path, .. } = &symbol.value else { return false };
    match body.node(*expr).map(|node| &node.expr) {
        Some(Expr::Call { callee, is_new: true, .. }) if path.is_empty() => {
            matches!(body.node(*callee).map(|node| &node.expr), Some(Expr::Global(name)) if classes.contains(&&**name))
        }
        _ => false,
    }
}

/// True for a property of an address that holds what was put into it.
pub(super) fn is_part_of_address(property: &str) -> bool {
    matches!(
        property,
        "href" | "search" | "searchParams" | "hash" | "pathname" | "username" | "password"
    )
}
