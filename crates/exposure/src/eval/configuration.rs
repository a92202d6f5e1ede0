//! The object that a configuration module exports.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::sync::Arc;

use crate::eval::evaluator::Evaluator;
use crate::eval::names::name_of;
use crate::eval::value::{Field, Taint, TaintOrigin, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Expr, Span, SymbolValue};
use crate::leak::FileSpan;
use crate::variables::read::{EnvRoot, ReadForm};

/// How deep functions that write code are searched for.
const MAX_NESTING: u32 = 8;

/// How many calls of a bundler in a script count.
const MAX_BUILDS: usize = 50;

/// Functions in configurations whose results are put into the code or page that is built.
const WRITING: [&str; 10] = [
    "banner",
    "footer",
    "intro",
    "outro",
    "load",
    "transform",
    "renderChunk",
    "transformIndexHtml",
    "templateParameters",
    "handler",
];

impl Evaluator<'_> {
    /// The object that a configuration module exports, without the functions around it.
    /// A function gets the arguments that a command `given`.
    pub(crate) fn configuration(&self, module: ModuleId, given: &[Value]) -> Value {
        self.steps.set(0);
        let value = self.export(module, "default");
        let value = match value {
            Value::Unknown => match self.module_object(module) {
                Value::Object(fields) if fields.is_empty() => self.build_call(module),
                other => other,
            },
            other => other,
        };
        let value = self.with_function_results(self.unwrapped(value, given, 0));
        let value = self.with_written_texts(value, 0);
        // In a configuration of webpack alone, functions make whole configurations, also for servers.
        if self.graph.modules[module].path.contains("webpack") {
            return value;
        }
        match value {
            Value::Object(fields) => {
                let plugged = self.added_plugins(module);
                Value::Object(fields.iter().cloned().chain(plugged).collect::<Vec<_>>().into())
            }
            other => other,
        }
    }

    /// The value of an option that a command gives: a text, or `$X` for a variable.
    pub(crate) fn command_option(&self, written: &str, at: &FileSpan) -> Value {
        let name = written.strip_prefix('$').map(|name| name.trim_matches(['{', '}']));
        if let Some(name) = name {
            return self.variable(name, EnvRoot::Process, ReadForm::Member, at.clone());
        }
        let value = self.text_at(&at.path, Span::default(), &written.into());
        if let Value::Secret(taint) = &value
            && let TaintOrigin::Written { secret, .. } = &taint.origin
        {
            let origin = TaintOrigin::Written { secret: secret.clone(), at: at.clone() };
            return Value::Secret(Arc::new(Taint { origin, ..(**taint).clone() }));
        }
        value
    }

    /// A configuration with the results of its functions: `entry: () => …`. Of functions that change
    /// webpack's configuration inside that of another tool, only how names are resolved;
    /// [`Evaluator::added_plugins`] finds the plugins.
    pub(super) fn with_function_results(&self, value: Value) -> Value {
        let Value::Object(fields) = &value else { return value };
        let settled = |field: &Field| {
            let Value::Function(module, function) = field.value else { return field.clone() };
            let value = match &*field.key {
                "entry" | "redirects" | "headers" => self.call_function(module, function, &[], 0),
                "webpack" | "configureWebpack" | "chainWebpack" | "webpackFinal" => {
                    let given = self.call_function(module, function, &[], 0);
                    let both = merged(&[self.first_parameter(module, function), given]);
                    let kept = ["resolve", "devtool"].into_iter().filter_map(|key| both.field(key));
                    Value::Object(kept.cloned().collect::<Vec<_>>().into())
                }
                _ => return field.clone(),
            };
            Field { value, ..field.clone() }
        };
        Value::Object(fields.iter().map(settled).collect::<Vec<_>>().into())
    }

    /// A configuration with the texts that its functions make for the code that is built: banners,
    /// and the code of plugins that are written in it.
    fn with_written_texts(&self, value: Value, depth: u32) -> Value {
        if depth > MAX_NESTING {
            return value;
        }
        self.charge(1);
        let written = |field: &Field| {
            let value = match (&*field.key, &field.value) {
                ("setup", Value::Function(home, function)) => self.loaded_code(*home, *function),
                ("astro:config:setup", Value::Function(home, function)) => {
                    Value::any_of(self.given_within((*home, *function), "injectScript", 1))
                }
                (key, Value::Function(home, function)) if WRITING.contains(&key) => {
                    self.call_function(*home, *function, &[], 0)
                }
                (_, value) => self.with_written_texts(value.clone(), depth + 1),
            };
            Field { value, ..field.clone() }
        };
        let each = |values: &[Value]| -> Vec<Value> {
            values.iter().map(|value| self.with_written_texts(value.clone(), depth + 1)).collect()
        };
        match &value {
            Value::Object(fields) => {
                Value::Object(fields.iter().map(written).collect::<Vec<_>>().into())
            }
            Value::List(values) => Value::List(each(values).into()),
            Value::Any(values) => Value::Any(each(values).into()),
            Value::CallResult(name, values) if &**name == "replace" => {
                let given = values.iter().map(|value| self.with_results(value));
                Value::CallResult(name.clone(), given.collect::<Vec<_>>().into())
            }
            Value::CallResult(name, values) => Value::CallResult(name.clone(), each(values).into()),
            _ => value,
        }
    }

    /// An object with the results of its functions, and of those in `values`.
    fn with_results(&self, value: &Value) -> Value {
        let fields = value.fields().iter().map(|field| {
            let value = match &field.value {
                Value::Function(home, function) => self.call_function(*home, *function, &[], 0),
                Value::Object(_) if &*field.key == "values" => self.with_results(&field.value),
                other => other.clone(),
            };
            Field { value, ..field.clone() }
        });
        Value::Object(fields.collect::<Vec<_>>().into())
    }

    /// The code that a plugin of esbuild gives for modules: `build.onLoad(…, () => ({ contents }))`.
    pub(super) fn loaded_code(&self, module: ModuleId, function: u32) -> Value {
        let contents = |given: Value| match given {
            Value::Function(home, function) => {
                self.call_function(home, function, &[], 0).get("contents").clone()
            }
            _ => Value::Unknown,
        };
        let given = self.given_within((module, function), "onLoad", 1);
        Value::any_of(given.into_iter().map(contents).collect())
    }

    /// The arguments at a position of the calls of a function or method within another function.
    fn given_within(
        &self,
        (module, function): (ModuleId, u32),
        called: &str,
        index: usize,
    ) -> Vec<Value> {
        let Some(body) = self.body(module) else { return Vec::new() };
        let Some(whole) = body.functions.get(function as usize) else { return Vec::new() };
        let whole = whole.span;
        self.charge(body.nodes.len());
        let within = body.nodes.iter().filter(|node| whole.contains(node.span));
        let given = within.filter_map(|node| match &node.expr {
            Expr::Call { callee, arguments, .. }
                if name_of(body, *callee).rsplit('.').next() == Some(called) =>
            {
                Some(self.eval(module, *arguments.get(index)?, None))
            }
            _ => None,
        });
        given.collect()
    }

    /// The first parameter of a function as its statements change it.
    pub(super) fn first_parameter(&self, module: ModuleId, function: u32) -> Value {
        let symbols = self.body(module).map_or(&[][..], |body| &body.symbols);
        let is_it = |value: &SymbolValue| {
            matches!(value, SymbolValue::Parameter { function: own, index: 0, path, .. }
                if *own == function && path.is_empty())
        };
        let found = symbols.iter().position(|symbol| is_it(&symbol.value));
        found.map_or(Value::Unknown, |id| self.symbol(module, id as u32, None))
    }

    /// The options that a script gives to a bundler: `await build({ … })`; a list for several calls.
    pub(super) fn build_call(&self, module: ModuleId) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let given = body.nodes.iter().filter_map(|node| {
            let Expr::Call { callee, arguments, .. } = &node.expr else { return None };
            let name = name_of(body, *callee);
            let last = name.rsplit('.').next();
            let is_build = matches!(last, Some("build" | "buildSync" | "context"));
            let first = self.eval(module, *arguments.first().filter(|_| is_build)?, None);
            matches!(first, Value::Object(_)).then_some(first)
        });
        let mut all: Vec<Value> = given.take(MAX_BUILDS).collect();
        if all.len() > 1 { Value::List(all.into()) } else { all.pop().unwrap_or_default() }
    }

    pub(super) fn unwrapped(&self, value: Value, given: &[Value], depth: u32) -> Value {
        if depth > 5 {
            return value;
        }
        match value {
            Value::Function(module, function) => {
                let returned = self.call_function(module, function, given, 0);
                self.unwrapped(returned, given, depth + 1)
            }
            // `withBundleAnalyzer(config)`, `defineConfig(config)`, `createConfig(config)`.
            Value::CallResult(ref name, ref values)
                if name.to_ascii_lowercase().contains("merge") =>
            {
                let all: Vec<Value> = values
                    .iter()
                    .map(|value| self.unwrapped(value.clone(), given, depth + 1))
                    .collect();
                merged(&all)
            }
            Value::CallResult(_, ref values) => {
                let inner = values.iter().find(|value| {
                    matches!(value, Value::Object(_) | Value::Function(..) | Value::CallResult(..))
                });
                match inner {
                    Some(inner) => self.unwrapped(inner.clone(), given, depth + 1),
                    None => value,
                }
            }
            Value::Any(values) => {
                // Several configurations: their properties together.
                let fields: Vec<Field> = values
                    .iter()
                    .flat_map(|value| {
                        self.unwrapped(value.clone(), given, depth + 1).fields().to_vec()
                    })
                    .collect();
                Value::Object(fields.into())
            }
            other => other,
        }
    }
}

/// Several configurations in one, as `webpack-merge` and Vite's `mergeConfig` make it.
fn merged(values: &[Value]) -> Value {
    let mut fields: Vec<Field> = Vec::new();
    for field in values.iter().flat_map(Value::fields) {
        let known = fields.iter_mut().find(|known| known.key == field.key);
        let Some(known) = known else {
            fields.push(field.clone());
            continue;
        };
        known.value = match (&known.value, &field.value) {
            (old @ Value::Object(_), new @ Value::Object(_)) => merged(&[old.clone(), new.clone()]),
            (Value::List(old), Value::List(new)) => {
                Value::List(old.iter().chain(new.iter()).cloned().collect::<Vec<_>>().into())
            }
            (_, new) => new.clone(),
        };
    }
    Value::Object(fields.into())
}
