//! React Router in framework mode, and Remix, which it comes from.

use super::super::app::App;
use super::super::facts::Module;
use super::Entry;
use super::Framework;
use super::Handover;
use super::Inlining;
use super::Modules;
use super::Read;
use super::paths;
use super::vite;

/// React Router and Remix.
pub(super) struct ReactRouter;

/// The exports of a route that its client version does not have (`SERVER_ONLY_ROUTE_EXPORTS` of
/// @react-router/dev).
const STRIPPED: [&str; 5] = ["loader", "action", "middleware", "headers", "unstable_middleware"];

fn folder(app: &App<'_>) -> String {
    let config = app.config(&["react-router.config", "remix.config"]);
    let given =
        config.and_then(|(_, value)| value.get("appDirectory").text().and_then(paths::clean));
    given.unwrap_or_else(|| "app".to_owned())
}

/// The modules of routes: those that `routes.ts` names, and those in the folder of routes.
fn routes(app: &App<'_>) -> Vec<String> {
    let folder = folder(app);
    let mut found = Vec::new();
    for path in paths::named(app, &[&format!("{folder}/routes")]) {
        let Ok(Some(bytes)) = app.state.read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        // The file is a list of calls; what it quotes and is a file is a route.
        for part in text.split(['\'', '"', '`']).filter(|part| part.contains('.')) {
            found.extend(
                paths::join(&folder, part).filter(|path| app.has(path)).map(|path| app.path(&path)),
            );
        }
    }
    for (path, _) in paths::below(app, &format!("{folder}/routes")) {
        if paths::is_module(path) && !paths::is_test(path) && !is_server(path) {
            found.push(path.to_owned());
        }
    }
    found.extend(paths::named(app, &[&format!("{folder}/root")]));
    found.sort();
    found.dedup();
    found
}

/// Whether a module is kept from clients: `x.server.ts`, or in a folder `.server`.
fn is_server(path: &str) -> bool {
    let name = paths::name(path);
    paths::folder(path).split('/').any(|part| part == ".server")
        || name.ends_with(".server")
        || paths::module(name).is_some_and(|stem| stem.ends_with(".server"))
}

impl Framework for ReactRouter {
    fn name(&self) -> &'static str {
        "react-router"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        let packages =
            ["@react-router/dev", "@remix-run/dev", "@remix-run/react", "@remix-run/node"];
        packages.iter().any(|package| app.depends_on(package))
            || app.config(&["react-router.config", "remix.config"]).is_some()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let mut entries = Vec::new();
        for path in routes(app) {
            entries.push(Entry::client(&path, "route component"));
            entries.push(Entry::server(&path, "route that the server renders first"));
        }
        let folder = folder(app);
        for path in paths::named(app, &[&format!("{folder}/entry.client")]) {
            entries.push(Entry::client(&path, "entry of the browser"));
        }
        for path in paths::named(
            app,
            &[&format!("{folder}/entry.server"), "server", "server/index", "server/app"],
        ) {
            entries.push(Entry::server(&path, "entry of the server"));
        }
        let within = app.files.iter().filter(|path| is_server(path) && paths::is_module(path));
        entries.extend(within.map(|path| Entry::server(path, "module for the server only")));
        entries
    }

    fn boundary(&self, _app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        is_server(path).then(|| "module for the server only: the build fails".to_owned())
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        let folder = folder(app);
        let is_near =
            app.relative(path).is_some_and(|path| path.starts_with(&format!("{folder}/")));
        if is_near && routes(app).iter().any(|route| route == path) { &STRIPPED } else { &[] }
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        vite::inlining(app, read)
    }

    fn handed_over(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<Handover> {
        if self.stripped(app, path).is_empty() {
            return Vec::new();
        }
        vec![
            Handover::new("loader", "", "loader data is sent to the browser"),
            Handover::new("action", "", "action data is sent to the browser"),
        ]
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        vec![("~".to_owned(), app.path(&folder(app)))]
    }
}
