//! Objects after the statements that change them. A statement counts as done, in the order in which
//! it is written, wherever it is, unless only servers get there.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::eval::collections::{MAX_ITEMS, is_every, items, without_covered};
use crate::eval::containers::CONTAINERS;
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::limits::MAX_CALLS;
use crate::eval::statements::{Mutation, MutationKind, statements};
use crate::eval::value::{Field, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Body, Expr, ExprId, SymbolValue};
use crate::leak::FileSpan;

impl Evaluator<'_> {
    /// An object after the statements that change it.
    pub(super) fn after_statements(
        &self,
        body: &Body,
        object: (ModuleId, u32),
        value: Value,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let (is_open, value) = match value {
            Value::Object(_) | Value::List(_) => (true, value),
            Value::Unknown => (self.root.is_some(), value),
            Value::CallResult(name, given) if self.root.is_none() && is_container(&name) => {
                let entries = given.first().map_or(&[][..], Value::fields).to_vec();
                (true, Value::Object(entries.into()))
            }
            _ => (false, value),
        };
        if !is_open || self.changing.borrow().contains(&object) {
            return value;
        }
        let (module, symbol) = object;
        let known = self.statements.borrow().get(&module).map(Rc::clone);
        let statements = known.unwrap_or_else(|| {
            self.charge(body.assignments.len());
            let found = Rc::new(statements(body));
            self.statements.borrow_mut().insert(module, Rc::clone(&found));
            found
        });
        let Some(changes) = statements.get(&symbol) else { return value };
        self.changing.borrow_mut().push(object);
        let value = self.with_mutations(module, value, changes, frame);
        self.changing.borrow_mut().pop();
        value
    }

    /// An object with these changes.
    fn with_mutations(
        &self,
        module: ModuleId,
        value: Value,
        changes: &[Mutation],
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        self.charge(value.size() + changes.len());
        let mut draft = ObjectDraft::Whole(value);
        for change in changes {
            for (name, values) in self.rounds(module, change, frame) {
                let path: Vec<Arc<str>> = change.path.iter().cloned().chain(name).collect();
                let at = self.at(module, change.span);
                draft.change(&path, change.kind, &values, &at);
            }
        }
        without_covered(draft.finish())
    }

    /// The name, if it is computed, and the values of a change in each round of the loop around it.
    fn rounds(
        &self,
        module: ModuleId,
        change: &Mutation,
        frame: Option<CallFrame<'_>>,
    ) -> Vec<(Option<Arc<str>>, Vec<Value>)> {
        let values = |frame: Option<CallFrame<'_>>| -> Vec<Value> {
            change.values.iter().map(|&id| self.eval(module, id, frame)).collect()
        };
        let Some(computed) = change.computed else { return vec![(None, values(frame))] };
        let round = |frame: Option<CallFrame<'_>>| {
            let name = match self.eval(module, computed, frame) {
                Value::Text(name) => name,
                _ => "[]".into(),
            };
            let values = values(frame);
            // A name that is not known matters only if it gets a secret.
            let matters = &*name != "[]" || values.iter().any(Value::has_secret);
            matters.then_some((Some(name), values))
        };
        let Some((list, place)) = self.loop_around(module, computed, frame.as_ref(), 0) else {
            let runs = frame.is_none()
                || self.runs(module, change.span, frame).unwrap_or(!self.among_variables.get());
            return round(frame).filter(|_| runs).into_iter().collect();
        };
        let Some(all) = items(&self.eval(module, list, frame)) else {
            return round(frame).into_iter().collect();
        };
        let are_variables = all.iter().any(is_every);
        let outer = self.among_variables.replace(are_variables);
        let all = all.into_iter().take(MAX_ITEMS).filter_map(|item| {
            let given = [Value::Unknown, item.clone()];
            let frame = match place {
                LoopPlace::Element(element) => {
                    CallFrame::round((module, element), &given[1..], frame.as_ref())
                }
                LoopPlace::Callback(function, index) => {
                    let given = if index == 0 { &given[1..] } else { &given[..] };
                    Self::closure((module, function), given, frame.as_ref())
                }
            };
            let runs = self.runs(module, change.span, Some(frame)).unwrap_or(!are_variables);
            runs.then(|| round(Some(frame))).flatten()
        });
        let all = all.collect();
        self.among_variables.set(outer);
        all
    }

    /// The list of the loop that a name depends on, and what stands for the element. There is none if
    /// the element is known in this call.
    fn loop_around(
        &self,
        module: ModuleId,
        name: ExprId,
        frame: Option<&CallFrame<'_>>,
        depth: u32,
    ) -> Option<(ExprId, LoopPlace)> {
        let body = self.body(module)?;
        match &body.node(name)?.expr {
            _ if depth > MAX_CALLS => None,
            Expr::Symbol(symbol) => match &body.symbols.get(*symbol as usize)?.value {
                SymbolValue::Init { expr, .. } => {
                    if let Expr::Index(list, index) = &body.node(*expr)?.expr
                        && matches!(body.node(*index)?.expr, Expr::Other)
                    {
                        let is_known =
                            frame.is_some_and(|it| it.element_of(module, *expr).is_some());
                        return (!is_known).then_some((*list, LoopPlace::Element(*expr)));
                    }
                    self.loop_around(module, *expr, frame, depth + 1)
                }
                SymbolValue::Parameter { function, index, .. } => {
                    let given = frame.and_then(|it| it.arguments_of(module, *function));
                    let (list, element) = self.list_of_callback(module, *function)?;
                    let is_it = given.is_none() && *index == element;
                    is_it.then_some((list, LoopPlace::Callback(*function, element)))
                }
                _ => None,
            },
            Expr::Concat(parts) | Expr::Union(parts) => {
                parts.iter().find_map(|&part| self.loop_around(module, part, frame, depth + 1))
            }
            Expr::Member(object, _) | Expr::Index(object, _) => {
                self.loop_around(module, *object, frame, depth + 1)
            }
            Expr::Call { callee, arguments, .. } => std::iter::once(callee)
                .chain(arguments)
                .find_map(|&part| self.loop_around(module, part, frame, depth + 1)),
            _ => None,
        }
    }
}

