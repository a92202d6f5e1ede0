//! Values that code leaves for other code without handing them over: middleware in a request
//! (`event.locals.key = …`, `sharedMap.set('key', …)`), a server for its handlers (`decorate`), a
//! component for those within it (`<Ctx.Provider value={…}>`), a module for an injector (`useValue`).

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::sync::Arc;

use crate::eval::evaluator::Evaluator;
use crate::eval::left_value::LeftValue;
use crate::eval::value::{Field, Value};
use crate::graph::definitions::Definition;
use crate::graph::file_facts::HOLDERS;
use crate::graph::modules::{BindingId, Graph, ModuleId, ModuleNode};
use crate::js::ir::{Body, Expr, ExprId, Logic, Span, Symbol, SymbolValue};
use crate::js::left::{
    ALL, APPS, CONTEXTS, ERRORS, PROVIDED, REQUESTS, is_data_of_socket, key_of, last_name, left_in,
    symbol_name,
};

/// At most as many are followed.
const MAX_LEFT: usize = 1000;

/// How many names are followed to where a value is written.
const MAX_NAMES: usize = 4;

/// Methods of a server that give a path its handler.
const ROUTES: [&str; 9] = ["all", "delete", "get", "head", "on", "options", "patch", "post", "put"];

/// The values that the modules of a graph leave, as far as their expressions were read.
pub(crate) fn left_values(graph: &Graph) -> Vec<LeftValue> {
    let handles_errors = graph.modules.iter().any(may_handle_errors);
    let leaving = graph.modules.iter().enumerate();
    let leaving = leaving.filter(|&(id, node)| {
        let facts = node.module.body.facts();
        facts.leaves || handles_errors && facts.throws && graph.may_have_secret(id)
    });
    let bodies = leaving.filter_map(|(id, node)| Some((id, node.module.body.as_ref()?)));
    let left = bodies.flat_map(|(module, body)| {
        let left = left_in(body).into_iter();
        let left = left.filter(move |left| handles_errors || left.holder != ERRORS);
        let left = left.filter(move |left| {
            !matches!(left.holder, ERRORS | PROVIDED)
                || may_be_secret(graph, (module, body), left.value, MAX_NAMES)
        });
        left.map(move |left| LeftValue { module, left })
    });
    left.take(MAX_LEFT).collect()
}

/// Packages of servers with handlers for errors.
const WITH_ERROR_HANDLERS: [&str; 4] = ["@hono/node-server", "express", "fastify", "hono"];

/// True if a module may be of a server that has a handler for errors.
fn may_handle_errors(node: &ModuleNode) -> bool {
    let mut imports = node.module.imports.iter();
    node.path.contains("hooks.server.")
        || imports.any(|import| WITH_ERROR_HANDLERS.contains(&import.specifier.as_str()))
}

/// True if a module leaves any, besides what components and injectors provide, and errors.
pub(crate) fn has_left_values(body: &Body) -> bool {
    left_in(body).iter().any(|left| !matches!(left.holder, ERRORS | PROVIDED))
}

/// True if a value may be secret by where it is written. Nearly all that components and injectors
/// provide is not, and is everywhere; so are errors.
fn may_be_secret(graph: &Graph, at: (ModuleId, &Body), value: ExprId, names: usize) -> bool {
    let (module, body) = at;
    let Some(node) = body.node(value) else { return false };
    match &node.expr {
        Expr::Member(object, _) if names > 0 => {
            graph.modules[module].seeds.may_be_in(node.span)
                || may_be_secret(graph, at, *object, names - 1)
        }
        Expr::Symbol(symbol) => {
            let Some(symbol) = body.symbols.get(*symbol as usize) else { return false };
            match (symbol.binding, &symbol.value) {
                (Some(binding), _) => match graph.definition(BindingId { module, binding }) {
                    Definition::Binding(found) => graph.modules[found.module].has_seed(),
                    Definition::Module(found) => graph.modules[found].has_seed(),
                    Definition::External { .. } | Definition::Unknown => false,
                },
                (None, SymbolValue::Init { expr, .. }) if names > 0 => {
                    may_be_secret(graph, at, *expr, names - 1)
                }
                (None, _) => false,
            }
        }
        // `new HttpError(400, `${config.key} is missing`)`
        Expr::Call { callee, is_new: true, .. }
            if names > 0 && may_be_secret(graph, at, *callee, names - 1) =>
        {
            true
        }
        Expr::Call { arguments: parts, .. } | Expr::Concat(parts) if names > 0 => {
            graph.modules[module].seeds.may_be_in(node.span)
                || parts.iter().any(|&part| may_be_secret(graph, at, part, names - 1))
        }
        Expr::Caught { thrown, .. } if names > 0 => {
            thrown.iter().any(|&part| may_be_secret(graph, at, part, names - 1))
        }
        _ => graph.modules[module].seeds.may_be_in(node.span),
    }
}

