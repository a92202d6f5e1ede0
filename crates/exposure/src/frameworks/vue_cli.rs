//! Vue CLI: webpack with a fixed set of public variables.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::eval::value::{Field, Value};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::style_settings::before_styles;
use crate::frameworks::{paths, webpack};
use crate::js::guard::Absence;
use crate::variables::read::EnvRoot;

/// Vue CLI.
pub(crate) struct VueCli;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@vue/cli-service"],
    app_packages: &["@vue/cli-service"],
    public_prefixes: &["VUE_APP_"],
    static_folders: &[StaticFolder::public(&["@vue/cli-service"])],
    has_fixed_static_folder: true,
    fix_hints: FixHints { option: "the plugins that define values", ..FixHints::GENERIC },
    left_out: Absence::OF_WEBPACK,
    ..FrameworkFacts::new(
        FrameworkId::VueCli,
        "Vue CLI",
        FrameworkDocs {
            entries: "`src/main`, `pages` of vue.config",
            cut: "nothing",
            values: "all of `VUE_APP_*`, however read; plugins of `configureWebpack` and `chainWebpack`",
        },
    )
};

impl Framework for VueCli {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
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

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let config = app.config(&["vue.config"]).map_or(&Value::Unknown, |(_, value)| value);
        let option = config.field("productionSourceMap");
        let is_off = option.is_some_and(|field| !field.value.is_true());
        let option = "Vue CLI (productionSourceMap: false turns it off)";
        (!is_off).then(|| PublishedMaps::unless(option, true))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = app.config(&["vue.config"]);
        config.map_or_else(Vec::new, |(_, config)| {
            let mut settings = webpack::shipped_by_plugins(app, config);
            settings.extend(before_styles(app, config.get("css")));
            settings
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, made, object, sides, text, variable};
    use crate::variables::read::ReadForm;

    #[test]
    fn variables_with_its_prefix_are_inlined_in_any_form() {
        let package = ("package.json", r#"{"devDependencies": {"@vue/cli-service": "5.0.8"}}"#);
        let world = World::new(&[package, ("src/index.tsx", ""), ("server/index.js", "")]);
        for form in [ReadForm::Member, ReadForm::Destructured, ReadForm::Alias, ReadForm::Index] {
            assert!(world.inlines(&VueCli, "VUE_APP_A", EnvRoot::Process, form));
            assert!(!world.inlines(&VueCli, "A", EnvRoot::Process, form));
        }
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
