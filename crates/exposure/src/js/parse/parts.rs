//! Splits constant objects into their properties, so that code that names one does not use the rest.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::ir::{BindingTarget, Part};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, span};

impl Lowering<'_> {
    /// Makes a binding of each property of a constant, if it is an object without effects whose
    /// properties do not refer to each other.
    pub(super) fn split_object(&mut self, declarator: &ast::VariableDeclarator<'_>) {
        let ast::BindingPattern::BindingIdentifier(id) = &declarator.id else { return };
        let Some(whole) = self.binding_of(id) else { return };
        let Some(ast::Expression::ObjectExpression(object)) = declarator.init.as_ref().map(inner)
        else {
            return;
        };
        if object.properties.len() < 2 || !object.properties.iter().all(is_plain_property) {
            return;
        }
        for property in &object.properties {
            let ast::ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            let Some(name) = property.key.static_name() else { continue };
            let at = property.span;
            let binding = self.add_binding(
                format!("{}.{name}", id.name),
                span(property.key.span()),
                span(at),
                BindingTarget::Local,
            );
            self.module.parts.push(Part { whole, name: (*name).into(), binding });
            self.part_at.insert(at.start, binding);
        }
        self.split.insert(whole);
    }
}

fn is_plain_property(property: &ast::ObjectPropertyKind<'_>) -> bool {
    match property {
        ast::ObjectPropertyKind::ObjectProperty(it) => {
            it.kind == ast::PropertyKind::Init
                && !it.method
                && !it.computed
                && it.key.static_name().is_some_and(|name| name != "__proto__")
                && is_plain(&it.value)
        }
        ast::ObjectPropertyKind::SpreadProperty(_) => false,
    }
}

/// True for a value that is made without effects and cannot refer to the object around it.
fn is_plain(it: &ast::Expression<'_>) -> bool {
    match inner(it) {
        ast::Expression::StringLiteral(_)
        | ast::Expression::NumericLiteral(_)
        | ast::Expression::BooleanLiteral(_)
        | ast::Expression::NullLiteral(_)
        | ast::Expression::RegExpLiteral(_)
        | ast::Expression::Identifier(_)
        | ast::Expression::ImportMeta(_)
        | ast::Expression::ArrowFunctionExpression(_) => true,
        ast::Expression::TemplateLiteral(it) => it.expressions.iter().all(is_plain),
        ast::Expression::StaticMemberExpression(it) => is_plain(&it.object),
        ast::Expression::UnaryExpression(it) => is_plain(&it.argument),
        ast::Expression::BinaryExpression(it) => is_plain(&it.left) && is_plain(&it.right),
        ast::Expression::LogicalExpression(it) => is_plain(&it.left) && is_plain(&it.right),
        ast::Expression::ConditionalExpression(it) => {
            is_plain(&it.test) && is_plain(&it.consequent) && is_plain(&it.alternate)
        }
        ast::Expression::ObjectExpression(it) => it.properties.iter().all(is_plain_property),
        ast::Expression::ArrayExpression(it) => {
            it.elements.iter().all(|one| one.as_expression().is_some_and(is_plain))
        }
        _ => false,
    }
}
