//! Values that code leaves for other code without handing them over, as it is written.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::sync::Arc;

use crate::js::body::{Body, Element, Expr, ExprId, Property, PropertyKey, SymbolValue};

/// A value that a module leaves for others.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    /// The place.
    pub(crate) holder: &'static str,
    /// The name that it has there.
    pub(crate) name: Arc<str>,
    /// The value.
    pub(crate) value: ExprId,
    /// Set if it is the result of the function that the value is.
    pub(crate) is_result: bool,
}

/// The place in which components and injectors leave values.
pub(crate) const PROVIDED: &str = "provided";

/// The place in which code leaves errors for the error handler of its server.
pub(crate) const ERRORS: &str = "errors";

/// The name of a value all of whose properties are left.
pub(crate) const ALL: &str = "...";

/// Names of requests.
pub(crate) const REQUESTS: [&str; 2] = ["req", "request"];

/// Names of what a handler is given.
pub(crate) const CONTEXTS: [&str; 3] = ["c", "context", "ctx"];

/// Names of the app of a server.
pub(crate) const APPS: [&str; 5] = ["api", "app", "fastify", "instance", "server"];

/// All values that expressions leave.
pub(crate) fn left_in(body: &Body) -> Vec<Left> {
    let assigned = body.assignments.iter().filter_map(|&(target, value)| {
        let (holder, name) = assigned_in(body, target)?;
        Some(Left { holder, name: name.into(), value, is_result: false })
    });
    let mut found: Vec<Left> = assigned.collect();
    let thrown = body.functions.iter().flat_map(|function| &function.throws);
    found.extend(thrown.map(|&value| error_left(value)));
    for (expr, node) in (0..).zip(&body.nodes) {
        match &node.expr {
            Expr::Call { callee, arguments, is_new: false } => {
                found.extend(left_by_call(body, *callee, arguments));
            }
            Expr::Element(element) => found.extend(provided_by_element(body, element)),
            Expr::Object(properties) => found.extend(provided_by_object(body, properties)),
            Expr::Function(function) => {
                let name = body.functions.get(*function as usize).map_or("", |it| &it.name);
                let holder = match name {
                    "getLoadContext" => "context",
                    "createContext" | "createInnerTRPCContext" | "createTRPCContext" => "ctx",
                    _ => continue,
                };
                found.push(Left { holder, name: ALL.into(), value: expr, is_result: true });
            }
            _ => {}
        }
    }
    found
}

/// An error that the handler for errors gets.
fn error_left(value: ExprId) -> Left {
    Left { holder: ERRORS, name: ALL.into(), value, is_result: false }
}

/// The place and the name that an assignment leaves a value in.
fn assigned_in(body: &Body, target: ExprId) -> Option<(&'static str, &str)> {
    let Expr::Member(object, name) = &body.node(target)?.expr else { return None };
    let holder = match &body.node(*object)?.expr {
        Expr::Member(_, part) if &**part == "locals" => "locals",
        // `context` is that of h3.
        Expr::Member(of, part) if &**part == "context" => {
            let is_event = is_parameter(body, *of) || symbol_name(body, *of) == Some("event");
            is_event.then_some("context")?
        }
        // `state` is that of Koa.
        Expr::Member(of, part) if &**part == "state" => {
            CONTEXTS.contains(&symbol_name(body, *of)?).then_some("state")?
        }
        // That of socket.io.
        Expr::Member(..) if is_data_of_socket(body, *object) => "socket",
        Expr::Symbol(_) if symbol_name(body, *object) == Some("locals") => "locals",
        Expr::Symbol(_) if REQUESTS.contains(&symbol_name(body, *object)?) => {
            is_parameter(body, *object).then_some("request")?
        }
        _ => return None,
    };
    Some((holder, name))
}

