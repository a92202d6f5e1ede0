//! Electron: everybody who has the app can read all code that is packaged with it.

use crate::app::App;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, BuiltBy, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::paths;
use crate::frameworks::sending_call::{CallObject, SendingCall, SentPart};
use crate::frameworks::shipped_setting::ShippedSetting;
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
        },
        SendingCall {
            object: CallObject::Named("ipcMain"),
            function: "handle",
            sends: SentPart::ResultsOf(1),
            note: "the answer goes to the pages of the app",
            is_unmistakable: true,
        },
        SendingCall {
            object: CallObject::Mentions(&["webContents", "sender"]),
            function: "send",
            sends: SentPart::Arguments,
            note: "sent to a page of the app",
            is_unmistakable: true,
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

impl Framework for Electron {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let Some((_, config)) = app.config(&["electron.vite.config"]) else {
            return Inlining::No;
        };
        let relative = app.relative(read.path).unwrap_or_default();
        let part = ["main", "preload", "renderer"];
        let part = part.iter().find(|part| relative.split('/').any(|folder| folder == **part));
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
        let parts = ["main", "preload"].map(|part| config.get(part).get("define"));
        parts.map(|define| ShippedSetting::names(define, note)).into()
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
