//! Registers top-level bindings and static imports before their uses are lowered.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::guard::Guard;
use crate::js::ir::{BindingTarget, Erased, ImportKind, Imported, MODULE_INIT, ModuleImport};
use crate::js::parse::loads::imported_by;
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, span};

impl Lowering<'_> {
    pub(super) fn register_statement(&mut self, statement: &ast::Statement<'_>) {
        match statement {
            ast::Statement::ImportDeclaration(it) => self.register_import(it),
            ast::Statement::ExportDeclaration(it) => self.register_declaration(&it.declaration),
            ast::Statement::ExportDefaultDeclaration(it) => match &it.declaration {
                ast::ExportDefaultDeclarationKind::FunctionDeclaration(it) => {
                    self.register_name(it.id.as_ref(), it.span);
                }
                ast::ExportDefaultDeclarationKind::ClassDeclaration(it) => {
                    self.register_name(it.id.as_ref(), it.span);
                }
                _ => {}
            },
            _ => {
                if let Some(declaration) = statement.as_declaration() {
                    self.register_declaration(declaration);
                }
            }
        }
    }

    fn register_declaration(&mut self, declaration: &ast::Declaration<'_>) {
        match declaration {
            ast::Declaration::VariableDeclaration(it) if !it.declare => {
                for declarator in &it.declarations {
                    self.register_variable(declarator);
                    if it.kind.is_const() {
                        self.split_object(declarator);
                    }
                    // Functions before it may test it.
                    if it.kind.is_const()
                        && let ast::BindingPattern::BindingIdentifier(id) = &declarator.id
                        && let Some(init) = &declarator.init
                    {
                        self.record_constant(id, init);
                    }
                }
            }
            ast::Declaration::VariableDeclaration(it) => {
                for id in it.declarations.iter().flat_map(|it| it.id.get_binding_identifiers()) {
                    self.record_declared(id);
                }
            }
            // An overload has no body, but its name is the same symbol.
            ast::Declaration::FunctionDeclaration(it) if it.body.is_some() => {
                self.register_name(it.id.as_ref(), it.span);
            }
            ast::Declaration::ClassDeclaration(it) if !it.declare => {
                self.register_name(it.id.as_ref(), it.span);
            }
            ast::Declaration::TSEnumDeclaration(it) if !it.declare => {
                self.register_name(Some(&it.id), it.span);
                self.split_enum(it);
            }
            ast::Declaration::TSNamespaceDeclaration(it) if !it.declare => {
                self.register_name(Some(&it.id), it.span);
            }
            ast::Declaration::TSImportEqualsDeclaration(it) => {
                self.register_import_equals(it);
            }
            _ => {}
        }
    }

    fn register_name(&mut self, id: Option<&ast::BindingIdentifier<'_>>, extent: oxc_span::Span) {
        if let Some(id) = id {
            self.bind(id, span(extent), BindingTarget::Local);
        }
    }

    fn register_variable(&mut self, declarator: &ast::VariableDeclarator<'_>) {
        let extent = span(declarator.span);
        let required = declarator.init.as_ref().and_then(|init| self.required(init));
        let Some((import, member)) = required else {
            for id in declarator.id.get_binding_identifiers() {
                self.bind(id, extent, BindingTarget::Local);
            }
            return;
        };
        let name = |key: Option<&str>| match (&member, key) {
            (None, None) => Some(Imported::All),
            (None, Some(key)) => Some(Imported::Name(key.to_owned())),
            (Some(member), None) => Some(Imported::Name(member.clone())),
            // A property of an export is not distinguished from the export.
            (Some(member), Some(_)) => Some(Imported::Name(member.clone())),
        };
        match &declarator.id {
            ast::BindingPattern::BindingIdentifier(id) => {
                let target = name(None)
                    .map_or(BindingTarget::Local, |name| BindingTarget::Imported { import, name });
                self.bind(id, extent, target);
            }
            ast::BindingPattern::ObjectPattern(it) => {
                for property in &it.properties {
                    let key = property.key.static_name();
                    let imported = match &key {
                        Some(key) => name(Some(key)),
                        None => name(None),
                    };
                    for id in property.value.get_binding_identifiers() {
                        let target = imported.clone().map_or(BindingTarget::Local, |name| {
                            BindingTarget::Imported { import, name }
                        });
                        self.bind(id, extent, target);
                    }
                }
                if let Some(rest) = &it.rest {
                    for id in rest.argument.get_binding_identifiers() {
                        self.bind(
                            id,
                            extent,
                            BindingTarget::Imported { import, name: Imported::All },
                        );
                    }
                }
            }
            other => {
                for id in other.get_binding_identifiers() {
                    self.bind(id, extent, BindingTarget::Local);
                }
            }
        }
        let own = self.module.bindings.len() - 1;
        if own != MODULE_INIT {
            self.owned_import(own, import);
        }
    }

    /// The module in an initialiser, `require('x')` or `await import('x')`, and the member that is
    /// read of it.
    fn required(&mut self, init: &ast::Expression<'_>) -> Option<(usize, Option<String>)> {
        let init = inner(init);
        if let Some(import) = self.required_whole(init) {
            return Some((import, None));
        }
        let ast::Expression::StaticMemberExpression(it) = init else { return None };
        let import = self.required_whole(inner(&it.object))?;
        Some((import, Some(it.property.name.to_string())))
    }

    fn required_whole(&mut self, init: &ast::Expression<'_>) -> Option<usize> {
        let (at, loaded) = match init {
            ast::Expression::CallExpression(it) => (it.span, self.loaded_by(it)?),
            ast::Expression::AwaitExpression(it) => match inner(&it.argument) {
                ast::Expression::ImportExpression(it) => (it.span, imported_by(it)?),
                _ => return None,
            },
            _ => return None,
        };
        if !loaded.is_value || loaded.kind == ImportKind::Glob {
            return None;
        }
        let specifier = loaded.specifiers.into_iter().next()?;
        let import = self.import(specifier, span(at), loaded.kind);
        self.calls.insert(at.start, import);
        if let Some(prefix) = loaded.in_other_modes {
            self.import_in_other_modes(prefix, at);
        }
        Some(import)
    }

    fn register_import(&mut self, it: &ast::ImportDeclaration<'_>) {
        let specifiers = it.specifiers.as_ref().map_or(&[][..], |all| all.as_slice());
        let is_type = it.import_kind.is_type();
        let is_value = |specifier: &ast::ImportDeclarationSpecifier<'_>| match specifier {
            ast::ImportDeclarationSpecifier::ImportSpecifier(it) => !it.import_kind.is_type(),
            _ => true,
        };
        let erased = if is_type {
            Erased::Type
        } else if specifiers.is_empty()
            || specifiers.iter().any(|one| is_value(one) && self.is_value(one.local()))
        {
            Erased::No
        } else if !specifiers.iter().any(is_value) || self.drops_unused() {
            Erased::Unused
        } else {
            Erased::No
        };
        let import = self.module.imports.len();
        self.module.imports.push(ModuleImport {
            specifier: it.source.value.to_string(),
            span: span(it.span),
            kind: ImportKind::Static,
            erased,
            guard: Guard::None,
        });
        if is_type {
            return;
        }
        for specifier in specifiers.iter().filter(|one| is_value(one)) {
            let name = match specifier {
                ast::ImportDeclarationSpecifier::ImportSpecifier(it) => {
                    Imported::Name(it.imported.name().to_string())
                }
                ast::ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => {
                    Imported::Name("default".to_owned())
                }
                ast::ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => Imported::All,
            };
            let target = BindingTarget::Imported { import, name };
            self.bind(specifier.local(), span(specifier.span()), target);
            if let ast::ImportDeclarationSpecifier::ImportSpecifier(specifier) = specifier {
                self.record_known_constant(it, specifier);
            }
        }
    }

    fn register_import_equals(&mut self, it: &ast::TSImportEqualsDeclaration<'_>) {
        if it.import_kind.is_type() {
            return;
        }
        let ast::TSModuleReference::ExternalModuleReference(reference) = &it.module_reference
        else {
            self.bind(&it.id, span(it.span), BindingTarget::Local);
            return;
        };
        let import =
            self.import(reference.expression.value.to_string(), span(it.span), ImportKind::Require);
        if !self.is_value(&it.id) {
            self.module.imports[import].erased = Erased::Unused;
        }
        self.bind(&it.id, span(it.span), BindingTarget::Imported { import, name: Imported::All });
    }
}

