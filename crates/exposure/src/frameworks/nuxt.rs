//! Nuxt: everything but the server folder is part of the Vue app, also without imports.

use crate::app::App;
use crate::artifacts::framework_folders::{DocumentFolder, OutputFolder, StaticFolder};
use crate::eval::runtime_config::RuntimeConfig;
use crate::eval::value::{Field, Value};
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{
    EntryPoint, Framework, Inlining, Modules, SentResult, ServerRendering, VariableRead,
};
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::sending_call::{
    ANSWER, COOKIE, CallObject, ERROR, HEADER, REDIRECT, SendingCall, SentPart,
};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{auto_imports, paths, vite};
use crate::graph::auto_imports::AutoImport;
use crate::js::guard::Absence;
use crate::js::ir::{Module, ModulePart};
use crate::leak::Side;
use crate::project::conventions::has_test_name;
use crate::variables::conventions::RuntimeConfigFunction;
use crate::variables::read::EnvRoot;

/// Nuxt.
pub(crate) struct Nuxt;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["nuxt", "nuxt3", "nuxt-nightly"],
    marker_modules: &["nuxt.config"],
    app_packages: &["nuxt", "nuxt3"],
    public_prefixes: &["NUXT_PUBLIC_"],
    runtime_config_functions: &[
        RuntimeConfigFunction::Named("useRuntimeConfig"),
        // The same for templates, which is no function.
        RuntimeConfigFunction::Named("$config"),
    ],
    sending_calls: &[
        serialised("useState", SentPart::ResultsOf(1)),
        serialised("useAsyncData", SentPart::ResultsOfAll("")),
        serialised("useLazyAsyncData", SentPart::ResultsOfAll("")),
        serialised("defineStore", SentPart::ResultsOfAll("state")),
        in_head("useHead"),
        in_head("useHeadSafe"),
        in_head("useSeoMeta"),
        in_head("useServerHead"),
        in_head("useServerSeoMeta"),
        in_template("addTemplate"),
        in_template("addPluginTemplate"),
        SendingCall::answering("setHeader", HEADER),
        SendingCall::answering("setHeaders", HEADER),
        SendingCall::answering("appendHeader", HEADER),
        SendingCall::anywhere("setResponseHeader", HEADER),
        SendingCall::anywhere("setResponseHeaders", HEADER),
        SendingCall::anywhere("appendResponseHeader", HEADER),
        SendingCall::anywhere("appendResponseHeaders", HEADER),
        SendingCall::anywhere("setCookie", COOKIE),
        SendingCall::anywhere("sendRedirect", REDIRECT),
        SendingCall::answering("navigateTo", REDIRECT),
        SendingCall { sends: SentPart::Error, ..SendingCall::answering("createError", ERROR) },
        // `send(event, …)` of h3.
        SendingCall { sends: SentPart::AfterEvent, ..SendingCall::answering("send", ANSWER) },
        SendingCall::of_event("res.headers.set", HEADER),
        in_html("push"),
        in_html("unshift"),
    ],
    output_folders: &[
        OutputFolder { name: ".output", client: &["public"], server: &["server"] },
        OutputFolder { name: ".nuxt", client: &["dist/client"], server: &["dist/server"] },
    ],
    asset_folders: &["_nuxt"],
    document_folders: &[DocumentFolder {
        path: "content",
        holds: None,
        packages: &["@nuxt/content"],
        framework: FrameworkId::Nuxt,
    }],
    static_folders: &[
        StaticFolder::public(&["nuxt"]),
        StaticFolder { path: "static", ..StaticFolder::public(&["nuxt"]) },
    ],
    has_fixed_static_folder: true,
    fix_hints: FixHints {
        file: "a server route such as server/api/token.post.ts",
        read: "a private key of runtimeConfig, which holds {},",
        option: "runtimeConfig.public",
        ..FixHints::GENERIC
    },
    owns_entries: true,
    left_out: &[
        Absence::EnvDev,
        Absence::IN_PRODUCTION,
        Absence::MetaHot,
        Absence::NodeEnv,
        Absence::NuxtDev,
        Absence::Never,
        Absence::Unreachable,
        Absence::UnusedData,
        Absence::UnusedProperty,
        Absence::UnusedMember,
        Absence::Pure,
        Absence::Unnamed,
    ],
    ..FrameworkFacts::new(
        FrameworkId::Nuxt,
        "Nuxt",
        FrameworkDocs {
            entries: "`pages`, `components`, `composables`, …, `shared`; `css`",
            cut: "`server`, `*.server.vue`, server plugins",
            values: "`runtimeConfig.public`, `app.config`; as Vite",
        },
    )
};

