//! Browser extensions without a framework: what their manifest lists.

use crate::app::App;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, BuiltBy, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Modules};
use crate::frameworks::paths;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::project::conventions::is_outside_code;

/// Browser extensions without a framework.
pub(crate) struct BrowserExtension;

static FACTS: FrameworkFacts = FrameworkFacts {
    fix_hints: FixHints { file: "a server of your own", call: "that server", ..FixHints::GENERIC },
    addressed_files: AddressedFiles::Served,
    is_incidental: true,
    built_by: BuiltBy::AnyBundler,
    ..FrameworkFacts::new(
        FrameworkId::BrowserExtension,
        "browser extensions",
        FrameworkDocs {
            entries: "what the manifest lists",
            cut: "nothing",
            values: "the manifest in a configuration",
        },
    )
};

impl Framework for BrowserExtension {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        !manifests(app).is_empty() || !written_manifests(app).is_empty()
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "the manifest is part of the extension";
        written_manifests(app).into_iter().map(|it| ShippedSetting::fields(it, note)).collect()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for (path, value) in manifests(app) {
            let relative = app.relative(&path).unwrap_or_default();
            let mut texts = Vec::new();
            strings(&value, &mut texts, 0);
            for text in texts {
                let target = paths::join(paths::folder(relative), &text);
                let found = target.and_then(|target| paths::find(app, &target));
                let found = found.or_else(|| source(app, &text));
                entries.extend(
                    found
                        .filter(|found| paths::is_module(found))
                        .map(|found| EntryPoint::client(&found, format!("listed in {path}"))),
                );
            }
        }
        for manifest in written_manifests(app) {
            let found = paths::written(manifest).into_iter().filter_map(|it| paths::find(app, &it));
            let code = found.filter(|path| paths::is_module(path));
            entries.extend(code.map(|path| EntryPoint::client(&path, "listed in the manifest")));
        }
        entries
    }
}

/// The manifests that configurations hold: `crx({ manifest: { manifest_version: 3, … } })`.
fn written_manifests<'a>(app: &'a App<'_>) -> Vec<&'a Value> {
    let mut found = Vec::new();
    for (_, config) in &app.configs {
        search(config, 8, &mut found);
    }
    found
}

fn search<'v>(value: &'v Value, depth: u32, found: &mut Vec<&'v Value>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Object(_) if value.field("manifest_version").is_some() => found.push(value),
        Value::Object(fields) => fields.iter().for_each(|it| search(&it.value, depth, found)),
        Value::List(values) | Value::Any(values) | Value::CallResult(_, values) => {
            values.iter().for_each(|value| search(value, depth, found));
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

/// The source of a script that a manifest names: `src/background.ts` or
/// `src/background/index.ts` of `background.js`.
fn source(app: &App<'_>, script: &str) -> Option<String> {
    let stem = paths::module(paths::name(script)).filter(|_| script.ends_with(".js"))?;
    let ways = [format!("src/{stem}"), format!("src/{stem}/index"), format!("src/{stem}/{stem}")];
    let ways = ways.each_ref().map(String::as_str);
    paths::named(app, &ways).into_iter().next()
}

/// The manifests of extensions, with their content.
fn manifests(app: &App<'_>) -> Vec<(String, serde_json::Value)> {
    let named = app.files.iter().filter(|path| paths::name(path) == "manifest.json");
    // Builds copy the manifest in `public` or `static`.
    let is_near = |relative: &str| {
        matches!(relative, "public/manifest.json" | "static/manifest.json")
            || !is_outside_code(relative)
    };
    let near = named.filter(|path| app.relative(path).is_some_and(is_near));
    near.filter_map(|path| {
        let bytes = app.state.read(path).ok()??;
        let value = crate::project::package::json(&String::from_utf8_lossy(&bytes)).ok()?;
        value["manifest_version"].is_number().then(|| (path.clone(), value))
    })
    .collect()
}

fn strings(value: &serde_json::Value, found: &mut Vec<String>, depth: u32) {
    match value {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(values) if depth < 8 => {
            values.iter().for_each(|value| strings(value, found, depth + 1));
        }
        serde_json::Value::Object(map) if depth < 8 => {
            map.values().for_each(|value| strings(value, found, depth + 1));
        }
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    #[test]
    fn manifests_list_what_ships() {
        let manifest = r#"{"manifest_version": 3, "name": "x", "background": {"service_worker": "bg.js"},
            "content_scripts": [{"js": ["content.js"]}]}"#;
        let plain = World::new(&[
            ("manifest.json", manifest),
            ("bg.js", ""),
            ("content.js", ""),
            ("a.js", ""),
        ]);
        assert_eq!(plain.entries(&BrowserExtension), sides(&["bg.js", "content.js"], &[]));
        let built = World::new(&[
            ("public/manifest.json", manifest),
            ("src/bg.ts", ""),
            ("src/content/index.tsx", ""),
        ]);
        assert_eq!(
            built.entries(&BrowserExtension),
            sides(&["src/bg.ts", "src/content/index.tsx"], &[])
        );
        let other = World::new(&[("manifest.json", r#"{"name": "web app"}"#)]);
        assert!(!BrowserExtension.is_used(&other.app()));
    }
}
