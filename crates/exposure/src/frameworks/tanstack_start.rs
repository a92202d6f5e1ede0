//! TanStack Start: all code runs on both sides, except what its compiler removes for clients.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, ServerRendering, VariableRead, imports,
};
use crate::frameworks::sending_call::{CallObject, ERROR, HEADER, SendingCall, SentPart};
use crate::frameworks::{paths, vite};
use crate::js::conventions::{ServerCall, ServerOption};
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;

/// TanStack Start.
pub(crate) struct TanStackStart;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &PACKAGES,
    app_packages: &["@tanstack/react-start", "@tanstack/start"],
    server_calls: &[
        ServerCall { maker: Some("createServerFn"), function: "handler", sends_result: true },
        ServerCall { maker: Some("createMiddleware"), function: "server", sends_result: false },
        ServerCall { maker: Some("createIsomorphicFn"), function: "server", sends_result: false },
        ServerCall { maker: None, function: "createServerOnlyFn", sends_result: false },
    ],
    server_options: &[
        ServerOption { maker: "createFileRoute", property: "server" },
        ServerOption { maker: "createRootRoute", property: "server" },
        ServerOption { maker: "createRootRouteWithContext", property: "server" },
        ServerOption { maker: "createRoute", property: "server" },
    ],
    sends_errors: true,
    sending_calls: &[
        SendingCall::answering("setHeader", HEADER),
        SendingCall::answering("setHeaders", HEADER),
        of_route(CallObject::Made, "createFileRoute"),
        of_route(CallObject::Made, "createRootRouteWithContext"),
        of_route(CallObject::Nothing, "createRootRoute"),
        of_route(CallObject::Nothing, "createRoute"),
        SendingCall {
            sends: SentPart::Property("data"),
            ..SendingCall::answering("notFound", ERROR)
        },
        SendingCall {
            sends: SentPart::Property("sendContext"),
            ..SendingCall::of_event("next", "the context is sent to the browser")
        },
    ],
    response_packages: &["@tanstack/"],
    static_folders: &[StaticFolder::public(&["@tanstack/react-start"])],
    fix_hints: FixHints {
        file: "a server route such as src/routes/api/token.ts",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::TanStackStart,
        "TanStack Start",
        FrameworkDocs {
            entries: "router, `client`, `routes/**`, loaders included",
            cut: "`*.server.*`; functions given to `createServerFn().handler`, `createServerOnlyFn`, `.server(…)` of middleware; `server` of a route, and imports that only these use",
            values: "as Vite",
        },
    )
};

/// A call that makes a route: what its functions return is rendered, or goes with the page.
const fn of_route(object: CallObject, function: &'static str) -> SendingCall {
    SendingCall {
        object,
        sends: SentPart::ResultsOfProperties(&["loader", "beforeLoad", "context", "head"]),
        ..SendingCall::answering(function, "data of the route is part of the page")
    }
}

const PACKAGES: [&str; 4] =
    ["@tanstack/react-start", "@tanstack/solid-start", "@tanstack/vue-start", "@tanstack/start"];

/// Imports that mark a module which clients cannot import.
const SERVER_ONLY: [&str; 3] = [
    "@tanstack/react-start/server-only",
    "@tanstack/solid-start/server-only",
    "@tanstack/vue-start/server-only",
];

/// The folder of the app: `src`, or `app` before version 1.
fn folder(app: &App<'_>) -> &'static str {
    if paths::has_folder(app, "src/routes") || !paths::has_folder(app, "app/routes") {
        "src"
    } else {
        "app"
    }
}

fn is_server(path: &str) -> bool {
    let stem = paths::module(paths::name(path)).unwrap_or_default();
    stem.ends_with(".server")
}

/// True for a route that servers neither load nor render: `createFileRoute('/')({ ssr: false })`.
fn is_rendered_by_browsers(app: &App<'_>, path: &str) -> bool {
    let bytes = app.state.read(path).ok().flatten().unwrap_or_default();
    let text: String = String::from_utf8_lossy(&bytes).split_whitespace().collect();
    let options = text.split_once("createFileRoute(").and_then(|(_, rest)| rest.split_once(")({"));
    options.is_some_and(|(_, rest)| {
        rest.starts_with("ssr:false")
            || rest.contains(",ssr:false,")
            || rest.contains(",ssr:false}")
    })
}

impl Framework for TanStackStart {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let folder = folder(app);
        let mut entries = Vec::new();
        let own = |name: &str| paths::named(app, &[format!("{folder}/{name}").as_str()]);
        for path in own("router").into_iter().chain(own("start")) {
            entries.push(EntryPoint::client(&path, "router, which the browser runs"));
            entries.push(EntryPoint::server(&path, "router, which the server runs first"));
        }
        for path in own("client") {
            entries.push(EntryPoint::client(&path, "entry of the browser"));
        }
        for path in own("server").into_iter().chain(own("ssr")) {
            entries.push(EntryPoint::server(&path, "entry of the server"));
        }
        for (path, within) in paths::below(app, &format!("{folder}/routes")) {
            // A name with `-` in front is that of no route.
            let is_route = paths::is_module(path) && !paths::has_part(within, '-');
            if is_route && !has_test_name(path) && !is_server(path) {
                entries
                    .push(EntryPoint::client(path, "route, whose loader runs in the browser, too"));
                if !is_rendered_by_browsers(app, path) {
                    entries.push(EntryPoint::server(path, "route that the server renders first"));
                }
            }
        }
        for path in modules.paths() {
            let is_marked =
                modules.module(path).is_some_and(|it| imports(it, &SERVER_ONLY).is_some());
            if is_marked || (is_server(path) && paths::is_module(path)) {
                entries.push(EntryPoint::server(path, "module for the server only"));
            }
        }
        entries
    }

    fn boundary(&self, _app: &App<'_>, path: &str, module: &Module) -> Option<String> {
        let is_cut = is_server(path) || imports(module, &SERVER_ONLY).is_some();
        is_cut.then(|| "module for the server only: the build fails".to_owned())
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        let folder = format!("{}/routes/", folder(app));
        let is_route = app.relative(path).is_some_and(|path| path.starts_with(&folder));
        // The results of `createServerFileRoute` and `createAPIFileRoute`.
        if is_route { &["ServerRoute", "APIRoute"] } else { &[] }
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        vite::inlining(app, read)
    }

    fn server_rendering(&self, _app: &App<'_>) -> Option<ServerRendering> {
        Some(ServerRendering::PROCESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    #[test]
    fn routes_run_on_both_sides() {
        let package = ("package.json", r#"{"dependencies": {"@tanstack/react-start": "1.0.0"}}"#);
        let world = World::new(&[
            package,
            ("src/router.tsx", ""),
            ("src/server.ts", ""),
            ("src/routes/index.tsx", ""),
            ("src/lib/db.server.ts", ""),
            ("src/lib/ai.ts", "import '@tanstack/react-start/server-only'"),
            ("src/lib/a.ts", ""),
        ]);
        let both = ["src/router.tsx", "src/routes/index.tsx"];
        let server = [&both[..], &["src/server.ts", "src/lib/db.server.ts", "src/lib/ai.ts"]];
        assert_eq!(world.entries(&TanStackStart), sides(&both, &server.concat()));
        assert!(world.is_cut(&TanStackStart, "src/lib/db.server.ts"));
        assert!(world.is_cut(&TanStackStart, "src/lib/ai.ts"));
        assert!(!world.is_cut(&TanStackStart, "src/lib/a.ts"));
    }
}
