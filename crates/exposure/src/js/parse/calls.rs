//! Lowers calls, `new` and `import(…)`.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::guard::{Absence, Guard};
use crate::js::ir::{Addition, Expr, ExprId, ExprNode, ImportKind, ManyModules, REST, SymbolValue};
use crate::js::parse::loads::{ModuleLoad, globbed_export, imported_by, is_eager};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, literal, offset, span};

/// True for the name of a method that fills its object: `setKey`, `withKey`, `configure`.
fn is_setter(method: &str) -> bool {
    let verbs = ["set", "with", "add", "use"];
    let is_verb = |verb: &&str| {
        method.strip_prefix(*verb).is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    matches!(method, "configure" | "init" | "initialize" | "setup") || verbs.iter().any(is_verb)
}

impl Lowering<'_> {
    pub(super) fn call(&mut self, it: &ast::CallExpression<'_>) -> ExprId {
        self.record_page_call(it);
        let first_import = self.module.imports.len();
        let imported = self.calls.get(&it.span.start).copied();
        let import = match imported {
            Some(import) => Some(import),
            None => match self.loaded_by(it) {
                Some(loaded) if is_eager(it) && matches!(globbed_export(it), Some(Some(_))) => {
                    if let Some(Some(export)) = globbed_export(it) {
                        for specifier in loaded.specifiers {
                            let import = self.import(specifier, span(it.span), loaded.kind);
                            self.take_export(import, &export, span(it.span));
                        }
                    }
                    None
                }
                Some(loaded) => {
                    if loaded.kind == ImportKind::Worker {
                        self.record_worker_address(it.arguments.first(), self.module.imports.len());
                    }
                    self.load(loaded, it.span)
                }
                None => {
                    self.runs |= self.function_depth == 0 && !it.pure;
                    None
                }
            },
        };
        if let Some(import) = import {
            self.runs |= self.function_depth == 0;
            self.owned_import(self.owner, import);
            let argument = it.arguments.first().and_then(|one| one.as_expression());
            let named_by = argument.map(|argument| self.expr(argument));
            return self.imported_value(it.span, import, named_by);
        }
        let last_import = self.module.imports.len();
        self.expect_taken(it);
        let callee = self.expr(&it.callee);
        // `resolveComponent('Name')` of Vue.
        if let ast::Expression::Identifier(name) = inner(&it.callee)
            && name.name == "resolveComponent"
            && let Some(first) = it.arguments.first().and_then(|one| one.as_expression())
            && let Some(component) = literal(first)
        {
            self.use_free(&component, span(it.span));
        }
        let arguments = match self.server_call(it) {
            Some(call) => self.server_arguments(&it.arguments, call.sends_result),
            None => {
                if let Some((options, property)) = self.server_options(it) {
                    self.server_option = Some((options.span.start, property));
                }
                if let ast::Expression::StaticMemberExpression(callee) = inner(&it.callee)
                    && callee.property.name == "select"
                    && self.is_platform(&callee.object)
                {
                    let first = it.arguments.first().and_then(|one| one.as_expression());
                    self.platform_choice = first.map(|first| inner(first).span().start);
                }
                let guard = if is_for_browsers(it) { Guard::Client } else { self.call_guard(it) };
                let around = self.guard;
                // `useEffect(() => console.log(…))`: builds drop the inner call.
                if matches!(
                    (around, guard),
                    (Guard::LeftOut(Absence::Call(_)), Guard::LeftOut(Absence::Call(_)))
                ) {
                    self.set_guard(guard);
                }
                let arguments =
                    self.with_guard(guard, |lowering| lowering.arguments(&it.arguments));
                self.set_guard(around);
                arguments
            }
        };
        let call = self.called(it.span, callee, arguments);
        self.record_addition(call);
        self.record_spread_over_this(call);
        if let (true, Some(export)) = (last_import > first_import, globbed_export(it))
            && let Some(body) = &mut self.body
        {
            let imports = (first_import, last_import);
            let export = export.map(Into::into);
            body.many_modules.push(ManyModules { expr: call, imports, named_by: None, export });
        }
        if matches!(inner(&it.callee), ast::Expression::Super(_)) {
            self.super_call = Some(call);
        }
        call
    }

    /// Adds the value of an import, which a text may name among several.
    fn imported_value(
        &mut self,
        at: oxc_span::Span,
        import: usize,
        named_by: Option<ExprId>,
    ) -> ExprId {
        let expr = self.add(at, || Expr::Import(offset(import)));
        let is_one_of_many = self.module.imports[import].kind == ImportKind::Glob;
        if let Some(body) = self.body.as_mut().filter(|_| is_one_of_many) {
            let (imports, export) = ((import, import + 1), None);
            body.many_modules.push(ManyModules { expr, imports, named_by, export });
        }
        expr
    }

    /// Records that a call adds to an object: `lines.push(x)`, `url.searchParams.set('key', x)`.
    fn record_addition(&mut self, call: ExprId) {
        let Some(body) = &mut self.body else { return };
        let Some(Expr::Call { callee, arguments, .. }) = body.node(call).map(|node| &node.expr)
        else {
            return;
        };
        let Some(Expr::Member(object, method)) = body.node(*callee).map(|node| &node.expr) else {
            return;
        };
        let added: Vec<Addition> = match (&**method, arguments.as_slice()) {
            ("push" | "unshift", all) => all.iter().map(|&it| Addition::Element(it)).collect(),
            ("set" | "append", &[_, value]) => vec![Addition::Part(value)],
            _ => return,
        };
        let (symbol, is_parameter) = match body.node(*object).map(|node| &node.expr) {
            Some(Expr::Symbol(symbol)) => (*symbol, false),
            Some(Expr::Member(object, name)) if &**name == "searchParams" => {
                match body.node(*object).map(|node| &node.expr) {
                    Some(Expr::Symbol(symbol)) => (*symbol, true),
                    _ => return,
                }
            }
            _ => return,
        };
        let Some(symbol) = body.symbols.get_mut(symbol as usize) else { return };
        symbol.added.extend(added.into_iter().map(|added| match added {
            Addition::Part(value) if is_parameter => Addition::Parameter(value),
            other => other,
        }));
    }

    /// Records `Object.assign(this, x)` as an assignment of all properties.
    fn record_spread_over_this(&mut self, call: ExprId) {
        let Some(body) = &mut self.body else { return };
        let Some(Expr::Call { callee, arguments, .. }) = body.node(call).map(|node| &node.expr)
        else {
            return;
        };
        let is_named = |expr: ExprId, wanted: &str| matches!(body.node(expr).map(|node| &node.expr), Some(Expr::Global(name)) if **name == *wanted);
        let is_assign = matches!(
            body.node(*callee).map(|node| &node.expr),
            Some(Expr::Member(object, name)) if &**name == "assign" && is_named(*object, "Object")
        );
        let Some((&this, given)) = arguments.split_first().filter(|_| is_assign) else { return };
        if !is_named(this, "this") {
            return;
        }
        let given = given.to_vec();
        let (span, context) =
            body.nodes.last().map(|node| (node.span, node.context)).unwrap_or_default();
        for value in given {
            let target = offset(body.nodes.len());
            body.nodes.push(ExprNode { expr: Expr::Member(this, REST.into()), span, context });
            body.assignments.push((target, value));
        }
    }

    /// Adds a call, of which functions among its arguments are told.
    fn called(&mut self, at: oxc_span::Span, callee: ExprId, arguments: Vec<ExprId>) -> ExprId {
        let given = arguments.clone();
        self.record_filling(callee, &arguments);
        let call = self.add(at, || Expr::Call { callee, arguments, is_new: false });
        for argument in given {
            let Some(body) = &mut self.body else { break };
            let Some(Expr::Function(function)) = body.node(argument).map(|node| &node.expr) else {
                continue;
            };
            let function = *function as usize;
            if let Some(function) = body.functions.get_mut(function) {
                function.given_to = Some(call);
            }
        }
        call
    }

    /// Records the object that a call fills: `list.push(…)`, `headers.set(…)`, `Object.assign(all, …)`.
    fn record_filling(&mut self, call: ExprId, arguments: &[ExprId]) {
        let callee = self.body.as_ref().and_then(|body| body.node(call)).map(|it| &it.expr);
        let Some(Expr::Member(object, method)) = callee else { return };
        let target = match &**method {
            "push" | "unshift" | "add" | "set" | "append" => Some(*object),
            "assign" => arguments.first().copied(),
            method if is_setter(method) && !arguments.is_empty() => Some(*object),
            _ => None,
        };
        if let Some(target) = target
            && let Some(symbol) = self.record_change(target)
            && let Some(body) = &mut self.body
        {
            body.filled.push((symbol, call));
        }
    }

    /// Lowers functions that a compiler removes from the client's code; `is_sent` is set if their
    /// results are sent to the client.
    fn server_arguments(&mut self, arguments: &[ast::Argument<'_>], is_sent: bool) -> Vec<ExprId> {
        let ids = self.with_guard(Guard::Function, |lowering| lowering.arguments(arguments));
        if let Some(body) = self.body.as_mut().filter(|_| is_sent) {
            for id in &ids {
                let function = match body.nodes.get(*id as usize).map(|node| &node.expr) {
                    Some(Expr::Function(function)) => *function,
                    Some(Expr::Symbol(symbol)) => {
                        match body.symbols.get(*symbol as usize).map(|symbol| &symbol.value) {
                            Some(SymbolValue::Function(function)) => *function,
                            _ => continue,
                        }
                    }
                    _ => continue,
                };
                if let Some(function) = body.functions.get_mut(function as usize) {
                    function.is_server = true;
                }
            }
        }
        ids
    }

    /// Adds imports; returns the one whose module is the value of the call.
    fn load(&mut self, loaded: ModuleLoad, at: oxc_span::Span) -> Option<usize> {
        let mut first = None;
        for specifier in loaded.specifiers {
            let import = self.import(specifier, span(at), loaded.kind);
            self.owned_import(self.owner, import);
            first = first.or(Some(import));
        }
        if let Some(prefix) = loaded.in_other_modes {
            self.import_in_other_modes(prefix, at);
        }
        let first = first.filter(|_| loaded.is_value)?;
        self.calls.insert(at.start, first);
        Some(first)
    }

    /// Adds an import of the modules that builds in other modes than production have.
    pub(super) fn import_in_other_modes(&mut self, prefix: String, at: oxc_span::Span) {
        self.with_guard(Guard::LeftOut(Absence::NodeEnv), |lowering| {
            let import = lowering.import(prefix, span(at), ImportKind::Glob);
            lowering.owned_import(lowering.owner, import);
        });
    }

    pub(super) fn arguments(&mut self, arguments: &[ast::Argument<'_>]) -> Vec<ExprId> {
        let mut ids = Vec::new();
        for argument in arguments {
            let id = match argument {
                ast::Argument::SpreadElement(it) => self.spread(it),
                other => self.expr(other.to_expression()),
            };
            self.push_id(&mut ids, id);
        }
        ids
    }

    pub(super) fn new_expression(&mut self, it: &ast::NewExpression<'_>) -> ExprId {
        self.runs |= self.function_depth == 0 && !it.pure;
        if let Some(specifier) = self.worker(it) {
            let import = self.import(specifier, span(it.span), ImportKind::Worker);
            self.owned_import(self.owner, import);
            self.record_worker_address(it.arguments.first(), import);
        } else if !self.guard.is_for_servers()
            && !self.calls.contains_key(&it.span.start)
            && let Some(specifier) = self.relative_url(it)
        {
            let import = self.import(specifier, span(it.span), ImportKind::Asset);
            self.owned_import(self.owner, import);
        }
        let callee = self.expr(&it.callee);
        let arguments = self.arguments(&it.arguments);
        self.add(it.span, || Expr::Call { callee, arguments, is_new: true })
    }

    pub(super) fn import_expression(&mut self, it: &ast::ImportExpression<'_>) -> ExprId {
        let known = self.calls.get(&it.span.start).copied();
        let taken = self.taken_exports.take_if(|(start, _)| *start == it.span.start);
        if let (None, Some((_, names)), Some(loaded)) = (known, taken, imported_by(it))
            && loaded.kind == ImportKind::Dynamic
            && loaded.in_other_modes.is_none()
            && let Some(specifier) = loaded.specifiers.into_iter().next()
        {
            let import = self.import(specifier, span(it.span), loaded.kind);
            self.runs |= self.function_depth == 0;
            for name in names {
                self.take_export(import, &name, span(it.span));
            }
            self.expr(&it.source);
            return self.imported_value(it.span, import, None);
        }
        let import =
            known.or_else(|| imported_by(it).and_then(|loaded| self.load(loaded, it.span)));
        let named_by = self.expr(&it.source);
        self.optional(it.options.as_ref());
        match import {
            Some(import) => {
                self.runs |= self.function_depth == 0;
                self.owned_import(self.owner, import);
                self.imported_value(it.span, import, Some(named_by))
            }
            None => self.other(it.span),
        }
    }

    /// Notes which exports `import('x').then(({ a }) => …)` uses.
    fn expect_taken(&mut self, it: &ast::CallExpression<'_>) {
        let ast::Expression::StaticMemberExpression(callee) = inner(&it.callee) else { return };
        let ast::Expression::ImportExpression(import) = inner(&callee.object) else { return };
        let first = it.arguments.first().and_then(|one| one.as_expression()).map(inner);
        let parameters = match first {
            Some(ast::Expression::ArrowFunctionExpression(it)) => &it.params,
            Some(ast::Expression::FunctionExpression(it)) => &it.params,
            _ => return,
        };
        let Some(parameter) = parameters.items.first() else { return };
        if callee.property.name == "then"
            && let ast::BindingPattern::ObjectPattern(pattern) = &parameter.pattern
        {
            self.expect_names(import, pattern);
        }
    }

    /// Notes which exports `const { a } = await import('x')` uses.
    pub(super) fn expect_destructured(
        &mut self,
        pattern: &ast::ObjectPattern<'_>,
        init: &ast::Expression<'_>,
    ) {
        if let Some(import) = awaited_import(init) {
            self.expect_names(import, pattern);
        }
    }

    /// Notes that `(await import('x')).a` uses one export.
    pub(super) fn expect_member(&mut self, object: &ast::Expression<'_>, name: &str) {
        if let Some(import) = awaited_import(object) {
            self.taken_exports = Some((import.span.start, vec![name.to_owned()]));
        }
    }

    fn expect_names(
        &mut self,
        import: &ast::ImportExpression<'_>,
        pattern: &ast::ObjectPattern<'_>,
    ) {
        let names = pattern.properties.iter().map(|property| property.key.static_name());
        let names: Option<Vec<String>> =
            names.map(|name| name.map(std::borrow::Cow::into_owned)).collect();
        if pattern.rest.is_none()
            && let Some(names) = names.filter(|names| !names.is_empty())
        {
            self.taken_exports = Some((import.span.start, names));
        }
    }

    /// Records that the address given to a worker is that of its script, so that it is not also
    /// taken for a file that ships.
    fn record_worker_address(&mut self, given: Option<&ast::Argument<'_>>, import: usize) {
        if let Some(given) = given.and_then(|argument| argument.as_expression()) {
            self.calls.insert(inner(given).span().start, import);
        }
    }
}

/// The import in `await import('x')`.
fn awaited_import<'a, 'b>(it: &'b ast::Expression<'a>) -> Option<&'b ast::ImportExpression<'a>> {
    let ast::Expression::AwaitExpression(it) = inner(it) else { return None };
    match inner(&it.argument) {
        ast::Expression::ImportExpression(it) => Some(it),
        _ => None,
    }
}

/// True for a call that loads a component which servers do not render: `dynamic(() => import('./a'), {
/// ssr: false })` of Next.js, `clientOnly(() => import('./a'))` of SolidStart.
fn is_for_browsers(it: &ast::CallExpression<'_>) -> bool {
    if matches!(inner(&it.callee), ast::Expression::Identifier(name) if name.name == "clientOnly") {
        return true;
    }
    let given =
        |index: usize| it.arguments.get(index).and_then(|one| one.as_expression()).map(inner);
    let (
        Some(ast::Expression::ArrowFunctionExpression(_) | ast::Expression::FunctionExpression(_)),
        Some(ast::Expression::ObjectExpression(options)),
    ) = (given(0), given(1))
    else {
        return false;
    };
    options.properties.iter().any(|property| match property {
        ast::ObjectPropertyKind::ObjectProperty(it) => {
            let is_off =
                matches!(inner(&it.value), ast::Expression::BooleanLiteral(it) if !it.value);
            is_off && it.key.static_name().as_deref() == Some("ssr")
        }
        ast::ObjectPropertyKind::SpreadProperty(_) => false,
    })
}
