//! SolidStart: routes of Vite that run on both sides, with functions that stay on the server.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead, directive,
};
use crate::frameworks::sending_call::{ANSWER, HEADER, SendingCall};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{file_routes, nuxt, paths, vite};
use crate::js::conventions::{ConstantMeaning, KnownConstant};
use crate::js::guard::Absence;
use crate::js::ir::Module;

/// SolidStart.
pub(crate) struct SolidStart;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@solidjs/start", "solid-start"],
    app_packages: &["vinxi"],
    constants: &[KnownConstant {
        package: "solid-js/web",
        name: "isServer",
        meaning: ConstantMeaning::Server,
    }],
    sending_calls: &[
        SendingCall::answering("setHeader", HEADER),
        SendingCall::answering("setHeaders", HEADER),
        SendingCall::answering("appendHeader", HEADER),
    ],
    response_packages: &["@solidjs/"],
    static_folders: &[StaticFolder::public(&["@solidjs/start", "vinxi"])],
    fix_hints: FixHints {
        file: "a server route such as src/routes/api/token.ts",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::SolidStart,
        "SolidStart",
        FrameworkDocs {
            entries: "`routes/**`, `app`, `root`, `entry-client`",
            cut: "`'use server'`; `GET`, `POST`, … of routes",
            values: "as Vite",
        },
    )
};

impl Framework for SolidStart {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = file_routes::entries(app, |_| true);
        for path in paths::named(app, &["src/app", "src/root", "src/entry-client"]) {
            entries.push(EntryPoint::client(&path, "entry of the browser"));
        }
        for path in
            paths::named(app, &["src/entry-server", "src/middleware", "src/middleware/index"])
        {
            entries.push(EntryPoint::server(&path, "entry of the server"));
        }
        for path in modules.paths() {
            let server = modules.module(path).and_then(|module| directive(module, "use server"));
            if let Some(server) = server {
                entries.push(EntryPoint::server(path, "'use server' directive").at(server.span));
            }
        }
        entries
    }

    fn boundary(&self, _app: &App<'_>, _path: &str, module: &Module) -> Option<String> {
        let is_server = directive(module, "use server").is_some();
        is_server.then(|| "'use server' directive: the client gets a reference".to_owned())
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        let is_route = file_routes::is_in_routes(app, path);
        if is_route { &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] } else { &[] }
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        vite::inlining(app, read)
    }

    fn sent_results(&self, app: &App<'_>, path: &str, module: &Module) -> Vec<SentResult> {
        if directive(module, "use server").is_some() {
            let note = "what a server function returns is sent to the browser";
            return vec![SentResult::new("*", "", note)];
        }
        let handlers = self.stripped(app, path).iter();
        handlers.map(|name| SentResult::new(name, "", ANSWER)).collect()
    }

    fn is_document(&self, app: &App<'_>, path: &str) -> bool {
        app.relative(path).and_then(paths::module) == Some("src/entry-server")
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let mut settings = vite::shipped_settings(app);
        let config = app.config(&["app.config"]).map_or(&Value::Unknown, |(_, config)| config);
        settings.extend(nuxt::route_rules(config.get("server").get("routeRules")));
        settings
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        vec![("~".to_owned(), app.path("src"))]
    }

    fn server_rendering(&self, app: &App<'_>) -> Option<ServerRendering> {
        let config = app.config(&["app.config", "vite.config"]).map(|(_, config)| config);
        let is_off = config.is_some_and(|config| config.get("ssr").is_false());
        (!is_off).then_some(ServerRendering::PROCESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    #[test]
    fn server_functions_stay_on_the_server() {
        let package = ("package.json", r#"{"dependencies": {"@solidjs/start": "1.1.0"}}"#);
        let world = World::new(&[
            package,
            ("src/app.tsx", ""),
            ("src/routes/index.tsx", ""),
            ("src/middleware.ts", ""),
            ("src/lib/api.ts", "'use server'"),
        ]);
        let client = ["src/app.tsx", "src/routes/index.tsx"];
        let server = ["src/routes/index.tsx", "src/middleware.ts", "src/lib/api.ts"];
        assert_eq!(world.entries(&SolidStart), sides(&client, &server));
        assert!(world.is_cut(&SolidStart, "src/lib/api.ts"));
        assert!(SolidStart.stripped(&world.app(), "src/routes/index.tsx").contains(&"POST"));
        assert!(SolidStart.stripped(&world.app(), "src/lib/a.ts").is_empty());
    }
}
