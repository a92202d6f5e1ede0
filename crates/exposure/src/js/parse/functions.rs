//! Lowers functions and classes.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::guard::Guard;
use crate::js::ir::{Expr, ExprId, Function, Property, PropertyKey, REST, SymbolValue};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::patterns::PatternSource;
use crate::js::parse::syntax::{inner, offset, span, symbol_index};

/// The function around the one that is being lowered, to return to.
struct EnclosingScope {
    function: Option<u32>,
    guard: Guard,
}

/// The decorators of methods of a controller that answer requests, as NestJS and others name them.
const ROUTES: [&str; 12] = [
    "All", "Delete", "Get", "Head", "Mutation", "Options", "Patch", "Post", "Put", "Query",
    "Search", "Sse",
];

/// True if one of these decorators is called: `@Get('key')`.
fn is_decorated(decorators: &[ast::Decorator<'_>], names: &[&str]) -> bool {
    decorators.iter().any(|decorator| match inner(&decorator.expression) {
        ast::Expression::CallExpression(it) => match inner(&it.callee) {
            ast::Expression::Identifier(callee) => names.contains(&callee.name.as_str()),
            _ => false,
        },
        _ => false,
    })
}

impl Lowering<'_> {
    pub(super) fn function_declaration(&mut self, it: &ast::Function<'_>) {
        if it.body.is_some() {
            let first = self.next_node();
            let value = self.function_named(it, "");
            if let Some(symbol) = it.id.as_ref().and_then(|id| id.symbol_id.get())
                && self.bindings.get(symbol_index(symbol)).is_none_or(Option::is_none)
            {
                self.local_constants.push((symbol_index(symbol), first, value));
            }
        }
    }

    pub(super) fn function_named(&mut self, it: &ast::Function<'_>, name: &str) -> ExprId {
        let Some(body) = &it.body else { return self.other(it.span) };
        let name = it.id.as_ref().map_or(name, |id| id.name.as_str());
        let open = self.enter(name, it.span, is_server(&body.directives));
        if let (Some(symbols), Some(id), Some(function)) =
            (&mut self.body, it.id.as_ref(), self.function)
            && let Some(symbol) = id.symbol_id.get().map(symbol_index)
        {
            symbols.symbols[symbol].value = SymbolValue::Function(function);
        }
        self.parameters(&it.params);
        self.block(&body.statements);
        self.leave(open, it.span, has_statements(&body.statements))
    }

    pub(super) fn arrow(&mut self, it: &ast::ArrowFunctionExpression<'_>, name: &str) -> ExprId {
        match &it.body {
            ast::ArrowFunctionBody::FunctionBody(body) => {
                let open = self.enter(name, it.span, is_server(&body.directives));
                self.parameters(&it.params);
                self.block(&body.statements);
                self.leave(open, it.span, has_statements(&body.statements))
            }
            expression => {
                let open = self.enter(name, it.span, false);
                self.parameters(&it.params);
                let value = self.expr(expression.to_expression());
                if self.body.is_some()
                    && let Some(returns) = self.returns.last_mut()
                {
                    returns.push(value);
                }
                self.leave(open, it.span, false)
            }
        }
    }

    fn enter(&mut self, name: &str, at: oxc_span::Span, is_server: bool) -> EnclosingScope {
        let open = EnclosingScope { function: self.function, guard: self.guard };
        self.function_depth += 1;
        self.returns.push(Vec::new());
        if let Some(body) = &mut self.body {
            self.function = Some(offset(body.functions.len()));
            body.functions.push(Function {
                name: name.into(),
                span: span(at),
                is_server,
                returns: Vec::new(),
                has_statements: false,
                given_to: None,
            });
        }
        if is_server {
            self.guard = Guard::Function;
        }
        self.context = None;
        open
    }

    fn leave(&mut self, open: EnclosingScope, at: oxc_span::Span, has_statements: bool) -> ExprId {
        let returns = self.returns.pop().unwrap_or_default();
        let function = self.function.unwrap_or_default();
        self.function = open.function;
        self.guard = open.guard;
        self.function_depth -= 1;
        self.context = None;
        if let Some(body) = &mut self.body
            && let Some(own) = body.functions.get_mut(function as usize)
        {
            own.returns = returns;
            own.has_statements = has_statements;
        }
        self.add(at, || Expr::Function(function))
    }

    fn parameters(&mut self, it: &ast::FormalParameters<'_>) {
        let function = self.function.unwrap_or_default();
        for (index, parameter) in it.items.iter().enumerate() {
            self.decorators(&parameter.decorators);
            let default = parameter.initializer.as_ref().map(|value| {
                let name = parameter.pattern.get_identifier_name();
                self.expr_named(value, name.as_deref().unwrap_or_default())
            });
            let source = PatternSource::Parameter { function, index: offset(index) };
            self.pattern(&parameter.pattern, source, &mut Vec::new(), default);
        }
        if let Some(rest) = &it.rest {
            let source = PatternSource::Parameter { function, index: offset(it.items.len()) };
            self.pattern(&rest.rest.argument, source, &mut vec![REST.into()], None);
        }
    }

    fn decorators(&mut self, decorators: &[ast::Decorator<'_>]) {
        for decorator in decorators {
            self.expr(&decorator.expression);
        }
    }

    /// Lowers a class to an object of its static members.
    pub(super) fn class(&mut self, it: &ast::Class<'_>) -> ExprId {
        let mut members = Vec::new();
        self.decorators(&it.decorators);
        let is_controller = is_decorated(&it.decorators, &["Controller", "Resolver"]);
        if let Some(heritage) = &it.heritage {
            self.expr(&heritage.expression);
        }
        for element in &it.body.body {
            match element {
                ast::ClassElement::StaticBlock(it) => self.block(&it.body),
                ast::ClassElement::MethodDefinition(it) => {
                    self.decorators(&it.decorators);
                    if it.computed {
                        self.key(&it.key);
                    }
                    let name = it.key.static_name();
                    let value = self.function_named(&it.value, name.as_deref().unwrap_or_default());
                    if is_controller && is_decorated(&it.decorators, &ROUTES) {
                        self.send_result(value);
                    }
                    if it.r#static && it.kind != ast::MethodDefinitionKind::Set {
                        self.push_static_member(&mut members, &it.key, value, it.span);
                    }
                }
                ast::ClassElement::PropertyDefinition(it) => {
                    self.decorators(&it.decorators);
                    let (is_static, at) = (it.r#static, it.span);
                    let value = self.field(&it.key, it.computed, it.value.as_ref(), is_static, at);
                    if is_static {
                        self.push_static_member(&mut members, &it.key, value, at);
                    }
                }
                ast::ClassElement::AccessorProperty(it) => {
                    self.decorators(&it.decorators);
                    let (is_static, at) = (it.r#static, it.span);
                    let value = self.field(&it.key, it.computed, it.value.as_ref(), is_static, at);
                    if is_static {
                        self.push_static_member(&mut members, &it.key, value, at);
                    }
                }
                ast::ClassElement::TSIndexSignature(_) => {}
            }
        }
        let value = self.add(it.span, || Expr::Object(members));
        if let Some(id) = &it.id {
            self.declare(id, PatternSource::Init(value), &[], None);
        }
        value
    }

    /// Records that the result of a function is sent to whoever asks.
    fn send_result(&mut self, function: ExprId) {
        let Some(body) = &mut self.body else { return };
        let node = body.nodes.get(function as usize).map(|node| &node.expr);
        if let Some(Expr::Function(function)) = node
            && let Some(function) = body.functions.get_mut(*function as usize)
        {
            function.is_server = true;
        }
    }

    fn push_static_member(
        &self,
        members: &mut Vec<Property>,
        key: &ast::PropertyKey<'_>,
        value: ExprId,
        at: oxc_span::Span,
    ) {
        if let (Some(name), true) = (key.static_name(), self.body.is_some()) {
            members.push(Property {
                key: PropertyKey::Name((&*name).into()),
                value,
                span: span(at),
            });
        }
    }

    /// Lowers a field as an assignment to `this`; returns its value.
    pub(super) fn field(
        &mut self,
        key: &ast::PropertyKey<'_>,
        computed: bool,
        value: Option<&ast::Expression<'_>>,
        is_static: bool,
        at: oxc_span::Span,
    ) -> ExprId {
        if computed {
            self.key(key);
        }
        let Some(value) = value else { return self.other(at) };
        let name = key.static_name();
        // Instance fields get their values with an object, not with the class.
        self.function_depth += u32::from(!is_static);
        let value = self.expr_named(value, name.as_deref().unwrap_or_default());
        self.function_depth -= u32::from(!is_static);
        if let Some(name) = name {
            let this = self.add(at, || Expr::Global("this".into()));
            let target = self.add(at, || Expr::Member(this, (&*name).into()));
            if let Some(body) = &mut self.body {
                body.assignments.push((target, value));
            }
        }
        value
    }

    /// Lowers a computed key.
    pub(super) fn key(&mut self, key: &ast::PropertyKey<'_>) -> ExprId {
        match key.as_expression() {
            Some(key) => self.expr(key),
            None => self.other(key.span()),
        }
    }
}

pub(super) fn is_server(directives: &[ast::Directive<'_>]) -> bool {
    directives.iter().any(|directive| directive.expression.value == "use server")
}

/// True if a function has statements other than a single `return`.
pub(super) fn has_statements(statements: &[ast::Statement<'_>]) -> bool {
    !matches!(statements, [] | [ast::Statement::ReturnStatement(_)])
}
