//! Vite, alone and within other frameworks.

use crate::app::App;
use crate::artifacts::context::CopiedFolder;
use crate::artifacts::framework_folders::StaticFolder;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Value;
use crate::fix_hints::FixHints;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead, given};
use crate::frameworks::left_out::keeps_objects;
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::style_settings::before_styles;
use crate::frameworks::{
    auto_imports, build_tool, copied_files, paths, plugin_hooks, rollup, shell, webpack,
};
use crate::graph::auto_imports::AutoImport;
use crate::js::guard::Absence;
use crate::js::ir::ImportKind;
use crate::leak::Side;
use crate::project::conventions::is_outside_code;
use crate::variables::read::EnvRoot;

/// Vite.
pub(crate) struct Vite;

static FACTS: FrameworkFacts = FrameworkFacts {
    packages: &["vite"],
    marker_modules: &["vite.config"],
    app_packages: &["vite"],
    public_prefixes: &["VITE_"],
    static_folders: &[StaticFolder::public(&["vite"])],
    fix_hints: FixHints { option: "define and envPrefix", ..FixHints::GENERIC },
    left_out: Absence::OF_VITE,
    builds_pages: true,
    ..FrameworkFacts::new(
        FrameworkId::Vite,
        "Vite",
        FrameworkDocs {
            entries: "scripts of pages, inputs of the build",
            cut: "nothing",
            values: "`import.meta.env.VITE_*` or `envPrefix`; `define`; vite-plugin-environment; `banner` and the like; code that own plugins write; everything in `publicDir`, relative to `root`",
        },
    )
};

/// Its configuration, which may be the property `vite` of that of another framework.
fn config<'a>(app: &'a App<'_>) -> &'a Value {
    let own = app.config(&["vite.config", "vitest.config"]);
    let within = || {
        let is_at_top = |path: &str| app.relative(path).is_some_and(|path| !path.contains('/'));
        let mut configs = app.configs.iter().filter(|(path, _)| is_at_top(path));
        Some(&configs.find_map(|(_, value)| value.field("vite"))?.value)
    };
    let electron = || Some(app.config(&["electron.vite.config"])?.1.get("renderer"));
    own.map(|(_, value)| value).or_else(within).or_else(electron).unwrap_or(&Value::Unknown)
}

/// The configuration, and what its plugins and hooks add to it.
fn parts<'a>(app: &'a App<'_>) -> Vec<&'a Value> {
    let mut parts = parts_of(config(app));
    let named = shell::named_configurations(app, "vite");
    for (path, whole) in &app.configs {
        // `vite.renderer.config.ts`, `vite.config.prod.ts`
        let name = paths::name(path);
        let is_main = app.relative(path).and_then(paths::module) == Some("vite.config");
        let is_other = name.starts_with("vite.") && paths::is_source(app, path) && !is_main;
        if is_other || named.contains(path) {
            parts.extend(parts_of(whole));
        }
        if app.relative(path).is_some_and(|path| !path.contains('/')) {
            let added = plugin_hooks::added_by_plugins(whole.get("integrations"));
            parts.extend(added.into_iter().map(|it| it.get("vite")));
            parts.push(whole.get("hooks").get("vite:extendConfig"));
        }
    }
    parts
}

/// A configuration, and what its plugins add to it.
fn parts_of(config: &Value) -> Vec<&Value> {
    let mut parts = vec![config];
    parts.extend(plugin_hooks::added_by_plugins(config.get("plugins")));
    parts
}

