//! Works out what expressions come to: constants are folded, secrets are followed through
//! variables, objects, calls and modules. Nothing is run.

pub(crate) mod mutations;
pub(crate) mod plugins;
pub(crate) mod runtime_config;
pub(crate) mod value;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::catalog::{Catalog, KeyKindId};
use crate::eval::mutations::{Statements, merged};
use crate::eval::runtime_config::{ConfigProperty, RuntimeProperties};
use crate::eval::value::{Field, Taint, TaintOrigin, Value};
use crate::graph::modules::{BindingId, Definition, Graph, ModuleId};
use crate::input::KeyFinder;
use crate::js::ir::{
    BindingTarget, Body, ExportSource, Expr, ExprId, Imported, Property, PropertyKey, Span,
    SymbolValue,
};
use crate::leak::{FileSpan, StepKind, TraceStep};
use crate::paths;
use crate::variables::read::{EnvRoot, ReadForm};
use crate::variables::tainted::TaintedVariables;

/// How deep expressions are followed, variables and calls included.
const MAX_DEPTH: u32 = 60;

/// How deep calls of known functions are followed.
const MAX_CALLS: u32 = 3;

/// How many expressions are looked at for one question, lest a hostile module takes forever.
const MAX_STEPS: u32 = 20_000;

/// How many steps of a secret's way are kept.
const MAX_HOPS: usize = 12;

/// How much is looked at for one module, in expressions, values and bytes of texts together.
const MAX_WORK: usize = 10_000_000;

/// What has more values in it is not known: a few lines can double an object again and again.
const MAX_SIZE: usize = 10_000;

/// How many properties of a chain of names are told, from its end.
const MAX_NAMES: usize = 8;

/// Longer texts are not put together: keys are short.
const MAX_TEXT: usize = 1 << 13;

/// Evaluates the expressions of a graph. One a thread.
pub(crate) struct Evaluator<'a> {
    pub(crate) graph: &'a Graph,
    catalog: &'a Catalog,
    keys: &'a dyn KeyFinder,
    env: &'a TaintedVariables<'a>,
    memo: RefCell<HashMap<EvalQuestion, CachedValue, RandomState>>,
    /// Which names are secret.
    secret_names: RefCell<HashMap<&'a str, bool, RandomState>>,
    /// What is being worked out, so that a circle ends.
    open: RefCell<Vec<(ModuleId, ExprId)>>,
    depth: Cell<u32>,
    steps: Cell<u32>,
    work: Cell<usize>,
    /// How often there was too much to look at.
    cuts: Cell<usize>,
    /// Whether a parameter was looked at since this was cleared.
    is_of_frame: Cell<bool>,
    /// What code gets as its configuration.
    runtime: Option<&'a RuntimeProperties>,
    /// What statements do with the objects of modules that were asked for.
    statements: RefCell<HashMap<ModuleId, Rc<Statements>, RandomState>>,
    /// The objects whose statements are being worked out: these see them as they were before.
    changing: RefCell<Vec<(ModuleId, u32)>>,
    /// Of configurations, the folder from which paths are told.
    root: Option<&'a str>,
}

/// An expression of a module, in so many calls.
type EvalQuestion = (ModuleId, ExprId, u32);

/// What an expression is known to come to.
struct CachedValue {
    value: Value,
    /// Whether it came to that because nothing is known of a parameter: with arguments, it may be
    /// another.
    is_of_frame: bool,
}

/// The arguments of a call that is followed.
#[derive(Clone, Copy)]
struct CallFrame<'f> {
    module: ModuleId,
    function: u32,
    arguments: &'f [Value],
    /// Whether nothing is known of any of them.
    is_blank: bool,
    depth: u32,
}

impl<'a> Evaluator<'a> {
    /// An evaluator that knows nothing yet.
    pub(crate) fn new(
        graph: &'a Graph,
        catalog: &'a Catalog,
        keys: &'a dyn KeyFinder,
        env: &'a TaintedVariables<'a>,
    ) -> Self {
        Self {
            graph,
            catalog,
            keys,
            env,
            memo: RefCell::default(),
            secret_names: RefCell::default(),
            open: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(0),
            work: Cell::new(0),
            cuts: Cell::new(0),
            is_of_frame: Cell::new(false),
            runtime: None,
            statements: RefCell::default(),
            changing: RefCell::default(),
            root: None,
        }
    }

    /// Forgets all values, so that the next module does not depend on which were asked for before.
    pub(crate) fn forget(&mut self) {
        self.memo.get_mut().clear();
        self.statements.get_mut().clear();
        self.work.set(0);
        self.cuts.set(0);
    }

    /// The same where code gets this as its configuration.
    pub(crate) fn with_runtime(self, runtime: &'a RuntimeProperties) -> Self {
        Self { runtime: Some(runtime), ..self }
    }

    /// The same for configurations of the app in `root`: the folders of its modules are known.
    pub(crate) fn of_app(self, root: &'a str) -> Self {
        Self { root: Some(root), ..self }
    }

    /// The folder of a module, as it is written from the app's.
    fn folder(&self, module: ModuleId) -> Value {
        let path = &self.graph.modules[module].path;
        match self.root.and_then(|root| paths::below(path, root)) {
            Some(relative) => Value::Text(format!("./{}", paths::folder(relative)).into()),
            None => Value::Unknown,
        }
    }

    /// Whether there was too much to work all of it out.
    pub(crate) fn is_cut(&self) -> bool {
        self.cuts.get() > 0
    }

    /// What an expression of a module comes to.
    pub(crate) fn value(&self, module: ModuleId, expr: ExprId) -> Value {
        self.steps.set(0);
        let value = self.eval(module, expr, None);
        self.shown(value)
    }

    /// The same of something that is sent: an object is what statements made of it. Elsewhere these
    /// are not followed, as that takes long.
    pub(crate) fn value_sent(&self, module: ModuleId, expr: ExprId) -> Value {
        let value = self.value(module, expr);
        let Some(body) = self.body(module).filter(|body| !body.changed.is_empty()) else {
            return value;
        };
        match body.node(expr).map(|node| &node.expr) {
            Some(Expr::Symbol(symbol)) if body.changed.binary_search(symbol).is_ok() => {
                self.steps.set(0);
                let value = self.after_statements(body, (module, *symbol), value, None);
                self.shown(value)
            }
            Some(Expr::Call { callee, arguments, .. })
                if self.name_of(body, *callee) == "JSON.stringify" =>
            {
                arguments.first().map_or(value, |&given| self.value_sent(module, given))
            }
            Some(Expr::Object(properties)) => {
                let Value::Object(fields) = &value else { return value };
                let changed = |field: &Field| {
                    let own = properties.iter().find(|own| own.span == field.at.span)?;
                    let is_symbol = matches!(body.node(own.value)?.expr, Expr::Symbol(_));
                    is_symbol.then(|| self.value_sent(module, own.value))
                };
                let fields = fields.iter().map(|field| match changed(field) {
                    Some(value) => Field { value, ..field.clone() },
                    None => field.clone(),
                });
                Value::Object(fields.collect::<Vec<_>>().into())
            }
            _ => value,
        }
    }

    /// The same within a function that is given these arguments.
    pub(crate) fn value_given(
        &self,
        module: ModuleId,
        expr: ExprId,
        (function, arguments): (u32, &[Value]),
    ) -> Value {
        self.steps.set(0);
        let frame = CallFrame { module, function, arguments, is_blank: false, depth: 1 };
        let value = self.eval(module, expr, Some(frame));
        self.shown(value)
    }

    /// What a name of a module comes to.
    pub(crate) fn named(&self, module: ModuleId, symbol: u32) -> Value {
        self.steps.set(0);
        let value = self.symbol(module, symbol, None);
        self.shown(value)
    }

    /// A value that is looked through for secrets, which takes as long as it is large.
    fn shown(&self, value: Value) -> Value {
        if value.has_secret() {
            self.charge(value.size());
        }
        value
    }

    /// Counts what is looked at.
    pub(crate) fn charge(&self, amount: usize) {
        self.work.set(self.work.get().saturating_add(amount));
    }

    /// Nothing, because there is too much to look at.
    fn cut(&self) -> Value {
        self.cuts.set(self.cuts.get() + 1);
        Value::Unknown
    }

    /// Whether a call may put a key together, or decode one.
    pub(crate) fn joins(&self, body: &Body, callee: ExprId) -> bool {
        match self.names_of(body, callee).as_slice() {
            ["atob"] | ["Buffer", "from"] => true,
            _ => matches!(
                body.node(callee).map(|node| &node.expr),
                Some(Expr::Member(_, method)) if matches!(&**method, "concat" | "join")
            ),
        }
    }

    /// Whether a call may read a variable.
    pub(crate) fn reads(&self, body: &Body, callee: ExprId) -> bool {
        self.names_of(body, callee).as_slice() == ["Deno", "env", "get"]
    }

