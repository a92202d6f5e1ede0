//! Calls by which server code sends values to the client.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::checks::module::CheckedModule;
use crate::checks::server_templates::{is_written, rendered};
use crate::checks::socket_calls::sent_to_socket;
use crate::eval::names::{NameChain, name_of, names_of};
use crate::eval::value::Value;
use crate::framework_id::FrameworkId;
use crate::frameworks;
use crate::frameworks::sending_call::{
    ANSWER, COOKIE, CallObject, ERROR, HEADER, MESSAGE, REDIRECT, SendingCall, SentPart, TEMPLATE,
};
use crate::graph::definitions::Definition;
use crate::graph::modules::ModuleId;
use crate::js::ir::{Binding, BindingTarget, Body, Context, Expr, ExprId, Imported, SymbolValue};

/// How many names are followed from a function of an event back to the event.
const MAX_EVENT_NAMES: usize = 6;

/// Methods of a server's response that send their arguments.
const WRITES: [&str; 14] = [
    "appendHeader",
    "body",
    "cookie",
    "end",
    "header",
    "html",
    "json",
    "jsonp",
    "redirect",
    "send",
    "setHeader",
    "text",
    "write",
    "writeHead",
];

/// Names of a server's response, and of what holds one.
const ANSWERS: [&str; 9] = ["res", "response", "reply", "rep", "resp", "ctx", "c", "context", "h"];

/// The values that a call sends to the client, and how; `None` if it sends nothing.
pub(crate) fn sent_by_call(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    arguments: &[ExprId],
    is_new: bool,
) -> Option<(&'static str, Vec<Value>)> {
    let names = names_of(module.body, callee);
    let (first, last) = (names.first(), names.last());
    let values = || {
        if !may_carry(module, arguments) {
            return vec![Value::Unknown; arguments.len()];
        }
        arguments.iter().map(|&id| module.value_sent(id)).collect()
    };
    let is_response = matches!(first, "Response" | "NextResponse" | "HttpResponse");
    if is_response && (is_new || matches!(last, "json" | "redirect")) {
        let note = if last == "redirect" { REDIRECT } else { ANSWER };
        return Some((note, values()));
    }
    // The headers of a picture.
    if is_new && first == "ImageResponse" {
        let options = arguments.get(1).map(|&id| module.value_sent(id));
        return Some((HEADER, vec![options.unwrap_or_default().get("headers").clone()]));
    }
    let is_nest = || module.checker.app.depends_on("@nestjs/common");
    if is_new
        && (matches!(first, "ActionError" | "TRPCError")
            || (first.ends_with("Exception") && is_nest()))
    {
        return Some((ERROR, values()));
    }
    if first == last
        && let Some(values) = sent_to_socket(module, callee, arguments)
    {
        return Some((MESSAGE, values));
    }
    if matches!(last, "renderToPipeableStream" | "renderToReadableStream") {
        let options = arguments.get(1).filter(|&&id| module.may_carry(id));
        let options = options.map(|&id| module.value_sent(id)).unwrap_or_default();
        let values = WRITTEN_OPTIONS.iter().map(|name| options.get(name).clone());
        return Some(("React writes it into the page", values.collect()));
    }
    if matches!(last, "set" | "flash")
        && is_made_by(module, callee, "getSession")
        && keeps_sessions_in_cookies(module)
    {
        return Some((COOKIE, values()));
    }
    // Signed, not encrypted: what `createCookie` of React Router and Remix makes.
    if last == "serialize"
        && let Some(Expr::Member(cookie, _)) = module.body.node(callee).map(|node| &node.expr)
        && matches!(module.value(*cookie), Value::CallResult(name, _) if &*name == "createCookie")
    {
        return Some((COOKIE, values()));
    }
    if last == "push" && is_made_by(module, callee, "createEventStream") {
        return Some((MESSAGE, values()));
    }
    if last == "write" && is_stream_of_handler(module, callee) {
        return Some((ANSWER, values()));
    }
    if first == last
        && let Some((package, name)) = module.evaluator.external(module.id, callee)
        && let Some(note) = note_of_function(name)
        && frameworks::tables().response_packages.iter().any(|known| package.starts_with(known))
    {
        let mut sent = values();
        // Of the headers of data, a route that exports no function for them sends only cookies.
        if name == "data" && !takes_loader_headers(module) {
            let options = sent.get(1).cloned().unwrap_or_default();
            sent.truncate(1);
            let headers = options.get("headers").fields().iter();
            let cookies = headers.filter(|field| field.key.eq_ignore_ascii_case("set-cookie"));
            sent.extend(cookies.map(|field| field.value.clone()));
        }
        return Some((note, sent));
    }
    if last == "set" && arguments.len() == 2 && is_transfer_state(module, callee) {
        return Some((TRANSFERRED, values()));
    }
    if matches!(last, "set" | "append")
        && let Some(note) = note_of_response_part(module, callee)
    {
        return Some((note, values()));
    }
    if first != last && matches!(last, "render" | "view") && ANSWERS.contains(&first) {
        let given: Vec<Value> = values();
        let name = given.first().and_then(Value::text);
        let data = given.get(1).unwrap_or(&Value::Unknown);
        return Some((TEMPLATE, rendered(module.checker, name, data)));
    }
    if first != last && is_written_to_answer(module, callee, &names) {
        let note = if last == "redirect" { REDIRECT } else { ANSWER };
        return Some((note, values()));
    }
    let call = sending_call(module, callee, &names)?;
    if call.note == ERROR && is_status_of_server(module, arguments) {
        return None;
    }
    Some((call.note, sent_part(module, call.sends, arguments)))
}

