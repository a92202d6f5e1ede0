//! Works out what expressions come to: constants are folded, secrets are followed through
//! variables, objects, calls and modules. Nothing is run.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use super::Keys;
use super::facts::{Body, Expr, ExprId, Imported, Key, Property, Span, SymbolValue, Target};
use super::frameworks::{EnvRoot, ReadForm};
use super::graph::{Definition, Graph, ModuleId, Place};
use super::known::Env;
use super::leak::{At, Hop};
use super::value::{Field, Origin, Taint, Value};
use crate::model::{KeyClass, StepKind};
use crate::rules::Ruleset;

/// How deep expressions are followed, variables and calls included.
const MAX_DEPTH: u32 = 60;

/// How deep calls of known functions are followed.
const MAX_CALLS: u32 = 3;

/// How many expressions are looked at for one question, lest a hostile module takes forever.
const MAX_STEPS: u32 = 20_000;

/// How many steps of a secret's way are kept.
const MAX_HOPS: usize = 12;

/// Longer texts are not put together: keys are short.
const MAX_TEXT: usize = 1 << 16;

/// Evaluates the expressions of a graph. One a thread.
pub(super) struct Evaluator<'a> {
    graph: &'a Graph,
    rules: &'a Ruleset,
    keys: &'a dyn Keys,
    env: &'a Env<'a>,
    memo: RefCell<HashMap<(ModuleId, ExprId), Value>>,
    /// What is being worked out, so that a circle ends.
    open: RefCell<Vec<(ModuleId, ExprId)>>,
    depth: Cell<u32>,
    steps: Cell<u32>,
}

/// The arguments of a call that is followed.
#[derive(Clone, Copy)]
struct Frame<'f> {
    module: ModuleId,
    function: u32,
    arguments: &'f [Value],
    depth: u32,
}

impl<'a> Evaluator<'a> {
    /// An evaluator that knows nothing yet.
    pub(super) fn new(
        graph: &'a Graph,
        rules: &'a Ruleset,
        keys: &'a dyn Keys,
        env: &'a Env<'a>,
    ) -> Self {
        Self {
            graph,
            rules,
            keys,
            env,
            memo: RefCell::default(),
            open: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(0),
        }
    }

    /// What an expression of a module comes to.
    pub(super) fn value(&self, module: ModuleId, expr: ExprId) -> Value {
        self.steps.set(0);
        self.eval(module, expr, None)
    }

    /// What a name of a module comes to.
    pub(super) fn named(&self, module: ModuleId, symbol: u32) -> Value {
        self.steps.set(0);
        self.symbol(module, symbol, None)
    }

    /// The attributes of an element as an object.
    pub(super) fn attributes(&self, module: ModuleId, attributes: &[Property]) -> Value {
        self.steps.set(0);
        self.object(module, attributes, None)
    }

    /// What a function gives back when nothing is known of its arguments, by operand of `return`.
    pub(super) fn returns(&self, module: ModuleId, function: u32) -> Vec<(ExprId, Value)> {
        self.steps.set(0);
        let Some(body) = self.body(module) else { return Vec::new() };
        let Some(function) = body.functions.get(function as usize) else { return Vec::new() };
        function.returns.iter().map(|&expr| (expr, self.eval(module, expr, None))).collect()
    }

    /// What a configuration module exports: the object, even if functions are wrapped round it.
    pub(super) fn configuration(&self, module: ModuleId) -> Value {
        self.steps.set(0);
        let value = self.export(module, "default");
        let value = match value {
            Value::Unknown => match self.module_object(module) {
                Value::Object(fields) if fields.is_empty() => self.build_call(module),
                other => other,
            },
            other => other,
        };
        self.unwrapped(value, 0)
    }

