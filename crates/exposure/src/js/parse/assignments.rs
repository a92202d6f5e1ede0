//! Lowers assignments to names, members and patterns.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_syntax::operator::AssignmentOperator;

use crate::js::ir::{Addition, Expr, ExprId};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::span;

impl Lowering<'_> {
    pub(super) fn assignment(&mut self, it: &ast::AssignmentExpression<'_>) -> ExprId {
        let name = match &it.left {
            ast::AssignmentTarget::AssignmentTargetIdentifier(it) => it.name.as_str(),
            ast::AssignmentTarget::StaticMemberExpression(it) => it.property.name.as_str(),
            _ => "",
        };
        let right = self.expr_named(&it.right, name);
        let value = match it.operator {
            AssignmentOperator::Assign
            | AssignmentOperator::LogicalAnd
            | AssignmentOperator::LogicalOr
            | AssignmentOperator::LogicalNullish => right,
            AssignmentOperator::Addition => match &it.left {
                ast::AssignmentTarget::AssignmentTargetIdentifier(target) => {
                    let before = self.identifier(target, None);
                    self.add(it.span, || Expr::Concat(vec![before, right]))
                }
                _ => right,
            },
            _ => self.other(it.span),
        };
        self.assign_target(&it.left, value);
        value
    }

    pub(super) fn assign_target(&mut self, target: &ast::AssignmentTarget<'_>, value: ExprId) {
        match target {
            ast::AssignmentTarget::ObjectAssignmentTarget(it) => self.assign_object(it, value),
            ast::AssignmentTarget::ArrayAssignmentTarget(it) => {
                for (index, element) in it.elements.iter().enumerate() {
                    let Some(element) = element else { continue };
                    let value = self.add(it.span, || Expr::Member(value, index.to_string().into()));
                    self.assign_element(element, value);
                }
                if let Some(rest) = &it.rest {
                    let value = self.other(rest.span);
                    self.assign_target(&rest.target, value);
                }
            }
            other => self.assign_simple(other.to_simple_assignment_target(), value),
        }
    }

    fn assign_object(&mut self, it: &ast::ObjectAssignmentTarget<'_>, value: ExprId) {
        for property in &it.properties {
            match property {
                ast::AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(it) => {
                    let name = it.binding.name.as_str();
                    let member = self.add(it.span, || Expr::Member(value, name.into()));
                    self.assign_name(&it.binding, member);
                    if let Some(init) = &it.init {
                        let default = self.expr_named(init, name);
                        self.assign_name(&it.binding, default);
                    }
                }
                ast::AssignmentTargetProperty::AssignmentTargetPropertyProperty(it) => {
                    let member = match it.name.static_name() {
                        Some(name) => self.add(it.span, || Expr::Member(value, (&*name).into())),
                        None => {
                            let index = self.key(&it.name);
                            self.add(it.span, || Expr::Index(value, index))
                        }
                    };
                    self.assign_element(&it.binding, member);
                }
            }
        }
        if let Some(rest) = &it.rest {
            let value = self.other(rest.span);
            self.assign_target(&rest.target, value);
        }
    }

    fn assign_element(&mut self, it: &ast::AssignmentTargetMaybeDefault<'_>, value: ExprId) {
        match it {
            ast::AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(it) => {
                let default = self.expr(&it.init);
                let value = self.add(it.span, || Expr::Union(vec![value, default]));
                self.assign_target(&it.binding, value);
            }
            other => self.assign_target(other.to_assignment_target(), value),
        }
    }

    pub(super) fn assign_simple(&mut self, it: &ast::SimpleAssignmentTarget<'_>, value: ExprId) {
        let target = match it {
            ast::SimpleAssignmentTarget::AssignmentTargetIdentifier(it) => {
                self.assign_name(it, value);
                return;
            }
            ast::SimpleAssignmentTarget::TSAsExpression(it) => self.expr(&it.expression),
            ast::SimpleAssignmentTarget::TSSatisfiesExpression(it) => self.expr(&it.expression),
            ast::SimpleAssignmentTarget::TSNonNullExpression(it) => self.expr(&it.expression),
            ast::SimpleAssignmentTarget::TSTypeAssertion(it) => self.expr(&it.expression),
            other => self.member(other.to_member_expression()),
        };
        self.assign_member(target, value);
    }

    pub(super) fn assign_member(&mut self, target: ExprId, value: ExprId) {
        let Some(body) = &mut self.body else { return };
        body.assignments.push((target, value));
        // `url.search = x`
        if let Some(Expr::Member(object, name)) = body.node(target).map(|node| &node.expr)
            && matches!(&**name, "search" | "hash" | "href" | "username" | "password")
            && let Some(Expr::Symbol(symbol)) = body.node(*object).map(|node| &node.expr)
        {
            let symbol = *symbol as usize;
            body.symbols[symbol].added.push(Addition::Part(value));
        }
        self.record_change(target);
    }

    /// Records that a statement changes the object at the root of a chain of properties, and returns its
    /// symbol.
    pub(super) fn record_change(&mut self, target: ExprId) -> Option<u32> {
        let body = self.body.as_mut()?;
        let mut at = target;
        while let Some(Expr::Member(object, _) | Expr::Index(object, _)) =
            body.nodes.get(at as usize).map(|node| &node.expr)
        {
            at = *object;
        }
        let Expr::Symbol(symbol) = body.nodes.get(at as usize)?.expr else { return None };
        body.changed.push(symbol);
        Some(symbol)
    }

    fn assign_name(&mut self, it: &ast::IdentifierReference<'_>, value: ExprId) {
        let Some(symbol) = self.resolve(it) else { return };
        self.use_symbol(symbol, None, span(it.span));
        if let Some(body) = &mut self.body
            && let Some(symbol) = body.symbols.get_mut(symbol)
        {
            symbol.assigned.push(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::js::ir::ParseDepth;
    use crate::js::parse::testing::{module, written};

    #[test]
    fn assignments_to_members_are_kept() {
        let text = "module.exports = 1; a.b = 2; class C { c = 3; d() { this.e = 4 } }";
        let module = module("a.js", text, ParseDepth::Body);
        let body = module.body.as_ref().expect("asked for");
        let assigned: Vec<String> = body
            .assignments
            .iter()
            .map(|(target, value)| format!("{} {}", written(body, *target), written(body, *value)))
            .collect();
        assert_eq!(assigned, ["@module.exports 1", "@a.b 2", "@this.c 3", "@this.e 4"]);
    }
}
