//! Docusaurus, whose configuration is part of every page.

use crate::app::App;
use crate::artifacts::framework_folders::{DocumentFolder, StaticFolder};
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::{Field, Value};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{copied_files, documents, paths, plugin_hooks, webpack};
use crate::js::guard::Absence;
use crate::js::ir::ModulePart;
use crate::project::conventions::has_test_name;

/// Docusaurus.
pub(crate) struct Docusaurus;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@docusaurus/core"],
    app_packages: &["@docusaurus/core"],
    config_modules: &["sidebars"],
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
            entries: "`src/pages`, `src/theme`, `clientModules`, `customCss`, modules that documents import",
            cut: "nothing",
            values: "all of the configuration, options of presets and plugins included; `injectHtmlTags`, `setGlobalData`, `configureWebpack` of own plugins",
        },
    )
};

/// The folders of documents.
const DOCUMENTS: [&str; 5] = ["docs", "blog", "src/pages", "versioned_docs", "i18n"];

impl Docusaurus {
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        app.config(&["docusaurus.config"]).map_or(&Value::Unknown, |(_, value)| value)
    }

    /// The folders of documents: usual ones, and those that options of presets and plugins name.
    fn documents(app: &App<'_>) -> Vec<String> {
        let mut folders: Vec<String> =
            DOCUMENTS.iter().map(|folder| (*folder).to_owned()).collect();
        for part in ["presets", "plugins"] {
            for given in Self::config(app).get(part).elements() {
                let given = given.elements().last().unwrap_or(&Value::Unknown);
                let options = ["docs", "blog", "pages"].map(|key| given.get(key).get("path"));
                let named = options.into_iter().chain([given.get("path")]).flat_map(paths::written);
                folders.extend(named.filter_map(|path| paths::clean(&path)));
            }
        }
        folders.retain(|folder| !folder.is_empty());
        folders
    }

    /// Plugins of one's own that the configuration names by their paths.
    fn own_plugins(app: &App<'_>) -> Vec<String> {
        let given = ["plugins", "themes", "presets"].map(|part| Self::config(app).get(part));
        let named = given.into_iter().flat_map(Value::elements).filter_map(|plugin| {
            let name = plugin.elements().first()?;
            let written = paths::written(name).into_iter().next()?;
            let is_path = written.starts_with('.') || written.contains("/plugin");
            paths::find(app, &written).filter(|_| is_path)
        });
        named.collect()
    }

    /// The values of these.
    fn values_of_plugins<'a>(app: &'a App<'_>) -> impl Iterator<Item = &'a (String, Value)> {
        let own = Self::own_plugins(app);
        app.configs.iter().filter(move |(path, _)| own.contains(path))
    }
}