/// True if a route of React Router or Remix exports a function for headers that gets those of its data,
/// and that does not leave them aside.
fn takes_loader_headers(module: &CheckedModule<'_, '_>) -> bool {
    let checker = module.checker;
    let own = &checker.graph.modules[module.id].module;
    if !own.exports.iter().any(|export| export.name == "headers") {
        return false;
    }
    let value = match checker.graph.exported(module.id, "headers") {
        Definition::Binding(place) => module.evaluator.binding(place),
        _ => Value::Unknown,
    };
    let Value::Function(home, number) = value else { return true };
    if home != module.id {
        return true;
    }
    let body = module.body;
    let Some(whole) = body.functions.get(number as usize).map(|it| it.span) else { return true };
    let given = |expr: &Expr| match expr {
        Expr::Symbol(symbol) => match &body.symbols.get(*symbol as usize)?.value {
            SymbolValue::Parameter { function, path, .. } if *function == number => {
                Some(path.first().map_or("", |name| &**name))
            }
            _ => None,
        },
        _ => None,
    };
    let mut inside = body.nodes.iter().filter(|node| whole.contains(node.span));
    inside.any(|node| matches!(given(&node.expr), Some("" | "loaderHeaders" | "actionHeaders")))
}

/// Options of React's functions for servers that stand in the page.
const WRITTEN_OPTIONS: [&str; 5] =
    ["bootstrapModules", "bootstrapScriptContent", "bootstrapScripts", "identifierPrefix", "nonce"];

/// True if sessions of the app are cookies, which are signed but not encrypted.
fn keeps_sessions_in_cookies(module: &CheckedModule<'_, '_>) -> bool {
    let bindings = module.checker.graph.modules.iter().flat_map(|node| &node.module.bindings);
    let mut targets = bindings.map(|binding| &binding.target);
    targets.any(|target| {
        matches!(target, BindingTarget::Imported { name: Imported::Name(name), .. }
            if name == "createCookieSessionStorage")
    })
}

/// True for a method of the stream that `stream` and `streamText` of Hono hand to a function.
fn is_stream_of_handler(module: &CheckedModule<'_, '_>, callee: ExprId) -> bool {
    let body = module.body;
    let node = |expr: ExprId| body.node(expr).map(|node| &node.expr);
    let giver = || {
        let Expr::Member(object, _) = node(callee)? else { return None };
        let Expr::Symbol(symbol) = node(*object)? else { return None };
        let SymbolValue::Parameter { function, index: 0, .. } =
            &body.symbols.get(*symbol as usize)?.value
        else {
            return None;
        };
        let Expr::Call { callee, .. } = node(body.functions.get(*function as usize)?.given_to?)?
        else {
            return None;
        };
        Some(names_of(body, *callee).last())
    };
    module.checker.app.depends_on("hono") && matches!(giver(), Some("stream" | "streamText"))
}

