//! React Native and Expo: everything in the code is packaged with the app.

use super::super::app::App;
use super::super::facts::Module;
use super::super::leak::Leak;
use super::Entry;
use super::EnvRoot;
use super::Framework;
use super::Inlining;
use super::Modules;
use super::Read;
use super::ReadForm;
use super::inlined::Inlined;
use super::paths;

/// React Native, with Expo or without.
pub(super) struct Native;

impl Framework for Native {
    fn name(&self) -> &'static str {
        "react-native"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("react-native") || app.depends_on("expo")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let stems =
            ["index", "App", "src/App", "index.native", "index.ios", "index.android", "src/index"];
        let mut found = paths::named(app, &stems);
        let main = app.package.as_ref().and_then(|package| package.value["main"].as_str());
        found.extend(main.and_then(|main| paths::find(app, main)));
        let mut entries: Vec<Entry> = found
            .iter()
            .map(|path| Entry::client(path, "entry of the app, packaged with it"))
            .collect();
        if !app.depends_on("expo-router") {
            return entries;
        }
        let folder = if paths::below(app, "app").is_empty() { "src/app" } else { "app" };
        for (path, _) in paths::below(app, folder) {
            if paths::is_module(path) && !paths::is_test(path) {
                entries.push(if is_server(path) {
                    Entry::server(path, "API route of Expo Router")
                } else {
                    Entry::client(path, "route of Expo Router")
                });
            }
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        let is_route = app.depends_on("expo-router") && is_server(path);
        is_route.then(|| "API route, which is left out of the app".to_owned())
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        if read.root == EnvRoot::NativeConfig {
            return Inlining::Yes("every variable of .env is packaged with the app".to_owned());
        }
        let is_member = read.root == EnvRoot::Process && read.form == ReadForm::Member;
        Inlining::when(
            app.depends_on("expo") && is_member && read.name.starts_with("EXPO_PUBLIC_"),
            "Expo inlines process.env.EXPO_PUBLIC_*",
        )
    }

    fn configured(&self, app: &App<'_>) -> Vec<Leak> {
        let note = "extra of the app config is packaged with the app";
        let inlined = Inlined { app, framework: self.name(), note };
        let configs = app.configs.iter().filter(|(path, _)| {
            matches!(app.relative(path), Some(path) if path.starts_with("app.config.") || path == "app.json")
        });
        configs
            .flat_map(|(_, value)| {
                let expo = if value.field("expo").is_some() { value.get("expo") } else { value };
                inlined.fields(expo.get("extra"))
            })
            .collect()
    }
}

/// Whether the transform of Expo leaves a route out of the app.
fn is_server(path: &str) -> bool {
    let stem = paths::module(paths::name(path)).unwrap_or_default();
    ["+api", "+html", "+middleware"].iter().any(|ending| stem.ends_with(ending))
}