    /// Whether a variable of this name, or what is a property of a configuration, is secret.
    pub(crate) fn is_secret_name(&self, name: &'a str) -> bool {
        let is_secret = || {
            self.env.secret_property(name).is_some()
                || self.runtime.is_some_and(|runtime| runtime.has_secret(name))
        };
        *self.secret_names.borrow_mut().entry(name).or_insert_with(is_secret)
    }

    /// The attributes of an element as an object, maybe within a function that is given these
    /// arguments.
    pub(crate) fn attributes(
        &self,
        module: ModuleId,
        attributes: &[Property],
        given: Option<(u32, &[Value])>,
    ) -> Value {
        self.steps.set(0);
        let frame = given.map(|(function, arguments)| CallFrame {
            module,
            function,
            arguments,
            is_blank: false,
            depth: 1,
        });
        self.object(module, attributes, frame)
    }

    /// What a function gives back when nothing is known of its arguments, by operand of `return`.
    pub(crate) fn returns(&self, module: ModuleId, function: u32) -> Vec<(ExprId, Value)> {
        self.steps.set(0);
        let Some(body) = self.body(module) else { return Vec::new() };
        let Some(function) = body.functions.get(function as usize) else { return Vec::new() };
        function.returns.iter().map(|&expr| (expr, self.eval(module, expr, None))).collect()
    }

    /// What a configuration module exports: the object, even if functions are wrapped round it.
    pub(crate) fn configuration(&self, module: ModuleId) -> Value {
        self.steps.set(0);
        let value = self.export(module, "default");
        let value = match value {
            Value::Unknown => match self.module_object(module) {
                Value::Object(fields) if fields.is_empty() => self.build_call(module),
                other => other,
            },
            other => other,
        };
        let value = self.settled(self.unwrapped(value, 0));
        // Of webpack by itself, functions make whole configurations, for servers as well.
        if self.graph.modules[module].path.contains("webpack") {
            return value;
        }
        match value {
            Value::Object(fields) => {
                let plugged = self.plugged(module);
                Value::Object(fields.iter().cloned().chain(plugged).collect::<Vec<_>>().into())
            }
            other => other,
        }
    }

    /// A configuration with what its functions give: `entry: () => …`; of functions that change
    /// webpack's within that of another tool, how names are resolved. Plugins are looked for by
    /// themselves.
    fn settled(&self, value: Value) -> Value {
        let Value::Object(fields) = &value else { return value };
        let settled = |field: &Field| {
            let Value::Function(module, function) = field.value else { return field.clone() };
            let value = match &*field.key {
                "entry" => self.call(module, function, &[], 0),
                "webpack" | "configureWebpack" | "chainWebpack" | "webpackFinal" => {
                    let given = self.call(module, function, &[], 0);
                    let both = merged(&[self.first_parameter(module, function), given]);
                    let kept = both.field("resolve").cloned();
                    Value::Object(kept.into_iter().collect::<Vec<_>>().into())
                }
                _ => return field.clone(),
            };
            Field { value, ..field.clone() }
        };
        Value::Object(fields.iter().map(settled).collect::<Vec<_>>().into())
    }