/// True for a method of what a call of a function made.
fn is_made_by(module: &CheckedModule<'_, '_>, callee: ExprId, wanted: &str) -> bool {
    match module.body.node(callee).map(|node| &node.expr) {
        Some(Expr::Member(object, _)) => maker(module, *object) == Some(wanted),
        _ => false,
    }
}

/// The name of the function whose call made an object, possibly that of a constant.
fn maker<'a>(module: &CheckedModule<'_, 'a>, object: ExprId) -> Option<&'a str> {
    let body = module.body;
    let call = match &body.node(object)?.expr {
        Expr::Symbol(symbol) => match &body.symbols.get(*symbol as usize)?.value {
            SymbolValue::Init { expr, path, .. } if path.is_empty() => *expr,
            _ => return None,
        },
        _ => object,
    };
    let Expr::Call { callee, .. } = &body.node(call)?.expr else { return None };
    Some(names_of(body, *callee).last())
}

/// True for the arguments of `ctx.throw(500, …)` of Koa, which keeps the message of such an error to
/// itself.
fn is_status_of_server(module: &CheckedModule<'_, '_>, arguments: &[ExprId]) -> bool {
    let status = arguments.first().and_then(|&it| module.body.node(it)).map(|node| &node.expr);
    let is_it =
        matches!(status, Some(Expr::Literal(text)) if text.len() == 3 && text.starts_with('5'));
    is_it && module.checker.app.depends_on("koa")
}

/// How an assignment to `target` sends its value to the client, and true if that is a function whose
/// results are sent; `None` if it sends nothing.
pub(crate) fn sent_by_assignment(
    module: &CheckedModule<'_, '_>,
    target: ExprId,
) -> Option<(&'static str, bool)> {
    let name = name_of(module.body, target);
    let last = name.rsplit('.').next().unwrap_or_default();
    let uses = |id: FrameworkId| module.checker.frameworks.iter().any(|used| used.id() == id);
    if matches!(&*name, "ctx.body" | "ctx.response.body" | "context.body") {
        return Some((ANSWER, false));
    }
    if module.checker.app.depends_on("express")
        && [".locals.", "locals."].iter().any(|part| name.contains(part))
        && is_written(module.checker, last)
    {
        return Some((TEMPLATE, false));
    }
    if module.checker.app.depends_on("elysia")
        && let Some(path) = path_from_event(module.body, target, 0)
    {
        let path = path.strip_prefix("event.").unwrap_or(&path);
        let ways = [("set.headers.", HEADER), ("set.redirect", REDIRECT), ("cookie.", COOKIE)];
        if let Some((_, note)) = ways.into_iter().find(|(way, _)| path.starts_with(way)) {
            return Some((note, false));
        }
    }
    if last == "getInitialProps" && uses(FrameworkId::Next) {
        return Some(("props are part of the page's HTML", true));
    }
    if !uses(FrameworkId::Nuxt) {
        return None;
    }
    // What a module of one's own adds to the configuration.
    if name.contains("options.runtimeConfig.public") || name.contains("options.appConfig.") {
        return Some(("it is part of every page", false));
    }
    if name.contains(".payload.") {
        return Some(("it is in the payload of the page", false));
    }
    // `useState('x').value = …` where servers run it.
    let context = module.context_of(target);
    let Some(Expr::Member(state, _)) = module.body.node(target).map(|node| &node.expr) else {
        return None;
    };
    let place = module.place(context.binding);
    let is_of_server = context.guard.is_for_servers()
        || module.checker.server.has(place) && !module.checker.client.has(place);
    if last != "value" || (context.function.is_some() && !is_of_server) {
        return None;
    }
    match maker(module, *state)? {
        "useCookie" => Some((COOKIE, false)),
        "useState" => Some(("state goes into the payload of the page", false)),
        _ => None,
    }
}

