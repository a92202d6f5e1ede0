//! Recognises calls of TanStack Start and Qwik whose functions are removed from the client's code.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;

use crate::js::parse::syntax::inner;

/// `Some` if the functions given to a call stay on the server; the flag is set if their results are
/// sent to the client.
pub(super) fn kept_on_server(it: &ast::CallExpression<'_>) -> Option<bool> {
    match inner(&it.callee) {
        ast::Expression::Identifier(callee) => match callee.name.as_str() {
            "server$" | "routeLoader$" | "routeAction$" | "globalAction$" => Some(true),
            "createServerOnlyFn" => Some(false),
            _ => None,
        },
        ast::Expression::StaticMemberExpression(callee) => {
            let maker = first_callee(&callee.object)?;
            match (maker, callee.property.name.as_str()) {
                ("createServerFn", "handler") => Some(true),
                ("createMiddleware" | "createIsomorphicFn", "server") => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The options of a route of TanStack Start, whose `server` stays on the server:
/// `createFileRoute('/')({ … })`.
pub(super) fn route_options<'a, 'b>(
    it: &'b ast::CallExpression<'a>,
) -> Option<&'b ast::ObjectExpression<'a>> {
    let maker = match inner(&it.callee) {
        ast::Expression::CallExpression(_) => first_callee(&it.callee)?,
        ast::Expression::Identifier(callee) => callee.name.as_str(),
        _ => return None,
    };
    let is_maker = matches!(
        maker,
        "createFileRoute" | "createRootRoute" | "createRootRouteWithContext" | "createRoute"
    );
    match it.arguments.first().filter(|_| is_maker)?.as_expression().map(inner)? {
        ast::Expression::ObjectExpression(options) => Some(options),
        _ => None,
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
