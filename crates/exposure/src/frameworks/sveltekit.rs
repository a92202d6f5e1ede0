//! SvelteKit, versions 2 and 3: routes run on both sides, modules for the server are kept apart.

use crate::app::App;
use crate::artifacts::framework_folders::{OutputFolder, StaticFolder};
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead, given,
    imports,
};
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::sending_call::{COOKIE, CallObject, HEADER, SendingCall, SentPart};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, vite};
use crate::js::conventions::{ConstantMeaning, KnownConstant};
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::project::conventions::has_test_name;
use crate::variables::conventions::VariableModule;
use crate::variables::read::EnvRoot;

/// SvelteKit.
pub(crate) struct SvelteKit;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["@sveltejs/kit"],
    app_packages: &["@sveltejs/kit"],
    app_prefixes: &["PUBLIC_"],
    variable_modules: &[
        private("$env/static/private", &[]),
        private("$env/dynamic/private", &["env"]),
        private("$app/env/private", &[]),
        public("$env/static/public", &[]),
        public("$env/dynamic/public", &["env"]),
        public("$app/env/public", &[]),
    ],
    constants: &[
        browser("$app/environment", "browser"),
        browser("$app/environment", "BROWSER"),
        browser("$app/env", "browser"),
        browser("$app/env", "BROWSER"),
        browser("esm-env", "browser"),
        browser("esm-env", "BROWSER"),
        development("$app/environment", "dev", Absence::SvelteKitDev),
        development("$app/env", "dev", Absence::SvelteKitDev),
        development("$app/environment", "building", Absence::SvelteKitBuilding),
        development("$app/env", "building", Absence::SvelteKitBuilding),
        development("esm-env", "DEV", Absence::EsmEnvDev),
    ],
    sending_calls: &[
        SendingCall::of_event("setHeaders", HEADER),
        SendingCall::of_event("cookies.set", COOKIE),
        SendingCall {
            object: CallObject::Nothing,
            function: "resolve",
            sends: SentPart::ResultsOfAll("transformPageChunk"),
            note: "transformPageChunk writes it into the page",
            is_unmistakable: false,
            package: "",
        },
    ],
    response_packages: &["@sveltejs/kit"],
    output_folders: &[OutputFolder {
        name: ".svelte-kit",
        client: &["output/client"],
        server: &["output/server"],
    }],
    asset_folders: &["_app"],
    static_folders: &[StaticFolder {
        path: "static",
        packages: &["@sveltejs/kit"],
        is_only: true,
        framework: Some(FrameworkId::SvelteKit),
    }],
    has_fixed_static_folder: true,
    fix_hints: FixHints {
        file: "a +server.ts such as src/routes/api/token/+server.ts",
        read: "{} from $env/static/private",
        option: "the public variables of src/env",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: &[
        Absence::EnvDev,
        Absence::IN_PRODUCTION,
        Absence::MetaHot,
        Absence::NodeEnv,
        Absence::EsmEnvDev,
        Absence::SvelteKitDev,
        Absence::SvelteKitBuilding,
        Absence::Never,
        Absence::Unreachable,
        Absence::UnusedData,
        Absence::UnusedProperty,
        Absence::UnusedMember,
        Absence::Pure,
    ],
    ..FrameworkFacts::new(
        FrameworkId::SvelteKit,
        "SvelteKit",
        FrameworkDocs {
            entries: "route components, universal `load`, hooks, service worker",
            cut: "`$lib/server`, `*.server.*`, `$env/*/private`; remote functions",
            values: "`$env/*/public`; as Vite",
        },
    )
};

