//! Lowers calls, `new` and `import(…)`.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::guard::Guard;
use crate::js::ir::{Expr, ExprId, ImportKind, SymbolValue};
use crate::js::parse::loads::{ModuleLoad, imported_by};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{inner, literal, offset, span};

impl Lowering<'_> {
    pub(super) fn call(&mut self, it: &ast::CallExpression<'_>) -> ExprId {
        self.record_page_call(it);
        let imported = self.calls.get(&it.span.start).copied();
        let import = match imported {
            Some(import) => Some(import),
            None => match self.loaded_by(it) {
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
            if let Some(argument) = it.arguments.first().and_then(|one| one.as_expression()) {
                self.expr(argument);
            }
            return self.add(it.span, || Expr::Import(offset(import)));
        }
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
                let guard = self.call_guard(it);
                self.with_guard(guard, |lowering| lowering.arguments(&it.arguments))
            }
        };
        self.called(it.span, callee, arguments)
    }

    /// Adds a call, of which functions among its arguments are told.
    fn called(&mut self, at: oxc_span::Span, callee: ExprId, arguments: Vec<ExprId>) -> ExprId {
        let given = arguments.clone();
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
        let first = first.filter(|_| loaded.is_value)?;
        self.calls.insert(at.start, first);
        Some(first)
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
        let import =
            known.or_else(|| imported_by(it).and_then(|loaded| self.load(loaded, it.span)));
        self.expr(&it.source);
        self.optional(it.options.as_ref());
        match import {
            Some(import) => {
                self.runs |= self.function_depth == 0;
                self.owned_import(self.owner, import);
                self.add(it.span, || Expr::Import(offset(import)))
            }
            None => self.other(it.span),
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
