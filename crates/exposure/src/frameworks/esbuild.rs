//! esbuild, which commands of package.json or build scripts call.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Field;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::build_tool::BuildTool;
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::paths;
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::js::guard::Absence;

/// esbuild.
pub(crate) struct Esbuild;

static FACTS: FrameworkFacts = FrameworkFacts {
    config_modules: &["esbuild", "build"],
    fix_hints: FixHints { option: "define", ..FixHints::GENERIC },
    addressed_files: AddressedFiles::LeftBehind,
    ..FrameworkFacts::new(
        FrameworkId::Esbuild,
        "esbuild",
        FrameworkDocs {
            entries: "entries of commands and scripts for browsers",
            cut: "`platform=node`",
            values: "what `define`, `banner` and `footer` name, and plugins that give code",
        },
    )
};

const TOOL: BuildTool =
    BuildTool { id: FrameworkId::Esbuild, command: &["esbuild"], entries: "entryPoints" };

impl Framework for Esbuild {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        TOOL.is_called(app)
    }

    fn configuring_modules(&self, app: &App<'_>) -> Vec<String> {
        TOOL.scripts(app, "esbuild")
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        TOOL.named_files(app)
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        TOOL.entry_points(app)
    }

    fn left_out(&self, app: &App<'_>) -> Vec<Absence> {
        // Without `minify`, `NODE_ENV` is `development`, and dead code stays.
        let mut all = vec![Absence::UnusedData, Absence::UnusedMember, Absence::Pure];
        if TOOL.is_minified(app) {
            all.extend([Absence::NodeEnv, Absence::Never]);
        }
        all
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        Inlining::when(TOOL.defines(app, read), "define writes it into the code")
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let fields = TOOL.builds(app).flat_map(|build| build.get("alias").fields());
        let alias = |field: &Field| {
            let target = paths::written(&field.value).into_iter().next()?;
            let is_path = target.starts_with('.') || target.contains("/src/");
            let target = paths::clean(&target).filter(|_| is_path)?;
            Some((field.key.to_string(), app.path(&target)))
        };
        fields.filter_map(alias).collect()
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        TOOL.published_maps(app)
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        TOOL.shipped_settings(app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, list, object, scripts, sides, text};
    use crate::variables::read::{EnvRoot, ReadForm};

    #[test]
    fn commands_name_entries_and_variables() {
        let script = "tsc && esbuild src/app.js --bundle --define:process.env.K=$MAGICX_SECRET_KEY";
        let world = World::new(&[("package.json", &scripts(script)), ("src/app.js", "")]);
        assert_eq!(world.entries(&Esbuild), sides(&["src/app.js"], &[]));
        assert!(world.inlines(&Esbuild, "K", EnvRoot::Process, ReadForm::Member));
        assert!(!world.inlines(&Esbuild, "J", EnvRoot::Process, ReadForm::Member));
        let leaks = world.leaks(&Esbuild);
        assert!(leaks[0].ends_with("Name(\"MAGICX_SECRET_KEY\")"), "{leaks:?}");
    }

    #[test]
    fn builds_for_servers_do_not_count() {
        let script = scripts("esbuild src/app.js --platform=node");
        let world = World::new(&[("package.json", &script), ("src/app.js", "")]);
        assert!(!Esbuild.is_used(&world.app()));
        let build = object([("entryPoints", list([text("a.ts")])), ("platform", text("node"))]);
        let world = World::new(&[]).config("build.mjs", build);
        assert!(!Esbuild.is_used(&world.app()));
    }
}
