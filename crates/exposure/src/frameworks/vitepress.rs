//! VitePress, whose configuration is part of every page.

use crate::app::App;
use crate::artifacts::framework_folders::{DocumentFolder, StaticFolder};
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::js::guard::Absence;
use crate::variables::read::EnvRoot;

/// VitePress.
pub(crate) struct VitePress;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["vitepress"],
    app_packages: &["vitepress"],
    document_folders: &[
        DocumentFolder {
            path: "",
            holds: Some(".vitepress"),
            packages: &["vitepress"],
            framework: FrameworkId::VitePress,
        },
        DocumentFolder {
            path: "docs",
            holds: Some(".vitepress"),
            packages: &["vitepress"],
            framework: FrameworkId::VitePress,
        },
    ],
    static_folders: &[
        StaticFolder::public(&["vitepress"]),
        StaticFolder { path: "docs/public", ..StaticFolder::public(&["vitepress"]) },
    ],
    fix_hints: FixHints { option: "themeConfig and define", ..FixHints::GENERIC },
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::VitePress,
        "VitePress",
        FrameworkDocs {
            entries: "the theme",
            cut: "nothing",
            values: "`themeConfig`, `title`, `description`, `head`, `locales`, `define` of the configuration; `import.meta.env.VITE_*`",
        },
    )
};

/// The effect of settings that are part of the site.
const PAGES: &str = "this part of the configuration is in every page";

impl VitePress {
    /// Its configuration, in its own folder beside the documents.
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        let is_it = |path: &str| path.contains(".vitepress/config.");
        let found = app.configs.iter().find(|(path, _)| is_it(path));
        found.map_or(&Value::Unknown, |(_, value)| value)
    }
}

impl Framework for VitePress {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_configuration(&self, path: &str) -> bool {
        path.contains(".vitepress/config.")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let is_theme = |path: &&String| {
            let stem = paths::module(path).unwrap_or_default();
            stem.ends_with(".vitepress/theme/index") || stem.ends_with(".vitepress/theme")
        };
        let found = app.files.iter().filter(is_theme);
        found.map(|path| EntryPoint::client(path, "theme of the site")).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.root == EnvRoot::ImportMeta && read.name.starts_with("VITE_") {
            return Inlining::Yes("Vite inlines import.meta.env.VITE_*".to_owned());
        }
        let define = Self::config(app).get("vite").get("define");
        Inlining::when(webpack::defines(define, read), "define writes it into the code")
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = Self::config(app);
        let define = config.get("vite").get("define");
        vec![
            ShippedSetting::property(config, "title", PAGES),
            ShippedSetting::property(config, "description", PAGES),
            ShippedSetting::property(config, "head", PAGES),
            ShippedSetting::property(config, "locales", PAGES),
            ShippedSetting::property(config, "themeConfig", PAGES),
            ShippedSetting::names(define, "define writes it into the code"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, object, sides, variable};

    #[test]
    fn the_configuration_of_the_theme_ships() {
        let package = ("package.json", r#"{"devDependencies": {"vitepress": "1.5.0"}}"#);
        let config = object([("themeConfig", object([("key", variable("A"))]))]);
        let files = [package, ("docs/.vitepress/theme/index.ts", "")];
        let world = World::new(&files).config("docs/.vitepress/config.mts", config);
        assert_eq!(world.leaks(&VitePress), ["config:0 Name(\"A\")"]);
        assert_eq!(world.entries(&VitePress), sides(&["docs/.vitepress/theme/index.ts"], &[]));
    }
}
