//! One module of an app while it is checked.

use crate::checks::checker::{Checker, context};
use crate::eval::evaluator::Evaluator;
use crate::eval::value::Value;
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{Body, Context, ExprId, ExprNode};
use crate::leak::Leak;
use crate::severity::Severity;

/// A module with all that its checks ask.
#[derive(Clone, Copy)]
pub(crate) struct CheckedModule<'c, 'a> {
    pub(crate) checker: &'c Checker<'a>,
    pub(crate) evaluator: &'c Evaluator<'a>,
    pub(crate) id: ModuleId,
    /// Its expressions.
    pub(crate) body: &'a Body,
    /// The call of a function of the module that is looked at.
    pub(crate) given: Option<GivenCall<'c>>,
}

/// A call of a function whose arguments are known.
#[derive(Clone, Copy)]
pub(crate) struct GivenCall<'g> {
    /// The number of the function in its module.
    pub(crate) function: u32,
    pub(crate) arguments: &'g [Value],
    /// The object that it is called on.
    pub(crate) this: Option<&'g Value>,
}

impl<'c, 'a> CheckedModule<'c, 'a> {
    /// The module of this number; `None` if it has no expressions.
    pub(crate) fn new(
        checker: &'c Checker<'a>,
        id: ModuleId,
        evaluator: &'c Evaluator<'a>,
    ) -> Option<Self> {
        Some(Self { checker, evaluator, id, body: evaluator.body(id)?, given: None })
    }

    /// The path of the module's file.
    pub(crate) fn path(&self) -> &'c std::sync::Arc<str> {
        &self.checker.graph.modules[self.id].path
    }

    /// The context of this number.
    pub(crate) fn context(&self, number: u32) -> Context {
        context(self.body, number)
    }

    /// The context of an expression.
    pub(crate) fn context_of(&self, expr: ExprId) -> Context {
        self.context(self.body.nodes[expr as usize].context)
    }

    /// Makes a leak of an expression a warning if a build knows the constants that a test around it
    /// asks for.
    pub(crate) fn leave_out_excluded(&self, leak: &mut Leak, node: &ExprNode, place: BindingId) {
        if leak.severity == Severity::Error && self.evaluator.is_excluded(self.id, node.span) {
            self.checker.leave_out(leak, place, Guard::LeftOut(Absence::ConstantTest));
        }
    }

    /// The place of a binding of the module.
    pub(crate) fn place(&self, binding: usize) -> BindingId {
        BindingId { module: self.id, binding }
    }

    /// True if a secret may get to the code of this context, and it is to be checked.
    pub(crate) fn is_suspect(&self, number: u32) -> bool {
        self.checker.suspects.is_checked(self.place(self.context(number).binding))
    }

    /// True if a secret may be in the value of an expression, or in what it returns if it is a function.
    pub(crate) fn may_carry(&self, expr: ExprId) -> bool {
        if self.given.is_some() {
            return true;
        }
        let carries = self.checker.carriers.may_carry(self.id, expr);
        #[cfg(test)]
        assert!(
            carries || !self.evaluator.finds_secret(self.id, expr),
            "{} {:?}",
            self.path(),
            self.body.node(expr)
        );
        carries
    }

    /// The value of an expression.
    pub(crate) fn value(&self, expr: ExprId) -> Value {
        self.value_in_call(expr).unwrap_or_else(|| self.evaluator.value(self.id, expr))
    }

    /// The value of an expression that is sent.
    pub(crate) fn value_sent(&self, expr: ExprId) -> Value {
        self.value_in_call(expr).unwrap_or_else(|| self.evaluator.value_sent(self.id, expr))
    }

    fn value_in_call(&self, expr: ExprId) -> Option<Value> {
        let GivenCall { function, arguments, this } = self.given?;
        Some(self.evaluator.value_given_on(self.id, expr, (function, arguments), this))
    }
}