/// A call whose results servers pass on to clients in the page.
const fn serialised(function: &'static str, sends: SentPart) -> SendingCall {
    SendingCall {
        object: CallObject::Nothing,
        function,
        sends,
        note: "state goes into the payload of the page",
        is_unmistakable: false,
        package: "",
    }
}

/// A call whose arguments are in the head of the page.
const fn in_head(function: &'static str) -> SendingCall {
    let note = "it is in the head of the page";
    SendingCall { note, ..serialised(function, SentPart::Arguments) }
}

/// A call by which a module of one's own writes code of the app.
const fn in_template(function: &'static str) -> SendingCall {
    let note = "a module writes it into the code of the app";
    let sends = SentPart::ResultsOfProperties(&["getContents"]);
    SendingCall { note, ..serialised(function, sends) }
}

/// A call that adds to the page in the hook `render:html`: `html.bodyAppend.push(…)`.
const fn in_html(function: &'static str) -> SendingCall {
    const PARTS: &[&str] = &[".head.", ".bodyPrepend.", ".body.", ".bodyAppend."];
    SendingCall {
        object: CallObject::Mentions(PARTS),
        note: "it is added to the page",
        ..serialised(function, SentPart::Arguments)
    }
}

/// Folders whose files are part of the app without an import, or by its router.
const FOLDERS: [&str; 8] =
    ["pages", "components", "composables", "layouts", "plugins", "middleware", "utils", "stores"];

fn config<'a>(app: &'a App<'_>) -> &'a Value {
    app.config(&["nuxt.config"]).map_or(&Value::Unknown, |(_, value)| value)
}

/// The configurations of the app's layers, then its own, each with its part for production.
fn configs<'a>(app: &'a App<'_>) -> impl Iterator<Item = &'a Value> {
    let is_of_layer = |path: &str| {
        let relative = app.relative(path).unwrap_or_default();
        let inside = in_layer(relative);
        inside != relative && paths::module(inside) == Some("nuxt.config")
    };
    let layers = app.configs.iter().filter(move |(path, _)| is_of_layer(path));
    let all = layers.map(|(_, value)| value).chain([config(app)]);
    all.flat_map(|config| [config, config.get("$production")])
}

/// An object with the properties of two, of which the second counts more.
fn merged(first: Value, second: Value) -> Value {
    let (Value::Object(own), Value::Object(others)) = (&first, &second) else {
        return if matches!(second, Value::Unknown) { first } else { second };
    };
    let mut fields = own.to_vec();
    for other in others.iter() {
        match fields.iter_mut().find(|field| field.key == other.key) {
            Some(field) => {
                let value = merged(field.value.clone(), other.value.clone());
                *field = Field { value, ..other.clone() };
            }
            None => fields.push(other.clone()),
        }
    }
    Value::Object(fields.into())
}

/// The headers and redirects of rules for routes, which Nitro answers with.
pub(super) fn route_rules(rules: &Value) -> Vec<ShippedSetting> {
    let mut settings = Vec::new();
    for rule in rules.fields() {
        let note = "headers of route rules are sent to whoever asks";
        settings.push(ShippedSetting::property(&rule.value, "headers", note));
        let redirect = rule.value.field("redirect");
        settings.extend(redirect.map(|to| ShippedSetting::redirect(to, &["to"])));
    }
    settings
}

/// True for version 2, which had another runtime configuration.
fn is_version_2(app: &App<'_>) -> bool {
    app.package.as_ref().and_then(|package| package.major("nuxt")) == Some(2)
}

