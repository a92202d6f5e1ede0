//! React Router in framework mode, and its predecessor Remix.

use crate::app::App;
use crate::artifacts::framework_folders::StaticFolder;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead,
};
use crate::frameworks::{paths, vite};
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;

/// React Router in framework mode, and Remix.
pub(crate) struct ReactRouter;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@react-router/dev", "@remix-run/dev", "@remix-run/react", "@remix-run/node"],
    marker_modules: &["react-router.config", "remix.config"],
    app_packages: &["@react-router/dev", "@remix-run/dev", "@remix-run/react"],
    response_packages: &["@remix-run/", "react-router", "remix-typedjson"],
    static_folders: &[StaticFolder::public(&["@react-router/dev", "@remix-run/react"])],
    fix_hints: FixHints {
        file: "the action of a resource route such as app/routes/api.token.ts",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: Absence::OF_VITE,
    ..FrameworkFacts::new(
        FrameworkId::ReactRouter,
        "React Router, Remix",
        FrameworkDocs {
            entries: "route modules, `root`, `entry.client`",
            cut: "`*.server`, `.server`; `loader`, `action`, `middleware`, `headers`",
            values: "as Vite",
        },
    )
};

/// The exports that the client version of a route lacks (`SERVER_ONLY_ROUTE_EXPORTS` of
/// @react-router/dev).
const STRIPPED: [&str; 5] = ["loader", "action", "middleware", "headers", "unstable_middleware"];

/// The exports that the client version of a route takes (`CLIENT_ROUTE_EXPORTS` of @react-router/dev, and
/// those of version 1 of Remix). Bundlers drop the rest if no module imports it.
const TAKEN: [&str; 15] = [
    "CatchBoundary",
    "ErrorBoundary",
    "HydrateFallback",
    "Layout",
    "clientAction",
    "clientLoader",
    "clientMiddleware",
    "default",
    "handle",
    "links",
    "meta",
    "shouldRevalidate",
    "unstable_clientMiddleware",
    "unstable_handle",
    "unstable_shouldReload",
];

/// Where the client code of a route begins.
fn route_entries(path: &str, modules: &dyn Modules) -> Vec<EntryPoint> {
    let entry = EntryPoint::client(path, "route component");
    let exports = modules.module(path).map(|module| &*module.exports).unwrap_or_default();
    let taken = exports.iter().filter(|export| TAKEN.contains(&&*export.name));
    let mut entries: Vec<EntryPoint> = taken
        .map(|export| EntryPoint { export: Some(export.name.clone()), ..entry.clone() })
        .collect();
    let has_others = entries.len() < exports.len() && !entries.is_empty();
    entries.push(if has_others { entry.left_out(Absence::Unused) } else { entry });
    entries
}

fn folder(app: &App<'_>) -> String {
    let config = app.config(&["react-router.config", "remix.config"]);
    let given =
        config.and_then(|(_, value)| value.get("appDirectory").text().and_then(paths::clean));
    given.unwrap_or_else(|| "app".to_owned())
}

/// Tells which modules are routes.
struct Routes {
    /// The folder of the app, relative to that of its package.
    folder: String,
    /// The texts of `routes.ts` and of the lists that it imports, calls that quote the routes'
    /// files, each with the folder that its paths may begin at: that of the app, or its own.
    listed: Vec<(String, String)>,
    /// Set if the files in the folder `routes` are routes, too.
    is_by_file: bool,
    /// Set if files at any depth of it are routes, as in version 1 of Remix.
    is_nested: bool,
}

/// At most as many lists of routes are read.
const MAX_LISTS: usize = 100;

