//! Classes: the fields, methods and getters of their instances, and `this`.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::eval::circles::{Subject, UsedParameters};
use crate::eval::errors::ERROR;
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::filled_objects::arguments_and_fields;
use crate::eval::names::is_this;
use crate::eval::value::{Field, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Class, Expr, ExprId, Property, PropertyKey, REST, Span};
use crate::variables::read::ReadForm;

/// How many classes are followed that extend each other.
const MAX_BASES: usize = 8;

/// The name under which a class has its instances without arguments.
const PROTOTYPE: &str = "prototype";

/// An instance of a class: the module and the number of the class, and the arguments of `new`.
#[derive(Clone, Copy)]
pub(super) struct Instance<'i> {
    module: ModuleId,
    class: u32,
    arguments: &'i [Value],
}

impl<'i> Instance<'i> {
    /// The instance that a value is.
    pub(super) fn of(value: &'i Value) -> Option<Self> {
        match value {
            Value::Instance(module, class, arguments) => {
                Some(Self { module: *module, class: *class, arguments })
            }
            _ => None,
        }
    }
}

impl Evaluator<'_> {
    /// The entry of a class among its static members that tells which class it is.
    pub(super) fn prototype(&self, module: ModuleId, statics: ExprId) -> Option<Field> {
        let body = self.body(module)?;
        let class = body.class_of(statics)?;
        let span = body.node(statics)?.span;
        let value = Value::Instance(module, class, Vec::new().into());
        Some(Field { key: PROTOTYPE.into(), value, at: self.at(module, span) })
    }

    /// True if a value is an object of a class, or of one that extends it.
    pub(super) fn is_of_class(&self, value: &Value, class: &Value) -> bool {
        let Some(wanted) = Instance::of(class.get(PROTOTYPE)) else { return false };
        let whole = value.clone();
        let mut this = value.clone();
        for _ in 0..MAX_BASES {
            let Some(instance) = Instance::of(&this) else { return false };
            if (instance.module, instance.class) == (wanted.module, wanted.class) {
                return true;
            }
            let Some(base) = self.base_of(instance, &whole) else { return false };
            this = base;
        }
        false
    }

    /// True for the value of a class of the project.
    pub(super) fn is_class(value: &Value) -> bool {
        Instance::of(value.get(PROTOTYPE)).is_some()
    }

    /// The value of `new X(…)` for the value of `X`, if that is a class of the project.
    pub(super) fn instantiated(&self, class: &Value, arguments: Vec<Value>) -> Option<Value> {
        match class {
            Value::Any(values) => {
                let made = |value| self.instantiated(value, arguments.clone());
                let made: Vec<Value> = values.iter().filter_map(made).collect();
                (!made.is_empty()).then(|| Value::any_of(made))
            }
            Value::Instance(module, class, _) => {
                Some(Value::Instance(*module, *class, arguments.into()))
            }
            _ => match class.get(PROTOTYPE) {
                Value::Instance(module, class, _) => {
                    Some(Value::Instance(*module, *class, arguments.into()))
                }
                _ => None,
            },
        }
    }

    /// A property of an instance; one of a class that it extends if its own has none.
    pub(super) fn instance_property(&self, instance: Instance<'_>, property: &str) -> Value {
        let Instance { module, class, arguments } = instance;
        let mut this = Value::Instance(module, class, arguments.to_vec().into());
        let (_, later) = arguments_and_fields(arguments);
        if let Some(field) = later.iter().find(|field| *field.key == *property) {
            return field.value.clone();
        }
        let whole = this.clone();
        for _ in 0..MAX_BASES {
            let Some(instance) = Instance::of(&this) else { break };
            let own = self.own_property(instance, property, &whole);
            if !matches!(own, Value::Unknown) {
                return own;
            }
            let Some(base) = self.base_of(instance, &whole) else { break };
            this = base;
        }
        match (&this, property) {
            // The message of an error of the project's own.
            (Value::CallResult(name, given), "message" | "stack") if name.ends_with(ERROR) => {
                given.first().cloned().unwrap_or_default()
            }
            _ => Value::Unknown,
        }
    }

    /// The instance of the class that the class of an instance extends.
    fn base_of(&self, instance: Instance<'_>, whole: &Value) -> Option<Value> {
        let Instance { module, class, arguments } = instance;
        let body = self.body(module)?;
        let class = body.classes.get(class as usize)?;
        let frame = self.constructor_frame(module, class, arguments, Some(whole));
        let given = match class.super_call.and_then(|call| body.node(call)) {
            Some(node) => match &node.expr {
                Expr::Call { arguments, .. } => {
                    arguments.iter().map(|&given| self.eval(module, given, Some(frame))).collect()
                }
                _ => Vec::new(),
            },
            None => arguments_and_fields(arguments).0.to_vec(),
        };
        let base = class.base?;
        match &body.node(base)?.expr {
            Expr::Global(name) if name.ends_with(ERROR) => {
                Some(Value::CallResult((**name).into(), given.into()))
            }
            _ => self.instantiated(&self.eval(module, base, None), given),
        }
    }

    fn constructor_frame<'f>(
        &self,
        module: ModuleId,
        class: &Class,
        arguments: &'f [Value],
        this: Option<&'f Value>,
    ) -> CallFrame<'f> {
        let function = class.constructor.unwrap_or(u32::MAX);
        let (arguments, _) = arguments_and_fields(arguments);
        let frame = self.frame_of((module, function), arguments, 1);
        // Without arguments, an object is like all others of its class.
        frame.on(this.filter(|_| !frame.is_blank()))
    }

    /// A property of the class of an instance itself; `whole` is the object.
    fn own_property(&self, instance: Instance<'_>, property: &str, whole: &Value) -> Value {
        let Instance { module, class, arguments } = instance;
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(class) = body.classes.get(class as usize) else { return Value::Unknown };
        let is_it = |member: &&Property| matches!(&member.key, PropertyKey::Name(name) if **name == *property);
        if let Some(member) = class.members.iter().rev().find(is_it) {
            return self.gotten(self.eval(module, member.value, None), whole);
        }
        let frame = self.constructor_frame(module, class, arguments, Some(whole));
        let used_before = self.used.get();
        let value =
            self.assigned_to_this((module, class.assignments), property, |_| true, Some(frame));
        self.used.set(used_before);
        value
    }

    /// The values that code assigns to `this.x`, of which these assignments of a module are it.
    pub(super) fn assigned_to_this(
        &self,
        (module, (start, end)): (ModuleId, (usize, usize)),
        property: &str,
        is_meant: impl Fn(ExprId) -> bool,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let all = body.assignments.get(start..end).unwrap_or_default();
        self.charge(all.len());
        let name_of_target = |target: ExprId| match body.node(target).map(|node| &node.expr) {
            Some(Expr::Member(object, name)) if is_this(body, *object) => Some(&**name),
            _ => None,
        };
        let is_it = |target: ExprId| {
            name_of_target(target).is_some_and(|name| name == property || name == REST)
        };
        let value_of = |&(target, value): &(ExprId, ExprId)| {
            let value = self.eval(module, value, frame);
            if name_of_target(target) != Some(REST) {
                return value;
            }
            let span = body.node(target).map(|node| node.span).unwrap_or_default();
            self.read_property(&value, property, ReadForm::Alias, module, span)
        };
        let mut assigned = all.iter().filter(|(target, _)| is_it(*target) && is_meant(*target));
        let Some(first) = assigned.next() else { return Value::Unknown };
        // What is spread over the object has any property.
        if name_of_target(first.0) == Some(REST) {
            return Value::any_of(std::iter::once(first).chain(assigned).map(value_of).collect());
        }
        self.answer(module, Subject::Property(first.0), frame, || {
            let first = value_of(first);
            // `this.out += secret` adds to the value before.
            self.so_far(&first);
            let later = assigned.map(value_of);
            Value::any_of(std::iter::once(first).chain(later).collect())
        })
    }

    /// `this.x` in a class, of an object of which nothing else is known, or of the class itself.
    pub(super) fn property_of_class(&self, module: ModuleId, class: u32, property: &str) -> Value {
        let instance = Instance { module, class, arguments: &[] };
        let statics = self
            .body(module)
            .and_then(|body| body.classes.get(class as usize))
            .map_or(Value::Unknown, |class| self.eval(module, class.statics, None));
        let fixed = self.gotten(statics.get(property).clone(), &statics);
        Value::any_of(vec![self.instance_property(instance, property), fixed])
    }

    /// The value of `this` at a place.
    pub(super) fn this(&self, module: ModuleId, at: Span, frame: Option<CallFrame<'_>>) -> Value {
        if let Some(this) = frame.as_ref().and_then(CallFrame::this) {
            self.use_parameters(UsedParameters::THIS);
            return this.clone();
        }
        let class = self.body(module).and_then(|body| body.class_around(at));
        class.map_or(Value::Unknown, |class| Value::Instance(module, class, Vec::new().into()))
    }

    /// The value of `super` at a place: the object as an instance of the class that its own extends.
    pub(super) fn super_of_this(
        &self,
        module: ModuleId,
        at: Span,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let this = self.this(module, at, frame);
        let class = self.body(module).and_then(|body| body.class_around(at));
        let Some(class) = class else { return Value::Unknown };
        let arguments = match Instance::of(&this) {
            Some(own) if (own.module, own.class) == (module, class) => own.arguments,
            _ => &[],
        };
        self.base_of(Instance { module, class, arguments }, &this).unwrap_or_default()
    }

    /// The `this` of a call that is written as a method.
    pub(super) fn this_of_call(
        &self,
        module: ModuleId,
        callee: ExprId,
        frame: Option<CallFrame<'_>>,
    ) -> Option<Value> {
        let body = self.body(module)?;
        let Expr::Member(object, _) = &body.node(callee)?.expr else { return None };
        let node = body.node(*object)?;
        Some(match &node.expr {
            Expr::Global(name) if matches!(&**name, "this" | "super") => {
                self.this(module, node.span, frame)
            }
            _ => self.eval(module, *object, frame),
        })
    }

    /// True if the result of a function can depend on the object that it is called on. All objects of a
    /// class that are made without arguments are the same.
    pub(super) fn depends_on_this(&self, (home, function): (ModuleId, u32), this: &Value) -> bool {
        let Some(body) = self.body(home) else { return false };
        let Some(known) = body.functions.get(function as usize) else { return false };
        let is_own = |value: &Value| match value {
            Value::Instance(module, class, _) => {
                let class = body.classes.get(*class as usize).filter(|_| *module == home);
                class.is_some_and(|class| class.span.contains(known.span))
            }
            _ => false,
        };
        known.uses_this
            && match this {
                Value::Instance(_, _, given) if is_own(this) => given.iter().any(Value::is_telling),
                _ => !is_own(this.get(PROTOTYPE)) && this.is_telling(),
            }
    }

    /// The value of a property: of a getter, its result.
    pub(super) fn gotten(&self, value: Value, object: &Value) -> Value {
        match value {
            Value::Function(home, function) if self.is_getter(home, function) => {
                self.call_method((home, function), Some(object), &[], 0)
            }
            other => other,
        }
    }

    fn is_getter(&self, home: ModuleId, function: u32) -> bool {
        let function = self.body(home).and_then(|body| body.functions.get(function as usize));
        function.is_some_and(|function| function.is_getter)
    }

    /// The values that code in the module assigns to a property of a name that stands for an object or class, or
    /// for a class also within it.
    pub(super) fn assigned_to_name(
        &self,
        module: ModuleId,
        (symbol, value): (u32, &Value),
        property: &str,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let class = Instance::of(value).or_else(|| Instance::of(value.get(PROTOTYPE)));
        if class.is_none() || body.changed.binary_search(&symbol).is_err() {
            return Value::Unknown;
        }
        self.charge(body.assignments.len());
        let is_it = |target: ExprId| match body.node(target).map(|node| &node.expr) {
            Some(Expr::Member(object, name)) if **name == *property => {
                matches!(body.node(*object).map(|node| &node.expr), Some(Expr::Symbol(own)) if *own == symbol)
            }
            _ => false,
        };
        let assigned = body.assignments.iter().filter(|(target, _)| is_it(*target));
        Value::any_of(assigned.map(|&(_, value)| self.eval(module, value, frame)).collect())
    }

    /// A property that the static members of a class assign to it.
    pub(super) fn assigned_to_class(&self, class: &Value, property: &str) -> Value {
        let Some(Instance { module, class, .. }) = Instance::of(class.get(PROTOTYPE)) else {
            return Value::Unknown;
        };
        let class = self.body(module).and_then(|body| body.classes.get(class as usize));
        class.map_or(Value::Unknown, |class| {
            self.assigned_to_this((module, class.assignments), property, |_| true, None)
        })
    }

    /// An instance as JSON has it: an object of its fields, or what its `toJSON` returns.
    pub(super) fn fields_of_instance(&self, value: &Value) -> Value {
        let own = Instance::of(value).map(|own| self.instance_property(own, "toJSON"));
        if let Some(Value::Function(home, function)) = own {
            return self.call_method((home, function), Some(value), &[], 1);
        }
        let Some(Instance { module, class, .. }) = Instance::of(value) else {
            return Value::Unknown;
        };
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(class) = body.classes.get(class as usize) else { return Value::Unknown };
        let (start, end) = class.assignments;
        let own = Instance::of(value).map_or(&[][..], |own| own.arguments);
        let mut fields: Vec<Field> = arguments_and_fields(own).1.to_vec();
        for (target, _) in body.assignments.get(start..end).unwrap_or_default() {
            let Some(node) = body.node(*target) else { continue };
            let Expr::Member(object, name) = &node.expr else { continue };
            let is_known = fields.iter().any(|field| *field.key == **name);
            // Private fields stay in the object.
            if is_known || name.starts_with('#') || &**name == REST || !is_this(body, *object) {
                continue;
            }
            let value = self.read_property(value, name, ReadForm::Alias, module, node.span);
            fields.push(Field { key: (**name).into(), value, at: self.at(module, node.span) });
        }
        Value::Object(fields.into())
    }
}
