//! Files that options of builds and their plugins copy to the site.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Value;
use crate::frameworks::paths;

/// The reason, for people.
pub(crate) const COPIED: &str = "the configuration copies it to the site as it is";

/// The deepest nesting of values in which plugins are searched for.
const DEPTH: usize = 16;

/// Plugins that copy files, and the option that lists these; any of the first argument if it is empty.
const PLUGINS: [(&str, &str); 5] = [
    ("CopyPlugin", "patterns"),
    ("CopyRspackPlugin", "patterns"),
    ("CopyWebpackPlugin", "patterns"),
    ("copy", "targets"),
    ("viteStaticCopy", "targets"),
];

/// The files that plugins in a configuration copy. `by` is the file of the configuration.
pub(crate) fn by_plugins(app: &App<'_>, config: &Value, by: &str) -> Vec<ShippedPath> {
    let mut found = Vec::new();
    search(app, config, by, DEPTH, &mut found);
    found
}

fn search(app: &App<'_>, value: &Value, by: &str, depth: usize, found: &mut Vec<ShippedPath>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::CallResult(name, arguments) => {
            let first = arguments.first().unwrap_or(&Value::Unknown);
            let name = name.rsplit('.').next().unwrap_or_default();
            match PLUGINS.iter().find(|(known, _)| *known == name) {
                Some((_, option)) => {
                    let listed = [first.get(option), first.get("assets")];
                    let listed = listed.into_iter().find(|it| !matches!(it, Value::Unknown));
                    found.extend(in_list(app, listed.unwrap_or(first), by));
                }
                None => arguments.iter().for_each(|it| search(app, it, by, depth, found)),
            }
        }
        Value::Object(fields) => {
            fields.iter().for_each(|field| search(app, &field.value, by, depth, found));
        }
        Value::List(values) | Value::Any(values) => {
            values.iter().for_each(|it| search(app, it, by, depth, found));
        }
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Secret(_)
        | Value::Variable
        | Value::Function(..)
        | Value::Instance(..)
        | Value::Module(_)
        | Value::Environment(..) => {}
    }
}

/// The files in a list of paths, and of objects with a property that names the source.
pub(crate) fn in_list(app: &App<'_>, list: &Value, by: &str) -> Vec<ShippedPath> {
    let mut found = Vec::new();
    for entry in list.elements() {
        if let Value::Any(values) = entry {
            found.extend(values.iter().flat_map(|value| in_list(app, value, by)));
            continue;
        }
        let names = ["from", "src", "input", "name"];
        let source = names.iter().map(|name| entry.get(name));
        let source = source.into_iter().find(|it| !matches!(it, Value::Unknown)).unwrap_or(entry);
        let inner = entry.get("glob").text().unwrap_or_default();
        let ignored = [entry.get("globOptions").get("ignore"), entry.get("ignore")];
        let except = ignored.into_iter().flat_map(paths::written).collect::<Vec<_>>();
        let context = paths::written(entry.get("context")).concat();
        for path in source.elements().iter().flat_map(paths::written) {
            let path = format!("{context}/{path}/{inner}");
            if let Some(path) = paths::clean(&path).filter(|path| !path.is_empty()) {
                let (path, by) = (app.path(&paths::own(app, &path)), by.to_owned());
                found.push(ShippedPath { path, except: except.clone(), by, why: COPIED });
            }
        }
    }
    found
}
