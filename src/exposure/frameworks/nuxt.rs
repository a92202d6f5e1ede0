//! Nuxt, versions 3 and 4.

use super::super::app::App;
use super::super::facts::Module;
use super::super::leak::Leak;
use super::super::value::Value;
use super::Entry;
use super::EnvRoot;
use super::Framework;
use super::Handover;
use super::Inlining;
use super::Modules;
use super::Read;
use super::inlined::Inlined;
use super::paths;
use super::vite;

/// Nuxt.
pub(super) struct Nuxt;

/// Folders of which the app takes everything without an import, or by its router.
const FOLDERS: [&str; 9] = [
    "pages",
    "components",
    "composables",
    "layouts",
    "plugins",
    "middleware",
    "utils",
    "stores",
    "modules/runtime",
];

fn config<'a>(app: &'a App<'_>) -> &'a Value {
    app.config(&["nuxt.config"]).map_or(&Value::Unknown, |(_, value)| value)
}

/// The folder of the Vue app, relative to the app's.
fn source(app: &App<'_>) -> String {
    if let Some(folder) = config(app).get("srcDir").text().and_then(paths::clean) {
        return folder;
    }
    let is_new =
        ["app.vue", "pages", "components", "layouts", "composables", "plugins", "app.config.ts"];
    let has = |name: &&str| {
        app.has(&format!("app/{name}")) || !paths::below(app, &format!("app/{name}")).is_empty()
    };
    if is_new.iter().any(|name| has(name)) { "app".to_owned() } else { String::new() }
}

fn within<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

fn is_server(app: &App<'_>, path: &str) -> bool {
    let Some(relative) = app.relative(path) else { return false };
    let name = paths::name(relative);
    relative.starts_with("server/")
        || relative.contains("/server/api/")
        || name.ends_with(".server.vue")
        || paths::module(name).is_some_and(|stem| stem.ends_with(".server"))
}

impl Framework for Nuxt {
    fn name(&self) -> &'static str {
        "nuxt"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        ["nuxt", "nuxt3", "nuxt-nightly"].iter().any(|package| app.depends_on(package))
            || app.config(&["nuxt.config"]).is_some()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let source = source(app);
        let mut entries = Vec::new();
        for path in app.files.iter().filter(|path| paths::is_code(path) && !paths::is_test(path)) {
            let Some(relative) = app.relative(path) else { continue };
            if is_server(app, path) {
                entries.push(Entry::server(path, "server code of Nuxt"));
                continue;
            }
            let inside = within(relative, &source);
            let stem = inside.and_then(|path| path.rsplit_once('.')).map(|(stem, _)| stem);
            let is_top = matches!(stem, Some("app" | "error" | "app.config" | "router.options"));
            let is_taken = inside.is_some_and(|path| {
                FOLDERS.iter().any(|folder| within(path, folder).is_some_and(|rest| rest != path))
            });
            let why = if is_top {
                "root of the Nuxt app"
            } else if is_taken {
                "taken in by Nuxt without an import"
            } else if relative.starts_with("shared/") {
                "shared with the browser"
            } else {
                continue;
            };
            entries.push(Entry::client(path, why));
            entries.push(Entry::server(path, "rendered on the server first"));
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        is_server(app, path).then(|| "code for the server only".to_owned())
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        if read.root == EnvRoot::PublicRuntimeConfig {
            return Inlining::Yes("runtimeConfig.public is part of every page".to_owned());
        }
        vite::inlining(app, read)
    }

    fn handed_over(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<Handover> {
        let relative = app.relative(path).unwrap_or_default();
        let is_handler =
            ["server/api/", "server/routes/"].iter().any(|it| relative.starts_with(it));
        if !is_handler {
            return Vec::new();
        }
        vec![Handover::new("default", "", "what the handler returns is sent to whoever asks")]
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let source = app.path(&source(app));
        let source = source.trim_end_matches('/').to_owned();
        let mut aliases = vec![
            ("~~".to_owned(), app.root.clone()),
            ("@@".to_owned(), app.root.clone()),
            ("~".to_owned(), source.clone()),
            ("@".to_owned(), source),
            ("#shared".to_owned(), app.path("shared")),
        ];
        for field in config(app).get("alias").fields() {
            let target = paths::written(&field.value).first().and_then(|path| paths::clean(path));
            aliases.extend(target.map(|target| (field.key.to_string(), app.path(&target))));
        }
        aliases
    }

    fn configured(&self, app: &App<'_>) -> Vec<Leak> {
        let framework = self.name();
        let note = "runtimeConfig.public is part of every page";
        let mut leaks =
            Inlined { app, framework, note }.fields(config(app).get("runtimeConfig").get("public"));
        let note = "appConfig is part of the client bundle";
        leaks.extend(Inlined { app, framework, note }.fields(config(app).get("appConfig")));
        leaks.extend(vite::configured(app, framework));
        leaks
    }
}
