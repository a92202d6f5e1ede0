//! Expo: all code is packaged with the app, except the server code of Expo Router.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead, directive,
    imports,
};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{native_app, paths, shell};
use crate::js::guard::{Absence, BuildValue, CodeWord};
use crate::js::ir::Module;
use crate::variables::read::{EnvRoot, ReadForm};

/// Expo.
pub(crate) struct Expo;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["expo"],
    app_packages: &["expo"],
    config_data: &["app.json"],
    settings: &["app.json"],
    public_prefixes: &["EXPO_PUBLIC_"],
    static_folders: &[StaticFolder::public(&["expo"])],
    fix_hints: FixHints {
        file: "an API route such as app/api/token+api.ts, or a server of your own",
        option: "extra of the app config",
        ..FixHints::GENERIC
    },
    addressed_files: AddressedFiles::LeftBehind,
    left_out: &[Absence::ReactNativeDev, Absence::NodeEnv, Absence::ModuleHot, Absence::Never],
    ..FrameworkFacts::new(
        FrameworkId::Expo,
        "Expo",
        FrameworkDocs {
            entries: "the app's entry, routes of Expo Router",
            cut: "`+api`, `+html`, `+middleware`; `'use server'`, `server-only`",
            values: "`process.env.EXPO_PUBLIC_*`; the public part of the app config; all of `.env` with react-native-config",
        },
    )
};

impl Framework for Expo {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = native_app::entries(app);
        for path in modules.paths() {
            let server = modules.module(path).and_then(|module| directive(module, "use server"));
            if let Some(server) = server {
                entries.push(EntryPoint::server(path, "'use server' directive").at(server.span));
            }
        }
        entries.extend(native_app::routes(app));
        entries
    }

    fn left_out(&self, app: &App<'_>) -> Vec<Absence> {
        let mut all = FACTS.left_out.to_vec();
        if is_only_web(app) {
            all.push(Absence::IsNot(BuildValue::Platform, CodeWord::new("web")));
        }
        all
    }

    fn boundary(&self, app: &App<'_>, path: &str, module: &Module) -> Option<String> {
        // Server functions and components of Expo Router.
        if directive(module, "use server").is_some() {
            return Some("'use server' directive: the client gets a reference".to_owned());
        }
        if imports(module, &["server-only"]).is_some() {
            return Some("imports server-only: the build fails".to_owned());
        }
        if is_only_web(app) && is_of_other_platform(app, path) {
            return Some("the build for the web takes another file".to_owned());
        }
        native_app::route_boundary(app, path)
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let by_others = native_app::inlining(app, read);
        if by_others != Inlining::No {
            return by_others;
        }
        let is_literal = matches!(read.form, ReadForm::Member | ReadForm::Index);
        // Installed packages are not transformed.
        let is_own = !read.path.contains("node_modules/");
        Inlining::when(
            read.root == EnvRoot::Process
                && is_own
                && is_literal
                && read.name.starts_with("EXPO_PUBLIC_"),
            "Expo inlines process.env.EXPO_PUBLIC_*",
        )
    }

    fn is_document(&self, app: &App<'_>, path: &str) -> bool {
        let stem = app.relative(path).and_then(paths::module).unwrap_or_default();
        app.depends_on("expo-router") && matches!(stem, "app/+html" | "src/app/+html")
    }

    fn server_rendering(&self, app: &App<'_>) -> Option<ServerRendering> {
        native_app::is_rendered(app).then_some(ServerRendering::PROCESS)
    }

    fn sent_results(&self, _app: &App<'_>, _path: &str, module: &Module) -> Vec<SentResult> {
        let is_server = directive(module, "use server").is_some();
        let note = "what a server function returns is sent to the app";
        if is_server { vec![SentResult::new("*", "", note)] } else { Vec::new() }
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        native_app::shipped_settings(app)
    }
}

/// True if the app is built for the web only: its configuration says so, or the only command that
/// builds does.
fn is_only_web(app: &App<'_>) -> bool {
    let config = app.config(&["app.config", "app"]).map_or(&Value::Unknown, |(_, value)| value);
    let given = config.field("platforms").or_else(|| config.get("expo").field("platforms"));
    if let Some(given) = given {
        let all = given.value.elements();
        return !all.is_empty() && all.iter().all(|it| it.text() == Some("web"));
    }
    let scripts = app.package.iter().flat_map(|package| package.scripts.values());
    let commands: Vec<_> = scripts.flat_map(|script| shell::commands(script)).collect();
    let mut words = commands.iter().flatten();
    let is_native = |word: &String| {
        ["ios", "android", "eas", "all"]
            .iter()
            .any(|it| word.split([':', '=']).any(|own| own == *it))
    };
    let is_web = |words: &Vec<String>| {
        let has = |wanted: &str| words.iter().any(|word| word.split('=').any(|it| it == wanted));
        has("expo") && has("export") && has("web")
    };
    commands.iter().any(is_web) && !words.any(is_native)
}

/// True for a file in whose place the build for the web takes another, or that only other platforms
/// take.
fn is_of_other_platform(app: &App<'_>, path: &str) -> bool {
    let Some((stem, ending)) = path.rsplit_once('.') else { return false };
    if [".native", ".ios", ".android"].iter().any(|platform| stem.ends_with(platform)) {
        return true;
    }
    let endings = [ending, "ts", "tsx", "js", "jsx"];
    !stem.ends_with(".web")
        && endings.iter().any(|ending| {
            let web = format!("{stem}.web.{ending}");
            app.relative(&web).is_some_and(|path| app.has(path))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::react_native::ReactNative;
    use crate::frameworks::testing::{World, object, sides, variable};

    const PACKAGE: (&str, &str) = (
        "package.json",
        r#"{"main": "expo-router/entry", "dependencies": {"expo": "~52", "expo-router": "~4"}}"#,
    );

    #[test]
    fn routes_ship_except_server_code() {
        let world = World::new(&[
            PACKAGE,
            ("app/index.tsx", ""),
            ("app/ask+api.ts", ""),
            ("app/+html.tsx", ""),
            ("lib/a.ts", ""),
        ]);
        let server = ["app/ask+api.ts", "app/+html.tsx"];
        assert_eq!(world.entries(&Expo), sides(&["app/index.tsx"], &server));
        assert!(world.is_cut(&Expo, "app/ask+api.ts"));
        assert!(!ReactNative.is_used(&world.app()));
    }

    #[test]
    fn literal_reads_of_public_variables_are_inlined() {
        for (name, form, is_inlined) in [
            ("EXPO_PUBLIC_A", ReadForm::Member, true),
            ("EXPO_PUBLIC_A", ReadForm::Index, true),
            ("EXPO_PUBLIC_A", ReadForm::Computed, false),
            ("EXPO_PUBLIC_A", ReadForm::Destructured, false),
            ("A", ReadForm::Member, false),
        ] {
            let world = World::new(&[PACKAGE]);
            let inlines = world.inlines(&Expo, name, EnvRoot::Process, form);
            assert_eq!(inlines, is_inlined, "{name} {form:?}");
        }
    }

    #[test]
    fn extra_ships_and_the_rest_of_the_app_config_does_not() {
        let extra =
            || object([("extra", object([("k", variable("A"))])), ("hooks", variable("B"))]);
        for (path, value) in [("app.config.ts", extra()), ("app.json", object([("expo", extra())]))]
        {
            let world = World::new(&[PACKAGE]).config(path, value);
            assert_eq!(world.leaks(&Expo), ["config:0 Name(\"A\")"], "{path}");
        }
    }
}
