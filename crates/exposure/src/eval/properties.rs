//! Properties of values.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::sync::Arc;

use crate::eval::circles::UsedParameters;
use crate::eval::classes::Instance;
use crate::eval::collections::{EVERY, PREFIXED, items};
use crate::eval::environment::env_root;
use crate::eval::errors::ERROR;
use crate::eval::evaluator::{CallFrame, Evaluator, PROPERTIES};
use crate::eval::language_objects::is_part_of_address;
use crate::eval::names::is_this;

use crate::eval::runtime_config::{ConfigProperty, RuntimeProperties};
use crate::eval::value::{Taint, TaintOrigin, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Expr, ExprId, REST, Span};
use crate::leak::{FileSpan, StepKind, TraceStep};
use crate::variables::read::{EnvRoot, ReadForm};

impl Evaluator<'_> {
    /// The value of a property of an expression.
    pub(crate) fn property_of(&self, module: ModuleId, object: ExprId, property: &str) -> Value {
        let span = self.body(module).and_then(|body| body.node(object)).map(|node| node.span);
        let span = span.unwrap_or_default();
        self.steps.set(0);
        let value = self.member(module, span, object, property, ReadForm::Alias, None);
        self.charged(value)
    }

    pub(super) fn member(
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
        if property == "props"
            && matches!(body.node(object).map(|it| &it.expr), Some(Expr::Global(name)) if &**name == "Astro")
        {
            self.use_parameters(UsedParameters::of(module, PROPERTIES));
            let given = frame.and_then(|frame| frame.arguments_of(module, PROPERTIES));
            return match given.and_then(<[Value]>::first) {
                Some(given) => given.clone(),
                None => self.static_properties(module),
            };
        }
        if property == "$config" {
            return self.whole_runtime_config(module, span);
        }
        if is_this(body, object) {
            return self.this_property(module, object, property, span, frame);
        }
        let value = self.eval(module, object, frame);
        if let Some(Expr::Symbol(symbol)) = body.node(object).map(|node| &node.expr) {
            let assigned = self.assigned_to_name(module, (*symbol, &value), property, frame);
            if !matches!(assigned, Value::Unknown) {
                let first = self.read_property(&value, property, ReadForm::Alias, module, span);
                return Value::any_of(vec![first, assigned]);
            }
        }
        if matches!(value, Value::Unknown | Value::CallResult(..)) {
            let left = self.left_on_object(module, object, property);
            if !matches!(left, Value::Unknown) {
                return left;
            }
        }
        let is_named = !matches!(body.node(object).map(|node| &node.expr), Some(Expr::Symbol(_)));
        let form = if is_named { form } else { ReadForm::Alias };
        self.read_property(&value, property, form, module, span)
    }

    /// The properties of a class component of Next.js: the results of its `getInitialProps`.
    fn initial_props(&self, module: ModuleId, class: u32) -> Value {
        let body = self.body(module);
        let class_body = body.and_then(|body| body.classes.get(class as usize));
        let statics = class_body.map(|class| self.eval(module, class.statics, None));
        match statics.unwrap_or_default().get("getInitialProps") {
            Value::Function(home, function) => self.call_function(*home, *function, &[], 0),
            _ => self.property_of_class(module, class, "props"),
        }
    }

    /// `this.x`: the value that the same declaration assigns to it, or a property of the Vue component.
    pub(super) fn this_property(
        &self,
        module: ModuleId,
        this: ExprId,
        property: &str,
        span: Span,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        if let Some(this) = frame.as_ref().and_then(CallFrame::this) {
            self.use_parameters(UsedParameters::THIS);
            let value = self.read_property(this, property, ReadForm::Alias, module, span);
            if !matches!(value, Value::Unknown) {
                return value;
            }
        }
        let mut values = vec![match body.class_around(span) {
            Some(class) if property == "props" => self.initial_props(module, class),
            Some(class) => self.property_of_class(module, class, property),
            None => self.assigned_in_declaration(module, this, property, frame),
        }];
        if body.class_around(span).is_none() {
            values.push(self.left_on_this(property));
        }
        let is_component = body.default_export.is_some_and(|component| {
            let whole = body.node(component).map(|node| node.span);
            whole.is_some_and(|whole| whole.contains(span))
        });
        if is_component {
            values.push(self.component_property(module, property, span, frame));
        }
        let at = self.at(module, span);
        Value::any_of(values).with_hop(&|| TraceStep {
            at: at.clone(),
            kind: StepKind::Flow,
            note: format!("in `this.{property}`"),
        })
    }

    /// The values that the declaration around `this` assigns to a property of it.
    fn assigned_in_declaration(
        &self,
        module: ModuleId,
        this: ExprId,
        property: &str,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let owner = |expr: ExprId| {
            let context = body.node(expr)?.context;
            Some(body.contexts.get(context as usize)?.binding)
        };
        let is_near = |target: ExprId| owner(target) == owner(this);
        self.assigned_to_this((module, (0, body.assignments.len())), property, is_near, frame)
    }

    /// A name of a Vue component that is written as an object of options.
    pub(super) fn component_property(
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
            Value::Function(home, function) => self.call_function(*home, *function, &[], 0),
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
        Value::any_of(values)
    }

    /// A property of a value.
    pub(super) fn read_property(
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
            ) => self.runtime_property((*root, *part), at, property, module, span),
            // The entry that stands for all variables.
            Value::Environment(..) if property == EVERY => value.clone(),
            // `Config.X` and `env.X` of modules are how these are meant to be read.
            Value::Environment(root, _) => {
                let form = match root {
                    EnvRoot::Process | EnvRoot::ImportMeta | EnvRoot::Runtime => form,
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

    /// The properties that `getStaticPaths` of an Astro page gives to it, if a secret is among them.
    pub(super) fn static_properties(&self, module: ModuleId) -> Value {
        let Value::Function(home, function) = self.export(module, "getStaticPaths") else {
            return Value::Unknown;
        };
        let paths = items(&self.call_function(home, function, &[], 0)).unwrap_or_default();
        let given = paths.iter().map(|path| path.get("props").clone()).filter(Value::has_secret);
        Value::any_of(given.collect())
    }

    /// `$config` in templates, and of `this` and `useNuxtApp()`.
    pub(super) fn whole_runtime_config(&self, module: ModuleId, span: Span) -> Value {
        let is_known = self.runtime.is_some_and(RuntimeProperties::is_known);
        let root = EnvRoot::RuntimeConfig(0);
        if is_known { Value::Environment(root, self.at(module, span)) } else { Value::Unknown }
    }

    /// Where the configuration that code gets when it runs gives a secret, by the name that it is
    /// reported under.
    pub(crate) fn configured(&self, name: &str) -> Option<TraceStep> {
        let at = self.runtime?.place(name)?;
        let note = format!("{name} is given in the configuration here");
        Some(TraceStep { at: at.clone(), kind: StepKind::Source, note })
    }

    /// A property of a part of the runtime configuration.
    pub(super) fn runtime_property(
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
            // If the configuration is not known, the name decides.
            None if property == "public" && !is_public => within(u32::MAX, true),
            None => self.variable(property, root, ReadForm::Member, self.at(module, span)),
        }
    }

    pub(super) fn known_property(
        &self,
        value: &Value,
        property: &str,
        module: ModuleId,
        span: Span,
    ) -> Value {
        match value {
            // `{ a, ...rest }`
            Value::Object(fields) if property.starts_with(REST) && property.len() > REST.len() => {
                let taken: Vec<&str> = property[REST.len()..].split(',').collect();
                let kept = fields.iter().filter(|field| !taken.contains(&&*field.key));
                Value::Object(kept.cloned().collect::<Vec<_>>().into())
            }
            Value::Object(fields) => {
                let field = fields.iter().rev().find(|field| &*field.key == property);
                let own = match field {
                    Some(field) => self.gotten(field.value.clone(), value),
                    None => Value::Unknown,
                };
                if !matches!(own, Value::Unknown) {
                    return own;
                }
                // A static block, or a static method that fills a field.
                let own = self.assigned_to_class(value, property);
                if field.is_some() || !matches!(own, Value::Unknown) {
                    return own;
                }
                // `{ ...process.env }`
                let spread = fields.iter().find(|field| &*field.key == "...");
                spread.map_or(Value::Unknown, |field| {
                    self.read_property(&field.value, property, ReadForm::Alias, module, span)
                })
            }
            Value::Instance(..) => Instance::of(value)
                .map_or(Value::Unknown, |it| self.instance_property(it, property)),
            Value::Any(values) => Value::any_of(
                values
                    .iter()
                    .map(|value| self.read_property(value, property, ReadForm::Alias, module, span))
                    .collect(),
            ),
            // `[a, ...rest]`
            Value::List(values) if property.ends_with(REST) => {
                let from = property[..property.len() - REST.len()].parse::<usize>();
                let kept = from.ok().and_then(|from| values.get(from..));
                Value::List(kept.unwrap_or_default().to_vec().into())
            }
            // The variables with some prefixes.
            Value::CallResult(name, prefixes) if &**name == PREFIXED => {
                let mut prefixes = prefixes.iter().filter_map(Value::text);
                if !prefixes.any(|prefix| property.starts_with(prefix)) {
                    return Value::Unknown;
                }
                let at = self.at(module, span);
                self.variable(property, EnvRoot::Runtime, ReadForm::Member, at)
            }
            Value::CallResult(name, given)
                if name.ends_with(ERROR) && matches!(property, "message" | "stack") =>
            {
                given.first().cloned().unwrap_or_default()
            }
            // Of an address, the text that it stands for is known.
            Value::Secret(_) if self.root.is_none() && is_part_of_address(property) => {
                value.clone()
            }
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
            // t3-env returns the variables of `runtimeEnv`.
            Value::CallResult(name, values) if &**name == "createEnv" => {
                let given = values.first().map(|value| value.get("runtimeEnv").clone());
                given.map_or(Value::Unknown, |value| {
                    self.read_property(&value, property, ReadForm::Alias, module, span)
                })
            }
            Value::Unknown | Value::CallResult(..) if !self.left.is_empty() => {
                self.left_under(property)
            }
            _ => Value::Unknown,
        }
    }
}