    /// What statements make of the first parameter of a function.
    fn first_parameter(&self, module: ModuleId, function: u32) -> Value {
        let symbols = self.body(module).map_or(&[][..], |body| &body.symbols);
        let is_it = |value: &SymbolValue| {
            matches!(value, SymbolValue::Parameter { function: own, index: 0, path, .. }
                if *own == function && path.is_empty())
        };
        let found = symbols.iter().position(|symbol| is_it(&symbol.value));
        found.map_or(Value::Unknown, |id| self.symbol(module, id as u32, None))
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
            Value::CallResult(ref name, ref values)
                if name.to_ascii_lowercase().contains("merge") =>
            {
                let all: Vec<Value> =
                    values.iter().map(|value| self.unwrapped(value.clone(), depth + 1)).collect();
                merged(&all)
            }
            Value::CallResult(_, ref values) => {
                let inner = values.iter().find(|value| {
                    matches!(value, Value::Object(_) | Value::Function(..) | Value::CallResult(..))
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
    pub(crate) fn export(&self, module: ModuleId, name: &str) -> Value {
        let (definition, name) = self.graph.exported_as(module, name);
        match definition {
            Definition::Binding(place) => self.export_of(place, name),
            Definition::Module(module) => Value::Module(module),
            Definition::External { .. } | Definition::Unknown => Value::Unknown,
        }
    }

    /// What a binding gives to those who import it under a name. What CommonJS and files of JSON
    /// export under a name is a property of all that they export.
    fn export_of(&self, place: BindingId, name: &str) -> Value {
        let value = self.binding(place);
        let bindings = &self.graph.modules[place.module].module.bindings;
        let is_property = !name.is_empty()
            && name != "default"
            && matches!(value, Value::Object(_))
            && bindings.get(place.binding).is_some_and(|binding| binding.symbol.is_none())
            && self.graph.named(place.module, "default").any(|export| {
                matches!(export.source, ExportSource::Binding(own) if own == place.binding)
            });
        if is_property { value.get(name).clone() } else { value }
    }

    /// The exports of a module as an object.
    fn module_object(&self, module: ModuleId) -> Value {
        let path = &self.graph.modules[module].path;
        let fields = self.graph.exports(module).into_iter().map(|(name, binding, span)| Field {
            key: name.into(),
            value: self.export_of(BindingId { module, binding }, name),
            at: FileSpan { path: path.clone(), span },
        });
        Value::Object(fields.collect::<Vec<_>>().into())
    }

    /// A value as whoever is sent it sees it: of a module, what it exports; of a part of the
    /// runtime configuration, the secrets in it.
    pub(crate) fn opened(&self, value: Value, depth: u32) -> Value {
        let is_closed = |value: &Value| {
            matches!(value, Value::Module(_) | Value::Environment(EnvRoot::RuntimeConfig(1..), _))
        };
        match value {
            Value::Module(module) => self.contents(module),
            Value::Environment(EnvRoot::RuntimeConfig(part @ 1..), ref at) => {
                let names = self.runtime.map_or(Vec::new(), |runtime| runtime.secrets(part));
                let secret = |(key_kind, name): (KeyKindId, Arc<str>)| Field {
                    key: Arc::clone(&name),
                    value: Value::Secret(Arc::new(Taint {
                        key_kind,
                        origin: TaintOrigin::Variable {
                            name,
                            root: EnvRoot::RuntimeConfig(part),
                            form: ReadForm::Member,
                            at: at.clone(),
                        },
                        hops: Vec::new(),
                    })),
                    at: at.clone(),
                };
                Value::Object(names.into_iter().map(secret).collect::<Vec<_>>().into())
            }
            Value::Object(ref fields)
                if depth < MAX_CALLS && fields.iter().any(|field| is_closed(&field.value)) =>
            {
                let opened = fields.iter().map(|field| Field {
                    value: self.opened(field.value.clone(), depth + 1),
                    ..field.clone()
                });
                Value::Object(opened.collect::<Vec<_>>().into())
            }
            other => other,
        }
    }

    /// What a module exports; of CommonJS, what it exports as a whole.
    fn contents(&self, module: ModuleId) -> Value {
        let all = self.module_object(module);
        let whole = all.get("default");
        let is_in_whole =
            |field: &Field| &*field.key == "default" || whole.field(&field.key).is_some();
        let is_commonjs = matches!(whole, Value::Object(_)) && all.fields().iter().all(is_in_whole);
        if is_commonjs { whole.clone() } else { all }
    }

    /// What a top-level binding comes to.
    pub(crate) fn binding(&self, place: BindingId) -> Value {
        let Some(body) = self.body(place.module) else { return Value::Unknown };
        let binding = &self.graph.modules[place.module].module.bindings[place.binding];
        if let Some(symbol) = binding.symbol {
            return self.symbol(place.module, symbol, None);
        }
        self.charge(body.assignments.len());
        // `export default <expression>` and CommonJS have no name.
        let extent = binding.extent;
        if let Some(expr) = body.default_export
            && extent.contains(body.nodes[expr as usize].span)
        {
            return self.eval(place.module, expr, None);
        }
        let whole = |target: ExprId, value: ExprId| {
            let (target, value) = (body.node(target), body.node(value));
            Span::new(target.map_or(0, |it| it.span.start), value.map_or(0, |it| it.span.end))
        };
        let within = body.assignments.iter().filter(|it| extent.contains(whole(it.0, it.1)));
        // Functions in the value may assign something, too: the outermost is meant.
        let assigned = within.max_by_key(|it| {
            let whole = whole(it.0, it.1);
            whole.end.saturating_sub(whole.start)
        });
        assigned.map_or(Value::Unknown, |&(_, value)| self.eval(place.module, value, None))
    }

    /// The package that an expression names a thing of, and the thing: of
    /// `import { A } from 'p'`, `A` is `p`, `A`; of `ns.A`, too.
    pub(crate) fn external(&self, module: ModuleId, expr: ExprId) -> Option<(&'a str, &'a str)> {
        let depth = self.depth.get();
        if depth > MAX_DEPTH {
            return None;
        }
        self.depth.set(depth + 1);
        let found = self.external_here(module, expr);
        self.depth.set(depth);
        found
    }

    fn external_here(&self, module: ModuleId, expr: ExprId) -> Option<(&'a str, &'a str)> {
        let body = self.body(module)?;
        match &body.nodes[expr as usize].expr {
            Expr::Symbol(symbol) => {
                let symbol = &body.symbols[*symbol as usize];
                if let Some(binding) = symbol.binding {
                    let place = BindingId { module, binding };
                    if let Definition::External { specifier, name } = self.graph.definition(place) {
                        return Some((
                            specifier,
                            match name {
                                Imported::Name(name) => name,
                                Imported::All => "*",
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
                (name == "*" || name == "default").then_some((specifier, &**property))
            }
            Expr::Import(import) => {
                let node = &self.graph.modules[module];
                let import = node.module.imports.get(*import as usize)?;
                Some((&import.specifier, "*"))
            }
            Expr::Text(_)
            | Expr::Literal(_)
            | Expr::RegExp(_)
            | Expr::Concat(_)
            | Expr::Global(_)
            | Expr::Index(..)
            | Expr::Call { .. }
            | Expr::Object(_)
            | Expr::Array(_)
            | Expr::Spread(_)
            | Expr::Function(_)
            | Expr::Union(_)
            | Expr::Element(_)
            | Expr::ImportMeta
            | Expr::Other => None,
        }
    }

    /// The package behind what a variable was given: a thing of it, or an instance of that.
    fn external_of_init(&self, module: ModuleId, expr: ExprId) -> Option<(&'a str, &'a str)> {
        let body = self.body(module)?;
        match &body.nodes[expr as usize].expr {
            Expr::Member(..) | Expr::Import(_) | Expr::Symbol(_) => self.external(module, expr),
            _ => None,
        }
    }

    /// The body of a module, if its expressions were read.
    pub(crate) fn body(&self, module: ModuleId) -> Option<&'a Body> {
        self.graph.modules[module].module.body.as_ref()
    }

    /// Where an expression of a module is.
    pub(crate) fn at(&self, module: ModuleId, span: Span) -> FileSpan {
        FileSpan { path: self.graph.modules[module].path.clone(), span }
    }

    fn eval(&self, module: ModuleId, expr: ExprId, frame: Option<CallFrame<'_>>) -> Value {
        let question = (module, expr, frame.map_or(0, |frame| frame.depth));
        let is_blank = frame.is_none_or(|frame| frame.is_blank);
        if let Some(known) = self.memo.borrow().get(&question)
            && (is_blank || !known.is_of_frame)
        {
            self.is_of_frame.set(self.is_of_frame.get() || known.is_of_frame);
            return known.value.clone();
        }
        let (depth, steps, cuts) = (self.depth.get(), self.steps.get(), self.cuts.get());
        self.charge(1);
        if depth >= MAX_DEPTH || steps >= MAX_STEPS || self.work.get() > MAX_WORK {
            return self.cut();
        }
        if self.open.borrow().iter().filter(|open| **open == (module, expr)).count() > 1 {
            return Value::Unknown;
        }
        self.depth.set(depth + 1);
        self.steps.set(steps + 1);
        self.open.borrow_mut().push((module, expr));
        let was_of_frame = self.is_of_frame.replace(false);
        let value = self.compute(module, expr, frame);
        let value = if value.size() > MAX_SIZE { self.cut() } else { value };
        self.open.borrow_mut().pop();
        self.depth.set(depth);
        let is_of_frame = self.is_of_frame.get();
        self.is_of_frame.set(was_of_frame || is_of_frame);
        // What was cut short is no answer for others.
        let is_whole =
            self.cuts.get() == cuts || depth < MAX_DEPTH / 2 && self.steps.get() < MAX_STEPS;
        if is_whole && (is_blank || !is_of_frame) {
            let known = CachedValue { value: value.clone(), is_of_frame };
            self.memo.borrow_mut().insert(question, known);
        }
        value
    }

    fn compute(&self, module: ModuleId, id: ExprId, frame: Option<CallFrame<'_>>) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(node) = body.nodes.get(id as usize) else { return Value::Unknown };
        match &node.expr {
            Expr::Text(text) => self.text(module, node.span, text),
            Expr::Literal(text) => Value::Literal(Arc::clone(text)),
            Expr::Concat(parts) => self.concat(module, node.span, parts, frame),
            Expr::Symbol(symbol) => self.symbol(module, *symbol, frame),
            Expr::Global(name) if matches!(&**name, "undefined" | "NaN") => {
                Value::Literal((**name).into())
            }
            // A name that no script of a Vue component declares is one of its component's.
            Expr::Global(name) if self.graph.modules[module].path.ends_with(".vue") => {
                self.of_component(module, name, node.span, frame)
            }
            Expr::Global(name) if &**name == "__dirname" => self.folder(module),
            Expr::Global(_)
            | Expr::ImportMeta
            | Expr::RegExp(_)
            | Expr::Element(_)
            | Expr::Other => Value::Unknown,
            Expr::Member(object, property)
                if &**property == "dirname"
                    && let Some(Expr::ImportMeta) =
                        body.nodes.get(*object as usize).map(|node| &node.expr) =>
            {
                self.folder(module)
            }
            Expr::Member(object, property) => {
                self.member(module, node.span, *object, property, ReadForm::Member, frame)
            }
            Expr::Index(object, index) => match self.eval(module, *index, frame) {
                Value::Text(name) => {
                    let is_literal = matches!(
                        body.nodes.get(*index as usize).map(|node| &node.expr),
                        Some(Expr::Text(_))
                    );
                    let form = if is_literal { ReadForm::Index } else { ReadForm::Computed };
                    self.member(module, node.span, *object, &name, form, frame)
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
                    if values.len() > MAX_SIZE {
                        return self.cut();
                    }
                }
                Value::List(values.into())
            }
            Expr::Spread(inner) => self.eval(module, *inner, frame),
            Expr::Function(function) => Value::Function(module, *function),
            Expr::Union(branches) => {
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
    fn text(&self, module: ModuleId, span: Span, text: &Arc<str>) -> Value {
        let keys = self.keys.find(text);
        let secret = keys.iter().find(|key| self.is_secret(key.key_kind));
        match secret {
            None => Value::Text(Arc::clone(text)),
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
                    key_kind: key.key_kind,
                    origin: TaintOrigin::Written {
                        secret: key.secret.clone(),
                        at: self.at(module, at),
                    },
                    hops: Vec::new(),
                }))
            }
        }
    }

    fn is_secret(&self, key_kind: KeyKindId) -> bool {
        self.catalog.is_secret(key_kind)
    }

    fn concat(
        &self,
        module: ModuleId,
        span: Span,
        parts: &[ExprId],
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let values: Vec<Value> = parts.iter().map(|&part| self.eval(module, part, frame)).collect();
        let value = self.joined(module, span, &values);
        let is_path = |value: &Value| matches!(value, Value::CallResult(..)) && !value.has_secret();
        match value {
            // `${resolve(__dirname, 'src')}/x`
            Value::Unknown if self.root.is_some() && values.iter().any(is_path) => {
                Value::CallResult("join".into(), values.into())
            }
            value => value,
        }
    }

    /// Texts one behind the other.
    fn joined(&self, module: ModuleId, span: Span, values: &[Value]) -> Value {
        let mut secrets = Vec::new();
        values.iter().for_each(|value| held_in(value, &mut secrets));
        if !secrets.is_empty() {
            return any(secrets);
        }
        let mut is_known = true;
        let mut runs = vec![String::new()];
        for value in values {
            match value {
                Value::Text(text) | Value::Literal(text) => {
                    if runs.last().is_some_and(|run| run.len() + text.len() > MAX_TEXT) {
                        is_known = false;
                        runs.push(String::new());
                    }
                    if let Some(run) = runs.last_mut()
                        && text.len() <= MAX_TEXT
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
        let runs: Vec<Arc<str>> = runs.into_iter().map(Arc::from).collect();
        for run in &runs {
            self.charge(run.len());
            if let Value::Secret(taint) = self.text(module, Span::default(), run) {
                let mut taint = (*taint).clone();
                if let TaintOrigin::Written { at, .. } = &mut taint.origin {
                    at.span = span;
                }
                return Value::Secret(Arc::new(taint));
            }
        }
        match (is_known, runs.last()) {
            (true, Some(text)) => Value::Text(Arc::clone(text)),
            _ => Value::Unknown,
        }
    }

    fn symbol(&self, module: ModuleId, id: u32, frame: Option<CallFrame<'_>>) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(symbol) = body.symbols.get(id as usize) else { return Value::Unknown };
        let first = match &symbol.value {
            SymbolValue::Init { expr, path, default } => {
                let whole = self.eval(module, *expr, frame);
                let found = self.path(&whole, path, module, symbol.span);
                self.or_default(module, found, *default, frame)
            }
            SymbolValue::Parameter { function, index, path, default } => {
                self.is_of_frame.set(true);
                let given = frame
                    .filter(|frame| frame.module == module && frame.function == *function)
                    .and_then(|frame| frame.arguments.get(*index as usize));
                let given = given.cloned().unwrap_or_default();
                let found = self.path(&given, path, module, symbol.span);
                self.or_default(module, found, *default, frame)
            }
            SymbolValue::Function(function) => Value::Function(module, *function),
            SymbolValue::Import => symbol.binding.map_or(Value::Unknown, |binding| {
                self.imported(BindingId { module, binding }, symbol.span)
            }),
            SymbolValue::Unknown => Value::Unknown,
        };
        let later = symbol.assigned.iter().map(|&expr| self.eval(module, expr, frame));
        let mut value = any(std::iter::once(first).chain(later).collect());
        if self.root.is_some() {
            value = self.after_statements(body, (module, id), value, frame);
        }
        if matches!(symbol.value, SymbolValue::Import) {
            return value;
        }
        passed(value, &|| TraceStep {
            at: self.at(module, symbol.span),
            kind: StepKind::Flow,
            note: format!("in `{}`", symbol.name),
        })
    }

    /// An object with what statements do with it.
    fn after_statements(
        &self,
        body: &Body,
        object: (ModuleId, u32),
        value: Value,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let is_open = match value {
            Value::Object(_) | Value::List(_) => true,
            Value::Unknown => self.root.is_some(),
            _ => false,
        };
        if !is_open || self.changing.borrow().contains(&object) {
            return value;
        }
        let (module, symbol) = object;
        let known = self.statements.borrow().get(&module).map(Rc::clone);
        let statements = known.unwrap_or_else(|| {
            self.charge(body.assignments.len());
            let found = Rc::new(self.statements(body, self.root.is_some()));
            self.statements.borrow_mut().insert(module, Rc::clone(&found));
            found
        });
        let Some(changes) = statements.get(&symbol) else { return value };
        self.changing.borrow_mut().push(object);
        let value = self.changed(module, value, changes, &|id| self.eval(module, id, frame));
        self.changing.borrow_mut().pop();
        value
    }

    fn or_default(
        &self,
        module: ModuleId,
        found: Value,
        default: Option<ExprId>,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        match default {
            None => found,
            Some(default) => any(vec![found, self.eval(module, default, frame)]),
        }
    }

    fn imported(&self, place: BindingId, span: Span) -> Value {
        let (definition, name) = self.graph.definition_as(place);
        match definition {
            Definition::Binding(found) if found == place => Value::Unknown,
            Definition::Binding(found) => {
                let from = &self.graph.modules[found.module].path;
                passed(self.export_of(found, name), &|| TraceStep {
                    at: self.at(place.module, span),
                    kind: StepKind::Flow,
                    note: format!("imported from {from}"),
                })
            }
            Definition::Module(module) => self.namespace(module),
            Definition::External { specifier, name } => {
                self.given_by_package(place.module, specifier, name, span)
            }
            Definition::Unknown => self.of_whole_module(place, span),
        }
    }

    /// A name of a CommonJS module is a property of all that it exports; its default is that.
    fn of_whole_module(&self, place: BindingId, span: Span) -> Value {
        let module = &self.graph.modules[place.module].module;
        match module.bindings.get(place.binding).map(|binding| &binding.target) {
            Some(BindingTarget::Imported { import, name: Imported::Name(name) }) => {
                match self.graph.targets(place.module, *import).first() {
                    Some(&target) if name == "default" => Value::Module(target),
                    Some(&target) => {
                        let whole = self.export(target, "default");
                        self.known_property(&whole, name, place.module, span)
                    }
                    None => Value::Unknown,
                }
            }
            Some(BindingTarget::Imported { .. } | BindingTarget::Local) | None => Value::Unknown,
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
        let root = match (given_variables(specifier), specifier, name) {
            (Some(root), ..) => root,
            (None, "process" | "node:process" | "bun", Imported::Name(name)) if name == "env" => {
                return Value::Environment(EnvRoot::Process, self.at(module, span));
            }
            (None, ..) => return Value::Unknown,
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
    fn variable(&self, name: &str, root: EnvRoot, form: ReadForm, at: FileSpan) -> Value {
        let key_kind = match root {
            EnvRoot::RuntimeConfig(_) | EnvRoot::PublicRuntimeConfig(_) => {
                self.env.secret_property(name)
            }
            EnvRoot::Process
            | EnvRoot::ImportMeta
            | EnvRoot::RuntimeProperties
            | EnvRoot::NativeConfig
            | EnvRoot::PrivateModule
            | EnvRoot::PublicModule
            | EnvRoot::ServerModule => self.env.secret(name),
        };
        match key_kind {
            None => Value::Variable,
            Some(key_kind) => Value::Secret(Arc::new(Taint {
                key_kind,
                origin: TaintOrigin::Variable { name: name.into(), root, form, at },
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
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        if let Some(root) = env_root(body, object, property) {
            return Value::Environment(root, self.at(module, span));
        }
        if matches!(body.nodes.get(object as usize).map(|n| &n.expr), Some(Expr::Global(name)) if &**name == "this")
        {
            return self.of_this(module, object, property, span, frame);
        }
        let value = self.eval(module, object, frame);
        let is_named = !matches!(
            body.nodes.get(object as usize).map(|node| &node.expr),
            Some(Expr::Symbol(_))
        );
        let form = if is_named { form } else { ReadForm::Alias };
        self.read(&value, property, form, module, span)
    }

    /// `this.x`: what is given to it in the same declaration, or what it is of a Vue component.
    fn of_this(
        &self,
        module: ModuleId,
        this: ExprId,
        property: &str,
        span: Span,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let owner = |expr: ExprId| {
            let context = body.nodes.get(expr as usize)?.context;
            Some(body.contexts.get(context as usize)?.binding)
        };
        let is_it = |target: ExprId| match body.nodes.get(target as usize).map(|node| &node.expr) {
            Some(Expr::Member(object, name)) => {
                let object = *object;
                let is_this = matches!(
                    body.nodes.get(object as usize).map(|node| &node.expr),
                    Some(Expr::Global(name)) if &**name == "this"
                );
                is_this && &**name == property && owner(object) == owner(this)
            }
            _ => false,
        };
        let assigned = body.assignments.iter().filter(|(target, _)| is_it(*target));
        let mut values: Vec<Value> =
            assigned.map(|(_, value)| self.eval(module, *value, frame)).collect();
        let is_component = body.default_export.is_some_and(|component| {
            let whole = body.nodes.get(component as usize).map(|node| node.span);
            whole.is_some_and(|whole| whole.contains(span))
        });
        if is_component {
            values.push(self.of_component(module, property, span, frame));
        }
        let at = self.at(module, span);
        passed(any(values), &|| TraceStep {
            at: at.clone(),
            kind: StepKind::Flow,
            note: format!("in `this.{property}`"),
        })
    }

    /// What a name is in a Vue component that is written as an object of options.
    fn of_component(
        &self,
        module: ModuleId,
        name: &str,
        span: Span,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(component) = body.default_export else { return Value::Unknown };
        let options = match self.eval(module, component, frame) {
            // `Vue.extend({ … })`
            Value::CallResult(_, values) => values.first().cloned().unwrap_or_default(),
            other => other,
        };
        let given = |value: &Value| match value {
            Value::Function(home, function) => self.call(*home, *function, &[], 0),
            other => other.clone(),
        };
        let mut values = Vec::new();
        // `asyncData` is Nuxt's.
        for option in ["data", "setup", "asyncData"] {
            let state = given(options.get(option));
            values.push(self.known_property(&state, name, module, span));
        }
        let computed = options.get("computed").get(name);
        let getter = computed.field("get").map_or(computed, |field| &field.value);
        values.push(given(getter));
        if let Some(default) = options.get("props").get(name).field("default") {
            values.push(given(&default.value));
        }
        values.push(options.get("methods").get(name).clone());
        any(values)
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
            Value::Environment(
                root @ (EnvRoot::RuntimeConfig(part) | EnvRoot::PublicRuntimeConfig(part)),
                at,
            ) => self.of_runtime((*root, *part), at, property, module, span),
            // `Config.X` and `env.X` of modules are how these are meant to be read.
            Value::Environment(root, _) => {
                let form = match root {
                    EnvRoot::Process | EnvRoot::ImportMeta | EnvRoot::RuntimeProperties => form,
                    EnvRoot::NativeConfig
                    | EnvRoot::PrivateModule
                    | EnvRoot::PublicModule
                    | EnvRoot::ServerModule
                    | EnvRoot::RuntimeConfig(_)
                    | EnvRoot::PublicRuntimeConfig(_) => ReadForm::Member,
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

    /// A property of a part of the runtime configuration.
    fn of_runtime(
        &self,
        (root, part): (EnvRoot, u32),
        whole: &FileSpan,
        property: &str,
        module: ModuleId,
        span: Span,
    ) -> Value {
        let is_public = matches!(root, EnvRoot::PublicRuntimeConfig(_));
        let within = |part: u32, is_public: bool| {
            let root =
                if is_public { EnvRoot::PublicRuntimeConfig } else { EnvRoot::RuntimeConfig };
            Value::Environment(root(part), whole.clone())
        };
        match self.runtime.and_then(|runtime| runtime.property(part, property)) {
            Some(ConfigProperty::Part(inner, is_shared)) => within(inner, is_public || is_shared),
            Some(ConfigProperty::Secret(key_kind, name)) => {
                let (form, at) = (ReadForm::Member, self.at(module, span));
                let origin = TaintOrigin::Variable { name, root, form, at };
                Value::Secret(Arc::new(Taint { key_kind, origin, hops: Vec::new() }))
            }
            // Of a configuration that is not known, the name tells.
            None if property == "public" && !is_public => within(u32::MAX, true),
            None => self.variable(property, root, ReadForm::Member, self.at(module, span)),
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
            Value::CallResult(name, _)
                if &**name == "URL" && matches!(property, "pathname" | "href") =>
            {
                value.clone()
            }
            // t3-env: what it is given as `runtimeEnv` is what it gives back.
            Value::CallResult(name, values) if &**name == "createEnv" => {
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

    fn object(
        &self,
        module: ModuleId,
        properties: &[Property],
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let mut fields: Vec<Field> = Vec::new();
        for property in properties {
            let value = self.eval(module, property.value, frame);
            let at = self.at(module, property.span);
            match &property.key {
                PropertyKey::Name(name) => {
                    fields.push(Field { key: Arc::clone(name), value, at });
                }
                PropertyKey::Computed(key) => {
                    if let Value::Text(name) = self.eval(module, *key, frame) {
                        fields.push(Field { key: name, value, at });
                    } else {
                        fields.push(Field { key: "[]".into(), value, at });
                    }
                }
                PropertyKey::Spread => match value {
                    Value::Object(inner) => fields.extend(inner.iter().cloned()),
                    Value::Module(module) => {
                        fields.extend(self.contents(module).fields().iter().cloned());
                    }
                    Value::Unknown => {}
                    other => fields.push(Field { key: "...".into(), value: other, at }),
                },
            }
            if fields.len() > MAX_SIZE {
                return self.cut();
            }
        }
        let is_spread = |property: &Property| matches!(property.key, PropertyKey::Spread);
        if properties.iter().any(is_spread) {
            fields = last_of_each(fields);
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
        frame: Option<CallFrame<'_>>,
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
                Some("URL") => match argument(0) {
                    Value::Text(path) if path.starts_with('.') => Value::CallResult(
                        "URL".into(),
                        vec![self.folder(module), Value::Text(path)].into(),
                    ),
                    _ => Value::Unknown,
                },
                Some(name) => self.made(module, name, arguments, frame),
            };
        }
        match &*name {
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
            // What is known of a secret is not the secret.
            "Boolean" | "Number" | "parseInt" | "parseFloat" | "isNaN" | "Array.isArray"
            | "Object.keys" => return Value::Unknown,
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
                let given: Vec<Value> =
                    arguments.iter().map(|&id| self.eval(module, id, frame)).collect();
                match (&*name, given.as_slice()) {
                    // Each variable, and what `.map(([k, v]) => [k, v])` makes of each.
                    ("Object.entries", [all @ Value::Environment(..)]) => {
                        return Value::CallResult("entries".into(), vec![all.clone()].into());
                    }
                    ("Object.fromEntries", [Value::CallResult(made, all)])
                        if &**made == "entries" =>
                    {
                        return all.first().cloned().unwrap_or_default();
                    }
                    _ => {}
                }
                let given = given.into_iter().flat_map(|value| match value {
                    Value::Object(fields) => fields.to_vec(),
                    value if is_told(&value) => {
                        vec![Field { key: "...".into(), value, at: self.at(module, span) }]
                    }
                    _ => Vec::new(),
                });
                let fields: Vec<Field> = given.take(MAX_SIZE + 1).collect();
                return Value::Object(last_of_each(fields).into());
            }
            "Deno.env.get" => {
                return match argument(0) {
                    Value::Text(name) => self.variable(
                        &name,
                        EnvRoot::RuntimeProperties,
                        ReadForm::Member,
                        self.at(module, span),
                    ),
                    _ => Value::Unknown,
                };
            }
            "useRuntimeConfig" => {
                return Value::Environment(EnvRoot::RuntimeConfig(0), self.at(module, span));
            }
            _ if name.ends_with("onfig") && self.is_config_of_next(module, callee) => {
                return Value::Environment(EnvRoot::RuntimeConfig(0), self.at(module, span));
            }
            "loadEnv" => {
                return match argument(2) {
                    Value::Text(prefix) if prefix.is_empty() => {
                        Value::Environment(EnvRoot::RuntimeProperties, self.at(module, span))
                    }
                    Value::List(prefixes)
                        if prefixes.iter().any(|prefix| prefix.text() == Some("")) =>
                    {
                        Value::Environment(EnvRoot::RuntimeProperties, self.at(module, span))
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
                let mut values: Vec<Value> =
                    arguments.iter().map(|&id| self.eval(module, id, frame)).collect();
                let result = self.call(target, function, &values, depth + 1);
                if !matches!(result, Value::Function(..)) {
                    return result;
                }
                // A function round another one, `withAuth(handler)`, as a rule gives what that gives.
                values.retain(|value| matches!(value, Value::Function(..)));
                values.insert(0, result);
                return any(values);
            }
            return Value::Unknown;
        }
        if let Value::Any(targets) = &target
            && targets.iter().all(|target| matches!(target, Value::Function(..)))
        {
            let depth = frame.map_or(0, |frame| frame.depth);
            if depth >= MAX_CALLS {
                return Value::Unknown;
            }
            let values: Vec<Value> =
                arguments.iter().map(|&id| self.eval(module, id, frame)).collect();
            let results = targets.iter().map(|target| match target {
                Value::Function(target, function) => {
                    self.call(*target, *function, &values, depth + 1)
                }
                _ => Value::Unknown,
            });
            return any(results.collect());
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

    fn is_config_of_next(&self, module: ModuleId, callee: ExprId) -> bool {
        self.external(module, callee).is_some_and(|(package, _)| package == "next/config")
    }

    fn made(
        &self,
        module: ModuleId,
        name: &str,
        arguments: &[ExprId],
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let values: Vec<Value> = arguments.iter().map(|&id| self.eval(module, id, frame)).collect();
        Value::CallResult(name.into(), values.into())
    }

    /// What a method of a value gives; `None` if it is no known one.
    fn method(
        &self,
        module: ModuleId,
        span: Span,
        object: ExprId,
        method: &str,
        arguments: &[ExprId],
        frame: Option<CallFrame<'_>>,
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
                        self.charge(text.len());
                        Value::Text(text.trim().into())
                    }
                    other => other,
                })
            }
            "concat" => {
                let mut values = vec![on()];
                values.extend(arguments.iter().map(value));
                if let Some(Value::List(_)) = values.first() {
                    let all = values.iter().flat_map(Value::elements).cloned();
                    return Some(Value::List(all.collect::<Vec<_>>().into()));
                }
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
                // `path.join` is no method of a list.
                _ => None,
            },
            "map" if self.root.is_some() => match (on(), arguments.first().map(value)) {
                // All variables under other names, if none is left out.
                (entries @ Value::CallResult(..), Some(Value::Function(home, function))) if matches!(&entries, Value::CallResult(name, _) if &**name == "entries") =>
                {
                    let function = self.body(home)?.functions.get(function as usize)?;
                    (!function.has_statements).then_some(entries)
                }
                _ => None,
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
            // Of a path, another form.
            "replace" | "replaceAll" if self.root.is_some() => match on() {
                path @ Value::CallResult(..) if !path.has_secret() => Some(path),
                other => {
                    (is_told(&other) || matches!(other, Value::Text(_))).then_some(Value::Unknown)
                }
            },
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
        let is_blank = arguments.iter().all(|value| matches!(value, Value::Unknown));
        let frame = CallFrame { module, function, arguments, is_blank, depth: depth.max(1) };
        // The parameters are those of this call.
        let was_of_frame = self.is_of_frame.get();
        let returned = known.returns.iter().map(|&expr| self.eval(module, expr, Some(frame)));
        let value = any(returned.collect());
        self.is_of_frame.set(was_of_frame);
        value
    }

    /// The text that base64 stands for.
    fn decoded(&self, module: ModuleId, span: Span, value: &Value) -> Value {
        let Value::Text(text) = value else { return value.clone() };
        self.charge(text.len());
        let Some(decoded) = base64(text) else { return Value::Unknown };
        self.joined(module, span, &[Value::Text(decoded.into())])
    }

    /// A callee as it is written: `JSON.stringify`; empty if it is no chain of names.
    pub(crate) fn name_of<'b>(&self, body: &'b Body, expr: ExprId) -> Cow<'b, str> {
        match self.names_of(body, expr).as_slice() {
            [] => Cow::Borrowed(""),
            [name] => Cow::Borrowed(name),
            names => Cow::Owned(names.join(".")),
        }
    }

    /// The names that a callee is a chain of.
    pub(crate) fn names_of<'b>(&self, body: &'b Body, expr: ExprId) -> NameChain<'b> {
        let mut names = NameChain { names: [""; MAX_NAMES + 1], start: MAX_NAMES + 1 };
        let mut at = expr;
        loop {
            match body.nodes.get(at as usize).map(|node| &node.expr) {
                Some(Expr::Member(object, property)) if names.start > 1 => {
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
                Some(Expr::Call { callee, .. })
                    if names.start > 1 && !names.as_slice().is_empty() =>
                {
                    at = *callee;
                }
                _ => break,
            }
        }
        if matches!(names.first(), "globalThis" | "window" | "self" | "this") {
            names.start += 1;
        }
        names
    }
}

/// The names of a chain, from the end of the array on.
pub(crate) struct NameChain<'b> {
    names: [&'b str; MAX_NAMES + 1],
    start: usize,
}

impl<'b> NameChain<'b> {
    fn push(&mut self, name: &'b str) {
        self.start -= 1;
        self.names[self.start] = name;
    }

    fn as_slice(&self) -> &[&'b str] {
        &self.names[self.start..]
    }

    /// The first one; empty if there is none.
    pub(crate) fn first(&self) -> &'b str {
        self.as_slice().first().copied().unwrap_or_default()
    }

    /// The last one; empty if there is none.
    pub(crate) fn last(&self) -> &'b str {
        self.as_slice().last().copied().unwrap_or_default()
    }
}

/// The variables that a package gives by their names.
pub(crate) fn given_variables(specifier: &str) -> Option<EnvRoot> {
    Some(match specifier {
        "$env/static/private" | "$env/dynamic/private" | "$app/env/private" => {
            EnvRoot::PrivateModule
        }
        "$env/static/public" | "$env/dynamic/public" | "$app/env/public" | "astro:env/client" => {
            EnvRoot::PublicModule
        }
        "astro:env/server" => EnvRoot::ServerModule,
        "@env" | "react-native-config" | "react-native-dotenv" => EnvRoot::NativeConfig,
        _ => return None,
    })
}

fn value_of<'e>(
    evaluator: &'e Evaluator<'_>,
    module: ModuleId,
    frame: Option<CallFrame<'e>>,
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
            "Bun" => Some(EnvRoot::RuntimeProperties),
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

/// Of properties with the same name, the last: it takes the place of the others. What stands for
/// several properties stays.
fn last_of_each(fields: Vec<Field>) -> Vec<Field> {
    let mut last: HashMap<Arc<str>, usize, RandomState> = HashMap::default();
    for (index, field) in fields.iter().enumerate() {
        last.insert(Arc::clone(&field.key), index);
    }
    let is_kept = |(index, field): &(usize, Field)| {
        matches!(&*field.key, "..." | "[]") || last.get(&field.key) == Some(index)
    };
    fields.into_iter().enumerate().filter(is_kept).map(|(_, field)| field).collect()
}

/// The secrets that a text has in which a value stands: of an object, what it holds, since it is
/// written as JSON there.
fn held_in(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Secret(_) | Value::Environment(..) => found.push(value.clone()),
        Value::Object(fields) => fields.iter().for_each(|field| held_in(&field.value, found)),
        Value::List(values) | Value::Any(values) => {
            values.iter().for_each(|value| held_in(value, found));
        }
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Variable
        | Value::Function(..)
        | Value::Module(_)
        | Value::CallResult(..) => {}
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
fn passed(value: Value, hop: &dyn Fn() -> TraceStep) -> Value {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::value::leaked_taints;
    use crate::testing::catalog::catalog;
    use crate::testing::graph;
    use crate::testing::keys::Prefixes;
    use crate::variables::names::SecretNames;

    /// Runs `check` with an evaluator of some files.
    fn with<T>(files: &[(&str, &str)], check: impl FnOnce(&Evaluator<'_>, &Graph) -> T) -> T {
        let catalog = catalog();
        let (graph, names, keys) = (graph(files), SecretNames::new(&catalog), Prefixes(&catalog));
        let env = TaintedVariables::new(
            &[],
            &names,
            crate::frameworks::public_prefixes(),
            &keys,
            &catalog,
        );
        check(&Evaluator::new(&graph, &catalog, &keys, &env), &graph)
    }

    /// A value in words.
    fn shown(value: &Value) -> String {
        let all = |values: &[Value], between: &str| {
            values.iter().map(shown).collect::<Vec<_>>().join(between)
        };
        match value {
            Value::Unknown => "?".to_owned(),
            Value::Text(text) => format!("'{text}'"),
            Value::Literal(text) => text.to_string(),
            Value::Secret(taint) => match &taint.origin {
                TaintOrigin::Written { .. } => "KEY".to_owned(),
                TaintOrigin::Variable { name, .. } => format!("${name}"),
            },
            Value::Variable => "variable".to_owned(),
            Value::Environment(..) => "env".to_owned(),
            Value::Object(fields) => {
                let fields = fields.iter().map(|f| format!("{}: {}", f.key, shown(&f.value)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
            Value::List(values) => format!("[{}]", all(values, ", ")),
            Value::Function(..) => "function".to_owned(),
            Value::Module(_) => "module".to_owned(),
            Value::CallResult(name, values) => format!("{name}({})", all(values, ", ")),
            Value::Any(values) => all(values, " | "),
        }
    }

    const KEY: &str = "const k = '{key:sk_v1_:1}', p = '{key:pk_v1_:2}', env = process.env;\n";

    /// What expressions come to where `k` is a secret key, `p` is a public one.
    fn check(cases: &[(&str, &str)]) {
        for (expression, expected) in cases {
            let text = format!("{KEY}export const v = {expression}");
            let found = with(&[("a.tsx", &text)], |evaluator, _| shown(&evaluator.export(0, "v")));
            assert_eq!(found, *expected, "{expression}");
        }
    }

    #[test]
    fn constants_are_folded() {
        check(&[
            ("'a' + 'b'", "'ab'"),
            ("`a${'b'}c`", "'abc'"),
            ("'a' + 1 + true", "'a1true'"),
            ("'a'.concat('b', 'c')", "'abc'"),
            ("['a', 'b'].join('')", "'ab'"),
            ("['a', 'b'].join()", "'a,b'"),
            ("['b', 'a'].reverse().join('-')", "'a-b'"),
            ("String('a')", "'a'"),
            ("' a '.trim()", "'a'"),
            ("atob('aGVsbG8=')", "'hello'"),
            ("Buffer.from('aGVsbG8', 'base64').toString()", "'hello'"),
            ("atob('***')", "?"),
            ("{ a: { b: { c: 'x' } } }.a.b.c", "'x'"),
            ("{ a: 'x' }['a']", "'x'"),
            ("['x', 'y'][1]", "'y'"),
            ("{ ['a' + 'b']: 'x' }.ab", "'x'"),
            ("{ ...{ a: 'x' }, b: 1 }.a", "'x'"),
            ("{ a: 'x', a: 'y' }.a", "'y'"),
            ("[...['a'], 'b'].join('')", "'ab'"),
            ("('x' as const)", "'x'"),
            ("'x' satisfies string", "'x'"),
            ("'x'!", "'x'"),
            ("window.x ? 'a' : 'b'", "'a' | 'b'"),
            ("window.x ?? 'b'", "'b'"),
            ("window.x", "?"),
            ("undefined", "undefined"),
            ("'a' + window.x", "?"),
        ]);
    }

    #[test]
    fn statements_change_objects() {
        for (statements, expected) in [
            ("const o = {}; o.a = k", "{a: KEY}"),
            ("const q = {}; q.a = k; const o = { q, b: 1 }", "{q: {}, b: 1}"),
            ("const o = { a: k }; o.a = undefined", "{a: undefined}"),
            ("const o = { a: k, b: 1 }; delete o.a", "{a: ?, b: 1}"),
            ("const o = { a: { b: 1 } }; o.a.c = k; o.a['b'] = 2", "{a: {b: 2, c: KEY}}"),
            ("const o = { a: 1 }; function f() { o.b = k }", "{a: 1, b: KEY}"),
            ("const o = {}; if (import.meta.env.SSR) { o.a = k }", "{}"),
            ("const o = {}; o[window.x] = k", "{}"),
            ("const o = []; o.length = 0", "[]"),
            ("const o = {}; o.a = o; o.b = k", "{a: {}, b: KEY}"),
            ("const o = 'x'; o.a = k", "'x'"),
        ] {
            let text = format!("{KEY}{statements}; export const v = o");
            let found = with(&[("a.ts", &text)], |evaluator, graph| {
                let body = graph.modules[0].module.body.as_ref().unwrap();
                let mut uses = (0..body.nodes.len()).rev();
                let is_o = |id: &usize| {
                    matches!(&body.nodes[*id].expr, Expr::Symbol(symbol)
                        if &*body.symbols[*symbol as usize].name == "o")
                };
                shown(&evaluator.value_sent(0, uses.find(is_o).unwrap() as u32))
            });
            assert_eq!(found, expected, "{statements}");
        }
    }

    #[test]
    fn secrets_are_handed_on() {
        check(&[
            ("k", "KEY"),
            ("'Bearer ' + k", "KEY"),
            ("`Bearer ${k}`", "KEY"),
            ("'mgx-' + 'sk-' + '{key::3}'", "KEY"),
            ("['mgx', 'sk', '{key::3}'].join('-')", "KEY"),
            ("'x'.concat(k)", "KEY"),
            ("k.concat('x')", "KEY"),
            ("[k, 'x'].join(':')", "KEY"),
            ("String(k)", "KEY"),
            ("k.trim()", "KEY"),
            ("k.toString()", "KEY"),
            ("k.toUpperCase()", "KEY"),
            ("(k as string)!", "KEY"),
            ("k satisfies string", "KEY"),
            ("window.x ? k : 'no'", "KEY | 'no'"),
            ("window.x ?? k", "KEY"),
            ("window.x || k", "KEY"),
            ("window.x && k", "KEY"),
            ("{ a: { b: { c: { d: k } } } }.a.b.c.d", "KEY"),
            ("(({ a: { b = k } }) => b)({ a: {} })", "KEY"),
            ("((x = k) => x)()", "KEY"),
            ("(x => x)(k)", "KEY"),
            ("(x => ({ y: x }))(k).y", "KEY"),
            ("JSON.stringify({ k })", "{k: KEY}"),
            ("JSON.parse(JSON.stringify({ k })).k", "KEY"),
            ("{ ...{ k } }.k", "KEY"),
            ("Object.assign({}, { k }).k", "KEY"),
            ("Object.freeze({ k }).k", "KEY"),
            ("encodeURIComponent(k)", "KEY"),
            ("btoa(k)", "KEY"),
            ("btoa('user:' + k)", "KEY"),
            ("Buffer.from(k).toString('base64')", "KEY"),
            ("await k", "KEY"),
            ("Promise.resolve(k)", "KEY"),
            ("{ ...{ k }, k: 1 }", "{k: 1}"),
            ("{ k: 1, ...{ k } }", "{k: KEY}"),
            ("Object.assign({}, { k, a: 1 }, { k: 1 })", "{a: 1, k: 1}"),
            ("k.slice(6)", "KEY"),
            ("k.slice(0, 20)", "KEY"),
            ("env.MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
            ("process.env.MAGICX_SECRET_KEY!", "$MAGICX_SECRET_KEY"),
            ("process.env['MAGICX_' + 'SECRET_KEY']", "$MAGICX_SECRET_KEY"),
            ("process.env?.MAGICX_SECRET_KEY ?? ''", "$MAGICX_SECRET_KEY | ''"),
            ("globalThis.process.env.MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
            ("import.meta.env.VITE_MAGICX_SECRET", "$VITE_MAGICX_SECRET"),
            ("Bun.env.MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
            ("Deno.env.get('MAGICX_SECRET_KEY')", "$MAGICX_SECRET_KEY"),
            ("{ ...process.env }.MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
            ("process.env.MAGICX_PUBLIC_KEY", "variable"),
            ("process.env.PORT", "variable"),
            ("process.env", "env"),
        ]);
    }

    #[test]
    fn what_is_only_about_a_secret_is_none() {
        // Neither is it in the value, nor would it be told of a value that an unknown call made.
        for expression in [
            "Boolean(k)",
            "new Boolean(k)",
            "!k",
            "!!k",
            "typeof k",
            "k === 'x'",
            "k !== 'x'",
            "k < 'x'",
            "k > 'x'",
            "k == null",
            "k.length",
            "k.startsWith('sk_')",
            "k.endsWith('x')",
            "k.includes('x')",
            "/^sk_/.test(k)",
            "k.match(/x/)",
            "k ? 'set' : 'unset'",
            "k.slice(0, 8)",
            "k.slice(-4)",
            "k.substring(0, 7) + '…'",
            "k.slice(4, 8)",
            "k.charAt(0)",
            "k.indexOf('x')",
            "k.split('').map(() => '*').join('')",
            "k.replace(/./g, '*')",
            "createHash('sha256').update(k).digest('hex')",
            "createHmac('sha256', k).update('x').digest('hex')",
            "fetch('/x', { headers: { Authorization: k } })",
            "fetch('/x', { headers: { Authorization: k } }).then(r => r.json())",
            "unknown(k)",
            "client.chat(k)",
            "new Client({ key: k })",
            "new Error('bad key ' + k)",
            "[k].length",
            "Object.keys({ k })",
            "crypto.timingSafeEqual(a, k)",
            "'sk_v1_'",
            "p",
            "'Bearer ' + p",
        ] {
            let text = format!("{KEY}export const v = {expression}");
            with(&[("a.ts", &text)], |evaluator, _| {
                let value = evaluator.export(0, "v");
                assert!(leaked_taints(&value).is_empty(), "{expression} is {}", shown(&value));
            });
        }
    }

    #[test]
    fn names_are_what_they_were_given() {
        for (text, expected) in [
            ("let v = k; export { v }", "KEY"),
            ("let v; v = k; export { v }", "KEY"),
            ("let v = 'a'; v = k; export { v }", "'a' | KEY"),
            ("var { a: { b: v } } = { a: { b: k } }; export { v }", "KEY"),
            ("const [, v] = ['x', k]; export { v }", "KEY"),
            ("const { none: v = k } = {}; export { v }", "KEY"),
            ("const { ...rest } = { k }; export const v = rest.k", "KEY"),
            ("function f() { return k } export const v = f()", "KEY"),
            ("function f() { if (x) return 'a'; return k } export const v = f()", "'a' | KEY"),
            ("const f = async () => k; export const v = await f()", "KEY"),
            ("const f = () => () => k; export const v = f()()", "KEY"),
            ("function f(a, b) { return b } export const v = f('x', k)", "KEY"),
            ("function f({ a }) { return `x${a}` } export const v = f({ a: k })", "KEY"),
            ("const o = { get() { return k } }; export const v = o.get()", "KEY"),
            ("const a = b, b = a; export const v = a", "?"),
            ("const f = () => f(); export const v = f()", "?"),
            ("const { MAGICX_SECRET_KEY: v } = process.env; export { v }", "$MAGICX_SECRET_KEY"),
            ("const key = 'MAGICX_SECRET_KEY'; export const v = env[key]", "$MAGICX_SECRET_KEY"),
            ("export const v = env[window.x]", "?"),
        ] {
            let whole = format!("{KEY}{text}");
            let found = with(&[("a.ts", &whole)], |evaluator, _| shown(&evaluator.export(0, "v")));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn values_go_through_modules() {
        let files = |text: &'static str| {
            [
                ("a.ts", text),
                (
                    "b.ts",
                    "export const k = '{key:sk_v1_:1}'; export const f = x => x; export default { k }",
                ),
                ("c.ts", "export * from './b'; export { k as q, default } from './b'"),
                ("d.js", "exports.k = '{key:sk_v1_:1}'; module.exports.f = () => exports.k"),
                ("e.js", "module.exports = { k: '{key:sk_v1_:1}', url: 'u' }"),
                ("f.json", "{\"k\": \"{key:sk_v1_:1}\", \"a\": [1]}"),
            ]
        };
        for (text, expected) in [
            ("import { k } from './b'; export const v = k", "KEY"),
            ("import { k } from './c'; export const v = k", "KEY"),
            ("import { q } from './c'; export const v = q", "KEY"),
            ("import d from './c'; export const v = d.k", "KEY"),
            ("import * as b from './b'; export const v = b.k", "KEY"),
            ("import * as c from './c'; export const v = c.q", "KEY"),
            ("import { f, k } from './b'; export const v = f(k)", "KEY"),
            ("const { k } = require('./d'); export const v = k", "KEY"),
            ("const d = require('./d'); export const v = d.k", "KEY"),
            ("const e = require('./e'); export const v = e.k", "KEY"),
            ("import e from './e'; export const v = e.k", "KEY"),
            ("import { k } from './e'; export const v = k", "KEY"),
            ("const e = require('./e'); export const v = e.other", "?"),
            ("const { url } = require('./e'); export const v = url", "'u'"),
            ("import f from './f.json'; export const v = f.k", "KEY"),
            ("import { k } from './f.json'; export const v = k", "KEY"),
            ("const { k } = await import('./b'); export const v = k", "KEY"),
            ("import { k } from 'package'; export const v = k", "?"),
            ("import { none } from './b'; export const v = none", "?"),
            (
                "import { MAGICX_SECRET_KEY as m } from '$env/static/private'; export const v = m",
                "$MAGICX_SECRET_KEY",
            ),
            (
                "import { env } from '$env/dynamic/private'; export const v = env.MAGICX_SECRET_KEY",
                "$MAGICX_SECRET_KEY",
            ),
            (
                "import Config from 'react-native-config'; export const v = Config.MAGICX_SECRET_KEY",
                "$MAGICX_SECRET_KEY",
            ),
            (
                "import { env } from 'node:process'; export const v = env.MAGICX_SECRET_KEY",
                "$MAGICX_SECRET_KEY",
            ),
        ] {
            let found = with(&files(text), |evaluator, _| shown(&evaluator.export(0, "v")));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn calls_are_followed_as_deep_as_the_limit_says() {
        for (calls, expected) in [(1, "KEY"), (3, "KEY"), (5, "?")] {
            let functions: String =
                (0..calls).map(|n| format!("const f{n} = x => f{}(x);\n", n + 1)).collect();
            let text = format!("{KEY}{functions}const f{calls} = x => x;\nexport const v = f1(k)");
            let found = with(&[("a.ts", &text)], |evaluator, _| shown(&evaluator.export(0, "v")));
            assert_eq!(found, expected, "{calls}");
        }
    }

    #[test]
    fn a_secret_tells_the_way_it_took() {
        let files = [
            ("a.ts", "import { key } from './b'; const mine = key; export const v = mine"),
            ("b.ts", "const raw = '{key:sk_v1_:1}'; export const key = raw"),
        ];
        with(&files, |evaluator, _| {
            let value = evaluator.export(0, "v");
            let taints = value.taints();
            let hops: Vec<String> =
                taints[0].hops.iter().map(|hop| format!("{} {}", hop.at.path, hop.note)).collect();
            assert_eq!(
                hops,
                [
                    "b.ts in `raw`",
                    "b.ts in `key`",
                    "a.ts imported from b.ts",
                    "a.ts in `mine`",
                    "a.ts in `v`"
                ]
            );
        });
    }

    #[test]
    fn things_of_packages_are_known_by_package_and_name() {
        for (text, expected) in [
            ("import { A } from 'p'; x(A)", "A of p"),
            ("import D from 'p'; x(D)", "default of p"),
            ("import * as ns from 'p'; x(ns.A)", "A of p"),
            ("import D from 'p'; x(D.A)", "A of p"),
            ("const p = require('p'); x(p.A)", "A of p"),
            ("const { A } = require('p'); x(A)", "A of p"),
            ("import { A } from 'p'; const B = A; x(B)", "A of p"),
            ("import { A } from 'p'; x(A.b)", ""),
            ("import { A } from './own'; x(A)", ""),
            ("const A = B, B = A; x(A)", ""),
            ("x(y)", ""),
        ] {
            let found = with(&[("a.js", text)], |evaluator, _| {
                let body = evaluator.body(0).unwrap();
                let argument = body.nodes.iter().find_map(|node| match &node.expr {
                    Expr::Call { arguments, callee, .. }
                        if evaluator.name_of(body, *callee) == "x" =>
                    {
                        arguments.first().copied()
                    }
                    _ => None,
                });
                let found = evaluator.external(0, argument.unwrap());
                found.map_or(String::new(), |(package, name)| format!("{name} of {package}"))
            });
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_doubles_again_and_again_is_cut_and_said() {
        let mut wrong = Vec::new();
        let first = "const a0 = { k: '{key:sk_v1_:1}', t: 'text' };\n";
        for (how, is_cut) in [
            ("{ x: aN, y: aN }", true),
            ("{ ...aN, ...aN, n: aN }", false),
            ("[...[aN], aN]", true),
            ("[aN, aN].flat()", false),
            ("window.x ? aN : aN", true),
            ("f(aN, aN)", true),
            ("new F(aN, aN)", true),
            ("Object.assign(aN, { aN }, aN)", true),
            ("((x, y) => [x, y])(aN, aN)", true),
            ("<A a={aN} b={aN}>{aN}{aN}</A>", false),
            ("aN", false),
        ] {
            let lines: String = (0..200)
                .map(|n| format!("const a{} = {};\n", n + 1, how.replace("aN", &format!("a{n}"))))
                .collect();
            let text = format!("{first}{lines}export const v = a200;");
            with(&[("a.jsx", &text)], |evaluator, _| {
                for (id, _) in evaluator.body(0).unwrap().nodes.iter().enumerate() {
                    let value = evaluator.value(0, id as u32);
                    assert!(value.size() <= MAX_SIZE, "{how}");
                    assert!(
                        leaked_taints(&value).len() <= MAX_SIZE && value.taints().len() <= MAX_SIZE
                    );
                }
                if evaluator.is_cut() != is_cut {
                    wrong.push(how);
                }
            });
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn texts_stay_short() {
        for how in
            ["aN + aN", "`${aN}${aN}`", "aN.concat(aN)", "[aN, aN].join(aN)", "btoa(aN + aN)"]
        {
            let lines: String = (0..60)
                .map(|n| format!("const a{} = {};\n", n + 1, how.replace("aN", &format!("a{n}"))))
                .collect();
            let text = format!("const a0 = 'some text';\n{lines}");
            with(&[("a.ts", &text)], |evaluator, _| {
                for (id, _) in evaluator.body(0).unwrap().nodes.iter().enumerate() {
                    let value = evaluator.value(0, id as u32);
                    assert!(value.text().is_none_or(|text| text.len() <= MAX_TEXT), "{how}");
                }
            });
        }
    }

    #[test]
    fn the_work_for_one_module_has_an_end() {
        // Each call goes through the whole function, for nothing can be kept of arguments.
        let returned: String = (0..5000).map(|_| "[x],").collect();
        let calls = "f(y);".repeat(20_000);
        let text = format!("const y = '{{key:sk_v1_:1}}', f = x => [{returned}];\n{calls}");
        with(&[("a.js", &text)], |evaluator, _| {
            for (id, _) in evaluator.body(0).unwrap().nodes.iter().enumerate() {
                evaluator.value(0, id as u32);
            }
            assert!(evaluator.is_cut());
            assert!(evaluator.work.get() < 2 * MAX_WORK);
        });
    }

    #[test]
    fn long_chains_take_no_stack() {
        let chain = ".b".repeat(50_000);
        for text in [
            format!("import a from 'p'; x(a{chain})"),
            format!("const a = {{}}; x(a{chain})"),
            format!("import a from 'p'; x(a{})", "()".repeat(400)),
            format!("x({}a)", "a+".repeat(50_000)),
            (0..20_000).map(|n| format!("const a{n} = a{};\n", n + 1)).collect(),
        ] {
            with(&[("a.js", &text)], |evaluator, _| {
                let body = evaluator.body(0).unwrap();
                for (id, _) in body.nodes.iter().enumerate().rev() {
                    evaluator.value(0, id as u32);
                    evaluator.external(0, id as u32);
                    evaluator.name_of(body, id as u32);
                }
            });
        }
    }

    #[test]
    fn base64_is_decoded_as_far_as_it_is_text() {
        for (text, expected) in [
            ("aGVsbG8=", Some("hello")),
            ("aGVsbG8", Some("hello")),
            ("aGVs\nbG8=", Some("hello")),
            ("w6k", Some("é")),
            ("", Some("")),
            ("-_8", None),
            ("a b!", None),
            ("é", None),
        ] {
            assert_eq!(base64(text).as_deref(), expected, "{text}");
        }
    }
}
