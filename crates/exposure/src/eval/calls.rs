//! Values of calls.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::limits::{MAX_CALLS, MAX_UNTOLD};
use crate::eval::names::{name_of, names_of, root_symbol};
use crate::eval::packages::common_name;
use crate::eval::value::Value;
use crate::eval::variable_modules::gives_variables;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::ir::{Body, Expr, ExprId, Span, SymbolValue};
use crate::js::left::APPS;

/// Longer chains of methods and variables are evaluated.
const MAX_CHAIN: usize = 256;

/// A call, as a module writes it.
#[derive(Clone, Copy)]
pub(super) struct CallSite<'c> {
    pub(super) module: ModuleId,
    pub(super) span: Span,
    pub(super) callee: ExprId,
    pub(super) arguments: &'c [ExprId],
    /// The call that is evaluated, if the site is in a function.
    pub(super) frame: Option<CallFrame<'c>>,
}

impl Evaluator<'_> {
    /// The value of a call.
    pub(super) fn call(&self, site: CallSite<'_>) -> Value {
        let Some(body) = self.body(site.module) else { return Value::Unknown };
        let Some(callee) = body.node(site.callee) else { return Value::Unknown };
        let name = name_of(body, site.callee);
        if let Some(value) = self.builtin_function(site, &name) {
            return value;
        }
        if let Expr::Member(object, method) = &callee.expr
            && let Some(value) = self.builtin_method(site, *object, method)
        {
            return value;
        }
        let short = name.rsplit('.').next().unwrap_or_default();
        let is_of_package =
            !short.starts_with("define") && self.is_of_package(site.module, site.callee);
        if is_of_package && (self.left.is_empty() || !is_on_server(body, site.callee)) {
            return self.call_result(site, short);
        }
        let called = self.eval(site.module, site.callee, site.frame);
        // What code left on a server: `app.db.find()`.
        if is_of_package && !matches!(called, Value::Function(..)) {
            return self.call_result(site, short);
        }
        if let Some((home, function)) = self.kept_function(&called) {
            return self.call_known(site, home, function);
        }
        match called {
            Value::Function(home, function) => return self.call_known(site, home, function),
            Value::Any(targets)
                if targets.iter().all(|target| matches!(target, Value::Function(..))) =>
            {
                return self.call_any(site, &targets);
            }
            // What a function around another one makes of it: `cache(load)()`.
            Value::CallResult(_, given) if self.root.is_none() => {
                if let Some(&Value::Function(home, function)) = given.first()
                    && !self.is_sent_itself(home, function)
                {
                    return self.call_known(site, home, function);
                }
            }
            // A loader among those of `import.meta.glob`.
            module @ Value::Module(_) => return module,
            Value::Any(all) if all.iter().all(|it| matches!(it, Value::Module(_))) => {
                return Value::Any(all);
            }
            _ => {}
        }
        // Wrappers for the sake of types: `defineConfig(x)`, `defineNuxtConfig(x)`, `identity`.
        if short.starts_with("define") && short.len() > "define".len() {
            return self.argument(site, 0);
        }
        if name.is_empty() && !matches!(callee.expr, Expr::Call { .. }) {
            return Value::Unknown;
        }
        self.call_result(site, short)
    }

    /// True for a method of a method of … a package, as in `z.object({ … }).optional()`: it is unknown,
    /// and what it is called on need not be worked out to know that.
    fn is_of_package(&self, module: ModuleId, callee: ExprId) -> bool {
        let (mut module, mut at, mut calls) = (module, callee, 0);
        let is_method =
            |body: &Body| matches!(body.node(at).map(|it| &it.expr), Some(Expr::Member(..)));
        if self.root.is_some() || !self.body(module).is_some_and(is_method) {
            return false;
        }
        for _ in 0..MAX_CHAIN {
            let Some(body) = self.body(module) else { return false };
            let symbol = match body.node(at).map(|node| &node.expr) {
                Some(Expr::Member(object, _)) => {
                    at = *object;
                    continue;
                }
                Some(Expr::Call { callee, .. }) => {
                    if matches!(names_of(body, *callee).last(), "URL" | "createEnv") {
                        return false;
                    }
                    (at, calls) = (*callee, calls + 1);
                    continue;
                }
                Some(Expr::Symbol(symbol)) => body.symbols.get(*symbol as usize),
                _ => return false,
            };
            let Some(symbol) = symbol.filter(|symbol| symbol.assigned.is_empty()) else {
                return false;
            };
            match &symbol.value {
                SymbolValue::Init { expr, path, default: None } if path.is_empty() => at = *expr,
                SymbolValue::Import if calls > 0 => {
                    let Some(binding) = symbol.binding else { return false };
                    match self.graph.definition(BindingId { module, binding }) {
                        Definition::External { specifier, .. } => {
                            return !gives_variables(self.env.conventions(), specifier);
                        }
                        Definition::Binding(found) => {
                            let known = &self.graph.modules[found.module].module.bindings;
                            let Some(symbol) = known[found.binding].symbol else { return false };
                            let body = self.body(found.module);
                            let symbol = body.and_then(|body| body.symbols.get(symbol as usize));
                            let Some(SymbolValue::Init { expr, path, default: None }) =
                                symbol.filter(|it| it.assigned.is_empty()).map(|it| &it.value)
                            else {
                                return false;
                            };
                            if !path.is_empty() {
                                return false;
                            }
                            (module, at) = (found.module, *expr);
                        }
                        Definition::Module(_) | Definition::Unknown => return false,
                    }
                }
                _ => return false,
            }
        }
        false
    }

    /// True for a function whose results count as sent where it is written.
    fn is_sent_itself(&self, home: ModuleId, function: u32) -> bool {
        let known = self.body(home).and_then(|body| body.functions.get(function as usize));
        known.is_some_and(|function| function.is_server)
    }

    /// The value of `new X(…)`.
    pub(super) fn call_new(&self, site: CallSite<'_>) -> Value {
        let Some(body) = self.body(site.module) else { return Value::Unknown };
        match name_of(body, site.callee).rsplit('.').next() {
            Some("Boolean" | "RegExp" | "Date") | None => Value::Unknown,
            Some("String") => self.argument(site, 0),
            Some(name) if let Some(value) = self.new_container(site, name) => value,
            Some("URL") => match self.argument(site, 0) {
                Value::Text(path) if path.starts_with('.') => {
                    let parts = vec![self.folder(site.module), Value::Text(path)];
                    Value::CallResult("URL".into(), parts.into())
                }
                _ => Value::Unknown,
            },
            Some("ReadableStream") => self.streamed(site),
            Some(name) => self.made(site, name),
        }
    }

    /// An instance of a class of the project, or the result of an unknown constructor.
    fn made(&self, site: CallSite<'_>, name: &str) -> Value {
        // Configurations know plugins by their names.
        if self.root.is_none() || !name.ends_with("Plugin") {
            let class = self.eval(site.module, site.callee, site.frame);
            if class.has_instances()
                && let Some(made) = self.instantiated(&class, self.arguments(site))
            {
                return made;
            }
        }
        self.call_result(site, name)
    }

    /// The value of an argument; unknown if the call has fewer.
    pub(super) fn argument(&self, site: CallSite<'_>, index: usize) -> Value {
        let argument = site.arguments.get(index);
        argument.map_or(Value::Unknown, |&id| self.eval(site.module, id, site.frame))
    }

    /// The values of all arguments.
    pub(super) fn arguments(&self, site: CallSite<'_>) -> Vec<Value> {
        let Some(body) = self.body(site.module) else { return Vec::new() };
        let mut values = Vec::new();
        for &id in site.arguments {
            match self.eval(site.module, id, site.frame) {
                Value::List(inner) if is_spread(body, id) => values.extend(inner.iter().cloned()),
                value => values.push(value),
            }
        }
        values
    }

    /// The result of an unknown function: its name and arguments.
    fn call_result(&self, site: CallSite<'_>, name: &str) -> Value {
        let external = self.root.and_then(|_| self.external(site.module, site.callee));
        let known = external.and_then(|(package, _)| common_name(package));
        let name = known.unwrap_or(name);
        let mut values = self.arguments(site);
        // Schemas and the like are built of each other, and grow so large that nothing else can be
        // followed. Nothing is lost if no secret can come of them.
        for value in values.iter_mut().filter(|_| self.root.is_none()) {
            if value.size() > MAX_UNTOLD && !value.may_yield_secret() {
                *value = Value::Unknown;
            }
        }
        Value::CallResult(name.into(), values.into())
    }

    /// The result of a function of the project.
    fn call_known(&self, site: CallSite<'_>, home: ModuleId, function: u32) -> Value {
        let depth = site.frame.map_or(0, |frame| frame.depth);
        if depth >= MAX_CALLS {
            return Value::Unknown;
        }
        let mut values = self.arguments(site);
        let this = self.this_of_call(site.module, site.callee, site.frame);
        let result = self.call_method((home, function), this.as_ref(), &values, depth + 1);
        // A method that returns its own object.
        if let (Value::Instance(module, class, _), Some(this @ Value::Instance(own, own_class, _))) =
            (&result, &this)
            && (module, class) == (own, own_class)
            && let Some(filled) = self.after_method(this, (home, function), &values, depth + 1)
        {
            return filled;
        }
        if !matches!(result, Value::Function(..)) {
            return result;
        }
        // A function around another one, `withAuth(handler)`, usually returns the result of that one.
        values.retain(|value| matches!(value, Value::Function(..)));
        values.insert(0, result);
        Value::any_of(values)
    }

    /// The results of one of several functions of the project.
    fn call_any(&self, site: CallSite<'_>, targets: &[Value]) -> Value {
        let depth = site.frame.map_or(0, |frame| frame.depth);
        if depth >= MAX_CALLS {
            return Value::Unknown;
        }
        let values = self.arguments(site);
        let this = self.this_of_call(site.module, site.callee, site.frame);
        let results = targets.iter().map(|target| match target {
            Value::Function(home, function) => {
                self.call_method((*home, *function), this.as_ref(), &values, depth + 1)
            }
            _ => Value::Unknown,
        });
        Value::any_of(results.collect())
    }
}

/// True for `...x`.
pub(super) fn is_spread(body: &Body, expr: ExprId) -> bool {
    body.node(expr).is_some_and(|node| matches!(node.expr, Expr::Spread(_)))
}

/// True for a method on the app of a server, or on what code may have left on it: `app.db.find`.
fn is_on_server(body: &Body, callee: ExprId) -> bool {
    let root = root_symbol(body, callee).and_then(|symbol| body.symbols.get(symbol as usize));
    root.is_some_and(|symbol| APPS.contains(&&*symbol.name))
}