/// True for a container that calls fill.
fn is_container(name: &str) -> bool {
    CONTAINERS.contains(&name)
}

/// The stand-in for the element of a loop.
#[derive(Debug, Clone, Copy)]
enum LoopPlace {
    /// The expression of `for … of` and `for … in`.
    Element(ExprId),
    /// The parameter of a callback: the function, and the position among its parameters.
    Callback(u32, u32),
}

/// A value that is being changed.
enum ObjectDraft {
    /// Not changed yet.
    Whole(Value),
    /// An object with changed properties, and the index of each name.
    Open(Vec<(Arc<str>, FileSpan, Self)>, HashMap<Arc<str>, usize, RandomState>),
}

impl Default for ObjectDraft {
    fn default() -> Self {
        Self::Whole(Value::Unknown)
    }
}

impl ObjectDraft {
    /// The property at the end of a path; `at` is the place of properties that are new.
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
        let (_, place, inner) = fields.get_mut(index)?;
        if rest.is_empty() {
            *place = at.clone();
        }
        inner.place(rest, at)
    }

    /// Changes the property at the end of a path.
    fn change(&mut self, path: &[Arc<str>], kind: MutationKind, values: &[Value], at: &FileSpan) {
        let Some(place) = self.place(path, at) else { return };
        let old = std::mem::take(place).finish();
        *place = Self::Whole(match kind {
            MutationKind::Set => replaced(path, &old, values.last().cloned().unwrap_or_default()),
            MutationKind::Push => {
                let all = old.elements().iter().chain(values).cloned();
                Value::List(all.collect::<Vec<_>>().into())
            }
            MutationKind::Assign => {
                let all = std::iter::once(&old).chain(values).flat_map(Value::fields);
                Value::Object(all.cloned().collect::<Vec<_>>().into())
            }
        });
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

/// The new value of a property. A configuration may set one of several paths; the last one shows its
/// side.
fn replaced(path: &[Arc<str>], old: &Value, new: Value) -> Value {
    let is_path = |value: &Value| matches!(value, Value::Text(_) | Value::CallResult(..));
    let is_entry = path.first().is_some_and(|name| matches!(&**name, "entry" | "input"));
    if is_entry && is_path(old) && is_path(&new) {
        return Value::Any(vec![old.clone(), new].into());
    }
    new
}