/// The folder of the Vue app, relative to the app's.
fn source(app: &App<'_>) -> String {
    if let Some(folder) = config(app).get("srcDir").text().and_then(paths::clean) {
        return folder;
    }
    let version = app.package.as_ref().and_then(|package| package.major("nuxt"));
    if version >= Some(4) && paths::has_folder(app, "app") {
        return "app".to_owned();
    }
    let is_new =
        ["app.vue", "pages", "components", "layouts", "composables", "plugins", "app.config.ts"];
    let has = |name: &&str| {
        app.has(&format!("app/{name}")) || paths::has_folder(app, &format!("app/{name}"))
    };
    if is_new.iter().any(has) { "app".to_owned() } else { String::new() }
}

fn within<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

fn is_server(app: &App<'_>, path: &str) -> bool {
    let Some(relative) = app.relative(path) else { return false };
    let relative = in_layer(relative);
    // Only plugins and components have a side by their names.
    let is_plugin = relative.split('/').any(|part| part == "plugins");
    relative.starts_with("server/")
        || relative.ends_with(".server.vue")
        || (is_plugin && paths::module(relative).is_some_and(|stem| stem.ends_with(".server")))
}

/// True if Nuxt takes a file in only where its name is used, by its path in the app or layer, and in
/// the folder of the Vue app.
fn is_taken_by_name(own: &str, inside: &str) -> bool {
    let is_global = inside.contains(".global.")
        || ["components/global/", "components/content/"].iter().any(|it| inside.starts_with(it));
    let folders = ["components/", "composables/", "utils/", "stores/"];
    !is_global && (own.starts_with("shared/") || folders.iter().any(|it| inside.starts_with(it)))
}

/// True for a page of which a rule for routes says that servers do not render it.
fn is_rendered_by_browsers(app: &App<'_>, inside: &str) -> bool {
    let Some(page) = within(inside, "pages").and_then(|page| page.rsplit_once('.')) else {
        return false;
    };
    let route = page.0.strip_suffix("index").unwrap_or(page.0).trim_end_matches('/');
    let rules = config(app).get("routeRules").fields().iter();
    rules.filter(|rule| rule.value.get("ssr").is_false()).any(|rule| {
        let pattern = rule.key.trim_start_matches('/');
        match pattern.strip_suffix("**") {
            Some(prefix) => {
                let prefix = prefix.trim_end_matches('/');
                prefix.is_empty() || route == prefix || within(route, prefix).is_some()
            }
            None => route == pattern.trim_end_matches('/'),
        }
    })
}

/// True for code that a module of one's own adds to the app, by the usual name of its folder:
/// `modules/auth/runtime/plugin.ts`.
fn is_added_by_module(own: &str) -> bool {
    let inside = within(own, "modules").and_then(|path| path.split_once("runtime/"));
    inside.is_some_and(|(folder, rest)| {
        (folder.is_empty() || folder.ends_with('/')) && !rest.starts_with("server/")
    })
}

/// The path within a layer, which is an app of its own that Nuxt merges.
fn in_layer(relative: &str) -> &str {
    let inside = relative.strip_prefix("layers/").and_then(|rest| rest.split_once('/'));
    inside.map_or(relative, |(_, inside)| inside)
}

