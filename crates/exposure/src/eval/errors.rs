//! Errors: what code throws, and what a `catch` gets.

use crate::eval::calls::CallSite;
use crate::eval::circles::Subject;
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::limits::MAX_CALLS;
use crate::eval::value::Value;
use crate::graph::modules::ModuleId;
use crate::js::ir::{Expr, ExprId, Span};
use crate::variables::read::ReadForm;

/// How the name of a class of errors ends.
pub(super) const ERROR: &str = "Error";

impl Evaluator<'_> {
    /// The error that a `catch` takes: one that the block throws, or that a function does which it calls.
    pub(super) fn caught(
        &self,
        module: ModuleId,
        thrown: &[ExprId],
        block: (ExprId, ExprId),
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let own = thrown.iter().map(|&error| self.with_message(self.eval(module, error, frame)));
        let mut all: Vec<Value> = own.collect();
        all.extend(self.thrown_by_calls(module, block, frame));
        Value::any_of(all.into_iter().filter(Value::has_secret).collect())
    }

    /// An error of a class of one's own with its message, if a secret is in that: a class may give it to the
    /// one that it extends.
    pub(super) fn with_message(&self, error: Value) -> Value {
        let Value::Instance(module, ..) = error else { return error };
        // Most classes have nothing to tell.
        if error.has_secret() || !self.graph.may_have_secret(module) {
            return error;
        }
        let message =
            self.read_property(&error, "message", ReadForm::Alias, module, Span::default());
        if !message.has_secret() {
            return error;
        }
        let at = self.at(module, Span::default());
        self.with_field(&error, "message", message, at).unwrap_or(error)
    }

    /// The messages of the errors that a function throws.
    pub(crate) fn messages_thrown(&self, module: ModuleId, function: u32) -> Value {
        self.steps.set(0);
        let error = self.thrown(self.frame_of((module, function), &[], 1));
        let span = self.body(module).and_then(|body| body.functions.get(function as usize));
        let span = span.map(|function| function.span).unwrap_or_default();
        let message = self.read_property(&error, "message", ReadForm::Alias, module, span);
        self.charged(message)
    }

    /// The errors with a secret that a call of a function throws.
    fn thrown(&self, frame: CallFrame<'_>) -> Value {
        let CallFrame { module, function, depth, .. } = frame;
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(known) = body.functions.get(function as usize) else { return Value::Unknown };
        self.answer(module, Subject::Thrown(function), Some(frame), || {
            let own = known.throws.iter();
            let own = own.map(|&error| self.with_message(self.eval(module, error, Some(frame))));
            let mut all: Vec<Value> = own.collect();
            if depth < MAX_CALLS {
                all.extend(self.thrown_by_calls(module, known.nodes, Some(frame)));
            }
            Value::any_of(all.into_iter().filter(Value::has_secret).collect())
        })
    }

    /// The errors that the functions throw which some expressions call. Functions within these do not
    /// count: they may run later.
    fn thrown_by_calls(
        &self,
        module: ModuleId,
        (first, end): (ExprId, ExprId),
        frame: Option<CallFrame<'_>>,
    ) -> Vec<Value> {
        let Some(body) = self.body(module) else { return Vec::new() };
        let nodes = body.nodes.get(first as usize..end as usize).unwrap_or_default();
        self.charge(nodes.len());
        let function_of = |context: u32| body.contexts.get(context as usize)?.function;
        // The last expression is not within another function of the block.
        let own = nodes.last().map(|node| function_of(node.context));
        let calls = nodes.iter().filter(|node| Some(function_of(node.context)) == own);
        let depth = frame.map_or(0, |frame| frame.depth);
        let thrown = calls.filter_map(|node| {
            let Expr::Call { callee, arguments, is_new: false } = &node.expr else { return None };
            let Value::Function(home, function) = self.eval(module, *callee, frame) else {
                return None;
            };
            let known = self.body(home)?.functions.get(function as usize)?;
            // Most functions throw nothing of their own and call none that does.
            if known.throws.is_empty() && depth > 0 {
                return None;
            }
            let site = CallSite { module, span: node.span, callee: *callee, arguments, frame };
            let arguments = self.arguments(site);
            let used_before = self.used.get();
            let error = self.thrown(self.frame_of((home, function), &arguments, depth + 1));
            self.used.set(used_before);
            Some(error)
        });
        thrown.collect()
    }
}
