//! Tells from conditions on which side code runs.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use crate::js::parse::lowering::Lowering;
use crate::js::parse::sides::{ConditionSides, named_side};
use crate::js::parse::syntax::{inner, is_import_meta, is_member};
use crate::leak::Side;

impl Lowering<'_> {
    /// Records imported constants of frameworks that tell the side.
    pub(super) fn record_side_constant(
        &mut self,
        it: &ast::ImportDeclaration<'_>,
        specifier: &ast::ImportSpecifier<'_>,
    ) {
        let (package, name) = (it.source.value.as_str(), specifier.imported.name());
        let mut known = self.conventions.side_constants.iter();
        let Some(known) = known.find(|it| it.package == package && it.name == name.as_str()) else {
            return;
        };
        let sides = match known.side {
            Side::Client => ConditionSides::CLIENT,
            Side::Server => ConditionSides::SERVER,
            Side::Unknown => return,
        };
        if let Some(symbol) = specifier.local.symbol_id.get() {
            self.sides.insert(symbol, sides);
        }
    }

    pub(super) fn sides(&self, test: &ast::Expression<'_>) -> ConditionSides {
        match inner(test) {
            ast::Expression::UnaryExpression(it) if it.operator == UnaryOperator::LogicalNot => {
                self.sides(&it.argument).not()
            }
            ast::Expression::LogicalExpression(it) => {
                let (left, right) = (self.sides(&it.left), self.sides(&it.right));
                match it.operator {
                    LogicalOperator::And => left.and(right),
                    LogicalOperator::Or => left.or(right),
                    LogicalOperator::Coalesce => ConditionSides::default(),
                }
            }
            ast::Expression::BinaryExpression(it) => self.compared_sides(it),
            ast::Expression::Identifier(it) => self
                .symbol(it)
                .and_then(|symbol| self.sides.get(&symbol).copied())
                .unwrap_or_else(|| named_side(&it.name)),
            ast::Expression::StaticMemberExpression(it) => self.member_sides(it),
            _ => ConditionSides::default(),
        }
    }

    fn member_sides(&self, it: &ast::StaticMemberExpression<'_>) -> ConditionSides {
        let name = it.property.name.as_str();
        let object = inner(&it.object);
        if is_import_meta(object) || self.is_global(object, "process") {
            return match name {
                "server" => ConditionSides::SERVER,
                "client" | "browser" => ConditionSides::CLIENT,
                _ => ConditionSides::default(),
            };
        }
        match object {
            ast::Expression::StaticMemberExpression(env)
                if name == "SSR" && env.property.name == "env" && is_import_meta(&env.object) =>
            {
                ConditionSides::SERVER
            }
            // `isServer`, which Next.js and Nuxt pass to the `webpack` function of their
            // configuration.
            _ => named_side(name),
        }
    }

    /// The sides of `typeof window === 'undefined'` and the like; also of `import.meta.env.SSR ===
    /// true`.
    fn compared_sides(&self, it: &ast::BinaryExpression<'_>) -> ConditionSides {
        let is_equal = match it.operator {
            BinaryOperator::Equality | BinaryOperator::StrictEquality => true,
            BinaryOperator::Inequality | BinaryOperator::StrictInequality => false,
            _ => return ConditionSides::default(),
        };
        let (left, right) = (inner(&it.left), inner(&it.right));
        let sides = match (left, right) {
            (ast::Expression::UnaryExpression(kind), ast::Expression::StringLiteral(text))
            | (ast::Expression::StringLiteral(text), ast::Expression::UnaryExpression(kind))
                if kind.operator == UnaryOperator::Typeof
                    && ["window", "document"]
                        .iter()
                        .any(|name| self.is_global(&kind.argument, name)) =>
            {
                match text.value.as_str() {
                    "undefined" => ConditionSides::SERVER,
                    "object" => ConditionSides::CLIENT,
                    _ => ConditionSides::default(),
                }
            }
            (test, ast::Expression::StringLiteral(text))
            | (ast::Expression::StringLiteral(text), test)
                if self.conventions.server_variables.iter().any(|variable| {
                    is_member(test, variable.name) && variable.values.contains(&&*text.value)
                }) =>
            {
                ConditionSides::SERVER
            }
            (test, ast::Expression::BooleanLiteral(value))
            | (ast::Expression::BooleanLiteral(value), test) => {
                let sides = self.sides(test);
                if value.value { sides } else { sides.not() }
            }
            _ => ConditionSides::default(),
        };
        if is_equal { sides } else { sides.not() }
    }
}

#[cfg(test)]
mod tests {
    use crate::js::parse::testing::{assert_shapes, shape};

    #[test]
    fn conditions_mark_server_code() {
        for test in [
            "import.meta.server",
            "process.server",
            "import.meta.env.SSR",
            "typeof window === 'undefined'",
            "typeof window == \"undefined\"",
            "'undefined' === typeof document",
            "!(typeof window !== 'undefined')",
            "!import.meta.client",
            "!process.browser",
            "x && import.meta.server",
            "import.meta.env.SSR === true",
            "isServer",
        ] {
            let text = format!(
                "const isServer = typeof window === 'undefined'; if ({test}) k; const k = 1"
            );
            assert!(shape("a.js", &text).contains("k?"), "{test}");
        }
        for test in ["x || import.meta.server", "import.meta.client", "x", "!import.meta.server"] {
            let text = format!("if ({test}) k; const k = 1");
            assert!(!shape("a.js", &text).contains("k?"), "{test}");
        }
        assert_shapes(
            "a.js",
            &[
                ("const a = import.meta.server ? k : j, k = 1, j = 1", "a k? j; k; j"),
                ("const a = () => import.meta.client && k, k = 1", "a k; k"),
                ("const a = () => import.meta.server && k, k = 1", "a k?; k"),
                ("const a = () => import.meta.client || k, k = 1", "a k?; k"),
                ("if (import.meta.client) j; else k; const k = 1, j = 1", "* j k?; k; j"),
                ("function f() { if (import.meta.client) return; k } const k = 1", "f k?; k"),
                ("if (import.meta.server) k; k; const k = 1", "* k; k"),
                ("async function f() { 'use server'; k } const k = 1", "f k!; k"),
                (
                    "import { browser } from '$app/environment'; if (!browser) k; const k = 1",
                    "Static $app/environment; * browser k?; browser = browser of 0; k",
                ),
            ],
        );
    }
}
