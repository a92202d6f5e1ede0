//! Rollup, and Rsbuild, which names its options differently.

use crate::app::App;
use crate::eval::value::Value;
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead, given};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::project::conventions::is_outside_code;
use crate::variables::read::EnvRoot;

/// Rollup.
pub(crate) struct Rollup;

/// Rsbuild.
pub(crate) struct Rsbuild;

impl Rollup {
    fn configs<'a>(app: &'a App<'_>) -> &'a [Value] {
        app.config(&["rollup.config", "rolldown.config"]).map_or(&[], |(_, it)| it.elements())
    }

    /// What `@rollup/plugin-replace` puts in the place of names.
    fn replaced(config: &Value) -> Vec<&Value> {
        let plugins = config.get("plugins").elements().iter();
        let replaces = |plugin: &&Value| matches!(plugin, Value::CallResult(name, _) if name.ends_with("replace"));
        let given = plugins.filter(replaces).map(given);
        given.flat_map(|given| [given, given.get("values")]).chain([config.get("define")]).collect()
    }

    /// Whether a build is for a page: what a package offers to others is not.
    fn is_for_page(config: &Value) -> bool {
        let formats = config.get("output").elements().iter().map(|output| output.get("format"));
        formats.filter_map(Value::text).any(|format| format == "iife" || format == "umd")
    }
}

impl Framework for Rollup {
    fn name(&self) -> &'static str {
        "rollup"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        !Self::configs(app).is_empty()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let pages = Self::configs(app).iter().filter(|config| Self::is_for_page(config));
        let inputs = pages.flat_map(|config| paths::written(config.get("input")));
        let found = inputs.filter_map(|input| paths::find(app, &input));
        found.map(|path| EntryPoint::client(&path, "input of rollup.config")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let mut all = Self::configs(app).iter().flat_map(Self::replaced);
        let is_replaced = all.any(|names| webpack::defines(names, read));
        Inlining::when(is_replaced, "@rollup/plugin-replace writes it into the bundle")
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "@rollup/plugin-replace writes it into the bundle";
        let pages = Self::configs(app).iter().filter(|config| Self::is_for_page(config));
        // The object of `values` lies within the other.
        let given = pages.flat_map(|config| Self::replaced(config).into_iter().step_by(2));
        given.map(|names| ShippedSetting::fields(names, note)).collect()
    }
}

impl Rsbuild {
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        app.config(&["rsbuild.config"]).map_or(&Value::Unknown, |(_, value)| value)
    }
}

impl Framework for Rsbuild {
    fn name(&self) -> &'static str {
        "rsbuild"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("@rsbuild/core")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let written = paths::written(Self::config(app).get("source").get("entry"));
        let mut found: Vec<String> =
            written.iter().filter_map(|path| paths::find(app, path)).collect();
        if found.is_empty() {
            found = paths::named(app, &["src/index"]);
        }
        found.iter().map(|path| EntryPoint::client(path, "entry of Rsbuild")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_env = matches!(read.root, EnvRoot::Process | EnvRoot::ImportMeta);
        if is_env && read.name.starts_with("PUBLIC_") {
            return Inlining::Yes("Rsbuild inlines every PUBLIC_*".to_owned());
        }
        let names = Self::config(app).get("source").get("define");
        Inlining::when(webpack::defines(names, read), "define writes it into the code")
    }

    fn inlining_in_page(&self, app: &App<'_>, path: &str, name: &str) -> Inlining {
        let is_built = app.relative(path).is_some_and(|path| !is_outside_code(path));
        Inlining::when(
            is_built && name.starts_with("PUBLIC_"),
            "Rsbuild writes <%= process.env.PUBLIC_X %> into the page",
        )
    }

    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        vec!["PUBLIC_".to_owned()]
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        webpack::aliases(app, Self::config(app))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = Self::config(app);
        let note = "define writes it into the code";
        let define = config.get("source").get("define");
        let mut settings = vec![ShippedSetting::fields(define, note)];
        settings.extend(webpack::shipped_by_plugins(app, config));
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, list, made, object, sides, text, variable};
    use crate::variables::read::ReadForm;

    #[test]
    fn a_build_for_a_page_ships_what_replace_writes() {
        let replace = || list([made("replace", [object([("process.env.K", variable("K"))])])]);
        let config = |format: &str| {
            object([
                ("input", text("src/a.js")),
                ("output", object([("format", text(format))])),
                ("plugins", replace()),
            ])
        };
        let files = [("src/a.js", "")];
        let page = World::new(&files).config("rollup.config.js", config("iife"));
        assert_eq!(page.entries(&Rollup), sides(&["src/a.js"], &[]));
        assert_eq!(page.leaks(&Rollup), ["config:0 Name(\"K\")"]);
        assert!(page.inlines(&Rollup, "K", EnvRoot::Process, ReadForm::Member));
        let package = World::new(&files).config("rollup.config.js", config("es"));
        assert!(package.entries(&Rollup).is_empty() && package.leaks(&Rollup).is_empty());
    }

    #[test]
    fn rsbuild_inlines_public_variables() {
        let package = ("package.json", r#"{"devDependencies": {"@rsbuild/core": "1.0.0"}}"#);
        let define = object([("source", object([("define", object([("K", variable("K"))]))]))]);
        let world =
            World::new(&[package, ("src/index.tsx", "")]).config("rsbuild.config.ts", define);
        assert_eq!(world.entries(&Rsbuild), sides(&["src/index.tsx"], &[]));
        assert_eq!(world.leaks(&Rsbuild), ["config:0 Name(\"K\")"]);
        assert!(world.inlines(&Rsbuild, "PUBLIC_A", EnvRoot::ImportMeta, ReadForm::Member));
    }
}
