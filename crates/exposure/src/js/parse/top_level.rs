//! Lowers top-level statements: declarations, exports of ES modules, Svelte's reactive statements.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::guard::Guard;
use crate::js::ir::{
    BindingTarget, Erased, ExportSource, ExprId, ImportKind, Imported, MODULE_INIT, Symbol,
    SymbolValue,
};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::parts::MAX_DEPTH;
use crate::js::parse::syntax::{inner, offset, span, symbol_index};

impl Lowering<'_> {
    pub(super) fn top_statement(&mut self, statement: &ast::Statement<'_>) {
        match statement {
            ast::Statement::ImportDeclaration(_) => {}
            ast::Statement::ExportDeclaration(it) => self.top_exported(&it.declaration),
            ast::Statement::ExportDefaultDeclaration(it) => self.top_default(it),
            ast::Statement::ExportNamedDeclaration(it) => {
                if it.export_kind.is_type() {
                    return;
                }
                for specifier in it.specifiers.iter().filter(|one| !one.export_kind.is_type()) {
                    self.export_local(specifier);
                }
            }
            ast::Statement::ExportFromDeclaration(it) => self.top_export_from(it),
            ast::Statement::ExportAllDeclaration(it) => self.top_export_all(it),
            ast::Statement::TSExportAssignment(it) => {
                let at = it.span;
                let binding = self.add_binding(
                    "default".to_owned(),
                    span(at),
                    span(at),
                    BindingTarget::Local,
                );
                self.export("default", binding, at);
                self.add_region(at, binding);
                self.with_owner(binding, |lowering| {
                    lowering.expr(&it.expression);
                });
            }
            ast::Statement::ExpressionStatement(it) => match inner(&it.expression) {
                ast::Expression::AssignmentExpression(assignment) => {
                    self.top_assignment(assignment);
                }
                _ => self.unused(&it.expression),
            },
            ast::Statement::LabeledStatement(it) if it.label.name == "$" => self.top_reactive(it),
            _ => match statement.as_declaration() {
                Some(declaration) => self.top_declaration(declaration),
                None => self.statement(statement),
            },
        }
    }

    fn top_exported(&mut self, declaration: &ast::Declaration<'_>) {
        self.top_declaration(declaration);
        match declaration {
            ast::Declaration::VariableDeclaration(it) => {
                for declarator in &it.declarations {
                    for id in declarator.id.get_binding_identifiers() {
                        self.export_id(id);
                    }
                }
            }
            other => {
                if let Some(id) = other.id() {
                    self.export_id(id);
                }
            }
        }
    }

    fn export_id(&mut self, id: &ast::BindingIdentifier<'_>) {
        if let Some(binding) = self.binding_of(id) {
            self.export(&id.name, binding, id.span);
        }
    }

    fn top_declaration(&mut self, declaration: &ast::Declaration<'_>) {
        match declaration {
            ast::Declaration::VariableDeclaration(it) => {
                if it.declare {
                    return;
                }
                for declarator in &it.declarations {
                    self.top_variable(declarator, it.kind);
                }
            }
            ast::Declaration::FunctionDeclaration(it) => {
                if it.body.is_none() {
                    return;
                }
                let owner =
                    it.id.as_ref().and_then(|id| self.binding_of(id)).unwrap_or(MODULE_INIT);
                self.add_region(it.span, owner);
                self.with_owner(owner, |lowering| lowering.function_declaration(it));
            }
            ast::Declaration::ClassDeclaration(it) => {
                if it.declare {
                    return;
                }
                let owner =
                    it.id.as_ref().and_then(|id| self.binding_of(id)).unwrap_or(MODULE_INIT);
                self.add_region(it.span, owner);
                self.with_owner(owner, |lowering| lowering.class(it));
            }
            other => {
                let owner = other.id().and_then(|id| self.binding_of(id)).unwrap_or(MODULE_INIT);
                self.add_region(other.span(), owner);
                self.with_owner(owner, |lowering| lowering.declaration(other));
            }
        }
    }

    fn top_variable(
        &mut self,
        declarator: &ast::VariableDeclarator<'_>,
        kind: ast::VariableDeclarationKind,
    ) {
        let ids = declarator.id.get_binding_identifiers();
        let owners: Vec<usize> = ids.iter().filter_map(|id| self.binding_of(id)).collect();
        let owner = owners.first().copied().unwrap_or(MODULE_INIT);
        self.add_region(declarator.span, owner);
        let before = std::mem::take(&mut self.runs);
        self.with_owner(owner, |lowering| lowering.variable(declarator, kind));
        for other in owners.iter().skip(1) {
            self.use_from(*other, owner, None, span(declarator.span), Guard::None);
        }
        if self.runs && owner != MODULE_INIT {
            self.module.running.push(owner);
        }
        self.runs |= before;
    }

    fn top_default(&mut self, it: &ast::ExportDefaultDeclaration<'_>) {
        match &it.declaration {
            ast::ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                let owner = self.default_owner(function.id.as_ref(), it.span);
                if function.body.is_none() {
                    return;
                }
                self.add_region(it.span, owner);
                self.with_owner(owner, |lowering| {
                    let value = lowering.function_named(function, "default");
                    lowering.set_default_export(value);
                });
            }
            ast::ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                let owner = self.default_owner(class.id.as_ref(), it.span);
                self.add_region(it.span, owner);
                self.with_owner(owner, |lowering| {
                    let value = lowering.class(class);
                    lowering.set_default_export(value);
                });
            }
            ast::ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
            expression => {
                let expression = expression.to_expression();
                let owner = match self.split_constant(expression) {
                    Some(constant) => {
                        self.export("default", constant, it.span);
                        constant
                    }
                    None => self.default_owner(None, it.span),
                };
                if let ast::Expression::ObjectExpression(object) = inner(expression) {
                    self.split_properties(owner, "default", object, MAX_DEPTH);
                }
                self.add_region(it.span, owner);
                let before = std::mem::take(&mut self.runs);
                self.with_owner(owner, |lowering| {
                    let value = lowering.expr_named(expression, "default");
                    lowering.set_default_export(value);
                });
                if self.runs {
                    self.module.running.push(owner);
                }
                self.runs |= before;
            }
        }
    }

    fn default_owner(
        &mut self,
        id: Option<&ast::BindingIdentifier<'_>>,
        at: oxc_span::Span,
    ) -> usize {
        let owner = id.and_then(|id| self.binding_of(id)).unwrap_or_else(|| {
            self.add_binding("default".to_owned(), span(at), span(at), BindingTarget::Local)
        });
        self.export("default", owner, at);
        owner
    }

    /// The constant with parts that an expression names: to export it is to export each of them.
    fn split_constant(&self, it: &ast::Expression<'_>) -> Option<usize> {
        let ast::Expression::Identifier(id) = inner(it) else { return None };
        let binding = self.bindings.get(symbol_index(self.symbol(id)?)).copied().flatten()?;
        let is_enum = self.module.enums.contains(&binding);
        (self.split.contains(&binding) && !is_enum).then_some(binding)
    }

    fn set_default_export(&mut self, value: ExprId) {
        if let Some(body) = &mut self.body {
            body.default_export = Some(value);
        }
    }

    fn export_local(&mut self, specifier: &ast::ExportSpecifier<'_>) {
        let ast::ModuleExportName::IdentifierReference(local) = &specifier.local else { return };
        let Some(symbol) = self.symbol(local) else { return };
        let Some(binding) = self.bindings.get(symbol_index(symbol)).copied().flatten() else {
            return;
        };
        self.export(&specifier.exported.name(), binding, specifier.span);
    }

    fn top_export_from(&mut self, it: &ast::ExportFromDeclaration<'_>) {
        let import = self.import(it.source.value.to_string(), span(it.span), ImportKind::Static);
        if it.export_kind.is_type() {
            self.module.imports[import].erased = Erased::Type;
            return;
        }
        if !it.specifiers.is_empty() && it.specifiers.iter().all(|one| one.export_kind.is_type()) {
            self.module.imports[import].erased = Erased::Unused;
            return;
        }
        for specifier in it.specifiers.iter().filter(|one| !one.export_kind.is_type()) {
            let name = Imported::Name(specifier.local.name().to_string());
            let source = ExportSource::Import { import, name };
            self.add_export(&specifier.exported.name(), source, span(specifier.span));
        }
    }

    fn top_export_all(&mut self, it: &ast::ExportAllDeclaration<'_>) {
        let import = self.import(it.source.value.to_string(), span(it.span), ImportKind::Static);
        if it.export_kind.is_type() {
            self.module.imports[import].erased = Erased::Type;
            return;
        }
        let source = ExportSource::Import { import, name: Imported::All };
        match &it.exported {
            Some(name) => self.add_export(&name.name(), source, span(it.span)),
            None => self.add_export("*", source, span(it.span)),
        }
    }

    /// Lowers `module.exports = …`, `exports.a = …`, `Page.getInitialProps = …`, `key = …`.
    fn top_assignment(&mut self, it: &ast::AssignmentExpression<'_>) {
        if let Some(name) = self.commonjs_export(&it.left) {
            self.top_commonjs(it, name);
            return;
        }
        let owner = self.assigned_binding(&it.left).unwrap_or(MODULE_INIT);
        self.add_region(it.span, owner);
        let before = std::mem::take(&mut self.runs);
        self.with_owner(owner, |lowering| {
            lowering.assignment(it);
        });
        if self.runs && owner != MODULE_INIT {
            self.use_from(MODULE_INIT, owner, None, span(it.span), Guard::None);
        }
        self.runs |= before;
    }

    /// Lowers Svelte's `$: a = b`, which declares `a` if nothing else does.
    fn top_reactive(&mut self, it: &ast::LabeledStatement<'_>) {
        if self.source.has_template
            && let ast::Statement::ExpressionStatement(statement) = &it.body
            && let ast::Expression::AssignmentExpression(assignment) = inner(&statement.expression)
            && let ast::AssignmentTarget::AssignmentTargetIdentifier(id) = &assignment.left
            && self.resolve(id).is_none()
        {
            let (at, extent) = (span(id.span), span(it.span));
            let binding = self.add_binding(id.name.to_string(), at, extent, BindingTarget::Local);
            self.module.bindings[binding].symbol = Some(offset(self.bindings.len()));
            self.names.insert(id.name.as_str().into(), self.bindings.len());
            self.bindings.push(Some(binding));
            if let Some(body) = &mut self.body {
                body.symbols.push(Symbol {
                    name: id.name.as_str().into(),
                    span: at,
                    binding: Some(binding),
                    value: SymbolValue::Unknown,
                    assigned: Vec::new(),
                    added: Vec::new(),
                });
            }
        }
        match &it.body {
            ast::Statement::ExpressionStatement(statement) => match inner(&statement.expression) {
                ast::Expression::AssignmentExpression(it) => self.top_assignment(it),
                other => {
                    self.expr(other);
                }
            },
            other => self.statement(other),
        }
    }

    /// The local binding that is assigned to, or whose member is.
    fn assigned_binding(&self, target: &ast::AssignmentTarget<'_>) -> Option<usize> {
        let symbol = match target {
            ast::AssignmentTarget::AssignmentTargetIdentifier(it) => self.resolve(it)?,
            _ => {
                let mut object = target.as_member_expression()?.object();
                while let Some(member) = inner(object).as_member_expression() {
                    object = member.object();
                }
                let ast::Expression::Identifier(it) = inner(object) else { return None };
                self.resolve(it)?
            }
        };
        let binding = self.bindings.get(symbol).copied().flatten()?;
        (self.module.bindings[binding].target == BindingTarget::Local).then_some(binding)
    }
}

#[cfg(test)]
mod tests {
    use crate::js::parse::testing::assert_shapes;

    #[test]
    fn exports_name_their_bindings() {
        assert_shapes(
            "a.js",
            &[
                ("export const a = 1, { b } = c", "a; b; export a a; export b b"),
                ("export default function f() {}", "f; export default f"),
                (
                    "export default function () { a } const a = 1",
                    "a; default a; export default default",
                ),
                ("const a = 1; export default a", "a; default a; export default default"),
                ("export default class {}", "default; export default default"),
                ("const a = 1; export { a as b, a as default }", "a; export b a; export default a"),
                ("import { a } from './a'; export { a }", "Static ./a; a = a of 0; export a a"),
                ("module.exports = 1", "default; export default default"),
                (
                    "module.exports = { a, b: 1 }; const a = 1",
                    "a; default; default.a a; default.b; export default default; export a a; export b default",
                ),
                (
                    "exports.a = b; module.exports.c = 1; const b = 1",
                    "b; a b; c; export a a; export c c",
                ),
                (
                    "module.exports = require('./a')",
                    "Require ./a; default <0>; export default default; export * 0",
                ),
                ("function f(module) { module.exports = 1 }", "f"),
            ],
        );
    }
}
