//! Values of expressions, by their kind.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::sync::Arc;

use crate::eval::calls::{CallSite, is_spread};
use crate::eval::circles::UsedParameters;
use crate::eval::collections::MAX_ITEMS;
use crate::eval::errors::ERROR;
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::limits::{MAX_SIZE, MAX_TEXT};
use crate::eval::told_keys::told_secrets;
use crate::eval::value::{Field, Taint, TaintOrigin, Value, last_of_each};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Expr, ExprId, Logic, Property, PropertyKey, Span};
use crate::leak::{FileSpan, StepKind, TraceStep};
use crate::variables::read::ReadForm;

impl Evaluator<'_> {
    /// The value of an expression by its kind.
    pub(super) fn evaluate(
        &self,
        module: ModuleId,
        id: ExprId,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(node) = body.node(id) else { return Value::Unknown };
        match &node.expr {
            Expr::Text(text) => {
                if self.texts.is_some_and(|texts| !texts.may_have_secret(module, id)) {
                    return Value::Text(Arc::clone(text));
                }
                let value = self.text(module, node.span, text);
                if let (Value::Text(_), Some(texts)) = (&value, self.texts) {
                    texts.has_none(module, id);
                }
                value
            }
            Expr::Literal(text) => Value::Literal(Arc::clone(text)),
            Expr::Concat(parts) => self.concat(module, node.span, parts, frame),
            Expr::Symbol(symbol) => self.work_out_symbol(module, *symbol, frame),
            Expr::Global(name) if matches!(&**name, "undefined" | "NaN") => {
                Value::Literal((**name).into())
            }
            Expr::Global(name)
                if let Some(link) =
                    self.graph.modules[module].named.iter().find(|link| *link.name == **name) =>
            {
                let export = link.export.as_deref().unwrap_or("default");
                let note = || TraceStep {
                    at: self.at(module, node.span),
                    kind: StepKind::Flow,
                    note: format!("imported from {}", self.graph.modules[link.target].path),
                };
                self.export(link.target, export).with_hop(&note)
            }
            Expr::Global(name)
                if let Some(field) = self.definitions.iter().find(|it| *it.key == **name) =>
            {
                field.value.clone()
            }
            Expr::Global(name) if &**name == "$config" => {
                self.whole_runtime_config(module, node.span)
            }
            // A name that no script of a Vue component declares is one of its component's.
            Expr::Global(name) if self.graph.modules[module].path.ends_with(".vue") => {
                self.component_property(module, name, node.span, frame)
            }
            Expr::Global(name) if &**name == "__dirname" => self.folder(module),
            Expr::Global(name) if &**name == "this" => self.this(module, node.span, frame),
            Expr::Global(name) if &**name == "super" => {
                self.super_of_this(module, node.span, frame)
            }
            Expr::RegExp(pattern) if self.root.is_some() => {
                let pattern = Value::Text((**pattern).into());
                Value::CallResult("RegExp".into(), vec![pattern].into())
            }
            Expr::Global(_)
            | Expr::ImportMeta
            | Expr::RegExp(_)
            | Expr::Element(_)
            | Expr::Other => Value::Unknown,
            Expr::Member(object, property)
                if &**property == "dirname"
                    && let Some(Expr::ImportMeta) = body.node(*object).map(|node| &node.expr) =>
            {
                self.folder(module)
            }
            Expr::Member(object, property) => {
                self.member(module, node.span, *object, property, ReadForm::Member, frame)
            }
            Expr::Index(..)
                if let Some(element) = frame.and_then(|frame| frame.element_of(module, id)) =>
            {
                self.use_parameters(UsedParameters::ELEMENT);
                element.clone()
            }
            Expr::Index(object, index) => match self.eval(module, *index, frame) {
                // An element of a loop, or any other: `posts[params.id]`.
                Value::Unknown | Value::Variable | Value::CallResult(..) => {
                    self.use_parameters(UsedParameters::ELEMENT);
                    let list = self.eval(module, *object, frame);
                    match body.node(*index).map(|node| &node.expr) {
                        Some(Expr::Other) => self.element_of_loop(&list),
                        _ => self.any_element(&list),
                    }
                }
                Value::Any(names) => {
                    let names = names.iter().filter_map(Value::text).take(MAX_ITEMS);
                    let read = |name| {
                        self.member(module, node.span, *object, name, ReadForm::Computed, frame)
                    };
                    Value::any_of(names.map(read).collect())
                }
                Value::Text(name) => {
                    let is_literal =
                        matches!(body.node(*index).map(|node| &node.expr), Some(Expr::Text(_)));
                    let form = if is_literal { ReadForm::Index } else { ReadForm::Computed };
                    self.member(module, node.span, *object, &name, form, frame)
                }
                Value::Literal(number) => {
                    let list = self.eval(module, *object, frame);
                    self.read_property(&list, &number, ReadForm::Alias, module, node.span)
                }
                _ => Value::Unknown,
            },
            Expr::Call { .. } | Expr::Import(_)
                if let Some(value) = self.many_modules(module, id, frame) =>
            {
                value
            }
            Expr::Caught { thrown, block } => self.caught(module, thrown, *block, frame),
            Expr::Call { callee, arguments, is_new } => {
                let (span, callee) = (node.span, *callee);
                let site = CallSite { module, span, callee, arguments, frame };
                if *is_new { self.call_new(site) } else { self.call(site) }
            }
            Expr::Object(properties) => {
                match (self.prototype(module, id), self.object(module, properties, frame)) {
                    (Some(own), Value::Object(fields)) => Value::Object(
                        fields.iter().cloned().chain([own]).collect::<Vec<_>>().into(),
                    ),
                    (_, object) => object,
                }
            }
            Expr::Array(elements) => {
                let mut values = Vec::new();
                for &element in elements {
                    match self.eval(module, element, frame) {
                        Value::List(inner) if is_spread(body, element) => {
                            values.extend(inner.iter().cloned());
                        }
                        other => values.push(other),
                    }
                    if values.len() > MAX_SIZE {
                        return self.too_large(&Value::List(values.into()));
                    }
                }
                Value::List(values.into())
            }
            Expr::Spread(inner) => self.eval(module, *inner, frame),
            Expr::Function(function) => Value::Function(module, *function),
            Expr::Union(branches)
                if let Some(branch) = self.only_branch(module, id, branches, frame) =>
            {
                branch.map_or(Value::Unknown, |branch| self.eval(module, branch, frame))
            }
            Expr::Union(branches) => {
                let mut values = Vec::with_capacity(branches.len());
                for &branch in branches {
                    let value = self.eval(module, branch, frame);
                    // Variables may be missing where the code runs, a text in a call is not.
                    if frame.is_some()
                        && matches!(&value, Value::Text(text) if !text.is_empty())
                        && values.is_empty()
                        && matches!(body.logic(id), Some(Logic::Or))
                    {
                        return value;
                    }
                    values.push(value);
                }
                Value::any_of(values)
            }
            Expr::Import(import) => match self.graph.targets(module, *import as usize).first() {
                Some(&target) => Value::Module(target),
                None => Value::Unknown,
            },
        }
    }

    /// A text; a secret if there is a key in it.
    pub(super) fn text(&self, module: ModuleId, span: Span, text: &Arc<str>) -> Value {
        let node = &self.graph.modules[module];
        if !node.may_have_key_in(span, text) {
            return Value::Text(Arc::clone(text));
        }
        let value = self.text_at(&node.path, span, text);
        if !matches!(value, Value::Text(_)) {
            return value;
        }
        // A key that the text around the literal tells.
        let told = told_secrets(&node.seeds, self.catalog, span, text).next();
        told.map_or(value, |(key_kind, secret, span)| {
            let at = FileSpan { path: Arc::clone(&node.path), span };
            let origin = TaintOrigin::Written { secret, at };
            Value::Secret(Arc::new(Taint { key_kind, origin, hops: Vec::new() }))
        })
    }

    /// A text of a file; a secret if there is a key in it.
    pub(super) fn text_at(&self, path: &Arc<str>, span: Span, text: &Arc<str>) -> Value {
        let keys = self.keys.find(text);
        let secret = keys.iter().find(|key| self.catalog.is_secret(key.key_kind));
        let Some(key) = secret else { return Value::Text(Arc::clone(text)) };
        // Quotes are one byte, and a whole file has none; a text with escapes is found as a whole.
        let length = (span.end - span.start) as usize;
        let at = if length == text.len() + 2 || length == text.len() {
            let quote = u32::from(length != text.len());
            let start = span.start + quote + key.range.start as u32;
            Span::new(start, start + key.range.len() as u32)
        } else {
            span
        };
        Value::Secret(Arc::new(Taint {
            key_kind: key.key_kind,
            origin: TaintOrigin::Written {
                secret: key.secret.clone(),
                at: FileSpan { path: Arc::clone(path), span: at },
            },
            hops: Vec::new(),
        }))
    }

    pub(super) fn concat(
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

    /// Texts one after another.
    pub(super) fn joined(&self, module: ModuleId, span: Span, values: &[Value]) -> Value {
        let mut secrets = Vec::new();
        values.iter().for_each(|value| embedded_secrets(value, &mut secrets));
        if !secrets.is_empty() {
            return Value::any_of(secrets);
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

    pub(super) fn object(
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
                        fields.extend(self.exported_value(module).fields().iter().cloned());
                    }
                    Value::Unknown => {}
                    Value::Any(values) if values.iter().all(may_be_spread) => {
                        fields.extend(fields_of_any(&values));
                    }
                    other => fields.push(Field { key: "...".into(), value: other, at }),
                },
            }
            if fields.len() > MAX_SIZE {
                return self.too_large(&Value::Object(fields.into()));
            }
        }
        let is_spread = |property: &Property| matches!(property.key, PropertyKey::Spread);
        if properties.iter().any(is_spread) {
            fields = last_of_each(fields);
        }
        Value::Object(fields.into())
    }
}