#[cfg(test)]
mod tests {
    use crate::js::parse::testing::assert_shapes;

    #[test]
    fn imports_are_found_by_any_means() {
        assert_shapes(
            "a.ts",
            &[
                ("import './a'", "Static ./a"),
                ("import a from './a'; a()", "Static ./a; * a; a = default of 0"),
                ("import { a as b } from './a'; b()", "Static ./a; * b; b = a of 0"),
                ("import * as a from './a'; a.x()", "Static ./a; * a.x; a = 0"),
                ("import * as a from './a'; f(a)", "Static ./a; * a; a = 0"),
                (
                    "import * as a from './a'; const { x, y: z } = a",
                    "Static ./a; a = 0; x a.x a.y; z x",
                ),
                ("import { a } from './a'", "Static ./a unused; a = a of 0"),
                ("import { a } from './a'; let b: a", "Static ./a unused; a = a of 0; b"),
                ("import type { a } from './a'", "Static ./a type"),
                ("import { type a, type b } from './a'", "Static ./a unused"),
                ("import { type a, b } from './a'; b()", "Static ./a; * b; b = b of 0"),
                ("export type { a } from './a'", "Static ./a type"),
                ("export type * from './a'", "Static ./a type"),
                ("export { type a } from './a'", "Static ./a unused"),
                ("export { a as b } from './a'", "Static ./a; export b a of 0"),
                ("export * from './a'", "Static ./a; export * 0"),
                ("export * as a from './a'", "Static ./a; export a 0"),
                ("import a = require('./a'); a.b()", "Require ./a; * a.b; a = 0 <0>"),
                ("import a = require('./a')", "Require ./a unused; a = 0 <0>"),
                ("type a = typeof import('./a')", ""),
                ("import('./a')", "Dynamic ./a; * <0>"),
                ("const f = () => import(`./a`)", "Dynamic ./a; f <0>"),
                ("import(`./a/${b}.js`)", "Glob ./a/; * <0>"),
                ("import('./a/' + b)", "Glob ./a/; * <0>"),
                ("import(b)", ""),
                ("const a = await import('./a'); a.b", "Dynamic ./a; * a.b; a = 0 <0>"),
                ("const { a } = await import('./a')", "Dynamic ./a; * a; a = a of 0 <0>"),
                ("require('./a')", "Require ./a; * <0>"),
                ("const a = require('./a'); a.b()", "Require ./a; * a.b; a = 0 <0>"),
                (
                    "const { a, b: c } = require('./a')",
                    "Require ./a; a = a of 0 <0>; c = b of 0 <0> a",
                ),
                ("const a = require('./a').b", "Require ./a; * a; a = b of 0 <0>"),
                ("function f(require) { require('./a') }", "f"),
                ("const a = import.meta.glob('./a/*.ts')", "Glob ./a/*.ts; a <0>"),
                (
                    "import.meta.glob(['./a/*.ts', '!./b', './c/**'])",
                    "Glob ./a/*.ts !./b; Glob ./c/** !./b; * <0> <1>",
                ),
                ("require.context('./a', true)", "Glob ./a/; * <0>"),
                ("new Worker(new URL('./w', import.meta.url))", "Worker ./w; * <0>"),
                ("new SharedWorker('/w.js')", "Worker /w.js; * <0>"),
                ("navigator.serviceWorker.register('/sw.js')", "Worker /sw.js; * <0>"),
                ("new URL('./a.png', import.meta.url)", "Asset ./a.png; * <0>"),
                ("importScripts('a.js', 'b.js')", "Require a.js; Require b.js; * <0> <1>"),
            ],
        );
    }