const fn private(specifier: &'static str, objects: &'static [&'static str]) -> VariableModule {
    VariableModule { specifier, root: EnvRoot::PrivateModule, objects }
}

const fn public(specifier: &'static str, objects: &'static [&'static str]) -> VariableModule {
    VariableModule { specifier, root: EnvRoot::PublicModule, objects }
}

const fn development(package: &'static str, name: &'static str, absence: Absence) -> KnownConstant {
    KnownConstant { package, name, meaning: ConstantMeaning::Development(absence) }
}

const fn browser(package: &'static str, name: &'static str) -> KnownConstant {
    KnownConstant { package, name, meaning: ConstantMeaning::Client }
}

/// The options: `kit` of svelte.config; of the plugin `sveltekit(…)` of Vite since version 3.
fn config<'a>(app: &'a App<'_>) -> &'a Value {
    if let Some((_, value)) = app.config(&["svelte.config"]) {
        return value.get("kit");
    }
    let plugins = app.config(&["vite.config"]).map_or(&Value::Unknown, |it| it.1.get("plugins"));
    let options = plugins.elements().iter().find_map(|plugin| {
        let Value::CallResult(name, given) = plugin else { return None };
        given.first().filter(|_| &**name == "sveltekit")
    });
    options.unwrap_or(&Value::Unknown)
}

fn prefix(app: &App<'_>) -> String {
    config(app).get("env").get("publicPrefix").text().unwrap_or("PUBLIC_").to_owned()
}

fn is_version_3(app: &App<'_>) -> bool {
    app.package.as_ref().and_then(|package| package.major("@sveltejs/kit")) >= Some(3)
}

/// Modules of the framework that client code cannot import, not even through others.
const PRIVATE: [&str; 4] =
    ["$env/static/private", "$env/dynamic/private", "$app/env/private", "$app/server"];

/// True for modules of remote functions, for which a client gets callers.
fn is_remote(path: &str) -> bool {
    paths::module(paths::name(path)).is_some_and(|stem| stem.ends_with(".remote"))
}

/// True for files of which clients get nothing.
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

/// The option `ssr` of pages and layouts, by the path of their folder among the routes.
struct RenderingOptions {
    pages: Vec<(String, bool)>,
    layouts: Vec<(String, bool)>,
}

impl RenderingOptions {
    /// Reads the modules of `routes`, each with its path among them.
    fn new(app: &App<'_>, routes: &[(&str, &str)]) -> Self {
        let mut options = Self { pages: Vec::new(), layouts: Vec::new() };
        for (path, rest) in routes.iter().filter(|(path, _)| paths::is_module(path)) {
            let stem = paths::name(rest).split(['.', '@']).next().unwrap_or_default();
            let list = match stem {
                "+page" => &mut options.pages,
                "+layout" => &mut options.layouts,
                _ => continue,
            };
            let bytes = app.state.read(path).ok().flatten().unwrap_or_default();
            let text: String = String::from_utf8_lossy(&bytes).split_whitespace().collect();
            let found = ["false", "true"]
                .into_iter()
                .find(|value| text.contains(&format!("exportconstssr={value}")));
            if let Some(value) = found {
                list.push((paths::folder(rest).to_owned(), value == "true"));
            }
        }
        options
    }

    /// True if servers render a file of a route, by its path among the routes: the nearest option
    /// decides.
    fn is_rendered(&self, rest: &str) -> bool {
        let set = |list: &[(String, bool)], folder: &str| {
            list.iter().find(|(own, _)| own == folder).map(|(_, value)| *value)
        };
        let mut folder = paths::folder(rest);
        let is_page = paths::name(rest).starts_with("+page");
        if is_page && let Some(value) = set(&self.pages, folder) {
            return value;
        }
        loop {
            if let Some(value) = set(&self.layouts, folder) {
                return value;
            }
            if folder.is_empty() {
                return true;
            }
            folder = paths::folder(folder);
        }
    }
}

impl Framework for SvelteKit {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_configuration(&self, path: &str) -> bool {
        matches!(path, "src/env.ts" | "src/env.js")
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        let routes = config(app).get("files").get("routes").text().and_then(paths::clean);
        let routes = paths::below(app, routes.as_deref().unwrap_or("src/routes"));
        let options = RenderingOptions::new(app, &routes);
        for &(path, rest) in &routes {
            let name = paths::name(rest);
            // `+page@(app).svelte` uses another layout.
            let stem = name.split(['.', '@']).next().unwrap_or_default();
            let is_server = name.contains(".server.") || stem == "+server";
            match stem {
                _ if is_server => {
                    entries.push(EntryPoint::server(path, "server route of SvelteKit"));
                }
                "+page" | "+layout" | "+error" if name.ends_with(".svelte") => {
                    entries.push(EntryPoint::client(path, "component of a SvelteKit route"));
                    if options.is_rendered(rest) {
                        let why = "component that the server renders first";
                        entries.push(EntryPoint::server(path, why));
                    }
                }
                "+page" | "+layout" if paths::is_module(path) => {
                    entries.push(EntryPoint::client(path, "universal load of a SvelteKit route"));
                    if options.is_rendered(rest) {
                        let why = "universal load, which the server runs first";
                        entries.push(EntryPoint::server(path, why));
                    }
                }
                _ => {}
            }
        }
        for path in paths::named(
            app,
            &["src/hooks.client", "src/hooks", "src/service-worker", "src/service-worker/index"],
        ) {
            entries.push(EntryPoint::client(&path, "hook that the browser runs"));
        }
        for path in
            paths::named(app, &["src/hooks.server", "src/hooks", "src/instrumentation.server"])
        {
            entries.push(EntryPoint::server(&path, "hook that the server runs"));
        }
        for (path, _) in paths::below(app, "src/params") {
            if paths::is_module(path) && !has_test_name(path) {
                entries.push(EntryPoint::client(path, "matcher of SvelteKit's router"));
            }
        }
        let of_server = |path: &&String| is_server(app, path) || is_remote(path);
        let within = app.files.iter().filter(|path| of_server(path) && paths::is_module(path));
        entries.extend(within.map(|path| EntryPoint::server(path, "module for the server only")));
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, module: &Module) -> Option<String> {
        if is_remote(path) {
            return Some("remote functions: the client calls them over the network".to_owned());
        }
        let is_cut = is_server(app, path) || imports(module, &PRIVATE).is_some();
        is_cut.then(|| "module for the server only: the build fails".to_owned())
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if read.root == EnvRoot::PublicModule {
            let is_declared = is_version_3(app) || read.name.starts_with(&prefix(app));
            return Inlining::when(
                is_declared,
                "public variables of SvelteKit are part of every page",
            );
        }
        vite::inlining(app, read)
    }

    fn inlining_in_page(&self, app: &App<'_>, path: &str, name: &str) -> Inlining {
        // `%sveltekit.env.PUBLIC_X%`
        let is_page = app.relative(path) == Some("src/app.html");
        Inlining::when(
            is_page && (is_version_3(app) || name.starts_with(&prefix(app))),
            "SvelteKit writes it into the page",
        )
    }

    fn sent_results(&self, _app: &App<'_>, path: &str, _module: &Module) -> Vec<SentResult> {
        let name = paths::name(path);
        let is_data = name.starts_with("+page.server.") || name.starts_with("+layout.server.");
        if is_remote(path) {
            return vec![SentResult::new(
                "*",
                "",
                "what a remote function returns is sent to the browser",
            )];
        }
        if name.starts_with("hooks.server.") {
            let note = "what handleError returns is part of the error page";
            return vec![SentResult::new("handleError", "", note)];
        }
        if !is_data {
            return Vec::new();
        }
        vec![
            SentResult::new("load", "", "what load returns is sent to the browser"),
            SentResult::new("actions", "", "what an action returns is sent to the browser"),
        ]
    }

    fn server_rendering(&self, _app: &App<'_>) -> Option<ServerRendering> {
        Some(ServerRendering::PROCESS)
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        vec![prefix(app)]
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let lib = config(app).get("files").get("lib").text().unwrap_or("src/lib");
        let mut aliases = vec![("$lib".to_owned(), app.path(lib))];
        for field in config(app).get("alias").fields() {
            let target = paths::written(&field.value).first().and_then(|path| paths::clean(path));
            let name = field.key.trim_end_matches("/*").to_owned();
            let target = target.map(|target| target.trim_end_matches("/*").to_owned());
            aliases.extend(target.map(|target| (name, app.path(&target))));
        }
        aliases
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        vite::published_maps(app)
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "public: true makes the variable part of every page";
        let mut settings = vite::shipped_settings(app);
        let site = "it is in every page";
        for (part, name) in [("paths", "assets"), ("paths", "base"), ("version", "name")] {
            settings.push(ShippedSetting::property(config(app).get(part), name, site));
        }
        let policy = config(app).get("csp");
        for name in ["directives", "reportOnly"] {
            let note = "the policy is sent with every page";
            settings.push(ShippedSetting::property(policy, name, note));
        }
        if let Some((_, value)) = app.config(&["src/env"]) {
            // `export const variables = defineEnvVars({ … })`
            let variables = value.field("variables").map_or(value, |field| &field.value);
            let all = given(variables).fields().iter();
            let public = all.filter(|field| field.value.get("public").is_true());
            settings
                .extend(public.map(|field| ShippedSetting::variable(&*field.key, &field.at, note)));
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, made, object, sides, variable, yes};
    use crate::variables::read::ReadForm;

    const PACKAGE: (&str, &str) =
        ("package.json", r#"{"devDependencies": {"@sveltejs/kit": "^2.15.0"}}"#);
    const NEXT: (&str, &str) =
        ("package.json", r#"{"devDependencies": {"@sveltejs/kit": "3.0.0-next.16"}}"#);

    #[test]
    fn routes_run_on_both_sides_except_server_routes() {
        let world = World::new(&[
            PACKAGE,
            ("src/hooks.client.ts", ""),
            ("src/hooks.server.ts", ""),
            ("src/lib/a.ts", ""),
            ("src/lib/server/db.ts", ""),
            ("src/params/id.ts", ""),
            ("src/routes/+layout@.svelte", ""),
            ("src/routes/+page.server.ts", ""),
            ("src/routes/+page.ts", ""),
            ("src/routes/data.remote.ts", ""),
            ("src/routes/key/+server.ts", ""),
            ("src/service-worker.ts", ""),
        ]);
        assert_eq!(
            world.entries(&SvelteKit),
            sides(
                &[
                    "src/hooks.client.ts",
                    "src/params/id.ts",
                    "src/routes/+layout@.svelte",
                    "src/routes/+page.ts",
                    "src/service-worker.ts",
                ],
                &[
                    "src/hooks.server.ts",
                    "src/lib/server/db.ts",
                    "src/routes/+layout@.svelte",
                    "src/routes/+page.server.ts",
                    "src/routes/+page.ts",
                    "src/routes/data.remote.ts",
                    "src/routes/key/+server.ts",
                ],
            )
        );
    }

    #[test]
    fn modules_for_the_server_are_boundaries() {
        let files = [
            ("src/lib/server/db.ts", "", true, true),
            ("src/lib/a.server.ts", "", true, true),
            ("src/lib/a.ts", "import '$env/static/private'", true, true),
            ("src/lib/b.ts", "import '$env/static/public'", false, false),
            ("src/server/c.ts", "", false, true),
            ("src/routes/server/d.ts", "", false, false),
            ("src/lib/data.remote.ts", "", true, true),
        ];
        for (path, text, in_2, in_3) in files {
            for (package, is_cut) in [(PACKAGE, in_2), (NEXT, in_3)] {
                let world = World::new(&[package, (path, text)]);
                assert_eq!(world.is_cut(&SvelteKit, path), is_cut, "{path} {}", package.1);
            }
        }
    }

    #[test]
    fn data_of_the_server_is_sent() {
        let world = World::new(&[PACKAGE]);
        let exports = |path: &str| -> Vec<String> {
            let all = SvelteKit.sent_results(&world.app(), path, &Module::default());
            all.into_iter().map(|sent| sent.export).collect()
        };
        assert_eq!(exports("src/routes/+page.server.ts"), ["load", "actions"]);
        assert_eq!(exports("src/routes/a.remote.ts"), ["*"]);
        assert!(exports("src/routes/+page.ts").is_empty());
    }

    #[test]
    fn only_public_variables_are_inlined() {
        let world = World::new(&[PACKAGE]);
        let public =
            |name| world.inlines(&SvelteKit, name, EnvRoot::PublicModule, ReadForm::Member);
        assert!(public("PUBLIC_A"));
        assert!(!public("A"));
        assert!(!world.inlines(&SvelteKit, "A", EnvRoot::PrivateModule, ReadForm::Member));
        let given = object([("MAGICX_SECRET_KEY", object([("public", yes())]))]);
        let variables = object([("variables", made("defineEnvVars", [given.clone()]))]);
        for value in [variables, object([("variables", given)])] {
            let world = World::new(&[NEXT]).config("src/env.ts", value);
            assert_eq!(world.leaks(&SvelteKit), ["config:0 Name(\"MAGICX_SECRET_KEY\")"]);
        }
        let server = object([("server", variable("A"))]);
        assert!(
            World::new(&[PACKAGE]).config("vite.config.ts", server).leaks(&SvelteKit).is_empty()
        );
    }
}
