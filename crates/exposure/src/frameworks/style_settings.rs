//! Code that configurations put before every style sheet: `additionalData` of Vite, of sass-loader and of
//! Next.js.

use crate::app::App;
use crate::eval::value::{Field, Value};
use crate::frameworks::shipped_setting::ShippedSetting;

/// How deep configurations are searched.
const DEPTH: usize = 16;

/// The options with such code.
const OPTIONS: [&str; 2] = ["additionalData", "prependData"];

/// The parts of such code in a configuration that ship. A variable does only if a style sheet names it.
pub(super) fn before_styles(app: &App<'_>, config: &Value) -> Vec<ShippedSetting> {
    let mut fields = Vec::new();
    search(config, DEPTH, &mut fields);
    fields.into_iter().flat_map(|field| parts(app, field)).collect()
}

fn search<'v>(value: &'v Value, depth: usize, found: &mut Vec<&'v Field>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for field in value.fields() {
        if OPTIONS.contains(&&*field.key) {
            found.push(field);
        } else {
            search(&field.value, depth, found);
        }
    }
    if let Value::CallResult(_, values) | Value::List(values) | Value::Any(values) = value {
        values.iter().for_each(|value| search(value, depth, found));
    }
}

/// The statements of an option that ship.
fn parts(app: &App<'_>, field: &Field) -> Vec<ShippedSetting> {
    let bytes = app.state.read(&field.at.path).ok().flatten().unwrap_or_default();
    let range = field.at.span.start as usize..field.at.span.end as usize;
    let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.get(range));
    // Line breaks may be written as `\n`.
    let statements = text.unwrap_or_default().split([';', '\n']);
    let statements = statements.flat_map(|statement| statement.split("\\n"));
    let ships = |statement: &&str| match declared(statement) {
        Some(name) => is_used(app, name),
        None => true,
    };
    let note = "it stands before every style sheet";
    statements
        .filter(ships)
        .map(|statement| ShippedSetting::text(statement, &field.at, note))
        .collect()
}

/// The variable that a statement declares: `$key: "…"` of Sass, `@key: "…"` of Less.
fn declared(statement: &str) -> Option<&str> {
    let start = statement.find(['$', '@'])?;
    let name = &statement[start..];
    let end = name[1..].find(|c: char| !is_part(c)).map_or(name.len(), |end| end + 1);
    name[end..].trim_start().starts_with(':').then_some(&name[..end])
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

/// True if a style sheet of the app, or the style of a component, names a variable.
fn is_used(app: &App<'_>, name: &str) -> bool {
    const STYLES: [&str; 7] = [".scss", ".sass", ".less", ".styl", ".vue", ".svelte", ".astro"];
    let mut paths = app.state.below(&app.root).into_iter();
    paths.any(|path| {
        let is_style = STYLES.iter().any(|ending| path.ends_with(ending));
        is_style && {
            let bytes = app.state.read(&path).ok().flatten().unwrap_or_default();
            let text = app.keys.text(&bytes);
            let mut places = text.match_indices(name);
            places.any(|(at, _)| !text[at + name.len()..].starts_with(is_part))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_declare_variables() {
        assert_eq!(declared(r#"additionalData: '$brand-key: "x""#), Some("$brand-key"));
        assert_eq!(declared("@key : 1"), Some("@key"));
        assert_eq!(declared("@use 'tokens' as *"), None);
        assert_eq!(declared(".a { color: red }"), None);
    }
}
