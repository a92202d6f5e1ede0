//! Sites of documents whose configuration is part of every page: Docusaurus and VitePress.

use crate::app::App;
use crate::eval::value::Value;
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::project::conventions::has_test_name;
use crate::variables::read::EnvRoot;

/// Docusaurus.
pub(crate) struct Docusaurus;

/// VitePress.
pub(crate) struct VitePress;

impl Docusaurus {
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        app.config(&["docusaurus.config"]).map_or(&Value::Unknown, |(_, value)| value)
    }
}

impl Framework for Docusaurus {
    fn name(&self) -> &'static str {
        "docusaurus"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("@docusaurus/core")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for (folder, why) in
            [("src/pages", "page of the site"), ("src/theme", "component of the theme")]
        {
            let files = paths::below(app, folder).into_iter();
            let code = files.filter(|(path, _)| paths::is_module(path) && !has_test_name(path));
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

    /// `siteConfig` of `useDocusaurusContext()`.
    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "the configuration of the site is part of its code";
        let shipped = ["customFields", "themeConfig"].map(|key| Self::config(app).get(key));
        shipped.map(|value| ShippedSetting::fields(value, note)).into()
    }
}

impl VitePress {
    /// Its configuration, which lies in a folder of its own beside the documents.
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        let is_it = |path: &str| path.contains(".vitepress/config.");
        let found = app.configs.iter().find(|(path, _)| is_it(path));
        found.map_or(&Value::Unknown, |(_, value)| value)
    }
}

impl Framework for VitePress {
    fn name(&self) -> &'static str {
        "vitepress"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("vitepress")
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
            ShippedSetting::fields(config.get("themeConfig"), "themeConfig is part of every page"),
            ShippedSetting::fields(define, "define writes it into the code"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, object, sides, variable};

    #[test]
    fn what_configurations_give_to_pages_ships() {
        let package = ("package.json", r#"{"dependencies": {"@docusaurus/core": "3.6.0"}}"#);
        let config = object([
            ("customFields", object([("key", variable("A"))])),
            ("presets", object([("key", variable("B"))])),
        ]);
        let files = [package, ("src/pages/index.tsx", ""), ("src/components/a.tsx", "")];
        let world = World::new(&files).config("docusaurus.config.ts", config);
        assert_eq!(world.leaks(&Docusaurus), ["config:0 Name(\"A\")"]);
        assert_eq!(world.entries(&Docusaurus), sides(&["src/pages/index.tsx"], &[]));
        let package = ("package.json", r#"{"devDependencies": {"vitepress": "1.5.0"}}"#);
        let config = object([("themeConfig", object([("key", variable("A"))]))]);
        let files = [package, ("docs/.vitepress/theme/index.ts", "")];
        let world = World::new(&files).config("docs/.vitepress/config.mts", config);
        assert_eq!(world.leaks(&VitePress), ["config:0 Name(\"A\")"]);
        assert_eq!(world.entries(&VitePress), sides(&["docs/.vitepress/theme/index.ts"], &[]));
    }
}
