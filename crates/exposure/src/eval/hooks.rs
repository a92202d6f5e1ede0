//! Hooks: functions of configurations, and of plugins in them, that put something into what clients
//! get, by their results or by calls.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use crate::eval::configuration::merged;
use crate::eval::evaluator::Evaluator;
use crate::eval::names::names_of;
use crate::eval::value::{Field, TaintOrigin, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Body, Expr, ExprId};

/// How deep hooks are searched for in a configuration, and markup in markup.
const MAX_NESTING: u32 = 8;

/// Hooks whose results are put into code or pages, or are settings.
const RESULTS: [&str; 33] = [
    "banner",
    "config",
    "env",
    "footer",
    "handler",
    "head",
    "injectHtmlTags",
    "intro",
    "load",
    "managerHead",
    "manifest",
    "meta",
    "onCreateWebpackConfig",
    "outro",
    "postBanner",
    "postFooter",
    "previewBody",
    "previewHead",
    "renderChunk",
    "sitemap",
    "tags",
    "templateParameters",
    "title",
    "transform",
    "transformHead",
    "transformHtml",
    "transformIndexHtml",
    "transformItems",
    "transformPageData",
    "vite",
    "viteFinal",
    "wrapPageElement",
    "wrapRootElement",
];

/// Hooks whose calls do.
const CALLING: [&str; 15] = [
    "apply",
    "astro:config:done",
    "astro:config:setup",
    "buildEnd",
    "buildStart",
    "contentLoaded",
    "createPages",
    "generateBundle",
    "onCreatePage",
    "onPreRenderHTML",
    "onRenderBody",
    "renderStart",
    "setup",
    "writeBundle",
    "load",
];

/// Hooks that change their first argument.
const CHANGING: [&str; 4] = ["tags", "transformPageData", "viteFinal", "vite:extendConfig"];

/// Hooks that make settings, in parts.
const SETTINGS: [&str; 5] =
    ["config", "onCreateWebpackConfig", "vite", "vite:extendConfig", "viteFinal"];

/// Calls in hooks by which something gets to clients: which argument does, and which property of it;
/// all of it if that is empty. Of a function, its result.
const CALLS: [(&str, usize, &str); 26] = [
    ("addHeadInline", 0, ""),
    ("append", 0, ""),
    ("appendLeft", 1, ""),
    ("appendRight", 1, ""),
    ("createData", 1, ""),
    ("createPage", 0, "context"),
    ("emitAsset", 1, ""),
    ("emitFile", 0, "source"),
    ("injectScript", 1, ""),
    ("modifyHTML", 0, ""),
    ("modifyHTMLTags", 0, ""),
    ("modifyRsbuildConfig", 0, ""),
    ("onLoad", 1, "contents"),
    ("overwrite", 2, ""),
    ("prepend", 0, ""),
    ("replaceBodyHTMLString", 0, ""),
    ("setBodyAttributes", 0, ""),
    ("setBodyProps", 0, ""),
    ("setGlobalData", 0, ""),
    ("setHeadComponents", 0, ""),
    ("setHtmlAttributes", 0, ""),
    ("setPostBodyComponents", 0, ""),
    ("setPreBodyComponents", 0, ""),
    ("setWebpackConfig", 0, ""),
    ("transform", 1, ""),
    ("updateConfig", 0, ""),
];

/// Lists whose elements may be functions that make the real ones.
const LISTS: [&str; 4] = ["integrations", "plugins", "presets", "tags"];

