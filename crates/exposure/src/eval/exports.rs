//! Values that modules export.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::sync::Arc;

use crate::catalog::KeyKindId;
use crate::eval::evaluator::Evaluator;
use crate::eval::limits::MAX_CALLS;
use crate::eval::value::{Field, Taint, TaintOrigin, Value};
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::ir::{ExportSource, ExprId, Span};
use crate::leak::FileSpan;
use crate::variables::read::{EnvRoot, ReadForm};

impl Evaluator<'_> {
    /// The value that a module exports under a name.
    pub(crate) fn export(&self, module: ModuleId, name: &str) -> Value {
        let (definition, name) = self.graph.exported_as(module, name);
        match definition {
            Definition::Binding(place) => self.export_of(place, name),
            Definition::Module(module) => Value::Module(module),
            Definition::External { .. } | Definition::Unknown => Value::Unknown,
        }
    }

    /// The value of a binding under the name by which it is imported. A name of CommonJS or JSON is a
    /// property of the whole export.
    pub(super) fn export_of(&self, place: BindingId, name: &str) -> Value {
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
    pub(super) fn module_object(&self, module: ModuleId) -> Value {
        let path = &self.graph.modules[module].path;
        let fields = self.graph.exports(module).into_iter().map(|(name, binding, span)| Field {
            key: name.into(),
            value: self.export_of(BindingId { module, binding }, name),
            at: FileSpan { path: path.clone(), span },
        });
        Value::Object(fields.collect::<Vec<_>>().into())
    }

    /// The exports of a module; of CommonJS, the object that it exports as a whole.
    pub(super) fn exported_value(&self, module: ModuleId) -> Value {
        let all = self.module_object(module);
        let whole = all.get("default");
        let is_in_whole =
            |field: &Field| &*field.key == "default" || whole.field(&field.key).is_some();
        let is_commonjs = matches!(whole, Value::Object(_)) && all.fields().iter().all(is_in_whole);
        if is_commonjs { whole.clone() } else { all }
    }

    /// A value as its receiver sees it: modules become their exports, parts of the runtime
    /// configuration the secrets in them.
    pub(crate) fn expanded(&self, value: Value, depth: u32) -> Value {
        let is_closed = |value: &Value| {
            matches!(
                value,
                Value::Module(_)
                    | Value::Instance(..)
                    | Value::Environment(EnvRoot::RuntimeConfig(1..), _)
            )
        };
        match value {
            Value::Module(module) => self.exported_value(module),
            Value::Instance(..) if depth < MAX_CALLS => {
                self.expanded(self.fields_of_instance(&value), depth + 1)
            }
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
                    value: self.expanded(field.value.clone(), depth + 1),
                    ..field.clone()
                });
                Value::Object(opened.collect::<Vec<_>>().into())
            }
            other => other,
        }
    }

    /// The value of a top-level binding.
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
}
