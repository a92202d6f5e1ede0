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

/// How many calls of a bundler in a script count.
const MAX_BUILDS: usize = 50;

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
        let value = self.with_hooks(value, 0);
        // In a configuration of webpack alone, functions make whole configurations, also for servers.
        let path = &self.graph.modules[module].path;
        if path.contains("webpack") || path.contains("rspack") {
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
            // `merge(require('./common'), { … })`
            Value::Module(own) => self.unwrapped(self.exported_value(own), given, depth + 1),
            other => other,
        }
    }
}

/// Several configurations in one, as `webpack-merge` and Vite's `mergeConfig` make it.
pub(super) fn merged(values: &[Value]) -> Value {
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
