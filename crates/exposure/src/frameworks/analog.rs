//! Analog: Angular with pages that run on both sides, page endpoints and server functions.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, VariableRead, imports,
};
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, vite};
use crate::js::conventions::ServerCall;
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;

/// Analog.
pub(crate) struct Analog;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@analogjs/platform"],
    app_packages: &["@analogjs/platform"],
    server_calls: &[ServerCall { maker: None, function: "serverFn", sends_result: true }],
    response_packages: &["@analogjs/router/server"],
    static_folders: &[StaticFolder::public(&["@analogjs/platform"])],
    fix_hints: FixHints {
        file: "a server route such as src/server/routes/api/token.post.ts",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::Analog,
        "Analog",
        FrameworkDocs {
            entries: "`src/main`, `*.page.ts` of `src/app/pages`, `src/app/routes`",
            cut: "`*.server.ts` of `src/app/pages` and with functions given to `serverFn`; \
                  `src/server`",
            values: "as Vite",
        },
    )
};

/// The role of a file by its path.
enum FileRole {
    /// A page, or a module of the older folder of routes.
    Page,
    /// The `*.server.ts` of a page, with `load` and `action`.
    Endpoint,
    /// A route of Nitro.
    ServerRoute,
    /// Middleware, plugins, and the entry of the server.
    Server,
    /// The entry of the browser.
    Client,
}

fn role(app: &App<'_>, path: &str) -> Option<FileRole> {
    let relative = app.relative(path).filter(|path| !has_test_name(path))?;
    let stem = paths::module(relative)?;
    if relative.starts_with("src/app/pages/") {
        return if relative.ends_with(".server.ts") {
            Some(FileRole::Endpoint)
        } else {
            relative.ends_with(".page.ts").then_some(FileRole::Page)
        };
    }
    if relative.starts_with("src/app/routes/") || relative.starts_with("app/routes/") {
        return Some(FileRole::Page);
    }
    if relative.starts_with("src/server/routes/") {
        return Some(FileRole::ServerRoute);
    }
    let is_server = relative.starts_with("src/server/")
        || matches!(stem, "src/main.server" | "src/app/app.config.server");
    match stem {
        _ if is_server => Some(FileRole::Server),
        "src/main" => Some(FileRole::Client),
        _ => None,
    }
}

/// True if a module defines server functions, for which a client gets callers
/// (`server-fn-client-transform.ts`). Another `*.server.ts` outside of pages ships like any module.
fn has_server_functions(path: &str, module: &Module) -> bool {
    path.ends_with(".server.ts") && imports(module, &["@analogjs/router/server"]).is_some()
}

impl Framework for Analog {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for path in modules.paths() {
            match role(app, path) {
                Some(FileRole::Page) => {
                    entries.push(EntryPoint::client(path, "page of Analog"));
                    entries.push(EntryPoint::server(path, "page that the server renders first"));
                }
                Some(FileRole::Endpoint) => {
                    entries.push(EntryPoint::server(path, "endpoint of a page"));
                }
                Some(FileRole::ServerRoute) => {
                    entries.push(EntryPoint::server(path, "server route of Analog"));
                }
                Some(FileRole::Server) => {
                    entries.push(EntryPoint::server(path, "server code of Analog"));
                }
                Some(FileRole::Client) => {
                    entries.push(EntryPoint::client(path, "entry of the browser"));
                }
                None if modules.module(path).is_some_and(|it| has_server_functions(path, it)) => {
                    entries.push(EntryPoint::server(path, "module of server functions"));
                }
                None => {}
            }
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, module: &Module) -> Option<String> {
        if has_server_functions(path, module) {
            return Some("server functions: the client calls them over the network".to_owned());
        }
        match role(app, path)? {
            FileRole::Endpoint => Some("endpoint of a page: the client gets nothing".to_owned()),
            FileRole::Page | FileRole::ServerRoute | FileRole::Server | FileRole::Client => None,
        }
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        vite::inlining(app, read)
    }

    fn sent_results(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<SentResult> {
        match role(app, path) {
            Some(FileRole::Endpoint) => vec![
                SentResult::new("load", "", "what load returns is sent to the browser"),
                SentResult::new("action", "", "what an action returns is sent to the browser"),
            ],
            Some(FileRole::ServerRoute) => {
                let note = "what the handler returns is sent to whoever asks";
                vec![SentResult::new("default", "", note)]
            }
            Some(FileRole::Page | FileRole::Server | FileRole::Client) | None => Vec::new(),
        }
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        vite::prefixes(app)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    const PACKAGE: (&str, &str) =
        ("package.json", r#"{"devDependencies": {"@analogjs/platform": "1.20.0"}}"#);

    #[test]
    fn pages_run_on_both_sides_and_endpoints_on_the_server() {
        let world = World::new(&[
            PACKAGE,
            ("src/app/app.config.server.ts", ""),
            ("src/app/cart.service.ts", ""),
            ("src/app/fns/a.server.ts", "import '@analogjs/router/server'"),
            ("src/app/lib/b.server.ts", ""),
            ("src/app/pages/(home).page.ts", ""),
            ("src/app/pages/(home).server.ts", ""),
            ("src/app/pages/home.page.spec.ts", ""),
            ("src/app/pages/shipping/shipping.ts", ""),
            ("src/main.server.ts", ""),
            ("src/main.ts", ""),
            ("src/server/middleware/log.ts", ""),
            ("src/server/routes/api/hello.ts", ""),
        ]);
        let server = [
            "src/app/app.config.server.ts",
            "src/app/fns/a.server.ts",
            "src/app/pages/(home).page.ts",
            "src/app/pages/(home).server.ts",
            "src/main.server.ts",
            "src/server/middleware/log.ts",
            "src/server/routes/api/hello.ts",
        ];
        let client = ["src/app/pages/(home).page.ts", "src/main.ts"];
        assert_eq!(world.entries(&Analog), sides(&client, &server));
        for (path, is_cut) in [
            ("src/app/pages/(home).server.ts", true),
            ("src/app/fns/a.server.ts", true),
            ("src/app/lib/b.server.ts", false),
            ("src/app/pages/(home).page.ts", false),
        ] {
            assert_eq!(world.is_cut(&Analog, path), is_cut, "{path}");
        }
    }

    #[test]
    fn results_of_endpoints_and_server_routes_are_sent() {
        let world = World::new(&[PACKAGE]);
        let exports = |path: &str| -> Vec<String> {
            let all = Analog.sent_results(&world.app(), path, &Module::default());
            all.into_iter().map(|sent| sent.export).collect()
        };
        assert_eq!(exports("src/app/pages/a.server.ts"), ["load", "action"]);
        assert_eq!(exports("src/server/routes/api/a.get.ts"), ["default"]);
        assert!(exports("src/app/pages/a.page.ts").is_empty());
    }
}