    #[test]
    fn javascript_keeps_unused_imports() {
        assert_shapes("a.js", &[("import { a } from './a'", "Static ./a; a = a of 0")]);
    }

    #[test]
    fn bindings_use_one_another() {
        assert_shapes(
            "a.tsx",
            &[
                ("const a = 1, b = a", "a; b a"),
                ("f(a); const a = 1; function f(x) { return x + a }", "* f a; a; f a"),
                ("const { a, b: [c], ...d } = e, e = 1", "a e; c a; d a; e"),
                ("const a = 1; function f(a) { return a }", "a; f"),
                ("class A extends B { x = c } class B {} const c = 1", "A B c; B; c"),
                ("enum A { X = b } const b = 1", "A b; b"),
                ("const A = () => 1; const B = () => <A x={c}/>; const c = 1", "A; B A c; c"),
                ("import * as ui from 'ui'; const B = () => <ui.A/>", "Static ui; ui = 0; B ui.A"),
                ("const a = 1; interface I { x: typeof a }", "a"),
                ("let a; a = b; const b = 1", "a b; b"),
                ("let a; a = f(); function f() {}", "* a; a f; f"),
                ("function P() {} P.getInitialProps = () => k; const k = 1", "P k; k"),
                ("const a = f(b); const b = 1", "* a; a b; b"),
                ("const a = f(); const b = a", "a; b a"),
            ],
        );
    }
}
