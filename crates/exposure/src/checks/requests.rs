//! Calls that may send requests, and the addresses that they name.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::checks::module::CheckedModule;
use crate::eval::names::NameChain;
use crate::eval::value::Value;
use crate::js::ir::{Expr, ExprId, SymbolValue};

/// How deep the parts of an address are followed.
const MAX_DEPTH: u32 = 6;

/// Options of a request that are parts of its address.
const ADDRESS_PARTS: [&str; 7] = ["url", "uri", "baseURL", "baseUrl", "path", "hostname", "host"];

/// The known texts of an address, in parts: of a template, those between its interpolations.
pub(crate) fn address_texts(module: &CheckedModule<'_, '_>, argument: ExprId) -> Vec<String> {
    let mut texts = Vec::new();
    collect_texts(module, argument, &mut texts, 0);
    texts
}

fn collect_texts(
    module: &CheckedModule<'_, '_>,
    expr: ExprId,
    texts: &mut Vec<String>,
    depth: u32,
) {
    let body = module.body;
    let Some(node) = body.node(expr).filter(|_| depth <= MAX_DEPTH) else { return };
    match module.value(expr) {
        Value::Text(text) => return texts.push(text.to_string()),
        Value::Any(values) => {
            texts.extend(values.iter().filter_map(Value::text).map(str::to_owned));
        }
        Value::Object(fields) if depth == 0 => {
            for key in ADDRESS_PARTS {
                let field = fields.iter().find(|field| &*field.key == key);
                texts.extend(field.and_then(|field| field.value.text()).map(str::to_owned));
            }
        }
        _ => {}
    }
    let children: &[ExprId] = match &node.expr {
        Expr::Concat(parts) => parts,
        Expr::Call { arguments, is_new: true, .. } => arguments,
        Expr::Symbol(symbol) => match body.symbols.get(*symbol as usize).map(|it| &it.value) {
            Some(SymbolValue::Init { expr, path, .. }) if path.is_empty() => {
                std::slice::from_ref(expr)
            }
            _ => &[],
        },
        _ => &[],
    };
    for &child in children {
        collect_texts(module, child, texts, depth + 1);
    }
}

/// True if a text is the path of an address.
pub(crate) fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.contains(char::is_whitespace)
}

/// True if a function of this name may send a request, rather than print, compare or build texts.
pub(crate) fn is_request(names: &NameChain<'_>) -> bool {
    let is_client = |name: &str| {
        matches!(
            name,
            "fetch"
                | "$fetch"
                | "ofetch"
                | "useFetch"
                | "useLazyFetch"
                | "axios"
                | "ky"
                | "got"
                | "superagent"
                | "request"
                | "wretch"
                | "Request"
                | "http"
                | "https"
                | "xhr"
                | "ajax"
                | "$"
                | "jQuery"
                | "needle"
                | "CapacitorHttp"
        )
    };
    let is_method = |name: &str| {
        matches!(
            name,
            "fetch" | "post" | "request" | "open" | "ajax" | "get" | "put" | "$post" | "sendBeacon"
        )
    };
    is_client(names.first()) || is_method(names.last())
}
