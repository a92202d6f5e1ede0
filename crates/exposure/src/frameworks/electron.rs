//! Electron: everybody who has the app can read all code that is packaged with it.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, BuiltBy, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead, given};
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::sending_call::{CallObject, SendingCall, SentPart};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{copied_files, paths, vite, webpack};
use crate::variables::read::EnvRoot;

/// Electron.
pub(crate) struct Electron;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["electron"],
    app_packages: &["electron"],
    sending_calls: &[
        SendingCall {
            object: CallObject::Any,
            function: "exposeInMainWorld",
            sends: SentPart::Arguments,
            note: "exposed to the pages of the app",
            is_unmistakable: true,
            package: "",
        },
        SendingCall {
            object: CallObject::Named("ipcMain"),
            function: "handle",
            sends: SentPart::ResultsOf(1),
            note: "the answer goes to the pages of the app",
            is_unmistakable: true,
            package: "",
        },
        SendingCall {
            object: CallObject::Mentions(&["webContents", "sender"]),
            function: "send",
            sends: SentPart::Arguments,
            note: "sent to a page of the app",
            is_unmistakable: true,
            package: "",
        },
    ],
    packages_output: true,
    fix_hints: FixHints { file: "a server of your own", call: "that server", ..FixHints::GENERIC },
    addressed_files: AddressedFiles::LeftBehind,
    built_by: BuiltBy::AnyBundler,
    ..FrameworkFacts::new(
        FrameworkId::Electron,
        "Electron",
        FrameworkDocs {
            entries: "main and preload (packaged), pages",
            cut: "nothing",
            values: "nothing: variables are read at run time; with electron-vite, `MAIN_VITE_*`, `PRELOAD_VITE_*`, `VITE_*` and `define`",
        },
    )
};

/// The parts of an app that electron-vite builds.
const PARTS: [&str; 3] = ["main", "preload", "renderer"];

impl Framework for Electron {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let Some((_, config)) = app.config(&["electron.vite.config"]) else {
            return Inlining::No;
        };
        for part in PARTS {
            if let yes @ Inlining::Yes(_) = vite::inlining_of(app, config.get(part), read) {
                return yes;
            }
        }
        let relative = app.relative(read.path).unwrap_or_default();
        let part = PARTS.iter().find(|part| relative.split('/').any(|folder| folder == **part));
        let Some(part) = part else { return Inlining::No };
        let given = config.get(part).get("envPrefix").elements().iter().filter_map(Value::text);
        let mut prefixes: Vec<String> = given.map(str::to_owned).collect();
        if prefixes.is_empty() {
            prefixes = vec![format!("{}_VITE_", part.to_uppercase()), "VITE_".to_owned()];
        }
        Inlining::when(
            read.root == EnvRoot::ImportMeta
                && prefixes.iter().any(|prefix| read.name.starts_with(prefix.as_str())),
            "electron-vite inlines variables with the prefixes of this part of the app",
        )
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let Some((_, config)) = app.config(&["electron.vite.config"]) else { return Vec::new() };
        let note = "define writes it into the packaged code";
        let parts = PARTS.map(|part| config.get(part));
        let mut settings: Vec<ShippedSetting> =
            parts.map(|part| ShippedSetting::names(part.get("define"), note)).into();
        settings.extend(parts.into_iter().flat_map(|part| vite::settings_of(app, part)));
        settings
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let (_, config) = app.config(&["electron.vite.config"])?;
        let mut builds = PARTS.iter().map(|part| config.get(part).get("build"));
        let field = builds.find_map(|build| build.field("sourcemap").filter(|it| is_on(&it.value)));
        field.map(|field| PublishedMaps::by(field, "build.sourcemap", false))
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let Some((_, config)) = app.config(&["electron.vite.config"]) else { return Vec::new() };
        PARTS.iter().flat_map(|part| webpack::aliases(app, config.get(part))).collect()
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let mut named = Vec::new();
        for (path, config) in &app.configs {
            let forge = config.get("packagerConfig").get("extraResource");
            let builder = ["extraResources", "extraFiles"].map(|option| config.get(option));
            let name = paths::name(path);
            if name.starts_with("forge.config") || name.starts_with("electron-builder") {
                let given = [forge].into_iter().chain(builder);
                named.extend(given.flat_map(|given| copied_files::in_list(app, given, path)));
            }
        }
        // `build` of package.json is the configuration of electron-builder, `config.forge` of Forge.
        let Some(package) = &app.package else { return named };
        let build = &package.value["build"];
        let forge = &package.value["config"]["forge"]["packagerConfig"]["extraResource"];
        for given in [&build["extraResources"], &build["extraFiles"], forge] {
            let single = std::slice::from_ref(given);
            for entry in given.as_array().map_or(single, Vec::as_slice) {
                let written = entry.as_str().or(entry["from"].as_str());
                let path = written.and_then(paths::clean).filter(|path| !path.is_empty());
                named.extend(path.map(|path| ShippedPath {
                    path: app.path(&path),
                    except: Vec::new(),
                    by: app.path("package.json"),
                    why: "it is packaged with the app",
                }));
            }
        }
        named
    }

    fn keeps_style_comments(&self, app: &App<'_>) -> bool {
        // electron-vite minifies only if it is told to.
        let config = app.config(&["electron.vite.config"]).map(|(_, config)| config);
        config.is_some_and(|config| {
            let minify = config.get("renderer").get("build").get("minify");
            matches!(minify, Value::Unknown) || minify.is_false()
        })
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let main = app.package.as_ref().and_then(|package| package.value["main"].as_str());
        let mut found: Vec<String> =
            main.and_then(|main| paths::find(app, main)).into_iter().collect();
        // `main` may name the output of these.
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
        // Entries of the plugins of Electron Forge.
        if let Some((_, config)) = app.config(&["forge.config"]) {
            for plugin in config.get("plugins").elements() {
                for written in paths::written(given(plugin)) {
                    let path = paths::find(app, &written).filter(|path| paths::is_module(path));
                    let path = path.filter(|path| !app.configs.iter().any(|(it, _)| it == path));
                    entries.extend(path.map(|path| {
                        let name = paths::name(&path);
                        let is_packaged = name.starts_with("main") || name.starts_with("preload");
                        let entry = EntryPoint::client(&path, "entry of forge.config");
                        EntryPoint { is_packaged, ..entry }
                    }));
                }
            }
        }
        for path in found {
            // The code ships, but reads its variables on the machine where it runs.
            let entry = EntryPoint::client(&path, "packaged with the app, readable in its asar");
            entries.push(EntryPoint { is_packaged: true, ..entry });
            entries.push(EntryPoint::server(&path, "process of the app"));
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::World;

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
}
