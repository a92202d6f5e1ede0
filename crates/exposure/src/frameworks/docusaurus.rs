//! Docusaurus, whose configuration is part of every page.

use crate::app::App;
use crate::artifacts::framework_folders::{DocumentFolder, StaticFolder};
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Modules};
use crate::frameworks::paths;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::js::guard::Absence;
use crate::project::conventions::has_test_name;

/// Docusaurus.
pub(crate) struct Docusaurus;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@docusaurus/core"],
    app_packages: &["@docusaurus/core"],
    document_folders: &[
        DocumentFolder {
            path: "docs",
            holds: None,
            packages: &["@docusaurus/core"],
            framework: FrameworkId::Docusaurus,
        },
        DocumentFolder {
            path: "blog",
            holds: None,
            packages: &["@docusaurus/core"],
            framework: FrameworkId::Docusaurus,
        },
        DocumentFolder {
            path: "src/pages",
            holds: None,
            packages: &["@docusaurus/core"],
            framework: FrameworkId::Docusaurus,
        },
        DocumentFolder {
            path: "versioned_docs",
            holds: None,
            packages: &["@docusaurus/core"],
            framework: FrameworkId::Docusaurus,
        },
        DocumentFolder {
            path: "i18n",
            holds: None,
            packages: &["@docusaurus/core"],
            framework: FrameworkId::Docusaurus,
        },
    ],
    static_folders: &[StaticFolder {
        path: "static",
        packages: &["@docusaurus/core"],
        is_only: true,
        framework: None,
    }],
    fix_hints: FixHints { option: "customFields and themeConfig", ..FixHints::GENERIC },
    left_out: Absence::OF_WEBPACK,
    ..FrameworkFacts::new(
        FrameworkId::Docusaurus,
        "Docusaurus",
        FrameworkDocs {
            entries: "`src/pages`, `src/theme`, `clientModules`",
            cut: "nothing",
            values: "`customFields`, `themeConfig`, `title`, `tagline`, `headTags`, `scripts` of the configuration",
        },
    )
};

impl Docusaurus {
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        app.config(&["docusaurus.config"]).map_or(&Value::Unknown, |(_, value)| value)
    }
}

impl Framework for Docusaurus {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for (folder, why) in
            [("src/pages", "page of the site"), ("src/theme", "component of the theme")]
        {
            let files = paths::below(app, folder).into_iter();
            // Names that begin so are no pages, but pages may import them.
            let is_private = |inside: &str| inside.split('/').any(|part| part.starts_with('_'));
            let code = files.filter(|(path, inside)| {
                let is_page = folder != "src/pages" || !is_private(inside);
                paths::is_module(path) && !has_test_name(path) && is_page
            });
            entries.extend(code.map(|(path, _)| EntryPoint::client(path, why)));
        }
        let modules = paths::written(Self::config(app).get("clientModules"));
        let modules = modules.iter().filter_map(|path| paths::find(app, path));
        entries.extend(modules.map(|path| EntryPoint::client(&path, "client module of the site")));
        entries
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        vec![("@site".to_owned(), app.root.clone())]
    }

    /// The parts of `siteConfig` that `useDocusaurusContext()` returns.
    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "the configuration of the site is part of its code";
        let config = Self::config(app);
        let named = ["title", "tagline", "url", "customFields", "themeConfig"]
            .map(|key| ShippedSetting::property(config, key, note));
        let note = "tags of the configuration are in every page";
        let tags = ["headTags", "scripts", "stylesheets"]
            .map(|key| ShippedSetting::property(config, key, note));
        named.into_iter().chain(tags).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, object, sides, variable};

    #[test]
    fn custom_fields_of_the_configuration_ship() {
        let package = ("package.json", r#"{"dependencies": {"@docusaurus/core": "3.6.0"}}"#);
        let config = object([
            ("customFields", object([("key", variable("A"))])),
            ("presets", object([("key", variable("B"))])),
        ]);
        let files = [package, ("src/pages/index.tsx", ""), ("src/components/a.tsx", "")];
        let world = World::new(&files).config("docusaurus.config.ts", config);
        assert_eq!(world.leaks(&Docusaurus), ["config:0 Name(\"A\")"]);
        assert_eq!(world.entries(&Docusaurus), sides(&["src/pages/index.tsx"], &[]));
    }
}