    /// What a script gives to a bundler: `await build({ … })`.
    fn build_call(&self, module: ModuleId) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let given = body.nodes.iter().find_map(|node| {
            let Expr::Call { callee, arguments, .. } = &node.expr else { return None };
            let name = self.name_of(body, *callee);
            let last = name.rsplit('.').next();
            let is_build = matches!(last, Some("build" | "buildSync" | "context"));
            let first = self.eval(module, *arguments.first().filter(|_| is_build)?, None);
            matches!(first, Value::Object(_)).then_some(first)
        });
        given.unwrap_or_default()
    }

    fn unwrapped(&self, value: Value, depth: u32) -> Value {
        if depth > 5 {
            return value;
        }
        match value {
            Value::Function(module, function) => {
                let returned = self.call(module, function, &[], 0);
                self.unwrapped(returned, depth + 1)
            }
            // `withBundleAnalyzer(config)`, `defineConfig(config)`, `createConfig(config)`.
            Value::Made(_, ref values) => {
                let inner = values.iter().find(|value| {
                    matches!(value, Value::Object(_) | Value::Function(..) | Value::Made(..))
                });
                match inner {
                    Some(inner) => self.unwrapped(inner.clone(), depth + 1),
                    None => value,
                }
            }
            Value::Any(values) => {
                // Several configurations: their properties together.
                let fields: Vec<Field> = values
                    .iter()
                    .flat_map(|value| self.unwrapped(value.clone(), depth + 1).fields().to_vec())
                    .collect();
                Value::Object(fields.into())
            }
            other => other,
        }
    }

    /// What a module exports under a name.
    pub(super) fn export(&self, module: ModuleId, name: &str) -> Value {
        match self.graph.exported(module, name) {
            Definition::Binding(place) => self.binding(place),
            Definition::Module(module) => Value::Module(module),
            Definition::External { .. } | Definition::Unknown => Value::Unknown,
        }
    }

    /// The exports of a module as an object.
    fn module_object(&self, module: ModuleId) -> Value {
        let path = &self.graph.modules[module].path;
        let fields = self.graph.exports(module).into_iter().map(|(name, binding, span)| Field {
            key: name.into(),
            value: self.binding(Place { module, binding }),
            at: At { path: path.clone(), span },
        });
        Value::Object(fields.collect::<Vec<_>>().into())
    }

    /// What a top-level binding comes to.
    pub(super) fn binding(&self, place: Place) -> Value {
        let Some(body) = self.body(place.module) else { return Value::Unknown };
        let symbol = body.symbols.iter().position(|s| s.binding == Some(place.binding));
        if let Some(symbol) = symbol {
            return self.symbol(place.module, symbol as u32, None);
        }
        // `export default <expression>` and CommonJS have no name.
        let extent = self.graph.modules[place.module].module.bindings[place.binding].extent;
        if let Some(expr) = body.default_export
            && extent.contains(body.nodes[expr as usize].span)
        {
            return self.eval(place.module, expr, None);
        }
        let assigned = body.assignments.iter().find(|(target, value)| {
            let whole =
                body.nodes[*target as usize].span.start..body.nodes[*value as usize].span.end;
            extent.start <= whole.start && whole.end <= extent.end
        });
        assigned.map_or(Value::Unknown, |&(_, value)| self.eval(place.module, value, None))
    }

    /// The package that an expression names a thing of, and the thing: of
    /// `import { A } from 'p'`, `A` is `p`, `A`; of `ns.A`, too.
    pub(super) fn external(&self, module: ModuleId, expr: ExprId) -> Option<(String, String)> {
        let body = self.body(module)?;
        match &body.nodes[expr as usize].expr {
            Expr::Symbol(symbol) => {
                let symbol = &body.symbols[*symbol as usize];
                if let Some(binding) = symbol.binding {
                    let place = Place { module, binding };
                    if let Definition::External { specifier, name } = self.graph.definition(place) {
                        return Some((
                            specifier,
                            match name {
                                Imported::Name(name) => name,
                                Imported::All => "*".to_owned(),
                            },
                        ));
                    }
                }
                // `const Box = dynamic(() => import('p'))`, `const A = lib.A`
                match &symbol.value {
                    SymbolValue::Init { expr, path, .. } if path.is_empty() => (*expr
                        < body.nodes.len() as u32)
                        .then(|| self.external_of_init(module, *expr))?,
                    SymbolValue::Init { .. }
                    | SymbolValue::Parameter { .. }
                    | SymbolValue::Function(_)
                    | SymbolValue::Import
                    | SymbolValue::Unknown => None,
                }
            }
            Expr::Member(object, property) => {
                let (specifier, name) = self.external(module, *object)?;
                (name == "*" || name == "default").then(|| (specifier, property.to_string()))
            }
            Expr::Import(import) => {
                let node = &self.graph.modules[module];
                let import = node.module.imports.get(*import as usize)?;
                Some((import.specifier.clone(), "*".to_owned()))
            }
            Expr::Text(_)
            | Expr::Literal(_)
            | Expr::Concat(_)
            | Expr::Global(_)
            | Expr::Index(..)
            | Expr::Call { .. }
            | Expr::Object(_)
            | Expr::Array(_)
            | Expr::Spread(_)
            | Expr::Function(_)
            | Expr::Choice(_)
            | Expr::Element { .. }
            | Expr::ImportMeta
            | Expr::Other => None,
        }
    }

    /// The package behind what a variable was given: a thing of it, or an instance of that.
    fn external_of_init(&self, module: ModuleId, expr: ExprId) -> Option<(String, String)> {
        let body = self.body(module)?;
        match &body.nodes[expr as usize].expr {
            Expr::Member(..) | Expr::Import(_) | Expr::Symbol(_) => {
                let depth = self.depth.get();
                if depth > MAX_DEPTH {
                    return None;
                }
                self.depth.set(depth + 1);
                let found = self.external(module, expr);
                self.depth.set(depth);
                found
            }
            _ => None,
        }
    }

    /// The body of a module, if its expressions were read.
    pub(super) fn body(&self, module: ModuleId) -> Option<&'a Body> {
        self.graph.modules[module].module.body.as_ref()
    }

    /// Where an expression of a module is.
    pub(super) fn at(&self, module: ModuleId, span: Span) -> At {
        At { path: self.graph.modules[module].path.clone(), span }
    }

    fn eval(&self, module: ModuleId, expr: ExprId, frame: Option<Frame<'_>>) -> Value {
        if frame.is_none()
            && let Some(known) = self.memo.borrow().get(&(module, expr))
        {
            return known.clone();
        }
        let (depth, steps) = (self.depth.get(), self.steps.get());
        if depth >= MAX_DEPTH || steps >= MAX_STEPS {
            return Value::Unknown;
        }
        if self.open.borrow().iter().filter(|open| **open == (module, expr)).count() > 1 {
            return Value::Unknown;
        }
        self.depth.set(depth + 1);
        self.steps.set(steps + 1);
        self.open.borrow_mut().push((module, expr));
        let value = self.compute(module, expr, frame);
        self.open.borrow_mut().pop();
        self.depth.set(depth);
        // What was cut short is no answer for others.
        if frame.is_none() && depth < MAX_DEPTH / 2 && self.steps.get() < MAX_STEPS {
            self.memo.borrow_mut().insert((module, expr), value.clone());
        }
        value
    }

    fn compute(&self, module: ModuleId, id: ExprId, frame: Option<Frame<'_>>) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(node) = body.nodes.get(id as usize) else { return Value::Unknown };
        match &node.expr {
            Expr::Text(text) => self.text(module, node.span, text),
            Expr::Literal(text) => Value::Literal((**text).into()),
            Expr::Concat(parts) => self.concat(module, node.span, parts, frame),
            Expr::Symbol(symbol) => self.symbol(module, *symbol, frame),
            Expr::Global(name) if matches!(&**name, "undefined" | "NaN") => {
                Value::Literal((**name).into())
            }
            Expr::Global(_) | Expr::ImportMeta | Expr::Element { .. } | Expr::Other => {
                Value::Unknown
            }
            Expr::Member(object, property) => {
                self.member(module, node.span, *object, property, ReadForm::Member, frame)
            }
            Expr::Index(object, index) => match self.eval(module, *index, frame) {
                Value::Text(name) => {
                    self.member(module, node.span, *object, &name, ReadForm::Index, frame)
                }
                Value::Literal(number) => {
                    self.property(&self.eval(module, *object, frame), &number, module, node.span)
                }
                _ => Value::Unknown,
            },
            Expr::Call { callee, arguments, is_new } => {
                self.called(module, node.span, *callee, arguments, *is_new, frame)
            }
            Expr::Object(properties) => self.object(module, properties, frame),
            Expr::Array(elements) => {
                let mut values = Vec::new();
                for &element in elements {
                    match self.eval(module, element, frame) {
                        Value::List(inner) if self.is_spread(body, element) => {
                            values.extend(inner.iter().cloned());
                        }
                        other => values.push(other),
                    }
                }
                Value::List(values.into())
            }
            Expr::Spread(inner) => self.eval(module, *inner, frame),
            Expr::Function(function) => Value::Function(module, *function),
            Expr::Choice(branches) => {
                any(branches.iter().map(|&branch| self.eval(module, branch, frame)).collect())
            }
            Expr::Import(import) => match self.graph.targets(module, *import as usize).first() {
                Some(&target) => self.namespace(target),
                None => Value::Unknown,
            },
        }
    }

    fn is_spread(&self, body: &Body, expr: ExprId) -> bool {
        body.nodes.get(expr as usize).is_some_and(|node| matches!(node.expr, Expr::Spread(_)))
    }

    /// What `require('./x')` or `import('./x')` gives.
    fn namespace(&self, target: ModuleId) -> Value {
        Value::Module(target)
    }

    /// A text: a secret if a key is in it.
    fn text(&self, module: ModuleId, span: Span, text: &str) -> Value {
        let keys = self.keys.find(text);
        let secret = keys.iter().find(|key| self.is_secret(key.rule));
        match secret {
            None => Value::Text(text.into()),
            Some(key) => {
                // Quotes are one byte; a text with escapes is found as a whole.
                let is_plain = (span.end - span.start) as usize == text.len() + 2;
                let at = if is_plain {
                    let start = span.start + 1 + key.range.start as u32;
                    Span::new(start, start + key.range.len() as u32)
                } else {
                    span
                };
                Value::Secret(Arc::new(Taint {
                    rule: key.rule,
                    origin: Origin::Written { secret: key.secret.clone(), at: self.at(module, at) },
                    hops: Vec::new(),
                }))
            }
        }
    }

    fn is_secret(&self, rule: usize) -> bool {
        self.rules.rules[rule].class == KeyClass::Secret
    }

    fn concat(
        &self,
        module: ModuleId,
        span: Span,
        parts: &[ExprId],
        frame: Option<Frame<'_>>,
    ) -> Value {
        let values: Vec<Value> = parts.iter().map(|&part| self.eval(module, part, frame)).collect();
        self.joined(module, span, &values)
    }

    /// Texts one behind the other.
    fn joined(&self, module: ModuleId, span: Span, values: &[Value]) -> Value {
        let secrets: Vec<Value> = values.iter().filter(|v| is_told(v)).cloned().collect();
        if !secrets.is_empty() {
            return any(secrets);
        }
        let mut is_known = true;
        let mut runs = vec![String::new()];
        for value in values {
            match value {
                Value::Text(text) | Value::Literal(text) => {
                    if let Some(run) = runs.last_mut()
                        && run.len() + text.len() <= MAX_TEXT
                    {
                        run.push_str(text);
                    }
                }
                _ => {
                    is_known = false;
                    runs.push(String::new());
                }
            }
        }
        for run in &runs {
            if let Value::Secret(taint) = self.text(module, Span::default(), run) {
                let mut taint = (*taint).clone();
                if let Origin::Written { at, .. } = &mut taint.origin {
                    at.span = span;
                }
                return Value::Secret(Arc::new(taint));
            }
        }
        match (is_known, runs.pop()) {
            (true, Some(text)) => Value::Text(text.into()),
            _ => Value::Unknown,
        }
    }

    fn symbol(&self, module: ModuleId, symbol: u32, frame: Option<Frame<'_>>) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(symbol) = body.symbols.get(symbol as usize) else { return Value::Unknown };
        let first = match &symbol.value {
            SymbolValue::Init { expr, path, default } => {
                let whole = self.eval(module, *expr, frame);
                let found = self.path(&whole, path, module, symbol.span);
                self.or_default(module, found, *default, frame)
            }
            SymbolValue::Parameter { function, index, path, default } => {
                let given = frame
                    .filter(|frame| frame.module == module && frame.function == *function)
                    .and_then(|frame| frame.arguments.get(*index as usize));
                let given = given.cloned().unwrap_or_default();
                let found = self.path(&given, path, module, symbol.span);
                self.or_default(module, found, *default, frame)
            }
            SymbolValue::Function(function) => Value::Function(module, *function),
            SymbolValue::Import => symbol.binding.map_or(Value::Unknown, |binding| {
                self.imported(Place { module, binding }, symbol.span)
            }),
            SymbolValue::Unknown => Value::Unknown,
        };
        let later = symbol.assigned.iter().map(|&expr| self.eval(module, expr, frame));
        let value = any(std::iter::once(first).chain(later).collect());
        if matches!(symbol.value, SymbolValue::Import) {
            return value;
        }
        let place = self.at(module, symbol.span);
        passed(value, &|| Hop {
            at: place.clone(),
            kind: StepKind::Flow,
            note: format!("in `{}`", symbol.name),
        })
    }

    fn or_default(
        &self,
        module: ModuleId,
        found: Value,
        default: Option<ExprId>,
        frame: Option<Frame<'_>>,
    ) -> Value {
        match default {
            None => found,
            Some(default) => any(vec![found, self.eval(module, default, frame)]),
        }
    }

    fn imported(&self, place: Place, span: Span) -> Value {
        match self.graph.definition(place) {
            Definition::Binding(found) if found == place => Value::Unknown,
            Definition::Binding(found) => {
                let from = &self.graph.modules[found.module].path;
                let note = format!("imported from {from}");
                let at = self.at(place.module, span);
                passed(self.binding(found), &|| Hop {
                    at: at.clone(),
                    kind: StepKind::Flow,
                    note: note.clone(),
                })
            }
            Definition::Module(module) => self.namespace(module),
            Definition::External { specifier, name } => {
                self.given_by_package(place.module, &specifier, &name, span)
            }
            Definition::Unknown => self.of_whole_module(place, span),
        }
    }

    /// A name of a CommonJS module is a property of all that it exports; its default is that.
    fn of_whole_module(&self, place: Place, span: Span) -> Value {
        let module = &self.graph.modules[place.module].module;
        match module.bindings.get(place.binding).map(|binding| &binding.target) {
            Some(Target::Imported { import, name: Imported::Name(name) }) => {
                match self.graph.targets(place.module, *import).first() {
                    Some(&target) if name == "default" => Value::Module(target),
                    Some(&target) => {
                        let whole = self.export(target, "default");
                        self.known_property(&whole, name, place.module, span)
                    }
                    None => Value::Unknown,
                }
            }
            Some(Target::Imported { .. } | Target::Local) | None => Value::Unknown,
        }
    }

    /// What modules that only a framework knows give: variables.
    fn given_by_package(
        &self,
        module: ModuleId,
        specifier: &str,
        name: &Imported,
        span: Span,
    ) -> Value {
        let root = match specifier {
            "$env/static/private" | "$env/dynamic/private" | "$app/env/private" => {
                EnvRoot::PrivateModule
            }
            "$env/static/public"
            | "$env/dynamic/public"
            | "$app/env/public"
            | "astro:env/client" => EnvRoot::PublicModule,
            "astro:env/server" => EnvRoot::ServerModule,
            "@env" | "react-native-config" | "react-native-dotenv" => EnvRoot::NativeConfig,
            "process" | "node:process" | "bun" => match name {
                Imported::Name(name) if name == "env" => {
                    return Value::Environment(EnvRoot::Process, self.at(module, span));
                }
                Imported::Name(_) | Imported::All => return Value::Unknown,
            },
            _ => return Value::Unknown,
        };
        let is_all = match name {
            Imported::All => true,
            // `env` of the dynamic modules, and the default export of react-native-config.
            Imported::Name(name) => {
                (name == "env" && specifier.contains("dynamic"))
                    || name == "default"
                    || name == "Config"
            }
        };
        match name {
            Imported::Name(name) if !is_all => {
                self.variable(name, root, ReadForm::Member, self.at(module, span))
            }
            Imported::Name(_) | Imported::All => Value::Environment(root, self.at(module, span)),
        }
    }

    /// A variable that is read.
    fn variable(&self, name: &str, root: EnvRoot, form: ReadForm, at: At) -> Value {
        let rule = match root {
            EnvRoot::RuntimeConfig | EnvRoot::PublicRuntimeConfig => self.env.secret_property(name),
            EnvRoot::Process
            | EnvRoot::ImportMeta
            | EnvRoot::Runtime
            | EnvRoot::NativeConfig
            | EnvRoot::PrivateModule
            | EnvRoot::PublicModule
            | EnvRoot::ServerModule => self.env.secret(name),
        };
        match rule {
            None => Value::Variable,
            Some(rule) => Value::Secret(Arc::new(Taint {
                rule,
                origin: Origin::Variable { name: name.into(), root, form, at },
                hops: Vec::new(),
            })),
        }
    }

    fn member(
        &self,
        module: ModuleId,
        span: Span,
        object: ExprId,
        property: &str,
        form: ReadForm,
        frame: Option<Frame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        if let Some(root) = env_root(body, object, property) {
            return Value::Environment(root, self.at(module, span));
        }
        let value = self.eval(module, object, frame);
        let is_named = !matches!(
            body.nodes.get(object as usize).map(|node| &node.expr),
            Some(Expr::Symbol(_))
        );
        let form = if is_named { form } else { ReadForm::Alias };
        self.read(&value, property, form, module, span)
    }

    /// A property of a value.
    fn read(
        &self,
        value: &Value,
        property: &str,
        form: ReadForm,
        module: ModuleId,
        span: Span,
    ) -> Value {
        match value {
            Value::Environment(EnvRoot::RuntimeConfig, at) if property == "public" => {
                Value::Environment(EnvRoot::PublicRuntimeConfig, at.clone())
            }
            // `Config.X` and `env.X` of modules are how these are meant to be read.
            Value::Environment(root, _) => {
                let form = match root {
                    EnvRoot::Process | EnvRoot::ImportMeta | EnvRoot::Runtime => form,
                    EnvRoot::NativeConfig
                    | EnvRoot::PrivateModule
                    | EnvRoot::PublicModule
                    | EnvRoot::ServerModule
                    | EnvRoot::RuntimeConfig
                    | EnvRoot::PublicRuntimeConfig => ReadForm::Member,
                };
                self.variable(property, *root, form, self.at(module, span))
            }
            Value::Module(target) => {
                let found = self.export(*target, property);
                match found {
                    Value::Unknown if property == "default" => Value::Module(*target),
                    Value::Unknown => {
                        let default = self.export(*target, "default");
                        self.known_property(&default, property, module, span)
                    }
                    other => other,
                }
            }
            other => self.known_property(other, property, module, span),
        }
    }

    fn known_property(&self, value: &Value, property: &str, module: ModuleId, span: Span) -> Value {
        match value {
            Value::Object(fields) => {
                if let Some(field) = fields.iter().rev().find(|field| &*field.key == property) {
                    return field.value.clone();
                }
                // `{ ...process.env }`
                let spread = fields.iter().find(|field| &*field.key == "...");
                spread.map_or(Value::Unknown, |field| {
                    self.read(&field.value, property, ReadForm::Alias, module, span)
                })
            }
            Value::Any(values) => any(values
                .iter()
                .map(|value| self.read(value, property, ReadForm::Alias, module, span))
                .collect()),
            Value::List(values) => property
                .parse::<usize>()
                .ok()
                .and_then(|index| values.get(index).cloned())
                .unwrap_or_default(),
            // t3-env: what it is given as `runtimeEnv` is what it gives back.
            Value::Made(name, values) if &**name == "createEnv" => {
                let given = values.first().map(|value| value.get("runtimeEnv").clone());
                given.map_or(Value::Unknown, |value| {
                    self.read(&value, property, ReadForm::Alias, module, span)
                })
            }
            _ => Value::Unknown,
        }
    }

    fn property(&self, value: &Value, property: &str, module: ModuleId, span: Span) -> Value {
        self.read(value, property, ReadForm::Alias, module, span)
    }

    fn path(&self, value: &Value, path: &[Box<str>], module: ModuleId, span: Span) -> Value {
        let mut value = value.clone();
        for (depth, part) in path.iter().enumerate() {
            let form = if depth == 0 { ReadForm::Destructured } else { ReadForm::Alias };
            value = self.read(&value, part, form, module, span);
        }
        value
    }

    fn object(&self, module: ModuleId, properties: &[Property], frame: Option<Frame<'_>>) -> Value {
        let mut fields: Vec<Field> = Vec::new();
        for property in properties {
            let value = self.eval(module, property.value, frame);
            let at = self.at(module, property.span);
            match &property.key {
                Key::Name(name) => {
                    fields.push(Field { key: (**name).into(), value, at });
                }
                Key::Computed(key) => {
                    if let Value::Text(name) = self.eval(module, *key, frame) {
                        fields.push(Field { key: name, value, at });
                    } else {
                        fields.push(Field { key: "[]".into(), value, at });
                    }
                }
                Key::Spread => match value {
                    Value::Object(inner) => fields.extend(inner.iter().cloned()),
                    Value::Unknown => {}
                    other => fields.push(Field { key: "...".into(), value: other, at }),
                },
            }
        }
        Value::Object(fields.into())
    }

    fn called(
        &self,
        module: ModuleId,
        span: Span,
        callee: ExprId,
        arguments: &[ExprId],
        is_new: bool,
        frame: Option<Frame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(callee_node) = body.nodes.get(callee as usize) else { return Value::Unknown };
        let argument = |index: usize| -> Value {
            arguments.get(index).map_or(Value::Unknown, |&id| self.eval(module, id, frame))
        };
        let name = self.name_of(body, callee);
        if is_new {
            return match name.rsplit('.').next() {
                Some("Boolean" | "Error" | "RegExp" | "Date") | None => Value::Unknown,
                Some("String") => argument(0),
                Some("URL") => Value::Unknown,
                Some(name) => self.made(module, name, arguments, frame),
            };
        }
        match name.as_str() {
            "String" | "encodeURIComponent" | "encodeURI" | "btoa" | "JSON.stringify"
            | "JSON.parse" | "Promise.resolve" | "Object.freeze" | "structuredClone"
            | "decodeURIComponent" | "Object.seal" | "unref" | "ref" | "toValue" | "reactive"
            | "readonly" | "shallowRef" | "$state" | "useMemo" | "signal" => {
                let value = argument(0);
                return match value {
                    Value::Function(module, function) => self.call(module, function, &[], 0),
                    other => other,
                };
            }
            "atob" => return self.decoded(module, span, &argument(0)),
            "Buffer.from" => {
                let value = argument(0);
                return match argument(1) {
                    Value::Text(encoding) if encoding.starts_with("base64") => {
                        self.decoded(module, span, &value)
                    }
                    _ => value,
                };
            }
            "Object.assign" | "Object.fromEntries" | "Object.entries" | "Object.values" => {
                let fields = arguments
                    .iter()
                    .flat_map(|&id| match self.eval(module, id, frame) {
                        Value::Object(fields) => fields.to_vec(),
                        value if is_told(&value) => {
                            vec![Field { key: "...".into(), value, at: self.at(module, span) }]
                        }
                        _ => Vec::new(),
                    })
                    .collect::<Vec<_>>();
                return Value::Object(fields.into());
            }
            "Deno.env.get" => {
                return match argument(0) {
                    Value::Text(name) => self.variable(
                        &name,
                        EnvRoot::Runtime,
                        ReadForm::Member,
                        self.at(module, span),
                    ),
                    _ => Value::Unknown,
                };
            }
            "useRuntimeConfig" => {
                return Value::Environment(EnvRoot::RuntimeConfig, self.at(module, span));
            }
            "loadEnv" => {
                return match argument(2) {
                    Value::Text(prefix) if prefix.is_empty() => {
                        Value::Environment(EnvRoot::Runtime, self.at(module, span))
                    }
                    Value::List(prefixes)
                        if prefixes.iter().any(|prefix| prefix.text() == Some("")) =>
                    {
                        Value::Environment(EnvRoot::Runtime, self.at(module, span))
                    }
                    _ => Value::Unknown,
                };
            }
            _ => {}
        }
        if let Expr::Member(object, method) = &callee_node.expr
            && let Some(value) = self.method(module, span, *object, method, arguments, frame)
        {
            return value;
        }
        let target = self.eval(module, callee, frame);
        if let Value::Function(target, function) = target {
            let depth = frame.map_or(0, |frame| frame.depth);
            if depth < MAX_CALLS {
                let values: Vec<Value> =
                    arguments.iter().map(|&id| self.eval(module, id, frame)).collect();
                return self.call(target, function, &values, depth + 1);
            }
            return Value::Unknown;
        }
        // Wrappers for the sake of types: `defineConfig(x)`, `defineNuxtConfig(x)`, `identity`.
        let short = name.rsplit('.').next().unwrap_or_default();
        if short.starts_with("define") && short.len() > "define".len() {
            return argument(0);
        }
        if name.is_empty() && !matches!(callee_node.expr, Expr::Call { .. }) {
            return Value::Unknown;
        }
        self.made(module, short, arguments, frame)
    }

    fn made(
        &self,
        module: ModuleId,
        name: &str,
        arguments: &[ExprId],
        frame: Option<Frame<'_>>,
    ) -> Value {
        let values: Vec<Value> = arguments.iter().map(|&id| self.eval(module, id, frame)).collect();
        Value::Made(name.into(), values.into())
    }

    /// What a method of a value gives; `None` if it is no known one.
    fn method(
        &self,
        module: ModuleId,
        span: Span,
        object: ExprId,
        method: &str,
        arguments: &[ExprId],
        frame: Option<Frame<'_>>,
    ) -> Option<Value> {
        let on = || self.eval(module, object, frame);
        let value = |id: &ExprId| self.eval(module, *id, frame);
        match method {
            "trim" | "toString" | "valueOf" | "trimEnd" | "trimStart" | "normalize"
            | "toLowerCase" | "toUpperCase" | "padEnd" | "padStart" => {
                let value = on();
                if let (Value::Secret(_), "toString", Some(Value::Text(encoding))) =
                    (&value, method, arguments.first().map(value_of(self, module, frame)))
                    && encoding.starts_with("base64")
                {
                    return Some(value);
                }
                Some(match value {
                    Value::Text(text) if method.starts_with("trim") => {
                        Value::Text(text.trim().into())
                    }
                    other => other,
                })
            }
            "concat" => {
                let mut values = vec![on()];
                values.extend(arguments.iter().map(value));
                Some(self.joined(module, span, &values))
            }
            "join" => match on() {
                Value::List(values) => {
                    let separator = match arguments.first().map(value) {
                        Some(Value::Text(separator)) => separator,
                        _ => ",".into(),
                    };
                    let mut parts = Vec::new();
                    for (index, value) in values.iter().enumerate() {
                        if index > 0 && !separator.is_empty() {
                            parts.push(Value::Text(separator.clone()));
                        }
                        parts.push(value.clone());
                    }
                    Some(self.joined(module, span, &parts))
                }
                _ => Some(Value::Unknown),
            },
            "reverse" => match on() {
                Value::List(values) => {
                    Some(Value::List(values.iter().rev().cloned().collect::<Vec<_>>().into()))
                }
                _ => Some(Value::Unknown),
            },
            "slice" | "substring" | "substr" => {
                let value = on();
                let bound =
                    |index: usize| match arguments.get(index).map(value_of(self, module, frame)) {
                        Some(Value::Literal(number)) => number.parse::<i64>().ok(),
                        _ => None,
                    };
                // Eight characters of a key are no key.
                let is_short = match (bound(0), bound(1)) {
                    (Some(from), Some(to)) if from >= 0 && to >= 0 => to - from <= 8,
                    (Some(from), None) if arguments.len() == 1 => (-8..0).contains(&from),
                    _ => false,
                };
                Some(if is_short || !is_told(&value) { Value::Unknown } else { value })
            }
            // zod and its like give back what they are given.
            "parse" | "safeParse" | "parseAsync" | "cast" | "validateSync" => {
                let given = arguments.first().map(value);
                match given {
                    Some(environment @ Value::Environment(..)) => Some(environment),
                    Some(object @ Value::Object(_)) => Some(object),
                    _ => None,
                }
            }
            "startsWith" | "endsWith" | "includes" | "test" | "match" | "matchAll" | "indexOf"
            | "search" | "charAt" | "charCodeAt" | "codePointAt" | "at" | "localeCompare"
            | "digest" | "update" | "split" | "replace" | "replaceAll" => {
                let value = on();
                (is_told(&value) || matches!(value, Value::Text(_))).then_some(Value::Unknown)
            }
            _ => None,
        }
    }

    /// What a known function gives back for these arguments.
    fn call(&self, module: ModuleId, function: u32, arguments: &[Value], depth: u32) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(known) = body.functions.get(function as usize) else { return Value::Unknown };
        let frame = Frame { module, function, arguments, depth: depth.max(1) };
        any(known.returns.iter().map(|&expr| self.eval(module, expr, Some(frame))).collect())
    }

    /// The text that base64 stands for.
    fn decoded(&self, module: ModuleId, span: Span, value: &Value) -> Value {
        let Value::Text(text) = value else { return value.clone() };
        let Some(decoded) = base64(text) else { return Value::Unknown };
        self.joined(module, span, &[Value::Text(decoded.into())])
    }

    /// A callee as it is written: `JSON.stringify`; empty if it is no chain of names.
    pub(super) fn name_of(&self, body: &Body, expr: ExprId) -> String {
        let mut names: Vec<&str> = Vec::new();
        let mut at = expr;
        loop {
            match body.nodes.get(at as usize).map(|node| &node.expr) {
                Some(Expr::Member(object, property)) if names.len() < 8 => {
                    names.push(property);
                    at = *object;
                }
                Some(Expr::Global(name)) => {
                    names.push(name);
                    break;
                }
                Some(Expr::Symbol(symbol)) => {
                    names.push(body.symbols.get(*symbol as usize).map_or("", |s| &s.name));
                    break;
                }
                Some(Expr::Call { callee, .. }) if !names.is_empty() && names.len() < 8 => {
                    at = *callee;
                }
                _ => break,
            }
        }
        names.reverse();
        if matches!(names.first(), Some(&("globalThis" | "window" | "self"))) {
            names.remove(0);
        }
        names.join(".")
    }
}

