//! Questions about single nodes of the syntax tree.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_syntax::operator::BinaryOperator;
use oxc_syntax::symbol::SymbolId;

use crate::js::ir::Span;

pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn span(span: oxc_span::Span) -> Span {
    Span::new(span.start, span.end)
}

pub(super) fn symbol_index(symbol: SymbolId) -> usize {
    symbol.index()
}

/// The expression without parentheses and casts.
pub(super) fn inner<'a, 'b>(it: &'b ast::Expression<'a>) -> &'b ast::Expression<'a> {
    it.get_inner_expression()
}

pub(super) fn is_import_meta(it: &ast::Expression<'_>) -> bool {
    matches!(inner(it), ast::Expression::ImportMeta(_))
}

/// True if an expression is the member `name` of anything.
pub(super) fn is_member(it: &ast::Expression<'_>, name: &str) -> bool {
    matches!(inner(it), ast::Expression::StaticMemberExpression(it) if it.property.name == name)
}

/// The value of a string literal.
pub(super) fn literal(it: &ast::Expression<'_>) -> Option<String> {
    match inner(it) {
        ast::Expression::StringLiteral(it) => Some(it.value.to_string()),
        ast::Expression::TemplateLiteral(it) if it.expressions.is_empty() => prefix_of(it),
        _ => None,
    }
}

fn prefix_of(it: &ast::TemplateLiteral<'_>) -> Option<String> {
    Some(it.quasis.first()?.value.cooked.as_ref()?.to_string())
}

/// The constant start of a string expression.
pub(super) fn prefix(it: &ast::Expression<'_>) -> Option<String> {
    let mut it = inner(it);
    while let ast::Expression::BinaryExpression(sum) = it {
        if sum.operator != BinaryOperator::Addition {
            return None;
        }
        it = inner(&sum.left);
    }
    match it {
        ast::Expression::TemplateLiteral(it) => prefix_of(it),
        other => literal(other),
    }
}
