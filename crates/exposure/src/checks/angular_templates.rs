//! Templates of Angular that servers render: the properties that they write into the page.

use std::collections::BTreeSet;

use crate::checks::module::CheckedModule;
use crate::eval::names::name_of;
use crate::eval::value::Value;
use crate::graph::modules::BindingId;
use crate::js::ir::{Expr, Property, PropertyKey, Span};

/// The secrets that the templates of a module write into pages when a server renders them: the place of the
/// component, its binding, and the value.
pub(crate) fn rendered(module: &CheckedModule<'_, '_>) -> Vec<(Span, BindingId, Value)> {
    let CheckedModule { checker, evaluator, id, body, .. } = *module;
    if checker.rendering.is_none() || body.classes.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for node in &body.nodes {
        let Expr::Call { callee, arguments, .. } = &node.expr else { continue };
        if name_of(body, *callee) != "Component" {
            continue;
        }
        let options = arguments.first().and_then(|&options| body.node(options));
        let Some(Expr::Object(options)) = options.map(|node| &node.expr) else { continue };
        let is_template =
            |it: &&Property| matches!(&it.key, PropertyKey::Name(name) if &**name == "template");
        let template = options.iter().find(is_template).and_then(|it| body.node(it.value));
        let Some(Expr::Text(template)) = template.map(|node| &node.expr) else { continue };
        // The decorator stands before its class, or is part of it.
        let classes = (0..).zip(&body.classes).filter(|(_, it)| it.span.end > node.span.end);
        let Some((class, own)) = classes.min_by_key(|(_, class)| class.span.end) else { continue };
        let place = module.place(checker.graph.binding_at(id, own.span));
        if !checker.is_rendered_by_servers(place) {
            continue;
        }
        for name in names_in(template) {
            let value = evaluator.property_of_object(id, class, name);
            if value.has_secret() {
                found.push((node.span, place, value));
            }
        }
    }
    found
}

/// The names that a template may write: those between `{{` and `}}`, and in bound attributes.
fn names_in(template: &str) -> BTreeSet<&str> {
    let between = |open: &'static str, close: &'static str| {
        template.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
    };
    // `[title]="key"`, `[attr.title]="key"`
    let codes = between("{{", "}}").chain(between("]=\"", "\""));
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let words = codes.flat_map(|code| code.split(move |c: char| !is_part(c)));
    words.filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_are_written() {
        let template = "<p [title]=\"key\" (click)=\"go()\">{{ a.b | json }} text {{c()}}</p>";
        let names: Vec<&str> = names_in(template).into_iter().collect();
        assert_eq!(names, ["a", "b", "c", "json", "key"]);
        assert!(names_in("no names").is_empty());
    }
}
