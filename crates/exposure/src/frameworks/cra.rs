//! Create React App and Vue CLI: webpack with a fixed set of public variables.

use std::collections::BTreeSet;

use crate::app::App;
use crate::eval::value::{Field, Value};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::variables::read::EnvRoot;

/// Create React App.
pub(crate) struct Cra;

/// What public variables of Create React App begin with.
const PREFIX: &str = "REACT_APP_";

/// Vue CLI.
pub(crate) struct VueCli;

impl Framework for Cra {
    fn name(&self) -> &'static str {
        "cra"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("react-scripts") || app.depends_on("@craco/craco")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let named = paths::named(app, &["src/index"]);
        named.iter().map(|path| EntryPoint::client(path, "entry of react-scripts")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = read.name.to_ascii_uppercase().starts_with(PREFIX);
        // `process.env` stands in the code as an object, so that any way to read it works.
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

    /// The prefix in any case (`/^REACT_APP_/i`), as the declarations have it.
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

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = app.config(&["craco.config", "config-overrides"]);
        config.map_or_else(Vec::new, |(_, config)| webpack::shipped_by_plugins(app, config))
    }
}

impl Framework for VueCli {
    fn name(&self) -> &'static str {
        "vue-cli"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("@vue/cli-service")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let pages = app.config(&["vue.config"]).map(|(_, value)| value.get("pages"));
        let written = pages.map(|pages| {
            let entry = |page: &Field| {
                let entry = page.value.field("entry").map_or(&page.value, |field| &field.value);
                paths::written(entry)
            };
            pages.fields().iter().flat_map(entry).collect::<Vec<_>>()
        });
        let mut found: Vec<String> =
            written.into_iter().flatten().filter_map(|path| paths::find(app, &path)).collect();
        if found.is_empty() {
            found = paths::named(app, &["src/main"]);
        }
        found.iter().map(|path| EntryPoint::client(path, "entry of Vue CLI")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.root == EnvRoot::Process && read.name.starts_with("VUE_APP_") {
            return Inlining::Yes("Vue CLI writes every VUE_APP_* into the bundle".to_owned());
        }
        match app.config(&["vue.config"]) {
            Some((_, config)) => webpack::bundled(app, config, read),
            None => Inlining::No,
        }
    }

    fn inlining_in_page(&self, app: &App<'_>, path: &str, name: &str) -> Inlining {
        let is_page = app.relative(path) == Some("public/index.html");
        Inlining::when(
            is_page && name.starts_with("VUE_APP_"),
            "Vue CLI writes <%= VUE_APP_X %> into the page",
        )
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let mut aliases = vec![("@".to_owned(), app.path("src"))];
        let config = app.config(&["vue.config"]).map_or(&Value::Unknown, |(_, value)| value);
        for changed in ["configureWebpack", "chainWebpack"] {
            aliases.extend(webpack::aliases(app, config.get(changed)));
        }
        aliases
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = app.config(&["vue.config"]);
        config.map_or_else(Vec::new, |(_, config)| webpack::shipped_by_plugins(app, config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, made, object, sides, text, variable};
    use crate::variables::read::ReadForm;

    #[test]
    fn both_inline_whatever_has_their_prefix_in_any_form() {
        let cra = ("package.json", r#"{"dependencies": {"react-scripts": "5.0.1"}}"#);
        let vue = ("package.json", r#"{"devDependencies": {"@vue/cli-service": "5.0.8"}}"#);
        let all: [(&dyn Framework, _, _); 2] =
            [(&Cra, cra, "REACT_APP_A"), (&VueCli, vue, "VUE_APP_A")];
        for (framework, package, name) in all {
            let world = World::new(&[package, ("src/index.tsx", ""), ("server/index.js", "")]);
            for form in [ReadForm::Member, ReadForm::Destructured, ReadForm::Alias, ReadForm::Index]
            {
                assert!(world.inlines(framework, name, EnvRoot::Process, form));
                assert!(!world.inlines(framework, "A", EnvRoot::Process, form));
            }
        }
        let world = World::new(&[cra, ("src/index.tsx", ""), ("server/index.js", "")]);
        assert_eq!(world.entries(&Cra), sides(&["src/index.tsx"], &[]));
    }

    #[test]
    fn vue_cli_builds_the_pages_of_its_configuration() {
        let package = ("package.json", r#"{"devDependencies": {"@vue/cli-service": "5.0.8"}}"#);
        let files = [package, ("src/main.js", ""), ("src/admin.js", "")];
        assert_eq!(World::new(&files).entries(&VueCli), sides(&["src/main.js"], &[]));
        let plugin = made("webpack.DefinePlugin", [object([("K", variable("A"))])]);
        let config = object([
            ("pages", object([("admin", object([("entry", text("src/admin.js"))]))])),
            ("configureWebpack", object([("plugins", plugin)])),
        ]);
        let world = World::new(&files).config("vue.config.js", config);
        assert_eq!(world.entries(&VueCli), sides(&["src/admin.js"], &[]));
        assert_eq!(world.leaks(&VueCli), ["config:0 Name(\"A\")"]);
    }
}
