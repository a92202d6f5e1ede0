//! Create React App: webpack with a fixed set of public variables.

use std::collections::BTreeSet;

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::published_maps::{PublishedMaps, has_word};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::js::guard::Absence;
use crate::variables::declarations::{Declaration, Declared};
use crate::variables::read::EnvRoot;

/// Create React App.
pub(crate) struct CreateReactApp;

/// The variable that turns source maps off.
const SWITCH: &str = "GENERATE_SOURCEMAP";

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["react-scripts", "@craco/craco"],
    app_packages: &["react-scripts"],
    config_modules: &["config-overrides"],
    public_prefixes: &["REACT_APP_"],
    static_folders: &[StaticFolder::public(&["react-scripts"])],
    has_fixed_static_folder: true,
    fix_hints: FixHints { option: "the plugins that define values", ..FixHints::GENERIC },
    left_out: Absence::OF_WEBPACK,
    ..FrameworkFacts::new(
        FrameworkId::CreateReactApp,
        "Create React App",
        FrameworkDocs {
            entries: "`src/index`",
            cut: "nothing",
            values: "all of `REACT_APP_*`, however read; plugins of craco.config",
        },
    )
};

/// The prefix of public variables.
const PREFIX: &str = "REACT_APP_";

impl Framework for CreateReactApp {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let named = paths::named(app, &["src/index"]);
        named.iter().map(|path| EntryPoint::client(path, "entry of react-scripts")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = read.name.to_ascii_uppercase().starts_with(PREFIX);
        // `process.env` becomes an object in the code, so that every form of reading works.
        if read.root == EnvRoot::Process && is_public {
            let why = "react-scripts writes every REACT_APP_* into the bundle";
            return Inlining::Yes(why.to_owned());
        }
        match app.config(&["craco.config", "config-overrides"]) {
            Some((_, config)) => webpack::bundled(app, config, read),
            None => Inlining::No,
        }
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let Some((_, config)) = app.config(&["craco.config", "config-overrides"]) else {
            return Vec::new();
        };
        let webpack = config.get("webpack");
        let mut aliases = webpack::aliases_in(app, webpack.get("alias"));
        for config in [config, webpack, webpack.get("configure")] {
            aliases.extend(webpack::aliases(app, config));
        }
        aliases
    }

    /// The spellings of the prefix in declarations: its case does not matter (`/^REACT_APP_/i`).
    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        let prefixes = app.declarations.iter().filter_map(|declared| {
            let prefix = declared.name.get(..PREFIX.len())?;
            (prefix.eq_ignore_ascii_case(PREFIX) && prefix != PREFIX).then(|| prefix.to_owned())
        });
        let prefixes: BTreeSet<String> = prefixes.collect();
        prefixes.into_iter().collect()
    }

    fn inlining_in_page(&self, app: &App<'_>, path: &str, name: &str) -> Inlining {
        let is_page = app.relative(path) == Some("public/index.html");
        Inlining::when(
            is_page && name.starts_with(PREFIX),
            "react-scripts writes %REACT_APP_X% into the page",
        )
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let is_off = |declared: &Declaration| {
            declared.name == SWITCH
                && !declared.is_example
                && matches!(&declared.value, Declared::Text(text) if text == "false")
        };
        let word = format!("{SWITCH}=false");
        let is_on = !app.declarations.iter().any(is_off) && !has_word(app, &word);
        is_on.then(|| PublishedMaps::unless("react-scripts (GENERATE_SOURCEMAP=false)", true))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = app.config(&["craco.config", "config-overrides"]);
        config.map_or_else(Vec::new, |(_, config)| webpack::shipped_by_plugins(app, config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};
    use crate::variables::read::ReadForm;

    #[test]
    fn variables_with_its_prefix_are_inlined_in_any_form() {
        let package = ("package.json", r#"{"dependencies": {"react-scripts": "5.0.1"}}"#);
        let world = World::new(&[package, ("src/index.tsx", ""), ("server/index.js", "")]);
        for form in [ReadForm::Member, ReadForm::Destructured, ReadForm::Alias, ReadForm::Index] {
            assert!(world.inlines(&CreateReactApp, "REACT_APP_A", EnvRoot::Process, form));
            assert!(!world.inlines(&CreateReactApp, "A", EnvRoot::Process, form));
        }
        assert_eq!(world.entries(&CreateReactApp), sides(&["src/index.tsx"], &[]));
    }
}
