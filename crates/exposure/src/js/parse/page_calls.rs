//! Recognises calls that only a page makes: mounting an app, defining a custom element.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;

use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, is_member, span};

impl Lowering<'_> {
    /// Records a call that only a page makes.
    pub(super) fn record_page_call(&mut self, it: &ast::CallExpression<'_>) {
        let is_page = match inner(&it.callee) {
            ast::Expression::Identifier(callee) => {
                matches!(callee.name.as_str(), "createRoot" | "hydrateRoot")
            }
            ast::Expression::StaticMemberExpression(callee) => {
                let object = inner(&callee.object);
                match callee.property.name.as_str() {
                    "createRoot" | "hydrateRoot" => true,
                    "render" | "hydrate" => {
                        matches!(object, ast::Expression::Identifier(it) if it.name == "ReactDOM")
                    }
                    "mount" => has_call_of(object, "createApp"),
                    "$mount" => matches!(object, ast::Expression::NewExpression(_)),
                    "define" => {
                        self.is_global(object, "customElements")
                            || is_member(object, "customElements")
                    }
                    _ => false,
                }
            }
            _ => false,
        };
        if is_page {
            self.set_page_call(it.span);
        }
    }

    pub(super) fn set_page_call(&mut self, at: oxc_span::Span) {
        if !self.guard.is_for_servers() && self.module.page_call.is_none() {
            self.module.page_call = Some(span(at));
        }
    }
}

/// True if a chain of calls begins with `name`: `createApp(App).use(router)`.
fn has_call_of(it: &ast::Expression<'_>, name: &str) -> bool {
    let mut it = inner(it);
    loop {
        let ast::Expression::CallExpression(call) = it else { return false };
        match inner(&call.callee) {
            ast::Expression::Identifier(callee) => return callee.name == name,
            ast::Expression::StaticMemberExpression(callee) => {
                if callee.property.name == name {
                    return true;
                }
                it = inner(&callee.object);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::js::parse::testing::assert_shapes;

    #[test]
    fn calls_of_pages_mark_pages() {
        assert_shapes(
            "a.js",
            &[
                ("createRoot(x)", "page"),
                ("function f() { ReactDOM.render(x) }", "f; page"),
                ("createApp(x).use(y).mount('#a')", "page"),
                ("customElements.define('a', A)", "page"),
                ("document.title = 1", "page"),
                ("function f() { document.title }", "f"),
                ("if (typeof document === 'undefined') document.x", ""),
                ("const document = {}; document.x", "* document; document"),
            ],
        );
    }
}
