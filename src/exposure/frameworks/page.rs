//! What runs in a client without any framework: pages, browser extensions, Electron; and what
//! merely looks as if it did.

use super::super::app::App;
use super::super::value::Value;
use super::Entry;
use super::Framework;
use super::Modules;
use super::paths;
use crate::model::Confidence;

/// Electron.
pub(super) struct Electron;

/// Browser extensions.
pub(super) struct Extension;

/// Pages that are served as they are.
pub(super) struct Page;

/// Modules that do what only a page does, where no framework says what ships.
pub(super) struct Likely;

impl Framework for Electron {
    fn name(&self) -> &'static str {
        "electron"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("electron")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let main = app.package.as_ref().and_then(|package| package.value["main"].as_str());
        let mut found: Vec<String> =
            main.and_then(|main| paths::find(app, main)).into_iter().collect();
        found.extend(paths::named(
            app,
            &["electron/main", "src/main/index", "electron/index", "src/electron/main"],
        ));
        let is_preload = |path: &&String| {
            let stem = app.relative(path).and_then(paths::module).unwrap_or_default();
            paths::name(stem).contains("preload") || stem.ends_with("preload/index")
        };
        found.extend(app.files.iter().filter(is_preload).cloned());
        let mut entries = Vec::new();
        for path in found {
            // Whoever has the package can read it; it reads its variables where it runs.
            let entry = Entry::client(&path, "packaged with the app, readable in its asar");
            entries.push(Entry { is_packaged: true, ..entry });
            entries.push(Entry::server(&path, "process of the app"));
        }
        entries
    }
}

impl Framework for Extension {
    fn name(&self) -> &'static str {
        "extension"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        !manifests(app).is_empty()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (path, value) in manifests(app) {
            let relative = app.relative(&path).unwrap_or_default();
            let mut texts = Vec::new();
            strings(&value, &mut texts, 0);
            for text in texts {
                let target = paths::join(paths::folder(relative), &text);
                let found = target.and_then(|target| paths::find(app, &target));
                entries.extend(
                    found
                        .filter(|found| paths::is_module(found))
                        .map(|found| Entry::client(&found, format!("listed in {path}"))),
                );
            }
        }
        entries
    }
}

/// The manifests of extensions, with what is in them.
fn manifests(app: &App<'_>) -> Vec<(String, serde_json::Value)> {
    let named = app.files.iter().filter(|path| paths::name(path) == "manifest.json");
    let near = named.filter(|path| app.relative(path).is_some_and(|it| !paths::is_aside(it)));
    near.filter_map(|path| {
        let bytes = app.state.read(path).ok()??;
        let value = super::super::package::json(&String::from_utf8_lossy(&bytes)).ok()?;
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
        _ => {}
    }
}

impl Framework for Page {
    fn name(&self) -> &'static str {
        "html"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.files.iter().any(|path| path.ends_with(".html") || path.ends_with(".htm"))
    }

    fn entries(&self, _app: &App<'_>, modules: &dyn Modules) -> Vec<Entry> {
        let all = modules.paths().into_iter();
        let pages = all.filter(|path| path.ends_with(".html") || path.ends_with(".htm"));
        pages.map(|path| Entry::client(path, "page that browsers load")).collect()
    }
}

impl Framework for Likely {
    fn name(&self) -> &'static str {
        "browser"
    }

    fn is_used(&self, _app: &App<'_>) -> bool {
        true
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<Entry> {
        let is_known = super::all().iter().any(|known| {
            !matches!(known.name(), "browser" | "html" | "extension") && known.is_used(app)
        });
        let mut entries = Vec::new();
        for path in modules.paths() {
            let Some(module) = modules.module(path) else { continue };
            if is_known || paths::is_test(path) {
                continue;
            }
            if let Some(span) = module.page_call {
                let entry = Entry::client(path, "does what only a page can do").at(span);
                entries.push(Entry { confidence: Confidence::Medium, ..entry });
            }
        }
        entries
    }
}
