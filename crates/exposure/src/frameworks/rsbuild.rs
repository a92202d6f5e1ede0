//! Rsbuild, which builds with Rspack.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::style_settings::before_styles;
use crate::frameworks::{copied_files, paths, plugin_hooks, webpack};
use crate::js::guard::Absence;
use crate::project::conventions::is_outside_code;

/// Rsbuild.
pub(crate) struct Rsbuild;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@rsbuild/core"],
    app_packages: &["@rsbuild/core"],
    app_prefixes: &["PUBLIC_"],
    static_folders: &[StaticFolder::public(&["@rsbuild/core"])],
    fix_hints: FixHints { option: "define", ..FixHints::GENERIC },
    left_out: &[
        Absence::EnvDev,
        Absence::IN_PRODUCTION,
        Absence::MetaHot,
        Absence::ModuleHot,
        Absence::NodeEnv,
        Absence::EsmEnvDev,
        Absence::Never,
        Absence::Unreachable,
        Absence::UnusedData,
        Absence::UnusedProperty,
        Absence::UnusedMember,
        Absence::Pure,
    ],
    ..FrameworkFacts::new(
        FrameworkId::Rsbuild,
        "Rsbuild",
        FrameworkDocs {
            entries: "`source.entry`, `source.preEntry`, `src/index`",
            cut: "nothing",
            values: "`PUBLIC_*`; `define`; what plugins name and write; `html.meta`, `html.tags` and parameters of templates; `output.assetPrefix`; `output.copy`",
        },
    )
};

impl Rsbuild {
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        app.config(&["rsbuild.config"]).map_or(&Value::Unknown, |(_, value)| value)
    }

    /// The configuration, and what its plugins add to it.
    fn parts<'a>(app: &'a App<'_>) -> Vec<&'a Value> {
        let config = Self::config(app);
        let mut parts = vec![config];
        let environments = config.get("environments").fields().iter().map(|field| &field.value);
        parts.extend(
            environments.filter(|it| it.get("output").get("target").text() != Some("node")),
        );
        parts.extend(plugin_hooks::added_by_plugins(config.get("plugins")));
        parts
    }
}

impl Framework for Rsbuild {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let parts = Self::parts(app).into_iter();
        let written: Vec<String> =
            parts.flat_map(|part| paths::written(part.get("source").get("entry"))).collect();
        let mut found: Vec<String> =
            written.iter().filter_map(|path| paths::find(app, path)).collect();
        if found.is_empty() {
            found = paths::named(app, &["src/index"]);
        }
        let before = paths::written(Self::config(app).get("source").get("preEntry"));
        found.extend(before.iter().filter_map(|path| paths::find(app, path)));
        found.iter().map(|path| EntryPoint::client(path, "entry of Rsbuild")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.is_env() && read.name.starts_with("PUBLIC_") {
            return Inlining::Yes("Rsbuild inlines every PUBLIC_*".to_owned());
        }
        let defines = |part: &&Value| webpack::defines(part.get("source").get("define"), read);
        if Self::parts(app).iter().any(defines) {
            return Inlining::Yes("define writes it into the code".to_owned());
        }
        webpack::inlining(app, Self::config(app), read)
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let Some((path, config)) = app.config(&["rsbuild.config"]) else { return Vec::new() };
        let copy = config.get("output").get("copy");
        let listed = copy.field("patterns").map_or(copy, |field| &field.value);
        let mut named = copied_files::in_list(app, listed, path);
        named.extend(copied_files::in_list(app, config.get("server").get("publicDir"), path));
        named.extend(copied_files::by_plugins(app, config, path));
        named
    }

    fn inlining_in_page(&self, app: &App<'_>, path: &str, name: &str) -> Inlining {
        let is_built = app.relative(path).is_some_and(|path| !is_outside_code(path));
        Inlining::when(
            is_built && name.starts_with("PUBLIC_"),
            "Rsbuild writes <%= process.env.PUBLIC_X %> into the page",
        )
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        webpack::aliases(app, Self::config(app))
    }

    fn replaced_files(&self, app: &App<'_>) -> Vec<(String, String)> {
        webpack::ignored(app, Self::config(app))
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let field = Self::config(app).get("output").field("sourceMap")?;
        let code = field.value.field("js").map_or(&field.value, |js| &js.value);
        let is_dev =
            code.text().is_some_and(|text| text.contains("eval") || text.contains("nosources"));
        (is_on(code) && !is_dev).then(|| PublishedMaps::by(field, "output.sourceMap", true))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = Self::config(app);
        let note = "define writes it into the code";
        let mut settings = webpack::shipped_by_plugins(app, config);
        settings.extend(before_styles(app, config.get("plugins")));
        for part in Self::parts(app) {
            let define = part.get("source").get("define");
            settings.push(ShippedSetting::names(define, note));
            settings.extend(webpack::page_settings(app, part.get("html")));
            // https://rsbuild.rs/config/output/asset-prefix; `dev.assetPrefix` is for `rsbuild dev`.
            let note = "assetPrefix stands before the address of every file in pages and code";
            settings.push(ShippedSetting::property(part.get("output"), "assetPrefix", note));
        }
        settings.extend(plugin_hooks::written_by_plugins(config.get("plugins")));
        let note = "externals write it into the bundle in the place of imports";
        settings.push(ShippedSetting::property(config.get("output"), "externals", note));
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, object, sides, variable};
    use crate::variables::read::{EnvRoot, ReadForm};

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