/// The way in which a function gets the errors of a server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ErrorHandler {
    /// It gets none.
    None,
    /// As its first argument.
    First,
    /// As the property `error` of its argument: `handleError` of SvelteKit.
    OfEvent,
}

/// Tells if a function is an error handler: `(err, req, res, next) => …` of Express, `app.onError(…)`
/// of Hono, `setErrorHandler(…)` of Fastify, `handleError` of SvelteKit.
fn error_handler(body: &Body, function: u32) -> ErrorHandler {
    let Some(known) = body.functions.get(function as usize) else { return ErrorHandler::None };
    if &*known.name == "handleError" {
        return ErrorHandler::OfEvent;
    }
    let giver = known.given_to.and_then(|call| body.node(call)).map(|node| &node.expr);
    if let Some(Expr::Call { callee, .. }) = giver
        && matches!(last_name(body, *callee), Some("onError" | "setErrorHandler"))
    {
        return ErrorHandler::First;
    }
    let parameter = |wanted: u32| {
        let is_it = |symbol: &&Symbol| {
            matches!(symbol.value, SymbolValue::Parameter { function: of, index, .. }
                if of == function && index == wanted)
        };
        body.symbols.iter().find(is_it)
    };
    let is_express =
        || parameter(2).is_some_and(|it| it.name.contains("res")) && parameter(3).is_some();
    // A function of Fastify or Hono that another module hands over.
    let is_named = || known.name.contains("rror") && known.given_to.is_none();
    let gets_answer = || {
        parameter(2).is_some_and(|it| &*it.name == "reply")
            || parameter(2).is_none()
                && parameter(1).is_some_and(|it| matches!(&*it.name, "c" | "ctx"))
    };
    let is_handler = is_express() || is_named() && gets_answer();
    if is_handler { ErrorHandler::First } else { ErrorHandler::None }
}

/// True for a function, an object of a class, and an object with functions.
fn gives(value: &Value) -> bool {
    match value {
        Value::Function(..) | Value::Instance(..) => true,
        Value::Object(fields) => {
            fields.iter().any(|it| matches!(it.value, Value::Function(..) | Value::Instance(..)))
        }
        _ => false,
    }
}

/// True if an expression is only tested, or written to a log.
fn is_kept_here(body: &Body, place: Span) -> bool {
    let is_tested = body.logic.iter().any(|(expr, logic)| {
        matches!(logic, Logic::InstanceOf(..))
            && body.node(*expr).is_some_and(|it| it.span.contains(place))
    });
    let is_test = |test: ExprId| body.node(test).is_some_and(|it| it.span.contains(place));
    let around = body.nodes.iter().filter(|it| it.span.contains(place) && it.span != place);
    let calls = around.filter(|it| matches!(it.expr, Expr::Call { .. }));
    let innermost = calls.min_by_key(|it| it.span.end - it.span.start).map(|it| &it.expr);
    let is_logged = match innermost {
        Some(Expr::Call { callee, .. }) => {
            LOGS.contains(&last_name(body, *callee).unwrap_or_default())
        }
        _ => false,
    };
    is_tested || is_logged || body.conditions.iter().any(|it| is_test(it.test))
}

/// Properties of errors that say nothing of their messages.
const HARMLESS: [&str; 7] =
    ["code", "errors", "issues", "name", "status", "statusCode", "validation"];

/// Functions that keep what they are given on the server.
const LOGS: [&str; 7] = ["captureException", "debug", "error", "fatal", "info", "log", "warn"];

