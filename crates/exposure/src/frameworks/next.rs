//! Next.js: the app router and the pages router.

use crate::app::App;
use crate::artifacts::framework_folders::{OutputFolder, StaticFolder};
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::runtime_config::RuntimeConfig;
use crate::eval::value::{Field, Value};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead, directive,
    imports,
};
use crate::frameworks::published_maps::PublishedMaps;
use crate::frameworks::sending_call::{HEADER, REDIRECT};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::style_settings::before_styles;
use crate::frameworks::{next_intl, paths, webpack};
use crate::js::conventions::ServerVariable;
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::variables::conventions::RuntimeConfigFunction;
use crate::variables::read::{EnvRoot, ReadForm};

/// Next.js.
pub(crate) struct Next;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["next"],
    marker_modules: &["next.config"],
    app_packages: &["next"],
    public_prefixes: &["NEXT_PUBLIC_"],
    runtime_config_functions: &[RuntimeConfigFunction::Package("next/config")],
    server_variables: &[ServerVariable { name: "NEXT_RUNTIME", values: &["nodejs", "edge"] }],
    response_packages: &["next/navigation"],
    has_server_components: true,
    markup_modules: &[
        "next/document",
        "next/form",
        "next/head",
        "next/image",
        "next/link",
        "next/script",
    ],
    output_folders: &[OutputFolder {
        name: ".next",
        client: &["static", "dev/static"],
        server: &["server", "standalone", "dev/server", "build"],
    }],
    asset_folders: &["_next"],
    static_folders: &[StaticFolder::public(&["next"])],
    has_fixed_static_folder: true,
    fix_hints: FixHints {
        file: "a route handler such as app/api/token/route.ts",
        option: "env or publicRuntimeConfig of next.config",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    ..FrameworkFacts::new(
        FrameworkId::Next,
        "Next.js",
        FrameworkDocs {
            entries: "`'use client'`, `pages/**`, `instrumentation-client`",
            cut: "`'use server'`, `server-only`, `pages/api`; `getServerSideProps`, `getStaticProps`, `getStaticPaths`",
            values: "`process.env.NEXT_PUBLIC_*` by its plain name; `env`, `compiler.define` and plugins of `webpack` (not under `isServer`) of next.config; `publicRuntimeConfig` of `getConfig()`; `assetPrefix`, `basePath`, `generateBuildId`",
        },
    )
};

/// Names of files of the app router that the server renders, without extension.
const SEGMENT: [&str; 19] = [
    "apple-icon",
    "default",
    "error",
    "forbidden",
    "global-error",
    "global-not-found",
    "icon",
    "layout",
    "loading",
    "manifest",
    "not-found",
    "opengraph-image",
    "page",
    "robots",
    "route",
    "sitemap",
    "template",
    "twitter-image",
    "unauthorized",
];

/// The role of a file by its path.
enum Role {
    /// A page of the pages router, also `_app` and `_error`.
    Page,
    /// `_document`.
    Document,
    /// Below `pages/api`.
    Api,
    /// A `route` file of the app router.
    Route,
    /// Another file of the app router with a special name.
    Segment,
    /// `instrumentation-client`.
    ClientInstrumentation,
    /// `middleware`, `proxy` or `instrumentation`.
    ServerHook,
}

/// The path below the folder of a router, which is at the top or else in `src`.
fn in_router<'p>(app: &App<'_>, path: &'p str, name: &str) -> Option<&'p str> {
    let below = |path: &'p str| path.strip_prefix(name)?.strip_prefix('/');
    let (rest, is_at_top) = match below(path) {
        Some(rest) => (rest, true),
        None => (path.strip_prefix("src/").and_then(below)?, false),
    };
    (paths::has_folder(app, name) == is_at_top).then_some(rest)
}

fn config<'a>(app: &'a App<'_>) -> &'a Value {
    app.config(&["next.config"]).map_or(&Value::Unknown, |(_, value)| value)
}

/// True before version 16, which removed it.
fn has_runtime_config(app: &App<'_>) -> bool {
    app.package.as_ref().and_then(|package| package.major("next")).is_none_or(|it| it < 16)
}

