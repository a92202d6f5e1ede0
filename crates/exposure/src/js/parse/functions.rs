//! Lowers functions and classes.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use std::borrow::Cow;

use oxc_ast::ast;
use oxc_span::GetSpan;

use crate::js::guard::Guard;
use crate::js::ir::{
    BindingTarget, Class, Erased, Expr, ExprId, Function, ImportKind, Property, PropertyKey, REST,
    SymbolValue,
};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::patterns::PatternSource;
use crate::js::parse::syntax::{inner, literal, offset, span, symbol_index};
use crate::js::style::WHOLE;

/// The function around the one that is being lowered, to return to.
struct EnclosingScope {
    function: Option<u32>,
    guard: Guard,
}

/// The decorators of methods of a controller that answer requests, as NestJS and others name them.
const ROUTES: [&str; 14] = [
    "All",
    "Delete",
    "Get",
    "Head",
    "Mutation",
    "Options",
    "Patch",
    "Post",
    "Put",
    "Query",
    "ResolveField",
    "Search",
    "Sse",
    "SubscribeMessage",
];

/// The decorator that names what an injector gives.
const INJECT: &str = "Inject";

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
        let arrow = self.arrow_alone(it, name);
        // Its `this` is that of the function around it.
        if let Some(body) = &self.body
            && let Some(Expr::Function(function)) = body.node(arrow).map(|node| &node.expr)
            && body.functions.get(*function as usize).is_some_and(|own| own.uses_this)
        {
            self.use_this();
        }
        arrow
    }

    /// Records that the function around the current position names `this`.
    pub(super) fn use_this(&mut self) {
        if let (Some(body), Some(function)) = (&mut self.body, self.function)
            && let Some(own) = body.functions.get_mut(function as usize)
        {
            own.uses_this = true;
        }
    }

    fn arrow_alone(&mut self, it: &ast::ArrowFunctionExpression<'_>, name: &str) -> ExprId {
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
        self.throws.push(Vec::new());
        let first = self.next_node();
        if let Some(body) = &mut self.body {
            self.function = Some(offset(body.functions.len()));
            body.functions.push(Function {
                name: name.into(),
                span: span(at),
                is_server,
                returns: Vec::new(),
                has_statements: false,
                given_to: None,
                is_getter: false,
                uses_this: false,
                throws: Vec::new(),
                nodes: (first, first),
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
        let throws = self.throws.pop().unwrap_or_default();
        let end = self.next_node();
        let function = self.function.unwrap_or_default();
        self.function = open.function;
        self.guard = open.guard;
        self.function_depth -= 1;
        self.context = None;
        if let Some(body) = &mut self.body
            && let Some(own) = body.functions.get_mut(function as usize)
        {
            own.returns = returns;
            own.throws = throws;
            own.nodes.1 = end;
            own.has_statements = has_statements;
        }
        self.add(at, || Expr::Function(function))
    }

    /// Records what a generator yields: its result is a list.
    pub(super) fn yields(&mut self, value: ExprId, is_list: bool, at: oxc_span::Span) {
        let all = if is_list { value } else { self.add(at, || Expr::Array(vec![value])) };
        if self.body.is_some()
            && let Some(returns) = self.returns.last_mut()
        {
            returns.push(all);
        }
    }

    fn parameters(&mut self, it: &ast::FormalParameters<'_>) {
        let function = self.function.unwrap_or_default();
        let is_injected = std::mem::take(&mut self.is_injected);
        for (index, parameter) in it.items.iter().enumerate() {
            self.decorators(&parameter.decorators);
            let default = match &parameter.initializer {
                Some(value) => {
                    let name = parameter.pattern.get_identifier_name();
                    Some(self.expr_named(value, name.as_deref().unwrap_or_default()))
                }
                None if is_injected => {
                    self.injected(&parameter.decorators, parameter.type_annotation.as_deref())
                }
                None => None,
            };
            let source = PatternSource::Parameter { function, index: offset(index) };
            self.pattern(&parameter.pattern, source, &mut Vec::new(), default);
            let is_field =
                parameter.accessibility.is_some() || parameter.readonly || parameter.r#override;
            if let (true, ast::BindingPattern::BindingIdentifier(id)) =
                (is_field, &parameter.pattern)
            {
                self.parameter_field(id);
            }
        }
        if let Some(rest) = &it.rest {
            let source = PatternSource::Parameter { function, index: offset(it.items.len()) };
            self.pattern(&rest.rest.argument, source, &mut vec![REST.into()], None);
        }
    }

    /// Lowers `constructor(private key) {}`, which assigns the parameter to `this.key`.
    fn parameter_field(&mut self, id: &ast::BindingIdentifier<'_>) {
        let Some(symbol) = id.symbol_id.get().map(symbol_index) else { return };
        let value = self.add(id.span, || Expr::Symbol(offset(symbol)));
        self.assign_field(&id.name, value, id.span);
    }

    /// Records that a field of `this` has a value.
    fn assign_field(&mut self, name: &str, value: ExprId, at: oxc_span::Span) {
        let this = self.add(at, || Expr::Global("this".into()));
        let target = self.add(at, || Expr::Member(this, name.into()));
        if let Some(body) = &mut self.body {
            body.assignments.push((target, value));
        }
    }

    fn decorators(&mut self, decorators: &[ast::Decorator<'_>]) {
        for decorator in decorators {
            self.expr(&decorator.expression);
        }
    }

    /// The call by which an injector gives a parameter or field: `inject(KEY)` for `@Inject(KEY)`, and
    /// `inject(Service)` for one of the type `Service`.
    fn injected(
        &mut self,
        decorators: &[ast::Decorator<'_>],
        annotation: Option<&ast::TSTypeAnnotation<'_>>,
    ) -> Option<ExprId> {
        self.body.as_ref()?;
        let calls = decorators.iter().filter(|_| is_decorated(decorators, &[INJECT]));
        let named = calls.filter_map(|decorator| match inner(&decorator.expression) {
            ast::Expression::CallExpression(call) => call.arguments.first()?.as_expression(),
            _ => None,
        });
        let (key, at) = match (named.last(), annotation.map(|it| &it.type_annotation)) {
            (Some(key), _) => (self.expr(key), key.span()),
            (None, Some(ast::TSType::TSTypeReference(it))) => {
                let ast::TSTypeName::IdentifierReference(name) = &it.type_name else { return None };
                let symbol = self.resolve(name)?;
                self.keep_import_of(symbol);
                (self.identifier(name, None), name.span)
            }
            (None, _) => return None,
        };
        let callee = self.add(at, || Expr::Global("inject".into()));
        Some(self.add(at, || Expr::Call { callee, arguments: vec![key], is_new: false }))
    }

    /// Records that an import is not only one of types: decorators need the class.
    fn keep_import_of(&mut self, symbol: usize) {
        let binding = self.bindings.get(symbol).copied().flatten();
        let target = binding.and_then(|binding| self.module.bindings.get(binding));
        if let Some(&BindingTarget::Imported { import, .. }) = target.map(|it| &it.target)
            && let Some(import) = self.module.imports.get_mut(import)
            && import.erased == Erased::Unused
        {
            import.erased = Erased::No;
        }
    }

    /// The style sheets that `@Component({ styleUrl: './a.css' })` names, as imports.
    fn component_styles(&mut self, decorators: &[ast::Decorator<'_>]) {
        if !is_decorated(decorators, &["Component"]) {
            return;
        }
        for decorator in decorators {
            let ast::Expression::CallExpression(call) = inner(&decorator.expression) else {
                continue;
            };
            let given = call.arguments.first().and_then(|argument| argument.as_expression());
            let Some(ast::Expression::ObjectExpression(options)) = given.map(inner) else {
                continue;
            };
            for property in &options.properties {
                let ast::ObjectPropertyKind::ObjectProperty(property) = property else { continue };
                let name = property.key.static_name();
                let addresses = match (name.as_deref(), inner(&property.value)) {
                    (Some("styleUrl"), value) => literal(value).into_iter().collect(),
                    (Some("styleUrls"), ast::Expression::ArrayExpression(all)) => {
                        all.elements.iter().filter_map(|it| literal(it.as_expression()?)).collect()
                    }
                    _ => Vec::new(),
                };
                for address in addresses {
                    let specifier = format!("{address}{WHOLE}");
                    self.import(specifier, span(property.span), ImportKind::Style);
                }
            }
        }
    }

    /// Lowers a class to an object of its static members.
    pub(super) fn class(&mut self, it: &ast::Class<'_>) -> ExprId {
        let mut statics = Vec::new();
        let mut members = Vec::new();
        let mut constructor = None;
        let outer_super_call = self.super_call.take();
        let first_assignment = self.body.as_ref().map_or(0, |body| body.assignments.len());
        self.decorators(&it.decorators);
        self.component_styles(&it.decorators);
        let is_plain = it.decorators.is_empty();
        let is_controller = is_decorated(&it.decorators, &["Controller", "Resolver"]);
        let base = it.heritage.as_ref().map(|heritage| self.expr(&heritage.expression));
        for element in &it.body.body {
            match element {
                ast::ClassElement::StaticBlock(it) => self.block(&it.body),
                ast::ClassElement::MethodDefinition(it) => {
                    self.decorators(&it.decorators);
                    if it.computed {
                        self.key(&it.key);
                    }
                    let name = key_name(&it.key);
                    self.is_injected =
                        !is_plain && it.kind == ast::MethodDefinitionKind::Constructor;
                    let value = self.function_named(&it.value, name.as_deref().unwrap_or_default());
                    self.is_injected = false;
                    if is_controller && is_decorated(&it.decorators, &ROUTES) {
                        self.send_result(value);
                    }
                    if it.kind == ast::MethodDefinitionKind::Get {
                        self.mark_getter(value);
                    }
                    let all = if it.r#static { &mut statics } else { &mut members };
                    match it.kind {
                        ast::MethodDefinitionKind::Constructor => {
                            constructor = self.function_of(value);
                        }
                        ast::MethodDefinitionKind::Set => {}
                        ast::MethodDefinitionKind::Get | ast::MethodDefinitionKind::Method => {
                            self.push_member(all, &it.key, value, it.span);
                        }
                    }
                }
                ast::ClassElement::PropertyDefinition(it) => {
                    self.decorators(&it.decorators);
                    let (is_static, at) = (it.r#static, it.span);
                    let value = self.field(&it.key, it.computed, it.value.as_ref(), is_static, at);
                    if is_static {
                        self.push_member(&mut statics, &it.key, value, at);
                    } else if it.value.is_none() && is_decorated(&it.decorators, &[INJECT]) {
                        let given = it.type_annotation.as_deref();
                        let given = self.injected(&it.decorators, given);
                        if let (Some(given), Some(name)) = (given, key_name(&it.key)) {
                            self.assign_field(&name, given, at);
                        }
                    }
                }
                ast::ClassElement::AccessorProperty(it) => {
                    self.decorators(&it.decorators);
                    let (is_static, at) = (it.r#static, it.span);
                    let value = self.field(&it.key, it.computed, it.value.as_ref(), is_static, at);
                    if is_static {
                        self.push_member(&mut statics, &it.key, value, at);
                    }
                }
                ast::ClassElement::TSIndexSignature(_) => {}
            }
        }
        let value = self.add(it.span, || Expr::Object(statics));
        let super_call = std::mem::replace(&mut self.super_call, outer_super_call);
        if let Some(body) = &mut self.body {
            let assignments = (first_assignment, body.assignments.len());
            let (statics, span) = (value, span(it.span));
            let own = Class { statics, span, base, constructor, super_call, members, assignments };
            body.classes.push(own);
        }
        if let Some(id) = &it.id {
            self.declare(id, PatternSource::Init(value), &[], None);
        }
        value
    }

    /// The function that an expression is, as an index into [`Body::functions`].
    ///
    /// [`Body::functions`]: crate::js::ir::Body::functions
    fn function_of(&self, expr: ExprId) -> Option<u32> {
        match self.body.as_ref()?.node(expr)?.expr {
            Expr::Function(function) => Some(function),
            _ => None,
        }
    }

    /// The function that an expression is.
    fn function_mut(&mut self, expr: ExprId) -> Option<&mut Function> {
        let function = self.function_of(expr)?;
        self.body.as_mut()?.functions.get_mut(function as usize)
    }

    /// Records that the result of a function is sent to whoever asks.
    fn send_result(&mut self, function: ExprId) {
        if let Some(function) = self.function_mut(function) {
            function.is_server = true;
        }
    }

    /// Records that a function is a getter.
    pub(super) fn mark_getter(&mut self, function: ExprId) {
        if let Some(function) = self.function_mut(function) {
            function.is_getter = true;
        }
    }

    fn push_member(
        &self,
        members: &mut Vec<Property>,
        key: &ast::PropertyKey<'_>,
        value: ExprId,
        at: oxc_span::Span,
    ) {
        if let (Some(name), true) = (key_name(key), self.body.is_some()) {
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
        let name = key_name(key);
        // Instance fields get their values with an object, not with the class.
        self.function_depth += u32::from(!is_static);
        let value = self.expr_named(value, name.as_deref().unwrap_or_default());
        self.function_depth -= u32::from(!is_static);
        if let Some(name) = name {
            self.assign_field(&name, value, at);
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

/// The name of a member of a class; that of a private one begins with `#`.
fn key_name<'a>(key: &ast::PropertyKey<'a>) -> Option<Cow<'a, str>> {
    match key {
        ast::PropertyKey::PrivateIdentifier(it) => Some(format!("#{}", it.name).into()),
        other => other.static_name(),
    }
}

pub(super) fn is_server(directives: &[ast::Directive<'_>]) -> bool {
    directives.iter().any(|directive| directive.expression.value == "use server")
}

/// True if a function has statements other than a single `return`.
pub(super) fn has_statements(statements: &[ast::Statement<'_>]) -> bool {
    !matches!(statements, [] | [ast::Statement::ReturnStatement(_)])
}
