//! VitePress, whose configuration is part of every page.

use std::collections::BTreeSet;

use crate::app::App;
use crate::artifacts::framework_folders::{DocumentFolder, StaticFolder};
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, VariableRead,
};
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{copied_files, documents, paths, vite};
use crate::js::guard::Absence;
use crate::js::ir::Module;
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
            entries: "the theme, modules that documents import",
            cut: "data loaders (`*.data.ts`) but for what they return; `srcExclude`",
            values: "`themeConfig`, `title`, `description`, `head`, `locales`, `sitemap`, `transformHead`, `transformHtml`, `transformPageData`, `vite` of the configuration; `import.meta.env.VITE_*`",
        },
    )
};

/// The effect of settings that are part of the site.
const PAGES: &str = "this part of the configuration is in every page";

/// The name of data loaders for people.
const LOADER: &str = "data loader that runs while the site is built";

/// True for `posts.data.ts`: pages that import it get what it returns.
fn is_data_loader(path: &str) -> bool {
    paths::module(path).is_some_and(|stem| stem.ends_with(".data"))
}

fn is_config(path: &str) -> bool {
    path.contains(".vitepress/config.") || path.contains(".vitepress/config/index.")
}

impl VitePress {
    /// Its configuration, in its own folder beside the documents.
    fn config<'a>(app: &'a App<'_>) -> &'a Value {
        let found = app.configs.iter().find(|(path, _)| is_config(path));
        found.map_or(&Value::Unknown, |(_, value)| value)
    }
}

impl Framework for VitePress {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_configuration(&self, path: &str) -> bool {
        is_config(path)
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let is_theme = |path: &&String| {
            let stem = paths::module(path).unwrap_or_default();
            stem.ends_with(".vitepress/theme/index") || stem.ends_with(".vitepress/theme")
        };
        let found = app.files.iter().filter(is_theme);
        let mut entries: Vec<EntryPoint> =
            found.map(|path| EntryPoint::client(path, "theme of the site")).collect();
        let imported = documents::imported(app, modules, documents::ANY, &[""]).into_iter();
        entries.extend(imported.filter(|entry| !is_data_loader(&entry.path)));
        let loaders = app.files.iter().filter(|path| is_data_loader(path));
        entries.extend(loaders.map(|path| EntryPoint::server(path, LOADER)));
        entries
    }

    fn boundary(&self, _app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        is_data_loader(path).then(|| LOADER.to_owned())
    }

    fn sent_results(&self, _app: &App<'_>, path: &str, _module: &Module) -> Vec<SentResult> {
        let note = "what a data loader returns is in the pages that import it";
        let sent = SentResult::new("default", "", note);
        if is_data_loader(path) { vec![sent] } else { Vec::new() }
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.root == EnvRoot::ImportMeta && read.name.starts_with("VITE_") {
            return Inlining::Yes("Vite inlines import.meta.env.VITE_*".to_owned());
        }
        vite::inlining_of(app, Self::config(app).get("vite"), read)
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let mut named = documents::taken_in(app, documents::ANY, &[""]);
        // The usual folders of documents are known otherwise.
        let folders = app.files.iter().filter_map(|path| path.split_once("/.vitepress/"));
        let folders: BTreeSet<&str> = folders.map(|(folder, _)| folder).collect();
        let usual = [app.root.clone(), app.path("docs")];
        let by = app.configs.iter().map(|(path, _)| path.as_str()).find(|path| is_config(path));
        for folder in folders.iter().filter(|folder| !usual.iter().any(|it| it == *folder)) {
            for (path, why) in [
                ("**/*.md", "a document is rendered into a page with all of its text"),
                ("public", copied_files::COPIED),
            ] {
                named.push(ShippedPath {
                    path: format!("{folder}/{path}"),
                    except: paths::written(Self::config(app).get("srcExclude")),
                    by: by.unwrap_or_default().to_owned(),
                    why,
                });
            }
        }
        named
    }

    fn unbuilt_pages(&self, app: &App<'_>) -> Vec<String> {
        let Some((config, value)) = app.configs.iter().find(|(path, _)| is_config(path)) else {
            return Vec::new();
        };
        let folder = config.split(".vitepress/").next().unwrap_or_default().trim_end_matches('/');
        let source = value.get("srcDir").text().unwrap_or_default();
        let Some(folder) = paths::join(folder, source) else { return Vec::new() };
        let documents = ShippedPath {
            path: folder,
            except: paths::written(value.get("srcExclude")),
            by: config.clone(),
            why: "",
        };
        let left_out = app.files.iter().filter(|path| {
            path.ends_with(".md") && !documents.has(path) && documents.all().has(path)
        });
        left_out.cloned().collect()
    }

    fn removes_comments(&self, app: &App<'_>, path: &str) -> bool {
        let options = Self::config(app).get("vue").get("template").get("compilerOptions");
        path.ends_with(".md") && options.field("comments").is_none_or(|it| it.value.is_false())
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let build = Self::config(app).get("vite").get("build");
        let field = build.field("sourcemap").filter(|field| is_on(&field.value))?;
        Some(PublishedMaps::by(field, "build.sourcemap", false))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = Self::config(app);
        let parts = [
            "title",
            "titleTemplate",
            "description",
            "head",
            "locales",
            "themeConfig",
            "sitemap",
            "transformHead",
            "transformHtml",
            "transformPageData",
        ];
        let mut settings: Vec<ShippedSetting> =
            parts.iter().map(|part| ShippedSetting::property(config, part, PAGES)).collect();
        settings.extend(vite::settings_of(app, config.get("vite")));
        settings
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