fn value_of<'e>(
    evaluator: &'e Evaluator<'_>,
    module: ModuleId,
    frame: Option<Frame<'e>>,
) -> impl Fn(&ExprId) -> Value + 'e {
    move |&id| evaluator.eval(module, id, frame)
}

/// `process.env`, `import.meta.env`, `Bun.env`, by object and property.
fn env_root(body: &Body, object: ExprId, property: &str) -> Option<EnvRoot> {
    if property != "env" {
        return None;
    }
    match &body.nodes.get(object as usize)?.expr {
        Expr::ImportMeta => Some(EnvRoot::ImportMeta),
        Expr::Global(name) => match &**name {
            "process" => Some(EnvRoot::Process),
            "Bun" => Some(EnvRoot::Runtime),
            _ => None,
        },
        Expr::Member(object, property) if &**property == "process" => {
            let is_global = matches!(
                &body.nodes.get(*object as usize)?.expr,
                Expr::Global(name) if matches!(&**name, "globalThis" | "window" | "global" | "self")
            );
            is_global.then_some(EnvRoot::Process)
        }
        // `import process from 'node:process'`
        Expr::Symbol(symbol) => {
            let symbol = body.symbols.get(*symbol as usize)?;
            let is_process =
                &*symbol.name == "process" && matches!(symbol.value, SymbolValue::Import);
            is_process.then_some(EnvRoot::Process)
        }
        _ => None,
    }
}

/// One value, or any of several; what is not known says nothing.
fn any(values: Vec<Value>) -> Value {
    let mut known: Vec<Value> =
        values.into_iter().filter(|value| !matches!(value, Value::Unknown)).collect();
    match known.len() {
        0 => Value::Unknown,
        1 => known.remove(0),
        _ => Value::Any(known.into()),
    }
}

/// Whether a value is a secret, or one of several of which some are.
fn is_told(value: &Value) -> bool {
    match value {
        Value::Secret(_) => true,
        Value::Any(values) => values.iter().any(is_told),
        _ => false,
    }
}

/// The value with one more step on the way of its secret.
fn passed(value: Value, hop: &dyn Fn() -> Hop) -> Value {
    match value {
        Value::Secret(taint) if taint.hops.len() < MAX_HOPS => {
            let mut taint = (*taint).clone();
            taint.hops.push(hop());
            Value::Secret(Arc::new(taint))
        }
        Value::Any(values) if values.iter().any(is_told) => Value::Any(
            values.iter().map(|value| passed(value.clone(), hop)).collect::<Vec<_>>().into(),
        ),
        other => other,
    }
}

/// Decodes base64 (RFC 4648, either alphabet); `None` if it is none or no text.
fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' | b' ' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}