impl Evaluator<'_> {
    /// A configuration with the results of hooks in their places.
    pub(super) fn with_hooks(&self, value: Value, depth: u32) -> Value {
        if depth > MAX_NESTING {
            return value;
        }
        self.charge(1);
        let each = |values: &[Value]| -> Vec<Value> {
            values.iter().map(|value| self.with_hooks(value.clone(), depth + 1)).collect()
        };
        match &value {
            Value::Object(fields) => {
                let written = fields.iter().map(|field| Field {
                    value: self.with_hooks_in(&value, field, depth),
                    ..field.clone()
                });
                Value::Object(written.collect::<Vec<_>>().into())
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

    /// The value of a property of an object, with the results of hooks.
    fn with_hooks_in(&self, whole: &Value, field: &Field, depth: u32) -> Value {
        let value = match &field.value {
            Value::Function(home, function) => {
                let given = match (&*field.key, whole.get("loadContent")) {
                    // Docusaurus hands on what the plugin loads.
                    ("contentLoaded", Value::Function(home, function)) => {
                        let value = self.call_function(*home, *function, &[], 0);
                        let field = Field { key: "content".into(), value, at: field.at.clone() };
                        vec![Value::Object(vec![field].into())]
                    }
                    _ => Vec::new(),
                };
                match self.hook(&field.key, *home, *function, &given) {
                    Some(value) => value,
                    None => return field.value.clone(),
                }
            }
            Value::List(values) if LISTS.contains(&&*field.key) => {
                Value::List(values.iter().map(|value| self.made(value)).collect::<Vec<_>>().into())
            }
            other => other.clone(),
        };
        self.with_hooks(value, depth + 1)
    }

    /// A plugin that a function makes, possibly of the options beside it.
    fn made(&self, value: &Value) -> Value {
        match value {
            Value::Function(home, function) => {
                let made = self.call_function(*home, *function, &[], 0);
                let changed = self.first_parameter(*home, *function);
                Value::any_of(vec![made, changed])
            }
            Value::List(values) => match &**values {
                [Value::Function(home, function), options @ ..] => {
                    let given = [&[Value::Unknown], options].concat();
                    self.call_function(*home, *function, &given, 0)
                }
                _ => value.clone(),
            },
            _ => value.clone(),
        }
    }

    /// The values that a hook of this name puts into what clients get; `None` if it is none.
    pub(super) fn hook(
        &self,
        name: &str,
        module: ModuleId,
        function: u32,
        given: &[Value],
    ) -> Option<Value> {
        let (has_result, has_calls) = (RESULTS.contains(&name), CALLING.contains(&name));
        let is_changing = CHANGING.contains(&name);
        if !has_result && !has_calls && !is_changing {
            return None;
        }
        let mut values = Vec::new();
        if has_result {
            values.push(self.call_function(module, function, given, 0));
        }
        if is_changing {
            values.push(self.first_parameter(module, function));
        }
        values.extend(self.given_by_calls(module, function, given));
        if SETTINGS.contains(&name) {
            let settings = values.into_iter().map(|value| self.unwrapped(value, &[], 0));
            return Some(merged(&settings.collect::<Vec<_>>()));
        }
        Some(Value::any_of(values.iter().map(placed).collect()))
    }

    /// The values that calls in a hook put into what clients get, and those that it assigns to the code
    /// of files.
    fn given_by_calls(&self, module: ModuleId, function: u32, given: &[Value]) -> Vec<Value> {
        let Some(body) = self.body(module) else { return Vec::new() };
        let Some(whole) = body.functions.get(function as usize) else { return Vec::new() };
        let whole = whole.span;
        self.charge(body.nodes.len());
        let mut values = Vec::new();
        for (id, node) in body.nodes.iter().enumerate() {
            let Expr::Call { callee, arguments, is_new } = &node.expr else { continue };
            if !whole.contains(node.span) {
                continue;
            }
            let names = names_of(body, *callee);
            let name = names.last();
            let is_plugin = matches!(name, "BannerPlugin" | "DefinePlugin" | "EnvironmentPlugin");
            if *is_new && is_plugin {
                values.push(self.value_given(module, id as ExprId, (function, given)));
            }
            let Some((_, index, part)) = CALLS.iter().find(|(own, ..)| *own == name) else {
                continue;
            };
            let Some(&argument) = arguments.get(*index) else { continue };
            let value = match self.shown(module, body, argument, (function, given), 0) {
                Value::Function(home, function) => {
                    let result = self.call_function(home, function, &[], 0);
                    let changed = self.first_parameter(home, function);
                    Value::any_of(vec![result, changed])
                }
                other => other,
            };
            values.push(part_of(&value, part));
        }
        for &(target, value) in &body.assignments {
            let Some(node) = body.node(target).filter(|node| whole.contains(node.span)) else {
                continue;
            };
            if matches!(&node.expr, Expr::Member(_, name) if matches!(&**name, "code" | "source")) {
                values.push(self.value_given(module, value, (function, given)));
            }
        }
        values
    }

    /// The value of an expression; of markup, its attributes and content.
    fn shown(
        &self,
        module: ModuleId,
        body: &Body,
        expr: ExprId,
        given: (u32, &[Value]),
        depth: u32,
    ) -> Value {
        let all = |all: &[ExprId]| -> Vec<Value> {
            all.iter().map(|&one| self.shown(module, body, one, given, depth + 1)).collect()
        };
        match body.node(expr).map(|node| &node.expr) {
            Some(Expr::Element(element)) if depth < MAX_NESTING => {
                let mut values = all(&element.children);
                values.push(self.attributes(module, &element.attributes, Some(given)));
                Value::List(values.into())
            }
            Some(Expr::Array(elements)) if depth < MAX_NESTING => Value::List(all(elements).into()),
            _ => self.value_given(module, expr, given),
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
}

/// A value in which each secret that is no property stands at its own place: that of the hook says
/// less.
fn placed(value: &Value) -> Value {
    let all = |values: &[Value]| values.iter().map(placed).collect::<Vec<_>>();
    match value {
        Value::Secret(taint) => {
            let at = match &taint.origin {
                TaintOrigin::Written { at, .. } | TaintOrigin::Variable { at, .. } => at.clone(),
            };
            let field = Field { key: "(text)".into(), value: value.clone(), at };
            Value::Object(vec![field].into())
        }
        Value::List(values) => Value::List(all(values).into()),
        Value::Any(values) => Value::Any(all(values).into()),
        Value::CallResult(name, values) => Value::CallResult(name.clone(), all(values).into()),
        _ => value.clone(),
    }
}

/// A property of a value, or of any of several; all of it for an empty name.
fn part_of(value: &Value, part: &str) -> Value {
    match value {
        _ if part.is_empty() => value.clone(),
        Value::Any(values) => Value::any_of(values.iter().map(|it| part_of(it, part)).collect()),
        other => other.get(part).clone(),
    }
}
