//! Names of files and folders as frameworks interpret them.

use crate::app::App;
use crate::eval::value::Value;
pub(crate) use crate::paths::{folder, name};
use crate::project::conventions::is_outside_code;

/// The extensions of modules.
const CODE: [&str; 8] = ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"];

/// A path without the extension, if it is that of a module.
pub(crate) fn module(path: &str) -> Option<&str> {
    let (stem, ending) = path.rsplit_once('.')?;
    (CODE.contains(&ending) && !stem.ends_with(".d")).then_some(stem)
}

/// True if a file is a module of JavaScript or TypeScript.
pub(crate) fn is_module(path: &str) -> bool {
    module(path).is_some()
}

/// True if a file is a module or a component.
pub(crate) fn is_code(path: &str) -> bool {
    is_module(path) || [".vue", ".svelte", ".astro"].iter().any(|ending| path.ends_with(ending))
}

/// True if a file is one of the app's sources, not build output and not served without change.
pub(crate) fn is_source(app: &App<'_>, path: &str) -> bool {
    app.relative(path).is_some_and(|relative| !is_outside_code(relative))
}

/// A path with `.` and `..` resolved and without slashes at its ends; `None` if it leaves the top.
pub(crate) fn clean(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path that may be written from the top of the project, relative to the app's folder.
pub(crate) fn own(app: &App<'_>, written: &str) -> String {
    let path = clean(written).unwrap_or_default();
    app.relative(&path).filter(|_| !app.root.is_empty()).map_or(path.clone(), str::to_owned)
}

/// The path of `specifier` seen from a folder; one that begins with `/` is seen from the top.
pub(crate) fn join(folder: &str, specifier: &str) -> Option<String> {
    if specifier.starts_with('/') || folder.is_empty() {
        return clean(specifier);
    }
    clean(&format!("{folder}/{specifier}"))
}

/// The file of the app at this path, relative to its folder: as written, with an extension added,
/// or the `index` of a folder.
pub(crate) fn find(app: &App<'_>, relative: &str) -> Option<String> {
    let relative = clean(relative)?;
    if app.has(&relative) {
        return Some(app.path(&relative));
    }
    // `./src/index.js` may mean `src/index.ts`.
    let stem = module(&relative).filter(|_| relative.ends_with("js")).unwrap_or(&relative);
    let ways = [relative.clone(), stem.to_owned(), format!("{relative}/index")];
    let mut names = ways.iter().flat_map(|way| CODE.iter().map(move |end| format!("{way}.{end}")));
    names.find(|name| app.has(name)).map(|name| app.path(&name))
}

/// The modules of the app with one of these paths, without extension.
pub(crate) fn named(app: &App<'_>, stems: &[&str]) -> Vec<String> {
    let is_one = |path: &&String| {
        let stem = app.relative(path).and_then(module);
        stem.is_some_and(|stem| stems.contains(&stem))
    };
    app.files.iter().filter(is_one).cloned().collect()
}

/// The files of the app in one of its folders, with their paths in it.
pub(crate) fn below<'a>(app: &'a App<'_>, folder: &str) -> Vec<(&'a str, &'a str)> {
    below_lazily(app, folder).collect()
}

/// True if the app has files in one of its folders.
pub(crate) fn has_folder(app: &App<'_>, folder: &str) -> bool {
    below_lazily(app, folder).next().is_some()
}

fn below_lazily<'a>(app: &'a App<'_>, folder: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let path = app.path(folder);
    let trimmed = path.trim_end_matches('/');
    let prefix = if trimmed.is_empty() { String::new() } else { format!("{trimmed}/") };
    // The paths are sorted, so those of one folder follow each other.
    let start = app.files.partition_point(|path| path.as_str() < prefix.as_str());
    let rest = app.files.get(start..).unwrap_or_default();
    rest.iter().map_while(move |path| Some((path.as_str(), path.strip_prefix(prefix.as_str())?)))
}

/// True if the name of a file or of a folder on the way to it begins with a mark: `_`, `-`.
pub(crate) fn has_part(path: &str, mark: char) -> bool {
    path.split('/').any(|part| part.starts_with(mark))
}

/// Every path in a value of a configuration: its texts, and the arguments of `resolve(__dirname, …)`,
/// `new URL(…)` and the like, joined.
pub(crate) fn written(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.to_string()],
        Value::CallResult(_, arguments) => {
            let parts: Vec<String> = arguments.iter().flat_map(written).collect();
            if parts.is_empty() { parts } else { vec![parts.join("/")] }
        }
        Value::List(values) | Value::Instance(_, _, values) | Value::Any(values) => {
            values.iter().flat_map(written).collect()
        }
        Value::Object(fields) => fields.iter().flat_map(|field| written(&field.value)).collect(),
        Value::Unknown
        | Value::Literal(_)
        | Value::Secret(_)
        | Value::Variable
        | Value::Function(..)
        | Value::Module(_)
        | Value::Environment(..) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_top() {
        assert_eq!(clean("./src//a/../b/"), Some("src/b".to_owned()));
        assert_eq!(clean("../x"), None);
        assert_eq!(join("src", "./a.js"), Some("src/a.js".to_owned()));
        assert_eq!(join("src", "/a.js"), Some("a.js".to_owned()));
        assert_eq!(join("src", "../../a.js"), None);
    }

    #[test]
    fn type_declarations_are_not_modules() {
        assert!(is_module("a/b.mts"));
        assert!(!is_module("a/env.d.ts"));
        assert!(!is_module("a/b.css"));
    }
}
