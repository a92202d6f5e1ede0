//! Vite, by itself and within other frameworks.

use crate::app::App;
use crate::artifacts::Copied;
use crate::eval::value::Value;
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead, given};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::js::ir::ImportKind;
use crate::project::conventions::is_outside_code;
use crate::variables::read::EnvRoot;

/// Vite.
pub(crate) struct Vite;

/// Its configuration, also where other frameworks keep it.
fn config<'a>(app: &'a App<'_>) -> &'a Value {
    let own = app.config(&["vite.config", "vitest.config"]);
    let within = || {
        let (_, value) = app.config(&["astro.config", "nuxt.config", "quasar.config"])?;
        Some(value.get("vite"))
    };
    let electron = || Some(app.config(&["electron.vite.config"])?.1.get("renderer"));
    own.map(|(_, value)| value).or_else(within).or_else(electron).unwrap_or(&Value::Unknown)
}

/// The prefix of public variables where no configuration names any: Astro has another one.
fn own_prefix(app: &App<'_>) -> &'static str {
    if app.depends_on("astro") { "PUBLIC_" } else { "VITE_" }
}

/// The prefixes with which variables are public; its own if the configuration names none.
pub(crate) fn prefixes(app: &App<'_>) -> Vec<String> {
    let given = config(app).get("envPrefix").elements().iter().filter_map(Value::text);
    let given: Vec<String> = given.filter(|prefix| !prefix.is_empty()).map(str::to_owned).collect();
    if given.is_empty() { vec![own_prefix(app).to_owned()] } else { given }
}

/// What Vite puts into client code.
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
    if webpack::defines(config(app).get("define"), read) {
        return Inlining::Yes("define writes it into the code".to_owned());
    }
    webpack::inlining(app, config(app), read)
}

/// What Vite puts into pages: `%VITE_X%`, of pages that it builds (`vite/src/node/plugins/html.ts`).
pub(crate) fn inlining_in_page(app: &App<'_>, path: &str, name: &str) -> Inlining {
    let is_built = app.relative(path).is_some_and(|path| !is_outside_code(path));
    let is_public = prefixes(app).iter().any(|prefix| name.starts_with(prefix.as_str()));
    let is_defined =
        || config(app).get("define").field(&format!("import.meta.env.{name}")).is_some();
    Inlining::when(is_built && (is_public || is_defined()), "Vite writes it into the page")
}

/// The folder that is copied to the site as it is: `publicDir`, seen from `root`.
pub(crate) fn copied(app: &App<'_>) -> Copied {
    let named = ["vite.config", "astro.config"];
    let Some((path, config)) = named.iter().find_map(|name| app.config(&[name])) else {
        return Copied::AsEver;
    };
    let folder = |value: &Value| {
        let written = paths::written(value).into_iter().next()?;
        paths::clean(&written)
    };
    let root = config.field("root").map(|root| folder(&root.value));
    let given = config.field("publicDir").map(|given| &given.value);
    // One that is told from the folder of the configuration is not told from `root`.
    let is_from_root = given.is_none_or(|given| given.text().is_some());
    let below = match (is_from_root, root) {
        (false, _) | (true, None) => String::new(),
        (true, Some(Some(root))) => root,
        (true, Some(None)) => return Copied::AsEver,
    };
    let inner = match given {
        None if below.is_empty() => return Copied::AsEver,
        None => Some("public".to_owned()),
        Some(Value::Literal(text)) if &**text == "false" => return Copied::None,
        Some(Value::Text(text)) if text.is_empty() => return Copied::None,
        Some(Value::Any(_)) => return Copied::AsEver,
        Some(given) => paths::written(given).into_iter().next(),
    };
    let found = inner.and_then(|inner| paths::clean(&format!("{below}/{inner}")));
    match found {
        Some(found) if !found.is_empty() => Copied::Folder(app.path(&found), path.clone()),
        _ => Copied::AsEver,
    }
}

/// The aliases of the configuration.
pub(crate) fn aliases(app: &App<'_>) -> Vec<(String, String)> {
    webpack::aliases(app, config(app))
}

