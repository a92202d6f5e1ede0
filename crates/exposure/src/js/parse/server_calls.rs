//! Recognises calls of frameworks whose functions a compiler takes out of the client's code.

use oxc_ast::ast;

use crate::js::parse::syntax::inner;

/// Whether the functions that a call is given stay on the server, and then, whether what they give
/// back is sent to the client: those of TanStack Start and Qwik.
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

/// The options of a route of TanStack Start, of which `server` stays on the server:
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

/// The function that a chain of calls begins with: `f` of `f().a().b`.
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
