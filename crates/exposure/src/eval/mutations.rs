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

use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::statements::{Mutation, MutationKind, statements};
use crate::eval::value::{Field, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Body, ExprId};
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
            let found = Rc::new(statements(body, self.root.is_some()));
            self.statements.borrow_mut().insert(module, Rc::clone(&found));
            found
        });
        let Some(changes) = statements.get(&symbol) else { return value };
        self.changing.borrow_mut().push(object);
        let value = self.with_mutations(module, value, changes, &|id| self.eval(module, id, frame));
        self.changing.borrow_mut().pop();
        value
    }

    /// An object with these changes.
    fn with_mutations(
        &self,
        module: ModuleId,
        value: Value,
        changes: &[Mutation],
        value_of: &dyn Fn(ExprId) -> Value,
    ) -> Value {
        self.charge(value.size() + changes.len());
        let mut draft = ObjectDraft::Whole(value);
        for Mutation { path, kind, values, span } in changes {
            let at = self.at(module, *span);
            let values: Vec<Value> = values.iter().map(|&id| value_of(id)).collect();
            let Some(place) = draft.place(path, &at) else { continue };
            let old = std::mem::take(place).finish();
            *place = ObjectDraft::Whole(match kind {
                MutationKind::Set => {
                    replaced(path, &old, values.last().cloned().unwrap_or_default())
                }
                MutationKind::Push => {
                    let all = old.elements().iter().chain(&values).cloned();
                    Value::List(all.collect::<Vec<_>>().into())
                }
                MutationKind::Assign => {
                    let all = std::iter::once(&old).chain(&values).flat_map(Value::fields);
                    Value::Object(all.cloned().collect::<Vec<_>>().into())
                }
            });
        }
        draft.finish()
    }
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