impl Framework for Docusaurus {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for (folder, why) in
            [("src/pages", "page of the site"), ("src/theme", "component of the theme")]
        {
            let files = paths::below(app, folder).into_iter();
            // A name with `_` in front is that of no page.
            let is_kept = |within: &str| folder == "src/pages" && paths::has_part(within, '_');
            let code = files.filter(|(path, within)| {
                paths::is_module(path) && !has_test_name(path) && !is_kept(within)
            });
            entries.extend(code.map(|(path, _)| EntryPoint::client(path, why)));
        }
        let client = paths::written(Self::config(app).get("clientModules"));
        let client = client.iter().filter_map(|path| paths::find(app, path));
        entries.extend(client.map(|path| EntryPoint::client(&path, "client module of the site")));
        // `['classic', { theme: { customCss: './src/css/custom.css' } }]`
        for part in ["presets", "plugins", "themes"] {
            for given in Self::config(app).get(part).elements() {
                let given = given.elements().last().unwrap_or(&Value::Unknown);
                let styles = [given.get("theme").get("customCss"), given.get("customCss")];
                for path in styles.into_iter().flat_map(paths::written) {
                    entries.extend(paths::find(app, &path).map(|path| EntryPoint {
                        part: ModulePart::Text,
                        ..EntryPoint::client(&path, "customCss of the site")
                    }));
                }
            }
        }
        // `getClientModules: () => [require.resolve('./client')]` of a plugin
        let inline = Self::config(app).get("plugins").elements().iter().map(|it| ("", it));
        let own = Self::values_of_plugins(app).map(|(path, it)| (paths::folder(path), it));
        for (folder, plugin) in inline.chain(own) {
            let folder = app.relative(folder).unwrap_or_default();
            // Components of routes begin with `@site/`.
            for written in paths::written(plugin.get("contentLoaded")) {
                let path = written.strip_prefix("@site/").and_then(|path| paths::find(app, path));
                let code = path.filter(|path| paths::is_module(path));
                entries.extend(code.map(|path| EntryPoint::client(&path, "route of a plugin")));
            }
            let named = paths::written(plugin.get("getClientModules"));
            let named = named.iter().filter_map(|path| paths::join(folder, path));
            entries.extend(
                named
                    .filter_map(|path| paths::find(app, &path))
                    .map(|path| EntryPoint::client(&path, "client module of a plugin")),
            );
        }
        let folders = Self::documents(app);
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        entries.extend(documents::imported(app, modules, documents::ANY, &folders));
        entries
    }

    fn configuring_modules(&self, app: &App<'_>) -> Vec<String> {
        Self::own_plugins(app)
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let plugins = Self::values_of_plugins(app).map(|(_, plugin)| plugin);
        let mut parts = std::iter::once(Self::config(app)).chain(plugins);
        let found = parts.find_map(|part| match webpack::inlining(app, part, read) {
            Inlining::No => None,
            yes @ Inlining::Yes(_) => Some(yes),
        });
        found.unwrap_or(Inlining::No)
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let folders = Self::documents(app);
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let mut named = documents::taken_in(app, documents::ANY, &folders);
        let by = app.config(&["docusaurus.config"]).map_or("", |(path, _)| path.as_str());
        for folder in folders.iter().filter(|folder| !DOCUMENTS.contains(folder)) {
            named.push(ShippedPath {
                path: app.path(&format!("{folder}/**/*.{{md,mdx}}")),
                except: vec!["**/_*".to_owned(), "**/_*/**".to_owned()],
                by: by.to_owned(),
                why: "a document is rendered into a page with all of its text",
            });
        }
        if let Some((path, config)) = app.config(&["docusaurus.config"]) {
            named.extend(copied_files::in_list(app, config.get("staticDirectories"), path));
            let data = ["blog/authors.yml", "i18n/**/*.json", "versioned_sidebars/*.json"];
            named.extend(data.map(|file| ShippedPath {
                path: app.path(file),
                except: Vec::new(),
                by: path.clone(),
                why: "its texts are part of the site",
            }));
            named.extend(copied_files::by_plugins(app, config, path));
        }
        named
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        vec![("@site".to_owned(), app.root.clone())]
    }

    /// `siteConfig`, which `useDocusaurusContext()` returns: everything in it that is no function.
    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "the configuration of the site is part of its code";
        let config = Self::config(app);
        let is_data = |field: &&Field| !matches!(&*field.key, "plugins" | "(plugins)");
        let mut settings: Vec<ShippedSetting> = config
            .fields()
            .iter()
            .filter(is_data)
            .map(|field| ShippedSetting::field(field, note))
            .collect();
        // A plugin may be an object with hooks, or a name with options.
        for plugin in config.get("plugins").elements() {
            if let Value::List(given) = plugin {
                let options = given.iter().flat_map(Value::fields);
                settings.extend(options.map(|field| ShippedSetting::field(field, note)));
            }
        }
        settings.extend(plugin_hooks::written_by_plugins(config.get("plugins")));
        settings.extend(webpack::shipped_by_plugins(app, config));
        for (_, plugin) in Self::values_of_plugins(app) {
            settings.extend(plugin_hooks::written_by_plugins(plugin));
            settings.extend(webpack::shipped_by_plugins(app, plugin));
        }
        let note = "sidebars are part of the code of the site";
        let sidebars = app.config(&["sidebars"]).map_or(&[][..], |(_, value)| value.fields());
        settings.extend(sidebars.iter().map(|field| ShippedSetting::field(field, note)));
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, list, object, sides, variable};

    #[test]
    fn custom_fields_of_the_configuration_ship() {
        let package = ("package.json", r#"{"dependencies": {"@docusaurus/core": "3.6.0"}}"#);
        let config = object([
            ("customFields", object([("key", variable("A"))])),
            ("presets", object([("key", variable("B"))])),
            ("plugins", list([object([("postBuild", variable("C"))])])),
        ]);
        let files = [package, ("src/pages/index.tsx", ""), ("src/components/a.tsx", "")];
        let world = World::new(&files).config("docusaurus.config.ts", config);
        assert_eq!(world.leaks(&Docusaurus), ["config:0 Name(\"A\")", "config:0 Name(\"B\")"]);
        assert_eq!(world.entries(&Docusaurus), sides(&["src/pages/index.tsx"], &[]));
    }
}