/// Functions of frameworks that run the function they are given on servers, too.
const RUN_BY_SERVERS: [&str; 6] = [
    "callOnce",
    "defineNuxtPlugin",
    "defineNuxtRouteMiddleware",
    "onServerPrefetch",
    "useAsyncData",
    "useLazyAsyncData",
];

/// True if servers make an answer of a call in code that both sides have: not in what browsers do
/// when something happens.
pub(crate) fn is_answered_by_servers(
    module: &CheckedModule<'_, '_>,
    context: Context,
    note: &str,
) -> bool {
    if ![ANSWER, COOKIE, ERROR, HEADER, MESSAGE, REDIRECT].contains(&note) {
        return true;
    }
    let functions = &module.body.functions;
    let own = context.function.and_then(|number| functions.get(number as usize));
    let Some(own) = own else { return true };
    let giver = own.given_to.and_then(|call| module.body.node(call)).map(|node| &node.expr);
    if let Some(Expr::Call { callee, .. }) = giver
        && RUN_BY_SERVERS.contains(&names_of(module.body, *callee).last())
    {
        return true;
    }
    // Functions of the script of a component are its handlers, and so are those within functions.
    let is_component = [".vue", ".svelte"].iter().any(|ending| module.path().ends_with(ending));
    let is_inner = || functions.iter().any(|it| it.span != own.span && it.span.contains(own.span));
    !is_component && !own.name.starts_with("client") && !is_inner()
}

/// The note on what Angular hands over to the browser.
const TRANSFERRED: &str = "the state is in the page that the server renders";

/// True for `set` of a `TransferState` of Angular, whatever its name is.
fn is_transfer_state(module: &CheckedModule<'_, '_>, callee: ExprId) -> bool {
    let node = &module.checker.graph.modules[module.id];
    let is_it = |binding: &Binding| {
        matches!(&binding.target, BindingTarget::Imported { name: Imported::Name(name), .. }
            if name == "TransferState")
    };
    let Some(Expr::Member(object, _)) = module.body.node(callee).map(|node| &node.expr) else {
        return false;
    };
    // What is filled elsewhere is no state: `headers`, `map`.
    let is_container = || matches!(module.value(*object), Value::Object(_));
    module.checker.rendering.is_some() && node.module.bindings.iter().any(is_it) && !is_container()
}

/// The note on a function of a framework's package that answers with its arguments.
fn note_of_function(name: &str) -> Option<&'static str> {
    Some(match name {
        "json" | "data" | "defer" | "typedjson" | "typeddefer" => {
            "loader data is sent to the browser"
        }
        "redirect" | "permanentRedirect" | "redirectDocument" | "replace" => REDIRECT,
        "error" | "fail" | "text" => ANSWER,
        _ => return None,
    })
}

/// True for `res.json` and the like, of a response by its usual name.
fn is_written_to_answer(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    names: &NameChain<'_>,
) -> bool {
    let (first, last) = (names.first(), names.last());
    let is_answer = || ANSWERS.contains(&first) || name_of(module.body, callee).contains(".res.");
    match last {
        // `c.set` of Hono sets a variable, and `h` may hold the headers of a request.
        "append" | "headers" | "location" | "set" => match first {
            "res" | "response" | "reply" | "rep" | "resp" => true,
            "ctx" => module.checker.app.depends_on("koa"),
            _ => false,
        },
        _ => WRITES.contains(&last) && is_answer(),
    }
}

