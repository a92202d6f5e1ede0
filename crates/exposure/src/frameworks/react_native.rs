//! React Native without Expo: everything in the code is packaged with the app.

use crate::app::App;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::native_app;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::variables::conventions::VariableModule;
use crate::variables::read::EnvRoot;

/// React Native without Expo.
pub(crate) struct ReactNative;

static FACTS: FrameworkFacts = FrameworkFacts {
    app_packages: &["react-native"],
    variable_modules: &[
        config_module("@env"),
        config_module("react-native-config"),
        config_module("react-native-dotenv"),
    ],
    fix_hints: FixHints {
        file: "a server of your own",
        call: "that server",
        option: "extra of the app config",
        ..FixHints::GENERIC
    },
    addressed_files: AddressedFiles::LeftBehind,
    left_out: &[Absence::ReactNativeDev, Absence::NodeEnv, Absence::ModuleHot, Absence::Never],
    ..FrameworkFacts::new(
        FrameworkId::ReactNative,
        "React Native",
        FrameworkDocs {
            entries: "the app's entry",
            cut: "nothing",
            values: "all of `.env` with react-native-config or react-native-dotenv",
        },
    )
};

/// A module that has every variable of `.env`.
const fn config_module(specifier: &'static str) -> VariableModule {
    VariableModule { specifier, root: EnvRoot::NativeConfig, objects: &["default", "Config"] }
}

impl Framework for ReactNative {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("react-native") && !app.depends_on("expo")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = native_app::entries(app);
        entries.extend(native_app::routes(app));
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        native_app::route_boundary(app, path)
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        native_app::inlining(app, read)
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        native_app::shipped_settings(app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};
    use crate::variables::read::ReadForm;

    const PACKAGE: (&str, &str) =
        ("package.json", r#"{"dependencies": {"react-native": "0.76.0"}}"#);

    #[test]
    fn the_app_begins_in_its_index_and_app() {
        let world = World::new(&[PACKAGE, ("index.js", ""), ("App.tsx", "")]);
        assert_eq!(world.entries(&ReactNative), sides(&["index.js", "App.tsx"], &[]));
    }

    #[test]
    fn packages_and_plugins_inline_everything() {
        let dotenv = (
            "package.json",
            r#"{"dependencies": {"react-native": "1", "react-native-dotenv": "3.4.0"}}"#,
        );
        for (package, root, is_inlined) in [
            (PACKAGE, EnvRoot::NativeConfig, true),
            (PACKAGE, EnvRoot::Process, false),
            (dotenv, EnvRoot::Process, true),
        ] {
            let world = World::new(&[package]);
            let inlines = world.inlines(&ReactNative, "A", root, ReadForm::Member);
            assert_eq!(inlines, is_inlined, "{root:?}");
        }
    }
}
