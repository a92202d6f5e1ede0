//! A JSON file as a module: bundlers let code import it, whole or by its top-level names.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::js::guard::Guard;
use crate::js::ir::{
    Binding, Body, Context, Export, ExportSource, Expr, ExprId, ExprNode, Module, Part, Property,
    PropertyKey, Span,
};

/// Deeper nesting is not configuration.
const MAX_NESTING: usize = 64;

/// The binding of the whole file.
const DATA: usize = 1;

/// How deep properties are told apart.
const MAX_DEPTH: usize = 3;

/// Of longer files, bundlers keep all properties, as the text of one string.
const MAX_SPLIT: usize = 10_000;

/// The module of a JSON file; one without exports if the text is not JSON.
pub(crate) fn module(text: &str) -> Module {
    let mut module =
        Module { bindings: vec![Binding::of_data("", Span::default())], ..Module::default() };
    if is_too_deep(text) {
        return module;
    }
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    let Some(value) = parsed.ok().and_then(|parsed| parsed.value) else { return module };
    let context = Context { binding: DATA, function: None, guard: Guard::None };
    let mut body = Body { contexts: vec![context], ..Body::default() };
    let root = node(&mut body, &value);
    let span = body.nodes[root as usize].span;
    body.default_export = Some(root);
    module.bindings.push(Binding::of_data("default", span));
    let mut names = vec!["default".to_owned()];
    if let Value::Object(object) = &value {
        names.extend(object.properties.iter().map(|property| property.name.as_str().to_owned()));
        if text.len() <= MAX_SPLIT {
            split(&mut module, &mut body, (DATA, root), MAX_DEPTH);
            module.parts.sort();
        }
    }
    module.exports = names
        .into_iter()
        .map(|name| Export { name, source: ExportSource::Binding(DATA), span })
        .collect();
    module.body = body.into();
    module
}

/// Makes a binding of each property of the object that is the value of `whole`, and of each within it.
fn split(module: &mut Module, body: &mut Body, (whole, root): (usize, ExprId), depth: usize) {
    let Expr::Object(properties) = &body.nodes[root as usize].expr else { return };
    let properties = properties.clone();
    for property in properties {
        let PropertyKey::Name(name) = &property.key else { continue };
        let binding = module.bindings.len();
        module.bindings.push(Binding::of_data(name, property.span));
        module.parts.push(Part { whole, name: (**name).into(), binding });
        let context = Context { binding, function: None, guard: Guard::None };
        let number = body.contexts.len() as u32;
        body.contexts.push(context);
        for node in body.nodes.iter_mut().filter(|node| property.span.contains(node.span)) {
            node.context = number;
        }
        if depth > 1 {
            split(module, body, (binding, property.value), depth - 1);
        }
    }
}

fn node(body: &mut Body, value: &Value<'_>) -> ExprId {
    let expr = match value {
        Value::StringLit(text) => Expr::Text(text.value.as_ref().into()),
        Value::NumberLit(number) => Expr::Literal(number.value.into()),
        Value::BooleanLit(literal) => Expr::Literal(literal.value.to_string().into()),
        Value::NullKeyword(_) => Expr::Literal("null".into()),
        Value::Array(array) => {
            Expr::Array(array.elements.iter().map(|element| node(body, element)).collect())
        }
        Value::Object(object) => {
            let property = |property: &jsonc_parser::ast::ObjectProp<'_>| Property {
                key: PropertyKey::Name(property.name.as_str().into()),
                value: node(body, &property.value),
                span: span(&property.range()),
            };
            Expr::Object(object.properties.iter().map(property).collect())
        }
    };
    body.nodes.push(ExprNode { expr, span: span(&value.range()), context: 0 });
    (body.nodes.len() - 1) as ExprId
}

fn span(range: &jsonc_parser::common::Range) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

/// True if a text nests deeper than any configuration: the parser recurses.
pub(crate) fn is_too_deep(text: &str) -> bool {
    nesting(text) > MAX_NESTING
}

/// The greatest depth of brackets, those in strings included.
fn nesting(text: &str) -> usize {
    let (mut depth, mut most) = (0usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_exports_itself_and_its_names() {
        let module = module("{\"a\": {\"b\": [\"x\", 1, true, null]}, \"c\": \"d\"}");
        let names: Vec<_> = module.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(names, ["default", "a", "c"]);
        let body = module.body.as_ref().unwrap();
        let texts = body.nodes.iter().filter(|node| matches!(node.expr, Expr::Text(_)));
        assert_eq!(
            texts.map(|node| node.span).collect::<Vec<_>>(),
            [Span::new(13, 16), Span::new(40, 43)]
        );
    }

    #[test]
    fn invalid_json_exports_nothing() {
        for text in ["", "{", "[1", "\u{feff}", &"[".repeat(100_000), "nonsense"] {
            assert!(module(text).exports.is_empty(), "{:.20}", text);
        }
    }
}
