//! What runs in a client without any framework: pages, browser extensions, Electron; and what
//! merely looks as if it did.

use crate::app::App;
use crate::frameworks::framework::{EntryPoint, Framework, Modules};
use crate::frameworks::paths;
use crate::project::conventions::{has_test_name, is_outside_code};

/// Electron.
pub(crate) struct Electron;

/// Browser extensions.
pub(crate) struct Extension;

/// Pages that are served as they are.
pub(crate) struct Page;

/// Modules that do what only a page does, where no framework says what ships.
pub(crate) struct Likely;

impl Framework for Electron {
    fn name(&self) -> &'static str {
        "electron"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("electron")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let main = app.package.as_ref().and_then(|package| package.value["main"].as_str());
        let mut found: Vec<String> =
            main.and_then(|main| paths::find(app, main)).into_iter().collect();
        // `main` may name what a build makes of these.
        found.extend(paths::named(app, &["electron/main", "src/main/index", "electron/index"]));
        found.extend(paths::named(app, &["src/electron/main", "src-electron/electron-main"]));
        if found.is_empty() {
            found = paths::named(app, &["src/main", "main", "src/index"]);
        }
        let is_preload = |path: &&String| {
            let stem = app.relative(path).and_then(paths::module).unwrap_or_default();
            let name = paths::name(stem);
            let is_named = name == "preload" || name.ends_with("-preload");
            is_named || name.starts_with("preload.") || stem.ends_with("preload/index")
        };
        found.extend(app.files.iter().filter(is_preload).cloned());
        let mut entries = Vec::new();
        for path in found {
            // Whoever has the package can read it; it reads its variables where it runs.
            let entry = EntryPoint::client(&path, "packaged with the app, readable in its asar");
            entries.push(EntryPoint { is_packaged: true, ..entry });
            entries.push(EntryPoint::server(&path, "process of the app"));
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
        entries
    }
}

/// The module of which a build makes a script that a manifest names: `background.js` of
/// `src/background.ts` or `src/background/index.ts`.
fn source(app: &App<'_>, script: &str) -> Option<String> {
    let stem = paths::module(paths::name(script)).filter(|_| script.ends_with(".js"))?;
    let ways = [format!("src/{stem}"), format!("src/{stem}/index"), format!("src/{stem}/{stem}")];
    let ways = ways.each_ref().map(String::as_str);
    paths::named(app, &ways).into_iter().next()
}

/// The manifests of extensions, with what is in them.
fn manifests(app: &App<'_>) -> Vec<(String, serde_json::Value)> {
    let named = app.files.iter().filter(|path| paths::name(path) == "manifest.json");
    // Builds copy that of `public` or `static` as it is.
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

/// Whether a file is one of the app's sources, not one that a build made or that is served as it
/// is: those are looked at by themselves.
fn is_source(app: &App<'_>, path: &str) -> bool {
    app.relative(path).is_some_and(|relative| !is_outside_code(relative))
}

impl Framework for Page {
    fn name(&self) -> &'static str {
        "html"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.files.iter().any(|path| path.ends_with(".html") || path.ends_with(".htm"))
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let all = modules.paths().into_iter().filter(|path| is_source(app, path));
        let pages = all.filter(|path| path.ends_with(".html") || path.ends_with(".htm"));
        pages.map(|path| EntryPoint::client(path, "page that browsers load")).collect()
    }
}

impl Framework for Likely {
    fn name(&self) -> &'static str {
        "browser"
    }

    fn is_used(&self, _app: &App<'_>) -> bool {
        true
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let is_known = crate::frameworks::all().iter().any(|known| {
            !matches!(known.name(), "browser" | "html" | "extension" | "node" | "storybook")
                && known.is_used(app)
        });
        let mut entries = Vec::new();
        for path in modules.paths() {
            let Some(module) = modules.module(path) else { continue };
            if is_known || has_test_name(path) || !is_source(app, path) {
                continue;
            }
            if let Some(span) = module.page_call {
                entries.push(
                    EntryPoint::client(path, "does what only a page can do").at(span).likely(),
                );
            }
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    #[test]
    fn the_main_process_is_packaged() {
        let built = r#"{"main": "out/main/index.js", "devDependencies": {"electron": "33.0.0"}}"#;
        let plain = r#"{"main": "main.js", "devDependencies": {"electron": "33.0.0"}}"#;
        for (package, main) in [(built, "src/main/index.ts"), (plain, "main.js")] {
            let preload = "src/preload/index.ts";
            let files =
                [("package.json", package), (main, ""), (preload, ""), ("src/preloadAll.ts", "")];
            let mut expected = vec![
                format!("packaged {main}"),
                format!("packaged {preload}"),
                format!("server {main}"),
                format!("server {preload}"),
            ];
            expected.sort();
            assert_eq!(World::new(&files).entries(&Electron), expected, "{package}");
        }
    }

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
        assert_eq!(plain.entries(&Extension), sides(&["bg.js", "content.js"], &[]));
        let built = World::new(&[
            ("public/manifest.json", manifest),
            ("src/bg.ts", ""),
            ("src/content/index.tsx", ""),
        ]);
        assert_eq!(built.entries(&Extension), sides(&["src/bg.ts", "src/content/index.tsx"], &[]));
        let other = World::new(&[("manifest.json", r#"{"name": "web app"}"#)]);
        assert!(!Extension.is_used(&other.app()));
    }

    #[test]
    fn pages_of_a_build_are_no_sources() {
        let world = World::new(&[("index.html", ""), ("dist/index.html", ""), ("a/b.htm", "")]);
        assert_eq!(world.entries(&Page), sides(&["index.html", "a/b.htm"], &[]));
    }

    #[test]
    fn what_only_a_page_does_is_a_guess() {
        let mut world = World::new(&[("a.js", ""), ("b.js", "")]);
        world.module_mut("a.js").page_call = Some(Default::default());
        assert_eq!(world.entries(&Likely), sides(&["a.js"], &[]));
        let package = ("package.json", r#"{"dependencies": {"next": "15"}}"#);
        let mut known = World::new(&[package, ("a.js", "")]);
        known.module_mut("a.js").page_call = Some(Default::default());
        assert!(known.entries(&Likely).is_empty());
    }
}