impl Next {
    fn role(app: &App<'_>, path: &str) -> Option<Role> {
        let relative = app.relative(path)?;
        let stem = paths::module(relative)?;
        if let Some(page) = in_router(app, stem, "pages") {
            let mut endings = config(app).get("pageExtensions").elements().iter().peekable();
            let is_page = endings.peek().is_none()
                || endings.filter_map(Value::text).any(|ending| relative.ends_with(ending));
            let role = match page.split('/').next() {
                Some("api") => Role::Api,
                Some("_document") => Role::Document,
                _ => Role::Page,
            };
            return is_page.then_some(role);
        }
        if let Some(within) = in_router(app, stem, "app") {
            // Folders with `_` in front are private.
            if paths::has_part(paths::folder(within), '_') {
                return None;
            }
            let name = paths::name(stem);
            // `icon1.tsx` is the second icon of a folder.
            let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
            return SEGMENT.contains(&name).then_some(match name {
                "route" => Role::Route,
                _ => Role::Segment,
            });
        }
        match stem.strip_prefix("src/").unwrap_or(stem) {
            "instrumentation-client" => Some(Role::ClientInstrumentation),
            "middleware" | "proxy" | "instrumentation" => Some(Role::ServerHook),
            _ => None,
        }
    }
}

/// The effect of the parameters of pages that are made while the app is built.
const PARAMETERS: &str = "the parameters of a page are in its address and in the page";

