//! Waku: server components, and client components from `'use client'` on.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead, directive,
    imports,
};
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, vite};
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;
use crate::variables::conventions::VariableFunction;
use crate::variables::read::{EnvRoot, ReadForm};

/// Waku.
pub(crate) struct Waku;

/// The prefix of public variables.
const PREFIX: &str = "WAKU_PUBLIC_";

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["waku"],
    marker_modules: &["waku.config"],
    app_packages: &["waku"],
    public_prefixes: &[PREFIX],
    variable_functions: &[get_env("waku"), get_env("waku/server")],
    response_packages: &["waku/router"],
    has_server_components: true,
    static_folders: &[StaticFolder::public(&["waku"])],
    fix_hints: FixHints {
        file: "an API route such as src/pages/_api/token.ts",
        call: "/token",
        read: "getEnv('{}')",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::Waku,
        "Waku",
        FrameworkDocs {
            entries: "`'use client'`, `waku.client`",
            cut: "`'use server'`, `server-only`, the folder `private`; pages and layouts, \
                  `pages/_api`, `middleware`",
            values: "`WAKU_PUBLIC_*` of `import.meta.env` and `process.env`; as Vite, with `vite` of \
                     waku.config",
        },
    )
};

const fn get_env(package: &'static str) -> VariableFunction {
    VariableFunction { package, name: "getEnv", root: EnvRoot::Runtime }
}

/// A folder that an option of the configuration names.
fn folder(app: &App<'_>, option: &str, default: &str) -> String {
    let config = app.config(&["waku.config"]).map_or(&Value::Unknown, |(_, value)| value);
    let given = config.get(option).text().and_then(paths::clean);
    given.unwrap_or_else(|| default.to_owned())
}

/// True if the server reads a file and the build fails if a client imports it
/// (`lib/vite-plugins/private-dir.ts`).
fn is_private(app: &App<'_>, path: &str) -> bool {
    let folder = folder(app, "privateDir", "private");
    app.relative(path).is_some_and(|path| path.starts_with(&format!("{folder}/")))
}

impl Framework for Waku {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let source = folder(app, "srcDir", "src");
        let mut entries = Vec::new();
        for path in modules.paths() {
            let Some(module) = modules.module(path).filter(|_| paths::is_module(path)) else {
                continue;
            };
            if let Some(client) = directive(module, "use client") {
                let entry = EntryPoint::client(path, "'use client' directive").at(client.span);
                entries.push(if path.contains("pages/") { entry } else { entry.by_name() });
            } else if let Some(server) = directive(module, "use server") {
                entries.push(EntryPoint::server(path, "'use server' directive").at(server.span));
            } else if let Some(span) = imports(module, &["server-only"]) {
                entries.push(EntryPoint::server(path, "imports server-only").at(span));
            } else if let Some(why) = server_role(app, path, &source) {
                entries.push(EntryPoint::server(path, why));
            }
        }
        // The client's entry (`lib/constants.ts`), which needs no directive.
        for path in paths::named(app, &[&format!("{source}/waku.client")]) {
            entries.push(EntryPoint::client(&path, "waku.client, run by the browser"));
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, module: &Module) -> Option<String> {
        if directive(module, "use server").is_some() {
            return Some("'use server' directive: the client gets a reference".to_owned());
        }
        if imports(module, &["server-only"]).is_some() {
            return Some("imports server-only: the build fails".to_owned());
        }
        is_private(app, path).then(|| "in the private folder: the build fails".to_owned())
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        // `define` of both objects (`lib/vite-plugins/environments.ts`), of which Vite keeps
        // `import.meta.env` as an object as well.
        let is_replaced = match read.root {
            EnvRoot::ImportMeta => true,
            EnvRoot::Process => matches!(read.form, ReadForm::Member | ReadForm::Index),
            EnvRoot::Runtime
            | EnvRoot::NativeConfig
            | EnvRoot::PrivateModule
            | EnvRoot::PublicModule
            | EnvRoot::ServerModule
            | EnvRoot::RuntimeConfig(_)
            | EnvRoot::PublicRuntimeConfig(_) => false,
        };
        if is_replaced && read.name.starts_with(PREFIX) {
            return Inlining::Yes("Waku inlines every WAKU_PUBLIC_*".to_owned());
        }
        vite::inlining(app, read)
    }

