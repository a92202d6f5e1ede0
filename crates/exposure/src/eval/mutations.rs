//! What statements do with objects after these were written: `config.entry = …`,
//! `delete user.key`; in configurations also `config.plugins.push(…)`, `config.resolve.alias.set('@',
//! …)` and `Object.assign(config, { … })`. It is taken as done, in the order in which it is
//! written, wherever it stands, unless only servers get there.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::eval::Evaluator;
use crate::eval::value::{Field, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Body, Expr, ExprId, ServerGuard, Span};
use crate::leak::FileSpan;

/// Longer ways into an object are not followed.
const MAX_PATH: usize = 8;

/// What the statements of a module do with its objects, by symbol.
pub(crate) type Statements = HashMap<u32, Vec<Mutation>, RandomState>;

/// What a statement does with an object.
pub(crate) struct Mutation {
    /// The way to what is changed.
    path: Vec<Arc<str>>,
    kind: MutationKind,
    /// What it is given.
    given: Vec<ExprId>,
    span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MutationKind {
    /// `a.b = c`
    Given,
    /// `a.b.push(c)`
    Pushed,
    /// `Object.assign(a.b, c)`
    Assigned,
}

impl Evaluator<'_> {
    /// What statements of a module do with its objects, by symbol; calls count if they are asked
    /// for.
    pub(crate) fn statements(&self, body: &Body, with_calls: bool) -> Statements {
        let mut found: Statements = HashMap::default();
        let mut add = |target: ExprId, name: Option<Arc<str>>, kind, given: &[ExprId]| {
            let Some((symbol, path)) = way(body, target) else { return };
            let Some(node) = body.node(target) else { return };
            let context = body.contexts.get(node.context as usize);
            let path: Vec<Arc<str>> = path.into_iter().chain(name).collect();
            let is_whole = path.is_empty() && kind == MutationKind::Given;
            if is_whole || context.is_some_and(|context| context.guard != ServerGuard::None) {
                return;
            }
            let end = given.last().and_then(|&last| body.node(last));
            let span = Span::new(node.span.start, end.map_or(node.span.end, |end| end.span.end));
            let change = Mutation { path, kind, given: given.to_vec(), span };
            found.entry(symbol).or_default().push(change);
        };
        for &(target, value) in &body.assignments {
            add(target, None, MutationKind::Given, &[value]);
        }
        for node in body.nodes.iter().filter(|_| with_calls) {
            let Expr::Call { callee, arguments, is_new: false } = &node.expr else { continue };
            let Some(Expr::Member(object, method)) = body.node(*callee).map(|it| &it.expr) else {
                continue;
            };
            let Some((first, others)) = arguments.split_first() else { continue };
            match &**method {
                "push" | "unshift" => add(*object, None, MutationKind::Pushed, arguments),
                "set" => {
                    if let Some(Expr::Text(name)) = body.node(*first).map(|node| &node.expr) {
                        add(*object, Some(Arc::clone(name)), MutationKind::Given, others);
                    }
                }
                "assign" if self.name_of(body, *callee) == "Object.assign" => {
                    add(*first, None, MutationKind::Assigned, others);
                }
                _ => {}
            }
        }
        found.values_mut().for_each(|changes| changes.sort_by_key(|change| change.span));
        found
    }

    /// An object with what statements do with it.
    pub(crate) fn changed(
        &self,
        module: ModuleId,
        value: Value,
        changes: &[Mutation],
        of: &dyn Fn(ExprId) -> Value,
    ) -> Value {
        self.charge(value.size() + changes.len());
        let mut draft = ObjectDraft::Whole(value);
        for Mutation { path, kind, given, span } in changes {
            let at = self.at(module, *span);
            let given: Vec<Value> = given.iter().map(|&id| of(id)).collect();
            let Some(place) = draft.place(path, &at) else { continue };
            let old = std::mem::take(place).finish();
            *place = ObjectDraft::Whole(match kind {
                MutationKind::Given => {
                    replaced(path, &old, given.last().cloned().unwrap_or_default())
                }
                MutationKind::Pushed => {
                    let all = old.elements().iter().chain(&given).cloned();
                    Value::List(all.collect::<Vec<_>>().into())
                }
                MutationKind::Assigned => {
                    let all = std::iter::once(&old).chain(&given).flat_map(Value::fields);
                    Value::Object(all.cloned().collect::<Vec<_>>().into())
                }
            });
        }
        draft.finish()
    }
}

