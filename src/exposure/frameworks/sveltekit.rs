//! SvelteKit, versions 2 and 3.

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

/// SvelteKit.
pub(super) struct SvelteKit;

fn config<'a>(app: &'a App<'_>) -> &'a Value {
    app.config(&["svelte.config"]).map_or(&Value::Unknown, |(_, value)| value.get("kit"))
}

fn prefix(app: &App<'_>) -> String {
    config(app).get("env").get("publicPrefix").text().unwrap_or("PUBLIC_").to_owned()
}

fn is_version_3(app: &App<'_>) -> bool {
    app.package.as_ref().and_then(|package| package.major("@sveltejs/kit")) >= Some(3)
}

/// Whether a file is one of which a client gets nothing.
fn is_server(app: &App<'_>, path: &str) -> bool {
    let Some(relative) = app.relative(path) else { return false };
    let name = paths::name(relative);
    let is_named = name.contains(".server.") || name == "+server.ts" || name == "+server.js";
    let is_beside = |folder: &str| relative.starts_with(folder);
    is_named
        || is_beside("src/lib/server/")
        || (is_version_3(app)
            && !is_beside("src/routes/")
            && !is_beside("static/")
            && (paths::folder(relative).split('/').any(|part| part == "server")
                || paths::module(name) == Some("server")))
}

impl Framework for SvelteKit {
    fn name(&self) -> &'static str {
        "sveltekit"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("@sveltejs/kit")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (path, rest) in paths::below(app, "src/routes") {
            let name = paths::name(rest);
            let stem = name.split('.').next().unwrap_or_default();
            let is_server = name.contains(".server.") || stem == "+server";
            match stem {
                _ if is_server => entries.push(Entry::server(path, "server route of SvelteKit")),
                "+page" | "+layout" | "+error"
                    if name.ends_with(".svelte") || name.contains("@") =>
                {
                    entries.push(Entry::client(path, "component of a SvelteKit route"));
                    entries.push(Entry::server(path, "component that the server renders first"));
                }
                "+page" | "+layout" if paths::is_module(path) => {
                    entries.push(Entry::client(path, "universal load of a SvelteKit route"));
                    entries
                        .push(Entry::server(path, "universal load, which the server runs first"));
                }
                _ => {}
            }
        }
        for path in paths::named(
            app,
            &["src/hooks.client", "src/hooks", "src/service-worker", "src/service-worker/index"],
        ) {
            entries.push(Entry::client(&path, "hook that the browser runs"));
        }
        for path in
            paths::named(app, &["src/hooks.server", "src/hooks", "src/instrumentation.server"])
        {
            entries.push(Entry::server(&path, "hook that the server runs"));
        }
        let within = app.files.iter().filter(|path| is_server(app, path) && paths::is_module(path));
        entries.extend(within.map(|path| Entry::server(path, "module for the server only")));
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        is_server(app, path).then(|| "module for the server only: the build fails".to_owned())
    }

    fn inlining(&self, app: &App<'_>, read: &Read<'_>) -> Inlining {
        if read.root == EnvRoot::PublicModule {
            let is_declared = is_version_3(app) || read.name.starts_with(&prefix(app));
            return Inlining::when(
                is_declared,
                "public variables of SvelteKit are part of every page",
            );
        }
        vite::inlining(app, read)
    }

    fn handed_over(&self, _app: &App<'_>, path: &str, _module: &Module) -> Vec<Handover> {
        let name = paths::name(path);
        let is_data = name.starts_with("+page.server.") || name.starts_with("+layout.server.");
        if !is_data {
            return Vec::new();
        }
        vec![
            Handover::new("load", "", "what load returns is sent to the browser"),
            Handover::new("actions", "", "what an action returns is sent to the browser"),
        ]
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        vec![prefix(app)]
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let lib = config(app).get("files").get("lib").text().unwrap_or("src/lib");
        let mut aliases = vec![("$lib".to_owned(), app.path(lib))];
        for field in config(app).get("alias").fields() {
            let target = field.value.text().and_then(paths::clean);
            let name = field.key.trim_end_matches("/*").to_owned();
            let target = target.map(|target| target.trim_end_matches("/*").to_owned());
            aliases.extend(target.map(|target| (name, app.path(&target))));
        }
        aliases
    }

    fn configured(&self, app: &App<'_>) -> Vec<Leak> {
        let note = "public: true makes the variable part of every page";
        let inlined = Inlined { app, framework: self.name(), note };
        let mut leaks = vite::configured(app, self.name());
        if let Some((_, value)) = app.config(&["src/env"]) {
            let all =
                value.fields().iter().flat_map(|field| field.value.fields().iter().chain([field]));
            let public = all.filter(|field| field.value.get("public").is_true());
            leaks.extend(public.filter_map(|field| inlined.name(&field.key, &field.at)));
        }
        leaks
    }
}
