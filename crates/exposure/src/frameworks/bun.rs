//! Bun's bundler, which commands of package.json or build scripts call.

use crate::app::App;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::build_tool::BuildTool;
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::variables::read::{EnvRoot, ReadForm};

/// Bun's bundler.
pub(crate) struct Bun;

static FACTS: FrameworkFacts = FrameworkFacts {
    settings: &["bunfig.toml"],
    app_prefixes: &["PUBLIC_"],
    fix_hints: FixHints {
        file: "a route of Bun.serve such as /api/token",
        read: "Bun.env.{}",
        option: "define",
        ..FixHints::GENERIC
    },
    addressed_files: AddressedFiles::LeftBehind,
    ..FrameworkFacts::new(
        FrameworkId::Bun,
        "Bun",
        FrameworkDocs {
            entries: "entries of commands and scripts for browsers",
            cut: "`target=bun`, `target=node`",
            values: "what `define`, `banner` and `footer` name, and the variables of the option `env`",
        },
    )
};

const TOOL: BuildTool =
    BuildTool { id: FrameworkId::Bun, command: &["bun", "build"], entries: "entrypoints" };

/// The values of the option `env`: `inline`, or a prefix followed by `*`.
fn env(app: &App<'_>) -> Vec<String> {
    let builds = TOOL.builds(app).filter_map(|build| build.get("env").text());
    let mut all: Vec<String> = builds.map(str::to_owned).collect();
    for command in TOOL.commands(app) {
        all.extend(command.option("--env").into_iter().map(str::to_owned));
    }
    let bunfig = || -> Option<String> {
        let bytes = app.state.read(&app.path("bunfig.toml")).ok()??;
        let table: toml::Table = str::from_utf8(&bytes).ok()?.parse().ok()?;
        Some(table.get("serve")?.get("static")?.get("env")?.as_str()?.to_owned())
    };
    all.extend(bunfig());
    all
}

impl Framework for Bun {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        TOOL.is_called(app) || !env(app).is_empty()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        TOOL.entry_points(app)
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if TOOL.defines(app, read) {
            return Inlining::Yes("define writes it into the code".to_owned());
        }
        let is_env = read.is_env() || read.root == EnvRoot::Runtime;
        let is_public = |option: &String| match option.strip_suffix('*') {
            Some(prefix) => read.name.starts_with(prefix),
            None => option == "inline",
        };
        Inlining::when(
            is_env && read.form == ReadForm::Member && env(app).iter().any(is_public),
            "the option env of Bun inlines it",
        )
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        let options = env(app);
        let prefixes = options.iter().filter_map(|option| option.strip_suffix('*'));
        prefixes.filter(|prefix| !prefix.is_empty()).map(str::to_owned).collect()
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
    use crate::frameworks::testing::{World, scripts};

    #[test]
    fn builds_for_servers_do_not_count() {
        for script in [
            "bun build src/app.js --target bun",
            "bun run x",
            "esbuild src/app.js --platform=node",
            "esbuild src/app.js",
        ] {
            let world = World::new(&[("package.json", &scripts(script)), ("src/app.js", "")]);
            assert!(!Bun.is_used(&world.app()), "{script}");
        }
    }

    #[test]
    fn the_option_env_names_what_is_inlined() {
        let cases = [
            ("bun build a.ts", "A", false),
            ("bun build a.ts --env=inline", "A", true),
            ("bun build a.ts --env 'PUBLIC_*'", "PUBLIC_A", true),
            ("bun build a.ts --env='PUBLIC_*'", "A", false),
        ];
        for (script, name, is_inlined) in cases {
            let world = World::new(&[("package.json", &scripts(script)), ("a.ts", "")]);
            let inlines = world.inlines(&Bun, name, EnvRoot::Process, ReadForm::Member);
            assert_eq!(inlines, is_inlined, "{script}");
        }
        let bunfig = "[serve.static]\nenv = \"inline\"\n";
        let world = World::new(&[("bunfig.toml", bunfig)]);
        assert!(world.inlines(&Bun, "A", EnvRoot::Process, ReadForm::Member));
    }
}
