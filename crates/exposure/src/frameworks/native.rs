//! React Native and Expo: everything in the code is packaged with the app.

use crate::app::App;
use crate::frameworks::framework::{
    EntryPoint, Framework, Handover, Inlining, Modules, VariableRead, directive, imports,
};
use crate::frameworks::paths;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;
use crate::variables::read::{EnvRoot, ReadForm};

/// React Native.
pub(crate) enum Native {
    /// With Expo.
    Expo,
    /// By itself.
    Bare,
}

impl Framework for Native {
    fn name(&self) -> &'static str {
        match self {
            Self::Expo => "expo",
            Self::Bare => "react-native",
        }
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        match self {
            Self::Expo => app.depends_on("expo"),
            Self::Bare => app.depends_on("react-native") && !app.depends_on("expo"),
        }
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let stems = [
            "index",
            "App",
            "src/App",
            "index.native",
            "index.ios",
            "index.android",
            "src/index",
            "App.native",
        ];
        let mut found = paths::named(app, &stems);
        let main = app.package.as_ref().and_then(|package| package.value["main"].as_str());
        found.extend(main.and_then(|main| paths::find(app, main)));
        let mut entries: Vec<EntryPoint> = found
            .iter()
            .map(|path| EntryPoint::client(path, "entry of the app, packaged with it"))
            .collect();
        let server = |path: &str| {
            let module = modules.module(path)?;
            directive(module, "use server").map(|directive| directive.span)
        };
        for path in modules.paths() {
            if let Some(span) = server(path).filter(|_| matches!(self, Self::Expo)) {
                entries.push(EntryPoint::server(path, "'use server' directive").at(span));
            }
        }
        if !app.depends_on("expo-router") {
            return entries;
        }
        let folder = if paths::has_folder(app, "app") { "app" } else { "src/app" };
        for (path, _) in paths::below(app, folder) {
            if paths::is_module(path) && !has_test_name(path) {
                entries.push(if is_server(path) {
                    EntryPoint::server(path, "server code of Expo Router")
                } else {
                    EntryPoint::client(path, "route of Expo Router")
                });
            }
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, module: &Module) -> Option<String> {
        let is_expo = matches!(self, Self::Expo);
        // Server functions and components of Expo Router.
        if is_expo && directive(module, "use server").is_some() {
            return Some("'use server' directive: the client gets a reference".to_owned());
        }
        if is_expo && imports(module, &["server-only"]).is_some() {
            return Some("imports server-only: the build fails".to_owned());
        }
        let is_route = app.depends_on("expo-router") && is_server(path);
        is_route.then(|| "server code, which is left out of the app".to_owned())
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.root == EnvRoot::NativeConfig {
            return Inlining::Yes("every variable of .env is packaged with the app".to_owned());
        }
        if read.root != EnvRoot::Process {
            return Inlining::No;
        }
        // Plugins of Babel that replace every read, with a name as a literal.
        let plugins =
            ["react-native-dotenv", "babel-plugin-transform-inline-environment-variables"];
        let is_literal = matches!(read.form, ReadForm::Member | ReadForm::Index);
        if let Some(plugin) = plugins.iter().find(|plugin| is_literal && app.depends_on(plugin)) {
            return Inlining::Yes(format!("{plugin} inlines it"));
        }
        // Packages of others are left as they are.
        let is_own = !read.path.contains("node_modules/");
        let is_expo = matches!(self, Self::Expo) && is_own && is_literal;
        Inlining::when(
            is_expo && read.name.starts_with("EXPO_PUBLIC_"),
            "Expo inlines process.env.EXPO_PUBLIC_*",
        )
    }

    fn handed_over(&self, _app: &App<'_>, _path: &str, module: &Module) -> Vec<Handover> {
        let is_server = matches!(self, Self::Expo) && directive(module, "use server").is_some();
        let note = "what a server function returns is sent to the app";
        if is_server { vec![Handover::new("*", "", note)] } else { Vec::new() }
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "extra of the app config is packaged with the app";
        let configs = app.configs.iter().filter(|(path, _)| {
            matches!(app.relative(path), Some(path) if path.starts_with("app.config.") || path == "app.json")
        });
        configs
            .map(|(_, value)| {
                let expo = if value.field("expo").is_some() { value.get("expo") } else { value };
                ShippedSetting::fields(expo.get("extra"), note)
            })
            .collect()
    }
}

/// Whether the transform of Expo leaves a route out of the app.
fn is_server(path: &str) -> bool {
    let stem = paths::module(paths::name(path)).unwrap_or_default();
    ["+api", "+html", "+middleware"].iter().any(|ending| stem.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, object, sides, variable};

    const EXPO: (&str, &str) = (
        "package.json",
        r#"{"main": "expo-router/entry", "dependencies": {"expo": "~52", "expo-router": "~4"}}"#,
    );
    const BARE: (&str, &str) = ("package.json", r#"{"dependencies": {"react-native": "0.76.0"}}"#);

    #[test]
    fn routes_of_expo_ship_but_for_those_of_its_server() {
        let world = World::new(&[
            EXPO,
            ("app/index.tsx", ""),
            ("app/ask+api.ts", ""),
            ("app/+html.tsx", ""),
            ("lib/a.ts", ""),
        ]);
        let server = ["app/ask+api.ts", "app/+html.tsx"];
        assert_eq!(world.entries(&Native::Expo), sides(&["app/index.tsx"], &server));
        assert!(world.is_cut(&Native::Expo, "app/ask+api.ts"));
        assert!(!Native::Bare.is_used(&world.app()));
        let bare = World::new(&[BARE, ("index.js", ""), ("App.tsx", "")]);
        assert_eq!(bare.entries(&Native::Bare), sides(&["index.js", "App.tsx"], &[]));
    }

    #[test]
    fn expo_inlines_static_members_and_plugins_inline_everything() {
        let dotenv = (
            "package.json",
            r#"{"dependencies": {"react-native": "1", "react-native-dotenv": "3.4.0"}}"#,
        );
        for (native, package, name, root, form, is_inlined) in [
            (Native::Expo, EXPO, "EXPO_PUBLIC_A", EnvRoot::Process, ReadForm::Member, true),
            (Native::Expo, EXPO, "EXPO_PUBLIC_A", EnvRoot::Process, ReadForm::Index, true),
            (Native::Expo, EXPO, "EXPO_PUBLIC_A", EnvRoot::Process, ReadForm::Computed, false),
            (Native::Expo, EXPO, "EXPO_PUBLIC_A", EnvRoot::Process, ReadForm::Destructured, false),
            (Native::Expo, EXPO, "A", EnvRoot::Process, ReadForm::Member, false),
            (Native::Bare, BARE, "A", EnvRoot::NativeConfig, ReadForm::Member, true),
            (Native::Bare, BARE, "A", EnvRoot::Process, ReadForm::Member, false),
            (Native::Bare, dotenv, "A", EnvRoot::Process, ReadForm::Member, true),
        ] {
            let world = World::new(&[package]);
            assert_eq!(world.inlines(&native, name, root, form), is_inlined, "{name} {form:?}");
        }
    }

    #[test]
    fn extra_ships_and_the_rest_of_the_app_config_does_not() {
        let extra =
            || object([("extra", object([("k", variable("A"))])), ("hooks", variable("B"))]);
        for (path, value) in [("app.config.ts", extra()), ("app.json", object([("expo", extra())]))]
        {
            let world = World::new(&[EXPO]).config(path, value);
            assert_eq!(world.leaks(&Native::Expo), ["config:0 Name(\"A\")"], "{path}");
        }
    }
}