/// The default prefix of public variables, which frameworks may change.
fn own_prefix(app: &App<'_>) -> &'static str {
    let mut changed = app.conventions.vite_prefixes.iter();
    let changed = changed.find(|(packages, _)| packages.iter().any(|it| app.depends_on(it)));
    changed.map_or("VITE_", |(_, prefix)| prefix)
}

/// The prefixes that make variables public: those of the configuration, or the default.
pub(crate) fn prefixes(app: &App<'_>) -> Vec<String> {
    let given = config(app).get("envPrefix").elements().iter().filter_map(Value::text);
    let given: Vec<String> = given.filter(|prefix| !prefix.is_empty()).map(str::to_owned).collect();
    if given.is_empty() { vec![own_prefix(app).to_owned()] } else { given }
}

/// Tells if Vite puts a variable into client code.
///
/// A member is replaced by its value. Where `import.meta.env` stands for itself, as in
/// `const { A } = import.meta.env`, an object with all public variables takes its place
/// (`vite/src/node/plugins/define.ts`), so that the form does not matter.
pub(crate) fn inlining(app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
    let prefixes = prefixes(app);
    let mut fitting = prefixes.iter().filter(|_| read.root == EnvRoot::ImportMeta);
    if let Some(prefix) = fitting.find(|prefix| read.name.starts_with(*prefix)) {
        return Inlining::Yes(format!("Vite inlines import.meta.env.{prefix}*"));
    }
    inlining_by(app, &parts(app), read)
}

/// Tells if `define` or a plugin of a configuration puts a variable into client code.
pub(crate) fn inlining_of(app: &App<'_>, config: &Value, read: &VariableRead<'_>) -> Inlining {
    inlining_by(app, &parts_of(config), read)
}

fn inlining_by(app: &App<'_>, parts: &[&Value], read: &VariableRead<'_>) -> Inlining {
    for part in parts {
        let replaced = rollup::replaced(part);
        if replaced.iter().any(|names| webpack::defines(names, read)) {
            return Inlining::Yes("define writes it into the code".to_owned());
        }
    }
    parts.first().map_or(Inlining::No, |config| webpack::inlining(app, config, read))
}

/// Tells if Vite puts a variable into a page, `%VITE_X%`: in pages that it builds
/// (`vite/src/node/plugins/html.ts`).
pub(crate) fn inlining_in_page(app: &App<'_>, path: &str, name: &str) -> Inlining {
    let is_built = app.relative(path).is_some_and(|path| !is_outside_code(path));
    let is_public = prefixes(app).iter().any(|prefix| name.starts_with(prefix.as_str()));
    let full = format!("import.meta.env.{name}");
    let is_defined = || parts(app).iter().any(|part| part.get("define").field(&full).is_some());
    Inlining::when(is_built && (is_public || is_defined()), "Vite writes it into the page")
}

/// The folder that is copied to the site without change: `publicDir`, relative to `root`.
pub(crate) fn copied(app: &App<'_>) -> CopiedFolder {
    let named = ["vite.config", "astro.config"];
    let Some((path, config)) = named.iter().find_map(|name| app.config(&[name])) else {
        return CopiedFolder::Default;
    };
    let folder = |value: &Value| {
        let written = paths::written(value).into_iter().next()?;
        paths::clean(&written)
    };
    let root = config.field("root").map(|root| folder(&root.value));
    let given = config.field("publicDir").map(|given| &given.value);
    // A path that is built from the folder of the configuration is not relative to `root`.
    let is_from_root = given.is_none_or(|given| given.text().is_some());
    let below = match (is_from_root, root) {
        (false, _) | (true, None) => String::new(),
        (true, Some(Some(root))) => root,
        (true, Some(None)) => return CopiedFolder::Default,
    };
    let inner = match given {
        None if below.is_empty() => return CopiedFolder::Default,
        None => Some("public".to_owned()),
        Some(Value::Literal(text)) if &**text == "false" => return CopiedFolder::None,
        Some(Value::Text(text)) if text.is_empty() => return CopiedFolder::None,
        Some(Value::Any(_)) => return CopiedFolder::Default,
        Some(given) => paths::written(given).into_iter().next(),
    };
    let found = inner.and_then(|inner| paths::clean(&format!("{below}/{inner}")));
    match found {
        Some(found) if !found.is_empty() => CopiedFolder::Folder(app.path(&found), path.clone()),
        _ => CopiedFolder::Default,
    }
}

/// The aliases of the configuration.
pub(crate) fn aliases(app: &App<'_>) -> Vec<(String, String)> {
    let of = |part: &&Value| {
        let mut aliases = webpack::aliases(app, part);
        aliases.extend(rollup::aliases_of_plugins(app, part));
        aliases
    };
    parts(app).iter().flat_map(of).collect()
}

/// The parts of the configuration that ship.
pub(crate) fn shipped_settings(app: &App<'_>) -> Vec<ShippedSetting> {
    let config = config(app);
    let mut settings = settings_by(app, &parts(app));
    for (path, whole) in &app.configs {
        if app.relative(path).is_some_and(|path| !path.contains('/')) {
            settings.extend(plugin_hooks::written_by_plugins(whole.get("integrations")));
        }
    }
    let Some(field) = config.field("envPrefix") else { return settings };
    let declared = app.declarations.iter().map(|declaration| declaration.name.as_str());
    let known =
        app.catalog.kinds.iter().flat_map(|key_kind| key_kind.env.iter().map(String::as_str));
    let names: std::collections::BTreeSet<&str> = declared.chain(known).collect();
    // With an empty prefix, Vite refuses to build.
    let prefixes = field.value.elements().iter().filter_map(Value::text);
    for prefix in prefixes.filter(|prefix| !prefix.is_empty()) {
        let is_own = app.conventions.public_prefixes.contains(&prefix);
        // Of the names that nothing declares, those count that the prefix means.
        let is_meant = |name: &str| {
            let is_declared = app.declarations.iter().any(|known| known.name == name);
            name.starts_with(prefix) && (is_declared || app.names.has_word(prefix))
        };
        let mut meant = names.iter().filter(|name| is_meant(name));
        let secret = meant.find(|name| app.names.key_kind(name).is_some());
        if !is_own && let Some(name) = secret {
            let note = "envPrefix makes it public";
            settings.push(ShippedSetting::variable(*name, &field.at, note));
            break;
        }
    }
    settings
}

/// The parts of a configuration that ship, but for its prefixes.
pub(crate) fn settings_of(app: &App<'_>, config: &Value) -> Vec<ShippedSetting> {
    settings_by(app, &parts_of(config))
}

fn settings_by(app: &App<'_>, parts: &[&Value]) -> Vec<ShippedSetting> {
    let note = "define writes it into client code";
    let mut settings = Vec::new();
    for config in parts {
        settings.extend(before_styles(app, config.get("css")));
        let replaced = rollup::replaced(config).into_iter();
        settings.extend(replaced.map(|names| ShippedSetting::names(names, note)));
        // vite-plugin-environment, and webpack's plugin that it is named after.
        settings.extend(webpack::shipped_by_plugins(app, config));
        // Output is minified after these stand around it, unless it is a library.
        let build = config.get("build");
        let is_kept = build.field("minify").is_some_and(|field| !field.value.is_true())
            || build.field("lib").is_some();
        let around = outputs(config).flat_map(build_tool::texts);
        settings.extend(around.map(|text| {
            let is_last = text.note.starts_with("post");
            // Rolldown's minifier keeps no comments of banners.
            let with_rolldown = keeps_objects(app);
            text.minified(!is_kept && !is_last).without_legal(with_rolldown)
        }));
        settings.extend(build_tool::texts(config.get("esbuild")));
        let injected = "jsxInject stands in the code";
        settings.push(ShippedSetting::property(config.get("esbuild"), "jsxInject", injected));
        settings.push(ShippedSetting::names(config.get("esbuild").get("define"), note));
        let page = "it is written into the page";
        settings.push(ShippedSetting::property(config.get("html"), "cspNonce", page));
        settings.extend(plugin_hooks::written_by_plugins(config.get("plugins")));
        settings.extend(published_by_plugins(config.get("plugins")));
    }
    settings
}

/// The options of plugins that are published: the manifest of an app, the data of pages.
fn published_by_plugins(plugins: &Value) -> Vec<ShippedSetting> {
    let note = "an option of a plugin is published with the site";
    let mut settings = Vec::new();
    for plugin in plugins.elements() {
        if let Value::List(_) | Value::Any(_) = plugin {
            let inner = if let Value::Any(values) = plugin { values } else { plugin.elements() };
            settings.extend(inner.iter().flat_map(published_by_plugins));
        }
        let Value::CallResult(name, _) = plugin else { continue };
        let options = given(plugin);
        match &**name {
            "VitePWA" => settings.push(ShippedSetting::property(options, "manifest", note)),
            "createHtmlPlugin" => {
                let pages = std::iter::once(options).chain(options.get("pages").elements());
                let injected = pages.map(|page| page.get("inject"));
                settings.extend(injected.map(|it| ShippedSetting::fields(it, note)));
            }
            _ => {}
        }
    }
    settings
}

/// Words in the names of plugins that take in what code names, and make no routes.
const NAMERS: [&str; 2] = ["AutoImport", "Components"];

/// The folders that plugins name by one of these options, relative to the app's: of plugins that take
/// in what code names, or of the others.
fn plugin_folders(app: &App<'_>, options: &[&str], of_namers: bool) -> Vec<String> {
    let is_namer = |plugin: &&Value| {
        let Value::CallResult(name, _) = plugin else { return true };
        NAMERS.iter().any(|word| name.contains(word)) == of_namers
    };
    let plugins = config(app).get("plugins").elements().iter().filter(is_namer);
    let given = plugins.flat_map(|plugin| options.iter().map(move |it| given(plugin).get(it)));
    let written = given.flat_map(paths::written);
    let before_pattern = |written: String| written.split('*').next().unwrap_or_default().to_owned();
    written.filter_map(|written| paths::clean(&before_pattern(written))).collect()
}

/// The files that plugins make routes of.
fn plugin_routes(app: &App<'_>) -> Vec<EntryPoint> {
    let routers = ["vite-plugin-pages", "unplugin-vue-router"].iter().any(|it| app.depends_on(it));
    let mut folders = Vec::new();
    if routers {
        folders = plugin_folders(app, &["dirs", "pagesDir", "routesFolder"], false);
        folders.push("src/pages".to_owned());
    }
    if app.depends_on("vite-plugin-vue-layouts") {
        folders.push("src/layouts".to_owned());
    }
    folders.sort();
    folders.dedup();
    let files = folders.iter().flat_map(|folder| paths::below(app, folder));
    let code = files.map(|(path, _)| path).filter(|path| paths::is_code(path));
    code.map(|path| EntryPoint::client(path, "route that a plugin of Vite makes")).collect()
}

/// The pages that the configuration names as input of the build; `None` if it names none, or if some
/// of its input is not known.
fn named_pages(app: &App<'_>) -> Option<Vec<String>> {
    let config = config(app);
    let folder = config.get("root").text().unwrap_or_default();
    let options = ["rollupOptions", "rolldownOptions"].map(|key| config.get("build").get(key));
    let input = options.into_iter().find_map(|options| options.field("input"))?;
    let fields = input.value.fields().iter().map(|field| &field.value);
    let all: Vec<&Value> =
        if fields.len() > 0 { fields.collect() } else { input.value.elements().iter().collect() };
    let page = |value: &Value| {
        let written = paths::written(value).into_iter().next()?;
        let path = paths::join(folder, &written).and_then(|path| paths::find(app, &path));
        path.or_else(|| paths::find(app, &written))
    };
    let pages: Option<Vec<String>> = all.into_iter().map(page).collect();
    pages.filter(|pages| pages.iter().any(|path| path.ends_with(".html")))
}

/// The options of the output, which Vite hands on to its bundler.
fn outputs(config: &Value) -> impl Iterator<Item = &Value> {
    let options = ["rollupOptions", "rolldownOptions"].map(|key| config.get("build").get(key));
    options.into_iter().flat_map(|options| options.get("output").elements())
}

/// The source maps that the build publishes.
pub(crate) fn published_maps(app: &App<'_>) -> Option<PublishedMaps> {
    let config = config(app);
    let field = config.get("build").field("sourcemap").filter(|field| is_on(&field.value));
    field
        .map(|field| PublishedMaps::by(field, "build.sourcemap", false))
        .or_else(|| outputs(config).find_map(rollup::published_maps))
}

/// The code that the configuration names as input of the build.
fn inputs(app: &App<'_>) -> Vec<String> {
    let config = config(app);
    let build = config.get("build");
    let folder = config.get("root").text().unwrap_or_default();
    let inputs = ["rollupOptions", "rolldownOptions"].map(|key| build.get(key).get("input"));
    // With `laravel({ input: […] })`, `ruby()` and the like, the page comes from elsewhere.
    let plugins = config.get("plugins").elements().iter();
    let plugins = plugins.map(|plugin| given(plugin).get("input"));
    let written = inputs.into_iter().chain(plugins).flat_map(paths::written);
    let found = written.filter_map(|input| {
        let path = paths::join(folder, &input).and_then(|path| paths::find(app, &path));
        path.or_else(|| paths::find(app, &input))
    });
    found.filter(|path| paths::is_code(path)).collect()
}

impl Framework for Vite {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let server = ["src/entry-server", "src/entry.server", "entry-server"];
        let server = paths::named(app, &server).into_iter();
        let mut entries: Vec<EntryPoint> =
            server.map(|path| EntryPoint::server(&path, "entry of Vite's server build")).collect();
        entries.extend(plugin_routes(app));
        let is_for_server = config(app).get("build").get("ssr").is_true();
        entries.extend(inputs(app).iter().map(|path| {
            if is_for_server {
                EntryPoint::server(path, "input of Vite's server build")
            } else {
                EntryPoint::client(path, "input of vite.config")
            }
        }));
        entries
    }

    fn default_entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        // Pages are entries anyway. If a server writes the page, there is none with a script.
        let has_script = |path: &str| {
            let module = modules.module(path).filter(|_| path.ends_with(".html"));
            let mut imports = module.into_iter().flat_map(|module| &module.imports);
            imports.any(|import| import.kind != ImportKind::Style)
        };
        let is_library = !config(app).get("build").get("lib").fields().is_empty();
        if is_library || !inputs(app).is_empty() || modules.paths().into_iter().any(has_script) {
            return Vec::new();
        }
        let named = ["src/main", "src/index", "src/entry-client", "src/client"];
        let named = paths::named(app, &named);
        named.iter().map(|path| EntryPoint::client(path, "entry of Vite")).collect()
    }

    fn auto_imports(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<AutoImport> {
        let has_components = app.depends_on("unplugin-vue-components");
        let has_names = app.depends_on("unplugin-auto-import");
        if !has_components && !has_names {
            return Vec::new();
        }
        let mut folders = plugin_folders(app, &["dirs"], true);
        if has_components {
            folders.push("src/components".to_owned());
        }
        let mut all = Vec::new();
        for folder in folders {
            for (path, _) in paths::below(app, &folder) {
                let is_component = [".vue", ".svelte"].iter().any(|ending| path.ends_with(ending));
                if is_component && has_components {
                    all.extend(auto_imports::of_component(app, path, &folder));
                } else if has_names && !is_component && paths::is_module(path) {
                    all.extend(auto_imports::of_exports(path, modules, Side::Unknown));
                }
            }
        }
        all
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        inlining(app, read)
    }

    fn inlining_in_page(&self, app: &App<'_>, path: &str, name: &str) -> Inlining {
        inlining_in_page(app, path, name)
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        prefixes(app)
    }

    fn changed_prefixes(&self, app: &App<'_>) -> Vec<&'static str> {
        let given = config(app).get("envPrefix");
        let all = given.elements();
        let is_known = !all.is_empty() && all.iter().all(|one| one.text().is_some());
        let is_public = prefixes(app).iter().any(|prefix| "VITE_".starts_with(prefix.as_str()));
        if is_known && !is_public { vec!["VITE_"] } else { Vec::new() }
    }

    fn unbuilt_pages(&self, app: &App<'_>) -> Vec<String> {
        let Some(built) = named_pages(app) else { return Vec::new() };
        let copied = match copied(app) {
            CopiedFolder::Folder(folder, _) => format!("{folder}/"),
            CopiedFolder::Default => app.path("public/"),
            CopiedFolder::None => String::new(),
        };
        let is_copied = |path: &str| !copied.is_empty() && path.starts_with(&copied);
        let pages = app.files.iter().filter(|path| path.ends_with(".html"));
        pages.filter(|path| !built.contains(path) && !is_copied(path)).cloned().collect()
    }

    fn configuring_modules(&self, app: &App<'_>) -> Vec<String> {
        shell::named_configurations(app, "vite")
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let by = app.config(&["vite.config"]).map_or("", |(path, _)| path.as_str());
        copied_files::by_plugins(app, config(app), by)
    }

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        aliases(app)
    }

    fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        published_maps(app)
    }

    fn keeps_style_comments(&self, app: &App<'_>) -> bool {
        let build = config(app).get("build");
        let own = build.get("cssMinify");
        own.is_false() || (build.get("minify").is_false() && matches!(own, Value::Unknown))
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        shipped_settings(app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{
        World, environment, list, made, object, sides, text, variable,
    };
    use crate::variables::read::ReadForm;

    const PACKAGE: (&str, &str) = ("package.json", r#"{"devDependencies": {"vite": "6.0.0"}}"#);

    #[test]
    fn inputs_are_entries_and_src_main_is_the_default() {
        let bare = World::new(&[PACKAGE, ("src/main.ts", ""), ("src/a.ts", ""), ("mail.html", "")]);
        assert_eq!(bare.entries(&Vite), sides(&["src/main.ts"], &[]));
        let page =
            World::new(&[PACKAGE, ("src/main.ts", ""), ("index.html", "import '/src/a.ts'")]);
        assert!(page.entries(&Vite).is_empty());
        let options = object([("input", object([("app", made("resolve", [text("web/a.ts")]))]))]);
        let build = object([("build", object([("rollupOptions", options)]))]);
        let files = [PACKAGE, ("web/a.ts", ""), ("src/main.ts", ""), ("src/entry-server.ts", "")];
        let input = World::new(&files).config("vite.config.ts", build);
        assert_eq!(input.entries(&Vite), sides(&["web/a.ts"], &["src/entry-server.ts"]));
        let laravel = made("laravel", [object([("input", list([text("resources/js/app.js")]))])]);
        let plugins = object([("plugins", list([laravel]))]);
        let files = [PACKAGE, ("resources/js/app.js", ""), ("src/main.ts", "")];
        let laravel = World::new(&files).config("vite.config.js", plugins);
        assert_eq!(laravel.entries(&Vite), sides(&["resources/js/app.js"], &[]));
    }

    #[test]
    fn prefixes_decide_what_is_inlined() {
        let world = World::new(&[PACKAGE]);
        for form in [ReadForm::Member, ReadForm::Destructured, ReadForm::Alias, ReadForm::Index] {
            assert!(world.inlines(&Vite, "VITE_A", EnvRoot::ImportMeta, form));
            assert!(!world.inlines(&Vite, "A", EnvRoot::ImportMeta, form));
            assert!(!world.inlines(&Vite, "VITE_A", EnvRoot::Process, form));
        }
        let other = World::new(&[PACKAGE])
            .config("vite.config.ts", object([("envPrefix", list([text("MAGICX_")]))]));
        assert!(other.inlines(&Vite, "MAGICX_A", EnvRoot::ImportMeta, ReadForm::Member));
        assert!(!other.inlines(&Vite, "VITE_A", EnvRoot::ImportMeta, ReadForm::Member));
        assert_eq!(other.leaks(&Vite), ["config:0 Name(\"MAGICX_SECRET_KEY\")"]);
    }

    #[test]
    fn the_configuration_may_be_part_of_that_of_a_framework() {
        let define = object([("define", object([("K", variable("K"))]))]);
        for (path, is_found) in [("acme.config.ts", true), ("docs/acme.config.ts", false)] {
            let config = object([("vite", define.clone())]);
            let world = World::new(&[PACKAGE]).config(path, config);
            assert_eq!(world.leaks(&Vite).len(), usize::from(is_found), "{path}");
        }
    }

    #[test]
    fn define_ships_and_a_proxy_does_not() {
        let define = object([("define", object([("process.env.K", variable("K"))]))]);
        let world = World::new(&[PACKAGE]).config("vite.config.ts", define);
        assert_eq!(world.leaks(&Vite), ["config:0 Name(\"K\")"]);
        assert!(world.inlines(&Vite, "K", EnvRoot::Process, ReadForm::Member));
        let all = object([("define", object([("process.env", environment())]))]);
        let world = World::new(&[PACKAGE]).config("vite.config.ts", all);
        assert_eq!(world.leaks(&Vite), ["config:0 Name(\"process.env\")"]);
        assert!(world.inlines(&Vite, "K", EnvRoot::Process, ReadForm::Destructured));
        let proxy = object([("server", object([("proxy", variable("K"))]))]);
        assert!(World::new(&[PACKAGE]).config("vite.config.ts", proxy).leaks(&Vite).is_empty());
    }
}
