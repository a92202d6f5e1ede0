//! Storybook, which builds the components of an app into a site of their own.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Value;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{copied_files, documents, paths, vite, webpack};
use crate::js::guard::Absence;
use crate::project::conventions::is_story;

/// Storybook.
pub(crate) struct Storybook;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["storybook"],
    app_prefixes: &["STORYBOOK_"],
    is_incidental: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::Storybook,
        "Storybook",
        FrameworkDocs {
            entries: "preview, manager and stories",
            cut: "nothing",
            values: "`STORYBOOK_*`; `env`, `viteFinal`, `webpackFinal`, `previewHead`, `previewBody`, `managerHead` of main; `staticDirs`",
        },
    )
};

/// Packages by which webpack builds it, which takes all variables that `env` names.
const WITH_WEBPACK: [&str; 6] = [
    "@storybook/angular",
    "@storybook/html-webpack5",
    "@storybook/nextjs",
    "@storybook/react-webpack5",
    "@storybook/vue3-webpack5",
    "@storybook/web-components-webpack5",
];

/// Its configuration.
fn main<'a>(app: &'a App<'_>) -> &'a Value {
    let found = app.configs.iter().find(|(path, _)| path.contains(".storybook/main."));
    found.map_or(&Value::Unknown, |(_, value)| value)
}

impl Framework for Storybook {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_configuration(&self, path: &str) -> bool {
        paths::module(path).is_some_and(|stem| stem.ends_with(".storybook/main"))
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("storybook") || paths::has_folder(app, ".storybook")
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let named = paths::named(app, &[".storybook/preview", ".storybook/manager"]);
        let named = named.iter().map(|path| EntryPoint::client(path, "part of the storybook"));
        let stories = app.files.iter().filter(|path| is_story(path) && paths::is_module(path));
        let stories = stories.map(|path| EntryPoint::client(path, "story of the storybook"));
        let documents =
            documents::imported(app, modules, documents::MDX, &["src", "stories", ".storybook"]);
        named.chain(stories).chain(documents).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.is_env() && read.name.starts_with("STORYBOOK_") {
            return Inlining::Yes("Storybook writes every STORYBOOK_* into its build".to_owned());
        }
        let main = main(app);
        let by_vite = vite::inlining_of(app, main.get("viteFinal"), read);
        if by_vite == Inlining::No { webpack::inlining(app, main, read) } else { by_vite }
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let main = main(app);
        let note = "Storybook writes it into its pages";
        let mut settings: Vec<ShippedSetting> = ["previewHead", "previewBody", "managerHead"]
            .map(|hook| ShippedSetting::property(main, hook, note))
            .into();
        let note = "Storybook writes the results of env into its build";
        let is_public = |name: &str| {
            name.starts_with("STORYBOOK_")
                || name.starts_with("VITE_")
                || WITH_WEBPACK.iter().any(|package| app.depends_on(package))
        };
        let env = main.get("env").fields().iter().filter(|field| is_public(&field.key));
        settings.extend(env.map(|field| ShippedSetting::field(field, note)));
        settings.extend(vite::settings_of(app, main.get("viteFinal")));
        settings.extend(webpack::shipped_by_plugins(app, main));
        settings
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let by = ".storybook/";
        let mut configs = app.configs.iter();
        let Some((path, main)) = configs.find(|(path, _)| path.contains(by)) else {
            return Vec::new();
        };
        // Relative to the folder of the configuration.
        let here = app.relative(paths::folder(path)).unwrap_or_default();
        let given = main.get("staticDirs").elements().iter();
        let given = given.map(|it| it.field("from").map_or(it, |from| &from.value));
        let folders = given.flat_map(paths::written).filter_map(|written| {
            let folder = if written.starts_with("..") {
                paths::join(here, &written)
            } else {
                paths::clean(&written)
            };
            folder.filter(|folder| !folder.is_empty())
        });
        let named = |path_of: String, why| ShippedPath {
            path: app.path(&path_of),
            except: Vec::new(),
            by: path.clone(),
            why,
        };
        let mut found: Vec<ShippedPath> =
            folders.map(|folder| named(folder, copied_files::COPIED)).collect();
        for written in paths::written(main.get("stories")) {
            let folder = written.split('*').next().unwrap_or_default();
            let folder = paths::join(here, folder).filter(|_| written.contains("mdx"));
            let why = "a document of the storybook is rendered with all of its text";
            found.extend(folder.map(|folder| named(format!("{folder}/**/*.mdx"), why)));
        }
        found.extend(documents::taken_in(app, documents::MDX, &["src", "stories", ".storybook"]));
        found
    }

    fn inlining_in_page(&self, app: &App<'_>, path: &str, name: &str) -> Inlining {
        let is_page = app.relative(path).is_some_and(|path| path.starts_with(".storybook/"));
        Inlining::when(
            is_page && name.starts_with("STORYBOOK_"),
            "Storybook writes %STORYBOOK_X% into its pages",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::World;
    use crate::variables::read::{EnvRoot, ReadForm};

    #[test]
    fn variables_with_its_prefix_are_inlined() {
        let package = r#"{"devDependencies": {"storybook": "9.0.0"}}"#;
        let world = World::new(&[("package.json", package)]);
        assert!(Storybook.is_used(&world.app()));
        assert!(world.inlines(&Storybook, "STORYBOOK_A", EnvRoot::Process, ReadForm::Member));
        assert!(!world.inlines(&Storybook, "A", EnvRoot::Process, ReadForm::Member));
    }
}
