//! Qwik City: routes of Vite that run on both sides, with handlers that stay on the server.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead,
};
use crate::frameworks::sending_call::{ANSWER, COOKIE, HEADER, REDIRECT, SendingCall, SentPart};
use crate::frameworks::{file_routes, paths, vite};
use crate::js::conventions::{ConstantMeaning, KnownConstant, ServerCall};
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::variables::read::EnvRoot;

/// Qwik City.
pub(crate) struct Qwik;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@builder.io/qwik-city", "@qwik.dev/router", "@builder.io/qwik", "@qwik.dev/core"],
    app_prefixes: &["PUBLIC_"],
    server_calls: &[
        ServerCall { maker: None, function: "server$", sends_result: true },
        ServerCall { maker: None, function: "routeLoader$", sends_result: true },
        ServerCall { maker: None, function: "routeAction$", sends_result: true },
        ServerCall { maker: None, function: "globalAction$", sends_result: true },
    ],
    sending_calls: &[
        SendingCall::of_event("json", ANSWER),
        SendingCall::of_event("send", ANSWER),
        SendingCall::of_event("html", ANSWER),
        SendingCall::of_event("text", ANSWER),
        SendingCall::of_event("error", ANSWER),
        SendingCall::of_event("fail", ANSWER),
        SendingCall::of_event("redirect", REDIRECT),
        SendingCall::of_event("headers.set", HEADER),
        SendingCall::of_event("headers.append", HEADER),
        SendingCall::of_event("cookie.set", COOKIE),
        SendingCall::of_event("cookie.append", COOKIE),
        in_container("renderToStream"),
        in_container("renderToString"),
    ],
    constants: &[
        KnownConstant {
            package: "@builder.io/qwik/build",
            name: "isServer",
            meaning: ConstantMeaning::Server,
        },
        KnownConstant {
            package: "@builder.io/qwik/build",
            name: "isBrowser",
            meaning: ConstantMeaning::Client,
        },
    ],
    static_folders: &[StaticFolder::public(&["@builder.io/qwik"])],
    fix_hints: FixHints {
        file: "an endpoint such as src/routes/api/token/index.ts",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::Qwik,
        "Qwik City",
        FrameworkDocs {
            entries: "`routes/**`, `root`",
            cut: "`routeLoader$`, `routeAction$`, `server$`, `onGet`, …; `plugin@*`",
            values: "`import.meta.env.PUBLIC_*`; as Vite",
        },
    )
};

/// A call of the server's entry whose options have attributes of each page.
const fn in_container(function: &'static str) -> SendingCall {
    SendingCall {
        sends: SentPart::Property("containerAttributes"),
        ..SendingCall::answering(function, "an attribute of the container is in each page")
    }
}

impl Framework for Qwik {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        // `plugin@name.ts` is middleware.
        let mut entries =
            file_routes::entries(app, |path| !paths::name(path).starts_with("plugin"));
        for path in paths::named(app, &["src/entry.ssr"]) {
            entries.push(EntryPoint::server(&path, "entry of the server"));
        }
        for path in paths::named(app, &["src/root", "src/entry.dev"]) {
            entries.push(EntryPoint::client(&path, "entry of the browser"));
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        let is_plugin =
            file_routes::is_in_routes(app, path) && paths::name(path).starts_with("plugin");
        is_plugin.then(|| "middleware that only the server runs".to_owned())
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        if !file_routes::is_in_routes(app, path) {
            return &[];
        }
        &[
            "onRequest",
            "onGet",
            "onPost",
            "onPut",
            "onPatch",
            "onDelete",
            "onHead",
            "onStaticGenerate",
        ]
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_public = read.root == EnvRoot::ImportMeta && read.name.starts_with("PUBLIC_");
        if is_public {
            return Inlining::Yes("Qwik inlines import.meta.env.PUBLIC_*".to_owned());
        }
        vite::inlining(app, read)
    }

    fn sent_results(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<SentResult> {
        if !file_routes::is_in_routes(app, path) {
            return Vec::new();
        }
        vec![SentResult::value("head", "the head is part of the page's HTML")]
    }

    fn is_document(&self, app: &App<'_>, path: &str) -> bool {
        app.relative(path).and_then(paths::module) == Some("src/entry.ssr")
    }

    fn server_rendering(&self, _app: &App<'_>) -> Option<ServerRendering> {
        Some(ServerRendering::PROCESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};
    use crate::variables::read::ReadForm;

    #[test]
    fn middleware_stays_on_the_server() {
        let package =
            ("package.json", r#"{"devDependencies": {"@builder.io/qwik-city": "1.9.0"}}"#);
        let world = World::new(&[
            package,
            ("src/root.tsx", ""),
            ("src/routes/index.tsx", ""),
            ("src/routes/plugin@auth.ts", ""),
        ]);
        let client = ["src/root.tsx", "src/routes/index.tsx"];
        let server = ["src/routes/index.tsx", "src/routes/plugin@auth.ts"];
        assert_eq!(world.entries(&Qwik), sides(&client, &server));
        assert!(world.is_cut(&Qwik, "src/routes/plugin@auth.ts"));
        assert!(world.inlines(&Qwik, "PUBLIC_A", EnvRoot::ImportMeta, ReadForm::Member));
        assert!(!world.inlines(&Qwik, "A", EnvRoot::ImportMeta, ReadForm::Member));
    }
}