impl Evaluator<'_> {
    /// The secrets that are left in the object that a property of a request, or of what a handler is
    /// given, is.
    pub(super) fn left_under(&self, property: &str) -> Value {
        let holder = match property {
            "context" | "ctx" | "locals" | "state" => property,
            "server" | "store" => "server",
            "var" => "variables",
            "env" => "bindings",
            _ => return Value::Unknown,
        };
        self.left_in_holder(holder)
    }

    /// The secrets that are left in a place, as an object.
    pub(super) fn left_in_holder(&self, holder: &str) -> Value {
        let left = self.left.iter().filter(|it| it.left.holder == holder);
        let fields: Vec<Field> = left.flat_map(|left| self.fields_of_left(left)).collect();
        if fields.is_empty() { Value::Unknown } else { Value::Object(fields.into()) }
    }

    /// The secrets that are left in a place under a name.
    fn left_named(&self, holder: &str, name: &str) -> Value {
        let left = self.left.iter().filter(|it| {
            it.left.holder == holder && (*it.left.name == *name || &*it.left.name == ALL)
        });
        let fields = left.flat_map(|left| self.fields_of_left(left));
        let values = fields.filter(|field| *field.key == *name).map(|field| field.value);
        Value::any_of(values.collect())
    }

    /// The value that is left, as far as it is secret: one property, or several.
    fn fields_of_left(&self, left: &LeftValue) -> Vec<Field> {
        let value = self.value_of_left(left);
        // A server's own functions and objects may give a secret.
        let matters =
            |value: &Value| value.has_secret() || left.left.holder == "server" && gives(value);
        if !matters(&value) {
            return Vec::new();
        }
        if &*left.left.name == ALL {
            let secret = value.fields().iter().filter(|field| matters(&field.value));
            return secret.cloned().collect();
        }
        let node = self.body(left.module).and_then(|body| body.node(left.left.value));
        let at = self.at(left.module, node.map(|node| node.span).unwrap_or_default());
        vec![Field { key: Arc::clone(&left.left.name), value, at }]
    }

    fn value_of_left(&self, left: &LeftValue) -> Value {
        match self.eval(left.module, left.left.value, None) {
            Value::Function(home, function) if left.left.is_result => {
                self.call_function(home, function, &[], 0)
            }
            value => value,
        }
    }

    /// The value that `get` takes out of an object in which code leaves values: `c.get('key')`.
    pub(super) fn left_to_get(
        &self,
        module: ModuleId,
        object: ExprId,
        key: Option<&ExprId>,
    ) -> Option<Value> {
        if self.left.is_empty() {
            return None;
        }
        let body = self.body(module)?;
        let holder = match last_name(body, object)? {
            "sharedMap" => "sharedMap",
            on if CONTEXTS.contains(&on) => "variables",
            on if APPS.contains(&on) => "settings",
            _ => return None,
        };
        let value = self.left_named(holder, &key_of(body, *key?)?);
        value.has_secret().then_some(value)
    }

    /// The value of a property that code has given to a request or to the app of a server.
    pub(super) fn left_on_object(&self, module: ModuleId, object: ExprId, property: &str) -> Value {
        let Some(body) = self.body(module).filter(|_| !self.left.is_empty()) else {
            return Value::Unknown;
        };
        if is_data_of_socket(body, object) {
            return self.left_named("socket", property);
        }
        let Some(name) = symbol_name(body, object) else { return Value::Unknown };
        let of_request = match REQUESTS.contains(&name) {
            true => self.left_named("request", property),
            false if CONTEXTS.contains(&name) || APPS.contains(&name) => Value::Unknown,
            false => return Value::Unknown,
        };
        Value::any_of(vec![of_request, self.left_named("server", property)])
    }

    /// The errors that code leaves for a function, if that is the error handler of a server.
    pub(super) fn errors_for_handler(&self, (module, function): (ModuleId, u32)) -> Value {
        let mut errors = self.left.iter().filter(|it| it.left.holder == ERRORS).peekable();
        let Some(body) = self.body(module).filter(|_| errors.peek().is_some()) else {
            return Value::Unknown;
        };
        // Most modules have no handler, and functions are many.
        let names_it = HOLDERS.iter().zip(self.graph.modules[module].named_holders);
        if !names_it.into_iter().any(|((holder, _), is_named)| is_named && *holder == ERRORS) {
            return Value::Unknown;
        }
        let handler = error_handler(body, function);
        if handler == ErrorHandler::None {
            return Value::Unknown;
        }
        let errors = errors.map(|it| self.with_message(self.eval(it.module, it.left.value, None)));
        let mut errors: Vec<Value> = errors.filter(Value::has_secret).collect();
        let classes = self.classes_told(module, body, function);
        if !classes.is_empty() {
            errors.retain(|error| classes.iter().any(|class| self.is_of_class(error, class)));
        }
        let error = Value::any_of(errors);
        if handler == ErrorHandler::OfEvent && error.has_secret() {
            let at = self.at(module, Span::default());
            return Value::Object(vec![Field { key: "error".into(), value: error, at }].into());
        }
        error
    }

    /// The classes of errors of which alone a handler tells something: it reads them under
    /// `if (error instanceof AppError)` only. None if that is not sure.
    fn classes_told(&self, module: ModuleId, body: &Body, function: u32) -> Vec<Value> {
        let Some(whole) = body.functions.get(function as usize).map(|it| it.span) else {
            return Vec::new();
        };
        let is_error = |expr: ExprId| match body.node(expr).map(|node| &node.expr) {
            Some(Expr::Symbol(symbol)) => body.symbols.get(*symbol as usize).is_some_and(|it| {
                matches!(&it.value, SymbolValue::Parameter { function: of, index: 0, path, .. }
                    if *of == function && path.is_empty())
            }),
            _ => false,
        };
        let parts = body.nodes.iter().filter_map(|node| match &node.expr {
            Expr::Member(object, name) if HARMLESS.contains(&&**name) => Some(*object),
            _ => None,
        });
        let harmless: Vec<ExprId> = parts.filter(|&object| is_error(object)).collect();
        let mut classes = Vec::new();
        for (expr, node) in (0..).zip(&body.nodes) {
            if !whole.contains(node.span) || !is_error(expr) || harmless.contains(&expr) {
                continue;
            }
            let around = body.conditions.iter().filter(|it| it.holds);
            let mut tests = around.filter(|it| it.span.contains(node.span)).filter_map(|it| {
                match body.logic(it.test) {
                    Some(Logic::InstanceOf(left, right)) if is_error(left) => Some(right),
                    _ => None,
                }
            });
            if let Some(class) = tests.next() {
                classes.push(self.eval(module, class, None));
            } else if !is_kept_here(body, node.span) {
                return Vec::new();
            }
        }
        if classes.iter().all(Self::is_class) { classes } else { Vec::new() }
    }

    /// The same for `this` in a handler.
    pub(super) fn left_on_this(&self, property: &str) -> Value {
        if self.left.is_empty() { Value::Unknown } else { self.left_named("server", property) }
    }

    /// The value that the handler of a path takes out of what it is given by its name.
    pub(super) fn left_for_handler(
        &self,
        (module, function): (ModuleId, u32),
        name: &str,
    ) -> Value {
        let is_handler = || {
            let body = self.body(module)?;
            let call = body.functions.get(function as usize)?.given_to?;
            let Expr::Call { callee, .. } = &body.node(call)?.expr else { return None };
            let Expr::Member(_, method) = &body.node(*callee)?.expr else { return None };
            ROUTES.contains(&&**method).then_some(())
        };
        // `GET({ props })` of an endpoint of Astro.
        if name == "props" && self.graph.modules[module].path.contains("src/pages/") {
            return self.static_properties(module);
        }
        if self.left.is_empty() || is_handler().is_none() {
            return Value::Unknown;
        }
        self.left_named("server", name)
    }

    /// The value that components around this one, or modules of an injector, provide under a key; of
    /// a class also an object of it.
    pub(super) fn provided(&self, module: ModuleId, key: ExprId) -> Option<Value> {
        let body = self.body(module)?;
        let own = match self.eval(module, key, None) {
            // `new InjectionToken('key', { factory: () => … })`
            Value::CallResult(name, given) if &*name == "InjectionToken" => {
                let factory = given.get(1).map(|options| options.get("factory"));
                match factory {
                    Some(&Value::Function(home, function)) => {
                        self.call_function(home, function, &[], 0)
                    }
                    _ => Value::Unknown,
                }
            }
            class => self.instantiated(&class, Vec::new()).unwrap_or_default(),
        };
        let name = key_of(body, key)?;
        let is_it = |it: &&LeftValue| it.left.holder == PROVIDED && it.left.name == name;
        let given = self.left.iter().filter(is_it).map(|left| {
            let value = self.value_of_left(left);
            self.instantiated(&value, Vec::new()).unwrap_or(value)
        });
        let all = Value::any_of(std::iter::once(own).chain(given).collect());
        (!matches!(all, Value::Unknown)).then_some(all)
    }
}
