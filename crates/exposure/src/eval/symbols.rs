//! Values of names: variables, parameters and imports.

use crate::eval::circles::{Subject, UsedParameters};
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::value::Value;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::ir::{BindingTarget, ExprId, Imported, REST, Span, SymbolValue};
use crate::leak::{StepKind, TraceStep};
use crate::variables::read::ReadForm;

impl Evaluator<'_> {
    /// The value of a name.
    pub(super) fn symbol(&self, module: ModuleId, id: u32, frame: Option<CallFrame<'_>>) -> Value {
        self.answer(module, Subject::Symbol(id), frame, || self.work_out_symbol(module, id, frame))
    }

    /// Works out the value of a name.
    pub(super) fn work_out_symbol(
        &self,
        module: ModuleId,
        id: u32,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(symbol) = body.symbols.get(id as usize) else { return Value::Unknown };
        let first = match &symbol.value {
            SymbolValue::Init { expr, path, default } => {
                let whole = self.eval(module, *expr, frame);
                let left = match (&whole, &**path) {
                    // `const { key } = req`
                    (Value::Unknown, [name, _rest @ ..]) => {
                        self.left_on_object(module, *expr, name)
                    }
                    _ => Value::Unknown,
                };
                let found = match path.split_first() {
                    Some((_, rest)) if left.has_secret() => {
                        self.destructured(&left, rest, module, symbol.span)
                    }
                    _ => self.destructured(&whole, path, module, symbol.span),
                };
                self.or_default(module, found, *default, frame)
            }
            SymbolValue::Parameter { function, index, path, default } => {
                self.use_parameters(UsedParameters::of(module, *function));
                let given = match frame.and_then(|frame| frame.arguments_of(module, *function)) {
                    Some(all) if path.first().is_some_and(|part| &**part == REST) => {
                        Value::List(all.get(*index as usize..).unwrap_or_default().to_vec().into())
                    }
                    Some(all) => all.get(*index as usize).cloned().unwrap_or_default(),
                    None => {
                        let own = (module, *function);
                        let given = self.callback_argument(own, *index, frame);
                        let is_error = matches!(given, Value::Unknown) && *index == 0;
                        if is_error { self.errors_for_handler(own) } else { given }
                    }
                };
                let path = path.strip_prefix(&[Box::from(REST)]).unwrap_or(path);
                let found = match (self.destructured(&given, path, module, symbol.span), path) {
                    (Value::Unknown, [name, rest @ ..]) => {
                        let left = self.left_for_handler((module, *function), name);
                        self.destructured(&left, rest, module, symbol.span)
                    }
                    (found, _) => found,
                };
                self.or_default(module, found, *default, frame)
            }
            SymbolValue::Function(function) => Value::Function(module, *function),
            SymbolValue::Import => symbol.binding.map_or(Value::Unknown, |binding| {
                self.imported(BindingId { module, binding }, symbol.span)
            }),
            // `declare const` of a name that the build defines.
            SymbolValue::Unknown => {
                let defined = self.definitions.iter().find(|field| *field.key == *symbol.name);
                defined.map_or(Value::Unknown, |field| field.value.clone())
            }
        };
        let mut value = first;
        if !symbol.assigned.is_empty() {
            // `out += secret` adds to the value before.
            self.so_far(&value);
            let later = symbol.assigned.iter().map(|&expr| self.eval(module, expr, frame));
            value = Value::any_of(std::iter::once(value).chain(later).collect());
        }
        if self.root.is_none() && !symbol.added.is_empty() {
            self.so_far(&value);
            value = self.with_additions(module, symbol, value, frame);
        }
        if self.root.is_none()
            && matches!(value, Value::Instance(..))
            && body.changed.binary_search(&id).is_ok()
        {
            self.so_far(&value);
            value = self.after_filling(module, id, value, frame);
        }
        if self.root.is_some() {
            // Statements see an object as it was before.
            self.so_far(&value);
            value = self.after_statements(body, (module, id), value, frame);
        }
        if matches!(symbol.value, SymbolValue::Import) {
            return value;
        }
        value.with_hop(&|| TraceStep {
            at: self.at(module, symbol.span),
            kind: StepKind::Flow,
            note: format!("in `{}`", symbol.name),
        })
    }

    pub(super) fn or_default(
        &self,
        module: ModuleId,
        found: Value,
        default: Option<ExprId>,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        // A default takes the place of `undefined` alone.
        let is_given = matches!(
            found,
            Value::Text(_)
                | Value::Secret(_)
                | Value::Object(_)
                | Value::List(_)
                | Value::Function(..)
                | Value::Instance(..)
        );
        match default.filter(|_| !is_given) {
            None => found,
            Some(default) => Value::any_of(vec![found, self.eval(module, default, frame)]),
        }
    }

    pub(super) fn destructured(
        &self,
        value: &Value,
        path: &[Box<str>],
        module: ModuleId,
        span: Span,
    ) -> Value {
        let mut value = value.clone();
        for (depth, part) in path.iter().enumerate() {
            let form = if depth == 0 { ReadForm::Destructured } else { ReadForm::Alias };
            value = self.read_property(&value, part, form, module, span);
        }
        value
    }

    pub(super) fn imported(&self, place: BindingId, span: Span) -> Value {
        let (definition, name) = self.graph.definition_as(place);
        match definition {
            Definition::Binding(found) if found == place => Value::Unknown,
            Definition::Binding(found) => {
                let from = &self.graph.modules[found.module].path;
                self.export_of(found, name).with_hop(&|| TraceStep {
                    at: self.at(place.module, span),
                    kind: StepKind::Flow,
                    note: format!("imported from {from}"),
                })
            }
            Definition::Module(module) => Value::Module(module),
            Definition::External { specifier, name } => {
                self.package_variable(place.module, specifier, name, span)
            }
            Definition::Unknown => self.commonjs_import(place, span),
        }
    }

    /// An import from a CommonJS module: a property of its whole export, or that export.
    pub(super) fn commonjs_import(&self, place: BindingId, span: Span) -> Value {
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
}
