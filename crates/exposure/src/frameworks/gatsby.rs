//! Gatsby: pages and templates ship, with variables of dotenv files that have no prefix.

use crate::app::App;
use crate::artifacts::framework_folders::{DocumentFolder, StaticFolder};
use crate::eval::value::{Field, Value};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, VariableRead,
};
use crate::frameworks::places::quoted;
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::sending_call::{CallObject, HEADER, REDIRECT, SendingCall, SentPart};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{documents, paths, webpack};
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;
use crate::variables::read::{EnvRoot, ReadForm};

/// Gatsby.
pub(crate) struct Gatsby;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["gatsby"],
    app_packages: &["gatsby"],
    config_modules: &["gatsby-config", "gatsby-node", "gatsby-ssr"],
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
    document_folders: &[DocumentFolder {
        path: "src/pages",
        holds: None,
        packages: &["gatsby"],
        framework: FrameworkId::Gatsby,
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
            entries: "`src/pages`, `src/templates`, `gatsby-browser`, modules that documents import",
            cut: "`gatsby-node`, `src/api`; `getServerData`",
            values: "`GATSBY_*`, and every variable of `.env.production`; what `gatsby-ssr` sets, `siteMetadata` that queries name",
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

/// How the names of plugins begin whose options are part of the site.
const SHOWN_PLUGINS: [&str; 5] = [
    "@sentry/gatsby",
    "gatsby-plugin-facebook",
    "gatsby-plugin-google",
    "gatsby-plugin-manifest",
    "gatsby-plugin-segment",
];

/// The options of plugins that are part of the site.
fn plugin_options(config: &Value) -> Vec<ShippedSetting> {
    let note = "the options of this plugin are part of the site";
    let plugins = config.get("plugins").elements().iter();
    let is_shown = |plugin: &&Value| {
        let name = plugin.get("resolve").text().unwrap_or_default();
        SHOWN_PLUGINS.iter().any(|shown| name.starts_with(shown))
    };
    let shown = plugins.filter(is_shown);
    shown.map(|plugin| ShippedSetting::property(plugin, "options", note)).collect()
}

/// The parts of `siteMetadata` that queries of pages and components name.
fn queried(app: &App<'_>, metadata: &Value) -> Vec<ShippedSetting> {
    if !metadata.has_secret() {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for (path, _) in paths::below(app, "src") {
        if !paths::is_code(path) {
            continue;
        }
        let bytes = app.state.read(path).ok().flatten().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for (at, word) in text.match_indices("siteMetadata") {
            let rest = text[at + word.len()..].trim_start();
            let Some(inside) = rest.strip_prefix('{') else { continue };
            let mut depth = 1_u32;
            let end = inside.find(|c| {
                depth = match c {
                    '{' => depth.saturating_add(1),
                    '}' => depth.saturating_sub(1),
                    _ => depth,
                };
                depth == 0
            });
            let inside = inside.get(..end.unwrap_or(0)).unwrap_or_default();
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let words = inside.split(|c| !is_name(c)).filter(|word| !word.is_empty());
            names.extend(words.map(str::to_owned));
        }
    }
    let note = "a query takes it into the data of a page";
    let shown = metadata.fields().iter().filter(|field| names.iter().any(|it| **it == *field.key));
    shown.map(|field| ShippedSetting::field(field, note)).collect()
}

fn is_page(app: &App<'_>, path: &str) -> bool {
    let relative = app.relative(path).unwrap_or_default();
    ["src/pages/", "src/templates/"].iter().any(|folder| relative.starts_with(folder))
}

impl Framework for Gatsby {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
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
        entries.extend(documents::imported(app, modules, documents::MDX, &["src/pages"]));
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
        if let Some((_, node)) = app.config(&["gatsby-node"])
            && let yes @ Inlining::Yes(_) = webpack::inlining(app, node, read)
        {
            return yes;
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
        let mut settings = Vec::new();
        if let Some(field) = allowed(app) {
            let names = field.value.elements().iter().filter_map(Value::text);
            let place = |name| quoted(app, &field.at, name);
            settings.extend(names.map(|name| ShippedSetting::variable(name, &place(name), note)));
        }
        let of = |name: &str| app.config(&[name]).map_or(&Value::Unknown, |(_, value)| value);
        settings.extend(webpack::shipped_by_plugins(app, of("gatsby-node")));
        let note = "it is written into the pages";
        let hooks = ["onRenderBody", "onPreRenderHTML"];
        settings.extend(hooks.map(|name| ShippedSetting::property(of("gatsby-ssr"), name, note)));
        settings.extend(plugin_options(of("gatsby-config")));
        settings.extend(queried(app, of("gatsby-config").get("siteMetadata")));
        settings
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let is_off = app.depends_on("gatsby-plugin-no-sourcemaps");
        (!is_off).then(|| PublishedMaps::unless("Gatsby", false))
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
