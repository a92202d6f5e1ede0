//! Templates of servers, and the values that they write into pages: `res.render('index', { key })`.

use crate::checks::checker::Checker;
use crate::eval::value::{Field, Value};

/// The endings of templates.
const ENDINGS: [&str; 14] = [
    "dust",
    "ejs",
    "eta",
    "handlebars",
    "hbs",
    "html",
    "jade",
    "liquid",
    "marko",
    "mustache",
    "njk",
    "pug",
    "twig",
    "vash",
];

/// Names of templates that stand around others.
const LAYOUTS: [&str; 5] = ["_layout", "base", "default", "layout", "main"];

/// How many templates are read that others take in.
const MAX_TEMPLATES: usize = 50;

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
        .any(|path| code_of(checker, path).is_some_and(|text| names(&text, name)))
}

/// The code in a template, in those that it takes in, and in those that stand around it.
fn texts_of(checker: &Checker<'_>, name: &str) -> Vec<String> {
    let name = name.trim_start_matches("./").trim_start_matches('/');
    let templates: Vec<&str> =
        checker.app.files.iter().map(String::as_str).filter(|path| is_template(path)).collect();
    let is_it = |path: &&str| {
        let without = path.rsplit_once('.').map_or(*path, |(stem, _)| stem);
        [path, without].iter().any(|path| {
            path.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        })
    };
    let mut open: Vec<&str> = templates.iter().copied().filter(is_it).collect();
    if open.is_empty() {
        return Vec::new();
    }
    open.extend(templates.iter().copied().filter(|path| LAYOUTS.contains(&stem(path))));
    let (mut taken, mut texts) = (Vec::new(), Vec::new());
    while let Some(path) = open.pop() {
        if taken.contains(&path) || taken.len() > MAX_TEMPLATES {
            continue;
        }
        taken.push(path);
        let Some(text) = code_of(checker, path) else { continue };
        open.extend(templates.iter().filter(|other| names(&text, stem(other))));
        texts.push(text);
    }
    texts
}

fn is_template(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

/// The code of a template, without its markup and comments: what stands between `<%` and `%>`, `{{` and
/// `}}`, `{%` and `%}`; of Pug everything.
fn code_of(checker: &Checker<'_>, path: &str) -> Option<String> {
    let bytes = checker.app.state.read(path).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    if path.ends_with(".pug") || path.ends_with(".jade") {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//-"));
        return Some(lines.collect::<Vec<_>>().join("\n"));
    }
    let mut code = String::new();
    let mut rest = &*text;
    const MARKS: [(&str, &str); 3] = [("<%", "%>"), ("{{", "}}"), ("{%", "%}")];
    while let Some((at, end)) =
        MARKS.iter().filter_map(|(open, close)| Some((rest.find(open)?, *close))).min()
    {
        let inside = &rest[at + 2..];
        let length = inside.find(end).unwrap_or(inside.len());
        let is_comment = ["#", "!--", "!", "{!"].iter().any(|it| inside.starts_with(it));
        // `{{#if key}}` is no comment.
        if !is_comment || (end == "}}" && inside.starts_with('#')) {
            code.push_str(&inside[..length]);
            code.push('\n');
        }
        rest = &inside[length..];
    }
    Some(code)
}

/// True if a text contains a name as a word.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
        })
}
