//! Tells from conditions which code clients do not get.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use crate::js::conventions::ConstantMeaning;
use crate::js::guard::{Absence, BuildValue, CodeWord, Guard};
use crate::js::parse::branch_guards::{
    BranchGuards, guards_of_name, guards_of_node_env, is_constant_name,
};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, is_import_meta, is_member, literal};

impl Lowering<'_> {
    /// Records imported constants of frameworks that tell the side or the mode.
    pub(super) fn record_known_constant(
        &mut self,
        it: &ast::ImportDeclaration<'_>,
        specifier: &ast::ImportSpecifier<'_>,
    ) {
        let (package, name) = (it.source.value.as_str(), specifier.imported.name());
        if name == "Platform"
            && matches!(package, "react-native" | "react-native-web" | "expo-modules-core")
        {
            self.platforms.extend(specifier.local.symbol_id.get());
        }
        let mut known = self.conventions.constants.iter();
        let Some(known) = known.find(|it| it.package == package && it.name == name.as_str()) else {
            return;
        };
        let guards = match known.meaning {
            ConstantMeaning::Client => BranchGuards::CLIENT,
            ConstantMeaning::Server => BranchGuards::SERVER,
            ConstantMeaning::Development(absence) => BranchGuards::absent(absence),
        };
        if let Some(symbol) = specifier.local.symbol_id.get() {
            self.constants.insert(symbol, guards);
        }
    }

    /// Records a constant that tells the side or the mode.
    pub(super) fn record_constant(
        &mut self,
        id: &ast::BindingIdentifier<'_>,
        init: &ast::Expression<'_>,
    ) {
        let guards = self.guards(init);
        if guards.is_known()
            && let Some(symbol) = id.symbol_id.get()
        {
            self.constants.insert(symbol, guards);
        }
    }

    /// The guards of the branches of a condition.
    pub(super) fn guards(&self, test: &ast::Expression<'_>) -> BranchGuards {
        match inner(test) {
            ast::Expression::UnaryExpression(it) if it.operator == UnaryOperator::LogicalNot => {
                self.guards(&it.argument).not()
            }
            ast::Expression::LogicalExpression(it) => {
                let (left, right) = (self.guards(&it.left), self.guards(&it.right));
                match it.operator {
                    LogicalOperator::And => left.and(right),
                    LogicalOperator::Or => left.or(right),
                    LogicalOperator::Coalesce => BranchGuards::NONE,
                }
            }
            ast::Expression::BinaryExpression(it) => self.compared_guards(it),
            ast::Expression::Identifier(it) => match self.symbol(it) {
                Some(symbol) => {
                    self.constants.get(&symbol).copied().unwrap_or_else(|| named_side(&it.name))
                }
                None => guards_of_name(&it.name),
            },
            ast::Expression::StaticMemberExpression(it) => self.member_guards(it),
            ast::Expression::ChainExpression(it) => match &it.expression {
                ast::ChainElement::StaticMemberExpression(it) => self.member_guards(it),
                _ => BranchGuards::NONE,
            },
            ast::Expression::BooleanLiteral(it) => BranchGuards::constant(it.value),
            ast::Expression::NumericLiteral(it) => BranchGuards::constant(it.value != 0.0),
            ast::Expression::StringLiteral(it) => BranchGuards::constant(!it.value.is_empty()),
            ast::Expression::NullLiteral(_) => BranchGuards::constant(false),
            _ => BranchGuards::NONE,
        }
    }

    /// The guards of what runs if a value is null or undefined.
    pub(super) fn null_guards(&self, value: &ast::Expression<'_>) -> BranchGuards {
        match inner(value) {
            ast::Expression::StringLiteral(_)
            | ast::Expression::TemplateLiteral(_)
            | ast::Expression::NumericLiteral(_)
            | ast::Expression::BooleanLiteral(_)
            | ast::Expression::ObjectExpression(_)
            | ast::Expression::ArrayExpression(_) => BranchGuards::constant(false),
            _ => BranchGuards::NONE,
        }
    }

    /// Records a name that is declared without a value, because the build gives it one: `declare
    /// const __DEV__: boolean`.
    pub(super) fn record_declared(&mut self, id: &ast::BindingIdentifier<'_>) {
        let guards = guards_of_name(&id.name);
        if guards.is_known()
            && let Some(symbol) = id.symbol_id.get()
        {
            self.constants.insert(symbol, guards);
        }
    }

    /// The guard of the arguments of a call: builds may drop calls of functions by their names. Of
    /// other functions than those of `console`, only calls whose result nothing uses.
    pub(super) fn call_guard(&self, it: &ast::CallExpression<'_>) -> Guard {
        let is_console = match inner(&it.callee) {
            ast::Expression::StaticMemberExpression(it) => self.is_global(&it.object, "console"),
            _ => false,
        };
        // Within a label or another call that builds may drop, that decides.
        if matches!(self.guard, Guard::LeftOut(Absence::Call(_))) && (self.in_label || !is_console)
        {
            return Guard::None;
        }
        // A rune of Svelte that only development has.
        let is_rune = self.is_global(&it.callee, "$inspect");
        if is_console || is_rune || self.unused_call == Some(it.span.start) {
            let mut name = String::new();
            if dotted(&it.callee, &mut name) {
                return Guard::LeftOut(Absence::Call(CodeWord::new(&name)));
            }
        }
        Guard::None
    }

    fn member_guards(&self, it: &ast::StaticMemberExpression<'_>) -> BranchGuards {
        let name = it.property.name.as_str();
        let object = inner(&it.object);
        let is_meta = is_import_meta(object);
        if is_meta || self.is_global(object, "process") {
            return match name {
                "server" => BranchGuards::SERVER,
                "client" | "browser" => BranchGuards::CLIENT,
                "dev" => BranchGuards::absent(Absence::NuxtDev),
                _ if is_meta => self.hot_guards(it),
                _ => BranchGuards::NONE,
            };
        }
        if is_member_of_meta(object, "env") {
            return match name {
                "SSR" => BranchGuards::SERVER,
                "DEV" => BranchGuards::absent(Absence::EnvDev),
                "PROD" => BranchGuards::absent(Absence::EnvDev).not(),
                "CHROME" | "FIREFOX" | "EDGE" | "SAFARI" | "OPERA" => {
                    BranchGuards::of_value(BuildValue::Browser, &name.to_ascii_lowercase())
                }
                _ => BranchGuards::configured(&format!("import.meta.env.{name}")),
            };
        }
        if self.is_env_of_process(object) {
            return BranchGuards::configured(&format!("process.env.{name}"));
        }
        match self.hot_guards(it) {
            // `isServer`, which Next.js and Nuxt pass to the `webpack` function of their
            // configuration.
            guards if guards == BranchGuards::NONE => match named_side(name) {
                BranchGuards::NONE => self.guards_of_flag(it),
                guards => guards,
            },
            guards => guards,
        }
    }

    /// The guards of a property of a name that the build may define: `FLAGS.REFUNDS`.
    fn guards_of_flag(&self, it: &ast::StaticMemberExpression<'_>) -> BranchGuards {
        let mut root = inner(&it.object);
        while let ast::Expression::StaticMemberExpression(it) = root {
            root = inner(&it.object);
        }
        let ast::Expression::Identifier(id) = root else { return BranchGuards::NONE };
        let mut name = String::new();
        if self.symbol(id).is_some()
            || !is_constant_name(&id.name)
            || !dotted(&it.object, &mut name)
        {
            return BranchGuards::NONE;
        }
        BranchGuards::configured(&format!("{name}.{}", it.property.name))
    }

    /// The guards of the object by which code of development replaces modules.
    fn hot_guards(&self, it: &ast::StaticMemberExpression<'_>) -> BranchGuards {
        let is_meta = is_import_meta(&it.object);
        match it.property.name.as_str() {
            "hot" if is_meta => BranchGuards::absent(Absence::MetaHot),
            "webpackHot" if is_meta => BranchGuards::absent(Absence::ModuleHot),
            "hot" if self.is_global(&it.object, "module") => {
                BranchGuards::absent(Absence::ModuleHot)
            }
            _ => BranchGuards::NONE,
        }
    }

    /// The guard of the arguments in `import.meta.hot?.accept(…)`.
    pub(super) fn chain_guard(&self, it: &ast::ChainElement<'_>) -> Guard {
        let mut at = match it {
            ast::ChainElement::CallExpression(it) => &it.callee,
            _ => return Guard::None,
        };
        loop {
            at = match inner(at) {
                ast::Expression::StaticMemberExpression(it) => {
                    let guards = self.hot_guards(it);
                    if guards != BranchGuards::NONE {
                        return guards.if_true;
                    }
                    &it.object
                }
                ast::Expression::CallExpression(it) => &it.callee,
                _ => return Guard::None,
            };
        }
    }

    /// The guards of a test that an expression has the value of a text.
    pub(super) fn text_guards(&self, test: &ast::Expression<'_>, text: &str) -> BranchGuards {
        match inner(test) {
            ast::Expression::UnaryExpression(kind)
                if kind.operator == UnaryOperator::Typeof
                    && ["window", "document"]
                        .iter()
                        .any(|name| self.is_global(&kind.argument, name)) =>
            {
                match text {
                    "undefined" => BranchGuards::SERVER,
                    "object" => BranchGuards::CLIENT,
                    _ => BranchGuards::NONE,
                }
            }
            _ if self.conventions.server_variables.iter().any(|variable| {
                is_member(test, variable.name) && variable.values.contains(&text)
            }) =>
            {
                BranchGuards::SERVER
            }
            ast::Expression::StaticMemberExpression(it) => match it.property.name.as_str() {
                "NODE_ENV" if self.is_env_of_process(&it.object) => guards_of_node_env(text),
                "MODE" if is_member_of_meta(&it.object, "env") => {
                    BranchGuards::of_value(BuildValue::Mode, text)
                }
                "BROWSER" if is_member_of_meta(&it.object, "env") => {
                    BranchGuards::of_value(BuildValue::Browser, text)
                }
                "OS" if self.is_platform(&it.object) => {
                    BranchGuards::of_value(BuildValue::Platform, text)
                }
                // Public names have a prefix.
                name if name.contains('_')
                    && (self.is_env_of_process(&it.object)
                        || is_member_of_meta(&it.object, "env")) =>
                {
                    BranchGuards::of_value(BuildValue::Variable(CodeWord::new(name)), text)
                }
                _ => BranchGuards::NONE,
            },
            _ => match literal(test) {
                Some(own) => BranchGuards::constant(own == text),
                None => BranchGuards::NONE,
            },
        }
    }

    /// The guards of the entries of a table that an expression chooses from by the mode.
    pub(super) fn guards_by_name(&self, index: &ast::Expression<'_>) -> Option<fn(&str) -> Guard> {
        let ast::Expression::StaticMemberExpression(it) = inner(index) else { return None };
        match it.property.name.as_str() {
            "MODE" if is_member_of_meta(&it.object, "env") => {
                Some(|name| Guard::LeftOut(Absence::OfMode(CodeWord::new(name))))
            }
            "NODE_ENV" if self.is_env_of_process(&it.object) => {
                Some(|name| guards_of_node_env(name).if_true)
            }
            _ => None,
        }
    }

    /// True for `process.env`.
    fn is_env_of_process(&self, it: &ast::Expression<'_>) -> bool {
        matches!(inner(it), ast::Expression::StaticMemberExpression(env)
            if env.property.name == "env" && self.is_global(&env.object, "process"))
    }

    /// True for `Platform` of React Native.
    pub(super) fn is_platform(&self, it: &ast::Expression<'_>) -> bool {
        matches!(inner(it), ast::Expression::Identifier(it)
            if self.symbol(it).is_some_and(|symbol| self.platforms.contains(&symbol)))
    }

    /// The guards of `typeof window === 'undefined'`, `process.env.NODE_ENV !== 'production'` and the
    /// like; also of `import.meta.env.SSR === true`.
    fn compared_guards(&self, it: &ast::BinaryExpression<'_>) -> BranchGuards {
        let is_equal = match it.operator {
            BinaryOperator::Equality | BinaryOperator::StrictEquality => true,
            BinaryOperator::Inequality | BinaryOperator::StrictInequality => false,
            _ => return BranchGuards::NONE,
        };
        let (left, right) = (inner(&it.left), inner(&it.right));
        let guards = match (left, right) {
            (test, ast::Expression::StringLiteral(text))
            | (ast::Expression::StringLiteral(text), test) => self.text_guards(test, &text.value),
            (ast::Expression::NumericLiteral(left), ast::Expression::NumericLiteral(right)) => {
                BranchGuards::constant(left.value == right.value)
            }
            (test, ast::Expression::BooleanLiteral(value))
            | (ast::Expression::BooleanLiteral(value), test) => {
                let guards = self.guards(test);
                if value.value { guards } else { guards.not() }
            }
            _ => BranchGuards::NONE,
        };
        if is_equal { guards } else { guards.not() }
    }
}