/// The note on `response.headers.set`, `response.cookies.set` and the like, of a response that server
/// code answers with, and on `cookies().set` of Next.js.
fn note_of_response_part(module: &CheckedModule<'_, '_>, callee: ExprId) -> Option<&'static str> {
    let member = |expr: ExprId| match module.body.node(expr).map(|node| &node.expr) {
        Some(Expr::Member(object, name)) => Some((*object, &**name)),
        _ => None,
    };
    let (part, _) = member(callee)?;
    let Some((response, name)) = member(part) else {
        // The document of React Router and Remix gets the headers of its answer.
        let is_document = || module.checker.is_document(module.path());
        let is_of_answer = match &*name_of(module.body, part) {
            "responseHeaders" => true,
            "headers" => is_document(),
            _ => false,
        };
        if is_of_answer && path_from_event(module.body, part, 0).is_some() {
            return Some(HEADER);
        }
        let is_jar =
            matches!(module.value(part), Value::CallResult(made, _) if &*made == "cookies");
        return is_jar.then_some(COOKIE);
    };
    let note = match name {
        "headers" => HEADER,
        "cookies" => COOKIE,
        _ => return None,
    };
    let response_name = name_of(module.body, response);
    let last = response_name.rsplit('.').next().unwrap_or_default();
    // A request has headers, too.
    let is_response = matches!(last, "response" | "res")
        || matches!(
            module.value(response),
            Value::CallResult(made, _)
                if matches!(&*made, "Response" | "NextResponse" | "next" | "rewrite" | "resolve" | "json" | "redirect")
        );
    is_response.then_some(note)
}

/// The call of a framework that this is.
fn sending_call(
    module: &CheckedModule<'_, '_>,
    callee: ExprId,
    names: &NameChain<'_>,
) -> Option<&'static SendingCall> {
    let body = module.body;
    let own = module.checker.frameworks.iter().flat_map(|used| used.facts().sending_calls);
    let is_meant = |call: &&SendingCall| {
        call.package.is_empty() || module.checker.app.depends_on(call.package)
    };
    let mut calls = own.chain(&frameworks::tables().unmistakable_calls).filter(is_meant);
    if let Some(Expr::Call { callee: maker, .. }) = body.node(callee).map(|node| &node.expr) {
        let maker = names_of(body, *maker);
        return calls
            .find(|call| matches!(call.object, CallObject::Made) && call.function == maker.last());
    }
    let (first, last) = (names.first(), names.last());
    calls.find(|call| match call.object {
        CallObject::Event => {
            call.function.rsplit('.').next() == Some(last)
                && path_from_event(body, callee, 0).is_some_and(|path| {
                    path.strip_prefix("event.").unwrap_or(&path) == call.function
                })
        }
        CallObject::Given(names) => {
            call.function == last
                && names.contains(&first)
                && path_from_event(body, callee, 0).is_some_and(|path| path == call.function)
        }
        _ => call.is_called(first, last, || name_of(body, callee).into_owned()),
    })
}

/// The path from what a handler is given to a function: `cookies.set` of `event.cookies.set`, also
/// where the parts were taken out before.
fn path_from_event(body: &Body, expr: ExprId, depth: usize) -> Option<String> {
    if depth > MAX_EVENT_NAMES {
        return None;
    }
    let extended = |path: String, name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    match &body.node(expr)?.expr {
        Expr::Member(object, name) => {
            Some(extended(path_from_event(body, *object, depth + 1)?, name))
        }
        Expr::Index(object, index) => match &body.node(*index)?.expr {
            Expr::Text(name) => Some(extended(path_from_event(body, *object, depth + 1)?, name)),
            _ => None,
        },
        Expr::Global(name) => (&**name == "Astro").then(String::new),
        Expr::Symbol(symbol) => {
            let (before, path) = match &body.symbols.get(*symbol as usize)?.value {
                SymbolValue::Parameter { path, .. } => (String::new(), path),
                SymbolValue::Init { expr: init, path, .. } => {
                    (path_from_event(body, *init, depth + 1)?, path)
                }
                _ => return None,
            };
            Some(path.iter().fold(before, |path, name| extended(path, name)))
        }
        _ => None,
    }
}

/// True if a secret may be in one of some arguments.
pub(crate) fn may_carry(module: &CheckedModule<'_, '_>, arguments: &[ExprId]) -> bool {
    arguments.iter().any(|&argument| module.may_carry(argument))
}

