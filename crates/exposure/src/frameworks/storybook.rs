//! Storybook, which builds the components of an app into a site of their own.

use crate::app::App;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::paths;
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
            values: "`STORYBOOK_*`",
        },
    )
};

impl Framework for Storybook {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("storybook") || paths::has_folder(app, ".storybook")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let named = paths::named(app, &[".storybook/preview", ".storybook/manager"]);
        let named = named.iter().map(|path| EntryPoint::client(path, "part of the storybook"));
        let stories = app.files.iter().filter(|path| is_story(path) && paths::is_module(path));
        let stories = stories.map(|path| EntryPoint::client(path, "story of the storybook"));
        named.chain(stories).collect()
    }

    fn inlining(&self, _app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = read.is_env() && read.name.starts_with("STORYBOOK_");
        Inlining::when(is_public, "Storybook writes every STORYBOOK_* into its build")
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
