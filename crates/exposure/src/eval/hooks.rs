//! Hooks: functions of configurations, and of plugins in them, that put something into what clients
//! get, by their results or by calls.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use crate::eval::configuration::merged;
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::names::names_of;
use crate::eval::value::{Field, TaintOrigin, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Expr, ExprId, Function};

/// How deep hooks are searched for in a configuration.
const MAX_NESTING: u32 = 8;

/// Hooks whose results are put into code or pages, or are settings.
const RESULTS: [&str; 33] = [
    "banner",
    "config",
    "env",
    "footer",
    "generateBuildId",
    "getClientModules",
    "handler",
    "head",
    "injectHtmlTags",
    "intro",
    "load",
    "managerHead",
    "manifest",
    "meta",
    "outro",
    "postBanner",
    "postFooter",
    "previewBody",
    "previewHead",
    "renderChunk",
    "sitemap",
    "tags",
    "templateContent",
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
];

/// Hooks whose calls do.
const CALLING: [&str; 14] = [
    "apply",
    "astro:config:done",
    "astro:config:setup",
    "build:manifestGenerated",
    "buildEnd",
    "buildStart",
    "contentLoaded",
    "generateBundle",
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
const SETTINGS: [&str; 4] = ["config", "vite", "vite:extendConfig", "viteFinal"];

/// Calls in hooks by which something gets to clients: which argument does, and which properties of it;
/// all of it if there is none. Of a function, its result.
const CALLS: [(&str, usize, &str); 25] = [
    ("addHeadInline", 0, ""),
    ("addRoute", 0, "component props"),
    ("append", 0, ""),
    ("appendLeft", 1, ""),
    ("appendRight", 1, ""),
    ("createData", 1, ""),
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
    ("transform", 1, ""),
    ("updateConfig", 0, ""),
];

/// How many calls of a function that makes plugins count.
const MAX_CALLERS: usize = 20;

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
                    // WXT says what it builds for.
                    ("manifest", _) => {
                        let given = [("command", "build"), ("mode", "production")];
                        let given = given.map(|(key, text)| Field {
                            key: key.into(),
                            value: Value::Text(text.into()),
                            at: field.at.clone(),
                        });
                        vec![Value::Object(given.to_vec().into())]
                    }
                    _ => Vec::new(),
                };
                match self.hook(&field.key, *home, *function, &given) {
                    Some(value) => value,
                    None => return field.value.clone(),
                }
            }
            Value::List(values) if LISTS.contains(&&*field.key) => Value::List(
                values.iter().map(|value| self.made_plugin(value)).collect::<Vec<_>>().into(),
            ),
            other => other.clone(),
        };
        self.with_hooks(value, depth + 1)
    }

    /// A plugin that a function makes, possibly of the options beside it.
    fn made_plugin(&self, value: &Value) -> Value {
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
        let is_known = [&RESULTS[..], &CALLING, &CHANGING].iter().any(|all| all.contains(&name));
        if !is_known {
            return None;
        }
        if name == "apply" && self.names_only_serve(module, function) {
            return Some(Value::Text("serve".into()));
        }
        let frame = Self::closure((module, function), given, None);
        // A function that makes the plugin hands its arguments on.
        let mut values = vec![self.hook_in(name, frame)];
        for (around, arguments) in self.calls_around(module, function) {
            let parent = Self::closure((module, around), &arguments, None);
            let frame = Self::closure((module, function), given, Some(&parent));
            values.push(self.hook_in(name, frame));
        }
        Some(Value::any_of(values))
    }

    /// True for `apply: (config, { command }) => command === 'serve'` of a plugin of Vite.
    fn names_only_serve(&self, module: ModuleId, function: u32) -> bool {
        let Some(body) = self.body(module) else { return false };
        let Some(whole) = body.functions.get(function as usize) else { return false };
        let within = body.nodes.iter().filter(|node| whole.span.contains(node.span));
        let texts = within.filter_map(|node| match &node.expr {
            Expr::Text(text) => Some(&**text),
            _ => None,
        });
        let texts: Vec<&str> = texts.collect();
        texts.contains(&"serve") && !texts.contains(&"build")
    }

    /// The same for one call of the hook.
    fn hook_in(&self, name: &str, frame: CallFrame<'_>) -> Value {
        self.steps.set(0);
        let mut values = Vec::new();
        if RESULTS.contains(&name) {
            values.push(self.call_closure(frame));
        }
        if CHANGING.contains(&name) {
            values.push(self.first_parameter(frame.module, frame.function));
        }
        values.extend(self.given_by_calls(frame));
        if SETTINGS.contains(&name) {
            let settings = values.into_iter().map(|value| self.unwrapped(value, &[], 0));
            return merged(&settings.collect::<Vec<_>>());
        }
        Value::any_of(values.iter().map(placed).collect())
    }

    /// The functions around one, with the arguments of each call of them.
    pub(super) fn calls_around(&self, module: ModuleId, function: u32) -> Vec<(u32, Vec<Value>)> {
        let Some(body) = self.body(module) else { return Vec::new() };
        let Some(inner) = body.functions.get(function as usize) else { return Vec::new() };
        let is_around = |it: &&Function| it.span.contains(inner.span) && it.span != inner.span;
        let around =
            body.functions.iter().filter(is_around).min_by_key(|it| it.span.end - it.span.start);
        let Some(around) = around else { return Vec::new() };
        let Some(around) = body.functions.iter().position(|it| it.span == around.span) else {
            return Vec::new();
        };
        let mut calls = Vec::new();
        if !self.graph.modules.iter().any(|node| node.has_seed()) {
            return calls;
        }
        for (caller, node) in self.graph.modules.iter().enumerate() {
            let Some(body) = node.module.body.as_ref() else { continue };
            self.charge(body.nodes.len());
            for node in &body.nodes {
                let Expr::Call { callee, arguments, .. } = &node.expr else { continue };
                let is_named =
                    body.node(*callee).is_some_and(|it| matches!(it.expr, Expr::Symbol(_)));
                if !is_named || arguments.is_empty() || calls.len() >= MAX_CALLERS {
                    continue;
                }
                let target = self.value(caller, *callee);
                let is_it = |it: &Value| {
                    matches!(it, Value::Function(home, own)
                        if *home == module && *own as usize == around)
                };
                if is_it(&target) {
                    let given = arguments.iter().map(|&given| self.value(caller, given));
                    calls.push((around as u32, given.collect()));
                }
            }
        }
        calls
    }

    /// The values that calls in a hook put into what clients get, and those that it assigns to the code
    /// of files and to definitions.
    fn given_by_calls(&self, frame: CallFrame<'_>) -> Vec<Value> {
        let module = frame.module;
        let Some(body) = self.body(module) else { return Vec::new() };
        let Some(whole) = body.functions.get(frame.function as usize) else { return Vec::new() };
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
                values.push(self.eval(module, id as ExprId, Some(frame)));
            }
            let Some((_, index, parts)) = CALLS.iter().find(|(own, ..)| *own == name) else {
                continue;
            };
            let Some(&argument) = arguments.get(*index) else { continue };
            // Scripts of Astro that only its servers run.
            let first = arguments.first().and_then(|&first| body.node(first)).map(|it| &it.expr);
            if matches!(first, Some(Expr::Text(stage)) if &**stage == "page-ssr") {
                continue;
            }
            let value = match self.eval(module, argument, Some(frame)) {
                Value::Function(home, function) => {
                    let result =
                        self.call_closure(Self::closure((home, function), &[], Some(&frame)));
                    let changed = self.first_parameter(home, function);
                    Value::any_of(vec![result, changed])
                }
                other => other,
            };
            values.extend(parts.split(' ').map(|part| part_of(&value, part)));
        }
        for &(target, value) in &body.assignments {
            let Some(node) = body.node(target).filter(|node| whole.contains(node.span)) else {
                continue;
            };
            let (object, name) = match &node.expr {
                Expr::Member(object, name) => (*object, Some(name.to_string())),
                Expr::Index(object, index) => {
                    let name = self.eval(module, *index, Some(frame));
                    (*object, name.text().map(str::to_owned))
                }
                _ => continue,
            };
            let value = || self.eval(module, value, Some(frame));
            if names_of(body, object).last() == "define" {
                // `build.initialOptions.define['process.env.K'] = …`
                let at = self.at(module, node.span);
                let key = name.unwrap_or_default().into();
                let names =
                    Value::Object(vec![Field { key, value: value(), at: at.clone() }].into());
                let define = Field { key: "define".into(), value: names, at };
                values.push(Value::Object(vec![define].into()));
            } else if matches!(name.as_deref(), Some("code" | "source" | "define"))
                || names_of(body, object).first() == "manifest"
            {
                values.push(value());
            }
        }
        values
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