/// The values that a call with these arguments sends.
fn sent_part(module: &CheckedModule<'_, '_>, sends: SentPart, arguments: &[ExprId]) -> Vec<Value> {
    // What a function throws is no part of what its value may carry.
    if !matches!(sends, SentPart::AnswersOf(_)) && !may_carry(module, arguments) {
        return Vec::new();
    }
    let evaluator = module.evaluator;
    let results_of = |value: &Value| match value {
        Value::Function(home, function) => {
            let results = evaluator.returns(*home, *function).into_iter();
            results.map(|(_, value)| value).collect()
        }
        _ => Vec::new(),
    };
    match sends {
        SentPart::Arguments => arguments.iter().map(|&id| module.value_sent(id)).collect(),
        SentPart::Error => {
            let told = |value: Value| match value {
                Value::Object(fields) => {
                    let told = fields.iter().filter(|field| &*field.key != "cause");
                    Value::Object(told.cloned().collect::<Vec<_>>().into())
                }
                other => other,
            };
            arguments.iter().map(|&id| told(module.value_sent(id))).collect()
        }
        SentPart::AfterEvent => match arguments {
            [event, rest @ ..] if matches!(names_of(module.body, *event).last(), "event" | "e") => {
                rest.iter().map(|&id| module.value_sent(id)).collect()
            }
            _ => Vec::new(),
        },
        SentPart::ResultsOf(index) => {
            let given = arguments.get(index).map(|&id| module.value(id));
            results_of(&given.unwrap_or_default())
        }
        SentPart::AnswersOf(index) => {
            let given = arguments.get(index).map(|&id| module.value(id)).unwrap_or_default();
            let mut sent = results_of(&given);
            if let Value::Function(home, function) = given
                && module.checker.graph.may_have_secret(home)
            {
                sent.push(evaluator.messages_thrown(home, function));
            }
            sent
        }
        SentPart::ResultsOfAll(property) => {
            let mut all = Vec::new();
            for value in arguments.iter().map(|&id| module.value(id)) {
                all.extend(results_of(&value));
                all.extend(results_of(value.get(property)));
            }
            all
        }
        SentPart::ResultsOfProperties(properties) => {
            let given: Vec<Value> = arguments.iter().map(|&id| module.value(id)).collect();
            let functions =
                given.iter().flat_map(|value| properties.iter().map(|name| value.get(name)));
            functions.flat_map(results_of).collect()
        }
        SentPart::ResultsIn(property) => {
            let given = arguments.iter().map(|&id| module.value(id));
            let mut functions = Vec::new();
            for value in given {
                functions_in(value.get(property), &mut functions, 0);
            }
            let results = functions
                .iter()
                .flat_map(|(home, function)| results_of(&Value::Function(*home, *function)));
            results.collect()
        }
        SentPart::NamedProperties => {
            let modules = || module.checker.graph.modules.iter().map(|node| &node.module);
            let is_named = |name: &str| {
                name.contains('.')
                    || modules().any(|module| module.free.iter().any(|free| &*free.name == name))
            };
            let given = arguments.iter().map(|&id| module.value_sent(id));
            let secret = given.flat_map(|value| value.fields().to_vec());
            let secret = secret.filter(|field| field.value.has_secret() && is_named(&field.key));
            secret.map(|field| field.value).collect()
        }
        SentPart::Property(name) => {
            let given: Vec<Value> = arguments.iter().map(|&id| module.value_sent(id)).collect();
            let objects = given.iter().flat_map(Value::elements);
            objects.map(|value| value.get(name).clone()).collect()
        }
    }
}

/// The functions in a value: itself, or those of an object of actions.
pub(crate) fn functions_in(value: &Value, found: &mut Vec<(ModuleId, u32)>, depth: u32) {
    if depth > 3 {
        return;
    }
    match value {
        Value::Function(module, function) => found.push((*module, *function)),
        Value::Object(fields) => {
            fields.iter().for_each(|field| functions_in(&field.value, found, depth + 1));
        }
        // The others are their options.
        Value::CallResult(name, values) if name.to_ascii_lowercase().contains("cached") => {
            values.iter().take(1).for_each(|value| functions_in(value, found, depth + 1));
        }
        Value::List(values)
        | Value::CallResult(_, values)
        | Value::Instance(_, _, values)
        | Value::Any(values) => {
            values.iter().for_each(|value| functions_in(value, found, depth + 1));
        }
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Secret(_)
        | Value::Variable
        | Value::Environment(..)
        | Value::Module(_) => {}
    }
}