/// The values that a call leaves.
fn left_by_call(body: &Body, callee: ExprId, arguments: &[ExprId]) -> Vec<Left> {
    let named = |holder, is_result| {
        let (&name, &value) = (arguments.first()?, arguments.get(1)?);
        let name = key_of(body, name)?;
        Some(Left { holder, name, value, is_result })
    };
    let whole = |holder, value, is_result| Left { holder, name: ALL.into(), value, is_result };
    let is_function =
        |expr: &ExprId| matches!(body.node(*expr).map(|it| &it.expr), Some(Expr::Function(_)));
    match body.node(callee).map(|node| &node.expr) {
        Some(Expr::Member(object, method)) => match &**method {
            "set" => {
                let on = last_name(body, *object).unwrap_or_default();
                let holder = match on {
                    "sharedMap" => "sharedMap",
                    _ if CONTEXTS.contains(&on) => "variables",
                    _ if APPS.contains(&on) => "settings",
                    _ => return Vec::new(),
                };
                named(holder, false).into_iter().collect()
            }
            "decorate" | "decorateRequest" | "decorateReply" | "state" => {
                let given = arguments.first().copied().filter(|_| arguments.len() == 1);
                let all = given.map(|value| whole("server", value, false));
                all.or_else(|| named("server", false)).into_iter().collect()
            }
            // Elysia's.
            "derive" | "resolve" => {
                let made = arguments.last().copied().filter(is_function);
                made.map(|value| whole("server", value, true)).into_iter().collect()
            }
            "provide" => named(PROVIDED, false).into_iter().collect(),
            // What a server hands to an app of Hono: `app.fetch(request, { KEY })`.
            "fetch" if last_name(body, *object).is_some_and(|on| APPS.contains(&on)) => {
                let given = arguments.get(1);
                given.map(|&value| whole("bindings", value, false)).into_iter().collect()
            }
            _ => Vec::new(),
        },
        Some(Expr::Global(_) | Expr::Symbol(_)) => match function_name(body, callee) {
            "provide" | "setContext" | "useContextProvider" => {
                named(PROVIDED, false).into_iter().collect()
            }
            // Nuxt's.
            "defineAppConfig" => {
                let given = arguments.first();
                given.map(|&value| whole("appConfig", value, false)).into_iter().collect()
            }
            // Middleware that hands on: `next({ context: { key } })`.
            "next" => {
                let Some(&given) = arguments.first() else { return Vec::new() };
                let properties = match body.node(given).map(|node| &node.expr) {
                    Some(Expr::Object(properties)) => properties,
                    // To the error handler of Express.
                    Some(Expr::Call { .. } | Expr::Symbol(_) | Expr::Caught { .. }) => {
                        return vec![error_left(given)];
                    }
                    _ => return Vec::new(),
                };
                let holders = ["context", "ctx"].into_iter();
                let left = holders
                    .filter_map(|holder| Some(whole(holder, property(properties, holder)?, false)));
                left.collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The name of a function that is called by its name alone.
fn function_name(body: &Body, callee: ExprId) -> &str {
    match body.node(callee).map(|node| &node.expr) {
        Some(Expr::Global(name)) => name,
        _ => symbol_name(body, callee).unwrap_or_default(),
    }
}

/// The value that an element gives to all components in it.
fn provided_by_element(body: &Body, element: &Element) -> Option<Left> {
    let value = property(&element.attributes, "value")?;
    let tag = element.tag?;
    let context = match &body.node(tag)?.expr {
        Expr::Member(context, part) if &**part == "Provider" => *context,
        Expr::Symbol(_) => {
            let name = symbol_name(body, tag)?;
            (name.ends_with("Context") || name.ends_with("Ctx")).then_some(tag)?
        }
        _ => return None,
    };
    Some(Left { holder: PROVIDED, name: key_of(body, context)?, value, is_result: false })
}

/// The value that an object tells an injector to give: `{ provide: KEY, useValue: … }`.
fn provided_by_object(body: &Body, properties: &[Property]) -> Option<Left> {
    let name = key_of(body, property(properties, "provide")?)?;
    let ways =
        [("useValue", false), ("useFactory", true), ("useClass", false), ("useExisting", false)];
    let found =
        ways.into_iter().find_map(|(way, is_result)| Some((property(properties, way)?, is_result)));
    let (value, is_result) = found?;
    Some(Left { holder: PROVIDED, name, value, is_result })
}

fn property(properties: &[Property], wanted: &str) -> Option<ExprId> {
    let is_it = |it: &&Property| matches!(&it.key, PropertyKey::Name(name) if **name == *wanted);
    properties.iter().find(is_it).map(|it| it.value)
}

/// The name by which code leaves and takes a value: a text, or the name of a constant.
pub(crate) fn key_of(body: &Body, expr: ExprId) -> Option<Arc<str>> {
    match &body.node(expr)?.expr {
        Expr::Text(text) => Some(Arc::clone(text)),
        Expr::Symbol(_) => symbol_name(body, expr).map(Into::into),
        Expr::Member(_, name) => Some((**name).into()),
        _ => None,
    }
}

/// The last name of `a.b`.
pub(crate) fn last_name(body: &Body, expr: ExprId) -> Option<&str> {
    match &body.node(expr)?.expr {
        Expr::Member(_, name) => Some(name),
        _ => symbol_name(body, expr),
    }
}

/// The name of a symbol.
pub(crate) fn symbol_name(body: &Body, expr: ExprId) -> Option<&str> {
    match &body.node(expr)?.expr {
        Expr::Symbol(symbol) => body.symbols.get(*symbol as usize).map(|symbol| &*symbol.name),
        _ => None,
    }
}

/// True for `socket.data`.
pub(crate) fn is_data_of_socket(body: &Body, expr: ExprId) -> bool {
    match body.node(expr).map(|node| &node.expr) {
        Some(Expr::Member(of, part)) if &**part == "data" => {
            symbol_name(body, *of) == Some("socket")
        }
        _ => false,
    }
}

fn is_parameter(body: &Body, expr: ExprId) -> bool {
    let Some(Expr::Symbol(symbol)) = body.node(expr).map(|node| &node.expr) else { return false };
    let value = body.symbols.get(*symbol as usize).map(|symbol| &symbol.value);
    matches!(value, Some(SymbolValue::Parameter { .. }))
}
