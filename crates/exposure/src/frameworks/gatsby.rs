//! Gatsby: pages and templates ship, with variables of dotenv files that have no prefix.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::eval::value::{Field, Value};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, VariableRead,
};
use crate::frameworks::paths;
use crate::frameworks::places::quoted;
use crate::frameworks::sending_call::{CallObject, HEADER, REDIRECT, SendingCall, SentPart};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;
use crate::variables::read::{EnvRoot, ReadForm};

/// Gatsby.
pub(crate) struct Gatsby;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["gatsby"],
    app_packages: &["gatsby"],
    config_modules: &["gatsby-config"],
    public_prefixes: &["GATSBY_"],
    sending_calls: &[
        SendingCall {
            object: CallObject::Any,
            sends: SentPart::Property("context"),
            ..SendingCall::answering("createPage", "the context of a page is part of its data")
        },
        SendingCall {
            object: CallObject::Any,
            ..SendingCall::answering("createRedirect", REDIRECT)
        },
        SendingCall {
            object: CallObject::Named("plugins"),
            sends: SentPart::NamedProperties,
            ..SendingCall::answering("define", "plugins.define writes it into client code")
        },
    ],
    static_folders: &[StaticFolder {
        path: "static",
        packages: &["gatsby"],
        is_only: true,
        framework: Some(FrameworkId::Gatsby),
    }],
    has_fixed_static_folder: true,
    fix_hints: FixHints {
        file: "a function such as src/api/token.js",
        option: "the allow list of gatsby-plugin-env-variables",
        ..FixHints::GENERIC
    },
    left_out: Absence::OF_WEBPACK,
    ..FrameworkFacts::new(
        FrameworkId::Gatsby,
        "Gatsby",
        FrameworkDocs {
            entries: "`src/pages`, `src/templates`, `gatsby-browser`",
            cut: "`gatsby-node`, `src/api`; `getServerData`",
            values: "`GATSBY_*`, and every variable of `.env.production`",
        },
    )
};

/// True for dotenv files whose variables Gatsby inlines, whatever their names: `.env.production`,
/// `.env.development`, and that of another `GATSBY_ACTIVE_ENV`
/// (`gatsby/src/utils/webpack.config.js`).
fn is_inlined_file(path: &str) -> bool {
    let of = paths::name(path).strip_prefix(".env.");
    let aside = ["local", "example", "sample", "template", "dist", "defaults", "vault"];
    of.is_some_and(|of| !of.contains('.') && !aside.contains(&of))
}

/// The list of variables that gatsby-plugin-env-variables makes public.
fn allowed<'a>(app: &'a App<'_>) -> Option<&'a Field> {
    let (_, config) = app.config(&["gatsby-config"])?;
    let mut plugins = config.get("plugins").elements().iter();
    let name = Some("gatsby-plugin-env-variables");
    let plugin = plugins.find(|plugin| plugin.get("resolve").text() == name)?;
    plugin.get("options").field("allowList")
}

fn is_page(app: &App<'_>, path: &str) -> bool {
    let relative = app.relative(path).unwrap_or_default();
    ["src/pages/", "src/templates/"].iter().any(|folder| relative.starts_with(folder))
}

