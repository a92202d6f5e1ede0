//! Lowers statements and declarations at any depth.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::guard::{Absence, CodeWord, Guard};
use crate::js::ir::{BindingTarget, Condition, Expr, ExprId, Property, PropertyKey, Span};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::patterns::PatternSource;
use crate::js::parse::syntax::{inner, literal, offset, span, symbol_index};

impl Lowering<'_> {
    pub(super) fn statements<'a>(
        &mut self,
        statements: &[ast::Statement<'a>],
        mut lower: impl FnMut(&mut Self, &ast::Statement<'a>),
    ) {
        let before = self.guard;
        let end = statements.last().map_or(0, |last| last.span().end);
        for statement in statements {
            if let ast::Statement::FunctionDeclaration(_) = statement {
                // It is there before all statements.
                let guard = self.guard;
                self.set_guard(before);
                lower(self, statement);
                self.set_guard(guard);
                continue;
            }
            lower(self, statement);
            if let ast::Statement::IfStatement(it) = statement
                && it.alternate.is_none()
                && always_leaves(&it.consequent)
            {
                self.condition_after(it, end);
            }
            // `if (import.meta.client) return`: the statements after it run on servers.
            if let ast::Statement::IfStatement(it) = statement
                && it.alternate.is_none()
                && always_leaves(&it.consequent)
            {
                self.set_guard(self.guard.max(self.guards(&it.test).if_false));
            }
            if always_leaves(statement) {
                self.set_guard(self.guard.max(Guard::LeftOut(Absence::Unreachable)));
            }
        }
        self.set_guard(before);
    }

    /// Records that the statements after `if (…) continue` run only if the test is false.
    fn condition_after(&mut self, it: &ast::IfStatement<'_>, end: u32) {
        let branch = span(it.consequent.span());
        let Some(body) = &mut self.body else { return };
        let known = body.conditions.iter().rev().find(|known| known.span == branch);
        if let Some(&Condition { test, .. }) = known {
            let span = Span::new(it.span.end, end);
            body.conditions.push(Condition { span, test, holds: false });
        }
    }

    /// Records that a branch runs only if a test is true, or false.
    fn condition(&mut self, branch: &ast::Statement<'_>, test: ExprId, holds: bool) {
        let span = span(branch.span());
        if let Some(body) = &mut self.body {
            body.conditions.push(Condition { span, test, holds });
        }
    }

    pub(super) fn block(&mut self, statements: &[ast::Statement<'_>]) {
        self.statements(statements, Self::statement);
    }

    pub(super) fn statement(&mut self, statement: &ast::Statement<'_>) {
        match statement {
            ast::Statement::BlockStatement(it) => self.block(&it.body),
            ast::Statement::ExpressionStatement(it) => self.unused(&it.expression),
            ast::Statement::IfStatement(it) => {
                let test = self.expr(&it.test);
                let guards = self.guards(&it.test);
                self.condition(&it.consequent, test, true);
                self.with_guard(guards.if_true, |lowering| lowering.statement(&it.consequent));
                if let Some(alternate) = &it.alternate {
                    self.condition(alternate, test, false);
                    self.with_guard(guards.if_false, |lowering| lowering.statement(alternate));
                }
            }
            ast::Statement::ReturnStatement(it) => {
                if let Some(argument) = &it.argument {
                    let id = self.expr(argument);
                    if self.body.is_some()
                        && let Some(returns) = self.returns.last_mut()
                    {
                        returns.push(id);
                    }
                }
            }
            ast::Statement::ThrowStatement(it) => {
                let id = self.expr(&it.argument);
                if self.body.is_some()
                    && let Some(throws) = self.throws.last_mut()
                {
                    throws.push(id);
                }
            }
            ast::Statement::TryStatement(it) => {
                match &it.handler {
                    Some(handler) => self.caught(&it.block, handler),
                    None => self.block(&it.block.body),
                }
                if let Some(finalizer) = &it.finalizer {
                    self.block(&finalizer.body);
                }
            }
            ast::Statement::ForStatement(it) => {
                match &it.init {
                    Some(ast::ForStatementInit::VariableDeclaration(it)) => self.variables(it),
                    Some(init) => {
                        self.expr(init.to_expression());
                    }
                    None => {}
                }
                self.optional(it.test.as_ref());
                let guard = it.test.as_ref().map_or(Guard::None, |test| self.guards(test).if_true);
                self.with_guard(guard, |lowering| {
                    lowering.optional(it.update.as_ref());
                    lowering.statement(&it.body);
                });
            }
            ast::Statement::ForInStatement(it) => {
                let keys = self.keys_of(&it.right);
                let index = self.other(it.right.span());
                let element = self.add(it.right.span(), || Expr::Index(keys, index));
                self.for_left(&it.left, PatternSource::Init(element));
                self.statement(&it.body);
            }
            ast::Statement::ForOfStatement(it) => {
                let list = self.expr(&it.right);
                let index = self.other(it.right.span());
                let element = self.add(it.right.span(), || Expr::Index(list, index));
                self.for_left(&it.left, PatternSource::Init(element));
                self.statement(&it.body);
            }
            ast::Statement::WhileStatement(it) => {
                self.expr(&it.test);
                let guard = self.guards(&it.test).if_true;
                self.with_guard(guard, |lowering| lowering.statement(&it.body));
            }
            ast::Statement::DoWhileStatement(it) => {
                self.statement(&it.body);
                self.expr(&it.test);
            }
            ast::Statement::SwitchStatement(it) => {
                self.expr(&it.discriminant);
                for case in &it.cases {
                    self.optional(case.test.as_ref());
                    let text = case.test.as_ref().and_then(literal);
                    let guard = text.map_or(Guard::None, |text| {
                        self.text_guards(&it.discriminant, &text).if_true
                    });
                    self.with_guard(guard, |lowering| lowering.block(&case.consequent));
                }
            }
            ast::Statement::LabeledStatement(it) => {
                // `dropLabels` of esbuild.
                let word = CodeWord::new(&format!("{}:", it.label.name));
                let guard = Guard::LeftOut(Absence::Call(word));
                let around = std::mem::replace(&mut self.in_label, true);
                self.with_guard(guard, |lowering| lowering.statement(&it.body));
                self.in_label = around;
            }
            ast::Statement::WithStatement(it) => {
                self.expr(&it.object);
                self.statement(&it.body);
            }
            _ => {
                if let Some(declaration) = statement.as_declaration() {
                    self.declaration(declaration);
                }
            }
        }
    }

    /// Lowers a block whose errors are caught, and the handler.
    fn caught(&mut self, block: &ast::BlockStatement<'_>, handler: &ast::CatchClause<'_>) {
        self.throws.push(Vec::new());
        let first = self.next_node();
        self.block(&block.body);
        let end = self.next_node();
        let thrown = self.throws.pop().unwrap_or_default();
        if let Some(parameter) = &handler.param {
            let block = (first, end);
            let error = self.add(parameter.span, || Expr::Caught { thrown, block });
            let source = PatternSource::Init(error);
            self.pattern(&parameter.pattern, source, &mut Vec::new(), None);
        }
        self.block(&handler.body.body);
    }

    /// Lowers an expression whose value nothing uses.
    pub(super) fn unused(&mut self, it: &ast::Expression<'_>) {
        let (at, is_pure) = match inner(it) {
            ast::Expression::CallExpression(it) => (it.span.start, it.pure),
            ast::Expression::NewExpression(it) => (it.span.start, it.pure),
            _ => {
                self.expr(it);
                return;
            }
        };
        self.unused_call = Some(at);
        let guard = if is_pure { Guard::LeftOut(Absence::PureCall) } else { Guard::None };
        self.with_guard(guard, |lowering| lowering.expr(it));
    }

    pub(super) fn optional(&mut self, it: Option<&ast::Expression<'_>>) {
        if let Some(it) = it {
            self.expr(it);
        }
    }

    /// Lowers `x` of `for (const key in x)` as `Object.keys(x)`.
    fn keys_of(&mut self, it: &ast::Expression<'_>) -> ExprId {
        let object = self.expr(it);
        let global = self.add(it.span(), || Expr::Global("Object".into()));
        let callee = self.add(it.span(), || Expr::Member(global, "keys".into()));
        let arguments = vec![object];
        self.add(it.span(), || Expr::Call { callee, arguments, is_new: false })
    }

    fn for_left(&mut self, left: &ast::ForStatementLeft<'_>, source: PatternSource) {
        match left {
            ast::ForStatementLeft::VariableDeclaration(it) => {
                for declarator in &it.declarations {
                    self.pattern(&declarator.id, source, &mut Vec::new(), None);
                }
            }
            other => {
                let value = match source {
                    PatternSource::Init(element) => element,
                    PatternSource::Parameter { .. } | PatternSource::Unknown => {
                        self.other(other.span())
                    }
                };
                self.assign_target(other.to_assignment_target(), value);
            }
        }
    }

    pub(super) fn declaration(&mut self, declaration: &ast::Declaration<'_>) {
        match declaration {
            ast::Declaration::VariableDeclaration(it) => self.variables(it),
            ast::Declaration::FunctionDeclaration(it) => self.function_declaration(it),
            ast::Declaration::ClassDeclaration(it) => {
                self.class(it);
            }
            ast::Declaration::TSEnumDeclaration(it) if !it.declare => self.enumeration(it),
            ast::Declaration::TSNamespaceDeclaration(it) if !it.declare => self.namespace(it),
            ast::Declaration::TSImportEqualsDeclaration(it) => {
                if let ast::TSModuleReference::ExternalModuleReference(_) = it.module_reference
                    && let Some(binding) = self.binding_of(&it.id)
                    && let BindingTarget::Imported { import, .. } =
                        self.module.bindings[binding].target
                {
                    self.owned_import(binding, import);
                }
            }
            _ => {}
        }
    }

    /// Lowers a namespace to an object of its exports.
    pub(super) fn namespace(&mut self, it: &ast::TSNamespaceDeclaration<'_>) {
        let mut members = Vec::new();
        match &it.body {
            ast::TSNamespaceDeclarationBody::TSNamespaceDeclaration(it) => self.namespace(it),
            ast::TSNamespaceDeclarationBody::TSModuleBlock(it) => {
                for statement in &it.body {
                    match statement {
                        ast::Statement::ExportDeclaration(it) => {
                            self.declaration(&it.declaration);
                            self.namespace_members(&it.declaration, &mut members);
                        }
                        other => self.statement(other),
                    }
                }
            }
        }
        if self.body.is_some() {
            let value = self.add(it.span, || Expr::Object(members));
            self.declare(&it.id, PatternSource::Init(value), &[], None);
        }
    }

    fn namespace_members(
        &mut self,
        declaration: &ast::Declaration<'_>,
        members: &mut Vec<Property>,
    ) {
        let ids = match declaration {
            ast::Declaration::VariableDeclaration(it) => {
                it.declarations.iter().flat_map(|one| one.id.get_binding_identifiers()).collect()
            }
            other => other.id().into_iter().collect::<Vec<_>>(),
        };
        for id in ids {
            let Some(symbol) = id.symbol_id.get().map(symbol_index) else { continue };
            let value = self.add(id.span, || Expr::Symbol(offset(symbol)));
            if self.body.is_some() {
                let key = PropertyKey::Name(id.name.as_str().into());
                members.push(Property { key, value, span: span(id.span) });
            }
        }
    }

    /// Lowers an enum to an object.
    fn enumeration(&mut self, it: &ast::TSEnumDeclaration<'_>) {
        let mut properties = Vec::new();
        for member in &it.body.members {
            let Some(initializer) = &member.initializer else { continue };
            let part = self.part_at.get(&member.span.start).copied();
            if let Some(part) = part {
                self.add_region(member.span, part);
            }
            let value =
                self.with_owner(part.unwrap_or(self.owner), |lowering| lowering.expr(initializer));
            if self.body.is_some() {
                properties.push(Property {
                    key: PropertyKey::Name(member.id.static_name().as_str().into()),
                    value,
                    span: span(member.span),
                });
            }
        }
        let expr = self.add(it.span, || Expr::Object(properties));
        self.declare(&it.id, PatternSource::Init(expr), &[], None);
    }

    fn variables(&mut self, it: &ast::VariableDeclaration<'_>) {
        if it.declare {
            return;
        }
        for declarator in &it.declarations {
            self.variable(declarator, it.kind);
        }
    }

    pub(super) fn variable(
        &mut self,
        declarator: &ast::VariableDeclarator<'_>,
        kind: ast::VariableDeclarationKind,
    ) {
        let Some(init) = &declarator.init else {
            self.pattern(&declarator.id, PatternSource::Unknown, &mut Vec::new(), None);
            return;
        };
        let value = match &declarator.id {
            ast::BindingPattern::BindingIdentifier(id) => {
                if kind.is_const() {
                    self.record_constant(id, init);
                }
                let first = self.next_node();
                let value = self.expr_named(init, &id.name);
                if let Some(symbol) = id.symbol_id.get()
                    && !self.scoping.symbol_is_mutated(symbol)
                    && self.bindings.get(symbol_index(symbol)).is_none_or(Option::is_none)
                {
                    self.local_constants.push((symbol_index(symbol), first, value));
                }
                value
            }
            ast::BindingPattern::ObjectPattern(pattern) => {
                self.expect_destructured(pattern, init);
                match self.destructured_namespace(pattern, inner(init)) {
                    Some(value) => value,
                    None => self.expr(init),
                }
            }
            _ => self.expr(init),
        };
        self.pattern(&declarator.id, PatternSource::Init(value), &mut Vec::new(), None);
    }

    /// Lowers `const { a, b } = ns`, which uses only these members of a whole module.
    fn destructured_namespace(
        &mut self,
        pattern: &ast::ObjectPattern<'_>,
        init: &ast::Expression<'_>,
    ) -> Option<ExprId> {
        let ast::Expression::Identifier(it) = init else { return None };
        let symbol = self.symbol(it)?;
        if pattern.rest.is_some() {
            return None;
        }
        let names: Option<Vec<_>> =
            pattern.properties.iter().map(|property| property.key.static_name()).collect();
        for name in names? {
            self.use_symbol(symbol_index(symbol), Some(&name), span(it.span));
        }
        Some(self.add(it.span, || Expr::Symbol(offset(symbol_index(symbol)))))
    }
}

/// True if a statement always leaves its function or loop.
fn always_leaves(statement: &ast::Statement<'_>) -> bool {
    match statement {
        ast::Statement::ReturnStatement(_)
        | ast::Statement::ThrowStatement(_)
        | ast::Statement::ContinueStatement(_)
        | ast::Statement::BreakStatement(_) => true,
        ast::Statement::BlockStatement(it) => it.body.last().is_some_and(always_leaves),
        ast::Statement::IfStatement(it) => {
            always_leaves(&it.consequent) && it.alternate.as_ref().is_some_and(always_leaves)
        }
        _ => false,
    }
}
