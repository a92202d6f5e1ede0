//! Babel's `module-resolver`: names of folders in imports, whatever bundles the app.

use serde_json::Value as Json;

use crate::app::App;
use crate::eval::value::{Field, Value};
use crate::frameworks::{paths, webpack};
use crate::project::aliases::ANY;
use crate::project::package::json;

/// JSON files that configure Babel.
pub(crate) const FILES: [&str; 3] = [".babelrc", ".babelrc.json", "babel.config.json"];

/// True for the name, without ending, of a module that configures Babel, besides `babel.config`.
pub(crate) fn is_configuration(stem: &str) -> bool {
    stem == ".babelrc"
}

/// The names that the plugin gives to folders, and the paths of these.
pub(crate) fn aliases(app: &App<'_>) -> Vec<(String, String)> {
    let mut configs: Vec<Value> = Vec::new();
    configs.extend(app.config(&["babel.config", ".babelrc"]).map(|(_, value)| value.clone()));
    for file in FILES.iter().filter(|file| app.has(file)) {
        let bytes = app.state.read(&app.path(file)).ok().flatten().unwrap_or_default();
        // A file that is not JSON does not configure Babel.
        configs.extend(json(&String::from_utf8_lossy(&bytes)).ok().map(|it| value(&it)));
    }
    configs.extend(app.package.as_ref().map(|package| value(&package.value["babel"])));
    let mut aliases = Vec::new();
    for config in &configs {
        let plugins = config.get("plugins").elements().iter();
        for plugin in plugins.filter(|plugin| is_resolver(plugin)) {
            let options = plugin.elements().get(1).unwrap_or(&Value::Unknown);
            for Field { key, value, .. } in options.get("alias").fields() {
                aliases.extend(alias(app, key, value));
            }
            let roots = options.get("root").elements().iter().filter_map(Value::text);
            aliases.extend(roots.filter_map(|root| webpack::any_in(app, root)));
        }
    }
    aliases
}

fn is_resolver(plugin: &Value) -> bool {
    let name = plugin.elements().first().unwrap_or(&Value::Unknown);
    paths::written(name).iter().any(|name| name.contains("module-resolver"))
}

/// A name and its path. The name may be a simple regular expression: `^~/(.+)`.
fn alias(app: &App<'_>, name: &str, target: &Value) -> Option<(String, String)> {
    let target = paths::written(target).into_iter().next()?;
    let target = webpack::alias_target(&target.replace("\\1", ANY))?;
    let name = match name.strip_prefix('^') {
        Some(pattern) => pattern.trim_end_matches('$').replace("(.+)", ANY).replace("(.*)", ANY),
        None => name.to_owned(),
    };
    let is_plain = !name.contains(['(', ')', '[', ']', '\\', '|', '^', '$', '+']);
    let is_there = target.contains('*') || app.has(&target) || paths::has_folder(app, &target);
    (is_plain && is_there).then(|| (name, app.path(&target)))
}

fn value(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::Text(text.as_str().into()),
        Json::Array(all) => Value::List(all.iter().map(value).collect::<Vec<_>>().into()),
        Json::Object(all) => {
            let field = |(key, inner): (&String, &Json)| Field {
                key: key.as_str().into(),
                value: value(inner),
                at: crate::leak::FileSpan { path: "".into(), span: Default::default() },
            };
            Value::Object(all.iter().map(field).collect::<Vec<_>>().into())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => Value::Unknown,
    }
}