    fn sent_results(&self, _app: &App<'_>, _path: &str, module: &Module) -> Vec<SentResult> {
        let is_server = directive(module, "use server").is_some();
        let note = "what a server action returns is sent to the browser";
        if is_server { vec![SentResult::new("*", "", note)] } else { Vec::new() }
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        vite::aliases(app)
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        vite::published_maps(app)
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        vite::shipped_settings(app)
    }

    fn server_rendering(&self, _app: &App<'_>) -> Option<ServerRendering> {
        Some(ServerRendering::PROCESS)
    }
}

/// The reason why only the server runs a module without a directive, by its path.
fn server_role(app: &App<'_>, path: &str, source: &str) -> Option<&'static str> {
    let relative = app.relative(path)?.strip_prefix(source)?.strip_prefix('/')?;
    if has_test_name(relative) {
        return None;
    }
    match relative.split_once('/') {
        Some(("pages", rest)) if rest.starts_with("_api/") => Some("API route"),
        Some(("pages", _)) => Some("server component of a page"),
        Some(("middleware", _)) => Some("middleware"),
        None if paths::module(relative) == Some("waku.server") => Some("entry of the server"),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, object, sides, text, variable};

    const PACKAGE: (&str, &str) = ("package.json", r#"{"dependencies": {"waku": "0.26.0"}}"#);

    #[test]
    fn pages_run_on_the_server_and_client_components_ship() {
        let world = World::new(&[
            PACKAGE,
            ("src/components/counter.tsx", "'use client'"),
            ("src/components/headline.tsx", ""),
            ("src/actions.ts", "'use server'"),
            ("src/lib/db.ts", "import 'server-only'"),
            ("src/middleware/log.ts", ""),
            ("src/pages/_api/ask.ts", ""),
            ("src/pages/index.tsx", ""),
            ("src/pages/index.test.tsx", ""),
            ("src/waku.client.tsx", ""),
            ("src/waku.server.tsx", ""),
        ]);
        let client = ["src/components/counter.tsx", "src/waku.client.tsx"];
        let server = [
            "src/actions.ts",
            "src/lib/db.ts",
            "src/middleware/log.ts",
            "src/pages/_api/ask.ts",
            "src/pages/index.tsx",
            "src/waku.server.tsx",
        ];
        assert_eq!(world.entries(&Waku), sides(&client, &server));
        assert!(world.is_cut(&Waku, "src/actions.ts") && world.is_cut(&Waku, "src/lib/db.ts"));
        assert!(!world.is_cut(&Waku, "src/components/headline.tsx"));
    }

    #[test]
    fn folders_are_those_of_the_configuration() {
        let files =
            [PACKAGE, ("app/pages/index.tsx", ""), ("secret/a.ts", ""), ("private/b.ts", "")];
        let config = object([("srcDir", text("app")), ("privateDir", text("./secret"))]);
        let world = World::new(&files).config("waku.config.ts", config);
        assert_eq!(world.entries(&Waku), sides(&[], &["app/pages/index.tsx"]));
        assert!(world.is_cut(&Waku, "secret/a.ts") && !world.is_cut(&Waku, "private/b.ts"));
    }

    #[test]
    fn public_variables_are_inlined() {
        let world = World::new(&[PACKAGE]);
        for (name, root, form, is_inlined) in [
            ("WAKU_PUBLIC_A", EnvRoot::ImportMeta, ReadForm::Member, true),
            ("WAKU_PUBLIC_A", EnvRoot::ImportMeta, ReadForm::Destructured, true),
            ("WAKU_PUBLIC_A", EnvRoot::Process, ReadForm::Member, true),
            ("WAKU_PUBLIC_A", EnvRoot::Process, ReadForm::Destructured, false),
            ("WAKU_PUBLIC_A", EnvRoot::Runtime, ReadForm::Member, false),
            ("VITE_A", EnvRoot::ImportMeta, ReadForm::Member, true),
            ("A", EnvRoot::ImportMeta, ReadForm::Member, false),
        ] {
            assert_eq!(world.inlines(&Waku, name, root, form), is_inlined, "{name} {root:?}");
        }
        let define = object([("vite", object([("define", object([("K", variable("K"))]))]))]);
        let world = World::new(&[PACKAGE]).config("waku.config.ts", define);
        assert_eq!(world.leaks(&Waku), ["config:0 Name(\"K\")"]);
    }
}