/// A value that is being changed.
enum ObjectDraft {
    /// As it is.
    Whole(Value),
    /// An object of which properties are changed: the properties, and where each name is.
    Open(Vec<(Arc<str>, FileSpan, Self)>, HashMap<Arc<str>, usize, RandomState>),
}

impl Default for ObjectDraft {
    fn default() -> Self {
        Self::Whole(Value::Unknown)
    }
}

impl ObjectDraft {
    /// The place at the end of a way; `at` is where what is not there yet is told.
    fn place(&mut self, path: &[Arc<str>], at: &FileSpan) -> Option<&mut Self> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        if let Self::Whole(value) = self {
            // A list has no properties that matter.
            if !matches!(value, Value::Object(_) | Value::Unknown) {
                return None;
            }
            let mut fields = Vec::new();
            let mut names = HashMap::default();
            for Field { key, value, at } in value.fields() {
                names.insert(Arc::clone(key), fields.len());
                fields.push((Arc::clone(key), at.clone(), Self::Whole(value.clone())));
            }
            *self = Self::Open(fields, names);
        }
        let Self::Open(fields, names) = self else { return None };
        let index = *names.entry(Arc::clone(first)).or_insert_with(|| {
            fields.push((Arc::clone(first), at.clone(), Self::default()));
            fields.len() - 1
        });
        let (_, told, inner) = fields.get_mut(index)?;
        if rest.is_empty() {
            *told = at.clone();
        }
        inner.place(rest, at)
    }

    fn finish(self) -> Value {
        match self {
            Self::Whole(value) => value,
            Self::Open(fields, _) => {
                let fields = fields.into_iter();
                let fields =
                    fields.map(|(key, at, inner)| Field { key, value: inner.finish(), at });
                Value::Object(fields.collect::<Vec<_>>().into())
            }
        }
    }
}

/// What takes the place of a value. A configuration may be given one of several paths; what tells
/// its side is the last.
fn replaced(path: &[Arc<str>], old: &Value, new: Value) -> Value {
    let is_path = |value: &Value| matches!(value, Value::Text(_) | Value::CallResult(..));
    let is_entry = path.first().is_some_and(|name| matches!(&**name, "entry" | "input"));
    if is_entry && is_path(old) && is_path(&new) {
        return Value::Any(vec![old.clone(), new].into());
    }
    new
}

/// The symbol at the root of `a.b['c']`, and the way from there.
fn way(body: &Body, target: ExprId) -> Option<(u32, Vec<Arc<str>>)> {
    let mut path: Vec<Arc<str>> = Vec::new();
    let mut at = target;
    loop {
        match &body.node(at)?.expr {
            Expr::Symbol(root) => {
                path.reverse();
                return (path.len() <= MAX_PATH).then_some((*root, path));
            }
            Expr::Member(object, name) => {
                path.push((**name).into());
                at = *object;
            }
            Expr::Index(object, index) => {
                let Expr::Text(name) = &body.node(*index)?.expr else { return None };
                path.push(Arc::clone(name));
                at = *object;
            }
            // A chain: `a.b.set('c', d).set('e', f)`.
            Expr::Call { callee, .. } => match &body.node(*callee)?.expr {
                Expr::Member(object, method) if &**method == "set" => at = *object,
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// Several configurations in one, as `webpack-merge` and Vite's `mergeConfig` make it.
pub(crate) fn merged(values: &[Value]) -> Value {
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
