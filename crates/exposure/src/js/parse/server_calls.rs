//! Recognises calls of frameworks whose functions are removed from the client's code.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;

use crate::js::conventions::ServerCall;
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::inner;

impl Lowering<'_> {
    /// The kind of a call whose functions stay on the server.
    pub(super) fn server_call(&self, it: &ast::CallExpression<'_>) -> Option<ServerCall> {
        let (maker, function) = match inner(&it.callee) {
            ast::Expression::Identifier(callee) => (None, callee.name.as_str()),
            ast::Expression::StaticMemberExpression(callee) => {
                (Some(first_callee(&callee.object)?), callee.property.name.as_str())
            }
            _ => return None,
        };
        let mut known = self.conventions.server_calls.iter();
        known.find(|call| call.maker == maker && call.function == function).copied()
    }

    /// The options of a call of which a property stays on the server, and that property:
    /// `createFileRoute('/')({ … })`.
    pub(super) fn server_options<'a, 'b>(
        &self,
        it: &'b ast::CallExpression<'a>,
    ) -> Option<(&'b ast::ObjectExpression<'a>, &'static str)> {
        let maker = match inner(&it.callee) {
            ast::Expression::CallExpression(_) => first_callee(&it.callee)?,
            ast::Expression::Identifier(callee) => callee.name.as_str(),
            _ => return None,
        };
        let mut known = self.conventions.server_options.iter();
        let property = known.find(|option| option.maker == maker)?.property;
        match it.arguments.first()?.as_expression().map(inner)? {
            ast::Expression::ObjectExpression(options) => Some((options, property)),
            _ => None,
        }
    }
}

/// The function at the start of a chain of calls: `f` of `f().a().b`.
fn first_callee<'b>(it: &'b ast::Expression<'_>) -> Option<&'b str> {
    let mut at = inner(it);
    loop {
        match at {
            ast::Expression::CallExpression(call) => match inner(&call.callee) {
                ast::Expression::Identifier(callee) => return Some(callee.name.as_str()),
                callee => at = callee,
            },
            ast::Expression::StaticMemberExpression(member) => at = inner(&member.object),
            _ => return None,
        }
    }
}
