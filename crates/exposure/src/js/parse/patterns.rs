//! Lowers binding patterns to the origin of the value of each name.

use oxc_ast::ast;

use crate::js::ir::{Expr, ExprId, Property, PropertyKey, REST, SymbolValue};
use crate::js::parse::lowering::Lowering;
use crate::js::parse::syntax::{span, symbol_index};

/// The origin of the value that a pattern takes apart.
#[derive(Clone, Copy)]
pub(super) enum PatternSource {
    Init(ExprId),
    Parameter { function: u32, index: u32 },
    Unknown,
}

impl Lowering<'_> {
    pub(super) fn pattern(
        &mut self,
        pattern: &ast::BindingPattern<'_>,
        source: PatternSource,
        path: &mut Vec<Box<str>>,
        default: Option<ExprId>,
    ) {
        match pattern {
            ast::BindingPattern::BindingIdentifier(id) => self.declare(id, source, path, default),
            ast::BindingPattern::AssignmentPattern(it) => {
                let name = it.left.get_identifier_name();
                let default = self.expr_named(&it.right, name.as_deref().unwrap_or_default());
                self.pattern(&it.left, source, path, Some(default));
            }
            ast::BindingPattern::ObjectPattern(it) => {
                for property in &it.properties {
                    if property.computed {
                        self.key(&property.key);
                    }
                    let Some(name) = property.key.static_name() else {
                        self.pattern(&property.value, PatternSource::Unknown, path, None);
                        continue;
                    };
                    let default = default.map(|object| {
                        self.add(property.span, || Expr::Member(object, (&*name).into()))
                    });
                    self.pattern_at(&property.value, source, path, &name, default);
                }
                if let Some(rest) = &it.rest {
                    let (source, mut path) = self.rest(it, source, path);
                    self.pattern(&rest.argument, source, &mut path, None);
                }
            }
            ast::BindingPattern::ArrayPattern(it) => {
                for (index, element) in it.elements.iter().enumerate() {
                    let Some(element) = element else { continue };
                    self.pattern_at(element, source, path, &index.to_string(), None);
                }
                if let Some(rest) = &it.rest {
                    let name = format!("{}{REST}", it.elements.len());
                    self.pattern_at(&rest.argument, source, path, &name, None);
                }
            }
        }
    }

    fn pattern_at(
        &mut self,
        pattern: &ast::BindingPattern<'_>,
        source: PatternSource,
        path: &mut Vec<Box<str>>,
        name: &str,
        default: Option<ExprId>,
    ) {
        if self.body.is_none() {
            self.pattern(pattern, source, path, default);
            return;
        }
        path.push(name.into());
        self.pattern(pattern, source, path, default);
        path.pop();
    }

    /// The object of `...rest`: all properties except those beside it.
    pub(super) fn rest(
        &mut self,
        pattern: &ast::ObjectPattern<'_>,
        source: PatternSource,
        path: &[Box<str>],
    ) -> (PatternSource, Vec<Box<str>>) {
        if self.body.is_none() {
            return (PatternSource::Unknown, Vec::new());
        }
        let PatternSource::Init(init) = source else {
            let mut path = path.to_vec();
            let names = pattern.properties.iter().map(|property| property.key.static_name());
            let names: Option<Vec<_>> = names.collect();
            return match names {
                Some(names) if names.is_empty() => (source, path),
                Some(names) => {
                    path.push(format!("{REST}{}", names.join(",")).into());
                    (source, path)
                }
                None => (PatternSource::Unknown, Vec::new()),
            };
        };
        let at = pattern.span;
        let mut whole = init;
        for name in path {
            let object = whole;
            whole = self.add(at, || Expr::Member(object, name.clone()));
        }
        let mut properties =
            vec![Property { key: PropertyKey::Spread, value: whole, span: span(at) }];
        for property in &pattern.properties {
            let Some(name) = property.key.static_name() else { continue };
            let value = self.add(property.span, || Expr::Literal("undefined".into()));
            let key = PropertyKey::Name((&*name).into());
            properties.push(Property { key, value, span: span(property.span) });
        }
        (PatternSource::Init(self.add(at, || Expr::Object(properties))), Vec::new())
    }

    pub(super) fn declare(
        &mut self,
        id: &ast::BindingIdentifier<'_>,
        source: PatternSource,
        path: &[Box<str>],
        default: Option<ExprId>,
    ) {
        let Some(body) = &mut self.body else { return };
        let Some(index) = id.symbol_id.get().map(symbol_index) else { return };
        let Some(symbol) = body.symbols.get_mut(index) else { return };
        let value = match source {
            PatternSource::Init(expr) => SymbolValue::Init { expr, path: path.to_vec(), default },
            PatternSource::Parameter { function, index } => {
                SymbolValue::Parameter { function, index, path: path.to_vec(), default }
            }
            PatternSource::Unknown => return,
        };
        match (&symbol.value, source) {
            (SymbolValue::Unknown, _) => symbol.value = value,
            // `const x = require('y')` remains an import.
            (SymbolValue::Import, _) => {}
            (_, PatternSource::Init(expr)) if path.is_empty() => symbol.assigned.push(expr),
            _ => {}
        }
    }
}
