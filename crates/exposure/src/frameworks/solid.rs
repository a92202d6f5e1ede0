//! SolidStart and Qwik City: routes of Vite that run on both sides, with functions that stay on the
//! server.

use crate::app::App;
use crate::frameworks::framework::{
    EntryPoint, Framework, Handover, Inlining, Modules, VariableRead, directive,
};
use crate::frameworks::{paths, vite};
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;
use crate::variables::read::EnvRoot;

/// SolidStart.
pub(crate) struct SolidStart;

/// Qwik City.
pub(crate) struct Qwik;

fn routes(app: &App<'_>, is_route: impl Fn(&str) -> bool) -> Vec<EntryPoint> {
    let all = paths::below(app, "src/routes").into_iter().map(|(path, _)| path);
    let mut entries = Vec::new();
    for path in all.filter(|path| paths::is_module(path) && !has_test_name(path)) {
        if is_route(path) {
            entries.push(EntryPoint::client(path, "route component"));
        }
        entries.push(EntryPoint::server(path, "route that the server renders first"));
    }
    entries
}

fn is_in_routes(app: &App<'_>, path: &str) -> bool {
    app.relative(path).is_some_and(|path| path.starts_with("src/routes/"))
}

impl Framework for SolidStart {
    fn name(&self) -> &'static str {
        "solid-start"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("@solidjs/start") || app.depends_on("solid-start")
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = routes(app, |_| true);
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
        let is_route = is_in_routes(app, path);
        if is_route { &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] } else { &[] }
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        vite::inlining(app, read)
    }

    fn handed_over(&self, _app: &App<'_>, _path: &str, module: &Module) -> Vec<Handover> {
        let is_server = directive(module, "use server").is_some();
        let note = "what a server function returns is sent to the browser";
        if is_server { vec![Handover::new("*", "", note)] } else { Vec::new() }
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        vec![("~".to_owned(), app.path("src"))]
    }
}

impl Framework for Qwik {
    fn name(&self) -> &'static str {
        "qwik"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        ["@builder.io/qwik-city", "@qwik.dev/router", "@builder.io/qwik", "@qwik.dev/core"]
            .iter()
            .any(|package| app.depends_on(package))
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        // `plugin@name.ts` is middleware.
        let mut entries = routes(app, |path| !paths::name(path).starts_with("plugin"));
        for path in paths::named(app, &["src/root", "src/entry.dev"]) {
            entries.push(EntryPoint::client(&path, "entry of the browser"));
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        let is_plugin = is_in_routes(app, path) && paths::name(path).starts_with("plugin");
        is_plugin.then(|| "middleware that only the server runs".to_owned())
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        if !is_in_routes(app, path) {
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

    fn public_prefixes(&self, _app: &App<'_>) -> Vec<String> {
        vec!["PUBLIC_".to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};
    use crate::variables::read::ReadForm;

    #[test]
    fn solid_start_keeps_server_functions_on_the_server() {
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

    #[test]
    fn qwik_keeps_middleware_on_the_server() {
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
