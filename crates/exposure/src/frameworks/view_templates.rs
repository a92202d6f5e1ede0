//! Templates of servers, by the names under which code renders them.

use crate::app::App;

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
pub(crate) const MAX_TEMPLATES: usize = 50;

/// The paths of the templates of this name, of those that they take in, and of those that may stand
/// around them.
pub(crate) fn taken_in<'a>(app: &'a App<'_>, name: &str) -> Vec<&'a str> {
    let name = name.trim_start_matches("./").trim_start_matches('/');
    let templates: Vec<&str> =
        app.files.iter().map(String::as_str).filter(|path| is_template(path)).collect();
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
    let mut taken = Vec::new();
    while let Some(path) = open.pop() {
        if taken.contains(&path) || taken.len() > MAX_TEMPLATES {
            continue;
        }
        taken.push(path);
        let Some(text) = code_of(app, path) else { continue };
        open.extend(templates.iter().filter(|other| names(&text, stem(other))));
    }
    taken
}

/// True for a template by its name.
pub(crate) fn is_template(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

/// The code of a template, without its markup and comments: what stands between `<%` and `%>`, `{{` and
/// `}}`, `{%` and `%}`; of Pug everything.
pub(crate) fn code_of(app: &App<'_>, path: &str) -> Option<String> {
    let bytes = app.state.read(path).ok()??;
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
pub(crate) fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
        })
}