/// The text of a list of routes and of those that it imports, each with its own folder within that
/// of the app, which ends in `/` unless it is empty.
fn lists(app: &App<'_>, folder: &str, first: &str) -> Vec<(String, String)> {
    let mut paths = vec![first.to_owned()];
    let mut texts = Vec::new();
    let mut at = 0;
    while let Some(path) = paths.get(at).cloned().filter(|_| at < MAX_LISTS) {
        at += 1;
        let Ok(Some(bytes)) = app.state.read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let own = app.relative(&path).and_then(|path| path.rsplit_once('/')).map(|(own, _)| own);
        let own = own.unwrap_or_default();
        for rest in text.split("from ").skip(1) {
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))
            else {
                continue;
            };
            let specifier = rest[1..].split(quote).next().unwrap_or_default();
            let target = match specifier.split_once('/') {
                Some(("~" | "@", rest)) => paths::join(folder, rest),
                Some(("." | "..", _)) => paths::join(own, specifier),
                _ => None,
            };
            let found = target.and_then(|target| paths::find(app, &target));
            paths.extend(found.filter(|found| !paths.contains(found)));
        }
        let below = own.strip_prefix(folder).unwrap_or_default().trim_start_matches('/');
        let below = if below.is_empty() { String::new() } else { format!("{below}/") };
        texts.push((below, text));
    }
    texts
}

impl Routes {
    fn new(app: &App<'_>) -> Self {
        let folder = folder(app);
        let path = paths::named(app, &[&format!("{folder}/routes")]).into_iter().next();
        let listed = path.map_or(Vec::new(), |path| lists(app, &folder, &path));
        // `flatRoutes()`, `remixRoutesOptionAdapter(…)` and the like.
        let calls = ["flatRoutes", "fs-routes", "routes-option-adapter", "remix-flat-routes"];
        let is_by_file = listed.is_empty()
            || listed.iter().any(|(_, text)| calls.iter().any(|call| text.contains(call)));
        let remix = app.package.as_ref().and_then(|package| package.major("@remix-run/react"));
        Self { folder, listed, is_by_file, is_nested: remix == Some(1) }
    }

    /// True if a module, by its path relative to the package's folder, is a route.
    fn has(&self, relative: &str) -> bool {
        let inside = relative.strip_prefix(self.folder.as_str()).filter(|_| {
            paths::is_module(relative) && !has_test_name(relative) && !is_server(relative)
        });
        let Some(inside) = inside.and_then(|inside| inside.strip_prefix('/')) else { return false };
        if paths::module(inside) == Some("root") {
            return true;
        }
        let is_quoted = |text: &str, inside: &str| {
            let quotes = ['\'', '"', '`'];
            quotes.iter().any(|quote| {
                [format!("{quote}{inside}{quote}"), format!("{quote}./{inside}{quote}")]
                    .iter()
                    .any(|quoted| text.contains(quoted))
            })
        };
        let is_listed = |(own, text): &(String, String)| {
            let below = inside.strip_prefix(own.as_str()).filter(|_| !own.is_empty());
            is_quoted(text, inside) || below.is_some_and(|below| is_quoted(text, below))
        };
        if self.listed.iter().any(is_listed) {
            return true;
        }
        let Some(route) = inside.strip_prefix("routes/").filter(|_| self.is_by_file) else {
            return false;
        };
        // A folder is one route; other modules in it are not routes.
        match route.rsplit_once('/') {
            None => true,
            Some((folder, name)) => {
                let stem = paths::module(name).unwrap_or(name);
                let is_flat = !folder.contains('/') && matches!(stem, "route" | "index" | "_index");
                self.is_nested || is_flat || folder.split('/').all(|part| part.ends_with('+'))
            }
        }
    }
}

/// True for modules that clients cannot import: `x.server.ts`, or in a folder `.server`.
fn is_server(path: &str) -> bool {
    let name = paths::name(path);
    paths::folder(path).split('/').any(|part| part == ".server")
        || paths::module(name).is_some_and(|stem| stem.ends_with(".server"))
}

