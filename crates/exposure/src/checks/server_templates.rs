//! The values that templates of servers write into pages: `res.render('index', { key })`.

use crate::checks::checker::Checker;
use crate::eval::value::{Field, Value};
use crate::frameworks::view_templates::{MAX_TEMPLATES, code_of, is_template, names, taken_in};

/// The values among those given to a template of this name that it writes into the page; all of them if
/// the template is not found.
pub(crate) fn rendered(checker: &Checker<'_>, template: Option<&str>, given: &Value) -> Vec<Value> {
    if !given.has_secret() {
        return Vec::new();
    }
    let texts = template.map(|name| texts_of(checker, name)).unwrap_or_default();
    let is_named = |field: &&Field| {
        texts.is_empty() || &*field.key == "..." || texts.iter().any(|text| names(text, &field.key))
    };
    if !matches!(given, Value::Object(_)) {
        return vec![given.clone()];
    }
    given.fields().iter().filter(is_named).map(|field| field.value.clone()).collect()
}

/// True if any template of the app writes a value of this name.
pub(crate) fn is_written(checker: &Checker<'_>, name: &str) -> bool {
    let all = checker.app.files.iter().filter(|path| is_template(path) && !path.ends_with(".html"));
    all.take(MAX_TEMPLATES)
        .any(|path| code_of(checker.app, path).is_some_and(|text| names(&text, name)))
}

/// The code in a template, in those that it takes in, and in those that stand around it.
fn texts_of(checker: &Checker<'_>, name: &str) -> Vec<String> {
    let paths = taken_in(checker.app, name).into_iter();
    paths.filter_map(|path| code_of(checker.app, path)).collect()
}