/// True for a value of which all properties with a secret are known: an object, or one that has none, such
/// as `null`.
fn may_be_spread(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Literal(_))
        || matches!(value, Value::CallResult(..)) && !value.has_secret()
}

/// The properties of several values of which one counts, each with all its values.
fn fields_of_any(values: &[Value]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for field in values.iter().flat_map(Value::fields) {
        match fields.iter_mut().find(|known| known.key == field.key) {
            Some(known) => {
                known.value = Value::any_of(vec![known.value.clone(), field.value.clone()]);
            }
            None => fields.push(field.clone()),
        }
    }
    fields
}

/// The secrets in a text that contains a value: an object is written as JSON there.
fn embedded_secrets(value: &Value, found: &mut Vec<Value>) {
    match value {
        // A text with an error in it has its message.
        Value::CallResult(name, given) if name.ends_with(ERROR) => {
            given.first().into_iter().for_each(|message| embedded_secrets(message, found));
        }
        Value::Secret(_) | Value::Environment(..) => found.push(value.clone()),
        Value::Object(fields) => {
            fields.iter().for_each(|field| embedded_secrets(&field.value, found));
        }
        Value::List(values) | Value::Any(values) => {
            values.iter().for_each(|value| embedded_secrets(value, found));
        }
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Variable
        | Value::Function(..)
        | Value::Module(_)
        | Value::Instance(..)
        | Value::CallResult(..) => {}
    }
}
