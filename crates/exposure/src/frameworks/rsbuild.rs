//! Rsbuild, which builds with Rspack.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
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
        Absence::UnusedData,
        Absence::UnusedProperty,
        Absence::Pure,
    ],
    ..FrameworkFacts::new(
        FrameworkId::Rsbuild,
        "Rsbuild",
        FrameworkDocs {
            entries: "`source.entry`, `src/index`",
            cut: "nothing",
            values: "`PUBLIC_*`; `define`; what plugins name; `html.meta` and parameters of templates",
        },
    )
};

impl Rsbuild {
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        app.config(&["rsbuild.config"]).map_or(&Value::Unknown, |(_, value)| value)
    }
}

impl Framework for Rsbuild {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
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
        if read.is_env() && read.name.starts_with("PUBLIC_") {
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

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        webpack::aliases(app, Self::config(app))
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
        let define = config.get("source").get("define");
        let mut settings = vec![ShippedSetting::names(define, note)];
        settings.extend(webpack::shipped_by_plugins(app, config));
        settings.extend(webpack::page_settings(app, config.get("html")));
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
