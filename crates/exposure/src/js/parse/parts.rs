//! Splits constant objects into their properties, so that code that names one does not use the rest.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::ir::{BindingTarget, Expr, ExprId, Part};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, offset, span, symbol_index};

/// How deep properties are told apart.
pub(super) const MAX_DEPTH: usize = 3;

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
        self.split_properties(whole, &id.name, object, MAX_DEPTH);
    }

    /// Makes a binding of each property of an object without effects that is the value of `whole`.
    pub(super) fn split_properties(
        &mut self,
        whole: usize,
        named: &str,
        object: &ast::ObjectExpression<'_>,
        depth: usize,
    ) {
        if object.properties.len() < 2 || !object.properties.iter().all(is_plain_property) {
            return;
        }
        for property in &object.properties {
            let ast::ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            let Some(name) = property.key.static_name() else { continue };
            let key = property.key.span();
            let part = self.add_part((whole, named), &name, key, property.span);
            if let ast::Expression::ObjectExpression(inner) = inner(&property.value)
                && depth > 1
            {
                self.split_properties(part, &format!("{named}.{name}"), inner, depth - 1);
            }
        }
        self.split.insert(whole);
    }

    /// Makes a binding of each member of an enum that is registered, if all are written texts or
    /// numbers: compilers put these where code of the same module names them.
    pub(super) fn split_enum(&mut self, it: &ast::TSEnumDeclaration<'_>) {
        let Some(whole) = self.binding_of(&it.id) else { return };
        let is_literal = |member: &ast::TSEnumMember<'_>| {
            member.initializer.as_ref().is_none_or(|value| {
                matches!(
                    inner(value),
                    ast::Expression::StringLiteral(_) | ast::Expression::NumericLiteral(_)
                )
            })
        };
        // Another declaration of the same name adds members.
        if self.split.contains(&whole) || !it.body.members.iter().all(is_literal) {
            return;
        }
        for member in &it.body.members {
            let name = member.id.static_name();
            self.add_part((whole, &it.id.name), name.as_str(), member.id.span(), member.span);
        }
        self.split.insert(whole);
        self.module.enums.push(whole);
    }

    /// Lowers the object of `settings[import.meta.env.MODE]`, which uses each property under the test
    /// that the mode is its name.
    pub(super) fn table_by_mode(
        &mut self,
        it: &ast::ComputedMemberExpression<'_>,
    ) -> Option<ExprId> {
        let guard_of = self.guards_by_name(&it.expression)?;
        let ast::Expression::Identifier(id) = inner(&it.object) else { return None };
        let symbol = symbol_index(self.symbol(id)?);
        let whole = self.bindings.get(symbol).copied().flatten()?;
        if !self.split.contains(&whole) {
            return None;
        }
        let parts = self.module.parts.iter().filter(|part| part.whole == whole);
        let names: Vec<Box<str>> = parts.map(|part| part.name.clone()).collect();
        for name in names {
            let guard = guard_of(&name);
            self.with_guard(guard, |lowering| {
                lowering.use_symbol(symbol, Some(&name), span(id.span));
            });
        }
        Some(self.add(id.span, || Expr::Symbol(offset(symbol))))
    }

    fn add_part(
        &mut self,
        (whole, named): (usize, &str),
        name: &str,
        key: oxc_span::Span,
        at: oxc_span::Span,
    ) -> usize {
        let binding =
            self.add_binding(format!("{named}.{name}"), span(key), span(at), BindingTarget::Local);
        self.module.parts.push(Part { whole, name: name.into(), binding });
        self.part_at.insert(at.start, binding);
        binding
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