impl Framework for ReactRouter {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        let routes = Routes::new(app);
        for path in &app.files {
            if app.relative(path).is_some_and(|path| routes.has(path)) {
                entries.extend(route_entries(path, modules));
                entries.push(EntryPoint::server(path, "route that the server renders first"));
            }
        }
        let folder = routes.folder;
        for path in paths::named(app, &[&format!("{folder}/entry.client")]) {
            entries.push(EntryPoint::client(&path, "entry of the browser"));
        }
        for path in paths::named(
            app,
            &[&format!("{folder}/entry.server"), "server", "server/index", "server/app"],
        ) {
            entries.push(EntryPoint::server(&path, "entry of the server"));
        }
        let within = app.files.iter().filter(|path| is_server(path) && paths::is_module(path));
        entries.extend(within.map(|path| EntryPoint::server(path, "module for the server only")));
        entries
    }

    fn boundary(&self, _app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        is_server(path).then(|| "module for the server only: the build fails".to_owned())
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        let is_route = app.relative(path).is_some_and(|path| Routes::new(app).has(path));
        if is_route { &STRIPPED } else { &[] }
    }

    fn left_out(&self, _app: &App<'_>) -> Vec<Absence> {
        [Absence::OF_VITE, &[Absence::Unused]].concat()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        vite::inlining(app, read)
    }

    fn sent_results(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<SentResult> {
        if self.stripped(app, path).is_empty() {
            return Vec::new();
        }
        vec![
            SentResult::new("loader", "", "loader data is sent to the browser"),
            SentResult::new("action", "", "action data is sent to the browser"),
            SentResult::new("headers", "", "headers of the response are sent to whoever asks"),
            SentResult::value("meta", "meta is part of the page's HTML"),
            SentResult::value("links", "links are part of the page's HTML"),
        ]
    }

    fn is_document(&self, app: &App<'_>, path: &str) -> bool {
        let entry = format!("{}/entry.server", folder(app));
        app.relative(path).and_then(paths::module) == Some(&*entry)
    }

    fn server_rendering(&self, app: &App<'_>) -> Option<ServerRendering> {
        let config = app.config(&["react-router.config"]).map(|(_, config)| config);
        let is_off = config.is_some_and(|config| {
            config.get("ssr").is_false() && config.field("prerender").is_none()
        });
        (!is_off).then_some(ServerRendering::PROCESS)
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        vite::prefixes(app)
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        vec![("~".to_owned(), app.path(&folder(app)))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    const PACKAGE: (&str, &str) =
        ("package.json", r#"{"devDependencies": {"@react-router/dev": "7.5.0"}}"#);

    #[test]
    fn only_listed_modules_are_routes() {
        let world = World::new(&[
            PACKAGE,
            ("app/routes.ts", "export default [index('routes/home.tsx'), route('x', './x/y.tsx')]"),
            ("app/root.tsx", ""),
            ("app/entry.client.tsx", ""),
            ("app/routes/home.tsx", ""),
            ("app/routes/helper.ts", ""),
            ("app/x/y.tsx", ""),
            ("app/lib/ai.server.ts", ""),
        ]);
        let routes = ["app/root.tsx", "app/routes/home.tsx", "app/x/y.tsx"];
        assert_eq!(
            world.entries(&ReactRouter),
            sides(
                &[&routes[..], &["app/entry.client.tsx"]].concat(),
                &[&routes[..], &["app/lib/ai.server.ts"]].concat(),
            )
        );
        assert!(world.is_cut(&ReactRouter, "app/lib/ai.server.ts"));
        let app = world.app();
        assert!(ReactRouter.stripped(&app, "app/routes/home.tsx").contains(&"loader"));
        assert!(ReactRouter.stripped(&app, "app/routes/helper.ts").is_empty());
        let sent = ReactRouter.sent_results(&app, "app/x/y.tsx", &Module::default());
        let sent: Vec<&str> = sent.iter().map(|sent| sent.export.as_str()).collect();
        assert_eq!(sent, ["loader", "action", "headers", "meta", "links"]);
    }

    #[test]
    fn files_are_routes_by_their_places() {
        let flat = ("package.json", r#"{"dependencies": {"@remix-run/react": "2.9.0"}}"#);
        let nested = ("package.json", r#"{"dependencies": {"@remix-run/react": "1.19.0"}}"#);
        for (path, is_flat, is_nested) in [
            ("app/routes/_index.tsx", true, true),
            ("app/routes/about/route.tsx", true, true),
            ("app/routes/about/chart.tsx", false, true),
            ("app/routes/a.server.ts", false, false),
            ("app/lib/a.ts", false, false),
        ] {
            for (package, is_route) in [(flat, is_flat), (nested, is_nested)] {
                let world = World::new(&[package, (path, "")]);
                let stripped = ReactRouter.stripped(&world.app(), path);
                assert_eq!(!stripped.is_empty(), is_route, "{path} {}", package.1);
            }
        }
    }
}