/// The parts of the configuration that ship.
pub(crate) fn shipped_settings(app: &App<'_>) -> Vec<ShippedSetting> {
    let config = config(app);
    let note = "define writes it into client code";
    let mut settings = vec![ShippedSetting::fields(config.get("define"), note)];
    // vite-plugin-environment, and what it is named after.
    settings.extend(webpack::shipped_by_plugins(app, config));
    let Some(field) = config.field("envPrefix") else { return settings };
    let declared = app.declarations.iter().map(|declaration| declaration.name.as_str());
    let known =
        app.catalog.kinds.iter().flat_map(|key_kind| key_kind.env.iter().map(String::as_str));
    let names: std::collections::BTreeSet<&str> = declared.chain(known).collect();
    // With an empty prefix, Vite refuses to build.
    let prefixes = field.value.elements().iter().filter_map(Value::text);
    for prefix in prefixes.filter(|prefix| !prefix.is_empty()) {
        let is_own = crate::variables::names::PUBLIC_PREFIXES.contains(&prefix);
        let mut meant = names.iter().filter(|name| name.starts_with(prefix));
        let secret = meant.find(|name| app.names.key_kind(name).is_some());
        if !is_own && let Some(name) = secret {
            let note = "envPrefix makes it public";
            settings.push(ShippedSetting::variable(*name, &field.at, note));
            break;
        }
    }
    settings
}

impl Framework for Vite {
    fn name(&self) -> &'static str {
        "vite"
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        app.depends_on("vite") || app.config(&["vite.config"]).is_some()
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for path in paths::named(app, &["src/entry-server", "src/entry.server", "entry-server"]) {
            entries.push(EntryPoint::server(&path, "entry of Vite's server build"));
        }
        let config = config(app);
        let build = config.get("build");
        let folder = config.get("root").text().unwrap_or_default();
        let inputs = ["rollupOptions", "rolldownOptions"].map(|key| build.get(key).get("input"));
        // `laravel({ input: […] })`, `ruby()` and the like bring the page from elsewhere.
        let plugins = config.get("plugins").elements().iter();
        let plugins = plugins.map(|plugin| given(plugin).get("input"));
        let is_for_server = build.get("ssr").is_true();
        let mut has_input = false;
        for input in inputs.into_iter().chain(plugins).flat_map(paths::written) {
            let path = paths::join(folder, &input).and_then(|path| paths::find(app, &path));
            let path = path.or_else(|| paths::find(app, &input));
            let Some(path) = path.filter(|path| paths::is_code(path)) else { continue };
            has_input = true;
            entries.push(if is_for_server {
                EntryPoint::server(&path, "input of Vite's server build")
            } else {
                EntryPoint::client(&path, "input of vite.config")
            });
        }
        // Pages are entries anyway; an app whose server writes its page has none with a script.
        let has_page = modules.paths().into_iter().any(|path| {
            let module = modules.module(path).filter(|_| path.ends_with(".html"));
            module.is_some_and(|module| {
                module.imports.iter().any(|import| import.kind != ImportKind::Style)
            })
        });
        let is_library = !build.get("lib").fields().is_empty();
        let is_within = [
            "@sveltejs/kit",
            "nuxt",
            "astro",
            "@react-router/dev",
            "@remix-run/dev",
            "next",
            "@tanstack/react-start",
            "@tanstack/solid-start",
            "@solidjs/start",
            "@builder.io/qwik-city",
            "@redwoodjs/web",
        ];
        let is_more = is_within.iter().any(|package| app.depends_on(package));
        if !(has_page || has_input || is_library || is_more) {
            let named = ["src/main", "src/index", "src/entry-client", "src/client"];
            let named = paths::named(app, &named);
            entries.extend(named.iter().map(|path| EntryPoint::client(path, "entry of Vite")));
        }
        entries
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

    fn aliases(&self, app: &App<'_>) -> Vec<(String, String)> {
        aliases(app)
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
    fn inputs_are_entries_and_src_main_where_there_is_none() {
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