/// The guards of a variable or property that tells the side by its name.
fn named_side(name: &str) -> BranchGuards {
    if name == "isServer" { BranchGuards::SERVER } else { BranchGuards::NONE }
}

/// Writes a name such as `a.b.c`; false if it is none.
fn dotted(it: &ast::Expression<'_>, name: &mut String) -> bool {
    match inner(it) {
        ast::Expression::Identifier(it) => {
            name.push_str(&it.name);
            true
        }
        ast::Expression::StaticMemberExpression(it) => {
            let is_name = dotted(&it.object, name);
            name.push('.');
            name.push_str(&it.property.name);
            is_name
        }
        _ => false,
    }
}

/// True for the member `name` of `import.meta`.
fn is_member_of_meta(it: &ast::Expression<'_>, name: &str) -> bool {
    matches!(inner(it), ast::Expression::StaticMemberExpression(it)
        if it.property.name == name && is_import_meta(&it.object))
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

    #[test]
    fn conditions_mark_what_builds_leave_out() {
        for test in [
            "import.meta.env.DEV",
            "!import.meta.env.PROD",
            "import.meta.env.MODE === 'development'",
            "'production' !== import.meta.env.MODE",
            "import.meta.hot",
            "module.hot",
            "process.env.NODE_ENV !== 'production'",
            "process.env.NODE_ENV === \"test\"",
            "import.meta.dev",
            "__DEV__",
            "ngDevMode && x",
            "false",
            "!1",
            "DEBUG",
        ] {
            let text = format!("const DEBUG = false; if ({test}) k; const k = 1");
            assert!(shape("a.js", &text).contains("k~"), "{test}");
        }
        for test in [
            "import.meta.env.DEV || x",
            "import.meta.env.PROD",
            "process.env.NODE_ENV === 'staging'",
            "process.env.MODE === 'development'",
            "true",
            "x",
            "isServer",
        ] {
            let text = format!("if ({test}) k; const k = 1");
            assert!(!shape("a.js", &text).contains("k~"), "{test}");
        }
        assert_shapes(
            "a.js",
            &[
                ("function f() { if (!import.meta.env.DEV) return; k } const k = 1", "f k~; k"),
                ("import.meta.hot?.accept(() => k); const k = 1", "* k~; k"),
                ("if (import.meta.env.DEV) k; k; const k = 1", "* k; k"),
                ("if (import.meta.env.DEV && import.meta.server) k; const k = 1", "* k?; k"),
            ],
        );
    }
}
