//! Lowers JSX.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use std::sync::Arc;

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::guard::Guard;
use crate::js::ir::{Element, Expr, ExprId, Property, PropertyKey};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::span;

impl Lowering<'_> {
    pub(super) fn element(&mut self, it: &ast::JSXElement<'_>) -> ExprId {
        let opening = &it.opening_element;
        self.is_in_tag = true;
        let tag = self.tag(&opening.name);
        self.is_in_tag = false;
        let mut attributes = Vec::new();
        for attribute in &opening.attributes {
            let property = match attribute {
                ast::JSXAttributeItem::SpreadAttribute(it) => {
                    let value = self.expr(&it.argument);
                    Property { key: PropertyKey::Spread, value, span: span(it.span) }
                }
                ast::JSXAttributeItem::Attribute(it) => {
                    let value = match &it.value {
                        Some(value) => self.attribute_value(value),
                        None => self.other(it.span),
                    };
                    let key = PropertyKey::Name(match &self.body {
                        Some(_) => attribute_name(&it.name),
                        None => Arc::default(),
                    });
                    Property { key, value, span: span(it.span) }
                }
            };
            if self.body.is_some() {
                attributes.push(property);
            }
        }
        let text = self.source.text.as_ref();
        let name = opening.name.span();
        let written = text.get(name.start as usize..name.end as usize);
        // Components of several packages that render their content in browsers only.
        let is_unrendered = matches!(written, Some("BrowserOnly" | "ClientOnly" | "NoSsr"));
        let guard = if is_unrendered { Guard::Client } else { Guard::None };
        let children = self.with_guard(guard, |lowering| lowering.children(&it.children));
        self.add(it.span, || {
            let name = written.unwrap_or_default().into();
            Expr::Element(Box::new(Element { name, tag, attributes, children }))
        })
    }

    fn attribute_value(&mut self, it: &ast::JSXAttributeValue<'_>) -> ExprId {
        match it {
            ast::JSXAttributeValue::StringLiteral(it) => {
                self.add(it.span, || Expr::Text(it.value.as_str().into()))
            }
            ast::JSXAttributeValue::ExpressionContainer(it) => self.container(&it.expression),
            ast::JSXAttributeValue::Element(it) => self.element(it),
            ast::JSXAttributeValue::Fragment(it) => {
                let children = self.children(&it.children);
                self.add(it.span, || Expr::Array(children))
            }
        }
    }

    fn container(&mut self, it: &ast::JSXExpression<'_>) -> ExprId {
        match it {
            ast::JSXExpression::EmptyExpression(it) => self.other(it.span),
            other => self.expr(other.to_expression()),
        }
    }

    pub(super) fn children(&mut self, children: &[ast::JSXChild<'_>]) -> Vec<ExprId> {
        let mut ids = Vec::new();
        for child in children {
            let id = match child {
                ast::JSXChild::Text(it) => {
                    if it.value.trim().is_empty() {
                        continue;
                    }
                    self.add(it.span, || Expr::Text(it.value.as_str().into()))
                }
                ast::JSXChild::Element(it) => self.element(it),
                ast::JSXChild::Fragment(it) => {
                    let children = self.children(&it.children);
                    self.add(it.span, || fragment(children))
                }
                ast::JSXChild::ExpressionContainer(it) => match &it.expression {
                    ast::JSXExpression::EmptyExpression(_) => continue,
                    other => self.container(other),
                },
                ast::JSXChild::Spread(it) => {
                    let value = self.expr(&it.expression);
                    self.add(it.span, || Expr::Spread(value))
                }
            };
            self.push_id(&mut ids, id);
        }
        ids
    }

    pub(super) fn tag(&mut self, name: &ast::JSXElementName<'_>) -> Option<ExprId> {
        match name {
            ast::JSXElementName::IdentifierReference(it) => Some(self.identifier(it, None)),
            ast::JSXElementName::MemberExpression(it) => Some(self.member_tag(it)),
            ast::JSXElementName::ThisExpression(it) => Some(self.other(it.span)),
            ast::JSXElementName::Identifier(_) | ast::JSXElementName::NamespacedName(_) => None,
        }
    }

    fn member_tag(&mut self, it: &ast::JSXMemberExpression<'_>) -> ExprId {
        let name = it.property.name.as_str();
        let object = match &it.object {
            ast::JSXMemberExpressionObject::IdentifierReference(it) => {
                self.identifier(it, Some(name))
            }
            ast::JSXMemberExpressionObject::MemberExpression(it) => self.member_tag(it),
            ast::JSXMemberExpressionObject::ThisExpression(it) => self.other(it.span),
        };
        self.add(it.span, || Expr::Member(object, name.into()))
    }
}

/// An element without a name.
pub(super) fn fragment(children: Vec<ExprId>) -> Expr {
    let (name, attributes) = (Box::default(), Vec::new());
    Expr::Element(Box::new(Element { name, tag: None, attributes, children }))
}

fn attribute_name(name: &ast::JSXAttributeName<'_>) -> Arc<str> {
    match name {
        ast::JSXAttributeName::Identifier(it) => it.name.as_str().into(),
        ast::JSXAttributeName::NamespacedName(it) => {
            format!("{}:{}", it.namespace.name, it.name.name).into()
        }
    }
}
