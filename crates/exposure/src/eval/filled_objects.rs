//! Objects of classes whose methods, and statements elsewhere, fill them:
//! `new Builder().withKey(key).build()`, `client.setKey(key)`, `client.key = key`. Only secrets count.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::sync::Arc;

use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::names::is_this;
use crate::eval::value::{Field, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Body, Expr, ExprId};
use crate::leak::FileSpan;
use crate::variables::read::ReadForm;

/// The name of the value that follows the arguments of an instance and holds its later fields.
const FIELDS: &str = "(fields)";

/// How many fields are kept.
const MAX_FIELDS: usize = 50;

/// The arguments of an instance, and the fields that it got later.
pub(super) fn arguments_and_fields(given: &[Value]) -> (&[Value], &[Field]) {
    match given.split_last() {
        Some((Value::CallResult(name, values), arguments)) if &**name == FIELDS => {
            (arguments, values.first().map_or(&[], Value::fields))
        }
        _ => (given, &[]),
    }
}

/// A change of a field.
struct Change {
    /// The name of the field, and that of a property in it.
    path: Vec<Arc<str>>,
    /// Set if the value is added to a list.
    is_element: bool,
    value: Value,
    at: FileSpan,
}

impl Evaluator<'_> {
    /// An object after a call of one of its methods; `None` if that leaves no secret in it.
    pub(super) fn after_method(
        &self,
        this: &Value,
        (home, function): (ModuleId, u32),
        arguments: &[Value],
        depth: u32,
    ) -> Option<Value> {
        if !arguments.iter().any(Value::has_secret) {
            return None;
        }
        let body = self.body(home)?;
        let known = body.functions.get(function as usize).filter(|known| known.uses_this)?;
        let frame = self.frame_of((home, function), arguments, depth).on(Some(this));
        let is_own = |expr: ExprId| known.nodes.0 <= expr && expr < known.nodes.1;
        self.charge(body.assignments.len() + (known.nodes.1 - known.nodes.0) as usize);
        let root = |expr: ExprId| is_this(body, expr);
        let mut changes = Vec::new();
        for &(target, value) in body.assignments.iter().filter(|(target, _)| is_own(*target)) {
            let path = path_from(body, target, &root);
            changes
                .extend(path.and_then(|path| self.change(home, path, value, false, Some(frame))));
        }
        for expr in known.nodes.0..known.nodes.1 {
            let Some(Expr::Call { callee, arguments, .. }) = body.node(expr).map(|it| &it.expr)
            else {
                continue;
            };
            let Some(Expr::Member(object, method)) = body.node(*callee).map(|it| &it.expr) else {
                continue;
            };
            let Some(mut path) = path_from(body, *object, &root) else { continue };
            let (value, is_element) = match (&**method, arguments.as_slice()) {
                ("push" | "add" | "unshift", [value, ..]) => (*value, true),
                ("set" | "append", [name, value]) => {
                    if let Some(Expr::Text(name)) = body.node(*name).map(|it| &it.expr) {
                        path.push(Arc::clone(name));
                    }
                    (*value, false)
                }
                _ => continue,
            };
            changes.extend(self.change(home, path, value, is_element, Some(frame)));
        }
        self.with_changes(this, changes)
    }

    /// The object that a name stands for, after the statements that fill it.
    pub(super) fn after_filling(
        &self,
        module: ModuleId,
        symbol: u32,
        this: Value,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return this };
        let is_it = |expr: ExprId| matches!(body.node(expr).map(|it| &it.expr), Some(Expr::Symbol(own)) if *own == symbol);
        self.charge(body.assignments.len() + body.filled.len());
        let mut changes = Vec::new();
        for &(target, value) in &body.assignments {
            let path = path_from(body, target, &is_it);
            changes.extend(path.and_then(|path| self.change(module, path, value, false, frame)));
        }
        let mut filled = self.with_changes(&this, changes).unwrap_or(this);
        for &(_, callee) in body.filled.iter().filter(|(own, _)| *own == symbol) {
            let Some(Expr::Member(object, method)) = body.node(callee).map(|it| &it.expr) else {
                continue;
            };
            let Some(node) = body.node(callee).filter(|_| is_it(*object)) else { continue };
            // A call comes soon after its callee.
            let after = body.nodes.get(callee as usize..).unwrap_or_default().iter();
            let call = after.map(|node| &node.expr).find_map(|expr| match expr {
                Expr::Call { callee: own, arguments, .. } if *own == callee => Some(arguments),
                _ => None,
            });
            let given: Vec<Value> =
                call.into_iter().flatten().map(|&id| self.eval(module, id, frame)).collect();
            if !given.iter().any(Value::has_secret) {
                continue;
            }
            let method = self.read_property(&filled, method, ReadForm::Alias, module, node.span);
            if let Value::Function(home, function) = method
                && let Some(after) = self.after_method(&filled, (home, function), &given, 1)
            {
                filled = after;
            }
        }
        filled
    }

    /// An object of a class with a field; `None` if it is another value.
    pub(super) fn with_field(
        &self,
        object: &Value,
        name: &str,
        value: Value,
        at: FileSpan,
    ) -> Option<Value> {
        let path = vec![name.into()];
        self.with_changes(object, vec![Change { path, is_element: false, value, at }])
    }

    /// A change of a field, if it leaves a secret there.
    fn change(
        &self,
        module: ModuleId,
        path: Vec<Arc<str>>,
        value: ExprId,
        is_element: bool,
        frame: Option<CallFrame<'_>>,
    ) -> Option<Change> {
        if path.is_empty() {
            return None;
        }
        let span = self.body(module)?.node(value)?.span;
        let value = self.eval(module, value, frame);
        let at = self.at(module, span);
        value.has_secret().then_some(Change { path, is_element, value, at })
    }

    /// An object with changed fields; `None` without changes.
    fn with_changes(&self, this: &Value, changes: Vec<Change>) -> Option<Value> {
        let Value::Instance(module, class, given) = this else { return None };
        if changes.is_empty() {
            return None;
        }
        let (arguments, known) = arguments_and_fields(given);
        let mut fields: Vec<Field> = known.to_vec();
        for Change { path, is_element, value, at } in changes {
            let (name, rest) = path.split_first()?;
            let old = match fields.iter().find(|field| field.key == *name) {
                Some(field) => field.value.clone(),
                None => {
                    self.read_property(this, name, ReadForm::Alias, at_module(self, &at), at.span)
                }
            };
            let value = match rest.first() {
                Some(inner) => {
                    let own = Field { key: Arc::clone(inner), value, at: at.clone() };
                    let others = old.fields().iter().filter(|field| field.key != *inner).cloned();
                    Value::Object(others.chain([own]).collect::<Vec<_>>().into())
                }
                None if is_element => {
                    let all = old.elements().iter().cloned().chain([value]);
                    Value::List(all.collect::<Vec<_>>().into())
                }
                None => value,
            };
            fields.retain(|field| field.key != *name);
            fields.push(Field { key: Arc::clone(name), value, at });
        }
        if fields.len() > MAX_FIELDS {
            return None;
        }
        let fields = Value::CallResult(FIELDS.into(), vec![Value::Object(fields.into())].into());
        let given = arguments.iter().cloned().chain([fields]);
        Some(Value::Instance(*module, *class, given.collect::<Vec<_>>().into()))
    }
}

/// The names from a root to a place: `options`, `key` for `this.options.key`.
fn path_from(body: &Body, expr: ExprId, is_root: &dyn Fn(ExprId) -> bool) -> Option<Vec<Arc<str>>> {
    let Expr::Member(object, name) = &body.node(expr)?.expr else { return None };
    let name: Arc<str> = (**name).into();
    if is_root(*object) {
        return Some(vec![name]);
    }
    let Expr::Member(root, first) = &body.node(*object)?.expr else { return None };
    is_root(*root).then(|| vec![(**first).into(), name])
}

/// The module of a place.
fn at_module(evaluator: &Evaluator<'_>, at: &FileSpan) -> ModuleId {
    evaluator.graph.by_path(&at.path).unwrap_or_default()
}
