//! Calls by which server code sends values to the client.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::checks::module::CheckedModule;
use crate::eval::names::{name_of, names_of};
use crate::eval::value::Value;
use crate::frameworks;
use crate::frameworks::sending_call::SentPart;
use crate::js::ir::{Expr, ExprId};

/// True for `response.headers.set` and the like, of a response that server code answers with.
fn is_header_of_response(module: &CheckedModule<'_, '_>, callee: ExprId) -> bool {
    let member = |expr: ExprId| match module.body.node(expr).map(|node| &node.expr) {
        Some(Expr::Member(object, name)) => Some((*object, &**name)),
        _ => None,
    };
    let Some((response, _)) =
        member(callee).and_then(|(headers, _)| member(headers)).filter(|it| it.1 == "headers")
    else {
        return false;
    };
    let name = name_of(module.body, response);
    let last = name.rsplit('.').next().unwrap_or_default();
    // A request has headers, too.
    matches!(last, "response" | "res")
        || matches!(
            module.value(response),
            Value::CallResult(made, _)
                if matches!(&*made, "Response" | "NextResponse" | "next" | "rewrite" | "resolve")
        )
}

/// The values that a call sends to the client, and how; `None` if it sends nothing.
pub(crate) fn sent_by_call(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    arguments: &[ExprId],
    is_new: bool,
) -> Option<(&'static str, Vec<Value>)> {
    let names = names_of(module.body, callee);
    let (first, last) = (names.first(), names.last());
    let values =
        || arguments.iter().map(|&id| module.evaluator.value_sent(module.id, id)).collect();
    let function_results = |value: &Value| match value {
        Value::Function(home, function) => {
            let results = module.evaluator.returns(*home, *function).into_iter();
            results.map(|(_, value)| value).collect()
        }
        _ => Vec::new(),
    };
    let is_response = matches!(first, "Response" | "NextResponse" | "HttpResponse");
    if is_response && (is_new || matches!(last, "json")) {
        return Some(("the response is sent to whoever asks", values()));
    }
    if matches!(first, "json" | "data" | "defer" | "typedjson" | "typeddefer") && first == last {
        let (package, _) = module.evaluator.external(module.id, callee)?;
        let mut packages = frameworks::tables().response_packages.iter();
        let is_server = packages.any(|known| package.starts_with(known));
        return is_server.then(|| ("loader data is sent to the browser", values()));
    }
    // Of SvelteKit: the data of a failed action, and the message of an expected error.
    if matches!(first, "fail" | "error") && first == last {
        let (package, _) = module.evaluator.external(module.id, callee)?;
        let note = "the data of the error is sent to the browser";
        return (package == "@sveltejs/kit").then(|| (note, values()));
    }
    let answers = ["res", "response", "reply", "rep", "resp", "ctx", "c", "context", "h"];
    let name = || name_of(module.body, callee);
    let is_answer = || answers.contains(&first) || name().contains(".res.");
    let is_write = matches!(
        last,
        "json"
            | "jsonp"
            | "send"
            | "end"
            | "write"
            | "text"
            | "html"
            | "body"
            | "setHeader"
            | "cookie"
            | "header"
    );
    if is_write && first != last && is_answer() {
        return Some(("the response is sent to whoever asks", values()));
    }
    if matches!(last, "set" | "append") && is_header_of_response(module, callee) {
        return Some(("a header of the response is sent to whoever asks", values()));
    }
    let own = module.checker.frameworks.iter().flat_map(|used| used.facts().sending_calls);
    let mut calls = own.chain(&frameworks::tables().unmistakable_calls);
    let call = calls.find(|call| call.is_called(first, last, || name().into_owned()))?;
    let sent = match call.sends {
        SentPart::Arguments => values(),
        SentPart::ResultsOf(index) => {
            let given = arguments.get(index).map(|&id| module.value(id));
            function_results(&given.unwrap_or_default())
        }
        SentPart::ResultsOfAll(property) => {
            let given = arguments.iter().map(|&id| module.value(id));
            given
                .flat_map(|value| {
                    let mut results = function_results(&value);
                    results.extend(function_results(value.get(property)));
                    results
                })
                .collect()
        }
    };
    Some((call.note, sent))
}