impl Framework for Gatsby {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for (folder, why) in
            [("src/pages", "page of Gatsby"), ("src/templates", "template of Gatsby")]
        {
            for (path, _) in paths::below(app, folder) {
                // A file with `_` in front is no page.
                let is_kept = folder == "src/pages" && paths::name(path).starts_with('_');
                if paths::is_module(path) && !has_test_name(path) && !is_kept {
                    entries.push(EntryPoint::client(path, why));
                    entries.push(EntryPoint::server(path, "rendered when the site is built"));
                }
            }
        }
        for path in paths::named(app, &["gatsby-browser"]) {
            entries.push(EntryPoint::client(&path, "gatsby-browser, run by the browser"));
        }
        for path in paths::named(app, &["gatsby-node", "gatsby-ssr", "gatsby-config"]) {
            entries.push(EntryPoint::server(&path, "run when the site is built"));
        }
        for (path, _) in paths::below(app, "src/api") {
            entries.push(EntryPoint::server(path, "function of Gatsby"));
        }
        entries
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        if is_page(app, path) { &["getServerData", "config"] } else { &[] }
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.root != EnvRoot::Process || !matches!(read.form, ReadForm::Member | ReadForm::Index)
        {
            return Inlining::No;
        }
        if read.name.starts_with("GATSBY_") {
            return Inlining::Yes("Gatsby inlines process.env.GATSBY_*".to_owned());
        }
        let mut allowed = allowed(app).map_or(&[][..], |field| field.value.elements()).iter();
        if allowed.any(|name| name.text() == Some(read.name)) {
            return Inlining::Yes("gatsby-plugin-env-variables inlines it".to_owned());
        }
        let mut declared = app.declarations.iter().filter(|it| it.name == read.name);
        match declared.find(|it| is_inlined_file(&it.at.path)) {
            Some(found) => Inlining::Yes(format!(
                "Gatsby inlines every variable of {}, with or without a prefix",
                paths::name(&found.at.path)
            )),
            None => Inlining::No,
        }
    }

    fn sent_results(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<SentResult> {
        if !is_page(app, path) {
            return Vec::new();
        }
        vec![
            SentResult::new("getServerData", "props", "props are sent with the page"),
            SentResult::new("getServerData", "headers", HEADER),
        ]
    }

    fn is_document(&self, app: &App<'_>, path: &str) -> bool {
        let stem = app.relative(path).and_then(paths::module);
        matches!(stem, Some("gatsby-ssr" | "src/html"))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "the allow list of gatsby-plugin-env-variables makes it public";
        let Some(field) = allowed(app) else { return Vec::new() };
        let names = field.value.elements().iter().filter_map(Value::text);
        let place = |name| quoted(app, &field.at, name);
        names.map(|name| ShippedSetting::variable(name, &place(name), note)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, list, object, sides, text};

    const PACKAGE: (&str, &str) = ("package.json", r#"{"dependencies": {"gatsby": "^5.13.0"}}"#);

    #[test]
    fn pages_ship_and_node_code_does_not() {
        let world = World::new(&[
            PACKAGE,
            ("gatsby-browser.js", ""),
            ("gatsby-node.js", ""),
            ("src/api/ask.js", ""),
            ("src/components/a.js", ""),
            ("src/pages/index.js", ""),
        ]);
        assert_eq!(
            world.entries(&Gatsby),
            sides(
                &["gatsby-browser.js", "src/pages/index.js"],
                &["gatsby-node.js", "src/api/ask.js", "src/pages/index.js"],
            )
        );
        assert_eq!(
            Gatsby.stripped(&world.app(), "src/pages/index.js"),
            ["getServerData", "config"]
        );
    }

    #[test]
    fn files_of_an_environment_are_inlined_whole() {
        let member =
            |world: &World, name| world.inlines(&Gatsby, name, EnvRoot::Process, ReadForm::Member);
        for (file, is_inlined) in [
            (".env.production", true),
            (".env.staging", true),
            (".env", false),
            (".env.local", false),
            (".env.example", false),
        ] {
            let world = World::new(&[PACKAGE]).declared(file, "KEY");
            assert_eq!(member(&world, "KEY"), is_inlined, "{file}");
            assert!(member(&world, "GATSBY_A") && !member(&world, "A"));
        }
    }

    #[test]
    fn an_allow_list_makes_public() {
        let names = list([text("AIMAGICX_API_KEY"), text("HOME")]);
        let options = object([("allowList", names)]);
        let plugin =
            object([("resolve", text("gatsby-plugin-env-variables")), ("options", options)]);
        let config = object([("plugins", list([plugin]))]);
        let world = World::new(&[PACKAGE]).config("gatsby-config.js", config);
        assert_eq!(world.leaks(&Gatsby), ["config:0 Name(\"AIMAGICX_API_KEY\")"]);
        assert!(world.inlines(&Gatsby, "AIMAGICX_API_KEY", EnvRoot::Process, ReadForm::Member));
    }
}
