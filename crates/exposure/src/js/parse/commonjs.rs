//! Lowers exports of CommonJS: `module.exports = …`, `exports.a = …`.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;

use crate::js::ir::{BindingTarget, ExportSource, Imported};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::parts::MAX_DEPTH;
use crate::js::parse::syntax::{inner, span, symbol_index};

impl Lowering<'_> {
    /// The name that an assignment exports by CommonJS; `default` is the whole of `module.exports`.
    pub(super) fn commonjs_export<'a>(
        &self,
        target: &'a ast::AssignmentTarget<'_>,
    ) -> Option<&'a str> {
        let ast::AssignmentTarget::StaticMemberExpression(it) = target else { return None };
        let name = it.property.name.as_str();
        if self.is_global(&it.object, "module") && name == "exports" {
            return Some("default");
        }
        self.is_exports(&it.object).then_some(name)
    }

    /// True for `exports` and `module.exports`.
    fn is_exports(&self, it: &ast::Expression<'_>) -> bool {
        match inner(it) {
            ast::Expression::StaticMemberExpression(it) => {
                it.property.name == "exports" && self.is_global(&it.object, "module")
            }
            other => self.is_global(other, "exports"),
        }
    }

    pub(super) fn top_commonjs(&mut self, it: &ast::AssignmentExpression<'_>, name: &str) {
        let at = it.span;
        let owner = self.add_binding(name.to_owned(), span(at), span(at), BindingTarget::Local);
        self.add_region(at, owner);
        if name == "default"
            && let ast::Expression::ObjectExpression(object) = inner(&it.right)
            && self.names_exports_once()
        {
            self.split_properties(owner, "default", object, MAX_DEPTH);
        }
        let before = std::mem::take(&mut self.runs);
        self.with_owner(owner, |lowering| {
            lowering.assignment(it);
        });
        if self.runs {
            self.module.running.push(owner);
        }
        self.runs |= before;
        if name != "default" {
            self.export(name, owner, at);
            return;
        }
        self.export("default", owner, at);
        match inner(&it.right) {
            ast::Expression::ObjectExpression(object) => self.export_properties(object, owner),
            ast::Expression::CallExpression(call) => {
                if let Some(import) = self.calls.get(&call.span.start).copied() {
                    let source = ExportSource::Import { import, name: Imported::All };
                    self.add_export("*", source, span(at));
                }
            }
            _ => {}
        }
    }

    /// True if a module names what it exports in a single place, so that only others read it.
    fn names_exports_once(&self) -> bool {
        let all = self.scoping.root_unresolved_references();
        let count = |name: &str| all.get(name).map_or(0, |places| places.len());
        count("module") == 1 && count("exports") == 0
    }

    /// Exports the properties of `module.exports = { … }`.
    fn export_properties(&mut self, object: &ast::ObjectExpression<'_>, owner: usize) {
        for property in object.properties.iter().filter_map(|one| one.as_property()) {
            let Some(name) = property.key.static_name() else { continue };
            let own = match inner(&property.value) {
                ast::Expression::Identifier(it) => self
                    .symbol(it)
                    .and_then(|symbol| self.bindings.get(symbol_index(symbol)).copied().flatten()),
                _ => None,
            };
            self.export(&name, own.unwrap_or(owner), property.span);
        }
    }
}