impl Framework for Next {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        next_intl::messages(app)
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for path in modules.paths() {
            let Some(module) = modules.module(path).filter(|_| paths::is_module(path)) else {
                continue;
            };
            let client = directive(module, "use client");
            match Self::role(app, path) {
                Some(Role::Page) => {
                    entries.push(EntryPoint::client(path, "page of the pages router"));
                    entries.push(EntryPoint::server(path, "page that the server renders first"));
                }
                Some(Role::Document) => {
                    entries.push(EntryPoint::server(path, "document that only the server renders"));
                }
                Some(Role::Api) => entries.push(EntryPoint::server(path, "API route")),
                Some(Role::Route) => entries.push(EntryPoint::server(path, "route handler")),
                Some(Role::Segment) => {
                    let why = match client {
                        None => "server component of the app router",
                        Some(_) => "component that the server renders first",
                    };
                    entries.push(EntryPoint::server(path, why));
                }
                Some(Role::ClientInstrumentation) => {
                    entries.push(EntryPoint::client(
                        path,
                        "instrumentation-client, run by the browser",
                    ));
                }
                Some(Role::ServerHook) => {
                    entries.push(EntryPoint::server(path, "hook that the server runs"));
                }
                None => {}
            }
            if let Some(client) = client {
                let entry = EntryPoint::client(path, "'use client' directive").at(client.span);
                let is_route = Self::role(app, path).is_some();
                entries.push(if is_route { entry } else { entry.by_name() });
            } else if let Some(server) = directive(module, "use server") {
                entries.push(EntryPoint::server(path, "'use server' directive").at(server.span));
            } else if let Some(span) = imports(module, &["server-only"]) {
                entries.push(EntryPoint::server(path, "imports server-only").at(span));
            }
        }
        entries
    }

    fn boundary(&self, app: &App<'_>, path: &str, module: &Module) -> Option<String> {
        if directive(module, "use server").is_some() {
            return Some("'use server' directive: the client gets a reference".to_owned());
        }
        if imports(module, &["server-only"]).is_some() {
            return Some("imports server-only: the build fails".to_owned());
        }
        match Self::role(app, path)? {
            Role::Api => Some("API route, which has a bundle of its own".to_owned()),
            Role::Document => Some("document that only the server renders".to_owned()),
            Role::Page
            | Role::Route
            | Role::Segment
            | Role::ClientInstrumentation
            | Role::ServerHook => None,
        }
    }

    fn stripped(&self, app: &App<'_>, path: &str) -> &'static [&'static str] {
        match Self::role(app, path) {
            Some(Role::Page) => &["getServerSideProps", "getStaticProps", "getStaticPaths"],
            _ => &[],
        }
    }

    fn left_out(&self, app: &App<'_>) -> Vec<Absence> {
        let mut all = Absence::OF_WEBPACK.to_vec();
        // SWC compiles TypeScript.
        all.push(Absence::UnusedMember);
        // Turbopack, the default since version 16, keeps data and objects whole.
        let version = app.package.as_ref().and_then(|package| package.major("next"));
        if version.is_none_or(|version| version >= 16) {
            all.retain(|it| !matches!(it, Absence::UnusedData | Absence::UnusedProperty));
        }
        all
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if let EnvRoot::PublicRuntimeConfig(_) = read.root
            && has_runtime_config(app)
        {
            return Inlining::Yes("publicRuntimeConfig is part of every page".to_owned());
        }
        // webpack treats `process.env['X']` as `process.env.X`, which the documentation does not say.
        let is_literal = matches!(read.form, ReadForm::Member | ReadForm::Index);
        if read.root != EnvRoot::Process || !is_literal {
            return Inlining::No;
        }
        if read.name.starts_with("NEXT_PUBLIC_") {
            return Inlining::Yes("Next.js inlines process.env.NEXT_PUBLIC_*".to_owned());
        }
        let env = config(app).get("env");
        let is_given = matches!(env, Value::Environment(..)) || env.field(read.name).is_some();
        if is_given {
            let why = "env of next.config inlines it without any prefix";
            return Inlining::Yes(why.to_owned());
        }
        if webpack::defines(config(app).get("compiler").get("define"), read) {
            return Inlining::Yes("compiler.define writes it into the code".to_owned());
        }
        webpack::bundled(app, config(app), read)
    }

    fn sent_results(&self, app: &App<'_>, path: &str, module: &Module) -> Vec<SentResult> {
        if directive(module, "use server").is_some() {
            return vec![SentResult::new(
                "*",
                "",
                "what a server action returns is sent to the browser",
            )];
        }
        match Self::role(app, path) {
            Some(Role::Page) => ["getServerSideProps", "getStaticProps"]
                .into_iter()
                .flat_map(|export| {
                    let props = "props are part of the page's HTML";
                    [
                        SentResult::new(export, "props", props),
                        SentResult::new(export, "redirect", REDIRECT),
                    ]
                })
                .chain([SentResult::new("getStaticPaths", "paths", PARAMETERS)])
                .collect(),
            Some(Role::Segment) => {
                let stem = paths::module(paths::name(path)).unwrap_or_default();
                if stem.starts_with("opengraph-image") || stem.starts_with("twitter-image") {
                    return vec![SentResult::value("alt", "it is part of the page's HTML")];
                }
                if ["manifest", "robots", "sitemap"].contains(&stem) {
                    return vec![SentResult::value("default", "the file is sent to whoever asks")];
                }
                let metadata = ["metadata", "generateMetadata", "viewport", "generateViewport"]
                    .map(|export| SentResult::value(export, "metadata is part of the page's HTML"));
                let parameters = SentResult::new("generateStaticParams", "", PARAMETERS);
                metadata.into_iter().chain([parameters]).collect()
            }
            _ => Vec::new(),
        }
    }

    fn server_rendering(&self, _app: &App<'_>) -> Option<ServerRendering> {
        let reads = |root| matches!(root, EnvRoot::Process | EnvRoot::RuntimeConfig(_));
        Some(ServerRendering { reads })
    }

    fn server_definitions(&self, app: &App<'_>) -> Vec<Field> {
        config(app).get("compiler").get("defineServer").fields().to_vec()
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        let config = config(app);
        let mut aliases = webpack::aliases(app, config.get("webpack"));
        for turbo in [config.get("turbopack"), config.get("experimental").get("turbo")] {
            aliases.extend(webpack::aliases_in(app, turbo.get("resolveAlias")));
        }
        aliases
    }

    fn runtime_config(&self, app: &App<'_>) -> Option<RuntimeConfig> {
        let is_meant =
            |field: &&Field| matches!(&*field.key, "serverRuntimeConfig" | "publicRuntimeConfig");
        let parts: Vec<Field> = config(app).fields().iter().filter(is_meant).cloned().collect();
        let is_used = has_runtime_config(app) && !parts.is_empty();
        let value = Value::Object(parts.into());
        is_used.then_some(RuntimeConfig { value, public: "publicRuntimeConfig", prefix: None })
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let config = config(app);
        let field = config.field("productionBrowserSourceMaps");
        field
            .filter(|field| field.value.is_true())
            .map(|field| PublishedMaps::by(field, "productionBrowserSourceMaps", true))
            .or_else(|| webpack::published_maps(config.get("webpack")))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let config = config(app);
        let note = "env of next.config ships to the browser";
        let mut settings = vec![ShippedSetting::names(config.get("env"), note)];
        if has_runtime_config(app) {
            let note = "publicRuntimeConfig is part of every page";
            settings.push(ShippedSetting::fields(config.get("publicRuntimeConfig"), note));
        }
        let styles = config.field("sassOptions").map_or(&Value::Unknown, |field| &field.value);
        settings.extend(before_styles(app, styles));
        let note = "it is in the addresses of all files of the site";
        for part in ["assetPrefix", "basePath", "deploymentId", "generateBuildId"] {
            settings.push(ShippedSetting::property(config, part, note));
        }
        let note = "compiler.define writes it into the code";
        let define = config.get("compiler").get("define");
        settings.push(ShippedSetting::names(define, note));
        settings.extend(webpack::shipped_by_plugins(app, config));
        for rule in rules(config.get("redirects")) {
            settings
                .extend(rule.field("destination").map(|it| ShippedSetting::field(it, REDIRECT)));
        }
        for rule in rules(config.get("headers")) {
            for header in rule.get("headers").elements() {
                settings.extend(header.field("value").map(|it| ShippedSetting::field(it, HEADER)));
            }
        }
        settings
    }
}

