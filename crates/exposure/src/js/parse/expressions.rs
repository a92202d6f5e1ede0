//! Lowers expressions.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use std::sync::Arc;

use oxc_ast::ast;
use oxc_span::GetSpan;
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use crate::js::guard::{Absence, BuildValue, Guard};
use crate::js::ir::{Expr, ExprId, Logic, Property, PropertyKey, WITHIN};
use crate::js::parse::branch_guards::BranchGuards;
use crate::js::parse::jsx::fragment;
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, offset, span};

/// How many members are told apart that are read one of the other, besides the first.
const MAX_INNER: usize = 2;

impl Lowering<'_> {
    pub(super) fn expr_named(&mut self, it: &ast::Expression<'_>, name: &str) -> ExprId {
        match inner(it) {
            ast::Expression::FunctionExpression(it) => self.function_named(it, name),
            ast::Expression::ArrowFunctionExpression(it) => self.arrow(it, name),
            _ => self.expr(it),
        }
    }

    pub(super) fn expr(&mut self, it: &ast::Expression<'_>) -> ExprId {
        match self.enter_slot(it.span()) {
            Some(slot) => {
                let value = self.plain_expr(it);
                self.slots[slot] = Some(value);
                value
            }
            None => self.plain_expr(it),
        }
    }

    /// Enters the innermost template slot that begins with this expression.
    fn enter_slot(&mut self, at: oxc_span::Span) -> Option<usize> {
        let slots = &self.source.slots;
        if slots.is_empty() {
            return None;
        }
        let after = slots.partition_point(|slot| slot.code.start <= at.start);
        let slot = after.checked_sub(1)?;
        if self.slot_is_open[slot] || slots[slot].code.end < at.end {
            return None;
        }
        self.slot_is_open[slot] = true;
        Some(slot)
    }

    fn plain_expr(&mut self, it: &ast::Expression<'_>) -> ExprId {
        let at = it.span();
        match it {
            ast::Expression::StringLiteral(it) => {
                self.add(at, || Expr::Text(it.value.as_str().into()))
            }
            ast::Expression::TemplateLiteral(it) => self.template(it),
            ast::Expression::NumericLiteral(it) => self.add(at, || {
                Expr::Literal(
                    it.raw
                        .as_ref()
                        .map_or_else(|| it.value.to_string().into(), |raw| raw.as_str().into()),
                )
            }),
            ast::Expression::BigIntLiteral(it) => {
                self.add(at, || Expr::Literal(it.value.as_str().into()))
            }
            ast::Expression::BooleanLiteral(it) => {
                self.add(at, || Expr::Literal(if it.value { "true" } else { "false" }.into()))
            }
            ast::Expression::NullLiteral(_) => self.add(at, || Expr::Literal("null".into())),
            ast::Expression::Identifier(it) => self.identifier(it, None),
            ast::Expression::ImportMeta(_) => self.add(at, || Expr::ImportMeta),
            ast::Expression::ArrayExpression(it) => self.array(it),
            ast::Expression::ObjectExpression(it) => self.object(it),
            ast::Expression::FunctionExpression(it) => self.function_named(it, ""),
            ast::Expression::ArrowFunctionExpression(it) => self.arrow(it, ""),
            ast::Expression::ClassExpression(it) => self.class(it),
            ast::Expression::AssignmentExpression(it) => self.assignment(it),
            ast::Expression::UpdateExpression(it) => {
                let value = self.other(at);
                self.assign_simple(&it.argument, value);
                value
            }
            ast::Expression::BinaryExpression(it) => self.binary(it),
            ast::Expression::PrivateInExpression(it) => {
                self.expr(&it.right);
                self.other(at)
            }
            ast::Expression::LogicalExpression(it) => self.logical(it),
            ast::Expression::ConditionalExpression(it) => {
                let test = self.expr(&it.test);
                let guards = self.guards(&it.test);
                let yes = self.with_guard(guards.if_true, |lowering| lowering.expr(&it.consequent));
                let no = self.with_guard(guards.if_false, |lowering| lowering.expr(&it.alternate));
                let id = self.add(at, || Expr::Union(vec![yes, no]));
                self.logic(id, Logic::If(test));
                id
            }
            ast::Expression::UnaryExpression(it) => self.unary(it),
            ast::Expression::SequenceExpression(it) => {
                let mut last = None;
                for expression in &it.expressions {
                    last = Some(self.expr(expression));
                }
                last.unwrap_or_else(|| self.other(at))
            }
            ast::Expression::CallExpression(it) => self.call(it),
            ast::Expression::NewExpression(it) => self.new_expression(it),
            ast::Expression::TaggedTemplateExpression(it) => {
                self.runs |= self.function_depth == 0;
                let callee = self.expr(&it.tag);
                let text = self.template(&it.quasi);
                self.add(at, || Expr::Call { callee, arguments: vec![text], is_new: false })
            }
            ast::Expression::ImportExpression(it) => self.import_expression(it),
            ast::Expression::ChainExpression(it) => {
                let guard = self.chain_guard(&it.expression);
                self.with_guard(guard, |lowering| lowering.chain(&it.expression))
            }
            ast::Expression::AwaitExpression(it) => self.expr(&it.argument),
            ast::Expression::YieldExpression(it) => match &it.argument {
                Some(argument) => {
                    let value = self.expr(argument);
                    self.yields(value, it.delegate, at);
                    value
                }
                None => self.other(at),
            },
            ast::Expression::ParenthesizedExpression(it) => self.expr(&it.expression),
            ast::Expression::TSAsExpression(it) => self.expr(&it.expression),
            ast::Expression::TSSatisfiesExpression(it) => self.expr(&it.expression),
            ast::Expression::TSTypeAssertion(it) => self.expr(&it.expression),
            ast::Expression::TSNonNullExpression(it) => self.expr(&it.expression),
            ast::Expression::TSInstantiationExpression(it) => self.expr(&it.expression),
            ast::Expression::JSXElement(it) => self.element(it),
            ast::Expression::JSXFragment(it) => {
                let children = self.children(&it.children);
                self.add(at, || fragment(children))
            }
            ast::Expression::StaticMemberExpression(it) => self.static_member(it),
            ast::Expression::ComputedMemberExpression(it) => self.computed_member(it),
            ast::Expression::PrivateFieldExpression(it) => self.private_member(it),
            ast::Expression::ThisExpression(_) => {
                self.use_this();
                self.add(at, || Expr::Global("this".into()))
            }
            ast::Expression::Super(_) => {
                self.use_this();
                self.add(at, || Expr::Global("super".into()))
            }
            ast::Expression::RegExpLiteral(it) => {
                self.add(at, || Expr::RegExp(it.regex.pattern.text.as_str().into()))
            }
            ast::Expression::NewTarget(_) | ast::Expression::V8IntrinsicExpression(_) => {
                self.other(at)
            }
        }
    }

    pub(super) fn identifier(
        &mut self,
        it: &ast::IdentifierReference<'_>,
        member: Option<&str>,
    ) -> ExprId {
        match self.resolve(it) {
            Some(symbol) => {
                self.use_symbol(symbol, member, span(it.span));
                self.add(it.span, || Expr::Symbol(offset(symbol)))
            }
            None => {
                let name = it.name.as_str();
                if name == "document" && member.is_some() && self.function_depth == 0 {
                    self.set_page_call(it.span);
                }
                self.use_free(name, span(it.span));
                self.add(it.span, || match name {
                    "undefined" | "NaN" | "Infinity" => Expr::Literal(name.into()),
                    _ => Expr::Global(name.into()),
                })
            }
        }
    }

    /// Lowers an object of which a member is read.
    fn object_of(&mut self, object: &ast::Expression<'_>, member: Option<&str>) -> ExprId {
        match inner(object) {
            ast::Expression::Identifier(it) => self.identifier(it, member),
            _ => self.expr(object),
        }
    }

    fn static_member(&mut self, it: &ast::StaticMemberExpression<'_>) -> ExprId {
        let name = it.property.name.as_str();
        let is_text = matches!(inner(&it.object), ast::Expression::StringLiteral(_));
        let is_length = is_text && name == "length";
        let guard = if is_length { Guard::LeftOut(Absence::OnlyLength) } else { Guard::None };
        self.expect_member(&it.object, name);
        // `app.support.key` reads `key` of the member `support`.
        let read = match self.inner_members.take() {
            Some((at, inner)) if at == it.span => format!("{name}{WITHIN}{inner}"),
            _ => name.to_owned(),
        };
        if let ast::Expression::StaticMemberExpression(object) = inner(&it.object)
            && read.matches(WITHIN).count() < MAX_INNER
        {
            self.inner_members = Some((object.span, read.clone()));
        }
        let object = self.with_guard(guard, |lowering| lowering.object_of(&it.object, Some(&read)));
        self.add(it.span, || Expr::Member(object, name.into()))
    }

    fn computed_member(&mut self, it: &ast::ComputedMemberExpression<'_>) -> ExprId {
        let name = it.static_property_name();
        let object = match self.table_by_mode(it) {
            Some(object) => object,
            None => self.object_of(&it.object, name.as_deref()),
        };
        let index = self.expr(&it.expression);
        self.add(it.span, || Expr::Index(object, index))
    }

    fn private_member(&mut self, it: &ast::PrivateFieldExpression<'_>) -> ExprId {
        let object = self.expr(&it.object);
        self.add(it.span, || Expr::Member(object, format!("#{}", it.field.name).into()))
    }

    pub(super) fn member(&mut self, it: &ast::MemberExpression<'_>) -> ExprId {
        match it {
            ast::MemberExpression::StaticMemberExpression(it) => self.static_member(it),
            ast::MemberExpression::ComputedMemberExpression(it) => self.computed_member(it),
            ast::MemberExpression::PrivateFieldExpression(it) => self.private_member(it),
        }
    }

    fn chain(&mut self, it: &ast::ChainElement<'_>) -> ExprId {
        match it {
            ast::ChainElement::CallExpression(it) => self.call(it),
            ast::ChainElement::TSNonNullExpression(it) => self.expr(&it.expression),
            other => self.member(other.to_member_expression()),
        }
    }

    pub(super) fn template(&mut self, it: &ast::TemplateLiteral<'_>) -> ExprId {
        let text = |element: &ast::TemplateElement<'_>| {
            Expr::Text(element.value.cooked.as_ref().unwrap_or(&element.value.raw).as_str().into())
        };
        if let ([only], []) = (it.quasis.as_slice(), it.expressions.as_slice()) {
            return self.add(it.span, || text(only));
        }
        let mut parts = Vec::new();
        for (index, quasi) in it.quasis.iter().enumerate() {
            if !quasi.value.raw.is_empty() {
                let part = self.add(quasi.span, || text(quasi));
                self.push_id(&mut parts, part);
            }
            if let Some(expression) = it.expressions.get(index) {
                let part = self.expr(expression);
                self.push_id(&mut parts, part);
            }
        }
        self.add(it.span, || Expr::Concat(parts))
    }

    fn array(&mut self, it: &ast::ArrayExpression<'_>) -> ExprId {
        let mut elements = Vec::new();
        for element in &it.elements {
            let id = match element {
                ast::ArrayExpressionElement::SpreadElement(it) => self.spread(it),
                ast::ArrayExpressionElement::Elision(it) => self.other(it.span),
                other => self.expr(other.to_expression()),
            };
            self.push_id(&mut elements, id);
        }
        self.add(it.span, || Expr::Array(elements))
    }

    pub(super) fn spread(&mut self, it: &ast::SpreadElement<'_>) -> ExprId {
        let value = self.expr(&it.argument);
        self.add(it.span, || Expr::Spread(value))
    }

    pub(super) fn object(&mut self, it: &ast::ObjectExpression<'_>) -> ExprId {
        let kept = self.server_option.take_if(|(start, _)| *start == it.span.start);
        let kept = kept.map(|(_, property)| property);
        let choice = self.platform_choice.take_if(|start| *start == it.span.start);
        let has_web = || {
            let mut all = it.properties.iter().filter_map(|property| property.as_property());
            all.any(|it| it.key.static_name().is_some_and(|name| name == "web"))
        };
        let of_platform = |name: &str| match name {
            "native" => BranchGuards::of_value(BuildValue::Platform, "web").if_false,
            "default" if !has_web() => Guard::None,
            "default" => BranchGuards::of_value(BuildValue::Platform, "web").if_false,
            other => BranchGuards::of_value(BuildValue::Platform, other).if_true,
        };
        let mut properties = Vec::new();
        for property in &it.properties {
            let (key, value, at) = match property {
                ast::ObjectPropertyKind::SpreadProperty(it) => {
                    (PropertyKey::Spread, self.expr(&it.argument), it.span)
                }
                ast::ObjectPropertyKind::ObjectProperty(it) => {
                    let name = it.key.static_name();
                    let computed = (it.computed && name.is_none()).then(|| self.key(&it.key));
                    let is_server = kept.is_some() && name.as_deref() == kept;
                    let guard = match (&name, choice) {
                        _ if is_server => Guard::Function,
                        (Some(name), Some(_)) => of_platform(name),
                        _ => Guard::None,
                    };
                    let part = self.part_at.get(&it.span.start).copied();
                    if let Some(part) = part {
                        self.add_region(it.span, part);
                    }
                    let value = self.with_owner(part.unwrap_or(self.owner), |lowering| {
                        lowering.with_guard(guard, |lowering| {
                            lowering.expr_named(&it.value, name.as_deref().unwrap_or_default())
                        })
                    });
                    let key = match (computed, name) {
                        (None, Some(name)) if self.body.is_some() => {
                            PropertyKey::Name((&*name).into())
                        }
                        (Some(key), _) => PropertyKey::Computed(key),
                        _ => PropertyKey::Name(Arc::default()),
                    };
                    if it.kind == ast::PropertyKind::Get {
                        self.mark_getter(value);
                    }
                    // A setter has no value.
                    let is_setter = it.kind == ast::PropertyKind::Set;
                    let value = if is_setter { self.other(it.span) } else { value };
                    (key, value, it.span)
                }
            };
            if self.body.is_some() {
                properties.push(Property { key, value, span: span(at) });
            }
        }
        self.add(it.span, || Expr::Object(properties))
    }

    fn binary(&mut self, it: &ast::BinaryExpression<'_>) -> ExprId {
        // The left side of a chain nests as deep as the chain is long.
        let is_concat = it.operator == BinaryOperator::Addition;
        let mut chain = vec![it];
        while let ast::Expression::BinaryExpression(left) = &chain[chain.len() - 1].left {
            if (left.operator == BinaryOperator::Addition) != is_concat {
                break;
            }
            chain.push(left);
        }
        let mut parts = Vec::new();
        let first = self.expr(&chain[chain.len() - 1].left);
        self.push_id(&mut parts, first);
        for link in chain.iter().rev() {
            let part = self.expr(&link.right);
            self.push_id(&mut parts, part);
        }
        let pair = (parts.first().copied(), parts.last().copied());
        let id = self.add(it.span, || if is_concat { Expr::Concat(parts) } else { Expr::Other });
        if let ([_], (Some(left), Some(right))) = (chain.as_slice(), pair) {
            match it.operator {
                BinaryOperator::Equality | BinaryOperator::StrictEquality => {
                    self.logic(id, Logic::Equal(left, right));
                }
                BinaryOperator::Inequality | BinaryOperator::StrictInequality => {
                    self.logic(id, Logic::Unequal(left, right));
                }
                BinaryOperator::Instanceof => self.logic(id, Logic::InstanceOf(left, right)),
                _ => {}
            }
        }
        id
    }

    /// Records how an expression that was just added comes from others.
    fn logic(&mut self, id: ExprId, logic: Logic) {
        if let Some(body) = &mut self.body {
            body.logic.push((id, logic));
        }
    }

    fn logical(&mut self, it: &ast::LogicalExpression<'_>) -> ExprId {
        let mut chain = vec![it];
        while let ast::Expression::LogicalExpression(left) = &chain[chain.len() - 1].left {
            if left.operator != it.operator {
                break;
            }
            chain.push(left);
        }
        let before = self.guard;
        let first = &chain[chain.len() - 1].left;
        let mut parts = Vec::new();
        let part = self.expr(first);
        self.push_id(&mut parts, part);
        let mut last = first;
        for link in chain.iter().rev() {
            let guards = self.guards(last);
            let guard = match it.operator {
                LogicalOperator::And => guards.if_true,
                LogicalOperator::Or => guards.if_false,
                LogicalOperator::Coalesce => self.null_guards(last).if_true,
            };
            self.set_guard(self.guard.max(guard));
            let part = self.expr(&link.right);
            self.push_id(&mut parts, part);
            last = &link.right;
        }
        self.set_guard(before);
        let id = self.add(it.span, || Expr::Union(parts));
        match it.operator {
            LogicalOperator::And => self.logic(id, Logic::And),
            LogicalOperator::Or => self.logic(id, Logic::Or),
            LogicalOperator::Coalesce => {}
        }
        id
    }

    fn unary(&mut self, it: &ast::UnaryExpression<'_>) -> ExprId {
        let argument = self.expr(&it.argument);
        match (it.operator, &it.argument) {
            (UnaryOperator::Delete, _) => {
                let nothing = self.other(it.span);
                self.assign_member(argument, nothing);
                nothing
            }
            (UnaryOperator::Void, ast::Expression::NumericLiteral(_)) => {
                self.add(it.span, || Expr::Literal("undefined".into()))
            }
            (UnaryOperator::UnaryNegation, ast::Expression::NumericLiteral(number)) => {
                self.add(it.span, || Expr::Literal(format!("-{}", number.value).into()))
            }
            (UnaryOperator::LogicalNot, _) => {
                let id = self.other(it.span);
                self.logic(id, Logic::Not(argument));
                id
            }
            _ => self.other(it.span),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::js::parse::testing::value;

    #[test]
    fn symbols_have_the_values_they_are_given() {
        for (text, expected) in [
            ("const x = 'a\\u0062'", "'ab'"),
            ("const x = `a\\n`", "'a\n'"),
            ("const x = `a${b}c`", "+('a' @b 'c')"),
            ("const x = 'a' + b + ('c' + 1)", "+('a' @b +('c' 1))"),
            ("const x = a.b?.c['d']", "@a.b.c['d']"),
            ("const x = a.concat('b', ...c)", "@a.concat('b' ...@c)"),
            ("const x = new A(b as any)!", "new @A(@b)"),
            ("const x = (await a) satisfies B", "@a"),
            (
                "const x = { a, 'b-c': 1, [d]: 2, ...e, f() { return 3 }, get g() { return 4 } }",
                "{a:@a b-c:1 [@d]:2 ...@e f:f=>3 g:g=>4}",
            ),
            ("const x = [1, , ...a]", "[1 _ ...@a]"),
            ("const x = a ? b : c", "?(@b @c)"),
            ("const x = a || b || c", "?(@a @b @c)"),
            ("const x = !a", "_"),
            ("const x = void 0, y = -1", "undefined"),
            ("const x = () => a", "x=>@a"),
            ("const x = process.env.A", "@process.env.A"),
            ("const x = import.meta.env.A", "meta.env.A"),
            ("const x = import('./a')", "import 0"),
            ("const x = String.raw`a${b}`", "@String.raw(+('a' @b))"),
            ("const x = <A b='c' {...d} e>f{g}<></></A>", "<A=@A b:'c' ...@d e:_>'f' @g < >"),
            ("import x from 'x'", "import"),
            ("const x = require('x')", "import"),
            ("const { a: { x = 1 } } = b", "@b .a .x = 1"),
            ("const [, x] = b", "@b .1"),
            ("const { a, ...x } = b", "{...@b a:undefined}"),
            ("for (const x of a);", "@a[_]"),
            ("function f(a, { x = 1 } = {}) {}", "f#1 .x = 1"),
            ("const f = ({ a, ...x }) => x", "f#0 ....a"),
            ("const f = (a, ...x) => x", "f#1 ...."),
            ("for (const x in a);", "@Object.keys(@a)[_]"),
            ("function x() { return 1 }", "x=>1"),
            ("function x() { if (a) return 1; return 2 }", "x=>1 2 more"),
            ("let x; x = 1; x += 2", "?, 1, +(x 2)"),
            ("let x = 1; ({ a: x } = b)", "1, @b.a"),
            ("let x = 1; [x] = b", "1, @b.0"),
            ("let x = 1; x ||= 2; x++", "1, 2, _"),
            ("enum x { A = 'b' }", "{A:'b'}"),
            ("class x { f() {} }", "{}"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }
}