impl Framework for Nuxt {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let source = source(app);
        let mut entries = Vec::new();
        for path in app.files.iter().filter(|path| paths::is_code(path) && !has_test_name(path)) {
            let Some(relative) = app.relative(path) else { continue };
            if is_server(app, path) {
                entries.push(EntryPoint::server(path, "server code of Nuxt"));
                continue;
            }
            let own = in_layer(relative);
            // A layer may have the folders of either version.
            let inside = if own.starts_with("modules/") {
                // Modules of one's own stand beside the folder of the Vue app.
                Some(own)
            } else if own == relative {
                within(own, &source)
            } else {
                within(own, "app").or(Some(own))
            };
            let stem = inside.and_then(|path| path.rsplit_once('.')).map(|(stem, _)| stem);
            let is_messages = app.depends_on("@nuxtjs/i18n")
                && matches!(paths::module(relative), Some("i18n.config" | "i18n/i18n.config"));
            let is_top = matches!(stem, Some("app" | "error" | "app.config" | "router.options"))
                || is_messages;
            let is_taken = inside.is_some_and(|path| {
                // A name with `-` in front is ignored.
                let is_kept = !path.starts_with("components/")
                    && !path.starts_with("composables/")
                    && paths::name(path).starts_with('-');
                !is_kept
                    && !path.starts_with("modules/")
                    && FOLDERS
                        .iter()
                        .any(|folder| within(path, folder).is_some_and(|rest| rest != path))
            }) || is_added_by_module(own);
            let is_named = is_taken_by_name(own, inside.unwrap_or_default())
                && !auto_imports::passes_on(path, modules);
            let why = if is_top {
                "root of the Nuxt app"
            } else if is_taken {
                "taken in by Nuxt without an import"
            } else if own.starts_with("shared/") {
                "shared with the browser"
            } else {
                continue;
            };
            let entry = EntryPoint::client(path, why);
            entries.push(if is_named { entry.left_out(Absence::Unnamed) } else { entry });
            // A component is rendered where a tag names it.
            let is_component = inside.is_some_and(|path| path.starts_with("components/"));
            let is_client = stem.is_some_and(|stem| stem.ends_with(".client"));
            let is_unrendered =
                is_client || is_rendered_by_browsers(app, inside.unwrap_or_default());
            if !(is_unrendered || is_named && is_component) {
                entries.push(EntryPoint::server(path, "rendered on the server first"));
            }
        }
        for written in config(app).get("css").elements().iter().filter_map(Value::text) {
            let (folder, path) = match written.split_once('/') {
                Some(("~" | "@", path)) => (source.as_str(), path),
                Some(("~~" | "@@", path)) => ("", path),
                _ => ("", written),
            };
            let path = paths::join(folder, path).filter(|path| app.has(path));
            entries.extend(path.map(|path| EntryPoint {
                part: ModulePart::Text,
                ..EntryPoint::client(&app.path(&path), "css of nuxt.config")
            }));
        }
        entries
    }

    fn auto_imports(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<AutoImport> {
        let source = source(app);
        let mut all = Vec::new();
        for path in app.files.iter().filter(|path| paths::is_code(path) && !has_test_name(path)) {
            let Some(relative) = app.relative(path) else { continue };
            let own = in_layer(relative);
            if own.starts_with("server/utils/") {
                all.extend(auto_imports::of_exports(path, modules, Side::Server));
                continue;
            }
            if own.starts_with("shared/") {
                all.extend(auto_imports::of_exports(path, modules, Side::Unknown));
                continue;
            }
            let folder = if own != relative && within(own, "app").is_some() {
                "app"
            } else if own == relative {
                source.as_str()
            } else {
                ""
            };
            let Some(inside) = within(own, folder) else { continue };
            if inside.starts_with("components/") {
                let folder = &relative[..relative.len() - inside.len()];
                let folder = format!("{folder}components/");
                all.extend(auto_imports::of_component(app, path, &folder));
            } else if ["composables/", "utils/", "stores/"].iter().any(|it| inside.starts_with(it))
            {
                all.extend(auto_imports::of_exports(path, modules, Side::Client));
            }
        }
        all
    }

    fn boundary(&self, app: &App<'_>, path: &str, _module: &Module) -> Option<String> {
        is_server(app, path).then(|| "code for the server only".to_owned())
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        if let EnvRoot::PublicRuntimeConfig(_) = read.root {
            return Inlining::Yes("runtimeConfig.public is part of every page".to_owned());
        }
        let is_env = read.root == EnvRoot::Process && is_version_2(app);
        if is_env && config(app).get("env").field(read.name).is_some() {
            return Inlining::Yes("env of nuxt.config inlines it".to_owned());
        }
        vite::inlining(app, read)
    }

    fn sent_results(&self, app: &App<'_>, path: &str, _module: &Module) -> Vec<SentResult> {
        let relative = in_layer(app.relative(path).unwrap_or_default());
        let is_handler =
            ["server/api/", "server/routes/"].iter().any(|it| relative.starts_with(it));
        if !is_handler {
            return Vec::new();
        }
        vec![SentResult::new("default", "", "what the handler returns is sent to whoever asks")]
    }

    fn server_rendering(&self, app: &App<'_>) -> Option<ServerRendering> {
        let is_off = config(app).get("ssr").is_false();
        (!is_off).then_some(ServerRendering {
            reads: |root| matches!(root, EnvRoot::Process | EnvRoot::RuntimeConfig(_)),
        })
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        vite::prefixes(app)
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

    fn runtime_config(&self, app: &App<'_>) -> Option<RuntimeConfig> {
        let all = configs(app).map(|config| config.get("runtimeConfig").clone());
        let value = all.reduce(merged).unwrap_or_default();
        Some(RuntimeConfig { value, public: "public", prefix: Some("NUXT") })
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let own = config(app)
            .field("sourcemap")
            .filter(|field| is_on(&field.value) || is_on(field.value.get("client")));
        own.map(|field| PublishedMaps::by(field, "sourcemap", false))
            .or_else(|| vite::published_maps(app))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let mut settings = Vec::new();
        for config in configs(app) {
            let public = config.get("runtimeConfig").get("public");
            let head = config.get("app").get("head");
            let note = "runtimeConfig.public is part of every page";
            settings.push(ShippedSetting::fields(public, note));
            let note = "appConfig is part of the client bundle";
            settings.push(ShippedSetting::fields(config.get("appConfig"), note));
            settings.push(ShippedSetting::fields(head, "app.head is part of every page"));
        }
        settings.extend(route_rules(config(app).get("routeRules")));
        settings.extend(route_rules(config(app).get("nitro").get("routeRules")));
        if is_version_2(app) {
            let note = "it is part of every page";
            for key in ["env", "publicRuntimeConfig"] {
                settings.push(ShippedSetting::fields(config(app).get(key), note));
            }
        }
        settings.extend(vite::shipped_settings(app));
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, object, sides, variable};
    use crate::variables::read::ReadForm;

    const PACKAGE: (&str, &str) = ("package.json", r#"{"dependencies": {"nuxt": "^4.0.0"}}"#);

    #[test]
    fn folders_are_taken_in_without_imports() {
        let both =
            ["app/app.vue", "app/composables/useAi.ts", "app/plugins/a.ts", "shared/utils/b.ts"];
        let server = [
            "app/components/Usage.server.vue",
            "app/plugins/check.server.ts",
            "server/api/key.ts",
            "layers/x/server/api/y.ts",
        ];
        let layer = ["layers/x/app/pages/a.vue", "layers/x/components/b.vue"];
        let aside = ["app/lib/c.ts", "scripts/d.ts", "nuxt.config.ts"];
        let all = [&both[..], &server, &layer, &aside].concat();
        let mut files = vec![PACKAGE];
        files.extend(all.iter().map(|path| (*path, "")));
        let client = [&both[..], &layer].concat();
        let world = World::new(&files);
        // Components are rendered where tags name them.
        let rendered = [&both[..], &layer[..1], &server].concat();
        assert_eq!(world.entries(&Nuxt), sides(&client, &rendered));
        assert!(server.iter().all(|path| world.is_cut(&Nuxt, path)));
        assert!(!client.iter().any(|path| world.is_cut(&Nuxt, path)));
    }

    #[test]
    fn version_3_has_the_folders_at_the_top() {
        let package = ("package.json", r#"{"dependencies": {"nuxt": "^3.9.0"}}"#);
        let world = World::new(&[package, ("pages/a.vue", ""), ("utils/b.ts", ""), ("c.ts", "")]);
        let both = ["pages/a.vue", "utils/b.ts"];
        assert_eq!(world.entries(&Nuxt), sides(&both, &both));
    }

    #[test]
    fn only_public_runtime_config_ships() {
        let config = object([
            (
                "runtimeConfig",
                object([("s", variable("A")), ("public", object([("p", variable("B"))]))]),
            ),
            ("nitro", variable("C")),
            ("env", object([("d", variable("D"))])),
        ]);
        let world = World::new(&[PACKAGE]).config("nuxt.config.ts", config);
        assert_eq!(world.leaks(&Nuxt), ["config:0 Name(\"B\")"]);
        assert!(!world.inlines(&Nuxt, "s", EnvRoot::RuntimeConfig(0), ReadForm::Member));
        assert!(world.inlines(&Nuxt, "p", EnvRoot::PublicRuntimeConfig(0), ReadForm::Member));
        assert!(!world.inlines(&Nuxt, "NUXT_PUBLIC_A", EnvRoot::Process, ReadForm::Member));
    }
}