/// The rules of a list, or of any of several lists.
fn rules(value: &Value) -> Vec<&Value> {
    if let Value::Any(all) = value {
        return all.iter().flat_map(Value::elements).collect();
    }
    value.elements().iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, environment, made, object, sides, text, variable};

    const PACKAGE: (&str, &str) = ("package.json", r#"{"dependencies": {"next": "15.1.0"}}"#);

    #[test]
    fn the_app_router_runs_on_servers_without_use_client() {
        let world = World::new(&[
            PACKAGE,
            ("app/page.tsx", ""),
            ("app/error.tsx", "'use client'"),
            ("app/w.tsx", "'use client'"),
            ("app/helper.ts", ""),
            ("app/actions.ts", "'use server'"),
            ("app/api/chat/route.ts", ""),
            ("lib/db.ts", "import 'server-only'"),
            ("middleware.ts", ""),
            ("instrumentation-client.ts", ""),
            ("next-env.d.ts", ""),
        ]);
        assert_eq!(
            world.entries(&Next),
            sides(
                &["app/error.tsx", "app/w.tsx", "instrumentation-client.ts"],
                &[
                    "app/error.tsx",
                    "app/page.tsx",
                    "app/actions.ts",
                    "app/api/chat/route.ts",
                    "lib/db.ts",
                    "middleware.ts"
                ],
            )
        );
        assert!(world.is_cut(&Next, "app/actions.ts"));
        assert!(world.is_cut(&Next, "lib/db.ts"));
        assert!(!world.is_cut(&Next, "app/helper.ts"));
    }

    #[test]
    fn the_pages_router_ships_pages_without_their_data_functions() {
        let world = World::new(&[
            PACKAGE,
            ("src/pages/index.jsx", ""),
            ("src/pages/_app.jsx", ""),
            ("src/pages/_document.jsx", ""),
            ("src/pages/api/chat.js", ""),
            ("src/components/a.jsx", ""),
        ]);
        assert_eq!(
            world.entries(&Next),
            sides(
                &["src/pages/index.jsx", "src/pages/_app.jsx"],
                &[
                    "src/pages/index.jsx",
                    "src/pages/_app.jsx",
                    "src/pages/_document.jsx",
                    "src/pages/api/chat.js"
                ],
            )
        );
        let app = world.app();
        assert!(Next.stripped(&app, "src/pages/index.jsx").contains(&"getServerSideProps"));
        assert!(Next.stripped(&app, "src/pages/api/chat.js").is_empty());
        let handed = Next.sent_results(&app, "src/pages/index.jsx", &Module::default());
        assert_eq!(handed[0].field, "props");
    }

    #[test]
    fn only_static_members_are_inlined() {
        let env = object([("env", object([("SHORT", variable("MAGICX_SECRET_KEY"))]))]);
        let world = World::new(&[PACKAGE]).config("next.config.js", env);
        for (name, form, is_inlined) in [
            ("NEXT_PUBLIC_A", ReadForm::Member, true),
            ("NEXT_PUBLIC_A", ReadForm::Destructured, false),
            ("NEXT_PUBLIC_A", ReadForm::Alias, false),
            ("NEXT_PUBLIC_A", ReadForm::Index, true),
            ("NEXT_PUBLIC_A", ReadForm::Computed, false),
            ("SHORT", ReadForm::Member, true),
            ("MAGICX_SECRET_KEY", ReadForm::Member, false),
        ] {
            assert_eq!(world.inlines(&Next, name, EnvRoot::Process, form), is_inlined, "{name}");
        }
        assert_eq!(world.leaks(&Next), ["config:0 Name(\"MAGICX_SECRET_KEY\")"]);
    }

    #[test]
    fn public_runtime_config_ended_with_version_16() {
        let config = || {
            object([
                ("publicRuntimeConfig", object([("k", variable("A"))])),
                ("serverRuntimeConfig", object([("k", variable("B"))])),
            ])
        };
        let old = World::new(&[PACKAGE]).config("next.config.mjs", config());
        assert_eq!(old.leaks(&Next), ["config:0 Name(\"A\")"]);
        let package = ("package.json", r#"{"dependencies": {"next": "^16.0.0"}}"#);
        let new = World::new(&[package]).config("next.config.mjs", config());
        assert!(new.leaks(&Next).is_empty());
    }

    #[test]
    fn plugins_of_its_webpack_count() {
        let plugin = made("webpack.DefinePlugin", [object([("process.env", environment())])]);
        let webpack = object([("plugins", plugin), ("mode", text("production"))]);
        let config = object([("webpack", webpack)]);
        let world = World::new(&[PACKAGE]).config("next.config.js", config);
        assert_eq!(world.leaks(&Next), ["config:0 Name(\"process.env\")"]);
    }
}
